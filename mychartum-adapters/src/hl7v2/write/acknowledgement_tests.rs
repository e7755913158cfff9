//! Tests of acknowledgements: codes, modes, loops, and what they give away.

use proptest::prelude::*;

use super::*;
use crate::hl7v2::{ProcessingPolicy, Reply, ReplyError};

const STAMP: Stamp<'static> = Stamp { time: DateTime::UNIX_EPOCH, control_id: "r-5" };

fn parse(bytes: &[u8]) -> Message<'_> {
    Message::parse(bytes, &Settings::default()).unwrap()
}

fn sent(version: &str, fifteen: &str, sixteen: &str) -> Vec<u8> {
    format!("MSH|^~\\&|LAB|RIV|PORTAL|P|20260301||ORU^R01|A\\T\\7|P|{version}|||{fifteen}|{sixteen}\rPID|1||0042||Doe^Jane\r")
        .into_bytes()
}

fn codes(bytes: &[u8], disposition: Disposition) -> Vec<&'static str> {
    let frames = Acknowledgement::of(&parse(bytes), disposition, STAMP).into_frames();
    frames.map(|frame| Reply::read(&parse(&frame)).unwrap().code.as_str()).collect()
}

const REFUSED: Disposition = Disposition::Refused(ErrorCondition::UnsupportedEvent, None);

#[test]
fn original_mode() {
    let bytes = sent("2.5.1", "", "");
    let ack = Acknowledgement::of(&parse(&bytes), Disposition::Accepted, STAMP);
    let expected = "MSH|^~\\&|PORTAL|P|LAB|RIV|19700101000000+0000||ACK^R01^ACK|r5|P|2.5.1\rMSA|AA|A\\T\\7\r";
    assert_eq!(String::from_utf8(ack.application.clone().unwrap()).unwrap(), expected);
    assert_eq!(ack.accept, None);
    let frame = ack.application.unwrap();
    let reply = Reply::read(&parse(&frame)).unwrap();
    assert!(reply.is_of("A&7") && reply.is_of(&parse(&bytes).control_id()) && !reply.is_of("A7"));
    assert_eq!(codes(&bytes, Disposition::Failed), ["AE"]);
    assert_eq!(codes(&bytes, REFUSED), ["AR"]);
}

#[test]
fn enhanced_mode() {
    for (fifteen, sixteen, accepted, failed) in [
        ("AL", "NE", vec!["CA"], vec!["CE"]),
        ("AL", "", vec!["CA"], vec!["CE"]),
        ("AL", "AL", vec!["CA", "AA"], vec!["CE", "AE"]),
        ("NE", "AL", vec!["AA"], vec!["AE"]),
        ("ER", "SU", vec!["AA"], vec!["CE"]),
        ("SU", "ER", vec!["CA"], vec!["AE"]),
        ("NE", "NE", vec![], vec![]),
        ("\"\"", "\"\"", vec!["AA"], vec!["AE"]),
        ("??", "NE", vec!["CA"], vec!["CE"]),
    ] {
        let bytes = sent("2.5.1", fifteen, sixteen);
        assert_eq!(codes(&bytes, Disposition::Accepted), accepted, "{fifteen} {sixteen}");
        assert_eq!(codes(&bytes, Disposition::Failed), failed, "{fifteen} {sixteen}");
    }
    assert_eq!(codes(&sent("2.5.1", "AL", "NE"), REFUSED), ["CR"]);
    let both = Acknowledgement::of(&parse(&sent("2.5.1", "AL", "AL")), Disposition::Accepted, STAMP);
    let own: Vec<_> = both.into_frames().map(|frame| parse(&frame).control_id().into_owned()).collect();
    assert_eq!(own, ["r5C", "r5A"]);
}

#[test]
fn errors_name_places_and_no_values() {
    let bytes = sent("2.5.1", "", "");
    let message = parse(&bytes);
    let place = Place::of(&message.segments().find_named("PID").unwrap(), 5);
    let refused = Disposition::Refused(ErrorCondition::RequiredFieldMissing, Some(place));
    let text = |bytes: &[u8]| {
        String::from_utf8(Acknowledgement::of(&parse(bytes), refused, STAMP).application.unwrap()).unwrap()
    };
    let now = text(&bytes);
    assert!(now.ends_with("\rERR||PID^1^5|101^Required field missing^HL70357|E\r"), "{now}");
    assert!(!now.contains("Doe") && !now.contains("0042"));
    let old = text(&sent("2.3.1", "", ""));
    assert!(old.ends_with("\rERR|PID^1^5^101&Required field missing&HL70357\r"), "{old}");
    assert_eq!(Reply::read(&parse(old.as_bytes())).unwrap().errors, ["101".into()]);
    assert_eq!(Reply::read(&parse(now.as_bytes())).unwrap().errors, ["101".into()]);
}

