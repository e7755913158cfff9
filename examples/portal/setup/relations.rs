//! Who acts for whom in the household, set up as the people themselves would: each step through the engine's own door.
//!
//! Every step looks first whether it was done, so that a start that was cut off goes on where it stopped.

use chrono::{Duration, NaiveDate, Utc};
use mychartum_core::access::grant::{EvidenceShown, GrantState, LegalBasis, ProxyGrant, Relation};
use mychartum_core::access::{GlassReason, Scope, SensitivitySet, Verb};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AttachmentId, PatientId};
use mychartum_core::portal::{Application, Harm, HideFrom, Hold, InvitationToken, Offer, Page, Portal, Session};

use super::others::{Tenant, parsed};
use super::passphrase;
use super::trouble::Trouble;
use crate::show::rights::Bundle;
use crate::words::fill;

/// The people that it takes, and whose charts.
#[derive(Debug)]
pub(crate) struct Cast<'a> {
    pub(crate) grandmother: (&'a Tenant, PatientId),
    pub(crate) daughter: &'a Tenant,
    pub(crate) father: &'a Tenant,
    pub(crate) staff: &'a Tenant,
    pub(crate) teenager: PatientId,
    pub(crate) toddler: PatientId,
}

/// How long the grandmother lets her daughter act for her.
const A_YEAR: i64 = 365;

/// How long the clinician holds a result of hers.
const HOLD_DAYS: i64 = 7;

/// Sets it all up.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn settle(portal: &Portal, cast: &Cast<'_>) -> Result<(), Trouble> {
    let grandmother = enter(portal, cast.grandmother.0).await?;
    let daughter = enter(portal, cast.daughter).await?;
    let father = enter(portal, cast.father).await?;
    consent(portal, &grandmother, &daughter, cast.grandmother.1).await?;
    for child in [cast.teenager, cast.toddler] {
        parent(portal, cast.staff, &daughter, child, everything()).await?;
    }
    parent(portal, cast.staff, &father, cast.toddler, fathers()).await?;
    request(portal, &father, cast.teenager).await?;
    quarrel(portal, cast, &daughter, &father).await?;
    for session in [grandmother, daughter, father] {
        session.sign_out().await.map_err(|failure| other(&failure))?;
    }
    Ok(())
}

async fn enter(portal: &Portal, tenant: &Tenant) -> Result<Session, Trouble> {
    let password = passphrase::taken(&tenant.sign_in.password)?;
    let token = portal.sign_in(&parsed(&tenant.sign_in)?, &password).await.map_err(|error| other(&error))?;
    portal.resume(&token).await.map_err(|error| other(&error))
}

fn other(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::new(fill("trouble.other", &[("why", &error.to_string())]))
}

/// All that a form could give.
fn everything() -> Scope {
    Bundle::of_name("everything").map_or(Scope::NONE, Bundle::scope)
}

/// What the father was given: less than the mother, so that a dispute leaves what both have.
fn fathers() -> Scope {
    let sections = [Section::Demographics, Section::Allergies, Section::Immunizations, Section::Appointments];
    Scope::of(SectionSet::of(&sections), &[Verb::View]).with(Section::Appointments, Verb::Schedule)
}

/// The day someone was born, as the chart says; the host asks for it in its own name.
async fn born(portal: &Portal, patient: PatientId) -> Result<NaiveDate, Trouble> {
    let permit =
        portal.ask(patient, Section::Demographics, Purpose::Operations).await.map_err(|error| other(&error))?;
    let chart = portal.disclose(permit).map_err(|error| other(&error))?;
    let sources = chart.demographics(Page::ALL).await.map_err(|error| other(&error))?.items;
    let day = sources.iter().find_map(|source| source.view.birth_date.as_ref()?.day());
    day.ok_or_else(|| other(&"no date of birth"))
}

async fn acts(session: &Session, patient: PatientId) -> Result<bool, Trouble> {
    let acting = session.acting_for().await.map_err(|error| other(&error))?;
    Ok(acting.iter().any(|one| one.patient == patient))
}

async fn accept(portal: &Portal, by: &Session, token: &InvitationToken, patient: PatientId) -> Result<(), Trouble> {
    by.accept(token, born(portal, patient).await?).await.map(drop).map_err(|error| other(&error))
}

