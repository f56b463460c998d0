//! Translated conditions against a small evaluator of the original `XPath`, over
//! random formulas and answers: blanks, "don't know" and all.
//!
//! The evaluator follows `XPath` 1.0 as forms use it: a blank is an empty text,
//! and no number; conditions are true or false.

use std::borrow::Cow;
use std::collections::BTreeMap;

use exchange::xlsform::import_csv;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use survey_builder::questionnaire::answer::{Answer, State, Value};
use survey_builder::questionnaire::expression::{
    Environment, Expected, Scope, Symbol, Type, compile, evaluate, is_true,
};

/// What a respondent entered, as a form stores it: a blank is empty.
type Entered = BTreeMap<&'static str, String>;

#[derive(Clone, Debug)]
enum Formula {
    Text(&'static str),
    Number(f64),
    Question(&'static str),
    Call(&'static str, Vec<Formula>),
    Infix(&'static str, Box<Formula>, Box<Formula>),
}

impl Formula {
    fn write(&self) -> String {
        match self {
            Self::Text(text) => format!("'{text}'"),
            Self::Number(number) => number.to_string(),
            Self::Question(name) => format!("${{{name}}}"),
            Self::Call(name, parts) => {
                let parts: Vec<String> = parts.iter().map(Self::write).collect();
                format!("{name}({})", parts.join(", "))
            }
            Self::Infix(word, one, other) => format!("({} {word} {})", one.write(), other.write()),
        }
    }

    #[expect(clippy::float_cmp, reason = "equality as the original has it")]
    fn truth(&self, entered: &Entered) -> bool {
        match self {
            Self::Call("not", parts) => !parts[0].truth(entered),
            Self::Call("selected", parts) => {
                let code = parts[1].text(entered);
                parts[0].text(entered).split(' ').any(|chosen| chosen == code)
            }
            Self::Call("if", parts) => {
                parts[if parts[0].truth(entered) { 1 } else { 2 }].truth(entered)
            }
            Self::Infix("and", one, other) => one.truth(entered) && other.truth(entered),
            Self::Infix("or", one, other) => one.truth(entered) || other.truth(entered),
            Self::Infix(word, one, other) => {
                let (left, right) = (one.number(entered), other.number(entered));
                let numbers = one.is_number() || other.is_number();
                match *word {
                    "=" if numbers => left == right,
                    "!=" if numbers => left != right,
                    "=" => one.text(entered) == other.text(entered),
                    "!=" => one.text(entered) != other.text(entered),
                    "<" => left < right,
                    ">" => left > right,
                    "<=" => left <= right,
                    _ => left >= right,
                }
            }
            other => panic!("{other:?} is no condition"),
        }
    }

    /// Whether it is a number by its form; an answer is a text.
    fn is_number(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Call(name, _) => *name != "if",
            Self::Infix(word, ..) => ["+", "-", "*"].contains(word),
            _ => false,
        }
    }

    fn text(&self, entered: &Entered) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Question(name) => entered.get(name).cloned().unwrap_or_default(),
            Self::Call("if", parts) => {
                parts[if parts[0].truth(entered) { 1 } else { 2 }].text(entered)
            }
            other => other.number(entered).to_string(),
        }
    }

    fn number(&self, entered: &Entered) -> f64 {
        match self {
            Self::Number(number) => *number,
            #[expect(clippy::cast_precision_loss, reason = "small")]
            Self::Call("count-selected", parts) => {
                parts[0].text(entered).split_whitespace().count() as f64
            }
            #[expect(clippy::cast_precision_loss, reason = "small")]
            Self::Call("string-length", parts) => parts[0].text(entered).chars().count() as f64,
            Self::Infix("+", one, other) => one.number(entered) + other.number(entered),
            Self::Infix("-", one, other) => one.number(entered) - other.number(entered),
            Self::Infix("*", one, other) => one.number(entered) * other.number(entered),
            other => other.text(entered).parse().unwrap_or(f64::NAN),
        }
    }
}

fn condition(random: &mut ChaCha8Rng, depth: u32) -> Formula {
    let infix = |word, one, other| Formula::Infix(word, Box::new(one), Box::new(other));
    let orders = ["<", ">", "<=", ">=", "=", "!="];
    let equals = ["=", "!="];
    let choice = random.random_range(0..if depth == 0 { 7 } else { 11 });
    let pick =
        |random: &mut ChaCha8Rng, words: &[&'static str]| *words.choose(random).expect("one");
    match choice {
        0 => {
            let code = Formula::Text(pick(random, &["1", "2", ""]));
            let name = pick(random, &["one", "two"]);
            infix(pick(random, &equals), Formula::Question(name), code)
        }
        1 => {
            let code = Formula::Text(pick(random, &["1", "98", ""]));
            infix(pick(random, &equals), Formula::Question("unsure"), code)
        }
        2 => infix(pick(random, &orders), number(random, 2), number(random, 0)),
        3 => {
            let code = Formula::Text(pick(random, &["a", "b"]));
            Formula::Call("selected", vec![Formula::Question("many"), code])
        }
        4 => {
            let count = Formula::Call("count-selected", vec![Formula::Question("many")]);
            infix(pick(random, &orders), count, Formula::Number(1.0))
        }
        5 => {
            let text = Formula::Text(pick(random, &["x", "yy", ""]));
            infix(pick(random, &equals), Formula::Question("words"), text)
        }
        6 => {
            let length = Formula::Call("string-length", vec![Formula::Question("words")]);
            infix(
                pick(random, &orders),
                length,
                Formula::Number(f64::from(random.random_range(0..3))),
            )
        }
        7 => Formula::Call("not", vec![condition(random, depth - 1)]),
        8 => {
            let parts = (0..3).map(|_| condition(random, depth - 1)).collect();
            Formula::Call("if", parts)
        }
        _ => {
            let word = pick(random, &["and", "or"]);
            infix(word, condition(random, depth - 1), condition(random, depth - 1))
        }
    }
}

fn number(random: &mut ChaCha8Rng, depth: u32) -> Formula {
    match random.random_range(0..if depth == 0 { 2 } else { 4 }) {
        0 => Formula::Number(f64::from(random.random_range(0..4))),
        1 => Formula::Question(["age", "kids"].choose(random).expect("a name")),
        2 => Formula::Call("count-selected", vec![Formula::Question("many")]),
        _ => Formula::Infix(
            ["+", "-", "*"].choose(random).expect("a sign"),
            Box::new(number(random, depth - 1)),
            Box::new(number(random, depth - 1)),
        ),
    }
}

const SURVEY: &str = "select_one yn,one,One,\nselect_one yn,two,Two,\nselect_one dk,unsure,Unsure,\n\
    select_multiple ab,many,Many,\ninteger,age,Age,\ninteger,kids,Kids,\ntext,words,Words,\n";
const CHOICES: &str = "list_name,name,label,x_flag\nyn,1,Yes,\nyn,2,No,\ndk,1,Yes,\ndk,98,DK,dk\n\
    ab,a,A,\nab,b,B,\nab,c,C,\n";

/// What was entered, as the form stores it and as ours does.
fn entered(random: &mut ChaCha8Rng) -> (Entered, World) {
    let mut form = Entered::new();
    let mut world = World::default();
    let mut put = |name, text: &str, answer: Answer| {
        form.insert(name, text.to_owned());
        world.0.insert(name, answer);
    };
    let option = |code: &str| Answer::Value(Value::Option(code.to_owned()));
    for name in ["one", "two"] {
        match random.random_range(0..3) {
            0 => put(name, "", Answer::Missing(State::Skipped)),
            1 => put(name, "1", option("1")),
            _ => put(name, "2", option("2")),
        }
    }
    match random.random_range(0..3) {
        0 => put("unsure", "", Answer::Missing(State::NotAsked)),
        1 => put("unsure", "1", option("1")),
        _ => put("unsure", "98", Answer::Missing(State::DontKnow)),
    }
    let codes: Vec<String> =
        ["a", "b", "c"].into_iter().filter(|_| random.random()).map(str::to_owned).collect();
    if codes.is_empty() {
        put("many", "", Answer::Missing(State::Skipped));
    } else {
        put("many", &codes.join(" "), Answer::Value(Value::Set(codes)));
    }
    for name in ["age", "kids"] {
        let number = random.random_range(0..5);
        if number == 4 {
            put(name, "", Answer::Missing(State::Skipped));
        } else {
            put(name, &number.to_string(), Answer::Value(Value::Number(f64::from(number))));
        }
    }
    match *["", "x", "yy"].choose(random).expect("a text") {
        "" => put("words", "", Answer::Missing(State::NotReached)),
        text => put("words", text, Answer::Value(Value::Text(text.to_owned()))),
    }
    (form, world)
}

#[derive(Debug, Default)]
struct World(BTreeMap<&'static str, Answer>);

impl Environment for World {
    fn answer(&self, reference: &str) -> Cow<'_, Answer> {
        Cow::Borrowed(&self.0[reference])
    }
}

struct Names;

impl Scope for Names {
    fn question(&self, name: &str) -> Option<Symbol> {
        let kind = match name {
            "one" | "two" => Type::Option("yn".to_owned()),
            "unsure" => Type::Option("dk".to_owned()),
            "many" => Type::Set("ab".to_owned()),
            "age" | "kids" => Type::Number,
            "words" => Type::Text,
            _ => return None,
        };
        Some(Symbol { id: name.to_owned(), kind })
    }

    fn options(&self, list: &str) -> Option<&[String]> {
        static LISTS: std::sync::LazyLock<BTreeMap<&str, Vec<String>>> =
            std::sync::LazyLock::new(|| {
                let codes = |text: &str| text.split(' ').map(str::to_owned).collect();
                BTreeMap::from([
                    ("yn", codes("1 2")),
                    ("dk", codes("1 98")),
                    ("ab", codes("a b c")),
                ])
            });
        LISTS.get(list).map(Vec::as_slice)
    }
}

#[test]
fn translated_conditions_give_what_the_form_gave() {
    let mut random = ChaCha8Rng::seed_from_u64(20_261_123);
    for _ in 0..1_500 {
        let formula = condition(&mut random, 3);
        let source = formula.write();
        let survey = format!(
            "type,name,label,relevant\n{SURVEY}note,end,End,\"{}\"\n",
            source.replace('"', "\"\"")
        );
        let imported = import_csv(survey.as_bytes(), Some(CHOICES.as_bytes()), None)
            .unwrap_or_else(|problems| panic!("{source}: {}", problems[0]));
        let translated = imported
            .document
            .questions()
            .find(|question| question.name == "end")
            .and_then(|question| question.relevant.clone())
            .expect("a condition");
        let expression = compile(&translated, &Names, Some(Expected::Condition))
            .unwrap_or_else(|problems| panic!("{translated}: {}", problems[0]));
        for _ in 0..20 {
            let (form, world) = entered(&mut random);
            let expected = formula.truth(&form);
            let found = is_true(evaluate(&expression, &world).as_ref());
            assert_eq!(found, expected, "{source}\n{translated}\n{form:?}");
        }
    }
}
