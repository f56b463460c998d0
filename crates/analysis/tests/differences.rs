//! Differences of columns from a table's sums by cluster are those of domains from the rows, for every kind
//! of design; and what a column is held against the rest by.

// Samples are small.
#![allow(clippy::cast_precision_loss)]

use analysis::compare::IndependenceMethod;
use analysis::design::replicates::Centre;
use analysis::estimate::comparison::domain_differences;
use analysis::estimate::shares::ShareOf;
use analysis::tabulate::marks::{LetterRule, Untested, letters};
use analysis::tabulate::rest::against_rest;
use analysis::tabulate::{BannerVariable, RowData, RowVariable, TableOptions, tabulate_compared};
use analysis::variance::replication::jackknife;
use analysis::weighting::rake::{Margin, RakeOptions, rake};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, IntervalMethod, Population, SinglePsu, StageInput,
    TableSpec, Weights,
};

const ROWS: usize = 720;

fn codes(by: usize, modulus: u16) -> Vec<u16> {
    (0..ROWS).map(|row| u16::try_from(row * by % 1009).expect("small") % modulus).collect()
}

/// Three strata of eight clusters; weights differ, one in 17 is zero.
fn design(population: Option<&Population>) -> Design {
    let code = |row: usize, by: usize| u32::try_from(row / by).expect("small");
    let weight = |row: usize| if row.is_multiple_of(17) { 0.0 } else { 1.0 + (row * 7 % 5) as f64 };
    let first = StageInput {
        strata: Some((0..ROWS).map(|row| code(row, 240)).collect()),
        clusters: Some((0..ROWS).map(|row| code(row, 30)).collect()),
        population: population.cloned(),
    };
    let later = StageInput { population: population.cloned(), ..StageInput::default() };
    Design::new(DesignInput {
        weights: Weights::Given((0..ROWS).map(weight).collect()),
        stages: if population.is_some() { vec![first, later] } else { vec![first] },
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design")
}

fn spec(share_of: ShareOf) -> TableSpec<'static> {
    let numbers: Vec<f64> = codes(31, 50).iter().map(|&code| f64::from(code)).collect();
    TableSpec {
        title: String::new(),
        total_label: "all".to_owned(),
        rows: vec![
            RowVariable {
                name: "y".to_owned(),
                label: "y".to_owned(),
                data: RowData::Coded {
                    codes: codes(13, 4).into(),
                    categories: ["a", "b", "c"].map(str::to_owned).to_vec(),
                },
            },
            RowVariable {
                name: "x".to_owned(),
                label: "x".to_owned(),
                data: RowData::Number(numbers.into()),
            },
        ],
        banner: [("g", 29, 4), ("h", 41, 3)]
            .map(|(name, by, modulus)| BannerVariable {
                name: name.to_owned(),
                label: name.to_owned(),
                categories: (1..modulus).map(|code| code.to_string()).collect(),
                codes: codes(by, modulus).into(),
            })
            .to_vec(),
        filter: None,
        options: TableOptions {
            confidence: 0.95,
            interval: IntervalMethod::Logit,
            degrees_of_freedom: DegreesOfFreedomRule::Answered,
            share_of,
            assess_reliability: true,
            suppression: None,
        },
    }
}

fn designs() -> Vec<(&'static str, Design)> {
    let plain = design(None);
    let margin = Margin {
        variable: "m".to_owned(),
        levels: vec!["one".to_owned(), "two".to_owned()],
        totals: vec![900.0, 1100.0],
        codes: codes(19, 2).iter().map(|code| code + 1).collect(),
    };
    let how = RakeOptions { tolerance: 1e-12, rounds_max: 100, projection_rounds: 10 };
    let (raked, _) = rake(plain.clone(), &[margin], &how).expect("raked");
    let replicates = jackknife(&plain, Centre::FullSample).expect("replicates");
    let replicated = plain.clone().with_replicates(replicates).expect("a design");
    let stages = design(Some(&Population::Counts(vec![400.0; ROWS])));
    vec![("plain", plain), ("raked", raked), ("replicated", replicated), ("two stages", stages)]
}

fn near(found: f64, expected: f64, what: &str) {
    let scale = expected.abs().max(1e-12);
    assert!((found - expected).abs() <= 1e-8 * scale, "{what}: {found}, not {expected}");
}

#[test]
fn differences_from_sums_are_those_of_domains() {
    let spec = spec(ShareOf::Column);
    let y = codes(13, 4);
    for (name, design) in designs() {
        let found = tabulate_compared(&design, &spec, IndependenceMethod::SecondOrder);
        let found = found.expect("a table").differences;
        for row in 0..3_u16 {
            let values: Vec<f64> = y
                .iter()
                .map(|&own| match own {
                    0 => f64::NAN,
                    own => f64::from(u8::from(own == row + 1)),
                })
                .collect();
            let mut all = found[0][usize::from(row)].iter();
            let mut first = 1;
            for banner in &spec.banner {
                let columns = banner.categories.len();
                let domains: Vec<Vec<bool>> = (1..=columns)
                    .map(|code| banner.codes.iter().map(|&own| usize::from(own) == code).collect())
                    .collect();
                let options = spec.options;
                let options = analysis::EstimateOptions {
                    confidence: options.confidence,
                    interval: options.interval,
                    degrees_of_freedom: options.degrees_of_freedom,
                };
                let rows = domain_differences(&design, &values, &domains, &options);
                for expected in rows.expect("differences").differences {
                    let own = all.next().expect("as many");
                    assert_eq!(own.columns, (first + expected.pair.0, first + expected.pair.1));
                    near(own.value, expected.value, name);
                    near(own.standard_error, expected.standard_error, name);
                    near(own.degrees_of_freedom, expected.degrees_of_freedom, name);
                    near(own.p.expect("p"), expected.p.expect("p"), name);
                }
                first += columns;
            }
            assert!(all.next().is_none(), "{name}");
        }
    }
}

/// Of two columns the rest of one is the other; of two rows likewise.
#[test]
fn the_rest_of_one_of_two_is_the_other() {
    for (name, design) in designs() {
        let columns = spec(ShareOf::Column);
        let pairs = tabulate_compared(&design, &columns, IndependenceMethod::SecondOrder);
        let pairs = pairs.expect("a table").differences;
        let rest = against_rest(&design, &columns).expect("differences");
        for (pairs, rest) in pairs.iter().flatten().zip(rest.iter().flatten()) {
            // The last banner variable has the columns 4 and 5.
            let pair = pairs.iter().find(|one| one.columns == (4, 5)).expect("a pair");
            let one = rest.iter().find(|one| one.column == 4).expect("a difference");
            near(one.value, pair.value, name);
            near(one.standard_error, pair.standard_error, name);
            near(one.p.expect("p"), pair.p.expect("p"), name);
            let interval = one.interval.expect("an interval");
            assert!(interval.lower < one.value && one.value < interval.upper);
            let outside = interval.lower > 0.0 || interval.upper < 0.0;
            assert_eq!(outside, one.p.expect("p") < 0.05, "{name}");
        }
        let of_rows = against_rest(&design, &spec(ShareOf::Row)).expect("differences");
        // Shares of a row over the columns of a banner variable add up to 1, so differences to 0.
        for row in &of_rows[0] {
            let sum: f64 = row.iter().filter(|one| one.column < 4).map(|one| one.value).sum();
            assert!(sum.abs() < 1e-12, "{sum}");
        }
        assert!(against_rest(&design, &spec(ShareOf::Total)).expect("none")[0][0].is_empty());
    }
}

/// What is hidden has no letter, is named by none, and leaves the other letters as they are.
#[test]
fn letters_name_nothing_that_is_hidden() {
    let mut spec = spec(ShareOf::Column);
    let y = codes(13, 4);
    // Column 1 of g chooses a, column 2 never.
    let g = y.iter().enumerate().map(|(row, &own)| match (own, row % 5) {
        (1, 0..4) | (2, 0) => 1,
        (3, _) => 3,
        _ => 2,
    });
    spec.banner[0].codes = g.collect::<Vec<u16>>().into();
    let found = tabulate_compared(&design(None), &spec, IndependenceMethod::SecondOrder);
    let found = found.expect("a table");
    let cells = &found.table.blocks[0].rows[0].cells;
    let rule = LetterRule { level: 0.05, adjustment: None };
    let of = |shown: &dyn Fn(usize) -> bool| {
        letters(&found.table, cells, &found.differences[0][0], rule, shown)
    };
    let all = of(&|_| true);
    assert_eq!(all[1].above, [2]);
    assert!(all[3].untested == Some(Untested::ZeroOrOne) || cells[3].standard_error.is_none());
    assert!(!all.iter().any(|own| own.above.contains(&3)));
    let hidden = of(&|column| column != 2);
    assert!(hidden[1].above.is_empty());
    assert_eq!(hidden[2].untested, Some(Untested::NotShown));
}
