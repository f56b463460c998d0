//! Degrees of freedom of the difference of two domains.
//!
//! Clusters minus strata are as many as a variance has only where clusters weigh alike and both domains
//! lie in the same ones. In general the variance of a mean is a quadratic form in the means of its
//! clusters; if those vary alike about the domain's mean, the first two moments of the form say which
//! multiple of χ² it resembles (Satterthwaite 1946; Bell and `McCaffrey` 2002, for whom that is the working
//! model). With β a cluster's share of the weight of its domain, the scores have the covariance
//! S = diag(β²) − β²β′ − ββ²′ + Σβ²·ββ′, and with Q the form (deviations from the stratum's mean, times its
//! factor) the degrees of freedom are tr(QS)²/tr(QSQS). For equal clusters that is clusters minus strata.

use crate::design::{Design, Stage};
use crate::variance::linearization::{Contribution, contribution};

/// Shares below this leave so many degrees of freedom that clusters minus strata will do.
const SMALL_SHARE: f64 = 1e-3;

/// How strata enter the variance.
pub(crate) struct Form<'a> {
    stage: &'a Stage,
    /// By stratum, the factor and whether deviations are from the stratum's mean.
    terms: Vec<(f64, bool)>,
}

impl<'a> Form<'a> {
    /// The form of the variance in the first stage. Strata without a variance of their own add nothing.
    pub(crate) fn new(design: &'a Design) -> Self {
        let stage = &design.stages()[0];
        let term = |stratum| match contribution(design, stage, stratum, None) {
            Ok(Contribution::Centred(factor)) => (factor, true),
            Ok(Contribution::Uncentred(factor)) => (factor, false),
            _ => (0.0, true),
        };
        Self { stage, terms: (0..stage.stratum_count()).map(term).collect() }
    }

    /// The sums of a vector by cluster in each stratum.
    fn by_stratum(&self, values: &[f64]) -> Vec<f64> {
        let strata = 0..self.terms.len();
        strata.map(|stratum| sum(&values[self.stage.clusters_of(stratum)])).collect()
    }

    /// Q times a vector by cluster, which has these sums by stratum.
    fn times(&self, values: &[f64], sums: &[f64]) -> Vec<f64> {
        let mut found = Vec::with_capacity(values.len());
        for (stratum, (&(factor, centred), sum)) in self.terms.iter().zip(sums).enumerate() {
            let own = &values[self.stage.clusters_of(stratum)];
            let mean = if centred { sum / own.len() as f64 } else { 0.0 };
            found.extend(own.iter().map(|value| factor * (value - mean)));
        }
        found
    }

    /// What tr(QΔQΔ′) takes from one of the two: squares by cluster and their sums by stratum.
    fn scaled(&self, squares: &[f64], by_stratum: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut scaled = Vec::with_capacity(squares.len());
        let mut sums = Vec::with_capacity(by_stratum.len());
        for (stratum, (&(factor, centred), sum)) in self.terms.iter().zip(by_stratum).enumerate() {
            let own = &squares[self.stage.clusters_of(stratum)];
            let inverse = if centred { 1.0 / own.len() as f64 } else { 0.0 };
            let squared = factor * factor;
            scaled.extend(own.iter().map(|square| squared * (1.0 - 2.0 * inverse) * square));
            sums.push(squared * inverse * inverse * sum);
        }
        (scaled, sums)
    }

    /// tr(QΔ), from the sums of Δ by stratum. With squared shares that is the variance itself under the working
    /// model, without what is sampled whole.
    fn diagonal(&self, sums: &[f64]) -> f64 {
        let stratum = |(stratum, (&(factor, centred), sum)): (usize, (&(f64, bool), &f64))| {
            let clusters = self.stage.clusters_of(stratum).len() as f64;
            let kept = if centred { 1.0 - 1.0 / clusters } else { 1.0 };
            factor * kept * sum
        };
        self.terms.iter().zip(sums).enumerate().map(stratum).sum()
    }
}

