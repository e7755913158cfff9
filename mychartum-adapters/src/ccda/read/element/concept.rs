//! Codes (HL7 v3 `CD`, `CE`, `CV`, `CO`, `CS`) and why they are missing.

use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept};

use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};

/// FHIR's words for missing values.
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// What a coded element says: its code, its translations, and the words of whoever recorded it.
pub(crate) fn concept<'a>(page: &Page<'a>, node: Xml<'a>) -> Concept {
    let codings = codings(node);
    let words = node.at("originalText").and_then(|text| page.label(text));
    let unsaid = || if codings.iter().any(|coding| coding.display.is_some()) { None } else { displayed(node) };
    let text = words.or_else(unsaid);
    Concept { codings, text }
}

/// What a child of this name says; empty where there is none.
pub(crate) fn concept_of<'a>(page: &Page<'a>, node: Xml<'a>, name: &'static str) -> Concept {
    node.at(name).map(|node| concept(page, node)).unwrap_or_default()
}

/// The most codes of one concept.
const MOST: usize = 64;

/// The codes of an element, its own first.
pub(crate) fn codings(node: Xml<'_>) -> Vec<Coding> {
    let mut all: Vec<Coding> = Vec::new();
    for coding in core::iter::once(node).chain(node.all("translation")).filter_map(coding) {
        if all.len() < MOST && !all.iter().any(|known| known.system == coding.system && known.code == coding.code) {
            all.push(coding);
        }
    }
    all
}

fn coding(node: Xml<'_>) -> Option<Coding> {
    if node.null().is_some() {
        return None;
    }
    let system = match (node.said("codeSystem"), node.said("codeSystemName")) {
        (Some(root), _) => system(root),
        (None, Some(name)) => CodeSystem::of(name),
        (None, None) => CodeSystem::Unstated,
    };
    // A code that is too long is dropped: the beginning of one would be another.
    Some(Coding {
        system,
        code: Label::parse(node.said("code")?).ok()?,
        display: node.said("displayName").and_then(Label::clipped),
    })
}

/// The system that a root names; roots that we do not know are kept as URNs.
fn system(root: &str) -> CodeSystem {
    match CodeSystem::of(root) {
        CodeSystem::Local(_) if !root.contains(':') => CodeSystem::of(&format!("urn:oid:{root}")),
        known => known,
    }
}

/// The name of a code that is not there: senders put it on the element or on a translation.
fn displayed(node: Xml<'_>) -> Option<Label> {
    let all = core::iter::once(node).chain(node.all("translation"));
    all.filter_map(|node| node.said("displayName")).find_map(Label::clipped)
}

/// Why a value is missing (HL7 v3 NullFlavor), in FHIR's words.
pub(crate) fn absent(node: Xml<'_>) -> Option<Concept> {
    let code = match node.null()? {
        "ASKU" => "asked-unknown",
        "NASK" => "not-asked",
        "NAV" => "temp-unknown",
        "NA" => "not-applicable",
        "MSK" => "masked",
        "NINF" => "negative-infinity",
        "PINF" => "positive-infinity",
        "OTH" | "UNC" | "DER" => "unsupported",
        "NP" => "not-performed",
        _ => "unknown",
    };
    let coding = Coding { system: CodeSystem::of(ABSENT), code: Label::clipped(code)?, display: None };
    Some(Concept { codings: vec![coding], text: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    fn shown(xml: &str) -> (Vec<String>, String) {
        with_element(xml, |page, node| {
            let concept = concept(page, node);
            let codes =
                concept.codings.iter().map(|coding| format!("{}|{}", coding.system.uri(), coding.code.as_str()));
            (codes.collect(), concept.shown().to_owned())
        })
    }

    #[test]
    fn codes_translations_and_words() {
        for (xml, codes, words) in [
            (
                "<code code='718-7' codeSystem='2.16.840.1.113883.6.1' displayName='Hb'/>",
                vec!["http://loinc.org|718-7"],
                "Hb",
            ),
            ("<code code='x' codeSystem='1.2.3'/>", vec!["urn:oid:1.2.3|x"], "x"),
            ("<code code='x' codeSystemName='Ours'/>", vec!["Ours|x"], "x"),
            (
                "<code nullFlavor='OTH'><originalText>my words</originalText><translation code='1' codeSystem='2.16.840.1.113883.6.96'/></code>",
                vec!["http://snomed.info/sct|1"],
                "my words",
            ),
            ("<code nullFlavor='UNK' code='5' codeSystem='1.2'/>", vec![], ""),
            ("<code nullFlavor='OTH' displayName='Other drug'/>", vec![], "Other drug"),
            (
                "<code code='a' codeSystem='1.2'><translation code='a' codeSystem='1.2'/><translation nullFlavor='UNK'/></code>",
                vec!["urn:oid:1.2|a"],
                "a",
            ),
            ("<code/>", vec![], ""),
        ] {
            assert_eq!(shown(xml), (codes.into_iter().map(str::to_owned).collect(), words.to_owned()), "{xml}");
        }
    }

    #[test]
    fn missing_values_say_why() {
        for (flavor, code) in
            [("ASKU", "asked-unknown"), ("UNK", "unknown"), ("NI", "unknown"), ("NA", "not-applicable")]
        {
            let xml = format!("<value nullFlavor='{flavor}'/>");
            assert!(with_element(&xml, |_, node| absent(node).unwrap().has_code(code)));
        }
        assert!(with_element("<value/>", |_, node| absent(node).is_none()));
    }
}
