//! The lists of a sample's record as a tree: what was drawn from each stratum, and inside each cluster.

use std::collections::{BTreeMap, HashMap};

use nalgebra::{DMatrix, DVector};
use survey_builder::sampling::fielded::{FieldedUnit, StagePlace, Standing};
use survey_builder::sampling::plan::{Method, Stage, StageUnits};
use survey_builder::sampling::selection::nearest::Points;
use survey_builder::sampling::{Sample, SampledUnit};

use super::super::drawn::{Balanced, Drawn, DrawnList, PhaseList, Rule};

/// Where a row is in a list that was drawn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// The list's code.
    pub list: u32,
    /// The member's code, among all members.
    pub member: u32,
    /// Members that answered over the probability of each: the population of the list; infinite with
    /// replacement.
    pub population: f64,
    /// The member's probability, given who answered; none with replacement.
    pub probability: Option<f64>,
}

/// The lists that a row is in, from the first that left something to chance.
#[derive(Debug, Clone, Default)]
pub(super) struct Path {
    pub steps: Vec<Step>,
}

/// The lists of a sample with the rows that are in them.
#[derive(Debug)]
pub(super) struct Tree {
    pub drawn: Drawn,
    /// The names of the lists by their codes.
    pub names: Vec<String>,
    /// One a row; empty for rows without a weight.
    pub paths: Vec<Path>,
    /// Where rows without a weight are put, which are nobody and must not be a cluster more.
    pub somewhere: Step,
    /// Whether every list is like a simple sample.
    plain: bool,
}

/// A unit of the sample on its way down the stages.
struct Entry<'s> {
    unit: &'s SampledUnit,
    places: Vec<StagePlace<'s>>,
    /// Its row, if it has one with a weight.
    row: Option<u32>,
}

/// Where the recursion is.
#[derive(Clone)]
struct Here {
    stage: usize,
    above: f64,
    name: String,
}

struct Builder<'s> {
    sample: &'s Sample,
    stages: Vec<&'s Stage>,
    two_phases: bool,
    tree: Tree,
    members: u32,
}

impl Tree {
    pub(super) fn new<'s>(sample: &'s Sample, units: &[FieldedUnit<'s>], rows: &[usize]) -> Self {
        let mut row_of: HashMap<usize, u32> = HashMap::with_capacity(rows.len());
        for (row, place) in (0_u32..).zip(rows) {
            if units[*place].weight.is_some() {
                row_of.insert(*place, row);
            }
        }
        let entries = entries(sample, units, &row_of);
        let two_phases = units.iter().any(|unit| unit.second.is_some());
        let tree = Self {
            drawn: Drawn { lists: Vec::new(), second: Vec::new() },
            names: Vec::new(),
            paths: vec![Path::default(); rows.len()],
            somewhere: Step { list: 0, member: 0, population: 1.0, probability: Some(1.0) },
            plain: true,
        };
        let mut builder = Builder { sample, stages: sample.stages(), two_phases, tree, members: 0 };
        let all: Vec<&Entry<'s>> = entries.iter().collect();
        builder.lists(&all, &Here { stage: 0, above: 1.0, name: String::new() });
        if two_phases {
            builder.second(units, &row_of);
        }
        let mut tree = builder.tree;
        let first = tree.paths.iter().find_map(|path| path.steps.first());
        tree.somewhere = first.copied().unwrap_or(tree.somewhere);
        tree
    }

    /// How many stages the deepest row has, at least one.
    pub(super) fn depth(&self) -> usize {
        self.paths.iter().map(|path| path.steps.len()).max().unwrap_or(0).max(1)
    }

    /// Where each row is at a depth; where nothing more is drawn below, its member is all there is.
    pub(super) fn steps(&self, depth: usize) -> Vec<Step> {
        let own = |path: &Path| match path.steps.get(depth) {
            Some(step) => *step,
            None => Step {
                population: 1.0,
                probability: Some(1.0),
                ..path.steps.last().copied().unwrap_or(self.somewhere)
            },
        };
        self.paths.iter().map(own).collect()
    }

