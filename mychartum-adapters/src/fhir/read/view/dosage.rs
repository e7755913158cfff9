//! FHIR R4 `Dosage`: the prescriber's words, else plain words made from the parts that were sent.

use mychartum_core::kernel::Quantity;
use mychartum_core::kernel::text::{Label, Narrative};

use crate::fhir::read::element::{Amount, CodeableConcept, Many, One, Range, Ratio, Texts, Txt, element, first_label};
use crate::phrases::moment;

element! {
    /// FHIR `Dosage`; a lone text in its place is the whole instruction.
    DosageElement<'a> from (|text| DosageElement { text: Txt(Some(text)), ..DosageElement::default() }) {
        text: Txt<'a> = "text",
        additional: Many<CodeableConcept<'a>> = "additionalInstruction",
        patient: Txt<'a> = "patientInstruction",
        timing: One<TimingElement<'a>> = "timing",
        as_needed: Txt<'a> = "asNeededBoolean",
        as_needed_for: One<CodeableConcept<'a>> = "asNeededCodeableConcept",
        route: Many<CodeableConcept<'a>> = "route",
        site: Many<CodeableConcept<'a>> = "site",
        dose: Many<DoseElement<'a>> = "doseAndRate",
        lone_dose: Option<Amount<'a>> = "doseQuantity",
    }
}

element! {
    /// FHIR `Dosage.doseAndRate`.
    DoseElement<'a> {
        quantity: Option<Amount<'a>> = "doseQuantity",
        range: One<Range<'a>> = "doseRange",
        rate: Option<Amount<'a>> = "rateQuantity",
        rate_ratio: One<Ratio<'a>> = "rateRatio",
    }
}

element! {
    /// FHIR `Timing`.
    TimingElement<'a> {
        repeat: One<RepeatElement<'a>> = "repeat",
        code: Many<CodeableConcept<'a>> = "code",
    }
}

element! {
    /// FHIR `Timing.repeat`.
    RepeatElement<'a> {
        frequency: Txt<'a> = "frequency",
        frequency_max: Txt<'a> = "frequencyMax",
        period: Txt<'a> = "period",
        period_max: Txt<'a> = "periodMax",
        period_unit: Txt<'a> = "periodUnit",
        when: Texts<'a> = "when",
        bounds: Option<Amount<'a>> = "boundsDuration",
    }
}

/// How to take it: what the prescriber wrote, or the parts in plain words; instructions to the patient on their own line.
pub(super) fn dosage(element: &DosageElement<'_>) -> Option<Narrative> {
    let mut said: Vec<String> = match element.text.get() {
        Some(text) => vec![text.to_owned()],
        None => parts(element),
    };
    for more in element.additional.iter().filter_map(CodeableConcept::said) {
        let more = more.as_str();
        if !said.iter().any(|known| known.to_lowercase().contains(&more.to_lowercase())) {
            said.push(more.to_owned());
        }
    }
    let mut lines = vec![said.join(", ")];
    lines.extend(element.patient.get().filter(|patient| lines.iter().all(|line| line != patient)).map(str::to_owned));
    Narrative::clipped(lines.join("\n").trim())
}

/// The words of the first concept that has any.
fn words(concepts: &Many<CodeableConcept<'_>>) -> Option<Label> {
    concepts.iter().find_map(CodeableConcept::said)
}

fn parts(element: &DosageElement<'_>) -> Vec<String> {
    let lone = element.lone_dose.as_ref().and_then(Amount::quantity).map(|dose| dose.for_people());
    let doses = element.dose.iter().filter_map(dose).chain(lone);
    let timing = element.timing.get().and_then(timing);
    let place = [&element.route, &element.site].into_iter().filter_map(words);
    let need = match element.as_needed_for.get().and_then(CodeableConcept::said) {
        Some(reason) => Some(format!("as needed for {}", reason.as_str())),
        None => element.as_needed.flag().filter(|needed| *needed).map(|_| "as needed".to_owned()),
    };
    doses.chain(timing).chain(place.map(|place| place.as_str().to_owned())).chain(need).collect()
}

fn dose(element: &DoseElement<'_>) -> Option<String> {
    let amount = |amount: &Amount<'_>| amount.quantity().as_ref().map(Quantity::for_people);
    let range = || {
        let range = element.range.get()?;
        Some(format!("{} to {}", amount(&range.low)?, amount(&range.high)?))
    };
    let ratio = || {
        let ratio = element.rate_ratio.get()?;
        Some(format!("{} per {}", amount(&ratio.numerator)?, amount(&ratio.denominator)?))
    };
    let rate = element.rate.as_ref().and_then(amount).or_else(ratio).map(|rate| format!("at {rate}"));
    let said = element.quantity.as_ref().and_then(amount).or_else(range).into_iter().chain(rate);
    Some(said.collect::<Vec<_>>().join(" ")).filter(|said| !said.is_empty())
}

