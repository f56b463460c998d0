//! Search over what somebody may see here: studies, their questions and areas, and,
//! for whoever gives roles, people. Never an answer, never somebody on a list.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, drafts, people, samples};
use serde::Serialize;
use survey_builder::plain::plain;
use survey_builder::questionnaire::document::{Document, Question};

use crate::bar::Place;
use crate::form::{field, parse};
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;

/// Names of studies that are looked at, the newest.
const STUDIES: i64 = 2_000;
/// Studies whose questions and areas are looked at, the newest.
const OPENED: usize = 100;
/// Areas of one study that are looked at.
const AREAS: i64 = 5_000;
/// What is shown of each kind.
const SHOWN: usize = 20;
/// Signs of what is asked for that are looked at.
const LONGEST: usize = 100;

/// The page.
#[derive(Serialize)]
struct SearchPage {
    #[serde(flatten)]
    layout: StaffLayout,
    /// What is asked for.
    asked: String,
    groups: Vec<Group>,
    /// Studies whose questions and areas are looked at.
    opened: usize,
}

/// What was found of one kind.
#[derive(Clone, Debug, Serialize)]
struct Group {
    /// The end of the key of its title.
    kind: &'static str,
    found: Vec<Found>,
    /// Whether there is more than is shown.
    more: bool,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Found {
    address: String,
    text: String,
    /// Where it is; empty where that says nothing.
    place: String,
}

/// The words of what is asked for, without what spellings differ in.
struct Words(Vec<String>);

impl Words {
    fn of(asked: &str) -> Self {
        let short: String = asked.chars().take(LONGEST).collect();
        Self(plain(&short).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// Whether each of them begins a word of one of the texts.
    fn are_in<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let texts: Vec<String> =
            texts.into_iter().map(|text| format!(" {}", plain(text))).collect();
        let within = |word: &String| texts.iter().any(|text| text.contains(&format!(" {word}")));
        !self.0.is_empty() && self.0.iter().all(within)
    }
}

impl Group {
    fn new(kind: &'static str) -> Self {
        Self { kind, found: Vec::new(), more: false }
    }

    fn is_full(&self) -> bool {
        self.more
    }

