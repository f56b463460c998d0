//! Makes the document: headings become sections, what is asked questions, what is
//! said to go elsewhere conditions where it is certain what it means.

use survey_builder::problem::{Finding, Problem, Severity};
use survey_builder::questionnaire::answer::{ItemId, State};
use survey_builder::questionnaire::document::{
    Battery, Cell, Choice, Column, DatePart, DateRange, Document, Grid, Kind, Language, ListOption,
    MultipleChoice, NumberRange, OtherText, Question, Row, Scale, Section, Text, TextRule,
};

use super::blank::{Blank, written};
use super::body::{Body, HEADING, Ledger};
use super::outline::{Asked, Columns, Entry, Offered, Points, Rows, Sign, Words};
use super::phrases::{allows_several, asks_for_order, at_most, is_dont_know, is_refusal};
use super::sort::Outline;
use crate::account;
use crate::draft::text::language_name;
use crate::draft::{Draft, fit_name, settle};

/// The longest name of a questionnaire.
const NAME: usize = 40;

/// Makes the document of an outline.
pub(super) fn build(outline: &Outline, body: &Body) -> (Document, Vec<Finding>) {
    let title = outline.title.whole();
    let name: String = title.chars().take(NAME).collect();
    let codes: &[&str] = match (outline.languages.is_two, outline.languages.is_english_first) {
        (false, _) => &[],
        (true, false) => &["vi", "en"],
        (true, true) => &["en", "vi"],
    };
    let languages = codes
        .iter()
        .map(|code| Language { code: (*code).to_owned(), name: language_name(code).to_owned() });
    let form = fit_name(name.trim(), "form");
    let draft = Draft::new(form.trim_matches('_'), Text::default(), languages.collect());
    let squares_differ = differs(outline);
    let mut builder = Builder { draft, ledger: &body.ledger, squares_differ, asked: Vec::new() };
    builder.draft.document.title = builder.text(&outline.title);
    builder.entries(&outline.entries);
    builder.follow(&outline.entries);
    let mut draft = builder.draft;
    let lines = body.ledger.count();
    let left: Vec<_> = body.left.iter().cloned().chain(body.ledger.left(&outline.layout)).collect();
    account::tell(&mut draft, &left, &["header", "footer", "glossary", HEADING]);
    let questions = draft.document.questions().filter(|one| one.kind.takes_answer()).count();
    let problem = Problem::new("import_word", "").with("lines", lines).with("questions", questions);
    draft.problems.insert(0, Finding { severity: Severity::Note, problem });
    settle::finish(draft)
}

/// Whether a file has square boxes for several answers and round ones for one.
fn differs(outline: &Outline) -> bool {
    let options = outline.entries.iter().filter_map(|entry| match entry {
        Entry::Question(asked) => Some(&asked.options),
        _ => None,
    });
    let options: Vec<&Offered> = options.flatten().collect();
    let has = |sign| options.iter().any(|one| one.sign == Some(sign));
    has(Sign::Square) && has(Sign::Circle)
}

/// A question as the outline has it, under the name it was given.
pub(super) struct Made {
    /// Its place among the entries of the outline.
    pub entry: usize,
    pub id: ItemId,
    pub name: String,
    pub is_multiple: bool,
    /// The codes of its options, in their order.
    pub codes: Vec<String>,
}

pub(super) struct Builder<'b> {
    pub draft: Draft,
    pub ledger: &'b Ledger,
    squares_differ: bool,
    /// Every question and note that was made, in order.
    pub asked: Vec<Made>,
}

