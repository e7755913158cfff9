//! A part of a message at any level: bytes, and what they say.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::index::Span;
use super::{Given, Message};

/// A part of a message: a field, a repetition, a component or a subcomponent.
#[derive(Clone, Copy)]
pub(super) struct Piece<'m> {
    pub(super) message: &'m Message<'m>,
    pub(super) span: Span,
    /// MSH-1 and MSH-2: the separators themselves, which separate and escape nothing where they stand.
    pub(super) literal: bool,
}

impl<'m> Piece<'m> {
    pub(super) const fn empty(message: &'m Message<'m>) -> Self {
        Self { message, span: Span::EMPTY, literal: false }
    }

    pub(super) fn raw(&self) -> &'m [u8] {
        self.span.of(self.message.as_bytes())
    }

    fn shape(&self) -> &'m [u8] {
        self.span.of(self.message.shape())
    }

    pub(super) fn text(&self) -> Cow<'m, str> {
        self.message.text(self.span, self.raw(), self.shape(), self.literal)
    }

    pub(super) fn given(&self) -> Given<Cow<'m, str>> {
        match self.raw() {
            b"" => Given::Absent,
            b"\"\"" => Given::Null,
            _ => Given::Value(self.text()),
        }
    }

    /// Whether there is nothing in it but separators and blanks.
    pub(super) fn is_blank(&self) -> bool {
        let delimiters = self.message.delimiters();
        let separators = [delimiters.component, delimiters.repetition, delimiters.subcomponent];
        !self.literal && self.shape().iter().all(|byte| byte.is_ascii_whitespace() || separators.contains(&Some(*byte)))
    }

    /// The parts between separators: one more than there are separators, and none of an empty piece.
    pub(super) fn split(&self, separator: Option<u8>) -> impl Iterator<Item = Self> + use<'m> {
        let (message, literal, Span { start, end }) = (self.message, self.literal, self.span);
        let shape = self.shape();
        // Where nothing separates, no byte is looked for.
        let searched = if separator.is_some() && !literal { shape } else { &[] };
        let ends = memchr_iter(separator.unwrap_or_default(), searched).map(move |at| start + narrow(at));
        let mut from = start;
        let all = ends.chain((start < end).then_some(end)).map(move |end| {
            let span = Span { start: from, end };
            from = end + 1;
            Self { message, span, literal }
        });
        all.take(if start < end { usize::MAX } else { 0 })
    }

    /// The part of a number, from 1; an empty one where there is none.
    pub(super) fn nth(&self, separator: Option<u8>, number: usize) -> Self {
        let Some(skip) = number.checked_sub(1) else { return Self::empty(self.message) };
        let Some(separator) = separator.filter(|_| !self.literal) else {
            return if skip == 0 { *self } else { Self::empty(self.message) };
        };
        let mut rest = self.shape();
        let mut start = self.span.start;
        for _ in 0..skip {
            let Some(at) = memchr(separator, rest) else { return Self::empty(self.message) };
            rest = rest.get(at + 1..).unwrap_or_default();
            start += narrow(at) + 1;
        }
        let end = memchr(separator, rest).map_or(self.span.end, |at| start + narrow(at));
        Self { message: self.message, span: Span { start, end }, literal: false }
    }
}

/// Positions fit: a message is refused before if it is longer than 32 bits count.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
