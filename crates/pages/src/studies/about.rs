//! What every page about a study shares: its head, its problems, the forms that are
//! sent about it.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_multipart::Multipart;
use actix_web::web::{Data, Path, Payload};
use actix_web::{FromRequest, HttpRequest, dev};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::store::studies::Study;
use locale::problem_text;
use serde::Serialize;
use survey_builder::problem::Argument;
use survey_builder::questionnaire::validate::Posted;

use crate::form::{
    FieldProblem, Spooled, Upload, field_problems, read_form, read_spooled, read_uploads,
    without_nul,
};
use crate::session::SignedIn;
use crate::site::Site;
use crate::wording::say_count;

/// Problems that a page lists: a file may have as many as rows.
const PROBLEMS: usize = 100;

/// What ends a list that was cut where it was made; it says how many there are more.
const REST: [&str; 2] = ["frame_more", "plan_more"];

/// What is wrong, as a page lists it. Where nothing is, a template finds nothing.
#[derive(Serialize)]
pub struct Listed<T> {
    /// How many problems there are.
    #[serde(skip_serializing_if = "is_none")]
    count: usize,
    /// How many of them are listed.
    #[serde(skip_serializing_if = "is_none")]
    here: usize,
    /// Their sentences, and one that says how many there are more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    told: Vec<T>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl<T> Listed<T> {
    /// These sentences, of so many problems.
    fn new(told: Vec<T>, problems: &[Problem]) -> Self {
        let rest = |problem: &Problem| match problem.argument("count") {
            Some(Argument::Number(count)) if REST.contains(&problem.code.as_str()) => {
                // A count is whole and far below what is exact.
                format!("{count:.0}").parse().unwrap_or(1)
            }
            _ => 1,
        };
        let is_rest = |problem: &&Problem| REST.contains(&problem.code.as_str());
        let here = problems.iter().take(PROBLEMS).filter(|one| !is_rest(one)).count();
        Self { count: problems.iter().map(rest).sum(), here, told }
    }

    /// The same behind these, each of a problem of its own.
    #[must_use]
    fn after(mut self, mut first: Vec<T>) -> Self {
        (self.count, self.here) = (self.count + first.len(), self.here + first.len());
        first.append(&mut self.told);
        Self { told: first, ..self }
    }

    /// The same with other sentences.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        let told = self.told.into_iter().map(change).collect();
        Listed { count: self.count, here: self.here, told }
    }
}

impl Listed<String> {
    /// Problems in the reader's language, as many as a page lists.
    pub fn of(problems: &[Problem], language: &str) -> Self {
        Self::new(problem_texts(problems, language), problems)
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { count: 0, here: 0, told: Vec::new() }
    }
}

impl<T> From<Vec<T>> for Listed<T> {
    /// All of them.
    fn from(told: Vec<T>) -> Self {
        Self { count: told.len(), here: told.len(), told }
    }
}

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
    /// Whether it is the example, and how far that is: a word.
    example: &'static str,
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
            example: study.example.word(),
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
            example: "no",
        }
    }

    /// As the example study, while it is filled.
    pub fn made_up() -> Self {
        Self { example: "filling", ..Self::example() }
    }

    /// As another, that has not begun.
    pub fn bare() -> Self {
        let archived = true;
        Self { status: "draft", closes_on: None, has_margins: false, archived, ..Self::example() }
    }
}

/// Somebody at a door of a study: what was sent, of which nothing is read before it is
/// known who may come in.
pub struct StudyDoor {
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
}

/// Who came in by a door of a study.
pub struct Admitted {
    /// The service.
    pub app: Data<Site>,
    /// What was sent, without its body.
    pub request: HttpRequest,
    /// Who it is.
    pub signed_in: SignedIn,
    /// The study.
    pub study: Study,
}

impl FromRequest for StudyDoor {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let app = Data::<Site>::from_request(request, payload).into_inner();
        let payload = Payload::from_request(request, payload).into_inner();
        let both = app.and_then(|app| Ok((app, payload?)));
        ready(both.map(|(app, payload)| Self { app, request: request.clone(), payload }))
    }
}

impl StudyDoor {
    /// What was sent, without its body.
    pub fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// A part of the address, by the name that it has in the table of doors.
    pub fn named(&self, part: &str) -> String {
        let place = self.request.match_info().iter().position(|(name, _)| name == part);
        let parts = Path::<Vec<String>>::extract(&self.request).into_inner();
        let parts = parts.map(Path::into_inner).unwrap_or_default();
        place.and_then(|place| parts.into_iter().nth(place)).map(without_nul).unwrap_or_default()
    }

