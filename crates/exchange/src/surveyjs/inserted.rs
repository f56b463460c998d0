//! What texts insert beside plain answers: the number of a member and one
//! member's answer become values that are worked out before the text. What
//! nothing stands for stays as it is written, which is what is shown there, and is
//! told.

use std::collections::{BTreeMap, BTreeSet};

use survey_builder::problem::phrase;
use survey_builder::questionnaire::document::{
    Block, Computed, Kind, Page, Question, Section, Text,
};

use super::Reader;
use crate::draft::Slot;
use crate::formula::Formula;

/// The values that texts insert so far, by roster and what is written.
#[derive(Default)]
struct Values {
    known: BTreeMap<(String, String), String>,
    /// Those made since they were last put on a page.
    made: Vec<Question>,
    /// What was told as lost.
    lost: BTreeSet<String>,
}

impl Reader {
    /// Puts values for what texts of these sections insert.
    pub(super) fn insert(&mut self, sections: &mut [Section]) {
        let mut values = Values::default();
        for section in sections.iter_mut() {
            self.insert_in(section, None, &mut values);
        }
        let mut document = std::mem::take(&mut self.draft.document);
        document.each_text(|worded| self.put_all(worded.text, None, worded.place, &mut values));
        self.draft.document = document;
    }

    fn insert_in(&mut self, section: &mut Section, around: Option<&str>, values: &mut Values) {
        self.put_all(&mut section.title, around, &section.name, values);
        let own = section.each.as_ref().map(|each| each.roster.clone());
        let place =
            self.draft.document.rosters.iter().position(|it| Some(&it.name) == own.as_ref());
        if let Some(place) = place {
            let mut label = std::mem::take(&mut self.draft.document.rosters[place].label);
            self.put_all(&mut label, own.as_deref(), &section.name, values);
            self.draft.document.rosters[place].label = label;
        }
        let inside = own.as_deref().or(around);
        for block in &mut section.blocks {
            match block {
                Block::Section(inner) => self.insert_in(inner, inside, values),
                Block::Page(page) => self.insert_on(page, inside, values),
            }
        }
    }

    fn insert_on(&mut self, page: &mut Page, inside: Option<&str>, values: &mut Values) {
        for question in &mut page.questions {
            let place = question.name.clone();
            let mut texts = vec![&mut question.wording, &mut question.hint];
            texts.extend(question.constraints.iter_mut().map(|one| &mut one.message));
            match &mut question.kind {
                Kind::Battery(battery) => {
                    texts.extend(battery.rows.iter_mut().map(|row| &mut row.wording));
                }
                Kind::Grid(grid) => {
                    texts.extend(grid.rows.iter_mut().map(|row| &mut row.wording));
                    texts.extend(grid.columns.iter_mut().map(|column| &mut column.label));
                }
                _ => {}
            }
            for text in texts {
                self.put_all(text, inside, &place, values);
            }
        }
        page.questions.splice(0..0, std::mem::take(&mut values.made));
    }

    fn put_all(&mut self, text: &mut Text, inside: Option<&str>, place: &str, values: &mut Values) {
        for words in text.0.values_mut().filter(|words| words.contains('{')) {
            *words = self.put_in(words, inside, place, values);
        }
    }

    fn put_in(
        &mut self,
        words: &str,
        inside: Option<&str>,
        place: &str,
        values: &mut Values,
    ) -> String {
        let mut whole = String::with_capacity(words.len());
        let mut rest = words;
        while let Some((before, after)) = rest.split_once('{') {
            whole.push_str(before);
            let written = after.split_once('}').filter(|(name, _)| is_name(name));
            // What has a dollar before it was put there by us.
            let Some((name, behind)) = written.filter(|_| !whole.ends_with('$')) else {
                whole.push('{');
                rest = after;
                continue;
            };
            rest = behind;
            match self.value_of(name.trim(), inside, place, values) {
                Some(ours) => whole.push_str(&format!("${{{ours}}}")),
                None => {
                    whole.push_str(&format!("{{{name}}}"));
                    if values.lost.insert(format!("{place}\u{1f}{name}")) {
                        let reason = phrase("phrase-no-question-is-called").with("name", name);
                        let written = format!("{{{name}}}");
                        self.draft.condition_lost(None, "text", &written, place, reason);
                    }
                }
            }
        }
        whole + rest
    }

    /// The value that stands for what a text inserts.
    fn value_of(
        &mut self,
        written: &str,
        inside: Option<&str>,
        place: &str,
        values: &mut Values,
    ) -> Option<String> {
        let (wanted, formula) = match written {
            "panelIndex" | "rowIndex" => {
                let inside = inside?;
                (format!("{inside}_number"), Formula::call("position", Vec::new()))
            }
            // Of members their answers, counted from 0.
            _ => {
                let (roster, after) = written.split_once('[')?;
                let (number, inner) = after.split_once("].")?;
                let number: u32 = number.trim().parse().ok()?;
                let ours = self.names.find_ours(&format!("{roster}.{inner}"), None)?;
                let members = Formula::Question(self.names.ours(roster));
                let which = Formula::Number(f64::from(number) + 1.0);
                let parts = vec![Formula::question(&ours), members, which];
                (format!("{ours}_{}", number + 1), Formula::call("indexed-repeat", parts))
            }
        };
        let key = (inside.unwrap_or_default().to_owned(), wanted.clone());
        if let Some(known) = values.known.get(&key) {
            return Some(known.clone());
        }
        let kind = Kind::Computed(Computed { expression: String::new(), list: None });
        let question = self.draft.question(&wanted, Text::default(), kind);
        let name = question.name.clone();
        self.draft.later(Slot::Calculation(question.id), Ok(formula), written, place);
        values.known.insert(key, name.clone());
        values.made.push(question);
        Some(name)
    }
}

/// Whether what stands in braces can name something.
fn is_name(written: &str) -> bool {
    let name = written.trim();
    let fits = |next: char| next.is_alphanumeric() || "_-.[]' ".contains(next);
    name.chars().next().is_some_and(char::is_alphabetic)
        && name.chars().all(fits)
        && name.len() < 100
}
