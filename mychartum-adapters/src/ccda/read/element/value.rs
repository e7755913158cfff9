//! What was found: values, ranges and flags (HL7 v3 `PQ`, `IVL_PQ`, `RTO`, `CD`, `ST`, `ED`, `INT`, `REAL`, `BL`, `TS`).

use mychartum_core::chart::{Interpretation, ReferenceRange, Value};
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::kernel::{Comparator, Quantity, Unit};

use super::concept::{absent, concept};
use super::timestamp::{date, interval};
use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};
use crate::phrases::{censored, decimal};

/// An amount, where there is a number.
pub(crate) fn quantity(node: Xml<'_>) -> Option<Quantity> {
    if node.null().is_some() {
        return None;
    }
    // UCUM writes `1` for "no unit".
    let unit = node.said("unit").filter(|unit| *unit != "1").map_or_else(Unit::default, Unit::of);
    Some(Quantity { value: decimal(node.said("value")?)?, comparator: None, unit })
}

/// An amount in words.
pub(crate) fn words(node: Xml<'_>) -> Option<String> {
    let end = |name| node.at(name).and_then(quantity).map(|end| end.for_people());
    let whole = quantity(node).map(|quantity| quantity.for_people());
    whole.or_else(|| match (end("low"), end("high")) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (low, high) => low.or(high).or_else(|| end("center")),
    })
}

/// The value of an observation, else why there is none.
pub(crate) fn value<'a>(page: &Page<'a>, node: Xml<'a>) -> Value {
    stated(page, node).or_else(|| absent(node).map(Value::Absent)).unwrap_or_default()
}

fn stated<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<Value> {
    let text = |said: String| Narrative::clipped(&said).map(Value::Text);
    let own = || node.said("value").map(str::to_owned).filter(|_| node.null().is_none());
    let declared = node.data_type().unwrap_or_else(|| guessed(node));
    let read = match declared {
        "PQ" | "MO" | "REAL" | "CO" if node.said("code").is_none() => {
            // Without a sound number the value stays in the sender's words.
            let number = quantity(node).map(Value::Quantity);
            number.or_else(|| own().map(|value| with_unit(value, node)).and_then(text))
        }
        "INT" => {
            let number = own().and_then(|value| value.parse().ok()).map(Value::Integer);
            number.or_else(|| quantity(node).map(Value::Quantity)).or_else(|| own().and_then(text))
        }
        "BL" => match node.said("value") {
            Some("true" | "1") => Some(Value::Boolean(true)),
            Some("false" | "0") => Some(Value::Boolean(false)),
            _ => None,
        },
        "TS" => date(node).map(Value::When).or_else(|| own().and_then(text)),
        "IVL_TS" => when(node),
        "IVL_PQ" | "IVL_INT" | "IVL_REAL" | "IVL_MO" => range(node),
        "RTO" | "RTO_PQ_PQ" | "RTO_MO_PQ" | "RTO_QTY_QTY" => {
            let part = |name| node.at(name).and_then(quantity);
            part("numerator")
                .zip(part("denominator"))
                .map(|(numerator, denominator)| Value::Ratio { numerator, denominator })
        }
        "ST" | "ED" | "SC" => page.said(node).or_else(own).and_then(|said| match censored(&said) {
            Some(quantity) => Some(Value::Quantity(quantity)),
            None => text(said),
        }),
        _ => Some(concept(page, node)).filter(|concept| !concept.is_empty()).map(Value::Concept),
    };
    // What was sent in another type than declared, or only as a translation or in the sender's own words.
    read.or_else(|| node.all("translation").find_map(quantity).map(Value::Quantity))
        .or_else(|| node.at("originalText").and_then(|words| page.said(words)).and_then(text))
        .or_else(|| node.at("translation").and_then(|other| page.said(other.at("originalText")?)).and_then(text))
        .or_else(|| node.null().is_none().then(|| page.said(node)).flatten().and_then(text))
}

