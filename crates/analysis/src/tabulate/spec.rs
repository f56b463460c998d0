//! What a table is to show.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use survey_builder::problem::phrase;

use crate::dataset::{Dataset, Values, VariableKind};
use crate::design::DegreesOfFreedomRule;
use crate::disclosure::suppression::SuppressionRule;
use crate::error::{Problem, Result};
use crate::estimate::shares::ShareOf;
use crate::estimate::{Coded, EstimateOptions, IntervalMethod, length_problem};
use crate::problem::{Fault, at_row};
use crate::tabulate::BlockKind;

/// Options of a table; each is stated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TableOptions {
    /// Confidence of intervals, such as 0.95.
    pub confidence: f64,
    /// Interval of shares; means get a Student (or normal) one.
    pub interval: IntervalMethod,
    /// How degrees of freedom are counted.
    pub degrees_of_freedom: DegreesOfFreedomRule,
    /// What shares are of. Options of a set are always shares of their column.
    pub share_of: ShareOf,
    /// Whether the rules on precision are applied.
    pub assess_reliability: bool,
    /// The rule on few people, if any.
    pub suppression: Option<SuppressionRule>,
}

impl TableOptions {
    pub(crate) fn estimate(&self) -> EstimateOptions {
        EstimateOptions {
            confidence: self.confidence,
            interval: self.interval,
            degrees_of_freedom: self.degrees_of_freedom,
        }
    }
}

/// The values of a row variable, one entry a row of the design.
#[derive(Debug, Clone)]
pub enum RowData<'a> {
    /// One of some categories: 1 is the first, 0 is no answer.
    Coded {
        /// Codes.
        codes: Cow<'a, [u16]>,
        /// Labels of the categories.
        categories: Vec<String>,
    },
    /// Any number of options over one base.
    Set {
        /// One column of 1 (chosen) and 0 an option.
        options: Cow<'a, [Vec<u8>]>,
        /// Who answered: the base.
        answered: Cow<'a, [bool]>,
        /// Labels of the options.
        labels: Vec<String>,
    },
    /// A number, NaN for no answer; the block shows its mean.
    Number(Cow<'a, [f64]>),
}

/// A variable in the rows of a table.
#[derive(Debug, Clone)]
pub struct RowVariable<'a> {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Its values.
    pub data: RowData<'a>,
}

impl RowVariable<'_> {
    /// Labels of the rows it makes.
    pub(crate) fn labels(&self) -> Vec<String> {
        match &self.data {
            RowData::Coded { categories, .. } => categories.clone(),
            RowData::Set { labels, .. } => labels.clone(),
            RowData::Number(_) => vec![self.label.clone()],
        }
    }

    pub(crate) fn kind(&self) -> BlockKind {
        match &self.data {
            RowData::Coded { .. } => BlockKind::Shares,
            RowData::Set { .. } => BlockKind::Options,
            RowData::Number(_) => BlockKind::Mean,
        }
    }
}

/// A variable whose categories are columns of a table.
#[derive(Debug, Clone)]
pub struct BannerVariable<'a> {
    /// Its name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Labels of its categories.
    pub categories: Vec<String>,
    /// Codes, 1 the first; 0: in no column.
    pub codes: Cow<'a, [u16]>,
}

/// What a table is to show.
#[derive(Debug, Clone)]
pub struct TableSpec<'a> {
    /// Its title.
    pub title: String,
    /// Label of the column of totals.
    pub total_label: String,
    /// The rows.
    pub rows: Vec<RowVariable<'a>>,
    /// The columns, after that of totals.
    pub banner: Vec<BannerVariable<'a>>,
    /// Whom the table is about; none: all. The others still count in the design.
    pub filter: Option<Cow<'a, [bool]>>,
    /// How.
    pub options: TableOptions,
}

