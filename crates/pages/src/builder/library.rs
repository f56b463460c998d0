//! The library beside a draft: blocks put in and taken out of it, and parts of other
//! questionnaires copied into it.

pub mod update;

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::library::{self as acts, Placed, offered};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::rules::shipped;
use fielding::rules::states::StudyStatus;
use fielding::store::blocks;
use fielding::store::studies::Study;
use fielding::store::{Connection, Id, Scope, drafts, people};
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, Section};
use survey_builder::questionnaire::library::{Block, Inserted, Shape, cut, held, insert};
use survey_builder::questionnaire::validate::Posted;
use uuid::Uuid;

use super::outline::kind_in_short;
use super::{Seen, Strip, seen};
use crate::bar::Place;
use crate::form::{FieldProblem, asked, field, field_problems};
use crate::library::{
    Listing, Wanted, addressed, listing, may_read, outside, targets, title, to_change,
};
use crate::outcome::status;
use crate::paper;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead};

/// Words of a selection that name it.
const SHORT: usize = 80;

/// The page of the library beside a draft.
#[derive(Serialize)]
struct BuilderLibraryPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Listed<FieldProblem>,
    /// What is chosen in the outline; what is put in comes after it.
    item: String,
    chosen: Option<Chosen>,
    /// What was typed as a name and as a note.
    typed: String,
    note: String,
    /// What is to be put in, shown before it is.
    offer: Option<Offer>,
    /// Another study, of which a part is to be chosen.
    source: Option<Source>,
    uses: Vec<UseLine>,
    /// Blocks to choose from; `None` where something is looked at already.
    listing: Option<Listing>,
    shapes: Vec<&'static str>,
    /// Studies whose drafts the reader may write: identity and name.
    sources: Vec<(String, String)>,
}

/// What of the draft may be saved.
#[derive(Serialize)]
struct Chosen {
    called: String,
    shape: &'static str,
    questions: usize,
    /// Units that may keep it: identity and name.
    units: Vec<(String, String)>,
    /// Blocks of which it may be the next version: identity and name.
    blocks: Vec<(String, String)>,
    /// What it names that is not in it.
    outside: Vec<(String, String)>,
    /// How many conditions of what is around it stay behind.
    around: usize,
}

/// What is to be put in.
#[derive(Serialize)]
struct Offer {
    /// The block and its version, or the study and the part that is copied.
    block: String,
    number: i64,
    from: String,
    part: String,
    name: String,
    /// What it asks: number, words, kind.
    questions: Vec<(String, String)>,
    /// Names that become others: before, after.
    renamed: Vec<(String, String)>,
    /// What it names that is not in it: words of who names it, the name, and the question
    /// of the draft that it means then; empty where the draft has none.
    outside: Vec<(String, String, String)>,
    /// Languages of the draft that it lacks, and of it that the draft lacks.
    untranslated: Vec<String>,
    unread: Vec<String>,
    media: Vec<String>,
    /// The question after which it comes; empty for the end.
    after: String,
}

/// A study to copy from.
#[derive(Serialize)]
struct Source {
    id: String,
    name: String,
    /// Sections and questions: identity, depth, words, kind.
    parts: Vec<(String, usize, String, String)>,
}

/// A block that was put into this draft.
#[derive(Serialize)]
struct UseLine {
    id: String,
    block: String,
    name: String,
    number: i64,
    newest: i64,
    /// Whether any of it is in the draft still.
    held: bool,
}

/// `GET /studies/{id}/builder/library`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    library_page(&app, &request, &signed_in, &study, (&Posted::new(), &[])).await
}

/// What an address asks for, or what a form was sent about.
struct Wish {
    item: Option<Uuid>,
    block: Option<Id>,
    from: Option<Id>,
    part: Option<Uuid>,
}

impl Wish {
    fn of(request: &HttpRequest, form: &Posted) -> Self {
        let text = |name: &str| {
            let sent = field(form, name);
            if sent.is_empty() { asked(request, name).unwrap_or_default().to_owned() } else { sent }
        };
        let sent = |name: &str| Uuid::try_parse(&text(name)).ok();
        Self {
            item: sent("item"),
            block: Id::parse(&text("block")).filter(|_| field(form, "do") != "version"),
            from: Id::parse(&text("from")),
            part: sent("part"),
        }
    }
}

