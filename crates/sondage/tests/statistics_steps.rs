//! Steps of weighting, replicates, imputation and further statistics from the command line, where R has
//! them against R's `survey` 4.1-1 on the same file.

use serde_json::Value;

#[path = "support/statistics.rs"]
mod support;
use support::{CLUSTERED, Written, data, json, near, refused, sondage, text, written};

const MARGINS: &str = "[weighting.margins]\n\
    sex = { f = 9351.825, m = 10648.175 }\n\
    agegrp = { \"18-34\" = 5312.791, \"35-54\" = 5865.292, \"55+\" = 8821.917 }\n\
    edu = { high = 5064.225, low = 6285.18, mid = 8650.595 }\n";

fn estimates(design: &Written, file: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["estimate", file, "--design", &design.design, "--json"];
    arguments.extend(more);
    json(&arguments)
}

/// R: `calibrate(design, ~sex + agegrp + edu, totals, aggregate.stage = 1)`.
#[test]
fn households_get_one_factor_as_in_r() {
    let design = written(&format!(
        "{CLUSTERED}[[weighting]]\nstep = \"calibration\"\npopulation = 20000.0\nclusters = \"psu_id\"\n{MARGINS}"
    ));
    let found = estimates(&design, &data("made1.csv"), &["--mean", "spend,kids"]);
    near(&found["estimates"][0]["value"], 74.671_937_470_621_5);
    near(&found["estimates"][0]["standard_error"], 5.341_453_835_397_85);
    near(&found["estimates"][1]["value"], 1.038_842_271_452_47);
}

/// R: `rake` of `as.svrepdesign(design, type = "JKn")`.
#[test]
fn each_replicate_is_raked_as_in_r() {
    let design = written(&format!(
        "{CLUSTERED}[replicates]\nkind = \"jackknife\"\nmse = false\n[[weighting]]\nstep = \"raking\"\n{MARGINS}"
    ));
    let found =
        estimates(&design, &data("made1.csv"), &["--mean", "spend", "--ratio", "spend/kids"]);
    near(&found["estimates"][0]["value"], 73.297_494_830_053_9);
    near(&found["estimates"][0]["standard_error"], 4.798_070_319_605_22);
    near(&found["estimates"][1]["standard_error"], 7.445_147_585_299_85);
    assert!(found["notes"].to_string().contains("variance from"));
}

/// R's `sampling`: `varHT` with its joint probabilities.
#[test]
fn joint_probabilities_come_from_a_file() {
    let matrix = data("ht_made_joint.csv");
    let design = written(&format!(
        "[probabilities]\ncolumn = \"pik\"\nmethod = \"given\"\nmatrix = \"{matrix}\"\n"
    ));
    let found = estimates(&design, &data("ht_made.csv"), &["--total", "a"]);
    near(&found["estimates"][0]["value"], 2_061.043_207_839_02);
    near(&found["estimates"][0]["standard_error"], 22_956.027_784_925_f64.sqrt());
    let none = written("[probabilities]\ncolumn = \"pik\"\nmethod = \"given\"\n");
    refused(
        &["estimate", &data("ht_made.csv"), "--design", &none.design, "--total", "a"],
        &["probabilities: matrix goes with method"],
    );
}

#[test]
fn a_variance_below_zero_is_no_certainty() {
    let files =
        written("[probabilities]\ncolumn = \"p\"\nmethod = \"given\"\nmatrix = \"pairs.csv\"\n");
    std::fs::write(files.path("pairs.csv"), "a,b\n0.45,0.1\n0.1,0.5\n").expect("written");
    std::fs::write(files.path("two.csv"), "y,p\n16,0.45\n21,0.5\n").expect("written");
    let file = files.path("two.csv").display().to_string();
    let found = estimates(&files, &file, &["--total", "y"]);
    let total = &found["estimates"][0];
    near(&total["value"], 16.0 / 0.45 + 42.0);
    assert!(total["standard_error"].is_null() && total["lower"].is_null());
    assert!(total["note"].as_str().expect("a note").contains("its estimate is below zero"));

    // Two alike that are seldom drawn together: no method of intervals makes limits of that.
    let pairs = "a,b,c\n0.5,0.05,0.25\n0.05,0.5,0.25\n0.25,0.25,0.5\n";
    std::fs::write(files.path("pairs.csv"), pairs).expect("written");
    std::fs::write(files.path("two.csv"), "g,p\n1,0.5\n1,0.5\n0,0.5\n").expect("written");
    for method in ["student", "logit", "arcsine", "likelihood", "wilson", "korn-graubard"] {
        let found = estimates(&files, &file, &["--share", "g", "--interval", method]);
        let share = &found["estimates"][0];
        assert!(share["value"].is_number() && share["standard_error"].is_null(), "{share}");
        assert!(share["lower"].is_null() && share["upper"].is_null(), "{method}: {share}");
        assert!(share["note"].as_str().expect("a note").contains("its estimate is below zero"));
    }
    let asked = ["tabulate", &file, "--design", &files.design, "--rows", "g", "--unsuppressed"];
    let table = text(&sondage(&asked).stdout);
    let line = table.lines().find(|line| line.starts_with("g ")).expect("a row");
    assert!(line.contains("0.333333") && line.contains("below zero"), "{line}");
}

