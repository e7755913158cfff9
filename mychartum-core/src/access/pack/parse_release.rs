//! Reading what a pack says of releasing results.

use toml::Spanned;

use super::error::PackErrorKind;
use super::form::{Fault, Form, once};
use super::known::{self, Known};
use super::release_policy::{Concerns, Delay, ReleasePolicy};
use super::topic::TopicSet;

/// The most delays of a pack.
const DELAYS_MOST: usize = 64;
/// The longest delay: ten days, the longest that was seen published.
const HOURS_MOST: i64 = 240;
/// The longest that one result is held back, or that a patient waits by wish.
const DAYS_MOST: i64 = 90;

const CONCERNS: [(&str, Concerns); 2] = [("everyone", Concerns::Everyone), ("proxies", Concerns::Proxies)];

pub(super) fn read(root: &mut Form<'_>, known: &Known<'_>) -> Result<ReleasePolicy, Fault> {
    let mut form = root.table("release")?;
    let (mut delays, mut names) = (Vec::new(), Vec::new());
    for form in form.tables("delay", DELAYS_MOST)? {
        let (name, delay) = delay(form, known)?;
        names.push(name);
        delays.push(delay);
    }
    once("name", &names)?;
    let policy = ReleasePolicy {
        delays,
        max_hold_days: form.number("max-hold-days", 1..=DAYS_MOST)?.into_inner(),
        max_wish_days: form.number("max-wish-days", 1..=DAYS_MOST)?.into_inner(),
    };
    form.end()?;
    Ok(policy)
}

fn delay(mut form: Form<'_>, known: &Known<'_>) -> Result<(Spanned<Box<str>>, Delay), Fault> {
    let name = form.name("name")?;
    let sections = known::sections(&mut form, "sections")?;
    let topics = known.topics(&mut form, "topics")?;
    let labels = known::set(&known::labels(&mut form, "labels")?);
    if topics == TopicSet::NONE && labels.is_empty() {
        return Err(form.fault(PackErrorKind::BlanketDelay));
    }
    let hours = form.number("hours", 1..=HOURS_MOST)?.into_inner();
    let concerns = form.word("concerns", &CONCERNS)?.into_inner();
    let ground = form.line("ground").map_err(|fault| fault.instead(PackErrorKind::DelayWithoutGround))?;
    let cite = if form.has("cite") {
        known.cite(&mut form)?
    } else {
        return Err(form.fault(PackErrorKind::DelayWithoutSource));
    };
    form.end()?;
    let delay = Delay { name: name.get_ref().clone(), sections, topics, labels, hours, concerns, ground, cite };
    Ok((name, delay))
}