/// The type of a value that declares none.
fn guessed(node: Xml<'_>) -> &'static str {
    if node.said("code").is_some() {
        "CD"
    } else if node.at("low").is_some() || node.at("high").is_some() {
        "IVL_PQ"
    } else if node.said("value").is_some() {
        "PQ"
    } else if node.text().is_some_and(|text| !text.trim().is_empty()) {
        "ST"
    } else {
        "CD"
    }
}

fn with_unit(value: String, node: Xml<'_>) -> String {
    node.said("unit").map_or(value.clone(), |unit| format!("{value} {unit}"))
}

/// An interval of amounts: with one end only it is a bound, with a point only an amount.
fn range(node: Xml<'_>) -> Option<Value> {
    let end = |name: &'static str| {
        let end = node.at(name)?;
        let open = matches!(end.said("inclusive"), Some("false" | "0"));
        Some((quantity(end)?, open))
    };
    let bound = |quantity: Quantity, comparator| Value::Quantity(Quantity { comparator: Some(comparator), ..quantity });
    match (end("low"), end("high")) {
        (Some((low, _)), Some((high, _))) => Some(Value::Range { low: Some(low), high: Some(high) }),
        (Some((low, open)), None) => Some(bound(low, if open { Comparator::Above } else { Comparator::AtLeast })),
        (None, Some((high, open))) => Some(bound(high, if open { Comparator::Below } else { Comparator::AtMost })),
        (None, None) => node.at("center").and_then(quantity).or_else(|| quantity(node)).map(Value::Quantity),
    }
}

/// An interval of time: both ends in words, or the one there is.
fn when(node: Xml<'_>) -> Option<Value> {
    let read = interval(node);
    match (read.start, read.end) {
        (Some(start), Some(end)) => {
            Narrative::clipped(&format!("{} - {}", start.as_str(), end.as_str())).map(Value::Text)
        }
        (start, end) => start.or(end).map(Value::When),
    }
}

/// What the source says of the value.
pub(crate) fn interpretation(observation: Xml<'_>) -> Vec<Interpretation> {
    let codes = observation.all("interpretationCode").filter(|node| node.null().is_none());
    codes.filter_map(|node| node.said("code").map(Interpretation::of)).collect()
}

/// The ranges that were issued with the value.
pub(crate) fn ranges<'a>(page: &Page<'a>, observation: Xml<'a>) -> Vec<ReferenceRange> {
    let all = observation.all("referenceRange").filter_map(|range| range.at("observationRange"));
    all.filter_map(|range| reference(page, range)).collect()
}

