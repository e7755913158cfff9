//! The policy a second time: a plain, slow interpreter, written from the text of the rules and not from the code.
//!
//! The text is the doc comment of `decide`, those of the types it names, and the reference (access, sections 1.3 and 6.A).
//! Everything is plain on purpose: names are strings, rights are sets of pairs, an age is counted in whole years on a
//! calendar, a date of birth that is only a month or a year is tried out day by day. Nothing here asks the engine.

use std::collections::BTreeSet;

use super::calendar::{Date, date_of, days_of, is_leap, next_day};
use super::mistakes::{Bug, Law};
use super::policies::{Band, Kept, Own, Policy, Template};
use super::world::{Grant, Kind, Rights, Verdict, World};

/// For whom a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    Everyone,
    Owner,
    Staff,
    Host,
    Others,
}

pub(crate) type Test = fn(Law, &World<'_>) -> Option<Verdict>;
pub(crate) type GrantTest = fn(Law, &World<'_>, &Grant<'_>) -> Option<u16>;

/// The rules in their order; the first that says something is the answer. Grants come after them.
pub(crate) const RULES: [(&str, Whom, Test); 25] = [
    ("tenants never meet", Whom::Everyone, |_, w| {
        let apart = w.asker.tenant != w.patient.tenant || w.item.tenant != w.patient.tenant;
        apart.then(|| deny(20))
    }),
    ("another chart", Whom::Everyone, |_, w| (w.item.chart != w.patient.chart).then(|| deny(21))),
    ("merged away", Whom::Everyone, |_, w| (w.patient.life == "merged").then(|| deny(23))),
    ("not a fact", Whom::Everyone, |_, w| (!w.item.is_fact).then(|| deny(22))),
    ("app", Whom::Everyone, |law, w| {
        let Kind::Person { app: Some((chart, rights)), .. } = &w.asker.kind else { return None };
        let for_this = *chart == w.patient.chart || law.has(Bug::TokenOfAnotherPatient);
        (!(for_this && covers(law, rights, w))).then(|| deny(24))
    }),
    ("assurance", Whom::Everyone, |_, w| {
        let (_, plain) = w.policy.assurance.iter().find(|(verb, _)| *verb == w.verb)?;
        let least = if w.item.labels.is_empty() { *plain } else { w.policy.sensitive.max(*plain) };
        (w.asker.assurance < least).then(|| deny(25))
    }),
    ("own: died", Whom::Owner, |_, w| {
        (w.patient.life == "deceased" && w.policy.own_after_death.is_none()).then(|| deny(26))
    }),
    ("own: age", Whom::Owner, |law, w| own_access(law, w).is_none().then(|| deny(27))),
    ("own: no portal", Whom::Owner, |law, w| {
        (w.patient.life != "deceased" && band_of_patient(law, w)?.kept == Kept::NoPortal).then(|| deny(31))
    }),
    ("own: too young", Whom::Owner, |law, w| (own_access(law, w)? == Own::Nothing).then(|| deny(28))),
    ("own: assent", Whom::Owner, |law, w| {
        let waits = matches!(own_access(law, w)?, Own::WithAssent(_)) && !w.patient.assent_given;
        (waits && !law.has(Bug::AssentNotNeeded)).then(|| deny(30))
    }),
    ("own: template", Whom::Owner, |law, w| {
        let (Own::Template(name) | Own::WithAssent(name)) = own_access(law, w)? else { return None };
        (!may(law, w.policy.template(name), w)).then(|| deny(29))
    }),
    ("own: released", Whom::Owner, |_, w| (!reached(w.item.own_from, w.now)).then(|| deny(32))),
    ("own: sees it", Whom::Owner, |_, w| Some(Verdict { tap: w.item.after_tap, ..Verdict::of(true, 1) })),
    ("staff: glass", Whom::Staff, |law, w| {
        let Kind::Staff { glass } = &w.asker.kind else { return None };
        let Some(glass) = glass else { return (!law.has(Bug::GlassWithoutBreaking)).then(|| deny(36)) };
        let for_this = glass.chart == w.patient.chart && glass.has_reason;
        let in_time = glass.from <= w.now && (w.now < glass.until || law.has(Bug::GlassNeverEnds));
        let short = glass.until - glass.from <= w.policy.glass_minutes * 60_000_000;
        (!(for_this && in_time && short)).then(|| deny(36))
    }),
    ("staff: only looks", Whom::Staff, |_, w| (w.verb != "view").then(|| deny(37))),
    ("staff: proceedings", Whom::Staff, in_proceedings),
    ("staff: sees it", Whom::Staff, |_, w| {
        let notice = w.item.labels.contains("42CFRPart2");
        Some(Verdict { tell_patient: true, second_look: true, part2_notice: notice, ..Verdict::of(true, 7) })
    }),
    ("host", Whom::Host, |_, w| {
        let Kind::Host { for_operations } = w.asker.kind else { return None };
        let who_it_is = for_operations && w.verb == "view" && w.item.section == "demographics";
        Some(if who_it_is { Verdict::of(true, 4) } else { deny(2) })
    }),
    ("hidden", Whom::Others, |law, w| {
        let Kind::Person { name, .. } = &w.asker.kind else { return None };
        let hidden = w.item.hidden_from.is_none_or(|names| names.contains(name));
        (hidden && !law.has(Bug::HiddenIgnored)).then(|| deny(33))
    }),
    ("unknown label", Whom::Others, |law, w| {
        (w.item.labels.contains("UNKNOWN") && !law.has(Bug::UnknownLabelAllowed)).then(|| deny(34))
    }),
    ("proceedings", Whom::Others, in_proceedings),
    ("released", Whom::Others, |law, w| {
        (!reached(w.item.others_from, w.now) && !law.has(Bug::UnreleasedShownToProxies)).then(|| deny(32))
    }),
    ("the other side's messages", Whom::Others, |law, w| {
        let Kind::Person { name, .. } = &w.asker.kind else { return None };
        let of_others = w.item.section == "messages" && w.item.author != Some(*name);
        // What is not known denies: where the band is not known, it is enough that some band keeps the sides apart.
        let apart =
            band_of_patient(law, w).map_or_else(|| w.policy.bands.iter().any(|band| band.apart), |band| band.apart);
        (of_others && apart).then(|| deny(35))
    }),
    ("no grant", Whom::Others, |_, w| grants_of_asker(w).is_empty().then(|| deny(2))),
];

/// What a grant must pass, in this order; the first that says something is why it lets nothing through.
pub(crate) const GRANT_RULES: [(&str, GrantTest); 12] = [
    ("grant: tenant", |_, w, g| (g.tenant != w.patient.tenant).then_some(20)),
    ("grant: chart", |_, w, g| (g.chart != w.patient.chart).then_some(21)),
    ("grant: stands", |_, _, g| (!g.stands).then_some(40)),
    ("grant: life", |_, w, g| match (w.patient.life, g.basis) {
        ("alive", "executor") => Some(40),
        ("alive", _) | ("deceased", "executor") => None,
        _ => Some(26),
    }),
    ("grant: time", |law, w, g| {
        let begun = if law.has(Bug::StartExclusive) { g.from < w.now } else { g.from <= w.now };
        let over = g.until.is_some_and(|until| w.now > until || (w.now == until && !law.has(Bug::ExpiryInclusive)));
        (!begun || over).then_some(41)
    }),
    ("grant: basis", |_, w, g| w.policy.basis(g.basis).is_none().then_some(42)),
    ("grant: age", age_of_patient),
    ("grant: rights", |law, w, g| {
        let has = if law.has(Bug::NarrowingIgnored) {
            covers(law, g.rights, w)
        } else {
            covers(law, g.rights, w) && covers(law, g.left, w)
        };
        (!has).then_some(46)
    }),
    ("grant: templates", |law, w, g| {
        (!templates(law, w, g).into_iter().all(|template| may(law, template, w))).then_some(47)
    }),
    ("grant: written consent", |law, w, g| {
        if !w.item.labels.contains("42CFRPart2") {
            return None;
        }
        let (records, notes) = g.part2;
        let by_label = law.has(Bug::LabelIsAWrittenConsent) && g.consents.contains("42CFRPart2");
        if !records.contains(w.item.section) && !by_label {
            return Some(51);
        }
        let is_note = w.item.labels.contains("PSYTHPN") && !law.has(Bug::RecordsOpenNotes);
        (is_note && !notes.contains(w.item.section)).then_some(52)
    }),
    ("grant: labels and topics", |law, w, g| {
        let templates = templates(law, w, g);
        let opened = |label: &str| {
            let shown = templates.iter().all(|template| template.shown.contains(&label));
            label != "UNKNOWN" && (shown || g.consents.contains(label))
        };
        // What a written consent is needed for, no label of a grant stands for.
        let labels: Vec<_> = w.item.labels.iter().filter(|label| **label != "42CFRPart2").collect();
        let sees = if law.has(Bug::LabelsOverlap) {
            labels.is_empty() || labels.iter().any(|label| opened(label))
        } else {
            labels.iter().all(|label| opened(label))
        };
        let excepted = templates.iter().flat_map(|template| template.hides).any(|topic| w.item.topics.contains(topic));
        if !sees { Some(48) } else { (excepted && !law.has(Bug::TopicsIgnored)).then_some(49) }
    }),
    ("grant: frozen", |law, w, g| {
        let Kept::Frozen(_) = band_of_grant(law, w, g)?.kept else { return None };
        if wider(law, w, g).is_some() {
            return None;
        }
        let (_, from) = band_now(law, w).and_then(|at| Some((at, w.policy.bands.get(at)?.from)))?;
        let begins = birthday(law, w.policy, *days_of(w.patient.born).first()?, from);
        let begins = if law.has(Bug::FreezeOneDayLate) { next_day(begins) } else { begins };
        (date_of(w.item.recorded, w.patient.hours_behind) >= begins).then_some(45)
    }),
];

/// Records of programmes for substance use are not used in proceedings, whoever looks, but for the patient.
fn in_proceedings(law: Law, w: &World<'_>) -> Option<Verdict> {
    let kept = w.in_proceedings && w.item.labels.contains("42CFRPart2");
    (kept && !law.has(Bug::ProceedingsIgnored)).then(|| deny(53))
}

/// The answer.
pub(crate) fn answer(law: Law, world: &World<'_>) -> Verdict {
    let whom = whom(world);
    let early = RULES.iter().filter(|(_, of, _)| *of == Whom::Everyone || *of == whom);
    if let Some(verdict) = early.into_iter().find_map(|(_, _, test)| test(law, world)) {
        return verdict;
    }
    let mut why = None;
    for grant in grants_of_asker(world) {
        match GRANT_RULES.iter().find_map(|(_, test)| test(law, world, grant)).or_else(|| chain(law, world, grant)) {
            None => return through(world, grant),
            Some(rule) => why = why.or(Some(Verdict { grant: Some(grant.id), ..deny(rule) })),
        }
    }
    why.unwrap_or_else(|| deny(2))
}

/// A grant lets it through.
pub(crate) fn through(world: &World<'_>, grant: &Grant<'_>) -> Verdict {
    let notice = world.item.labels.contains("42CFRPart2");
    Verdict { grant: Some(grant.id), part2_notice: notice, ..Verdict::of(true, 6) }
}

/// Every grant that it was delegated from must let it through itself.
fn chain(law: Law, world: &World<'_>, grant: &Grant<'_>) -> Option<u16> {
    if law.has(Bug::DelegatorIgnored) {
        return None;
    }
    let Some(above) = ancestors(world, grant) else { return Some(43) };
    above.iter().find_map(|one| GRANT_RULES.iter().find_map(|(_, test)| test(law, world, one))).map(|_| 43)
}

/// The grants above one, the nearest first; none where one is missing or there are more than three.
pub(crate) fn ancestors<'g, 'w>(world: &'g World<'w>, grant: &'g Grant<'w>) -> Option<Vec<&'g Grant<'w>>> {
    let (mut above, mut from) = (Vec::new(), grant.out_of);
    while let Some(id) = from {
        let parent = world.grants.iter().find(|one| one.id == id)?;
        above.push(parent);
        if above.len() > 3 {
            return None;
        }
        from = parent.out_of;
    }
    Some(above)
}

pub(crate) fn whom(world: &World<'_>) -> Whom {
    match &world.asker.kind {
        Kind::Person { own_charts, .. } if own_charts.contains(&world.patient.chart) => Whom::Owner,
        Kind::Person { .. } => Whom::Others,
        Kind::Staff { .. } => Whom::Staff,
        Kind::Host { .. } => Whom::Host,
    }
}

/// The grants of whoever asks, by id.
pub(crate) fn grants_of_asker<'g, 'w>(world: &'g World<'w>) -> Vec<&'g Grant<'w>> {
    let Kind::Person { name, .. } = &world.asker.kind else { return Vec::new() };
    let mut own: Vec<_> = world.grants.iter().filter(|grant| grant.proxy == *name).collect();
    own.sort_by_key(|grant| grant.id);
    own
}

fn deny(rule: u16) -> Verdict {
    Verdict::of(false, rule)
}

fn reached(since: Option<i64>, now: i64) -> bool {
    since.is_some_and(|since| since <= now)
}

fn covers(law: Law, rights: &Rights, w: &World<'_>) -> bool {
    if law.has(Bug::AnyVerb) {
        return rights.iter().any(|(section, _)| *section == w.item.section);
    }
    rights.contains(&(w.item.section, w.verb))
}

fn may(law: Law, template: &Template, w: &World<'_>) -> bool {
    let listed = template.sections.iter().find(|(section, _)| *section == w.item.section);
    let verbs = listed.map_or(template.all, |(_, verbs)| *verbs);
    if law.has(Bug::AnyVerb) { !verbs.is_empty() } else { verbs.contains(&w.verb) }
}

/// What the policy says of the own chart, after death too. Where the age is not known, what all bands say is said.
fn own_access(law: Law, w: &World<'_>) -> Option<Own> {
    if w.patient.life == "deceased" {
        return w.policy.own_after_death.map(Own::Template);
    }
    if let Some(band) = band_of_patient(law, w) {
        return Some(band.own);
    }
    let first = w.policy.bands.first()?.own;
    let all_say_so = w.policy.bands.iter().all(|band| band.own == first && band.kept != Kept::NoPortal);
    all_say_so.then_some(first)
}

/// The band for the patient: of age whatever the age says where emancipated.
fn band_of_patient(law: Law, w: &World<'_>) -> Option<&'static Band> {
    if w.patient.emancipated {
        return w.policy.bands.last();
    }
    w.policy.bands.get(band_now(law, w)?)
}

fn follows_age(w: &World<'_>, grant: &Grant<'_>) -> bool {
    w.policy.basis(grant.basis).is_some_and(|basis| basis.follows_age)
}

fn band_of_grant(law: Law, w: &World<'_>, grant: &Grant<'_>) -> Option<&'static Band> {
    follows_age(w, grant).then(|| w.policy.bands.get(band_now(law, w)?)).flatten()
}

fn age_of_patient(law: Law, w: &World<'_>, grant: &Grant<'_>) -> Option<u16> {
    if !follows_age(w, grant) {
        return None;
    }
    if w.patient.emancipated {
        return Some(50);
    }
    let Some(band) = band_of_grant(law, w, grant) else { return Some(27) };
    match band.kept {
        Kept::NoPortal => Some(31),
        Kept::WithAssent(_) if !w.patient.assent_given && !law.has(Bug::AssentNotNeeded) => Some(30),
        Kept::Nothing if wider(law, w, grant).is_none() => Some(44),
        Kept::Nothing | Kept::Template(_) | Kept::WithAssent(_) | Kept::Frozen(_) => None,
    }
}

/// The template up to which somebody widened it, in this band and in time.
fn wider(law: Law, w: &World<'_>, grant: &Grant<'_>) -> Option<&'static str> {
    let wider = grant.wider?;
    let here = band_now(law, w) == Some(wider.band) || law.has(Bug::WideningOutlivesItsBand);
    let ended = wider.until.is_some_and(|until| w.now >= until) && !law.has(Bug::WideningOutlivesItsEnd);
    (here && !ended).then_some(wider.template)
}

