//! Texts as other systems keep them: with markup, under codes of languages.

/// The words of a text that may hold HTML: tags are taken out, those that begin
/// a line begin one, entities are read.
pub(crate) fn without_markup(text: &str) -> String {
    if !text.contains('<') && !text.contains('&') {
        return text.trim().to_owned();
    }
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(['<', '&']) {
        words.push_str(&rest[..place]);
        rest = &rest[place..];
        let taken =
            if rest.starts_with('<') { tag(rest, &mut words) } else { entity(rest, &mut words) };
        rest = &rest[taken..];
    }
    words.push_str(rest);
    let lines = words.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut text = String::new();
    for line in lines.filter(|line| !line.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    text
}

/// What a text with markup has beside its words, with the role of each: pictures, sounds
/// and films by their files, links by where they lead, scripts whole.
pub(crate) fn beside_words(text: &str) -> Vec<(&'static str, String)> {
    const FILES: [(&str, &str, &str); 8] = [
        ("img", "src", "image"),
        ("img", "alt", "image"),
        ("audio", "src", "media"),
        ("video", "src", "media"),
        ("source", "src", "media"),
        ("iframe", "src", "media"),
        ("embed", "src", "media"),
        ("a", "href", "link"),
    ];
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find('<') {
        rest = &rest[place + 1..];
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        let Some(end) = rest.find('>') else { break };
        if name == "script" {
            let whole = rest.to_ascii_lowercase().find("</script").unwrap_or(rest.len());
            let inner = rest.get(end + 1..whole).unwrap_or_default().trim();
            let inner = [attribute(&rest[..end], "src").unwrap_or_default(), inner].join(" ");
            found.push(("script", inner.trim().to_owned()));
            rest = &rest[whole..];
            continue;
        }
        for (tag, key, role) in FILES {
            if let Some(value) = attribute(&rest[..end], key).filter(|_| tag == name) {
                found.push((role, with_entities(value)));
            }
        }
        rest = &rest[end..];
    }
    found.retain(|(_, original)| !original.is_empty());
    found
}

/// The value of an attribute in a tag; in quotes or up to the next blank.
fn attribute<'t>(tag: &'t str, key: &str) -> Option<&'t str> {
    let lower = tag.to_ascii_lowercase();
    let places = lower.match_indices(key).map(|(place, _)| place);
    let mut values = places.filter_map(|place| {
        let is_begun = lower[..place].ends_with(|before: char| before.is_whitespace());
        let value = tag[place + key.len()..].trim_start().strip_prefix('=')?.trim_start();
        let value = match value.chars().next().filter(|first| ['"', '\''].contains(first)) {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split_whitespace().next(),
        };
        value.filter(|_| is_begun)
    });
    values.next()
}

/// Reads the tag at the start; how many bytes it has. A lone `<` is no tag.
fn tag(rest: &str, words: &mut String) -> usize {
    let inner = &rest[1..];
    if inner.starts_with("!--") {
        return rest.find("-->").map_or(rest.len(), |end| end + 3);
    }
    let named = inner.strip_prefix('/').unwrap_or(inner);
    if !named.starts_with(|first: char| first.is_ascii_alphabetic()) {
        words.push('<');
        return 1;
    }
    let Some(end) = rest.find('>') else {
        words.push('<');
        return 1;
    };
    let name: String =
        named.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    if ["script", "style"].contains(&name.as_str()) && !inner.starts_with('/') {
        let lower = rest.to_ascii_lowercase();
        let close = format!("</{name}");
        return lower.find(&close).map_or(rest.len(), |place| {
            lower[place..].find('>').map_or(rest.len(), |end| place + end + 1)
        });
    }
    let breaks = ["br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6"];
    if breaks.contains(&name.as_str()) {
        words.push('\n');
    } else if ["td", "th"].contains(&name.as_str()) {
        words.push(' ');
    }
    end + 1
}

/// A text with the signs that its entities stand for; everything else stays.
pub(crate) fn with_entities(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('&') {
        words.push_str(&rest[..place]);
        rest = &rest[place..];
        rest = &rest[entity(rest, &mut words)..];
    }
    words.push_str(rest);
    words
}

/// Reads the entity at the start; how many bytes it has. A lone `&` is none.
fn entity(rest: &str, words: &mut String) -> usize {
    let found = rest.char_indices().take(12).find(|(_, next)| *next == ';').map(|(place, _)| place);
    let read = found.and_then(|end| Some((end, character(&rest[1..end])?)));
    if let Some((end, character)) = read {
        words.push(character);
        end + 1
    } else {
        words.push('&');
        1
    }
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|character| !character.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "hellip" => '…',
        "pound" => '£',
        "euro" => '€',
        "copy" => '©',
        "deg" => '°',
        "bull" => '•',
        "times" => '×',
        "frac12" => '½',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "uuml" => 'ü',
        "ouml" => 'ö',
        "auml" => 'ä',
        "szlig" => 'ß',
        _ => return super::entity::latin(name),
    })
}

/// The number that a text is; those without end are none.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// What a language calls itself, or its code.
pub(crate) fn language_name(code: &str) -> &str {
    let base = code.split(['-', '_']).next().unwrap_or(code);
    match base {
        "vi" => "Tiếng Việt",
        "en" => "English",
        "fr" => "français",
        "de" => "Deutsch",
        "es" => "español",
        "pt" => "português",
        "it" => "italiano",
        "nl" => "Nederlands",
        "cy" => "Cymraeg",
        "ru" => "русский",
        "uk" => "українська",
        "ar" => "العربية",
        "zh" => "中文",
        "ja" => "日本語",
        "ko" => "한국어",
        "id" => "Bahasa Indonesia",
        "th" => "ไทย",
        "km" => "ខ្មែរ",
        "lo" => "ລາວ",
        "sv" => "svenska",
        "da" => "dansk",
        "nb" | "no" => "norsk",
        "fi" => "suomi",
        "pl" => "polski",
        "tr" => "Türkçe",
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::without_markup;

    #[test]
    fn markup_goes_and_words_stay() {
        for (markup, words) in [
            ("a < b & c", "a < b & c"),
            ("<p>One</p><p>two<br/>three</p>", "One\ntwo\nthree"),
            ("caf&eacute; &amp; &#x74;ea&nbsp;&unknown;", "café & tea &unknown;"),
            ("x<script>alert('<b>')</script>y", "xy"),
            ("<b>bold", "bold"),
            ("<", "<"),
            ("a <b", "a <b"),
            ("a <!-- b", "a"),
        ] {
            assert_eq!(without_markup(markup), words, "{markup}");
        }
    }
}
