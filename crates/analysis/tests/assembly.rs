//! Responses become columns with the right states; from there to a raked table and a report.

use std::collections::BTreeMap;

use analysis::dataset::{Column, assemble};
use analysis::dataset::{DesignColumns, Level, Response, State, Values, Variable, VariableKind};
use analysis::disclosure::suppression::SuppressionRule;
use analysis::estimate::shares::ShareOf;
use analysis::report::SampleType;
use analysis::tabulate::TableOptions;
use analysis::tabulate::spec::TableRequest;
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    Dataset, DegreesOfFreedomRule, IntervalMethod, SinglePsu, StudyFacts, TableSpec, report,
    tabulate,
};
use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::document::{
    Block, Choice, Document, Kind, Language, ListOption, NumberRange, OptionList, Page, Question,
    Section, Text, identity_of,
};
use survey_builder::questionnaire::order::drawn_profiles;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::version::Version;

fn text(words: &str) -> Text {
    Text(BTreeMap::from([("vi".to_owned(), words.to_owned()), ("en".to_owned(), words.to_owned())]))
}

fn option(list: &str, code: &str, missing: Option<State>) -> ListOption {
    let label = text(&format!("option {code}"));
    ListOption { missing, ..ListOption::new(identity_of("d", list, code), code, label) }
}

fn question(name: &str, kind: Kind, relevant: Option<&str>) -> Question {
    let wording = text(&format!("Please say which {name}?"));
    Question {
        relevant: relevant.map(str::to_owned),
        ..Question::new(identity_of("d", "question", name), name, wording, kind)
    }
}

fn choice(list: &str) -> Kind {
    Kind::Single(Choice::of(list))
}

fn version() -> Version {
    let list = |name: &str, options: Vec<ListOption>| OptionList {
        id: identity_of("d", "list", name),
        name: name.to_owned(),
        options,
    };
    let language = |code: &str| Language { code: code.to_owned(), name: code.to_owned() };
    let document = Document {
        id: identity_of("d", "document", "d"),
        name: "d".to_owned(),
        title: text("Study"),
        languages: vec![language("vi"), language("en")],
        default_language: "vi".to_owned(),
        lists: vec![
            list("sex", vec![option("sex", "f", None), option("sex", "m", None)]),
            list(
                "view",
                vec![
                    option("view", "good", None),
                    option("view", "bad", None),
                    option("view", "dk", Some(State::DontKnow)),
                ],
            ),
        ],
        sections: vec![Section::new(
            identity_of("d", "section", "s"),
            "s",
            vec![Block::Page(Page::new(
                identity_of("d", "page", "p"),
                "p",
                vec![
                    question("sex", choice("sex"), None),
                    question("view", choice("view"), None),
                    question("visits", Kind::Integer(NumberRange::default()), Some("view = 'bad'")),
                ],
            ))],
        )],
        ..Document::default()
    };
    publish(document).unwrap_or_else(|findings| panic!("not published: {findings:?}"))
}

fn answers(sex: &str, view: Option<&str>, visits: Option<f64>) -> Answers {
    let mut answers = Answers::default();
    let id = |name: &str| identity_of("d", "question", name);
    answers.set(id("sex"), Answer::Value(Value::Option(sex.to_owned())));
    match view {
        Some(view) => answers.set(id("view"), Answer::Value(Value::Option(view.to_owned()))),
        None => answers.set(id("view"), Answer::Missing(State::Refused)),
    }
    if let Some(visits) = visits {
        answers.set(id("visits"), Answer::Value(Value::Number(visits)));
    }
    answers
}

fn dataset() -> Dataset {
    let version = version();
    let people: Vec<Answers> = (0..40)
        .map(|person| match person % 5 {
            0 => answers("f", Some("bad"), Some(f64::from(person))),
            1 => answers("m", Some("dk"), None),
            2 => answers("f", None, None),
            // The number of visits is off the path here, though one is stored.
            3 => answers("m", Some("good"), Some(9.0)),
            _ => answers("f", Some("good"), None),
        })
        .collect();
    let ids: Vec<String> = (0..people.len()).map(|person| person.to_string()).collect();
    let responses = people.iter().zip(&ids).map(|(answers, id)| Response {
        id,
        version: &version.hash,
        answers,
        started_on: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap_or_default(),
        seed: 1,
    });
    assemble(&[&version], responses).expect("a dataset").responses
}

#[test]
fn states_survive_assembly() {
    let dataset = dataset();
    assert_eq!(dataset.rows(), 40);
    assert_eq!(
        &dataset.column("view").expect("a column").states[..4],
        &[State::Answered, State::DontKnow, State::Refused, State::Answered]
    );
    let visits = dataset.column("visits").expect("a column");
    assert_eq!(visits.states[3], State::NotAsked);
    assert!(matches!(&visits.values, Values::Number(values) if values[3].is_nan()));
    assert_eq!(dataset.variable("view").expect("a variable").levels.len(), 2);
}

