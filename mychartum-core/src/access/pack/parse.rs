//! From the text of a pack to the pack: everything that can be wrong is found here, once, with its line.

use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::band::LeapDay;
use super::check;
use super::error::{PackError, PackErrorKind};
use super::form::{Fault, Form, once};
use super::known::Known;
use super::policy_pack::{AssurancePolicy, GlassPolicy, InvitationPolicy, PolicyPack, PolicyVersion, Source};
use super::template::TemplateId;
use super::{parse_access, parse_accounts, parse_bands, parse_release, parse_topics};
use crate::access::{SensitivitySet, Verb};

/// The longest text of a pack: 256 KiB.
const TEXT_MOST: usize = 256 << 10;
/// The most days of notice that a list may have.
const NOTICES_MOST: usize = 16;

impl PolicyPack {
    /// Reads and checks a pack, written in TOML 1.1 as `policies/README.md` describes.
    ///
    /// Its [`version`](Self::version) carries the first eight bytes of the SHA-256 of this very text.
    ///
    /// ```
    /// use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};
    /// let pack = PolicyPack::parse(EXAMPLE_PACK)?;
    /// assert_eq!(pack.id(), "example");
    /// let wrong = EXAMPLE_PACK.replace("until = 13", "until = 12");
    /// assert!(PolicyPack::parse(&wrong).unwrap_err().to_string().contains("a gap"));
    /// # Ok::<(), mychartum_core::access::pack::PackError>(())
    /// ```
    ///
    /// # Errors
    /// [`PackError`] names the first thing that is wrong and its line. A pack is taken whole or not at all.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        read(text).map_err(|fault| fault.in_text(text))
    }
}

fn read(text: &str) -> Result<PolicyPack, Fault> {
    if text.len() > TEXT_MOST {
        return Err(Fault::new(TEXT_MOST, PackErrorKind::TooLong { most: TEXT_MOST }));
    }
    let mut root = Form::parse(text)?;
    let mut head = root.table("pack")?;
    let sources = sources(&mut root)?;
    let topics = parse_topics::read(&mut root, &sources)?;
    let templates = parse_access::templates(&mut root, &sources, &topics)?;
    let known = Known { sources: &sources, topics: &topics, templates: &templates };
    let bases = parse_access::bases(&mut root, &known)?;
    let bands = parse_bands::read(&mut root, &known)?;
    check::bands(&bands, &known)?;
    check::bases(&bases)?;
    check::manage(&bases, &bands, &known)?;
    let release = parse_release::read(&mut root, &known)?;
    let (assurance, glass, invitation) = (assurance(&mut root)?, glass(&mut root)?, invitation(&mut root)?);
    let accounts = parse_accounts::read(&mut root)?;
    let own_after_death = after_death(&mut root, &known)?;
    root.end()?;

    let mut read_bases = [const { None }; _];
    for (place, basis) in read_bases.iter_mut().zip(bases) {
        *place = basis.map(|basis| basis.policy);
    }
    let pack = PolicyPack {
        id: head.name("id")?.into_inner(),
        title: head.line("title")?,
        version: PolicyVersion {
            number: head.number("version", 1..=u32::MAX.into())?.into_inner(),
            fingerprint: fingerprint(text),
        },
        effective: head.date("effective")?,
        zone: zone(&mut head)?,
        leap_day: head.word("leap-day", &LEAP_DAYS)?.into_inner(),
        notices: notices(&mut head)?,
        proxy_min_age: head.number("proxy-min-age", 0..=18)?.into_inner(),
        sources,
        topics,
        templates,
        bases: read_bases,
        bands: bands.into_iter().map(|band| band.band).collect(),
        assurance,
        glass,
        invitation,
        release,
        accounts,
        own_after_death,
    };
    head.end()?;
    Ok(pack)
}

const LEAP_DAYS: [(&str, LeapDay); 2] = [("february-28", LeapDay::February28), ("march-1", LeapDay::March1)];

fn fingerprint(text: &str) -> u64 {
    Sha256::digest(text).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn zone(head: &mut Form<'_>) -> Result<Tz, Fault> {
    let name = head.text("zone")?;
    name.get_ref().parse().map_err(|_| Fault::new(name.span().start, PackErrorKind::UnknownZone))
}

fn notices(head: &mut Form<'_>) -> Result<Vec<u16>, Fault> {
    let days: Vec<Spanned<u16>> = head.numbers("notices-days", 1..=365)?;
    if let Some(extra) = days.get(NOTICES_MOST) {
        let kind = PackErrorKind::TooMany { key: "notices-days", most: NOTICES_MOST };
        return Err(Fault::new(extra.span().start, kind));
    }
    for (day, next) in days.iter().zip(days.iter().skip(1)) {
        if next.get_ref() >= day.get_ref() {
            return Err(Fault::new(next.span().start, PackErrorKind::NoticesNotDescending));
        }
    }
    Ok(days.into_iter().map(Spanned::into_inner).collect())
}

fn sources(root: &mut Form<'_>) -> Result<Vec<Source>, Fault> {
    let (mut sources, mut keys) = (Vec::new(), Vec::new());
    for mut form in root.tables("source", 256)? {
        let key = form.name("key")?;
        let url = form.optional_line("url")?;
        if let Some(url) = &url {
            let web = url.get_ref().starts_with("https://") || url.get_ref().starts_with("http://");
            if !web || url.get_ref().contains(char::is_whitespace) {
                return Err(Fault::new(url.span().start, PackErrorKind::NotAnAddress));
            }
        }
        sources.push(Source {
            key: key.get_ref().clone(),
            citation: form.line("citation")?,
            url: url.map(Spanned::into_inner),
        });
        keys.push(key);
        form.end()?;
    }
    once("key", &keys)?;
    Ok(sources)
}

fn assurance(root: &mut Form<'_>) -> Result<AssurancePolicy, Fault> {
    let mut form = root.table("assurance")?;
    let mut of_verb = [0; Verb::ALL.len()];
    for (place, verb) in of_verb.iter_mut().zip(Verb::ALL) {
        *place = form.number(verb.name(), 0..=3)?.into_inner();
    }
    let sensitive: Spanned<u8> = form.number("sensitive", 0..=3)?;
    let policy = AssurancePolicy { of_verb, sensitive: *sensitive.get_ref() };
    if policy.sensitive < policy.least(Verb::View, SensitivitySet::NONE) {
        return Err(Fault::new(sensitive.span().start, PackErrorKind::SensitiveBelowView));
    }
    form.end()?;
    Ok(policy)
}

fn glass(root: &mut Form<'_>) -> Result<GlassPolicy, Fault> {
    let mut form = root.table("glass")?;
    let policy = GlassPolicy { max_minutes: form.number("max-minutes", 1..=60)?.into_inner() };
    form.end()?;
    Ok(policy)
}

/// Whether the account of someone who died still opens the chart; left out, it does not.
fn after_death(root: &mut Form<'_>, known: &Known<'_>) -> Result<Option<TemplateId>, Fault> {
    if !root.has("after-death") {
        return Ok(None);
    }
    let mut form = root.table("after-death")?;
    let template = known.template(&form.text("own")?)?.into_inner();
    known.cite(&mut form)?;
    form.end()?;
    Ok(Some(template))
}

fn invitation(root: &mut Form<'_>) -> Result<InvitationPolicy, Fault> {
    let mut form = root.table("invitation")?;
    let policy = InvitationPolicy {
        wrong_birth_dates: form.number("wrong-birth-dates", 1..=10)?.into_inner(),
        days: form.number("days", 1..=365)?.into_inner(),
    };
    form.end()?;
    Ok(policy)
}
