//! The terms of models: `age`, `factor(area)`, `age^2`, `age:sex`, `age*sex`.
//!
//! Numbers enter as they are; texts, and codes that all have labels, as indicators of their levels after the
//! first that anybody has.

use std::collections::HashMap;
use std::ops::Range;

use analysis::Problem;
use analysis::dataset::missing::number_in;
use analysis::model::ModelMatrix;

use super::data_file::Columns;
use super::designed_data::{read_or_tell, taken};

/// One factor of a term.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Factor {
    /// A column, as what it is.
    Column(String),
    /// A column by its levels, whatever it is.
    Levels(String),
    /// A power of a column of numbers.
    Power(String, u8),
}

/// Factors that are multiplied.
type Term = Vec<Factor>;

/// Indicators and numbers of a model, and where those of each term are.
pub struct Terms {
    /// The columns, an intercept first.
    pub matrix: ModelMatrix,
    /// The columns of each term by its text.
    pub places: Vec<(String, Range<usize>)>,
}

impl Factor {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix("factor(").and_then(|rest| rest.strip_suffix(')')) {
            return Some(Self::Levels(name.trim().to_owned())).filter(|_| !name.trim().is_empty());
        }
        if let Some((name, power)) = text.split_once('^') {
            let power = power.trim().parse().ok().filter(|power| (2..=9).contains(power))?;
            let name = name.trim();
            return (!name.is_empty()).then(|| Self::Power(name.to_owned(), power));
        }
        (!text.is_empty()).then(|| Self::Column(text.to_owned()))
    }

    fn text(&self) -> String {
        match self {
            Self::Column(name) => name.clone(),
            Self::Levels(name) => format!("factor({name})"),
            Self::Power(name, power) => format!("{name}^{power}"),
        }
    }

    /// Its columns, each with its name.
    fn columns(
        &self,
        data: &impl Columns,
        domain: Option<&[bool]>,
        problems: &mut Vec<Problem>,
    ) -> Vec<(String, Vec<f64>)> {
        match self {
            Self::Power(name, power) => {
                let raise = |value: f64| value.powi(i32::from(*power));
                let column = taken(data.numbers(name), problems).into_iter().map(raise);
                vec![(self.text(), column.collect())]
            }
            Self::Column(name) if !data.is_labelled(name) => match data.numbers(name) {
                Ok(numbers) => vec![(name.clone(), numbers)],
                Err(_) => indicators(name, data, domain, problems),
            },
            Self::Column(name) | Self::Levels(name) => indicators(name, data, domain, problems),
        }
    }
}

/// Indicators of the levels of a column that anybody in the domain has, the first left out.
fn indicators(
    name: &str,
    data: &impl Columns,
    domain: Option<&[bool]>,
    problems: &mut Vec<Problem>,
) -> Vec<(String, Vec<f64>)> {
    let Some(levels) = read_or_tell(data.levels(name), problems) else { return Vec::new() };
    let mut met = vec![false; levels.labels.len() + 1];
    for (row, code) in levels.codes.iter().enumerate() {
        if domain.is_none_or(|domain| domain[row]) {
            met[usize::from(*code)] = true;
        }
    }
    let there = levels.labels.iter().zip(1_u16..).filter(|(_, own)| met[usize::from(*own)]);
    there
        .skip(1)
        .map(|(label, own)| {
            let column = levels.codes.iter().map(|code| match *code {
                0 => f64::NAN,
                code => f64::from(u8::from(code == own)),
            });
            (format!("{name} = {label}"), column.collect())
        })
        .collect()
}

/// The terms that a text stands for: `a*b` is `a`, `b` and `a:b`.
fn expanded(text: &str) -> Option<Vec<Term>> {
    let parts: Option<Vec<Term>> =
        text.split('*').map(|part| part.split(':').map(Factor::read).collect()).collect();
    let mut terms: Vec<Term> = Vec::new();
    for part in parts? {
        // Each with all that stand before it.
        let crossed: Vec<Term> =
            terms.iter().map(|term| term.iter().chain(&part).cloned().collect()).collect();
        terms.push(part);
        terms.extend(crossed);
    }
    terms.sort_by_key(Vec::len);
    Some(terms)
}

