//! What can keep the portal from starting: one sentence each, with what to do about it.

use std::io::ErrorKind;

use mychartum_core::account::AccountError;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use mychartum_core::portal::{Failure, OpenError};
use mychartum_core::vault::VaultError;
use mychartum_storage::archive::ArchiveError;
use mychartum_storage::transfer::TransferError;

use super::args::Wrong;
use crate::words::{fill, say};

/// Why the portal did not start, for the person at the keyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble(String);

impl Trouble {
    /// The sentence.
    pub(crate) fn sentence(&self) -> &str {
        &self.0
    }

    /// A trouble in these words.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A file or folder that the system would not give.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display().to_string();
        Self(fill("trouble.file", &[("path", &path), ("why", &error.kind().to_string())]))
    }
}

impl From<Wrong> for Trouble {
    fn from(wrong: Wrong) -> Self {
        Self(match wrong {
            Wrong::Unknown(option) => fill("trouble.option", &[("option", &option)]),
            Wrong::Missing(option) => fill("trouble.value", &[("option", option)]),
            Wrong::Port => say("trouble.port-number").to_owned(),
            Wrong::Zone => say("trouble.zone").to_owned(),
            Wrong::Both(one, other) => fill("trouble.both", &[("one", one), ("other", other)]),
        })
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        Self(match error.kind() {
            StorageErrorKind::Busy => say("trouble.busy").to_owned(),
            StorageErrorKind::Full => say("trouble.full").to_owned(),
            StorageErrorKind::Schema { have, need } if have > need => {
                fill("trouble.newer", &[("have", &have.to_string()), ("need", &need.to_string())])
            }
            StorageErrorKind::Schema { .. } | StorageErrorKind::Invalid => say("trouble.not-ours").to_owned(),
            StorageErrorKind::Corrupt | StorageErrorKind::Integrity => say("trouble.damaged").to_owned(),
            _ => fill("trouble.storage", &[("why", &error.to_string())]),
        })
    }
}

impl From<TransferError> for Trouble {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Storage(error) => error.into(),
            TransferError::NotEmpty => Self(say("trouble.not-empty").to_owned()),
            TransferError::Incomplete => Self(say("trouble.unfinished").to_owned()),
            TransferError::Overtaken => Self(say("trouble.overtaken").to_owned()),
            other => Self(fill("trouble.copy", &[("why", &other.to_string())])),
        }
    }
}

impl From<ArchiveError> for Trouble {
    fn from(error: ArchiveError) -> Self {
        Self(match error {
            ArchiveError::Transfer(error) => return error.into(),
            ArchiveError::Io(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => say("trouble.full").to_owned(),
            ArchiveError::Foreign => say("trouble.no-backup").to_owned(),
            ArchiveError::Newer { have, know } => {
                fill("trouble.newer-backup", &[("have", &have.to_string()), ("know", &know.to_string())])
            }
            ArchiveError::WrongPart | ArchiveError::Mismatched => say("trouble.other-backup").to_owned(),
            ArchiveError::Truncated | ArchiveError::Damaged(_) => {
                fill("trouble.damaged-backup", &[("why", &error.to_string())])
            }
            other => fill("trouble.other", &[("why", &other.to_string())]),
        })
    }
}

impl From<KeyError> for Trouble {
    fn from(error: KeyError) -> Self {
        Self(
            say(match error {
                KeyError::Missing => "trouble.key-missing",
                KeyError::Wrong => "trouble.key-wrong",
                KeyError::Unavailable => "trouble.key-unreadable",
                KeyError::Exposed => "trouble.key-exposed",
            })
            .to_owned(),
        )
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Storage(error) => error.into(),
            Failure::Vault(VaultError::Key(error)) => error.into(),
            other if other.is_integrity() => Self(say("trouble.damaged").to_owned()),
            other => Self(fill("trouble.other", &[("why", &other.to_string())])),
        }
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Key(error) => error.into(),
            OpenError::Failure(failure) => failure.into(),
            OpenError::Incomplete(_) => Self(fill("trouble.other", &[("why", &error.to_string())])),
        }
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Failure(failure) => failure.into(),
            other => Self(fill("trouble.other", &[("why", &other.to_string())])),
        }
    }
}
