//! The form that a pack is written in: tables of TOML, taken apart key by key, each value with its place.

use core::ops::RangeInclusive;
use std::borrow::Cow;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{PackError, PackErrorKind};

/// The longest name.
const NAME_MOST: usize = 48;
/// The longest line of text.
const LINE_MOST: usize = 400;

/// What is wrong, and at which byte of the text.
pub(super) struct Fault {
    at: usize,
    kind: PackErrorKind,
}

impl Fault {
    pub(super) const fn new(at: usize, kind: PackErrorKind) -> Self {
        Self { at, kind }
    }

    /// Another fault at the same place.
    pub(super) fn instead(self, kind: PackErrorKind) -> Self {
        Self { at: self.at, kind }
    }

    /// The same, with the line instead of the byte.
    pub(super) fn in_text(self, text: &str) -> PackError {
        let breaks = text.bytes().take(self.at).filter(|byte| *byte == b'\n').count();
        // A fault at the very end of a text stands after its last line break, where there is no line any more.
        let line = (breaks + 1).min(text.lines().count().max(1));
        PackError { line, kind: self.kind }
    }
}

/// A text and its place.
pub(super) type Text<'t> = Spanned<Cow<'t, str>>;
/// Texts under a key that is not known beforehand.
pub(super) type NamedList<'t> = (Text<'t>, Vec<Text<'t>>);
/// A table under a name of the pack's own.
pub(super) type NamedForm<'t> = (Spanned<Box<str>>, Form<'t>);
type Value<'t> = Spanned<DeValue<'t>>;

/// A table of the text. Keys are taken out one by one; what is left at the [`end`](Self::end) is unknown.
pub(super) struct Form<'t> {
    at: usize,
    entries: Vec<(Text<'t>, Value<'t>)>,
}