fn timing(element: &TimingElement<'_>) -> Option<String> {
    let repeat = element.repeat.get();
    let said: Vec<String> = repeat
        .and_then(often)
        .into_iter()
        .chain(
            repeat
                .into_iter()
                .flat_map(|repeat| repeat.when.0.iter().filter_map(|code| moment(code).map(str::to_owned))),
        )
        .chain(
            repeat
                .and_then(|repeat| repeat.bounds.as_ref()?.quantity())
                .map(|time| format!("for {}", time.for_people())),
        )
        .collect();
    if said.is_empty() { first_label(&element.code).map(|code| code.as_str().to_owned()) } else { Some(said.join(" ")) }
}

/// How often: `twice a day`, `every 8 hours`, `3 to 4 times a day`, `2 times every 3 weeks`.
fn often(repeat: &RepeatElement<'_>) -> Option<String> {
    let unit = match repeat.period_unit.get()? {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "wk" => "week",
        "mo" => "month",
        "a" => "year",
        _ => return None,
    };
    let whole = |text: &Txt<'_>| text.get().map(|text| text.trim_end_matches('0').trim_end_matches('.').to_owned());
    let number = |text: &Txt<'_>| {
        if text.get().is_some_and(|text| text.contains('.')) { whole(text) } else { text.get().map(str::to_owned) }
    };
    let period = number(&repeat.period).unwrap_or_else(|| "1".to_owned());
    let frequency = number(&repeat.frequency).unwrap_or_else(|| "1".to_owned());
    let every = match (number(&repeat.period_max), period.as_str()) {
        (Some(most), least) => format!("every {least} to {most} {unit}s"),
        (None, "1") if frequency == "1" => format!("every {unit}"),
        (None, "1") => format!("a {unit}").replace("a hour", "an hour"),
        (None, more) => format!("every {more} {unit}s"),
    };
    let times = match (number(&repeat.frequency_max), frequency.as_str()) {
        (Some(most), least) => Some(format!("{least} to {most} times")),
        (None, "1") => None,
        (None, "2") if period == "1" => Some("twice".to_owned()),
        (None, more) => Some(format!("{more} times")),
    };
    Some(times.into_iter().chain([every]).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhir::read::element::read_object;

    #[test]
    fn dosages_are_words() {
        for (json, expected) in [
            (r#"{"text":"One tablet daily","route":{"text":"Oral"}}"#, "One tablet daily"),
            (
                r#"{"text":"One daily","additionalInstruction":[{"text":"With food"}],"patientInstruction":"Do not crush"}"#,
                "One daily, With food\nDo not crush",
            ),
            (
                r#"{"timing":{"repeat":{"frequency":1,"period":1.0,"periodUnit":"d"}},"asNeededBoolean":false,"doseAndRate":[{"doseQuantity":{"value":1.0}}]}"#,
                "1.0, every day",
            ),
            (
                r#"{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d","when":["MORN","EVE"]}},"route":{"text":"Oral"},"doseAndRate":{"doseQuantity":{"value":5,"unit":"mL"}},"asNeededBoolean":"true"}"#,
                "5 mL, twice a day in the morning in the evening, Oral, as needed",
            ),
            (r#"{"timing":{"repeat":{"frequency":1,"period":8,"periodUnit":"h"}}}"#, "every 8 hours"),
            (
                r#"{"timing":{"repeat":{"frequency":3,"frequencyMax":4,"period":1,"periodUnit":"d"}}}"#,
                "3 to 4 times a day",
            ),
            (
                r#"{"timing":{"repeat":{"period":4,"periodMax":6,"periodUnit":"h"}},"asNeededCodeableConcept":{"text":"pain"}}"#,
                "every 4 to 6 hours, as needed for pain",
            ),
            (r#"{"timing":{"code":{"text":"BID"}}}"#, "BID"),
            (r#"{"text":"Daily","additionalInstruction":{"coding":{"code":"418639000"}}}"#, "Daily"),
            (r#"{"doseAndRate":[{"doseRange":{"low":{"value":1},"high":{"value":2,"unit":"TAB"}}}]}"#, "1 to 2 TAB"),
            (r#""as directed""#, "as directed"),
        ] {
            let element: DosageElement<'_> = read_object(json).unwrap().unwrap();
            assert_eq!(dosage(&element).unwrap().as_str(), expected);
        }
        assert!(dosage(&DosageElement::default()).is_none());
    }
}
