//! Files that are written, read back: the tab book, tidy tables, responses
//! and codebooks.

use std::io::Cursor;

use analysis::dataset::{Codebook, Column, Dataset, Level, State, Values, Variable, VariableKind};
use analysis::disclosure::suppression::SuppressionRule;
use analysis::estimate::shares::ShareOf;
use analysis::tabulate::{BannerVariable, RowData, RowVariable, TableOptions};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, IntervalMethod, SinglePsu, StageInput, Table,
    TableSpec, Weights, tabulate,
};
use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use exchange::data::csv::{self, WeightsUsed};
use exchange::data::tab_book::{TabBook, tab_book};
use exchange::words::Words;
use survey_builder::questionnaire::document::Text;

const PEOPLE: usize = 400;

/// Four hundred people in forty clusters; three of them answer "rarely".
#[expect(clippy::cast_precision_loss, reason = "small")]
fn table() -> Table {
    let clusters = (0..PEOPLE).map(|person| u32::try_from(person / 10).expect("small")).collect();
    let design = Design::new(DesignInput {
        weights: Weights::Given((0..PEOPLE).map(|person| 1.0 + (person % 3) as f64).collect()),
        stages: vec![StageInput { strata: None, clusters: Some(clusters), population: None }],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design");
    let code = |person: usize| if person < 3 { 3 } else { 1 + u16::from(person * 7 % 5 > 2) };
    let row = |name: &str, label: &str, data| RowVariable {
        name: name.to_owned(),
        label: label.to_owned(),
        data,
    };
    tabulate(
        &design,
        &TableSpec {
            title: "Đời sống".to_owned(),
            total_label: "Total".to_owned(),
            rows: vec![
                row(
                    "uses",
                    "=How often?",
                    RowData::Coded {
                        codes: (0..PEOPLE).map(code).collect(),
                        categories: vec![
                            "Often".to_owned(),
                            "Seldom".to_owned(),
                            "Rarely".to_owned(),
                        ],
                    },
                ),
                row(
                    "age",
                    "Age",
                    RowData::Number((0..PEOPLE).map(|p| 20.0 + (p % 50) as f64).collect()),
                ),
            ],
            banner: vec![BannerVariable {
                name: "sex".to_owned(),
                label: "Giới tính".to_owned(),
                categories: vec!["Nam".to_owned(), "Nữ".to_owned()],
                codes: (0..PEOPLE).map(|person| 1 + u16::from(person % 2 == 0)).collect(),
            }],
            filter: None,
            options: TableOptions {
                confidence: 0.95,
                interval: IntervalMethod::Logit,
                degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
                share_of: ShareOf::Column,
                assess_reliability: true,
                suppression: Some(SuppressionRule { minimum: 5, hide_zero: false }),
            },
        },
    )
    .expect("a table")
}

fn read_csv(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").expect("the mark");
    let mut reader = ::csv::Reader::from_reader(bytes);
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|record| record.expect("a row").iter().map(str::to_owned).collect())
        .collect();
    (header, rows)
}

#[test]
fn a_tab_book_holds_numbers_links_and_nothing_hidden() {
    let table = table();
    let words = Words { decimal_sign: ',', ..Words::english() };
    let notes = vec!["Raked to: sex".to_owned()];
    let bases = ["all adults".to_owned()];
    let book = TabBook {
        title: "Đời sống",
        notes: &notes,
        mark: "Not weighted",
        table: &table,
        bases: &bases,
        words: &words,
        made_on: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
    };
    let bytes = tab_book(&book).expect("a workbook");
    assert_eq!(bytes, tab_book(&book).expect("the same again"));
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["Contents", "Tables"]);
    let sheet = workbook.worksheet_range("Tables").expect("a sheet");
    let text = |row: u32, column: u32| {
        sheet.get_value((row, column)).map(Data::to_string).unwrap_or_default()
    };
    assert_eq!((text(0, 2).as_str(), text(1, 3).as_str()), ("Giới tính", "Nữ"));
    assert_eq!(text(2, 0), "Not weighted");
    assert_eq!(text(3, 0), "=How often?");
    assert_eq!(text(4, 0), "Base: all adults");
    assert_eq!(text(5, 0), "Often");
    let share = table.blocks[0].rows[0].cells[0].value.expect("a share");
    assert_eq!(sheet.get_value((5, 1)), Some(&Data::Float(share)));
    assert!(text(6, 1).contains(','), "{}", text(6, 1));
    // Three people are too few: neither their share nor their number is there.
    assert_eq!((text(9, 0).as_str(), text(9, 1).as_str()), ("Rarely", "–"));
    assert_eq!((text(11, 0).as_str(), text(11, 1).as_str()), ("Unweighted n", "400"));
    assert_eq!(
        (text(15, 0).as_str(), text(16, 0).as_str()),
        (
            "Base: those who were asked this \
        question and answered it",
            "Mean"
        )
    );
    let all: Vec<String> = sheet.rows().map(|row| row[0].to_string()).collect();
    assert!(all.contains(&words.note_hidden) && all.contains(&notes[0]));
    let contents = workbook.worksheet_range("Contents").expect("a sheet");
    assert_eq!(contents.get_value((2, 0)).map(Data::to_string).as_deref(), Some("=How often?"));
}

