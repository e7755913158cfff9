//! Visits and stays (C-CDA R2.1 Encounter Activity).

use mychartum_core::chart::{Encounter, EncounterStatus};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Concept};

use super::Told;
use crate::ccda::read::element::{Interval, concept, interval, performers, places};
use crate::ccda::read::xml::Reach;

/// HL7 v3 ActCode, which has the classes of visits.
const ACT_CODE: &str = "urn:oid:2.16.840.1.113883.5.4";

/// What a chart keeps of a visit.
pub(super) fn read(told: &Told<'_, '_>) -> Encounter {
    let node = told.node;
    let span = node.at("effectiveTime").map(interval).unwrap_or_default();
    let mut kind: Concept = told.concept_or_text(node.at("code"));
    let act_code = CodeSystem::of(ACT_CODE);
    let class = kind.code_in(&act_code).and_then(Label::clipped);
    // The class says where, not what: it is the kind only where nothing else is said.
    if kind.codings.len() > 1 {
        kind.codings.retain(|coding| coding.system != act_code);
    }
    let discharge = node.extension("dischargeDispositionCode");
    Encounter {
        status: status(told, &span),
        class,
        kinds: Some(kind).filter(|kind| !kind.is_empty()).into_iter().collect(),
        start: span.start,
        end: span.end,
        reasons: told.reasons(),
        participants: performers(told.page, node),
        locations: places(told.page, node),
        provider: None,
        discharge: discharge.and_then(|code| Label::clipped(concept(told.page, code).shown())),
    }
}

/// How far it got. Visits mostly come without a status: what has an end or was one moment is over.
fn status(told: &Told<'_, '_>, span: &Interval) -> EncounterStatus {
    let moment = told.node.at("effectiveTime").is_some_and(|time| time.at("low").is_none() && span.start.is_some());
    match told.status() {
        "nullified" => EncounterStatus::EnteredInError,
        _ if told.negated() => EncounterStatus::Cancelled,
        "completed" | "normal" => EncounterStatus::Finished,
        "active" => EncounterStatus::InProgress,
        "aborted" | "cancelled" => EncounterStatus::Cancelled,
        _ if span.ended || moment => EncounterStatus::Finished,
        _ => EncounterStatus::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{document, entries, entry};
    use mychartum_core::chart::View;
    use mychartum_core::sync::Reading;

    fn visit(inside: &str) -> Encounter {
        match entry("46240-8", &format!("<encounter>{inside}</encounter>")) {
            View::Encounter(view) => *view,
            _ => panic!("no visit"),
        }
    }

    #[test]
    fn a_visit_is_read_whole() {
        let read = visit(
            "<code code='99213' codeSystem='2.16.840.1.113883.6.12' displayName='Office visit'><translation code='AMB' codeSystem='2.16.840.1.113883.5.4' displayName='Ambulatory'/></code>\
            <effectiveTime value='201209271300-0500'/><sdtc:dischargeDispositionCode code='01' displayName='Home'/>\
            <performer><assignedEntity><assignedPerson><name>Dr. B</name></assignedPerson></assignedEntity></performer>\
            <participant typeCode='LOC'><participantRole><playingEntity><name>Urgent Care</name></playingEntity></participantRole></participant>",
        );
        assert_eq!((read.class.as_ref().unwrap().as_str(), read.title()), ("AMB", "Office visit"));
        assert!(!read.kinds[0].has_code("AMB"));
        assert_eq!(read.start.unwrap().as_str(), "2012-09-27T13:00-05:00");
        assert_eq!(read.status, EncounterStatus::Finished);
        assert_eq!((read.participants[0].shown(), read.locations[0].shown()), ("Dr. B", "Urgent Care"));
        assert_eq!(read.discharge.unwrap().as_str(), "Home");
    }

    #[test]
    fn how_far_it_got_is_read_from_what_there_is() {
        for (inside, status) in [
            ("<effectiveTime><low value='2012'/><high value='2013'/></effectiveTime>", "finished"),
            ("<effectiveTime><low value='2012'/></effectiveTime>", "unknown"),
            ("<statusCode code='active'/>", "in-progress"),
            ("<statusCode code='cancelled'/><effectiveTime value='2012'/>", "cancelled"),
            ("<statusCode code='nullified'/>", "entered-in-error"),
            ("", "unknown"),
        ] {
            assert_eq!(visit(inside).status.code(), status, "{inside}");
        }
    }

    #[test]
    fn diagnoses_know_their_visit() {
        let xml = "<encounter><id root='v'/><entryRelationship><act><templateId root='2.16.840.1.113883.10.20.22.4.80'/><entryRelationship>\
            <observation><templateId root='2.16.840.1.113883.10.20.22.4.4'/><value xsi:type='CD' code='1' displayName='Flu'/></observation></entryRelationship></act></entryRelationship></encounter>";
        let all = document(&entries("46240-8", xml));
        let Reading::Item { view: View::Condition(flu), .. } = &all[3].reading else { panic!("no diagnosis") };
        assert_eq!(flu.encounter.as_ref().unwrap().id.as_str(), "v");
        assert!(flu.categories[0].has_code("encounter-diagnosis"));
    }
}
