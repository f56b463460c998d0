//! Word files: twenty questionnaires as researchers hand them over, each with the
//! questions that must be read from it.

mod importing;
#[path = "word/written.rs"]
mod written;

use std::time::Instant;

use exchange::questionnaire::{Format, import};
use survey_builder::questionnaire::document::{Document, Kind, Question};

/// The share of questions that must be read right, with all their options.
const BAR: f64 = 0.9;

fn texts() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/word");
    let entries = std::fs::read_dir(folder).expect("the texts");
    let mut texts: Vec<(String, String)> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a text"))
        })
        .collect();
    texts.sort();
    texts
}

fn text(name: &str) -> String {
    let found = texts().into_iter().find(|(own, _)| own.starts_with(name));
    found.expect("a text of that name").1
}

/// A question as it must be read.
struct Expected {
    /// As it is printed; none where nothing is.
    number: Option<String>,
    /// The name of the kind.
    kind: String,
    /// The labels of options, or the ends of a scale.
    options: Vec<String>,
    /// The rows of a table.
    rows: Vec<String>,
}

/// What a text says must be read.
fn key(text: &str) -> Vec<Expected> {
    let lines = text.split("== key").nth(1).unwrap_or_default().lines();
    let lines = lines.filter(|line| line.contains('|'));
    lines
        .map(|line| {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let list = |place: usize| {
                let said = parts.get(place).copied().unwrap_or_default();
                let each = said.split(';').map(|one| one.trim().to_owned());
                each.filter(|one| !one.is_empty()).collect()
            };
            Expected {
                number: Some(parts[0].to_owned()).filter(|number| number != "-"),
                kind: parts[1].to_owned(),
                options: list(2),
                rows: list(3),
            }
        })
        .collect()
}

/// What was read of a question, as the key writes it.
fn shown(document: &Document, question: &Question) -> String {
    let language = &document.default_language;
    let labels = |list: &str| {
        let options = document.list(list).map(|list| list.options.as_slice()).unwrap_or_default();
        let labels: Vec<&str> = options.iter().map(|one| one.label.get(language, "")).collect();
        labels.join("; ")
    };
    let (options, rows) = match &question.kind {
        Kind::Scale(scale) => (format!("{}; {}", scale.from, scale.to), Vec::new()),
        Kind::Battery(battery) => (labels(&battery.list), battery.rows.clone()),
        Kind::Grid(grid) => {
            let columns: Vec<&str> =
                grid.columns.iter().map(|one| one.label.get(language, "")).collect();
            (columns.join("; "), grid.rows.clone())
        }
        kind => (kind.list().map(labels).unwrap_or_default(), Vec::new()),
    };
    let rows: Vec<&str> = rows.iter().map(|row| row.wording.get(language, "")).collect();
    let number = question.number.as_deref().unwrap_or("-");
    let parts = [number, question.kind.name(), &options, &rows.join("; ")];
    parts.join(" | ").trim_end_matches([' ', '|']).to_owned()
}

/// How many questions are read as the key says, of how many, and the others.
fn compared(name: &str, text: &str, bytes: &[u8]) -> (usize, usize, Vec<String>) {
    let reading = importing::read(bytes);
    assert_eq!(reading.format, Some(Format::Word), "{name}");
    let document = reading.document.expect("looked at before");
    let asked = document.questions().filter(|question| question.kind.takes_answer());
    let mut read: Vec<String> = asked.map(|question| shown(&document, question)).collect();
    let (mut right, mut others) = (0, Vec::new());
    let key = key(text);
    for expected in &key {
        let number = expected.number.as_deref().unwrap_or("-");
        let (options, rows) = (expected.options.join("; "), expected.rows.join("; "));
        let line = [number, &expected.kind, &options, &rows].join(" | ");
        let line = line.trim_end_matches([' ', '|']).to_owned();
        if let Some(place) = read.iter().position(|own| *own == line) {
            read.remove(place);
            right += 1;
        } else {
            others.push(format!("{name}: not read: {line}"));
        }
    }
    others.extend(read.into_iter().map(|line| format!("{name}: read: {line}")));
    (right, key.len(), others)
}

