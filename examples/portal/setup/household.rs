//! The synthetic household: imported once, as three sources would send it, with new passwords at each start.

use std::collections::HashSet;

use chrono::NaiveDate;
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::Portal;
use mychartum_testkit::world::{Person, Role, World};

use super::cover::Cover;
use super::others::{FATHER, FIRST_STAFF, SECOND_STAFF, Tenant, known, sign_up};
use super::relations::{Cast, settle};
use super::trouble::Trouble;
use crate::web::lab::{LAB, Lab};
use crate::web::stage::Player;
use crate::words::{fill, say};

/// Always the same people: the seed is fixed.
const SEED: u64 = 7;

/// How someone signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignIn {
    /// Whose chart it opens.
    pub(crate) person: String,
    /// The name to sign in with.
    pub(crate) username: String,
    /// The password, new at each start.
    pub(crate) password: String,
}

/// The people who moved in.
#[derive(Debug, Default)]
pub(crate) struct Household {
    /// How each of them signs in.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The accounts of staff.
    pub(crate) staff: HashSet<AccountId>,
    /// The people with a chart.
    pub(crate) people: Vec<Player>,
    /// The sources that their charts are filled from.
    pub(crate) sources: Vec<SourceId>,
}

/// Who may live in a database already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenants {
    /// Nobody, or the household.
    Household,
    /// Whoever the person at the keyboard let in.
    Unknown,
}

/// Makes sure that the household is there, and gives everyone a new password.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn move_in(portal: &Portal, tenants: Tenants, today: NaiveDate) -> Result<Household, Trouble> {
    let world = World::household(SEED, today);
    let family = match new_passwords(portal, &world).await? {
        Some(family) => family,
        None if tenants == Tenants::Unknown => return Err(Trouble::new(say("trouble.other-people"))),
        None => import(portal, &world).await?,
    };
    let (father, first) = (FATHER.sign_up(portal).await?, FIRST_STAFF.sign_up(portal).await?);
    // The second member of staff comes last: whoever finds them finds all that was set up before.
    let second = match SECOND_STAFF.known(portal).await? {
        Some(second) => second,
        None => {
            settle(portal, &cast(portal, &world, &family, &father, &first).await?).await?;
            SECOND_STAFF.sign_up(portal).await?
        }
    };
    let staff = HashSet::from([first.account, second.account]);
    let everyone = family.into_iter().chain([father, first, second]);
    let mut people = Vec::new();
    for person in world.people() {
        if let Some(patient) = chart_of(portal, person).await? {
            people.push(Player { patient, name: person.name.clone(), born: person.birth_date });
        }
    }
    let mut sources = vec![source(LAB)?];
    for (place, person) in world.people().iter().enumerate() {
        if let (Some(at_lab), Some(patient)) = (Lab::name_of(place), chart_of(portal, person).await?) {
            link(portal, &source(LAB)?, &at_lab, patient).await?;
        }
        for (name, _) in &person.records {
            sources.push(source(name)?);
        }
    }
    sources.sort_unstable();
    sources.dedup();
    Ok(Household { sign_ins: everyone.map(|tenant| tenant.sign_in).collect(), staff, people, sources })
}

/// Takes what the sources send, and opens the accounts.
async fn import(portal: &Portal, world: &World) -> Result<Vec<Tenant>, Trouble> {
    let cover = Cover::over(say("start.making"));
    for delivery in world.deliveries() {
        let source = source(delivery.source)?;
        tie(portal, world).await?;
        let input = Input::bytes(&delivery.name, delivery.text.into_bytes());
        let read = FhirDelivery::open(vec![input], Limits::default(), &mut |_| {});
        let mut intake = portal.intake(source)?;
        deliver(&mut intake, &read, &mut |progress| cover.show(progress.done, progress.total)).await?;
    }
    let mut family = Vec::new();
    for person in with_account(world) {
        let own = chart_of(portal, person).await?;
        family.push(sign_up(portal, &person.name, &person.username_hint, own).await?);
    }
    cover.lift();
    Ok(family)
}

/// New passwords for everyone; nothing where someone has no account yet, so that the family is not whole.
async fn new_passwords(portal: &Portal, world: &World) -> Result<Option<Vec<Tenant>>, Trouble> {
    let mut family = Vec::new();
    for person in with_account(world) {
        match known(portal, &person.name, &person.username_hint).await? {
            Some(tenant) => family.push(tenant),
            None => return Ok(None),
        }
    }
    Ok(Some(family))
}

/// Who signs in: everyone but the toddler, whose parents act for him.
fn with_account(world: &World) -> impl Iterator<Item = &Person> {
    world.people().iter().filter(|person| person.role != Role::Toddler)
}

/// Who plays which part.
async fn cast<'a>(
    portal: &Portal,
    world: &World,
    family: &'a [Tenant],
    father: &'a Tenant,
    staff: &'a Tenant,
) -> Result<Cast<'a>, Trouble> {
    let lost = || Trouble::new(say("trouble.other-people"));
    let person = |role: Role| world.people().iter().find(|person| person.role == role).ok_or_else(lost);
    let tenant = |role: Role| {
        let place = with_account(world).position(|person| person.role == role);
        place.and_then(|place| family.get(place)).ok_or_else(lost)
    };
    let grandmother = chart_of(portal, person(Role::Grandmother)?).await?.ok_or_else(lost)?;
    Ok(Cast {
        grandmother: (tenant(Role::Grandmother)?, grandmother),
        daughter: tenant(Role::Daughter)?,
        father,
        staff,
        teenager: chart_of(portal, person(Role::Teenager)?).await?.ok_or_else(lost)?,
        toddler: chart_of(portal, person(Role::Toddler)?).await?.ok_or_else(lost)?,
    })
}

/// Ties what the sources call the same person to one chart, as soon as the first of them was heard.
async fn tie(portal: &Portal, world: &World) -> Result<(), Trouble> {
    for person in world.people() {
        let Some((first, others)) = person.records.split_first() else { continue };
        let Some(patient) = portal.linked(&source(first.0)?, &patient_at(&first.1)?).await? else { continue };
        for (name, id) in others {
            link(portal, &source(name)?, &patient_at(id)?, patient).await?;
        }
    }
    Ok(())
}

async fn link(portal: &Portal, source: &SourceId, at_source: &SourceRef, patient: PatientId) -> Result<(), Trouble> {
    let linked = portal.link(source, at_source, patient).await;
    linked.map_err(|error| Trouble::new(fill("trouble.other", &[("why", &error.to_string())])))
}

async fn chart_of(portal: &Portal, person: &Person) -> Result<Option<PatientId>, Trouble> {
    match person.records.first() {
        Some((name, id)) => Ok(portal.linked(&source(name)?, &patient_at(id)?).await?),
        None => Ok(None),
    }
}

fn source(name: &str) -> Result<SourceId, Trouble> {
    SourceId::parse(name).map_err(|error| Trouble::new(error.to_string()))
}

fn patient_at(id: &str) -> Result<SourceRef, Trouble> {
    let label = |text: &str| Label::parse(text).map_err(|error| Trouble::new(error.to_string()));
    Ok(SourceRef { kind: label("Patient")?, id: label(id)? })
}
