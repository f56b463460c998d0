//! Builds the document from the sheets.

mod question;

use std::borrow::Cow;
use std::collections::BTreeMap;

use survey_builder::questionnaire::document::{Document, Kind, Question, Text, identity_of};
use survey_builder::questionnaire::expression::{Expected, Scope, Symbol, Type, compile};

use super::choices;
use super::language::Languages;
use super::page::Pages;
use super::problem::{Detail, Problem, Problems};
use super::row::{self, Asked, Item};
use super::sheet::{Row, Sheet, Workbook};
use super::translate::{Meanings, Place, Translated, translate};
use super::xpath::{self, Fault, XPath};

/// Columns of the survey sheet that are read.
const READ: [&str; 15] = [
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "required",
    "relevant",
    "constraint",
    "constraint_message",
    "appearance",
    "parameters",
    "choice_filter",
    "calculation",
    "x_number",
    "x_role",
];

/// Columns of the XLSForm reference that have no counterpart yet.
const NOT_CARRIED: [&str; 11] = [
    "default",
    "readonly",
    "required_message",
    "repeat_count",
    "trigger",
    "image",
    "big_image",
    "audio",
    "video",
    "autoplay",
    "save_to",
];

/// The document, if the sheets could be read so far, and every problem.
pub(super) fn build(workbook: &Workbook) -> (Option<Document>, Vec<Problem>) {
    let mut problems = Problems(workbook.problems.0.clone());
    let settings = Settings::read(&workbook.settings);
    let (languages, named) =
        Languages::find(&[&workbook.survey, &workbook.choices], &settings.default_language);
    if !named {
        let name = settings.default_language.clone();
        let detail = Detail::XlsformDefaultLanguage { name };
        problems.add("settings", Some(2), "default_language", detail);
    }
    check_columns(&workbook.survey, &mut problems);
    let (lists, choices) =
        choices::read(&workbook.choices, &settings.form, &languages, &mut problems);
    let list_names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
    let items = row::read(&workbook.survey, &list_names, &mut problems);
    let mut builder = Builder {
        sheet: &workbook.survey,
        form: &settings.form,
        languages: &languages,
        meanings: Meanings { questions: BTreeMap::default(), lists: choices },
        problems,
        pages: Pages::new(&settings.form),
    };
    builder.learn_types(&items);
    for item in &items {
        builder.top(item);
    }
    let Builder { pages, mut problems, .. } = builder;
    let sections = pages.finish();
    let refused = problems.0.iter().any(|problem| problem.severity() == super::Severity::Error);
    if sections.is_empty() && !refused {
        problems.add("survey", None, "", Detail::XlsformNoQuestions);
    }
    let mut document = Document {
        id: identity_of(&settings.form, "document", ""),
        name: settings.form.clone(),
        title: settings.title(&languages),
        languages: languages.all(),
        default_language: languages.default.clone(),
        address_form: settings.address_form.clone(),
        sections,
        ..Document::default()
    };
    let used: Vec<&str> =
        document.questions().filter_map(|question| question.kind.list()).collect();
    let lists = lists.into_iter().filter(|list| used.contains(&list.name.as_str())).collect();
    document.lists = lists;
    (Some(document), problems.0)
}

struct Settings {
    form: String,
    title: String,
    titles: Text,
    address_form: Text,
    default_language: String,
}

impl Settings {
    fn read(sheet: &Sheet) -> Self {
        let blank = Row { number: 2, cells: Vec::new() };
        let row = sheet.rows.first().unwrap_or(&blank);
        let cell = |column: &str| sheet.cell(row, column).to_owned();
        // Ours: `x_title_en`, `x_address_form_vi`.
        let by_language = |prefix: &str| {
            let columns = sheet.columns.iter().filter_map(|column| {
                let code = column.strip_prefix(prefix)?;
                let text = sheet.cell(row, column);
                (!text.is_empty()).then(|| (code.to_owned(), text.to_owned()))
            });
            Text(columns.collect())
        };
        let or_else =
            |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        let form = or_else(cell("form_id"), "form");
        Self {
            title: or_else(cell("form_title"), &form),
            titles: by_language("x_title_"),
            address_form: by_language("x_address_form_"),
            default_language: cell("default_language"),
            form,
        }
    }

    /// The title in every language: a form has one for all unless it says more.
    fn title(&self, languages: &Languages) -> Text {
        let mut title = self.titles.clone();
        for language in languages.all() {
            title.0.entry(language.code).or_insert_with(|| self.title.clone());
        }
        title
    }
}