/// The templates that all must allow: that of the basis, than which no grant gives more, and that of the age.
fn templates(law: Law, w: &World<'_>, grant: &Grant<'_>) -> Vec<&'static Template> {
    let Some(basis) = w.policy.basis(grant.basis) else { return Vec::new() };
    let mut all = vec![w.policy.template(basis.template)];
    if let Some(band) = band_of_grant(law, w, grant) {
        let of_band = match band.kept {
            Kept::Template(name) | Kept::WithAssent(name) | Kept::Frozen(name) => Some(name),
            Kept::Nothing | Kept::NoPortal => None,
        };
        let name = wider(law, w, grant).or(of_band);
        all.extend(name.filter(|_| !law.has(Bug::TeenMaskMissing)).map(|name| w.policy.template(name)));
    }
    all
}

/// The place of the band, if it is the same whatever day the date of birth means.
pub(crate) fn band_now(law: Law, w: &World<'_>) -> Option<usize> {
    if let Some(known) = w.known_band {
        return known;
    }
    let today = date_of(w.now, w.patient.hours_behind);
    let mut days = days_of(w.patient.born);
    if law.has(Bug::OldestReadingGuessed) {
        days.truncate(1);
    }
    let found: BTreeSet<Option<usize>> = days.into_iter().map(|born| band_on(law, w.policy, born, today)).collect();
    if found.len() == 1 { found.into_iter().next().flatten() } else { None }
}

fn band_on(law: Law, policy: &Policy, born: Date, today: Date) -> Option<usize> {
    if today < born {
        return None;
    }
    let age = (0..=130).take_while(|years| birthday(law, policy, born, *years) <= today).last()?;
    let late = i64::from(law.has(Bug::MinorUpToAndWithTheLastYear));
    policy.bands.iter().position(|band| band.until.is_none_or(|until| age < until + late))
}

/// On which day someone has so many years.
fn birthday(law: Law, policy: &Policy, (year, month, day): Date, years: i64) -> Date {
    let there = (year + years, month, day);
    let there = if (month, day) == (2, 29) && !is_leap(year + years) {
        let (month, day) = if law.has(Bug::LeapDayAlwaysInMarch) { (3, 1) } else { policy.leap_birthday };
        (year + years, month, day)
    } else {
        there
    };
    if law.has(Bug::BirthdayOneDayLate) && years > 0 { next_day(there) } else { there }
}
