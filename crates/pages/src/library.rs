//! The library: blocks of questions that may be put into drafts, found by their words,
//! and one by one with everything that they say.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::library::{self as acts, offered};
use fielding::error::{Error, Missing, Problem};
use fielding::rules::access::Action;
use fielding::rules::shipped::{self, Shipped};
use fielding::rules::states::{BlockShape, StudyStatus};
use fielding::store::blocks::{self, BlockRow, ListedVersion, UsedIn};
use fielding::store::studies::{self, Study};
use fielding::store::{Connection, Id, Scope, Zone, drafts, people};
use serde::Serialize;
use survey_builder::plain::plain;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::library::{Block, held};
use survey_builder::questionnaire::piping::{capitalised, form_of_address};
use survey_builder::questionnaire::translation::{TextPlace, placed_texts};
use survey_builder::questionnaire::validate::Posted;

use super::bar::Place;
use super::form::{FieldProblem, field, field_problems, parse, read_short_form};
use super::outcome::status;
use super::render::{page, redirect};
use super::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::Listed;

/// Blocks of units that are looked through.
const BLOCKS: i64 = 2_000;
/// Blocks that one page lists.
const SHOWN: usize = 100;
/// Studies that a block's page lists.
const STUDIES: i64 = 50;
/// Studies that are offered for putting a block in, the newest.
const TARGETS: usize = 20;
/// Signs of what is asked for that are looked at.
const LONGEST: usize = 100;

/// The units whose blocks somebody may see: those that a role of theirs reaches, as for
/// studies, and those above one in which they have a role. A block holds no answer and
/// nobody's name; what a body keeps for all is for those below it too.
pub fn readable(connection: &mut Connection, who: &SignedIn) -> Result<Vec<Id>, Error> {
    let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
    let mut units: BTreeSet<Id> = people::units_below(connection, &tops)?.into_iter().collect();
    for top in tops {
        units.extend(people::unit_with_ancestors(connection, top)?);
    }
    Ok(units.into_iter().collect())
}

/// Whether somebody may see a block; one of the program, everybody may.
pub fn may_read(connection: &mut Connection, who: &SignedIn, block: Id) -> Result<bool, Error> {
    if shipped::find(block.0).is_some() {
        return Ok(true);
    }
    let Some(row) = blocks::find(connection, block)? else { return Ok(false) };
    Ok(readable(connection, who)?.contains(&row.unit_id))
}

/// A block of a unit that somebody may change.
///
/// # Errors
///
/// One that they may not even see is not there; one that they may only see is forbidden.
pub fn to_change(
    connection: &mut Connection,
    who: &SignedIn,
    block: Id,
) -> Result<BlockRow, Error> {
    let row = blocks::find(connection, block)?.ok_or(Error::NotFound(Missing::Block))?;
    if !readable(connection, who)?.contains(&row.unit_id) {
        return Err(Error::NotFound(Missing::Block));
    }
    if !who.may_in(connection, row.unit_id, Action::Design)? {
        return Err(Error::Forbidden);
    }
    Ok(row)
}

/// What is asked for in a list of blocks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Wanted {
    /// Words.
    pub q: String,
    /// What it is; empty means anything.
    pub shape: String,
    /// The code of a language in which it is whole; empty means any.
    pub language: String,
}

impl Wanted {
    /// What an address asks for.
    pub fn of(request: &HttpRequest) -> Self {
        let asked = parse(request.query_string().as_bytes());
        Self {
            q: field(&asked, "q").chars().take(LONGEST).collect(),
            shape: field(&asked, "shape"),
            language: field(&asked, "language"),
        }
    }

    fn fits(&self, line: &BlockLine, words: &str) -> bool {
        let words = format!(" {words} {}", plain(&line.name));
        let asked = plain(&self.q);
        let mut asked = asked.split(' ').filter(|word| !word.is_empty());
        asked.all(|word| words.contains(&format!(" {word}")))
            && (self.shape.is_empty() || self.shape == line.shape)
            && (self.language.is_empty() || line.languages.contains(&self.language))
    }
}

/// A block in a list.
#[derive(Clone, Debug, Serialize)]
pub struct BlockLine {
    /// Identity.
    pub id: String,
    /// Its name; of the program's, its title.
    pub name: String,
    /// What it is.
    pub shape: &'static str,
    /// How many questions it has.
    pub questions: i64,
    /// The codes of the languages in which it is whole.
    pub languages: Vec<String>,
    /// The unit that keeps it; empty for one of the program.
    pub unit: String,
    /// Into how many studies that the reader may see it was put.
    pub used: usize,
}

