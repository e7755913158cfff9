//! Results, vital signs and other findings (C-CDA R2.1 Result Observation, Vital Sign Observation, Social History Observation).

use mychartum_core::chart::{Observation, ObservationCategory, ObservationStatus};
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::outer::specimen;
use super::{Told, required};
use crate::ccda::read::element::{authors, concept_of, interpretation, performers, ranges, value};
use crate::ccda::read::xml::Reach;

/// What a chart keeps of an observation.
///
/// # Errors
/// [`Reason::Missing`] without a code: a number alone means nothing.
pub(super) fn read(told: &Told<'_, '_>, category: ObservationCategory) -> Result<Observation, Reason> {
    let page = told.page;
    let parties = [performers(page, told.node), authors(page, told.node)];
    let own = parties.into_iter().find(|parties| !parties.is_empty());
    let lent = || told.outer.map(|outer| outer.performers.clone());
    let label = |name: &'static str| {
        let concept = concept_of(page, told.node, name);
        Label::clipped(concept.shown())
    };
    let view = Observation {
        status: status(told),
        category,
        code: concept_of(page, told.node, "code"),
        effective: told.start(),
        issued: None,
        value: told.node.at("value").map(|node| value(page, node)).unwrap_or_default(),
        interpretation: interpretation(told.node),
        ranges: ranges(page, told.node),
        components: Vec::new(),
        specimen: specimen(page, told.node).or_else(|| told.outer?.specimen.clone()),
        method: label("methodCode"),
        body_site: label("targetSiteCode"),
        performers: own.or_else(lent).unwrap_or_default(),
        notes: told.notes(),
        encounter: told.visit(),
        members: Vec::new(),
    };
    required(view.code.is_empty(), "code", view.standing())?;
    Ok(view)
}

/// How far it got. What says of itself that it was not made, or is not so, never counts as made.
fn status(told: &Told<'_, '_>) -> ObservationStatus {
    match told.status() {
        "nullified" => ObservationStatus::EnteredInError,
        _ if told.negated() => ObservationStatus::Cancelled,
        "completed" | "normal" => ObservationStatus::Final,
        "active" => ObservationStatus::Preliminary,
        "new" | "held" | "suspended" => ObservationStatus::Registered,
        "aborted" | "cancelled" => ObservationStatus::Cancelled,
        _ => ObservationStatus::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{entry, reason};
    use mychartum_core::chart::{Standing, Value, View};

    const CODE: &str = "<code code='718-7' codeSystem='2.16.840.1.113883.6.1' displayName='Hemoglobin'/>";

    fn observation(attributes: &str, inside: &str) -> Observation {
        match entry("30954-2", &format!("<observation {attributes}>{CODE}{inside}</observation>")) {
            View::Observation(view) => *view,
            _ => panic!("no observation"),
        }
    }

    #[test]
    fn a_result_is_read_whole() {
        let read = observation(
            "classCode='OBS' moodCode='EVN'",
            "<statusCode code='completed'/><effectiveTime value='200803190830-0800'/>\
            <value xsi:type='PQ' value='13.20' unit='g/dL'/><interpretationCode code='N'/><methodCode displayName='By hand' code='1'/>\
            <targetSiteCode code='2' displayName='Arm'/><specimen><specimenRole><specimenPlayingEntity><code displayName='Blood' code='3'/></specimenPlayingEntity></specimenRole></specimen>\
            <performer><assignedEntity><representedOrganization><name>Lab</name></representedOrganization></assignedEntity></performer>\
            <entryRelationship><act><templateId root='2.16.840.1.113883.10.20.22.4.64'/><text>Fasting</text></act></entryRelationship>\
            <referenceRange><observationRange><value xsi:type='IVL_PQ'><low value='12.0' unit='g/dL'/><high value='15.5' unit='g/dL'/></value></observationRange></referenceRange>",
        );
        assert_eq!(read.status, ObservationStatus::Final);
        assert_eq!(read.category, ObservationCategory::Laboratory);
        assert_eq!(read.effective.as_ref().unwrap().as_str(), "2008-03-19T08:30-08:00");
        assert_eq!(read.value.quantity().unwrap().as_received(), "13.20");
        assert_eq!((read.interpretation.len(), read.ranges.len(), read.notes.len()), (1, 1, 1));
        assert_eq!(read.method.as_ref().unwrap().as_str(), "By hand");
        assert_eq!(read.body_site.as_ref().unwrap().as_str(), "Arm");
        assert_eq!(read.specimen.as_ref().unwrap().shown(), "Blood");
        assert_eq!(read.performers[0].shown(), "Lab");
    }

    #[test]
    fn statuses_say_what_may_be_shown() {
        for (attributes, code, status, standing) in [
            ("", "completed", "final", Standing::Fact),
            ("", "active", "preliminary", Standing::Fact),
            ("", "held", "registered", Standing::Fact),
            ("", "aborted", "cancelled", Standing::NotDone),
            ("", "cancelled", "cancelled", Standing::NotDone),
            ("", "nullified", "entered-in-error", Standing::Withdrawn),
            ("", "odd", "unknown", Standing::Fact),
            ("negationInd='true'", "completed", "cancelled", Standing::NotDone),
            ("negationInd='true'", "nullified", "entered-in-error", Standing::Withdrawn),
        ] {
            let read = observation(attributes, &format!("<statusCode code='{code}'/>"));
            assert_eq!((read.status.code(), read.standing()), (status, standing), "{attributes} {code}");
        }
    }

    #[test]
    fn values_may_be_missing_but_codes_may_not() {
        let absent = observation("", "<value xsi:type='PQ' nullFlavor='ASKU'/>");
        assert!(matches!(absent.value, Value::Absent(concept) if concept.has_code("asked-unknown")));
        assert!(matches!(observation("", "").value, Value::Unstated));
        let nameless = "<observation><code nullFlavor='UNK'/><value xsi:type='PQ' value='5'/></observation>";
        assert_eq!(reason("30954-2", nameless).to_string(), "missing: code");
        let words = "<observation><code nullFlavor='OTH'><originalText>Odd test</originalText></code></observation>";
        let View::Observation(read) = entry("30954-2", words) else { panic!("kind") };
        assert_eq!(read.code.shown(), "Odd test");
    }

    #[test]
    fn organizers_lend_what_their_members_leave_out() {
        let xml = format!(
            "<organizer><statusCode code='nullified'/><effectiveTime><low value='2012'/><high value='2013'/></effectiveTime><component><observation>{CODE}<statusCode code='completed'/></observation></component></organizer>"
        );
        let View::Observation(read) = entry("8716-3", &xml) else { panic!("kind") };
        assert_eq!(read.category, ObservationCategory::VitalSigns);
        assert_eq!(read.effective.unwrap().as_str(), "2012");
        assert_eq!(read.status, ObservationStatus::EnteredInError);
    }
}
