//! The components of staff pages, each as its examples show it: the last part of
//! the gallery. An example is what the component is given in both languages; it lies
//! beside the component, in `web/components/NAME/examples.json`.

use std::collections::BTreeMap;

use fielding::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::render::{component, component_examples};
use crate::session::StaffLayout;

/// The part of the gallery with the components.
#[derive(Serialize)]
pub struct ComponentsPage {
    #[serde(flatten)]
    pub layout: StaffLayout,
    pub number: usize,
    pub parts: Vec<usize>,
    pub components: Vec<Component>,
}

/// A component with its examples.
#[derive(Serialize)]
pub struct Component {
    name: String,
    examples: Vec<Shown>,
}

/// An example as it is shown.
#[derive(Serialize)]
struct Shown {
    name: String,
    shown: String,
}

/// An example as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// What it shows, by language.
    name: BTreeMap<String, String>,
    /// What the component is given, whatever the language.
    #[serde(default)]
    given: Map<String, Value>,
    /// What it is given by language. `body` stands within it.
    #[serde(default, rename = "in")]
    by_language: BTreeMap<String, Map<String, Value>>,
}

impl Example {
    /// What the component is given in a language.
    fn given(&self, language: &str) -> Map<String, Value> {
        let mut given = self.given.clone();
        given.extend(self.by_language.get(language).cloned().unwrap_or_default());
        given
    }

    fn show(&self, component_name: &str, language: &str) -> Result<Shown, Error> {
        let mut given = self.given(language);
        let body = given.remove("body");
        let body = body.as_ref().and_then(Value::as_str);
        let name = self.name.get(language).cloned().unwrap_or_default();
        Ok(Shown { name, shown: component(component_name, language, &given, body)? })
    }
}

/// The components that have examples: by what they are called in templates.
fn examples() -> Result<Vec<(String, Vec<Example>)>, Error> {
    let read = |(folder, text): (String, String)| {
        let examples = serde_json::from_str(&text)
            .map_err(|error| Error::Render(format!("{folder}/examples.json: {error}")))?;
        Ok((folder.replace('-', "_"), examples))
    };
    component_examples().into_iter().map(read).collect()
}

/// Every component with its examples in a language.
pub fn shown(language: &str) -> Result<Vec<Component>, Error> {
    let show = |(name, examples): (String, Vec<Example>)| {
        let shown = examples.iter().map(|example| example.show(&name, language));
        Ok(Component { examples: shown.collect::<Result<_, Error>>()?, name })
    };
    examples()?.into_iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::examples::{component_names, shows};
    use crate::render::parameters;

    #[test]
    fn components_show_their_examples() {
        shows("gallery/components.html", |language| {
            vec![ComponentsPage {
                layout: StaffLayout::example(language),
                number: 4,
                parts: vec![1, 2, 3, 4],
                components: shown(language).expect("every example"),
            }]
        });
    }

    /// A template names only what its component may be given, and each of that is in
    /// an example.
    #[test]
    fn components_name_what_they_are_given() {
        for (name, examples) in examples().expect("examples") {
            let folder = name.replace('_', "-");
            for (part, lacks) in component_names(&format!("components/{folder}/template.html")) {
                assert!(lacks.is_empty(), "{part}: it is not given {lacks:?}");
            }
            let mut given = BTreeSet::from(["language".to_owned()]);
            for example in &examples {
                for (language, _) in locale::LANGUAGES {
                    assert!(example.name.contains_key(language), "{name}: a name in {language}");
                    given.extend(example.given(language).into_iter().map(|(name, _)| name));
                }
            }
            let unseen = parameters(&name).into_iter().filter(|one| !given.contains(one));
            assert_eq!(unseen.collect::<Vec<_>>(), Vec::<String>::new(), "{name}: no example");
        }
    }

    #[test]
    fn examples_have_places_of_their_own() {
        for (language, _) in locale::LANGUAGES {
            let mut places = BTreeSet::new();
            let components = shown(language).expect("every example");
            for shown in components.iter().flat_map(|component| &component.examples) {
                for part in shown.shown.split(" id=\"").skip(1) {
                    let place = part.split('"').next().unwrap_or_default();
                    assert!(places.insert(place.to_owned()), "{place} is there twice");
                }
            }
        }
    }
}
