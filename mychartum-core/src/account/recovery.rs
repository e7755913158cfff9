//! Getting back in without the second factor: never at once, never unseen.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::hidden;

use super::credential::PasswordHash;

/// A recovery that waits: when its time comes, the second factors are removed and the password becomes the new one.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Recovery {
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ready_at: DateTime<Utc>,
    pub(crate) password: PasswordHash,
}

hidden!(Recovery);
