//! A questionnaire on paper: every question with its codes, and its skips in
//! words, good enough to interview from.

pub mod condition;
mod layout;
mod question;

use std::collections::HashMap;
use std::hash::BuildHasher;

use fielding::error::Error;
use fielding::store::studies::Study;
use serde::Serialize;
use survey_builder::questionnaire::document::{Block, Document, Each, Kind, Members, Section};
use survey_builder::questionnaire::expression::Expression;
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::version::Version;

use self::condition::{Named, Teller};
use self::layout::Paper;
use crate::render::{render, style};
use crate::visitor::LogoShown;

pub use self::question::QuestionView;

/// Lines to write the members of a roster on, where it sets no limit of its own.
const MEMBER_LINES: u32 = 8;

/// A part of the questionnaire.
#[derive(Debug, Serialize)]
pub struct SectionView {
    title: String,
    /// When it is asked, in words; empty means always.
    condition: String,
    /// For whom or what it is asked again and again, in words.
    each: String,
    /// The members that are always there: code and label.
    members: Vec<(String, String)>,
    /// How many lines there are to write members on.
    lines: u32,
    questions: Vec<QuestionView>,
}

/// The language in which the program speaks on a paper whose texts are in
/// `shown`: the same where it can, else the reader's.
pub fn language_of<'a>(shown: &'a str, reader: &'a str) -> &'a str {
    let speaks = locale::LANGUAGES.iter().any(|(code, _)| *code == shown);
    if speaks { shown } else { reader }
}

/// Lays out a version on paper. `shown` is the language of the questionnaire's
/// texts, `reader` that of who reads the page.
pub fn paper(version: &Version, shown: &str, reader: &str) -> Vec<SectionView> {
    let language = language_of(shown, reader);
    let paper = Paper {
        version,
        shown,
        language,
        teller: teller(version, shown, language),
        labels: labels(&version.document),
    };
    version.document.sections.iter().flat_map(|section| paper.section(section)).collect()
}

/// The paper as a file that needs nothing else: HTML with its style in it.
///
/// # Errors
///
/// A template that fails.
pub fn html(version: &Version, shown: &str, reader: &str) -> Result<String, Error> {
    let page = paper_page(version, shown, reader);
    render("studies/paper.html", language_of(shown, reader), &page)
}

fn paper_page(version: &Version, shown: &str, reader: &str) -> PaperPage {
    let document = &version.document;
    PaperPage {
        title: document.title.get(shown, &document.default_language).to_owned(),
        sections: paper(version, shown, reader),
        asked_by: None,
        style: style("staff.css"),
    }
}

/// The file of a paper.
#[derive(Serialize)]
struct PaperPage {
    title: String,
    sections: Vec<SectionView>,
    asked_by: Option<AskedBy>,
    style: String,
}

/// Who asks, at the head of a paper: there where a study is known.
#[derive(Clone, Debug, Serialize)]
pub struct AskedBy {
    organisation: String,
    logo: Option<LogoShown>,
}

impl AskedBy {
    /// Whoever asks in a study, in the language of the paper.
    pub fn of(study: &Study, shown: &str) -> Self {
        Self { organisation: study.organisation.clone(), logo: LogoShown::of(study, shown) }
    }

    #[cfg(test)]
    pub(crate) fn example() -> Self {
        let logo = LogoShown { address: "/logo/0190/ab".to_owned(), alt: "…".to_owned() };
        Self { organisation: "Viện Nghiên cứu".to_owned(), logo: Some(logo) }
    }
}

/// What says the conditions of a version in words.
pub fn teller<'a>(version: &'a Version, shown: &'a str, language: &'a str) -> Teller<'a> {
    let names = names(version, &labels(&version.document), language, shown);
    Teller::new(version, names, language, shown)
}

/// What stands before each question: the author's numbers, else a count of
/// those that are answered. Keyed by the question's name.
pub fn labels(document: &Document) -> HashMap<String, String> {
    let numbered = document.questions().any(|question| question.number.is_some());
    let mut count = 0;
    document
        .questions()
        .filter_map(|question| {
            let label = if numbered {
                question.number.clone()?
            } else if question.kind.takes_answer() {
                count += 1;
                count.to_string()
            } else {
                return None;
            };
            Some((question.name.clone(), label))
        })
        .collect()
}