#[test]
fn an_answer_is_never_acknowledged() {
    let bytes = sent("2.5.1", "AL", "AL");
    for frame in Acknowledgement::of(&parse(&bytes), Disposition::Accepted, STAMP).into_frames() {
        assert_eq!(Acknowledgement::of(&parse(&frame), Disposition::Accepted, STAMP), Acknowledgement::default());
        let cut = &frame[..frame.len() - 8];
        let error = ParseError { kind: crate::hl7v2::ParseErrorKind::SegmentName, position: 0 };
        let of_cut = Acknowledgement::of_unreadable(cut, error, &Settings::default(), STAMP);
        assert_eq!(of_cut, Acknowledgement::default());
    }
    let response = b"MSH|^~\\&|A|||||||RSP^K21|1|P|2.5\rMSA|AA|9\r";
    assert_eq!(Acknowledgement::of(&parse(response), REFUSED, STAMP), Acknowledgement::default());
}

#[test]
fn what_cannot_be_read_is_refused_by_its_header() {
    let settings = Settings::default();
    let refuse = |bytes: &[u8]| {
        let error = Message::parse(bytes, &settings).unwrap_err();
        Acknowledgement::of_unreadable(bytes, error, &settings, STAMP).into_frames().collect::<Vec<_>>()
    };
    let frames = refuse(b"MSH|^~\\&|LAB||||||ORU^R01|88|P|2.5\rPID|1\rDoe, Jane");
    let reply = Reply::read(&parse(&frames[0])).unwrap();
    assert_eq!((reply.code, reply.is_of("88")), (AckCode::ApplicationReject, true));
    let frames = refuse(b"MSH|^~\\&|LAB||||||ORU^R01|88|P|2.5|||AL\rPID|1\rDoe, Jane");
    assert_eq!(Reply::read(&parse(&frames[0])).unwrap().code, AckCode::CommitReject);
    let frames = refuse(b"Doe, Jane");
    assert_eq!(Reply::read(&parse(&frames[0])).unwrap_err(), ReplyError::NoControlId);
    assert!(!String::from_utf8_lossy(&frames[0]).contains("Doe"));
}

#[test]
fn test_data_is_refused_by_policy() {
    let takes = |policy: ProcessingPolicy, id: &str| {
        policy.takes(&parse(format!("MSH|^~\\&|||||||ADT^A01|1|{id}|2.5\r").as_bytes()))
    };
    for (id, production, said, test) in [
        ("P", true, true, false),
        ("p^T", true, true, false),
        ("T", false, false, true),
        ("D", false, false, true),
        ("", true, false, false),
        ("\"\"", true, false, false),
        ("X", false, false, false),
    ] {
        assert_eq!(takes(ProcessingPolicy::Production, id), production, "{id}");
        assert_eq!(takes(ProcessingPolicy::ProductionSaid, id), said, "{id}");
        assert_eq!(takes(ProcessingPolicy::TestOnly, id), test, "{id}");
    }
}

#[test]
fn replies_that_acknowledge_nothing() {
    let read = |msa: &str| Reply::read(&parse(format!("MSH|^~\\&|A\r{msa}\r").as_bytes())).map(|reply| reply.code);
    assert_eq!(read("MSA|aa | 1"), Ok(AckCode::ApplicationAccept));
    assert_eq!(read("MSA|AA"), Err(ReplyError::NoControlId));
    assert_eq!(read("MSA|AA| "), Err(ReplyError::NoControlId));
    assert_eq!(read("MSA|OK|1"), Err(ReplyError::Code));
    assert_eq!(read("PID|1"), Err(ReplyError::NoMsa));
}

proptest! {
    #[test]
    fn whatever_came_the_answer_is_a_message(
        encoding in "[!-/:-@]{0,6}", fields in proptest::collection::vec("[ -~\u{b}\u{1c}\n\u{e9}]{0,6}", 0..18)
    ) {
        let bytes = format!("MSH|{encoding}|{}\rPID|1\r", fields.join("|")).into_bytes();
        let Ok(message) = Message::parse(&bytes, &Settings::default()) else { return Ok(()) };
        for disposition in [Disposition::Accepted, Disposition::Failed, REFUSED] {
            for frame in Acknowledgement::of(&message, disposition, STAMP).into_frames() {
                prop_assert!(!frame.iter().any(|byte| matches!(byte, 0x0b | 0x1c | b'\n')));
                let answer = parse(&frame);
                prop_assert!(answer.is_answer());
                prop_assert_eq!(answer.segments().len(), if disposition == Disposition::Accepted { 2 } else { 3 });
            }
        }
    }
}
