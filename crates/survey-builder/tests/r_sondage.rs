//! Draws by size against the package for R that has our name (`sondage`, Dicko and others; ours will be called
//! otherwise): joint probabilities, sequential Poisson and Pareto samples by the same permanent numbers, and
//! what Chromy's draws are expected to have together. `SONDAGE_R_SONDAGE` names the library that it is
//! installed in (0.9.1 when this was written); without it the test says that it was skipped.

use std::process::Command;

use survey_builder::sampling::joint::{self, Approximation, Matrix};
use survey_builder::sampling::selection::{self, poisson, repeated};

/// Sizes of 12 members; five are drawn, one of them for certain.
const SIZES: [f64; 12] = [27.0, 15.0, 20.0, 15.0, 52.0, 15.0, 90.0, 54.0, 12.0, 50.0, 29.0, 14.0];
const DRAWN: u64 = 5;

/// Permanent numbers, one a member.
const NUMBERS: [f64; 12] = [0.91, 0.13, 0.42, 0.08, 0.55, 0.71, 0.33, 0.29, 0.02, 0.64, 0.17, 0.86];

/// Draws of Chromy's method that R makes.
const CHROMY_DRAWS: f64 = 400_000.0;

/// What R prints, a line of numbers each.
const SCRIPT: &str = r#"
.libPaths(c(Sys.getenv("SONDAGE_R_SONDAGE"), .libPaths()))
library(sondage)
told <- function(values) cat(sprintf("%.17g", as.numeric(values)), "\n")
p <- inclusion_prob(sizes, drawn)
told(p)
for (method in c("cps", "sampford", "systematic", "brewer"))
  told(suppressWarnings(joint_inclusion_prob(unequal_prob_wor(p, method = method))))
for (method in c("sps", "pareto", "poisson"))
  told(unequal_prob_wor(p, method = method, prn = numbers)$sample - 1)
set.seed(1)
hits <- expected_hits(sizes, 4)
told(hits)
told(joint_expected_hits(unequal_prob_wr(hits, method = "chromy"), nsim = draws))
"#;

/// The lines that R prints; none where the package is not there.
fn in_r() -> Option<Vec<Vec<f64>>> {
    let Some(library) = std::env::var_os("SONDAGE_R_SONDAGE") else {
        println!("skipped: SONDAGE_R_SONDAGE names no library of R with the package sondage");
        return None;
    };
    let listed = |values: &[f64]| {
        values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ")
    };
    let script = format!(
        "sizes <- c({})\nnumbers <- c({})\ndrawn <- {DRAWN}\ndraws <- {CHROMY_DRAWS}\n{SCRIPT}",
        listed(&SIZES),
        listed(&NUMBERS)
    );
    let output = Command::new("Rscript")
        .args(["-e", &script])
        .env("SONDAGE_R_SONDAGE", library)
        .output()
        .expect("Rscript");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers =
        |line: &str| line.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    Some(text.lines().map(numbers).collect())
}

/// How far a matrix is from R's at most.
fn apart(own: &Matrix, theirs: &[f64]) -> f64 {
    assert_eq!(own.len() * own.len(), theirs.len());
    own.iter().flatten().zip(theirs).map(|(own, theirs)| (own - theirs).abs()).fold(0.0, f64::max)
}

fn places(line: &[f64]) -> Vec<String> {
    line.iter().map(|place| format!("{place:.0}")).collect()
}

#[test]
fn draws_by_size_are_what_the_other_package_has() {
    let Some(lines) = in_r() else { return };
    let [
        probabilities,
        cps,
        sampford,
        systematic,
        brewer,
        sequential,
        pareto,
        independent,
        expected,
        chromy,
    ] = lines.try_into().expect("ten lines");
    let own = selection::inclusion_probabilities(&SIZES, DRAWN);
    let gap = own.iter().zip(&probabilities).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(gap < 1e-14 && own.iter().any(|one| *one >= 1.0), "{gap}");
    for (name, found, theirs) in [
        ("Sampford", joint::sampford(&own), sampford),
        ("systematic", joint::systematic(&own), systematic),
        ("Brewer", joint::approximate(&own, Approximation::Exacting), brewer),
    ] {
        let gap = apart(&found, &theirs);
        println!("{name}: {gap:e}");
        assert!(gap < 1e-13, "{name}: {gap}");
    }
    // Rows sum to nπᵢ; where the search for the odds stops early they do not, and no more is asked than that.
    let missed = |matrix: &[f64]| {
        let rows = matrix.chunks_exact(SIZES.len()).zip(&own);
        let off = |(row, own): (&[f64], &f64)| (row.iter().sum::<f64>() - 5.0 * own).abs();
        rows.map(off).fold(0.0, f64::max)
    };
    let found = joint::maximum_entropy(&own);
    let (gap, theirs_missed) = (apart(&found, &cps), missed(&cps));
    println!("maximum entropy: {gap:e}, rows of theirs miss by {theirs_missed:e}");
    assert!(missed(&found.concat()) < 1e-13);
    assert!(gap <= theirs_missed && theirs_missed < 1e-7, "{gap} {theirs_missed}");
    let count = usize::try_from(DRAWN).expect("small");
    for (name, found, theirs) in [
        ("sequential Poisson", poisson::sequential(&own, &NUMBERS, count), sequential),
        ("Pareto", poisson::pareto(&own, &NUMBERS, count), pareto),
        ("Poisson", poisson::poisson(&own, &NUMBERS), independent),
    ] {
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, places(&theirs), "{name}");
    }
    // Nobody is expected more than once: otherwise they set the whole hits aside and begin with a member drawn by
    // what is left, while Chromy (1979) begins with one drawn by size, as we do. Theirs are counted in draws, five
    // of whose errors they may be apart.
    let sum: f64 = SIZES.iter().sum();
    let hits: Vec<f64> = SIZES.iter().map(|size| 4.0 * size / sum).collect();
    assert!(hits.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-14));
    assert!(hits.iter().all(|hits| *hits < 1.0));
    let pairs = repeated::chromy_pairs(&hits);
    let mut furthest: f64 = 0.0;
    for (one, row) in pairs.iter().enumerate() {
        for (other, own) in row.iter().enumerate().filter(|(other, _)| *other != one) {
            let error = (own * (1.0 - own) / CHROMY_DRAWS).sqrt();
            let gap = (own - chromy[one * SIZES.len() + other]).abs();
            furthest = furthest.max(gap);
            assert!(gap <= 5.0 * error + 1e-9, "{one} and {other}: {own}, {gap} apart");
        }
    }
    println!("Chromy: {furthest:e}");
}