/// What every item and roster is called in conditions, by its reference.
pub fn names(
    version: &Version,
    labels: &HashMap<String, String, impl BuildHasher>,
    language: &str,
    shown: &str,
) -> HashMap<String, Named> {
    let document = &version.document;
    let mut names = HashMap::new();
    for question in document.questions() {
        let own = match labels.get(&question.name) {
            Some(number) => locale::text(language, "paper-question", &[("number", number)]),
            None => question.name.clone(),
        };
        let items = question.items();
        let alone = items.iter().filter(|item| !item.is_other).count() == 1;
        for item in items {
            let part =
                item.row.map_or("", |row| row.wording.get(shown, &document.default_language));
            let column = item
                .column
                .map_or("", |column| column.label.get(shown, &document.default_language));
            let words = match (part, column) {
                _ if item.is_other => {
                    locale::text(language, "paper-other-of", &[("question", &own)])
                }
                _ if alone => own.clone(),
                ("", "") => {
                    format!("{own} ({})", item.wording.get(shown, &document.default_language))
                }
                (part, "") => format!("{own} ({part})"),
                (part, column) => format!("{own} ({part} – {column})"),
            };
            let list = item.list().map(str::to_owned);
            names.insert(reference(item.id), Named { words, list });
        }
        // What is worked out has a list only when its document says so.
        names
            .entry(reference(question.id))
            .or_insert_with(|| Named { words: own, list: question.kind.list().map(str::to_owned) });
    }
    for roster in &document.rosters {
        let words = roster.name.clone();
        names.insert(reference(roster.id), Named { words, list: None });
    }
    names
}

