//! What stands on a page of consequences, and what must be typed there.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::store::studies::Study;
use locale::problem_text;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use super::seen::Seen;
use super::step::Step;
use crate::bar::Place;
use crate::form::FieldProblem;
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::studies::about::StudyHead;
use crate::wording::count_text;

/// What must be typed before a grave act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// A number that the page shows.
    Number(i64),
    /// The study's name.
    Name(String),
}

impl Typed {
    pub(super) fn of(step: &Step, seen: &Seen, study: &Study) -> Option<Self> {
        match step {
            Step::Close | Step::Delete => Some(Self::Name(study.name.clone())),
            Step::RemoveFrame => Some(Self::Number(seen.number())),
            _ => None,
        }
    }

    /// Whether that was typed; a number may be grouped in any way, a name is one
    /// whatever its capitals.
    ///
    /// # Errors
    ///
    /// What was typed in its place.
    pub fn check(&self, typed: &str) -> Result<(), Problem> {
        match self {
            Self::Number(number) => {
                let digits: String =
                    typed.chars().filter(|sign| !" .,\u{a0}\u{202f}".contains(*sign)).collect();
                let told = || Problem::new("confirm-number", "").with("number", *number);
                (digits.parse() == Ok(*number)).then_some(()).ok_or_else(told)
            }
            Self::Name(name) => {
                let plain = |text: &str| {
                    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    words.to_lowercase().nfc().collect::<String>()
                };
                let told = || Problem::new("confirm-name", "").with("name", name.as_str());
                (plain(typed) == plain(name)).then_some(()).ok_or_else(told)
            }
        }
    }

    /// The label of the field.
    fn label(&self, language: &str) -> String {
        match self {
            Self::Number(number) => {
                let count = count_text(language, *number);
                locale::text(language, "confirm-type-number", &[("count", &count)])
            }
            Self::Name(name) => locale::text(language, "confirm-type-name", &[("name", name)]),
        }
    }
}

/// A letter as it will be sent, with signs in the place of anybody's own.
#[derive(Serialize)]
pub struct Letter {
    /// What it is, in which language, how many.
    pub heading: String,
    /// The language it is in.
    pub language: String,
    /// Its subject.
    pub subject: String,
    /// Paragraphs of lines.
    pub paragraphs: Vec<Vec<String>>,
}

/// What stands on a page of consequences.
#[derive(Serialize)]
pub struct Consequences {
    /// The act, with its number.
    pub title: String,
    /// What it is about: label and value.
    pub facts: Vec<(String, String)>,
    /// What happens.
    pub happens: Vec<String>,
    /// What does not.
    pub stays: Vec<String>,
    /// What cannot be undone.
    pub undo: String,
    /// The letters that are sent.
    pub letters: Vec<Letter>,
    /// What stands in the way, where there is nothing to do.
    pub nothing: Option<String>,
    /// What is typed before it is done.
    asks: Vec<Asked>,
    /// What else travels with the form: name and value.
    pub hidden: Vec<(&'static str, String)>,
    /// Where the form goes.
    pub action: String,
    /// Where one goes back to.
    pub back: String,
    /// What the button says.
    pub button: String,
}

/// A field of a page of consequences.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// What helps to fill it in; may be empty.
    pub hint: String,
    /// Whether it takes a number.
    pub number: bool,
    /// What stands in it.
    pub value: String,
}

/// Why a page of consequences is shown once more.
#[derive(Clone, Debug, Default)]
pub struct Again {
    /// What was counted is different by now.
    pub changed: bool,
    /// What is wrong with what was typed.
    pub problems: Vec<Problem>,
}

impl Again {
    fn status(&self) -> StatusCode {
        if self.changed {
            StatusCode::CONFLICT
        } else if !self.problems.is_empty() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }
}

impl Consequences {
    /// One that says nothing yet.
    pub fn new(title: String, action: String, back: String) -> Self {
        let button = title.clone();
        Self {
            title,
            facts: Vec::new(),
            happens: Vec::new(),
            stays: Vec::new(),
            undo: String::new(),
            letters: Vec::new(),
            nothing: None,
            asks: Vec::new(),
            hidden: Vec::new(),
            action,
            back,
            button,
        }
    }

