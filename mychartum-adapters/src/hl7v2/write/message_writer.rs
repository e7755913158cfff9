//! A message that goes out.

use chrono::{DateTime, Utc};

use super::SegmentWriter;

/// Why a message cannot be written: the program that writes it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name of a segment is not a capital and two capitals or digits, or is MSH once more.
    #[error("segment: expected a name of three capitals or digits, and one MSH")]
    Name,
    /// A field has the number 0, or in MSH the number 1.
    #[error("field: expected a number from 1, in MSH from 2")]
    FieldNumber,
}

/// What MSH says of a message that goes out (HL7 v2.9 section 2.14.9).
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Which program sends (MSH-3).
    pub sending_application: &'a str,
    /// Of which house (MSH-4).
    pub sending_facility: &'a str,
    /// Which program is to receive (MSH-5).
    pub receiving_application: &'a str,
    /// Of which house (MSH-6).
    pub receiving_facility: &'a str,
    /// When it is written (MSH-7).
    pub time: DateTime<Utc>,
    /// The type of message, the event and the structure (MSH-9), such as `["SIU", "S12", "SIU_S12"]`.
    pub kind: [&'a str; 3],
    /// A number that this sender uses once (MSH-10); at most 20 characters before v2.9.
    pub control_id: &'a str,
    /// `P`, or `T` for tests (MSH-11).
    pub processing_id: &'a str,
    /// Which version it keeps to (MSH-12), such as `2.5.1`.
    pub version: &'a str,
    /// Which acknowledgements are wanted (MSH-15 and MSH-16), such as `["AL", "NE"]`; two empty ones are original mode.
    pub acknowledgements: [&'a str; 2],
}

/// Writes a message in UTF-8 with the usual delimiters. Whatever a text holds, reading the message gives it back.
///
/// ```
/// use mychartum_adapters::hl7v2::{Header, Message, MessageWriter, Settings};
/// let mut writer = MessageWriter::new(&Header {
///     sending_application: "PORTAL",
///     sending_facility: "RIVERSIDE",
///     receiving_application: "SCHEDULER",
///     receiving_facility: "RIVERSIDE",
///     time: chrono::DateTime::UNIX_EPOCH,
///     kind: ["ADT", "A31", "ADT_A05"],
///     control_id: "900",
///     processing_id: "P",
///     version: "2.5.1",
///     acknowledgements: ["", ""],
/// });
/// writer.segment("PID").text(1, "1").components(3, &["0042", "", "", "RIVERSIDE", "MR"]).null(13);
/// let bytes = writer.finish()?;
/// let message = Message::parse(&bytes, &Settings::default())?;
/// assert!(message.segments().find_named("PID").unwrap().field(13).is_null());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MessageWriter {
    header: SegmentWriter,
    segments: Vec<SegmentWriter>,
    misnamed: bool,
}

impl MessageWriter {
    /// A message with its MSH.
    #[must_use]
    pub fn new(given: &Header<'_>) -> Self {
        let mut header = SegmentWriter::new(*b"MSH");
        header
            .raw(2, b"^~\\&")
            .text(3, given.sending_application)
            .text(4, given.sending_facility)
            .text(5, given.receiving_application)
            .text(6, given.receiving_facility)
            .text(7, &given.time.format("%Y%m%d%H%M%S+0000").to_string())
            .components(9, &given.kind)
            .text(10, given.control_id)
            .text(11, given.processing_id)
            .text(12, given.version);
        let [accept, application] = given.acknowledgements;
        header.text(15, accept).text(16, application);
        Self { header, segments: Vec::new(), misnamed: false }
    }

    /// The next segment, to be filled.
    pub fn segment(&mut self, name: &str) -> &mut SegmentWriter {
        let known = <[u8; 3]>::try_from(name.as_bytes()).ok().filter(|name| {
            let [first, rest @ ..] = name;
            first.is_ascii_uppercase()
                && rest.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                && !matches!(name, b"MSH" | b"FHS" | b"BHS" | b"BTS" | b"FTS")
        });
        self.misnamed |= known.is_none();
        self.segments.push(SegmentWriter::new(known.unwrap_or(*b"ZZZ")));
        // One was pushed, so there is a last one.
        self.segments.last_mut().unwrap_or(&mut self.header)
    }

