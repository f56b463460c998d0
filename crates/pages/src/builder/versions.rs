//! States of the draft that have a name, and published versions: named, compared side by
//! side, and brought back.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::states::{self as acts, Goal};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::states::{self, Listed};
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, Instant, Scope};
use serde::Serialize;
use survey_builder::questionnaire::compile::compile_version;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::validate::Posted;

use super::differences::Differences;
use super::{Seen, Strip, seen};
use crate::bar::Place;
use crate::form::{FieldProblem, asked, field, field_problems, off_thread};
use crate::outcome::status;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor, StudyHead};

/// The draft as it is, among what can be compared.
const NOW: &str = "now";

/// The page of named states and versions.
#[derive(Serialize)]
struct VersionsPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Vec<FieldProblem>,
    /// What was typed as a name.
    typed: String,
    lines: Vec<Line>,
    compared: Option<Compared>,
}

/// A state or a version.
#[derive(Serialize)]
struct Line {
    /// What the address calls it.
    key: String,
    /// Its own name; empty for a version.
    called: String,
    /// The number of a version.
    version: Option<i64>,
    day: String,
    time: String,
    /// Who named it; empty for a version.
    author: String,
    /// Edits since.
    since: Option<i64>,
}

/// Two that are compared.
#[derive(Serialize)]
struct Compared {
    from: String,
    to: String,
    #[serde(flatten)]
    differences: Differences,
    /// Whether nothing at all is different.
    same: bool,
    /// Whether the draft can be brought back to the first.
    restores: bool,
    /// Whether it cannot, because it is not known which edits it holds.
    unknown: bool,
}

/// What an address calls something to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// The draft as it is.
    Now,
    /// Something else.
    Kept(Goal),
}

impl Named {
    fn of(text: &str) -> Option<Self> {
        if text == NOW {
            return Some(Self::Now);
        }
        let (kind, id) = text.split_once('-')?;
        let id = Id::parse(id)?;
        match kind {
            "state" => Some(Self::Kept(Goal::State(id))),
            "version" => Some(Self::Kept(Goal::Version(id))),
            _ => None,
        }
    }
}

fn key(goal: Goal) -> String {
    match goal {
        Goal::State(id) => format!("state-{id}"),
        Goal::Version(id) => format!("version-{id}"),
    }
}

impl Line {
    fn new(goal: Goal, at: Instant, number: Option<i64>, (study, newest): (&Study, i64)) -> Self {
        let hour = at.in_zone(study.time_zone);
        Self {
            key: key(goal),
            called: String::new(),
            version: None,
            day: locale::date(at.day_in(study.time_zone)),
            time: hour.map(|at| at.format("%H:%M").to_string()).unwrap_or_default(),
            author: String::new(),
            since: number.map(|number| newest - number),
        }
    }

    fn of_state(state: &Listed, of: (&Study, i64)) -> Self {
        let line = Self::new(Goal::State(state.id), state.named_at, Some(state.number), of);
        Self { called: state.name.clone(), author: state.author.clone(), ..line }
    }
}

/// A document to compare, with the edits that it holds where that is known.
type Kept = (Document, Option<i64>);

fn kept(connection: &mut Connection, questionnaire: Id, goal: Goal) -> Result<Option<Kept>, Error> {
    Ok(match goal {
        Goal::State(id) => states::find(connection, questionnaire, id)?
            .map(|state| (state.document.into_inner(), Some(state.number))),
        Goal::Version(id) => studies::version(connection, id)?
            .filter(|version| version.questionnaire_id == questionnaire)
            .map(|version| (version.document.into_inner(), version.draft_number)),
    })
}

/// `GET /studies/{id}/builder/versions?from=…&to=…`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    versions_page(&app, &request, &signed_in, &study, (&Posted::new(), &[])).await
}

async fn versions_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (form, problems): (&Posted, &[Problem]),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let (of, newest) = (seen.stored.questionnaire, seen.stored.number);
    let from = asked(request, "from").and_then(Named::of);
    let to = asked(request, "to").map_or(Some(Named::Now), Named::of);
    let (listed, published, first, second) = app
        .store
        .read(move |connection| {
            let mut read = |named: Option<Named>| match named {
                Some(Named::Kept(goal)) => kept(connection, of, goal),
                _ => Ok(None),
            };
            let (first, second) = (read(from)?, read(to)?);
            let published = studies::versions_of(connection, of)?;
            Ok((states::listed(connection, of)?, published, first, second))
        })
        .await?;
    let at = (study, newest);
    let mut lines: Vec<(Instant, Line)> = Vec::new();
    lines.extend(listed.iter().map(|one| (one.named_at, Line::of_state(one, at))));
    lines.extend(published.into_iter().map(|one| {
        let (goal, when) = (Goal::Version(one.id), one.published_at);
        let line = Line::new(goal, when, one.draft_number, at);
        (when, Line { version: Some(one.number), ..line })
    }));
    lines.sort_by_key(|(when, _)| std::cmp::Reverse(*when));
    let compared = compared(&seen, (from, first), (to, second), language).await?;
    let shown = VersionsPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "versions"),
        problems: field_problems(problems, language),
        typed: field(form, "name"),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        compared,
    };
    page(status(problems), "builder/versions.html", language, &shown)
}

