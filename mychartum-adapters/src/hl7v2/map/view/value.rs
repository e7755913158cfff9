//! What was found (OBX-5), read as its type says (OBX-2).

use mychartum_core::chart::Value;
use mychartum_core::kernel::Unit;
use mychartum_core::kernel::text::Narrative;

use crate::hl7v2::Segment;
use crate::hl7v2::map::element::{amount, concept, lines, structured, time};
use crate::hl7v2::map::scene::Scene;
use crate::phrases::censored;

/// The value of a result. What does not fit its type stays in the sender's words; nothing is made a number that is none.
pub(crate) fn value(scene: &Scene<'_>, obx: &Segment<'_>, unit: &Unit) -> Value {
    let field = obx.field(5);
    if field.is_absent() || field.is_null() {
        return Value::Unstated;
    }
    let text = |said: Option<String>| said.and_then(|said| Narrative::clipped(&said)).map(Value::Text);
    let several = field.repetitions().count() > 1;
    let kind = obx.field(2).text().trim().to_ascii_uppercase();
    let read = match kind.as_str() {
        "NM" if !several => amount(&field.text(), unit).map(Value::Quantity),
        "SN" if !several => structured(&field.repetition(1), unit),
        "CE" | "CWE" | "CNE" | "CF" | "IS" | "ID" | "CNN" if several => {
            let all: Vec<String> = field.repetitions().map(|one| concept(&one).shown().to_owned()).collect();
            text(Some(all.join(", ")))
        }
        "CE" | "CWE" | "CNE" | "CF" => {
            Some(concept(&field.repetition(1))).filter(|concept| !concept.is_empty()).map(Value::Concept)
        }
        "DT" | "TS" | "DTM" if !several => time(field, scene.settings.zone).map(Value::When),
        "ST" | "TX" | "FT" | "" if !several => censored(&field.text()).map(|amount| {
            let own = amount.unit.shown().is_empty();
            Value::Quantity(if own {
                mychartum_core::kernel::Quantity { unit: unit.clone(), ..amount }
            } else {
                amount
            })
        }),
        _ => None,
    };
    read.or_else(|| text(in_words(&kind, obx))).unwrap_or_default()
}

/// The value in words: texts whole, other types without their separators.
fn in_words(kind: &str, obx: &Segment<'_>) -> Option<String> {
    let field = obx.field(5);
    if matches!(kind, "ST" | "TX" | "FT" | "NM" | "") {
        return lines(field);
    }
    let said = |one: crate::hl7v2::Repetition<'_>| {
        let parts: Vec<String> =
            one.components().filter_map(|part| part.value().map(|text| text.trim().to_owned())).collect();
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let all: Vec<String> = field.repetitions().map(said).collect();
    Some(all.join("\n")).filter(|text| !text.trim().is_empty())
}
