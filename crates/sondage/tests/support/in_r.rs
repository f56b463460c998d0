//! R with its package `survey`, asked for the figures that the program has.

use std::path::Path;
use std::process::Command;

/// Whether R is there with the package; in CI it must be.
pub fn has_r() -> bool {
    let asked = Command::new("Rscript").args(["-e", "library(survey)"]).output();
    let there = asked.is_ok_and(|output| output.status.success());
    if !there {
        assert!(std::env::var_os("CI").is_none(), "CI must have R with the package survey");
        println!("skipped: Rscript with the package survey is not there");
    }
    there
}

/// The pairs that R prints, run in a folder.
pub fn in_r(folder: &Path, lines: &str, asked: &[&str]) -> Vec<(f64, f64)> {
    std::fs::write(folder.join("script.R"), format!("{lines}{}", asked.concat())).expect("written");
    let output = Command::new("Rscript").arg("script.R").current_dir(folder).output().expect("R");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}\n{error}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| {
            let (value, error) = line.split_once(' ').expect("a pair");
            (value.parse().expect("a number"), error.parse().expect("a number"))
        })
        .collect()
}
