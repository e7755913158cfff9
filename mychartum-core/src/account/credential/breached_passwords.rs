//! Asking whether a password became known, without telling it.

use core::fmt::{Debug, Write as _};

use sha1::{Digest, Sha1};

/// Knows passwords from breaches, in the form of ranges (k-anonymity).
///
/// # What it is for
/// NIST SP 800-63B-4, section 3.1.1.2, wants new passwords compared with those of known breaches (OWASP ASVS 5.0, 6.2.12).
///
/// # Promises
/// 1. [`range`](Self::range) answers with the rest of every SHA-1 hash that it knows under the five digits.
/// 2. It answers in bounded time. One that cannot answer says so by an empty list, and the password is then judged by the other
///    rules only.
///
/// # What the library promises you
/// It hands out five hexadecimal digits of a hash, of which some hundreds of known passwords have the same, and nothing else.
///
/// # If you break it
/// A missing hash lets a known password pass.
///
/// # Test yourself
/// The SHA-1 of `password` is `5BAA6` and `1E4C9B93F3F0682250B6CF8331B7EE68FD8`: ask for the one, look for the other.
pub trait BreachedPasswords: Debug + Send + Sync {
    /// The hashes that begin with these five upper-case hexadecimal digits, as their other 35 digits; `REST:COUNT`, as range
    /// services write it, is understood, and a count of 0 (padding) does not count.
    fn range(&self, prefix: &str) -> Vec<String>;
}

/// Whether a password is among the breached ones.
pub(super) fn is_breached(password: &str, known: &dyn BreachedPasswords) -> bool {
    let hash = zeroize::Zeroizing::new(sha1_hex(password));
    let Some((prefix, rest)) = hash.split_at_checked(5) else { return false };
    known.range(prefix).iter().any(|line| {
        let (suffix, count) = line.trim().split_once(':').unwrap_or((line.trim(), ""));
        suffix.eq_ignore_ascii_case(rest) && count.trim() != "0"
    })
}

/// SHA-1 (FIPS 180-4) in upper-case hexadecimal digits: the form in which ranges are kept everywhere.
pub(super) fn sha1_hex(text: &str) -> String {
    Sha1::digest(text).iter().fold(String::with_capacity(40), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02X}");
        hex
    })
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII, and a test fails by panicking")]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Range {
        asked: Mutex<Vec<String>>,
        lines: Vec<String>,
    }

    impl BreachedPasswords for Range {
        fn range(&self, prefix: &str) -> Vec<String> {
            self.asked.lock().unwrap().push(prefix.to_owned());
            self.lines.clone()
        }
    }

    fn of(line: &str) -> Range {
        Range { lines: vec!["nonsense".into(), line.into()], ..Range::default() }
    }

    #[test]
    fn only_five_digits_leave() {
        let range = of("1E4C9B93F3F0682250B6CF8331B7EE68FD8");
        assert!(is_breached("password", &range));
        assert!(!is_breached("another", &range));
        assert_eq!(*range.asked.lock().unwrap(), ["5BAA6", &sha1_hex("another")[..5]]);
    }

    #[test]
    fn lines_of_range_services_are_understood() {
        assert!(is_breached("password", &of("1e4c9b93f3f0682250b6cf8331b7ee68fd8:10434004\r")));
        assert!(!is_breached("password", &of("1E4C9B93F3F0682250B6CF8331B7EE68FD8:0")));
        assert!(!is_breached("password", &of("1E4C9B93F3F0682250B6CF8331B7EE68FD")));
        assert!(!is_breached("password", &Range::default()));
    }
}
