//! Enums whose values have fixed numbers in the trail.

/// Declares a closed enum, the number of each value, and the way back. A number, once given, never means anything else.
macro_rules! coded {
    (
        $(#[$doc:meta])*
        $name:ident: $number:ty {
            $($(#[$value_doc:meta])* $value:ident = $code:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$value_doc])* $value,)*
        }

        impl $name {
            /// All values, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$value,)*];

            /// Its number in the trail.
            #[must_use]
            pub const fn code(self) -> $number {
                match self {
                    $(Self::$value => $code,)*
                }
            }

            /// The value with this number.
            #[must_use]
            pub const fn from_code(code: $number) -> Option<Self> {
                match code {
                    $($code => Some(Self::$value),)*
                    _ => None,
                }
            }
        }
    };
}

pub(super) use coded;
