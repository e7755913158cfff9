//! Accounts: what a sign-in costs beside its slow hash, what a request costs to be known by its session beside the bare rows, and
//! whether the time tells who has an account.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use std::future::Future;
use std::hint::black_box;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_adapters::system::SystemEntropy;
use mychartum_benches::{Bench, Unit, each};
use mychartum_core::account::{AccountSettings, Knock, LinkToken, NewAccount, Password, SentBy, SignInError, Username};
use mychartum_core::kernel::id::AccountId;
use mychartum_core::kernel::{Address, EmailAddress};
use mychartum_core::port::storage::{Collection, Partition, RowId};
use mychartum_core::port::{Notifier as _, Storage as _};
use mychartum_core::portal::{Portal, Whom};
use mychartum_core::vault::SecretKey;
use mychartum_storage::SqliteStorage;
use mychartum_testkit::{KeptNotifier, ManualClock};

const PASSWORD: &str = "a long line of her own";
/// So many failures in a row of one name.
const IN_A_ROW: usize = 90;
const STAFF: AccountId = AccountId::from_bytes([0x57; 16]);
/// Where an account's record and its sessions are.
const RECORD: Collection = Collection::new(4);
const SESSIONS: Collection = Collection::new(5);

struct Clinic {
    portal: Portal,
    storage: SqliteStorage,
    clock: ManualClock,
    mail: KeptNotifier,
}

async fn clinic(folder: &std::path::Path) -> Clinic {
    let storage = SqliteStorage::open(folder.join("accounts.db")).await.unwrap();
    let (clock, mail) = (ManualClock::default(), KeptNotifier::default());
    assert!(mail.channels().contains(mychartum_core::port::notifier::Channel::Email));
    let portal = Portal::builder()
        .storage(storage.clone())
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(clock.clone())
        .entropy(SystemEntropy)
        .notifier(mail.clone())
        .open()
        .await
        .unwrap();
    Clinic { portal, storage, clock, mail }
}

