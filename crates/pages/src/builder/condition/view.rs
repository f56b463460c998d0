//! The form of a condition as it is shown: its lines or its expression, what it says
//! in words, what is wrong with it and what it would change.

use std::sync::Arc;

use actix_web::http::StatusCode;
use chrono::NaiveDate;
use fielding::error::Problem;
use locale::{argument_text, problem_text};
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::expression::chosen::name_written;
use survey_builder::questionnaire::expression::{self, Expression, Type, function_names};
use survey_builder::questionnaire::operation::{Draft, Operation, Property};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

use super::super::Seen;
use super::super::said::{Said, Speaker, list_of};
use super::super::simulated::Simulations;
use super::lines::{Line, MOST, Typed, fitting, how_of};
use super::place::{Candidate, Place};
use super::{chosen, read, written};
use crate::paper;

/// Options that are offered in a list; of more the label is typed.
const LISTED: usize = 200;

/// The form of a condition.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks is yes or no")]
pub struct Editor {
    item: String,
    /// Where one goes back to.
    owner: String,
    property: &'static str,
    called: String,
    /// What it said when the page was made.
    was: String,
    /// Whether it is written as an expression.
    written: bool,
    /// Why lines cannot show it, if they cannot.
    beyond_lines: bool,
    all: bool,
    parts: Vec<PartView>,
    /// Whether a line more may be added.
    may_add: bool,
    text: String,
    /// What it says in words; empty where it cannot be read, or says nothing.
    said: Vec<Said>,
    /// What is wrong: the words, and in the expression what stands before it, it, and
    /// what stands after it.
    problems: Vec<Wrong>,
    /// Conditions around it: whose, and what it says.
    around: Vec<(String, Vec<Said>)>,
    /// What can be named: the name, its type, what is asked.
    names: Vec<Known>,
    /// What can be called: the name, and what it gives.
    functions: Vec<Function>,
    /// Of how many simulated respondents it is told who is asked what.
    respondents: usize,
    /// Who is asked what now, and who would be: what, how many, how many.
    effect: Vec<(String, u32, u32)>,
    /// What it would be; nothing where that is not whole.
    #[serde(skip)]
    would: Option<String>,
}

/// A name, its type, what is asked.
type Known = (String, String, String);

/// A function's name, and what it gives.
type Function = (String, String);

/// Lines that belong together.
#[derive(Debug, Serialize)]
struct PartView {
    /// Its place.
    number: usize,
    lines: Vec<LineView>,
}

/// A line.
#[derive(Debug, Serialize)]
struct LineView {
    /// What the names of its fields begin with.
    name: String,
    /// Its place, as its button sends it.
    place: String,
    /// Which line it is, from 1.
    number: usize,
    /// The questions: reference, label, whether it is chosen.
    questions: Vec<(String, String, bool)>,
    /// The comparisons: word, key, whether it is chosen.
    comparisons: Vec<(String, String, bool)>,
    /// What the value is chosen or typed with: `none`, `option`, `options`, `number`,
    /// `day`, `time`, `text` or `range`.
    control: &'static str,
    /// The options: code, label, whether it is chosen.
    options: Vec<(String, String, bool)>,
    value: String,
    upper: String,
    /// What is not whole in it.
    problem: String,
}

/// Something wrong.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Wrong {
    words: String,
    before: String,
    at: String,
    after: String,
}

/// Lays the form out. `strict` tells what lines lack; otherwise they may be on the way.
pub fn show(
    seen: &Seen,
    place: &Place<'_>,
    typed: Typed,
    (problems, strict): (Vec<Problem>, bool),
    language: &str,
) -> Editor {
    let speaker = Speaker::new(&seen.version, language).in_full();
    let mut wrong: Vec<Wrong> = problems
        .iter()
        .map(|problem| Wrong { words: problem_text(problem, language), ..Wrong::default() })
        .collect();
    let lacking = match typed.lines(&place.candidates, (&seen.version, language)) {
        Err(lacking) if strict && !typed.written => lacking,
        _ => Vec::new(),
    };
    let text = written(seen, place, &typed, language);
    let said = match text.as_deref() {
        Some(text) if !text.trim().is_empty() => match read(seen, text) {
            Ok(expression) => {
                wrong.extend(too_early(place, &expression, &speaker, language));
                speaker.spoken(&expression.spoken(), None)
            }
            Err(problems) => {
                wrong.extend(problems.iter().map(|problem| in_place(text, problem, language)));
                Vec::new()
            }
        },
        _ => Vec::new(),
    };
    let mut number = 0;
    let mut parts = Vec::new();
    for (part, lines) in typed.parts.iter().enumerate() {
        let mut views = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            number += 1;
            let lacks = lacking.iter().find(|(one, other, _)| (*one, *other) == (part, at));
            let problem = lacks.map(|(_, _, problem)| problem_text(problem, language));
            let mut view = line_view(seen, &place.candidates, &speaker, line);
            view.name = format!("l.{part}.{at}");
            view.place = format!("{part}.{at}");
            view.number = number;
            view.problem = problem.unwrap_or_default();
            views.push(view);
        }
        parts.push(PartView { number: part, lines: views });
    }
    let (names, functions) =
        if typed.written { vocabulary(place, language) } else { Default::default() };
    Editor {
        item: place.item.to_string(),
        owner: place.owner.to_string(),
        property: place.property,
        called: place.called.clone(),
        was: place.text.unwrap_or_default().to_owned(),
        beyond_lines: typed.written && chosen(seen, place, &typed.text, language).is_none(),
        written: typed.written,
        all: typed.all,
        parts,
        may_add: number < MOST,
        text: typed.text,
        said,
        problems: wrong,
        around: place
            .around
            .iter()
            .map(|(whose, text)| (whose.clone(), speaker.condition(text, None)))
            .collect(),
        names,
        functions,
        respondents: 0,
        effect: Vec::new(),
        would: text.filter(|text| text.trim().is_empty() || read(seen, text).is_ok()),
    }
}

