//! Gathers questions into pages and sections: one topic a page.
//!
//! Each question has its page, and a battery has one. A note stands on the
//! page that follows it, a calculation on the page before it; where there is
//! none in their group they have their own.

use survey_builder::questionnaire::document::{
    Block, Kind, Page, Question, Section, Text, identity_of,
};

/// The sections of a form as they grow.
#[derive(Debug)]
pub(super) struct Pages<'f> {
    form: &'f str,
    sections: Vec<Section>,
    /// Whether the last section stands for questions outside any group.
    loose: bool,
    /// Notes and calculations that wait for their page, and its condition.
    waiting: Vec<Question>,
    waiting_relevant: Option<String>,
}

impl<'f> Pages<'f> {
    pub(super) fn new(form: &'f str) -> Self {
        Self {
            form,
            sections: Vec::new(),
            loose: false,
            waiting: Vec::new(),
            waiting_relevant: None,
        }
    }

    /// Begins the section of a group.
    pub(super) fn begin_section(&mut self, name: &str, title: Text, relevant: Option<String>) {
        self.settle();
        self.push_section(name, title, relevant);
        self.loose = false;
    }

    /// Ends it: what follows stands outside any group.
    pub(super) fn end_section(&mut self) {
        self.settle();
        self.loose = false;
        self.push_loose();
    }

    fn push_section(&mut self, name: &str, title: Text, relevant: Option<String>) {
        self.sections.retain(|section| !section.blocks.is_empty());
        let id = identity_of(self.form, "section", name);
        self.sections.push(Section { title, relevant, ..Section::new(id, name, Vec::new()) });
    }

    fn push_loose(&mut self) {
        if !self.loose {
            // Named after its first page, once there is one.
            self.push_section("", Text::default(), None);
            self.loose = true;
        }
    }

    /// Adds a question under a page condition.
    pub(super) fn add(&mut self, question: Question, relevant: Option<&str>) {
        match question.kind {
            Kind::Computed(_) if self.waiting.is_empty() && self.last_page_is(relevant) => {
                if let Some(page) = self.last_page() {
                    page.questions.push(question);
                }
            }
            Kind::Note | Kind::Computed(_) => self.wait(question, relevant),
            _ => self.add_page(vec![question], relevant),
        }
    }

    /// Adds questions that share one page.
    pub(super) fn add_page(&mut self, questions: Vec<Question>, relevant: Option<&str>) {
        if self.waiting_relevant.as_deref() != relevant {
            self.settle();
        }
        let mut all = std::mem::take(&mut self.waiting);
        all.extend(questions);
        self.push_page(all, relevant);
    }

    fn wait(&mut self, question: Question, relevant: Option<&str>) {
        if self.waiting_relevant.as_deref() != relevant {
            self.settle();
        }
        self.waiting.push(question);
        self.waiting_relevant = relevant.map(str::to_owned);
    }

    /// Gives what still waits a page of its own.
    fn settle(&mut self) {
        let questions = std::mem::take(&mut self.waiting);
        let relevant = self.waiting_relevant.take();
        if !questions.is_empty() {
            self.push_page(questions, relevant.as_deref());
        }
    }

    fn push_page(&mut self, questions: Vec<Question>, relevant: Option<&str>) {
        if self.sections.is_empty() {
            self.push_loose();
        }
        // The page is named after the first question that is answered on it.
        let name = questions
            .iter()
            .find(|question| question.kind.takes_answer())
            .or(questions.first())
            .map_or_else(String::new, |question| question.name.clone());
        let Some(section) = self.sections.last_mut() else { return };
        if section.name.is_empty() {
            section.name.clone_from(&name);
            section.id = identity_of(self.form, "section", &name);
        }
        let id = identity_of(self.form, "page", &name);
        let relevant = relevant.map(str::to_owned);
        section.blocks.push(Block::Page(Page { relevant, ..Page::new(id, &name, questions) }));
    }

    fn last_page(&mut self) -> Option<&mut Page> {
        match self.sections.last_mut()?.blocks.last_mut()? {
            Block::Page(page) => Some(page),
            Block::Section(_) => None,
        }
    }

    fn last_page_is(&mut self, relevant: Option<&str>) -> bool {
        self.last_page().is_some_and(|page| page.relevant.as_deref() == relevant)
    }

    /// The sections that have pages.
    pub(super) fn finish(mut self) -> Vec<Section> {
        self.settle();
        self.sections.retain(|section| !section.blocks.is_empty());
        self.sections
    }
}
