//! Age bands: what an age changes.

use super::template::TemplateId;

/// A band of ages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// From this birthday on, in years.
    pub from: u8,
    /// Before this birthday; none for the last band.
    pub until: Option<u8>,
    /// What the patient may do with the own chart.
    pub own: OwnAccess,
    /// What those may do whose access rests on the patient's age: parents, foster parents.
    pub proxy: ProxyAccess,
    /// Whether each side's messages are hidden from the other.
    pub messages_apart: bool,
    /// Who can give a proxy more in this band.
    pub widen: Vec<Widen>,
    /// The key of the source that says so.
    pub cite: Box<str>,
}

/// What a patient may do with the own chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAccess {
    /// Nothing: too young for an account.
    Nothing,
    /// What a template says.
    Template(TemplateId),
    /// What a template says, once there is an assent; where it is refused, nobody gets in.
    WithAssent(TemplateId),
}

/// What becomes of access that rests on the patient's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyAccess {
    /// It goes on within a template (keep, downgrade).
    Template(TemplateId),
    /// It rests until something changes.
    Suspended,
    /// It is over.
    Revoked,
    /// It goes on within a template once there is an assent.
    WithAssent(TemplateId),
    /// What was in the chart before this band began stays, within a template; nothing new is seen.
    Frozen(TemplateId),
    /// In this band there is no portal, for nobody.
    NoPortal,
}

impl ProxyAccess {
    /// Whether there is a portal in the band at all.
    #[must_use]
    pub const fn is_portal(self) -> bool {
        !matches!(self, Self::NoPortal)
    }
}

/// Who, together, can give a proxy more in a band, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widen {
    /// Everyone who must agree.
    pub by: Vec<Authority>,
    /// Up to this template.
    pub template: TemplateId,
    /// For so many days, after which it must be given anew; none where it lasts as long as the band.
    pub review_days: Option<u16>,
}

/// Someone who must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authority {
    /// The patient.
    Patient,
    /// A clinician who treats the patient.
    Clinician,
    /// A parent or guardian.
    Parent,
    /// A court.
    Court,
}

/// When someone who was born on 29 February has a birthday in other years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeapDay {
    /// On 28 February.
    February28,
    /// On 1 March.
    March1,
}
