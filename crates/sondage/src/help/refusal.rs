//! What the parser of the command line refuses, in the reader's language: the
//! same layout as the parser's own, from the kind and the context of its error.

use std::error::Error as _;
use std::fmt::Write as _;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use clap::builder::styling::Style;
use clap::builder::{StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorFormatter, ErrorKind};
use clap::{Command, Error};

/// The parser's layout with Vietnamese words.
#[derive(Debug)]
struct InVietnamese;

/// For what the parser itself has no words for.
#[derive(Debug)]
struct InEnglish;

impl ErrorFormatter for InVietnamese {
    fn format_error(error: &clap::error::Error<Self>) -> StyledStr {
        told(error, "vi").into()
    }
}

impl ErrorFormatter for InEnglish {
    fn format_error(error: &clap::error::Error<Self>) -> StyledStr {
        told(error, "en").into()
    }
}

/// Ends the program with what is wrong, in a language. The English of the
/// parser stays as it is.
pub fn exit(error: Error, language: &str) -> ! {
    match language {
        "vi" => error.apply::<InVietnamese>().exit(),
        _ if error.get(ContextKind::Custom).is_some() => error.apply::<InEnglish>().exit(),
        _ => error.exit(),
    }
}

/// That a setting of the service is given to a command which does not read it.
pub fn elsewhere(command: &mut Command, setting: &str, name: &str) -> Error {
    let mut error = Error::new(ErrorKind::UnknownArgument).with_cmd(command);
    let names = vec![setting.to_owned(), name.to_owned()];
    error.insert(ContextKind::Custom, ContextValue::Strings(names));
    error.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
    error
}

/// The whole text of an error, with the marks of colours in it.
fn told<F: ErrorFormatter>(error: &clap::error::Error<F>, language: &str) -> String {
    let told = Told { error, language, styles: Styles::styled() };
    let styles = &told.styles;
    let (red, literal) = (styles.get_error(), styles.get_literal());
    let mut text = format!("{red}{}:{red:#} ", told.say("parser-error", &[]));
    text.push_str(&told.sentence().unwrap_or_else(|| told.kind()));
    let tips = told.tips();
    if !tips.is_empty() {
        text.push('\n');
    }
    for tip in tips {
        let valid = styles.get_valid();
        // Writing to a text does not fail.
        let _ = write!(text, "\n  {valid}{}:{valid:#} {tip}", told.say("parser-tip", &[]));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        // The title, a colon, the usage.
        let usage = usage.ansi().to_string();
        let title = styles.get_usage();
        let rest = usage.split_once(':').map_or(usage.as_str(), |(_, rest)| rest);
        let _ = write!(text, "\n\n{title}{}:{rest}", told.say("help-usage", &[]));
    }
    let help = told.say("parser-help", &[("flag", &marked(literal, "--help"))]);
    let _ = write!(text, "\n\n{help}\n");
    text
}

fn marked(style: &Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// An error on its way to words.
struct Told<'a, F: ErrorFormatter> {
    error: &'a clap::error::Error<F>,
    language: &'a str,
    styles: Styles,
}

