//! What is kept of an account and of the device that somebody signs in from.

use crate::error::Problem;

/// The most signs of a name.
pub const LONGEST_NAME: usize = 120;

/// What is wrong with the name of a person or of a unit: it goes into letters, on
/// one line.
pub fn name_problem(name: &str, field: &str) -> Option<Problem> {
    if name.trim().is_empty() {
        return Some(Problem::new("required", field));
    }
    let fits = name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    (!fits).then(|| Problem::new("name-line", field).with("most", LONGEST_NAME))
}

/// Browsers by what they say of themselves; the first that is found is it, because
/// each names those that it descends from as well.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("CocCoc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];

/// Systems, likewise.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// A device in plain words, `Firefox, Windows`: names are the same in every language.
/// Nothing else of what a browser says is kept. Empty where nothing is known.
pub fn device_of(user_agent: &str) -> String {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    // Chrome and Edge on Apple's phones call themselves otherwise.
    let browser = match user_agent {
        agent if agent.contains("CriOS") => Some("Chrome"),
        _ => find(&BROWSERS),
    };
    [browser, find(&SYSTEMS)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_said_in_plain_words() {
        for (agent, device) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/139.0.0.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) CriOS/139.0 Mobile/15E148 Safari/604.1",
                "Chrome, iPad",
            ),
            ("curl/8.14", ""),
            ("", ""),
        ] {
            assert_eq!(device_of(agent), device, "{agent}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        let code = |name: &str| name_problem(name, "name").map(|problem| problem.code);
        assert_eq!(code("Nguyễn Thị Ánh"), None);
        assert_eq!(code("  ").as_deref(), Some("required"));
        assert_eq!(code("An\nBcc: x").as_deref(), Some("name-line"));
        assert_eq!(code(&"a".repeat(LONGEST_NAME)), None);
        assert_eq!(code(&"a".repeat(LONGEST_NAME + 1)).as_deref(), Some("name-line"));
    }
}
