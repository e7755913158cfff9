//! Tags of languages.

use mychartum_core::kernel::text::Label;

/// A language tag, if the text can be one (BCP 47: letters, digits and hyphens).
pub(crate) fn language_tag(text: &str) -> Option<Label> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_tag = (2..=35).contains(&text.len()) && text.bytes().all(allowed);
    is_tag.then(|| Label::clipped(text)).flatten()
}
