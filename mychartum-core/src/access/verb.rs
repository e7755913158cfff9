//! What one does with a section of a chart.

/// What someone does with a section of a chart, as a scope grants it.
///
/// An audit [`Action`](crate::audit::Action) is what happened; a verb is what one may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Read it on a page.
    View,
    /// Take it away as a file.
    Download,
    /// Pass it on to someone else.
    Share,
    /// Write to the care team about it.
    Message,
    /// Book, move or cancel.
    Schedule,
    /// Ask for something: a refill, a correction, a form.
    Request,
    /// Pay.
    Pay,
    /// Decide who else may: grants, preferences, settings.
    Manage,
}

impl Verb {
    /// All verbs.
    pub const ALL: [Self; 8] = [
        Self::View,
        Self::Download,
        Self::Share,
        Self::Message,
        Self::Schedule,
        Self::Request,
        Self::Pay,
        Self::Manage,
    ];

    /// Its number in stored scopes, 0 to 7; never reused.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::View => 0,
            Self::Download => 1,
            Self::Share => 2,
            Self::Message => 3,
            Self::Schedule => 4,
            Self::Request => 5,
            Self::Pay => 6,
            Self::Manage => 7,
        }
    }

    /// Its name in policy packs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Download => "download",
            Self::Share => "share",
            Self::Message => "message",
            Self::Schedule => "schedule",
            Self::Request => "request",
            Self::Pay => "pay",
            Self::Manage => "manage",
        }
    }

    /// The verb of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }
}
