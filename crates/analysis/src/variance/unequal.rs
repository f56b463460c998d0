//! Variances of samples drawn without replacement with unequal probabilities, in one stage or, by Brewer's
//! approximation, in several.
//!
//! V = ΣΣ Δᵢⱼ zᵢzⱼ (Horvitz and Thompson 1952) or −½ ΣΣ Δᵢⱼ (zᵢ − zⱼ)² (Yates and Grundy 1953), with
//! Δᵢⱼ = 1 − πᵢπⱼ/πᵢⱼ and the cluster totals z of the weighted scores. Overton's and Hartley and Rao's
//! Δ has the form a + b(πᵢ + πⱼ), so that the double sum is a few single ones.

use nalgebra::{DMatrix, DVector};

use crate::design::unequal::{JointProbabilities, Unequal, UnequalForm, UnequalMethod};
use crate::design::{Design, SinglePsu, Stage};
use crate::error::Result;
use crate::problem::single_clusters;

impl Unequal {
    /// Covariance of the totals of scores; `totals` answers the cluster totals of a stage (clusters ×
    /// estimates, row-major). Stages add up, each times the probabilities of what is above it.
    ///
    /// # Errors
    /// A stratum with a single cluster that was not certain, under [`SinglePsu::Fail`].
    pub(crate) fn covariance(
        &self,
        design: &Design,
        totals: impl Fn(&Stage) -> Vec<f64>,
        size: usize,
    ) -> Result<DMatrix<f64>> {
        let mut sum: DMatrix<f64> = DMatrix::zeros(size, size);
        let mut squares = vec![0.0; size];
        let mut above: Vec<f64> = vec![1.0; design.stages()[0].stratum_count()];
        for (place, stage) in design.stages().iter().enumerate() {
            let (totals, p) = (totals(stage), &self.probabilities[place]);
            let (mut known, mut strata, mut failing) = (0_usize, 0_usize, Vec::new());
            for (place, squares) in squares.iter_mut().enumerate() {
                *squares += totals.iter().skip(place).step_by(size).map(|z| z * z).sum::<f64>();
            }
            let mut part: DMatrix<f64> = DMatrix::zeros(size, size);
            for (stratum, &fraction) in above.iter().enumerate() {
                let clusters = stage.clusters_of(stratum);
                let z: Vec<DVector<f64>> = clusters
                    .clone()
                    .map(|c| DVector::from_column_slice(&totals[c * size..(c + 1) * size]))
                    .collect();
                let own = Stratum { z: &z, p: &p[clusters.clone()], size };
                strata += 1;
                known += 1;
                if z.len() > 1 {
                    part += self.of_stratum(&own, clusters) * fraction;
                } else if own.p[0] < 1.0 {
                    match design.single_psu() {
                        SinglePsu::Fail => failing.push(stage.stratum_code(stratum)),
                        SinglePsu::Remove | SinglePsu::Certainty => {}
                        SinglePsu::Adjust => {
                            part += own.sum_of_squares(|_| 1.0 - own.p[0]) * fraction;
                        }
                        SinglePsu::Average => known -= 1,
                    }
                }
            }
            if !failing.is_empty() {
                failing.dedup();
                return Err(single_clusters(place + 1, &failing));
            }
            sum += part * (strata as f64 / known as f64);
            if let Some(next) = design.stages().get(place + 1) {
                let of_cluster = stage.stratum_of_cluster();
                above = (0..next.stratum_count())
                    .map(|stratum| {
                        let parent = next.parent_of(stratum) as usize;
                        above[of_cluster[parent] as usize] * p[parent]
                    })
                    .collect();
            }
        }
        without_rounding(&mut sum, &squares);
        Ok(sum)
    }

