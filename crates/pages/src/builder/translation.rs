//! Every text in two languages beside each other.

pub mod file;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::sign_off::{sign_off, withdraw_sign_off};
use fielding::error::{Error, Problem};
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::sign_offs::{self, SignOff};
use fielding::store::studies::Study;
use fielding::store::{Scope, drafts};
use serde::Serialize;
use survey_builder::questionnaire::document::{Document, TextRole};
use survey_builder::questionnaire::operation::{Operation, Refusal};
use survey_builder::questionnaire::piping::parts;
use survey_builder::questionnaire::translation::{
    SignedTexts, TextPlace, Translations, placed_texts,
};
use survey_builder::questionnaire::validate::Posted;
use survey_builder::questionnaire::words::{Piece, difference};

use self::file::Report;
use super::edits::{name_of, plain_lines, send, texts};
use super::fields::Field;
use super::{Seen, Strip, seen, told};
use crate::bar::Place;
use crate::form::{as_sent, asked, field};
use crate::outcome::status;
use crate::paper;
use crate::render::{page, redirect};
use crate::session::{SignedIn, StaffLayout};
use crate::site::Site;
use crate::studies::about::{Admitted, Listed, StudyDoor, StudyHead};

/// The page of two languages.
#[derive(Serialize)]
struct TranslationPage {
    #[serde(flatten)]
    layout: StaffLayout,
    #[serde(flatten)]
    study: StudyHead,
    strip: Strip,
    problems: Listed<String>,
    refused: Vec<(String, String)>,
    /// What was made of a file.
    report: Option<Report>,
    /// The identity of the questionnaire.
    document: String,
    /// The language that is translated: its name.
    source: String,
    /// The languages that it may be translated into: code, name, whether it is the one.
    targets: Vec<(String, String, bool)>,
    /// The code of the one.
    target: String,
    texts: Vec<Line>,
    missing: usize,
    older: usize,
    doubtful: usize,
    /// Who stands for the language.
    signed: Option<Signed>,
    /// What would be stood for if it were signed off now.
    stamp: String,
}

/// Somebody stands for a language.
#[derive(Serialize)]
pub struct Signed {
    /// Their name.
    pub by: String,
    /// Since which day.
    pub on: String,
    /// How many texts have changed since, or are new.
    pub changed: usize,
}

impl Signed {
    /// Of a sign-off by that name, what a page says.
    pub fn of((row, name): &(SignOff, String), now: &SignedTexts, study: &Study) -> Self {
        Self {
            by: name.clone(),
            on: locale::date(row.signed_at.day_in(study.time_zone)),
            changed: row.texts.changed_in(now).len(),
        }
    }

    #[cfg(test)]
    pub(super) fn example(changed: usize) -> Self {
        Self { by: "Lan".to_owned(), on: "11/12/2026".to_owned(), changed }
    }
}

/// A text.
#[derive(Serialize)]
struct Line {
    /// Where it stands.
    at: String,
    /// What stands before its question.
    number: String,
    /// What it is.
    label: String,
    source: String,
    field: Field,
    /// `missing`, `older`, `insertions` or empty.
    mark: &'static str,
    /// What the source said when it was translated, if that is something else.
    of: String,
    /// How the source has changed since.
    changed: Vec<Piece>,
    /// Whether it or its source has changed since somebody stood for the language.
    since: bool,
}

/// Which language a page translates into, what is wrong with what was sent, and what
/// became of it.
#[derive(Default)]
struct Sent {
    to: String,
    problems: Vec<Problem>,
    refused: Vec<(Operation, Refusal)>,
    report: Option<Report>,
}

/// A draft and what was done to its texts.
struct Translated {
    seen: Seen,
    done: Translations,
    signed: Vec<(SignOff, String)>,
}

impl Translated {
    async fn of(app: &Data<Site>, signed_in: &SignedIn, study: &Study) -> Result<Self, Error> {
        let seen = seen(app, study, signed_in.user.id, None).await?;
        let questionnaire = seen.stored.questionnaire;
        let id = study.id;
        let (done, signed) = app
            .store
            .read(move |connection| {
                let done = drafts::translations(connection, questionnaire)?;
                Ok((done, sign_offs::of_study(connection, id)?))
            })
            .await?;
        Ok(Self { seen, done, signed })
    }

    /// The language of that code, or the first into which something is translated:
    /// code and name.
    fn target(&self, to: &str) -> Option<(String, String)> {
        let document = self.seen.document();
        let default = document.default_language.as_str();
        let others = || document.languages.iter().filter(|one| one.code != default);
        let target = others().find(|one| one.code == to).or_else(|| others().next());
        target.map(|one| (one.code.clone(), one.name.clone()))
    }
}

/// `GET /studies/{id}/builder/translation?to=…`
pub async fn show(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let to = asked(&request, "to").unwrap_or_default().to_owned();
    translation_page(&app, &request, &signed_in, &study, Sent { to, ..Sent::default() }).await
}

