//! Ten thousand damaged messages of all types: none panics, and no segment of any is lost.

use mychartum_core::sync::Reading;

use super::message::{ROUTING, parcels_of};
use super::settings::{Introduce, SourceSettings};
use crate::hl7v2::mutation_tests::{Dice, damage};
use crate::hl7v2::{Message, ProcessingPolicy};

const HEAD: &str = "MSH|^~\\&|LAB|RIV|||20260301101500-0600||";
const PID: &str = "|77|P|2.5.1\rPID|1||0042^^^RIV^MR~9^^^USSSA^SS||Canary^Ada||19750501|F\rPD1|1\rARV|1|A|HIV\rPV1|1|O|C^1^2||||7^Doe^Jo||||||||||||V1\rPV2|1||r\rPRT|1|AD\r";

const SHAPES: [(&str, &str); 7] = [
    (
        "ORU^R01",
        "ORC|RE||9||||||||||||||||||||||||||R\rOBR|1||9|5^P^L|||20260228||||||||||||||||||F\rNTE|1||note\r\
      OBX|1|NM|1^N^L||<5.0|mg/dL|1-9|H|||F\rOBX|2|TX|2^T^L||a\rOBX|3|TX|2^T^L||b\rOBX|4|ED|3^F^L||^^^Base64^QUJD\rSPM|1|||BLD\rNK1|1|x\r",
    ),
    ("ADT^A08", "AL1|1||x\rDG1|1||y\rIN1|1|z\r"),
    (
        "SIU^S12",
        "SCH|1|2||||a^b^L|||10|min\rTQ1|||||||20260301|20260302\rAIS|1||5^S^L|20260301\rNTE|1||staff\rAIL|1||R^1\r",
    ),
    (
        "VXU^V04",
        "ORC|RE||7\rRXA|0|1|20250901||140^Flu^CVX|999|mL||||||||L1|||||CP|A\rRXR|IM|LA\rOBX|1|CE|30973-2^D^LN||1\rORC|RE||8\rRXA|0|1|x||x\r",
    ),
    ("RDE^O11", "ORC|NW|P1\rRXE||88^T^L|1||t^t|T|Take one.|||||PRN\rRXR|PO\rNTE|1||n\rORC|DC|P2\rRXO|9^U^L\r"),
    (
        "MDM^T10",
        "TXA|1|DS|TX|20260101||||||||D1^A|D0^A||||AU\rOBX|1|TX|1^N^L||Drink.\rOBX|2|ED|1^N^L||^a^pdf^Base64^JVBERi\r",
    ),
    ("ADT^A40", "MRG|2^^^A^MR\r"),
];

#[test]
fn no_segment_of_ten_thousand_damaged_messages_is_lost() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut settings = SourceSettings::in_zone("America/Chicago".parse().unwrap());
    settings.processing = ProcessingPolicy::Anything;
    let (mut filed, mut aside) = (0u32, 0u32);
    for round in 0..10_000 {
        let (kind, segments) = SHAPES[round % SHAPES.len()];
        settings.introduce = if round % 2 == 0 { Introduce::AnyMessage } else { Introduce::OnlyAdt };
        let mut bytes = format!("{HEAD}{kind}{PID}{segments}").into_bytes();
        if round >= SHAPES.len() * 2 {
            damage(&mut bytes, &mut dice);
        }
        let Ok(message) = Message::parse(&bytes, &settings.grammar) else { continue };
        let parcels = parcels_of(&message, &settings, 0, 0);
        for (number, parcel) in parcels.iter().enumerate() {
            assert_eq!(parcel.place.entry, Some(number as u64));
            match parcel.reading {
                Reading::Item { .. } => filed += 1,
                _ => aside += 1,
            }
        }
        for segment in message.segments().filter(|segment| !ROUTING.iter().any(|name| segment.is(name))) {
            let raw = segment.raw();
            let holds = |original: &[u8]| memchr::memmem::find(original, raw).is_some();
            assert!(parcels.iter().any(|parcel| holds(&parcel.original)), "{kind} {}", segment.name());
        }
    }
    // Both happen often, or the damage is not worth its name.
    assert!(filed > 5_000 && aside > 2_000, "{filed} {aside}");
}
