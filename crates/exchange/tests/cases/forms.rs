//! Forms (XLSForm).

use exchange::questionnaire::{Severity, import, import_in};
use survey_builder::questionnaire::document::{Kind, TextRule};

use crate::{asked, bytes, case, document, published, question, told, walk};

#[test]
fn a_code_under_two_parents_leads_on_under_both() {
    let version = published("f01_cascade_same_code.xlsx");
    for (country, region, district) in [("mz", "other", "d2"), ("tz", "other_2", "d4")] {
        let answers: &[(&str, &[&str])] =
            &[("c", &[country]), ("r", &[region]), ("d", &[district]), ("which", &["x"])];
        let (_, refused) = walk(&version, answers);
        assert!(refused.is_empty(), "{country}: {refused:?}");
        assert!(asked(&version, answers).contains(&"which".to_owned()), "{country}");
    }
    let answers: &[(&str, &[&str])] = &[("c", &["tz"]), ("r", &["coast"]), ("d", &["d4"])];
    assert_eq!(walk(&version, answers).1, ["unknown_option"]);
    assert!(told(&case("f01_cascade_same_code.xlsx")).contains(&"xlsform_choice_renamed"));
}

#[test]
fn a_calculation_on_a_question_is_worked_out_and_shown() {
    let version = published("f02_calculation_on_question.xlsx");
    let document = &version.document;
    for name in ["total", "who", "size"] {
        assert!(matches!(question(document, name).kind, Kind::Computed(_)), "{name}");
        let shown = question(document, &format!("{name}_shown"));
        assert!(matches!(shown.kind, Kind::Note), "{name}");
        assert!(shown.wording.get("en", "").ends_with(&format!("${{{name}}}")), "{name}");
    }
    let Kind::Computed(size) = &question(document, "size").kind else { panic!("computed") };
    assert_eq!(size.list.as_deref(), Some("size"));
    let answers: &[(&str, &[&str])] = &[("cows", &["8"]), ("goats", &["3"])];
    assert!(walk(&version, answers).1.is_empty(), "a total is not asked for");
}

#[test]
fn what_rows_of_a_matrix_say_is_kept_and_told() {
    let reading = case("f03_matrix_rows_required_and_hint.xlsx");
    let document = reading.document.as_ref().expect("a document");
    for said in ["the people's committee", "Please rate the ward", "streets and lanes"] {
        let kept = document.remarks.iter().any(|remark| remark.original.contains(said));
        assert!(kept, "{said}: {:?}", document.remarks);
    }
    assert!(told(&reading).contains(&"xlsform_cells_not_carried"));
}

#[test]
fn a_time_of_day_in_a_cell_is_a_time() {
    let document = document("f04_excel_time_cell.xlsx");
    assert_eq!(question(&document, "t").default.as_deref(), Some("time('18:30')"));
    let moment = question(&document, "dt").default.as_deref().unwrap_or_default();
    assert!(moment.contains("2024-02-29") && moment.contains("18:30"), "{moment}");
    assert_eq!(question(&document, "d").default.as_deref(), Some("date('2024-02-29')"));
}

#[test]
fn a_missing_translation_is_shown_in_the_first_language() {
    let version = published("f05_two_missing_texts.xlsx");
    assert_eq!(question(&version.document, "b").wording.get("vi", "en"), "Second question");
    let reading = case("f05_two_missing_texts.xlsx");
    let lacking = reading.problems.iter().find(|one| one.problem.code == "untranslated_some");
    let lacking = lacking.expect("it is told at import");
    assert_eq!(lacking.severity, Severity::Note);
    assert_eq!(lacking.problem.argument("count"), Some(&4_u32.into()));
    let marked = version.document.remarks.iter().filter(|one| one.role == "translation");
    assert_eq!(marked.count(), 4, "each is marked in the document");
    let mut strict = version.document.clone();
    strict.needs_all_languages = true;
    assert!(survey_builder::questionnaire::publish::publish(strict).is_err());
}

#[test]
fn a_matrix_needs_no_heading() {
    let version = published("f05b_matrix_header_without_label.xlsx");
    let Kind::Battery(battery) = &question(&version.document, "head").kind else {
        panic!("a battery")
    };
    assert_eq!(battery.rows.len(), 2);
}

#[test]
fn quotes_that_a_word_processor_bent_do_not_refuse_a_form() {
    let reading = case("f16_instance_mixed_quotes.xlsx");
    assert!(told(&reading).contains(&"xlsform_xpath_not_carried"));
    published("f16_instance_mixed_quotes.xlsx");
}

