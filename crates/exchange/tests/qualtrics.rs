//! Qualtrics surveys become documents.

mod importing;

use importing::{counts, document, kinds, mutated, questions, read, reference, warnings};
use proptest::prelude::*;
use serde_json::{Value, json};
use survey_builder::questionnaire::document::{Block, Document, Kind, Members, Required};

fn question(id: &str, kind: [&str; 3], further: &Value) -> Value {
    let mut payload = json!({
        "QuestionID": id,
        "DataExportTag": id.replace("QID", "Q"),
        "QuestionType": kind[0],
        "Selector": kind[1],
        "SubSelector": kind[2],
        "QuestionText": format!("<b>{id}</b>?"),
        "Validation": {"Settings": {"ForceResponse": "OFF"}},
    });
    if let (Some(own), Some(more)) = (payload.as_object_mut(), further.as_object()) {
        own.extend(more.clone());
    }
    json!({"Element": "SQ", "PrimaryAttribute": id, "Payload": payload})
}

fn choices(count: usize) -> Value {
    (1..=count).map(|place| (place.to_string(), json!({"Display": format!("C{place}")}))).collect()
}

/// Logic with one expression.
fn logic(expression: &Value) -> Value {
    json!({"Type": "BooleanExpression", "0": {"Type": "If", "0": expression}})
}

fn chosen(locator: &str) -> Value {
    json!({"LogicType": "Question", "LeftOperand": locator, "Operator": "Selected"})
}

fn block(id: &str, questions: &[&str], options: &Value) -> Value {
    let elements: Vec<Value> =
        questions.iter().map(|id| json!({"Type": "Question", "QuestionID": id})).collect();
    let name = format!("Block {id}");
    json!({"Type": "Standard", "ID": id, "Description": name, "BlockElements": elements, "Options": options})
}

/// Every type of question.
fn every_question() -> Vec<Value> {
    let two = json!({"Choices": choices(2)});
    let rows = json!({"Choices": choices(2), "Answers": choices(3)});
    let with = |base: &Value, further: Value| -> Value {
        let mut all = base.as_object().cloned().unwrap_or_default();
        all.extend(further.as_object().cloned().unwrap_or_default());
        Value::Object(all)
    };
    let number = json!({"Settings": {"ForceResponse": "ON", "Type": "ContentType", "ContentType": "ValidNumber", "ValidNumber": {"Min": "18", "Max": "99", "NumDecimals": "0"}}});
    vec![
        question(
            "QID1",
            ["MC", "SAVR", "TX"],
            &with(
                &two,
                json!({"RecodeValues": {"1": 10, "2": 20}, "Language": {"VI": {"QuestionText": "Chọn?", "Choices": {"1": {"Display": "Một"}}}}}),
            ),
        ),
        question(
            "QID2",
            ["MC", "MAVR", "TX"],
            &json!({"Choices": {"1": {"Display": "A"}, "2": {"Display": "None", "ExclusiveAnswer": true}, "3": {"Display": "Other", "TextEntry": "true"}}, "ChoiceOrder": [3, 1, 2], "Randomization": {"Type": "Advanced", "Advanced": {"FixedOrder": ["{~Randomized~}", "2"]}}}),
        ),
        question(
            "QID3",
            ["MC", "NPS", ""],
            &json!({"Choices": (0..=10).map(|n| (n.to_string(), json!({"Display": n.to_string()}))).collect::<Value>()}),
        ),
        question("QID4", ["Matrix", "Likert", "SingleAnswer"], &rows),
        question("QID5", ["Matrix", "Likert", "MultipleAnswer"], &rows),
        question("QID6", ["Matrix", "TE", "Short"], &rows),
        question("QID7", ["Matrix", "MaxDiff", ""], &rows),
        question("QID8", ["TE", "SL", ""], &json!({"Validation": number})),
        question(
            "QID9",
            ["TE", "ESTB", ""],
            &json!({"QuestionText": "Why ${q://QID1/ChoiceGroup/SelectedChoices}, ${e://Field/source}?"}),
        ),
        question("QID10", ["TE", "FORM", ""], &two),
        question(
            "QID11",
            ["Slider", "HSLIDER", ""],
            &with(
                &two,
                json!({"Configuration": {"CSSliderMin": 0, "CSSliderMax": 100, "NumDecimals": "0"}}),
            ),
        ),
        question(
            "QID12",
            ["CS", "VRTL", "TX"],
            &with(
                &two,
                json!({"Validation": {"Settings": {"Type": "ChoicesTotal", "ChoiceTotal": "100"}}}),
            ),
        ),
        question("QID13", ["RO", "DND", "TX"], &two),
        question("QID14", ["DB", "TB", ""], &json!({})),
        question("QID15", ["Draw", "Signature", ""], &json!({})),
        question("QID16", ["FileUpload", "FileUpload", ""], &json!({})),
        question("QID17", ["Meta", "Browser", ""], &json!({})),
        question(
            "QID18",
            ["MC", "DL", ""],
            &with(
                &two,
                json!({"DisplayLogic": {"0": {"Type": "If", "0": chosen("q://QID1/SelectableChoice/1"), "1": {"LogicType": "Question", "LeftOperand": "q://QID8/ChoiceTextEntryValue", "Operator": "GreaterThan", "RightOperand": "30", "Conjuction": "Or"}}, "Type": "BooleanExpression"}}),
            ),
        ),
        question(
            "QID19",
            ["MC", "MAVR", "TX"],
            &json!({"DynamicChoices": {"Locator": "q://QID2/ChoiceGroup/SelectedChoices"}, "Choices": {}}),
        ),
        question("QID20", ["TE", "SL", ""], &json!({"QuestionText": "About ${lm://Field/1}"})),
        question("QID21", ["TE", "SL", ""], &json!({})),
        question("QID22", ["TE", "SL", ""], &json!({})),
        question("QID99", ["TE", "SL", ""], &json!({})),
    ]
}

