//! `XForms` come back: those that pyxform makes of our forms, and those that we
//! write.

mod importing;

use std::collections::BTreeMap;

use exchange::questionnaire::{Format, import};
use exchange::{xform, xlsform};
use survey_builder::questionnaire::document::{Document, Kind, Question};

/// What is compared of a question: its kind, its texts in each language, when it
/// is asked and what it must satisfy.
fn said(question: &Question) -> String {
    let kind = match &question.kind {
        Kind::Single(choice) => format!("single {:?}", choice.filter),
        Kind::Multiple(multiple) => format!("multiple {:?}", multiple.choice.filter),
        Kind::Computed(computed) => format!("computed {}", computed.expression),
        kind => kind.name().to_owned(),
    };
    // An XForm has no texts for what nobody sees.
    let seen = !question.kind.is_silent();
    let texts = seen.then_some((&question.wording, &question.hint));
    let constraints: Vec<_> =
        question.constraints.iter().map(|one| (&one.expression, &one.message)).collect();
    let conditions = (&question.relevant, &question.required, &question.default);
    typed(&format!("{kind} {texts:?} {conditions:?} {constraints:?}"))
}

/// A text as it is typed: pyxform straightens quotes and joins spaces.
fn typed(text: &str) -> String {
    let straight = text
        .replace(['‘', '’'], "'")
        .replace(['“', '”'], "\\\"")
        .replace("\\u{a0}", " ")
        .replace("\\n", " ");
    straight.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What of a document became another: the names of questions and lists.
fn differences(before: &Document, after: &Document) -> Vec<String> {
    let questions = |document: &Document| -> BTreeMap<String, String> {
        document.questions().map(|one| (one.name.clone(), said(one))).collect()
    };
    let lists = |document: &Document| -> BTreeMap<String, String> {
        let each = document.lists.iter().map(|list| {
            let options: Vec<_> = list.options.iter().map(|one| (&one.code, &one.label)).collect();
            (format!("list {}", list.name), typed(&format!("{options:?}")))
        });
        each.collect()
    };
    let mut found = Vec::new();
    for (before, after) in [(questions(before), questions(after)), (lists(before), lists(after))] {
        for (name, one) in &before {
            match after.get(name) {
                Some(other) if other == one => {}
                Some(other) => {
                    println!("{name}:\n    {one}\n    {other}");
                    found.push(name.clone());
                }
                None => found.push(format!("{name} only before")),
            }
        }
        let new = after.keys().filter(|name| !before.contains_key(*name));
        found.extend(new.map(|name| format!("{name} only after")));
    }
    found
}

/// A line of the document that names what differs, cut where it is long.
fn line(name: &str, found: &[String]) -> String {
    const MOST: usize = 6;
    let more = if found.len() > MOST {
        format!(", and {} more", found.len() - MOST)
    } else {
        String::new()
    };
    let first: Vec<&str> = found.iter().take(MOST).map(String::as_str).collect();
    format!("- {name}: {}{more}.\n", first.join(", "))
}

fn read(form: &str) -> Document {
    let reading = import(&[("form.xml", form.as_bytes())]);
    assert_eq!(reading.format, Some(Format::Xform));
    let problems: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
    reading.document.unwrap_or_else(|| panic!("refused: {problems:?}"))
}

/// The sheets of a fixture as Markdown tables, which pyxform reads as well.
fn tables(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for sheet in ["survey", "choices", "settings"] {
        let path = folder.join(format!("{sheet}.csv"));
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_path(path).expect("a sheet");
        text.push_str(&format!("| {sheet} |\n"));
        for record in reader.records() {
            let record = record.expect("a record");
            let cells: Vec<String> = record.iter().map(|cell| cell.replace('|', "\\|")).collect();
            text.push_str(&format!("| | {} |\n", cells.join(" | ")));
        }
    }
    text
}

#[test]
fn our_own_forms_come_back_through_pyxform() {
    if std::env::var_os("SONDAGE_PYXFORM").is_none() {
        println!("skipped: SONDAGE_PYXFORM is not set");
        return;
    }
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires");
    let folder = tempfile::tempdir().expect("a folder");
    // Numbers before headings and what answers are used for stand in columns of
    // ours; the hint of a group is in no XForm.
    for (name, known) in [
        ("opinion-poll", &["trust"][..]),
        ("ward-services", &["b_grid", "c_grid", "consent", "sec_e_note only before"]),
    ] {
        let text = tables(&std::path::Path::new(fixtures).join(name));
        let path = folder.path().join(format!("{name}.md"));
        std::fs::write(&path, &text).expect("written");
        let before = import(&[("form.md", text.as_bytes())]).document.expect("read");
        let made = importing::pyxform(&[path]);
        let form = made[0]["form"].as_str().unwrap_or_else(|| panic!("{}", made[0]["error"]));
        assert_eq!(differences(&before, &read(form)), known, "{name}");
    }
}

#[test]
fn forms_that_pyxform_made_are_read_as_they_were_written() {
    let Some(files) = importing::pyxform_forms() else { return };
    let paths: Vec<_> = files.iter().map(|(_, path, _)| path.clone()).collect();
    let made = importing::pyxform(&paths);
    let (mut same, mut all, mut told) = (0, 0, String::new());
    for ((name, _, reading), theirs) in files.iter().zip(&made) {
        let (Some(document), Some(form)) = (&reading.document, theirs["form"].as_str()) else {
            continue;
        };
        let found = differences(document, &read(form));
        all += 1;
        same += usize::from(found.is_empty());
        if !found.is_empty() {
            told.push_str(&line(name, &found));
        }
    }
    let counts = format!("{all} forms: {same} read from their XForm as from their workbook.");
    println!("{counts}");
    importing::documented("XForms of pyxform", &format!("{counts}\n\n{told}"));
}

#[test]
fn what_is_written_as_an_xform_comes_back() {
    let (mut same, mut all, mut told) = (0, 0, String::new());
    let reference = std::env::var_os("SONDAGE_REFERENCE").is_some();
    for (name, document) in importing::documents() {
        let (form, _) = xform::export(&document);
        // What a workbook of it says, an XForm of it says as well.
        let (workbook, _) = xlsform::export_workbook(&document).expect("a workbook");
        let Some(by_rows) = import(&[("form.xlsx", &workbook)]).document else { continue };
        let found = differences(&by_rows, &read(&form));
        all += 1;
        same += usize::from(found.is_empty());
        if !found.is_empty() {
            told.push_str(&line(&name, &found));
        }
    }
    let counts = format!("{all} documents: {same} read from their XForm as from their workbook.");
    println!("{counts}");
    if reference {
        importing::documented("XForms of ours", &format!("{counts}\n\n{told}"));
    }
}

#[test]
fn forms_nested_without_end_are_refused() {
    let depth = 20_000;
    let (open, close) = ("<group>".repeat(depth), "</group>".repeat(depth));
    let form = format!(
        "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\">\
         <h:head><model><instance><data id=\"d\"><q/></data></instance></model></h:head>\
         <h:body>{open}{close}</h:body></h:html>"
    );
    let reading = import(&[("form.xml", form.as_bytes())]);
    assert_eq!(reading.format, Some(Format::Xform));
    assert!(reading.document.is_none());
}

#[test]
fn what_is_no_questionnaire_in_xml_is_named() {
    for (file, what) in [
        (
            "<?xml version=\"1.0\"?><ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\"/>",
            "phrase-a-redcap-project",
        ),
        ("<codeBook xmlns=\"ddi:codebook:2_5\"/>", "phrase-a-ddi-codebook"),
    ] {
        let reading = import(&[("file.xml", file.as_bytes())]);
        let told: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|one| one.contains(what)), "{told:?}");
    }
}

