//! The form in which a plan is written: what stands in its fields, and the plan
//! that they give. What the form has no field for is written as text.

pub mod faults;
pub mod further;
pub mod overlap;
mod shown;

pub use shown::shown;

use std::collections::BTreeMap;

use fielding::error::Problem;
use fielding::files::roles::Roles;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::expectation::Assumptions;
use survey_builder::sampling::plan::{
    Allocation, Amount, Balanced, ByNumber, ColumnCosts, Costly, Method, Plan, Release, Share,
    SizeMeasure, Spread, Stage, StageUnits,
};
use survey_builder::sampling::selection::poisson::PermanentNumbers;

use crate::form::{field, number_to_type, typed_number};

/// Stages that the form has fields for.
pub const STAGES: usize = 3;
/// The methods, in the order in which they are offered.
pub const METHODS: [&str; 18] = [
    "systematic_pps",
    "systematic",
    "simple",
    "with_replacement",
    "circular",
    "shuffled_pps",
    "pps_with_replacement",
    "chromy",
    "sampford",
    "brewer",
    "tille",
    "midzuno",
    "maximum_entropy",
    "poisson",
    "sequential_poisson",
    "pareto",
    "cube",
    "local_pivotal",
];
/// The ways to share out a total that the form has fields for.
pub const SHARES: [&str; 6] = ["proportional", "equal", "power", "neyman", "cost_optimal", "fixed"];
/// Those of them that go by a column of numbers of the frame.
pub const COLUMN_SHARES: [&str; 2] = ["neyman_column", "cost_optimal_column"];
/// How many a stage draws: a number, the same rate everywhere, a rate a stratum.
pub const AMOUNTS: [&str; 3] = ["number", "rate", "rates"];

/// Reads the fields, noting what cannot be read.
struct Reader<'a> {
    form: &'a Posted,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> String {
        field(self.form, name)
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.form.get(name).cloned().unwrap_or_default()
    }

    fn is_ticked(&self, name: &str) -> bool {
        self.form.contains_key(name)
    }

    /// A whole number; `blank` where nothing is written.
    fn count(&mut self, name: &str, blank: u32) -> u32 {
        let text = self.text(name);
        if text.is_empty() {
            return blank;
        }
        without_groups(&text).parse().unwrap_or_else(|_| {
            self.problems.push(Problem::new("whole-number", name));
            blank
        })
    }

    /// A number, with a point or a comma; `blank` where nothing is written.
    fn number(&mut self, name: &str, blank: f64) -> f64 {
        let text = self.text(name);
        if text.is_empty() {
            return blank;
        }
        typed_number(&text, name).unwrap_or_else(|problem| {
            self.problems.push(problem);
            blank
        })
    }

    /// A percentage as a share of one.
    fn share(&mut self, name: &str, blank: f64) -> f64 {
        // 0.05 typed as 5 must come back as 5: a number of at most 12 digits.
        (self.number(name, blank * 100.0) * 1e10).round() / 1e12
    }

    /// The same of what may be left blank.
    fn some_count(&mut self, name: &str) -> Option<u32> {
        let written = !self.text(name).is_empty();
        written.then(|| self.count(name, 0))
    }

    fn some_number(&mut self, name: &str) -> Option<f64> {
        let written = !self.text(name).is_empty();
        written.then(|| self.number(name, 0.0))
    }

    fn some_share(&mut self, name: &str) -> Option<f64> {
        let written = !self.text(name).is_empty();
        written.then(|| self.share(name, 0.0))
    }

    /// A number for each stratum that has one.
    fn by_stratum(&mut self, what: &str) -> BTreeMap<String, f64> {
        let prefix = format!("{what}:");
        let named: Vec<String> =
            self.form.keys().filter(|name| name.starts_with(&prefix)).cloned().collect();
        let mut numbers = BTreeMap::new();
        for name in named {
            if !self.text(&name).is_empty() {
                let number = self.number(&name, 0.0);
                numbers.insert(name[prefix.len()..].to_owned(), number);
            }
        }
        numbers
    }
}

/// A share of one as a percentage, in figures that [`Reader::share`] reads as the same.
fn percent(share: f64) -> String {
    number_to_type((share * 1e12).round() / 1e10)
}

