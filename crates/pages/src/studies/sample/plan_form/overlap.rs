//! Earlier samples of the same list: each is kept, avoided, or rests.

use survey_builder::sampling::plan::{Overlap, Rest, RestUnit};

use super::Reader;

/// What may be wanted of an earlier sample.
pub const WANTED: [&str; 3] = ["keep", "avoid", "rest"];
/// In what a rest is counted.
pub const UNITS: [(&str, RestUnit); 4] = [
    ("months", RestUnit::Months),
    ("days", RestUnit::Days),
    ("weeks", RestUnit::Weeks),
    ("years", RestUnit::Years),
];
/// What the fields of earlier samples begin with.
pub const EARLIER: &str = "earlier:";

/// Reads what the form says of earlier samples; nothing where it says nothing.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Overlap> {
    let mut overlap = Overlap::default();
    for (field, values) in reader.form {
        let Some(record) = field.strip_prefix(EARLIER) else { continue };
        let list = match values.first().map(String::as_str) {
            Some("keep") => &mut overlap.keep,
            Some("avoid") => &mut overlap.avoid,
            Some("rest") => &mut overlap.earlier,
            _ => continue,
        };
        list.push(record.to_owned());
    }
    let unit = reader.text("rest_unit");
    let unit = UNITS.iter().find(|(name, _)| *name == unit).map_or(RestUnit::Months, |(_, it)| *it);
    overlap.rest = reader.some_count("rest").map(|number| Rest { number, unit });
    let says = reader.is_ticked("numbered") || overlap != Overlap::default();
    says.then_some(overlap)
}

/// What of it stands in the form.
pub(super) fn show(put: &mut impl FnMut(&str, String), overlap: &Overlap) {
    put("numbered", "1".to_owned());
    for (list, wanted) in [&overlap.keep, &overlap.avoid, &overlap.earlier].into_iter().zip(WANTED)
    {
        for record in list {
            put(&format!("{EARLIER}{record}"), wanted.to_owned());
        }
    }
    if let Some(rest) = overlap.rest {
        put("rest", rest.number.to_string());
        let unit = UNITS.iter().find(|(_, unit)| *unit == rest.unit);
        put("rest_unit", unit.map_or("", |(name, _)| name).to_owned());
    }
}
