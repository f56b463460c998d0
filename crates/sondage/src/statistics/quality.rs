//! `sondage quality`: rows that may not have been answered with care, each with what was found and what
//! it is held against. Nothing is removed.

use std::collections::BTreeMap;

use analysis::design::sampled::join;
use analysis::quality::{
    Check, Checked, Flag, duplicate_contacts, fast_responses, interviewer_effect, item_nonresponse,
    longest_runs, multivariate_outliers, percent_match_of_numbers, straight_lines,
};
use analysis::{Error, Problem};
use survey_builder::problem::{Argument, phrase};
use survey_builder::sampling::frame::syllable::{email, phone, plain};

use super::arguments::QualityArguments;
use super::data_file::{self, DataFile, Said, no_column};
use super::design_file;
use super::designed_data::{read_or_tell, taken};
use super::places::{put_column, with_items};
use super::sheet::{Entry, Form, Sheet, print};
use super::{listed, note};
use super::{representative, sampled};
use crate::sample::manifest;
use crate::terminal::Failure;

/// Works out and prints.
///
/// # Errors
/// What is wrong with data, design or what is asked: all of it.
pub fn run(arguments: &QualityArguments, language: &str) -> Result<(), Failure> {
    let design = arguments.design.as_deref().map(design_file::read).transpose()?;
    let missing = design.as_ref().map(|design| &design.missing);
    let codebook = arguments.codebook.as_deref();
    let said = Said { table: &arguments.table, codebook, missing, language };
    let data = data_file::read(&arguments.file, &said)?;
    let of_design = design.and_then(|design| design.stages.into_iter().next()?.strata);
    let of_sample = strata_of_sample(arguments, &data)?;
    let asked = Asked::read(arguments, &data, of_design, of_sample)?;
    let (mut checks, mut problems) = asked.checks(arguments);
    let mut notes = vec![phrase("phrase-note-flag")];
    match asked.outliers(arguments) {
        Some(Ok(checked)) => checks.push(checked),
        Some(Err(error)) => {
            let reasons = note(asked.named(error)).into_iter().map(Into::into).collect();
            notes.push(phrase("phrase-note-no-outliers").with("reasons", listed(reasons)));
        }
        None => {}
    }
    let effects = asked.effects(&mut problems);
    let indicators = representative::sheets(arguments, language)?;
    let nothing = checks.is_empty() && effects.rows.is_empty() && indicators.is_empty();
    if nothing && problems.is_empty() {
        let options = "--time, --battery, --items, --contact, --interviewer, --responded";
        problems.push(Problem::new("nothing_asked", "").with("options", options));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    notes.extend(data.notes());
    let mut sheets = Vec::new();
    if !checks.is_empty() {
        sheets.push(summary(&checks));
        sheets.push(flags(&checks, &asked, &data));
    }
    if !effects.rows.is_empty() {
        sheets.push(effects);
    }
    sheets.extend(indicators);
    print(&sheets, &notes, Form::of(arguments.json, arguments.csv), language)
}

/// The strata of the sample's units, one a row, where there is a sample.
fn strata_of_sample(
    arguments: &QualityArguments,
    data: &DataFile,
) -> Result<Option<Vec<u32>>, Failure> {
    let Some(path) = &arguments.sample else { return Ok(None) };
    let sample = manifest::read(path)?;
    let (column, ids) =
        sampled::ids(&sample, data, arguments.id.as_deref()).map_err(Error::Invalid)?;
    Ok(Some(join(&sample, &ids, column)?.strata()))
}

/// The columns that checks look at.
struct Asked {
    id: Option<usize>,
    time: Option<Vec<f64>>,
    battery: Vec<Vec<f64>>,
    items: Vec<(String, Vec<f64>)>,
    strata: Vec<u32>,
    interviewers: Option<Vec<u32>>,
    contacts: Vec<Vec<String>>,
}

impl Asked {
    fn read(
        arguments: &QualityArguments,
        data: &DataFile,
        of_design: Option<String>,
        of_sample: Option<Vec<u32>>,
    ) -> Result<Self, Failure> {
        let mut problems = Vec::new();
        let names = if arguments.items.is_empty() { &arguments.battery } else { &arguments.items };
        let mut numbers = |name: &String| taken(data.numbers(name), &mut problems);
        let time = arguments.time.as_ref().map(&mut numbers);
        let battery = arguments.battery.iter().map(&mut numbers).collect();
        let items = names.iter().map(|name| (name.clone(), numbers(name))).collect();
        let place = |name: &String, problems: &mut Vec<Problem>| {
            let found = data.names().iter().position(|own| own == name);
            if found.is_none() {
                problems.push(no_column(name, data.names()));
            }
            found
        };
        let id = arguments.id.as_ref().and_then(|name| place(name, &mut problems));
        let contacts = (arguments.contact.iter())
            .filter_map(|name| place(name, &mut problems))
            .map(|column| (0..data.rows()).map(|row| comparable(data.text(column, row))).collect())
            .collect();
        let strata = match (arguments.stratum.clone().or(of_design), of_sample) {
            (Some(name), _) => taken(data.groups(&name), &mut problems),
            (None, Some(strata)) => strata,
            (None, None) => vec![1; data.rows()],
        };
        let interviewers = arguments.interviewer.as_ref();
        let interviewers = interviewers
            .and_then(|name| read_or_tell(data.levels(name), &mut problems))
            .map(|levels| levels.codes.into_iter().map(u32::from).collect());
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        Ok(Self { id, time, battery, items, strata, interviewers, contacts })
    }

    /// Every check that the columns allow, and what stands in the way of one.
    fn checks(&self, arguments: &QualityArguments) -> (Vec<Checked>, Vec<Problem>) {
        let battery: Vec<&[f64]> = self.battery.iter().map(Vec::as_slice).collect();
        let items: Vec<&[f64]> = self.items.iter().map(|(_, item)| item.as_slice()).collect();
        let mut outcomes = Vec::new();
        if let Some(time) = &self.time {
            outcomes.push(fast_responses(time, arguments.fast));
        }
        if !battery.is_empty() {
            let longest = arguments.run.unwrap_or(battery.len() / 2 + 1);
            outcomes.push(straight_lines(&battery, arguments.flat));
            outcomes.push(longest_runs(&battery, longest));
        }
        if !items.is_empty() {
            outcomes.push(item_nonresponse(&items, arguments.blank));
            outcomes.push(percent_match_of_numbers(&items, &self.strata, arguments.matched));
        }
        for contacts in &self.contacts {
            outcomes.push(Ok(duplicate_contacts(contacts.iter().map(String::as_str))));
        }
        let (mut checks, mut problems) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            match outcome {
                Ok(checked) => checks.push(checked),
                Err(error) => problems.extend(self.named(error).into_problems()),
            }
        }
        (checks, problems)
    }

    /// The check for outliers, or why there is none: items that follow from each other are no fault
    /// of the data.
    fn outliers(&self, arguments: &QualityArguments) -> Option<analysis::Result<Checked>> {
        let items: Vec<&[f64]> = self.items.iter().map(|(_, item)| item.as_slice()).collect();
        (items.len() > 1).then(|| multivariate_outliers(&items, arguments.outlier))
    }

    /// An error of the items with their columns in place of numbers.
    fn named(&self, error: Error) -> Error {
        let names: Vec<String> = self.items.iter().map(|(name, _)| name.clone()).collect();
        let mut problems = with_items(error, &names).into_problems();
        for problem in &mut problems {
            put_column(&mut problem.place, "phrase-input-items", &names.join(", "));
        }
        Error::Invalid(problems)
    }

    fn effects(&self, problems: &mut Vec<Problem>) -> Sheet {
        let headings = [
            "item",
            "rows",
            "interviewers",
            "workload",
            "intraclass_correlation",
            "design_effect",
            "note",
        ];
        let mut sheet = Sheet::new("interviewers", &headings);
        let Some(interviewers) = &self.interviewers else { return sheet };
        if self.items.is_empty() {
            problems
                .push(Problem::new("nothing_asked", "--interviewer").with("options", "--items"));
        }
        for (name, item) in &self.items {
            sheet.rows.push(match interviewer_effect(item, interviewers) {
                Ok(effect) => vec![
                    name.as_str().into(),
                    effect.rows.into(),
                    effect.interviewers.into(),
                    effect.workload.into(),
                    effect.correlation.into(),
                    effect.design_effect.into(),
                    Entry::None,
                ],
                Err(error) => {
                    let mut row = vec![Entry::None; headings.len()];
                    row[0] = name.as_str().into();
                    row[6] = note(error).into();
                    row
                }
            });
        }
        sheet
    }
}

