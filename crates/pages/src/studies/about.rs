//! What every page about a study shares: its head, its problems, the forms that are
//! sent about it.

use actix_multipart::Multipart;
use actix_web::HttpRequest;
use actix_web::web::Payload;
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::store::studies::Study;
use locale::problem_text;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use crate::form::{Upload, read_form, read_uploads};
use crate::session::SignedIn;
use crate::site::Site;
use crate::wording::say_count;

/// Problems that a page lists: a file may have as many as rows.
const PROBLEMS: usize = 100;

/// The study itself, as every page about it shows it.
#[derive(Serialize)]
pub struct StudyHead {
    id: String,
    name: String,
    status: &'static str,
    privacy: &'static str,
    organisation: String,
    phone: String,
    closes_on: Option<String>,
    has_margins: bool,
    /// Whether it is out of the way.
    archived: bool,
}

impl StudyHead {
    /// Of a study.
    pub fn of(study: &Study) -> Self {
        Self {
            id: study.id.to_string(),
            name: study.name.clone(),
            status: study.status.word(),
            privacy: study.privacy.word(),
            organisation: study.organisation.clone(),
            phone: study.phone.clone(),
            closes_on: study.closes_on.map(locale::date),
            has_margins: !study.margins.is_empty(),
            archived: study.archived_at.is_some(),
        }
    }
}

#[cfg(test)]
impl StudyHead {
    /// As an example.
    pub fn example() -> Self {
        Self {
            id: "0190".to_owned(),
            name: "Đi lại 2026".to_owned(),
            status: "open",
            privacy: "anonymous",
            organisation: "Sở Giao thông".to_owned(),
            phone: "024 1234 5678".to_owned(),
            closes_on: Some("31/12/2026".to_owned()),
            has_margins: true,
            archived: false,
        }
    }

    /// As another, that has not begun.
    pub fn bare() -> Self {
        let archived = true;
        Self { status: "draft", closes_on: None, has_margins: false, archived, ..Self::example() }
    }
}

/// A form that was sent about a study, who sent it, and the study. It is read only
/// when that person may do this with it.
pub async fn sent(
    app: &Site,
    request: &HttpRequest,
    id: &str,
    payload: Payload,
    action: Action,
) -> Result<(Posted, SignedIn, Study), Error> {
    let signed_in = SignedIn::require(app, request).await?;
    let study = signed_in.study(app, id, action).await?;
    let form = read_form(app, payload).await?;
    signed_in.require_token(app, &form)?;
    Ok((form, signed_in, study))
}

/// As [`sent`], for a form with files.
pub async fn sent_with_files(
    app: &Site,
    request: &HttpRequest,
    id: &str,
    form: Multipart,
    action: Action,
) -> Result<(Posted, Vec<Upload>, SignedIn, Study), Error> {
    let signed_in = SignedIn::require(app, request).await?;
    let study = signed_in.study(app, id, action).await?;
    let (form, uploads) = read_uploads(app, form).await?;
    signed_in.require_token(app, &form)?;
    Ok((form, uploads, signed_in, study))
}

/// Problems in the reader's language, as many as a page lists.
pub fn problem_texts(problems: &[Problem], language: &str) -> Vec<String> {
    let shown = problems.iter().take(PROBLEMS);
    let mut texts: Vec<String> = shown.map(|problem| problem_text(problem, language)).collect();
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        texts.push(say_count(language, "problems-more", more, &[]));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lists_so_many_problems_and_says_how_many_more() {
        let problems = vec![Problem::new("required", "name"); PROBLEMS + 7];
        let texts = problem_texts(&problems, "en");
        assert_eq!(texts.len(), PROBLEMS + 1);
        assert!(texts[PROBLEMS].contains('7'), "{}", texts[PROBLEMS]);
    }
}
