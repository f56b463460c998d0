//! What a question page shows, worked out from version, path and answers: the
//! template only lays it out.

mod item;
mod viewer;

use fielding::acts::interview::Interview;
use fielding::acts::media::own_name;
use fielding::store::responses::Pending;
use serde::Serialize;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Kind, Media, MediaKind, Question, Required};
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::order::{item_order, offered_for, question_order};
use survey_builder::questionnaire::path::{Path, Stop};
use survey_builder::questionnaire::piping::{capitalised, form_of_address, member_label};
use survey_builder::questionnaire::search::index::searched;
use survey_builder::questionnaire::validate::Mistake;

use self::item::{ItemView, control};
use self::viewer::Viewer;
use super::skips::skips_on_page;

pub use self::viewer::MOST_FOUND;

/// A page of questions.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks is yes or no")]
pub struct PageView {
    name: String,
    section_title: String,
    /// The member of a roster that the page is about; empty outside rosters.
    member: String,
    questions: Vec<QuestionView>,
    problems: Vec<ProblemView>,
    blanks: bool,
    /// Whether the problems are doubts: sent again, they are accepted.
    doubtful: bool,
    /// For skips within the page, JSON; empty when there are none.
    skips: String,
    /// Whether it asks for a file.
    sends_files: bool,
    /// The scripts it needs besides the one of every page.
    scripted: bool,
}

/// A question, or a note.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what a template asks is yes or no")]
pub struct QuestionView {
    kind: &'static str,
    number: String,
    wording: String,
    hint: String,
    optional: bool,
    /// The items that take an answer: itself, rows, cells, parts.
    items: Vec<ItemView>,
    /// The box beside an option.
    other: Option<ItemView>,
    read_only: bool,
    /// What goes with the wording.
    media: Vec<MediaView>,
    /// Whether its options depend on answers of its own page.
    refreshed: bool,
    /// Whether several may be chosen.
    several: bool,
    /// Identity, where a skip within the page may hide it.
    reference: String,
    low: String,
    high: String,
}

/// A picture, sound or film beside a wording.
#[derive(Serialize)]
pub struct MediaView {
    /// `image`, `audio` or `video`.
    kind: &'static str,
    file: String,
}

/// A line of the error summary.
#[derive(Serialize)]
pub struct ProblemView {
    target: String,
    text: String,
}

/// Which section this page is in, and how many there are on the path.
pub fn section_progress(interview: &Interview, path: &Path, stop: &Stop) -> (usize, usize) {
    let mut sections = path.parts(&interview.version);
    let own = path.stops.iter().position(|one| one == stop).map_or(0, |place| sections[place]);
    sections.dedup();
    let place = sections.iter().position(|section| *section == own).unwrap_or(0);
    (place + 1, sections.len())
}

impl PageView {
    /// The same as a page that sends no files: nothing is kept of a preview.
    #[must_use]
    pub fn without_files(self) -> Self {
        Self { sends_files: false, ..self }
    }
}

impl PageView {
    /// The same as a page whose files are kept nowhere.
    #[must_use]
    pub fn without_kept_files(mut self) -> Self {
        for item in self.questions.iter_mut().flat_map(|question| &mut question.items) {
            item.file.clear();
        }
        self
    }
}

/// Builds the view of one page.
pub fn page_view(
    interview: &Interview,
    path: &Path,
    stop: &Stop,
    pending: Option<&Pending>,
    language: &str,
) -> PageView {
    build(&Viewer { interview, path, stop, pending, language }, false)
}

/// Builds the view of a page for the gallery: everything on it, asked or not.
pub fn example_view(interview: &Interview, path: &Path, stop: &Stop, language: &str) -> PageView {
    build(&Viewer { interview, path, stop, pending: None, language }, true)
}

fn build(viewer: &Viewer<'_>, everything: bool) -> PageView {
    let &Viewer { interview, path, stop, pending, language } = viewer;
    let version = &interview.version;
    let index = stop.page_index().unwrap_or(usize::MAX);
    let skips = skips_on_page(&viewer.at(), index);
    let questions: Vec<&Question> = version.page(index).map_or(Vec::new(), |page| {
        question_order(page, interview.seed())
            .into_iter()
            .map(|place| &page.questions[place])
            .filter(|question| !question.kind.is_silent())
            // What depends on this very page is shown; the script hides it.
            .filter(|question| {
                everything || path.asks(stop.key(question.id)) || skips.depends(question)
            })
            .collect()
    });
    let mut problems: Vec<ProblemView> = Vec::new();
    for mistake in pending.map_or(&[][..], |pending| &pending.mistakes) {
        problems.push(ProblemView {
            target: viewer.target(mistake.item),
            text: viewer.mistake_text(mistake),
        });
    }
    let doubts = pending.map_or(&[][..], |pending| &pending.doubts);
    let doubtful = problems.is_empty() && !doubts.is_empty();
    if doubtful {
        problems.extend(doubts.iter().map(|doubt| ProblemView {
            target: viewer.target(doubt.item),
            text: viewer.mistake_text(doubt),
        }));
    }
    let blanks = problems.is_empty() && pending.is_some_and(|pending| !pending.blanks.is_empty());
    if blanks {
        for item in pending.map_or(&[][..], |pending| &pending.blanks) {
            problems.push(ProblemView {
                target: viewer.target(*item),
                text: viewer.item_wording(*item),
            });
        }
    }
    let questions: Vec<QuestionView> =
        questions.into_iter().map(|question| viewer.question(question)).collect();
    let has = |is: &dyn Fn(&ItemView) -> bool| {
        questions.iter().flat_map(|question| &question.items).any(is)
    };
    PageView {
        name: version.page(index).map(|page| page.name.clone()).unwrap_or_default(),
        section_title: version
            .section_of(index)
            .map(|section| viewer.text(&section.title))
            .unwrap_or_default(),
        member: member_label(version, path, &stop.within, language),
        problems,
        blanks,
        doubtful,
        skips: skips.json,
        sends_files: has(&|item: &ItemView| !item.accept.is_empty()),
        scripted: has(&|item| !item.accept.is_empty() || item.is_place || item.control == "search")
            || questions.iter().any(|question| question.refreshed),
        questions,
    }
}

