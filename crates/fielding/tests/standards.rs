//! AAPOR: every published and computed rate, every code, every event of the
//! proposed map. Reads `$SONDAGE_REFERENCE/standards`, else the copy in
//! `fixtures/reference/standards`.

use std::path::PathBuf;

use fielding::rules::disposition::{EVENTS, Event, Group};
use fielding::rules::rates::{Counts, UnknownEligibility, rates};

const TOLERANCE: f64 = 1e-9;

fn rows(file: &str) -> Vec<csv::StringRecord> {
    let folder = std::env::var_os("SONDAGE_REFERENCE").map_or_else(
        || {
            PathBuf::from(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../fixtures/reference/standards"
            ))
        },
        |folder| PathBuf::from(folder).join("standards"),
    );
    let path = folder.join(file);
    let mut reader =
        csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = reader.headers().expect("a header").clone();
    let records = reader.records().map(|record| record.expect("a row"));
    std::iter::once(header).chain(records).collect()
}

struct Row<'a> {
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn text(&self, name: &str) -> &str {
        let place = self.header.iter().position(|column| column == name);
        place.and_then(|place| self.record.get(place)).unwrap_or_else(|| panic!("no column {name}"))
    }

    fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or_else(|_| panic!("{name} is {}", self.text(name)))
    }
}

fn eligibility(row: &Row<'_>) -> UnknownEligibility {
    if row.text("e_method").starts_with("proportional") {
        return UnknownEligibility::Proportional;
    }
    match row.text("e").split_once('|') {
        Some((household, other)) => UnknownEligibility::Separate {
            household: household.parse().expect("a number"),
            other: other.parse().expect("a number"),
        },
        None => UnknownEligibility::Given(row.number("e")),
    }
}

fn check_rates(row: &Row<'_>) -> Result<(), String> {
    let counts = Counts {
        complete: row.number("I"),
        partial: row.number("P"),
        refusal: row.number("R"),
        non_contact: row.number("NC"),
        other: row.number("O"),
        unknown_household: row.number("UH"),
        unknown_other: row.number("UO"),
        not_eligible: row.number("NE"),
    };
    let computed = rates(&counts, eligibility(row));
    for (name, value) in computed.named() {
        match (row.text(name), value) {
            ("", None) => {}
            (expected, Some(value))
                if expected
                    .parse::<f64>()
                    .is_ok_and(|expected| (expected - value).abs() <= TOLERANCE) => {}
            (expected, value) => {
                return Err(format!("{name}: expected \"{expected}\", got {value:?}"));
            }
        }
    }
    Ok(())
}

#[test]
fn standards() {
    let table = rows("aapor_rates.csv");
    let (header, cases) = table.split_first().expect("a header");
    let (mut passed, mut failed) = (0, 0);
    for record in cases {
        let row = Row { header, record };
        match check_rates(&row) {
            Ok(()) => passed += 1,
            Err(problem) => {
                failed += 1;
                println!("{}: {problem}", row.text("case_id"));
            }
        }
    }
    println!("aapor rates: {passed} passed, {failed} failed");
    assert!(passed > 0 && failed == 0);
}

#[test]
fn every_final_code_is_in_its_group() {
    let table = rows("aapor_dispositions.csv");
    let (header, codes) = table.split_first().expect("a header");
    let mut checked = 0;
    for record in codes {
        let row = Row { header, record };
        if row.text("status") != "final" {
            continue;
        }
        let group = Group::of_code(row.text("code")).map(Group::letters);
        assert_eq!(group, Some(row.text("group")), "{}", row.text("code"));
        checked += 1;
    }
    assert!(checked > 80, "only {checked} codes");
}

#[test]
fn every_event_of_the_map_has_its_code() {
    let table = rows("aapor_event_map.csv");
    let (header, events) = table.split_first().expect("a header");
    // The map proposes 2.11 for it; the rule says why it has no code.
    let coded: Vec<_> = events
        .iter()
        .filter(|record| {
            let row = Row { header, record };
            row.text("event") != "unsubscribe without words, list mail headers"
        })
        .collect();
    assert_eq!(events.len(), Event::ALL.len());
    assert_eq!(coded.len(), EVENTS.len());
    for (record, event) in coded.into_iter().zip(EVENTS) {
        let row = Row { header, record };
        assert_eq!(row.text("event"), event.description);
        let code = event.disposition;
        assert_eq!(row.text("code_if_last_word"), code.word(), "{}", event.event);
        assert_eq!(row.text("group"), code.group().letters(), "{}", event.event);
        assert_eq!(
            row.text("temporary_while_field_is_open") == "yes",
            event.temporary,
            "{}",
            event.event
        );
    }
}
