//! `sondage estimate`: means, totals, ratios, shares, quantiles and variances, in domains.

use analysis::Design;
use analysis::estimate::association::{correlation, population_variance};
use analysis::estimate::imputation::{PooledQuantile, pool_one, pool_quantiles};
use analysis::estimate::moments::{mean, ratio, total};
use analysis::estimate::proportion::proportion;
use analysis::estimate::quantile::{Quantile, quantiles};
use analysis::problem::Fault;
use analysis::{Error, Estimate, EstimateOptions, Problem};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::{EstimateArguments, Rule};
use super::contrasts::contrasts;
use super::data_file::{Levels, SetColumns};
use super::designed_data::{DesignedData, read_or_tell, taken};
use super::further::{descriptions, function_line, functions, inequalities};
use super::imputed;
use super::model;
use super::note;
use super::sheet::{Entry, Form, Sheet, print};
use super::small_areas;
use super::{by_variation, caution, notes, why_unknown};
use crate::terminal::Failure;

/// A domain; no rows stand for all.
pub struct Domain {
    /// The label.
    pub label: String,
    /// The rows.
    pub rows: Option<Vec<bool>>,
}

/// A statistic that was asked for, with its columns.
pub enum Asked {
    Mean(String, Vec<f64>),
    Total(String, Vec<f64>),
    Ratio(String, Vec<f64>, Vec<f64>),
    /// Of each level: its share, or how many people have it.
    Levels(Part, String, Levels),
    /// Of each option of a response set the same.
    Set(Part, String, SetColumns),
    Quantile(String, Vec<f64>),
    Variance(String, Vec<f64>),
    Correlation(String, Vec<f64>, Vec<f64>),
}

/// What of a level is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its share.
    Share,
    /// How many people have it.
    Count,
}

impl Part {
    /// Its name as programs read it.
    fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Count => "count",
        }
    }

    /// From a column of 1 and 0, NaN where there is no value.
    fn estimate(
        self,
        design: &Design,
        column: &[f64],
        members: Option<&[bool]>,
        options: &EstimateOptions,
    ) -> Result<Estimate, Error> {
        match self {
            Self::Share => proportion(design, column, members, options),
            Self::Count => total(design, column, members, options),
        }
    }
}

/// Headings of estimates.
pub const HEADINGS: [&str; 12] = [
    "statistic",
    "variable",
    "level",
    "domain",
    "value",
    "standard_error",
    "lower",
    "upper",
    "degrees_of_freedom",
    "design_effect",
    "rows",
    "note",
];

