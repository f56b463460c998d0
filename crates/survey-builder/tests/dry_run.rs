//! Dry runs: simulated respondents get through what people can get through.

use chrono::NaiveDate;
use survey_builder::questionnaire::document::{Constraint, Document, Required, Text};
use survey_builder::questionnaire::dry_run::{DryRun, dry_run};
use survey_builder::questionnaire::publish::publish;

fn document() -> Document {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questionnaires/all-kinds.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("a document")
}

fn run(document: Document, seed: u64) -> DryRun {
    let version = publish(document).expect("can be published");
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
    dry_run(&version, 400, seed, today)
}

fn changed(
    name: &str,
    change: impl Fn(&mut survey_builder::questionnaire::document::Question),
) -> Document {
    let mut document = document();
    change(document.question_mut(name).expect("a question of that name"));
    document
}

#[test]
fn everybody_gets_through_and_everything_is_asked() {
    let found = run(document(), 1);
    assert_eq!(found.stuck.len(), 0, "{found:?}");
    assert_eq!(found.finished + found.refused + found.screened_out, 400, "{found:?}");
    assert!(found.finished > 300 && found.refused > 5, "{found:?}");
    assert_eq!(found.never_asked, Vec::<String>::new());
    // Who chose "none of these" is not asked which of them most.
    assert_eq!(found.never_offered, [("most".to_owned(), "none".to_owned())]);
    let [least, lower, middle, upper, most] = found.lengths;
    assert!(least <= lower && lower <= middle && middle <= upper && upper <= most && least > 0);
}

#[test]
fn one_seed_gives_one_run() {
    assert_eq!(run(document(), 5), run(document(), 5));
    assert_ne!(run(document(), 5), run(document(), 6));
}

#[test]
fn a_question_behind_an_impossible_condition_is_never_asked() {
    let found = run(changed("hours", |question| question.relevant = Some("1 > 2".to_owned())), 1);
    assert_eq!(found.never_asked, ["hours"]);
    assert_eq!(found.stuck.len(), 0);
}

#[test]
fn a_constraint_that_nothing_meets_is_a_dead_end() {
    let found = run(
        changed("age", |question| {
            question.required = Required::Hard;
            question.offers.clear();
            question.constraints = vec![Constraint {
                expression: ". < 0".to_owned(),
                message: Text::default(),
                soft: false,
            }];
        }),
        1,
    );
    assert_eq!(found.finished, 0, "{found:?}");
    assert!(found.stuck.values().sum::<u32>() > 100, "{found:?}");
    assert!((found.rejection_rate("age") - 1.0).abs() < 1e-12, "{}", found.rejection_rate("age"));
}
