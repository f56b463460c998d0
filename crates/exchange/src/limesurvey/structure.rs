//! The structure file: one table of the data base after the other, as XML.
//!
//! Up to version 3 each row of a group, question or answer holds the text of
//! one language; since version 4 the texts stand in tables of their own
//! (`question_l10ns` and their kin). Both are read, also mixed.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use survey_builder::problem::phrase;

use crate::account::{Cells, Left};
use crate::draft::Broken;
use roxmltree::{Document, Node, ParsingOptions};

use super::model::{Asked, Condition, Group, Part, Preset, Survey, Texts, order};

/// The most bytes a packed structure may unfold to.
const SIZE_LIMIT: u64 = 200_000_000;

/// How the tables call what a row is about, in the order in which it is looked
/// for.
const NAMES: [&str; 7] = ["title", "code", "attribute", "name", "qid", "gid", "sid"];

/// What the tables store about themselves: numbers that join them, and values
/// that are one with those of another row.
const KEYS: [&str; 14] = [
    "sid",
    "gid",
    "qid",
    "aid",
    "cid",
    "dvid",
    "id",
    "sqid",
    "parent_qid",
    "scale_id",
    "question_order",
    "sortorder",
    "group_order",
    "language",
];

/// The structure inside an archive, or the bytes themselves.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    if !bytes.starts_with(b"PK") {
        return Ok(bytes.to_vec());
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let name = (0..archive.len())
        .filter_map(|place| Some(archive.by_index_raw(place).ok()?.name().ok()?.into_owned()))
        .find(|name| name.to_lowercase().ends_with(".lss"))
        .ok_or_else(|| phrase("phrase-archive-without-a-survey"))?;
    let file = archive.by_name(&name)?;
    let mut content = Vec::new();
    file.take(SIZE_LIMIT).read_to_end(&mut content)?;
    Ok(content)
}

