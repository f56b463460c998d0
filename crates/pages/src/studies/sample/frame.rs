//! A frame is taken in, its columns are named, and it is looked through.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use fielding::acts::frame::meanwhile::{self, Meanwhile};
use fielding::acts::frame::{self as acts, SentFrame, beginning, report_on, store_sealed};
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
use survey_builder::sampling::frame::Reading;

use super::page::sample_page;
use crate::bar::Place;
use crate::form::{FieldProblem, Spooled, Upload, asked, field, off_thread};
use crate::outcome::{on_or_again, status};
use crate::render::page;
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::starters::{LISTS, named};
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead, labelled};
use crate::studies::confirm::{self, Step};
use crate::studies::sheets::{Answer, KeptLine, RowLine, SheetLine, asked_of, named_in, opened};

/// `POST /studies/{id}/frame`: takes a frame's file in.
pub async fn take(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, files) =
        door.admit_large_files(Action::Design).await?;
    let taken = match read_order(&form, files) {
        Ok((file, declared, as_of)) => {
            let (in_work, name) = (app.get_ref().clone(), file.name);
            let (study, user, file) = (study.id, Some(signed_in.user.id), file.file);
            let sent = SentFrame { study, user, file, name, declared, as_of, sheet: None };
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

/// `POST /studies/{id}/frame/sheet`: another sheet of the workbook that is kept is the
/// list.
pub async fn choose_sheet(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let row = waiting(&app, study.id).await?;
    let sheet = field(&form, "sheet");
    let (in_work, in_row) = (app.get_ref().clone(), row.clone());
    let (study_id, user) = (study.id, Some(signed_in.user.id));
    let taken = off_thread(move || {
        let kept = meanwhile::kept(&in_work, in_row.id, Meanwhile::Frame)?;
        // Somebody named the columns meanwhile: the workbook is gone.
        let kept = kept.ok_or(Error::NotFound(Missing::Frame))?;
        let sent = SentFrame {
            study: study_id,
            user,
            file: meanwhile::file(&in_work, in_row.id, Meanwhile::Frame)?,
            name: kept.name,
            declared: kept.declared,
            as_of: in_row.as_of,
            sheet: Some(sheet),
        };
        store_sealed(&in_work, sent)
    })
    .await?;
    let way = |_| {
        app.drop_frame();
        format!("/studies/{study_id}/frame")
    };
    on_or_again(taken, way, async |problems| {
        let again = Again { problems, ..Again::default() };
        columns_page(&app, &request, &signed_in, &study, row, again).await
    })
    .await
}

/// The page on which columns are named.
#[derive(Serialize)]
struct ColumnsPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    problems: Listed<FieldProblem>,
    frame_name: String,
    /// The sheets to choose from, where there are several.
    sheets: Vec<SheetLine>,
    /// The row that the names of the columns are in.
    header_row: u64,
    /// The same as its field contains it.
    row_text: String,
    /// Whether somebody said so.
    header_chosen: bool,
    /// It travels with the form, unless it is the first by itself.
    chosen_row: Vec<(&'static str, String)>,
    /// The first rows, with their numbers.
    first_rows: Vec<RowLine>,
    columns: Vec<ColumnLine>,
    /// What a column may be.
    roles: Vec<&'static str>,
    /// The decimal mark, where it is chosen.
    decimal: Option<Decimal>,
    merge_spellings: bool,
    /// Files beside the list: totals and places.
    beside: Vec<BesideLine>,
}

/// A file beside the list: to be sent, or kept while it is asked about.
#[derive(Serialize)]
struct BesideLine {
    /// Its field.
    field: &'static str,
    /// The file that is kept, if one is.
    kept: Option<KeptLine>,
}

/// A column with its first values and what it is.
#[derive(Serialize)]
struct ColumnLine {
    name: String,
    values: Vec<String>,
    role: &'static str,
    kept: bool,
}

/// `GET /studies/{id}/frame`: what is in which column? With `?row=5` the names of the
/// columns are in that row.
pub async fn show_columns(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let row = waiting(&app, study.id).await?;
    let mut again = Again::default();
    match asked(&request, "row").map(str::parse) {
        None => {}
        Some(Ok(row)) => again.header_row = Some(row),
        Some(Err(_)) => again.problems.push(Problem::new("whole-number", "row")),
    }
    columns_page(&app, &request, &signed_in, &study, row, again).await
}

/// What was chosen before, and what is wrong with it.
#[derive(Default)]
struct Again {
    chosen: Option<Roles>,
    header_row: Option<u64>,
    problems: Vec<Problem>,
}

async fn columns_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    row: FrameRow,
    again: Again,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let Again { chosen, header_row, mut problems } = again;
    let stored = row.roles.clone().into_inner();
    let stored_row = || stored.as_ref().and_then(|roles| roles.columns.reading.header_row);
    let asked_row = header_row.or_else(stored_row);
    let (in_work, in_row) = (app.get_ref().clone(), row.clone());
    let (begun, kept, beside, told) = app
        .looks
        .look(move || {
            let (begun, told) = match beginning(&in_work, &in_row, asked_row) {
                // A row that is not there: the page is shown with the one that is found.
                Err(Error::Invalid(told)) if asked_row.is_some() => {
                    (beginning(&in_work, &in_row, None)?, told)
                }
                begun => (begun?, Vec::new()),
            };
            let kept = meanwhile::kept(&in_work, in_row.id, Meanwhile::Frame)?;
            let beside = BESIDE.map(|(_, what)| meanwhile::kept(&in_work, in_row.id, what));
            Ok::<_, Error>((begun, kept, beside, told))
        })
        .await??;
    let header_chosen = asked_row.is_some() && told.is_empty();
    problems.extend(told);
    let roles = chosen.or(stored).unwrap_or_else(|| Roles::guess(&begun.header));
    let lines: Vec<ColumnLine> = begun
        .header
        .iter()
        .enumerate()
        .map(|(place, name)| ColumnLine {
            name: name.clone(),
            values: begun.rows.iter().take(3).filter_map(|row| row.get(place).cloned()).collect(),
            role: roles.of(name),
            kept: roles.kept.contains(name),
        })
        .collect();
    let mut lists = Vec::new();
    for ((field, _), kept) in BESIDE.into_iter().zip(beside) {
        lists.push(BesideLine { field, kept: kept?.map(KeptLine::of) });
    }
    let shown = ColumnsPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Sample)).await?,
        study: StudyHead::of(study),
        problems: labelled(&problems, &LABELS, language),
        frame_name: row.name,
        sheets: kept.map_or_else(Vec::new, |kept| SheetLine::of(&kept, 3)),
        header_row: begun.header_row,
        row_text: begun.header_row.to_string(),
        header_chosen,
        chosen_row: (header_chosen || begun.header_row > 1)
            .then(|| ("header_row", begun.header_row.to_string()))
            .into_iter()
            .collect(),
        first_rows: RowLine::of(&begun.all),
        columns: lines,
        roles: ROLES.to_vec(),
        decimal: roles.columns.reading.decimal,
        merge_spellings: roles.columns.reading.merge_spellings,
        beside: lists,
    };
    page(status(&problems), "studies/frame.html", language, &shown)
}

