//! XLSForm import: the two sample questionnaires whole, conditions that give
//! what `XPath` gives for every answer and every blank, and damaged files.

#[path = "xlsform/blanks.rs"]
mod blanks;
#[path = "xlsform/functions.rs"]
mod functions;

use std::fmt::Write;

use exchange::xlsform::{self, Imported, Problem, import_csv, import_workbook};
use proptest::prelude::*;
use survey_builder::questionnaire::answer::{ItemId, State};
use survey_builder::questionnaire::document::{
    Block, Document, EditCheck, Ending, Kind, Required, Role, Section, Text,
};
use survey_builder::questionnaire::finding::Severity;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::review::review;

fn sheet(form: &str, name: &str) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read(format!("{root}/../../fixtures/questionnaires/{form}/{name}.csv"))
        .expect("a sample sheet")
}

fn sample(form: &str) -> Imported {
    let (survey, choices, settings) =
        (sheet(form, "survey"), sheet(form, "choices"), sheet(form, "settings"));
    import_csv(&survey, Some(&choices), Some(&settings)).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// Imports survey rows with a few lists; header `type,name,label,…`.
fn import(header: &str, rows: &str) -> Result<Imported, Vec<Problem>> {
    let survey = format!("{header}\n{rows}");
    let choices = "list_name,name,label,state\nyn,1,Yes,a\nyn,2,No,b\nyn,8,Hmm,b\n\
        use,bus,Bus,\nuse,car,Car,\n";
    import_csv(survey.as_bytes(), Some(choices.as_bytes()), None)
}

fn told(result: Result<Imported, Vec<Problem>>) -> Vec<String> {
    let problems = result.map_or_else(|problems| problems, |imported| imported.warnings);
    problems
        .iter()
        .map(|problem| {
            let row = problem.row.map_or_else(String::new, |row| row.to_string());
            format!("{}!{row} {} {}", problem.sheet, problem.column, problem.code())
        })
        .collect()
}

fn outline(document: &Document) -> String {
    let mut text = String::new();
    for section in &document.sections {
        outline_of(section, "", &mut text);
    }
    text
}

fn outline_of(section: &Section, indent: &str, text: &mut String) {
    let relevant = section.relevant.as_deref().unwrap_or("");
    writeln!(text, "{indent}{} [{relevant}]", section.name).expect("text");
    for block in &section.blocks {
        match block {
            Block::Section(inner) => outline_of(inner, &format!("{indent}  "), text),
            Block::Page(page) => {
                let names: Vec<&str> = page.questions.iter().map(|q| q.name.as_str()).collect();
                let relevant = page.relevant.as_deref().unwrap_or("");
                writeln!(text, "{indent}  {} [{relevant}]", names.join(" + ")).expect("text");
            }
        }
    }
}

#[test]
fn the_ward_questionnaire_imports_whole() {
    let Imported { document, warnings, .. } = sample("ward-services");
    assert_eq!(warnings, []);
    assert_eq!(document.question_count(), 25);
    assert_eq!(document.default_language, "vi");
    assert_eq!(document.address_form.get("vi", ""), "Ông/Bà");
    assert_eq!(document.title.get("en", ""), "Citizen survey on ward public services");
    assert_eq!(
        outline(&document),
        "consent []
  start + end + intro + consent []
sec_a [consent = '1']
  a1_used []
  a2_why_not []
  a3_services []
  a3_other []
  a4_latest []
  a5_channel []
  a6_contacts []
  a7_wait []
  a8_ontime []
  a9_notice []
b_grid []
  b_grid []
  c_grid []
sec_d [consent = '1']
  d12_overall []
  d13_priority []
  d14_extra []
  d15_complain []
  d16_handled []
  d17_improve []
sec_e [consent = '1']
  sec_e_note + sex []
  birth_year []
  age_ask + age_group []
  district []
  education []
  work []
  adults []
  internet []
"
    );
    let question = |name: &str| {
        document.questions().find(|question| question.name == name).expect("a question")
    };
    let consent = question("consent");
    assert!(matches!(consent.kind, Kind::Consent(_)));
    assert_eq!((consent.required, &consent.roles[..]), (Required::Hard, &[Role::Consent][..]));
    assert_eq!(document.list("consent").expect("a list").options[1].ends, Some(Ending::Refused));
    let Kind::Single(latest) = &question("a4_latest").kind else { panic!("a choice") };
    assert_eq!(latest.filter.as_deref(), Some("selected(a3_services, .)"));
    let Kind::Multiple(priority) = &question("d13_priority").kind else { panic!("a choice") };
    assert!(priority.choice.shuffled && priority.at_most == Some(3));
    let options = &document.list("priority").expect("a list").options;
    assert!(options[7].anchored && options[8].exclusive);
    let Kind::Battery(battery) = &question("b_grid").kind else { panic!("a battery") };
    assert_eq!(battery.rows.len(), 5);
    assert_eq!(question("b_grid").number.as_deref(), Some("10"));
    let dont_know = &document.list("sat5").expect("a list").options[5];
    assert_eq!(dont_know.missing, Some(State::DontKnow));
    let Kind::Integer(years) = &question("birth_year").kind else { panic!("a number") };
    assert_eq!((years.minimum, years.maximum), (Some(1906.0), Some(2008.0)));
    assert_eq!(question("age_ask").relevant.as_deref(), Some("not(answered(birth_year))"));
    let Kind::Computed(group) = &question("age_group").kind else { panic!("computed") };
    assert_eq!(group.list.as_deref(), Some("age_group"));
    assert!(publish(document).is_ok());
}

#[test]
fn the_opinion_poll_imports_whole() {
    let Imported { document, warnings, .. } = sample("opinion-poll");
    assert_eq!(warnings, []);
    let errors = review(&document);
    assert!(errors.iter().all(|finding| finding.severity == Severity::Warning), "{errors:?}");
    let question = |name: &str| {
        document.questions().find(|question| question.name == name).expect("a question")
    };
    let Kind::Computed(ballot) = &question("ballot").kind else { panic!("computed") };
    assert_eq!(ballot.expression, "if(random() < 0.5, 'A', 'B')");
    assert_eq!(question("env_a").relevant.as_deref(), Some("ballot = 'A'"));
    assert_eq!(question("online_use").relevant.as_deref(), Some("coalesce(internet != '4', true)"));
    let trust = document.list("trust4").expect("a list");
    assert!(trust.options.iter().any(|option| option.missing == Some(State::NotApplicable)));
    assert!(publish(document).is_ok());
}

#[test]
fn a_workbook_gives_the_same_document() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for name in ["survey", "choices", "settings"] {
        let worksheet = workbook.add_worksheet().set_name(name).expect("a sheet");
        let bytes = sheet("ward-services", name);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
        for (row, record) in (0_u32..).zip(reader.records()) {
            for (column, cell) in (0_u16..).zip(record.expect("a row").iter()) {
                match cell.parse::<f64>() {
                    Ok(number) => worksheet.write(row, column, number).expect("a cell"),
                    Err(_) => worksheet.write(row, column, cell).expect("a cell"),
                };
            }
        }
    }
    let bytes = workbook.save_to_buffer().expect("a workbook");
    let imported = import_workbook(&bytes).expect("an import");
    assert_eq!(imported.document, sample("ward-services").document);
}

