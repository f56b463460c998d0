//! The plan's form: what it offers is drawn by, what is wrong stands at its field, and
//! samples of one list keep or avoid one another.

mod support;

use fielding::rules::access::Role;
use fielding::store::people::{self, Unit};
use fielding::store::{Id, Scope};
use sondage::browser::{Answer, Browser, read_form};
use support::{Service, form_of, pair, send_parts};

const LISTED: usize = 200;

/// A study with a list of people, its columns named: areas are strata, income a number,
/// ward a label. Gives its address.
fn listed(browser: &mut Browser, name: &str) -> String {
    let mut post = |path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]| {
        send_parts(browser, path, fields, files)
    };
    let document = serde_json::to_vec(&support::document()).expect("JSON");
    let fields =
        [("name", name), ("organisation", "Nhóm"), ("phone", "1900"), ("privacy", "identified")];
    let made = post("/studies", &fields, &[("questionnaire", "all.json", &document)]);
    let study = made.location.unwrap_or_else(|| panic!("{}", made.body));
    let mut list = "id,area,ward,income\n".to_owned();
    for person in 0..LISTED {
        let area = if person % 2 == 0 { "north" } else { "south" };
        list += &format!("p{person},{area},w{},{}\n", person % 8, 10 + person % 37);
    }
    post(&format!("{study}/frame"), &[], &[("frame", "frame.csv", list.as_bytes())]);
    let columns = [("id", "unit"), ("area", "stratum"), ("ward", "label"), ("income", "number")];
    let columns: Vec<(&str, &str)> =
        columns.into_iter().flat_map(|(name, role)| [("column", name), ("role", role)]).collect();
    let named = post(&format!("{study}/frame/columns"), &columns, &[]);
    assert_eq!(named.status, 303, "{}", named.body);
    study
}

/// Sends the plan's form with these fields.
fn keep(owner: &mut Browser, study: &str, fields: &[(&str, &str)]) -> Answer {
    let page = owner.get(&format!("{study}/sample/plan")).expect("answers");
    let form = form_of(&page);
    let mut pairs = form.hidden;
    pairs.push(pair("by", "fields"));
    pairs.extend(fields.iter().map(|(name, value)| pair(name, value)));
    owner.post(&form.action, &pairs).expect("answers")
}

fn plan_page(owner: &mut Browser, study: &str) -> Answer {
    owner.get(&format!("{study}/sample/plan")).expect("answers")
}

/// Draws as the page of the draw asks; what it said first.
fn draw(owner: &mut Browser, study: &str, seed: &str) -> String {
    let shown = owner.get(&format!("{study}/sample/draw")).expect("answers");
    let form = read_form(&shown.body, "/studies/").unwrap_or_else(|| panic!("{}", shown.body));
    let mut pairs = form.hidden;
    let asked = shown.body.split("type the number ").nth(1);
    let number = asked.and_then(|rest| rest.split('<').next()).unwrap_or_default();
    pairs.extend([pair("typed", number), pair("seed", seed)]);
    let drawn = owner.post(&form.action, &pairs).expect("answers");
    assert_eq!(drawn.status, 303, "{}", drawn.body);
    shown.body
}

/// Units that were drawn, from the file of them.
fn units(owner: &mut Browser, study: &str) -> Vec<String> {
    let file = owner.get(&format!("{study}/sample/units.csv")).expect("answers").body;
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let place = header.iter().position(|name| name == "unit").expect("the ids");
    reader.records().map(|row| row.expect("a row")[place].to_owned()).collect()
}

/// The cells of the table of earlier samples.
fn common(page: &str) -> Vec<String> {
    let table = page.split("<caption>Earlier samples of the same list").nth(1).unwrap_or_default();
    let table = table.split("</table>").next().unwrap_or_default();
    let cells = table.split("<td").skip(1);
    let text = |cell: &str| {
        let inside = cell.split_once('>').map_or("", |(_, rest)| rest);
        inside.split('<').next().unwrap_or_default().trim().to_owned()
    };
    cells.map(text).collect()
}

const SIMPLE: [(&str, &str); 5] = [
    ("s1_units", "units"),
    ("s1_method", "simple"),
    ("s1_amount", "number"),
    ("s1_total", "40"),
    ("s1_share", "proportional"),
];