#[test]
fn replicates_of_every_kind_are_made_again_from_their_seed() {
    let file = data("made1.csv");
    for replicates in [
        "kind = \"bootstrap\"\nmethod = \"rao_wu\"\ncount = 50\nseed = 3\n",
        "kind = \"bootstrap\"\nmethod = \"canty_davison\"\ncount = 50\nseed = 3\nmse = true\n",
        "kind = \"bootstrap\"\nmethod = \"preston\"\ncount = 50\nseed = 3\n",
        "kind = \"successive_differences\"\n",
    ] {
        let design = written(&format!("{CLUSTERED}[replicates]\n{replicates}"));
        let asked = ["--mean", "hours", "--quantile", "hours", "--by", "sex", "--contrasts"];
        let found = estimates(&design, &file, &asked);
        let error = found["estimates"][0]["standard_error"].as_f64().expect("an error");
        assert!(error > 0.5 && error < 4.0, "{replicates}: {error}");
        assert!(found["contrasts"][0]["standard_error"].as_f64().is_some());
        assert_eq!(found, estimates(&design, &file, &asked));
    }
    let pairs =
        written(&format!("{CLUSTERED}[replicates]\nkind = \"paired_jackknife\"\nseed = 5\n"));
    let found = estimates(&pairs, &data("made1_2psu.csv"), &["--total", "hours"]);
    let plain = estimates(&written(CLUSTERED), &data("made1_2psu.csv"), &["--total", "hours"]);
    near(
        &found["estimates"][0]["standard_error"],
        plain["estimates"][0]["standard_error"].as_f64().expect("an error"),
    );
    let table = json(&[
        "tabulate",
        &data("made1_2psu.csv"),
        "--design",
        &pairs.design,
        "--rows",
        "vote",
        "--banner",
        "sex",
        "--json",
    ]);
    assert!(table["cells"][0]["standard_error"].as_f64().is_some());
}

fn weighed(design: &str, file: &str) -> (Value, String) {
    let design = written(design);
    let output = design.path("weighted.csv").display().to_string();
    let found = json(&["weight", file, "--design", &design.design, "--output", &output, "--json"]);
    (found, std::fs::read_to_string(output).expect("written"))
}

#[test]
fn those_who_answered_stand_for_those_alike() {
    for method in ["classes = 4\n", "method = \"inverse\"\n"] {
        let (found, rows) = weighed(
            &format!(
                "{CLUSTERED}[[weighting]]\nstep = \"propensity\"\nresponded = \"resp\"\n\
                 terms = [\"region\", \"sex\", \"age\"]\n{method}"
            ),
            &data("made1_resp.csv"),
        );
        let sum = |place: usize| found["steps"][place]["sum"].as_f64().expect("a sum");
        assert!((sum(1) / sum(0) - 1.0).abs() < 0.05, "{found}");
        assert!(
            rows.starts_with("id,")
                && rows
                    .lines()
                    .next()
                    .unwrap_or("")
                    .ends_with("weight_base,factor_1_propensity,weight_final")
        );
    }
}

