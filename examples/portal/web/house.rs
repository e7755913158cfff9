//! What all requests share.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use mychartum_core::account::AccountSettings;
use mychartum_core::chart::SourceId;
use mychartum_core::kernel::id::AccountId;
use mychartum_core::port::Clock as _;
use mychartum_core::portal::Portal;
use tokio::sync::Semaphore;

use super::clock::HouseClock;
use super::forms::FormKey;
use super::names::Names;
use super::stage::Stage;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct House {
    /// The engine.
    pub(crate) portal: Portal,
    /// What forms are sealed with; a new one at each start.
    pub(crate) forms: FormKey,
    /// At most two passwords are hashed at a time: each takes 19 MiB.
    pub(crate) hashing: Semaphore,
    /// The port that it listens on; requests for another one are turned away.
    pub(crate) port: u16,
    /// Whether the people in it are made up.
    pub(crate) is_demo: bool,
    /// The accounts of staff: who may play the clinic.
    pub(crate) staff: HashSet<AccountId>,
    /// The sources that charts are filled from, for the records team.
    pub(crate) sources: Vec<SourceId>,
    /// Names that sessions were shown.
    pub(crate) names: Names,
    /// The portal's clock.
    pub(crate) clock: HouseClock,
    /// Where one plays the world around the portal; in a demo only.
    pub(crate) stage: Option<Stage>,
    /// The version of the terms that people accept; 0 where there are none.
    pub(crate) terms: u32,
}

/// Who is in the house, and what is around it.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Whether the people in it are made up.
    pub(crate) is_demo: bool,
    /// The accounts of staff.
    pub(crate) staff: HashSet<AccountId>,
    /// The sources that charts are filled from.
    pub(crate) sources: Vec<SourceId>,
    /// The portal's clock.
    pub(crate) clock: HouseClock,
    /// Where one plays the world around the portal.
    pub(crate) stage: Option<Stage>,
}

/// The house, as handlers hold it.
pub(crate) type Shared = Arc<House>;

impl House {
    /// A house around a portal.
    pub(crate) fn new(portal: Portal, forms: FormKey, port: u16, setting: Setting) -> Shared {
        let Setting { is_demo, staff, sources, clock, stage } = setting;
        let (hashing, names) = (Semaphore::new(2), Names::default());
        Arc::new(Self {
            portal,
            forms,
            hashing,
            port,
            is_demo,
            staff,
            sources,
            names,
            clock,
            stage,
            terms: AccountSettings::default().terms,
        })
    }

    /// What time it is in the portal.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
