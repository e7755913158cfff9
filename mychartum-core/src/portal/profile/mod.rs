//! The profile at the front door: what people see and propose, and what the clinic decides.

mod deciding;
mod error;
mod proposing;
mod reading;
mod store;
mod view;

pub use deciding::{ProfileCase, ProfileDecision, ProfileWaiting};
pub use error::ProfileError;
pub use view::ProfileView;
