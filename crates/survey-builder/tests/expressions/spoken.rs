//! What conditions say is what they mean: read part by part as people read it, worked
//! out here by other code, on random conditions and answers.

use chrono::Datelike as _;
use rand::{RngExt as _, SeedableRng as _};
use survey_builder::questionnaire::answer::{Answer, State, Value};
use survey_builder::questionnaire::expression::chosen::{Lines, name_written};
use survey_builder::questionnaire::expression::spoken::{
    How, Leaf, Operand, Spoken, Subject, Test,
};
use survey_builder::questionnaire::expression::{
    Environment as _, Expected, Expression, Type, compile, evaluate,
};

use super::case::World;
use super::random::draw_condition;

const ROUNDS: u64 = 6_000;

fn compiled(text: &str, world: &World) -> Expression {
    compile(text, world, Some(Expected::Condition))
        .unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

fn truth(expression: &Expression, world: &World) -> Option<bool> {
    match evaluate(expression, world) {
        Some(Value::Bool(flag)) => Some(flag),
        None => None,
        Some(other) => panic!("a condition gives {other:?}"),
    }
}

/// The value of an answer; blank texts and sets are none.
fn value(world: &World, reference: &str) -> Option<Value> {
    let value = world.answer(reference).value().cloned()?;
    match &value {
        Value::Text(text) if text.is_empty() => None,
        Value::Set(codes) if codes.is_empty() => None,
        _ => Some(value),
    }
}

fn state(world: &World, reference: &str) -> State {
    match (world.answer(reference).as_ref(), value(world, reference)) {
        (Answer::Value(_), Some(_)) => State::Answered,
        (Answer::Value(_), None) => State::Skipped,
        (Answer::Missing(state), _) => *state,
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => *number,
        Value::Date(day) => f64::from(day.num_days_from_ce()),
        Value::Time(minute) => f64::from(*minute),
        other => panic!("{other:?} has no order"),
    }
}

fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => (one - other).abs() < f64::MIN_POSITIVE,
        (Value::Text(one) | Value::Option(one), Value::Text(other) | Value::Option(other)) => {
            use unicode_normalization::UnicodeNormalization as _;
            one.nfc().eq(other.nfc())
        }
        _ => one == other,
    }
}

/// What a test says, of these answers: `None` where something it needs is blank.
fn holds(test: &Test, world: &World) -> Option<bool> {
    let reference = test.of.reference();
    let its_state = |state_: State| reference.is_some_and(|it| state(world, it) == state_);
    let on_path = || {
        let states = [State::NotAsked, State::NotReached];
        reference.is_some_and(|it| !states.contains(&state(world, it)))
    };
    match test.how {
        How::Answered => return Some(its_state(State::Answered)),
        How::NotAnswered => return Some(!its_state(State::Answered)),
        How::Skipped => return Some(its_state(State::Skipped)),
        How::Refused => return Some(its_state(State::Refused)),
        How::DontKnow => return Some(its_state(State::DontKnow)),
        How::NotApplicable => return Some(its_state(State::NotApplicable)),
        How::Asked => return Some(on_path()),
        How::NotAsked => return Some(!on_path()),
        _ => {}
    }
    let own = match &test.of {
        Subject::Answer(reference) => value(world, reference)?,
        Subject::Own => world.self_value.clone()?,
        // Of what was left blank nothing is known.
        Subject::Count(reference) => match value(world, reference)? {
            Value::Set(codes) => Value::Number(f64::from(u32::try_from(codes.len()).expect("few"))),
            other => panic!("{other:?} cannot be counted"),
        },
    };
    let with: Option<Vec<Value>> = test
        .with
        .iter()
        .map(|one| match one {
            Operand::Value(value) => Some(value.clone()),
            Operand::Answer(reference) => value(world, reference),
            Operand::Today => world.today.map(Value::Date),
        })
        .collect();
    let with = with?;
    let text = |value: &Value| match value {
        Value::Text(text) => {
            use unicode_normalization::UnicodeNormalization as _;
            text.nfc().collect::<String>()
        }
        other => panic!("{other:?} is no text"),
    };
    let chosen = |value: &Value| match (&own, value) {
        (Value::Set(codes), Value::Option(code)) => codes.contains(code),
        (Value::Option(own), Value::Option(code)) => own == code,
        other => panic!("{other:?} cannot include"),
    };
    Some(match test.how {
        How::Is => alike(&own, &with[0]),
        How::IsNot => !alike(&own, &with[0]),
        How::OneOf => with.iter().any(|one| alike(&own, one)),
        How::NoneOf => !with.iter().any(|one| alike(&own, one)),
        How::Includes => chosen(&with[0]),
        How::Excludes => !chosen(&with[0]),
        How::Less => number(&own) < number(&with[0]),
        How::AtMost => number(&own) <= number(&with[0]),
        How::More => number(&own) > number(&with[0]),
        How::AtLeast => number(&own) >= number(&with[0]),
        How::Between => number(&own) >= number(&with[0]) && number(&own) <= number(&with[1]),
        How::Contains => text(&own).contains(&text(&with[0])),
        How::StartsWith => text(&own).starts_with(&text(&with[0])),
        How::EndsWith => text(&own).ends_with(&text(&with[0])),
        How::Yes => own == Value::Bool(true),
        How::No => own == Value::Bool(false),
        other => panic!("{other:?} was told above"),
    })
}

