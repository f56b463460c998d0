//! What is done with a study: made, drawn for, opened, invited to, closed.
//! Pages and the command line call the same functions.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::review::Severity;
use survey_builder::questionnaire::version::{Version, publish};

use crate::app::read_document;
use crate::error::{Error, Problem};
use crate::media::missing_media;
use crate::store::studies::Study;
use crate::store::{Connection, Id, Instant, audit, cases, outbox, responses, studies};

/// From half of the applicable questions on, a broken-off interview is a
/// partial one (the example in AAPOR 2016, p. 15).
const PARTIAL_THRESHOLD: f64 = 0.5;

/// A study to be made.
#[derive(Clone, Debug)]
pub struct NewStudy {
    /// The unit it belongs to.
    pub unit_id: Id,
    /// Short name for the team.
    pub name: String,
    /// `anonymous`, `confidential` or `identified`.
    pub privacy: String,
    /// Who runs it.
    pub organisation: String,
    /// Where respondents can ask.
    pub phone: String,
    /// The last day of answers.
    pub closes_on: Option<NaiveDate>,
    /// What reading the questionnaire's file told: for its page.
    pub import_notes: Vec<Problem>,
}

/// A known share of the population, to rake to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginShare {
    /// The question's name.
    pub variable: String,
    /// The option's code.
    pub code: String,
    /// Between 0 and 1; the shares of a variable add up to 1.
    pub share: f64,
}

/// Checks and publishes a document; every error is a problem.
pub fn publish_document(document: Document) -> Result<Version, Vec<Problem>> {
    publish(document).map_err(|findings| {
        findings
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(Problem::from)
            .collect()
    })
}

/// Makes a study with its questionnaire published. Call inside a transaction.
pub fn create_study(
    connection: &mut Connection,
    user: Option<Id>,
    new: NewStudy,
    document: Document,
) -> Result<Study, Error> {
    let version = publish_document(document).map_err(Error::Invalid)?;
    let now = Instant::now();
    let title = serde_json::to_string(&version.document.title)
        .map_err(|error| Error::Damaged { what: "title", reason: error.to_string() })?;
    let document = serde_json::to_string(&version.document)
        .map_err(|error| Error::Damaged { what: "document", reason: error.to_string() })?;
    let study = Study {
        id: Id::rising(),
        unit_id: new.unit_id,
        name: new.name,
        title,
        privacy: new.privacy,
        status: "draft".to_owned(),
        organisation: new.organisation,
        phone: new.phone,
        closes_on: new.closes_on,
        link_ends_on: None,
        partial_threshold: PARTIAL_THRESHOLD,
        margins: "[]".to_owned(),
        created_at: now,
    };
    studies::insert(connection, &study)?;
    let questionnaire = studies::save_draft(connection, study.id, &document, now)?;
    let notes = serde_json::to_string(&new.import_notes)
        .map_err(|error| Error::Damaged { what: "import notes", reason: error.to_string() })?;
    studies::keep_import_notes(connection, questionnaire, &notes)?;
    let stored = studies::insert_version(connection, questionnaire, &version.hash, &document, now)?;
    let subject = study.id.to_string();
    audit::record(connection, user, "study-made", &subject, &study.name)?;
    audit::record(
        connection,
        user,
        "published",
        &subject,
        &format!("v{} {}", stored.number, &stored.hash[..12]),
    )?;
    Ok(study)
}

/// Reads margins: a CSV with the columns variable, code and share.
pub fn read_margins(bytes: &[u8]) -> Result<Vec<MarginShare>, Vec<Problem>> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| {
        headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name)
    };
    let (Some(variable), Some(code), Some(share)) =
        (column("variable"), column("code"), column("share"))
    else {
        return Err(vec![Problem::new(
            "margin-columns",
            "row 1",
            "the file needs the columns variable, code and share",
        )]);
    };
    let (mut margins, mut problems) = (Vec::new(), Vec::new());
    for (index, record) in reader.records().enumerate() {
        let place = format!("row {}", index + 2);
        let Ok(record) = record else {
            problems.push(Problem::new("unreadable-row", &place, "cannot be read"));
            continue;
        };
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
        match cell(share).replace(',', ".").parse::<f64>() {
            Ok(value) if value.is_finite() && (0.0..=1.0).contains(&value) => {
                margins.push(MarginShare {
                    variable: cell(variable),
                    code: cell(code),
                    share: value,
                });
            }
            _ => problems.push(Problem {
                arguments: vec![("value".to_owned(), cell(share))],
                ..Problem::new("margin-share", &place, "the share must be a number from 0 to 1")
            }),
        }
    }
    let mut sums: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
    for margin in &margins {
        *sums.entry(&margin.variable).or_default() += margin.share;
    }
    for (variable, sum) in sums {
        if (sum - 1.0).abs() > 1e-6 {
            problems.push(Problem {
                arguments: vec![("sum".to_owned(), format!("{sum:.4}"))],
                ..Problem::new("margin-sum", variable, "the shares must add up to 1")
            });
        }
    }
    if problems.is_empty() && margins.is_empty() {
        problems.push(Problem::new("empty-file", "", "the file has no rows"));
    }
    if problems.is_empty() { Ok(margins) } else { Err(problems) }
}

