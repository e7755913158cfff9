//! A feed of messages straight into charts.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::chart::SourceId;
use mychartum_core::port::Clock;
use mychartum_core::portal::{Failure, Portal};
use mychartum_core::sync::IntakeReport;

use super::receiver::{Answer, Ended, Received, Receiver};
use crate::hl7v2::{
    Acknowledgement, Disposition, ErrorCondition, Message, Place, SourceSettings, Stamp, is_for_a_chart, parcels_of,
};

/// Takes the messages of one source into charts, and acknowledges what is durable.
///
/// A message is accepted (`AA`, `CA`) when everything that it says is filed or in quarantine; also an odd one, so that it never
/// blocks those behind it. It is refused for good (`AR`, `CR`) where its bytes are no message, its MSH-11 is not one that the
/// settings take, its type is none that says anything for a chart, or its version is not 2. Where storage or keys fail it is
/// refused for now (`AE`, `CE`), and its sender comes again: nothing is filed twice.
pub struct ChartFeed {
    portal: Arc<Portal>,
    source: SourceId,
    settings: SourceSettings,
    clock: Arc<dyn Clock>,
    numbers: AtomicU64,
    told: Box<dyn Fn(Taken) + Send + Sync>,
}

/// What became of one message of a feed. It holds counts and no content.
#[derive(Debug)]
#[non_exhaustive]
pub enum Taken {
    /// Its parcels are durable, each with its fate.
    Durable(IntakeReport),
    /// It was refused for good: no message, or none that is ever taken here.
    Refused,
    /// It was refused for now.
    Failed(Failure),
}

impl core::fmt::Debug for ChartFeed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ChartFeed").field("source", &self.source).finish_non_exhaustive()
    }
}

impl ChartFeed {
    /// A feed of a source. `told` hears what became of each message; it must not block.
    pub fn new(
        portal: Arc<Portal>,
        source: SourceId,
        settings: SourceSettings,
        clock: Arc<dyn Clock>,
        told: impl Fn(Taken) + Send + Sync + 'static,
    ) -> Self {
        Self { portal, source, settings, clock, numbers: AtomicU64::new(0), told: Box::new(told) }
    }

    /// Why a message is none that is ever taken here, and which field of MSH says so.
    fn refusal(&self, message: &Message<'_>) -> Option<(ErrorCondition, u32)> {
        let version = message.version();
        let version = version.trim();
        // Which 2.x it says is advice at most; a message that does not say is one.
        let is_version_2 = version.is_empty() || version == "2" || version.starts_with("2.");
        if !self.settings.processing.takes(message) {
            Some((ErrorCondition::UnsupportedProcessingId, 11))
        } else if !is_for_a_chart(message) {
            Some((ErrorCondition::UnsupportedMessageType, 9))
        } else if !is_version_2 {
            Some((ErrorCondition::UnsupportedVersion, 12))
        } else {
            None
        }
    }

    async fn file(&self, message: &Message<'_>) -> Result<IntakeReport, Failure> {
        let parcels = parcels_of(message, &self.settings, 0, 0);
        let mut intake = self.portal.intake(self.source.clone())?;
        intake.offer(parcels).await?;
        Ok(intake.finish())
    }
}

#[async_trait]
impl Receiver for ChartFeed {
    async fn receive(&self, received: Received) -> Answer {
        let now = self.clock.now();
        // Unique as long as the clock moves on between two starts.
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let control_id = format!("{:x}{number:x}", now.timestamp_millis());
        let stamp = Stamp { time: now, control_id: &control_id };
        let grammar = &self.settings.grammar;
        let message = match Message::parse(&received.message, grammar) {
            Ok(message) => message,
            Err(error) => {
                (self.told)(Taken::Refused);
                let answer = Acknowledgement::of_unreadable(&received.message, error, grammar, stamp);
                return Answer::with(answer.into_frames());
            }
        };
        if message.is_answer() {
            return Answer::default();
        }
        let disposition = match self.refusal(&message) {
            Some((condition, field)) => {
                (self.told)(Taken::Refused);
                Disposition::Refused(condition, Some(Place::of(&message.header(), field)))
            }
            None => match self.file(&message).await {
                Ok(report) => {
                    (self.told)(Taken::Durable(report));
                    Disposition::Accepted
                }
                Err(failure) => {
                    (self.told)(Taken::Failed(failure));
                    Disposition::Failed
                }
            },
        };
        Answer::with(Acknowledgement::of(&message, disposition, stamp).into_frames())
    }

    fn ended(&self, _: Ended) {}
}
