//! The page of results and the downloads when the data do not allow everything: what is refused is told in
//! words on the page that can mend it, and what does not depend on it is there.

mod support;

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use chrono::NaiveDate;
use fielding::acts::pool::Regrouping;
use fielding::rules::access::Role;
use fielding::rules::states::{Mode, ResponseState};
use fielding::store::files::FileRow;
use fielding::store::responses::{self, ResponseRow};
use fielding::store::{Id, Json, Scope, files, rounds, studies};
use pages::downloads::{self, Content};
use sondage::browser::{Answer as Page, Browser};
use support::{Service, multipart, token_of};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};

const SHARES: &str = "variable,code,share\nworks,yes,0.6\nworks,no,0.4\n";

/// An interview: its stratum, its unit and the options chosen.
type Said<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

/// Stores interviews of a study that have ended.
fn interviews(service: &Service, study: Id, all: &[Said<'_>]) {
    let app = &service.app;
    let version = app.store.read_now(|connection| {
        let version = studies::current_version(connection, study)?.expect("a version");
        app.version(connection, version).map(|read| (version, read))
    });
    let (version_id, version) = version.expect("read");
    let item = |name: &str| {
        let mut questions = version.document.questions();
        questions.find(|question| question.name == name).expect("the question").id
    };
    let rows: Vec<ResponseRow> = all
        .iter()
        .map(|(stratum, psu, said)| {
            let value = |code: &str| Answer::Value(Value::Option(code.to_owned()));
            let answers = said.iter().map(|(name, code)| (item(name), value(code)));
            ResponseRow {
                id: Id::random(),
                study_id: study,
                round_id: Id::random(),
                version_id,
                state: ResponseState::Complete,
                seed: 1,
                language: String::new(),
                mode: Mode::Web,
                began_on: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
                ended_on: None,
                stratum: (*stratum).to_owned(),
                psu: (*psu).to_owned(),
                base_weight: 2.0,
                answers: Some(Json::new(Answers(answers.collect()))),
                sealed: None,
            }
        })
        .collect();
    let stored = app.store.write_now(Scope::Study(study), move |connection| {
        let round_id = rounds::current(connection, study)?.id;
        for row in &rows {
            let row = ResponseRow { round_id, ..row.clone() };
            responses::insert_ended(connection, &row)?;
        }
        Ok(())
    });
    stored.expect("stored");
}

/// Two areas with two wards each; `of` says who works.
fn everywhere(of: fn(usize) -> &'static str) -> Vec<Said<'static>> {
    let wards =
        [("north", "north-0"), ("north", "north-1"), ("south", "south-0"), ("south", "south-1")];
    let said = |place: usize| vec![("consent", "1"), ("works", of(place))];
    (0..24).map(|place| (wards[place % 4].0, wards[place % 4].1, said(place))).collect()
}

struct Reader {
    browser: Browser,
    study: String,
}

impl Reader {
    fn new(service: &Service) -> Self {
        let browser = service.signed_in(Role::Owner, service.unit);
        Self { browser, study: format!("/studies/{}", service.study) }
    }

    fn get(&mut self, path: &str) -> Page {
        self.browser.get(&format!("{}{path}", self.study)).expect("answers")
    }

    /// The page of tables in a language.
    fn tables(&mut self, language: &str) -> String {
        let token = token_of(&self.browser.get("/studies").expect("answers").body);
        let said = [support::pair("token", &token), support::pair("language", language)];
        assert_eq!(self.browser.post("/language", &said).expect("answers").status, 303);
        let page = self.get("/tables");
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    }

    fn send_shares(&mut self, csv: &str) {
        let token = token_of(&self.browser.get("/studies").expect("answers").body);
        let (media_type, body) =
            multipart(&[("token", &token)], &[("margins", "m.csv", csv.as_bytes())]);
        let sent = self.browser.post_body(&format!("{}/margins", self.study), &media_type, &body);
        let sent = sent.expect("answers");
        assert_eq!(sent.status, 303, "{}", sent.body);
    }
}

/// A file that is no text, as the page of it makes it.
fn made(service: &Service, file: &str) -> Content {
    let study = service.study;
    let found = service.app.store.read_now(|connection| studies::find(connection, study));
    let study = found.expect("read").expect("the study");
    downloads::make(&service.app, &study, file, "en", None).expect("made").content
}

fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

fn two_of_three_say_yes(service: &Service) {
    let said = everywhere(|place| if place % 3 == 0 { "no" } else { "yes" });
    interviews(service, service.study, &said);
}

#[test]
fn a_target_without_rows_is_told_where_shares_are_given_and_tables_are_shown() {
    let service = Service::start();
    interviews(&service, service.study, &everywhere(|_| "yes"));
    let mut reader = Reader::new(&service);
    reader.send_shares(SHARES);
    let link = format!("href=\"{}/tables#margins\"", reader.study);
    let english = reader.tables("en");
    holds(
        &english,
        &[
            "The weights could not be adjusted to the population shares",
            "nobody in the sample has this level, but its target is above zero",
            &link,
            "are not adjusted to the population",
            "they could not be adjusted to the population shares",
            "<table class=\"results\">",
        ],
    );
    let vietnamese = reader.tables("vi");
    holds(
        &vietnamese,
        &[
            "Không hiệu chỉnh được trọng số theo cơ cấu dân số",
            "không ai trong mẫu thuộc mức này nhưng mục tiêu lớn hơn 0",
            &link,
            "<table class=\"results\">",
        ],
    );
    assert!(!vietnamese.contains("nobody in the sample"), "{vietnamese}");
    assert!(reader.get("/tables").body.contains("id=\"margins\""), "the place is there");
}

#[test]
fn downloads_are_there_whatever_weighting_says() {
    let service = Service::start();
    interviews(&service, service.study, &everywhere(|_| "yes"));
    let mut reader = Reader::new(&service);
    reader.send_shares(SHARES);
    let rows = reader.get("/downloads/responses.csv");
    assert_eq!(rows.status, 200, "{}", rows.body);
    let mut lines = csv::Reader::from_reader(rows.body.trim_start_matches('\u{feff}').as_bytes());
    let heading = lines.headers().expect("a heading").clone();
    let place = |name: &str| heading.iter().position(|own| own == name).expect("the column");
    let (base, weight) = (place("base_weight"), place("weight"));
    let lines: Vec<csv::StringRecord> = lines.records().map(|line| line.expect("a row")).collect();
    assert_eq!(lines.len(), 24);
    assert!(lines.iter().all(|line| line[base] == line[weight] && line[weight] == *"2"));
    let codebook = reader.get("/downloads/codebook.csv");
    assert_eq!(codebook.status, 200);
    holds(&codebook.body, &["weight,", "Design weight: it could not be adjusted"]);
    assert_eq!(reader.get("/downloads/checks.csv").status, 200);
    let files = reader.get("/downloads/files.zip");
    assert_eq!(files.status, 409, "nobody sent a file, whatever the weights are");
    assert_eq!(reader.get("/downloads/tables.csv").status, 200);
    let Content::Bytes(book) = made(&service, "tables.xlsx") else { panic!("on disk") };
    assert!(book.starts_with(b"PK"));
    let report = reader.get("/downloads/report.html").body;
    holds(&report, &["they could not be adjusted to the population shares"]);
}

#[test]
fn tables_that_leave_say_which_weights_they_rest_on() {
    let service = Service::start();
    interviews(&service, service.study, &everywhere(|_| "yes"));
    let mut reader = Reader::new(&service);
    let weights = |reader: &mut Reader| -> Vec<String> {
        let file = reader.get("/downloads/tables.csv").body;
        let mut lines = csv::Reader::from_reader(file.trim_start_matches('\u{feff}').as_bytes());
        let place = lines.headers().expect("a heading").iter().position(|own| own == "weights");
        let place = place.expect("the column");
        let mut found: Vec<String> =
            lines.records().map(|line| line.expect("a row")[place].to_owned()).collect();
        found.dedup();
        found
    };
    // The line under the title, and the one over the first table.
    let marks = |language: &str| -> [String; 2] {
        let study =
            service.app.store.read_now(|connection| studies::find(connection, service.study));
        let study = study.expect("read").expect("the study");
        let made = downloads::make(&service.app, &study, "tables.xlsx", language, None);
        let Content::Bytes(book) = made.expect("made").content else { panic!("on disk") };
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book)).expect("a workbook");
        let names = book.sheet_names();
        [(0, 1), (1, 2)].map(|(sheet, row)| {
            let sheet = book.worksheet_range(&names[sheet]).expect("a sheet");
            sheet.get_value((row, 0)).map(Data::to_string).unwrap_or_default()
        })
    };
    assert_eq!(weights(&mut reader), ["design"]);
    assert_eq!(marks("en"), ["Design weights only, not adjusted to the population."; 2]);
    reader.send_shares(SHARES);
    assert_eq!(weights(&mut reader), ["not_fitted"]);
    assert_eq!(
        marks("vi"),
        ["Chỉ dùng trọng số thiết kế: không hiệu chỉnh được theo cơ cấu dân số."; 2]
    );
    let some = everywhere(|place| if place % 3 == 0 { "no" } else { "yes" });
    interviews(&service, service.study, &some);
    assert_eq!(weights(&mut reader), ["fitted"]);
    assert_eq!(marks("en"), [""; 2]);
}

