//! The builder over HTTP: from nothing to a version that is answered, two authors at
//! once, the same form sent twice, and what is wrong.

#[path = "support/builder.rs"]
mod drafts;
mod support;

use drafts::{begun, change, sent, value};
use fielding::rules::access::Role;
use sondage::browser::{Answer, Browser, read_form};
use support::{Service, pair, token_of};

/// What is chosen on the page that an answer leads to.
fn chosen(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let way = answer.location.as_deref().expect("a way");
    let (_, rest) = way.split_once("item=").expect("what is chosen");
    rest.split(['&', '#']).next().unwrap_or_default().to_owned()
}

const LINES: &str = "1. Do you work?\na) Yes\nb) No\n2. How many hours a week?\n";

#[test]
fn from_nothing_to_a_version() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    // The next step is told on every page, and nothing pretends to be published.
    let overview = owner.get(&study).expect("answers").body;
    assert!(overview.contains("Write the questionnaire"), "{overview}");
    assert!(overview.contains("not published yet"), "{overview}");
    let last = chosen(&change(&mut owner, &study, &[("do", "paste"), ("lines", LINES)]));
    let page = owner.get(&format!("{study}/builder?item={last}")).expect("answers").body;
    assert!(page.contains("Do you work?") && page.contains("one of 2"), "{page}");
    // The preview is the respondents' own page, and may be framed by us alone.
    let preview = owner.get(&format!("{study}/builder/preview?item={last}")).expect("answers");
    assert!(preview.body.contains("How many hours a week?"), "{}", preview.body);
    // A wording, over what was seen.
    let (name, was) = (format!("t.{last}.wording.en"), format!("w.{last}.wording.en"));
    let fields = [
        ("do", "save"),
        ("item", &last),
        (&name, "How many hours a week do you work?"),
        (&was, "How many hours a week?"),
    ];
    assert_eq!(change(&mut owner, &study, &fields).status, 303);
    // Taken back, and done again.
    assert_eq!(change(&mut owner, &study, &[("do", "undo")]).status, 303);
    let page = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert!(!page.contains("do you work?\n") && page.contains("How many hours a week?"), "{page}");
    assert_eq!(change(&mut owner, &study, &[("do", "redo")]).status, 303);
    let history = owner.get(&format!("{study}/builder/history")).expect("answers").body;
    assert!(history.contains("took back") && history.contains("did again"), "{history}");
    // Published as it was seen.
    let address = format!("{study}/builder/publication");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("Version 1 can be published"), "{page}");
    let stale = [pair("token", &token_of(&page)), pair("seen", "1")];
    let answer = owner.post(&address, &stale).expect("answers");
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("has been changed since"), "{}", answer.body);
    let fields = [pair("token", &token_of(&page)), pair("seen", &value(&page, "seen"))];
    assert_eq!(owner.post(&address, &fields).expect("answers").status, 303);
    let design = owner.get(&format!("{study}/design")).expect("answers").body;
    assert!(design.contains("Version 1") || design.contains("version 1") || design.contains(">1"));
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("Nothing has changed since version 1"), "{page}");
    let log = owner.get(&format!("{study}/record")).expect("answers").body;
    assert!(
        log.contains("Questionnaire edited") && log.contains("Questionnaire published"),
        "{log}"
    );
}

/// A browser that got no answer sends its form again: it is done once.
#[test]
fn a_form_that_is_sent_twice_is_done_once() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    let page = owner.get(&format!("{study}/builder")).expect("answers").body;
    let name = value(&page, "sent_as");
    for _ in 0..3 {
        let fields = [("do", "paste"), ("lines", LINES)];
        assert_eq!(sent(&mut owner, &study, (&page, &name), &fields).status, 303);
    }
    let page = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert_eq!(page.matches("Do you work?").count(), 1, "{page}");
}

