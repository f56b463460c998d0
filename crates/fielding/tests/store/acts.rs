//! Every act, with the tables it reads and writes, and how it is played. An act
//! that is not here, or that touches what it does not say, fails the tests in
//! `meetings`.

use std::sync::Arc;

use fielding::Error;
use fielding::acts::interview::{Step, Taken, Then, store_start, take_step};
use fielding::acts::invitations::{self, Settled};
use fielding::acts::{contact, frame, keep_sample, margins, media, people, pool, release, study};
use fielding::rules::access::Role;
use fielding::rules::disposition::Event;
use fielding::rules::margins::MarginShare;
use fielding::rules::states::{MessageState, Mode, Privacy, ResponseState};
use fielding::store::frames::FrameRow;
use fielding::store::{Connection, Id, Scope, outbox, rounds, samples, studies};

use super::story::document;
use super::world::{World, new_study, picture, user};

/// What whoever acts is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is done.
    Done,
    /// The answer is saved.
    Saved(&'static str),
    /// Everything was taken back.
    TakenBack,
    /// Nothing was changed: another came first, or it may not be.
    Refused,
}

/// An act that was worked out on how things stood.
pub type Ready = Arc<dyn Fn(&mut Connection) -> Result<Told, Error> + Send + Sync>;

/// What an act leaves in the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// An entry.
    Entry,
    /// None, for this reason.
    None(&'static str),
}

/// An act as it is declared.
pub struct Act {
    /// The function, and how it is played.
    pub name: &'static str,
    /// Tables it looks at.
    pub reads: &'static str,
    /// Tables it changes.
    pub writes: &'static str,
    /// What it leaves in the audit.
    pub audit: Audit,
    /// What it may not meet.
    pub scope: fn(&World) -> Scope,
    /// Works it out on how things stand; some of it may be done by that already.
    pub prepare: fn(&World, &mut Connection) -> Result<Ready, Error>,
}