impl<F: ErrorFormatter> Told<'_, F> {
    fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        locale::text(self.language, key, arguments)
    }

    fn one(&self, kind: ContextKind) -> Option<&str> {
        match self.error.get(kind)? {
            ContextValue::String(text) => Some(text),
            _ => None,
        }
    }

    fn several(&self, kind: ContextKind) -> &[String] {
        match self.error.get(kind) {
            Some(ContextValue::Strings(texts)) => texts,
            Some(ContextValue::String(text)) => std::slice::from_ref(text),
            _ => &[],
        }
    }

    fn number(&self, kind: ContextKind) -> Option<String> {
        match self.error.get(kind)? {
            ContextValue::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// What is wrong, where the error says what it is about.
    fn sentence(&self) -> Option<String> {
        let invalid = |text: &str| marked(self.styles.get_invalid(), text);
        let literal = |text: &str| marked(self.styles.get_literal(), text);
        let argument = self.one(ContextKind::InvalidArg);
        let subcommand = self.one(ContextKind::InvalidSubcommand);
        Some(match self.error.kind() {
            ErrorKind::UnknownArgument => match self.several(ContextKind::Custom) {
                [setting, name] => {
                    self.say("parser-elsewhere", &[("setting", setting), ("command", name)])
                }
                _ => self.say("parser-unknown", &[("argument", &invalid(argument?))]),
            },
            ErrorKind::ArgumentConflict => return self.conflict(),
            ErrorKind::NoEquals => self.say("parser-equals", &[("argument", &invalid(argument?))]),
            ErrorKind::InvalidValue => {
                let value = self.one(ContextKind::InvalidValue)?;
                let said = if value.is_empty() {
                    self.say("parser-no-value", &[("argument", &invalid(argument?))])
                } else {
                    let argument = literal(argument?);
                    let named = [("value", invalid(value)), ("argument", argument)];
                    self.say("parser-value", &named.each_ref().map(|(name, own)| (*name, &**own)))
                };
                said + &self.list("parser-values", ContextKind::ValidValue)
            }
            ErrorKind::ValueValidation => {
                let value = invalid(self.one(ContextKind::InvalidValue)?);
                let named = [("value", value.as_str()), ("argument", &literal(argument?))];
                let said = self.say("parser-value", &named);
                self.reason().map_or(said.clone(), |reason| format!("{said}: {reason}"))
            }
            ErrorKind::TooManyValues => {
                let value = invalid(self.one(ContextKind::InvalidValue)?);
                let named = [("value", value.as_str()), ("argument", &literal(argument?))];
                self.say("parser-too-many", &named)
            }
            ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
                let few = self.error.kind() == ErrorKind::TooFewValues;
                let (key, kind) = if few {
                    ("parser-too-few", ContextKind::MinValues)
                } else {
                    ("parser-wrong-number", ContextKind::ExpectedNumValues)
                };
                let needed = marked(self.styles.get_valid(), self.number(kind)?);
                let given = self.number(ContextKind::ActualNumValues)?;
                let argument = literal(argument?);
                let verb = if given == "0" || given == "1" { "one" } else { "other" };
                let given = invalid(&given);
                let named = [("needed", &*needed), ("given", &*given), ("argument", &*argument)];
                self.say(key, &[named.as_slice(), &[("number", verb)]].concat())
            }
            ErrorKind::InvalidSubcommand => {
                self.say("parser-unknown-subcommand", &[("subcommand", &invalid(subcommand?))])
            }
            ErrorKind::MissingRequiredArgument => {
                let missing = self.several(ContextKind::InvalidArg);
                self.say("parser-required", &[]) + &lines(missing, self.styles.get_valid())
            }
            ErrorKind::MissingSubcommand => {
                self.say("parser-subcommand", &[("command", &invalid(subcommand?))])
                    + &self.list("parser-subcommands", ContextKind::ValidSubcommand)
            }
            _ => return None,
        })
    }

    fn conflict(&self) -> Option<String> {
        let style = self.styles.get_invalid();
        let others = self.several(ContextKind::PriorArg);
        let argument = self.one(ContextKind::InvalidArg);
        if let ([other], Some(argument)) = (others, argument)
            && other == argument
        {
            return Some(self.say("parser-twice", &[("argument", &marked(style, argument))]));
        }
        let (named, key) = match (argument, self.one(ContextKind::InvalidSubcommand)) {
            (Some(argument), _) => (argument, "parser-conflict"),
            (None, named) => (named?, "parser-conflict-subcommand"),
        };
        let named = marked(style, named);
        Some(match others {
            [] => self.say(&format!("{key}-unnamed"), &[("argument", &named)]),
            [other] => {
                let other = marked(style, other);
                self.say(key, &[("argument", &named), ("other", &other)])
            }
            several => {
                let said = self.say(&format!("{key}-several"), &[("argument", &named)]);
                said + &lines(several, style)
            }
        })
    }

    /// What is wrong, where only the kind is known.
    fn kind(&self) -> String {
        match (self.error.kind(), self.error.source()) {
            (ErrorKind::InvalidUtf8, _) => self.say("parser-utf8", &[]),
            // What the system says stands as it came.
            (_, Some(source)) => source.to_string(),
            _ => self.say("parser-unclear", &[]),
        }
    }

    /// Why a value is refused; what no key says stands as it came.
    fn reason(&self) -> Option<String> {
        let source = self.error.source()?;
        let key = if let Some(error) = source.downcast_ref::<ParseIntError>() {
            match error.kind() {
                IntErrorKind::PosOverflow => "parser-number-high",
                IntErrorKind::NegOverflow => "parser-number-low",
                IntErrorKind::Empty => "parser-number-empty",
                _ => "parser-number-whole",
            }
        } else if source.is::<ParseFloatError>() {
            "parser-number"
        } else if source.is::<std::net::AddrParseError>() {
            "parser-address"
        } else {
            // The bounds of a number come within a sentence, as its last word.
            let said = source.to_string();
            let range = said.rsplit_once(' ').filter(|(_, range)| range.contains(".."));
            return Some(match (range, self.one(ContextKind::InvalidValue)) {
                (Some((_, range)), Some(value)) => {
                    self.say("parser-range", &[("value", value), ("range", range)])
                }
                _ => said,
            });
        };
        Some(self.say(key, &[]))
    }

    /// What may be given, in brackets on a line of its own.
    fn list(&self, key: &str, kind: ContextKind) -> String {
        let valid = self.styles.get_valid();
        let values: Vec<String> =
            self.several(kind).iter().map(|value| marked(valid, value)).collect();
        if values.is_empty() {
            return String::new();
        }
        format!("\n  [{}: {}]", self.say(key, &[]), values.join(", "))
    }

    fn tips(&self) -> Vec<String> {
        let valid = self.styles.get_valid();
        let mut tips = Vec::new();
        for (kind, key) in [
            (ContextKind::SuggestedSubcommand, "parser-similar-subcommand"),
            (ContextKind::SuggestedArg, "parser-similar-argument"),
            (ContextKind::SuggestedValue, "parser-similar-value"),
        ] {
            let found = self.several(kind);
            if found.is_empty() {
                continue;
            }
            let names: Vec<String> =
                found.iter().map(|name| format!("'{}'", marked(valid, name))).collect();
            let number = if found.len() == 1 { "one" } else { "other" };
            tips.push(self.say(key, &[("names", &names.join(", ")), ("number", number)]));
        }
        if let Some(ContextValue::StyledStrs(more)) = self.error.get(ContextKind::Suggested) {
            tips.extend(more.iter().map(|tip| self.ready_made(tip)));
        }
        tips
    }

    /// A tip that the parser gives as a sentence: which one it is shows in the
    /// names that stand in quotes.
    fn ready_made(&self, tip: &StyledStr) -> String {
        let plain = tip.to_string();
        let parts: Vec<&str> = plain.split('\'').collect();
        let valid = |text: &str| marked(self.styles.get_valid(), text);
        let invalid = |text: &str| marked(self.styles.get_invalid(), text);
        match parts.as_slice() {
            [_, name, _] => self.say("parser-exists", &[("name", &valid(name))]),
            [_, name, _, "--", _] => {
                let named = [("name", valid(name)), ("dashes", invalid("--"))];
                self.say("parser-dashes", &named.each_ref().map(|(name, own)| (*name, &**own)))
            }
            [_, value, _, instead, _] => {
                let named = [("value", invalid(value)), ("instead", valid(instead))];
                self.say("parser-as-value", &named.each_ref().map(|(name, own)| (*name, &**own)))
            }
            _ => tip.ansi().to_string(),
        }
    }
}

