//! Makes the document: records become sections, items questions.

use survey_builder::problem::Finding;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{
    Block, Cell, Column, Computed, Document, Each, FixedMember, Grid, Hidden, Kind, Language,
    Members, Question, Roster, Row, Section, Source, Text,
};

use super::dictionary::{Dictionary, Item, Labels, Level, Occurrences, Record, Value, ValueSet};
use super::item::{Made, has_range, unread_values};
use crate::account::{self, Left};
use crate::draft::{Draft, Slot, settle};
use crate::formula::{Formula, Operator};

/// The most rows that an item with several occurrences becomes.
const ROW_LIMIT: u32 = 200;

/// How the system stores and shows a case.
const LOOKS: [&str; 25] = [
    "layout.",
    "software",
    "version",
    "fileType",
    "editable",
    "readOptimization",
    "relativePositions",
    "positions",
    "zeroFill",
    "start",
    "length",
    "recordtypestart",
    "recordtypelen",
    "recordtypevalue",
    "recordlen",
    "zerofill",
    "decimalchar",
    "valuesetimages",
    "security.",
    "recordType.",
    "defaults.",
    "defaults",
    "recordType",
    "security",
    "subitemOffset",
];

/// Makes the document of a dictionary.
pub(super) fn build(dictionary: &Dictionary) -> (Document, Vec<Finding>) {
    let languages = dictionary.languages.iter().map(|(code, name)| Language {
        code: code.to_lowercase(),
        name: if name.is_empty() { code.clone() } else { name.clone() },
    });
    let draft = Draft::new(&dictionary.name, Text::default(), languages.collect());
    let mut builder = Builder { dictionary, draft, left: Vec::new() };
    builder.draft.document.title = builder.text(&dictionary.labels);
    let mut deepest: Option<Section> = None;
    let mut first = Vec::new();
    // From the innermost level outwards: each is asked within the one around.
    for (depth, level) in dictionary.levels.iter().enumerate().rev() {
        let mut sections = builder.level(level);
        sections.extend(deepest.take());
        if depth == 0 {
            first = sections;
        } else {
            deepest = Some(builder.lower(level, sections));
        }
    }
    builder.draft.document.sections = first;
    for relation in &dictionary.relations {
        builder.draft.kept(None, "", "relation", relation);
    }
    builder.left.extend(dictionary.left.iter().cloned());
    account::tell(&mut builder.draft, &builder.left, &LOOKS);
    settle::finish(builder.draft)
}

pub(super) struct Builder<'d> {
    dictionary: &'d Dictionary,
    pub draft: Draft,
    /// What is said of where and how values are stored.
    left: Vec<Left>,
}

