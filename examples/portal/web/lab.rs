//! The laboratory that the stage plays: messages of HL7 v2 as an interface sends them, and what became of each.

use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mychartum_adapters::hl7v2::{Message, SourceSettings, parcels_of};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::{Failure, Portal};
use mychartum_core::sync::IntakeReport;

/// What the laboratory's numbers are given by.
const AUTHORITY: &str = "STAGE";

/// The source that it is.
pub(crate) const LAB: &str = "stage-lab";

/// The number of somebody whom nobody knows.
const STRANGER: &str = "P0";

/// What the laboratory sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Play {
    /// A new result.
    Result,
    /// The last one of the patient, corrected.
    Correct,
    /// The last one of the patient, taken back.
    Withdraw,
    /// A result of somebody whom nobody knows here.
    Stranger,
    /// Half a message.
    Break,
    /// Everything that it ever sent, the newest first.
    Replay,
}

/// All of them, as forms name them.
pub(crate) const PLAYS: [(Play, &str); 6] = [
    (Play::Result, "result"),
    (Play::Correct, "correct"),
    (Play::Withdraw, "withdraw"),
    (Play::Stranger, "stranger"),
    (Play::Break, "break"),
    (Play::Replay, "replay"),
];

/// What became of a message.
#[derive(Debug)]
pub(crate) enum Played {
    /// It was taken.
    Taken(IntakeReport),
    /// It was no message, and was refused.
    Refused,
    /// There is nothing of the patient to correct or to take back.
    Nothing,
}

/// The laboratory.
#[derive(Debug)]
pub(crate) struct Lab {
    source: SourceId,
    sent: Mutex<Vec<Order>>,
}

/// A result that was sent.
#[derive(Clone)]
struct Order {
    patient: String,
    number: i64,
    message: Vec<u8>,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Order([hidden])")
    }
}

impl Lab {
    /// A laboratory that has sent nothing.
    pub(crate) fn new(source: SourceId) -> Self {
        Self { source, sent: Mutex::default() }
    }

    /// What the laboratory calls the person at a place of the household.
    pub(crate) fn name_of(place: usize) -> Option<SourceRef> {
        let id = Label::parse(&format!("{AUTHORITY}|{}", number_of(place))).ok()?;
        Some(SourceRef { kind: Label::parse("Patient").ok()?, id })
    }

    /// How its messages are read.
    pub(crate) fn settings() -> SourceSettings {
        SourceSettings::in_zone(Tz::UTC)
    }

    /// Sends something about the person at a place of the household.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn play(
        &self,
        portal: &Portal,
        (play, place): (Play, usize),
        now: DateTime<Utc>,
    ) -> Result<Played, Failure> {
        let number = number_of(place);
        let mut all = self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let last = all.iter().rev().find(|order| order.patient == number).map(|order| order.number);
        let fresh = now.timestamp_micros();
        let (patient, order, status) = match (play, last) {
            (Play::Result | Play::Break, _) => (number.as_str(), fresh, 'F'),
            (Play::Stranger, _) => (STRANGER, fresh, 'F'),
            (Play::Correct, Some(last)) => (number.as_str(), last, 'C'),
            (Play::Withdraw, Some(last)) => (number.as_str(), last, 'D'),
            (Play::Correct | Play::Withdraw, None) => return Ok(Played::Nothing),
            (Play::Replay, _) => {
                all.reverse();
                let mut sum = IntakeReport::default();
                for order in all {
                    if let Played::Taken(report) = self.take(portal, &order.message).await? {
                        sum.resources += report.resources;
                        sum.stored += report.stored;
                        sum.unchanged += report.unchanged;
                        sum.superseded += report.superseded;
                        sum.set_aside.extend(report.set_aside);
                    }
                }
                return Ok(Played::Taken(sum));
            }
        };
        let mut message = oru((patient, order), status, now).into_bytes();
        if play == Play::Break {
            message = message.get(4..40).unwrap_or_default().to_vec();
        }
        let played = self.take(portal, &message).await?;
        if matches!(played, Played::Taken(_)) {
            let order = Order { patient: patient.to_owned(), number: order, message };
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(order);
        }
        Ok(played)
    }

    async fn take(&self, portal: &Portal, message: &[u8]) -> Result<Played, Failure> {
        let settings = Self::settings();
        let Ok(message) = Message::parse(message, &settings.grammar) else { return Ok(Played::Refused) };
        let mut intake = portal.intake(self.source.clone())?;
        intake.offer(parcels_of(&message, &settings, 0, 0)).await?;
        Ok(Played::Taken(intake.finish()))
    }
}

fn number_of(place: usize) -> String {
    format!("P{}", place + 1)
}

/// A result of HbA1c: between 5.2 and 8.1 %, so that some are above the range.
fn oru((patient, order): (&str, i64), status: char, now: DateTime<Utc>) -> String {
    let sent = now.format("%Y%m%d%H%M%S%.3f");
    let tenths = 52 + now.timestamp_micros().rem_euclid(30);
    let value = format!("{}.{}", tenths / 10, tenths % 10);
    let flag = if tenths > 56 { "H" } else { "" };
    let code = "4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN";
    format!(
        "MSH|^~\\&|STAGE|LAB|PORTAL|HOME|{sent}+0000||ORU^R01^ORU_R01|{sent}|P|2.5.1\r\
         PID|1||{patient}^^^{AUTHORITY}^MR\r\
         OBR|1||{order}^{AUTHORITY}|{code}|||{sent}+0000|||||||||||||||{sent}+0000|||{status}\r\
         OBX|1|NM|{code}||{value}|%^%^UCUM|4.0-5.6|{flag}|||{status}|||{sent}+0000\r"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_sends_is_read_whole() {
        let now: DateTime<Utc> = "2026-03-10T09:00:00Z".parse().unwrap();
        for status in ['F', 'C', 'D'] {
            let text = oru(("P1", 7), status, now);
            let settings = Lab::settings();
            let message = Message::parse(text.as_bytes(), &settings.grammar).unwrap();
            let parcels = parcels_of(&message, &settings, 0, 0);
            assert_eq!(
                parcels.iter().map(|parcel| &*parcel.resource).collect::<Vec<_>>(),
                ["Observation", "DiagnosticReport"]
            );
            let readable = |parcel: &&mychartum_core::sync::Parcel| {
                matches!(&parcel.reading, mychartum_core::sync::Reading::Item { subject, .. }
                    if Some(subject) == Lab::name_of(0).as_ref())
            };
            assert_eq!(parcels.iter().filter(readable).count(), 2);
        }
    }
}
