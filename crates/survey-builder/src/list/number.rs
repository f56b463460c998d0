//! Numbers as people write them, decided for a column as a whole.
//!
//! `3.407` is three and a bit in one file and three thousand in another. No cell
//! can say which; another cell of its column often can. Where none does, the
//! column is asked about and never guessed.

use serde::{Deserialize, Serialize};

use crate::problem::{Phrase, phrase};
use crate::sampling::Problem;

/// Cells that are kept of each kind, for the problems.
const KEPT: usize = 1_000;
/// Rows that are named where a column is asked about.
const NAMED: usize = 5;

/// The mark before decimals; the other one then parts thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// 3,407.5
    Point,
    /// 3.407,5
    Comma,
}

impl Decimal {
    /// Its name in a sentence.
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Point => phrase("phrase-decimal-point"),
            Self::Comma => phrase("phrase-decimal-comma"),
        }
    }

    fn marks(self) -> (char, char) {
        match self {
            Self::Point => ('.', ','),
            Self::Comma => (',', '.'),
        }
    }
}

/// The number that a tidied text is with this decimal mark; nothing if it is
/// none. Thousands may be parted by the other mark, by spaces or apostrophes.
pub fn number(text: &str, decimal: Decimal) -> Option<f64> {
    let (mark, other) = decimal.marks();
    let (sign, unsigned) = match text.strip_prefix(['-', '−']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once(mark) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = if digits(whole) { whole.to_owned() } else { ungrouped(whole, other)? };
    let fraction = fraction.unwrap_or("");
    if !digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent = exponent.unwrap_or("0");
    let number: f64 = format!("{sign}{whole}.{fraction}0e{exponent}").parse().ok()?;
    number.is_finite().then_some(number)
}

/// The number that a text is by either mark.
fn readings(text: &str) -> (Option<f64>, Option<f64>) {
    // As programs write decimals; a comma reading takes a group of three after one
    // to three digits.
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if let Some((whole, fraction)) = unsigned.split_once('.')
        && is_digits(whole)
        && is_digits(fraction)
        && (fraction.len() != 3 || whole.len() > 3 || whole.starts_with('0'))
    {
        return (text.parse().ok().filter(|number: &f64| number.is_finite()), None);
    }
    (number(text, Decimal::Point), number(text, Decimal::Comma))
}

/// A whole number without what parts its thousands.
fn ungrouped(whole: &str, other: char) -> Option<String> {
    let mark = whole.chars().find(|sign| !sign.is_ascii_digit())?;
    if ![other, ' ', '\''].contains(&mark) {
        return None;
    }
    let mut groups = whole.split(mark);
    let first = groups.next().filter(|first| {
        (1..=3).contains(&first.len()) && !first.starts_with('0') && is_digits(first)
    })?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What the cells of a column say of how its numbers are written, where they are not
/// kept: of answers, which come by millions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// Something in it is no number by either mark.
    texts: bool,
    only_point: u64,
    only_comma: u64,
    /// Cells such as `1,3`, which may be two codes that were chosen.
    pairs: u64,
    /// Thousands parted where no program reads a number.
    grouped: u64,
}

impl Marks {
    /// Takes a tidied cell that is not empty.
    pub fn see(&mut self, text: &str) {
        if self.texts || is_digits(text) {
            return;
        }
        let grouped = || u64::from(text.contains([',', ' ', '\'']));
        match readings(text) {
            (None, None) => self.texts = true,
            (Some(_), None) => {
                self.only_point += 1;
                self.grouped += grouped();
            }
            (None, Some(_)) => {
                self.only_comma += 1;
                self.pairs += u64::from(is_pair(text));
            }
            (Some(one), Some(other)) if one.to_bits() == other.to_bits() => {
                self.grouped += grouped();
            }
            (Some(_), Some(_)) => {}
        }
    }

    /// The mark by which the column is to be read, where a program would read other
    /// numbers in it, or none. Nothing where that is not sure.
    pub fn decimal(&self) -> Option<Decimal> {
        match (self.only_point, self.only_comma) {
            _ if self.texts => None,
            (0, commas) if commas > self.pairs => Some(Decimal::Comma),
            (_, 0) if self.grouped > 0 => Some(Decimal::Point),
            _ => None,
        }
    }
}

/// Whether a text may be two codes in their order, `1,3`.
fn is_pair(text: &str) -> bool {
    matches!(text.as_bytes(), [one, b',', other] if one < other)
}

/// A cell that says something about its column.
#[derive(Clone, Debug, PartialEq)]
struct Witness {
    row: u64,
    text: String,
}

/// Cells of one kind: how many, and the first.
#[derive(Clone, Debug, Default, PartialEq)]
struct Witnesses {
    count: u64,
    first: Vec<Witness>,
}

impl Witnesses {
    fn add(&mut self, row: u64, text: &str) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(Witness { row, text: text.to_owned() });
        }
    }

    fn rows(&self) -> String {
        let rows: Vec<String> =
            self.first.iter().take(NAMED).map(|one| one.row.to_string()).collect();
        let more = if self.count > NAMED as u64 { ", …" } else { "" };
        rows.join(", ") + more
    }
}

