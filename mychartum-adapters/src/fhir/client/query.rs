//! From categories to what a server is asked.

use mychartum_core::port::record_source::Category;

/// What a category is at a FHIR server: a type, and for observations their category (US Core 3.1.1 and later).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Query {
    /// The resource type.
    pub(super) kind: &'static str,
    /// The value of the search parameter `category`.
    pub(super) category: Option<&'static str>,
}

impl Query {
    /// What a category is; `None` for one that came after this client was written.
    pub(super) const fn of(category: Category) -> Option<Self> {
        let (kind, category) = match category {
            Category::Demographics => ("Patient", None),
            Category::Allergies => ("AllergyIntolerance", None),
            Category::Conditions => ("Condition", None),
            Category::Medications => ("MedicationRequest", None),
            Category::Immunizations => ("Immunization", None),
            Category::Visits => ("Encounter", None),
            Category::Procedures => ("Procedure", None),
            Category::LabResults => ("Observation", Some("laboratory")),
            Category::VitalSigns => ("Observation", Some("vital-signs")),
            Category::Reports => ("DiagnosticReport", None),
            Category::Documents => ("DocumentReference", None),
            Category::Appointments => ("Appointment", None),
            _ => return None,
        };
        Some(Self { kind, category })
    }

    /// The path and query of the first page: everything of a patient, or what changed since a moment.
    pub(super) fn path(self, patient: &str, since: Option<&str>, count: u16) -> String {
        let Self { kind, category } = self;
        let mut path = format!("{kind}?patient={patient}");
        if let Some(category) = category {
            path.push_str("&category=");
            path.push_str(category);
        }
        if let Some(since) = since {
            path.push_str("&_lastUpdated=ge");
            path.push_str(since);
        }
        path.push_str(&format!("&_count={count}"));
        path
    }
}

/// Whether a text is an id as FHIR has them (R4 section 2.24.0.1): nothing in it can change an address.
pub(super) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed) && text != "." && text != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_a_search() {
        for category in Category::ALL {
            assert!(Query::of(category).is_some(), "{category:?}");
        }
        let labs = Query::of(Category::LabResults).unwrap();
        assert_eq!(
            labs.path("p1", Some("2026-01-01T00:00:00Z"), 50),
            "Observation?patient=p1&category=laboratory&_lastUpdated=ge2026-01-01T00:00:00Z&_count=50"
        );
        assert_eq!(Query::of(Category::Visits).unwrap().path("p1", None, 9), "Encounter?patient=p1&_count=9");
    }

    #[test]
    fn ids_cannot_change_an_address() {
        for bad in ["", ".", "..", "a/b", "a?b", "a&b", "a%2f", "a b", "ä", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
        assert!(is_id("A-1.b"));
    }
}
