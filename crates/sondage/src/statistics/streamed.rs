//! Tables of files larger than memory: rows are added up as they are read, and the table is made of the
//! sums. Memory grows with clusters and cells, not with rows.

use std::collections::HashMap;
use std::path::Path;

use analysis::dataset::MissingValues;
use analysis::design::Population;
use analysis::problem::{Fault, at_level, at_row};
use analysis::tabulate::grouped::{GroupedLine, tabulate_grouped_with_tests};
use analysis::{Design, DesignInput, Error, Problem, SinglePsu, StageInput, Weights};
use survey_builder::problem::{Argument, Phrase, phrase};

use super::arguments::TabulateArguments;
use super::data_file::{
    self, Choosing, Computing, DataFile, Described, Dictionary, MOST_TOLD, Opened, Said,
    SetColumns, many_more, no_column, no_group, no_number,
};
use super::design_file::{self, DesignFile};
use super::designed_data::{no_weight, read_or_tell};
use super::places::stratum_in;
use super::tabulate::{Named, Rows, TEST, publish, spec};
use super::{drawn, notes_of, weight_of_file};
use crate::terminal::Failure;

/// Tabulates in one pass and prints.
///
/// # Errors
/// Designs that need the rows, and what is wrong with the file.
pub fn run(arguments: &TabulateArguments, language: &str) -> Result<(), Failure> {
    let design = arguments.input.design.as_deref();
    let mut file = design.map(design_file::read).transpose()?.unwrap_or_default();
    let needs = needs_rows(&file, arguments);
    if !needs.is_empty() {
        return Err(Error::Invalid(needs).into());
    }
    let path = &arguments.input.file;
    // The heading says what there is, before one pass through what is needed.
    let Opened { names: there, codebook, .. } =
        data_file::open(path, &arguments.input.table, None)?;
    let (own, missing) = (arguments.input.codebook.as_deref(), Some(&file.missing));
    let said = Said { table: &arguments.input.table, codebook: own, missing, language };
    let described = Described::new(&there, codebook, &said)?;
    let mut computing = Computing::new(path, &arguments.input.table, &there, &described)?;
    let there = computing.names().to_vec();
    let own_weight = described.weight.clone().filter(|_| file.weight.is_none());
    if own_weight.is_some() {
        file.weight.clone_from(&own_weight);
    }
    let mut sums = Sums::new(&file, arguments, &there, &described, language)?;
    let needed = sums.needed(&there);
    computing.keep(&needed);
    // What is computed may read any column.
    let needed = computing.is_empty().then_some(needed);
    let mut opened = data_file::open(path, &arguments.input.table, needed)?;
    let names =
        if computing.is_empty() { std::mem::take(&mut opened.names) } else { there.clone() };
    sums.find(&there, &names);
    let missing = |name: &String| described.of(name).variable.missing;
    sums.missing = names.iter().map(missing).collect();
    sums.read(path, &mut opened, (&names, &computing))?;
    let finished = sums.finished(&file, arguments, &described, language)?;
    let (rows, banner, means) = (&finished.rows, &finished.banner, &finished.means);
    let spec = spec(arguments, rows, means, banner);
    let found = tabulate_grouped_with_tests(&finished.design, &spec, &finished.lines, TEST)
        .map_err(|error| named(error, finished.strata.as_ref()))?;
    let mut notes = notes_of(finished.notes, file.nonprobability);
    notes.extend(own_weight.as_deref().map(weight_of_file));
    publish(arguments, &spec, found, (&[], None), notes, language)
}

/// What cannot be had from sums.
fn needs_rows(file: &DesignFile, arguments: &TabulateArguments) -> Vec<Problem> {
    let drawn = file.stages.first();
    let later = file.stages.len() > 1
        && drawn.is_some_and(|one| one.population.is_some() || one.fraction.is_some());
    let asked: [(Argument, bool); 6] = [
        ("replicates".into(), file.replicates.is_some()),
        ("probabilities".into(), file.probabilities.is_some()),
        ("weighting".into(), !file.weighting.is_empty()),
        ("weight_from_population".into(), file.weight_from_population),
        ("stages".into(), later),
        (phrase("phrase-input-degrees-of-freedom").into(), arguments.precision.by_domain()),
    ];
    if arguments.input.sample.is_some() {
        return vec![Fault::TableNeedsRows.at("--sample")];
    }
    let mut problems: Vec<Problem> = asked
        .into_iter()
        .filter(|(_, asked)| *asked)
        .map(|(name, _)| Fault::TableNeedsRows.at(name))
        .collect();
    if drawn.is_none_or(|one| one.clusters.is_none()) {
        problems.push(Problem::new("streamed_without_clusters", "stages"));
    }
    problems
}

