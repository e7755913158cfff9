//! The typed view of an item: one of the clinical ideas.

use serde::Serialize;

use crate::kernel::{Concept, PartialDate, hidden};

use super::item::{ItemKind, Party, SourceRef};
use super::observation::ObservationCategory;
use super::section::Section;
use super::standing::Standing;
use super::vital_signs::VitalSign;
use super::{
    AllergyIntolerance, Appointment, Condition, DiagnosticReport, DocumentReference, Encounter, Immunization,
    MedicationRequest, Observation, Patient, Procedure,
};

/// What an item says.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "t")]
pub enum View {
    /// Who the patient is.
    Patient(Box<Patient>),
    /// A result, a vital sign or another finding.
    Observation(Box<Observation>),
    /// A report.
    DiagnosticReport(Box<DiagnosticReport>),
    /// A prescription.
    MedicationRequest(Box<MedicationRequest>),
    /// A visit or stay.
    Encounter(Box<Encounter>),
    /// A document.
    DocumentReference(Box<DocumentReference>),
    /// A vaccine.
    Immunization(Box<Immunization>),
    /// A problem or diagnosis.
    Condition(Box<Condition>),
    /// An allergy or intolerance.
    AllergyIntolerance(Box<AllergyIntolerance>),
    /// A procedure.
    Procedure(Box<Procedure>),
    /// An appointment.
    Appointment(Box<Appointment>),
}

hidden!(View);

impl View {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> ItemKind {
        match self {
            Self::Patient(_) => ItemKind::Patient,
            Self::Observation(_) => ItemKind::Observation,
            Self::DiagnosticReport(_) => ItemKind::DiagnosticReport,
            Self::MedicationRequest(_) => ItemKind::MedicationRequest,
            Self::Encounter(_) => ItemKind::Encounter,
            Self::DocumentReference(_) => ItemKind::DocumentReference,
            Self::Immunization(_) => ItemKind::Immunization,
            Self::Condition(_) => ItemKind::Condition,
            Self::AllergyIntolerance(_) => ItemKind::AllergyIntolerance,
            Self::Procedure(_) => ItemKind::Procedure,
            Self::Appointment(_) => ItemKind::Appointment,
        }
    }

    /// The section of the chart it belongs to.
    ///
    /// Observations go by their category: laboratory ones and those without a category are results, vital signs are known
    /// by category or by LOINC code, all others are findings.
    #[must_use]
    pub fn section(&self) -> Section {
        match self {
            Self::Patient(_) => Section::Demographics,
            Self::Observation(observation) => match observation.category {
                ObservationCategory::Laboratory => Section::Results,
                ObservationCategory::VitalSigns => Section::Vitals,
                ObservationCategory::Unstated if VitalSign::of(observation).is_some() => Section::Vitals,
                ObservationCategory::Unstated => Section::Results,
                _ => Section::Findings,
            },
            Self::DiagnosticReport(_) => Section::Reports,
            Self::MedicationRequest(_) => Section::Medications,
            Self::Encounter(_) => Section::Visits,
            Self::DocumentReference(_) => Section::Documents,
            Self::Immunization(_) => Section::Immunizations,
            Self::Condition(_) => Section::Conditions,
            Self::AllergyIntolerance(_) => Section::Allergies,
            Self::Procedure(_) => Section::Procedures,
            Self::Appointment(_) => Section::Appointments,
        }
    }

