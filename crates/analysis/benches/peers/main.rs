//! How fast estimates, weights and models are beside R's `survey`, svy and rimpy on the same data.
//!
//! The seeded survey of the bench `tabulate` with more margins, five numeric columns, 50 domains and 19
//! predictors of a binary outcome is written as CSV to a temporary folder; ours is timed on it in memory,
//! then `peers.sh` times the peers on those files, also in memory, reading not counted. Peers do a few of
//! many like tasks and are scaled; the table says so. `SONDAGE_BENCH_ROWS` sets the number of rows,
//! `SONDAGE_BENCH_PEERS=no` leaves the peers out.

#[path = "../survey/mod.rs"]
mod survey;
mod tasks;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use survey::rows_wanted;
use tasks::{Data, Figure};

/// A figure of a peer; `seconds` is none where it was skipped or failed.
struct PeerFigure {
    peer: String,
    task: String,
    seconds: Option<f64>,
    note: String,
}

/// Writes the columns as `rows.csv`, the targets as `margins.csv`. Missing is empty.
fn write_files(data: &Data, folder: &Path) -> std::io::Result<()> {
    let mut margins = BufWriter::new(File::create(folder.join("margins.csv"))?);
    writeln!(margins, "variable,level,total")?;
    for margin in &data.margins {
        for (level, total) in margin.levels.iter().zip(&margin.totals) {
            writeln!(margins, "{},{level},{total:.17e}", margin.variable)?;
        }
    }
    margins.flush()?;
    let mut file = BufWriter::new(File::create(folder.join("rows.csv"))?);
    let numbered = |letter: char, count: usize| (1..=count).map(move |n| format!("{letter}{n}"));
    let names: Vec<String> = ["weight", "stratum", "cluster", "domain", "outcome"]
        .map(str::to_owned)
        .into_iter()
        .chain(numbered('q', data.survey.questions.len()))
        .chain(data.margins.iter().map(|margin| margin.variable.clone()))
        .chain(numbered('y', data.numbers.len()))
        .chain(numbered('x', data.terms.columns.len() - 1))
        .collect();
    writeln!(file, "{}", names.join(","))?;
    for row in 0..data.survey.weights.len() {
        let (weight, stratum) = (data.survey.weights[row], data.survey.strata[row]);
        let (cluster, domain) = (data.survey.clusters[row], data.domains[row]);
        write!(file, "{weight},{stratum},{cluster},{domain},{}", data.outcome[row])?;
        for question in &data.survey.questions {
            match question[row] {
                0 => write!(file, ",")?,
                code => write!(file, ",{code}")?,
            }
        }
        for margin in &data.margins {
            write!(file, ",{}", margin.codes[row])?;
        }
        for column in data.numbers.iter().chain(&data.terms.columns[1..]) {
            write!(file, ",{}", column[row])?;
        }
        writeln!(file)?;
    }
    file.flush()
}

/// What `peers.sh` says of the files in a folder.
fn peers(folder: &Path) -> std::io::Result<Vec<PeerFigure>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.sh");
    let output = Command::new(script).arg(folder).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        let (peer, task) = (fields.next()?, fields.next()?);
        let seconds = fields.next()?;
        let mut note = fields.next().unwrap_or_default();
        if seconds.parse::<f64>().is_err() {
            note = format!("{seconds} {note}");
        }
        Some(PeerFigure { peer, task, seconds: seconds.parse().ok(), note })
    };
    Ok(text.lines().filter_map(figure).collect())
}

/// A line a figure of ours and a line a peer of it: ratio is the peer's time over ours.
fn print_table(figures: &[Figure], peers: &[PeerFigure]) {
    println!("| task | ours, s | beside | its s | ratio | limit | met | note |");
    println!("| --- | ---: | --- | ---: | ---: | --- | --- | --- |");
    for peer in peers.iter().filter(|peer| peer.task == "all") {
        println!("| all | | {} | | | | | {} |", peer.peer, peer.note);
    }
    for figure in figures {
        let Figure { what, seconds, .. } = figure;
        if let Some((name, own, most)) = figure.most {
            let ratio = seconds / own;
            let met = if ratio <= most { "yes" } else { "no" };
            let note = figure.note;
            println!(
                "| {what} | {seconds:.4} | {name} | {own:.4} | {ratio:.2} | ≤ {most} | {met} | {note} |"
            );
        } else if figure.least.is_none() || peers.is_empty() {
            println!("| {what} | {seconds:.4} | | | | | | {} |", figure.note);
        }
        let Some(least) = figure.least else { continue };
        for PeerFigure { peer, seconds: own, note, .. } in
            peers.iter().filter(|peer| peer.task == figure.task)
        {
            match own {
                Some(own) => {
                    let ratio = own / seconds;
                    let met = match least {
                        _ if figure.only_r && !peer.starts_with("R ") => "no limit",
                        least if ratio >= least => "yes",
                        _ => "no",
                    };
                    println!(
                        "| {what} | {seconds:.4} | {peer} | {own:.2} | {ratio:.1} | ≥ {least} | {met} | {note} |"
                    );
                }
                None => println!("| {what} | {seconds:.4} | {peer} | | | ≥ {least} | | {note} |"),
            }
        }
    }
}

fn main() {
    let rows = rows_wanted();
    let data = Data::new(rows);
    println!(
        "{rows} rows, {} threads; the machine's other work is in every figure",
        rayon::current_num_threads()
    );
    let figures = tasks::figures(&data);
    print_table(&figures, &[]);
    if std::env::var("SONDAGE_BENCH_PEERS").is_ok_and(|peers| peers == "no") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("sondage-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    write_files(&data, &folder).expect("the files of the peers");
    let peers = peers(&folder).expect("peers.sh runs");
    std::fs::remove_dir_all(&folder).expect("the temporary folder goes");
    println!();
    print_table(&figures, &peers);
}