/// The blocks, and a flow with everything in it.
fn blocks_and_flow() -> [Value; 2] {
    [
        json!({"Element": "BL", "Payload": [
            {"Type": "Default", "ID": "BL_1", "Description": "Main", "BlockElements": [
                {"Type": "Question", "QuestionID": "QID1", "SkipLogic": [{"ChoiceLocator": "q://QID1/SelectableChoice/2", "Condition": "Selected", "SkipToDestination": "QID4"}]},
                {"Type": "Question", "QuestionID": "QID2"},
                {"Type": "Page Break"},
                {"Type": "Question", "QuestionID": "QID3"},
                {"Type": "Question", "QuestionID": "QID4"},
                {"Type": "Question", "QuestionID": "QID5"}]},
            block("BL_2", &["QID6", "QID7", "QID8", "QID9", "QID10", "QID11", "QID12", "QID13", "QID14"], &json!({"RandomizeQuestions": "RandomizeWithXPerPage"})),
            block("BL_3", &["QID15", "QID16", "QID17", "QID18", "QID19"], &json!({})),
            block("BL_4", &["QID20"], &json!({"Looping": "Static", "LoopingOptions": {"Static": {"1": {"1": "apples"}, "2": {"1": "pears"}}}})),
            block("BL_5", &["QID21"], &json!({"Looping": "Question", "LoopingOptions": {"Locator": "q://QID2/ChoiceGroup/SelectedChoices"}})),
            block("BL_6", &["QID22"], &json!({})),
            {"Type": "Trash", "ID": "BL_7", "BlockElements": [{"Type": "Question", "QuestionID": "QID99"}]},
        ]}),
        json!({"Element": "FL", "Payload": {"Type": "Root", "FlowID": "FL_1", "Flow": [
            {"Type": "EmbeddedData", "FlowID": "FL_2", "EmbeddedData": [{"Field": "source", "Type": "Recipient"}]},
            {"Type": "Block", "ID": "BL_1", "FlowID": "FL_3"},
            {"Type": "Branch", "FlowID": "FL_4", "BranchLogic": logic(&chosen("q://QID4/SelectableChoice/1/3")), "Flow": [
                {"Type": "EmbeddedData", "FlowID": "FL_5", "EmbeddedData": [{"Field": "keen", "Type": "Custom", "Value": "yes"}]},
                {"Type": "Block", "ID": "BL_2", "FlowID": "FL_6"}]},
            {"Type": "BlockRandomizer", "FlowID": "FL_7", "SubSet": 1, "Flow": [
                {"Type": "Block", "ID": "BL_3", "FlowID": "FL_8"},
                {"Type": "Block", "ID": "BL_4", "FlowID": "FL_9"}]},
            {"Type": "BlockRandomizer", "FlowID": "FL_10", "SubSet": 1, "Flow": [
                {"Type": "EmbeddedData", "FlowID": "FL_11", "EmbeddedData": [{"Field": "arm", "Type": "Custom", "Value": "a"}]},
                {"Type": "EmbeddedData", "FlowID": "FL_12", "EmbeddedData": [{"Field": "arm", "Type": "Custom", "Value": "b"}]}]},
            {"Type": "Branch", "FlowID": "FL_13", "BranchLogic": logic(&json!({"LogicType": "EmbeddedField", "LeftOperand": "arm", "Operator": "EqualTo", "RightOperand": "a"})), "Flow": [{"Type": "EndSurvey", "FlowID": "FL_14"}]},
            {"Type": "Block", "ID": "BL_5", "FlowID": "FL_15"},
            {"Type": "Block", "ID": "BL_6", "FlowID": "FL_16"},
        ]}}),
    ]
}

