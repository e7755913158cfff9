//! The life of one message to one address, as a pure machine.

use serde::{Deserialize, Serialize};

use crate::port::notifier::{NotifyErrorKind, Reported};

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// It waits to be carried, now or from the end of the quiet hours on.
    Queued,
    /// A worker has it.
    UnderWay,
    /// It failed for now, so many times.
    Retrying(u16),
    /// The next hop took it.
    Sent,
    /// It arrived.
    Delivered,
    /// It came back, or the address does not work.
    Bounced,
    /// The carrier lost it after taking it.
    Failed,
    /// It was given up; staff see it.
    DeadLetter,
    /// It was not sent, for a reason.
    Suppressed(Suppressed),
}

/// Why a notice was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suppressed {
    /// Its reader does not want it.
    NotWanted,
    /// There is no verified address to send it to.
    NoAddress,
    /// Nobody carries that channel here.
    NoCarrier,
    /// What it tells of is over: a link that was used, a grant that ended.
    Over,
    /// Its reader may not know of it any more.
    NotAllowed,
    /// Its reader's account is closed.
    Closed,
}

/// What happens to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryEvent {
    /// A worker takes it up.
    Take,
    /// The next hop took it.
    Carried,
    /// It was not carried.
    Error(NotifyErrorKind),
    /// It is too old to be tried again.
    GiveUp,
    /// It must not be sent any more.
    Suppress(Suppressed),
    /// The provider tells what became of it.
    Report(Reported),
}

/// Something happened to a message that cannot happen to it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("notice: {event} is not possible where it stands")]
pub struct IllegalDelivery {
    /// What was tried.
    pub event: &'static str,
}

impl DeliveryState {
    /// Whether it still waits to be carried.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Queued | Self::UnderWay | Self::Retrying(_))
    }

    /// Whether the address turned out not to work.
    #[must_use]
    pub const fn shows_bad_address(self) -> bool {
        matches!(self, Self::Bounced)
    }

    /// Where it stands after something happened. A report that comes again changes nothing.
    pub(crate) const fn after(self, event: DeliveryEvent, failed: u16) -> Result<Self, IllegalDelivery> {
        use DeliveryEvent as E;
        Ok(match (self, event) {
            // A worker that vanished leaves it under way; when its lease is over another one takes it.
            (Self::Queued | Self::Retrying(_) | Self::UnderWay, E::Take) => Self::UnderWay,
            (Self::UnderWay, E::Carried) => Self::Sent,
            (Self::UnderWay, E::Error(NotifyErrorKind::Passing)) => Self::Retrying(failed.saturating_add(1)),
            (Self::UnderWay, E::Error(NotifyErrorKind::BadAddress)) => Self::Bounced,
            (Self::UnderWay, E::Error(NotifyErrorKind::Refused)) => Self::DeadLetter,
            (Self::Queued | Self::Retrying(_) | Self::UnderWay, E::GiveUp) => Self::DeadLetter,
            (Self::Queued | Self::Retrying(_) | Self::UnderWay, E::Suppress(why)) => Self::Suppressed(why),
            (Self::Sent, E::Report(Reported::Delivered)) => Self::Delivered,
            (Self::Sent | Self::Delivered, E::Report(Reported::Bounced | Reported::Unsubscribed)) => Self::Bounced,
            (Self::Sent, E::Report(Reported::Failed)) => Self::Failed,
            (Self::Delivered | Self::Bounced | Self::Failed, E::Report(_)) => self,
            (_, E::Take) => return Err(IllegalDelivery { event: "taking it up" }),
            (_, E::Carried | E::Error(_)) => return Err(IllegalDelivery { event: "carrying it" }),
            (_, E::GiveUp) => return Err(IllegalDelivery { event: "giving it up" }),
            (_, E::Suppress(_)) => return Err(IllegalDelivery { event: "suppressing it" }),
            (_, E::Report(_)) => return Err(IllegalDelivery { event: "a report" }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [DeliveryEvent; 11] = [
        DeliveryEvent::Take,
        DeliveryEvent::Carried,
        DeliveryEvent::Error(NotifyErrorKind::Passing),
        DeliveryEvent::Error(NotifyErrorKind::BadAddress),
        DeliveryEvent::Error(NotifyErrorKind::Refused),
        DeliveryEvent::GiveUp,
        DeliveryEvent::Suppress(Suppressed::Over),
        DeliveryEvent::Report(Reported::Delivered),
        DeliveryEvent::Report(Reported::Bounced),
        DeliveryEvent::Report(Reported::Failed),
        DeliveryEvent::Report(Reported::Unsubscribed),
    ];

    /// Every sequence of events to a depth, with the states that it passes through.
    fn walk(
        state: DeliveryState,
        path: &mut Vec<DeliveryState>,
        depth: usize,
        seen: &mut impl FnMut(&[DeliveryState]),
    ) {
        path.push(state);
        seen(path);
        if depth > 0 {
            for event in EVENTS {
                if let Ok(next) = state.after(event, 0) {
                    walk(next, path, depth - 1, seen);
                }
            }
        }
        path.pop();
    }

    #[test]
    fn nothing_is_carried_again_once_it_left_and_nothing_is_lost() {
        let mut paths = 0;
        walk(DeliveryState::Queued, &mut Vec::new(), 7, &mut |path| {
            paths += 1;
            let left = path.iter().position(|state| !state.is_waiting());
            if let Some(left) = left {
                assert!(path.iter().skip(left).all(|state| !state.is_waiting()), "{path:?}");
            }
            let is_sent = |state: &DeliveryState| *state == DeliveryState::Sent;
            assert!(path.iter().filter(|state| is_sent(state)).count() <= 1, "{path:?}");
            for pair in path.windows(2) {
                assert!(!is_sent(&pair[1]) || pair[0] == DeliveryState::UnderWay, "{path:?}");
            }
        });
        assert!(paths > 1_000, "{paths}");
    }

    #[test]
    fn a_report_that_comes_twice_changes_nothing() {
        for reported in [Reported::Delivered, Reported::Bounced, Reported::Failed, Reported::Unsubscribed] {
            let once = DeliveryState::Sent.after(DeliveryEvent::Report(reported), 0).unwrap();
            assert_eq!(once.after(DeliveryEvent::Report(reported), 0), Ok(once), "{reported:?}");
        }
        assert!(DeliveryState::Queued.after(DeliveryEvent::Report(Reported::Delivered), 0).is_err());
    }
}
