//! The words of all languages, and how one is chosen.

use core::fmt;
use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use mychartum_core::kernel::LanguageTag;
use mychartum_core::port::notifier::{Channel, Notice, NotifyError, Outgoing, PublicText};
use unic_langid::LanguageIdentifier;

use super::{LinkBase, Rendered, WordsError, render};

/// What a notice consists of.
pub(super) const PARTS: [&str; 4] = ["subject", "body", "link", "text"];
/// What is around every message.
pub(super) const FRAME: [&str; 4] = ["foot", "text", "day", "short-day"];

type Bundle = FluentBundle<FluentResource>;

/// The words of notices, in as many languages as there are.
///
/// A reader's language is looked for by its full tag, then by its first part, then it is English. English (`en`) and Spanish
/// (`es`) are shipped; a host changes them and adds its own with [`with`](Self::with).
///
/// ```
/// use mychartum_adapters::notify::words::Words;
/// use mychartum_core::kernel::LanguageTag;
///
/// # fn own() -> Result<Words, Box<dyn std::error::Error>> {
/// let english = LanguageTag::parse("en")?;
/// let own = "new-record =\n    .subject = News\n    .body = There is news at { $portal }.\n    .link = Look:\n    .text = News:\n";
/// Ok(Words::shipped().with(&english, own)?)
/// # }
/// # own().unwrap();
/// ```
pub struct Words {
    languages: BTreeMap<String, Bundle>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("languages", &self.languages.keys()).finish()
    }
}

impl Words {
    /// English and Spanish.
    #[must_use]
    pub fn shipped() -> Self {
        let mut words = Self { languages: BTreeMap::new() };
        for (tag, text) in [("en", include_str!("en.ftl")), ("es", include_str!("es.ftl"))] {
            // The tests hold both files to be without fault.
            let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
            words.bundle(tag).add_resource_overriding(resource);
        }
        words
    }

    /// With a host's own words in a language: new ones, or some instead of what is there.
    ///
    /// The text is Fluent. A message has the key of a notice ([`Notice::key`]) and the parts `.subject`, `.body`, `.link` and
    /// `.text`, all of them. They may use `$portal`, `$code`, `$day` with `$dated` (`yes` or `no`), and `$count` (0 when it is
    /// not told). A new language also brings `frame` and `month-1` to `month-12`, as the shipped files do.
    ///
    /// # Errors
    /// [`WordsError`] names the line or the message. Every new message is filled in once for a trial.
    pub fn with(mut self, language: &LanguageTag, text: &str) -> Result<Self, WordsError> {
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let at = errors.first().map_or(0, |error| error.pos.start);
            WordsError::Syntax { line: line_of(text, at) }
        })?;
        let tag = language.as_str().to_ascii_lowercase();
        self.bundle(&tag).add_resource_overriding(resource);
        for (line, key) in keys(text) {
            self.check(language, &tag, line, key)?;
        }
        if tag == language.primary() {
            self.whole(&tag)?;
        }
        Ok(self)
    }

    /// A notice in the language of its reader, for e-mail or for a text message. A webhook has no words.
    ///
    /// # Errors
    /// `Refused` for a webhook, and where the notice lacks a value that its words need.
    pub fn render(&self, text: &PublicText, channel: Channel, links: &LinkBase) -> Result<Rendered, NotifyError> {
        render::render(self, text, channel, links)
    }

    /// A part of a message, from the first language of the chain that has the message.
    pub(super) fn say(
        &self,
        language: &LanguageTag,
        key: &str,
        part: Option<&str>,
        args: &FluentArgs<'_>,
    ) -> Option<String> {
        let bundle = self.chain(language).find(|bundle| bundle.has_message(key))?;
        let message = bundle.get_message(key)?;
        let pattern = match part {
            Some(part) => message.get_attribute(part)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        errors.is_empty().then_some(said)
    }

    fn chain(&self, language: &LanguageTag) -> impl Iterator<Item = &Bundle> {
        let tags = [language.as_str().to_ascii_lowercase(), language.primary(), "en".to_owned()];
        tags.into_iter().filter_map(|tag| self.languages.get(&tag))
    }

    fn bundle(&mut self, tag: &str) -> &mut Bundle {
        self.languages.entry(tag.to_owned()).or_insert_with(|| {
            // Which plural a number takes is known for real languages; any other counts as one without a rule.
            let language: LanguageIdentifier = tag.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![language]);
            // Marks of direction around values would cost letters of a text message.
            bundle.set_use_isolating(false);
            bundle
        })
    }

    fn check(&self, language: &LanguageTag, tag: &str, line: usize, key: &str) -> Result<(), WordsError> {
        let parts: &[&'static str] = match key {
            "frame" => &FRAME,
            key if is_month(key) => &["short"],
            key if Notice::ALL.iter().any(|notice| notice.key() == key) => &PARTS,
            _ => return Err(WordsError::UnknownKey { line }),
        };
        let lacks = |part| WordsError::Incomplete { key: key.to_owned(), part };
        let message = self.languages.get(tag).and_then(|bundle| bundle.get_message(key));
        let message = message.ok_or(WordsError::Syntax { line })?;
        if let Some(missing) = parts.iter().find(|part| message.get_attribute(part).is_none()) {
            return Err(lacks(missing));
        }
        if is_month(key) && message.value().is_none() {
            return Err(lacks("a name"));
        }
        self.try_out(language, key).ok_or(WordsError::Unfillable { line })
    }

    /// Fills in every message that the key plays a part in.
    fn try_out(&self, language: &LanguageTag, key: &str) -> Option<()> {
        let links = LinkBase::parse("https://localhost").ok()?;
        for notice in Notice::ALL.iter().filter(|notice| notice.key() == key || key == "frame" || is_month(key)) {
            for channel in [Channel::Email, Channel::Text] {
                let sample = Outgoing::sample([0; 16], channel, None, *notice, language.clone());
                let rendered = self.render(sample.text(), channel, &links).ok()?;
                rendered.subject().is_none_or(|subject| !subject.contains(['\r', '\n'])).then_some(())?;
            }
        }
        Some(())
    }

    /// Whether a language has what is around messages; a region's may leave it to its language.
    fn whole(&self, tag: &str) -> Result<(), WordsError> {
        let months = (1..=12).map(|month| format!("month-{month}"));
        let has = |key: &str| self.languages.get(tag).is_some_and(|bundle| bundle.has_message(key));
        match core::iter::once("frame".to_owned()).chain(months).find(|key| !has(key)) {
            Some(key) => Err(WordsError::Incomplete { key, part: "everything" }),
            None => Ok(()),
        }
    }
}

fn is_month(key: &str) -> bool {
    key.strip_prefix("month-")
        .and_then(|number| number.parse::<u32>().ok())
        .is_some_and(|number| (1..=12).contains(&number))
}

/// The keys of messages, each with its line: what begins a line and is no comment and no term.
fn keys(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(at, line)| {
        let (key, _) = line.split_once('=')?;
        line.starts_with(|first: char| first.is_ascii_alphabetic()).then_some((at + 1, key.trim()))
    })
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
