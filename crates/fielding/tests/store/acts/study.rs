//! What is done with a study.

use fielding::acts::appearance::{LogoWish, Owner, change_appearance, read_logo};
use fielding::acts::draft::Sent;
use fielding::acts::draft_authors::be_present;
use fielding::acts::settings::Settings;
use fielding::acts::states::Goal;
use fielding::acts::{draft, example, margins, media, settings, states, study};
use fielding::error::{Error, Missing};
use fielding::rules::margins::MarginShare;
use fielding::rules::states::{Example, Privacy};
use fielding::store::draft_authors::Chosen;
use fielding::store::{Connection, Id, drafts, studies};
use survey_builder::questionnaire::document::{Text, TextRole};
use survey_builder::questionnaire::operation::Operation;

use super::{Act, Audit, done, everything, in_draft, in_field, nothing};
use crate::story::document;
use crate::world::{new_study, picture};

/// Those acts.
pub const ACTS: &[Act] = &[
    Act {
        name: "study::create_study",
        reads: "unit_appearances units",
        writes: "audit_entries logos questionnaires rounds studies versions",
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
        name: "study::begin_study",
        reads: "unit_appearances units",
        writes: "audit_entries logos questionnaires rounds studies",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, unit) = (world.app.clock.now(), world.unit);
            let new = new_study(unit, "Mới", Privacy::Identified);
            Ok(done(move |connection| {
                study::begin_study(connection, now, None, &new, &document()).map(drop)
            }))
        },
    },
    Act {
        name: "appearance::change_appearance of a study",
        reads: "",
        writes: "audit_entries logos studies",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, owner) = (world.app.clock.now(), Owner::Study(world.field));
            let seen = owner.appearance(connection)?.stamp();
            let logo = read_logo(picture(world.field, "logo.png").remove(0).bytes);
            let wish = LogoWish::New(logo.map_err(|problem| Error::Invalid(vec![problem]))?);
            let alt = Text([("vi".to_owned(), "Viện".to_owned())].into());
            Ok(done(move |connection| {
                change_appearance(connection, now, None, owner, (&seen, "07434c", &alt, &wish))
            }))
        },
    },
    Act {
        name: "appearance::change_appearance of a unit",
        reads: "units",
        writes: "audit_entries logos unit_appearances",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, connection| {
            let (now, owner) = (world.app.clock.now(), Owner::Unit(world.unit));
            let seen = owner.appearance(connection)?.stamp();
            let none = Text::default();
            Ok(done(move |connection| {
                let wish = (&*seen, "", &none, &LogoWish::Goes);
                change_appearance(connection, now, None, owner, wish)
            }))
        },
    },
    Act {
        name: "example::make_example",
        reads: "unit_appearances units",
        writes: "audit_entries logos questionnaires rounds studies versions",
        audit: Audit::Entry,
        scope: everything,
        prepare: |world, _| {
            let (now, unit) = (world.app.clock.now(), world.unit);
            let new = new_study(unit, "Ví dụ", Privacy::Anonymous);
            Ok(done(move |connection| {
                example::make_example(connection, now, None, &new, (&document(), &[])).map(drop)
            }))
        },
    },
    Act {
        name: "example::end_example",
        reads: "",
        writes: "studies",
        audit: Audit::None("nobody does it, and the study is the same"),
        scope: in_field,
        prepare: |world, connection| {
            let study = world.field;
            studies::set_example(connection, study, Example::Filling)?;
            Ok(done(move |connection| example::end_example(connection, study)))
        },
    },
    Act {
        name: "draft::edit_draft",
        reads: "questionnaires",
        writes: "audit_entries draft_edits",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let sent = worded(connection, study, "Lời thứ nhất")?;
            Ok(done(move |connection| {
                draft::edit_draft(connection, now, author, study, &sent).map(drop)
            }))
        },
    },
    Act {
        name: "draft::edit_draft the same words",
        reads: "questionnaires",
        writes: "audit_entries draft_edits",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let sent = worded(connection, study, "Lời thứ hai")?;
            Ok(done(move |connection| {
                draft::edit_draft(connection, now, author, study, &sent).map(drop)
            }))
        },
    },
    Act {
        name: "draft::undo_edit",
        reads: "questionnaires",
        writes: "draft_edits",
        audit: Audit::None("the edits themselves tell; the record says it once an hour"),
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let sent = worded(connection, study, "Lời sẽ thôi")?;
            draft::edit_draft(connection, now, author, study, &sent)?;
            Ok(done(move |connection| {
                draft::undo_edit(connection, now, author, study, Id::random()).map(drop)
            }))
        },
    },
    Act {
        name: "draft::redo_edit",
        reads: "questionnaires",
        writes: "draft_edits",
        audit: Audit::None("the edits themselves tell; the record says it once an hour"),
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let sent = worded(connection, study, "Lời trở lại")?;
            draft::edit_draft(connection, now, author, study, &sent)?;
            draft::undo_edit(connection, now, author, study, Id::random())?;
            Ok(done(move |connection| {
                draft::redo_edit(connection, now, author, study, Id::random()).map(drop)
            }))
        },
    },
    Act {
        name: "draft_authors::be_present",
        reads: "studies",
        writes: "draft_authors",
        audit: Audit::None("it is no deed, and lasts some seconds"),
        scope: in_field,
        prepare: |world, _| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let chosen = Chosen::At(Some(Id::random()));
            Ok(done(move |connection| be_present(connection, now, author, study, chosen)))
        },
    },
    Act {
        name: "draft::publish_draft",
        reads: "draft_edits media",
        writes: "audit_entries questionnaires studies trial_documents trial_links trial_steps \
                 trials versions",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let sent = worded(connection, study, "Lời của bản sau")?;
            let edited = draft::edit_draft(connection, now, author, study, &sent)?;
            Ok(done(move |connection| {
                let seen = (edited.number, "");
                draft::publish_draft(connection, now, Some(author), study, seen).map(drop)
            }))
        },
    },
    Act {
        name: "states::name_state",
        reads: "draft_edits questionnaires",
        writes: "audit_entries draft_states",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let sent = worded(connection, study, "Lời sau khi đặt tên")?;
            let edited = draft::edit_draft(connection, now, author, study, &sent)?;
            // As it was seen before that edit.
            let named = ("Gửi lãnh đạo", edited.number - 1);
            Ok(done(move |connection| {
                states::name_state(connection, now, author, study, named).map(drop)
            }))
        },
    },
    Act {
        name: "states::forget_state",
        reads: "draft_edits questionnaires",
        writes: "audit_entries draft_states",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let state = states::name_state(connection, now, author, study, ("Bỏ sau", 0))?;
            Ok(done(move |connection| states::forget_state(connection, now, author, study, state)))
        },
    },
    Act {
        name: "states::restore_draft",
        reads: "draft_states questionnaires",
        writes: "audit_entries draft_edits",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study, author) = (world.app.clock.now(), world.field, world.owner);
            let state = states::name_state(connection, now, author, study, ("Trước đó", i64::MAX))?;
            let sent = worded(connection, study, "Lời sẽ được bỏ")?;
            let edited = draft::edit_draft(connection, now, author, study, &sent)?;
            let wish = (Goal::State(state), edited.number, Id::random());
            Ok(done(move |connection| {
                states::restore_draft(connection, now, author, study, wish).map(drop)
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
        name: "settings::change_settings",
        reads: "",
        writes: "audit_entries studies",
        audit: Audit::Entry,
        scope: in_field,
        prepare: |world, connection| {
            let (now, study) = (world.app.clock.now(), world.field);
            let row = studies::find(connection, study)?.ok_or(gone())?;
            let seen = Settings::of(&row).stamp();
            let settings = Settings { name: "Tên mới".to_owned(), ..Settings::of(&row) };
            Ok(done(move |connection| {
                settings::change_settings(connection, now, None, study, (&seen, &settings))
            }))
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
            Ok(done(move |connection| study::close_study(connection, now, None, study).map(drop)))
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
            Ok(done(move |connection| study::close_study(connection, now, None, study).map(drop)))
        },
    },
    Act {
        name: "study::cancel_portion",
        reads: "cases",
        writes: "outbox preparations",
        audit: Audit::None("the beginning left it"),
        scope: in_field,
        prepare: |world, connection| {
            let now = world.app.clock.now();
            let closing = study::close_study(connection, now, None, world.field)?;
            let Some(closing) = closing else { return Ok(nothing()) };
            Ok(done(move |connection| {
                study::cancel_portion(connection, now, &closing, 0).map(drop)
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
            study::cancel_portion(connection, now, &closing, 0)?;
            study::close_portion(connection, &keys, now, &closing, 0)?;
            Ok(done(move |connection| study::end_closing(connection, &keys, &closing)))
        },
    },
    Act {
        name: "margins::set_margins",
        reads: "questionnaires versions",
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
            Ok(done(move |connection| margins::set_margins(connection, now, None, study, &shares)))
        },
    },
    Act {
        name: "media::add_media",
        reads: "studies",
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
];

/// The study was deleted.
fn gone() -> Error {
    Error::NotFound(Missing::Study)
}

/// The first wording of a questionnaire, changed.
fn worded(connection: &mut Connection, study: Id, now: &str) -> Result<Sent, Error> {
    let stored = drafts::of_study(connection, study)?.ok_or(gone())?;
    let question = stored.draft.document.questions().next().expect("a question");
    let language = stored.draft.document.default_language.clone();
    let wish = Operation::Write {
        item: question.id,
        role: TextRole::Wording,
        was: question.wording.0.get(&language).cloned().unwrap_or_default(),
        now: now.to_owned(),
        language,
    };
    Ok(Sent { sent_as: Id::random(), seen: stored.number, wishes: vec![wish] })
}