impl Paper<'_> {
    fn section(&self, section: &Section) -> Vec<SectionView> {
        let mut views = vec![self.heading(section)];
        for block in &section.blocks {
            match block {
                Block::Section(inner) => views.extend(self.section(inner)),
                Block::Page(page) => {
                    let index = self.version.page_named(&page.name);
                    let compiled = index.and_then(|index| self.version.pages().get(index));
                    // The sections' conditions stand at their headings.
                    let own = compiled
                        .filter(|_| page.relevant.is_some())
                        .and_then(|page| page.relevant.last());
                    let questions =
                        page
                        .questions
                        .iter()
                        // The interview keeps it itself: on paper it stands at the head.
                        .filter(|question| !matches!(&question.kind, Kind::Hidden(hidden) if hidden.is_of_interview()))
                        .map(|question| self.question(question, own));
                    if let Some(last) = views.last_mut() {
                        last.questions.extend(questions);
                    }
                }
            }
        }
        views.retain(|view| !view.questions.is_empty() || !view.title.is_empty() || view.lines > 0);
        views
    }

    fn heading(&self, section: &Section) -> SectionView {
        let compiled = self.version.section(section.id);
        let condition = compiled
            .filter(|_| section.relevant.is_some())
            .and_then(|compiled| compiled.relevant.last());
        let mut view = SectionView {
            title: self.text(&section.title),
            condition: condition.map(|condition| self.tell(condition, None)).unwrap_or_default(),
            each: String::new(),
            members: Vec::new(),
            lines: 0,
            questions: Vec::new(),
        };
        if let Some(each) = &section.each {
            self.members(section, each, compiled.and_then(|one| one.filter.as_ref()), &mut view);
        }
        view
    }

    /// For whom a section is asked, and where their names are written down.
    fn members(
        &self,
        section: &Section,
        each: &Each,
        filter: Option<&Expression>,
        view: &mut SectionView,
    ) {
        let Some(roster) = self.version.document.roster(&each.roster) else { return };
        let (name, mut wording) = (roster.name.as_str(), String::new());
        // Members are written down where they are first asked about.
        let sections = self.version.document.all_sections();
        let uses = |one: &&Section| one.each.as_ref().is_some_and(|each| each.roster == name);
        let is_first = sections.into_iter().find(uses).is_some_and(|first| first.id == section.id);
        match &roster.members {
            Members::Fixed { members } => {
                view.members = members
                    .iter()
                    .map(|member| (member.code.clone(), self.text(&member.label)))
                    .collect();
            }
            Members::Count { .. } => {
                let count = self.version.roster(roster.id).and_then(|one| one.count.as_ref());
                wording = count.map(|count| self.tell(count, None)).unwrap_or_default();
            }
            Members::Chosen { question } => {
                let named = self.version.item_named(question);
                wording =
                    named.map(|(item, _)| self.teller.name(&reference(item))).unwrap_or_default();
            }
            Members::Listed { question: whole } | Members::Others { roster: whole, .. } => {
                wording.clone_from(whole);
            }
            Members::Added { at_most, wording: asked, .. } => {
                if is_first {
                    view.lines = at_most.unwrap_or(MEMBER_LINES).min(2 * MEMBER_LINES);
                    wording = self.text(asked);
                }
            }
        }
        let key = match &roster.members {
            Members::Fixed { .. } => "paper-each-fixed",
            Members::Count { .. } => "paper-each-count",
            Members::Chosen { .. } => "paper-each-chosen",
            Members::Listed { .. } => "paper-each-listed",
            Members::Others { later: false, .. } => "paper-each-others",
            Members::Others { later: true, .. } => "paper-each-later",
            Members::Added { .. } if is_first => "paper-each-added",
            Members::Added { .. } => "paper-each-again",
        };
        view.each = locale::text(self.language, key, &[("roster", name), ("of", &wording)]);
        if let Some(filter) = filter {
            let words = self.tell(filter, None);
            view.each.push(' ');
            view.each.push_str(&locale::text(self.language, "paper-each-if", &[("if", &words)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fielding::files::questionnaire::read;
    use survey_builder::questionnaire::publish::publish;

    use super::*;
    use crate::examples::shows;

    fn version(name: &str) -> Version {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/questionnaires");
        let bytes = std::fs::read(top.join(name)).expect("fixture");
        publish(read(&[(name, &bytes)]).document().expect("reads")).expect("publishes")
    }

    /// The text of the paper without tags, one line a paragraph.
    fn text(name: &str, shown: &str) -> String {
        let html = html(&version(name), shown, "en").expect("template");
        let (_, body) = html.split_once("<body>").expect("body");
        let mut text = String::new();
        for piece in body.split('<').skip(1) {
            text.push_str(piece.split_once('>').map_or("", |(_, rest)| rest));
        }
        text
    }

    #[test]
    fn skips_rules_and_rosters_are_said_in_words_in_both_languages() {
        let english = text("household.json", "en");
        let vietnamese = text("household.json", "vi");
        for (language, paper, expected) in [
            (
                "en",
                &english,
                [
                    "Ask if question 3 is at least 15.",
                    "= 1 if question 3 is at least 18, else 0",
                    "Ask this part for each trip; there are as many as question 6.",
                    "Only those for whom question 5 is yes (Yes).",
                    "[question 2]",
                    "the sum of question 7 for every member",
                ],
            ),
            (
                "vi",
                &vietnamese,
                [
                    "Hỏi nếu câu 3 từ 15 trở lên.",
                    "= 1 nếu câu 3 từ 18 trở lên, nếu không thì 0",
                    "Hỏi phần này cho từng trip; số lượng bằng câu 6.",
                    "Chỉ với những ai mà câu 5 là yes (Có).",
                    "[câu 2]",
                    "tổng của câu 7 của mọi thành viên",
                ],
            ),
        ] {
            for one in expected {
                assert!(paper.contains(one), "{language}: no \"{one}\" in\n{paper}");
            }
        }
    }

    #[test]
    fn papers_show_their_examples() {
        let versions = ["household.json", "more-kinds.json", "all-kinds.json"].map(version);
        shows("studies/paper.html", |language| {
            let bare = versions.iter().map(|version| paper_page(version, language, language));
            let headed = PaperPage {
                asked_by: Some(AskedBy::example()),
                ..paper_page(&versions[0], language, language)
            };
            bare.chain([headed]).collect()
        });
    }

    #[test]
    fn every_kind_has_its_place_to_answer() {
        let paper = text("more-kinds.json", "en");
        for one in ["|__|__| : |__|__|", "|__|__| / |__|__|__|__|", "hours", "from 2 to 3 answers"]
        {
            assert!(paper.contains(one), "no \"{one}\" in\n{paper}");
        }
        let empty = paper.contains("{{") || paper.contains("say-") || paper.contains("paper-");
        assert!(!empty, "a text has no words in\n{paper}");
    }
}
