//! Groups as sections, rosters as sections for each member.

use survey_builder::questionnaire::document::{
    Block, Each, FixedMember, Kind, Members, Question, Roster, Section, Text, TextRule,
};

use super::names::{Rows, fixed, id_of, is_roster, variable_of};
use super::{Reader, children, sort_of, string};
use crate::account::Json;
use crate::draft::Slot;
use crate::formula::Formula;

/// How the newer export names the member in the title of its roster.
const TITLE_OF_MEMBER: &str = " - %rostertitle%";

impl Reader<'_> {
    /// A group with everything in it.
    pub(super) fn group(&mut self, group: &Json) -> Section {
        let is_roster = is_roster(group);
        let entity = self.names.entity(group).filter(|_| is_roster).cloned();
        let roster = entity.as_ref().and_then(|one| one.roster.clone());
        let place = variable_of(group);
        if let (Some(entity), Some(roster)) = (&entity, &roster) {
            self.roster(group, roster, entity.rows.as_ref(), entity.title.as_deref());
        }
        let outside = self.around.len();
        self.around.extend(roster.clone());
        let title = string(group, "Title");
        let title = title.strip_suffix(TITLE_OF_MEMBER).filter(|_| is_roster).unwrap_or(title);
        let title = self.text(title, group, "Title", "");
        let mut blocks = Vec::new();
        let mut waiting = Vec::new();
        for child in children(group) {
            match sort_of(child) {
                "Group" | "Roster" | "CoverPage" => {
                    blocks.extend(self.draft.pages(std::mem::take(&mut waiting)));
                    blocks.push(Block::Section(self.group(child)));
                }
                "TextListQuestion" => {
                    blocks.extend(self.draft.pages(std::mem::take(&mut waiting)));
                    blocks.push(Block::Section(self.list(child)));
                }
                "StaticText" => waiting.push(self.note(child)),
                "Variable" => waiting.extend(self.computed(child)),
                _ => waiting.extend(self.question(child)),
            }
        }
        blocks.extend(self.draft.pages(waiting));
        let wanted = if place.is_empty() { "section" } else { &place };
        let mut section = self.draft.section(wanted, title, blocks);
        section.each = roster.map(|roster| Each { roster, filter: None });
        // What asks about the member decides for each of them.
        let source = string(group, "ConditionExpression").to_owned();
        let is_of_member = section.each.is_some() && is_of_member(group, &source);
        if !is_of_member {
            self.around.truncate(outside);
        }
        let slot = if is_of_member { Slot::Each(section.id) } else { Slot::Section(section.id) };
        self.condition(group, slot, &section.name);
        self.around.truncate(outside);
        section
    }

    fn roster(&mut self, group: &Json, name: &str, rows: Option<&Rows>, title: Option<&str>) {
        let id = self.draft.id("roster", name);
        if self.draft.document.rosters.iter().any(|roster| roster.id == id) {
            return;
        }
        let insert = |question: &str| format!("${{{question}}}");
        let label = title.map_or_else(Text::default, |title| self.texts.same(&insert(title)));
        let members = match rows {
            Some(Rows::Fixed(_)) | None => Members::Fixed { members: self.members(group, name) },
            Some(Rows::Chosen(question)) => Members::Chosen { question: question.clone() },
            Some(Rows::Counted) => {
                let keys = ["RosterSizeQuestionId", "RosterSizeQuestion"];
                let counted = self.names.named(group, keys).map(|one| one.name.clone());
                let counted = counted.unwrap_or_default();
                let formula = Ok(Formula::question(&counted));
                self.draft.later(Slot::Count(id), formula, &counted, name);
                Members::Count { expression: String::new(), at_most: None }
            }
            // A list that is nowhere: its members are added.
            Some(Rows::Typed) => added(None),
        };
        let roster = Roster { id, name: name.to_owned(), label, members };
        self.draft.document.rosters.push(roster);
    }

    fn members(&mut self, group: &Json, roster: &str) -> Vec<FixedMember> {
        let all: Vec<(String, String)> = fixed(group).collect();
        all.into_iter()
            .map(|(code, title)| FixedMember {
                id: self.draft.id("member", &format!("{roster}\u{1f}{code}")),
                label: self.text(&title, group, "FixedRosterTitle", &code),
                code,
            })
            .collect()
    }

    /// A list of texts: a roster that the respondent fills, asked for each text.
    fn list(&mut self, value: &Json) -> Section {
        let roster = self.names.list_roster(value, &mut self.draft);
        let name = self.names.entity(value).map(|one| one.name.clone()).unwrap_or_default();
        let id = self.draft.id("roster", &roster);
        let most =
            ["MaxAnswerCount", "MaxItemsCount"].iter().find_map(|key| value.at(key).as_u64());
        let most = most.and_then(|most| u32::try_from(most).ok());
        let label = self.texts.same(&format!("${{{name}}}"));
        self.draft.document.rosters.retain(|known| known.id != id);
        let own = Roster { id, name: roster.clone(), label, members: added(most) };
        self.draft.document.rosters.push(own);
        let wording = self.text(string(value, "QuestionText"), value, "Title", "");
        let outside = self.around.len();
        self.around.push(roster.clone());
        let kind = Kind::ShortText(TextRule::default());
        let mut question = Question::new(self.draft.id("question", &name), &name, wording, kind);
        self.about(value, &mut question, &name);
        self.around.truncate(outside);
        let pages = self.draft.pages(vec![question]);
        let mut section = self.draft.section(&name, Text::default(), pages);
        section.each = Some(Each { roster, filter: None });
        self.condition(value, Slot::Section(section.id), &name);
        // What must hold of the whole list is looked at in the end.
        self.validations(value, None, &name);
        section
    }
}

fn added(at_most: Option<u32>) -> Members {
    Members::Added { at_least: 0, at_most, wording: Text::default(), primary: Text::default() }
}

/// Whether a condition reads the member that a roster asks about.
fn is_of_member(group: &Json, source: &str) -> bool {
    let mut inside = Vec::new();
    variables(group, &mut inside);
    let is_sign = |sign: char| !(sign.is_alphanumeric() || "_@".contains(sign));
    source.split(is_sign).any(|word| word.starts_with("@row") || inside.iter().any(|it| it == word))
}

/// The variables of everything in a group.
fn variables(group: &Json, found: &mut Vec<String>) {
    for child in children(group) {
        if !id_of(child).is_empty() {
            found.extend(Some(variable_of(child)).filter(|name| !name.is_empty()));
        }
        variables(child, found);
    }
}
