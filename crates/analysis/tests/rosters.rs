//! What members of rosters answered becomes datasets of their own, and the orders that respondents
//! saw become variables.

use std::collections::BTreeMap;

use analysis::dataset::{Datasets, Response, RosterDataset, State, VariableKind, assemble};
use chrono::NaiveDate;
use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::change_members::{MembersChange, change_members};
use survey_builder::questionnaire::document::{Document, Kind};
use survey_builder::questionnaire::order::{drawn_answers, offered_codes};
use survey_builder::questionnaire::path::{Path, Standpoint, Stop};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::check_page;
use survey_builder::questionnaire::version::Version;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

fn document() -> Document {
    let json = include_str!("../../../fixtures/questionnaires/household.json");
    serde_json::from_str(json).expect("a document")
}

fn published(document: Document) -> Version {
    publish(document).unwrap_or_else(|findings| panic!("not published: {findings:?}"))
}

/// What a household answers, page by page: the address is the page's name and its members' codes.
fn answer(version: &Version, pages: &[(&str, &[(&str, &str)])]) -> Answers {
    let mut answers = Answers::default();
    for (address, fields) in pages {
        let path = route(version, &answers, TODAY);
        let stop = stop(version, &path, address);
        if let Some(name) = address.strip_prefix('+') {
            assert!(!name.is_empty());
            let added = change_members(version, &stop, &answers, &MembersChange::Add);
            answers.apply(&added.expect("one more is allowed"));
            continue;
        }
        let posted: BTreeMap<String, Vec<String>> = fields
            .iter()
            .map(|(name, value)| {
                ((*name).to_owned(), value.split(' ').map(str::to_owned).collect())
            })
            .collect();
        let checked = check_page(version, &stop, &answers, &posted, TODAY, 7).expect("on the path");
        assert!(checked.mistakes.is_empty(), "{address}: {:?}", checked.mistakes);
        answers.apply(&checked.answers);
    }
    answers
}

fn stop(version: &Version, path: &Path, address: &str) -> Stop {
    let of = |stop: &Stop| {
        let list = if stop.page_index().is_none() { "+" } else { "" };
        let codes = stop.within.iter().map(|member| member.code.as_str());
        let parts: Vec<&str> = [stop.name(version)].into_iter().chain(codes).collect();
        format!("{list}{}", parts.join("/"))
    };
    let found = path.stops.iter().find(|stop| of(stop) == address).cloned();
    found
        .unwrap_or_else(|| panic!("{address}: {:?}", path.stops.iter().map(of).collect::<Vec<_>>()))
}

/// Two people in one household, one of whom made two trips; one person in the other.
fn households(version: &Version) -> [Answers; 2] {
    [
        answer(
            version,
            &[
                ("consent", &[("consent", "1")]),
                ("who/1", &[("name", "Lan"), ("age", "40"), ("sex", "f")]),
                ("job/1", &[("works", "yes")]),
                ("moves/1", &[("trips", "2")]),
                ("trip/1/1", &[("km", "3.5")]),
                ("trip/1/2", &[("km", "4")]),
                ("+person", &[]),
                ("who/2", &[("name", "Minh"), ("age", "9"), ("sex", "m")]),
                ("moves/2", &[("trips", "0")]),
            ],
        ),
        answer(
            version,
            &[
                ("consent", &[("consent", "1")]),
                ("who/1", &[("name", "Hoa"), ("age", "70"), ("sex", "f")]),
            ],
        ),
    ]
}

fn assembled(versions: &[Version], answered: &[(usize, &Answers)]) -> analysis::Result<Datasets> {
    let ids = ["a", "b", "c"];
    let responses = answered.iter().zip(ids).map(|((version, answers), id)| Response {
        id,
        version: &versions[*version].hash,
        answers,
        started_on: TODAY,
        seed: 7,
    });
    assemble(&versions.iter().collect::<Vec<_>>(), responses)
}

fn roster<'a>(datasets: &'a Datasets, name: &str) -> &'a RosterDataset {
    datasets.rosters.iter().find(|roster| roster.name == name).expect("a roster of that name")
}

