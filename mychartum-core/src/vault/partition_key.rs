//! The key of one partition, ready for use.

use core::fmt;

use crate::kernel::id::TenantId;
use crate::port::Entropy;
use crate::port::storage::Partition;

use super::prk::Prk;
use super::sealed::{self, Nonce};
use super::{DataKey, KeyId, Opened, SealContext, VaultError};

/// Seals and opens the rows of one partition of one tenant, and of no other.
///
/// It knows whose it is: it refuses to seal a row of another partition, and finds one unreadable. Held as `Arc`, never cloned.
pub struct PartitionKey {
    tenant: TenantId,
    partition: Partition,
    id: KeyId,
    prk: Prk,
}

impl PartitionKey {
    /// The key of a partition made from its data key.
    #[must_use]
    pub fn new(tenant: TenantId, partition: Partition, key: &DataKey) -> Self {
        Self { tenant, partition, id: key.id(), prk: Prk::extract(key.secret()) }
    }

    /// Whose rows it seals.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// Which data key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Seals a row's body; the result is [`OVERHEAD`](super::OVERHEAD) bytes longer. Takes 24 random bytes.
    ///
    /// # Errors
    /// `Misuse` for a context of another partition; `Entropy`.
    pub fn seal(
        &self,
        context: &SealContext<'_>,
        plaintext: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        if context.partition != self.partition {
            return Err(VaultError::Misuse("context: the key is of another partition"));
        }
        let mut nonce = Nonce::default();
        entropy.fill(nonce.as_flattened_mut())?;
        sealed::seal(&self.prk, self.id, nonce, &context.associated_data(self.tenant, self.id), plaintext)
    }

    /// Opens a row's body.
    ///
    /// # Errors
    /// `Unreadable`, whatever the cause: altered, moved, of another version, order, tag or partition, or another key.
    pub fn open(&self, context: &SealContext<'_>, body: &[u8]) -> Result<Opened, VaultError> {
        sealed::open(&self.prk, self.id, &context.associated_data(self.tenant, self.id), body).map(Opened::new)
    }
}

