//! The program run on data files, for tests of its statistics.

// Each file of tests uses its own part.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn data(name: &str) -> String {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference/statistics/data");
    root.join(name).display().to_string()
}

pub fn sondage(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sondage")).args(arguments).output().expect("runs")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A design file in a folder that lasts as long as the test.
pub struct Written {
    folder: tempfile::TempDir,
    pub design: String,
}

pub fn written(design: &str) -> Written {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("design.toml");
    std::fs::write(&path, design).expect("written");
    Written { design: path.display().to_string(), folder }
}

impl Written {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

pub const CLUSTERED: &str =
    "weight = \"w\"\n[[stages]]\nstrata = \"stratum\"\nclusters = \"psu_id\"\n";

pub fn json(arguments: &[&str]) -> Value {
    let output = sondage(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub fn refused(arguments: &[&str], parts: &[&str]) {
    let output = sondage(arguments);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for part in parts {
        assert!(told.contains(part), "“{part}” is not in:\n{told}");
    }
}

#[track_caller]
pub fn near(value: &Value, expected: f64) {
    let value = value.as_f64().expect("a number");
    assert!((value - expected).abs() <= 1e-8 * expected.abs(), "{value}, not {expected}");
}
