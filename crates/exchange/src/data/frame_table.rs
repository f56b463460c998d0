//! Population lists in workbooks and Parquet files, as the rows of a CSV file.
//!
//! Rows are read and written one after another: what takes them decides how
//! much is held.

use std::io::{Read, Seek, Write};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError, open_workbook_from_rs};
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

/// Writes the first sheet of an XLSX workbook as CSV, every row as long as the
/// first.
///
/// # Errors
///
/// What makes the workbook unreadable, in words.
pub fn xlsx_to_csv(workbook: impl Read + Seek, output: impl Write) -> Result<(), String> {
    let told = |error: XlsxError| error.to_string();
    let mut book: Xlsx<_> = open_workbook_from_rs(workbook).map_err(told)?;
    let sheet = book.sheet_names().first().cloned().ok_or("it has no sheet")?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(told)?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(output);
    let mut row: Vec<String> = Vec::new();
    let mut number: Option<u32> = None;
    let mut width = 0;
    while let Some(cell) = cells.next_cell().map_err(told)? {
        let (at, column) = cell.get_position();
        if number.is_some_and(|number| number != at) {
            width = write_row(&mut writer, &mut row, width)?;
        }
        number = Some(at);
        let column = column as usize;
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text_of(cell.get_value());
    }
    if number.is_some() {
        write_row(&mut writer, &mut row, width)?;
    }
    writer.flush().map_err(|error| error.to_string())
}

/// Writes a row with at least `width` cells; gives the width of the header.
fn write_row(
    writer: &mut csv::Writer<impl Write>,
    row: &mut Vec<String>,
    width: usize,
) -> Result<usize, String> {
    let blank = row.iter().all(String::is_empty);
    while row.len() > width.max(1) && row.last().is_some_and(String::is_empty) {
        row.pop();
    }
    if row.len() < width {
        row.resize(width, String::new());
    }
    let written = row.len();
    if !blank || width > 0 {
        writer.write_record(row.iter()).map_err(|error| error.to_string())?;
    }
    row.clear();
    Ok(if width == 0 && !blank { written } else { width })
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        // A whole number is shown without a point, as the sheet shows it.
        DataRef::Float(number) => number.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        other => calamine::Data::from(other.clone()).to_string(),
    }
}

/// Writes the rows of a Parquet file as CSV: of all its columns, or of those of
/// them that are named in `only`; others are not read.
///
/// # Errors
///
/// What makes the file unreadable, in words: also lists and structures, which
/// are no cells.
pub fn parquet_to_csv(
    file: impl ChunkReader + 'static,
    only: Option<&[String]>,
    output: impl Write,
) -> Result<(), String> {
    let told = |error: parquet::errors::ParquetError| error.to_string();
    let reader = SerializedFileReader::new(file).map_err(told)?;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema();
    let mut fields = schema.get_fields().to_vec();
    fields.retain(|field| only.is_none_or(|only| only.iter().any(|name| name == field.name())));
    let names: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
    let wanted =
        Type::group_type_builder(schema.name()).with_fields(fields).build().map_err(told)?;
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(&names).map_err(|error| error.to_string())?;
    for row in reader.get_row_iter(Some(wanted)).map_err(told)? {
        let row = row.map_err(told)?;
        let cells: Vec<String> = row
            .get_column_iter()
            .map(|(name, field)| cell_of(name, field))
            .collect::<Result<_, _>>()?;
        writer.write_record(&cells).map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| error.to_string())
}

fn cell_of(name: &str, field: &Field) -> Result<String, String> {
    Ok(match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => text.to_owned(),
            Err(_) => return Err(format!("column {name} holds bytes that are no text")),
        },
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => {
            return Err(format!("column {name} holds lists or structures"));
        }
        // Whole numbers, dates and decimals are written as they are shown.
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parquet_file_is_read_as_rows() {
        use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
        use parquet::file::writer::SerializedFileWriter;
        use parquet::schema::parser::parse_message_type;

        let schema = "message frame { required int64 id; required binary area (UTF8); \
                      optional double size; }";
        let schema = std::sync::Arc::new(parse_message_type(schema).expect("a schema"));
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, std::sync::Arc::default()).expect("new");
        let mut group = writer.next_row_group().expect("a group");
        let mut column = group.next_column().expect("fine").expect("id");
        column.typed::<Int64Type>().write_batch(&[1, 2], None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("fine").expect("area");
        let areas = ["Hà Nội", "Huế"].map(ByteArray::from);
        column.typed::<ByteArrayType>().write_batch(&areas, None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("fine").expect("size");
        column.typed::<DoubleType>().write_batch(&[2.5], Some(&[1, 0]), None).expect("written");
        column.close().expect("closed");
        group.close().expect("closed");
        writer.close().expect("closed");

        let mut csv = Vec::new();
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&bytes).expect("written");
        parquet_to_csv(file, None, &mut csv).expect("read");
        assert_eq!(String::from_utf8(csv).expect("UTF-8"), "id,area,size\n1,Hà Nội,2.5\n2,Huế,\n");
    }

    #[test]
    fn a_sheet_is_read_as_rows() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, name) in (0_u16..).zip(["id", "area", "size"]) {
            sheet.write(0, column, name).expect("a cell");
        }
        sheet.write(1, 0, 12.0).expect("a cell");
        sheet.write(1, 1, "Hà Nội, \"cũ\"").expect("a cell");
        sheet.write(1, 2, 3.5).expect("a cell");
        sheet.write(3, 0, "b").expect("a cell");
        let bytes = book.save_to_buffer().expect("a workbook");
        let mut csv = Vec::new();
        xlsx_to_csv(std::io::Cursor::new(bytes), &mut csv).expect("read");
        let text = String::from_utf8(csv).expect("UTF-8");
        assert_eq!(text, "id,area,size\n12,\"Hà Nội, \"\"cũ\"\"\",3.5\nb,,\n");
        assert!(xlsx_to_csv(std::io::Cursor::new(b"no workbook"), Vec::new()).is_err());
    }
}
