//! The fields of the plan's form, as the page lays them out.

use fielding::files::roles::Roles;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::plan_form::further::SORTS;
use super::plan_form::overlap::{EARLIER, UNITS, WANTED};
use super::plan_form::{AMOUNTS, COLUMN_SHARES, METHODS, SHARES, STAGES};
use crate::form::{as_sent, in_marks_of};

/// Fields that belong together.
#[derive(Serialize)]
pub struct Group {
    title: String,
    /// Shown only when asked for.
    folded: bool,
    /// Shown nevertheless, because something in it is wrong.
    open: bool,
    fields: Vec<Field>,
}

impl Group {
    fn new(title: String, folded: bool, fields: Vec<Field>) -> Self {
        let open = fields.iter().any(|field| field.error.is_some());
        Self { title, folded, open, fields }
    }

    /// The label of its field of this name, if it has one.
    pub fn label_of(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.label.as_str())
    }
}

/// What the form is made of beside what stands in it.
pub struct Around<'a> {
    /// What the columns of the list are.
    pub roles: &'a Roles,
    /// The strata that are listed.
    pub strata: &'a [&'a str],
    /// Samples that this one may be drawn beside.
    pub earlier: &'a [EarlierLine],
    /// What is wrong: field and sentence.
    pub faults: &'a [(String, String)],
}

/// A sample that this one may be drawn beside.
pub struct EarlierLine {
    /// What the plan calls it.
    pub name: String,
    /// The study.
    pub study: String,
    /// When it was drawn, as people read it.
    pub day: String,
    /// Whether it was drawn by permanent numbers, so that it can be kept or avoided.
    pub numbered: bool,
}

