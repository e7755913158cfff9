//! The notifier port: carrying a public text to a person.

mod channel;
mod error;
mod notice;
mod outgoing;
mod public_text;

use core::fmt::Debug;

use async_trait::async_trait;

pub use channel::{Channel, ChannelSet};
pub use error::{NotifyError, NotifyErrorKind};
pub use notice::{Category, Notice};
pub use outgoing::{CarrierId, DeliveryReport, NoticeId, Outgoing, Reported};
pub use public_text::{Links, PortalName, PublicLink, PublicText};

/// Carries a [`PublicText`] by e-mail, text message, push or webhook.
///
/// # What it is for
/// Telling people that something happened, with a link or a code where they asked for one. What happened to their health is
/// never in it: [`PublicText`] cannot hold it.
///
/// # Promises
/// 1. **Taken means carried on.** `Ok` means that the next hop took the whole message (SMTP's 250, a gateway's 2xx).
/// 2. **One address.** The message goes to the address in [`Outgoing`] and to nobody else: no copies, no lists.
/// 3. **Unaltered.** Nothing is added to what the text says but the words around it, in the language that it names or the
///    nearest that there is.
/// 4. **Told apart.** An error's kind is `Passing` only where trying again may help, `BadAddress` only where this address
///    will never work, `Refused` otherwise.
/// 5. **Same id, same message.** The id of [`Outgoing`] goes out as the message's own id or idempotency key, so that a
///    repetition after a lost answer can be known as one.
/// 6. **Says what it carries.** `channels` is constant, and `deliver` is `Refused` for any other channel.
/// 7. **In time.** `deliver` ends by itself, also when the other side never answers.
/// 8. **Silent.** Nothing of the text or the address is logged or shown in errors.
///
/// # What the library promises you
/// It never has two deliveries of one notice under way at once, waits longer after each passing error, and gives up after the
/// policy's time; then staff see it.
///
/// # If you break it
/// A notice is lost, or comes twice. No chart is told: there is none in it. A link or a code in the wrong hands opens nothing
/// without the date of birth or the password.
///
/// # Test yourself
/// `mychartum_testkit::conformance::notifier` runs a case for each number above against your notifier.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Notifier: Debug + Send + Sync + 'static {
    /// What it carries.
    fn channels(&self) -> ChannelSet;

    /// Carries one message; returns what the next hop calls it, for later [`DeliveryReport`]s.
    ///
    /// # Errors
    /// [`NotifyError`] with its kind.
    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError>;
}

#[async_trait]
impl<T: Notifier + ?Sized> Notifier for std::sync::Arc<T> {
    fn channels(&self) -> ChannelSet {
        (**self).channels()
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        (**self).deliver(outgoing).await
    }
}
