//! The command line as it is told: help in the reader's language, each
//! subcommand with its own settings, completions and manual pages.

mod refusal;

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use crate::arguments::Arguments;
use crate::terminal::{Failure, print_bytes};

/// Settings of the service, and the subcommands that read them.
const SETTINGS: [(&str, &[&str]); 10] = [
    ("data", STORED),
    ("database", STORED),
    ("listen", &["serve", "demo", "sign-in-link", "add-user", "doctor"]),
    ("public_address", &["serve", "demo", "sign-in-link", "add-user", "doctor"]),
    ("trusted_proxies", &["serve", "demo", "doctor"]),
    ("mail", &["serve", "demo", "doctor"]),
    ("mail_from", &["serve", "demo", "doctor"]),
    ("mail_per_minute", &["serve", "demo", "doctor"]),
    ("second_factor", &["serve", "doctor"]),
    ("workers", &["serve", "demo", "doctor"]),
];

/// What works on the data folder.
const STORED: &[&str] = &[
    "serve",
    "demo",
    "sign-in-link",
    "add-user",
    "reset-second-factor",
    "doctor",
    "backup",
    "restore",
];

/// Reads the command line; ends the program with help or with what is wrong.
pub fn parse() -> Arguments {
    let language = language_of(std::env::args_os());
    let mut command = command(language);
    let found = command.try_get_matches_from_mut(std::env::args_os());
    let matches = found.unwrap_or_else(|error| refusal::exit(error, language));
    if let Err(error) = refuse_elsewhere(&mut command, &matches) {
        refusal::exit(error, language);
    }
    Arguments::from_arg_matches(&matches).unwrap_or_else(|error| refusal::exit(error, language))
}

/// The language in which help is given: it must be known before the rest is read.
fn language_of(arguments: impl Iterator<Item = OsString>) -> &'static str {
    let arguments: Vec<String> =
        arguments.map(|argument| argument.to_string_lossy().into_owned()).collect();
    let by_flag = arguments.iter().enumerate().find_map(|(place, argument)| {
        match argument.strip_prefix("--language") {
            Some("") => arguments.get(place + 1).cloned(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        }
    });
    let asked = by_flag.or_else(|| std::env::var("SONDAGE_LANGUAGE").ok());
    match asked.or_else(|| std::env::var("LANG").ok()).unwrap_or_default() {
        language if language.starts_with("vi") => "vi",
        _ => "en",
    }
}

/// The whole command line, told in a language.
pub fn command(language: &str) -> Command {
    let command = worded(Arguments::command(), "", language);
    let settings: Vec<Arg> = command
        .get_arguments()
        .filter(|argument| SETTINGS.iter().any(|(setting, _)| argument.get_id() == *setting))
        .cloned()
        .collect();
    below(command, |sub, name| hide(sub, name, &settings))
}

/// Changes every subcommand, each in its place.
fn below(command: Command, change: impl Fn(Command, &str) -> Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names
        .iter()
        .fold(command, |command, name| command.mut_subcommand(name, |sub| change(sub, name)))
}

/// Hides the settings of the service where they mean nothing: a command that has
/// one of its own is not given the general one.
fn hide(command: Command, top: &str, settings: &[Arg]) -> Command {
    let elsewhere = settings.iter().filter(|setting| {
        let readers = SETTINGS.iter().find(|(name, _)| setting.get_id() == *name);
        readers.is_some_and(|(_, readers)| !readers.contains(&top))
    });
    let command =
        elsewhere.fold(command, |command, setting| command.arg(setting.clone().hide(true)));
    below(command, |sub, _| hide(sub, top, settings))
}

/// A setting of the service that is given to a command which does not read it
/// is a mistake, not a wish.
fn refuse_elsewhere(command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let Some((name, _)) = matches.subcommand() else { return Ok(()) };
    for (setting, readers) in SETTINGS {
        let given = matches.value_source(setting) == Some(ValueSource::CommandLine);
        if given && !readers.contains(&name) {
            let flag = format!("--{}", setting.replace('_', "-"));
            return Err(refusal::elsewhere(command, &flag, name));
        }
    }
    Ok(())
}

