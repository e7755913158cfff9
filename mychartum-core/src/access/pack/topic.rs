//! Topics: groups of codes that a pack excepts from a template.

use crate::kernel::code::{CodeSystem, Concept};

/// A group of codes with a name, such as the vaccines against HPV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name in the pack.
    pub name: Box<str>,
    /// Its codes.
    pub codes: Vec<(CodeSystem, Box<str>)>,
    /// The key of the source that excepts it.
    pub cite: Box<str>,
}

impl Topic {
    /// Whether a concept is of this topic.
    #[must_use]
    pub fn has(&self, concept: &Concept) -> bool {
        self.codes.iter().any(|(system, code)| concept.code_in(system) == Some(code))
    }
}

/// A set of a pack's topics: bit `n` is the topic at place `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TopicSet(u32);

impl TopicSet {
    /// No topic.
    pub const NONE: Self = Self(0);
    /// The most topics that a pack may have.
    pub const MOST: usize = 32;

    /// The set of these bits.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether both have a topic in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The topics of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_topics_meet_where_they_have_one_in_common() {
        let set = TopicSet::from_bits;
        assert!(set(0b110).meets(set(0b011)) && set(0b010).meets(set(0b110)));
        assert!(!set(0b100).meets(set(0b011)) && !TopicSet::NONE.meets(TopicSet::NONE));
        assert_eq!(set(0b110).or(set(0b011)), set(0b111));
        assert_eq!((set(0b101).bits(), set(0b101).or(TopicSet::NONE).bits()), (0b101, 0b101));
    }
}
