//! Fields, and the parts that they are split into when asked.

use std::borrow::Cow;

use super::Given;
use super::piece::Piece;

/// What all parts can say.
macro_rules! element {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'m>(pub(super) Piece<'m>);

        impl core::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}([hidden])", stringify!($name))
            }
        }

        impl<'m> $name<'m> {
            /// All of it as text: decoded, escape sequences replaced, split no further. An empty text where there is nothing.
            #[must_use]
            pub fn text(&self) -> Cow<'m, str> {
                self.0.text()
            }

            /// The text, or that nothing was said, or that there is no value (`""`).
            #[must_use]
            pub fn given(&self) -> Given<Cow<'m, str>> {
                self.0.given()
            }

            /// The text, unless nothing was said or there is no value.
            #[must_use]
            pub fn value(&self) -> Option<Cow<'m, str>> {
                self.given().value()
            }

            /// The bytes as they were received, escape sequences and all.
            #[must_use]
            pub fn raw(&self) -> &'m [u8] {
                self.0.raw()
            }

            /// Whether nothing was said.
            #[must_use]
            pub fn is_absent(&self) -> bool {
                self.raw().is_empty()
            }

            /// Whether it says that there is no value (`""`).
            #[must_use]
            pub fn is_null(&self) -> bool {
                self.raw() == b"\"\""
            }

            /// Whether nothing stands in it but separators and blanks.
            #[must_use]
            pub fn is_blank(&self) -> bool {
                self.0.is_blank()
            }

            /// Where it begins, in bytes from the beginning of the message; 0 for what is not there.
            #[must_use]
            pub const fn position(&self) -> usize {
                self.0.span.start as usize
            }
        }
    };
}

element! {
    /// A field of a segment. One that the segment does not have is there too, and says nothing.
    ///
    /// [`text`](Self::text) is that of the whole field. That is right for OBX-5 of type FT, TX and ST, where senders leave `&` and
    /// `^` of web addresses as they are.
    Field
}

element! {
    /// One of the values of a field that may repeat.
    Repetition
}

element! {
    /// A component of a value. [`text`](Self::text) is that of all its subcomponents.
    Component
}

element! {
    /// A subcomponent, the smallest part.
    Subcomponent
}

impl<'m> Field<'m> {
    /// Its values; one that is empty is there too, a field without any byte has none.
    pub fn repetitions(&self) -> impl Iterator<Item = Repetition<'m>> + use<'m> {
        self.0.split(self.0.message.delimiters().repetition).map(Repetition)
    }

    /// A value by number, from 1.
    #[must_use]
    pub fn repetition(&self, number: usize) -> Repetition<'m> {
        Repetition(self.0.nth(self.0.message.delimiters().repetition, number))
    }

    /// A component of its first value by number, from 1.
    #[must_use]
    pub fn component(&self, number: usize) -> Component<'m> {
        self.repetition(1).component(number)
    }

    /// The components of its first value.
    pub fn components(&self) -> impl Iterator<Item = Component<'m>> + use<'m> {
        self.repetition(1).components()
    }
}

impl<'m> Repetition<'m> {
    /// Its components.
    pub fn components(&self) -> impl Iterator<Item = Component<'m>> + use<'m> {
        self.0.split(self.0.message.delimiters().component).map(Component)
    }

    /// A component by number, from 1. A value without components is its own first one.
    #[must_use]
    pub fn component(&self, number: usize) -> Component<'m> {
        Component(self.0.nth(self.0.message.delimiters().component, number))
    }
}

impl<'m> Component<'m> {
    /// Its subcomponents.
    pub fn subcomponents(&self) -> impl Iterator<Item = Subcomponent<'m>> + use<'m> {
        self.0.split(self.0.message.delimiters().subcomponent).map(Subcomponent)
    }

    /// A subcomponent by number, from 1. A component without subcomponents is its own first one.
    #[must_use]
    pub fn subcomponent(&self, number: usize) -> Subcomponent<'m> {
        Subcomponent(self.0.nth(self.0.message.delimiters().subcomponent, number))
    }
}