/// A whole number without the marks between its thousands, of either language.
fn without_groups(text: &str) -> String {
    let groups: Vec<&str> = text.split(['.', ',', ' ', '\u{a0}']).collect();
    if groups.iter().skip(1).all(|group| group.len() == 3) {
        groups.concat()
    } else {
        text.to_owned()
    }
}

/// The plan and the assumptions that a form gives.
///
/// # Errors
///
/// Every field that cannot be read.
pub fn read(form: &Posted, roles: &Roles) -> Result<(Plan, Assumptions), Vec<Problem>> {
    let mut reader = Reader { form, problems: Vec::new() };
    let mut stages = Vec::new();
    for number in 1..=STAGES {
        if let Some(stage) = read_stage(&mut reader, number, roles) {
            stages.push(stage);
        }
    }
    let replicates = reader.count("replicates", 0);
    let reserve = reader.count("reserve", 0);
    let plan = Plan {
        stages,
        release: (replicates > 0).then_some(Release { replicates, reserve }),
        substitution: reader.is_ticked("substitution"),
        joint: reader.is_ticked("joint"),
        multiplicity: Some(reader.text("multiplicity")).filter(|name| !name.is_empty()),
        overlap: overlap::read(&mut reader),
        ..Plan::default()
    };
    let assumptions = read_assumptions(&mut reader);
    if reader.problems.is_empty() { Ok((plan, assumptions)) } else { Err(reader.problems) }
}

fn read_stage(reader: &mut Reader<'_>, number: usize, roles: &Roles) -> Option<Stage> {
    let name = |what: &str| format!("s{number}_{what}");
    let units = match reader.text(&name("units")).as_str() {
        "" => return None,
        "clusters" => StageUnits::Clusters,
        "units" => StageUnits::Units,
        level => StageUnits::Level(level.trim_start_matches("level:").to_owned()),
    };
    let method = read_method(reader, &name("method"), &name("size"), roles);
    let amount = read_amount(reader, number);
    let strata = if number == 1 { Vec::new() } else { reader.all(&name("strata")) };
    let mut stage = Stage { strata, ..Stage::new(units, method, amount) };
    further::read(reader, number, &mut stage);
    Some(stage)
}

fn read_amount(reader: &mut Reader<'_>, number: usize) -> Amount {
    let name = |what: &str| format!("s{number}_{what}");
    match (reader.text(&name("amount")).as_str(), number) {
        ("rate", _) => Amount::Rate(reader.share(&name("rate"), 0.0)),
        ("rates", 1) => {
            let rates = reader.by_stratum("rate").into_iter();
            let as_share = |percent: f64| (percent * 1e10).round() / 1e12;
            Amount::Rates(rates.map(|(stratum, rate)| (stratum, as_share(rate))).collect())
        }
        (_, 1) => Amount::Allocated(Allocation {
            total: reader.count("s1_total", 0),
            share: read_share(reader),
            minimum: reader.count("s1_minimum", 0),
            capped: reader.is_ticked("s1_capped"),
        }),
        _ => Amount::Each {
            count: reader.count(&name("count"), 0),
            all_if_fewer: reader.is_ticked(&name("all")),
        },
    }
}

fn read_share(reader: &mut Reader<'_>) -> Share {
    match reader.text("s1_share").as_str() {
        "equal" => Share::Equal,
        "power" => Share::Power(reader.number("s1_power", 0.5)),
        "neyman" => Share::Neyman(reader.by_stratum("deviation")),
        "cost_optimal" => {
            let costs = reader.by_stratum("cost");
            let with_cost = |(stratum, deviation): (String, f64)| {
                let cost = costs.get(&stratum).copied().unwrap_or(1.0);
                (stratum, Costly { deviation, cost })
            };
            Share::CostOptimal(reader.by_stratum("deviation").into_iter().map(with_cost).collect())
        }
        "neyman_column" => Share::NeymanColumn(reader.text("s1_column")),
        "cost_optimal_column" => Share::CostOptimalColumn(ColumnCosts {
            column: reader.text("s1_column"),
            costs: reader.by_stratum("cost"),
        }),
        "fixed" => {
            let names: Vec<String> = reader.by_stratum("number").into_keys().collect();
            let count = |name: String| {
                let count = reader.count(&format!("number:{name}"), 0);
                (name, count)
            };
            Share::Fixed(names.into_iter().map(count).collect())
        }
        _ => Share::Proportional,
    }
}

