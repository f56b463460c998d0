//! Frames of a study: what their columns are, and their rows, which wait sealed
//! until a sample is drawn.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use survey_builder::sampling::frame::contacts::{self, Contacts, Coverage, coverage, find_twins};
use survey_builder::sampling::frame::places::{Doubt, PlaceDoubt, PlaceList, PlaceReport};
use survey_builder::sampling::{self, Columns, Frame};

use crate::app::App;
use crate::error::{Error, Problem};
use crate::frame_file::{Declared, FrameFile};
use crate::keys::Keys;
use crate::locale;
use crate::store::frames::{self, ARRIVING, FrameRow};
use crate::store::{Id, Store};

/// Bytes of rows in a part.
const PART: usize = 1 << 20;
/// Rows that a page shows of a frame.
const SHOWN: usize = 5;
/// Strata that a report lists.
const STRATA_SHOWN: usize = 500;

/// Which columns of a frame hold contacts. Empty names: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactColumns {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Address.
    pub address: String,
    /// Language of the invitation.
    pub language: String,
}

/// What the columns of a frame are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Roles {
    /// What a draw looks at.
    pub columns: Columns,
    /// What goes sealed to the contacts and nowhere else.
    pub contacts: ContactColumns,
    /// Degrees north; a column of numbers too.
    pub latitude: Option<String>,
    /// Degrees east; a column of numbers too.
    pub longitude: Option<String>,
    /// What stays beside a sampled unit for the questionnaire.
    pub kept: Vec<String>,
}

/// What one column can be, as forms name it.
pub const ROLES: [&str; 14] = [
    "ignored",
    "unit",
    "stratum",
    "cluster",
    "size",
    "label",
    "number",
    "latitude",
    "longitude",
    "name",
    "email",
    "phone",
    "address",
    "language",
];

/// Names of columns by what they usually are, without accents, in both languages.
const USUAL: [(&str, &[&str]); 11] = [
    ("unit", &["id", "unit", "ma", "key", "ma ho", "household id"]),
    ("stratum", &["stratum", "strata", "tang", "area", "khu vuc", "region", "vung"]),
    ("cluster", &["cluster", "cum", "psu", "ward", "phuong", "xa", "dia ban", "ea"]),
    ("size", &["size", "members", "quy mo", "so ho", "so nguoi", "population"]),
    ("latitude", &["lat", "latitude", "vi do"]),
    ("longitude", &["lon", "lng", "long", "longitude", "kinh do"]),
    ("name", &["name", "ten", "ho ten", "ho va ten", "full name"]),
    ("email", &["email", "e-mail", "mail", "thu dien tu"]),
    ("phone", &["phone", "tel", "telephone", "mobile", "dien thoai", "so dien thoai", "sdt"]),
    ("address", &["address", "dia chi"]),
    ("language", &["language", "ngon ngu", "lang"]),
];

impl Roles {
    /// What columns of these names usually are; each role goes to the first.
    pub fn guess(header: &[impl AsRef<str>]) -> Self {
        let mut roles = Self::default();
        let mut taken: Vec<&str> = Vec::new();
        for column in header.iter().map(AsRef::as_ref) {
            let plain = survey_builder::plain::plain(column).replace('_', " ");
            let usual = USUAL
                .iter()
                .find(|(role, names)| !taken.contains(role) && names.contains(&plain.trim()));
            if let Some((role, _)) = usual {
                taken.push(role);
                roles.give(column, role);
            }
        }
        if roles.columns.unit.is_empty()
            && let Some(first) = header.first().map(AsRef::as_ref)
            && roles.of(first) == "ignored"
        {
            roles.give(first, "unit");
        }
        roles
    }

    /// Gives a column a role; one that only a single column can have is taken
    /// from the column that had it.
    pub fn give(&mut self, column: &str, role: &str) {
        let name = column.to_owned();
        match role {
            "unit" => self.columns.unit = name,
            "stratum" => self.columns.strata.push(name),
            "cluster" => self.columns.cluster = Some(name),
            "size" => self.columns.size = Some(name),
            "label" => self.columns.labels.push(name),
            "number" => self.columns.numbers.push(name),
            "latitude" | "longitude" => {
                self.columns.numbers.push(name.clone());
                let place =
                    if role == "latitude" { &mut self.latitude } else { &mut self.longitude };
                *place = Some(name);
            }
            "name" => self.contacts.name = name,
            "email" => self.contacts.email = name,
            "phone" => self.contacts.phone = name,
            "address" => self.contacts.address = name,
            "language" => self.contacts.language = name,
            _ => {}
        }
    }

