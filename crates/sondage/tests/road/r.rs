//! The same road in R: the program's own lines for R on the columns that it exports give R's `survey`
//! the estimates and standard errors that the program has. Found if `Rscript` is there with `survey`.

use std::fmt::Write as _;
use std::path::Path;

use pages::r_code::r_code;
use serde_json::Value;

use super::in_r::{has_r, in_r};
use super::statistics::json;
use super::{PLAN, Road, in_field, says};
use fielding::rules::states::Privacy;

/// Clusters by size by Sampford's method, 12 in each: of the city both wards are certain.
const BY_SIZE: &str = r#"
[[stages]]
units = "clusters"
method = { sampford = "unit_count" }
amount = { allocated = { total = 8, share = { fixed = { city = 2, plain = 3, hills = 3 } } } }
[[stages]]
units = "units"
method = "simple"
amount = { each = { count = 12 } }
"#;

/// What is asked of both, by the script's own lines after the program's.
const ASKED: &str = r#"
told <- function(value, error) cat(sprintf("%.17g %.17g\n", value, error))
show <- function(found) told(coef(found)[[1]], SE(found)[[1]])
show(svymean(~x, design))
show(svytotal(~x, design))
show(svymean(~as.numeric(works == "yes"), design))
part <- function(found) told(found$ratio[[1]], sqrt(found$var[[1]]))
part(svyratio(~y, ~x, design))
"#;

/// The same of columns with gaps, and degrees of freedom twice.
const ASKED_WITH_GAPS: &str = r#"
told <- function(value, error) cat(sprintf("%.17g %.17g\n", value, error))
show <- function(found) told(coef(found)[[1]], SE(found)[[1]])
show(svymean(~x, design, na.rm = TRUE))
show(svytotal(~x, design, na.rm = TRUE))
show(svymean(~as.numeric(works == "yes"), design, na.rm = TRUE))
found <- svyratio(~y, ~x, design, na.rm = TRUE)
told(coef(found)[[1]], SE(found)[[1]])
show(svymean(~x, subset(design, g == 1), na.rm = TRUE))
show(svytotal(~x, subset(design, g == 1), na.rm = TRUE))
told(degf(design), degf(design))
"#;

/// A domain.
const DOMAIN: &str =
    "show(svymean(~x, subset(design, g == 1)))\nshow(svytotal(~x, subset(design, g == 1)))\n";

/// The same by size, from all rows: of a subset without anybody in some cluster `survey` (4.1) takes the
/// probability of one cluster for all of them (`scale <- rep(scale[1], NROW(x))` in `onestrat`).
const DOMAIN_BY_SIZE: &str = "design <- update(design, m = as.numeric(g == 1), own = x * (g == 1))\npart(svyratio(~own, ~m, design))\nshow(svytotal(~own, design))\n";

/// The exported columns with three more, from the place of each row.
fn with_numbers(responses: &[u8]) -> Vec<u8> {
    let bare = responses.strip_prefix(b"\xef\xbb\xbf").expect("the mark");
    let mut reader = csv::Reader::from_reader(bare);
    let mut heading = reader.headers().expect("a heading").clone();
    for name in ["x", "y", "g"] {
        heading.push_field(name);
    }
    let mut written = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    written.write_record(&heading).expect("written");
    for (place, row) in (0_u32..).zip(reader.records()) {
        let mut row = row.expect("a row");
        let x = 3 + (place * 37 + place * place * 11) % 23;
        let y = f64::from(x) * 0.7 + f64::from((place * 13) % 17);
        row.push_field(&x.to_string());
        row.push_field(&y.to_string());
        row.push_field(&(place % 3).to_string());
        written.write_record(&row).expect("written");
    }
    written.into_inner().expect("bytes")
}

fn pairs(found: &Value, is: impl Fn(&Value) -> bool) -> (f64, f64) {
    let row = found["estimates"].as_array().expect("rows").iter().find(|row| is(row));
    let row = row.unwrap_or_else(|| panic!("a row in {found}"));
    let number = |name: &str| row[name].as_f64().expect("a number");
    (number("value"), number("standard_error"))
}

