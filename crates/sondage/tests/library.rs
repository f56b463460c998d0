//! The library through the service: a part of a draft is saved, put into another draft,
//! changed and taken there by choice; undo takes it back; who may not, learns nothing.

mod support;

use fielding::rules::access::Role;
use fielding::rules::shipped;
use fielding::store::people::Unit;
use fielding::store::{Id, Scope, blocks, drafts, people};
use sondage::browser::{Answer, Browser};
use support::{Service, multipart, pair, token_of};
use survey_builder::questionnaire::document::Document;

/// The value of a field of a page.
fn value(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A form at an address, with the name that the page gives to what is sent.
fn tell(browser: &mut Browser, address: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(address).expect("answers").body;
    let mut all = vec![pair("token", &token_of(&page))];
    if page.contains("name=\"sent_as\"") {
        all.push(pair("sent_as", &value(&page, "sent_as")));
    }
    all.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.post(address.split('?').next().unwrap_or_default(), &all).expect("answers")
}

/// A study that is written here, with these lines pasted in.
fn drafted(owner: &mut Browser, name: &str, lines: &str) -> String {
    let page = owner.get("/studies/new").expect("answers").body;
    let token = token_of(&page);
    let parts = [
        ("token", token.as_str()),
        ("name", name),
        ("organisation", "Viện"),
        ("phone", "024 1234"),
        ("privacy", "anonymous"),
        ("source", "here"),
    ];
    let (media_type, body) = multipart(&parts, &[]);
    let answer = owner.post_body("/studies", &media_type, &body).expect("answers");
    let way = answer.location.expect("a way");
    let study = way.split("/builder").next().expect("a study").to_owned();
    if !lines.is_empty() {
        let builder = format!("{study}/builder");
        assert_eq!(tell(owner, &builder, &[("do", "paste"), ("lines", lines)]).status, 303);
    }
    study
}

fn id_of(study: &str) -> Id {
    study.rsplit('/').next().and_then(Id::parse).expect("a study")
}

fn document(service: &Service, study: &str) -> Document {
    let id = id_of(study);
    let read = service.app.store.read_now(move |connection| drafts::of_study(connection, id));
    read.expect("read").expect("a draft").draft.document
}

const LINES: &str = "1. Do you work?\na) Yes\nb) No\n2. How many hours a week?\n";

/// A block that was saved from one draft, and another draft.
struct Saved {
    service: Service,
    owner: Browser,
    /// The drafts.
    source: String,
    target: String,
    /// The question that it was made of.
    item: String,
    /// The page of the block, and its identity.
    block: String,
    id: String,
}

/// Saves the first question of a draft.
fn saved() -> Saved {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let source = drafted(&mut owner, "Việc làm", LINES);
    let target = drafted(&mut owner, "Thu nhập", LINES);
    let first = document(&service, &source).questions().next().expect("a question").id;

    // Saved from the selection.
    let here = format!("{source}/builder/library?item={first}");
    let page = owner.get(&here).expect("answers").body;
    let unit = service.unit.to_string();
    assert!(page.contains(&unit), "{page}");
    let item = first.to_string();
    let wish = [("do", "save"), ("item", item.as_str()), ("unit", &unit), ("name", "Có làm việc")];
    let saved = tell(&mut owner, &here, &wish);
    assert_eq!(saved.status, 303, "{}", saved.body);
    let block = saved.location.expect("its page");
    assert_eq!(tell(&mut owner, &here, &wish).status, 422, "the name is taken");
    let id = block.rsplit('/').next().expect("an id").to_owned();
    Saved { service, owner, source, target, item, block, id }
}

/// Puts the block into the other draft.
fn put_in(saved: &mut Saved) {
    let Saved { owner, target, id, .. } = saved;
    let offer = format!("{target}/builder/library?block={id}");
    let put = tell(owner, &offer, &[("do", "insert"), ("block", id), ("number", "1")]);
    assert_eq!(put.status, 303, "{}", put.body);
}

/// Found in the library, put in with names that are free, undone and done again.
#[test]
fn a_part_is_saved_found_and_put_in() {
    let mut saved = saved();
    let Saved { owner, target, block, id, .. } = &mut saved;
    let page = owner.get(block).expect("answers").body;
    assert!(page.contains("Do you work?") && page.contains("Việc làm"), "{page}");
    let listed = owner.get("/library?q=co+lam").expect("answers").body;
    assert!(listed.contains("Có làm việc") && !listed.contains("34 "), "{listed}");
    assert!(!owner.get("/library?q=zzz").expect("answers").body.contains(block.as_str()));
    assert!(!owner.get("/library?shape=section&q=lam").expect("ok").body.contains(block.as_str()));

    // Put into another draft: names that are in use become others, and are told first.
    let offer = format!("{target}/builder/library?block={id}");
    let page = owner.get(&offer).expect("answers").body;
    assert!(page.contains("<code>q1</code> → <code>q1_2</code>"), "{page}");
    let before = document(&saved.service, &saved.target);
    put_in(&mut saved);
    let Saved { service, owner, target, block, .. } = &mut saved;
    let after = document(service, target);
    assert_eq!(after.questions().count(), before.questions().count() + 1);
    let copy = after.questions().last().expect("it").clone();
    assert_eq!(copy.name, "q1_2");
    assert_eq!(after.lists.len(), before.lists.len() + 1);
    let history = owner.get(&format!("{target}/builder/history")).expect("answers").body;
    assert!(history.contains("Do you work?"), "{history}");

    // Undone it is gone, done again it is there.
    assert_eq!(tell(owner, &format!("{target}/builder"), &[("do", "undo")]).status, 303);
    assert_eq!(document(service, target), before);
    let gone = owner.get(&format!("{target}/builder/library")).expect("answers").body;
    assert!(gone.contains("taken out again"), "it says that it is not there: {gone}");
    assert_eq!(tell(owner, &format!("{target}/builder"), &[("do", "redo")]).status, 303);
    assert_eq!(document(service, target), after);

    // Renamed and offered no more; who has it keeps it.
    let rename = [("do", "rename"), ("name", "Đang làm việc")];
    assert_eq!(tell(owner, block, &rename).status, 303);
    assert_eq!(tell(owner, block, &[("do", "withdraw")]).status, 303);
    assert!(!owner.get("/library").expect("answers").body.contains(block.as_str()));
    assert_eq!(owner.get(block).expect("answers").status, 200);
    assert_eq!(document(service, target), after);
}

/// The block says something new at two places; the draft has changed one of them too.
#[test]
fn a_newer_version_is_taken_by_choice() {
    let mut saved = saved();
    put_in(&mut saved);
    let Saved { service, mut owner, source, target, item, block, id } = saved;
    let here = format!("{source}/builder/library?item={item}");
    let copy = document(&service, &target).questions().last().expect("it").clone();
    let original = document(&service, &source);
    let question = original.questions().next().expect("it");
    let list = original.list(question.kind.list().expect("a list")).expect("it is there");
    let rewrite = |owner: &mut Browser, study: &str, at: &str, was: &str, now: &str| {
        let (text, old) = (format!("t.{at}"), format!("w.{at}"));
        let wish = [("do", "save"), (text.as_str(), now), (old.as_str(), was)];
        assert_eq!(tell(owner, &format!("{study}/builder"), &wish).status, 303);
    };
    let language = original.default_language.clone();
    let wording = format!("{}.wording.{language}", question.id);
    let label = format!("{}.label.{language}", list.options[0].id);
    rewrite(&mut owner, &source, &wording, "Do you work?", "Do you work now?");
    rewrite(&mut owner, &source, &label, "Yes", "Yes, I do");
    let own = format!("{}.wording.{language}", copy.id);
    rewrite(&mut owner, &target, &own, "Do you work?", "Are you employed?");
    let version = [("do", "version"), ("item", item.as_str()), ("block", &id), ("note", "Rõ hơn")];
    let saved = tell(&mut owner, &here, &version);
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(tell(&mut owner, &here, &version).status, 422, "it is what it was");
    let page = owner.get(&block).expect("answers").body;
    assert!(page.contains("Rõ hơn"), "{page}");
    let uses = id_of(&target);
    let used = service
        .app
        .store
        .read_now(move |connection| blocks::uses_of_study(connection, uses))
        .expect("read")
        .remove(0);
    let way = format!("{target}/builder/library/{}", used.id);
    assert!(page.contains(&way), "where it is used says that there is a newer one: {page}");
    let page = owner.get(&way).expect("answers").body;
    for words in ["Do you work?", "Are you employed?", "Do you work now?", "Yes, I do"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let ticked: Vec<&str> = page.split("name=\"take\" value=\"").skip(1).collect();
    assert_eq!(ticked.len(), 2, "{page}");
    let by = |local: bool| {
        let found = ticked
            .iter()
            .find(|one| one.split('>').next().is_some_and(|tag| tag.contains("checked")) != local);
        found.and_then(|one| one.split('"').next()).expect("one of each").to_owned()
    };
    let (seen, label_key) = (value(&page, "seen"), by(false));
    assert!(by(true).contains("Wording"), "what was changed here is not ticked");

    // An edit meanwhile: nothing is taken that was not shown against it.
    rewrite(&mut owner, &target, &own, "Are you employed?", "Are you employed today?");
    let stale = [("take", label_key.as_str()), ("seen", &seen), ("number", "2")];
    assert_eq!(tell(&mut owner, &way, &stale).status, 422);
    let page = owner.get(&way).expect("answers").body;
    let seen = value(&page, "seen");
    let taken = tell(&mut owner, &way, &[("take", &label_key), ("seen", &seen), ("number", "2")]);
    assert_eq!(taken.status, 303, "{}", taken.body);
    let now = document(&service, &target);
    let copy = now.questions().find(|one| one.id == copy.id).expect("it");
    assert_eq!(copy.wording.get(&language, ""), "Are you employed today?", "theirs stays");
    let list = now.list(copy.kind.list().expect("a list")).expect("it is there");
    assert_eq!(list.options[0].label.get(&language, ""), "Yes, I do", "this was taken");
    let page = owner.get(&block).expect("answers").body;
    assert!(!page.contains(&way), "the newest is there: {page}");
    assert_eq!(tell(&mut owner, &format!("{target}/builder"), &[("do", "undo")]).status, 303);
    let back = document(&service, &target);
    let list = back.list(copy.kind.list().expect("a list")).expect("it is there");
    assert_eq!(list.options[0].label.get(&language, ""), "Yes");
}

/// A part of another questionnaire is copied without a block; both go on by themselves.
#[test]
fn a_part_of_another_questionnaire_is_copied() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let source = drafted(&mut owner, "Việc làm", LINES);
    let target = drafted(&mut owner, "Thu nhập", "");
    let section = document(&service, &source).sections[0].id.to_string();
    let from = id_of(&source).to_string();
    let list = owner.get(&format!("{target}/builder/library")).expect("answers").body;
    assert!(list.contains(&format!("from={from}")), "{list}");
    let parts = format!("{target}/builder/library?from={from}");
    let page = owner.get(&parts).expect("answers").body;
    assert!(page.contains("How many hours a week?"), "{page}");
    let offer = format!("{parts}&part={section}");
    let wish = [("do", "copy"), ("from", from.as_str()), ("part", section.as_str())];
    let put = tell(&mut owner, &offer, &wish);
    assert_eq!(put.status, 303, "{}", put.body);
    let (one, other) = (document(&service, &source), document(&service, &target));
    let words = |document: &Document| -> Vec<String> {
        document.questions().map(|one| one.wording.get("en", "vi").to_owned()).collect()
    };
    assert_eq!(words(&one), words(&other));
    assert!(other.questions().all(|copy| one.questions().all(|own| own.id != copy.id)));
    assert_eq!(tell(&mut owner, &format!("{target}/builder"), &[("do", "undo")]).status, 303);
    assert_eq!(document(&service, &target).questions().count(), 0);
}

/// What ships is put in like any other, and says that nothing is known of it.
#[test]
fn what_ships_is_put_in() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let target = drafted(&mut owner, "Thu nhập", "");
    for one in shipped::all() {
        let page = owner.get(&format!("/library/{}", one.id)).expect("answers");
        assert_eq!(page.status, 200, "{}", one.key);
        let id = one.id.to_string();
        let offer = format!("{target}/builder/library?block={id}");
        let put = tell(&mut owner, &offer, &[("do", "insert"), ("block", &id), ("number", "1")]);
        assert_eq!(put.status, 303, "{}: {}", one.key, put.body);
    }
    let document = document(&service, &target);
    assert!(document.questions().count() > shipped::all().len(), "all of them are there");
    let page = owner.get(&format!("{target}/builder/publication")).expect("answers").body;
    assert!(!page.contains("q1"), "{page}");
}

