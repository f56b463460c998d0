//! Reads a pattern into its parts.

use super::super::problem::PatternProblem;

/// How deep groups may nest.
const DEPTH_LIMIT: usize = 50;

/// The most often a part may be repeated by `{}`.
const REPEAT_LIMIT: u32 = 1_000;

/// The last Unicode code point.
const LAST: u32 = 0x10_ffff;

const DIGITS: &[(u32, u32)] = &[(0x30, 0x39)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
/// The same spaces as everywhere in the language, see `text::is_space`.
const SPACES: &[(u32, u32)] = &[
    (0x09, 0x0d),
    (0x20, 0x20),
    (0x85, 0x85),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
];

/// A part of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Class(Vec<(u32, u32)>),
    Assertion(Assertion),
    Sequence(Vec<Part>),
    Either(Vec<Part>),
    Repeat { part: Box<Part>, least: u32, most: Option<u32> },
}

/// What takes no character but must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assertion {
    Start,
    End,
    Boundary,
    NoBoundary,
}

impl Assertion {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "^",
            Self::End => "$",
            Self::Boundary => "b",
            Self::NoBoundary => "B",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Start, Self::End, Self::Boundary, Self::NoBoundary]
            .into_iter()
            .find(|assertion| assertion.name() == name)
    }

    pub(super) fn holds(self, characters: &[u32], place: usize) -> bool {
        let word = |place: Option<usize>| {
            place
                .and_then(|place| characters.get(place))
                .is_some_and(|character| contains(WORD, *character))
        };
        let boundary = word(place.checked_sub(1)) != word(Some(place));
        match self {
            Self::Start => place == 0,
            Self::End => place == characters.len(),
            Self::Boundary => boundary,
            Self::NoBoundary => !boundary,
        }
    }
}

fn contains(ranges: &[(u32, u32)], character: u32) -> bool {
    ranges.iter().any(|(low, high)| *low <= character && character <= *high)
}

/// Reads a whole pattern.
pub(super) fn read(pattern: &str) -> Result<Part, PatternProblem> {
    let mut reader = Reader { characters: pattern.chars().collect(), place: 0, depth: 0 };
    let part = reader.either()?;
    if reader.peek().is_some() { Err(PatternProblem::UnopenedGroup) } else { Ok(part) }
}

struct Reader {
    characters: Vec<char>,
    place: usize,
    depth: usize,
}

