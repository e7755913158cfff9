//! What a sealed blob withstands, and its names.

use proptest::prelude::*;

use sha2::{Digest, Sha256};

use super::test_entropy::{Fixed, Silent, TestEntropy, hex};
use super::{
    BLOB_HEADER, BlobContext, BlobLayout, BlobNames, BlobOpener, BlobSealer, CHUNK, ChunkPosition, SecretKey,
    TenantKey, VaultError,
};
use crate::kernel::id::{AttachmentId, PatientId, TenantId};
use crate::port::Entropy;
use crate::port::blob_store::BlobName;
use crate::port::storage::{Partition, PartitionKind};

fn context() -> BlobContext {
    BlobContext {
        tenant: TenantId::from_bytes([1; 16]),
        partition: Partition::patient(PatientId::from_bytes([2; 16])),
        attachment: AttachmentId::from_bytes([3; 16]),
    }
}

fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes([byte; 32])
}

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

/// A blob as header and sealed chunks.
fn seal(key: &SecretKey, context: &BlobContext, text: &[u8], seed: u64) -> (Vec<u8>, Vec<Vec<u8>>) {
    seal_with(key, context, text, &TestEntropy::new(seed))
}

fn seal_with(key: &SecretKey, context: &BlobContext, text: &[u8], entropy: &dyn Entropy) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut sealer, header) = BlobSealer::begin(key, context, entropy).unwrap();
    let mut chunks: Vec<Vec<u8>> = text.chunks(CHUNK).map(<[u8]>::to_vec).collect();
    if chunks.is_empty() {
        chunks.push(Vec::new());
    }
    let last = chunks.len() - 1;
    for (at, chunk) in chunks.iter_mut().enumerate() {
        let position = if at == last { ChunkPosition::Last } else { ChunkPosition::Inner };
        sealer.seal(chunk, position).unwrap();
    }
    (header.to_vec(), chunks)
}

/// Everything, opened in order.
fn open(
    key: &SecretKey,
    context: &BlobContext,
    bytes: u64,
    header: &[u8],
    chunks: &[Vec<u8>],
) -> Result<Vec<u8>, VaultError> {
    let opener = BlobOpener::begin(key, context, BlobLayout::of(bytes).unwrap(), header)?;
    let mut text = Vec::new();
    for (number, chunk) in (0..).zip(chunks) {
        text.extend_from_slice(&opener.open(number, chunk)?);
    }
    Ok(text)
}

const UNREADABLE: Option<VaultError> = Some(VaultError::Unreadable);

#[test]
fn blobs_of_every_telling_length_come_back_and_have_the_length_that_their_layout_says() {
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17] {
        let text = text(length);
        let (header, chunks) = seal(&key(1), &context(), &text, 1);
        let bytes = length as u64;
        let sealed = header.len() + chunks.iter().map(Vec::len).sum::<usize>();
        assert_eq!(sealed as u64, BlobLayout::of(bytes).unwrap().sealed_bytes());
        assert_eq!(open(&key(1), &context(), bytes, &header, &chunks), Ok(text));
    }
}

#[test]
fn a_chunk_opens_alone_and_only_as_the_one_that_it_is() {
    let text = text(3 * CHUNK + 5);
    let (header, chunks) = seal(&key(1), &context(), &text, 1);
    let layout = BlobLayout::of(text.len() as u64).unwrap();
    let opener = BlobOpener::begin(&key(1), &context(), layout, &header).unwrap();
    for (number, chunk) in (0..).zip(&chunks) {
        let begin = usize::try_from(layout.place_of(number)).unwrap();
        assert_eq!(&*opener.open(number, chunk).unwrap(), &text[begin..begin + layout.length_of(number)]);
        for other in (0..9).filter(|other| *other != number) {
            assert_eq!(opener.open(other, chunk).err(), UNREADABLE, "{number} as {other}");
        }
    }
}

#[test]
fn what_is_cut_off_added_or_left_out_is_found() {
    let text = text(3 * CHUNK);
    let bytes = text.len() as u64;
    let (header, chunks) = seal(&key(1), &context(), &text, 1);
    // As long as an operator without keys can make it look, the row says another length.
    for shorter in [0, CHUNK as u64, 2 * CHUNK as u64, bytes - 1] {
        let kept = usize::try_from(shorter.div_ceil(CHUNK as u64).max(1)).unwrap();
        assert_eq!(open(&key(1), &context(), shorter, &header, &chunks[..kept]).err(), UNREADABLE, "{shorter}");
    }
    for longer in [bytes + 1, bytes + CHUNK as u64] {
        let mut chunks = chunks.clone();
        chunks.push(chunks[0].clone());
        assert_eq!(open(&key(1), &context(), longer, &header, &chunks).err(), UNREADABLE, "{longer}");
    }
    let opener = BlobOpener::begin(&key(1), &context(), BlobLayout::of(bytes).unwrap(), &header).unwrap();
    for length in (0..64).chain([CHUNK, CHUNK + 15]) {
        assert_eq!(opener.open(0, &chunks[0][..length]).err(), UNREADABLE, "{length}");
    }
    assert_eq!(opener.open(0, &[chunks[0].as_slice(), &[0]].concat()).err(), UNREADABLE);
}

