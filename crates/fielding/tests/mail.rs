//! Invitations over a real SMTP conversation: a small relay in this process that
//! takes, refuses for good, or puts off. Each address hears from us once.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use fielding::acts::draw::{self, DrawRequest, two_stage_plan};
use fielding::acts::people::set_up;
use fielding::acts::study::{self, NewStudy};
use fielding::acts::{contact, invitations};
use fielding::clock::Clock;
use fielding::files::roles::Roles;
use fielding::jobs::prepare;
use fielding::jobs::send_mail::{MailSettings, send_due};
use fielding::keys::Keys;
use fielding::messages::mail::{Carrier, MailTarget, parse_target};
use fielding::rules::states::{CaseStatus, MessageKind, MessageState, Privacy};
use fielding::store::people::User;
use fielding::store::{
    DatabaseUrl, Id, Instant, Scope, Store, Zone, attempts, cases, contacts, outbox, outcomes,
    rounds,
};
use fielding::{App, Error};
use survey_builder::sampling::Seed;

/// What the relay answers to a recipient.
type Answers = HashMap<String, &'static str>;

/// A relay that keeps what it takes.
struct Relay {
    address: String,
    taken: Arc<Mutex<Vec<(String, String)>>>,
    answers: Arc<Mutex<Answers>>,
}

impl Relay {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let address = format!("smtp://{}", listener.local_addr().expect("bound"));
        let (taken, answers) = (Arc::default(), Arc::default());
        let (in_thread, rules) = (Arc::clone(&taken), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (taken, rules) = (Arc::clone(&in_thread), Arc::clone(&rules));
                // A broken conversation is the client's to report.
                std::thread::spawn(move || drop(converse(stream, &taken, &rules)));
            }
        });
        Self { address, taken, answers }
    }
}

fn converse(
    mut stream: TcpStream,
    taken: &Mutex<Vec<(String, String)>>,
    rules: &Mutex<Answers>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut recipient = String::new();
    stream.write_all(b"220 relay\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let answer = match verb.as_str() {
            "EHLO" | "HELO" => "250-relay\r\n250 8BITMIME",
            "RCPT" => {
                line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut recipient);
                rules.lock().expect("rules").get(&recipient).copied().unwrap_or("250 ok")
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let mut message = String::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    message.push_str(&line);
                    message.push('\n');
                }
                taken.lock().expect("taken").push((recipient.clone(), message));
                let after = format!("after {recipient}");
                match rules.lock().expect("rules").remove(&after) {
                    Some("hang up") => return Ok(()),
                    _ => "250 taken",
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => "250 ok",
        };
        stream.write_all(answer.as_bytes())?;
        stream.write_all(b"\r\n")?;
    }
    Ok(())
}

struct Fieldwork {
    app: App,
    study: Id,
    _folder: tempfile::TempDir,
}

fn fieldwork() -> Fieldwork {
    fieldwork_of(Privacy::Identified)
}

fn fieldwork_of(privacy: Privacy) -> Fieldwork {
    fieldwork_with(privacy, |person| format!("Trần Thị Ngọc {person}"))
}

