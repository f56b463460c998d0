//! Results: from the stored responses of a study to its tables.
//!
//! The road in one function: assemble the dataset, take the design from the
//! sample, rake it to the known margins, tabulate everything in one scan.
//! What is found is the same for pages, downloads and the command line.

pub mod design;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use analysis::dataset::{
    Column, Dataset, Datasets, Response, RosterDataset, Values, Variable, VariableKind,
};
use analysis::disclosure::suppression::SuppressionRule;
use analysis::estimate::shares::ShareOf;
use analysis::reliability::{AlphaOptions, CronbachAlpha, MissingItems, cronbach_alpha};
use analysis::tabulate::{BannerVariable, RowData, RowVariable, TableOptions};
use analysis::weighting::diagnostics::{WeightingDiagnostics, kish_design_effect};
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{DegreesOfFreedomRule, Design, IntervalMethod, Table, TableSpec, tabulate};
use exchange::data::csv::WeightsUsed;
use serde::Serialize;
use survey_builder::questionnaire::answer::Answers;
use survey_builder::questionnaire::document::{Role, Text};
use survey_builder::questionnaire::version::Version;

use self::design::{DesignFrom, DesignNames};
use crate::acts::pool::Regrouping;
use crate::acts::release::release_factor;
use crate::app::App;
use crate::error::{Error, Problem};
use crate::rules::margins::MarginShare;
use crate::store::responses::{self, ResponseRow};
use crate::store::studies::{self, Study};
use crate::store::{Connection, Id, Json, rounds, samples};

/// The fewest people behind a published cell of an anonymous study (the usual
/// threshold of 3 to 5, OECD Glossary of Statistical Terms).
const SMALLEST_CELL: usize = 5;
/// Raking stops when no margin is off by more than this share.
const RAKE_TOLERANCE: f64 = 1e-10;
const RAKE_ROUNDS: usize = 1_000;

/// The data of a study, whatever its weighting says.
pub struct Data {
    /// Rows and columns, with weight, stratum and PSU.
    pub dataset: Dataset,
    /// What was asked of members of rosters, with the same of their responses.
    pub rosters: Vec<RosterDataset>,
    /// What the design was taken from.
    pub design_from: DesignFrom,
    /// The names of the columns that tell of it.
    pub names: DesignNames,
    weighted: Result<Weighted, Vec<Problem>>,
}

/// How the rows were drawn and weighted.
struct Weighted {
    design: Design,
    weighting: Option<WeightingDiagnostics>,
    unfitted: Vec<Problem>,
}

/// Everything the results of a study are made of.
pub struct Results {
    /// Rows and columns, with weight, stratum and PSU.
    pub dataset: Dataset,
    /// What was asked of members of rosters, with the same of their responses.
    pub rosters: Vec<RosterDataset>,
    /// The design, raked when margins are known and can be met.
    pub design: Design,
    /// What it was taken from.
    pub design_from: DesignFrom,
    /// The names of the columns that tell of it.
    pub names: DesignNames,
    /// What raking did.
    pub weighting: Option<WeightingDiagnostics>,
    /// Why the weights are not fitted to the margins that the study has: then
    /// they are those of the design.
    pub unfitted: Vec<Problem>,
    /// Every closed question and number × the weighting variables.
    pub table: Table,
    /// The reliability of each battery that has at least three rows.
    pub scales: Vec<Scale>,
    /// Names of the variables in the rows that are reported first.
    pub key_outcomes: Vec<String>,
    /// What putting small groups together did.
    pub merging: Option<Merging>,
}

/// What putting small groups of an anonymous study together did to its design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Merging {
    /// Strata and primary units of the sample as it was drawn; none without a
    /// sample.
    pub drawn: Option<(usize, usize)>,
    /// Strata and primary units that the data have.
    pub kept: (usize, usize),
    /// Interviews whose stratum, primary unit or weight was changed.
    pub changed: usize,
    /// Interviews in all.
    pub interviews: usize,
    /// Interviews of which what the list said was taken out.
    pub blanked: usize,
}