#[test]
fn every_problem_is_told_with_its_row_and_column() {
    let rows = "text,,No name\nfoo,a,Unknown\nselect_one nowhere,b,List\ntext,c,One\n\
        text,c,Two\ntext,1x,Bad\n,d,No type\nbegin_group,g,Group\nselect_one,e,No list\n\
        geopoint,f,Place\ncalculate,h,\nbegin_repeat,r,Repeat\nend_repeat,,\nend_group,,\n\
        end_group,,\nbegin_group,o,Open\n";
    assert_eq!(
        told(import("type,name,label", rows)),
        [
            "survey!2 name xlsform_name_missing",
            "survey!3 type xlsform_type_unknown",
            "survey!4 type xlsform_list_unknown",
            "survey!6 name xlsform_name_twice",
            "survey!7 name xlsform_name_bad",
            "survey!8 type xlsform_type_missing",
            "survey!10 type xlsform_list_missing",
            "survey!12 calculation xlsform_calculation_missing",
            "survey!16 type xlsform_group_not_open",
            "survey!17 type xlsform_group_open",
        ]
    );
    let problems = import("type,name,label", rows).expect_err("problems");
    assert!(problems[3].to_string().starts_with("survey!6 name: xlsform_name_twice ("));
    assert_eq!(problems[3].as_problem().argument("first"), Some(&5_u32.into()));
}

