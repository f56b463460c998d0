//! How fast a frame is read from Parquet, beside the CSV of the same rows.
//!
//! Data: a made-up list of a million people (`SONDAGE_BENCH_ROWS`): id, area, ward,
//! size, a coordinate that is sometimes missing, name. Timed: the frame, read as the
//! program reads it, the rows of the Parquet file made on a thread of their own.

use std::fmt::Write as _;
use std::io::{Seek as _, Write as _};
use std::sync::Arc;
use std::time::Instant;

use exchange::data::parquet::parquet_to_csv;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use survey_builder::sampling::{Columns, Frame, Seed};

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("standard output");
}

/// Seconds of the fastest of three runs.
fn seconds(mut work: impl FnMut() -> usize) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        assert!(work() > 0, "units");
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

struct Rows {
    ids: Vec<i64>,
    areas: Vec<String>,
    wards: Vec<String>,
    sizes: Vec<i64>,
    coordinates: Vec<Option<f64>>,
    names: Vec<String>,
}

fn rows(count: u32) -> Rows {
    let mut stream = Seed(5).stream(1, 0);
    let each = || 0..count;
    Rows {
        ids: each().map(|row| 10_000_000 + i64::from(row)).collect(),
        areas: each().map(|row| format!("Khu vực {}", row % 63)).collect(),
        wards: each().map(|row| format!("Phường {}", row / 400)).collect(),
        sizes: each().map(|_| 1 + i64::try_from(stream.below(9)).expect("small")).collect(),
        coordinates: each()
            .map(|row| (row % 10 > 0).then_some(20.0 + f64::from(row) / 7e5))
            .collect(),
        names: each().map(|row| format!("Nguyễn Văn {row}")).collect(),
    }
}

fn csv(rows: &Rows) -> String {
    let mut text = "id,area,ward,size,lat,name\n".to_owned();
    for row in 0..rows.ids.len() {
        let lat = rows.coordinates[row].map_or_else(String::new, |lat| lat.to_string());
        let (id, area, ward) = (rows.ids[row], &rows.areas[row], &rows.wards[row]);
        let (size, name) = (rows.sizes[row], &rows.names[row]);
        writeln!(text, "{id},{area},{ward},{size},{lat},{name}").expect("text");
    }
    text
}

fn parquet(rows: &Rows) -> std::fs::File {
    let schema = "message list { required int64 id; required binary area (UTF8); \
        required binary ward (UTF8); required int64 size; optional double lat; \
        required binary name (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = tempfile::tempfile().expect("a file");
    let mut writer =
        SerializedFileWriter::new(&mut file, schema, Arc::new(properties)).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let texts = |texts: &[String]| -> Vec<ByteArray> {
        texts.iter().map(|text| ByteArray::from(text.as_str())).collect()
    };
    let there: Vec<i16> = rows.coordinates.iter().map(|it| i16::from(it.is_some())).collect();
    let coordinates: Vec<f64> = rows.coordinates.iter().copied().flatten().collect();
    for place in 0..6 {
        let mut column = group.next_column().expect("fine").expect("a column");
        let written = match place {
            0 => column.typed::<Int64Type>().write_batch(&rows.ids, None, None),
            1 => column.typed::<ByteArrayType>().write_batch(&texts(&rows.areas), None, None),
            2 => column.typed::<ByteArrayType>().write_batch(&texts(&rows.wards), None, None),
            3 => column.typed::<Int64Type>().write_batch(&rows.sizes, None, None),
            4 => column.typed::<DoubleType>().write_batch(&coordinates, Some(&there), None),
            _ => column.typed::<ByteArrayType>().write_batch(&texts(&rows.names), None, None),
        };
        written.expect("written");
        column.close().expect("closed");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
    file
}

fn main() {
    let count = std::env::var("SONDAGE_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows = rows(count.unwrap_or(1_000_000));
    let columns = Columns {
        unit: "id".to_owned(),
        strata: vec!["area".to_owned()],
        cluster: Some("ward".to_owned()),
        size: Some("size".to_owned()),
        ..Columns::default()
    };
    let mut text = tempfile::tempfile().expect("a file");
    text.write_all(csv(&rows).as_bytes()).expect("written");
    let mut file = parquet(&rows);
    let of_csv = seconds(|| {
        text.rewind().expect("rewound");
        Frame::read(&text, &columns).expect("a frame").units.len()
    });
    let of_parquet = seconds(|| {
        file.rewind().expect("rewound");
        let file = file.try_clone().expect("a handle");
        let (pipe, output) = std::io::pipe().expect("a pipe");
        let worker = std::thread::spawn(move || parquet_to_csv(file, None, output));
        let units = Frame::read(pipe, &columns).expect("a frame").units.len();
        worker.join().expect("no panic").expect("read");
        units
    });
    say(&format!(
        "{} rows: frame from CSV {of_csv:.2} s, from Parquet {of_parquet:.2} s ({:.2} times)",
        rows.ids.len(),
        of_parquet / of_csv,
    ));
}
