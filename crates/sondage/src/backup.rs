//! `sondage backup` and `sondage restore`: the database as one file, the keys as
//! another beside it.
//!
//! Together the two tell who was asked, so they are never one file, and the
//! reader is told to keep them apart.

use std::path::{Path, PathBuf};
use std::process::Command;

use fielding::clock::system_time;
use fielding::store::{DatabaseUrl, backup};
use fielding::{Error, backup_note};

use crate::arguments::{Arguments, CopyOptions};
use crate::output::{Output, Readers};
use crate::serve::database_url;
use crate::terminal::{Failure, print_line};

/// The key files of a data folder.
const KEYS: [&str; 2] = ["service.key", "contact.key"];

/// The file of the keys that belong to a backup.
pub fn keys_beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".keys");
    file.with_file_name(name)
}

/// `sondage backup FILE`
///
/// # Errors
///
/// A database that cannot be read, files that cannot be written or are there.
pub fn run(arguments: &Arguments, options: &CopyOptions) -> Result<(), Failure> {
    let url = database_url(arguments)?;
    let inputs: Vec<&Path> = match &url {
        DatabaseUrl::Sqlite(database) => vec![database],
        DatabaseUrl::Postgresql(_) => Vec::new(),
    };
    let check = |path: &Path| Output::check(path, &[], &inputs, options.force, Readers::Owner);
    let keys = check(&keys_beside(&options.file))?;
    let target = check(&options.file)?;
    // A copy whose keys cannot be read is none: looked at first.
    let held = read_keys(&arguments.data)?;
    match &url {
        DatabaseUrl::Sqlite(database) => {
            target.write_with(|beside| Ok(backup::copy_file(database, beside)?))?;
        }
        DatabaseUrl::Postgresql(address) => target.write_with(|beside| {
            let file = beside.display().to_string();
            run_program("pg_dump", &["--format=custom", "--no-owner", "--file", &file], address)
        })?,
    }
    keys.write_bytes(held.as_bytes())?;
    let stamp =
        Output::check(&backup_note::place(&arguments.data), &[], &[], true, Readers::Owner)?;
    stamp.write_bytes(format!("{}\n", system_time().to_rfc3339()).as_bytes())?;
    let language = arguments.language();
    let (file, keys) = (options.file.display().to_string(), keys.path().display().to_string());
    print_line(&locale::text(language, "cli-backup-written", &[("file", &file), ("keys", &keys)]));
    Ok(())
}

/// The keys of a data folder, a line each: its name and what it holds.
fn read_keys(data: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    for name in KEYS {
        let file = data.join(name);
        let key = std::fs::read_to_string(&file)
            .map_err(|error| Error::Keys { file: file.clone(), reason: error.to_string() })?;
        text.push_str(&format!("{name} {}\n", key.trim()));
    }
    Ok(text)
}

/// `sondage restore FILE`
///
/// # Errors
///
/// A backup that is damaged or of a later program; data or other keys that are
/// there, without `--force`.
pub fn restore(arguments: &Arguments, options: &CopyOptions) -> Result<(), Failure> {
    let url = database_url(arguments)?;
    // Nothing else matters where there is no backup.
    std::fs::File::open(&options.file).map_err(|error| Failure::File {
        file: options.file.display().to_string(),
        reason: error.to_string(),
    })?;
    let keys = kept_keys(&options.file, &arguments.data, options.force)?;
    // What a later program made is never replaced by an earlier one.
    match (backup::schema(&url), &url) {
        (Ok(None), _) => {}
        (Ok(Some(there)), _) => {
            backup::refuse_later(&there)?;
            if !there.applied.is_empty() && !options.force {
                return Err(Failure::OutputExists { file: named(&url) });
            }
        }
        // A file that is no database any more is what backups are for.
        (Err(Error::Query(_)), DatabaseUrl::Sqlite(_)) if options.force => {}
        (Err(error), _) => return Err(error.into()),
    }
    crate::serve::make_data_folder(&arguments.data)?;
    match &url {
        DatabaseUrl::Sqlite(database) => restore_file(&options.file, database)?,
        DatabaseUrl::Postgresql(address) => {
            let file = options.file.display().to_string();
            let mut restoring = vec!["--no-owner", "--single-transaction", "--exit-on-error"];
            if options.force {
                restoring.extend(["--clean", "--if-exists"]);
            }
            restoring.push(&file);
            run_program("pg_restore", &restoring, address)?;
        }
    }
    for (name, key) in keys {
        let file = arguments.data.join(name);
        Output::check(&file, &[], &[], true, Readers::Owner)?.write_bytes(key.as_bytes())?;
    }
    let language = arguments.language();
    let file = options.file.display().to_string();
    print_line(&locale::text(language, "cli-restored", &[("file", &file)]));
    if !KEYS.iter().all(|name| arguments.data.join(name).exists()) {
        print_line(&locale::text(language, "cli-restored-without-keys", &[]));
    }
    Ok(())
}

