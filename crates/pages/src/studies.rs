//! Studies: the list, a new one, and its margins; what else can be done with one is below.

pub mod about;
pub mod archive;
pub mod confirm;
pub mod design;
pub mod example;
pub mod field;
pub mod fieldwork;
pub mod margins;
pub mod media;
pub mod overview;
pub mod people;
pub mod questionnaire;
pub mod record;
pub mod report;
pub mod sample;
pub mod settings;
pub mod sheets;
pub mod tables;

use std::collections::BTreeMap;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::study::{NewStudy, begin_study, create_study};
use fielding::error::{Error, Problem};
use fielding::files::questionnaire::{accepted, read_in};
use fielding::rules::access::Action;
use fielding::rules::identity::identifying_questions;
use fielding::rules::states::{Example, Privacy};
use fielding::store::studies::Study;
use fielding::store::{
    Connection, Id, Scope, Zone, drafts, outcomes, people as accounts, responses, studies,
};
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::operation::compose;
use survey_builder::questionnaire::validate::Posted;

use self::about::{Listed, field_errors, labelled};
use super::bar::Place;
use super::form::{FieldProblem, asked, field, read_uploads};
use super::outcome::{on_or_again, status};
use super::render::page;
use super::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::starters::{QUESTIONNAIRES, StarterLine, lines, named};

/// Studies on one page of the list.
const PAGE: i64 = 50;
/// The list of studies.
#[derive(Serialize)]
struct ListPage {
    #[serde(flatten)]
    layout: StaffLayout,
    may_design: bool,
    /// Work that failed and was started again, for who looks after the service:
    /// which, and how often.
    restarts: Vec<(&'static str, u64)>,
    /// The study after which the next page of the list begins.
    more: Option<String>,
    studies: Vec<StudyLine>,
    /// Whether these are the ones out of the way.
    archived: bool,
    /// How many are out of the way, beside the others.
    archived_count: i64,
    /// Whether one was deleted just now.
    deleted: bool,
}

/// The form of a new study.
#[derive(Serialize)]
struct NewPage {
    #[serde(flatten)]
    layout: StaffLayout,
    form: NewForm,
    problems: Listed<FieldProblem>,
    /// What is wrong with each field; empty where nothing is.
    errors: BTreeMap<&'static str, String>,
    /// Whether the questionnaire asks who somebody is and a reason is wanted.
    asks_identity: bool,
    /// Studies whose questionnaire may be begun from: identity, name, whether it is chosen.
    others: Vec<(String, String, bool)>,
    /// Languages that texts which name none may be in: code and name.
    text_languages: [(&'static str, &'static str); 2],
    /// The endings of files that are read.
    accept: String,
    /// Questionnaires to try with.
    starters: Vec<StarterLine>,
}

/// What was typed there.
#[derive(Serialize)]
struct NewForm {
    name: String,
    organisation: String,
    phone: String,
    closes_on: String,
    privacy: String,
    privacy_reason: String,
    texts_in: String,
    /// Where the questionnaire comes from: `file`, `study`, `starter`, or `here` where it is
    /// to be written.
    source: String,
    /// The one of ours that is chosen.
    starter: String,
}

impl NewForm {
    fn of(form: &Posted) -> Self {
        Self {
            name: field(form, "name"),
            organisation: field(form, "organisation"),
            phone: field(form, "phone"),
            closes_on: field(form, "closes_on"),
            privacy: field(form, "privacy"),
            privacy_reason: field(form, "privacy_reason"),
            texts_in: field(form, "texts_in"),
            source: Source::of(form).word().to_owned(),
            starter: field(form, "starter"),
        }
    }
}

/// Where a questionnaire comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// It is to be written.
    Here,
    /// Another study has it.
    Study,
    /// It is sent.
    File,
    /// It is one of ours to try with.
    Starter,
}

impl Source {
    fn of(form: &Posted) -> Self {
        match field(form, "source").as_str() {
            "here" => Self::Here,
            "study" => Self::Study,
            "starter" => Self::Starter,
            _ => Self::File,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Study => "study",
            Self::File => "file",
            Self::Starter => "starter",
        }
    }
}

