//! What the pages of who answers show: one struct a template.

use serde::Serialize;

use super::view::PageView;
use crate::visitor::VisitorLayout;

/// Where files lie that a questionnaire shows, below the pages of an interview.
pub const MEDIA_FOLDER: &str = "media/";

/// The welcome.
#[derive(Serialize)]
pub struct WelcomePage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    pub questions: usize,
    pub minutes: f64,
    /// Whose form it is.
    pub token: String,
}

/// The welcome back.
#[derive(Serialize)]
pub struct ResumePage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    /// Sections that are done.
    pub done: usize,
    pub sections: usize,
}

/// The end, or why there is nothing to answer.
#[derive(Serialize)]
pub struct EndPage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    /// `thanks`, `already`, `screened`, `refused` or `closed`.
    pub message: &'static str,
    /// The day on which it ended; empty where nobody knows it any more.
    pub date: String,
    /// What confirms it.
    pub code: String,
    /// The time of day, told once.
    pub time: String,
}

/// Something that is said.
#[derive(Serialize)]
pub struct MessagePage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    /// Under which its texts are.
    pub message: &'static str,
}

/// A page of questions.
#[derive(Serialize)]
pub struct QuestionPage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    /// Where its form goes.
    pub address: String,
    /// The number of its section, and how many there are.
    pub section: usize,
    pub sections: usize,
    pub page: PageView,
    /// Whether its form was of another time.
    pub expired: bool,
    /// The page before.
    pub back: Option<String>,
    /// The last revision that it knows.
    pub sequence: i64,
    /// Whose form it is.
    pub token: String,
    pub media_folder: String,
}

/// The members of a roster.
#[derive(Serialize)]
pub struct MembersPage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    pub section: usize,
    pub sections: usize,
    pub heading: String,
    pub present: Vec<MemberView>,
    pub removed: Vec<MemberView>,
    pub may_add: bool,
    pub may_remove: bool,
    /// Where its form goes.
    pub address: String,
    /// The page before.
    pub back: Option<String>,
    /// Whose form it is.
    pub token: String,
}

/// A line of the list.
#[derive(Serialize)]
pub struct MemberView {
    pub code: String,
    pub label: String,
    /// Its first page; empty where it has none.
    pub address: String,
    /// Whether it may be taken away: not the person who answers.
    pub removable: bool,
}

#[cfg(test)]
impl MemberView {
    /// As an example.
    pub fn example(address: &str) -> Self {
        let (code, label) = ("1".to_owned(), "Hoa".to_owned());
        Self { code, label, address: address.to_owned(), removable: !address.is_empty() }
    }
}

/// The last page, with the button that submits.
#[derive(Serialize)]
pub struct SubmitPage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    pub back: String,
    /// Whose form it is.
    pub token: String,
}

/// How to carry on later.
#[derive(Serialize)]
pub struct SavedPage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    /// The code of this person, in groups.
    pub code: String,
    /// Where it is typed.
    pub address: String,
}

/// Where a code is typed.
#[derive(Serialize)]
pub struct CodePage {
    #[serde(flatten)]
    pub layout: VisitorLayout,
    /// Whether the one that was typed is unknown.
    pub failed: bool,
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use fielding::acts::interview::Interview;
    use fielding::store::responses::Pending;
    use survey_builder::questionnaire::answer::ItemId;
    use survey_builder::questionnaire::document::Question;
    use survey_builder::questionnaire::path::Stop;
    use survey_builder::questionnaire::publish::publish;
    use survey_builder::questionnaire::validate::Mistake;

    use super::super::view::{example_view, page_view};
    use super::*;
    use crate::examples::shows;
    use crate::render::render;
    use crate::visitor::TrialNotice;

    /// Around a page about an interview, about none, and about a test.
    fn layouts(language: &'static str) -> [VisitorLayout; 3] {
        let about = VisitorLayout {
            title: "Đi lại".to_owned(),
            organisation: "Sở Giao thông".to_owned(),
            phone: "024 1234 5678".to_owned(),
            closes_on: Some("31/12/2026".to_owned()),
            about: "?of-case=abc".to_owned(),
            link_values: vec![("ward".to_owned(), "a&b".to_owned())],
            ..VisitorLayout::plain(language)
        };
        let trial = Some(TrialNotice { changed: true, again: "/try/abc".to_owned() });
        let base = "/trial/abc".to_owned();
        let tried = VisitorLayout { base, trial, ..VisitorLayout::plain(language) };
        [about, VisitorLayout::plain(language), tried]
    }

