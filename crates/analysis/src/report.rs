//! What a reader must be told beside the tables, as plain data.
//!
//! Pages and files are made elsewhere, in the reader's language; here it is decided what they hold. The
//! facts are those that AAPOR's Transparency Initiative asks for; one that is not known is listed as not
//! stated, never left out. Only what may be shown goes into a report.

use serde::{Deserialize, Serialize};

use crate::estimate::IntervalMethod;
use crate::tabulate::Table;
use crate::weighting::diagnostics::WeightingDiagnostics;

/// How people came into the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleType {
    /// Every unit had a known chance above zero.
    Probability,
    /// Chances are not known (open links, quotas, panels of volunteers).
    Nonprobability,
}

/// The facts of a method statement, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKey {
    /// Who paid.
    Sponsor,
    /// Who did the work.
    ConductedBy,
    /// The population it is about.
    Population,
    /// The list the sample was drawn from.
    Frame,
    /// How the sample was drawn.
    SampleDesign,
    /// How people were asked.
    Mode,
    /// From when to when.
    FieldPeriod,
    /// In which languages.
    Languages,
    /// The questionnaire and its version.
    Questionnaire,
    /// Incentives given.
    Incentives,
    /// How quality was checked.
    QualityControl,
    /// What the study cannot say.
    Limitations,
    /// Whom to ask.
    Contact,
}

impl FactKey {
    /// Every fact.
    pub const ALL: [Self; 13] = [
        Self::Sponsor,
        Self::ConductedBy,
        Self::Population,
        Self::Frame,
        Self::SampleDesign,
        Self::Mode,
        Self::FieldPeriod,
        Self::Languages,
        Self::Questionnaire,
        Self::Incentives,
        Self::QualityControl,
        Self::Limitations,
        Self::Contact,
    ];
}

/// A fact of the method statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which.
    pub key: FactKey,
    /// What is known; none: not stated.
    pub value: Option<String>,
}

/// An outcome rate of the fieldwork, as the caller worked it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeRate {
    /// AAPOR's name, such as `RR2`.
    pub name: String,
    /// The rate, 0 to 1; none: it has no denominator.
    pub value: Option<f64>,
}

/// What is known of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudyFacts {
    /// Its title.
    pub title: String,
    /// How people came into the sample.
    pub sample_type: SampleType,
    /// What is known, in any order; the rest counts as not stated.
    pub facts: Vec<(FactKey, String)>,
    /// Outcome rates.
    pub rates: Vec<OutcomeRate>,
    /// Steps of weighting, in order.
    pub weighting: Vec<WeightingDiagnostics>,
    /// Completed responses.
    pub completes: usize,
}

/// What the intervals of a report are called and rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrecisionWording {
    /// Sampling error of a probability sample.
    MarginOfSamplingError,
    /// An interval that rests on a model of who took part; never called a margin of error (AAPOR 2016).
    ModelBasedInterval,
}

/// A statement of how the figures were made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// What to call the intervals.
    pub wording: PrecisionWording,
    /// Confidence levels in use.
    pub confidence: Vec<f64>,
    /// Interval methods in use.
    pub intervals: Vec<IntervalMethod>,
    /// Smallest and largest design effect of the shares shown.
    pub design_effects: Option<(f64, f64)>,
    /// Kish's design effect of the final weights.
    pub weighting_effect: Option<f64>,
    /// Completes ÷ that.
    pub effective_completes: Option<f64>,
}

/// A report: everything a page or file shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// How people came into the sample.
    pub sample_type: SampleType,
    /// Completed responses.
    pub completes: usize,
    /// All facts, in order; those without a value are "not stated".
    pub facts: Vec<Fact>,
    /// Outcome rates.
    pub rates: Vec<OutcomeRate>,
    /// Steps of weighting.
    pub weighting: Vec<WeightingDiagnostics>,
    /// How sure the figures are.
    pub precision: Precision,
    /// The tables, with what may not be shown taken out.
    pub tables: Vec<Table>,
    /// Figures that rules took out of the tables.
    pub hidden_cells: usize,
}

/// Puts a report together.
pub fn report(study: &StudyFacts, tables: &[Table]) -> Report {
    let facts = FactKey::ALL
        .into_iter()
        .map(|key| {
            let known = study.facts.iter().find(|(own, _)| *own == key);
            let value = known.map(|(_, value)| value.trim().to_owned());
            Fact { key, value: value.filter(|value| !value.is_empty()) }
        })
        .collect();
    let hidden_cells = tables
        .iter()
        .flat_map(cells)
        .filter(|cell| cell.value.is_some() && !cell.is_shown())
        .count();
    Report {
        title: study.title.clone(),
        sample_type: study.sample_type,
        completes: study.completes,
        facts,
        rates: study.rates.clone(),
        weighting: study.weighting.clone(),
        precision: precision(study, tables),
        tables: tables.iter().map(Table::published).collect(),
        hidden_cells,
    }
}

fn cells(table: &Table) -> impl Iterator<Item = &crate::tabulate::Cell> {
    table.blocks.iter().flat_map(|block| &block.rows).flat_map(|row| &row.cells)
}

fn precision(study: &StudyFacts, tables: &[Table]) -> Precision {
    let mut confidence: Vec<f64> = tables.iter().map(|table| table.options.confidence).collect();
    confidence.sort_by(f64::total_cmp);
    confidence.dedup();
    let mut intervals: Vec<IntervalMethod> = Vec::new();
    let mut effects: Option<(f64, f64)> = None;
    // What weights were fitted to is known and has no variance of its own.
    let fitted = |name: &str| {
        let mut levels = study.weighting.iter().flat_map(|step| &step.levels);
        levels.any(|level| level.variable == name)
    };
    let blocks = tables.iter().flat_map(|table| &table.blocks);
    let estimated = blocks.filter(|block| !fitted(&block.name));
    let estimated = estimated.flat_map(|block| &block.rows).flat_map(|row| &row.cells);
    for cell in estimated.filter(|cell| cell.is_shown()) {
        if let Some(interval) = &cell.interval
            && !intervals.contains(&interval.method)
        {
            intervals.push(interval.method);
        }
        if let Some(effect) = cell.design_effect {
            effects = Some(
                effects.map_or((effect, effect), |(low, high)| (low.min(effect), high.max(effect))),
            );
        }
    }
    let weighting_effect = study.weighting.last().map(|step| step.kish_after);
    Precision {
        wording: match study.sample_type {
            SampleType::Probability => PrecisionWording::MarginOfSamplingError,
            SampleType::Nonprobability => PrecisionWording::ModelBasedInterval,
        },
        confidence,
        intervals,
        design_effects: effects,
        weighting_effect,
        effective_completes: weighting_effect.map(|effect| study.completes as f64 / effect),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_listed_as_not_stated() {
        let study = StudyFacts {
            title: "Ward services".to_owned(),
            sample_type: SampleType::Nonprobability,
            facts: vec![(FactKey::Sponsor, "City".to_owned()), (FactKey::Mode, "  ".to_owned())],
            rates: Vec::new(),
            weighting: Vec::new(),
            completes: 10,
        };
        let report = report(&study, &[]);
        assert_eq!(report.facts.len(), FactKey::ALL.len());
        assert_eq!(report.facts[0].value.as_deref(), Some("City"));
        assert!(report.facts.iter().skip(1).all(|fact| fact.value.is_none()));
        assert_eq!(report.precision.wording, PrecisionWording::ModelBasedInterval);
    }
}
