//! Gaps filled from people alike: hot deck within classes, once or several times.
//!
//! A value that is put in is marked, row by row, and the state of the gap stays in the data: nobody takes
//! it for an answer. One filling understates the variance (it treats what was put in as known); several,
//! by the approximate Bayesian bootstrap of Rubin and Schenker (1986), let
//! [`super::imputation::pool`] add what the gaps cost.

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;
use survey_builder::sampling::Seed;
use survey_builder::sampling::random::Stream;

use crate::error::{Error, Problem, Result, all_or_nothing};
use crate::estimate::{Coded, length_problem};
use crate::problem::{Fault, at_level, at_row};

/// A column whose gaps are filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// The values; NaN where there is none and none was to be put in.
    pub values: Vec<f64>,
    /// Whether a value was put in.
    pub imputed: Vec<bool>,
    /// The row that gave it.
    pub donors: Vec<Option<usize>>,
}

/// Fills the gaps of a column from donors of the same class, each drawn with a chance in proportion to
/// its weight (`weights`; none: all alike), so that means stay near unbiased where people answer by
/// chance within classes (Rao and Shao 1992, §2). `needed`: the rows whose gap is to be filled (none:
/// every gap); those who were not asked are none of them.
///
/// # Errors
/// Wrong lengths, needed rows without a class, classes with a gap and no donor: each named.
pub fn hot_deck(
    values: &[f64],
    classes: Coded<'_>,
    weights: Option<&[f64]>,
    needed: Option<&[bool]>,
    seed: Seed,
) -> Result<Filled> {
    let deck = Deck::new(values, classes, weights, needed)?;
    Ok(deck.fill(&mut seed.stream(4, 0), false))
}

/// The column filled `copies` times: for each, donors of a class are drawn from its donors with
/// replacement, as many as there are, and the gaps filled from those, so that the copies differ by what
/// is not known of the class as well (Rubin and Schenker 1986; Rubin 1987, §4.4).
///
/// # Errors
/// As [`hot_deck`]; fewer than two copies.
pub fn approximate_bayesian_bootstrap(
    values: &[f64],
    classes: Coded<'_>,
    needed: Option<&[bool]>,
    copies: usize,
    seed: Seed,
) -> Result<Vec<Filled>> {
    if copies < 2 {
        let problem =
            Fault::range(copies, phrase("phrase-2-or-more")).at(phrase("phrase-input-copies"));
        return Err(Error::Invalid(vec![problem]));
    }
    let deck = Deck::new(values, classes, None, needed)?;
    let one =
        |copy: usize| deck.fill(&mut seed.stream(5, u32::try_from(copy).unwrap_or(u32::MAX)), true);
    Ok((0..copies).map(one).collect())
}

/// Donors and gaps by class.
struct Deck<'a> {
    values: &'a [f64],
    weights: Option<&'a [f64]>,
    /// Rows that have a value.
    donors: Vec<Vec<usize>>,
    /// Rows that need one.
    gaps: Vec<Vec<usize>>,
}

impl<'a> Deck<'a> {
    fn new(
        values: &'a [f64],
        classes: Coded<'_>,
        weights: Option<&'a [f64]>,
        needed: Option<&[bool]>,
    ) -> Result<Self> {
        let rows = values.len();
        let mut problems = classes.problems(phrase("phrase-input-classes"), rows);
        for (name, length) in
            [("weights", weights.map(<[f64]>::len)), ("needed", needed.map(<[bool]>::len))]
        {
            problems
                .extend(length.map_or_else(Vec::new, |length| length_problem(name, length, rows)));
        }
        all_or_nothing(problems)?;
        let mut donors = vec![Vec::new(); classes.levels + 1];
        let mut gaps = vec![Vec::new(); classes.levels + 1];
        for (row, value) in values.iter().enumerate() {
            let class = usize::from(classes.codes[row]);
            if !value.is_nan() {
                if weights.is_none_or(|weights| weights[row] > 0.0) {
                    donors[class].push(row);
                }
            } else if needed.is_none_or(|needed| needed[row]) {
                gaps[class].push(row);
            }
        }
        let mut problems: Vec<Problem> = gaps[0]
            .iter()
            .take(20)
            .map(|row| Fault::DataMissing.at(at_row(phrase("phrase-input-classes"), *row)))
            .collect();
        problems.extend(
            (1..gaps.len()).filter(|&c| !gaps[c].is_empty() && donors[c].is_empty()).map(|class| {
                Fault::ImputationWithoutDonor { gaps: gaps[class].len() }
                    .at(at_level(phrase("phrase-input-classes"), class))
            }),
        );
        all_or_nothing(problems)?;
        Ok(Self { values, weights, donors, gaps })
    }

