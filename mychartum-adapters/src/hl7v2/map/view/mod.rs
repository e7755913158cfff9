//! Segments as views of a chart.

mod appointment;
mod document;
mod encounter;
mod immunization;
mod medication;
mod observation;
mod patient;
mod report;
mod value;

pub(super) use appointment::appointment;
pub(super) use document::{Document, document};
pub(super) use encounter::{encounter, is_of_segments};
pub(super) use immunization::immunization;
pub(super) use medication::medication;
pub(super) use observation::{Status, observation, stage_of};
pub(super) use patient::patient;
pub(super) use report::{report, stage_of_report};
