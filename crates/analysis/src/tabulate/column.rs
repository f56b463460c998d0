//! A column of a table: what its sums say, and its cells.

use crate::disclosure::suppression::Disclosure;
use crate::estimate::presentation::{PrecisionFlag, Reason};
use crate::estimate::proportion::{Quantiles, Spread, interval, precision_flag};
use crate::estimate::{EstimateOptions, coefficient_of_variation, is_rounding};
use crate::tabulate::{Base, BlockKind, Cell, TableOptions, mean_method};
use crate::variance::linearization::not_below_zero;

/// One column of a block.
pub(super) struct ColumnSums {
    pub(super) base: Base,
    /// Clusters and strata that meet the base.
    pub(super) met: (usize, usize),
    /// Degrees of freedom by the rule of the table.
    pub(super) degrees: f64,
    /// By row, those that the sample's record brings in place of counted ones.
    pub(super) own_degrees: Vec<Option<f64>>,
    /// By row, what the standard error is multiplied by for intervals.
    pub(super) widenings: Vec<f64>,
    pub(super) values: Vec<Option<f64>>,
    pub(super) variances: Vec<f64>,
    pub(super) rows: Vec<usize>,
    pub(super) base_rows: Vec<usize>,
    pub(super) weighted: Vec<f64>,
    /// Quantiles that depend on the column alone, made when first needed.
    pub(super) quantiles: Option<Quantiles>,
}

/// One estimate made from rows.
pub(super) struct RowEstimate {
    pub(super) value: Option<f64>,
    pub(super) variance: f64,
    pub(super) rows: usize,
    pub(super) base_rows: usize,
    pub(super) weighted: f64,
    /// Degrees of freedom, where they are not counted.
    pub(super) degrees: Option<f64>,
    /// What the standard error is multiplied by for intervals.
    pub(super) widening: f64,
}

impl ColumnSums {
    /// A column whose estimates were made from rows.
    pub(super) fn from_rows(base: Base, met: (usize, usize), rows: &[RowEstimate]) -> Self {
        Self {
            base,
            met,
            degrees: f64::NAN,
            own_degrees: rows.iter().map(|row| row.degrees).collect(),
            widenings: rows.iter().map(|row| row.widening).collect(),
            values: rows.iter().map(|row| row.value).collect(),
            variances: rows.iter().map(|row| row.variance).collect(),
            rows: rows.iter().map(|row| row.rows).collect(),
            base_rows: rows.iter().map(|row| row.base_rows).collect(),
            weighted: rows.iter().map(|row| row.weighted).collect(),
            quantiles: None,
        }
    }

    /// Quantiles for a base of that many rows, made anew only if base or degrees of freedom change.
    fn quantiles(&mut self, options: &EstimateOptions, row: usize) -> Quantiles {
        let rows = self.base_rows[row];
        if let Some(degrees) = self.own_degrees[row] {
            return Quantiles::new(options, degrees, rows, rows);
        }
        match self.quantiles {
            Some(known) if known.answered == rows => known,
            _ => {
                let made = Quantiles::new(options, self.degrees, rows, rows);
                self.quantiles = Some(made);
                made
            }
        }
    }

    /// The cell of a row of this column.
    pub(super) fn cell(&mut self, row: usize, kind: BlockKind, options: &TableOptions) -> Cell {
        let degrees = self.own_degrees[row].unwrap_or(self.degrees);
        let mut cell = Cell {
            value: self.values[row],
            standard_error: None,
            interval: None,
            degrees_of_freedom: degrees,
            design_effect: None,
            effective_rows: None,
            rows: self.rows[row],
            weighted: self.weighted[row],
            reliability: PrecisionFlag::not_assessed(),
            disclosure: Disclosure::Shown,
        };
        let Some(value) = cell.value else { return cell };
        let variance = not_below_zero(self.variances[row]);
        let known = variance.is_finite() && !is_rounding(value, variance.sqrt());
        // Without a single stratum to average over there is no variance, and no number stands for it;
        // nor for what a single cluster, or values that are all alike, say of it.
        cell.standard_error = known.then(|| variance.sqrt());
        let one_cluster = !known && self.met.0 == 1;
        let estimate = options.estimate();
        let quantiles = self.quantiles(&estimate, row);
        if kind == BlockKind::Mean {
            let options = EstimateOptions { interval: mean_method(options.interval), ..estimate };
            let wide = self.widenings[row] * variance.sqrt();
            cell.interval = options.symmetric_with(value, wide, quantiles.multiple);
            let relative = coefficient_of_variation(value, variance.sqrt());
            if self.base_rows[row] > 0 {
                let unknown = if one_cluster || variance.is_nan() { f64::NAN } else { 0.0 };
                let error = cell.standard_error.unwrap_or(unknown);
                cell.reliability = PrecisionFlag::of_mean(self.base_rows[row], relative, error);
            }
            if one_cluster {
                cell.reliability.of_one_cluster();
            }
            return cell;
        }
        let rows = self.base_rows[row] as f64;
        let spread = Spread {
            proportion: value.clamp(0.0, 1.0),
            variance,
            degrees_of_freedom: degrees,
            answered: rows,
            weight_ratio: 1.0,
        };
        let wide = Spread { variance: variance * self.widenings[row].powi(2), ..spread };
        cell.interval = interval(&wide, &estimate, &quantiles);
        let binomial = value * (1.0 - value);
        cell.effective_rows = spread.effective_rows().filter(|_| known || binomial <= 0.0);
        cell.design_effect = (known && binomial > 0.0 && rows > 1.0)
            .then(|| variance * (rows - 1.0) / binomial)
            .filter(|effect| effect.is_finite());
        if options.assess_reliability && one_cluster {
            cell.reliability = PrecisionFlag::unknown(Reason::OneCluster);
        } else if options.assess_reliability {
            cell.reliability = precision_flag(&spread, &quantiles);
        }
        cell
    }
}
