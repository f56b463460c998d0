//! `sondage doctor`: whether everything the program needs is there, each with
//! what to do when it is not. Changes nothing.

use std::net::TcpListener;
use std::path::Path;
use std::time::SystemTime;

use chrono::Datelike as _;
use fielding::backup_note;
use fielding::clock::system_time;
use fielding::messages::mail::{Carrier, MailTarget};
use fielding::rules::second_factor::Requirement;
use fielding::store::{DatabaseUrl, backup as copies};

use crate::arguments::Arguments;
use crate::browser::Browser;
use crate::serve::{database_url, mail_target, public_address, second_factor, trusted_proxies};
use crate::terminal::{Failure, print_line, told};

/// A backup older than this is worth a word.
const OLD_DAYS: i64 = 7;
/// Clocks further apart than this are worth a word.
const APART_SECONDS: i64 = 60;
/// No clock that is right shows an earlier year.
const FIRST_YEAR: i32 = 2026;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Well,
    Doubtful,
    Missing,
}

struct Report {
    language: &'static str,
    missing: usize,
}

impl Report {
    fn tell(&mut self, state: State, key: &str, values: &[(&str, &str)]) {
        let sign = match state {
            State::Well => "doctor-well",
            State::Doubtful => "doctor-doubtful",
            State::Missing => "doctor-missing",
        };
        self.missing += usize::from(state == State::Missing);
        let text = locale::text(self.language, key, values);
        print_line(&format!("{:<6}  {text}", locale::text(self.language, sign, &[])));
    }
}

/// Looks at everything and prints a line for each.
///
/// # Errors
///
/// When something the program cannot do without is missing.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut report = Report { language: arguments.language(), missing: 0 };
    folder(arguments, &mut report);
    keys(arguments, &mut report);
    database(arguments, &mut report);
    addresses(arguments, &mut report);
    mail(arguments, &mut report);
    clock(arguments, &mut report);
    last_backup(arguments, &mut report);
    if report.missing == 0 { Ok(()) } else { Err(Failure::Unwell) }
}

fn folder(arguments: &Arguments, report: &mut Report) {
    let folder = arguments.data.display().to_string();
    let shown = [("folder", folder.as_str())];
    if !arguments.data.is_dir() {
        return report.tell(State::Doubtful, "doctor-folder-new", &shown);
    }
    let probe = arguments.data.join(".sondage-doctor");
    match std::fs::write(&probe, b"probe").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) if is_open(&arguments.data) => {
            report.tell(State::Doubtful, "doctor-folder-open", &shown);
        }
        Ok(()) => report.tell(State::Well, "doctor-folder", &shown),
        Err(error) => {
            let reason = error.to_string();
            let told = [("folder", folder.as_str()), ("reason", &reason)];
            report.tell(State::Missing, "doctor-folder-refused", &told);
        }
    }
}