fn in_sondage(folder: &Path, design: &str) -> Vec<(f64, f64)> {
    let path = |name: &str| folder.join(name).display().to_string();
    std::fs::write(path("design.toml"), design).expect("written");
    let asked = |more: &[&str]| {
        let (responses, design) = (path("responses.csv"), path("design.toml"));
        let given = ["estimate", &responses, "--design", &design, "--json"];
        json(&given.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>())
    };
    let one = |more: &[&str]| pairs(&asked(more), |_| true);
    let of_group = |more: &[&str]| {
        pairs(&asked(&[more, &["--by", "g"]].concat()), |row| row["domain"] == "g = 1")
    };
    vec![
        one(&["--mean", "x"]),
        one(&["--total", "x"]),
        pairs(&asked(&["--share", "works"]), |row| row["level"] == "yes"),
        one(&["--ratio", "y/x"]),
        of_group(&["--mean", "x"]),
        of_group(&["--total", "x"]),
    ]
}

fn travelled(plan: &str, by_size: bool) {
    if !has_r() {
        return;
    }
    let road = Road::travelled_by(plan, Privacy::Confidential, "works");
    let in_field = in_field(&road.record());
    road.answer(|unit| says(unit).filter(|_| in_field.contains(unit)));
    let folder = tempfile::tempdir().expect("a folder");
    let responses = with_numbers(&road.file("responses.csv"));
    std::fs::write(folder.path().join("responses.csv"), responses).expect("written");
    let lines = r_code(&road.results());
    let mut design = "weight = \"base_weight\"\nsingle_psu = \"adjust\"\nnest = true\n".to_owned();
    if by_size {
        design += "[probabilities]\ncolumn = \"stage1_probability\"\nlater = [\"stage2_probability\"]\n\
                   method = \"brewer\"\n";
    }
    for stage in 1..=2 {
        write!(
            design,
            "[[stages]]\nstrata = \"stage{stage}_stratum\"\nclusters = \"stage{stage}_cluster\"\n"
        )
        .expect("text");
        if !by_size {
            writeln!(design, "fraction = \"stage{stage}_probability\"").expect("text");
        }
    }
    let domain = if by_size { DOMAIN_BY_SIZE } else { DOMAIN };
    let (r, ours) =
        (in_r(folder.path(), &lines, &[ASKED, domain]), in_sondage(folder.path(), &design));
    assert_eq!(r.len(), ours.len());
    for (number, (theirs, own)) in r.iter().zip(&ours).enumerate() {
        for (theirs, own) in [(theirs.0, own.0), (theirs.1, own.1)] {
            let apart = (theirs - own).abs() / theirs.abs();
            assert!(apart <= 1e-8, "figure {number}: {own} here, {theirs} in R\n{lines}");
        }
    }
    // What pages show is the same as well.
    let (share, error) = road.share();
    assert!((share / r[2].0 - 1.0).abs() <= 1e-8 && (error / r[2].1 - 1.0).abs() <= 1e-8);
}

#[test]
fn two_stages_are_in_r_what_they_are_here() {
    travelled(PLAN, false);
}

/// Why the lines sort rows by size: `survey` finds other errors for the same rows in another order.
#[test]
fn errors_by_size_in_r_depend_on_the_order_of_rows() {
    if !has_r() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let lines = r#"
library(survey)
d <- data.frame(cluster = c(1, 2, 3, 4), p = c(0.1, 0.2, 0.4, 0.8), y = c(1, 5, 2, 9))
error <- function(d) SE(svytotal(~y, svydesign(id = ~cluster, fpc = ~p, pps = "brewer", data = d)))
cat(sprintf("%.17g %.17g\n", error(d), error(d[4:1, ])))
"#;
    let found = in_r(folder.path(), lines, &[]);
    // 4/3 Σ(1 − p)(y/p − mean)², worked out here.
    let rows = [(0.1, 1.0), (0.2, 5.0), (0.4, 2.0), (0.8, 9.0)];
    let mean = rows.iter().map(|(p, y)| y / p).sum::<f64>() / 4.0;
    let variance: f64 =
        rows.iter().map(|(p, y)| 4.0 / 3.0 * (1.0 - p) * (y / p - mean).powi(2)).sum();
    let (sorted, turned) = found[0];
    assert!((sorted / variance.sqrt() - 1.0).abs() < 1e-9, "{sorted}");
    assert!((turned / sorted - 1.0).abs() > 0.01, "mended in this version of R's survey");
}

#[test]
fn clusters_by_size_are_in_r_what_they_are_here() {
    travelled(BY_SIZE, true);
}

