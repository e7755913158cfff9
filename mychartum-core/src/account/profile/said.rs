//! What sources say of the parts of a profile.

use crate::access::pack::ProfilePart;
use crate::chart::{Patient, PersonName};
use crate::kernel::{EmailAddress, LanguageTag, PhoneNumber, hidden};

use super::few::Few;
use super::legal_name::LegalName;
use super::line::Line;
use super::postal_address::PostalAddress;
use super::profile_field::ProfileField;

/// What sources say: of each part every value that one of them gives, the newest first, none twice.
///
/// A source's value that cannot be read as what the part is (a telephone number without its country, a language that is no tag)
/// is left out here; the source's own record shows it as it came.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Said(Vec<ProfileField>);

hidden!(Said);

impl Said {
    /// What these say, the newest first. `calling_code` is the country of telephone numbers that do not name theirs.
    #[must_use]
    pub fn by<'a>(sources: impl IntoIterator<Item = &'a Patient>, calling_code: u16) -> Self {
        let mut said = Self::default();
        for source in sources {
            for field in fields(source, calling_code) {
                if !said.of(field.part()).any(|known| known.says_same(&field)) {
                    said.0.push(field);
                }
            }
        }
        said
    }

    /// What they say of a part, the newest first.
    pub fn of(&self, part: ProfilePart) -> impl Iterator<Item = &ProfileField> {
        self.0.iter().filter(move |field| field.part() == part)
    }
}

fn fields(source: &Patient, calling_code: u16) -> Vec<ProfileField> {
    let is_use =
        |name: &&PersonName, wanted: &[&str]| name.usage.as_ref().is_some_and(|usage| wanted.contains(&usage.as_str()));
    let names = || source.names.iter();
    let legal = names()
        .find(|name| is_use(name, &["official"]))
        .or_else(|| names().find(|name| !is_use(name, &["old", "maiden", "nickname", "anonymous", "temp", "usual"])));
    let used =
        names().find(|name| is_use(name, &["usual"])).or_else(|| names().find(|name| is_use(name, &["nickname"])));
    let values = || source.contacts.iter().map(|contact| contact.value.as_str());
    let bare = |text: &'_ str| text.strip_prefix("tel:").unwrap_or(text).to_owned();
    let phones = values().filter_map(|text| PhoneNumber::parse_within(&bare(text), calling_code).ok());
    let emails = values().filter_map(|text| EmailAddress::parse(text.strip_prefix("mailto:").unwrap_or(text)).ok());
    let fields = [
        legal.and_then(LegalName::of_source).map(ProfileField::LegalName),
        used.and_then(|name| Line::of_source(&name.shown())).map(ProfileField::NameToUse),
        source.birth_date.clone().map(ProfileField::BirthDate),
        source.addresses.first().and_then(|line| PostalAddress::of_source(line.as_str())).map(ProfileField::Address),
        few(phones).map(ProfileField::Phone),
        few(emails).map(ProfileField::Email),
        source.languages.iter().find_map(|tag| LanguageTag::parse(tag.as_str()).ok()).map(ProfileField::Language),
    ];
    fields.into_iter().flatten().collect()
}

/// The first ones, none twice.
fn few<T: PartialEq, const MAX: usize>(all: impl Iterator<Item = T>) -> Option<Few<T, MAX>> {
    let mut kept = Vec::new();
    for one in all {
        if kept.len() < MAX && !kept.contains(&one) {
            kept.push(one);
        }
    }
    Few::new(kept).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Contact;
    use crate::kernel::text::Label;

    fn label(text: &str) -> Label {
        Label::parse(text).unwrap()
    }

    fn contact(value: &str) -> Contact {
        Contact { channel: None, usage: None, value: label(value) }
    }

    #[test]
    fn each_source_is_heard_once_and_what_cannot_be_read_is_left_out() {
        let name = PersonName {
            given: vec![label("Guadalupe"), label("Ana")],
            family: Some(label("Moreno")),
            ..PersonName::default()
        };
        let nickname =
            PersonName { usage: Some(label("nickname")), text: Some(label("Lupe")), ..PersonName::default() };
        let clinic = Patient {
            names: vec![nickname, name.clone()],
            birth_date: Some("1948-05-04".parse().unwrap()),
            contacts: vec![
                contact("(617) 555-0134"),
                contact("lupe@example.org"),
                contact("+1 617 555 0134"),
                contact("?"),
            ],
            addresses: vec![label("12 Elm St, Springfield"), label("elsewhere")],
            languages: vec![label("Spanish, mostly"), label("es")],
            ..Patient::default()
        };
        let lab = Patient { names: vec![name], addresses: vec![label("12 ELM ST Springfield")], ..Patient::default() };
        let said = Said::by([&clinic, &lab], 1);
        let count = |part| said.of(part).count();
        assert_eq!(
            ProfilePart::ALL.iter().map(|part| count(*part)).collect::<Vec<_>>(),
            [1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1]
        );
        let Some(ProfileField::LegalName(legal)) = said.of(ProfilePart::LegalName).next() else {
            panic!("a legal name")
        };
        assert_eq!((legal.given(), legal.family(), legal.suffix()), (Some("Guadalupe Ana"), Some("Moreno"), None));
        let Some(ProfileField::Phone(phones)) = said.of(ProfilePart::Phone).next() else { panic!("a number") };
        assert_eq!(phones.as_slice(), [PhoneNumber::parse("+16175550134").unwrap()]);
    }
}
