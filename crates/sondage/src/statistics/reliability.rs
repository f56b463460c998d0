//! `sondage reliability`: how well items make a scale, how far coders agree.

use analysis::agreement::cohen::{KappaWeights, cohen_kappa};
use analysis::agreement::fleiss::fleiss_kappa;
use analysis::agreement::krippendorff::{Measurement, krippendorff_alpha};
use analysis::compare::kappa::weighted_kappa;
use analysis::distribution::student_quantile;
use analysis::problem::Fault;
use analysis::reliability::factor::FactorMethod;
use analysis::reliability::halves::{ItemScale, Splits, guttman_lambdas, split_halves};
use analysis::reliability::intraclass::intraclass;
use analysis::reliability::omega::mcdonald_omega;
use analysis::reliability::polychoric::polychoric;
use analysis::reliability::retest::test_retest;
use analysis::reliability::{
    AlphaOptions, CronbachAlpha, MissingItems, cronbach_alpha, reverse, reversed_items,
};
use analysis::{Coded, DegreesOfFreedomRule, Error, Problem};
use survey_builder::problem::{Phrase, phrase};

use super::arguments::{Factoring, ReliabilityArguments};
use super::data_file::{self, DataFile, Said};
use super::design_file;
use super::designed_data::{DesignedData, taken};
use super::note;
use super::places::with_items;
use super::sheet::{Entry, Form, Sheet, print};
use crate::terminal::Failure;

/// Works out and prints.
///
/// # Errors
/// What is wrong with data, design or what is asked: all of it.
pub fn run(arguments: &ReliabilityArguments, language: &str) -> Result<(), Failure> {
    let weighted = arguments.weighted;
    let study = weighted.then(|| DesignedData::open(arguments.origin(), language)).transpose()?;
    let weights = study.as_ref().map(|study| study.design.weights().to_vec());
    let design = arguments.design.as_deref().map(design_file::read).transpose()?;
    let missing = design.as_ref().map(|design| &design.missing);
    let codebook = arguments.codebook.as_deref();
    let said = Said { table: &arguments.table, codebook, missing, language };
    let data = data_file::read(&arguments.file, &said)?;
    let mut problems = Vec::new();
    for name in arguments.reverse.iter().filter(|name| !arguments.items.contains(name)) {
        problems.push(Problem::new("reverse_without_item", name));
    }
    let mut items = columns(&arguments.items, &data, &mut problems);
    let coders = columns(&arguments.coders, &data, &mut problems);
    let twice = columns(&arguments.retest, &data, &mut problems);
    if !matches!(twice.len(), 0 | 2) {
        problems.push(Fault::DataCount { found: twice.len(), needed: 2 }.at("--retest"));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems).into());
    }
    let turned: Vec<bool> =
        arguments.items.iter().map(|name| arguments.reverse.contains(name)).collect();
    reverse(&mut items, &turned);
    let mut sheets = Vec::new();
    if !items.is_empty() {
        let found = scale(arguments, &items, weights.as_deref());
        sheets.extend(found.map_err(|error| with_items(error, &arguments.items))?);
    }
    if arguments.polychoric && !items.is_empty() {
        let found = polychoric_sheet(&arguments.items, &items);
        sheets.push(found.map_err(|error| with_items(error, &arguments.items))?);
    }
    if !coders.is_empty() {
        let mut sheet = agreement(arguments, &coders);
        if let (Some(study), [first, second]) = (&study, coders.as_slice()) {
            sheet.rows.push(population_kappa(study, first, second, arguments.confidence));
        }
        sheets.push(sheet);
    }
    if let [first, second] = twice.as_slice() {
        sheets.push(retest_sheet(first, second, arguments.confidence)?);
    }
    let note = match weights {
        Some(_) => phrase("phrase-note-alpha-weighted"),
        None => phrase("phrase-note-unweighted"),
    };
    let mut notes = if items.is_empty() { Vec::new() } else { vec![note] };
    notes.extend(against_the_others(arguments, &items));
    notes.extend(data.notes());
    print(&sheets, &notes, Form::of(arguments.json, arguments.csv), language)
}

/// Which items run against the others, where there are any.
fn against_the_others(arguments: &ReliabilityArguments, items: &[Vec<f64>]) -> Option<Phrase> {
    let columns: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
    let missing = if arguments.listwise { MissingItems::Listwise } else { MissingItems::Pairwise };
    let against = reversed_items(&columns, missing).ok()?;
    let names: Vec<&str> =
        against.iter().filter_map(|&item| arguments.items.get(item)).map(String::as_str).collect();
    let said = phrase("phrase-note-reversed").with("items", names.join(", "));
    (!names.is_empty()).then_some(said)
}

fn columns(names: &[String], data: &DataFile, problems: &mut Vec<Problem>) -> Vec<Vec<f64>> {
    names.iter().map(|name| taken(data.numbers(name), problems)).collect()
}

const HEADINGS: [&str; 5] = ["coefficient", "value", "lower", "upper", "note"];