impl Results {
    /// Which weights the tables rest on.
    pub fn weights_used(&self) -> WeightsUsed {
        match (&self.weighting, self.unfitted.is_empty()) {
            (Some(_), _) => WeightsUsed::Fitted,
            (None, true) => WeightsUsed::Design,
            (None, false) => WeightsUsed::NotFitted,
        }
    }

    /// Strata of which a single primary unit has interviews.
    pub fn strata_with_one_cluster(&self) -> usize {
        clusters_by_stratum(&self.dataset, &self.names)
            .values()
            .filter(|own| own.len() == 1)
            .count()
    }
}

/// The primary units of each stratum, by their codes; where units are drawn
/// directly each row is one.
fn clusters_by_stratum(dataset: &Dataset, names: &DesignNames) -> BTreeMap<u16, BTreeSet<usize>> {
    let codes = |name: &str| dataset.coded(name).map(|(codes, _)| codes).unwrap_or_default();
    let clustered = dataset
        .variable(&names.psu)
        .is_ok_and(|psu| psu.levels.iter().any(|level| !level.code.is_empty()));
    let mut found: BTreeMap<u16, BTreeSet<usize>> = BTreeMap::new();
    for (row, (stratum, psu)) in
        codes(&names.stratum).into_iter().zip(codes(&names.psu)).enumerate()
    {
        let cluster = if clustered { usize::from(psu) } else { row };
        found.entry(stratum).or_default().insert(cluster);
    }
    found
}

/// What merging did to the round that the results are of.
fn merging(
    connection: &mut Connection,
    study: &Study,
    dataset: &Dataset,
    names: &DesignNames,
) -> Result<Option<Merging>, Error> {
    let told = rounds::current(connection, study.id)?.regrouping;
    if told.is_empty() {
        return Ok(None);
    }
    let told: Regrouping = serde_json::from_str(&told)
        .map_err(|error| Error::Damaged { what: "round", reason: error.to_string() })?;
    if told.changed == 0 && told.blanked == 0 {
        return Ok(None);
    }
    let drawn = match samples::of_study(connection, study.id)? {
        Some(sample) => {
            let counts = samples::counts(connection, sample.id)?;
            let strata: BTreeSet<&str> =
                counts.iter().map(|(stratum, ..)| stratum.as_str()).collect();
            // Where units are drawn directly each is one of its own.
            let of = |(_, psu, units): &(String, String, i64)| {
                if psu.is_empty() { usize::try_from(*units).unwrap_or(0) } else { 1 }
            };
            Some((strata.len(), counts.iter().map(of).sum()))
        }
        None => None,
    };
    let kept = clusters_by_stratum(dataset, names);
    Ok(Some(Merging {
        drawn,
        kept: (kept.len(), kept.values().map(BTreeSet::len).sum()),
        changed: told.changed,
        interviews: dataset.rows(),
        blanked: told.blanked,
    }))
}

/// The reliability of a battery.
pub struct Scale {
    /// The battery's heading.
    pub name: String,
    /// Alpha and what goes with it.
    pub alpha: CronbachAlpha,
    /// Rows of the battery.
    pub items: usize,
}

fn failed(error: analysis::Error) -> Error {
    Error::Refused(error.into_problems())
}

/// The interviews of a study as they are stored.
pub struct Stored {
    /// The responses.
    pub rows: Vec<ResponseRow>,
    /// The answers of each.
    pub answers: Vec<Answers>,
    versions: Vec<Arc<Version>>,
    /// For each version's identity its place among `versions`.
    places: HashMap<Id, usize>,
}

impl Stored {
    /// Reads them; `None` while there are none.
    pub fn load(
        app: &App,
        connection: &mut Connection,
        study: &Study,
    ) -> Result<Option<Self>, Error> {
        let mut rows = responses::interviews(connection, study.id)?;
        if rows.is_empty() {
            return Ok(None);
        }
        // Those of replicates that wait are stood for by those released.
        let factor = release_factor(connection, study.id)?;
        for row in &mut rows {
            row.base_weight *= factor;
        }
        let (mut versions, mut places) = (Vec::new(), HashMap::new());
        for id in studies::version_ids(connection, study.id)? {
            places.insert(id, versions.len());
            versions.push(app.version(connection, id)?);
        }
        let answers = rows
            .iter_mut()
            .map(|row| row.answers.take().map(Json::into_inner).unwrap_or_default())
            .collect();
        Ok(Some(Self { rows, answers, versions, places }))
    }

