//! The draw: what it will do is said first, then it is done.

use actix_web::web::block;
use actix_web::{HttpRequest, HttpResponse};
use fielding::acts::draw::{Drawing, Drawn, FrameSource, draw_from};
use fielding::acts::frame::{Rows, as_problems, load};
use fielding::app::App;
use fielding::error::{Error, Problem};
use fielding::jobs::prepare::store_sample;
use fielding::keys::random_bytes;
use fielding::rules::access::Action;
use fielding::rules::road::Stage;
use fielding::store::studies::Study;
use survey_builder::questionnaire::validate::Posted;
use survey_builder::sampling::expectation::Expectation;
use survey_builder::sampling::random::Seed;

use super::page::{LISTED, sample_page};
use super::plan::{Outlook, Planning, plan_page};
use crate::bar::Place;
use crate::form::{field, off_thread};
use crate::outcome::on_or_again;
use crate::session::SignedIn;
use crate::studies::about::{Admitted, StudyDoor};
use crate::studies::confirm::{Again, Asked, Consequences, Typed};
use crate::wording::{count_text, plan_text, say_count};

/// `GET /studies/{id}/sample/draw`: what the draw will do.
pub async fn ask_draw(door: StudyDoor) -> Result<HttpResponse, Error> {
    let Admitted { app, request, signed_in, study } = door.admit(Action::Design).await?;
    let planning = Planning::of(&app, &signed_in, &study).await?;
    match planning.expected(&app).await {
        Ok(found) => {
            let (typed, again) = (Posted::new(), Again::default());
            let page = draw_consequences(&signed_in, &request, &study, &planning, &found, &typed);
            page.page(&app, &request, &signed_in, &study, (Place::Stage(Stage::Sample), &again))
                .await
        }
        Err(Error::Invalid(_)) => {
            plan_page(&app, &request, &signed_in, &study, &planning, None).await
        }
        Err(error) => Err(error),
    }
}

/// How many cases are expected, as a whole number, and whether that is only about.
fn cases_expected(found: &Expectation) -> (i64, bool) {
    #[expect(clippy::cast_possible_truncation, reason = "a sample is far below 2^63")]
    let whole = found.all.cases.round() as i64;
    (whole, (found.all.cases - found.all.cases.round()).abs() > 1e-6)
}

fn draw_consequences(
    signed_in: &SignedIn,
    request: &HttpRequest,
    study: &Study,
    planning: &Planning,
    outlook: &Outlook,
    form: &Posted,
) -> Consequences {
    let found = &outlook.expectation;
    let language = signed_in.language(request);
    let say = |key: &str| locale::text(language, key, &[]);
    let row = &planning.row;
    let (cases, about) = cases_expected(found);
    let key = if about { "confirm-draw-about" } else { "confirm-draw-title" };
    let sample = format!("/studies/{}/sample", study.id);
    let title = say_count(language, key, cases, &[]);
    let mut page = Consequences::new(title, sample.clone(), format!("{sample}/plan"));
    let rows = count_text(language, row.units);
    let mut from =
        format!("{} ({})", row.name, locale::text(language, "frame-rows", &[("n", &rows)]));
    if let Some(day) = row.as_of {
        let day = locale::date(day);
        from = format!("{from}, {}", locale::text(language, "frame-as-of-day", &[("day", &day)]));
    }
    let strata = found.strata.iter().take(LISTED).filter(|one| !one.name.is_empty());
    let strata: Vec<String> = strata
        .map(|one| format!("{} {}", one.name, locale::number(language, one.cases, 0)))
        .collect();
    page.facts = vec![
        (say("sample-frame"), from),
        (say("sample-plan"), plan_text(&planning.plan, language)),
    ];
    if !strata.is_empty() {
        page.facts.push((say("confirm-draw-strata"), strata.join(", ")));
    }
    let completes = locale::number(language, found.all.completes, 0);
    let margin = found.all.margin.map(|margin| locale::percent(language, margin, 1));
    let expected = match margin {
        Some(margin) => locale::text(
            language,
            "confirm-draw-expected",
            &[("completes", &completes), ("margin", &margin)],
        ),
        None => completes,
    };
    page.facts.push((say("plan-expected"), expected));
    for one in &outlook.common {
        let key = if one.kept { "confirm-draw-kept" } else { "confirm-draw-avoided" };
        let study = planning.beside.study_of(&one.record);
        let label = locale::text(language, key, &[("study", study)]);
        let number = locale::number(language, one.expected, 1);
        page.facts.push((label, locale::text(language, "confirm-draw-common", &[("n", &number)])));
    }
    page.happens = vec![
        say("confirm-draw-cases"),
        say("confirm-draw-record"),
        say_count(language, "confirm-draw-erased", row.units, &[]),
    ];
    page.stays.push(say("confirm-nobody-written"));
    page.undo = say("confirm-draw-undo");
    page.hidden.push(("counted", planning.stamp()));
    page.ask(Asked {
        name: "seed",
        label: say("sample-seed"),
        hint: say("sample-seed-hint"),
        number: true,
        value: field(form, "seed"),
    });
    page.ask_for(&Typed::Number(cases), &field(form, "typed"), language);
    page
}

