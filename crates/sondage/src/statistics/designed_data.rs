//! Data and design together: what every subcommand works on. All problems of both are told at once.

use std::path::Path;

use analysis::dataset::missing::number_in;
use analysis::design::Population;
use analysis::design::replicates::{Centre, Replicates};
use analysis::design::sampled::{JoinReport, SampledDesign};
use analysis::design::unequal::{JointProbabilities, UnequalForm, UnequalMethod};
use analysis::problem::{Fault, at_level, at_row};
use analysis::variance::replication::bootstrap::{Bootstrap, bootstrap};
use analysis::variance::replication::successive::successive_differences;
use analysis::variance::replication::{balanced_half_samples, jackknife, paired_jackknife};
use analysis::weighting::diagnostics::WeightingDiagnostics;
use analysis::weighting::rake::Margin;
use analysis::{Design, DesignInput, Error, Problem, SinglePsu, StageInput, Weights};
use survey_builder::problem::{Phrase, phrase};
use survey_builder::sampling::Seed;

use super::arguments::{Origin, TablePlace};
use super::data_file::{self, Columns, DataFile, Levels, MOST_TOLD, Said};
use super::design_file::{
    self, BootstrapMethod, DesignFile, JointMethod, Probabilities, ReplicateWeights, Stage,
    VarianceForm,
};
use super::imputed::{self, Copies};
use super::places::{put_column, stratum_in};
use super::sampled;
use super::weighting_steps::{Ready, apply, ready};
use crate::sample::manifest;
use crate::terminal::Failure;

/// Data with their design.
pub struct DesignedData {
    /// The data.
    pub data: DataFile,
    /// How they were drawn and weighted.
    pub design: Design,
    /// Whether chances are unknown.
    pub nonprobability: bool,
    /// Weights before any step, one a row.
    pub base: Vec<f64>,
    /// What each step of weighting did to the weights.
    pub steps: Vec<Step>,
    /// Columns whose gaps were filled, several times over.
    pub copies: Copies,
    /// The column of weights that the data file names, where the design names none.
    pub weight_of_file: Option<String>,
    /// What a reader must know of the targets of weighting.
    pub remarks: Vec<Phrase>,
    /// Whether a design or a sample says how the rows were drawn.
    pub drawn_said: bool,
    /// What the join to a sample found, where there is one.
    pub joined: Option<JoinReport>,
    /// How its replicates came about, where it has them.
    pub replicates: Option<ReplicateWeights>,
    names: Names,
}

/// The columns of the design, so that what is wrong is told by their names and levels.
struct Names {
    weight: Option<String>,
    strata: Vec<Option<String>>,
    /// The names of a sample's lists by their codes.
    lists: Option<Vec<String>>,
}

impl Names {
    fn of(file: &DesignFile) -> Self {
        let weight = file.weight.clone();
        let weight = weight.or_else(|| file.probabilities.as_ref().map(|own| own.column.clone()));
        let strata = file.stages.iter().map(|stage| stage.strata.clone()).collect();
        Self { weight, strata, lists: None }
    }

    /// The level of a stratum that has a code.
    fn stratum(&self, data: &DataFile, stage: usize, code: u32) -> Option<(String, String)> {
        let name = self.strata.get(stage.checked_sub(1)?)?.as_ref()?;
        let row = data.groups(name).ok()?.iter().position(|own| *own == code)?;
        let column = data.names().iter().position(|own| own == name)?;
        Some((name.clone(), data.text(column, row).to_owned()))
    }

    /// The names of columns and levels in place of the words and codes for them.
    fn put_into(&self, data: &DataFile, error: Error) -> Error {
        let mut problems = error.into_problems();
        for problem in &mut problems {
            if let Some(weight) = &self.weight {
                put_column(&mut problem.place, "phrase-input-weights", weight);
            }
            let stratum = stratum_in(&problem.place);
            if let (Some(lists), Some((stage, code))) = (&self.lists, stratum) {
                problem.place = sampled::named_list(lists, stage, code);
                continue;
            }
            let stratum = stratum.and_then(|(stage, code)| self.stratum(data, stage, code));
            if let Some((variable, level)) = stratum {
                problem.place = at_level(variable, level).into();
            }
        }
        Error::Invalid(problems)
    }
}