    /// Asks for what must be typed.
    pub fn ask_for(&mut self, typed: &Typed, value: &str, language: &str) {
        self.asks.push(Asked {
            name: "typed",
            label: typed.label(language),
            hint: String::new(),
            number: matches!(typed, Typed::Number(_)),
            value: value.to_owned(),
        });
    }

    /// Asks for something beside it.
    pub fn ask(&mut self, asked: Asked) {
        self.asks.push(asked);
    }

    /// The page, at its place.
    pub async fn page(
        &self,
        app: &App,
        request: &HttpRequest,
        signed_in: &SignedIn,
        study: &Study,
        (place, again): (Place, &Again),
    ) -> Result<HttpResponse, Error> {
        let language = signed_in.language(request);
        let mut layout = signed_in.study_layout(app, study, place).await?;
        layout.bar.is_at(&self.action);
        let shown = ConfirmPage {
            layout,
            study: StudyHead::of(study),
            problems: self.field_problems(&again.problems, language),
            changed: again.changed,
            confirm: self,
        };
        page(again.status(), "studies/confirm.html", language, &shown)
    }

    /// Problems, each at the field that asks for what is wrong.
    fn field_problems(&self, problems: &[Problem], language: &str) -> Vec<FieldProblem> {
        let told = problems.iter().map(|problem| {
            let place = problem.place.as_text().unwrap_or_default();
            let asked = self.asks.iter().find(|asked| asked.name == place);
            let field = asked.or(self.asks.last()).map_or("", |asked| asked.name);
            FieldProblem {
                field: field.to_owned(),
                text: problem_text(&problem.clone().at(""), language),
            }
        });
        told.collect()
    }
}

/// A page of consequences with what stands around it.
#[derive(Serialize)]
struct ConfirmPage<'a> {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Vec<FieldProblem>,
    /// Whether what was counted is different by now.
    changed: bool,
    confirm: &'a Consequences,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn what_is_typed_may_be_grouped_and_written_small() {
        let number = Typed::Number(1200);
        for typed in ["1200", " 1.200", "1,200", "1 200"] {
            assert_eq!(number.check(typed), Ok(()), "{typed}");
        }
        for typed in ["", "120", "12000", "-1200", "mười"] {
            assert!(number.check(typed).is_err(), "{typed}");
        }
        let name = Typed::Name("Đi lại  2026".to_owned());
        for typed in ["đi lại 2026", "Đi lại 2026 ", "Đi la\u{323}i 2026"] {
            assert_eq!(name.check(typed), Ok(()), "{typed}");
        }
        assert!(name.check("Đi lại").is_err());
    }

    #[test]
    fn consequences_show_their_examples() {
        let text = |text: &str| text.to_owned();
        let mut nothing = Consequences::new(text("Mời 0 người"), text("/a"), text("/b"));
        nothing.nothing = Some(text("…"));
        let mut full = Consequences::new(text("Mời 12 người"), text("/a"), text("/b"));
        full.facts.push((text("Danh sách"), text("frame.csv")));
        full.happens.push(text("…"));
        full.stays.push(text("…"));
        full.undo = text("…");
        full.letters.push(Letter {
            heading: text("Thư mời"),
            language: text("vi"),
            subject: text("…"),
            paragraphs: vec![vec![text("…"), text("…")]],
        });
        full.hidden.push(("counted", text("12")));
        let seed = Asked {
            name: "seed",
            label: text("…"),
            hint: text("…"),
            number: true,
            value: text("7"),
        };
        full.ask(seed);
        full.ask_for(&Typed::Name(text("Đi lại")), "", "vi");
        shows("studies/confirm.html", |language| {
            let wrong = [Problem::new("whole-number", "seed")];
            let of = |confirm, problems: &[Problem]| ConfirmPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                problems: full.field_problems(problems, language),
                changed: problems.is_empty(),
                confirm,
            };
            vec![of(&nothing, &[]), of(&full, &[]), of(&full, &wrong)]
        });
    }
}