impl fmt::Debug for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartitionKey({:?}, {:016x}, [hidden])", self.partition, self.id.number())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_entropy::{Silent, TestEntropy};
    use super::super::{OVERHEAD, SecretKey};
    use super::*;
    use crate::port::storage::{Collection, PartitionKind, RowId, Tag};

    const TAGS: [Tag; 2] = [Tag::from_bytes([5; 16]), Tag::from_bytes([4; 16])];

    fn key(tenant: u8, partition: Partition, id: u64, secret: u8) -> PartitionKey {
        let data = DataKey::new(KeyId::new(id), SecretKey::from_bytes([secret; 32]));
        PartitionKey::new(TenantId::from_bytes([tenant; 16]), partition, &data)
    }

    fn patient(byte: u8) -> Partition {
        Partition::new(PartitionKind::Patient, [byte; 16])
    }

    fn context() -> SealContext<'static> {
        SealContext {
            partition: patient(1),
            collection: Collection::new(2),
            row: RowId::from_bytes([3; 16]),
            version: 4,
            order: -5,
            tags: &TAGS,
        }
    }

    fn ours() -> PartitionKey {
        key(9, patient(1), 1, 1)
    }

    #[test]
    fn every_single_change_of_a_coordinate_makes_it_unreadable() {
        let body = ours().seal(&context(), b"text", &TestEntropy::new(1)).unwrap();
        assert_eq!(&*ours().open(&context(), &body).unwrap(), b"text");

        let one_less = [TAGS[0]];
        let one_other = [TAGS[0], Tag::from_bytes([6; 16])];
        let one_more = [TAGS[0], TAGS[1], Tag::from_bytes([6; 16])];
        let twice = [TAGS[0], TAGS[1], TAGS[1]];
        let moved = [
            SealContext { partition: patient(2), ..context() },
            SealContext { partition: Partition::new(PartitionKind::Account, [1; 16]), ..context() },
            SealContext { collection: Collection::new(3), ..context() },
            SealContext { row: RowId::from_bytes([4; 16]), ..context() },
            SealContext { version: 3, ..context() },
            SealContext { version: 5, ..context() },
            SealContext { order: -4, ..context() },
            SealContext { order: 5, ..context() },
            SealContext { tags: &[], ..context() },
            SealContext { tags: &one_less, ..context() },
            SealContext { tags: &one_other, ..context() },
            SealContext { tags: &one_more, ..context() },
            SealContext { tags: &twice, ..context() },
        ];
        for moved in moved {
            assert_eq!(ours().open(&moved, &body).err(), Some(VaultError::Unreadable), "{moved:?}");
            // The same secret in the key of the other place: then the associated data alone must tell.
            let there = key(9, moved.partition, 1, 1);
            assert_eq!(there.open(&moved, &body).err(), Some(VaultError::Unreadable), "{moved:?}");
        }
        for stranger in [key(8, patient(1), 1, 1), key(9, patient(1), 2, 1), key(9, patient(1), 1, 2)] {
            assert_eq!(stranger.open(&context(), &body).err(), Some(VaultError::Unreadable), "{stranger:?}");
        }
    }

    #[test]
    fn the_order_of_tags_does_not_matter() {
        let body = ours().seal(&context(), b"text", &TestEntropy::new(1)).unwrap();
        let turned = [TAGS[1], TAGS[0]];
        assert!(ours().open(&SealContext { tags: &turned, ..context() }, &body).is_ok());
    }

    #[test]
    fn every_flipped_bit_and_every_other_length_makes_it_unreadable() {
        let body = ours().seal(&context(), b"text", &TestEntropy::new(1)).unwrap();
        for bit in 0..body.len() * 8 {
            let mut altered = body.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(ours().open(&context(), &altered).err(), Some(VaultError::Unreadable), "bit {bit}");
        }
        for length in 0..body.len() {
            assert_eq!(ours().open(&context(), &body[..length]).err(), Some(VaultError::Unreadable), "length {length}");
        }
        let longer = [body.as_slice(), &[0]].concat();
        assert_eq!(ours().open(&context(), &longer).err(), Some(VaultError::Unreadable));
    }

    #[test]
    fn two_seals_of_the_same_text_differ() {
        let entropy = TestEntropy::new(1);
        let first = ours().seal(&context(), b"text", &entropy).unwrap();
        let second = ours().seal(&context(), b"text", &entropy).unwrap();
        assert_ne!(first, second);
        assert_ne!(first[66..70], second[66..70], "not even the ciphertext is the same");
    }

    #[test]
    fn nothing_is_sealed_for_another_partition_or_without_randomness() {
        let elsewhere = SealContext { partition: patient(2), ..context() };
        assert!(matches!(ours().seal(&elsewhere, b"", &TestEntropy::new(1)), Err(VaultError::Misuse(_))));
        assert!(matches!(ours().seal(&context(), b"", &Silent), Err(VaultError::Entropy(_))));
    }

    #[test]
    fn debug_shows_neither_key_nor_text() {
        let body = ours().seal(&context(), b"canary", &TestEntropy::new(1)).unwrap();
        let opened = ours().open(&context(), &body).unwrap();
        let data = DataKey::new(KeyId::new(1), SecretKey::from_bytes([0xcc; 32]));
        let shown = format!("{opened:?} {:?} {data:?} {:?} {:#?}", ours(), data.secret(), ours());
        for secret in ["canary", "99, 97", "204", "cccc", "Prk"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn what_was_sealed_comes_back(text in proptest::collection::vec(any::<u8>(), 0..5_000), seed: u64) {
            let body = ours().seal(&context(), &text, &TestEntropy::new(seed)).unwrap();
            prop_assert_eq!(body.len(), text.len() + OVERHEAD);
            prop_assert_eq!(&*ours().open(&context(), &body).unwrap(), text.as_slice());
        }

        #[test]
        fn any_other_bytes_are_unreadable_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(ours().open(&context(), &bytes).err(), Some(VaultError::Unreadable));
            let headed = [&[1, 1], bytes.as_slice()].concat();
            prop_assert_eq!(ours().open(&context(), &headed).err(), Some(VaultError::Unreadable));
        }
    }
}