/// Reads the tables; the fault says why they cannot be.
pub(super) fn read(bytes: &[u8]) -> Result<Survey, Broken> {
    let text: String = String::from_utf8_lossy(bytes)
        .chars()
        // Not allowed in XML, but files have them.
        .filter(|next| !next.is_control() || matches!(next, '\t' | '\n' | '\r'))
        .filter(|next| !matches!(next, '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
        .collect();
    let options =
        ParsingOptions { allow_dtd: true, nodes_limit: 20_000_000, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options)?;
    let root = document.root_element();
    let kind = child(root, "LimeSurveyDocType").map(content).unwrap_or_default();
    // A question or a group alone has the same tables, but for those of a survey.
    if !["", "Survey", "Question", "Group"].contains(&kind.trim()) {
        return Err(phrase("phrase-holds-something-else").with("what", kind.trim()).into());
    }
    let tables = Tables::of(root);
    let mut survey = tables.survey();
    survey.left = tables.left();
    Ok(survey)
}

/// The tables by their names, each cell with its account.
struct Tables<'x> {
    root: Node<'x, 'x>,
    rows: BTreeMap<String, Vec<Cells>>,
}

impl<'x> Tables<'x> {
    fn of(root: Node<'x, 'x>) -> Self {
        let mut tables = Self { root, rows: BTreeMap::new() };
        for table in root.children().filter(Node::is_element) {
            let Some(rows) = child(table, "rows") else { continue };
            let rows = rows.children().filter(|node| node.has_tag_name("row"));
            let cells = rows.map(|row| {
                let cells = row.children().filter(Node::is_element);
                cells.map(|cell| (cell.tag_name().name().to_owned(), content(cell))).collect()
            });
            let own = tables.rows.entry(table.tag_name().name().to_owned()).or_default();
            own.extend(cells);
        }
        tables
    }

    fn rows(&self, table: &str) -> &[Cells] {
        self.rows.get(table).map_or(&[], Vec::as_slice)
    }

    /// What no reader asked for: cells of all tables, and elements that are no
    /// tables.
    fn left(&self) -> Vec<Left> {
        let mut found = Vec::new();
        for (table, row) in
            self.rows.iter().flat_map(|(table, rows)| rows.iter().map(move |row| (table, row)))
        {
            let place = NAMES.iter().map(|name| row.peek(name)).find(|name| !name.is_empty());
            for (column, value) in row.left() {
                if !KEYS.contains(&column) {
                    let (property, value) = (format!("{table}.{column}"), value.to_owned());
                    let place = place.unwrap_or_default().to_owned();
                    found.push(Left { property, place, value });
                }
            }
        }
        let known = ["LimeSurveyDocType", "languages"];
        for node in self.root.children().filter(Node::is_element) {
            let name = node.tag_name().name();
            if known.contains(&name) || child(node, "rows").is_some() {
                continue;
            }
            for inner in
                node.descendants().filter(|inner| inner.children().all(|one| one.is_text()))
            {
                let value = content(inner).trim().to_owned();
                if inner.is_element() && !value.is_empty() && !within_fields(inner) {
                    let own = inner.tag_name().name();
                    let property =
                        if own == name { own.to_owned() } else { format!("{name}.{own}") };
                    found.push(Left { property, place: String::new(), value });
                }
            }
        }
        found
    }

    fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        self.settings(&mut survey);
        self.groups(&mut survey);
        let mut questions = self.questions(&survey);
        self.parts(&survey, &mut questions);
        self.answers(&survey, &mut questions);
        self.attributes(&mut questions);
        self.defaults(&survey, &mut questions);
        self.conditions(&mut questions);
        self.aside(&mut survey, &questions);
        for question in questions {
            let found = survey.groups.iter_mut().find(|group| group.id == question.group);
            match found {
                Some(group) => group.questions.push(question),
                None => {
                    let id = question.group.clone();
                    let order = f64::MAX;
                    let questions = vec![question];
                    survey.groups.push(Group { id, order, questions, ..Group::default() });
                }
            }
        }
        survey.sort();
        survey
    }

    fn settings(&self, survey: &mut Survey) {
        let listed: Vec<String> = child(self.root, "languages")
            .map(|node| node.children().filter(|one| one.has_tag_name("language")).map(content))
            .map(|codes| codes.map(|code| code.trim().to_owned()).collect())
            .unwrap_or_default();
        // They have an account of their own.
        if let Some(row) = self.rows("surveys").first() {
            survey.settings = row.clone();
            row.hand_out();
        }
        let set = |name: &str| survey.settings.cell(name).to_owned();
        survey.sid = set("sid");
        let base = set("language");
        let further = set("additional_languages");
        let codes = std::iter::once(base.as_str())
            .chain(further.split_whitespace())
            .chain(listed.iter().map(String::as_str));
        for code in codes.map(str::trim).filter(|code| !code.is_empty()) {
            if !survey.languages.iter().any(|known| known == code) {
                survey.languages.push(code.to_owned());
            }
        }
        if survey.languages.is_empty() {
            survey.languages.push("en".to_owned());
        }
        for row in self.rows("surveys_languagesettings") {
            let language = cell(row, "surveyls_language");
            // They have an account of their own.
            for (name, value) in row.whole() {
                survey.texts.entry(name.to_owned()).insert(language.clone(), value.to_owned());
            }
        }
    }

    fn groups(&self, survey: &mut Survey) {
        let base = survey.base().to_owned();
        let mut firsts: BTreeMap<String, &Cells> = BTreeMap::new();
        for row in self.rows("groups") {
            let id = cell(row, "gid");
            let place = survey.groups.iter().position(|group| group.id == id);
            let place = place.unwrap_or_else(|| {
                survey.groups.push(Group {
                    id,
                    order: order(&cell(row, "group_order")),
                    relevance: cell(row, "grelevance"),
                    random: cell(row, "randomization_group"),
                    ..Group::default()
                });
                survey.groups.len() - 1
            });
            let group = &mut survey.groups[place];
            put(&mut group.name, row, "group_name", &base);
            put(&mut group.description, row, "description", &base);
            row.read_as(firsts.entry(cell(row, "gid")).or_insert(row));
        }
        for row in self.rows("group_l10ns") {
            let id = cell(row, "gid");
            if let Some(group) = survey.groups.iter_mut().find(|group| group.id == id) {
                put(&mut group.name, row, "group_name", &base);
                put(&mut group.description, row, "description", &base);
            }
        }
    }

    fn questions(&self, survey: &Survey) -> Vec<Asked> {
        let base = survey.base();
        let mut questions: Vec<Asked> = Vec::new();
        let mut firsts: BTreeMap<String, &Cells> = BTreeMap::new();
        for row in self.rows("questions") {
            if is_part(row) {
                continue;
            }
            let id = cell(row, "qid");
            let place = questions.iter().position(|one| one.id == id);
            let place = place.unwrap_or_else(|| {
                questions.push(Asked {
                    id,
                    group: cell(row, "gid"),
                    order: order(&cell(row, "question_order")),
                    kind: cell(row, "type").chars().next().unwrap_or(' '),
                    code: cell(row, "title"),
                    theme: cell(row, "question_theme_name"),
                    relevance: cell(row, "relevance"),
                    mandatory: cell(row, "mandatory"),
                    other: cell(row, "other") == "Y",
                    pattern: cell(row, "preg"),
                    ..Asked::default()
                });
                questions.len() - 1
            });
            put(&mut questions[place].wording, row, "question", base);
            put(&mut questions[place].help, row, "help", base);
            row.read_as(firsts.entry(cell(row, "qid")).or_insert(row));
        }
        for row in self.rows("question_l10ns") {
            let id = cell(row, "qid");
            if let Some(question) = questions.iter_mut().find(|one| one.id == id) {
                put(&mut question.wording, row, "question", base);
                put(&mut question.help, row, "help", base);
            }
        }
        questions
    }

    fn parts(&self, survey: &Survey, questions: &mut [Asked]) {
        let base = survey.base();
        // Where each part stands, by its number.
        let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut firsts: BTreeMap<String, &Cells> = BTreeMap::new();
        let own = self.rows("questions").iter().filter(|row| is_part(row));
        for row in self.rows("subquestions").iter().chain(own) {
            let (id, parent) = (cell(row, "qid"), cell(row, "parent_qid"));
            if !places.contains_key(&id) {
                let Some(at) = questions.iter().position(|one| one.id == parent) else { continue };
                places.insert(id.clone(), (at, questions[at].parts.len()));
                questions[at].parts.push(Part {
                    id: id.clone(),
                    code: cell(row, "title"),
                    scale: u8::from(cell(row, "scale_id") == "1"),
                    order: order(&cell(row, "question_order")),
                    relevance: cell(row, "relevance"),
                    ..Part::default()
                });
            }
            let (at, part) = places[&id];
            put(&mut questions[at].parts[part].text, row, "question", base);
            row.read_as(firsts.entry(id).or_insert(row));
        }
        for row in self.rows("question_l10ns") {
            if let Some(&(at, part)) = places.get(&cell(row, "qid")) {
                put(&mut questions[at].parts[part].text, row, "question", base);
            }
        }
    }

    fn answers(&self, survey: &Survey, questions: &mut [Asked]) {
        let base = survey.base();
        let mut by_number: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for row in self.rows("answers") {
            let parent = cell(row, "qid");
            let Some(at) = questions.iter().position(|one| one.id == parent) else { continue };
            let code = cell(row, "code");
            let scale = u8::from(cell(row, "scale_id") == "1");
            let answers = &mut questions[at].answers;
            let found = answers.iter().position(|one| one.code == code && one.scale == scale);
            let place = found.unwrap_or_else(|| {
                let order = order(&cell(row, "sortorder"));
                answers.push(Part { code, scale, order, ..Part::default() });
                answers.len() - 1
            });
            put(&mut answers[place].text, row, "answer", base);
            if let Some(number) = row.get("aid") {
                by_number.insert(number.trim().to_owned(), (at, place));
            }
        }
        for row in self.rows("answer_l10ns") {
            if let Some(&(at, place)) = by_number.get(&cell(row, "aid")) {
                put(&mut questions[at].answers[place].text, row, "answer", base);
            }
        }
    }

    fn attributes(&self, questions: &mut [Asked]) {
        for row in self.rows("question_attributes") {
            let id = cell(row, "qid");
            if let Some(question) = questions.iter_mut().find(|one| one.id == id) {
                let texts = question.attributes.entry(cell(row, "attribute"));
                texts.insert(cell(row, "language"), row.get("value").cloned().unwrap_or_default());
            }
        }
    }

    fn defaults(&self, survey: &Survey, questions: &mut [Asked]) {
        let texts = self.rows("defaultvalue_l10ns");
        for row in self.rows("defaultvalues") {
            let id = cell(row, "qid");
            let Some(question) = questions.iter_mut().find(|one| one.id == id) else { continue };
            let mut value = Texts::new();
            put(&mut value, row, "defaultvalue", survey.base());
            let number = cell(row, "dvid");
            for text in texts.iter().filter(|text| cell(text, "dvid") == number) {
                put(&mut value, text, "defaultvalue", survey.base());
            }
            let sub = cell(row, "sqid");
            let part = if sub == "0" { String::new() } else { sub };
            let special = cell(row, "specialtype");
            let known = question.defaults.iter_mut();
            match known.into_iter().find(|one| one.part == part && one.special == special) {
                Some(preset) => preset.value.append(&mut value),
                None => question.defaults.push(Preset { part, special, value }),
            }
        }
    }

    fn conditions(&self, questions: &mut [Asked]) {
        for row in self.rows("conditions") {
            let id = cell(row, "qid");
            if let Some(question) = questions.iter_mut().find(|one| one.id == id) {
                question.conditions.push(Condition {
                    scenario: cell(row, "scenario"),
                    question: cell(row, "cqid"),
                    field: cell(row, "cfieldname"),
                    method: cell(row, "method"),
                    value: cell(row, "value"),
                });
            }
        }
    }

    /// Quotas, assessments and parameters of the link, in words.
    fn aside(&self, survey: &mut Survey, questions: &[Asked]) {
        let code = |id: &str| {
            let found = questions.iter().find(|one| one.id == id);
            found.map_or_else(|| id.to_owned(), |one| one.code.clone())
        };
        let members = self.rows("quota_members");
        for quota in self.rows("quota") {
            let id = cell(quota, "id");
            let cells: Vec<String> = members
                .iter()
                .filter(|member| cell(member, "quota_id") == id)
                .map(|member| format!("{} = {}", code(&cell(member, "qid")), cell(member, "code")))
                .collect();
            let said = format!(
                "{}: at most {} where {}",
                cell(quota, "name"),
                cell(quota, "qlimit"),
                cells.join(" and ")
            );
            survey.aside.push(("quota".to_owned(), said));
        }
        for table in ["assessments", "survey_url_parameters", "plugin_settings"] {
            for row in self.rows(table) {
                let said: Vec<String> =
                    row.whole().map(|(name, value)| format!("{name}: {value}")).collect();
                survey.aside.push((table.trim_end_matches('s').to_owned(), said.join("; ")));
            }
        }
    }
}

fn is_part(row: &Cells) -> bool {
    !matches!(row.get("parent_qid").map(|id| id.trim()), None | Some("" | "0"))
}

fn child<'x>(node: Node<'x, 'x>, name: &str) -> Option<Node<'x, 'x>> {
    node.children().find(|one| one.is_element() && one.tag_name().name() == name)
}

fn content(node: Node<'_, '_>) -> String {
    node.children().filter_map(|one| one.text()).collect()
}

fn cell(row: &Cells, name: &str) -> String {
    row.cell(name).to_owned()
}

/// Whether it is the description of a table's columns.
fn within_fields(node: Node<'_, '_>) -> bool {
    node.ancestors().any(|one| one.has_tag_name("fields"))
}

/// Puts the text of a row under the row's language.
fn put(texts: &mut Texts, row: &Cells, column: &str, base: &str) {
    let Some(text) = row.get(column).filter(|text| !text.trim().is_empty()) else { return };
    let language = match row.get("language").map(|code| code.trim()) {
        None | Some("") => base,
        Some(code) => code,
    };
    texts.insert(language.to_owned(), text.clone());
}
