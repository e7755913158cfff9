//! Amounts, ranges and flags (HL7 v2 `NM`, `SN`, OBX-7, OBX-8).

use mychartum_core::chart::{Interpretation, ReferenceRange, Value};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{Comparator, Quantity, Unit};

use crate::hl7v2::{Field, Repetition};
use crate::phrases::{decimal, number_and_unit};

/// A number with the unit of its segment: `5.4`, `<0.01`. Anything else is not made a number.
pub(crate) fn amount(text: &str, unit: &Unit) -> Option<Quantity> {
    let text = text.trim();
    let plain = decimal(text).map(|value| Quantity { value, comparator: None, unit: unit.clone() });
    plain.or_else(|| {
        let censored = number_and_unit(text).filter(|amount| amount.comparator.is_some())?;
        let own = censored.unit.clone();
        match (own.shown().is_empty(), unit.shown().is_empty()) {
            (true, _) => Some(Quantity { unit: unit.clone(), ..censored }),
            (false, true) => Some(censored),
            (false, false) => (own.key() == unit.key()).then(|| Quantity { unit: unit.clone(), ..censored }),
        }
    })
}

/// A structured number: `>^100`, `^1^:^128`, `^10^-^20` (HL7 v2.9 section 2A.2.70).
pub(crate) fn structured(element: &Repetition<'_>, unit: &Unit) -> Option<Value> {
    let part = |number| element.component(number).value().map(|text| text.trim().to_owned());
    let number = |text: &str| decimal(text).map(|value| Quantity { value, comparator: None, unit: unit.clone() });
    let sign = part(1).unwrap_or_default();
    let (first, between, second) = (part(2), part(3).unwrap_or_default(), part(4));
    // Some senders put the sign one place to the right.
    if let (true, Some(sign), None) = (sign.is_empty(), first.as_deref().and_then(Comparator::of), &second) {
        return number(&between).map(|amount| Value::Quantity(Quantity { comparator: Some(sign), ..amount }));
    }
    let first = number(first.as_deref()?)?;
    match (sign.as_str(), between.as_str(), second) {
        ("" | "=", "", None) => Some(Value::Quantity(first)),
        (sign, "", None) => {
            Comparator::of(sign).map(|sign| Value::Quantity(Quantity { comparator: Some(sign), ..first }))
        }
        ("" | "=", "-", Some(second)) => Some(Value::Range { low: Some(first), high: Some(number(&second)?) }),
        ("" | "=", ":" | "/", Some(second)) => Some(Value::Ratio { numerator: first, denominator: number(&second)? }),
        _ => None,
    }
}

/// The range that came with the value (OBX-7): two numbers where it is nothing else, an open end, or the text as sent.
pub(crate) fn ranges(field: Field<'_>, unit: &Unit) -> Vec<ReferenceRange> {
    field.repetitions().filter_map(|range| reference(range.value()?.trim(), unit)).collect()
}

fn reference(text: &str, unit: &Unit) -> Option<ReferenceRange> {
    let number =
        |text: &str| decimal(text.trim()).map(|value| Quantity { value, comparator: None, unit: unit.clone() });
    // The first hyphen behind a digit separates; one before a number is its sign.
    let cut = text.char_indices().skip(1).find(|(_, sign)| *sign == '-').map(|(at, _)| text.split_at(at));
    let ends = cut.and_then(|(low, high)| Some((number(low)?, number(high.strip_prefix('-')?)?)));
    if let Some((low, high)) = ends {
        return Some(ReferenceRange { low: Some(low), high: Some(high), ..ReferenceRange::default() });
    }
    // Ends that a value may reach. `<5` excludes 5, which two numbers cannot say: it stays text.
    let open = |signs: [&str; 2]| signs.into_iter().find_map(|sign| number(text.strip_prefix(sign)?));
    let (low, high) = (open([">=", "≥"]), open(["<=", "≤"]));
    let bounded = low.is_some() || high.is_some();
    let text = if bounded { None } else { Label::clipped(text) };
    (bounded || text.is_some()).then_some(ReferenceRange { low, high, text, applies_to: None })
}

/// What the source says of the value (OBX-8, HL7 table 0078). No flag is no statement that all is well.
pub(crate) fn interpretation(field: Field<'_>) -> Vec<Interpretation> {
    let mut all: Vec<Interpretation> = Vec::new();
    for flag in field.repetitions().filter_map(|flag| flag.component(1).value()) {
        let flag = Interpretation::of(&flag);
        if !all.contains(&flag) {
            all.push(flag);
        }
    }
    all
}