/// A list of blocks.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// Those that fit what is asked for.
    pub lines: Vec<BlockLine>,
    /// How many there are altogether.
    pub all: usize,
    /// Whether more fit than are listed.
    pub more: bool,
    /// The codes of the languages in which there are blocks.
    pub languages: Vec<String>,
    /// What is asked for.
    pub wanted: Wanted,
}

/// The title of a block of the program.
pub fn title(block: &Block, language: &str) -> String {
    block.document.title.get(language, "en").to_owned()
}

fn shipped_line(one: &Shipped, language: &str) -> Option<(BlockLine, String)> {
    let block = one.newest()?;
    let line = BlockLine {
        id: one.id.to_string(),
        name: title(block, language),
        shape: block.shape.name(),
        questions: i64::try_from(block.questions()).unwrap_or(i64::MAX),
        languages: block.languages(),
        unit: String::new(),
        used: 0,
    };
    // By its name in every language.
    let titles: Vec<&str> = block.document.title.0.values().map(String::as_str).collect();
    Some((line, plain(&format!("{} {}", block.words(), titles.join(" ")))))
}

/// The blocks that somebody may see and that fit what is asked for: units' own first.
pub fn listing(
    connection: &mut Connection,
    who: &SignedIn,
    wanted: Wanted,
    language: &str,
) -> Result<Listing, Error> {
    let units = readable(connection, who)?;
    let named: Vec<people::Unit> = people::all_units(connection)?;
    let unit_name = |id: Id| named.iter().find(|unit| unit.id == id).map(|unit| unit.name.clone());
    let own = blocks::offered(connection, &units, BLOCKS)?.into_iter().map(|row| {
        let line = BlockLine {
            id: row.id.to_string(),
            name: row.name,
            shape: row.shape.word(),
            questions: row.questions,
            languages: row.languages.split_whitespace().map(str::to_owned).collect(),
            unit: unit_name(row.unit_id).unwrap_or_default(),
            used: 0,
        };
        (line, row.words)
    });
    let all: Vec<(BlockLine, String)> =
        own.chain(shipped::all().iter().filter_map(|one| shipped_line(one, language))).collect();
    let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
    let seen = people::units_below(connection, &tops)?;
    let counts = blocks::counts(connection, &seen)?;
    let languages: BTreeSet<String> =
        all.iter().flat_map(|(line, _)| line.languages.iter().cloned()).collect();
    let count = all.len();
    let mut lines: Vec<BlockLine> = all
        .into_iter()
        .filter(|(line, words)| wanted.fits(line, words))
        .map(|(line, _)| {
            let id = Id::parse(&line.id);
            let used = id.and_then(|id| counts.get(&id)).copied().unwrap_or(0);
            BlockLine { used, ..line }
        })
        .collect();
    let more = lines.len() > SHOWN;
    lines.truncate(SHOWN);
    Ok(Listing { lines, all: count, more, languages: languages.into_iter().collect(), wanted })
}

/// The page of the list.
#[derive(Serialize)]
struct LibraryPage {
    #[serde(flatten)]
    layout: StaffLayout,
    listing: Listing,
    shapes: Vec<&'static str>,
}

/// `GET /library`
pub async fn list(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let signed_in = reader(&app, &request).await?;
    let language = signed_in.language(&request);
    let (who, wanted) = (signed_in.clone(), Wanted::of(&request));
    let listing =
        app.store.read(move |connection| listing(connection, &who, wanted, language)).await?;
    let shown = LibraryPage {
        layout: signed_in.layout(&app, Place::Library),
        listing,
        shapes: BlockShape::ALL.iter().map(|shape| shape.word()).collect(),
    };
    page(StatusCode::OK, "library/list.html", language, &shown)
}

/// Whoever has any role.
async fn reader(app: &Data<Site>, request: &HttpRequest) -> Result<SignedIn, Error> {
    let signed_in = SignedIn::require(app, request).await?;
    if signed_in.may_somewhere(Action::View) { Ok(signed_in) } else { Err(Error::Forbidden) }
}