impl<'t> Form<'t> {
    /// The whole text.
    pub(super) fn parse(text: &'t str) -> Result<Self, Fault> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self::new(0, root.into_inner())),
            Err(error) => Err(Fault::new(error.span().map_or(0, |span| span.start), PackErrorKind::NotToml)),
        }
    }

    fn new(at: usize, table: DeTable<'t>) -> Self {
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Self { at, entries }
    }

    fn of(key: &'static str, value: Value<'t>) -> Result<Self, Fault> {
        let at = value.span().start;
        match value.into_inner() {
            DeValue::Table(table) => Ok(Self::new(at, table)),
            _ => Err(expected(at, key, "a table")),
        }
    }

    /// Where the table begins.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// A fault of the table as a whole.
    pub(super) const fn fault(&self, kind: PackErrorKind) -> Fault {
        Fault::new(self.at, kind)
    }

    /// Whether a key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.get_ref() == key)
    }

    fn take(&mut self, key: &str) -> Option<Value<'t>> {
        let place = self.entries.iter().position(|(name, _)| name.get_ref() == key)?;
        Some(self.entries.remove(place).1)
    }

    fn need(&mut self, key: &'static str) -> Result<Value<'t>, Fault> {
        self.take(key).ok_or_else(|| self.fault(PackErrorKind::Missing { key }))
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'static str) -> Result<Text<'t>, Fault> {
        let value = self.need(key)?;
        text(key, value)
    }

    /// One line of text, which may be left out.
    pub(super) fn optional_line(&mut self, key: &'static str) -> Result<Option<Spanned<Box<str>>>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let words = text(key, value)?;
        let plain = words.get_ref().trim();
        if plain.is_empty() || plain.len() > LINE_MOST || plain.chars().any(char::is_control) {
            return Err(Fault::new(words.span().start, PackErrorKind::NotALine { key }));
        }
        Ok(Some(Spanned::new(words.span(), plain.into())))
    }

    /// One line of text.
    pub(super) fn line(&mut self, key: &'static str) -> Result<Box<str>, Fault> {
        let line = self.optional_line(key)?;
        line.map(Spanned::into_inner).ok_or_else(|| self.fault(PackErrorKind::Missing { key }))
    }

    /// A name.
    pub(super) fn name(&mut self, key: &'static str) -> Result<Spanned<Box<str>>, Fault> {
        let text = self.text(key)?;
        name(key, &text)
    }

    /// A whole number within a range.
    pub(super) fn number<N: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Spanned<N>, Fault> {
        let value = self.need(key)?;
        number(key, &value, &range)
    }

    /// A whole number within a range, which may be left out.
    pub(super) fn optional_number<N: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<Spanned<N>>, Fault> {
        self.take(key).map(|value| number(key, &value, &range)).transpose()
    }

    /// Whole numbers within a range.
    pub(super) fn numbers<N: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Vec<Spanned<N>>, Fault> {
        let value = self.need(key)?;
        list(key, value)?.into_iter().map(|entry| number(key, &entry, &range)).collect()
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &'static str) -> Result<Spanned<bool>, Fault> {
        let value = self.need(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Ok(Spanned::new(value.span(), *flag)),
            _ => Err(expected(value.span().start, key, "true or false")),
        }
    }

    /// A date without a time of day.
    pub(super) fn date(&mut self, key: &'static str) -> Result<NaiveDate, Fault> {
        let value = self.need(key)?;
        let date = match value.get_ref() {
            DeValue::Datetime(moment) if moment.time.is_none() && moment.offset.is_none() => moment.date,
            _ => None,
        };
        date.and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()))
            .ok_or_else(|| Fault::new(value.span().start, PackErrorKind::NotADate { key }))
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Result<Spanned<T>, Fault> {
        let text = self.text(key)?;
        word(key, &text, words)
    }

    /// A list of texts, which may be left out.
    pub(super) fn optional_texts(&mut self, key: &'static str) -> Result<Option<Vec<Text<'t>>>, Fault> {
        let Some(value) = self.take(key) else { return Ok(None) };
        list(key, value)?.into_iter().map(|entry| text(key, entry)).collect::<Result<_, _>>().map(Some)
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, key: &'static str) -> Result<Vec<Text<'t>>, Fault> {
        self.optional_texts(key)?.ok_or_else(|| self.fault(PackErrorKind::Missing { key }))
    }

    /// Whether a key is there as a text and not as a list: `shown = "all"`.
    pub(super) fn says(&mut self, key: &'static str, what: &str) -> bool {
        let said = |(name, value): &(Text<'t>, Value<'t>)| {
            name.get_ref() == key && matches!(value.get_ref(), DeValue::String(text) if text == what)
        };
        let place = self.entries.iter().position(said);
        place.map(|place| self.entries.remove(place)).is_some()
    }

    /// A table.
    pub(super) fn table(&mut self, key: &'static str) -> Result<Self, Fault> {
        let value = self.need(key)?;
        Self::of(key, value)
    }

    /// Tables of one kind, in the order of the text; none where the key is left out.
    pub(super) fn tables(&mut self, key: &'static str, most: usize) -> Result<Vec<Self>, Fault> {
        let Some(value) = self.take(key) else { return Ok(Vec::new()) };
        let tables = list(key, value)?;
        if let Some(extra) = tables.get(most) {
            return Err(Fault::new(extra.span().start, PackErrorKind::TooMany { key, most }));
        }
        tables.into_iter().map(|table| Self::of(key, table)).collect()
    }

    /// The tables in this one, each with the name it has, in the order of the text.
    pub(super) fn named_tables(self, key: &'static str) -> Result<Vec<NamedForm<'t>>, Fault> {
        let named = |(title, value): (Text<'t>, Value<'t>)| Ok((name(key, &title)?, Self::of(key, value)?));
        self.entries.into_iter().map(named).collect()
    }

    /// The lists of texts that are left, each with its key.
    pub(super) fn named_lists(self, key: &'static str) -> Result<Vec<NamedList<'t>>, Fault> {
        let named = |(title, value): (Text<'t>, Value<'t>)| {
            let texts = list(key, value)?.into_iter().map(|entry| text(key, entry));
            Ok((title, texts.collect::<Result<_, _>>()?))
        };
        self.entries.into_iter().map(named).collect()
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), Fault> {
        match self.entries.first() {
            Some((key, _)) => Err(Fault::new(key.span().start, PackErrorKind::UnknownKey)),
            None => Ok(()),
        }
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(key: &'static str, text: &Text<'_>, words: &[(&str, T)]) -> Result<Spanned<T>, Fault> {
    match words.iter().find(|(word, _)| text.get_ref() == word) {
        Some((_, meaning)) => Ok(Spanned::new(text.span(), *meaning)),
        None => Err(Fault::new(text.span().start, PackErrorKind::UnknownWord { key })),
    }
}

/// Every entry once.
pub(super) fn once<T: PartialEq>(key: &'static str, entries: &[Spanned<T>]) -> Result<(), Fault> {
    for (place, entry) in entries.iter().enumerate() {
        if entries.iter().take(place).any(|earlier| earlier.get_ref() == entry.get_ref()) {
            return Err(Fault::new(entry.span().start, PackErrorKind::Twice { key }));
        }
    }
    Ok(())
}

/// A text that is a name.
pub(super) fn name(key: &'static str, text: &Text<'_>) -> Result<Spanned<Box<str>>, Fault> {
    let name = text.get_ref();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain && !name.is_empty() && name.len() <= NAME_MOST {
        Ok(Spanned::new(text.span(), name.as_ref().into()))
    } else {
        Err(Fault::new(text.span().start, PackErrorKind::NotAName { key }))
    }
}

fn expected(at: usize, key: &'static str, shape: &'static str) -> Fault {
    Fault::new(at, PackErrorKind::Expected { key, shape })
}

fn text<'t>(key: &'static str, value: Value<'t>) -> Result<Text<'t>, Fault> {
    let span = value.span();
    match value.into_inner() {
        DeValue::String(text) => Ok(Spanned::new(span, text)),
        _ => Err(expected(span.start, key, "a text in quotation marks")),
    }
}

fn list<'t>(key: &'static str, value: Value<'t>) -> Result<Vec<Value<'t>>, Fault> {
    let at = value.span().start;
    match value.into_inner() {
        DeValue::Array(list) => Ok(list.into_iter().collect()),
        _ => Err(expected(at, key, "a list in square brackets")),
    }
}

fn number<N: TryFrom<i64>>(
    key: &'static str,
    value: &Value<'_>,
    range: &RangeInclusive<i64>,
) -> Result<Spanned<N>, Fault> {
    let at = value.span().start;
    let DeValue::Integer(digits) = value.get_ref() else { return Err(expected(at, key, "a whole number")) };
    // Nobody writes 0x12 days: other bases than ten are slips.
    if digits.radix() != 10 {
        return Err(expected(at, key, "a whole number"));
    }
    let wrong = || Fault::new(at, PackErrorKind::OutOfRange { key, least: *range.start(), most: *range.end() });
    let number = digits.as_str().parse::<i64>().ok().filter(|number| range.contains(number)).ok_or_else(wrong)?;
    N::try_from(number).map(|number| Spanned::new(value.span(), number)).map_err(|_| wrong())
}
