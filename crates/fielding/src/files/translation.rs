//! Translations that come back in a file: XLIFF, or a list as spreadsheets write it.

use csv::ByteRecord;
use exchange::translation::{COLUMNS, Texts, Unit, read_xliff, unguarded};
use survey_builder::list::rows::{Asked, List, is_blank};
use survey_builder::sampling;

use super::list::ListFile;
use crate::error::Problem;

/// Reads a file of translations.
///
/// # Errors
///
/// A file that is neither XLIFF nor a list, a list without the columns that were
/// written, a file of no texts.
pub fn read_translation(bytes: &[u8], name: &str) -> Result<Texts, Vec<Problem>> {
    let (text, _, _) = encoding_rs::UTF_8.decode(bytes);
    let texts = if text.trim_start().starts_with('<') {
        read_xliff(&text).map_err(|problem| vec![problem])?
    } else {
        read_list(bytes, name)?
    };
    if texts.units.is_empty() {
        return Err(vec![Problem::new("translation-without-texts", "")]);
    }
    Ok(texts)
}

fn as_problems(found: &[sampling::Problem]) -> Vec<Problem> {
    found.iter().map(Problem::from).collect()
}

/// The code in a heading such as `source (vi)`.
fn language_of<'h>(heading: &'h str, column: &str) -> Option<&'h str> {
    heading.trim().strip_prefix(column)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

fn read_list(bytes: &[u8], name: &str) -> Result<Texts, Vec<Problem>> {
    let file = ListFile::of_bytes(bytes, name).map_err(|found| as_problems(&found))?;
    let rows = file.rows().map_err(|found| as_problems(&found))?;
    let [id, _, source, translation, before] = COLUMNS;
    let asked = Asked { header_row: None, wanted: &[id] };
    let mut list = List::open(rows, file.separator, asked).map_err(|found| as_problems(&found))?;
    let of_language = |column: &str| {
        let mut found = list.header.iter().enumerate();
        found.find_map(|(place, heading)| {
            language_of(heading, column).map(|code| (place, code.to_owned()))
        })
    };
    let places = (list.place(id), of_language(source), of_language(translation));
    let (Ok(id), Some((source, from)), Some((translation, to))) = places else {
        return Err(vec![Problem::new("translation-columns", "")]);
    };
    let before = of_language(before).map(|(place, _)| place);
    let mut texts = Texts { source: from, target: to, ..Texts::default() };
    let mut record = ByteRecord::new();
    while list.next_row(&mut record).map_err(|found| as_problems(&found))?.is_some() {
        if is_blank(&record) {
            continue;
        }
        // Cells as they are: the space within a text is the translator's.
        let cell = |place: usize| {
            let cell = String::from_utf8_lossy(record.get(place).unwrap_or_default());
            unguarded(&cell).to_owned()
        };
        texts.units.push(Unit {
            id: cell(id).trim().to_owned(),
            source: cell(source),
            target: cell(translation),
            before: before.map(cell).unwrap_or_default(),
            ..Unit::default()
        });
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use exchange::translation::{Format, write};

    use super::*;

    fn texts() -> Texts {
        let unit = |id: &str, source: &str, target: &str| Unit {
            id: id.to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            before: target.to_owned(),
            ..Unit::default()
        };
        Texts {
            source: "vi".to_owned(),
            target: "en".to_owned(),
            units: vec![
                unit("0190-a.wording", "=Hai dòng:\nmột, hai", "\"Two\" lines; – one"),
                unit("0190-b.label", "Có", ""),
                unit("0190-c.label", "100", "100"),
            ],
            ..Texts::default()
        }
    }

    #[test]
    fn what_is_written_for_spreadsheets_is_read_again() {
        let file = write(&texts(), Format::Csv);
        assert_eq!(read_translation(&file, "x.csv"), Ok(texts()));
        // As spreadsheets of other countries save it.
        let text = String::from_utf8(file).expect("text");
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        for record in csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes())
            .records()
        {
            writer.write_record(&record.expect("a row")).expect("written");
        }
        let semicolons = writer.into_inner().expect("bytes");
        assert_eq!(read_translation(&semicolons, "x.csv"), Ok(texts()));
    }

    #[test]
    fn xliff_is_known_by_its_content() {
        for format in [Format::Xliff12, Format::Xliff20] {
            assert_eq!(read_translation(&write(&texts(), format), "x.txt"), Ok(texts()));
            let text = String::from_utf8(write(&texts(), format)).expect("text");
            let mut utf16 = vec![0xff, 0xfe];
            let text = text.replace("UTF-8", "UTF-16");
            utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            assert_eq!(read_translation(&utf16, "x.xlf"), Ok(texts()));
        }
    }

    #[test]
    fn what_is_no_translation_is_told() {
        let code = |bytes: &[u8]| {
            let found = read_translation(bytes, "x").expect_err("refused");
            found.into_iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        assert_eq!(code(b"a,b\n1,2\n"), ["translation-columns"]);
        assert_eq!(code(b"<xliff version=\"1.2\"/>"), ["translation-without-texts"]);
        assert_eq!(code(b"<html>"), ["xliff-unreadable"]);
        assert!(!code(b"").is_empty());
    }
}
