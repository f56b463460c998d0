//! What the page of a sample shows once it is drawn.

use actix_web::HttpRequest;
use fielding::error::Error;
use fielding::rules::access::Action;
use fielding::rules::states::Prepared;
use fielding::store::samples::{self, SampleRow};
use fielding::store::{Connection, Id, people, preparations};
use serde::Serialize;
use survey_builder::sampling::plan::StageUnits;

use super::plan_form::overlap::WANTED;
use crate::form::asked;
use crate::session::SignedIn;

/// Areas on a page.
const AREAS: i64 = 50;
/// Draws whose hashes begin alike, which hardly happens.
const SAME_HASH: i64 = 20;
/// An area as a page shows it.
#[derive(Serialize)]
struct AreaLine {
    place: i64,
    stratum: String,
    psu: String,
    population: i64,
    cases: i64,
    assignee: Option<String>,
}

/// What a page shows of a drawn sample.
#[derive(Serialize)]
pub struct View {
    units: i64,
    replicates: u32,
    reserve: u32,
    released: i64,
    /// Cases of released replicates are still being opened.
    releasing: bool,
    /// The last replicate that can be released as a whole.
    releasable: u32,
    sizes: Vec<(i64, i64)>,
    substitution: bool,
    substitutions: Vec<(String, String, String, String)>,
    areas: Vec<AreaLine>,
    area_count: i64,
    skipped: i64,
    next: Option<i64>,
    has_map: bool,
    workloads: Vec<(Option<String>, i64, i64)>,
    people: Vec<(String, String)>,
    /// What it shares with the earlier samples that its plan names.
    common: Vec<CommonLine>,
}

/// What a sample shares with an earlier one.
#[derive(Serialize)]
struct CommonLine {
    study: String,
    wanted: &'static str,
    /// Units, or clusters where those are drawn; nothing where the other is gone or its
    /// units are not for this reader.
    common: Option<i64>,
}

/// What a sample shares with the earlier ones that its plan names; how much only to
/// whoever may see their units too.
fn common(
    connection: &mut Connection,
    who: &SignedIn,
    sample: &SampleRow,
) -> Result<Vec<CommonLine>, Error> {
    let Some(overlap) = &sample.plan.overlap else { return Ok(Vec::new()) };
    let first = sample.plan.stages.first();
    let of_clusters = first.is_some_and(|stage| stage.units != StageUnits::Units);
    let lists = [&overlap.keep, &overlap.avoid, &overlap.earlier].into_iter().zip(WANTED);
    let named = lists.flat_map(|(names, wanted)| names.iter().map(move |name| (name, wanted)));
    named
        .map(|(name, wanted)| {
            let hash = name.rsplit(' ').next().unwrap_or_default();
            let found = samples::of_other_studies(connection, sample.study_id, hash, SAME_HASH)?;
            let other = found.into_iter().find(|one| one.name() == *name);
            let mut common = None;
            if let Some(one) = &other
                && who.may_in(connection, one.unit, Action::DownloadUnits)?
            {
                let found = samples::in_common(connection, sample.id, one.sample.id, of_clusters);
                common = Some(found?);
            }
            let study = other.map_or_else(|| name.clone(), |one| one.study);
            Ok(CommonLine { study, wanted, common })
        })
        .collect()
}

#[cfg(test)]
impl View {
    /// As an example.
    pub fn example() -> Self {
        let text = |text: &str| text.to_owned();
        let area = |assignee| AreaLine {
            place: 0,
            stratum: text("Ba Đình"),
            psu: text("01"),
            population: 900,
            cases: 20,
            assignee,
        };
        Self {
            units: 300,
            replicates: 3,
            reserve: 1,
            released: 1,
            releasing: true,
            releasable: 2,
            sizes: vec![(1, 100), (2, 100), (3, 100)],
            substitution: true,
            substitutions: vec![(text("a"), text("b"), text("c"), text("02/09/2026"))],
            areas: vec![area(None), area(Some(text("Lan")))],
            area_count: 2,
            skipped: 50,
            next: Some(100),
            has_map: true,
            workloads: vec![(None, 1, 20), (Some(text("Lan")), 1, 20)],
            people: vec![(text("0190"), text("Lan"))],
            common: [Some(12), None]
                .map(|common| CommonLine { study: text("poll"), wanted: "keep", common })
                .into(),
        }
    }

    /// As another, of people from a list.
    pub fn bare() -> Self {
        Self {
            replicates: 0,
            releasing: false,
            reserve: 0,
            sizes: Vec::new(),
            substitution: false,
            substitutions: Vec::new(),
            areas: Vec::new(),
            common: Vec::new(),
            ..Self::example()
        }
    }
}

/// How many areas of the list come before those of this page.
pub fn areas_after(request: &HttpRequest) -> i64 {
    asked(request, "after")
        .and_then(|after| after.parse().ok())
        .map_or(0, |after: i64| after.max(0))
}

/// Reads what a page shows of a drawn sample.
pub fn view(
    connection: &mut Connection,
    who: &SignedIn,
    sample: &SampleRow,
    unit: Id,
    skipped: i64,
) -> Result<View, Error> {
    let plan = &sample.plan;
    let (replicates, reserve) =
        plan.release.as_ref().map_or((0, 0), |release| (release.replicates, release.reserve));
    let preparing = preparations::of_study(connection, sample.study_id)?;
    let sizes = samples::replicate_sizes(connection, sample.id)?;
    let found = samples::areas_of(connection, sample.id, skipped, AREAS + 1)?;
    let page = usize::try_from(AREAS).unwrap_or(usize::MAX);
    let next = (found.len() > page).then_some(skipped + AREAS);
    let workloads = samples::workloads(connection, sample.id)?;
    let substitutions = samples::substitutions_of(connection, sample.id)?
        .into_iter()
        .map(|row| (row.unit_key, row.by_key, row.reason, locale::date(row.on_day)))
        .collect();
    Ok(View {
        units: sizes.iter().map(|(_, units)| units).sum(),
        replicates,
        reserve,
        released: sample.released,
        releasing: preparing.contains(&Prepared::Release),
        releasable: replicates - reserve.min(replicates),
        sizes,
        substitution: plan.substitution && reserve > 0,
        substitutions,
        has_map: found.iter().any(|(area, _)| area.latitude.is_some()),
        areas: found
            .into_iter()
            .zip(skipped..)
            .take(page)
            .map(|((area, assignee), place)| AreaLine {
                place,
                stratum: area.stratum,
                psu: area.psu,
                population: area.population,
                cases: area.cases,
                assignee,
            })
            .collect(),
        area_count: workloads.iter().map(|(_, areas, _)| areas).sum(),
        skipped,
        next,
        workloads,
        people: people::with_right(connection, unit, Action::WorkCases)?
            .into_iter()
            .map(|user| (user.id.to_string(), user.name))
            .collect(),
        common: common(connection, who, sample)?,
    })
}