fn survey() -> Value {
    let mut elements = every_question();
    elements.extend(blocks_and_flow());
    json!({"SurveyEntry": {"SurveyName": "All", "SurveyLanguage": "EN"}, "SurveyElements": elements})
}

fn made() -> Document {
    document(survey().to_string().as_bytes())
}

#[test]
fn every_type_of_question_has_its_kind() {
    let document = made();
    let kinds = kinds(&document);
    for (name, kind) in [
        ("Q1", "single"),
        ("Q2", "multiple"),
        ("Q3", "scale"),
        ("Q4", "battery"),
        ("Q5", "grid"),
        ("Q6", "grid"),
        ("Q7", "best_worst"),
        ("Q8", "integer"),
        ("Q9", "long_text"),
        ("Q10", "grid"),
        ("Q11", "grid"),
        ("Q12", "grid"),
        ("Q13", "ranking"),
        ("Q14", "note"),
        ("Q15", "signature"),
        ("Q16", "file"),
        ("Q17", "hidden"),
        ("Q18", "single"),
        ("Q19", "multiple"),
        ("source", "hidden"),
        ("keen", "computed"),
        ("arm", "arm"),
        ("arm_FL_7", "arm"),
    ] {
        assert_eq!(kinds.get(name), Some(&kind), "{name}");
    }
    assert!(!kinds.contains_key("Q99"));
}

#[test]
fn a_bound_that_is_no_number_is_kept_and_told() {
    let mut survey = survey();
    let piped = "${q://QID11/ChoiceNumericEntryValue/1}";
    for element in survey["SurveyElements"].as_array_mut().into_iter().flatten() {
        if element["PrimaryAttribute"] == "QID8" {
            element["Payload"]["Validation"]["Settings"]["ValidNumber"]["Max"] = json!(piped);
        }
    }
    let document = document(&serde_json::to_vec(&survey).expect("JSON"));
    let kept = document.remarks.iter().find(|remark| remark.original == piped).expect("kept");
    assert_eq!((kept.role.as_str(), kept.item), ("Max", Some(questions(&document)["Q8"].id)));
    let Kind::Integer(range) = &questions(&document)["Q8"].kind else { panic!("no number") };
    assert_eq!((range.minimum, range.maximum), (Some(18.0), None));
}

#[test]
fn texts_and_options_are_carried_over() {
    let document = made();
    let questions = questions(&document);
    assert_eq!(questions["Q1"].wording.get("vi", ""), "Chọn?");
    assert_eq!(questions["Q1"].wording.get("en", ""), "QID1?");
    assert_eq!(questions["Q9"].wording.get("en", ""), "Why ${Q1}, ${source}?");
    assert_eq!(questions["Q8"].required, Required::Hard);
    let list = document.list("Q1").expect("a list");
    assert_eq!(list.options[0].code, "10");
    assert_eq!(list.options[0].label.get("vi", ""), "Một");
    let list = document.list("Q2").expect("a list");
    let codes: Vec<&str> = list.options.iter().map(|option| option.code.as_str()).collect();
    assert_eq!(codes, ["3", "1", "2"]);
    assert!(list.options[2].exclusive && list.options[2].anchored);
    let choice = questions["Q2"].kind.choice().expect("a choice");
    assert!(choice.shuffled);
    assert_eq!(choice.other.as_ref().map(|other| other.name.as_str()), Some("Q2_3_text"));
    let Kind::Grid(sum) = &questions["Q12"].kind else { panic!("a grid") };
    assert_eq!(sum.total.as_deref(), Some("100"));
}

