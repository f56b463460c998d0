//! Known shares of the population in a file, to rake to.

use csv::ByteRecord;
use survey_builder::list::number::NumberColumn;
use survey_builder::list::rows::{Asked, List, cell, is_blank};
use survey_builder::problem::{Phrase, phrase};
use survey_builder::sampling;

use super::list::ListFile;
use crate::error::Problem;
use crate::rules::margins::MarginShare;

/// A row of a file, as a place.
fn row_place(number: u64) -> Phrase {
    phrase("phrase-row").with("row", number)
}

fn as_problems(found: &[sampling::Problem]) -> Vec<Problem> {
    found.iter().map(Problem::from).collect()
}

/// The columns of such a list.
pub const COLUMNS: &[&str] = &["variable", "code", "share"];

/// Whether a file has nothing in it.
pub fn is_empty(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').trim().is_empty()
}

/// Reads margins from a list whose columns are named in a row (from 1), or where they are found.
///
/// # Errors
///
/// A file that is no list, columns that are missing, every share that is not from
/// 0 to 1, variables whose shares do not add up to 1.
pub fn read_margins(
    file: &ListFile,
    header_row: Option<u64>,
) -> Result<Vec<MarginShare>, Vec<Problem>> {
    let rows = file.rows().map_err(|found| as_problems(&found))?;
    let asked = Asked { header_row, wanted: COLUMNS };
    let mut list = List::open(rows, file.separator, asked).map_err(|found| as_problems(&found))?;
    let (Ok(variable), Ok(code), Ok(share)) =
        (list.place("variable"), list.place("code"), list.place("share"))
    else {
        return Err(vec![Problem::new("margin-columns", row_place(list.header_row))]);
    };
    let (mut margins, mut problems) = (Vec::new(), Vec::new());
    let mut shares = NumberColumn::default();
    let mut record = ByteRecord::new();
    while let Some(row) = list.next_row(&mut record).map_err(|found| as_problems(&found))? {
        if is_blank(&record) {
            continue;
        }
        let text = cell(&record, share);
        if shares.push(row, &text).is_some_and(|value| (0.0..=1.0).contains(&value)) {
            let (variable, code) = (cell(&record, variable), cell(&record, code));
            margins.push(MarginShare { variable, code, share: 0.0 });
        } else {
            problems.push(Problem::new("margin-share", row_place(row)).with("value", text));
        }
    }
    let decided = shares.decide("share");
    problems.extend(as_problems(&decided.problems));
    if !problems.is_empty() {
        return Err(problems);
    }
    for (margin, share) in margins.iter_mut().zip(decided.numbers) {
        margin.share = share;
    }
    let problems = sum_problems(&margins);
    if problems.is_empty() { Ok(margins) } else { Err(problems) }
}

fn sum_problems(margins: &[MarginShare]) -> Vec<Problem> {
    if margins.is_empty() {
        return vec![Problem::new("empty-file", "")];
    }
    let mut sums: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
    for margin in margins {
        *sums.entry(&margin.variable).or_default() += margin.share;
    }
    let off = sums.into_iter().filter(|(_, sum)| (sum - 1.0).abs() > 1e-6);
    off.map(|(variable, sum)| {
        Problem::new("margin-sum", variable).with("sum", (sum * 1e4).round() / 1e4)
    })
    .collect()
}

/// The same of a file that is held in memory; an empty one has no margins.
///
/// # Errors
///
/// As [`read_margins`].
pub fn margins_of(bytes: &[u8]) -> Result<Vec<MarginShare>, Vec<Problem>> {
    if is_empty(bytes) {
        return Ok(Vec::new());
    }
    let file = ListFile::of_bytes(bytes, "").map_err(|found| as_problems(&found))?;
    read_margins(&file, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_read_as_any_list() {
        let text = "\u{feff}sep=;\nvariable;code;share\nsex;1;0,49\nsex;2;0,51\n";
        let margins = margins_of(text.as_bytes()).expect("margins");
        let shares: Vec<f64> = margins.iter().map(|margin| margin.share).collect();
        assert_eq!(shares, [0.49, 0.51]);
        assert_eq!(margins_of(b" \n"), Ok(Vec::new()));
        let codes = |text: &str| {
            let told = margins_of(text.as_bytes()).expect_err("refused");
            told.into_iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        assert_eq!(codes("a,b\n1,2\n"), ["margin-columns"]);
        assert_eq!(codes("variable,code,share\nx,1,1.5\nx,2,z\n"), ["margin-share"; 2]);
        assert_eq!(codes("variable,code,share\nx,1,0.5\n"), ["margin-sum"]);
        assert_eq!(codes("variable,code,share\n,,\n"), ["empty-file"]);
    }
}
