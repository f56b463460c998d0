//! The table of doors: method, path, who, handler. The routes are built from it, and
//! the walk of all addresses as every role reads it.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, guard};
use fielding::error::{Error, Missing};
use fielding::rules::access::Action;

use crate::security::Telling;
use crate::site::Site;
use crate::{
    account, administration, appearance, builder, gallery, home, join, library, password, people,
    render, respond, review, search, starters, stop, studies, trial,
};

/// Who an address is for. Whether the study, file or person behind it may be known
/// at all is looked at by its handler, in the unit in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever comes.
    Anyone,
    /// Who holds a link, a code or a form of a case; others are sent to the code.
    Respondent,
    /// Who works here.
    SignedIn,
    /// Whose role carries that right.
    May(Action),
    /// Who may have the file that it names: see [`FILES`].
    ByFile,
}

/// A door: one method at one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path as the router reads it.
    pub path: &'static str,
    /// Who it is for.
    pub who: Who,
}

/// One table of all doors: the routes are built from it, and the walk of all
/// addresses as every role reads it.
macro_rules! doors {
    ($( $method:ident $path:literal $who:ident $(($action:expr))? => $handler:path ),+ $(,)?) => {
        /// Every door.
        pub const ADDRESSES: &[Address] = &[ $(
            Address {
                method: stringify!($method),
                path: $path,
                who: Who::$who $(($action))?,
            },
        )+ ];

        /// Builds the routes from the table.
        pub fn routes(config: &mut ServiceConfig) {
            config
                $( .route($path, verb!($method).to(Telling($handler))) )+
                .default_service(web::to(Telling(nowhere)));
        }
    };
}

/// `HEAD` is `GET` without a body.
macro_rules! verb {
    (GET) => {
        web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
    };
    (POST) => {
        web::post()
    };
}

/// Files that have rights of their own.
pub const FILES: &[(&str, Action)] = &[
    ("/studies/{id}/downloads/tables.xlsx", Action::Download),
    ("/studies/{id}/downloads/tables.csv", Action::Download),
    ("/studies/{id}/downloads/report.html", Action::Download),
    ("/studies/{id}/downloads/responses.csv", Action::DownloadResponses),
    ("/studies/{id}/downloads/codebook.csv", Action::DownloadResponses),
    ("/studies/{id}/downloads/checks.csv", Action::DownloadResponses),
    ("/studies/{id}/downloads/files.zip", Action::DownloadResponses),
    ("/studies/{id}/sample/manifest.json", Action::Design),
    ("/studies/{id}/sample/units.csv", Action::DownloadUnits),
    ("/studies/{id}/sample/routes.csv", Action::DownloadUnits),
    ("/studies/{id}/sample/map.svg", Action::View),
];