#[test]
fn logic_skips_and_the_flow_become_conditions() {
    let document = made();
    let questions = questions(&document);
    let skipped = Some("not(coalesce(Q1 = '20', false))");
    assert_eq!(questions["Q2"].relevant.as_deref(), skipped);
    assert_eq!(questions["Q3"].relevant.as_deref(), skipped);
    assert_eq!(questions["Q4"].relevant, None);
    assert_eq!(questions["Q18"].relevant.as_deref(), Some("Q1 = '10' or Q8 > 30"));
    let filter = questions["Q19"].kind.choice().and_then(|choice| choice.filter.as_deref());
    assert!(filter.is_some_and(|filter| filter.contains(". != 'x3' or selected(Q2, '3')")));
    let section = |title: &str| {
        let all = document.all_sections();
        all.into_iter().find(|one| one.title.get("en", "") == title).cloned().expect("a section")
    };
    assert_eq!(section("Block BL_2").relevant.as_deref(), Some("Q4_1 = '3'"));
    assert_eq!(section("Block BL_3").relevant.as_deref(), Some("arm_FL_7 = '1'"));
    let ended = Some("not(coalesce(arm = 'a', false))");
    assert_eq!(section("Block BL_6").relevant.as_deref(), ended);
    let Some(Block::Page(page)) = section("Block BL_2").blocks.first().cloned() else {
        panic!("a page")
    };
    assert!(page.shuffled);
    let Kind::Computed(keen) = &questions["keen"].kind else { panic!("computed") };
    assert!(keen.expression.starts_with("if(coalesce(Q4_1 = '3', false), 'yes', "));
}

#[test]
fn loops_become_rosters() {
    let document = made();
    assert_eq!(document.rosters.len(), 2);
    let Members::Fixed { members } = &document.rosters[0].members else { panic!("fixed") };
    assert_eq!(members[1].label.get("en", ""), "pears");
    let chosen = Members::Chosen { question: "Q2".to_owned() };
    assert_eq!(document.rosters[1].members, chosen);
}

#[test]
fn reference_files_are_read_whole() {
    for (name, kinds, numbers) in [
        ("Matrix_Single_Answer_Testing.qsf", "battery 9", [21, 13, 0]),
        ("Multiple_Answer_MC_Questions.qsf", "multiple 5", [0, 18, 0]),
        (
            "Questions_with_Text_Entry_Components.qsf",
            "battery 1, grid 1, multiple 1, short_text 4, single 2",
            [6, 8, 0],
        ),
        (
            "Sample_Survey.qsf",
            "battery 4, grid 16, multiple 4, short_text 4, single 4",
            [60, 34, 0],
        ),
        ("Side-by-Side_Questions.qsf", "grid 8", [24, 6, 0]),
        ("Survey_Logic_EVERYWHERE.qsf", "battery 1, hidden 3, single 4", [3, 6, 0]),
    ] {
        let Some(bytes) = reference(&format!("qualtricstools/{name}")) else { return };
        assert_eq!(counts(&bytes), (kinds.to_owned(), numbers), "{name}");
    }
    let Some(bytes) = reference("qualtricstools/Survey_Logic_EVERYWHERE.qsf") else { return };
    let lost = warnings(&read(&bytes));
    assert!(lost.iter().any(|one| one.contains("phrase-logic-by (what=GeoIP)")), "{lost:?}");
}

proptest! {
    #[test]
    fn nothing_panics(changes in prop::collection::vec(any::<(usize, u8, u8)>(), 0..8)) {
        let sample = survey().to_string();
        exchange::questionnaire::import(&[("file", &mutated(sample.as_bytes(), &changes))]);
    }

    /// Values of the wrong sort, anywhere.
    #[test]
    fn wrong_values_do_not_panic(place in any::<usize>(), sort in 0..5_usize) {
        let mut sample = survey();
        let wrong = [json!(null), json!([]), json!({"a": 1}), json!("x"), json!(-1.5)][sort].clone();
        let mut paths = Vec::new();
        collect(&sample, &mut String::new(), &mut paths);
        let path = &paths[place % paths.len()];
        if let Some(value) = sample.pointer_mut(path) {
            *value = wrong;
        }
        exchange::questionnaire::import(&[("file", sample.to_string().as_bytes())]);
    }
}

