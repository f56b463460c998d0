//! What is stored in portions is there with the last one: a program that dies on
//! the way leaves nothing that anybody sees, and what it left is swept up.

use fielding::App;
use fielding::acts::draw::{Drawn, draw_sample};
use fielding::acts::frame::meanwhile::{self, Kept, Meanwhile};
use fielding::acts::{frame, invitations, keep_sample, release, study};
use fielding::error::{Clash, Error};
use fielding::jobs::prepare;
use fielding::rules::states::{FrameState, Privacy};
use fielding::store::frames::{self, FrameRow};
use fielding::store::{Connection, Id, Instant, Scope, cases, outbox, samples, studies};
use survey_builder::sampling::plan::Release;

use super::story::{document, make_study, order, set_up_study};
use super::support::{Fresh, on_each};

/// As if the program had died long ago.
const EVER: Instant = Instant(i64::MAX);

fn rows(app: &App, table: &str) -> i64 {
    number(app, format!("SELECT COUNT(*) AS count FROM {table}"))
}

/// What a query counts.
fn number(app: &App, query: String) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    use diesel::RunQueryDsl as _;
    let count = move |connection: &mut Connection| {
        Ok(diesel::sql_query(&query).get_result::<Count>(connection)?.count)
    };
    app.store.read_now(count).expect("counted")
}

fn write<T: Send + 'static>(
    app: &App,
    study: Id,
    change: impl Fn(&mut Connection) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    app.store.write_now(Scope::Study(study), change)
}

fn clashes<T: std::fmt::Debug>(outcome: &Result<T, Error>, with: Clash) {
    assert!(matches!(outcome, Err(Error::Conflict(clash)) if *clash == with), "{outcome:?}");
}

fn drawn() -> Drawn {
    draw_sample(&order()).expect("drawn")
}

/// Begins a draw and stores three of its units.
fn half_drawn(app: &App, id: Id) -> (keep_sample::Begun, keep_sample::Rows) {
    let (now, draw) = (app.clock.now(), drawn());
    let begun = write(app, id, move |connection| keep_sample::begin(connection, now, id, &draw));
    let begun = begun.expect("begun");
    let rows = keep_sample::rows(&app.keys, &begun, &drawn()).expect("sealed");
    let (of, some, areas) = (begun.clone(), rows.units[..3].to_vec(), rows.areas.clone());
    write(app, id, move |connection| keep_sample::keep(connection, now, &of, &some, &areas))
        .expect("kept");
    (begun, rows)
}

#[test]
fn half_a_draw_is_nobodys_and_is_taken_back() {
    on_each(|fresh: &Fresh| {
        let (app, study) = make_study(&fresh.store, Privacy::Anonymous, document());
        let (id, now) = (study.id, app.clock.now());
        let open = move |connection: &mut Connection| study::open_study(connection, now, None, id);
        write(&app, id, open).expect("opened");
        let (begun, all) = half_drawn(&app, id);
        assert!(
            app.store
                .read_now(|connection| samples::of_study(connection, id))
                .expect("read")
                .is_none()
        );
        clashes(&prepare::invite(&app, None, id), Clash::Preparing);
        clashes(&prepare::store_sample(&app, None, id, drawn()), Clash::Preparing);
        // Nothing came for a while, but not for long enough.
        assert_eq!(prepare::sweep(&app, now).expect("swept"), 0);
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 1);
        for table in
            ["samples", "sampled_units", "areas", "cases", "contact_details", "preparations"]
        {
            assert_eq!(rows(&app, table), 0, "{table} on {}", fresh.name);
        }
        // Whoever was only slow finds that it was taken back, and leaves nothing.
        let (of, rest) = (begun.clone(), all.units[3..].to_vec());
        let late =
            write(&app, id, move |connection| keep_sample::keep(connection, now, &of, &rest, &[]));
        clashes(&late, Clash::TakenBack);
        let late = write(&app, id, move |connection| {
            keep_sample::end(connection, now, None, &begun, &all)
        });
        clashes(&late, Clash::TakenBack);
        assert_eq!(prepare::store_sample(&app, None, id, drawn()).expect("stored"), 10);
        clashes(&prepare::store_sample(&app, None, id, drawn()), Clash::SampleDrawn);
        assert_eq!(rows(&app, "cases"), 10);
        assert_eq!(prepare::invite(&app, None, id).expect("queued"), 10);
    });
}