/// One field.
#[derive(Serialize)]
struct Field {
    name: String,
    label: String,
    hint: Option<String>,
    error: Option<String>,
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
    around: &'a Around<'a>,
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
        let hint = locale::has(self.language, &hint).then(|| self.say(&hint));
        self.labelled(name, self.say(&format!("plan-{key}")), hint, kind)
    }

    fn labelled(&self, name: &str, label: String, hint: Option<String>, kind: Kind) -> Field {
        let told = self.around.faults.iter().find(|(field, _)| field == name);
        let error = told.map(|(_, sentence)| sentence.clone());
        Field { name: name.to_owned(), label, hint, error, kind }
    }

    fn text_line(&self, name: &str, key: &str) -> Field {
        self.field(name, key, Kind::Line { value: self.value(name), width: "w20" })
    }

    /// A line for a number.
    fn line(&self, name: &str, key: &str) -> Field {
        self.field(name, key, self.number(name))
    }

    fn number(&self, name: &str) -> Kind {
        Kind::Line { value: in_marks_of(self.language, &self.value(name)), width: "w8" }
    }

    fn tick(&self, name: &str, key: &str) -> Field {
        self.field(name, key, Kind::Tick { ticked: self.form.contains_key(name) })
    }

    fn choice(&self, name: &str, key: &str, options: Vec<(String, String)>) -> Field {
        self.field(name, key, self.one_of(name, options))
    }

    /// What stands in the form is offered in any case: saving loses nothing.
    fn one_of(&self, name: &str, mut options: Vec<(String, String)>) -> Kind {
        let chosen = self.value(name);
        if !chosen.is_empty() && !options.iter().any(|(value, _)| *value == chosen) {
            options.push((chosen.clone(), chosen.clone()));
        }
        let is = |(value, label): (String, String)| {
            let chosen = value == chosen;
            (value, label, chosen)
        };
        Kind::Choice { options: options.into_iter().map(is).collect() }
    }

    fn choices(&self, name: &str, key: &str, columns: &[String]) -> Field {
        let chosen = self.form.get(name).cloned().unwrap_or_default();
        let others = chosen.iter().filter(|column| !columns.contains(column));
        let options = columns
            .iter()
            .chain(others)
            .map(|column| (column.clone(), column.clone(), chosen.contains(column)))
            .collect();
        self.field(name, key, Kind::Choices { options })
    }

    /// Columns, or none of them.
    fn columns<'c>(&self, columns: impl IntoIterator<Item = &'c String>) -> Vec<(String, String)> {
        let mut options = vec![self.blank()];
        for name in columns {
            if !options.iter().any(|(known, _)| known == name) {
                options.push((name.clone(), name.clone()));
            }
        }
        options
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

    fn stage(&self, number: usize) -> Group {
        let (roles, name) = (self.around.roles, |what: &str| format!("s{number}_{what}"));
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
        let amounts = if number == 1 { &AMOUNTS[..] } else { &AMOUNTS[..2] };
        fields.push(self.choice(&name("amount"), "amount", self.named("plan-amount", amounts)));
        if number == 1 {
            fields.push(self.line("s1_total", "total"));
            let mut shares = self.named("share", &SHARES);
            if !roles.columns.numbers.is_empty() {
                shares.extend(self.named("share", &COLUMN_SHARES));
            }
            fields.push(self.choice("s1_share", "share", shares));
            fields.push(self.line("s1_minimum", "minimum"));
            fields.push(self.tick("s1_capped", "capped"));
        } else {
            fields.push(self.line(&name("count"), "count"));
            fields.push(self.tick(&name("all"), "all"));
            if !roles.columns.labels.is_empty() {
                fields.push(self.choices(&name("strata"), "strata", &roles.columns.labels));
            }
        }
        fields.push(self.line(&name("rate"), "one-rate"));
        let title = locale::text(self.language, "plan-stage-title", &[("n", &number.to_string())]);
        let folded = number > 1 && !self.has_stage(number);
        Group::new(title, folded, fields)
    }

    /// Whether the form has that stage; the first is always there.
    fn has_stage(&self, number: usize) -> bool {
        number == 1 || !self.value(&format!("s{number}_units")).is_empty()
    }

    /// What a stage may have beside: the order of its list, starts, limits of sizes.
    fn further(&self, number: usize) -> Group {
        let name = |what: &str| format!("s{number}_{what}");
        let columns = &self.around.roles.columns;
        let mut fields = Vec::new();
        for place in 1..=SORTS {
            let named = columns.labels.iter().chain(&columns.cluster).chain(&columns.size);
            let options = self.columns(named.chain(&columns.numbers));
            let key = if place == 1 { "sort" } else { "sort-then" };
            fields.push(self.choice(&name(&format!("sort{place}")), key, options));
        }
        fields.push(self.tick(&name("serpentine"), "serpentine"));
        fields.push(self.line(&name("starts"), "starts"));
        // Sizes are those of clusters or of a column.
        if columns.size.is_some() || columns.cluster.is_some() {
            for what in ["certainty", "smallest", "largest"] {
                fields.push(self.line(&name(what), what));
            }
        }
        let n = number.to_string();
        Group::new(locale::text(self.language, "plan-further-title", &[("n", &n)]), true, fields)
    }

    fn methods(&self) -> Group {
        let roles = self.around.roles;
        let mut fields = vec![self.line("s1_power", "exponent")];
        let numbers = &roles.columns.numbers;
        if !numbers.is_empty() {
            fields.push(self.choice("s1_column", "column", self.columns(numbers)));
            fields.push(self.choices("balance", "balance", numbers));
            fields.push(self.choices("spread", "spread", numbers));
            fields.push(self.tick("over_strata", "over-strata"));
        }
        if roles.latitude.is_some() {
            fields.push(self.tick("mutual", "mutual"));
        }
        fields.push(self.text_line("key", "key"));
        fields.push(self.line("start", "start"));
        fields.push(self.tick("reversed", "reversed"));
        Group::new(self.say("plan-methods-title"), true, fields)
    }

    /// Earlier samples of the same list, and how this one goes together with them.
    fn overlap(&self) -> Group {
        let mut fields = vec![self.tick("numbered", "numbered")];
        let offered = self.around.earlier.iter().map(|one| {
            let label = [("study", one.study.as_str()), ("day", one.day.as_str())];
            let label = locale::text(self.language, "plan-earlier", &label);
            (format!("{EARLIER}{}", one.name), label, one.numbered)
        });
        // What the plan names and is not offered is shown by its name.
        let known = |field: &String| {
            let record = field.strip_prefix(EARLIER)?;
            let offered = self.around.earlier.iter().any(|one| one.name == record);
            (!offered).then(|| (field.clone(), record.to_owned(), true))
        };
        let others = self.form.keys().filter_map(known);
        for (name, label, numbered) in offered.chain(others) {
            let wanted = if numbered { &WANTED[..] } else { &WANTED[2..] };
            let mut options = vec![self.blank()];
            options.extend(self.named("plan-earlier", wanted));
            let hint = (!numbered).then(|| self.say("plan-earlier-unnumbered"));
            fields.push(self.labelled(&name, label, hint, self.one_of(&name, options)));
        }
        if fields.len() > 1 {
            fields.push(self.line("rest", "rest"));
            let units = UNITS.map(|(name, _)| name);
            fields.push(self.choice("rest_unit", "rest-unit", self.named("plan-rest", &units)));
        }
        Group::new(self.say("plan-overlap-title"), true, fields)
    }

    fn by_stratum(&self) -> Group {
        let mut fields = Vec::new();
        for (what, key) in [
            ("number", "stratum-number"),
            ("rate", "stratum-rate"),
            ("deviation", "stratum-deviation"),
            ("cost", "stratum-cost"),
        ] {
            // What the plan says of strata that are not listed stays in the form.
            let unlisted = self.form.keys().filter_map(|name| {
                let stratum = name.strip_prefix(what)?.strip_prefix(':')?;
                (!self.around.strata.contains(&stratum)).then_some(stratum)
            });
            for stratum in self.around.strata.iter().copied().chain(unlisted) {
                let name = format!("{what}:{stratum}");
                let shown = if stratum.is_empty() { "–" } else { stratum };
                let key = format!("plan-{key}");
                let label = locale::text(self.language, &key, &[("stratum", shown)]);
                fields.push(self.labelled(&name, label, None, self.number(&name)));
            }
        }
        Group::new(self.say("plan-strata-title"), true, fields)
    }

    fn release(&self) -> Group {
        let numbers = &self.around.roles.columns.numbers;
        let mut fields = vec![
            self.line("replicates", "replicates"),
            self.line("reserve", "reserve"),
            self.tick("substitution", "substitution"),
            self.tick("joint", "joint"),
        ];
        if !numbers.is_empty() {
            fields.push(self.choice("multiplicity", "multiplicity", self.columns(numbers)));
        }
        Group::new(self.say("plan-release-title"), true, fields)
    }

    fn fieldwork(&self) -> Group {
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
            lines.iter().map(|name| self.line(name, &name.replace('_', "-"))).collect();
        let labels = &self.around.roles.columns.labels;
        if !labels.is_empty() {
            fields.push(self.choice("domain", "domain", self.columns(labels)));
        }
        Group::new(self.say("plan-assume-title"), false, fields)
    }
}

