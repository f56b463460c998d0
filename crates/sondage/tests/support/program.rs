//! The built program, started as a person starts it and stopped when dropped.

#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A program that serves.
pub struct Program {
    /// The address that it printed.
    pub address: String,
    /// What it printed until then.
    pub printed: String,
    child: Child,
}

/// The program with these arguments, and none of the settings of whoever runs
/// the tests.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sondage"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SONDAGE_")) {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8").args(arguments);
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("runs")
}

/// What it said, on both ways out.
pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

impl Program {
    /// Serves a data folder on a free port with further arguments and variables.
    pub fn serve(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = command(&["serve", "--data", &data.display().to_string()]);
        if !arguments.contains(&"--listen")
            && !variables.iter().any(|(n, _)| *n == "SONDAGE_LISTEN")
        {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.args(arguments).envs(variables.iter().copied());
        Self::start(command)
    }

    /// Starts a command that serves, and waits for the address it prints.
    pub fn start(mut command: Command) -> Self {
        let child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut program = Self { address: String::new(), printed: String::new(), child };
        let out = BufReader::new(program.child.stdout.take().expect("its output"));
        let (line_sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Nobody listens once the address is known.
                let _ = line_sender.send(line);
            }
        });
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let Ok(line) = lines.recv_timeout(Duration::from_millis(200)) else {
                if program.child.try_wait().expect("can be asked").is_some() {
                    break;
                }
                continue;
            };
            program.printed.push_str(&line);
            program.printed.push('\n');
            let address = line.split_whitespace().find(|word| word.starts_with("http://"));
            if let Some(address) = address.filter(|_| !line.contains("/sign-in/")) {
                address.clone_into(&mut program.address);
                return program;
            }
        }
        panic!("it serves nothing:\n{}", program.printed);
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as the system does, and waits for its end.
    pub fn terminate(&mut self) -> ExitStatus {
        self.ask_to_stop();
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("can be asked") {
                return status;
            }
            assert!(Instant::now() < end, "does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it the signal to end.
    pub fn ask_to_stop(&self) {
        let status = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