fn check_columns(sheet: &Sheet, problems: &mut Problems) {
    for (place, column) in sheet.columns.iter().enumerate() {
        let base = column.split("::").next().unwrap_or_default();
        let filled = sheet
            .rows
            .iter()
            .any(|row| row.cells.get(place).is_some_and(|cell| !cell.trim().is_empty()));
        if !filled || READ.contains(&base) {
            continue;
        }
        let carried_not =
            NOT_CARRIED.contains(&base) || ["media", "bind", "body", "instance"].contains(&base);
        let detail = if carried_not {
            Detail::XlsformColumnNotCarried
        } else {
            Detail::XlsformColumnUnknown
        };
        let heading = sheet.headings.get(place).map_or("", |heading| heading.trim());
        problems.add("survey", Some(1), heading, detail);
    }
}

struct Builder<'s> {
    sheet: &'s Sheet,
    form: &'s str,
    languages: &'s Languages,
    meanings: Meanings,
    problems: Problems,
    pages: Pages<'s>,
}

/// The names of a form as the expression checker asks for them.
struct FormScope<'m> {
    meanings: &'m Meanings,
    codes: Vec<(String, Vec<String>)>,
    own: Option<Type>,
}

impl Scope for FormScope<'_> {
    fn question(&self, name: &str) -> Option<Symbol> {
        let kind = self.meanings.questions.get(name)?.clone();
        Some(Symbol { id: name.to_owned(), kind })
    }

    fn options(&self, list: &str) -> Option<&[String]> {
        self.codes.iter().find(|(name, _)| name == list).map(|(_, codes)| codes.as_slice())
    }

    fn self_type(&self) -> Option<Type> {
        self.own.clone()
    }

    fn names(&self) -> Vec<String> {
        self.meanings.questions.keys().cloned().collect()
    }
}

