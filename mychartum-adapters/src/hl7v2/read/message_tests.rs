//! Tests of messages: what is read, what is refused, and that nothing is lost.

use proptest::prelude::*;

use super::*;
use crate::hl7v2::Given;

const ORU: &str = "MSH|^~\\&|LAB|RIVERSIDE|PORTAL||20260301||ORU^R01^ORU_R01|77|P|2.5.1\r\
    PID|1||0042^^^RIV&1.2&ISO^MR~9^^^B||Doe^Jane\r\
    OBR|1|||24323-8^CMP^LN\r\
    NTE|1||of the panel\r\
    OBX|1|FT|1^A^LN||see http://x/?a=1&b=2^c~line \\T\\ two||\"\"\r\
    NTE|1||first\rNTE|2||second\r\
    ZRX|own|fields\r\
    OBR|2\r\
    OBX|1|NM|2^B^LN||4.5\r";

fn parse(bytes: &[u8]) -> Message<'_> {
    let message = Message::parse(bytes, &Settings::default()).unwrap();
    let mut written = Vec::new();
    message.write_to(&mut written);
    assert_eq!(written, bytes);
    message
}

fn refused(bytes: &[u8]) -> (ParseErrorKind, usize) {
    let error = Message::parse(bytes, &Settings::default()).unwrap_err();
    (error.kind, error.position)
}

fn kinds(message: &Message<'_>) -> Vec<NoticeKind> {
    message.notices().iter().map(|notice| notice.kind).collect()
}

#[test]
fn fields_have_their_numbers() {
    let message = parse(ORU.as_bytes());
    let header = message.header();
    assert_eq!((header.field(1).text(), header.field(2).text()), ("|".into(), "^~\\&".into()));
    assert_eq!(header.field(2).component(1).text(), "^~\\&");
    assert_eq!(header.field(3).text(), "LAB");
    assert_eq!((header.field(12).text(), header.fields()), ("2.5.1".into(), 12));
    assert_eq!((&*message.code(), &*message.event()), ("ORU", "R01"));
    assert!(header.field(13).is_absent() && header.field(0).is_absent() && header.field(usize::MAX).is_absent());

    let pid = message.segments().find_named("PID").unwrap();
    assert_eq!((pid.fields(), pid.field(1).text()), (5, "1".into()));
    let ids: Vec<_> = pid.field(3).repetitions().map(|id| id.component(1).text()).collect();
    assert_eq!(ids, ["0042", "9"]);
    assert_eq!(pid.field(3).component(4).subcomponent(2).text(), "1.2");
    assert_eq!(pid.field(3).repetition(2).component(4).subcomponent(1).text(), "B");
    assert_eq!(pid.field(3).component(4).subcomponents().count(), 3);
    assert_eq!(pid.field(3).components().count(), 5);
    assert!(pid.field(3).repetition(3).is_absent() && pid.field(3).component(0).is_absent());
    assert_eq!(pid.field(2).repetitions().count(), 0);
}

#[test]
fn whole_fields_nulls_and_unknown_segments() {
    let message = parse(ORU.as_bytes());
    let obx = message.segments().find_named("obx").unwrap();
    assert_eq!(obx.field(5).text(), "see http://x/?a=1&b=2^c~line & two");
    let lines: Vec<_> = obx.field(5).repetitions().map(|line| line.text()).collect();
    assert_eq!(lines, ["see http://x/?a=1&b=2^c", "line & two"]);
    assert_eq!(obx.field(7).given(), Given::Null);
    assert_eq!(obx.field(6).given(), Given::Absent);
    assert_eq!(obx.field(2).given(), Given::Value("FT".into()));
    assert_eq!(message.segments().find_named("ZRX").unwrap().field(2).text(), "fields");
}

#[test]
fn groups_and_notes() {
    let message = parse(ORU.as_bytes());
    let heads = ["OBR"];
    let groups: Vec<_> = message.segments().groups(&heads).collect();
    assert_eq!(groups.len(), 2);
    let names: Vec<_> = groups[0].map(|segment| segment.name().to_owned()).collect();
    assert_eq!(names, ["OBR", "NTE", "OBX", "NTE", "NTE", "ZRX"]);
    assert_eq!(groups[0].head().unwrap().followed_by("NTE").count(), 1);
    let results: Vec<_> = groups[0].groups(&["OBX"]).collect();
    assert_eq!(results.len(), 1);
    let notes: Vec<_> = results[0].head().unwrap().followed_by("NTE").map(|note| note.field(3).text()).collect();
    assert_eq!(notes, ["first", "second"]);
    assert_eq!(groups[0].before(&["OBX"]).count(), 2);
    assert_eq!(message.segments().before(&["OBR"]).len(), 2);
    assert_eq!(groups[1].find_named("OBX").unwrap().field(5).text(), "4.5");
}

