//! What logic and texts may name: questions by their numbers (`QID3`), their
//! choices, rows and fields of embedded data.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::{Survey, is_on, list, ordered, string};
use crate::account::{Json, Part};
use crate::draft::Draft;

/// What sort of answers a question takes, as logic sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// One of its choices.
    Single,
    /// A number that its choices name.
    Scale,
    /// Any number of its choices.
    Multiple,
    /// Its choices in order.
    Ranking,
    /// A choice of its answers in each row.
    Rows,
    /// Any number of its answers in each row.
    RowsOfMany,
    /// A value in each row.
    Values,
    /// A value in each cell of rows and answers.
    Cells,
    /// Several columns, each with answers of its own.
    Columns,
    /// One value.
    Value,
    /// None.
    Nothing,
}

/// A question as logic sees it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub name: String,
    pub sort: Sort,
    /// The codes of choices by their numbers.
    pub codes: BTreeMap<String, String>,
    /// The codes of answers (columns) by their numbers.
    pub answers: BTreeMap<String, String>,
    /// The names of rows by the numbers of their choices.
    pub rows: BTreeMap<String, String>,
    /// The names of the texts beside choices.
    pub others: BTreeMap<String, String>,
    /// What choices say, in the base language.
    pub labels: BTreeMap<String, String>,
    /// The choices that are not always shown.
    pub conditional: BTreeSet<String>,
    /// Its wording in the base language.
    pub wording: String,
}

/// All names.
#[derive(Default)]
pub(super) struct Names {
    pub questions: BTreeMap<String, Known>,
    /// The names here of fields of embedded data.
    pub fields: BTreeMap<String, String>,
    /// The names of the fields of the loop whose questions are being made.
    pub loop_fields: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn of(survey: &Survey<'_>, draft: &mut Draft) -> Self {
        let mut names = Self::default();
        let shown = survey.blocks.iter().flat_map(|block| &block.elements);
        let mut ids: Vec<String> = shown.map(|element| string(element, "QuestionID")).collect();
        ids.extend(survey.questions.keys().cloned());
        // The questions' own names come first: parts give way to them.
        let mut own = BTreeMap::new();
        for id in &ids {
            if let (Some(payload), false) = (survey.questions.get(id), own.contains_key(id)) {
                let tag = string(payload, "DataExportTag");
                let wanted = if tag.is_empty() { id } else { &tag };
                own.insert(id.clone(), draft.name(wanted));
            }
        }
        for (id, name) in own {
            if let Some(payload) = survey.questions.get(&id) {
                let known = known(survey, payload, name, draft);
                names.questions.insert(id, known);
            }
        }
        let mut fields = BTreeSet::new();
        let flow = survey.flow.into_iter();
        for value in flow.chain(survey.questions.values().copied()) {
            find_fields(&value.looked_through(), &mut fields, 0);
        }
        for field in fields {
            let wanted = match field.strip_prefix("m://") {
                Some(field) => format!("participant_{field}"),
                None => field.clone(),
            };
            let name = draft.name(&wanted);
            names.fields.insert(field, name);
        }
        names
    }
}

fn known(survey: &Survey<'_>, payload: &Json, name: String, draft: &mut Draft) -> Known {
    let sort = sort(payload);
    let choices = super::kind::choices(survey, payload);
    let answers = ordered(payload, "Answers", "AnswerOrder");
    let mut known = Known {
        sort,
        codes: BTreeMap::new(),
        answers: answer_codes(payload, &answers),
        rows: BTreeMap::new(),
        others: BTreeMap::new(),
        labels: BTreeMap::new(),
        conditional: BTreeSet::new(),
        wording: plain(&string(payload, "QuestionText")),
        name,
    };
    for (id, choice) in &choices {
        known.labels.insert(id.clone(), plain(&string(choice, "Display")));
        if choice.get("DisplayLogic").is_some_and(Json::is_object) || id.starts_with('x') {
            known.conditional.insert(id.clone());
        }
    }
    let has_rows =
        matches!(sort, Sort::Rows | Sort::RowsOfMany | Sort::Values | Sort::Cells | Sort::Columns);
    if has_rows {
        for (id, _) in &choices {
            let tag = list(payload, "ChoiceDataExportTags")
                .into_iter()
                .find(|(key, _)| key == id)
                .map(|(_, tag)| super::survey::written(tag))
                .filter(|tag| !tag.is_empty());
            let wanted = tag.unwrap_or_else(|| format!("{}_{id}", known.name));
            known.rows.insert(id.clone(), draft.name(&wanted));
        }
    } else {
        known.codes = super::kind::codes(payload, &choices);
    }
    let has_texts = !matches!(sort, Sort::Values | Sort::Cells | Sort::Nothing | Sort::Value);
    for (id, choice) in choices.iter().filter(|_| has_texts) {
        if is_on(choice, "TextEntry") {
            let text = draft.name(&format!("{}_{id}_text", known.name));
            known.others.insert(id.clone(), text);
        }
    }
    known
}