    fn fill(&self, stream: &mut Stream, bootstrapped: bool) -> Filled {
        let mut filled = Filled {
            values: self.values.to_vec(),
            imputed: vec![false; self.values.len()],
            donors: vec![None; self.values.len()],
        };
        for (donors, gaps) in self.donors.iter().zip(&self.gaps) {
            if gaps.is_empty() || donors.is_empty() {
                continue;
            }
            let again: Vec<usize> = if bootstrapped {
                (0..donors.len()).map(|_| donors[below(stream, donors.len())]).collect()
            } else {
                donors.clone()
            };
            let sums: Option<Vec<f64>> = self.weights.map(|weights| {
                let mut sum = 0.0;
                let add = |&row: &usize| {
                    sum += weights[row];
                    sum
                };
                again.iter().map(add).collect()
            });
            for &gap in gaps {
                let place = match &sums {
                    None => below(stream, again.len()),
                    Some(sums) => {
                        let aim = stream.uniform() * sums[sums.len() - 1];
                        sums.partition_point(|sum| *sum <= aim).min(again.len() - 1)
                    }
                };
                let donor = again[place];
                filled.values[gap] = self.values[donor];
                filled.imputed[gap] = true;
                filled.donors[gap] = Some(donor);
            }
        }
        filled
    }
}

fn below(stream: &mut Stream, bound: usize) -> usize {
    usize::try_from(stream.below(bound as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: f64 = f64::NAN;

    #[test]
    fn gaps_are_filled_from_their_class_and_marked() {
        let values = [1.0, NONE, 2.0, 10.0, NONE, 20.0, NONE];
        let classes = Coded { codes: &[1, 1, 1, 2, 2, 2, 2], levels: 2 };
        let needed = [true, true, true, true, true, true, false];
        let filled = hot_deck(&values, classes, None, Some(&needed), Seed(1)).expect("filled");
        assert!([1.0, 2.0].contains(&filled.values[1]) && [10.0, 20.0].contains(&filled.values[4]));
        assert_eq!(filled.imputed, [false, true, false, false, true, false, false]);
        assert!(filled.values[6].is_nan(), "nobody asked them");
        assert_eq!(filled.donors[1].map(|row| values[row]), Some(filled.values[1]));
        let again = hot_deck(&values, classes, None, Some(&needed), Seed(1)).expect("filled");
        assert_eq!(again.donors, filled.donors);
    }

    #[test]
    fn donors_come_by_their_weights() {
        let mut values = vec![NONE; 20_000];
        values.extend([0.0, 1.0]);
        let mut weights = vec![1.0; 20_000];
        weights.extend([1.0, 3.0]);
        let codes = vec![1; 20_002];
        let classes = Coded { codes: &codes, levels: 1 };
        let filled = hot_deck(&values, classes, Some(&weights), None, Seed(2)).expect("filled");
        let mean = filled.values[..20_000].iter().sum::<f64>() / 20_000.0;
        assert!((mean - 0.75).abs() < 5.0 * (0.1875_f64 / 20_000.0).sqrt(), "{mean}");
    }

    /// With 40 answers and 60 gaps a copy's mean varies as 0.36 times the mean of what is put in: σ²/40
    /// for the donors drawn and σ²(1 − 1/40)/60 for drawing from them, σ² with divisor 40.
    #[test]
    fn copies_differ_by_what_is_not_known() {
        let mut values: Vec<f64> = (0..40).map(|row| f64::from(row % 8)).collect();
        values.extend([NONE; 60]);
        let codes = [1; 100];
        let classes = Coded { codes: &codes, levels: 1 };
        let copies =
            approximate_bayesian_bootstrap(&values, classes, None, 4_000, Seed(3)).expect("copies");
        let means: Vec<f64> =
            copies.iter().map(|copy| copy.values.iter().sum::<f64>() / 100.0).collect();
        let centre = means.iter().sum::<f64>() / 4_000.0;
        let spread = means.iter().map(|mean| (mean - centre).powi(2)).sum::<f64>() / 3_999.0;
        let expected = 0.36 * 5.25 * (1.0 / 40.0 + (1.0 - 1.0 / 40.0) / 60.0);
        assert!((spread / expected - 1.0).abs() < 0.12, "{spread} beside {expected}");
    }

    #[test]
    fn a_class_without_donors_is_named() {
        let classes = Coded { codes: &[1, 1, 2, 0], levels: 2 };
        let told = hot_deck(&[1.0, NONE, NONE, NONE], classes, None, None, Seed(1));
        let Err(Error::Invalid(problems)) = told else { panic!("filled") };
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            told[0].contains("classes, row=4") && told[1].contains("classes, level=2"),
            "{told:?}"
        );
        let classes = Coded { codes: &[1, 1], levels: 1 };
        assert!(approximate_bayesian_bootstrap(&[1.0, NONE], classes, None, 1, Seed(1)).is_err());
    }
}
