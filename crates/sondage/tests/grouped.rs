//! Tables finished from grouped sums are those made from the rows: groups made here,
//! and groups that `PostgreSQL` makes where the rows lie.

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use analysis::estimate::shares::ShareOf;
use analysis::tabulate::grouped::{
    GroupedLine, Relation, cluster_query, grouping_query, tabulate_grouped,
};
use analysis::tabulate::{
    BannerVariable, Block, BlockKind, Cell, RowData, RowVariable, TableOptions,
};
use analysis::{
    DegreesOfFreedomRule, Design, DesignInput, IntervalMethod, SinglePsu, StageInput, Table,
    TableSpec, Weights, tabulate,
};
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Double};
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _};

const ROWS: usize = 20_000;

/// A made-up survey of 20 strata with 5 to 9 clusters each.
struct Survey {
    stratum: Vec<u32>,
    cluster: Vec<u32>,
    weight: Vec<f64>,
    vote: Vec<u16>,
    hours: Vec<f64>,
    area: Vec<u16>,
}

fn survey() -> Survey {
    let mut state = 88_172_645_463_325_252_u64;
    let mut below = |bound: u32| {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from((u128::from(state) * u128::from(bound)) >> 64).expect("below the bound")
    };
    let mut made = Survey {
        stratum: Vec::new(),
        cluster: Vec::new(),
        weight: Vec::new(),
        vote: Vec::new(),
        hours: Vec::new(),
        area: Vec::new(),
    };
    for _ in 0..ROWS {
        let stratum = below(20);
        made.stratum.push(stratum);
        made.cluster.push(100 * stratum + below(5 + stratum % 5));
        made.weight.push(0.5 + f64::from(below(1_000)) / 300.0);
        made.vote.push(u16::try_from(below(5)).expect("a code"));
        let hours = below(90);
        made.hours.push(if hours > 80 { f64::NAN } else { f64::from(hours) / 2.0 });
        made.area.push(u16::try_from(below(4)).expect("a code"));
    }
    made
}

fn design(stratum: Vec<u32>, cluster: Vec<u32>, weights: Vec<f64>) -> Design {
    let stage =
        StageInput { strata: Some(stratum), clusters: Some(cluster), ..StageInput::default() };
    Design::new(DesignInput {
        weights: Weights::Given(weights),
        stages: vec![stage],
        nest: false,
        single_psu: SinglePsu::Fail,
        domain_single_psu: false,
    })
    .expect("a design")
}

fn spec<'a>(vote: &'a [u16], hours: &'a [f64], area: &'a [u16]) -> TableSpec<'a> {
    let names = |count: usize| (1..=count).map(|level| level.to_string()).collect();
    let row = |name: &str, data| RowVariable { name: name.into(), label: name.into(), data };
    TableSpec {
        title: String::new(),
        total_label: String::new(),
        rows: vec![
            row("vote", RowData::Coded { codes: Cow::Borrowed(vote), categories: names(4) }),
            row("hours", RowData::Number(Cow::Borrowed(hours))),
        ],
        banner: vec![BannerVariable {
            name: "area".into(),
            label: "area".into(),
            categories: names(3),
            codes: Cow::Borrowed(area),
        }],
        filter: None,
        options: TableOptions {
            confidence: 0.95,
            interval: IntervalMethod::KornGraubard { cap_at_n: true, count_missing: false },
            degrees_of_freedom: DegreesOfFreedomRule::Answered,
            share_of: ShareOf::Column,
            assess_reliability: true,
            suppression: None,
        },
    }
}

/// The same to the digits that sums in another order leave.
fn assert_same(one: &Table, other: &Table) {
    let close = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-12 * other.abs().max(1e-3),
        (one, other) => one.is_none() && other.is_none(),
    };
    for (one, other) in one.blocks.iter().zip(&other.blocks) {
        for (base, theirs) in one.bases.iter().zip(&other.bases) {
            assert_eq!(base.rows, theirs.rows);
            assert!(close(Some(base.effective_rows), Some(theirs.effective_rows)));
        }
        let cells =
            |block: &Block| block.rows.iter().flat_map(|row| row.cells.clone()).collect::<Vec<_>>();
        let (own, theirs) = (cells(one), cells(other));
        assert_eq!(own.len(), theirs.len());
        for (cell, theirs) in own.iter().zip(&theirs) {
            assert!(close(cell.value, theirs.value), "{cell:?} {theirs:?}");
            assert!(close(cell.standard_error, theirs.standard_error), "{cell:?} {theirs:?}");
            let limits = |cell: &Cell| {
                cell.interval.as_ref().map(|interval| (interval.lower, interval.upper))
            };
            assert!(close(limits(cell).map(|it| it.0), limits(theirs).map(|it| it.0)));
            assert!(close(limits(cell).map(|it| it.1), limits(theirs).map(|it| it.1)));
            assert_eq!((cell.rows, &cell.reliability), (theirs.rows, &theirs.reliability));
        }
    }
}