#[test]
fn a_chunk_or_a_whole_blob_of_another_place_is_unreadable() {
    let text = text(2 * CHUNK);
    let bytes = text.len() as u64;
    let (header, chunks) = seal(&key(1), &context(), &text, 1);
    let elsewhere = [
        BlobContext { tenant: TenantId::from_bytes([9; 16]), ..context() },
        BlobContext { partition: Partition::patient(PatientId::from_bytes([9; 16])), ..context() },
        BlobContext { partition: Partition::new(PartitionKind::Account, [2; 16]), ..context() },
        BlobContext { attachment: AttachmentId::from_bytes([9; 16]), ..context() },
    ];
    for place in elsewhere {
        // Even with the same key: the associated data tell.
        assert_eq!(open(&key(1), &place, bytes, &header, &chunks).err(), UNREADABLE, "{place:?}");
    }
    assert_eq!(open(&key(2), &context(), bytes, &header, &chunks).err(), UNREADABLE, "another key");
    // The same text, key and place sealed twice: the salts differ, so no chunk goes into the other.
    let (other_header, others) = seal(&key(1), &context(), &text, 2);
    assert_ne!(chunks, others);
    assert_eq!(open(&key(1), &context(), bytes, &header, &others).err(), UNREADABLE);
    assert_eq!(open(&key(1), &context(), bytes, &other_header, &chunks).err(), UNREADABLE);
    let mixed = [chunks[0].clone(), others[1].clone()];
    assert_eq!(open(&key(1), &context(), bytes, &header, &mixed).err(), UNREADABLE);
}

#[test]
fn every_flipped_bit_is_found() {
    let text = text(40);
    let (header, chunks) = seal(&key(1), &context(), &text, 1);
    for bit in 0..header.len() * 8 {
        let mut altered = header.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&key(1), &context(), 40, &altered, &chunks).err(), UNREADABLE, "header, bit {bit}");
    }
    for bit in 0..chunks[0].len() * 8 {
        let mut altered = chunks.clone();
        altered[0][bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&key(1), &context(), 40, &header, &altered).err(), UNREADABLE, "chunk, bit {bit}");
    }
    for length in 0..header.len() {
        assert_eq!(open(&key(1), &context(), 40, &header[..length], &chunks).err(), UNREADABLE);
    }
}

#[test]
fn a_header_that_commits_to_another_key_is_refused_although_its_chunks_fit() {
    let (header, chunks) = seal(&key(2), &context(), b"text", 1);
    let (ours, _) = seal(&key(1), &context(), b"text", 1);
    // The same salt, with our commitment in front of what the other key sealed.
    assert_eq!(header[..35], ours[..35]);
    assert_eq!(open(&key(2), &context(), 4, &ours, &chunks).err(), UNREADABLE);
    assert_eq!(open(&key(1), &context(), 4, &ours, &chunks).err(), UNREADABLE);
    assert_eq!(open(&key(2), &context(), 4, &header, &chunks), Ok(b"text".to_vec()));
}

#[test]
fn a_sealer_takes_chunks_of_the_right_length_only_and_none_after_the_last() {
    let begin = || BlobSealer::begin(&key(1), &context(), &TestEntropy::new(1)).unwrap().0;
    let refused = |sealer: &mut BlobSealer, length: usize, position| {
        matches!(sealer.seal(&mut vec![0; length], position), Err(VaultError::Misuse(_)))
    };
    assert!(refused(&mut begin(), CHUNK - 1, ChunkPosition::Inner));
    assert!(refused(&mut begin(), CHUNK + 1, ChunkPosition::Inner));
    assert!(refused(&mut begin(), CHUNK + 1, ChunkPosition::Last));
    let mut sealer = begin();
    sealer.seal(&mut vec![0; CHUNK], ChunkPosition::Inner).unwrap();
    assert!(
        refused(&mut sealer, 0, ChunkPosition::Last),
        "an empty chunk behind others gives a length a second layout"
    );
    sealer.seal(&mut vec![0; 1], ChunkPosition::Last).unwrap();
    assert!(refused(&mut sealer, 1, ChunkPosition::Last));
    assert!(matches!(BlobSealer::begin(&key(1), &context(), &Silent), Err(VaultError::Entropy(_))));
}