impl Viewer<'_> {
    fn question(&self, question: &Question) -> QuestionView {
        let answered = question.items();
        let order = item_order(question, self.interview.seed());
        let shown = order.into_iter().filter_map(|place| answered.get(place));
        let items = shown
            .filter(|item| !item.is_other)
            // A row that is not asked is not shown; the page knows what is.
            .filter(|item| item.row.is_none_or(|_| self.path.asks_item(self.stop.key(item.id))))
            .map(|item| self.item(question, item))
            .collect();
        let other =
            answered.iter().find(|item| item.is_other).map(|item| self.item(question, item));
        let (low, high) = match &question.kind {
            Kind::Scale(scale) => (self.text(&scale.low), self.text(&scale.high)),
            _ => (String::new(), String::new()),
        };
        QuestionView {
            kind: kind_name(&question.kind),
            number: question.number.clone().unwrap_or_default(),
            wording: self.text(&question.wording),
            hint: self.text(&question.hint),
            optional: question.required == Required::No && question.kind.takes_answer(),
            items,
            other,
            read_only: question.read_only,
            media: question.media.iter().filter_map(|media| self.media(media)).collect(),
            refreshed: self.refreshed(question),
            several: matches!(question.kind, Kind::Multiple(_) | Kind::Ranking(_)),
            reference: reference(question.id),
            low,
            high,
        }
    }

    /// A picture, sound or film, in this language's form.
    fn media(&self, media: &Media) -> Option<MediaView> {
        let fallback = &self.interview.version.document.default_language;
        let file = own_name(media.file.get(self.language, fallback)).to_owned();
        let kind = match media.kind {
            MediaKind::Image | MediaKind::Drawing => "image",
            MediaKind::Audio => "audio",
            MediaKind::Video => "video",
            MediaKind::Any => return None,
        };
        (!file.is_empty()).then_some(MediaView { kind, file })
    }

    /// Whether the options of a question depend on answers of its own page.
    fn refreshed(&self, question: &Question) -> bool {
        let version = &self.interview.version;
        // A list that is searched is looked up anew with every search.
        if searched(&version.document, &question.kind).is_some() {
            return false;
        }
        let filter = version.compiled(question.id).and_then(|compiled| compiled.filter.as_ref());
        let page = self.stop.page_index().and_then(|index| version.page(index));
        let (Some(filter), Some(page)) = (filter, page) else { return false };
        let own: Vec<String> = page
            .questions
            .iter()
            .flat_map(Question::items)
            .map(|item| reference(item.id))
            .collect();
        filter.references().into_iter().any(|read| own.iter().any(|one| one == read))
    }

    /// The id of the first control of an item, for links from the summary.
    fn target(&self, item: ItemId) -> String {
        let version = &self.interview.version;
        let Some(question) = version.question(item) else { return String::new() };
        let items = question.items();
        let Some(item) = items.iter().find(|part| part.id == item) else { return String::new() };
        let kind = item.kind_in(question);
        let of_question = self.offered(question);
        if searched(&version.document, &kind).is_some() {
            return item.name.to_string();
        }
        let first = match (&*kind, control(&kind)) {
            (Kind::Scale(scale), _) => Some(scale.from.to_string()),
            (_, "ranking") => Some("1".to_owned()),
            (_, "acknowledge") => Some("yes".to_owned()),
            (_, "radio" | "checkbox") => {
                offered_for(version, question, item, &of_question).first().cloned()
            }
            _ => None,
        };
        match first {
            Some(code) => format!("{}-{code}", item.name),
            None => item.name.to_string(),
        }
    }

    fn item_wording(&self, item: ItemId) -> String {
        let Some(question) = self.interview.version.question(item) else { return String::new() };
        let items = question.items();
        let Some(part) = items.iter().find(|part| part.id == item) else { return String::new() };
        let wording = if part.wording.is_empty() { &question.wording } else { part.wording };
        match part.column.map(|column| self.text(&column.label)) {
            Some(column) if !column.is_empty() => format!("{} – {column}", self.text(wording)),
            _ => self.text(wording),
        }
    }

    fn mistake_text(&self, mistake: &Mistake) -> String {
        if let Some(message) = &mistake.message {
            return self.text(message);
        }
        let question = self.item_wording(mistake.item);
        let you = form_of_address(&self.interview.version.document, self.language);
        let capital = capitalised(&you);
        let mut arguments: Vec<(&str, &str)> =
            vec![("question", &question), ("you", &you), ("You", &capital)];
        arguments
            .extend(mistake.arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let key = format!("mistake-{}", mistake.code.replace('_', "-"));
        locale::text(self.language, &key, &arguments)
    }
}

/// The name of a kind in templates.
pub fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Consent(_) => "single",
        Kind::Integer(_) | Kind::Decimal(_) => "number",
        other => other.name(),
    }
}
