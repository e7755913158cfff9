//! The people around the household who have no chart here: the children's father, and two members of staff.

use mychartum_core::account::{AccountError, NewAccount, Username};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::portal::Portal;

use super::household::SignIn;
use super::passphrase;
use super::trouble::Trouble;
use crate::words::say;

/// Someone who signs in.
#[derive(Debug, Clone)]
pub(crate) struct Tenant {
    /// Their account.
    pub(crate) account: AccountId,
    /// How they sign in.
    pub(crate) sign_in: SignIn,
}

/// Someone without a chart: the name to sign in with, and who it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other {
    /// The name to sign in with.
    pub(crate) username: &'static str,
    person: &'static str,
}

/// The children's father, who lives apart.
pub(crate) const FATHER: Other = Other { username: "tomas", person: "start.father" };
/// The first member of staff.
pub(crate) const FIRST_STAFF: Other = Other { username: "records-1", person: "start.staff-1" };
/// The second one.
pub(crate) const SECOND_STAFF: Other = Other { username: "records-2", person: "start.staff-2" };

impl Other {
    /// Their name for people.
    pub(crate) fn person(self) -> &'static str {
        say(self.person)
    }

    /// Opens their account, or gives it a new password.
    ///
    /// # Errors
    /// [`Trouble`] says what to do.
    pub(crate) async fn sign_up(self, portal: &Portal) -> Result<Tenant, Trouble> {
        sign_up(portal, self.person(), self.username, None).await
    }

    /// Gives the account a new password, if there is one.
    ///
    /// # Errors
    /// [`Trouble`] says what to do.
    pub(crate) async fn known(self, portal: &Portal) -> Result<Option<Tenant>, Trouble> {
        known(portal, self.person(), self.username).await
    }
}

/// Opens an account, or gives it a new password where an earlier start was cut off.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn sign_up(
    portal: &Portal,
    person: &str,
    username: &str,
    own: Option<PatientId>,
) -> Result<Tenant, Trouble> {
    let sign_in = drawn(person, username)?;
    let (username, password) = (parsed(&sign_in)?, passphrase::taken(&sign_in.password)?);
    match portal.open_account(NewAccount { username: username.clone(), password, own }).await {
        Ok(account) => Ok(Tenant { account, sign_in }),
        Err(AccountError::UsernameTaken) => {
            let account = portal.set_password(&username, &passphrase::taken(&sign_in.password)?).await?;
            Ok(Tenant { account, sign_in })
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives an account a new password, if there is one.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn known(portal: &Portal, person: &str, username: &str) -> Result<Option<Tenant>, Trouble> {
    let sign_in = drawn(person, username)?;
    match portal.set_password(&parsed(&sign_in)?, &passphrase::taken(&sign_in.password)?).await {
        Ok(account) => Ok(Some(Tenant { account, sign_in })),
        Err(AccountError::NoSuchAccount) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn drawn(person: &str, username: &str) -> Result<SignIn, Trouble> {
    Ok(SignIn { person: person.to_owned(), username: username.to_owned(), password: passphrase::draw()? })
}

/// The name as the engine takes it.
///
/// # Errors
/// [`Trouble`] where it is none.
pub(crate) fn parsed(sign_in: &SignIn) -> Result<Username, Trouble> {
    Username::parse(&sign_in.username).map_err(|error| Trouble::new(error.to_string()))
}
