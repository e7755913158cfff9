//! How long the tests of this module go on.

/// How many rounds to run: so many ordinarily, and so many in the night, when `MYCHARTUM_LONG=1` is set.
#[must_use]
pub fn rounds(ordinary: u32, long: u32) -> u32 {
    if std::env::var_os("MYCHARTUM_LONG").is_some_and(|value| value == "1") { long } else { ordinary }
}
