//! Devices: browsers that signed in before, known again by a token of their own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::hidden;
use crate::kernel::id::{AccountId, DeviceId};
use crate::ledger::{Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Delete, Direction, Partition, RowId, Scan};

use super::credential::DeviceLabel;
use super::secret_token::{DeviceToken, Presented, TokenUse, mint};

/// The most devices of an account; the one that was not used for longest makes room.
const MOST: u32 = 50;

/// A device that signed in to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which one.
    pub id: DeviceId,
    /// What it is, as far as it says so itself.
    pub label: DeviceLabel,
    /// When it signed in first.
    pub first_at: DateTime<Utc>,
    /// When it signed in last.
    pub last_at: DateTime<Utc>,
    /// Until when it is trusted to leave out the second factor.
    pub trusted_until: Option<DateTime<Utc>>,
}

/// What is stored of a device.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct DeviceRecord {
    secret_hash: [u8; 32],
    label: DeviceLabel,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trusted_until: Option<DateTime<Utc>>,
}

hidden!(DeviceRecord);

impl DeviceToken {
    /// The account that it says to be of; whether that is so shows when it is proved.
    pub(super) fn owner(&self) -> Option<AccountId> {
        Presented::<AccountId, DeviceId>::read(&self.0).map(|presented| presented.owner)
    }
}

/// A device that was known again, with its row's version.
#[derive(Debug, Clone)]
pub(super) struct KnownDevice {
    pub(super) id: DeviceId,
    record: DeviceRecord,
    version: u64,
}

impl KnownDevice {
    pub(super) fn is_trusted(&self, now: DateTime<Utc>) -> bool {
        // A device that is trusted from the future on is not trusted: the clock stepped back.
        self.record.trusted_until.is_some_and(|until| now < until && self.record.last_at <= now)
    }
}

const fn row(device: DeviceId) -> RowId {
    RowId::from_bytes(device.to_bytes())
}

impl Ledger {
    /// The device that a token is of, where it is one of this account's.
    pub(super) async fn known_device(
        &self,
        account: AccountId,
        token: Option<&DeviceToken>,
    ) -> Result<Option<KnownDevice>, Failure> {
        let presented = token.and_then(|token| Presented::<AccountId, DeviceId>::read(&token.0));
        let Some(presented) = presented.filter(|presented| presented.owner == account) else { return Ok(None) };
        let rows = self.get(Partition::account(account), Stored::DEVICES, &[row(presented.row)]).await?;
        let Some(found) = rows.first() else { return Ok(None) };
        let record: DeviceRecord = decode(&self.open_own(found).await?, "device")?;
        let proves = presented.proves(TokenUse::Device, &record.secret_hash);
        Ok(proves.then_some(KnownDevice { id: presented.row, record, version: found.version }))
    }

    /// The row of a device that signs in: a known one's, or a new one's with its token.
    pub(super) fn device_row(
        &self,
        account: AccountId,
        known: Option<&KnownDevice>,
        label: DeviceLabel,
        trusted_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(DeviceId, Draft, Option<DeviceToken>), Failure> {
        if let Some(known) = known {
            let trusted_until = trusted_until.or(known.record.trusted_until);
            let record = DeviceRecord { label, last_at: now, trusted_until, ..known.record.clone() };
            let put = Draft::first(Stored::DEVICES, row(known.id), now.timestamp_micros(), encode(&record)?);
            return Ok((known.id, Draft { version: known.version + 1, ..put }, None));
        }
        let id = DeviceId::from_bytes(self.random_id()?);
        let minted = mint(TokenUse::Device, account, id, &*self.entropy)?;
        let record = DeviceRecord { secret_hash: minted.hash, label, first_at: now, last_at: now, trusted_until };
        let put = Draft::first(Stored::DEVICES, row(id), now.timestamp_micros(), encode(&record)?);
        Ok((id, put, Some(DeviceToken(minted.text))))
    }

    /// The devices of an account, the one that was used last first.
    pub(crate) async fn devices(&self, account: AccountId) -> Result<Vec<Device>, Failure> {
        let mut devices = Vec::new();
        for (device, _) in self.device_rows(account).await? {
            devices.push(device);
        }
        Ok(devices)
    }

    /// What is to be deleted so that an account does not have more devices than it may.
    pub(super) async fn oldest_devices(&self, account: AccountId) -> Result<Vec<Delete>, Failure> {
        let rows = self.device_rows(account).await?;
        let spare = rows.into_iter().skip(MOST as usize - 1);
        Ok(spare
            .map(|(device, version)| Delete { collection: Stored::DEVICES, row: row(device.id), version })
            .collect())
    }

    /// What is to be deleted so that a device, or all but one, is not known any more.
    pub(crate) async fn device_deletes(
        &self,
        account: AccountId,
        which: impl Fn(DeviceId) -> bool,
    ) -> Result<Vec<Delete>, Failure> {
        let rows = self.device_rows(account).await?;
        let gone = rows.into_iter().filter(|(device, _)| which(device.id));
        Ok(gone.map(|(device, version)| Delete { collection: Stored::DEVICES, row: row(device.id), version }).collect())
    }

    async fn device_rows(&self, account: AccountId) -> Result<Vec<(Device, u64)>, Failure> {
        let partition = Partition::account(account);
        let scan = Scan { direction: Direction::Descending, ..Scan::new(partition, Stored::DEVICES, MOST * 2) };
        let mut devices = Vec::new();
        for found in self.scan(&scan).await? {
            let record: DeviceRecord = decode(&self.open_own(&found).await?, "device")?;
            let device = Device {
                id: DeviceId::from_bytes(found.row.to_bytes()),
                label: record.label,
                first_at: record.first_at,
                last_at: record.last_at,
                trusted_until: record.trusted_until,
            };
            devices.push((device, found.version));
        }
        Ok(devices)
    }
}
