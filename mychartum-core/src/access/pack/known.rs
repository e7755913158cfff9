//! What a pack has named so far, and the closed vocabularies: every word of a pack is looked up here.

use toml::Spanned;

use super::error::PackErrorKind;
use super::form::{Fault, Form, Text, name, once};
use super::policy_pack::Source;
use super::template::{Template, TemplateId};
use super::topic::{Topic, TopicSet};
use crate::access::{Sensitivity, SensitivitySet, Verb};
use crate::chart::{Section, SectionSet};

/// What a pack has named so far.
pub(super) struct Known<'p> {
    pub(super) sources: &'p [Source],
    pub(super) topics: &'p [Topic],
    pub(super) templates: &'p [Template],
}

impl Known<'_> {
    /// The source that a table cites.
    pub(super) fn cite(&self, form: &mut Form<'_>) -> Result<Box<str>, Fault> {
        let cited = form.name("cite")?;
        let at = cited.span().start;
        let key = cited.into_inner();
        if self.sources.iter().any(|source| source.key == key) {
            Ok(key)
        } else {
            Err(Fault::new(at, PackErrorKind::UnknownSource { key }))
        }
    }

    /// The template of a name.
    pub(super) fn template(&self, named: &Text<'_>) -> Result<Spanned<TemplateId>, Fault> {
        let named = name("template", named)?;
        let place = self.templates.iter().position(|template| template.name == *named.get_ref());
        match place.and_then(|place| u8::try_from(place).ok()) {
            Some(place) => Ok(Spanned::new(named.span(), TemplateId(place))),
            None => {
                Err(Fault::new(named.span().start, PackErrorKind::UnknownTemplate { name: named.get_ref().clone() }))
            }
        }
    }

    /// The template behind a template's place.
    pub(super) fn at(&self, place: TemplateId) -> Option<&Template> {
        self.templates.get(usize::from(place.0))
    }

    /// A set of topics, which may be left out.
    pub(super) fn topics(&self, form: &mut Form<'_>, key: &'static str) -> Result<TopicSet, Fault> {
        let mut set = TopicSet::NONE;
        let names = form.optional_texts(key)?.unwrap_or_default();
        for named in &names {
            let named = name(key, named)?;
            let Some(place) = self.topics.iter().position(|topic| topic.name == *named.get_ref()) else {
                let kind = PackErrorKind::UnknownTopic { name: named.get_ref().clone() };
                return Err(Fault::new(named.span().start, kind));
            };
            set = set.or(TopicSet::from_bits(1 << place));
        }
        once(key, &names)?;
        Ok(set)
    }
}

/// A set of labels, which may be left out.
pub(super) fn labels(form: &mut Form<'_>, key: &'static str) -> Result<Vec<Spanned<Sensitivity>>, Fault> {
    let codes = form.optional_texts(key)?.unwrap_or_default();
    let read = |code: &Text<'_>| look_up(code, Sensitivity::of_code(code.get_ref()), PackErrorKind::UnknownLabel);
    let labels = codes.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    once(key, &labels)?;
    Ok(labels)
}

/// The set of some labels.
pub(super) fn set(labels: &[Spanned<Sensitivity>]) -> SensitivitySet {
    labels.iter().map(|label| *label.get_ref()).collect()
}

/// A set of sections.
pub(super) fn sections(form: &mut Form<'_>, key: &'static str) -> Result<SectionSet, Fault> {
    let at = form.at();
    let names = form.texts(key)?;
    let sections = names.iter().map(section).collect::<Result<Vec<_>, _>>()?;
    once(key, &sections)?;
    if sections.is_empty() {
        return Err(Fault::new(at, PackErrorKind::Empty { key }));
    }
    Ok(sections.into_iter().map(Spanned::into_inner).collect())
}

/// A section.
pub(super) fn section(name: &Text<'_>) -> Result<Spanned<Section>, Fault> {
    look_up(name, Section::of_name(name.get_ref()), PackErrorKind::UnknownSection)
}

/// Verbs.
pub(super) fn verbs(names: &[Text<'_>]) -> Result<Vec<Verb>, Fault> {
    let read = |name: &Text<'_>| look_up(name, Verb::of_name(name.get_ref()), PackErrorKind::UnknownVerb);
    let verbs = names.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    once("verb", &verbs)?;
    Ok(verbs.into_iter().map(Spanned::into_inner).collect())
}

fn look_up<T>(word: &Text<'_>, found: Option<T>, kind: PackErrorKind) -> Result<Spanned<T>, Fault> {
    found.map(|found| Spanned::new(word.span(), found)).ok_or_else(|| Fault::new(word.span().start, kind))
}
