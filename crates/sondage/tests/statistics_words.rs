//! What the statistics print beside figures is in the chosen language, and the names that programs read
//! stay as they are.

use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{CLUSTERED, data, sondage, text, written};

/// What a command prints in a language.
fn printed(arguments: &[&str], language: &str) -> String {
    let output = sondage(&[arguments, &["--language", language]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// English that would be left in a Vietnamese table: words that are no names of columns and levels.
const ENGLISH: [&str; 26] = [
    "standard",
    "degrees",
    "rows",
    "strata",
    "clusters",
    "effect",
    "weights",
    "Intervals",
    "Design",
    "note",
    "value",
    "lower",
    "upper",
    "below",
    "hidden",
    "interval of",
    "factors by",
    "splits",
    "Unweighted",
    "kappa,",
    "lambda)",
    "flagged",
    "threshold",
    "reason",
    "before",
    "smallest",
];

fn is_vietnamese(said: &str, expected: &[&str]) {
    for part in expected {
        assert!(said.contains(part), "{part}: {said}");
    }
    for word in ENGLISH {
        assert!(!said.contains(word), "{word}: {said}");
    }
}

#[test]
fn estimates_and_tables_are_told_in_vietnamese() {
    let design = written(CLUSTERED);
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let estimate = ["estimate", &file, "--design", toml, "--mean", "hours", "--share", "smoke"];
    let estimate = [&estimate[..], &["--by", "sex", "--describe", "hours"]].concat();
    let said = printed(&[&estimate[..], &["--contrasts"]].concat(), "vi");
    is_vietnamese(
        &said,
        &[
            "thống kê",
            "sai số chuẩn",
            "bậc tự do",
            "trung bình  hours",
            "nhóm thứ nhất",
            "độ lệch chuẩn",
            "Thiết kế mẫu: 348 dòng, 12 tầng, 38 cụm",
            "Khoảng tin cậy: 95 %.",
        ],
    );
    let english = printed(&estimate, "en");
    for part in ["standard error", "Design: 348 rows, 12 strata, 38 clusters", "Intervals: 95 %."] {
        assert!(english.contains(part), "{part}: {english}");
    }
    let tabulate = ["tabulate", &file, "--design", toml, "--rows", "smoke", "--banner", "sex"];
    let tabulate = [&tabulate[..], &["--minimum", "66"]].concat();
    let said = printed(&tabulate, "vi");
    is_vietnamese(
        &said,
        &["biến phân tổ", "tổng", "không công bố: quá ít người", "cao hơn: các cột", "theo Holm"],
    );
    assert!(printed(&tabulate, "en").contains("hidden: too few people"));
}

#[test]
fn names_that_programs_read_are_the_same_in_both_languages() {
    let design = written(CLUSTERED);
    let (file, toml) = (data("made1.csv"), design.design.as_str());
    let cells = ["tabulate", &file, "--design", toml, "--rows", "smoke", "--banner", "sex"];
    let cells = [&cells[..], &["--minimum", "66"]].concat();
    let csv = |language: &str| printed(&[&cells[..], &["--csv"]].concat(), language);
    let [english, vietnamese] = ["en", "vi"].map(csv);
    let heading = "row,level,banner,column,value,standard_error,lower,upper,design_effect";
    let lines = english.lines().zip(vietnamese.lines());
    for (one, other) in lines {
        let cut =
            |line: &str| line.rsplit_once(',').map_or_else(String::new, |(all, _)| all.to_owned());
        assert_eq!(cut(one), cut(other), "all but the note");
    }
    assert!(vietnamese.starts_with(heading), "{vietnamese}");
    assert!(vietnamese.contains(",total,"), "{vietnamese}");
    assert!(vietnamese.contains("không công bố: quá ít người"), "{vietnamese}");
    let json = printed(&[&cells[..], &["--json"]].concat(), "vi");
    let found: Value = serde_json::from_str(&json).expect("JSON");
    assert!(found["cells"][0]["column"] == "total", "{found}");
    assert!(found["notes"][0].as_str().expect("a note").starts_with("Thiết kế mẫu: "), "{found}");
}

const ITEMS: &str = "id,a,b,c,d,e\n\
    1,1,2,3,4,5\n2,2,3,3,5,4\n3,3,3,3,4,4\n4,4,5,3,2,1\n5,5,4,3,1,2\n6,2,1,3,4,3\n7,3,4,3,3,2\n8,4,4,3,2,3\n";

#[test]
fn scales_and_checks_are_told_in_vietnamese() {
    let files = written("missing = []\n");
    let data = files.path("data.csv").display().to_string();
    std::fs::write(&data, ITEMS).expect("written");
    let reliability = ["reliability", &data, "--items", "a,b,d,e", "--reverse", "d,e"];
    let said = printed(&[&reliability[..], &["--coders", "a,b"]].concat(), "vi");
    is_vietnamese(
        &said,
        &[
            "khoảng tin cậy Feldt",
            "omega toàn phần",
            "1 nhân tố, phương pháp phần dư nhỏ nhất",
            "3 cách chia đôi",
            "chia đôi, lớn nhất (lambda 4)",
            "kappa Cohen, trọng số tuyến tính",
            "tương quan với phần còn lại",
            "Chưa gia quyền.",
        ],
    );
    let quality = ["quality", &data, "--battery", "a,b,d,e", "--id", "id"];
    let said = printed(&quality, "vi");
    is_vietnamese(&said, &["bị đánh dấu", "trả lời thẳng hàng", "Dấu là lý do để xem lại"]);
}

#[test]
fn quality_names_the_columns_it_cannot_use() {
    let files = written("missing = []\n");
    let data = files.path("data.csv").display().to_string();
    std::fs::write(&data, ITEMS).expect("written");
    let quality = ["quality", &data, "--items", "a,b,c"];
    let said = printed(&quality, "en");
    let told = "Outliers were not looked for: c: does not vary in the rows used; leave it out";
    assert!(said.contains(told) && !said.contains("item 3"), "{said}");
    let said = printed(&quality, "vi");
    assert!(said.contains("Không tìm được giá trị ngoại lai: c: "), "{said}");
    assert!(!said.contains("mục hỏi 3"), "{said}");
    // Where items follow from each other no single one is at fault: all are named.
    let said = printed(&["quality", &data, "--items", "a,a,b"], "en");
    assert!(said.contains("Outliers were not looked for: a, a, b: one follows"), "{said}");
}