/// The grandmother lets her daughter act for her, and keeps one result to herself.
async fn consent(
    portal: &Portal,
    grandmother: &Session,
    daughter: &Session,
    patient: PatientId,
) -> Result<(), Trouble> {
    if !acts(daughter, patient).await? {
        let until = Utc::now() + Duration::days(A_YEAR);
        let offer = Offer { relation: Relation::Child, scope: everything(), consents: SensitivitySet::NONE, until };
        let (_, token) = grandmother.invite(patient, &offer).await.map_err(|error| other(&error))?;
        accept(portal, daughter, &token, patient).await?;
    }
    let grants = grandmother.grants(patient).await.map_err(|error| other(&error))?;
    let Some(grant) = grants.iter().find(|grant| grant.state() == GrantState::Active) else { return Ok(()) };
    let permit = grandmother.ask(patient, Section::Results, Purpose::Care).await.map_err(|error| other(&error))?;
    let chart = portal.disclose(permit).map_err(|error| other(&error))?;
    let newest = chart.results(Page::latest(1)).await.map_err(|error| other(&error))?.items;
    for result in newest {
        let hidden = grandmother.hide(patient, Section::Results, result.id, HideFrom::Grant(grant.id())).await;
        hidden.map_err(|error| other(&error))?;
    }
    Ok(())
}

/// Staff assign a parent, who confirms with the child's date of birth.
async fn parent(
    portal: &Portal,
    staff: &Tenant,
    parent: &Session,
    child: PatientId,
    scope: Scope,
) -> Result<(), Trouble> {
    if acts(parent, child).await? {
        return Ok(());
    }
    let application = Application {
        relation: Relation::Parent,
        basis: LegalBasis::Parent,
        scope,
        until: None,
        evidence: Some(paper(child, 1)),
    };
    let assigned = portal.assign(staff.account, child, parent.account(), &application).await;
    accept(portal, parent, &assigned.map_err(|error| other(&error))?, child).await
}

/// The father asks to be the teenager's guardian by an order of a court, which two members of staff have to verify.
async fn request(portal: &Portal, father: &Session, teenager: PatientId) -> Result<(), Trouble> {
    let queue = portal.proxy_queue().await.map_err(|error| other(&error))?;
    if queue.iter().any(|waiting| waiting.grant.proxy() == Some(father.account())) {
        return Ok(());
    }
    let application = Application {
        relation: Relation::Parent,
        basis: LegalBasis::CourtGuardian,
        scope: everything(),
        until: None,
        evidence: Some(paper(teenager, 2)),
    };
    father.request(teenager, &application).await.map(drop).map_err(|error| other(&error))
}

/// The parents of the toddler disagree; a result of the grandmother is held back; a glass was broken. So the clinic has work.
async fn quarrel(portal: &Portal, cast: &Cast<'_>, daughter: &Session, father: &Session) -> Result<(), Trouble> {
    let find = |all: Vec<mychartum_core::portal::ActingFor>| {
        all.into_iter().find(|one| one.patient == cast.toddler).map(|one| one.grant)
    };
    let one = find(daughter.acting_for().await.map_err(|error| other(&error))?);
    let two = find(father.acting_for().await.map_err(|error| other(&error))?);
    let queue = portal.proxy_queue().await.map_err(|error| other(&error))?;
    let is_known = |grant: &ProxyGrant| grant.patient() == cast.toddler && grant.state() == GrantState::Disputed;
    if let (Some(one), Some(two), false) = (one, two, queue.iter().any(|waiting| is_known(&waiting.grant))) {
        let disputed = portal.dispute(cast.staff.account, cast.toddler, (one, two)).await;
        disputed.map_err(|error| other(&error))?;
    }
    let patient = cast.grandmother.1;
    if portal.second_looks().await.map_err(|error| other(&error))?.is_empty() {
        let sections = [Section::Demographics, Section::Reports];
        let (staff, reason) = (cast.staff.account, GlassReason::AtPatientsRequest);
        let permit = portal.break_glass(staff, patient, SectionSet::of(&sections), reason, 15).await;
        let chart = portal.disclose(permit.map_err(|error| other(&error))?).map_err(|error| other(&error))?;
        let newest = chart.reports(Page::latest(1)).await.map_err(|error| other(&error))?.items;
        for report in newest {
            let hold = Hold {
                clinician: staff,
                harm: Harm::SubstantialByProxy,
                until: Utc::now() + Duration::days(HOLD_DAYS),
            };
            let held = portal.hold(patient, (Section::Reports, report.id), &hold).await;
            held.map_err(|error| other(&error))?;
        }
    }
    Ok(())
}

/// A paper that was shown at the counter. The stage keeps no papers, only their numbers.
fn paper(patient: PatientId, number: u8) -> EvidenceShown {
    let mut bytes = patient.to_bytes();
    bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_add(number));
    EvidenceShown { document: Some(AttachmentId::from_bytes(bytes)), attested_by: None, review_by: None }
}
