//! Text that is not UTF-8: TCVN3 (ABC), VNI, Windows-1258 and UTF-16, recognised
//! and read as UTF-8.
//!
//! TCVN3 and VNI put Vietnamese letters where western fonts have others, so a file says
//! nowhere that it is one of them. It is recognised by its words: read in the
//! right way nearly all of them are Vietnamese syllables. The text may also have
//! been saved as UTF-8 afterwards, letter by wrong letter. Windows-1258 has
//! Vietnamese letters and marks for their tones, and is recognised in the same
//! way; UTF-16 by its first bytes or by the zeros between its letters.

use std::io::Read;
use std::sync::LazyLock;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1258};

use super::syllable::is_syllable;

/// How the text of a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// TCVN3 (ABC), a byte a letter. Its capitals with tones are small letters
    /// in another font, so they come out small.
    Tcvn3,
    /// VNI, a letter and its marks in two bytes.
    Vni,
    /// TCVN3 whose bytes were taken for western letters and saved as UTF-8.
    Tcvn3InUtf8,
    /// VNI saved as UTF-8 in the same way.
    VniInUtf8,
    /// Windows-1258.
    #[serde(rename = "windows1258")]
    Windows1258,
    /// UTF-16 with the low byte first, as spreadsheets write Unicode text.
    #[serde(rename = "utf16le")]
    Utf16Le,
    /// UTF-16 with the high byte first.
    #[serde(rename = "utf16be")]
    Utf16Be,
    /// None of these, or too like several.
    Unknown,
}

/// The code points of TCVN3 from A1 on; a space where it has none.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ ";

/// What VNI's marks make of a letter, the small ones.
const VNI: [(char, &str, &str); 6] = [
    ('a', "ùøûõïâáàåãäêéèúüë", "áàảãạâấầẩẫậăắằẳẵặ"),
    ('e', "ùøûõïâáàåãä", "éèẻẽẹêếềểễệ"),
    ('o', "ùøûõïâáàåãä", "óòỏõọôốồổỗộ"),
    ('ô', "ùøûõï", "ớờởỡợ"),
    ('u', "ùøûõï", "úùủũụ"),
    ('ö', "ùøûõï", "ứừửữự"),
];

/// Letters that VNI writes alone, and what they are.
const VNI_ALONE: [&str; 2] = ["íìæóòñôöî", "íìỉĩịđơưỵ"];

/// Western letters of one code page, as most programs show these bytes.
fn western(byte: u8) -> char {
    // The first half of the upper part differs between code pages and holds no
    // letter of TCVN3 or VNI.
    char::from(byte)
}

static TCVN3_LETTERS: LazyLock<Vec<char>> = LazyLock::new(|| TCVN3.chars().collect());

fn tcvn3(letter: char) -> char {
    let place = u32::from(letter).checked_sub(0xA1);
    let found = place.and_then(|place| TCVN3_LETTERS.get(place as usize).copied());
    found.filter(|letter| *letter != ' ').unwrap_or(letter)
}

/// What a letter and the mark after it are in VNI.
fn vni_pair(letter: char, mark: char) -> Option<char> {
    if mark.is_ascii() {
        return None;
    }
    if matches!(letter, 'y' | 'Y') {
        let place = "ùøûõ".chars().position(|one| one == lower(mark))?;
        return "ýỳỷỹ".chars().nth(place).map(|found| like(found, letter));
    }
    let (_, marks, letters) = VNI.iter().find(|(known, ..)| *known == lower(letter))?;
    let place = marks.chars().position(|one| one == lower(mark))?;
    letters.chars().nth(place).map(|found| like(found, letter))
}