/// How a domain is spread over the clusters of the first stage.
pub(crate) struct Reach {
    /// Its degrees of freedom: by the working model, at most clusters minus strata.
    pub(crate) degrees: f64,
    /// What the variance is on average of what it estimates, under the working model; at most one. Its
    /// scores are about the found mean, which large clusters draw to themselves.
    kept: f64,
    /// Moments of the form; none where no cluster weighs much.
    moments: Option<Moments>,
}

struct Moments {
    /// Squared shares.
    squares: Vec<f64>,
    /// Their sum, and that of each stratum.
    sum_of_squares: f64,
    by_stratum: Vec<f64>,
    /// The squares and these sums as tr(QΔQΔ′) takes them from one of the two: times f²(1 − 2/n) and
    /// f²/n², f the factor and n the clusters of the stratum.
    scaled: Vec<f64>,
    scaled_by_stratum: Vec<f64>,
    shares: Vec<f64>,
    /// Q times shares, and times their squares.
    of_shares: Vec<f64>,
    of_squares: Vec<f64>,
    /// The diagonal of QWKW′Q.
    rest: Vec<f64>,
    /// tr(QS).
    trace: f64,
}

impl Reach {
    /// From the weight of the domain in each cluster, in design order.
    pub(crate) fn new(form: &Form<'_>, weights: &[f64]) -> Self {
        let met = |stratum: &usize| {
            form.stage.clusters_of(*stratum).any(|cluster| weights[cluster] != 0.0)
        };
        let clusters = weights.iter().filter(|weight| **weight != 0.0).count();
        let strata = (0..form.stage.stratum_count()).filter(met).count();
        let plain = clusters.saturating_sub(strata) as f64;
        let inverse = 1.0 / sum(weights);
        let shares: Vec<f64> = weights.iter().map(|weight| weight * inverse).collect();
        if !inverse.is_normal() || !shares.iter().any(|share| share.abs() >= SMALL_SHARE) {
            return Self { degrees: plain, kept: 1.0, moments: None };
        }
        let squares: Vec<f64> = shares.iter().map(|share| share * share).collect();
        let by_stratum = form.by_stratum(&squares);
        let of_shares = form.times(&shares, &form.by_stratum(&shares));
        let of_squares = form.times(&squares, &by_stratum);
        let sum_of_squares = sum(&by_stratum);
        let whole = form.diagonal(&by_stratum);
        let trace =
            whole - 2.0 * dot(&squares, &of_shares) + sum_of_squares * dot(&shares, &of_shares);
        let (scaled, scaled_by_stratum) = form.scaled(&squares, &by_stratum);
        let rest = of_shares
            .iter()
            .zip(&of_squares)
            .map(|(share, square)| share * (sum_of_squares * share - 2.0 * square))
            .collect();
        let moments = Moments {
            squares,
            sum_of_squares,
            by_stratum,
            scaled,
            scaled_by_stratum,
            shares,
            of_shares,
            of_squares,
            rest,
            trace,
        };
        let modelled = trace * trace / moments.product(&moments);
        let degrees = if modelled.is_finite() { modelled.min(plain) } else { plain };
        let kept = trace / whole;
        let kept = if kept > 0.0 { kept.min(1.0) } else { 1.0 };
        Self { degrees, kept, moments: Some(moments) }
    }

    /// tr(QSQS′)/(tr(QS)·tr(QS′)): how far two variances rest on the same deviations.
    fn shared(&self, other: &Self) -> f64 {
        let (Some(one), Some(other)) = (&self.moments, &other.moments) else { return 0.0 };
        let shared = one.product(other) / (one.trace * other.trace);
        if shared.is_finite() { shared.max(0.0) } else { 0.0 }
    }
}

/// By what the intervals of means are to be wider where clusters are unequal, from the weight of each
/// cluster in each mean: the root of what the variance is too small by on average under the working
/// model, Σβ²/tr(QS). Degrees of freedom stay clusters minus strata; the model's own as well would be
/// more than enough, as large clusters vary less than it has them.
///
/// Clusters come stratum by stratum; of each stratum three sums of powers are all that is needed, so any
/// number of means costs one look at the clusters.
pub(crate) struct Widenings<'a> {
    form: &'a Form<'a>,
    means: Vec<Powers>,
}

