//! A public text, filled in.

use fluent_bundle::FluentArgs;
use mychartum_core::port::notifier::{Channel, NotifyError, NotifyErrorKind, PublicText};

use super::month_day::MonthDay;
use super::{LinkBase, Rendered, Words, gsm7};

/// What one text message holds (3GPP TS 23.038).
const ONE_MESSAGE: usize = 160;

/// How a day is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Full,
    Short,
}

pub(super) fn render(
    words: &Words,
    text: &PublicText,
    channel: Channel,
    links: &LinkBase,
) -> Result<Rendered, NotifyError> {
    let rendered = match channel {
        Channel::Email => email(words, text, links),
        Channel::Text => message(words, text, links),
        Channel::Webhook => None,
    };
    rendered.ok_or(NotifyError::new(NotifyErrorKind::Refused, "words"))
}

fn email(words: &Words, text: &PublicText, links: &LinkBase) -> Option<Rendered> {
    let values = values(words, text, Length::Full)?;
    let say = |part| words.say(text.language(), text.notice().key(), Some(part), &values);
    let mut body = say("body")?;
    if let Some(link) = text.link() {
        body = format!("{body}\n\n{}\n{}", say("link")?, links.link(link));
    }
    let foot = words.say(text.language(), "frame", Some("foot"), &values)?;
    Some(Rendered { subject: Some(say("subject")?), body: format!("{body}\n\n{foot}\n") })
}

fn message(words: &Words, text: &PublicText, links: &LinkBase) -> Option<Rendered> {
    let mut values = values(words, text, Length::Short)?;
    let said = words.say(text.language(), text.notice().key(), Some("text"), &values)?;
    let link = text.link().map(|link| links.link(link));
    let whole = |said: &str| match &link {
        // A link is left as it is: with a letter replaced it would lead elsewhere.
        Some(link) => format!("{} {link}", gsm7::fold(said)),
        None => gsm7::fold(said),
    };
    values.set("text", said.clone());
    let framed = whole(&words.say(text.language(), "frame", Some("text"), &values)?);
    let fits = gsm7::septets(&framed).is_some_and(|length| length <= ONE_MESSAGE);
    Some(Rendered { subject: None, body: if fits { framed } else { whole(&said) } })
}

/// What messages may use.
fn values(words: &Words, text: &PublicText, length: Length) -> Option<FluentArgs<'static>> {
    let mut values = FluentArgs::new();
    values.set("portal", text.portal().to_owned());
    values.set("count", text.count().unwrap_or(0));
    if let Some(code) = text.expose_code() {
        values.set("code", code.to_owned());
    }
    let day = match text.at() {
        Some(at) => day(words, text, MonthDay::of(at), length)?,
        None => String::new(),
    };
    values.set("dated", if text.at().is_some() { "yes" } else { "no" });
    values.set("day", day);
    Some(values)
}

fn day(words: &Words, text: &PublicText, day: MonthDay, length: Length) -> Option<String> {
    let (name, form) = match length {
        Length::Full => (None, "day"),
        Length::Short => (Some("short"), "short-day"),
    };
    let month = words.say(text.language(), &day.key(), name, &FluentArgs::new())?;
    let mut values = FluentArgs::new();
    values.set("month", month);
    values.set("number", day.day);
    words.say(text.language(), "frame", Some(form), &values)
}
