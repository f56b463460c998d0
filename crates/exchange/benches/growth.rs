//! How the time of an import grows with its rows: twice the rows may take three
//! times as long, never four.
//!
//! `cargo bench -p exchange --bench growth`

use std::fmt::Write as _;
use std::time::Instant;

use exchange::questionnaire::import;

const ROWS: usize = 10_000;
/// Of several turns the fastest counts.
const TURNS: usize = 3;
const MOST: f64 = 3.0;

type Shape = fn(usize) -> (String, String);

/// Questionnaires of a kind in which something could be compared with everything.
const SHAPES: [(&str, Shape); 8] = [
    ("rows of one name", |rows| survey(rows, |text, _| text.push_str("text,a,b,,\n"))),
    ("groups of one name", |rows| {
        survey(rows / 3, |text, _| {
            text.push_str("begin_group,g,b,,\ntext,a,b,,\nend_group,,,,\n");
        })
    }),
    ("groups that wait for another", |rows| {
        survey(rows / 3, |text, place| {
            // Each stands in front of the one that decides about it.
            let (own, other) = (rows / 3 - place, rows / 3 - place - 1);
            let _ = writeln!(text, "begin_group,g{own},b,${{a{other}}} > 1,");
            let _ = writeln!(text, "integer,a{own},b,,\nend_group,,,,");
        })
    }),
    ("conditions", |rows| line(rows, |place| format!("text,a{place},b,${{a0}} > {place},"))),
    ("conditions in a chain", |rows| {
        line(rows, |place| format!("integer,a{place},b,${{a{}}} > 1,", place - 1))
    }),
    ("calculations", |rows| line(rows, |place| format!("calculate,a{place},,,${{a0}} + {place}"))),
    ("lists", |rows| {
        let (survey, _) = line(rows / 3, |place| format!("select_one l{place},a{place},b,,"));
        let mut choices = "list_name,name,label\n".to_owned();
        (0..rows / 3).for_each(|place| {
            let _ = writeln!(choices, "l{place},1,x\nl{place},2,y");
        });
        (survey, choices)
    }),
    ("options of one code", |rows| {
        let (survey, _) = line(2, |_| "select_one l,a1,b,,".to_owned());
        let mut choices = "list_name,name,label\n".to_owned();
        (0..rows).for_each(|place| {
            let _ = writeln!(choices, "l,1,label {place}");
        });
        (survey, choices)
    }),
];

const HEAD: &str = "type,name,label,relevant,calculation\n";

fn survey(rows: usize, row: impl Fn(&mut String, usize)) -> (String, String) {
    let mut text = HEAD.to_owned();
    (0..rows).for_each(|place| row(&mut text, place));
    (text, String::new())
}

/// A first question that others read, and `rows` - 1 further rows.
fn line(rows: usize, row: impl Fn(usize) -> String) -> (String, String) {
    let mut text = format!("{HEAD}integer,a0,b,,\n");
    (1..rows).for_each(|place| {
        let _ = writeln!(text, "{}", row(place));
    });
    (text, String::new())
}

/// Seconds of the fastest turn.
fn seconds(shape: Shape, rows: usize) -> f64 {
    let (survey, choices) = shape(rows);
    let mut files: Vec<(&str, &[u8])> = vec![("survey.csv", survey.as_bytes())];
    if !choices.is_empty() {
        files.push(("choices.csv", choices.as_bytes()));
    }
    (0..TURNS).fold(f64::INFINITY, |best, _| {
        let start = Instant::now();
        std::hint::black_box(import(&files));
        best.min(start.elapsed().as_secs_f64())
    })
}

fn main() {
    println!("{:<24} {:>12} {:>12} {:>7}", "rows", ROWS, 2 * ROWS, "growth");
    let mut worst: f64 = 0.0;
    for (name, shape) in SHAPES {
        let (one, two) = (seconds(shape, ROWS), seconds(shape, 2 * ROWS));
        worst = worst.max(two / one);
        println!("{name:<24} {one:>10.3} s {two:>10.3} s {:>7.2}", two / one);
    }
    println!(
        "worst {worst:.2}, wanted at most {MOST}: {}",
        if worst <= MOST { "met" } else { "not met" }
    );
}
