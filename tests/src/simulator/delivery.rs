//! One message of the laboratory.

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// Who a patient is (ADT A04, A08).
    Person,
    /// That something was ordered, and has no value yet.
    Ordered,
    /// A first value.
    Preliminary,
    /// A value.
    Final,
    /// Another value in its place.
    Corrected,
    /// That there should never have been one.
    Withdrawn,
    /// A value of nobody that can be told: it belongs into quarantine and into no chart.
    Nobodys,
}

/// A message (HL7 v2.5.1) that the laboratory sends.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its control id (MSH-10), which no other has.
    pub control_id: String,
    /// What it is about.
    pub said: Said,
    /// Its bytes, segments ended by CR.
    pub message: Vec<u8>,
}

impl core::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Delivery({} {:?})", self.control_id, self.said)
    }
}