    #[test]
    fn what_is_said_before_and_after_shows_its_examples() {
        shows("respond/welcome.html", |language| {
            let page = |layout| WelcomePage {
                layout,
                questions: 12,
                minutes: 5.0,
                token: "abc".to_owned(),
            };
            layouts(language).map(page).into()
        });
        shows("respond/resume.html", |language| {
            layouts(language).map(|layout| ResumePage { layout, done: 1, sections: 3 }).into()
        });
        shows("respond/end.html", |language| {
            let messages = ["thanks", "already", "screened", "refused", "closed"].into_iter();
            // Of an anonymous study the day is not known.
            let days = ["02/09/2026", ""];
            let page = |((message, layout), day): ((_, _), &str)| EndPage {
                layout,
                message,
                date: day.to_owned(),
                code: "ABCD".to_owned(),
                time: "10:30".to_owned(),
            };
            messages
                .flat_map(|message| layouts(language).map(|layout| (message, layout)))
                .zip(days.into_iter().cycle())
                .map(page)
                .collect()
        });
        shows("respond/message.html", |language| {
            let messages = [
                "off-path",
                "not-me",
                "no-cookies",
                "other-person",
                "other-person-saved",
                "link-unknown",
                "trial-none",
                "trial-full",
                "trial-complete",
                "trial-screened",
                "trial-refused",
            ];
            let page = |(message, layout)| MessagePage { layout, message };
            messages
                .into_iter()
                .flat_map(|message| layouts(language).map(|layout| (message, layout)))
                .map(page)
                .collect()
        });
        shows("respond/saved.html", |language| {
            let (code, address) = ("ABCD EFGH".to_owned(), "https://example.org/code".to_owned());
            let page = |layout| SavedPage { layout, code: code.clone(), address: address.clone() };
            layouts(language).map(page).into()
        });
        shows("respond/submit.html", |language| {
            let page =
                |layout| SubmitPage { layout, back: "/a".to_owned(), token: "abc".to_owned() };
            layouts(language).map(page).into()
        });
        shows("respond/code.html", |language| {
            [false, true]
                .map(|failed| CodePage { layout: VisitorLayout::plain(language), failed })
                .into()
        });
    }

    #[test]
    fn members_show_their_examples() {
        shows("respond/members.html", |language| {
            let members = |count: usize| -> Vec<MemberView> {
                ["/a", ""].iter().take(count).map(|address| MemberView::example(address)).collect()
            };
            [0, 2]
                .into_iter()
                .zip(layouts(language))
                .map(|(count, layout)| MembersPage {
                    layout,
                    section: 1,
                    sections: 3,
                    heading: "Ai sống ở đây?".to_owned(),
                    present: members(count),
                    removed: members(count),
                    may_add: count > 0,
                    may_remove: count > 0,
                    address: "/a".to_owned(),
                    back: (count > 0).then(|| "/b".to_owned()),
                    token: "abc".to_owned(),
                })
                .collect()
        });
    }

    fn interview(questionnaire: &str) -> Interview {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/questionnaires");
        let text = std::fs::read_to_string(folder.join(questionnaire)).expect("the fixture");
        let document = serde_json::from_str(&text).expect("a document");
        let version = publish(document).expect("publishes");
        let today = chrono::NaiveDate::from_ymd_opt(2026, 9, 2).expect("a day");
        Interview::example(Arc::new(version), today)
    }

    /// What may be wrong with a page: everything mistaken, doubted, left out.
    fn wrong(interview: &Interview, index: usize) -> [Pending; 3] {
        let page = interview.version.page(index).expect("a page");
        let asked = page.questions.iter().filter(|question| question.kind.takes_answer());
        let items = asked.flat_map(Question::items).map(|item| item.id);
        let blanks: Vec<ItemId> = items.collect();
        let mistake = |item: &ItemId| {
            let (code, arguments) = ("required".to_owned(), Vec::new());
            Mistake { item: *item, code, arguments, message: None }
        };
        let all: Vec<Mistake> = blanks.iter().map(mistake).collect();
        [
            Pending { mistakes: all.clone(), ..Pending::default() },
            Pending { doubts: all, ..Pending::default() },
            Pending { blanks, ..Pending::default() },
        ]
    }

    fn shown(language: &str, page: PageView, expired: bool) -> QuestionPage {
        QuestionPage {
            layout: VisitorLayout::plain(language),
            address: "/a".to_owned(),
            section: 1,
            sections: 3,
            page,
            expired,
            back: expired.then(|| "/b".to_owned()),
            sequence: 3,
            token: "abc".to_owned(),
            media_folder: MEDIA_FOLDER.to_owned(),
        }
    }

    /// Also where a table has no heading of its own.
    #[test]
    fn a_page_has_one_heading_whatever_its_questions_say() {
        let interview = interview("all-kinds.json");
        let path = interview.path();
        for index in 0..interview.version.pages().len() {
            for silent in [false, true] {
                let view = page_view(&interview, path, &Stop::page(index), None, "vi");
                let page = shown("vi", view, false);
                let mut page = serde_json::to_value(page).expect("a page");
                let questions = page["page"]["questions"].as_array_mut().expect("questions");
                for question in questions.iter_mut().filter(|_| silent) {
                    question["wording"] = "".into();
                }
                let html = render("respond/page.html", "vi", &page);
                let html = html.expect("a page");
                let title = html.split("<title>").nth(1).unwrap_or_default().trim_start();
                assert_eq!(html.matches("<h1").count(), 1, "page {index}: {html}");
                assert!(!title.starts_with('–'), "page {index}: {title}");
            }
        }
    }

    /// Every page of the questionnaires of the tests: as it is first seen, everything
    /// on it, and with all wrong that may be wrong.
    #[test]
    fn questions_show_their_examples() {
        for name in ["all-kinds.json", "more-kinds.json", "household.json", "devices.json"] {
            let interview = interview(name);
            let path = interview.path();
            shows("respond/page.html", |language| {
                let shown = |page, expired| shown(language, page, expired);
                let mut pages = Vec::new();
                for index in 0..interview.version.pages().len() {
                    let stop = Stop::page(index);
                    pages.push(shown(page_view(&interview, path, &stop, None, language), false));
                    pages.push(shown(example_view(&interview, path, &stop, language), true));
                    for pending in wrong(&interview, index) {
                        let view = page_view(&interview, path, &stop, Some(&pending), language);
                        pages.push(shown(view, false));
                    }
                }
                pages
            });
        }
    }
}
