//! How to take it: the prescriber's words, else plain words made from the parts that were sent.

use mychartum_core::kernel::text::Narrative;

use crate::ccda::read::element::{concept_of, interval, quantity, words};
use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};
use crate::phrases::moment;

/// How to take a medication, with instructions to the patient on their own lines.
pub(super) fn dosage<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<Narrative> {
    let free = node.related().find(|related| related.follows("4.147")).and_then(|sig| page.said(sig.at("text")?));
    let said = free.unwrap_or_else(|| parts(page, node).join(", "));
    let mut lines = vec![said];
    for instruction in node.related().filter(|related| related.follows("4.20")) {
        let more = instruction.at("text").and_then(|text| page.said(text));
        lines.extend(more.filter(|more| !lines.contains(more)));
    }
    Narrative::clipped(lines.join("\n").trim())
}

fn parts<'a>(page: &Page<'a>, node: Xml<'a>) -> Vec<String> {
    let form = concept_of(page, node, "administrationUnitCode");
    let dose = node.at("doseQuantity").and_then(words);
    let dose = dose.map(|dose| format!("{dose} {}", form.shown()).trim().to_owned());
    let rate = node.at("rateQuantity").and_then(words).map(|rate| format!("at {rate}"));
    let often = times(node).filter_map(often);
    let place = |name: &'static str| {
        let concept = concept_of(page, node, name);
        let said = concept.text.or_else(|| concept.codings.into_iter().find_map(|coding| coding.display));
        said.map(|said| said.as_str().to_owned())
    };
    let places = [place("routeCode"), place("approachSiteCode")].into_iter().flatten();
    let span = times(node).flat_map(|time| {
        let span = interval(time);
        let from = span.start.filter(|_| time.at("low").is_some()).map(|from| format!("from {}", from.as_str()));
        [from, span.end.map(|end| format!("until {}", end.as_str()))].into_iter().flatten()
    });
    dose.into_iter()
        .chain(rate)
        .chain(often)
        .chain(places)
        .chain(need(page, node))
        .chain(most(node))
        .chain(span)
        .collect()
}

/// The times of an administration, those inside a set of times too.
fn times<'a>(node: Xml<'a>) -> impl Iterator<Item = Xml<'a>> {
    node.all("effectiveTime").flat_map(|time| core::iter::once(time).chain(time.all("comp")))
}

/// How often: `every 6 hours`, `every 4 to 6 hours`, `before meals` (HL7 v3 `PIVL_TS`, `EIVL_TS`).
fn often(time: Xml<'_>) -> Option<String> {
    if let Some(event) = time.at("event") {
        return moment(event.said("code")?).map(str::to_owned);
    }
    let period = time.at("period")?;
    let unit = |node: Xml<'_>| {
        Some(match node.said("unit")? {
            "s" => "second",
            "min" => "minute",
            "h" => "hour",
            "d" => "day",
            "wk" => "week",
            "mo" => "month",
            "a" => "year",
            _ => return None,
        })
    };
    let number = |node: Xml<'_>| {
        let said = quantity(node)?.value.as_str().to_owned();
        Some(if said.contains('.') { said.trim_end_matches('0').trim_end_matches('.').to_owned() } else { said })
    };
    if let (Some(low), Some(high)) = (period.at("low"), period.at("high")) {
        return Some(format!("every {} to {} {}s", number(low)?, number(high)?, unit(high)?));
    }
    Some(match number(period)?.as_str() {
        "1" => format!("every {}", unit(period)?),
        more => format!("every {more} {}s", unit(period)?),
    })
}

/// Whether and what for it is only taken when needed (template Precondition for Substance Administration).
fn need<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<String> {
    let criterion = node.path("precondition/criterion")?;
    let value = concept_of(page, criterion, "value");
    let said = if value.is_empty() { concept_of(page, criterion, "code") } else { value };
    let words = said.text.or_else(|| said.codings.into_iter().find_map(|coding| coding.display));
    Some(words.map_or_else(|| "as needed".to_owned(), |words| format!("as needed for {}", words.as_str())))
}

/// The most in a time.
fn most(node: Xml<'_>) -> Option<String> {
    let ratio = node.at("maxDoseQuantity")?;
    let part = |name| Some(quantity(ratio.at(name)?)?.for_people());
    Some(format!("no more than {} in {}", part("numerator")?, part("denominator")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    #[test]
    fn dosages_are_words() {
        let sig = "<entryRelationship><substanceAdministration><templateId root='2.16.840.1.113883.10.20.22.4.147'/><text>One tablet daily</text></substanceAdministration></entryRelationship>";
        let instruction = "<entryRelationship><act><templateId root='2.16.840.1.113883.10.20.22.4.20'/><text>Do not crush</text></act></entryRelationship>";
        for (inside, expected) in [
            (
                "<effectiveTime xsi:type='IVL_TS'><low value='20110103'/></effectiveTime><effectiveTime xsi:type='PIVL_TS' operator='A'><period value='6' unit='h'/></effectiveTime>\
                <routeCode code='C38216' displayName='Inhalation'/><doseQuantity value='2'/><administrationUnitCode code='PUFF' displayName='Puff'/>",
                "2 Puff, every 6 hours, Inhalation, from 2011-01-03",
            ),
            ("<effectiveTime><low value='2011'/><high value='2012'/></effectiveTime>", "from 2011, until 2012"),
            (
                "<effectiveTime><period><low value='4' unit='h'/><high value='6' unit='h'/></period></effectiveTime>",
                "every 4 to 6 hours",
            ),
            ("<effectiveTime><period value='1.0' unit='d'/></effectiveTime>", "every day"),
            ("<effectiveTime xsi:type='EIVL_TS'><event code='AC'/></effectiveTime>", "before meals"),
            (
                "<effectiveTime xsi:type='SXPR_TS'><comp><event code='MORN'/></comp><comp><event code='EVE'/></comp></effectiveTime>",
                "in the morning, in the evening",
            ),
            (
                "<doseQuantity><low value='1'/><high value='2'/></doseQuantity><precondition><criterion><value xsi:type='CD' code='1' displayName='wheezing'/></criterion></precondition>",
                "1 to 2, as needed for wheezing",
            ),
            ("<doseQuantity value='5' unit='mL'/><precondition><criterion/></precondition>", "5 mL, as needed"),
            (
                "<maxDoseQuantity><numerator value='6'/><denominator value='24' unit='h'/></maxDoseQuantity>",
                "no more than 6 in 24 h",
            ),
            ("<rateQuantity value='90' unit='mL/h'/>", "at 90 mL/h"),
            ("<doseQuantity nullFlavor='NA'/><routeCode nullFlavor='NA'/><effectiveTime value='2012'/>", ""),
            (sig, "One tablet daily"),
            (&format!("{sig}<doseQuantity value='9'/>{instruction}"), "One tablet daily\nDo not crush"),
        ] {
            let xml = format!("<substanceAdministration>{inside}</substanceAdministration>");
            let read = with_element(&xml, |page, node| dosage(page, node).map(|dosage| dosage.as_str().to_owned()));
            assert_eq!(read.unwrap_or_default(), expected, "{inside}");
        }
    }
}
