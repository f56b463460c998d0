//! Drafts as tables: what is printed is read back to the last sign in every language at
//! once, and a cell that is edited changes what that cell says.

use std::collections::BTreeSet;

use survey_builder::questionnaire::document::{Document, TextRole};
use survey_builder::questionnaire::operation::{Operation, Property, between};
use survey_builder::questionnaire::written::{Compared, Fault, Written, sheet};

use super::{Chance, STRANGE, arrives, documents, edited, household, shaken, small};

fn printed(document: &Document, words: &str) -> String {
    sheet::print(&Written::as_sheet(document), words)
}

fn laid(base: &Document, text: &str) -> Result<Document, Vec<Fault>> {
    let mut chance = Chance::of(text.len() as u64);
    sheet::lay(base, text, &mut || chance.id())
}

/// The cells of a table without cells that need quotation marks.
fn cells(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn joined(cells: &[Vec<String>]) -> String {
    cells.iter().map(|row| row.join("\t") + "\n").collect()
}

/// A table in which one cell says something else.
fn with(text: &str, row: &str, column: &str, said: &str) -> String {
    let mut cells = cells(text);
    let (mut at, mut done) = (0, false);
    for cells in &mut cells {
        if let Some(place) = cells.iter().position(|cell| cell == column) {
            at = place;
        } else if cells.iter().take(2).any(|cell| cell == row) && !done {
            said.clone_into(&mut cells[at]);
            done = true;
        }
    }
    assert!(done, "{row}, {column}: {text}");
    joined(&cells)
}

#[test]
fn what_is_printed_is_read_back_to_the_last_sign() {
    for (number, (name, document)) in documents().into_iter().enumerate() {
        let mut chance = Chance::of(number as u64);
        let mut bent = document.clone();
        bent.each_text(|worded| {
            for said in worded.text.0.values_mut() {
                let strange = chance.pick(&STRANGE).expect("one of them");
                let more = ["", "\"", "\"a\"", "\tb", "'01", "=1+1", "01"][chance.below(7)];
                *said = format!("{more}{strange}\n{said}");
            }
        });
        for document in [document, bent] {
            for words in ["vi", "en"] {
                let text = printed(&document, words);
                let back = laid(&document, &text)
                    .unwrap_or_else(|faults| panic!("{name}: {faults:?}\n{text}"));
                assert_eq!(back, document, "{name}");
            }
        }
    }
}

#[test]
fn any_other_draft_is_made_by_its_table() {
    let mut whole = 0;
    for (name, document) in documents() {
        for seed in 0..25 {
            let mut chance = Chance::of(seed);
            let (one, other) = (shaken(&document, &mut chance), shaken(&document, &mut chance));
            // Over itself; and over another draft with what both have.
            match laid(&other, &printed(&other, "en")) {
                Ok(back) => assert_eq!(back, other, "{name}, {seed}"),
                Err(faults) => {
                    let twice = |fault: &Fault| fault.problem.code == "sheet-code-twice";
                    assert!(faults.iter().all(twice), "{name}, {seed}: {faults:?}");
                    continue;
                }
            }
            if let Ok(after) = laid(&one, &printed(&other, "vi")) {
                arrives(&one, &after, &format!("{name}, {seed}"));
                let parts = |document: &Document| document.questions().count();
                assert_eq!(parts(&after), parts(&other), "{name}, {seed}");
                whole += 1;
            }
        }
    }
    assert!(whole > 300, "{whole}");
}

#[test]
fn whatever_is_edited_becomes_operations_or_is_told() {
    let (mut taken, mut refused) = (0, 0);
    for (name, document) in documents() {
        let text = printed(&document, "vi");
        for seed in 0..40 {
            let mut chance = Chance::of(seed);
            let text = edited(&text, &mut chance);
            match laid(&document, &text) {
                Ok(after) => {
                    arrives(&document, &after, &format!("{name}, {seed}"));
                    let again = laid(&after, &printed(&after, "en"));
                    assert_eq!(again.as_ref(), Ok(&after), "{name}, {seed}");
                    taken += 1;
                }
                Err(faults) => {
                    assert!(!faults.is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(taken > 100 && refused > 100, "{taken} taken, {refused} refused");
}

/// What an operation changes, as the headings of a table.
fn changes(operation: &Operation) -> String {
    let of = |role: &TextRole, language: &str| match role {
        TextRole::Hint => format!("hint ({language})"),
        TextRole::Instruction => format!("for interviewers ({language})"),
        _ => format!("text ({language})"),
    };
    match operation {
        Operation::Write { role, language, .. } => of(role, language),
        Operation::Set { now, .. } => match now {
            Property::Required(_) => "if left blank".to_owned(),
            Property::Relevant(_) => "shown if".to_owned(),
            Property::Number(_) => "number".to_owned(),
            Property::Constraints(_) => "limit".to_owned(),
            Property::Offers(_) | Property::Missing(_) => "no answer".to_owned(),
            other => format!("{other:?}"),
        },
        other => format!("{other:?}"),
    }
}

#[test]
fn a_cell_that_is_edited_changes_that_cell_only() {
    let said = [
        ("text (vi)", "Khác"),
        ("text (en)", "Other"),
        ("hint (vi)", "Gợi ý"),
        ("hint (en)", "A hint"),
        ("for interviewers (vi)", "Không đọc"),
        ("shown if", "1 = 1"),
        ("if left blank", "must be answered"),
        ("limit", ". != ''"),
        ("no answer", "don’t know"),
        ("number", "99a"),
    ];
    let mut edits = 0;
    for (name, document) in documents() {
        let text = printed(&document, "en");
        // Cells with line breaks are met above.
        if text.contains('"') {
            continue;
        }
        let table = cells(&text);
        let mut heads: &[String] = &[];
        for (at, row) in table.iter().enumerate() {
            let is_head = |row: &[String]| row.iter().take(2).any(|cell| cell == "code");
            if is_head(row) {
                heads = row;
                continue;
            }
            for (number, (heading, now)) in said.into_iter().enumerate() {
                // Every row, and every column in every sixth of them.
                if (at + number) % 6 > 0 {
                    continue;
                }
                let Some(column) = heads.iter().position(|one| one == heading) else { continue };
                if row.get(column).is_none_or(|before| before == now) {
                    continue;
                }
                let mut table = table.clone();
                now.clone_into(&mut table[at][column]);
                let Ok(after) = laid(&document, &joined(&table)) else { continue };
                let what = format!("{name}, row {}, {heading}", at + 1);
                let wishes = arrives(&document, &after, &what);
                let changed: BTreeSet<String> = wishes.iter().map(changes).collect();
                assert_eq!(changed, BTreeSet::from([heading.to_owned()]), "{what}");
                assert_eq!(wishes.len(), 1, "{what}");
                edits += 1;
            }
        }
    }
    assert!(edits > 200, "{edits}");
}

#[test]
fn columns_and_tables_that_are_not_there_leave_what_they_are_of() {
    for (name, document) in documents() {
        let text = printed(&document, "en");
        let (parts, options) = text.split_once("\n\nlist\t").expect("two tables");
        let options = format!("list\t{options}");
        assert!(laid(&document, parts).as_ref() == Ok(&document), "{name}");
        assert!(laid(&document, &options).as_ref() == Ok(&document), "{name}");
        if text.contains('"') {
            continue;
        }
        let few: Vec<Vec<String>> =
            cells(parts).into_iter().map(|row| row.into_iter().take(2).collect()).collect();
        assert!(laid(&document, &joined(&few)).as_ref() == Ok(&document), "{name}");
    }
}

#[test]
fn line_breaks_that_became_spaces_are_no_change() {
    let mut document = household();
    document.each_text(|worded| {
        for said in worded.text.0.values_mut() {
            *said = format!("Một\n\"{said}\"");
        }
    });
    let text = printed(&document, "vi").replace("Một\n\"\"", "Một \"\"");
    // As LibreOffice 7.4 copies it: no marks around cells, no line breaks in them.
    let text = text.replace("\"\"", "\u{1}").replace('"', "").replace('\u{1}', "\"");
    assert_eq!(laid(&document, &text), Ok(document));
}

#[test]
fn a_list_that_is_called_otherwise_stays_the_same_list() {
    let (document, _) = small();
    let text = printed(&document, "en");
    let after = laid(
        &document,
        &text
            .replace("\tsex\t", "\tgender\t")
            .replace("\nsex\t1", "\ngender\t1")
            .replace("\nsex\t2", "\ngender\t2"),
    )
    .expect("a document");
    let names: Vec<&str> = after.lists.iter().map(|list| list.name.as_str()).collect();
    assert_eq!(names, ["gender"], "{text}");
    let options = |document: &Document| -> Vec<_> {
        document.lists[0].options.iter().map(|option| option.id).collect()
    };
    assert_eq!(options(&after), options(&document));
}

#[test]
fn a_new_code_is_followed_and_rows_that_are_gone_are_counted() {
    let (document, _) = small();
    let text = printed(&document, "en");
    let after = laid(&document, &text.replace("\nage\t", "\ntuoi\t")).expect("a document");
    assert!(printed(&after, "en").contains("tuoi >= 60"), "{}", printed(&after, "en"));
    let lines = sheet::changed(&Written::as_sheet(&document), &Written::as_sheet(&after), "en");
    assert!(lines.contains(&Compared::Gone("age · code: age".to_owned())), "{lines:?}");
    assert!(lines.contains(&Compared::New("tuoi · code: tuoi".to_owned())), "{lines:?}");
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("last\t")).collect();
    let after = laid(&document, &without.join("\n")).expect("a document");
    let wishes = between(&document, &after);
    assert!(matches!(wishes.as_slice(), [Operation::Remove { .. }]), "{wishes:?}");
}

#[test]
fn a_table_is_written_by_hand() {
    let (document, _) = small();
    let table = "MÃ\tLoại\tNội dung (vi)\tdanh sách\tkhi để trống\tgiới hạn\tthông báo (vi)\tkhông trả lời\n\
        s\tphần\tPhần một\n\
        \tchọn một\tĐi bằng gì?\tway\tbắt buộc trả lời\t\t\t\n\
        \tsố nguyên\tBao nhiêu?\t\t\t. > 0\tPhải lớn hơn 0\tkhông biết, không áp dụng\n\
        \n\tdanh sách\tmã\tnội dung (vi)\tkhông trả lời\n\
        \tway\t1\tXe buýt\n\tway\t\tĐi bộ\n\tway\t99\tKhông biết\tkhông biết\n";
    let after = laid(&document, table).expect("a document");
    arrives(&document, &after, "by hand");
    let text = printed(&after, "vi");
    assert!(text.contains("\nway\t2\tĐi bộ\t"), "{text}");
    assert!(text.contains("\t. > 0\tPhải lớn hơn 0\t\tkhông biết, không áp dụng\t"), "{text}");
    assert!(text.contains("\nway\t99\tKhông biết\t\tkhông biết\t"), "{text}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_cell() {
    let (document, _) = small();
    let table = "code\tkind\ttext (vi)\ttext (fr)\tcolour\tlist\tno answer\tlimit\tmessage (vi)\tcode\n\
        s\tsection\tPhần\t\t\tsex\n\
        age\tsố nguyen\tTuổi?\t\t\t\tmaybe\t\t\t\tmore\n\
        age\tsố nguyên\tTuổi?\n\
        x\tchoose one\tx\t\t\tnone\n\
        y\t\ty\n\
        r\trow\tr\n\
        older\tworked out from answers\n\
        m\tdate\tm\t\t\t\t\t\tm\n\
        \n\
        list\tcode\ttext (vi)\tno answer\n\
        \t1\tMột\n\
        sex\t1\tNam\n\
        sex\t1\tNữ\tdon't know, refused\n";
    let faults = laid(&document, table).expect_err("faults");
    let found: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}:{} {}", fault.at.line, fault.at.column, fault.problem.code))
        .collect();
    assert_eq!(
        found,
        [
            "1:4 sheet-language",
            "1:5 sheet-column",
            "1:10 sheet-column-twice",
            "2:6 sheet-not-here",
            "3:2 written-kind",
            "3:7 sheet-missing",
            "3:11 sheet-no-heading",
            "4:1 sheet-code-twice",
            "5:6 sheet-no-list",
            "6:2 sheet-kind-missing",
            "12:1 sheet-list-missing",
            "14:2 sheet-code-twice",
            "14:4 sheet-one-reason",
        ]
    );
    assert!(faults.iter().all(|fault| !fault.problem.place.is_empty()));
    for nothing in ["", "\n\n", "age\tTuổi?\n", "\u{0}\t\t"] {
        let faults = laid(&document, nothing).expect_err("faults");
        assert_eq!((faults.len(), faults[0].problem.code.as_str()), (1, "sheet-no-head"));
    }
    let text = printed(&document, "en");
    let without =
        text.lines().filter(|line| !line.starts_with("sex\t1") && !line.starts_with("sex\t2"));
    let faults = laid(&document, &without.collect::<Vec<_>>().join("\n")).expect_err("faults");
    assert_eq!(faults[0].problem.code, "sheet-list-gone", "{faults:?}");
    let alone = with(&text, "age", "message (vi)", "Sai");
    assert_eq!(laid(&document, &alone).expect_err("faults")[0].problem.code, "sheet-message-alone");
}
