//! Why a file cannot be read, in words of ours: libraries say it in English, to those
//! who make programs.

use survey_builder::problem::{Argument, Finding, Phrase, Problem, phrase};

use super::problem::{line, unreadable};

/// What keeps a file from being read, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Broken {
    /// The line; empty where it is about the whole file.
    place: Argument,
    reason: Argument,
}

impl Broken {
    fn at(number: usize, reason: impl Into<Argument>) -> Self {
        let place = if number == 0 { "".into() } else { line(number) };
        Self { place, reason: reason.into() }
    }

    /// The problem of that code about it.
    pub(crate) fn problem(self, code: &str) -> Problem {
        Problem::new(code, self.place).with("reason", self.reason)
    }

    /// The reason with its place, for a part of a larger file.
    pub(crate) fn in_words(self) -> Argument {
        if self.place.as_text() == Some("") {
            return self.reason;
        }
        let said = phrase("phrase-reason-at").with("reason", self.reason);
        said.with("place", self.place).into()
    }

    /// The reason alone, where the place is known otherwise.
    pub(crate) fn reason(self) -> Argument {
        self.reason
    }
}

impl From<Phrase> for Broken {
    fn from(reason: Phrase) -> Self {
        Self::at(0, reason)
    }
}

impl From<Argument> for Broken {
    fn from(reason: Argument) -> Self {
        Self::at(0, reason)
    }
}

impl From<Broken> for Vec<Finding> {
    fn from(broken: Broken) -> Self {
        unreadable(broken.place, broken.reason)
    }
}

impl From<roxmltree::Error> for Broken {
    fn from(error: roxmltree::Error) -> Self {
        use roxmltree::Error as Xml;
        let number = usize::try_from(error.pos().row).unwrap_or_default();
        match error {
            Xml::NoRootNode | Xml::UnclosedRootNode | Xml::UnexpectedEndOfStream => {
                phrase("phrase-file-ends-early").into()
            }
            Xml::NodesLimitReached | Xml::AttributesLimitReached | Xml::NamespacesLimitReached => {
                phrase("phrase-too-many-parts").into()
            }
            Xml::DtdDetected => phrase("phrase-xml-with-a-dtd").into(),
            Xml::UnexpectedCloseTag(expected, found, _) => Self::at(
                number,
                phrase("phrase-xml-end-tag").with("expected", expected).with("found", found),
            ),
            Xml::UnknownEntityReference(name, _) => {
                Self::at(number, phrase("phrase-xml-entity").with("name", name))
            }
            Xml::MalformedEntityReference(_) => Self::at(number, phrase("phrase-xml-ampersand")),
            Xml::UnknownNamespace(name, _) => {
                Self::at(number, phrase("phrase-xml-prefix").with("name", name))
            }
            Xml::DuplicatedAttribute(name, _) | Xml::DuplicatedNamespace(name, _) => {
                Self::at(number, phrase("phrase-xml-attribute-twice").with("name", name))
            }
            _ => Self::at(number, phrase("phrase-xml-syntax")),
        }
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        use serde_json::error::Category;
        let number = error.line();
        let said = error.to_string();
        let reason = match error.classify() {
            Category::Eof => phrase("phrase-file-ends-early"),
            // serde_json reads to that depth and no deeper.
            Category::Syntax if said.starts_with("recursion limit") => {
                phrase("phrase-nested-deeper-than").with("limit", 127_u32)
            }
            Category::Syntax => phrase("phrase-json-syntax").with("column", error.column()),
            Category::Data | Category::Io => of_shape(&said),
        };
        Self::at(number, reason)
    }
}

/// What is not as a document has it. serde says it in one of these sentences, with the
/// name in backticks.
fn of_shape(said: &str) -> Phrase {
    let name = said.split('`').nth(1).unwrap_or_default();
    for (begin, key) in [
        ("unknown field", "phrase-json-unknown-part"),
        ("missing field", "phrase-json-missing-part"),
        ("duplicate field", "phrase-json-part-twice"),
        ("unknown variant", "phrase-json-unknown-value"),
    ] {
        if said.starts_with(begin) {
            return phrase(key).with("name", name);
        }
    }
    phrase("phrase-json-other-kind")
}

impl From<csv::Error> for Broken {
    fn from(error: csv::Error) -> Self {
        let number = error.position().map_or(0, csv::Position::line);
        let reason = match error.kind() {
            csv::ErrorKind::Utf8 { .. } => phrase("phrase-not-utf-8"),
            _ => phrase("phrase-file-is-damaged"),
        };
        Self::at(usize::try_from(number).unwrap_or_default(), reason)
    }
}

impl From<zip::result::ZipError> for Broken {
    fn from(_: zip::result::ZipError) -> Self {
        phrase("phrase-file-is-damaged").into()
    }
}

impl From<std::io::Error> for Broken {
    fn from(_: std::io::Error) -> Self {
        phrase("phrase-file-is-damaged").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_xml(text: &str) -> String {
        let error = roxmltree::Document::parse(text).expect_err("it is broken");
        let broken = Broken::from(error);
        format!("{:?} {}", broken.place, broken.reason)
    }

    #[test]
    fn what_is_wrong_in_xml_is_said_with_its_line() {
        for (text, code, number) in [
            ("<a>\n<b></a>", "phrase-xml-end-tag", "2"),
            ("<a>\n&nbsp;</a>", "phrase-xml-entity", "2"),
            ("<a>\n<b x='1' x='2'/></a>", "phrase-xml-attribute-twice", "2"),
            ("<a>\n\n<odk:b/></a>", "phrase-xml-prefix", "3"),
            ("<a>\nR & D</a>", "phrase-xml-ampersand", "2"),
            ("<a>\n<b", "phrase-file-ends-early", ""),
            ("<!DOCTYPE a><a/>", "phrase-xml-with-a-dtd", ""),
            ("<a>\n<1/></a>", "phrase-xml-syntax", "2"),
        ] {
            let said = of_xml(text);
            assert!(said.contains(code), "{text}: {said}");
            assert!(number.is_empty() || said.contains(number), "{text}: {said}");
        }
    }

    #[test]
    fn what_is_wrong_in_json_is_said_with_its_line() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only read")]
        struct Small {
            kind: Kind,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Note,
        }
        let deep = "[".repeat(200);
        for (text, code) in [
            ("{\n\"kind\":", "phrase-file-ends-early"),
            ("{\n\"kind\" \"note\"}", "phrase-json-syntax"),
            ("{\n\"other\": 1}", "phrase-json-unknown-part"),
            ("{}", "phrase-json-missing-part"),
            ("{\"kind\": \"note\",\n\"kind\": \"note\"}", "phrase-json-part-twice"),
            ("{\n\"kind\": \"noise\"}", "phrase-json-unknown-value"),
            ("{\n\"kind\": {\"note\": 3}}", "phrase-json-other-kind"),
        ] {
            let broken = Broken::from(serde_json::from_str::<Small>(text).expect_err("broken"));
            assert!(broken.reason.to_string().contains(code), "{text}: {}", broken.reason);
            assert_ne!(broken.place.as_text(), Some(""), "{text}");
        }
        let error = serde_json::from_str::<serde_json::Value>(&deep).expect_err("too deep");
        let said = Broken::from(error).in_words().to_string();
        assert!(said.contains("phrase-nested-deeper-than"), "{said}");
    }
}
