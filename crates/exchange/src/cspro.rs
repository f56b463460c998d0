//! x
pub(crate) fn read(_text: &str) -> crate::questionnaire::Read {
    Err(crate::questionnaire::refused("a cspro file", "wait"))
}