/// What the clusters of one mean add up to, with b the weight of a cluster.
#[derive(Clone, Default)]
struct Powers {
    /// Σb, Σb², Σb³ of the stratum at hand.
    stratum: [f64; 3],
    /// Σb and Σb² of all.
    whole: [f64; 2],
    /// tr(QΔ(b²)), (b²)′Qb and b′Qb.
    forms: [f64; 3],
}

impl<'a> Widenings<'a> {
    /// Of so many means.
    pub(crate) fn new(form: &'a Form<'a>, means: usize) -> Self {
        Self { form, means: vec![Powers::default(); means] }
    }

    /// A cluster of the stratum at hand, by its weight in each mean.
    pub(crate) fn add(&mut self, weights: &[f64]) {
        for (mean, weight) in self.means.iter_mut().zip(weights) {
            let square = weight * weight;
            mean.stratum[0] += weight;
            mean.stratum[1] += square;
            mean.stratum[2] += square * weight;
        }
    }

    /// Ends a stratum.
    pub(crate) fn end(&mut self, stratum: usize) {
        let (factor, centred) = self.form.terms[stratum];
        let clusters = self.form.stage.clusters_of(stratum).len() as f64;
        let centre = if centred { 1.0 / clusters } else { 0.0 };
        for mean in &mut self.means {
            let [sum, squares, cubes] = std::mem::take(&mut mean.stratum);
            mean.whole[0] += sum;
            mean.whole[1] += squares;
            mean.forms[0] += factor * (1.0 - centre) * squares;
            mean.forms[1] += factor * (cubes - centre * squares * sum);
            mean.forms[2] += factor * (squares - centre * sum * sum);
        }
    }

    /// One factor a mean, 1 and more.
    pub(crate) fn finished(self) -> Vec<f64> {
        let widening = |mean: Powers| {
            let ([sum, squares], [trace, mixed, own]) = (mean.whole, mean.forms);
            let kept = 1.0 + (squares * own / sum - 2.0 * mixed) / (trace * sum);
            // Without a variance nothing is known of it; weights that calibration made negative may
            // bring it above one.
            if kept > 0.0 { 1.0 / kept.min(1.0).sqrt() } else { 1.0 }
        };
        self.means.into_iter().map(widening).collect()
    }
}

/// What an interval is made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    /// Degrees of freedom.
    pub(crate) degrees: f64,
    /// What the standard error is multiplied by.
    pub(crate) widening: f64,
}

impl Reference {
    /// The standard error as it is.
    pub(crate) fn plain(degrees: f64) -> Self {
        Self { degrees, widening: 1.0 }
    }
}

impl Moments {
    /// tr(QSQS′), S = Δ + WKW′ with W = (β², β). Every two columns of a table ask for it: all that
    /// depends on one domain alone is there already.
    fn product(&self, other: &Self) -> f64 {
        let (s, t) = (self.sum_of_squares, other.sum_of_squares);
        // W′QW′.
        let g = [
            [dot(&self.squares, &other.of_squares), dot(&self.squares, &other.of_shares)],
            [dot(&self.shares, &other.of_squares), dot(&self.shares, &other.of_shares)],
        ];
        let mixed = dot(&self.squares, &other.rest) + dot(&other.squares, &self.rest);
        // tr(QΔQΔ′).
        let diagonals =
            dot(&self.scaled, &other.squares) + dot(&self.scaled_by_stratum, &other.by_stratum);
        // K·G and K′·G′, each with K = (0, −1; −1, s).
        let left = [[-g[1][0], -g[1][1]], [s * g[1][0] - g[0][0], s * g[1][1] - g[0][1]]];
        let right = [[-g[0][1], -g[1][1]], [t * g[0][1] - g[0][0], t * g[1][1] - g[1][0]]];
        let outer = left[0][0] * right[0][0]
            + left[0][1] * right[1][0]
            + left[1][0] * right[0][1]
            + left[1][1] * right[1][1];
        diagonals + mixed + outer
    }
}

