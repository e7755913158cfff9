//! What happened, and telling people about it: notices are rows of the change they tell of, and are carried afterwards.

mod delivery;
mod outbox;
mod preferences;
mod resolve;
mod settings;

pub(crate) use delivery::DeliveryEvent;
pub use delivery::{DeliveryState, IllegalDelivery, Suppressed};
pub(crate) use outbox::{DueRow, LinkOf, Outbound, Planned, Recipient, Wanted};
pub use preferences::{Preference, Preferences, QuietHours, Rhythm};
pub use resolve::Reachable;
pub(crate) use resolve::{Way, resolve};
pub use settings::NotifySettings;