fn reference<'a>(page: &Page<'a>, range: Xml<'a>) -> Option<ReferenceRange> {
    let value = range.at("value");
    let end = |name: &'static str| value.and_then(|value| value.at(name)).and_then(quantity);
    let (low, high) = (end("low"), end("high"));
    let said = range.at("text").and_then(|text| page.label(text));
    let spoken = || match stated(page, value?)? {
        Value::Range { .. } => None,
        other => Label::clipped(&other.for_people()),
    };
    let bounded = low.is_some() || high.is_some();
    let text = said.or_else(|| if bounded { None } else { spoken() });
    let applies_to = ["code", "interpretationCode"].into_iter().find_map(|name| {
        let concept = concept(page, range.at(name)?);
        Label::clipped(concept.codings.iter().find_map(|coding| coding.display.as_ref()).map_or("", Label::as_str))
    });
    let applies_to = applies_to.filter(|kind| !kind.as_str().eq_ignore_ascii_case("normal"));
    (bounded || text.is_some()).then_some(ReferenceRange { low, high, text, applies_to })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    fn shown(xml: &str) -> String {
        with_element(xml, |page, node| match value(page, node) {
            Value::Quantity(quantity) => format!("quantity {} {}", quantity.as_received(), quantity.unit.shown()),
            Value::Concept(concept) => format!("concept {}", concept.shown()),
            Value::Text(text) => format!("text {}", text.as_str()),
            Value::Absent(concept) => format!("absent {}", concept.shown()),
            Value::Unstated => "unstated".to_owned(),
            other => format!("other {}", other.for_people()),
        })
    }

    #[test]
    fn values_of_every_type_are_read() {
        for (xml, expected) in [
            ("<value xsi:type='PQ' value='13.20' unit='g/dL'/>", "quantity 13.20 g/dL"),
            ("<value xsi:type='PQ' value='.5' unit='1'/>", "quantity 0.5 "),
            ("<value xsi:type='PQ' nullFlavor='UNK'/>", "absent unknown"),
            ("<value xsi:type='PQ' unit='mg/dL'/>", "unstated"),
            ("<value xsi:type='PQ' value='high' unit='mg/dL'/>", "text high mg/dL"),
            ("<value xsi:type='PQ' nullFlavor='OTH'><translation value='5.0' unit='x'/></value>", "quantity 5.0 x"),
            (
                "<value xsi:type='PQ' nullFlavor='OTH'><originalText>about five</originalText></value>",
                "text about five",
            ),
            ("<value xsi:type='CD' code='1' codeSystem='1.2' displayName='Yes'/>", "concept Yes"),
            ("<value xsi:type='CO' code='2' codeSystem='1.2'/>", "concept 2"),
            ("<value xsi:type='CD' nullFlavor='ASKU'/>", "absent asked-unknown"),
            ("<value xsi:type='ST'>Negative</value>", "text Negative"),
            ("<value xsi:type='ST'>&lt;0.01 ng/mL</value>", "quantity <0.01 ng/mL"),
            ("<value xsi:type='ED'>free <b>text</b></value>", "text free text"),
            ("<value xsi:type='INT' value='7'/>", "other 7"),
            ("<value xsi:type='REAL' value='7.10'/>", "quantity 7.10 "),
            ("<value xsi:type='BL' value='true'/>", "other yes"),
            ("<value xsi:type='TS' value='201904'/>", "other 2019-04"),
            ("<value xsi:type='IVL_TS'><low value='2019'/><high value='2020'/></value>", "text 2019 - 2020"),
            ("<value xsi:type='IVL_PQ'><low value='1' unit='g'/><high value='2' unit='g'/></value>", "other 1 g - 2 g"),
            ("<value xsi:type='IVL_PQ'><low value='9' unit='g'/></value>", "quantity >=9 g"),
            ("<value xsi:type='IVL_PQ'><high value='9' inclusive='false'/></value>", "quantity <9 "),
            ("<value xsi:type='IVL_PQ'><center value='9'/><width value='2'/></value>", "quantity 9 "),
            ("<value xsi:type='RTO_PQ_PQ'><numerator value='1'/><denominator value='128'/></value>", "other 1:128"),
            ("<value value='5' unit='mg'/>", "quantity 5 mg"),
            ("<value>words</value>", "text words"),
            ("<value/>", "unstated"),
        ] {
            assert_eq!(shown(xml), expected, "{xml}");
        }
    }

    #[test]
    fn ranges_have_numbers_or_words() {
        let read = |inside: &str| {
            let xml = format!(
                "<observation><referenceRange><observationRange>{inside}</observationRange></referenceRange></observation>"
            );
            with_element(&xml, |page, node| {
                let all = ranges(page, node);
                all.first().map(|range| {
                    let end = |end: &Option<Quantity>| end.as_ref().map(Quantity::as_received).unwrap_or_default();
                    let text = range.text.as_ref().map_or("", Label::as_str);
                    format!("{}|{}|{text}", end(&range.low), end(&range.high))
                })
            })
        };
        let both = "<value xsi:type='IVL_PQ'><low value='12.0' unit='g/dL'/><high value='15.50' unit='g/dL'/></value>";
        assert_eq!(read(both).as_deref(), Some("12.0|15.50|"));
        assert_eq!(read("<text>M 13-18; F 12-16</text>").as_deref(), Some("||M 13-18; F 12-16"));
        assert_eq!(read("<value xsi:type='IVL_PQ'><high value='5'/></value>").as_deref(), Some("|5|"));
        assert_eq!(read("<value xsi:type='ST'>negative</value>").as_deref(), Some("||negative"));
        assert_eq!(read("<text nullFlavor='NA'/>"), None);
    }
}
