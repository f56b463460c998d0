//! The guide's examples are run: each `$ sondage …` of both languages, on the
//! files that the guide names, must print what stands below it.

#[path = "support/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use program::{command, said};

/// A block between fences: what its first fence says, and its lines.
struct Block {
    kind: String,
    lines: Vec<String>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(kind), None) => {
                open = Some(Block { kind: kind.to_owned(), lines: Vec::new() });
            }
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

/// The words of a line as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("one").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Puts the files that a page of the guide names into a folder.
fn lay_out(folder: &Path, page: &str, blocks: &[Block]) {
    let copy = |from: PathBuf, name: &str| {
        if let Err(error) = std::fs::copy(&from, folder.join(name)) {
            panic!("{}: {error}", from.display());
        }
    };
    for entry in std::fs::read_dir(fixtures().join("frames")).expect("frames").flatten() {
        copy(entry.path(), &entry.file_name().to_string_lossy());
    }
    let data = fixtures().join("reference/statistics/data");
    copy(data.join("made1.csv"), "survey.csv");
    copy(data.join("bank1.csv"), "items.csv");
    // A file that says its name in its first line, and parts of designs that do not.
    let toml = blocks.iter().filter(|block| block.kind == "toml");
    let is_named = |block: &&Block| {
        let name = block.lines[0].strip_prefix("# ").map(Path::new);
        name.is_some_and(|name| name.extension().is_some_and(|ending| ending == "toml"))
    };
    let (named, written): (Vec<&Block>, Vec<&Block>) = toml.partition(is_named);
    for block in named {
        let name = block.lines[0].trim_start_matches("# ");
        std::fs::write(folder.join(name), block.lines.join("\n")).expect("written");
    }
    let written: Vec<String> = written.iter().map(|block| block.lines.join("\n")).collect();
    if page == "data-files.md" {
        let design = &written[0];
        for (name, text) in [
            ("design.toml", design.clone()),
            ("boot.toml", format!("{design}\n{}", written[1])),
            ("gaps.toml", format!("{design}\n{}", written[2])),
        ] {
            std::fs::write(folder.join(name), text).expect("written");
        }
    }
    if page == "samples.md" {
        let plan = std::fs::read_to_string(fixtures().join("frames/two-stages.toml"));
        let plan = plan.expect("a plan");
        let shown = |text: &str| {
            let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
            lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(shown(&written[0]), shown(&plan), "the plan that the guide shows");
    }
}

/// What is printed has these lines one below the other; `…` stands for any.
fn follows(printed: &str, expected: &[String]) -> Result<(), String> {
    let mut lines = printed.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let mut skips = false;
    for wanted in expected.iter().map(|line| line.trim_end()).filter(|line| !line.is_empty()) {
        if wanted == "…" {
            skips = true;
            continue;
        }
        let found =
            if skips { lines.any(|line| line == wanted) } else { lines.next() == Some(wanted) };
        if !found {
            return Err(format!("no line “{wanted}” there in:\n{printed}"));
        }
        skips = false;
    }
    match lines.next() {
        Some(more) if !skips => Err(format!("a line more: “{more}” in:\n{printed}")),
        _ => Ok(()),
    }
}

#[test]
fn what_the_guide_shows_is_what_is_printed() {
    let (mut wrong, mut run) = (Vec::new(), 0);
    for language in ["en", "vi"] {
        let guide = fixtures().join(format!("../docs/guide/{language}"));
        for entry in std::fs::read_dir(guide).expect("the guide").flatten() {
            let page = entry.file_name().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(entry.path()).expect("a page");
            let blocks = blocks(&text);
            let shown = blocks.iter().filter(|block| block.lines[0].starts_with("$ sondage"));
            let folder = tempfile::tempdir().expect("a folder");
            lay_out(folder.path(), &page, &blocks);
            for block in shown {
                let line = block.lines[0].trim_start_matches("$ sondage ");
                if line.ends_with("colors.lss") && !colors(folder.path()) {
                    continue;
                }
                let asks_status = line.ends_with("; echo $?");
                let words = words(line.trim_end_matches("; echo $?"));
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let mut example = command(&words);
                example.current_dir(folder.path()).env("SONDAGE_LANGUAGE", language);
                let output = example.output().expect("runs");
                let status = output.status.code().unwrap_or(-1);
                let printed = said(&output);
                let printed = if asks_status { format!("{status}\n{printed}") } else { printed };
                run += 1;
                if let Err(what) = follows(&printed, &block.lines[1..]) {
                    wrong.push(format!("{language}/{page}: {}: {what}", block.lines[0]));
                }
            }
        }
    }
    assert!(run > 30, "only {run} examples were run");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A questionnaire of another system is read in place; gives whether it is there.
fn colors(folder: &Path) -> bool {
    let reference = std::env::var_os("SONDAGE_REFERENCE").map(PathBuf::from);
    let file =
        reference.map(|folder| folder.join("questionnaires/limesurvey-core-testing/colors.lss"));
    let there = file.is_some_and(|file| std::fs::copy(file, folder.join("colors.lss")).is_ok());
    if !there {
        println!("skipped colors.lss: SONDAGE_REFERENCE is not set, or has it not");
    }
    there
}
