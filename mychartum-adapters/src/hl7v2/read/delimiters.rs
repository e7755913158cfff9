//! The characters that separate the parts of a message.

use super::notice::NoticeKind;

/// The characters that a message separates its parts with (MSH-1 and MSH-2, HL7 v2.9 section 2.5.4).
///
/// One that a message cannot have, because another has its place, is `None`: nothing is split or escaped by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// Between fields; usually `|`.
    pub field: u8,
    /// Between components; usually `^`.
    pub component: Option<u8>,
    /// Between repetitions; usually `~`.
    pub repetition: Option<u8>,
    /// Around escape sequences; usually `\`.
    pub escape: Option<u8>,
    /// Between subcomponents; usually `&`.
    pub subcomponent: Option<u8>,
    /// At the end of a text that was cut (from v2.7 on); usually `#`, and absent unless MSH-2 has it.
    pub truncation: Option<u8>,
}

impl Default for Delimiters {
    /// `|^~\&`, without truncation.
    fn default() -> Self {
        Self {
            field: b'|',
            component: Some(b'^'),
            repetition: Some(b'~'),
            escape: Some(b'\\'),
            subcomponent: Some(b'&'),
            truncation: None,
        }
    }
}

/// Whether a byte can separate: a printing ASCII character that is no letter, no digit and no quotation mark.
pub(super) const fn can_separate(byte: u8) -> bool {
    byte.is_ascii_punctuation() && byte != b'"'
}

impl Delimiters {
    /// Takes them from MSH-1 and MSH-2.
    pub(super) fn read(field: u8, encoding: &[u8], mut note: impl FnMut(NoticeKind)) -> Self {
        let mut found = [None; 5];
        let (mut taken, mut previous) = (0, None);
        for &byte in encoding {
            let repeats = previous == Some(byte);
            previous = Some(byte);
            if repeats {
                note(NoticeKind::DelimitersRepeated);
                continue;
            }
            let clashes = byte == field || found.contains(&Some(byte));
            match found.get_mut(taken) {
                Some(slot) if can_separate(byte) && !clashes => *slot = Some(byte),
                _ => note(NoticeKind::DelimitersOdd),
            }
            taken += 1;
        }
        if taken < 4 {
            note(NoticeKind::DelimitersMissing);
            for (at, usual) in [b'^', b'~', b'\\', b'&'].into_iter().enumerate().skip(taken) {
                let clashes = usual == field || found.contains(&Some(usual));
                if let (Some(slot), false) = (found.get_mut(at), clashes) {
                    *slot = Some(usual);
                }
            }
        }
        let [component, repetition, escape, subcomponent, truncation] = found;
        Self { field, component, repetition, escape, subcomponent, truncation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(encoding: &str) -> (Delimiters, Vec<NoticeKind>) {
        let mut notices = Vec::new();
        let found = Delimiters::read(b'|', encoding.as_bytes(), |kind| notices.push(kind));
        (found, notices)
    }

    #[test]
    fn as_many_as_there_are() {
        let usual = Delimiters::default();
        assert_eq!(read("^~\\&"), (usual, vec![]));
        assert_eq!(read("^~\\&#"), (Delimiters { truncation: Some(b'#'), ..usual }, vec![]));
        assert_eq!(read("^~\\"), (usual, vec![NoticeKind::DelimitersMissing]));
        assert_eq!(read(""), (usual, vec![NoticeKind::DelimitersMissing]));
        let other = Delimiters {
            field: b'|',
            component: Some(b'*'),
            repetition: Some(b'%'),
            escape: Some(b'/'),
            subcomponent: Some(b'$'),
            truncation: None,
        };
        assert_eq!(read("*%/$"), (other, vec![]));
    }

    #[test]
    fn damaged_ones_do_no_harm() {
        let usual = Delimiters::default();
        assert_eq!(read("^~\\\\&"), (usual, vec![NoticeKind::DelimitersRepeated]));
        // A space for the backslash must not make every " H " an escape sequence.
        assert_eq!(read("^~ &"), (Delimiters { escape: None, ..usual }, vec![NoticeKind::DelimitersOdd]));
        assert_eq!(read("^~\\^"), (Delimiters { subcomponent: None, ..usual }, vec![NoticeKind::DelimitersOdd]));
        assert_eq!(read("~").0, Delimiters { component: Some(b'~'), repetition: None, ..usual });
    }
}
