//! Bytes of a file in their order, with their place.

use std::io::Read;

use survey_builder::list::Unreadable;

use super::{at, cut};

/// Bytes that are asked of the file at once.
const BUFFER: usize = 64 << 10;

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn int(self, bytes: [u8; 4]) -> i32 {
        match self {
            Self::Little => i32::from_le_bytes(bytes),
            Self::Big => i32::from_be_bytes(bytes),
        }
    }

    pub(super) fn long(self, bytes: [u8; 8]) -> i64 {
        match self {
            Self::Little => i64::from_le_bytes(bytes),
            Self::Big => i64::from_be_bytes(bytes),
        }
    }

    pub(super) fn number(self, bytes: [u8; 8]) -> f64 {
        match self {
            Self::Little => f64::from_le_bytes(bytes),
            Self::Big => f64::from_be_bytes(bytes),
        }
    }

    pub(super) fn of_number(self, number: f64) -> [u8; 8] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// A file that is read once, from its beginning to its end.
pub(super) struct Source<R> {
    file: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// The place of the next byte.
    pub(super) offset: u64,
    pub(super) order: Order,
}

impl<R: Read> Source<R> {
    pub(super) fn new(file: R) -> Self {
        let order = Order::Little;
        Self { file, buffer: vec![0; BUFFER], start: 0, end: 0, offset: 0, order }
    }

    /// Bytes that come next, none at the end of the file.
    pub(super) fn ahead(&mut self) -> Result<&[u8], Unreadable> {
        while self.start == self.end {
            match self.file.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => (self.start, self.end) = (0, count.min(self.buffer.len())),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Unreadable::from(error).at_byte(self.offset)),
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Goes past bytes that were looked at.
    pub(super) fn past(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Fills as much as the file has.
    pub(super) fn fill(&mut self, into: &mut [u8]) -> Result<usize, Unreadable> {
        let mut done = 0;
        while done < into.len() {
            let ahead = self.ahead()?;
            if ahead.is_empty() {
                break;
            }
            let count = ahead.len().min(into.len() - done);
            into[done..done + count].copy_from_slice(&ahead[..count]);
            self.past(count);
            done += count;
        }
        Ok(done)
    }

    /// So many bytes; `what` says what they are.
    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], Unreadable> {
        let mut bytes = [0; N];
        let begin = self.offset;
        if self.fill(&mut bytes)? < N {
            return Err(cut(begin, format!("the file ends within {what}")));
        }
        Ok(bytes)
    }

    pub(super) fn int(&mut self, what: &str) -> Result<i32, Unreadable> {
        let bytes = self.array(what)?;
        Ok(self.order.int(bytes))
    }

    pub(super) fn long(&mut self, what: &str) -> Result<i64, Unreadable> {
        let bytes = self.array(what)?;
        Ok(self.order.long(bytes))
    }

    pub(super) fn number(&mut self, what: &str) -> Result<f64, Unreadable> {
        let bytes = self.array(what)?;
        Ok(self.order.number(bytes))
    }

    /// A count, which is not below zero.
    pub(super) fn count(&mut self, what: &str) -> Result<u64, Unreadable> {
        let begin = self.offset;
        let count = self.int(what)?;
        u64::try_from(count).map_err(|_| at(begin, format!("{what} is {count}, below zero")))
    }

    /// A number of bytes that the file claims to have: room is made as they come.
    pub(super) fn bytes(&mut self, length: u64, what: &str) -> Result<Vec<u8>, Unreadable> {
        let begin = self.offset;
        let mut bytes = Vec::new();
        self.each(length, |part| bytes.extend_from_slice(part))?
            .then_some(bytes)
            .ok_or_else(|| cut(begin, format!("the file ends within {what}")))
    }

    /// Goes past a number of bytes.
    pub(super) fn skip(&mut self, length: u64, what: &str) -> Result<(), Unreadable> {
        let begin = self.offset;
        let whole = self.each(length, |_| ())?;
        whole.then_some(()).ok_or_else(|| cut(begin, format!("the file ends within {what}")))
    }

    fn each(&mut self, length: u64, mut take: impl FnMut(&[u8])) -> Result<bool, Unreadable> {
        let mut left = length;
        while left > 0 {
            let ahead = self.ahead()?;
            if ahead.is_empty() {
                return Ok(false);
            }
            let count = usize::try_from(left).map_or(ahead.len(), |left| left.min(ahead.len()));
            take(&ahead[..count]);
            self.past(count);
            left -= count as u64;
        }
        Ok(true)
    }
}

/// The parts of a record that was read whole.
pub(super) struct Parts<'a> {
    bytes: &'a [u8],
    /// The place of the next byte in the file.
    pub(super) offset: u64,
    order: Order,
}

impl<'a> Parts<'a> {
    pub(super) fn new(bytes: &'a [u8], offset: u64, order: Order) -> Self {
        Self { bytes, offset, order }
    }

    pub(super) fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn take(&mut self, count: usize, what: &str) -> Result<&'a [u8], Unreadable> {
        let Some((part, rest)) = self.bytes.split_at_checked(count) else {
            return Err(cut(self.offset, format!("the record ends within {what}")));
        };
        self.bytes = rest;
        self.offset += count as u64;
        Ok(part)
    }

    pub(super) fn int(&mut self, what: &str) -> Result<i32, Unreadable> {
        let (begin, part) = (self.offset, self.take(4, what)?);
        let bytes = part.try_into().map_err(|_| at(begin, what))?;
        Ok(self.order.int(bytes))
    }

    pub(super) fn count(&mut self, what: &str) -> Result<usize, Unreadable> {
        let begin = self.offset;
        let count = self.int(what)?;
        usize::try_from(count).map_err(|_| at(begin, format!("{what} is {count}, below zero")))
    }

    /// Goes past a number, if it stands here.
    pub(super) fn pass_int(&mut self, number: usize) {
        let mut ahead = Self { ..*self };
        if ahead.count("") == Ok(number) {
            *self = ahead;
        }
    }

    /// A number of bytes and these bytes.
    pub(super) fn counted(&mut self, what: &str) -> Result<&'a [u8], Unreadable> {
        let count = self.count(what)?;
        self.take(count, what)
    }
}