    /// The message, each segment ended by CR. MSH-18 says UTF-8 where anything in it is not ASCII.
    ///
    /// # Errors
    /// [`WriteError`]: a segment or a field that no message can have was asked for.
    pub fn finish(mut self) -> Result<Vec<u8>, WriteError> {
        let all = || self.segments.iter().chain([&self.header]);
        if self.misnamed {
            return Err(WriteError::Name);
        }
        if all().any(SegmentWriter::is_misnumbered) {
            return Err(WriteError::FieldNumber);
        }
        if !all().all(SegmentWriter::is_ascii) {
            self.header.text(18, "UNICODE UTF-8");
        }
        let mut out = Vec::with_capacity(1024);
        self.header.write_to(&mut out);
        self.segments.iter().for_each(|segment| segment.write_to(&mut out));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hl7v2::{Message, Settings};
    use proptest::prelude::*;

    fn header() -> Header<'static> {
        Header {
            sending_application: "PORTAL",
            sending_facility: "A|B",
            receiving_application: "",
            receiving_facility: "",
            time: DateTime::UNIX_EPOCH,
            kind: ["ADT", "A31", ""],
            control_id: "1",
            processing_id: "P",
            version: "2.5.1",
            acknowledgements: ["", ""],
        }
    }

    #[test]
    fn fields_stand_where_their_numbers_say() {
        let mut writer = MessageWriter::new(&header());
        writer
            .segment("PID")
            .null(4)
            .text(2, "a^b")
            .repetition(3, &["1", "", "x"])
            .repetition(3, &["2", ""])
            .text(9, "");
        writer.segment("OBX").nested(3, &[&["a", "b&"], &["", ""], &[""]]).lines(5, "one\r\ntwo\nthree");
        let bytes = writer.finish().unwrap();
        let expected = "MSH|^~\\&|PORTAL|A\\F\\B|||19700101000000+0000||ADT^A31|1|P|2.5.1\r\
            PID||a\\S\\b|1^^x~2|\"\"\rOBX|||a&b\\T\\||one\\.br\\two\\.br\\three\r";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn programs_that_are_wrong_are_told() {
        for name in ["", "PI", "PIDX", "pid", "MSH", "1AB", "P|D", "BHS"] {
            let mut writer = MessageWriter::new(&header());
            writer.segment(name).text(1, "x");
            assert_eq!(writer.finish().unwrap_err(), WriteError::Name, "{name}");
        }
        let mut writer = MessageWriter::new(&header());
        writer.segment("PID").text(0, "x");
        assert_eq!(writer.finish().unwrap_err(), WriteError::FieldNumber);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "([|^~\\\\&\"\r\n\u{b}\u{1c}\u{7f}F.brX0é ]|[^\0]){0,20}", other in "[^\0]{0,9}") {
            let mut writer = MessageWriter::new(&header());
            writer.segment("ZZ1").text(2, &text).components(3, &["", &other, &text]).repetition(3, &[&other, &other]);
            let bytes = writer.finish().unwrap();
            let message = Message::parse(&bytes, &Settings::default()).unwrap();
            prop_assert!(message.notices().is_empty());
            let segment = message.segments().find_named("ZZ1").unwrap();
            prop_assert_eq!(segment.field(2).text(), &*text);
            prop_assert_eq!(segment.field(3).component(2).text(), &*other);
            prop_assert_eq!(segment.field(3).component(3).text(), &*text);
            prop_assert_eq!(segment.field(3).repetition(2).component(1).text(), &*other);
            prop_assert_eq!(segment.field(2).is_absent(), text.is_empty());
            prop_assert!(!segment.field(2).is_null());
            prop_assert!(!bytes.iter().any(|byte| matches!(byte, 0x0b | 0x1c | b'\n')));
        }
    }
}
