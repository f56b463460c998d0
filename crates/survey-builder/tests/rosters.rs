//! Rosters: the same questions asked of each of several things, nested, with
//! members that come and go.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use survey_builder::questionnaire::answer::{Answer, Answers, State, Value};
use survey_builder::questionnaire::change_members::{MembersChange, change_members, member_list};
use survey_builder::questionnaire::document::{
    Block, Document, Each, Hidden, Kind, Members, Page, Question, Roster, Section, Source, Text,
    TextRule,
};
use survey_builder::questionnaire::dry_run::dry_run;
use survey_builder::questionnaire::edit::failed_checks;
use survey_builder::questionnaire::member::members_lost;
use survey_builder::questionnaire::order::drawn_answers;
use survey_builder::questionnaire::path::{Met, Path, Standpoint, Stop};
use survey_builder::questionnaire::piping::{fill, member_label};
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::review::review;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::validate::{Posted, check_page};
use survey_builder::questionnaire::version::Version;
use uuid::Uuid;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

fn document() -> Document {
    let json = include_str!("../../../fixtures/questionnaires/household.json");
    serde_json::from_str(json).expect("a document")
}

fn compiled(document: Document) -> Version {
    publish(document).unwrap_or_else(|findings| panic!("not published: {findings:?}"))
}

fn version() -> Version {
    compiled(document())
}

/// An interview by hand.
struct Interview {
    version: Version,
    answers: Answers,
}

impl Interview {
    fn new(version: Version) -> Self {
        let mut interview = Self { version, answers: Answers::default() };
        interview.send("consent", &[("consent", "1")]);
        interview
    }

    fn path(&self) -> Path {
        route(&self.version, &self.answers, TODAY)
    }

    /// A stop by its page and the codes of its members: `trip/1/2`.
    fn stop(&self, address: &str) -> Stop {
        let found = self.path().stops.into_iter().find(|stop| self.address(stop) == address);
        found.unwrap_or_else(|| panic!("{address} is not among {:?}", self.addresses()))
    }

    fn address(&self, stop: &Stop) -> String {
        let codes = stop.within.iter().map(|member| format!("/{}", member.code));
        let list = matches!(stop.met, Met::Members(_)).then_some("+");
        list.into_iter()
            .map(str::to_owned)
            .chain([stop.name(&self.version).to_owned()])
            .chain(codes)
            .collect()
    }

    fn addresses(&self) -> Vec<String> {
        self.path().stops.iter().map(|stop| self.address(stop)).collect()
    }

