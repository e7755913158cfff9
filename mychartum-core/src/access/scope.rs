//! Scopes: pairs of a section and a verb.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::chart::{Section, SectionSet};

use super::verb::Verb;

/// What may be done with which sections: a set of pairs, one bit each.
///
/// Bit `8 * section + verb` is the pair. Sixteen sections and eight verbs fill it; it is written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scope(u128);

const _: () = assert!(Section::ALL.len() * Verb::ALL.len() <= 128, "a scope has 128 bits");

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("scope: expected 32 hexadecimal digits")]
pub struct InvalidScope;

impl Scope {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything with every section.
    pub const ALL: Self = Self(u128::MAX);

    const fn bit(section: Section, verb: Verb) -> u128 {
        1 << (8 * section.number() + verb.number())
    }

    /// With one pair more.
    #[must_use]
    pub const fn with(self, section: Section, verb: Verb) -> Self {
        Self(self.0 | Self::bit(section, verb))
    }

    /// Without one pair.
    #[must_use]
    pub const fn without(self, section: Section, verb: Verb) -> Self {
        Self(self.0 & !Self::bit(section, verb))
    }

    /// These verbs on these sections.
    #[must_use]
    pub fn of(sections: SectionSet, verbs: &[Verb]) -> Self {
        let pairs = sections.iter().flat_map(|section| verbs.iter().map(move |verb| (section, *verb)));
        pairs.fold(Self::NONE, |scope, (section, verb)| scope.with(section, verb))
    }

    /// Whether a pair is in it.
    #[must_use]
    pub const fn has(self, section: Section, verb: Verb) -> bool {
        self.0 & Self::bit(section, verb) != 0
    }

    /// What both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either has.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the other has everything that this one has.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether it has nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The sections on which it has a verb.
    #[must_use]
    pub fn sections(self, verb: Verb) -> SectionSet {
        Section::ALL.into_iter().filter(|section| self.has(*section, verb)).collect()
    }

    /// The pairs in it.
    pub fn pairs(self) -> impl Iterator<Item = (Section, Verb)> {
        let all = Section::ALL.into_iter().flat_map(|section| Verb::ALL.into_iter().map(move |verb| (section, verb)));
        all.filter(move |(section, verb)| self.has(*section, *verb))
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The scope of these bits. Bits of sections that are not known here stay and grant nothing that is known.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits { u128::from_str_radix(text, 16).map(Self).map_err(|_| InvalidScope) } else { Err(InvalidScope) }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::kernel::text_form::read(deserializer, str::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_scope_has_a_bit_for_each_pair() {
        let scope = Scope::NONE.with(Section::Results, Verb::View).with(Section::Billing, Verb::Manage);
        assert_eq!(scope.bits(), 1 << 8 | 1 << 127);
        assert_eq!(scope.to_string(), "80000000000000000000000000000100");
        assert_eq!(format!("{scope:?}"), "Scope(80000000000000000000000000000100)");
        assert!(scope.has(Section::Results, Verb::View) && !scope.has(Section::Results, Verb::Manage));
        assert_eq!(scope.with(Section::Results, Verb::View), scope);
        assert_eq!(scope.without(Section::Results, Verb::View).bits(), 1 << 127);
        assert_eq!(scope.without(Section::Results, Verb::Download), scope);
        assert_eq!(scope.sections(Verb::Manage), SectionSet::of(&[Section::Billing]));
        assert!(!scope.is_empty() && Scope::NONE.is_empty());
        let (both, verbs) = (SectionSet::of(&[Section::Results, Section::Vitals]), [Verb::View, Verb::Pay]);
        assert_eq!(Scope::of(both, &verbs).bits(), 0b0100_0001 << 8 | 0b0100_0001 << 16);
    }

    #[test]
    fn scopes_meet_join_and_lie_within_each_other() {
        let (one, other) = (Scope::from_bits(0b0110), Scope::from_bits(0b0011));
        assert_eq!((one.and(other).bits(), one.or(other).bits()), (0b0010, 0b0111));
        assert!(!one.within(other) && Scope::from_bits(0b0010).within(other) && other.within(other));
    }

    #[test]
    fn a_scope_is_stored_as_its_text() {
        let scope = Scope::from_bits(0xab);
        let text = serde_json::to_string(&scope).unwrap();
        assert_eq!(text, "\"000000000000000000000000000000ab\"");
        assert_eq!(serde_json::from_str::<Scope>(&text).unwrap(), scope);
        assert!(serde_json::from_str::<Scope>("\"ab\"").is_err());
        // A sign is no digit, though a number may begin with one.
        assert!(format!("+{}", "0".repeat(31)).parse::<Scope>().is_err());
    }

    proptest! {
        #[test]
        fn a_scope_is_the_set_of_its_pairs_and_survives_its_text(bits: u128, other: u128) {
            let (scope, other) = (Scope::from_bits(bits), Scope::from_bits(other));
            let again = scope.pairs().fold(Scope::NONE, |made, (section, verb)| made.with(section, verb));
            prop_assert_eq!(again, scope);
            prop_assert_eq!(scope.to_string().parse::<Scope>(), Ok(scope));
            prop_assert!(scope.and(other).within(scope) && scope.within(scope.or(other)));
            prop_assert_eq!(scope.within(other), scope.pairs().all(|(section, verb)| other.has(section, verb)));
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-g+]{0,34}") {
            let valid = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            prop_assert_eq!(text.parse::<Scope>().is_ok(), valid);
        }
    }
}
