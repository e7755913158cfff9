//! The grandmother: ten years of diabetes and kidney disease, at Riverside and at Northgate.

mod lab_exceptions;
mod labs;
mod medicines;
mod notes;
mod plans;
mod problems;
mod quarters;
mod record;
mod stay;

pub(super) use record::charts;
