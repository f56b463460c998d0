//! What a reader can work out of a hidden cell: the smallest and the largest number that fits all shown
//! cells, totals and the fact that people are not fewer than none.
//!
//! Two linear programmes a cell, over the hidden cells only, solved by the simplex method (Dantzig 1963)
//! with Bland's (1977) rule, which never circles.

/// Cells that add up: to another cell, `total`, or to a number that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The cells.
    pub cells: Vec<usize>,
    /// The cell that they add up to, up to a known number (those who are in none of them).
    pub total: Option<usize>,
}

impl Line {
    /// All cells of the line, the total among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = usize> + '_ {
        self.total.iter().copied().chain(self.cells.iter().copied())
    }
}

/// Smallest and largest number that each hidden cell may be; none for cells that are shown. A cell that
/// no line binds from above has no largest one (infinite).
pub fn bounds(counts: &[usize], lines: &[Line], hidden: &[bool]) -> Vec<Option<(f64, f64)>> {
    let places: Vec<usize> = (0..counts.len()).filter(|&cell| hidden[cell]).collect();
    let constraints = Constraints::new(counts, lines, &places);
    let mut answer = vec![None; counts.len()];
    for (variable, &cell) in places.iter().enumerate() {
        let smallest = constraints.extreme(variable, -1.0).map_or(0.0, |value| -value);
        let largest = constraints.extreme(variable, 1.0).unwrap_or(f64::INFINITY);
        answer[cell] = Some((smallest.max(0.0), largest));
    }
    answer
}

/// A x = b with x ≥ 0 and b ≥ 0, x the hidden cells.
struct Constraints {
    rows: Vec<Vec<f64>>,
    right: Vec<f64>,
    variables: usize,
}

const CLOSE: f64 = 1e-9;

impl Constraints {
    fn new(counts: &[usize], lines: &[Line], places: &[usize]) -> Self {
        let (mut rows, mut right) = (Vec::new(), Vec::new());
        for line in lines {
            let mut row = vec![0.0; places.len()];
            let mut sum = 0.0;
            for cell in line.all() {
                let sign = if line.total == Some(cell) { -1.0 } else { 1.0 };
                if let Ok(variable) = places.binary_search(&cell) {
                    row[variable] += sign;
                    sum += sign * counts[cell] as f64;
                }
            }
            if row.iter().any(|entry| *entry != 0.0) {
                if sum < 0.0 {
                    row = row.into_iter().map(|entry| -entry).collect();
                    sum = -sum;
                }
                rows.push(row);
                right.push(sum);
            }
        }
        Self { rows, right, variables: places.len() }
    }

    /// The largest value of `sign` times a variable; none where nothing bounds it.
    fn extreme(&self, variable: usize, sign: f64) -> Option<f64> {
        let mut tableau = Tableau::new(self);
        let all = self.variables + self.rows.len();
        // First the artificial variables are driven out; the true counts show that this succeeds.
        let artificial: Vec<f64> =
            (0..all).map(|place| if place < self.variables { 0.0 } else { -1.0 }).collect();
        tableau.maximise(&artificial, all);
        tableau.drop_artificial(self.variables);
        let mut goal = vec![0.0; all];
        goal[variable] = sign;
        tableau.maximise(&goal, self.variables)
    }
}

struct Tableau {
    rows: Vec<Vec<f64>>,
    right: Vec<f64>,
    basis: Vec<usize>,
}

impl Tableau {
    fn new(constraints: &Constraints) -> Self {
        let count = constraints.rows.len();
        let rows = constraints.rows.iter().enumerate().map(|(place, row)| {
            let mut row = row.clone();
            row.resize(constraints.variables + count, 0.0);
            row[constraints.variables + place] = 1.0;
            row
        });
        Self {
            rows: rows.collect(),
            right: constraints.right.clone(),
            basis: (constraints.variables..constraints.variables + count).collect(),
        }
    }

    /// The largest value of a linear goal over the first `usable` variables; none where it has no end.
    fn maximise(&mut self, goal: &[f64], usable: usize) -> Option<f64> {
        loop {
            let gain = |place: usize| {
                let of_basis = self.rows.iter().zip(&self.basis);
                goal[place] - of_basis.map(|(row, own)| goal[*own] * row[place]).sum::<f64>()
            };
            let entering =
                (0..usable).find(|&place| !self.basis.contains(&place) && gain(place) > CLOSE);
            let Some(entering) = entering else {
                let values = self.basis.iter().zip(&self.right);
                return Some(values.map(|(own, value)| goal[*own] * value).sum());
            };
            let leaving = (0..self.rows.len())
                .filter(|&row| self.rows[row][entering] > CLOSE)
                .min_by(|&one, &other| {
                    let ratio = |row: usize| self.right[row] / self.rows[row][entering];
                    ratio(one)
                        .total_cmp(&ratio(other))
                        .then(self.basis[one].cmp(&self.basis[other]))
                })?;
            self.pivot(leaving, entering);
        }
    }

