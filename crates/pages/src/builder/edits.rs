//! What the forms of the builder send, as operations.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::draft::{Edited, Sent, edit_draft, redo_edit, undo_edit};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::store::drafts::StoredDraft;
use fielding::store::studies::Study;
use fielding::store::{Id, Scope};
use survey_builder::questionnaire::document::{Constraint, Document, Kind, OptionList, Row, Text};
use survey_builder::questionnaire::operation::{
    Draft, Node, Operation, Part, Place, Property, Refusal, compose, rename,
};
use survey_builder::questionnaire::paste::{self, Pasted, PastedOption};
use survey_builder::questionnaire::translation::{Writing, writings};
use survey_builder::questionnaire::validate::Posted;
use uuid::Uuid;

use super::panel::Typed;
use super::several::{self, Several};
use super::{Seen, Told, condition, fields, outline_page, seen};
use crate::form::{as_sent, field};
use crate::render::redirect;
use crate::session::SignedIn;
use crate::site::Site;
use crate::studies::about::{Admitted, StudyDoor};

/// What a form asks for, and what is chosen after it.
struct Asked {
    wishes: Vec<Operation>,
    chosen: Option<Uuid>,
    problems: Vec<Problem>,
}

impl Asked {
    fn of(wishes: Vec<Operation>, chosen: Option<Uuid>) -> Self {
        Self { wishes, chosen, problems: Vec::new() }
    }

    fn wrong(problem: Problem, chosen: Option<Uuid>) -> Self {
        Self { wishes: Vec::new(), chosen, problems: vec![problem] }
    }
}

/// `POST /studies/{id}/builder`
pub async fn change(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let (author, sent_as) = (signed_in.user.id, name_of(&form));
    let chosen = Uuid::try_parse(as_sent(&form, "item")).ok();
    let doing = as_sent(&form, "do").to_owned();
    if matches!(doing.as_str(), "undo" | "redo") {
        let act = if doing == "undo" { undo_edit } else { redo_edit };
        let (now, id) = (app.clock.now(), study.id);
        app.store
            .write(Scope::Study(id), move |connection| act(connection, now, author, id, sent_as))
            .await?;
        return Ok(redirect(&way(&form, &study, chosen, Some(sent_as))));
    }
    let seen = seen(&app, &study, author, None).await?;
    if doing == "condition" {
        return change_condition(&app, &request, (&signed_in, &study), &form, &seen).await;
    }
    let stored = seen.stored;
    let asked = asked(&form, &doing, chosen, &stored);
    let chosen = asked.chosen;
    let several = doing.starts_with("several-").then(|| Several::of(&form));
    if !asked.problems.is_empty() {
        let adds = matches!(doing.as_str(), "add" | "paste");
        let added = adds.then(|| (Typed::of(&form), chosen));
        let told = Told { problems: asked.problems, several, added, ..Told::default() };
        return outline_page(&app, &request, &signed_in, &study, told).await;
    }
    let (count, number) = (asked.wishes.len(), stored.number);
    let done = send(&app, &study, author, (sent_as, number), asked.wishes).await;
    match done {
        // Nothing of it could be done: what was typed is given back on the page.
        Ok(edited) if count > 0 && edited.refused.len() == count => {
            let told = Told { refused: edited.refused, several, ..Told::default() };
            outline_page(&app, &request, &signed_in, &study, told).await
        }
        Ok(_) => Ok(redirect(&way(&form, &study, chosen, Some(sent_as)))),
        Err(Error::Invalid(problems)) => {
            let told = Told { problems, ..Told::default() };
            outline_page(&app, &request, &signed_in, &study, told).await
        }
        Err(error) => Err(error),
    }
}

/// A button of a condition's form: shown again, or saved.
async fn change_condition(
    app: &Data<Site>,
    request: &HttpRequest,
    (signed_in, study): (&SignedIn, &Study),
    form: &Posted,
    seen: &Seen,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let (author, sent_as) = (signed_in.user.id, name_of(form));
    let (wishes, owner) = match condition::asked(seen, form, language) {
        condition::Asked::Again(editor) => {
            let told = Told { editor: Some(*editor), ..Told::default() };
            return outline_page(app, request, signed_in, study, told).await;
        }
        condition::Asked::Gone => {
            let told =
                Told { problems: vec![Problem::new("condition-gone", "")], ..Told::default() };
            return outline_page(app, request, signed_in, study, told).await;
        }
        condition::Asked::Save(wishes, owner) => (wishes, owner),
    };
    let problems = match send(app, study, author, (sent_as, seen.stored.number), wishes).await {
        Ok(edited) if edited.refused.is_empty() => {
            return Ok(redirect(&way(form, study, Some(owner), Some(sent_as))));
        }
        Ok(edited) => edited.refused.iter().map(|(_, refusal)| not_saved(*refusal)).collect(),
        Err(Error::Invalid(problems)) => problems,
        Err(error) => return Err(error),
    };
    // What was chosen stays in the form, beside what is there now.
    let now = super::seen(app, study, author, None).await?;
    let editor = condition::again(&now, form, problems, language);
    let told = Told { editor, ..Told::default() };
    outline_page(app, request, signed_in, study, told).await
}

