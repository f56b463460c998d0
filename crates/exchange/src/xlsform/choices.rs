//! The choices sheet: option lists.

use std::collections::{BTreeMap, HashMap, HashSet};

use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{Ending, ListOption, OptionList, identity_of};

use super::language::Languages;
use super::problem::{Detail, Problems};
use super::sheet::{Row, Sheet};
use crate::draft::renamed::Renamed;

const FLAGS: &str = "dk, refused, na, exclusive, anchor, end_refusal, end_screened";

/// The lists in the order in which they first stand on the sheet. `twice`: an
/// option may stand there more than once.
pub(super) fn read(
    sheet: &Sheet,
    form: &str,
    languages: &Languages,
    twice: bool,
    renamed: &mut Renamed,
    problems: &mut Problems,
) -> Vec<OptionList> {
    let mut lists: Vec<OptionList> = Vec::new();
    let mut first_rows: BTreeMap<(String, String), u32> = BTreeMap::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    // What options of one list and code say.
    let mut said: HashMap<(String, String), HashSet<String>> = HashMap::new();
    if !sheet.rows.is_empty() {
        for column in ["list_name", "name"] {
            if !sheet.has(column) {
                let name = column.to_owned();
                problems.add("choices", Some(1), "", Detail::XlsformColumnMissing { name });
                return lists;
            }
        }
    }
    for row in &sheet.rows {
        let list = sheet.cell(row, "list_name").to_owned();
        if list.is_empty() {
            continue;
        }
        let code = sheet.cell(row, "name").to_owned();
        if code.is_empty() {
            problems.add("choices", Some(row.number), "name", Detail::XlsformChoiceWithoutName);
            continue;
        }
        let first = *first_rows.entry((list.clone(), code.clone())).or_insert(row.number);
        if first != row.number {
            if twice {
                // Filters tell them apart there; here a code stands for one.
                let again = option(sheet, row, form, &list, &code, languages, problems);
                let known = places.get(&list).and_then(|place: &usize| lists.get_mut(*place));
                let twins = said.entry((list.clone(), code.clone())).or_default();
                if let Some(known) = known
                    && twins.insert(wording(&again))
                {
                    let taken =
                        |other: &str| first_rows.contains_key(&(list.clone(), other.to_owned()));
                    let mut number = twins.len();
                    while taken(&format!("{code}_{number}")) {
                        number += 1;
                    }
                    let other = format!("{code}_{number}");
                    let id = identity_of(form, "option", &format!("{list}\u{1f}{other}"));
                    said.entry((list.clone(), other.clone())).or_default().insert(wording(&again));
                    known.options.push(ListOption { id, code: other.clone(), ..again });
                    first_rows.insert((list.clone(), other.clone()), row.number);
                    renamed.add(&list, &code, &other);
                    let detail = Detail::XlsformChoiceRenamed { list, option: code, other };
                    problems.add("choices", Some(row.number), "name", detail);
                }
                continue;
            }
            let detail = Detail::XlsformChoiceTwice { list, option: code, first };
            problems.add("choices", Some(row.number), "name", detail);
            continue;
        }
        let option = option(sheet, row, form, &list, &code, languages, problems);
        said.entry((list.clone(), code)).or_default().insert(wording(&option));
        let place = *places.entry(list.clone()).or_insert(lists.len());
        match lists.get_mut(place) {
            Some(known) => known.options.push(option),
            None => lists.push(OptionList {
                id: identity_of(form, "list", &list),
                name: list,
                options: vec![option],
            }),
        }
    }
    lists
}

/// What an option says, also to filters.
fn wording(option: &ListOption) -> String {
    format!("{:?}{:?}", option.label, option.attributes)
}

fn option(
    sheet: &Sheet,
    row: &Row,
    form: &str,
    list: &str,
    code: &str,
    languages: &Languages,
    problems: &mut Problems,
) -> ListOption {
    let label = languages.text(sheet, row, "label");
    if label.is_empty() {
        problems.add("choices", Some(row.number), "label", Detail::XlsformLabelMissing);
    }
    let id = identity_of(form, "option", &format!("{list}\u{1f}{code}"));
    let mut option = ListOption::new(id, code, label);
    option.attributes = further_columns(sheet, row);
    let image = languages.text(sheet, row, "image");
    let image = image.get(&languages.default, &languages.default);
    option.image = (!image.is_empty()).then(|| image.to_owned());
    let flags = sheet.cell(row, "x_flag");
    for flag in flags.split([',', ' ', ';']).filter(|flag| !flag.is_empty()) {
        match flag {
            "dk" => option.missing = Some(State::DontKnow),
            "refused" => option.missing = Some(State::Refused),
            "na" => option.missing = Some(State::NotApplicable),
            "exclusive" => option.exclusive = true,
            "anchor" => option.anchored = true,
            "end_refusal" => option.ends = Some(Ending::Refused),
            "end_screened" => option.ends = Some(Ending::ScreenedOut),
            _ => {
                let (value, known) = (flag.to_owned(), FLAGS.to_owned());
                let detail = Detail::XlsformValueUnknown { value, known };
                problems.add("choices", Some(row.number), "x_flag", detail);
            }
        }
    }
    option
}

fn further_columns(sheet: &Sheet, row: &Row) -> BTreeMap<String, String> {
    sheet
        .columns
        .iter()
        .filter(|column| {
            let known =
                ["list_name", "name", "label", "x_flag", "image", "big_image", "audio", "video"];
            !column.is_empty() && !column.contains("::") && !known.contains(&column.as_str())
        })
        .map(|column| (column.clone(), sheet.cell(row, column).to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}