#[test]
fn two_authors_keep_each_others_words() {
    let service = Service::start();
    let mut one = service.signed_in(Role::Owner, service.unit);
    let mut other = service.signed_in(Role::Designer, service.unit);
    let study = begun(&mut one);
    let item = chosen(&change(&mut one, &study, &[("do", "add"), ("wording", "Do you work now?")]));
    let (name, was) = (format!("t.{item}.wording.en"), format!("w.{item}.wording.en"));
    let write = |browser: &mut Browser, text: &str, seen: &str| {
        let fields = [("do", "save"), ("item", item.as_str()), (&name, text), (&was, seen)];
        change(browser, &study, &fields)
    };
    let seen = "Do you work now?";
    assert_eq!(write(&mut one, "Please, do you work now?", seen).status, 303);
    assert_eq!(write(&mut other, "Do you work this week?", seen).status, 303);
    let page = one.get(&format!("{study}/builder?item={item}")).expect("answers").body;
    assert!(page.contains("do you work this week?"), "{page}");
    // The same words: both versions stay, and publishing waits for a choice.
    let seen = value(&page, &was);
    assert_eq!(write(&mut one, &seen.replace("week", "month"), &seen).status, 303);
    assert_eq!(write(&mut other, &seen.replace("week", "year"), &seen).status, 303);
    let page = one.get(&format!("{study}/builder?item={item}")).expect("answers").body;
    assert!(page.contains("Two people changed the same words"), "{page}");
    let publication = one.get(&format!("{study}/builder/publication")).expect("answers").body;
    assert!(publication.contains("one text has two versions"), "{publication}");
    let second = value(&page, "second");
    let fields = [
        ("do", "settle"),
        ("item", item.as_str()),
        ("conflict", "0"),
        ("second", &second),
        ("keep", "second"),
    ];
    assert_eq!(change(&mut one, &study, &fields).status, 303);
    let page = one.get(&format!("{study}/builder?item={item}")).expect("answers").body;
    assert!(page.contains("this year?") && !page.contains("Two people changed"), "{page}");
    // Somebody deletes what another is writing: the words are given back.
    assert_eq!(change(&mut one, &study, &[("do", "remove"), ("item", &item)]).status, 303);
    let answer = write(&mut other, "Words that nobody should lose", "");
    assert!(answer.body.contains("Words that nobody should lose"), "{}", answer.body);
    assert!(answer.body.contains("somebody has deleted it"), "{}", answer.body);
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_lost() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    for (fields, told) in [
        (vec![("do", "add"), ("wording", " ")], "write what is asked"),
        (vec![("do", "paste"), ("lines", "\n \n")], "there is no question in what was pasted"),
        (vec![("do", "add"), ("wording", "x"), ("kind", "colour")], "cannot be used here"),
    ] {
        let answer = change(&mut owner, &study, &fields);
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
    let item = chosen(&change(&mut owner, &study, &[("do", "add"), ("wording", "Age?")]));
    let long = "a".repeat(20_001);
    let (name, was) = (format!("t.{item}.wording.en"), format!("w.{item}.wording.en"));
    let fields = [("do", "save"), ("item", item.as_str()), (&name, &long), (&was, "Age?")];
    let answer = change(&mut owner, &study, &fields);
    assert!(answer.status == 422 && answer.body.contains("20,000 characters"), "{}", answer.status);
    let fields = [("do", "move"), ("item", item.as_str()), ("after", "77")];
    let answer = change(&mut owner, &study, &fields);
    assert!(answer.body.contains("there is no question 77"), "{}", answer.body);
    // Who may only look may not write, and does not see the draft.
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    assert_eq!(viewer.get(&format!("{study}/builder")).expect("answers").status, 403);
}

/// Begins an interview and consents; gives the browser and the page it is at.
fn begin(service: &Service, person: usize) -> (Browser, String) {
    let mut browser = service.browser();
    let link = format!("/r/{}", service.links[person]);
    let welcome = browser.get(&link).expect("answers");
    let form = read_form(&welcome.body, "/answer/start").expect("a way in");
    browser.submit(&form.action, &form.hidden).expect("answers");
    let page = answer(&mut browser, "consent", &[("consent", "1")]);
    (browser, page)
}

/// Answers a page and gives the next.
fn answer(browser: &mut Browser, page: &str, fields: &[(&str, &str)]) -> String {
    let path = format!("/answer/page/{page}");
    let shown = browser.get(&path).expect("answers");
    let form = read_form(&shown.body, &path).expect("a form");
    let mut filled = form.hidden.clone();
    filled.extend(fields.iter().map(|(name, value)| pair(name, value)));
    browser.submit(&path, &filled).expect("answers").1.body
}

/// A version that is published while people answer: who began goes on with theirs.
#[test]
fn a_next_version_is_for_those_who_begin_after_it() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let (mut early, page) = begin(&service, 0);
    assert!(page.contains("Bạn có đi làm không?"), "{page}");
    let mut owner = service.signed_in(Role::Owner, service.unit);
    // The question after consent, by the outline.
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    let (before, _) = outline.split_once("Bạn có đi làm không?").expect("the question");
    let (_, rest) = before.rsplit_once("item=").expect("its identity");
    let item = rest.split('#').next().expect("an identity").to_owned();
    let (name, was) = (format!("t.{item}.wording.vi"), format!("w.{item}.wording.vi"));
    let fields = [
        ("do", "save"),
        ("item", item.as_str()),
        (&name, "Hiện nay bạn có đi làm không?"),
        (&was, "Bạn có đi làm không?"),
    ];
    assert_eq!(change(&mut owner, &study, &fields).status, 303);
    let address = format!("{study}/builder/publication");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("Version 2 can be published"), "{page}");
    assert!(page.contains("finishes the version they began"), "{page}");
    assert!(page.contains("Answers so far can be compared"), "{page}");
    let fields = [pair("token", &token_of(&page)), pair("seen", &value(&page, "seen"))];
    assert_eq!(owner.post(&address, &fields).expect("answers").status, 303);
    let shown = early.get("/answer/page/work").expect("answers").body;
    assert!(shown.contains("Bạn có đi làm không?"), "{shown}");
    assert!(!shown.contains("Hiện nay bạn"), "{shown}");
    let (_, shown) = begin(&service, 1);
    assert!(shown.contains("Hiện nay bạn có đi làm không?"), "{shown}");
    // What the next version breaks is said before.
    assert_eq!(change(&mut owner, &study, &[("do", "remove"), ("item", &item)]).status, 303);
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("Breaking"), "{page}");
}

