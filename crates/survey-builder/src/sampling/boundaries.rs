//! Strata made from a column of numbers: where one ends and the next begins.

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::problem::phrase;

/// A column in order, with the sums that every cut of it needs.
#[derive(Debug)]
pub struct Ordered {
    values: Vec<f64>,
    /// Where each new value begins.
    starts: Vec<usize>,
    /// Sums of the values less their mean, and of the squares of that, up to a place.
    sums: Vec<(f64, f64)>,
    mean: f64,
}

/// A stratum of a column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its least value.
    pub from: f64,
    /// Its largest value.
    pub to: f64,
    /// How many units it has.
    pub units: u64,
    /// The mean of its values.
    pub mean: f64,
    /// Their standard deviation, with n − 1; zero for one unit.
    pub deviation: f64,
    /// How many of it are to be drawn, if a precision was asked for.
    pub drawn: Option<u64>,
}

/// Strata of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layers {
    /// The strata, from the least values on.
    pub layers: Vec<Layer>,
    /// The coefficient of variation of the estimated total that the numbers drawn give,
    /// if a precision was asked for.
    pub variation: Option<f64>,
}

/// Where strata begin, the second and later, by places among the different values.
type Cuts = Vec<usize>;

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
impl Ordered {
    /// Puts a column into order.
    ///
    /// # Errors
    ///
    /// Fewer different values than strata, or fewer than two strata.
    pub fn new(mut values: Vec<f64>, strata: usize) -> Result<Self, Vec<Problem>> {
        values.sort_by(f64::total_cmp);
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        let is_new = |place: &usize| *place == 0 || values[*place] > values[place - 1];
        let starts: Vec<usize> = (0..values.len()).filter(is_new).collect();
        if strata < 2 || strata > starts.len() {
            return Err(vec![Problem::PlanValue {
                what: phrase("phrase-number-of-strata").into(),
                value: strata.into(),
                bounds: phrase("phrase-from-2-to-different-values")
                    .with("most", starts.len())
                    .into(),
            }]);
        }
        let mut sums = vec![(0.0, 0.0)];
        let (mut sum, mut squares) = (0.0, 0.0);
        for value in &values {
            sum += value - mean;
            squares += (value - mean).powi(2);
            sums.push((sum, squares));
        }
        Ok(Self { values, starts, sums, mean })
    }

    /// Cuts where the cumulated root of the frequencies of `classes` equally wide
    /// classes comes nearest to its equal parts (Dalenius and Hodges, 1959).
    pub fn root_frequency(&self, strata: usize, classes: usize) -> Vec<f64> {
        let (least, most) = (self.values[0], self.values[self.values.len() - 1]);
        let width = (most - least) / classes as f64;
        let edge = |class: usize| least + width * class as f64;
        let mut roots = vec![0.0];
        let mut below = 0;
        for class in 1..=classes {
            let upto = if class == classes {
                self.values.len()
            } else {
                self.values.partition_point(|value| *value < edge(class))
            };
            let last = roots[class - 1];
            roots.push(last + ((upto - below) as f64).sqrt());
            below = upto;
        }
        let part = roots[classes] / strata as f64;
        let mut cuts: Cuts = Vec::new();
        for stratum in 1..strata {
            let aim = part * stratum as f64;
            let above = roots.partition_point(|root| *root < aim).clamp(1, classes);
            let nearer = aim - roots[above - 1] < roots[above] - aim;
            let class = if nearer { above - 1 } else { above };
            let place = self.starts.partition_point(|start| self.values[*start] < edge(class));
            cuts.push(place);
        }
        self.spread(&mut cuts);
        self.points(&cuts)
    }

    /// Cuts that need the smallest sample for a coefficient of variation of the
    /// estimated total when the highest stratum is taken whole and the others have
    /// Neyman's allocation (the aim of Lavallée and Hidiroglou, 1988). They are looked
    /// for by moving one cut at a time from several starting points, which finds the
    /// least where the iteration by formulas can fail (Kozak, 2004).
    pub fn take_all(&self, strata: usize, variation: f64) -> Vec<f64> {
        let found =
            self.starting_points(strata).into_iter().map(|cuts| self.moved(cuts, variation));
        let least = found.min_by(|one, other| one.0.total_cmp(&other.0));
        self.points(&least.map(|(_, cuts)| cuts).unwrap_or_default())
    }

