//! Sondage: survey design, fielding and analysis in one program.
//!
//! Without a subcommand it serves; `demo` first makes a study to look round in.

use std::process::ExitCode;

use fielding::files::questionnaire as questionnaire_file;
use sondage::arguments::Command;
use sondage::{
    backup, demo, doctor, frame, help, questionnaire, sample, serve, statistics, terminal, thief,
};

fn main() -> ExitCode {
    let arguments = help::parse();
    terminal::start_log(arguments.verbose);
    terminal::keep_quiet_about(questionnaire_file::READER_THREAD);
    let language = arguments.language();
    let outcome = match &arguments.command {
        None | Some(Command::Serve) => serve::run(&arguments),
        Some(Command::Demo(options)) => demo::run(&arguments, options),
        Some(Command::SignInLink { email }) => serve::sign_in_link(&arguments, email),
        Some(Command::AddUser { email, name, role }) => {
            serve::add_user(&arguments, email, name, role)
        }
        Some(Command::ResetSecondFactor { email }) => serve::reset_second_factor(&arguments, email),
        Some(Command::Doctor) => doctor::run(&arguments),
        Some(Command::Backup(options)) => backup::run(&arguments, options),
        Some(Command::Restore(options)) => backup::restore(&arguments, options),
        Some(Command::Thief(options)) => thief::run(options, language),
        Some(Command::Completions { shell }) => {
            help::completions(*shell, language);
            Ok(())
        }
        Some(Command::Man { command }) => help::manual(command, language),
        Some(Command::Questionnaire { command }) => questionnaire::run(command, language),
        Some(Command::Frame(command)) => frame::run(command, language),
        Some(Command::Sample(command)) => sample::run(command, language),
        Some(Command::Estimate(arguments)) => statistics::estimate(arguments, language),
        Some(Command::Tabulate(arguments)) => statistics::tabulate(arguments, language),
        Some(Command::Weight(arguments)) => statistics::weight(arguments, language),
        Some(Command::Quality(arguments)) => statistics::quality(arguments, language),
        Some(Command::Codebook(arguments)) => statistics::codebook(arguments, language),
        Some(Command::Reliability(arguments)) => statistics::reliability(arguments, language),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::tell(&error, language);
            ExitCode::from(error.exit_code())
        }
    }
}