/// One step of weighting and its outcome.
pub struct Step {
    /// Its name.
    pub name: String,
    /// Weights after it, one a row.
    pub weights: Vec<f64>,
    /// What it did to margins, where it has them.
    pub diagnostics: Option<WeightingDiagnostics>,
    /// Its margins.
    pub margins: Vec<Margin>,
}

impl DesignedData {
    /// Reads both files.
    ///
    /// # Errors
    /// Files that cannot be read, everything that is wrong with the columns named in the design, and
    /// what the design or its weighting refuses.
    pub fn open(origin: Origin<'_>, language: &str) -> Result<Self, Failure> {
        let file = origin.design.map(design_file::read).transpose()?.unwrap_or_default();
        let sample = origin.sample.map(manifest::read).transpose()?;
        let mut names = Names::of(&file);
        let missing = Some(&file.missing);
        let said = Said { table: origin.table, codebook: origin.codebook, missing, language };
        let mut data = data_file::read(origin.file, &said)?;
        let mut problems: Vec<Problem> =
            file.labels.iter().flat_map(|(name, labels)| data.label(name, labels)).collect();
        let weighted = sample.is_some() || file.weight.is_some() || file.weight_from_population;
        let own = data.weight().filter(|_| !weighted && file.probabilities.is_none());
        let weight_of_file = own.map(str::to_owned);
        let drawn = match &sample {
            Some(sample) => sampled::drawn(sample, &file, &data, origin.id, &mut problems),
            None => {
                let given = GivenColumns::read(origin, &file, &data, &mut problems);
                Some(Drawn::Columns(Box::new(given)))
            }
        };
        let steps: Vec<Ready> =
            file.weighting.iter().map(|step| ready(step, &data, &mut problems)).collect();
        let remarks = steps.iter().flat_map(|step| step.remarks().to_vec()).collect();
        let copies = imputed::copies(&file.imputation, &data, &mut problems);
        let given = (file.replicates.as_ref())
            .map(|replicates| given_columns(replicates, &data, &mut problems));
        let Some(drawn) = drawn.filter(|_| problems.is_empty()) else {
            return Err(Error::Invalid(problems).into());
        };
        let (mut design, joined) = match drawn {
            Drawn::Columns(given) => {
                (given.design().map_err(|error| names.put_into(&data, error))?, None)
            }
            Drawn::Sample(found, report) => {
                names.lists = Some(found.lists);
                (found.design, Some(report))
            }
        };
        let named = |error: Error| names.put_into(&data, error);
        if let (Some(replicates), Some(given)) = (&file.replicates, given) {
            let made = made(replicates, given, &design).map_err(named)?;
            design = design.with_replicates(made).map_err(named)?;
        }
        let base = design.weights().to_vec();
        let mut done = Vec::new();
        for step in steps {
            let (after, outcome) = apply(step, design).map_err(named)?;
            design = after;
            done.push(outcome);
        }
        let nonprobability = file.nonprobability;
        let (steps, drawn_said) = (done, origin.design.is_some() || origin.sample.is_some());
        Ok(Self {
            data,
            design,
            nonprobability,
            base,
            steps,
            copies,
            weight_of_file,
            remarks,
            drawn_said,
            joined,
            replicates: file.replicates,
            names,
        })
    }
}

impl DesignedData {
    /// An error with the names of columns and levels in place of codes.
    pub fn named(&self, error: Error) -> Error {
        self.names.put_into(&self.data, error)
    }

    /// A column as levels, with the gaps filled as in a copy where the design says so.
    ///
    /// # Errors
    /// As [`DataFile::levels`].
    pub fn levels(&self, name: &str, copy: usize) -> Result<Levels, Vec<Problem>> {
        let mut levels = self.data.levels(name)?;
        if let Some((_, copies)) = self.copies.iter().find(|(own, _)| own == name) {
            let filled = &copies[copy.min(copies.len() - 1)].values;
            for (code, value) in levels.codes.iter_mut().zip(filled).filter(|(code, _)| **code == 0)
            {
                let same = |level: &String| {
                    level.parse::<f64>().is_ok_and(|own| own.total_cmp(value).is_eq())
                };
                let place = levels.values.iter().position(same).map_or(0, |place| place + 1);
                *code = u16::try_from(place).unwrap_or(0);
            }
        }
        Ok(levels)
    }