#[test]
fn raking_keeps_within_limits() {
    let (found, _) = weighed(
        &format!(
            "{CLUSTERED}[[weighting]]\nstep = \"raking\"\nlimits = {{ upper = 3.0 }}\n{MARGINS}"
        ),
        &data("made1.csv"),
    );
    let largest = found["steps"][1]["largest"].as_f64().expect("a weight");
    assert!(largest <= 3.0 * 20_000.0 / 348.0 * (1.0 + 1e-8), "{largest}");
    for level in found["margins"].as_array().expect("margins") {
        near(&level["after"], level["target"].as_f64().expect("a target"));
    }
    let tight = written(&format!(
        "{CLUSTERED}[[weighting]]\nstep = \"raking\"\nlimits = {{ lower = 0.9, upper = 1.1 }}\n{MARGINS}"
    ));
    refused(
        &["estimate", &data("made1.csv"), "--design", &tight.design, "--mean", "hours"],
        &["limits of the weights", "widen the limits"],
    );
}

const PANEL: &str = "y,w,status,cell,attrition,new,both\n\
    1,10,eligible,a,1.5,0,1\n2,10,unknown,a,1,0,0\n3,10,ineligible,a,1,0,0\n\
    4,10,eligible,b,2,1,1\n5,10,eligible,b,0,1,0\n";

#[test]
fn unknown_eligibility_panels_and_two_samples() {
    let files = written("");
    let file = files.path("data.csv");
    std::fs::write(&file, PANEL).expect("written");
    let (found, rows) = weighed(
        "weight = \"w\"\n\
         [[weighting]]\nstep = \"unknown_eligibility\"\nstatus = \"status\"\ncells = \"cell\"\n\
         [[weighting]]\nstep = \"factor\"\ncolumn = \"attrition\"\n\
         [[weighting]]\nstep = \"composite\"\nsecond = \"new\"\noverlap = \"both\"\nshare = 0.4\n",
        &file.display().to_string(),
    );
    assert_eq!(found["steps"][1]["step"], "unknown eligibility");
    let last: Vec<f64> = (rows.lines().skip(1))
        .map(|line| line.rsplit(',').next().and_then(|own| own.parse().ok()).expect("a weight"))
        .collect();
    // 30 over the 20 known: 15, times 1.5 and 0.4; 10 times 2 and 0.6.
    assert!(last.iter().zip([9.0, 0.0, 0.0, 12.0, 0.0]).all(|(one, own)| (one - own).abs() < 1e-9));
}

/// A value that is put in is marked; several copies say what the gaps cost.
#[test]
fn gaps_are_filled_marked_and_counted() {
    let design = format!(
        "{CLUSTERED}[[imputation]]\ncolumn = \"hours\"\nclasses = \"region\"\ncopies = 10\nseed = 4\n"
    );
    let (_, rows) = weighed(&design, &data("made1.csv"));
    let mut lines = rows.lines();
    let heading: Vec<&str> = lines.next().expect("a heading").split(',').collect();
    let place = |name: &str| heading.iter().position(|own| *own == name).expect(name);
    let (raw, mark, first) = (place("hours"), place("hours_imputed"), place("hours_filled_1"));
    let mut marked = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields[mark] == "1", fields[raw].is_empty(), "{line}");
        assert!(!fields[first].is_empty());
        marked += usize::from(fields[mark] == "1");
    }
    assert!(marked > 0);
    let with = estimates(&written(&design), &data("made1.csv"), &["--mean", "hours"]);
    let line = &with["estimates"][0];
    let note = line["note"].as_str().expect("a note");
    assert!(note.contains("10 copies, missing information"), "{note}");
    assert!(line["degrees_of_freedom"].as_f64().expect("df") < 26.0);
    // Shares of a column of numbers are filled too: everybody has one.
    let smoke = design.replace("\"hours\"", "\"smoke\"");
    let with = estimates(&written(&smoke), &data("made1.csv"), &["--share", "smoke"]);
    assert_eq!(with["estimates"][0]["rows"], 348);
    assert!(with["notes"].to_string().contains("put together from all copies"));
    let alone = format!("{CLUSTERED}[[imputation]]\ncolumn = \"vote\"\nseed = 4\n");
    refused(
        &["estimate", &data("made1.csv"), "--design", &written(&alone).design, "--mean", "hours"],
        &["vote, row 1: “A” is not a number"],
    );
}

