//! The suite against a toy notifier that keeps all promises, and against ones that break one each.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mychartum_core::kernel::{Address, EmailAddress};
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{CarrierId, Channel, ChannelSet, NotifyError, NotifyErrorKind, Outgoing};

use super::{FarSide, Harness, Received, Stage, run_all};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    Taken,
    Believed,
    Address,
    Language,
    Code,
    Kind,
    Id,
    Channel,
    Time,
    Silence,
}

struct Toy {
    breaks: Breaks,
    far_side: FarSide,
    last: Mutex<Option<String>>,
    out: Arc<Mutex<Vec<Received>>>,
}

impl std::fmt::Debug for Toy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Toy {:?}", self.last)
    }
}

#[async_trait]
impl Notifier for Toy {
    fn channels(&self) -> ChannelSet {
        Channel::Email.into()
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let kind = |kind| if self.breaks == Breaks::Kind { NotifyErrorKind::BadAddress } else { kind };
        let fail = |kind| Err(NotifyError::new(kind, "toy"));
        if outgoing.channel() != Channel::Email && self.breaks != Breaks::Channel {
            return fail(NotifyErrorKind::Refused);
        }
        if self.breaks == Breaks::Silence {
            *self.last.lock().unwrap() = outgoing.text().expose_code().map(str::to_owned);
        }
        match self.far_side {
            FarSide::Good => {}
            _ if self.breaks == Breaks::Believed => return Ok(None),
            FarSide::Busy => return fail(kind(NotifyErrorKind::Passing)),
            FarSide::BadAddress => return fail(NotifyErrorKind::BadAddress),
            FarSide::Refusing => return fail(kind(NotifyErrorKind::Refused)),
            FarSide::Silent if self.breaks == Breaks::Time => return std::future::pending().await,
            FarSide::Silent => return fail(NotifyErrorKind::Passing),
        }
        let mut to: Vec<_> = outgoing.address().iter().map(|address| address.as_str().to_owned()).collect();
        if self.breaks == Breaks::Address {
            to.push("archive@example.org".to_owned());
        }
        let text = outgoing.text();
        let language = if self.breaks == Breaks::Language { "en" } else { text.language().as_str() };
        let code = text.expose_code().filter(|_| self.breaks != Breaks::Code).unwrap_or("");
        let token = text.link().and_then(|link| link.expose_token()).unwrap_or("");
        let mut out = self.out.lock().unwrap();
        let id = if self.breaks == Breaks::Id { out.len().to_string() } else { outgoing.id().to_string() };
        if self.breaks != Breaks::Taken {
            out.push(Received { to, id: Some(id), text: format!("{language} {code} {token}") });
        }
        Ok(None)
    }
}

struct Toys(Breaks);

#[async_trait]
impl Harness for Toys {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn address(&self) -> Option<Address> {
        EmailAddress::parse("maria@example.org").ok().map(Address::Email)
    }

    async fn stage(&self, far_side: FarSide) -> Option<Stage> {
        let out = Arc::new(Mutex::new(Vec::new()));
        let notifier = Arc::new(Toy { breaks: self.0, far_side, last: Mutex::default(), out: out.clone() });
        Some(Stage { notifier, received: Box::new(move || out.lock().unwrap().clone()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_notifier_passes() {
    run_all(&Toys(Breaks::Nothing)).await.assert_passed();
}

#[tokio::test(start_paused = true)]
async fn each_bad_notifier_is_caught_by_its_promise() {
    for (breaks, promise) in [
        (Breaks::Taken, 1),
        (Breaks::Believed, 1),
        (Breaks::Address, 2),
        (Breaks::Language, 3),
        (Breaks::Code, 3),
        (Breaks::Kind, 4),
        (Breaks::Id, 5),
        (Breaks::Channel, 6),
        (Breaks::Time, 7),
        (Breaks::Silence, 8),
    ] {
        let report = run_all(&Toys(breaks)).await;
        assert!(report.broke(promise), "{breaks:?}\n{report}");
    }
}