    /// A column as numbers, with the gaps filled as in a copy where the design says so.
    ///
    /// # Errors
    /// As [`DataFile::numbers`].
    pub fn numbers(&self, name: &str, copy: usize) -> Result<Vec<f64>, Vec<Problem>> {
        match self.copies.iter().find(|(own, _)| own == name) {
            Some((_, copies)) => Ok(copies[copy.min(copies.len() - 1)].values.clone()),
            None => self.data.numbers(name),
        }
    }
}

/// How the rows were drawn: by columns that a design file names, or as a sample's record has it.
pub enum Drawn {
    /// By columns.
    Columns(Box<GivenColumns>),
    /// As the record has it.
    Sample(SampledDesign, JoinReport),
}

/// What the columns of a design file say.
pub struct GivenColumns {
    input: DesignInput,
    /// Probabilities of the first stage and of those below it, and what is done with them.
    probabilities: Option<(Vec<f64>, Vec<Vec<f64>>, UnequalMethod)>,
}

impl GivenColumns {
    fn read(
        origin: Origin<'_>,
        file: &DesignFile,
        data: &DataFile,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let beside = origin.design.and_then(Path::parent).map(Path::to_path_buf);
        let beside = beside.unwrap_or_default();
        let input = design_input(file, data, problems);
        let probabilities = file.probabilities.as_ref().map(|given| {
            let column = taken(data.numbers(&given.column), problems);
            let matrix = given.matrix.as_ref().and_then(|name| {
                let path = beside.join(name);
                matrix(&path, data.rows()).map_err(|told| problems.push(told)).ok()
            });
            let later: Vec<Vec<f64>> =
                given.later.iter().map(|name| taken(data.numbers(name), problems)).collect();
            let method = method(given, matrix, problems);
            if !later.is_empty() && method != UnequalMethod::Brewer {
                problems.push(Problem::new("design_later", "later"));
            }
            (column, later, method)
        });
        Self { input, probabilities }
    }

    fn design(self) -> analysis::Result<Design> {
        let design = Design::new(self.input)?;
        let Some((column, later, method)) = self.probabilities else { return Ok(design) };
        if later.is_empty() {
            return design.with_unequal_probabilities(&column, method);
        }
        let columns: Vec<&[f64]> =
            std::iter::once(column.as_slice()).chain(later.iter().map(Vec::as_slice)).collect();
        design.with_unequal_stages(&columns)
    }
}

/// One of the copies of the data whose gaps were filled.
pub struct Completed<'a> {
    /// The study.
    pub study: &'a DesignedData,
    /// Which copy, from 0.
    pub copy: usize,
}

impl Columns for Completed<'_> {
    fn rows(&self) -> usize {
        self.study.data.rows()
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>, Vec<Problem>> {
        self.study.numbers(name, self.copy)
    }

    fn levels(&self, name: &str) -> Result<Levels, Vec<Problem>> {
        self.study.levels(name, self.copy)
    }

    fn is_labelled(&self, name: &str) -> bool {
        self.study.data.is_labelled(name)
    }

    fn is_ordered(&self, name: &str) -> bool {
        self.study.data.is_ordered(name)
    }
}

/// What was found, or nothing and its problems added to those of others.
pub fn read_or_tell<T>(read: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(more) => {
            problems.extend(more);
            None
        }
    }
}

/// The same, with what is empty in place of nothing.
pub fn taken<T: Default>(read: Result<T, Vec<Problem>>, problems: &mut Vec<Problem>) -> T {
    read_or_tell(read, problems).unwrap_or_default()
}

