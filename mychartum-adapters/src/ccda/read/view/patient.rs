//! The patient (HL7 CDA R2, section 4.2.2.11, `recordTarget`).

use mychartum_core::chart::{AdministrativeGender, Deceased, Identifier, Patient};
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::text::Label;

use crate::ccda::read::element::{address, called, contact, date, name};
use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};

/// The root of social security numbers of the United States, and FHIR's name for it.
const SOCIAL_SECURITY: (&str, &str) = ("2.16.840.1.113883.4.1", "http://hl7.org/fhir/sid/us-ssn");

/// The system of identifiers that are complete by themselves (RFC 3986).
const WHOLE: &str = "urn:ietf:rfc:3986";

/// What a chart keeps of a patient.
pub(crate) fn read<'a>(page: &Page<'a>, role: Xml<'a>) -> Patient {
    let patient = role.at("patient");
    let names: Vec<Xml<'a>> = patient.into_iter().flat_map(|patient| patient.all("name")).collect();
    let own = names.iter().filter_map(|node| name(page, *node));
    Patient {
        names: own.chain(names.iter().filter_map(|node| called(page, *node))).collect(),
        birth_date: patient.and_then(born),
        gender: patient.and_then(gender),
        identifiers: role.all("id").filter_map(identifier).collect(),
        contacts: role.all("telecom").filter_map(contact).collect(),
        addresses: role.all("addr").filter_map(|node| address(page, node)).collect(),
        languages: patient.map(languages).unwrap_or_default(),
        deceased: patient.map_or(Deceased::Unstated, deceased),
        active: None,
    }
}

/// The day of birth; an hour of birth stays in the original.
fn born(patient: Xml<'_>) -> Option<PartialDate> {
    let time = date(patient.at("birthTime")?)?;
    match time.as_str().split_once('T') {
        Some((day, _)) => day.parse().ok(),
        None => Some(time),
    }
}

fn gender(patient: Xml<'_>) -> Option<AdministrativeGender> {
    let node = patient.at("administrativeGenderCode")?;
    match (node.said("code").filter(|_| node.null().is_none()), node.null()) {
        (Some("M" | "m"), _) => Some(AdministrativeGender::Male),
        (Some("F" | "f"), _) => Some(AdministrativeGender::Female),
        (Some("UN"), _) => Some(AdministrativeGender::Other),
        (Some(code), _) => Some(AdministrativeGender::of(code)),
        (None, Some("OTH")) => Some(AdministrativeGender::Other),
        (None, Some("UNK" | "ASKU")) => Some(AdministrativeGender::Unknown),
        (None, _) => None,
    }
}

/// An identifier with its authority as a URI. One that does not fit is dropped whole: half of one would be another.
fn identifier(id: Xml<'_>) -> Option<Identifier> {
    if id.null().is_some() {
        return None;
    }
    let root = id.said("root")?;
    let urn = if root.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        format!("urn:oid:{root}")
    } else {
        format!("urn:uuid:{}", root.to_ascii_lowercase())
    };
    let social = root == SOCIAL_SECURITY.0;
    let (system, value) = match id.said("extension") {
        Some(value) if social => (SOCIAL_SECURITY.1, value),
        Some(value) => (urn.as_str(), value),
        None => (WHOLE, urn.as_str()),
    };
    let kind = Label::clipped("SS").filter(|_| social);
    Some(Identifier { system: Label::clipped(system), kind, value: Label::parse(value).ok()? })
}

/// Languages, the preferred one first.
fn languages(patient: Xml<'_>) -> Vec<Label> {
    let preferred = |node: &Xml<'_>| node.at("preferenceInd").is_some_and(is_true);
    let all: Vec<Xml<'_>> = patient.all("languageCommunication").collect();
    let rest = all.iter().filter(|node| !preferred(node));
    let ordered = all.iter().filter(|node| preferred(node)).chain(rest);
    let mut found: Vec<Label> = Vec::new();
    for language in ordered.filter_map(|node| Label::clipped(node.at("languageCode")?.said("code")?)) {
        if found.len() < 64 && !found.contains(&language) {
            found.push(language);
        }
    }
    found
}

