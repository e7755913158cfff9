//! The header of a document: whose it is, which version of which document, how confidential.

use mychartum_core::access::label::labels_of_security;
use mychartum_core::chart::{SourceRef, SourceVersion};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, SensitivitySet};
use mychartum_core::sync::Reason;

use super::element::{codings, date};
use super::identity::{first_id, source_ref};
use super::xml::{Reach, Xml};

/// HL7 v3 Confidentiality, the only system that `confidentialityCode` may have.
const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";

/// The most documents that a document may be related to.
const RELATED: usize = 4;

/// What all of a document has in common.
pub(super) struct Header<'a> {
    pub(super) root: Xml<'a>,
    /// The patient's role; where there are several, the first.
    pub(super) target: Option<Xml<'a>>,
    /// What the source calls the patient.
    pub(super) subject: Result<SourceRef, Reason>,
    /// When the document was made: the version of everything in it.
    pub(super) version: SourceVersion,
    /// How confidential it is.
    pub(super) labels: SensitivitySet,
}

impl<'a> Header<'a> {
    pub(super) fn of(root: Xml<'a>) -> Self {
        let roles: Vec<Xml<'a>> = root.all("recordTarget").filter_map(|target| target.at("patientRole")).collect();
        let version =
            SourceVersion { last_updated: root.at("effectiveTime").and_then(date), ..SourceVersion::default() };
        Self { root, target: roles.first().copied(), subject: subject(&roles), version, labels: confidentiality(root) }
    }

    /// What names the document through all its versions, else the document itself; empty where nothing does.
    pub(super) fn key(&self) -> String {
        first_id(self.root, "setId").or_else(|| first_id(self.root, "id")).unwrap_or_default()
    }

    /// The version of the document itself: its number counts where two were made at one time.
    pub(super) fn document_version(&self) -> SourceVersion {
        let number = self.root.at("versionNumber").and_then(|number| Label::clipped(number.said("value")?));
        SourceVersion { id: number, ..self.version.clone() }
    }

    /// The documents that this one replaces: their `parentDocument` elements. There can be four at most (HL7 CDA R2, section
    /// 4.2.3.1).
    pub(super) fn replaced(&self) -> Vec<Xml<'a>> {
        let own = first_id(self.root, "id");
        let related = self.root.all("relatedDocument").filter(|related| related.said("typeCode") == Some("RPLC"));
        let parents = related.flat_map(|related| related.all("parentDocument"));
        parents.filter(|parent| first_id(*parent, "id").is_some_and(|id| Some(id) != own)).take(RELATED).collect()
    }
}

