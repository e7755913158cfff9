//! One view of every kind, with every field filled in.
//!
//! Written without `..Default::default()`, so that a new field of a view stops this file from compiling until it is filled in
//! here, and with that is searched for in every leak test.

use mychartum_core::chart::{
    AdministrativeGender, AllergyIntolerance, Appointment, AppointmentStatus, Attachment, ClinicalStatus, Component,
    Condition, Contact, Criticality, Deceased, DiagnosticReport, DocumentReference, DocumentStatus, Encounter,
    EncounterStatus, Identifier, Immunization, ImmunizationStatus, Interpretation, MedicationRequest, MedicationStatus,
    Observation, ObservationCategory, ObservationStatus, Party, Patient, PersonName, Procedure, ProcedureStatus,
    Reaction, ReferenceRange, ReportStatus, SourceRef, Value, VerificationStatus, View,
};
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::kernel::{CodeSystem, Coding, Comparator, Concept, Decimal, PartialDate, Quantity, Unit};

/// The date of every field that holds one.
pub const DATE: &str = "1931-07-23T04:17:52.806-03:30";

/// The number of every field that holds a decimal.
pub const NUMBER: &str = "90817.263540";

/// Asks for the text of a field, by the field's name.
type Texts<'a> = &'a mut dyn FnMut(&str) -> Label;

/// One view of every kind, in the order of [`View`], each text field filled with what `text` gives for the field's name.
///
/// Observations are there three times: as a result, a vital sign and another finding. The first has a component for every kind of
/// [`Value`]. All views are facts, so that all of them are shown.
pub fn every_view(text: Texts<'_>) -> Vec<View> {
    vec![
        View::Patient(Box::new(patient(text))),
        View::Observation(Box::new(observation(text, "result", ObservationCategory::Laboratory))),
        View::Observation(Box::new(observation(text, "vital", ObservationCategory::VitalSigns))),
        View::Observation(Box::new(observation(text, "finding", ObservationCategory::Survey))),
        View::DiagnosticReport(Box::new(report(text))),
        View::MedicationRequest(Box::new(medication(text))),
        View::Encounter(Box::new(encounter(text))),
        View::DocumentReference(Box::new(document(text))),
        View::Immunization(Box::new(immunization(text))),
        View::Condition(Box::new(condition(text))),
        View::AllergyIntolerance(Box::new(allergy(text))),
        View::Procedure(Box::new(procedure(text))),
        View::Appointment(Box::new(appointment(text))),
    ]
}

fn date() -> Option<PartialDate> {
    DATE.parse().ok()
}

fn narrative(text: Texts<'_>, name: &str) -> Option<Narrative> {
    Narrative::clipped(text(name).as_str())
}

fn reference(text: Texts<'_>, name: &str) -> SourceRef {
    SourceRef { kind: text(&format!("{name}.kind")), id: text(&format!("{name}.id")) }
}

fn party(text: Texts<'_>, name: &str) -> Party {
    Party { name: Some(text(&format!("{name}.name"))), at: Some(reference(text, &format!("{name}.at"))) }
}

fn concept(text: Texts<'_>, name: &str) -> Concept {
    let mut coding = |system| Coding {
        system,
        code: text(&format!("{name}.code")),
        display: Some(text(&format!("{name}.display"))),
    };
    let codings = vec![coding(CodeSystem::Loinc), coding(CodeSystem::Unstated)];
    let local = Coding {
        system: CodeSystem::Local(text(&format!("{name}.system"))),
        code: text(&format!("{name}.local code")),
        display: None,
    };
    Concept { codings: [codings, vec![local]].concat(), text: Some(text(&format!("{name}.text"))) }
}

fn quantity(text: Texts<'_>, name: &str) -> Quantity {
    Quantity {
        value: NUMBER.parse().unwrap_or_else(|_| Decimal::from(0)),
        comparator: Some(Comparator::AtMost),
        unit: Unit { code: Some(text(&format!("{name}.unit code"))), text: Some(text(&format!("{name}.unit text"))) },
    }
}

fn range(text: Texts<'_>, name: &str) -> ReferenceRange {
    ReferenceRange {
        low: Some(quantity(text, &format!("{name}.low"))),
        high: Some(quantity(text, &format!("{name}.high"))),
        text: Some(text(&format!("{name}.text"))),
        applies_to: Some(text(&format!("{name}.applies to"))),
    }
}

