//! Who is asked what, as a map made here: a row a question under the question that
//! decides it, with its condition in words and the share of simulated respondents who
//! are asked it. The list says the same without the drawing.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use serde::Serialize;
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Question, Section};
use survey_builder::questionnaire::dry_run::simulation::Simulation;
use survey_builder::questionnaire::map::{Decider, MapRow, MapSection, map};
use survey_builder::questionnaire::never::{Never, never_asked};
use uuid::Uuid;

use super::said::{Said, Speaker, plain};
use super::{Seen, Strip, seen};
use crate::bar::Place;
use crate::form::{asked, off_thread};
use crate::paper;
use crate::render::page;
use crate::session::StaffLayout;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// Questions of which all sections are open.
const ALL_OPEN: usize = 60;

/// Measures of the drawing, in its own units; words and bars stand where the template says.
const WIDTH: usize = 860;
const STEP: usize = 36;
const BOX: usize = 28;
const INDENT: usize = 36;
const RIGHT: usize = 440;
const BAR_WIDTH: usize = 76;

/// How deep a row is indented at most; a deeper one names its question.
const DEEPEST: usize = 6;

/// Signs of a condition beside a row.
const SIGNS: usize = 36;

/// The map.
#[derive(Serialize)]
struct MapPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    /// Whether it is shown as a list only.
    as_list: bool,
    /// What is chosen; empty where nothing is.
    chosen: String,
    respondents: usize,
    /// Questions that nobody can be asked.
    never: Vec<NeverView>,
    sections: Vec<SectionView>,
}

/// A question that nobody can be asked.
#[derive(Serialize)]
struct NeverView {
    item: String,
    called: String,
    /// What cannot hold at once.
    parts: Vec<Vec<Said>>,
}

/// A section.
#[derive(Serialize)]
struct SectionView {
    id: String,
    title: String,
    depth: usize,
    /// When it is asked; empty means always.
    condition: Vec<Said>,
    /// Whether its rows are shown.
    open: bool,
    questions: usize,
    height: usize,
    width: usize,
    /// The lines between rows, and those on the way to what is chosen.
    lines: String,
    way: String,
    rows: Vec<RowView>,
}

/// A question.
#[derive(Serialize)]
struct RowView {
    item: String,
    number: String,
    wording: String,
    /// When it is asked; empty means always.
    condition: Vec<Said>,
    /// The same as far as there is room.
    brief: String,
    /// What the share reads.
    share: String,
    /// Nobody is asked it.
    nobody: bool,
    chosen: bool,
    depth: usize,
    /// The question too far away for a line: its number, what it is.
    far: Option<(String, String)>,
    x: usize,
    y: usize,
    box_width: usize,
    bar: usize,
}

/// `GET /studies/{id}/builder/map`: `item` is what is chosen, `section` the one that
/// is open, `as=list` leaves the drawing out.
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let language = signed_in.language(&request);
    let id = |name: &str| asked(&request, name).and_then(|id| Uuid::try_parse(id).ok());
    let (chosen, opened) = (id("item"), id("section"));
    let as_list = asked(&request, "as") == Some("list");
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let (simulations, today) = (app.simulations.clone(), study.today(app.clock.now()));
    let version = std::sync::Arc::clone(&seen.version);
    let simulation = off_thread(move || simulations.of(&version, today)).await?;
    let shown = MapPage {
        layout: signed_in.study_layout(&app, &study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(&study),
        strip: Strip::of(&seen, "map"),
        as_list,
        chosen: chosen.map(|chosen| chosen.to_string()).unwrap_or_default(),
        respondents: simulation.respondents(),
        never: never(&seen, language),
        sections: sections(&seen, &simulation, (chosen, opened), language),
    };
    page(StatusCode::OK, "builder/map.html", language, &shown)
}

fn never(seen: &Seen, language: &str) -> Vec<NeverView> {
    let document = seen.document();
    let speaker = Speaker::new(&seen.version, language);
    let labels = paper::labels(document);
    let view = |one: &Never| {
        let question = document.questions().find(|it| it.id == one.question)?;
        Some(NeverView {
            item: one.question.to_string(),
            called: called(question, &labels, &speaker, language),
            parts: one.because.iter().map(|leaf| vec![speaker.leaf(leaf, None)]).collect(),
        })
    };
    never_asked(&seen.version).iter().filter_map(view).collect()
}

/// What a question is called where its words do not stand beside it.
fn called(
    question: &Question,
    labels: &HashMap<String, String>,
    speaker: &Speaker<'_>,
    language: &str,
) -> String {
    match labels.get(&question.name) {
        Some(number) => locale::text(language, "builder-question", &[("number", number)]),
        None => speaker.text_of(&question.wording),
    }
}