    /// Whether every list is like a simple sample, with or without replacement.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }
}

/// The units on their way down the stages. One that took another's place stands there, and where it was drawn
/// itself its list still drew it: nobody answered there. So it is with areas in which nothing was listed: they
/// were drawn all the same.
fn entries<'s>(
    sample: &'s Sample,
    units: &[FieldedUnit<'s>],
    row_of: &HashMap<usize, u32>,
) -> Vec<Entry<'s>> {
    let mut entries = Vec::with_capacity(units.len());
    for (place, (own, one)) in sample.units_in_use().zip(units).enumerate() {
        if one.standing == Standing::Replaced {
            continue;
        }
        let row = row_of.get(&place).copied();
        entries.push(Entry { unit: one.unit, places: sample.places(one.unit), row });
        if !std::ptr::eq(own, one.unit) {
            entries.push(Entry { unit: own, places: sample.places(own), row: None });
        }
    }
    let unlisted = sample.unlisted_units().into_iter();
    entries.extend(unlisted.map(|(unit, places)| Entry { unit, places, row: None }));
    entries
}

/// The fewest members whose mean a spread one is compared with, itself among them.
const NEAR: usize = 3;

/// For each place the nearest ones, itself among them.
fn neighbours(places: &[&[f64]], count: usize) -> Vec<Vec<usize>> {
    let width = places.first().map_or(0, |place| place.len());
    let points = Points::new(&places.concat(), width);
    let given = points.given();
    let of = |(own, at): (usize, &&[f64])| {
        let mut near: Vec<usize> =
            points.nearest_to(at, count).into_iter().map(|rank| given[rank] as usize).collect();
        if !near.contains(&own) {
            near.pop();
            near.push(own);
        }
        near
    };
    places.iter().enumerate().map(of).collect()
}

/// How many a list of a second phase drew, and its rows with their probabilities.
type PhaseRows = (usize, Vec<(u32, f64)>);

/// The members of a list, by name, each with its units.
type Members<'e, 's> = BTreeMap<&'s str, Vec<&'e Entry<'s>>>;

