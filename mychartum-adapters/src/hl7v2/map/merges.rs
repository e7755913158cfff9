//! Two of a source's names for patients: merged, linked, or taken apart again (HL7 v2.5.1 section 3.3: A18, A24, A34, A36, A37, A40,
//! A47).

use mychartum_core::chart::{SourceRef, Stage};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{PartialDate, SensitivitySet};
use mychartum_core::sync::{PatientMerge, Reading, Reason, Tie};

use crate::hl7v2::{Repetition, Segment};

use super::element::{entity, is_sound, names_a_patient, time};
use super::out::{Found, Out, item_of};
use super::scene::{Scene, source_ref, subject};
use super::settings::CheckDigits;
use super::view::patient;

/// What an event says of two names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// What MRG names gave way to what PID names.
    MergedIntoPid,
    /// Two PIDs are one person; the first goes on.
    Linked,
    /// Two PIDs are not one person.
    Unlinked,
}

impl Event {
    /// What an event of ADT says of two names; `None` where it says nothing of that.
    pub(super) fn of(event: &str) -> Option<Self> {
        match event {
            "A18" | "A34" | "A36" | "A40" | "A47" => Some(Self::MergedIntoPid),
            "A24" => Some(Self::Linked),
            "A37" => Some(Self::Unlinked),
            _ => None,
        }
    }
}

/// A PID or MRG with the segments that follow it.
struct Group<'m> {
    first: Segment<'m>,
    rest: Vec<Segment<'m>>,
}

/// The patients whom such a message is about, each as ADT tells of patients, and what it says of their names. A merge may be said of
/// several pairs in one message.
pub(super) fn merges<'m>(scene: &Scene<'m>, event: Event, out: &mut Out<'m>) {
    let recorded = scene.message.segments().find_named("EVN").and_then(|evn| time(evn.field(2), scene.settings.zone));
    let groups = groups(scene);
    let mut persons: Vec<(Segment<'m>, Result<SourceRef, Reason>)> = Vec::new();
    let mut pairs = 0_u32;
    for Group { first, rest } in groups {
        if first.is("PID") {
            let name = subject(&first, scene.settings);
            let of = Found { identity: name.clone(), changed: recorded.clone(), labels: SensitivitySet::NONE };
            let reading = item_of(scene, &name, Stage::Settled, of, || Ok(patient(scene, &first).into()));
            let original = out.unrestricted([first].into_iter().chain(rest));
            out.push("Patient", reading, original);
            persons.push((first, name));
        } else {
            pairs += 1;
            let person = persons.last();
            let original = person.map(|(pid, _)| *pid).into_iter().chain([first]).chain(rest);
            let original = out.unrestricted(original);
            let survivor = person.map_or(Err(Reason::NoSubject), |(_, name)| name.clone());
            for reading in gave_way(scene, &first, survivor, recorded.as_ref()) {
                out.push("MRG", reading, original.clone());
            }
        }
    }
    if event == Event::MergedIntoPid {
        if pairs == 0 {
            let original = out.unrestricted(persons.into_iter().map(|(pid, _)| pid));
            out.push("MRG", Reading::Unusable(Reason::Missing("MRG")), original);
        }
        return;
    }
    let tie = if event == Event::Linked { Tie::One } else { Tie::Apart };
    let reading = match persons.as_slice() {
        [(_, Ok(one)), (_, Ok(other))] => merge(scene, one, other, (tie, recorded.as_ref())),
        [(_, Err(reason)), _] | [_, (_, Err(reason))] => Reading::Unusable(*reason),
        _ => Reading::Unusable(Reason::Invalid("PID")),
    };
    let original = out.unrestricted(persons.into_iter().map(|(pid, _)| pid));
    out.push("PID", reading, original);
}

/// The segments of the message by the PID or MRG that they follow.
fn groups<'m>(scene: &Scene<'m>) -> Vec<Group<'m>> {
    let mut groups: Vec<Group<'m>> = Vec::new();
    for segment in scene.message.segments() {
        if segment.is("PID") || segment.is("MRG") {
            groups.push(Group { first: segment, rest: Vec::new() });
        } else if ["PD1", "PV1", "ARV"].iter().any(|name| segment.is(name))
            && let Some(group) = groups.last_mut()
        {
            group.rest.push(segment);
        }
    }
    groups
}

/// What a MRG says: each of the former numbers that names a chart gave way.
fn gave_way(
    scene: &Scene<'_>,
    mrg: &Segment<'_>,
    survivor: Result<SourceRef, Reason>,
    recorded: Option<&PartialDate>,
) -> Vec<Reading> {
    let survivor = match survivor {
        Ok(survivor) => survivor,
        Err(reason) => return vec![Reading::Unusable(reason)],
    };
    let authority = scene.settings.authority.as_ref().map_or("", Label::as_str);
    // A number that was mistyped must not shut somebody else's chart.
    let counts = |id: &Repetition<'_>| scene.settings.check_digits == CheckDigits::Ignored || is_sound(id);
    let named = |id: &Repetition<'_>| (names_a_patient(id) && counts(id)).then(|| entity(id, authority)).flatten();
    let mut former: Vec<String> = mrg.field(1).repetitions().filter_map(|id| named(&id)).collect();
    if former.is_empty() {
        former.extend(named(&mrg.field(4).repetition(1)));
    }
    former.dedup();
    let former = former.into_iter().filter(|id| *id != survivor.id.as_str());
    let readings: Vec<Reading> = former
        .map(|id| match source_ref("Patient", &id) {
            Ok(merged) => merge(scene, &survivor, &merged, (Tie::One, recorded)),
            Err(reason) => Reading::Unusable(reason),
        })
        .collect();
    if readings.is_empty() { vec![Reading::Unusable(Reason::Missing("MRG-1"))] } else { readings }
}

fn merge(
    scene: &Scene<'_>,
    survivor: &SourceRef,
    merged: &SourceRef,
    (tie, recorded): (Tie, Option<&PartialDate>),
) -> Reading {
    let version = scene.version(Stage::Unsaid, recorded.cloned());
    Reading::Merge(PatientMerge { survivor: survivor.clone(), merged: merged.clone(), tie, version })
}