#[test]
fn line_ends_are_as_found() {
    for end in ["\r", "\n", "\r\n", "\r\r", "\n\n", "\r\n\r\n"] {
        let text = ORU.replace('\r', end);
        for text in
            [text.clone(), text.trim_end().to_owned(), format!("\u{feff}{text}"), format!("\r\n \u{b}{text}\u{1c}\r")]
        {
            let message = parse(text.as_bytes());
            assert_eq!(message.segments().len(), 10, "{text:?}");
            assert_eq!(message.segments().last().unwrap().field(5).text(), "4.5");
            assert_eq!(kinds(&message), []);
        }
    }
}

#[test]
fn a_lone_line_feed_is_text_where_there_is_any_cr() {
    let message = parse(b"MSH|^~\\&|A\rNTE|1||one\ntwo\rNTE|2||three\n");
    let texts: Vec<_> = message.segments().named("NTE").map(|note| note.field(3).text().into_owned()).collect();
    assert_eq!(texts, ["one\ntwo", "three"]);
    assert_eq!(kinds(&message), []);

    let mixed = b"MSH|^~\\&|A\nPID|1\rPV1|1";
    let message = parse(mixed);
    assert_eq!(message.segments().len(), 2);
    assert_eq!(message.notices(), [Notice { kind: NoticeKind::SegmentInText, position: 11 }]);
    let both = Settings { terminators: Terminators::CrAndLf, ..Settings::default() };
    assert_eq!(Message::parse(mixed, &both).unwrap().segments().len(), 3);
}

#[test]
fn other_delimiters() {
    let message = parse(b"MSH#*%/$!#A#B\rPID#1##x*y$z%/S/|^~\\&/E//F/\r");
    let pid = message.segments().find_named("PID").unwrap();
    assert_eq!(pid.field(3).component(2).subcomponent(2).text(), "z");
    assert_eq!(pid.field(3).repetition(2).text(), "*|^~\\&/#");
    assert_eq!(message.delimiters().truncation, Some(b'!'));
    assert_eq!(message.header().field(2).text(), "*%/$!");
    assert_eq!(message.header().field(4).text(), "B");

    let message = parse(b"MSH|^~ &|A B\rPID|1|J H N|x&y\r");
    let pid = message.segments().find_named("PID").unwrap();
    assert_eq!(pid.field(2).text(), "J H N");
    assert_eq!(pid.field(3).component(1).subcomponent(2).text(), "y");
    assert_eq!(kinds(&message), [NoticeKind::DelimitersOdd]);
}

#[test]
fn character_sets() {
    let text = |bytes: &[u8]| parse(bytes).segments().find_named("PID").unwrap().field(1).text().into_owned();
    assert_eq!(text("MSH|^~\\&\rPID|Jos\u{e9}\r".as_bytes()), "Jos\u{e9}");
    assert_eq!(text(b"MSH|^~\\&\rPID|Jos\xe9\r"), "Jos\u{e9}");
    assert_eq!(text(b"MSH|^~\\&|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|8859/15\rPID|10 \xa4\r"), "10 \u{20ac}");
    assert_eq!(text(b"MSH|^~\\&\rPID|\\XC3A9\\ \\XE9\\\r"), "\u{e9} \u{e9}");
    // The second byte of the character is a bar.
    let chinese = b"MSH|^~\\&|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|GB 18030-2000\rPID|\x81\x7c|b\r";
    assert_eq!(text(chinese), "\u{4e85}");
    assert_eq!(parse(chinese).segments().find_named("PID").unwrap().field(2).text(), "b");
    let greek = parse(b"MSH|^~\\&|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|8859/7\rPID|\xff\r");
    assert_eq!(kinds(&greek), [NoticeKind::Replaced]);
    assert_eq!(greek.charset().name(), "ISO-8859-7");
    let japanese = b"MSH|^~\\&|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|~ISO IR87\rPID|\x1b$B;3ED\x1b(B|b\r";
    assert_eq!(text(japanese), "\u{5c71}\u{7530}");
}

