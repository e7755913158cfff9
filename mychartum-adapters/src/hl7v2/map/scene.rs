//! What all segments of a message share: whose it is, when it was sent, and how its source is read.

use mychartum_core::chart::{SourceRef, SourceVersion, Stage};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{PartialDate, SensitivitySet};
use mychartum_core::sync::Reason;

use crate::hl7v2::{Message, Repetition, Segment};

use super::element::{entity, is_sound, names_a_patient, time};
use super::labels::restricted;
use super::settings::{CheckDigits, SourceSettings};

/// A message with what is known before its segments are mapped.
pub(super) struct Scene<'m> {
    pub(super) message: &'m Message<'m>,
    pub(super) settings: &'m SourceSettings,
    /// The type of message and what happened, in capitals.
    pub(super) code: String,
    pub(super) event: String,
    /// Whose it is.
    pub(super) subject: Result<SourceRef, Reason>,
    /// At which visit.
    pub(super) visit: Option<SourceRef>,
    /// What restricts all that it says.
    pub(super) restricted: SensitivitySet,
    /// When it was sent (MSH-7).
    pub(super) sent: Option<PartialDate>,
}

impl<'m> Scene<'m> {
    pub(super) fn of(message: &'m Message<'m>, settings: &'m SourceSettings) -> Self {
        let capitals = |text: &str| text.trim().to_ascii_uppercase();
        let pids: Vec<Segment<'m>> = message.segments().named("PID").collect();
        let subject = match pids.as_slice() {
            [] => Err(Reason::NoSubject),
            [pid] => subject(pid, settings),
            // Two patients in one message: nothing says which segment is about whom.
            _ => Err(Reason::Invalid("PID")),
        };
        let visit = message.segments().find_named("PV1").and_then(|pv1| visit(&pv1, settings));
        let sent = time(message.header().field(7), settings.zone);
        Self {
            message,
            settings,
            code: capitals(&message.code()),
            event: capitals(&message.event()),
            subject,
            visit,
            restricted: restricted(message),
            sent,
        }
    }

    /// The header, where the event in it says how something stands: it then belongs to the original, for nothing else may tell a
    /// cancellation from the booking before it.
    pub(super) fn header_if(&self, event_decides: bool) -> Option<Segment<'m>> {
        event_decides.then(|| self.message.header())
    }

    /// A version: how far it got, when the source says that it changed, and when the message was sent, as a number that decides
    /// where the rest is the same.
    pub(super) fn version(&self, stage: Stage, changed: Option<PartialDate>) -> SourceVersion {
        let number = self.sent.as_ref().map(|sent| sent.lower().format("%Y%m%d%H%M%S%3f").to_string());
        SourceVersion {
            stage,
            id: number.and_then(|number| Label::clipped(&number)),
            last_updated: changed.or_else(|| self.sent.clone()),
        }
    }
}

/// What the source calls the patient: an identifier that a care provider gave to a person. Numbers of the state or an insurer, of
/// accounts and of visits never name a chart: families share accounts.
pub(super) fn subject(pid: &Segment<'_>, settings: &SourceSettings) -> Result<SourceRef, Reason> {
    let authority = settings.authority.as_ref().map_or("", Label::as_str);
    let all = || pid.field(3).repetitions().chain([pid.field(2).repetition(1), pid.field(4).repetition(1)]);
    let sound = |id: &Repetition<'_>| settings.check_digits == CheckDigits::Ignored || is_sound(id);
    let kind = |wanted: &[&str]| {
        all().find(|id| {
            let kind = id.component(5).text().trim().to_ascii_uppercase();
            wanted.contains(&kind.as_str()) && entity(id, authority).is_some() && sound(id)
        })
    };
    let own = kind(&["MR", "MRN"]).or_else(|| kind(&["PI", "PT", "EPI"]));
    let named = |id: &Repetition<'_>| names_a_patient(id) && entity(id, authority).is_some();
    let other = || all().find(|id| named(id) && sound(id));
    let id = own.or_else(other).and_then(|id| entity(&id, authority));
    // A number that was mistyped ties nothing to anybody.
    let missing = || if all().any(|id| named(&id)) { Reason::Invalid("PID-3") } else { Reason::NoSubject };
    source_ref("Patient", &id.ok_or_else(missing)?)
}

/// What the source calls the visit (PV1-19).
fn visit(pv1: &Segment<'_>, settings: &SourceSettings) -> Option<SourceRef> {
    let authority = settings.authority.as_ref().map_or("", Label::as_str);
    source_ref("Encounter", &entity(&pv1.field(19).repetition(1), authority)?).ok()
}

/// A reference by type and id.
///
/// # Errors
/// [`Reason::Invalid`] where the id is longer than any id.
pub(super) fn source_ref(kind: &str, id: &str) -> Result<SourceRef, Reason> {
    let label = |text: &str| Label::parse(text).map_err(|_| Reason::Invalid("id"));
    Ok(SourceRef { kind: label(kind)?, id: label(id)? })
}
