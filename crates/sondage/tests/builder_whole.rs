//! A draft that is written as a whole over HTTP, as text and as a table: looked at, taken,
//! merged with what others wrote, undone, and what is wrong.

#[path = "support/builder.rs"]
mod drafts;
mod support;

use drafts::{begun, change, value};
use fielding::rules::access::Role;
use sondage::browser::{Answer, Browser};
use support::{Service, multipart, token_of};

/// Sends the text of a draft: to look at what it changes, or to take it.
fn send_text(browser: &mut Browser, study: &str, page: &str, text: &str, doing: &str) -> Answer {
    send_whole(browser, &format!("{study}/builder/text"), page, ("in", text), doing)
}

/// The same of its table.
fn send_table(browser: &mut Browser, study: &str, page: &str, table: &str, doing: &str) -> Answer {
    send_whole(browser, &format!("{study}/builder/sheet"), page, ("sent_as", table), doing)
}

/// Sends a draft as a whole with another field of its page.
fn send_whole(
    browser: &mut Browser,
    address: &str,
    page: &str,
    (other, text): (&str, &str),
    doing: &str,
) -> Answer {
    let parts = [
        ("token", token_of(page)),
        ("sent_as", value(page, "sent_as")),
        ("typed_at", value(page, "typed_at")),
        (other, value(page, other)),
        ("do", doing.to_owned()),
        ("text", text.to_owned()),
    ];
    let parts: Vec<(&str, &str)> =
        parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (media_type, body) = multipart(&parts, &[]);
    browser.post_body(address, &media_type, &body).expect("answers")
}

/// The text on its page.
fn text_on(page: &str) -> String {
    field_on(page, "text")
}

/// The table on its page.
fn table_on(page: &str) -> String {
    field_on(page, "sheet-text").replace("&quot;", "\"").replace("&#39;", "'")
}

fn field_on(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("<textarea id=\"{id}\"")).expect("a text");
    let (_, rest) = rest.split_once(">\n").expect("its beginning");
    let text = rest.split("</textarea>").next().expect("its end");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn a_draft_is_written_as_text() {
    let service = Service::start();
    let mut one = service.signed_in(Role::Owner, service.unit);
    let mut other = service.signed_in(Role::Designer, service.unit);
    let study = begun(&mut one);
    let address = format!("{study}/builder/text");
    let page = one.get(&address).expect("answers").body;
    let new = "\n---\n[age] whole number\nHow old are you?\n\n[sex] choose one\nAre you…\n\
        - [1] a man\n- [2] a woman\n\n[why] short text\nWhy?\nshown if: age > 17\n";
    let text = format!("{}{new}", text_on(&page));
    // Looking changes nothing.
    let shown = send_text(&mut one, &study, &page, &text, "preview");
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("How old are you?") && shown.body.contains("Apply these changes"));
    assert_eq!(text_on(&one.get(&address).expect("answers").body), text_on(&page));
    let taken = send_text(&mut one, &study, &page, &text, "apply");
    assert_eq!(taken.status, 303, "{}", taken.body);
    let page = one.get(&address).expect("answers").body;
    let whole = text_on(&page);
    assert!(whole.contains("[sex] choose one @[sex]\nAre you…\n- [1] a man\n"), "{whole}");
    // Sent twice it is done once; what others wrote meanwhile stays.
    let theirs = other.get(&address).expect("answers").body;
    let text = text_on(&theirs).replace("How old are you?", "How old are you? Tell the years.");
    assert_eq!(send_text(&mut other, &study, &theirs, &text, "apply").status, 303);
    let text =
        whole.replace("How old are you?", "Please, how old are you?").replace("a man", "male");
    for _ in 0..2 {
        assert_eq!(send_text(&mut one, &study, &page, &text, "apply").status, 303);
    }
    let page = one.get(&address).expect("answers").body;
    let whole = text_on(&page);
    assert!(whole.contains("Please, how old are you? Tell the years."), "{whole}");
    assert!(whole.contains("- [1] male"), "{whole}");
    // A new code is followed, and all of an edit is taken back at once.
    let text = whole.replace("[age]", "[years]");
    assert_eq!(send_text(&mut one, &study, &page, &text, "apply").status, 303);
    let now = text_on(&one.get(&address).expect("answers").body);
    assert!(now.contains("shown if: years > 17"), "{now}");
    assert_eq!(change(&mut one, &study, &[("do", "undo")]).status, 303);
    assert_eq!(text_on(&one.get(&address).expect("answers").body), whole);
    // Everything that is wrong is told by line, and what was typed is given back.
    let page = one.get(&address).expect("answers").body;
    let wrong = format!("{whole}\n[age] date\n[open\n");
    for doing in ["preview", "apply"] {
        let answer = send_text(&mut one, &study, &page, &wrong, doing);
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("a code has no closing bracket"), "{}", answer.body);
        assert!(answer.body.contains("the code age is also in line"), "{}", answer.body);
        assert!(text_on(&answer.body).ends_with("[open\n"), "{}", answer.body);
    }
    assert_eq!(text_on(&one.get(&address).expect("answers").body), whole);
    let mut reader = service.signed_in(Role::Analyst, service.unit);
    assert_ne!(reader.get(&address).expect("answers").status, 200);
    let forged = send_text(
        &mut one,
        &study,
        "<input name=\"token\" value=\"x\"><input name=\"sent_as\" value=\"\"><input name=\"typed_at\" value=\"1\"><input name=\"in\" value=\"vi\">",
        &whole,
        "apply",
    );
    assert_eq!(forged.status, 403, "{}", forged.body);
}

