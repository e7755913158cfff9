//! What the program does instead of running: backups, restores and copies.

mod back_up;
mod check;
mod copy;
mod restore;
mod unfinished_file;

use chrono::Utc;

use super::args::{Errand, Options};
use super::database::Kept;
use super::place::Place;
use super::trouble::Trouble;

/// Runs an errand to its end and gives the words to close with.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn run(errand: &Errand, options: &Options) -> Result<String, Trouble> {
    let database = &Kept::asked(options);
    match errand {
        Errand::Backup(file) => back_up::back_up(database, file).await,
        Errand::Restore(file) => restore::restore(database, file).await,
        Errand::CopyTo(name) => copy::copy_to(database, &Place::named(name, options.roots.as_deref())).await,
    }
}

/// The time now in milliseconds since 1970.
fn now() -> u64 {
    u64::try_from(Utc::now().timestamp_millis()).unwrap_or(0)
}