#[test]
fn what_is_no_message_is_refused_with_its_place() {
    for (text, kind, position) in [
        ("", ParseErrorKind::Empty, 0),
        ("\r\n\r\n", ParseErrorKind::Empty, 4),
        ("PID|1", ParseErrorKind::NoHeader, 0),
        ("MS", ParseErrorKind::NoHeader, 0),
        ("{\"resourceType\":\"Bundle\"}", ParseErrorKind::NoHeader, 0),
        ("MSH", ParseErrorKind::FieldSeparator, 3),
        ("MSHA^~\\&", ParseErrorKind::FieldSeparator, 3),
        ("MSH\r", ParseErrorKind::FieldSeparator, 3),
        ("BHS|^~\\&", ParseErrorKind::Batch, 0),
        ("MSH|^~\\&|A\rMSH|^~\\&|B\r", ParseErrorKind::SecondHeader, 11),
        ("MSH|^~\\&|A\rBTS|1\r", ParseErrorKind::SecondHeader, 11),
        ("MSH|^~\\&|A\nthe rest of a text\n", ParseErrorKind::SegmentName, 11),
        ("MSH|^~\\&|A\rPID|1|cut o\u{b}MSH|^~\\&|B\r", ParseErrorKind::StartBlock, 22),
        ("M\0S\0H\0|\0", ParseErrorKind::Utf16, 0),
    ] {
        assert_eq!(refused(text.as_bytes()), (kind, position), "{text:?}");
    }
    let small = Settings { limit: 20, ..Settings::default() };
    let error = Message::parse(ORU.as_bytes(), &small).unwrap_err();
    assert_eq!(error, ParseError { kind: ParseErrorKind::TooLarge, position: 20 });
    assert_eq!(error.to_string(), "message, byte 20: longer than the limit");
}

#[test]
fn long_fields_end_where_they_end() {
    for length in 0..300 {
        let long = "x".repeat(length);
        let text = format!("MSH|^~\\&|{long}|a\rOBX|{long}\rNTE|b|{long}");
        let message = parse(text.as_bytes());
        assert_eq!((message.segments().len(), message.header().fields()), (3, 4));
        assert_eq!(message.header().field(4).text(), "a");
        assert_eq!(message.segments().find_named("OBX").unwrap().field(1).text(), *long);
        assert_eq!(message.segments().find_named("NTE").unwrap().field(2).text(), *long);
    }
}

#[test]
fn the_smallest_messages() {
    for text in ["MSH|", "MSH|\r", "MSH|^", "MSH|^~\\&", "MSH|^~\\&\rPID", "MSH|^~\\&\rPID\r\n"] {
        let message = parse(text.as_bytes());
        assert_eq!(message.header().field(1).text(), "|");
        if let Some(pid) = message.segments().find_named("PID") {
            assert_eq!(pid.fields(), 0);
        }
    }
    assert_eq!(parse(b"MSH|").header().fields(), 2);
}

#[test]
fn nothing_of_a_chart_is_printed() {
    let message = parse(ORU.as_bytes());
    let pid = message.segments().find_named("PID").unwrap();
    let printed = format!("{message:?} {pid:?} {:?} {:?}", pid.field(5), message.segments());
    assert!(!printed.contains("Doe") && !printed.contains("0042"), "{printed}");
}

proptest! {
    #[test]
    fn what_parses_is_written_as_it_came(
        lines in proptest::collection::vec("(PID|OBX|zz1|MSH|[A-Z]{2})?[|^~&\\\\\"#\u{b}\u{e9} A-C.]{0,12}", 0..8),
        ends in proptest::collection::vec("\r|\n|\r\n|\r\r|\u{1c}\r", 8),
        start in "(\u{feff}|\u{b}|\n)?MSH[|#A^]?[\\^~\\\\&# ]{0,6}",
    ) {
        let mut text = start;
        for (line, end) in lines.iter().zip(&ends) {
            text.push_str(end);
            text.push_str(line);
        }
        check(text.as_bytes());
    }

    #[test]
    fn any_bytes_behind_a_header(bytes: Vec<u8>) {
        let mut all = b"MSH|^~\\&|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|GB 18030-2000\r".to_vec();
        all.extend_from_slice(&bytes);
        check(&all);
        check(&bytes);
    }
}

/// Writes back what was parsed, and asks for everything.
fn check(bytes: &[u8]) {
    for terminators in [Terminators::AsFound, Terminators::CrAndLf] {
        let settings = Settings { terminators, ..Settings::default() };
        match Message::parse(bytes, &settings) {
            Ok(message) => {
                let mut written = Vec::new();
                message.write_to(&mut written);
                assert_eq!(written, bytes);
                for segment in message.segments() {
                    assert_eq!(segment.name().len(), 3);
                    for number in 1..=segment.fields() {
                        let field = segment.field(number);
                        let parts: Vec<&[u8]> = field.repetitions().map(|value| value.raw()).collect();
                        if let (Some(repetition), true) = (message.delimiters().repetition, !parts.is_empty()) {
                            assert!(parts.join(&repetition) == field.raw() || number <= 2);
                        }
                        for value in field.repetitions() {
                            for component in value.components() {
                                component.subcomponents().for_each(|part| drop(part.given()));
                            }
                        }
                    }
                }
            }
            Err(error) => assert!(error.position <= bytes.len()),
        }
    }
}
