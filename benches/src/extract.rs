//! What a portal takes out of a laboratory's message.

use mychartum_adapters::hl7v2::{Message, Segment};

/// Takes out of MSH, PID, OBR, OBX and NTE what is shown, and gives the bytes of all these texts together: a checksum that keeps the
/// compiler from leaving anything out.
#[must_use]
pub fn extract(message: &Message<'_>) -> usize {
    let mut sum = message.control_id().len() + message.code().len() + message.event().len();
    let text =
        |segment: &Segment<'_>, field: usize, component: usize| segment.field(field).component(component).text().len();
    for segment in message.segments() {
        sum += match segment.name() {
            "PID" => {
                let ids = segment
                    .field(3)
                    .repetitions()
                    .map(|id| id.component(1).text().len() + id.component(4).text().len());
                ids.sum::<usize>() + text(&segment, 5, 1) + text(&segment, 5, 2) + text(&segment, 7, 1)
            }
            "OBR" => [1, 2].map(|component| text(&segment, 4, component)).iter().sum::<usize>() + text(&segment, 25, 1),
            "OBX" => {
                let code: usize = [1, 2, 3].map(|component| text(&segment, 3, component)).iter().sum();
                let rest = [2, 5, 7, 8, 11, 14].map(|field| segment.field(field).text().len());
                code + text(&segment, 6, 1) + rest.iter().sum::<usize>()
            }
            "NTE" => segment.field(3).text().len(),
            _ => 0,
        };
    }
    sum
}