fn fieldwork_with(privacy: Privacy, name_of: impl Fn(usize) -> String) -> Fieldwork {
    let folder = tempfile::tempdir().expect("a folder");
    let store =
        Store::open(&DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).expect("opens");
    let now = Clock::system().now();
    let app =
        App::new(store, Keys::random(), "https://survey.example.org").with_clock(Clock::still(now));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
    let document = serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture"))
        .expect("a document");
    let owner = User {
        id: Id::rising(),
        email: "lan@example.org".to_owned(),
        name: "Lan".to_owned(),
        password_hash: None,
        language: "vi".to_owned(),
        disabled: false,
        created_at: now,
    };
    let mut frame = String::from("id,area,ward,name,email,language\n");
    for person in 0..40 {
        let area = ["north", "south"][person % 2];
        let (ward, language) = ((person / 2) % 2, ["vi", "en"][person % 2]);
        let name = name_of(person);
        frame += &format!(
            "p{person},{area},{area}-{ward},\"{name}\",p{person}@example.org,{language}\n"
        );
    }
    let order = DrawRequest {
        frame_name: "frame.csv".to_owned(),
        frame: frame.into_bytes(),
        roles: Roles::guess(&["id", "area", "ward", "name", "email", "language"]),
        plan: two_stage_plan(4, 10),
        seed: Seed(3),
    };
    let drawn = draw::draw_sample(&order).expect("drawn");
    let study = app
        .store
        .write_now(Scope::Everything, move |connection| {
            let unit = set_up(connection, "Nhóm", &owner)?;
            let new = NewStudy {
                unit_id: unit,
                name: "Đi lại".to_owned(),
                privacy,
                privacy_reason: String::new(),
                time_zone: Zone::default(),
                organisation: "Nhóm nghiên cứu".to_owned(),
                phone: "1900 0000".to_owned(),
                closes_on: None,
                import_notes: Vec::new(),
            };
            let study = study::create_study(connection, now, None, &new, &document)?.id;
            study::open_study(connection, now, None, study)?;
            Ok(study)
        })
        .expect("made");
    prepare::store_sample(&app, None, study, drawn).expect("stored");
    prepare::invite(&app, None, study).expect("queued");
    Fieldwork { app, study, _folder: folder }
}

impl Fieldwork {
    /// Works the outbox until nothing is due.
    fn send_all(&self, target: &MailTarget, per_minute: i64) {
        let settings = MailSettings {
            sender: "Nhóm nghiên cứu <survey@example.org>".to_owned(),
            domain_per_minute: per_minute,
        };
        tokio::runtime::LocalRuntime::new().expect("a runtime").block_on(async {
            let carrier = Carrier::new(target).expect("a way out");
            while send_due(&self.app, &carrier, &settings).await.expect("works").total() > 0 {}
        });
    }

    fn state(&self, kind: MessageKind, state: MessageState) -> i64 {
        let study = self.study;
        let counts =
            self.app.store.read_now(|connection| outbox::counts(connection, study)).expect("read");
        counts
            .iter()
            .find(|count| count.kind == kind && count.state == state)
            .map_or(0, |count| count.messages)
    }

    /// What is wrong with messages that failed.
    fn problems(&self) -> Vec<String> {
        let study = self.study;
        self.app
            .store
            .read_now(|connection| outbox::problems(connection, study))
            .expect("read")
            .into_iter()
            .map(|(problem, _)| problem)
            .collect()
    }

    fn dispositions(&self) -> HashMap<String, i64> {
        let study = self.study;
        let mut found = HashMap::new();
        for (_, code, cases) in self
            .app
            .store
            .read_now(|connection| {
                let round = rounds::current(connection, study)?.id;
                outcomes::counts_of(connection, round)
            })
            .expect("read")
        {
            *found.entry(code.word().to_owned()).or_default() += cases;
        }
        found
    }
}

#[test]
fn every_case_hears_once_and_refusals_are_outcomes() {
    let relay = Relay::start();
    let fieldwork = fieldwork();
    relay
        .answers
        .lock()
        .expect("rules")
        .insert("p0@example.org".to_owned(), "550 5.1.1 no such person");
    relay.answers.lock().expect("rules").insert("p1@example.org".to_owned(), "451 4.7.1 later");
    let target = parse_target(&relay.address).expect("an address");
    fieldwork.send_all(&target, 0);
    assert_eq!(fieldwork.state(MessageKind::Invitation, MessageState::Sent), 38);
    assert_eq!(
        fieldwork.state(MessageKind::Invitation, MessageState::Failed),
        1,
        "refused for good is not tried again"
    );
    assert_eq!(
        fieldwork.state(MessageKind::Invitation, MessageState::Queued),
        1,
        "put off is tried later"
    );
    let dispositions = fieldwork.dispositions();
    assert_eq!(dispositions.get("3.19"), Some(&38), "{dispositions:?}");
    assert_eq!(dispositions.get("3.30"), Some(&1), "{dispositions:?}");
    let taken = relay.taken.lock().expect("taken");
    let mut addresses: Vec<&str> = taken.iter().map(|(to, _)| to.as_str()).collect();
    addresses.sort_unstable();
    let all = addresses.len();
    addresses.dedup();
    assert_eq!((all, addresses.len()), (38, 38), "nobody twice");
    let (to, letter) = &taken[0];
    for expected in [
        "List-Unsubscribe: <https://survey.example.org/stop/",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Auto-Submitted: auto-generated",
        "Subject: ",
    ] {
        assert!(
            letter.replace("\n ", "").contains(expected),
            "{expected} not in the letter to {to}:\n{letter}"
        );
    }
}

