//! Formulas in the words of `SurveyJS`, and where answers stand in its data.

use std::collections::BTreeMap;

use survey_builder::questionnaire::document::{Block, Document, Kind, Question, Section, Text};
use survey_builder::questionnaire::expression::{Type, print_number};

use crate::formula::{Formula, Operator};

/// Where the answer to an item stands.
struct Item {
    /// The rosters around it.
    rosters: Vec<String>,
    /// The panel of the innermost of them.
    panel: Option<String>,
    /// The way to it in the data of its panel or of the model.
    path: String,
    /// Whether it is a tick: true or false there.
    ticked: bool,
    /// Whether it holds several codes.
    several: bool,
    /// Whether it holds one code.
    code: bool,
}

/// Where everything stands.
pub(super) struct Places {
    items: BTreeMap<String, Item>,
    /// The rosters around each roster.
    rosters: BTreeMap<String, Vec<String>>,
    /// What their members are called.
    labels: BTreeMap<String, Text>,
}

impl Places {
    pub(super) fn of(document: &Document) -> Self {
        let labels = document.rosters.iter().map(|one| (one.name.clone(), one.label.clone()));
        let mut places =
            Self { items: BTreeMap::new(), rosters: BTreeMap::new(), labels: labels.collect() };
        for section in &document.sections {
            places.section(section, &mut Vec::new(), None);
        }
        places
    }

    fn section(&mut self, section: &Section, around: &mut Vec<String>, panel: Option<&str>) {
        let mut panel = panel;
        if let Some(each) = &section.each {
            let again = self.rosters.contains_key(&each.roster);
            panel = Some(if again { &section.name } else { &each.roster });
            self.rosters.entry(each.roster.clone()).or_insert_with(|| around.clone());
            around.push(each.roster.clone());
        }
        for block in &section.blocks {
            match block {
                Block::Section(inner) => self.section(inner, around, panel),
                Block::Page(page) => {
                    for question in &page.questions {
                        self.question(question, around, panel);
                    }
                }
            }
        }
        if section.each.is_some() {
            around.pop();
        }
    }

    fn question(&mut self, question: &Question, around: &[String], panel: Option<&str>) {
        for item in question.items() {
            let path = match (&question.kind, item.row, item.column) {
                (Kind::Battery(_), Some(row), _) => {
                    format!("{}.{}", question.name, row.name)
                }
                (Kind::Grid(_), Some(row), Some(column)) => {
                    format!("{}.{}.{}", question.name, row.name, column.name)
                }
                _ if item.is_other => format!("{}-Comment", question.name),
                _ => item.name.to_string(),
            };
            let kind = item.kind_in(question).answer_type();
            let at = Item {
                rosters: around.to_vec(),
                panel: panel.map(str::to_owned),
                path,
                ticked: matches!(kind, Some(Type::Bool)),
                several: matches!(kind, Some(Type::Set(_) | Type::List(_))),
                code: matches!(kind, Some(Type::Option(_))),
            };
            self.items.insert(item.name.to_string(), at);
        }
    }

    /// The way to an answer as one inside these rosters writes it.
    fn path(&self, name: &str, around: &[String]) -> Option<String> {
        let item = self.items.get(name)?;
        if !around.starts_with(&item.rosters) {
            return None;
        }
        Some(match around.len() - item.rosters.len() {
            _ if item.rosters.is_empty() => item.path.clone(),
            0 => format!("panel.{}", item.path),
            1 => format!("parentPanel.{}", item.path),
            _ => return None,
        })
    }

    /// A text with what it inserts; a member by what it is called.
    pub(super) fn piped(&self, words: &str, around: &[String], language: &str) -> String {
        let mut parts = words.split("${");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.split_once('}') {
                Some((name, rest)) => {
                    let name = name.trim();
                    let label = self.labels.get(name).map(|label| label.get(language, language));
                    let label = label.filter(|label| {
                        around.iter().any(|roster| roster == name)
                            && !label.is_empty()
                            && !label.contains(&format!("${{{name}}}"))
                    });
                    match (self.path(name, around), label) {
                        (Some(path), _) => whole.push_str(&format!("{{{path}}}")),
                        (None, Some(label)) => whole.push_str(&self.piped(label, around, language)),
                        (None, None) => whole.push('…'),
                    }
                    whole.push_str(rest);
                }
                None => {
                    whole.push_str("${");
                    whole.push_str(part);
                }
            }
        }
        whole
    }
}