fn texts(roster: &RosterDataset, name: &str) -> Vec<Option<String>> {
    match &roster.dataset.column(name).expect("a column").values {
        analysis::dataset::Values::Text(texts) => texts.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn members_are_rows_of_their_roster() {
    let version = published(document());
    let [first, second] = households(&version);
    let datasets =
        assembled(std::slice::from_ref(&version), &[(0, &first), (0, &second)]).expect("datasets");
    assert_eq!(datasets.responses.ids, ["a", "b"]);
    assert!(datasets.responses.variable("age").is_err(), "it is asked of each person");

    let people = roster(&datasets, "person");
    assert_eq!(people.dataset.ids, ["a", "a", "b"]);
    assert_eq!(people.response_rows, [0, 0, 1]);
    let codes =
        |codes: &[&str]| codes.iter().map(|code| Some((*code).to_owned())).collect::<Vec<_>>();
    assert_eq!(texts(people, "person"), codes(&["1", "2", "1"]));
    assert_eq!(people.dataset.numeric("age").expect("numbers"), [40.0, 9.0, 70.0]);
    let works = people.dataset.column("works").expect("a column");
    assert_eq!(works.states, [State::Answered, State::NotAsked, State::NotReached]);

    let trips = roster(&datasets, "trip");
    assert_eq!(trips.dataset.ids, ["a", "a"]);
    assert_eq!(texts(trips, "person"), codes(&["1", "1"]));
    assert_eq!(texts(trips, "trip"), codes(&["1", "2"]));
    assert_eq!(trips.dataset.numeric("km").expect("numbers"), [3.5, 4.0]);

    let seasons = roster(&datasets, "season");
    let season = seasons.dataset.variable("season").expect("the members' codes");
    assert_eq!(season.kind, VariableKind::Choice);
    let levels: Vec<&str> = season.levels.iter().map(|level| level.code.as_str()).collect();
    assert_eq!(levels, ["dry", "wet"]);
    assert_eq!(seasons.dataset.rows(), 4, "fixed members are there for everybody");
}

#[test]
fn weights_of_responses_go_to_their_members() {
    let version = published(document());
    let [first, second] = households(&version);
    let mut datasets =
        assembled(std::slice::from_ref(&version), &[(0, &first), (0, &second)]).expect("datasets");
    let weight = analysis::dataset::Variable::plain("weight", VariableKind::Number, Vec::new());
    let column = analysis::dataset::Column::number(vec![2.0, 5.0]);
    datasets.responses.add(weight, column).expect("it fits");
    let (rows, responses) = (datasets.rosters[0].response_rows.clone(), &datasets.responses);
    let people = &mut datasets.rosters[0].dataset;
    people.add_from(responses, &["weight"], &rows).expect("it fits");
    assert_eq!(people.numeric("weight").expect("numbers"), [2.0, 2.0, 5.0]);
    let error = people.add_from(responses, &["nothing"], &rows).expect_err("no such column");
    assert!(error.to_string().contains("nothing"), "{error}");
}

#[test]
fn what_moves_into_a_roster_is_told() {
    let earlier = published(document());
    let mut later = document();
    let people = later.sections.iter_mut().find(|section| section.name == "people").expect("it");
    people.each = None;
    for page in later.pages_mut() {
        page.questions.retain(|question| {
            !matches!(question.kind, Kind::Computed(_) | Kind::Note) && question.relevant.is_none()
        });
    }
    later.sections.retain(|section| ["start", "people"].contains(&section.name.as_str()));
    let (later, _) = survey_builder::questionnaire::compile::compile_version(later);
    let versions = [earlier, later];
    let [first, _] = households(&versions[0]);
    let error = assembled(&versions, &[(0, &first)]).expect_err("age was of members");
    assert!(error.to_string().contains("age"), "{error}");
}

#[test]
fn orders_that_were_seen_are_variables() {
    let json = include_str!("../../../fixtures/questionnaires/all-kinds.json");
    let version = published(serde_json::from_str(json).expect("a document"));
    let mut answers = answer(&version, &[("consent", &[("consent", "1")])]);
    answers.apply(&drawn_answers(&version, &answers, TODAY, 7));
    let datasets = assembled(std::slice::from_ref(&version), &[(0, &answers)]).expect("datasets");
    let path = route(&version, &answers, TODAY);
    let at = Standpoint { version: &version, path: &path, within: &[], today: TODAY };
    let (_, uses) = version.item_named("uses").expect("a question in random order");
    let variable = datasets.responses.column("uses_order").expect("its order");
    let analysis::dataset::Values::Text(seen) = &variable.values else { panic!("{variable:?}") };
    assert_eq!(seen[0], Some(offered_codes(&at, uses, 7).join(" ")));
}