fn sections(
    seen: &Seen,
    simulation: &Simulation,
    (chosen, opened): (Option<Uuid>, Option<Uuid>),
    language: &str,
) -> Vec<SectionView> {
    let document = seen.document();
    let laid = map(&seen.version);
    let has = |section: &MapSection, item: Uuid| {
        section.id == item || section.rows.iter().any(|row| row.question == item)
    };
    let all = document.questions().count() <= ALL_OPEN;
    let wanted = opened.or(chosen);
    let wanted = laid.iter().find(|section| wanted.is_some_and(|item| has(section, item)));
    let first = laid.iter().find(|section| !section.rows.is_empty());
    let open = wanted.or(first).map(|section| section.id);
    let questions: HashMap<ItemId, &Question> =
        document.questions().map(|question| (question.id, question)).collect();
    let written = document.all_sections();
    let written: HashMap<ItemId, &Section> =
        written.into_iter().map(|section| (section.id, section)).collect();
    let pages = document.pages().filter_map(|(_, page)| Some((page, page.relevant.as_deref()?)));
    let on_page = pages.flat_map(|(page, text)| page.questions.iter().map(move |it| (it.id, text)));
    let drawing = Drawing {
        questions,
        pages: on_page.collect(),
        labels: paper::labels(document),
        speaker: Speaker::new(&seen.version, language),
        simulation,
        chosen,
        language,
    };
    let view = |section: &MapSection| {
        let own = written.get(&section.id)?;
        Some(drawing.section(section, own, all || open == Some(section.id)))
    };
    laid.iter().filter_map(view).collect()
}

/// What drawing needs to know everywhere.
struct Drawing<'a> {
    questions: HashMap<ItemId, &'a Question>,
    /// The conditions of pages, by the questions on them.
    pages: HashMap<ItemId, &'a str>,
    labels: HashMap<String, String>,
    speaker: Speaker<'a>,
    simulation: &'a Simulation,
    chosen: Option<Uuid>,
    language: &'a str,
}

impl Drawing<'_> {
    fn section(&self, section: &MapSection, own: &Section, open: bool) -> SectionView {
        let rows = if open { section.rows.as_slice() } else { &[] };
        let chosen = rows.iter().position(|row| Some(row.question) == self.chosen);
        let mut on_way = HashSet::new();
        let mut at = chosen;
        while let Some(row) = at.filter(|row| on_way.insert(*row)) {
            at = match rows[row].by {
                Decider::Row(above) => Some(above),
                _ => None,
            };
        }
        let (mut lines, mut way) = (String::new(), String::new());
        for (place, row) in rows.iter().enumerate() {
            let drawn = line(rows, place, row);
            (if on_way.contains(&place) { &mut way } else { &mut lines }).push_str(&drawn);
        }
        let views = rows.iter().enumerate().filter_map(|(place, row)| self.row(place, row));
        SectionView {
            id: section.id.to_string(),
            title: self.speaker.text_of(&own.title),
            depth: section.depth,
            condition: self.speaker.optional(own.relevant.as_ref()),
            open,
            questions: section.rows.len(),
            height: rows.len() * STEP,
            width: WIDTH,
            lines,
            way,
            rows: views.collect(),
        }
    }

    /// When a question is asked, with the condition of its page.
    fn condition(&self, question: &Question) -> Vec<Said> {
        let page = self.pages.get(&question.id).copied();
        match (page, &question.relevant) {
            (Some(page), Some(own)) => {
                self.speaker.condition(&format!("({page}) and ({own})"), None)
            }
            (Some(page), None) => self.speaker.condition(page, None),
            (None, own) => self.speaker.optional(own.as_ref()),
        }
    }

    fn row(&self, place: usize, row: &MapRow) -> Option<RowView> {
        let question = *self.questions.get(&row.question)?;
        let far = match row.by {
            Decider::Far(far) => Some(far),
            Decider::Row(_) | Decider::Nobody => None,
        };
        let far = far.and_then(|far| {
            let question = self.questions.get(&far)?;
            let number = self.labels.get(&question.name).cloned().unwrap_or_else(|| "…".to_owned());
            Some((number, far.to_string()))
        });
        let x = left(row);
        let condition = self.condition(question);
        let (count, all) = (self.simulation.asked(question.id), self.simulation.respondents());
        let all = u32::try_from(all).unwrap_or(u32::MAX).max(1);
        let share = f64::from(count) / f64::from(all);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 76")]
        let bar = (share * 76.0).round() as usize;
        let number = self.labels.get(&question.name).cloned().unwrap_or_default();
        // Seven units a sign, as wide as the usual ones are.
        let room = (RIGHT - x - 16) * 10 / 72;
        let wording = self.speaker.text_of(&question.wording);
        let wording = if wording.is_empty() { question.name.clone() } else { wording };
        Some(RowView {
            item: question.id.to_string(),
            wording: cut(&wording, room.saturating_sub(number.chars().count() + 3)),
            number,
            brief: match plain(&condition) {
                empty if empty.is_empty() => locale::text(self.language, "map-everyone", &[]),
                words => cut(&words, SIGNS),
            },
            condition,
            share: locale::percent(self.language, share, 0),
            nobody: count == 0,
            chosen: Some(question.id) == self.chosen,
            depth: row.depth.min(DEEPEST),
            far,
            x,
            y: place * STEP + (STEP - BOX) / 2,
            box_width: RIGHT - x,
            bar: bar.min(BAR_WIDTH),
        })
    }
}