#[test]
fn questions_are_read_with_their_options() {
    let texts = texts();
    assert_eq!(texts.len(), 20);
    let (mut right, mut all, mut others) = (0, 0, Vec::new());
    for (name, text) in &texts {
        let (own, of, wrong) = compared(name, text, &written::docx(text));
        right += own;
        all += of;
        others.extend(wrong);
    }
    let share =
        f64::from(u32::try_from(right).expect("few")) / f64::from(u32::try_from(all).expect("few"));
    println!(
        "{right} of {all} questions of {} files read right with their options ({:.1} %)\n{}",
        texts.len(),
        100.0 * share,
        others.join("\n")
    );
    assert!(share >= BAR, "{}", others.join("\n"));
}

/// Checked against the text itself, without the reader's ledger: every word of it is
/// in the document.
#[test]
fn every_word_is_carried_over_or_kept() {
    let words = |text: &str| {
        let each = text.split(|next: char| !next.is_alphanumeric());
        each.filter(|word| word.chars().any(char::is_alphabetic))
            .map(str::to_lowercase)
            .collect::<Vec<String>>()
    };
    let (mut all, mut lost) = (0, Vec::new());
    for (name, text) in texts() {
        let document = importing::document(&written::docx(&text));
        let whole = serde_json::to_string(&document).expect("json");
        let mut known = words(&whole.replace("\\n", " "));
        known.sort();
        let lines = text.split("== key").next().unwrap_or_default().lines();
        for line in lines.filter(|line| !line.starts_with("@list")) {
            let listed = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
            let line = listed.filter(|(name, _)| !name.trim().is_empty()).map_or(line, |it| it.1);
            let line = line.replace("<b>", "").replace("</b>", "");
            for word in words(&line.replace("<i>", "").replace("</i>", "")) {
                all += 1;
                // What only numbers a question or a row is not carried over as a word.
                let is_number = word.len() < 3 || ["câu", "question"].contains(&word.as_str());
                if known.binary_search(&word).is_err() && !is_number {
                    lost.push(format!("{name}: {word} of {line}"));
                }
            }
        }
    }
    println!("{all} words, {} lost", lost.len());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn what_is_read_can_be_published() {
    for (name, text) in texts() {
        let reading = importing::read(&written::docx(&text));
        let obstacles: Vec<String> = reading.obstacles().iter().map(ToString::to_string).collect();
        assert!(obstacles.is_empty(), "{name}: {obstacles:?}");
    }
}

#[test]
fn directions_become_conditions_where_they_are_certain() {
    let condition = |file: &str, name: &str| {
        let document = importing::document(&written::docx(&text(file)));
        let question = document.questions().find(|one| one.name == name);
        question.expect("a question of that name").relevant.clone().unwrap_or_default()
    };
    for (file, name, reads) in [
        // A sentence below the options.
        ("vi01", "q7", "q6"),
        ("vi01", "q8", "q6"),
        ("vi01", "q9", ""),
        // An arrow behind an option.
        ("vi02", "C7", "C6"),
        ("vi02", "C8", ""),
        // A column of a table.
        ("vi04", "A5", "A4"),
        // In brackets behind an option.
        ("vi03", "q7", "q6"),
        ("en01", "Q4", "Q3"),
        ("en06", "q5", "q4"),
        // Of whom a question is asked.
        ("en07", "Q6", "Q5"),
        // To the next section.
        ("en10", "Q7", "Q4"),
        ("en10", "Q8", ""),
    ] {
        let condition = condition(file, name);
        assert!(condition.contains(reads), "{file} {name}: {condition}");
        assert_eq!(condition.is_empty(), reads.is_empty(), "{file} {name}: {condition}");
    }
}

#[test]
fn what_a_direction_means_is_what_happens() {
    let document = importing::document(&written::docx(
        "Q1. Do you smoke?\n1. Yes\n2. No\nIf no, go to Q3.\nQ2. How many a day? ____\n\
         Q3. Do you drink?\n1. Yes\n2. No\nIf you feel like it, go to Q9.\n",
    ));
    let second = document.questions().find(|one| one.name == "Q2").expect("the second");
    assert_eq!(second.relevant.as_deref(), Some("not(coalesce(Q1 = '2', false))"));
    let said: Vec<&str> = document
        .remarks
        .iter()
        .filter(|one| one.role == "routing")
        .map(|one| &*one.original)
        .collect();
    assert_eq!(said, ["If no, go to Q3.", "If you feel like it, go to Q9."]);
}

/// `Câu A2.`: the word and a number with a letter, as many questionnaires have them.
#[test]
fn questions_are_counted_by_letters_behind_a_word() {
    let document = importing::document(&written::docx(
        "Câu A1. Giới tính của Ông/Bà?\n☐ Nam\n☐ Nữ\n\
         Câu A2. Ông/Bà bao nhiêu tuổi? ........ tuổi\n\
         Câu A3. Ông/Bà có đến trạm y tế không?\n1. Có\n2. Không → Chuyển đến câu C1\n\
         Câu B1. Ông/Bà đến mấy lần? ........ lần\n\
         Câu C1. Ông/Bà có góp ý gì thêm không?\n....................................\n",
    ));
    let names: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["A1", "A2", "A3", "B1", "C1"]);
    let wording = &document.questions().next().expect("the first").wording;
    assert_eq!(wording.get("vi", ""), "Giới tính của Ông/Bà?");
    // The next question is no option of the one before.
    assert_eq!(document.lists[0].options.len(), 2);
    let skipped = document.questions().find(|one| one.name == "B1").expect("it was read");
    assert_eq!(skipped.relevant.as_deref(), Some("not(coalesce(A3 = '2', false))"));
}