fn named(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(database) => database.display().to_string(),
        DatabaseUrl::Postgresql(address) => {
            address.rsplit('@').next().unwrap_or_default().to_owned()
        }
    }
}

/// The keys beside a backup, if they are there and may be put in their place.
fn kept_keys(
    file: &Path,
    data: &Path,
    force: bool,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let beside = keys_beside(file);
    let text = match std::fs::read_to_string(&beside) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Error::Keys { file: beside, reason: error.to_string() }.into());
        }
    };
    let mut keys = Vec::new();
    for name in KEYS {
        let key = text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let Some(key) = key.filter(|key| key.len() == 64) else {
            return Err(Error::KeysMissing(beside).into());
        };
        if !force && !is_free_for(&data.join(name), key)? {
            return Err(Failure::OutputExists { file: data.join(name).display().to_string() });
        }
        keys.push((name, format!("{key}\n")));
    }
    Ok(keys)
}

/// Whether a key may be written there: nothing is, or the same.
fn is_free_for(file: &Path, key: &str) -> Result<bool, Error> {
    match std::fs::read_to_string(file) {
        Ok(there) => Ok(there.trim() == key),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::Keys { file: file.to_path_buf(), reason: error.to_string() }),
    }
}

/// Looks the backup through and lets a copy of it take the place of the database,
/// whose journal is taken in first: an older journal would be played into the
/// newer file. One that is damaged is replaced with its journal.
fn restore_file(file: &Path, database: &Path) -> Result<(), Failure> {
    let damaged = |error: Error| match error {
        Error::Damaged { reason, .. } => {
            Failure::DamagedBackup { file: file.display().to_string(), reason }
        }
        other => other.into(),
    };
    backup::refuse_later(&backup::check_file(file).map_err(damaged)?)?;
    let target = Output::check(database, &[], &[file], true, Readers::Owner)?;
    target.write_with(|beside| {
        backup::copy_file(file, beside)?;
        match backup::close_file(database) {
            Err(error @ Error::InUse(_)) => Err(error.into()),
            Ok(()) => Ok(()),
            Err(_) => remove_journal(database).map_err(|error| target.refused(&error)),
        }
    })
}

fn remove_journal(database: &Path) -> std::io::Result<()> {
    for ending in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Runs a program of the database's own. The password goes by a variable, which
/// other users of the machine cannot read.
fn run_program(program: &'static str, arguments: &[&str], address: &str) -> Result<(), Failure> {
    let (address, password) = without_password(address);
    let mut command = Command::new(program);
    command.args(arguments).args(["--dbname", &address]);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let failed = |reason: String| Failure::Program { program, reason };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// An address without its password, and the password.
fn without_password(address: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = address.split_once("://") else {
        return (address.to_owned(), None);
    };
    match rest.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?, host))) {
        Some(((user, password), host)) => {
            (format!("{scheme}://{user}@{host}"), Some(decoded(password)))
        }
        None => (address.to_owned(), None),
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_out_of_arguments() {
        let (address, password) = without_password("postgresql://lan:b%40d:x@host:5432/db");
        assert_eq!(address, "postgresql://lan@host:5432/db");
        assert_eq!(password.as_deref(), Some("b@d:x"));
        let (address, password) = without_password("postgresql://lan@host/db");
        assert_eq!((address.as_str(), password), ("postgresql://lan@host/db", None));
    }
}
