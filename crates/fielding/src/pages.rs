//! Everything that speaks HTTP. The table of addresses is [`routes`]; the order
//! in every handler is parse, authorise, act, answer.

mod form;
pub mod gallery;
pub mod people;
pub mod render;
pub mod respond;
mod security;
mod session;
pub mod stop;
pub mod studies;

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse, HttpServer};

use crate::app::App;
use crate::error::Error;
use crate::store::{Scope, people as store_people};

/// Tries at an access code from one address in [`WINDOW_SECONDS`]. Many people
/// share an address; a code has 60 bits, so this many guesses find nothing.
pub const CODE_TRIES: i64 = 300;
/// Tries at a password for one account, or from one address, in that time.
pub const PASSWORD_TRIES: i64 = 10;
/// The time in which tries are counted.
pub const WINDOW_SECONDS: i64 = 900;

/// Method and path of every page, with who it is for; the walk over all routes
/// in the tests reads this, so a route that is not here fails there.
pub const ADDRESSES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/health"),
    ("GET", "/assets/{hash}/{name}"),
    ("GET", "/r/{link}"),
    ("GET", "/code"),
    ("POST", "/code"),
    ("GET", "/answer"),
    ("POST", "/answer/start"),
    ("GET", "/answer/next"),
    ("GET", "/answer/first"),
    ("GET", "/answer/page/{name}"),
    ("POST", "/answer/page/{name}"),
    ("POST", "/answer/options/{name}"),
    ("GET", "/answer/file/{name}"),
    ("GET", "/answer/media/{name}"),
    ("GET", "/answer/end"),
    ("POST", "/answer/end"),
    ("GET", "/answer/done"),
    ("GET", "/answer/saved"),
    ("GET", "/answer/not-me"),
    ("GET", "/stop/{token}"),
    ("POST", "/stop/{token}"),
    ("GET", "/gallery"),
    ("GET", "/gallery/media/{name}"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/{token}"),
    ("POST", "/sign-in/{token}"),
    ("POST", "/sign-out"),
    ("POST", "/language"),
    ("GET", "/studies"),
    ("GET", "/studies/new"),
    ("POST", "/studies"),
    ("GET", "/studies/{id}"),
    ("GET", "/studies/{id}/questionnaire"),
    ("GET", "/studies/{id}/sample"),
    ("POST", "/studies/{id}/sample"),
    ("POST", "/studies/{id}/frame"),
    ("GET", "/studies/{id}/frame"),
    ("POST", "/studies/{id}/frame/columns"),
    ("POST", "/studies/{id}/frame/removal"),
    ("GET", "/studies/{id}/sample/plan"),
    ("POST", "/studies/{id}/sample/plan"),
    ("POST", "/studies/{id}/sample/release"),
    ("POST", "/studies/{id}/sample/substitution"),
    ("POST", "/studies/{id}/sample/assignment"),
    ("GET", "/studies/{id}/sample/{file}"),
    ("POST", "/studies/{id}/margins"),
    ("POST", "/studies/{id}/media"),
    ("GET", "/studies/{id}/media/{name}"),
    ("POST", "/studies/{id}/media/{name}/removal"),
    ("POST", "/studies/{id}/opening"),
    ("POST", "/studies/{id}/closure"),
    ("POST", "/studies/{id}/invitations"),
    ("POST", "/studies/{id}/reminders"),
    ("POST", "/studies/{id}/resending"),
    ("GET", "/studies/{id}/tables"),
    ("GET", "/studies/{id}/downloads/{file}"),
];

