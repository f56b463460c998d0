//! A world in which every act can be played: a study in the field with a sample
//! in replicates, a draft whose frame waits, and the people who work on them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use fielding::acts::appearance::{LogoWish, Owner, change_appearance, read_logo};
use fielding::acts::draw::{Drawing, Drawn, FrameSource, draw_from, draw_sample, two_stage_plan};
use fielding::acts::frame::{SentFrame, load, store_sealed};
use fielding::acts::interview::{EndedInterview, Interview, Start, Step, Then};
use fielding::acts::media::read_media;
use fielding::acts::study::NewStudy;
use fielding::acts::{draw, frame, media, membership, people, second_factor, study};
use fielding::clock::Clock;
use fielding::files::list::Declared;
use fielding::files::roles::{ContactColumns, Roles};
use fielding::jobs::prepare;
use fielding::keys::Keys;
use fielding::rules::access::Role;
use fielding::rules::frame_report::Report;
use fielding::rules::second_factor::{Requirement, code_at};
use fielding::rules::states::{
    CaseStatus, DayCount, Ended, FrameState, Privacy, ResponseState, StudyStatus,
};
use fielding::store::outbox::{self, Message};
use fielding::store::responses::Content;
use fielding::store::{
    Connection, Id, Instant, Scope, Store, Zone, cases, deletion, files, frames, outcomes,
    people as accounts, pool, preparations, responses, rounds, samples, studies,
};
use fielding::{App, Error};
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::document::Text;
use survey_builder::questionnaire::path::Stop;
use survey_builder::sampling::frame::totals::Totals;
use survey_builder::sampling::plan::Release;
use survey_builder::sampling::{Columns, Plan, Seed};

use super::story::{Fieldwork, PAGES, document, run};

/// The case that is all but submitted.
const HERE: usize = 0;
/// A case that nobody has begun.
const NEW: usize = 9;
/// From here on nobody has begun.
pub const FRESH: usize = 10;
/// How many interviews have ended.
const ENDED: std::ops::Range<usize> = 1..6;
/// A picture of one point.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];

/// What there is to act on.
#[derive(Clone)]
pub struct World {
    pub app: App,
    /// When it was made; the clock has gone on since.
    pub made_at: Instant,
    pub owner: Id,
    pub unit: Id,
    /// The people beside the owner, and what belongs to them.
    pub people: People,
    /// In the field.
    pub field: Id,
    /// Being prepared.
    pub draft: Id,
    /// The frame of the draft.
    pub frame: Id,
    /// The open cases of the field, neighbours beside each other.
    pub cases: Vec<Id>,
    /// A message that is being sent.
    pub sending: Message,
    /// A draw from the frame that waits.
    pub drawn: Arc<Drawn>,
    /// What its columns are, and what looking it through says.
    pub report: Arc<(Roles, Report)>,
}

/// Who works here beside the owner.
#[derive(Clone, Copy)]
pub struct People {
    /// A field manager with a second factor, whose sign-in waits for a code.
    pub minh: Id,
    /// Another owner.
    pub binh: Id,
    /// Somebody who may not sign in.
    pub gone: Id,
    /// An invitation that waits, with the link `join`.
    pub invited: Id,
}

/// The recovery code of the field manager.
pub const RECOVERY: &str = "ABCDEFGHJKLM";
/// The secret of the field manager's second factor.
pub const SECRET: &[u8] = b"12345678901234567890";

/// Eight clusters of twenty in two strata.
fn rows() -> String {
    let mut csv = String::from("id,area,street,name,email\n");
    for number in 0..160 {
        let (area, street) = (if number < 80 { "north" } else { "south" }, number / 20);
        csv += &format!("u{number},{area},s{street},Người {number},u{number}@example.org\n");
    }
    csv
}

fn roles() -> Roles {
    Roles {
        columns: Columns {
            unit: "id".to_owned(),
            strata: vec!["area".to_owned()],
            cluster: Some("street".to_owned()),
            ..Columns::default()
        },
        contacts: ContactColumns {
            name: "name".to_owned(),
            email: "email".to_owned(),
            ..ContactColumns::default()
        },
        ..Roles::default()
    }
}

/// All of six clusters.
fn plan() -> Plan {
    two_stage_plan(6, 20)
}

/// The same in two replicates, of which one is in reserve.
fn plan_in_replicates() -> Plan {
    let release = Some(Release { replicates: 2, reserve: 1 });
    Plan { release, substitution: true, ..plan() }
}

