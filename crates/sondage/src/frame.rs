//! `sondage frame`: looks at lists of the population, without a database.

mod added_column;

use fielding::acts::frame::place_doubt;
use locale::problem_text;
use serde_json::{Value as Json, json};
use survey_builder::sampling::frame::Reading;
use survey_builder::sampling::frame::contacts::{
    ContactColumns, Contacts, Coverage, coverage, find_twins,
};
use survey_builder::sampling::frame::legacy::Encoding;
use survey_builder::sampling::frame::places::PlaceReport;
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::frame_file::{self, Refusal, as_told};
use crate::sampling_arguments::{FrameCheck, FrameCommand, Roles};
use crate::terminal::{Failure, columns, print_error, print_line};

/// Runs the subcommand and prints what it found.
///
/// # Errors
///
/// A file that cannot be read or from which no sample can be drawn.
pub fn run(command: &FrameCommand, language: &str) -> Result<(), Failure> {
    let check = match command {
        FrameCommand::Check(check) => check,
        FrameCommand::Cells(cells) => return added_column::cells(cells, language),
        FrameCommand::Strata(strata) => return added_column::strata(strata, language),
    };
    match look(check) {
        Ok(found) if check.json => {
            print_line(&pretty(&found.report()));
            Ok(())
        }
        Ok(found) => {
            found.tell(check, language);
            Ok(())
        }
        Err(refusal) => refuse(refusal, check.json),
    }
}

/// Tells why something is refused, as JSON or as a failure for `main` to tell.
///
/// # Errors
///
/// Always: that it is refused.
pub fn refuse(refusal: Refusal, machine: bool) -> Result<(), Failure> {
    match refusal {
        Refusal::File(failure) => Err(failure),
        Refusal::Problems(problems) if machine => {
            let problems: Vec<Json> = problems.iter().map(problem_json).collect();
            print_line(&pretty(&json!({ "outcome": "refused", "problems": problems })));
            Err(Failure::RefusedSample)
        }
        Refusal::Problems(problems) => Err(as_told(&problems)),
    }
}

/// A problem with its place and what to do.
pub fn problem_json(problem: &Problem) -> Json {
    let problem = problem.as_problem();
    let message = problem_text(&problem, "en");
    let arguments: serde_json::Map<String, Json> =
        problem.arguments.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({
        "code": problem.code,
        "row": arguments.get("row"),
        "column": arguments.get("column"),
        "message": message,
        // What is wrong stands first in each sentence, what to do last.
        "remedy": message.rsplit_once("; ").map(|(_, remedy)| remedy),
        "arguments": arguments,
    })
}

