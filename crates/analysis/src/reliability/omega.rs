//! The coefficient omega: reliability from a factor model of the items (`McDonald` 1999).

use serde::{Deserialize, Serialize};

use super::factor::{FactorMethod, Factors, factors, oblimin};
use super::halves::lambdas;
use super::{MissingItems, correlations, item_covariances};
use crate::error::Result;

/// Omega with the model it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Omega {
    /// 1 − Σψ / ΣR: all that is common.
    pub total: f64,
    /// (Σg)² / ΣR: what the general factor gives.
    pub hierarchical: f64,
    /// Hierarchical ÷ total: its value for ever more such items.
    pub limit: f64,
    /// α from correlations.
    pub alpha: f64,
    /// Guttman's λ₆; none where the correlations are singular.
    pub lambda6: Option<f64>,
    /// The items in the model of a general factor and group factors.
    pub items: Vec<HierarchicalItem>,
    /// Items whose uniqueness was held at the least that is allowed (a Heywood case), by place.
    pub at_limit: Vec<usize>,
}

/// One item in a model of a general factor and group factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HierarchicalItem {
    /// Loading on the general factor.
    pub general: f64,
    /// Loadings on the group factors.
    pub groups: Vec<f64>,
    /// Share that is common.
    pub communality: f64,
    /// Share that is its own.
    pub uniqueness: f64,
    /// Share of the communality that is general.
    pub general_share: f64,
}

/// Omega of items with `count` factors.
///
/// One factor is the general one. Several are rotated by oblimin and turned into a general factor and
/// group factors by Schmid and Leiman (1957); two are taken to load alike on the general one (Zinbarg
/// and others 2005).
///
/// # Errors
/// As [`super::cronbach_alpha`]; as many factors as items or more, or factors that do not settle.
pub fn mcdonald_omega(
    items: &[&[f64]],
    missing: MissingItems,
    count: usize,
    method: FactorMethod,
) -> Result<Omega> {
    let (covariances, _) = item_covariances(items, missing)?;
    let matrix = correlations(&covariances);
    let sum = matrix.sum();
    let bounds = lambdas(&matrix);
    let solution = factors(&matrix, count, method)?;
    let items =
        if count == 1 { single(&solution) } else { schmid_leiman(&solution, count, method)? };
    let own: f64 = items.iter().map(|item| item.uniqueness).sum();
    let general: f64 = items.iter().map(|item| item.general).sum();
    let (total, hierarchical) = (1.0 - own / sum, general * general / sum);
    Ok(Omega {
        total,
        hierarchical,
        limit: hierarchical / total,
        alpha: bounds.lambda3,
        lambda6: bounds.lambda6,
        items,
        at_limit: solution.at_limit,
    })
}

fn item(general: f64, groups: Vec<f64>, uniqueness: f64) -> HierarchicalItem {
    let communality = 1.0 - uniqueness;
    HierarchicalItem {
        general,
        groups,
        communality,
        uniqueness,
        general_share: general * general / communality,
    }
}

fn single(solution: &Factors) -> Vec<HierarchicalItem> {
    let loadings = solution.loadings.column(0);
    let own = &solution.uniquenesses;
    loadings.iter().zip(own).map(|(&general, &own)| item(general, vec![0.0], own)).collect()
}

fn schmid_leiman(
    solution: &Factors,
    count: usize,
    method: FactorMethod,
) -> Result<Vec<HierarchicalItem>> {
    let oblique = oblimin(&solution.loadings)?;
    let second: Vec<f64> = if count == 2 {
        vec![oblique.correlations[(0, 1)].max(0.0).sqrt(); 2]
    } else {
        factors(&oblique.correlations, 1, method)?.loadings.column(0).iter().copied().collect()
    };
    Ok(oblique
        .pattern
        .row_iter()
        .zip(&solution.uniquenesses)
        .map(|(row, &own)| {
            let general = row.iter().zip(&second).map(|(loading, second)| loading * second).sum();
            let groups = row
                .iter()
                .zip(&second)
                .map(|(loading, second)| loading * (1.0 - second * second).max(0.0).sqrt())
                .collect();
            item(general, groups, own)
        })
        .collect())
}

/// A one-factor model of the items' covariances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneFactor {
    /// (Σλ)² / ((Σλ)² + Σθ) (`McDonald` 1999).
    pub omega: f64,
    /// Loadings in the unit of each item, the factor having variance one.
    pub loadings: Vec<f64>,
    /// What each item has of its own, at least 0.005 of its variance.
    pub residual_variances: Vec<f64>,
}

/// One factor by maximum likelihood on the covariances with divisor n, as lavaan's `cfa` has it.
///
/// # Errors
/// As [`mcdonald_omega`].
pub fn one_factor_omega(items: &[&[f64]], missing: MissingItems) -> Result<OneFactor> {
    let (covariances, rows) = item_covariances(items, missing)?;
    let matrix = correlations(&covariances);
    let solution = factors(&matrix, 1, FactorMethod::MaximumLikelihood)?;
    let divisor = (rows as f64 - 1.0) / rows as f64;
    let variances: Vec<f64> = covariances.diagonal().iter().map(|v| v * divisor).collect();
    let loadings: Vec<f64> = solution
        .loadings
        .column(0)
        .iter()
        .zip(&variances)
        .map(|(loading, variance)| loading * variance.sqrt())
        .collect();
    let residual_variances: Vec<f64> =
        solution.uniquenesses.iter().zip(&variances).map(|(own, v)| own * v).collect();
    let common = loadings.iter().sum::<f64>().powi(2);
    let omega = common / (common + residual_variances.iter().sum::<f64>());
    Ok(OneFactor { omega, loadings, residual_variances })
}
