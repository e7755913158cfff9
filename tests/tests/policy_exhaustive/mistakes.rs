//! The specification's rules as they are read: soundly, or with one mistake made on purpose.

/// Mistakes that are made on purpose, to see that the comparison finds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    BirthdayOneDayLate,
    LeapDayAlwaysInMarch,
    OldestReadingGuessed,
    TeenMaskMissing,
    MinorUpToAndWithTheLastYear,
    FreezeOneDayLate,
    WideningOutlivesItsBand,
    WideningOutlivesItsEnd,
    AnyVerb,
    HiddenIgnored,
    UnreleasedShownToProxies,
    ExpiryInclusive,
    StartExclusive,
    LabelsOverlap,
    UnknownLabelAllowed,
    TokenOfAnotherPatient,
    GlassWithoutBreaking,
    GlassNeverEnds,
    NarrowingIgnored,
    DelegatorIgnored,
    TopicsIgnored,
    AssentNotNeeded,
    LabelIsAWrittenConsent,
    RecordsOpenNotes,
    ProceedingsIgnored,
}

impl Bug {
    pub(crate) const ALL: [Self; 25] = [
        Self::BirthdayOneDayLate,
        Self::LeapDayAlwaysInMarch,
        Self::OldestReadingGuessed,
        Self::TeenMaskMissing,
        Self::MinorUpToAndWithTheLastYear,
        Self::FreezeOneDayLate,
        Self::WideningOutlivesItsBand,
        Self::WideningOutlivesItsEnd,
        Self::AnyVerb,
        Self::HiddenIgnored,
        Self::UnreleasedShownToProxies,
        Self::ExpiryInclusive,
        Self::StartExclusive,
        Self::LabelsOverlap,
        Self::UnknownLabelAllowed,
        Self::TokenOfAnotherPatient,
        Self::GlassWithoutBreaking,
        Self::GlassNeverEnds,
        Self::NarrowingIgnored,
        Self::DelegatorIgnored,
        Self::TopicsIgnored,
        Self::AssentNotNeeded,
        Self::LabelIsAWrittenConsent,
        Self::RecordsOpenNotes,
        Self::ProceedingsIgnored,
    ];
}

/// The rules as they are read: soundly, or with one mistake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Law {
    pub(crate) bug: Option<Bug>,
}

impl Law {
    pub(crate) const SOUND: Self = Self { bug: None };

    pub(crate) fn has(self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}
