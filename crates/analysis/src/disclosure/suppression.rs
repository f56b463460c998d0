//! Hiding small cells of a table so that they cannot be worked out from what is left.
//!
//! A cell with fewer people than the minimum is hidden. Where the totals of rows or columns are shown, a
//! single hidden cell in a line is the total minus the others, so another one in that line is hidden
//! too, and so on until every line has none or at least two. Two hidden cells can still give
//! something away if together they hold very few people, so the hidden cells of a line must also hold at
//! least the minimum between them. Lines taken together can still tell more than each alone; so at the end
//! the table is solved for every small cell, and more is hidden until what a cell may be spans at least
//! the minimum ([`super::audit`]).

use serde::{Deserialize, Serialize};

use super::audit::{Line, bounds};

/// Options of cell suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionRule {
    /// Fewest people a shown cell may stand for; cells of none are shown unless `hide_zero`.
    pub minimum: usize,
    /// Whether cells without anybody are hidden as well.
    pub hide_zero: bool,
}

/// Whether a cell is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// It may be shown.
    Shown,
    /// It stands for too few people.
    TooFew,
    /// It is hidden because a hidden cell could be worked out from it.
    Complementary,
}

impl Disclosure {
    /// Whether the cell is hidden.
    pub fn is_hidden(self) -> bool {
        self != Self::Shown
    }
}

/// Decides what of a table is hidden. `counts` holds unweighted numbers of people, row by row; the
/// totals of `rows` and `columns` are taken to be shown or known.
///
/// Hiding goes on until no line has a hidden cell that its total gives away. If a line has no other cell
/// to hide, the whole line stays hidden.
pub fn suppress(counts: &[usize], columns: usize, rule: SuppressionRule) -> Vec<Disclosure> {
    if columns == 0 {
        return Vec::new();
    }
    let rows = counts.len() / columns;
    let row_lines = (0..rows).map(|row| (row * columns..(row + 1) * columns).collect());
    let column_lines =
        (0..columns).map(|column| (0..rows).map(|row| row * columns + column).collect());
    let lines: Vec<Line> =
        row_lines.chain(column_lines).map(|cells| Line { cells, total: None }).collect();
    suppress_lines(counts, &lines, rule, |_| false)
}

/// As [`suppress`], for cells tied by any sums. `also` names cells that are hidden to begin with for a
/// reason of their own.
pub fn suppress_lines(
    counts: &[usize],
    lines: &[Line],
    rule: SuppressionRule,
    also: impl Fn(usize) -> bool,
) -> Vec<Disclosure> {
    let mut decisions: Vec<Disclosure> = counts
        .iter()
        .enumerate()
        .map(|(cell, &count)| {
            let small = count < rule.minimum && (count > 0 || rule.hide_zero);
            if small || also(cell) { Disclosure::TooFew } else { Disclosure::Shown }
        })
        .collect();
    // Each pass but the last hides at least one more cell, so there is a last one.
    loop {
        let mut changed = false;
        for line in lines {
            changed |= protect(line, lines, counts, rule, &mut decisions);
        }
        if !changed && !protect_narrow(lines, counts, rule, &mut decisions) {
            return decisions;
        }
    }
}

/// Solves for the small cells; where one may be too few numbers, hides the smallest shown cell of the
/// lines of hidden cells. Whether it hid one.
fn protect_narrow(
    lines: &[Line],
    counts: &[usize],
    rule: SuppressionRule,
    decisions: &mut [Disclosure],
) -> bool {
    let hidden: Vec<bool> = decisions.iter().map(|own| own.is_hidden()).collect();
    if !decisions.contains(&Disclosure::TooFew) {
        return false;
    }
    let ranges = bounds(counts, lines, &hidden);
    let narrow = |cell: usize| {
        let wide = |(low, high): (f64, f64)| high - low >= rule.minimum as f64 - 1e-6;
        decisions[cell] == Disclosure::TooFew && ranges[cell].is_some_and(|range| !wide(range))
    };
    let Some(cell) = (0..counts.len()).find(|&cell| narrow(cell)) else { return false };
    // In a line of the cell itself if there is still something to hide, else beside any hidden cell.
    let own = |line: &&Line| line.all().any(|other| other == cell);
    let touched = |line: &&Line| line.all().any(|other| hidden[other]);
    let shown = |lines: Vec<&Line>| {
        lines
            .into_iter()
            .flat_map(|line| line.all().collect::<Vec<_>>())
            .filter(|&other| !hidden[other] && counts[other] > 0)
            .min_by_key(|&other| (counts[other], other))
    };
    let partner = shown(lines.iter().filter(own).collect())
        .or_else(|| shown(lines.iter().filter(touched).collect()));
    let Some(partner) = partner else { return false };
    decisions[partner] = Disclosure::Complementary;
    true
}