#[test]
fn a_password_is_told() {
    let bytes = bytes("f18_password_protected.xlsx");
    let reading = import(&[("f18.xlsx", &bytes)]);
    assert!(reading.document.is_none());
    let reason = reading.problems[0].problem.argument("reason").map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("phrase-file-behind-a-password"));
}

#[test]
fn a_label_looks_up_what_was_chosen() {
    let version = published("f24_instance_in_label.xlsx");
    let note = question(&version.document, "n").wording.get("en", "").to_owned();
    assert_eq!(note, "You chose ${col}.");
}

#[test]
fn a_constraint_that_names_its_own_question_is_about_the_answer() {
    let version = published("f28_constraint_names_itself.xlsx");
    let age = question(&version.document, "age");
    let Kind::Integer(range) = &age.kind else { panic!("an integer") };
    assert_eq!((range.minimum, range.maximum), (Some(0.0), Some(216.0)));
    assert!(age.constraints.iter().all(|one| !one.expression.contains("age")));
    let refused = |answers: &[(&str, &[&str])]| walk(&version, answers).1.len();
    assert_eq!(refused(&[("age", &["217"]), ("months", &["1"])]), 1);
    assert_eq!(refused(&[("age", &["216"]), ("months", &["1", "2", "3"])]), 1);
    assert_eq!(refused(&[("age", &["216"]), ("months", &["1", "2"])]), 0);
}

#[test]
fn semicolons_part_cells_as_well() {
    let version = published("f12_semicolon.csv");
    let name = question(&version.document, "nom");
    assert!(matches!(&name.kind, Kind::ShortText(TextRule { .. })));
    assert_eq!(version.document.default_language, "fr");
    assert_eq!(name.wording.get("fr", ""), "Prénom à l’état civil ?");
}

#[test]
fn texts_that_name_no_language_take_the_one_that_is_chosen() {
    let form = "type,name,label\ntext,a,How old are you?\n";
    let files = [("survey.csv", form.as_bytes())];
    let found = import(&files);
    assert_eq!(told(&found), ["import_language"]);
    assert_eq!(found.document.expect("a form").default_language, "en");
    let chosen = import_in(&files, Some("sw"));
    assert!(told(&chosen).is_empty());
    let document = chosen.document.expect("a form");
    assert_eq!(document.default_language, "sw");
    assert_eq!(document.languages[0].code, "sw");
    assert_eq!(question(&document, "a").wording.get("sw", ""), "How old are you?");
    let silent = import(&[("survey.csv", b"type,name,label\ntext,a,X1\n")]);
    assert_eq!(told(&silent), ["import_language_unknown"]);
    assert_eq!(silent.document.expect("a form").default_language, "en");
}

#[test]
fn every_filled_cell_is_carried_or_kept() {
    // What stands where no reader looks: beside the end of a group, in a row of a
    // matrix, on a second row of the settings, for a kind that it does not fit.
    let workbook = "| survey | | | | | | |\n| | type | name | label | hint | parameters | default |\n\
        | | begin_group | g | G | | | |\n\
        | | select_one yn | a | A | | | |\n\
        | | end_group | stray1 | stray2 | stray3 | | |\n\
        | | begin_group | m | M | | | |\n\
        | | text | b | B | | rows=9 | |\n\
        | | note | n | N | | | stray4 |\n\
        | | end_group | | | | | |\n\
        | choices | | | |\n| | list_name | name | label |\n| | yn | yes | Yes |\n| | | stray5 | |\n\
        | settings | | |\n| | form_title | form_id |\n| | T | f |\n| | stray6 | |\n";
    let reading = import(&[("form.md", workbook.as_bytes())]);
    let document = reading.document.expect("a form");
    for stray in ["stray1", "stray2", "stray3", "rows=9", "stray4", "stray5", "stray6"] {
        let kept = document.remarks.iter().any(|remark| remark.original.contains(stray));
        assert!(kept, "{stray}: {:?}", document.remarks);
    }
    let places: Vec<String> = reading
        .problems
        .iter()
        .filter(|one| one.problem.code == "xlsform_cells_not_carried")
        .map(|one| one.problem.place.to_string())
        .collect();
    assert!(places.iter().any(|place| place.starts_with("survey!")), "{places:?}");
    assert!(places.iter().any(|place| place.starts_with("settings!")), "{places:?}");
}
