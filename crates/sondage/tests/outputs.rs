//! Every file that the command line writes: never over what is read, never over
//! what is there, in the format that its name says, whole or not at all, and for
//! its owner alone where it holds rows of people.

#[path = "support/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use program::{command, said};

const PLAN: &str = "[frame]\nunit = \"id\"\ncluster = \"ward\"\n\n[[stages]]\nunits = \"clusters\"\n\
                    method = \"simple\"\namount = { allocated = { total = 2, share = \"equal\" } }\n\n\
                    [[stages]]\nunits = \"units\"\nmethod = \"simple\"\n\
                    amount = { each = { count = 2 } }\n";
const FRAME: &str = "id,ward,lon,lat,name\n=1+1,@w1,105.80,21.00,+84 912\nb,@w1,105.81,21.01,Lan\n\
                     c,w2,105.82,21.02,=cmd\nd,w2,105.83,21.03,An\ne,w3,105.84,21.04,Bình\n\
                     f,w3,105.85,21.05,Chi\n";
const DATA: &str = "name,sex,w\n=cmd|x,f,1\n-2,m,2\nLan,f,-0.5\nAn,m,1\n";
const DESIGN: &str = "weight_from_population = false\n\n[[weighting]]\nstep = \"raking\"\n\n\
                      [weighting.margins]\nsex = { f = 10, m = 12 }\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in [
            ("plan.toml", PLAN),
            ("frame.csv", FRAME),
            ("data.csv", &DATA.replace("-0.5", "0.5")),
            ("design.toml", &DESIGN.replace("weight_from_population = false\n\n", "")),
        ] {
            std::fs::write(folder.path(name), text).expect("written");
        }
        let form =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
        std::fs::copy(form, folder.path("form.json")).expect("copied");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command in the folder.
    fn run(&self, words: &str) -> (Option<i32>, String) {
        let arguments: Vec<&str> = words.split_whitespace().collect();
        let output = command(&arguments).current_dir(self.0.path()).output().expect("runs");
        (output.status.code(), said(&output))
    }

    #[track_caller]
    fn works(&self, words: &str) {
        let (code, said) = self.run(words);
        assert_eq!(code, Some(0), "{words}: {said}");
    }

    #[track_caller]
    fn refuses(&self, words: &str, expected: &str) {
        let (code, said) = self.run(words);
        assert!(code == Some(2) && said.contains(expected), "{words}: {code:?} {said}");
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("there")
    }
}

/// A command, the file it writes, whether that is about people, an input, and an
/// ending that is not written.
const COMMANDS: [(&str, &str, bool, &str, &str); 9] = [
    (
        "frame cells frame.csv --x lon --y lat --side 0.01 --output {}",
        "out.csv",
        true,
        "frame.csv",
        "out.xlsx",
    ),
    (
        "sample draw frame.csv plan.toml --seed 1 --output {}",
        "out.json",
        true,
        "plan.toml",
        "out.csv",
    ),
    (
        "sample draw frame.csv plan.toml --seed 1 --force --output m.json --units {}",
        "units.csv",
        true,
        "",
        "",
    ),
    ("sample routes sample.json --output {}", "out.csv", true, "sample.json", "out.xlsx"),
    ("sample size proportion --margin 0.03 --svg {}", "out.svg", false, "", "out.png"),
    ("weight data.csv --design design.toml --output {}", "out.csv", true, "data.csv", "w.xlsx"),
    ("questionnaire export form.json --output {}", "out.xlsx", false, "form.json", "out.docx"),
    ("questionnaire export form.json --output {}", "out.html", false, "", "out.pdf"),
    (
        "questionnaire export form.json --format surveyjs --output {}",
        "model.json",
        false,
        "form.json",
        "model.xml",
    ),
];

#[test]
fn nothing_is_written_over_unless_it_is_asked_for() {
    for (words, file, private, input, strange) in COMMANDS {
        let folder = Folder::new();
        folder.works("sample draw frame.csv plan.toml --seed 1");
        let with = |name: &str| words.replace("{}", name);
        std::fs::write(folder.path(file), "precious").expect("written");
        if !words.contains("--force") {
            folder.refuses(&with(file), "is there already");
            assert_eq!(folder.text(file), "precious", "{words}");
            let forced = format!("{} --force", with(file));
            // A sampling record is not written over even then.
            if words.contains("sample draw") {
                folder.refuses(&forced, "never written over");
                assert_eq!(folder.text(file), "precious", "{words}");
            } else {
                folder.works(&forced);
            }
        }
        std::fs::remove_file(folder.path(file)).expect("removed");
        folder.works(&with(file));
        assert!(std::fs::metadata(folder.path(file)).expect("there").len() > 50, "{words}");
        if private {
            only_the_owner_reads(&folder.path(file));
        }
        if !input.is_empty() {
            let before = folder.text(input);
            let (code, said) = folder.run(&format!("{} --force", with(input)));
            assert_eq!(code, Some(2), "{words}: {said}");
            assert_eq!(folder.text(input), before, "{words}");
        }
        if !strange.is_empty() {
            folder.refuses(&with(strange), "ending is not written; use .");
            assert!(!folder.path(strange).exists(), "{words}");
        }
        let left = std::fs::read_dir(folder.0.path()).expect("a folder").flatten();
        let left: Vec<_> = left
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.contains(".part"))
            .collect();
        assert!(left.is_empty(), "{words}: {left:?}");
    }
}

fn only_the_owner_reads(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn a_spreadsheet_runs_nothing_that_is_written() {
    let folder = Folder::new();
    folder.works("frame cells frame.csv --x lon --y lat --side 0.01 --output cells.csv");
    let cells = folder.text("cells.csv");
    assert!(cells.contains("\n'=1+1,'@w1,105.80") && cells.contains(",'+84 912,"), "{cells}");
    folder.works("sample draw frame.csv plan.toml --seed 5 --output s.json --units units.csv");
    folder.works("sample routes s.json --output routes.csv");
    for file in ["units.csv", "routes.csv"] {
        let text = folder.text(file);
        let runs = text
            .lines()
            .flat_map(|line| line.split(','))
            .any(|cell| cell.starts_with(['=', '@', '+']) && cell.parse::<f64>().is_err());
        assert!(!runs, "{file}: {text}");
    }
    folder.works("weight data.csv --design design.toml --output weights.csv");
    let weights = folder.text("weights.csv");
    assert!(weights.contains("\n'=cmd|x,f,") && weights.contains("\n-2,m,"), "{weights}");
    // What is printed as CSV is opened in spreadsheets too.
    let (code, printed) =
        folder.run("tabulate data.csv --design design.toml --rows name --csv --unsuppressed");
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("'=cmd|x") && !printed.contains(",=cmd"), "{printed}");
}

#[test]
fn a_folder_without_rights_is_told() {
    let folder = Folder::new();
    let (code, said) = folder.run("sample draw frame.csv plan.toml --output nowhere/s.json");
    assert!(code == Some(2) && said.contains("nowhere"), "{said}");
}