/// The clusters, one row each, by their codes.
type Clusters = BTreeMap<(u32, u32), usize>;

fn skeleton(clusters: &Clusters) -> Design {
    let (stratum, cluster) = clusters.keys().copied().unzip();
    design(stratum, cluster, vec![1.0; clusters.len()])
}

/// A table from groups: labels from the survey's own, codes of no consequence.
fn finished(clusters: &Clusters, sums: &[Vec<Vec<GroupedLine>>]) -> Table {
    let count = clusters.len();
    let (codes, numbers) = (vec![0_u16; count], vec![0.0; count]);
    tabulate_grouped(&skeleton(clusters), &spec(&codes, &numbers, &codes), sums).expect("a table")
}

#[test]
fn groups_made_anywhere_give_the_table_of_the_rows() {
    let made = survey();
    let whole = design(made.stratum.clone(), made.cluster.clone(), made.weight.clone());
    let expected = tabulate(&whole, &spec(&made.vote, &made.hours, &made.area)).expect("a table");
    let keys = || made.stratum.iter().copied().zip(made.cluster.iter().copied());
    let mut clusters: Clusters = keys().map(|key| (key, 0)).collect();
    for (place, number) in clusters.values_mut().enumerate() {
        *number = place;
    }
    let mut sums = vec![vec![Vec::new()]; 2];
    // Two machines with half of the rows each: groups of one cell come twice.
    for half in [0..ROWS / 2, ROWS / 2..ROWS] {
        let mut groups: [BTreeMap<(usize, u16, u16), GroupedLine>; 2] = Default::default();
        for row in half {
            let cluster = clusters[&(made.stratum[row], made.cluster[row])];
            let (weight, column) = (made.weight[row], made.area[row]);
            let mut add = |variable: usize, code: u16, value: f64| {
                let empty = GroupedLine {
                    cluster,
                    row: code,
                    column,
                    weight: 0.0,
                    product: 0.0,
                    squares: 0.0,
                    rows: 0.0,
                };
                let group = groups[variable].entry((cluster, code, column)).or_insert(empty);
                group.weight += weight;
                group.product += weight * value;
                group.squares += weight * weight;
                group.rows += 1.0;
            };
            add(0, made.vote[row], 0.0);
            if !made.hours[row].is_nan() {
                add(1, 1, made.hours[row]);
            }
        }
        for (sums, groups) in sums.iter_mut().zip(groups) {
            sums[0].extend(groups.into_values());
        }
    }
    assert_same(&finished(&clusters, &sums), &expected);
    // What cannot be is told.
    sums[0][0][0].row = 9;
    let codes = vec![0_u16; clusters.len()];
    let numbers = vec![0.0; clusters.len()];
    let refused = tabulate_grouped(&skeleton(&clusters), &spec(&codes, &numbers, &codes), &sums);
    assert!(refused.is_err());
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    stratum: i64,
    #[diesel(sql_type = BigInt)]
    cluster: i64,
    #[diesel(sql_type = BigInt)]
    code: i64,
    #[diesel(sql_type = BigInt)]
    area: i64,
    #[diesel(sql_type = Double)]
    weight: f64,
    #[diesel(sql_type = Double)]
    product: f64,
    #[diesel(sql_type = Double)]
    squares: f64,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[derive(QueryableByName)]
struct FoundCluster {
    #[diesel(sql_type = BigInt)]
    stratum: i64,
    #[diesel(sql_type = BigInt)]
    cluster: i64,
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
fn a_database_groups_and_the_figures_are_the_same() {
    let Some(address) = support::postgresql_database() else { return };
    let made = survey();
    let mut database = PgConnection::establish(&address).expect("the server answers");
    database
        .batch_execute(
            "CREATE TABLE answers (stratum BIGINT, psu BIGINT, weight DOUBLE PRECISION, \
             vote BIGINT, hours DOUBLE PRECISION, area BIGINT)",
        )
        .expect("a table");
    for start in (0..ROWS).step_by(1_000) {
        let mut insert = "INSERT INTO answers VALUES ".to_owned();
        for row in start..(start + 1_000).min(ROWS) {
            let or_null = |code: u16| match code {
                0 => "NULL".to_owned(),
                code => code.to_string(),
            };
            let hours = made.hours[row];
            let hours = if hours.is_nan() { "NULL".to_owned() } else { hours.to_string() };
            let comma = if row > start { ", " } else { "" };
            let (vote, area) = (or_null(made.vote[row]), or_null(made.area[row]));
            let (stratum, cluster) = (made.stratum[row], made.cluster[row]);
            let weight = made.weight[row];
            write!(insert, "{comma}({stratum}, {cluster}, {weight}, {vote}, {hours}, {area})")
                .expect("text");
        }
        database.batch_execute(&insert).expect("rows");
    }
    let relation =
        Relation { name: "answers", stratum: "stratum", cluster: "psu", weight: "weight" };
    let named = |query: &str, names: &str| format!("SELECT * FROM ({query}) AS found ({names})");
    let found: Vec<FoundCluster> =
        diesel::sql_query(named(&cluster_query(&relation), "stratum, cluster"))
            .load(&mut database)
            .expect("clusters");
    let key = |stratum: i64, cluster: i64| {
        (u32::try_from(stratum).expect("a code"), u32::try_from(cluster).expect("a code"))
    };
    let clusters: Clusters = found
        .iter()
        .enumerate()
        .map(|(place, one)| (key(one.stratum, one.cluster), place))
        .collect();
    let mut sums = Vec::new();
    for (row, kind) in [("vote", BlockKind::Shares), ("hours", BlockKind::Mean)] {
        let query = grouping_query(&relation, row, Some("area"), kind);
        let names = "stratum, cluster, code, area, weight, product, squares, rows";
        let query = named(&query, names).replace(
            "SELECT *",
            "SELECT stratum, cluster, code::BIGINT AS code, area, weight, \
             product::DOUBLE PRECISION AS product, squares, rows",
        );
        let groups: Vec<Found> = diesel::sql_query(query).load(&mut database).expect("groups");
        let line = |group: &Found| GroupedLine {
            cluster: clusters[&key(group.stratum, group.cluster)],
            row: u16::try_from(group.code).expect("a code"),
            column: u16::try_from(group.area).expect("a code"),
            weight: group.weight,
            product: group.product,
            squares: group.squares,
            rows: group.rows as f64,
        };
        sums.push(vec![groups.iter().map(line).collect()]);
    }
    let whole = design(made.stratum.clone(), made.cluster.clone(), made.weight.clone());
    let expected = tabulate(&whole, &spec(&made.vote, &made.hours, &made.area)).expect("a table");
    assert_same(&finished(&clusters, &sums), &expected);
}

/// The program's answers to queries about the rows, a list of rows of numbers each.
fn answers_of_datafusion(made: &Survey, queries: &[String]) -> Option<Vec<Vec<Vec<f64>>>> {
    let Some(python) = std::env::var_os("SONDAGE_DATAFUSION") else {
        assert!(std::env::var_os("CI").is_none(), "SONDAGE_DATAFUSION must be set");
        println!("skipped: SONDAGE_DATAFUSION is not set");
        return None;
    };
    let mut rows = "stratum,psu,weight,vote,hours,area\n".to_owned();
    let or_blank = |code: u16| if code == 0 { String::new() } else { code.to_string() };
    for row in 0..ROWS {
        let hours = made.hours[row];
        let hours = if hours.is_nan() { String::new() } else { hours.to_string() };
        let (vote, area) = (or_blank(made.vote[row]), or_blank(made.area[row]));
        let (stratum, cluster, weight) = (made.stratum[row], made.cluster[row], made.weight[row]);
        writeln!(rows, "{stratum},{cluster},{weight},{vote},{hours},{area}").expect("text");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("answers.csv");
    std::fs::write(&file, rows).expect("written");
    let asked = folder.path().join("queries.sql");
    std::fs::write(&asked, queries.join("\n")).expect("written");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/grouped.py");
    let output = std::process::Command::new(python)
        .arg(script)
        .arg(&file)
        .stdin(std::fs::File::open(&asked).expect("opened"))
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("text");
    let number = |field: &str| field.parse::<f64>().expect("a number");
    let numbers = |line: &str| line.split(',').map(number).collect();
    Some(said.trim_end().split("\n\n").map(|part| part.lines().map(numbers).collect()).collect())
}

#[test]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "codes, which are small whole numbers"
)]
fn datafusion_groups_parquet_and_the_figures_are_the_same() {
    let made = survey();
    let relation =
        Relation { name: "answers", stratum: "stratum", cluster: "psu", weight: "weight" };
    let variables = [("vote", BlockKind::Shares), ("hours", BlockKind::Mean)];
    let groups = variables.map(|(row, kind)| grouping_query(&relation, row, Some("area"), kind));
    let queries: Vec<String> = std::iter::once(cluster_query(&relation)).chain(groups).collect();
    let Some(found) = answers_of_datafusion(&made, &queries) else { return };
    let key = |line: &[f64]| (line[0] as u32, line[1] as u32);
    let clusters: Clusters =
        found[0].iter().enumerate().map(|(place, line)| (key(line), place)).collect();
    let line = |line: &Vec<f64>| GroupedLine {
        cluster: clusters[&key(line)],
        row: line[2] as u16,
        column: line[3] as u16,
        weight: line[4],
        product: line[5],
        squares: line[6],
        rows: line[7],
    };
    let sums: Vec<Vec<Vec<GroupedLine>>> =
        found[1..].iter().map(|lines| vec![lines.iter().map(line).collect()]).collect();
    let whole = design(made.stratum.clone(), made.cluster.clone(), made.weight.clone());
    let expected = tabulate(&whole, &spec(&made.vote, &made.hours, &made.area)).expect("a table");
    assert_same(&finished(&clusters, &sums), &expected);
}
