//! Survey Solutions: the questionnaire of its Designer, as the archive that Designer and
//! Headquarters give (`.zip`) or as the document inside.
//!
//! ```text
//! read_archive(bytes) → package → names of everything → groups → questions → conditions
//! ```
//!
//! Two shapes are in use: the document as it is stored (`$type`, identities, numbers for
//! sorts), and that of the newer export (`Type`, variables, words for sorts). A group is a
//! section, one that is a roster a section for each member; a list of texts is a roster
//! that the respondent fills.

mod archive;
mod call;
mod condition;
mod group;
mod members;
mod names;
mod options;
mod question;
mod syntax;
mod texts;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use survey_builder::problem::Phrase;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::Text;

use self::archive::Package;
pub(crate) use self::archive::is_document;
use self::condition::Standing;
use self::names::{Names, id_of, variable_of};
use self::texts::{Key, Texts};
use crate::account::{self, Json};
use crate::draft::{Draft, Read, Slot, refused, settle};
use crate::formula::Formula;

/// How Designer keeps and shows a questionnaire, and what is worked out from the rest.
const LOOKS: [&str; 42] = [
    "$type",
    "Type",
    "Id",
    "PublicKey",
    "QuestionType",
    "AnswerOrder",
    "CoverPageSectionId",
    "CreatedBy",
    "CreationDate",
    "LastEntryDate",
    "OpenDate",
    "CloseDate",
    "IsPublic",
    "IsDeleted",
    "Revision",
    "LastEventSequence",
    "IsUsingExpressionStorage",
    "ExpressionsPlayOrder",
    "DependencyGraph.",
    "ValidationDependencyGraph.",
    "EntitiesIdMap.",
    "DependencyGraph",
    "ValidationDependencyGraph",
    "EntitiesIdMap",
    "HideIfDisabled",
    "CustomRosterTitle",
    "Enabled",
    "IsFlatMode",
    "IsPlainMode",
    "DisplayMode",
    "HideInstructions",
    "UseFormatting",
    "UseThousandsSeparator",
    "ShowAsList",
    "ShowAsListThreshold",
    "Capital",
    "DoNotExport",
    "IsCoverPageSupported",
    "DefaultTranslation",
    "ContentId",
    "AttachmentId",
    "IsRoster",
];

/// Reads a document.
pub(crate) fn read(value: &Value) -> Read {
    read_package(&Package::of(value.clone()))
}

/// Reads an archive.
pub(crate) fn read_archive(bytes: &[u8]) -> Read {
    let package = archive::unpacked(bytes)?;
    read_package(&package)
}

fn read_package(package: &Package) -> Read {
    let document = &Json::from(&package.document);
    if document.get("Children").is_none() && document.get("CoverPage").is_none() {
        return Err(refused("phrase-json-of-no-known-system"));
    }
    let texts = Texts::of(document, package);
    let title = string(document, "Title").to_owned();
    let variable = string(document, "VariableName");
    let form = if variable.trim().is_empty() { title.as_str() } else { variable };
    let mut draft = Draft::new(form, Text::default(), texts.languages());
    draft.reconsiders = true;
    let names = Names::of(&document.looked_through(), &mut draft);
    let mut reader = Reader {
        draft,
        names,
        texts,
        package,
        around: Vec::new(),
        lists: BTreeMap::new(),
        categories: HashMap::new(),
        checks: 0,
        of_members: Vec::new(),
    };
    reader.draft.document.title = reader.text(&title, document, "Title", "");
    reader.categories_of(document);
    let mut sections = Vec::new();
    for group in document.get("CoverPage").into_iter().chain(children(document)) {
        sections.push(reader.group(group));
    }
    reader.put_of_members(&mut sections);
    reader.draft.document.sections = sections;
    reader.aside(document);
    let mut left = document.left();
    left.extend(reader.texts.left());
    left.extend(document.beside_words());
    account::tell(&mut reader.draft, &left, &LOOKS);
    let (document, problems) = settle::finish(reader.draft);
    if document.questions().next().is_none() {
        return Err(refused("phrase-a-survey-without-questions"));
    }
    Ok((document, problems))
}

/// A text property, empty if it is none.
fn string<'v>(value: &'v Json, key: &str) -> &'v str {
    value.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// What is in a group or the whole.
fn children(parent: &Json) -> impl Iterator<Item = &Json> {
    parent.at("Children").as_array().into_iter().flatten()
}

