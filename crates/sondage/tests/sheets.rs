//! Lists in workbooks of several sheets, and lists that do not begin in the first row:
//! it is asked which are meant, and the file waits sealed meanwhile.

// Shares are the numbers that were sent.
#![allow(clippy::float_cmp)]

mod support;

use fielding::acts::frame::meanwhile::{self, Meanwhile};
use fielding::rules::access::Role;
use fielding::store::{Id, frames, studies};
use sondage::browser::{Browser, read_form};
use support::{Service, send_parts as post, workbook};

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// Notes first, then a list whose names are in row 4, below a row that looks like them.
fn list() -> Vec<u8> {
    let notes = vec![row(&["Ghi chú", "của ai"]), row(&["An", "x"]), row(&["Bình", "y"])];
    let mut people = vec![
        row(&["Danh sách", "", ""]),
        row(&["mã", "khu", "phường"]),
        row(&["", "", ""]),
        row(&["id", "area", "ward"]),
    ];
    for person in 0..40 {
        let area = if person % 2 == 0 { "north" } else { "south" };
        people.push(row(&[&format!("p{person}"), area, &format!("w{}", person % 4)]));
    }
    workbook(&[("Ghi chú", notes), ("Danh sách", people)])
}

/// Known totals on the second sheet, their names in the third row.
fn totals() -> Vec<u8> {
    let cover = vec![row(&["Tổng cục", "2026"]), row(&["a", "b"])];
    let numbers = vec![
        row(&["Dân số", ""]),
        row(&["", ""]),
        row(&["stratum", "total"]),
        row(&["north", "25"]),
        row(&["south", "20"]),
    ];
    workbook(&[("Bìa", cover), ("Số liệu", numbers)])
}

fn study(owner: &mut Browser) -> (String, Id) {
    let document = serde_json::to_vec(&support::document()).expect("JSON");
    let fields = [("name", "Phường"), ("organisation", "Nhóm"), ("phone", "1900")];
    let made = post(owner, "/studies", &fields, &[("questionnaire", "all.json", &document)]);
    let address = made.location.unwrap_or_else(|| panic!("{}", made.body));
    let id = Id::parse(address.rsplit('/').next().unwrap_or_default()).expect("an id");
    (address, id)
}

/// What is kept of a kind beside the frame that waits.
fn kept(service: &Service, study: Id, what: Meanwhile) -> Option<meanwhile::Kept> {
    let waiting = service.app.store.read_now(|connection| frames::waiting(connection, study));
    let frame = waiting.expect("read").expect("it waits").id;
    meanwhile::kept(&service.app, frame, what).expect("read")
}

const ROLES: [(&str, &str); 6] = [
    ("column", "id"),
    ("role", "unit"),
    ("column", "area"),
    ("role", "stratum"),
    ("column", "ward"),
    ("role", "cluster"),
];

#[test]
fn a_workbook_asks_which_sheet_and_which_row() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let (study, id) = study(&mut owner);
    let frame = format!("{study}/frame");
    assert_eq!(post(&mut owner, &frame, &[], &[("frame", "list.xlsx", &list())]).status, 303);
    let page = owner.get(&frame).expect("answers").body;
    // Both sheets with their first rows; the first with rows is read meanwhile.
    for shown in ["Which sheet has the list?", "Bình", "phường", "Ghi chú (read now)"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(kept(&service, id, Meanwhile::Frame).is_some());
    // Nobody else opens it, and nothing of it lies there as it was sent.
    let mut stranger = service.browser();
    assert_ne!(stranger.get(&frame).expect("answers").status, 200);
    let stored = std::fs::read(service.file()).expect("the database");
    let wal = std::fs::read(service.file().with_extension("sqlite-wal")).unwrap_or_default();
    for bytes in [&stored, &wal] {
        assert!(!bytes.windows(8).any(|part| part == "sheet1.x".as_bytes()), "a workbook");
    }

    let chosen = read_form(&page, &format!("{frame}/sheet")).expect("a form");
    assert!(chosen.action.ends_with("/frame/sheet"));
    let mut pairs = chosen.hidden;
    pairs.retain(|(name, _)| name != "sheet");
    pairs.push(support::pair("sheet", "Danh sách"));
    assert_eq!(owner.post(&chosen.action, &pairs).expect("answers").status, 303);
    let page = owner.get(&frame).expect("answers").body;
    assert!(page.contains("Danh sách (read now)"), "{page}");
    // The names are guessed to be in row 2, and somebody knows better.
    assert!(page.contains("Names of the columns: row 2"), "{page}");
    let page = owner.get(&format!("{frame}?row=4")).expect("answers").body;
    assert!(page.contains("Names of the columns: row 4"), "{page}");
    assert!(page.contains("value=\"unit\" selected") && page.contains("value=\"ward\""), "{page}");
    assert!(page.contains("name=\"header_row\" value=\"4\""), "{page}");
    for (wrong, told) in [("900", "900"), ("x", "whole number")] {
        let page = owner.get(&format!("{frame}?row={wrong}")).expect("answers");
        assert!(page.status == 422 && page.body.contains(told), "{}", page.body);
        assert!(page.body.contains("Names of the columns: row 2"), "{}", page.body);
    }

    let columns = format!("{frame}/columns");
    let mut fields = ROLES.to_vec();
    fields.push(("header_row", "4"));
    let named = post(&mut owner, &columns, &fields, &[]);
    assert_eq!(named.status, 303, "{}", named.body);
    let sample = owner.get(&format!("{study}/sample")).expect("answers").body;
    for shown in ["sheet Danh sách", "names of the columns in row 4", "<b>40</b>"] {
        assert!(sample.contains(shown), "{shown}: {sample}");
    }
    assert!(kept(&service, id, Meanwhile::Frame).is_none(), "it went");
    let page = owner.get(&frame).expect("answers").body;
    assert!(!page.contains("Which sheet"), "there is no other sheet any more: {page}");
    assert!(page.contains("Names of the columns: row 4"), "what was chosen stays: {page}");
    let gone = owner.post(&chosen.action, &pairs).expect("answers");
    assert_eq!(gone.status, 404, "the workbook is gone");
}