/// Quantiles and models of several copies, against Rubin's rules on what each copy gives.
#[test]
fn quantiles_and_models_are_put_together_from_all_copies() {
    const COPIES: usize = 5;
    let design = format!(
        "{CLUSTERED}[[imputation]]\ncolumn = \"hours\"\nclasses = \"region\"\ncopies = {COPIES}\nseed = 4\n"
    );
    let file = data("made1.csv");
    let (_, rows) = weighed(&design, &file);
    let asked = [
        "--mean",
        "hours",
        "--quantile",
        "hours",
        "--probabilities",
        "0.5",
        "--model",
        "hours ~ 1",
    ];
    let with = estimates(&written(&design), &file, &asked);
    // A model of nothing but an intercept is the mean.
    let (mean, median, model) = (&with["estimates"][0], &with["estimates"][1], &with["model"][0]);
    near(&model["coefficient"], mean["value"].as_f64().expect("a value"));
    near(&model["standard_error"], mean["standard_error"].as_f64().expect("an error"));
    near(&model["degrees_of_freedom"], mean["degrees_of_freedom"].as_f64().expect("df"));
    assert!(model["note"].as_str().is_some_and(|note| note.contains("5 copies")));
    // The median of each copy, put together by hand.
    let plain = written(CLUSTERED);
    let filled = plain.path("filled.csv");
    std::fs::write(&filled, rows).expect("written");
    let filled = filled.display().to_string();
    let columns: Vec<String> = (1..=COPIES).map(|copy| format!("hours_filled_{copy}")).collect();
    let names = columns.join(",");
    let each = estimates(&plain, &filled, &["--quantile", &names, "--probabilities", "0.5"]);
    let each = each["estimates"].as_array().expect("lines");
    let number = |line: &Value, key: &str| line[key].as_f64().expect("a number");
    let m = 5.0;
    let value = each.iter().map(|line| number(line, "value")).sum::<f64>() / m;
    let within = each.iter().map(|line| number(line, "standard_error").powi(2)).sum::<f64>() / m;
    let off = |line: &Value| (number(line, "value") - value).powi(2);
    let between = each.iter().map(off).sum::<f64>() / (m - 1.0);
    near(&median["value"], value);
    near(&median["standard_error"], (within + (1.0 + 1.0 / m) * between).sqrt());
    let half = number(median, "upper") - value;
    assert!((half - (value - number(median, "lower"))).abs() < 1e-9);
}

/// R: `svyglm(smoke ~ age + sex + edu, family = quasibinomial)`, `svyttest(hours ~ sex)`.
#[test]
fn models_and_functions_of_means() {
    let design = written(CLUSTERED);
    let file = data("made1.csv");
    let logistic = ["--model", "smoke ~ age + sex + edu", "--family", "logistic"];
    let found = estimates(&design, &file, &logistic);
    let term = &found["model"][3];
    assert_eq!(term["term"], "edu = low");
    let value = term["coefficient"].as_f64().expect("a number");
    assert!((value - 0.788_256_286_146_327).abs() < 1e-6);
    let found = estimates(&design, &file, &["--model", "hours ~ sex"]);
    near(&found["model"][1]["coefficient"], -0.341_953_723_778_542);
    near(&found["model"][1]["t"], -0.118_933_692_371_407);
    let ordinal = estimates(&design, &file, &["--model", "sat ~ sex + age", "--family", "ordinal"]);
    assert_eq!(ordinal["model"][2]["term"], "1 | 2");
    let found = estimates(
        &design,
        &file,
        &[
            "--function",
            "log(hours / spend)",
            "--function",
            "hours - spend",
            "--correlation",
            "hours:spend",
        ],
    );
    let numbers: Vec<f64> = (0..3)
        .map(|place| found["estimates"][place]["value"].as_f64().expect("a number"))
        .collect();
    // R: the delta method on `vcov(svyvar(~hours + spend))`, and `svycontrast`.
    near(&found["estimates"][0]["value"], 0.080_301_332_003_790_2);
    near(&found["estimates"][0]["standard_error"], 0.072_739_686_288_360_7);
    assert!((numbers[1] + 0.80594).abs() < 1e-5);
    // Less is worked than spent, so both are below zero.
    assert!(numbers[1] < 0.0 && numbers[2] < 0.0);
    refused(
        &["estimate", &file, "--design", &design.design, "--model", "hours"],
        &["hours: is not of the right form"],
    );
}