impl Act {
    /// The function that is played.
    pub fn function(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// Whether two acts touch a table that one of them changes.
    pub fn meets(&self, other: &Self) -> bool {
        let touched = |act: &Self| [act.reads, act.writes].join(" ");
        let shares = |changed: &str, all: &str| {
            // The audit is only added to.
            changed.split_whitespace().any(|table| {
                table != "audit_entries" && all.split_whitespace().any(|other| other == table)
            })
        };
        shares(self.writes, &touched(other)) || shares(other.writes, &touched(self))
    }
}

const RESPONDENT: Audit = Audit::None("what respondents do leaves no entry");
const JOB: Audit = Audit::None("the program does it by itself");
const PART: Audit = Audit::None("its last part leaves the entry");

fn everything(_: &World) -> Scope {
    Scope::Everything
}

fn in_field(world: &World) -> Scope {
    Scope::Study(world.field)
}

fn in_draft(world: &World) -> Scope {
    Scope::Study(world.draft)
}

fn in_case(world: &World) -> Scope {
    Scope::Person { study: world.field, case: world.here() }
}

fn in_new_case(world: &World) -> Scope {
    Scope::Person { study: world.field, case: world.new_case() }
}

fn done(act: impl Fn(&mut Connection) -> Result<(), Error> + Send + Sync + 'static) -> Ready {
    Arc::new(move |connection| act(connection).map(|()| Told::Done))
}

fn nothing() -> Ready {
    Arc::new(|_| Ok(Told::Refused))
}

fn step(world: &World, step: Option<Step>, told: Told) -> Ready {
    let Some(step) = step else { return nothing() };
    let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
    Arc::new(move |connection| {
        let taken = take_step(connection, &keys, now, &step)?;
        Ok(if taken == Taken::Stored { told } else { Told::Refused })
    })
}

fn frame_row(world: &World) -> FrameRow {
    let now = world.app.clock.now();
    FrameRow { hash: "0123456789abcdef".to_owned(), ..FrameRow::new(world.draft, "b", "", 9, now) }
}

/// Every act.
#[expect(clippy::too_many_lines, reason = "a list")]
pub fn acts() -> Vec<Act> {
    vec![
        Act {
            name: "interview::store_start",
            reads: "ended_marks questionnaires sampled_units studies",
            writes: "cases contacts day_counts outcome_counts response_links responses sealed_links",
            audit: RESPONDENT,
            scope: in_field,
            prepare: |world, connection| {
                let start = world.start(connection)?;
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                Ok(Arc::new(move |connection| {
                    let taken = store_start(connection, &keys, now, &start)?;
                    Ok(if taken == Taken::Stored { Told::Done } else { Told::Refused })
                }))
            },
        },
        Act {
            name: "interview::take_step saves 1",
            reads: "cases responses studies",
            writes: "response_revisions",
            audit: RESPONDENT,
            scope: in_case,
            prepare: |world, connection| {
                let saving = world.saving(connection, "1", Then::GoOn)?;
                Ok(step(world, saving, Told::Saved("1")))
            },
        },
        Act {
            name: "interview::take_step saves 3",
            reads: "cases responses studies",
            writes: "response_revisions",
            audit: RESPONDENT,
            scope: in_case,
            prepare: |world, connection| {
                let saving = world.saving(connection, "3", Then::GoOn)?;
                Ok(step(world, saving, Told::Saved("3")))
            },
        },
        Act {
            name: "interview::take_step screens out",
            reads: "batches studies",
            writes: "cases contacts day_counts ended_marks outbox pooled_responses response_files \
                     response_links response_revisions responses sealed_links",
            audit: RESPONDENT,
            scope: in_case,
            prepare: |world, connection| {
                let end = world.end(connection, ResponseState::ScreenedOut)?;
                Ok(step(world, end, Told::Done))
            },
        },
        Act {
            name: "interview::take_step submits",
            reads: "batches studies",
            writes: "cases contacts day_counts ended_marks outbox outcome_counts pooled_responses \
                     response_files response_links response_revisions responses sealed_links",
            audit: RESPONDENT,
            scope: in_case,
            prepare: |world, connection| {
                let end = world.end(connection, ResponseState::Complete)?;
                Ok(step(world, end, Told::Done))
            },
        },
        Act {
            name: "interview::take_step refuses",
            reads: "studies",
            writes: "cases contacts day_counts ended_marks outbox response_files response_links \
                     response_revisions responses sealed_links",
            audit: RESPONDENT,
            scope: in_case,
            prepare: |world, connection| {
                let refusal = world.step(connection)?;
                let refusal = refusal.map(|step| Step { then: Then::Refuse, ..step });
                Ok(step(world, refusal, Told::TakenBack))
            },
        },
        Act {
            name: "contact::unsubscribe",
            reads: "cases studies",
            writes: "contacts outbox suppressions",
            audit: RESPONDENT,
            scope: in_case,
            prepare: |world, _| {
                let (keys, now, case) =
                    (world.app.keys.clone(), world.app.clock.now(), world.here());
                Ok(done(move |connection| {
                    contact::unsubscribe(connection, &keys, now, case, b"an address")
                }))
            },
        },
        Act {
            name: "contact::unsubscribe from the new case",
            reads: "cases studies",
            writes: "contacts outbox suppressions",
            audit: RESPONDENT,
            scope: in_new_case,
            prepare: |world, _| {
                let (keys, now, case) =
                    (world.app.keys.clone(), world.app.clock.now(), world.new_case());
                Ok(done(move |connection| {
                    contact::unsubscribe(connection, &keys, now, case, b"an address")
                }))
            },
        },
        Act {
            name: "contact::record a bounce",
            reads: "ended_marks sealed_links",
            writes: "cases contacts outcome_counts",
            audit: JOB,
            scope: in_new_case,
            prepare: |world, connection| {
                let (keys, now, case) =
                    (world.app.keys.clone(), world.app.clock.now(), world.new_case());
                let study = studies::find(connection, world.field)?.expect("a study");
                Ok(done(move |connection| {
                    let event = Event::HardBounce;
                    contact::record(connection, &keys, now, &study, case, Mode::Email, event)
                        .map(drop)
                }))
            },
        },
        Act {
            name: "pool::move_ready",
            reads: "rounds",
            writes: "batches pooled_files pooled_responses responses",
            audit: JOB,
            scope: in_field,
            prepare: |world, _| {
                let (keys, study) = (world.app.keys.clone(), world.field);
                Ok(done(move |connection| {
                    let round = rounds::current(connection, study)?;
                    pool::move_ready(connection, &keys, &round).map(drop)
                }))
            },
        },
        Act {
            name: "invitations::invite",
            reads: "cases outbox rounds studies",
            writes: "preparations",
            audit: PART,
            scope: in_field,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.field);
                Ok(done(move |connection| invitations::invite(connection, now, study).map(drop)))
            },
        },
        Act {
            name: "invitations::remind",
            reads: "cases outbox rounds studies",
            writes: "preparations",
            audit: PART,
            scope: in_field,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.field);
                Ok(done(move |connection| invitations::remind(connection, now, study).map(drop)))
            },
        },
        Act {
            name: "invitations::queue_portion",
            reads: "cases",
            writes: "outbox preparations",
            audit: PART,
            scope: in_field,
            prepare: |world, connection| {
                let now = world.app.clock.now();
                let begun = invitations::remind(connection, now, world.field)?;
                Ok(done(move |connection| {
                    invitations::queue_portion(connection, now, &begun, 0).map(drop)
                }))
            },
        },
        Act {
            name: "invitations::end_queueing",
            reads: "outbox studies",
            writes: "audit_entries preparations",
            audit: Audit::Entry,
            scope: in_field,
            prepare: |world, connection| {
                let now = world.app.clock.now();
                let begun = invitations::remind(connection, now, world.field)?;
                invitations::queue_portion(connection, now, &begun, 0)?;
                Ok(done(move |connection| {
                    invitations::end_queueing(connection, now, None, &begun).map(drop)
                }))
            },
        },
        Act {
            name: "invitations::send_doubtful_again",
            reads: "cases studies",
            writes: "audit_entries outbox",
            audit: Audit::Entry,
            scope: in_field,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.field);
                Ok(done(move |connection| {
                    invitations::send_doubtful_again(connection, now, None, study).map(drop)
                }))
            },
        },
        Act {
            name: "invitations::settle",
            reads: "ended_marks sealed_links studies",
            writes: "cases contacts outbox",
            audit: JOB,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let settled = Settled {
                    message: world.sending.clone(),
                    state: MessageState::Sent,
                    due_at: now,
                    attempts: 1,
                    problem: String::new(),
                    event: Some(Event::Invited),
                };
                Ok(done(move |connection| invitations::settle(connection, &keys, now, &settled)))
            },
        },
        Act {
            name: "outbox::claim",
            reads: "cases preparations studies",
            writes: "outbox",
            audit: JOB,
            scope: everything,
            prepare: |world, _| {
                let now = world.app.clock.now();
                Ok(done(move |connection| outbox::claim(connection, now, 3).map(drop)))
            },
        },
        Act {
            name: "study::create_study",
            reads: "",
            writes: "audit_entries questionnaires rounds studies versions",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (now, unit) = (world.app.clock.now(), world.unit);
                let new = new_study(unit, "Mới", Privacy::Identified);
                Ok(done(move |connection| {
                    study::create_study(connection, now, None, &new, &document()).map(drop)
                }))
            },
        },
        Act {
            name: "study::open_study the draft",
            reads: "media preparations questionnaires versions",
            writes: "audit_entries rounds studies",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.draft);
                Ok(done(move |connection| study::open_study(connection, now, None, study)))
            },
        },
        Act {
            name: "study::close_study the draft",
            reads: "",
            writes: "audit_entries preparations rounds studies",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.draft);
                Ok(done(move |connection| {
                    study::close_study(connection, now, None, study).map(drop)
                }))
            },
        },
        Act {
            name: "study::close_study",
            reads: "",
            writes: "audit_entries preparations rounds studies",
            audit: Audit::Entry,
            scope: in_field,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.field);
                Ok(done(move |connection| {
                    study::close_study(connection, now, None, study).map(drop)
                }))
            },
        },
        Act {
            name: "study::close_portion",
            reads: "batches studies",
            writes: "cases day_counts ended_marks outbox pooled_responses preparations \
                     response_files response_links response_revisions responses sealed_links",
            audit: Audit::None("the beginning left it"),
            scope: in_field,
            prepare: |world, connection| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let closing = study::close_study(connection, now, None, world.field)?;
                let Some(closing) = closing else { return Ok(nothing()) };
                Ok(done(move |connection| {
                    study::close_portion(connection, &keys, now, &closing, 0).map(drop)
                }))
            },
        },
        Act {
            name: "study::end_closing",
            reads: "studies",
            writes: "batches pooled_files pooled_responses preparations responses rounds",
            audit: Audit::None("the beginning left it"),
            scope: in_field,
            prepare: |world, connection| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let closing = study::close_study(connection, now, None, world.field)?;
                let Some(closing) = closing else { return Ok(nothing()) };
                study::close_portion(connection, &keys, now, &closing, 0)?;
                Ok(done(move |connection| study::end_closing(connection, &keys, &closing)))
            },
        },
        Act {
            name: "margins::set_margins",
            reads: "questionnaires",
            writes: "audit_entries studies",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.draft);
                let share = |code: &str, share| MarginShare {
                    variable: "works".to_owned(),
                    code: code.to_owned(),
                    share,
                };
                let shares = [share("yes", 0.5), share("no", 0.5)];
                Ok(done(move |connection| {
                    margins::set_margins(connection, now, None, study, &shares)
                }))
            },
        },
        Act {
            name: "media::add_media",
            reads: "",
            writes: "audit_entries media",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.draft);
                let rows = picture(study, "new.png");
                Ok(done(move |connection| media::add_media(connection, now, None, study, &rows)))
            },
        },
        Act {
            name: "media::remove_media",
            reads: "studies",
            writes: "audit_entries media",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.draft);
                Ok(done(move |connection| {
                    media::remove_media(connection, now, None, study, "there.png")
                }))
            },
        },
        Act {
            name: "frame::begin_frame",
            reads: "preparations samples",
            writes: "frames",
            audit: PART,
            scope: in_draft,
            prepare: |world, _| {
                let row = frame_row(world);
                Ok(done(move |connection| frame::begin_frame(connection, &row)))
            },
        },
        Act {
            name: "frame::frame_arrived",
            reads: "preparations samples",
            writes: "audit_entries frame_parts frames",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, connection| {
                let (row, now) = (frame_row(world), world.app.clock.now());
                frame::begin_frame(connection, &row)?;
                Ok(done(move |connection| frame::frame_arrived(connection, now, None, &row)))
            },
        },
        Act {
            name: "frame::name_columns",
            reads: "",
            writes: "audit_entries frames",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study, id) = (world.app.clock.now(), world.draft, world.frame);
                let report = Arc::clone(&world.report);
                Ok(done(move |connection| {
                    let found = (&report.0, &report.1);
                    frame::name_columns(connection, now, None, study, id, found)
                }))
            },
        },
        Act {
            name: "frame::keep_plan",
            reads: "",
            writes: "audit_entries frames",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study, id) = (world.app.clock.now(), world.draft, world.frame);
                Ok(done(move |connection| frame::keep_plan(connection, now, None, study, id, "{}")))
            },
        },
        Act {
            name: "frame::let_go",
            reads: "",
            writes: "audit_entries frame_parts frames",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study, id) = (world.app.clock.now(), world.draft, world.frame);
                Ok(done(move |connection| frame::let_go(connection, now, None, study, id)))
            },
        },
        Act {
            name: "keep_sample::begin",
            reads: "frames questionnaires rounds studies",
            writes: "preparations samples",
            audit: PART,
            scope: in_draft,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.draft);
                let drawn = Arc::clone(&world.drawn);
                Ok(done(move |connection| {
                    keep_sample::begin(connection, now, study, &drawn).map(drop)
                }))
            },
        },
        Act {
            name: "keep_sample::keep",
            reads: "",
            writes: "areas cases contact_details preparations sampled_units",
            audit: PART,
            scope: in_draft,
            prepare: |world, connection| {
                let (now, study) = (world.app.clock.now(), world.draft);
                let begun = keep_sample::begin(connection, now, study, &world.drawn)?;
                let rows = keep_sample::rows(&world.app.keys, &begun, &world.drawn)?;
                Ok(done(move |connection| {
                    keep_sample::keep(connection, now, &begun, &rows.units, &rows.areas)
                }))
            },
        },
        Act {
            name: "keep_sample::end",
            reads: "samples",
            writes: "audit_entries frame_parts frames outcome_counts preparations",
            audit: Audit::Entry,
            scope: in_draft,
            prepare: |world, connection| {
                let (now, study) = (world.app.clock.now(), world.draft);
                let begun = keep_sample::begin(connection, now, study, &world.drawn)?;
                let rows = keep_sample::rows(&world.app.keys, &begun, &world.drawn)?;
                keep_sample::keep(connection, now, &begun, &rows.units, &rows.areas)?;
                Ok(done(move |connection| {
                    keep_sample::end(connection, now, None, &begun, &rows).map(drop)
                }))
            },
        },
        Act {
            name: "release::release",
            reads: "preparations sampled_units",
            writes: "audit_entries cases outcome_counts samples",
            audit: Audit::Entry,
            scope: in_field,
            prepare: |world, _| {
                let (now, study) = (world.app.clock.now(), world.field);
                Ok(done(move |connection| {
                    release::release(connection, now, None, study, 2).map(drop)
                }))
            },
        },
        Act {
            name: "release::replace_unit",
            reads: "preparations sampled_units samples studies",
            writes: "audit_entries cases outcome_counts substitutions",
            audit: Audit::Entry,
            scope: in_field,
            prepare: |world, connection| {
                let (now, study) = (world.app.clock.now(), world.field);
                let sample = samples::of_study(connection, study)?.expect("a sample");
                let manifest = samples::manifest(connection, sample.id)?;
                let first = manifest.units.iter().find(|unit| unit.replicate == Some(1));
                let unit = first.expect("a unit").unit.clone();
                Ok(done(move |connection| {
                    let why = "vacant";
                    release::replace_unit(connection, now, None, study, &unit, why).map(drop)
                }))
            },
        },
        Act {
            name: "release::assign_areas",
            reads: "preparations roles samples studies units users",
            writes: "areas audit_entries",
            audit: Audit::Entry,
            scope: in_field,
            prepare: |world, _| {
                let (now, study, to) = (world.app.clock.now(), world.field, Some(world.owner));
                Ok(done(move |connection| {
                    release::assign_areas(connection, now, None, study, to, &[0, 1])
                }))
            },
        },
        Act {
            name: "people::set_up",
            reads: "users",
            writes: "",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let owner = user("an@example.org", "An", world.app.clock.now());
                Ok(done(move |connection| people::set_up(connection, "Nhóm", &owner).map(drop)))
            },
        },
        Act {
            name: "people::add_user",
            reads: "units",
            writes: "audit_entries roles users",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let new = user("hoa@example.org", "Hoa", world.app.clock.now());
                Ok(done(move |connection| people::add_user(connection, &new, Role::Viewer)))
            },
        },
        Act {
            name: "people::make_sign_in_link",
            reads: "users",
            writes: "audit_entries sign_in_links",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let token = Id::random().to_string();
                Ok(done(move |connection| {
                    let email = "lan@example.org";
                    people::make_sign_in_link(connection, &keys, now, email, &token)
                }))
            },
        },
        Act {
            name: "people::open_session",
            reads: "",
            writes: "audit_entries sessions",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let (owner, token) = (world.owner, Id::random().to_string());
                Ok(done(move |connection| {
                    people::open_session(connection, &keys, now, owner, &token)
                }))
            },
        },
        Act {
            name: "people::use_sign_in_link",
            reads: "users",
            writes: "audit_entries sessions sign_in_links",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.made_at);
                let token = Id::random().to_string();
                Ok(Arc::new(move |connection| {
                    let used = people::use_sign_in_link(connection, &keys, now, "sign-in", &token)?;
                    Ok(if used { Told::Done } else { Told::Refused })
                }))
            },
        },
        Act {
            name: "people::close_session",
            reads: "",
            writes: "audit_entries sessions",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let owner = world.owner;
                Ok(done(move |connection| {
                    people::close_session(connection, &keys, now, owner, "session")
                }))
            },
        },
        Act {
            name: "people::make_password_link",
            reads: "users",
            writes: "audit_entries sign_in_links",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.app.clock.now());
                let token = Id::random().to_string();
                Ok(done(move |connection| {
                    let email = "lan@example.org";
                    people::make_password_link(connection, &keys, now, email, &token).map(drop)
                }))
            },
        },
        Act {
            name: "people::set_password_by_link",
            reads: "",
            writes: "audit_entries sessions sign_in_links users",
            audit: Audit::Entry,
            scope: everything,
            prepare: |world, _| {
                let (keys, now) = (world.app.keys.clone(), world.made_at);
                Ok(Arc::new(move |connection| {
                    let hash = "$argon2id$";
                    let set =
                        people::set_password_by_link(connection, &keys, now, "password", hash)?;
                    Ok(if set { Told::Done } else { Told::Refused })
                }))
            },
        },
    ]
}

/// Functions of `acts` that take a connection and are no acts of their own: they
/// only look, or others are made of them.
pub const NO_ACTS: &[(&str, &str)] = &[
    ("interview::load", "looks"),
    ("interview::load_by_code", "looks"),
    ("interview::load_case", "looks"),
    ("interview::finish", "part of take_step and close_portion"),
    ("contact::answered", "part of take_step and store_start"),
    ("contact::opted_out", "part of take_step"),
    ("pool::move_rest", "part of end_closing"),
    ("invitations::invitations_due", "looks"),
    ("invitations::reminders_due", "looks"),
    ("invitations::doubtful_due", "looks"),
    ("invitations::is_needless", "looks"),
    ("media::missing_media", "looks"),
    ("release::cases", "looks"),
    ("release::release_due", "looks"),
    ("release::release_factor", "looks"),
];