/// What is read before it is asked.
fn too_early(
    place: &Place<'_>,
    expression: &Expression,
    speaker: &Speaker<'_>,
    language: &str,
) -> Vec<Wrong> {
    let read = expression.references().into_iter().filter(|read| place.later.contains(*read));
    read.map(|read| {
        let problem = Problem::new("condition-too-early", "").with("question", speaker.name(read));
        Wrong { words: problem_text(&problem, language), ..Wrong::default() }
    })
    .collect()
}

/// A problem of an expression, with the place that it is at.
fn in_place(text: &str, problem: &expression::Problem, language: &str) -> Wrong {
    let signs: Vec<char> = text.chars().collect();
    let (from, to) = (problem.at.0.min(signs.len()), problem.at.1.min(signs.len()));
    let part = |from: usize, to: usize| signs[from..to.max(from)].iter().collect::<String>();
    let at = part(from, to);
    // Where something is missing there is nothing to show but what stands before it.
    let shown = if at.trim().is_empty() { text.trim() } else { at.as_str() };
    let words = problem_text(&problem.told("", shown), language);
    Wrong { words, before: part(0, from), after: part(to, signs.len()), at }
}

fn line_view(
    seen: &Seen,
    candidates: &[Candidate],
    speaker: &Speaker<'_>,
    line: &Line,
) -> LineView {
    let question = candidates.iter().find(|one| one.reference == line.question);
    let fits = question.map(|one| fitting(&one.kind)).unwrap_or_default();
    // Another question may be compared otherwise: its usual comparison is taken.
    let how = fits.iter().find(|word| **word == line.how).or(fits.first());
    let found = how.and_then(|word| how_of(word)).zip(question);
    let day = question.is_some_and(|one| one.kind == Type::Date);
    let key = |word: &str| {
        let own = format!("how-day-{word}");
        if day && locale::has("en", &own) { own } else { format!("how-{word}") }
    };
    let list = found.and_then(|((_, counted), one)| {
        list_of(&one.kind).filter(|_| !counted).and_then(|list| seen.version.list(list))
    });
    let control = match found {
        None => "none",
        Some(((how, counted), one)) => match (how.operands(), &one.kind) {
            ((0, 0), _) => "none",
            ((2, 2), _) => "range",
            (_, _) if counted => "number",
            ((_, 1), Type::Option(_) | Type::Set(_))
                if list.is_some_and(|list| list.options.len() <= LISTED) =>
            {
                "option"
            }
            (_, Type::Option(_) | Type::Set(_))
                if list.is_some_and(|list| list.options.len() <= LISTED) =>
            {
                "options"
            }
            (_, Type::Number) => "number",
            (_, Type::Date) => "day",
            (_, Type::Time) => "time",
            _ => "text",
        },
    };
    let listed = matches!(control, "option" | "options");
    let options =
        list.filter(|_| listed).map_or(&[][..], |list| &list.options).iter().map(|option| {
            let label = speaker.label(list.map(|list| list.name.as_str()), &option.code);
            (option.code.clone(), label, line.values.contains(&option.code))
        });
    LineView {
        name: String::new(),
        place: String::new(),
        number: 0,
        questions: candidates
            .iter()
            .map(|one| (one.reference.clone(), one.label.clone(), one.reference == line.question))
            .collect(),
        comparisons: fits.iter().map(|word| (word.clone(), key(word), Some(word) == how)).collect(),
        control,
        options: options.collect(),
        value: if listed {
            String::new()
        } else {
            line.values.first().cloned().unwrap_or_default()
        },
        upper: line.upper.clone(),
        problem: String::new(),
    }
}

