//! Reports (OBR), which group results.

use mychartum_core::chart::{Attachment, DiagnosticReport, ReportStatus, SourceRef, Stage};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::Narrative;

use crate::hl7v2::Segment;
use crate::hl7v2::map::element::{concept, notes, people, time};
use crate::hl7v2::map::scene::Scene;

/// How far a report is on its way.
pub(crate) const fn stage_of_report(status: ReportStatus) -> Stage {
    match status {
        ReportStatus::Registered => Stage::Begun,
        ReportStatus::Partial | ReportStatus::Preliminary | ReportStatus::Unknown => Stage::Preliminary,
        _ => Stage::Settled,
    }
}

/// A report with the results and files that it groups.
pub(crate) fn report(
    scene: &Scene<'_>,
    obr: &Segment<'_>,
    results: Vec<SourceRef>,
    presented: Vec<Attachment>,
) -> DiagnosticReport {
    let zone = scene.settings.zone;
    let status = match obr.field(25).text().trim().to_ascii_uppercase().as_str() {
        "F" => ReportStatus::Final,
        "C" | "M" => ReportStatus::Corrected,
        "P" | "R" => ReportStatus::Preliminary,
        "A" => ReportStatus::Partial,
        "O" | "I" | "S" => ReportStatus::Registered,
        "X" => ReportStatus::Cancelled,
        _ => ReportStatus::Unknown,
    };
    let service = obr.field(24).text();
    let notes: Vec<Narrative> = notes(obr.followed_by("NTE"));
    DiagnosticReport {
        status,
        categories: Some(Concept::words(service.trim())).filter(|words| !words.is_empty()).into_iter().collect(),
        code: concept(&obr.field(4).repetition(1)),
        effective: time(obr.field(7), zone),
        issued: time(obr.field(22), zone),
        performers: people(obr.field(32)),
        results,
        conclusion: notes.into_iter().next(),
        presented,
        encounter: scene.visit.clone(),
    }
}
