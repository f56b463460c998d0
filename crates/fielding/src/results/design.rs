//! How the interviews of a study were drawn: as the record of their sample has it,
//! where each can be followed to its unit; else by the stratum, primary unit and
//! weight that travel with the answers.

use std::collections::HashSet;

use analysis::dataset::{
    Column, Dataset, Datasets, DesignColumns, Level, Values, Variable, VariableKind, free_name,
};
use analysis::design::sampled::{SampledDesign, SampledRules, SampledStage, design_of, join};
use analysis::{Design, SinglePsu};
use survey_builder::questionnaire::answer::ItemId;
use survey_builder::questionnaire::document::{Kind, Text, factor_of};
use survey_builder::questionnaire::version::Version;

use super::failed;
use crate::error::{Error, Problem};
use crate::store::responses::ResponseRow;
use crate::store::studies::Study;
use crate::store::{Connection, samples};

/// With one cluster in a stratum its variance is unknown; measuring it from the
/// overall mean errs on the safe side.
const SINGLE_PSU: SinglePsu = SinglePsu::Adjust;

/// What the design of results was taken from.
#[derive(Clone, Debug, PartialEq)]
pub enum DesignFrom {
    /// The record of the sample: every stage, with the populations of its lists,
    /// units that were certain, unequal probabilities and phases.
    Record(RecordColumns),
    /// The strata and primary units that travel with the answers, as if these had
    /// been drawn with replacement: on average intervals are then too wide.
    Groups {
        /// Whether there are primary units; else each response is one.
        clustered: bool,
        /// Why the record of the sample that there is could not be used.
        unfit: Vec<Problem>,
    },
}

impl DesignFrom {
    /// Whether the design has more than the columns of the responses can hold: joint
    /// probabilities, two phases, units drawn on their own.
    pub fn is_more_than_columns(&self) -> bool {
        matches!(self, Self::Record(columns) if !columns.whole)
    }
}

/// What the columns of the responses say of the sample's stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordColumns {
    /// The stages.
    pub stages: Vec<StageNames>,
    /// Whether these with the base weights are the whole design.
    pub whole: bool,
    /// Whether probabilities differ inside a list.
    pub by_size: bool,
}

/// The names of a stage's columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageNames {
    /// Of the list that a member was drawn from.
    pub stratum: String,
    /// Of the member.
    pub cluster: String,
    /// Of its probability; none with replacement.
    pub probability: Option<String>,
}

/// The names of the columns that tell how a response was drawn and weighted. They
/// give way to questions of the same name ([`free_name`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesignNames {
    /// Of the weight before any fitting.
    pub base_weight: String,
    /// Of the stratum.
    pub stratum: String,
    /// Of the primary unit.
    pub psu: String,
    /// Of the weight that tables use.
    pub weight: String,
}

impl DesignNames {
    fn of(datasets: &[&Dataset]) -> Self {
        let [base_weight, stratum, psu, weight] =
            ["base_weight", "stratum", "psu", "weight"].map(|name| free_name(name, datasets));
        Self { base_weight, stratum, psu, weight }
    }
}

/// How the interviews were drawn.
pub(super) struct Found {
    pub design: Result<Design, Vec<Problem>>,
    pub from: DesignFrom,
    pub names: DesignNames,
}

impl Found {
    /// The names of all columns that were added to the data.
    pub fn added(&self) -> Vec<&str> {
        let DesignNames { base_weight, stratum, psu, weight: _ } = &self.names;
        let mut added = vec![base_weight.as_str(), stratum, psu];
        if let DesignFrom::Record(columns) = &self.from {
            for stage in &columns.stages {
                added.extend([stage.stratum.as_str(), &stage.cluster]);
                added.extend(stage.probability.as_deref());
            }
        }
        added
    }
}

/// Finds how interviews were drawn, and adds to their data what others need to
/// estimate again: base weight, stratum, primary unit, and by the record the
/// stages.
pub(super) fn found(
    connection: &mut Connection,
    study: &Study,
    Datasets { responses: dataset, rosters }: &mut Datasets,
    rows: &[ResponseRow],
    versions: &[&Version],
) -> Result<Found, Error> {
    let rosters: Vec<&Dataset> = rosters.iter().map(|roster| &roster.dataset).collect();
    let names = DesignNames::of(&with_all(dataset, &rosters));
    let factors = household_factors(dataset, versions)?;
    let (recorded, unfit) = match of_record(connection, study, rows)? {
        Ok(recorded) => (recorded, Vec::new()),
        Err(problems) => (None, problems),
    };
    let weight = |(row, own): (usize, &ResponseRow)| {
        let recorded = recorded.as_ref().map(|one| one.design.weights()[row]);
        recorded.unwrap_or(own.base_weight) * factors[row]
    };
    let weights: Vec<f64> = rows.iter().enumerate().map(weight).collect();
    add_number(dataset, &names.base_weight, Text::default(), weights.clone())?;
    add_levels(dataset, &names.stratum, &texts(rows, |row| &row.stratum))?;
    add_levels(dataset, &names.psu, &texts(rows, |row| &row.psu))?;
    if let Some(SampledDesign { design, stages, stages_are_whole: whole, .. }) = recorded {
        let by_size = stages.iter().any(SampledStage::is_by_size);
        let stages = (1..)
            .zip(&stages)
            .map(|(number, stage)| add_stage(dataset, &rosters, number, stage))
            .collect::<Result<_, _>>()?;
        let from = DesignFrom::Record(RecordColumns { stages, whole, by_size });
        return Ok(Found { design: Ok(design.reweighed(weights)), from, names });
    }
    let clustered = rows.iter().any(|row| !row.psu.is_empty());
    let design = dataset.design(&DesignColumns {
        weight: &names.base_weight,
        stratum: Some(&names.stratum),
        cluster: clustered.then_some(&names.psu),
        nest: true,
        single_psu: SINGLE_PSU,
    });
    let design = design.map_err(analysis::Error::into_problems);
    Ok(Found { design, from: DesignFrom::Groups { clustered, unfit }, names })
}

