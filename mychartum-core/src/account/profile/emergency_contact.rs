//! Whom to call in an emergency.

use serde::{Deserialize, Serialize};

use crate::kernel::{EmailAddress, PhoneNumber, hidden};

use super::few::Few;
use super::line::Line;

/// Somebody to be called in an emergency. Being one gives no access to anything: that takes a grant.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmergencyContact {
    /// Who.
    pub name: Line<200>,
    /// What they are to the patient, in the patient's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Line<100>>,
    /// Numbers, the first one to be tried first.
    pub phones: Few<PhoneNumber, 3>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
}

hidden!(EmergencyContact);