/// What the degrees of freedom of the difference of two domains depend on beside their variances.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairDegrees {
    degrees: [f64; 2],
    kept: [f64; 2],
    shared: f64,
    most: f64,
}

/// What a difference is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// Degrees of freedom.
    pub(crate) degrees: f64,
    /// By how much its standard error is too small on average; 1 for clusters of one size.
    pub(crate) scale: f64,
}

impl PairDegrees {
    /// Of two domains; `most`: degrees of freedom that replicates bring, which there are no more than.
    pub(crate) fn new(one: &Reach, other: &Reach, most: f64) -> Self {
        Self {
            degrees: [one.degrees, other.degrees],
            kept: [one.kept, other.kept],
            shared: one.shared(other),
            most,
        }
    }

    /// The degrees of freedom and scale, from the variances of the two.
    pub(crate) fn of(&self, variances: [f64; 2]) -> Held {
        let [one, other] = variances;
        let sum = one + other;
        let own = |variance: f64, degrees: f64| {
            if variance == 0.0 { 0.0 } else { variance * variance / degrees }
        };
        let spread = own(one, self.degrees[0])
            + own(other, self.degrees[1])
            + 2.0 * one * other * self.shared;
        let whole = one / self.kept[0] + other / self.kept[1];
        let scale = if sum > 0.0 { (whole / sum).sqrt() } else { 1.0 };
        Held { degrees: (sum * sum / spread).min(self.most), scale }
    }
}

/// The sum, several numbers added up side by side as in [`dot`].
fn sum(values: &[f64]) -> f64 {
    if values.len() < LONG { lanes_of::<4>(values) } else { lanes_of::<16>(values) }
}

fn lanes_of<const SIDE_BY_SIDE: usize>(values: &[f64]) -> f64 {
    let (chunks, rest) = values.as_chunks::<SIDE_BY_SIDE>();
    let mut lanes = [0.0; SIDE_BY_SIDE];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// The sum of products, several of them added up side by side: four where vectors are short, sixteen where
/// they are long and one addition would wait for another.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    if one.len() < LONG { lanes::<4>(one, other) } else { lanes::<16>(one, other) }
}

/// Vectors from here on are long.
const LONG: usize = 128;

