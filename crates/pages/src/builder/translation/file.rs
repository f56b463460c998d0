//! Texts for translators in a file, and their translations back.

use std::collections::HashMap;

use actix_web::HttpResponse;
use exchange::translation::{Format, Texts, Unit, write};
use fielding::error::{Error, Missing, Problem};
use fielding::files::translation::read_translation;
use fielding::rules::access::Action;
use fielding::store::Id;
use serde::Serialize;
use survey_builder::questionnaire::document::Document;
use survey_builder::questionnaire::translation::{TextPlace, Writing, placed_texts, writings};

use super::{Sent, Translated, lines, translation_page};
use crate::builder::edits::{plain_lines, send};
use crate::builder::seen;
use crate::form::{as_sent, asked, off_thread};
use crate::render::redirect;
use crate::studies::about::{Admitted, StudyDoor};

/// Texts that are written in one edit.
const AT_ONCE: usize = 1_000;
/// Texts that a report lists.
const LISTED: usize = 50;

/// What was made of a file of translations.
#[derive(Default, Serialize)]
pub struct Report {
    /// Texts that say something new.
    taken: usize,
    /// Texts that said so already, or that nobody has touched.
    same: usize,
    /// Texts without a translation.
    empty: usize,
    /// Texts that are not, or no longer, in the questionnaire.
    unknown: usize,
    /// Of what the source no longer says: what it says now, and the translation.
    outdated: Vec<(String, String)>,
    /// How many more there are.
    more: usize,
}

/// `GET /studies/{id}/builder/translation/file?to=…&as=…`
pub async fn send_out(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let Some(wanted) = asked(&request, "as") else {
        // The page again, for whoever loads what a file was sent to.
        return Ok(redirect(&format!("/studies/{}/builder/translation", study.id)));
    };
    let format = Format::ALL.iter().find(|(name, _)| *name == wanted).map(|(_, format)| *format);
    let format = format.ok_or(Error::NotFound(Missing::File))?;
    let translated = Translated::of(&app, &signed_in, &study).await?;
    let target = translated.target(asked(&request, "to").unwrap_or_default());
    let target = target.ok_or(Error::NotFound(Missing::File))?;
    let language = signed_in.language(&request);
    let (ending, media_type) = format.ending();
    let name = translated.seen.document().name.clone();
    let disposition = format!("attachment; filename=\"{name}-{}.{ending}\"", target.0);
    let bytes = off_thread(move || write(&texts(&translated, &target, language), format)).await?;
    let mut response = HttpResponse::Ok();
    response.content_type(media_type).insert_header(("content-disposition", disposition));
    Ok(response.body(bytes))
}

fn texts(translated: &Translated, target: &(String, String), language: &str) -> Texts {
    let document = translated.seen.document();
    let source = document.default_language.clone();
    let units = lines(document, &translated.done, target, language).into_iter().map(|line| {
        let note = if line.number.is_empty() {
            line.label
        } else {
            let question = [("number", line.number.as_str())];
            format!("{} · {}", locale::text(language, "builder-question", &question), line.label)
        };
        Unit {
            id: line.at,
            note,
            source: line.source,
            target: line.field.value.clone(),
            before: line.field.value,
            outdated: line.mark == "older",
        }
    });
    let name = document.title.get(&source, &source).to_owned();
    Texts { name, target: target.0.clone(), units: units.collect(), source }
}

/// `POST /studies/{id}/builder/translation/file`
pub async fn take_in(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, uploads) =
        door.admit_files(Action::Design).await?;
    let mut sent = Sent { to: as_sent(&form, "to").to_owned(), ..Sent::default() };
    let read = match uploads.into_iter().find(|upload| upload.field == "file") {
        Some(upload) => {
            app.looks.look(move || read_translation(&upload.bytes, &upload.name)).await?
        }
        None => Err(vec![Problem::new("import-no-file", "")]),
    };
    let seen = seen(&app, &study, signed_in.user.id, None).await?;
    match read.and_then(|texts| changes(seen.document(), &texts)) {
        Err(problems) => sent.problems = problems,
        Ok((language, changes, mut report)) => {
            let mut number = seen.stored.number;
            for some in changes.chunks(AT_ONCE) {
                let wishes = writings(seen.document(), some);
                let by = (Id::random(), number);
                let edited = send(&app, &study, signed_in.user.id, by, wishes).await?;
                number = edited.number;
                report.taken += some.len().saturating_sub(edited.refused.len());
                sent.refused.extend(edited.refused);
            }
            (sent.to, sent.report) = (language, Some(report));
        }
    }
    translation_page(&app, &request, &signed_in, &study, sent).await
}

