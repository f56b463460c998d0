//! Start-up: opens what is configured, serves it, stops cleanly.

use std::net::{IpAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use fielding::clock::Clock;
use fielding::jobs::send_mail::{self, MailSettings};
use fielding::jobs::{fill_examples, move_pool, prepare};
use fielding::keys::{Keys, random_token};
use fielding::messages::mail::{Carrier, MailTarget, check_target, parse_target};
use fielding::rules::access::Role;
use fielding::rules::second_factor::Requirement;
use fielding::store::people::User;
use fielding::store::{DatabaseUrl, Id, Scope, Store, people};
use fielding::{App, Error, Missing, Problem, acts, private};
use ipnet::IpNet;
use pages::site::Site;

use crate::arguments::Arguments;
use crate::terminal::{Failure, print_line};

/// How often the pools of anonymous studies are looked at.
const POOL_PAUSE: Duration = Duration::from_secs(30);
/// How often it is looked whether something that is stored in portions has stopped.
const PREPARATION_PAUSE: Duration = Duration::from_mins(1);
/// How often it is looked whether an example study is to be filled.
const EXAMPLE_PAUSE: Duration = Duration::from_secs(2);
/// How often the outbox is looked at when nothing is due.
const OUTBOX_PAUSE: Duration = Duration::from_secs(2);

/// How long work that failed rests before it is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(5);

/// Everything opened and bound, before it serves.
pub struct Ready {
    /// The application.
    pub app: App,
    /// The socket.
    pub listener: TcpListener,
    /// Where mail goes; what carries it is opened on the runtime that sends.
    pub target: MailTarget,
    /// How mail is sent.
    pub mail: MailSettings,
    proxies: Vec<IpNet>,
    workers: usize,
}

impl Ready {
    /// The application as browsers meet it.
    pub fn site(&self) -> Site {
        Site::new(self.app.clone()).behind(&self.proxies)
    }

    /// The address to open.
    pub fn address(&self) -> &str {
        &self.app.public_address
    }
}

/// Opens the database, the keys, the socket and the mail, in the order in which
/// a mistake is cheapest to hear of.
pub fn prepare(arguments: &Arguments) -> Result<Ready, Failure> {
    let url = database_url(arguments)?;
    public_address(arguments)?;
    let proxies = trusted_proxies(arguments)?;
    let target = mail_target(arguments)?;
    let second_factor = second_factor(arguments)?;
    let listener = TcpListener::bind(arguments.listen).map_err(|error| Failure::Listen {
        address: arguments.listen.to_string(),
        reason: error.to_string(),
    })?;
    let mut app = open(arguments, &url, &listener)?.with_second_factor(second_factor);
    if arguments.mail.is_some() {
        app = app.with_sender(&arguments.mail_from);
    }
    check_target(&target)?;
    let mail = MailSettings {
        sender: arguments.mail_from.clone(),
        domain_per_minute: arguments.mail_per_minute,
    };
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let workers = arguments.workers.unwrap_or(cores).clamp(1, 64);
    Ok(Ready { app, listener, target, mail, proxies, workers })
}

/// The database that is asked for.
pub fn database_url(arguments: &Arguments) -> Result<DatabaseUrl, Failure> {
    Ok(match &arguments.database {
        Some(url) => DatabaseUrl::parse(url)?,
        None => DatabaseUrl::Sqlite(arguments.data.join("sondage.sqlite")),
    })
}

/// Where mail goes.
pub fn mail_target(arguments: &Arguments) -> Result<MailTarget, Failure> {
    Ok(match &arguments.mail {
        Some(target) => parse_target(target)?,
        None => MailTarget::Folder(arguments.data.join("mail")),
    })
}

fn open(arguments: &Arguments, url: &DatabaseUrl, listener: &TcpListener) -> Result<App, Failure> {
    make_data_folder(&arguments.data)?;
    let store = Store::open(url)?;
    let keys = open_keys(arguments, &store)?;
    let bound = listener
        .local_addr()
        .map_or_else(|_| arguments.listen.to_string(), |address| address.to_string());
    let public = public_address(arguments)?.unwrap_or_else(|| format!("http://{bound}"));
    Ok(App::new(store, keys, &public).with_clock(clock()?).with_data(&arguments.data))
}

/// The system's clock, or one that starts at `SONDAGE_CLOCK`: for rehearsals.
fn clock() -> Result<Clock, Error> {
    match std::env::var("SONDAGE_CLOCK") {
        Ok(start) if !start.is_empty() => Clock::starting(&start),
        _ => Ok(Clock::system()),
    }
}

/// The address that is given, if it is one: a scheme and a host, nothing more.
///
/// # Errors
///
/// Anything else.
pub fn public_address(arguments: &Arguments) -> Result<Option<String>, Failure> {
    let Some(given) = &arguments.public_address else { return Ok(None) };
    let address = given.trim_end_matches('/');
    let parsed = address.parse::<actix_web::http::Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
            && uri.path() == "/"
            && uri.query().is_none()
            && !address.contains('#')
    });
    match parsed {
        Some(_) => Ok(Some(address.to_owned())),
        None => Err(Failure::Setting {
            setting: "--public-address",
            key: "cli-public-address",
            value: given.clone(),
        }),
    }
}

