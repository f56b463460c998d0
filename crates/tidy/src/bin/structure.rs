//! Prints how the program is put together: which crate depends on which, and in each
//! the files that depend on one another in a circle.

use std::collections::{BTreeMap, BTreeSet};

use tidy::{code_only, files, sources};

fn main() {
    println!("Crates, and those of ours that each depends on:");
    for (file, text) in files("crates", &["Cargo.toml"]) {
        let name = name_of(&file);
        let needs: Vec<&str> = text
            .lines()
            .skip_while(|line| *line != "[dependencies]")
            .skip(1)
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .filter(|own| OURS.contains(own))
            .collect();
        println!("  {name} -> {}", if needs.is_empty() { "-".to_owned() } else { needs.join(" ") });
    }
    println!("Files of a crate that depend on one another in a circle:");
    for (crate_name, modules) in crates() {
        let circles = circles(&modules);
        let sizes: Vec<String> = circles.iter().map(|circle| circle.len().to_string()).collect();
        let lines: usize = modules.values().map(|module| module.lines).sum();
        let sizes = if sizes.is_empty() { "none".to_owned() } else { sizes.join(", ") };
        println!("  {crate_name}: {} files, {lines} lines, circles of {sizes}", modules.len());
        for circle in circles {
            println!("    {}", circle.into_iter().collect::<Vec<_>>().join(" "));
        }
    }
}

const OURS: [&str; 7] =
    ["locale", "survey-builder", "analysis", "exchange", "fielding", "pages", "sondage"];

fn name_of(file: &str) -> &str {
    file.split('/').nth(1).unwrap_or_default()
}

/// A file as a module.
struct Module {
    lines: usize,
    /// Modules of the same crate that it names.
    names: BTreeSet<String>,
}

/// Every crate with its modules, by their paths: `store::cases`.
fn crates() -> BTreeMap<String, BTreeMap<String, Module>> {
    let mut crates: BTreeMap<String, BTreeMap<String, (usize, String)>> = BTreeMap::new();
    for (file, text) in sources() {
        let inside = file.split_once("/src/").map_or("", |(_, inside)| inside);
        let path = inside.trim_end_matches(".rs").replace('/', "::");
        // Programs of their own know the crate by its name.
        if path.starts_with("bin::") || path == "main" {
            continue;
        }
        let path = if path == "lib" { String::new() } else { path };
        // Tests within a file may look at anything.
        let code = code_only(&text);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let known = crates.entry(name_of(&file).to_owned()).or_default();
        known.insert(path, (text.lines().count(), code));
    }
    crates
        .into_iter()
        .map(|(name, files)| {
            let known: BTreeSet<String> = files.keys().cloned().collect();
            let modules = files
                .into_iter()
                .map(|(path, (lines, code))| {
                    let names = named(&path, &code, &known);
                    (path, Module { lines, names })
                })
                .collect();
            (name, modules)
        })
        .collect()
}

/// The modules that a file names, by `crate::`, `super::` and `self::`. A module that
/// is only declared is not depended on, nor is the crate's list of what it offers.
fn named(path: &str, code: &str, known: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let flat: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in flat.match_indices(start) {
            let before = flat[..at].chars().next_back();
            if before.is_some_and(|sign| sign.is_alphanumeric() || sign == '_' || sign == ':') {
                continue;
            }
            for full in paths(&flat[at..]) {
                let mut parts = absolute(path, &full);
                while !parts.is_empty() && !known.contains(&parts.join("::")) {
                    parts.pop();
                }
                let target = parts.join("::");
                if target != path && !target.is_empty() {
                    found.insert(target);
                }
            }
        }
    }
    found
}

/// The paths that begin here, with what braces hold taken apart.
fn paths(text: &str) -> Vec<String> {
    let end = text
        .find(|sign: char| !(sign.is_alphanumeric() || sign == '_' || sign == ':'))
        .unwrap_or(text.len());
    let head = &text[..end];
    if !head.ends_with("::") || !text[end..].starts_with('{') {
        return vec![head.to_owned()];
    }
    let mut found = Vec::new();
    let (mut depth, mut part) = (0_usize, String::new());
    for sign in text[end..].chars() {
        match sign {
            '{' if depth == 0 => depth = 1,
            '{' => {
                depth += 1;
                part.push(sign);
            }
            '}' if depth == 1 => break,
            '}' => {
                depth -= 1;
                part.push(sign);
            }
            ',' if depth == 1 => found.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    found.push(part);
    found.iter().flat_map(|part| paths(&format!("{head}{}", part.trim()))).collect()
}

/// A path as it is from the crate's root.
fn absolute(module: &str, path: &str) -> Vec<String> {
    let mut parts: Vec<String> = module.split("::").map(str::to_owned).collect();
    parts.retain(|part| !part.is_empty());
    for part in path.split("::").filter(|part| !part.is_empty()) {
        match part {
            "crate" => parts.clear(),
            "super" => drop(parts.pop()),
            "self" => {}
            other => parts.push(other.to_owned()),
        }
    }
    parts
}

/// Groups of modules each of which leads to every other, the largest first.
fn circles(modules: &BTreeMap<String, Module>) -> Vec<BTreeSet<String>> {
    let reach = |from: &str| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(here) = left.pop() {
            for next in modules.get(&here).iter().flat_map(|module| &module.names) {
                if seen.insert(next.clone()) {
                    left.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        modules.keys().map(|path| (path, reach(path))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (path, own) in &reached {
        if circles.iter().any(|circle| circle.contains(*path)) || !own.contains(*path) {
            continue;
        }
        let circle = own
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(*path)))
            .cloned()
            .collect();
        circles.push(circle);
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}
