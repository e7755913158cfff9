//! Rules that join several parts of a pack.

use super::band::{OwnAccess, ProxyAccess};
use super::basis_policy::{AgeRule, Evidence};
use super::error::PackErrorKind;
use super::form::Fault;
use super::known::Known;
use super::parse_access::{ReadBases, ReadBasis};
use super::parse_bands::{ProxyWord, ReadBand};
use super::template::{Template, TemplateId};
use crate::access::Verb;
use crate::access::grant::LegalBasis;
use crate::chart::Section;

/// The longest that a foster parent's access lasts before it is renewed: a year.
const FOSTER_DAYS_MOST: u16 = 366;

/// From birth on, without gap or overlap, with one open end; adults see their own chart; nothing grows with age.
pub(super) fn bands(bands: &[ReadBand], known: &Known<'_>) -> Result<(), Fault> {
    let mut before: Option<&ReadBand> = None;
    for read in bands {
        in_order(before, read)?;
        no_wider(before, read, known)?;
        no_portal_for_anybody(read)?;
        before = Some(read);
    }
    before.map_or(Ok(()), last)
}

fn in_order(before: Option<&ReadBand>, read: &ReadBand) -> Result<(), Fault> {
    let begins = match before {
        None => (read.band.from > 0).then_some((read.from, PackErrorKind::NoFirstBand)),
        Some(earlier) => match earlier.band.until {
            None => Some((earlier.at, PackErrorKind::OpenBandNotLast)),
            Some(until) if read.band.from > until => Some((read.from, PackErrorKind::BandGap)),
            Some(until) if read.band.from < until => Some((read.from, PackErrorKind::BandOverlap)),
            Some(_) => None,
        },
    };
    let ends = read.band.until.is_some_and(|until| until <= read.band.from);
    match begins {
        Some((at, kind)) => Err(Fault::new(at, kind)),
        None if ends => Err(Fault::new(read.until, PackErrorKind::EmptyBand)),
        None => Ok(()),
    }
}

/// What age leaves to a proxy never grows from one band to the next: whoever wants to give more widens it.
fn no_wider(before: Option<&ReadBand>, read: &ReadBand, known: &Known<'_>) -> Result<(), Fault> {
    let fault = |kind| Err(Fault::new(read.proxy, kind));
    let Some(before) = before else {
        let nothing_before = read.proxy_word == ProxyWord::Downgrade;
        return if nothing_before { fault(PackErrorKind::NothingToDowngrade) } else { Ok(()) };
    };
    let (earlier, later) = (template_of(before.band.proxy), template_of(read.band.proxy));
    match (earlier.and_then(|place| known.at(place)), later.and_then(|place| known.at(place))) {
        (Some(earlier), Some(later)) if !within(later, earlier) => fault(PackErrorKind::WiderThanBefore),
        _ => Ok(()),
    }
}

fn within(later: &Template, earlier: &Template) -> bool {
    let hides_as_much = earlier.hides.bits() & !later.hides.bits() == 0;
    later.scope.within(earlier.scope) && later.shown.within(earlier.shown) && hides_as_much
}

/// In the last band there always is a portal, which is checked there.
fn no_portal_for_anybody(read: &ReadBand) -> Result<(), Fault> {
    let closed = read.band.proxy == ProxyAccess::NoPortal && read.band.until.is_some();
    if closed && (read.band.own != OwnAccess::Nothing || !read.band.widen.is_empty()) {
        return Err(Fault::new(read.proxy, PackErrorKind::NoPortalForSome));
    }
    Ok(())
}

const fn template_of(access: ProxyAccess) -> Option<TemplateId> {
    match access {
        ProxyAccess::Template(place) | ProxyAccess::WithAssent(place) | ProxyAccess::Frozen(place) => Some(place),
        ProxyAccess::Suspended | ProxyAccess::Revoked | ProxyAccess::NoPortal => None,
    }
}

