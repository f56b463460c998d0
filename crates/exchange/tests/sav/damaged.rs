//! Damaged files and false claims.

use std::io::Write as _;

use exchange::data::described::sav_codebook;
use exchange::data::sav::{Compression, SavReader};
use survey_builder::list::Unreadable;

use super::cells;
use super::written::{PACKED, dictionary, rows, written};

#[test]
fn damaged_files_are_refused_in_words_and_with_the_place() {
    let whole = written(&dictionary(), &rows(), Compression::Bytecode);
    let zlib = written(&dictionary(), &rows(), Compression::Zlib);
    let refused = |file: &[u8], change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = file.to_vec();
        change(&mut file);
        cells(&file).expect_err("refused")
    };
    let told = |change: &dyn Fn(&mut Vec<u8>)| refused(&whole, change);
    let number = |file: &mut Vec<u8>, at: usize, number: i32| {
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
    };
    assert_eq!(
        told(&|file| file[0] = b'x'),
        "byte 0: this is no file of SPSS: it does not begin with $FL2 or $FL3"
    );
    assert_eq!(
        told(&|file| file[64] = 9),
        "byte 64: the order of bytes is not told: the layout is neither 2 nor 3"
    );
    assert_eq!(told(&|file| file[72] = 7), "byte 72: there is no compression 7");
    assert_eq!(
        told(&|file| number(file, 76, 3_000)),
        "byte 76: the weight is variable 3000, which is not there"
    );
    for edge in [i32::MIN, -1, i32::MAX] {
        assert_eq!(
            told(&|file| number(file, 76, edge)),
            format!("byte 76: the weight is variable {edge}, which is not there")
        );
    }
    assert_eq!(told(&|file| file.truncate(20)), "byte 4: the file ends within the header");
    assert_eq!(told(&|file| number(file, 176, 12)), "byte 176: there is no record of the kind 12");
    assert_eq!(
        told(&|file| number(file, 180, 256)),
        "byte 180: a variable's width is not within 0 and 255"
    );
    assert_eq!(
        told(&|file| number(file, 180, 20)),
        "byte 180: a variable of 20 bytes has 1 parts of 8 bytes instead of 3"
    );
    assert_eq!(
        told(&|file| number(file, 188, -4)),
        "byte 188: a variable cannot have -4 missing values"
    );
    let cut = told(&|file| file.truncate(file.len() - 300));
    assert!(cut.contains("the file ends"), "{cut}");
    let rows = told(&|file| number(file, 80, 9));
    assert!(rows.ends_with("the file ends after 4 of its 9 rows"), "{rows}");
    let block = refused(&zlib, &|file| file.truncate(file.len() - 150));
    assert!(block.ends_with("the file ends within a block"), "{block}");
    let bent = refused(&zlib, &|file| {
        let length = file.len();
        file[length - 200..length - 100].fill(0xff);
    });
    assert!(bent.contains("a block cannot be unpacked"), "{bent}");
    assert!(cells(b"").expect_err("refused").contains("the file ends within the header"));
}

/// The most memory that the program has asked for, in kB.
fn asked_for() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Each number of the dictionary in turn says too much: no room is made for it.
#[test]
fn claims_of_a_header_take_no_memory() {
    // The room that threads beside this one take.
    const MOST: u64 = 700_000;
    let files = PACKED.map(|packed| written(&dictionary(), &rows(), packed));
    let before = asked_for();
    for file in &files {
        for at in (64..file.len().min(5_000)).step_by(4) {
            for claim in [i32::MAX, 0x0fff_ffff] {
                let mut bent = file.clone();
                bent[at..at + 4].copy_from_slice(&claim.to_le_bytes());
                let _ = cells(&bent);
                let _ = sav_codebook(bent.as_slice());
            }
        }
    }
    if let (Some(before), Some(after)) = (before, asked_for()) {
        assert!(after - before < MOST, "{} kB more were asked for", after - before);
    }
}

/// A file whose blocks are put in the place of its own, with what it says of their places
/// and of its rows.
fn blocks(codes: &[u8], cases: i32, bend: impl Fn(&mut [i64; 3])) -> Vec<u8> {
    let whole = written(&dictionary(), &rows(), Compression::Zlib);
    let is_header = |at: &usize| {
        let place = i64::try_from(*at).expect("a place").to_le_bytes();
        whole[*at..].starts_with(&place)
    };
    let begin = (0..whole.len() - 24).find(is_header).expect("the places of the blocks");
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(codes).expect("packed");
    let packed = packed.finish().expect("packed");
    let long = |number: usize| i64::try_from(number).expect("a place");
    let mut places = [long(begin), long(begin + 24 + packed.len()), 48];
    bend(&mut places);
    let mut file = whole[..begin].to_vec();
    file[80..84].copy_from_slice(&cases.to_le_bytes());
    // The same number once more, in a record of 64 bits.
    let record: Vec<u8> = [7_i32, 16, 8, 2].iter().flat_map(|one| one.to_le_bytes()).collect();
    if let Some(at) = file.windows(16).position(|window| window == record) {
        file[at + 24..at + 32].copy_from_slice(&i64::from(cases).to_le_bytes());
    }
    file.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    file.extend(&packed);
    file.extend([0; 48]);
    file
}

/// Reads all rows and keeps none; how many there were, or why it stopped.
fn read_through(file: &[u8]) -> Result<u64, Unreadable> {
    let mut reader = SavReader::new(file)?;
    let mut count = 0;
    while reader.next_row()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Blocks that stand for a thousand times their bytes, and false places of blocks: refused
/// with the byte, and no memory is taken for what they claim.
#[test]
fn hostile_blocks_are_refused_with_the_byte() {
    const MOST: u64 = 700_000;
    let before = asked_for();
    let same = |_: &mut [i64; 3]| {};
    let says = |told: Result<u64, Unreadable>, words: &str| {
        let told = told.expect_err("refused").to_string();
        assert!(told.starts_with("byte ") && told.contains(words), "{told}");
    };
    // Nothing but filling, and rows without end where four are said to be.
    says(read_through(&blocks(&vec![0; 16 << 20], 4, same)), "nothing but filling");
    let endless = vec![254; 16 << 20];
    says(read_through(&blocks(&endless, 4, same)), "the file goes on after its 4 rows");
    // Where their number is not said, they are read one by one, to the last whole one.
    says(read_through(&blocks(&endless, -1, same)), "the file ends within row 50082");
    // What is said of the places of the blocks is not believed.
    let codes = [254; 800];
    let lie =
        |place: usize, by: i64| read_through(&blocks(&codes, -1, |places| places[place] = by));
    says(lie(0, 7), "the blocks are said to begin at byte 7");
    says(lie(0, i64::MIN), "the blocks are said to begin at byte");
    says(lie(1, -1), "the blocks are said to end at byte -1");
    says(lie(1, 8), "the blocks are said to end at byte 8");
    says(lie(1, i64::MAX), "byte");
    if let (Some(before), Some(after)) = (before, asked_for()) {
        // What the test itself made, and the room that threads beside this one take.
        let own = (16 << 10) * 4;
        assert!(after - before < MOST + own, "{} kB more were asked for", after - before);
    }
}
