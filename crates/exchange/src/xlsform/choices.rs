//! The choices sheet: option lists.

use std::collections::BTreeMap;

use survey_builder::questionnaire::answer::State;
use survey_builder::questionnaire::document::{Ending, ListOption, OptionList, identity_of};

use super::language::Languages;
use super::problem::{Detail, Problems};
use super::sheet::{Row, Sheet};
use super::translate::Choice;

const FLAGS: &str = "dk, refused, na, exclusive, anchor, end_refusal";

/// The lists in the order in which they first stand on the sheet, and what
/// translation needs to know of them.
pub(super) fn read(
    sheet: &Sheet,
    form: &str,
    languages: &Languages,
    problems: &mut Problems,
) -> (Vec<OptionList>, BTreeMap<String, Vec<Choice>>) {
    let mut lists: Vec<OptionList> = Vec::new();
    let mut choices: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
    let mut first_rows: BTreeMap<(String, String), u32> = BTreeMap::new();
    if !sheet.rows.is_empty() {
        for column in ["list_name", "name"] {
            if !sheet.has(column) {
                let name = column.to_owned();
                problems.add("choices", Some(1), "", Detail::XlsformColumnMissing { name });
                return (lists, choices);
            }
        }
    }
    for row in &sheet.rows {
        let list = sheet.cell(row, "list_name").to_owned();
        let code = sheet.cell(row, "name").to_owned();
        if list.is_empty() {
            continue;
        }
        if code.is_empty() {
            problems.add("choices", Some(row.number), "name", Detail::XlsformChoiceWithoutName);
            continue;
        }
        let first = *first_rows.entry((list.clone(), code.clone())).or_insert(row.number);
        if first != row.number {
            let detail = Detail::XlsformChoiceTwice { list, option: code, first };
            problems.add("choices", Some(row.number), "name", detail);
            continue;
        }
        let option = option(sheet, row, form, &list, &code, languages, problems);
        choices.entry(list.clone()).or_default().push(Choice {
            code,
            missing: option.missing,
            columns: further_columns(sheet, row),
        });
        match lists.iter_mut().find(|known| known.name == list) {
            Some(known) => known.options.push(option),
            None => lists.push(OptionList {
                id: identity_of(form, "list", &list),
                name: list,
                options: vec![option],
            }),
        }
    }
    (lists, choices)
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
    let flags = sheet.cell(row, "x_flag");
    for flag in flags.split([',', ' ', ';']).filter(|flag| !flag.is_empty()) {
        match flag {
            "dk" => option.missing = Some(State::DontKnow),
            "refused" => option.missing = Some(State::Refused),
            "na" => option.missing = Some(State::NotApplicable),
            "exclusive" => option.exclusive = true,
            "anchor" => option.anchored = true,
            "end_refusal" => option.ends = Some(Ending::Refused),
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
            let known = ["list_name", "name", "label", "x_flag"];
            !column.is_empty() && !column.contains("::") && !known.contains(&column.as_str())
        })
        .map(|column| (column.clone(), sheet.cell(row, column).to_owned()))
        .collect()
}