    /// The role of a column.
    pub fn of(&self, column: &str) -> &'static str {
        let is = |other: &Option<String>| other.as_deref() == Some(column);
        let among = |others: &[String]| others.iter().any(|other| other == column);
        let found = [
            ("unit", self.columns.unit == column),
            ("stratum", among(&self.columns.strata)),
            ("cluster", is(&self.columns.cluster)),
            ("size", is(&self.columns.size)),
            ("latitude", is(&self.latitude)),
            ("longitude", is(&self.longitude)),
            ("label", among(&self.columns.labels)),
            ("number", among(&self.columns.numbers)),
            ("name", self.contacts.name == column),
            ("email", self.contacts.email == column),
            ("phone", self.contacts.phone == column),
            ("address", self.contacts.address == column),
            ("language", self.contacts.language == column),
        ];
        found.iter().find(|(_, is)| *is).map_or("ignored", |(role, _)| role)
    }

    /// Reads a form's choice: each column with its role and whether it is kept.
    ///
    /// # Errors
    ///
    /// No column of ids, a role that only one column can have given to two, a
    /// longitude without a latitude, a contact that is to be kept beside answers.
    pub fn read<'a>(
        chosen: impl Iterator<Item = (&'a str, &'a str, bool)>,
    ) -> Result<Self, Vec<Problem>> {
        const CONTACTS: [&str; 4] = ["name", "email", "phone", "address"];
        const SINGLE: [&str; 10] = [
            "unit",
            "cluster",
            "size",
            "latitude",
            "longitude",
            "name",
            "email",
            "phone",
            "address",
            "language",
        ];
        let mut roles = Self::default();
        let mut given: Vec<&str> = Vec::new();
        let mut problems = Vec::new();
        let told = |code: &str, column: &str| Problem::new(code, column).with("column", column);
        for (column, role, kept) in chosen {
            if SINGLE.contains(&role) && given.contains(&role) {
                problems.push(told("frame-role-twice", column));
            }
            if kept && CONTACTS.contains(&role) {
                problems.push(told("frame-contact-kept", column));
            }
            given.push(role);
            roles.give(column, role);
            if kept {
                roles.kept.push(column.to_owned());
            }
        }
        if !given.contains(&"unit") {
            problems.push(Problem::new("frame-no-unit", ""));
        }
        if roles.latitude.is_some() != roles.longitude.is_some() {
            problems.push(Problem::new("frame-half-place", ""));
        }
        if problems.is_empty() { Ok(roles) } else { Err(problems) }
    }

    /// The columns in which one person is looked for twice.
    fn identifying(&self) -> contacts::ContactColumns {
        let named = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        contacts::ContactColumns {
            phone: named(&self.contacts.phone),
            email: named(&self.contacts.email),
            name: named(&self.contacts.name),
            address: named(&self.contacts.address),
        }
    }
}

/// A stratum as a report shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StratumReport {
    /// Its name.
    pub stratum: String,
    /// Its units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// The sum of its units' sizes.
    pub size: f64,
    /// Its units by an independent count.
    pub known: Option<f64>,
    /// The first count over the second.
    pub share: Option<f64>,
}

/// Two rows that may be one unit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TwinReport {
    /// The later row; the header is row 1.
    pub row: u64,
    /// The earlier one.
    pub first: u64,
    /// The columns that say the same.
    pub columns: String,
}

/// What was found when a frame was looked through.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Its units.
    pub units: u64,
    /// Its clusters.
    pub clusters: u64,
    /// How many strata it has.
    pub strata_count: u64,
    /// The first strata.
    pub strata: Vec<StratumReport>,
    /// The first rows that may be the same unit as another.
    pub twins: Vec<TwinReport>,
    /// How many in all.
    pub twin_count: u64,
    /// How its places stand to a list of places of its day, where one was given.
    #[serde(default)]
    pub places: Option<PlaceReport>,
}