#[test]
fn reminders_skip_who_has_finished_refused_or_asked_for_no_more() {
    let relay = Relay::start();
    let fieldwork = fieldwork();
    let target = parse_target(&relay.address).expect("an address");
    fieldwork.send_all(&target, 0);
    relay.taken.lock().expect("taken").clear();
    let study = fieldwork.study;
    let rows = fieldwork
        .app
        .store
        .read_now(|connection| cases::page(connection, study, 0, 100))
        .expect("read");
    let (done, refused, late) = (rows[0].clone(), rows[1].clone(), rows[2].clone());
    let keys = fieldwork.app.keys.clone();
    let unwilling = rows[3].id;
    let now = fieldwork.app.clock.now().plus_seconds(3 * 86_400);
    fieldwork.app.clock.set(now);
    fieldwork
        .app
        .store
        .write_now(Scope::Study(study), move |connection| {
            let today = now.day_in(Zone::default());
            cases::end(connection, done.id, CaseStatus::Done, today)?;
            cases::end(connection, refused.id, CaseStatus::Refused, today)?;
            let sealed = contacts::details_of(connection, unwilling)?
                .ok_or(Error::NotFound(fielding::Missing::Contact))?;
            let details = fielding::contact::ContactDetails::open(&keys, unwilling, &sealed)?;
            let hash = details.suppression_hash(&keys);
            contact::unsubscribe(connection, &keys, now, unwilling, &hash)
        })
        .expect("stopped");
    assert_eq!(prepare::remind(&fieldwork.app, None, study).expect("queued"), 38);
    fieldwork
        .app
        .store
        .write_now(Scope::Study(study), move |connection| {
            // Finishes after the reminder was queued and before it was sent.
            cases::end(connection, late.id, CaseStatus::Done, now.day_in(Zone::default()))
        })
        .expect("ended");
    fieldwork.send_all(&target, 0);
    assert_eq!(relay.taken.lock().expect("taken").len(), 36);
    assert_eq!(fieldwork.state(MessageKind::Reminder, MessageState::Sent), 36);
    assert_eq!(fieldwork.state(MessageKind::Reminder, MessageState::Cancelled), 1);
    assert_eq!(
        fieldwork.state(MessageKind::Reminder, MessageState::Failed),
        1,
        "the one who asked for no more"
    );
}

#[test]
fn a_relay_that_is_not_there_loses_nothing() {
    let fieldwork = fieldwork();
    let closed = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("bound");
    fieldwork.send_all(&parse_target(&format!("smtp://{closed}")).expect("an address"), 0);
    assert_eq!(
        fieldwork.state(MessageKind::Invitation, MessageState::Queued),
        40,
        "all wait for another try"
    );
    assert!(parse_target("pop3://x").is_err());
}

#[test]
fn a_domain_hears_only_so_much_a_minute() {
    let relay = Relay::start();
    let fieldwork = fieldwork();
    fieldwork.send_all(&parse_target(&relay.address).expect("an address"), 15);
    assert_eq!(relay.taken.lock().expect("taken").len(), 15);
    assert_eq!(fieldwork.state(MessageKind::Invitation, MessageState::Queued), 25);
}

