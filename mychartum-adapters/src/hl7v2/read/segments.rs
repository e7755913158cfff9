//! A run of segments, and how it falls into groups.

use super::{Message, Segment};

/// Segments of a message, one after another; an iterator, and a value to ask.
///
/// Groups of HL7 v2 have no brackets. Where one ends is told by the segment that begins the next, so a group is a head and what
/// follows it. What belongs to no group is before the first head.
#[derive(Clone, Copy)]
pub struct Segments<'m> {
    pub(super) message: &'m Message<'m>,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl core::fmt::Debug for Segments<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Segments({}, [hidden])", self.to.saturating_sub(self.from))
    }
}

impl<'m> Iterator for Segments<'m> {
    type Item = Segment<'m>;

    fn next(&mut self) -> Option<Segment<'m>> {
        if self.from >= self.to {
            return None;
        }
        let segment = Segment { message: self.message, number: self.from };
        self.from += 1;
        Some(segment)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.to.saturating_sub(self.from);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Segments<'_> {}

impl<'m> Segments<'m> {
    /// The first of them: the head of a group.
    #[must_use]
    pub fn head(&self) -> Option<Segment<'m>> {
        self.clone().next()
    }

    /// The first of a name.
    #[must_use]
    pub fn find_named(&self, name: &str) -> Option<Segment<'m>> {
        self.named(name).next()
    }

    /// All of a name.
    pub fn named<'n>(&self, name: &'n str) -> impl Iterator<Item = Segment<'m>> + use<'m, 'n> {
        self.filter(move |segment| segment.is(name))
    }

    /// Those before the first of these names; all if there is none.
    #[must_use]
    pub fn before(&self, heads: &[&str]) -> Self {
        Self { to: self.next_head(self.from, heads), ..*self }
    }

    /// The groups that these names begin: each from its head to before the next one. What is [before](Self::before) the first
    /// head is in none.
    pub fn groups<'h>(&self, heads: &'h [&'h str]) -> impl Iterator<Item = Self> + use<'m, 'h> {
        let all = *self;
        let mut from = all.next_head(all.from, heads);
        core::iter::from_fn(move || {
            if from >= all.to {
                return None;
            }
            let group = Self { from, to: all.next_head(from + 1, heads), ..all };
            from = group.to;
            Some(group)
        })
    }

    fn next_head(&self, from: usize, heads: &[&str]) -> usize {
        let is_head = |number: &usize| {
            let segment = Segment { message: self.message, number: *number };
            heads.iter().any(|name| segment.is(name))
        };
        (from..self.to).find(is_head).unwrap_or(self.to)
    }
}
