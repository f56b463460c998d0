//! Files of other systems.

use survey_builder::questionnaire::document::{Kind, Members, Question};

use crate::{asked, case, document, published, question, told, walk};

#[test]
fn what_must_hold_between_numbers_stops_the_page() {
    let version = published("f06_validation_equation_without_tip.lss");
    let Kind::Grid(grid) = &question(&version.document, "parts").kind else { panic!("a grid") };
    assert_eq!(grid.total.as_deref(), Some("100"));
    assert!(version.document.checks.is_empty());
    let refused = |a, b| walk(&version, &[("parts_a", &[a]), ("parts_b", &[b])]).1;
    assert_eq!(refused("50", "40"), ["total"]);
    assert!(refused("60", "40").is_empty());
}

#[test]
fn a_rule_for_several_numbers_stops_the_page() {
    let bytes = crate::bytes("f06_validation_equation_without_tip.lss");
    let text = String::from_utf8(bytes).expect("text");
    let text = text.replace("sum(self) == 100", "sum(self) &lt;= 100");
    let reading = exchange::questionnaire::import(&[("other.lss", text.as_bytes())]);
    let version =
        survey_builder::questionnaire::publish::publish(reading.document.expect("a survey"))
            .expect("nothing stands in the way");
    let refused = |a, b| walk(&version, &[("parts_a", &[a]), ("parts_b", &[b])]).1;
    assert_eq!(refused("70", "40"), ["constraint"], "once, for both together");
    assert!(refused("60", "40").is_empty());
}

#[test]
fn columns_of_options_need_no_heading() {
    published("f07_dual_scale_without_headings.lss");
}

#[test]
fn a_bar_in_a_label_is_no_new_option() {
    let version = published("f08_redcap_pipes_in_label.csv");
    let options = |name: &str| -> Vec<(String, String)> {
        let list = question(&version.document, name).kind.list().expect("a list");
        let list = version.document.list(list).expect("a list");
        let said =
            |text: &survey_builder::questionnaire::document::Text| text.get("en", "").to_owned();
        list.options.iter().map(|one| (one.code.clone(), said(&one.label))).collect()
    };
    let codes = |name: &str| options(name).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes("mood"), ["1", "2", "3", "4", "0"]);
    assert_eq!(codes("origin"), ["1", "-2", "3", "66"]);
    assert_eq!(options("origin")[2].1, "Islander, coastal | or | other islander");
    assert_eq!(codes("minor"), ["1"]);
    assert_eq!(options("dose")[0], ("1".to_owned(), "1, 2 or 3 mg".to_owned()));
}

#[test]
fn a_matrix_of_fields_needs_no_header() {
    published("f09_redcap_matrix_without_header.csv");
}

#[test]
fn texts_insert_numbers_and_answers_of_members() {
    let version = published("f10_surveyjs_panel_texts.json");
    let document = &version.document;
    let wording = |name: &str| question(document, name).wording.get("en", "").to_owned();
    assert_eq!(wording("nm"), "Name of child number ${kids_number}?");
    assert_eq!(wording("z"), "First is ${nm_1}, right?");
    let roster = document.roster("kids").expect("a roster");
    assert_eq!(roster.label.get("en", ""), "Child ${kids_number}: ${nm}");
    let Kind::Computed(first) = &question(document, "nm_1").kind else { panic!("computed") };
    assert_eq!(first.expression, "item_at(kids.nm, 1)");
    let kept = document.remarks.iter().any(|one| one.role == "members" && one.original == "2");
    assert!(kept, "two members at first: {:?}", document.remarks);
}

#[test]
fn a_text_that_inserts_what_is_not_there_is_told() {
    let model = r#"{"title":"T","elements":[{"type":"text","name":"a","title":"{nobody}?"}]}"#;
    let reading = exchange::questionnaire::import(&[("model.json", model.as_bytes())]);
    assert!(told(&reading).contains(&"import_formula"), "{:?}", reading.problems);
}

#[test]
fn a_loop_over_chosen_options_says_which_it_is_about() {
    let version = published("f11_loop_text_and_timer.qsf");
    let roster = version.document.rosters.first().expect("a roster");
    assert!(matches!(roster.members, Members::Chosen { .. }));
    let wording = question(&version.document, "lp").wording.get("en", "").to_owned();
    assert_eq!(wording, format!("How often ${{{}}}?", roster.name));
    assert!(version.document.questions().all(|one| one.name != "time"), "nobody gives it");
    let reading = case("f11_loop_text_and_timer.qsf");
    assert!(told(&reading).contains(&"import_member_value_left_out"));
}