/// The networks of the proxies in front: addresses, or networks such as `10.0.0.0/8`.
///
/// # Errors
///
/// Anything else.
pub fn trusted_proxies(arguments: &Arguments) -> Result<Vec<IpNet>, Failure> {
    let given = arguments.trusted_proxies.iter().map(|text| text.trim());
    given
        .filter(|text| !text.is_empty())
        .map(|text| {
            let network = text.parse().ok();
            let network = network.or_else(|| Some(IpNet::from(text.parse::<IpAddr>().ok()?)));
            network.ok_or_else(|| Failure::Setting {
                setting: "--trusted-proxies",
                key: "cli-trusted-proxies",
                value: text.to_owned(),
            })
        })
        .collect()
}

/// Who must have a second factor.
///
/// # Errors
///
/// Anything but on, off or a day.
pub fn second_factor(arguments: &Arguments) -> Result<Requirement, Failure> {
    let given = &arguments.second_factor;
    Requirement::parse(given).ok_or_else(|| Failure::Setting {
        setting: "--second-factor",
        key: "cli-second-factor",
        value: given.clone(),
    })
}

/// Makes the data folder, for its owner alone.
///
/// # Errors
///
/// What the system says.
pub fn make_data_folder(folder: &Path) -> Result<(), Failure> {
    private::create_folder(folder).map_err(|error| {
        Error::Folder { folder: folder.to_path_buf(), reason: error.to_string() }.into()
    })
}

/// New keys beside a database that is in use would make its links and contacts
/// worthless without a word.
fn open_keys(arguments: &Arguments, store: &Store) -> Result<Keys, Failure> {
    if !Keys::exist(&arguments.data) && !store.read_now(people::is_empty)? {
        return Err(Error::KeysMissing(arguments.data.clone()).into());
    }
    Ok(Keys::open(&arguments.data)?)
}

/// Serves until Ctrl-C or a termination signal.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let ready = prepare(arguments)?;
    let language = arguments.language();
    let empty = ready.app.store.read_now(people::is_empty)?;
    print_line(&locale::text(language, "cli-serving", &[("address", ready.address())]));
    if empty {
        let code = fielding::keys::group_code(&pages::people::setup_code(&ready.app));
        print_line(&locale::text(language, "cli-setup", &[("code", &code)]));
    }
    serve(ready)
}