pub fn user(email: &str, name: &str, now: Instant) -> accounts::User {
    accounts::User {
        id: Id::rising(),
        email: email.to_owned(),
        name: name.to_owned(),
        password_hash: None,
        language: "vi".to_owned(),
        disabled: false,
        created_at: now,
    }
}

pub fn new_study(unit: Id, name: &str, privacy: Privacy) -> NewStudy {
    NewStudy {
        unit_id: unit,
        name: name.to_owned(),
        privacy,
        privacy_reason: String::new(),
        time_zone: Zone::default(),
        organisation: "Nhóm".to_owned(),
        phone: "1900".to_owned(),
        closes_on: None,
        import_notes: Vec::new(),
    }
}

pub fn picture(study: Id, name: &str) -> Vec<files::MediaRow> {
    read_media(study, vec![(name.to_owned(), PICTURE.to_vec())]).expect("a picture")
}

impl World {
    /// Makes it.
    pub fn new(store: &Store, privacy: Privacy) -> Self {
        let now = Clock::system().now();
        let app = App::new(store.clone(), Keys::random(), "http://127.0.0.1:1")
            .with_clock(Clock::still(now));
        let (unit, owner, field, draft) = make_studies(&app, privacy);
        let people = make_people(&app, (owner, unit));
        let frame = send_frame(&app, draft);
        let drawn = Arc::new(draw_waiting(&app, draft, frame));
        let report = Arc::new(report_on(&app, draft));
        let order = draw::DrawRequest {
            frame_name: "frame.csv".to_owned(),
            frame: rows().into_bytes(),
            roles: roles(),
            plan: plan_in_replicates(),
            seed: Seed(1),
        };
        prepare::store_sample(&app, None, field, draw_sample(&order).expect("drawn"))
            .expect("stored");
        prepare::release(&app, None, field, 1).expect("released");
        store
            .write_now(Scope::Study(field), move |connection| {
                study::open_study(connection, now, None, field)
            })
            .expect("open");
        prepare::invite(&app, None, field).expect("queued");
        let sending = send_some(&app);
        let cases = answer_some(&app, field);
        // Reminders may go out.
        app.clock.set(now.plus_seconds(3 * 86_400));
        Self {
            app,
            made_at: now,
            owner,
            unit,
            people,
            field,
            draft,
            frame,
            cases,
            sending,
            drawn,
            report,
        }
    }

    pub fn here(&self) -> Id {
        self.cases[HERE]
    }

    pub fn new_case(&self) -> Id {
        self.cases[NEW]
    }

    /// The study in the field, for whoever answers by `app`.
    pub fn fieldwork(&self, app: App) -> Fieldwork {
        let (field, ids) = (self.field, self.cases.clone());
        let found = app.store.read_now(move |connection| {
            let mut rows = Vec::new();
            for id in ids {
                rows.extend(cases::find(connection, id)?);
            }
            Ok(studies::find(connection, field)?.zip(Some(rows)))
        });
        let (study, cases) = found.expect("read").expect("a study");
        Fieldwork { app, study, cases }
    }

    fn load(&self, connection: &mut Connection, case: Id) -> Result<Interview, Error> {
        let found = Interview::load_case(&self.app, connection, case)?;
        Ok(found.expect("a case that is open"))
    }

    /// How the beginning of the new case is stored.
    pub fn start(&self, connection: &mut Connection) -> Result<Start, Error> {
        let new = self.load(connection, self.new_case())?;
        Ok(Start {
            case: new.case.id,
            version: Arc::clone(&new.version),
            version_id: new.version_id,
            language: "vi".to_owned(),
            link: BTreeMap::new(),
        })
    }

    /// A step in the interview that is all but submitted; `None` where it has ended.
    pub fn step(&self, connection: &mut Connection) -> Result<Option<Step>, Error> {
        Ok(Step::of(&self.load(connection, self.here())?))
    }

    /// The page of opinions saved with this answer.
    pub fn saving(
        &self,
        connection: &mut Connection,
        code: &str,
        then: Then,
    ) -> Result<Option<Step>, Error> {
        let here = self.load(connection, self.here())?;
        let page = Stop::page(here.version.page_named("opinions").expect("a page"));
        let page = Id(page.id(&here.version).expect("an identity"));
        let mut answers = Answers::default();
        answers.set(safe(&here), Answer::Value(Value::Option(code.to_owned())));
        let content = Content { answers, pending: None };
        Ok(Step::of(&here).map(|step| Step { revision: Some((page, content)), then, ..step }))
    }

