//! What an engine showed to respondents, held against what they were asked here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// What one engine made of the answers.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Compared {
    /// How many respondents filled it in.
    pub respondents: u64,
    /// How many questions were compared, over all respondents.
    pub questions: u64,
    /// How many values.
    pub values: u64,
    /// The questions in which the two differ, in the order in which they were met.
    pub found: Vec<Differing>,
    /// Why the engine does not run a form that others wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// A question in which the two differ: for how many respondents, members counted.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Differing {
    /// Its name.
    pub question: String,
    /// Asked here only.
    pub here: u64,
    /// Asked there only.
    pub there: u64,
    /// Worked out otherwise.
    pub value: u64,
    /// Refused there, or not there.
    pub other: u64,
    /// The first of them.
    pub how: String,
}

/// A line that a script printed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    form: usize,
    respondent: Option<usize>,
    /// Whether each question is shown, by its name and the places of members.
    shown: Vec<(String, bool)>,
    /// What was worked out.
    values: Map<String, Json>,
    /// What could not be given, and why.
    refused: Vec<(String, String)>,
    /// Why the form cannot be run.
    failed: Option<String>,
    /// What is said against the form.
    errors: Vec<String>,
}

/// Compares what a script printed, a line a respondent, with the `cases` that it was given: one
/// answer a case.
///
/// # Errors
///
/// A line that no script prints.
pub fn compare(cases: &[Json], printed: &str) -> Result<Vec<Compared>, serde_json::Error> {
    let forms: Vec<Form<'_>> = cases.iter().map(Form::of).collect();
    let mut found: Vec<Compared> = cases.iter().map(|_| Compared::default()).collect();
    for text in printed.lines().filter(|line| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(text)?;
        if let (Some(form), Some(own)) = (forms.get(line.form), found.get_mut(line.form)) {
            form.take(&line, own);
        }
    }
    Ok(found)
}

/// A case, as far as it is compared.
struct Form<'a> {
    foreign: bool,
    /// The names of what is not compared.
    lost: BTreeSet<&'a str>,
    /// The kinds of the questions by their names.
    kinds: BTreeMap<&'a str, &'a str>,
    respondents: &'a [Json],
}

/// Which way the two differ.
#[derive(Clone, Copy)]
enum Way {
    Here,
    There,
    Value,
    Other,
}

impl<'a> Form<'a> {
    fn of(case: &'a Json) -> Self {
        let list = |name: &str| case[name].as_array().map_or(&[][..], Vec::as_slice);
        let pair = |one: &'a Json| Some((one["name"].as_str()?, one["kind"].as_str()?));
        Self {
            foreign: case["foreign"].as_bool().unwrap_or_default(),
            lost: list("lost").iter().filter_map(Json::as_str).collect(),
            kinds: list("questions").iter().filter_map(pair).collect(),
            respondents: list("respondents"),
        }
    }

    fn take(&self, line: &Line, own: &mut Compared) {
        if let Some(why) = &line.failed {
            if self.foreign {
                // What others wrote may need what the engine has not.
                own.unread = Some(why.clone());
            } else {
                own.differs("the form", Way::Other, || why.clone());
            }
        }
        for error in &line.errors {
            own.differs("the model", Way::Other, || error.clone());
        }
        let Some(respondent) = line.respondent.and_then(|number| self.respondents.get(number))
        else {
            return;
        };
        own.respondents += 1;
        for (name, why) in &line.refused {
            own.differs(name, Way::Other, || why.clone());
        }
        let asked = respondent["asked"].as_array().map_or(&[][..], Vec::as_slice);
        let asked: BTreeSet<&str> = asked.iter().filter_map(Json::as_str).collect();
        for (place, shown) in &line.shown {
            let name = place.split('@').next().unwrap_or_default();
            let kind = self.kinds.get(name).copied().unwrap_or_default();
            if self.lost.contains(name) || matches!(kind, "hidden" | "arm") {
                continue;
            }
            let after = || &respondent["values"];
            if kind == "computed" {
                own.values += 1;
                let value = &respondent["computed"][place];
                let here = plain(value);
                let there = plain(line.values.get(place).unwrap_or(&Json::Null));
                // Some write what is true as a number.
                let digit = value.as_bool().map(|truth| u8::from(truth).to_string());
                if here != there && digit.as_ref() != Some(&there) {
                    own.differs(name, Way::Value, || {
                        format!("{place}: {there} there, {here} here, after {}", after())
                    });
                }
                continue;
            }
            own.questions += 1;
            let is_asked = asked.contains(place.as_str());
            if *shown != is_asked {
                let way = if *shown { Way::There } else { Way::Here };
                own.differs(name, way, || {
                    format!("{place}: shown {shown}, asked {is_asked}, after {}", after())
                });
            }
        }
    }
}