#[test]
fn files_that_were_sent_are_there_whatever_weighting_says() {
    let service = Service::start();
    interviews(&service, service.study, &everywhere(|_| "yes"));
    let mut reader = Reader::new(&service);
    reader.send_shares(SHARES);
    let (study, keys) = (service.study, service.app.keys.clone());
    let sent = service.app.store.write_now(Scope::Study(study), move |connection| {
        let response_id = responses::interviews(connection, study)?[0].id;
        let (ending, bytes) = ("png".to_owned(), b"bytes".to_vec());
        let row = FileRow { id: Id::random(), response_id, ending, bytes };
        files::insert(connection, &keys, &row, false)
    });
    sent.expect("stored");
    let Content::Stored(mut file) = made(&service, "files.zip") else { panic!("in memory") };
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).expect("read");
    assert!(bytes.starts_with(b"PK") && bytes.windows(5).any(|part| part == b"bytes"));
}

#[test]
fn an_empty_file_takes_the_shares_back() {
    let service = Service::start();
    two_of_three_say_yes(&service);
    let mut reader = Reader::new(&service);
    reader.send_shares(SHARES);
    holds(&reader.tables("en"), &["Weights adjusted (raked) to: works"]);
    assert!(reader.get("/downloads/codebook.csv").body.contains("Weight adjusted to the"));
    for empty in ["", " \r\n", "\u{feff}\n"] {
        reader.send_shares(SHARES);
        reader.send_shares(empty);
        let page = reader.tables("en");
        holds(&page, &["Design weights only, not adjusted to the population."]);
        assert!(!page.contains("could not be adjusted"), "{page}");
    }
    assert!(reader.get("/downloads/codebook.csv").body.contains("no population shares were given"));
    // As text rather than as a file; and a form without either changes nothing.
    for (fields, status) in
        [(&[("margins", SHARES)][..], 303), (&[][..], 422), (&[("margins", "")], 303)]
    {
        let token = token_of(&reader.browser.get("/studies").expect("answers").body);
        let all = [&[("token", token.as_str())][..], fields].concat();
        let (media_type, body) = multipart(&all, &[]);
        let path = format!("{}/margins", reader.study);
        let sent = reader.browser.post_body(&path, &media_type, &body).expect("answers");
        assert_eq!(sent.status, status, "{}", sent.body);
        let fitted = reader.tables("en").contains("Weights adjusted (raked) to: works");
        assert_eq!(fitted, fields != [("margins", "")]);
    }
}