#[test]
fn half_a_mailing_is_nobodys_and_is_taken_back() {
    on_each(|fresh: &Fresh| {
        let (app, study) = make_study(&fresh.store, Privacy::Anonymous, document());
        let (id, now) = (study.id, app.clock.now());
        let open = move |connection: &mut Connection| study::open_study(connection, now, None, id);
        write(&app, id, open).expect("opened");
        prepare::store_sample(&app, None, id, drawn()).expect("stored");
        let begin = move |connection: &mut Connection| invitations::invite(connection, now, id);
        let begun = write(&app, id, begin).expect("begun");
        let last = write(&app, id, move |connection| {
            invitations::queue_portion(connection, now, &begun, 0)
        });
        assert_eq!(last.expect("queued"), Some(10));
        let claim = move |connection: &mut Connection| outbox::claim(connection, now, 100);
        assert!(write(&app, id, claim).expect("claimed").is_empty(), "nothing goes out");
        // Nobody joins those who were counted.
        let release =
            write(&app, id, move |connection| release::release(connection, now, None, id, 1));
        clashes(&release, Clash::Preparing);
        let seen = app.store.read_now(|connection| {
            Ok((outbox::counts(connection, id)?, outbox::queued_count(connection, id)?))
        });
        assert_eq!(seen.expect("read"), (Vec::new(), 0));
        clashes(&prepare::invite(&app, None, id), Clash::Preparing);
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 1);
        assert_eq!(rows(&app, "outbox"), 0);
        assert_eq!(prepare::invite(&app, None, id).expect("queued"), 10);
        assert_eq!(write(&app, id, claim).expect("claimed").len(), 10);
        // One that is overtaken by the closing of its study goes to nobody.
        app.clock.set(now.plus_seconds(3 * 86_400));
        let later = app.clock.now();
        let begun = write(&app, id, move |connection| invitations::remind(connection, later, id));
        let begun = begun.expect("begun");
        prepare::close(&app, None, id).expect("closed");
        clashes(&prepare::queue(&app, None, id, begun), Clash::StudyNotOpen);
        assert_eq!(rows(&app, "outbox"), 10);
        assert_eq!(rows(&app, "preparations"), 0);
    });
}

/// The cases that are open, and how many the counts say.
fn opened(app: &App) -> (i64, i64) {
    let counted = "SELECT CAST(coalesce(sum(cases), 0) AS BIGINT) AS count FROM outcome_counts";
    (rows(app, "cases WHERE status = 'open'"), number(app, counted.to_owned()))
}

#[test]
fn a_release_that_stopped_is_gone_on_with() {
    on_each(|fresh: &Fresh| {
        let (app, study) = make_study(&fresh.store, Privacy::Identified, document());
        let (id, now) = (study.id, app.clock.now());
        let mut order = order();
        order.plan.release = Some(Release { replicates: 2, reserve: 0 });
        prepare::store_sample(&app, None, id, draw_sample(&order).expect("drawn")).expect("stored");
        let open = move |connection: &mut Connection| study::open_study(connection, now, None, id);
        write(&app, id, open).expect("opened");
        assert_eq!(opened(&app), (0, 0));
        let begin =
            move |connection: &mut Connection| release::release(connection, now, None, id, 1);
        let begun = write(&app, id, begin).expect("begun");
        // It is decided: another is not made meanwhile, and nobody is written to.
        clashes(&prepare::release(&app, None, id, 2), Clash::Preparing);
        clashes(&prepare::invite(&app, None, id), Clash::Preparing);
        let portion =
            move |connection: &mut Connection| release::release_portion(connection, now, &begun, 0);
        assert!(matches!(write(&app, id, portion), Ok(Some((_, 5)))));
        assert_eq!(opened(&app), (5, 5));
        assert_eq!(prepare::sweep(&app, now).expect("swept"), 0);
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 1);
        assert_eq!((opened(&app), rows(&app, "preparations")), ((5, 5), 0));
        // One that died before its first portion opens its cases all the same.
        let begin =
            move |connection: &mut Connection| release::release(connection, now, None, id, 2);
        write(&app, id, begin).expect("begun");
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 1);
        assert_eq!(opened(&app), (10, 10));
        // Whoever died comes back: it has been done.
        assert!(matches!(write(&app, id, portion), Ok(None)));
        assert_eq!(prepare::invite(&app, None, id).expect("queued"), 10);
    });
}

#[test]
fn a_closing_that_stopped_is_gone_on_with() {
    on_each(|fresh: &Fresh| {
        let runtime = tokio::runtime::LocalRuntime::new().expect("a runtime");
        let fieldwork = set_up_study(&fresh.store, Privacy::Anonymous);
        let (app, id, now) = (fieldwork.app.clone(), fieldwork.study.id, fieldwork.app.clock.now());
        runtime.block_on(fieldwork.begin(0));
        let close =
            move |connection: &mut Connection| study::close_study(connection, now, None, id);
        assert!(write(&app, id, close).expect("closed").is_some());
        // From here on nothing is taken and nothing goes out, though all is there yet.
        let saved = runtime.block_on(fieldwork.save(0, "consent", &[("consent", "1")]));
        assert_eq!(saved, fielding::acts::interview::Saved::NotOpen);
        let claim = move |connection: &mut Connection| outbox::claim(connection, now, 100);
        assert!(write(&app, id, claim).expect("claimed").is_empty());
        let reopened =
            write(&app, id, move |connection| study::open_study(connection, now, None, id));
        clashes(&reopened, Clash::Preparing);
        assert!(write(&app, id, close).expect("closed already").is_none());
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 1);
        let open = app.store.read_now(|connection| {
            let all = cases::page(connection, id, 0, 100)?;
            let study = studies::find(connection, id)?.expect("there");
            Ok((all.len(), study.status, outbox::queued_count(connection, id)?))
        });
        let (all, _, queued) = open.expect("read");
        assert_eq!((all, queued), (10, 0));
        assert_eq!(rows(&app, "response_revisions"), 0, "nothing is under way");
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 0);
    });
}

