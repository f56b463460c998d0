//! Names that are given once: a wanted one, or the first free one after it.

use std::collections::{HashMap, HashSet};

/// The names given so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    given: HashSet<String>,
    /// For a wanted name, the number before which none is free: a file in which
    /// all is called the same is not searched anew for each.
    next: HashMap<String, u32>,
}

impl Names {
    /// Gives the wanted name, or else `wanted_2`, `wanted_3` …
    pub(crate) fn give(&mut self, wanted: &str) -> String {
        if self.given.insert(wanted.to_owned()) {
            return wanted.to_owned();
        }
        let next = self.next.entry(wanted.to_owned()).or_insert(2);
        loop {
            let name = format!("{wanted}_{next}");
            *next += 1;
            if self.given.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Whether a name was given.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Keeps names that something else has.
    pub(crate) fn keep(&mut self, names: impl IntoIterator<Item = String>) {
        self.given.extend(names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_once() {
        let mut names = Names::default();
        names.keep(["a_3".to_owned()]);
        let given = ["a", "a", "b", "a", "a_2", "b"].map(|wanted| names.give(wanted));
        assert_eq!(given, ["a", "a_2", "b", "a_4", "a_2_2", "b_2"]);
        assert!(names.contains("a_3") && !names.contains("a_5"));
    }
}