fn vni_alone(letter: char) -> char {
    if letter.is_ascii() {
        return letter;
    }
    let [from, to] = VNI_ALONE;
    let place = from.chars().position(|one| one == lower(letter));
    let found = place.and_then(|place| to.chars().nth(place));
    found.map_or(letter, |found| like(found, letter))
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

fn like(found: char, model: char) -> char {
    if model.is_uppercase() { found.to_uppercase().next().unwrap_or(found) } else { found }
}

/// Text in one of the old encodings, given as western letters, in Unicode.
pub fn convert(text: &str, encoding: Encoding) -> String {
    match encoding {
        Encoding::Tcvn3 | Encoding::Tcvn3InUtf8 => text.chars().map(tcvn3).collect(),
        Encoding::Vni | Encoding::VniInUtf8 => {
            let mut converted = String::with_capacity(text.len());
            let mut letters = text.chars().peekable();
            while let Some(letter) = letters.next() {
                let pair = letters.peek().and_then(|mark| vni_pair(letter, *mark));
                if let Some(found) = pair {
                    converted.push(found);
                    letters.next();
                } else {
                    converted.push(vni_alone(letter));
                }
            }
            converted
        }
        _ => text.to_owned(),
    }
}

/// UTF-16, if the beginning of a text is that: by its mark, or by zeros as every
/// second byte of its first letters.
fn utf16(sample: &[u8]) -> Option<Encoding> {
    match sample {
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    let letters = &sample[..sample.len().min(512)];
    let zeros = |from: usize| letters.iter().skip(from).step_by(2).filter(|it| **it == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = letters.len() / 4;
    if odd > most && even == 0 {
        Some(Encoding::Utf16Le)
    } else if even > most && odd == 0 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Says how a text is written, from its first part (some 100,000 bytes do).
pub fn recognise(sample: &[u8]) -> Encoding {
    if let Some(found) = utf16(sample) {
        return found;
    }
    let whole = match std::str::from_utf8(sample) {
        Ok(text) => Some(text),
        // The sample may end inside a letter.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&sample[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    let western: String = match whole {
        Some(text) => text.to_owned(),
        None => sample.iter().map(|byte| western(*byte)).collect(),
    };
    let as_it_is = if whole.is_some() { share_of_syllables(&western) } else { Some(0.0) };
    // Nothing but ASCII, or text that reads as it is.
    let Some(as_it_is) = as_it_is else { return Encoding::Utf8 };
    let old =
        [Encoding::Tcvn3, Encoding::Vni].map(|encoding| (encoding, convert(&western, encoding)));
    let windows = whole.is_none().then(|| {
        let (text, _) = WINDOWS_1258.decode_without_bom_handling(sample);
        (Encoding::Windows1258, text.into_owned())
    });
    let mut shares: Vec<(Encoding, f64)> = old
        .into_iter()
        .chain(windows)
        .map(|(encoding, text)| (encoding, share_of_syllables(&text).unwrap_or(0.0)))
        .collect();
    shares.sort_by(|one, other| other.1.total_cmp(&one.1));
    if let [(encoding, best), (_, second), ..] = shares[..]
        && best >= 0.7
        && best >= second + 0.15
        && best >= as_it_is + 0.15
    {
        return match (encoding, whole.is_some()) {
            (Encoding::Tcvn3, true) => Encoding::Tcvn3InUtf8,
            (Encoding::Vni, true) => Encoding::VniInUtf8,
            (found, _) => found,
        };
    }
    if whole.is_some() { Encoding::Utf8 } else { Encoding::Unknown }
}

/// Of the words with letters beyond ASCII, the share that are Vietnamese
/// syllables; nothing if there are no such words.
fn share_of_syllables(text: &str) -> Option<f64> {
    let words = text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphabetic());
    let (mut all, mut good) = (0_u32, 0_u32);
    for word in words.filter(|word| !word.is_ascii()) {
        all += 1;
        good += u32::from(is_syllable(word));
    }
    (all > 0).then(|| f64::from(good) / f64::from(all))
}

/// Reads a text in another encoding as UTF-8, a part at a time.
pub struct Converting<R> {
    inner: R,
    encoding: Encoding,
    /// Western text that may go on: the end of a part.
    held: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
    decoder: Option<Decoder>,
}

impl<R: Read> Converting<R> {
    /// Reads in this encoding.
    pub fn new(inner: R, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_with_bom_removal()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_with_bom_removal()),
            Encoding::Windows1258 => Some(WINDOWS_1258.new_decoder_without_bom_handling()),
            _ => None,
        };
        let (held, ready) = (Vec::new(), Vec::new());
        Self { inner, encoding, held, ready, given: 0, ended: false, decoder }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        const PART: usize = 1 << 16;
        let begin = self.held.len();
        self.held.resize(begin + PART, 0);
        let count = self.inner.read(&mut self.held[begin..])?;
        self.held.truncate(begin + count);
        self.ended = count == 0;
        self.given = 0;
        if let Some(decoder) = &mut self.decoder {
            let most = decoder.max_utf8_buffer_length(self.held.len()).unwrap_or(4 * PART);
            let mut text = String::with_capacity(most);
            let (_, read, _) = decoder.decode_to_string(&self.held, &mut text, self.ended);
            self.held.drain(..read);
            self.ready = text.into_bytes();
            return Ok(());
        }
        // Marks follow letters inside a line, so a line can be converted alone.
        let end = if self.ended {
            self.held.len()
        } else {
            self.held.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1)
        };
        let rest = self.held.split_off(end);
        let lines = std::mem::replace(&mut self.held, rest);
        let text: String = match self.encoding {
            Encoding::Tcvn3 | Encoding::Vni => lines.iter().map(|byte| western(*byte)).collect(),
            _ => String::from_utf8_lossy(&lines).into_owned(),
        };
        self.ready = convert(&text, self.encoding).into_bytes();
        Ok(())
    }
}

