//! `SurveyJS` expressions: read, their names and functions put into ours.

use crate::formula::read::{Dialect, Sign, read};
use crate::formula::{Formula, Operator};
use survey_builder::problem::Phrase;

use super::Reader;

const DIALECT: Dialect = Dialect {
    operators: &[
        ("greaterorequal", Sign::Between(Operator::GreaterOrEqual)),
        ("lessorequal", Sign::Between(Operator::LessOrEqual)),
        ("notcontains", Sign::Call("notcontains")),
        ("notcontain", Sign::Call("notcontains")),
        ("notempty", Sign::After("notempty")),
        ("notequal", Sign::Between(Operator::NotEqual)),
        ("contains", Sign::Call("contains")),
        ("contain", Sign::Call("contains")),
        ("greater", Sign::Between(Operator::Greater)),
        ("noneof", Sign::Call("noneof")),
        ("anyof", Sign::Call("anyof")),
        ("allof", Sign::Call("allof")),
        ("empty", Sign::After("empty")),
        ("equal", Sign::Between(Operator::Equal)),
        ("less", Sign::Between(Operator::Less)),
        ("and", Sign::Between(Operator::And)),
        ("or", Sign::Between(Operator::Or)),
        ("&&", Sign::Between(Operator::And)),
        ("||", Sign::Between(Operator::Or)),
        ("*=", Sign::Call("contains")),
        ("==", Sign::Between(Operator::Equal)),
        ("<>", Sign::Between(Operator::NotEqual)),
        ("!=", Sign::Between(Operator::NotEqual)),
        (">=", Sign::Between(Operator::GreaterOrEqual)),
        ("<=", Sign::Between(Operator::LessOrEqual)),
        ("=", Sign::Between(Operator::Equal)),
        (">", Sign::Between(Operator::Greater)),
        ("<", Sign::Between(Operator::Less)),
        ("+", Sign::Between(Operator::Add)),
        ("-", Sign::Between(Operator::Subtract)),
        ("*", Sign::Between(Operator::Multiply)),
        ("/", Sign::Between(Operator::Divide)),
        ("%", Sign::Between(Operator::Remainder)),
        ("^", Sign::Call("pow")),
    ],
    brackets: Some(('{', '}')),
    bare: false,
    inside: "",
};

impl Reader {
    /// Reads a condition or a calculation.
    pub(super) fn formula(&self, source: &str) -> Result<Formula, Phrase> {
        let read = read(source, &DIALECT)?;
        let ours = read.replaced(&mut |part| self.put(part));
        Ok(self.truth(ours))
    }

    fn put(&self, part: Formula) -> Formula {
        match part {
            Formula::Question(name) if name == "item" => Formula::Column("name".to_owned()),
            Formula::Question(name) => {
                if let Some(roster) = name.strip_suffix(".length")
                    && self.names.rosters.contains(roster)
                {
                    let roster = Formula::Question(self.names.ours(roster));
                    return Formula::call("count", vec![roster]);
                }
                if let Some(of) = name.strip_suffix(".length")
                    && let Some(ours) = self.names.find_ours(of, self.names.roster.as_deref())
                {
                    return Formula::call("count-selected", vec![Formula::Question(ours)]);
                }
                let ours = self.names.find_ours(&name, self.names.roster.as_deref());
                Formula::Question(ours.unwrap_or(name))
            }
            Formula::Call(name, arguments) => self.call(&name, arguments),
            Formula::Binary(operator, left, right) => self.binary(operator, *left, *right),
            other => other,
        }
    }

    fn binary(&self, operator: Operator, left: Formula, right: Formula) -> Formula {
        match operator {
            Operator::And | Operator::Or => {
                return Formula::binary(operator, self.truth(left), self.truth(right));
            }
            Operator::Equal | Operator::NotEqual => {}
            _ if operator.binding().0 > 4 => {
                let (left, right) = (self.or_nothing(left), self.or_nothing(right));
                return Formula::binary(operator, left, right);
            }
            _ => return Formula::binary(operator, left, right),
        }
        let written = |truth: &str, name: &str| {
            let (yes, no) = self.names.booleans.get(name)?;
            Some(Formula::text(if truth == "true" { yes } else { no }))
        };
        let right = match (&left, right) {
            (Formula::Question(name), Formula::Call(truth, none))
                if none.is_empty() && truth == "true" && self.names.ticks.contains(name) =>
            {
                Formula::text("OK")
            }
            (Formula::Question(name), Formula::Call(truth, none))
                if none.is_empty() && (truth == "true" || truth == "false") =>
            {
                written(&truth, name).unwrap_or(Formula::Call(truth, none))
            }
            (_, Formula::Call(array, codes)) if array == "array" => {
                let count = Formula::call("count-selected", vec![left.clone()]);
                #[expect(clippy::cast_precision_loss, reason = "a list somebody wrote")]
                let same =
                    Formula::binary(Operator::Equal, count, Formula::Number(codes.len() as f64));
                let each =
                    codes.into_iter().map(|code| Formula::call("holds", vec![left.clone(), code]));
                let all = Formula::all(each.chain([same]));
                let all = all.unwrap_or_else(|| left.blank());
                return if operator == Operator::Equal { all } else { all.negated() };
            }
            (_, right) => right,
        };
        Formula::binary(operator, left, right)
    }

