//! How far something got, in words. What is complete needs no words; everything else is said.

use maud::{Markup, html};
use mychartum_core::chart::{
    AppointmentStatus, EncounterStatus, ImmunizationStatus, MedicationStatus, ObservationStatus, ProcedureStatus,
    ReportStatus, VerificationStatus,
};

use crate::words::look_up;

/// Something that can be more or less complete.
pub(crate) trait Progress: Copy {
    /// The key of its words; nothing where there is nothing to add.
    fn key(self) -> Option<String>;

    /// A short note beside a list entry, if there is something to add.
    fn note(self) -> Markup {
        let words = self.key().and_then(|key| look_up(&key));
        html! { @if let Some(words) = words { span.note { (words) } } }
    }

    /// A sentence for the page of the thing itself, if there is something to add.
    fn sentence(self) -> Option<&'static str> {
        look_up(&format!("{}.long", self.key()?))
    }
}

macro_rules! progress {
    ($($status:ty: $done:ident;)*) => {$(
        impl Progress for $status {
            fn key(self) -> Option<String> {
                match self {
                    Self::$done => None,
                    open => Some(format!("status.{}", open.code())),
                }
            }
        }
    )*};
}

progress! {
    ObservationStatus: Final;
    ReportStatus: Final;
    ProcedureStatus: Completed;
    EncounterStatus: Finished;
    ImmunizationStatus: Completed;
    MedicationStatus: Active;
    AppointmentStatus: Fulfilled;
    VerificationStatus: Confirmed;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_final_goes_without_saying() {
        assert!(ObservationStatus::Final.key().is_none());
        for status in ObservationStatus::ALL.iter().filter(|status| **status != ObservationStatus::Final) {
            assert!(!status.note().into_string().is_empty(), "{}", status.code());
            assert!(status.sentence().is_some(), "{}", status.code());
        }
    }

    #[test]
    fn every_status_has_words() {
        let notes = [
            ReportStatus::ALL.iter().filter_map(|status| status.key()).collect::<Vec<_>>(),
            ProcedureStatus::ALL.iter().filter_map(|status| status.key()).collect(),
            EncounterStatus::ALL.iter().filter_map(|status| status.key()).collect(),
            ImmunizationStatus::ALL.iter().filter_map(|status| status.key()).collect(),
            MedicationStatus::ALL.iter().filter_map(|status| status.key()).collect(),
            AppointmentStatus::ALL.iter().filter_map(|status| status.key()).collect(),
            VerificationStatus::ALL.iter().filter_map(|status| status.key()).collect(),
        ];
        for key in notes.iter().flatten() {
            assert!(look_up(key).is_some(), "{key}");
        }
    }
}
