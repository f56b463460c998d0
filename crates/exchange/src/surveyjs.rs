//! x
pub(crate) fn read(_value: &serde_json::Value) -> crate::questionnaire::Read {
    Err(crate::questionnaire::refused("a surveyjs file", "wait"))
}
