//! One finding.

use core::fmt;

use super::form::Form;

/// A canary that was found where it should not be. It names the canary and never shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What was planted: the name it was given.
    pub canary: String,
    /// Where it was found.
    pub place: String,
    /// How it was written there.
    pub form: Form,
    /// At which byte, from 0.
    pub offset: usize,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { canary, place, form, offset } = self;
        write!(f, "{canary} is in {place} at byte {offset} ({})", form.name())
    }
}
