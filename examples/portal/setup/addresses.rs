//! Addresses of the household's accounts: added and proved as the people themselves would, by the code that was sent.

use mychartum_adapters::notify::file::Kept;
use mychartum_core::account::Password;
use mychartum_core::kernel::{Address, EmailAddress};
use mychartum_core::portal::{Portal, Session};

use super::household::SignIn;
use super::others::parsed;
use super::trouble::Trouble;
use crate::words::fill;

/// Gives everyone without an address one under `example.org`, and forgets the messages that it took.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn give(portal: &Portal, sign_ins: &[SignIn], kept: &Kept) -> Result<(), Trouble> {
    let mut waiting: Vec<(Session, Address)> = Vec::new();
    for sign_in in sign_ins {
        let password = Password::entered(&sign_in.password).map_err(|error| other(&error))?;
        let entered = portal.sign_in(&parsed(sign_in)?, &password).await;
        // Whoever has a second factor has an address too.
        let Ok(token) = entered else { continue };
        let session = portal.resume(&token).await.map_err(|error| other(&error))?;
        let known = session.own_account().await?.contacts;
        if known.verified().next().is_none() {
            let address = EmailAddress::parse(&format!("{}@example.org", sign_in.username));
            let address = Address::Email(address.map_err(|error| other(&error))?);
            session.add_contact(&address).await?;
            waiting.push((session, address));
        } else {
            session.sign_out().await.map_err(|error| other(&error))?;
        }
    }
    // One run plans the messages, the next carries them.
    for _ in 0..2 {
        portal.run_due().await?;
    }
    let messages = kept.messages();
    for (session, address) in waiting {
        let sent = messages.iter().rev().filter(|message| message.address.as_ref() == Some(&address));
        let code = sent.filter_map(|message| digits(&message.body)).next().ok_or_else(|| other(&"no code"))?;
        session.verify_contact(&address, &code).await?;
        session.sign_out().await.map_err(|error| other(&error))?;
    }
    for _ in 0..2 {
        portal.run_due().await?;
    }
    kept.clear();
    Ok(())
}

/// The first six digits that stand together.
fn digits(text: &str) -> Option<String> {
    let mut runs = text.split(|letter: char| !letter.is_ascii_digit());
    runs.find(|run| run.len() == 6).map(str::to_owned)
}

fn other(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::new(fill("trouble.other", &[("why", &error.to_string())]))
}