impl<R: Read> Read for Converting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if matches!(self.encoding, Encoding::Utf8 | Encoding::Unknown) {
            return self.inner.read(buffer);
        }
        while self.given == self.ready.len() && !self.ended {
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "Nguyễn Văn Thuận, xã Đồng Hoà, huyện Kiến Thuỵ, thành phố Hải Phòng\n\
        Trần Thị Hường, phường Vĩnh Tuy, quận Hai Bà Trưng, Hà Nội\n";
    const TCVN3_TEXT: &str = "NguyÔn V¨n ThuËn, x· §ång Hoµ, huyÖn KiÕn Thuþ, thµnh phè H¶i Phßng\n\
        TrÇn ThÞ H\u{ad}êng, ph\u{ad}êng VÜnh Tuy, quËn Hai Bµ Tr\u{ad}ng, Hµ Néi\n";
    const VNI_TEXT: &str = "Nguyeãn Vaên Thuaän, xaõ Ñoàng Hoaø, huyeän Kieán Thuïy, thaønh phoá Haûi Phoøng\n\
        Traàn Thò Höôøng, phöôøng Vónh Tuy, quaän Hai Baø Tröng, Haø Noäi\n";

    fn western_bytes(text: &str) -> Vec<u8> {
        text.chars().map(|letter| u8::try_from(u32::from(letter)).expect("one byte")).collect()
    }

    #[test]
    fn old_encodings_are_recognised_and_read() {
        let vni = PLAIN.replace("Thuỵ", "Thụy");
        for (bytes, encoding, expected) in [
            (western_bytes(TCVN3_TEXT), Encoding::Tcvn3, PLAIN),
            (TCVN3_TEXT.as_bytes().to_vec(), Encoding::Tcvn3InUtf8, PLAIN),
            (western_bytes(VNI_TEXT), Encoding::Vni, vni.as_str()),
            (VNI_TEXT.as_bytes().to_vec(), Encoding::VniInUtf8, vni.as_str()),
            (PLAIN.as_bytes().to_vec(), Encoding::Utf8, PLAIN),
        ] {
            assert_eq!(recognise(&bytes), encoding);
            let mut text = String::new();
            let mut reader = Converting::new(bytes.as_slice(), encoding);
            reader.read_to_string(&mut text).expect("UTF-8");
            assert_eq!(text, expected, "{encoding:?}");
        }
    }

    #[test]
    fn windows_1258_and_utf_16_are_recognised_and_read() {
        use unicode_normalization::UnicodeNormalization as _;
        // Windows-1258 writes tones after their letters.
        let parted: String = PLAIN
            .chars()
            .flat_map(|letter| {
                let parts: Vec<char> = letter.to_string().nfd().collect();
                let is_tone = |part: &&char| "\u{300}\u{301}\u{303}\u{309}\u{323}".contains(**part);
                let (tones, rest): (Vec<&char>, Vec<&char>) = parts.iter().partition(is_tone);
                let rest: String = rest.into_iter().collect();
                rest.nfc().chain(tones.into_iter().copied()).collect::<Vec<char>>()
            })
            .collect();
        let (windows, ..) = WINDOWS_1258.encode(&parted);
        let little: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &little].concat();
        let ascii: Vec<u8> = "id,size\n1,2\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, encoding, expected) in [
            (windows.into_owned(), Encoding::Windows1258, PLAIN),
            (marked, Encoding::Utf16Le, PLAIN),
            ([&[0xfe, 0xff][..], &big].concat(), Encoding::Utf16Be, PLAIN),
            (ascii, Encoding::Utf16Be, "id,size\n1,2\n"),
        ] {
            assert_eq!(recognise(&bytes), encoding);
            let mut text = String::new();
            // A byte at a time: letters are not cut where the parts are.
            let parts = bytes.iter().map(std::slice::from_ref);
            let inner = parts.fold(Box::new(std::io::empty()) as Box<dyn Read>, |all, part| {
                Box::new(all.chain(part))
            });
            Converting::new(inner, encoding).read_to_string(&mut text).expect("UTF-8");
            let text: String = text.nfc().collect();
            assert_eq!(text, expected, "{encoding:?}");
        }
    }

    #[test]
    fn other_languages_are_left_alone() {
        assert_eq!(recognise("id,name\n1,Anne\n".as_bytes()), Encoding::Utf8);
        let german = "Müller, Größe, Straße, Übung, schön, für, Käse, naïve, garçon, élève";
        assert_eq!(recognise(german.as_bytes()), Encoding::Utf8);
        assert_eq!(recognise(&western_bytes(german)), Encoding::Unknown);
        assert_eq!(recognise("Путин, Москва".as_bytes()), Encoding::Utf8);
        assert_eq!(recognise(&PLAIN.as_bytes()[..8]), Encoding::Utf8);
    }
}