    fn pivot(&mut self, leaving: usize, entering: usize) {
        let scale = self.rows[leaving][entering];
        for entry in &mut self.rows[leaving] {
            *entry /= scale;
        }
        self.right[leaving] /= scale;
        let (row, value) = (self.rows[leaving].clone(), self.right[leaving]);
        for other in (0..self.rows.len()).filter(|other| *other != leaving) {
            let factor = self.rows[other][entering];
            if factor != 0.0 {
                for (entry, own) in self.rows[other].iter_mut().zip(&row) {
                    *entry -= factor * own;
                }
                // Rounding must not make a value fall below none.
                self.right[other] = (self.right[other] - factor * value).max(0.0);
            }
        }
        self.basis[leaving] = entering;
    }

    /// Takes what is left of the artificial variables, all zero, out of the basis; lines that follow from
    /// others go.
    fn drop_artificial(&mut self, variables: usize) {
        let mut row = 0;
        while row < self.rows.len() {
            if self.basis[row] >= variables {
                let entering = (0..variables).find(|&place| self.rows[row][place].abs() > CLOSE);
                if let Some(entering) = entering {
                    self.pivot(row, entering);
                } else {
                    self.rows.remove(row);
                    self.right.remove(row);
                    self.basis.remove(row);
                    continue;
                }
            }
            row += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize, columns: usize) -> Vec<Line> {
        let by_row = (0..rows).map(|row| (row * columns..(row + 1) * columns).collect());
        let by_column =
            (0..columns).map(|column| (0..rows).map(|row| row * columns + column).collect());
        by_row.chain(by_column).map(|cells| Line { cells, total: None }).collect()
    }

    #[test]
    fn a_lone_hidden_cell_is_known_and_a_square_of_them_is_not() {
        let counts = [2, 7, 3, 4, 5, 6, 8, 9, 1];
        let lines = table(3, 3);
        let mut hidden = [false; 9];
        hidden[0] = true;
        assert_eq!(bounds(&counts, &lines, &hidden)[0], Some((2.0, 2.0)));
        for cell in [1, 3, 4] {
            hidden[cell] = true;
        }
        // The square 2, 7, 4, 5 may shift by 2 down or 4 up.
        let found = bounds(&counts, &lines, &hidden);
        assert_eq!(found[0], Some((0.0, 6.0)));
        assert_eq!(found[1], Some((3.0, 9.0)));
        assert_eq!(found[2], None);
    }

    /// Every table of whole numbers that fits, written out, has the same smallest and largest cells.
    #[test]
    fn bounds_are_those_of_all_tables_that_fit() {
        let mut state = 7_u64;
        let mut next = |bound: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let lines = table(3, 3);
        for _ in 0..60 {
            let counts: Vec<usize> =
                (0..9).map(|_| usize::try_from(next(4)).unwrap_or(0)).collect();
            let hidden: Vec<bool> = (0..9).map(|_| next(10) < 6).collect();
            let sums: Vec<usize> = lines
                .iter()
                .map(|line| line.cells.iter().map(|cell| counts[*cell]).sum())
                .collect();
            let most = *sums.iter().max().unwrap_or(&0);
            let mut seen: Vec<Option<(usize, usize)>> = vec![None; 9];
            let mut trial = counts.clone();
            visit(&mut trial, 0, &hidden, most, &mut |table| {
                let fits = lines.iter().zip(&sums).all(|(line, sum)| {
                    line.cells.iter().map(|cell| table[*cell]).sum::<usize>() == *sum
                });
                if fits {
                    for (own, value) in seen.iter_mut().zip(table) {
                        let (low, high) = own.unwrap_or((*value, *value));
                        *own = Some((low.min(*value), high.max(*value)));
                    }
                }
            });
            for (cell, found) in bounds(&counts, &lines, &hidden).into_iter().enumerate() {
                if let Some((low, high)) = found {
                    let (least, most) = seen[cell].expect("the table itself fits");
                    assert!((low - least as f64).abs() < 1e-6, "{counts:?} {hidden:?} {cell}");
                    assert!((high - most as f64).abs() < 1e-6, "{counts:?} {hidden:?} {cell}");
                }
            }
        }
    }

    fn visit(
        table: &mut Vec<usize>,
        cell: usize,
        hidden: &[bool],
        most: usize,
        see: &mut dyn FnMut(&[usize]),
    ) {
        if cell == table.len() {
            see(table);
        } else if hidden[cell] {
            let own = table[cell];
            // Nine cells of up to nine would be too many; cells beyond a row's sum cannot fit.
            for value in 0..=most {
                let row = cell / 3 * 3;
                let before: usize = table[row..cell].iter().sum();
                if before + value > most {
                    break;
                }
                table[cell] = value;
                visit(table, cell + 1, hidden, most, see);
            }
            table[cell] = own;
        } else {
            visit(table, cell + 1, hidden, most, see);
        }
    }
}