/// Two that are compared; nothing where one of them is not there.
async fn compared(
    seen: &Seen,
    (from, first): (Option<Named>, Option<Kept>),
    (to, second): (Option<Named>, Option<Kept>),
    language: &'static str,
) -> Result<Option<Compared>, Error> {
    let now = |named: Option<Named>, kept: Option<Kept>| match named {
        Some(Named::Now) => Some((seen.document().clone(), Some(seen.stored.number))),
        _ => kept,
    };
    let called = |named: Option<Named>| match named {
        Some(Named::Kept(goal)) => key(goal),
        _ => NOW.to_owned(),
    };
    let (Some((before, number)), Some((after, _))) = (now(from, first), now(to, second)) else {
        return Ok(None);
    };
    let is_goal = matches!(from, Some(Named::Kept(_))) && to == Some(Named::Now);
    let (from, to) = (called(from), called(to));
    off_thread(move || {
        let same = before == after;
        let (version, _) = compile_version(after);
        let differences = Differences::between(before, (&version.document, &version), language);
        Some(Compared {
            from,
            to,
            differences,
            same,
            restores: is_goal && number.is_some() && !same,
            unknown: is_goal && number.is_none() && !same,
        })
    })
    .await
}

/// `POST /studies/{id}/builder/versions`: names the draft, takes a name away, or brings
/// the draft back.
pub async fn change(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let (user, now, id) = (signed_in.user.id, app.clock.now(), study.id);
    let seen: i64 = field(&form, "seen").parse().unwrap_or(-1);
    let sent_as = Id::parse(&field(&form, "sent_as")).unwrap_or_else(Id::random);
    let goal = match Named::of(&field(&form, "goal")) {
        Some(Named::Kept(goal)) => Some(goal),
        _ => None,
    };
    let (wish, name) = (field(&form, "do"), field(&form, "name"));
    let done = app
        .store
        .write(Scope::Study(id), move |connection| match (wish.as_str(), goal) {
            ("name", _) => {
                let named = (name.as_str(), seen);
                acts::name_state(connection, now, user, id, named).map(|_| false)
            }
            ("forget", Some(Goal::State(state))) => {
                acts::forget_state(connection, now, user, id, state).map(|()| false)
            }
            ("restore", Some(goal)) => {
                let wish = (goal, seen, sent_as);
                acts::restore_draft(connection, now, user, id, wish).map(|done| done.is_some())
            }
            _ => Ok(false),
        })
        .await;
    match done {
        // The outline tells what could not be brought back.
        Ok(true) => Ok(redirect(&format!("/studies/{id}/builder?sent={sent_as}"))),
        Ok(false) => Ok(redirect(&format!("/studies/{id}/builder/versions"))),
        Err(Error::Invalid(problems)) => {
            versions_page(&app, &request, &signed_in, &study, (&form, &problems)).await
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn addresses_name_what_is_compared() {
        let id = Id::random();
        assert_eq!(Named::of("now"), Some(Named::Now));
        for goal in [Goal::State(id), Goal::Version(id)] {
            assert_eq!(Named::of(&key(goal)), Some(Named::Kept(goal)));
        }
        for nonsense in ["", "state-", "x-1", "state-x", "version"] {
            assert_eq!(Named::of(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn states_and_versions_show_their_examples() {
        shows("builder/versions.html", |language| {
            let state = Line {
                key: "state-0192".to_owned(),
                called: "Gửi lãnh đạo Sở".to_owned(),
                version: None,
                day: "02/12/2026".to_owned(),
                time: "14:05".to_owned(),
                author: "Lan".to_owned(),
                since: Some(4),
            };
            let version = |since| Line {
                key: "version-0192".to_owned(),
                called: String::new(),
                version: Some(1),
                day: "01/12/2026".to_owned(),
                time: "09:00".to_owned(),
                author: String::new(),
                since,
            };
            let compared = |same: bool, restores: bool, listed: bool| Compared {
                from: "state-0192".to_owned(),
                to: NOW.to_owned(),
                differences: if listed { Differences::example() } else { Differences::default() },
                same,
                restores,
                unknown: !same && !restores,
            };
            let of = |lines, compared, problems: &[Problem]| VersionsPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                strip: Strip::example("versions"),
                problems: field_problems(problems, language),
                typed: String::new(),
                lines,
                compared,
            };
            let wrong = [Problem::new("state-name-taken", "name")];
            vec![
                of(Vec::new(), None, &[]),
                of(vec![state], Some(compared(false, true, true)), &[]),
                of(vec![version(Some(0))], Some(compared(true, false, false)), &wrong),
                of(vec![version(None)], Some(compared(false, false, false)), &[]),
            ]
        });
    }
}
