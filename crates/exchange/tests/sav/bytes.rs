//! Files of SPSS made byte by byte, of kinds that no other program here writes.

/// A file that grows; numbers with the higher byte first where `big`.
pub struct Made {
    pub bytes: Vec<u8>,
    big: bool,
}

impl Made {
    /// The header: how rows are packed, how many eights a row has, how many rows.
    pub fn new(big: bool, compression: i32, slots: i32, cases: i32, bias: f64) -> Self {
        let mut made = Self { bytes: b"$FL2".to_vec(), big };
        made.text("@(#) SPSS DATA FILE made by hand", 60);
        made.ints(&[2, slots, compression, 0, cases]);
        made.number(bias);
        made.text("01 Jan 26", 9);
        made.text("00:00:00", 8);
        made.text("", 64);
        made.bytes.extend([0; 3]);
        made
    }

    pub fn ints(&mut self, numbers: &[i32]) {
        let big = self.big;
        let bytes = |number: &i32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        self.bytes.extend(numbers.iter().flat_map(bytes));
    }

    pub fn number(&mut self, number: f64) {
        let bytes = if self.big { number.to_be_bytes() } else { number.to_le_bytes() };
        self.bytes.extend(bytes);
    }

    pub fn text(&mut self, text: &str, room: usize) {
        self.letters(text.as_bytes(), room);
    }

    pub fn letters(&mut self, text: &[u8], room: usize) {
        self.bytes.extend(text.iter().copied().chain(std::iter::repeat(b' ')).take(room));
    }

    /// A variable of eight bytes at most, with missing values.
    pub fn variable(&mut self, name: &str, width: i32, count: i32, missing: &[f64]) {
        let format = if width == 0 { 0x0005_0802 } else { 0x0001_0000 + (width << 8) };
        self.ints(&[2, width, 0, count, format, format]);
        self.text(name, 8);
        for number in missing {
            self.number(*number);
        }
    }

    /// A record of the kind 7.
    pub fn extension(&mut self, number: i32, bytes: &[u8]) {
        self.ints(&[7, number, 1, i32::try_from(bytes.len()).expect("a short record")]);
        self.bytes.extend(bytes);
    }
}
