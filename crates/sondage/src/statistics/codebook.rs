//! `sondage codebook`: what the columns of a data file mean, as the file, a codebook beside it and the values
//! themselves say it; printed, and written as TOML.

use analysis::dataset::missing::is_code;
use analysis::dataset::{Codebook, Measure, SetBase, SetKind};
use survey_builder::problem::phrase;

use super::arguments::CodebookArguments;
use super::codebook_file::{CodebookFile, Kind};
use super::data_file::{self, DataFile, Said};
use super::sheet::{Entry, Form, Sheet, print};
use super::weight_of_file;
use crate::output::{Output, Readers};
use crate::terminal::Failure;

/// Prints the codebook and writes it where that is asked for.
///
/// # Errors
/// A file that cannot be read, a codebook that does not fit it, a file that cannot be written.
pub fn run(arguments: &CodebookArguments, language: &str) -> Result<(), Failure> {
    let given = arguments.codebook.as_deref();
    let output = (arguments.output.as_ref())
        .map(|path| {
            let mut inputs = vec![arguments.file.as_path()];
            inputs.extend(given);
            Output::check(path, &["toml"], &inputs, arguments.force, Readers::Owner)
        })
        .transpose()?;
    let said = Said { table: &arguments.table, codebook: given, missing: None, language };
    let data = data_file::read(&arguments.file, &said)?;
    if let Some(output) = output {
        let file = CodebookFile::of(&data.codebook());
        let text = toml::to_string(&file).map_err(|error| output.refused(&error))?;
        output.write_bytes(text.as_bytes())?;
    }
    let codebook = data.codebook();
    let mut sheets = vec![
        variables(&data, &codebook, language),
        levels(&data, &codebook, language),
        sets(&codebook, language),
    ];
    sheets.retain(|sheet| !sheet.rows.is_empty());
    let mut notes = data.all_notes();
    notes.extend(data.weight().map(weight_of_file));
    print(&sheets, &notes, Form::of(arguments.json, arguments.csv), language)
}

/// A line for each column.
fn variables(data: &DataFile, codebook: &Codebook, language: &str) -> Sheet {
    let headings =
        ["variable", "label", "type", "measure", "levels", "rows", "missing", "computed", "note"];
    let mut sheet = Sheet::new("variables", &headings);
    for (place, variable) in codebook.variables.iter().enumerate() {
        let levels = variable.levels.len();
        sheet.rows.push(vec![
            variable.name.as_str().into(),
            variable.label.get(language, "").into(),
            Entry::Word(Kind::of(&variable.kind).word().to_owned()),
            Entry::Word(measure(variable.measure).to_owned()),
            if levels == 0 { Entry::None } else { levels.into() },
            data.answered(place).into(),
            variable.missing.as_typed().join(", ").into(),
            variable.computed.as_deref().unwrap_or_default().into(),
            data.evidence(place).into(),
        ]);
    }
    sheet
}

/// The name of a measure as programs read it.
fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Nominal => "nominal",
        Measure::Ordinal => "ordinal",
        Measure::Scale => "scale",
    }
}

/// A line for each level that a column has or is said to have, and for each missing code.
fn levels(data: &DataFile, codebook: &Codebook, language: &str) -> Sheet {
    let mut sheet = Sheet::new("levels", &["variable", "level", "label", "rows", "note"]);
    for (place, variable) in codebook.variables.iter().enumerate() {
        if variable.levels.is_empty() && variable.missing.is_empty() {
            continue;
        }
        for (value, rows) in data.counts(place) {
            let level = variable.levels.iter().find(|level| is_code(&level.code, &value));
            let label = level.map_or("", |level| level.label.get(language, ""));
            let label = if label == value { "" } else { label };
            let none = variable.missing.has(&value).then(|| phrase("phrase-note-missing-code"));
            sheet.rows.push(vec![
                variable.name.as_str().into(),
                value.into(),
                label.into(),
                rows.into(),
                none.into(),
            ]);
        }
    }
    sheet
}

/// A line for each column of each response set.
fn sets(codebook: &Codebook, language: &str) -> Sheet {
    let mut sheet = Sheet::new("sets", &["set", "label", "variable", "chosen", "base"]);
    for set in &codebook.sets {
        let chosen = match &set.kind {
            SetKind::Chosen(value) => value.as_str(),
            SetKind::Options => "",
        };
        let base = match set.base {
            SetBase::Answered => "answered",
            SetBase::Everybody => "everybody",
        };
        for name in &set.variables {
            sheet.rows.push(vec![
                set.name.as_str().into(),
                set.label.get(language, "").into(),
                name.as_str().into(),
                chosen.into(),
                Entry::Word(base.to_owned()),
            ]);
        }
    }
    sheet
}