/// A text as people read it, where it inserts how they are addressed.
pub fn addressed(document: &Document, language: &str, text: &str) -> String {
    if !text.contains("${you}") && !text.contains("${You}") {
        return text.to_owned();
    }
    let you = form_of_address(document, language);
    text.replace("${You}", &capitalised(&you)).replace("${you}", &you)
}

/// A text of a block in each of its languages: code and words.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// Whether it is something to choose.
    label: bool,
    texts: Vec<(String, String)>,
}

/// Everything that a block says, in the order in which it is read; a language in which a
/// text is missing is there with no words.
pub fn said(block: &Block) -> Vec<Said> {
    let document = &block.document;
    let codes: Vec<&str> = document.languages.iter().map(|one| one.code.as_str()).collect();
    placed_texts(document)
        .into_iter()
        .filter(|one| !one.text.is_empty())
        // Its title is that of the page.
        .filter(|one| !matches!(one.at, TextPlace::Slot((item, _)) if item == document.id))
        .map(|one| Said {
            label: one.is_label,
            texts: codes
                .iter()
                .map(|code| {
                    let text = one.text.0.get(*code).map_or("", String::as_str);
                    ((*code).to_owned(), addressed(document, code, text))
                })
                .collect(),
        })
        .collect()
}

/// What a block names that is not in it: the question that names it, in words, and the
/// name.
pub fn outside(block: &Block, language: &str) -> Vec<(String, String)> {
    let document = &block.document;
    let words = |place: &str| {
        let question = document.questions().find(|one| one.name == place);
        let wording = question.map(|one| one.wording.get(language, &document.default_language));
        wording.filter(|words| !words.is_empty()).unwrap_or(place).to_owned()
    };
    block.outside().into_iter().map(|one| (words(&one.place), one.name)).collect()
}

/// The page of one block.
#[derive(Serialize)]
struct BlockPage {
    #[serde(flatten)]
    layout: StaffLayout,
    id: String,
    name: String,
    shape: &'static str,
    questions: usize,
    /// The codes of the languages in which it is whole.
    spoken: Vec<String>,
    /// The unit that keeps it; empty for one of the program.
    unit: String,
    /// The key of what is known of a block of the program; empty for others.
    known: &'static str,
    /// Whether its answers are meant to be added up.
    is_scale: bool,
    number: i64,
    versions: Vec<VersionLine>,
    said: Vec<Said>,
    outside: Vec<(String, String)>,
    used: Vec<UseLine>,
    /// Drafts into which the reader may put it: identity and name.
    targets: Vec<(String, String)>,
    may_change: bool,
    withdrawn: bool,
    problems: Listed<FieldProblem>,
    /// What was typed as a name.
    typed: String,
}

/// A version of a block.
#[derive(Serialize)]
struct VersionLine {
    number: i64,
    day: String,
    author: String,
    note: String,
    /// The study that it was cut out of: identity and name, where the reader may see it.
    study: Option<(String, String)>,
    /// The number of that study's published version.
    version: Option<i64>,
}

/// A study into which it was put.
#[derive(Serialize)]
struct UseLine {
    study: String,
    name: String,
    number: i64,
    /// Whether it is in the draft still.
    held: bool,
    closed: bool,
    /// The page of what a newer version changes there; empty where there is none.
    update: String,
}

/// `GET /library/{block}`
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    block: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = reader(&app, &request).await?;
    let block = Id::parse(&block).ok_or(Error::NotFound(Missing::Block))?;
    block_page(&app, &request, &signed_in, block, (&Posted::new(), &[])).await
}

async fn block_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    block: Id,
    (form, problems): (&Posted, &[Problem]),
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let who = signed_in.clone();
    let layout = signed_in.layout(app, Place::Library);
    let mut shown =
        app.store.read(move |connection| read(connection, &who, block, (layout, language))).await?;
    shown.problems = field_problems(problems, language).into();
    if !problems.is_empty() {
        shown.typed = field(form, "name");
    }
    page(status(problems), "library/block.html", language, &shown)
}