#[test]
fn descriptions_inequality_and_classes_by_variation() {
    let design = written(CLUSTERED);
    let file = data("made1.csv");
    let found = estimates(&design, &file, &["--describe", "hours", "--inequality", "spend"]);
    assert_eq!(found["descriptions"][0]["variable"], "hours");
    assert!(found["descriptions"][0]["skewness"].as_f64().is_some());
    assert_eq!(
        found["inequality"][0]["note"],
        "errors come from replicates: make some in the design"
    );
    let replicates =
        "[replicates]\nkind = \"bootstrap\"\nmethod = \"rao_wu\"\ncount = 60\nseed = 1\n";
    let drawn = written(&format!("{CLUSTERED}{replicates}"));
    let found = estimates(&drawn, &file, &["--inequality", "spend"]);
    assert!(found["inequality"][0]["standard_error"].as_f64().expect("an error") > 0.1);
    let found = estimates(
        &design,
        &file,
        &["--mean", "rare", "--share", "rare", "--rule", "statistics-canada"],
    );
    let note = found["estimates"][0]["note"].as_str().expect("a note");
    assert!(
        note.starts_with("E, use with caution") || note.starts_with("F, too unreliable"),
        "{note}"
    );
}

#[test]
fn the_r_indicator_tells_who_answered_unevenly() {
    let design = written(CLUSTERED);
    let found = json(&[
        "quality",
        &data("made1_resp.csv"),
        "--design",
        &design.design,
        "--responded",
        "resp",
        "--known",
        "region,sex",
        "--json",
    ]);
    let indicator = found["representativity"][0]["value"].as_f64().expect("an indicator");
    assert!(indicator > 0.3 && indicator < 1.0, "{indicator}");
    assert_eq!(found["partial_indicators"][0]["variable"], "region");
}

#[test]
fn scales_twice_and_polychoric() {
    let found = json(&["reliability", &data("retest1.csv"), "--retest", "time1,time2", "--json"]);
    assert_eq!(found["retest"][0]["coefficient"], "correlation");
    let found = json(&[
        "reliability",
        &data("bank1.csv"),
        "--items",
        "i1,i2,i3",
        "--polychoric",
        "--factoring",
        "likelihood",
        "--json",
    ]);
    assert_eq!(found["polychoric"][0]["item"], "i1");
    assert!(found["scale"].to_string().contains("1 factors by maximum likelihood"));
}

/// Twelve people in two areas; two of area b chose z.
fn small() -> Written {
    let files = written("");
    let mut text = "area,choice\n".to_owned();
    for (line, times) in
        [("a,x", 30), ("a,y", 20), ("a,z", 9), ("b,x", 25), ("b,y", 22), ("b,z", 2)]
    {
        text.push_str(&format!("{line}\n").repeat(times));
    }
    std::fs::write(files.path("data.csv"), text).expect("written");
    files
}

fn table(files: &Written, more: &[&str]) -> Value {
    let file = files.path("data.csv").display().to_string();
    let mut arguments = vec![
        "tabulate",
        &file,
        "--design",
        &files.design,
        "--rows",
        "choice",
        "--banner",
        "area",
        "--json",
    ];
    arguments.extend(more);
    json(&arguments)
}

#[test]
fn tables_take_the_classes_of_statistics_canada() {
    let files = small();
    let found = table(&files, &["--rule", "statistics-canada"]);
    let cells = found["cells"].as_array().expect("cells");
    let of = |level: &str, column: &str| {
        cells
            .iter()
            .find(|cell| cell["level"] == level && cell["column"] == column)
            .expect("a cell")
    };
    assert!(of("x", "total")["note"].is_null() && of("x", "total")["value"].as_f64().is_some());
    let note = of("z", "b")["note"].as_str().expect("a note");
    assert!(note.starts_with("F, too unreliable") && of("z", "b")["value"].is_null(), "{note}");
    assert!(
        of("z", "a")["note"].as_str().is_some_and(|note| note.starts_with("E, use with caution"))
    );
}

#[test]
fn few_people_are_hidden_and_cannot_be_worked_out() {
    let files = small();
    let found = table(&files, &["--unsuppressed", "--minimum", "5"]);
    let cells = found["cells"].as_array().expect("cells");
    let of = |level: &str, column: &str| {
        cells
            .iter()
            .find(|cell| cell["level"] == level && cell["column"] == column)
            .expect("a cell")
    };
    assert!(of("z", "b")["value"].is_null() && of("z", "b")["rows"].is_null());
    assert_eq!(of("z", "b")["note"], "hidden: too few people");
    // Its row and its column have another hidden cell each.
    let hidden: Vec<&Value> =
        cells.iter().filter(|cell| cell["note"].to_string().contains("hidden")).collect();
    assert!(hidden.len() >= 4, "{hidden:?}");
    assert!(of("z", "a")["value"].is_null());
    let shown = of("x", "total");
    assert!(shown["value"].is_null() || shown["note"] != "hidden: too few people");
}

