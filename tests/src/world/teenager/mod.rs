//! The teenager: asthma, a tree-nut allergy, sport, and one visit that is hers alone. All of it at Lakeside.

mod record;
mod visits;

pub(super) use record::charts;