    /// What is counted with: a blank counts as 0 in models.
    fn or_nothing(&self, part: Formula) -> Formula {
        match &part {
            Formula::Question(name) if self.names.numbers.contains(name) => {
                Formula::call("coalesce", vec![part, Formula::Number(0.0)])
            }
            _ => part,
        }
    }

    /// A yes-or-no question that stands where a condition is expected.
    fn truth(&self, part: Formula) -> Formula {
        match &part {
            Formula::Question(name) => match self.names.booleans.get(name) {
                Some((yes, _)) => {
                    let yes = Formula::text(yes);
                    Formula::binary(Operator::Equal, part, yes)
                }
                None => part,
            },
            _ => part,
        }
    }

    fn call(&self, name: &str, mut arguments: Vec<Formula>) -> Formula {
        let lower = name.to_lowercase();
        let first = || arguments.first().cloned().unwrap_or(Formula::text(""));
        match (lower.as_str(), arguments.len()) {
            ("empty", 1) => first().blank(),
            ("notempty", 1) => Formula::binary(Operator::NotEqual, first(), Formula::text("")),
            ("contains" | "allof", 2) => each_of("holds", &arguments, true),
            ("anyof", 2) => each_of("holds", &arguments, false),
            ("notcontains" | "noneof", 2) => each_of("holds", &arguments, false).negated(),
            ("not", 1) => self.truth(first()).negated(),
            ("iif", 3) if is_sum_of_known(&arguments) => arguments.swap_remove(1),
            ("iif", 3) if is_counted(&arguments) => without_nothing(arguments.swap_remove(1)),
            ("iif", 3) => {
                let condition = self.truth(arguments.remove(0));
                arguments.insert(0, condition);
                Formula::Call("if".to_owned(), arguments)
            }
            ("today" | "currentdate", 0) => Formula::call("today", Vec::new()),
            ("today", 1) => {
                let today = Formula::call("today", Vec::new());
                Formula::binary(Operator::Add, today, first())
            }
            ("getdate", 1) => Formula::call("date", arguments),
            ("dateadd", 2 | 3) => {
                let unit = arguments.get(2).cloned().unwrap_or_else(|| Formula::text("days"));
                match unit {
                    Formula::Text(unit) if unit.starts_with("day") => {
                        Formula::binary(Operator::Add, first(), arguments.swap_remove(1))
                    }
                    _ => Formula::Call(lower, arguments),
                }
            }
            ("month" | "day" | "weekday", 1) => Formula::Call(lower, arguments),
            ("year" | "getyear", 1) => Formula::call("year", arguments),
            ("currentyear", 0) => Formula::call("year", vec![Formula::call("today", Vec::new())]),
            ("age", 1) => {
                Formula::call("years-between", vec![first(), Formula::call("today", Vec::new())])
            }
            ("diffdays", 2) => Formula::call("days-between", arguments),
            ("datediff", 3) => {
                let unit = arguments.pop();
                let function = match unit {
                    Some(Formula::Text(unit)) if unit.starts_with("month") => "months-between",
                    Some(Formula::Text(unit)) if unit.starts_with("year") => "years-between",
                    _ => "days-between",
                };
                Formula::call(function, arguments)
            }
            ("avg", _) => Formula::Call("mean".to_owned(), arguments),
            ("ceil", 1) => Formula::Call("ceiling".to_owned(), arguments),
            ("trunc", 1) => Formula::Call("int".to_owned(), arguments),
            ("suminarray" | "avginarray" | "mininarray" | "maxinarray", 2) => {
                self.in_array(&lower, &arguments)
            }
            ("countinarray", 1 | 2) => Formula::call("count", vec![first()]),
            ("displayvalue", 1) => {
                let name = match first() {
                    Formula::Text(name) => {
                        let found = self.names.find_ours(&name, self.names.roster.as_deref());
                        Formula::Question(found.unwrap_or(name))
                    }
                    other => other,
                };
                Formula::call("jr:choice-name", vec![name])
            }
            _ => Formula::Call(
                if name == "array" { lower } else { lower.replace('_', "-") },
                arguments,
            ),
        }
    }