const ASKED: &str = "1. Do you work?\na) Yes\nb) No\n2. How many hours a week?\n\n\
    3. How do you get there?\n- On foot\n- By bus\n- By car\n\n4. Why not by bus?\n";

/// The identity in the outline of the question of that wording.
fn item_of(page: &str, wording: &str) -> String {
    let (before, _) =
        page.split_once(&format!("<span class=\"wording\">{wording}")).expect("a question");
    let (_, rest) = before.rsplit_once("item=").expect("its identity");
    rest.split('#').next().expect("an identity").to_owned()
}

/// What stands between two signs of a page.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no {from} in {page}"));
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

/// The value of the option of a list whose text begins so.
fn offered(page: &str, name: &str, text: &str) -> String {
    let list = between(page, &format!("name=\"{name}\""), "</select>");
    let found = list
        .split("<option value=\"")
        .skip(1)
        .find(|one| one.split_once('>').is_some_and(|(_, shown)| shown.starts_with(text)));
    let found = found.unwrap_or_else(|| panic!("no option {text} in {list}"));
    found.split('"').next().unwrap_or_default().to_owned()
}

/// A button of a condition's form; what is not given stands as the page had it.
fn press(browser: &mut Browser, study: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("do", "condition".to_owned())];
    for name in ["item", "property", "was", "by", "text", "parts", "lines.0", "lines.1"] {
        let form = between(page, "id=\"condition\"", "</form>");
        if form.contains(&format!("name=\"{name}\" value=\"")) {
            all.push((name, unescaped(&value(form, name))));
        }
    }
    for (name, text) in fields {
        all.retain(|(one, _)| one != name);
        all.push((name, (*text).to_owned()));
    }
    let fields: Vec<(&str, &str)> = all.iter().map(|(name, text)| (*name, text.as_str())).collect();
    sent(browser, study, (page, &value(page, "sent_as")), &fields)
}