/// An intercept and the columns of each term.
pub fn terms(
    texts: &[String],
    data: &impl Columns,
    domain: Option<&[bool]>,
    problems: &mut Vec<Problem>,
) -> Terms {
    let mut wanted: Vec<Term> = Vec::new();
    for text in texts {
        let Some(terms) = expanded(text) else {
            let form = "a, factor(a), a^2, a:b, a*b";
            problems.push(Problem::new("argument_form", text).with("form", form));
            continue;
        };
        let new = terms.into_iter().filter(|term| !wanted.contains(term)).collect::<Vec<_>>();
        wanted.extend(new);
    }
    // Main effects first, as R has them.
    wanted.sort_by_key(Vec::len);
    let mut matrix = ModelMatrix::intercept(data.rows());
    let mut places = Vec::new();
    let mut known: HashMap<&Factor, Vec<(String, Vec<f64>)>> = HashMap::new();
    for term in &wanted {
        if term.len() > 1 {
            // Without its parts an interaction means another model, which few mean.
            let alone = term.iter().filter(|factor| !wanted.contains(&vec![(*factor).clone()]));
            let alone: Vec<String> = alone.map(Factor::text).collect();
            let text = term.iter().map(Factor::text).collect::<Vec<_>>().join(":");
            if !alone.is_empty() {
                let problem = Problem::new("interaction_without_parts", text);
                problems.push(problem.with("parts", alone.join(", ")));
                continue;
            }
        }
        let first = matrix.columns.len();
        let mut product: Vec<(String, Vec<f64>)> = Vec::new();
        for (place, factor) in term.iter().enumerate() {
            let own = known.entry(factor).or_insert_with(|| factor.columns(data, domain, problems));
            product = if place == 0 { own.clone() } else { crossed(&product, own) };
        }
        for (name, column) in product {
            matrix.push(name, column);
        }
        let text = term.iter().map(Factor::text).collect::<Vec<_>>().join(":");
        places.push((text, first..matrix.columns.len()));
    }
    Terms { matrix, places }
}

/// Every column of one multiplied with every column of the other.
fn crossed(one: &[(String, Vec<f64>)], other: &[(String, Vec<f64>)]) -> Vec<(String, Vec<f64>)> {
    let times = |(name, column): &(String, Vec<f64>)| -> Vec<(String, Vec<f64>)> {
        let product = |(outer, values): &(String, Vec<f64>)| {
            let values = values.iter().zip(column).map(|(left, right)| left * right).collect();
            (format!("{outer} : {name}"), values)
        };
        one.iter().map(product).collect()
    };
    other.iter().flat_map(times).collect()
}

/// Whether the levels of a column have an order: numbers, a measure or labels that say so.
///
/// # Errors
/// A column that has none, or is not there.
pub fn ordered(name: &str, data: &impl Columns) -> Result<(), Vec<Problem>> {
    let levels = data.levels(name)?;
    if data.is_ordered(name) || levels.values.iter().all(|value| number_in(value).is_some()) {
        return Ok(());
    }
    let levels = levels.values.join(", ");
    Err(vec![Problem::new("outcome_without_order", name).with("levels", levels)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Option<Vec<String>> {
        let terms = expanded(text)?;
        let text = |term: &Term| term.iter().map(Factor::text).collect::<Vec<_>>().join(":");
        Some(terms.iter().map(text).collect())
    }

    #[test]
    fn a_star_is_the_parts_and_their_products() {
        assert_eq!(texts("a").expect("a term"), ["a"]);
        assert_eq!(texts("a*factor( b )").expect("terms"), ["a", "factor(b)", "a:factor(b)"]);
        let three = ["a", "b", "c^2", "a:b", "a:c^2", "b:c^2", "a:b:c^2"];
        assert_eq!(texts("a*b*c^2").expect("terms"), three);
        assert_eq!(texts("a:b").expect("a term"), ["a:b"]);
        for wrong in ["", "a*", ":b", "factor()", "a^x", "a^1", "^2"] {
            assert_eq!(texts(wrong), None, "{wrong}");
        }
    }
}