    /// `sumInArray({panel}, 'question')`.
    fn in_array(&self, name: &str, arguments: &[Formula]) -> Formula {
        let function = match name {
            "suminarray" => "sum",
            "avginarray" => "mean",
            "mininarray" => "min",
            _ => "max",
        };
        let of = match arguments {
            [Formula::Question(roster), Formula::Text(inner)] => {
                let path = self.names.rosters.iter().find(|one| self.names.ours(one) == *roster);
                let path = path.map(|roster| format!("{roster}.{inner}"));
                path.and_then(|path| self.names.find_ours(&path, None)).map(Formula::Question)
            }
            _ => None,
        };
        Formula::call(function, vec![of.unwrap_or_else(|| Formula::text(""))])
    }
}

/// A question of a set for each of several codes, or for the one there is.
fn each_of(function: &str, arguments: &[Formula], all: bool) -> Formula {
    let [whole, part] = arguments else { return Formula::call(function, arguments.to_vec()) };
    let codes = match part {
        Formula::Call(name, codes) if name == "array" => codes.clone(),
        one => vec![one.clone()],
    };
    let each = codes.into_iter().map(|code| Formula::call(function, vec![whole.clone(), code]));
    let joined = if all { Formula::all(each) } else { Formula::any(each) };
    joined.unwrap_or_else(|| Formula::call(if all { "true" } else { "false" }, Vec::new()))
}

/// Whether it is a sum of several answers where one at least is there, which is
/// what a sum is here.
fn is_sum_of_known(parts: &[Formula]) -> bool {
    fn known<'f>(condition: &'f Formula, found: &mut Vec<&'f Formula>) -> bool {
        match condition {
            Formula::Binary(Operator::Or, left, right) => known(left, found) && known(right, found),
            Formula::Binary(Operator::NotEqual, of, blank) if **blank == Formula::text("") => {
                found.push(of);
                true
            }
            _ => false,
        }
    }
    match parts {
        [condition, Formula::Call(name, terms), Formula::Text(nothing)] => {
            let mut found = Vec::new();
            name == "sum"
                && terms.len() > 1
                && nothing.is_empty()
                && known(condition, &mut found)
                && found.len() == terms.len()
                && found.iter().zip(terms).all(|(one, term)| *one == term)
        }
        _ => false,
    }
}

/// Whether it is counted from answers only where all are there, as counting is
/// here anyway.
fn is_counted(parts: &[Formula]) -> bool {
    fn known(condition: &Formula, found: &mut Vec<String>) -> bool {
        match condition {
            Formula::Binary(Operator::And, left, right) => {
                known(left, found) && known(right, found)
            }
            Formula::Binary(Operator::NotEqual, of, blank) if **blank == Formula::text("") => {
                match &**of {
                    Formula::Question(name) => found.push(name.clone()),
                    _ => return false,
                }
                true
            }
            _ => false,
        }
    }
    let [condition, value, Formula::Text(nothing)] = parts else { return false };
    let counts = match value {
        Formula::Binary(operator, ..) => operator.binding().0 > 4,
        Formula::Call(name, _) => ["round", "int", "pow"].contains(&name.as_str()),
        _ => false,
    };
    let mut found = Vec::new();
    if !counts || !nothing.is_empty() || !known(condition, &mut found) {
        return false;
    }
    let mut read: Vec<String> = Vec::new();
    value.each(&mut |part| {
        if let Formula::Question(name) = part
            && !read.contains(name)
        {
            read.push(name.clone());
        }
    });
    found.sort();
    read.sort();
    found == read
}

/// What is counted with, as it is where nothing of it is blank.
fn without_nothing(value: Formula) -> Formula {
    value.replaced(&mut |part| match part {
        Formula::Call(name, mut parts)
            if name == "coalesce" && parts.get(1) == Some(&Formula::Number(0.0)) =>
        {
            parts.swap_remove(0)
        }
        other => other,
    })
}