fn design_input(file: &DesignFile, data: &DataFile, problems: &mut Vec<Problem>) -> DesignInput {
    let weights = match (&file.weight, file.weight_from_population, &file.probabilities) {
        (Some(_), true, _) => {
            let problem = Problem::new("design_both", "weight");
            problems.push(problem.with("other", "weight_from_population"));
            Weights::FromPopulation
        }
        (Some(name), false, _) => {
            let weights = taken(data.numbers(name), problems);
            problems.extend(weight_problems(name, &weights));
            Weights::Given(weights)
        }
        (None, true, _) => Weights::FromPopulation,
        (None, false, Some(given)) => {
            let mut chances = data.numbers(&given.column).unwrap_or_default();
            for name in &given.later {
                let later = data.numbers(name).unwrap_or_default();
                chances.iter_mut().zip(later).for_each(|(chance, own)| *chance *= own);
            }
            Weights::Given(chances.iter().map(|chance| 1.0 / chance).collect())
        }
        (None, false, None) => match data.weight() {
            Some(name) => {
                let weights = taken(data.numbers(name), problems);
                problems.extend(weight_problems(name, &weights));
                Weights::Given(weights)
            }
            None => Weights::Given(vec![1.0; data.rows()]),
        },
    };
    let mut stages: Vec<StageInput> =
        file.stages.iter().map(|stage| stage_input(stage, data, problems)).collect();
    if stages.is_empty() {
        stages.push(StageInput::default());
    }
    DesignInput {
        weights,
        stages,
        nest: file.nest,
        single_psu: file.single_psu.unwrap_or(SinglePsu::Fail),
        domain_single_psu: file.domain_single_psu,
    }
}

fn weight_problems(name: &str, weights: &[f64]) -> Vec<Problem> {
    let all = weights.iter().enumerate();
    all.filter_map(|(row, weight)| no_weight(name, row, *weight)).take(MOST_TOLD).collect()
}

/// What is wrong with a weight, NaN where it is missing.
pub fn no_weight(name: &str, row: usize, weight: f64) -> Option<Problem> {
    let fault = match weight {
        weight if weight >= 0.0 => return None,
        weight if weight.is_nan() => Fault::DataMissing,
        weight => Fault::range(weight, phrase("phrase-0-or-more")),
    };
    Some(fault.at(at_row(name, row)))
}

fn stage_input(stage: &Stage, data: &DataFile, problems: &mut Vec<Problem>) -> StageInput {
    let mut groups =
        |name: &Option<String>| name.as_ref().map(|name| taken(data.groups(name), problems));
    let (strata, clusters) = (groups(&stage.strata), groups(&stage.clusters));
    let population = match (&stage.population, &stage.fraction) {
        (Some(_), Some(name)) => {
            problems.push(Problem::new("design_both", name).with("other", "population"));
            None
        }
        (Some(name), None) => Some(Population::Counts(taken(data.numbers(name), problems))),
        (None, Some(name)) => Some(Population::Fractions(taken(data.numbers(name), problems))),
        (None, None) => None,
    };
    StageInput { strata, clusters, population }
}

fn method(
    given: &Probabilities,
    matrix: Option<JointProbabilities>,
    problems: &mut Vec<Problem>,
) -> UnequalMethod {
    let form = match given.form {
        VarianceForm::HorvitzThompson => UnequalForm::HorvitzThompson,
        VarianceForm::YatesGrundy => UnequalForm::YatesGrundy,
    };
    let needs = matches!(given.method, JointMethod::Given);
    if needs != matrix.is_some() {
        problems.push(Problem::new("design_matrix", "probabilities"));
    }
    match given.method {
        JointMethod::Brewer => UnequalMethod::Brewer,
        JointMethod::Given => {
            UnequalMethod::Joint(matrix.unwrap_or(JointProbabilities::Overton), form)
        }
        JointMethod::Overton => UnequalMethod::Joint(JointProbabilities::Overton, form),
        JointMethod::HartleyRao => {
            let sum_of_squares_over_size = given.sum_of_squares_over_size;
            UnequalMethod::Joint(JointProbabilities::HartleyRao { sum_of_squares_over_size }, form)
        }
    }
}

