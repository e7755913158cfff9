//! Reading a pack's templates, and what it says of each legal basis.

use toml::Spanned;

use super::basis_policy::{AgeRule, BasisPolicy, Evidence, Renewal};
use super::error::PackErrorKind;
use super::form::{Fault, Form};
use super::known::{self, Known};
use super::policy_pack::{BY_CONSENT_ONLY, Source};
use super::template::Template;
use super::topic::Topic;
use crate::access::grant::LegalBasis;
use crate::access::{Scope, SensitivitySet, Verb};
use crate::chart::{Section, SectionSet};

/// The most templates of a pack.
const TEMPLATES_MOST: usize = 64;

/// A basis with the places of what is checked later.
pub(super) struct ReadBasis {
    pub(super) policy: BasisPolicy,
    pub(super) at: usize,
    pub(super) age: usize,
    pub(super) template: usize,
    pub(super) max_days: usize,
    pub(super) verifiers: usize,
    pub(super) evidence: usize,
}

/// One for each legal basis, by its number.
pub(super) type ReadBases = [Option<ReadBasis>; LegalBasis::ALL.len()];

pub(super) fn templates(root: &mut Form<'_>, sources: &[Source], topics: &[Topic]) -> Result<Vec<Template>, Fault> {
    let known = Known { sources, topics, templates: &[] };
    let named = root.table("template")?.named_tables("template")?;
    if let Some((extra, _)) = named.get(TEMPLATES_MOST) {
        let kind = PackErrorKind::TooMany { key: "template", most: TEMPLATES_MOST };
        return Err(Fault::new(extra.span().start, kind));
    }
    named.into_iter().map(|(name, form)| template(name.into_inner(), form, &known)).collect()
}

fn template(name: Box<str>, mut form: Form<'_>, known: &Known<'_>) -> Result<Template, Fault> {
    let shown = shown(&mut form)?;
    let hides = known.topics(&mut form, "hides")?;
    let mut scope = match form.optional_texts("all")? {
        Some(names) => {
            let verbs = known::verbs(&names)?;
            Scope::of(SectionSet::of(&Section::ALL), &verbs)
        }
        None => Scope::NONE,
    };
    // A section on a line of its own has the verbs of that line and no others, whatever `all` says.
    for (name, names) in form.named_lists("section")? {
        let section = known::section(&name)?.into_inner();
        let verbs = known::verbs(&names)?;
        let others = SectionSet::of(&Section::ALL).without(section);
        scope = scope.and(Scope::of(others, &Verb::ALL)).or(Scope::of(section.into(), &verbs));
    }
    Ok(Template { name, scope, shown, hides })
}

fn shown(form: &mut Form<'_>) -> Result<SensitivitySet, Fault> {
    if form.says("shown", "all") {
        return Ok(SensitivitySet::from_bits(SensitivitySet::KNOWN.bits() & !BY_CONSENT_ONLY.bits()));
    }
    let labels = known::labels(form, "shown")?;
    match labels.iter().find(|label| BY_CONSENT_ONLY.has(*label.get_ref())) {
        Some(label) => Err(Fault::new(label.span().start, PackErrorKind::ByConsentOnly)),
        None => Ok(known::set(&labels)),
    }
}

pub(super) fn bases(root: &mut Form<'_>, known: &Known<'_>) -> Result<ReadBases, Fault> {
    let form = root.table("basis")?;
    let mut bases = [const { None }; LegalBasis::ALL.len()];
    for (name, form) in form.named_tables("basis")? {
        let basis = LegalBasis::ALL.into_iter().find(|basis| *name.get_ref().as_ref() == *basis.name());
        match basis.and_then(|basis| bases.get_mut(usize::from(basis.number()))) {
            Some(place) => *place = Some(basis_policy(form, known)?),
            None => return Err(Fault::new(name.span().start, PackErrorKind::UnknownBasis)),
        }
    }
    Ok(bases)
}

const RENEWALS: [(&str, Renewal); 3] =
    [("patient", Renewal::Patient), ("staff", Renewal::Staff), ("never", Renewal::Never)];

const EVIDENCE: [(&str, Evidence); 3] = [
    ("patients-word", Evidence::PatientsWord),
    ("document", Evidence::Document),
    ("attestation", Evidence::Attestation),
];

fn basis_policy(mut form: Form<'_>, known: &Known<'_>) -> Result<ReadBasis, Fault> {
    let follows = form.flag("follows-age")?;
    let template = known.template(&form.text("template")?)?;
    let max_days: Option<Spanned<u16>> = form.optional_number("max-days", 1..=u16::MAX.into())?;
    let verifiers: Spanned<u8> = form.number("verifiers", 1..=2)?;
    let evidence = form.word("evidence", &EVIDENCE)?;
    let read = ReadBasis {
        at: form.at(),
        age: follows.span().start,
        template: template.span().start,
        max_days: max_days.as_ref().map_or(form.at(), |days| days.span().start),
        verifiers: verifiers.span().start,
        evidence: evidence.span().start,
        policy: BasisPolicy {
            age: if follows.into_inner() { AgeRule::Bands } else { AgeRule::Ageless },
            template: template.into_inner(),
            max_days: max_days.map(Spanned::into_inner),
            renewal: form.word("renewal", &RENEWALS)?.into_inner(),
            verifiers: verifiers.into_inner(),
            evidence: evidence.into_inner(),
            cite: known.cite(&mut form)?,
        },
    };
    form.end()?;
    Ok(read)
}