#[derive(Serialize)]
struct StudyLine {
    id: String,
    name: String,
    status: &'static str,
    /// Whether its people are invented.
    is_example: bool,
    interviews: i64,
    cases: i64,
}

/// `GET /studies`
pub async fn list(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let before = asked(&request, "before").and_then(Id::parse);
    let has = |name| request.query_string().split('&').any(|part| part == name);
    let (archived, deleted) = (has("archived"), has("deleted"));
    let tops: Vec<Id> = signed_in.roles.iter().map(|(unit, _)| *unit).collect();
    let (lines, archived_count) = app
        .store
        .read(move |connection| {
            let units = accounts::units_below(connection, &tops)?;
            let found = studies::of_units(connection, &units, archived, before, PAGE)?;
            let away = studies::archived_count(connection, &units)?;
            Ok((study_lines(connection, found)?, away))
        })
        .await?;
    let watched =
        if signed_in.may_somewhere(Action::Administer) { app.watch.restarts() } else { Vec::new() };
    let last = lines.last().map(|line| line.id.clone());
    let shown = ListPage {
        layout: signed_in.layout(&app, Place::Studies),
        may_design: signed_in.may_somewhere(Action::Design),
        restarts: watched.iter().map(|restart| (restart.work, restart.times)).collect(),
        more: last.filter(|_| lines.len() == usize::try_from(PAGE).unwrap_or(0)),
        studies: lines,
        archived,
        archived_count,
        deleted,
    };
    page(StatusCode::OK, "studies/list.html", signed_in.language(&request), &shown)
}

fn study_lines(connection: &mut Connection, studies: Vec<Study>) -> Result<Vec<StudyLine>, Error> {
    let ids: Vec<Id> = studies.iter().map(|study| study.id).collect();
    let cases = outcomes::cases_by_study(connection, &ids)?;
    let interviews = responses::interviews_by_study(connection, &ids)?;
    let line = |study: Study| StudyLine {
        id: study.id.to_string(),
        interviews: interviews.get(&study.id).copied().unwrap_or(0),
        cases: cases.get(&study.id).copied().unwrap_or(0),
        name: study.name,
        status: study.status.word(),
        is_example: study.example != Example::No,
    };
    Ok(studies.into_iter().map(line).collect())
}

/// `GET /studies/new`
pub async fn ask_new(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    if !signed_in.may_somewhere(Action::Design) {
        return Err(Error::Forbidden);
    }
    new_page(&app, &request, &signed_in, &Posted::new(), &[]).await
}

async fn new_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    form: &Posted,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let tops: Vec<Id> = signed_in.roles.iter().map(|(unit, _)| *unit).collect();
    let others = app
        .store
        .read(move |connection| {
            let units = accounts::units_below(connection, &tops)?;
            studies::of_units(connection, &units, false, None, PAGE)
        })
        .await?;
    let chosen = field(form, "copy_of");
    let line = |study: Study| {
        let id = study.id.to_string();
        let is_chosen = id == chosen;
        (id, study.name, is_chosen)
    };
    let shown = NewPage {
        others: others.into_iter().map(line).collect(),
        layout: signed_in.layout(app, Place::Studies),
        form: NewForm::of(form),
        problems: labelled(problems, &LABELS, language),
        errors: field_errors(problems, &LABELS, language),
        asks_identity: problems.iter().any(|problem| problem.code == "anonymous-asks-identity"),
        text_languages: locale::LANGUAGES,
        accept: accepted(),
        starters: lines(&QUESTIONNAIRES, language),
    };
    page(status(problems), "studies/new.html", language, &shown)
}

/// Fields of a new study that may be wrong, and the keys of their labels.
const LABELS: [(&str, &str); 8] = [
    ("name", "study-name"),
    ("organisation", "study-organisation"),
    ("phone", "study-phone"),
    ("closes_on", "study-closes-on"),
    ("privacy", "study-privacy"),
    ("copy_of", "study-copy-of"),
    ("questionnaire", "study-questionnaire-file"),
    ("texts_in", "study-texts-in"),
];

