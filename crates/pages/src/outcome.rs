//! What comes of a request that is no plain answer: one goes on, is led elsewhere, or
//! sees the page again with all that is wrong.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fielding::error::{Error, Problem};

use super::render::redirect;

/// What is answered instead of what was asked for: another page, or what went wrong.
#[derive(Debug)]
pub enum Instead {
    /// Another page, or the way to it.
    Answer(HttpResponse),
    /// What went wrong.
    Error(Error),
}

impl From<HttpResponse> for Instead {
    fn from(answer: HttpResponse) -> Self {
        Self::Answer(answer)
    }
}

impl From<Error> for Instead {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Leads on to `way` when it is done, and shows the page again with what was wrong
/// when nothing was. Any other error is the caller's.
pub async fn on_or_again<T>(
    done: Result<T, Error>,
    way: impl FnOnce(T) -> String,
    again: impl AsyncFnOnce(Vec<Problem>) -> Result<HttpResponse, Error>,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(done) => Ok(redirect(&way(done))),
        Err(Error::Invalid(problems)) => again(problems).await,
        Err(error) => Err(error),
    }
}

/// The status of a page that says what is wrong, if anything.
pub fn status(problems: &[Problem]) -> StatusCode {
    if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn wrong_input_is_shown_and_other_errors_go_on() {
        let shown =
            async |problems: Vec<Problem>| Ok(HttpResponse::build(status(&problems)).finish());
        let way = |number: i32| format!("/{number}");
        let done = on_or_again(Ok(7), way, shown).await.expect("an answer");
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        assert_eq!(done.headers().get("location").expect("a way"), "/7");
        let wrong = on_or_again(Err(Error::invalid("required", "name")), way, shown).await;
        assert_eq!(wrong.expect("a page").status(), StatusCode::UNPROCESSABLE_ENTITY);
        let refused = on_or_again(Err(Error::Forbidden), way, shown).await;
        assert!(matches!(refused, Err(Error::Forbidden)));
    }
}