fn read(
    connection: &mut Connection,
    who: &SignedIn,
    id: Id,
    (layout, language): (StaffLayout, &'static str),
) -> Result<BlockPage, Error> {
    if !may_read(connection, who, id)? {
        return Err(Error::NotFound(Missing::Block));
    }
    let found = offered(connection, id, None)?;
    let tops: Vec<Id> = who.roles.iter().map(|(unit, _)| *unit).collect();
    let units = people::units_below(connection, &tops)?;
    let own = shipped::find(id.0);
    let row = if own.is_some() { None } else { blocks::find(connection, id)? };
    let unit = match &row {
        Some(row) => people::unit(connection, row.unit_id)?.map(|unit| unit.name),
        None => None,
    };
    let may_change = match &row {
        Some(row) => who.may_in(connection, row.unit_id, Action::Design)?,
        None => false,
    };
    let mut versions = Vec::new();
    for one in blocks::versions_of(connection, id)? {
        versions.push(version_line(connection, one, &units)?);
    }
    let mut used = Vec::new();
    for one in blocks::used_in(connection, id, STUDIES)? {
        if units.contains(&one.unit) {
            let may = who.may_in(connection, one.unit, Action::Design)?;
            used.push(use_line(connection, one, (id, found.number), may)?);
        }
    }
    let withdrawn = row.as_ref().is_some_and(|row| row.withdrawn_at.is_some());
    let name = own.map_or(found.name, |_| title(&found.block, language));
    Ok(BlockPage {
        layout,
        id: id.to_string(),
        typed: name.clone(),
        name,
        shape: found.block.shape.name(),
        questions: found.block.questions(),
        spoken: found.block.languages(),
        unit: unit.unwrap_or_default(),
        known: own.map_or("", |own| own.key),
        is_scale: own.is_some_and(|own| own.is_scale),
        number: found.number,
        versions,
        said: said(&found.block),
        outside: outside(&found.block, language),
        used,
        targets: if withdrawn { Vec::new() } else { targets(connection, who, &units)? },
        may_change: may_change && !withdrawn,
        withdrawn,
        problems: Listed::default(),
    })
}

/// Drafts that somebody may write, the newest: identity and name.
pub fn targets(
    connection: &mut Connection,
    who: &SignedIn,
    units: &[Id],
) -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    for study in studies::of_units(connection, units, false, None, STUDIES)? {
        if found.len() < TARGETS && may_write(connection, who, &study)? {
            found.push((study.id.to_string(), study.name));
        }
    }
    Ok(found)
}

fn may_write(connection: &mut Connection, who: &SignedIn, study: &Study) -> Result<bool, Error> {
    let open = study.status != StudyStatus::Closed;
    Ok(open && who.may_in(connection, study.unit_id, Action::Design)?)
}

fn version_line(
    connection: &mut Connection,
    one: ListedVersion,
    units: &[Id],
) -> Result<VersionLine, Error> {
    let study = match one.study_id {
        Some(study) => studies::find(connection, study)?,
        None => None,
    };
    let study = study.filter(|study| units.contains(&study.unit_id));
    Ok(VersionLine {
        number: one.number,
        day: locale::date(one.made_at.day_in(Zone::default())),
        author: one.author,
        note: one.note,
        study: study.map(|study| (study.id.to_string(), study.name)),
        version: one.version_number,
    })
}

fn use_line(
    connection: &mut Connection,
    one: UsedIn,
    (block, newest): (Id, i64),
    may_write: bool,
) -> Result<UseLine, Error> {
    let stored = drafts::of_study(connection, one.study)?;
    let put_in = offered(connection, block, Some(one.number))?.block;
    let held =
        stored.is_some_and(|stored| !held(&put_in, one.id.0, &stored.draft.document).is_empty());
    let closed = one.status == StudyStatus::Closed;
    let update = if held && may_write && !closed && one.number < newest {
        format!("/studies/{}/builder/library/{}", one.study, one.id)
    } else {
        String::new()
    };
    let (study, name, number) = (one.study.to_string(), one.name, one.number);
    Ok(UseLine { study, name, number, held, closed, update })
}

