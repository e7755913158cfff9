//! Names, addresses and ways to reach people (FHIR R4 `HumanName`, `Address`, `ContactPoint`).

use mychartum_core::chart::{Contact, PersonName};
use mychartum_core::kernel::text::Label;

use super::datatype::label;
use super::lenient::{Texts, Txt, element};

element! {
    /// FHIR `HumanName`; a lone text in its place is the whole name.
    HumanName<'a> from (|text| HumanName { text: Txt(Some(text)), ..HumanName::default() }) {
        usage: Txt<'a> = "use",
        text: Txt<'a> = "text",
        family: Texts<'a> = "family",
        given: Texts<'a> = "given",
        prefix: Texts<'a> = "prefix",
        suffix: Texts<'a> = "suffix",
    }
}

element! {
    /// FHIR `Address`; a lone text in its place is the whole address.
    Address<'a> from (|text| Address { text: Txt(Some(text)), ..Address::default() }) {
        text: Txt<'a> = "text",
        line: Texts<'a> = "line",
        city: Txt<'a> = "city",
        district: Txt<'a> = "district",
        state: Txt<'a> = "state",
        postal_code: Txt<'a> = "postalCode",
        country: Txt<'a> = "country",
    }
}

element! {
    /// FHIR `ContactPoint`; a lone text in its place is its value.
    ContactPoint<'a> from (|value| ContactPoint { value: Txt(Some(value)), ..ContactPoint::default() }) {
        system: Txt<'a> = "system",
        usage: Txt<'a> = "use",
        value: Txt<'a> = "value",
    }
}

fn labels(texts: &Texts<'_>) -> Vec<Label> {
    texts.0.iter().filter_map(|text| Label::clipped(text)).collect()
}

impl HumanName<'_> {
    /// The name, unless nothing was said.
    pub(crate) fn name(&self) -> Option<PersonName> {
        let family: Vec<&str> = self.family.0.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
        let name = PersonName {
            usage: self.usage.get().and_then(|usage| Label::clipped(&usage.to_ascii_lowercase())),
            text: label(&self.text),
            given: labels(&self.given),
            family: Label::clipped(&family.join(" ")),
            prefix: labels(&self.prefix),
            suffix: labels(&self.suffix),
        };
        let empty = name.text.is_none() && name.given.is_empty() && name.family.is_none();
        Some(name).filter(|_| !empty)
    }

    /// The name in one line, with its title.
    pub(crate) fn line(&self) -> Option<Label> {
        let name = self.name()?;
        let shown = name.shown();
        let titled = name.prefix.iter().map(Label::as_str).filter(|_| name.text.is_none());
        Label::clipped(&titled.chain([shown.as_str()]).collect::<Vec<_>>().join(" "))
    }
}

impl Address<'_> {
    /// The address in one line: its parts, else its text.
    pub(crate) fn line(&self) -> Option<Label> {
        let place = [self.state.get(), self.postal_code.get()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let parts = self.line.0.iter().map(|line| line.trim()).chain(self.city.get()).chain([place.as_str()]);
        let parts = parts.chain(self.country.get()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let whole = if parts.is_empty() { self.text.get().or(self.district.get()).unwrap_or("") } else { &parts };
        Label::clipped(whole)
    }
}

impl ContactPoint<'_> {
    /// The way to reach someone, unless it has no value.
    pub(crate) fn contact(&self) -> Option<Contact> {
        Some(Contact { channel: label(&self.system), usage: label(&self.usage), value: label(&self.value)? })
    }
}
