//! Points and intervals in time (HL7 v3 `TS`, `IVL_TS`), as precise as they were given.

use mychartum_core::kernel::PartialDate;

use crate::ccda::read::xml::{Reach, Xml};

/// A date or time of HL7: `YYYY[MM[DD[HHMM[SS[.S...]]]]][+-ZZzz]`; written as FHIR writes it, digit for digit.
///
/// An hour without minutes cannot be told without inventing some: the day is kept. Offsets of dates without a time are dropped.
pub(crate) fn time(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    let (clock, offset) = match text.rfind(['+', '-', 'Z', 'z']).filter(|at| *at >= 8 && !text.contains(':')) {
        Some(at) => text.split_at_checked(at)?,
        None => (text, ""),
    };
    let (digits, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // Some senders write dates as FHIR and XML Schema do.
        return text.parse().ok();
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    let date = match digits.len() {
        4 | 5 => part(0, 4)?.to_owned(),
        6 | 7 => format!("{}-{}", part(0, 4)?, part(4, 6)?),
        8.. => format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?),
        _ => return None,
    };
    if digits.len() < 12 {
        return date.parse().ok();
    }
    let mut written = format!("{date}T{}:{}", part(8, 10)?, part(10, 12)?);
    if let Some(seconds) = part(12, 14) {
        written.push(':');
        written.push_str(seconds);
        if !fraction.is_empty() {
            written.push('.');
            written.push_str(fraction);
        }
    }
    written.push_str(&zone(offset)?);
    written.parse().ok()
}

/// An offset with a colon between hours and minutes.
fn zone(offset: &str) -> Option<String> {
    Some(match offset.len() {
        0 => String::new(),
        1 => "Z".to_owned(),
        3 => format!("{offset}:00"),
        _ => format!("{}:{}", offset.get(..3)?, offset.get(3..)?.trim_start_matches(':')),
    })
}

/// The time in an element's `value`, unless it says that there is none.
pub(crate) fn date(node: Xml<'_>) -> Option<PartialDate> {
    if node.null().is_some() { None } else { node.said("value").and_then(time) }
}

/// An interval, or the one point that there is.
#[derive(Default)]
pub(crate) struct Interval {
    /// Its low end, else its only point or its centre.
    pub(crate) start: Option<PartialDate>,
    /// Its high end.
    pub(crate) end: Option<PartialDate>,
    /// Whether a high end was stated, though perhaps not known.
    pub(crate) ended: bool,
}

/// Reads an interval, or a single point in its place.
pub(crate) fn interval(node: Xml<'_>) -> Interval {
    let high = node.at("high");
    let point = date(node).or_else(|| node.at("low").and_then(date)).or_else(|| node.at("center").and_then(date));
    Interval {
        start: point,
        end: high.and_then(date),
        ended: high.is_some_and(|high| date(high).is_some() || matches!(high.null(), Some("UNK"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;
    use proptest::prelude::*;

    #[test]
    fn times_are_as_precise_as_given() {
        for (text, expected) in [
            ("2019", Some("2019")),
            ("201904", Some("2019-04")),
            ("20190402", Some("2019-04-02")),
            ("20190402-0500", Some("2019-04-02")),
            ("2019040205", Some("2019-04-02")),
            ("200803190830-0800", Some("2008-03-19T08:30-08:00")),
            ("20140416115439+0500", Some("2014-04-16T11:54:39+05:00")),
            ("20140416115439.123+05", Some("2014-04-16T11:54:39.123+05:00")),
            ("20140416115439Z", Some("2014-04-16T11:54:39Z")),
            ("20140416115439", Some("2014-04-16T11:54:39")),
            ("2014-04-16", Some("2014-04-16")),
            ("2014-04-16T11:54:39-05:00", Some("2014-04-16T11:54:39-05:00")),
            (" 2019 ", Some("2019")),
            ("00000000", None),
            ("20191301", None),
            ("19", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(time(text).as_ref().map(PartialDate::as_str), expected, "{text}");
        }
    }

    #[test]
    fn intervals_have_ends() {
        for (xml, start, end, ended) in [
            ("<t value='2019'/>", Some("2019"), None, false),
            ("<t><low value='2019'/><high value='2020'/></t>", Some("2019"), Some("2020"), true),
            ("<t><low nullFlavor='UNK'/><high nullFlavor='UNK'/></t>", None, None, true),
            ("<t><low value='2019'/><high nullFlavor='NI'/></t>", Some("2019"), None, false),
            ("<t><center value='201904'/><width value='1' unit='d'/></t>", Some("2019-04"), None, false),
            ("<t nullFlavor='UNK'/>", None, None, false),
        ] {
            let found = with_element(xml, |_, node| {
                let read = interval(node);
                let text = |date: Option<PartialDate>| date.map(|date| date.as_str().to_owned());
                (text(read.start), text(read.end), read.ended)
            });
            assert_eq!(found, (start.map(str::to_owned), end.map(str::to_owned), ended), "{xml}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9.+:TZé-]{0,24}") {
            let _ = time(&text);
        }
    }
}
