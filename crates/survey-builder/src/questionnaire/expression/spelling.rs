//! What an expression names and writes out, by its tokens: also where it cannot be
//! compiled, as long as it can be cut.

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

/// The expression with another name in the place of one; one that cannot be cut stays.
pub fn renamed(source: &str, before: &str, after: &str) -> String {
    let signs: Vec<char> = source.chars().collect();
    let mut written = String::new();
    let mut place = 0;
    for (token, (from, to)) in tokens(source).unwrap_or_default() {
        if matches!(&token, Token::Name(name) if name == before) {
            written.extend(&signs[place..from]);
            let is_braced = signs.get(from) == Some(&'$');
            let name = if is_braced { format!("${{{after}}}") } else { after.to_owned() };
            written.push_str(&name);
            place = to;
        }
    }
    written.extend(&signs[place..]);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_renamed() {
        assert_eq!(renamed("a = 'a' and ab > a", "a", "b"), "b = 'a' and ab > b");
        assert_eq!(renamed("${a b} = 1", "a b", "c"), "${c} = 1");
        assert_eq!(renamed("a = 'open", "a", "b"), "a = 'open");
        assert_eq!(texts_in("x = 'u' or y"), (vec!["x".into(), "y".into()], vec!["u".into()]));
    }
}
