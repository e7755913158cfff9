//! Where people are reached: e-mail addresses and telephone numbers, valid once parsed.

use serde::{Deserialize, Serialize};

use super::hidden;
use super::text_form::text_form;

/// An e-mail address: a local part, `@`, a domain; at most 254 bytes (RFC 5321, section 4.5.3.1), no blanks, no control
/// characters, so that it can never end a header line.
///
/// Quoted local parts, comments and address literals are refused: nobody has them, and attacks are made of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(Box<str>);

/// A telephone number in the international form of ITU-T E.164: `+`, the country, the number; 8 to 15 digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(Box<str>);

hidden!(EmailAddress, PhoneNumber);
text_form!(EmailAddress, Self::parse);
text_form!(PhoneNumber, Self::parse);

/// Why an address was refused. The address itself is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an e-mail address.
    #[error("e-mail address: expected name@domain, at most 254 bytes")]
    Email,
    /// Not a telephone number.
    #[error("telephone number: expected + and 8 to 15 digits")]
    Phone,
}

/// The most bytes of the part before the `@` (RFC 5321, section 4.5.3.1.1).
const LOCAL_MOST: usize = 64;
/// The most bytes of an e-mail address.
const EMAIL_MOST: usize = 254;

impl EmailAddress {
    /// Takes an address, trimmed.
    ///
    /// # Errors
    /// [`AddressError::Email`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Email)?;
        let plain = |part: &str, also: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && !part.ends_with('.')
                && !part.contains("..")
                && part.chars().all(|c| c.is_alphanumeric() || also.contains(c))
        };
        let labels = || domain.split('.');
        let sound = text.len() <= EMAIL_MOST
            && local.len() <= LOCAL_MOST
            && plain(local, ".!#$%&'*+-/=?^_`{|}~")
            && plain(domain, ".-")
            && labels().count() >= 2
            && labels().all(|label| label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
        if sound { Ok(Self(text.into())) } else { Err(AddressError::Email) }
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are the same mailbox as far as one can know: lower case, without what follows a `+`,
    /// and without dots before the `@` (I19). It is for comparing, never for sending.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let folded = self.0.to_lowercase();
        let (local, domain) = folded.rsplit_once('@').unwrap_or((&folded, ""));
        let local = local.split('+').next().unwrap_or(local);
        let local: String = local.chars().filter(|c| *c != '.').collect();
        format!("{local}@{domain}")
    }
}

impl PhoneNumber {
    /// Takes a number: blanks, dots, hyphens and brackets are left out, a leading `00` is `+`.
    ///
    /// # Errors
    /// [`AddressError::Phone`] also for a number without its country: see [`parse_within`](Self::parse_within).
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let bare = bare(text)?;
        let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")).ok_or(AddressError::Phone)?;
        Self::of_digits(digits)
    }

    /// Takes a number as it is dialled within a country: with `calling_code` 1, `(617) 555-0134` is `+16175550134`.
    ///
    /// # Errors
    /// [`AddressError::Phone`].
    pub fn parse_within(text: &str, calling_code: u16) -> Result<Self, AddressError> {
        if let Ok(number) = Self::parse(text) {
            return Ok(number);
        }
        let bare = bare(text)?;
        if bare.starts_with('+') {
            return Err(AddressError::Phone);
        }
        // North America dials its own 1 in front, most others a 0.
        let national = match calling_code {
            1 => bare.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(&bare),
            _ => bare.strip_prefix('0').unwrap_or(&bare),
        };
        Self::of_digits(&format!("{calling_code}{national}"))
    }

    fn of_digits(digits: &str) -> Result<Self, AddressError> {
        let sound = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if sound { Ok(Self(format!("+{digits}").into())) } else { Err(AddressError::Phone) }
    }

    /// The number: `+` and digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Digits, and a `+` in front, without what people write between them.
