//! Reading an acknowledgement.

use super::Message;

/// What an acknowledgement says (MSA-1, HL7 table 0008).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckCode {
    /// `AA`: taken and worked on.
    ApplicationAccept,
    /// `AE`: an error; the same message may be sent again.
    ApplicationError,
    /// `AR`: refused; sending it again is of no use.
    ApplicationReject,
    /// `CA`: taken and kept.
    CommitAccept,
    /// `CE`: could not be kept; the same message may be sent again.
    CommitError,
    /// `CR`: refused; sending it again is of no use.
    CommitReject,
}

impl AckCode {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccept => "AA",
            Self::ApplicationError => "AE",
            Self::ApplicationReject => "AR",
            Self::CommitAccept => "CA",
            Self::CommitError => "CE",
            Self::CommitReject => "CR",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [
            Self::ApplicationAccept,
            Self::ApplicationError,
            Self::ApplicationReject,
            Self::CommitAccept,
            Self::CommitError,
            Self::CommitReject,
        ];
        all.into_iter().find(|code| text.trim().eq_ignore_ascii_case(code.as_str()))
    }

    /// Whether the message was taken.
    #[must_use]
    pub const fn is_accept(self) -> bool {
        matches!(self, Self::ApplicationAccept | Self::CommitAccept)
    }

    /// Whether the same message may be sent again.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::ApplicationError | Self::CommitError)
    }
}

/// Why a message is no acknowledgement that can be used. Without one, nothing is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReplyError {
    /// It has no MSA.
    #[error("acknowledgement: no MSA segment")]
    NoMsa,
    /// MSA-1 is none of the six codes.
    #[error("acknowledgement: MSA-1 is no known code")]
    Code,
    /// MSA-2 is empty, so it is not known which message is meant.
    #[error("acknowledgement: MSA-2 is empty")]
    NoControlId,
}

/// What an acknowledgement says, and of which message.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// What it says.
    pub code: AckCode,
    /// The control id of the message that it acknowledges (MSA-2).
    pub control_id: Box<str>,
    /// The codes of what was wrong (ERR-3.1, or ERR-1.4.1 before v2.5), as they were sent. The other side wrote them, so they are
    /// not to be trusted to hold no chart.
    pub errors: Vec<Box<str>>,
}

impl core::fmt::Debug for Reply {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Reply({}, [hidden])", self.code.as_str())
    }
}

impl Reply {
    /// Reads an acknowledgement.
    ///
    /// # Errors
    /// [`ReplyError`] for what acknowledges nothing.
    pub fn read(message: &Message<'_>) -> Result<Self, ReplyError> {
        let msa = message.segments().find_named("MSA").ok_or(ReplyError::NoMsa)?;
        let code = AckCode::parse(&msa.field(1).text()).ok_or(ReplyError::Code)?;
        let control_id = msa.field(2).value().ok_or(ReplyError::NoControlId)?;
        let control_id = control_id.trim();
        if control_id.is_empty() {
            return Err(ReplyError::NoControlId);
        }
        let errors = message.segments().named("ERR").filter_map(|err| {
            let old = || err.field(1).component(4).subcomponent(1).value();
            err.field(3).component(1).value().or_else(old).map(Into::into)
        });
        Ok(Self { code, control_id: control_id.into(), errors: errors.collect() })
    }

    /// Whether it is of the message with this control id. An acknowledgement of another message is none of this one.
    #[must_use]
    pub fn is_of(&self, control_id: &str) -> bool {
        &*self.control_id == control_id.trim()
    }
}