#[test]
fn one_cluster_in_a_stratum_is_explained() {
    let service = Service::start();
    let mut all = everywhere(|_| "yes");
    all.retain(|(_, psu, _)| *psu != "north-1");
    interviews(&service, service.study, &all);
    let mut reader = Reader::new(&service);
    let link = format!("href=\"{}/sample\"", reader.study);
    holds(
        &reader.tables("en"),
        &[
            "In one stratum only one primary sampling unit has interviews",
            &link,
            "class=\"results\"",
        ],
    );
    holds(&reader.tables("vi"), &["Có 1 tầng chỉ có một đơn vị giai đoạn 1 (PSU)", &link]);
}

#[test]
fn a_question_without_answers_is_explained() {
    let service = Service::start();
    interviews(&service, service.study, &everywhere(|_| "yes"));
    let mut reader = Reader::new(&service);
    reader.tables("en");
    let page = reader.get("/tables?question=most");
    assert_eq!(page.status, 200);
    holds(&page.body, &["Nobody has answered this question yet"]);
    reader.tables("vi");
    holds(&reader.get("/tables?question=most").body, &["Chưa ai trả lời câu này"]);
}

const SHEETS: [&str; 3] = ["survey.csv", "choices.csv", "settings.csv"];

#[test]
fn a_group_without_anybody_is_explained() {
    let service = Service::start();
    let mut reader = Reader::new(&service);
    let folder =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/ward-services");
    let sheets = SHEETS.map(|file| std::fs::read(format!("{folder}/{file}")).expect("the fixture"));
    let files: Vec<(&str, &str, &[u8])> = SHEETS
        .iter()
        .zip(&sheets)
        .map(|(file, bytes)| ("questionnaire", *file, bytes.as_slice()))
        .collect();
    let token = token_of(&reader.browser.get("/studies").expect("answers").body);
    let fields =
        [("token", &*token), ("name", "Phường"), ("organisation", "Nhóm"), ("phone", "1900")];
    let (media_type, body) = multipart(&fields, &files);
    let made = reader.browser.post_body("/studies", &media_type, &body).expect("answers");
    reader.study = made.location.unwrap_or_else(|| panic!("{}", made.body));
    let study = reader.study.rsplit('/').next().and_then(Id::parse).expect("its identity");
    let said = || vec![("consent", "1"), ("d12_overall", "4"), ("sex", "1")];
    let wards = ["1", "2", "3", "4"];
    let all: Vec<Said<'_>> = (0..24).map(|place| ("all", wards[place % 4], said())).collect();
    interviews(&service, study, &all);
    for (language, expected) in [
        ("en", "Nobody in these groups answered this question:"),
        ("vi", "Không ai trong các nhóm sau trả lời câu này:"),
    ] {
        reader.tables(language);
        let page = reader.get("/tables?question=d12_overall").body;
        holds(&page, &[expected, if language == "en" { "Female" } else { "Nữ" }]);
    }
}