/// What of the store a page needs.
struct Read {
    units: Vec<(String, String)>,
    blocks: Vec<(String, String)>,
    uses: Vec<UseLine>,
    listing: Option<Listing>,
    sources: Vec<(String, String)>,
    offered: Option<(String, Block, i64)>,
    source: Option<(Id, String, Document)>,
}

async fn library_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    (form, problems): (&Posted, &[Problem]),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let seen = seen(app, study, signed_in.user.id, None).await?;
    let wish = Wish::of(request, form);
    let (who, of, wanted) = (signed_in.clone(), study.clone(), Wanted::of(request));
    let (draft, asked) = (seen.document().clone(), (wish.block, wish.from));
    let read = app
        .store
        .read(move |connection| read(connection, (&who, &of), &draft, (asked, wanted, language)))
        .await?;
    let chosen = wish.item.and_then(|item| chosen(&seen, item, &read, language));
    let offer = offer(&seen, &wish, &read, language);
    let source = read.source.filter(|_| offer.is_none());
    let typed = if problems.is_empty() {
        chosen.as_ref().map(|chosen| chosen.called.clone()).unwrap_or_default()
    } else {
        field(form, "name")
    };
    let shown = BuilderLibraryPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(&seen, "library"),
        problems: field_problems(problems, language).into(),
        item: wish.item.map(|item| item.to_string()).unwrap_or_default(),
        chosen,
        typed,
        note: field(form, "note"),
        offer,
        source: source.map(|(id, name, document)| source_of(id, name, &document, language)),
        uses: read.uses,
        listing: read.listing,
        shapes: Shape::ALL.map(Shape::name).to_vec(),
        sources: read.sources,
    };
    page(status(problems), "builder/library.html", language, &shown)
}