async fn translation_page(
    app: &Data<Site>,
    request: &HttpRequest,
    signed_in: &SignedIn,
    study: &Study,
    sent: Sent,
) -> Result<HttpResponse, Error> {
    let language = signed_in.language(request);
    let translated = Translated::of(app, signed_in, study).await?;
    let pair = translated.target(&sent.to);
    let Translated { seen, done, signed } = &translated;
    let document = seen.document();
    let default = document.default_language.as_str();
    let source = document.languages.iter().find(|one| one.code == default);
    let mut lines =
        pair.as_ref().map(|pair| lines(document, done, pair, language)).unwrap_or_default();
    let code = pair.map(|(code, _)| code).unwrap_or_default();
    let texts = SignedTexts::of(document, &code);
    let signed = signed.iter().find(|(row, _)| row.language == code);
    if let Some((row, _)) = signed {
        let since = row.texts.changed_in(&texts);
        for line in &mut lines {
            line.since = since.contains(&line.at);
        }
    }
    let of = |mark| lines.iter().filter(|line| line.mark == mark).count();
    let others = document.languages.iter().filter(|one| one.code != default);
    let status = if sent.refused.is_empty() {
        status(&sent.problems)
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let shown = TranslationPage {
        layout: signed_in.study_layout(app, study, Place::Stage(Stage::Design)).await?,
        study: StudyHead::of(study),
        strip: Strip::of(seen, "translation"),
        problems: Listed::of(&sent.problems, language),
        refused: told(&sent.refused, language),
        report: sent.report,
        document: document.id.to_string(),
        source: source.map(|one| one.name.clone()).unwrap_or_default(),
        targets: others.map(|one| (one.code.clone(), one.name.clone(), one.code == code)).collect(),
        target: code,
        missing: of("missing"),
        older: of("older"),
        doubtful: of("insertions"),
        signed: signed.map(|signed| Signed::of(signed, &texts, study)),
        stamp: texts.stamp(),
        texts: lines,
    };
    page(status, "builder/translation.html", language, &shown)
}

/// Every text that says something in the first language, or in the other.
fn lines(
    document: &Document,
    done: &Translations,
    target: &(String, String),
    language: &str,
) -> Vec<Line> {
    let labels = paper::labels(document);
    let default = document.default_language.as_str();
    let (code, name) = target;
    let mut found = Vec::new();
    for one in placed_texts(document) {
        let source = one.text.0.get(default).cloned().unwrap_or_default();
        let field = match one.at {
            TextPlace::Slot((item, role)) => Field::text(item, role, &one.text, (code, name)),
            TextPlace::Constraint(question, _) => {
                let field = Field::text(question, TextRole::Message, &one.text, (code, name));
                let named = |what: &str| format!("{what}.{}.{code}", one.at);
                Field { name: named("t"), was: named("w"), ..field }
            }
        };
        if source.trim().is_empty() && field.value.trim().is_empty() {
            continue;
        }
        let of = match one.at {
            TextPlace::Slot(slot) => done.translated_from(slot, default, code),
            TextPlace::Constraint(..) => None,
        };
        let of = of.filter(|of| of.trim() != source.trim());
        let mark = if field.value.trim().is_empty() {
            "missing"
        } else if of.is_some() {
            "older"
        } else if insertions(&source) != insertions(&field.value) {
            "insertions"
        } else {
            ""
        };
        let of = of.filter(|_| mark == "older").unwrap_or_default().to_owned();
        let changed = if mark == "older" { difference(&of, &source) } else { Vec::new() };
        let number = labels.get(&one.read_with).cloned().unwrap_or_default();
        let label = locale::text(language, &field.label, &[]);
        let at = one.at.to_string();
        found.push(Line { at, number, label, source, field, mark, of, changed, since: false });
    }
    found
}

/// The names that a text inserts, in order of the alphabet.
fn insertions(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> =
        parts(text).into_iter().filter_map(Result::ok).map(|one| one.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// `POST /studies/{id}/builder/translation`
pub async fn save(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let to = as_sent(&form, "to").to_owned();
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    let mut wishes = texts(&form, seen.document());
    wishes.extend(confirmed(&form, &to));
    let number = seen.stored.number;
    let edited = send(&app, &study, signed_in.user.id, (name_of(&form), number), wishes).await?;
    if edited.refused.is_empty() {
        return Ok(redirect(&way(&study, &to)));
    }
    let sent = Sent { to, refused: edited.refused, ..Sent::default() };
    translation_page(&app, &request, &signed_in, &study, sent).await
}

/// `POST /studies/{id}/builder/translation/sign-off`: a language is signed off, or no more.
pub async fn sign(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let (now, author, id) = (app.clock.now(), signed_in.user.id, study.id);
    let (to, seen) = (field(&form, "to"), field(&form, "stamp"));
    let withdrawn = field(&form, "do") == "withdraw";
    let language = to.clone();
    let done = app.store.write(Scope::Study(id), move |connection| {
        if withdrawn {
            withdraw_sign_off(connection, now, author, id, &language)
        } else {
            sign_off(connection, now, author, id, (&language, &seen))
        }
    });
    match done.await {
        Ok(()) => Ok(redirect(&way(&study, &to))),
        Err(Error::Invalid(problems)) => {
            let sent = Sent { to, problems, ..Sent::default() };
            translation_page(&app, &request, &signed_in, &study, sent).await
        }
        Err(error) => Err(error),
    }
}

/// The page of a language.
fn way(study: &Study, to: &str) -> String {
    let known: String =
        to.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').take(16).collect();
    format!("/studies/{}/builder/translation?to={known}", study.id)
}

/// Translations that were ticked as fitting what the source says now.
fn confirmed(form: &Posted, to: &str) -> Vec<Operation> {
    let ticked = form.keys().filter_map(|name| name.strip_prefix("fits."));
    ticked
        .filter_map(|at| {
            let TextPlace::Slot((item, role)) = at.parse().ok()? else { return None };
            let said = |what: &str| plain_lines(as_sent(form, &format!("{what}.{at}")));
            Some(Operation::Confirm {
                item,
                role,
                language: to.to_owned(),
                was: said("of"),
                now: said("source"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::document::Text;
    use survey_builder::questionnaire::operation::Draft;

    use super::*;
    use crate::examples::shows;

    fn document() -> Document {
        let json = include_str!("../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    /// A document of which one text was written anew since it was translated.
    fn rewritten() -> (Translations, Document) {
        let mut draft = Draft::of(document());
        let question = draft.document.questions().next().expect("one");
        let was = question.wording.0["vi"].clone();
        let write = Operation::Write {
            item: question.id,
            role: TextRole::Wording,
            language: "vi".to_owned(),
            now: format!("{was} Xin cho biết."),
            was,
        };
        write.apply(&mut draft).expect("written");
        let mut done = Translations::default();
        done.take(1, &[write]);
        (done, draft.document)
    }

    #[test]
    fn a_translation_of_what_the_source_no_longer_says_is_marked_until_it_is_confirmed() {
        let (mut done, now) = rewritten();
        let target = ("en".to_owned(), "English".to_owned());
        let older = |done: &Translations| {
            let lines = lines(&now, done, &target, "en").into_iter();
            lines.filter(|line| line.mark == "older").collect::<Vec<_>>()
        };
        let marked = older(&done);
        let [line] = marked.as_slice() else { panic!("{}", marked.len()) };
        assert_eq!(format!("{} Xin cho biết.", line.of), line.source);
        let one = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        let form = Posted::from([
            one(&format!("fits.{}", line.at), "1"),
            one(&format!("of.{}", line.at), &line.of),
            one(&format!("source.{}", line.at), &line.source),
            one("fits.x", "1"),
        ]);
        done.take(2, &confirmed(&form, "en"));
        assert!(older(&done).is_empty());
    }

    #[test]
    fn the_page_of_two_languages_shows_its_examples() {
        shows("builder/translation.html", |language| {
            let target = ("en".to_owned(), "English".to_owned());
            let of = |texts: Vec<Line>| TranslationPage {
                layout: StaffLayout::example(language),
                study: StudyHead::bare(),
                strip: Strip::example("translation"),
                problems: vec!["…".to_owned()].into(),
                refused: vec![("…".to_owned(), "…".to_owned())],
                report: Some(Report::example()),
                document: "0190".to_owned(),
                source: "Tiếng Việt".to_owned(),
                targets: vec![("en".to_owned(), "English".to_owned(), true)],
                target: "en".to_owned(),
                missing: 1,
                older: 1,
                doubtful: 1,
                signed: Some(Signed::example(2)),
                stamp: "ab".to_owned(),
                texts,
            };
            let unsigned = TranslationPage {
                signed: None,
                missing: 0,
                older: 0,
                doubtful: 0,
                ..of(Vec::new())
            };
            let covered = TranslationPage { signed: Some(Signed::example(0)), ..of(Vec::new()) };
            let none = TranslationPage {
                targets: Vec::new(),
                problems: Listed::default(),
                refused: Vec::new(),
                report: None,
                ..of(Vec::new())
            };
            let (done, now) = rewritten();
            let mut changed = lines(&now, &done, &target, language);
            for line in &mut changed {
                line.since = true;
            }
            vec![of(changed), none, unsigned, covered]
        });
    }

    #[test]
    fn what_lacks_or_inserts_something_else_is_marked() {
        let mut document = document();
        let first = document.questions().next().expect("one").id;
        document.change_text((first, TextRole::Wording), |text| {
            *text = Text::new("vi", "Chào ${age}");
            text.0.insert("en".to_owned(), "Hello".to_owned());
        });
        document.change_text((document.id, TextRole::Title), |text| {
            text.0.remove("en");
        });
        let target = ("en".to_owned(), "English".to_owned());
        let lines = lines(&document, &Translations::default(), &target, "en");
        let marks: Vec<&str> =
            lines.iter().map(|line| line.mark).filter(|mark| !mark.is_empty()).collect();
        assert_eq!(marks, ["missing", "insertions"]);
    }
}
