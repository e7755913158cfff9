//! Names, addresses and ways to reach people (HL7 v3 `PN`, `AD`, `TEL`).

use mychartum_core::chart::{Contact, PersonName};
use mychartum_core::kernel::text::Label;

use crate::ccda::read::page::Page;
use crate::ccda::read::xml::{Reach, Xml};

/// A person's name. Names to be called by (`CL`) stand apart from those that are official.
pub(crate) fn name<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<PersonName> {
    if node.null().is_some() {
        return None;
    }
    let parts = |name: &'static str| -> Vec<Label> {
        let all = node.all(name).filter(|part| part.null().is_none() && !qualified(*part, "CL"));
        all.filter_map(|part| page.label(part)).collect()
    };
    let family: Vec<Label> = parts("family");
    let family = family.iter().map(Label::as_str).collect::<Vec<_>>().join(" ");
    let mut name = PersonName {
        usage: usage(node),
        text: None,
        given: parts("given"),
        family: Label::clipped(&family),
        prefix: parts("prefix"),
        suffix: parts("suffix"),
    };
    if name.given.is_empty() && name.family.is_none() {
        name.text = page.label(node);
    }
    (name.text.is_some() || !name.given.is_empty() || name.family.is_some()).then_some(name)
}

/// What a name is used for, in FHIR's words (HL7 C-CDA on FHIR, concept map of EntityNameUse).
fn usage(node: Xml<'_>) -> Option<Label> {
    let born = |part: Xml<'_>| qualified(part, "BR");
    let stated = node.said("use").unwrap_or("");
    let mut codes = stated.split_ascii_whitespace();
    let said = codes.find_map(|code| match code {
        "L" | "C" | "OR" => Some("official"),
        "P" | "A" | "I" => Some("nickname"),
        "ASGN" => Some("usual"),
        "SRCH" if node.all("family").any(born) => Some("maiden"),
        _ => None,
    });
    said.or_else(|| node.all("family").any(born).then_some("maiden")).and_then(Label::clipped)
}

fn qualified(part: Xml<'_>, code: &str) -> bool {
    part.said("qualifier").is_some_and(|said| said.split_ascii_whitespace().any(|one| one == code))
}

/// The name to be called by, where one stands among the given names.
pub(crate) fn called<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<PersonName> {
    let given: Vec<Label> =
        node.all("given").filter(|part| qualified(*part, "CL")).filter_map(|part| page.label(part)).collect();
    (!given.is_empty()).then(|| PersonName { usage: Label::clipped("nickname"), given, ..PersonName::default() })
}

/// A person's name in one line, with its title.
pub(crate) fn name_line<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<Label> {
    let name = name(page, node)?;
    let shown = name.shown();
    let titled = name.prefix.iter().map(Label::as_str).filter(|_| name.text.is_none());
    Label::clipped(&titled.chain([shown.as_str()]).collect::<Vec<_>>().join(" "))
}

/// An address in one line.
pub(crate) fn address<'a>(page: &Page<'a>, node: Xml<'a>) -> Option<Label> {
    if node.null().is_some() {
        return None;
    }
    let parts = |name: &'static str| {
        node.all(name).filter(|part| part.null().is_none()).filter_map(|part| page.label(part)).collect::<Vec<_>>()
    };
    let joined = |names: &[&'static str], between: &str| {
        let all: Vec<Label> = names.iter().flat_map(|name| parts(name)).collect();
        all.iter().map(Label::as_str).collect::<Vec<_>>().join(between)
    };
    let line = [
        joined(&["streetAddressLine", "city"], ", "),
        joined(&["state", "postalCode"], " "),
        joined(&["country"], " "),
    ];
    let line = line.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    if line.is_empty() { page.label(node) } else { Label::clipped(&line) }
}