/// A survey of 12 strata of two clusters, or of one stratum, with gaps and a code that is no value.
fn made_survey(one_stratum: bool) -> String {
    let mut text = "id,stratum,cluster,w,x,y,works,g\n".to_owned();
    for cluster in 0..24_u32 {
        for person in 0..4 + cluster % 5 {
            let place = cluster * 9 + person;
            let stratum = if one_stratum { 1 } else { cluster / 2 + 1 };
            let x = 3 + (place * 37 + place * place * 11) % 23;
            let x = if place % 11 == 0 { "-99".to_owned() } else { x.to_string() };
            let y = f64::from(place * 13 % 17) + 0.25;
            let works = if (place * 7 + cluster) % 3 == 0 { "yes" } else { "no" };
            let works = if place % 13 == 0 { "" } else { works };
            let (weight, g) = (f64::from(7 + place % 5) / 3.0, place % 3);
            writeln!(text, "{place},{stratum},{cluster},{weight},{x},{y},{works},{g}")
                .expect("text");
        }
    }
    text
}

/// Replicates of every kind: the weights that are written and the lines for R give R the figures that the
/// program has, also where every replicate is raked.
#[test]
fn replicates_are_in_r_what_they_are_here() {
    if !has_r() {
        return;
    }
    let raked = "[[weighting]]\nstep = \"raking\"\n\
        [weighting.margins]\ng = { 0 = 150, 1 = 140, 2 = 160 }\n";
    let given = "kind = \"given\"\ncolumns = [\"R*\"]\nscale = 0.5\nmse = true\n";
    let kinds = [
        (true, "kind = \"jackknife\"\nmse = true\n", ""),
        (false, "kind = \"jackknife\"\nmse = false\n", raked),
        (false, "kind = \"paired_jackknife\"\nseed = 3\n", ""),
        (false, "kind = \"balanced_half_samples\"\nmse = false\n", ""),
        (false, "kind = \"balanced_half_samples\"\nrho = 0.3\nmse = true\n", raked),
        (false, "kind = \"bootstrap\"\nmethod = \"rao_wu\"\ncount = 60\nseed = 5\n", raked),
        (false, "kind = \"successive_differences\"\n", ""),
        (false, given, ""),
    ];
    for (one_stratum, replicates, weighting) in kinds {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut survey = made_survey(one_stratum);
        if replicates == given {
            // Columns that somebody else made: half of the clusters twice.
            survey = survey
                .lines()
                .enumerate()
                .map(|(row, line)| match row {
                    0 => format!("{line},R1,R2,R3\n"),
                    row => format!("{line},{},{},{}\n", row % 3, (row + 1) % 3, row % 4),
                })
                .collect();
        }
        std::fs::write(path("survey.csv"), survey).expect("written");
        let design = format!(
            "weight = \"w\"\nmissing = [\"-99\"]\n[[stages]]\nstrata = \"stratum\"\n\
             clusters = \"cluster\"\n[replicates]\n{replicates}{weighting}"
        );
        std::fs::write(path("design.toml"), &design).expect("written");
        let (survey, own) = (path("survey.csv"), path("design.toml"));
        let (weighted, lines) = (path("weighted.csv"), path("lines.R"));
        let weigh = ["weight", &survey, "--design", &own, "--output", &weighted, "--json"];
        json(&[&weigh[..], &["--replicates", "--lines-for-r", &lines]].concat());
        let lines = std::fs::read_to_string(&lines).expect("lines");
        let r = in_r(folder.path(), &lines, &[ASKED_WITH_GAPS]);
        let figures = |more: &[&str]| {
            let given = ["estimate", &survey, "--design", &own, "--json"];
            json(&[&given[..], more].concat())
        };
        let one = |more: &[&str]| pairs(&figures(more), |_| true);
        let of_group = |more: &[&str]| {
            pairs(&figures(&[more, &["--by", "g"]].concat()), |row| row["domain"] == "g = 1")
        };
        let ours = [
            one(&["--mean", "x"]),
            one(&["--total", "x"]),
            pairs(&figures(&["--share", "works"]), |row| row["level"] == "yes"),
            one(&["--ratio", "y/x"]),
            of_group(&["--mean", "x"]),
            of_group(&["--total", "x"]),
        ];
        assert_eq!(r.len(), ours.len() + 1, "{lines}");
        for (number, (theirs, own)) in r.iter().zip(&ours).enumerate() {
            for (theirs, own) in [(theirs.0, own.0), (theirs.1, own.1)] {
                let apart = (theirs - own).abs() / theirs.abs();
                assert!(apart <= 1e-8, "{replicates}{number}: {own} here, {theirs} in R\n{lines}");
            }
        }
        let found = figures(&["--mean", "x"]);
        let degrees = found["estimates"][0]["degrees_of_freedom"].as_f64().expect("a number");
        assert!((degrees - r[ours.len()].0).abs() < 1e-12, "{degrees}");
    }
}