/// Keeps margins after checking them against the questionnaire.
pub fn set_margins(
    connection: &mut Connection,
    user: Option<Id>,
    study: Id,
    margins: &[MarginShare],
) -> Result<(), Error> {
    let (_, draft) =
        studies::draft_of(connection, study)?.ok_or(Error::NotFound("questionnaire"))?;
    let document = read_document(&draft)?;
    let mut problems = Vec::new();
    for margin in margins {
        let list = document
            .questions()
            .find(|question| question.name == margin.variable)
            .and_then(|question| question.kind.list())
            .and_then(|list| document.list(list));
        let known = list.is_some_and(|list| {
            list.options.iter().any(|option| option.code == margin.code && option.missing.is_none())
        });
        if !known {
            problems.push(Problem {
                arguments: vec![("code".to_owned(), margin.code.clone())],
                ..Problem::new(
                    "margin-unknown",
                    &margin.variable,
                    "no question has this name and code",
                )
            });
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let json = serde_json::to_string(margins)
        .map_err(|error| Error::Damaged { what: "margins", reason: error.to_string() })?;
    studies::set_margins(connection, study, &json)?;
    audit::record(connection, user, "margins-set", &study.to_string(), "")
}

/// The margins of a study.
pub fn margins_of(study: &Study) -> Result<Vec<MarginShare>, Error> {
    serde_json::from_str(&study.margins)
        .map_err(|error| Error::Damaged { what: "margins", reason: error.to_string() })
}

/// Opens a study for answers. Returns 0.
pub fn open_study(
    connection: &mut Connection,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    let version = studies::current_version(connection, study)?
        .ok_or(Error::NotFound("published questionnaire"))?;
    let version = studies::version(connection, version)?.ok_or(Error::NotFound("version"))?;
    let missing = missing_media(connection, study, &read_document(&version.document)?)?;
    if !missing.is_empty() {
        let told = |name: &String| {
            Problem::new("media-missing", name, "the questionnaire shows it; send the file first")
        };
        return Err(Error::Invalid(missing.iter().map(told).collect()));
    }
    studies::set_status(connection, study, "open")?;
    audit::record(connection, user, "opened", &study.to_string(), "")?;
    Ok(0)
}

/// Closes a study: no more answers; broken-off interviews with enough answers
/// become partial ones, and what is queued is taken back. Returns how many
/// became partial.
pub fn close_study(
    connection: &mut Connection,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    let row = studies::find(connection, study)?.ok_or(Error::NotFound("study"))?;
    let today = Instant::now().day();
    let mut partial = 0;
    for (case, response) in responses::open_of_study(connection, study)? {
        let progress = responses::progress(connection, response.id)?;
        let enough = cases::find(connection, case)?.is_some_and(|case| case.disposition == "1.2");
        let state = if enough { "partial" } else { "broken_off" };
        partial += usize::from(enough);
        responses::end(connection, &row, &response, state, &progress.answers, today)?;
        cases::end(connection, case, "closed", today)?;
        outbox::cancel(connection, case)?;
    }
    outbox::cancel_study(connection, study)?;
    studies::set_status(connection, study, "closed")?;
    audit::record(connection, user, "closed", &study.to_string(), "")?;
    Ok(partial)
}

/// Nobody is written to about a study that takes no answers.
fn require_open(connection: &mut Connection, study: Id) -> Result<(), Error> {
    let row = studies::find(connection, study)?.ok_or(Error::NotFound("study"))?;
    if row.accepts_answers(Instant::now().day()) {
        Ok(())
    } else {
        Err(Error::Conflict("study-not-open"))
    }
}

/// Queues an invitation to every open case that has had none. Returns how many.
pub fn invite(connection: &mut Connection, user: Option<Id>, study: Id) -> Result<usize, Error> {
    require_open(connection, study)?;
    let queued = outbox::queue_open_cases(connection, study, "invitation", Instant::now())?;
    audit::record(connection, user, "invited", &study.to_string(), &queued.to_string())?;
    Ok(queued)
}

/// Queues the next reminder to every case that has neither finished nor
/// refused. Returns how many.
pub fn remind(connection: &mut Connection, user: Option<Id>, study: Id) -> Result<usize, Error> {
    require_open(connection, study)?;
    let kinds = outbox::counts(connection, study)?;
    if !kinds.iter().any(|(kind, _, _)| kind == "invitation") {
        return Err(Error::Conflict("nobody-invited"));
    }
    let last = kinds
        .iter()
        .filter_map(|(kind, _, _)| kind.strip_prefix("reminder-")?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    let kind = format!("reminder-{}", last + 1);
    let queued = outbox::queue_open_cases(connection, study, &kind, Instant::now())?;
    audit::record(connection, user, "reminded", &study.to_string(), &queued.to_string())?;
    Ok(queued)
}

/// Sends once more what may have gone out when the program or the connection
/// died: whoever asks for it accepts that somebody may hear twice, and a mail
/// program knows the second for the first. Returns how many.
pub fn send_doubtful_again(
    connection: &mut Connection,
    user: Option<Id>,
    study: Id,
) -> Result<usize, Error> {
    require_open(connection, study)?;
    let queued = outbox::queue_doubtful(connection, study, Instant::now())?;
    audit::record(connection, user, "sent-again", &study.to_string(), &queued.to_string())?;
    Ok(queued)
}
