//! A folder with files of the sampling cases, in which the program is run.

// Each file of tests uses its own part.
#![allow(dead_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cases/sampling").join(name)
}

/// A folder of its own with files of the cases.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn with(files: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            let from = case(file);
            let name = from.file_name().expect("a name").to_owned();
            std::fs::copy(from, folder.path().join(name)).expect("copied");
        }
        Self(folder)
    }

    pub fn run(&self, words: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sondage"))
            .args(words.split(' '))
            .args(["--language", "en"])
            .current_dir(self.0.path())
            .output()
            .expect("runs")
    }

    /// What it prints, having ended well.
    pub fn works(&self, words: &str) -> String {
        self.ends(words, 0)
    }

    /// What it prints, having refused.
    pub fn refuses(&self, words: &str) -> String {
        self.ends(words, 2)
    }

    pub fn ends(&self, words: &str, code: i32) -> String {
        let output = self.run(words);
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (said(&output.stdout), said(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{words}\n{out}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
        out + &err
    }

    pub fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.works(&format!("{words} --json"))).expect("JSON")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("there")
    }

    pub fn write(&self, name: &str, text: impl AsRef<str>) {
        std::fs::write(self.path(name), text.as_ref()).expect("written");
    }

    pub fn record(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect("a record")
    }

    /// The rows of a CSV file by heading.
    pub fn rows(&self, name: &str) -> Vec<HashMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(name)).expect("a table");
        reader.deserialize().map(|row| row.expect("a row")).collect()
    }
}