/// What a condition's form says in words.
fn words(page: &str) -> &str {
    between(page, "<h3>In words</h3>", "</div>")
}

fn unescaped(text: &str) -> String {
    text.replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

#[test]
fn a_condition_is_put_together_by_choosing() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    chosen(&change(&mut owner, &study, &[("do", "paste"), ("lines", ASKED)]));
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    let item = item_of(&outline, "Why not by bus?");
    let address = format!("{study}/builder?item={item}&condition=relevant");
    let page = owner.get(&address).expect("answers").body;
    assert!(page.contains("Asked of everyone"), "{page}");
    // Only what is asked before it may be asked about.
    let work = offered(&page, "l.0.0.q", "1. Do you work?");
    let way = offered(&page, "l.0.0.q", "3. How do you get there?");
    assert!(!between(&page, "name=\"l.0.0.q\"", "</select>").contains("Why not"), "{page}");
    // The question decides what it can be compared with.
    let page = press(&mut owner, &study, &page, &[("l.0.0.q", &work), ("then", "look")]).body;
    let yes = offered(&page, "l.0.0.v", "Yes");
    assert_eq!(offered(&page, "l.0.0.h", "is one of"), "one-of");
    // A group more: by bus or by car.
    let first = [("l.0.0.q", work.as_str()), ("l.0.0.h", "is"), ("l.0.0.v", yes.as_str())];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all: Vec<(&str, &str)> = first.to_vec();
        all.extend(more);
        all
    };
    let page = press(&mut owner, &study, &page, &with(&[("then", "group")])).body;
    assert_eq!(value(&page, "lines.1"), "2");
    // What is not whole is told at its line, and nothing is saved.
    let answer = press(&mut owner, &study, &page, &with(&[("then", "save")]));
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(answer.body.matches("choose a question, or delete the line").count(), 2);
    let mut fields = first.to_vec();
    fields.extend([("l.1.0.q", way.as_str()), ("l.1.1.q", way.as_str()), ("then", "look")]);
    let page = press(&mut owner, &study, &page, &fields).body;
    let (bus, car) = (offered(&page, "l.1.0.v", "By bus"), offered(&page, "l.1.0.v", "By car"));
    fields.retain(|(name, _)| *name != "then");
    fields.extend([("l.1.0.h", "is"), ("l.1.0.v", &bus), ("l.1.1.h", "is"), ("l.1.1.v", &car)]);
    fields.push(("then", "save"));
    let answer = press(&mut owner, &study, &page, &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let words = "if question 1 is “Yes” and (question 3 is “By bus” or question 3 is “By car”)";
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert!(outline.contains(words), "{outline}");
    // The same lines again; saved as they are they change nothing.
    let page = owner.get(&address).expect("answers").body;
    assert_eq!(value(&page, "lines.1"), "2");
    let before = value(&page, "was");
    let written = press(&mut owner, &study, &page, &{
        let mut fields = fields.clone();
        fields.retain(|(name, _)| *name != "then");
        fields.push(("then", "write"));
        fields
    });
    let text = unescaped(
        between(&written.body, "id=\"text\"", "</textarea>").split_once('>').expect("its text").1,
    );
    assert_eq!(text, unescaped(&before));
    // The history says it in words.
    let history = owner.get(&format!("{study}/builder/history")).expect("answers").body;
    assert!(history.contains("Who is asked") && history.contains("is “By bus”"), "{history}");
}

