//! Results (OBX, with the OBR and SPM around it).

use mychartum_core::chart::{Observation, ObservationCategory, ObservationStatus, Party, Stage, Value};
use mychartum_core::kernel::text::{Label, Narrative};

use super::value::value;
use crate::hl7v2::Segment;
use crate::hl7v2::map::element::{
    concept, interpretation, lines, notes, organization, people, ranges, said, time, unit,
};
use crate::hl7v2::map::scene::Scene;

/// How far a result got (OBX-11, HL7 table 0085; where that says nothing, OBR-25, table 0123).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// It has this status.
    Is(ObservationStatus),
    /// It became final, and its value was sent before (`U`): without a value it must not take the other's place.
    FinalWithoutValue,
}

impl Status {
    pub(crate) fn of(obx: &Segment<'_>, obr: Option<&Segment<'_>>) -> Self {
        use ObservationStatus as S;
        let code = obx.field(11).text().trim().to_ascii_uppercase();
        let is = match code.as_str() {
            "F" => S::Final,
            "C" => S::Corrected,
            "A" | "B" => S::Amended,
            "P" | "R" | "S" => S::Preliminary,
            "I" | "O" => S::Registered,
            "X" | "N" => S::Cancelled,
            "D" | "W" => S::EnteredInError,
            "U" if obx.field(5).value().is_none() => return Self::FinalWithoutValue,
            "U" => S::Final,
            _ => match obr.map(|obr| obr.field(25).text().trim().to_ascii_uppercase()).as_deref() {
                Some("F") => S::Final,
                Some("C" | "M") => S::Corrected,
                Some("P" | "A" | "R") => S::Preliminary,
                Some("I" | "O" | "S") => S::Registered,
                Some("X") => S::Cancelled,
                _ => S::Unknown,
            },
        };
        Self::Is(is)
    }
}

impl Status {
    /// Whether there is anything to show: it was neither taken back nor called off.
    pub(crate) const fn is_there(self) -> bool {
        !matches!(self, Self::Is(ObservationStatus::EnteredInError | ObservationStatus::Cancelled))
    }
}

/// How far a status is on its way: what is further is never replaced by what is less far.
pub(crate) const fn stage_of(status: ObservationStatus) -> Stage {
    match status {
        ObservationStatus::Registered => Stage::Begun,
        ObservationStatus::Preliminary | ObservationStatus::Unknown => Stage::Preliminary,
        _ => Stage::Settled,
    }
}

/// A result: its own segment, and further lines of its text where it has several.
pub(crate) fn observation(
    scene: &Scene<'_>,
    status: ObservationStatus,
    all: &[Segment<'_>],
    (obr, spm): (Option<&Segment<'_>>, Option<&Segment<'_>>),
) -> Option<Observation> {
    let (obx, more) = all.split_first()?;
    let zone = scene.settings.zone;
    let unit = unit(&obx.field(6).repetition(1));
    let found = if more.is_empty() {
        value(scene, obx, &unit)
    } else {
        // The lines of a report, one segment each; empty ones are empty lines.
        let text: Vec<String> = all.iter().map(|line| lines(line.field(5)).unwrap_or_default()).collect();
        Narrative::clipped(&text.join("\n")).map(Value::Text).unwrap_or_default()
    };
    let made = time(obx.field(14), zone).or_else(|| obr.and_then(|obr| time(obr.field(7), zone)));
    let made = made.or_else(|| spm.and_then(|spm| time(spm.field(17), zone)));
    let issued = obr.and_then(|obr| time(obr.field(22), zone)).or_else(|| time(obx.field(19), zone));
    let service = obr.map(|obr| obr.field(24).text().trim().to_ascii_uppercase());
    let category = match service.as_deref() {
        Some("RAD" | "CT" | "NMR" | "RUS" | "OUS" | "VUS" | "XRC" | "NMS" | "RX" | "CUS") => {
            ObservationCategory::Imaging
        }
        Some("PHY" | "EC" | "EN" | "PF") => ObservationCategory::Exam,
        Some("LAB" | "CH" | "HM" | "MB" | "SR" | "BG" | "IMM" | "SP" | "CP" | "TX" | "VR" | "PAT" | "CG" | "GE") => {
            ObservationCategory::Laboratory
        }
        _ => ObservationCategory::Unstated,
    };
    let kind = spm.and_then(|spm| said(&spm.field(4).repetition(1)));
    let kind = kind.or_else(|| obr.and_then(|obr| Label::clipped(&obr.field(15).component(1).value()?)));
    let performers = [organization(&obx.field(23).repetition(1)), producer(obx)].into_iter().flatten().take(1);
    let observers = people(obx.field(16));
    Some(Observation {
        status,
        category,
        code: concept(&obx.field(3).repetition(1)),
        effective: made,
        issued,
        value: found,
        interpretation: interpretation(obx.field(8)),
        ranges: ranges(obx.field(7), &unit),
        components: Vec::new(),
        specimen: kind.map(|kind| Party { name: Some(kind), at: None }),
        method: said(&obx.field(17).repetition(1)),
        body_site: said(&obx.field(20).repetition(1)),
        performers: performers.chain(observers).collect(),
        notes: all.iter().flat_map(|line| notes(line.followed_by("NTE"))).collect(),
        encounter: scene.visit.clone(),
        members: Vec::new(),
    })
}

/// Who produced it (OBX-15), by name.
fn producer(obx: &Segment<'_>) -> Option<Party> {
    let name = obx.field(15).component(2).value()?;
    Some(Party { name: Some(Label::clipped(name.trim())?), at: None })
}
