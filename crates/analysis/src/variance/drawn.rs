//! Variances of designs that were made from the record of a sample.
//!
//! A list adds the quadratic form of its rule in the totals of its members, times the probabilities of
//! the clusters above (Särndal, Swensson and Wretman 1992, result 4.3.1). With a second phase the first is
//! known from the second alone: the form in the estimated totals, less what the second phase adds to it on
//! average, plus the variance of the second phase (same, result 9.3.1, with the second phase by Brewer's
//! approximation).

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use crate::design::drawn::{Balanced, Drawn, DrawnList, PhaseList, Rule};
use crate::design::unequal::UnequalForm;
use crate::design::{Design, SinglePsu};
use crate::error::Result;
use crate::problem::single_clusters;
use crate::variance::unequal::{Stratum, without_rounding};

impl Drawn {
    /// Covariance of the totals of scores, one column an estimate, and the degrees of freedom of each
    /// variance by what the lists add to it (Satterthwaite 1946): (ΣVₗ)²/ΣVₗ²/(mₗ − 1).
    ///
    /// # Errors
    /// Lists of which one member is known that was not certain, under [`SinglePsu::Fail`].
    pub(crate) fn covariance(
        &self,
        design: &Design,
        scores: &[Vec<f64>],
    ) -> Result<(DMatrix<f64>, Vec<f64>)> {
        let size = scores.len();
        let mut lists = Components { sums: vec![0.0; size], squares: vec![0.0; size] };
        let mut sum: DMatrix<f64> = DMatrix::zeros(size, size);
        let mut squares = vec![0.0; size];
        let mut stages: BTreeMap<usize, Stage> = BTreeMap::new();
        let second = (!self.second.is_empty()).then(|| Phase::new(&self.second, scores));
        for list in &self.lists {
            let z: Vec<DVector<f64>> =
                (0..list.members()).map(|member| list.total(member, scores)).collect();
            for z in &z {
                squares.iter_mut().zip(z.iter()).for_each(|(square, z)| *square += z * z);
            }
            let stage = stages.entry(list.stage).or_insert_with(|| Stage::new(size));
            stage.strata += 1;
            stage.known += 1;
            if list.drawn > 1 || matches!(list.rule, Rule::Independent) {
                let part = match &second {
                    Some(phase) => list.within_phase(&z, phase),
                    None => list.part(&z),
                } * list.above;
                lists.add(&part, list.members());
                stage.part += part;
            } else if list.left_to_chance > 1e-12 || matches!(list.rule, Rule::Replacement) {
                stage.single(list, &z, design.single_psu());
            }
        }
        for (number, stage) in stages {
            if !stage.failing.is_empty() {
                return Err(single_clusters(number, &stage.failing));
            }
            sum += stage.part * (stage.strata as f64 / stage.known as f64);
        }
        if let Some(phase) = &second {
            sum += phase.whole(design.single_psu())?;
        }
        without_rounding(&mut sum, &squares);
        Ok((sum, lists.degrees()))
    }
}

/// What lists add to the variance of each estimate, and the squares of that over members less one.
struct Components {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Components {
    fn add(&mut self, part: &DMatrix<f64>, members: usize) {
        let degrees = members.saturating_sub(1).max(1) as f64;
        for (place, (sum, square)) in self.sums.iter_mut().zip(&mut self.squares).enumerate() {
            let own = part[(place, place)].max(0.0);
            *sum += own;
            *square += own * own / degrees;
        }
    }

    fn degrees(&self) -> Vec<f64> {
        self.sums.iter().zip(&self.squares).map(|(sum, squares)| sum * sum / squares).collect()
    }
}

/// The lists of one stage while they are added up.
struct Stage {
    part: DMatrix<f64>,
    strata: usize,
    known: usize,
    failing: Vec<u32>,
}

impl Stage {
    fn new(size: usize) -> Self {
        Self { part: DMatrix::zeros(size, size), strata: 0, known: 0, failing: Vec::new() }
    }

