//! The tab-separated table: one line a setting, group, question, subquestion
//! or answer, in each language.

use std::collections::BTreeMap;

use crate::account::{Cells, Left};
use crate::draft::Broken;

use super::model::{Asked, Group, Part, Preset, Survey, Texts};
use survey_builder::problem::phrase;

/// The columns that are no attributes of a question.
const OWN: [&str; 15] = [
    "id",
    "related_id",
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "other",
    "default",
    "same_default",
    "same_script",
];

/// What lines store about themselves.
const KEYS: [&str; 3] = ["id", "related_id", "language"];

/// One line with the number that a spreadsheet gives it.
struct Line<'l> {
    headings: &'l [String],
    number: usize,
    cells: Cells,
}

impl Line<'_> {
    fn cell(&self, column: &str) -> String {
        self.cells.cell(column).to_owned()
    }
}

/// Reads the table; the fault says why it cannot be.
pub(super) fn read(text: &str) -> Result<Survey, Broken> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(b'\t')
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut headings: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        if headings.is_empty() {
            headings = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
        } else {
            let named = headings.iter().cloned().zip(cells);
            lines.push(named.collect::<Cells>());
        }
    }
    if !headings.iter().any(|heading| heading == "class") {
        return Err(phrase("phrase-no-column-called").with("name", "class").into());
    }
    let mut table = Table::default();
    for (number, cells) in (2..).zip(lines) {
        table.line(&Line { headings: &headings, number, cells });
    }
    if table.survey.languages.is_empty() {
        table.survey.languages.push("en".to_owned());
    }
    Ok(table.survey)
}

#[derive(Default)]
struct Table {
    survey: Survey,
    /// The group that questions go to, and the question that parts go to.
    group: usize,
    question: Option<(usize, usize)>,
    /// How many groups of another language were read.
    translated: (String, usize),
    /// The first line of each thing, by class and name.
    firsts: BTreeMap<(String, String), Cells>,
}

impl Table {
    fn line(&mut self, line: &Line<'_>) {
        self.carry(line);
        let class = line.cell("class").to_uppercase();
        if let Some(first) = self.firsts.get(&(class.clone(), line.cell("name"))) {
            line.cells.read_as(first);
        } else {
            self.firsts.insert((class.clone(), line.cell("name")), line.cells.clone());
        }
        for (column, value) in line.cells.left() {
            // Everything is shown unless it says otherwise.
            if !KEYS.contains(&column) && (column, value) != ("relevance", "1") {
                let name = line.cells.peek("name");
                let place =
                    if name.is_empty() { format!("{}", line.number) } else { name.to_owned() };
                let property = format!("{class}.{column}");
                self.survey.left.push(Left { property, place, value: value.to_owned() });
            }
        }
    }

    fn carry(&mut self, line: &Line<'_>) {
        match line.cell("class").to_uppercase().as_str() {
            "S" => self.setting(line),
            "SL" => {
                let language = self.language(line);
                let texts = self.survey.texts.entry(line.cell("name"));
                texts.insert(language, line.cell("text"));
            }
            "G" => self.group(line),
            "Q" => self.question(line),
            "SQ" => self.part(line, false),
            "A" => self.part(line, true),
            "" => {}
            class => {
                let said: Vec<&str> = line.cells.whole().map(|(_, cell)| cell).collect();
                let role = match class {
                    "QTA" | "QTAM" | "QTALS" => "quota",
                    "AS" => "assessment",
                    "C" => "condition",
                    _ => "line",
                };
                self.survey.aside.push((role.to_owned(), said.join("; ")));
            }
        }
    }

    fn setting(&mut self, line: &Line<'_>) {
        let (name, value) = (line.cell("name"), line.cell("text"));
        match name.as_str() {
            "language" => {
                self.survey.languages.retain(|known| *known != value);
                self.survey.languages.insert(0, value.clone());
            }
            "additional_languages" => {
                // Some files keep the quotes.
                value.replace('"', " ").split_whitespace().for_each(|code| self.known(code));
            }
            "sid" => self.survey.sid.clone_from(&value),
            _ => self.survey.settings.put(name, value),
        }
    }

    fn known(&mut self, code: &str) {
        if !self.survey.languages.iter().any(|known| known == code) {
            self.survey.languages.push(code.to_owned());
        }
    }

    fn language(&mut self, line: &Line<'_>) -> String {
        let written = line.cell("language");
        if written.is_empty() {
            return self.survey.base().to_owned();
        }
        self.known(&written);
        written
    }

