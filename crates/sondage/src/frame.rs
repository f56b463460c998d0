//! `sondage frame`: looks at lists of the population, without a database.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use fielding::acts::frame::place_doubt;
use fielding::files::frame::read_totals;
use locale::problem_text;
use serde_json::{Value as Json, json};
use survey_builder::problem::phrase;
use survey_builder::sampling::area::cell;
use survey_builder::sampling::frame::contacts::{
    ContactColumns, Contacts, Coverage, coverage, find_twins,
};
use survey_builder::sampling::frame::legacy::Encoding;
use survey_builder::sampling::frame::places::{PlaceList, PlaceReport};
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::frame_file::{self, Refusal, as_told};
use crate::output::{Output, Readers};
use crate::sampling_arguments::{EncodingChoice, FrameCheck, FrameCommand, Roles};
use crate::terminal::{Failure, columns, print_error, print_line};

/// Runs the subcommand and prints what it found.
///
/// # Errors
///
/// A file that cannot be read or from which no sample can be drawn.
pub fn run(command: &FrameCommand, language: &str) -> Result<(), Failure> {
    let check = match command {
        FrameCommand::Check(check) => check,
        FrameCommand::Cells { file, x, y, side, output, force, encoding } => {
            let target = Output::check(output, &["csv"], &[file], *force, Readers::Owner)?;
            return match cells(file, [x, y], *side, &target, *encoding) {
                Ok(rows) => {
                    let (rows, file) = (rows.to_string(), output.display().to_string());
                    let arguments = [("rows", rows.as_str()), ("file", &file)];
                    print_line(&locale::text(language, "cli-cells-written", &arguments));
                    Ok(())
                }
                Err(refusal) => refuse(refusal, false),
            };
        }
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

/// Writes a list with the cell of every unit; gives how many there are.
fn cells(
    path: &Path,
    columns: [&String; 2],
    side: f64,
    output: &Output,
    encoding: EncodingChoice,
) -> Result<u64, Refusal> {
    let unreadable = |error: csv::Error| {
        Refusal::Problems(vec![Problem::FrameUnreadable { reason: error.to_string() }])
    };
    if !(side.is_finite() && side > 0.0) {
        return Err(Refusal::Problems(vec![Problem::PlanValue {
            what: phrase("phrase-side-of-a-cell").into(),
            value: side.into(),
            bounds: phrase("phrase-above-0").into(),
        }]));
    }
    let file = frame_file::open(path, encoding)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(file.separator)
        .flexible(true)
        .from_reader(file.rows()?);
    let mut header = reader.headers().map_err(unreadable)?.clone();
    let place = |column: &String| {
        let found =
            header.iter().position(|name| name.trim_start_matches('\u{feff}').trim() == column);
        found.ok_or_else(|| Problem::FrameColumnMissing {
            column: column.clone(),
            columns: header.iter().collect::<Vec<_>>().join(", "),
        })
    };
    let places = columns.map(place);
    let [Ok(x), Ok(y)] = places else {
        return Err(Refusal::Problems(places.into_iter().filter_map(Result::err).collect()));
    };
    header.push_field("cell");
    let (mut rows, mut problems) = (0, Vec::new());
    // Nothing is left half written: what is refused never takes its place.
    let outcome = output.write_csv(|file| {
        file.write(&header).map_err(|error| output.refused(&error))?;
        for record in reader.records() {
            let mut record = record.map_err(|error| output.refused(&error))?;
            rows += 1;
            let text = |place: usize| record.get(place).unwrap_or_default().trim().to_owned();
            let (x, y) = (text(x), text(y));
            let point = x.parse::<f64>().ok().zip(y.parse::<f64>().ok());
            match point.and_then(|(x, y)| cell(x, y, side)) {
                Some(cell) => record.push_field(&cell),
                None if problems.len() < 1_000 => {
                    problems.push(Problem::CellPointBad { row: rows + 1, x, y });
                }
                None => {}
            }
            if problems.is_empty() {
                file.write(&record).map_err(|error| output.refused(&error))?;
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(Failure::RefusedSample) }
    });
    match outcome {
        Err(Failure::RefusedSample) => Err(Refusal::Problems(problems)),
        outcome => Ok(outcome.map(|()| rows)?),
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
    let file = frame_file::open(&check.file, check.encoding)?;
    let totals = check.totals.as_deref().map(totals).transpose()?.unwrap_or_default();
    let places = check.places.as_deref().map(places).transpose()?;
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
        find_twins(file.rows()?, file.separator, &contacts)
    };
    let read = file.frame(&roles(&check.roles));
    // All at once: what is wrong with the contact columns too.
    let frame = match (read, &twins) {
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
    let coverage = coverage(&frame, &totals)?;
    let places = places.zip(check.on).map(|(places, on)| places.check(&frame, on));
    Ok(Found { frame, encoding: file.encoding, coverage, contacts, places })
}

fn places(path: &Path) -> Result<PlaceList, Refusal> {
    Ok(PlaceList::read(opened(path)?)?)
}

fn opened(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure::File {
        file: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// Totals by stratum from a file with the columns `stratum` and `total`.
fn totals(path: &Path) -> Result<BTreeMap<String, f64>, Refusal> {
    Ok(read_totals(opened(path)?)?)
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
        let outcome = if self.contacts.count + doubtful == 0 { "whole" } else { "with notes" };
        json!({
            "outcome": outcome,
            "encoding": self.encoding,
            "hash": self.frame.hash,
            "units": self.frame.units.len(),
            "clusters": self.frame.clusters.len(),
            "strata": strata,
            "twins": self.contacts,
            "places": self.places,
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
