//! Options found in a list of 20,000 by a part of their label, beside the limit
//! of 50 ms: without a filter, and with one that lets a tenth of them through.
//!
//! `cargo bench -p survey-builder --bench search`

use std::hint::black_box;
use std::time::Instant;

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::document::{
    Block, Choice, Document, Kind, Language, ListOption, OptionList, Page, Question, Section, Text,
    identity_of,
};
use survey_builder::questionnaire::path::Standpoint;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::search::search;

const OPTIONS: usize = 20_000;
const RUNS: usize = 51;
const LIMIT_MS: f64 = 50.0;
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
const WORDS: [&str; 10] = [
    "Bình An",
    "Hòa Thạnh",
    "Tân Định",
    "Phú Nhuận",
    "Đông Hải",
    "Long Trường",
    "Vĩnh Lộc",
    "Thới Sơn",
    "Mỹ Đức",
    "Hưng Yên",
];

fn id(role: &str, name: &str) -> uuid::Uuid {
    identity_of("bench", role, name)
}

fn document(filter: Option<&str>) -> Document {
    let text = |words: &str| Text::new("vi", words);
    let options = (0..OPTIONS).map(|number| {
        let label = format!("Phường {} {}", WORDS[number % WORDS.len()], number / WORDS.len());
        let code = format!("c{number}");
        let mut option = ListOption::new(id("option", &code), &code, text(&label));
        option.attributes.insert("part".to_owned(), (number / WORDS.len() % 10).to_string());
        option
    });
    let choice = Choice { filter: filter.map(str::to_owned), ..Choice::of("places") };
    let question =
        Question::new(id("question", "place"), "place", text("Ở đâu?"), Kind::Single(choice));
    let page = Page::new(id("page", "one"), "one", vec![question]);
    Document {
        id: id("document", "bench"),
        name: "bench".to_owned(),
        title: text("Danh sách dài"),
        languages: vec![Language { code: "vi".to_owned(), name: "Tiếng Việt".to_owned() }],
        default_language: "vi".to_owned(),
        lists: vec![OptionList {
            id: id("list", "places"),
            name: "places".to_owned(),
            options: options.collect(),
        }],
        sections: vec![Section::new(id("section", "all"), "all", vec![Block::Page(page)])],
        ..Document::default()
    }
}

fn main() {
    println!("{OPTIONS} options, at most 50 found; median of {RUNS}");
    for (name, filter) in [("no filter", None), ("a filter", Some("attribute(., 'part') = '3'"))] {
        let version = publish(document(filter)).expect("a version");
        let answers = Answers::default();
        let path = route(&version, &answers, TODAY);
        let at = Standpoint { version: &version, path: &path, within: &[], today: TODAY };
        let (_, question) = version.item_named("place").expect("a question");
        for typed in ["", "p", "phuong tan dinh 3", "dinh 1999", "not there at all"] {
            let mut times: Vec<f64> = (0..RUNS)
                .map(|_| {
                    let from = Instant::now();
                    black_box(search(&at, question, black_box(typed), 50));
                    from.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            times.sort_by(f64::total_cmp);
            let median = times[RUNS / 2];
            let found = search(&at, question, typed, 50);
            println!(
                "{name}, \"{typed}\": {} found, {median:.2} ms, {:.1} % of the limit",
                found.options.len(),
                100.0 * median / LIMIT_MS
            );
            assert!(median < LIMIT_MS, "slower than the limit");
        }
    }
}
