//! Rows of what is to be done later: notices to be planned and carried.
//!
//! A notice is a row of the change that it tells of, so both are written or neither is. It names its reader and what it tells;
//! where the reader is reached, and whether it is still true, is looked up when it is sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{AccountId, GrantId, PatientId};
use crate::kernel::{Address, hidden};
use crate::ledger::{Draft, Failure, Stored, encode};
use crate::port::notifier::{CarrierId, Channel, Notice};
use crate::port::storage::RowId;

use super::delivery::DeliveryState;

/// A row of the collection of due work.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DueRow {
    /// Somebody is to be told: by which ways, is decided when its time comes.
    Planned(Planned),
    /// One message to one address.
    Message(Outbound),
    /// Somebody who is not signed in asked for something.
    Request {
        /// What.
        wanted: Wanted,
        /// By which name or address.
        text: String,
    },
    /// A recovery without the second factor comes true, unless it was cancelled.
    Recovery {
        /// Whose.
        account: AccountId,
        /// Which one.
        started_at: DateTime<Utc>,
    },
    /// The account of someone who died closes.
    WindDown {
        /// Whose.
        account: AccountId,
    },
    /// Something changes with a grant: both sides are told before, and what is over ends.
    GrantClock {
        /// On whose chart.
        patient: PatientId,
        /// Which grant.
        grant: GrantId,
    },
}

/// What somebody asked for who is not signed in; it is looked at later, so that the answer is the same for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wanted {
    /// A link for a new password.
    Reset,
    /// The name to sign in with.
    Username,
}

/// Somebody is to be told something.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Planned {
    pub(crate) notice: Notice,
    pub(crate) to: Recipient,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<LinkOf>,
    /// The challenge whose code it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<RowId16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<DateTime<Utc>>,
    /// The grant that it is about: it is not sent to somebody who lost it in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grant: Option<(PatientId, GrantId)>,
    pub(crate) planned_at: DateTime<Utc>,
}

/// A row's id in its stored form.
pub(crate) type RowId16 = [u8; 16];

/// Who is to be told.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Recipient {
    /// An account, as it wants and as the notice demands.
    Account(AccountId),
    /// An account at one address: a new one that is being verified, or one that was removed.
    At(AccountId, Address),
}

impl Recipient {
    pub(crate) const fn account(&self) -> AccountId {
        match self {
            Self::Account(account) | Self::At(account, _) => *account,
        }
    }
}

/// What a link in a notice is for. Its secret is made anew from the tenant's key whenever it is sent, so that no row holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LinkOf {
    /// To sign in; without a token.
    SignIn,
    /// To make an account.
    Activation,
    /// To choose a new password.
    Reset,
    /// To say "this wasn't me".
    Freeze,
    /// To cancel a recovery.
    CancelRecovery,
}

/// One message to one address.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Outbound {
    pub(crate) planned: Planned,
    pub(crate) channel: Channel,
    pub(crate) address: Address,
    pub(crate) state: DeliveryState,
    #[serde(default)]
    pub(crate) failed: u16,
    /// Whether it goes out in one with others of the day.
    #[serde(default)]
    pub(crate) daily: bool,
    /// What the carrier calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) carrier: Option<CarrierId>,
}

hidden!(DueRow, Planned, Recipient, Outbound);

impl Planned {
    pub(crate) const fn new(notice: Notice, to: Recipient, now: DateTime<Utc>) -> Self {
        Self { notice, to, link: None, code: None, at: None, grant: None, planned_at: now }
    }

    pub(crate) fn with_link(self, link: LinkOf) -> Self {
        Self { link: Some(link), ..self }
    }

    /// The row of it, due at once. Its id says which event it is of, so that one event is planned once.
    pub(crate) fn draft(self, id: [u8; 16]) -> Result<Draft, Failure> {
        let order = self.planned_at.timestamp_micros();
        Ok(Draft::first(Stored::DUE, RowId::from_bytes(id), order, encode(&DueRow::Planned(self))?))
    }
}

impl Outbound {
    /// The row of a message, due when it may be sent.
    pub(crate) fn draft(self, id: [u8; 16], due: DateTime<Utc>) -> Result<Draft, Failure> {
        let body = encode(&DueRow::Message(self))?;
        Ok(Draft::first(Stored::DUE, RowId::from_bytes(id), due.timestamp_micros(), body))
    }
}
