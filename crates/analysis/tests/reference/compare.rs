//! Comparing with the expected numbers, at the tolerance of the case.

use serde_json::Value;

use crate::{Case, Fault, Stop};

impl Case<'_> {
    pub(crate) fn statistic(&self) -> &Value {
        &self.body["statistic"]
    }

    pub(crate) fn expected(&self) -> &Value {
        &self.body["expected"]
    }

    /// Any option of the statistic that is not in the list makes the case "not yet".
    pub(crate) fn allow_options(&self, known: &[&str]) -> Result<(), Stop> {
        let options = self.statistic().as_object().ok_or_else(|| failed("no statistic"))?;
        for (name, value) in options {
            if name != "kind" && !known.contains(&name.as_str()) {
                return Err(Stop::NotYet(format!("option {name} = {}", short(value))));
            }
        }
        Ok(())
    }

    /// An option that has one understood value (or is absent).
    pub(crate) fn allow_value(&self, option: &str, understood: &[&str]) -> Result<(), Stop> {
        let value = &self.statistic()[option];
        if value.is_null() || value.as_str().is_some_and(|value| understood.contains(&value)) {
            Ok(())
        } else {
            Err(Stop::NotYet(format!("option {option} = {}", short(value))))
        }
    }

    pub(crate) fn option(&self, name: &str) -> Result<&str, Stop> {
        self.statistic()[name].as_str().ok_or_else(|| failed(&format!("no option {name}")))
    }

    pub(crate) fn option_list(&self, name: &str) -> Result<Vec<String>, Stop> {
        match &self.statistic()[name] {
            Value::Array(items) => Ok(items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect()),
            Value::String(one) => Ok(vec![one.clone()]),
            _ => Err(failed(&format!("no option {name}"))),
        }
    }

    pub(crate) fn unused_expectations(&self) -> Vec<String> {
        self.expected()
            .as_object()
            .map(|expected| {
                expected.keys().filter(|key| !self.used.contains(key)).cloned().collect()
            })
            .unwrap_or_default()
    }

    fn tolerance(&self, name: &str) -> f64 {
        self.body["tolerance"][name].as_f64().unwrap_or(1e-9)
    }

    /// Marks a key as looked at; its value if it is expected at all.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let value = self.expected().get(key).cloned();
        if value.is_some() {
            self.used.push(key.to_owned());
        }
        value
    }

    /// Whether something at one of these keys (or at a part of them) differs.
    pub(crate) fn differs(&self, keys: &[&str]) -> bool {
        self.faults.iter().any(|fault| at_one_of(fault, keys))
    }

    /// Takes the differences at some keys back: the other software is at fault there, and that this is
    /// why the numbers differ has been proved.
    pub(crate) fn except(&mut self, keys: &[&str], why: &'static str) {
        self.faults.retain(|fault| !at_one_of(fault, keys));
        self.exceptions.push(why);
    }

    /// The largest difference at some keys, as a share of the other's number.
    pub(crate) fn largest_gap(&self, keys: &[&str]) -> f64 {
        let own = self.faults.iter().filter(|fault| at_one_of(fault, keys));
        own.map(|fault| fault.gap).fold(0.0, f64::max)
    }

    /// A difference that no number measures.
    pub(crate) fn fault(&mut self, key: &str, text: impl Into<String>) {
        let text = format!("{key}: {}", text.into());
        self.faults.push(Fault {
            key: key.to_owned(),
            gap: f64::INFINITY,
            distance: f64::INFINITY,
            text,
        });
    }

    /// Compares numbers with the expected value of a key, if there is one. `scale` is the size of the
    /// estimate, for values that stand for zero.
    pub(crate) fn check(&mut self, key: &str, got: &[f64], scale: f64) {
        let Some(expected) = self.take(key) else { return };
        self.check_value(key, &expected, got, scale);
    }

    pub(crate) fn check_value(&mut self, key: &str, expected: &Value, got: &[f64], scale: f64) {
        let mut flat = Vec::new();
        flatten(expected, &mut flat);
        if flat.len() != got.len() {
            self.fault(key, format!("{} values, expected {}", got.len(), flat.len()));
            return;
        }
        let name = if key == "p" || key.starts_with("p_") { "p_rel" } else { "rel" };
        let relative = if name == "p_rel" && self.body["tolerance"]["p_rel"].is_null() {
            self.tolerance("rel")
        } else {
            self.tolerance(name)
        };
        // Some cases state how far apart values may be, limits that were rounded among them.
        let apart = if key.ends_with("_rounded") { "ci_abs" } else { "abs" };
        let absolute = self.body["tolerance"][apart].as_f64().unwrap_or(0.0);
        for (index, (expected, got)) in flat.iter().zip(got).enumerate() {
            let matches = match expected {
                None => got.is_nan(),
                Some(expected) => {
                    (got - expected).abs()
                        <= relative * expected.abs() + 1e-12 * scale.abs() + absolute
                }
            };
            if !matches {
                let gap = expected.map_or(f64::INFINITY, |it| ((got - it) / it).abs());
                let distance = expected.map_or(f64::INFINITY, |it| (got - it).abs());
                let text = format!("{key}[{index}]: {got:e}, expected {expected:?}");
                self.faults.push(Fault { key: key.to_owned(), gap, distance, text });
            }
        }
    }

    pub(crate) fn check_strings(&mut self, key: &str, got: &[String]) {
        let Some(expected) = self.take(key) else { return };
        let expected: Vec<String> = expected
            .as_array()
            .map(|items| {
                items
                    .iter()
                    .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                    .collect()
            })
            .unwrap_or_default();
        if expected != got {
            self.fault(key, format!("{got:?}, expected {expected:?}"));
        }
    }
}

fn at_one_of(fault: &Fault, keys: &[&str]) -> bool {
    keys.iter().any(|key| fault.key == *key || fault.key.ends_with(&format!(".{key}")))
}

pub(crate) fn failed(what: &str) -> Stop {
    Stop::Failed(what.to_owned())
}

pub(crate) fn flatten(value: &Value, into: &mut Vec<Option<f64>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, into)),
        Value::Number(number) => into.push(number.as_f64()),
        _ => into.push(None),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}