/// A line of a coefficient with limits and remark.
fn line(name: &str, value: f64, limits: Option<(f64, f64)>, note: Option<Phrase>) -> Vec<Entry> {
    vec![
        Entry::Word(name.to_owned()),
        value.into(),
        limits.map(|limits| limits.0).into(),
        limits.map(|limits| limits.1).into(),
        note.into(),
    ]
}

/// A line that says why there is no coefficient.
fn none(name: &str, error: Error) -> Vec<Entry> {
    vec![Entry::Word(name.to_owned()), Entry::None, Entry::None, Entry::None, note(error).into()]
}

fn scale(
    arguments: &ReliabilityArguments,
    items: &[Vec<f64>],
    weights: Option<&[f64]>,
) -> Result<Vec<Sheet>, Error> {
    let items: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
    let missing = if arguments.listwise { MissingItems::Listwise } else { MissingItems::Pairwise };
    let options =
        AlphaOptions { missing, confidence: arguments.confidence, rounded_quantile: false };
    let alpha = cronbach_alpha(&items, weights, &options)?;
    let mut sheet = Sheet::new("scale", &HEADINGS);
    let raw = alpha.scale.raw_alpha;
    let feldt = (alpha.feldt.lower, alpha.feldt.upper);
    let duhachek = (alpha.duhachek.lower, alpha.duhachek.upper);
    sheet.rows.push(line("alpha", raw, Some(feldt), Some(phrase("phrase-note-feldt"))));
    sheet.rows.push(line("alpha", raw, Some(duhachek), Some(phrase("phrase-note-duhachek"))));
    sheet.rows.push(line("alpha, standardised", alpha.scale.standardised_alpha, None, None));
    let average = alpha.scale.average_correlation;
    sheet.rows.push(line("mean correlation of items", average, None, None));
    let (method, named) = match arguments.factoring {
        Factoring::LeastResiduals => {
            (FactorMethod::MinimumResidual, phrase("phrase-note-least-residuals"))
        }
        Factoring::Likelihood => {
            (FactorMethod::MaximumLikelihood, phrase("phrase-note-maximum-likelihood"))
        }
        Factoring::PrincipalAxes => {
            (FactorMethod::PrincipalAxis, phrase("phrase-note-principal-axes"))
        }
    };
    match mcdonald_omega(&items, missing, arguments.factors, method) {
        Ok(omega) => {
            let held: Vec<&str> =
                omega.at_limit.iter().map(|&place| arguments.items[place].as_str()).collect();
            let said = if held.is_empty() {
                phrase("phrase-note-factors")
            } else {
                phrase("phrase-note-heywood").with("items", held.join(", "))
            };
            let said = said.with("count", arguments.factors.to_string()).with("method", named);
            let note = || Some(said.clone());
            sheet.rows.push(line("omega, total", omega.total, None, note()));
            sheet.rows.push(line("omega, hierarchical", omega.hierarchical, None, note()));
        }
        Err(error) => sheet.rows.push(none("omega", error)),
    }
    match guttman_lambdas(&items, missing, ItemScale::Raw) {
        Ok(bounds) => {
            for (name, value) in [
                ("lambda 1", Some(bounds.lambda1)),
                ("lambda 2", Some(bounds.lambda2)),
                ("lambda 3", Some(bounds.lambda3)),
                ("lambda 5", Some(bounds.lambda5)),
                ("lambda 6", bounds.lambda6),
            ] {
                let note = value.is_none().then(|| phrase("phrase-note-singular"));
                sheet.rows.push(line(name, value.unwrap_or(f64::NAN), None, note));
            }
        }
        Err(error) => sheet.rows.push(none("lambdas", error)),
    }
    match split_halves(&items, missing, ItemScale::Raw, Splits::All) {
        Ok(halves) => {
            let splits = halves.splits.to_string();
            let note = || Some(phrase("phrase-note-splits").with("count", &splits));
            sheet.rows.push(line("split-half, largest (lambda 4)", halves.largest, None, note()));
            sheet.rows.push(line("split-half, mean", halves.mean, None, note()));
            sheet.rows.push(line("split-half, smallest", halves.smallest, None, note()));
        }
        Err(error) => sheet.rows.push(none("split-half", error)),
    }
    Ok(vec![sheet, item_sheet(&arguments.items, &alpha)])
}

