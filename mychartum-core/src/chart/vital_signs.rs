//! Vital signs: which observations they are, and what people call them (FHIR R4 vital signs profile, section 8.22).

use crate::kernel::CodeSystem;

use super::observation::Observation;

/// A vital sign, known by its LOINC code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VitalSign {
    /// Systolic and diastolic blood pressure.
    BloodPressure,
    /// Heart rate.
    HeartRate,
    /// Respiratory rate.
    RespiratoryRate,
    /// Body temperature.
    BodyTemperature,
    /// Oxygen saturation.
    OxygenSaturation,
    /// Body height or length.
    BodyHeight,
    /// Body weight.
    BodyWeight,
    /// Body mass index.
    BodyMassIndex,
    /// Head circumference.
    HeadCircumference,
}

/// LOINC codes and the vital sign they mean. LOINC is used under its licence (Regenstrief Institute).
const CODES: [(&str, VitalSign); 18] = [
    ("85354-9", VitalSign::BloodPressure),
    ("55284-4", VitalSign::BloodPressure),
    ("8867-4", VitalSign::HeartRate),
    ("9279-1", VitalSign::RespiratoryRate),
    ("8310-5", VitalSign::BodyTemperature),
    ("8331-1", VitalSign::BodyTemperature),
    ("2708-6", VitalSign::OxygenSaturation),
    ("59408-5", VitalSign::OxygenSaturation),
    ("8302-2", VitalSign::BodyHeight),
    ("8306-3", VitalSign::BodyHeight),
    ("8308-9", VitalSign::BodyHeight),
    ("29463-7", VitalSign::BodyWeight),
    ("3141-9", VitalSign::BodyWeight),
    ("39156-5", VitalSign::BodyMassIndex),
    ("59576-9", VitalSign::BodyMassIndex),
    ("9843-4", VitalSign::HeadCircumference),
    ("8287-5", VitalSign::HeadCircumference),
    ("8289-1", VitalSign::HeadCircumference),
];

impl VitalSign {
    /// LOINC: systolic blood pressure.
    pub const SYSTOLIC: &'static str = "8480-6";
    /// LOINC: diastolic blood pressure.
    pub const DIASTOLIC: &'static str = "8462-4";

    /// The vital sign that an observation is, by its LOINC code.
    #[must_use]
    pub fn of(observation: &Observation) -> Option<Self> {
        let codings = &observation.code.codings;
        codings
            .iter()
            .filter(|coding| coding.system == CodeSystem::Loinc)
            .find_map(|coding| CODES.iter().find(|(code, _)| *code == coding.code.as_str()).map(|(_, sign)| *sign))
    }
}
