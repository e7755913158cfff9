//! Tests of files of many messages.

use proptest::prelude::*;

use super::*;

fn message(number: u32) -> String {
    format!("MSH|^~\\&|A|||||||{number}|P|2.5\rPID|{number}\r")
}

fn split(text: &str) -> (Vec<(PartKind, usize)>, Vec<BatchNoticeKind>) {
    let batch = Batch::split(text.as_bytes(), &Settings::default());
    let joined: Vec<u8> = batch.parts().iter().flat_map(|part| part.bytes).copied().collect();
    assert_eq!(joined, text.as_bytes());
    let parts = batch.parts().iter().map(|part| (part.kind, part.position)).collect();
    (parts, batch.notices().iter().map(|notice| notice.kind).collect())
}

fn ids(text: &str) -> Vec<String> {
    let (batch, settings) = (Batch::split(text.as_bytes(), &Settings::default()), Settings::default());
    batch.messages().map(|part| part.parse(&settings).unwrap().control_id().into_owned()).collect()
}

#[test]
fn batches_and_bare_messages_are_cut() {
    let (one, two) = (message(1), message(2));
    let batch = format!("FHS|^~\\&|X\rBHS|^~\\&|X\r{one}{two}BTS|2\rFTS|1\r");
    for text in [batch.clone(), batch.replace('\r', "\n"), batch.replace('\r', "\r\n"), format!("\u{feff}{batch}")] {
        let (parts, notices) = split(&text);
        let kinds: Vec<_> = parts.iter().map(|(kind, _)| *kind).collect();
        use PartKind::{Envelope, Message};
        assert_eq!(kinds, [Envelope, Envelope, Message, Message, Envelope, Envelope]);
        assert_eq!(notices, []);
        assert_eq!(ids(&text), ["1", "2"]);
    }
    assert_eq!(ids(&format!("{one}{two}")), ["1", "2"]);
    assert_eq!(ids(&format!("\r\n{one}\r\n\r\n{two}\r\n")), ["1", "2"]);
    let framed = format!("\u{b}{one}\u{1c}\r\u{b}{two}\u{1c}\r");
    assert_eq!((ids(&framed), split(&framed).1), (vec!["1".to_owned(), "2".to_owned()], vec![]));
    assert_eq!(split(""), (vec![], vec![]));
}

#[test]
fn wrong_counts_are_told_and_cost_nothing() {
    use BatchNoticeKind::{BatchCount, CountUnreadable, MessageCount, NotBegun, NotEnded};
    let one = message(1);
    for (text, expected) in [
        (format!("BHS|^~\\&\r{one}BTS|2\r"), vec![MessageCount { said: 2, found: 1 }]),
        (format!("BHS|^~\\&\r{one}BTS|\r"), vec![]),
        (format!("BHS|^~\\&\r{one}BTS\r"), vec![]),
        (format!("BHS|^~\\&\r{one}BTS|one|c\r"), vec![CountUnreadable]),
        (format!("BHS|^~\\&\r{one}"), vec![NotEnded]),
        (format!("{one}BTS|1\r"), vec![NotBegun]),
        (format!("FHS|^~\\&\rBHS|^~\\&\r{one}BTS|1\rFTS|2\r"), vec![BatchCount { said: 2, found: 1 }]),
        (format!("FHS|^~\\&\rBHS|^~\\&\r{one}FTS|1\r"), vec![NotEnded]),
    ] {
        assert_eq!(split(&text).1, expected, "{text:?}");
        assert_eq!(ids(&text), ["1"]);
    }
}

#[test]
fn garbage_is_told_and_kept() {
    let (one, two) = (message(1), message(2));
    let text = format!("exported today\r{one}--- next ---\r{two}*** end\r");
    let (parts, notices) = split(&text);
    assert_eq!(parts.iter().filter(|(kind, _)| *kind == PartKind::Garbage).count(), 3);
    assert_eq!(notices, [BatchNoticeKind::Garbage; 3]);
    assert_eq!(ids(&text), ["1", "2"]);

    // Inside of a message it stays there, and the message is refused whole.
    let text = format!("{one}--- what ---\rPV1|1\r{two}");
    let batch = Batch::split(text.as_bytes(), &Settings::default());
    let read: Vec<_> = batch.messages().map(|part| part.parse(&Settings::default()).map(|_| ())).collect();
    assert_eq!(read.iter().filter(|read| read.is_ok()).count(), 1);
    assert_eq!(read[0].unwrap_err().position, one.len());

    // Where LF ends lines, it may be the rest of a text.
    let text = format!("{one}rest of a text\r{two}").replace('\r', "\n");
    let batch = Batch::split(text.as_bytes(), &Settings::default());
    assert!(batch.messages().next().unwrap().parse(&Settings::default()).is_err());
    assert_eq!(split("nothing at all").1, [BatchNoticeKind::Garbage]);
}

proptest! {
    #[test]
    fn all_parts_together_are_the_file(
        lines in proptest::collection::vec("(MSH\\||BHS\\||FHS#|BTS\\|1|FTS|PID\\||\u{b}MSH\\||[A-Z| \u{1c}]{0,5})[a-z|]{0,3}(\r|\n|\r\n|)", 0..12)
    ) {
        split(&lines.concat());
    }
}
