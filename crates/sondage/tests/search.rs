//! Search finds what somebody may see, and nothing of whom is asked or what was answered.

mod support;

use fielding::acts::study;
use fielding::rules::access::Role;
use fielding::rules::states::Privacy;
use fielding::store::people::{self, Unit};
use fielding::store::{Id, Scope};
use sondage::browser::Browser;
use support::{Service, escaped, new_study};

fn found(browser: &mut Browser, asked: &str) -> String {
    let page = browser.get(&format!("/search?q={}", escaped(asked))).expect("answers");
    assert_eq!(page.status, 200, "{}", page.body);
    page.body.split("<main").nth(1).expect("a page").to_owned()
}

#[test]
fn what_may_be_seen_is_found() {
    let service = Service::start();
    let study = format!("/studies/{}", service.study);
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let page = found(&mut owner, "di LAI");
    assert!(page.contains(&format!("href=\"{study}\">Đi lại</a>")), "{page}");
    let page = found(&mut owner, "thu tuc");
    assert_eq!(page.matches("<li>").count(), 0, "no question says so: {page}");
    let page = found(&mut owner, "hours");
    assert!(page.contains(&format!("href=\"{study}/builder?item=")), "{page}");
    let page = found(&mut owner, "north-1");
    assert!(page.contains(&format!("href=\"{study}/sample#areas\">north · north-1</a>")), "{page}");
    let page = found(&mut owner, "owner@");
    assert!(page.contains("href=\"/administration/people/"), "{page}");

    // Who only looks gets to the questionnaire on paper, and to nobody.
    let mut viewer = service.signed_in(Role::Viewer, service.unit);
    let page = found(&mut viewer, "hours");
    let anchor = format!("{study}/questionnaire#q-hours");
    assert!(page.contains(&anchor) && !page.contains("/builder"), "{page}");
    assert!(viewer.get(&anchor).expect("answers").body.contains("id=\"q-hours\""));
    assert!(!found(&mut viewer, "owner@").contains("/administration"));
}

#[test]
fn neither_people_on_lists_nor_other_units_are_found() {
    let service = Service::start();
    let (above, now) = (service.unit, service.app.clock.now());
    let beside = Id::rising();
    let made = service.app.store.write_now(Scope::Everything, move |connection| {
        for unit in [beside, Id::rising()] {
            let name = format!("Phòng {unit}");
            people::insert_unit(
                connection,
                &Unit { id: unit, parent_id: Some(above), name, created_at: now },
            )?;
        }
        let new = new_study(above, "Việc riêng", Privacy::Anonymous);
        Ok(study::create_study(connection, now, None, &new, &support::document())?.id)
    });
    made.expect("made");
    let mut below = service.signed_in(Role::Owner, beside);
    for asked in ["viec rieng", "hours", "north-1"] {
        let page = found(&mut below, asked);
        assert_eq!(page.matches("<li>").count(), 0, "{asked}: {page}");
    }
    assert_eq!(found(&mut below, "owner@").matches("<li>").count(), 1, "nobody but oneself");
    // A name, an address and a key of the list that was drawn from.
    let mut owner = service.signed_in(Role::Owner, service.unit);
    for asked in ["Người 1", "p1@example.org", "p1", service.links[0].as_str()] {
        let page = found(&mut owner, asked);
        assert_eq!(page.matches("<li>").count(), 0, "{asked}: {page}");
    }
}

#[test]
fn bad_questions_are_answered() {
    let service = Service::start();
    let mut owner = service.signed_in(Role::Owner, service.unit);
    let long = "trần ".repeat(200_000);
    for asked in ["", "   ", "%", "' OR 1=1 --", "<script>", "\u{0}", "💬"] {
        let page = found(&mut owner, asked);
        assert!(!page.contains("<script>"), "{page}");
    }
    // Longer than a browser sends; some of it is looked for, or it is refused.
    let status = owner
        .get(&format!("/search?q={}", escaped(&long.chars().take(1_000).collect::<String>())))
        .expect("answers");
    assert!([200, 414].contains(&status.status), "{}", status.status);
    let mut stranger = service.browser();
    assert_eq!(stranger.get("/search?q=hours").expect("answers").status, 303);
}