    /// Lets in who may do this with the study.
    ///
    /// # Errors
    ///
    /// Nobody signed in, a study that is not to be seen, or a right that is missing.
    pub async fn admit(self, action: Action) -> Result<Admitted, Error> {
        self.let_in(action).await.map(|(admitted, _)| admitted)
    }

    /// As [`Self::admit`], with the form that was sent.
    ///
    /// # Errors
    ///
    /// As [`Self::admit`], and a form that cannot be read or is not of this session.
    pub async fn admit_form(self, action: Action) -> Result<(Admitted, Posted), Error> {
        let (admitted, payload) = self.let_in(action).await?;
        let form = read_form(&admitted.app, payload).await?;
        admitted.signed_in.require_token(&admitted.app, &form)?;
        Ok((admitted, form))
    }

    /// As [`Self::admit_form`], for a form with files.
    ///
    /// # Errors
    ///
    /// As [`Self::admit_form`].
    pub async fn admit_files(
        self,
        action: Action,
    ) -> Result<(Admitted, Posted, Vec<Upload>), Error> {
        let (admitted, payload) = self.let_in(action).await?;
        let (form, files) = read_uploads(&admitted.app, admitted.parts(payload)).await?;
        admitted.signed_in.require_token(&admitted.app, &form)?;
        Ok((admitted, form, files))
    }

    /// As [`Self::admit_form`], for a form with files that are too large to be held.
    ///
    /// # Errors
    ///
    /// As [`Self::admit_form`].
    pub async fn admit_large_files(
        self,
        action: Action,
    ) -> Result<(Admitted, Posted, Vec<Spooled>), Error> {
        let (admitted, payload) = self.let_in(action).await?;
        let (form, files) = read_spooled(&admitted.app, admitted.parts(payload)).await?;
        admitted.signed_in.require_token(&admitted.app, &form)?;
        Ok((admitted, form, files))
    }

    async fn let_in(self, action: Action) -> Result<(Admitted, Payload), Error> {
        let id = self.named("id");
        let Self { app, request, payload } = self;
        let signed_in = SignedIn::require(&app, &request).await?;
        let study = signed_in.study(&app, &id, action).await?;
        Ok((Admitted { app, request, signed_in, study }, payload))
    }
}

impl Admitted {
    fn parts(&self, payload: Payload) -> Multipart {
        Multipart::new(self.request.headers(), payload.into_inner())
    }
}

/// Problems of a form: those of a field lead to it, under the label whose key stands
/// beside its name; the others name their place.
pub fn labelled(
    problems: &[Problem],
    labels: &[(&str, &str)],
    language: &str,
) -> Listed<FieldProblem> {
    let key_of = |told: &FieldProblem| {
        let label = labels.iter().find(|(name, _)| *name == told.field);
        label.map(|(_, key)| locale::text(language, key, &[]))
    };
    let (mut shown, mut others) = (Vec::new(), Vec::new());
    for (told, problem) in field_problems(problems, language).into_iter().zip(problems) {
        match key_of(&told) {
            Some(label) => {
                shown.push(FieldProblem { text: format!("{label}: {}", told.text), ..told });
            }
            None => others.push(problem.clone()),
        }
    }
    let others =
        Listed::of(&others, language).map(|text| FieldProblem { field: String::new(), text });
    others.after(shown)
}

/// What is wrong with each of these fields; empty where nothing is.
pub fn field_errors(
    problems: &[Problem],
    labels: &[(&'static str, &str)],
    language: &str,
) -> BTreeMap<&'static str, String> {
    let mut errors: BTreeMap<&str, String> =
        labels.iter().map(|(name, _)| (*name, String::new())).collect();
    for told in field_problems(problems, language) {
        if let Some(error) = errors.get_mut(told.field.as_str()) {
            *error = told.text;
        }
    }
    errors
}

/// The sentences of problems or notes, as many as a page lists.
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

    #[test]
    fn what_is_counted_are_problems_not_lines() {
        let many = vec![Problem::new("required", "name"); 800];
        let cut: Vec<Problem> = many[..99].to_vec();
        let rest = Problem::new("frame_more", "").with("count", 701_usize);
        let cut: Vec<Problem> = cut.into_iter().chain([rest]).collect();
        let labels = [("name", "study-name")];
        for (problems, told) in [(&many, PROBLEMS + 1), (&cut, 100)] {
            let found = Listed::of(problems, "en");
            let expected = PROBLEMS - usize::from(told == 100);
            assert_eq!((found.count, found.here, found.told.len()), (800, expected, told));
        }
        // Those of a field are listed whole.
        let found = labelled(&many, &labels, "vi");
        assert_eq!((found.count, found.here, found.told.len()), (800, 800, 800));
        let written = serde_json::to_value(Listed::<String>::default()).expect("json");
        assert_eq!(written, serde_json::json!({}));
    }
}
