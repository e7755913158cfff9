//! Why a policy pack is refused, and in which line.

/// Why a policy pack is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy pack, line {line}: {kind}")]
pub struct PackError {
    /// The line of the pack's text, from 1. Where something is missing, the line of the table that lacks it.
    pub line: usize,
    /// What is wrong there.
    pub kind: PackErrorKind,
}

/// What is wrong with a line of a policy pack.
///
/// Names that it repeats from the file are names of the pack's own parts; a pack holds nobody's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackErrorKind {
    /// More text than a pack may have.
    #[error("the pack is longer than {most} bytes")]
    TooLong {
        /// The most bytes allowed.
        most: usize,
    },
    /// Not TOML 1.1: a slip of syntax, or a key or a table given twice.
    #[error("not valid toml: a slip of syntax, or something given twice")]
    NotToml,
    /// A key or a table that packs do not have.
    #[error("this key is not one that a pack has here")]
    UnknownKey,
    /// Something that every pack must say, or every table of this kind.
    #[error("`{key}` is missing")]
    Missing {
        /// What is missing.
        key: &'static str,
    },
    /// A value of another kind.
    #[error("`{key}` must be {shape}")]
    Expected {
        /// The key.
        key: &'static str,
        /// What its value must be.
        shape: &'static str,
    },
    /// A number outside its range.
    #[error("`{key}` must be from {least} to {most}")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// The least value.
        least: i64,
        /// The greatest value.
        most: i64,
    },
    /// More entries than a pack may have.
    #[error("more than {most} of `{key}`")]
    TooMany {
        /// The key.
        key: &'static str,
        /// The most entries allowed.
        most: usize,
    },
    /// A list without an entry that needs one.
    #[error("`{key}` must not be empty")]
    Empty {
        /// The key.
        key: &'static str,
    },
    /// A name with other characters than small letters, digits and hyphens; keys of sources may have capital letters.
    #[error("`{key}` must be a name: letters, digits and hyphens, at most 48")]
    NotAName {
        /// The key.
        key: &'static str,
    },
    /// Blank, longer than a line may be, or with control characters.
    #[error("`{key}` must be one line of text, at most 400 bytes")]
    NotALine {
        /// The key.
        key: &'static str,
    },
    /// The same name or entry a second time.
    #[error("`{key}` says this a second time")]
    Twice {
        /// The key.
        key: &'static str,
    },
    /// A word that is not one of the few that may stand here.
    #[error("`{key}` has a word that packs do not have there")]
    UnknownWord {
        /// The key.
        key: &'static str,
    },
    /// A date that no calendar has, or one with a time of day.
    #[error("`{key}` must be a date, as in 2025-01-31")]
    NotADate {
        /// The key.
        key: &'static str,
    },
    /// A zone that is not in the IANA time zone database.
    #[error("`zone` must be a name of the iana time zone database")]
    UnknownZone,
    /// An address that is not `http` or `https`.
    #[error("`url` must begin with https:// or http:// and have no blanks")]
    NotAnAddress,
    /// A section that charts do not have.
    #[error("no section of a chart has this name")]
    UnknownSection,
    /// A verb that scopes do not have.
    #[error("no verb has this name")]
    UnknownVerb,
    /// A sensitivity label that this version does not know.
    #[error("no sensitivity label has this code")]
    UnknownLabel,
    /// A legal basis that grants do not have.
    #[error("no legal basis has this name")]
    UnknownBasis,
    /// A code without a system, or of a system that packs do not name.
    #[error("a code is a system and a code, as in \"cvx 62\"; systems are loinc, snomed, rxnorm, cvx, icd10cm, icd10")]
    NotACode,
    /// A source that the pack does not list.
    #[error("no source has the key `{key}`")]
    UnknownSource {
        /// The key that is cited.
        key: Box<str>,
    },
    /// A template that the pack does not have.
    #[error("no template has the name `{name}`")]
    UnknownTemplate {
        /// The name.
        name: Box<str>,
    },
    /// A part of the profile that does not exist, or that never changes without the clinic.
    #[error("no part of the profile that may change without the clinic has the name `{name}`")]
    UnknownPart {
        /// The name.
        name: Box<str>,
    },
    /// Two numbers that belong together the wrong way round.
    #[error("`{key}` contradicts the number that it belongs to")]
    Inverted {
        /// The key.
        key: &'static str,
    },
    /// A topic that the pack does not have.
    #[error("no topic has the name `{name}`")]
    UnknownTopic {
        /// The name.
        name: Box<str>,
    },
    /// A label that only the patient's own consent opens.
    #[error("no template may show this label: only a consent of the patient's own opens it")]
    ByConsentOnly,
    /// The first band begins after birth.
    #[error("the first band must begin at 0")]
    NoFirstBand,
    /// Ages that no band covers.
    #[error("a gap: this band must begin where the band before ends")]
    BandGap,
    /// Ages that two bands cover.
    #[error("an overlap: this band must begin where the band before ends")]
    BandOverlap,
    /// A band that ends before it begins.
    #[error("this band ends before it begins")]
    EmptyBand,
    /// A band without an end that is not the last.
    #[error("only the last band may have no end")]
    OpenBandNotLast,
    /// The last band has an end, so some ages have no rule.
    #[error("the last band must have no end")]
    NoLastBand,
    /// Adults must see their own chart.
    #[error("in the last band the patient's own access must be a template")]
    LastBandWithoutOwnAccess,
    /// For adults there must be a portal, and no assent stands in for a consent.
    #[error(
        "in the last band access by age is kept, frozen, suspended or revoked, never by assent or without a portal"
    )]
    LastBandProxy,
    /// No portal for anybody, and an account for the patient.
    #[error("where there is no portal, the patient has no access of the own and nobody can be given more")]
    NoPortalForSome,
    /// The first band has nothing before it to take away from.
    #[error("the first band has no band before it, so nothing can be downgraded")]
    NothingToDowngrade,
    /// Access by age must not grow with age.
    #[error("this template gives more than the band before")]
    WiderThanBefore,
    /// Nobody whose access rests on age may decide who else gets in.
    #[error("this template may `manage`, which access that follows age never does")]
    ManageByAge,
    /// Access on this basis does not depend on the patient's age.
    #[error("access on the basis of {basis} must not follow age")]
    MustBeAgeless {
        /// The legal basis.
        basis: &'static str,
    },
    /// The basis needs an end.
    #[error("access on the basis of {basis} must have `max-days`")]
    MustEnd {
        /// The legal basis.
        basis: &'static str,
    },
    /// A patient cannot say that the patient cannot decide.
    #[error("access on the basis of diminished-capacity must rest on an attestation")]
    MustBeAttested,
    /// Only a consent rests on the patient's own word.
    #[error("access on the basis of {basis} must rest on a document or an attestation")]
    WordIsNotEnough {
        /// The legal basis.
        basis: &'static str,
    },
    /// A guardian is verified by no fewer members of staff than anybody else.
    #[error("court-guardian must have at least as many verifiers as every other basis")]
    GuardianWithFewerVerifiers,
    /// What is sensitive needs no less assurance than what is not.
    #[error("`sensitive` must be at least as high as `view`")]
    SensitiveBelowView,
    /// Days of notice that do not count down.
    #[error("`notices-days` must count down, without repeating a day")]
    NoticesNotDescending,
    /// A delay without a reason (45 CFR 171: likely information blocking).
    #[error("a delay must name its `ground`: the law or the policy, in one line")]
    DelayWithoutGround,
    /// A delay without a source.
    #[error("a delay must `cite` a source")]
    DelayWithoutSource,
    /// A delay of whole sections (45 CFR 171: likely information blocking).
    #[error("a delay must name topics or labels: a whole section is never held back")]
    BlanketDelay,
}
