//! Moves ended interviews of anonymous studies on from their pools, when enough
//! have come together.

use std::time::Duration;

use crate::acts::pool::move_ready;
use crate::app::App;
use crate::error::Error;
use crate::store::{Scope, pool, rounds};

/// Looks at every pool, again and again.
pub async fn run(app: App, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let in_work = app.clone();
        let moved = tokio::task::spawn_blocking(move || move_all(&in_work)).await;
        match moved {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "the pools could not be moved"),
            Err(error) => tracing::error!(%error, "the pools could not be moved"),
        }
    }
}

/// Moves what is ready in every pool, on the calling thread. Returns how many
/// interviews moved.
///
/// # Errors
///
/// What the database says; pools moved before that stay moved.
pub fn move_all(app: &App) -> Result<usize, Error> {
    let mut moved = 0;
    for round in app.store.read_now(pool::rounds)? {
        let round = app.store.read_now(|connection| rounds::find(connection, round))?;
        let keys = app.keys.clone();
        moved += app.store.write_now(Scope::Study(round.study_id), move |connection| {
            move_ready(connection, &keys, &round)
        })?;
    }
    if moved > 0 {
        app.store.forget_journal()?;
    }
    Ok(moved)
}
