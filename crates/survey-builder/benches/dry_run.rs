//! Dry runs of long questionnaires, beside their limits: 100 respondents of 10,000
//! questions each of which waits for the one before, and 1,000 respondents of 1,000.
//!
//! Prints the time, its share of the limit, and the most memory that was in use.
//!
//! Then what a change of one condition costs where the respondents are kept, beside all
//! of them anew, in a questionnaire of 300 questions; both give the same.
//!
//! `cargo bench -p survey-builder --bench dry_run`

use std::time::Instant;

use chrono::NaiveDate;
use survey_builder::questionnaire::document::{
    Block, Choice, Document, Kind, Language, ListOption, NumberRange, OptionList, Page, Question,
    Section, Text, identity_of,
};
use survey_builder::questionnaire::dry_run::dry_run;
use survey_builder::questionnaire::dry_run::simulation::simulate;
use survey_builder::questionnaire::publish::publish;

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");

/// Questions, respondents, the most seconds, the most MiB.
const TASKS: [(usize, u32, f64, f64); 2] =
    [(10_000, 100, 10.0, 200.0), (1_000, 1_000, 20.0, 200.0)];

/// Each question is asked where the one before has an answer of some sort; every
/// third is a choice from a list of its own.
fn document(count: usize) -> Document {
    let text = |words: &str| Text::new("en", words);
    let id = |role: &str, name: &str| identity_of("bench", role, name);
    let (mut blocks, mut lists) = (Vec::with_capacity(count), Vec::new());
    for number in 0..count {
        let name = format!("q{number}");
        let kind = if number % 3 == 0 {
            let options = ["a", "b", "c", "d", "e"].map(|code| {
                ListOption::new(id("option", &format!("{name}{code}")), code, text(code))
            });
            let list =
                OptionList { id: id("list", &name), name: name.clone(), options: options.to_vec() };
            lists.push(list);
            Kind::Single(Choice::of(&name))
        } else {
            Kind::Integer(NumberRange::default())
        };
        let mut question = Question::new(id("question", &name), &name, text(&name), kind);
        question.relevant = number.checked_sub(1).map(|before| match before % 3 {
            0 => format!("q{before} != 'e' or not(answered(q{before}))"),
            _ => format!("coalesce(q{before}, 1) >= 0"),
        });
        let page = Page::new(id("page", &name), &name, vec![question]);
        blocks.push(Block::Page(page));
    }
    Document {
        id: id("document", "bench"),
        name: "bench".to_owned(),
        title: text("Chained"),
        languages: vec![Language { code: "en".to_owned(), name: "English".to_owned() }],
        default_language: "en".to_owned(),
        lists,
        sections: vec![Section::new(id("section", "all"), "all", blocks)],
        ..Document::default()
    }
}

/// The most memory that this program has used so far, in MiB; zero where the system
/// does not say.
fn most_memory() -> f64 {
    let said = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// The processor time of this program so far, of all its threads, in seconds; zero
/// where the system does not say. On a busy machine it is what the work costs.
fn processor_time() -> f64 {
    const TICKS: f64 = 100.0;
    let said = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold spaces, the 12th and 13th are user and system.
    let rest = said.rsplit_once(')').map_or("", |(_, rest)| rest);
    let times = rest.split_whitespace().skip(11).take(2);
    times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// The seconds that a change of one condition may take.
const CHANGE: f64 = 1.0;

/// One condition of 300 is changed: early, where half of the respondents are asked
/// something else from there on, and late.
fn change() {
    const QUESTIONS: usize = 300;
    let before = publish(document(QUESTIONS)).expect("a version");
    let start = Instant::now();
    let kept = simulate(&before, 1_000, 1, TODAY);
    println!(
        "1,000 respondents of {QUESTIONS} questions, kept: {:.2} s",
        start.elapsed().as_secs_f64()
    );
    for (number, text) in
        [(10, "q9 != 'e' and q9 != 'a'"), (250, "q249 = 'a'"), (250, "q249 != 'x'")]
    {
        let text = text.replace("'x'", "'e'");
        let mut changed = document(QUESTIONS);
        let mut item = None;
        for block in &mut changed.sections[0].blocks {
            let Block::Page(page) = block else { continue };
            for question in page.questions.iter_mut().filter(|it| it.name == format!("q{number}")) {
                question.relevant = Some(text.clone());
                item = Some(question.id);
            }
        }
        let item = item.expect("the question");
        let start = Instant::now();
        let after = publish(changed).expect("a version");
        let compiled = start.elapsed().as_secs_f64();
        let run = kept.changed(&before, &after, item);
        let took = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let anew = simulate(&after, 1_000, 1, TODAY);
        let whole = start.elapsed().as_secs_f64();
        let same = after.document.questions().all(|it| run.asked(it.id) == anew.asked(it.id));
        println!(
            "q{number} if {text}: {took:.3} s of {CHANGE} ({:.2}; {compiled:.3} s to compile), {} of \
             1,000 answered anew; all of them anew {whole:.2} s ({:.1} times), the same: {same}",
            took / CHANGE,
            run.answered(),
            whole / took,
        );
    }
}

fn main() {
    for (questions, respondents, seconds, memory) in TASKS {
        let version = publish(document(questions)).expect("a version");
        let (start, worked) = (Instant::now(), processor_time());
        let run = dry_run(&version, respondents, 1, TODAY);
        let took = start.elapsed().as_secs_f64();
        println!(
            "{respondents} respondents of {questions} chained questions: {took:.2} s of {seconds} \
             ({:.2}), {:.2} s of processor time, {:.0} MiB of {memory}; {} finished, {} questions never asked",
            took / seconds,
            processor_time() - worked,
            most_memory(),
            run.finished,
            run.never_asked.len(),
        );
    }
    // Last: the most memory counts all that was before.
    change();
}
