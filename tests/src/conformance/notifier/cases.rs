//! The eight promises of the notifier port.

use core::time::Duration;

use mychartum_core::kernel::LanguageTag;
use mychartum_core::port::notifier::{Channel, Notice, NotifyErrorKind, Outgoing};

use super::{FarSide, Harness, Stage};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// After this a delivery does not end by itself. Only what breaks the promise waits so long.
const NEVER: Duration = Duration::from_secs(90);

async fn good(harness: &dyn Harness) -> Result<Stage, Breach> {
    harness.stage(FarSide::Good).await.ok_or_else(|| "there is no good far side".into())
}

fn outgoing(harness: &dyn Harness, id: u8, notice: Notice, language: &str) -> Result<Outgoing, Breach> {
    let language = LanguageTag::parse(language).map_err(|_| Breach::from("a language of the suite"))?;
    Ok(Outgoing::sample([id; 16], harness.channel(), harness.address(), notice, language))
}

pub(super) async fn taken_is_carried_on(harness: &dyn Harness) -> Result<(), Breach> {
    let stage = good(harness).await?;
    for notice in Notice::ALL {
        let before = (stage.received)().len();
        let answer = stage.notifier.deliver(&outgoing(harness, 1, *notice, "en")?).await;
        ensure(answer.is_ok(), "a good far side was said to have failed")?;
        ensure((stage.received)().len() == before + 1, "Ok, and the far side has not the message, or has it twice")?;
    }
    Ok(())
}

pub(super) async fn refused_is_not_taken(harness: &dyn Harness) -> Result<(), Breach> {
    for far_side in [FarSide::Busy, FarSide::BadAddress, FarSide::Refusing] {
        let Some(stage) = harness.stage(far_side).await else { continue };
        let answer = stage.notifier.deliver(&outgoing(harness, 1, Notice::NewRecord, "en")?).await;
        ensure(answer.is_err(), "Ok, and the far side did not take the message")?;
    }
    Ok(())
}

pub(super) async fn one_address(harness: &dyn Harness) -> Result<(), Breach> {
    let stage = good(harness).await?;
    stage.notifier.deliver(&outgoing(harness, 1, Notice::NewRecord, "en")?).await.map_err(unexpected)?;
    let wanted: Vec<String> = harness.address().iter().map(|address| address.as_str().to_owned()).collect();
    for received in (stage.received)() {
        ensure(received.to == wanted, "a message went to another address, or to more than one")?;
    }
    Ok(())
}

pub(super) async fn what_it_says_arrives(harness: &dyn Harness) -> Result<(), Breach> {
    let stage = good(harness).await?;
    let words = harness.channel() != Channel::Webhook;
    let mut texts = Vec::new();
    for language in ["en", "es"] {
        let code = outgoing(harness, 1, Notice::SignInCode, language)?;
        let link = outgoing(harness, 2, Notice::PasswordReset, language)?;
        for message in [&code, &link] {
            stage.notifier.deliver(message).await.map_err(unexpected)?;
        }
        let received = (stage.received)();
        let [.., said_code, said_link] = received.as_slice() else { return Err("messages were lost".into()) };
        let has_code = said_code.text.contains(code.text().expose_code().unwrap_or("?"));
        let token = link.text().link().and_then(|link| link.expose_token()).unwrap_or("?");
        let has_token = said_link.text.contains(token);
        ensure(has_code == words, "a code was left out, or is in a webhook")?;
        ensure(has_token == words, "a link was left out, or is in a webhook")?;
        texts.push(said_code.text.clone());
    }
    let [english, spanish] = texts.as_slice() else { return Err("messages were lost".into()) };
    ensure(!words || english != spanish, "two languages say the same")
}

pub(super) async fn kinds_are_told_apart(harness: &dyn Harness) -> Result<(), Breach> {
    for (far_side, kind, what) in [
        (FarSide::Busy, NotifyErrorKind::Passing, "a busy far side is not a passing error"),
        (FarSide::BadAddress, NotifyErrorKind::BadAddress, "an address that does not exist is not a bad address"),
        (FarSide::Refusing, NotifyErrorKind::Refused, "a far side that says no is not a refusal"),
    ] {
        let Some(stage) = harness.stage(far_side).await else { continue };
        let answer = stage.notifier.deliver(&outgoing(harness, 1, Notice::NewRecord, "en")?).await;
        ensure(answer.is_err_and(|error| error.kind() == kind), what)?;
    }
    Ok(())
}

pub(super) async fn a_repetition_has_the_same_id(harness: &dyn Harness) -> Result<(), Breach> {
    let stage = good(harness).await?;
    for id in [1, 1, 2] {
        stage.notifier.deliver(&outgoing(harness, id, Notice::NewRecord, "en")?).await.map_err(unexpected)?;
    }
    let received = (stage.received)();
    let ids: Vec<_> = received.iter().filter_map(|received| received.id.clone()).collect();
    let [first, again, other] = ids.as_slice() else { return Err("a message came without an id".into()) };
    ensure(first == again, "a repetition has another id")?;
    ensure(first != other, "two messages have one id")
}

pub(super) async fn only_its_channels(harness: &dyn Harness) -> Result<(), Breach> {
    let stage = good(harness).await?;
    let channels = stage.notifier.channels();
    ensure(channels.contains(harness.channel()), "it does not say that it carries its channel")?;
    for channel in Channel::ALL.into_iter().filter(|channel| !channels.contains(*channel)) {
        let language = LanguageTag::default();
        let message = Outgoing::sample([1; 16], channel, harness.address(), Notice::NewRecord, language);
        let answer = stage.notifier.deliver(&message).await;
        let refused = answer.is_err_and(|error| error.kind() == NotifyErrorKind::Refused);
        ensure(refused, "another channel was not refused")?;
    }
    ensure((stage.received)().is_empty(), "a message of another channel went out")?;
    ensure(stage.notifier.channels() == channels, "what it carries changed")
}

pub(super) async fn it_ends_by_itself(harness: &dyn Harness) -> Result<(), Breach> {
    let Some(stage) = harness.stage(FarSide::Silent).await else { return Ok(()) };
    let message = outgoing(harness, 1, Notice::NewRecord, "en")?;
    let ended = tokio::time::timeout(NEVER, stage.notifier.deliver(&message)).await;
    let answer = ended.map_err(|_| Breach::from("it waits for a silent far side for ever"))?;
    let passing = answer.is_err_and(|error| error.kind() == NotifyErrorKind::Passing);
    ensure(passing, "a silent far side is not a passing error")
}

pub(super) async fn nothing_is_shown(harness: &dyn Harness) -> Result<(), Breach> {
    for far_side in [FarSide::Good, FarSide::Busy, FarSide::BadAddress, FarSide::Refusing] {
        let Some(stage) = harness.stage(far_side).await else { continue };
        let code = outgoing(harness, 1, Notice::SignInCode, "en")?;
        let answer = stage.notifier.deliver(&code).await;
        let error = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let shown = format!("{:?} {answer:?} {error}", stage.notifier);
        let address = harness.address();
        let address = address.as_ref().map_or("no address", |address| address.as_str());
        let secrets = [address, code.text().expose_code().unwrap_or("no code")];
        ensure(!secrets.iter().any(|secret| shown.contains(secret)), "an address or a code is shown")?;
    }
    Ok(())
}

fn unexpected(error: mychartum_core::port::notifier::NotifyError) -> Breach {
    Breach(format!("unexpected error: {error}"))
}
