//! The synthetic household: imported once, as three sources would send it, with new passwords at each start.

use chrono::NaiveDate;
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_core::account::{AccountError, NewAccount, Username};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::Portal;
use mychartum_testkit::world::{Person, World};

use super::cover::Cover;
use super::passphrase;
use super::trouble::Trouble;
use crate::words::say;

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
pub(crate) async fn move_in(portal: &Portal, tenants: Tenants, today: NaiveDate) -> Result<Vec<SignIn>, Trouble> {
    let world = World::household(SEED, today);
    if let Some(sign_ins) = new_passwords(portal, &world).await? {
        return Ok(sign_ins);
    }
    if tenants == Tenants::Unknown {
        return Err(Trouble::new(say("trouble.other-people")));
    }
    let cover = Cover::over(say("start.making"));
    for delivery in world.deliveries() {
        let source = source(delivery.source)?;
        tie(portal, &world).await?;
        let input = Input::bytes(&delivery.name, delivery.text.into_bytes());
        let read = FhirDelivery::open(vec![input], Limits::default(), &mut |_| {});
        let mut intake = portal.intake(source)?;
        deliver(&mut intake, &read, &mut |progress| cover.show(progress.done, progress.total)).await?;
    }
    let mut sign_ins = Vec::new();
    for person in world.people() {
        sign_ins.push(open_account(portal, person).await?);
    }
    cover.lift();
    Ok(sign_ins)
}

/// New passwords for everyone; nothing where someone has no account yet, so that the household is not whole.
async fn new_passwords(portal: &Portal, world: &World) -> Result<Option<Vec<SignIn>>, Trouble> {
    let mut sign_ins = Vec::new();
    for person in world.people() {
        let sign_in = sign_in(person)?;
        match portal.set_password(&username(&sign_in)?, &passphrase::taken(&sign_in.password)?).await {
            Ok(_) => sign_ins.push(sign_in),
            Err(AccountError::NoSuchAccount) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(sign_ins))
}

/// Ties what the sources call the same person to one chart, as soon as the first of them was heard.
async fn tie(portal: &Portal, world: &World) -> Result<(), Trouble> {
    for person in world.people() {
        let Some((first, others)) = person.records.split_first() else { continue };
        let Some(patient) = portal.linked(&source(first.0)?, &patient_at(&first.1)?).await? else { continue };
        for (name, id) in others {
            let linked = portal.link(&source(name)?, &patient_at(id)?, patient).await;
            linked
                .map_err(|error| Trouble::new(crate::words::fill("trouble.other", &[("why", &error.to_string())])))?;
        }
    }
    Ok(())
}

async fn open_account(portal: &Portal, person: &Person) -> Result<SignIn, Trouble> {
    let sign_in = sign_in(person)?;
    let own = match person.records.first() {
        Some((name, id)) => portal.linked(&source(name)?, &patient_at(id)?).await?,
        None => None,
    };
    let (username, password) = (username(&sign_in)?, passphrase::taken(&sign_in.password)?);
    match portal.open_account(NewAccount { username: username.clone(), password, own }).await {
        Ok(_) => {}
        // An earlier start was cut off between two accounts.
        Err(AccountError::UsernameTaken) => {
            portal.set_password(&username, &passphrase::taken(&sign_in.password)?).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(sign_in)
}

fn sign_in(person: &Person) -> Result<SignIn, Trouble> {
    Ok(SignIn { person: person.name.clone(), username: person.username_hint.clone(), password: passphrase::draw()? })
}

fn username(sign_in: &SignIn) -> Result<Username, Trouble> {
    Username::parse(&sign_in.username).map_err(|error| Trouble::new(error.to_string()))
}

fn source(name: &str) -> Result<SourceId, Trouble> {
    SourceId::parse(name).map_err(|error| Trouble::new(error.to_string()))
}

fn patient_at(id: &str) -> Result<SourceRef, Trouble> {
    let label = |text: &str| Label::parse(text).map_err(|error| Trouble::new(error.to_string()));
    Ok(SourceRef { kind: label("Patient")?, id: label(id)? })
}