/// Kappa of the population, by the design.
fn population_kappa(
    study: &DesignedData,
    first: &[f64],
    second: &[f64],
    confidence: f64,
) -> Vec<Entry> {
    let name = "Cohen's kappa of the population";
    let mut levels: Vec<f64> =
        first.iter().chain(second).copied().filter(|own| !own.is_nan()).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let coded = |column: &[f64]| -> Vec<u16> {
        let code = |own: &f64| {
            let same = |level: &f64| level.total_cmp(own).is_eq();
            let place = levels.iter().position(same).map_or(0, |place| place + 1);
            u16::try_from(place).unwrap_or(0)
        };
        column.iter().map(code).collect()
    };
    let (one, other) = (coded(first), coded(second));
    let found = weighted_kappa(
        &study.design,
        Coded { codes: &one, levels: levels.len() },
        Coded { codes: &other, levels: levels.len() },
        None,
    );
    match found {
        Ok(kappa) => {
            let rule = DegreesOfFreedomRule::FullDesign;
            let df = study.design.degrees_of_freedom(rule, None, None);
            let reach = student_quantile(0.5 + 0.5 * confidence, df) * kappa.standard_error;
            let limits = Some((kappa.value - reach, kappa.value + reach));
            line(name, kappa.value, limits, Some(phrase("phrase-note-by-design")))
        }
        Err(error) => none(name, study.named(error)),
    }
}

fn polychoric_sheet(names: &[String], items: &[Vec<f64>]) -> Result<Sheet, Error> {
    let columns: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
    let found = polychoric(&columns)?;
    let mut sheet = Sheet::new("polychoric", &["item", "other", "correlation"]);
    for (one, name) in names.iter().enumerate() {
        for (other, second) in names.iter().enumerate().skip(one + 1) {
            let value = found.correlations[one][other];
            sheet.rows.push(vec![name.as_str().into(), second.as_str().into(), value.into()]);
        }
    }
    Ok(sheet)
}

fn retest_sheet(first: &[f64], second: &[f64], confidence: f64) -> Result<Sheet, Error> {
    let found = test_retest(first, second, confidence)?;
    let mut sheet = Sheet::new("retest", &HEADINGS);
    let limits = Some((found.lower, found.upper));
    sheet.rows.push(line("correlation", found.pearson, limits, Some(phrase("phrase-note-fisher"))));
    sheet.rows.push(line("correlation of ranks", found.spearman, None, None));
    sheet.rows.push(line("ICC(2,1), agreement", found.agreement, None, None));
    sheet.rows.push(line("ICC(3,1), consistency", found.consistency, None, None));
    let error = found.standard_error_of_measurement;
    sheet.rows.push(line("standard error of a measurement", error, None, None));
    Ok(sheet)
}

fn item_sheet(names: &[String], alpha: &CronbachAlpha) -> Sheet {
    let headings =
        ["item", "rows", "mean", "standard_deviation", "item_total", "item_rest", "alpha_without"];
    let mut sheet = Sheet::new("items", &headings);
    for (name, item) in names.iter().zip(&alpha.items) {
        sheet.rows.push(vec![
            name.as_str().into(),
            item.rows.into(),
            item.mean.into(),
            item.standard_deviation.into(),
            item.correlation_with_total.into(),
            item.correlation_with_rest.into(),
            item.without.as_ref().map(|without| without.raw_alpha).into(),
        ]);
    }
    sheet
}

fn agreement(arguments: &ReliabilityArguments, coders: &[Vec<f64>]) -> Sheet {
    let coders: Vec<&[f64]> = coders.iter().map(Vec::as_slice).collect();
    let mut sheet = Sheet::new("agreement", &HEADINGS);
    if let [first, second] = coders.as_slice() {
        for (name, weights) in [
            ("Cohen's kappa", KappaWeights::Identity),
            ("Cohen's kappa, linear weights", KappaWeights::Linear),
            ("Cohen's kappa, quadratic weights", KappaWeights::Quadratic),
        ] {
            sheet.rows.push(match cohen_kappa(first, second, weights, arguments.confidence) {
                Ok(kappa) => line(name, kappa.kappa, Some((kappa.lower, kappa.upper)), None),
                Err(error) => none(name, error),
            });
        }
    }
    match fleiss_kappa(&coders) {
        Ok(kappa) => {
            sheet.rows.push(line("Fleiss' kappa", kappa.fleiss, None, None));
            sheet.rows.push(line("Randolph's kappa", kappa.randolph, None, None));
        }
        Err(error) => sheet.rows.push(none("Fleiss' kappa", error)),
    }
    for (name, measurement) in [
        ("Krippendorff's alpha, nominal", Measurement::Nominal),
        ("Krippendorff's alpha, ordinal", Measurement::Ordinal),
        ("Krippendorff's alpha, interval", Measurement::Interval),
        ("Krippendorff's alpha, ratio", Measurement::Ratio),
    ] {
        sheet.rows.push(match krippendorff_alpha(&coders, measurement) {
            Ok(alpha) => line(name, alpha, None, None),
            Err(error) => none(name, error),
        });
    }
    match intraclass(&coders, arguments.confidence) {
        Ok(forms) => {
            for (form, number) in forms.iter().zip(1..) {
                for (name, one) in [("1", form.single), ("k", form.average)] {
                    let name = format!("ICC({number},{name})");
                    let limits = Some((one.lower, one.upper));
                    sheet.rows.push(line(&name, one.value, limits, None));
                }
            }
        }
        Err(error) => sheet.rows.push(none("ICC", error)),
    }
    sheet
}