    fn push(&mut self, address: String, text: &str, place: &str) {
        if self.found.len() == SHOWN {
            self.more = true;
        } else {
            self.found.push(Found { address, text: text.to_owned(), place: place.to_owned() });
        }
    }
}

/// `GET /search?q=`
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let asked = field(&parse(request.query_string().as_bytes()), "q").trim().to_owned();
    let (words, who) = (Words::of(&asked), signed_in.clone());
    let (groups, opened) = if words.0.is_empty() {
        (Vec::new(), 0)
    } else {
        app.store.read(move |connection| search(connection, &who, &words)).await?
    };
    let shown = SearchPage {
        layout: signed_in.layout(&app, Place::Search),
        groups: groups.into_iter().filter(|group| !group.found.is_empty()).collect(),
        asked,
        opened,
    };
    page(StatusCode::OK, "search.html", signed_in.language(&request), &shown)
}

/// What somebody may see of what is asked for, and into how many studies was looked.
fn search(
    connection: &mut Connection,
    who: &SignedIn,
    words: &Words,
) -> Result<(Vec<Group>, usize), Error> {
    let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
    let units = people::units_below(connection, &tops)?;
    // Those out of the way come after the others.
    let mut all = studies::of_units(connection, &units, false, None, STUDIES)?;
    all.extend(studies::of_units(connection, &units, true, None, STUDIES)?);
    let mut found = Group::new("studies");
    for study in all.iter().filter(|study| words.are_in([study.name.as_str()])) {
        found.push(format!("/studies/{}", study.id), &study.name, "");
    }
    let (mut questions, mut areas) = (Group::new("questions"), Group::new("areas"));
    let mut opened = 0;
    for study in all.iter().take(OPENED) {
        if !questions.is_full() {
            find_questions(connection, who, study, words, &mut questions)?;
        }
        if !areas.is_full() {
            find_areas(connection, study, words, &mut areas)?;
        }
        opened += 1;
    }
    let mut persons = Group::new("people");
    if who.may_somewhere(Action::Administer) {
        find_people(connection, who, words, &mut persons)?;
    }
    Ok((vec![found, questions, areas, persons], opened))
}

/// Questions of the draft, where somebody may write it, or else of what is published.
fn find_questions(
    connection: &mut Connection,
    who: &SignedIn,
    study: &Study,
    words: &Words,
    found: &mut Group,
) -> Result<(), Error> {
    let address = format!("/studies/{}", study.id);
    if who.may_in(connection, study.unit_id, Action::Design)? {
        let draft = drafts::of_study(connection, study.id)?.map(|stored| stored.draft.document);
        if let Some(document) = draft {
            asked_in(&document, words, |question, wording| {
                let address = format!("{address}/builder?item={}", question.id);
                found.push(address, wording, &study.name);
            });
        }
    } else if studies::current_version(connection, study.id)?.is_some() {
        let document = studies::published(connection, study.id)?;
        asked_in(&document, words, |question, wording| {
            let address = format!("{address}/questionnaire#q-{}", question.name);
            found.push(address, wording, &study.name);
        });
    }
    Ok(())
}

/// Tells of each question whose name or words, in any language, are asked for.
fn asked_in(document: &Document, words: &Words, mut tell: impl FnMut(&Question, &str)) {
    let languages: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    for question in document.questions() {
        let rows = question.kind.rows().iter().map(|row| &row.wording);
        let texts: Vec<&str> = std::iter::once(&question.wording)
            .chain(rows)
            .flat_map(|text| languages.iter().map(|language| text.get(language, "")))
            .chain([question.name.as_str()])
            .collect();
        if words.are_in(texts) {
            let first = document.default_language.as_str();
            tell(question, question.wording.get(first, first));
        }
    }
}

fn find_areas(
    connection: &mut Connection,
    study: &Study,
    words: &Words,
    found: &mut Group,
) -> Result<(), Error> {
    let Some(sample) = samples::of_study(connection, study.id)? else { return Ok(()) };
    for (area, _) in samples::areas_of(connection, sample.id, 0, AREAS)? {
        let names = [area.stratum.as_str(), area.psu.as_str()];
        if words.are_in(names) {
            let text = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>();
            found.push(
                format!("/studies/{}/sample#areas", study.id),
                &text.join(" · "),
                &study.name,
            );
        }
    }
    Ok(())
}

/// People by name or address, in the units that somebody gives roles in.
fn find_people(
    connection: &mut Connection,
    who: &SignedIn,
    words: &Words,
    found: &mut Group,
) -> Result<(), Error> {
    let units = who.administered(connection)?;
    let names = people::all_units(connection)?;
    let mut told = std::collections::BTreeSet::new();
    for (user, unit, _) in people::of_units(connection, &units)? {
        if words.are_in([user.name.as_str(), user.email.as_str()]) && told.insert(user.id) {
            let unit = names.iter().find(|one| one.id == unit).map_or("", |one| one.name.as_str());
            found.push(format!("/administration/people/{}", user.id), &user.name, unit);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn words_begin_words_whatever_their_accents() {
        let all = |asked: &str, text: &str| Words::of(asked).are_in([text]);
        assert!(all("duong tr", "Đường Trần Phú"));
        assert!(all("PHÚ đường", "Đường Trần Phú"));
        assert!(!all("uong", "Đường Trần Phú"));
        assert!(!all("", "Đường") && !all("  -- ", "Đường"));
        assert!(Words::of("lan hòa").are_in(["Lan", "Hoà Bình"]), "each in one of the texts");
    }

    #[test]
    fn the_page_is_shown() {
        let mut group = Group::new("questions");
        for _ in 0..=SHOWN {
            group.push(
                "/studies/0190/builder?item=1".to_owned(),
                "Ông/Bà đi làm bằng gì?",
                "Đi lại",
            );
        }
        assert_eq!((group.found.len(), group.more), (SHOWN, true));
        shows("search.html", |language| {
            let of = |groups, asked: &str| SearchPage {
                layout: StaffLayout::example(language),
                asked: asked.to_owned(),
                groups,
                opened: 3,
            };
            vec![of(vec![group.clone()], "xe"), of(Vec::new(), "xe"), of(Vec::new(), "")]
        });
    }
}
