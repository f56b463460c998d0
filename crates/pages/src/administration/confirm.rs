//! What touches what other people may do, on a page of its own before it is done: who,
//! what they may from then on and no longer, what stays, and whether it can be taken
//! back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::{membership, second_factor};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Role;
use fielding::store::invited::{self, Invited};
use fielding::store::{Connection, Id, Instant, Scope, people, sessions, studies};
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::consequences::{account_step, role_step, withdrawal, word_of};
use super::person::Person;
use super::{own_unit, sent};
use crate::bar::Place;
use crate::form::{asked, field};
use crate::outcome::status;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::confirm::Consequences;

/// The page of a step.
#[derive(Serialize)]
struct ConfirmPage {
    #[serde(flatten)]
    layout: StaffLayout,
    confirm: Consequences,
    /// Whether it is different by now from what was seen.
    changed: bool,
    problems: Vec<String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A role in a unit, or none any more.
    Role { unit: Id, role: Option<Role> },
    /// No sign-in from now on.
    Disable,
    /// Sign-in again.
    Enable,
    /// The second factor is taken away.
    RemoveFactor,
    /// An invitation is taken back.
    Withdraw,
}

/// Whom it is about.
enum Subject {
    Person(Box<Person>, Figures),
    Invited(Box<Invited>, String),
}

/// What is counted for the page.
#[derive(Clone, Copy, Default)]
pub(super) struct Figures {
    /// Sessions that are open.
    pub(super) sessions: i64,
    /// Studies of the unit and those below it.
    pub(super) studies: i64,
    /// The role in the unit before.
    pub(super) before: Option<Role>,
}

/// The most studies that are counted.
const COUNTED: i64 = 1_000;

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Step {
    /// What a form or an address says of a role.
    fn role(unit: &str, role: &str) -> Result<Self, Error> {
        let role = match role {
            "none" => None,
            word => {
                let role = Role::from_word(word);
                Some(role.ok_or_else(|| Error::invalid("required", "role"))?)
            }
        };
        let unit = Id::parse(unit).ok_or(Error::NotFound(Missing::Unit))?;
        Ok(Self::Role { unit, role })
    }

    fn read(
        &self,
        connection: &mut Connection,
        who: &SignedIn,
        id: &str,
        now: Instant,
    ) -> Result<Subject, Error> {
        if *self == Self::Withdraw {
            let missing = || Error::NotFound(Missing::Invitation);
            let row = invited::find(connection, Id::parse(id).ok_or_else(missing)?)?;
            let row = row.ok_or_else(missing)?;
            let unit = own_unit(connection, who, &row.unit_id.to_string());
            let unit = unit.map_err(|_| missing())?;
            return Ok(Subject::Invited(Box::new(row), unit.name));
        }
        let person = Person::of(connection, who, id)?;
        let mut figures = Figures {
            sessions: whole(sessions::of_user(connection, person.user.id, now)?.len()),
            ..Figures::default()
        };
        match self {
            Self::Role { unit, .. } => {
                let unit = own_unit(connection, who, &unit.to_string())?.id;
                let below = people::units_below(connection, &[unit])?;
                let all = studies::of_units(connection, &below, false, None, COUNTED)?;
                figures.studies = whole(all.len());
                figures.before = people::role_in(connection, person.user.id, unit)?;
            }
            // Somebody who is something elsewhere is not for whoever reads to decide about.
            _ if !person.whole => return Err(Error::Forbidden),
            _ => {}
        }
        Ok(Subject::Person(Box::new(person), figures))
    }

    fn act(&self, connection: &mut Connection, now: Instant, by: Id, id: Id) -> Result<(), Error> {
        match self {
            Self::Role { unit, role: Some(role) } => {
                membership::set_role(connection, now, by, (id, *unit), *role)
            }
            Self::Role { unit, role: None } => {
                membership::end_role(connection, now, by, (id, *unit))
            }
            Self::Disable => membership::disable(connection, now, by, id),
            Self::Enable => membership::enable(connection, now, by, id),
            Self::RemoveFactor => second_factor::remove_of(connection, now, Some(by), id),
            Self::Withdraw => membership::withdraw(connection, now, by, id),
        }
    }

    /// Whether things are as they were when the page was read that `seen` is from.
    fn is_as_seen(&self, subject: &Subject, seen: &str) -> bool {
        match (self, subject) {
            (Self::Role { .. }, Subject::Person(_, figures)) => seen == word_of(figures.before),
            _ => true,
        }
    }

    /// The end of the address.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role",
            Self::Disable => "disabling",
            Self::Enable => "enabling",
            Self::RemoveFactor => "second-factor",
            Self::Withdraw => "withdrawal",
        }
    }

    /// Where one goes when it is done.
    fn way(&self, subject: &Subject) -> String {
        match (self, subject) {
            (_, Subject::Invited(row, _)) => {
                format!("/administration/units/{}?done=withdrawn", row.unit_id)
            }
            (Self::Role { unit, role: None }, Subject::Person(..)) => {
                format!("/administration/units/{unit}?done=role-ended")
            }
            (_, Subject::Person(person, _)) => {
                let done = match self {
                    Self::Disable => "disabled",
                    Self::Enable => "enabled",
                    Self::RemoveFactor => "factor-removed",
                    _ => "role-set",
                };
                format!("/administration/people/{}?done={done}", person.user.id)
            }
        }
    }

    fn write(&self, subject: &Subject, language: &str) -> Consequences {
        match subject {
            Subject::Invited(row, unit) => withdrawal(row, unit, language),
            Subject::Person(person, figures) => match self {
                Self::Role { unit, role } => role_step(person, *unit, (*figures, *role), language),
                _ => account_step(self, person, *figures, language),
            },
        }
    }
}

