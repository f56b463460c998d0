//! Files as people send them: looked into, not believed.
//!
//! What a file is, its first bytes say, not its name. Pictures lose what
//! cameras write beside them (EXIF, XMP, comments): it names places, times and
//! devices. What a person called a file is dropped at once.

use bytes::Bytes;
use img_parts::jpeg::Jpeg;
use img_parts::png::Png;
use img_parts::webp::WebP;
use survey_builder::questionnaire::document::{FileRule, MediaKind};

/// The most bytes one file may have.
pub const MOST_BYTES: u64 = 10 * 1024 * 1024;

/// A sort of file that is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Sort {
    /// Its ending.
    pub ending: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    kind: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Picture,
    Sound,
    Film,
    Paper,
}

const fn sort(ending: &'static str, media_type: &'static str, kind: Content) -> Sort {
    Sort { ending, media_type, kind }
}

/// What is taken: what browsers show or play, and what offices write. Nothing
/// that can run, and no pictures whose notes cannot be taken out (HEIC).
const SORTS: &[Sort] = &[
    sort("jpg", "image/jpeg", Content::Picture),
    sort("png", "image/png", Content::Picture),
    sort("webp", "image/webp", Content::Picture),
    sort("gif", "image/gif", Content::Picture),
    sort("mp3", "audio/mpeg", Content::Sound),
    sort("m4a", "audio/m4a", Content::Sound),
    sort("ogg", "audio/ogg", Content::Sound),
    sort("wav", "audio/x-wav", Content::Sound),
    sort("mp4", "video/mp4", Content::Film),
    sort("webm", "video/webm", Content::Film),
    sort("pdf", "application/pdf", Content::Paper),
    sort(
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Content::Paper,
    ),
    sort(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Content::Paper,
    ),
    sort("odt", "application/vnd.oasis.opendocument.text", Content::Paper),
    sort("ods", "application/vnd.oasis.opendocument.spreadsheet", Content::Paper),
];

impl Sort {
    /// What the bytes are.
    pub fn of(bytes: &[u8]) -> Option<&'static Self> {
        let found = infer::get(bytes)?;
        SORTS.iter().find(|sort| sort.media_type == found.mime_type())
    }

    /// The sort with that ending.
    pub fn named(ending: &str) -> Option<&'static Self> {
        SORTS.iter().find(|sort| sort.ending == ending)
    }

    /// Whether it is a document to read, which pages do not show.
    pub fn is_paper(&self) -> bool {
        self.kind == Content::Paper
    }

    /// Whether a browser shows it as a picture.
    pub fn is_picture(&self) -> bool {
        self.kind == Content::Picture
    }

    fn fits(&self, media: MediaKind) -> bool {
        match media {
            MediaKind::Image | MediaKind::Drawing => self.kind == Content::Picture,
            MediaKind::Audio => self.kind == Content::Sound,
            MediaKind::Video => self.kind == Content::Film,
            MediaKind::Any => true,
        }
    }
}

/// The endings of what a rule takes, as people read them: `JPG, PNG, …`.
pub fn endings(media: MediaKind) -> String {
    let fitting = SORTS.iter().filter(|sort| sort.fits(media));
    fitting.map(|sort| sort.ending.to_uppercase()).collect::<Vec<_>>().join(", ")
}

/// The endings of what pages show and play.
pub fn endings_shown() -> String {
    let shown = SORTS.iter().filter(|sort| !sort.is_paper());
    shown.map(|sort| sort.ending.to_uppercase()).collect::<Vec<_>>().join(", ")
}

/// The media types of what a rule takes, for the browser's own choice of files.
pub fn media_types(media: MediaKind) -> String {
    let fitting = SORTS.iter().filter(|sort| sort.fits(media));
    fitting.map(|sort| sort.media_type).collect::<Vec<_>>().join(",")
}

/// The most bytes that a rule lets through.
pub fn most_bytes(rule: &FileRule) -> u64 {
    rule.at_most.map_or(MOST_BYTES, |most| most.min(MOST_BYTES))
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is nothing in it.
    Empty,
    /// It has more bytes than may be sent.
    TooLarge {
        /// How many may be.
        most: u64,
    },
    /// It is of another sort than asked for, or of one that is not known.
    WrongKind {
        /// What may be sent.
        endings: String,
    },
    /// It begins like a picture and is not one.
    Broken,
}