/// Estimates and prints.
///
/// # Errors
/// What is wrong with data, design or what is asked: all of it.
pub fn run(arguments: &EstimateArguments, language: &str) -> Result<(), Failure> {
    let study = DesignedData::open(arguments.input.origin(), language)?;
    let mut problems = Vec::new();
    let asked: Vec<Vec<Asked>> = (0..imputed::count(&study.copies))
        .map(|copy| asked(arguments, &study, copy, &mut problems))
        .collect();
    problems.dedup();
    let functions = functions(arguments, &study, &mut problems);
    let domains = domains(arguments, &study, &mut problems);
    let options = arguments.precision.options();
    if !(options.confidence > 0.0 && options.confidence < 1.0) {
        let fault = Fault::range(options.confidence, phrase("phrase-above-0-and-below-1"));
        problems.push(fault.at(phrase("phrase-confidence")));
    }
    let tables = !arguments.describe.is_empty()
        || !arguments.inequality.is_empty()
        || !arguments.model.is_empty();
    let nothing = asked[0].is_empty() && functions.is_empty() && !tables;
    if nothing && problems.is_empty() {
        let options = "--mean, --total, --ratio, --share, --count, --quantile, --variance, --correlation, --function, \
                      --describe, --inequality, --model";
        problems.push(Problem::new("nothing_asked", "").with("options", options));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let mut sheet = Sheet::new("estimates", &HEADINGS);
    for place in 0..asked[0].len() {
        let copies: Vec<&Asked> = asked.iter().map(|copy| &copy[place]).collect();
        for domain in &domains {
            lines(arguments, &study, &copies, domain, &options, &mut sheet)
                .map_err(|error| study.named(error))?;
        }
    }
    for one in &functions {
        for domain in &domains {
            sheet.rows.push(function_line(&study, one, domain, &options)?);
        }
    }
    let mut sheets: Vec<Sheet> =
        Some(sheet).filter(|sheet| !sheet.rows.is_empty()).into_iter().collect();
    if arguments.contrasts {
        let found = contrasts(arguments, &study, &asked[0], &domains, &options);
        sheets.push(found.map_err(|error| study.named(error))?);
    }
    let areas = small_areas::sheets(arguments, &study, &asked[0], &domains[0], &options, language)?;
    let modelled = !areas.is_empty();
    sheets.extend(areas);
    sheets.extend(descriptions(arguments, &study, &domains)?);
    sheets.extend(inequalities(arguments, &study, &domains)?);
    for formula in &arguments.model {
        for domain in &domains {
            let members = domain.rows.as_deref();
            let found = model::sheets(formula, arguments.family, &study, members, &options);
            sheets.extend(found.map_err(|error| study.named(error))?);
        }
    }
    let mut notes = notes(&study);
    if modelled {
        notes.push(phrase("phrase-note-small-areas"));
    }
    let said = if study.nonprobability {
        phrase("phrase-note-model-based-intervals")
    } else {
        phrase("phrase-note-intervals")
    };
    let confidence = format!("{:.4}", options.confidence * 100.0).replace(".0000", "");
    notes.push(said.with("confidence", confidence));
    if imputed::count(&study.copies) > 1 {
        notes.push(phrase("phrase-note-copies"));
    }
    print(&sheets, &notes, Form::of(arguments.input.json, arguments.input.csv), language)
}

/// What is asked for, with the columns of one copy.
fn asked(
    arguments: &EstimateArguments,
    study: &DesignedData,
    copy: usize,
    problems: &mut Vec<Problem>,
) -> Vec<Asked> {
    let mut asked = Vec::new();
    let mut numbers = |name: &str| taken(study.numbers(name, copy), problems);
    for name in &arguments.mean {
        asked.push(Asked::Mean(name.clone(), numbers(name)));
    }
    for name in &arguments.total {
        asked.push(Asked::Total(name.clone(), numbers(name)));
    }
    for name in &arguments.quantile {
        asked.push(Asked::Quantile(name.clone(), numbers(name)));
    }
    for name in &arguments.variance {
        asked.push(Asked::Variance(name.clone(), numbers(name)));
    }
    for pair in &arguments.ratio {
        if let Some((above, below)) = pair.split_once('/') {
            let columns = (numbers(above.trim()), numbers(below.trim()));
            asked.push(Asked::Ratio(pair.clone(), columns.0, columns.1));
        }
    }
    for pair in &arguments.correlation {
        if let Some((one, other)) = pair.split_once(':') {
            let columns = (numbers(one.trim()), numbers(other.trim()));
            asked.push(Asked::Correlation(pair.clone(), columns.0, columns.1));
        }
    }
    for (pairs, sign, form) in [
        (&arguments.ratio, '/', "NUMERATOR/DENOMINATOR"),
        (&arguments.correlation, ':', "ONE:OTHER"),
    ] {
        for pair in pairs.iter().filter(|pair| !pair.contains(sign)) {
            problems.push(Problem::new("argument_form", pair).with("form", form));
        }
    }
    for (part, names) in [(Part::Share, &arguments.share), (Part::Count, &arguments.count)] {
        for name in names {
            let found = match study.data.set(name) {
                Some(set) => set.map(|set| Asked::Set(part, name.clone(), set)),
                None => {
                    study.levels(name, copy).map(|levels| Asked::Levels(part, name.clone(), levels))
                }
            };
            asked.extend(read_or_tell(found, problems));
        }
    }
    asked
}

/// Everybody, or those of whom the condition holds; of several columns apart, each combination that
/// somebody has.
fn domains(
    arguments: &EstimateArguments,
    study: &DesignedData,
    problems: &mut Vec<Problem>,
) -> Vec<Domain> {
    let condition = arguments.condition.as_ref();
    let holds = condition.and_then(|text| read_or_tell(study.data.holds(text), problems));
    let whole = Domain { label: condition.cloned().unwrap_or_default(), rows: holds };
    let mut domains = vec![whole];
    for (place, name) in arguments.by.iter().enumerate() {
        let levels = taken(study.data.levels(name), problems);
        let cross = |outer: &Domain| -> Vec<Domain> {
            let part = |(level, label): (u16, &String)| {
                let label = format!("{name} = {label}");
                let within = |row: usize| outer.rows.as_ref().is_none_or(|rows| rows[row]);
                let own = levels.codes.iter().enumerate();
                let rows = own.map(|(row, &code)| code == level && within(row)).collect();
                let label = match outer.label.as_str() {
                    "" => label,
                    outer => format!("{outer}, {label}"),
                };
                Domain { label, rows: Some(rows) }
            };
            (1..).zip(&levels.labels).map(part).collect()
        };
        domains = domains.iter().flat_map(cross).collect();
        if place > 0 {
            domains.retain(|domain| domain.rows.as_ref().is_none_or(|rows| rows.contains(&true)));
        }
    }
    domains
}

/// Whether a row has a level, 1 or 0; NaN without any.
pub fn holds(own: u16, level: u16) -> f64 {
    match own {
        0 => f64::NAN,
        own => f64::from(u8::from(own == level)),
    }
}

/// The lines of one statistic in one domain, from each copy of the data.
fn lines(
    arguments: &EstimateArguments,
    study: &DesignedData,
    copies: &[&Asked],
    domain: &Domain,
    options: &EstimateOptions,
    sheet: &mut Sheet,
) -> Result<(), Error> {
    let design = &study.design;
    let members = domain.rows.as_deref();
    let mut add = |names: [&str; 3], each: &dyn Fn(&Asked) -> Result<Estimate, Error>| {
        let [statistic, variable, level] = names;
        let found: Result<Vec<Estimate>, Error> = copies.iter().map(|one| each(one)).collect();
        let (found, remark) = match found {
            Ok(several) if several.len() > 1 => match pool_one(&several, options) {
                Ok(pooled) => {
                    let remark = from_copies(several.len(), pooled.missing_information);
                    (Ok(pooled.estimate), Some(remark))
                }
                Err(error) => (Err(error), None),
            },
            Ok(mut one) => (Ok(one.swap_remove(0)), None),
            Err(error) => (Err(error), None),
        };
        let names = [statistic, variable, level, &domain.label];
        line(names, found, remark, arguments.rule).map(|line| sheet.rows.push(line))
    };
    let Some(first) = copies.first() else { return Ok(()) };
    match first {
        Asked::Levels(part, name, levels) => {
            for (code, label) in (1..).zip(&levels.labels) {
                let of_level = |one: &Asked| {
                    let Asked::Levels(_, _, levels) = one else {
                        return one.estimate(design, members, options);
                    };
                    let column: Vec<f64> =
                        levels.codes.iter().map(|&own| holds(own, code)).collect();
                    part.estimate(design, &column, members, options)
                };
                add([part.name(), name, label], &of_level)?;
            }
            Ok(())
        }
        Asked::Set(part, name, set) => {
            for (column, label) in set.columns() {
                let of_option = |_: &Asked| part.estimate(design, &column, members, options);
                add([part.name(), name, label], &of_option)?;
            }
            Ok(())
        }
        Asked::Quantile(name, _) => {
            let found = pooled_quantiles(arguments, study, copies, members, options);
            let places = &arguments.probabilities;
            sheet.rows.extend(quantile_lines(name, &domain.label, places, found)?);
            Ok(())
        }
        Asked::Mean(name, _)
        | Asked::Total(name, _)
        | Asked::Ratio(name, ..)
        | Asked::Variance(name, _)
        | Asked::Correlation(name, ..) => {
            add([first.statistic(), name, ""], &|one| one.estimate(design, members, options))
        }
    }
}

/// Quantiles of each copy, put together where there are several; each with a remark.
fn pooled_quantiles(
    arguments: &EstimateArguments,
    study: &DesignedData,
    copies: &[&Asked],
    members: Option<&[bool]>,
    options: &EstimateOptions,
) -> Result<Vec<(Quantile, Option<Phrase>)>, Error> {
    let rule = arguments.quantile_rule.rule();
    let limits = arguments.quantile_limits.limits();
    let places = &arguments.probabilities;
    let columns = copies.iter().filter_map(|one| match one {
        Asked::Quantile(_, column) => Some(column),
        _ => None,
    });
    let found: Result<Vec<Vec<Quantile>>, Error> = columns
        .map(|column| quantiles(&study.design, column, places, members, rule, limits, options))
        .collect();
    let mut found = found?;
    if found.len() == 1 {
        return Ok(found.swap_remove(0).into_iter().map(|one| (one, None)).collect());
    }
    let remark = |one: PooledQuantile| {
        let share = one.missing_information.map(|share| from_copies(copies.len(), share));
        (one.quantile, share)
    };
    Ok(pool_quantiles(&found, options)?.into_iter().map(remark).collect())
}

impl Asked {
    /// Its name as programs read it.
    pub fn statistic(&self) -> &'static str {
        match self {
            Self::Mean(..) => "mean",
            Self::Total(..) => "total",
            Self::Ratio(..) => "ratio",
            Self::Levels(part, ..) | Self::Set(part, ..) => part.name(),
            Self::Quantile(..) => "quantile",
            Self::Variance(..) => "variance",
            Self::Correlation(..) => "correlation",
        }
    }

    /// The variable it is of.
    pub fn name(&self) -> &str {
        match self {
            Self::Mean(name, ..)
            | Self::Total(name, ..)
            | Self::Ratio(name, ..)
            | Self::Levels(_, name, _)
            | Self::Set(_, name, _)
            | Self::Quantile(name, ..)
            | Self::Variance(name, ..)
            | Self::Correlation(name, ..) => name,
        }
    }

    /// Whether domains are held against each other by totals; else by means.
    pub fn is_total(&self) -> bool {
        matches!(self, Self::Total(..) | Self::Levels(Part::Count, ..) | Self::Set(Part::Count, ..))
    }

    /// The columns whose means or totals domains are held against each other by, each with its level.
    pub fn columns(&self) -> Vec<(String, Vec<f64>)> {
        match self {
            Self::Mean(_, column) | Self::Total(_, column) => {
                vec![(String::new(), column.clone())]
            }
            Self::Levels(_, _, levels) => {
                let of_level = |(code, label): (u16, &String)| {
                    (label.clone(), levels.codes.iter().map(|&own| holds(own, code)).collect())
                };
                (1..).zip(&levels.labels).map(of_level).collect()
            }
            Self::Set(_, _, set) => {
                set.columns().map(|(column, label)| (label.to_owned(), column)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn estimate(
        &self,
        design: &Design,
        members: Option<&[bool]>,
        options: &EstimateOptions,
    ) -> Result<Estimate, Error> {
        match self {
            Self::Mean(_, column) => mean(design, column, members, options),
            Self::Total(_, column) => total(design, column, members, options),
            Self::Ratio(_, above, below) => ratio(design, above, below, members, options),
            Self::Variance(_, column) => {
                population_variance(design, column, members, false, options)
            }
            Self::Correlation(_, one, other) => correlation(design, one, other, members, options),
            // Several lines each; they have functions of their own.
            Self::Levels(..) | Self::Set(..) | Self::Quantile(..) => {
                Err(Fault::DataTooMany { most: 1 }.refused(self.statistic()))
            }
        }
    }
}

/// Why a domain has no estimate, where that is no fault of the input; otherwise the error.
pub fn nothing(error: Error) -> Result<Vec<Phrase>, Error> {
    let Error::Invalid(problems) = &error;
    if problems.iter().any(is_of_design) { Err(error) } else { Ok(note(error)) }
}

/// That a figure is put together from copies, and the share of information that their gaps took.
pub fn from_copies(copies: usize, missing: f64) -> Phrase {
    let share = format!("{:.1}", 100.0 * missing);
    phrase("phrase-note-from-copies").with("copies", copies.to_string()).with("share", share)
}

/// Whether it is for the design to mend, whatever domain is asked about.
fn is_of_design(problem: &Problem) -> bool {
    problem.code == "design_single_cluster"
}

fn line(
    names: [&str; 4],
    found: Result<Estimate, Error>,
    remark: Option<Phrase>,
    rule: Rule,
) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = names.map(Entry::from).into();
    entries[0] = Entry::Word(names[0].to_owned());
    let estimate = match found {
        Ok(found) => found,
        Err(error) => {
            entries.resize(HEADINGS.len() - 1, Entry::None);
            entries.push(nothing(error)?.into());
            return Ok(entries);
        }
    };
    let mut remarks: Vec<Phrase> =
        [presented(&estimate, rule), remark].into_iter().flatten().collect();
    if !estimate.error_is_known() {
        let zero = estimate.standard_error.is_finite();
        remarks.extend(why_unknown(&estimate.reliability, zero, rule));
    } else if estimate.interval.is_none() {
        remarks.push(phrase("phrase-note-no-interval"));
    }
    if estimate.replicates_left_out > 0 {
        let count = estimate.replicates_left_out.to_string();
        remarks.push(phrase("phrase-note-left-out").with("count", count));
    }
    entries.extend([
        estimate.value.into(),
        Some(estimate.standard_error).filter(|_| estimate.error_is_known()).into(),
        estimate.interval.map(|interval| interval.lower).into(),
        estimate.interval.map(|interval| interval.upper).into(),
        estimate.degrees_of_freedom.into(),
        estimate.design_effect.map(|effect| effect.with_replacement).into(),
        estimate.rows.into(),
        remarks.into(),
    ]);
    Ok(entries)
}

/// What the rule of presentation says of a figure.
fn presented(estimate: &Estimate, rule: Rule) -> Option<Phrase> {
    match rule {
        Rule::Nchs => caution(&estimate.reliability),
        Rule::StatisticsCanada => by_variation(estimate.coefficient_of_variation, estimate.rows).1,
    }
}

fn quantile_lines(
    name: &str,
    domain: &str,
    probabilities: &[f64],
    found: Result<Vec<(Quantile, Option<Phrase>)>, Error>,
) -> Result<Vec<Vec<Entry>>, Error> {
    let names = |probability: f64| {
        [
            Entry::Word("quantile".to_owned()),
            name.into(),
            probability.to_string().into(),
            domain.into(),
        ]
    };
    match found {
        Ok(found) => Ok(found
            .into_iter()
            .map(|(one, remark)| {
                let mut entries = Vec::from(names(one.probability));
                let outside = one.lower.is_none() || one.upper.is_none();
                let note = if outside { Some(phrase("phrase-note-limit-outside")) } else { remark };
                entries.extend([
                    one.value.into(),
                    one.standard_error.into(),
                    one.lower.into(),
                    one.upper.into(),
                    one.degrees_of_freedom.into(),
                    Entry::None,
                    one.rows.into(),
                    note.into(),
                ]);
                entries
            })
            .collect()),
        Err(error) => {
            let reason = nothing(error)?;
            let empty = |&probability: &f64| {
                let mut entries = Vec::from(names(probability));
                entries.resize(HEADINGS.len() - 1, Entry::None);
                entries.push(reason.clone().into());
                entries
            };
            Ok(probabilities.iter().map(empty).collect())
        }
    }
}
