//! Anybody's words within XML and HTML.

/// A text as it stands in XML and HTML, between tags or in an attribute. Signs that
/// no document of XML may hold are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for next in text.chars() {
        match next {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            next if next.is_control() && !matches!(next, '\n' | '\t') => {}
            next => out.push(next),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_words() {
        assert_eq!(escaped("a < \"b\" & c > d\u{7}\n"), "a &lt; &quot;b&quot; &amp; c &gt; d\n");
    }
}
