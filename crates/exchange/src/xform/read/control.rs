//! What the controls of a form's body are as rows: their types, and tables.

use super::Row;
use super::element::Element;

/// The type of what is typed, taken or shown.
pub(super) fn asked(control: Element<'_>, data: &str, row: &mut Row) -> String {
    match control.name() {
        "upload" => {
            let media = control.attribute("mediatype");
            let kind = media.split('/').next().unwrap_or_default();
            return match kind {
                "image" | "audio" | "video" => kind,
                _ => "file",
            }
            .to_owned();
        }
        "trigger" => return "acknowledge".to_owned(),
        "range" => {
            let bounds = ["start", "end", "step"].map(|name| (name, control.attribute(name)));
            let bounds = bounds.iter().filter(|(_, value)| !value.is_empty());
            let pairs: Vec<String> =
                bounds.map(|(name, value)| format!("{name}={value}")).collect();
            put(row, "parameters", &pairs.join(" "));
            return "range".to_owned();
        }
        _ => {}
    }
    match data {
        "int" | "integer" => "integer",
        "decimal" | "date" | "time" | "geopoint" | "geotrace" | "geoshape" | "barcode" => data,
        "dateTime" => "datetime",
        // What nobody can fill in is only shown.
        _ if row.get("readonly").is_some_and(|cell| cell == "yes")
            && !row.contains_key("calculation")
            && !row.contains_key("default") =>
        {
            row.remove("readonly");
            "note"
        }
        _ => "text",
    }
    .to_owned()
}

/// Puts a cell that is not filled yet.
pub(super) fn put(row: &mut Row, heading: &str, cell: &str) {
    if !cell.is_empty() {
        row.entry(heading.to_owned()).or_insert_with(|| cell.to_owned());
    }
}

/// A table is written as a list of headings with lists without labels below: the
/// group is a table again.
pub(super) fn table_list(rows: &mut Vec<Row>, at: usize) {
    let cell = |row: &Row, name: &str| row.get(name).cloned().unwrap_or_default();
    let is_heading =
        |row: &Row| cell(row, "name").starts_with("reserved_name_for_field_list_labels");
    let Some(heading) = rows.iter().skip(at).position(is_heading) else { return };
    rows.remove(at + heading);
    let is_label = |row: &Row| cell(row, "name").starts_with("generated_table_list_label");
    if let Some(place) = rows.iter().skip(at).position(is_label) {
        let label = rows.remove(at + place);
        let texts = label.into_iter().filter(|(heading, _)| heading.starts_with("label"));
        rows[at].extend(texts);
    }
    rows[at].insert("appearance".to_owned(), "table-list".to_owned());
    for row in rows.iter_mut().skip(at + 1) {
        if cell(row, "appearance") == "list-nolabel" {
            row.remove("appearance");
        }
    }
}
