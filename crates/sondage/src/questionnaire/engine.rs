//! Runs an engine of another program over a case, in a folder of its own, for so long and in
//! so much memory as it may.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use exchange::prove::engines::{Engine, Runtime};
use serde::Serialize;
use serde_json::Value as Json;

/// What an engine may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How long it may take.
    pub seconds: u64,
    /// How much memory it may have, in MB.
    pub megabytes: u64,
}

/// Where the engines are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    /// A folder with `node_modules`.
    pub folder: Option<&'a Path>,
    /// ODK Validate's archive.
    pub archive: Option<&'a Path>,
}

/// Why an engine did not come to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stopped {
    /// It took longer than that.
    Seconds(u64),
    /// It needed more MB than that.
    Megabytes(u64),
    /// What it said, or why it cannot be run.
    Failed(String),
    /// Why it does not run the form, which others wrote.
    Unread(String),
}

/// How often a running engine is looked at.
const LOOK: Duration = Duration::from_millis(50);

impl Places<'_> {
    /// What the engine starts from, where it is there.
    pub(super) fn of(&self, engine: &Engine) -> Option<std::path::PathBuf> {
        match engine.runtime {
            Runtime::Node { package } => {
                let packages = self.folder?.join("node_modules");
                packages.join(package).is_dir().then_some(packages)
            }
            Runtime::Java => self.archive.filter(|path| path.is_file()).map(Path::to_path_buf),
        }
    }
}

/// Runs an engine over a case; what it printed, or why it did not come to an end. `from` is
/// what [`Places::of`] found.
pub(super) fn run(
    engine: &Engine,
    from: &Path,
    case: &Json,
    bounds: Bounds,
) -> Result<String, Stopped> {
    let failed = |error: &dyn std::fmt::Display| Stopped::Failed(error.to_string());
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    let from = from.canonicalize().map_err(|error| failed(&error))?;
    for (name, text) in engine.beside.iter().chain([&engine.script]) {
        std::fs::write(folder.path().join(name), text).map_err(|error| failed(&error))?;
    }
    let asked = folder.path().join("case.json");
    let bytes = serde_json::to_vec(case).map_err(|error| failed(&error))?;
    std::fs::write(&asked, bytes).map_err(|error| failed(&error))?;
    let heap = bounds.megabytes;
    let (program, mut command) = match engine.runtime {
        Runtime::Node { .. } => {
            linked(&from, &folder.path().join("node_modules")).map_err(|error| failed(&error))?;
            let mut command = Command::new("node");
            command.arg(format!("--max-old-space-size={heap}"));
            ("node", command)
        }
        Runtime::Java => {
            let mut command = Command::new("java");
            command.arg(format!("-Xmx{heap}m")).arg("-cp").arg(&from);
            ("java", command)
        }
    };
    command.arg(folder.path().join(engine.script.0)).arg(&asked).current_dir(folder.path());
    // What is printed goes into files: nobody has to read along, and nothing is lost when the
    // engine ends at once.
    let [printed, said] = ["printed", "said"].map(|name| folder.path().join(name));
    let file = |path: &Path| std::fs::File::create(path).map_err(|error| failed(&error));
    command.stdin(Stdio::null()).stdout(file(&printed)?).stderr(file(&said)?);
    let child = command.spawn().map_err(|error| failed(&format!("{program}: {error}")))?;
    let ended = wait(child, bounds).map_err(|error| failed(&error))?;
    let said = std::fs::read(&said).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    match ended {
        Ended::Well => {
            let bytes = std::fs::read(&printed).map_err(|error| failed(&error))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
        Ended::TooLate => Err(Stopped::Seconds(bounds.seconds)),
        Ended::TooLarge => Err(Stopped::Megabytes(heap)),
        Ended::Badly
            if said.contains("heap out of memory") || said.contains("OutOfMemoryError") =>
        {
            Err(Stopped::Megabytes(heap))
        }
        Ended::Badly => {
            let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
            let told = lines.clone().find(|line| line.to_lowercase().contains("error"));
            let told = told.or_else(|| lines.next()).unwrap_or(program);
            Err(Stopped::Failed(told.to_owned()))
        }
    }
}

/// How a run ended.
enum Ended {
    Well,
    Badly,
    TooLate,
    TooLarge,
}

/// Waits for an engine and kills it where it takes too long or grows too large. How much it
/// has is looked at where the system says so; elsewhere its own limit of memory counts.
fn wait(mut child: Child, bounds: Bounds) -> std::io::Result<Ended> {
    let looks = bounds.seconds.saturating_mul(1_000) / 50;
    for _ in 0..=looks {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { Ended::Well } else { Ended::Badly });
        }
        // Beside the heap there is the program itself.
        if resident(child.id()).is_some_and(|own| own > bounds.megabytes + bounds.megabytes / 4) {
            return stop(child, Ended::TooLarge);
        }
        std::thread::sleep(LOOK);
    }
    stop(child, Ended::TooLate)
}

fn stop(mut child: Child, ended: Ended) -> std::io::Result<Ended> {
    child.kill()?;
    child.wait()?;
    Ok(ended)
}

/// How many MB a process has in memory.
fn resident(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1_024)
}

#[cfg(unix)]
fn linked(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(windows)]
fn linked(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(from, to)
}