fn left(row: &MapRow) -> usize {
    1 + row.depth.min(DEEPEST) * INDENT
}

/// The line that leads to a row from what decides it.
fn line(rows: &[MapRow], place: usize, row: &MapRow) -> String {
    let middle = place * STEP + STEP / 2;
    let mut drawn = String::new();
    match row.by {
        Decider::Row(above) if rows[above].depth < DEEPEST => {
            let from = left(&rows[above]) + 14;
            let top = above * STEP + STEP - (STEP - BOX) / 2;
            let _ = write!(drawn, "M{from} {top}V{}q0 6 6 6H{}", middle - 6, left(row));
        }
        Decider::Far(_) => {
            let _ = write!(drawn, "M{} {middle}H{}", left(row) - INDENT + 26, left(row));
        }
        _ => {}
    }
    drawn
}

/// The beginning of a text, with a sign that more follows.
fn cut(text: &str, signs: usize) -> String {
    if text.chars().count() <= signs {
        return text.to_owned();
    }
    let kept: String = text.chars().take(signs.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;
    use survey_builder::questionnaire::dry_run::simulation::simulate;

    #[test]
    fn the_map_shows_its_examples() {
        let seen = super::super::tests::seen_example();
        let today = chrono::NaiveDate::from_ymd_opt(2026, 12, 2).expect("a day");
        let simulation = simulate(&seen.version, 20, 1, today);
        shows("builder/map.html", |language| {
            let hours = seen.document().questions().nth(2).expect("a question").id;
            let of = |as_list, chosen| MapPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("map"),
                as_list,
                chosen: "0190".to_owned(),
                respondents: 20,
                never: vec![
                    NeverView {
                        item: "0190".to_owned(),
                        called: "…".to_owned(),
                        parts: vec![vec![Said::words("…")], vec![Said::words("…")]],
                    },
                    NeverView {
                        item: "0190".to_owned(),
                        called: "…".to_owned(),
                        parts: vec![vec![Said::words("…")]],
                    },
                ],
                sections: sections(&seen, &simulation, (chosen, None), language),
            };
            let mut folded = of(false, None);
            for section in &mut folded.sections {
                section.open = false;
                section.condition = vec![Said::words("…")];
            }
            let mut far = of(false, Some(hours));
            for row in far.sections.iter_mut().flat_map(|section| &mut section.rows) {
                row.far = Some(("1".to_owned(), "0190".to_owned()));
            }
            let bare = MapPage { never: Vec::new(), ..of(true, None) };
            vec![of(false, Some(hours)), of(true, Some(hours)), folded, far, bare]
        });
    }

    /// Of a long questionnaire one section is open, and the page stays small.
    #[test]
    fn a_long_questionnaire_is_folded() {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        let mut document: survey_builder::questionnaire::document::Document =
            serde_json::from_str(json).expect("a document");
        let length =
            |section: &Section| section.own_pages().map(|page| page.questions.len()).sum::<usize>();
        let longest = document.sections.iter().max_by_key(|section| length(section)).cloned();
        let text = serde_json::to_string(&longest.expect("a section")).expect("JSON");
        for number in 1..80_u128 {
            // The same with other identities.
            let words = text.split('"').map(|word| match Uuid::try_parse(word) {
                Ok(id) => Uuid::from_u128(id.as_u128() ^ (number << 64)).to_string(),
                Err(_) => word.to_owned(),
            });
            let section = serde_json::from_str(&words.collect::<Vec<String>>().join("\""));
            document.sections.push(section.expect("a section"));
        }
        assert!(document.questions().count() > 300);
        let seen = super::super::tests::seen_of(document);
        let today = chrono::NaiveDate::from_ymd_opt(2026, 12, 2).expect("a day");
        let simulation = simulate(&seen.version, 5, 1, today);
        let last = seen.document().questions().last().expect("a question").id;
        for chosen in [None, Some(last)] {
            let shown = MapPage {
                layout: StaffLayout::example("vi"),
                study: StudyHead::bare(),
                strip: Strip::example("map"),
                as_list: false,
                chosen: String::new(),
                respondents: 5,
                never: never(&seen, "vi"),
                sections: sections(&seen, &simulation, (chosen, None), "vi"),
            };
            let open = shown.sections.iter().filter(|section| !section.rows.is_empty());
            assert_eq!(open.count(), 1);
            let html = crate::render::render("builder/map.html", "vi", &shown).expect("a page");
            assert!(html.len() < 60_000, "{} bytes", html.len());
        }
    }
}
