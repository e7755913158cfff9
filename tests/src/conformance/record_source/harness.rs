//! Where the sources under test come from, and what is at their other end.

use core::fmt;
use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::chart::SourceRef;
use mychartum_core::port::RecordSource;
use mychartum_core::port::record_source::Category;

/// What is at the other end of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FarSide {
    /// It answers everything.
    Good,
    /// In the first pass it says that it could not give everything; later it can.
    Incomplete,
    /// It mixes something of another patient into what it gives.
    Mixed,
    /// It always says that there is more.
    Endless,
    /// It answers the beginning of a pass, then says once that it is busy, then goes on.
    BusyMidway,
    /// It says that it is busy.
    Busy,
    /// It does not accept our credentials.
    Locked,
    /// It does not permit the category under test, and permits the others.
    Forbidding,
    /// It answers with something that is no answer: a web page.
    Babbling,
    /// There is nobody.
    Absent,
}

/// A source with its other end.
pub struct Stage {
    /// The source under test.
    pub source: Arc<dyn RecordSource>,
    /// The patient who is asked for. The other end has at least four items of the category under test, more than one call or
    /// page gives.
    pub patient: SourceRef,
    /// Another patient, whom the other end knows too.
    pub stranger: SourceRef,
    /// The ids of what the other end has of the patient in the category under test.
    pub holds: Box<dyn Fn() -> BTreeSet<String> + Send + Sync>,
    /// Lets an hour pass and changes one item of that category; gives its id.
    pub change: Box<dyn Fn() -> String + Send + Sync>,
    /// The source as it is after the host was started anew, with the same other end.
    pub reopen: Box<dyn Fn() -> Arc<dyn RecordSource> + Send + Sync>,
    /// What must never be shown: addresses, tokens. The patient's id is looked for anyway.
    pub secrets: Vec<String>,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Makes sources for the cases and owns what is at their other end.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The category to test: one with several items.
    fn category(&self) -> Category;

    /// A source with such an other end; `None` where there cannot be one. `Good` must be possible.
    async fn stage(&self, far_side: FarSide) -> Option<Stage>;
}
