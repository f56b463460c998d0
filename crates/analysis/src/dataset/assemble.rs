//! From responses to rows and columns.
//!
//! A response is routed again through the version it answered, so that what is off its path reads as
//! not asked, whatever is stored. Versions are joined by the identity of items and the codes of
//! options: a changed wording is the same column, an added option one more level.
//!
//! What is asked once is a row a response; what is asked of each member of a roster is a row a
//! member, in a dataset of the roster's own.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;
use survey_builder::problem::phrase;
use survey_builder::questionnaire::answer::{Answer, Answers, ItemId, State, Value};
use survey_builder::questionnaire::document::Kind;
use survey_builder::questionnaire::order::{Ordered, drawn_profiles};
use survey_builder::questionnaire::path::{Member, Path, Standpoint, key};
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;

use crate::dataset::Dataset;
use crate::dataset::codebook::{Codebook, Level, Variable, VariableKind};
use crate::dataset::describe::{Described, Holds, member, variables_of};
use crate::dataset::grow::{Growing, MissingOptions, missing_options};
use crate::error::{Result, all_or_nothing};
use crate::problem::{Fault, at_row};

/// A response as the store has it.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    /// Identity of the row.
    pub id: &'a str,
    /// Hash of the version that was answered.
    pub version: &'a str,
    /// The stored answers, on the path and off it.
    pub answers: &'a Answers,
    /// The day the response began: what `today()` means in its conditions.
    pub started_on: NaiveDate,
    /// The seed of the orders it saw.
    pub seed: u64,
}

/// What responses become.
#[derive(Debug, Clone, PartialEq)]
pub struct Datasets {
    /// A row a response.
    pub responses: Dataset,
    /// For each roster that is asked about, a row a member.
    pub rosters: Vec<RosterDataset>,
}

/// What was asked of the members of a roster. A row's id is that of its response; the first columns
/// hold the codes of the member and of those it is within.
#[derive(Debug, Clone, PartialEq)]
pub struct RosterDataset {
    /// The roster's name.
    pub name: String,
    /// For each row the row of its response.
    pub response_rows: Vec<usize>,
    /// Rows and columns.
    pub dataset: Dataset,
}

/// Builds datasets from responses to one or more versions, the latest last. Each response is routed
/// once.
///
/// # Errors
/// No version; a response that names an unknown version; an item that is of one type, or asked in one
/// roster, in one version and of another in the next (a breaking change that needs a mapping).
pub fn assemble<'a>(
    versions: &[&Version],
    responses: impl IntoIterator<Item = Response<'a>>,
) -> Result<Datasets> {
    let Some(latest) = versions.last() else {
        return Err(
            Fault::DataTooFew { found: 0, least: 1 }.refused(phrase("phrase-input-versions"))
        );
    };
    let by_hash: HashMap<&str, Answerable<'_>> =
        versions.iter().map(|version| (version.hash.as_str(), Answerable::of(version))).collect();
    let missing = missing_options(versions);
    let mut parts = parts(versions)?;
    let mut problems = Vec::new();
    for (row, response) in responses.into_iter().enumerate() {
        let Some(answerable) = by_hash.get(response.version) else {
            problems.push(
                Fault::VersionMissing { version: response.version.to_owned() }
                    .at(at_row(phrase("phrase-input-responses"), row)),
            );
            continue;
        };
        let path = route(answerable.version, response.answers, response.started_on);
        for part in &mut parts {
            for within in path.members_of(&part.rosters) {
                let answered = Answered { response, answerable, path: &path, within: &within };
                part.push(&answered, row, &missing);
            }
        }
    }
    all_or_nothing(problems)?;
    let head = Codebook {
        title: latest.document.title.clone(),
        languages: languages(latest),
        versions: versions.iter().map(|version| version.hash.clone()).collect(),
        ..Codebook::default()
    };
    // The part without rosters is there always, and first.
    let mut finished = parts.into_iter().map(|part| part.finish(&head));
    let responses = finished.next().map(|part| part.dataset).unwrap_or_default();
    Ok(Datasets { responses, rosters: finished.collect() })
}

fn languages(latest: &Version) -> Vec<String> {
    let mut languages = vec![latest.document.default_language.clone()];
    for language in &latest.document.languages {
        if !languages.contains(&language.code) {
            languages.push(language.code.clone());
        }
    }
    languages
}

/// A version, and what it shows in orders of chance.
struct Answerable<'a> {
    version: &'a Version,
    orders: HashMap<ItemId, Ordered<'a>>,
}

impl<'a> Answerable<'a> {
    fn of(version: &'a Version) -> Self {
        let orders = Ordered::all(version).into_iter();
        Self { version, orders: orders.map(|ordered| (ordered.id(), ordered)).collect() }
    }
}

/// One response as one member of a roster answered it.
struct Answered<'a> {
    response: Response<'a>,
    answerable: &'a Answerable<'a>,
    path: &'a Path,
    within: &'a [Member],
}

impl Answered<'_> {
    /// The answer that a variable holds here; none where the version has no such item.
    fn answer(&self, described: &Described) -> Option<Cow<'_, Answer>> {
        let item = described.variable.item?;
        match described.holds {
            Holds::Answer => {
                return self.path.answers.get(key(item, self.within)).map(Cow::Borrowed);
            }
            Holds::Level { question, task, profile, attribute } => {
                return self.level(question, task, profile, attribute).map(Cow::Owned);
            }
            Holds::Order => {}
        }
        let at = Standpoint {
            version: self.answerable.version,
            path: self.path,
            within: self.within,
            today: self.response.started_on,
        };
        let ordered = self.answerable.orders.get(&item)?;
        let seen = ordered.seen(&at, self.response.answers, self.response.seed);
        Some(Cow::Owned(seen.map_or(Answer::Missing(State::NotAsked), |names| {
            Answer::Value(Value::Text(names.join(" ")))
        })))
    }
}