    /// The version that a response answers.
    pub fn version_of(&self, row: &ResponseRow) -> Option<&Version> {
        self.versions.get(*self.places.get(&row.version_id)?).map(Arc::as_ref)
    }
}

/// Works out a study's results, with labels in `language`. `None` while there
/// are no interviews.
///
/// # Errors
/// [`Error::Refused`] where the versions or the design allow no tables.
pub fn results(
    app: &App,
    connection: &mut Connection,
    study: &Study,
    language: &str,
) -> Result<Option<Results>, Error> {
    let Some(data) = data(app, connection, study, language)? else { return Ok(None) };
    let Data { dataset, rosters, design_from, names, weighted } = data;
    let Weighted { design, weighting, unfitted } = weighted.map_err(Error::Refused)?;
    let spec = table_spec(&dataset, &study.margins, language);
    let table = tabulate(&design, &spec).map_err(failed)?;
    let scales = scales(&dataset, language);
    let key_outcomes = dataset
        .codebook
        .variables
        .iter()
        .filter(|variable| variable.has_role(Role::KeyOutcome))
        .map(|variable| variable.name.clone())
        .collect();
    let merging = merging(connection, study, &dataset, &names)?;
    Ok(Some(Results {
        dataset,
        rosters,
        design,
        design_from,
        names,
        weighting,
        unfitted,
        table,
        scales,
        key_outcomes,
        merging,
    }))
}

/// Reads a study's data, with weights: fitted to the margins where that can be
/// done, else those of the design. `None` while there are no interviews.
///
/// # Errors
/// [`Error::Refused`] where versions of the questionnaire do not go together.
pub fn data(
    app: &App,
    connection: &mut Connection,
    study: &Study,
    language: &str,
) -> Result<Option<Data>, Error> {
    let Some(stored) = Stored::load(app, connection, study)? else { return Ok(None) };
    let rows = &stored.rows;
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let responses = rows.iter().zip(&stored.answers).zip(&ids).map(|((row, answers), id)| {
        let version = stored.version_of(row).map_or("", |version| version.hash.as_str());
        let (started_on, seed) = (row.began_on, row.seed.cast_unsigned());
        Response { id, version, answers, started_on, seed }
    });
    let versions: Vec<&Version> = stored.versions.iter().map(Arc::as_ref).collect();
    let mut datasets = analysis::assemble(&versions, responses).map_err(failed)?;
    let found = design::found(connection, study, &mut datasets, rows, &versions)?;
    let Datasets { responses: mut dataset, mut rosters } = datasets;
    let mut carried: Vec<&str> = found.added();
    let weighted = match &found.design {
        Ok(design) => Ok(weigh(design.clone(), &dataset, &study.margins, language)),
        Err(problems) => Err(problems.clone()),
    };
    add_weight(&mut dataset, &found.names, &weighted)?;
    carried.push(&found.names.weight);
    for roster in &mut rosters {
        roster.dataset.add_from(&dataset, &carried, &roster.response_rows).map_err(failed)?;
    }
    let design::Found { from: design_from, names, .. } = found;
    Ok(Some(Data { dataset, rosters, design_from, names, weighted }))
}

/// The column of the weights that tables use, which says whether they are fitted.
fn add_weight(
    dataset: &mut Dataset,
    names: &DesignNames,
    weighted: &Result<Weighted, Vec<Problem>>,
) -> Result<(), Error> {
    let (weights, label) = match weighted {
        Ok(found) if found.weighting.is_some() => {
            (found.design.weights().to_vec(), "weight-fitted")
        }
        Ok(found) if found.unfitted.is_empty() => {
            (found.design.weights().to_vec(), "weight-of-design")
        }
        Ok(_) | Err(_) => {
            (dataset.numeric(&names.base_weight).map_err(failed)?, "weight-not-fitted")
        }
    };
    let label = design::in_each_language(label, &[]);
    let variable = Variable::plain(&names.weight, VariableKind::Number, Vec::new());
    dataset.add(Variable { label, ..variable }, Column::number(weights)).map_err(failed)
}

