//! The demonstration: one fictional study from an empty folder to a weighted
//! table, by the same road as a real one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use fielding::acts::draw::draw_sample;
use fielding::acts::margins;
use fielding::acts::people::set_up;
use fielding::acts::study;
use fielding::example;
use fielding::example::people::{AREAS, Behaviour, Control, RESIDENTS, Resident, WARDS, residents};
use fielding::jobs::{move_pool, prepare, send_mail};
use fielding::messages::mail::Carrier;
use fielding::rules::second_factor::Requirement;
use fielding::rules::states::MessageState;
use fielding::store::people::User;
use fielding::store::studies::Study;
use fielding::store::{Id, Scope, cases, outcomes, people, rounds, samples, studies};
use fielding::{App, Error, results};
use pages::downloads::{self, Content};

use crate::arguments::{Arguments, DemoOptions};
use crate::browser::{Browser, Form, path_of, read_form};
use crate::output::{Output, Readers};
use crate::serve::{self, Ready, make_sign_in_link};
use crate::terminal::{Failure, Progress, print_line};

const STUDY: &str = "Dịch vụ công tại phường (minh hoạ)";
const OWNER: &str = "demo@example.org";
/// People who answer at once.
const AT_ONCE: usize = 8;

/// Makes the study unless it is there, prints its results, and serves.
pub fn run(arguments: &Arguments, options: &DemoOptions) -> Result<(), Failure> {
    let mut ready = serve::prepare(arguments)?;
    // Its people are invented, and it is looked at in one click.
    ready.app.second_factor = Requirement::Off;
    let language = arguments.language();
    let say = |key: &str, values: &[(&str, &str)]| print_line(&locale::text(language, key, values));
    let (study, fresh) = find_or_make(&ready.app, options.seed, language)?;
    if !fresh {
        say("cli-demo-exists", &[]);
    }
    send_invitations(&ready, study.id, language)?;
    let ready = if fresh { answer_all(ready, &study, options.seed, language)? } else { ready };
    // What ended last moves on with the rest.
    move_pool::move_all(&ready.app)?;
    print_results(&ready.app, &study, language)?;
    write_files(arguments, &ready.app, &study, language)?;
    if options.no_serve {
        return Ok(());
    }
    let link = make_sign_in_link(&ready.app, OWNER)?;
    say("cli-serving", &[("address", ready.address())]);
    say("cli-demo-sign-in", &[("link", &link)]);
    serve::serve(ready)
}

fn find_or_make(app: &App, seed: u64, language: &'static str) -> Result<(Study, bool), Failure> {
    let found = app.store.read_now(|connection| {
        let Some(root) = people::root_unit(connection)? else { return Ok(None) };
        let known = studies::of_units(connection, &[root.id], false, None, i64::from(u16::MAX))?;
        Ok(known.into_iter().find(|study| study.name == STUDY))
    })?;
    if let Some(study) = found {
        return Ok((study, false));
    }
    let study = make_study(app, language)?;
    draw(app, study.id, seed, language)?;
    let (id, now) = (study.id, app.clock.now());
    app.store.write_now(Scope::Study(id), move |connection| {
        study::open_study(connection, now, None, id)
    })?;
    prepare::invite(app, None, id)?;
    let study = app.store.read_now(|connection| {
        studies::find(connection, id)?.ok_or(Error::NotFound(fielding::Missing::Study))
    })?;
    Ok((study, true))
}

