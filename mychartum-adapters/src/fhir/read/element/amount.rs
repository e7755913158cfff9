//! Measured amounts, with their digits as received (FHIR R4 `Quantity`, `Range`, `Ratio`).

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{Comparator, Concept, Decimal, Quantity, Unit};

use crate::phrases::number_and_unit;

use super::datatype::Extension;
use super::lenient::{Many, One, Txt, element, read_object};

element! {
    /// FHIR `Quantity`; a lone number or text in its place is its value.
    QuantityElement<'a> {
        value: Txt<'a> = "value",
        comparator: Txt<'a> = "comparator",
        unit: Txt<'a> = "unit",
        code: Txt<'a> = "code",
        extension: Many<Extension<'a>> = "extension",
        value_extension: One<ValueExtension<'a>> = "_value",
    }
}

element! {
    /// The extensions of a primitive value.
    ValueExtension<'a> {
        extension: Many<Extension<'a>> = "extension",
    }
}

element! {
    /// FHIR `Range`.
    Range<'a> {
        low: Amount<'a> = "low",
        high: Amount<'a> = "high",
    }
}

element! {
    /// FHIR `Ratio`.
    Ratio<'a> {
        numerator: Amount<'a> = "numerator",
        denominator: Amount<'a> = "denominator",
    }
}

/// A FHIR `Quantity`, or a number or text that stands in its place.
#[derive(Default)]
pub(crate) struct Amount<'a>(QuantityElement<'a>);

impl<'de> Deserialize<'de> for Amount<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Taken raw first: a lone number read by its type would become a float.
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        let read = match raw.as_bytes().first() {
            Some(b'{' | b'[') => read_object(raw).ok().flatten().unwrap_or_default(),
            _ => QuantityElement { value: serde_json::from_str(raw).unwrap_or_default(), ..QuantityElement::default() },
        };
        Ok(Self(read))
    }
}

impl Amount<'_> {
    /// The amount, where its value is a number; a sign in front of the number counts as its comparator.
    pub(crate) fn quantity(&self) -> Option<Quantity> {
        let value = self.0.value.get()?;
        let unit = self.unit();
        let comparator = self.0.comparator.get().and_then(Comparator::of);
        if let Ok(value) = value.parse::<Decimal>() {
            return Some(Quantity { value, comparator, unit });
        }
        let read = number_and_unit(value)?;
        let unit = if unit == Unit::default() { read.unit } else { unit };
        Some(Quantity { value: read.value, comparator: read.comparator.or(comparator), unit })
    }

    /// Why there is no amount, where an extension says so.
    pub(crate) fn absent(&self) -> Option<Concept> {
        let inner = self.0.value_extension.get().map(|value| &value.extension);
        self.0.extension.iter().chain(inner.into_iter().flat_map(Many::iter)).find_map(Extension::absent)
    }

    /// The amount in words, where its value is no number.
    pub(crate) fn words(&self) -> Option<Cow<'_, str>> {
        let value = self.0.value.get()?;
        Some(match self.0.unit.get().or(self.0.code.get()) {
            Some(unit) => Cow::Owned(format!("{value} {unit}")),
            None => Cow::Borrowed(value),
        })
    }

    fn unit(&self) -> Unit {
        let code = self.0.code.get();
        let text = self.0.unit.get().filter(|text| Some(*text) != code);
        Unit { code: code.and_then(Label::clipped), text: text.and_then(Label::clipped) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_digits() {
        for (json, expected) in [
            (r#"{"value":5.915434843673958,"unit":"%"}"#, Some("5.915434843673958")),
            (r#"{"value":1E-22}"#, Some("1E-22")),
            (r#"{"value":13.10}"#, Some("13.10")),
            (r#"{"value":"13.10"}"#, Some("13.10")),
            (r#"{"value":"<0.01","code":"ng/mL"}"#, Some("<0.01")),
            (r#"{"value":5,"comparator":">="}"#, Some(">=5")),
            (r#"{"value":{"x":1}}"#, None),
            (r#"{"value":"high"}"#, None),
            (r#"{"unit":"%"}"#, None),
            ("13.10", Some("13.10")),
            (r#""5.4 mg/dL""#, Some("5.4")),
            (r#"[{"value":1.0}]"#, Some("1.0")),
            ("null", None),
            ("true", None),
        ] {
            let amount: Amount<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(amount.quantity().map(|quantity| quantity.as_received()).as_deref(), expected, "{json}");
        }
    }
}