impl Builder<'_> {
    /// A text in the languages of the dictionary.
    pub(super) fn text(&self, labels: &Labels) -> Text {
        let mut text = Text::default();
        for (place, label) in labels.iter().enumerate() {
            let words = crate::draft::text::without_markup(label);
            let code = match self.dictionary.languages.get(place) {
                Some((code, _)) => code.to_lowercase(),
                None if place == 0 => self.draft.document.default_language.clone(),
                None => continue,
            };
            if !words.is_empty() {
                text.0.insert(code, words);
            }
        }
        text
    }

    fn level(&mut self, level: &Level) -> Vec<Section> {
        let mut sections = Vec::new();
        let ids = self.questions(&level.ids);
        if !ids.is_empty() {
            let page = self.draft.page(&level.name, ids);
            let title = self.text(&level.labels);
            sections.push(self.draft.section(&level.name, title, vec![Block::Page(page)]));
        }
        for record in &level.records {
            sections.extend(self.record(record));
        }
        if !level.note.trim().is_empty() {
            self.draft.kept(None, &level.name, "note", level.note.trim());
        }
        sections
    }

    /// A level below the first: there are any number of its parts.
    fn lower(&mut self, level: &Level, sections: Vec<Section>) -> Section {
        let blocks = sections.into_iter().map(Block::Section).collect();
        let members = Members::Added {
            at_least: 0,
            at_most: None,
            wording: Text::default(),
            primary: Text::default(),
        };
        let roster = self.roster(&level.name, members);
        let title = self.text(&level.labels);
        let mut section = self.draft.section(&format!("{}_each", level.name), title, blocks);
        section.each = Some(Each { roster, filter: None });
        section
    }

    fn roster(&mut self, wanted: &str, members: Members) -> String {
        let name = self.draft.name(wanted);
        let id = self.draft.id("roster", &name);
        let label = Text::default();
        self.draft.document.rosters.push(Roster { id, name: name.clone(), label, members });
        name
    }

    fn record(&mut self, record: &Record) -> Option<Section> {
        if !record.note.trim().is_empty() {
            self.draft.kept(None, &record.name, "note", record.note.trim());
        }
        let questions = self.questions(&record.items);
        if questions.is_empty() {
            return None;
        }
        let page = self.draft.page(&record.name, questions);
        let title = self.text(&record.labels);
        let mut section = self.draft.section(&record.name, title, vec![Block::Page(page)]);
        if record.occurrences.maximum > 1 {
            let members = self.members(record);
            let roster = self.roster(&record.name, members);
            section.each = Some(Each { roster, filter: None });
        }
        Some(section)
    }

    /// Where every time has a name they are always the same.
    fn members(&mut self, record: &Record) -> Members {
        let most = record.occurrences.maximum;
        let named =
            |number: u32| record.occurrences.labels.iter().find(|(known, _)| *known == number);
        let is_fixed = most <= ROW_LIMIT && (1..=most).all(|number| named(number).is_some());
        if !is_fixed {
            for (number, labels) in &record.occurrences.labels {
                let said = format!("{number}: {}", labels.join(" / "));
                self.draft.kept(None, &record.name, "occurrences", &said);
            }
            let at_least = u32::from(record.is_required);
            return Members::Added {
                at_least,
                at_most: Some(most),
                wording: Text::default(),
                primary: Text::default(),
            };
        }
        let members = (1..=most).filter_map(named).map(|(number, labels)| FixedMember {
            id: self.draft.id("member", &format!("{}\u{1f}{number}", record.name)),
            code: number.to_string(),
            label: self.text(labels),
        });
        Members::Fixed { members: members.collect() }
    }

    fn questions(&mut self, items: &[Item]) -> Vec<Question> {
        let mut questions = Vec::new();
        let mut rest = items;
        while let Some((item, after)) = rest.split_first() {
            let count = after.iter().take_while(|next| next.is_subitem).count();
            let (parts, further) = after.split_at(count);
            rest = further;
            // Parts that make up the whole are asked; else the whole is, and they
            // are parts of what was answered.
            let length: u32 = parts.iter().fold(0, |sum, part| sum.saturating_add(part.length));
            let asks_parts = !parts.is_empty() && length >= item.length;
            questions.push(self.question(item, &item.occurrences, asks_parts));
            let whole = questions.last().map(|whole| whole.name.clone()).unwrap_or_default();
            for part in parts {
                let occurrences = if part.occurrences.maximum > 1 { part } else { item };
                let occurrences = occurrences.occurrences.clone();
                let formula = (!asks_parts).then(|| part_of(item, part, &whole)).flatten();
                match formula {
                    Some(formula) => questions.push(self.part(part, formula)),
                    None => questions.push(self.question(part, &occurrences, false)),
                }
            }
        }
        questions
    }

    /// A part that is read off the whole.
    fn part(&mut self, item: &Item, formula: Formula) -> Question {
        let wording = self.text(&item.labels);
        let kind = Kind::Computed(Computed { expression: String::new(), list: None });
        let mut question = self.draft.question(&item.name, Text::default(), kind);
        question.wording = wording;
        self.draft.later(Slot::Calculation(question.id), Ok(formula), "subitem", &item.name);
        for set in &item.sets {
            let said = set.values.iter().flat_map(|value| &value.labels);
            let said = said.map(String::as_str).collect::<Vec<_>>().join("; ");
            self.draft.kept(Some(question.id), &item.name, "value set", &said);
        }
        self.aside(item, question.id);
        question
    }

    fn question(&mut self, item: &Item, occurrences: &Occurrences, has_parts: bool) -> Question {
        let wording = self.text(&item.labels);
        let mut question = self.draft.question(&item.name, wording, Kind::Note);
        let (id, name) = (question.id, question.name.clone());
        let made = self.made(item, &name);
        self.unread(item, id);
        if has_parts {
            // Its parts are asked; together they are its value.
            let source = Source::Outside("subitems".to_owned());
            question.kind = Kind::Hidden(Hidden { source, ..Hidden::default() });
            self.draft.kept(Some(id), &item.name, "item with subitems", &item.content);
        } else if occurrences.maximum > 1 {
            self.several(item, occurrences, &mut question, made);
        } else {
            self.once(item, &mut question, made);
        }
        self.aside(item, id);
        question
    }

    fn once(&mut self, item: &Item, question: &mut Question, made: Made) {
        question.kind = made.kind;
        question.offers = made.offers;
        if let Some(constraint) = made.constraint {
            let message = Text::default();
            let slot = Slot::Constraint { question: question.id, message, soft: false };
            let set = item.sets.first().map_or("", |set| set.name.as_str());
            self.draft.later(slot, Ok(constraint), set, &item.name);
        }
    }

    /// An item that occurs several times: a row for each.
    fn several(
        &mut self,
        item: &Item,
        occurrences: &Occurrences,
        question: &mut Question,
        made: Made,
    ) {
        let cell = match made.kind {
            Kind::Single(choice) => Cell::Single { list: choice.list },
            Kind::Multiple(multiple) => Cell::Multiple { list: multiple.choice.list },
            Kind::Integer(range) => Cell::Integer(range),
            Kind::Decimal(range) => Cell::Decimal(range),
            Kind::ShortText(rule) | Kind::LongText(rule) => Cell::Text(rule),
            Kind::Date(range) => Cell::Date(range),
            other => {
                let said = format!("{} times", occurrences.maximum);
                self.draft.kept(Some(question.id), &item.name, "occurrences", &said);
                question.kind = other;
                return;
            }
        };
        if occurrences.maximum > ROW_LIMIT {
            let said = format!("{} times", occurrences.maximum);
            self.draft.kept(Some(question.id), &item.name, "occurrences", &said);
        }
        let mut rows = Vec::new();
        for number in 1..=occurrences.maximum.min(ROW_LIMIT) {
            let name = self.draft.name(&format!("{}_{number}", question.name));
            let id = self.draft.id("row", &name);
            let label = occurrences.labels.iter().find(|(known, _)| *known == number);
            let mut wording = label.map(|(_, labels)| self.text(labels)).unwrap_or_default();
            if wording.is_empty() {
                wording = self.draft.text(&number.to_string());
            }
            rows.push(Row { id, name, wording, relevant: None });
        }
        let id = self.draft.id("column", &question.name);
        let columns = vec![Column { id, name: "value".to_owned(), label: Text::default(), cell }];
        question.kind = Kind::Grid(Grid { rows, columns, shuffled: false, total: None });
        question.offers = made.offers;
        if made.constraint.is_some() {
            let set = item.sets.first().map_or("", |set| set.name.as_str());
            self.draft.kept(Some(question.id), &item.name, "value set", set);
        }
    }

    /// Keeps values of a range that are no numbers, and the words of all: a number has
    /// bounds and no words for single values.
    fn unread(&mut self, item: &Item, id: ItemId) {
        let Some(set) = item.sets.first().filter(|_| !item.content.starts_with("alpha")) else {
            return;
        };
        if !has_range(set) {
            return;
        }
        let unread = unread_values(set);
        for value in &set.values {
            let is_unread = value.pairs.iter().any(|pair| unread.contains(pair));
            if value.labels.iter().all(String::is_empty) && !is_unread {
                continue;
            }
            let said = [written_pairs(value), value.labels.join(" / "), value.special.clone()];
            let said: Vec<String> = said.into_iter().filter(|one| !one.is_empty()).collect();
            self.draft.kept(Some(id), &item.name, "value", &said.join(" "));
        }
    }

    /// What has no place: notes, further value sets, words of single values.
    fn aside(&mut self, item: &Item, id: ItemId) {
        if !item.note.trim().is_empty() {
            self.draft.kept(Some(id), &item.name, "note", item.note.trim());
        }
        self.layout(item);
        for set in item.sets.iter().skip(1) {
            let values: Vec<String> = set
                .values
                .iter()
                .map(|value| {
                    let labels = value.labels.join(" / ");
                    let pairs = written_pairs(value);
                    let parts = [&pairs, &labels, &value.special, &value.image];
                    parts.into_iter().filter(|one| !one.is_empty()).cloned().collect::<Vec<_>>()
                })
                .map(|parts| parts.join(" "))
                .collect();
            let said = format!("{} {}: {}", set.name, set.link, values.join("; "));
            self.draft.kept(Some(id), &item.name, "further value set", &said);
        }
    }

    /// Where and how an item is stored and entered.
    fn layout(&mut self, item: &Item) {
        let number = |number: u32| if number > 0 { number.to_string() } else { String::new() };
        let set = item.sets.first();
        let set = |part: fn(&ValueSet) -> &String| set.map(part).cloned().unwrap_or_default();
        for (property, value) in [
            ("start", number(item.start)),
            ("length", number(item.length)),
            ("dataType", item.content.clone()),
            ("captureType", item.capture.clone()),
            ("dateFormat", item.date_format.clone()),
            ("valueSet", set(|set| &set.name)),
            ("link", set(|set| &set.link)),
        ] {
            if !value.is_empty() {
                let (property, place) = (format!("layout.{property}"), item.name.clone());
                self.left.push(Left { property, place, value });
            }
        }
    }
}

/// The values that are called alike, as a dictionary writes them.
fn written_pairs(value: &Value) -> String {
    let pairs = value.pairs.iter().map(|(from, to)| match to {
        Some(to) => format!("{from}:{to}"),
        None => from.clone(),
    });
    pairs.collect::<Vec<_>>().join(" ")
}

/// A part of a whole number by its place in it; `None` of other items.
fn part_of(whole: &Item, part: &Item, name: &str) -> Option<Formula> {
    let plain = !whole.content.starts_with("alpha")
        && whole.decimals == 0
        && part.decimals == 0
        && whole.sets.is_empty()
        && whole.occurrences.maximum <= 1
        && whole.capture != "date";
    let before = part.start.checked_sub(whole.start)?;
    let behind = whole.length.checked_sub(before)?.checked_sub(part.length)?;
    // Numbers of more digits are not exact.
    if !plain || part.length == 0 || whole.length > 15 {
        return None;
    }
    let power = |digits: u32| Formula::Number(10_f64.powi(i32::try_from(digits).unwrap_or(15)));
    let cut = Formula::binary(Operator::Divide, Formula::question(name), power(behind));
    let cut = Formula::call("floor", vec![cut]);
    Some(Formula::binary(Operator::Remainder, cut, power(part.length)))
}