#[test]
fn units_stand_behind_the_box() {
    let document = importing::document(&written::docx(
        "Câu 1. Cân nặng của Ông/Bà? ........ kg\n\
         Câu 2. Thu nhập tháng trước:\n____________ nghìn đồng\n\
         Câu 3. Tuổi: |__|__| tuổi\n\
         Câu 4. Ngày sinh: ___/___/_____\n\
         Câu 5. Ông/Bà đi bằng gì?\n1. Xe máy\n2. Khác: ______ ghi rõ\n",
    ));
    let shown: Vec<(String, String, String)> = document
        .questions()
        .map(|one| {
            let unit = match &one.kind {
                Kind::Decimal(range) => range.unit.get("vi", "").to_owned(),
                kind => kind.name().to_owned(),
            };
            (one.wording.get("vi", "").to_owned(), unit, one.hint.get("vi", "").to_owned())
        })
        .collect();
    let expected = [
        ("Cân nặng của Ông/Bà?", "kg", ""),
        ("Thu nhập tháng trước:", "nghìn đồng", ""),
        ("Tuổi:", "tuổi", ""),
        ("Ngày sinh:", "date", ""),
        ("Ông/Bà đi bằng gì?", "single", ""),
    ];
    let expected = expected
        .map(|(wording, unit, hint)| (wording.to_owned(), unit.to_owned(), hint.to_owned()));
    assert_eq!(shown, expected);
    let others = &document.lists[0].options;
    assert_eq!(others[1].label.get("vi", ""), "Khác: ghi rõ");
}

/// Thanks are a page of their own at the end, however they are printed; at the
/// beginning they belong to what is said there.
#[test]
fn closing_words_are_a_page_of_their_own() {
    for thanks in
        ["<b>Xin trân trọng cảm ơn Ông/Bà!</b>", "Thank you for your time.", "<i>Cảm ơn bạn.</i>"]
    {
        let document = importing::document(&written::docx(&format!(
            "Cảm ơn Ông/Bà đã nhận lời.\nCâu 1. Tuổi: ____ tuổi\n\
             Câu 2. Ông/Bà có góp ý gì thêm không?\n{thanks}\n"
        )));
        let pages: Vec<Vec<(&str, &str)>> = document
            .pages()
            .map(|(_, page)| {
                let each = page.questions.iter();
                each.map(|one| {
                    (one.kind.name(), one.wording.0.values().next().map_or("", |text| text))
                })
                .collect()
            })
            .collect();
        let plain = thanks.replace("<b>", "").replace("</b>", "");
        let plain = plain.replace("<i>", "").replace("</i>", "");
        assert_eq!(
            pages,
            [
                vec![("note", "Cảm ơn Ông/Bà đã nhận lời."), ("decimal", "Tuổi:")],
                vec![("short_text", "Ông/Bà có góp ý gì thêm không?")],
                vec![("note", plain.as_str())],
            ]
        );
    }
}

#[test]
fn two_languages_are_told_apart() {
    let document = importing::document(&written::docx(&text("vi10")));
    let codes: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["vi", "en"]);
    for question in document.questions().filter(|one| one.kind.takes_answer()) {
        let wording = &question.wording;
        assert!(wording.is_in("vi") && wording.is_in("en"), "{wording:?}");
        assert!(wording.get("en", "").is_ascii(), "{wording:?}");
    }
    for list in &document.lists {
        for option in &list.options {
            assert!(option.label.is_in("vi") && option.label.is_in("en"), "{:?}", option.label);
        }
    }
}

