//! Values and ranges as people read them, with the digits as received one tap away.

use maud::{Markup, html};
use mychartum_core::chart::{Observation, ReferenceRange, Value};
use mychartum_core::kernel::{Decimal, Quantity};

use super::date;
use crate::words::{fill, say};

/// A value in words and rounded numbers; what is missing is said to be missing, and why.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::Boolean(yes) => say(if *yes { "value.yes" } else { "value.no" }).to_owned(),
        Value::When(at) => date::words(at),
        Value::Absent(why) if why.is_empty() => say("value.none").to_owned(),
        Value::Absent(why) => fill("value.absent", &[("why", why.shown())]),
        Value::Range { low: Some(low), high: Some(high) } => between(low, high),
        Value::Unstated => say("value.none").to_owned(),
        other => other.for_people(),
    }
}

/// A value for a list: its number large and its unit quiet.
pub(crate) fn shown(value: &Value) -> Markup {
    match value.quantity() {
        Some(amount) => html! {
            span.number { (amount.comparator.map_or("", |bound| bound.sign())) (amount.value.for_people()) }
            @if !amount.unit.shown().is_empty() { " " span.unit { (unit(amount)) } }
        },
        None => html! { span.answer { (words(value)) } },
    }
}

/// The class of a value in a list: a text of more than a few words gets a line of its own.
pub(crate) fn class(value: &Value) -> &'static str {
    let is_long = value.quantity().is_none() && words(value).chars().count() > 22;
    if is_long { "value long" } else { "value" }
}

/// The value of an observation for a list: its own, or those of its parts.
pub(crate) fn of_observation(observation: &Observation) -> Markup {
    let is_panel = matches!(observation.value, Value::Unstated) && !observation.components.is_empty();
    if !is_panel {
        return shown(&observation.value);
    }
    match pressure(observation) {
        Some(pressure) => html! { span.number { (pressure.0) } " " span.unit { (pressure.1) } },
        None => html! { span.answer { (crate::words::count("count.parts", observation.components.len())) } },
    }
}

/// A blood pressure as people say it, `128/82`, with its unit.
pub(crate) fn pressure(observation: &Observation) -> Option<(String, String)> {
    use mychartum_core::chart::VitalSign;
    let systolic = observation.measured(VitalSign::SYSTOLIC)?.0.quantity()?;
    let diastolic = observation.measured(VitalSign::DIASTOLIC)?.0.quantity()?;
    let number = |amount: &Quantity| {
        format!("{}{}", amount.comparator.map_or("", |bound| bound.sign()), amount.value.for_people())
    };
    let same = systolic.unit.key() == diastolic.unit.key();
    same.then(|| (format!("{}/{}", number(systolic), number(diastolic)), unit(systolic).to_owned()))
}

/// The unit as people read it: the usual writing of a few UCUM codes and their spellings, else as it was sent.
pub(crate) fn unit(amount: &Quantity) -> &str {
    match amount.unit.key() {
        "mm[Hg]" => "mmHg",
        "Cel" => "\u{b0}C",
        "[degF]" => "\u{b0}F",
        "10*3/uL" => "\u{d7}10\u{b3}/\u{b5}L",
        "10*6/uL" => "\u{d7}10\u{2076}/\u{b5}L",
        "mL/min/{1.73_m2}" => "mL/min/1.73 m\u{b2}",
        "kg/m2" => "kg/m\u{b2}",
        "[lb_av]" => "lb",
        "[in_i]" => "in",
        "/min" => "per minute",
        "{score}" | "1" => "",
        _ => amount.unit.shown(),
    }
}

/// A range in words, as the laboratory gave it; `None` where it says nothing.
pub(crate) fn range(range: &ReferenceRange) -> Option<String> {
    let amount = |end: &Quantity| joined(&end.value, unit(end));
    let words = match (&range.low, &range.high) {
        (Some(low), Some(high)) => between(low, high),
        (Some(low), None) => fill("range.from", &[("low", &amount(low))]),
        (None, Some(high)) => fill("range.to", &[("high", &amount(high))]),
        (None, None) => range.text.as_ref()?.as_str().to_owned(),
    };
    Some(match &range.applies_to {
        Some(whom) => fill("range.for", &[("range", &words), ("whom", whom.as_str())]),
        None => words,
    })
}

fn between(low: &Quantity, high: &Quantity) -> String {
    if low.unit.key() == high.unit.key() {
        joined_text(&format!("{} to {}", low.value.for_people(), high.value.for_people()), unit(high))
    } else {
        format!("{} to {}", joined(&low.value, unit(low)), joined(&high.value, unit(high)))
    }
}

fn joined(number: &Decimal, unit: &str) -> String {
    joined_text(&number.for_people(), unit)
}

fn joined_text(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use mychartum_core::kernel::{Comparator, Unit};

    use super::*;

    fn amount(number: &str, code: &str) -> Quantity {
        Quantity { value: number.parse().unwrap(), comparator: None, unit: Unit::of(code) }
    }

    #[test]
    fn a_range_is_said_as_the_laboratory_gave_it() {
        let both = ReferenceRange {
            low: Some(amount("3.50", "mmol/L")),
            high: Some(amount("5.1", "mmol/L")),
            ..ReferenceRange::default()
        };
        assert_eq!(range(&both).as_deref(), Some("3.50 to 5.1 mmol/L"));
        let low = ReferenceRange { low: both.low.clone(), ..ReferenceRange::default() };
        assert_eq!(range(&low).as_deref(), Some("3.50 mmol/L or more"));
        assert_eq!(range(&ReferenceRange::default()), None);
    }

    #[test]
    fn a_censored_value_keeps_its_sign() {
        let value = Value::Quantity(Quantity { comparator: Some(Comparator::Below), ..amount("0.010", "ng/mL") });
        assert_eq!(
            shown(&value).into_string(),
            "<span class=\"number\">&lt;0.010</span> <span class=\"unit\">ng/mL</span>"
        );
    }

    #[test]
    fn what_is_missing_is_said_to_be() {
        assert_eq!(words(&Value::Unstated), "No value given");
        assert_eq!(words(&Value::Boolean(false)), "No");
    }
}