fn lanes<const SIDE_BY_SIDE: usize>(one: &[f64], other: &[f64]) -> f64 {
    let ((ones, one), (others, other)) =
        (one.as_chunks::<SIDE_BY_SIDE>(), other.as_chunks::<SIDE_BY_SIDE>());
    let mut lanes = [0.0; SIDE_BY_SIDE];
    for (one, other) in ones.iter().zip(others) {
        for (lane, (one, other)) in lanes.iter_mut().zip(one.iter().zip(other)) {
            *lane += one * other;
        }
    }
    let last: f64 = one.iter().zip(other).map(|(one, other)| one * other).sum();
    lanes.iter().sum::<f64>() + last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DesignInput, SinglePsu, StageInput, Weights};
    use nalgebra::DMatrix;

    fn design(strata: &[u32]) -> Design {
        Design::new(DesignInput {
            weights: Weights::Given(vec![1.0; strata.len()]),
            stages: vec![StageInput { strata: Some(strata.to_vec()), ..StageInput::default() }],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        })
        .expect("a design")
    }

    /// The form and the covariance written out.
    fn written_out(strata: &[u32], weights: &[f64]) -> (DMatrix<f64>, DMatrix<f64>) {
        let size = strata.len();
        let count = |own: u32| strata.iter().filter(|one| **one == own).count() as f64;
        let form = DMatrix::from_fn(size, size, |row, column| {
            let clusters = count(strata[row]);
            let inside = if strata[row] == strata[column] { 1.0 / clusters } else { 0.0 };
            let whole = if row == column { 1.0 } else { 0.0 };
            clusters / (clusters - 1.0) * (whole - inside)
        });
        let sum: f64 = weights.iter().sum();
        let scores = DMatrix::from_fn(size, size, |row, column| {
            let own = if row == column { 1.0 } else { 0.0 };
            weights[row] / sum * (own - weights[column] / sum)
        });
        (form, &scores * scores.transpose())
    }

    fn widening(form: &Form<'_>, weights: &[f64]) -> f64 {
        let mut found = Widenings::new(form, 1);
        for stratum in 0..form.stage.stratum_count() {
            form.stage
                .clusters_of(stratum)
                .for_each(|cluster| found.add(&weights[cluster..=cluster]));
            found.end(stratum);
        }
        found.finished()[0]
    }

    #[test]
    fn intervals_are_wider_by_what_the_matrices_say() {
        let strata = [1, 1, 1, 2, 2, 2, 2];
        let design = design(&strata);
        let form = Form::new(&design);
        for weights in
            [[3.0, 1.0, 0.0, 2.0, 5.0, 0.0, 1.0], [1.0, 80.0, 5.0, 20.0, 5.0, 10.0, 40.0]]
        {
            let (q, s) = written_out(&strata, &weights);
            let sum: f64 = weights.iter().sum();
            let squares = DMatrix::from_fn(7, 7, |row, column| {
                if row == column { (weights[row] / sum).powi(2) } else { 0.0 }
            });
            let expected = ((&q * squares).trace() / (&q * &s).trace()).sqrt();
            let found = widening(&form, &weights);
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            let kept = Reach::new(&form, &weights).kept;
            assert!((found - 1.0 / kept.sqrt()).abs() < 1e-12);
        }
    }

    #[test]
    fn moments_are_those_of_the_matrices() {
        let strata = [1, 1, 1, 2, 2, 2, 2];
        let design = design(&strata);
        let form = Form::new(&design);
        let one = [3.0, 1.0, 0.0, 2.0, 5.0, 0.0, 1.0];
        let other = [0.0, 2.0, 2.0, 1.0, 0.0, 4.0, 1.5];
        let (q, s) = written_out(&strata, &one);
        let (_, t) = written_out(&strata, &other);
        let (a, b) = (Reach::new(&form, &one), Reach::new(&form, &other));
        let own = (&q * &s).trace().powi(2) / (&q * &s * &q * &s).trace();
        assert!((a.degrees - own).abs() < 1e-12, "{} {own}", a.degrees);
        let shared = (&q * &s * &q * &t).trace() / ((&q * &s).trace() * (&q * &t).trace());
        assert!((a.shared(&b) - shared).abs() < 1e-12);
    }

    #[test]
    fn equal_clusters_have_clusters_minus_strata() {
        let design = design(&[1, 1, 1, 2, 2, 2]);
        let form = Form::new(&design);
        let everywhere = Reach::new(&form, &[2.0; 6]);
        assert!((everywhere.degrees - 4.0).abs() < 1e-12);
        // The same clusters: as many as one; others: of two equal variances the sum.
        let same = PairDegrees::new(&everywhere, &everywhere, f64::INFINITY);
        assert!((same.of([1.0, 3.0]).degrees - 4.0).abs() < 1e-12);
        assert!((same.of([1.0, 3.0]).scale - 1.0).abs() < 1e-12);
        let first = Reach::new(&form, &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        let second = Reach::new(&form, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        assert!((widening(&form, &[2.0; 6]) - 1.0).abs() < 1e-12);
        let apart = PairDegrees::new(&first, &second, f64::INFINITY);
        assert!((apart.of([1.0, 1.0]).degrees - 4.0).abs() < 1e-12);
        assert!((apart.of([1.0, 0.0]).degrees - 2.0).abs() < 1e-12);
        assert!((apart.of([3.0, 1.0]).degrees - 16.0 / 5.0).abs() < 1e-12);
    }
}