#[test]
fn debug_shows_neither_key_nor_text() {
    let (sealer, header) = BlobSealer::begin(&key(0xcc), &context(), &TestEntropy::new(1)).unwrap();
    let opener = BlobOpener::begin(&key(0xcc), &context(), BlobLayout::of(4).unwrap(), &header).unwrap();
    assert_eq!(
        format!("{sealer:?} {opener:?} {:?}", names(1, 1)),
        "BlobSealer([hidden]) BlobOpener([hidden]) BlobNames([hidden])"
    );
}

fn names(tenant: u8, secret: u8) -> BlobNames {
    TenantKey::new(TenantId::from_bytes([tenant; 16]), &key(secret)).blob_names()
}

#[test]
fn a_name_leads_its_own_tenant_back_and_nobody_else() {
    let id = AttachmentId::from_bytes([7; 16]);
    for kind in PartitionKind::ALL {
        let partition = Partition::new(kind, [5; 16]);
        let name = names(1, 1).name(partition, id).unwrap();
        assert_eq!(names(1, 1).read(name), Some((partition, id)));
        assert_eq!(names(2, 1).read(name), None);
        assert_eq!(names(1, 2).read(name), None);
        for bit in 0..BlobName::BYTES * 8 {
            let mut altered = name.to_bytes();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(names(1, 1).read(BlobName::from_bytes(altered)), None, "bit {bit}");
        }
    }
}

#[test]
fn names_of_one_patient_have_nothing_in_common() {
    let partition = Partition::patient(PatientId::from_bytes([0; 16]));
    let name = |id: u8| names(1, 1).name(partition, AttachmentId::from_bytes([id; 16])).unwrap().to_bytes();
    let same =
        (0..=255).zip(1..=255).map(|(one, two)| name(one).iter().zip(name(two)).filter(|(a, b)| **a == *b).count());
    // 65 bytes that are random to each other agree in a quarter of a place on the average.
    assert!(same.sum::<usize>() < 130);
}

/// The golden file was written by another implementation (`tests/golden/vectors.py`).
#[test]
fn every_format_is_the_documented_one() {
    let count_from = |first: u8| core::array::from_fn(|at| first + u8::try_from(at).unwrap());
    let tenant = TenantKey::new(TenantId::from_bytes([0x11; 16]), &SecretKey::from_bytes(count_from(0)));
    let place = BlobContext {
        tenant: tenant.tenant(),
        partition: Partition::patient(PatientId::from_bytes([0x22; 16])),
        attachment: AttachmentId::from_bytes([0x66; 16]),
    };
    let salt: [u8; 32] = count_from(64);
    let object = |length| {
        let key = SecretKey::from_bytes(count_from(32));
        let (header, chunks) = seal_with(&key, &place, &text(length), &Fixed(salt.to_vec()));
        [header, chunks.concat()].concat()
    };
    let golden = include_str!("../../tests/golden/sealed_blob.txt");
    for line in golden.lines() {
        let (what, value) = line.split_once(" = ").unwrap();
        let (what, number) = what.rsplit_once(' ').unwrap();
        let number: usize = number.parse().unwrap();
        let made = match what {
            "blob of" => hex(&object(number)),
            "digest of" => hex(&Sha256::digest(object(number))),
            "name in" => {
                let kind = PartitionKind::from_code(u8::try_from(number).unwrap()).unwrap();
                tenant.blob_names().name(Partition::new(kind, [0x22; 16]), place.attachment).unwrap().to_string()
            }
            other => panic!("{other}"),
        };
        assert_eq!(made, value, "{what} {number}");
    }
    assert_eq!(golden.lines().count(), 13);
}

proptest! {
    #[test]
    fn any_other_bytes_are_unreadable_and_never_panic(
        header in proptest::collection::vec(any::<u8>(), 60..70),
        chunk in proptest::collection::vec(any::<u8>(), 0..100),
        number: u32,
        bytes in 0u64..200_000,
    ) {
        let layout = BlobLayout::of(bytes).unwrap();
        prop_assert_eq!(BlobOpener::begin(&key(1), &context(), layout, &header).err(), UNREADABLE);
        let (header, _) = seal(&key(1), &context(), b"", 1);
        prop_assert_eq!(header.len(), BLOB_HEADER);
        let opener = BlobOpener::begin(&key(1), &context(), layout, &header).unwrap();
        prop_assert_eq!(opener.open(number, &chunk).err(), UNREADABLE);
    }
}
