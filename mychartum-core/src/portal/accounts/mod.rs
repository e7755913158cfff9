//! Accounts at the front door: activation, signing in, what holders change, what the clinic does, recovery.

mod activation;
mod clinic;
mod directory;
mod holder;
mod life;
mod on_record;
mod own_devices;
mod recovery;
mod signing_in;

pub use activation::{Activating, ActivationError, Issued, NewCredentials, Whom};
pub use clinic::AccountView;
pub use holder::{OwnAccount, Proof, SteppedUp};
pub use recovery::RecoveryError;
