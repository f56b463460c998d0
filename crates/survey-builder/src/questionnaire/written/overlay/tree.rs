//! The lines as the tree that they mean, with what stands where it cannot.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Fault, Line, Sort};
use super::{has_name, is_name};
use crate::problem::Problem;

/// A section with what is in it.
pub(super) struct SectionLines<'a> {
    pub line: &'a Line,
    pub blocks: Vec<Block<'a>>,
}

/// A part of a section.
pub(super) enum Block<'a> {
    Section(SectionLines<'a>),
    Page(PageLines<'a>),
}

/// A page; without a line where its first question follows something else.
pub(super) struct PageLines<'a> {
    pub line: Option<&'a Line>,
    pub questions: Vec<QuestionLines<'a>>,
}

/// A question with its rows and options.
pub(super) struct QuestionLines<'a> {
    pub line: &'a Line,
    pub rows: Vec<&'a Line>,
    pub options: Vec<&'a Line>,
}

/// All of it.
#[derive(Default)]
pub(super) struct Tree<'a> {
    pub title: Option<&'a Line>,
    pub sections: Vec<SectionLines<'a>>,
    pub lists: Vec<(&'a Line, Vec<&'a Line>)>,
}

impl<'a> Tree<'a> {
    /// Builds it, and tells what does not fit.
    pub fn of(lines: &'a [Line], faults: &mut Vec<Fault>) -> Self {
        let mut tree = Self::default();
        // The sections that are open, the innermost last.
        let mut open: Vec<SectionLines<'a>> = Vec::new();
        let mut in_list = false;
        for line in lines {
            let mut wrong = |problem: Problem| faults.push(Fault { at: line.at, problem });
            match line.sort {
                Sort::Title => match tree.title {
                    None => tree.title = Some(line),
                    Some(_) => wrong(Problem::new("written-title-twice", "")),
                },
                Sort::Section(depth) => {
                    if depth > open.len() + 1 {
                        wrong(Problem::new("written-depth", ""));
                    }
                    tree.close(&mut open, depth - 1);
                    open.push(SectionLines { line, blocks: Vec::new() });
                    in_list = false;
                }
                Sort::End(depth) => {
                    if depth < 2 || depth > open.len() {
                        wrong(Problem::new("written-end", ""));
                    } else {
                        tree.close(&mut open, depth - 1);
                    }
                    in_list = false;
                }
                Sort::Page | Sort::Question if open.is_empty() => {
                    wrong(Problem::new("written-no-section", ""));
                }
                Sort::Page => {
                    if let Some(section) = open.last_mut() {
                        let page = PageLines { line: Some(line), questions: Vec::new() };
                        section.blocks.push(Block::Page(page));
                    }
                    in_list = false;
                }
                Sort::Question => {
                    if let Some(section) = open.last_mut() {
                        let (rows, options) = (Vec::new(), Vec::new());
                        put(section, QuestionLines { line, rows, options });
                    }
                    in_list = false;
                }
                Sort::List => {
                    tree.lists.push((line, Vec::new()));
                    in_list = true;
                }
                Sort::Option if in_list => {
                    if let Some((_, options)) = tree.lists.last_mut() {
                        options.push(line);
                    }
                }
                Sort::Row | Sort::Option => match last_question(&mut open).filter(|_| !in_list) {
                    Some(question) if line.sort == Sort::Row => question.rows.push(line),
                    Some(question) => question.options.push(line),
                    None => wrong(Problem::new("written-no-question", "")),
                },
            }
        }
        tree.close(&mut open, 0);
        tree.sections.iter_mut().for_each(drop_empty);
        tree.look_at_codes(faults);
        tree
    }

    /// Closes sections until so many are open.
    fn close(&mut self, open: &mut Vec<SectionLines<'a>>, until: usize) {
        while open.len() > until {
            let Some(done) = open.pop() else { break };
            match open.last_mut() {
                Some(outer) => outer.blocks.push(Block::Section(done)),
                None => self.sections.push(done),
            }
        }
    }

