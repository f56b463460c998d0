//! The page of a question as its respondents will see it: the very template and the
//! very engine, with nothing answered and nowhere to send it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::interview::Interview;
use fielding::error::{Error, Missing};
use fielding::rules::access::Action;
use survey_builder::questionnaire::document::Question;
use survey_builder::questionnaire::path::Stop;
use survey_builder::questionnaire::piping::{capitalised, form_of_address};
use uuid::Uuid;

use super::{framing, seen};
use crate::form::asked;
use crate::render::page;
use crate::respond::shown::QuestionPage;
use crate::respond::{example_view, section_progress};
use crate::session::SignedIn;
use crate::site::Site;
use crate::visitor::VisitorLayout;

/// `GET /studies/{id}/builder/preview?item=…&shown=…`
pub async fn show(
    app: Data<Site>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let signed_in = SignedIn::require(&app, &request).await?;
    let study = signed_in.study(&app, &id, Action::Design).await?;
    let item = asked(&request, "item").and_then(|item| Uuid::try_parse(item).ok());
    let shown_in = asked(&request, "shown").unwrap_or_default().to_owned();
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let document = seen.document();
    let language = document.languages.iter().find(|one| one.code == shown_in);
    let language = language.map_or(document.default_language.as_str(), |one| &one.code);
    // Without an item it is the first that is shown.
    let shown = |question: &&Question| item.is_none_or(|item| question.id == item);
    let question = document.questions().find(shown);
    let question = question.ok_or(Error::NotFound(Missing::Question))?;
    let place = question.items().first().and_then(|item| seen.version.place(item.id));
    let index = match place {
        Some(place) => place.page,
        // Notes have no item of their own.
        None => document
            .pages()
            .position(|(_, page)| page.questions.iter().any(|one| one.id == question.id))
            .ok_or(Error::NotFound(Missing::Question))?,
    };
    let today = study.today(app.clock.now());
    let interview = Interview::example(Arc::clone(&seen.version), today);
    let (path, stop) = (interview.path(), Stop::page(index));
    let (section, sections) = section_progress(&interview, path, &stop);
    // The words of the page itself are the program's: in the language shown where it
    // speaks it.
    let own = locale::known(language);
    let you = form_of_address(document, language);
    let layout = VisitorLayout {
        capital_you: capitalised(&you),
        you,
        title: document.title.get(language, &document.default_language).to_owned(),
        organisation: study.organisation.clone(),
        phone: study.phone.clone(),
        ..VisitorLayout::plain(own)
    };
    let view = QuestionPage {
        layout: VisitorLayout { languages: Vec::new(), ..layout },
        address: format!("/studies/{}/builder/preview", study.id),
        section,
        sections: sections.max(1),
        page: example_view(&interview, path, &stop, language),
        expired: false,
        back: None,
        sequence: 0,
        token: String::new(),
        media_folder: "media/",
    };
    let mut answer = page(StatusCode::OK, "respond/page.html", own, &view)?;
    framing(&mut answer, "frame-ancestors 'self'");
    Ok(answer)
}
