//! What is stored of an item: its view, its original, and earlier versions of both.

use serde::{Deserialize, Serialize};

use crate::chart::{Deceased, Patient, Provenance, Section, SourceRef, View};
use crate::kernel::{PartialDate, hidden};
use crate::ledger::{Failure, decode, encode};

/// The row of an item in its section: what lists and pages read.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ItemRecord {
    /// How many versions there have been.
    #[serde(rename = "n")]
    pub(crate) versions: u64,
    #[serde(rename = "v")]
    pub(crate) view: View,
    #[serde(rename = "p")]
    pub(crate) provenance: Provenance,
}

/// The head of an original's row: where its view is, and what arriving versions are compared with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OriginalRecord {
    pub(crate) section: u8,
    pub(crate) versions: u64,
    pub(crate) provenance: Provenance,
    /// Whose the source says it is, in the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<SourceRef>,
}

/// The head of an earlier version's row.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct VersionRecord {
    pub(crate) item: ItemRecord,
}

/// What decides of an item of demographics: read before a question is answered, when the chart itself is still closed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct PersonRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) born: Option<PartialDate>,
    #[serde(default)]
    pub(crate) died: bool,
    /// Set in the row that says that a source merged this chart's patient into another.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(crate) merged: bool,
}

impl PersonRecord {
    /// What an item of demographics says, as long as it is a fact.
    pub(crate) fn of(patient: &Patient) -> Self {
        if !patient.standing().is_fact() {
            return Self::default();
        }
        let died = matches!(patient.deceased, Deceased::Yes | Deceased::At(_));
        Self { born: patient.birth_date.clone(), died, merged: false }
    }
}

hidden!(ItemRecord, OriginalRecord, PersonRecord, VersionRecord);

impl OriginalRecord {
    /// The section that the view is in.
    pub(crate) fn section(&self) -> Result<Section, Failure> {
        let known = Section::ALL.into_iter().find(|section| section.number() == self.section);
        known.ok_or(Failure::Damaged("original: section"))
    }
}

/// Writes a head and, behind it, the bytes of an original.
///
/// ```text
/// length of the head, u32 big endian | head | original
/// ```
pub(crate) fn encode_with_original<T: Serialize>(head: &T, original: &[u8]) -> Result<Vec<u8>, Failure> {
    let head = encode(head)?;
    let length = u32::try_from(head.len()).map_err(|_| Failure::Damaged("original: head too long"))?;
    let mut body = Vec::with_capacity(4 + head.len() + original.len());
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(&head);
    body.extend_from_slice(original);
    Ok(body)
}

/// Reads a head and the bytes of the original behind it.
pub(crate) fn decode_with_original<'a, T: serde::de::DeserializeOwned>(
    body: &'a [u8],
    place: &'static str,
) -> Result<(T, &'a [u8]), Failure> {
    let damaged = Failure::Damaged(place);
    let (length, rest) = body.split_first_chunk::<4>().ok_or(damaged)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged)?;
    let (head, original) = rest.split_at_checked(length).ok_or(damaged)?;
    Ok((decode(head, place)?, original))
}
