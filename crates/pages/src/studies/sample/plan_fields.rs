//! The fields of the plan's form, as the page lays them out.

use fielding::files::roles::Roles;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::plan_form::{METHODS, SHARES, STAGES};
use crate::form::as_sent;

/// Fields that belong together.
#[derive(Serialize)]
pub struct Group {
    title: String,
    /// Shown only when asked for.
    folded: bool,
    fields: Vec<Field>,
}

/// One field.
#[derive(Serialize)]
struct Field {
    name: String,
    label: String,
    hint: Option<String>,
    #[serde(flatten)]
    kind: Kind,
}

/// What is filled in.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    /// A line of text or a number.
    Line { value: String, width: &'static str },
    /// One of several: value, label, whether chosen.
    Choice { options: Vec<(String, String, bool)> },
    /// Any of several.
    Choices { options: Vec<(String, String, bool)> },
    /// A box.
    Tick { ticked: bool },
}

/// Makes fields from what stands in the form.
struct Maker<'a> {
    form: &'a Posted,
    language: &'a str,
}

impl Maker<'_> {
    fn say(&self, key: &str) -> String {
        locale::text(self.language, key, &[])
    }

    fn value(&self, name: &str) -> String {
        as_sent(self.form, name).to_owned()
    }

    /// A field whose texts are under `plan-KEY` and, where there is one,
    /// `plan-KEY-hint`.
    fn field(&self, name: &str, key: &str, kind: Kind) -> Field {
        let hint = format!("plan-{key}-hint");
        Field {
            name: name.to_owned(),
            label: self.say(&format!("plan-{key}")),
            hint: locale::has(self.language, &hint).then(|| self.say(&hint)),
            kind,
        }
    }

    fn line(&self, name: &str, key: &str, width: &'static str) -> Field {
        self.field(name, key, Kind::Line { value: self.value(name), width })
    }

    fn tick(&self, name: &str, key: &str) -> Field {
        self.field(name, key, Kind::Tick { ticked: self.form.contains_key(name) })
    }

    fn choice(&self, name: &str, key: &str, options: Vec<(String, String)>) -> Field {
        let chosen = self.value(name);
        let is = |(value, label): (String, String)| {
            let chosen = value == chosen;
            (value, label, chosen)
        };
        self.field(name, key, Kind::Choice { options: options.into_iter().map(is).collect() })
    }

    fn choices(&self, name: &str, key: &str, columns: &[String]) -> Field {
        let chosen = self.form.get(name).cloned().unwrap_or_default();
        let options = columns
            .iter()
            .map(|column| (column.clone(), column.clone(), chosen.contains(column)))
            .collect();
        self.field(name, key, Kind::Choices { options })
    }

    /// Values whose labels are under `PREFIX-VALUE`.
    fn named(&self, prefix: &str, values: &[&str]) -> Vec<(String, String)> {
        let label = |value: &&str| {
            let key = format!("{prefix}-{}", value.replace('_', "-"));
            ((*value).to_owned(), self.say(&key))
        };
        values.iter().map(label).collect()
    }

    fn blank(&self) -> (String, String) {
        (String::new(), self.say("plan-none"))
    }

    fn stage(&self, number: usize, roles: &Roles) -> Group {
        let name = |what: &str| format!("s{number}_{what}");
        let mut units = if number == 1 { Vec::new() } else { vec![self.blank()] };
        if roles.columns.cluster.is_some() && number == 1 {
            units.extend(self.named("plan-units", &["clusters"]));
        }
        units.extend(self.named("plan-units", &["units"]));
        let level = |column: &String| {
            let label = locale::text(self.language, "plan-units-level", &[("column", column)]);
            (format!("level:{column}"), label)
        };
        units.extend(roles.columns.labels.iter().map(level));
        let mut sizes = vec![self.blank()];
        sizes.extend(self.named("plan-size", &["unit_count"]));
        if roles.columns.size.is_some() {
            sizes.extend(self.named("plan-size", &["column"]));
        }
        let mut fields = vec![
            self.choice(&name("units"), "what", units),
            self.choice(&name("method"), "method", self.named("method", &METHODS)),
            self.choice(&name("size"), "size", sizes),
        ];
        if number == 1 {
            fields.push(self.line("s1_total", "total", "w8"));
            fields.push(self.choice("s1_share", "share", self.named("share", &SHARES)));
            fields.push(self.line("s1_minimum", "minimum", "w8"));
            fields.push(self.tick("s1_capped", "capped"));
        } else {
            fields.push(self.line(&name("count"), "count", "w8"));
            fields.push(self.tick(&name("all"), "all"));
            if !roles.columns.labels.is_empty() {
                fields.push(self.choices(&name("strata"), "strata", &roles.columns.labels));
            }
        }
        let title = locale::text(self.language, "plan-stage-title", &[("n", &number.to_string())]);
        let folded = number > 1 && !self.form.contains_key(&name("units"));
        Group { title, folded, fields }
    }

    fn methods(&self, roles: &Roles) -> Group {
        let mut fields = vec![self.line("s1_power", "exponent", "w8")];
        if !roles.columns.numbers.is_empty() {
            fields.push(self.choices("balance", "balance", &roles.columns.numbers));
            fields.push(self.tick("over_strata", "over-strata"));
        }
        if roles.latitude.is_some() {
            fields.push(self.tick("mutual", "mutual"));
        }
        fields.push(self.line("key", "key", "w20"));
        fields.push(self.line("start", "start", "w8"));
        fields.push(self.tick("reversed", "reversed"));
        Group { title: self.say("plan-methods-title"), folded: true, fields }
    }

    fn by_stratum(&self, strata: &[&str]) -> Group {
        let mut fields = Vec::new();
        for (what, key) in [
            ("number", "stratum-number"),
            ("deviation", "stratum-deviation"),
            ("cost", "stratum-cost"),
        ] {
            for stratum in strata {
                let name = format!("{what}:{stratum}");
                let shown = if stratum.is_empty() { "–" } else { stratum };
                let key = format!("plan-{key}");
                let label = locale::text(self.language, &key, &[("stratum", shown)]);
                let kind = Kind::Line { value: self.value(&name), width: "w8" };
                fields.push(Field { name, label, hint: None, kind });
            }
        }
        Group { title: self.say("plan-strata-title"), folded: true, fields }
    }

    fn release(&self, roles: &Roles) -> Group {
        let mut fields = vec![
            self.line("replicates", "replicates", "w8"),
            self.line("reserve", "reserve", "w8"),
            self.tick("substitution", "substitution"),
            self.tick("joint", "joint"),
        ];
        if !roles.columns.numbers.is_empty() {
            let mut columns = vec![self.blank()];
            columns.extend(roles.columns.numbers.iter().map(|name| (name.clone(), name.clone())));
            fields.push(self.choice("multiplicity", "multiplicity", columns));
        }
        Group { title: self.say("plan-release-title"), folded: true, fields }
    }

    fn fieldwork(&self, roles: &Roles) -> Group {
        let lines = [
            "proportion",
            "confidence",
            "correlation",
            "eligible",
            "contact",
            "response",
            "cost_fixed",
            "cost_case",
            "cost_complete",
            "cost_cluster",
        ];
        let mut fields: Vec<Field> =
            lines.iter().map(|name| self.line(name, &name.replace('_', "-"), "w8")).collect();
        if !roles.columns.labels.is_empty() {
            let mut columns = vec![self.blank()];
            columns.extend(roles.columns.labels.iter().map(|name| (name.clone(), name.clone())));
            fields.push(self.choice("domain", "domain", columns));
        }
        Group { title: self.say("plan-assume-title"), folded: false, fields }
    }
}

/// The form's groups with what stands in it.
pub fn groups(form: &Posted, roles: &Roles, strata: &[&str], language: &str) -> Vec<Group> {
    let maker = Maker { form, language };
    let mut groups: Vec<Group> = (1..=STAGES).map(|number| maker.stage(number, roles)).collect();
    groups.push(maker.methods(roles));
    groups.push(maker.by_stratum(strata));
    groups.push(maker.release(roles));
    groups.push(maker.fieldwork(roles));
    groups
}
