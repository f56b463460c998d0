//! What data files say of their columns: labels, levels in order, measure, missing
//! values, response sets and the weight, as a codebook.

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek};

use analysis::dataset::{
    Codebook, Level, Measure, MissingValues, ResponseSet, SetBase, SetKind, Variable, VariableKind,
};
use dta::stata::dta::variable::Variable as StataVariable;
use dta::stata::dta::variable_type::VariableType;
use parquet::column::page::Page;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use serde::Deserialize;
use survey_builder::list::Unreadable;
use survey_builder::problem::phrase;
use survey_builder::questionnaire::document::Text;

use super::arrow_schema::ordered_columns;
use super::parquet::reason;
use super::sav::{self, Code, Dictionary, Kind, SavReader};
use super::statistics_file::{after_rows, of_stata};

/// Labels that are read for all variables together; a damaged file may claim the
/// same long list for each of its thousands of variables.
const MOST_LABELS: usize = 2_000_000;

/// The largest value of a Stata file that is no missing one.
const STATA_LARGEST: i32 = 2_147_483_620;

/// A text whose language nobody named.
fn text(words: &str) -> Text {
    if words.is_empty() { Text::default() } else { Text::new("", words) }
}

/// What an SPSS file says of its columns.
///
/// # Errors
///
/// What makes the file unreadable, and where.
pub fn sav_codebook(file: impl Read) -> Result<Codebook, Unreadable> {
    let reader = SavReader::new(file)?;
    let dictionary = reader.dictionary();
    let count: usize = dictionary.variables.iter().map(|variable| variable.labels.len()).sum();
    if count > MOST_LABELS {
        return Err(too_many_labels());
    }
    let weight = dictionary.weight.and_then(|place| dictionary.variables.get(place));
    Ok(Codebook {
        title: text(&dictionary.label),
        variables: dictionary.variables.iter().map(sav_variable).collect(),
        sets: dictionary.response_sets.iter().map(|set| sav_set(dictionary, set)).collect(),
        weight: weight.map(|variable| variable.name.clone()),
        ..Codebook::default()
    })
}

fn too_many_labels() -> Unreadable {
    let reason = phrase("phrase-too-many-labels").with("limit", MOST_LABELS);
    Unreadable::new(reason, "the variables have too many labels together")
}

fn sav_variable(own: &sav::Variable) -> Variable {
    let mut labels: Vec<&(Code, String)> = own.labels.iter().collect();
    labels.sort_by(|one, other| match (&one.0, &other.0) {
        (Code::Number(one), Code::Number(other)) => one.total_cmp(other),
        (Code::Text(one), Code::Text(other)) => one.cmp(other),
        (Code::Number(_), Code::Text(_)) => std::cmp::Ordering::Less,
        (Code::Text(_), Code::Number(_)) => std::cmp::Ordering::Greater,
    });
    let written = |code: &Code| match code {
        Code::Number(number) => number.to_string(),
        Code::Text(text) => text.clone(),
    };
    let levels: Vec<Level> = labels
        .into_iter()
        .map(|(code, label)| Level { code: written(code), label: text(label) })
        .collect();
    let missing = MissingValues {
        codes: own.missing.codes.iter().map(written).collect(),
        ranges: own.missing.range.into_iter().collect(),
    };
    let kind = match (own.kind, own.print.moment()) {
        (Kind::Number, Some(sav::Moment::Day)) => VariableKind::Date,
        (Kind::Number, None) => VariableKind::Number,
        (Kind::Number, Some(_)) | (Kind::Text(_), _) => VariableKind::Text,
    };
    let measure = match own.measure {
        sav::Measure::Nominal => Measure::Nominal,
        sav::Measure::Ordinal => Measure::Ordinal,
        sav::Measure::Scale => Measure::Scale,
        sav::Measure::Unknown => kind.measure(),
    };
    let plain = Variable::plain(&own.name, kind, levels);
    Variable { label: text(&own.label), measure, missing, ..plain }
}

fn sav_set(dictionary: &Dictionary, set: &sav::ResponseSet) -> ResponseSet {
    let own_label = match &set.kind {
        // The set has no label but that of its first variable.
        sav::SetKind::ChosenByLabel(_, true) => {
            let first = set.variables.first();
            let of = |name: &String| dictionary.variables.iter().find(|own| own.name == *name);
            first.and_then(of).map(|own| own.label.clone())
        }
        _ => None,
    };
    // Its mark is in the way of every shell.
    let bare = set.name.trim_start_matches('$');
    let taken = dictionary.variables.iter().any(|own| own.name == bare);
    ResponseSet {
        name: if taken { set.name.clone() } else { bare.to_owned() },
        label: text(&own_label.unwrap_or_else(|| set.label.clone())),
        kind: match &set.kind {
            sav::SetKind::Categories => SetKind::Options,
            sav::SetKind::Chosen(value) | sav::SetKind::ChosenByLabel(value, _) => {
                SetKind::Chosen(value.trim().to_owned())
            }
        },
        base: SetBase::Answered,
        variables: set.variables.clone(),
    }
}