/// `POST /library/{block}`: gives a block another name, or offers it no more.
pub async fn change(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
    block: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    if !signed_in.may_somewhere(Action::Design) {
        return Err(Error::Forbidden);
    }
    let block = Id::parse(&block).ok_or(Error::NotFound(Missing::Block))?;
    let who = signed_in.clone();
    app.store.read(move |connection| to_change(connection, &who, block).map(drop)).await?;
    let form = read_short_form(&app, payload).await?;
    signed_in.require_token(&app, &form)?;
    let (wish, name) = (field(&form, "do"), field(&form, "name"));
    let (now, user) = (app.clock.now(), signed_in.user.id);
    let done = app
        .store
        .write(Scope::Everything, move |connection| match wish.as_str() {
            "rename" => acts::rename_block(connection, now, user, (block, &name)),
            "withdraw" => acts::withdraw_block(connection, now, user, block),
            _ => Ok(()),
        })
        .await;
    match done {
        Ok(()) => Ok(redirect(&format!("/library/{block}"))),
        Err(Error::Invalid(problems)) => {
            block_page(&app, &request, &signed_in, block, (&form, &problems)).await
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
impl Listing {
    /// As an example.
    pub fn example(lines: usize) -> Self {
        let line = |unit: &str, used| BlockLine {
            id: "0192".to_owned(),
            name: "Hài lòng với nơi phục vụ".to_owned(),
            shape: "battery",
            questions: 1,
            languages: vec!["vi".to_owned(), "en".to_owned()],
            unit: unit.to_owned(),
            used,
        };
        let all = [line("Sở Y tế", 2), line("", 0)];
        Self {
            lines: all.into_iter().take(lines).collect(),
            all: 17,
            more: lines > 1,
            languages: vec!["en".to_owned(), "vi".to_owned()],
            wanted: Wanted { q: "hài lòng".to_owned(), ..Wanted::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::shows;

    #[test]
    fn the_list_shows_its_examples() {
        shows("library/list.html", |language| {
            let of = |lines| LibraryPage {
                layout: StaffLayout::example(language),
                listing: Listing::example(lines),
                shapes: BlockShape::ALL.iter().map(|shape| shape.word()).collect(),
            };
            vec![of(0), of(1), of(2)]
        });
    }

    #[test]
    fn a_block_shows_its_examples() {
        shows("library/block.html", |language| {
            let own = shipped::all().iter().map(|own| {
                let block = own.newest().expect("a version");
                BlockPage {
                    layout: StaffLayout::example(language),
                    id: own.id.to_string(),
                    name: title(block, language),
                    shape: block.shape.name(),
                    questions: block.questions(),
                    spoken: block.languages(),
                    unit: String::new(),
                    known: own.key,
                    is_scale: own.is_scale,
                    number: 1,
                    versions: Vec::new(),
                    said: said(block),
                    outside: Vec::new(),
                    used: Vec::new(),
                    targets: vec![("0190".to_owned(), "Đi lại 2026".to_owned())],
                    may_change: false,
                    withdrawn: false,
                    problems: Listed::default(),
                    typed: String::new(),
                }
            });
            let mut examples: Vec<BlockPage> = own.collect();
            let line = |update: &str, held, closed| UseLine {
                study: "0190".to_owned(),
                name: "Đi lại 2026".to_owned(),
                number: 1,
                held,
                closed,
                update: update.to_owned(),
            };
            let version = |study, version| VersionLine {
                number: 2,
                day: "02/12/2026".to_owned(),
                author: "Lan".to_owned(),
                note: "Thêm một ý".to_owned(),
                study,
                version,
            };
            let study = Some(("0190".to_owned(), "Đi lại 2026".to_owned()));
            let full = |withdrawn: bool, problems: &[Problem]| BlockPage {
                unit: "Sở Y tế".to_owned(),
                known: "",
                number: 2,
                versions: vec![version(study.clone(), Some(3)), version(None, None)],
                outside: vec![("Câu hỏi".to_owned(), "age".to_owned())],
                used: vec![
                    line("/studies/0190/builder/library/0193", true, false),
                    line("", true, true),
                    line("", false, false),
                ],
                targets: Vec::new(),
                may_change: !withdrawn,
                withdrawn,
                problems: field_problems(problems, language).into(),
                typed: "Tên khác".to_owned(),
                ..blank(language)
            };
            examples.push(full(false, &[Problem::new("block-name-taken", "name")]));
            examples.push(full(true, &[]));
            examples
        });
    }

    fn blank(language: &str) -> BlockPage {
        BlockPage {
            layout: StaffLayout::example(language),
            id: "0192".to_owned(),
            name: "Hài lòng".to_owned(),
            shape: "section",
            questions: 3,
            spoken: vec!["vi".to_owned()],
            unit: String::new(),
            known: "",
            is_scale: false,
            number: 1,
            versions: Vec::new(),
            said: Vec::new(),
            outside: Vec::new(),
            used: Vec::new(),
            targets: Vec::new(),
            may_change: false,
            withdrawn: false,
            problems: Listed::default(),
            typed: String::new(),
        }
    }
}
