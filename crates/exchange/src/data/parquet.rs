//! Parquet files as the rows of a CSV file.
//!
//! Columns are read each for itself, some thousand rows at a time, and written
//! side by side: as fast as the same rows of a CSV file are parsed.

use std::fmt::Write as _;
use std::io::Write;

use parquet::basic::{ConvertedType, LogicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};
use survey_builder::list::Unreadable;
use survey_builder::list::text::tidied;
use survey_builder::problem::{Phrase, phrase};

/// Rows that are held at once.
const BATCH: usize = 4_096;

/// What the library says, in words of ours.
pub(super) fn reason(error: ParquetError) -> Unreadable {
    let detail = error.to_string();
    match error {
        ParquetError::EOF(_)
        | ParquetError::NeedMoreData(_)
        | ParquetError::NeedMoreDataRange(_) => Unreadable::cut(detail),
        ParquetError::NYI(_) => Unreadable::not_read_here(detail),
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => (*error).into(),
            Err(_) => Unreadable::damaged(detail),
        },
        _ => Unreadable::damaged(detail),
    }
}

/// What is wrong with a column.
fn in_column(reason: Phrase, column: &str, detail: &str) -> Unreadable {
    Unreadable::new(reason, format!("column {column} {detail}"))
}

/// Writes the rows of a Parquet file as CSV: of all its columns, or of those of
/// them that are named in `only`; others are not read. Lists and structures are
/// no cells and are left out, unless one is named: that is an error.
///
/// # Errors
///
/// What makes the file unreadable, and where.
pub fn parquet_to_csv(
    file: impl ChunkReader + 'static,
    only: Option<&[String]>,
    output: impl Write,
) -> Result<(), Unreadable> {
    let reader = SerializedFileReader::new(file).map_err(reason)?;
    let columns = columns_of(reader.metadata().file_metadata().schema_descr(), only)?;
    let mut writer = csv::Writer::from_writer(output);
    let names = columns.iter().map(|column| column.name.as_bytes());
    writer.write_record(names)?;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(reason)?;
        let rows = group.metadata().num_rows();
        let mut left = usize::try_from(rows)
            .map_err(|_| Unreadable::damaged("a number of rows below zero"))?;
        let mut parts: Vec<Part> = columns
            .iter()
            .map(|column| {
                let reader = group.get_column_reader(column.leaf).map_err(reason)?;
                Ok(Part { reader, cells: Cells::default() })
            })
            .collect::<Result<_, Unreadable>>()?;
        while left > 0 {
            let batch = left.min(BATCH);
            for (part, column) in parts.iter_mut().zip(&columns) {
                part.fill(column, batch)?;
            }
            for row in 0..batch {
                for part in &parts {
                    writer.write_field(part.cells.get(row))?;
                }
                writer.write_record(None::<&[u8]>)?;
            }
            left -= batch;
        }
    }
    Ok(writer.flush()?)
}

/// A column that is read.
struct Column {
    name: String,
    /// Its place among the leaves of the schema.
    leaf: usize,
    descriptor: ColumnDescPtr,
    /// Whether its values are what they look like: no days, no decimals.
    plain: bool,
}

fn columns_of(
    schema: &SchemaDescriptor,
    only: Option<&[String]>,
) -> Result<Vec<Column>, Unreadable> {
    let mut columns: Vec<Column> = Vec::new();
    for (leaf, descriptor) in schema.columns().iter().enumerate() {
        let name = descriptor.path().parts().first().cloned().unwrap_or_default();
        // Who asks has the names as a header gives them.
        if only.is_some_and(|only| !only.iter().any(|own| *own == tidied(&name))) {
            continue;
        }
        if descriptor.path().parts().len() > 1 || descriptor.max_rep_level() > 0 {
            if only.is_some() {
                let reason = phrase("phrase-column-of-lists").with("column", &name);
                return Err(in_column(reason, &name, "holds lists or structures"));
            }
            continue;
        }
        let plain = match descriptor.converted_type() {
            ConvertedType::NONE => {
                matches!(descriptor.logical_type_ref(), None | Some(LogicalType::String))
            }
            ConvertedType::UTF8 | ConvertedType::INT_32 | ConvertedType::INT_64 => true,
            _ => false,
        };
        columns.push(Column { name, leaf, descriptor: descriptor.clone(), plain });
    }
    Ok(columns)
}

/// The texts of some rows of a column.
#[derive(Default)]
struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    fn get(&self, row: usize) -> &str {
        let begin = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.get(row).map_or("", |end| &self.text[begin..*end])
    }
}

/// A column of a group of rows while it is read.
struct Part {
    reader: ColumnReader,
    cells: Cells,
}

