//! What an observation or one of its components found (FHIR R4 `Observation.value[x]` and what judges it).

use mychartum_core::chart::{Interpretation, ReferenceRange, Value};
use mychartum_core::kernel::text::Narrative;
use mychartum_core::kernel::{Concept, PartialDate};

use crate::fhir::read::element::{
    Amount, CodeableConcept, Extension, Many, One, Period, Range, Ratio, Txt, date, element, first_label, label,
    narrative,
};
use crate::phrases::censored;

element! {
    /// The elements that an observation and its components share.
    Found<'a> {
        quantity: Option<Amount<'a>> = "valueQuantity",
        concept: One<CodeableConcept<'a>> = "valueCodeableConcept",
        text: Txt<'a> = "valueString",
        boolean: Txt<'a> = "valueBoolean",
        integer: Txt<'a> = "valueInteger",
        range: One<Range<'a>> = "valueRange",
        ratio: One<Ratio<'a>> = "valueRatio",
        date_time: Txt<'a> = "valueDateTime",
        time: Txt<'a> = "valueTime",
        period: One<Period<'a>> = "valuePeriod",
        samples: One<Samples<'a>> = "valueSampledData",
        text_extension: One<Extended<'a>> = "_valueString",
        absent: One<CodeableConcept<'a>> = "dataAbsentReason",
        interpretation: Many<CodeableConcept<'a>> = "interpretation",
        range_of: Many<RangeElement<'a>> = "referenceRange",
    }
}

element! {
    /// The extensions of a primitive element.
    Extended<'a> {
        extension: Many<Extension<'a>> = "extension",
    }
}

element! {
    /// FHIR `SampledData`: a curve, kept in the original.
    Samples<'a> {
        data: Txt<'a> = "data",
    }
}

element! {
    /// FHIR `Observation.referenceRange`; a lone text in its place is the range in words.
    RangeElement<'a> from (|text| RangeElement { text: Txt(Some(text)), ..RangeElement::default() }) {
        low: Option<Amount<'a>> = "low",
        high: Option<Amount<'a>> = "high",
        kind: Many<CodeableConcept<'a>> = "type",
        applies_to: Many<CodeableConcept<'a>> = "appliesTo",
        text: Txt<'a> = "text",
    }
}

impl Found<'_> {
    /// The value: the first choice that says something, else why there is none.
    pub(super) fn value(&self) -> Value {
        self.stated().or_else(|| self.absence().map(Value::Absent)).unwrap_or_default()
    }

    fn stated(&self) -> Option<Value> {
        let amount = self.quantity.as_ref();
        let words = |text: &str| Narrative::clipped(text).map(Value::Text);
        let concept = self.concept.get().map(CodeableConcept::concept).filter(|concept| !concept.is_empty());
        amount
            .and_then(Amount::quantity)
            .map(Value::Quantity)
            .or_else(|| concept.map(Value::Concept))
            .or_else(|| self.text.get().and_then(censored).map(Value::Quantity))
            .or_else(|| narrative(&self.text).map(Value::Text))
            .or_else(|| self.boolean.flag().map(Value::Boolean))
            .or_else(|| self.integer.parse().map(Value::Integer))
            .or_else(|| self.range.get().and_then(range))
            .or_else(|| self.ratio.get().and_then(ratio))
            .or_else(|| date(&self.date_time).map(Value::When))
            .or_else(|| self.period.get().and_then(period))
            .or_else(|| self.time.get().and_then(words))
            .or_else(|| amount.and_then(Amount::words).and_then(|text| words(&text)))
            .or_else(|| self.samples.get().and_then(|samples| words(samples.data.get()?)))
    }

    fn absence(&self) -> Option<Concept> {
        let reason = self.absent.get().map(CodeableConcept::concept).filter(|concept| !concept.is_empty());
        let extension = self.text_extension.get().and_then(|text| text.extension.iter().find_map(Extension::absent));
        reason.or(extension).or_else(|| self.quantity.as_ref().and_then(Amount::absent))
    }

    /// What the source says of the value: one flag a concept.
    pub(super) fn interpretation(&self) -> Vec<Interpretation> {
        self.interpretation.iter().filter_map(flag).collect()
    }

    /// The ranges that were issued with the value.
    pub(super) fn ranges(&self) -> Vec<ReferenceRange> {
        let all = self.range_of.iter().map(|range| ReferenceRange {
            low: range.low.as_ref().and_then(Amount::quantity),
            high: range.high.as_ref().and_then(Amount::quantity),
            text: label(&range.text),
            applies_to: first_label(&range.applies_to).or_else(|| first_label(&range.kind)),
        });
        all.filter(|range| range.low.is_some() || range.high.is_some() || range.text.is_some()).collect()
    }
}

fn range(range: &Range<'_>) -> Option<Value> {
    let (low, high) = (range.low.quantity(), range.high.quantity());
    (low.is_some() || high.is_some()).then_some(Value::Range { low, high })
}

fn ratio(ratio: &Ratio<'_>) -> Option<Value> {
    Some(Value::Ratio { numerator: ratio.numerator.quantity()?, denominator: ratio.denominator.quantity()? })
}

/// A period has no value of its own in a chart: both its ends in words, or the one there is as a date.
fn period(period: &Period<'_>) -> Option<Value> {
    match (date(&period.start), date(&period.end)) {
        (Some(start), Some(end)) => {
            Narrative::clipped(&format!("{} - {}", start.as_str(), end.as_str())).map(Value::Text)
        }
        (start, end) => start.or(end).map(|at: PartialDate| Value::When(at)),
    }
}

fn flag(concept: &CodeableConcept<'_>) -> Option<Interpretation> {
    let words = |said: &str| match said.to_ascii_lowercase().as_str() {
        "normal" => Interpretation::Normal,
        "high" => Interpretation::High,
        "low" => Interpretation::Low,
        "critical high" | "critically high" => Interpretation::CriticalHigh,
        "critical low" | "critically low" => Interpretation::CriticalLow,
        "abnormal" => Interpretation::Abnormal,
        "positive" => Interpretation::Positive,
        "negative" => Interpretation::Negative,
        "detected" => Interpretation::Detected,
        "not detected" => Interpretation::NotDetected,
        "susceptible" => Interpretation::Susceptible,
        "resistant" => Interpretation::Resistant,
        "indeterminate" => Interpretation::Indeterminate,
        _ => Interpretation::of(said),
    };
    concept.codes().next()?;
    Some(super::coded(Some(concept), words, Interpretation::Other))
}