/// A column of numbers while its cells come in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberColumn {
    given: Option<Decimal>,
    /// With a decimal point.
    point: Vec<f64>,
    /// With a decimal comma; empty until a cell differs.
    comma: Vec<f64>,
    only_point: Witnesses,
    only_comma: Witnesses,
    /// Two numbers, one by each mark.
    either: Witnesses,
    /// Thousands parted by spaces.
    spaced: Witnesses,
}

/// What a column came out as.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decided {
    /// The numbers, a row each.
    pub numbers: Vec<f64>,
    /// How they are written, where a cell depends on it.
    pub decimal: Option<Decimal>,
    /// What is worth a look: that they are not written as programs do.
    pub note: Option<Problem>,
    /// What stands against it.
    pub problems: Vec<Problem>,
}

impl NumberColumn {
    /// A column written so, or in a way to be found out.
    pub fn new(given: Option<Decimal>) -> Self {
        Self { given, ..Self::default() }
    }

    /// Takes a tidied cell. Gives one of the numbers that it can be, all of the
    /// same sign; nothing for what is no number by either mark.
    pub fn push(&mut self, row: u64, text: &str) -> Option<f64> {
        // Most cells: digits alone, the same by any mark.
        if text.len() < 16 && is_digits(text) {
            let number: f64 = text.parse().ok()?;
            self.keep(number, number);
            return Some(number);
        }
        let (point, comma) = readings(text);
        match (point, comma) {
            (Some(one), Some(other)) if one.to_bits() == other.to_bits() => {
                if text.contains([' ', '\'']) {
                    self.spaced.add(row, text);
                }
            }
            (Some(_), Some(_)) => self.either.add(row, text),
            (Some(_), None) => self.only_point.add(row, text),
            (None, Some(_)) => self.only_comma.add(row, text),
            (None, None) => return None,
        }
        let any = point.or(comma)?;
        self.keep(point.unwrap_or(any), comma.unwrap_or(any));
        Some(any)
    }

    fn keep(&mut self, point: f64, comma: f64) {
        if self.comma.is_empty() && point.to_bits() != comma.to_bits() {
            self.comma.clone_from(&self.point);
        }
        if !self.comma.is_empty() || point.to_bits() != comma.to_bits() {
            self.comma.push(comma);
        }
        self.point.push(point);
    }

    /// Takes a number as programs write it, whatever the column.
    pub fn push_plain(&mut self, text: &str) -> Option<f64> {
        let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
        self.keep(number, number);
        Some(number)
    }