/// A column that is read.
struct Coded {
    name: String,
    place: usize,
    dictionary: Dictionary,
}

/// What the rows of a part of the table are of.
enum RowSums {
    /// The levels of a column.
    Column(Coded),
    /// The options of a response set, whose columns are at these places.
    Set { name: String, places: Vec<usize>, choosing: Choosing },
}

impl RowSums {
    /// The row codes that a row of the data adds to; of a set 0 where shares are of it.
    fn codes(
        &mut self,
        record: &csv::StringRecord,
        missing: &[MissingValues],
        codes: &mut Vec<u32>,
    ) {
        codes.clear();
        let cell = |place: usize| record.get(place).unwrap_or_default();
        match self {
            Self::Column(column) => {
                let place = column.place;
                codes.push(column.dictionary.code(cell(place), &missing[place]));
            }
            Self::Set { places, choosing, .. } => {
                let cells: Vec<&str> = places.iter().map(|place| cell(*place)).collect();
                if let Some(chosen) = choosing.chosen(&cells) {
                    codes.push(0);
                    codes.extend(chosen);
                }
            }
        }
    }
}

/// A cluster.
struct Cluster {
    stratum: u32,
    code: u32,
    population: Option<f64>,
}

/// Σw, Σwy, Σw² and rows of a cell.
type Cell = [f64; 4];

/// The cells of a pair by cluster, row code and column code.
type Cells = HashMap<(usize, u32, u32), Cell>;

/// What is wrong was told; nothing is printed, whatever stands in its place.
struct Told;

/// What the rows add up to.
struct Sums {
    /// Values that are no answers, by the place of their column.
    missing: Vec<MissingValues>,
    weight: Option<usize>,
    population: Option<usize>,
    stratum: Option<Coded>,
    cluster: Coded,
    rows: Vec<RowSums>,
    banner: Vec<Coded>,
    means: Vec<(String, usize)>,
    clusters: Vec<Cluster>,
    of_codes: HashMap<(u32, u32), usize>,
    /// By row variable (means last) and banner.
    cells: Vec<Vec<Cells>>,
    read: usize,
    people: usize,
    /// Rows, Σw and Σw².
    weights: [f64; 3],
    problems: Vec<Problem>,
    told: HashMap<String, usize>,
}