/// The language that a file translates into, what it changes in a document, and what
/// else it says.
///
/// # Errors
///
/// Languages that are not those of the questionnaire.
fn changes(
    document: &Document,
    texts: &Texts,
) -> Result<(String, Vec<Writing>, Report), Vec<Problem>> {
    let default = document.default_language.as_str();
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    if !texts.source.is_empty() && !same(&texts.source, default) {
        let problem = Problem::new("translation-other-source", "");
        return Err(vec![problem.with("said", texts.source.as_str()).with("own", default)]);
    }
    let others = document.languages.iter().filter(|one| one.code != default);
    let target = others.clone().find(|one| same(&one.code, &texts.target));
    let Some(target) = target.map(|one| one.code.clone()) else {
        let known = others.map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ");
        let problem = Problem::new("translation-other-target", "");
        return Err(vec![problem.with("said", texts.target.as_str()).with("own", known)]);
    };
    let placed = placed_texts(document);
    let here: HashMap<TextPlace, _> = placed.iter().map(|one| (one.at, &one.text)).collect();
    // Some programs drop what translations were: then it is what they are now.
    let knows_before = texts.units.iter().any(|unit| !unit.before.is_empty());
    let (mut changes, mut report) = (Vec::new(), Report::default());
    for unit in &texts.units {
        let text = unit.id.parse().ok().and_then(|at| Some((at, here.get(&at)?)));
        let Some((at, text)) = text else {
            report.unknown += 1;
            continue;
        };
        let tidy = |text: &str| plain_lines(text).trim().to_owned();
        let said = |code: &str| text.0.get(code).map(|said| tidy(said)).unwrap_or_default();
        let (current, source) = (said(&target), said(default));
        let (now, before) = (tidy(&unit.target), tidy(&unit.before));
        if now.is_empty() {
            report.empty += 1;
        } else if now == current || (knows_before && now == before) {
            report.same += 1;
        } else if tidy(&unit.source) != source {
            report.outdated.push((source, now));
        } else {
            let was = if knows_before { before } else { current };
            changes.push(Writing { at, language: target.clone(), was, now });
        }
    }
    report.more = report.outdated.len().saturating_sub(LISTED);
    report.outdated.truncate(LISTED);
    Ok((target, changes, report))
}

#[cfg(test)]
impl Report {
    /// With something of each sort.
    pub fn example() -> Self {
        let outdated = vec![("…".to_owned(), "…".to_owned())];
        Self { taken: 3, same: 2, empty: 1, unknown: 1, outdated, more: 1 }
    }
}

#[cfg(test)]
mod tests {
    use survey_builder::questionnaire::operation::{Draft, perform};

    use super::*;

    fn document() -> Document {
        let json = include_str!("../../../../../fixtures/questionnaires/all-kinds.json");
        serde_json::from_str(json).expect("a document")
    }

    fn sent_out(document: &Document) -> Texts {
        let units = placed_texts(document).into_iter().map(|one| {
            let said = |code: &str| one.text.0.get(code).cloned().unwrap_or_default();
            let (source, target) = (said("vi"), said("en"));
            let before = target.clone();
            Unit { id: one.at.to_string(), source, target, before, ..Unit::default() }
        });
        let (source, target) = ("vi".to_owned(), "en".to_owned());
        Texts { source, target, units: units.collect(), ..Texts::default() }
    }

    #[test]
    fn what_was_translated_is_taken_and_nothing_else() {
        let document = document();
        let mut texts = sent_out(&document);
        let (_, changed, report) = changes(&document, &texts).expect("fits");
        assert!(changed.is_empty());
        assert_eq!((report.taken, report.unknown), (0, 0));
        let places: Vec<usize> = (0..texts.units.len())
            .filter(|place| !texts.units[*place].target.trim().is_empty())
            .take(4)
            .collect();
        texts.units[places[0]].target = "  New\r\nlines ".to_owned();
        texts.units[places[1]].target = String::new();
        texts.units[places[2]].source = "Khác".to_owned();
        texts.units[places[2]].target = "Other".to_owned();
        texts.units[places[3]].id = "x".to_owned();
        let (language, changed, report) = changes(&document, &texts).expect("fits");
        assert_eq!(language, "en");
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].now, "New\nlines");
        assert_eq!((report.outdated.len(), report.unknown), (1, 1));
        assert_eq!(report.outdated[0].1, "Other");
    }

    #[test]
    fn what_others_wrote_meanwhile_stays_beside_what_comes_back() {
        let mut draft = Draft::of(document());
        let question = draft.document.questions().next().expect("one").clone();
        let mut texts = sent_out(&draft.document);
        let at = format!("{}.wording", question.id);
        let one = Writing {
            at: at.parse().expect("a place"),
            language: "en".to_owned(),
            was: question.wording.0["en"].clone(),
            now: "Written by somebody else".to_owned(),
        };
        let wishes = writings(&draft.document, &[one]);
        perform(&mut draft, &wishes, &[]);
        let unit = texts.units.iter_mut().find(|unit| unit.id == at).expect("there");
        unit.target = "By the translator".to_owned();
        let (_, changed, _) = changes(&draft.document, &texts).expect("fits");
        let wishes = writings(&draft.document, &changed);
        let done = perform(&mut draft, &wishes, &[]);
        assert!(done.refused.is_empty());
        let words = draft.document.questions().next().expect("one").wording.0["en"].clone();
        let second: Vec<&str> = draft.conflicts.iter().map(|one| one.second.as_str()).collect();
        assert_eq!(words, "Written by somebody else");
        assert_eq!(second, ["By the translator"]);
    }

    #[test]
    fn a_file_of_other_languages_is_told() {
        let document = document();
        let code = |source: &str, target: &str| {
            let texts = Texts {
                source: source.to_owned(),
                target: target.to_owned(),
                ..sent_out(&document)
            };
            changes(&document, &texts).err().map(|found| found[0].code.clone())
        };
        assert_eq!(code("vi", "EN"), None);
        assert_eq!(code("", "en"), None);
        assert_eq!(code("en", "vi").as_deref(), Some("translation-other-source"));
        assert_eq!(code("vi", "fr").as_deref(), Some("translation-other-target"));
        assert_eq!(code("vi", "").as_deref(), Some("translation-other-target"));
    }
}