/// A block of a unit is seen by its people and along the line above and below it, and
/// changed by who may write there; others learn nothing of it.
#[test]
fn blocks_are_for_the_units_above_and_below() {
    let service = Service::start();
    let unit = |name: &str, parent: Id| Unit {
        id: Id::rising(),
        parent_id: Some(parent),
        name: name.to_owned(),
        created_at: service.app.clock.now(),
    };
    let ward = unit("Phường", service.unit);
    let other = unit("Phường khác", service.unit);
    let (ward_id, other_id) = (ward.id, other.id);
    let made = service.app.store.write_now(Scope::Everything, move |connection| {
        people::insert_unit(connection, &ward)?;
        people::insert_unit(connection, &other)
    });
    made.expect("made");
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let mut here = service.signed_in(Role::Designer, ward_id);
    let mut beside = service.signed_in(Role::Designer, other_id);
    let mut viewer = service.signed_in(Role::Viewer, ward_id);
    let save = |browser: &mut Browser, unit: Id, name: &str| {
        let study = drafted(browser, name, LINES);
        let item = document(&service, &study).questions().next().expect("one").id.to_string();
        let address = format!("{study}/builder/library?item={item}");
        let unit = unit.to_string();
        let wish = [("do", "save"), ("item", item.as_str()), ("unit", &unit), ("name", name)];
        (tell(browser, &address, &wish), study)
    };
    let (of_ward, _) = save(&mut here, ward_id, "Của phường");
    let of_ward = of_ward.location.expect("its page");
    let (of_top, study) = save(&mut owner, service.unit, "Của thành phố");
    let of_top = of_top.location.expect("its page");
    let status = |browser: &mut Browser, way: &str| browser.get(way).expect("answers").status;
    assert_eq!(status(&mut owner, &of_ward), 200, "who is above");
    assert_eq!(status(&mut here, &of_top), 200, "who is below");
    assert_eq!(status(&mut beside, &of_top), 200);
    assert_eq!(status(&mut beside, &of_ward), 404, "who is beside");
    assert!(!beside.get("/library").expect("answers").body.contains("Của phường"));
    assert_eq!(status(&mut viewer, &of_ward), 200);
    let token = |browser: &mut Browser| token_of(&browser.get("/studies").expect("ok").body);
    let rename = |browser: &mut Browser, way: &str| {
        let token = token(browser);
        let form = [pair("token", &token), pair("do", "rename"), pair("name", "Khác")];
        browser.post(way, &form).expect("answers").status
    };
    assert_eq!(rename(&mut viewer, &of_ward), 403);
    assert_eq!(rename(&mut here, &of_top), 403, "below it is only read");
    assert_eq!(rename(&mut beside, &of_ward), 404);
    assert_eq!(rename(&mut owner, &of_ward), 303);
    // A unit above in which one may not write keeps nothing of one's own.
    let (refused, own) = save(&mut here, service.unit, "Lên trên");
    assert_eq!(refused.status, 404, "{}", refused.body);
    // Nor is another's draft copied, or a block put in that one may not see.
    let block = of_ward.rsplit('/').next().expect("an id").to_owned();
    let elsewhere = drafted(&mut beside, "Bên cạnh", "");
    let library = format!("{elsewhere}/builder/library");
    let insert = [("do", "insert"), ("block", block.as_str()), ("number", "1")];
    assert_eq!(tell(&mut beside, &library, &insert).status, 404);
    let from = id_of(&own).to_string();
    let copy = [("do", "copy"), ("from", from.as_str()), ("part", from.as_str())];
    assert_eq!(tell(&mut beside, &library, &copy).status, 404);
    let seen = beside.get(&format!("{library}?from={from}")).expect("answers");
    assert_eq!(seen.status, 404);
    assert_eq!(status(&mut beside, &format!("{library}?block={block}")), 404);
    assert_eq!(status(&mut here, &format!("{study}/builder/library")), 404);
}
