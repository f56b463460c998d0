//! What expressions may name, and what stands for it here.
//!
//! A variable is called by the question's code with that of its part
//! (`Q1_SQ2`), or by numbers (`12X3X45SQ2`), both with an attribute behind
//! (`.NAOK`, `.shown`).

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Asked, Part, Survey};
use crate::draft::Draft;

/// What stands for a variable.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Variable {
    /// The answer to an item; `coded` if it is an option of a list.
    Item { name: String, coded: bool },
    /// Whether an option of a multiple choice is ticked; then it has `value`.
    Chosen { question: String, code: String, value: &'static str, label: String },
    /// The option at a place of a ranking, from 0.
    Rank { question: String, place: usize },
}

/// A part of a question: its code behind the question's, what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub suffix: String,
    pub variable: Variable,
}

/// The names of a survey.
#[derive(Default)]
pub(super) struct Variables {
    known: BTreeMap<String, Variable>,
    /// The parts of each question, by its code.
    members: BTreeMap<String, Vec<Member>>,
    /// The name here of each question, by its number; of its parts, by
    /// `number` and the code that follows.
    names: BTreeMap<(String, String), String>,
    /// What questions say of themselves (`.question`, `.qid`), by their codes.
    attributes: BTreeMap<(String, &'static str), String>,
    /// What is known of the participant, by our names.
    pub participant: BTreeMap<String, String>,
}

/// The attributes of questions that never change.
const READ_ATTRIBUTES: [&str; 5] = ["question", "qid", "gid", "type", "mandatory"];

impl Variables {
    pub(super) fn of(survey: &Survey, draft: &mut Draft) -> Self {
        let mut variables = Self::default();
        // The questions' own names come first: parts give way to them.
        for question in survey.questions() {
            let name = draft.name(question.place());
            variables.names.insert((question.id.clone(), String::new()), name);
        }
        let base = survey.base();
        for group in &survey.groups {
            for question in &group.questions {
                let made = Maker { variables: &mut variables, draft, question, base }.members();
                let numbers = format!("{}X{}X{}", survey.sid, group.id, question.id);
                for member in &made {
                    let suffix = &member.suffix;
                    let by_code = if suffix.is_empty() {
                        question.code.clone()
                    } else {
                        format!("{}_{suffix}", question.code)
                    };
                    let by_number = suffix.replace("_0", "#0").replace("_1", "#1");
                    let by_number = if question.kind == '1' { &by_number } else { suffix };
                    for key in [
                        by_code,
                        format!("{numbers}{by_number}"),
                        format!("Q{}_{suffix}", question.id),
                    ] {
                        variables.known.entry(key).or_insert_with(|| member.variable.clone());
                    }
                }
                let wording =
                    question.wording.get(base).or_else(|| question.wording.values().next());
                let wording =
                    crate::draft::text::without_markup(wording.map_or("", String::as_str));
                let letter = question.kind.to_string();
                let said = [&wording, &question.id, &group.id, &letter, &question.mandatory];
                for (attribute, said) in READ_ATTRIBUTES.into_iter().zip(said) {
                    variables.attributes.insert((question.code.clone(), attribute), said.clone());
                }
                variables.members.insert(question.code.clone(), made.clone());
                variables.members.entry(numbers).or_insert(made);
            }
        }
        variables
    }

    /// What stands for the variable of that name.
    pub(super) fn find(&self, name: &str) -> Option<&Variable> {
        self.known.get(name)
    }

    /// What a question, or the question of a part, says of itself.
    pub(super) fn attribute(&self, name: &str, attribute: &str) -> Option<&str> {
        let code = |code: &str| {
            let key = READ_ATTRIBUTES.iter().find(|known| **known == attribute)?;
            self.attributes.get(&(code.to_owned(), key)).map(String::as_str)
        };
        code(name).or_else(|| code(name.split('_').next()?))
    }

    /// The parts of the question of that code.
    pub(super) fn members(&self, code: &str) -> Option<&[Member]> {
        self.members.get(code).map(Vec::as_slice)
    }

    /// The name here of a question (with an empty `part`) or of its part.
    pub(super) fn name(&self, question: &Asked, part: &str) -> String {
        let key = (question.id.clone(), part.to_owned());
        self.names.get(&key).cloned().unwrap_or_default()
    }

    /// Names what is known of the participants: `TOKEN:FIRSTNAME`.
    pub(super) fn add_participants(&mut self, survey: &Survey, draft: &mut Draft) {
        let mut found = BTreeSet::new();
        let mut look = |text: &str| {
            for rest in text.split("TOKEN:").skip(1) {
                let attribute: String = rest
                    .chars()
                    .take_while(|next| next.is_ascii_alphanumeric() || *next == '_')
                    .collect();
                if !attribute.is_empty() {
                    found.insert(attribute);
                }
            }
        };
        for group in &survey.groups {
            look(&group.relevance);
            group.description.values().chain(group.name.values()).for_each(|text| look(text));
            for question in &group.questions {
                look(&question.relevance);
                let parts = question.parts.iter().chain(&question.answers);
                let texts = parts.flat_map(|part| part.text.values());
                let texts = texts.chain(question.wording.values()).chain(question.help.values());
                let presets = question.defaults.iter().flat_map(|preset| preset.value.values());
                let attributes = question.attributes.all_texts();
                texts.chain(presets).chain(attributes).for_each(|text| look(text));
                question.conditions.iter().for_each(|one| {
                    look(&one.field);
                    look(&one.value);
                });
            }
        }
        for attribute in found {
            let name = draft.name(&format!("participant_{}", attribute.to_lowercase()));
            let item = Variable::Item { name: name.clone(), coded: false };
            self.known.insert(format!("TOKEN:{attribute}"), item);
            self.participant.insert(name, attribute.to_lowercase());
        }
    }
}

/// The key of the name of a later stage of a multiple choice.
pub(super) fn stage_key(stage: usize) -> String {
    format!("then{stage}")
}

struct Maker<'m> {
    variables: &'m mut Variables,
    draft: &'m mut Draft,
    question: &'m Asked,
    base: &'m str,
}

