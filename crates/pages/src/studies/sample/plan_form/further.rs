//! What a stage has beside its method and number: the order of its list, several
//! starts, and limits of sizes.

use survey_builder::sampling::plan::Stage;

use super::Reader;
use crate::form::number_to_type;

/// Columns that a list can be sorted by in the form.
pub const SORTS: usize = 3;

/// Reads what the form says of it into a stage.
pub(super) fn read(reader: &mut Reader<'_>, number: usize, stage: &mut Stage) {
    let name = |what: &str| format!("s{number}_{what}");
    let sorts = (1..=SORTS).map(|place| reader.text(&name(&format!("sort{place}"))));
    stage.sort = sorts.filter(|column| !column.is_empty()).collect();
    stage.serpentine = reader.is_ticked(&name("serpentine"));
    stage.starts = reader.some_count(&name("starts"));
    stage.certainty = reader.some_share(&name("certainty"));
    stage.smallest = reader.some_number(&name("smallest"));
    stage.largest = reader.some_number(&name("largest"));
}

/// What of it stands in the form.
pub(super) fn show(put: &mut impl FnMut(&str, String), number: usize, stage: &Stage) {
    let mut put = |what: &str, value: String| put(&format!("s{number}_{what}"), value);
    for (place, column) in (1..=SORTS).zip(&stage.sort) {
        put(&format!("sort{place}"), column.clone());
    }
    if stage.serpentine {
        put("serpentine", "1".to_owned());
    }
    stage.starts.iter().for_each(|starts| put("starts", starts.to_string()));
    stage.certainty.iter().for_each(|share| put("certainty", super::percent(*share)));
    stage.smallest.iter().for_each(|size| put("smallest", number_to_type(*size)));
    stage.largest.iter().for_each(|size| put("largest", number_to_type(*size)));
}