    /// A list of which one member is known.
    fn single(&mut self, list: &DrawnList, z: &[DVector<f64>], rule: SinglePsu) {
        match rule {
            SinglePsu::Fail => self.failing.push(list.code),
            SinglePsu::Remove | SinglePsu::Certainty => {}
            SinglePsu::Adjust => {
                for z in z {
                    self.part += z * z.transpose() * (list.left_to_chance * list.above);
                }
            }
            SinglePsu::Average => self.known -= 1,
        }
    }
}

impl Balanced {
    /// n/(n − p) Σ(1 − πᵢ)eᵢeᵢ′ with e the residuals of the totals on what was balanced, p
    /// columns, weighted by 1 − π (Deville and Tillé 2005), and the square of what the sample
    /// is off balance times their slopes, as the landing is no part of that; where the sample is spread too,
    /// eᵢ less the mean of its k nearest, and k/(k − 1) times as much (Grafström and Tillé
    /// 2013, section 4; Grafström and Schelin 2014). Where there are not more members than
    /// columns, Brewer's.
    fn covariance(&self, own: &Stratum<'_>) -> DMatrix<f64> {
        let n = own.z.len();
        let root: Vec<f64> = own.p.iter().map(|p| (1.0 - p).max(0.0).sqrt()).collect();
        let scaled =
            DMatrix::from_fn(n, self.x.ncols(), |row, column| root[row] * self.x[(row, column)]);
        let z = DMatrix::from_fn(n, own.size, |row, column| root[row] * own.z[row][column]);
        let decomposed = scaled.clone().svd(true, true);
        let least = decomposed.singular_values.max() * 1e-10;
        let rank = decomposed.rank(least);
        let solved = decomposed.solve(&z, least);
        let Ok(slopes) = solved.and_then(|slopes| if rank < n { Ok(slopes) } else { Err("") })
        else {
            return own.brewer();
        };
        // The balance that the landing could not keep is an error that is known.
        let missed = slopes.transpose() * &self.off;
        let mut sum = &missed * missed.transpose();
        // As rows, each residual times the root of 1 − π.
        let left = z - scaled * slopes;
        let factor = n as f64 / (n - rank) as f64;
        for (row, weight) in root.iter().enumerate() {
            let residual: DVector<f64> = left.row(row).transpose();
            let near = self.near.get(row).map_or(&[][..], Vec::as_slice);
            let weights: f64 = near.iter().map(|other| root[*other] * root[*other]).sum();
            if near.len() < 2 || weights <= 0.0 {
                sum.ger(factor, &residual, &residual, 1.0);
                continue;
            }
            let mut mean: DVector<f64> = DVector::zeros(own.size);
            for other in near {
                mean += left.row(*other).transpose() * root[*other];
            }
            let apart = residual - mean * (weight / weights);
            let k = near.len() as f64;
            sum.ger(factor * k / (k - 1.0), &apart, &apart, 1.0);
        }
        sum
    }
}

impl DrawnList {
    /// The total of each score over a member.
    fn total(&self, member: usize, scores: &[Vec<f64>]) -> DVector<f64> {
        let rows = self.rows_of(member);
        let of = |column: &Vec<f64>| {
            rows.iter().map(|(row, share)| share * column[*row as usize]).sum::<f64>()
        };
        DVector::from_iterator(scores.len(), scores.iter().map(of))
    }

    fn part(&self, z: &[DVector<f64>]) -> DMatrix<f64> {
        let size = z.first().map_or(0, DVector::len);
        let own = Stratum { z, p: &self.probabilities, size };
        match &self.rule {
            Rule::Brewer => own.brewer(),
            Rule::Pairs(joint) => {
                let rows: Vec<usize> = (0..z.len()).collect();
                own.given(joint, &rows, UnequalForm::YatesGrundy)
            }
            Rule::Balanced(balanced) => balanced.covariance(&own),
            Rule::Independent => own.sum_of_squares(|member| 1.0 - self.probabilities[member]),
            Rule::Replacement => {
                let none = vec![0.0; z.len()];
                Stratum { z, p: &none, size }.brewer()
            }
        }
    }

    /// The same of a first phase, from what the second has of it: with a = n/(n − 1)(1 − π), the form is
    /// Σa zz′ − (B T′ + T B′)/n + Σa·TT′/n², B = Σa z, and each product of totals less its covariance in
    /// the second phase.
    fn within_phase(&self, z: &[DVector<f64>], phase: &Phase<'_>) -> DMatrix<f64> {
        let size = phase.scores.len();
        let n = self.drawn as f64;
        let centred = !matches!(self.rule, Rule::Independent);
        let scale = if centred { n / (n - 1.0) } else { 1.0 };
        let factor = |member: usize| scale * (1.0 - self.probabilities[member]);
        let mut form = DMatrix::zeros(size, size);
        let mut all = Cells::default();
        let (mut total, mut weighted) = (DVector::zeros(size), DVector::zeros(size));
        for (member, z) in z.iter().enumerate() {
            let own = phase.cells(self.rows_of(member));
            form += (z * z.transpose() - phase.covariance(&own, &own)) * factor(member);
            total += z;
            weighted += z * factor(member);
            all.add(own, factor(member), size);
        }
        if centred {
            let (plain, times) = (all.plain, all.times);
            let cross = &weighted * total.transpose() - phase.covariance(&times, &plain);
            let squares = &total * total.transpose() - phase.covariance(&plain, &plain);
            form -= (&cross + cross.transpose()) / n;
            form += squares * (scale * self.left_to_chance / (n * n));
        }
        form
    }
}

/// A second phase with the scores.
struct Phase<'a> {
    lists: &'a [PhaseList],
    scores: &'a [Vec<f64>],
    /// By row, its list and its probability there; none for rows outside the phase.
    of_row: Vec<Option<(usize, f64)>>,
}

