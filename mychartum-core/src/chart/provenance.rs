//! Where an item came from.

use chrono::{DateTime, Utc};
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

use crate::kernel::text::Label;
use crate::kernel::{PartialDate, SensitivitySet, hidden, text_form};

use crate::kernel::id::DeliveryId;

/// The name of a source: a clinic, a lab, an import. At most 64 bytes of `a-z 0-9 - . _`.
///
/// Chosen by the host and stable for ever: items are told apart by source and source id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(Box<str>);

text_form!(SourceId, Self::parse);

/// A name that no source can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("source: expected 1 to 64 characters of a-z, 0-9, '-', '.' and '_'")]
pub struct InvalidSource;

impl SourceId {
    /// The source with this name.
    ///
    /// # Errors
    /// [`InvalidSource`].
    pub fn parse(name: &str) -> Result<Self, InvalidSource> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
        if !name.is_empty() && name.len() <= 64 && name.bytes().all(allowed) {
            Ok(Self(name.into()))
        } else {
            Err(InvalidSource)
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SourceId {
    type Error = InvalidSource;

    fn try_from(name: String) -> Result<Self, InvalidSource> {
        Self::parse(&name)
    }
}

impl From<SourceId> for String {
    fn from(source: SourceId) -> Self {
        source.0.into()
    }
}

/// How far a version got in its life at the source, where the source's interface has no versions and says that instead (HL7 v2
/// table 0085 and 0123).
///
/// What is further is never replaced by what is less far, however late it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The source does not say. It tells nothing about which is newer.
    #[default]
    Unsaid,
    /// Ordered, scheduled, begun; there is nothing to show yet.
    Begun,
    /// A first value that may still change.
    Preliminary,
    /// Final, corrected, or taken back: the time decides among these.
    Settled,
}

impl Stage {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
    const fn is_unsaid(&self) -> bool {
        matches!(self, Self::Unsaid)
    }
}

/// What a source says about the version of an item (FHIR R4 `meta.versionId` and `meta.lastUpdated`).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceVersion {
    /// How far it got, where the source says that.
    #[serde(default, skip_serializing_if = "Stage::is_unsaid")]
    pub stage: Stage,
    /// The source's own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Label>,
    /// When the source last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<PartialDate>,
}

impl SourceVersion {
    /// Which of two versions is newer, as far as the source says.
    ///
    /// How far they got decides where both say it and differ, then the time of the last change; where that is missing or the same,
    /// version numbers do. `None` where nothing can tell.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        let by_stage = self.stage.cmp(&other.stage);
        if by_stage.is_ne() && self.stage != Stage::Unsaid && other.stage != Stage::Unsaid {
            return Some(by_stage);
        }
        let by_time = match (&self.last_updated, &other.last_updated) {
            (Some(a), Some(b)) => Some(a.order().cmp(&b.order())),
            _ => None,
        };
        let number = |version: &Self| version.id.as_ref().and_then(|id| id.as_str().parse::<u64>().ok());
        let by_number = match (number(self), number(other)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => None,
        };
        match (by_time, by_number) {
            (Some(Ordering::Equal), Some(by_number)) => Some(by_number).filter(|order| order.is_ne()),
            (Some(by_time), _) => Some(by_time).filter(|order| order.is_ne()),
            (None, by_number) => by_number.filter(|order| order.is_ne()),
        }
    }
}

/// Where an item came from, kept with every item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Which clinic, lab or import sent it.
    pub source: SourceId,
    /// What it is called there: the resource's type.
    pub source_type: Label,
    /// What it is called there: the resource's id.
    pub source_id: Label,
    /// Its version there.
    #[serde(default)]
    pub version: SourceVersion,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Of when its source's answer is, where whoever delivered it said so; else it counts as of when it was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<DateTime<Utc>>,
    /// With which delivery.
    pub delivery: DeliveryId,
    /// SHA-256 of the original as received.
    #[serde(with = "hash_text")]
    pub original_hash: [u8; 32],
    /// The version of the mapping from the original to the view.
    pub mapping: u16,
    /// The sensitivity labels that the source gave it (FHIR R4 `meta.security`).
    #[serde(default, skip_serializing_if = "SensitivitySet::is_empty")]
    pub labels: SensitivitySet,
}

hidden!(SourceVersion, Provenance);

impl Provenance {
    /// What the versions of one item are sorted by, the oldest first: a total order that agrees with [`SourceVersion::order`]
    /// wherever all of them say the same kinds of things.
    #[must_use]
    pub fn age(&self) -> impl Ord + use<> {
        let changed = self.version.last_updated.as_ref().map(PartialDate::order);
        let number = self.version.id.as_ref().and_then(|id| id.as_str().parse::<u64>().ok());
        (self.version.stage, changed, number, self.as_of.unwrap_or(self.received_at), self.original_hash)
    }
}

mod hash_text {
    use serde::{Deserializer, Serializer};

    use crate::kernel::text_form;

    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    pub(super) fn serialize<S: Serializer>(hash: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        let digit = |half: u8| DIGITS.get(usize::from(half)).map_or('0', |digit| char::from(*digit));
        let text: String = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        text_form::read(deserializer, |text| read(text).ok_or("hash: expected 64 digits"))
    }

    fn read(text: &str) -> Option<[u8; 32]> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        let mut hash = [0u8; 32];
        if pairs.len() != hash.len() {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(pairs) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16)?;
                *byte = (*byte << 4) | u8::try_from(value).ok()?;
            }
        }
        Some(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: &str, updated: &str) -> SourceVersion {
        SourceVersion { stage: Stage::Unsaid, id: Label::clipped(id), last_updated: updated.parse().ok() }
    }

    #[test]
    fn time_decides_then_number_then_nobody() {
        let old = version("9", "2020-01-01T00:00:00Z");
        let new = version("1", "2021-01-01T00:00:00Z");
        assert_eq!(new.order(&old), Some(Ordering::Greater));
        assert_eq!(version("2", "").order(&version("10", "")), Some(Ordering::Less));
        assert_eq!(version("2", "2020").order(&version("3", "2020")), Some(Ordering::Less));
        assert_eq!(version("a", "").order(&version("b", "")), None);
        assert_eq!(old.order(&old), None);
    }

    #[test]
    fn what_got_further_is_never_replaced_by_what_got_less_far() {
        let at = |stage, updated| SourceVersion { stage, ..version("", updated) };
        let (early, late) = ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z");
        let stages = [Stage::Begun, Stage::Preliminary, Stage::Settled];
        for (place, stage) in stages.iter().enumerate() {
            for less in &stages[..place] {
                assert_eq!(at(*stage, early).order(&at(*less, late)), Some(Ordering::Greater));
                assert_eq!(at(*less, late).order(&at(*stage, early)), Some(Ordering::Less));
            }
            assert_eq!(at(*stage, late).order(&at(*stage, early)), Some(Ordering::Greater));
            // Who does not say it is judged by time alone.
            assert_eq!(at(Stage::Unsaid, late).order(&at(*stage, early)), Some(Ordering::Greater));
            assert_eq!(at(Stage::Unsaid, early).order(&at(*stage, late)), Some(Ordering::Less));
        }
    }
}
