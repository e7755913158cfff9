//! The pharmacy that somebody goes to.

use serde::{Deserialize, Serialize};

use crate::kernel::{PhoneNumber, hidden};

use super::line::Line;
use super::postal_address::PostalAddress;

/// The pharmacy that prescriptions go to.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pharmacy {
    /// What it is called.
    pub name: Line<200>,
    /// Its number in a directory of pharmacies, where the host offers one (in the United States the NCPDP provider id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Line<32>>,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<PostalAddress>,
}

hidden!(Pharmacy);
