//! The clinic's side, played on a stage: only the reference host has it, and only for the accounts of staff.

pub(crate) mod accounts;
pub(crate) mod letter;
pub(crate) mod parts;
pub(crate) mod queue;
pub(crate) mod records;
pub(crate) mod releases;
pub(crate) mod second_looks;
pub(crate) mod worries;