/// Hides one more cell of a line if its hidden cells give each other away; whether it did.
fn protect(
    line: &Line,
    lines: &[Line],
    counts: &[usize],
    rule: SuppressionRule,
    decisions: &mut [Disclosure],
) -> bool {
    let hidden: Vec<usize> = line.all().filter(|&cell| decisions[cell].is_hidden()).collect();
    let people: usize = hidden.iter().map(|&cell| counts[cell]).sum();
    if hidden.is_empty() || (hidden.len() >= 2 && people >= rule.minimum) {
        return false;
    }
    // A line that has a hidden cell already needs no further one for this: so a cell whose other lines
    // have one closes a circle. Else the smallest cell with somebody in it loses the least; a cell known
    // to be empty protects nothing.
    let opens = |cell: usize, decisions: &[Disclosure]| {
        let others =
            lines.iter().filter(|other| *other != line && other.all().any(|own| own == cell));
        others.filter(|other| !other.all().any(|own| decisions[own].is_hidden())).count()
    };
    let partner = line
        .all()
        .filter(|&cell| !decisions[cell].is_hidden())
        .min_by_key(|&cell| (counts[cell] == 0, opens(cell, decisions), counts[cell], cell));
    let Some(partner) = partner else { return false };
    decisions[partner] = Disclosure::Complementary;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: SuppressionRule = SuppressionRule { minimum: 5, hide_zero: false };

    #[test]
    fn one_small_cell_takes_a_partner_in_its_row_and_column() {
        let counts = [2, 30, 40, 20, 50, 60, 70, 80, 90];
        let hidden = suppress(&counts, 3, RULE);
        for line in [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8]] {
            let count = line.iter().filter(|&&cell| hidden[cell].is_hidden()).count();
            assert_ne!(count, 1, "{hidden:?}");
        }
        assert_eq!(hidden[0], Disclosure::TooFew);
    }

    /// Three small cells on a diagonal, each with its partner in row and column, and random tables: no
    /// small cell can be solved for, to fewer numbers than the minimum, unless all of its table is hidden.
    #[test]
    fn solving_for_hidden_cells_gives_nothing_away() {
        let mut state = 5_u64;
        for _ in 0..200 {
            let counts: Vec<usize> = (0..20)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(17);
                    let draw = usize::try_from(state >> 40).unwrap_or(0);
                    if draw % 4 == 0 { draw % 5 } else { draw % 60 }
                })
                .collect();
            let decisions = suppress(&counts, 5, RULE);
            let hidden: Vec<bool> = decisions.iter().map(|own| own.is_hidden()).collect();
            let rows = (0..4).map(|row| (row * 5..row * 5 + 5).collect());
            let columns = (0..5).map(|column| (0..4).map(|row| row * 5 + column).collect());
            let lines: Vec<Line> =
                rows.chain(columns).map(|cells| Line { cells, total: None }).collect();
            let all_hidden = (0..20).all(|cell| hidden[cell] || counts[cell] == 0);
            for (cell, range) in bounds(&counts, &lines, &hidden).into_iter().enumerate() {
                if decisions[cell] == Disclosure::TooFew && !all_hidden {
                    let (low, high) = range.expect("hidden");
                    assert!(high - low >= 5.0 - 1e-6, "{counts:?} cell {cell}: {low} to {high}");
                }
            }
        }
    }

    /// One small cell in a table of large ones costs three others, not a chain through the table.
    #[test]
    fn a_circle_is_closed() {
        let mut counts: Vec<usize> = (0..200).map(|cell| 100 + cell * 37 % 90).collect();
        counts[45] = 2;
        let hidden = suppress(&counts, 20, RULE);
        assert_eq!(hidden.iter().filter(|own| own.is_hidden()).count(), 4);
    }

    #[test]
    fn nothing_is_hidden_without_cause() {
        assert!(suppress(&[9, 0, 7, 8], 2, RULE).iter().all(|cell| !cell.is_hidden()));
    }

    #[test]
    fn hidden_cells_of_a_line_hold_enough_people_together() {
        let hidden = suppress(&[1, 1, 50, 60, 1, 1, 50, 60], 4, RULE);
        assert!(hidden[2].is_hidden() && hidden[6].is_hidden());
    }
}