#[test]
fn what_merging_changed_is_told() {
    let service = Service::start();
    two_of_three_say_yes(&service);
    let mut reader = Reader::new(&service);
    assert!(!reader.tables("en").contains("What merging small groups changed"));
    let told = Regrouping { groups_before: 6, groups_after: 4, changed: 7, blanked: 0 };
    let json = serde_json::to_string(&told).expect("written");
    let study = service.study;
    let kept = service.app.store.write_now(Scope::Study(study), move |connection| {
        let round = rounds::current(connection, study)?.id;
        rounds::set_regrouping(connection, round, &json)
    });
    kept.expect("stored");
    holds(
        &reader.tables("en"),
        &[
            "What merging small groups changed",
            "Of 24 interviews, 7 got another stratum, cluster or weight.",
            "<th scope=\"row\">Strata</th><td class=\"n\">2</td><td class=\"n\">2</td>",
            "<th scope=\"row\">Clusters (PSU)</th><td class=\"n\">4</td><td class=\"n\">4</td>",
            "cannot be calculated: who belonged to which group was deleted on purpose",
        ],
    );
    holds(
        &reader.tables("vi"),
        &["Việc gộp các nhóm nhỏ đã thay đổi gì", "Trong 24 phiếu trả lời, 7 phiếu"],
    );
}