/// Why a condition was not saved.
fn not_saved(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Gone => Problem::new("condition-gone", ""),
        Refusal::ChangedSince => Problem::new("condition-changed-since", ""),
        _ => Problem::new("condition-does-not-fit", ""),
    }
}

/// Sends an author's wishes, who saw the draft at that number.
pub async fn send(
    app: &Data<Site>,
    study: &Study,
    author: Id,
    (sent_as, number): (Id, i64),
    wishes: Vec<Operation>,
) -> Result<Edited, Error> {
    let (now, id) = (app.clock.now(), study.id);
    if wishes.is_empty() {
        return Ok(Edited { number, refused: Vec::new() });
    }
    let sent = Sent { sent_as, seen: number, wishes };
    app.store
        .write(Scope::Study(id), move |connection| edit_draft(connection, now, author, id, &sent))
        .await
}

/// The author's own name for what is sent.
pub fn name_of(form: &Posted) -> Id {
    Id::parse(as_sent(form, "sent_as")).unwrap_or_else(Id::random)
}

/// Where one goes on: to the outline, with what is chosen in sight.
fn way(form: &Posted, study: &Study, chosen: Option<Uuid>, sent: Option<Id>) -> String {
    let mut way = format!("/studies/{}/builder?", study.id);
    if let Some(chosen) = chosen {
        way.push_str(&format!("item={chosen}&"));
    }
    if let Some(sent) = sent {
        way.push_str(&format!("sent={sent}&"));
    }
    let shown = as_sent(form, "shown");
    if !shown.is_empty() && shown.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-') {
        way.push_str(&format!("shown={shown}&"));
    }
    way.pop();
    if chosen.is_some() { format!("{way}#chosen") } else { way }
}

fn asked(form: &Posted, doing: &str, chosen: Option<Uuid>, stored: &StoredDraft) -> Asked {
    let document = &stored.draft.document;
    let mut fresh = || Id::rising().0;
    let moved = |wish: Option<Operation>| Asked::of(wish.into_iter().collect(), chosen);
    match (doing, chosen) {
        ("add", _) => add(form, chosen, document),
        ("paste", _) => {
            let pasted = paste::questions(as_sent(form, "lines"));
            if pasted.is_empty() {
                return Asked::wrong(Problem::new("edit_nothing_pasted", "lines"), chosen);
            }
            added(&pasted, "short_text", chosen, document)
        }
        ("section", _) => {
            let after = chosen.unwrap_or(document.id);
            let (wish, id) = compose::section(document, after, &field(form, "title"), &mut fresh);
            Asked::of(vec![wish], Some(id))
        }
        ("copy", Some(item)) => match compose::copy(document, item, &mut fresh) {
            Some((wish, id)) => Asked::of(vec![wish], Some(id)),
            None => moved(None),
        },
        ("remove", Some(item)) => Asked::of(
            compose::remove(document, item).into_iter().collect(),
            neighbour(document, item),
        ),
        ("up", Some(item)) => moved(compose::step(document, item, true)),
        ("down", Some(item)) => moved(compose::step(document, item, false)),
        ("deeper", Some(item)) => moved(compose::nest(document, item, true)),
        ("out", Some(item)) => moved(compose::nest(document, item, false)),
        ("move", Some(item)) => {
            match several::moved(document, &BTreeSet::from([item]), &field(form, "after")) {
                Ok(wishes) => Asked::of(wishes, chosen),
                Err(problem) => Asked::wrong(problem, chosen),
            }
        }
        (doing, _) if doing.starts_with("several-") => {
            let several = Several::of(form);
            match several.asked(doing, document) {
                Ok(wishes) if doing == "several-remove" => Asked::of(wishes, None),
                Ok(wishes) => Asked::of(wishes, several.first(document)),
                Err(problem) => Asked::wrong(problem, chosen),
            }
        }
        ("settle", _) => choose(form, chosen, &stored.draft),
        _ => panel(form, chosen, document),
    }
}

