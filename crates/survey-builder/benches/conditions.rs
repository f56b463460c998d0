//! 300 questions with 300 conditions, worked out anew, beside the limit of 1 ms.
//!
//! The server works the whole path out; the page's evaluator works out the same
//! 300 conditions, once in `QuickJS` (an interpreter, slower than any browser)
//! and, where `node` is found, in V8, which browsers have. Prints the median
//! time and its share of the limit.
//!
//! `cargo bench -p survey-builder --bench conditions`

use std::hint::black_box;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use chrono::NaiveDate;
use rquickjs::{CatchResultExt, Context, Function, Module, Runtime};
use serde_json::json;
use survey_builder::questionnaire::answer::{Answer, Answers, Value};
use survey_builder::questionnaire::document::{
    Block, Choice, Document, Kind, Language, ListOption, NumberRange, OptionList, Page, Question,
    Required, Section, Text, identity_of,
};
use survey_builder::questionnaire::names::reference;
use survey_builder::questionnaire::publish::publish;
use survey_builder::questionnaire::routing::route;
use survey_builder::questionnaire::version::Version;

const QUESTIONS: usize = 300;
const QUESTIONS_A_PAGE: usize = 5;
const RUNS: usize = 201;
const LIMIT_MS: f64 = 1.0;
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
const EVALUATOR: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/js/expression.js"));

fn id(role: &str, name: &str) -> uuid::Uuid {
    identity_of("bench", role, name)
}

/// Every question after the third has a condition on three before it: two
/// numbers and a choice, with `and`, `or`, a comparison and a sum.
fn document() -> Document {
    let text = |words: &str| Text::new("en", words);
    let questions: Vec<Question> = (0..QUESTIONS)
        .map(|number| {
            let name = format!("q{number}");
            let kind = if number % 3 == 2 {
                Kind::Single(Choice::of("views"))
            } else {
                Kind::Integer(NumberRange::default())
            };
            let mut question = Question::new(id("question", &name), &name, text(&name), kind);
            question.required = Required::No;
            let before = number / 3 * 3;
            question.relevant = Some(match before.checked_sub(3) {
                Some(of) => format!(
                    "(q{of} >= 2 and q{} < 90) or q{} = 'v{}' or coalesce(q{of}, 60) + 1 > 50",
                    of + 1,
                    of + 2,
                    number % 5
                ),
                None => "today() > date('2020-01-01')".to_owned(),
            });
            question
        })
        .collect();
    let options = (0..5).map(|number| format!("v{number}"));
    let pages = questions.chunks(QUESTIONS_A_PAGE).enumerate().map(|(number, questions)| {
        let name = format!("p{number}");
        Block::Page(Page::new(id("page", &name), &name, questions.to_vec()))
    });
    Document {
        id: id("document", "bench"),
        name: "bench".to_owned(),
        title: text("Conditions"),
        languages: vec![Language { code: "en".to_owned(), name: "English".to_owned() }],
        default_language: "en".to_owned(),
        lists: vec![OptionList {
            id: id("list", "views"),
            name: "views".to_owned(),
            options: options
                .map(|code| ListOption::new(id("option", &code), &code, text(&code)))
                .collect(),
        }],
        sections: vec![Section::new(id("section", "s"), "s", pages.collect())],
        ..Document::default()
    }
}

/// Everybody's answers: half of the conditions hold by their first part.
fn answers() -> Answers {
    let mut answers = Answers::default();
    for number in 0..QUESTIONS {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let value = if number % 3 == 2 {
            Value::Option(format!("v{}", number % 5))
        } else {
            Value::Number((1 + number % 7) as f64)
        };
        answers.set(id("question", &format!("q{number}")), Answer::Value(value));
    }
    answers
}

/// The middle of `RUNS` times, in milliseconds.
fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let from = Instant::now();
            run();
            from.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// The conditions and answers as a page holds them.
