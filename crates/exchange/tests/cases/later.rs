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

/// Groups that each ask what another decides about, in any order, come behind it all at
/// once; what they hold goes with them.
#[test]
fn hundreds_of_groups_each_follow_the_one_that_decides_about_it() {
    const MANY: usize = 400;
    let group = |place: usize| {
        let reads = if place == 0 { String::new() } else { format!("${{a{}}} > 1", place - 1) };
        format!(
            "begin_group,g{place},G{place},{reads},\ninteger,a{place},A{place}?,,\n\
             calculate,c{place},,,${{a{place}}} + 1\nend_group,,,,\n"
        )
    };
    let backwards: String = (0..MANY).rev().map(group).collect();
    // Every group stands somewhere: the step has no factor in common with their number.
    let mixed: String = (0..MANY).map(|place| group(place * 243 % MANY)).collect();
    for rows in [&backwards, &mixed] {
        let (reading, names) = read(rows);
        assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles().first());
        let asked: Vec<&String> = names.iter().filter(|name| name.starts_with('a')).collect();
        assert!(asked.iter().enumerate().all(|(place, name)| **name == format!("a{place}")));
        assert_eq!(names.len(), 2 * MANY);
        assert!(told(&reading).contains(&"import_questions_moved"));
    }
    let (reading, _) = read(&format!("begin_group,around,Around,,\n{mixed}end_group,,,,\n"));
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles().first());
}

/// What only waits for a circle is asked behind it all the same, and the rest is sorted.
#[test]
fn a_circle_keeps_nobody_else_in_a_wrong_place() {
    let (_, names) = read(
        "text,w,W?,${b} = 'x',\ntext,d,D?,${e} = 'y',\ntext,a,A?,${b} = 'x',\n\
         text,b,B?,${a} = 'y',\ntext,e,E?,,\n",
    );
    let place = |name: &str| names.iter().position(|one| one == name);
    assert!(place("w") > place("b"), "{names:?}");
    assert!(place("d") > place("e"), "{names:?}");
}

/// A group waits for a value that is itself worked out from a later answer.
#[test]
fn a_group_waits_for_a_value_that_cannot_be_known_before() {
    let rows = "begin_group,g,G,${c} > 1,\ntext,why,Why?,,\nend_group,,,,\n\
        begin_group,h,H,,\ntext,name,Who?,,\nend_group,,,,\n\
        calculate,c,,,${age} + 1\ninteger,age,Age?,,\n";
    let (reading, names) = read(rows);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles().first());
    assert_eq!(names, ["name", "age", "c", "why"]);
}

/// A form whose rows say defaults and constraints, too.
fn read_wide(rows: &str) -> Reading {
    let sheet = format!("type,name,label,relevant,calculation,default,constraint\n{rows}");
    import(&[("survey.csv", sheet.as_bytes())])
}

#[test]
fn a_default_has_what_is_known_before_and_nothing_else() {
    let rows = "text,who,Who?,,,${name},\ntext,age,Age?,,,${months},\n\
        calculate,name,,,'An',,\ninteger,born,Born?,,,,\n\
        calculate,months,,,\"concat(${born}, '')\",,\n";
    let reading = read_wide(rows);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    assert!(told(&reading).contains(&"import_default_too_early"), "{:?}", told(&reading));
    let document = reading.document.expect("read");
    let names: Vec<&str> = document.questions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["name", "who", "age", "born", "months"]);
    let default = |name: &str| {
        let question = document.questions().find(|one| one.name == name);
        question.and_then(|one| one.default.clone())
    };
    assert_eq!(default("who").as_deref(), Some("name"));
    assert_eq!(default("age"), None);
    assert!(document.remarks.iter().any(|one| one.role == "default" && one.original == "months"));
    publish(document).expect("published");
}

#[test]
fn a_constraint_that_names_a_later_total_is_looked_at_there() {
    let rows = "integer,boys,Boys?,,,,. <= ${total}\ninteger,girls,Girls?,,,,. < 50\n\
        calculate,total,,,${boys} + ${girls} - 3,,\n\
        integer,all,All?,,,,\n";
    let reading = read_wide(rows);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    assert!(told(&reading).contains(&"import_constraints_moved"), "{:?}", told(&reading));
    let document = reading.document.expect("read");
    let said = |name: &str| -> Vec<String> {
        let question = document.questions().find(|one| one.name == name).expect("there");
        question.constraints.iter().map(|one| one.expression.clone()).collect()
    };
    assert!(said("boys").is_empty());
    assert_eq!(
        said("girls").last().map(String::as_str),
        Some("coalesce(boys <= (boys + . - 3), false)")
    );
    let version = publish(document).expect("published");
    let refused = |girls: &str| crate::walk(&version, &[("boys", &["9"]), ("girls", &[girls])]).1;
    assert_eq!(refused("3"), Vec::<String>::new());
    assert_eq!(refused("2").len(), 1);
}

#[test]
fn a_constraint_about_later_members_is_looked_at_in_the_end() {
    let rows = "integer,people,People?,,,,. >= ${grown}\n\
        begin_repeat,person,Person,,,,\ninteger,age,Age?,,,,\n\
        calculate,is_grown,,,\"if(${age} > 17, 1, 0)\",,\nend_repeat,,,,,,\n\
        calculate,grown,,,sum(${is_grown}),,\n";
    let reading = read_wide(rows);
    assert!(reading.obstacles().is_empty(), "{:?}", reading.obstacles());
    let document = reading.document.expect("read");
    assert_eq!(document.checks.len(), 1);
    assert_eq!(document.checks[0].expression, "coalesce(people >= grown, false)");
    publish(document).expect("published");
}