impl Builder<'_> {
    /// Words as a text; their lines are carried over with them.
    fn text(&self, words: &Words) -> Text {
        words.entries.iter().for_each(|entry| self.ledger.take(*entry));
        let languages = &self.draft.document.languages;
        let mut text = Text::default();
        for language in languages {
            let own = words.pieces.iter().filter(|(code, _)| {
                languages.len() < 2 || code.is_none_or(|code| code == language.code)
            });
            let lines: Vec<&str> = own.map(|(_, text)| text.as_str()).collect();
            if !lines.is_empty() {
                text.0.insert(language.code.clone(), lines.join("\n"));
            }
        }
        text
    }

    fn entries(&mut self, entries: &[Entry]) {
        let mut sections: Vec<Section> = Vec::new();
        let mut heading = Words::default();
        let mut questions: Vec<Question> = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            match entry {
                Entry::Heading(words) => {
                    // Headings that follow each other are one.
                    if !questions.is_empty() {
                        let all = std::mem::take(&mut questions);
                        let section = self.section(sections.len(), &heading, all);
                        sections.push(section);
                        heading = Words::default();
                    }
                    heading.append(words.clone());
                }
                Entry::Note(words) => {
                    let question = self.note(place, words);
                    questions.push(question);
                }
                Entry::Question(asked) => {
                    let question = self.question(place, asked);
                    questions.push(question);
                }
            }
        }
        // A heading that nothing follows is something to read.
        if questions.is_empty() && !heading.is_empty() {
            let words = std::mem::take(&mut heading);
            let note = self.note(entries.len(), &words);
            questions.push(note);
        }
        let section = self.section(sections.len(), &heading, questions);
        sections.push(section);
        self.draft.document.sections = sections;
    }

    fn section(&mut self, place: usize, heading: &Words, questions: Vec<Question>) -> Section {
        let title = self.text(heading);
        let blocks = self.draft.pages(questions);
        self.draft.section(&format!("section_{}", place + 1), title, blocks)
    }

    fn note(&mut self, entry: usize, words: &Words) -> Question {
        let wording = self.text(words);
        self.made(entry, "note", wording, Kind::Note)
    }

    fn made(&mut self, entry: usize, wanted: &str, wording: Text, kind: Kind) -> Question {
        let name = self.draft.name_of_ours(wanted);
        let id = self.draft.id("question", &name);
        let made = Made { entry, id, name: name.clone(), is_multiple: false, codes: Vec::new() };
        self.asked.push(made);
        Question::new(id, &name, wording, kind)
    }

    fn question(&mut self, entry: usize, asked: &Asked) -> Question {
        let wanted = match &asked.number {
            Some(number) => fit_name(&number.replace(['.', '-'], "_"), "q").replace("q_", "q"),
            None => "q".to_owned(),
        };
        let wording = self.text(&asked.wording);
        let mut question = self.made(entry, &wanted, wording, Kind::Note);
        question.number.clone_from(&asked.number);
        let mut hint = asked.hint.clone();
        question.instruction = self.text(&asked.instruction);
        question.kind = if let Some(table) = &asked.table {
            self.rows(&question, table)
        } else if !asked.options.is_empty() {
            self.choice(&question, asked)
        } else if let Some(points) = &asked.scale {
            self.scale(points)
        } else {
            open(asked)
        };
        // What stands behind a blank that is no number is said beside the question.
        match &mut question.kind {
            Kind::Decimal(range) => range.unit = self.text(&asked.unit),
            _ => hint.append(asked.unit.clone()),
        }
        question.hint = self.text(&hint);
        question
    }

    fn scale(&self, points: &Points) -> Kind {
        let (low, high) = (self.text(&points.low), self.text(&points.high));
        Kind::Scale(Scale { from: points.from, to: points.to, low, high, ..Scale::default() })
    }

    /// A list of options under the codes that are printed, or else their places.
    fn options(&self, offered: &[Offered]) -> Vec<ListOption> {
        let mut codes: Vec<&str> = offered.iter().filter_map(|one| one.code.as_deref()).collect();
        let all = codes.len() == offered.len();
        codes.sort_unstable();
        codes.dedup();
        let printed = all && codes.len() == offered.len();
        let option = |(place, one): (usize, &Offered)| {
            let own = one.code.clone().filter(|_| printed);
            let code = own.unwrap_or_else(|| (place + 1).to_string());
            let mut label = self.text(&one.label);
            if label.is_empty() {
                label = self.draft.text(one.code.as_deref().unwrap_or(&code));
            }
            let mut option = ListOption::new(ItemId::nil(), &code, label);
            let said = one.label.first();
            option.missing = if is_dont_know(said) {
                Some(State::DontKnow)
            } else {
                is_refusal(said).then_some(State::Refused)
            };
            option
        };
        offered.iter().enumerate().map(option).collect()
    }

    fn choice(&mut self, question: &Question, asked: &Asked) -> Kind {
        let options = self.options(&asked.options);
        let codes: Vec<String> = options.iter().map(|option| option.code.clone()).collect();
        let mut choice = Choice::of("");
        let with_blank = asked.options.iter().zip(&codes).filter(|(one, _)| one.has_blank);
        for (place, (one, code)) in with_blank.enumerate() {
            if place > 0 {
                let said = one.label.whole();
                let at = asked.number.clone().unwrap_or_else(|| question.name.clone());
                self.draft.kept(Some(question.id), at, "text", &said);
                continue;
            }
            let name = self.draft.name_of_ours(&format!("{}_other", question.name));
            let id = self.draft.id("question", &name);
            let wording = Text::default();
            choice.other = Some(OtherText { id, name, option: code.clone(), wording });
        }
        choice.list = self.draft.list_of(&question.name, options);
        let said = [&asked.wording, &asked.hint, &asked.instruction].map(Words::whole).join(" ");
        let all_square = asked.options.iter().all(|one| one.sign == Some(Sign::Square));
        let several = allows_several(&said) || self.squares_differ && all_square;
        let ranks = asks_for_order(&said);
        if let Some(made) = self.asked.last_mut() {
            made.is_multiple = several && !ranks;
            made.codes = codes;
        }
        let many = MultipleChoice { choice, at_least: None, at_most: at_most(&said) };
        if ranks {
            Kind::Ranking(MultipleChoice { choice: Choice { other: None, ..many.choice }, ..many })
        } else if several {
            Kind::Multiple(many)
        } else {
            Kind::Single(many.choice)
        }
    }

    fn rows(&mut self, question: &Question, table: &Rows) -> Kind {
        let mut rows = Vec::new();
        for (place, (number, words)) in table.rows.iter().enumerate() {
            let own = number.as_ref().map(|number| number.replace(['.', '-'], "_"));
            let wanted = own.unwrap_or_else(|| format!("{}_{}", question.name, place + 1));
            let name = self.draft.name_of_ours(&wanted);
            let (id, wording) = (self.draft.id("row", &name), self.text(words));
            rows.push(Row { id, name, wording, relevant: None });
        }
        match &table.columns {
            Columns::Scale(offered) => {
                let options = self.options(offered);
                let list = self.draft.list_of(&question.name, options);
                Kind::Battery(Battery { list, rows, shuffled: false })
            }
            Columns::Boxes(boxes) => {
                let mut columns = Vec::new();
                for (place, (label, blank)) in boxes.iter().enumerate() {
                    let name = format!("c{}", place + 1);
                    let id = self.draft.id("column", &format!("{}\u{1f}{name}", question.name));
                    let cell = match blank {
                        Some(Blank::Digits) => Cell::Decimal(NumberRange::default()),
                        _ => Cell::Text(TextRule::default()),
                    };
                    columns.push(Column { id, name, label: self.text(label), cell });
                }
                Kind::Grid(Grid { rows, columns, shuffled: false, total: None })
            }
        }
    }
}

/// How an answer in words or numbers is written.
fn open(asked: &Asked) -> Kind {
    let said = [&asked.wording, &asked.hint].map(Words::whole).join(" ");
    match written(&said, &asked.blanks) {
        Blank::Date => Kind::Date(DateRange { precision: DatePart::Day, ..DateRange::default() }),
        Blank::Digits => Kind::Decimal(NumberRange::default()),
        Blank::Line if asked.blanks.len() > 1 => Kind::LongText(TextRule::default()),
        Blank::Line => Kind::ShortText(TextRule::default()),
    }
}