fn read_method(reader: &mut Reader<'_>, method: &str, size: &str, roles: &Roles) -> Method {
    let size = match reader.text(size).as_str() {
        "unit_count" => Some(SizeMeasure::UnitCount),
        "column" => Some(SizeMeasure::Column),
        _ => None,
    };
    // A method by size without one is by the number of units.
    let sized = size.unwrap_or(SizeMeasure::UnitCount);
    let method = reader.text(method);
    match method.as_str() {
        "with_replacement" => Method::WithReplacement,
        "systematic" => Method::Systematic,
        "circular" => Method::Circular,
        "systematic_pps" => Method::SystematicPps(sized),
        "shuffled_pps" => Method::ShuffledPps(sized),
        "pps_with_replacement" => Method::PpsWithReplacement(sized),
        "chromy" => Method::Chromy(sized),
        "sampford" => Method::Sampford(sized),
        "brewer" => Method::Brewer(sized),
        "tille" => Method::Tille(sized),
        "midzuno" => Method::Midzuno(sized),
        "maximum_entropy" => Method::MaximumEntropy(sized),
        "poisson" => Method::Poisson(read_numbers(reader, size)),
        "sequential_poisson" => Method::SequentialPoisson(read_numbers(reader, size)),
        "pareto" => Method::Pareto(read_numbers(reader, size)),
        "cube" => Method::Cube(Balanced {
            variables: reader.all("balance"),
            size,
            over_strata: reader.is_ticked("over_strata"),
            coordinates: reader.all("spread"),
        }),
        "local_pivotal" => Method::LocalPivotal(Spread {
            coordinates: roles.latitude.iter().chain(&roles.longitude).cloned().collect(),
            size,
            mutual: reader.is_ticked("mutual"),
        }),
        _ => Method::Simple,
    }
}

fn read_numbers(reader: &mut Reader<'_>, size: Option<SizeMeasure>) -> ByNumber {
    let key = reader.text("key");
    let permanent = (!key.is_empty()).then(|| PermanentNumbers {
        key,
        start: reader.number("start", 0.0),
        reversed: reader.is_ticked("reversed"),
    });
    ByNumber { size, permanent }
}

fn read_assumptions(reader: &mut Reader<'_>) -> Assumptions {
    let usual = Assumptions::default();
    let mut assumptions = Assumptions {
        proportion: reader.share("proportion", usual.proportion),
        confidence: reader.share("confidence", usual.confidence),
        correlation: reader.number("correlation", usual.correlation),
        cluster_cost: reader.number("cost_cluster", 0.0),
        domain: Some(reader.text("domain")).filter(|name| !name.is_empty()),
        ..usual
    };
    assumptions.fieldwork.eligible = reader.share("eligible", 1.0);
    assumptions.fieldwork.contact = reader.share("contact", 1.0);
    assumptions.fieldwork.response = reader.share("response", 1.0);
    assumptions.costs.fixed = reader.number("cost_fixed", 0.0);
    assumptions.costs.case = reader.number("cost_case", 0.0);
    assumptions.costs.complete = reader.number("cost_complete", 0.0);
    assumptions
}

