//! The best numbers of two and three stages on the command line, from a list and from
//! correlations.

#[path = "support/cases.rs"]
mod cases;
use std::fmt::Write as _;

use cases::Folder;
use serde_json::Value;

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Snedecor and Cochran's (1967, section 10.17) calcium in turnip greens: four plants, three
/// leaves, two determinations.
fn turnips() -> String {
    const LEAVES: &str = "3.28 3.09 3.52 3.48 2.88 2.80 2.46 2.44 1.87 1.92 2.19 2.19 2.77 2.66 3.74 3.44 2.55 2.55 3.78 3.87 4.07 4.12 3.31 3.31";
    let mut text = "id,plant,leaf,calcium\n".to_owned();
    for (place, value) in LEAVES.split(' ').enumerate() {
        writeln!(text, "{place},p{},l{},{value}", place / 6, place / 2).expect("text");
    }
    text
}

#[test]
fn three_stages_from_a_list() {
    let folder = Folder::with(&[]);
    folder.write("turnips.csv", turnips());
    let words = "sample optimum turnips.csv --cluster plant --subcluster leaf --column calcium --cluster-cost 10 --subcluster-cost 4 --person-cost 1 --budget 60";
    let found = folder.json(words);
    let own = &found["components"];
    for (level, told) in [("clusters", 0.3652), ("subclusters", 0.1611), ("people", 0.0067)] {
        let variance = number(&own[level]["variance"]);
        assert!((variance - told).abs() < 6e-5, "{level}: {variance}");
    }
    // m = √(0.1611/0.3652 · 10/4) = 1.05 leaves and one determination of each.
    let best = &found["optimum"]["best"];
    assert_eq!((number(&best["subclusters"]), number(&best["people"])), (1.0, 1.0));
    assert!((number(&found["optimum"]["formula"][0]) - 1.0502).abs() < 1e-3);
    let told = folder.works(words);
    assert!(told.contains("wider at the same cost") && told.contains("best"), "{told}");
}

#[test]
fn two_stages_from_a_correlation() {
    let folder = Folder::with(&[]);
    let words = "sample optimum --icc 0.05 --deviation 0.5 --cluster-cost 500 --person-cost 20 --standard-error 0.025";
    let found = folder.json(words);
    let best = &found["optimum"]["best"];
    // √(25 · 19) = 21.8; (0.05 + 0.95/22) · 0.25/0.025² = 37.3 clusters.
    assert_eq!((number(&best["people"]), number(&best["clusters"])), (22.0, 38.0));
    let lost: Vec<f64> = found["optimum"]["neighbours"]
        .as_array()
        .expect("neighbours")
        .iter()
        .map(|one| number(&one["lost"]))
        .collect();
    assert!(lost.len() == 4 && lost.iter().all(|lost| *lost > 0.0 && *lost < 0.07), "{lost:?}");
}

#[test]
fn what_cannot_be_is_told() {
    let folder = Folder::with(&[]);
    folder.write("turnips.csv", turnips());
    let list = "sample optimum turnips.csv --cluster plant --column calcium";
    let told = folder.refuses(&format!("{list} --cluster-cost 0 --person-cost 0 --budget 0"));
    for what in ["cost of a cluster", "cost of a person", "budget"] {
        assert!(told.contains(what), "{told}");
    }
    let told = folder.refuses(&format!("{list} --cluster-cost 10 --person-cost 1 --budget 5"));
    assert!(told.contains("does not pay for one person"), "{told}");
    let told =
        folder.refuses("sample optimum --icc 1.5 --cluster-cost 1 --person-cost 1 --budget 9");
    assert!(told.contains("not correlations"), "{told}");
    let told = folder.refuses(
        "sample optimum turnips.csv --cluster id --column calcium --cluster-cost 1 --person-cost 1 --budget 9",
    );
    assert!(told.contains("no group has two people"), "{told}");
}