/// Runs the server and the outbox until told to stop.
pub fn serve(ready: Ready) -> Result<(), Failure> {
    let site = ready.site();
    let stopping = site.stopping.clone();
    let Ready { app, listener, target, mail, workers, .. } = ready;
    // Before anybody can begin anything.
    prepare::sweep_at_start(&app)?;
    actix_web::rt::System::new().block_on(async move {
        let carrier = Carrier::new(&target)?;
        let server = pages::serve(site, listener, workers).map_err(|error| Failure::Listen {
            address: app.public_address.to_string(),
            reason: error.to_string(),
        })?;
        let handle = server.handle();
        actix_web::rt::spawn(async move {
            stop_signal().await;
            stopping.begin();
            handle.stop(true).await;
        });
        let watched = app.clone();
        actix_web::rt::spawn(async move {
            let start = || prepare::run(watched.clone(), PREPARATION_PAUSE);
            watched.watch.keep_running("portions", &watched.clock, RESTART_PAUSE, start).await;
        });
        let watched = app.clone();
        actix_web::rt::spawn(async move {
            let start = || move_pool::run(watched.clone(), POOL_PAUSE);
            watched.watch.keep_running("pool", &watched.clock, RESTART_PAUSE, start).await;
        });
        let watched = app.clone();
        actix_web::rt::spawn(async move {
            let start = || fill_examples::run(watched.clone(), EXAMPLE_PAUSE);
            watched.watch.keep_running("example", &watched.clock, RESTART_PAUSE, start).await;
        });
        let watched = app.clone();
        actix_web::rt::spawn(async move {
            let start =
                || send_mail::run(watched.clone(), carrier.clone(), mail.clone(), OUTBOX_PAUSE);
            watched.watch.keep_running("mail", &watched.clock, RESTART_PAUSE, start).await;
        });
        server.await.map_err(|error| Failure::Listen {
            address: app.public_address.to_string(),
            reason: error.to_string(),
        })
    })
}

async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the system's own way to stop a program still works.
    let _ = tokio::signal::ctrl_c().await;
}

/// Makes a one-time sign-in link for a user.
pub fn make_sign_in_link(app: &App, email: &str) -> Result<String, Failure> {
    let token = random_token();
    let email = email.to_owned();
    let (keys, now, in_write) = (app.keys.clone(), app.clock.now(), token.clone());
    app.store.write_now(Scope::Everything, move |connection| {
        acts::people::make_sign_in_link(connection, &keys, now, &email, &in_write)
    })?;
    Ok(format!("{}/sign-in/{token}", app.public_address))
}

/// Opens the application for a command that serves nothing.
fn open_for_command(arguments: &Arguments) -> Result<App, Failure> {
    let store = Store::open(&database_url(arguments)?)?;
    let keys = open_keys(arguments, &store)?;
    let public = public_address(arguments)?;
    let public = public.unwrap_or_else(|| format!("http://{}", arguments.listen));
    Ok(App::new(store, keys, &public).with_clock(clock()?))
}

/// `sondage sign-in-link EMAIL`
pub fn sign_in_link(arguments: &Arguments, email: &str) -> Result<(), Failure> {
    let app = open_for_command(arguments)?;
    print_line(&make_sign_in_link(&app, email)?);
    Ok(())
}

/// `sondage add-user EMAIL --name NAME --role ROLE`: a role in the topmost unit.
pub fn add_user(arguments: &Arguments, email: &str, name: &str, role: &str) -> Result<(), Failure> {
    let Some(role) = Role::from_word(role) else {
        let roles = Role::ALL.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
        return Err(Failure::Service(Error::Invalid(vec![
            Problem::new("unknown-role", role).with("roles", &roles),
        ])));
    };
    let address = email.trim().to_lowercase();
    if !fielding::messages::mail::is_address(&address) {
        let problem = Problem::new("email", email);
        return Err(Failure::Service(Error::Invalid(vec![problem])));
    }
    let app = open_for_command(arguments)?;
    let user = User {
        id: Id::rising(),
        email: address,
        name: name.to_owned(),
        password_hash: None,
        language: arguments.language().to_owned(),
        disabled: false,
        created_at: app.clock.now(),
    };
    app.store.write_now(Scope::Everything, move |connection| {
        acts::people::add_user(connection, &user, role)
    })?;
    print_line(&make_sign_in_link(&app, email)?);
    Ok(())
}

/// `sondage reset-second-factor EMAIL`: for who has lost the device and the codes; a
/// letter tells them.
///
/// # Errors
///
/// Nobody with that address, or no second factor.
pub fn reset_second_factor(arguments: &Arguments, email: &str) -> Result<(), Failure> {
    let (app, email) = (open_for_command(arguments)?, email.to_owned());
    let now = app.clock.now();
    app.store.write_now(Scope::Everything, move |connection| {
        let user = people::find_by_email(connection, &email)?;
        let user = user.ok_or(Error::NotFound(Missing::User))?;
        acts::second_factor::remove_of(connection, now, None, user.id)
    })?;
    print_line(&locale::text(arguments.language(), "cli-second-factor-reset", &[]));
    Ok(())
}