/// The design that the record of the sample gives; nothing where there is no
/// sample or a response has no unit that it is known to be of. Within: why the
/// record does not fit.
fn of_record(
    connection: &mut Connection,
    study: &Study,
    rows: &[ResponseRow],
) -> Result<Result<Option<SampledDesign>, Vec<Problem>>, Error> {
    if study.is_anonymous() {
        return Ok(Ok(None));
    }
    let Some(sample) = samples::of_study(connection, study.id)? else { return Ok(Ok(None)) };
    let units = samples::units_of_responses(connection, sample.id)?;
    let ids: Option<Vec<&str>> =
        rows.iter().map(|row| units.get(&row.id).map(String::as_str)).collect();
    let Some(ids) = ids else { return Ok(Ok(None)) };
    let record = samples::record(connection, &sample)?;
    let rules = SampledRules { single_psu: SINGLE_PSU, domain_single_psu: false };
    let design = join(&record, &ids, "unit").and_then(|joined| design_of(&joined, rules));
    Ok(design.map(Some).map_err(analysis::Error::into_problems))
}

fn texts(rows: &[ResponseRow], of: fn(&ResponseRow) -> &String) -> Vec<&str> {
    rows.iter().map(|row| of(row).as_str()).collect()
}

fn with_all<'d>(dataset: &'d Dataset, rosters: &[&'d Dataset]) -> Vec<&'d Dataset> {
    std::iter::once(dataset).chain(rosters.iter().copied()).collect()
}

fn add_stage(
    dataset: &mut Dataset,
    rosters: &[&Dataset],
    number: usize,
    stage: &SampledStage,
) -> Result<StageNames, Error> {
    let codes = |codes: &[u32]| codes.iter().map(|code| f64::from(*code)).collect::<Vec<_>>();
    let mut add = |name: &str, label: &str, values| {
        let wanted = format!("stage{number}_{name}");
        let name = free_name(&wanted, &with_all(dataset, rosters));
        let label = in_each_language(label, &[("stage", &number.to_string())]);
        add_number(dataset, &name, label, values).map(|()| name)
    };
    let stratum = add("stratum", "stage-column-stratum", codes(&stage.lists))?;
    let cluster = add("cluster", "stage-column-cluster", codes(&stage.members))?;
    let probabilities: Option<Vec<f64>> = stage.probabilities.iter().copied().collect();
    let probability = probabilities
        .map(|values| add("probability", "stage-column-probability", values))
        .transpose()?;
    Ok(StageNames { stratum, cluster, probability })
}

/// A text in every language that is spoken here.
pub(super) fn in_each_language(key: &str, arguments: &[(&str, &str)]) -> Text {
    let said = |(language, _): &(&str, &str)| {
        ((*language).to_owned(), locale::text(language, key, arguments))
    };
    Text(locale::LANGUAGES.iter().map(said).collect())
}

fn add_number(
    dataset: &mut Dataset,
    name: &str,
    label: Text,
    values: Vec<f64>,
) -> Result<(), Error> {
    let variable = Variable::plain(name, VariableKind::Number, Vec::new());
    dataset.add(Variable { label, ..variable }, Column::number(values)).map_err(failed)
}

fn add_levels(dataset: &mut Dataset, name: &str, values: &[&str]) -> Result<(), Error> {
    let mut levels = values.to_vec();
    levels.sort_unstable();
    levels.dedup();
    let codes = values
        .iter()
        .map(|value| {
            let place = levels.binary_search(value).unwrap_or(0);
            u16::try_from(place + 1).unwrap_or(u16::MAX)
        })
        .collect();
    let levels = levels
        .iter()
        .map(|level| Level { code: (*level).to_owned(), label: Text::default() })
        .collect();
    dataset
        .add(Variable::plain(name, VariableKind::Choice, levels), Column::coded(codes))
        .map_err(failed)
}

/// What the base weight of each response is multiplied by because one of its
/// household was chosen to be asked. Where it is not known the mean of those known
/// stands for it. What people say of their household by themselves multiplies
/// nothing: a list of persons needs no such factor, and only the one who drew the
/// sample knows which it was.
fn household_factors(dataset: &Dataset, versions: &[&Version]) -> Result<Vec<f64>, Error> {
    let mut factors = vec![1.0; dataset.rows()];
    let chosen: HashSet<ItemId> = versions
        .iter()
        .flat_map(|version| version.document.questions())
        .filter(|question| matches!(question.kind, Kind::Selection(_)))
        .map(|question| factor_of(question.id))
        .collect();
    let named = dataset
        .codebook
        .variables
        .iter()
        .filter(|variable| variable.item.is_some_and(|item| chosen.contains(&item)));
    for variable in named {
        let column = dataset.column(&variable.name).map_err(failed)?;
        let Values::Number(values) = &column.values else { continue };
        // A value that is missing is no number here.
        let known = |value: f64| value.is_finite() && value > 0.0;
        let (mut sum, mut count) = (0.0, 0.0);
        for value in values.iter().copied().filter(|value| known(*value)) {
            sum += value;
            count += 1.0;
        }
        if count > 0.0 {
            for (factor, value) in factors.iter_mut().zip(values) {
                *factor *= if known(*value) { *value } else { sum / count };
            }
        }
    }
    Ok(factors)
}
