//! The sections of a disclosure, each with its own type.

use std::collections::HashSet;

use crate::chart::{
    AllergyIntolerance, Appointment, Condition, DiagnosticReport, DocumentReference, Encounter, Immunization, Item,
    MedicationRequest, Observation, Patient, Procedure, Section, Trend, UnitChoice, View,
};
use crate::kernel::UnitConversion;
use crate::kernel::id::ItemId;

use super::disclosure::Disclosure;
use super::error::ReadError;
use super::listing::{Listing, Page};

/// Makes, for each section, a method for a page of its items, one for a single item, and one for its earlier versions.
macro_rules! sections {
    ($($section:ident $variant:ident: $view:ty, $list:ident $one:ident $earlier:ident, $many:literal, $single:literal;)+) => {
        impl Disclosure {$(
            #[doc = concat!("A page of the chart's ", $many, ", newest first.")]
            ///
            /// # Errors
            /// [`ReadError`].
            pub async fn $list(&self, page: Page) -> Result<Listing<$view>, ReadError> {
                let (views, more) = self.views(Section::$section, None, page).await?;
                let pick = |view| if let View::$variant(view) = view { Some(*view) } else { None };
                Ok(Listing { items: views.into_iter().filter_map(|item| item.narrow(pick)).collect(), more })
            }

            #[doc = concat!("One ", $single, "; `None` where there is none of this id.")]
            ///
            /// # Errors
            /// [`ReadError`].
            pub async fn $one(&self, item: ItemId) -> Result<Option<Item<$view>>, ReadError> {
                let pick = |view| if let View::$variant(view) = view { Some(*view) } else { None };
                Ok(self.view(Section::$section, item).await?.and_then(|item| item.narrow(pick)))
            }

            #[doc = concat!("The earlier versions of one ", $single, ", newest first: what it said before it was changed.")]
            ///
            /// # Errors
            /// [`ReadError`].
            pub async fn $earlier(&self, item: ItemId) -> Result<Vec<Item<$view>>, ReadError> {
                let pick = |view| if let View::$variant(view) = view { Some(*view) } else { None };
                let versions = self.earlier(Section::$section, item).await?;
                Ok(versions.into_iter().filter_map(|item| item.narrow(pick)).collect())
            }
        )+}
    };
}

sections! {
    Demographics Patient: Patient, demographics demographic earlier_demographics, "demographics, one for each source", "source's demographics";
    Results Observation: Observation, results result earlier_results, "results", "result";
    Vitals Observation: Observation, vitals vital earlier_vitals, "vital signs", "vital sign";
    Findings Observation: Observation, findings finding earlier_findings, "other findings", "other finding";
    Reports DiagnosticReport: DiagnosticReport, reports report earlier_reports, "reports", "report";
    Medications MedicationRequest: MedicationRequest, medications medication earlier_medications, "prescriptions", "prescription";
    Immunizations Immunization: Immunization, immunizations immunization earlier_immunizations, "vaccines", "vaccine";
    Conditions Condition: Condition, conditions condition earlier_conditions, "conditions", "condition";
    Allergies AllergyIntolerance: AllergyIntolerance, allergies allergy earlier_allergies, "allergies", "allergy";
    Visits Encounter: Encounter, visits visit earlier_visits, "visits", "visit";
    Documents DocumentReference: DocumentReference, documents document earlier_documents, "documents", "document";
    Procedures Procedure: Procedure, procedures procedure earlier_procedures, "procedures", "procedure";
    Appointments Appointment: Appointment, appointments appointment earlier_appointments, "appointments", "appointment";
}

/// The sections that hold observations.
const OBSERVED: [Section; 3] = [Section::Results, Section::Vitals, Section::Findings];

impl Disclosure {
    /// A page of the observations of an analyte (a LOINC code, of the observation or of a component) in one section.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn measured(&self, section: Section, loinc: &str, page: Page) -> Result<Listing<Observation>, ReadError> {
        let tag = self.ledger.analyte_tag(self.patient(), loinc);
        let (views, more) = self.views(section, Some(tag), page).await?;
        Ok(Listing { items: views.into_iter().filter_map(observation).collect(), more })
    }

    /// The trend of an analyte over the sections that the permit names; units are joined only by the conversions given.
    ///
    /// # Errors
    /// [`ReadError`]; [`ReadError::Misuse`] when the permit names no section with observations.
    pub async fn trend(&self, loinc: &str, conversions: &[UnitConversion]) -> Result<Trend, ReadError> {
        Ok(Trend::of(loinc, &self.measured_anywhere(&[loinc]).await?, conversions))
    }

    /// The trend of an analyte in the unit that a person chose, over the sections that the permit names, with what came under
    /// the other codes of the same analyte.
    ///
    /// # Errors
    /// [`ReadError`]; [`ReadError::Misuse`] when the permit names no section with observations.
    pub async fn trend_in(&self, choice: &UnitChoice) -> Result<Trend, ReadError> {
        let codes: Vec<&str> = choice.analytes().collect();
        Ok(Trend::in_unit(&self.measured_anywhere(&codes).await?, choice))
    }

    /// The observations under any of the codes, each once, in the sections that the permit names.
    async fn measured_anywhere(&self, codes: &[&str]) -> Result<Vec<Item<Observation>>, ReadError> {
        let sections: Vec<Section> =
            OBSERVED.into_iter().filter(|section| self.permit().sections().has(*section)).collect();
        if sections.is_empty() {
            return Err(ReadError::Misuse);
        }
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        for section in sections {
            for code in codes {
                let items = self.measured(section, code, Page::ALL).await?.items;
                found.extend(items.into_iter().filter(|item| seen.insert(item.id)));
            }
        }
        Ok(found)
    }

    /// The statements that there is no allergy, or none of a kind, newest first. They are no allergies, so
    /// [`allergies`](Self::allergies) leaves them out; what was ruled out or withdrawn is not among them.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn no_known_allergies(&self) -> Result<Vec<Item<AllergyIntolerance>>, ReadError> {
        let pick = |view| if let View::AllergyIntolerance(view) = view { Some(*view) } else { None };
        let negated = self.negated(Section::Allergies).await?;
        let statements = negated.into_iter().filter_map(|item| item.narrow(pick));
        Ok(statements
            .filter(|item| item.view.says_none() && item.view.verification_status.standing().is_fact())
            .collect())
    }

    /// What belongs to a visit in one section, newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn of_visit(&self, section: Section, visit: ItemId) -> Result<Vec<Item<View>>, ReadError> {
        let tag = self.ledger.visit_tag(self.patient(), visit);
        Ok(self.views(section, Some(tag), Page::ALL).await?.0)
    }
}

fn observation(item: Item<View>) -> Option<Item<Observation>> {
    item.narrow(|view| if let View::Observation(observation) = view { Some(*observation) } else { None })
}