type Asked = ((Option<Id>, Option<Id>), Wanted, &'static str);

fn read(
    connection: &mut Connection,
    (who, study): (&SignedIn, &Study),
    draft: &Document,
    ((block, from), wanted, language): Asked,
) -> Result<Read, Error> {
    let mut units = Vec::new();
    for unit in people::unit_with_ancestors(connection, study.unit_id)? {
        if who.may_in(connection, unit, Action::Design)?
            && let Some(unit) = people::unit(connection, unit)?
        {
            units.push((unit.id.to_string(), unit.name));
        }
    }
    let mut uses = Vec::new();
    let mut known = blocks::of_study(connection, study.id)?;
    for one in blocks::uses_of_study(connection, study.id)? {
        let newest = offered(connection, one.block_id, None)?;
        let put_in = offered(connection, one.block_id, Some(one.number))?.block;
        known.push(one.block_id);
        uses.push(UseLine {
            id: one.id.to_string(),
            block: one.block_id.to_string(),
            name: name_of(one.block_id, &newest.name, &newest.block, language),
            number: one.number,
            newest: newest.number,
            held: !held(&put_in, one.id.0, draft).is_empty(),
        });
    }
    known.sort_unstable();
    known.dedup();
    let mut own = Vec::new();
    for id in known {
        let Some(row) = blocks::find(connection, id)?.filter(|row| row.withdrawn_at.is_none())
        else {
            continue;
        };
        if who.may_in(connection, row.unit_id, Action::Design)? {
            own.push((row.id.to_string(), row.name));
        }
    }
    let offered = match block {
        Some(block) if may_read(connection, who, block)? => {
            let found = offered(connection, block, None)?;
            let name = name_of(block, &found.name, &found.block, language);
            Some((name, found.block, found.number))
        }
        Some(_) => return Err(Error::NotFound(Missing::Block)),
        None => None,
    };
    let source = match from {
        Some(from) => Some(source(connection, who, from)?),
        None => None,
    };
    let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
    let reached = people::units_below(connection, &tops)?;
    let looks = offered.is_some() || source.is_some();
    let listing = if looks { None } else { Some(listing(connection, who, wanted, language)?) };
    let mut sources = if looks { Vec::new() } else { targets(connection, who, &reached)? };
    sources.retain(|(id, _)| *id != study.id.to_string());
    Ok(Read { units, blocks: own, uses, listing, sources, offered, source })
}

/// A block's name, as its readers know it.
fn name_of(id: Id, name: &str, block: &Block, language: &str) -> String {
    if shipped::find(id.0).is_some() { title(block, language) } else { name.to_owned() }
}

/// Another draft that somebody may write.
fn source(
    connection: &mut Connection,
    who: &SignedIn,
    from: Id,
) -> Result<(Id, String, Document), Error> {
    let study = fielding::store::studies::require(connection, from)?;
    if !who.may_in(connection, study.unit_id, Action::View)? {
        return Err(Error::NotFound(Missing::Study));
    }
    if !who.may_in(connection, study.unit_id, Action::Design)? {
        return Err(Error::Forbidden);
    }
    let stored = drafts::of_study(connection, from)?;
    let stored = stored.ok_or(Error::NotFound(Missing::Questionnaire))?;
    Ok((from, study.name, stored.draft.document))
}

/// What is chosen in the outline, if it can be saved.
fn chosen(seen: &Seen, item: Uuid, read: &Read, language: &str) -> Option<Chosen> {
    let cut = cut(seen.document(), item).filter(|cut| cut.block.questions() > 0)?;
    let shown = seen.document().default_language.as_str();
    let called: String =
        cut.block.document.title.get(language, shown).chars().take(SHORT).collect();
    Some(Chosen {
        called,
        shape: cut.block.shape.name(),
        questions: cut.block.questions(),
        units: read.units.clone(),
        blocks: read.blocks.clone(),
        outside: outside(&cut.block, language),
        around: cut.around.len(),
    })
}

/// What is to be put in, as it would stand in the draft.
fn offer(seen: &Seen, wish: &Wish, read: &Read, language: &str) -> Option<Offer> {
    let document = seen.document();
    let (name, block, number) = match (&read.offered, &read.source, wish.part) {
        (Some((name, block, number)), ..) => (name.clone(), block.clone(), *number),
        (None, Some((_, _, source)), Some(part)) => {
            let block = cut(source, part)?.block;
            (title(&block, language), block, 0)
        }
        _ => return None,
    };
    let after = wish.item.unwrap_or(document.id);
    let inserted = insert(&block, Uuid::nil(), document, after)?;
    let labels = paper::labels(document);
    let spoken = |code: &String, among: &Document| {
        let known = among.languages.iter().find(|one| one.code == *code);
        known.map_or_else(|| code.clone(), |one| one.name.clone())
    };
    let Inserted { renamed, outside: named, untranslated, unread, media, .. } = inserted;
    let words = outside(&block, language);
    let outside = words.into_iter().zip(named).map(|((place, name), (_, is_there))| {
        let meant = match labels.get(&name) {
            Some(number) => locale::text(language, "builder-question", &[("number", number)]),
            None if is_there => name.clone(),
            None => String::new(),
        };
        (place, name, meant)
    });
    Some(Offer {
        block: wish.block.map(|block| block.to_string()).unwrap_or_default(),
        number,
        from: wish.from.map(|from| from.to_string()).unwrap_or_default(),
        part: wish.part.map(|part| part.to_string()).unwrap_or_default(),
        name,
        questions: asked_in(&block, language),
        outside: outside.collect(),
        renamed,
        untranslated: untranslated.iter().map(|code| spoken(code, document)).collect(),
        unread: unread.iter().map(|code| spoken(code, &block.document)).collect(),
        media,
        after: after_of(document, wish.item, &labels, language),
    })
}

/// The questions of a block: words and kind.
fn asked_in(block: &Block, language: &str) -> Vec<(String, String)> {
    let document = &block.document;
    let words = |text: &survey_builder::questionnaire::document::Text, name: &str| match text
        .get(language, &document.default_language)
    {
        "" => name.to_owned(),
        words => addressed(document, language, words),
    };
    let line = |one: &survey_builder::questionnaire::document::Question| {
        (words(&one.wording, &one.name), kind_in_short(document, &one.kind, language))
    };
    document.questions().map(line).collect()
}

/// The question after which something comes, in words; empty for the end.
fn after_of(
    document: &Document,
    item: Option<Uuid>,
    labels: &HashMap<String, String>,
    language: &str,
) -> String {
    let Some(item) = item else { return String::new() };
    if let Some(question) = document.questions().find(|one| one.id == item) {
        return match labels.get(&question.name) {
            Some(number) => locale::text(language, "builder-question", &[("number", number)]),
            None => question.name.clone(),
        };
    }
    let section = document.all_sections().into_iter().find(|one| one.id == item);
    let shown = document.default_language.as_str();
    section.map(|one| one.title.get(language, shown).to_owned()).unwrap_or_default()
}

/// A study to copy from, with its parts.
fn source_of(id: Id, name: String, document: &Document, language: &str) -> Source {
    fn walk(
        section: &Section,
        depth: usize,
        (document, language): (&Document, &str),
        parts: &mut Vec<(String, usize, String, String)>,
    ) {
        let shown = document.default_language.as_str();
        let words = match section.title.get(language, shown) {
            "" => locale::text(language, "builder-section-untitled", &[]),
            title => title.to_owned(),
        };
        let kind = locale::text(language, "library-shape-section", &[]);
        parts.push((section.id.to_string(), depth, words, kind));
        for question in section.own_pages().flat_map(|page| &page.questions) {
            let words = match question.wording.get(language, shown) {
                "" => question.name.clone(),
                words => words.to_owned(),
            };
            let kind = kind_in_short(document, &question.kind, language);
            parts.push((question.id.to_string(), depth + 1, words, kind));
        }
        for block in &section.blocks {
            if let survey_builder::questionnaire::document::Block::Section(inner) = block {
                walk(inner, depth + 1, (document, language), parts);
            }
        }
    }
    let mut parts = Vec::new();
    for section in &document.sections {
        walk(section, 0, (document, language), &mut parts);
    }
    Source { id: id.to_string(), name, parts }
}

/// What was done.
enum Done {
    /// Something was put into the draft; nothing where it was there already.
    Placed(Option<Placed>),
    /// A block has a new version, or is new.
    Saved(Id),
    Nothing,
}

/// `POST /studies/{id}/builder/library`: saves what is chosen, or puts something in.
pub async fn send(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let (author, now, id) = (signed_in.user.id, app.clock.now(), study.id);
    let done = app.store.read({
        let (who, study, form) = (signed_in.clone(), study.clone(), form.clone());
        move |connection| may_send(connection, &who, &study, &form)
    });
    done.await?;
    let sent = form.clone();
    let done = app
        .store
        .write(Scope::Study(id), move |connection| act(connection, (now, author, id), &sent))
        .await;
    match done {
        Ok(Done::Placed(Some(placed))) => {
            let sent = field(&form, "sent_as");
            let way = format!("/studies/{id}/builder?item={}&sent={sent}#chosen", placed.first);
            Ok(redirect(&way))
        }
        Ok(Done::Saved(block)) => Ok(redirect(&format!("/library/{block}"))),
        Ok(Done::Placed(None)) => Ok(redirect(&format!("/studies/{id}/builder"))),
        Ok(Done::Nothing) => Ok(redirect(&format!("/studies/{id}/builder/library"))),
        Err(Error::Invalid(problems)) => {
            library_page(&app, &request, &signed_in, &study, (&form, &problems)).await
        }
        Err(error) => Err(error),
    }
}

/// Whether somebody may do with blocks, units and other studies what a form says.
fn may_send(
    connection: &mut Connection,
    who: &SignedIn,
    study: &Study,
    form: &Posted,
) -> Result<(), Error> {
    let id = |name: &str| Id::parse(&field(form, name));
    match field(form, "do").as_str() {
        "save" => {
            let Some(unit) = id("unit") else { return Ok(()) };
            let around = people::unit_with_ancestors(connection, study.unit_id)?;
            if !around.contains(&unit) || !who.may_in(connection, unit, Action::Design)? {
                return Err(Error::NotFound(Missing::Unit));
            }
        }
        "version" => {
            if let Some(block) = id("block") {
                to_change(connection, who, block)?;
            }
        }
        "insert" => {
            let block = id("block").ok_or(Error::NotFound(Missing::Block))?;
            if !may_read(connection, who, block)? {
                return Err(Error::NotFound(Missing::Block));
            }
        }
        "copy" => {
            let from = id("from").ok_or(Error::NotFound(Missing::Study))?;
            source(connection, who, from)?;
        }
        _ => {}
    }
    Ok(())
}

fn act(
    connection: &mut Connection,
    (now, author, study): (fielding::store::Instant, Id, Id),
    form: &Posted,
) -> Result<Done, Error> {
    let id = |name: &str| Id::parse(&field(form, name));
    let part = |name: &str| Uuid::try_parse(&field(form, name)).ok();
    let item = part("item");
    let sent_as = super::edits::name_of(form);
    let number = field(form, "number").parse().unwrap_or(0);
    // Where nothing is chosen it comes at the end.
    let after = item.unwrap_or_default();
    Ok(match field(form, "do").as_str() {
        "save" => {
            let unit = id("unit").ok_or_else(|| Error::invalid("required", "unit"))?;
            let wish = (item.unwrap_or_default(), unit, field(form, "name"));
            let wish = (wish.0, wish.1, wish.2.as_str());
            Done::Saved(acts::save_block(connection, now, author, study, wish)?)
        }
        "version" => {
            let block = id("block").ok_or_else(|| Error::invalid("required", "block"))?;
            let note = field(form, "note");
            let wish = (item.unwrap_or_default(), block, note.as_str());
            acts::save_version(connection, now, author, study, wish)?;
            Done::Saved(block)
        }
        "insert" => {
            let block = id("block").ok_or(Error::NotFound(Missing::Block))?;
            let wish = (block, number, after, sent_as);
            Done::Placed(acts::insert_block(connection, now, author, study, wish)?)
        }
        "copy" => {
            let from = id("from").ok_or(Error::NotFound(Missing::Study))?;
            let wish = (from, part("part").unwrap_or_default(), after, sent_as);
            Done::Placed(acts::copy_part(connection, now, author, study, wish)?)
        }
        _ => Done::Nothing,
    })
}

/// Whether nothing can be put into a draft any more.
pub(super) fn is_over(study: &Study) -> bool {
    study.status == StudyStatus::Closed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::tests::seen_example;
    use crate::examples::shows;

    #[test]
    fn the_library_beside_a_draft_shows_its_examples() {
        let seen = seen_example();
        shows("builder/library.html", |language| {
            let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
            let chosen = |full: bool| Chosen {
                called: "Đi lại".to_owned(),
                shape: "section",
                questions: 3,
                units: if full {
                    vec![pair("1", "Sở Y tế"), pair("2", "Thành phố")]
                } else {
                    vec![pair("1", "Sở Y tế")]
                },
                blocks: if full { vec![pair("3", "Đi lại")] } else { Vec::new() },
                outside: if full { vec![pair("Câu hỏi", "age")] } else { Vec::new() },
                around: usize::from(full),
            };
            let offer = |full: bool| Offer {
                block: if full { "3".to_owned() } else { String::new() },
                number: 1,
                from: "4".to_owned(),
                part: "5".to_owned(),
                name: "Đi lại".to_owned(),
                questions: vec![pair("Câu hỏi", "…")],
                renamed: if full { vec![pair("age", "age_2")] } else { Vec::new() },
                outside: if full {
                    vec![
                        ("Câu hỏi".to_owned(), "age".to_owned(), String::new()),
                        ("Câu hỏi".to_owned(), "sex".to_owned(), "Câu 2".to_owned()),
                    ]
                } else {
                    Vec::new()
                },
                untranslated: if full { vec!["English".to_owned()] } else { Vec::new() },
                unread: if full { vec!["Français".to_owned()] } else { Vec::new() },
                media: if full { vec!["a.png".to_owned()] } else { Vec::new() },
                after: if full { "Câu 3".to_owned() } else { String::new() },
            };
            let used = |number, held| UseLine {
                id: "6".to_owned(),
                block: "3".to_owned(),
                name: "Đi lại".to_owned(),
                number,
                newest: 2,
                held,
            };
            let source = source_of(Id::random(), "Khác".to_owned(), seen.document(), language);
            let of = |chosen, offer, source, listing, problems: &[Problem]| BuilderLibraryPage {
                layout: StaffLayout::example(language),
                study: StudyHead::example(),
                strip: Strip::example("library"),
                problems: field_problems(problems, language).into(),
                item: "7".to_owned(),
                chosen,
                typed: "Đi lại".to_owned(),
                note: String::new(),
                offer,
                source,
                uses: vec![used(1, true), used(2, true), used(1, false)],
                listing,
                shapes: vec!["question", "section"],
                sources: vec![pair("4", "Khác")],
            };
            let wrong = [Problem::new("block-name-taken", "name")];
            let bare = BuilderLibraryPage {
                uses: Vec::new(),
                item: String::new(),
                sources: Vec::new(),
                ..of(None, None, None, Some(Listing::example(0)), &[])
            };
            vec![
                bare,
                of(Some(chosen(true)), None, None, Some(Listing::example(2)), &wrong),
                of(Some(chosen(false)), None, None, Some(Listing::example(1)), &[]),
                of(None, Some(offer(true)), None, None, &[]),
                of(None, Some(offer(false)), None, None, &[]),
                of(None, None, Some(source), None, &[]),
            ]
        });
    }
}
