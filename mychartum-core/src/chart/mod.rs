//! What a chart holds: one clinical idea a file, each a typed view beside its kept original.
//!
//! The names are FHIR R4's. A view keeps what a portal shows; what it leaves out stays in the original, which
//! [`Disclosure::original`](crate::portal::Disclosure::original) opens. Whether a view may be shown as a fact is its [`Standing`].

mod allergy_intolerance;
mod appointment;
mod coded;
mod condition;
mod conversion;
mod diagnostic_report;
mod document_reference;
mod encounter;
mod grouping;
mod growth;
mod immunization;
mod item;
mod medication_request;
mod observation;
mod patient;
mod procedure;
mod provenance;
mod section;
mod standing;
mod trend;
mod view;
mod view_form;
mod vital_signs;

pub use allergy_intolerance::{AllergyIntolerance, Criticality, Reaction};
pub use appointment::{Appointment, AppointmentStatus};
pub use condition::{ClinicalStatus, Condition, VerificationStatus};
pub use conversion::{ConversionError, ConversionFault, Conversions, UnitChoice};
pub use diagnostic_report::{DiagnosticReport, ReportStatus};
pub use document_reference::{Attachment, DocumentReference, DocumentStatus};
pub use encounter::{Encounter, EncounterStatus};
pub use grouping::{AnalyteGroup, ReportGroup};
pub use growth::{
    Curve, GrowthChart, GrowthError, GrowthFault, GrowthMeasure, GrowthPoint, GrowthReferences, GrowthSex, Percentile,
};
pub use immunization::{Immunization, ImmunizationStatus};
pub use item::{Item, ItemKind, Party, SourceRef};
pub use medication_request::{MedicationRequest, MedicationStatus, MedicationUse};
pub use observation::{
    Component, Interpretation, Observation, ObservationCategory, ObservationStatus, ReferenceRange, Value,
};
pub use patient::{AdministrativeGender, Contact, Deceased, Identifier, Patient, PersonName};
pub use procedure::{Procedure, ProcedureStatus};
pub use provenance::{InvalidSource, Provenance, SourceId, SourceVersion, Stage};
pub use section::{Section, SectionSet};
pub use standing::Standing;
pub use trend::{Point, Series, Trend};
pub use view::View;
pub use vital_signs::VitalSign;
