//! Records of samples on the command line: what is fielded is what is expected, a draw is never written
//! over, and what follows it is appended and verified.

// Samples are small.
#![allow(clippy::cast_precision_loss)]

use std::collections::BTreeSet;
use std::fmt::Write as _;

#[path = "support/cases.rs"]
mod cases;
use cases::Folder;

#[test]
fn what_waits_in_reserve_is_not_expected() {
    let folder =
        Folder::with(&["07_reserve/a.toml", "07_reserve/b.toml", "07_reserve/c00_plain.csv"]);
    let all = |plan: &str| {
        folder.json(&format!("sample plan c00_plain.csv {plan}"))["expected"]["all"].clone()
    };
    let (plain, reserve) = (all("a.toml"), all("b.toml"));
    for (key, expected) in
        [("cases", [20.0, 10.0]), ("completes", [20.0, 10.0]), ("cost", [40.0, 20.0])]
    {
        assert_eq!(
            [&plain[key], &reserve[key]].map(serde_json::Value::as_f64),
            expected.map(Some),
            "{key}"
        );
    }
    // ±z√(pq/n · (N − n)/(N − 1)): with 10 of 40 √(30/10 · 20/20) times as wide as with 20.
    let margin = |found: &serde_json::Value| found["margin"].as_f64().expect("a margin");
    assert!((margin(&reserve) / margin(&plain) - 3.0_f64.sqrt()).abs() < 1e-9);
    folder.works("sample draw c00_plain.csv b.toml --seed 1 --output s.json --units u.csv");
    let weight = |rows: &[std::collections::HashMap<String, String>]| -> f64 {
        rows.iter().filter_map(|row| row["weight"].parse::<f64>().ok()).sum()
    };
    assert!((weight(&folder.rows("u.csv")) - 40.0).abs() < 1e-9);
    let waiting = folder.rows("u.csv").into_iter().find(|row| row["standing"] == "waiting");
    let waiting = waiting.expect("a reserve");
    assert_eq!((waiting["weight"].as_str(), waiting["replicate"].as_str()), ("", "2"));
    // An answer of the reserve before its release is a contradiction, and after it none.
    let answers: String = folder.rows("u.csv").iter().fold("id,y\n".to_owned(), |mut text, row| {
        writeln!(text, "{},{}", row["unit"], row["household_number"]).expect("text");
        text
    });
    folder.write("answers.csv", answers);
    let told = folder.refuses("estimate answers.csv --sample s.json --mean y");
    assert!(told.contains("10 units are in replicates that are not released"), "{told}");
    folder.works("sample release s.json --replicates 2");
    folder.works("estimate answers.csv --sample s.json --mean y");
    folder.works("sample units s.json --list c00_plain.csv --keep phone,tinh --output again.csv");
    let again = folder.rows("again.csv");
    assert!((weight(&again) - 40.0).abs() < 1e-9 && again[0]["phone"].starts_with('0'));
    let told = folder.refuses("sample release s.json --replicates 2");
    assert!(told.contains("2 of 2 are in the field"), "{told}");
}

