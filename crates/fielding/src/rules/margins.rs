//! Known shares of the population, to rake to, as a file gives them.

use serde::{Deserialize, Serialize};
use survey_builder::problem::{Phrase, phrase};

use crate::error::Problem;

/// A known share of the population, to rake to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarginShare {
    /// The question's name.
    pub variable: String,
    /// The option's code.
    pub code: String,
    /// Between 0 and 1; the shares of a variable add up to 1.
    pub share: f64,
}

/// A row of a file, as a place.
fn row(number: usize) -> Phrase {
    phrase("phrase-row").with("row", number)
}

/// Reads margins: a CSV with the columns variable, code and share. An empty file
/// has none.
pub fn read_margins(bytes: &[u8]) -> Result<Vec<MarginShare>, Vec<Problem>> {
    if String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| {
        headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name)
    };
    let (Some(variable), Some(code), Some(share)) =
        (column("variable"), column("code"), column("share"))
    else {
        return Err(vec![Problem::new("margin-columns", row(1))]);
    };
    let (mut margins, mut problems) = (Vec::new(), Vec::new());
    for (index, record) in reader.records().enumerate() {
        let place = row(index + 2);
        let Ok(record) = record else {
            problems.push(Problem::new("unreadable-row", place));
            continue;
        };
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
        match cell(share).replace(',', ".").parse::<f64>() {
            Ok(value) if value.is_finite() && (0.0..=1.0).contains(&value) => {
                margins.push(MarginShare {
                    variable: cell(variable),
                    code: cell(code),
                    share: value,
                });
            }
            _ => problems.push(Problem::new("margin-share", place).with("value", cell(share))),
        }
    }
    let mut sums: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
    for margin in &margins {
        *sums.entry(&margin.variable).or_default() += margin.share;
    }
    for (variable, sum) in sums {
        if (sum - 1.0).abs() > 1e-6 {
            problems
                .push(Problem::new("margin-sum", variable).with("sum", (sum * 1e4).round() / 1e4));
        }
    }
    if problems.is_empty() && margins.is_empty() {
        problems.push(Problem::new("empty-file", ""));
    }
    if problems.is_empty() { Ok(margins) } else { Err(problems) }
}
