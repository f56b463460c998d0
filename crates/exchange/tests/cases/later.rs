//! Questions and values that read what is asked later: other programs look at all
//! conditions again whenever an answer changes, so each is asked here behind what decides
//! about it.

use exchange::questionnaire::{Reading, import};
use survey_builder::questionnaire::document::Kind;
use survey_builder::questionnaire::publish::publish;

use crate::{asked, told};

/// A form of one sheet, and its questions in their order.
fn read(rows: &str) -> (Reading, Vec<String>) {
    let sheet = format!("type,name,label,relevant,calculation\n{rows}");
    let reading = import(&[("survey.csv", sheet.as_bytes())]);
    let document = reading.document.as_ref().expect("read");
    let names = document.questions().map(|one| one.name.clone()).collect();
    (reading, names)
}

#[test]
fn a_question_is_asked_behind_the_answer_that_decides_about_it() {
    let (reading, names) =
        read("text,why,Why?,${age} > 60,\ntext,name,Who?,,\ninteger,age,Age?,,\n");
    assert_eq!(names, ["name", "age", "why"]);
    assert_eq!(told(&reading), ["import_questions_moved", "import_language"]);
    let version = publish(reading.document.expect("read")).expect("published");
    let kept = version.document.remarks.iter().find(|one| one.role == "order");
    assert_eq!(kept.expect("kept").original, "why");
    assert!(asked(&version, &[("age", &["70"])]).contains(&"why".to_owned()));
    assert!(!asked(&version, &[("age", &["30"])]).contains(&"why".to_owned()));
}

#[test]
fn questions_of_one_page_change_places_on_it() {
    let sheet = "type,name,label,relevant,appearance\nbegin_group,born,Born,,field-list\n\
        integer,years,Years,${how} = 'years',\ntext,how,How?,,\nend_group,,,,\n";
    let reading = import(&[("survey.csv", sheet.as_bytes())]);
    let document = reading.document.expect("read");
    let pages: Vec<Vec<&str>> = document
        .all_sections()
        .iter()
        .flat_map(|section| section.own_pages())
        .map(|page| page.questions.iter().map(|one| one.name.as_str()).collect())
        .collect();
    assert_eq!(pages, [["how", "years"]]);
    publish(document).expect("published");
}

#[test]
fn a_section_waits_for_its_answer_with_the_conditions_around_it() {
    let rows = "begin_group,all,All,${agreed} = 1,\nbegin_group,older,Older,${age} > 60,\n\
        text,why,Why?,,\nend_group,,,,\ntext,name,Who?,,\nend_group,,,,\n\
        integer,age,Age?,,\ninteger,agreed,Agreed?,,\n";
    let (reading, names) = read(rows);
    assert_eq!(names, ["age", "agreed", "why", "name"]);
    let version = publish(reading.document.expect("read")).expect("published");
    let asked =
        |age: &str, agreed: &str| asked(&version, &[("age", &[age]), ("agreed", &[agreed])]);
    assert!(asked("70", "1").contains(&"why".to_owned()));
    assert!(!asked("70", "0").contains(&"why".to_owned()));
    assert!(!asked("30", "1").contains(&"why".to_owned()));
}

#[test]
fn values_stand_before_what_reads_them_with_all_that_they_need() {
    let rows = "calculate,who,,,\"concat(${word}, '!')\"\nnote,hello,Hello ${who},,\n\
        text,name,Who?,,\ncalculate,word,,,${first}\ncalculate,first,,,'woman'\n";
    let (reading, names) = read(rows);
    assert_eq!(names, ["first", "word", "who", "hello", "name"]);
    publish(reading.document.expect("read")).expect("published");
}

#[test]
fn what_stands_in_quotes_is_no_name() {
    let (reading, names) =
        read("text,kind,Kind?,,\ntext,more,More?,${kind} = 'age',\ntext,age,Age?,,\n");
    assert_eq!(names, ["kind", "more", "age"]);
    assert_eq!(told(&reading), ["import_language"]);
}

#[test]
fn what_reads_each_other_is_left_to_its_author() {
    let (reading, names) = read("text,a,A?,${b} = 'x',\ntext,b,B?,${a} = 'y',\n");
    assert_eq!(names, ["a", "b"]);
    assert!(publish(reading.document.expect("read")).is_err());
}

/// A path leads to one question also where others are called the same.
#[test]
fn a_path_leads_to_its_own_question() {
    let rows = "begin_group,visitor,Visitor,,\ntext,name,Who came?,,\nend_group,,,,\n\
        begin_group,host,Host,,\ntext,name,Who was at home?,,\n\
        calculate,guest,,,../../visitor/name\ncalculate,own,,,../name\nend_group,,,,\n";
    let (reading, names) = read(rows);
    assert_eq!(names, ["name", "name_2", "guest", "own"]);
    let document = reading.document.expect("read");
    let worked_out = |name: &str| {
        let question = document.questions().find(|one| one.name == name).expect("there");
        match &question.kind {
            Kind::Computed(computed) => computed.expression.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([worked_out("guest"), worked_out("own")], ["name", "name_2"]);
}

/// As many as a large form has: all find their place, in the order that they had.
#[test]
fn hundreds_of_values_above_their_questions_all_find_their_place() {
    const MANY: usize = 300;
    let values = |reads: &dyn Fn(usize) -> String| {
        (0..MANY).fold(String::new(), |all, place| {
            all + &format!("calculate,c{place},,,{} + 1\n", reads(place))
        })
    };
    let asked = (0..MANY)
        .fold(String::new(), |all, place| all + &format!("integer,q{place},How many {place}?,,\n"));
    let own = values(&|place| format!("${{q{place}}}"));
    let chained = values(&|place| match place + 1 {
        MANY => "${q0}".to_owned(),
        next => format!("${{c{next}}}"),
    });
    let followed = values(&|place| match place {
        0 => "${q0}".to_owned(),
        _ => format!("${{c{}}}", place - 1),
    });
    for values in [own, chained, followed] {
        let (reading, names) = read(&(values + &asked));
        assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles().first());
        let asked: Vec<&String> = names.iter().filter(|name| name.starts_with('q')).collect();
        assert!(asked.iter().enumerate().all(|(place, name)| **name == format!("q{place}")));
        assert_eq!(names.len(), 2 * MANY);
    }
}

#[test]
fn hundreds_of_questions_wait_for_one_answer_in_their_order() {
    let waiting = (0..300).fold(String::new(), |all, place| {
        all + &format!("text,q{place},Why {place}?,${{age}} > 60,\n")
    });
    let (reading, names) = read(&(waiting + "integer,age,Age?,,\n"));
    let expected: Vec<String> = std::iter::once("age".to_owned())
        .chain((0..300).map(|place| format!("q{place}")))
        .collect();
    assert_eq!(names, expected);
    assert!(told(&reading).contains(&"import_questions_moved"));
    publish(reading.document.expect("read")).expect("published");
}
