//! The formulas of the cases: `y ~ a + b*c + I(d - 1)`, as columns by R's treatment coding.

use analysis::model::ModelMatrix;

use crate::Stop;
use crate::compare::failed;
use crate::data::Data;

/// A formula with its terms expanded.
pub(crate) struct Formula {
    pub(crate) response: Option<String>,
    pub(crate) intercept: bool,
    /// Each term is a list of variables that are multiplied; lower orders first.
    pub(crate) terms: Vec<Vec<String>>,
}

impl Formula {
    pub(crate) fn parse(text: &str) -> Result<Self, Stop> {
        let (left, right) = text.split_once('~').ok_or_else(|| failed("a formula without ~"))?;
        let left = left.trim();
        let mut formula = Self {
            response: (!left.is_empty()).then(|| left.to_owned()),
            intercept: true,
            terms: Vec::new(),
        };
        for (sign, term) in split(right) {
            match (sign, term.as_str()) {
                ('-', "1") | ('+', "0") => formula.intercept = false,
                ('+', "1") => {}
                ('+', _) => formula.add(&term),
                _ => return Err(Stop::NotYet(format!("formula {text}"))),
            }
        }
        formula.terms.sort_by_key(Vec::len);
        Ok(formula)
    }

    fn add(&mut self, term: &str) {
        let crossed: Vec<&str> = outside(term, '*').into_iter().map(str::trim).collect();
        for chosen in 1_u32..1 << crossed.len() {
            let mut product = Vec::new();
            for (place, factor) in crossed.iter().enumerate() {
                if chosen & (1 << place) != 0 {
                    product
                        .extend(outside(factor, ':').into_iter().map(|one| one.trim().to_owned()));
                }
            }
            if !self.terms.contains(&product) {
                self.terms.push(product);
            }
        }
    }

    /// The columns of all terms, and the places of each term's columns.
    pub(crate) fn matrix(&self, data: &Data) -> Result<(ModelMatrix, Vec<Vec<usize>>), Stop> {
        let mut matrix = ModelMatrix::default();
        if self.intercept {
            matrix = ModelMatrix::intercept(data.rows);
        }
        let mut places = Vec::new();
        let mut whole = !self.intercept;
        for term in &self.terms {
            let mut columns = vec![(Vec::new(), vec![1.0; data.rows])];
            for variable in term {
                let own = variable_columns(data, variable, whole && term.len() == 1)?;
                if own.len() > 1 || own[0].0 != *variable {
                    whole = false;
                }
                // The levels of the first variable vary fastest.
                columns = own
                    .iter()
                    .flat_map(|(name, values)| {
                        columns.iter().map(move |(names, before): &(Vec<String>, Vec<f64>)| {
                            let mut names = names.clone();
                            names.push(name.clone());
                            let product = before.iter().zip(values).map(|(a, b)| a * b).collect();
                            (names, product)
                        })
                    })
                    .collect();
            }
            let first = matrix.names.len();
            for (names, column) in columns {
                matrix.push(names.join(":"), column);
            }
            places.push((first..matrix.names.len()).collect());
        }
        Ok((matrix, places))
    }
}

/// Parts at a sign outside brackets, with their signs.
fn split(text: &str) -> Vec<(char, String)> {
    let mut parts = vec![('+', String::new())];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match parts.last_mut() {
            Some((_, part)) if depth > 0 || !matches!(letter, '+' | '-') => part.push(letter),
            _ => parts.push((letter, String::new())),
        }
    }
    let trimmed = parts.into_iter().map(|(sign, part)| (sign, part.trim().to_owned()));
    trimmed.filter(|(_, part)| !part.is_empty()).collect()
}

/// Parts at a letter outside brackets.
fn outside(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if letter == at && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn inner<'a>(text: &'a str, function: &str) -> Option<&'a str> {
    text.strip_prefix(function)?.trim().strip_prefix('(')?.strip_suffix(')')
}