#[test]
fn a_ledger_remembers_what_was_published() {
    let files = small();
    let ledger = files.path("ledger.json").display().to_string();
    let found =
        table(&files, &["--unsuppressed", "--minimum", "3", "--ledger", &ledger, "--publish"]);
    assert!(found["notes"].to_string().contains("figures are on record"));
    // The same people but for two of choice x in area a: their difference is two people.
    let file = files.path("data.csv");
    let text = std::fs::read_to_string(&file).expect("read").replacen("a,x\n", "a,x2\n", 2);
    std::fs::write(&file, text).expect("written");
    let again = table(&files, &["--unsuppressed", "--minimum", "3", "--ledger", &ledger]);
    let notes = again["notes"].to_string();
    assert!(notes.contains("would tell of few people beside"), "{notes}");
}

#[test]
fn counts_are_rounded() {
    let files = small();
    for rounding in ["nearest", "random", "controlled"] {
        let found = table(
            &files,
            &["--unsuppressed", "--round", "5", "--rounding", rounding, "--seed", "7"],
        );
        let mut sums = [0_u64; 2];
        for cell in found["cells"].as_array().expect("cells") {
            let rows = cell["rows"].as_u64().expect("a count");
            assert_eq!(rows % 5, 0, "{rounding}");
            sums[usize::from(cell["column"] == "total")] += rows;
        }
        if rounding == "controlled" {
            assert_eq!(sums[0], sums[1], "columns add up to the total");
        }
    }
}

/// Of two areas the rest of one is the other.
#[test]
fn figures_are_held_against_the_rest_with_an_interval() {
    let files = small();
    let found = table(&files, &["--unsuppressed", "--against-rest", "--adjust", "none"]);
    let of = |level: &str, column: &str| {
        let rest = found["rest"].as_array().expect("differences");
        let own = |row: &&Value| row["level"] == level && row["column"] == column;
        rest.iter().find(own).expect("a difference").clone()
    };
    let (a, b) = (of("z", "a"), of("z", "b"));
    // 9 of 59 and 2 of 49; the variances of a simple sample of 108.
    let (p, q) = (9.0 / 59.0, 2.0 / 49.0);
    near(&a["difference"], p - q);
    near(&b["difference"], q - p);
    let variance: f64 = 108.0 / 107.0 * (p * (1.0 - p) / 59.0 + q * (1.0 - q) / 49.0);
    near(&a["standard_error"], variance.sqrt());
    near(&b["lower"], -a["upper"].as_f64().expect("a limit"));
    assert_eq!(a["p"], a["p_unadjusted"]);
    let below = a["p"].as_f64().expect("p") < 0.05;
    assert_eq!(a["against_rest"] == "above", below);
    assert_eq!(b["against_rest"] == "below", below);
    assert!(found["notes"].to_string().contains("against_rest: higher or lower"));
    // Where a figure of the row is hidden, the others would tell of it.
    let hidden =
        table(&files, &["--unsuppressed", "--against-rest", "--minimum", "5", "--adjust", "bh"]);
    let rest = hidden["rest"].as_array().expect("differences");
    let told = rest.iter().filter(|row| row["level"] == "z");
    assert!(told.into_iter().all(|row| row["difference"].is_null() && row["note"].is_string()));
}

/// Two codings of the same people, weighted: the sample's kappa beside that of the population.
#[test]
fn kappa_of_the_population_has_an_error_by_the_design() {
    let files = written("weight = \"w\"\n[[stages]]\nclusters = \"c\"\n");
    let mut text = "one,two,w,c\n".to_owned();
    for row in 0..60 {
        let two = if row % 5 == 0 { 1 } else { row % 3 };
        text.push_str(&format!("{},{two},{},{}\n", row % 3, 1 + row % 4, row / 6));
    }
    let file = files.path("data.csv");
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let found = json(&[
        "reliability",
        &file,
        "--coders",
        "one,two",
        "--design",
        &files.design,
        "--weighted",
        "--json",
    ]);
    let lines = found["agreement"].as_array().expect("lines");
    let last = lines.last().expect("a line");
    assert_eq!(last["coefficient"], "Cohen's kappa of the population");
    let (value, lower) =
        (last["value"].as_f64().expect("k"), last["lower"].as_f64().expect("a limit"));
    assert!(value > 0.5 && value < 1.0 && lower < value);
}
