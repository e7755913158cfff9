//! Reading: from bytes to a tree, from the tree to parcels.

mod delivery;
mod document;
mod element;
mod encoding;
mod header;
mod identity;
mod limits;
mod mend;
mod page;
mod scan;
mod section;
mod statement;
mod tree;
mod view;
mod xml;

pub use delivery::CcdaDelivery;
pub use limits::{Limits, MAPPING};

#[cfg(test)]
mod sample;
