//! Results as people look for them: by report, and by what was measured.

use core::cmp::Reverse;
use std::collections::HashMap;

use crate::kernel::id::ItemId;
use crate::kernel::{CodeSystem, Concept, PartialDate, hidden};

use super::diagnostic_report::DiagnosticReport;
use super::item::Item;
use super::observation::Observation;

/// Results that came together.
#[derive(Clone)]
pub struct ReportGroup {
    /// The report; `None` for a result that came without one.
    pub report: Option<Item<DiagnosticReport>>,
    /// Its results, in the report's order.
    pub results: Vec<Item<Observation>>,
}

/// Results of one analyte.
#[derive(Clone)]
pub struct AnalyteGroup {
    /// What was measured.
    pub code: Concept,
    /// Its results, newest first.
    pub results: Vec<Item<Observation>>,
}

hidden!(ReportGroup, AnalyteGroup);

impl ReportGroup {
    /// Groups results by the reports that name them, newest first; each result is in exactly one group.
    ///
    /// A result that several reports name goes to the newest. `member` gives the item ids that a report names.
    #[must_use]
    pub fn of(
        reports: Vec<Item<DiagnosticReport>>,
        results: Vec<Item<Observation>>,
        member: impl Fn(&Item<DiagnosticReport>) -> Vec<ItemId>,
    ) -> Vec<Self> {
        let mut reports = reports;
        reports.sort_by_key(|report| Reverse(report.view.at().map(|at| at.order())));
        let mut free: HashMap<ItemId, Item<Observation>> = results.into_iter().map(|item| (item.id, item)).collect();
        let mut groups: Vec<Self> = reports
            .into_iter()
            .map(|report| {
                let results = member(&report).iter().filter_map(|id| free.remove(id)).collect();
                Self { report: Some(report), results }
            })
            .collect();
        groups.extend(free.into_values().map(|item| Self { report: None, results: vec![item] }));
        groups.sort_by_key(|group| Reverse((group.at().map(PartialDate::order), group.id())));
        groups
    }

    /// When: the report's time, else that of its newest result.
    #[must_use]
    pub fn at(&self) -> Option<&PartialDate> {
        let newest = || self.results.iter().filter_map(|item| item.view.at()).max_by_key(|at| at.order());
        self.report.as_ref().and_then(|report| report.view.at()).or_else(newest)
    }

    fn id(&self) -> Option<ItemId> {
        self.report.as_ref().map(|report| report.id).or_else(|| self.results.first().map(|item| item.id))
    }
}

impl AnalyteGroup {
    /// Groups results by what was measured: the same LOINC code, else the same code of the same system, else the same words.
    ///
    /// The group with the newest result comes first.
    #[must_use]
    pub fn of(results: Vec<Item<Observation>>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        let mut index: HashMap<(String, String), usize> = HashMap::new();
        for item in results {
            let at = *index.entry(key(&item.view.code)).or_insert_with(|| {
                groups.push(Self { code: item.view.code.clone(), results: Vec::new() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(at) {
                group.results.push(item);
            }
        }
        for group in &mut groups {
            group.results.sort_by_key(|item| Reverse((item.view.at().map(|at| at.order()), item.id)));
        }
        groups.sort_by_key(|group| Reverse(group.results.first().and_then(|item| item.view.at()).map(|at| at.order())));
        groups
    }

    /// The LOINC code of the analyte, if it has one: what a trend is asked for with.
    #[must_use]
    pub fn loinc(&self) -> Option<&str> {
        self.code.code_in(&CodeSystem::Loinc)
    }
}

/// What tells analytes apart.
fn key(code: &Concept) -> (String, String) {
    if let Some(loinc) = code.code_in(&CodeSystem::Loinc) {
        return (CodeSystem::Loinc.uri().to_owned(), loinc.to_owned());
    }
    match code.codings.first() {
        Some(coding) => (coding.system.uri().to_owned(), coding.code.as_str().to_owned()),
        None => (String::new(), code.shown().to_lowercase()),
    }
}