#[test]
fn no_minute_holds_more_than_the_limit() {
    let fieldwork = fieldwork();
    let at = |second: i64| Instant(second * 1_000_000);
    let place = |second: i64| {
        fieldwork
            .app
            .store
            .write_now(Scope::Everything, move |connection| {
                attempts::take_place(connection, b"example.org", at(second), 10)
            })
            .expect("counted")
    };
    // At the end of one minute and the beginning of the next.
    let taken: usize = (0..30).map(|try_| usize::from(place(59 + try_ / 15))).sum();
    assert_eq!(taken, 10);
    assert!(!place(100));
    assert!(place(121), "a minute after the first ones there is room");
    let other = fieldwork
        .app
        .store
        .write_now(Scope::Everything, move |connection| {
            attempts::take_place(connection, b"example.com", at(60), 1)
        })
        .expect("counted");
    assert!(other, "each domain has its own");
}

#[test]
fn a_letter_that_cannot_be_written_is_kept_back_alone() {
    let relay = Relay::start();
    let fieldwork = fieldwork_with(Privacy::Identified, |person| match person {
        7 => "Trần\u{7}".to_owned(),
        // Lists are read with their white space folded: no line break comes so far.
        8 => "Trần\r\nBcc: everybody@example.org".to_owned(),
        _ => format!("Ngọc {person}"),
    });
    fieldwork.send_all(&parse_target(&relay.address).expect("an address"), 0);
    let taken = relay.taken.lock().expect("taken");
    assert_eq!(taken.len(), 39);
    let begins = |letter: &str| letter.lines().any(|line| line.starts_with("Bcc:"));
    assert!(taken.iter().all(|(to, letter)| to != "p7@example.org" && !begins(letter)));
    assert!(taken.iter().all(|(to, _)| to != "everybody@example.org"));
    assert_eq!(fieldwork.state(MessageKind::Invitation, MessageState::Failed), 1);
    assert_eq!(fieldwork.problems(), ["mail: the name holds a line break or another control sign"]);
}

#[test]
fn what_may_have_gone_out_is_listed_and_sent_again_as_the_same_message() {
    let relay = Relay::start();
    let fieldwork = fieldwork();
    relay.answers.lock().expect("rules").insert("after p3@example.org".to_owned(), "hang up");
    let target = parse_target(&relay.address).expect("an address");
    fieldwork.send_all(&target, 0);
    assert_eq!(fieldwork.state(MessageKind::Invitation, MessageState::Unsure), 1);
    // What was under way when a program on a file stopped is in doubt at once.
    let study = fieldwork.study;
    let later = fieldwork.app.clock.now().plus_seconds(3 * 86_400);
    fieldwork.app.clock.set(later);
    prepare::remind(&fieldwork.app, None, study).expect("queued");
    fieldwork
        .app
        .store
        .write_now(Scope::Study(study), move |connection| {
            assert_eq!(outbox::claim(connection, later, 2)?.len(), 2);
            assert_eq!(outbox::mark_unsure_at_start(connection)?, 2);
            let (all, listed) = outbox::doubtful(connection, study, 2)?;
            assert_eq!((all, listed.len()), (3, 2));
            assert_eq!(invitations::send_doubtful_again(connection, later, None, study)?, 3);
            assert_eq!(outbox::doubtful(connection, study, 2)?.0, 0);
            Ok(())
        })
        .expect("queued");
    fieldwork.send_all(&target, 0);
    assert_eq!(fieldwork.state(MessageKind::Invitation, MessageState::Sent), 40);
    let taken = relay.taken.lock().expect("taken");
    let identity = |letter: &str| {
        let line = letter.lines().find(|line| line.starts_with("Message-ID: <"));
        line.expect("an identity").to_owned()
    };
    let twice: Vec<String> = taken
        .iter()
        .filter(|(to, _)| to == "p3@example.org")
        .map(|(_, letter)| identity(letter))
        .collect();
    assert_eq!(twice.len(), 3, "the invitation twice, the reminder once");
    let different: std::collections::BTreeSet<&String> = twice.iter().collect();
    assert_eq!(different.len(), 2, "{twice:?}");
    let all: std::collections::BTreeSet<String> =
        taken.iter().map(|(_, letter)| identity(letter)).collect();
    assert_eq!(all.len(), taken.len() - 1, "nobody else's");
}

