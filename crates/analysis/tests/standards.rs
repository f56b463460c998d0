//! The presentation rules of NCHS, against every row of the table of cases.
//!
//! Reads `nchs_presentation_cases.csv` of `$SONDAGE_REFERENCE/standards`, else the copy kept in
//! `fixtures/reference/standards`.

use std::path::{Path, PathBuf};

use analysis::disclosure::nchs::NchsInput;
use analysis::estimate::presentation::{Presentation, Reason};

fn folder() -> PathBuf {
    std::env::var_os("SONDAGE_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference/standards"),
        |folder| PathBuf::from(folder).join("standards"),
    )
}

#[test]
fn standards() {
    let path = folder().join("nchs_presentation_cases.csv");
    let mut reader = csv::Reader::from_path(&path).expect("the table of cases");
    let names = reader.headers().expect("a header").clone();
    let (mut passed, mut failures) = (0, Vec::new());
    for record in reader.records() {
        let record = record.expect("a row");
        let field = |name: &str| {
            let place = names.iter().position(|known| known == name).expect("a known column");
            record[place].to_owned()
        };
        let faults = check(&field);
        if faults.is_empty() {
            passed += 1;
        } else {
            failures.push(format!("{}: {}", field("case_id"), faults.join("; ")));
        }
    }
    println!("nchs: {passed} passed, {} failed", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(passed > 0, "no cases in {}", path.display());
}

fn check(field: &dyn Fn(&str) -> String) -> Vec<String> {
    let number = |name: &str| field(name).parse::<f64>().expect("a number");
    let adjusts = field("df_adjust") == "yes";
    let input = NchsInput {
        rows: number("n"),
        proportion: number("p"),
        design_effect: number("deff"),
        degrees_of_freedom: adjusts.then(|| number("df")),
    };
    let answer = input.assess();
    let mut faults = Vec::new();
    for (name, got, tolerance) in [
        ("ci_lower", answer.lower, 1e-7),
        ("ci_upper", answer.upper, 1e-7),
        ("n_eff", answer.effective_rows, 1e-6),
        ("n_eff_df", answer.adjusted_rows, 1e-6),
    ] {
        if (got - number(name)).abs() > tolerance {
            faults.push(format!("{name} is {got}, expected {}", number(name)));
        }
    }
    let decision = match answer.reliability.presentation {
        Presentation::Present => "present",
        Presentation::Review => "review",
        Presentation::Suppress => "suppress",
        Presentation::NotAssessed => "not assessed",
    };
    if decision != field("decision") {
        faults.push(format!("{decision}, expected {}", field("decision")));
    }
    if answer.reliability.footnote_complement != (field("footnote_complement") == "yes") {
        faults.push("the footnote on the complement differs".to_owned());
    }
    let reasons = answer.reliability.reasons.iter().map(|reason| words(*reason));
    let complement = answer
        .reliability
        .footnote_complement
        .then_some("complement relative CI width>130%: footnote complement");
    let told = reasons.chain(complement).collect::<Vec<_>>().join("; ");
    if told != field("reasons") {
        faults.push(format!("reasons {told}, expected {}", field("reasons")));
    }
    faults
}

/// A reason in the words of the table.
fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::EffectiveRowsBelow30 => "n_eff<30",
        Reason::IntervalWide => "CI width>=30 points",
        Reason::IntervalRelativelyWide => "relative CI width>130%",
        Reason::ZeroOrOne => "p is 0 or 1",
        Reason::FewDegreesOfFreedom => "df<8",
        Reason::RowsBelow30 | Reason::StandardErrorAbove30Percent | Reason::NoStandardError => {
            "a rule for means"
        }
        Reason::OneCluster | Reason::NoVariation => "no variance is known",
    }
}
