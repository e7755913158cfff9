//! Procedures (US Core Procedure), done and not done.

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::Code;
use super::node::{list, object};
use super::site::Place;

/// One procedure before it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Procedure {
    pub(super) label: &'static str,
    pub(super) code: Code,
    /// The name people use.
    pub(super) name: &'static str,
    pub(super) at: Moment,
    pub(super) by: Clinician,
    pub(super) place: Place,
    /// Why it was not done, if it was not.
    pub(super) not_done: Option<Code>,
    pub(super) note: Option<&'static str>,
}

impl Chart {
    /// Adds a procedure.
    pub(super) fn procedure(&mut self, what: Procedure, visit: Option<&String>) {
        let fact = Fact {
            kind: "Procedure",
            label: what.label,
            version: 1,
            recorded: what.at.plus(30),
            profile: "procedure",
            labels: &[],
        };
        let body = object! {
            "status": if what.not_done.is_some() { "not-done" } else { "completed" },
            "statusReason": what.not_done.map(Code::concept),
            "code": what.code.concept_as(what.name),
            "subject": self.subject(),
            "encounter": self.to_visit(visit),
            "performedDateTime": what.at.text(),
            "performer": list![object! { "actor": self.clinician(what.by) }],
            "location": self.place(what.place),
            "note": list![what.note.map(|note| object! { "text": note })],
        };
        self.add(&fact, body);
    }
}
