//! What the stage has at hand: the messages that would have gone out, the people of the household, and the worker.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use mychartum_adapters::notify::file::Kept;
use mychartum_core::kernel::id::{AccountId, PatientId};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::house::Shared;
use super::lab::Lab;

/// What the stage has at hand.
#[derive(Debug)]
pub(crate) struct Stage {
    /// What would have gone out.
    pub(crate) kept: Arc<Kept>,
    /// The people with a chart.
    pub(crate) people: Vec<Player>,
    /// In whose name the stage acts as the clinic.
    pub(crate) staff: AccountId,
    /// The laboratory that it plays.
    pub(crate) lab: Lab,
}

/// Somebody of the household, as the stage shows them.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    /// Whose chart.
    pub(crate) patient: PatientId,
    /// The name.
    pub(crate) name: String,
    /// What an activation is proved by.
    pub(crate) born: NaiveDate,
}

/// How long the worker rests.
const REST: Duration = Duration::from_secs(2);

/// Goes through what is due, every two seconds, until it is stopped.
#[derive(Debug)]
pub(crate) struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Begins.
    pub(crate) fn start(house: Shared) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            loop {
                // What failed stays due, and the next run takes it up.
                let _ = house.portal.run_due().await;
                tokio::select! {
                    () = tokio::time::sleep(REST) => {}
                    _ = stopped.wait_for(|stopped| *stopped) => return,
                }
            }
        });
        Self { stop, task }
    }

    /// Lets it finish what is under way, and ends it.
    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        drop(self.task.await);
    }
}
