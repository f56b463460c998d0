//! From where a page is seen: the interview, the stop, what was typed, the language.

use fielding::acts::interview::Interview;
use fielding::store::responses::Pending;
use survey_builder::questionnaire::document::Text;
use survey_builder::questionnaire::path::{Path, Standpoint, Stop};
use survey_builder::questionnaire::piping::fill;

/// The most options found at once.
pub const MOST_FOUND: usize = 50;

/// What a page is made from.
pub struct Viewer<'a> {
    pub interview: &'a Interview,
    pub path: &'a Path,
    pub stop: &'a Stop,
    pub pending: Option<&'a Pending>,
    pub language: &'a str,
}

impl Viewer<'_> {
    /// Where conditions are looked at from.
    pub fn at(&self) -> Standpoint<'_> {
        Standpoint {
            version: &self.interview.version,
            path: self.path,
            within: &self.stop.within,
            today: self.interview.began_on(),
        }
    }

    /// A text in the language of the page, with what it inserts.
    pub fn text(&self, text: &Text) -> String {
        let document = &self.interview.version.document;
        let raw = text.get(self.language, &document.default_language);
        fill(raw, &self.interview.version, self.path, &self.stop.within, self.language)
    }
}