#[test]
fn an_expression_is_checked_and_nothing_of_it_is_lost() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    chosen(&change(&mut owner, &study, &[("do", "paste"), ("lines", ASKED)]));
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    let item = item_of(&outline, "How do you get there?");
    let address = format!("{study}/builder?item={item}&condition=relevant");
    let page = owner.get(&address).expect("answers").body;
    let page = press(&mut owner, &study, &page, &[("then", "write")]).body;
    assert!(page.contains("id=\"known-names\"") && page.contains("count_selected()"), "{page}");
    // All that is wrong, each at its place.
    let look = |browser: &mut Browser, page: &str, text: &str, then: &str| {
        press(browser, &study, page, &[("text", text), ("then", then)])
    };
    let names = between(&page, "id=\"known-names\"", "</dl>");
    let hours = between(names.split("<code>").nth(2).expect("the second"), "", "</code>");
    let page = look(&mut owner, &page, "nobody = 1 and hourz('x') > 2", "look").body;
    let wrong = between(&page, "id=\"condition-wrong\"", "</ul>");
    assert!(
        wrong.contains("<mark>nobody</mark>") && wrong.contains("<mark>hourz</mark>"),
        "{wrong}"
    );
    // What lines cannot show stays as it is written, with the part that can be said in words.
    let text = format!("{hours} = '40' and length({hours}) < 9");
    let page = look(&mut owner, &page, &text, "choose").body;
    assert!(page.contains("more than lines can show"), "{page}");
    assert!(
        words(&page).contains("question 2 (How many hours a week?) is “40” and <code>"),
        "{page}"
    );
    assert_eq!(look(&mut owner, &page, &text, "save").status, 303);
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert!(outline.contains("if question 2 is “40” and <code>"), "{outline}");
    // Somebody else changes it meanwhile: what was typed stays, and is saved the second time.
    let page = owner.get(&address).expect("answers").body;
    let mut other = service.signed_in(Role::Designer, service.unit);
    let theirs = other.get(&address).expect("answers").body;
    assert_eq!(look(&mut other, &theirs, &format!("{hours} = '10'"), "save").status, 303);
    let answer = look(&mut owner, &page, &format!("{hours} = '20'"), "save");
    assert!(answer.body.contains("somebody has changed this condition since"), "{}", answer.body);
    assert!(unescaped(&answer.body).contains("= '20'"), "{}", answer.body);
    assert_eq!(look(&mut owner, &answer.body, &format!("{hours} = '20'"), "save").status, 303);
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert!(outline.contains("if question 2 is “20”"), "{outline}");
    // Taken away altogether, and taken back.
    let page = owner.get(&address).expect("answers").body;
    assert_eq!(press(&mut owner, &study, &page, &[("then", "clear")]).status, 303);
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert!(!outline.contains("if question 2"), "{outline}");
    assert_eq!(change(&mut owner, &study, &[("do", "undo")]).status, 303);
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    assert!(outline.contains("if question 2 is “20”"), "{outline}");
}

/// Sets a condition by its expression.
fn set_condition(browser: &mut Browser, study: &str, item: &str, text: &str) {
    let address = format!("{study}/builder?item={item}&condition=relevant");
    let page = browser.get(&address).expect("answers").body;
    let fields = [("by", "text"), ("text", text), ("then", "save")];
    assert_eq!(press(browser, study, &page, &fields).status, 303, "{text}");
}

#[test]
fn the_map_shows_who_is_asked_and_what_nobody_is() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    chosen(&change(&mut owner, &study, &[("do", "paste"), ("lines", ASKED)]));
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    let way = item_of(&outline, "How do you get there?");
    let bus = item_of(&outline, "Why not by bus?");
    set_condition(&mut owner, &study, &way, "q1 = '1'");
    set_condition(&mut owner, &study, &bus, "q3 = '1' and q3 = '2'");
    let map = owner.get(&format!("{study}/builder/map?item={bus}")).expect("answers").body;
    assert!(map.contains("One question is never asked"), "{map}");
    assert!(map.contains("Question 4 needs both at once"), "{map}");
    assert!(map.contains("question 3 is “On foot” and question 3 is “By bus”"), "{map}");
    assert!(map.contains("<svg viewBox") && map.contains("class=\"way\""), "{map}");
    assert!(map.contains(&format!("../builder?item={way}&amp;condition=relevant")), "{map}");
    assert!(map.contains("1,000 simulated respondents") && map.contains("100%"), "{map}");
    assert!(map.len() < 30_000, "{} bytes", map.len());
    let list = owner.get(&format!("{study}/builder/map?as=list")).expect("answers").body;
    assert!(!list.contains("<svg viewBox=\"0 0 860") && list.contains("if question 1 is “Yes”"));
    // What a condition would change is told before it is saved.
    let address = format!("{study}/builder?item={bus}&condition=relevant");
    let page = owner.get(&address).expect("answers").body;
    let page = press(
        &mut owner,
        &study,
        &page,
        &[("by", "text"), ("text", "q1 = '1' or q1 = '2'"), ("then", "look")],
    );
    let effect = between(&page.body, "class=\"effect\"", "</table>");
    let row = between(effect, "4. Why not by bus?", "</tr>");
    let numbers: Vec<&str> =
        row.split("<td>").skip(1).map(|cell| cell.split('<').next().unwrap_or_default()).collect();
    assert!(numbers[0] == "0" && numbers[1].len() >= 3, "{effect}");
}