    fn group(&mut self, line: &Line<'_>) {
        let language = self.language(line);
        let key = line.cell("type/scale");
        self.question = None;
        let is_base = language == self.survey.base();
        let place = if is_base {
            None
        } else {
            if self.translated.0 != language {
                self.translated = (language.clone(), 0);
            }
            let in_order = self.translated.1;
            self.translated.1 += 1;
            let by_key = self.survey.groups.iter().position(|one| !key.is_empty() && one.id == key);
            by_key.or((in_order < self.survey.groups.len()).then_some(in_order))
        };
        let place = place.unwrap_or_else(|| {
            self.survey.groups.push(Group {
                id: key,
                relevance: line.cell("relevance"),
                random: line.cell("random_group"),
                ..Group::default()
            });
            self.survey.groups.len() - 1
        });
        let group = &mut self.survey.groups[place];
        insert(&mut group.name, &language, line.cell("name"));
        insert(&mut group.description, &language, line.cell("text"));
        self.group = place;
    }

    fn question(&mut self, line: &Line<'_>) {
        let language = self.language(line);
        let code = line.cell("name");
        let known = self.find(&code).filter(|(group, question)| {
            !self.survey.groups[*group].questions[*question].wording.contains_key(&language)
                && language != self.survey.base()
        });
        let (group, question) = known.unwrap_or_else(|| {
            if self.survey.groups.is_empty() {
                self.survey.groups.push(Group::default());
            }
            let group = self.group.min(self.survey.groups.len() - 1);
            let asked = Asked {
                id: code.clone(),
                kind: line.cell("type/scale").chars().next().unwrap_or(' '),
                code,
                relevance: line.cell("relevance"),
                mandatory: line.cell("mandatory"),
                other: matches!(line.cell("other").as_str(), "Y" | "y" | "1"),
                pattern: line.cell("validation"),
                theme: line.cell("question_theme_name"),
                ..Asked::default()
            };
            self.survey.groups[group].questions.push(asked);
            (group, self.survey.groups[group].questions.len() - 1)
        });
        self.question = Some((group, question));
        let asked = &mut self.survey.groups[group].questions[question];
        // Also an empty wording says that this language was read.
        asked.wording.insert(language.clone(), line.cell("text"));
        insert(&mut asked.help, &language, line.cell("help"));
        for heading in line.headings.iter().filter(|one| !OWN.contains(&one.as_str())) {
            let value = line.cell(heading);
            if !value.is_empty() && !heading.is_empty() {
                // One value serves all languages unless another follows.
                let texts = asked.attributes.entry(heading.clone());
                texts.entry(String::new()).or_insert_with(|| value.clone());
                texts.insert(language.clone(), value);
            }
        }
        preset(&mut asked.defaults, "", &language, line.cell("default"));
    }

    fn find(&self, code: &str) -> Option<(usize, usize)> {
        self.survey.groups.iter().enumerate().find_map(|(place, group)| {
            let found = group.questions.iter().position(|one| one.code == code);
            found.map(|question| (place, question))
        })
    }

    fn part(&mut self, line: &Line<'_>, is_answer: bool) {
        let language = self.language(line);
        let Some((group, question)) = self.question else {
            let said: Vec<&str> = line.cells.whole().map(|(_, cell)| cell).collect();
            self.survey.aside.push(("line".to_owned(), said.join("; ")));
            return;
        };
        let asked = &mut self.survey.groups[group].questions[question];
        let (code, scale) = (line.cell("name"), u8::from(line.cell("type/scale") == "1"));
        let parts = if is_answer { &mut asked.answers } else { &mut asked.parts };
        let known = parts.iter().position(|one| {
            one.code == code && one.scale == scale && !one.text.contains_key(&language)
        });
        let place = known.unwrap_or_else(|| {
            let relevance = line.cell("relevance");
            let id = code.clone();
            parts.push(Part { id, code: code.clone(), scale, relevance, ..Part::default() });
            parts.len() - 1
        });
        parts[place].text.insert(language.clone(), line.cell("text"));
        if !is_answer {
            preset(&mut asked.defaults, &code, &language, line.cell("default"));
        }
    }
}

fn insert(texts: &mut Texts, language: &str, text: String) {
    if !text.is_empty() {
        texts.insert(language.to_owned(), text);
    }
}

fn preset(defaults: &mut Vec<Preset>, part: &str, language: &str, value: String) {
    if value.is_empty() {
        return;
    }
    match defaults.iter_mut().find(|one| one.part == part) {
        Some(known) => {
            known.value.insert(language.to_owned(), value);
        }
        None => defaults.push(Preset {
            part: part.to_owned(),
            special: String::new(),
            value: Texts::from([(language.to_owned(), value)]),
        }),
    }
}
