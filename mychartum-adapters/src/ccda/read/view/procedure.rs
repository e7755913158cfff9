//! Procedures (C-CDA R2.1 Procedure Activity Procedure, Act and Observation).

use mychartum_core::chart::{Procedure, ProcedureStatus};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::{Told, required};
use crate::ccda::read::element::{concept, interval, performers, places, value};
use crate::ccda::read::xml::Reach;

/// What a chart keeps of a procedure.
///
/// # Errors
/// [`Reason::Missing`] where it does not say which.
pub(super) fn read(told: &Told<'_, '_>) -> Result<Procedure, Reason> {
    let node = told.node;
    let span = node.at("effectiveTime").map(interval).unwrap_or_default();
    let sites = node.all("targetSiteCode").map(|site| concept(told.page, site));
    let view = Procedure {
        status: status(told),
        code: told.concept_or_text(node.at("code")),
        performed: span.start,
        performed_end: span.end,
        performed_text: None,
        performers: performers(told.page, node),
        location: places(told.page, node).into_iter().next(),
        reasons: told.reasons(),
        body_sites: sites.filter(|site: &Concept| !site.is_empty()).collect(),
        outcome: node.at("value").and_then(|found| Label::clipped(&value(told.page, found).for_people())),
        notes: told.notes(),
        encounter: told.visit(),
    };
    required(view.code.is_empty(), "code", view.standing())?;
    Ok(view)
}

fn status(told: &Told<'_, '_>) -> ProcedureStatus {
    match told.status() {
        "nullified" => ProcedureStatus::EnteredInError,
        _ if told.negated() => ProcedureStatus::NotDone,
        "completed" => ProcedureStatus::Completed,
        "active" => ProcedureStatus::InProgress,
        "held" | "suspended" => ProcedureStatus::OnHold,
        "aborted" => ProcedureStatus::Stopped,
        "cancelled" => ProcedureStatus::NotDone,
        "new" => ProcedureStatus::Preparation,
        _ => ProcedureStatus::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{entry, reason};
    use mychartum_core::chart::{Standing, View};

    fn procedure(element: &str, attributes: &str, inside: &str) -> Procedure {
        match entry(
            "47519-4",
            &format!("<{element} {attributes}><code code='1' displayName='Colonoscopy'/>{inside}</{element}>"),
        ) {
            View::Procedure(view) => *view,
            _ => panic!("no procedure"),
        }
    }

    #[test]
    fn procedures_come_as_procedure_act_or_observation() {
        for element in ["procedure", "act", "observation"] {
            let read = procedure(
                element,
                "",
                "<statusCode code='completed'/><effectiveTime><low value='201202'/><high value='20120215'/></effectiveTime><targetSiteCode code='2' displayName='Colon'/>\
                <targetSiteCode nullFlavor='UNK'/><value xsi:type='ST'>fine</value><participant typeCode='LOC'><participantRole><playingEntity><name>Theatre</name></playingEntity></participantRole></participant>\
                <entryRelationship><observation><templateId root='2.16.840.1.113883.10.20.22.4.19'/><value xsi:type='CD' code='3' displayName='Pain'/></observation></entryRelationship>",
            );
            assert_eq!((read.code.shown(), read.status), ("Colonoscopy", ProcedureStatus::Completed));
            assert_eq!(read.performed.unwrap().as_str(), "2012-02");
            assert_eq!(read.performed_end.unwrap().as_str(), "2012-02-15");
            assert_eq!((read.body_sites.len(), read.body_sites[0].shown()), (1, "Colon"));
            assert_eq!(read.outcome.unwrap().as_str(), "fine");
            assert_eq!(read.location.unwrap().shown(), "Theatre");
            assert_eq!(read.reasons[0].shown(), "Pain");
        }
    }

    #[test]
    fn statuses_are_translated() {
        for (attributes, code, status, standing) in [
            ("", "active", "in-progress", Standing::Fact),
            ("", "aborted", "stopped", Standing::Fact),
            ("", "cancelled", "not-done", Standing::NotDone),
            ("negationInd='1'", "completed", "not-done", Standing::NotDone),
            ("", "nullified", "entered-in-error", Standing::Withdrawn),
        ] {
            let read = procedure("procedure", attributes, &format!("<statusCode code='{code}'/>"));
            assert_eq!((read.status.code(), read.standing()), (status, standing));
        }
        assert_eq!(reason("47519-4", "<procedure><code nullFlavor='UNK'/></procedure>").to_string(), "missing: code");
    }
}