doors! {
    GET "/" Anyone => people::home,
    GET "/health" Anyone => health,
    GET "/assets/{hash}/{name}" Anyone => render::asset,
    GET "/colour/{name}" Anyone => appearance::colour,
    GET "/logo/{owner}/{hash}" Anyone => appearance::logo,
    GET "/r/{link}" Anyone => respond::open_link,
    GET "/code" Anyone => respond::ask_code,
    POST "/code" Anyone => respond::enter_code,
    GET "/answer" Respondent => respond::open,
    POST "/answer/start" Respondent => respond::start,
    GET "/answer/next" Respondent => respond::next,
    GET "/answer/first" Respondent => respond::review,
    GET "/answer/page/{stop:.+}" Respondent => respond::show,
    POST "/answer/page/{stop:.+}" Respondent => respond::save,
    GET "/answer/members/{stop:.+}" Respondent => respond::members::show,
    POST "/answer/members/{stop:.+}" Respondent => respond::members::save,
    POST "/answer/options/{stop:.+}" Respondent => respond::options::find,
    GET "/answer/file/{name}" Respondent => respond::files::own,
    GET "/answer/media/{name}" Respondent => respond::files::media,
    GET "/answer/end" Respondent => respond::show_end,
    POST "/answer/end" Respondent => respond::submit,
    GET "/answer/done" Respondent => respond::done,
    GET "/answer/saved" Respondent => respond::saved,
    GET "/answer/not-me" Respondent => respond::not_me,
    GET "/stop/{token}" Respondent => stop::ask,
    POST "/stop/{token}" Respondent => stop::stop,
    GET "/try/{link}" Anyone => trial::open,
    POST "/try/{link}/start" Anyone => trial::start,
    GET "/trial/{trial}/next" Anyone => trial::next,
    GET "/trial/{trial}/page/{stop:.+}" Anyone => trial::show,
    POST "/trial/{trial}/page/{stop:.+}" Anyone => trial::save,
    GET "/trial/{trial}/members/{stop:.+}" Anyone => trial::show_members,
    POST "/trial/{trial}/members/{stop:.+}" Anyone => trial::save_members,
    POST "/trial/{trial}/options/{stop:.+}" Anyone => trial::find,
    GET "/trial/{trial}/media/{name}" Anyone => trial::media,
    GET "/trial/{trial}/end" Anyone => trial::show_end,
    POST "/trial/{trial}/end" Anyone => trial::submit,
    GET "/trial/{trial}/done" Anyone => trial::done,
    GET "/gallery" SignedIn => gallery::show,
    GET "/gallery/media/{name}" SignedIn => gallery::media,
    GET "/setup" Anyone => people::ask_setup,
    POST "/setup" Anyone => people::set_up,
    GET "/sign-in" Anyone => people::ask_sign_in,
    POST "/sign-in" Anyone => people::sign_in,
    GET "/password" Anyone => password::ask,
    POST "/password" Anyone => password::send,
    GET "/password/{token}" Anyone => password::ask_new,
    POST "/password/{token}" Anyone => password::set,
    GET "/sign-in/code" Anyone => account::code::ask,
    POST "/sign-in/code" Anyone => account::code::pass,
    GET "/sign-in/{token}" Anyone => people::ask_sign_in_link,
    POST "/sign-in/{token}" Anyone => people::sign_in_link,
    POST "/sign-out" SignedIn => people::sign_out,
    POST "/language" SignedIn => people::set_language,
    GET "/join/{token}" Anyone => join::ask,
    POST "/join/{token}" Anyone => join::join,
    GET "/account" SignedIn => account::show,
    POST "/account" SignedIn => account::change,
    POST "/account/password" SignedIn => account::change_password,
    POST "/account/sessions" SignedIn => account::end_sessions,
    GET "/account/second-factor" SignedIn => account::second_factor::show,
    POST "/account/second-factor" SignedIn => account::second_factor::set_up,
    POST "/account/second-factor/codes" SignedIn => account::second_factor::renew_codes,
    POST "/account/second-factor/removal" SignedIn => account::second_factor::remove,
    GET "/administration" May(Action::Administer) => administration::start,
    GET "/administration/units/{unit}" May(Action::Administer) => administration::show_unit,
    POST "/administration/units/{unit}/units" May(Action::Administer) => administration::add_unit,
    POST "/administration/units/{unit}/name" May(Action::Administer) => administration::rename,
    GET "/administration/units/{unit}/appearance" May(Action::Administer) => appearance::of_unit,
    POST "/administration/units/{unit}/appearance" May(Action::Administer) => appearance::change_of_unit,
    POST "/administration/units/{unit}/invitations" May(Action::Administer) => administration::invite,
    POST "/administration/invitations/{invitation}/letter" May(Action::Administer) => administration::invite_again,
    GET "/administration/invitations/{invitation}/withdrawal" May(Action::Administer) => administration::ask_withdraw,
    POST "/administration/invitations/{invitation}/withdrawal" May(Action::Administer) => administration::withdraw,
    GET "/administration/people/{person}" May(Action::Administer) => administration::show_person,
    GET "/administration/people/{person}/role" May(Action::Administer) => administration::ask_role,
    POST "/administration/people/{person}/role" May(Action::Administer) => administration::set_role,
    GET "/administration/people/{person}/disabling" May(Action::Administer) => administration::ask_disable,
    POST "/administration/people/{person}/disabling" May(Action::Administer) => administration::disable,
    GET "/administration/people/{person}/enabling" May(Action::Administer) => administration::ask_enable,
    POST "/administration/people/{person}/enabling" May(Action::Administer) => administration::enable,
    GET "/administration/people/{person}/second-factor" May(Action::Administer) => administration::ask_factor,
    POST "/administration/people/{person}/second-factor" May(Action::Administer) => administration::remove_factor,
    GET "/review/{token}" Anyone => review::show,
    POST "/review/{token}" Anyone => review::send,
    GET "/home" SignedIn => home::show,
    GET "/search" SignedIn => search::show,
    GET "/library" May(Action::View) => library::list,
    GET "/library/{block}" May(Action::View) => library::show,
    POST "/library/{block}" May(Action::Design) => library::change,
    GET "/studies" SignedIn => studies::list,
    GET "/starters/{starter}" SignedIn => starters::download,
    GET "/studies/new" May(Action::Design) => studies::ask_new,
    POST "/studies" May(Action::Design) => studies::create,
    POST "/studies/example" May(Action::Design) => studies::example::make,
    GET "/studies/{id}/appearance" May(Action::Design) => appearance::of_study,
    POST "/studies/{id}/appearance" May(Action::Design) => appearance::change_of_study,
    POST "/studies/{id}/example/removal" May(Action::Design) => studies::example::remove,
    GET "/studies/{id}" May(Action::View) => studies::overview::show,
    GET "/studies/{id}/design" May(Action::View) => studies::design::show,
    GET "/builder/events" May(Action::Design) => builder::events::listen,
    GET "/studies/{id}/builder" May(Action::Design) => builder::show,
    POST "/studies/{id}/builder" May(Action::Design) => builder::edits::change,
    GET "/studies/{id}/builder/preview" May(Action::Design) => builder::preview::show,
    POST "/studies/{id}/builder/preview" May(Action::Design) => builder::preview::go_on,
    GET "/studies/{id}/builder/sheet" May(Action::Design) => builder::sheet::show,
    POST "/studies/{id}/builder/sheet" May(Action::Design) => builder::sheet::send_in,
    GET "/studies/{id}/builder/text" May(Action::Design) => builder::text::show,
    POST "/studies/{id}/builder/text" May(Action::Design) => builder::text::send_in,
    GET "/studies/{id}/builder/map" May(Action::Design) => builder::map::show,
    GET "/studies/{id}/builder/translation" May(Action::Design) => builder::translation::show,
    POST "/studies/{id}/builder/translation" May(Action::Design) => builder::translation::save,
    POST "/studies/{id}/builder/translation/sign-off" May(Action::Design) => builder::translation::sign,
    GET "/studies/{id}/builder/translation/file" May(Action::Design) => builder::translation::file::send_out,
    POST "/studies/{id}/builder/translation/file" May(Action::Design) => builder::translation::file::take_in,
    GET "/studies/{id}/builder/replace" May(Action::Design) => builder::replace::show,
    POST "/studies/{id}/builder/replace" May(Action::Design) => builder::replace::replace,
    GET "/studies/{id}/builder/review" May(Action::Design) => builder::review::show,
    POST "/studies/{id}/builder/review" May(Action::Design) => builder::review::send,
    GET "/studies/{id}/builder/review/record" May(Action::Design) => builder::review::record,
    GET "/studies/{id}/builder/trials" May(Action::Design) => builder::trials::show,
    POST "/studies/{id}/builder/trials" May(Action::Design) => builder::trials::change,
    GET "/studies/{id}/builder/trials/{trial}" May(Action::Design) => builder::trials::one::show,
    GET "/studies/{id}/builder/library" May(Action::Design) => builder::library::show,
    POST "/studies/{id}/builder/library" May(Action::Design) => builder::library::send,
    GET "/studies/{id}/builder/library/{use}" May(Action::Design) => builder::library::update::show,
    POST "/studies/{id}/builder/library/{use}" May(Action::Design) => builder::library::update::take,
    GET "/studies/{id}/builder/history" May(Action::Design) => builder::history::show,
    GET "/studies/{id}/builder/versions" May(Action::Design) => builder::versions::show,
    POST "/studies/{id}/builder/versions" May(Action::Design) => builder::versions::change,
    GET "/studies/{id}/builder/publication" May(Action::Design) => builder::publication::ask,
    POST "/studies/{id}/builder/publication" May(Action::Design) => builder::publication::publish,
    GET "/studies/{id}/questionnaire" May(Action::View) => studies::questionnaire::show,
    POST "/studies/{id}/frame" May(Action::Design) => studies::sample::take,
    GET "/studies/{id}/frame" May(Action::Design) => studies::sample::show_columns,
    POST "/studies/{id}/frame/columns" May(Action::Design) => studies::sample::name_columns,
    POST "/studies/{id}/frame/sheet" May(Action::Design) => studies::sample::choose_sheet,
    GET "/studies/{id}/frame/removal" May(Action::Design) => studies::sample::ask_remove,
    POST "/studies/{id}/frame/removal" May(Action::Design) => studies::sample::remove,
    GET "/studies/{id}/sample" May(Action::View) => studies::sample::show,
    POST "/studies/{id}/sample" May(Action::Design) => studies::sample::draw,
    GET "/studies/{id}/sample/draw" May(Action::Design) => studies::sample::ask_draw,
    GET "/studies/{id}/sample/plan" May(Action::Design) => studies::sample::show_plan,
    POST "/studies/{id}/sample/plan" May(Action::Design) => studies::sample::set_plan,
    GET "/studies/{id}/sample/release" May(Action::Field) => studies::sample::ask_release,
    POST "/studies/{id}/sample/release" May(Action::Field) => studies::sample::release,
    POST "/studies/{id}/sample/substitution" May(Action::Field) => studies::sample::replace,
    POST "/studies/{id}/sample/assignment" May(Action::Field) => studies::sample::assign,
    GET "/studies/{id}/sample/{file}" ByFile => studies::sample::download,
    POST "/studies/{id}/margins" May(Action::Design) => studies::margins::set_margins,
    POST "/studies/{id}/media" May(Action::Design) => studies::media::add,
    GET "/studies/{id}/media/{name}" May(Action::View) => studies::media::show,
    GET "/studies/{id}/media/{name}/removal" May(Action::Design) => studies::media::ask_remove,
    POST "/studies/{id}/media/{name}/removal" May(Action::Design) => studies::media::remove,
    GET "/studies/{id}/opening" May(Action::Field) => studies::fieldwork::ask_open,
    POST "/studies/{id}/opening" May(Action::Field) => studies::fieldwork::open,
    GET "/studies/{id}/closure" May(Action::Field) => studies::fieldwork::ask_close,
    POST "/studies/{id}/closure" May(Action::Field) => studies::fieldwork::close,
    GET "/studies/{id}/invitations" May(Action::Field) => studies::fieldwork::ask_invite,
    POST "/studies/{id}/invitations" May(Action::Field) => studies::fieldwork::invite,
    GET "/studies/{id}/reminders" May(Action::Field) => studies::fieldwork::ask_remind,
    POST "/studies/{id}/reminders" May(Action::Field) => studies::fieldwork::remind,
    GET "/studies/{id}/resending" May(Action::Field) => studies::fieldwork::ask_resend,
    POST "/studies/{id}/resending" May(Action::Field) => studies::fieldwork::resend,
    GET "/studies/{id}/field" May(Action::View) => studies::field::show,
    GET "/studies/{id}/tables" May(Action::View) => studies::tables::show,
    GET "/studies/{id}/report" May(Action::View) => studies::report::show,
    POST "/studies/{id}/archive" May(Action::Design) => studies::archive::archive,
    POST "/studies/{id}/restoration" May(Action::Design) => studies::archive::restore,
    GET "/studies/{id}/deletion" May(Action::Administer) => studies::fieldwork::ask_delete,
    POST "/studies/{id}/deletion" May(Action::Administer) => studies::fieldwork::delete,
    GET "/studies/{id}/settings" May(Action::Design) => studies::settings::ask,
    POST "/studies/{id}/settings" May(Action::Design) => studies::settings::change,
    GET "/studies/{id}/people" May(Action::View) => studies::people::show,
    GET "/studies/{id}/record" May(Action::View) => studies::record::show,
    GET "/studies/{id}/downloads/{file}" ByFile => studies::tables::download,
}

/// `ok`, and a line for each piece of work that failed and was started again.
async fn health(app: Data<Site>) -> HttpResponse {
    let mut body = "ok\n".to_owned();
    for restart in app.watch.restarts() {
        body.push_str(&format!("restarted: {} {}\n", restart.work, restart.times));
    }
    HttpResponse::Ok().content_type("text/plain").body(body)
}

async fn nowhere() -> Result<HttpResponse, Error> {
    Err(Error::NotFound(Missing::Page))
}
