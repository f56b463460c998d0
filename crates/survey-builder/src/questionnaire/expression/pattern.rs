//! The patterns of `matches`: a small regular language, compiled to a program
//! that both evaluators run in linear time.
//!
//! A pattern matches the whole text. Understood: characters, `.` (all but a
//! line break), classes `[a-z]` `[^a-z]`, `\d \w \s` and their opposites (ASCII
//! digits and letters; Unicode spaces), `\n \r \t`, `\u0110`, `\u{110}`, groups,
//! `|`, `* + ? {2} {2,} {2,5}` (also lazy: for a whole match it is the same),
//! `^ $ \b \B`. Look-around and back-references would need backtracking and
//! are refused. The machine follows Thompson (1968): all states at once.

mod read;

use serde_json::{Value as Json, json};

use super::problem::PatternProblem;
use read::{Assertion, Part};

/// The most instructions of one program.
const SIZE_LIMIT: usize = 2_000;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Program(Vec<Instruction>);

#[derive(Clone, Debug, PartialEq)]
enum Instruction {
    /// Takes one character in one of the ranges, both ends in.
    Class(Vec<(u32, u32)>),
    /// Goes on at both places.
    Split(usize, usize),
    /// Goes on there.
    Jump(usize),
    /// Goes on if the assertion holds.
    Assert(Assertion),
    /// The pattern is matched.
    Match,
}

impl Program {
    /// Compiles a pattern.
    pub(super) fn compile(pattern: &str) -> Result<Self, PatternProblem> {
        let part = read::read(pattern)?;
        let mut program = Self(Vec::new());
        program.emit(&part)?;
        program.push(Instruction::Match)?;
        Ok(program)
    }

    fn push(&mut self, instruction: Instruction) -> Result<usize, PatternProblem> {
        if self.0.len() >= SIZE_LIMIT {
            return Err(PatternProblem::TooLarge);
        }
        self.0.push(instruction);
        Ok(self.0.len() - 1)
    }

    fn emit(&mut self, part: &Part) -> Result<(), PatternProblem> {
        match part {
            Part::Class(ranges) => {
                self.push(Instruction::Class(ranges.clone()))?;
            }
            Part::Assertion(assertion) => {
                self.push(Instruction::Assert(*assertion))?;
            }
            Part::Sequence(parts) => {
                for part in parts {
                    self.emit(part)?;
                }
            }
            Part::Either(branches) => self.either(branches)?,
            Part::Repeat { part, least, most } => self.repeat(part, *least, *most)?,
        }
        Ok(())
    }

    fn either(&mut self, branches: &[Part]) -> Result<(), PatternProblem> {
        let mut ends = Vec::new();
        for (place, branch) in branches.iter().enumerate() {
            if place + 1 == branches.len() {
                self.emit(branch)?;
            } else {
                let split = self.push(Instruction::Split(0, 0))?;
                self.emit(branch)?;
                ends.push(self.push(Instruction::Jump(0))?);
                self.0[split] = Instruction::Split(split + 1, self.0.len());
            }
        }
        let after = self.0.len();
        for end in ends {
            self.0[end] = Instruction::Jump(after);
        }
        Ok(())
    }

    fn repeat(&mut self, part: &Part, least: u32, most: Option<u32>) -> Result<(), PatternProblem> {
        for _ in 0..least {
            let before = self.0.len();
            self.emit(part)?;
            if self.0.len() == before {
                // Repeating nothing is nothing, however often.
                return Ok(());
            }
        }
        let Some(most) = most else {
            let split = self.push(Instruction::Split(0, 0))?;
            self.emit(part)?;
            self.push(Instruction::Jump(split))?;
            self.0[split] = Instruction::Split(split + 1, self.0.len());
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Instruction::Split(0, 0))?);
            self.emit(part)?;
        }
        let after = self.0.len();
        for split in splits {
            self.0[split] = Instruction::Split(split + 1, after);
        }
        Ok(())
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let characters: Vec<u32> = text.chars().map(u32::from).collect();
        let mut states = Vec::new();
        let mut seen = vec![false; self.0.len()];
        self.follow(0, &characters, 0, &mut states, &mut seen);
        for (place, character) in characters.iter().enumerate() {
            let mut next = Vec::new();
            seen.fill(false);
            for state in states {
                let Some(Instruction::Class(ranges)) = self.0.get(state) else { continue };
                if ranges.iter().any(|(low, high)| low <= character && character <= high) {
                    self.follow(state + 1, &characters, place + 1, &mut next, &mut seen);
                }
            }
            states = next;
            if states.is_empty() {
                return false;
            }
        }
        states.iter().any(|state| matches!(self.0.get(*state), Some(Instruction::Match)))
    }

    /// Adds every state reachable from `start` without taking a character.
    fn follow(
        &self,
        start: usize,
        characters: &[u32],
        place: usize,
        states: &mut Vec<usize>,
        seen: &mut [bool],
    ) {
        let mut waiting = vec![start];
        while let Some(state) = waiting.pop() {
            let Some(instruction) = self.0.get(state) else { continue };
            if std::mem::replace(&mut seen[state], true) {
                continue;
            }
            match instruction {
                Instruction::Split(one, other) => waiting.extend([*one, *other]),
                Instruction::Jump(target) => waiting.push(*target),
                Instruction::Assert(assertion) => {
                    if assertion.holds(characters, place) {
                        waiting.push(state + 1);
                    }
                }
                Instruction::Class(_) | Instruction::Match => states.push(state),
            }
        }
    }

    /// The program as JSON: a list of instructions, each a short array.
    pub(super) fn to_json(&self) -> Json {
        let instruction = |instruction: &Instruction| match instruction {
            Instruction::Class(ranges) => {
                let bounds = ranges.iter().flat_map(|(low, high)| [json!(low), json!(high)]);
                Json::Array(std::iter::once(json!("c")).chain(bounds).collect())
            }
            Instruction::Split(one, other) => json!(["s", one, other]),
            Instruction::Jump(target) => json!(["j", target]),
            Instruction::Assert(assertion) => json!([assertion.name()]),
            Instruction::Match => json!(["m"]),
        };
        Json::Array(self.0.iter().map(instruction).collect())
    }

    /// Reads what [`Program::to_json`] wrote.
    pub(super) fn from_json(json: &Json) -> Option<Self> {
        let instructions = json.as_array()?.iter().map(instruction_from_json);
        Some(Self(instructions.collect::<Option<Vec<_>>>()?))
    }
}