fn lines(names: &[String], style: &Style) -> String {
    let marked: Vec<String> = names.iter().map(|name| marked(style, name)).collect();
    format!("\n  {}", marked.join("\n  "))
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction, value_parser};

    use super::*;
    use crate::help;

    fn refused(mut command: Command, line: &str) -> Error {
        command.try_get_matches_from_mut(line.split(' ')).expect_err("refused")
    }

    /// A command whose arguments can be given wrongly in every way.
    fn demanding() -> Command {
        let on = |id: &'static str| Arg::new(id).long(id);
        Command::new("sondage")
            .disable_help_subcommand(true)
            .arg(on("pair").num_args(2))
            .arg(on("three").num_args(3..))
            .arg(on("equal").require_equals(true))
            .arg(on("small").value_parser(value_parser!(u16)))
            .arg(on("share").value_parser(value_parser!(f64)))
            .arg(on("one").action(ArgAction::SetTrue).conflicts_with_all(["two", "four"]))
            .arg(on("two").action(ArgAction::SetTrue))
            .arg(on("four").action(ArgAction::SetTrue))
            .arg(on("flag").action(ArgAction::SetTrue))
            .arg(Arg::new("word"))
            .subcommand(
                Command::new("inner")
                    .subcommand_required(true)
                    .arg(on("distance"))
                    .subcommand(Command::new("deep")),
            )
    }

    /// Of every kind one: a command line and Vietnamese words that tell it.
    fn every() -> Vec<(Error, &'static str)> {
        let real = |line: &str| refused(help::command("en"), line);
        let made = |line: &str| refused(demanding(), line);
        vec![
            (real("sondage --nothing"), "không có đối số '--nothing'"),
            (real("sondage estimate a.csv --meen age"), "có đối số gần giống: '--mean'"),
            (real("sondage --language xx"), "[các giá trị được nhận: vi, en]"),
            (real("sondage --language"), "'--language <LANGUAGE>' cần một giá trị"),
            (real("sondage --listen here"), "cần một địa chỉ IP và cổng"),
            (real("sondage --workers few"), "cho '--workers <WORKERS>': cần một số nguyên"),
            (real("sondage add-user"), "thiếu các đối số bắt buộc sau:\n  --name <NAME>"),
            (real("sondage estimte"), "có lệnh con gần giống: 'restore', 'estimate'"),
            (real("sondage questionnaire chekc a.xlsx"), "không có lệnh con 'chekc'"),
            (
                real("sondage estimate a.csv --design b --json --csv"),
                "không dùng được '--json' cùng với '--csv'",
            ),
            (real("sondage --data a --data b"), "chỉ được cho '--data <DATA>' một lần"),
            (made("sondage --pair 1"), "cần 2 giá trị nhưng nhận được 1"),
            (made("sondage --three 1"), "cần 3 giá trị; mới có 1"),
            (made("sondage --three 1 2"), "cần 3 giá trị; mới có 2"),
            (made("sondage --equal 1"), "cần dấu bằng giữa '--equal=<equal>' và giá trị"),
            (made("sondage --flag=1"), "thừa giá trị '1' cho '--flag'"),
            (made("sondage --small 70000"), "70000 nằm ngoài 0..=65535"),
            (made("sondage --share half"), "cần một số, dấu thập phân là dấu chấm"),
            (made("sondage --one --two --four"), "cùng với:\n  --two\n  --four"),
            (made("sondage --distence inner"), "có 'inner --distance'"),
            (
                made("sondage w --what"),
                "để '--what' được hiểu là một giá trị, hãy dùng '-- --what'",
            ),
            (made("sondage w -- inner"), "để dùng, hãy bỏ '--' ở trước"),
            (made("sondage inner"), "[các lệnh con: deep]"),
        ]
    }

    fn plain(text: String) -> String {
        StyledStr::from(text).to_string()
    }

    #[test]
    fn the_layout_is_the_parsers_own() {
        for (error, _) in every() {
            assert_eq!(plain(told(&error, "en")), error.to_string());
        }
    }

    #[test]
    fn everything_refused_is_told_in_vietnamese() {
        for (error, expected) in every() {
            let english = error.to_string();
            let said = error.apply::<InVietnamese>();
            assert_eq!(said.exit_code(), 2);
            let said = said.to_string();
            assert!(said.contains(expected), "{said}\n{english}");
            assert!(said.starts_with("lỗi: ") && said.contains("hãy thử '--help'"), "{said}");
            for word in ["error", "Usage", "argument", "value", "similar", "exist", " use"] {
                let names = ["<", "--"];
                let lines =
                    said.lines().filter(|line| !names.iter().any(|sign| line.contains(sign)));
                assert!(!lines.clone().any(|line| line.contains(word)), "{word}: {said}");
            }
        }
    }
}
