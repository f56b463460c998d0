//! What answering takes beside the application: who is believed about who asks, how
//! much may arrive at once, and whether cookies go over HTTPS alone.

use std::ops::Deref;
use std::sync::Arc;

use fielding::app::App;
use ipnet::IpNet;

use crate::bodies::Bodies;
use crate::builder::events::Listening;
use crate::builder::simulated::Simulations;
use crate::looks::Looks;
use crate::stopping::Stopping;

/// The application as browsers meet it. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    app: App,
    /// Whether cookies are sent over HTTPS only.
    pub secure: bool,
    /// Networks of the proxies whose word on who is behind them is believed.
    pub proxies: Arc<[IpNet]>,
    /// What bodies of requests may take.
    pub bodies: Bodies,
    /// What looking into files may take.
    pub looks: Looks,
    /// Whether the program is to end.
    pub stopping: Stopping,
    /// Simulated respondents of the drafts that were looked at last.
    pub simulations: Simulations,
    /// Who hears of drafts as they change.
    pub listening: Listening,
}

impl Site {
    /// An application that browsers reach at its public address.
    pub fn new(app: App) -> Self {
        let secure = app.public_address.starts_with("https://");
        let stopping = Stopping::default();
        let bodies = Bodies::default().until(stopping.clone());
        let looks = Looks::new(stopping.clone());
        Self {
            app,
            secure,
            proxies: Arc::default(),
            bodies,
            looks,
            stopping,
            simulations: Simulations::default(),
            listening: Listening::default(),
        }
    }

    /// The same behind proxies.
    #[must_use]
    pub fn behind(self, proxies: &[IpNet]) -> Self {
        Self { proxies: proxies.into(), ..self }
    }
}

impl Deref for Site {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}