impl Report {
    fn of(
        frame: &Frame,
        coverage: &[Coverage],
        twins: &Contacts,
        places: Option<PlaceReport>,
    ) -> Self {
        let strata = frame.strata.iter().zip(coverage).take(STRATA_SHOWN);
        Self {
            units: frame.units.len() as u64,
            clusters: frame.clusters.len() as u64,
            strata_count: frame.strata.len() as u64,
            strata: strata
                .map(|(stratum, coverage)| StratumReport {
                    stratum: stratum.name.clone(),
                    units: stratum.units.len() as u64,
                    clusters: stratum.clusters.len() as u64,
                    size: stratum.size,
                    known: coverage.known,
                    share: coverage.share,
                })
                .collect(),
            twins: twins
                .twins
                .iter()
                .take(20)
                .map(|twin| TwinReport {
                    row: twin.row,
                    first: twin.first,
                    columns: twin.columns.clone(),
                })
                .collect(),
            twin_count: twins.count,
            places,
        }
    }
}

/// Problems of sampling as this crate tells them.
pub fn told(problems: &[sampling::Problem]) -> Vec<Problem> {
    problems.iter().map(Problem::from).collect()
}

/// Takes a frame's file in: its rows go into sealed parts, converted to UTF-8.
/// Works on the calling thread and holds one part at a time.
///
/// # Errors
///
/// What makes the file unreadable; then nothing is kept of it.
pub fn take_in(
    store: &Store,
    keys: &Keys,
    study: Id,
    file: File,
    name: &str,
    declared: Declared,
    as_of: Option<chrono::NaiveDate>,
) -> Result<FrameRow, Error> {
    let invalid = |problems: Vec<sampling::Problem>| Error::Invalid(told(&problems));
    let opened = FrameFile::open(file, name, declared, None).map_err(invalid)?;
    let encoding = serde_json::to_value(opened.encoding).unwrap_or_default();
    let row = FrameRow {
        hash: opened.hash().map_err(invalid)?,
        as_of,
        state: ARRIVING.to_owned(),
        encoding: encoding.as_str().unwrap_or_default().to_owned(),
        separator: char::from(opened.separator).to_string(),
        ..FrameRow::new(study, name, "", 0)
    };
    let inserted = row.clone();
    store.write_now(move |connection| frames::insert(connection, &inserted))?;
    match seal_rows(store, keys, row.id, opened.rows().map_err(invalid)?) {
        Ok(0) => {
            give_up(store, row.id)?;
            Err(Error::Invalid(told(&[sampling::Problem::FrameEmpty])))
        }
        Ok(lines) => {
            let units = i64::try_from(lines.saturating_sub(1)).unwrap_or(i64::MAX);
            let row = FrameRow { units, ..row };
            let arrived = row.clone();
            store.write_now(move |connection| frames::has_arrived(connection, &arrived))?;
            Ok(row)
        }
        Err(error) => {
            give_up(store, row.id)?;
            Err(error)
        }
    }
}

fn give_up(store: &Store, frame: Id) -> Result<(), Error> {
    store.write_now(move |connection| frames::let_go(connection, frame))
}

/// Writes rows into sealed parts; gives the number of lines, by their ends.
fn seal_rows(store: &Store, keys: &Keys, frame: Id, mut rows: impl Read) -> Result<u64, Error> {
    let (mut part, mut sequence, mut lines, mut open) = (Vec::with_capacity(PART), 0, 0, false);
    loop {
        let read = rows.by_ref().take((PART - part.len()) as u64).read_to_end(&mut part);
        let count = read.map_err(|error| {
            let reason = error.to_string();
            Error::Invalid(told(&[sampling::Problem::FrameUnreadable { reason }]))
        })?;
        if part.len() == PART || count == 0 && !part.is_empty() {
            lines += part.split(|byte| *byte == b'\n').skip(1).count() as u64;
            open = part.last() != Some(&b'\n');
            let sealed = keys.seal_part(frame, sequence, &part)?;
            store.write_now(move |connection| {
                frames::put_part(connection, frame, sequence, &sealed)
            })?;
            sequence += 1;
            part.clear();
        }
        if count == 0 {
            return Ok(lines + u64::from(open));
        }
    }
}

/// The rows of a waiting frame, as CSV in UTF-8.
pub struct Rows {
    store: Store,
    keys: Keys,
    frame: Id,
    sequence: i64,
    part: std::io::Cursor<Vec<u8>>,
}

impl Rows {
    /// From the first row on.
    pub fn of(app: &App, frame: Id) -> Self {
        let (store, keys) = (app.store.clone(), app.keys.clone());
        Self { store, keys, frame, sequence: 0, part: std::io::Cursor::default() }
    }