/// The text of a key, if there is one.
fn text(language: &str, key: &str) -> Option<String> {
    locale::has(language, key).then(|| locale::text(language, key, &[]))
}

/// What is said of an argument: of this command's own, or of all of that name.
fn argument_text(language: &str, path: &str, id: &str) -> Option<String> {
    let word = id.replace('_', "-");
    text(language, &format!("help-argument{path}-{word}"))
        .or_else(|| text(language, &format!("help-argument-{word}")))
}

/// Puts the texts of a language into a command and all below it.
fn worded(mut command: Command, path: &str, language: &str) -> Command {
    let about = if path.is_empty() { "help-about".to_owned() } else { format!("help-about{path}") };
    if let Some(about) = text(language, &about) {
        command = command.about(about.clone()).long_about(about);
    }
    let named = |key: &str| text(language, key).unwrap_or_default();
    command = command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help))
        .subcommand_help_heading(named("help-commands"))
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
            named("help-usage")
        ));
    if path.is_empty() {
        command =
            command.arg(Arg::new("version").short('V').long("version").action(ArgAction::Version));
    }
    let arguments: Vec<(String, bool)> = command
        .get_arguments()
        .map(|argument| (argument.get_id().to_string(), argument.is_positional()))
        .collect();
    for (id, positional) in arguments {
        let help = argument_text(language, path, &id);
        let heading = named(if positional { "help-arguments" } else { "help-options" });
        command = command.mut_arg(&id, |argument| {
            let argument = argument.help_heading(heading);
            match help {
                Some(help) => argument.help(help.clone()).long_help(help),
                None => argument,
            }
        });
    }
    below(command, |sub, name| worded(sub, &format!("{path}-{name}"), language))
}

/// `sondage completions SHELL`
pub fn completions(shell: clap_complete::Shell, language: &str) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(language), "sondage", &mut script);
    print_bytes(&script);
}

/// `sondage man [SUBCOMMAND…]`
///
/// # Errors
///
/// A subcommand that there is not.
pub fn manual(names: &[String], language: &str) -> Result<(), Failure> {
    let mut shown = command(language);
    for name in names {
        let found = shown.find_subcommand(name).cloned();
        shown = found.ok_or_else(|| Failure::Setting {
            setting: "man",
            key: "cli-no-subcommand",
            value: names.join(" "),
        })?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(shown)
        .render(&mut page)
        .map_err(|error| Failure::File { file: "man".to_owned(), reason: error.to_string() })?;
    print_bytes(&page);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What has no words, of a command and all below it.
    fn wordless(command: &Command, path: &str, language: &str, found: &mut Vec<String>) {
        if !locale::has(language, &format!("help-about{path}")) {
            found.push(format!("{language}: help-about{path}"));
        }
        for argument in command.get_arguments() {
            if argument_text(language, path, argument.get_id().as_str()).is_none() {
                found.push(format!("{language}: help-argument{path}-{}", argument.get_id()));
            }
        }
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            wordless(sub, &format!("{path}-{}", sub.get_name()), language, found);
        }
    }

    #[test]
    fn every_command_and_setting_has_words_in_both_languages() {
        let command = command("en");
        let mut found = Vec::new();
        for language in ["en", "vi"] {
            wordless(&command, "", language, &mut found);
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn the_command_line_holds_together() {
        for language in ["en", "vi"] {
            command(language).debug_assert();
        }
        let given = |arguments: &[&str]| {
            language_of(arguments.iter().map(|argument| OsString::from(*argument)))
        };
        assert_eq!(given(&["sondage", "--help", "--language", "vi"]), "vi");
        assert_eq!(given(&["sondage", "--language=en"]), "en");
    }
}
