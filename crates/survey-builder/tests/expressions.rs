//! The expression language, in both evaluators.
//!
//! Every case of every `*.json` in `fixtures/reference/expressions` and, where
//! that is set, in `$SONDAGE_REFERENCE/expressions` is compiled and
//! evaluated in Rust and, inside `QuickJS`, by the same `web/js/expression.js`
//! that the pages use. Then random well-typed expressions with random answers
//! go through both, which must agree.

#[path = "expressions/case.rs"]
mod case;
#[path = "expressions/javascript.rs"]
mod javascript;
#[path = "expressions/random.rs"]
mod random;
#[path = "expressions/spoken.rs"]
mod spoken;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use case::{Case, CaseFile, World};
use javascript::JavaScript;
use survey_builder::questionnaire::answer::Value;
use survey_builder::questionnaire::expression::{self, Expression, Problem};

/// Writes past the test harness, which keeps what `println!` says to itself.
fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("standard output");
}

/// The case files: a file of the reference set stands for ours of that name.
fn case_files() -> Vec<PathBuf> {
    let ours = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/reference"));
    let theirs = std::env::var_os("SONDAGE_REFERENCE").map(PathBuf::from);
    let mut files = BTreeMap::new();
    for folder in [Some(ours), theirs].into_iter().flatten() {
        let folder = folder.join("expressions");
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
        for path in entries.map(|entry| entry.expect("a folder entry").path()) {
            if path.extension().is_some_and(|extension| extension == "json") {
                files.insert(path.file_name().map(ToOwned::to_owned), path);
            }
        }
    }
    files.into_values().collect()
}

#[test]
fn expressions() {
    let javascript = JavaScript::new();
    let (mut passed, mut failed) = (0, 0);
    for path in case_files() {
        let text = std::fs::read_to_string(&path).expect("a readable case file");
        let file: CaseFile = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in &file.cases {
            match run(&file, case, &javascript) {
                Ok(()) => passed += 1,
                Err(reason) => {
                    failed += 1;
                    say(&format!("{} {}: {reason}", case.id, case.expression));
                }
            }
        }
    }
    say(&format!("expressions: {passed} passed, {failed} failed"));
    assert_eq!(failed, 0);
    assert!(passed > 0, "no cases found");
}

fn run(file: &CaseFile, case: &Case, javascript: &JavaScript) -> Result<(), String> {
    let world = World::new(&file.questions, case)?;
    let compiled = expression::compile(&case.expression, &world, None);
    match (&case.value, &case.error) {
        (Some(expected), None) => {
            let expression = compiled.map_err(|problems| show(&problems))?;
            let found = both(&expression, &world, javascript)?;
            case::same(expected, found.as_ref())
        }
        (None, Some(expected)) => {
            let Err(problems) = compiled else {
                return Err(format!("no problem was found, not {expected:?}"));
            };
            let told = problems.iter().any(|problem| {
                problem.kind() == expected.kind && expected.at.is_none_or(|at| at == problem.at)
            });
            if told {
                Ok(())
            } else {
                Err(format!("{expected:?} is not among {}", show(&problems)))
            }
        }
        _ => Err("a case has either a value or an error".to_owned()),
    }
}

/// The value that both evaluators give, after the tree's way through JSON.
fn both(
    expression: &Expression,
    world: &World,
    javascript: &JavaScript,
) -> Result<Option<Value>, String> {
    let json = serde_json::to_string(expression).map_err(|error| error.to_string())?;
    let read: Expression = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    if read != *expression {
        return Err(format!("another tree comes back from {json}"));
    }
    let found = expression::evaluate(&read, world);
    let expected = case::to_json(found.as_ref());
    let other = javascript.evaluate(&read, world)?;
    if case::same_json(&expected, &other) {
        Ok(found)
    } else {
        Err(format!("Rust gives {expected}, JavaScript {other}, for {json}"))
    }
}

fn show(problems: &[Problem]) -> String {
    let shown: Vec<String> =
        problems.iter().map(|problem| format!("{:?} {problem}", problem.kind())).collect();
    shown.join("; ")
}

#[test]
fn random_expressions_agree() {
    const COUNT: u32 = 4_000;
    let javascript = JavaScript::new();
    let config = proptest::test_runner::Config {
        cases: COUNT,
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let mut present = 0;
    let outcome = {
        let present = std::cell::RefCell::new(&mut present);
        runner.run(&proptest::prelude::any::<u64>(), |seed| {
            let (world, text, kind) = random::draw(seed);
            let expected = Some(expression::Expected::Value(kind));
            let expression = expression::compile(&text, &world, expected)
                .map_err(|problems| fail(&text, &show(&problems)))?;
            let found =
                both(&expression, &world, &javascript).map_err(|reason| fail(&text, &reason))?;
            **present.borrow_mut() += u32::from(found.is_some());
            Ok(())
        })
    };
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    say(&format!("random expressions: {COUNT} agreed, {present} of them with a value"));
    // If nearly everything were missing the agreement would prove little.
    assert!(present > COUNT / 4);
}

fn fail(text: &str, reason: &str) -> proptest::test_runner::TestCaseError {
    proptest::test_runner::TestCaseError::fail(format!("{text}: {reason}"))
}

/// Names for the tests below.
fn world() -> World {
    let text = r#"{"questions": {"age": {"type": "number"}, "name": {"type": "text"},
        "born": {"type": "date"}, "sex": {"type": "option", "options": ["m", "f"]},
        "uses": {"type": "set", "options": ["bus", "car"]}, "owner": {"type": "bool"},
        "member.age": {"type": "list", "of": "number"}},
        "cases": [{"id": "0", "expression": "", "answers": {}, "value": null}]}"#;
    let file: CaseFile = serde_json::from_str(text).expect("a case file");
    World::new(&file.questions, &file.cases[0]).expect("a world")
}

