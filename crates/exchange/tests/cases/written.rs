//! What is written of a case.

use exchange::{xform, xlsform};
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