/// Fields of the page that may be wrong, and the keys of their labels.
const LABELS: [(&str, &str); 3] =
    [("row", "list-row"), ("totals", "frame-totals"), ("places", "frame-places-file")];

/// Files that may be sent beside the list.
const BESIDE: [(&str, Meanwhile); 2] =
    [("totals", Meanwhile::Totals), ("places", Meanwhile::Places)];

/// `POST /studies/{id}/frame/columns`: looks the frame through by what its
/// columns are said to be; with problems nothing is kept.
pub async fn name_columns(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, uploads) =
        door.admit_files(Action::Design).await?;
    let row = waiting(&app, study.id).await?;
    let columns: Vec<String> = form.get("column").cloned().unwrap_or_default();
    let given: Vec<String> = form.get("role").cloned().unwrap_or_default();
    let kept = form.get("kept").cloned().unwrap_or_default();
    let chosen = columns
        .iter()
        .zip(&given)
        .map(|(column, role)| (column.as_str(), role.as_str(), kept.contains(column)));
    let mut reading = reading_of(&form);
    let header_row = header_row_of(&form);
    reading.header_row = header_row.as_ref().ok().copied().flatten();
    let (in_work, frame) = (app.get_ref().clone(), row.id);
    let workbook = off_thread(move || meanwhile::kept(&in_work, frame, Meanwhile::Frame)).await??;
    reading.sheet = workbook.and_then(|kept| kept.taken);
    let (in_work, study_id, sent_form) = (app.get_ref().clone(), study.id, form.clone());
    let lists = app
        .looks
        .look(move || lists_beside(&in_work, (study_id, frame), &sent_form, &uploads))
        .await?;
    let roles = match (Roles::read(chosen), header_row) {
        (roles, Ok(_)) => roles,
        (roles, Err(wrong)) => {
            let mut problems = roles.err().unwrap_or_default();
            problems.push(wrong);
            Err(problems)
        }
    };
    let found = match (roles, lists) {
        (Ok(mut roles), Ok(lists)) => {
            roles.columns.reading = reading.clone();
            look(&app, &study, &row, roles.clone(), lists).await.map(|report| (roles, report))
        }
        (roles, lists) => {
            let mut problems = roles.err().unwrap_or_default();
            match lists {
                Err(Error::Invalid(told)) => problems.extend(told),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
            Err(Error::Invalid(problems))
        }
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
        let header_row = reading.header_row;
        chosen.columns.reading = reading;
        let again = Again { chosen: Some(chosen), header_row, problems };
        columns_page(&app, &request, &signed_in, &study, row, again).await
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

/// The row of the header as a form says it, if it does.
fn header_row_of(form: &Posted) -> Result<Option<u64>, Problem> {
    match field(form, "header_row").as_str() {
        "" => Ok(None),
        row => row.parse().map(Some).map_err(|_| Problem::new("whole-number", "row")),
    }
}

/// A file beside the list, and how it is read.
struct Beside {
    file: ListFile,
    name: String,
    header_row: u64,
}

/// Opens the files beside the list: those that were sent now, or else those that are
/// kept from before. What was sent is kept until the columns are named, and of a
/// workbook of several sheets, or where the names of the columns are not in the first
/// row, it is asked first which are meant.
///
/// # Errors
///
/// Files that cannot be read, and what is asked.
fn lists_beside(
    app: &App,
    (study, frame): (Id, Id),
    form: &Posted,
    uploads: &[Upload],
) -> Result<[Option<Beside>; 2], Error> {
    let mut problems = Vec::new();
    let mut found = [None, None];
    for ((name, what), found) in BESIDE.into_iter().zip(&mut found) {
        let sent = uploads.iter().find(|upload| upload.field == name && !upload.bytes.is_empty());
        let without = !field(form, &format!("{name}_without")).is_empty();
        if without {
            meanwhile::drop_it(app, (study, frame), what)?;
        }
        if let Some(sent) = sent {
            keep_beside(app, (study, frame), what, sent)?;
        }
        let answer = if sent.is_some() { Answer::default() } else { Answer::of(form, name) };
        let Some(kept) = meanwhile::kept(app, frame, what)? else {
            // Somebody meant a file, and would not know that it was not read.
            if !without && !answer.is_empty() {
                problems.push(match what {
                    Meanwhile::Totals => Problem::new("totals-not-kept", ""),
                    _ => Problem::new("places-not-kept", ""),
                });
            }
            continue;
        };
        match opened(&kept, name, &answer, || meanwhile::file(app, frame, what)) {
            Ok((file, header_row)) => *found = Some(Beside { file, name: kept.name, header_row }),
            Err(Error::Invalid(told)) => problems.extend(told),
            Err(error) => return Err(error),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Error::Invalid(problems)) }
}

/// Keeps a file that was sent, with what is asked of it.
fn keep_beside(app: &App, place: (Id, Id), what: Meanwhile, sent: &Upload) -> Result<(), Error> {
    let broken = || Error::invalid("form-broken", &sent.field);
    let spooled = Spooled::of_bytes(&sent.field, &sent.name, &sent.bytes).map_err(|_| broken())?;
    let whole = spooled.file.try_clone().map_err(|_| broken())?;
    let kept = asked_of(spooled.file, &sent.name, wanted_of(what))?;
    meanwhile::keep(app, place, what, &kept, whole)
}

/// The columns that such a file has.
fn wanted_of(what: Meanwhile) -> &'static [&'static str] {
    match what {
        Meanwhile::Totals => &["stratum", "total"],
        Meanwhile::Places => &["code", "name"],
        Meanwhile::Frame => &[],
    }
}

/// The report on a frame.
async fn look(
    app: &Data<Site>,
    study: &Study,
    row: &FrameRow,
    roles: Roles,
    [totals, places]: [Option<Beside>; 2],
) -> Result<Report, Error> {
    let (in_work, study, row) = (app.get_ref().clone(), study.clone(), row.clone());
    let report = app.looks.look(move || {
        let decimal = roles.columns.reading.decimal;
        let reading = |beside: &Beside| {
            let header_row = Some(beside.header_row);
            Reading { decimal, header_row, ..Reading::default() }
        };
        let totals = totals
            .map(|one| one.file.totals(&reading(&one)).map_err(|found| named_in(&one.name)(found)));
        let places = places
            .map(|one| one.file.places(&reading(&one)).map_err(|found| named_in(&one.name)(found)));
        let (totals, places) = (totals.transpose()?, places.transpose()?);
        report_on(&in_work, &study, &row, &roles, &totals.unwrap_or_default(), places.as_ref())
    });
    report.await?
}

/// `GET /studies/{id}/frame/removal`
pub async fn ask_remove(door: StudyDoor) -> Result<HttpResponse, Error> {
    confirm::ask(door, Step::RemoveFrame).await
}

/// `POST /studies/{id}/frame/removal`: lets the frame go without a draw.
pub async fn remove(door: StudyDoor) -> Result<HttpResponse, Error> {
    confirm::carry_out(door, |_| Ok(Step::RemoveFrame), Action::Design).await
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
            let sheets = || [true, false].map(SheetLine::example).into();
            [&[][..], &[Problem::new("whole-number", "row"), Problem::new("required", "")]]
                .map(|problems| ColumnsPage {
                    layout: StaffLayout::example(language),
                    study: StudyHead::bare(),
                    problems: labelled(problems, &LABELS, language),
                    frame_name: "frame.csv".to_owned(),
                    columns: ROLES.iter().map(column).collect(),
                    roles: ROLES.to_vec(),
                    decimal: Some(Decimal::Comma),
                    merge_spellings: true,
                    sheets: if problems.is_empty() { Vec::new() } else { sheets() },
                    header_row: 2,
                    row_text: "2".to_owned(),
                    header_chosen: problems.is_empty(),
                    chosen_row: vec![("header_row", "2".to_owned())],
                    first_rows: RowLine::of(&[vec!["a".to_owned()], Vec::new()]),
                    beside: ["totals", "places"]
                        .map(|field| BesideLine {
                            field,
                            kept: problems.first().map(|_| KeptLine::example(field == "totals")),
                        })
                        .into(),
                })
                .into()
        });
    }
}