#[test]
fn the_preview_says_why_a_question_is_asked() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let study = begun(&mut owner);
    chosen(&change(&mut owner, &study, &[("do", "paste"), ("lines", ASKED)]));
    let outline = owner.get(&format!("{study}/builder")).expect("answers").body;
    let (work, way) =
        (item_of(&outline, "Do you work?"), item_of(&outline, "How do you get there?"));
    let bus = item_of(&outline, "Why not by bus?");
    set_condition(&mut owner, &study, &way, "q1 = '1'");
    set_condition(&mut owner, &study, &bus, "q3 in ('1', '3')");
    let address = format!("{study}/builder/preview");
    let page = owner.get(&format!("{address}?item={work}")).expect("answers").body;
    assert!(page.contains("Everyone is asked."), "{page}");
    let told = |page: &str, wording: &str| {
        let why = between(page, "id=\"why\"", "</aside>");
        let line = between(why, &format!("{wording}</a>"), "</ul>").to_owned();
        line.replace("<p>", "").replace("</p>", " ").replace("<ul>", "")
    };
    let first = told(&page, "3. How do you get there?");
    assert!(first.contains("Not asked; this does not hold:"), "{first}");
    assert!(first.contains("question 1 (Do you work?) is “Yes”") && first.contains("still blank"));
    let last = told(&page, "4. Why not by bus?");
    assert!(last.contains("blank: question 3 (How do you get there?) is not asked"), "{last}");
    // Answered and gone on: the next page, and the reasons as they are now.
    let mut post = |page: &str, fields: &[(&str, &str)]| {
        let form = read_form(page, &address).expect("a form");
        let mut filled = form.hidden.clone();
        filled.extend(fields.iter().map(|(name, value)| pair(name, value)));
        owner.post(&address, &filled).expect("answers").body
    };
    let next = post(&page, &[("q1", "1")]);
    assert!(next.contains("How many hours a week?"), "{next}");
    let first = told(&next, "3. How do you get there?");
    assert!(first.contains("Asked, because") && !first.contains("still blank"), "{first}");
    // Another answer: another path, and the page behind it is left out.
    let other = post(&page, &[("q1", "2")]);
    let end = post(&other, &[("q2", "0")]);
    assert!(end.contains("That was the last page."), "{end}");
    // A question that is chosen is shown with what was answered.
    let mut shown = read_form(&next, &address).expect("a form").hidden;
    shown.retain(|(name, _)| name != "trial.item" && name != "trial.at");
    shown.extend([pair("trial.item", &bus), pair("trial.then", "show")]);
    let page = owner.post(&address, &shown).expect("answers").body;
    assert!(page.contains("Why not by bus?"), "{page}");
    let way = told(&page, "3. How do you get there?");
    assert!(way.contains("Asked, because"), "{way}");
    // Nothing of it is stored, and only who may write sees it.
    let record = owner.get(&format!("{study}/record")).expect("answers").body;
    assert!(!record.contains("answer"), "{record}");
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    assert_eq!(viewer.post(&address, &shown).expect("answers").status, 403);
}