/// What a set of rows has in each list of a second phase.
type OfLists = BTreeMap<usize, Cell>;

#[derive(Clone)]
struct Cell {
    /// Σz.
    sum: DVector<f64>,
    /// Σ(1 − π)z.
    left: DVector<f64>,
    /// Σ(1 − π)zz′.
    squares: DMatrix<f64>,
}

/// The sums over all members of a list: as they are, and times their factors.
#[derive(Default)]
struct Cells {
    plain: OfLists,
    times: OfLists,
}

impl Cells {
    fn add(&mut self, own: OfLists, factor: f64, size: usize) {
        for (list, cell) in own {
            for (sums, factor) in [(&mut self.plain, 1.0), (&mut self.times, factor)] {
                let sum = sums.entry(list).or_insert_with(|| Cell::new(size));
                sum.sum.axpy(factor, &cell.sum, 1.0);
                sum.left.axpy(factor, &cell.left, 1.0);
                sum.squares += &cell.squares * factor;
            }
        }
    }
}

impl Cell {
    fn new(size: usize) -> Self {
        let sum = DVector::zeros(size);
        Self { left: sum.clone(), squares: DMatrix::zeros(size, size), sum }
    }
}

impl<'a> Phase<'a> {
    fn new(lists: &'a [PhaseList], scores: &'a [Vec<f64>]) -> Self {
        let rows = scores.first().map_or(0, Vec::len);
        let mut of_row = vec![None; rows];
        for (place, list) in lists.iter().enumerate() {
            for (row, probability) in list.rows.iter().zip(&list.probabilities) {
                of_row[*row as usize] = Some((place, *probability));
            }
        }
        Self { lists, scores, of_row }
    }

    fn cells(&self, rows: &[(u32, f64)]) -> OfLists {
        let size = self.scores.len();
        let mut found = OfLists::new();
        for (row, _) in rows {
            let Some((list, probability)) = self.of_row[*row as usize] else { continue };
            let z = DVector::from_iterator(size, self.scores.iter().map(|own| own[*row as usize]));
            let cell = found.entry(list).or_insert_with(|| Cell::new(size));
            cell.left.axpy(1.0 - probability, &z, 1.0);
            cell.squares.ger(1.0 - probability, &z, &z, 1.0);
            cell.sum += z;
        }
        found
    }

    /// The covariance, in the second phase, of the totals of two sets of rows of which one holds the
    /// other: n/(n − 1) Σ(1 − π)(u − ū)(v − v̄)′ by list. `inner` may be times factors.
    fn covariance(&self, inner: &OfLists, outer: &OfLists) -> DMatrix<f64> {
        let size = self.scores.len();
        let mut sum = DMatrix::zeros(size, size);
        for (list, u) in inner {
            let (Some(v), own) = (outer.get(list), &self.lists[*list]) else { continue };
            let n = own.rows.len() as f64;
            if n < 2.0 {
                continue;
            }
            let left: f64 = own.probabilities.iter().map(|probability| 1.0 - probability).sum();
            let part = &u.squares - (&u.left * v.sum.transpose() + &u.sum * v.left.transpose()) / n
                + &u.sum * v.sum.transpose() * (left / (n * n));
            sum += part * (n / (n - 1.0));
        }
        sum
    }

    /// The covariance of the whole totals in the second phase.
    fn whole(&self, rule: SinglePsu) -> Result<DMatrix<f64>> {
        let size = self.scores.len();
        let mut sum = DMatrix::zeros(size, size);
        let (mut known, mut failing) = (0_usize, Vec::new());
        for list in self.lists {
            let z: Vec<DVector<f64>> = (list.rows.iter())
                .map(|row| {
                    let of = self.scores.iter().map(|own| own[*row as usize]);
                    DVector::from_iterator(size, of)
                })
                .collect();
            let own = Stratum { z: &z, p: &list.probabilities, size };
            known += 1;
            if z.len() > 1 {
                sum += own.brewer();
            } else if list.probabilities.iter().any(|probability| *probability < 1.0) {
                match rule {
                    SinglePsu::Fail => failing.push(list.code),
                    SinglePsu::Remove | SinglePsu::Certainty => {}
                    SinglePsu::Adjust => sum += own.sum_of_squares(|_| 1.0 - own.p[0]),
                    SinglePsu::Average => known -= 1,
                }
            }
        }
        if !failing.is_empty() {
            return Err(single_clusters(2, &failing));
        }
        Ok(sum * (self.lists.len() as f64 / known as f64))
    }
}