/// What an escape stands for.
enum Escape {
    Character(u32),
    Class(Vec<(u32, u32)>),
    Assertion(Assertion),
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.place).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.place += 1;
        Some(character)
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let length = wanted.chars().count();
        let found = wanted
            .chars()
            .enumerate()
            .all(|(ahead, wanted)| self.characters.get(self.place + ahead) == Some(&wanted));
        if found {
            self.place += length;
        }
        found
    }

    fn either(&mut self) -> Result<Part, PatternProblem> {
        let mut branches = vec![self.sequence()?];
        while self.accept("|") {
            branches.push(self.sequence()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Part::Either(branches) })
    }

    fn sequence(&mut self) -> Result<Part, PatternProblem> {
        let mut parts = Vec::new();
        while let Some(character) = self.peek() {
            if character == '|' || character == ')' {
                break;
            }
            let part = self.atom()?;
            parts.push(self.repeated(part)?);
        }
        Ok(Part::Sequence(parts))
    }

    fn atom(&mut self) -> Result<Part, PatternProblem> {
        let single = |character: char| {
            let code = u32::from(character);
            Part::Class(vec![(code, code)])
        };
        match self.next() {
            Some('(') => self.group(),
            Some('[') => self.class().map(Part::Class),
            Some('.') => Ok(Part::Class(vec![(0, 0x09), (0x0b, LAST)])),
            Some('^') => Ok(Part::Assertion(Assertion::Start)),
            Some('$') => Ok(Part::Assertion(Assertion::End)),
            Some('*' | '+' | '?' | '{') => Err(PatternProblem::NothingToRepeat),
            Some('\\') => Ok(match self.escape()? {
                Escape::Character(code) => Part::Class(vec![(code, code)]),
                Escape::Class(ranges) => Part::Class(ranges),
                Escape::Assertion(assertion) => Part::Assertion(assertion),
            }),
            Some(character) => Ok(single(character)),
            None => Ok(Part::Sequence(Vec::new())),
        }
    }

    fn group(&mut self) -> Result<Part, PatternProblem> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(PatternProblem::TooDeep);
        }
        for look in ["?=", "?!", "?<=", "?<!"] {
            if self.accept(look) {
                return Err(PatternProblem::LookAround);
            }
        }
        if self.accept("?P<") || self.accept("?<") {
            // A named group: the name has no use in a whole match.
            while self.next().ok_or(PatternProblem::UnclosedGroup)? != '>' {}
        } else if !self.accept("?:") && self.peek() == Some('?') {
            return Err(PatternProblem::Unsupported);
        }
        let inner = self.either()?;
        if !self.accept(")") {
            return Err(PatternProblem::UnclosedGroup);
        }
        self.depth -= 1;
        Ok(inner)
    }

    fn repeated(&mut self, part: Part) -> Result<Part, PatternProblem> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.place += 1;
                let bounds = self.bounds()?;
                self.accept("?");
                return Ok(Part::Repeat { part: Box::new(part), least: bounds.0, most: bounds.1 });
            }
            _ => return Ok(part),
        };
        self.place += 1;
        self.accept("?");
        Ok(Part::Repeat { part: Box::new(part), least, most })
    }

    /// `2}`, `2,}` or `2,5}`.
    fn bounds(&mut self) -> Result<(u32, Option<u32>), PatternProblem> {
        let least = self.whole_number()?;
        let most = if self.accept(",") {
            if self.peek() == Some('}') { None } else { Some(self.whole_number()?) }
        } else {
            Some(least)
        };
        let ordered = most.is_none_or(|most| least <= most);
        if self.accept("}") && ordered { Ok((least, most)) } else { Err(PatternProblem::BadRepeat) }
    }

    fn whole_number(&mut self) -> Result<u32, PatternProblem> {
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(10)) {
            let value = number.unwrap_or(0) * 10 + digit;
            if value > REPEAT_LIMIT {
                return Err(PatternProblem::BadRepeat);
            }
            number = Some(value);
            self.place += 1;
        }
        number.ok_or(PatternProblem::BadRepeat)
    }

    fn escape(&mut self) -> Result<Escape, PatternProblem> {
        let character = self.next().ok_or(PatternProblem::BadEscape)?;
        Ok(match character {
            'd' => Escape::Class(DIGITS.to_vec()),
            'D' => Escape::Class(opposite(DIGITS.to_vec())),
            'w' => Escape::Class(WORD.to_vec()),
            'W' => Escape::Class(opposite(WORD.to_vec())),
            's' => Escape::Class(SPACES.to_vec()),
            'S' => Escape::Class(opposite(SPACES.to_vec())),
            'b' => Escape::Assertion(Assertion::Boundary),
            'B' => Escape::Assertion(Assertion::NoBoundary),
            'n' => Escape::Character(0x0a),
            'r' => Escape::Character(0x0d),
            't' => Escape::Character(0x09),
            'f' => Escape::Character(0x0c),
            'v' => Escape::Character(0x0b),
            'x' => Escape::Character(self.hexadecimal(2)?),
            'u' if self.accept("{") => Escape::Character(self.braced_hexadecimal()?),
            'u' => Escape::Character(self.hexadecimal(4)?),
            '1'..='9' | 'k' => return Err(PatternProblem::BackReference),
            'p' | 'P' | 'A' | 'z' | 'Z' => return Err(PatternProblem::Unsupported),
            _ if character.is_ascii_punctuation() || character == ' ' => {
                Escape::Character(u32::from(character))
            }
            _ => return Err(PatternProblem::BadEscape),
        })
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, PatternProblem> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.next().and_then(|character| character.to_digit(16));
            code = code * 16 + digit.ok_or(PatternProblem::BadEscape)?;
        }
        Ok(code)
    }

    fn braced_hexadecimal(&mut self) -> Result<u32, PatternProblem> {
        let mut code = 0;
        let mut digits = 0;
        loop {
            match self.next().ok_or(PatternProblem::BadEscape)? {
                '}' if digits > 0 => return Ok(code),
                character => {
                    let digit = character.to_digit(16).ok_or(PatternProblem::BadEscape)?;
                    code = code * 16 + digit;
                    digits += 1;
                    if code > LAST {
                        return Err(PatternProblem::BadEscape);
                    }
                }
            }
        }
    }

    /// The inside of `[…]`.
    fn class(&mut self) -> Result<Vec<(u32, u32)>, PatternProblem> {
        let negated = self.accept("^");
        if self.peek() == Some(']') {
            return Err(PatternProblem::EmptyClass);
        }
        let mut ranges = Vec::new();
        while !self.accept("]") {
            if self.accept("[:") {
                return Err(PatternProblem::Unsupported);
            }
            let low = match self.class_member()? {
                Escape::Class(mut members) => {
                    ranges.append(&mut members);
                    continue;
                }
                Escape::Character(code) => code,
                Escape::Assertion(_) => return Err(PatternProblem::BadEscape),
            };
            let range_follows = self.peek() == Some('-')
                && self.characters.get(self.place + 1).is_some_and(|after| *after != ']');
            if !range_follows {
                ranges.push((low, low));
                continue;
            }
            self.place += 1;
            match self.class_member()? {
                Escape::Character(high) if low <= high => ranges.push((low, high)),
                _ => return Err(PatternProblem::BadRange),
            }
        }
        let ranges = merged(ranges);
        Ok(if negated { opposite(ranges) } else { ranges })
    }

    fn class_member(&mut self) -> Result<Escape, PatternProblem> {
        match self.next() {
            None => Err(PatternProblem::UnclosedClass),
            Some('\\') => self.escape(),
            Some(character) => Ok(Escape::Character(u32::from(character))),
        }
    }
}

/// Sorts ranges and joins those that touch.
fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match joined.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => joined.push((low, high)),
        }
    }
    joined
}

/// Every character that is in none of the (sorted) ranges.
fn opposite(ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut gaps = Vec::new();
    let mut from = 0;
    for (low, high) in ranges {
        if from < low {
            gaps.push((from, low - 1));
        }
        from = high + 1;
    }
    if from <= LAST {
        gaps.push((from, LAST));
    }
    gaps
}