/// Rakes to the margins; where that cannot be done, the design as it is and why.
fn weigh(design: Design, dataset: &Dataset, shares: &[MarginShare], language: &str) -> Weighted {
    let mut names: Vec<&str> = Vec::new();
    for share in shares {
        if !names.contains(&share.variable.as_str()) {
            names.push(&share.variable);
        }
    }
    let (mut margins, mut unfitted) = (Vec::with_capacity(names.len()), Vec::new());
    for name in names {
        match margin(&design, dataset, shares, name, language) {
            Ok(margin) => margins.push(margin),
            Err(error) => unfitted.extend(error.into_problems()),
        }
    }
    if margins.is_empty() || !unfitted.is_empty() {
        return Weighted { design, weighting: None, unfitted };
    }
    let options =
        RakeOptions { tolerance: RAKE_TOLERANCE, rounds_max: RAKE_ROUNDS, projection_rounds: 10 };
    match rake(design.clone(), &margins, &options) {
        Ok((design, weighting)) => Weighted { design, weighting: Some(weighting), unfitted },
        Err(error) => Weighted { design, weighting: None, unfitted: error.into_problems() },
    }
}

/// The totals of a variable. Somebody whose level is not known keeps a place of
/// their own: a level "not known" whose share stays as it is under the base
/// weights, while the known levels share the rest in their proportions.
fn margin(
    design: &Design,
    dataset: &Dataset,
    shares: &[MarginShare],
    name: &str,
    language: &str,
) -> analysis::Result<Margin> {
    let total: f64 = design.weights().iter().sum();
    let variable = dataset.variable(name)?;
    let (mut codes, _) = dataset.coded(name)?;
    let of_unknown = codes.iter().zip(design.weights()).filter(|(code, _)| **code == 0);
    let unknown: f64 = of_unknown.map(|(_, weight)| weight).sum();
    let share_of = |code: &str| {
        let known = shares.iter().find(|share| share.variable == name && share.code == code);
        known.map_or(0.0, |share| share.share)
    };
    let levels = &variable.levels;
    let labels = levels.iter().map(|level| label(&level.label, &level.code, dataset, language));
    let mut labels: Vec<String> = labels.collect();
    let totals = levels.iter().map(|level| share_of(&level.code) * (total - unknown));
    let mut totals: Vec<f64> = totals.collect();
    if unknown > 0.0 {
        let own = u16::try_from(labels.len() + 1).unwrap_or(u16::MAX);
        labels.push("?".to_owned());
        totals.push(unknown);
        codes.iter_mut().filter(|code| **code == 0).for_each(|code| *code = own);
    }
    Ok(Margin { variable: name.to_owned(), levels: labels, totals, codes })
}

fn label(text: &Text, otherwise: &str, dataset: &Dataset, language: &str) -> String {
    let fallback = dataset.codebook.languages.first().map_or("", String::as_str);
    let label = text.get(language, fallback);
    if label.is_empty() { otherwise.to_owned() } else { label.to_owned() }
}

/// The label of a variable: number, wording, and for a battery's row what it is
/// a row of.
pub fn variable_label(variable: &Variable, dataset: &Dataset, language: &str) -> String {
    let own = label(&variable.label, &variable.name, dataset, language);
    let heading = label(&variable.heading, "", dataset, language);
    let text = if heading.is_empty() { own } else { format!("{heading} – {own}") };
    match &variable.number {
        Some(number) if !text.starts_with(&format!("{number}.")) => format!("{number}. {text}"),
        _ => text,
    }
}