fn bare(text: &str) -> Result<String, AddressError> {
    let bare: String =
        text.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-' | '(' | ')' | '/')).collect();
    let sound = bare.len() <= 20 && bare.chars().enumerate().all(|(at, c)| c.is_ascii_digit() || (at == 0 && c == '+'));
    if sound { Ok(bare) } else { Err(AddressError::Phone) }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

/// Where somebody is reached.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Address {
    /// By e-mail.
    Email(EmailAddress),
    /// By text message.
    Phone(PhoneNumber),
}

hidden!(Address);

impl Address {
    /// The address as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.as_str(),
        }
    }

    /// The form in which two addresses reach the same person.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self {
            Self::Email(email) => email.mailbox(),
            Self::Phone(phone) => phone.as_str().to_owned(),
        }
    }

    /// As much of it as its owner recognises it by, and nobody else learns: `m***@example.org`, `*** 34`.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Email(email) => {
                let (local, domain) = email.as_str().rsplit_once('@').unwrap_or(("", ""));
                let first: String = local.chars().take(1).collect();
                format!("{first}***@{domain}")
            }
            Self::Phone(phone) => {
                let digits = phone.as_str();
                let last: String = digits.chars().skip(digits.chars().count().saturating_sub(2)).collect();
                format!("*** {last}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_mailbox_has_one_form() {
        let forms = ["Maria.Lopez@Example.org", "marialopez@example.org", "maria.lopez+clinic@EXAMPLE.ORG"];
        for form in forms {
            assert_eq!(EmailAddress::parse(form).unwrap().mailbox(), "marialopez@example.org");
        }
        assert_eq!(EmailAddress::parse(" a@b.org ").unwrap().as_str(), "a@b.org");
    }

    #[test]
    fn one_number_has_one_form() {
        for form in ["+1 (617) 555-0134", "001 617 555 0134", "+16175550134"] {
            assert_eq!(PhoneNumber::parse(form).unwrap().as_str(), "+16175550134");
        }
        for form in ["(617) 555-0134", "1-617-555-0134", "617.555.0134"] {
            assert_eq!(PhoneNumber::parse_within(form, 1).unwrap().as_str(), "+16175550134");
        }
        assert_eq!(PhoneNumber::parse_within("030 123456", 49).unwrap().as_str(), "+4930123456");
    }

    #[test]
    fn what_could_end_a_header_or_reach_another_is_refused() {
        let wrong = [
            "",
            "@",
            "a@b",
            "a b@c.org",
            "a@c.org\r\nBcc: x@y.org",
            "a@b.org,c@d.org",
            "<a@b.org>",
            "\"a\"@b.org",
            "a@[127.0.0.1]",
            ".a@b.org",
            "a..b@c.org",
            "a@-b.org",
            "a@b..org",
            "a@b.org.",
            "a@b@c.org ,",
            "a\0@b.org",
            "a;b@c.org",
            "a@b_c.org",
        ];
        for address in wrong {
            assert_eq!(EmailAddress::parse(address), Err(AddressError::Email), "{address:?}");
        }
        for number in [
            "",
            "+",
            "617 555 0134",
            "+1617555013412345",
            "+1 617 555 0134 x5",
            "+1617\n5550134",
            "+0171234567",
            "++491234567",
        ] {
            assert_eq!(PhoneNumber::parse(number), Err(AddressError::Phone), "{number:?}");
        }
    }

    #[test]
    fn a_hint_does_not_tell_the_address() {
        let hint = Address::Email(EmailAddress::parse("maria@example.org").unwrap()).hint();
        assert_eq!(hint, "m***@example.org");
        assert_eq!(Address::Phone(PhoneNumber::parse("+16175550134").unwrap()).hint(), "*** 34");
    }

    proptest! {
        #[test]
        fn no_text_is_taken_that_is_more_than_one_line_or_one_address(text in ".{0,80}") {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert!(!email.as_str().chars().any(|c| c.is_control() || c.is_whitespace() || ",;<>\"()[]:\\".contains(c)));
                prop_assert_eq!(email.as_str().matches('@').count(), 1);
            }
            if let Ok(phone) = PhoneNumber::parse_within(&text, 1) {
                prop_assert_eq!(PhoneNumber::parse(phone.as_str()).unwrap(), phone);
            }
        }
    }
}
