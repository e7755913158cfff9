//! What charts must show when everything has arrived.

use std::collections::BTreeMap;

/// A result as a chart must show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown {
    /// What was measured, in words.
    pub analyte: String,
    /// How far it got (FHIR R4 ObservationStatus).
    pub status: String,
    /// The value with its unit; empty where there is none yet.
    pub value: String,
    /// How many versions there have been, this one included.
    pub versions: u64,
}

/// What charts must show, whatever happened on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Truth {
    pub(super) charts: BTreeMap<String, Vec<Shown>>,
    pub(super) nobodys: usize,
}

impl Truth {
    /// The results of each patient by record number, sorted. What was withdrawn is not among them.
    #[must_use]
    pub const fn charts(&self) -> &BTreeMap<String, Vec<Shown>> {
        &self.charts
    }

    /// How many messages belong to nobody that can be told.
    #[must_use]
    pub const fn nobodys(&self) -> usize {
        self.nobodys
    }
}
