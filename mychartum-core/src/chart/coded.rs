//! Statuses as closed lists of FHIR codes.

/// Makes an enum of FHIR codes that reads them leniently (any case, blanks around) and writes them exactly.
///
/// A code outside the list is read as the variant after `else`, never as an error: the original keeps what was sent.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ } else $other:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All values, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The FHIR code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The value of a code, in any case; what stands for unknown codes otherwise.
            #[must_use]
            pub fn of(code: &str) -> Self {
                let code = code.trim();
                Self::ALL.iter().copied().find(|known| known.code().eq_ignore_ascii_case(code)).unwrap_or(Self::$other)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read = |code: &str| Ok::<_, ::core::convert::Infallible>(Self::of(code));
                $crate::kernel::text_form::read(deserializer, read)
            }
        }
    };
}

pub(super) use coded;