#[test]
fn a_stratum_of_one_cluster_is_told_before_the_draw() {
    let folder = Folder::with(&["08_one_cluster/onepsu.toml", "../../frames/households.csv"]);
    for command in [
        "sample plan households.csv onepsu.toml",
        "sample draw households.csv onepsu.toml --seed 1 --output s.json",
    ] {
        let told = folder.works(command);
        for stratum in ["Bắc", "Nam"] {
            let doubt = format!("check: stratum {stratum}: one cluster is drawn");
            assert!(told.contains(&doubt), "{told}");
        }
    }
    let plan = folder.text("onepsu.toml").replace("total = 2", "total = 4");
    folder.write("two.toml", plan);
    let told = folder.works("sample plan households.csv two.toml");
    assert!(!told.contains("check:"), "{told}");
    let units = std::fs::read_to_string(folder.path("onepsu.toml")).expect("a plan");
    let simple = "[[stages]]\nunits = \"units\"\nmethod = \"simple\"\namount = { allocated = { total = 2, share = \"equal\" } }\n";
    let roles = units.split("[[stages]]").next().expect("roles");
    folder.write("one.toml", format!("{roles}{simple}"));
    assert!(folder.works("sample plan households.csv one.toml").contains("one unit is drawn"));
    let few = simple.replace("total = 2", "total = 6");
    let assumed = "[assume]\nfieldwork = { response = 0.4 }\n";
    folder.write("few.toml", format!("{roles}{assumed}{few}"));
    let told = folder.works("sample plan households.csv few.toml");
    assert!(told.contains("1.2 completed interviews are expected"), "{told}");
    // After the draw the rule for such strata must be chosen; the strata are named.
    let record = folder.record("s.json");
    let answers = record["units"].as_array().expect("units").iter().enumerate().fold(
        "id,y\n".to_owned(),
        |mut text, (place, unit)| {
            writeln!(text, "{},{}", unit["unit"].as_str().expect("an id"), place % 7)
                .expect("text");
            text
        },
    );
    folder.write("answers.csv", answers);
    let told = folder.refuses("estimate answers.csv --sample s.json --mean y");
    assert!(told.contains("stage 1, stratum Bắc") && told.contains("stratum Nam"), "{told}");
    folder.write("d.toml", "single_psu = \"adjust\"\n");
    folder.works("estimate answers.csv --sample s.json --design d.toml --mean y");
}

#[test]
fn a_record_is_never_written_over() {
    let folder = Folder::with(&["14_record/k3.toml", "07_reserve/c00_plain.csv"]);
    let draw = "sample draw c00_plain.csv k3.toml";
    folder.works(&format!("{draw} --seed 1"));
    let first = folder.text("sample.json");
    for more in ["", " --force"] {
        let told = folder.refuses(&format!("{draw} --seed 2{more}"));
        assert!(
            told.contains(
                "sample.json is there already and a sampling record is never written over"
            ),
            "{told}"
        );
        assert_eq!(folder.text("sample.json"), first);
    }
    folder.works(&format!("{draw} --seed 2 --new"));
    folder.works(&format!("{draw} --seed 3 --new"));
    let entries = folder.record("sample.json")["entries"].clone();
    let told: Vec<(&str, u64)> = (entries.as_array().expect("entries").iter())
        .map(|one| (one["record"].as_str().expect("a file"), one["seed"].as_u64().expect("a seed")))
        .collect();
    assert_eq!(told, [("sample-2.json", 2), ("sample-3.json", 3)]);
    let told = folder.works("sample verify sample.json c00_plain.csv");
    assert!(told.contains("all 2 entries after the draw hold"), "{told}");
    folder.works("sample verify sample-2.json c00_plain.csv");
    // What was edited is named.
    let edited = folder.text("sample.json").replace("sample-2.json", "sample-9.json");
    folder.write("edited.json", edited);
    let told = folder.refuses("sample verify edited.json c00_plain.csv");
    assert!(told.contains("entry 1 was edited"), "{told}");
    let found = folder.json("sample verify sample.json c00_plain.csv");
    let last = found["last_hash"].as_str().expect("a hash").to_owned();
    folder.works(&format!("sample verify sample.json c00_plain.csv --expect {last}"));
    let told = folder.refuses("sample verify sample.json c00_plain.csv --expect 00");
    assert!(told.contains("does not end with the hash that was noted"), "{told}");
}