    fn next_part(&self) -> Result<Option<Vec<u8>>, Error> {
        let (frame, sequence) = (self.frame, self.sequence);
        let sealed = self.store.read_now(|connection| frames::part(connection, frame, sequence))?;
        sealed.map(|sealed| self.keys.unseal_part(frame, sequence, &sealed)).transpose()
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.part.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        match self.next_part().map_err(std::io::Error::other)? {
            Some(part) => {
                self.sequence += 1;
                self.part = std::io::Cursor::new(part);
                self.part.read(buffer)
            }
            None => Ok(0),
        }
    }
}

/// The header and the first rows of a waiting frame.
///
/// # Errors
///
/// Rows that cannot be read.
pub fn first_rows(app: &App, row: &FrameRow) -> Result<(Vec<String>, Vec<Vec<String>>), Error> {
    let unreadable = |error: csv::Error| {
        let reason = error.to_string();
        Error::Invalid(told(&[sampling::Problem::FrameUnreadable { reason }]))
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(row.separator.bytes().next().unwrap_or(b','))
        .flexible(true)
        .has_headers(false)
        .from_reader(Rows::of(app, row.id).take(PART as u64));
    let mut shown = Vec::new();
    for record in reader.byte_records().take(SHOWN + 1) {
        let record = record.map_err(unreadable)?;
        let cells = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
        shown.push(cells.collect::<Vec<String>>());
    }
    let mut header = if shown.is_empty() { Vec::new() } else { shown.remove(0) };
    if let Some(first) = header.first_mut() {
        *first = first.trim_start_matches('\u{feff}').trim().to_owned();
    }
    Ok((header, shown))
}

/// Looks a waiting frame through by what its columns are.
///
/// # Errors
///
/// Everything wrong with it.
pub fn look_through(
    app: &App,
    row: &FrameRow,
    roles: &Roles,
    totals: &std::collections::BTreeMap<String, f64>,
    places: Option<&PlaceList>,
) -> Result<Report, Error> {
    let invalid = |problems: Vec<sampling::Problem>| Error::Invalid(told(&problems));
    let separator = row.separator.bytes().next().unwrap_or(b',');
    let twins = match roles.identifying() {
        none if none == contacts::ContactColumns::default() => Contacts::default(),
        columns => find_twins(Rows::of(app, row.id), separator, &columns).map_err(invalid)?,
    };
    let frame = load(app, row, &roles.columns)?;
    let coverage = coverage(&frame, totals).map_err(invalid)?;
    // Without a day of its own the frame is of the day it was read.
    let day = row.as_of.unwrap_or_else(|| row.read_at.day());
    let places = places.map(|places| places.check(&frame, day));
    Ok(Report::of(&frame, &coverage, &twins, places))
}

/// What is doubtful about the name of a place, in words.
pub fn place_doubt(doubt: &PlaceDoubt, language: &str) -> String {
    let say = |key: &str, arguments: &[(&str, &str)]| locale::text(language, key, arguments);
    let name = ("name", doubt.name.as_str());
    match &doubt.what {
        Doubt::Unknown => say("place-unknown", &[name]),
        Doubt::NotYet { from } => say("place-not-yet", &[name, ("from", &locale::date(*from))]),
        Doubt::Ended { to, successors } if successors.is_empty() => {
            say("place-ended", &[name, ("to", &locale::date(*to))])
        }
        Doubt::Ended { to, successors } => {
            let successors = successors.join(", ");
            let to = locale::date(*to);
            say("place-became", &[name, ("to", &to), ("successors", &successors)])
        }
    }
}

/// A waiting frame, read by what its columns are; the one read last is held.
///
/// # Errors
///
/// Everything wrong with it.
pub fn load(app: &App, row: &FrameRow, columns: &Columns) -> Result<Arc<Frame>, Error> {
    if let Some(frame) = app.held_frame(row.id, columns) {
        return Ok(frame);
    }
    let separator = row.separator.bytes().next().unwrap_or(b',');
    let mut frame = Frame::read_separated(Rows::of(app, row.id), separator, columns)
        .map_err(|problems| Error::Invalid(told(&problems)))?;
    frame.hash.clone_from(&row.hash);
    let frame = Arc::new(frame);
    app.hold_frame(row.id, &frame);
    Ok(frame)
}