fn instruction_from_json(json: &Json) -> Option<Instruction> {
    let parts = json.as_array()?;
    let target = |place: usize| usize::try_from(parts.get(place)?.as_u64()?).ok();
    Some(match parts.first()?.as_str()? {
        "c" => {
            let bounds: Vec<u32> = parts[1..]
                .iter()
                .map(|bound| u32::try_from(bound.as_u64()?).ok())
                .collect::<Option<_>>()?;
            Instruction::Class(bounds.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
        }
        "s" => Instruction::Split(target(1)?, target(2)?),
        "j" => Instruction::Jump(target(1)?),
        "m" => Instruction::Match,
        name => Instruction::Assert(Assertion::from_name(name)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_match() {
        for (pattern, text, expected) in [
            ("[A-Z][a-z]+", "An", true),
            ("[a-z]", "An", false),
            ("a|bc|", "bc", true),
            ("a|bc|", "", true),
            ("(?:ab){2,3}", "ababab", true),
            ("(?:ab){2,3}", "ab", false),
            ("(a*)*b", "aaab", true),
            ("(a*)+", "", true),
            ("^0\\d{9}$", "0912345678", true),
            ("0\\d{9}", "091234567", false),
            (".+\\b\\d", "no 5", true),
            ("[^\\s\\d]+", "đường", true),
            ("[\\u0111-\\u{1b0}]", "đ", true),
            ("x{0}", "", true),
            ("a??b*?", "abb", true),
            (".", "\n", false),
            ("[-a]+", "-a-", true),
            ("(){5}", "", true),
        ] {
            let program = Program::compile(pattern).expect(pattern);
            assert_eq!(program.matches(text), expected, "{pattern} on {text}");
            assert_eq!(Program::from_json(&program.to_json()).as_ref(), Some(&program));
        }
    }

    #[test]
    fn bad_patterns_are_named() {
        use PatternProblem as Why;
        for (pattern, reason) in [
            ("(a", Why::UnclosedGroup),
            ("a)", Why::UnopenedGroup),
            ("[a", Why::UnclosedClass),
            ("[]", Why::EmptyClass),
            ("[z-a]", Why::BadRange),
            ("*", Why::NothingToRepeat),
            ("a{5,2}", Why::BadRepeat),
            ("a{x}", Why::BadRepeat),
            ("\\q", Why::BadEscape),
            ("(?=a)", Why::LookAround),
            ("(?<!a)", Why::LookAround),
            ("(a)\\1", Why::BackReference),
            ("\\p{L}", Why::Unsupported),
            ("(?i)a", Why::Unsupported),
            ("((a{1000}){1000}){1000}", Why::TooLarge),
            ("a**", Why::NothingToRepeat),
        ] {
            assert_eq!(Program::compile(pattern), Err(reason), "{pattern}");
        }
        assert_eq!(Program::compile(&"(".repeat(10_000)), Err(Why::TooDeep));
    }

    #[test]
    fn time_is_linear() {
        let program = Program::compile("(a+)+b|(x*)*(x*)*y").expect("a pattern");
        assert!(!program.matches(&"a".repeat(20_000)));
        assert!(!program.matches(&"x".repeat(20_000)));
    }
}