fn main() {
    let mut bench = Bench::of_args();
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let clinic = runtime.block_on(clinic(folder.path()));
    let (maria, nobody) = (Username::parse("maria").unwrap(), Username::parse("nobody").unwrap());
    let entered = || Password::entered(PASSWORD).unwrap();
    let account = runtime.block_on(async {
        let new = NewAccount { username: maria.clone(), password: Password::new(PASSWORD).unwrap(), own: None };
        clinic.portal.open_account(new).await.unwrap()
    });

    let settings = AccountSettings::default();
    let params = Params::new(settings.argon2_memory, settings.argon2_passes, 1, Some(32)).unwrap();
    let argon2 = Argon2::new_with_secret(&[7; 32], Algorithm::Argon2id, Version::V0x13, params).unwrap();
    bench.pair(
        "sign_in",
        Unit::Nanoseconds,
        (30, 1),
        &mut each(|| runtime.block_on(clinic.portal.sign_in(&maria, &entered())).unwrap()),
        &mut each(|| {
            let mut hash = [0; 32];
            argon2.hash_password_into(PASSWORD.as_bytes(), &[1; 16], &mut hash).unwrap();
            hash
        }),
    );

    let token = runtime.block_on(clinic.portal.sign_in(&maria, &entered())).unwrap();
    let session = runtime.block_on(clinic.portal.resume(&token)).unwrap();
    let (partition, row) = (Partition::account(account), RowId::from_bytes(session.id().to_bytes()));
    let only = RowId::from_bytes([0; 16]);
    bench.pair(
        "session_check",
        Unit::Nanoseconds,
        (200, 50),
        &mut each(|| runtime.block_on(clinic.portal.resume(&token)).unwrap()),
        &mut each(|| {
            runtime.block_on(async {
                let session = clinic.storage.get(partition, SESSIONS, &[row]).await.unwrap();
                let account = clinic.storage.get(partition, RECORD, &[only]).await.unwrap();
                assert_eq!((session.len(), account.len()), (1, 1));
                (session, account)
            })
        }),
    );

    let trials = if bench.is_quick() { 3 } else { 2_000 };
    let knock = Knock::default();
    // So far apart that no try waits for another one.
    let apart = || clinic.clock.advance(chrono::Duration::minutes(16));
    let wrong = Password::entered("not the password of anybody").unwrap();
    // A hundred failures in a row end a name's tries, so there are as many names as it takes.
    let named = |kind: &str, number: usize| Username::parse(&format!("{kind}{number}")).unwrap();
    let accounts = trials / IN_A_ROW + 1;
    for number in 0..accounts {
        let password = Password::new(PASSWORD).unwrap();
        let new = NewAccount { username: named("known", number), password, own: None };
        runtime.block_on(clinic.portal.open_account(new)).unwrap();
    }
    let (mut known_trials, mut unknown_trials) = (0, 0);
    tell_apart("sign_in", trials, apart, |known| {
        let (kind, trial) = if known { ("known", &mut known_trials) } else { ("nobody", &mut unknown_trials) };
        let name = named(kind, *trial / IN_A_ROW);
        *trial += 1;
        runtime.block_on(timed(async {
            let refused = clinic.portal.sign_in(&name, &wrong).await;
            assert_eq!(refused.unwrap_err(), SignInError::Refused);
        }))
    });
    // The same for whoever has to wait: no hash is computed there.
    let waits = |name: &Username| {
        for _ in 0..IN_A_ROW {
            let _ = runtime.block_on(clinic.portal.sign_in(name, &wrong));
        }
    };
    waits(&maria);
    waits(&nobody);
    tell_apart(
        "sign_in_wait",
        trials,
        || {},
        |known| {
            let name = if known { &maria } else { &nobody };
            runtime.block_on(timed(async {
                assert!(matches!(clinic.portal.sign_in(name, &wrong).await, Err(SignInError::Wait(_))));
            }))
        },
    );
    let link = runtime.block_on(activation(&clinic));
    let unknown = LinkToken::presented(&"A".repeat(64));
    let born = chrono::NaiveDate::from_ymd_opt(1956, 3, 9).unwrap();
    // A link whose time is over, since one that lives has five tries only, and one that nobody ever made.
    clinic.clock.advance(chrono::Duration::days(2));
    tell_apart("activation", trials, apart, |known| {
        let link = if known { &link } else { &unknown };
        runtime.block_on(timed(async { assert!(clinic.portal.open_activation(link, born, &knock).await.is_err()) }))
    });
    tell_apart("reset_request", trials, apart, |known| {
        let name = if known { "maria" } else { "nobody" };
        runtime.block_on(timed(async { clinic.portal.request_reset(name, &knock).await.unwrap() }))
    });
    bench.finish();
}

/// A link that somebody was sent.
async fn activation(clinic: &Clinic) -> LinkToken {
    let address = Address::Email(EmailAddress::parse("maria@example.org").unwrap());
    let born = chrono::NaiveDate::from_ymd_opt(1956, 3, 9).unwrap();
    let whom = Whom::Caregiver { address, born };
    clinic.portal.issue_activation(STAFF, &whom, SentBy::Email).await.unwrap();
    while clinic.portal.run_due().await.unwrap().done > 0 {}
    LinkToken::presented(&clinic.mail.kept().last().unwrap().token.clone().unwrap())
}

async fn timed<T>(what: impl Future<Output = T>) -> Duration {
    let begun = Instant::now();
    black_box(what.await);
    begun.elapsed()
}

/// Prints the medians of what somebody has and of what nobody has, in turns, and how far apart they are.
fn tell_apart(name: &str, trials: usize, apart: impl Fn(), mut one: impl FnMut(bool) -> Duration) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for trial in 0..trials {
        // In turns, and each first as often as the other: what drifts, drifts for both.
        for first in [trial % 2 == 0, trial % 2 != 0] {
            apart();
            if first { known.push(one(true)) } else { unknown.push(one(false)) }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
    };
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    let difference = 100.0 * (known - unknown).abs() / known.max(unknown);
    println!(
        "enumeration.{name}: {trials} trials each, known {known:.1} us, unknown {unknown:.1} us, {difference:.2} % apart"
    );
}
