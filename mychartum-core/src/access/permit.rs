//! Permits: a decision that was written down.

use chrono::{DateTime, Duration, Utc};

use crate::audit::{Actor, Purpose};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{GrantId, PatientId, SessionId, TenantId};
use crate::ledger::Written;

use super::ask::Ask;
use super::viewer::Viewer;

/// The right to one disclosure of some sections of one chart, until it expires.
///
/// A permit is its own address: it names the patient and the sections, and no second argument can disagree with it. It can
/// be neither made, copied nor stored by anyone else.
///
/// INVARIANT (one permit, one disclosure): opening a chart takes the permit by value.
#[must_use = "a permit was written down as a disclosure; use it or do not ask"]
pub struct Permit {
    tenant: TenantId,
    patient: PatientId,
    sections: SectionSet,
    actor: Actor,
    session: Option<SessionId>,
    purpose: Purpose,
    expires_at: DateTime<Utc>,
    entry: u64,
    grant: Option<GrantId>,
    viewer: Viewer,
}

impl Permit {
    /// Makes a permit of what was written down (INVARIANT (written before shown)).
    pub(crate) fn issue(
        tenant: TenantId,
        ask: &Ask,
        sections: SectionSet,
        viewer: Viewer,
        written: &Written,
        life: Duration,
    ) -> Self {
        Self {
            tenant,
            patient: ask.patient,
            sections,
            actor: ask.actor,
            session: ask.session,
            purpose: ask.purpose,
            expires_at: ask.at + life,
            entry: written.entry().position(),
            grant: written.entry().facts().grant.map(|row| GrantId::from_bytes(row.to_bytes())),
            viewer,
        }
    }

    /// Whose chart.
    #[must_use]
    pub const fn patient(&self) -> PatientId {
        self.patient
    }

    /// Which sections.
    #[must_use]
    pub const fn sections(&self) -> SectionSet {
        self.sections
    }

    /// Who was permitted.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// In which session; none where the host asked in its own name.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// What for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The grant acted under; none for the own chart, the host and broken glass.
    #[must_use]
    pub const fn grant(&self) -> Option<GrantId> {
        self.grant
    }

    /// When it ends.
    #[must_use]
    pub const fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// The number of its entry in the patient's audit trail.
    #[must_use]
    pub const fn entry(&self) -> u64 {
        self.entry
    }

    /// The same, through the eyes of someone who sees no more: what the owner is shown of a proxy's view.
    pub(crate) fn seen_as(self, viewer: Viewer, sections: SectionSet) -> Self {
        let sections = sections.iter().filter(|section| self.sections.has(*section)).collect();
        Self { viewer, sections, ..self }
    }

    /// How each item is looked at.
    pub(crate) const fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    pub(crate) const fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn covers(&self, section: Section, now: DateTime<Utc>) -> bool {
        self.sections.has(section) && now < self.expires_at
    }
}

impl core::fmt::Debug for Permit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Permit({:?}, entry {})", self.patient, self.entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::scene::{ANNA, CHART, GROWN_UP, HERE, Scene, at};
    use Section::{Results, Vitals};

    fn permit() -> Permit {
        Permit {
            tenant: HERE,
            patient: CHART,
            sections: SectionSet::of(&[Results, Vitals]),
            actor: Actor::Account(ANNA),
            session: Some(SessionId::from_bytes([3; 16])),
            purpose: Purpose::Care,
            expires_at: at(GROWN_UP),
            entry: 42,
            grant: Some(GrantId::from_bytes([4; 16])),
            viewer: Scene::of_patient(GROWN_UP).viewer(),
        }
    }

    #[test]
    fn a_permit_says_what_it_is_for() {
        let permit = permit();
        assert_eq!((permit.tenant(), permit.patient()), (HERE, CHART));
        assert_eq!(permit.sections(), SectionSet::of(&[Results, Vitals]));
        assert_eq!((permit.actor(), permit.purpose()), (Actor::Account(ANNA), Purpose::Care));
        assert_eq!(permit.session(), Some(SessionId::from_bytes([3; 16])));
        assert_eq!(permit.grant(), Some(GrantId::from_bytes([4; 16])));
        assert_eq!((permit.expires_at(), permit.entry()), (at(GROWN_UP), 42));
        assert_eq!(permit.viewer(), &Scene::of_patient(GROWN_UP).viewer());
    }

    #[test]
    fn a_permit_covers_its_sections_to_just_before_its_end() {
        let (permit, end) = (permit(), at(GROWN_UP));
        let microsecond = Duration::microseconds(1);
        assert!(permit.covers(Results, end - microsecond) && permit.covers(Vitals, end - microsecond));
        assert!(!permit.covers(Results, end) && !permit.covers(Results, end + microsecond));
        assert!(!permit.covers(Section::Billing, end - microsecond));
    }

    #[test]
    fn through_other_eyes_a_permit_opens_no_more_sections() {
        let other = Scene::of_proxy(&[], GROWN_UP).viewer();
        let seen = permit().seen_as(other, SectionSet::of(&[Vitals, Section::Billing]));
        assert_eq!((seen.sections(), seen.viewer()), (SectionSet::of(&[Vitals]), &other));
        assert_eq!((seen.patient(), seen.entry()), (CHART, 42));
    }

    #[test]
    fn a_permit_names_no_more_than_a_number_in_a_log() {
        let text = format!("{:?}", permit());
        assert_eq!(text, format!("Permit({CHART:?}, entry 42)"));
    }
}
