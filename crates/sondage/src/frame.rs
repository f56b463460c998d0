//! `sondage frame`: looks at lists of the population, without a database.

use std::io::Read;

use csv::ByteRecord;
use fielding::acts::frame::place_doubt;
use fielding::files::list::ListFile;
use locale::problem_text;
use serde_json::{Value as Json, json};
use survey_builder::list::NumberColumn;
use survey_builder::list::rows::{Asked, List, cell as text_of, is_blank};
use survey_builder::list::text::tidied;
use survey_builder::problem::phrase;
use survey_builder::sampling::area::cell;
use survey_builder::sampling::frame::Reading;
use survey_builder::sampling::frame::contacts::{
    ContactColumns, Contacts, Coverage, coverage, find_twins,
};
use survey_builder::sampling::frame::legacy::Encoding;
use survey_builder::sampling::frame::places::PlaceReport;
use survey_builder::sampling::{Columns, Frame, Problem};

use crate::frame_file::{self, Refusal, as_told};
use crate::output::{Output, Readers};
use crate::sampling_arguments::{FrameCheck, FrameCommand, Roles};
use crate::terminal::{Failure, columns, print_error, print_line};

/// Points that are told where they are none.
const MOST_TOLD: usize = 1_000;

/// Runs the subcommand and prints what it found.
///
/// # Errors
///
/// A file that cannot be read or from which no sample can be drawn.
pub fn run(command: &FrameCommand, language: &str) -> Result<(), Failure> {
    let check = match command {
        FrameCommand::Check(check) => check,
        FrameCommand::Cells { file, x, y, side, output, force, encoding, reading } => {
            let target = Output::check(output, &["csv"], &[file], *force, Readers::Owner)?;
            let reading = frame_file::reading(reading, &Reading::default());
            let opened = frame_file::open(file, *encoding, reading.sheet.as_deref());
            let written =
                opened.and_then(|opened| cells(&opened, [x, y], *side, &target, &reading));
            return match written {
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
    file: &ListFile,
    columns: [&String; 2],
    side: f64,
    output: &Output,
    reading: &Reading,
) -> Result<u64, Refusal> {
    if !(side.is_finite() && side > 0.0) {
        return Err(Refusal::Problems(vec![Problem::PlanValue {
            what: phrase("phrase-side-of-a-cell").into(),
            value: side.into(),
            bounds: phrase("phrase-above-0").into(),
        }]));
    }
    let names = columns.map(|column| tidied(column).into_owned());
    let wanted = names.each_ref().map(String::as_str);
    let asked = Asked { header_row: reading.header_row, wanted: &wanted };
    let points = points(List::open(file.rows()?, file.separator, asked)?, columns, side, reading)?;
    let mut list = List::open(file.rows()?, file.separator, asked)?;
    let mut record = ByteRecord::new();
    let mut written = 0;
    // Nothing is left half written: what is refused never takes its place.
    let outcome = output.write_csv(|file| {
        let heading: csv::StringRecord =
            list.header.iter().map(String::as_str).chain(["cell"]).collect();
        file.write(&heading).map_err(|error| output.refused(&error))?;
        for cell in &points {
            // Rows without anything have no point.
            while list.next_row(&mut record).is_ok_and(|row| row.is_some()) && is_blank(&record) {}
            let mut row = csv::StringRecord::from_byte_record_lossy(record.clone());
            row.push_field(cell);
            file.write(&row).map_err(|error| output.refused(&error))?;
            written += 1;
        }
        Ok(())
    });
    Ok(outcome.map(|()| written)?)
}

/// The cell of each row in which something stands.
fn points(
    mut list: List<Box<dyn Read>>,
    columns: [&String; 2],
    side: f64,
    reading: &Reading,
) -> Result<Vec<String>, Refusal> {
    let places = columns.map(|column| list.place(column));
    let [Ok(x), Ok(y)] = places else {
        return Err(Refusal::Problems(places.into_iter().filter_map(Result::err).collect()));
    };
    let mut numbers = [(); 2].map(|()| NumberColumn::new(reading.decimal));
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut record = ByteRecord::new();
    while let Some(row) = list.next_row(&mut record)? {
        if is_blank(&record) {
            continue;
        }
        let texts = [x, y].map(|place| text_of(&record, place));
        let [is_east, is_north] =
            [0, 1].map(|axis: usize| numbers[axis].push(row, &texts[axis]).is_some());
        rows.push(row);
        if !(is_east && is_north) && problems.len() < MOST_TOLD {
            let [x, y] = texts;
            problems.push(Problem::CellPointBad { row, x, y });
        }
    }
    let [east, north] = numbers;
    let (east, north) = (east.decide(columns[0]), north.decide(columns[1]));
    problems.extend(east.problems.into_iter().chain(north.problems));
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let mut cells = Vec::with_capacity(rows.len());
    for (row, (x, y)) in rows.into_iter().zip(east.numbers.into_iter().zip(north.numbers)) {
        match cell(x, y, side) {
            Some(cell) => cells.push(cell),
            None if problems.len() < MOST_TOLD => {
                problems.push(Problem::CellPointBad { row, x: x.to_string(), y: y.to_string() });
            }
            None => {}
        }
    }
    if problems.is_empty() { Ok(cells) } else { Err(problems.into()) }
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
