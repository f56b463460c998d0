//! A frame is taken in, its columns are named, and it is looked through.

use actix_multipart::Multipart;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use fielding::acts::frame::{
    self as acts, SentFrame, as_problems, first_rows, report_on, store_sealed,
};
use fielding::app::App;
use fielding::error::{Error, Missing, Problem};
use fielding::files::list::{Declared, ListFile};
use fielding::files::roles::{ROLES, Roles};
use fielding::rules::access::Action;
use fielding::rules::frame_report::Report;
use fielding::rules::road::Stage;
use fielding::store::frames::{self, FrameRow};
use fielding::store::studies::Study;
use fielding::store::{Id, Scope};
use serde::Serialize;
use survey_builder::list::Decimal;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling;
use survey_builder::sampling::frame::Reading;

use super::page::sample_page;
use crate::bar::Place;
use crate::form::{Spooled, Upload, field, off_thread, read_spooled};
use crate::outcome::{on_or_again, status};
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::starters::{LISTS, named};
use crate::studies::about::{StudyHead, problem_texts, sent_with_files};
use crate::studies::confirm::{self, Step};

/// `POST /studies/{id}/frame`: takes a frame's file in.
pub async fn take(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    // Before a large file is read: who sends it, and may they?
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::Design).await?;
    let (form, files) = read_spooled(&app, form).await?;
    signed_in.require_token(&app, &form)?;
    let taken = match read_order(&form, files) {
        Ok((file, declared, as_of)) => {
            let (in_work, name) = (app.get_ref().clone(), file.name);
            let (study, user, file) = (study.id, Some(signed_in.user.id), file.file);
            let sent = SentFrame { study, user, file, name, declared, as_of };
            off_thread(move || store_sealed(&in_work, sent)).await?
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    let way = |_| {
        app.drop_frame();
        format!("/studies/{}/frame", study.id)
    };
    on_or_again(taken, way, async |problems| {
        sample_page(&app, &request, &signed_in, &study, &problems).await
    })
    .await
}

fn read_order(
    form: &Posted,
    files: Vec<Spooled>,
) -> Result<(Spooled, Declared, Option<NaiveDate>), Vec<Problem>> {
    let mut problems = Vec::new();
    let declared = match field(form, "encoding").as_str() {
        "utf8" => Declared::Utf8,
        "tcvn3" => Declared::Tcvn3,
        "vni" => Declared::Vni,
        "windows1258" => Declared::Windows1258,
        "utf16" => Declared::Utf16,
        _ => Declared::Unknown,
    };
    let day = field(form, "as_of");
    let as_of = locale::read_date(&day);
    if !day.is_empty() && as_of.is_none() {
        problems.push(Problem::new("date", "as_of"));
    }
    let starter = field(form, "starter");
    let sent = if starter.is_empty() {
        files.into_iter().find(|file| file.field == "frame")
    } else {
        // A list of ours, as if it had been sent.
        let taken = named(&LISTS, &starter, "starter").and_then(|list| {
            let bytes = list.parts.first().map_or(&[][..], |part| part.1);
            Spooled::of_bytes("frame", list.file, bytes)
        });
        taken.map_err(|problem| problems.push(problem)).ok()
    };
    match sent {
        Some(file) if problems.is_empty() => Ok((file, declared, as_of)),
        Some(_) => Err(problems),
        None => {
            if problems.is_empty() {
                problems.push(Problem::new("no-file", "frame"));
            }
            Err(problems)
        }
    }
}

/// The frame of a study that waits.
pub(super) async fn waiting(app: &App, study: Id) -> Result<FrameRow, Error> {
    let found = app.store.read(move |connection| frames::waiting(connection, study)).await?;
    found.ok_or(Error::NotFound(Missing::Frame))
}

/// The page on which columns are named.
#[derive(Serialize)]
struct ColumnsPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Vec<String>,
    frame_name: String,
    columns: Vec<ColumnLine>,
    /// What a column may be.
    roles: Vec<&'static str>,
    /// The decimal mark, where it is chosen.
    decimal: Option<Decimal>,
    merge_spellings: bool,
}

/// A column with its first values and what it is.
#[derive(Serialize)]
struct ColumnLine {
    name: String,
    values: Vec<String>,
    role: &'static str,
    kept: bool,
}

/// `GET /studies/{id}/frame`: what is in which column?
pub async fn show_columns(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::Design).await?;
    let row = waiting(&app, study.id).await?;
    columns_page(&app, &request, &signed_in, &study, row, None, &[]).await
}

async fn columns_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    row: FrameRow,
    chosen: Option<Roles>,
    problems: &[Problem],
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (in_work, in_row) = (app.get_ref().clone(), row.clone());
    let (header, rows) = app.looks.look(move || first_rows(&in_work, &in_row)).await??;
    let roles = match chosen {
        Some(roles) => roles,
        None => row.roles.clone().into_inner().unwrap_or_else(|| Roles::guess(&header)),
    };
    let lines: Vec<ColumnLine> = header
        .iter()
        .enumerate()
        .map(|(place, name)| ColumnLine {
            name: name.clone(),
            values: rows.iter().take(3).filter_map(|row| row.get(place).cloned()).collect(),
            role: roles.of(name),
            kept: roles.kept.contains(name),
        })
        .collect();
    let shown = ColumnsPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Sample)).await?,
        study: StudyHead::of(study),
        problems: problem_texts(problems, language),
        frame_name: row.name,
        columns: lines,
        roles: ROLES.to_vec(),
        decimal: roles.columns.reading.decimal,
        merge_spellings: roles.columns.reading.merge_spellings,
    };
    page(status(problems), "studies/frame.html", language, &shown)
}

