//! A look into older workbooks (`.xls`) before they are read.
//!
//! Their reader makes room for everything between the first and the last cell
//! of a sheet, which a damaged or malicious file can say to be more than any
//! memory. So the records are gone through first ([MS-XLS] 2.1.4: a type and a
//! length of 16 bits each, then that many bytes), and a workbook whose sheets
//! span too much is refused.

use std::io::{Cursor, Read as _};

use survey_builder::problem::{Argument, phrase};

/// The most cells that the sheets of a workbook may span together.
const MOST_CELLS: u64 = 20_000_000;

/// Where cells stand.
#[derive(Default)]
struct Span {
    rows: Option<(u32, u32)>,
    columns: Option<(u32, u32)>,
}

impl Span {
    fn reach(&mut self, row: u32, column: u32) {
        let wider = |known: Option<(u32, u32)>, at: u32| {
            known.map_or((at, at), |(least, most)| (least.min(at), most.max(at)))
        };
        self.rows = Some(wider(self.rows, row));
        self.columns = Some(wider(self.columns, column));
    }

    fn cells(&self) -> u64 {
        let length = |known: Option<(u32, u32)>| {
            known.map_or(0, |(least, most)| u64::from(most - least) + 1)
        };
        length(self.rows).saturating_mul(length(self.columns))
    }
}

/// Whether the sheets of a workbook can be read; otherwise why not, in words.
pub(super) fn look_through(bytes: &[u8]) -> Result<(), Argument> {
    if is_locked(bytes) {
        return Err(phrase("phrase-file-behind-a-password").into());
    }
    let stream = workbook(bytes).map_err(|_| Argument::from(phrase("phrase-file-is-damaged")))?;
    let (mut all, mut sheet) = (0_u64, Span::default());
    let mut rest = stream.as_slice();
    while let [type_low, type_high, length_low, length_high, after @ ..] = rest {
        let kind = u16::from_le_bytes([*type_low, *type_high]);
        let length = usize::from(u16::from_le_bytes([*length_low, *length_high]));
        let (data, next) = after.split_at(length.min(after.len()));
        rest = next;
        match kind {
            // A password: what follows is encrypted.
            0x002f => return Err(phrase("phrase-file-behind-a-password").into()),
            // The beginning of a sheet.
            0x0809 => all = all.saturating_add(std::mem::take(&mut sheet).cells()),
            0x0200 => dimensions(data, &mut sheet),
            // Numbers, texts, truths, formulas and rows of numbers.
            0x0203 | 0x0204 | 0x0205 | 0x0006 | 0x027e | 0x00fd | 0x00d6 | 0x00bd => {
                if let (Some(row), Some(column)) = (short(data, 0), short(data, 2)) {
                    sheet.reach(row, column);
                    // A row of numbers ends with its last column.
                    let last = short(data, data.len().saturating_sub(2));
                    if let (0x00bd, Some(last)) = (kind, last) {
                        sheet.reach(row, last);
                    }
                }
            }
            _ => {}
        }
        if all.saturating_add(sheet.cells()) > MOST_CELLS {
            return Err(phrase("phrase-more-cells-than-any-form").into());
        }
    }
    Ok(())
}

/// Whether it is a newer workbook that a password closes ([MS-OFFCRYPTO] 2.3.4).
fn is_locked(bytes: &[u8]) -> bool {
    cfb::CompoundFile::open(Cursor::new(bytes))
        .is_ok_and(|file| file.is_stream("/EncryptedPackage"))
}

/// The bytes in which the sheets stand.
fn workbook(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes))?;
    let mut stream = Vec::new();
    for name in ["/Workbook", "/Book"] {
        if file.is_stream(name) {
            let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            file.open_stream(name)?.take(limit).read_to_end(&mut stream)?;
        }
    }
    Ok(stream)
}

/// What a sheet says of its size: room is made for it, too.
fn dimensions(data: &[u8], sheet: &mut Span) {
    let long = |at: usize| Some(short(data, at)? | (short(data, at + 2)? << 16));
    let (rows, columns) = match data.len() {
        10 => ((short(data, 0), short(data, 2)), (short(data, 4), short(data, 6))),
        14 | 16 => ((long(0), long(4)), (short(data, 8), short(data, 10))),
        _ => return,
    };
    if let ((Some(first), Some(last)), (Some(left), Some(right))) = (rows, columns)
        && last > 0
        && right > 0
    {
        sheet.reach(first, left);
        sheet.reach(last, right);
        if right < left {
            sheet.reach(first, 0);
        }
    }
}

fn short(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at + 2)?;
    Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]])))
}