#[test]
fn bad_formulas_are_told_where_they_stand() {
    let rows = "select_one yn,a,A,,\ninteger,b,B,${a} = '3',\ninteger,c,C,${nobody} = 1,\n\
        integer,d,D,(${a} = '1',\ninteger,e,E,${a} = '1' and,\ninteger,f,F,../x = 1,\n\
        integer,g,G,pulldata('x') = 1,\ninteger,h,H,,. > 'x' or ${a}\n\
        integer,i,I,,selected(${b}\ntext,j,J,\"regex(., '(a')\",\n\
        text,k,K,,\"regex(., '(a')\"\n";
    assert_eq!(
        told(import("type,name,label,relevant,constraint", rows)),
        [
            "survey!3 relevant xlsform_expression",
            "survey!4 relevant xlsform_xpath_unknown_name",
            "survey!5 relevant xlsform_xpath",
            "survey!6 relevant xlsform_xpath",
            "survey!7 relevant xlsform_xpath_not_carried",
            "survey!8 relevant xlsform_xpath_not_carried",
            "survey!10 constraint xlsform_xpath",
            "survey!11 relevant xlsform_xpath_not_carried",
            "survey!12 constraint xlsform_expression",
        ]
    );
}

#[test]
fn doubts_are_warnings() {
    let header = "type,name,label,appearance,required,x_role,parameters,default,extra";
    let rows = "begin_group,g,Grid,table-list,,,,,\nselect_one yn,a,A,,,,,,\n\
        text,b,B,,,,,,\nend_group,,,,,,,,\ntext,c,C,,${a} = '1',boss,rows=4,x,y\n\
        select_one yn,d,,,,,randomize=true seed=3,,\n";
    assert_eq!(
        told(import(header, rows)),
        [
            "survey!1 extra xlsform_column_unknown",
            "survey!2 appearance xlsform_not_a_battery",
            "survey!6 parameters xlsform_cells_not_carried",
            "survey!6 x_role xlsform_value_unknown",
            "survey!7 label xlsform_label_missing",
            "survey!7 parameters xlsform_parameter_not_carried",
        ]
    );
}

#[test]
fn a_sheet_of_data_does_not_fill_the_document() {
    let mut lines = "survey,,,\n,type,name,label\n,text,a,A\ndata,,,\n".to_owned();
    for row in 0..20_000 {
        writeln!(lines, ",{row},Nguyễn Văn A,Hà Nội").expect("a string");
    }
    let imported = xlsform::import_single_csv(lines.as_bytes()).expect("it is read");
    let kept: usize = imported.document.remarks.iter().map(|one| one.original.len()).sum();
    assert!((90_000..110_000).contains(&kept), "{kept}");
    let rows: usize =
        imported.document.remarks.iter().map(|one| one.original.lines().count()).sum();
    let cut = imported.warnings.iter().find_map(|problem| match problem.detail {
        xlsform::Detail::XlsformSheetCut { count } => Some(count),
        _ => None,
    });
    assert_eq!(cut, Some(20_000 - rows));
}

#[test]
fn what_odks_programs_refuse_is_refused() {
    let header = "type,name,label,parameters,trigger,appearance";
    let rows = "select_one yn,a,A,odd=1,,\nselect_one yn,b,B,seed=3,,\n\
        range,c,C,start=1 end=5 step=9,,\nrange,d,D,start==1,,\nimage,e,E,max-pixels=big,,\n\
        text,f,F ${nobody},,,\ninteger,g,G,,${a}${b},\ntext,meta,H,,,\n\
        geopoint,i,I,capture-accuracy=10,,\nimage,j,J,app=plain,,signature\n";
    assert_eq!(
        told(import(header, rows)),
        [
            "survey!2 parameters xlsform_parameter",
            "survey!2 parameters xlsform_parameter_not_carried",
            "survey!3 parameters xlsform_parameter",
            "survey!3 parameters xlsform_parameter_not_carried",
            "survey!4 parameters xlsform_parameter",
            "survey!5 parameters xlsform_parameter",
            "survey!6 parameters xlsform_parameter",
            "survey!7 label xlsform_xpath_unknown_name",
            "survey!8 trigger xlsform_trigger",
            "survey!9 name xlsform_name_reserved",
        ]
    );
}

#[test]
fn other_spellings_are_understood() {
    let survey = "Type,Name,label:English,Relevance\nBegin Group,g,Group,\n\
        select one from yn,a,A,\nselect all that apply use,b,B,\nint,c,C,${a}='1'\n\
        end group,,,\n";
    let choices = "list name,value,label:English\nyn,1,Yes\nyn,2,No\nuse,bus,Bus\n";
    let imported = import_csv(survey.as_bytes(), Some(choices.as_bytes()), None).expect("a form");
    assert_eq!(imported.document.languages[0].code, "en");
    assert_eq!(outline(&imported.document), "g []\n  a []\n  b []\n  c []\n");
}

