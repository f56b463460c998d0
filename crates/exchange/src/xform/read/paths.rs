//! Paths in formulas: each that leads to a question or group becomes `${name}`.

use std::collections::HashMap;

/// Where everything stands.
#[derive(Default)]
pub(super) struct Paths {
    /// The places that there are, and how many have the same name.
    known: HashMap<String, String>,
    names: HashMap<String, usize>,
}

impl Paths {
    /// One more place.
    pub(super) fn add(&mut self, path: &str) {
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        if self.known.insert(path.to_owned(), name.clone()).is_none() {
            *self.names.entry(name).or_default() += 1;
        }
    }

    /// A path read from a place, as one from the root.
    pub(super) fn absolute(path: &str, from: &str) -> String {
        let mut steps: Vec<&str> = if path.starts_with('/') {
            Vec::new()
        } else {
            from.split('/').filter(|step| !step.is_empty()).collect()
        };
        for step in path.split('/').filter(|step| !step.is_empty() && *step != ".") {
            if step == ".." {
                steps.pop();
            } else {
                // Prefixes of namespaces say nothing here.
                steps.push(step.rsplit(':').next().unwrap_or(step));
            }
        }
        format!("/{}", steps.join("/"))
    }

    /// The name that a path leads to, where nothing else has it.
    fn name(&self, path: &str, from: &str) -> Option<&str> {
        let name = self.known.get(&Self::absolute(path, from))?;
        (self.names.get(name) == Some(&1)).then_some(name)
    }

    /// A formula with names in the place of paths.
    pub(super) fn named(&self, formula: &str, from: &str) -> String {
        let mut out = String::with_capacity(formula.len());
        let mut rest = formula;
        let mut quote: Option<char> = None;
        while let Some(next) = rest.chars().next() {
            if quote.is_none() && starts_path(rest, &out) {
                let begin = if rest.starts_with("current()") { "current()/".len() } else { 0 };
                let end = rest[begin..].find(|sign: char| !is_of_path(sign));
                let end = end.map_or(rest.len(), |end| begin + end);
                let (path, after) = rest.split_at(end);
                // What is looked for in a place is not the place.
                let name = self.name(&path[begin..], from).filter(|_| !after.starts_with('['));
                match name {
                    Some(name) => {
                        // pyxform puts a space on each side; those at the ends of a
                        // formula are gone.
                        let padded = out.ends_with(' ') && after.starts_with(' ')
                            || out.is_empty() && after.starts_with("  ")
                            || after.is_empty() && out.ends_with("  ");
                        if padded && out.ends_with(' ') {
                            out.pop();
                        }
                        out.push_str(&format!("${{{name}}}"));
                        rest = after.strip_prefix(' ').filter(|_| padded).unwrap_or(after);
                    }
                    None => {
                        out.push_str(path);
                        rest = after;
                    }
                }
                continue;
            }
            match (quote, next) {
                (Some(open), own) if own == open => quote = None,
                (None, '\'' | '"') => quote = Some(next),
                _ => {}
            }
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
        out.trim().to_owned()
    }
}

fn is_of_path(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.' | '/' | ':')
}

/// Whether a path begins here, behind what is written so far.
fn starts_path(rest: &str, before: &str) -> bool {
    let behind = before.chars().next_back();
    let follows = behind
        .is_some_and(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '.' | '/' | ')' | ']'));
    if follows {
        return false;
    }
    let is_name =
        |text: &str| text.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    rest.strip_prefix('/').is_some_and(is_name)
        || rest.starts_with("../")
        || rest.starts_with("current()/")
}

#[cfg(test)]
mod tests {
    use super::Paths;

    #[test]
    fn paths_become_names_and_everything_else_stays() {
        let mut paths = Paths::default();
        for path in ["/data/age", "/data/home", "/data/home/rooms", "/data/a/x", "/data/b/x"] {
            paths.add(path);
        }
        let named = |formula: &str| paths.named(formula, "/data/home/rooms");
        assert_eq!(named(" /data/age  > 18 and ../rooms<3"), "${age} > 18 and ${rooms}<3");
        assert_eq!(named("/data/age  > 18"), "${age} > 18");
        assert_eq!(named("/data/age > 18"), "${age} > 18");
        assert_eq!(named("count( /data/home ) * '/data/age'"), "count(${home}) * '/data/age'");
        assert_eq!(named("/data/a/x = 1"), "/data/a/x = 1");
        assert_eq!(
            named("instance('l')/root/item[n= /data/age ]/label"),
            "instance('l')/root/item[n=${age}]/label"
        );
        assert_eq!(named("position(..) + 10 div 2"), "position(..) + 10 div 2");
        assert_eq!(named("region = current()/../../age"), "region = ${age}");
    }
}