#[test]
fn what_is_no_text_is_told() {
    let body = "<w:p><w:r><w:t>1. Age? ____</w:t></w:r><w:r><w:drawing><docPr name=\"P\" \
                descr=\"A map\"/></w:drawing></w:r><w:del><w:r><w:delText>old words</w:delText>\
                </w:r></w:del></w:p>";
    let reading = importing::read(&written::file(body, ""));
    let document = reading.document.expect("read");
    let kept: Vec<&str> = document.remarks.iter().map(|one| one.original.as_str()).collect();
    assert!(kept.iter().any(|one| one.contains("A map")), "{kept:?}");
    assert!(kept.iter().any(|one| one.contains("old words")), "{kept:?}");
}

fn refusal(bytes: &[u8]) -> String {
    let reading = import(&[("file", bytes)]);
    assert!(reading.document.is_none());
    reading.problems.first().map(ToString::to_string).unwrap_or_default()
}

#[test]
fn what_cannot_be_read_is_named() {
    let mut older = std::io::Cursor::new(Vec::new());
    let mut container = cfb::CompoundFile::create(&mut older).expect("a container");
    container.create_stream("WordDocument").expect("a stream");
    container.flush().expect("written");
    drop(container);
    assert!(refusal(&older.into_inner()).contains("phrase-an-older-word-file"));

    let open = written::packed(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("content.xml", "<x/>"),
    ]);
    assert!(refusal(&open).contains("phrase-an-opendocument-text"));

    let letter = written::docx("Dear colleagues,\nSee you on Monday.\n");
    assert!(refusal(&letter).contains("phrase-a-text-without-questions"));

    let bomb = written::file(&" ".repeat(300 << 20), "");
    assert!(refusal(&bomb).contains("phrase-an-archive-too-large"));
}

#[test]
fn large_files_are_read_soon() {
    let seconds = |questions: usize, to: &dyn Fn(usize) -> usize| {
        let each = (1..=questions).map(|number| {
            let to = to(number);
            format!("Q{number}. What is this?\n1. One\n2. Two\nIf two, go to Q{to}.\n")
        });
        let bytes = written::docx(&each.collect::<String>());
        let start = Instant::now();
        let document = importing::document(&bytes);
        assert_eq!(document.questions().count(), questions);
        start.elapsed().as_secs_f64()
    };
    let (few, many) = (seconds(500, &|number| number + 2), seconds(4_000, &|number| number + 2));
    println!("500 questions: {few:.2} s, 4,000: {many:.2} s");
    assert!(many < 8.0 * few * 3.0, "{few} s, {many} s");
    // Where all lead to the end, only as many conditions are made as fit.
    let ends = seconds(2_000, &|_| 2_000);
    println!("2,000 questions that lead to the last: {ends:.2} s");
    assert!(ends < 60.0, "{ends} s");

    // Parts that stand within each other without end.
    let deep = 100_000;
    let body = "<w:sdt><w:sdtContent>".repeat(deep)
        + "<w:p><w:r><w:t>1. Age? ____</w:t></w:r></w:p>"
        + &"</w:sdtContent></w:sdt>".repeat(deep);
    let _ = import(&[("deep.docx", &written::file(&body, ""))]);
}

/// An independent writer: `LibreOffice` reads two of the files and writes them anew.
#[test]
fn files_that_libreoffice_wrote_are_read_the_same() {
    let Some(office) = std::env::var_os("SONDAGE_SOFFICE") else {
        assert!(std::env::var_os("CI").is_none(), "SONDAGE_SOFFICE must be set");
        println!("skipped: SONDAGE_SOFFICE is not set");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["vi02", "en02"] {
        let text = text(name);
        let own = folder.path().join(format!("{name}.docx"));
        std::fs::write(&own, written::docx(&text)).expect("written");
        let run = |from: &std::path::Path, to: &str| {
            let profile = format!("-env:UserInstallation=file://{}/p", folder.path().display());
            let status = std::process::Command::new(&office)
                .args([&profile, "--headless", "--convert-to", to, "--outdir"])
                .arg(folder.path())
                .arg(from)
                .stdout(std::process::Stdio::null())
                .status();
            assert!(status.expect("it runs").success());
        };
        run(&own, "odt");
        std::fs::remove_file(&own).expect("removed");
        run(&folder.path().join(format!("{name}.odt")), "docx");
        let bytes = std::fs::read(&own).expect("written by the other");
        let (right, all, others) = compared(name, &text, &bytes);
        println!("{name}: {right} of {all} after LibreOffice");
        assert_eq!(right, all, "{others:?}");
    }
}