fn collect(value: &Value, path: &mut String, paths: &mut Vec<String>) {
    paths.push(path.clone());
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(parts) => parts
            .iter()
            .map(|(key, part)| (key.replace('~', "~0").replace('/', "~1"), part))
            .collect(),
        Value::Array(parts) => {
            parts.iter().enumerate().map(|(key, part)| (key.to_string(), part)).collect()
        }
        _ => Vec::new(),
    };
    for (key, part) in parts {
        let length = path.len();
        path.push_str(&format!("/{key}"));
        collect(part, path, paths);
        path.truncate(length);
    }
}

/// A survey of one block.
fn one_block(all: &[Value]) -> Vec<u8> {
    let ids: Vec<&str> = all.iter().filter_map(|one| one["PrimaryAttribute"].as_str()).collect();
    let blocks = json!({"Element": "BL", "Payload": {"0": block("BL_1", &ids, &json!({}))}});
    let flow = json!({"Element": "FL", "Payload": {"Flow": [{"Type": "Block", "ID": "BL_1"}]}});
    let elements: Vec<&Value> = [&blocks, &flow].into_iter().chain(all).collect();
    let entry = json!({"SurveyName": "Ranks", "SurveyLanguage": "EN"});
    serde_json::to_vec(&json!({"SurveyEntry": entry, "SurveyElements": elements})).expect("json")
}

fn shown_if(id: &str, expression: &Value) -> Value {
    question(id, ["TE", "SL", ""], &json!({"DisplayLogic": logic(expression)}))
}

fn rank(choice: u32, operator: &str, right: &str) -> Value {
    let locator = format!("q://QID1/ChoiceNumericEntryValue/Rank/{choice}");
    json!({"LogicType": "Question", "LeftOperand": locator, "Operator": operator, "RightOperand": right})
}

#[test]
fn logic_reads_the_rank_of_a_choice() {
    let ranking = question("QID1", ["RO", "DND", "TX"], &json!({"Choices": choices(3)}));
    let bytes = one_block(&[
        ranking,
        shown_if("QID2", &rank(2, "EqualTo", "1")),
        shown_if("QID3", &rank(2, "LessThan", "3")),
        shown_if("QID4", &rank(2, "Empty", "")),
        shown_if("QID5", &chosen("q://QID1/SelectableChoice/3")),
    ]);
    let reading = read(&bytes);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    assert!(warnings(&reading).is_empty(), "{:?}", warnings(&reading));
    let document = reading.document.expect("read");
    let all = questions(&document);
    let relevant = |name: &str| all[name].relevant.clone().unwrap_or_default();
    assert_eq!(relevant("Q2"), "item_at(Q1, 0 + 1) = '2'");
    assert_eq!(relevant("Q3"), "item_at(Q1, 0 + 1) = '2' or item_at(Q1, 1 + 1) = '2'");
    assert!(relevant("Q4").starts_with("not("), "{}", relevant("Q4"));
    assert_eq!(relevant("Q5").matches("= '3'").count(), 3);
}

/// There logic is decided when its question comes up.
#[test]
fn what_is_asked_later_has_no_answer_yet() {
    let ranking = question("QID1", ["RO", "DND", "TX"], &json!({"Choices": choices(2)}));
    let not_chosen = json!({"LogicType": "Question", "LeftOperand": "q://QID6/SelectableChoice/1", "Operator": "NotSelected"});
    let bytes = one_block(&[
        shown_if("QID2", &rank(1, "EqualTo", "1")),
        shown_if("QID3", &not_chosen),
        ranking,
        question("QID6", ["MC", "SAVR", "TX"], &json!({"Choices": choices(2)})),
        shown_if("QID4", &rank(1, "EqualTo", "1")),
    ]);
    let reading = read(&bytes);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    let told = warnings(&reading);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("import_read_too_early (count=2)"), "{told:?}");
    let document = reading.document.expect("read");
    let all = questions(&document);
    let relevant = |name: &str| all[name].relevant.clone().unwrap_or_default();
    assert_eq!(relevant("Q2"), "false");
    assert_eq!(relevant("Q3"), "not(false)");
    assert!(relevant("Q4").contains("item_at"), "{}", relevant("Q4"));
    let kept = document.remarks.iter().filter(|one| one.role == "relevant").count();
    assert_eq!(kept, 2);
}
