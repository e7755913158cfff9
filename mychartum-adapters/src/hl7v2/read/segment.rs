//! One segment of a message.

use super::index::Span;
use super::piece::Piece;
use super::{Field, Message, Segments};

/// A segment: a name and numbered fields.
#[derive(Clone, Copy)]
pub struct Segment<'m> {
    pub(super) message: &'m Message<'m>,
    pub(super) number: usize,
}

impl core::fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Segment({}, [hidden])", self.name())
    }
}

impl<'m> Segment<'m> {
    /// Its name as it came: three letters or digits, in any case.
    #[must_use]
    pub fn name(&self) -> &'m str {
        let place = self.message.index().segment(self.number).map_or(0, |(first, _)| first);
        let span = self.message.index().at(place as usize).unwrap_or(Span::EMPTY);
        core::str::from_utf8(span.of(self.message.as_bytes())).unwrap_or_default()
    }

    /// Whether it has this name; small letters count as capitals.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// The message that it is of.
    #[must_use]
    pub const fn message(&self) -> &'m Message<'m> {
        self.message
    }

    /// Which segment of the message it is, from 0.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Where it begins, in bytes from the beginning of the message.
    #[must_use]
    pub fn position(&self) -> usize {
        self.span().start as usize
    }

    /// Its bytes as they were received, without what ends it.
    #[must_use]
    pub fn raw(&self) -> &'m [u8] {
        self.span().of(self.message.as_bytes())
    }

    fn span(&self) -> Span {
        self.message.index().span(self.number).unwrap_or(Span::EMPTY)
    }

    /// A field by its HL7 number, from 1; an empty one where the segment ends before it.
    ///
    /// In MSH, field 1 is the separator itself and field 2 the other delimiters (HL7 v2.9 section 2.14.9).
    #[must_use]
    pub fn field(&self, number: usize) -> Field<'m> {
        Field(self.piece(number).unwrap_or_else(|| Piece::empty(self.message)))
    }

    fn piece(&self, number: usize) -> Option<Piece<'m>> {
        let (first, next) = self.message.index().segment(self.number)?;
        let (first, next) = (first as usize, next as usize);
        let header = self.number == 0;
        if header && number == 1 {
            // The separator stands right behind the name.
            let end = self.message.index().at(first)?.end;
            return Some(Piece { message: self.message, span: Span { start: end, end: end + 1 }, literal: true });
        }
        // The separators of MSH-1 and MSH-2 are not two fields apart.
        let place = first.checked_add(if header { number.checked_sub(1)? } else { number })?;
        if place == first || place + 1 >= next {
            return None;
        }
        let span = self.message.index().at(place)?;
        Some(Piece { message: self.message, span, literal: header && number == 2 })
    }

    /// The number of its last field, whether there is anything in it or not.
    #[must_use]
    pub fn fields(&self) -> usize {
        let of_index = self.message.index().segment(self.number).map_or(0, |(first, next)| next - first);
        // Its name and its end are no fields.
        (of_index as usize).saturating_sub(2) + usize::from(self.number == 0)
    }

    /// The segments of one name that follow it without another between: the notes (NTE) of a result, for instance.
    #[must_use]
    pub fn followed_by(&self, name: &str) -> Segments<'m> {
        let after = Segments { message: self.message, from: self.number + 1, to: self.message.index().segments() };
        let count = after.take_while(|segment| segment.is(name)).count();
        Segments { to: after.from + count, ..after }
    }
}