/// The question that stands before another, to be chosen when that goes.
fn neighbour(document: &Document, item: Uuid) -> Option<Uuid> {
    let questions: Vec<Uuid> = document.questions().map(|question| question.id).collect();
    let at = questions.iter().position(|question| *question == item)?;
    let beside = at.checked_sub(1).unwrap_or(at + 1);
    questions.get(beside).copied()
}

fn add(form: &Posted, chosen: Option<Uuid>, document: &Document) -> Asked {
    let wording = field(form, "wording");
    if wording.is_empty() {
        return Asked::wrong(Problem::new("edit_no_wording", "wording"), chosen);
    }
    let options = paste::options(as_sent(form, "options"));
    // A kind that is left open is decided by the options.
    let kind = Some(as_sent(form, "kind")).filter(|kind| !kind.is_empty()).unwrap_or("short_text");
    added(&[Pasted { number: None, wording, options }], kind, chosen, document)
}

fn added(pasted: &[Pasted], kind: &str, chosen: Option<Uuid>, document: &Document) -> Asked {
    let after = chosen.unwrap_or(document.id);
    let mut fresh = || Id::rising().0;
    match compose::questions(document, after, pasted, kind, &mut fresh) {
        Some((wishes, last)) => Asked::of(wishes, Some(last)),
        None => Asked::wrong(Problem::new("edit_value", "kind").with("value", kind), chosen),
    }
}

/// One of two versions of a text is chosen.
fn choose(form: &Posted, chosen: Option<Uuid>, draft: &Draft) -> Asked {
    let number = as_sent(form, "conflict").parse::<usize>().ok();
    let conflict = number.and_then(|number| draft.conflicts.get(number));
    // Another one may have come into its place since.
    let same = |second: &str| plain_lines(as_sent(form, "second")) == plain_lines(second);
    let Some(conflict) = conflict.filter(|conflict| same(&conflict.second)) else {
        return Asked::of(Vec::new(), chosen);
    };
    let mut wishes = Vec::new();
    if as_sent(form, "keep") == "second" {
        let now = draft.document.clone().change_text(conflict.slot(), |text| {
            text.0.get(&conflict.language).cloned().unwrap_or_default()
        });
        wishes.push(Operation::Write {
            item: conflict.item,
            role: conflict.role,
            language: conflict.language.clone(),
            was: now.unwrap_or_default(),
            now: conflict.second.clone(),
        });
    }
    wishes.push(Operation::Settle(conflict.clone()));
    Asked::of(wishes, chosen)
}

/// Browsers end lines by two signs; control signs mean nothing in a text.
pub fn plain_lines(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    lines.chars().filter(|sign| !sign.is_control() || *sign == '\n').collect()
}

/// Everything that was changed in the panel, and what its button asks for besides.
fn panel(form: &Posted, chosen: Option<Uuid>, document: &Document) -> Asked {
    let mut asked = Asked::of(Vec::new(), chosen);
    asked.wishes.extend(texts(form, document));
    properties(form, document, &mut asked);
    kinds(form, document, &mut asked);
    constraints(form, document, &mut asked);
    new_lines(form, document, &mut asked);
    let then = as_sent(form, "then");
    if let Some((what, item)) = then.split_once(':')
        && let Ok(item) = Uuid::try_parse(item)
    {
        asked.wishes.extend(match what {
            "remove" => document.place(item).map(|from| Operation::Remove { item, from }),
            "up" => compose::step(document, item, true),
            "down" => compose::step(document, item, false),
            _ => None,
        });
    }
    asked
}

/// The texts that say something else than they did.
pub fn texts(form: &Posted, document: &Document) -> Vec<Operation> {
    let mut changed = Vec::new();
    for (name, values) in form {
        let Some(rest) = name.strip_prefix("t.") else { continue };
        let Some((at, language)) = rest.rsplit_once('.') else { continue };
        let Ok(at) = at.parse() else { continue };
        let now = plain_lines(values.first().map_or("", String::as_str));
        let was = plain_lines(as_sent(form, &format!("w.{rest}")));
        if now.trim() == was.trim() {
            continue;
        }
        let now = now.trim().to_owned();
        changed.push(Writing { at, language: language.to_owned(), was, now });
    }
    writings(document, &changed)
}