    fn send(&mut self, address: &str, fields: &[(&str, &str)]) {
        let stop = self.stop(address);
        let mut posted = Posted::new();
        for (name, value) in fields {
            posted.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        let checked = check_page(&self.version, &stop, &self.answers, &posted, TODAY, 7);
        let checked = checked.expect("on the path");
        assert_eq!(checked.mistakes, [], "{address}");
        self.answers.apply(&checked.answers);
    }

    fn change(&mut self, address: &str, change: &MembersChange) {
        let stop = self.stop(address);
        let changed = change_members(&self.version, &stop, &self.answers, change);
        self.answers.apply(&changed.expect("allowed"));
    }

    /// The value of an item at a stop.
    fn value(&self, address: &str, name: &str) -> Option<Value> {
        let (item, _) = self.version.item_named(name).expect("an item");
        let path = self.path();
        path.answers.get(self.stop(address).key(item))?.value().cloned()
    }

    fn total(&self, name: &str) -> Option<Value> {
        let (item, _) = self.version.item_named(name).expect("an item");
        self.path().answers.get(item)?.value().cloned()
    }

    fn text(&self, address: &str, text: &str) -> String {
        fill(text, &self.version, &self.path(), &self.stop(address).within, "en")
    }
}

/// Two people: Lan made two trips, Minh (a child) one.
fn answered() -> Interview {
    let mut interview = Interview::new(version());
    interview.send("who/1", &[("name", "Lan"), ("age", "40"), ("sex", "f")]);
    interview.send("job/1", &[("works", "yes")]);
    interview.send("moves/1", &[("trips", "2")]);
    interview.send("trip/1/1", &[("km", "3,5")]);
    interview.send("trip/1/2", &[("km", "4")]);
    interview.change("+person", &MembersChange::Add);
    interview.send("who/2", &[("name", "Minh"), ("age", "9"), ("sex", "m")]);
    interview.send("moves/2", &[("trips", "1")]);
    interview.send("trip/2/1", &[("km", "1")]);
    interview
}

#[test]
fn a_page_is_met_once_for_each_member() {
    let mut interview = Interview::new(version());
    assert_eq!(
        interview.addresses(),
        [
            "consent",
            "who/1",
            "moves/1",
            "+person",
            "asked",
            "uses",
            "flooded/dry",
            "flooded/wet",
            "totals"
        ],
        "one person is there from the start"
    );
    interview = answered();
    assert_eq!(
        interview.addresses(),
        [
            "consent",
            "who/1",
            "job/1",
            "moves/1",
            "trip/1/1",
            "trip/1/2",
            "sums/1",
            "who/2",
            "moves/2",
            "trip/2/1",
            "sums/2",
            "+person",
            "asked",
            "hours/1",
            "uses",
            "flooded/dry",
            "flooded/wet",
            "totals"
        ],
        "a child is not asked about work, and only who works about hours"
    );
}

#[test]
fn each_member_has_answers_of_its_own_and_all_add_up() {
    let interview = answered();
    assert_eq!(interview.value("who/1", "age"), Some(Value::Number(40.0)));
    assert_eq!(interview.value("who/2", "age"), Some(Value::Number(9.0)));
    // Inside a member the trips are its own; outside they are everybody's.
    assert_eq!(interview.value("sums/1", "person_km"), Some(Value::Number(7.5)));
    assert_eq!(interview.value("sums/2", "person_km"), Some(Value::Number(1.0)));
    assert_eq!(interview.total("km_all"), Some(Value::Number(8.5)));
    assert_eq!(interview.total("people_count"), Some(Value::Number(2.0)));
    assert_eq!(interview.value("trip/1/2", "trip_number"), Some(Value::Number(2.0)));
    // The child's page about work is off its path: missing, not zero.
    assert_eq!(interview.total("adults"), Some(Value::Number(1.0)));
}

#[test]
fn texts_name_the_member() {
    let mut interview = answered();
    interview.send("uses", &[("uses", "bike"), ("uses", "bus")]);
    assert_eq!(interview.text("sums/2", "${name}: ${person_km}"), "Minh: 1");
    assert_eq!(interview.text("hours/1", "${person} works"), "Lan works");
    assert_eq!(interview.text("often/bus", "${means}"), "Bus");
    assert_eq!(interview.text("flooded/wet", "${season}"), "Wet season");
    assert_eq!(interview.text("uses", "${name} and ${person}"), "… and …", "of nobody");
    let (path, stop) = (interview.path(), interview.stop("trip/1/2"));
    assert_eq!(member_label(&interview.version, &path, &stop.within, "en"), "2");
    assert_eq!(member_label(&interview.version, &path, &stop.within[..1], "en"), "Lan");
}

#[test]
fn who_is_taken_away_is_kept_and_comes_back_with_every_answer() {
    let mut interview = answered();
    interview.change("+person", &MembersChange::Remove("1".to_owned()));
    assert_eq!(interview.total("people_count"), Some(Value::Number(1.0)));
    assert_eq!(interview.total("km_all"), Some(Value::Number(1.0)));
    assert_eq!(interview.value("who/2", "name"), Some(Value::Text("Minh".to_owned())));
    interview.change("+person", &MembersChange::Add);
    let addresses = interview.addresses();
    assert!(addresses.contains(&"who/3".to_owned()), "a number is not given twice: {addresses:?}");
    assert_eq!(interview.value("who/3", "name"), None);
    let list = member_list(&interview.version, &interview.stop("+person"), &interview.answers);
    let list = list.expect("a list");
    assert_eq!((list.present, list.removed), (vec!["2".into(), "3".into()], vec!["1".into()]));
    interview.change("+person", &MembersChange::Restore("1".to_owned()));
    assert_eq!(interview.value("who/1", "name"), Some(Value::Text("Lan".to_owned())));
    assert_eq!(interview.value("trip/1/1", "km"), Some(Value::Number(3.5)));
    assert_eq!(interview.total("km_all"), Some(Value::Number(8.5)));
}

#[test]
fn the_fewest_and_the_most_hold() {
    let mut interview = Interview::new(version());
    interview.send("who/1", &[("name", "Lan"), ("age", "40"), ("sex", "f")]);
    let refused = |interview: &Interview, change: &MembersChange| {
        let stop = interview.stop("+person");
        change_members(&interview.version, &stop, &interview.answers, change).is_none()
    };
    assert!(refused(&interview, &MembersChange::Remove("1".to_owned())), "one must be there");
    assert!(refused(&interview, &MembersChange::Restore("1".to_owned())), "it is there");
    assert!(refused(&interview, &MembersChange::Restore("9".to_owned())));
    assert!(refused(&interview, &MembersChange::Remove("x".to_owned())));
    for _ in 0..7 {
        interview.change("+person", &MembersChange::Add);
    }
    assert!(refused(&interview, &MembersChange::Add), "eight are the most");
}

#[test]
fn a_smaller_count_hides_and_a_larger_one_shows_again() {
    let mut interview = answered();
    interview.send("moves/1", &[("trips", "1")]);
    assert!(!interview.addresses().contains(&"trip/1/2".to_owned()));
    assert_eq!(interview.value("sums/1", "person_km"), Some(Value::Number(3.5)));
    interview.send("moves/1", &[("trips", "2")]);
    assert_eq!(interview.value("trip/1/2", "km"), Some(Value::Number(4.0)));
}

#[test]
fn who_would_go_with_a_smaller_count_is_known() {
    let interview = answered();
    let before = interview.path();
    let mut answers = interview.answers.clone();
    let stop = interview.stop("moves/1");
    let (trips, _) = interview.version.item_named("trips").expect("an item");
    answers.set(stop.key(trips), Answer::Value(Value::Number(1.0)));
    let after = route(&interview.version, &answers, TODAY);
    let lost = members_lost(&interview.version, &before, &after, &interview.answers);
    let codes: Vec<Vec<&str>> = lost
        .iter()
        .map(|within| within.iter().map(|member| member.code.as_str()).collect())
        .collect();
    assert_eq!(codes, [["1", "2"]], "the second trip of the first person");
    assert!(members_lost(&interview.version, &before, &before, &interview.answers).is_empty());
}

/// The household with a list of pairs, a first member who answers, and children
/// whose names are known.
fn related() -> Document {
    let mut document = document();
    let Members::Added { primary, .. } = &mut document.rosters[0].members else {
        panic!("people are added")
    };
    *primary = Text(BTreeMap::from([
        ("en".to_owned(), "You".to_owned()),
        ("vi".to_owned(), "Ông/Bà".to_owned()),
    ]));
    let language = |text: &str| {
        Text(document.languages.iter().map(|it| (it.code.clone(), text.to_owned())).collect())
    };
    let relation = Question::new(
        Uuid::from_u128(901),
        "relation",
        language("What is ${other} to ${person}?"),
        Kind::ShortText(TextRule::default()),
    );
    let page = Page::new(Uuid::from_u128(902), "relation", vec![relation]);
    let mut pairs = Section::new(Uuid::from_u128(903), "pairs", vec![Block::Page(page)]);
    pairs.each = Some(Each { roster: "other".to_owned(), filter: None });
    let mut people = Section::new(Uuid::from_u128(904), "relations", vec![Block::Section(pairs)]);
    people.each = Some(Each { roster: "person".to_owned(), filter: None });
    document.sections.insert(2, people);
    document.rosters.push(Roster {
        id: Uuid::from_u128(905),
        name: "other".to_owned(),
        label: Text::default(),
        members: Members::Others { roster: "person".to_owned(), later: true },
    });
    let names = Question::new(
        Uuid::from_u128(906),
        "known_names",
        Text::default(),
        Kind::Hidden(Hidden { source: Source::Frame("names".to_owned()), ..Hidden::default() }),
    );
    let Block::Page(first) = &mut document.sections[0].blocks[0] else { panic!("a page") };
    first.questions.push(names);
    let alive = Question::new(
        Uuid::from_u128(907),
        "lives_here",
        language("Does ${known} live here?"),
        Kind::ShortText(TextRule::default()),
    );
    let page = Page::new(Uuid::from_u128(908), "lives_here", vec![alive]);
    let mut each = Section::new(Uuid::from_u128(909), "known_people", vec![Block::Page(page)]);
    each.each = Some(Each { roster: "known".to_owned(), filter: None });
    document.sections.insert(3, each);
    document.rosters.push(Roster {
        id: Uuid::from_u128(910),
        name: "known".to_owned(),
        label: Text::default(),
        members: Members::Listed { question: "known_names".to_owned() },
    });
    document
}

#[test]
fn pairs_are_met_once_and_the_one_who_answers_stays() {
    let mut interview = Interview::new(compiled(related()));
    for (code, name) in [("1", "Lan"), ("2", "Minh"), ("3", "Hoa")] {
        if code != "1" {
            interview.change("+person", &MembersChange::Add);
        }
        interview.send(&format!("who/{code}"), &[("name", name), ("age", "9"), ("sex", "f")]);
    }
    let pairs: Vec<String> =
        interview.addresses().into_iter().filter(|it| it.starts_with("relation")).collect();
    assert_eq!(pairs, ["relation/1/2", "relation/1/3", "relation/2/3"]);
    let wording = "What is ${other} to ${person}?";
    assert_eq!(interview.text("relation/1/3", wording), "What is Hoa to You?");
    assert_eq!(interview.text("relation/2/3", wording), "What is Hoa to Minh?");
    let list = member_list(&interview.version, &interview.stop("+person"), &interview.answers);
    assert_eq!(list.expect("a list").primary.as_deref(), Some("1"));
    let stop = interview.stop("+person");
    let away = MembersChange::Remove("1".to_owned());
    assert_eq!(change_members(&interview.version, &stop, &interview.answers, &away), None);
    // Who goes takes the pairs along; the others keep theirs.
    interview.send("relation/2/3", &[("relation", "sister")]);
    interview.change("+person", &MembersChange::Remove("2".to_owned()));
    let pairs: Vec<String> =
        interview.addresses().into_iter().filter(|it| it.starts_with("relation")).collect();
    assert_eq!(pairs, ["relation/1/3"]);
    interview.change("+person", &MembersChange::Restore("2".to_owned()));
    assert_eq!(interview.value("relation/2/3", "relation"), Some(Value::Text("sister".to_owned())));
}

#[test]
fn names_that_are_known_make_members() {
    let mut interview = Interview::new(compiled(related()));
    let names = |names: &str| Answer::Value(Value::Text(names.to_owned()));
    interview.answers.set(Uuid::from_u128(906), names("Nguyễn An; Trần Bình;; "));
    let known = |interview: &Interview| -> Vec<String> {
        interview.addresses().into_iter().filter(|it| it.starts_with("lives_here")).collect()
    };
    assert_eq!(known(&interview), ["lives_here/1", "lives_here/2"]);
    assert_eq!(interview.text("lives_here/2", "${known}"), "Trần Bình");
    interview.send("lives_here/2", &[("lives_here", "yes")]);
    // A name that moves takes its answers along.
    interview.answers.set(Uuid::from_u128(906), names("Lê Chi; Trần Bình; Nguyễn An"));
    assert_eq!(interview.value("lives_here/2", "lives_here"), Some(Value::Text("yes".to_owned())));
    assert_eq!(interview.value("lives_here/1", "lives_here"), None);
}

#[test]
fn texts_insert_what_all_members_answered() {
    let interview = answered();
    let text = "${person.name|and}: ${people_count|plural:one=# person;other=# people}";
    assert_eq!(interview.text("totals", text), "Lan and Minh: 2 people");
    let text = "${You}, ${sex|choose:f=she;m=he;other=they}";
    assert_eq!(interview.text("who/2", text), "You, he");
    assert_eq!(interview.text("totals", text), "You, they", "of nobody");
}

#[test]
fn insertions_that_cannot_be_are_told() {
    let mut document = document();
    let language = document.default_language.clone();
    let question = document.question_mut("recap").expect("a note");
    for text in question.wording.0.values_mut() {
        text.clear();
    }
    question.wording.0.insert(
        language,
        "${name|shout} ${km_all|date:long} ${nobody.name} ${people_count|plural:one=#} \
         ${person.age|number}"
            .to_owned(),
    );
    let codes: Vec<String> = review(&document)
        .iter()
        .filter(|it| it.problem.place == "recap")
        .map(|it| it.problem.code.clone())
        .collect();
    for code in ["unknown-form", "unknown-piped-name", "form-without-other", "unfit-form"] {
        assert!(codes.iter().any(|it| it == code), "{code} is not among {codes:?}");
    }
}

#[test]
fn members_that_are_chosen_follow_the_choice() {
    let mut interview = answered();
    interview.send("uses", &[("uses", "walk"), ("uses", "bus")]);
    let often: Vec<String> =
        interview.addresses().into_iter().filter(|one| one.starts_with("often")).collect();
    assert_eq!(often, ["often/bus", "often/walk"]);
    interview.send("uses", &[("uses", "none")]);
    assert!(!interview.addresses().iter().any(|one| one.starts_with("often")));
}

#[test]
fn simulated_respondents_fill_rosters() {
    let run = dry_run(&version(), 60, 5, TODAY);
    assert_eq!(run.stuck.len(), 0, "{run:?}");
    assert!(run.finished > 40, "{run:?}");
    assert_eq!(run.never_asked, Vec::<String>::new());
}

#[test]
fn the_order_of_sections_is_drawn_once_and_evenly() {
    let mut document = document();
    document.sections[4].shuffled = true;
    let Block::Section(inner) = document.sections[4].blocks.remove(1) else { panic!("a section") };
    let mut pages = inner.blocks;
    for copy in 0..2 {
        let Block::Page(mut page) = document.sections[4].blocks[0].clone() else {
            panic!("a page")
        };
        page.id = Uuid::from_u128(100 + copy);
        page.name = format!("copy{copy}");
        page.questions[0].id = Uuid::from_u128(200 + copy);
        page.questions[0].name = format!("copied{copy}");
        page.anchored = copy == 1;
        pages.push(Block::Page(page));
    }
    document.sections[4].blocks.extend(pages.into_iter().skip(1));
    document.rosters.retain(|roster| !matches!(roster.members, Members::Chosen { .. }));
    let version = compiled(document);
    let mut first = 0;
    for seed in 0..1_000 {
        let drawn = drawn_answers(&version, &Answers::default(), TODAY, seed);
        let mut interview = Interview::new(version.clone());
        interview.answers.apply(&drawn);
        let addresses = interview.addresses();
        let place = |name: &str| addresses.iter().position(|one| one == name).expect("asked");
        assert_eq!(place("copy1"), place("uses").max(place("copy0")) + 1, "anchored");
        first += i32::from(place("uses") < place("copy0"));
        assert!(drawn_answers(&version, &interview.answers, TODAY, seed + 1).0.is_empty());
    }
    // Binomial(1000, 0.5): five standard deviations are 79.
    assert!((first - 500).abs() < 79, "{first}");
}

#[test]
fn chance_decides_for_each_member_apart() {
    let mut document = document();
    let adult = document.question_mut("adult").expect("a question");
    adult.relevant = None;
    adult.kind =
        serde_json::from_str(r#"{"type": "computed", "expression": "random()"}"#).expect("a kind");
    let mut interview = Interview::new(compiled(document));
    let drawn = drawn_answers(&interview.version, &interview.answers, TODAY, 3);
    assert_eq!(drawn.0.len(), 1, "one person so far");
    interview.answers.apply(&drawn);
    interview.change("+person", &MembersChange::Add);
    let more = drawn_answers(&interview.version, &interview.answers, TODAY, 3);
    assert_eq!(more.0.len(), 1, "what is drawn stays");
    assert_ne!(more.0.values().next(), drawn.0.values().next());
}

#[test]
fn what_is_read_from_outside_its_roster_is_told() {
    let mut document = document();
    document.question_mut("remark").expect("it").relevant = Some("age > 17".to_owned());
    document.sections[3].each.as_mut().expect("a roster").roster = "people".to_owned();
    let codes: Vec<String> =
        review(&document).into_iter().map(|finding| finding.problem.code).collect();
    assert!(codes.contains(&"outside-roster".to_owned()), "{codes:?}");
    assert!(codes.contains(&"unknown-roster".to_owned()), "{codes:?}");
    let interview = answered();
    let path = interview.path();
    let at = Standpoint { version: &interview.version, path: &path, within: &[], today: TODAY };
    let (age, _) = interview.version.item_named("age").expect("an item");
    assert_eq!(at.answer(age), None::<&Answer>);
    assert_eq!(path.answers.get(age).map(Answer::state), None::<State>);
}

#[test]
fn checks_are_run_for_every_member_and_stop_nobody() {
    let mut interview = Interview::new(version());
    interview.send("who/1", &[("name", "Lan"), ("age", "40"), ("sex", "f")]);
    interview.send("job/1", &[("works", "yes")]);
    interview.send("moves/1", &[("trips", "0")]);
    let failed = |interview: &Interview| {
        let path = interview.path();
        let failed = failed_checks(&interview.version, &path, TODAY).into_iter();
        failed
            .map(|failed| {
                let codes = failed.within.iter().map(|member| member.code.clone());
                (failed.name.to_string(), codes.collect::<Vec<_>>())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(failed(&interview), [], "what is not answered yet fails no check");
    interview.send("hours/1", &[("hours", "3")]);
    assert_eq!(failed(&interview), [("few_hours".to_owned(), vec!["1".to_owned()])]);
    interview.send("hours/1", &[("hours", "8")]);
    assert_eq!(failed(&interview), []);
}

#[test]
fn a_check_reads_members_of_one_chain() {
    let mut document = document();
    document.checks[0].expression = "hours > 1 or often = 'daily'".to_owned();
    let findings = review(&document);
    let told = |finding: &&survey_builder::questionnaire::finding::Finding| {
        finding.problem.code == "check-rosters" && finding.problem.place == "few_hours"
    };
    assert_eq!(findings.iter().filter(told).count(), 1, "{findings:?}");
    document.checks[0].expression = "km > 1 and nobody = 2".to_owned();
    assert!(review(&document).iter().any(|one| one.problem.place == "few_hours"));
}
