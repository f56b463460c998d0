//! What is written of a case.

use exchange::{surveyjs, xform, xlsform};
use survey_builder::questionnaire::document::Kind;

use crate::{document, question};

#[test]
fn a_form_that_is_written_tells_what_it_cannot_say() {
    let document = document("f17_codes_with_spaces.json");
    let (bytes, told) = xlsform::export_workbook(&document).expect("a workbook");
    let said: Vec<(String, String)> = told
        .iter()
        .filter(|one| one.problem.code == "export_changed")
        .map(|one| {
            let what = one.problem.argument("what").map(ToString::to_string).unwrap_or_default();
            (what, one.problem.place.to_string())
        })
        .collect();
    let says = |what: &str, place: &str| {
        said.iter().any(|(one, at)| one == what && at.split(", ").any(|own| own == place))
    };
    assert!(says("phrase-role-code", "a"), "{said:?}");
    assert!(says("phrase-role-format", "b"), "{said:?}");
    assert!(says("phrase-role-maximum", "k"), "{said:?}");
    assert!(says("phrase-role-minimum", "k"), "{said:?}");
    assert!(says("phrase-role-member-label", "k"), "{said:?}");
    // What is told is what happens.
    let again = exchange::questionnaire::import(&[("form.xlsx", &bytes)]);
    let again = again.document.expect("a form");
    let codes: Vec<&str> = again.lists[0].options.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["Yes,_I_do", "No,_I_do_not"]);
    let Kind::ShortText(rule) = &question(&again, "nm").kind else { panic!("a text") };
    assert_eq!(rule.at_most, Some(20), "this one is carried");
}

/// What is told as another, by what it is, and its places.
fn changed(told: &[exchange::questionnaire::Finding]) -> Vec<(String, String)> {
    let told = told.iter().filter(|one| one.problem.argument("count").is_some());
    told.map(|one| {
        let what = one.problem.argument("what").map(ToString::to_string).unwrap_or_default();
        (what, one.problem.place.to_string())
    })
    .collect()
}

#[test]
fn every_format_tells_what_comes_back_otherwise() {
    let document = document("f17_codes_with_spaces.json");
    let (_, told) = xform::export(&document);
    let says = |told: &[(String, String)], what: &str, at: &str| {
        told.iter().any(|(one, place)| one == what && place.split(", ").any(|own| own == at))
    };
    let told = changed(&told);
    assert!(says(&told, "phrase-role-code", "a"), "{told:?}");
    assert!(says(&told, "phrase-role-member-label", "k"), "{told:?}");
    let (model, told) = surveyjs::export(&document);
    let told = changed(&told);
    // A model keeps codes with spaces, and has no names for lists.
    assert!(!says(&told, "phrase-role-code", "a"), "{told:?}");
    assert!(!says(&told, "phrase-role-list", "a"), "{told:?}");
    let model = serde_json::to_vec(&model).expect("json");
    let again = exchange::questionnaire::import(&[("model.json", &model)]).document.expect("read");
    let codes: Vec<&str> = again.lists[0].options.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["Yes, I do", "No, I do not"]);
}

#[test]
fn what_cannot_be_read_again_is_told() {
    let mut document = document("f17_codes_with_spaces.json");
    document.sections.clear();
    for told in [xform::export(&document).1, surveyjs::export(&document).1] {
        let codes: Vec<&str> = told.iter().map(|one| one.problem.code.as_str()).collect();
        assert!(codes.contains(&"export_not_read_again"), "{codes:?}");
    }
}

#[test]
fn a_group_of_a_form_holds_something_that_is_asked() {
    let document = document("f21_embedded_data.qsf");
    let rows = xlsform::export(&document).survey;
    let mut open: Vec<(String, usize)> = Vec::new();
    for row in rows.iter().skip(1) {
        match row[0].as_str() {
            kind if kind.starts_with("begin_") => open.push((row[1].clone(), 0)),
            kind if kind.starts_with("end_") => {
                let (name, asked) = open.pop().expect("a group that began");
                assert!(asked > 0, "the group {name} has no children");
                if let Some((_, outer)) = open.last_mut() {
                    *outer += 1;
                }
            }
            "calculate" | "hidden" | "start" | "end" | "today" | "deviceid" => {}
            _ => {
                if let Some((_, asked)) = open.last_mut() {
                    *asked += 1;
                }
            }
        }
    }
    assert!(open.is_empty());
    let (form, _) = xform::export(&document);
    assert!(form.contains("<input") || form.contains("<select"));
}
