//! A sample that is balanced and spread, on the command line: what the draw says of it, and
//! that its record holds and gives a design.

#[path = "support/cases.rs"]
mod cases;
use std::fmt::Write as _;

use cases::Folder;

const PLAN: &str = "[frame]\nunit = \"id\"\n\n[[stages]]\nunits = \"units\"\namount = { allocated = { total = 40, share = \"equal\" } }\n\n[stages.method.cube]\nvariables = [\"members\"]\ncoordinates = [\"lat\", \"lon\"]\n";

#[test]
fn balance_and_spread_are_told_and_count() {
    let folder = Folder::with(&["../../frames/households.csv"]);
    folder.write("both.toml", PLAN);
    folder.write("balanced.toml", PLAN.replace("coordinates = [\"lat\", \"lon\"]\n", ""));
    let draw = |plan: &str| {
        folder.json(&format!("sample draw households.csv {plan} --seed 4 --output {plan}.json"))
    };
    let (both, balanced) = (draw("both.toml"), draw("balanced.toml"));
    let spread = both["quality"]["spread"].as_f64().expect("a measure");
    assert!(spread > 0.0 && spread < 0.3, "{spread}");
    assert!(balanced["quality"]["spread"].is_null());
    let off = &both["quality"]["balance"][0];
    let (known, found) = (off[1].as_f64().expect("known"), off[2].as_f64().expect("found"));
    assert!((found / known - 1.0).abs() < 0.05, "{off}");
    let told = folder.works("sample draw households.csv both.toml --seed 5 --output told.json");
    assert!(told.contains("balance on members") && told.contains("spread (Voronoi"), "{told}");
    assert!(folder.works("sample verify told.json households.csv").contains("identical"));
    // What is balanced on is known: a column that goes with it has a small error.
    let rows: String = folder.record("both.toml.json")["units"]
        .as_array()
        .expect("units")
        .iter()
        .fold("id,y\n".to_owned(), |mut text, unit| {
            writeln!(text, "{},1", unit["unit"].as_str().expect("an id")).expect("text");
            text
        });
    folder.write("answers.csv", rows);
    folder.works("estimate answers.csv --sample both.toml.json --total y");
    folder.write("over.toml", format!("{PLAN}over_strata = true\n"));
    let told = folder.refuses("sample draw households.csv over.toml --output no.json");
    assert!(told.contains("none, where the balance is over all strata"), "{told}");
}
