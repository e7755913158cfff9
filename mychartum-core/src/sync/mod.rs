//! Arriving data: parcels that adapters read, and what becomes of them.

mod parcel;
mod reason;

pub use parcel::{Directory, Parcel, Place, Reading};
pub use reason::Reason;