/// What a tree says, part by part.
fn means(spoken: &Spoken, leaf: &impl Fn(&Leaf) -> Option<bool>) -> Option<bool> {
    let parts = |parts: &[Spoken]| -> Vec<Option<bool>> {
        parts.iter().map(|part| means(part, leaf)).collect()
    };
    match spoken {
        Spoken::All(all) => match parts(all) {
            all if all.contains(&Some(false)) => Some(false),
            all if all.contains(&None) => None,
            _ => Some(true),
        },
        Spoken::Any(any) => match parts(any) {
            any if any.contains(&Some(true)) => Some(true),
            any if any.contains(&None) => None,
            _ => Some(false),
        },
        Spoken::Leaf(one) => leaf(one),
    }
}

#[test]
fn what_is_said_is_what_is_meant() {
    let (mut tests, mut formulas, mut known) = (0, 0, 0);
    for seed in 0..ROUNDS {
        let (world, text) = draw_condition(seed);
        let expression = compiled(&text, &world);
        let spoken = expression.spoken();
        let found = means(&spoken, &|leaf| match &leaf.test {
            Some(test) => holds(test, &world),
            // What is shown as it is written is what is written.
            None => truth(&compiled(&leaf.text, &world), &world),
        });
        assert_eq!(found, truth(&expression, &world), "{seed}: {text}\n{spoken:?}");
        assert_eq!(spoken.value(&world), found, "{seed}: {text}");
        for leaf in spoken.leaves() {
            *(if leaf.test.is_some() { &mut tests } else { &mut formulas }) += 1;
        }
        known += u64::from(found.is_some());
    }
    assert!(tests > ROUNDS && formulas > ROUNDS / 20, "{tests} tests, {formulas} formulas");
    assert!(known > ROUNDS / 2, "only {known} with a value");
}

#[test]
fn what_can_be_chosen_comes_back_and_means_the_same() {
    let names = |reference: &str| reference.strip_prefix('#').map(str::to_owned);
    let mut chosen = 0;
    for seed in 0..ROUNDS {
        let (world, text) = draw_condition(seed);
        let expression = compiled(&text, &world);
        let Some(lines) = Lines::of(&expression.spoken()) else { continue };
        let written = lines.written(&names).expect("every line is whole");
        let again = compiled(&written, &world);
        assert_eq!(truth(&again, &world), truth(&expression, &world), "{text} became {written}");
        assert_eq!(Lines::of(&again.spoken()), Some(lines), "{text} became {written}");
        chosen += 1;
    }
    assert!(chosen > ROUNDS / 4, "only {chosen} of {ROUNDS}");
}

/// As long as the parts that decide stay, whatever the others are changes nothing.
#[test]
fn what_decides_is_enough() {
    let mut spared = 0;
    for seed in 0..ROUNDS {
        let (world, text) = draw_condition(seed);
        let spoken = compiled(&text, &world).spoken();
        let deciding = spoken.deciding(&world);
        let decides = |leaf: &Leaf| deciding.iter().any(|(one, _)| std::ptr::eq(*one, leaf));
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let held = spoken.value(&world) == Some(true);
        let others = spoken.leaves().into_iter().filter(|leaf| !decides(leaf)).count();
        spared += others;
        for _ in 0..8 {
            let drawn: Vec<(*const Leaf, Option<bool>)> = spoken
                .leaves()
                .into_iter()
                .map(|leaf| {
                    let other = [None, Some(true), Some(false)][random.random_range(0..3)];
                    let kept = deciding.iter().find(|(one, _)| std::ptr::eq(*one, leaf));
                    (std::ptr::from_ref(leaf), kept.map_or(other, |(_, value)| *value))
                })
                .collect();
            let found = means(&spoken, &|leaf| {
                let own = drawn.iter().find(|(one, _)| std::ptr::eq(*one, leaf));
                own.expect("every part is drawn").1
            });
            assert_eq!(found == Some(true), held, "{seed}: {text}");
        }
    }
    assert!(spared > 500, "only {spared} parts were left out");
}

#[test]
fn names_that_do_not_stand_alone_are_in_braces() {
    for (name, written) in [
        ("age", "age"),
        ("đi_làm", "đi_làm"),
        ("member.age", "member.age"),
        ("and", "${and}"),
        ("a b", "${a b}"),
        ("2nd", "${2nd}"),
        ("x-y", "${x-y}"),
    ] {
        assert_eq!(name_written(name), written);
    }
}

#[test]
fn what_is_plain_is_said_and_what_is_not_stays() {
    let world = draw_condition(1).0;
    let said = |text: &str| compiled(text, &world).spoken();
    let Spoken::All(parts) = said("a >= 18 and (sex = 'f' or length(name) > 3)") else {
        panic!("both must hold")
    };
    let Spoken::Any(inner) = &parts[1] else { panic!("one is enough") };
    let [Spoken::Leaf(sayable), Spoken::Leaf(formula)] = inner.as_slice() else { panic!("two") };
    assert_eq!(sayable.test.as_ref().map(|test| test.how), Some(How::Is));
    assert_eq!((formula.test.clone(), formula.text.as_str()), (None, "length(name) > 3"));
    // Both sides, and not of not.
    for (one, other) in [("18 <= a", "a >= 18"), ("not(not(owner))", "owner = true")] {
        let of = |text: &str| match said(text) {
            Spoken::Leaf(leaf) => leaf.test,
            other => panic!("{other:?}"),
        };
        assert!(of(other).is_some() && of(one) == of(other), "{one}: {:?}", of(one));
    }
    // A denial of several things has no plain words.
    let Spoken::Leaf(leaf) = said("not(a > 1 and owner)") else { panic!("one part") };
    assert_eq!(leaf.test, None);
    // A calculation is no condition.
    let number = compile("a + 1", &world, Some(Expected::Value(Type::Number))).expect("a number");
    assert!(matches!(number.spoken(), Spoken::Leaf(Leaf { test: None, .. })));
}
