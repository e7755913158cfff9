//! Appointments: the only facts of the world that lie in the future (FHIR R4 section 12.3).

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, hl7};
use super::node::{list, object};
use super::site::Place;

/// One appointment before it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Booking {
    pub(super) label: &'static str,
    /// `booked` or `cancelled`.
    pub(super) status: &'static str,
    pub(super) kind: Code,
    pub(super) title: &'static str,
    pub(super) start: Moment,
    pub(super) minutes: i64,
    pub(super) with: Clinician,
    pub(super) place: Place,
    /// What to bring or do.
    pub(super) prepare: Option<&'static str>,
    /// When it was booked or cancelled; never after today.
    pub(super) made: Moment,
    pub(super) labels: &'static [Code],
}

impl Chart {
    /// Adds an appointment.
    pub(super) fn book(&mut self, what: Booking) {
        let fact = Fact {
            kind: "Appointment",
            label: what.label,
            version: 1,
            recorded: what.made,
            profile: "",
            labels: what.labels,
        };
        let cancelled = what.status == "cancelled";
        let answer = if cancelled { "declined" } else { "accepted" };
        let body = object! {
            "status": what.status,
            "cancelationReason": cancelled.then(|| hl7("appointment-cancellation-reason", "pat", "Patient")),
            "serviceType": list![what.kind.concept()],
            "appointmentType": hl7("v2-0276", "FOLLOWUP", "A follow up visit from a previous appointment"),
            "reasonCode": list![object! { "text": what.title }],
            "description": what.title,
            "start": what.start.text(),
            "end": what.start.plus(what.minutes).text(),
            "minutesDuration": what.minutes,
            "created": what.made.text(),
            "patientInstruction": what.prepare,
            "participant": list![
                object! { "actor": self.subject(), "status": answer },
                object! { "actor": self.clinician(what.with), "status": answer },
                object! { "actor": self.place(what.place), "status": answer },
            ],
        };
        self.add(&fact, body);
    }
}