    /// Whether it may be shown as a fact.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self {
            Self::Patient(view) => view.standing(),
            Self::Observation(view) => view.standing(),
            Self::DiagnosticReport(view) => view.standing(),
            Self::MedicationRequest(view) => view.standing(),
            Self::Encounter(view) => view.standing(),
            Self::DocumentReference(view) => view.standing(),
            Self::Immunization(view) => view.standing(),
            Self::Condition(view) => view.standing(),
            Self::AllergyIntolerance(view) => view.standing(),
            Self::Procedure(view) => view.standing(),
            Self::Appointment(view) => view.standing(),
        }
    }

    /// The same as its source took it back: `entered-in-error` (FHIR R4). Who a patient is, is never taken back.
    #[must_use]
    pub(crate) fn withdrawn(mut self) -> Self {
        match &mut self {
            Self::Patient(_) => {}
            Self::Observation(view) => view.status = super::ObservationStatus::EnteredInError,
            Self::DiagnosticReport(view) => view.status = super::ReportStatus::EnteredInError,
            Self::MedicationRequest(view) => view.status = super::MedicationStatus::EnteredInError,
            Self::Encounter(view) => view.status = super::EncounterStatus::EnteredInError,
            Self::DocumentReference(view) => view.status = super::DocumentStatus::EnteredInError,
            Self::Immunization(view) => view.status = super::ImmunizationStatus::EnteredInError,
            Self::Condition(view) => view.verification_status = super::VerificationStatus::EnteredInError,
            Self::AllergyIntolerance(view) => view.verification_status = super::VerificationStatus::EnteredInError,
            Self::Procedure(view) => view.status = super::ProcedureStatus::EnteredInError,
            Self::Appointment(view) => view.status = super::AppointmentStatus::EnteredInError,
        }
        self
    }

    /// When it counts for the chart; lists are sorted by it.
    #[must_use]
    pub fn at(&self) -> Option<&PartialDate> {
        match self {
            Self::Patient(_) => None,
            Self::Observation(view) => view.at(),
            Self::DiagnosticReport(view) => view.at(),
            Self::MedicationRequest(view) => view.authored.as_ref(),
            Self::Encounter(view) => view.start.as_ref().or(view.end.as_ref()),
            Self::DocumentReference(view) => view.date.as_ref(),
            Self::Immunization(view) => view.occurrence.as_ref(),
            Self::Condition(view) => view.onset.as_ref().or(view.recorded.as_ref()),
            Self::AllergyIntolerance(view) => view.onset.as_ref().or(view.recorded.as_ref()),
            Self::Procedure(view) => view.performed.as_ref(),
            Self::Appointment(view) => view.start.as_ref(),
        }
    }

    /// The visit it belongs to.
    #[must_use]
    pub const fn encounter(&self) -> Option<&SourceRef> {
        match self {
            Self::Observation(view) => view.encounter.as_ref(),
            Self::DiagnosticReport(view) => view.encounter.as_ref(),
            Self::MedicationRequest(view) => view.encounter.as_ref(),
            Self::DocumentReference(view) => view.encounter.as_ref(),
            Self::Immunization(view) => view.encounter.as_ref(),
            Self::Condition(view) => view.encounter.as_ref(),
            Self::Procedure(view) => view.encounter.as_ref(),
            Self::Patient(_) | Self::Encounter(_) | Self::AllergyIntolerance(_) | Self::Appointment(_) => None,
        }
    }

    /// The other items that it refers to, its visit apart: the results of a report, the parts of a panel.
    pub fn refers_to(&self) -> impl Iterator<Item = &SourceRef> {
        let references: &[SourceRef] = match self {
            Self::Observation(view) => &view.members,
            Self::DiagnosticReport(view) => &view.results,
            _ => &[],
        };
        references.iter()
    }

    /// Every concept that says what it is about.
    #[must_use]
    pub fn concepts(&self) -> Vec<&Concept> {
        match self {
            Self::Patient(_) => Vec::new(),
            Self::Observation(view) => {
                core::iter::once(&view.code).chain(view.components.iter().map(|part| &part.code)).collect()
            }
            Self::DiagnosticReport(view) => core::iter::once(&view.code).chain(&view.categories).collect(),
            Self::MedicationRequest(view) => core::iter::once(&view.medication).chain(&view.reasons).collect(),
            Self::Encounter(view) => view.kinds.iter().chain(&view.reasons).collect(),
            Self::DocumentReference(view) => core::iter::once(&view.kind).chain(&view.categories).collect(),
            Self::Immunization(view) => vec![&view.vaccine],
            Self::Condition(view) => vec![&view.code],
            Self::AllergyIntolerance(view) => vec![&view.code],
            Self::Procedure(view) => core::iter::once(&view.code).chain(&view.reasons).collect(),
            Self::Appointment(view) => view.kinds.iter().chain(&view.reasons).collect(),
        }
    }

    /// Everyone and every place that it names, so that missing names can be filled in.
    pub fn parties_mut(&mut self) -> Vec<&mut Party> {
        match self {
            Self::Patient(_) => Vec::new(),
            Self::Observation(view) => view.performers.iter_mut().chain(&mut view.specimen).collect(),
            Self::DiagnosticReport(view) => view.performers.iter_mut().collect(),
            Self::MedicationRequest(view) => view.requester.iter_mut().chain(&mut view.medication_at).collect(),
            Self::Encounter(view) => {
                view.participants.iter_mut().chain(&mut view.locations).chain(&mut view.provider).collect()
            }
            Self::DocumentReference(view) => view.authors.iter_mut().chain(&mut view.custodian).collect(),
            Self::Immunization(view) => view.performers.iter_mut().chain(&mut view.location).collect(),
            Self::Condition(view) => view.recorder.iter_mut().collect(),
            Self::AllergyIntolerance(view) => view.recorder.iter_mut().collect(),
            Self::Procedure(view) => view.performers.iter_mut().chain(&mut view.location).collect(),
            Self::Appointment(view) => view.participants.iter_mut().collect(),
        }
    }
}

macro_rules! widened {
    ($($name:ident),*) => {$(
        impl From<$name> for View {
            fn from(view: $name) -> Self {
                Self::$name(Box::new(view))
            }
        }
    )*};
}

widened!(
    Patient,
    Observation,
    DiagnosticReport,
    MedicationRequest,
    Encounter,
    DocumentReference,
    Immunization,
    Condition,
    AllergyIntolerance,
    Procedure,
    Appointment
);
