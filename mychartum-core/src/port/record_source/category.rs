//! What is asked for at a time.

use serde::{Deserialize, Serialize};

/// A part of a patient's record that a source is asked for by itself.
///
/// Sources grant and refuse by category, and one that fails does not stop the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Category {
    /// Who the patient is. Ask for it first: what else comes is about somebody.
    Demographics,
    /// Allergies and intolerances.
    Allergies,
    /// Problems and diagnoses.
    Conditions,
    /// Medications as ordered.
    Medications,
    /// Vaccinations.
    Immunizations,
    /// Visits.
    Visits,
    /// Procedures.
    Procedures,
    /// Results of laboratories.
    LabResults,
    /// Vital signs.
    VitalSigns,
    /// Reports that gather results.
    Reports,
    /// Documents and notes.
    Documents,
    /// Appointments.
    Appointments,
}

impl Category {
    /// All of them, in the order in which to ask: what others refer to comes first.
    pub const ALL: [Self; 12] = [
        Self::Demographics,
        Self::Visits,
        Self::Allergies,
        Self::Conditions,
        Self::Medications,
        Self::Immunizations,
        Self::Procedures,
        Self::LabResults,
        Self::VitalSigns,
        Self::Reports,
        Self::Documents,
        Self::Appointments,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn all_of_them_are_listed_once_and_the_patient_is_first() {
        assert_eq!(Category::ALL.iter().collect::<HashSet<_>>().len(), Category::ALL.len());
        assert_eq!(Category::ALL.first(), Some(&Category::Demographics));
    }
}