/// Whether the form says all that a plan says.
pub fn says_all(plan: &Plan, assumptions: &Assumptions, roles: &Roles) -> bool {
    let again = read(&shown(plan, assumptions), roles);
    again.is_ok_and(|again| again == (plan.clone(), assumptions.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fielding::acts::draw::two_stage_plan;

    fn roles() -> Roles {
        let place = |name: &str| Some(name.to_owned());
        Roles { latitude: place("lat"), longitude: place("lon"), ..Roles::default() }
    }

    #[test]
    fn plans_come_back_from_their_form() {
        let mut plan = two_stage_plan(15, 20);
        let assumptions = Assumptions {
            proportion: 0.07,
            domain: Some("sex".to_owned()),
            cluster_cost: 12.5,
            ..Assumptions::default()
        };
        assert!(says_all(&plan, &assumptions, &roles()));
        plan.release = Some(Release { replicates: 5, reserve: 1 });
        plan.substitution = true;
        for method in METHODS {
            let form = Posted::from([
                ("s1_units".to_owned(), vec!["units".to_owned()]),
                ("s1_method".to_owned(), vec![method.to_owned()]),
                ("s1_size".to_owned(), vec!["column".to_owned()]),
                ("s1_total".to_owned(), vec!["1.000".to_owned()]),
                ("s1_share".to_owned(), vec!["cost_optimal".to_owned()]),
                ("deviation:Bắc".to_owned(), vec!["1,5".to_owned()]),
                ("key".to_owned(), vec!["panel".to_owned()]),
                ("balance".to_owned(), vec!["age".to_owned(), "income".to_owned()]),
            ]);
            let (plan, assumptions) = read(&form, &roles()).expect("read");
            assert_eq!(plan.stages[0].method.name(), method);
            assert!(says_all(&plan, &assumptions, &roles()), "{method}");
        }
        plan.stages.push(plan.stages[1].clone());
        plan.stages.push(plan.stages[1].clone());
        assert!(!says_all(&plan, &assumptions, &roles()), "four stages");
    }

    #[test]
    fn what_a_stage_can_have_comes_back_from_the_form() {
        let text = r#"
            joint = true
            [overlap]
            keep = ["poll 1a2b3c4d"]
            avoid = ["census 5e6f7a8b", "panel 00000000"]
            rest = "6 weeks"
            earlier = ["wave 99999999"]
            [[stages]]
            units = "clusters"
            method = { chromy = "column" }
            sort = ["ward", "income"]
            serpentine = true
            smallest = 2.5
            largest = 80
            amount = { rates = { "Bắc" = 0.125, "Nam" = 0.3 } }
            [[stages]]
            units = "units"
            strata = ["sex"]
            method = "systematic"
            starts = 4
            amount = { rate = 0.07 }
        "#;
        let read = |text: &str| fielding::files::plan::read(text, false).expect("a plan").plan;
        let certain = r#"
            [[stages]]
            units = "units"
            method = { sampford = "column" }
            certainty = 0.85
            [stages.amount.allocated]
            total = 30
            minimum = 2
            share = { cost_optimal_column = { column = "income", costs = { "Bắc" = 2.0 } } }
        "#;
        let balanced = r#"
            [[stages]]
            units = "units"
            method = { cube = { variables = ["income"], coordinates = ["lat", "lon"] } }
            amount = { allocated = { total = 30, share = { neyman_column = "income" } } }
        "#;
        for text in [text, certain, balanced] {
            let plan = read(text);
            assert!(says_all(&plan, &Assumptions::default(), &roles()), "{text}");
        }
        for more in [
            "[overlap]\nkey = 'list'",
            "[[stages]]\nunits = 'units'\nmethod = 'systematic'\nsort = ['a', 'b', 'c', 'd']\namount = { rate = 0.1 }",
            "[second_phase]\nunits = 'units'\nmethod = 'simple'\namount = { rate = 0.5 }",
        ] {
            let plan = read(more);
            assert!(!says_all(&plan, &Assumptions::default(), &roles()), "{more}");
        }
    }

    #[test]
    fn numbers_of_three_decimals_come_back() {
        let assumptions = Assumptions {
            proportion: 0.12345,
            correlation: 1.234,
            cluster_cost: 100_000.0,
            ..Assumptions::default()
        };
        let plan = two_stage_plan(15, 20);
        assert!(says_all(&plan, &assumptions, &roles()));
        assert_eq!(shown(&plan, &assumptions)["correlation"], ["1.2340"]);
    }

    #[test]
    fn every_bad_field_is_told() {
        let field = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        let form = Posted::from([
            field("s1_units", "units"),
            field("s1_total", "1.5"),
            field("response", "x"),
            field("cost_case", "100.000"),
            field("replicates", "-1"),
        ]);
        let places: Vec<String> = read(&form, &roles())
            .expect_err("refused")
            .into_iter()
            .filter_map(|problem| problem.place.as_text().map(str::to_owned))
            .collect();
        assert_eq!(places, ["s1_total", "replicates", "response", "cost_case"]);
    }
}
