//! What all requests share.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use mychartum_core::kernel::id::AccountId;
use mychartum_core::portal::Portal;
use tokio::sync::Semaphore;

use super::forms::FormKey;
use super::names::Names;
use super::throttle::Throttle;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct House {
    /// The engine.
    pub(crate) portal: Portal,
    /// What forms are sealed with; a new one at each start.
    pub(crate) forms: FormKey,
    /// Who has to wait before trying to sign in again.
    throttle: Mutex<Throttle>,
    /// At most two passwords are hashed at a time: each takes 19 MiB.
    pub(crate) hashing: Semaphore,
    /// The port that it listens on; requests for another one are turned away.
    pub(crate) port: u16,
    /// Whether the people in it are made up.
    pub(crate) is_demo: bool,
    /// The accounts of staff: who may play the clinic.
    pub(crate) staff: HashSet<AccountId>,
    /// Names that sessions were shown.
    pub(crate) names: Names,
}

/// The house, as handlers hold it.
pub(crate) type Shared = Arc<House>;

impl House {
    /// A house around a portal.
    pub(crate) fn new(portal: Portal, forms: FormKey, port: u16, is_demo: bool, staff: HashSet<AccountId>) -> Shared {
        let throttle = Mutex::new(Throttle::default());
        Arc::new(Self {
            portal,
            forms,
            throttle,
            hashing: Semaphore::new(2),
            port,
            is_demo,
            staff,
            names: Names::default(),
        })
    }

    /// Uses the throttle for a moment.
    pub(crate) fn throttle<T>(&self, with: impl FnOnce(&mut Throttle) -> T) -> T {
        with(&mut self.throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