impl<'s> Builder<'s> {
    fn cell(&self, row: &'s Row, column: &str) -> &'s str {
        self.sheet.cell(row, column)
    }

    fn text(&self, row: &Row, column: &str) -> Text {
        self.languages.text(self.sheet, row, column)
    }

    fn add(&mut self, row: &Row, column: &str, detail: Detail) {
        self.problems.add("survey", Some(row.number), column, detail);
    }

    /// The types of all questions, so that conditions may name any of them;
    /// calculations become known one by one.
    fn learn_types(&mut self, items: &[Item<'s>]) {
        for item in items {
            match item {
                Item::Group(_, items) => self.learn_types(items),
                Item::Question(row, asked) => {
                    let kind = match asked {
                        Asked::SelectOne(list) => Type::Option(list.clone()),
                        Asked::SelectMultiple(list) => Type::Set(list.clone()),
                        Asked::Integer | Asked::Decimal => Type::Number,
                        Asked::Text => Type::Text,
                        Asked::Date => Type::Date,
                        Asked::Note | Asked::Calculate => continue,
                    };
                    let name = self.cell(row, "name").to_owned();
                    self.meanings.questions.insert(name, kind);
                }
            }
        }
    }

    /// An item outside any group, or a group that becomes a section.
    fn top(&mut self, item: &Item<'s>) {
        match item {
            Item::Group(row, items) if self.battery_rows(row, items).is_none() => {
                let relevant = self.condition(row, "relevant", Place::Relevance);
                let name = self.name(row);
                self.pages.begin_section(&name, self.text(row, "label"), relevant);
                let hint = self.text(row, "hint");
                if !hint.is_empty() {
                    let note = self.note(&format!("{name}_note"), hint);
                    self.pages.add(note, None);
                }
                if self.has_appearance(row, "field-list") {
                    self.one_page(items, None);
                } else {
                    for item in items {
                        self.inner(item, None);
                    }
                }
                self.pages.end_section();
            }
            _ => self.inner(item, None),
        }
    }

    /// An item inside a section, under the conditions of the groups around it.
    fn inner(&mut self, item: &Item<'s>, relevant: Option<&str>) {
        match item {
            Item::Question(row, asked) => {
                if let Some(question) = self.question(row, asked) {
                    self.pages.add(question, relevant);
                }
            }
            Item::Group(row, items) => {
                let own = self.condition(row, "relevant", Place::Relevance);
                let both = both(relevant, own.as_deref());
                if let Some(rows) = self.battery_rows(row, items) {
                    match rows {
                        Ok(rows) => {
                            let battery = self.battery(row, &rows);
                            self.pages.add(battery, both.as_deref());
                            return;
                        }
                        Err(reason) => self.add(row, "appearance", reason),
                    }
                }
                let label = self.text(row, "label");
                if !label.is_empty() {
                    let heading = self.note(&format!("{}_heading", self.name(row)), label);
                    self.pages.add(heading, both.as_deref());
                }
                if self.has_appearance(row, "field-list") {
                    self.one_page(items, both.as_deref());
                } else {
                    for item in items {
                        self.inner(item, both.as_deref());
                    }
                }
            }
        }
    }

    /// The questions of a group that are shown at once. Groups inside it keep
    /// their conditions on each question.
    fn one_page(&mut self, items: &[Item<'s>], relevant: Option<&str>) {
        let mut questions = Vec::new();
        self.flatten(items, None, &mut questions);
        if !questions.is_empty() {
            self.pages.add_page(questions, relevant);
        }
    }

    fn flatten(
        &mut self,
        items: &[Item<'s>],
        relevant: Option<&str>,
        questions: &mut Vec<Question>,
    ) {
        for item in items {
            match item {
                Item::Question(row, asked) => {
                    if let Some(mut question) = self.question(row, asked) {
                        question.relevant = both(relevant, question.relevant.as_deref());
                        questions.push(question);
                    }
                }
                Item::Group(row, items) => {
                    let own = self.condition(row, "relevant", Place::Relevance);
                    let both = both(relevant, own.as_deref());
                    if let Some(Ok(rows)) = self.battery_rows(row, items) {
                        let mut battery = self.battery(row, &rows);
                        battery.relevant = both;
                        questions.push(battery);
                        continue;
                    }
                    let label = self.text(row, "label");
                    if !label.is_empty() {
                        let mut heading = self.note(&format!("{}_heading", self.name(row)), label);
                        heading.relevant.clone_from(&both);
                        questions.push(heading);
                    }
                    self.flatten(items, both.as_deref(), questions);
                }
            }
        }
    }

    fn name(&self, row: &'s Row) -> String {
        match self.cell(row, "name") {
            "" => format!("row_{}", row.number),
            name => name.to_owned(),
        }
    }

    fn has_appearance(&self, row: &'s Row, wanted: &str) -> bool {
        self.cell(row, "appearance").split_whitespace().any(|word| word == wanted)
    }

    /// Translates and checks a condition; a fault is told and gives none.
    fn condition(&mut self, row: &'s Row, column: &str, place: Place<'_>) -> Option<String> {
        let source = self.cell(row, column);
        if source.is_empty() {
            return None;
        }
        let parsed = self.parse(row, column, source)?;
        let translated = self.translated(row, column, &parsed, place)?;
        self.checked(row, column, &translated, place, Expected::Condition).map(|_| translated.text)
    }

    fn parse(&mut self, row: &Row, column: &str, source: &str) -> Option<XPath> {
        match xpath::parse(source) {
            Ok(parsed) => Some(parsed),
            Err(Fault::Syntax(reason, at)) => {
                self.add(row, column, Detail::XlsformXpath { reason, at });
                None
            }
            Err(Fault::NotCarried(construct)) => {
                self.add(row, column, Detail::XlsformXpathNotCarried { construct });
                None
            }
        }
    }

    fn translated(
        &mut self,
        row: &Row,
        column: &str,
        parsed: &XPath,
        place: Place<'_>,
    ) -> Option<Translated> {
        match translate(parsed, &self.meanings, place) {
            Ok(translated) => Some(translated),
            Err(problems) => {
                for detail in problems {
                    self.add(row, column, detail);
                }
                None
            }
        }
    }

    /// Compiles what was translated, so that a wrong type or option is told
    /// where it stands; gives the type.
    fn checked(
        &mut self,
        row: &Row,
        column: &str,
        translated: &Translated,
        place: Place<'_>,
        expected: Expected,
    ) -> Option<Type> {
        let own = match place {
            Place::Constraint(kind) => Some(kind.clone()),
            Place::Filter(list) => Some(Type::Option(list.to_owned())),
            Place::Relevance | Place::Calculation => None,
        };
        let codes = self.meanings.lists.iter().map(|(name, choices)| {
            (name.clone(), choices.iter().map(|choice| choice.code.clone()).collect())
        });
        let scope = FormScope { meanings: &self.meanings, codes: codes.collect(), own };
        match compile(&translated.text, &scope, Some(expected)) {
            Ok(expression) => Some(expression.kind),
            Err(problems) => {
                for problem in problems {
                    let detail = Detail::XlsformExpression {
                        expression: translated.text.clone(),
                        problem: problem.code().to_owned(),
                        english: problem.detail.to_string(),
                    };
                    self.add(row, column, detail);
                }
                None
            }
        }
    }

    fn note(&self, name: &str, wording: Text) -> Question {
        let mut note = question::blank(self.form, name, Kind::Note);
        note.wording = wording;
        note
    }
}

/// Two conditions that must both hold.
fn both(one: Option<&str>, other: Option<&str>) -> Option<String> {
    let bound = |text: &str| -> Cow<'_, str> {
        // Only `or` binds more loosely than `and`; parentheses are never wrong.
        if text.contains(" or ") { format!("({text})").into() } else { text.to_owned().into() }
    };
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{} and {}", bound(one), bound(other))),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}
