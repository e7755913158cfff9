//! Appointments (SCH and the resources behind it).

use chrono::{Duration, SecondsFormat};
use mychartum_core::chart::{Appointment, AppointmentStatus, Party};
use mychartum_core::kernel::{Concept, PartialDate};

use crate::hl7v2::map::element::{concept, people, place, time};
use crate::hl7v2::map::scene::Scene;
use crate::hl7v2::{Field, Segment};

/// Where a resource says when it begins and for how long: its segment, the field of the start, those of duration and unit.
const RESOURCES: [(&str, usize, usize); 4] = [("AIS", 4, 7), ("AIG", 8, 11), ("AIL", 6, 9), ("AIP", 6, 9)];

/// The appointment of a message.
pub(crate) fn appointment(scene: &Scene<'_>, sch: &Segment<'_>) -> Appointment {
    let zone = scene.settings.zone;
    let segments = || scene.message.segments();
    let said = |field: usize| Some(concept(&sch.field(field).repetition(1))).filter(|said| !said.is_empty());
    let timing = segments().find_named("TQ1");
    let own = sch.field(11).repetition(1);
    let old = |number: usize| {
        // TQ.4 and TQ.5: start and end in one component each.
        let text = own.component(number).value()?;
        crate::hl7v2::Timestamp::read(&text, zone).ok().map(|read| read.date)
    };
    let resource = || {
        RESOURCES.into_iter().find_map(|(name, start, duration)| {
            let segment = segments().find_named(name)?;
            let begins = time(segment.field(start), zone)?;
            Some((begins, minutes(segment.field(duration), segment.field(duration + 1))))
        })
    };
    let start = timing.and_then(|timing| time(timing.field(7), zone)).or_else(|| old(4));
    let end = timing.and_then(|timing| time(timing.field(8), zone)).or_else(|| old(5));
    let (start, lasts) = match start {
        Some(start) => (Some(start), resource().and_then(|(_, lasts)| lasts)),
        None => resource().map_or((None, None), |(start, lasts)| (Some(start), lasts)),
    };
    let lasts = lasts.or_else(|| minutes(sch.field(9), sch.field(10)));
    let end = end.or_else(|| later(start.as_ref()?, lasts?));
    let services = segments().named("AIS").map(|ais| concept(&ais.field(3).repetition(1)));
    let kinds: Vec<Concept> = services.filter(|said| !said.is_empty()).chain(said(8)).collect();
    let places = segments().named("AIL").filter_map(|ail| place(&ail.field(3).repetition(1)));
    let staff = segments().named("AIP").flat_map(|aip| people(aip.field(3)));
    let mut participants: Vec<Party> = Vec::new();
    for party in staff.chain(places) {
        if !participants.contains(&party) {
            participants.push(party);
        }
    }
    Appointment {
        status: status(scene, sch),
        kinds,
        reasons: said(7).into_iter().collect(),
        description: None,
        start,
        end,
        participants,
        // Notes behind SCH and its resources are written for the staff as often as for the patient.
        instructions: None,
    }
}

/// How it stands: what the event means, else what SCH-25 says (HL7 table 0278).
fn status(scene: &Scene<'_>, sch: &Segment<'_>) -> AppointmentStatus {
    let said = sch.field(25).component(1).text().trim().to_ascii_uppercase();
    match scene.event.as_str() {
        "S15" | "S16" => return AppointmentStatus::Cancelled,
        "S17" => return AppointmentStatus::EnteredInError,
        "S26" => return AppointmentStatus::NoShow,
        _ => (),
    }
    match said.as_str() {
        "BOOKED" | "OVERBOOK" | "CONFIRMED" => AppointmentStatus::Booked,
        "CANCELLED" | "CANCELED" | "DC" => AppointmentStatus::Cancelled,
        "COMPLETE" | "COMPLETED" => AppointmentStatus::Fulfilled,
        "DELETED" => AppointmentStatus::EnteredInError,
        "NOSHOW" | "NO SHOW" => AppointmentStatus::NoShow,
        "PENDING" => AppointmentStatus::Pending,
        "STARTED" => AppointmentStatus::Arrived,
        "WAITLIST" => AppointmentStatus::Waitlist,
        "" => AppointmentStatus::Booked,
        _ => AppointmentStatus::Unknown,
    }
}

/// A duration with its unit; without a unit it is minutes.
fn minutes(amount: Field<'_>, unit: Field<'_>) -> Option<Duration> {
    let amount: i64 = amount.value()?.trim().parse().ok()?;
    let unit = unit.component(1).text().trim().to_ascii_lowercase();
    let seconds = match unit.as_str() {
        "s" | "sec" | "second" | "seconds" => 1,
        "" | "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        _ => return None,
    };
    Duration::try_seconds(amount.checked_mul(seconds)?).filter(|lasts| *lasts > Duration::zero())
}

/// A moment and a duration later; nothing where the start is only a day.
fn later(start: &PartialDate, lasts: Duration) -> Option<PartialDate> {
    start.time()?;
    let offset = chrono::DateTime::parse_from_rfc3339(start.as_str()).ok()?;
    let end = offset.checked_add_signed(lasts)?;
    end.to_rfc3339_opts(SecondsFormat::Secs, false).parse().ok()
}