/// A contact in the form in which spellings are compared.
fn comparable(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.contains('@') {
        email(text)
    } else if digits * 2 > text.chars().count() {
        phone(text)
    } else {
        plain(text)
    }
}

fn summary(checks: &[Checked]) -> Sheet {
    let headings = ["check", "rows", "flagged", "share", "threshold"];
    let mut sheet = Sheet::new("checks", &headings);
    for checked in checks {
        let flagged = checked.flags().count();
        let rows = checked.values.len();
        let (least, most) = checked
            .thresholds
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), threshold| {
                (least.min(*threshold), most.max(*threshold))
            });
        let threshold = if least >= most || checked.check != Check::PercentMatch {
            least.into()
        } else {
            let said = phrase("phrase-note-from-to").with("least", least.to_string());
            let most: Argument = match most {
                most if most.is_finite() => most.to_string().into(),
                _ => phrase("phrase-note-none").into(),
            };
            said.with("most", most).into()
        };
        sheet.rows.push(vec![
            Entry::Word(checked.check.name().to_owned()),
            rows.into(),
            flagged.into(),
            checked.share_flagged().into(),
            threshold,
        ]);
    }
    sheet
}

/// A row for each flag, those of one person together.
fn flags(checks: &[Checked], asked: &Asked, data: &DataFile) -> Sheet {
    let headings = ["row", "id", "flags", "check", "value", "threshold"];
    let mut sheet = Sheet::new("flags", &headings);
    let mut by_row: BTreeMap<usize, Vec<Flag>> = BTreeMap::new();
    for flag in checks.iter().flat_map(Checked::flags) {
        by_row.entry(flag.row).or_default().push(flag);
    }
    for (row, flags) in by_row {
        for flag in &flags {
            sheet.rows.push(vec![
                (row + 1).into(),
                asked.id.map_or("", |column| data.text(column, row)).into(),
                flags.len().into(),
                Entry::Word(flag.check.name().to_owned()),
                flag.value.into(),
                flag.threshold.into(),
            ]);
        }
    }
    sheet
}
