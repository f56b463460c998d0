//! Skips within a page: the rules that travel with it, for the script that hides
//! what does not apply.

use survey_builder::questionnaire::answer::{Answer, Value};
use survey_builder::questionnaire::document::Question;
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::path::Standpoint;

/// Skips within a page, for the script that hides what does not apply.
pub struct Skips {
    /// JSON; empty when there are none.
    pub json: String,
    dependent: Vec<String>,
}

impl Skips {
    /// Whether a question depends on answers of its own page.
    pub fn depends(&self, question: &Question) -> bool {
        self.dependent.contains(&reference(question.id))
    }
}

/// The skips of the page at that index, as its respondent stands.
pub fn skips_on_page(at: &Standpoint<'_>, index: usize) -> Skips {
    let Standpoint { version, today, .. } = *at;
    let none = Skips { json: String::new(), dependent: Vec::new() };
    let (Some(page), Some(compiled)) = (version.page(index), version.pages().get(index)) else {
        return none;
    };
    let mut fields = serde_json::Map::new();
    for question in page.questions.iter().filter(|question| !question.kind.is_silent()) {
        for item in question.items() {
            let name = item.name.as_ref();
            let kind = version.answer_type(name).map(|kind| serde_json::json!({
                "name": name,
                "type": kind.name(),
                "missing": question.kind.list().and_then(|list| version.document.list(list)).map(|list| {
                    list.options.iter().filter_map(|option| {
                        Some((option.code.clone(), serde_json::Value::from(option.missing?.name())))
                    }).collect::<serde_json::Map<_, _>>()
                }),
            }));
            if let Some(kind) = kind {
                fields.insert(reference(item.id), kind);
            }
        }
    }
    // What is worked out from answers of this very page is known once it is sent.
    let mut unsettled: Vec<String> = Vec::new();
    for (question, expressions) in page.questions.iter().zip(&compiled.questions) {
        let moves = |read: &str| fields.contains_key(read) || unsettled.iter().any(|id| id == read);
        let calculation = expressions.calculation.as_ref();
        if calculation.is_some_and(|found| found.references().into_iter().any(moves)) {
            unsettled.push(reference(question.id));
        }
    }
    let mut rules = serde_json::Map::new();
    let mut answers = serde_json::Map::new();
    for (question, expressions) in page.questions.iter().zip(&compiled.questions) {
        let Some(relevant) = &expressions.relevant else { continue };
        // What lists say and other members answered does not travel with the
        // page: such a rule is the server's.
        if relevant.reads_lists() || relevant.reads_members() {
            continue;
        }
        let references = relevant.references();
        let waits = references.iter().any(|read| unsettled.iter().any(|id| id == read));
        if waits || !references.iter().any(|read| fields.contains_key(*read)) {
            continue;
        }
        for read in references {
            let stored = uuid::Uuid::try_parse(read).ok().and_then(|id| at.answer(id));
            if let (Some(stored), false) = (stored, fields.contains_key(read)) {
                answers.insert(read.to_owned(), script_answer(stored));
            }
        }
        if let Ok(tree) = serde_json::to_value(&relevant.tree) {
            rules.insert(reference(question.id), tree);
        }
    }
    if rules.is_empty() {
        return none;
    }
    let dependent = rules.keys().cloned().collect();
    let evaluator = crate::render::asset_address("expression.js");
    let json = serde_json::json!({
        "rules": rules, "fields": fields, "answers": answers, "today": today,
        "evaluator": evaluator,
    });
    Skips { json: json.to_string(), dependent }
}

/// An answer as the script's evaluator reads it.
fn script_answer(answer: &Answer) -> serde_json::Value {
    match answer {
        Answer::Value(value) => match value {
            Value::Number(number) => serde_json::json!(number),
            Value::Bool(flag) => serde_json::json!(flag),
            Value::Text(text) | Value::Option(text) => serde_json::json!(text),
            Value::Set(codes) => serde_json::json!(codes),
            Value::Date(day) => serde_json::json!(day),
            Value::Time(minutes) => {
                serde_json::json!(format!("{:02}:{:02}", minutes / 60, minutes % 60))
            }
            Value::List(_) => serde_json::Value::Null,
        },
        Answer::Missing(state) => serde_json::json!({ "state": state.name() }),
    }
}
