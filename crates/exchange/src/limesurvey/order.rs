//! Pages, and what changes places by chance: groups with one word for
//! randomisation, questions with another.

use std::collections::BTreeSet;

use survey_builder::questionnaire::document::{Block, Page, Question, Section, Text};

use super::build::Builder;

/// The questions made of one question, with the word for randomisation.
type Made = (String, Vec<Question>);

impl Builder<'_> {
    /// The pages of a group: one for all its questions or one for each, as the
    /// survey is shown.
    pub(super) fn pages_in_order(
        &mut self,
        wanted: &str,
        first: Vec<Question>,
        made: Vec<Made>,
    ) -> Vec<Block> {
        let words: BTreeSet<String> =
            made.iter().map(|(word, _)| word.clone()).filter(|word| !word.is_empty()).collect();
        let one_by_one = self.survey.settings.cell("format") == "S";
        if one_by_one && words.is_empty() {
            let questions = first.into_iter().chain(made.into_iter().flat_map(|(_, all)| all));
            return self.draft.pages(questions.collect());
        }
        if words.len() == 1 {
            let page = self.shuffled_page(wanted, first, made);
            return vec![Block::Page(page)];
        }
        if words.is_empty() {
            let mut questions = first;
            questions.extend(made.into_iter().flat_map(|(_, all)| all));
            return vec![Block::Page(self.draft.page(wanted, questions))];
        }
        self.runs(wanted, first, made)
    }

    /// A page on which those with a word change places.
    fn shuffled_page(&mut self, wanted: &str, first: Vec<Question>, made: Vec<Made>) -> Page {
        let mut questions = first;
        for question in &mut questions {
            question.anchored = true;
        }
        for (word, mut all) in made {
            for question in &mut all {
                question.anchored = word.is_empty() || question.kind.is_silent();
            }
            questions.append(&mut all);
        }
        let mut page = self.draft.page(wanted, questions);
        page.shuffled = true;
        page
    }

    /// Several words in a group: each run of one word is a page of its own.
    fn runs(&mut self, wanted: &str, first: Vec<Question>, made: Vec<Made>) -> Vec<Block> {
        let mut runs: Vec<(String, Vec<Made>)> = Vec::new();
        for (word, all) in made {
            match runs.last_mut() {
                Some((last, run)) if *last == word => run.push((word, all)),
                _ => runs.push((word.clone(), vec![(word, all)])),
            }
        }
        let mut seen = BTreeSet::new();
        for (word, _) in runs.iter().filter(|(word, _)| !word.is_empty()) {
            if !seen.insert(word.clone()) {
                let said = format!("{word}: only questions that follow each other change places");
                self.draft.kept(None, wanted, "random_group", &said);
            }
        }
        let mut before = first;
        let mut blocks = Vec::new();
        for (word, run) in runs {
            let before = std::mem::take(&mut before);
            let page = if word.is_empty() {
                let own = run.into_iter().flat_map(|(_, all)| all);
                self.draft.page(wanted, before.into_iter().chain(own).collect())
            } else {
                self.shuffled_page(wanted, before, run)
            };
            blocks.push(Block::Page(page));
        }
        blocks
    }

    /// Groups that change places stand in a section that is shuffled.
    pub(super) fn groups_in_order(&mut self, sections: Vec<Section>) -> Vec<Section> {
        let random: Vec<&str> =
            self.survey.groups.iter().map(|group| group.random.trim()).collect();
        let mut spans: Vec<(usize, usize, &str)> = Vec::new();
        let words: BTreeSet<&str> =
            random.iter().copied().filter(|word| !word.is_empty()).collect();
        for word in words {
            let places: Vec<usize> = (0..random.len()).filter(|at| random[*at] == word).collect();
            let (Some(&from), Some(&to)) = (places.first(), places.last()) else { continue };
            let is_free = spans.iter().all(|(start, end, _)| to < *start || from > *end);
            if from < to && is_free {
                spans.push((from, to, word));
            } else {
                // One alone, or one that another word's groups are among.
                self.draft.kept(None, "", "randomization_group", word);
            }
        }
        let mut made: Vec<Section> = Vec::new();
        let mut open: Option<(usize, &str, Vec<Block>)> = None;
        for (place, mut section) in sections.into_iter().enumerate() {
            if open.is_none() {
                let span = spans.iter().find(|(from, _, _)| *from == place);
                open = span.map(|(_, to, word)| (*to, *word, Vec::new()));
            }
            match &mut open {
                None => made.push(section),
                Some((to, word, blocks)) => {
                    section.anchored = random[place] != *word;
                    blocks.push(Block::Section(section));
                    if place == *to {
                        let wanted = format!("random_{word}");
                        let blocks = std::mem::take(blocks);
                        let mut around = self.draft.section(&wanted, Text::default(), blocks);
                        around.shuffled = true;
                        made.push(around);
                        open = None;
                    }
                }
            }
        }
        made
    }
}