#[test]
fn totals_ask_and_wait() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let (study, id) = study(&mut owner);
    let frame = format!("{study}/frame");
    let rows = support::frame(40);
    assert_eq!(post(&mut owner, &frame, &[], &[("frame", "f.csv", rows.as_bytes())]).status, 303);
    let columns = format!("{frame}/columns");
    let asked = post(&mut owner, &columns, &ROLES, &[("totals", "tổng.xlsx", &totals())]);
    assert_eq!(asked.status, 422, "{}", asked.body);
    for shown in ["tổng.xlsx has several sheets", "tổng.xlsx is kept", "Dân số", "Bìa"] {
        assert!(asked.body.contains(shown), "{shown}: {}", asked.body);
    }
    assert!(asked.body.contains("value=\"stratum\" selected"), "the roles are kept");
    assert!(kept(&service, id, Meanwhile::Totals).is_some());
    let with = |more: &[(&'static str, &'static str)]| [&ROLES[..], more].concat();
    // A row without the names: told, and still kept.
    let wrong = with(&[("totals_sheet", "Số liệu"), ("totals_row", "4")]);
    let wrong = post(&mut owner, &columns, &wrong, &[]);
    assert!(wrong.status == 422 && wrong.body.contains("tổng.xlsx is kept"), "{}", wrong.body);
    let right = with(&[("totals_sheet", "Số liệu"), ("totals_row", "3")]);
    let named = post(&mut owner, &columns, &right, &[]);
    assert_eq!(named.status, 303, "{}", named.body);
    let sample = owner.get(&format!("{study}/sample")).expect("answers").body;
    // 20 of 25 and 20 of 20.
    assert!(sample.contains("80") && sample.contains("100"), "{sample}");
    assert!(kept(&service, id, Meanwhile::Totals).is_none(), "it went");

    // A title above the names in a plain file is asked about as well.
    let titled = "Dân số 2026;\nstratum;total\nnorth;40\nsouth;40\n";
    let files: [(&str, &str, &[u8]); 1] = [("totals", "t.csv", titled.as_bytes())];
    let asked = post(&mut owner, &columns, &ROLES, &files);
    assert!(
        asked.status == 422 && asked.body.contains("name=\"totals_row\" value=\"2\""),
        "{}",
        asked.body
    );
    let named = post(&mut owner, &columns, &with(&[("totals_row", "2")]), &[]);
    assert_eq!(named.status, 303, "{}", named.body);
    // The columns were named and the file went: who answers about it afterwards, as from
    // a page that was opened before, is told that it is not there.
    let gone = post(&mut owner, &columns, &with(&[("totals_row", "2")]), &[]);
    assert!(gone.status == 422 && gone.body.contains("not kept any more"), "{}", gone.body);
    // One that is not wanted any more goes; one that is plain asks nothing.
    assert_eq!(post(&mut owner, &columns, &ROLES, &files).status, 422);
    let without = post(&mut owner, &columns, &with(&[("totals_without", "1")]), &[]);
    assert_eq!(without.status, 303, "{}", without.body);
    let plain: [(&str, &str, &[u8]); 1] =
        [("totals", "t.csv", b"stratum,total\nnorth,40\nsouth,40\n")];
    assert_eq!(post(&mut owner, &columns, &ROLES, &plain).status, 303);
    // With the frame everything goes.
    assert_eq!(post(&mut owner, &columns, &ROLES, &files).status, 422);
    let before = service.app.store.read_now(|connection| frames::waiting(connection, id));
    let before = before.expect("read").expect("it waits").id;
    assert_eq!(post(&mut owner, &frame, &[], &[("frame", "g.csv", rows.as_bytes())]).status, 303);
    let left = meanwhile::kept(&service.app, before, Meanwhile::Totals).expect("read");
    assert!(left.is_none(), "of the frame before nothing is left");
}

