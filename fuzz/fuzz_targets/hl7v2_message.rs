//! Any bytes as a message, and as a file of messages.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mychartum_adapters::hl7v2::{Acknowledgement, Batch, Disposition, Message, Settings, Stamp, Terminators};

fuzz_target!(|bytes: &[u8]| {
    for terminators in [Terminators::AsFound, Terminators::CrAndLf] {
        let settings = Settings { terminators, ..Settings::default() };
        check(bytes, &settings);
        let batch = Batch::split(bytes, &settings);
        let together: Vec<u8> = batch.parts().iter().flat_map(|part| part.bytes).copied().collect();
        assert_eq!(together, bytes);
        batch.messages().for_each(|part| check(part.bytes, &settings));
    }
});

fn check(bytes: &[u8], settings: &Settings) {
    let stamp = Stamp { time: Default::default(), control_id: "1" };
    let answer = match Message::parse(bytes, settings) {
        Ok(message) => {
            let mut written = Vec::new();
            message.write_to(&mut written);
            assert_eq!(written, bytes);
            for segment in message.segments() {
                for number in 1..=segment.fields() {
                    let field = segment.field(number);
                    drop(field.text());
                    for value in field.repetitions() {
                        value.components().for_each(|part| part.subcomponents().for_each(|part| drop(part.given())));
                    }
                }
            }
            Acknowledgement::of(&message, Disposition::Failed, stamp)
        }
        Err(error) => {
            assert!(error.position <= bytes.len());
            Acknowledgement::of_unreadable(bytes, error, settings, stamp)
        }
    };
    for frame in answer.into_frames() {
        assert!(Message::parse(&frame, &Settings::default()).unwrap().is_answer());
    }
}
