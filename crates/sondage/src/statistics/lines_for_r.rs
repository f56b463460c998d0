//! Replicate weights as R's package `survey` takes them: lines that read the file which `weight` wrote
//! and make a design of it with the same variance.

use std::fmt::Write as _;
use std::path::Path;

use analysis::design::replicates::{Centre, Replicates};

use super::data_file::DataFile;
use super::design_file::ReplicateWeights;
use super::weight::replicate_name;

/// Lines that read `file` and make `design` of the columns of `data` and what was written beside them.
/// `made` says how the replicates came about, `strata` in how many strata.
pub fn lines(
    file: &Path,
    data: &DataFile,
    replicates: &Replicates,
    made: &ReplicateWeights,
    strata: usize,
) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut without = String::new();
    for (place, column) in data.names().iter().enumerate() {
        let texts: Vec<String> = data.texts_without_value(place).map(quoted).collect();
        if !texts.is_empty() {
            let (column, texts) = (quoted(column), texts.join(", "));
            writeln!(without, "d[[{column}]][d[[{column}]] %in% c({texts})] <- NA").ok();
        }
    }
    let columns = format!("^{}[0-9]+$", replicate_name(""));
    let about = if replicates.centre == Centre::FullSample { "TRUE" } else { "FALSE" };
    let kind = kind(made, strata);
    let mut scales = String::new();
    // R works out the factors of balanced half-samples from their number.
    if !matches!(made, ReplicateWeights::BalancedHalfSamples { .. }) {
        let (scale, own) = (replicates.scale, &replicates.relative_scales);
        let alike = own.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        let scale = own.first().filter(|_| alike).map_or(scale, |one| scale * one);
        write!(scales, ",\n  scale = {scale:?}").ok();
        let own: Vec<String> = own.iter().map(|one| format!("{one:?}")).collect();
        let listed =
            if alike { format!("rep(1, {})", own.len()) } else { format!("c({})", own.join(", ")) };
        write!(scales, ", rscales = {listed}").ok();
    }
    format!(
        "library(survey)\n\
         d <- read.csv({file}, check.names = FALSE, fileEncoding = \"UTF-8\",\n  \
         colClasses = \"character\", na.strings = \"\")\n\
         {without}\
         d[] <- lapply(d, type.convert, as.is = TRUE)\n\
         design <- svrepdesign(data = d, weights = ~weight_final, repweights = {columns},\n  \
         combined.weights = TRUE, type = {kind}, mse = {about}{scales})\n\
         design$degf <- {degrees:?}\n",
        file = quoted(&name),
        columns = quoted(&columns),
        degrees = replicates.degrees_of_freedom,
    )
}

/// R's type. Those that it has no word for are `other`: factors say all.
fn kind(made: &ReplicateWeights, strata: usize) -> String {
    match made {
        ReplicateWeights::Jackknife { .. } if strata == 1 => "\"JK1\"".to_owned(),
        ReplicateWeights::Jackknife { .. } => "\"JKn\"".to_owned(),
        ReplicateWeights::Bootstrap { .. } => "\"bootstrap\"".to_owned(),
        ReplicateWeights::BalancedHalfSamples { rho, .. } if *rho > 0.0 => {
            format!("\"Fay\", rho = {rho:?}")
        }
        ReplicateWeights::BalancedHalfSamples { .. } => "\"BRR\"".to_owned(),
        ReplicateWeights::Given { .. }
        | ReplicateWeights::PairedJackknife { .. }
        | ReplicateWeights::SuccessiveDifferences { .. } => "\"other\"".to_owned(),
    }
}

/// A text as R reads it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