impl TableSpec<'_> {
    /// Everything that is wrong with the columns.
    pub(crate) fn problems(&self, rows: usize) -> Vec<Problem> {
        let mut problems = self.options.estimate().problems();
        if let Some(filter) = &self.filter {
            problems.extend(length_problem(phrase("phrase-input-filter"), filter.len(), rows));
        }
        for row in &self.rows {
            match &row.data {
                RowData::Coded { codes, categories } => {
                    let coded = Coded { codes, levels: categories.len() };
                    problems.extend(coded.problems(&row.name, rows));
                }
                RowData::Set { options, answered, labels } => {
                    problems.extend(length_problem(&row.name, answered.len(), rows));
                    for option in options.iter() {
                        problems.extend(length_problem(&row.name, option.len(), rows));
                    }
                    if options.len() != labels.len() {
                        problems.push(
                            Fault::DataCount { found: labels.len(), needed: options.len() }
                                .at(phrase("phrase-input-labels").with("variable", &row.name)),
                        );
                    }
                }
                RowData::Number(values) => {
                    problems.extend(length_problem(&row.name, values.len(), rows));
                    if let Some(row_number) = values.iter().position(|value| value.is_infinite()) {
                        problems.push(Fault::DataInfinite.at(at_row(&row.name, row_number)));
                    }
                }
            }
        }
        for banner in &self.banner {
            let coded = Coded { codes: &banner.codes, levels: banner.categories.len() };
            problems.extend(coded.problems(&banner.name, rows));
        }
        problems
    }
}

/// Which columns of a dataset a table shows, and in which language.
#[derive(Debug, Clone, Copy)]
pub struct TableRequest<'a> {
    /// Its title.
    pub title: &'a str,
    /// Label of the column of totals.
    pub total_label: &'a str,
    /// Names of the columns in the rows.
    pub rows: &'a [&'a str],
    /// Names of the columns in the banner.
    pub banner: &'a [&'a str],
    /// Language of the labels.
    pub language: &'a str,
    /// How.
    pub options: TableOptions,
}

impl<'a> TableSpec<'a> {
    /// A table of a dataset's columns.
    ///
    /// # Errors
    /// Names that are not in the dataset, text columns, numbers or sets in the banner.
    pub fn of_dataset(dataset: &'a Dataset, request: &TableRequest<'_>) -> Result<Self> {
        let rows = request
            .rows
            .iter()
            .map(|name| row_variable(dataset, name, request.language))
            .collect::<Result<_>>()?;
        let banner = request
            .banner
            .iter()
            .map(|name| {
                let variable = dataset.variable(name)?;
                let (codes, _) = dataset.coded(name)?;
                Ok(BannerVariable {
                    name: (*name).to_owned(),
                    label: label(dataset, name, request.language)?,
                    categories: categories(dataset, &variable.name, request.language)?,
                    codes: Cow::Owned(codes),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            title: request.title.to_owned(),
            total_label: request.total_label.to_owned(),
            rows,
            banner,
            filter: None,
            options: request.options,
        })
    }
}

fn row_variable<'a>(dataset: &'a Dataset, name: &str, language: &str) -> Result<RowVariable<'a>> {
    let column = dataset.column(name)?;
    let variable = dataset.variable(name)?;
    let data = match (&column.values, &variable.kind) {
        (Values::Coded(codes), _) => RowData::Coded {
            codes: Cow::Borrowed(codes),
            categories: categories(dataset, name, language)?,
        },
        (Values::Number(_), VariableKind::Scale { .. }) => RowData::Coded {
            codes: Cow::Owned(dataset.coded(name)?.0),
            categories: categories(dataset, name, language)?,
        },
        (Values::Number(values), _) => RowData::Number(Cow::Borrowed(values)),
        (Values::Set(options), _) => RowData::Set {
            options: Cow::Borrowed(options),
            answered: Cow::Owned(column.answered()),
            labels: categories(dataset, name, language)?,
        },
        (Values::Text(_), _) => {
            return Err(Fault::DataKind {
                wanted: phrase("phrase-a-choice-a-set-or-a-number").into(),
            }
            .refused(name));
        }
    };
    Ok(RowVariable { name: name.to_owned(), label: label(dataset, name, language)?, data })
}

/// The variable's label, else its name.
fn label(dataset: &Dataset, name: &str, language: &str) -> Result<String> {
    let text = dataset.variable(name)?.label.get(language, fallback(dataset));
    Ok(if text.is_empty() { name.to_owned() } else { text.to_owned() })
}

/// Labels of the levels, else their codes.
fn categories(dataset: &Dataset, name: &str, language: &str) -> Result<Vec<String>> {
    Ok(dataset
        .variable(name)?
        .levels
        .iter()
        .map(|level| {
            let text = level.label.get(language, fallback(dataset));
            if text.is_empty() { level.code.clone() } else { text.to_owned() }
        })
        .collect())
}

fn fallback(dataset: &Dataset) -> &str {
    dataset.codebook.languages.first().map_or("", String::as_str)
}