/// Population shares on the second sheet, below a title; no list waits that they could be kept beside.
#[test]
fn population_shares_ask_and_wait_in_the_form() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let (study, id) = study(&mut owner);
    let margins = format!("{study}/margins");
    let shares = || service.app.store.read_now(|connection| studies::find(connection, id));
    let shares = || shares().expect("read").expect("the study").margins.into_inner();
    let notes = vec![row(&["Tổng điều tra", "2026", ""]), row(&["a", "b", "c"])];
    let known = vec![
        row(&["Cơ cấu", "", ""]),
        row(&["variable", "code", "share"]),
        row(&["works", "yes", "0.6"]),
        row(&["works", "no", "0.4"]),
    ];
    let book = workbook(&[("Bìa", notes), ("Cơ cấu", known)]);
    let asked = post(&mut owner, &margins, &[], &[("margins", "cơ cấu.xlsx", &book)]);
    assert_eq!(asked.status, 422, "{}", asked.body);
    for shown in ["cơ cấu.xlsx has several sheets", "cơ cấu.xlsx is kept", "Bìa", "is not stored"]
    {
        assert!(asked.body.contains(shown), "{shown}: {}", asked.body);
    }
    assert!(shares().is_empty(), "nothing is taken that nobody chose");
    let form = read_form(&asked.body, &margins).expect("a form");
    let hidden = |name: &str| {
        let found = form.hidden.iter().find(|(own, _)| own == name);
        found.unwrap_or_else(|| panic!("{name}")).1.clone()
    };
    let (name, sent) = (hidden("margins_name"), hidden("margins_sent"));
    let with = |sheet: &'static str, row: &'static str| {
        [
            ("margins_name", name.as_str()),
            ("margins_sent", sent.as_str()),
            ("margins_sheet", sheet),
            ("margins_row", row),
        ]
    };
    // What is wrong is told, and the file goes on waiting.
    for (sheet, row, told) in [
        ("Bìa", "1", "variable"),
        ("Cơ cấu", "x", "whole number"),
        ("Cơ cấu", "40", "40"),
        ("Nowhere", "1", "Nowhere"),
    ] {
        let again = post(&mut owner, &margins, &with(sheet, row), &[]);
        assert!(again.status == 422 && again.body.contains(told), "{told}: {}", again.body);
        assert!(again.body.contains(&sent), "{told}: the file is sent again");
    }
    let right = post(&mut owner, &margins, &with("Cơ cấu", "2"), &[]);
    assert_eq!(right.status, 303, "{}", right.body);
    assert_eq!(shares().iter().map(|one| one.share).collect::<Vec<_>>(), [0.6, 0.4]);

    // A title above the names in a plain file is asked about as well; without one nothing is.
    let titled = "Dân số 2026;;\nvariable;code;share\nworks;yes;0,3\nworks;no;0,7\n";
    let asked = post(&mut owner, &margins, &[], &[("margins", "m.csv", titled.as_bytes())]);
    let row_asked = asked.body.contains("name=\"margins_row\" value=\"2\"");
    assert!(asked.status == 422 && row_asked, "{}", asked.body);
    assert_eq!(shares()[0].share, 0.6, "what was known stays");
    let plain = &titled[titled.find("variable").expect("a header")..];
    let taken = post(&mut owner, &margins, &[], &[("margins", "m.csv", plain.as_bytes())]);
    assert_eq!(taken.status, 303, "{}", taken.body);
    assert_eq!(shares()[0].share, 0.3);
    // What is too large to travel with a form is refused in words.
    let rest = "x".repeat(300_000);
    let large = format!("{titled}works;{rest};0\n");
    let refused = post(&mut owner, &margins, &[], &[("margins", "m.csv", large.as_bytes())]);
    assert!(refused.status == 422 && !refused.body.contains(&rest[..9_000]), "{}", refused.status);
}