impl Compared {
    /// Counts a difference; only the first of a question is described.
    fn differs(&mut self, name: &str, way: Way, how: impl FnOnce() -> String) {
        let place = self.found.iter().position(|one| one.question == name);
        let place = place.unwrap_or_else(|| {
            let (question, how) = (name.to_owned(), how());
            self.found.push(Differing { question, how, ..Differing::default() });
            self.found.len() - 1
        });
        let own = &mut self.found[place];
        match way {
            Way::Here => own.here += 1,
            Way::There => own.there += 1,
            Way::Value => own.value += 1,
            Way::Other => own.other += 1,
        }
    }
}

/// A value as text: blank where there is none, numbers without needless digits.
fn plain(value: &Json) -> String {
    let text = match value {
        Json::Null => return String::new(),
        Json::Array(all) => {
            let texts =
                all.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            return texts.collect::<Vec<_>>().join(" ");
        }
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let looks = text.trim().starts_with(|sign: char| sign.is_ascii_digit() || "+-.".contains(sign));
    match text.trim().parse::<f64>() {
        // Twelve digits: the last ones of a sum depend on its order.
        Ok(number) if looks && number.is_finite() => {
            let rounded = format!("{number:.11e}").parse::<f64>().unwrap_or(number);
            // Both zeros are one.
            (rounded + 0.0).to_string()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_difference_is_counted_and_its_first_described() {
        let case = json!({
            "lost": ["lost"],
            "questions": [
                { "name": "a", "kind": "number" }, { "name": "b", "kind": "text" },
                { "name": "sum", "kind": "computed" }, { "name": "lost", "kind": "text" },
            ],
            "respondents": [
                { "values": [], "asked": ["a", "b@1"], "computed": { "sum": 0.3 } },
                { "values": [["a", 1, []]], "asked": ["a"], "computed": { "sum": 2 } },
            ],
        });
        let printed = [
            json!({ "form": 0, "respondent": 0, "shown": [["a", true], ["b@1", false], ["sum", true], ["lost", true]],
                "values": { "sum": "0.30000000000000004" } }),
            json!({ "form": 0, "respondent": 1, "shown": [["a", false], ["b@1", true], ["sum", true]],
                "values": { "sum": "3" }, "refused": [["a", "not taken"]] }),
        ];
        let printed = printed.map(|line| line.to_string()).join("\n");
        let found = compare(&[case], &printed).expect("lines");
        let own = &found[0];
        assert_eq!((own.respondents, own.questions, own.values), (2, 4, 2));
        let counts = |name: &str| {
            let one = own.found.iter().find(|one| one.question == name).expect("a difference");
            (one.here, one.there, one.value, one.other)
        };
        assert_eq!(counts("b"), (1, 1, 0, 0));
        assert_eq!(counts("a"), (1, 0, 0, 1));
        assert_eq!(counts("sum"), (0, 0, 1, 0));
        let sum = own.found.iter().find(|one| one.question == "sum").expect("a difference");
        assert_eq!(sum.how, "sum: 3 there, 2 here, after [[\"a\",1,[]]]");
        assert!(compare(&[], "no line").is_err());
    }

    #[test]
    fn a_form_of_others_that_is_not_run_is_no_difference() {
        let failed = r#"{"form":0,"failed":"no such file"}"#;
        let own = json!({ "questions": [] });
        assert_eq!(compare(&[own], failed).expect("lines")[0].found[0].question, "the form");
        let foreign = json!({ "questions": [], "foreign": true });
        let found = compare(&[foreign], failed).expect("lines");
        assert!(found[0].found.is_empty());
        assert_eq!(found[0].unread.as_deref(), Some("no such file"));
    }
}
