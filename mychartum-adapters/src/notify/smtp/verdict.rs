//! What an answer means for whoever sends.

use mychartum_core::port::notifier::{NotifyError, NotifyErrorKind};

use super::reply::Reply;

/// The step of the conversation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Tls,
    Greeting,
    Hello,
    SignIn,
    Sender,
    Recipient,
    Data,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Greeting => "greeting",
            Self::Hello => "hello",
            Self::SignIn => "sign-in",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Data => "data",
        }
    }

    pub(super) const fn passing(self) -> NotifyError {
        NotifyError::new(NotifyErrorKind::Passing, self.name())
    }

    pub(super) const fn refused(self) -> NotifyError {
        NotifyError::new(NotifyErrorKind::Refused, self.name())
    }

    pub(super) const fn bad_address(self) -> NotifyError {
        NotifyError::new(NotifyErrorKind::BadAddress, self.name())
    }

    /// The error that a negative reply at this step is.
    ///
    /// An address is called bad only where the server names the mailbox: by an enhanced code of RFC 3463 (no such mailbox, no
    /// such system, wrong syntax, moved), or by 553 to the recipient. A bare 550 is as often a rule about senders.
    pub(super) fn verdict(self, reply: &Reply) -> NotifyError {
        match (self, reply.code, reply.enhanced) {
            (_, ..500, _) => self.passing(),
            (Self::Recipient | Self::Data, _, Some((5, 1, 1 | 2 | 3 | 6))) => self.bad_address(),
            (Self::Recipient, 553, None | Some((5, 1, _))) => self.bad_address(),
            _ => self.refused(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart() {
        use NotifyErrorKind::{BadAddress, Passing, Refused};
        let of = |step: Step, code, enhanced| step.verdict(&Reply { code, enhanced, lines: Vec::new() }).kind();
        let cases = [
            (Step::Recipient, 450, None, Passing),
            (Step::Recipient, 451, Some((4, 7, 1)), Passing),
            (Step::Greeting, 421, None, Passing),
            (Step::Data, 452, None, Passing),
            (Step::SignIn, 454, None, Passing),
            (Step::Recipient, 550, Some((5, 1, 1)), BadAddress),
            (Step::Recipient, 550, Some((5, 1, 2)), BadAddress),
            (Step::Recipient, 501, Some((5, 1, 3)), BadAddress),
            (Step::Recipient, 551, Some((5, 1, 6)), BadAddress),
            (Step::Recipient, 553, None, BadAddress),
            (Step::Data, 550, Some((5, 1, 1)), BadAddress),
            (Step::Recipient, 550, None, Refused),
            (Step::Recipient, 550, Some((5, 7, 1)), Refused),
            (Step::Recipient, 553, Some((5, 7, 1)), Refused),
            (Step::Recipient, 552, Some((5, 2, 2)), Refused),
            // About us, not about the reader.
            (Step::Sender, 553, None, Refused),
            (Step::Sender, 550, Some((5, 1, 1)), Refused),
            (Step::Sender, 550, Some((5, 1, 8)), Refused),
            (Step::SignIn, 535, Some((5, 7, 8)), Refused),
            (Step::Greeting, 554, None, Refused),
            (Step::Data, 554, None, Refused),
        ];
        for (step, code, enhanced, kind) in cases {
            assert_eq!(of(step, code, enhanced), kind, "{step:?} {code} {enhanced:?}");
        }
    }
}