impl Answered<'_> {
    /// The level of an attribute that was drawn for a profile.
    fn level(
        &self,
        question: ItemId,
        task: usize,
        profile: usize,
        attribute: ItemId,
    ) -> Option<Answer> {
        let version = self.answerable.version;
        let asked = version.question(question)?;
        let Kind::ChoiceSet(set) = &asked.kind else { return None };
        if !self.path.asks(key(question, self.within)) {
            return Some(Answer::Missing(State::NotAsked));
        }
        let place = set.attributes.iter().position(|one| one.id == attribute)?;
        let drawn = drawn_profiles(version, asked, self.response.seed)?;
        let level = *drawn.levels.get(task)?.get(profile)?.get(place)?;
        let list = version.document.list(&set.attributes[place].list)?;
        Some(Answer::Value(Value::Text(list.options.get(level)?.code.clone())))
    }
}

/// A dataset while it grows: what is asked outside rosters, or in one chain of them.
struct Part {
    /// The rosters, the outermost first.
    rosters: Vec<ItemId>,
    names: Vec<String>,
    described: Vec<Described>,
    columns: Vec<Growing>,
    ids: Vec<String>,
    response_rows: Vec<usize>,
}

impl Part {
    fn push(&mut self, answered: &Answered<'_>, row: usize, missing: &MissingOptions) {
        let codes = answered.within.iter().map(|member| Value::Text(member.code.clone()));
        let codes = codes.map(|code| Some(Answer::Value(code)));
        // The first columns are the codes of the members.
        let (members, asked) = self.columns.split_at_mut(self.rosters.len());
        for (column, code) in members.iter_mut().zip(codes) {
            column.push(code.as_ref(), missing);
        }
        for (column, described) in asked.iter_mut().zip(&self.described) {
            column.push(answered.answer(described).as_deref(), missing);
        }
        self.ids.push(answered.response.id.to_owned());
        self.response_rows.push(row);
    }

    fn finish(self, head: &Codebook) -> RosterDataset {
        let (variables, columns) = self.columns.into_iter().map(Growing::finish).unzip();
        let codebook = Codebook { variables, ..head.clone() };
        RosterDataset {
            name: self.names.last().cloned().unwrap_or_default(),
            response_rows: self.response_rows,
            dataset: Dataset { ids: self.ids, columns, codebook },
        }
    }
}

/// The datasets there will be, with their variables: the latest version names and orders, earlier
/// ones add what it no longer asks.
fn parts(versions: &[&Version]) -> Result<Vec<Part>> {
    let mut parts = vec![Part::new(Vec::new(), versions)];
    let mut problems = Vec::new();
    for version in versions.iter().rev() {
        for described in variables_of(version) {
            let known = parts.iter_mut().find_map(|part| {
                let same = part.described.iter_mut().find(|known| known.is_same(&described))?;
                Some((&part.rosters, same))
            });
            let Some((rosters, known)) = known else {
                let place = parts.iter().position(|part| part.rosters == described.rosters);
                let place = place.unwrap_or_else(|| {
                    parts.push(Part::new(described.rosters.clone(), versions));
                    parts.len() - 1
                });
                parts[place].described.push(described);
                continue;
            };
            let name = &described.variable.name;
            if known.variable.kind != described.variable.kind {
                problems.push(Fault::VersionKind.at(name));
            }
            if *rosters != described.rosters {
                problems.push(Fault::VersionMembers.at(name));
            }
            for level in described.variable.levels {
                if !known.variable.levels.iter().any(|own| own.code == level.code) {
                    known.variable.levels.push(level);
                }
            }
        }
    }
    all_or_nothing(problems)?;
    for part in &mut parts {
        let asked = part.described.iter().map(|described| Growing::new(described.variable.clone()));
        part.columns.extend(asked);
    }
    Ok(parts)
}

impl Part {
    /// One without variables but the codes of its members.
    fn new(rosters: Vec<ItemId>, versions: &[&Version]) -> Self {
        let members: Vec<Variable> =
            rosters.iter().filter_map(|roster| codes_of(*roster, versions)).collect();
        Self {
            rosters,
            names: members.iter().map(|variable| variable.name.clone()).collect(),
            described: Vec::new(),
            columns: members.into_iter().map(Growing::new).collect(),
            ids: Vec::new(),
            response_rows: Vec::new(),
        }
    }
}

/// The variable of the codes of a roster's members, as any version may have them.
fn codes_of(roster: ItemId, versions: &[&Version]) -> Option<Variable> {
    let mut codes: Option<Variable> = None;
    for document in versions.iter().rev().map(|version| &version.document) {
        let Some(known) = document.rosters.iter().find(|known| known.id == roster) else {
            continue;
        };
        let found = member(document, known);
        match &mut codes {
            None => codes = Some(found),
            // Members that once came from options and now are counted have no levels to share.
            Some(codes) if codes.kind != found.kind => {
                (codes.kind, codes.levels) = (VariableKind::Text, Vec::new());
            }
            Some(codes) => {
                let known = |level: &Level| codes.levels.iter().any(|own| own.code == level.code);
                let new: Vec<Level> =
                    found.levels.into_iter().filter(|level| !known(level)).collect();
                codes.levels.extend(new);
            }
        }
    }
    codes
}