/// Looks into a file that was sent in: what it is, and its bytes as they are
/// kept, without what a camera wrote beside the picture.
pub fn accept(rule: &FileRule, bytes: Vec<u8>) -> Result<(&'static Sort, Vec<u8>), Refused> {
    let most = most_bytes(rule);
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.len() as u64 > most {
        return Err(Refused::TooLarge { most });
    }
    let sort = Sort::of(&bytes).filter(|sort| sort.fits(rule.media));
    let sort = sort.ok_or_else(|| Refused::WrongKind { endings: endings(rule.media) })?;
    Ok((sort, without_notes(sort, bytes).ok_or(Refused::Broken)?))
}

/// Chunks of a PNG that a picture does not need and that may say where, when
/// and with what it was taken.
const PNG_NOTES: [[u8; 4]; 6] = [*b"eXIf", *b"tEXt", *b"zTXt", *b"iTXt", *b"tIME", *b"dSIG"];

/// A picture without the notes beside it; other files as they are. `None` when
/// the picture is broken. The turn that EXIF tells is kept.
fn without_notes(sort: &Sort, bytes: Vec<u8>) -> Option<Vec<u8>> {
    Some(match sort.ending {
        "jpg" => {
            let mut picture = Jpeg::from_bytes(Bytes::from(bytes)).ok()?;
            let turn = turn_of(&picture);
            // Applications' own segments (APP1 to APP15 but the colour profile
            // and Adobe's colours) and comments.
            picture.segments_mut().retain(|segment| match segment.marker() {
                0xE2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
                0xEE => segment.contents().starts_with(b"Adobe"),
                0xE1..=0xEF | 0xFE => false,
                _ => true,
            });
            if let Some(turn) = turn {
                let notes = Bytes::from(exif_of(turn));
                img_parts::ImageEXIF::set_exif(&mut picture, Some(notes));
            }
            picture.encoder().bytes().to_vec()
        }
        "png" => {
            let mut picture = Png::from_bytes(Bytes::from(bytes)).ok()?;
            picture.chunks_mut().retain(|chunk| !PNG_NOTES.contains(&chunk.kind()));
            picture.encoder().bytes().to_vec()
        }
        "webp" => {
            let mut picture = WebP::from_bytes(Bytes::from(bytes)).ok()?;
            picture.remove_chunks_by_id(*b"EXIF");
            picture.remove_chunks_by_id(*b"XMP ");
            picture.encoder().bytes().to_vec()
        }
        _ => bytes,
    })
}

