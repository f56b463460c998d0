//! `sondage sample units`: the units in the field as a table.

use std::path::Path;

use fielding::files::list::ListFile;
use fielding::files::units::{Kept, columns_of_plan, write_units};
use survey_builder::sampling::{Columns, Sample};

use super::manifest;
use crate::frame_file::{self, Refusal, as_told};
use crate::output::{Output, Readers};
use crate::sampling_arguments::SampleCommand;
use crate::terminal::Failure;

/// Writes them.
///
/// # Errors
///
/// Files that cannot be read or written, and columns that the list has not.
pub fn run(command: &SampleCommand) -> Result<(), Failure> {
    let SampleCommand::Units { manifest, list, keep, encoding, output, force } = command else {
        return Ok(());
    };
    let nowhere = Path::new("");
    let inputs = [manifest.as_path(), list.as_deref().unwrap_or(nowhere)];
    let output = Output::check(output, &["csv"], &inputs, *force, Readers::Owner)?;
    let sample = manifest::read(manifest)?;
    let kept = match list {
        Some(list) => {
            let sheet = columns_of(&sample).reading.sheet.as_deref();
            frame_file::open(list, *encoding, sheet).and_then(|list| kept(&sample, &list, keep))
        }
        None => Ok(Kept::default()),
    };
    let kept = kept.map_err(|refusal| match refusal {
        Refusal::File(failure) => failure,
        Refusal::Problems(problems) => as_told(&problems),
    })?;
    write(&sample, &kept, &output)
}

/// The columns of a list that go with the units: those asked for, or those of the
/// plan.
///
/// # Errors
///
/// A list that cannot be read, and columns that it has not.
pub fn kept(sample: &Sample, list: &ListFile, keep: &[String]) -> Result<Kept, Refusal> {
    let columns = columns_of(sample);
    let of_plan = columns_of_plan(columns);
    let names = if keep.is_empty() { &of_plan } else { keep };
    Ok(Kept::read((list.rows()?, list.separator), columns, names, sample)?)
}

/// What the columns of the list were from which the units in the field were drawn.
fn columns_of(sample: &Sample) -> &Columns {
    sample.listings().next().map_or(&sample.columns, |listed| &listed.columns)
}

/// Writes the units of a sample.
///
/// # Errors
///
/// What the disk says.
pub fn write(sample: &Sample, kept: &Kept, output: &Output) -> Result<(), Failure> {
    let mut rows = Vec::new();
    write_units(sample, kept, &mut rows).map_err(|error| output.refused(&error))?;
    output.write_bytes(&rows)
}