/// Reads letters as a mail program does: Python's own parser, strict.
#[test]
fn a_mail_program_reads_the_letters() {
    let python = std::process::Command::new("python3").arg("--version").output();
    if python.is_err() {
        assert!(std::env::var_os("CI").is_none(), "python3 is needed here");
        println!("skipped: there is no python3");
        return;
    }
    let fieldwork = fieldwork();
    let folder = tempfile::tempdir().expect("a folder");
    fieldwork.send_all(&MailTarget::Folder(folder.path().join("mail")), 0);
    let read = std::process::Command::new("python3")
        .args(["-c", READ_LETTERS])
        .arg(folder.path().join("mail"))
        .output()
        .expect("python runs");
    let said = String::from_utf8_lossy(&read.stdout);
    assert!(read.status.success(), "{said}{}", String::from_utf8_lossy(&read.stderr));
    assert_eq!(said.trim(), "40 letters, 40 identities, 2 languages");
}

const READ_LETTERS: &str = r#"
import email, email.policy, html, pathlib, re, sys
identities, languages = set(), set()
letters = sorted(pathlib.Path(sys.argv[1]).glob("*.eml"))
for path in letters:
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    everything = list(letter.walk())
    assert not any(part.defects for part in everything), [part.defects for part in everything]
    assert letter["MIME-Version"] == "1.0", letter["MIME-Version"]
    assert letter["Date"].datetime is not None
    assert re.fullmatch(r"<[0-9a-z]+@example\.org>", letter["Message-ID"]), letter["Message-ID"]
    identities.add(letter["Message-ID"])
    stop = letter["List-Unsubscribe"]
    assert re.fullmatch(r"<https://survey\.example\.org/stop/\S+>", stop), stop
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["From"].addresses[0].addr_spec == "survey@example.org"
    assert letter["From"].addresses[0].display_name == "Nhóm nghiên cứu"
    assert letter["To"].addresses[0].display_name.startswith("Trần Thị Ngọc")
    assert letter.get_content_type() == "multipart/alternative"
    plain, page = letter.iter_parts()
    assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content_charset() == page.get_content_charset() == "utf-8"
    text, source = plain.get_content(), page.get_content()
    language = re.search(r'<html lang="(\w+)">', source)[1]
    languages.add(language)
    assert ("Kính gửi" in text) == (language == "vi"), text
    body = re.search(r"<body>(.*)</body>", source, re.S)[1]
    words = html.unescape(re.sub(r"<[^>]+>", " ", body)).split()
    assert words == text.split() or "".join(words) == "".join(text.split()), (words, text)
    links = re.findall(r'href="([^"]+)"', source)
    assert stop[1:-1] in links and any("/r/" in link for link in links), links
    assert "<img" not in source and "<script" not in source and "style" not in source
print(f"{len(letters)} letters, {len(identities)} identities, {len(languages)} languages")
"#;

#[test]
fn a_folder_takes_a_file_a_message() {
    let fieldwork = fieldwork();
    let folder = tempfile::tempdir().expect("a folder");
    fieldwork.send_all(&MailTarget::Folder(folder.path().join("mail")), 0);
    let files = std::fs::read_dir(folder.path().join("mail")).expect("made").count();
    assert_eq!(files, 40);
}

#[test]
fn a_letter_says_that_answers_are_apart_only_where_they_are() {
    for (privacy, said) in
        [(Privacy::Anonymous, true), (Privacy::Confidential, false), (Privacy::Identified, false)]
    {
        let relay = Relay::start();
        let fieldwork = fieldwork_of(privacy);
        fieldwork.send_all(&parse_target(&relay.address).expect("an address"), 0);
        let taken = relay.taken.lock().expect("taken");
        assert!(!taken.is_empty());
        let promise = |letter: &str| {
            letter.replace("=\r\n", "").replace("=\n", "").contains("not linked to your name")
        };
        let promised = taken.iter().filter(|(_, letter)| promise(letter)).count();
        assert_eq!(promised > 0, said, "{privacy}: {promised} letters");
    }
}
