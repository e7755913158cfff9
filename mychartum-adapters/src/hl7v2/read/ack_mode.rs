//! Which acknowledgements a sender asks for.

use super::Message;

/// When an acknowledgement is wanted (HL7 table 0155).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// `AL`: always. Codes that nobody knows count as this: saying too much is mended more easily than saying nothing.
    Always,
    /// `NE`: never; also where only the other field says something.
    Never,
    /// `ER`: only of errors and refusals.
    OnError,
    /// `SU`: only of success.
    OnSuccess,
}

impl Condition {
    fn of(code: Option<&str>) -> Self {
        match code.map(|code| code.trim().to_ascii_uppercase()).as_deref() {
            None | Some("NE") => Self::Never,
            Some("ER") => Self::OnError,
            Some("SU") => Self::OnSuccess,
            Some(_) => Self::Always,
        }
    }

    /// Whether one is wanted after this outcome.
    #[must_use]
    pub const fn wants(self, success: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnError => !success,
            Self::OnSuccess => success,
        }
    }
}

/// What is wanted in enhanced mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Conditions {
    /// Whether it is to be told that the message was taken and kept (MSH-15; `CA`, `CE`, `CR`).
    pub accept: Condition,
    /// Whether it is to be told what became of it (MSH-16; `AA`, `AE`, `AR`).
    pub application: Condition,
}

/// How a message is to be acknowledged (HL7 v2.9 section 2.9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckMode {
    /// One answer, always: MSH-15 and MSH-16 say nothing.
    Original,
    /// As MSH-15 and MSH-16 say.
    Enhanced(Conditions),
}

impl AckMode {
    /// How a message wants to be acknowledged.
    #[must_use]
    pub fn of(message: &Message<'_>) -> Self {
        let header = message.header();
        let (accept, application) = (header.field(15).value(), header.field(16).value());
        if accept.is_none() && application.is_none() {
            return Self::Original;
        }
        let of = |code: Option<std::borrow::Cow<'_, str>>| Condition::of(code.as_deref());
        Self::Enhanced(Conditions { accept: of(accept), application: of(application) })
    }
}
