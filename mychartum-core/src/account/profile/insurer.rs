//! Who pays.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::hidden;

use super::error::FieldError;
use super::line::Line;

/// An insurance: who insures, under which number, whose policy it is, and from when until when.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Insurer {
    /// The insurer.
    pub name: Line<200>,
    /// The plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Line<200>>,
    /// The member's number on the card.
    pub member: Line<64>,
    /// The group's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Line<64>>,
    /// Whose policy it is, who is responsible for it.
    pub holder: PolicyHolder,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// Whose policy an insurance is.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyHolder {
    /// The patient's own.
    Patient,
    /// Somebody else's.
    Other {
        /// Who.
        name: Line<200>,
        /// What they are to the patient, in the patient's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        relation: Option<Line<100>>,
    },
}

hidden!(Insurer, PolicyHolder);

impl Insurer {
    /// Whether its days are in order.
    ///
    /// # Errors
    /// [`FieldError::TimeInverted`].
    pub fn check(&self) -> Result<(), FieldError> {
        match (self.from, self.until) {
            (Some(from), Some(until)) if until < from => Err(FieldError::TimeInverted),
            _ => Ok(()),
        }
    }
}