fn is_true(node: Xml<'_>) -> bool {
    matches!(node.said("value"), Some("true" | "1"))
}

fn deceased(patient: Xml<'_>) -> Deceased {
    let at = patient.extension("deceasedTime");
    let flag = patient.extension("deceasedInd").filter(|flag| flag.null().is_none());
    match (at.and_then(date), at.filter(|at| at.said("value").is_some()), flag) {
        (Some(at), ..) => Deceased::At(at),
        // A date that cannot be read still says that the patient died.
        (None, Some(_), _) => Deceased::Yes,
        (None, None, Some(flag)) if is_true(flag) => Deceased::Yes,
        (None, None, Some(flag)) if flag.said("value").is_some() => Deceased::No,
        (None, None, _) => Deceased::Unstated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    fn with_patient(xml: &str, check: impl FnOnce(Patient)) {
        check(with_element(xml, read));
    }

    #[test]
    fn a_patient_is_read_whole() {
        let xml = "<patientRole><id root='2.16.840.1.113883.4.1' extension='444-22-2222'/><id root='1.2.3' extension='007'/>\
            <id root='AB12'/><id nullFlavor='UNK'/><addr><city>Beaverton</city></addr><telecom value='tel:555' use='HP'/>\
            <patient><name use='L'><given>Eve</given><given qualifier='CL'>Evi</given><family>Betterhalf</family></name>\
            <administrativeGenderCode code='F'/><birthTime value='197505011230'/><sdtc:deceasedInd value='false'/>\
            <languageCommunication><languageCode code='fr'/></languageCommunication>\
            <languageCommunication><languageCode code='es-MX'/><preferenceInd value='true'/></languageCommunication></patient></patientRole>";
        with_patient(xml, |patient| {
            assert_eq!(patient.name(), "Eve Betterhalf");
            assert_eq!(patient.names.len(), 2);
            assert_eq!(patient.birth_date.unwrap().as_str(), "1975-05-01");
            assert_eq!(patient.gender, Some(AdministrativeGender::Female));
            let shown = |id: &Identifier| {
                let text = |label: &Option<Label>| label.as_ref().map_or("-", Label::as_str).to_owned();
                format!("{} {} {}", text(&id.system), text(&id.kind), id.value.as_str())
            };
            let ids: Vec<String> = patient.identifiers.iter().map(shown).collect();
            assert_eq!(
                ids,
                [
                    "http://hl7.org/fhir/sid/us-ssn SS 444-22-2222",
                    "urn:oid:1.2.3 - 007",
                    "urn:ietf:rfc:3986 - urn:uuid:ab12"
                ]
            );
            let languages: Vec<&str> = patient.languages.iter().map(Label::as_str).collect();
            assert_eq!(languages, ["es-MX", "fr"]);
            assert!(patient.deceased == Deceased::No);
            assert_eq!((patient.contacts.len(), patient.addresses.len()), (1, 1));
        });
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        for (inside, gender, died) in [
            ("", None, Deceased::Unstated),
            ("<administrativeGenderCode nullFlavor='UNK'/>", Some("unknown"), Deceased::Unstated),
            ("<administrativeGenderCode nullFlavor='NI'/>", None, Deceased::Unstated),
            ("<administrativeGenderCode code='UN'/><sdtc:deceasedInd value='true'/>", Some("other"), Deceased::Yes),
            ("<sdtc:deceasedTime value='2019'/>", None, Deceased::At("2019".parse().unwrap())),
            ("<sdtc:deceasedTime value='soon'/>", None, Deceased::Yes),
            ("<sdtc:deceasedInd nullFlavor='UNK'/>", None, Deceased::Unstated),
        ] {
            with_patient(&format!("<patientRole><patient>{inside}</patient></patientRole>"), |patient| {
                assert_eq!(patient.gender.map(AdministrativeGender::code), gender, "{inside}");
                assert!(patient.deceased == died, "{inside}");
                assert!(patient.birth_date.is_none() && patient.names.is_empty());
            });
        }
    }
}