#[test]
fn a_draft_is_written_as_a_table() {
    let service = Service::start();
    let mut one = service.signed_in(Role::Owner, service.unit);
    let mut other = service.signed_in(Role::Designer, service.unit);
    let study = begun(&mut one);
    let address = format!("{study}/builder/sheet");
    let page = one.get(&address).expect("answers").body;
    let first = table_on(&page);
    let (parts, options) = first.split_once("\n\n").expect("two tables");
    let of = |table: &str, heading: &str| {
        let head = table.lines().next().expect("headings");
        head.split('\t').position(|one| one == heading).expect("the heading")
    };
    let (wording, list) = (of(parts, "text (en)"), of(parts, "list"));
    let row = |cells: &[(usize, &str)]| {
        let mut row = vec![""; cells.iter().map(|(at, _)| at + 1).max().unwrap_or(0)];
        for (at, said) in cells {
            row[*at] = said;
        }
        row.join("\t")
    };
    let new = [
        row(&[(1, "page")]),
        row(&[(0, "age"), (1, "whole number"), (wording, "\"How old\nare you?\"")]),
        row(&[(0, "sex"), (1, "choose one"), (wording, "Are you…"), (list, "sex")]),
    ]
    .join("\n");
    let table = format!("{parts}\n{new}\n\n{options}sex\t'01\ta man\nsex\t\ta woman\n");
    // Looking changes nothing.
    let shown = send_table(&mut one, &study, &page, &table, "preview");
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(
        shown.body.contains("How old ↵ are you?") && shown.body.contains("Apply these changes")
    );
    assert_eq!(table_on(&one.get(&address).expect("answers").body), first);
    assert_eq!(send_table(&mut one, &study, &page, &table, "apply").status, 303);
    let page = one.get(&address).expect("answers").body;
    let whole = table_on(&page);
    assert!(
        whole.contains("\nsex\t'01\ta man\t") && whole.contains("\nsex\t1\ta woman\t"),
        "{whole}"
    );
    // What others wrote meanwhile stays, sent twice it is done once.
    let theirs = other.get(&address).expect("answers").body;
    let table = table_on(&theirs).replace("Are you…", "Are you… please");
    assert_eq!(send_table(&mut other, &study, &theirs, &table, "apply").status, 303);
    let table = whole.replace("Are you…", "Today, are you…").replace("\nage\t", "\nyears\t");
    for _ in 0..2 {
        assert_eq!(send_table(&mut one, &study, &page, &table, "apply").status, 303);
    }
    let page = one.get(&address).expect("answers").body;
    let now = table_on(&page);
    assert!(now.contains("Today, are you… please") && now.contains("\nyears\t"), "{now}");
    assert_eq!(change(&mut one, &study, &[("do", "undo")]).status, 303);
    let page = one.get(&address).expect("answers").body;
    assert!(table_on(&page).contains("\nage\t"), "{}", table_on(&page));
    // Everything that is wrong is told by cell, and what was typed is given back.
    let wrong = table_on(&page).replace("\tchoose one\t", "\tchoose nothing\t");
    let wrong = wrong.replace("\nage\t", "\nsex\t");
    for doing in ["preview", "apply"] {
        let answer = send_table(&mut one, &study, &page, &wrong, doing);
        assert_eq!(answer.status, 422);
        for told in ["column kind", "column code", "choose nothing"] {
            assert!(answer.body.contains(told), "{told}: {}", answer.body);
        }
        assert_eq!(table_on(&answer.body), wrong);
    }
    let mut reader = service.signed_in(Role::Analyst, service.unit);
    assert_ne!(reader.get(&address).expect("answers").status, 200);
    let forged = "<input name=\"token\" value=\"x\"><input name=\"sent_as\" value=\"\">\
        <input name=\"typed_at\" value=\"1\">";
    assert_eq!(send_table(&mut one, &study, forged, &whole, "apply").status, 403);
}