    /// Whether a text is the sum of the column so far, by either mark.
    pub fn sums_to(&self, text: &str) -> bool {
        let is = |text: Option<f64>, column: &[f64]| {
            let sum: f64 = column.iter().sum();
            text.is_some_and(|number| (number - sum).abs() <= 1e-9 * sum.abs())
        };
        let comma = if self.comma.is_empty() { &self.point } else { &self.comma };
        !self.point.is_empty()
            && (is(number(text, Decimal::Point), &self.point)
                || is(number(text, Decimal::Comma), comma))
    }

    /// Decides how the column is written; `column` is its name.
    pub fn decide(self, column: &str) -> Decided {
        let decimal = match (self.given, self.only_point.count, self.only_comma.count) {
            (Some(given), ..) => Some(given),
            (None, 0, 0) if self.either.count > 0 => return self.asked(column),
            (None, 0, 0) => None,
            (None, _, 0) => Some(Decimal::Point),
            (None, 0, _) => Some(Decimal::Comma),
            (None, ..) => return self.mixed(column),
        };
        let against = match decimal {
            Some(Decimal::Point) => &self.only_comma,
            Some(Decimal::Comma) => &self.only_point,
            None => &Witnesses::default(),
        };
        let bad = |one: &Witness| Problem::FrameNumberBad {
            row: one.row,
            column: column.to_owned(),
            text: one.text.clone(),
        };
        let mut problems: Vec<Problem> = against.first.iter().map(bad).collect();
        let more = against.count.saturating_sub(problems.len() as u64);
        if more > 0 {
            problems.push(Problem::FrameMore { count: more });
        }
        let note = self.note(column, decimal);
        let comma = decimal == Some(Decimal::Comma) && !self.comma.is_empty();
        let numbers = if comma { self.comma } else { self.point };
        Decided { numbers, decimal, note, problems }
    }

    /// Told where a program would have read other numbers, or none.
    fn note(&self, column: &str, decimal: Option<Decimal>) -> Option<Problem> {
        let evidence = match decimal {
            Some(Decimal::Comma) => self.only_comma.first.first(),
            // A grouped number is one that no program reads.
            Some(Decimal::Point) => self.only_point.first.iter().find(|one| one.text.contains(',')),
            None => None,
        };
        let first = evidence.or(self
            .either
            .first
            .first()
            .filter(|one| decimal == Some(Decimal::Comma) || one.text.contains(',')));
        let shown = first.or(self.spaced.first.first())?;
        let value = number(&shown.text, decimal.unwrap_or(Decimal::Point))?;
        Some(Problem::FrameNumbersRead {
            column: column.to_owned(),
            row: shown.row,
            text: shown.text.clone(),
            value,
        })
    }

    fn asked(&self, column: &str) -> Decided {
        let Some(first) = self.either.first.first() else { return Decided::default() };
        let as_decimal = |decimal| number(&first.text, decimal).unwrap_or(f64::NAN);
        let problem = Problem::FrameNumbersAmbiguous {
            column: column.to_owned(),
            rows: self.either.rows(),
            text: first.text.clone(),
            point: as_decimal(Decimal::Point),
            comma: as_decimal(Decimal::Comma),
        };
        Decided { problems: vec![problem], ..Decided::default() }
    }

    fn mixed(&self, column: &str) -> Decided {
        let (Some(point), Some(comma)) =
            (self.only_point.first.first(), self.only_comma.first.first())
        else {
            return Decided::default();
        };
        let problem = Problem::FrameNumbersMixed {
            column: column.to_owned(),
            point_row: point.row,
            point: point.text.clone(),
            comma_row: comma.row,
            comma: comma.text.clone(),
        };
        Decided { problems: vec![problem], ..Decided::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str], given: Option<Decimal>) -> Decided {
        let mut column = NumberColumn::new(given);
        for (row, cell) in (2..).zip(cells) {
            assert!(column.push(row, cell).is_some(), "{cell}");
        }
        column.decide("size")
    }

    fn codes(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(Problem::code).collect()
    }

