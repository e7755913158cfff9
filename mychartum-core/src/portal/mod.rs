//! The front door: the portal, its builder, sessions, and reading charts.

mod accounts;
mod acting;
mod answers;
mod asking;
mod attaching;
mod builder;
mod chart_standing;
mod clinic_side;
mod clinical;
mod consenting;
mod disclosure;
mod due;
mod error;
mod grant_change;
mod homecoming;
mod inspection;
mod invitation;
mod listing;
mod marking;
mod original;
mod outside;
#[allow(clippy::module_inception, reason = "each file is named after its main type")]
mod portal;
mod profile;
mod proxy_queue;
mod pulling;
mod queue;
mod records_desk;
mod session;
mod settings;
mod showing;

pub use accounts::{
    AccountView, Activating, ActivationError, Issued, NewCredentials, OwnAccount, Proof, RecoveryError, SteppedUp, Whom,
};
pub use acting::{ActingFor, Offer, Offered};
pub use builder::PortalBuilder;
pub use clinic_side::{Harm, Held, Hold, Over};
pub use disclosure::Disclosure;
pub use due::{DeadLetter, DueReport};
pub use error::{OpenError, ReadError};
pub use grant_change::ProxyError;
pub use inspection::{Inspection, InspectionFault, InspectionFaultKind, InspectionProgress, InspectionReport, inspect};
pub use invitation::InvitationToken;
pub use listing::{Listing, Page};
pub use marking::HideFrom;
pub use original::{NoticeMissing, Original};
pub use portal::Portal;
pub use profile::{ProfileCase, ProfileDecision, ProfileError, ProfileView, ProfileWaiting};
pub use proxy_queue::{Application, Waiting};
pub use session::Session;
pub use settings::Settings;

pub use crate::ledger::{Failure, TrailCheck};
