//! x
pub(crate) fn read_structure(_bytes: &[u8]) -> crate::questionnaire::Read {
    Err(crate::questionnaire::refused("a limesurvey file", "wait"))
}
pub(crate) fn read_table(_text: &str) -> crate::questionnaire::Read {
    Err(crate::questionnaire::refused("a limesurvey file", "wait"))
}
