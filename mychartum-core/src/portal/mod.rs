//! The front door: the portal, its builder, sessions, and reading charts.

mod asking;
mod attaching;
mod builder;
mod clinical;
mod disclosure;
mod error;
mod homecoming;
mod inspection;
mod listing;
mod original;
#[allow(clippy::module_inception, reason = "each file is named after its main type")]
mod portal;
mod session;
mod settings;

pub use builder::PortalBuilder;
pub use disclosure::Disclosure;
pub use error::{OpenError, ReadError};
pub use inspection::{Inspection, InspectionFault, InspectionFaultKind, InspectionProgress, InspectionReport, inspect};
pub use listing::{Listing, Page};
pub use original::Original;
pub use portal::Portal;
pub use session::Session;
pub use settings::Settings;

pub use crate::ledger::{Failure, TrailCheck};