/// The codes of answers; those of a question side by side by column and number.
fn answer_codes(payload: &Json, answers: &[(String, &Json)]) -> BTreeMap<String, String> {
    let mut codes = super::kind::codes(payload, answers);
    for (column, further) in list(payload, "AdditionalQuestions") {
        let answers = ordered(further, "Answers", "AnswerOrder");
        for (id, code) in super::kind::codes(further, &answers) {
            codes.insert(format!("{column}#{id}"), code);
        }
    }
    codes
}

fn plain(text: &str) -> String {
    crate::draft::text::without_markup(text)
}

/// The sort of a question by its type.
pub(super) fn sort(payload: &Json) -> Sort {
    let selector = string(payload, "Selector");
    let sub = string(payload, "SubSelector");
    match (string(payload, "QuestionType").as_str(), selector.as_str()) {
        ("MC", "NPS") | ("NPS", _) => Sort::Scale,
        ("MC", "MAVR" | "MAHR" | "MACOL" | "MSB") | ("HotSpot", "OnOff") => Sort::Multiple,
        ("MC" | "DD" | "SS" | "TreeSelect", _) => Sort::Single,
        ("DB", _) | ("Matrix", "MaxDiff") => Sort::Nothing,
        ("Matrix", "TE" | "CS" | "RO" | "RankOrder") => Sort::Cells,
        ("Matrix", _) if sub == "MultipleAnswer" => Sort::RowsOfMany,
        ("Matrix" | "PGR", _) | ("HotSpot", "LikeDislike") => Sort::Rows,
        ("TE", "FORM") | ("Slider" | "CS", _) => Sort::Values,
        ("SBS", _) => Sort::Columns,
        ("RO", _) => Sort::Ranking,
        (
            "TE" | "Draw" | "FileUpload" | "Meta" | "Timing" | "Captcha" | "HeatMap" | "Highlight",
            _,
        ) => Sort::Value,
        _ if payload
            .get("Answers")
            .is_some_and(|answers| !super::survey::entries(answers).is_empty()) =>
        {
            Sort::Rows
        }
        _ if payload
            .get("Choices")
            .is_some_and(|choices| !super::survey::entries(choices).is_empty()) =>
        {
            Sort::Single
        }
        _ => Sort::Value,
    }
}

/// Every field that is named anywhere.
fn find_fields(value: &Json, found: &mut BTreeSet<String>, depth: u32) {
    if depth > 100 {
        return;
    }
    match value.part() {
        Part::String(text) => {
            for rest in text.split("${e://Field/").skip(1) {
                if let Some((field, _)) = rest.split_once('}') {
                    found.insert(super::text::field_name(field));
                }
            }
            for rest in text.split("${m://").skip(1) {
                if let Some((field, _)) = rest.split_once('}') {
                    found.insert(format!("m://{}", super::text::field_name(field)));
                }
            }
        }
        Part::Array(parts) => parts.iter().for_each(|part| find_fields(part, found, depth + 1)),
        Part::Object(parts) => {
            if string(value, "LogicType") == "PanelData" {
                found.insert(format!(
                    "m://{}",
                    super::text::participant(&string(value, "LeftOperand"))
                ));
            }
            if string(value, "LogicType") == "EmbeddedField" {
                found.insert(super::text::field_name(&string(value, "LeftOperand")));
            }
            if string(value, "Type") == "EmbeddedData" {
                for (_, data) in list(value, "EmbeddedData") {
                    found.insert(super::text::field_name(&string(data, "Field")));
                }
            }
            parts.values().for_each(|part| find_fields(part, found, depth + 1));
        }
        _ => {}
    }
    found.remove("");
}
