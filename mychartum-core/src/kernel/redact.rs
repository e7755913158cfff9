//! Redaction: what a chart holds never shows in `Debug`.

/// Gives types a `Debug` that names the type and hides the content.
///
/// INVARIANT (nothing shown): a value of a chart has no `Display`, and its `Debug` is made here, so that no log, panic
/// message or error text can carry it.
macro_rules! hidden {
    ($($name:ident),+ $(,)?) => {$(
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(concat!(stringify!($name), "([hidden])"))
            }
        }
    )+};
}

pub(crate) use hidden;
