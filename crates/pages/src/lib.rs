//! What browsers get: everything that speaks HTTP or fills a template. The table of
//! addresses is [`routes`]; the order in every handler is parse, authorise, act,
//! answer.

mod account;
mod addresses;
mod administration;
mod appearance;
mod bar;
pub mod bodies;
pub mod builder;
pub mod downloads;
#[cfg(test)]
mod examples;
mod form;
pub mod gallery;
mod home;
mod join;
mod library;
mod limits;
mod looks;
mod media;
mod outcome;
pub mod paper;
pub mod password;
pub mod people;
mod qr;
pub mod r_code;
pub mod render;
mod report;
pub mod respond;
pub mod review;
mod search;
mod security;
mod session;
pub mod site;
mod starters;
pub mod stop;
pub mod stopping;
pub mod studies;
mod trial;
mod visitor;
pub mod wording;

use std::net::TcpListener;

use actix_web::HttpServer;
use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::Data;
use site::Site;

pub use addresses::{ADDRESSES, Address, FILES, Who, routes};

/// Starts the service on a bound socket: the same for the program and for
/// tests. Await the server to run it; its handle stops it gracefully.
///
/// Every form is checked to come from our own pages; every answer carries a
/// strict policy; errors become pages in the reader's language.
pub fn serve(site: Site, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let data = Data::new(site);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(Data::clone(&data))
            .wrap(from_fn(security::error_pages))
            .wrap(from_fn(security::same_origin))
            .wrap(security::headers(data.secure))
            .wrap(Compress::default())
            .configure(routes)
    })
    // Head and body leave at once, also where they are written apart.
    .on_connect(|connection, _| {
        if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
            && let Err(error) = stream.set_nodelay(true)
        {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    })
    .workers(workers)
    .shutdown_timeout(10)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
