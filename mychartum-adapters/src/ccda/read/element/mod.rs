//! CDA's data types, read leniently, and what they become in a chart (HL7 v3 Data Types, Release 1).

mod concept;
mod party;
mod person;
mod timestamp;
mod value;

pub(super) use concept::{codings, concept, concept_of};
pub(super) use party::{authors, first_time, performers, places};
pub(super) use person::{address, called, contact, name};
pub(super) use timestamp::{Interval, date, interval};
pub(super) use value::{interpretation, quantity, ranges, value, words};