#[test]
fn samples_of_one_list_are_kept_avoided_and_rest() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let first = listed(&mut owner, "First wave");
    let numbered = [&SIMPLE[..], &[("numbered", "1")]].concat();
    assert_eq!(keep(&mut owner, &first, &numbered).status, 303);
    draw(&mut owner, &first, "5");
    let of_first = units(&mut owner, &first);
    assert_eq!(of_first.len(), 40);
    // A sample that nobody drew by numbers.
    let poll = listed(&mut owner, "Poll");
    assert_eq!(keep(&mut owner, &poll, &SIMPLE).status, 303);
    draw(&mut owner, &poll, "6");
    let of_poll = units(&mut owner, &poll);

    let second = listed(&mut owner, "Second wave");
    let offered = plan_page(&mut owner, &second).body;
    for (study, can_be_kept) in [("First wave", true), ("Poll", false)] {
        let from = offered.find(&format!("name=\"earlier:{study} ")).expect("offered");
        let choice = offered[from..].split("</select>").next().unwrap_or_default();
        assert_eq!(choice.contains("value=\"keep\""), can_be_kept, "{choice}");
        assert!(choice.contains("value=\"rest\""), "{choice}");
    }
    let name = |study: &str| {
        let from = offered.find(&format!("name=\"earlier:{study} ")).expect("offered");
        offered[from + 6..].split('"').next().unwrap_or_default().to_owned()
    };
    let (kept, resting) = (name("First wave"), name("Poll"));
    // The same 40 again, as far as the poll leaves them.
    let wanted = [&numbered[..], &[(&kept, "keep")]].concat();
    assert_eq!(keep(&mut owner, &second, &wanted).status, 303);
    let told = plan_page(&mut owner, &second);
    assert_eq!(common(&told.body), ["draw as many again as possible", "40.0"], "{}", told.body);
    assert!(told.body.contains(&kept["earlier:".len()..]), "the text has it: {}", told.body);
    let asked = draw(&mut owner, &second, "7");
    assert!(asked.contains("Shared with First wave, which is kept"), "{asked}");
    assert!(asked.contains("about 40.0 expected"), "{asked}");
    let of_second = units(&mut owner, &second);
    let shared = of_second.iter().filter(|unit| of_first.contains(unit)).count();
    let sample = owner.get(&format!("{second}/sample")).expect("answers").body;
    assert_eq!(
        common(&sample),
        ["draw as many again as possible", &shared.to_string()],
        "{sample}"
    );
    assert!(shared >= 36, "of 40, but for chance at the edge: {shared}");

    // None of the two waves, and nobody of the poll.
    let third = listed(&mut owner, "Third wave");
    let second_name = {
        let offered = plan_page(&mut owner, &third).body;
        let from = offered.find("name=\"earlier:Second wave ").expect("offered");
        offered[from + 6..].split('"').next().unwrap_or_default().to_owned()
    };
    let others = [(&*kept, "avoid"), (&*second_name, "avoid"), (&*resting, "rest")];
    let without_time = [&numbered[..], &others[..]].concat();
    assert_eq!(keep(&mut owner, &third, &without_time).status, 303);
    let refused = plan_page(&mut owner, &third);
    assert_eq!(refused.status, 422, "nobody said for how long");
    assert!(refused.body.contains("href=\"#rest\""), "{}", refused.body);
    assert!(refused.body.contains("id=\"rest-error\""), "{}", refused.body);
    let whole = [&without_time[..], &[("rest", "12"), ("rest_unit", "months")]].concat();
    assert_eq!(keep(&mut owner, &third, &whole).status, 303);
    let told = plan_page(&mut owner, &third);
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.body.contains("the weights stand for the rest of the list"));
    draw(&mut owner, &third, "8");
    let of_third = units(&mut owner, &third);
    assert_eq!(of_third.len(), 40);
    assert!(of_third.iter().all(|unit| !of_poll.contains(unit)), "nobody of the poll");
    let again = |before: &[String]| of_third.iter().filter(|unit| before.contains(unit)).count();
    assert!(again(&of_first) <= 3 && again(&of_second) <= 3);
}