fn last(read: &ReadBand) -> Result<(), Fault> {
    if read.band.until.is_some() {
        return Err(Fault::new(read.until, PackErrorKind::NoLastBand));
    }
    match read.band.proxy {
        ProxyAccess::WithAssent(_) | ProxyAccess::NoPortal => {
            return Err(Fault::new(read.proxy, PackErrorKind::LastBandProxy));
        }
        ProxyAccess::Template(_) | ProxyAccess::Frozen(_) | ProxyAccess::Suspended | ProxyAccess::Revoked => {}
    }
    match read.band.own {
        OwnAccess::Template(_) => Ok(()),
        OwnAccess::Nothing | OwnAccess::WithAssent(_) => {
            Err(Fault::new(read.own, PackErrorKind::LastBandWithoutOwnAccess))
        }
    }
}

/// What the nature of each legal basis demands.
pub(super) fn bases(bases: &ReadBases) -> Result<(), Fault> {
    let read = |basis: LegalBasis| bases.get(usize::from(basis.number())).and_then(Option::as_ref);
    if read(LegalBasis::PatientConsent).is_none() {
        return Err(Fault::new(0, PackErrorKind::Missing { key: "basis.patient-consent" }));
    }
    for basis in LegalBasis::ALL {
        if let Some(found) = read(basis) {
            of_its_nature(basis, found)?;
        }
    }
    let Some(guardian) = read(LegalBasis::CourtGuardian) else { return Ok(()) };
    let most = bases.iter().flatten().map(|basis| basis.policy.verifiers).max();
    if most > Some(guardian.policy.verifiers) {
        return Err(Fault::new(guardian.verifiers, PackErrorKind::GuardianWithFewerVerifiers));
    }
    Ok(())
}

fn of_its_nature(basis: LegalBasis, read: &ReadBasis) -> Result<(), Fault> {
    let name = basis.name();
    let ageless = matches!(basis, LegalBasis::PatientConsent | LegalBasis::DiminishedCapacity | LegalBasis::Executor);
    if ageless && read.policy.age == AgeRule::Bands {
        return Err(Fault::new(read.age, PackErrorKind::MustBeAgeless { basis: name }));
    }
    if basis == LegalBasis::DiminishedCapacity && read.policy.evidence != Evidence::Attestation {
        return Err(Fault::new(read.evidence, PackErrorKind::MustBeAttested));
    }
    if basis != LegalBasis::PatientConsent && read.policy.evidence == Evidence::PatientsWord {
        return Err(Fault::new(read.evidence, PackErrorKind::WordIsNotEnough { basis: name }));
    }
    match (basis, read.policy.max_days) {
        (LegalBasis::DiminishedCapacity | LegalBasis::Foster, None) => {
            Err(Fault::new(read.at, PackErrorKind::MustEnd { basis: name }))
        }
        (LegalBasis::Foster, Some(days)) if days > FOSTER_DAYS_MOST => {
            let kind = PackErrorKind::OutOfRange { key: "max-days", least: 1, most: FOSTER_DAYS_MOST.into() };
            Err(Fault::new(read.max_days, kind))
        }
        _ => Ok(()),
    }
}

/// Nobody whose access follows age decides who else gets in.
pub(super) fn manage(bases: &ReadBases, bands: &[ReadBand], known: &Known<'_>) -> Result<(), Fault> {
    let by_basis = bases.iter().flatten().filter(|basis| basis.policy.age == AgeRule::Bands);
    let by_basis = by_basis.map(|basis| (basis.policy.template, basis.template));
    let by_band = bands.iter().filter_map(|read| Some((template_of(read.band.proxy)?, read.proxy)));
    let widened = bands.iter().flat_map(|read| {
        let templates = read.band.widen.iter().map(|widen| widen.template);
        templates.zip(read.widen.iter().copied())
    });
    let manages = |place: TemplateId| {
        let scope = known.at(place).map(|template| template.scope).unwrap_or_default();
        Section::ALL.into_iter().any(|section| scope.has(section, Verb::Manage))
    };
    match by_basis.chain(by_band).chain(widened).find(|(place, _)| manages(*place)) {
        Some((_, at)) => Err(Fault::new(at, PackErrorKind::ManageByAge)),
        None => Ok(()),
    }
}
