//! Reading a pack's age bands.

use std::borrow::Cow;

use toml::Spanned;

use super::band::{Authority, Band, OwnAccess, ProxyAccess, Widen};
use super::error::PackErrorKind;
use super::form::{Fault, Form, Text, once, word};
use super::known::Known;
use super::template::TemplateId;

/// The most bands of a pack.
const BANDS_MOST: usize = 8;
/// The oldest age at which a band may begin: nobody older is a minor anywhere.
const AGE_MOST: i64 = 21;

/// A band with the places of what is checked later.
pub(super) struct ReadBand {
    pub(super) band: Band,
    pub(super) at: usize,
    pub(super) from: usize,
    pub(super) until: usize,
    pub(super) own: usize,
    pub(super) proxy: usize,
    pub(super) proxy_word: ProxyWord,
    /// For each way to widen, where its template is named.
    pub(super) widen: Vec<usize>,
}

/// What a band says happens to access that rests on age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyWord {
    Keep,
    Downgrade,
    Assent,
    Freeze,
    Suspend,
    Revoke,
    NoPortal,
}

const PROXY_WORDS: [(&str, ProxyWord); 7] = [
    ("keep", ProxyWord::Keep),
    ("downgrade", ProxyWord::Downgrade),
    ("assent", ProxyWord::Assent),
    ("freeze", ProxyWord::Freeze),
    ("suspend", ProxyWord::Suspend),
    ("revoke", ProxyWord::Revoke),
    ("no-portal", ProxyWord::NoPortal),
];

pub(super) fn read(root: &mut Form<'_>, known: &Known<'_>) -> Result<Vec<ReadBand>, Fault> {
    let forms = root.tables("band", BANDS_MOST)?;
    if forms.is_empty() {
        return Err(root.fault(PackErrorKind::Missing { key: "band" }));
    }
    forms.into_iter().map(|form| band(form, known)).collect()
}

fn band(mut form: Form<'_>, known: &Known<'_>) -> Result<ReadBand, Fault> {
    let from: Spanned<u8> = form.number("from", 0..=AGE_MOST)?;
    let until: Option<Spanned<u8>> = form.optional_number("until", 1..=AGE_MOST)?;
    let own = form.text("own")?;
    let proxy = form.text("proxy")?;
    let proxy_word = proxy_word(&proxy)?;
    let mut widen = Vec::new();
    for form in form.tables("widen", 8)? {
        widen.push(widening(form, known)?);
    }
    let read = ReadBand {
        at: form.at(),
        from: from.span().start,
        until: until.as_ref().map_or(form.at(), |until| until.span().start),
        own: own.span().start,
        proxy: proxy.span().start,
        proxy_word,
        widen: widen.iter().map(|widen| widen.span().start).collect(),
        band: Band {
            from: from.into_inner(),
            until: until.map(Spanned::into_inner),
            own: own_access(&own, known)?,
            proxy: proxy_access(&proxy, proxy_word, known)?,
            messages_apart: form.flag("messages-apart")?.into_inner(),
            widen: widen.into_iter().map(Spanned::into_inner).collect(),
            cite: known.cite(&mut form)?,
        },
    };
    form.end()?;
    Ok(read)
}

/// `word` or `word:NAME`.
fn parts<'t>(text: &'t Text<'_>) -> (Text<'t>, Option<Text<'t>>) {
    let piece = |part: &'t str| Spanned::new(text.span(), Cow::Borrowed(part));
    match text.get_ref().split_once(':') {
        Some((word, name)) => (piece(word), Some(piece(name))),
        None => (piece(text.get_ref()), None),
    }
}

fn named(key: &'static str, text: &Text<'_>, name: Option<Text<'_>>, known: &Known<'_>) -> Result<TemplateId, Fault> {
    match name {
        Some(name) => Ok(known.template(&name)?.into_inner()),
        None => Err(Fault::new(text.span().start, PackErrorKind::UnknownWord { key })),
    }
}

fn own_access(text: &Text<'_>, known: &Known<'_>) -> Result<OwnAccess, Fault> {
    let (word, name) = parts(text);
    match (word.get_ref().as_ref(), &name) {
        ("nothing", None) => Ok(OwnAccess::Nothing),
        ("template", _) => named("own", text, name, known).map(OwnAccess::Template),
        ("assent", _) => named("own", text, name, known).map(OwnAccess::WithAssent),
        _ => Err(Fault::new(text.span().start, PackErrorKind::UnknownWord { key: "own" })),
    }
}

fn proxy_word(text: &Text<'_>) -> Result<ProxyWord, Fault> {
    let (first, _) = parts(text);
    word("proxy", &first, &PROXY_WORDS).map(Spanned::into_inner)
}

fn proxy_access(text: &Text<'_>, word: ProxyWord, known: &Known<'_>) -> Result<ProxyAccess, Fault> {
    let (_, name) = parts(text);
    let plain = |access: ProxyAccess| match &name {
        Some(_) => Err(Fault::new(text.span().start, PackErrorKind::UnknownWord { key: "proxy" })),
        None => Ok(access),
    };
    match word {
        ProxyWord::Suspend => plain(ProxyAccess::Suspended),
        ProxyWord::Revoke => plain(ProxyAccess::Revoked),
        ProxyWord::NoPortal => plain(ProxyAccess::NoPortal),
        ProxyWord::Keep | ProxyWord::Downgrade => named("proxy", text, name, known).map(ProxyAccess::Template),
        ProxyWord::Assent => named("proxy", text, name, known).map(ProxyAccess::WithAssent),
        ProxyWord::Freeze => named("proxy", text, name, known).map(ProxyAccess::Frozen),
    }
}

const AUTHORITIES: [(&str, Authority); 4] = [
    ("patient", Authority::Patient),
    ("clinician", Authority::Clinician),
    ("parent", Authority::Parent),
    ("court", Authority::Court),
];

fn widening(mut form: Form<'_>, known: &Known<'_>) -> Result<Spanned<Widen>, Fault> {
    let names = form.texts("by")?;
    if names.is_empty() {
        return Err(form.fault(PackErrorKind::Empty { key: "by" }));
    }
    let by = names.iter().map(|name| word("by", name, &AUTHORITIES)).collect::<Result<Vec<_>, _>>()?;
    once("by", &by)?;
    let template = known.template(&form.text("template")?)?;
    let place = template.span();
    let widen = Widen {
        by: by.into_iter().map(Spanned::into_inner).collect(),
        template: template.into_inner(),
        review_days: form.optional_number("review-days", 1..=3660)?.map(Spanned::into_inner),
    };
    form.end()?;
    Ok(Spanned::new(place, widen))
}