fn make_study(app: &App, language: &'static str) -> Result<Study, Failure> {
    let document = example::document().map_err(Error::Invalid)?;
    let shares = example::margins().map_err(Error::Invalid)?;
    let (questions, languages) = (document.question_count(), document.languages.len());
    let now = app.clock.now();
    let study = app.store.write_now(Scope::Everything, move |connection| {
        let root = match people::root_unit(connection)? {
            Some(root) => root.id,
            None => {
                let owner = User {
                    id: Id::rising(),
                    email: OWNER.to_owned(),
                    name: "Minh hoạ".to_owned(),
                    password_hash: None,
                    language: language.to_owned(),
                    disabled: false,
                    created_at: now,
                };
                set_up(connection, "Nhóm nghiên cứu dư luận (minh hoạ)", &owner)?
            }
        };
        let new = example::new_study(root, STUDY);
        let study = study::create_study(connection, now, None, &new, &document)?;
        margins::set_margins(connection, now, None, study.id, &shares)?;
        Ok(study)
    })?;
    let id = study.id;
    let hash = app.store.read_now(|connection| {
        let current = studies::current_version(connection, id)?;
        let stored = current.map(|version| studies::version(connection, version)).transpose()?;
        Ok(stored.flatten().map(|version| version.hash).unwrap_or_default())
    })?;
    print_line(&locale::text(
        language,
        "cli-demo-import",
        &[
            ("questions", &questions.to_string()),
            ("languages", &languages.to_string()),
            ("hash", &hash[..12]),
        ],
    ));
    Ok(study)
}

fn draw(app: &App, study: Id, seed: u64, language: &str) -> Result<(), Failure> {
    let everybody = residents(seed);
    let number =
        |count: usize| locale::number(language, f64::from(u32::try_from(count).unwrap_or(0)), 0);
    print_line(&locale::text(
        language,
        "cli-demo-frame",
        &[
            ("units", &number(RESIDENTS)),
            ("wards", &number(WARDS)),
            ("areas", &number(AREAS.len())),
        ],
    ));
    let order = example::draw_request(&everybody, seed);
    let drawn = draw_sample(&order).map_err(Error::Invalid)?;
    let opened = prepare::store_sample(app, None, study, drawn)?;
    print_line(&locale::text(
        language,
        "cli-demo-draw",
        &[
            ("psus", &example::DRAWN.0.to_string()),
            ("cases", &number(opened)),
            ("seed", &seed.to_string()),
        ],
    ));
    Ok(())
}

/// Works the outbox until nothing is due.
fn send_invitations(ready: &Ready, study: Id, language: &str) -> Result<(), Failure> {
    let waiting = ready
        .app
        .store
        .read_now(|connection| fielding::store::outbox::counts(connection, study))?;
    let queued = waiting.iter().filter(|count| count.state == MessageState::Queued);
    let total: i64 = queued.map(|count| count.messages).sum();
    let total = usize::try_from(total).unwrap_or(0);
    if total == 0 {
        return Ok(());
    }
    // All of these go to one made-up domain, into a folder: nobody is to be spared.
    let settings = send_mail::MailSettings { domain_per_minute: 0, ..ready.mail.clone() };
    let progress = Progress::new(&locale::text(language, "cli-demo-mail", &[]), total);
    actix_web::rt::System::new().block_on(async {
        let carrier = Carrier::new(&ready.target)?;
        let mut sent = 0;
        loop {
            let round = send_mail::send_due(&ready.app, &carrier, &settings).await?;
            sent += round.total();
            progress.show(sent.min(total));
            if round.total() == 0 {
                return Ok(());
            }
        }
    })
}

