//! From the items of a document to the variables of a codebook.

use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Document, Kind, ListOption, Members, Page, Question, Role, Roster, Text, ValueKind,
};
use survey_builder::questionnaire::order::Ordered;
use survey_builder::questionnaire::version::Version;

use crate::dataset::codebook::{Level, Variable, VariableKind};

/// A variable, and where in the questionnaire its values come from.
#[derive(Debug, Clone)]
pub struct Described {
    /// The variable. `item` is what its values are stored under.
    pub variable: Variable,
    /// The rosters of whose members it is asked, the outermost first.
    pub rosters: Vec<ItemId>,
    /// What of it the variable holds.
    pub holds: Holds,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An answer.
    Answer,
    /// The order in which something was shown.
    Order,
    /// The level of an attribute that was drawn for a profile.
    Level {
        /// The choice set.
        question: ItemId,
        /// Which choice of it, from 0.
        task: usize,
        /// Which profile, from 0.
        profile: usize,
        /// The attribute.
        attribute: ItemId,
    },
}

impl Described {
    /// Whether both hold the same thing, perhaps of two versions.
    pub fn is_same(&self, other: &Self) -> bool {
        self.variable.item == other.variable.item
            && self.variable.place == other.variable.place
            && self.holds == other.holds
    }
}

/// What a version's answers are held in, in its order; then the orders in which things were shown.
pub fn variables_of(version: &Version) -> Vec<Described> {
    let document = &version.document;
    let mut found = Vec::new();
    for (index, (_, page)) in document.pages().enumerate() {
        let rosters = version.pages().get(index).map_or(&[][..], |page| &page.rosters);
        let answers = page.questions.iter().filter(
            |question| !matches!(&question.kind, Kind::Hidden(hidden) if hidden.is_of_interview()),
        );
        for question in answers {
            for item in question.items() {
                let kind = item.kind_in(question).into_owned();
                let Some((kind, levels)) = kind_and_levels(document, &kind) else { continue };
                let part = item.id != question.id;
                let is_factor = part && matches!(question.kind, Kind::Selection(_));
                let kind = if is_factor { VariableKind::Number } else { kind };
                let variable = Variable {
                    item: Some(item.id),
                    question: question.name.clone(),
                    number: question.number.clone(),
                    label: item.wording.clone(),
                    heading: if part { question.wording.clone() } else { Text::default() },
                    unit: unit(question),
                    universe: universe(version, index, page, question),
                    roles: if is_factor {
                        vec![Role::DesignWeight]
                    } else {
                        question.roles.clone()
                    },
                    ..Variable::plain(&item.name, kind, levels)
                };
                let variables = match &question.kind {
                    Kind::Ranking(ranking) if !item.is_other => {
                        let most = ranking.at_most.map_or(usize::MAX, |most| most as usize);
                        let places = variable.levels.len().min(most);
                        (1..=places).map(|place| in_place(&variable, place)).collect()
                    }
                    _ => vec![variable],
                };
                found.extend(variables.into_iter().map(|variable| Described {
                    variable,
                    rosters: rosters.to_vec(),
                    holds: Holds::Answer,
                }));
            }
            found.extend(levels_of(document, question, rosters));
        }
    }
    for ordered in Ordered::all(version) {
        let rosters = ordered.item().map_or(&[][..], |item| version.rosters_around(item));
        let mut name = format!("{}_order", ordered.name());
        while found.iter().any(|known| known.variable.name == name) {
            name.push('_');
        }
        let variable = Variable {
            item: Some(ordered.id()),
            question: ordered.name().to_owned(),
            ..Variable::plain(&name, VariableKind::Text, Vec::new())
        };
        found.push(Described { variable, rosters: rosters.to_vec(), holds: Holds::Order });
    }
    found
}

/// What was drawn for the profiles of a choice set: `fare_2_1_price` is the price of the first
/// profile at the second choice.
fn levels_of(document: &Document, question: &Question, rosters: &[ItemId]) -> Vec<Described> {
    let Kind::ChoiceSet(set) = &question.kind else { return Vec::new() };
    let mut found = Vec::new();
    for (task, item) in question.items().iter().enumerate() {
        for profile in 0..set.profiles as usize {
            for attribute in &set.attributes {
                let levels = document.list(&attribute.list).into_iter().flat_map(|it| &it.options);
                let level = |option: &ListOption| Level {
                    code: option.code.clone(),
                    label: option.label.clone(),
                };
                let name = format!("{}_{}_{}", item.name, profile + 1, attribute.name);
                let variable = Variable {
                    item: Some(item.id),
                    question: question.name.clone(),
                    label: attribute.label.clone(),
                    heading: question.wording.clone(),
                    ..Variable::plain(&name, VariableKind::Text, levels.map(level).collect())
                };
                let holds =
                    Holds::Level { question: question.id, task, profile, attribute: attribute.id };
                found.push(Described { variable, rosters: rosters.to_vec(), holds });
            }
        }
    }
    found
}

