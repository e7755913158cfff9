//! Allergies and intolerances (C-CDA R2.1 Allergy - Intolerance Observation in a concern).

use mychartum_core::chart::{AllergyIntolerance, Criticality, Reaction};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::condition::{clinical, verification};
use super::{Told, required};
use crate::ccda::read::element::{concept, concept_of, interval};
use crate::ccda::read::xml::{Reach, Xml};

/// What a chart keeps of an allergy.
///
/// # Errors
/// [`Reason::Missing`] where it does not say to what.
pub(super) fn read(told: &Told<'_, '_>) -> Result<AllergyIntolerance, Reason> {
    let span = told.node.at("effectiveTime").map(interval).unwrap_or_default();
    let reactions = told.node.related().filter(|related| related.follows("4.9"));
    let view = AllergyIntolerance {
        clinical_status: clinical(told, "4.28", &span),
        verification_status: verification(told),
        code: substance(told),
        categories: told.node.at("value").and_then(category).and_then(Label::clipped).into_iter().collect(),
        criticality: told.related("4.145").and_then(|found| criticality(found.at("value")?)),
        reactions: reactions.filter_map(|node| reaction(told, node)).collect(),
        onset: span.start,
        recorded: told.recorded(),
        recorder: told.recorder(),
        notes: told.notes(),
    };
    required(view.code.is_empty(), "participant", view.standing())?;
    Ok(view)
}

/// To what: the substance that takes part, else what kind of allergy, else the words of the narrative.
fn substance(told: &Told<'_, '_>) -> Concept {
    let parts = told.node.all("participant").filter_map(|part| part.path("participantRole/playingEntity"));
    let mut named = parts.map(|entity| {
        let coded = concept_of(told.page, entity, "code");
        let name = || entity.at("name").and_then(|name| told.page.label(name));
        if coded.is_empty() { Concept { codings: Vec::new(), text: name() } } else { coded }
    });
    named.find(|concept| !concept.is_empty()).unwrap_or_else(|| told.concept_or_text(told.node.at("value")))
}

/// FHIR's category of a kind of allergy in SNOMED CT (HL7 C-CDA on FHIR, allergies).
fn category(value: Xml<'_>) -> Option<&'static str> {
    match value.said("code")? {
        "414285001" | "235719002" | "418471000" => Some("food"),
        "416098002" | "59037007" | "419511003" => Some("medication"),
        "426232007" | "232347008" => Some("environment"),
        _ => None,
    }
}

fn criticality(value: Xml<'_>) -> Option<Criticality> {
    match value.said("code")? {
        "CRITL" => Some(Criticality::Low),
        "CRITH" => Some(Criticality::High),
        "CRITU" => Some(Criticality::UnableToAssess),
        _ => None,
    }
}

fn reaction<'a>(told: &Told<'_, 'a>, node: Xml<'a>) -> Option<Reaction> {
    if node.negated() {
        return None;
    }
    let severity = node.related().find(|related| related.follows("4.8")).and_then(|found| found.at("value"));
    let reaction = Reaction {
        manifestations: Some(concept_of(told.page, node, "value"))
            .filter(|seen| !seen.is_empty())
            .into_iter()
            .collect(),
        severity: severity.and_then(|value| {
            let shown = concept(told.page, value);
            Label::clipped(degree(value).unwrap_or_else(|| shown.shown()))
        }),
        description: node.at("text").and_then(|text| told.page.label(text)),
    };
    Some(reaction).filter(|reaction| *reaction != Reaction::default())
}

/// The three degrees that charts know; others keep their name.
fn degree(value: Xml<'_>) -> Option<&'static str> {
    match value.said("code")? {
        "255604002" => Some("mild"),
        "6736007" => Some("moderate"),
        "24484000" => Some("severe"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{entry, reason};
    use mychartum_core::chart::{ClinicalStatus, Standing, View};

    const KIND: &str =
        "<value xsi:type='CD' code='416098002' codeSystem='2.16.840.1.113883.6.96' displayName='Drug allergy'/>";

    fn concern(observation: &str) -> String {
        format!(
            "<act><templateId root='2.16.840.1.113883.10.20.22.4.30'/><statusCode code='active'/><entryRelationship typeCode='SUBJ'>\
            <observation {observation}</observation></entryRelationship></act>"
        )
    }

    fn allergy(observation: &str) -> AllergyIntolerance {
        match entry("48765-2", &concern(observation)) {
            View::AllergyIntolerance(view) => *view,
            _ => panic!("no allergy"),
        }
    }

    fn participant(inside: &str) -> String {
        format!(
            "<participant typeCode='CSM'><participantRole><playingEntity>{inside}</playingEntity></participantRole></participant>"
        )
    }

    #[test]
    fn an_allergy_is_read_whole() {
        let penicillin =
            participant("<code code='70618' codeSystem='2.16.840.1.113883.6.88' displayName='Penicillin'/>");
        let read = allergy(&format!(
            ">{KIND}<effectiveTime><low value='19980501'/></effectiveTime>{penicillin}\
            <entryRelationship typeCode='MFST'><observation><templateId root='2.16.840.1.113883.10.20.22.4.9'/><text>after an hour</text>\
            <value xsi:type='CD' code='422587007' displayName='Nausea'/><entryRelationship><observation>\
            <templateId root='2.16.840.1.113883.10.20.22.4.8'/><value xsi:type='CD' code='255604002' displayName='Mild (qualifier)'/>\
            </observation></entryRelationship></observation></entryRelationship>\
            <entryRelationship><observation><templateId root='2.16.840.1.113883.10.20.22.4.145'/><value code='CRITH'/></observation></entryRelationship>"
        ));
        assert_eq!((read.code.shown(), read.standing()), ("Penicillin", Standing::Fact));
        assert_eq!(read.clinical_status, ClinicalStatus::Active);
        assert_eq!(read.categories[0].as_str(), "medication");
        assert_eq!(read.criticality, Some(Criticality::High));
        assert_eq!(read.onset.unwrap().as_str(), "1998-05-01");
        assert_eq!(read.reactions[0].manifestations[0].shown(), "Nausea");
        assert_eq!(read.reactions[0].severity.as_ref().unwrap().as_str(), "mild");
        assert_eq!(read.reactions[0].description.as_ref().unwrap().as_str(), "after an hour");
    }

    #[test]
    fn no_known_allergy_is_no_allergy() {
        let none = allergy(&format!("negationInd='true'>{KIND}{}", participant("<code nullFlavor='NA'/>")));
        assert_eq!((none.code.shown(), none.standing()), ("Drug allergy", Standing::Negated));
        assert_eq!(allergy("negationInd='true'>").standing(), Standing::Negated);
    }

    #[test]
    fn substances_may_be_words() {
        assert_eq!(
            allergy(&format!(
                ">{}",
                participant("<code nullFlavor='OTH'><originalText>Bee venom</originalText></code>")
            ))
            .code
            .shown(),
            "Bee venom"
        );
        assert_eq!(allergy(&format!(">{KIND}{}", participant("<name>Latex</name>"))).code.shown(), "Latex");
        assert_eq!(allergy("><text>Nuts</text>").code.shown(), "Nuts");
        assert_eq!(reason("48765-2", &concern(">")).to_string(), "missing: participant");
    }
}
