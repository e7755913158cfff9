//! FHIR R4 `Patient`.

use mychartum_core::chart::{AdministrativeGender, Deceased, Identifier, Patient};
use mychartum_core::kernel::text::Label;

use crate::fhir::read::element::{
    Address, CodeableConcept, ContactPoint, HumanName, IdentifierElement, Many, One, Txt, date, element, label,
};

element! {
    /// The elements of a patient that a chart keeps.
    PatientElement<'a> {
        name: Many<HumanName<'a>> = "name",
        birth_date: Txt<'a> = "birthDate",
        gender: Txt<'a> = "gender",
        identifier: Many<IdentifierElement<'a>> = "identifier",
        telecom: Many<ContactPoint<'a>> = "telecom",
        address: Many<Address<'a>> = "address",
        communication: Many<Communication<'a>> = "communication",
        deceased_flag: Txt<'a> = "deceasedBoolean",
        deceased_at: Txt<'a> = "deceasedDateTime",
        active: Txt<'a> = "active",
    }
}

element! {
    /// FHIR `Patient.communication`.
    Communication<'a> {
        language: One<CodeableConcept<'a>> = "language",
        preferred: Txt<'a> = "preferred",
    }
}

/// What a chart keeps of a patient. A patient is always usable: nothing is required.
pub(super) fn read(patient: &PatientElement<'_>) -> Patient {
    Patient {
        names: patient.name.iter().filter_map(HumanName::name).collect(),
        birth_date: date(&patient.birth_date),
        gender: patient.gender.get().map(gender),
        identifiers: patient.identifier.iter().filter_map(identifier).collect(),
        contacts: patient.telecom.iter().filter_map(ContactPoint::contact).collect(),
        addresses: patient.address.iter().filter_map(Address::line).collect(),
        languages: languages(&patient.communication),
        deceased: deceased(patient),
        active: patient.active.flag(),
    }
}

fn gender(code: &str) -> AdministrativeGender {
    match code {
        "M" | "m" => AdministrativeGender::Male,
        "F" | "f" => AdministrativeGender::Female,
        code => AdministrativeGender::of(code),
    }
}

fn identifier(element: &IdentifierElement<'_>) -> Option<Identifier> {
    // An identifier that does not fit is dropped whole: half of one would be another.
    let value = Label::parse(element.value.get()?).ok()?;
    let kind = element.kind.get().and_then(|kind| Label::clipped(kind.codes().next()?));
    Some(Identifier { system: label(&element.system), kind, value })
}

fn languages(all: &Many<Communication<'_>>) -> Vec<Label> {
    let preferred = |communication: &&Communication<'_>| communication.preferred.flag() == Some(true);
    let rest = all.iter().filter(|communication| !preferred(communication));
    let ordered = all.iter().filter(preferred).chain(rest);
    ordered.filter_map(|communication| communication.language.get()?.label()).collect()
}

fn deceased(patient: &PatientElement<'_>) -> Deceased {
    match (date(&patient.deceased_at), patient.deceased_at.get(), patient.deceased_flag.flag()) {
        (Some(at), ..) => Deceased::At(at),
        // A date that cannot be read still says that the patient died.
        (None, Some(_), _) | (None, None, Some(true)) => Deceased::Yes,
        (None, None, Some(false)) => Deceased::No,
        (None, None, None) => Deceased::Unstated,
    }
}