/// Serves while the simulated people answer over HTTP.
fn answer_all(ready: Ready, study: &Study, seed: u64, language: &str) -> Result<Ready, Failure> {
    let people = people_asked(&ready.app, study.id, seed)?;
    let listener = ready.listener.try_clone().map_err(|error| Failure::Demo(error.to_string()))?;
    let site = ready.site();
    let (started, handle) = mpsc::channel();
    let server = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = pages::serve(site, listener, 2)?;
            // The other side waits for it; if it has gone there is nobody to serve.
            let _ = started.send(server.handle());
            server.await
        })
    });
    let handle = handle.recv().map_err(|error| Failure::Demo(error.to_string()))?;
    let base = format!(
        "http://{}",
        ready.listener.local_addr().map_err(|error| Failure::Demo(error.to_string()))?
    );
    let progress = Progress::new(&locale::text(language, "cli-demo-answer", &[]), people.len());
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failure: Mutex<Option<String>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let agent = Browser::new(&base).agent();
                while let Some((resident, link)) = people.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let mut browser = Browser::with_agent(&base, agent.clone());
                    if let Err(error) = answer(&mut browser, resident, link) {
                        *failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                            Some(error);
                    }
                    progress.show(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let failure = failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    stop(&handle);
    server
        .join()
        .map_err(|_| Failure::Demo("the server stopped".to_owned()))?
        .map_err(|error| Failure::Demo(error.to_string()))?;
    match failure {
        Some(reason) => Err(Failure::Demo(reason)),
        None => Ok(ready),
    }
}

fn stop(handle: &actix_web::dev::ServerHandle) {
    actix_web::rt::System::new().block_on(handle.stop(true));
}

/// The sampled people with the secrets of their links.
fn people_asked(app: &App, study: Id, seed: u64) -> Result<Vec<(Resident, String)>, Failure> {
    let by_id: HashMap<String, Resident> =
        residents(seed).into_iter().map(|resident| (resident.id.clone(), resident)).collect();
    let keys = app.keys.clone();
    let rows = app.store.read_now(|connection| {
        let units = samples::unit_keys(connection, study)?;
        let cases = cases::page(connection, study, 0, i64::MAX)?;
        Ok(cases
            .into_iter()
            .filter_map(|case| {
                Some((units.get(&case.sampled_unit_id?)?.clone(), keys.link(case.id)))
            })
            .collect::<Vec<_>>())
    })?;
    Ok(rows
        .into_iter()
        .filter_map(|(unit, link)| Some((by_id.get(&unit)?.clone(), link)))
        .collect())
}

/// One person from the link to wherever they stop.
pub fn answer(browser: &mut Browser, resident: &Resident, link: &str) -> Result<(), String> {
    let behaviour = resident.behaviour();
    if behaviour == Behaviour::Silent {
        return Ok(());
    }
    let wrong = |error: ureq::Error| error.to_string();
    let welcome = browser.get(&format!("/r/{link}")).map_err(wrong)?;
    let form = read_form(&welcome.body, "/answer/start")
        .ok_or_else(|| format!("no way in: HTTP {}", welcome.status))?;
    let (mut at, mut page) = browser.submit(&form.action, &form.hidden).map_err(wrong)?;
    let limit = match behaviour {
        Behaviour::Looks => 0,
        Behaviour::BreaksOff(pages) => pages,
        _ => usize::MAX,
    };
    let mut answered = 0;
    let mut seen = String::new();
    while at.starts_with("/answer/page/") {
        if seen != at {
            answered += 1;
        }
        if answered > limit {
            return Ok(());
        }
        let form = read_form(&page.body, path_of(&at)).ok_or_else(|| format!("{at}: no form"))?;
        let again = seen == at;
        seen.clone_from(&at);
        let filled = fill(resident, &form, again);
        let next = browser.submit(&form.action, &filled).map_err(wrong)?;
        if again && next.0 == at {
            return Err(format!("{at}: the answers are not accepted: {filled:?}"));
        }
        (at, page) = next;
    }
    if path_of(&at) == "/answer/end" {
        let form = read_form(&page.body, "/answer/end").ok_or("no last form")?;
        let (end, done) = browser.submit(&form.action, &form.hidden).map_err(wrong)?;
        if path_of(&end) != "/answer/done" || done.status != 200 {
            return Err(format!("ended at {end} with HTTP {}", done.status));
        }
    }
    Ok(())
}