/// JSON for people as well.
pub fn pretty(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The roles of a frame's columns.
pub fn roles(roles: &Roles) -> Columns {
    Columns {
        unit: roles.unit.clone(),
        strata: roles.strata.clone(),
        cluster: roles.cluster.clone(),
        size: roles.size.clone(),
        ..Columns::default()
    }
}

struct Found {
    frame: Frame,
    encoding: Encoding,
    coverage: Vec<Coverage>,
    contacts: Contacts,
    places: Option<PlaceReport>,
}

fn look(check: &FrameCheck) -> Result<Found, Refusal> {
    let columns = Columns {
        reading: frame_file::reading(&check.reading, &Reading::default()),
        ..roles(&check.roles)
    };
    let reading = &columns.reading;
    let file = frame_file::open(&check.file, check.encoding, reading.sheet.as_deref())?;
    let of_totals =
        Reading { decimal: frame_file::decimal(check.totals_decimal), ..Reading::default() };
    let totals = check.totals.as_deref();
    let totals = totals.map(|path| frame_file::beside(path, |file| file.totals(&of_totals)));
    let totals = totals.transpose()?.unwrap_or_default();
    let places = check.places.as_deref();
    let places =
        places.map(|path| frame_file::beside(path, |file| file.places(&Reading::default())));
    let places = places.transpose()?;
    let contacts = ContactColumns {
        phone: check.phone.clone(),
        email: check.email.clone(),
        name: check.name.clone(),
        address: check.address.clone(),
    };
    // Without such columns there is nothing to read the file a second time for.
    let twins = if contacts == ContactColumns::default() {
        Ok(Contacts::default())
    } else {
        find_twins(file.rows()?, file.separator, &contacts, reading)
    };
    let read = file.frame(&columns);
    // All at once: what is wrong with the contact columns too.
    let mut frame = match (read, &twins) {
        (Ok(frame), _) => frame,
        (Err(mut problems), Err(others)) => {
            problems.extend(
                others.iter().filter(|one| !problems.contains(one)).cloned().collect::<Vec<_>>(),
            );
            return Err(problems.into());
        }
        (Err(problems), _) => return Err(problems.into()),
    };
    let contacts = twins?;
    let coverage = coverage(&frame, &totals.of_strata)?;
    let name = check.totals.as_ref().map_or_else(String::new, |path| path.display().to_string());
    frame.notes.extend(totals.notes.into_iter().map(|note| note.in_file(&name)));
    let places = places.zip(check.on).map(|(places, on)| places.check(&frame, on));
    Ok(Found { frame, encoding: file.encoding, coverage, contacts, places })
}

/// What is worth a look, as JSON.
pub fn notes_json(notes: &[Problem]) -> Vec<Json> {
    notes.iter().map(problem_json).collect()
}

/// Tells what is worth a look.
pub fn tell_notes(notes: &[Problem], language: &str) {
    for note in notes {
        let text = problem_text(&note.as_problem(), language);
        print_error(&locale::text(language, "cli-warning", &[("text", &text)]));
    }
}

impl Found {
    fn report(&self) -> Json {
        let strata: Vec<Json> = self
            .frame
            .strata
            .iter()
            .zip(&self.coverage)
            .map(|(stratum, coverage)| {
                json!({
                    "stratum": stratum.name,
                    "units": stratum.units.len(),
                    "clusters": stratum.clusters.len(),
                    "size": stratum.size,
                    "known": coverage.known,
                    "coverage": coverage.share,
                })
            })
            .collect();
        let doubtful = self.places.as_ref().map_or(0, |places| places.doubtful);
        let notes = self.contacts.count + doubtful + self.frame.notes.len() as u64;
        let outcome = if notes == 0 { "whole" } else { "with notes" };
        json!({
            "outcome": outcome,
            "encoding": self.encoding,
            "hash": self.frame.hash,
            "units": self.frame.units.len(),
            "clusters": self.frame.clusters.len(),
            "strata": strata,
            "twins": self.contacts,
            "places": self.places,
            "notes": notes_json(&self.frame.notes),
        })
    }

    fn tell(&self, check: &FrameCheck, language: &str) {
        let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
        let frame = &self.frame;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let count = |number: usize| locale::number(language, number as f64, 0);
        let encoding = match self.encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Tcvn3 | Encoding::Tcvn3InUtf8 => "TCVN3 (ABC)",
            Encoding::Vni | Encoding::VniInUtf8 => "VNI",
            Encoding::Windows1258 => "Windows-1258",
            Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
            Encoding::Unknown => "?",
        };
        print_line(&say(
            "cli-frame-read",
            &[
                ("units", &count(frame.units.len())),
                ("strata", &count(frame.strata.len())),
                ("clusters", &count(frame.clusters.len())),
                ("encoding", encoding),
            ],
        ));
        print_line(&say("cli-frame-hash", &[("hash", &frame.hash)]));
        let heading =
            ["cli-stratum", "cli-units", "cli-clusters", "cli-size", "cli-known", "cli-coverage"];
        let mut rows = vec![heading.iter().map(|key| say(key, &[])).collect::<Vec<_>>()];
        for (stratum, coverage) in frame.strata.iter().zip(&self.coverage) {
            rows.push(vec![
                if stratum.name.is_empty() { "–".to_owned() } else { stratum.name.clone() },
                count(stratum.units.len()),
                count(stratum.clusters.len()),
                locale::number(language, stratum.size, 0),
                coverage.known.map_or_else(String::new, |n| locale::number(language, n, 0)),
                coverage.share.map_or_else(String::new, |s| locale::percent(language, s, 1)),
            ]);
        }
        if check.totals.is_none() {
            for row in &mut rows {
                row.truncate(4);
            }
        }
        print_line(&columns(&rows));
        tell_notes(&frame.notes, language);
        for twin in &self.contacts.twins {
            let (row, first) = (twin.row.to_string(), twin.first.to_string());
            let arguments = [("row", row.as_str()), ("first", &first), ("columns", &twin.columns)];
            let text = say("cli-frame-twins", &arguments);
            print_error(&say("cli-warning", &[("text", &text)]));
        }
        let listed = self.contacts.twins.len() as u64;
        if self.contacts.count > listed {
            let more = (self.contacts.count - listed).to_string();
            print_error(&say("cli-frame-more-twins", &[("n", &more)]));
        }
        if let Some(places) = &self.places {
            let numbers = [places.known, places.doubtful, places.absent].map(|n| n.to_string());
            let [known, doubtful, absent] = &numbers;
            let arguments = [("known", known.as_str()), ("doubtful", doubtful), ("absent", absent)];
            print_line(&say("frame-places", &arguments));
            for doubt in &places.doubts {
                let text = place_doubt(doubt, language);
                print_error(&say("cli-warning", &[("text", &text)]));
            }
        }
    }
}
