//! Reading what a pack says of accounts.

use chrono::Duration;

use super::account_policy::{AccountPolicy, ProfilePart, SecondFactorRule, SharedContacts, ThrottlePolicy};
use super::error::PackErrorKind;
use super::form::{Fault, Form};

/// What is said of accounts where a pack says nothing.
pub(super) const SHIPPED: &str = include_str!("../../../policies/accounts.toml");

const SECOND_FACTOR: [(&str, SecondFactorRule); 4] = [
    ("off", SecondFactorRule::Off),
    ("optional", SecondFactorRule::Optional),
    ("required", SecondFactorRule::Required),
    ("required-for-proxies", SecondFactorRule::RequiredForProxies),
];

const SHARED: [(&str, SharedContacts); 3] =
    [("forbid", SharedContacts::Forbid), ("proxies", SharedContacts::Proxies), ("allow", SharedContacts::Allow)];

/// The table `[accounts]`; where it is left out, the one that is shipped.
pub(super) fn read(root: &mut Form<'_>) -> Result<AccountPolicy, Fault> {
    if root.has("accounts") {
        return table(root.table("accounts")?);
    }
    let fault = root.fault(PackErrorKind::Missing { key: "accounts" });
    let shipped = Form::parse(SHIPPED).and_then(|mut shipped| table(shipped.table("accounts")?));
    shipped.map_err(|_| fault)
}

fn table(mut form: Form<'_>) -> Result<AccountPolicy, Fault> {
    let mut number = |key, range| Ok::<i64, Fault>(form.number::<i64>(key, range)?.into_inner());
    let activation_email = Duration::hours(number("activation-email-hours", 1..=720)?);
    let activation_text = Duration::minutes(number("activation-text-minutes", 1..=1440)?);
    let activation_letter = Duration::days(number("activation-letter-days", 1..=90)?);
    let reset = Duration::minutes(number("reset-minutes", 5..=1440)?);
    let freeze_link = Duration::days(number("freeze-link-days", 1..=90)?);
    let code = Duration::minutes(number("code-minutes", 1..=60)?);
    let trusted_device = Duration::days(number("trusted-device-days", 0..=90)?);
    let idle = Duration::minutes(number("idle-minutes", 1..=60)?);
    let absolute = Duration::hours(number("absolute-hours", 1..=24)?);
    let step_up = Duration::minutes(number("step-up-minutes", 1..=30)?);
    let recovery_delay = Duration::hours(number("recovery-delay-hours", 1..=720)?);
    let wind_down = Duration::days(number("wind-down-days", 0..=3650)?);
    let first_wait = Duration::seconds(number("first-wait-seconds", 1..=3600)?);
    let longest_wait = form.number::<i64>("longest-wait-seconds", 1..=3600)?;
    if Duration::seconds(*longest_wait.get_ref()) < first_wait {
        return Err(Fault::new(longest_wait.span().start, PackErrorKind::Inverted { key: "longest-wait-seconds" }));
    }
    let throttle = ThrottlePolicy {
        free: form.number("free-tries", 1..=50)?.into_inner(),
        first_wait,
        longest_wait: Duration::seconds(longest_wait.into_inner()),
        a_day: form.number("tries-a-day", 10..=100)?.into_inner(),
        codes_a_day: form.number("codes-a-day", 5..=100)?.into_inner(),
        a_source_an_hour: form.number("tries-a-source-an-hour", 10..=10_000)?.into_inner(),
    };
    let guard_from = form.number("contact-guard-from", 0..=25)?.into_inner();
    let guard_until = form.number::<u8>("contact-guard-until", 0..=25)?;
    if *guard_until.get_ref() < guard_from {
        return Err(Fault::new(guard_until.span().start, PackErrorKind::Inverted { key: "contact-guard-until" }));
    }
    let alone = form.number("password-alone", 8..=64)?.into_inner();
    let with_factor = form.number::<u8>("password-with-factor", 8..=64)?;
    if *with_factor.get_ref() > alone {
        return Err(Fault::new(with_factor.span().start, PackErrorKind::Inverted { key: "password-with-factor" }));
    }
    let policy = AccountPolicy {
        activation_email,
        activation_text,
        activation_letter,
        reset,
        freeze_link,
        code,
        wrong_birth_dates: form.number("wrong-birth-dates", 1..=10)?.into_inner(),
        wrong_codes: form.number("wrong-codes", 1..=10)?.into_inner(),
        sent_codes: form.number("sent-codes", 1..=10)?.into_inner(),
        password_alone: alone,
        password_with_factor: with_factor.into_inner(),
        second_factor: form.word("second-factor", &SECOND_FACTOR)?.into_inner(),
        code_by_text: form.flag("code-by-text")?.into_inner(),
        code_by_email: form.flag("code-by-email")?.into_inner(),
        trusted_device,
        idle,
        absolute,
        step_up,
        throttle,
        recovery_delay,
        contact_guard: (guard_from, guard_until.into_inner()),
        shared_contacts: form.word("shared-contacts", &SHARED)?.into_inner(),
        wind_down,
        quiet_hours: (
            form.number("quiet-from-hour", 0..=23)?.into_inner(),
            form.number("quiet-until-hour", 0..=23)?.into_inner(),
        ),
        auto_apply: auto_apply(&mut form)?,
    };
    form.end()?;
    Ok(policy)
}

fn auto_apply(form: &mut Form<'_>) -> Result<u16, Fault> {
    let mut parts = 0;
    for named in form.texts("auto-apply")? {
        let part = ProfilePart::ALL.iter().find(|part| part.name() == named.get_ref() && part.may_apply_itself());
        let unknown =
            || Fault::new(named.span().start, PackErrorKind::UnknownPart { name: named.get_ref().as_ref().into() });
        parts |= part.ok_or_else(unknown)?.bit();
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::pack::{EXAMPLE_PACK, PackError, PolicyPack};

    fn with(change: (&str, &str)) -> Result<PolicyPack, PackError> {
        assert!(SHIPPED.contains(change.0), "{}", change.0);
        PolicyPack::parse(&format!("{EXAMPLE_PACK}\n{}", SHIPPED.replace(change.0, change.1)))
    }

    #[test]
    fn a_pack_that_is_silent_has_the_shipped_numbers() {
        let silent = PolicyPack::parse(EXAMPLE_PACK).unwrap();
        let spoken = with(("idle-minutes = 15", "idle-minutes = 15")).unwrap();
        assert_eq!(silent.accounts(), spoken.accounts());
        assert_eq!(silent.accounts().idle, Duration::minutes(15));
    }

    #[test]
    fn a_number_out_of_range_is_refused_with_its_line() {
        let line = EXAMPLE_PACK.lines().count() + 1;
        let of_key = |key: &str| line + SHIPPED.lines().position(|line| line.starts_with(key)).unwrap() + 1;
        for (from, to, kind) in [
            ("idle-minutes = 15", "idle-minutes = 61", "idle-minutes"),
            ("password-alone = 15", "password-alone = 7", "password-alone"),
            ("password-with-factor = 8", "password-with-factor = 16", "password-with-factor"),
            ("longest-wait-seconds = 900", "longest-wait-seconds = 3", "longest-wait-seconds"),
            ("contact-guard-until = 18", "contact-guard-until = 3", "contact-guard-until"),
            ("second-factor = \"optional\"", "second-factor = \"perhaps\"", "second-factor"),
            ("\"pharmacy\"]", "\"birth-date\"]", "auto-apply"),
        ] {
            let error = with((from, to)).unwrap_err();
            assert_eq!(error.line, of_key(kind), "{error}");
        }
    }
}