    /// Every page, in order.
    pub fn pages(&self) -> Vec<&PageLines<'a>> {
        fn within<'b, 'a>(section: &'b SectionLines<'a>, found: &mut Vec<&'b PageLines<'a>>) {
            for block in &section.blocks {
                match block {
                    Block::Section(inner) => within(inner, found),
                    Block::Page(page) => found.push(page),
                }
            }
        }
        let mut found = Vec::new();
        self.sections.iter().for_each(|section| within(section, &mut found));
        found
    }

    /// The line of every section.
    pub fn all_sections(&self) -> Vec<&'a Line> {
        fn within<'a>(section: &SectionLines<'a>, found: &mut Vec<&'a Line>) {
            found.push(section.line);
            for block in &section.blocks {
                if let Block::Section(inner) = block {
                    within(inner, found);
                }
            }
        }
        let mut found = Vec::new();
        self.sections.iter().for_each(|section| within(section, &mut found));
        found
    }

    /// Every question.
    pub fn questions(&self) -> Vec<&QuestionLines<'a>> {
        self.pages().into_iter().flat_map(|page| &page.questions).collect()
    }

    /// The lines of what expressions can name.
    pub fn named(&self) -> impl Iterator<Item = &'a Line> + use<'a> {
        let questions = self.questions();
        let lines: Vec<&'a Line> = questions
            .into_iter()
            .flat_map(|question| std::iter::once(question.line).chain(question.rows.clone()))
            .filter(|line| has_name(line))
            .collect();
        lines.into_iter()
    }

    /// Every code that is written, apart from those of options.
    pub fn codes(&self) -> BTreeSet<String> {
        let pages = self.pages();
        let lines = self
            .all_sections()
            .into_iter()
            .chain(pages.iter().filter_map(|page| page.line))
            .chain(self.named())
            .chain(self.lists.iter().map(|(line, _)| *line));
        lines.map(|line| line.code.clone()).filter(|code| !code.is_empty()).collect()
    }

    /// Codes that stand twice, and those that cannot be codes.
    fn look_at_codes(&self, faults: &mut Vec<Fault>) {
        let pages = self.pages();
        twice(self.all_sections().into_iter(), faults);
        twice(pages.iter().filter_map(|page| page.line), faults);
        twice(self.named(), faults);
        twice(self.lists.iter().map(|(line, _)| *line), faults);
        for (_, options) in &self.lists {
            twice(options.iter().copied(), faults);
        }
        for question in self.questions() {
            twice(question.options.iter().copied(), faults);
        }
    }

    /// The lines whose codes cannot be codes, among those that are new.
    pub fn strange(&self, known: &dyn Fn(&Line) -> bool) -> Vec<Fault> {
        self.named()
            .filter(|line| !line.code.is_empty() && !is_name(&line.code) && !known(line))
            .map(|line| {
                let problem = Problem::new("written-code", "").with("code", &line.code);
                Fault { at: line.at, problem }
            })
            .collect()
    }
}

/// A question on the last page of a section, or on one of its own where there is none.
fn put<'a>(section: &mut SectionLines<'a>, question: QuestionLines<'a>) {
    if let Some(Block::Page(page)) = section.blocks.last_mut() {
        page.questions.push(question);
    } else {
        let page = PageLines { line: None, questions: vec![question] };
        section.blocks.push(Block::Page(page));
    }
}

fn last_question<'b, 'a>(open: &'b mut [SectionLines<'a>]) -> Option<&'b mut QuestionLines<'a>> {
    match open.last_mut()?.blocks.last_mut()? {
        Block::Page(page) => page.questions.last_mut(),
        Block::Section(_) => None,
    }
}

/// Pages without a code and without a question mean nothing.
fn drop_empty(section: &mut SectionLines<'_>) {
    section.blocks.retain_mut(|block| match block {
        Block::Section(inner) => {
            drop_empty(inner);
            true
        }
        Block::Page(page) => {
            !page.questions.is_empty() || page.line.is_some_and(|line| !line.code.is_empty())
        }
    });
}

fn twice<'a>(lines: impl Iterator<Item = &'a Line>, faults: &mut Vec<Fault>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.filter(|line| !line.code.is_empty()) {
        if let Some(first) = seen.get(line.code.as_str()) {
            let problem = Problem::new("written-code-twice", "").with("code", &line.code);
            faults.push(Fault { at: line.at, problem: problem.with("line", *first) });
        } else {
            seen.insert(&line.code, line.at.line);
        }
    }
}