fn properties(form: &Posted, document: &Document, asked: &mut Asked) {
    for (name, values) in form {
        let Some(rest) = name.strip_prefix("q.") else { continue };
        let Some((item, property)) = rest.split_once('.') else { continue };
        let Ok(item) = Uuid::try_parse(item) else { continue };
        let was = values.first().map_or("", String::as_str);
        // What is ticked comes box by box; the order means nothing.
        let mut now: Vec<&str> =
            form.get(&format!("p.{rest}")).into_iter().flatten().map(String::as_str).collect();
        if property != "languages" {
            now.sort_unstable();
        }
        let (now, was) = (plain_lines(&now.join(" ")), plain_lines(was));
        if now.trim() == was.trim() {
            continue;
        }
        let read = |value: &str| fields::property(property, value, document);
        match (read(&was), read(&now)) {
            // A question or a row that is called otherwise is followed where it is named.
            (_, Some(Ok(Property::Name(new)))) if !rename(document, item, &new).is_empty() => {
                asked.wishes.extend(rename(document, item, &new));
            }
            (Some(Ok(was)), Some(Ok(now))) => {
                asked.wishes.push(Operation::Set { item, was, now });
            }
            (_, Some(Err(problem))) => asked.problems.push(problem),
            _ => {}
        }
    }
}

/// Kinds that were changed, or settings of theirs.
fn kinds(form: &Posted, document: &Document, asked: &mut Asked) {
    for (name, values) in form {
        let Some(id) = name.strip_prefix("k.") else { continue };
        let Ok(item) = Uuid::try_parse(id) else { continue };
        let json = values.first().map_or("", String::as_str);
        let Ok(was) = serde_json::from_str::<Kind>(json) else { continue };
        let wanted = as_sent(form, &format!("kind.{id}"));
        let changed: BTreeMap<String, String> = form
            .iter()
            .filter_map(|(name, values)| {
                let setting = name.strip_prefix("r.")?.strip_prefix(id)?.strip_prefix('.')?;
                let now = as_sent(form, &format!("s.{id}.{setting}")).trim();
                let before = values.first().map_or("", String::as_str);
                (now != before.trim()).then(|| (setting.to_owned(), now.to_owned()))
            })
            .collect();
        let list = format!("list_{}", &item.simple().to_string()[24..]);
        let Some(mut now) =
            was.converted(if wanted.is_empty() { was.name() } else { wanted }, &list)
        else {
            if wanted != was.name() {
                asked.problems.push(Problem::new("edit_value", "kind").with("value", wanted));
            }
            continue;
        };
        let problems = fields::set(&mut now, &changed);
        asked.problems.extend(problems);
        if now == was {
            continue;
        }
        // What chooses for the first time gets a list of its own.
        if now.list() == Some(list.as_str()) && document.list(&list).is_none() {
            let after = document.lists.last().map(|list| list.id);
            let new = OptionList { id: Id::rising().0, name: list, options: Vec::new() };
            let at = Place { parent: document.id, after };
            asked.wishes.push(Operation::Insert { node: Node::List(Box::new(new)), at });
        }
        let (was, now) = (Property::Kind(Box::new(was)), Property::Kind(Box::new(now)));
        asked.wishes.push(Operation::Set { item, was, now });
    }
}

/// What answers must satisfy, line by line; an empty line is none.
fn constraints(form: &Posted, document: &Document, asked: &mut Asked) {
    for (name, values) in form {
        let Some(id) = name.strip_prefix("cw.") else { continue };
        let json = values.first().map_or("", String::as_str);
        let (Ok(item), Ok(was)) =
            (Uuid::try_parse(id), serde_json::from_str::<Vec<Constraint>>(json))
        else {
            continue;
        };
        let mut now = Vec::new();
        for number in 0..=was.len() {
            let own = format!("c.{id}.{number}");
            let expression = plain_lines(as_sent(form, &format!("{own}.e"))).trim().to_owned();
            if expression.is_empty() {
                continue;
            }
            let mut message = was.get(number).map(|one| one.message.clone()).unwrap_or_default();
            for language in &document.languages {
                let said = plain_lines(as_sent(form, &format!("{own}.m.{}", language.code)));
                match said.trim() {
                    "" => message.0.remove(&language.code),
                    said => message.0.insert(language.code.clone(), said.to_owned()),
                };
            }
            let soft = as_sent(form, &format!("{own}.s")) == "yes";
            now.push(Constraint { expression, message, soft });
        }
        if now != was {
            let (was, now) = (Property::Constraints(was), Property::Constraints(now));
            asked.wishes.push(Operation::Set { item, was, now });
        }
    }
}