/// A way to reach someone: what it is, its scheme says.
pub(crate) fn contact(node: Xml<'_>) -> Option<Contact> {
    if node.null().is_some() {
        return None;
    }
    let said = node.said("value")?;
    let (scheme, rest) = said.split_once(':').unwrap_or(("", said));
    let channel = match scheme.trim().to_ascii_lowercase().as_str() {
        "tel" => Some("phone"),
        "fax" => Some("fax"),
        "mailto" => Some("email"),
        "sms" => Some("sms"),
        "http" | "https" | "ftp" => Some("url"),
        _ => None,
    };
    let value = match channel {
        Some("url") | None => said,
        Some(_) => rest,
    };
    let uses = node.said("use").unwrap_or("");
    let usage = uses.split_ascii_whitespace().find_map(|code| match code {
        "H" | "HP" | "HV" => Some("home"),
        "WP" | "DIR" | "PUB" => Some("work"),
        "MC" => Some("mobile"),
        "TMP" => Some("temp"),
        "BAD" => Some("old"),
        _ => None,
    });
    Some(Contact {
        channel: channel.and_then(Label::clipped),
        usage: usage.and_then(Label::clipped),
        value: Label::clipped(value)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::with_element;

    #[test]
    fn names_have_uses_and_parts() {
        for (xml, usage, shown) in [
            (
                "<name use='L'><given>Eve</given><family qualifier='SP'>Betterhalf</family></name>",
                "official",
                "Eve Betterhalf",
            ),
            (
                "<name use='SRCH'><given>Eve</given><family qualifier='BR'>Everywoman</family></name>",
                "maiden",
                "Eve Everywoman",
            ),
            ("<name use='P'><given>Evi</given></name>", "nickname", "Evi"),
            ("<name><given>A</given><given qualifier='CL'>B</given><family>C</family></name>", "", "A C"),
            ("<name>Eve Betterhalf</name>", "", "Eve Betterhalf"),
            (
                "<name><given>Ann</given><family>One</family><family>Two</family><suffix>Jr</suffix></name>",
                "",
                "Ann One Two Jr",
            ),
        ] {
            let found = with_element(xml, |page, node| {
                let name = name(page, node).unwrap();
                (name.usage.as_ref().map_or("", Label::as_str).to_owned(), name.shown())
            });
            assert_eq!(found, (usage.to_owned(), shown.to_owned()), "{xml}");
        }
        assert!(with_element("<name nullFlavor='UNK'/>", name).is_none());
        let xml = "<name><given>William</given><given qualifier='CL'>Bill</given></name>";
        assert_eq!(with_element(xml, |page, node| called(page, node).unwrap().shown()), "Bill");
    }

    #[test]
    fn addresses_and_contacts_are_lines() {
        let xml = "<addr use='HP'><streetAddressLine>2222 Home Street</streetAddressLine><city>Beaverton</city><state>OR</state><postalCode>97867</postalCode><country>US</country></addr>";
        let line = with_element(xml, |page, node| address(page, node).unwrap().as_str().to_owned());
        assert_eq!(line, "2222 Home Street, Beaverton, OR 97867, US");
        for (xml, expected) in [
            ("<telecom value='tel:+1(555)555-2003' use='HP'/>", "phone home +1(555)555-2003"),
            ("<telecom value='mailto:a@example.org' use='WP'/>", "email work a@example.org"),
            ("<telecom value='555-2003' use='MC'/>", "- mobile 555-2003"),
            ("<telecom value='https://example.org/a'/>", "url - https://example.org/a"),
        ] {
            let found = with_element(xml, |_, node| {
                let contact = contact(node).unwrap();
                let text = |label: &Option<Label>| label.as_ref().map_or("-", Label::as_str).to_owned();
                format!("{} {} {}", text(&contact.channel), text(&contact.usage), contact.value.as_str())
            });
            assert_eq!(found, expected);
        }
        assert!(with_element("<telecom nullFlavor='UNK'/>", |_, node| contact(node)).is_none());
    }
}