    #[test]
    fn a_text_is_read_by_its_mark() {
        let point = |text| number(text, Decimal::Point);
        let comma = |text| number(text, Decimal::Comma);
        assert_eq!((point("3.407"), comma("3.407")), (Some(3.407), Some(3_407.0)));
        assert_eq!((point("1,234.5"), comma("1,234.5")), (Some(1_234.5), None));
        assert_eq!((point("1.234.567"), comma("1.234.567")), (None, Some(1_234_567.0)));
        assert_eq!((point("0.407"), comma("0.407")), (Some(0.407), None));
        assert_eq!((point("1 234"), comma("1 234,5")), (Some(1_234.0), Some(1_234.5)));
        assert_eq!((point("-2.5"), comma("−2,5")), (Some(-2.5), Some(-2.5)));
        assert_eq!((point("1.5e3"), comma("1.5e3")), (Some(1_500.0), None));
        assert_eq!((point(".5"), point("5."), point("1e400")), (Some(0.5), Some(5.0), None));
        for text in ["", "-", ".", "inf", "nan", "12,34.5", "1 23", "1.2.3", "٣", "1e", "0x1"] {
            assert_eq!((point(text), comma(text)), (None, None), "{text}");
        }
    }

    #[test]
    fn one_cell_decides_for_its_column() {
        let found = read(&["3.407", "850", "12,5"], None);
        assert_eq!(found.numbers, [3_407.0, 850.0, 12.5]);
        assert_eq!(codes(found.note.as_slice()), ["frame_numbers_read"]);
        let found = read(&["3.407", "850", "12.5"], None);
        assert_eq!((found.numbers, found.note), (vec![3.407, 850.0, 12.5], None));
        let found = read(&["850", "1 234"], None);
        assert_eq!((found.numbers, found.note.is_some()), (vec![850.0, 1_234.0], true));
        let found = read(&["850", "12"], None);
        assert_eq!((found.numbers, found.note), (vec![850.0, 12.0], None));
    }

    #[test]
    fn columns_of_answers_say_how_their_numbers_are_written() {
        let mark = |cells: &[&str]| {
            let mut marks = Marks::default();
            for cell in cells {
                marks.see(cell);
            }
            marks.decimal()
        };
        assert_eq!(mark(&["39,8", "40", "-99"]), Some(Decimal::Comma));
        assert_eq!(mark(&["3.407", "850", "12,5"]), Some(Decimal::Comma));
        assert_eq!(mark(&["1,234.5", "12"]), Some(Decimal::Point));
        assert_eq!(mark(&["1 234", "12"]), Some(Decimal::Point));
        // As programs write, and what might be either.
        assert_eq!(mark(&["3.407", "1.234"]), None);
        assert_eq!(mark(&["39.8", "40"]), None);
        assert_eq!(mark(&["1,234", "850"]), None);
        // Codes that were chosen, and what is no column of numbers.
        assert_eq!(mark(&["1,3", "2", "1,2"]), None);
        assert_eq!(mark(&["39,8", "không"]), None);
        assert_eq!(mark(&["2,5", "2.5"]), None);
    }

    #[test]
    fn what_no_cell_decides_is_asked() {
        let found = read(&["850", "3.407", "1.444"], None);
        assert_eq!(codes(&found.problems), ["frame_numbers_ambiguous"]);
        assert!(found.numbers.is_empty());
        let told = found.problems[0].as_problem();
        assert!(told.argument("rows").is_some_and(|rows| *rows == "3, 4"), "{told}");
        let found = read(&["850", "3.407"], Some(Decimal::Comma));
        assert_eq!(found.numbers, [850.0, 3_407.0]);
        let found = read(&["850", "3.407"], Some(Decimal::Point));
        assert_eq!((found.numbers, found.note), (vec![850.0, 3.407], None));
        let found = read(&["2,5", "2.5"], None);
        assert_eq!(codes(&found.problems), ["frame_numbers_mixed"]);
        let found = read(&["2,5", "2.5"], Some(Decimal::Comma));
        assert_eq!(codes(&found.problems), ["frame_number_bad"]);
    }
}
