//! Several notifiers as one.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{CarrierId, Channel, ChannelSet, NotifyError, NotifyErrorKind, Outgoing};

use super::SetupError;

/// Gives each message to the notifier of its channel.
///
/// Which notifier carries what is asked once, when it is added. What nobody carries is refused.
#[derive(Debug, Default)]
pub struct ByChannel {
    carriers: Vec<(ChannelSet, Arc<dyn Notifier>)>,
}

impl ByChannel {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// And this one, for all that it carries.
    ///
    /// # Errors
    /// [`SetupError::ChannelTwice`] where another carries one of its channels: two could send one message twice.
    pub fn and(mut self, notifier: Arc<dyn Notifier>) -> Result<Self, SetupError> {
        let (carried, new) = (self.channels(), notifier.channels());
        if Channel::ALL.into_iter().any(|channel| carried.contains(channel) && new.contains(channel)) {
            return Err(SetupError::ChannelTwice);
        }
        self.carriers.push((new, notifier));
        Ok(self)
    }
}

#[async_trait]
impl Notifier for ByChannel {
    fn channels(&self) -> ChannelSet {
        let carried = |channel: &Channel| self.carriers.iter().any(|(set, _)| set.contains(*channel));
        Channel::ALL.into_iter().filter(carried).fold(ChannelSet::NONE, ChannelSet::with)
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let carrier = self.carriers.iter().find(|(set, _)| set.contains(outgoing.channel()));
        match carrier {
            Some((_, notifier)) => notifier.deliver(outgoing).await,
            None => Err(NotifyError::new(NotifyErrorKind::Refused, "channel")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::kernel::LanguageTag;
    use mychartum_core::port::notifier::Notice;
    use std::sync::Mutex;

    #[derive(Debug)]
    struct One(Channel, Mutex<u32>);

    #[async_trait]
    impl Notifier for One {
        fn channels(&self) -> ChannelSet {
            self.0.into()
        }

        async fn deliver(&self, _outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
            *self.1.lock().unwrap() += 1;
            Ok(None)
        }
    }

    #[tokio::test]
    async fn each_message_goes_to_the_notifier_of_its_channel() {
        let of = |channel| Arc::new(One(channel, Mutex::new(0)));
        let (mail, texts) = (of(Channel::Email), of(Channel::Text));
        let both = ByChannel::new().and(mail.clone()).unwrap().and(texts.clone()).unwrap();
        assert_eq!(both.channels(), ChannelSet::from(Channel::Email).with(Channel::Text));
        let send = async |channel| {
            let message = Outgoing::sample([1; 16], channel, None, Notice::NewRecord, LanguageTag::default());
            both.deliver(&message).await
        };
        assert!(send(Channel::Text).await.is_ok());
        assert_eq!((*mail.1.lock().unwrap(), *texts.1.lock().unwrap()), (0, 1));
        assert!(send(Channel::Email).await.is_ok());
        assert_eq!((*mail.1.lock().unwrap(), *texts.1.lock().unwrap()), (1, 1));
        assert_eq!(send(Channel::Webhook).await.unwrap_err().kind(), NotifyErrorKind::Refused);
        assert_eq!(both.and(of(Channel::Email)).unwrap_err(), SetupError::ChannelTwice);
    }
}
