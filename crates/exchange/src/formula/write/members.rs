//! Answers of members, read from where one is: forms know places, not members.
//!
//! Among a repeat's own rows its answers are those of the same instance. What
//! is asked of the same members in another repeat is read by its place there.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Block, Question, Section};
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::version::Version;

use super::Written;

/// `indexed-repeat()` takes so many repeats.
const DEEPEST: usize = 3;

/// A group of a form.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    /// Its name there.
    pub name: String,
    /// What it repeats, if it does.
    pub each: Option<Repeat>,
}

/// A section that is asked of each member of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub section: ItemId,
    pub roster: ItemId,
}

/// Where members are asked, and where one is.
pub(super) struct Repeats {
    /// What repeats around each item, from the outermost in, by its reference.
    around: BTreeMap<String, Vec<Repeat>>,
    /// The rosters' names, by their reference.
    rosters: BTreeMap<String, String>,
    /// The rosters that were come to.
    begun: BTreeSet<ItemId>,
    /// The names of the repeats that were come to, by their section.
    names: BTreeMap<ItemId, String>,
    /// The groups one is in, from the outermost in.
    here: Vec<Around>,
    /// What leads from an option that is filtered to the question: paths begin so.
    pub(super) current: &'static str,
}

impl Repeats {
    pub(super) fn of(version: &Version) -> Self {
        let document = &version.document;
        let mut around = BTreeMap::new();
        for section in &document.sections {
            find(version, section, &[], &mut around);
        }
        let rosters = document.rosters.iter();
        Self {
            around,
            rosters: rosters.map(|one| (reference(one.id), one.name.clone())).collect(),
            begun: BTreeSet::new(),
            names: BTreeMap::new(),
            here: Vec::new(),
            current: "",
        }
    }

    pub(super) fn enter(&mut self, around: Around) {
        if let Some(repeat) = around.each {
            // A roster is its first repeat.
            if self.begun.insert(repeat.roster) {
                self.rosters.insert(reference(repeat.roster), around.name.clone());
            }
            self.names.insert(repeat.section, around.name.clone());
        }
        self.here.push(around);
    }

    pub(super) fn leave(&mut self) {
        self.here.pop();
    }

    /// The repeats one is in, each with the path to it.
    fn within(&self) -> Vec<(Repeat, String)> {
        let up = |place: usize| vec![".."; self.here.len() - place].join("/");
        let all = self.here.iter().enumerate();
        all.filter_map(|(place, one)| Some((one.each?, format!("{}{}", self.current, up(place)))))
            .collect()
    }

    fn around(&self, read: &str) -> &[Repeat] {
        self.around.get(read).map_or(&[], Vec::as_slice)
    }

    /// The number of the member one is in.
    pub(super) fn position(&self) -> String {
        let innermost = self.within().pop().map(|(_, path)| path);
        format!("position({})", innermost.as_deref().unwrap_or(".."))
    }

    /// The answer to an item, of the members one is in.
    pub(super) fn answer(&self, read: &str, name: &str) -> Written {
        let (around, within) = (self.around(read), self.within());
        let same = |of: fn(&Repeat, &Repeat) -> bool| {
            around.len() <= within.len()
                && around.iter().zip(&within).all(|(one, (other, _))| of(one, other))
        };
        if same(|one, other| one.section == other.section)
            || !same(|one, other| one.roster == other.roster)
        {
            return Ok(name.to_owned());
        }
        if around.len() > DEEPEST {
            return Err(format!("an answer in {} rosters", around.len()));
        }
        let mut places = String::new();
        for (repeat, (_, path)) in around.iter().zip(&within) {
            let there = self.names.get(&repeat.section).ok_or("an answer that comes later")?;
            places.push_str(&format!(", ${{{there}}}, position({path})"));
        }
        Ok(format!("indexed-repeat({name}{places})"))
    }

    /// The answers of all members to an item.
    pub(super) fn answers(&self, read: &str, name: &str) -> Written {
        let Some((own, outer)) = self.around(read).split_last() else {
            return Ok(name.to_owned());
        };
        let within = self.within();
        if within.iter().any(|(one, _)| one.section == own.section) {
            return Err("the answers of all members, read among them".to_owned());
        }
        for (one, (other, _)) in outer.iter().zip(&within) {
            if one.section != other.section && one.roster == other.roster {
                return Err("the answers of the members of a member, read elsewhere".to_owned());
            }
        }
        Ok(name.to_owned())
    }

    /// The answer of one of all members, or one place of a ranking.
    pub(super) fn item_at(&self, read: &str, name: &str, place: &str) -> Written {
        match self.around(read) {
            // Places count from 0 there.
            [] => Ok(format!("selected-at({name}, {place} - 1)")),
            [own] => {
                let there = self.names.get(&own.section).ok_or("an answer that comes later")?;
                Ok(format!("indexed-repeat({name}, ${{{there}}}, {place})"))
            }
            _ => Err("one of the members of a member".to_owned()),
        }
    }

    pub(super) fn roster(&self, read: &str) -> Written {
        let name = self.rosters.get(read).ok_or("a roster that is not there")?;
        Ok(format!("${{{name}}}"))
    }
}

/// Finds what repeats around the items of a section.
fn find(
    version: &Version,
    section: &Section,
    outer: &[Repeat],
    found: &mut BTreeMap<String, Vec<Repeat>>,
) {
    let mut within = outer.to_vec();
    if let Some(each) = &section.each
        && let Some(roster) = version.document.roster(&each.roster)
    {
        within.push(Repeat { section: section.id, roster: roster.id });
    }
    for block in &section.blocks {
        match block {
            Block::Section(inner) => find(version, inner, &within, found),
            Block::Page(page) => {
                let items = page.questions.iter().flat_map(Question::items);
                found.extend(items.map(|item| (reference(item.id), within.clone())));
            }
        }
    }
}