#[test]
fn texts_under_default_are_in_the_models_own_language() {
    let document = document("f14_surveyjs_default_language.json");
    let codes: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["fr", "en"]);
    assert_eq!(document.default_language, "fr");
    assert_eq!(document.title.0["en"], "Projects");
    assert_eq!(document.title.0["fr"], "Projets");
    let options = &document.lists[0].options;
    assert_eq!(options[0].label.0["en"], "one");
    assert_eq!(options[1].label.0["en"], "two");
    published("f14_surveyjs_default_language.json");
}

#[test]
fn an_item_whose_parts_are_fewer_is_asked() {
    let version = published("f15_subitems.dcf");
    assert!(matches!(question(&version.document, "OCC").kind, Kind::Integer(_)));
    let Kind::Computed(first) = &question(&version.document, "OCC1").kind else {
        panic!("computed")
    };
    assert_eq!(first.expression, "floor(OCC / 1000) mod 10");
}

#[test]
fn variants_that_share_an_answer_have_one_value() {
    let version = published("f22_variants_share_an_answer.json");
    let document = &version.document;
    assert!(matches!(question(document, "age_a").kind, Kind::Computed(_)));
    let job = question(document, "job_a");
    assert_eq!(job.wording.get("en", ""), "At ${age_a}, is there a job?");
    assert!(told(&case("f22_variants_share_an_answer.json")).contains(&"import_shared"));
    let me: &[(&str, &[&str])] = &[("who_a", &["Me"]), ("age_a_1", &["30"])];
    assert_eq!(asked(&version, me), ["who_a", "age_a_1", "job_a"]);
    let other: &[(&str, &[&str])] = &[("who_a", &["Somebody else"]), ("age_a_2", &["12"])];
    assert_eq!(asked(&version, other), ["who_a", "age_a_2"], "too young for a job");
}

#[test]
fn variants_for_an_empty_list_are_asked_of_its_first_member() {
    let version = published("f22_list_variants_by_count.json");
    let document = &version.document;
    assert_eq!(question(document, "first_name_1").relevant.as_deref(), Some("position() - 1 = 0"));
    let roster = document.rosters.first().expect("a roster");
    assert_eq!(roster.label.get("en", ""), "${first_name}");
    let Kind::Computed(name) = &question(document, "first_name").kind else { panic!("computed") };
    assert_eq!(name.expression, "coalesce(first_name_1, first_name_2)");
}

#[test]
fn an_option_may_depend_on_another_of_its_question() {
    let version = published("f27_subquestion_reads_its_sibling.lss");
    let later = "mc_then1";
    assert_eq!(question(&version.document, later).kind.name(), "multiple");
    assert_eq!(asked(&version, &[("mc", &["1"])]), ["mc", later]);
    assert_eq!(asked(&version, &[("mc", &[])]), ["mc"]);
    assert!(told(&case("f27_subquestion_reads_its_sibling.lss")).contains(&"import_split"));
}

#[test]
fn a_subquestion_called_other_is_not_the_option_other() {
    let version = published("f30_filtered_comment_of_other.lss");
    let names: Vec<String> = version
        .document
        .questions()
        .flat_map(Question::items)
        .map(|one| one.name.into_owned())
        .collect();
    let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
    let choice = question(&version.document, "mcb").kind.choice().expect("a choice");
    let list = version.document.list(&choice.list).expect("a list");
    let codes: Vec<&str> = list.options.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["1", "2", "other", "-oth-"]);
    assert_eq!(choice.other.as_ref().map(|one| one.option.as_str()), Some("-oth-"));
}

#[test]
fn attributes_without_a_place_are_kept_and_told() {
    let reading = case("f31_attributes_lost.lss");
    let document = reading.document.as_ref().expect("a survey");
    for (role, said) in [
        ("prefix", "about"),
        ("allowed_filetypes", "pdf"),
        ("category_separator", "-"),
        ("answer_order", "alphabetical"),
        ("multiflexible_step", "5"),
    ] {
        let kept = document.remarks.iter().any(|one| one.role == role && one.original == said);
        assert!(kept, "{role}: {:?}", document.remarks);
    }
    let told = reading.problems.iter().filter(|one| one.problem.code == "import_remark");
    let places: Vec<String> = told.map(|one| one.problem.place.to_string()).collect();
    assert_eq!(places.iter().filter(|place| !place.is_empty()).count(), 5, "{places:?}");
    let Kind::Integer(range) = &question(document, "n").kind else { panic!("an integer") };
    assert!(range.unit.is_empty(), "what stands before the box is no unit behind it");
}
