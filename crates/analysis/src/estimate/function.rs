//! Functions of several estimates, written as text: `(a - b) / c`, `log(a / b)`.
//!
//! The value and the derivatives come together by forward differentiation, so that
//! [`super::joint::Joint::smooth`] gives the standard error by the delta method (Wolter 2007, ch. 6).

use survey_builder::problem::{Argument, phrase};

use crate::error::Result;
use crate::estimate::joint::{Contrast, Joint};
use crate::problem::Fault;

/// A number with its derivatives by every estimate.
#[derive(Debug, Clone)]
struct Dual {
    value: f64,
    slopes: Vec<f64>,
}

impl Dual {
    fn constant(value: f64, size: usize) -> Self {
        Self { value, slopes: vec![0.0; size] }
    }

    /// f(x) with derivative f′(x).
    fn through(self, value: f64, slope: f64) -> Self {
        Self { value, slopes: self.slopes.into_iter().map(|own| own * slope).collect() }
    }

    /// f(x, y) with its two derivatives.
    fn with(self, other: &Self, value: f64, (own, others): (f64, f64)) -> Self {
        let slopes = self.slopes.iter().zip(&other.slopes);
        Self { value, slopes: slopes.map(|(x, y)| own * x + others * y).collect() }
    }

    fn combined(self, sign: char, other: &Self) -> Self {
        let (x, y) = (self.value, other.value);
        match sign {
            '+' => self.with(other, x + y, (1.0, 1.0)),
            '-' => self.with(other, x - y, (1.0, -1.0)),
            '*' => self.with(other, x * y, (y, x)),
            '/' => self.with(other, x / y, (1.0 / y, -x / (y * y))),
            _ => {
                let value = x.powf(y);
                // A whole exponent takes bases below zero, whose logarithm nobody needs then.
                let by_exponent = if other.slopes.iter().all(|slope| *slope == 0.0) {
                    0.0
                } else {
                    value * x.ln()
                };
                self.with(other, value, (y * x.powf(y - 1.0), by_exponent))
            }
        }
    }
}

/// A function of the estimates of `joint`, which `names` names in their order: numbers, names, `+ - * /
/// ^`, brackets, `log`, `exp` and `sqrt`. Names that are no plain words stand in backticks.
///
/// # Errors
/// What cannot be read, with its place; names that are not there; a value that is no number.
pub fn function(joint: &Joint, names: &[&str], expression: &str) -> Result<Contrast> {
    let values: Vec<f64> = joint.estimates.iter().map(|estimate| estimate.value).collect();
    let mut reader = Reader { text: expression, place: 0, names, values: &values };
    let found = reader.sum()?;
    reader.skip();
    if reader.place < expression.len() {
        return Err(reader.fault());
    }
    if !found.value.is_finite() || found.slopes.iter().any(|slope| !slope.is_finite()) {
        return Err(Fault::FormulaWithoutValue.refused(expression));
    }
    joint.smooth(found.value, &found.slopes)
}

/// The names that an expression uses, in the order in which they first stand, functions left out.
pub fn names_in(expression: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|letter: char| starts_name(letter) || letter == '`') {
        let (name, after) = match rest[start..].strip_prefix('`') {
            Some(quoted) => quoted.split_once('`').unwrap_or((quoted, "")),
            None => {
                let word = &rest[start..];
                word.split_at(word.find(|letter| !in_name(letter)).unwrap_or(word.len()))
            }
        };
        let called = after.trim_start().starts_with('(') && FUNCTIONS.contains(&name);
        // The letter of a number such as 1e5 begins no name.
        let number = rest[..start].ends_with(|letter: char| letter.is_ascii_digit());
        if !called && !number && !names.iter().any(|own| own == name) {
            names.push(name.to_owned());
        }
        rest = after;
    }
    names
}

const FUNCTIONS: [&str; 3] = ["log", "exp", "sqrt"];

fn starts_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

fn in_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
    names: &'a [&'a str],
    values: &'a [f64],
}