/// How a camera was held (EXIF 2.3, tag 0x0112), where that matters: 2 to 8.
fn turn_of(picture: &Jpeg) -> Option<u8> {
    let exif = img_parts::ImageEXIF::exif(picture)?;
    let little = match exif.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let two = |at: usize| -> Option<u16> {
        let pair: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let four = |at: usize| -> Option<usize> {
        let quad: [u8; 4] = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        let value = if little { u32::from_le_bytes(quad) } else { u32::from_be_bytes(quad) };
        usize::try_from(value).ok()
    };
    let first = four(4)?;
    let entries = (0..usize::from(two(first)?)).map(|entry| first + 2 + entry * 12);
    let mut turns = entries.filter(|at| two(*at) == Some(0x0112)).filter_map(|at| two(at + 8));
    turns.next().and_then(|turn| u8::try_from(turn).ok()).filter(|turn| (2..=8).contains(turn))
}

/// Notes that say nothing but the turn.
fn exif_of(turn: u8) -> Vec<u8> {
    let mut notes = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    notes.extend([turn, 0, 0, 0, 0, 0, 0]);
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest JPEG a browser shows, with notes as a telephone writes them.
    fn photo(turn: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0".to_vec();
        // Two entries: the turn, and the camera's name.
        exif.extend(b"MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0");
        exif.extend([turn, 0, 0]);
        exif.extend(b"\x01\x0f\0\x02\0\0\0\x08\0\0\0\x26\0\0\0\0SecretCam\0");
        let mut bytes = vec![0xFF, 0xD8];
        let mut segment = |marker: u8, contents: &[u8]| {
            let length = u16::try_from(contents.len() + 2).expect("short");
            bytes.extend([0xFF, marker]);
            bytes.extend(length.to_be_bytes());
            bytes.extend(contents);
        };
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
        segment(0xE1, &exif);
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>10.77,106.70</x>");
        segment(0xFE, b"taken at home");
        segment(0xDA, b"\x01\x01\0\0\x3f\0");
        bytes.extend([0x12, 0x34, 0xFF, 0xD9]);
        bytes
    }

    fn has(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    fn any(media: MediaKind) -> FileRule {
        FileRule { media, at_most: None }
    }

    #[test]
    fn photos_lose_their_notes_and_keep_their_turn() {
        for turn in [1, 6] {
            let sent = photo(turn);
            for secret in [&b"SecretCam"[..], b"106.70", b"home"] {
                assert!(has(&sent, secret));
            }
            let (sort, kept) = accept(&any(MediaKind::Image), sent).expect("a photo");
            assert_eq!(sort.ending, "jpg");
            for secret in [&b"SecretCam"[..], b"106.70", b"home", b"adobe"] {
                assert!(!has(&kept, secret), "{secret:?}");
            }
            assert!(has(&kept, b"JFIF") && has(&kept, &[0x12, 0x34, 0xFF, 0xD9]));
            let again = Jpeg::from_bytes(Bytes::from(kept)).expect("a JPEG still");
            assert_eq!(turn_of(&again), (turn > 1).then_some(turn));
        }
    }

    #[test]
    fn pictures_without_loss_lose_their_notes_too() {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut chunk = |kind: &[u8; 4], data: &[u8]| {
            png.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
            png.extend(kind);
            png.extend(data);
            // The check is made anew when it is written.
            png.extend([0; 4]);
        };
        chunk(b"IHDR", b"\0\0\0\x01\0\0\0\x01\x08\0\0\0\0");
        chunk(b"tEXt", b"Author\0Lan");
        chunk(b"eXIf", b"MM\0*SecretCam");
        chunk(b"IDAT", b"x");
        chunk(b"IEND", b"");
        let kept = accept(&any(MediaKind::Image), png);
        // A wrong check sum is either mended or the picture refused; it is never
        // kept with its notes.
        match kept {
            Ok((_, kept)) => assert!(!has(&kept, b"SecretCam") && !has(&kept, b"Lan")),
            Err(refused) => assert_eq!(refused, Refused::Broken),
        }
    }

    #[test]
    fn files_are_what_their_bytes_say() {
        let pdf = b"%PDF-1.7\n".to_vec();
        assert_eq!(accept(&any(MediaKind::Any), pdf.clone()).expect("a paper").0.ending, "pdf");
        let refused = accept(&any(MediaKind::Image), pdf).expect_err("no picture");
        assert_eq!(refused, Refused::WrongKind { endings: "JPG, PNG, WEBP, GIF".to_owned() });
        for bytes in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"[..],
            b"<!DOCTYPE html><p>",
            b"#!/bin/sh\n",
            b"MZ\x90\0",
            b"plain words",
        ] {
            let refused = accept(&any(MediaKind::Any), bytes.to_vec()).expect_err("not taken");
            assert!(matches!(refused, Refused::WrongKind { .. }), "{bytes:?}");
        }
        assert_eq!(accept(&any(MediaKind::Any), Vec::new()), Err(Refused::Empty));
        assert_eq!(
            accept(&any(MediaKind::Image), b"\xFF\xD8\xFF\xE1\0".to_vec()),
            Err(Refused::Broken)
        );
        let small = FileRule { media: MediaKind::Image, at_most: Some(10) };
        assert_eq!(accept(&small, photo(1)), Err(Refused::TooLarge { most: 10 }));
        let large = vec![0; usize::try_from(MOST_BYTES).expect("fits") + 1];
        assert_eq!(
            accept(&any(MediaKind::Any), large),
            Err(Refused::TooLarge { most: MOST_BYTES })
        );
    }
}