impl Part {
    fn fill(&mut self, column: &Column, rows: usize) -> Result<(), Unreadable> {
        self.cells.clear();
        let cells = &mut self.cells;
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => read(reader, column, rows, cells, shown),
            ColumnReader::Int32ColumnReader(reader) => {
                read(reader, column, rows, cells, |value, cells| {
                    if column.plain {
                        shown(value, cells)
                    } else {
                        field(column, Field::convert_int32(&column.descriptor, *value), cells)
                    }
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                read(reader, column, rows, cells, |value, cells| {
                    if column.plain {
                        shown(value, cells)
                    } else {
                        field(column, Field::convert_int64(&column.descriptor, *value), cells)
                    }
                })
            }
            ColumnReader::Int96ColumnReader(reader) => {
                read(reader, column, rows, cells, |value, cells| {
                    field(column, Field::convert_int96(&column.descriptor, *value), cells)
                })
            }
            ColumnReader::FloatColumnReader(reader) => read(reader, column, rows, cells, shown),
            ColumnReader::DoubleColumnReader(reader) => read(reader, column, rows, cells, shown),
            ColumnReader::ByteArrayColumnReader(reader) => {
                read(reader, column, rows, cells, |value, cells| bytes(column, value, cells))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                read(reader, column, rows, cells, |value, cells| {
                    bytes(column, &ByteArray::from(value.data().to_vec()), cells)
                })
            }
        }
    }
}

/// Reads so many rows of a column and writes each value; a row without one is
/// empty.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    column: &Column,
    rows: usize,
    cells: &mut Cells,
    write: impl Fn(&T::T, &mut Cells) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let (mut values, mut levels) = (Vec::with_capacity(rows), Vec::new());
    let (found, ..) =
        reader.read_records(rows, Some(&mut levels), None, &mut values).map_err(reason)?;
    if found != rows {
        let reason = phrase("phrase-column-ends-early").with("column", &column.name);
        return Err(in_column(reason, &column.name, "ends before the others"));
    }
    let most = column.descriptor.max_def_level();
    let mut values = values.iter();
    for row in 0..rows {
        let is_there = most == 0 || levels.get(row) == Some(&most);
        if is_there && let Some(value) = values.next() {
            write(value, cells)?;
        }
        cells.end();
    }
    Ok(())
}

fn shown(value: &impl std::fmt::Display, cells: &mut Cells) -> Result<(), Unreadable> {
    write!(cells.text, "{value}").map_err(Unreadable::damaged)
}

fn no_text(column: &Column) -> Unreadable {
    let reason = phrase("phrase-column-of-bytes").with("column", &column.name);
    in_column(reason, &column.name, "holds bytes that are no text")
}

fn bytes(column: &Column, value: &ByteArray, cells: &mut Cells) -> Result<(), Unreadable> {
    if !column.plain {
        let converted = Field::convert_byte_array(&column.descriptor, value.clone());
        return field(column, converted.map_err(reason)?, cells);
    }
    match value.as_utf8() {
        Ok(text) => cells.text.push_str(text),
        Err(_) => return Err(no_text(column)),
    }
    Ok(())
}

/// Days, moments and decimals as they are shown.
fn field(column: &Column, field: Field, cells: &mut Cells) -> Result<(), Unreadable> {
    match field {
        Field::Null => Ok(()),
        Field::Str(text) => shown(&text, cells),
        Field::Bytes(value) => match value.as_utf8() {
            Ok(text) => shown(&text, cells),
            Err(_) => Err(no_text(column)),
        },
        other => shown(&other, cells),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::column::writer::ColumnWriter;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// A file of two groups with the same three rows: a number, a text, a number
    /// that may be missing, a day, money, a list.
    fn two_groups() -> impl ChunkReader + 'static {
        let schema = "message list { required int64 id; required binary area (UTF8); \
            optional double size; required int32 born (DATE); required int32 fee (DECIMAL(9, 2)); \
            optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } }";
        let schema = Arc::new(parse_message_type(schema).expect("a schema"));
        let mut file = tempfile::tempfile().expect("a file");
        let mut writer =
            SerializedFileWriter::new(&mut file, schema, Arc::default()).expect("a writer");
        for _ in 0..2 {
            let mut group = writer.next_row_group().expect("a group");
            let mut place = 0;
            while let Some(mut column) = group.next_column().expect("fine") {
                let texts = ["Hà Nội", "Huế, \"cũ\"", ""].map(ByteArray::from);
                let written = match column.untyped() {
                    ColumnWriter::Int64ColumnWriter(own) => own.write_batch(&[1, 2, 3], None, None),
                    ColumnWriter::DoubleColumnWriter(own) => {
                        own.write_batch(&[2.5, 1e20], Some(&[1, 0, 1]), None)
                    }
                    ColumnWriter::Int32ColumnWriter(own) if place == 3 => {
                        own.write_batch(&[0, -1, 20_000], None, None)
                    }
                    ColumnWriter::Int32ColumnWriter(own) => {
                        own.write_batch(&[1_250, 5, 100], None, None)
                    }
                    ColumnWriter::ByteArrayColumnWriter(own) if place == 1 => {
                        own.write_batch(&texts, None, None)
                    }
                    ColumnWriter::ByteArrayColumnWriter(own) => {
                        own.write_batch(&texts, Some(&[3, 3, 3, 0]), Some(&[0, 1, 0, 0]))
                    }
                    _ => panic!("another column"),
                };
                written.expect("written");
                column.close().expect("closed");
                place += 1;
            }
            group.close().expect("closed");
        }
        writer.close().expect("closed");
        file
    }

    fn read(only: Option<&[String]>) -> Result<String, Unreadable> {
        let mut csv = Vec::new();
        parquet_to_csv(two_groups(), only, &mut csv)?;
        Ok(String::from_utf8(csv).expect("UTF-8"))
    }

    #[test]
    fn a_file_is_read_as_rows_without_its_lists() {
        let rows = "1,Hà Nội,2.5,1970-01-01,12.50\n2,\"Huế, \"\"cũ\"\"\",,1969-12-31,0.05\n\
            3,,100000000000000000000,2024-10-04,1.00\n";
        let expected = format!("id,area,size,born,fee\n{rows}{rows}");
        assert_eq!(read(None), Ok(expected));
        let rows = "2.5\n\"\"\n100000000000000000000\n";
        assert_eq!(read(Some(&["size".to_owned()])), Ok(format!("size\n{rows}{rows}")));
        assert!(
            read(Some(&["tags".to_owned()])).is_err_and(|told| told.to_string().contains("tags"))
        );
        let nothing = parquet_to_csv(tempfile::tempfile().expect("a file"), None, Vec::new());
        assert!(nothing.is_err());
    }
}