/// The page of a step, with what stands in its way.
async fn show(
    app: &Site,
    request: &HttpRequest,
    signed_in: &SignedIn,
    (id, step): (&str, &Step),
    (changed, problems): (bool, &[Problem]),
) -> Result<HttpResponse, Error> {
    let (who, of, asked, now) = (signed_in.clone(), id.to_owned(), step.clone(), app.clock.now());
    let subject = app.store.read(move |connection| asked.read(connection, &who, &of, now)).await?;
    let language = signed_in.language(request);
    let shown = ConfirmPage {
        layout: signed_in.layout(app, Place::Administration),
        confirm: step.write(&subject, language),
        changed,
        problems: problems.iter().map(|problem| problem_text(problem, language)).collect(),
    };
    let status = if changed { StatusCode::CONFLICT } else { status(problems) };
    page(status, "administration/confirm.html", language, &shown)
}

async fn ask(
    app: &Site,
    request: &HttpRequest,
    id: &str,
    step: Step,
) -> Result<HttpResponse, Error> {
    let signed_in = super::administrator(app, request).await?;
    show(app, request, &signed_in, (id, &step), (false, &[])).await
}

async fn carry_out(
    app: &Site,
    request: &HttpRequest,
    id: &str,
    payload: Payload,
    step: impl FnOnce(&Posted) -> Result<Step, Error>,
) -> Result<HttpResponse, Error> {
    let (signed_in, form) = sent(app, request, payload).await?;
    let step = step(&form)?;
    let (who, of, asked) = (signed_in.clone(), id.to_owned(), step.clone());
    let (now, by, seen) = (app.clock.now(), signed_in.user.id, field(&form, "seen"));
    let was_seen = seen.clone();
    let done = app
        .store
        .write(Scope::Everything, move |connection| {
            let subject = asked.read(connection, &who, &of, now)?;
            if !asked.is_as_seen(&subject, &was_seen) {
                return Ok(None);
            }
            let way = asked.way(&subject);
            let id = match &subject {
                Subject::Person(person, _) => person.user.id,
                Subject::Invited(row, _) => row.id,
            };
            asked.act(connection, now, by, id)?;
            Ok(Some(way))
        })
        .await;
    match done {
        Ok(Some(way)) => Ok(redirect(&way)),
        // Who never saw what there is, is not told that it has changed.
        Ok(None) => {
            let again = (!seen.is_empty(), &[][..]);
            show(app, request, &signed_in, (id, &step), again).await
        }
        Err(Error::Invalid(problems)) => {
            show(app, request, &signed_in, (id, &step), (false, &problems)).await
        }
        Err(error) => Err(error),
    }
}