/// A form whose first group is asked where a value within it says so, with a value that
/// is worked out from what is asked in the next, and a group that is called as the form's
/// own metadata.
const LATER: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Later</h:title><model><instance><data id="later">
<inputs><source>user</source><meta><place>home</place></meta><visitor/><total/></inputs>
<goods><price/><count/></goods><after/>
</data></instance>
<bind nodeset="/data/inputs" relevant="./source = 'user'"/>
<bind nodeset="/data/inputs/visitor" type="string" relevant=" /data/inputs/meta/place = 'home'"/>
<bind nodeset="/data/inputs/total" type="string" calculate=" /data/goods/price * /data/goods/count "/>
<bind nodeset="/data/goods/price" type="int"/><bind nodeset="/data/goods/count" type="int"/>
<bind nodeset="/data/after" type="string" relevant=" /data/inputs/total &gt; 10"/>
</model></h:head>
<h:body><group ref="/data/inputs"><input ref="/data/inputs/visitor"><label>Who?</label></input></group>
<group ref="/data/goods"><input ref="/data/goods/price"><label>Price</label></input>
<input ref="/data/goods/count"><label>How many?</label></input></group>
<input ref="/data/after"><label>And then?</label></input></h:body></h:html>"#;

#[test]
fn values_nobody_is_asked_stand_where_they_are_known() {
    let reading = import(&[("later.xml", LATER.as_bytes())]);
    let document = reading.document.clone().expect("read");
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    let names: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    let place = |name: &str| names.iter().position(|own| *own == name).expect("there");
    // Before the group that reads it, behind what it reads, before what reads it.
    assert!(place("source") < place("visitor"), "{names:?}");
    assert!(place("count") < place("total") && place("total") < place("after"), "{names:?}");
    assert_eq!(place("place").cmp(&place("visitor")), std::cmp::Ordering::Less, "{names:?}");
    // It is worked out where its group was asked.
    let total = document.questions().find(|one| one.name == "total").expect("there");
    assert_eq!(total.relevant.as_deref(), Some("source = 'user'"));
    let told = reading.problems.iter().find(|one| one.problem.code == "import_values_moved");
    assert_eq!(told.expect("told").problem.place.to_string(), "source, total");
}

#[test]
fn what_is_read_in_between_is_not_moved() {
    let between = LATER.replace(
        "<bind nodeset=\"/data/goods/price\" type=\"int\"/>",
        "<bind nodeset=\"/data/goods/price\" type=\"int\" relevant=\" /data/inputs/total  = 1\"/>",
    );
    assert_ne!(between, LATER);
    let reading = import(&[("later.xml", between.as_bytes())]);
    let codes: Vec<String> = reading.obstacles().into_iter().map(|one| one.problem.code).collect();
    assert!(codes.contains(&"forward-reference".to_owned()), "{codes:?}");
}
