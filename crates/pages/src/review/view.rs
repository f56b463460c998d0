//! The questions of a draft with what is said about them.

use std::collections::HashMap;

use fielding::store::comments::Comment;
use fielding::store::{Id, Instant, Zone};
use serde::Serialize;
use survey_builder::questionnaire::document::{Block, Document, Question, Section, Text};
use survey_builder::questionnaire::version::Version;

use crate::builder::outline::kind_in_short;
use crate::builder::said::{Speaker, plain};
use crate::paper;

/// Signs of a settled comment that its fold shows.
const SHORT: usize = 60;

/// Who reads: an expert, or a member of the team.
pub struct Reader {
    /// The expert, if it is one.
    pub expert: Option<Id>,
    /// The member, if it is one.
    pub user: Option<Id>,
    /// The language in which the program speaks.
    pub language: &'static str,
    /// Where days begin and end.
    pub zone: Zone,
}

/// One part of a questionnaire with its threads, and the way to the others.
#[derive(Debug, Serialize)]
pub struct ReviewView {
    /// The language of the questionnaire's texts.
    pub shown_in: String,
    /// The parts: title, comments, whether it is the one that is shown.
    sections: Vec<(String, usize, bool)>,
    /// The number of the part that is shown.
    section: usize,
    title: String,
    questions: Vec<QuestionView>,
    /// Threads about questions that are there no more.
    gone: Vec<Thread>,
    /// Comments that are not settled, in all parts.
    pub open: usize,
}

#[derive(Debug, Serialize)]
struct QuestionView {
    id: String,
    number: String,
    wording: String,
    hint: String,
    kind: String,
    condition: String,
    /// What there is to choose from, and the rows.
    options: Vec<String>,
    threads: Vec<Thread>,
}

/// A comment with its answers.
#[derive(Debug, Serialize)]
struct Thread {
    /// The identity of what was said first, and who said it.
    id: String,
    name: String,
    /// Its beginning.
    short: String,
    /// It, and the answers.
    lines: Vec<Line>,
    /// When it was settled; empty where it is not.
    resolved: String,
    /// Whether whoever reads may settle it.
    may_settle: bool,
    /// What the question said, where it says something else now.
    was: String,
}

#[derive(Debug, Serialize)]
struct Line {
    id: String,
    name: String,
    /// Whether whoever reads wrote it.
    own: bool,
    /// Whether somebody outside the team did.
    expert: bool,
    at: String,
    weight: &'static str,
    body: String,
    /// Whether it may be deleted: it is one's own and nobody has answered.
    may_remove: bool,
}

/// Lays out one part of a draft with what is said about its questions.
pub fn review_view(
    version: &Version,
    comments: &[(Comment, String)],
    (section, shown): (usize, &str),
    reader: &Reader,
) -> ReviewView {
    let document = &version.document;
    let mut threads = threads(document, comments, reader);
    let open = comments
        .iter()
        .filter(|(comment, _)| comment.root_id.is_none() && comment.resolved_at.is_none())
        .count();
    let section = section.min(document.sections.len().saturating_sub(1));
    let own = |one: &Section| -> Vec<Question> { questions_of(one).into_iter().cloned().collect() };
    let titled = |(place, one): (usize, &Section)| {
        let said =
            own(one).iter().filter_map(|question| threads.get(&question.id).map(Vec::len)).sum();
        (title_of(one, place, shown, document), said, place == section)
    };
    let sections: Vec<_> = document.sections.iter().enumerate().map(titled).collect();
    let labels = paper::labels(document);
    let speaker = Speaker::new(version, reader.language);
    let mut questions = Vec::new();
    for question in document.sections.get(section).map(own).unwrap_or_default() {
        questions.push(QuestionView {
            id: question.id.to_string(),
            number: labels.get(&question.name).cloned().unwrap_or_default(),
            wording: text(&question.wording, shown, document),
            hint: text(&question.hint, shown, document),
            kind: kind_in_short(document, &question.kind, reader.language),
            condition: plain(&speaker.optional(question.relevant.as_ref())),
            options: options(&question, shown, document),
            threads: threads.remove(&question.id).unwrap_or_default(),
        });
    }
    let known: std::collections::HashSet<_> =
        document.questions().map(|question| question.id).collect();
    threads.retain(|item, _| !known.contains(item));
    ReviewView {
        shown_in: shown.to_owned(),
        title: sections.get(section).map(|(title, ..)| title.clone()).unwrap_or_default(),
        sections,
        section,
        questions,
        gone: threads.into_values().flatten().collect(),
        open,
    }
}

/// All parts of a draft about whose questions something was said, with those questions
/// alone; what is said of questions that are gone is in the last.
pub fn said_of_all(
    version: &Version,
    comments: &[(Comment, String)],
    shown: &str,
    reader: &Reader,
) -> Vec<ReviewView> {
    let last = version.document.sections.len().saturating_sub(1);
    let mut parts: Vec<ReviewView> = (0..=last)
        .map(|section| review_view(version, comments, (section, shown), reader))
        .collect();
    for (place, part) in parts.iter_mut().enumerate() {
        part.questions.retain(|question| !question.threads.is_empty());
        if place < last {
            part.gone.clear();
        }
    }
    parts.retain(|part| !part.questions.is_empty() || !part.gone.is_empty());
    parts
}

/// The beginning of what was said, on one line.
fn beginning(body: &str) -> String {
    let mut words: String = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(SHORT) {
        words.truncate(end);
        words.push('…');
    }
    words
}