/// What a Stata file says of its columns.
///
/// # Errors
///
/// What makes the file unreadable, and where.
pub fn dta_codebook(file: impl Read + Seek) -> Result<Codebook, Unreadable> {
    let told = of_stata;
    let (named, long) = after_rows(BufReader::new(file), |long| {
        long.skip_to_end()?;
        let variables = long.schema().variables().iter();
        let named = |one: &StataVariable| {
            let (name, labels) = (one.name().to_owned(), one.value_label_name().to_owned());
            let kind = match one.variable_type() {
                VariableType::FixedString(_) | VariableType::LongString => VariableKind::Text,
                _ => VariableKind::Number,
            };
            (name, labels, one.label().to_owned(), kind)
        };
        Ok(variables.map(named).collect::<Vec<_>>())
    })
    .map_err(told)?;
    let mut sets = long.into_value_label_reader().map_err(told)?;
    let mut levels: HashMap<String, Vec<Level>> = HashMap::new();
    let mut count = 0;
    while let Some(set) = sets.read_value_label_set().map_err(told)? {
        let entries = set.entries().iter().filter(|entry| entry.value() <= STATA_LARGEST);
        let own: Vec<Level> = entries
            .map(|entry| Level { code: entry.value().to_string(), label: text(entry.label()) })
            .collect();
        let users = named.iter().filter(|(_, labels, ..)| labels == set.name()).count();
        count += own.len() * users;
        if count > MOST_LABELS {
            return Err(too_many_labels());
        }
        levels.insert(set.name().to_owned(), own);
    }
    let variable = |(name, labels, label, kind): (String, String, String, VariableKind)| {
        let levels = levels.get(&labels).cloned().unwrap_or_default();
        Variable { label: text(&label), ..Variable::plain(&name, kind, levels) }
    };
    Ok(Codebook { variables: named.into_iter().map(variable).collect(), ..Codebook::default() })
}

/// What pandas writes of its columns.
#[derive(Deserialize)]
struct Pandas {
    columns: Vec<PandasColumn>,
}

#[derive(Deserialize)]
struct PandasColumn {
    field_name: Option<String>,
    metadata: Option<Categories>,
}

#[derive(Deserialize)]
struct Categories {
    num_categories: Option<usize>,
    ordered: Option<bool>,
}

/// What a Parquet file says of its columns: the categories of those that pandas
/// wrote as categorical, in their order.
///
/// # Errors
///
/// What makes the file unreadable, and where.
pub fn parquet_codebook(file: impl ChunkReader + 'static) -> Result<Codebook, Unreadable> {
    let reader = SerializedFileReader::new(file).map_err(reason)?;
    let metadata = reader.metadata().file_metadata();
    let said = |key: &str| {
        let pairs = metadata.key_value_metadata().into_iter().flatten();
        pairs.filter(|pair| pair.key == key).find_map(|pair| pair.value.as_deref())
    };
    let pandas = said("pandas");
    // What cannot be read there says nothing; the rows are what counts.
    let pandas: Option<Pandas> = pandas.and_then(|json| serde_json::from_str(json).ok());
    let mut codebook = Codebook::default();
    let place_of = |name: &str| {
        let schema = metadata.schema_descr();
        schema.columns().iter().position(|own| own.path().string() == name)
    };
    let level = |code: String| Level { code, label: Text::default() };
    for column in pandas.into_iter().flat_map(|pandas| pandas.columns) {
        let (Some(name), Some(found)) = (column.field_name, column.metadata) else { continue };
        let Some(count) = found.num_categories else { continue };
        let found_levels = place_of(&name).and_then(|place| dictionary(&reader, place));
        let Some(levels) = found_levels else { continue };
        if levels.len() == count {
            let levels = levels.into_iter().map(level).collect();
            let measure =
                if found.ordered == Some(true) { Measure::Ordinal } else { Measure::Nominal };
            let variable = Variable::plain(&name, VariableKind::Choice, levels);
            codebook.variables.push(Variable { measure, ..variable });
        }
    }
    // R says it in Arrow's schema alone, which keeps a dictionary whole and in order.
    for name in said("ARROW:schema").map(ordered_columns).unwrap_or_default() {
        if codebook.variables.iter().any(|variable| variable.name == name) {
            continue;
        }
        let found_levels = place_of(&name).and_then(|place| dictionary(&reader, place));
        let Some(levels) = found_levels else { continue };
        let levels = levels.into_iter().map(level).collect();
        let variable = Variable::plain(&name, VariableKind::Choice, levels);
        codebook.variables.push(Variable { measure: Measure::Ordinal, ..variable });
    }
    Ok(codebook)
}

/// The texts of a column's dictionary in the first group of rows; none where it has
/// no dictionary of texts.
fn dictionary<R: ChunkReader + 'static>(
    reader: &SerializedFileReader<R>,
    column: usize,
) -> Option<Vec<String>> {
    if reader.num_row_groups() == 0 {
        return None;
    }
    let group = reader.get_row_group(0).ok()?;
    let text = parquet::basic::Type::BYTE_ARRAY;
    if group.metadata().column(column).column_type() != text {
        return None;
    }
    let page = group.get_column_page_reader(column).ok()?.get_next_page().ok()??;
    let Page::DictionaryPage { buf, num_values, .. } = page else { return None };
    let (mut rest, mut texts) = (&buf[..], Vec::new());
    // Each is its length in four bytes and then itself.
    for _ in 0..num_values {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (own, after) = after.split_at_checked(length)?;
        texts.push(std::str::from_utf8(own).ok()?.to_owned());
        rest = after;
    }
    Some(texts)
}