/// The name of its class: `SingleQuestion`, `Group`, …; of a question without one by the
/// number of its sort.
fn sort_of(value: &Json) -> &str {
    const BY_NUMBER: [&str; 14] = [
        "SingleQuestion",
        "SingleQuestion",
        "",
        "MultyOptionsQuestion",
        "NumericQuestion",
        "DateTimeQuestion",
        "GpsCoordinateQuestion",
        "TextQuestion",
        "NumericQuestion",
        "TextListQuestion",
        "QRBarcodeQuestion",
        "MultimediaQuestion",
        "AreaQuestion",
        "AudioQuestion",
    ];
    let written = match string(value, "$type") {
        "" => string(value, "Type"),
        written => written,
    };
    let class = written.split(',').next().unwrap_or_default().trim();
    let class = class.rsplit('.').next().unwrap_or_default();
    if !class.is_empty() {
        return class;
    }
    let number = value.get("QuestionType").and_then(Json::as_u64);
    let number = number.and_then(|number| usize::try_from(number).ok());
    match number.and_then(|number| BY_NUMBER.get(number)) {
        Some(class) => class,
        None if value.get("QuestionText").is_some() => "SingleQuestion",
        None => "Group",
    }
}

struct Reader<'p> {
    draft: Draft,
    names: Names,
    texts: Texts,
    package: &'p Package,
    /// The rosters around what is being read, the innermost last.
    around: Vec<String>,
    /// The lists of choice questions, by their names here.
    lists: BTreeMap<String, String>,
    /// The names of reusable categories, by their identities.
    categories: HashMap<String, String>,
    /// How many checks have been made.
    checks: u32,
    /// The values of members that conditions need: what they are called, their roster,
    /// what they are, and the condition.
    of_members: Vec<(String, String, Formula, String)>,
}

impl Reader<'_> {
    /// A text of a part in every language.
    fn text(&self, words: &str, of: &Json, kind: &str, index: &str) -> Text {
        let (entity, variable) = (id_of(of), variable_of(of));
        let key = Key { entity: &entity, variable: &variable, kind, index };
        let own = self.names.entity(of).map(|one| one.name.clone());
        self.texts.text(words, key, |words| {
            texts::words(words, &self.names, &self.around, own.as_deref())
        })
    }

    fn formula(&mut self, source: &str, own: Option<&str>) -> Result<Formula, Phrase> {
        let of_members = RefCell::default();
        let (names, around) = (&self.names, &self.around);
        let found = Standing { names, around, own, of_members: &of_members }.formula(source);
        self.name_of_members(found, of_members.into_inner(), source)
    }

    /// The condition of a part, for whatever its slot is.
    fn condition(&mut self, of: &Json, slot: Slot, place: &str) {
        let source = string(of, "ConditionExpression").trim();
        if !source.is_empty() {
            let formula = self.formula(source, None);
            self.draft.later(slot, formula, source, place);
        }
    }

    /// What must hold of a part: of its answer where it has one, else an edit check.
    fn validations(&mut self, of: &Json, question: Option<ItemId>, place: &str) {
        let mut all: Vec<(String, String, bool)> = Vec::new();
        for one in of.at("ValidationConditions").as_array().into_iter().flatten() {
            let severity = one.at("Severity");
            let soft = severity.as_str() == Some("Warning") || severity.as_u64() == Some(1);
            let texts = ["Expression", "Message"].map(|key| string(one, key).to_owned());
            let [expression, message] = texts;
            all.push((expression, message, soft));
        }
        let older = string(of, "ValidationExpression").trim();
        let said = string(of, "ValidationMessage").to_owned();
        if !older.is_empty() {
            all.push((older.to_owned(), said, false));
        }
        let variable = variable_of(of);
        for (number, (source, message, soft)) in (1..).zip(all) {
            if source.trim().is_empty() {
                continue;
            }
            let message = self.text(&message, of, "ValidationMessage", &format!("{number}"));
            let own = question.map(|_| variable.as_str());
            let formula = self.formula(&source, own);
            let slot = match question {
                Some(question) => Slot::Constraint { question, message, soft },
                None => {
                    self.checks += 1;
                    Slot::Check { name: format!("check_{}", self.checks), message }
                }
            };
            self.draft.later(slot, formula, &source, place);
        }
    }

    /// What stands beside the questions and is kept in its own words.
    fn aside(&mut self, document: &Json) {
        self.draft.keep_version(string(document.at("Metadata"), "Version"));
        for (key, role) in
            [("Macros", "macros"), ("LookupTables", "lookup tables"), ("CriticalRules", "checks")]
        {
            let all = document.at(key);
            let values: Vec<&Json> = match (all.as_array(), all.as_object()) {
                (Some(all), _) => all.iter().collect(),
                (_, Some(all)) => all.values().collect(),
                _ => Vec::new(),
            };
            for one in values {
                let name = ["Name", "TableName", "Message"].map(|key| string(one, key));
                let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
                let name = name.to_owned();
                self.draft.kept(None, name, role, &one.to_string());
            }
        }
        if !self.package.others.is_empty() {
            self.draft.kept(None, "", "files", &self.package.others.join("\n"));
        }
        for (name, reason) in &self.package.unreadable {
            let problem = survey_builder::problem::Problem::new("import_part", name.as_str());
            self.draft.warn(problem.with("reason", reason.clone().in_words()));
        }
    }
}