fn table_spec<'a>(dataset: &'a Dataset, margins: &[MarginShare], language: &str) -> TableSpec<'a> {
    let variables = dataset.codebook.variables.iter().zip(&dataset.columns);
    let mut rows = Vec::new();
    for (variable, column) in variables.clone().filter(|(variable, _)| variable.item.is_some()) {
        let Some(data) = row_data(dataset, variable, column, language) else { continue };
        rows.push(RowVariable {
            name: variable.name.clone(),
            label: variable_label(variable, dataset, language),
            data,
        });
    }
    let in_banner = |variable: &Variable| {
        variable.has_role(Role::Weighting)
            && variable.kind == VariableKind::Choice
            && (margins.is_empty() || margins.iter().any(|margin| margin.variable == variable.name))
    };
    let banner = variables
        .filter(|(variable, _)| in_banner(variable))
        .filter_map(|(variable, column)| {
            let Values::Coded(codes) = &column.values else { return None };
            Some(BannerVariable {
                name: variable.name.clone(),
                label: label(&variable.label, &variable.name, dataset, language),
                categories: variable
                    .levels
                    .iter()
                    .map(|level| label(&level.label, &level.code, dataset, language))
                    .collect(),
                codes: codes.into(),
            })
        })
        .collect();
    TableSpec {
        title: label(&dataset.codebook.title, "", dataset, language),
        total_label: locale::text(language, "tables-total", &[]),
        rows,
        banner,
        filter: None,
        options: TableOptions {
            confidence: 0.95,
            interval: IntervalMethod::Logit,
            degrees_of_freedom: DegreesOfFreedomRule::Adjusted,
            share_of: ShareOf::Column,
            assess_reliability: true,
            suppression: Some(SuppressionRule { minimum: SMALLEST_CELL, hide_zero: false }),
        },
    }
}

fn row_data<'a>(
    dataset: &Dataset,
    variable: &Variable,
    column: &'a Column,
    language: &str,
) -> Option<RowData<'a>> {
    let labels = || {
        variable
            .levels
            .iter()
            .map(|level| label(&level.label, &level.code, dataset, language))
            .collect::<Vec<_>>()
    };
    Some(match (&column.values, &variable.kind) {
        (Values::Coded(codes), _) => RowData::Coded { codes: codes.into(), categories: labels() },
        (Values::Set(options), _) => RowData::Set {
            options: options.into(),
            answered: column.answered().into(),
            labels: labels(),
        },
        (Values::Number(values), VariableKind::Number | VariableKind::Scale { .. }) => {
            RowData::Number(values.into())
        }
        _ => return None,
    })
}

/// Alpha of every battery with at least three rows that were answered.
fn scales(dataset: &Dataset, language: &str) -> Vec<Scale> {
    let mut names: Vec<&str> = Vec::new();
    for variable in &dataset.codebook.variables {
        if !variable.heading.is_empty() && !names.contains(&variable.question.as_str()) {
            names.push(&variable.question);
        }
    }
    names
        .into_iter()
        .filter_map(|question| {
            let rows: Vec<&Variable> = dataset
                .codebook
                .variables
                .iter()
                .filter(|variable| variable.question == question)
                .collect();
            let items: Vec<Vec<f64>> =
                rows.iter().filter_map(|variable| dataset.numeric(&variable.name).ok()).collect();
            if items.len() < 3 || items.len() != rows.len() {
                return None;
            }
            let columns: Vec<&[f64]> = items.iter().map(Vec::as_slice).collect();
            let options = AlphaOptions {
                missing: MissingItems::Pairwise,
                confidence: 0.95,
                rounded_quantile: false,
            };
            // A scale nobody varied on has no alpha; the tables stand without it.
            let alpha = cronbach_alpha(&columns, None, &options).ok()?;
            let heading = &rows.first()?.heading;
            Some(Scale {
                name: label(heading, question, dataset, language),
                alpha,
                items: items.len(),
            })
        })
        .collect()
}

/// The design effect of the final weights, and their effective number.
pub fn weight_effect(results: &Results) -> (f64, f64) {
    let weights = results.design.weights();
    let effect = kish_design_effect(weights);
    #[expect(clippy::cast_precision_loss, reason = "rows of one study")]
    let effective = weights.len() as f64 / effect;
    (effect, effective)
}