#[test]
fn from_responses_to_a_report() {
    let mut dataset = dataset();
    let ward = |person: u16| 1 + person % 8;
    dataset
        .add(
            Variable::plain("weight", VariableKind::Number, Vec::new()),
            Column::number((0..40_u8).map(|person| 10.0 + f64::from(person % 3)).collect()),
        )
        .expect("a weight");
    let wards: Vec<Level> =
        (1..=8).map(|ward| Level { code: ward.to_string(), label: Text::default() }).collect();
    dataset
        .add(
            Variable::plain("ward", VariableKind::Choice, wards),
            Column::coded((0..40).map(ward).collect()),
        )
        .expect("a cluster");
    let design = dataset
        .design(&DesignColumns {
            weight: "weight",
            stratum: None,
            cluster: Some("ward"),
            nest: false,
            single_psu: SinglePsu::Fail,
        })
        .expect("a design");
    let margin =
        Margin::of_dataset(&dataset, "sex", &[("f", 500.0), ("m", 500.0)]).expect("margin");
    let options = RakeOptions { tolerance: 1e-10, rounds_max: 100, projection_rounds: 10 };
    let (design, diagnostics) = rake(design, &[margin], &options).expect("weights");
    assert!((design.weights().iter().sum::<f64>() - 1000.0).abs() < 1e-9);

    let request = TableRequest {
        title: "Views",
        total_label: "All",
        rows: &["view", "visits"],
        banner: &["sex"],
        language: "en",
        options: TableOptions {
            confidence: 0.95,
            interval: IntervalMethod::Logit,
            degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
            share_of: ShareOf::Column,
            assess_reliability: true,
            suppression: Some(SuppressionRule { minimum: 5, hide_zero: false }),
        },
    };
    let spec = TableSpec::of_dataset(&dataset, &request).expect("a specification");
    let table = tabulate(&design, &spec).expect("a table");
    assert_eq!(table.columns.len(), 3);
    assert_eq!(table.blocks[0].bases[0].rows, 24);
    assert_eq!(table.blocks[0].rows[0].label, "option good");

    let study = StudyFacts {
        title: "Study".to_owned(),
        sample_type: SampleType::Probability,
        facts: Vec::new(),
        rates: Vec::new(),
        weighting: vec![diagnostics],
        completes: 40,
    };
    let report = report(&study, &[table]);
    assert!(report.facts.iter().all(|fact| fact.value.is_none()));
    // Twenty-four people do not bear shares that may be shown.
    assert!(report.hidden_cells > 0);

    // Shares that weights were fitted to are known and have no design effect.
    let effects = |rows: &[&str]| {
        let options =
            TableOptions { assess_reliability: false, suppression: None, ..request.options };
        let request = TableRequest { rows, banner: &[], options, ..request };
        let spec = TableSpec::of_dataset(&dataset, &request).expect("a specification");
        let table = tabulate(&design, &spec).expect("a table");
        analysis::report(&study, &[table]).precision.design_effects
    };
    assert_eq!(effects(&["sex"]), None);
    assert!(effects(&["view"]).is_some_and(|(low, _)| low > 0.0));
}

#[test]
fn a_ranking_is_a_variable_a_place_and_a_cell_one_of_its_own() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/more-kinds.json");
    let json = std::fs::read_to_string(path).expect("a file");
    let version = publish(serde_json::from_str(&json).expect("a document")).expect("a version");
    let id = |name: &str| version.item_named(name).expect("an item").0;
    let code = |code: &str| Value::Option(code.to_owned());
    let mut answers = Answers::default();
    answers.set(
        id("goods_rank"),
        Answer::Value(Value::List(vec![Some(code("fish")), Some(code("rice"))])),
    );
    answers.set(id("clinic_visits"), Answer::Value(Value::Number(4.0)));
    answers.set(id("wake"), Answer::Value(Value::Time(1_110)));
    answers.set(id("rules"), Answer::Value(Value::Bool(true)));
    let response = Response {
        id: "1",
        version: &version.hash,
        answers: &answers,
        started_on: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap_or_default(),
        seed: 1,
    };
    let dataset = assemble(&[&version], [response]).expect("a dataset").responses;
    let coded = |name: &str| match &dataset.column(name).expect("a column").values {
        Values::Coded(codes) => codes[0],
        other => panic!("{other:?}"),
    };
    // Three places may be filled; rice is the first option and fish the third.
    assert_eq!([coded("goods_rank_1"), coded("goods_rank_2"), coded("goods_rank_3")], [3, 1, 0]);
    assert_eq!(dataset.column("goods_rank_3").expect("a column").states, [State::Skipped]);
    assert!(dataset.column("goods_rank").is_err());
    assert_eq!(coded("rules"), 1);
    let visits = &dataset.column("clinic_visits").expect("a column").values;
    assert!(matches!(visits, Values::Number(numbers) if numbers == &[4.0]));
    let wake = &dataset.column("wake").expect("a column").values;
    assert!(matches!(wake, Values::Text(texts) if texts[0].as_deref() == Some("18:30")));
    assert!(dataset.column("began").is_err(), "what the interview keeps is no answer");
    // What was drawn for the alternatives stands beside what was chosen.
    let (_, question) = version.item_named("line_1").expect("a choice");
    let drawn = drawn_profiles(&version, question, 1).expect("alternatives");
    let fares = ["low", "mid", "high"];
    for (task, profiles) in drawn.levels.iter().enumerate() {
        for (profile, levels) in profiles.iter().enumerate() {
            let name = format!("line_{}_{}_fare", task + 1, profile + 1);
            let fare = &dataset.column(&name).expect("a column").values;
            let expected = Some(fares[levels[0]]);
            assert!(
                matches!(fare, Values::Text(texts) if texts[0].as_deref() == expected),
                "{name}"
            );
        }
    }
}