/// Whose a document is: the first id of its one patient. Nothing is guessed where it has two.
fn subject(roles: &[Xml<'_>]) -> Result<SourceRef, Reason> {
    let mut ids = roles.iter().map(|role| first_id(*role, "id"));
    let first = ids.next().flatten().ok_or(Reason::NoSubject)?;
    if ids.any(|id| id.as_ref() != Some(&first)) {
        return Err(Reason::Invalid("recordTarget"));
    }
    source_ref("Patient", &first)
}

/// The sensitivity labels that an element's own `confidentialityCode` means.
pub(super) fn confidentiality(node: Xml<'_>) -> SensitivitySet {
    let all: Vec<Coding> = node.all("confidentialityCode").flat_map(codings).map(in_its_system).collect();
    labels_of_security(&all)
}

fn in_its_system(coding: Coding) -> Coding {
    match coding.system {
        CodeSystem::Unstated => Coding { system: CodeSystem::of(CONFIDENTIALITY), ..coding },
        _ => coding,
    }
}

/// The labels that a statement's own privacy annotations mean (HL7 Implementation Guide: Data Segmentation for Privacy R1,
/// security observation).
pub(super) fn annotated(node: Xml<'_>) -> SensitivitySet {
    let says = |observation: &Xml<'_>| {
        let code = observation.at("code").and_then(|code| code.said("code"));
        matches!(code, Some("SECCLASSOBS" | "SECCATOBS"))
    };
    let observations = node.descendants().filter(|inner| inner.is_element() && inner.called() == "observation");
    let values: Vec<Coding> = observations.filter(says).flat_map(|found| found.at("value")).flat_map(codings).collect();
    labels_of_security(&values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;
    use mychartum_core::kernel::Sensitivity;

    fn subject_of(xml: &str) -> String {
        let xml = format!("<ClinicalDocument>{xml}</ClinicalDocument>");
        with_element(&xml, |_, node| match Header::of(node).subject {
            Ok(subject) => format!("{} {}", subject.kind.as_str(), subject.id.as_str()),
            Err(reason) => reason.to_string(),
        })
    }

    #[test]
    fn the_subject_is_the_first_id_of_the_one_patient() {
        let target = |ids: &str| format!("<recordTarget><patientRole>{ids}</patientRole></recordTarget>");
        let one = target("<id nullFlavor='UNK'/><id root='1.2' extension='7'/><id root='1.3' extension='8'/>");
        assert_eq!(subject_of(&one), "Patient 1.2|7");
        assert_eq!(subject_of(&format!("{one}{one}")), "Patient 1.2|7");
        assert_eq!(subject_of(&format!("{one}{}", target("<id root='9'/>"))), "invalid: recordTarget");
        assert_eq!(subject_of(&format!("{one}{}", target(""))), "invalid: recordTarget", "somebody without an id");
        assert_eq!(subject_of(&target("<id nullFlavor='NI'/>")), "no subject");
        assert_eq!(subject_of(""), "no subject");
    }

    #[test]
    fn documents_have_versions_and_take_the_place_of_others() {
        let xml = "<ClinicalDocument><id root='A'/><setId root='S'/><versionNumber value='2'/><effectiveTime value='20130820'/>\
            <relatedDocument typeCode='APND'><parentDocument><id root='1'/></parentDocument></relatedDocument>\
            <relatedDocument typeCode='RPLC'><parentDocument><id root='2'/></parentDocument></relatedDocument>\
            <relatedDocument typeCode='RPLC'><parentDocument><id root='a'/></parentDocument></relatedDocument></ClinicalDocument>";
        with_element(xml, |_, node| {
            let header = Header::of(node);
            assert_eq!(header.key(), "s");
            let version = header.document_version();
            assert_eq!(version.id.unwrap().as_str(), "2");
            assert_eq!(version.last_updated.unwrap().as_str(), "2013-08-20");
            let replaced: Vec<_> = header.replaced().into_iter().filter_map(|parent| first_id(parent, "id")).collect();
            assert_eq!(replaced, ["2"]);
        });
    }

    #[test]
    fn confidentiality_is_kept() {
        for (xml, expected) in [
            ("<d><confidentialityCode code='N' codeSystem='2.16.840.1.113883.5.25'/></d>", SensitivitySet::NONE),
            (
                "<d><confidentialityCode code='R' codeSystem='2.16.840.1.113883.5.25'/></d>",
                SensitivitySet::of(&[Sensitivity::Restricted]),
            ),
            ("<d><confidentialityCode code='V'/></d>", SensitivitySet::of(&[Sensitivity::Restricted])),
            ("<d><confidentialityCode nullFlavor='UNK'/></d>", SensitivitySet::NONE),
        ] {
            assert!(with_element(xml, move |_, node| confidentiality(node) == expected), "{xml}");
        }
        let xml = "<observation><entryRelationship><organizer><component><observation><code code='SECCATOBS' codeSystem='2.16.840.1.113883.5.4'/>\
            <value xsi:type='CE' code='HIV' codeSystem='2.16.840.1.113883.5.4'/></observation></component></organizer></entryRelationship></observation>";
        assert!(with_element(xml, |_, node| annotated(node) == SensitivitySet::of(&[Sensitivity::Hiv])));
    }
}