    /// Everything answered so far, as the end of the interview.
    pub fn end(
        &self,
        connection: &mut Connection,
        state: ResponseState,
    ) -> Result<Option<Step>, Error> {
        let here = self.load(connection, self.here())?;
        let answers = here.progress.answers.clone();
        Ok(Step::of(&here).map(|step| Step { then: Then::End { state, answers }, ..step }))
    }

    /// What must hold whatever was done; in words where it does not. `saved` is the
    /// answer that was acknowledged last, where the person did not take all back.
    pub fn check(&self, connection: &mut Connection, saved: Option<&str>) -> Vec<String> {
        let mut wrong = Vec::new();
        for id in [self.field, self.draft] {
            if deletion::is_deleted(connection, id).expect("read") {
                wrong.extend(Self::left_of(connection, id));
            } else if let Err(what) = self.check_study(connection, id) {
                wrong.push(what);
            }
        }
        if let Some(code) = saved
            && !deletion::is_deleted(connection, self.field).expect("read")
            && !self.is_stored(connection, code).expect("read")
        {
            wrong.push(format!("saved {code} is lost"));
        }
        wrong
    }

    /// What is left of a study whose row is gone.
    fn left_of(connection: &mut Connection, id: Id) -> Option<String> {
        let begun = deletion::begun(connection).expect("read");
        let cases = cases::page(connection, id, 0, 1).expect("read");
        let files = files::media_of(connection, id).expect("read");
        let frames = frames::of_study(connection, id).expect("read");
        let left = !cases.is_empty() || !files.is_empty() || !frames.is_empty();
        (left && !begun.contains(&id)).then(|| "something is left of a deleted study".to_owned())
    }

    fn check_study(&self, connection: &mut Connection, id: Id) -> Result<(), String> {
        let said = |error: Error| error.to_string();
        let study = studies::find(connection, id).map_err(said)?.ok_or("no study")?;
        let round = rounds::current(connection, id).map_err(said)?.id;
        let prepared = preparations::stopped(connection, Instant(i64::MAX));
        let closing = prepared.map_err(said)?.iter().any(|one| one.study_id == id);
        let drawn = samples::of_study(connection, id).map_err(said)?.is_some();
        let all = cases::page(connection, id, 0, 1000).map_err(said)?;
        let open = all.iter().filter(|case| case.status != CaseStatus::Waiting).count();
        let counts = outcomes::counts_of(connection, round).map_err(said)?;
        let counted: i64 = counts.iter().map(|(_, _, cases)| cases).sum();
        if drawn && counted != i64::try_from(open).unwrap_or(-1) {
            return Err(format!("{counted} cases are counted of {open}: {counts:?}"));
        }
        let closed = study.status == StudyStatus::Closed && !closing;
        if closed && responses::open_count(connection, id).map_err(said)? > 0 {
            return Err("an interview is open in a closed study".to_owned());
        }
        if closed && outbox::queued_count(connection, id).map_err(said)? > 0 {
            return Err("a message waits in a closed study".to_owned());
        }
        let waits = frames::of_study(connection, id).map_err(said)?;
        let waiting = waits.iter().filter(|frame| frame.state == FrameState::Kept).count();
        if waiting > usize::from(!drawn) {
            return Err(format!("{waiting} frames wait, drawn: {drawn}"));
        }
        let has_cases = study.is_anonymous() && id == self.field;
        if has_cases { self.check_anonymous(connection, round) } else { Ok(()) }
    }