/// `POST /studies`: a study from a questionnaire file. Wrong input is shown
/// with all its problems, and nothing is stored.
pub async fn create(
    app: Data<Site>,
    request: HttpRequest,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let unit = signed_in.designs_in().ok_or(Error::Forbidden)?;
    let (form, uploads) = read_uploads(&app, form).await?;
    signed_in.require_token(&app, &form)?;
    let user = signed_in.user.id;
    let in_work = form.clone();
    let source = Source::of(&form);
    let language = signed_in.user.language.clone();
    let copied = match source {
        Source::Study => {
            let other = signed_in.study(&app, &field(&form, "copy_of"), Action::Design).await?;
            let draft =
                app.store.read(move |connection| drafts::of_study(connection, other.id)).await?;
            draft.map(|stored| stored.draft.document)
        }
        Source::Here | Source::File | Source::Starter => None,
    };
    let read = app
        .looks
        .look(move || {
            let files: Vec<(&str, &[u8])> = uploads
                .iter()
                .filter(|upload| upload.field == "questionnaire")
                .map(|upload| (upload.name.as_str(), upload.bytes.as_slice()))
                .collect();
            read_new_study(&in_work, &files, (unit, &language), copied)
        })
        .await?;
    let made = match read {
        Ok((new, document)) => {
            let now = app.clock.now();
            app.store
                .write(Scope::Everything, move |connection| {
                    if matches!(source, Source::Here | Source::Study) {
                        return begin_study(connection, now, Some(user), &new, &document);
                    }
                    create_study(connection, now, Some(user), &new, &document)
                })
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    let way = |study: Study| {
        let page = match source {
            Source::Here => "/builder?add=1",
            Source::Study => "/builder",
            Source::File | Source::Starter => "",
        };
        format!("/studies/{}{page}", study.id)
    };
    on_or_again(made, way, async |problems| {
        new_page(&app, &request, &signed_in, &form, &problems).await
    })
    .await
}

/// The files of the questionnaire: those that were sent, or one of ours.
fn files_of<'a>(
    form: &Posted,
    sent: &'a [(&'a str, &'a [u8])],
    problems: &mut Vec<Problem>,
) -> &'a [(&'a str, &'a [u8])] {
    if Source::of(form) == Source::File {
        return sent;
    }
    named(&QUESTIONNAIRES, &field(form, "starter"), "starter").map_or_else(
        |problem| {
            problems.push(problem);
            sent
        },
        |starter| starter.parts,
    )
}