impl Sums {
    fn new(
        file: &DesignFile,
        arguments: &TabulateArguments,
        names: &[String],
        described: &Described,
        language: &str,
    ) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut sets = HashMap::new();
        for set in &described.sets {
            let place = |name: &String| names.iter().position(|own| own == name);
            let Some(places) = set.variables.iter().map(place).collect::<Option<Vec<usize>>>()
            else {
                continue;
            };
            let variables = set.variables.iter().map(|name| described.of(name).variable).collect();
            sets.insert(&set.name, (places, Choosing::new(set, variables, language)));
        }
        let mut place = |name: &str| {
            let found = names.iter().position(|own| own == name);
            if found.is_none() {
                problems.push(no_column(name, names));
            }
            found.unwrap_or_default()
        };
        let mut coded = |name: &String| Coded {
            name: name.clone(),
            place: place(name),
            dictionary: Dictionary::default(),
        };
        let drawn = file.stages.first();
        let stratum = drawn.and_then(|one| one.strata.as_ref()).map(&mut coded);
        let cluster = drawn.and_then(|one| one.clusters.clone()).unwrap_or_default();
        let cluster = coded(&cluster);
        let rows = arguments.rows.iter().map(|name| match sets.remove(name) {
            Some((places, choosing)) => RowSums::Set { name: name.clone(), places, choosing },
            None => RowSums::Column(coded(name)),
        });
        let rows: Vec<RowSums> = rows.collect();
        let banner: Vec<Coded> = arguments.banner.iter().map(&mut coded).collect();
        let means = arguments.means.iter().map(|name| (name.clone(), place(name))).collect();
        let weight = file.weight.as_deref().map(&mut place);
        let population =
            drawn.and_then(|one| one.population.as_deref().or(one.fraction.as_deref()));
        let population = population.map(&mut place);
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let pairs = banner.len().max(1);
        let variables = rows.len() + arguments.means.len();
        Ok(Self {
            missing: Vec::new(),
            weight,
            population,
            stratum,
            cluster,
            cells: (0..variables).map(|_| (0..pairs).map(|_| HashMap::new()).collect()).collect(),
            rows,
            banner,
            means,
            clusters: Vec::new(),
            of_codes: HashMap::new(),
            read: 0,
            people: 0,
            weights: [0.0; 3],
            problems: Vec::new(),
            told: HashMap::new(),
        })
    }

    /// The places of the columns that are read.
    fn places(&mut self) -> Vec<&mut usize> {
        let coded = self.stratum.iter_mut().chain([&mut self.cluster]).chain(&mut self.banner);
        let coded = coded.map(|one| &mut one.place);
        let rows = self.rows.iter_mut().flat_map(|row| match row {
            RowSums::Column(column) => std::slice::from_mut(&mut column.place),
            RowSums::Set { places, .. } => places.as_mut_slice(),
        });
        let numbers = self.weight.iter_mut().chain(&mut self.population);
        coded
            .chain(rows)
            .chain(self.means.iter_mut().map(|(_, place)| place))
            .chain(numbers)
            .collect()
    }

    /// The names of the columns that are read, of those that are there.
    fn needed(&mut self, there: &[String]) -> Vec<String> {
        self.places().into_iter().map(|place| there[*place].clone()).collect()
    }

    /// Finds the columns among those that were opened.
    fn find(&mut self, there: &[String], opened: &[String]) {
        for place in self.places() {
            let own = opened.iter().position(|name| *name == there[*place]);
            *place = own.unwrap_or_default();
        }
    }

    /// The one pass.
    fn read(
        &mut self,
        path: &Path,
        opened: &mut Opened,
        (names, computing): (&[String], &Computing),
    ) -> Result<(), Failure> {
        let mut record = csv::StringRecord::new();
        let mut codes = Vec::new();
        let mut banner = vec![0; self.banner.len().max(1)];
        while opened.next_row(path, &mut record)? {
            computing.extend(&mut record);
            self.add(names, &record, &mut codes, &mut banner);
            self.read += 1;
        }
        if self.read == 0 {
            self.problems.push(data_file::no_rows(path));
        } else if self.weights[1] <= 0.0 && self.problems.is_empty() {
            let named = self.weight.map(|place| Argument::from(&names[place]));
            let weights = named.unwrap_or_else(|| phrase("phrase-input-weights").into());
            self.problems.push(Fault::DataSumZero.at(weights));
        }
        for (name, more) in &self.told {
            if let Some(more) = more.checked_sub(MOST_TOLD).filter(|more| *more > 0) {
                self.problems.push(many_more(name, more));
            }
        }
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Error::Invalid(std::mem::take(&mut self.problems)).into())
    }

    fn tell(&mut self, name: &str, problem: Problem) {
        let told = self.told.entry(name.to_owned()).or_default();
        *told += 1;
        if *told <= MOST_TOLD {
            self.problems.push(problem);
        }
    }

    /// A number; none where there is no value.
    fn number(
        &mut self,
        names: &[String],
        record: &csv::StringRecord,
        place: usize,
    ) -> Result<Option<f64>, Told> {
        let text = record.get(place).unwrap_or_default();
        if text.is_empty() || self.missing[place].has(text) {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => {
                self.tell(&names[place], no_number(&names[place], self.read, text));
                Err(Told)
            }
        }
    }

    fn add(
        &mut self,
        names: &[String],
        record: &csv::StringRecord,
        codes: &mut Vec<u32>,
        banner: &mut [u32],
    ) {
        let weight = match self.weight {
            None => 1.0,
            Some(place) => {
                let weight = self.number(names, record, place).unwrap_or(Some(0.0));
                let weight = weight.unwrap_or(f64::NAN);
                if let Some(problem) = no_weight(&names[place], self.read, weight) {
                    self.tell(&names[place], problem);
                }
                weight
            }
        };
        // A row of weight zero is nobody; its cluster was drawn all the same.
        let person = f64::from(u8::from(weight != 0.0));
        self.people += usize::from(weight != 0.0);
        for (sum, more) in self.weights.iter_mut().zip([person, weight, weight * weight]) {
            *sum += more;
        }
        let cluster = self.cluster_of(names, record);
        let code = |column: &mut Coded, missing: &[MissingValues]| {
            let missing = &missing[column.place];
            column.dictionary.code(record.get(column.place).unwrap_or_default(), missing)
        };
        for (own, column) in banner.iter_mut().zip(&mut self.banner) {
            *own = code(column, &self.missing);
        }
        let put = |cells: &mut [Cells], row: u32, value: f64| {
            for (cells, column) in cells.iter_mut().zip(&*banner) {
                let cell = cells.entry((cluster, row, *column)).or_default();
                let more = [weight, weight * value, weight * weight, person];
                cell.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        };
        for (row, cells) in self.rows.iter_mut().zip(&mut self.cells) {
            row.codes(record, &self.missing, codes);
            for row in &*codes {
                put(cells, *row, 0.0);
            }
        }
        for mean in 0..self.means.len() {
            let place = self.means[mean].1;
            if let Ok(Some(value)) = self.number(names, record, place) {
                put(&mut self.cells[self.rows.len() + mean], 1, value);
            }
        }
    }

    /// The number of the cluster of a row.
    fn cluster_of(&mut self, names: &[String], record: &csv::StringRecord) -> usize {
        let code = |column: &mut Coded, missing: &[MissingValues]| {
            let missing = &missing[column.place];
            column.dictionary.code(record.get(column.place).unwrap_or_default(), missing)
        };
        let stratum = self.stratum.as_mut().map(|column| code(column, &self.missing));
        let cluster = code(&mut self.cluster, &self.missing);
        if stratum == Some(0) {
            let name = self.stratum.as_ref().map_or_else(String::new, |it| it.name.clone());
            self.tell(&name, no_group(&name, self.read));
        }
        if cluster == 0 {
            let name = self.cluster.name.clone();
            self.tell(&name, no_group(&name, self.read));
        }
        let population = self
            .population
            .and_then(|place| self.number(names, record, place).unwrap_or(Some(0.0)));
        let codes = (stratum.unwrap_or_default(), cluster);
        if let Some(&found) = self.of_codes.get(&codes) {
            if let Some(place) = self.population
                && self.clusters[found].population != population
            {
                let shown = |size: Option<f64>| size.map_or_else(Argument::default, Argument::from);
                let fault = Fault::DataVaries {
                    value: shown(population),
                    other: shown(self.clusters[found].population),
                    within: phrase("phrase-cluster").into(),
                };
                self.tell(&names[place], fault.at(at_row(&names[place], self.read)));
            }
            return found;
        }
        if let (Some(place), None) = (self.population, population) {
            self.tell(&names[place], no_group(&names[place], self.read));
        }
        self.clusters.push(Cluster { stratum: codes.0, code: cluster, population });
        self.of_codes.insert(codes, self.clusters.len() - 1);
        self.clusters.len() - 1
    }

    /// Design, levels in order and sums by their codes.
    fn finished(
        self,
        file: &DesignFile,
        arguments: &TabulateArguments,
        described: &Described,
        language: &str,
    ) -> Result<Finished, Error> {
        let count = self.clusters.len();
        let design = self.design(file).map_err(|error| named(error, self.stratum.as_ref()))?;
        let mut problems = Vec::new();
        let mut levelled = |column: Coded| -> Option<(Named, Vec<u16>)> {
            let name = column.name;
            let known = vec![(described.of(&name), column.dictionary)];
            let mut data = DataFile::of_levels(known, language);
            for (_, labels) in file.labels.iter().filter(|(own, _)| **own == name) {
                problems.extend(data.label(&name, labels));
            }
            let mut levels = read_or_tell(data.levels(&name), &mut problems)?;
            let codes = std::mem::replace(&mut levels.codes, vec![0; count]);
            Some((Named { name, levels }, codes))
        };
        let rows = self.rows.into_iter().filter_map(|row| match row {
            RowSums::Column(column) => {
                levelled(column).map(|(named, codes)| (Rows::Levels(named), codes))
            }
            RowSums::Set { name, choosing, .. } => {
                let (labels, codes) = choosing.finished();
                let options = vec![vec![0; count]; labels.len()];
                let set = SetColumns { options, answered: vec![true; count], labels };
                Some((Rows::Set(name, set), codes))
            }
        });
        let rows: Vec<(Rows, Vec<u16>)> = rows.collect();
        let banner: Vec<(Named, Vec<u16>)> = self.banner.into_iter().filter_map(levelled).collect();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let code = |codes: Option<&Vec<u16>>, own: u32| match (codes, own) {
            (_, 0) => 0,
            (Some(codes), own) => codes[own as usize - 1],
            // A mean has one row, a table without banner no column.
            (None, own) => u16::try_from(own).unwrap_or(0),
        };
        let lines = self.cells.into_iter().enumerate().map(|(variable, pairs)| {
            let row_codes = rows.get(variable).map(|(_, codes)| codes);
            let pairs = pairs.into_iter().enumerate().map(|(place, cells)| {
                let column_codes = banner.get(place).map(|(_, codes)| codes);
                let mut lines: Vec<GroupedLine> = cells
                    .into_iter()
                    .map(|((cluster, row, column), [weight, product, squares, rows])| GroupedLine {
                        cluster,
                        row: code(row_codes, row),
                        column: code(column_codes, column),
                        weight,
                        product,
                        squares,
                        rows,
                    })
                    .collect();
                // Sums must not depend on the order of a hash.
                lines.sort_by_key(|line| (line.cluster, line.row, line.column));
                lines
            });
            pairs.collect()
        });
        let lines = lines.collect();
        let [rows_read, sum, squares] = self.weights;
        let kish = rows_read * squares / (sum * sum);
        let notes = drawn(&design, self.people, kish);
        let means = arguments.means.iter().map(|name| (name.clone(), vec![0.0; count])).collect();
        let strata = self.stratum;
        Ok(Finished {
            design,
            strata,
            rows: rows.into_iter().map(|(row, _)| row).collect(),
            banner: banner.into_iter().map(|(named, _)| named).collect(),
            means,
            lines,
            notes,
        })
    }

    /// The clusters, a row each.
    fn design(&self, file: &DesignFile) -> Result<Design, Error> {
        let of = |part: fn(&Cluster) -> u32| self.clusters.iter().map(part).collect();
        let whole = self.clusters.iter().map(|one| one.population.unwrap_or(f64::NAN)).collect();
        let drawn = file.stages.first();
        let population = match (self.population, drawn.is_some_and(|one| one.population.is_some()))
        {
            (None, _) => None,
            (Some(_), true) => Some(Population::Counts(whole)),
            (Some(_), false) => Some(Population::Fractions(whole)),
        };
        Design::new(DesignInput {
            weights: Weights::Given(vec![1.0; self.clusters.len()]),
            stages: vec![StageInput {
                strata: self.stratum.as_ref().map(|_| of(|one| one.stratum)),
                clusters: Some(of(|one| one.code)),
                population,
            }],
            nest: file.nest,
            single_psu: file.single_psu.unwrap_or(SinglePsu::Fail),
            domain_single_psu: file.domain_single_psu,
        })
    }
}

/// An error with strata by their names in place of codes.
fn named(error: Error, strata: Option<&Coded>) -> Error {
    let mut problems = error.into_problems();
    for problem in &mut problems {
        let level = strata.zip(stratum_in(&problem.place)).and_then(|(own, (_, code))| {
            Some(at_level(&own.name, own.dictionary.level(code)?).into())
        });
        if let Some(level) = level {
            problem.place = level;
        }
    }
    Error::Invalid(problems)
}

/// What a table is made of.
struct Finished {
    design: Design,
    strata: Option<Coded>,
    rows: Vec<Rows>,
    banner: Vec<Named>,
    means: Vec<(String, Vec<f64>)>,
    lines: Vec<Vec<Vec<GroupedLine>>>,
    notes: Vec<Phrase>,
}