/// Where a formula stands, and what `.` is there.
pub(super) struct Standing<'s> {
    pub places: &'s Places,
    pub around: &'s [String],
    /// The question whose answer is checked.
    pub own: Option<&'s str>,
}

/// Functions of numbers that are blank where their arguments are.
const COUNTING: [&str; 3] = ["round", "int", "pow"];

type Written = Result<String, String>;

impl Standing<'_> {
    /// Writes a formula, or says what has no counterpart.
    pub(super) fn written(&self, formula: &Formula) -> Written {
        match formula {
            Formula::Number(number) => Ok(print_number(*number)),
            Formula::Text(text) => Ok(quoted(text)),
            Formula::Question(name) => self.name(name),
            Formula::SelfValue => match self.own {
                Some(own) => self.name(own),
                None => Err("the value itself".to_owned()),
            },
            Formula::Column(name) if name == "name" => Ok("{item}".to_owned()),
            Formula::Column(name) => Err(format!("the column {name}")),
            Formula::Negate(inner) => Ok(format!("-{}", self.bound(inner, 7)?)),
            Formula::Binary(operator, left, right) => self.binary(*operator, left, right),
            Formula::Call(name, parts) => self.call(name, parts),
        }
    }

    fn name(&self, name: &str) -> Written {
        let path = self.places.path(name, self.around);
        path.map(|path| format!("{{{path}}}")).ok_or_else(|| format!("{name} from here"))
    }

    /// A part beside an operator that binds so tightly.
    fn bound(&self, part: &Formula, least: u8) -> Written {
        let text = self.written(part)?;
        let loose = matches!(part, Formula::Binary(operator, ..) if operator.binding().0 < least);
        Ok(if loose { format!("({text})") } else { text })
    }

    fn item(&self, part: &Formula) -> Option<&Item> {
        match (part, self.own) {
            (Formula::Question(name), _) => self.places.items.get(name),
            (Formula::SelfValue, Some(own)) => self.places.items.get(own),
            _ => None,
        }
    }

    fn binary(&self, operator: Operator, left: &Formula, right: &Formula) -> Written {
        let ticked = self.item(left).is_some_and(|item| item.ticked);
        match (operator, right) {
            (Operator::Equal, Formula::Text(text)) if text.is_empty() => {
                return Ok(format!("{} empty", self.bound(left, 5)?));
            }
            (Operator::NotEqual, Formula::Text(text)) if text.is_empty() => {
                return Ok(format!("{} notempty", self.bound(left, 5)?));
            }
            (Operator::Equal | Operator::NotEqual, Formula::Text(text)) if ticked => {
                let word = if operator == Operator::Equal { "=" } else { "<>" };
                return Ok(format!("{} {word} {}", self.written(left)?, text == "OK"));
            }
            _ => {}
        }
        if let Some(days) = self.days(operator, left, right) {
            return days;
        }
        let (binding, word) = operator.binding();
        // Blank counts as 0 in sums there, and is as much as another blank.
        let known = match (binding, operator) {
            (4, Operator::Equal | Operator::NotEqual) => self.counted([left, right]),
            (4, _) if self.counted([left, right]).is_empty() => match (left, right) {
                (Formula::Number(_) | Formula::Text(_), _)
                | (_, Formula::Number(_) | Formula::Text(_)) => Vec::new(),
                _ => self.blanks([left, right]),
            },
            (4, _) => self.blanks([left, right]),
            _ => Vec::new(),
        };
        let word = match operator {
            Operator::NotEqual => "<>",
            Operator::Remainder => "%",
            _ => word,
        };
        let tight = if binding == 4 { 5 } else { binding + 1 };
        let left = self.bound(left, if binding == 4 { 5 } else { binding })?;
        let test = format!("{left} {word} {}", self.bound(right, tight)?);
        if known.is_empty() {
            return Ok(test);
        }
        let known: Result<Vec<String>, String> =
            known.iter().map(|one| Ok(format!("{} notempty", self.name(one)?))).collect();
        Ok(format!("({} and {test})", known?.join(" and ")))
    }

    /// The answers that are counted with on either side.
    fn counted(&self, sides: [&Formula; 2]) -> Vec<String> {
        let counts = |side: &&Formula| match side {
            Formula::Binary(operator, ..) => operator.binding().0 > 4,
            Formula::Call(name, _) => COUNTING.contains(&name.as_str()),
            _ => false,
        };
        let mut found = Vec::new();
        for side in sides.into_iter().filter(counts) {
            found.extend(self.blanks([side, side]));
        }
        found.dedup();
        found
    }

    /// The answers that two pieces read and that may be blank.
    fn blanks(&self, sides: [&Formula; 2]) -> Vec<String> {
        fn read(part: &Formula, found: &mut Vec<String>) {
            match part {
                Formula::Question(name) if !found.contains(name) => found.push(name.clone()),
                Formula::Binary(operator, left, right) if operator.binding().0 > 4 => {
                    read(left, found);
                    read(right, found);
                }
                Formula::Negate(inner) => read(inner, found),
                Formula::Call(name, parts) if COUNTING.contains(&name.as_str()) => {
                    for part in parts {
                        read(part, found);
                    }
                }
                _ => {}
            }
        }
        let mut found = Vec::new();
        for side in sides {
            read(side, &mut found);
        }
        found.retain(|name| self.own != Some(name.as_str()));
        found
    }

    /// A value; what is counted with blanks is blank, not a sum without them.
    pub(super) fn value(&self, formula: &Formula) -> Written {
        let known = self.counted([formula, &Formula::Number(0.0)]);
        let known = known.iter().map(|name| Formula::question(name).blank());
        let known = known.map(|blank| match blank {
            Formula::Binary(_, left, right) => Formula::Binary(Operator::NotEqual, left, right),
            other => other,
        });
        match Formula::all(known) {
            Some(known) => {
                let (known, text) = (self.written(&known)?, self.written(formula)?);
                Ok(format!("iif({known}, {text}, '')"))
            }
            None => self.written(formula),
        }
    }

    /// The days between two days.
    fn days(&self, operator: Operator, left: &Formula, right: &Formula) -> Option<Written> {
        let counted = |part: &Formula| match part {
            Formula::Call(name, parts) if name == "decimal-date-time" => parts.first().cloned(),
            _ => None,
        };
        let (to, from) = (counted(left)?, counted(right)?);
        if operator != Operator::Subtract {
            return None;
        }
        let both = self.written(&from).and_then(|from| Ok((from, self.written(&to)?)));
        Some(both.map(|(from, to)| format!("diffDays({from}, {to})")))
    }

    fn call(&self, name: &str, parts: &[Formula]) -> Written {
        match (name, parts) {
            ("true" | "false", []) => Ok(name.to_owned()),
            ("not", [inner]) => Ok(format!("!({})", self.written(inner)?)),
            ("if", [known, sum, last]) => match summed(sum) {
                // It counts what is blank as nothing, also where all is.
                Some(terms) => {
                    let (known, sum) = (self.written(known)?, self.function("sum", &terms)?);
                    Ok(format!("iif({known}, {sum}, '')"))
                }
                None => {
                    let (yes, no) = (self.value(sum)?, self.value(last)?);
                    Ok(format!("iif({}, {yes}, {no})", self.written(known)?))
                }
            },
            ("selected", [chosen, code]) => self.selected(chosen, code),
            ("coalesce", [first, second]) => {
                let (first, second) = (self.written(first)?, self.written(second)?);
                Ok(format!("iif({first} notempty, {first}, {second})"))
            }
            ("contains", [text, part]) => {
                Ok(format!("{} contains {}", self.bound(text, 5)?, self.bound(part, 5)?))
            }
            ("count-selected", [chosen]) if self.item(chosen).is_some_and(|one| one.several) => {
                let path = self.written(chosen)?;
                Ok(format!("{}.length}}", path.trim_end_matches('}')))
            }
            ("count", [Formula::Question(roster)]) if self.places.rosters.contains_key(roster) => {
                match self.places.rosters.get(roster) {
                    Some(around) if around.is_empty() => Ok(format!("{{{roster}.length}}")),
                    _ => Err("the count of a roster within another".to_owned()),
                }
            }
            ("sum" | "min" | "max", [Formula::Question(of)]) => self.of_members(name, of),
            ("today", []) => Ok("today()".to_owned()),
            ("date", [Formula::Text(day)]) => Ok(quoted(day)),
            ("date", [Formula::Binary(Operator::Add, left, days)]) => match &**left {
                Formula::Call(name, parts) if name == "decimal-date-time" && parts.len() == 1 => {
                    let (day, days) = (self.written(&parts[0])?, self.written(days)?);
                    Ok(format!("dateAdd({day}, {days}, 'days')"))
                }
                _ => Err("a day that is worked out".to_owned()),
            },
            ("number", [Formula::Call(format, parts)]) if format == "format-date" => {
                match parts.as_slice() {
                    [day, Formula::Text(part)] => {
                        let function = match part.as_str() {
                            "%Y" => "year",
                            "%n" => "month",
                            "%e" => "day",
                            _ => return Err(format!("format-date with {part}")),
                        };
                        Ok(format!("{function}({})", self.written(day)?))
                    }
                    _ => Err("format-date".to_owned()),
                }
            }
            ("int", [_]) => self.function("trunc", parts),
            ("round", [_] | [_, _]) => self.function("round", parts),
            ("pow", [base, power]) => {
                Ok(format!("{} ^ {}", self.bound(base, 7)?, self.bound(power, 7)?))
            }
            ("jr:choice-name", [Formula::Question(name), ..]) => {
                let path = self.places.path(name, self.around).ok_or("an answer from elsewhere")?;
                Ok(format!("displayValue({})", quoted(&path)))
            }
            _ => Err(format!("{name}()")),
        }
    }

    fn function(&self, name: &str, parts: &[Formula]) -> Written {
        let parts: Result<Vec<String>, String> =
            parts.iter().map(|part| self.written(part)).collect();
        Ok(format!("{name}({})", parts?.join(", ")))
    }

    /// What the answers of all members come to.
    fn of_members(&self, function: &str, name: &str) -> Written {
        match self.places.items.get(name) {
            Some(Item { panel: Some(panel), rosters, path, .. })
                if rosters.len() == 1 && self.around.is_empty() =>
            {
                Ok(format!("{function}InArray({{{panel}}}, {})", quoted(path)))
            }
            _ => Ok(format!("{function}({})", self.name(name)?)),
        }
    }

    fn selected(&self, chosen: &Formula, code: &Formula) -> Written {
        let (whole, part) = (self.bound(chosen, 5)?, self.bound(code, 5)?);
        match self.item(chosen) {
            Some(item) if item.several => Ok(format!("{whole} contains {part}")),
            // "contains" would look for a part of the one code there is.
            Some(item) if item.code => Ok(format!("{whole} anyof [{part}]")),
            _ => Ok(format!("{whole} = {part}")),
        }
    }
}

/// The terms of a sum that leaves out what is blank:
/// `if(${a} != '', ${a}, 0) + if(${b} != '', ${b}, 0)`.
fn summed(sum: &Formula) -> Option<Vec<Formula>> {
    match sum {
        Formula::Binary(Operator::Add, left, right) => {
            let mut terms = summed(left)?;
            terms.extend(summed(right)?);
            Some(terms)
        }
        Formula::Call(name, parts) if name == "if" => match parts.as_slice() {
            [Formula::Binary(Operator::NotEqual, known, blank), term, Formula::Number(nothing)]
                if known.as_ref() == term
                    && **blank == Formula::text("")
                    && *nothing == 0.0
                    && matches!(term, Formula::Question(_)) =>
            {
                Some(vec![term.clone()])
            }
            _ => None,
        },
        _ => None,
    }
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\\'").replace('"', "\\\""))
}