impl Reader<'_> {
    fn fault(&self) -> crate::Error {
        let rest = &self.text[self.place..];
        let end = || Argument::from(phrase("phrase-the-end"));
        let found = if rest.is_empty() { end() } else { rest.into() };
        Fault::FormulaUnreadable { found }.refused(self.text)
    }

    fn skip(&mut self) {
        let rest = &self.text[self.place..];
        self.place += rest.len() - rest.trim_start().len();
    }

    fn takes(&mut self, signs: &[char]) -> Option<char> {
        self.skip();
        let next = self.text[self.place..].chars().next().filter(|next| signs.contains(next))?;
        self.place += next.len_utf8();
        Some(next)
    }

    fn sum(&mut self) -> Result<Dual> {
        let mut left = self.product()?;
        while let Some(sign) = self.takes(&['+', '-']) {
            left = left.combined(sign, &self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Dual> {
        let mut left = self.signed()?;
        while let Some(sign) = self.takes(&['*', '/']) {
            left = left.combined(sign, &self.signed()?);
        }
        Ok(left)
    }

    /// A minus binds less than a power: −2² is −4.
    fn signed(&mut self) -> Result<Dual> {
        if self.takes(&['-']).is_some() {
            let found = self.signed()?;
            let value = -found.value;
            return Ok(found.through(value, -1.0));
        }
        let base = self.atom()?;
        match self.takes(&['^']) {
            Some(sign) => Ok(base.combined(sign, &self.signed()?)),
            None => Ok(base),
        }
    }

    fn bracket(&mut self) -> Result<Dual> {
        let found = self.sum()?;
        match self.takes(&[')']) {
            Some(_) => Ok(found),
            None => Err(self.fault()),
        }
    }

    fn atom(&mut self) -> Result<Dual> {
        if self.takes(&['(']).is_some() {
            return self.bracket();
        }
        self.skip();
        let rest = &self.text[self.place..];
        if let Some(quoted) = rest.strip_prefix('`') {
            let Some((name, _)) = quoted.split_once('`') else {
                return Err(self.fault());
            };
            return self.named(name, name.len() + 2);
        }
        let length = rest.find(|letter| !in_name(letter)).unwrap_or(rest.len());
        let word = &rest[..length];
        if word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
            return self.number(rest);
        }
        if FUNCTIONS.contains(&word) && rest[length..].trim_start().starts_with('(') {
            self.place += length;
            self.takes(&['(']);
            let inside = self.bracket()?;
            let x = inside.value;
            return Ok(match word {
                "log" => inside.through(x.ln(), 1.0 / x),
                "exp" => inside.through(x.exp(), x.exp()),
                _ => inside.through(x.sqrt(), 0.5 / x.sqrt()),
            });
        }
        self.named(word, length)
    }

    fn number(&mut self, rest: &str) -> Result<Dual> {
        let mut length =
            rest.find(|l: char| !(l.is_ascii_digit() || l == '.')).unwrap_or(rest.len());
        if rest[length..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
            let digits = &rest[length + 1 + sign..];
            let count = digits.find(|l: char| !l.is_ascii_digit()).unwrap_or(digits.len());
            length += if count > 0 { 1 + sign + count } else { 0 };
        }
        match rest[..length].parse() {
            Ok(value) => {
                self.place += length;
                Ok(Dual::constant(value, self.values.len()))
            }
            Err(_) => Err(self.fault()),
        }
    }

    fn named(&mut self, name: &str, length: usize) -> Result<Dual> {
        let Some(place) = self.names.iter().position(|own| *own == name) else {
            return Err(self.fault());
        };
        self.place += length;
        let mut found = Dual::constant(self.values[place], self.values.len());
        found.slopes[place] = 1.0;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::moments::means;
    use crate::estimate::{EstimateOptions, IntervalMethod};
    use crate::{DegreesOfFreedomRule, Design, DesignInput, SinglePsu, StageInput, Weights};

    fn joint() -> Joint {
        let design = Design::new(DesignInput {
            weights: Weights::Given(vec![1.0; 4]),
            stages: vec![StageInput::default()],
            nest: false,
            single_psu: SinglePsu::Fail,
            domain_single_psu: false,
        });
        let options = EstimateOptions {
            confidence: 0.95,
            interval: IntervalMethod::StudentT,
            degrees_of_freedom: DegreesOfFreedomRule::FullDesign,
        };
        let columns: [&[f64]; 2] = [&[1.0, 2.0, 3.0, 6.0], &[2.0, 1.0, 5.0, 4.0]];
        means(&design.expect("a design"), &columns, None, &options).expect("means")
    }

    #[test]
    fn values_and_errors_by_the_delta_method() {
        let joint = joint();
        let at = |text: &str| function(&joint, &["a", "b c"], text).expect(text);
        // Both means are 3.
        let same = [
            ("a - `b c`", 0.0, vec![1.0, -1.0]),
            ("log(a / `b c`)", 0.0, vec![1.0 / 3.0, -1.0 / 3.0]),
            ("-a^2 + 2e0*(`b c`)", -3.0, vec![-6.0, 2.0]),
            ("sqrt(a) * exp(0)", 3.0_f64.sqrt(), vec![0.5 / 3.0_f64.sqrt(), 0.0]),
            ("2 ^ a", 8.0, vec![8.0 * 2.0_f64.ln(), 0.0]),
        ];
        for (text, value, slopes) in same {
            let expected = joint.smooth(value, &slopes).expect("a function");
            let found = at(text);
            assert!((found.value - value).abs() < 1e-12, "{text}");
            assert!((found.standard_error - expected.standard_error).abs() < 1e-12, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for text in ["a +", "a b", "(a", "log a", "c", "1 / (a - a)", "`a", "", "1..2"] {
            assert!(function(&joint(), &["a", "b"], text).is_err(), "{text}");
        }
        assert_eq!(names_in("log(a/`b c`) - a + 1e5 + log"), ["a", "b c", "log"]);
    }
}