fn text(text: &Text, shown: &str, document: &Document) -> String {
    text.get(shown, &document.default_language).to_owned()
}

/// The title of a part, or its place.
fn title_of(section: &Section, place: usize, shown: &str, document: &Document) -> String {
    match text(&section.title, shown, document) {
        empty if empty.trim().is_empty() => (place + 1).to_string(),
        title => title,
    }
}

/// The questions of a part and of the parts inside it.
fn questions_of(section: &Section) -> Vec<&Question> {
    let mut found = Vec::new();
    for block in &section.blocks {
        match block {
            Block::Page(page) => found.extend(&page.questions),
            Block::Section(inner) => found.extend(questions_of(inner)),
        }
    }
    found
}

fn options(question: &Question, shown: &str, document: &Document) -> Vec<String> {
    let rows = question.kind.rows().iter().map(|row| text(&row.wording, shown, document));
    let list = question.kind.list().and_then(|list| document.list(list));
    let options = list.map_or(&[][..], |list| &list.options).iter();
    rows.chain(options.map(|option| text(&option.label, shown, document))).collect()
}

/// Comments with their answers, by question.
fn threads(
    document: &Document,
    comments: &[(Comment, String)],
    reader: &Reader,
) -> HashMap<uuid::Uuid, Vec<Thread>> {
    let moment = |at: Instant| {
        let hour = at.in_zone(reader.zone).map(|at| at.format("%H:%M").to_string());
        let day = locale::date(at.day_in(reader.zone));
        hour.map_or(day.clone(), |hour| format!("{day}, {hour}"))
    };
    let own = |comment: &Comment| match (reader.expert, reader.user) {
        (Some(expert), _) => comment.expert_id == Some(expert),
        (None, Some(user)) => comment.user_id == Some(user),
        (None, None) => false,
    };
    let mut answers: HashMap<Id, Vec<&(Comment, String)>> = HashMap::new();
    for one in comments {
        if let Some(root) = one.0.root_id {
            answers.entry(root).or_default().push(one);
        }
    }
    let line = |(comment, name): &(Comment, String), answered: bool| Line {
        id: comment.id.to_string(),
        name: name.clone(),
        own: own(comment),
        expert: comment.expert_id.is_some(),
        at: moment(comment.written_at),
        weight: comment.weight.word(),
        body: comment.body.clone(),
        may_remove: own(comment) && !answered,
    };
    let language = document.default_language.as_str();
    let wordings: HashMap<uuid::Uuid, &str> = document
        .questions()
        .map(|question| (question.id, question.wording.get(language, language)))
        .collect();
    let mut by_question: HashMap<uuid::Uuid, Vec<Thread>> = HashMap::new();
    for one in comments.iter().filter(|(comment, _)| comment.root_id.is_none()) {
        let comment = &one.0;
        let given = answers.remove(&comment.id).unwrap_or_default();
        let now = wordings.get(&comment.item_id.0).copied().unwrap_or_default();
        by_question.entry(comment.item_id.0).or_default().push(Thread {
            id: comment.id.to_string(),
            name: one.1.clone(),
            short: beginning(&comment.body),
            lines: std::iter::once(line(one, !given.is_empty()))
                .chain(given.into_iter().map(|answer| line(answer, false)))
                .collect(),
            resolved: comment
                .resolved_at
                .map(|at| locale::date(at.day_in(reader.zone)))
                .unwrap_or_default(),
            may_settle: reader.user.is_some() || own(comment),
            was: if comment.wording == now { String::new() } else { comment.wording.clone() },
        });
    }
    by_question
}

#[cfg(test)]
impl ReviewView {
    /// As an example.
    pub fn example() -> Self {
        let line = |own: bool, expert: bool, weight| Line {
            id: "0191".to_owned(),
            name: "Phạm Thu Hương".to_owned(),
            own,
            expert,
            at: "10/12/2026, 16:05".to_owned(),
            weight,
            body: "Nên hỏi ngắn hơn.\nDòng hai.".to_owned(),
            may_remove: own,
        };
        let thread = |resolved: &str, was: &str| Thread {
            id: "0191".to_owned(),
            name: "Phạm Thu Hương".to_owned(),
            short: "Nên hỏi ngắn hơn.".to_owned(),
            lines: vec![line(true, true, "must-change"), line(false, false, "remark")],
            resolved: resolved.to_owned(),
            may_settle: true,
            was: was.to_owned(),
        };
        let question = |threads: Vec<Thread>| QuestionView {
            id: "0190".to_owned(),
            number: "12".to_owned(),
            wording: "Nhìn chung Ông/Bà hài lòng đến mức nào?".to_owned(),
            hint: "…".to_owned(),
            kind: "một trong 5".to_owned(),
            condition: "câu 1 = Có".to_owned(),
            options: vec!["Rất hài lòng".to_owned(), "Hài lòng".to_owned()],
            threads,
        };
        Self {
            shown_in: "vi".to_owned(),
            sections: vec![("A".to_owned(), 1, false), ("B".to_owned(), 3, true)],
            section: 1,
            title: "B".to_owned(),
            questions: vec![
                question(vec![thread("", ""), thread("09/12/2026", "Lời cũ")]),
                question(Vec::new()),
            ],
            gone: vec![thread("", "Câu đã xóa")],
            open: 2,
        }
    }
}
