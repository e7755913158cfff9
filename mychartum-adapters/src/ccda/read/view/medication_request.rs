//! Medications (C-CDA R2.1 Medication Activity, with its supply orders).

use mychartum_core::chart::{MedicationRequest, MedicationStatus};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::dosage::dosage;
use super::{Told, required};
use crate::ccda::read::element::{authors, concept_of, first_time, interval};
use crate::ccda::read::xml::{Reach, Xml};

/// What a chart keeps of a medication.
///
/// # Errors
/// [`Reason::Missing`] where it names none.
pub(super) fn read(told: &Told<'_, '_>) -> Result<MedicationRequest, Reason> {
    let node = told.node;
    let supply = node.related().find(|related| related.called() == "supply" && related.follows("4.17"));
    let both = || core::iter::once(node).chain(supply);
    let ordered = matches!(node.said("moodCode"), Some("INT" | "RQO"));
    let view = MedicationRequest {
        status: status(told),
        intent: Label::clipped("order").filter(|_| ordered),
        do_not_perform: told.negated(),
        medication: medication(told),
        medication_at: None,
        // Where nobody says when it was prescribed, the start of its use stands in.
        authored: both().find_map(first_time).or_else(|| told.start()),
        requester: both().find_map(|node| authors(told.page, node).into_iter().next()),
        dosage: dosage(told.page, node).into_iter().collect(),
        reasons: told.reasons(),
        refills: supply.and_then(refills),
        valid_until: supply.and_then(|supply| interval(supply.at("effectiveTime")?).end),
        notes: told.notes(),
        encounter: told.visit(),
    };
    required(view.medication.is_empty(), "consumable", view.standing())?;
    Ok(view)
}

/// What is taken: the code of the material, else its name, else the words of the narrative.
fn medication(told: &Told<'_, '_>) -> Concept {
    let material = told.node.path("consumable/manufacturedProduct/manufacturedMaterial");
    let coded = material.map(|material| concept_of(told.page, material, "code")).unwrap_or_default();
    if !coded.is_empty() {
        return coded;
    }
    let name = material.and_then(|material| told.page.label(material.at("name")?));
    match name {
        Some(name) => Concept { codings: Vec::new(), text: Some(name) },
        None => told.concept_or_text(None),
    }
}

fn status(told: &Told<'_, '_>) -> MedicationStatus {
    match told.status() {
        "nullified" => MedicationStatus::EnteredInError,
        "active" => MedicationStatus::Active,
        "completed" => MedicationStatus::Completed,
        "held" | "suspended" => MedicationStatus::OnHold,
        "aborted" => MedicationStatus::Stopped,
        "cancelled" => MedicationStatus::Cancelled,
        "new" => MedicationStatus::Draft,
        _ => MedicationStatus::Unknown,
    }
}

/// How often it may be dispensed again: `repeatNumber` counts the first time too.
fn refills(supply: Xml<'_>) -> Option<u32> {
    let number = supply.at("repeatNumber").filter(|number| number.null().is_none())?;
    number.said("value")?.parse::<u32>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{entry, reason};
    use mychartum_core::chart::{Standing, View};

    const ATENOLOL: &str = "<consumable><manufacturedProduct><manufacturedMaterial>\
        <code code='197380' codeSystem='2.16.840.1.113883.6.88' displayName='atenolol 25 MG Oral Tablet'/></manufacturedMaterial></manufacturedProduct></consumable>";

    fn medication(attributes: &str, inside: &str) -> MedicationRequest {
        match entry("10160-0", &format!("<substanceAdministration {attributes}>{inside}</substanceAdministration>")) {
            View::MedicationRequest(view) => *view,
            _ => panic!("no medication"),
        }
    }

    #[test]
    fn a_medication_is_read_whole() {
        let author = |name: &str| {
            format!(
                "<author><time value='20120815'/><assignedAuthor><assignedPerson><name>{name}</name></assignedPerson></assignedAuthor></author>"
            )
        };
        let supply = format!(
            "<entryRelationship typeCode='REFR'><supply moodCode='INT'><templateId root='2.16.840.1.113883.10.20.22.4.17'/>\
            <effectiveTime xsi:type='IVL_TS'><low value='2007'/><high value='20130101'/></effectiveTime><repeatNumber value='3'/>{}</supply></entryRelationship>",
            author("Dr. P")
        );
        let read = medication(
            "moodCode='INT'",
            &format!(
                "<statusCode code='active'/><effectiveTime xsi:type='IVL_TS'><low value='20120318'/></effectiveTime><doseQuantity value='1'/>{ATENOLOL}{supply}\
                <entryRelationship typeCode='RSON'><observation><templateId root='2.16.840.1.113883.10.20.22.4.19'/><value xsi:type='CD' code='38341003' displayName='Hypertension'/></observation></entryRelationship>"
            ),
        );
        assert_eq!(
            (read.shown(), read.status, read.refills),
            ("atenolol 25 MG Oral Tablet", MedicationStatus::Active, Some(2))
        );
        assert_eq!(read.authored.unwrap().as_str(), "2012-08-15");
        assert_eq!(read.requester.unwrap().shown(), "Dr. P");
        assert_eq!(read.valid_until.unwrap().as_str(), "2013-01-01");
        assert_eq!(read.reasons[0].shown(), "Hypertension");
        assert_eq!(read.dosage[0].as_str(), "1, from 2012-03-18");
        assert_eq!(read.intent.unwrap().as_str(), "order");
    }

    #[test]
    fn statuses_and_negations_are_told() {
        for (attributes, code, status, standing) in [
            ("", "active", "active", Standing::Fact),
            ("", "completed", "completed", Standing::Fact),
            ("", "suspended", "on-hold", Standing::Fact),
            ("", "aborted", "stopped", Standing::Fact),
            ("", "cancelled", "cancelled", Standing::NotDone),
            ("", "nullified", "entered-in-error", Standing::Withdrawn),
            ("negationInd='true'", "active", "active", Standing::Negated),
        ] {
            let read = medication(attributes, &format!("<statusCode code='{code}'/>{ATENOLOL}"));
            assert_eq!((read.status.code(), read.standing()), (status, standing));
            assert!(read.intent.is_none());
        }
        assert_eq!(
            medication("", &format!("{ATENOLOL}<effectiveTime value='2012'/>")).authored.unwrap().as_str(),
            "2012"
        );
    }

    #[test]
    fn names_come_from_code_material_or_narrative() {
        let product = |inside: &str| {
            format!(
                "<consumable><manufacturedProduct><manufacturedMaterial>{inside}</manufacturedMaterial></manufacturedProduct></consumable>"
            )
        };
        assert_eq!(medication("", &product("<code nullFlavor='UNK'/><name>Fish oil</name>")).shown(), "Fish oil");
        assert_eq!(
            medication("", &product("<code nullFlavor='OTH'><originalText>Vitamin</originalText></code>")).shown(),
            "Vitamin"
        );
        assert_eq!(medication("", "<text>Herbal tea</text>").shown(), "Herbal tea");
        let nothing =
            format!("<substanceAdministration>{}</substanceAdministration>", product("<code nullFlavor='UNK'/>"));
        assert_eq!(reason("10160-0", &nothing).to_string(), "missing: consumable");
    }
}