    /// The strata between cuts, with the numbers to draw for a precision, if one is
    /// asked for; `take_all`: the highest is taken whole.
    pub fn layers(&self, points: &[f64], variation: Option<f64>, take_all: bool) -> Layers {
        let cuts: Cuts = points
            .iter()
            .map(|point| self.starts.partition_point(|start| self.values[*start] < *point))
            .collect();
        let bounds = self.bounds(&cuts);
        let mut layers: Vec<Layer> = bounds
            .windows(2)
            .map(|pair| {
                let (units, deviation) = (pair[1] - pair[0], self.deviation(pair[0], pair[1]));
                let sum = self.sums[pair[1]].0 - self.sums[pair[0]].0;
                Layer {
                    from: self.values[pair[0]],
                    to: self.values[pair[1] - 1],
                    units: units as u64,
                    mean: self.mean + sum / units as f64,
                    deviation,
                    drawn: None,
                }
            })
            .collect();
        let reached = variation.map(|variation| {
            let sizes = self.sizes(&bounds, variation, take_all);
            let mut variance = 0.0;
            for (layer, size) in layers.iter_mut().zip(sizes) {
                let units = layer.units as f64;
                let drawn = size.ceil().clamp(1.0, units);
                variance += units * (units - drawn) * layer.deviation.powi(2) / drawn;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "1 to N"
                )]
                let whole = drawn as u64;
                layer.drawn = Some(whole);
            }
            variance.sqrt() / self.total().abs()
        });
        Layers { layers, variation: reached }
    }

    /// The sum of the column.
    pub fn total(&self) -> f64 {
        self.mean * self.values.len() as f64
    }

    /// Where strata begin among the values, and the end.
    fn bounds(&self, cuts: &[usize]) -> Vec<usize> {
        let inner = cuts.iter().map(|cut| self.starts[*cut]);
        std::iter::once(0).chain(inner).chain([self.values.len()]).collect()
    }

    fn points(&self, cuts: &[usize]) -> Vec<f64> {
        cuts.iter().map(|cut| self.values[self.starts[*cut]]).collect()
    }

    fn deviation(&self, from: usize, to: usize) -> f64 {
        let units = (to - from) as f64;
        if to - from < 2 {
            return 0.0;
        }
        let (sum, squares) =
            (self.sums[to].0 - self.sums[from].0, self.sums[to].1 - self.sums[from].1);
        ((squares - sum * sum / units).max(0.0) / (units - 1.0)).sqrt()
    }

    /// Cuts that differ, each stratum with one value at least.
    fn spread(&self, cuts: &mut [usize]) {
        for at in 0..cuts.len() {
            let least = if at == 0 { 1 } else { cuts[at - 1] + 1 };
            cuts[at] = cuts[at].max(least);
        }
        for at in (0..cuts.len()).rev() {
            let most = self.starts.len() - (cuts.len() - at);
            cuts[at] = cuts[at].min(most);
        }
    }

    /// Real sizes by stratum for the precision: those that Neyman's allocation asks
    /// more of than they have are taken whole.
    fn sizes(&self, bounds: &[usize], variation: f64, take_all: bool) -> Vec<f64> {
        let units: Vec<f64> = bounds.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
        let deviations: Vec<f64> =
            bounds.windows(2).map(|pair| self.deviation(pair[0], pair[1])).collect();
        let mut whole: Vec<bool> = vec![false; units.len()];
        if let Some(last) = whole.last_mut().filter(|_| take_all) {
            *last = true;
        }
        let aim = (variation * self.total()).powi(2);
        loop {
            let open = || (0..units.len()).filter(|at| !whole[*at]);
            let spread: f64 = open().map(|at| units[at] * deviations[at]).sum();
            let within: f64 = open().map(|at| units[at] * deviations[at].powi(2)).sum();
            let all = if spread > 0.0 { spread * spread / (aim + within) } else { 0.0 };
            let share = |at: usize| {
                if spread > 0.0 { all * units[at] * deviations[at] / spread } else { 0.0 }
            };
            let over: Vec<usize> = open().filter(|at| share(*at) > units[*at]).collect();
            if over.is_empty() {
                let size = |at: usize| if whole[at] { units[at] } else { share(at) };
                return (0..units.len()).map(size).collect();
            }
            for at in over {
                whole[at] = true;
            }
        }
    }

    fn size(&self, cuts: &[usize], variation: f64) -> f64 {
        // A stratum in which nothing varies needs one.
        let sizes = self.sizes(&self.bounds(cuts), variation, true);
        sizes.into_iter().map(|size| size.max(1.0)).sum()
    }

    /// By the cumulated root, by equal numbers, by equal ratios, and with few or many
    /// taken whole.
    fn starting_points(&self, strata: usize) -> Vec<Cuts> {
        let values = self.starts.len();
        let place = |point: f64| self.starts.partition_point(|start| self.values[*start] < point);
        let inner = 1..strata;
        let root = self.root_frequency(strata, (strata * 10).max(50));
        let part = |stratum: usize| stratum as f64 / strata as f64;
        let (least, most) = (self.values[0], self.values[self.values.len() - 1]);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part")]
        let at = |part: f64| (values as f64 * part) as usize;
        let mut found: Vec<Cuts> = vec![
            root.into_iter().map(place).collect(),
            inner.clone().map(|stratum| at(part(stratum))).collect(),
            inner.clone().map(|stratum| at(part(stratum).sqrt())).collect(),
            inner.clone().map(|stratum| at(1.0 - (1.0 - part(stratum)).powi(3))).collect(),
        ];
        if least > 0.0 {
            let ratio = |stratum: usize| place(least * (most / least).powf(part(stratum)));
            found.push(inner.map(ratio).collect());
        }
        for cuts in &mut found {
            self.spread(cuts);
        }
        found
    }

    /// Moves one cut at a time by ever smaller steps while that helps.
    fn moved(&self, mut cuts: Cuts, variation: f64) -> (f64, Cuts) {
        let mut best = self.size(&cuts, variation);
        let mut step = (self.starts.len() / 4).max(1);
        loop {
            let mut better = false;
            for at in 0..cuts.len() {
                let low = if at == 0 { 1 } else { cuts[at - 1] + 1 };
                let high = cuts.get(at + 1).copied().unwrap_or(self.starts.len()) - 1;
                let own = cuts[at];
                for other in [own.saturating_sub(step).max(low), (own + step).min(high)] {
                    cuts[at] = other;
                    let size = self.size(&cuts, variation);
                    if size < best - 1e-12 {
                        best = size;
                        better = true;
                        break;
                    }
                    cuts[at] = own;
                }
            }
            if better {
                continue;
            }
            if step == 1 {
                return (best, cuts);
            }
            step /= 2;
        }
    }
}