/// Whether others than the owner may read a file or folder.
fn is_open(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn keys(arguments: &Arguments, report: &mut Report) {
    for name in ["service.key", "contact.key"] {
        let file = arguments.data.join(name);
        let shown = file.display().to_string();
        let shown = [("file", shown.as_str())];
        match std::fs::read_to_string(&file) {
            Ok(text) if text.trim().len() != 64 || !text.trim().is_ascii() => {
                report.tell(State::Missing, "doctor-key-damaged", &shown);
            }
            Ok(_) if is_open(&file) => report.tell(State::Doubtful, "doctor-key-open", &shown),
            Ok(_) => report.tell(State::Well, "doctor-key", &shown),
            Err(_) => report.tell(State::Doubtful, "doctor-key-new", &shown),
        }
    }
}

fn database(arguments: &Arguments, report: &mut Report) {
    let schema = database_url(arguments).and_then(|url| Ok((copies::schema(&url)?, url)));
    let (schema, url) = match schema {
        Ok(found) => found,
        Err(failure) => {
            let reason = told(&failure, report.language);
            return report.tell(State::Missing, "doctor-database-refused", &[("reason", &reason)]);
        }
    };
    let Some(schema) = schema else {
        return report.tell(State::Doubtful, "doctor-database-new", &[]);
    };
    let (done, waiting) = (schema.applied.len().to_string(), schema.pending.len().to_string());
    let later = schema.unknown.join(", ");
    let values = [
        ("engine", schema.engine.as_str()),
        ("applied", &done),
        ("pending", &waiting),
        ("unknown", &later),
    ];
    if !schema.unknown.is_empty() {
        report.tell(State::Missing, "doctor-database-later", &values);
    } else if !schema.pending.is_empty() {
        report.tell(State::Doubtful, "doctor-database-pending", &values);
    } else {
        report.tell(State::Well, "doctor-database", &values);
    }
    if let DatabaseUrl::Sqlite(file) = &url
        && is_open(file)
    {
        let file = file.display().to_string();
        report.tell(State::Doubtful, "doctor-file-open", &[("file", &file)]);
    }
    if let Some(clock) = schema.clock.filter(|clock| apart(*clock)) {
        let seconds = (clock - system_time().timestamp()).to_string();
        report.tell(State::Doubtful, "doctor-clock-apart", &[("seconds", &seconds)]);
    }
}

fn apart(clock: i64) -> bool {
    (clock - system_time().timestamp()).abs() > APART_SECONDS
}

fn addresses(arguments: &Arguments, report: &mut Report) {
    let listen = arguments.listen.to_string();
    let shown = [("address", listen.as_str())];
    if TcpListener::bind(arguments.listen).is_ok() {
        report.tell(State::Well, "doctor-listen", &shown);
    } else {
        let answer = Browser::new(&format!("http://{listen}")).get("/health");
        if answer.is_ok_and(|answer| answer.body.starts_with("ok")) {
            report.tell(State::Well, "doctor-listen-serving", &shown);
        } else {
            report.tell(State::Missing, "doctor-listen-taken", &shown);
        }
    }
    match public_address(arguments) {
        Err(_) => report.tell(State::Missing, "doctor-public-refused", &[]),
        Ok(None) => report.tell(State::Doubtful, "doctor-public-local", &[]),
        Ok(Some(address)) if address.starts_with("http://") => {
            report.tell(State::Doubtful, "doctor-public-clear", &[("address", &address)]);
        }
        Ok(Some(address)) => report.tell(State::Well, "doctor-public", &[("address", &address)]),
    }
    if let Err(failure) = trusted_proxies(arguments) {
        let reason = told(&failure, report.language);
        report.tell(State::Missing, "doctor-proxies-refused", &[("reason", &reason)]);
    }
    match second_factor(arguments) {
        Err(failure) => {
            let reason = told(&failure, report.language);
            report.tell(State::Missing, "doctor-second-factor-refused", &[("reason", &reason)]);
        }
        Ok(Requirement::Off) => report.tell(State::Doubtful, "doctor-second-factor-off", &[]),
        Ok(Requirement::On) => report.tell(State::Well, "doctor-second-factor", &[]),
        Ok(Requirement::From(day)) => {
            let day = locale::date(day);
            report.tell(State::Well, "doctor-second-factor-from", &[("day", &day)]);
        }
    }
}

fn mail(arguments: &Arguments, report: &mut Report) {
    let target = match mail_target(arguments) {
        Ok(target) => target,
        Err(failure) => {
            let reason = told(&failure, report.language);
            return report.tell(State::Missing, "doctor-mail-refused", &[("reason", &reason)]);
        }
    };
    if let MailTarget::Folder(folder) = &target {
        let folder = folder.display().to_string();
        return report.tell(State::Doubtful, "doctor-mail-folder", &[("folder", &folder)]);
    }
    let answers =
        actix_web::rt::System::new().block_on(async { Carrier::new(&target)?.answers().await });
    match answers {
        Ok(true) => report.tell(State::Well, "doctor-mail", &[]),
        Ok(false) => {
            report.tell(State::Missing, "doctor-mail-silent", &[]);
        }
        Err(error) => {
            let reason = told(&error.into(), report.language);
            report.tell(State::Missing, "doctor-mail-refused", &[("reason", &reason)]);
        }
    }
}

fn clock(arguments: &Arguments, report: &mut Report) {
    let now = system_time();
    let shown = now.format("%d/%m/%Y %H:%M UTC").to_string();
    let shown = [("now", shown.as_str())];
    // What was written in the future was written by another clock.
    let Ok(DatabaseUrl::Sqlite(file)) = database_url(arguments) else {
        return report.tell(State::Well, "doctor-clock", &shown);
    };
    let later =
        std::fs::metadata(file).and_then(|metadata| metadata.modified()).is_ok_and(|written| {
            let ahead = written.duration_since(SystemTime::from(now));
            ahead.is_ok_and(|ahead| ahead.as_secs() > APART_SECONDS.unsigned_abs())
        });
    if now.year() < FIRST_YEAR || later {
        report.tell(State::Missing, "doctor-clock-wrong", &shown);
    } else {
        report.tell(State::Well, "doctor-clock", &shown);
    }
}

fn last_backup(arguments: &Arguments, report: &mut Report) {
    let Some(last) = backup_note::last(&arguments.data) else {
        return report.tell(State::Doubtful, "doctor-backup-none", &[]);
    };
    let days = (system_time() - last).num_days();
    let (shown, day) = (days.to_string(), locale::date(last.date_naive()));
    let values = [("days", shown.as_str()), ("day", &day)];
    if days > OLD_DAYS {
        report.tell(State::Doubtful, "doctor-backup-old", &values);
    } else {
        report.tell(State::Well, "doctor-backup", &values);
    }
}
