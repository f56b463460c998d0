//! What an import settles by itself, so that what was read can be asked: texts
//! that are missing, the language of texts that name none, messages, values that
//! nothing gives. Each is told once, with its count and first places, and stays
//! in the document as a remark.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::{Finding, Problem, Severity, first_places};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Document, Hidden, Kind, Language, Need, Question, Remark, Section, Source, Worded,
};
use survey_builder::questionnaire::piping::insertions;

use crate::draft::language::recognized;
use crate::draft::text::language_name;
use crate::draft::unused::drop_unused;
use crate::draft::words::{UNFIT, in_languages};

/// The code of the language of texts that name none, while a file is read.
pub(crate) const UNNAMED: &str = "und";

/// Settles a document. `chosen` is the language of texts that name none, where
/// somebody said it.
pub(super) fn fall_back(document: &mut Document, chosen: Option<&str>) -> Vec<Finding> {
    let mut settled = Settled { remarks: Vec::new(), told: Vec::new() };
    name_language(document, chosen, &mut settled);
    give_messages(document, &mut settled);
    fill_texts(document, &mut settled);
    settle_values(document, &mut settled);
    document.remarks.extend(settled.remarks);
    settled.told
}

struct Settled {
    remarks: Vec<Remark>,
    told: Vec<Finding>,
}

impl Settled {
    /// Tells one cause with its places, and keeps a remark at each of them.
    fn tell(&mut self, problem: Problem, role: &str, items: Vec<(Option<ItemId>, String)>) {
        let problem = problem.at(first_places(items.iter().map(|(_, place)| place.as_str())));
        self.told.push(Finding { severity: Severity::Note, problem });
        let role = role.to_owned();
        let kept = items.into_iter();
        self.remarks.extend(kept.map(|(item, original)| Remark {
            item,
            role: role.clone(),
            original,
        }));
    }
}

/// Gives texts that name no language the one that was chosen, or that they are
/// in; where nothing says it, English.
fn name_language(document: &mut Document, chosen: Option<&str>, settled: &mut Settled) {
    if !document.languages.iter().any(|language| language.code == UNNAMED) {
        return;
    }
    let mut texts: Vec<String> = Vec::new();
    document.each_text(|Worded { need, text, .. }| {
        if need != Need::Free {
            texts.extend(text.0.get(UNNAMED).cloned());
        }
    });
    let found = recognized(texts.iter().map(String::as_str));
    let code = chosen.or(found).unwrap_or("en").to_owned();
    document.each_text(|Worded { text, .. }| {
        if let Some(words) = text.0.remove(UNNAMED)
            && !text.is_in(&code)
        {
            text.0.insert(code.clone(), words);
        }
    });
    let name = language_name(&code).to_owned();
    let known = document.languages.iter().any(|language| language.code == code);
    document.languages.retain(|language| !known || language.code != UNNAMED);
    for language in document.languages.iter_mut().filter(|one| one.code == UNNAMED) {
        *language = Language { code: code.clone(), name: name.clone() };
    }
    if document.default_language == UNNAMED {
        document.default_language.clone_from(&code);
    }
    if chosen.is_none() {
        settled.remarks.push(Remark { item: None, role: "language".to_owned(), original: code });
        let told = if found.is_some() { "import_language" } else { "import_language_unknown" };
        let problem = Problem::new(told, "").with("language", name);
        settled.told.push(Finding { severity: Severity::Note, problem });
    }
}

/// Gives checks that say nothing the usual words.
fn give_messages(document: &mut Document, settled: &mut Settled) {
    let languages: Vec<String> =
        document.languages.iter().map(|language| language.code.clone()).collect();
    let mut items = Vec::new();
    for check in document.checks.iter_mut().filter(|check| check.message.is_empty()) {
        check.message = in_languages(UNFIT, &languages);
        items.push((Some(check.id), check.name.clone()));
    }
    if !items.is_empty() {
        let problem = Problem::new("import_message", "").with("count", items.len());
        settled.tell(problem, "message", items);
    }
}