fn read_new_study(
    form: &Posted,
    files: &[(&str, &[u8])],
    (unit_id, language): (Id, &str),
    copied: Option<Document>,
) -> Result<(NewStudy, Document), Vec<Problem>> {
    let mut problems = Vec::new();
    for name in ["name", "organisation", "phone"] {
        if field(form, name).is_empty() {
            problems.push(Problem::new("required", name));
        }
    }
    let closes_on = field(form, "closes_on");
    let day = locale::read_date(&closes_on);
    if !closes_on.is_empty() && day.is_none() {
        problems.push(Problem::new("date", "closes_on"));
    }
    let privacy = match field(form, "privacy").as_str() {
        "" | "anonymous" => Privacy::Anonymous,
        "identified" => Privacy::Identified,
        _ => {
            problems.push(Problem::new("unknown-privacy", "privacy"));
            Privacy::Anonymous
        }
    };
    let texts_in = field(form, "texts_in");
    let known = locale::LANGUAGES.iter().any(|(code, _)| *code == texts_in);
    if !texts_in.is_empty() && !known {
        problems.push(Problem::new("not-a-language", "texts_in").with("code", &texts_in));
    }
    let mut import_notes = Vec::new();
    let document = match Source::of(form) {
        Source::Here => {
            let name = locale::LANGUAGES.iter().find(|(code, _)| *code == language);
            let own = *name.unwrap_or(&locale::LANGUAGES[0]);
            Some(compose::blank(&field(form, "name"), own, &mut || Id::rising().0))
        }
        // Its parts keep their identities: what is asked in both can be compared.
        Source::Study => copied.map(|document| Document { id: Id::rising().0, ..document }),
        Source::File | Source::Starter => {
            let files = files_of(form, files, &mut problems);
            let mut reading = read_in(files, known.then_some(texts_in.as_str()));
            import_notes.extend(reading.warnings.drain(..).chain(reading.notes.drain(..)));
            match reading.document() {
                Ok(document) => Some(document),
                Err(found) => {
                    problems.extend(found);
                    None
                }
            }
        }
    };
    let privacy_reason = field(form, "privacy_reason");
    // What is only a draft is asked when it is published.
    if matches!(Source::of(form), Source::File | Source::Starter)
        && let Some(document) = &document
        && privacy == Privacy::Anonymous
        && privacy_reason.is_empty()
    {
        let asked = identifying_questions(document);
        if !asked.is_empty() {
            let names = asked.join(", ");
            problems
                .push(Problem::new("anonymous-asks-identity", "privacy").with("questions", names));
        }
    }
    match document.filter(|_| problems.is_empty()) {
        Some(document) => Ok((
            NewStudy {
                unit_id,
                name: field(form, "name"),
                privacy,
                privacy_reason,
                time_zone: Zone::default(),
                organisation: field(form, "organisation"),
                phone: field(form, "phone"),
                closes_on: day,
                import_notes,
            },
            document,
        )),
        None => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_list_and_the_form_show_their_examples() {
        shows("studies/list.html", |language| {
            let line = || StudyLine {
                id: "0190".to_owned(),
                name: "Đi lại 2026".to_owned(),
                status: "open",
                is_example: true,
                interviews: 1_200,
                cases: 3_000,
            };
            let empty = ListPage {
                layout: StaffLayout::example(language),
                may_design: false,
                restarts: Vec::new(),
                more: None,
                studies: Vec::new(),
                archived: false,
                archived_count: 0,
                deleted: true,
            };
            let full = ListPage {
                layout: StaffLayout::example(language),
                may_design: true,
                restarts: vec![("mail", 2), ("pool", 1), ("portions", 1)],
                more: Some("0190".to_owned()),
                studies: vec![line(), line()],
                archived: false,
                archived_count: 3,
                deleted: false,
            };
            let away = ListPage {
                layout: StaffLayout::example(language),
                may_design: true,
                restarts: Vec::new(),
                more: None,
                studies: vec![line()],
                archived: true,
                archived_count: 1,
                deleted: false,
            };
            vec![empty, full, away]
        });
        shows("studies/new.html", |language| {
            let asks = Problem::new("anonymous-asks-identity", "privacy").with("questions", "q1");
            let identified = Posted::from([
                ("name".to_owned(), vec!["Đi lại".to_owned()]),
                ("privacy".to_owned(), vec!["identified".to_owned()]),
                ("privacy_reason".to_owned(), vec!["vì sao".to_owned()]),
            ]);
            [(Posted::new(), &[][..]), (identified, &[Problem::new("required", "phone"), asks])]
                .map(|(form, problems)| NewPage {
                    layout: StaffLayout::example(language),
                    form: NewForm::of(&form),
                    problems: labelled(problems, &LABELS, language),
                    errors: field_errors(problems, &LABELS, language),
                    asks_identity: problems.len() > 1,
                    others: vec![("0190".to_owned(), "Đi lại".to_owned(), true)],
                    text_languages: locale::LANGUAGES,
                    accept: accepted(),
                    starters: lines(&QUESTIONNAIRES, language),
                })
                .into()
        });
    }

    #[test]
    fn texts_without_a_language_are_in_the_one_that_was_chosen() {
        let form = |texts_in: &str| {
            let fields = ["name", "organisation", "phone"].map(|name| (name, "x"));
            let all = fields.into_iter().chain([("texts_in", texts_in)]);
            all.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect::<Posted>()
        };
        let table = "| survey | | | |\n| | type | name | label |\n| | text | q1 | OK? |\n";
        let files = [("form.md", table.as_bytes())];
        for language in ["vi", "en"] {
            let read = read_new_study(&form(language), &files, (Id::random(), "vi"), None);
            let (_, document) = read.expect("read");
            assert_eq!(document.default_language, language);
        }
        let problems =
            read_new_study(&form("xx"), &files, (Id::random(), "vi"), None).expect_err("refused");
        assert_eq!(problems[0].code, "not-a-language");
    }
}