/// A numeric variable as it is, text and factors as indicators of all levels but the first.
fn variable_columns(
    data: &Data,
    variable: &str,
    whole: bool,
) -> Result<Vec<(String, Vec<f64>)>, Stop> {
    let factor = inner(variable, "factor").or_else(|| inner(variable, "as.factor"));
    if factor.is_none()
        && let Ok(numbers) = numeric(data, variable)
    {
        let name =
            if is_comparison(variable) { format!("{variable}TRUE") } else { variable.into() };
        return Ok(vec![(name, numbers)]);
    }
    let levels = data.levels(factor.unwrap_or(variable).trim())?;
    let skipped = usize::from(!whole);
    Ok(levels
        .names
        .iter()
        .enumerate()
        .skip(skipped)
        .map(|(place, name)| {
            let column = levels.codes.iter().map(|&code| match usize::from(code) {
                0 => f64::NAN,
                code => f64::from(u8::from(code == place + 1)),
            });
            (format!("{variable}{name}"), column.collect())
        })
        .collect())
}

fn is_comparison(text: &str) -> bool {
    ["==", "!=", "<", ">"].iter().any(|sign| text.contains(sign))
}

/// A column, or an expression in `I()` or of plain numbers: sums, products, powers, comparisons, logs.
pub(crate) fn numeric(data: &Data, text: &str) -> Result<Vec<f64>, Stop> {
    let text = text.trim();
    if let Ok(column) = data.text(text) {
        let _ = column;
        return data.numbers(text);
    }
    if let Ok(number) = text.parse::<f64>() {
        return Ok(vec![number; data.rows]);
    }
    if let Some(inside) = inner(text, "I").or_else(|| text.strip_prefix('(')?.strip_suffix(')')) {
        return numeric(data, inside);
    }
    for (name, function) in
        [("log", f64::ln as fn(f64) -> f64), ("sqrt", f64::sqrt), ("exp", f64::exp)]
    {
        if let Some(inside) = inner(text, name) {
            return Ok(numeric(data, inside)?.into_iter().map(function).collect());
        }
    }
    for level in
        [&["==", "!=", ">=", "<=", ">", "<"][..], &["+", "-"][..], &["*", "/"][..], &["^"][..]]
    {
        if let Some((left, operator, right)) = last_operator(text, level) {
            let apply = operation(operator);
            let (left, right) = (numeric(data, left)?, numeric(data, right)?);
            let joined = left.iter().zip(&right);
            return Ok(joined
                .map(|(a, b)| if a.is_nan() || b.is_nan() { f64::NAN } else { apply(*a, *b) })
                .collect());
        }
    }
    Err(Stop::NotYet(format!("expression {text}")))
}

fn operation(operator: &str) -> fn(f64, f64) -> f64 {
    match operator {
        "==" => |a, b| f64::from(u8::from(a == b)),
        "!=" => |a, b| f64::from(u8::from(a != b)),
        ">=" => |a, b| f64::from(u8::from(a >= b)),
        "<=" => |a, b| f64::from(u8::from(a <= b)),
        ">" => |a, b| f64::from(u8::from(a > b)),
        "<" => |a, b| f64::from(u8::from(a < b)),
        "+" => |a, b| a + b,
        "-" => |a, b| a - b,
        "*" => |a, b| a * b,
        "/" => |a, b| a / b,
        _ => f64::powf,
    }
}

/// The last of some operators outside brackets, with what stands on its sides.
fn last_operator<'a>(text: &'a str, operators: &[&'a str]) -> Option<(&'a str, &'a str, &'a str)> {
    let mut depth = 0;
    for (place, letter) in text.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0
            && let Some(operator) = operators.iter().find(|own| text[place..].starts_with(**own))
            && !text[..place].trim().is_empty()
            && !(*operator == "=" || text[..place].ends_with(['<', '>', '!', '=']))
        {
            return Some((&text[..place], operator, &text[place + operator.len()..]));
        }
    }
    None
}
