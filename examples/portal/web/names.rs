//! Names of people whose charts a visitor has opened, so that the way from chart to chart can say them.
//!
//! A name is here only after it was disclosed to the same session under a permit, and it is shown only while the session
//! still acts for that person: changing the chart writes an entry, saying where one could go does not.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use mychartum_core::kernel::id::PatientId;

use super::forms::FormKey;

/// How many are remembered; then all are forgotten, and asked for anew.
const REMEMBERED: usize = 1_024;

/// Names by session and chart.
#[derive(Default)]
pub(crate) struct Names(Mutex<HashMap<[u8; 32], String>>);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names([hidden])")
    }
}

impl Names {
    /// The name of someone, if this session was shown it.
    pub(crate) fn of(&self, forms: &FormKey, session: &str, patient: PatientId) -> Option<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(&place(forms, session, patient)).cloned()
    }

    /// What a session was shown goes on with it under its next token.
    pub(crate) fn carry(&self, forms: &FormKey, (from, to): (&str, &str), patients: &[PatientId]) {
        for patient in patients {
            if let Some(name) = self.of(forms, from, *patient) {
                self.shown(forms, to, *patient, &name);
            }
        }
    }

    /// Remembers a name that this session was shown.
    pub(crate) fn shown(&self, forms: &FormKey, session: &str, patient: PatientId, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= REMEMBERED {
            names.clear();
        }
        names.insert(place(forms, session, patient), name.to_owned());
    }
}

fn place(forms: &FormKey, session: &str, patient: PatientId) -> [u8; 32] {
    forms.veil(&format!("name {session} {patient}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_for_the_session_that_was_shown_it() {
        let (names, forms) = (Names::default(), FormKey::random().unwrap());
        let patient = PatientId::from_bytes([7; 16]);
        names.shown(&forms, "a", patient, "Someone");
        assert_eq!(names.of(&forms, "a", patient).as_deref(), Some("Someone"));
        assert_eq!(names.of(&forms, "b", patient), None);
        names.carry(&forms, ("a", "c"), &[patient]);
        assert_eq!(names.of(&forms, "c", patient).as_deref(), Some("Someone"));
        assert_eq!(names.of(&forms, "a", PatientId::from_bytes([8; 16])), None);
        assert!(!format!("{names:?}").contains("Someone"));
    }
}