fn patient(text: Texts<'_>) -> Patient {
    Patient {
        names: vec![PersonName {
            usage: Some(text("patient.name.use")),
            text: Some(text("patient.name.text")),
            given: vec![text("patient.name.given"), text("patient.name.second given")],
            family: Some(text("patient.name.family")),
            prefix: vec![text("patient.name.prefix")],
            suffix: vec![text("patient.name.suffix")],
        }],
        birth_date: date(),
        gender: Some(AdministrativeGender::Other),
        identifiers: vec![Identifier {
            system: Some(text("patient.identifier.system")),
            kind: Some(text("patient.identifier.kind")),
            value: text("patient.identifier.value"),
        }],
        contacts: vec![Contact {
            channel: Some(text("patient.contact.channel")),
            usage: Some(text("patient.contact.use")),
            value: text("patient.contact.value"),
        }],
        addresses: vec![text("patient.address"), text("patient.second address")],
        languages: vec![text("patient.language")],
        deceased: date().map_or(Deceased::Yes, Deceased::At),
        active: Some(true),
    }
}

/// Every kind of value.
fn values(text: Texts<'_>, name: &str) -> Vec<Value> {
    let name = format!("{name}.value");
    vec![
        Value::Quantity(quantity(text, &name)),
        Value::Concept(concept(text, &name)),
        narrative(text, &name).map_or(Value::Unstated, Value::Text),
        Value::Boolean(true),
        Value::Integer(-7),
        Value::Range { low: Some(quantity(text, &name)), high: Some(quantity(text, &name)) },
        Value::Ratio { numerator: quantity(text, &name), denominator: quantity(text, &name) },
        date().map_or(Value::Unstated, Value::When),
        Value::Absent(concept(text, &name)),
        Value::Unstated,
    ]
}

fn observation(text: Texts<'_>, name: &str, category: ObservationCategory) -> Observation {
    let field = |field: &str| format!("{name}.{field}");
    let components = values(text, &field("component"))
        .into_iter()
        .map(|value| Component {
            code: concept(text, &field("component.code")),
            value,
            interpretation: vec![Interpretation::High, Interpretation::Other],
            ranges: vec![range(text, &field("component.range"))],
        })
        .collect();
    Observation {
        status: ObservationStatus::Amended,
        category,
        code: concept(text, &field("code")),
        effective: date(),
        issued: date(),
        value: Value::Quantity(quantity(text, &field("value"))),
        interpretation: vec![Interpretation::CriticalLow],
        ranges: vec![range(text, &field("range"))],
        components,
        specimen: Some(party(text, &field("specimen"))),
        method: Some(text(&field("method"))),
        body_site: Some(text(&field("body site"))),
        performers: vec![party(text, &field("performer"))],
        notes: narrative(text, &field("note")).into_iter().collect(),
        encounter: Some(reference(text, &field("encounter"))),
        members: vec![reference(text, &field("member"))],
    }
}

fn attachment(text: Texts<'_>, name: &str) -> Attachment {
    Attachment {
        media_type: Some(text(&format!("{name}.media type"))),
        title: Some(text(&format!("{name}.title"))),
        language: Some(text(&format!("{name}.language"))),
        text: narrative(text, &format!("{name}.text")),
        bytes: 4_711,
        elsewhere: Some(text(&format!("{name}.elsewhere"))),
    }
}

fn report(text: Texts<'_>) -> DiagnosticReport {
    DiagnosticReport {
        status: ReportStatus::Appended,
        categories: vec![concept(text, "report.category")],
        code: concept(text, "report.code"),
        effective: date(),
        issued: date(),
        performers: vec![party(text, "report.performer")],
        results: vec![reference(text, "report.result")],
        conclusion: narrative(text, "report.conclusion"),
        presented: vec![attachment(text, "report.presented")],
        encounter: Some(reference(text, "report.encounter")),
    }
}

fn medication(text: Texts<'_>) -> MedicationRequest {
    MedicationRequest {
        status: MedicationStatus::OnHold,
        intent: Some(text("medication.intent")),
        do_not_perform: false,
        medication: concept(text, "medication.medication"),
        medication_at: Some(party(text, "medication.medication at")),
        authored: date(),
        requester: Some(party(text, "medication.requester")),
        dosage: narrative(text, "medication.dosage").into_iter().collect(),
        reasons: vec![concept(text, "medication.reason")],
        refills: Some(3),
        valid_until: date(),
        notes: narrative(text, "medication.note").into_iter().collect(),
        encounter: Some(reference(text, "medication.encounter")),
    }
}