/// `GET /administration/people/{person}/role?unit=…&role=…`
pub async fn ask_role(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
) -> Result<HttpResponse, Error> {
    super::administrator(&app, &request).await?;
    let of = |name: &str| asked(&request, name).unwrap_or_default().to_owned();
    let step = Step::role(&of("unit"), &of("role"))?;
    ask(&app, &request, &person, step).await
}

/// `POST /administration/people/{person}/role`
pub async fn set_role(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let step = |form: &Posted| Step::role(&field(form, "unit"), &field(form, "role"));
    carry_out(&app, &request, &person, payload, step).await
}

/// `GET /administration/people/{person}/disabling`
pub async fn ask_disable(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
) -> Result<HttpResponse, Error> {
    ask(&app, &request, &person, Step::Disable).await
}

/// `POST /administration/people/{person}/disabling`
pub async fn disable(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    carry_out(&app, &request, &person, payload, |_| Ok(Step::Disable)).await
}

/// `GET /administration/people/{person}/enabling`
pub async fn ask_enable(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
) -> Result<HttpResponse, Error> {
    ask(&app, &request, &person, Step::Enable).await
}

/// `POST /administration/people/{person}/enabling`
pub async fn enable(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    carry_out(&app, &request, &person, payload, |_| Ok(Step::Enable)).await
}

/// `GET /administration/people/{person}/second-factor`
pub async fn ask_factor(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
) -> Result<HttpResponse, Error> {
    ask(&app, &request, &person, Step::RemoveFactor).await
}

/// `POST /administration/people/{person}/second-factor`
pub async fn remove_factor(
    app: Data<Site>,
    request: HttpRequest,
    person: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    carry_out(&app, &request, &person, payload, |_| Ok(Step::RemoveFactor)).await
}

/// `GET /administration/invitations/{invitation}/withdrawal`
pub async fn ask_withdraw(
    app: Data<Site>,
    request: HttpRequest,
    invitation: Path<String>,
) -> Result<HttpResponse, Error> {
    ask(&app, &request, &invitation, Step::Withdraw).await
}

/// `POST /administration/invitations/{invitation}/withdrawal`
pub async fn withdraw(
    app: Data<Site>,
    request: HttpRequest,
    invitation: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    carry_out(&app, &request, &invitation, payload, |_| Ok(Step::Withdraw)).await
}

#[cfg(test)]
mod tests {
    use fielding::store::people::{Unit, User};

    use super::*;
    use crate::examples::shows;

    fn person(disabled: bool) -> Person {
        let (id, unit) = (Id::random(), Id::random());
        let user = User {
            id,
            email: "lan@example.org".to_owned(),
            name: "Lan".to_owned(),
            password_hash: None,
            language: "vi".to_owned(),
            disabled,
            created_at: Instant(0),
        };
        let name = "Phòng Khảo sát".to_owned();
        let row = Unit { id: unit, parent_id: None, name, created_at: Instant(0) };
        let held = vec![(unit, Role::Analyst)];
        Person { user, held, units: vec![row], own: vec![unit], whole: true }
    }

    #[test]
    fn steps_show_their_examples() {
        shows("administration/confirm.html", |language| {
            let of = |confirm: Consequences, problems: &[&str]| ConfirmPage {
                layout: StaffLayout::example(language),
                confirm,
                changed: problems.is_empty(),
                problems: problems.iter().map(|one| (*one).to_owned()).collect(),
            };
            let figures = Figures { sessions: 2, studies: 4, before: Some(Role::Analyst) };
            let mut pages = Vec::new();
            for role in [None, Some(Role::Owner), Some(Role::Analyst)] {
                let one = person(false);
                let unit = one.units[0].id;
                pages.push(of(role_step(&one, unit, (figures, role), language), &[]));
            }
            for step in [Step::Disable, Step::Enable, Step::RemoveFactor] {
                for disabled in [false, true] {
                    let shown = account_step(&step, &person(disabled), figures, language);
                    pages.push(of(shown, &["…"]));
                }
            }
            pages
        });
    }
}
