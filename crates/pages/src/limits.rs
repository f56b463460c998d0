//! Limits on what may be tried: they count people, not the proxy in front of the
//! program, and only tries that fail.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use fielding::app::App;
use fielding::error::Error;
use fielding::store::{Scope, attempts};
use ipnet::IpNet;

use crate::site::Site;

/// The time in which tries are counted.
const WINDOW_SECONDS: i64 = 900;

/// How many tries may fail in [`WINDOW_SECONDS`].
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    what: &'static str,
    most: i64,
}

/// Wrong access codes from one address. Many people share an address; a code has
/// 60 bits, so this many guesses find nothing.
pub const CODES: Limit = Limit { what: "code", most: 300 };
/// Wrong set-up codes from one address.
pub const SETUPS: Limit = Limit { what: "setup", most: 300 };
/// Wrong links for signing in from one address.
pub const SIGN_IN_LINKS: Limit = Limit { what: "sign-in-link", most: 300 };
/// Wrong links of tests from one address.
pub const TRIAL_LINKS: Limit = Limit { what: "trial-link", most: 300 };
/// Tests begun from one address, right ones too: people who test sit in one office.
pub const TRIALS: Limit = Limit { what: "trial", most: 60 };
/// Wrong passwords from one address.
pub const PASSWORDS: Limit = Limit { what: "password", most: 30 };
/// Wrong passwords for one account.
pub const ACCOUNTS: Limit = Limit { what: "account", most: 10 };

/// Wrong codes of a second factor from one address.
pub const FACTORS: Limit = Limit { what: "factor", most: 30 };
/// Wrong codes for one account: a million codes, of which three are right at a time.
pub const FACTORS_OF_ONE: Limit = Limit { what: "factor-of", most: 10 };
/// Wrong links of invitations from one address.
pub const JOIN_LINKS: Limit = Limit { what: "join-link", most: 300 };
/// Letters to accounts asked for from one address.
pub const LETTERS: Limit = Limit { what: "letter", most: 30 };
/// Letters to one account.
pub const LETTERS_TO_ONE: Limit = Limit { what: "letter-to", most: 3 };
/// Wrong links for a new password from one address.
pub const PASSWORD_LINKS: Limit = Limit { what: "password-link", most: 300 };

/// A try at something that is limited, counted before it is known to be right, so
/// that many at once are not too many.
pub struct Try {
    subject: Vec<u8>,
}

impl Try {
    /// Counts one by whoever sends the request.
    ///
    /// # Errors
    ///
    /// [`Error::TooMany`] when too many failed before.
    pub async fn by_visitor(
        app: &Site,
        request: &HttpRequest,
        limit: Limit,
    ) -> Result<Self, Error> {
        Self::at(app, &visitor(app, request), limit).await
    }

    /// Counts one at a subject.
    ///
    /// # Errors
    ///
    /// As [`Try::by_visitor`].
    pub async fn at(app: &App, subject: &str, limit: Limit) -> Result<Self, Error> {
        let subject = app.keys.lookup(&format!("{}|{subject}", limit.what));
        let (in_write, now) = (subject.clone(), app.clock.now());
        let tries = app
            .store
            .write(Scope::Everything, move |connection| {
                attempts::count_attempt(connection, &in_write, now, WINDOW_SECONDS)
            })
            .await?;
        if tries > limit.most { Err(Error::TooMany) } else { Ok(Self { subject }) }
    }

    /// It was right: it does not count.
    ///
    /// # Errors
    ///
    /// A failed write.
    pub async fn succeeded(self, app: &App) -> Result<(), Error> {
        let now = app.clock.now();
        app.store
            .write(Scope::Everything, move |connection| {
                attempts::take_back(connection, &self.subject, now, WINDOW_SECONDS)
            })
            .await
    }
}

/// Whoever sends a request, as far as an address tells: a person behind a proxy
/// that is trusted counts by what it says of them. Of IPv6 it is the network that
/// a household is given, whose addresses are without number.
fn visitor(app: &Site, request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|address| address.ip()) else {
        return String::new();
    };
    let lines = |name: &str| {
        let values = request.headers().get_all(name);
        values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
    };
    let address = address_of(peer, &app.proxies, &lines("forwarded"), &lines("x-forwarded-for"));
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).to_string()
        }
    }
}

/// The address behind the proxies that are trusted: the last that none of them
/// has. Where two headers tell two stories one of them was sent by the visitor,
/// and the proxy's own address counts.
fn address_of(peer: IpAddr, proxies: &[IpNet], forwarded: &str, x_forwarded_for: &str) -> IpAddr {
    let plain = |address: IpAddr| address.to_canonical();
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(&plain(address)));
    let behind = |hops: Vec<Option<IpAddr>>| {
        let mut nearest = peer;
        for hop in hops.into_iter().rev() {
            if !trusted(nearest) {
                break;
            }
            // A hop that says no address hides whoever is behind it.
            let Some(hop) = hop else { break };
            nearest = plain(hop);
        }
        nearest
    };
    let one = (!forwarded.is_empty()).then(|| behind(forwarded_hops(forwarded)));
    let other = (!x_forwarded_for.is_empty())
        .then(|| behind(x_forwarded_for.split(',').map(read_address).collect()));
    match (one, other) {
        (Some(one), Some(other)) if one != other => plain(peer),
        (Some(address), _) | (None, Some(address)) => address,
        (None, None) => plain(peer),
    }
}

/// The `for` of each hop of a `Forwarded` header (RFC 7239), the first first.
fn forwarded_hops(header: &str) -> Vec<Option<IpAddr>> {
    header
        .split(',')
        .map(|hop| {
            hop.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then(|| read_address(value))?
            })
        })
        .collect()
}

/// `192.0.2.1`, `"192.0.2.1:4711"`, `2001:db8::1`, `"[2001:db8::1]:4711"`.
fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    text.rsplit_once(':')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn who_stands_behind_a_proxy_is_who_the_proxy_says() {
        let proxies: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"]
            .iter()
            .map(|text| text.parse().expect("a network"))
            .collect();
        let cases = [
            // peer, Forwarded, X-Forwarded-For, who
            ("192.0.2.7", "", "198.51.100.1", "192.0.2.7"),
            ("10.0.0.1", "", "", "10.0.0.1"),
            ("10.0.0.1", "", "198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.1", "", "198.51.100.1", "198.51.100.1"),
            // What the visitor sent stands left of what the proxy added.
            ("10.0.0.1", "", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
            ("10.0.0.1", "", "10.2.2.2, 10.9.9.9", "10.2.2.2"),
            ("10.0.0.1", "", "rubbish", "10.0.0.1"),
            ("10.0.0.1", "", "198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "for=198.51.100.1;proto=https", "", "198.51.100.1"),
            ("10.0.0.1", "for=1.1.1.1, For=\"[2001:db8::1]:4711\"", "", "2001:db8::1"),
            ("10.0.0.1", "for=unknown", "", "10.0.0.1"),
            ("fd00::1", "for=198.51.100.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "for=1.1.1.1", "198.51.100.1", "10.0.0.1"),
        ];
        for (peer, forwarded, x_forwarded_for, who) in cases {
            let found = address_of(ip(peer), &proxies, forwarded, x_forwarded_for);
            assert_eq!(found, ip(who), "{peer} {forwarded} {x_forwarded_for}");
        }
    }
}