/// The form's groups with what stands in it.
pub fn groups(form: &Posted, around: &Around<'_>, language: &str) -> Vec<Group> {
    let maker = Maker { form, around, language };
    let mut groups = Vec::new();
    for number in 1..=STAGES {
        groups.push(maker.stage(number));
        if maker.has_stage(number) {
            groups.push(maker.further(number));
        }
    }
    groups.push(maker.methods());
    groups.push(maker.by_stratum());
    groups.push(maker.overlap());
    groups.push(maker.release());
    groups.push(maker.fieldwork());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_plan_says_of_strata_that_are_not_listed_stays() {
        let form = Posted::from([
            ("deviation:Bắc".to_owned(), vec!["1.5".to_owned()]),
            ("deviation:Nam".to_owned(), vec!["1.234".to_owned()]),
            ("key".to_owned(), vec!["1.5".to_owned()]),
        ]);
        let roles = Roles::default();
        let around = Around { roles: &roles, strata: &["Bắc"], earlier: &[], faults: &[] };
        let groups = groups(&form, &around, "vi");
        let value = |name: &str| {
            let fields = groups.iter().flat_map(|group| &group.fields);
            let found = fields.filter(|field| field.name == name).map(|field| match &field.kind {
                Kind::Line { value, .. } => value.as_str(),
                _ => "",
            });
            found.collect::<Vec<_>>()
        };
        assert_eq!(value("deviation:Bắc"), ["1,5"]);
        assert_eq!(value("deviation:Nam"), ["1.234"], "what could be two stays as typed");
        assert_eq!(value("key"), ["1.5"]);
    }
}
