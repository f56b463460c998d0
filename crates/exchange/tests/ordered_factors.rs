//! R's ordered factors in Parquet: their order is in Arrow's own schema alone.

use std::fs::File;

use analysis::dataset::Measure;
use exchange::data::described::parquet_codebook;

/// A file that pyarrow wrote (`fixtures/datasets/make.py`): nobody is in the middle.
#[test]
fn ordered_factors_have_their_levels_in_order() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/datasets/ordered.parquet");
    let found = parquet_codebook(File::open(path).expect("the file")).expect("a codebook");
    let [trust] = &found.variables[..] else { panic!("{:?}", found.variables) };
    let codes: Vec<&str> = trust.levels.iter().map(|level| level.code.as_str()).collect();
    assert_eq!((trust.name.as_str(), trust.measure), ("trust", Measure::Ordinal));
    assert_eq!(codes, ["low", "middle", "high"]);
}
