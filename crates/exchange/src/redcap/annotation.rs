//! Action tags in annotations: `@DEFAULT="1" @HIDDEN`.

use std::cell::Cell;

/// The tags of an annotation, which count what was asked of them.
#[derive(Debug, Default)]
pub(super) struct Tags(Vec<Tag>);

/// A tag with what it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub name: String,
    pub value: String,
    /// Whether a reader was given it.
    handed_out: Cell<bool>,
}

impl Tags {
    /// The value of a tag; `Some("")` for one that is given nothing. Whoever asks
    /// for it carries it over, or tells that it is not.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let tag = self.0.iter().find(|tag| tag.name == name)?;
        tag.handed_out.set(true);
        Some(&tag.value)
    }

    /// The number that a tag is given; one that is none is not carried over.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        let tag = self.0.iter().find(|tag| tag.name == name)?;
        let number = tag.value.trim().parse().ok()?;
        tag.handed_out.set(true);
        Some(number)
    }

    /// The first of some tags that is there.
    pub(super) fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.given(name))
    }

    /// Those that no reader was given.
    pub(super) fn left(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter().filter(|tag| !tag.handed_out.get())
    }
}

/// The tags of an annotation, and what stands between them.
pub(super) fn read(annotation: &str) -> (Tags, String) {
    let characters: Vec<char> = annotation.chars().collect();
    let mut tags = Vec::new();
    let mut rest = String::new();
    let mut place = 0;
    while let Some(&next) = characters.get(place) {
        let starts = next == '@' && characters.get(place + 1).is_some_and(char::is_ascii_uppercase);
        if !starts {
            rest.push(next);
            place += 1;
            continue;
        }
        place += 1;
        let is_name =
            |next: &&char| next.is_ascii_uppercase() || **next == '-' || next.is_ascii_digit();
        let name: String = characters[place..].iter().take_while(is_name).collect();
        place += name.chars().count();
        let value = value(&characters, &mut place);
        tags.push(Tag { name, value, handed_out: Cell::new(false) });
    }
    (Tags(tags), rest.trim().to_owned())
}

/// What follows a tag: `="text"`, `=5`, `(formula)`.
fn value(characters: &[char], place: &mut usize) -> String {
    let mut at = *place;
    let skip = |mut at: usize| {
        while characters.get(at) == Some(&' ') {
            at += 1;
        }
        at
    };
    at = skip(at);
    match characters.get(at) {
        Some('=') => {
            at = skip(at + 1);
            let Some(&first) = characters.get(at) else { return String::new() };
            let quote = ['"', '\''].contains(&first).then_some(first);
            let start = at + usize::from(quote.is_some());
            let mut end = start;
            while let Some(&next) = characters.get(end) {
                let ends = match quote {
                    Some(quote) => next == quote,
                    None => next.is_whitespace(),
                };
                if ends {
                    break;
                }
                end += 1;
            }
            *place = (end + usize::from(quote.is_some())).min(characters.len());
            characters[start.min(end)..end].iter().collect()
        }
        Some('(') => {
            let mut level = 0_u32;
            let start = at + 1;
            while let Some(&next) = characters.get(at) {
                match next {
                    '(' => level += 1,
                    ')' => level -= 1,
                    _ => {}
                }
                at += 1;
                if level == 0 {
                    break;
                }
            }
            *place = at;
            let end = if level == 0 { at - 1 } else { at };
            characters[start.min(end)..end].iter().collect()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Tags, read};

    #[test]
    fn tags_are_found_with_their_values() {
        let told = |tags: &Tags| {
            let each = tags.0.iter();
            each.map(|tag| (tag.name.clone(), tag.value.clone())).collect::<Vec<_>>()
        };
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (tags, rest) =
            read("see @HIDDEN @DEFAULT='a b' @CALCTEXT(if([x]=1,'(',\")\")) @MAXCHECKED=3 x@y");
        assert_eq!(rest, "see     x@y");
        assert_eq!(tags.given("HIDDEN"), Some(""));
        assert_eq!(tags.left().count(), 3);
        let tags = told(&tags);
        assert_eq!(tags[1], tag("DEFAULT", "a b"));
        assert_eq!(tags[2].0, "CALCTEXT");
        assert_eq!(tags[3], tag("MAXCHECKED", "3"));
        assert_eq!(told(&read("@A=").0), [tag("A", "")]);
        assert_eq!(told(&read("@A(").0), [tag("A", "")]);
    }
}