#[test]
fn tidy_tables_have_one_row_an_estimate() {
    let table = table();
    let (header, rows) = read_csv(&csv::tables(&[&table], WeightsUsed::NotFitted));
    assert_eq!(rows.len(), 3 * 4);
    let place = |name: &str| header.iter().position(|known| known == name).expect("a column");
    let cell = |row: usize, name: &str| rows[row][place(name)].as_str();
    // A label that a spreadsheet would run is disarmed.
    assert_eq!(cell(0, "variable_label"), "'=How often?");
    assert_eq!(
        (cell(0, "variable"), cell(0, "row"), cell(0, "column")),
        ("uses", "Often", "Total")
    );
    let share = table.blocks[0].rows[0].cells[0].value.expect("a share");
    assert_eq!(cell(0, "estimate").parse(), Ok(share));
    assert_eq!(cell(0, "interval_method"), "logit");
    assert_eq!(cell(6, "row"), "Rarely");
    for name in ["estimate", "standard_error", "lower", "upper", "n"] {
        assert_eq!(cell(6, name), "", "{name}");
    }
    assert_eq!(cell(6, "disclosure"), "too_few");
    assert_eq!(cell(9, "statistic"), "mean");
    // The last column, so that columns are where they were.
    assert_eq!(header.last().map(String::as_str), Some("weights"));
    assert!((0..rows.len()).all(|row| cell(row, "weights") == "not_fitted"));
    for (used, word) in [(WeightsUsed::Fitted, "fitted"), (WeightsUsed::Design, "design")] {
        let (_, rows) = read_csv(&csv::tables(&[&table], used));
        assert!(rows.iter().all(|row| row.last().is_some_and(|last| last == word)), "{word}");
    }
}

fn dataset() -> Dataset {
    let level = |code: &str| Level { code: code.to_owned(), label: Text::new("vi", "Nhãn") };
    let levels = vec![level("1"), level("2")];
    let variables = vec![
        Variable::plain("sex", VariableKind::Choice, levels.clone()),
        Variable::plain("uses", VariableKind::Set, levels),
        Variable::plain("age", VariableKind::Number, Vec::new()),
        Variable::plain("words", VariableKind::Text, Vec::new()),
    ];
    let column = |values, states: [State; 3]| Column { values, states: states.to_vec() };
    let answered = State::Answered;
    Dataset {
        ids: ["a", "b", "c"].map(str::to_owned).to_vec(),
        columns: vec![
            column(Values::Coded(vec![2, 0, 1]), [answered, State::Refused, answered]),
            column(
                Values::Set(vec![vec![1, 0, 0], vec![0, 0, 1]]),
                [answered, State::NotAsked, answered],
            ),
            column(
                Values::Number(vec![20.5, f64::NAN, -3.0]),
                [answered, State::DontKnow, answered],
            ),
            column(
                Values::Text(vec![Some("=cmd()".to_owned()), None, Some("Xin, chào".to_owned())]),
                [answered, State::Skipped, answered],
            ),
        ],
        codebook: Codebook { languages: vec!["vi".to_owned()], variables, ..Codebook::default() },
    }
}

#[test]
fn responses_carry_the_reason_for_every_blank() {
    let (header, rows) = read_csv(&csv::responses(&dataset()));
    assert_eq!(header, ["response", "sex", "uses_1", "uses_2", "age", "words"]);
    assert_eq!(
        rows,
        [
            ["a", "2", "1", "0", "20.5", "'=cmd()"],
            ["b", "-97", "-99", "-99", "-98", "-95"],
            ["c", "1", "0", "1", "-3", "Xin, chào"],
        ]
    );
}

#[test]
fn codebooks_list_levels_and_missing_codes() {
    let (_, rows) = read_csv(&csv::codebook(&[("", &dataset()), ("person", &dataset())], "vi"));
    assert_eq!(rows.len(), 2 * (2 + 2 + 1 + 1) + 7);
    assert_eq!((rows[0][9].as_str(), rows[6][9].as_str()), ("", "person"));
    assert_eq!(rows[0][0], "sex");
    assert_eq!(
        (rows[2][0].as_str(), rows[2][6].as_str(), rows[2][7].as_str()),
        ("uses_1", "1", "Nhãn")
    );
    assert!(rows.iter().any(|row| row[6] == "-98" && row[7] == "dont_know"));
}