fn encounter(text: Texts<'_>) -> Encounter {
    Encounter {
        status: EncounterStatus::InProgress,
        class: Some(text("visit.class")),
        kinds: vec![concept(text, "visit.kind")],
        start: date(),
        end: date(),
        reasons: vec![concept(text, "visit.reason")],
        participants: vec![party(text, "visit.participant")],
        locations: vec![party(text, "visit.location")],
        provider: Some(party(text, "visit.provider")),
        discharge: Some(text("visit.discharge")),
    }
}

fn document(text: Texts<'_>) -> DocumentReference {
    DocumentReference {
        status: DocumentStatus::Current,
        kind: concept(text, "document.kind"),
        categories: vec![concept(text, "document.category")],
        date: date(),
        authors: vec![party(text, "document.author")],
        custodian: Some(party(text, "document.custodian")),
        description: Some(text("document.description")),
        content: vec![attachment(text, "document.content")],
        encounter: Some(reference(text, "document.encounter")),
    }
}

fn immunization(text: Texts<'_>) -> Immunization {
    Immunization {
        status: ImmunizationStatus::Completed,
        vaccine: concept(text, "immunization.vaccine"),
        occurrence: date(),
        occurrence_text: Some(text("immunization.occurrence")),
        lot: Some(text("immunization.lot")),
        dose: Some(quantity(text, "immunization.dose")),
        site: Some(text("immunization.site")),
        dose_number: Some(text("immunization.dose number")),
        performers: vec![party(text, "immunization.performer")],
        location: Some(party(text, "immunization.location")),
        notes: narrative(text, "immunization.note").into_iter().collect(),
        encounter: Some(reference(text, "immunization.encounter")),
    }
}

fn condition(text: Texts<'_>) -> Condition {
    Condition {
        clinical_status: ClinicalStatus::Relapse,
        verification_status: VerificationStatus::Differential,
        code: concept(text, "condition.code"),
        categories: vec![concept(text, "condition.category")],
        severity: Some(text("condition.severity")),
        onset: date(),
        onset_text: Some(text("condition.onset")),
        abatement: date(),
        recorded: date(),
        recorder: Some(party(text, "condition.recorder")),
        notes: narrative(text, "condition.note").into_iter().collect(),
        encounter: Some(reference(text, "condition.encounter")),
    }
}

fn allergy(text: Texts<'_>) -> AllergyIntolerance {
    AllergyIntolerance {
        clinical_status: ClinicalStatus::Active,
        verification_status: VerificationStatus::Presumed,
        code: concept(text, "allergy.code"),
        categories: vec![text("allergy.category")],
        criticality: Some(Criticality::UnableToAssess),
        reactions: vec![Reaction {
            manifestations: vec![concept(text, "allergy.reaction.manifestation")],
            severity: Some(text("allergy.reaction.severity")),
            description: Some(text("allergy.reaction.description")),
        }],
        onset: date(),
        recorded: date(),
        recorder: Some(party(text, "allergy.recorder")),
        notes: narrative(text, "allergy.note").into_iter().collect(),
    }
}

fn procedure(text: Texts<'_>) -> Procedure {
    Procedure {
        status: ProcedureStatus::Stopped,
        code: concept(text, "procedure.code"),
        performed: date(),
        performed_end: date(),
        performed_text: Some(text("procedure.performed")),
        performers: vec![party(text, "procedure.performer")],
        location: Some(party(text, "procedure.location")),
        reasons: vec![concept(text, "procedure.reason")],
        body_sites: vec![concept(text, "procedure.body site")],
        outcome: Some(text("procedure.outcome")),
        notes: narrative(text, "procedure.note").into_iter().collect(),
        encounter: Some(reference(text, "procedure.encounter")),
    }
}

fn appointment(text: Texts<'_>) -> Appointment {
    Appointment {
        status: AppointmentStatus::CheckedIn,
        kinds: vec![concept(text, "appointment.kind")],
        reasons: vec![concept(text, "appointment.reason")],
        description: Some(text("appointment.description")),
        start: date(),
        end: date(),
        participants: vec![party(text, "appointment.participant")],
        instructions: narrative(text, "appointment.instructions"),
    }
}
