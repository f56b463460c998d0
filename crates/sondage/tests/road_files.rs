//! The road on plain files: a list of areas, the draw, replicates released, households listed in the areas,
//! answers, weights, tables; and R's `survey` on the columns that were written on the way, equal to 1e-8.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

#[path = "support/cases.rs"]
mod cases;
#[path = "support/in_r.rs"]
mod in_r;
use cases::Folder;
use in_r::{has_r, in_r};

/// Eight areas in each of two regions, dealt into four replicates of which one waits.
const AREAS: &str = r#"
[frame]
unit = "area"
strata = ["region"]
size = "households"
[release]
replicates = 4
reserve = 2
[[stages]]
units = "units"
method = METHOD
amount = { allocated = { total = 16, share = "equal" } }
"#;

const LISTING: &str = r#"
[frame]
unit = "household"
cluster = "area"
[[stages]]
units = "units"
method = "simple"
amount = { each = { count = 10, all_if_fewer = true } }
"#;

const WEIGHTING: &str = r#"
[[weighting]]
step = "post_stratification"
[weighting.margins.sex]
f = 1100
m = 1000
"#;

/// What was written, joined by household; probabilities are those given who answered.
const LINES: &str = r#"
library(survey)
d <- merge(read.csv("weighted.csv"), read.csv("units.csv"), by.x = "household", by.y = "unit")
d <- d[order(d$stage1_cluster, d$household), ]
answered <- function(member, list)
  ave(seq_along(list), list, FUN = function(rows) length(unique(member[rows])))
d$p1 <- d$stage1_probability * answered(d$stage1_cluster, d$stage1_stratum) / d$stage1_sampled
d$p2 <- d$stage2_probability * answered(d$household, d$stage1_cluster) / d$stage2_sampled
design <- svydesign(id = ~stage1_cluster + household, strata = ~stage1_stratum, fpc = ~p1 + p2,
  weights = ~weight_base, data = d PPS)
design <- postStratify(design, ~sex, data.frame(sex = c("f", "m"), Freq = c(1100, 1000)))
design <- update(design, yes = as.numeric(works == "yes"), f = as.numeric(sex == "f"))
design <- update(design, yes_f = yes * f)
told <- function(value, error) cat(sprintf("%.17g %.17g\n", value, error))
show <- function(found) told(coef(found)[[1]], SE(found)[[1]])
told(sum(d$weight_final), 1 + max(abs(weights(design) / d$weight_final - 1)))
show(svymean(~income, design))
show(svytotal(~income, design))
show(svyratio(~income, ~rooms, design))
show(svymean(~yes, design))
show(svyratio(~yes_f, ~f, design))
"#;

fn area_list() -> String {
    (0..40).fold("area,region,households\n".to_owned(), |mut text, area| {
        let region = ["delta", "uplands"][area % 2];
        writeln!(text, "e{area},{region},{}", 25 + area * 17 % 41).expect("text");
        text
    })
}

/// What interviewers found in an area, which is not what the register has.
fn households(area: &str) -> usize {
    31 + area[1..].parse::<usize>().expect("a number")
}

/// Answers of the units in the field; one in seven is silent.
fn answers(units: &[HashMap<String, String>]) -> String {
    let mut text = "household,sex,works,income,rooms\n".to_owned();
    for (place, unit) in units.iter().enumerate().filter(|(place, _)| place % 7 != 3) {
        let sex = if place * 5 % 11 < 6 { "f" } else { "m" };
        let works =
            if (place * 7 + households(&unit["cluster"])).is_multiple_of(3) { "yes" } else { "no" };
        let (income, rooms) = (3 + (place * 37 + place * place * 11) % 23, 1 + place * 3 % 5);
        writeln!(text, "{},{sex},{works},{income},{rooms}", unit["unit"]).expect("text");
    }
    text
}

/// From the list to the weights, all by the program.
fn travelled(method: &str) -> Folder {
    let folder = Folder::with(&[]);
    folder.write("areas.csv", area_list());
    folder.write("areas.toml", AREAS.replace("METHOD", method));
    folder.write("listing.toml", LISTING);
    folder.write("weighting.toml", WEIGHTING);
    folder.works("sample draw areas.csv areas.toml --seed 7 --output s.json");
    folder.works("sample release s.json --replicates 3");
    folder.works("sample units s.json --output areas_drawn.csv");
    let drawn = folder.rows("areas_drawn.csv");
    let in_field = drawn.iter().filter(|area| area["standing"] == "in_field");
    let mut listing = "household,area\n".to_owned();
    for area in in_field.map(|area| &area["unit"]) {
        for household in 0..households(area) {
            writeln!(listing, "{area}-{household},{area}").expect("text");
        }
    }
    folder.write("listing.csv", listing);
    let told = folder.works("sample extend s.json listing.csv listing.toml");
    assert!(told.contains("120 units drawn in 12 listed clusters"), "{told}");
    let told = folder.works("sample verify s.json areas.csv --list listing.csv");
    assert!(told.contains("all 2 entries after the draw hold"), "{told}");
    folder.works("sample units s.json --output units.csv");
    folder.write("answers.csv", answers(&folder.rows("units.csv")));
    folder
        .works("weight answers.csv --sample s.json --design weighting.toml --output weighted.csv");
    folder
}

fn figure(found: &Value) -> (f64, f64) {
    let number = |key: &str| found[key].as_f64().unwrap_or_else(|| panic!("{key}: {found}"));
    (number("value"), number("standard_error"))
}

/// The figures of the program in the order of R's.
fn figures(folder: &Folder) -> Vec<(f64, f64)> {
    let given = "answers.csv --sample s.json --design weighting.toml";
    let estimates = |asked: &str| folder.json(&format!("estimate {given} {asked}"));
    let one = |asked: &str| figure(&estimates(asked)["estimates"][0]);
    let table = folder.json(&format!("tabulate {given} --rows works --banner sex --unsuppressed"));
    let cell = |column: &str| {
        let cells = table["cells"].as_array().expect("cells");
        let own = |cell: &&Value| cell["level"] == "yes" && cell["column"] == column;
        figure(cells.iter().find(own).expect("a cell"))
    };
    let shares = estimates("--share works");
    let share = figure(&shares["estimates"][1]);
    let all = cell("total");
    assert!((share.0 / all.0 - 1.0).abs() < 1e-12 && (share.1 / all.1 - 1.0).abs() < 1e-12);
    vec![
        (2_100.0, 1.0),
        one("--mean income"),
        one("--total income"),
        one("--ratio income/rooms"),
        all,
        cell("f"),
    ]
}

fn is_in_r_what_it_is_here(method: &str, pps: &str) {
    if !has_r() {
        return;
    }
    let folder = travelled(method);
    let r = in_r(&folder.path(""), &LINES.replace(" PPS", pps), &[]);
    let ours = figures(&folder);
    assert_eq!(r.len(), ours.len());
    for (number, (theirs, own)) in r.iter().zip(&ours).enumerate() {
        for (theirs, own) in [(theirs.0, own.0), (theirs.1, own.1)] {
            let apart = (theirs - own).abs() / theirs.abs();
            assert!(apart <= 1e-8, "figure {number}: {own} here, {theirs} in R");
        }
    }
}

#[test]
fn areas_of_equal_chance_are_in_r_what_they_are_here() {
    is_in_r_what_it_is_here("\"simple\"", "");
}

#[test]
fn areas_by_size_are_in_r_what_they_are_here() {
    is_in_r_what_it_is_here("{ sampford = \"column\" }", ", pps = \"brewer\"");
}