    fn check_anonymous(&self, connection: &mut Connection, round: Id) -> Result<(), String> {
        let said = |error: Error| error.to_string();
        let keys = &self.app.keys;
        let (mut endings, mut open) = (Vec::new(), 0);
        for case in &self.cases {
            endings.extend(responses::ending_of(connection, keys, *case).map_err(said)?);
            let response = responses::of_case(connection, keys, *case).map_err(said)?;
            open += i64::from(response.is_some_and(|open| open.known.is_some()));
        }
        let kept = endings.iter().filter(|ending| **ending != Ended::Refused).count();
        let pooled = pool::count(connection, round).map_err(said)?;
        let ended = responses::ended_of_round(connection, round).map_err(said)?.len();
        if i64::try_from(kept - ended.min(kept)).unwrap_or(-1) != pooled {
            return Err(format!("{kept} marks, {ended} ended and {pooled} in the pool"));
        }
        if count(connection, "sealed_links") != open {
            return Err("a link leads nowhere".to_owned());
        }
        if open == 0 && count(connection, "response_revisions") != 0 {
            return Err("revisions stay behind".to_owned());
        }
        let days = rounds::days(connection, round).map_err(said)?;
        let ended = days.iter().filter(|((_, what), _)| *what == DayCount::Ended);
        let ended: i64 = ended.map(|(_, count)| count).sum();
        if ended != i64::try_from(endings.len()).unwrap_or(-1) {
            return Err(format!("{ended} ended by days, {} marks", endings.len()));
        }
        Ok(())
    }

    fn is_stored(&self, connection: &mut Connection, code: &str) -> Result<bool, Error> {
        let here = self.load(connection, self.here())?;
        let (safe, wanted) = (safe(&here), Answer::Value(Value::Option(code.to_owned())));
        if here.progress.answers.get(safe) == Some(&wanted) {
            return Ok(true);
        }
        let round = rounds::current(connection, self.field)?.id;
        let ended = responses::ended_of_round(connection, round)?;
        let in_rows = ended.iter().any(|row| {
            row.answers.as_deref().is_some_and(|answers| answers.get(safe) == Some(&wanted))
        });
        let pooled = pool::all(connection, &self.app.keys, round)?;
        Ok(in_rows
            || pooled.iter().any(|one| {
                let ended: EndedInterview =
                    serde_json::from_slice(&one.content).expect("an interview");
                ended.answers.get(safe) == Some(&wanted)
            }))
    }
}

/// The question whose answer is saved.
fn safe(interview: &Interview) -> uuid::Uuid {
    interview.version.item_named("safe").expect("an item").0
}

/// How many rows a table has.
pub fn count(connection: &mut Connection, table: &str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let query = format!("SELECT count(*) AS rows FROM {table}");
    diesel::sql_query(query).get_result::<Count>(connection).expect("counted").rows
}

fn make_studies(app: &App, privacy: Privacy) -> (Id, Id, Id, Id) {
    let (now, keys) = (app.clock.now(), app.keys.clone());
    let (owner, minh) =
        (user("lan@example.org", "Lan", now), user("minh@example.org", "Minh", now));
    app.store
        .write_now(Scope::Everything, move |connection| {
            let unit = people::set_up(connection, "Nhóm", &owner)?;
            people::add_user(connection, &minh, Role::FieldManager)?;
            for token in ["session", "another"] {
                people::open_session(connection, &keys, now, owner.id, &entrance(token))?;
            }
            people::make_sign_in_link(connection, &keys, now, &owner.email, "sign-in")?;
            people::make_password_link(connection, &keys, now, &owner.email, "password")?;
            // Every study takes it over.
            let logo = read_logo(PICTURE.to_vec()).map_err(|problem| Error::Invalid(vec![problem]));
            let (of, logo) = (Owner::Unit(unit), LogoWish::New(logo?));
            let alt = Text([("vi".to_owned(), "Nhóm".to_owned())].into());
            let wish = (&*of.appearance(connection)?.stamp(), "#0b5a66", &alt, &logo);
            change_appearance(connection, now, None, of, wish)?;
            let field = new_study(unit, "Đi lại", privacy);
            let field = study::create_study(connection, now, None, &field, &document())?.id;
            let draft = new_study(unit, "Nhà ở", privacy);
            let draft = study::create_study(connection, now, None, &draft, &document())?.id;
            media::add_media(connection, now, None, draft, &picture(draft, "there.png"))?;
            Ok((unit, owner.id, field, draft))
        })
        .expect("made")
}

/// By what somebody comes in, who need not have a second factor.
pub fn entrance(token: &str) -> people::Entrance<'_> {
    people::Entrance { token, device: "Firefox, Windows", requirement: Requirement::Off }
}