    fn of_stratum(&self, part: &Stratum<'_>, clusters: std::ops::Range<usize>) -> DMatrix<f64> {
        let n = part.z.len() as f64;
        match &self.method {
            UnequalMethod::Brewer => part.brewer(),
            UnequalMethod::Joint(JointProbabilities::Given(matrix), form) => {
                part.given(matrix, &self.first_rows[clusters], *form)
            }
            UnequalMethod::Joint(JointProbabilities::Overton, form) => {
                part.separable(-1.0 / (n - 1.0), 0.5 / (n - 1.0), *form)
            }
            UnequalMethod::Joint(
                JointProbabilities::HartleyRao { sum_of_squares_over_size: known },
                form,
            ) => {
                let squares = known.unwrap_or(part.p.iter().sum::<f64>() / n);
                part.separable((-1.0 - squares) / (n - 1.0), 1.0 / (n - 1.0), *form)
            }
        }
    }
}

/// The forms by pairs can give a sample a variance below zero, which stays; what rounding leaves of the
/// `squares` summed is zero.
pub(crate) fn without_rounding(covariance: &mut DMatrix<f64>, squares: &[f64]) {
    for (place, squares) in squares.iter().enumerate() {
        let variance = &mut covariance[(place, place)];
        if *variance < 0.0 && *variance > -1e-12 * squares {
            *variance = 0.0;
        }
    }
}

/// The cluster totals and probabilities of one stratum.
pub(crate) struct Stratum<'a> {
    pub z: &'a [DVector<f64>],
    pub p: &'a [f64],
    pub size: usize,
}

impl Stratum<'_> {
    pub(crate) fn sum_of_squares(&self, factor: impl Fn(usize) -> f64) -> DMatrix<f64> {
        let mut sum = DMatrix::zeros(self.size, self.size);
        for (place, z) in self.z.iter().enumerate() {
            sum.ger(factor(place), z, z, 1.0);
        }
        sum
    }

    fn total(&self, factor: impl Fn(usize) -> f64) -> DVector<f64> {
        let mut sum = DVector::zeros(self.size);
        for (place, z) in self.z.iter().enumerate() {
            sum.axpy(factor(place), z, 1.0);
        }
        sum
    }

    pub(crate) fn brewer(&self) -> DMatrix<f64> {
        let n = self.z.len() as f64;
        let mean = self.total(|_| 1.0) / n;
        let centred: Vec<DVector<f64>> = self.z.iter().map(|z| z - &mean).collect();
        let part = Stratum { z: &centred, ..*self };
        part.sum_of_squares(|place| n / (n - 1.0) * (1.0 - self.p[place]))
    }

    /// Δᵢⱼ = a + b(πᵢ + πⱼ) for i ≠ j.
    fn separable(&self, a: f64, b: f64, form: UnequalForm) -> DMatrix<f64> {
        let (sum, weighted) = (self.total(|_| 1.0), self.total(|place| self.p[place]));
        let pairs = (&sum * sum.transpose() - self.sum_of_squares(|_| 1.0)) * a
            + (&weighted * sum.transpose() + &sum * weighted.transpose()
                - self.sum_of_squares(|place| 2.0 * self.p[place]))
                * b;
        let (n, all) = (self.z.len() as f64, self.p.iter().sum::<f64>());
        pairs
            + match form {
                UnequalForm::HorvitzThompson => self.sum_of_squares(|place| 1.0 - self.p[place]),
                UnequalForm::YatesGrundy => self.sum_of_squares(|place| {
                    -(a * (n - 1.0) + b * ((n - 2.0) * self.p[place] + all))
                }),
            }
    }

    /// Each pair has its own πᵢⱼ, so each is gone through.
    pub(crate) fn given(
        &self,
        joint: &DMatrix<f64>,
        rows: &[usize],
        form: UnequalForm,
    ) -> DMatrix<f64> {
        let mut sum = DMatrix::zeros(self.size, self.size);
        for one in 0..self.z.len() {
            for other in 0..self.z.len() {
                let both = joint[(rows[one], rows[other])];
                if one == other {
                    if form == UnequalForm::HorvitzThompson {
                        sum.ger(1.0 - self.p[one], &self.z[one], &self.z[one], 1.0);
                    }
                    continue;
                }
                let delta = 1.0 - self.p[one] * self.p[other] / both;
                sum.ger(delta, &self.z[one], &self.z[other], 1.0);
                if form == UnequalForm::YatesGrundy {
                    sum.ger(-delta, &self.z[one], &self.z[one], 1.0);
                }
            }
        }
        sum
    }
}