/// Joint probabilities: a list with a heading and a line a row of the data; columns before the last
/// of as many are left out.
fn matrix(path: &Path, rows: usize) -> Result<JointProbabilities, Problem> {
    let name = path.display().to_string();
    let unread = |failure: Failure| {
        let told = match &failure {
            Failure::Statistics(Error::Invalid(problems)) => {
                problems.iter().find_map(|problem| problem.argument("reason")).cloned()
            }
            _ => None,
        };
        let reason = told.unwrap_or_else(|| failure.to_string().into());
        Problem::new("matrix_unreadable", &name).with("reason", reason)
    };
    let mut opened = data_file::open(path, &TablePlace::default(), None).map_err(unread)?;
    let mut record = csv::StringRecord::new();
    let (mut cells, mut line) = (Vec::new(), 0);
    while opened.next_row(path, &mut record).map_err(unread)? {
        let place = at_row(&name, line);
        if record.len() < rows {
            return Err(Fault::DataCount { found: record.len(), needed: rows }.at(place));
        }
        for field in record.iter().skip(record.len() - rows) {
            let fault = || Fault::DataNotANumber { text: field.to_owned() }.at(place.clone());
            cells.push(number_in(field).ok_or_else(fault)?);
        }
        line += 1;
    }
    let fault = Fault::DataCount { found: cells.len(), needed: rows * rows };
    JointProbabilities::given(rows, &cells).map_err(|_| fault.at(&name))
}

/// The columns of replicates that are in the data; none where they are made.
fn given_columns(
    replicates: &ReplicateWeights,
    data: &DataFile,
    problems: &mut Vec<Problem>,
) -> Vec<Vec<f64>> {
    let ReplicateWeights::Given { columns, .. } = replicates else { return Vec::new() };
    let mut found: Vec<Vec<f64>> = Vec::new();
    for pattern in columns {
        let Some(beginning) = pattern.strip_suffix('*') else {
            found.push(taken(data.numbers(pattern), problems));
            continue;
        };
        let before = found.len();
        // `R*` is R1 to Rk, and no column that happens to begin like them.
        let numbered = |name: &&String| {
            name.strip_prefix(beginning).is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|sign| sign.is_ascii_digit())
            })
        };
        for name in data.names().iter().filter(numbered) {
            found.push(taken(data.numbers(name), problems));
        }
        if found.len() == before {
            let columns = data.names().join(", ");
            problems.push(Problem::new("no_column_begins", pattern).with("columns", columns));
        }
    }
    found
}

fn made(
    replicates: &ReplicateWeights,
    given: Vec<Vec<f64>>,
    design: &Design,
) -> analysis::Result<Replicates> {
    let centre = |mse: bool| if mse { Centre::FullSample } else { Centre::Replicates };
    match replicates {
        ReplicateWeights::Jackknife { mse } => jackknife(design, centre(*mse)),
        ReplicateWeights::PairedJackknife { seed } => paired_jackknife(design, seed.map(Seed)),
        ReplicateWeights::Bootstrap { method, count, seed, mse } => {
            let kind = match method {
                BootstrapMethod::RaoWu => Bootstrap::RaoWu,
                BootstrapMethod::CantyDavison => Bootstrap::CantyDavison,
                BootstrapMethod::Preston => Bootstrap::Preston,
            };
            bootstrap(design, kind, *count, Seed(*seed), centre(*mse))
        }
        ReplicateWeights::SuccessiveDifferences { count } => successive_differences(design, *count),
        ReplicateWeights::BalancedHalfSamples { rho, mse } => {
            balanced_half_samples(design, *rho, centre(*mse))
        }
        ReplicateWeights::Given {
            scale,
            relative_scales,
            mse,
            degrees_of_freedom,
            combined,
            ..
        } => {
            let product = |weights: Vec<f64>| -> Vec<f64> {
                weights.iter().zip(design.weights()).map(|(own, base)| own * base).collect()
            };
            let given: Vec<Vec<f64>> =
                if *combined { given } else { given.into_iter().map(product).collect() };
            let count = given.len();
            // Replicates are few enough for their number to be exact.
            #[expect(clippy::cast_precision_loss)]
            let usual = count.saturating_sub(1) as f64;
            Replicates {
                weights: given.into(),
                scale: *scale,
                relative_scales: relative_scales.clone().unwrap_or_else(|| vec![1.0; count]),
                centre: centre(*mse),
                degrees_of_freedom: degrees_of_freedom.unwrap_or(usual),
            }
            .checked(design.rows())
        }
    }
}