#[test]
fn households_are_drawn_from_what_was_listed() {
    let folder =
        Folder::with(&["16_listing/areas.csv", "16_listing/areas.toml", "16_listing/listing.toml"]);
    folder.works("sample draw areas.csv areas.toml --seed 7 --output s.json");
    let record = folder.record("s.json");
    let areas: Vec<&str> = (record["units"].as_array().expect("units").iter())
        .map(|unit| unit["unit"].as_str().expect("an area"))
        .collect();
    // What the field finds is not what the register had: 31 to 60 households.
    let list = |areas: &[&str]| {
        areas.iter().fold("household,area,street\n".to_owned(), |mut text, area| {
            let number: usize = area[1..].parse().expect("a number");
            for household in 0..31 + number {
                writeln!(text, "{area}-{household},{area},{}", household % 4).expect("text");
            }
            text
        })
    };
    folder.write("part1.csv", list(&areas[..4]));
    folder.write("part2.csv", list(&areas[4..]));
    let told = folder.works("sample extend s.json part1.csv listing.toml");
    assert!(told.contains("40 units drawn in 4 listed clusters"), "{told}");
    assert!(told.contains("clusters without a list so far: 4"), "{told}");
    folder.works("sample extend s.json part2.csv listing.toml");
    let told = folder.refuses("sample extend s.json part2.csv listing.toml");
    assert!(told.contains("4 clusters of which a list came before"), "{told}");
    folder.works("sample units s.json --list part1.csv --keep street --output u.csv");
    let rows = folder.rows("u.csv");
    assert_eq!(rows.len(), 80);
    let number = |row: &std::collections::HashMap<String, String>, key: &str| -> f64 {
        row[key].parse().unwrap_or_else(|_| panic!("{key}: {row:?}"))
    };
    for row in &rows {
        let area: f64 = row["cluster"][1..].parse().expect("a number");
        let inside = 10.0 / (31.0 + area);
        assert!((number(row, "stage2_probability") - inside).abs() < 1e-12);
        let both = number(row, "stage1_probability") * inside;
        assert!((number(row, "weight") * both - 1.0).abs() < 1e-9);
        assert!((number(row, "stage2_population") - 31.0 - area).abs() < 1e-9);
    }
    let told = folder.works("sample verify s.json areas.csv --list part2.csv --list part1.csv");
    assert!(told.contains("all 2 entries after the draw hold"), "{told}");
    let told = folder.refuses("sample verify s.json areas.csv --list part1.csv");
    assert!(told.contains("entry 2: the list it was drawn from was not given"), "{told}");
    // Both stages are in the design: areas by Brewer, households times their probability.
    let answers =
        rows.iter().enumerate().fold("household,y\n".to_owned(), |mut text, (place, row)| {
            writeln!(text, "{},{}", row["unit"], (place * 7) % 13).expect("text");
            text
        });
    folder.write("answers.csv", answers);
    let found = folder.json("estimate answers.csv --sample s.json --total y");
    let brewer = |members: &[(f64, f64)]| {
        let n = members.len() as f64;
        let mean = members.iter().map(|(_, z)| z).sum::<f64>() / n;
        members.iter().map(|(p, z)| (1.0 - p) * (z - mean).powi(2)).sum::<f64>() * n / (n - 1.0)
    };
    let strata: BTreeSet<&String> = rows.iter().map(|row| &row["stratum"]).collect();
    let mut variance = 0.0;
    for stratum in strata {
        let own: BTreeSet<&String> = rows
            .iter()
            .filter(|row| row["stratum"] == *stratum)
            .map(|row| &row["cluster"])
            .collect();
        let mut areas = Vec::new();
        for area in own {
            let inside: Vec<(f64, f64)> = (rows.iter().enumerate())
                .filter(|(_, row)| row["cluster"] == *area)
                .map(|(place, row)| {
                    let y = ((place * 7) % 13) as f64;
                    (number(row, "stage2_probability"), number(row, "weight") * y)
                })
                .collect();
            let row = rows.iter().find(|row| row["cluster"] == *area).expect("a row");
            let p = number(row, "stage1_probability");
            variance += p * brewer(&inside);
            areas.push((p, inside.iter().map(|(_, z)| z).sum()));
        }
        variance += brewer(&areas);
    }
    let error = found["estimates"][0]["standard_error"].as_f64().expect("an error");
    assert!((error - variance.sqrt()).abs() < 1e-9 * error, "{error} and {}", variance.sqrt());
}

/// What several decide at the same moment is all there, each bound to what came before.
#[test]
fn decisions_at_the_same_moment_are_all_kept() {
    let folder = Folder::with(&["14_record/k3.toml", "07_reserve/c00_plain.csv"]);
    folder.works("sample draw c00_plain.csv k3.toml");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| folder.works("sample draw c00_plain.csv k3.toml --new"));
        }
    });
    let named = folder.text("sample.json");
    for number in 2..=7 {
        let record = format!("sample-{number}.json");
        assert!(folder.path(&record).exists() && named.contains(&record), "{record}");
    }
    let verdict = folder.json("sample verify sample.json c00_plain.csv");
    assert_eq!((&verdict["entries"], &verdict["holds"]), (&6.into(), &true.into()));
}