impl<'s> Builder<'s> {
    /// Goes through the lists of a stage among these units.
    fn lists<'e>(&mut self, entries: &[&'e Entry<'s>], here: &Here) {
        let mut strata: BTreeMap<&'s str, Members<'e, 's>> = BTreeMap::new();
        for entry in entries {
            let place = entry.places[here.stage];
            strata.entry(place.stratum).or_default().entry(place.member).or_default().push(entry);
        }
        for (stratum, members) in strata {
            let named = [here.name.as_str(), stratum].into_iter().filter(|name| !name.is_empty());
            let name = named.collect::<Vec<_>>().join(" / ");
            let here = Here { name, ..here.clone() };
            self.list(stratum, members, &here);
        }
    }

    fn stage(&self, here: &Here) -> &'s Stage {
        self.stages[here.stage]
    }

    fn list<'e>(&mut self, stratum: &str, members: Members<'e, 's>, here: &Here) {
        let stage = self.stage(here);
        if stage.method.repeats() && self.repeats(&members, here) {
            return self.draws(&members, here);
        }
        let last = here.stage + 1 == self.stages.len();
        let of_units = last && stage.units == StageUnits::Units;
        let by_size = stage.method.size().is_some();
        let is_certain = |units: &Vec<&Entry<'s>>| {
            (by_size || !of_units || stage.starts.is_some())
                && units[0].unit.stages[here.stage].probability >= 1.0
        };
        let (certain, open): (Members<'e, 's>, Members<'e, 's>) =
            members.into_iter().partition(|(_, units)| is_certain(units));
        let unlisted = |units: &Vec<&Entry<'s>>| units[0].places.len() < self.stages.len();
        if of_units || certain.values().any(unlisted) {
            self.certain_members(certain, here);
        } else {
            for (name, units) in certain {
                self.below(&units, name, here.above, here, true);
            }
        }
        if open.is_empty() {
            return;
        }
        if stage.starts.is_some() {
            self.draws(&open, here);
        } else {
            self.open(stratum, open, here);
        }
    }

    /// Whether members of a list may come several times: with minimum repetition only
    /// where one is expected more often than once.
    fn repeats(&self, members: &Members<'_, 's>, here: &Here) -> bool {
        let expected = |units: &Vec<&Entry<'s>>| units[0].unit.stages[here.stage].probability;
        !matches!(self.stage(here).method, Method::Chromy(_))
            || members.values().any(|units| expected(units) > 1.0)
    }

    /// Goes on inside a cluster; one that was certain and is taken whole is a stratum of its own in which
    /// nothing was left to chance.
    fn below(&mut self, units: &[&Entry<'s>], name: &str, above: f64, here: &Here, certain: bool) {
        if units.iter().all(|one| one.row.is_none()) {
            return;
        }
        if here.stage + 1 < self.stages.len() {
            let name = if here.name.is_empty() {
                name.to_owned()
            } else {
                format!("{} / {name}", here.name)
            };
            self.lists(units, &Here { stage: here.stage + 1, above, name });
        } else if certain {
            let rows: Vec<u32> = units.iter().filter_map(|one| one.row).collect();
            if !rows.is_empty() {
                let (list, member) = (self.named(name), self.member());
                self.step(&rows, Step { list, member, population: 1.0, probability: Some(1.0) });
            }
        }
    }

    /// Certain members are strata of their own; where some units did not answer, or areas wait, those who did
    /// stand for all.
    fn certain_members(&mut self, members: Members<'_, 's>, here: &Here) {
        let with_row = |units: &&Vec<&Entry<'s>>| units.iter().any(|one| one.row.is_some());
        let answered = members.values().filter(with_row).count();
        if answered == members.len() || self.two_phases {
            for (name, units) in members {
                self.below(&units, name, here.above, here, true);
            }
        } else if answered > 0 {
            let all = members.len();
            self.add(members, all, here, Rule::Brewer);
        }
    }

    /// Members of which chance decided.
    fn open(&mut self, stratum: &str, members: Members<'_, 's>, here: &Here) {
        let drawn = members.len();
        let rule = match &self.stage(here).method {
            Method::Poisson(_) => Rule::Independent,
            Method::Cube(_) | Method::LocalPivotal(_) => {
                self.balanced(stratum, &members, here).map_or(Rule::Brewer, Rule::Balanced)
            }
            _ => self.pairs(stratum, &members, here).map_or(Rule::Brewer, Rule::Pairs),
        };
        self.add(members, drawn, here, rule);
    }

    /// The joint probabilities of members that answered, where the record has the design's own and the
    /// method draws a fixed number: with m of n answering, πᵢⱼ m(m − 1)/(n(n − 1)).
    fn pairs(&self, stratum: &str, members: &Members<'_, 's>, here: &Here) -> Option<DMatrix<f64>> {
        let fixed = matches!(
            self.stage(here).method,
            Method::Sampford(_)
                | Method::Tille(_)
                | Method::Midzuno(_)
                | Method::MaximumEntropy(_)
                | Method::Chromy(_)
        );
        if !fixed || here.stage > 0 || self.two_phases {
            return None;
        }
        let kept = self.sample.joint.iter().find(|one| one.exact && one.stratum == stratum)?;
        let places: HashMap<&str, usize> =
            kept.members.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let answered =
            members.iter().filter(|(_, units)| units.iter().any(|one| one.row.is_some()));
        let own: Option<Vec<usize>> = answered.map(|(name, _)| places.get(name).copied()).collect();
        let own = own?;
        let (m, n) = (own.len() as f64, members.len() as f64);
        let factor = if n > 1.0 { m * (m - 1.0) / (n * (n - 1.0)) } else { 1.0 };
        let cell = |one: usize, other: usize| factor * kept.matrix[own[one]][own[other]];
        Some(DMatrix::from_fn(own.len(), own.len(), cell))
    }

    /// What the members that answered were balanced on and spread over, where the record says
    /// it.
    fn balanced(&self, stratum: &str, members: &Members<'_, 's>, here: &Here) -> Option<Balanced> {
        if here.stage > 0 || self.two_phases {
            return None;
        }
        let kept = self.sample.auxiliary.iter().find(|one| one.stratum == stratum)?;
        let places: HashMap<&str, usize> =
            kept.members.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let drawn = members.len() as f64;
        let answered: Vec<(usize, f64)> = (members.iter())
            .filter(|(_, units)| units.iter().any(|one| one.row.is_some()))
            .map(|(name, units)| {
                let probability = units[0].unit.stages[here.stage].probability;
                places.get(name).map(|place| (*place, probability))
            })
            .collect::<Option<_>>()?;
        let share = answered.len() as f64 / drawn;
        let width = kept.balance.first().map_or(0, Vec::len);
        let x = DMatrix::from_fn(answered.len(), 1 + width, |row, column| {
            let (place, probability) = answered[row];
            match column {
                0 => 1.0,
                _ => kept.balance[place][column - 1] / (probability * share),
            }
        });
        let off = DVector::from_fn(1 + width, |column, _| match column {
            // The number drawn is fixed; how many answered is no imbalance.
            0 => 0.0,
            _ => kept.totals[column - 1] - x.column(column).sum(),
        });
        let near = if kept.coordinates.is_empty() {
            Vec::new()
        } else {
            let at: Vec<&[f64]> =
                answered.iter().map(|(place, _)| kept.coordinates[*place].as_slice()).collect();
            neighbours(&at, (2 + width).max(NEAR))
        };
        Some(Balanced { x, off, near })
    }

    /// Adds a list of `drawn` members, and goes on inside those that answered.
    fn add(&mut self, members: Members<'_, 's>, drawn: usize, here: &Here, rule: Rule) {
        let code = self.named(&here.name);
        let with_rows = |units: &[&Entry<'s>]| units.iter().any(|one| one.row.is_some());
        let answered = members.values().filter(|units| with_rows(units)).count();
        // Of two phases the first is what was drawn, whoever came through the second.
        let n = if self.two_phases { drawn } else { answered };
        let share = n as f64 / drawn as f64;
        let mut list = DrawnList::new(code, here.stage + 1, here.above, rule);
        list.drawn = n;
        let mut inside = Vec::new();
        for (name, units) in members {
            let probability = units[0].unit.stages[here.stage].probability * share;
            let rows: Vec<u32> = units.iter().filter_map(|one| one.row).collect();
            if self.two_phases || !rows.is_empty() {
                list.left_to_chance += 1.0 - probability;
            }
            if rows.is_empty() {
                continue;
            }
            list.rows.extend(rows.iter().map(|row| (*row, 1.0)));
            list.starts.push(list.rows.len());
            list.probabilities.push(probability);
            let (member, population) = (self.member(), n as f64 / probability);
            let probability_of = Some(probability);
            self.step(&rows, Step { list: code, member, population, probability: probability_of });
            inside.push((name, units, probability));
        }
        if list.members() == 0 {
            return;
        }
        let same = |one: &f64| (one - list.probabilities[0]).abs() < 1e-12;
        self.tree.plain &= matches!(list.rule, Rule::Brewer) && list.probabilities.iter().all(same);
        if matches!(list.rule, Rule::Brewer) && list.probabilities.iter().all(same) {
            let population = n as f64 / list.probabilities[0];
            self.same_population(code, population, &list);
        }
        self.tree.drawn.lists.push(list);
        for (name, units, probability) in inside {
            self.below(&units, name, here.above * probability, here, false);
        }
    }

    /// Rounding must not make the population of one list several.
    fn same_population(&mut self, code: u32, population: f64, list: &DrawnList) {
        let whole = population.round();
        let population = if (population - whole).abs() < 1e-6 * whole { whole } else { population };
        for (row, _) in &list.rows {
            if let Some(step) = self.tree.paths[*row as usize].steps.last_mut()
                && step.list == code
            {
                step.population = population;
            }
        }
    }

    /// Draws with replacement: what comes below each is part of how the draws vary. The
    /// draws of several starts are the starts, each with all that it brought.
    fn draws(&mut self, members: &Members<'_, 's>, here: &Here) {
        let code = self.named(&here.name);
        let mut draws: BTreeMap<(&str, u32), Vec<(u32, f64)>> = BTreeMap::new();
        let by_start = self.stage(here).starts.is_some();
        let mut split = by_start;
        let mut starts: BTreeMap<u32, u32> = BTreeMap::new();
        for (name, units) in members {
            let member = self.member();
            for one in units {
                let Some(row) = one.row else { continue };
                let times: Vec<u32> = one.unit.came.iter().map(|path| path[here.stage]).collect();
                split |= times.len() > 1;
                let share = 1.0 / times.len() as f64;
                for time in times {
                    let member = if by_start { "" } else { name };
                    draws.entry((member, time)).or_default().push((row, share));
                }
                // Degrees of freedom count the starts; a unit of several is of its first.
                let member = match one.unit.came.first().filter(|_| by_start) {
                    Some(path) => *starts.entry(path[here.stage]).or_insert_with(|| self.member()),
                    None => member,
                };
                let population = f64::INFINITY;
                self.step(&[row], Step { list: code, member, population, probability: None });
            }
        }
        if draws.is_empty() {
            return;
        }
        // A cluster that came twice is two draws.
        let several = draws.keys().map(|(name, _)| name).collect::<std::collections::BTreeSet<_>>();
        self.tree.plain &= !split && several.len() == draws.len();
        let mut list = DrawnList::new(code, here.stage + 1, here.above, Rule::Replacement);
        (list.drawn, list.left_to_chance) = (draws.len(), draws.len() as f64);
        for rows in draws.into_values() {
            list.rows.extend(rows);
            list.starts.push(list.rows.len());
            list.probabilities.push(0.0);
        }
        self.tree.drawn.lists.push(list);
    }

    /// The lists of the second phase: those who answered stand for all that were drawn.
    fn second(&mut self, units: &[FieldedUnit<'s>], row_of: &HashMap<usize, u32>) {
        let mut lists: BTreeMap<&str, PhaseRows> = BTreeMap::new();
        for (place, unit) in units.iter().enumerate() {
            let Some((stratum, stage)) = unit.second else { continue };
            let (drawn, rows) = lists.entry(stratum).or_default();
            *drawn += 1;
            rows.extend(row_of.get(&place).map(|row| (*row, stage.probability)));
        }
        for (stratum, (drawn, rows)) in lists {
            if rows.is_empty() {
                continue;
            }
            let share = rows.len() as f64 / drawn as f64;
            let code = self.named(stratum);
            let (rows, probabilities) =
                rows.into_iter().map(|(row, probability)| (row, probability * share)).unzip();
            self.tree.drawn.second.push(PhaseList { code, rows, probabilities });
        }
    }

    fn named(&mut self, name: &str) -> u32 {
        self.tree.names.push(name.to_owned());
        u32::try_from(self.tree.names.len() - 1).unwrap_or(u32::MAX)
    }

    fn member(&mut self) -> u32 {
        self.members += 1;
        self.members
    }

    fn step(&mut self, rows: &[u32], step: Step) {
        for row in rows {
            self.tree.paths[*row as usize].steps.push(step);
        }
    }
}