/// Options and rows that were typed or pasted below those that are there.
fn new_lines(form: &Posted, document: &Document, asked: &mut Asked) {
    let language = &document.default_language;
    let mut fresh = || Id::rising().0;
    for (name, values) in form {
        let lines = values.first().map_or("", String::as_str);
        let pasted: Vec<PastedOption> = paste::options(lines);
        if pasted.is_empty() {
            continue;
        }
        if let Some(id) = name.strip_prefix("new.options.") {
            let list = document.lists.iter().find(|list| list.id.to_string() == id);
            let Some(list) = list else { continue };
            let mut after = list.options.last().map(|option| option.id);
            for option in compose::options(Some(list), &pasted, language, &mut fresh) {
                let (at, id) = (Place { parent: list.id, after }, option.id);
                asked.wishes.push(Operation::Insert { node: Node::Option(Box::new(option)), at });
                after = Some(id);
            }
        } else if let Some(id) = name.strip_prefix("new.rows.") {
            let question = document.questions().find(|question| question.id.to_string() == id);
            let Some(question) = question else { continue };
            let mut after = question.kind.rows().last().map(|row| row.id);
            let first = question.kind.rows().len() + 1;
            let used: Vec<String> = document
                .parts()
                .iter()
                .filter_map(|(_, part)| match part {
                    Part::Row(row) => Some(row.name.clone()),
                    _ => None,
                })
                .collect();
            let free = (first..).map(|number| format!("{}_{number}", question.name));
            let names = free.filter(|name| !used.contains(name));
            for (line, name) in pasted.iter().zip(names) {
                let id = fresh();
                let wording = Text::new(language, &line.label);
                let row = Row { id, name, wording, relevant: None };
                let at = Place { parent: question.id, after };
                asked.wishes.push(Operation::Insert { node: Node::Row(Box::new(row)), at });
                after = Some(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::parse;

    fn document() -> Document {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    #[test]
    fn what_is_as_it_was_is_no_change() {
        let document = document();
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        for question in document.questions() {
            for field in fields::of_question(question) {
                pairs.append_pair(&field.was, &field.value);
                for value in field.value.split(' ').filter(|value| !value.is_empty()) {
                    pairs.append_pair(&field.name, value);
                }
                if field.control == "lines" || field.control == "text" {
                    // One box, one value.
                    pairs.append_pair(&format!("x.{}", field.name), &field.value);
                }
            }
            let json = serde_json::to_string(&question.kind).expect("JSON");
            pairs.append_pair(&format!("k.{}", question.id), &json);
        }
        let form = parse(pairs.finish().as_bytes());
        let mut asked = Asked::of(Vec::new(), None);
        kinds(&form, &document, &mut asked);
        assert_eq!(asked.wishes, []);
        assert!(asked.problems.is_empty());
    }

    #[test]
    fn a_text_that_changed_is_written_over_what_was_seen() {
        let id = Uuid::from_u128(7);
        let body = format!("t.{id}.wording.vi=M%E1%BB%9Bi%0D%0A&w.{id}.wording.vi=C%C5%A9");
        let wishes = texts(&parse(body.as_bytes()), &document());
        let [Operation::Write { item, was, now, language, .. }] = wishes.as_slice() else {
            panic!("one text: {wishes:?}")
        };
        assert_eq!((*item, was.as_str(), now.as_str(), language.as_str()), (id, "Cũ", "Mới", "vi"));
    }

    #[test]
    fn what_anybody_may_send_is_no_panic() {
        for body in [
            "t.x.y.z=1",
            "q..=&p..=",
            "k.1={&kind.1=single",
            "new.options.=a",
            "new.rows.x=b",
            "do=settle&conflict=99",
            "do=move&item=x&after=",
            "do=several-move&items=x&after=0",
            "do=several-options&items=&like=1",
            "do=several-",
            "then=remove:x",
            "then=up",
        ] {
            let form = parse(body.as_bytes());
            let stored = StoredDraft {
                questionnaire: Id::random(),
                number: 0,
                kept: 0,
                draft: Draft::of(document()),
            };
            let found = asked(&form, as_sent(&form, "do"), None, &stored);
            assert!(found.wishes.is_empty(), "{body}: {:?}", found.wishes);
        }
    }
}