/// What a person puts into the form of a page.
pub fn fill(resident: &Resident, form: &Form, insist: bool) -> Vec<(String, String)> {
    let fields = form.fields.iter().filter(|field| field.name.strip_suffix(".state").is_none());
    let answers = fields.flat_map(|field| {
        let control = match field.kind.as_str() {
            "radio" => Control::One(&field.values),
            "checkbox" => Control::Several(&field.values),
            _ => Control::Text,
        };
        let values = resident.answer(&field.name, &control, insist);
        values.into_iter().map(|value| (field.name.clone(), value))
    });
    form.hidden.iter().cloned().chain(answers).collect()
}

fn print_results(app: &App, study: &Study, language: &'static str) -> Result<(), Failure> {
    let (found, counts) = app.store.read_now(|connection| {
        let round = rounds::current(connection, study.id)?.id;
        Ok((
            results::results(app, connection, study, language)?,
            outcomes::counts_of(connection, round)?,
        ))
    })?;
    let Some(results) = found else { return Err(Failure::Demo("nobody answered".to_owned())) };
    print_line(&format!("\n{}", locale::text(language, "cli-demo-tables", &[])));
    let shown = ["d12_overall", "a1_used", "d13_priority"];
    for block in results.table.blocks.iter().filter(|block| shown.contains(&block.name.as_str())) {
        let base = block.bases.first().map_or(0, |base| base.rows);
        print_line(&format!("\n  {} (n = {base})", block.label));
        for row in &block.rows {
            let Some(cell) = row.cells.first() else { continue };
            let text = match (cell.value.filter(|_| cell.is_shown()), cell.interval) {
                (Some(value), Some(interval)) => format!(
                    "{:>7}  [{} – {}]",
                    locale::percent(language, value, 1),
                    locale::percent(language, interval.lower, 1),
                    locale::percent(language, interval.upper, 1)
                ),
                _ => format!("{:>7}", "–"),
            };
            print_line(&format!("    {text}  {}", row.label));
        }
    }
    for scale in &results.scales {
        print_line(&format!("\n  {}", pages::wording::scale_text(scale, language)));
    }
    print_line(&format!("\n  {}", pages::wording::weighting_text(&results, language)));
    let all = fielding::rules::rates::counts_of(counts.iter());
    let rates = fielding::rules::rates::rates(
        &all,
        fielding::rules::rates::UnknownEligibility::Proportional,
    );
    print_line(&format!("\n{}", locale::text(language, "cli-demo-rates", &[])));
    for line in rates.named().chunks(4) {
        let line: Vec<String> = line
            .iter()
            .map(|(name, rate)| {
                format!(
                    "{name:>6} {:>6}",
                    rate.map_or_else(|| "–".to_owned(), |rate| locale::percent(language, rate, 1))
                )
            })
            .collect();
        print_line(&format!("  {}", line.join("  ")));
    }
    print_line("");
    Ok(())
}

fn write_files(
    arguments: &Arguments,
    app: &App,
    study: &Study,
    language: &str,
) -> Result<(), Failure> {
    let folder = arguments.data.join("demo");
    let failure = |file: &std::path::Path, error: std::io::Error| Failure::File {
        file: file.display().to_string(),
        reason: error.to_string(),
    };
    fielding::private::create_folder(&folder).map_err(|error| failure(&folder, error))?;
    let mut written = Vec::new();
    for name in ["tables.xlsx", "tables.csv", "report.html"] {
        let made = downloads::make(app, study, name, language, None)?;
        let file = folder.join(name);
        // These are the demonstration's own, of the run before.
        let output = Output::check(&file, &[], &[], true, Readers::Owner)?;
        let done = match made.content {
            Content::Bytes(bytes) => output.write_bytes(&bytes),
            Content::Stored(mut stored) => output.write(|new| {
                std::io::copy(&mut stored, new).map(drop).map_err(|error| output.refused(&error))
            }),
        };
        done?;
        written.push(file.display().to_string());
    }
    print_line(&locale::text(language, "cli-demo-files", &[("files", &written.join(", "))]));
    Ok(())
}