/// The variable that holds the codes of a roster's members.
pub fn member(document: &Document, roster: &Roster) -> Variable {
    let levels: Vec<Level> = match &roster.members {
        Members::Fixed { members } => members
            .iter()
            .map(|member| Level { code: member.code.clone(), label: member.label.clone() })
            .collect(),
        Members::Chosen { question } => document
            .questions()
            .find(|asked| asked.name == *question)
            .and_then(|asked| kind_and_levels(document, &asked.kind))
            .map_or_else(Vec::new, |(_, levels)| levels),
        Members::Count { .. }
        | Members::Added { .. }
        | Members::Listed { .. }
        | Members::Others { .. } => Vec::new(),
    };
    let kind = if levels.is_empty() { VariableKind::Text } else { VariableKind::Choice };
    Variable::plain(&roster.name, kind, levels)
}

/// A ranking is one variable a place: which option stands there.
fn in_place(ranking: &Variable, place: usize) -> Variable {
    let numbered = |words: &String| format!("{words} – {place}");
    let label = ranking.label.0.iter().map(|(language, words)| (language.clone(), numbered(words)));
    Variable {
        name: format!("{}_{place}", ranking.name),
        place: Some(place),
        label: Text(label.collect()),
        heading: ranking.label.clone(),
        ..ranking.clone()
    }
}

fn unit(question: &Question) -> Text {
    match &question.kind {
        Kind::Integer(range) | Kind::Decimal(range) | Kind::Duration(range) => range.unit.clone(),
        _ => Text::default(),
    }
}

/// The conditions around a question, from the outermost section in.
fn universe(version: &Version, index: usize, page: &Page, question: &Question) -> Vec<String> {
    let mut conditions = Vec::new();
    for section in version.sections_around(index) {
        conditions.extend(section.relevant.clone());
        conditions.extend(section.each.as_ref().and_then(|each| each.filter.clone()));
    }
    conditions.extend([&page.relevant, &question.relevant].into_iter().flatten().cloned());
    conditions
}

/// The type of a column and its levels; none for what takes no answer.
fn kind_and_levels(document: &Document, kind: &Kind) -> Option<(VariableKind, Vec<Level>)> {
    let from_list = |name: &str| -> Vec<Level> {
        document.list(name).map_or_else(Vec::new, |list| {
            list.options
                .iter()
                .filter(|option| option.missing.is_none())
                .map(|option| Level { code: option.code.clone(), label: option.label.clone() })
                .collect()
        })
    };
    Some(match kind {
        Kind::Note | Kind::Grid(_) => return None,
        Kind::Ranking(ranking) => (VariableKind::Choice, from_list(&ranking.choice.list)),
        Kind::BestWorst(pair) => (VariableKind::Choice, from_list(&pair.list)),
        Kind::ChoiceSet(set) => (VariableKind::Choice, from_list(&set.list)),
        Kind::Arm(arm) => (VariableKind::Choice, from_list(&arm.list)),
        Kind::Acknowledge => {
            let level = Level { code: "true".to_owned(), label: Text::default() };
            (VariableKind::Choice, vec![level])
        }
        Kind::Single(choice) | Kind::Consent(choice) => {
            (VariableKind::Choice, from_list(&choice.list))
        }
        Kind::Battery(battery) => (VariableKind::Choice, from_list(&battery.list)),
        Kind::Multiple(multiple) => (VariableKind::Set, from_list(&multiple.choice.list)),
        Kind::Scale(scale) => {
            let levels = (scale.from..=scale.to)
                .map(|point| Level {
                    code: point.to_string(),
                    label: if point == scale.from && !scale.low.is_empty() {
                        numbered(point, &scale.low)
                    } else if point == scale.to && !scale.high.is_empty() {
                        numbered(point, &scale.high)
                    } else {
                        Text::default()
                    },
                })
                .collect();
            (VariableKind::Scale { from: scale.from, to: scale.to }, levels)
        }
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Duration(_) | Kind::ItemCount(_) => {
            (VariableKind::Number, Vec::new())
        }
        // A file is told by the name under which it is kept.
        Kind::ShortText(_)
        | Kind::LongText(_)
        | Kind::Time
        | Kind::DateTime
        | Kind::Geo(_)
        | Kind::File(_)
        | Kind::Selection(_)
        | Kind::Signature => (VariableKind::Text, Vec::new()),
        Kind::Hidden(hidden) => match hidden.value {
            ValueKind::Text => (VariableKind::Text, Vec::new()),
            ValueKind::Number => (VariableKind::Number, Vec::new()),
            ValueKind::Date => (VariableKind::Date, Vec::new()),
        },
        Kind::Date(_) => (VariableKind::Date, Vec::new()),
        Kind::Computed(computed) => match &computed.list {
            Some(list) => (VariableKind::Choice, from_list(list)),
            None => (VariableKind::Number, Vec::new()),
        },
    })
}

/// A point with what it means, in each language.
fn numbered(point: i32, text: &Text) -> Text {
    Text(
        text.0
            .iter()
            .map(|(language, text)| (language.clone(), format!("{point} – {text}")))
            .collect(),
    )
}
