//! Texts that a program of translators has opened, translated and saved come back.
//!
//! `SONDAGE_TRANSLATE_TOOLKIT` is a Python that has the package translate-toolkit;
//! without it the test says that it is skipped.

use std::process::Command;

use exchange::translation::{Format, Texts, Unit, read_xliff, write};

/// Opens a file, gives every text a translation, saves it; tells what it read.
const TRANSLATES: &str = r#"
import json, sys
from translate.storage import xliff, xliff2
kind = xliff2.Xliff2File if sys.argv[2] == "2.0" else xliff.Xliff1File
store = kind.parsefile(sys.argv[1])
told = []
for unit in store.units:
    told.append([unit.source, unit.target or "", unit.getnotes()])
    unit.target = unit.source.strip() + " <&> " + str(len(told))
store.savefile(sys.argv[1])
print(json.dumps([store.getsourcelanguage(), store.gettargetlanguage(), told]))
"#;

fn texts() -> Texts {
    let unit = |id: &str, source: &str, target: &str, outdated: bool| Unit {
        id: id.to_owned(),
        note: format!("Câu 1 · {id}"),
        source: source.to_owned(),
        target: target.to_owned(),
        before: target.to_owned(),
        outdated,
    };
    Texts {
        name: "Đời sống & việc làm".to_owned(),
        source: "vi".to_owned(),
        target: "en".to_owned(),
        units: vec![
            unit("00000000-0000-0000-0000-00000000000a.wording", "Ông/Bà ${name} <b>?", "", false),
            unit("00000000-0000-0000-0000-00000000000a.hint", "Một\nhai", "One\ntwo", true),
            unit("00000000-0000-0000-0000-00000000000a.constraint.0", "Có", "Yes", false),
        ],
    }
}

#[test]
fn translate_toolkit_reads_and_writes_what_is_written() {
    let Some(python) = std::env::var_os("SONDAGE_TRANSLATE_TOOLKIT") else {
        assert!(std::env::var_os("CI").is_none(), "SONDAGE_TRANSLATE_TOOLKIT must be set");
        println!("skipped: SONDAGE_TRANSLATE_TOOLKIT is not set");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for (version, format) in [("1.2", Format::Xliff12), ("2.0", Format::Xliff20)] {
        let path = folder.path().join(format!("{version}.xlf"));
        std::fs::write(&path, write(&texts(), format)).expect("written");
        let run = Command::new(&python)
            .args(["-c", TRANSLATES])
            .arg(&path)
            .arg(version)
            .output()
            .expect("Python runs");
        assert!(run.status.success(), "{version}: {}", String::from_utf8_lossy(&run.stderr));
        let (source, target, told): (String, String, Vec<[String; 3]>) =
            serde_json::from_slice(&run.stdout).expect("what it read");
        assert_eq!((source.as_str(), target.as_str()), ("vi", "en"));
        let read = read_xliff(&std::fs::read_to_string(&path).expect("a file")).expect("read");
        assert_eq!(read.units.len(), told.len());
        for ((sent, theirs), back) in texts().units.iter().zip(&told).zip(&read.units) {
            assert_eq!((&sent.source, &sent.target), (&theirs[0], &theirs[1]), "{version}");
            // Of version 2.0 it shows no notes.
            let noted = version == "2.0" || theirs[2].contains(&sent.note);
            assert!(noted, "{version}: {}", theirs[2]);
            assert_eq!(
                (&sent.id, &sent.source, &sent.before),
                (&back.id, &back.source, &back.before)
            );
            assert_eq!(back.target.split(" <&> ").next(), Some(sent.source.trim()), "{version}");
        }
    }
}