/// `POST /studies/{id}/frame/columns`: looks the frame through by what its
/// columns are said to be; with problems nothing is kept.
pub async fn name_columns(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    form: Multipart,
) -> Result<HttpResponse, Error> {
    let (form, uploads, signed_in, study) =
        sent_with_files(&app, &request, &id, form, Action::Design).await?;
    let row = waiting(&app, study.id).await?;
    let columns: Vec<String> = form.get("column").cloned().unwrap_or_default();
    let given: Vec<String> = form.get("role").cloned().unwrap_or_default();
    let kept = form.get("kept").cloned().unwrap_or_default();
    let chosen = columns
        .iter()
        .zip(&given)
        .map(|(column, role)| (column.as_str(), role.as_str(), kept.contains(column)));
    let reading = reading_of(&form);
    let found = match Roles::read(chosen) {
        Ok(mut roles) => {
            roles.columns.reading = reading.clone();
            look(&app, &study, &row, roles.clone(), uploads).await.map(|report| (roles, report))
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    let named = match found {
        Ok((roles, report)) => {
            let (now, user) = (app.clock.now(), Some(signed_in.user.id));
            let (study, frame) = (study.id, row.id);
            app.store
                .write(Scope::Study(study), move |connection| {
                    let found = (&roles, &report);
                    acts::name_columns(connection, now, user, study, frame, found)
                })
                .await
        }
        Err(error) => Err(error),
    };
    let way = |()| format!("/studies/{}/sample", study.id);
    on_or_again(named, way, async |problems| {
        let mut chosen = Roles::default();
        for (column, role) in columns.iter().zip(&given) {
            chosen.give(column, role);
        }
        chosen.kept = kept;
        chosen.columns.reading = reading;
        columns_page(&app, &request, &signed_in, &study, row, Some(chosen), &problems).await
    })
    .await
}

/// How a form says that the frame is read.
fn reading_of(form: &Posted) -> Reading {
    let decimal = match field(form, "decimal").as_str() {
        "point" => Some(Decimal::Point),
        "comma" => Some(Decimal::Comma),
        _ => None,
    };
    let merge_spellings = !field(form, "merge_spellings").is_empty();
    Reading { decimal, merge_spellings, ..Reading::default() }
}

/// The report on a frame.
async fn look(
    app: &Data<Site>,
    study: &Study,
    row: &FrameRow,
    roles: Roles,
    uploads: Vec<Upload>,
) -> Result<Report, Error> {
    let (in_work, study, row) = (app.get_ref().clone(), study.clone(), row.clone());
    let report = app.looks.look(move || {
        let sent = |field: &str| {
            let found = uploads.iter().find(|upload| upload.field == field);
            found.filter(|upload| !upload.bytes.is_empty())
        };
        let decimal = roles.columns.reading.decimal;
        let reading = Reading { decimal, ..Reading::default() };
        let totals = sent("totals").map(|sent| read_sent(sent, |file| file.totals(&reading)));
        let places = sent("places").map(|sent| read_sent(sent, |file| file.places(&reading)));
        let (totals, places) = (totals.transpose()?, places.transpose()?);
        report_on(&in_work, &study, &row, &roles, &totals.unwrap_or_default(), places.as_ref())
    });
    report.await?
}

/// Reads a list that was sent beside the frame; what is wrong names its file.
fn read_sent<T>(
    sent: &Upload,
    read: impl Fn(&ListFile) -> Result<T, Vec<sampling::Problem>>,
) -> Result<T, Error> {
    let found = ListFile::of_bytes(&sent.bytes, &sent.name).and_then(|file| read(&file));
    found.map_err(|problems| {
        let in_file: Vec<sampling::Problem> =
            problems.into_iter().map(|problem| problem.in_file(&sent.name)).collect();
        Error::Invalid(as_problems(&in_file))
    })
}

/// `GET /studies/{id}/frame/removal`
pub async fn ask_remove(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    confirm::ask(&app, &request, &id, Step::RemoveFrame).await
}

/// `POST /studies/{id}/frame/removal`: lets the frame go without a draw.
pub async fn remove(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let step = |_: &_| Ok(Step::RemoveFrame);
    confirm::carry_out(&app, &request, &id, payload, step, Action::Design).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_columns_show_their_examples() {
        shows("studies/frame.html", |language| {
            let column = |role: &&'static str| ColumnLine {
                name: (*role).to_owned(),
                values: vec!["1".to_owned(), String::new()],
                role,
                kept: true,
            };
            [&[][..], &["…".to_owned()]]
                .map(|problems| ColumnsPage {
                    layout: StaffLayout::example(language),
                    study: StudyHead::bare(),
                    problems: problems.to_vec(),
                    frame_name: "frame.csv".to_owned(),
                    columns: ROLES.iter().map(column).collect(),
                    roles: ROLES.to_vec(),
                    decimal: Some(Decimal::Comma),
                    merge_spellings: true,
                })
                .into()
        });
    }
}