#[test]
fn no_input_is_too_deep_or_too_long() {
    let world = world();
    let deep = 50_000;
    for text in [
        format!("{}1{}", "(".repeat(deep / 4), ")".repeat(deep / 4)),
        "-".repeat(deep / 4) + "1",
        "not ".repeat(deep / 16) + "owner",
        "abs(".repeat(deep / 16),
        "if(owner,1,".repeat(deep / 16),
        "1 + ".repeat(deep),
        "age / 2 * ".repeat(1_000) + "1",
        "(1 in ".repeat(1_000),
        "x".repeat(deep),
        "(".repeat(deep / 4),
    ] {
        let problems = expression::compile(&text, &world, None).expect_err(&text[..20]);
        assert_eq!(problems.len(), 1, "{}", &text[..20]);
    }
    // A long chain is wide, not deep.
    for text in ["age + ".repeat(2_000) + "1", "owner and ".repeat(1_500) + "owner"] {
        let compiled = expression::compile(&text, &world, None).expect("a long chain");
        assert_eq!(compiled.references().len(), 1);
        let json = serde_json::to_string(&compiled).expect("JSON");
        assert_eq!(serde_json::from_str::<Expression>(&json).expect("the tree"), compiled);
    }
    // As deep as may be, the tree still comes back from JSON.
    let text = format!("{}age{}", "abs(".repeat(95), ")".repeat(95));
    let compiled = expression::compile(&text, &world, None).expect("a deep expression");
    let json = serde_json::to_string(&compiled).expect("JSON");
    assert_eq!(serde_json::from_str::<Expression>(&json).expect("the tree"), compiled);
}

#[test]
fn every_problem_is_told_with_its_place_and_remedy() {
    let world = world();
    let told = |text: &str| -> Vec<String> {
        expression::compile(text, &world, None)
            .expect_err(text)
            .iter()
            .map(|problem| format!("{} {}..{}", problem.code(), problem.at.0, problem.at.1))
            .collect()
    };
    assert_eq!(
        told("agee > 3 and sex = 'x' and selected(uses, 'train') and name + 1 > 2"),
        [
            "expression_unknown_name 0..4",
            "expression_unknown_option 19..22",
            "expression_unknown_option 42..49",
            "expression_wrong_type 55..59",
        ]
    );
    assert_eq!(
        told("age > 1 @ # 2"),
        ["expression_unexpected_character 8..9", "expression_unexpected_character 10..11",]
    );
    assert_eq!(told("count(age)"), ["expression_wrong_type 6..9"]);
    assert_eq!(told("member > 3"), ["expression_roster_alone 0..6"]);
    assert_eq!(told("uses in ('bus')"), ["expression_set_comparison 0..4"]);
    assert_eq!(told("sex = 1"), ["expression_not_comparable 0..7"]);
    assert_eq!(told("refused(age + 1)"), ["expression_needs_question 8..15"]);
    assert_eq!(told("foo-bar(age)"), ["expression_unknown_function 0..7"]);
    assert_eq!(told("matches(name, name)"), ["expression_pattern_not_written 14..18"]);
    assert_eq!(told(". > 3"), ["expression_no_self 0..1"]);
    assert_eq!(told("${age"), ["expression_unclosed_name 0..5"]);
    assert_eq!(told("(age > 3"), ["expression_unclosed_parenthesis 0..1"]);

    let problems = expression::compile("agee > 3", &world, None).expect_err("a misspelt name");
    assert_eq!(problems[0].told("", "").argument("nearest"), Some(&"age".into()));
    assert_eq!(
        problems[0].to_string(),
        "characters 0 to 4: expression_unknown_name (name=agee, nearest=age)"
    );
}

#[test]
fn the_place_where_it_stands_decides_what_fits() {
    use expression::{Expected, Type};
    let world = world();
    let sex = Type::Option("m|f".to_owned());
    let fits = |text: &str, expected| expression::compile(text, &world, Some(expected)).is_ok();
    assert!(fits("age > 3", Expected::Condition));
    assert!(!fits("age", Expected::Condition));
    assert!(fits("if(age > 3, 'm', coalesce(sex, 'f'))", Expected::Value(sex.clone())));
    assert!(!fits("if(age > 3, 'm', 'x')", Expected::Value(sex)));
    assert!(fits("age", Expected::Single));
    assert!(!fits("member.age", Expected::Single));
}

#[test]
fn circles_are_named_once() {
    let reads = |pairs: &[(&str, &[&str])]| {
        pairs
            .iter()
            .map(|(name, read)| {
                ((*name).to_owned(), read.iter().map(|name| (*name).to_owned()).collect())
            })
            .collect()
    };
    let found = expression::cycles(&reads(&[
        ("a", &["b"]),
        ("b", &["c", "d"]),
        ("c", &["a"]),
        ("d", &[]),
        ("e", &["e"]),
    ]));
    assert_eq!(found, [vec!["a", "b", "c"], vec!["e"]]);
}