/// A frame of which one part has come in.
fn half_a_frame(app: &App, id: Id) -> FrameRow {
    let now = app.clock.now();
    let hash = "0123456789abcdef";
    let row = FrameRow { state: FrameState::Arriving, ..FrameRow::new(id, "f.csv", hash, 0, now) };
    let (begun, sealed) = (row.clone(), app.keys.seal_part(row.id, 0, b"id\n").expect("sealed"));
    write(app, id, move |connection| {
        frame::begin_frame(connection, &begun)?;
        frames::put_part(connection, begun.id, 0, &sealed)
    })
    .expect("begun");
    row
}

#[test]
fn half_a_frame_is_nobodys_and_is_swept_up() {
    on_each(|fresh: &Fresh| {
        let (app, study) = make_study(&fresh.store, Privacy::Anonymous, document());
        let id = study.id;
        let row = half_a_frame(&app, id);
        let seen = |app: &App| {
            let seen = app.store.read_now(move |connection| {
                let waiting = frames::waiting(connection, id)?.map(|row| row.id);
                Ok((waiting, frames::of_study(connection, id)?.len()))
            });
            seen.expect("read")
        };
        assert_eq!(seen(&app), (None, 0));
        // A large one may take hours, a stopped one longer.
        let an_hour = app.clock.now().plus_seconds(3_600);
        assert_eq!(prepare::sweep(&app, an_hour).expect("swept"), 0);
        assert_eq!(prepare::sweep(&app, EVER).expect("swept"), 1);
        assert_eq!((rows(&app, "frames"), rows(&app, "frame_parts")), (0, 0));
        // Whoever was only slow is told, and nothing of it is kept.
        let (now, late) = (app.clock.now(), row);
        let late =
            write(&app, id, move |connection| frame::frame_arrived(connection, now, None, &late));
        clashes(&late, Clash::FrameChanged);
        assert_eq!(seen(&app), (None, 0));
    });
}

#[test]
fn a_kept_file_stays_until_another_is_there_whole() {
    on_each(|fresh: &Fresh| {
        let (app, study) = make_study(&fresh.store, Privacy::Anonymous, document());
        let (id, now, row) = (study.id, app.clock.now(), half_a_frame(&app, study.id));
        let (frame, arrived) = (row.id, row);
        write(&app, id, move |connection| frame::frame_arrived(connection, now, None, &arrived))
            .expect("arrived");
        let folder = tempfile::tempdir().expect("a folder");
        let file = |bytes: &[u8]| {
            let path = folder.path().join("totals");
            std::fs::write(&path, bytes).expect("written");
            std::fs::File::open(path).expect("opens")
        };
        let keep = |name: &str, file| {
            let kept = Kept { name: name.to_owned(), ..Kept::default() };
            meanwhile::keep(&app, (id, frame), Meanwhile::Totals, &kept, file)
        };
        let there = || {
            use std::io::Read as _;
            let name = meanwhile::kept(&app, frame, Meanwhile::Totals).expect("read")?.name;
            let mut bytes = Vec::new();
            let mut file = meanwhile::file(&app, frame, Meanwhile::Totals).expect("whole");
            file.read_to_end(&mut bytes).expect("read");
            Some((name, bytes))
        };
        assert_eq!(there(), None);
        let large = vec![7; 3 << 20];
        keep("large.xlsx", file(&large)).expect("kept");
        assert_eq!(there(), Some(("large.xlsx".to_owned(), large.clone())));
        // One that breaks off: it cannot be read.
        let broken = std::fs::File::options().write(true).open(folder.path().join("totals"));
        assert!(keep("broken.xlsx", broken.expect("opens")).is_err());
        assert_eq!(there(), Some(("large.xlsx".to_owned(), large)));
        // Shorter ones, each in the place of the one before, and nothing of that.
        for name in ["a.xlsx", "b.xlsx", "c.xlsx"] {
            keep(name, file(name.as_bytes())).expect("kept");
            assert_eq!(there(), Some((name.to_owned(), name.as_bytes().to_vec())));
            assert_eq!(rows(&app, "frame_parts"), 3, "rows, file and description");
        }
    });
}