#[test]
fn whom_a_study_drew_is_told_to_those_who_may_see_it() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let first = listed(&mut owner, "First wave");
    let numbered = [&SIMPLE[..], &[("numbered", "1")]].concat();
    assert_eq!(keep(&mut owner, &first, &numbered).status, 303);
    draw(&mut owner, &first, "5");
    let hash = owner.get(&format!("{first}/sample/manifest.json")).expect("answers").body;
    let record: survey_builder::sampling::Sample = serde_json::from_str(&hash).expect("a record");
    let name = format!("First wave {}", &record.draw_hash()[..8]);
    let elsewhere = Unit {
        id: Id::rising(),
        parent_id: Some(service.unit),
        name: "Khoa khác".to_owned(),
        created_at: service.app.clock.now(),
    };
    let below = elsewhere.id;
    let insert = move |connection: &mut _| people::insert_unit(connection, &elsewhere);
    service.app.store.write_now(Scope::Everything, insert).expect("made");
    let text = format!(
        "[overlap]\navoid = ['{name}']\n[[stages]]\nunits = 'units'\nmethod = 'simple'\n\
         amount = {{ rate = 0.2 }}\n"
    );
    for (unit, may) in [(service.unit, true), (below, false)] {
        let mut reader = service.signed_in(Role::Owner, unit);
        let study = listed(&mut reader, "Another");
        assert_eq!(plan_page(&mut reader, &study).body.contains("First wave"), may);
        assert_eq!(keep_text(&mut reader, &study, &text).status, 303);
        let page = plan_page(&mut reader, &study);
        assert_eq!(page.status, if may { 200 } else { 422 }, "{}", page.body);
        assert_eq!(page.body.contains("whose units you may not see"), !may);
        assert_eq!(common(&page.body).is_empty(), !may, "{}", page.body);
    }
}

#[test]
fn orders_rates_starts_and_limits_are_drawn_by() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = listed(&mut owner, "Rates");
    let fields = [
        ("s1_units", "units"),
        ("s1_method", "systematic"),
        ("s1_amount", "rates"),
        ("rate:north", "12,5"),
        ("rate:south", "30"),
        ("s1_sort1", "ward"),
        ("s1_sort2", "income"),
        ("s1_serpentine", "1"),
        ("s1_starts", "x"),
    ];
    // What cannot be read stands at its field, and nothing is lost.
    let unread = keep(&mut owner, &study, &fields);
    assert_eq!(unread.status, 422);
    for shown in ["href=\"#s1_starts\"", "id=\"s1_starts-error\"", "value=\"12,5\""] {
        assert!(unread.body.contains(shown), "{shown}: {}", unread.body);
    }
    // Without clusters and sizes nothing is asked about these.
    assert!(!unread.body.contains("s1_certainty"), "{}", unread.body);
    // What cannot be drawn as well.
    let mut fields = fields;
    fields[8].1 = "1";
    assert_eq!(keep(&mut owner, &study, &fields).status, 303);
    let one = plan_page(&mut owner, &study);
    assert_eq!(one.status, 422);
    for shown in ["href=\"#s1_starts\"", "id=\"s1_starts-error\"", "<details open><summary>Stage 1"]
    {
        assert!(one.body.contains(shown), "{shown}: {}", one.body);
    }
    fields[8].1 = "4";
    assert_eq!(keep(&mut owner, &study, &fields).status, 303);
    let page = plan_page(&mut owner, &study);
    assert_eq!(page.status, 200, "{}", page.body);
    // 12.5 % of 100 and 30 % of 100.
    for shown in [">12.5<", ">30.0<", "serpentine = true", "starts = 4", "north = 0.125"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("the form cannot show"), "{}", page.body);
    draw(&mut owner, &study, "9");
    let count = units(&mut owner, &study).len();
    assert!((42..=43).contains(&count), "{count}");

    let study = listed(&mut owner, "Balanced");
    let fields = [
        ("s1_units", "units"),
        ("s1_method", "cube"),
        ("s1_amount", "number"),
        ("s1_total", "40"),
        ("s1_share", "neyman_column"),
        ("s1_column", "income"),
        ("balance", "income"),
        ("spread", "income"),
    ];
    assert_eq!(keep(&mut owner, &study, &fields).status, 303);
    let page = plan_page(&mut owner, &study).body;
    for shown in ["neyman_column = ", "coordinates = [", "<b>40</b>"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    draw(&mut owner, &study, "10");
    assert_eq!(units(&mut owner, &study).len(), 40);
    // What only the text can say stays, and the form says so.
    let study = listed(&mut owner, "Two phases");
    let text = "[[stages]]\nunits = 'units'\nmethod = 'simple'\namount = { rate = 0.5 }\n\
                [second_phase]\nunits = 'units'\nmethod = 'simple'\namount = { rate = 0.5 }\n";
    assert_eq!(keep_text(&mut owner, &study, text).status, 303);
    let page = plan_page(&mut owner, &study).body;
    assert!(page.contains("the form cannot show") && page.contains("[second_phase]"), "{page}");
}

/// Sends the plan as text.
fn keep_text(owner: &mut Browser, study: &str, text: &str) -> Answer {
    let form = form_of(&plan_page(owner, study));
    let mut pairs = form.hidden;
    pairs.extend([pair("by", "text"), pair("text", text)]);
    owner.post(&form.action, &pairs).expect("answers")
}
