//! Names of eight bytes, which every variable and every segment has besides its
//! own name.

use std::collections::HashSet;

use super::{Dictionary, Kind, segments};

/// A short name for each variable and each of its further segments.
pub(super) fn short_names(dictionary: &Dictionary) -> Vec<Vec<String>> {
    // Names that are short already are kept.
    let mut taken: HashSet<String> = HashSet::new();
    let own: Vec<Option<String>> = dictionary
        .variables
        .iter()
        .map(|variable| {
            let name = variable.name.to_ascii_uppercase();
            (is_short(&name) && taken.insert(name.clone())).then_some(name)
        })
        .collect();
    let mut number = 0_usize;
    let mut made = || loop {
        number += 1;
        let name = format!("V{number}");
        if taken.insert(name.clone()) {
            return name;
        }
    };
    let all = dictionary.variables.iter().zip(own).map(|(variable, own)| {
        let count = match variable.kind {
            Kind::Number => 1,
            Kind::Text(width) => segments(width),
        };
        let first = own.unwrap_or_else(&mut made);
        std::iter::once(first).chain((1..count).map(|_| made())).collect()
    });
    all.collect()
}

fn is_short(name: &str) -> bool {
    name.len() <= 8
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.@#$".contains(&byte))
}