#[test]
fn groups_become_sections_pages_and_conditions() {
    let rows = "note,n1,Hello,,\nnote,n2,World,,\nselect_one yn,a,A,,\n\
        begin_group,g,G,${a} = '1' or ${a} = '2',\ntext,b,B,,\nbegin_group,inner,In,${a} = '1',\n\
        text,c,C,,\nbegin_group,screen,,,field-list\ntext,d,D,,\ntext,e,E,,\nend_group,,,,\n\
        end_group,,,,\nnote,n3,Bye,,\nend_group,,,,\nnote,n4,End,,\n";
    let imported = import("type,name,label,relevant,appearance", rows).expect("a form");
    assert_eq!(
        outline(&imported.document),
        "a []\n  n1 + n2 + a []\ng [a = '1' or a = '2']\n  b []\n  inner [a = '1']\n    c []\n    \
         screen []\n      d + e []\n  n3 []\nn4 []\n  n4 []\n"
    );
}

#[test]
fn choice_filters_read_the_columns_of_the_choices() {
    let rows = "text,s,State,\nselect_one yn,a,A,state = ${s}\n";
    let imported = import("type,name,label,choice_filter", rows).expect("a form");
    let filters: Vec<_> = imported
        .document
        .questions()
        .filter_map(|question| match &question.kind {
            Kind::Single(choice) => choice.filter.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(filters, ["attribute(., 'state') = s"]);
}

/// `LibreOffice` once wrote how many rows a sheet has and not how many columns.
#[test]
fn what_a_sheet_says_of_its_size_does_not_matter() {
    use std::io::{Read as _, Write as _};
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").expect("a sheet");
    for (row, cells) in (0..).zip([["type", "name", "label"], ["text", "who", "Who?"]]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    let bytes = book.save_to_buffer().expect("a workbook");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut made = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut text = Vec::new();
        part.read_to_end(&mut text).expect("read");
        if name.ends_with("sheet1.xml") {
            let said = String::from_utf8(text).expect("UTF-8");
            assert!(said.contains("<dimension ref=\"A1:C2\"/>"), "{said}");
            text = said.replace("ref=\"A1:C2\"/>", "ref=\"1:2\"/>").into_bytes();
        }
        made.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        made.write_all(&text).expect("written");
    }
    let bytes = made.finish().expect("an archive").into_inner();
    let imported = import_workbook(&bytes).expect("read");
    let names: Vec<&str> = imported.document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["who"]);
}

#[test]
fn damaged_files_are_refused_with_a_reason() {
    assert_eq!(told(import_workbook(b"")), ["!  xlsform_unreadable"]);
    assert_eq!(told(import_workbook(b"not a zip")), ["!  xlsform_unreadable"]);
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().set_name("other").expect("a sheet");
    let mut bytes = workbook.save_to_buffer().expect("a workbook");
    assert_eq!(told(import_workbook(&bytes)), ["!  xlsform_sheet_missing"]);
    bytes.truncate(bytes.len() / 2);
    assert_eq!(told(import_workbook(&bytes)), ["!  xlsform_unreadable"]);
    assert_eq!(told(import_csv(b"", None, None)), ["survey!  xlsform_sheet_empty"]);
    assert_eq!(
        told(import_csv(b"a,b\n1,2\n", None, None)),
        [
            "survey!1  xlsform_column_missing",
            "survey!1 a xlsform_column_unknown",
            "survey!1 b xlsform_column_unknown",
        ]
    );
    assert_eq!(
        told(import_csv(b"type,name,label\ntext,a,\xff\xfe\n", None, None)),
        ["survey!2 label xlsform_encoding"]
    );
    assert_eq!(told(import_csv(b"type,name\n", None, None)), ["survey!  xlsform_no_questions"]);
    let open = "begin_group,g,G\n".repeat(10_000);
    assert!(import("type,name,label", &open).is_err());
    let deep = format!("text,a,A,{}1\n", "(".repeat(20_000));
    assert_eq!(
        told(import("type,name,label,relevant", &deep)),
        ["survey!2 relevant xlsform_xpath"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = import_workbook(&bytes);
        let mut survey = b"type,name,label,relevant\n".to_vec();
        survey.extend(&bytes);
        let _ = import_csv(&survey, Some(&bytes), Some(&bytes));
    }

    #[test]
    fn no_change_of_a_sample_makes_it_panic(
        place in 0_usize..9_000,
        byte in any::<u8>(),
        cut in 0_usize..9_000,
    ) {
        let mut survey = sheet("ward-services", "survey");
        let last = survey.len() - 1;
        survey[place.min(last)] = byte;
        survey.truncate(cut.max(place));
        let choices = sheet("ward-services", "choices");
        let _ = import_csv(&survey, Some(&choices), None);
    }

    #[test]
    fn no_formula_makes_it_panic(formula in "[${}a-c()'=<>!,. 0-9+*-]{0,40}( and| or| div|not\\()?") {
        let quoted = formula.replace('"', "\"\"");
        let rows = format!("select_one yn,a,A,\ninteger,b,B,\"{quoted}\"\n");
        let _ = import("type,name,label,relevant", &rows);
    }
}

#[test]
fn edit_checks_come_back_from_a_form() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires");
    for name in ["household.json", "more-kinds.json", "all-kinds.json"] {
        let bytes = std::fs::read(format!("{fixtures}/{name}")).expect("a fixture");
        let mut document: Document = serde_json::from_slice(&bytes).expect("a document");
        if name == "all-kinds.json" {
            let message = Text::new("vi", "Tuổi và năm sinh không khớp");
            let (id, name) = (ItemId::default(), "old_enough".to_owned());
            let expression = "age >= 16 or age < 10".to_owned();
            document.checks.push(EditCheck { id, name, expression, message });
            let (id, name) = (ItemId::default(), "wordless".to_owned());
            let (expression, message) = ("age != 99".to_owned(), Text::default());
            document.checks.push(EditCheck { id, name, expression, message });
        }
        let (form, lost) = xlsform::export_workbook(&document).expect("a workbook");
        assert!(
            !lost.iter().any(|one| one.to_string().contains("what=phrase-role-checks")),
            "{lost:?}"
        );
        let again = import_workbook(&form).expect("a form").document;
        let said = |document: &Document| -> Vec<(String, String, Text)> {
            let checks = document.checks.iter();
            checks
                .map(|one| (one.name.clone(), one.expression.clone(), one.message.clone()))
                .collect()
        };
        assert_eq!(said(&document), said(&again), "{name}");
        let names = |document: &Document| -> Vec<String> {
            document.pages().map(|(_, page)| page.name.clone()).collect()
        };
        assert_eq!(names(&document).len(), names(&again).len(), "{name}");
    }
}

#[test]
fn members_are_read_where_they_are_asked() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires");
    let bytes = std::fs::read(format!("{fixtures}/household.json")).expect("a fixture");
    let document: Document = serde_json::from_slice(&bytes).expect("a document");
    let (form, _) = exchange::xform::export(&document);
    for said in [
        // Of the same member, in the same repeat and in another.
        "calculate=\"if( ../../who_page/age  &gt;= 18, 1,",
        "relevant=\"indexed-repeat( /data/person/job_page/works ,  /data/person , position(..)) = 'yes'\"",
        // The member's number, with a page between.
        "calculate=\"position(../..)\"",
        // As many as this member says.
        "<repeat nodeset=\"/data/person/trip\" jr:count=\"../trip_count\"",
        // A sum of those that are there.
        "calculate=\"sum( ../../trip/trip_page/km [. != ''])\"",
        "calculate=\"sum( /data/person/trip/trip_page/km [. != ''])\"",
    ] {
        assert!(form.contains(said), "{said} is not in {form}");
    }
    // Of whom a section asks comes back, with what the formulas became there.
    let (workbook, _) = xlsform::export_workbook(&document).expect("a workbook");
    let again = import_workbook(&workbook).expect("a form").document;
    let filters: Vec<&str> = again
        .all_sections()
        .into_iter()
        .filter_map(|section| section.each.as_ref()?.filter.as_deref())
        .collect();
    assert_eq!(filters, ["item_at(person.works, position()) = 'yes'"]);
}

#[test]
fn titles_have_translations() {
    let form = "| survey | | | | |\n\
         | | type | name | label::English (en) | label::French (fr) |\n\
         | | text | q | A | B |\n\
         | settings | | | |\n\
         | | form_id | form_title::English (en) | form_title::French (fr) |\n\
         | | f | Hello | Bonjour |\n";
    let read = exchange::questionnaire::import(&[("form.md", form.as_bytes())]);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let title = read.document.expect("a form").title;
    assert_eq!((title.get("en", ""), title.get("fr", "")), ("Hello", "Bonjour"));
}
