//! Damaged files and false claims.

use exchange::data::described::sav_codebook;
use exchange::data::sav::Compression;

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
