//! Population shares to weight to: a list of variable, code and share.

use actix_web::HttpResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fielding::acts;
use fielding::acts::frame::meanwhile::Kept;
use fielding::error::{Error, Problem};
use fielding::files::margins::{COLUMNS, is_empty, read_margins};
use fielding::rules::access::Action;
use fielding::rules::margins::MarginShare;
use fielding::store::Scope;
use serde::Serialize;
use survey_builder::questionnaire::validate::Posted;

use super::about::{Admitted, StudyDoor};
use super::sheets::{Answer, KeptLine, asked_of, opened};
use super::tables::tables_page;
use crate::form::{Spooled, Upload, as_sent, field};
use crate::outcome::on_or_again;

/// The form's field.
const FIELD: &str = "margins";

/// The most bytes of a file that goes back to the form while it is asked about.
const LARGEST: usize = 256 * 1024;

/// A file of which it is asked which sheet and row are meant. Shares of a population are nobody's
/// secret and few: the file waits in the form itself, and nothing is stored.
#[derive(Serialize)]
pub struct AskedShares {
    #[serde(flatten)]
    kept: KeptLine,
    /// What travels with the form: the file and its name.
    hidden: Vec<(&'static str, String)>,
}

impl AskedShares {
    fn of(kept: Kept, bytes: &[u8]) -> Self {
        let hidden = vec![
            ("margins_name", kept.name.clone()),
            ("margins_sent", BASE64_STANDARD.encode(bytes)),
        ];
        Self { kept: KeptLine::of(kept), hidden }
    }
}

#[cfg(test)]
impl AskedShares {
    /// As an example.
    pub fn example() -> Self {
        Self { kept: KeptLine::example(true), hidden: vec![("margins_name", "m.xlsx".to_owned())] }
    }
}

/// A file of shares as it came: now, or with an earlier form.
struct Sent {
    name: String,
    bytes: Vec<u8>,
    answer: Answer,
}

impl Sent {
    fn of(form: &Posted, uploads: Vec<Upload>) -> Option<Self> {
        if let Some(file) = uploads.into_iter().find(|upload| upload.field == FIELD) {
            return Some(Self { name: file.name, bytes: file.bytes, answer: Answer::default() });
        }
        let waited = BASE64_STANDARD.decode(as_sent(form, "margins_sent")).unwrap_or_default();
        if !waited.is_empty() {
            let name = field(form, "margins_name");
            return Some(Self { name, bytes: waited, answer: Answer::of(form, FIELD) });
        }
        // What comes as text rather than as a file is as good.
        let text = form.get(FIELD).and_then(|texts| texts.first())?;
        let (name, bytes) = (String::new(), text.clone().into_bytes());
        Some(Self { name, bytes, answer: Answer::default() })
    }
}

/// Reads shares, or says what is wrong or to be asked, with the file that it is asked of.
fn read(sent: &Sent) -> (Result<Vec<MarginShare>, Error>, Option<AskedShares>) {
    // An empty file takes the shares away.
    if is_empty(&sent.bytes) {
        return (Ok(Vec::new()), None);
    }
    let spooled = || Spooled::of_bytes(FIELD, &sent.name, &sent.bytes).map(|spooled| spooled.file);
    let file = || spooled().map_err(|problem| Error::Invalid(vec![problem]));
    let kept = match file().and_then(|file| asked_of(file, &sent.name, COLUMNS)) {
        Ok(kept) => kept,
        Err(error) => return (Err(error), None),
    };
    let found = opened(&kept, FIELD, &sent.answer, file).and_then(|(list, header_row)| {
        read_margins(&list, Some(header_row)).map_err(Error::Invalid)
    });
    if found.is_ok() || kept.sheets.is_empty() {
        return (found, None);
    }
    if sent.bytes.len() > LARGEST {
        return (Err(Error::invalid("form-too-large", FIELD)), None);
    }
    (found, Some(AskedShares::of(kept, &sent.bytes)))
}

/// `POST /studies/{id}/margins`: a list of variable, code, share. Of a workbook of several
/// sheets, or where the names of the columns are not in the first row, it is asked which are
/// meant.
pub async fn set_margins(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form, uploads) =
        door.admit_files(Action::Design).await?;
    let (study_id, user) = (study.id, signed_in.user.id);
    let (found, asked) = match Sent::of(&form, uploads) {
        Some(sent) => app.looks.look(move || read(&sent)).await?,
        None => (Err(Error::invalid("no-file", FIELD)), None),
    };
    let set = match found {
        Ok(margins) => {
            let now = app.clock.now();
            app.store
                .write(Scope::Study(study_id), move |connection| {
                    acts::margins::set_margins(connection, now, Some(user), study_id, &margins)
                })
                .await
        }
        Err(error) => Err(error),
    };
    let way = |()| format!("/studies/{study_id}/tables");
    on_or_again(set, way, async |problems: Vec<Problem>| {
        tables_page(&app, &request, &signed_in, &study, (&problems, asked)).await
    })
    .await
}