fn for_script(version: &Version, answers: &Answers) -> String {
    let trees: Vec<_> = version
        .pages()
        .iter()
        .flat_map(|page| &page.questions)
        .filter_map(|question| question.relevant.as_ref())
        .map(|relevant| &relevant.tree)
        .collect();
    assert_eq!(trees.len(), QUESTIONS);
    let held: serde_json::Map<_, _> = (0..QUESTIONS)
        .filter_map(|number| {
            let item = id("question", &format!("q{number}"));
            let value = match answers.get(item)?.value()? {
                Value::Number(number) => json!(number),
                Value::Option(code) => json!(code),
                _ => return None,
            };
            Some((reference(item), json!({ "value": value })))
        })
        .collect();
    json!({ "trees": trees, "answers": held, "today": TODAY }).to_string()
}

/// Works all conditions out and says how many hold.
const SCRIPT: &str = r"
    const { trees, answers, today } = JSON.parse(given);
    const environment = { answer: (reference) => answers[reference], today };
    const all = () => trees.filter((tree) => isTrue(evaluate(tree, environment))).length;
";

fn in_quickjs(given: &str) -> (f64, usize) {
    let runtime = Runtime::new().expect("a JavaScript runtime");
    let context = Context::full(&runtime).expect("a JavaScript context");
    context.with(|context| {
        Module::declare(context.clone(), "expression", EVALUATOR).expect("the evaluator");
        context.globals().set("given", given).expect("a global");
        let module = format!(
            "import {{ evaluate, isTrue }} from 'expression'; const given = globalThis.given; {SCRIPT} globalThis.all = all;"
        );
        Module::evaluate(context.clone(), "bench", module)
            .and_then(|done| done.finish::<()>())
            .catch(&context)
            .unwrap_or_else(|error| panic!("bench: {error}"));
        let all: Function = context.globals().get("all").expect("the function");
        let held: usize = all.call(()).expect("a number");
        let time = median(|| {
            black_box(all.call::<_, usize>(()).expect("a number"));
        });
        (time, held)
    })
}

/// The same in V8, if there is `node`.
fn in_node(given: &str) -> Option<(f64, usize)> {
    let module = format!(
        "{EVALUATOR}\nconst given = {}; {SCRIPT}
        const measured = [];
        for (let run = 0; run < {RUNS}; run += 1) {{
            const from = performance.now();
            all();
            measured.push(performance.now() - from);
        }}
        measured.sort((one, other) => one - other);
        console.log(measured[{}], all());",
        serde_json::to_string(given).ok()?,
        RUNS / 2
    );
    let mut node = Command::new("node")
        .args(["--input-type=module", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    node.stdin.take()?.write_all(module.as_bytes()).ok()?;
    let output = node.wait_with_output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let (time, held) = said.trim().split_once(' ')?;
    Some((time.parse().ok()?, held.parse().ok()?))
}

fn line(what: &str, time: f64) {
    println!("| {what:<46} | {time:>7.3} | {:>5.2} |", time / LIMIT_MS);
}

fn main() {
    let version = publish(document()).expect("a version");
    let answers = answers();
    let held = route(&version, &answers, TODAY).stops.len();
    println!(
        "{QUESTIONS} questions, {QUESTIONS} conditions, {held} pages on the path, median of {RUNS}"
    );
    println!("| {:<46} | {:>7} | {:>5} |", "what", "ms", "of 1");
    println!("| {:-<46} | {:->6}: | {:->4}: |", "", "", "");
    line(
        "the whole path, on the server",
        median(|| drop(black_box(route(&version, &answers, TODAY)))),
    );
    let given = for_script(&version, &answers);
    let (quick, held) = in_quickjs(&given);
    line("the page's evaluator, in QuickJS", quick);
    match in_node(&given) {
        Some((fast, same)) => {
            assert_eq!(held, same, "both engines find the same conditions to hold");
            line("the page's evaluator, in V8 (node)", fast);
        }
        None => println!("(node was not found: V8 not measured)"),
    }
}