/// Makes the people beside the owner.
fn make_people(app: &App, (owner, unit): (Id, Id)) -> People {
    let (now, keys) = (app.clock.now(), app.keys.clone());
    let (binh, gone) = (user("binh@example.org", "Bình", now), user("gone@example.org", "Đi", now));
    app.store
        .write_now(Scope::Everything, move |connection| {
            people::add_user(connection, &binh, Role::Owner)?;
            people::add_user(connection, &gone, Role::Viewer)?;
            membership::disable(connection, now, owner, gone.id)?;
            let minh = accounts::find_by_email(connection, "minh@example.org")?.expect("added").id;
            let seconds = u64::try_from(now.0 / 1_000_000).expect("later than 1970");
            let code = code_at(SECRET, seconds)?;
            let codes = [RECOVERY.to_owned()];
            second_factor::set_up(connection, &keys, now, (minh, SECRET), (&code, &codes))?;
            people::open_session(connection, &keys, now, minh, &entrance("half"))?;
            let new = membership::NewPerson {
                unit,
                email: "moi@example.org".to_owned(),
                name: "Mới".to_owned(),
                role: Role::Analyst,
                language: "vi".to_owned(),
            };
            let asked = membership::invite(connection, now, owner, &new, true)?;
            let membership::Asked::Invited(invited) = asked else { panic!("nobody has it") };
            let email = "moi@example.org";
            membership::make_invitation_link(connection, &keys, now, email, "join")?;
            Ok(People { minh, binh: binh.id, gone: gone.id, invited })
        })
        .expect("made")
}

fn send_frame(app: &App, draft: Id) -> Id {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(rows().as_bytes()).expect("written");
    let sent = SentFrame {
        study: draft,
        user: None,
        file,
        name: "frame.csv".to_owned(),
        declared: Declared::Utf8,
        as_of: None,
        sheet: None,
    };
    store_sealed(app, sent).expect("taken in").id
}

fn draw_waiting(app: &App, draft: Id, id: Id) -> Drawn {
    let row = app
        .store
        .read_now(|connection| frames::waiting(connection, draft))
        .expect("read")
        .expect("it waits");
    let frame = load(app, &row, &roles().columns).expect("a frame");
    let rows = (frame::Rows::of(app, id), b',');
    let plan = plan();
    let how = Drawing { plan: &plan, seed: Seed(2), coordination: None };
    draw_from(FrameSource::Waiting(id), &frame, &roles(), how, rows).expect("drawn")
}

/// What looking the waiting frame through says.
fn report_on(app: &App, draft: Id) -> (Roles, Report) {
    let found = app.store.read_now(move |connection| {
        Ok(studies::find(connection, draft)?.zip(frames::waiting(connection, draft)?))
    });
    let (study, row) = found.expect("read").expect("both");
    let report = frame::report_on(app, &study, &row, &roles(), &Totals::default(), None);
    (roles(), report.expect("a report"))
}

/// One message is being sent, and one may have gone out.
fn send_some(app: &App) -> Message {
    let now = app.clock.now();
    app.store
        .write_now(Scope::Everything, move |connection| {
            let doubtful = outbox::claim(connection, now, 1)?;
            outbox::mark_unsure(connection, Instant(i64::MAX))?;
            assert_eq!(doubtful.len(), 1);
            outbox::claim(connection, now, 1)
        })
        .expect("claimed")
        .remove(0)
}

/// Gives the interviews that have ended and the one that is nearly.
fn answer_some(app: &App, field: Id) -> Vec<Id> {
    let found = app.store.read_now(move |connection| {
        let study = studies::find(connection, field)?;
        let mut rows = cases::page(connection, field, 0, 1000)?;
        rows.retain(|case| case.status == CaseStatus::Open);
        // Neighbours beside each other: enough of them move on together.
        let mut placed = Vec::new();
        for case in rows {
            placed.push((cases::design_variables(connection, &case)?, case));
        }
        placed.sort_by(|(left, _), (right, _)| (&left.0, &left.1).cmp(&(&right.0, &right.1)));
        let rows = placed.into_iter().map(|(_, case)| case).collect::<Vec<_>>();
        Ok(study.zip(Some(rows)))
    });
    let (study, cases) = found.expect("read").expect("a study");
    let ids = cases.iter().map(|case| case.id).collect();
    let fieldwork = Fieldwork { app: app.clone(), study, cases };
    run(async {
        for case in ENDED {
            fieldwork.answer_all(case).await;
        }
        fieldwork.begin(HERE).await;
        for (page, fields) in PAGES {
            fieldwork.save(HERE, page, fields).await;
        }
    });
    ids
}
