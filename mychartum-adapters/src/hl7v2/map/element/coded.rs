//! Codes (HL7 v2 `CE`, `CWE`, `CNE`, `CF`, `IS`) and units.

use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept, Unit};

use crate::hl7v2::Repetition;

/// The systems that HL7 table 0396 names and people read codes of. Others stay as the sender calls them.
const SYSTEMS: [(&[&str], &str); 12] = [
    (&["LN", "LOINC"], "http://loinc.org"),
    (&["SCT", "SNM", "SNOMED", "SNOMED-CT", "SNOMEDCT"], "http://snomed.info/sct"),
    (&["RXNORM", "RXN", "RXNORML"], "http://www.nlm.nih.gov/research/umls/rxnorm"),
    (&["CVX"], "http://hl7.org/fhir/sid/cvx"),
    (&["MVX"], "http://hl7.org/fhir/sid/mvx"),
    (&["NDC"], "http://hl7.org/fhir/sid/ndc"),
    (&["I10C", "ICD-10-CM", "ICD10CM"], "http://hl7.org/fhir/sid/icd-10-cm"),
    (&["I10", "ICD10", "ICD-10"], "http://hl7.org/fhir/sid/icd-10"),
    (&["I9C", "I9CDX", "I9M", "ICD9"], "http://hl7.org/fhir/sid/icd-9-cm"),
    (&["C4", "CPT", "CPT4", "CPTM"], "http://www.ama-assn.org/go/cpt"),
    (&["UCUM"], "http://unitsofmeasure.org"),
    (&["NCIT", "NCI"], "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"),
];

/// What a coded element says: its code, its alternates, and the words of whoever recorded it.
pub(crate) fn concept(element: &Repetition<'_>) -> Concept {
    let mut codings: Vec<Coding> = Vec::new();
    for first in [1, 4, 10] {
        if let Some(coding) = coding(element, first)
            && !codings.iter().any(|known| known.system == coding.system && known.code == coding.code)
        {
            codings.push(coding);
        }
    }
    let label = |number| element.component(number).value().and_then(|text| Label::clipped(&text));
    let named = codings.iter().any(|coding| coding.display.is_some());
    let text = label(9).or_else(|| if named { None } else { label(2).or_else(|| label(5)) });
    Concept { codings, text }
}

/// A code that stands at a component, with its name and system behind it.
fn coding(element: &Repetition<'_>, first: usize) -> Option<Coding> {
    let part = |number| element.component(number).value();
    // A code that is too long is dropped: the beginning of one would be another.
    let code = Label::parse(part(first)?.trim()).ok()?;
    let system = part(first + 2).map_or(CodeSystem::Unstated, |name| system(name.trim()));
    Some(Coding { system, code, display: part(first + 1).and_then(|text| Label::clipped(&text)) })
}

fn system(name: &str) -> CodeSystem {
    let capitals = name.to_ascii_uppercase();
    let known = SYSTEMS.iter().find(|(names, _)| names.contains(&capitals.as_str()));
    CodeSystem::of(known.map_or(name, |(_, uri)| uri))
}

/// What people are shown of a coded element.
pub(crate) fn said(element: &Repetition<'_>) -> Option<Label> {
    Label::clipped(concept(element).shown())
}

/// A unit (OBX-6): its code, and its name where that differs.
pub(crate) fn unit(element: &Repetition<'_>) -> Unit {
    let part = |number| element.component(number).value().and_then(|text| Label::clipped(&text));
    let (code, text) = (part(1), part(2));
    match (code, text) {
        (Some(code), text) => Unit { text: text.filter(|text| *text != code), code: Some(code) },
        (None, text) => Unit { code: None, text },
    }
}