/// What can be named and called where a condition stands.
fn vocabulary(place: &Place<'_>, language: &str) -> (Vec<Known>, Vec<Function>) {
    let names = place.candidates.iter().map(|one| {
        let kind = argument_text(&one.kind.phrase().into(), language);
        (name_written(&one.name), kind, one.label.clone())
    });
    let functions = function_names().map(|name| {
        let key = format!("say-{}", name.replace('_', "-"));
        let words = [("a", "…"), ("b", "…"), ("c", "…"), ("all", "…")];
        let gives = if locale::has(language, &key) {
            locale::text(language, &key, &words)
        } else {
            String::new()
        };
        (name.to_owned(), gives)
    });
    (names.collect(), functions.collect())
}

/// Questions of which it is told who is asked them.
const AFFECTED: usize = 12;

impl Editor {
    /// With what it would do to who is asked what, worked out on simulated respondents.
    #[must_use]
    pub fn with_effect(
        mut self,
        (version, language): (Arc<Version>, &str),
        simulations: &Simulations,
        today: NaiveDate,
    ) -> Self {
        let item = Uuid::try_parse(&self.item).ok();
        let (Some(item), Some(would), "relevant") = (item, &self.would, self.property) else {
            return self;
        };
        let text = Some(would.trim().to_owned()).filter(|text| !text.is_empty());
        let mut document = version.document.clone();
        let was = Some(self.was.clone()).filter(|text| !text.is_empty());
        let (was, now) = (Property::Relevant(was), Property::Relevant(text));
        let (owner, before) = (self.owner(), simulations.of(&version, today));
        let after = if was == now {
            Arc::clone(&before)
        } else {
            let mut draft = Draft::of(document);
            if (Operation::Set { item, was, now }).apply(&mut draft).is_err() {
                return self;
            }
            let (changed, _) = compile_version(draft.document);
            simulations.changed((&version, &changed), item, today)
        };
        document = version.document.clone();
        let labels = paper::labels(&document);
        let speaker = Speaker::new(&version, language);
        self.respondents = after.respondents();
        let counts = document
            .questions()
            .map(|question| (question, before.asked(question.id), after.asked(question.id)));
        let affected = counts
            .filter(|(question, before, after)| before != after || Some(question.id) == owner);
        let told = affected.take(AFFECTED).map(|(question, before, after)| {
            let called = match labels.get(&question.name) {
                Some(number) => format!("{number}. {}", speaker.text_of(&question.wording)),
                None => speaker.text_of(&question.wording),
            };
            (called, before, after)
        });
        self.effect = told.collect();
        self
    }

    /// The part of the panel that it belongs to.
    pub fn owner(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.owner).ok()
    }
}

/// Nothing is stored by a form that is shown again.
pub fn status(editor: &Editor) -> StatusCode {
    let lacks =
        editor.parts.iter().flat_map(|part| &part.lines).any(|line| !line.problem.is_empty());
    if lacks { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

#[cfg(test)]
impl Editor {
    /// As an example: in lines or as an expression, with what is wrong.
    pub fn examples(seen: &Seen, language: &str) -> Vec<Self> {
        let document = seen.document();
        let last = document.questions().last().expect("a question").id;
        let place = super::place(seen, last, "relevant", language).expect("a place");
        let line = |name: &str, how: &str, values: &[&str]| {
            let found = place.candidates.iter().find(|one| one.name == name).expect("a question");
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            Line {
                question: found.reference.clone(),
                how: how.to_owned(),
                values,
                upper: String::new(),
            }
        };
        let lines = Typed {
            all: true,
            parts: vec![
                vec![line("works", "is", &["yes"])],
                vec![line("works", "one-of", &["yes", "no"]), line("age", "between", &["18"])],
                vec![line("since", "at-least", &["02/09/2026"]), line("job", "contains", &["x"])],
                vec![Line::default()],
                vec![line("job", "answered", &[])],
            ],
            ..Typed::default()
        };
        let text = |text: &str| Typed { written: true, text: text.to_owned(), ..Typed::default() };
        let problem = vec![Problem::new("condition-changed-since", "")];
        let mut shown = show(seen, &place, lines, (problem, true), language);
        shown.around.push(("…".to_owned(), vec![Said::words("…")]));
        shown.effect.push(("…".to_owned(), 10, 20));
        let any = Typed { parts: vec![vec![line("works", "is", &["yes"])]], ..Typed::default() };
        vec![
            shown,
            show(seen, &place, any, (Vec::new(), false), language),
            show(seen, &place, text("length(job) > 3"), (Vec::new(), false), language),
            show(seen, &place, text("job > 'x"), (Vec::new(), false), language),
        ]
    }
}