/// The number of the stratum of a value, from 1; `points` begin the second and later.
pub fn stratum_of(points: &[f64], value: f64) -> usize {
    points.partition_point(|point| *point <= value) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::random::Seed;

    #[test]
    fn the_cumulated_root_is_that_of_the_textbook() {
        // Industrial loans as a share of all loans of 13,435 banks, in classes of five
        // per cent (Cochran, 1977, section 5A.7): five strata end at 5, 15, 25 and 45.
        let banks = [
            3_464, 2_516, 2_157, 1_581, 1_142, 746, 512, 376, 265, 207, 126, 107, 82, 50, 39, 25,
            16, 19, 2, 3,
        ];
        let values: Vec<f64> = (0_u32..)
            .zip(banks)
            .flat_map(|(class, count)| std::iter::repeat_n(2.5 + 5.0 * f64::from(class), count))
            .collect();
        assert_eq!(values.len(), 13_435);
        let ordered = Ordered::new(values, 5).expect("twenty values");
        assert_eq!(ordered.root_frequency(5, 20), [7.5, 17.5, 27.5, 47.5]);
        let layers = ordered.layers(&[7.5, 17.5, 27.5, 47.5], None, false).layers;
        assert_eq!(
            layers.iter().map(|layer| layer.units).collect::<Vec<_>>(),
            [3_464, 4_673, 2_723, 1_899, 676]
        );
    }

    /// Skewed as turnovers are.
    fn turnovers(count: usize, seed: u64) -> Vec<f64> {
        let mut stream = Seed(seed).stream(9, 1);
        (0..count).map(|_| (100.0 / (1.0 - stream.uniform()).powf(0.9)).round()).collect()
    }

    #[test]
    fn the_smallest_sample_is_found() {
        for seed in 0..6 {
            let ordered = Ordered::new(turnovers(45, seed), 3).expect("values");
            let values = ordered.starts.len();
            for variation in [0.02, 0.05, 0.1] {
                let least = (1..values - 1)
                    .flat_map(|one| (one + 1..values).map(move |two| vec![one, two]))
                    .map(|cuts| ordered.size(&cuts, variation))
                    .fold(f64::INFINITY, f64::min);
                let points = ordered.take_all(3, variation);
                let cuts: Cuts = points
                    .iter()
                    .map(|point| ordered.starts.partition_point(|at| ordered.values[*at] < *point))
                    .collect();
                let found = ordered.size(&cuts, variation);
                assert!(found <= least * 1.01 + 1e-9, "{found} over {least} at {variation}");
            }
        }
    }

    #[test]
    fn numbers_reach_the_precision() {
        let ordered = Ordered::new(turnovers(5_000, 3), 5).expect("values");
        let points = ordered.take_all(5, 0.03);
        let found = ordered.layers(&points, Some(0.03), true);
        assert!(found.variation.is_some_and(|variation| variation <= 0.03), "{found:?}");
        let top = found.layers[4];
        assert_eq!(top.drawn, Some(top.units));
        let drawn = |layers: &Layers| layers.layers.iter().filter_map(|one| one.drawn).sum::<u64>();
        let root = ordered.layers(&ordered.root_frequency(5, 50), Some(0.03), false);
        assert!(drawn(&found) <= drawn(&root), "{} over {}", drawn(&found), drawn(&root));
        let units: u64 = found.layers.iter().map(|layer| layer.units).sum();
        assert_eq!(units, 5_000);
    }

    #[test]
    fn values_know_their_stratum() {
        let points = [10.0, 20.0];
        assert_eq!([9.9, 10.0, 19.0, 20.0].map(|value| stratum_of(&points, value)), [1, 2, 2, 3]);
        assert!(Ordered::new(vec![1.0, 1.0, 2.0], 3).is_err());
        assert!(Ordered::new(Vec::new(), 2).is_err());
    }
}
