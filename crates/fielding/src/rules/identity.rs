//! Questions that ask who somebody is, by their words. An anonymous study that
//! has one says so before it is published and needs a reason.

use survey_builder::plain::plain;
use survey_builder::questionnaire::document::{Document, Kind};

/// What a wording says that asks for a name, a telephone, an address or a number
/// of identity: small letters, without accents.
const ASKED: [&str; 24] = [
    "full name",
    "your name",
    "first name",
    "surname",
    "ho va ten",
    "ho ten",
    "ten cua ong ba",
    "ten cua ban",
    "phone number",
    "telephone",
    "mobile number",
    "so dien thoai",
    "email",
    "e mail",
    "thu dien tu",
    "your address",
    "home address",
    "street address",
    "dia chi",
    "identity number",
    "identity card",
    "passport",
    "can cuoc",
    "ho chieu",
];

/// The names of the questions that ask for it, in order.
pub fn identifying_questions(document: &Document) -> Vec<&str> {
    let is_text = |kind: &Kind| matches!(kind, Kind::ShortText(_) | Kind::LongText(_));
    document
        .questions()
        .filter(|question| is_text(&question.kind))
        .filter(|question| {
            let mut wordings = question.wording.0.values();
            wordings.any(|wording| {
                let words = format!(" {} ", plain(wording));
                ASKED.iter().any(|asked| words.contains(&format!(" {asked} ")))
            })
        })
        .map(|question| question.name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_asked_for_and_a_job_is_not() {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        let document: Document = serde_json::from_str(json).expect("a document");
        assert!(identifying_questions(&document).is_empty());
        let asking = json
            .replace("What is your job?", "What is your full name, please?")
            .replace("Bạn có ý kiến gì thêm?", "Số điện thoại của bạn?");
        let document: Document = serde_json::from_str(&asking).expect("a document");
        assert_eq!(identifying_questions(&document), ["job", "idea"]);
    }
}
