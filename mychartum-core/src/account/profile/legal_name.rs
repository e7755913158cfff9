//! The legal name.

use serde::{Deserialize, Serialize};

use crate::chart::PersonName;
use crate::kernel::hidden;
use crate::kernel::text::Label;

use super::error::FieldError;
use super::line::Line;

/// A legal name: given names as one line, family name, and what comes after; at least one of the first two.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LegalName {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given: Option<Line<200>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<Line<200>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suffix: Option<Line<50>>,
}

hidden!(LegalName);

impl LegalName {
    /// Takes a name.
    ///
    /// # Errors
    /// [`FieldError::Nameless`] with neither a given nor a family name.
    pub fn new(
        given: Option<Line<200>>,
        family: Option<Line<200>>,
        suffix: Option<Line<50>>,
    ) -> Result<Self, FieldError> {
        if given.is_none() && family.is_none() { Err(FieldError::Nameless) } else { Ok(Self { given, family, suffix }) }
    }

    /// The given names.
    #[must_use]
    pub fn given(&self) -> Option<&str> {
        self.given.as_ref().map(Line::as_str)
    }

    /// The family name.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.family.as_ref().map(Line::as_str)
    }

    /// What comes after: Jr., III.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_ref().map(Line::as_str)
    }

    /// What a source's name says. A name that came whole only is taken as given names.
    pub(super) fn of_source(name: &PersonName) -> Option<Self> {
        let joined = |parts: &[Label]| parts.iter().map(Label::as_str).collect::<Vec<_>>().join(" ");
        let family = name.family.as_ref().and_then(|family| Line::of_source(family.as_str()));
        let given = match &name.text {
            Some(text) if name.given.is_empty() && family.is_none() => Line::of_source(text.as_str()),
            _ => Line::of_source(&joined(&name.given)),
        };
        Self::new(given, family, Line::of_source(&joined(&name.suffix))).ok()
    }
}
