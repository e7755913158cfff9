//! Vaccines, given or not given (C-CDA R2.1 Immunization Activity).

use mychartum_core::chart::{Immunization, ImmunizationStatus, Standing};
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::sync::Reason;

use super::{Told, required};
use crate::ccda::read::element::{concept_of, performers, places, quantity};
use crate::ccda::read::xml::{Reach, Xml};

/// What a chart keeps of a vaccine.
///
/// # Errors
/// [`Reason::Missing`] where it does not say which.
pub(super) fn read(told: &Told<'_, '_>) -> Result<Immunization, Reason> {
    let node = told.node;
    let material = node.path("consumable/manufacturedProduct/manufacturedMaterial");
    let dose_number = node.at("repeatNumber").filter(|number| number.null().is_none());
    let view = Immunization {
        status: status(told),
        vaccine: told.concept_or_text(material.and_then(|material| material.at("code"))),
        occurrence: told.start(),
        occurrence_text: None,
        lot: material.and_then(|material| told.page.label(material.at("lotNumberText")?)),
        dose: node.at("doseQuantity").and_then(quantity),
        site: Label::clipped(concept_of(told.page, node, "approachSiteCode").shown()),
        dose_number: dose_number.and_then(|number| Label::clipped(number.said("value")?)),
        performers: performers(told.page, node),
        location: places(told.page, node).into_iter().next(),
        notes: told.notes().into_iter().chain(refusal(told)).collect(),
        encounter: told.visit(),
    };
    // Without a status nothing was withdrawn: then it has to say what it is, although it is not shown as given.
    let standing = if view.status == ImmunizationStatus::Unknown { Standing::Fact } else { view.standing() };
    required(view.vaccine.is_empty(), "consumable", standing)?;
    Ok(view)
}

/// Whether it was given: only what is completed was.
fn status(told: &Told<'_, '_>) -> ImmunizationStatus {
    match told.status() {
        "nullified" => ImmunizationStatus::EnteredInError,
        _ if told.negated() => ImmunizationStatus::NotDone,
        "completed" => ImmunizationStatus::Completed,
        "aborted" | "cancelled" => ImmunizationStatus::NotDone,
        _ => ImmunizationStatus::Unknown,
    }
}

/// Why it was not given (template Immunization Refusal Reason).
fn refusal(told: &Told<'_, '_>) -> Option<Narrative> {
    let why: Xml<'_> = told.related("4.53")?;
    Narrative::clipped(concept_of(told.page, why, "code").shown())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{entry, reason};
    use mychartum_core::chart::View;

    fn product(inside: &str) -> String {
        format!(
            "<consumable><manufacturedProduct><manufacturedMaterial>{inside}</manufacturedMaterial></manufacturedProduct></consumable>"
        )
    }

    fn vaccine(attributes: &str, inside: &str) -> Immunization {
        let product = product(
            "<code code='88' codeSystem='2.16.840.1.113883.12.292' displayName='influenza'/><lotNumberText>1</lotNumberText>",
        );
        match entry(
            "11369-6",
            &format!("<substanceAdministration {attributes}>{inside}{product}</substanceAdministration>"),
        ) {
            View::Immunization(view) => *view,
            _ => panic!("no vaccine"),
        }
    }

    #[test]
    fn only_what_was_given_counts() {
        for (attributes, code, status, standing) in [
            ("negationInd='false'", "completed", "completed", Standing::Fact),
            ("negationInd='true'", "completed", "not-done", Standing::NotDone),
            ("negationInd='true'", "active", "not-done", Standing::NotDone),
            ("", "active", "unknown", Standing::NotDone),
            ("", "cancelled", "not-done", Standing::NotDone),
            ("", "nullified", "entered-in-error", Standing::Withdrawn),
        ] {
            let read = vaccine(attributes, &format!("<statusCode code='{code}'/>"));
            assert_eq!((read.status.code(), read.standing()), (status, standing), "{attributes} {code}");
        }
    }

    #[test]
    fn a_vaccine_is_read_whole() {
        let read = vaccine(
            "",
            "<statusCode code='completed'/><effectiveTime value='199911'/><repeatNumber value='2'/><doseQuantity value='50' unit='ug'/>\
            <approachSiteCode code='1' displayName='Left arm'/>\
            <performer><assignedEntity><assignedPerson><name><given>H</given><family>H</family></name></assignedPerson></assignedEntity></performer>\
            <entryRelationship typeCode='RSON'><observation><templateId root='2.16.840.1.113883.10.20.22.4.53'/><code code='PATOBJ' displayName='patient objection'/></observation></entryRelationship>",
        );
        assert_eq!((read.vaccine.shown(), read.lot.unwrap().as_str()), ("influenza", "1"));
        assert_eq!(read.occurrence.unwrap().as_str(), "1999-11");
        assert_eq!(read.dose.unwrap().for_people(), "50 ug");
        assert_eq!(read.site.unwrap().as_str(), "Left arm");
        assert_eq!(read.dose_number.unwrap().as_str(), "2");
        assert_eq!(read.performers[0].shown(), "H H");
        assert_eq!(read.notes[0].as_str(), "patient objection");
    }

    #[test]
    fn a_vaccine_without_a_name_is_none() {
        let xml = |status: &str| {
            format!(
                "<substanceAdministration><statusCode code='{status}'/>{}</substanceAdministration>",
                product("<code nullFlavor='UNK'/>")
            )
        };
        assert_eq!(reason("11369-6", &xml("completed")).to_string(), "missing: consumable");
        assert_eq!(reason("11369-6", &xml("active")).to_string(), "missing: consumable");
        assert!(matches!(entry("11369-6", &xml("nullified")), View::Immunization(_)));
    }
}