impl Maker<'_> {
    fn members(&mut self) -> Vec<Member> {
        let question = self.question;
        let own = self.variables.name(question, "");
        match question.kind {
            'X' => Vec::new(),
            'M' | 'P' => self.ticked(&own),
            'A' | 'B' | 'C' | 'E' | 'F' | 'H' => self.rows(true),
            'K' | 'Q' => self.rows(false),
            '1' => self.cells(&["0", "1"], true),
            ':' | ';' => {
                let columns: Vec<&str> =
                    question.parts_of(1).iter().map(|part| part.code.as_str()).collect();
                if question.is_ticked() {
                    self.boxes(&columns)
                } else {
                    self.cells(&columns, false)
                }
            }
            'R' => {
                let count = question.answers.len().max(question.parts.len()).max(1);
                let places = (0..count).map(|place| Member {
                    suffix: (place + 1).to_string(),
                    variable: Variable::Rank { question: own.clone(), place },
                });
                places.collect()
            }
            _ => self.single(own),
        }
    }

    fn single(&mut self, own: String) -> Vec<Member> {
        let coded = matches!(self.question.kind, 'L' | '!' | 'O' | 'Y' | 'G' | 'W' | 'Z' | '^');
        let hidden = self.question.is_on("hidden");
        let own = Variable::Item { name: own, coded: coded && !hidden };
        let mut members = vec![Member { suffix: String::new(), variable: own }];
        if self.question.other && !hidden {
            members.push(self.further("other", "other"));
        }
        if self.question.kind == 'O' {
            members.push(self.further("comment", "comment"));
        }
        members
    }

    /// A text beside the question: `other` or `comment`.
    fn further(&mut self, suffix: &str, part: &str) -> Member {
        let name = self.named(part);
        Member { suffix: suffix.to_owned(), variable: Variable::Item { name, coded: false } }
    }

    /// Reserves the name of a part.
    fn named(&mut self, part: &str) -> String {
        let name = self.draft.name(&format!("{}_{part}", self.question.place()));
        let key = (self.question.id.clone(), part.to_owned());
        self.variables.names.insert(key, name.clone());
        name
    }

    fn label(&self, part: &Part) -> String {
        let text = part.text.get(self.base).or_else(|| part.text.values().next());
        crate::draft::text::without_markup(text.map_or("", String::as_str))
    }

    fn ticked(&mut self, own: &str) -> Vec<Member> {
        let mut members = Vec::new();
        let with_comments = self.question.kind == 'P';
        let stages = self.question.stages();
        let mut names = vec![own.to_owned()];
        names.extend((1..stages.len()).map(|stage| self.named(&stage_key(stage))));
        for part in self.question.parts_of(0) {
            let stage = stages.iter().position(|all| all.iter().any(|one| one.code == part.code));
            let name = names.get(stage.unwrap_or_default()).map_or(own, String::as_str);
            members.push(Member {
                suffix: part.code.clone(),
                variable: Variable::Chosen {
                    question: name.to_owned(),
                    code: part.code.clone(),
                    value: "Y",
                    label: self.label(part),
                },
            });
            if with_comments {
                let suffix = format!("{}comment", part.code);
                members.push(self.further(&suffix, &suffix));
            }
        }
        if self.question.other {
            let code = self.question.other_code();
            members.push(self.further("other", code));
            if with_comments {
                members.push(self.further("othercomment", &format!("{code}comment")));
            }
        }
        members
    }

    fn rows(&mut self, coded: bool) -> Vec<Member> {
        let question = self.question;
        let rows = question.parts_of(0).into_iter().map(|part| {
            let name = self.named(&part.code);
            Member { suffix: part.code.clone(), variable: Variable::Item { name, coded } }
        });
        rows.collect()
    }

    /// Rows with columns; where there is one column its cells are called as
    /// their rows.
    fn cells(&mut self, columns: &[&str], coded: bool) -> Vec<Member> {
        let question = self.question;
        let mut members = Vec::new();
        for part in question.parts_of(0) {
            let row = self.named(&part.code);
            for column in columns {
                let name = if columns.len() == 1 { row.clone() } else { format!("{row}_{column}") };
                members.push(Member {
                    suffix: format!("{}_{column}", part.code),
                    variable: Variable::Item { name, coded },
                });
            }
        }
        members
    }

    fn boxes(&mut self, columns: &[&str]) -> Vec<Member> {
        let question = self.question;
        let mut members = Vec::new();
        for part in question.parts_of(0) {
            let row = self.named(&part.code);
            for column in columns {
                members.push(Member {
                    suffix: format!("{}_{column}", part.code),
                    variable: Variable::Chosen {
                        question: row.clone(),
                        code: (*column).to_owned(),
                        value: "1",
                        label: "1".to_owned(),
                    },
                });
            }
        }
        members
    }
}