/// Puts names, or the words of another language, where the language that is
/// shown first has none. Other languages fall back on that one when it is asked.
fn fill_texts(document: &mut Document, settled: &mut Settled) {
    let languages = document.languages.clone();
    let default = document.default_language.clone();
    let (mut nameless, mut borrowed) = (Vec::new(), Vec::new());
    let mut lacking: BTreeMap<String, Vec<(Option<ItemId>, String)>> = BTreeMap::new();
    document.each_text(|Worded { place, item, name, need, text, .. }| {
        let place = || (item, place.to_owned());
        if text.is_empty() {
            if need == Need::Always {
                text.0.insert(default.clone(), name.to_owned());
                nameless.push(place());
            }
            return;
        }
        if need == Need::Free {
            return;
        }
        if !text.is_in(&default) {
            let others = languages.iter().find(|language| text.is_in(&language.code));
            let words = text.get(others.map_or("", |one| &one.code), "").to_owned();
            text.0.insert(default.clone(), words);
            borrowed.push(place());
        }
        for language in languages.iter().filter(|language| !text.is_in(&language.code)) {
            lacking.entry(language.name.clone()).or_default().push(place());
        }
    });
    if !nameless.is_empty() {
        let problem = Problem::new("import_without_text", "").with("count", nameless.len());
        settled.tell(problem, "text", nameless);
    }
    let shown = languages.iter().find(|one| one.code == default).map_or("", |one| &one.name);
    if !borrowed.is_empty() {
        let problem = Problem::new("import_default_text", "").with("language", shown);
        let problem = problem.with("count", borrowed.len());
        settled.tell(problem, "translation", borrowed);
    }
    for (language, items) in lacking {
        let problem = Problem::new("untranslated_some", "").with("language", language);
        let problem = problem.with("default", shown).with("count", items.len());
        settled.tell(problem, "translation", items);
    }
}

/// Values from outside that are about each member of a roster cannot be given,
/// nor can those that the interview keeps be read. Where something reads one of
/// the first it has no value; where nothing does, it is left out.
fn settle_values(document: &mut Document, settled: &mut Settled) {
    let (named, inserted) = names_read(document);
    let (mut left_out, mut blank, mut outside) = (Vec::new(), Vec::new(), Vec::new());
    let mut sections = std::mem::take(&mut document.sections);
    let mut visit = |question: &mut Question, inside: bool| {
        let Kind::Hidden(hidden) = &mut question.kind else { return true };
        let given =
            matches!(hidden.source, Source::Frame(_) | Source::Link(_) | Source::Outside(_));
        if !given && !hidden.can_be_read() && named.contains(&question.name) {
            outside.push((Some(question.id), question.name.clone()));
            let source = std::mem::take(&mut hidden.source);
            if let Source::Interview(what) = source {
                hidden.source = Source::Outside(what);
            }
        }
        if !(inside && given) {
            return true;
        }
        if !named.contains(&question.name) && !inserted.contains(&question.name) {
            left_out.push((None, question.name.clone()));
            return false;
        }
        blank.push((Some(question.id), question.name.clone()));
        *hidden = Hidden { source: Source::Default, ..hidden.clone() };
        true
    };
    for section in &mut sections {
        each_question(section, false, &mut visit);
    }
    document.sections = sections;
    if !left_out.is_empty() {
        settled.told.extend(drop_unused(document));
    }
    for (items, code) in [
        (left_out, "import_member_value_left_out"),
        (blank, "import_member_value"),
        (outside, "import_kept_value"),
    ] {
        if !items.is_empty() {
            settled.tell(Problem::new(code, "").with("count", items.len()), "value", items);
        }
    }
}

/// Visits questions with whether they are asked of members; those are taken out
/// of which the visit says so.
fn each_question(
    section: &mut Section,
    inside: bool,
    visit: &mut impl FnMut(&mut Question, bool) -> bool,
) {
    let inside = inside || section.each.is_some();
    for block in &mut section.blocks {
        match block {
            Block::Section(inner) => each_question(inner, inside, visit),
            Block::Page(page) => page.questions.retain_mut(|question| visit(question, inside)),
        }
    }
}

/// Every word of the formulas that may be the name of a question, and of what
/// texts insert.
fn names_read(document: &mut Document) -> (BTreeSet<String>, BTreeSet<String>) {
    fn words(formula: &str) -> Vec<String> {
        let parts = formula.split(|one: char| !one.is_alphanumeric() && !"_-.".contains(one));
        parts.flat_map(|part| part.split('.').chain([part])).map(str::to_owned).collect()
    }
    let (mut named, mut inserted) = (BTreeSet::new(), BTreeSet::new());
    document.each_text(|Worded { text, .. }| {
        let found = text.0.values().flat_map(|words| insertions(words));
        inserted.extend(found.flat_map(|one| words(one.name)));
    });
    if let Ok(json) = serde_json::to_value(&*document) {
        formulas(&json, &mut |formula| named.extend(words(formula)));
    }
    (named, inserted)
}

/// Visits the texts of a document that stand where formulas do.
fn formulas(value: &serde_json::Value, visit: &mut impl FnMut(&str)) {
    const FORMULAS: [&str; 11] = [
        "relevant",
        "required_when",
        "default",
        "expression",
        "filter",
        "total",
        "eligible",
        "man",
        "age",
        "birthday",
        "question",
    ];
    match value {
        serde_json::Value::Object(parts) => {
            for (key, part) in parts {
                match part {
                    serde_json::Value::String(text) if FORMULAS.contains(&key.as_str()) => {
                        visit(text);
                    }
                    part => formulas(part, visit),
                }
            }
        }
        serde_json::Value::Array(parts) => parts.iter().for_each(|part| formulas(part, visit)),
        _ => {}
    }
}
