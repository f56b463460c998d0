//! Word that the program is to end, for what would hold it up.

use tokio::sync::watch;

/// Whether the program is to end. Clones hear of it together.
#[derive(Clone, Debug)]
pub struct Stopping(watch::Sender<bool>);

impl Default for Stopping {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopping {
    /// The program is to end.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Waits until it is to end.
    pub async fn begun(&self) {
        // The sender lives as long as this is borrowed: there is no other end.
        let _ = self.0.subscribe().wait_for(|stopping| *stopping).await;
    }
}