/// The table of addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/", get().to(people::home))
        .route("/health", get().to(health))
        .route("/assets/{hash}/{name}", get().to(render::asset))
        .route("/r/{link}", get().to(respond::open_link))
        .route("/code", get().to(respond::ask_code))
        .route("/code", post().to(respond::enter_code))
        .route("/answer", get().to(respond::open))
        .route("/answer/start", post().to(respond::start))
        .route("/answer/next", get().to(respond::next))
        .route("/answer/first", get().to(respond::review))
        .route("/answer/page/{stop:.+}", get().to(respond::show))
        .route("/answer/page/{stop:.+}", post().to(respond::save))
        .route("/answer/members/{stop:.+}", get().to(respond::show_members))
        .route("/answer/members/{stop:.+}", post().to(respond::save_members))
        .route("/answer/options/{stop:.+}", post().to(respond::options::find))
        .route("/answer/file/{name}", get().to(respond::files::own))
        .route("/answer/media/{name}", get().to(respond::files::media))
        .route("/answer/end", get().to(respond::show_end))
        .route("/answer/end", post().to(respond::submit))
        .route("/answer/done", get().to(respond::done))
        .route("/answer/saved", get().to(respond::saved))
        .route("/answer/not-me", get().to(respond::not_me))
        .route("/stop/{token}", get().to(stop::ask))
        .route("/stop/{token}", post().to(stop::stop))
        .route("/gallery", get().to(gallery::show))
        .route("/gallery/media/{name}", get().to(gallery::media))
        .route("/setup", get().to(people::ask_setup))
        .route("/setup", post().to(people::set_up))
        .route("/sign-in", get().to(people::ask_sign_in))
        .route("/sign-in", post().to(people::sign_in))
        .route("/sign-in/{token}", get().to(people::ask_sign_in_link))
        .route("/sign-in/{token}", post().to(people::sign_in_link))
        .route("/sign-out", post().to(people::sign_out))
        .route("/language", post().to(people::set_language))
        .route("/studies", get().to(studies::list))
        .route("/studies/new", get().to(studies::ask_new))
        .route("/studies", post().to(studies::create))
        .route("/studies/{id}", get().to(studies::show))
        .route("/studies/{id}/questionnaire", get().to(studies::questionnaire::show))
        .route("/studies/{id}/frame", post().to(studies::sample::take))
        .route("/studies/{id}/frame", get().to(studies::sample::show_columns))
        .route("/studies/{id}/frame/columns", post().to(studies::sample::name_columns))
        .route("/studies/{id}/frame/removal", post().to(studies::sample::remove))
        .route("/studies/{id}/sample", get().to(studies::sample::show))
        .route("/studies/{id}/sample", post().to(studies::sample::draw))
        .route("/studies/{id}/sample/plan", get().to(studies::sample::show_plan))
        .route("/studies/{id}/sample/plan", post().to(studies::sample::set_plan))
        .route("/studies/{id}/sample/release", post().to(studies::sample::release))
        .route("/studies/{id}/sample/substitution", post().to(studies::sample::replace))
        .route("/studies/{id}/sample/assignment", post().to(studies::sample::assign))
        .route("/studies/{id}/sample/{file}", get().to(studies::sample::download))
        .route("/studies/{id}/margins", post().to(studies::set_margins))
        .route("/studies/{id}/media", post().to(studies::media::add))
        .route("/studies/{id}/media/{name}", get().to(studies::media::show))
        .route("/studies/{id}/media/{name}/removal", post().to(studies::media::remove))
        .route("/studies/{id}/opening", post().to(studies::fieldwork::open))
        .route("/studies/{id}/closure", post().to(studies::fieldwork::close))
        .route("/studies/{id}/invitations", post().to(studies::fieldwork::invite))
        .route("/studies/{id}/reminders", post().to(studies::fieldwork::remind))
        .route("/studies/{id}/resending", post().to(studies::fieldwork::resend))
        .route("/studies/{id}/tables", get().to(studies::tables::show))
        .route("/studies/{id}/downloads/{file}", get().to(studies::tables::download))
        .default_service(web::to(nowhere));
}

/// Starts the service on a bound socket: the same for the program and for
/// tests. Await the server to run it; its handle stops it gracefully.
///
/// Every form is checked to come from our own pages; every answer carries a
/// strict policy; errors become pages in the reader's language.
pub fn serve(app: App, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let data = Data::new(app);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(Data::clone(&data))
            .wrap(from_fn(security::error_pages))
            .wrap(from_fn(security::same_origin))
            .wrap(security::headers(data.secure))
            .wrap(Compress::default())
            .configure(routes)
    })
    .workers(workers)
    .shutdown_timeout(10)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

/// Counts a try at something and refuses when there have been too many from
/// this address.
pub async fn limit(app: &App, request: &HttpRequest, what: &str, most: i64) -> Result<(), Error> {
    let peer = request.peer_addr().map(|address| address.ip().to_string()).unwrap_or_default();
    limit_subject(app, &format!("{what}|{peer}"), most).await
}

/// As [`limit`], for any subject.
pub async fn limit_subject(app: &App, subject: &str, most: i64) -> Result<(), Error> {
    let (hash, now) = (app.keys.lookup(subject), app.clock.now());
    let tries = app
        .store
        .write(Scope::Everything, move |connection| {
            store_people::count_attempt(connection, &hash, now, WINDOW_SECONDS)
        })
        .await?;
    if tries > most { Err(Error::TooMany) } else { Ok(()) }
}

/// `ok`, and a line for each piece of work that failed and was started again.
async fn health(app: Data<App>) -> HttpResponse {
    let mut body = "ok\n".to_owned();
    for restart in app.watch.restarts() {
        body.push_str(&format!("restarted: {} {}\n", restart.work, restart.times));
    }
    HttpResponse::Ok().content_type("text/plain").body(body)
}

async fn nowhere() -> Result<HttpResponse, Error> {
    Err(Error::NotFound("page"))
}
