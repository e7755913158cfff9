//! The clinic's side for tests: a laboratory that sends, the faults of the way, and a storage that fails now and then.
//!
//! [`Lab`] makes the messages of a small laboratory from a seed, and knows the [`Truth`]: what charts must show in the end, in
//! whatever order and however often the messages arrive. [`Way`] says how they arrive. [`MllpSender`] sends them over a socket as
//! careless senders do, and [`UnsteadyStorage`] fails where a test says so.
//!
//! ```
//! use mychartum_testkit::simulator::{Lab, Size, Way};
//!
//! let lab = Lab::of(7, Size { patients: 2, orders: 3 });
//! let arriving = lab.on_the_way(&Way::careless(1));
//! assert!(arriving.len() >= lab.deliveries().len());
//! assert_eq!(lab.truth().charts().len(), 2);
//! ```

mod delivery;
mod lab;
#[cfg(feature = "mllp")]
mod mllp_sender;
mod order;
mod truth;
mod unsteady_storage;
mod way;

pub use delivery::{Delivery, Said};
pub use lab::{Lab, Size};
#[cfg(feature = "mllp")]
pub use mllp_sender::{LineFaults, MllpSender};
pub use truth::{Shown, Truth};
pub use unsteady_storage::{Failing, UnsteadyStorage};
pub use way::Way;
