//! Each cell against the rest of its row, or of its column where shares are of rows.
//!
//! The rest are those of the same banner who are not in the cell's own group: never a total that holds
//! the cell, which would be compared with itself in part.

use serde::{Deserialize, Serialize};

use crate::design::Design;
use crate::error::{Result, all_or_nothing};
use crate::estimate::Interval;
use crate::estimate::comparison::domain_differences;
use crate::estimate::shares::ShareOf;
use crate::tabulate::rowwise::{has_value, value};
use crate::tabulate::{BannerVariable, BlockKind, RowVariable, TableSpec};

/// Fewer rows than this in the rest are no base.
const ROWS_MIN: usize = 30;

/// A cell's figure less that of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RestDifference {
    /// The cell's column in the table.
    pub column: usize,
    /// The cell's figure minus that of the rest.
    pub value: f64,
    /// Its standard error, from the joint covariance.
    pub standard_error: f64,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Satterthwaite's degrees of freedom of the two domains.
    pub degrees_of_freedom: f64,
    /// Probability of a Student value as far from zero; none where a variance is zero or unknown, or
    /// the rest are too few.
    pub p: Option<f64>,
}

/// For each row variable and row, the difference of each cell from its rest, where there is one; none
/// for shares of the table.
///
/// # Errors
/// As [`super::tabulate`].
pub fn against_rest(
    design: &Design,
    spec: &TableSpec<'_>,
) -> Result<Vec<Vec<Vec<RestDifference>>>> {
    all_or_nothing(spec.problems(design.rows()))?;
    let of_row = |row: &RowVariable<'_>| {
        let of_line = |line: usize| {
            let mut found = Vec::new();
            let mut first = 1;
            for banner in &spec.banner {
                for code in 1..=banner.categories.len() {
                    let cell = Place { row, banner, line, code, column: first + code - 1 };
                    found.extend(cell.difference(design, spec)?);
                }
                first += banner.categories.len();
            }
            Ok(found)
        };
        (0..row.labels().len()).map(of_line).collect()
    };
    spec.rows.iter().map(of_row).collect()
}

/// A cell of the table.
struct Place<'a> {
    row: &'a RowVariable<'a>,
    banner: &'a BannerVariable<'a>,
    line: usize,
    code: usize,
    column: usize,
}

impl Place<'_> {
    fn difference(&self, design: &Design, spec: &TableSpec<'_>) -> Result<Option<RestDifference>> {
        let Self { row, banner, line, code, column } = *self;
        let share_of =
            if row.kind() == BlockKind::Shares { spec.options.share_of } else { ShareOf::Column };
        if share_of == ShareOf::Total {
            return Ok(None);
        }
        let enters = |index: usize| {
            spec.filter.as_ref().is_none_or(|filter| filter[index])
                && banner.codes[index] != 0
                && design.weights()[index] != 0.0
                && has_value(&row.data, index)
        };
        let in_column = |index: usize| usize::from(banner.codes[index]) == code;
        let in_row = |index: usize| value(&row.data, line, index) == 1.0;
        let own = |index: usize| match share_of {
            ShareOf::Row => in_row(index),
            _ => in_column(index),
        };
        let of = |index: usize| match share_of {
            ShareOf::Row => f64::from(u8::from(in_column(index))),
            _ => value(&row.data, line, index),
        };
        let rows = 0..design.rows();
        let group = |wanted: bool| -> Vec<bool> {
            rows.clone().map(|index| enters(index) && own(index) == wanted).collect()
        };
        let domains = [group(true), group(false)];
        if !domains.iter().all(|domain| domain.contains(&true)) {
            return Ok(None);
        }
        let values: Vec<f64> =
            rows.map(|index| if enters(index) { of(index) } else { f64::NAN }).collect();
        let found = domain_differences(design, &values, &domains, &spec.options.estimate())?;
        let many = found.joint.estimates.iter().all(|estimate| estimate.rows >= ROWS_MIN);
        Ok(found.differences.first().map(|one| RestDifference {
            column,
            value: one.value,
            standard_error: one.standard_error,
            interval: one.interval.filter(|_| many),
            degrees_of_freedom: one.degrees_of_freedom,
            p: one.p.filter(|_| many),
        }))
    }
}
