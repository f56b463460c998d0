//! What an expression names and writes out, by its tokens: also where it cannot be
//! compiled, as long as it can be cut.

use std::collections::BTreeMap;

use super::token::{Token, tokens};

/// The names in an expression, and the texts that are written out in it.
pub fn texts_in(source: &str) -> (Vec<String>, Vec<String>) {
    let (mut names, mut texts) = (Vec::new(), Vec::new());
    for (token, _) in tokens(source).unwrap_or_default() {
        match token {
            Token::Name(name) => names.push(name),
            Token::Text(text) => texts.push(text),
            _ => {}
        }
    }
    (names, texts)
}

/// The expression with other names in the place of some: old names with their new ones.
/// One that cannot be cut stays.
pub fn renamed(source: &str, names: &BTreeMap<String, String>) -> String {
    let signs: Vec<char> = source.chars().collect();
    let mut written = String::new();
    let mut place = 0;
    for (token, (from, to)) in tokens(source).unwrap_or_default() {
        let Token::Name(name) = token else { continue };
        // Everybody's answers are called by their roster: `member.age`.
        let (roster, own) = match name.rsplit_once('.') {
            Some((roster, own)) if !names.contains_key(&name) => (roster, own),
            _ => ("", name.as_str()),
        };
        let of = |name: &str| names.get(name).map_or_else(|| name.to_owned(), Clone::clone);
        let after = if roster.is_empty() { of(own) } else { format!("{}.{}", of(roster), of(own)) };
        if after == name {
            continue;
        }
        written.extend(&signs[place..from]);
        let is_braced = signs.get(from) == Some(&'$');
        written.push_str(&if is_braced { format!("${{{after}}}") } else { after });
        place = to;
    }
    written.extend(&signs[place..]);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_renamed() {
        let told = |source: &str, before: &str, after: &str| {
            renamed(source, &BTreeMap::from([(before.to_owned(), after.to_owned())]))
        };
        assert_eq!(told("a = 'a' and ab > a", "a", "b"), "b = 'a' and ab > b");
        assert_eq!(told("${a b} = 1", "a b", "c"), "${c} = 1");
        assert_eq!(told("a = 'open", "a", "b"), "a = 'open");
        assert_eq!(told("sum(member.age) > age", "age", "years"), "sum(member.years) > years");
        assert_eq!(told("sum(member.age) > 1", "member", "person"), "sum(person.age) > 1");
        assert_eq!(texts_in("x = 'u' or y"), (vec!["x".into(), "y".into()], vec!["u".into()]));
    }
}
