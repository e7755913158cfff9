//! Ten thousand damaged messages: none panics, none is read in part.

use super::{Acknowledgement, Batch, Disposition, ErrorCondition, Message, ParseError, Settings, Stamp};

const SHAPES: [&[u8]; 4] = [
    b"MSH|^~\\&|LAB|RIV|PORTAL||20260301||ORU^R01^ORU_R01|77|P|2.5.1\rPID|1||0042^^^RIV&1.2&ISO^MR~9||Doe^Jane\r\
      OBR|1||F77|24323-8^CMP^LN|||20260301\rOBX|1|NM|2345-7^Glucose^LN||5.4|mmol/L|3.9-5.5|N|||F\rNTE|1||a \\T\\ b\\.br\\c\r",
    b"FHS|^~\\&|A\nBHS|^~\\&|A\nMSH|^~\\&#|A|||||||1|T|2.3|||AL|NE\nPID|\"\"\nBTS|1\nFTS|1\n",
    b"\xef\xbb\xbfMSH|^~\\&|A|B|C|D|E||ADT^A01|1|P|2.4||||||8859/1\r\nPID|Jos\xe9|\\XE9\\\r\n",
    b"\x0bMSH|^~\\&|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|~ISO IR87\rPID|\x1b$B;3ED\x1b(B\r\x1c\r",
];

/// Numbers that are the same in every run (xorshift).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }
}

pub(super) fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const BYTES: &[u8] = b"|^~\\&\r\n\"\x0b\x1c\x00\xe9\xffMSHX.";
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len());
        match dice.below(5) {
            0 => bytes.insert(at, BYTES[dice.below(BYTES.len())]),
            1 if !bytes.is_empty() => drop(bytes.remove(at)),
            2 if !bytes.is_empty() => bytes[at] = BYTES[dice.below(BYTES.len())],
            3 => bytes.truncate(at),
            _ => {
                let to = at + dice.below(bytes.len() - at);
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
}

#[test]
fn ten_thousand_damaged_messages() {
    let (mut dice, mut read, mut refused) = (Dice(0x9e37_79b9_7f4a_7c15), 0, 0);
    let settings = Settings::default();
    let stamp = Stamp { time: chrono::DateTime::UNIX_EPOCH, control_id: "1" };
    for round in 0..10_000 {
        let mut bytes = SHAPES[round % SHAPES.len()].to_vec();
        damage(&mut bytes, &mut dice);
        let batch = Batch::split(&bytes, &settings);
        let parts: Vec<u8> = batch.parts().iter().flat_map(|part| part.bytes).copied().collect();
        assert_eq!(parts, bytes);
        for part in batch.messages() {
            match part.parse(&settings) {
                Ok(message) => {
                    read += 1;
                    whole(&message, part.bytes);
                    let refuse = Disposition::Refused(ErrorCondition::DataType, None);
                    drop(Acknowledgement::of(&message, refuse, stamp));
                }
                Err(error) => {
                    refused += 1;
                    unread(part.bytes, error, &settings, stamp);
                }
            }
        }
    }
    // Both happen often, or the damage is not worth its name.
    assert!(read > 2_000 && refused > 500, "{read} {refused}");
}

/// Every byte of a message that was read is written again, and every part of it says something.
fn whole(message: &Message<'_>, bytes: &[u8]) {
    let mut written = Vec::new();
    message.write_to(&mut written);
    assert_eq!(written, bytes);
    for segment in message.segments() {
        for number in 1..=segment.fields() {
            let field = segment.field(number);
            drop(field.text());
            for value in field.repetitions() {
                value.components().for_each(|component| component.subcomponents().for_each(|part| drop(part.given())));
            }
        }
    }
}

fn unread(bytes: &[u8], error: ParseError, settings: &Settings, stamp: Stamp<'_>) {
    for frame in Acknowledgement::of_unreadable(bytes, error, settings, stamp).into_frames() {
        assert!(Message::parse(&frame, settings).unwrap().is_answer());
    }
}
