//! The list of the members of a roster: add one, take one away, put it back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::interview::{self, Interview, Saved};
use fielding::error::{Error, Missing};
use survey_builder::questionnaire::change_members::{MembersChange, member_list};
use survey_builder::questionnaire::document::Members;
use survey_builder::questionnaire::path::{Member, Met, Stop, key};
use survey_builder::questionnaire::piping::member_label;
use survey_builder::questionnaire::validate::Posted;

use super::shown::{MemberView, MembersPage};
use super::{
    FIRST_PAGE, Pages, Sender, address_after, in_progress, language_of, layout_of, not_here,
    off_path, own_address, remember, sender, stop_at, view,
};
use crate::form::{as_sent, read_form};
use crate::outcome::Instead;
use crate::render::{page, redirect};
use crate::site::Site;

pub(crate) fn members_stop(
    interview: &Interview,
    request: &HttpRequest,
) -> Result<Option<Stop>, Error> {
    let stop = stop_at(interview, interview.path(), request)?;
    Ok(stop.filter(|stop| matches!(stop.met, Met::Members(_))))
}

/// `GET /answer/members/{roster}/{member}/…`
pub async fn show(app: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Instead> {
    let interview = in_progress(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let Some(stop) = members_stop(&interview, &request)? else {
        return Ok(off_path(&app, &interview, language)?);
    };
    let response = list_page(&Pages::of(&app, &interview), &interview, &stop, language)?;
    Ok(remember(&app, &request, language, None, response)?)
}

pub(crate) fn list_page(
    pages: &Pages,
    interview: &Interview,
    stop: &Stop,
    language: &str,
) -> Result<HttpResponse, Error> {
    let (version, path) = (&interview.version, interview.path());
    let Met::Members(index) = stop.met else { return Err(Error::NotFound(Missing::Page)) };
    let roster = version.document.rosters.get(index).ok_or(Error::NotFound(Missing::Page))?;
    let list = member_list(version, stop, &interview.progress.answers)
        .ok_or(Error::NotFound(Missing::Page))?;
    let fallback = version.document.default_language.as_str();
    let heading = match &roster.members {
        Members::Added { wording, .. } if !wording.is_empty() => {
            wording.get(language, fallback).to_owned()
        }
        _ => locale::text(language, "members-title", &[]),
    };
    let there = path.rosters.get(&key(roster.id, &stop.within)).map_or(&[][..], Vec::as_slice);
    let view_of = |code: &String| {
        let number = locale::text(language, "members-number", &[("number", code)]);
        let removable = list.primary.as_ref() != Some(code);
        let Some(member) = there.iter().find(|member| member.code == *code) else {
            let address = String::new();
            return MemberView { code: code.clone(), label: number, address, removable };
        };
        let within: Vec<Member> = stop.within.iter().chain([member]).cloned().collect();
        let label = member_label(version, path, &within, language);
        let named = label.chars().any(char::is_alphabetic);
        let first = path.stops.iter().find(|one| one.within.starts_with(&within));
        MemberView {
            code: code.clone(),
            label: if named { label } else { number },
            address: first.map(|first| pages.after(interview, Some(first))).unwrap_or_default(),
            removable,
        }
    };
    let (section, sections) = view::section_progress(interview, path, stop);
    let shown = MembersPage {
        layout: layout_of(pages, interview, language),
        section,
        sections,
        heading,
        present: list.present.iter().map(view_of).collect(),
        removed: list.removed.iter().map(view_of).collect(),
        may_add: list.may_add,
        may_remove: list.may_remove,
        address: pages.address(interview, stop),
        back: path.before(stop).map(|before| pages.after(interview, Some(before))),
        token: pages.token.clone(),
    };
    page(StatusCode::OK, "respond/members.html", language, &shown)
}

/// `POST /answer/members/{roster}/{member}/…`
pub async fn save(
    app: Data<Site>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Instead> {
    let interview = in_progress(&app, &request).await?;
    let language = language_of(&request, Some(&interview.case.language));
    let Some(stop) = members_stop(&interview, &request)? else {
        return Ok(off_path(&app, &interview, language)?);
    };
    let form = read_form(&app, payload).await?;
    let interview = match sender(&app, &request, &form, Some(&interview)).await? {
        Sender::Own(interview) => interview,
        Sender::Other(theirs) => return Ok(not_here(&app, &request, &theirs, "other-person")?),
        Sender::Unknown => return Ok(redirect(&address_after(&app, &interview, Some(&stop)))),
    };
    let saved = interview::save_members(&app, interview.clone(), &stop, change_of(&form)).await?;
    Ok(match saved {
        Saved::OffPath => off_path(&app, &interview, language)?,
        Saved::Ended(_) | Saved::NotOpen => redirect(&own_address(&app, &interview, FIRST_PAGE)),
        Saved::Again => redirect(&address_after(&app, &interview, Some(&stop))),
        // The path may have changed: a new member's stop is not in the old one.
        Saved::Next(next) => redirect(&address_after(&app, &interview, Some(&next))),
        Saved::AtEnd => redirect(&address_after(&app, &interview, None)),
    })
}

/// What a form changes about the members; nothing where it accepts the list.
pub(crate) fn change_of(form: &Posted) -> Option<MembersChange> {
    let named = |name: &str| Some(as_sent(form, name).to_owned()).filter(|code| !code.is_empty());
    named("remove")
        .map(MembersChange::Remove)
        .or_else(|| named("restore").map(MembersChange::Restore))
        .or_else(|| named("add").map(|_| MembersChange::Add))
}