/// `POST /studies/{id}/sample`: draws by the plan that was on the screen and lets
/// the frame go.
pub async fn draw(door: StudyDoor) -> Result<HttpResponse, Error> {
    let (Admitted { app, request, signed_in, study }, form) =
        door.admit_form(Action::Design).await?;
    let planning = Planning::of(&app, &signed_in, &study).await?;
    let found = match planning.expected(&app).await {
        Ok(found) => found,
        Err(Error::Invalid(_)) => {
            return plan_page(&app, &request, &signed_in, &study, &planning, None).await;
        }
        Err(error) => return Err(error),
    };
    let counted = field(&form, "counted");
    let seed = match (counted == planning.stamp(), read_seed(&form)) {
        (true, Ok(seed)) if typed_right(&found, &form).is_ok() => seed,
        (stands, seed) => {
            let wrong = seed.err().into_iter().chain(typed_right(&found, &form).err());
            let problems = wrong.filter(|_| stands).collect();
            let again = Again { changed: !stands && !counted.is_empty(), problems };
            let page = draw_consequences(&signed_in, &request, &study, &planning, &found, &form);
            let place = Place::Stage(Stage::Sample);
            return page.page(&app, &request, &signed_in, &study, (place, &again)).await;
        }
    };
    let drawn = draw_now(&app, planning, seed).await;
    let (user, study_id) = (signed_in.user.id, study.id);
    let stored = match drawn {
        Ok(drawn) => {
            let in_work = app.get_ref().clone();
            off_thread(move || store_sample(&in_work, Some(user), study_id, drawn)).await?
        }
        Err(error) => Err(error),
    };
    let way = |_| {
        app.drop_frame();
        format!("/studies/{study_id}/sample")
    };
    on_or_again(stored, way, async |problems| {
        sample_page(&app, &request, &signed_in, &study, &problems).await
    })
    .await
}

fn typed_right(found: &Outlook, form: &Posted) -> Result<(), Problem> {
    Typed::Number(cases_expected(&found.expectation).0).check(&field(form, "typed"))
}

async fn draw_now(app: &App, planning: Planning, seed: Seed) -> Result<Drawn, Error> {
    let app = app.clone();
    block(move || {
        let Planning { row, roles, plan, beside, .. } = planning;
        let frame = load(&app, &row, &plan.columns(&roles.columns))?;
        let separator = row.mark();
        let rows = (Rows::of(&app, row.id), separator);
        let coordinated = beside.coordinate(&frame, &plan, seed);
        let coordinated = coordinated.map_err(|found| Error::Invalid(as_problems(&found)))?;
        let how = Drawing { plan: &plan, seed, coordination: coordinated.coordination };
        draw_from(FrameSource::Waiting(row.id), &frame, &roles, how, rows).map_err(Error::Invalid)
    })
    .await
    .map_err(|_| Error::WriterStopped)?
}

fn read_seed(form: &Posted) -> Result<Seed, Problem> {
    match field(form, "seed").as_str() {
        "" => Ok(Seed(u64::from_le_bytes(random_bytes()))),
        typed => typed.parse().map(Seed).map_err(|_| Problem::new("whole-number", "seed")),
    }
}
