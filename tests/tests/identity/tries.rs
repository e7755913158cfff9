//! Tries: slowed, bounded, and never the patient's to pay for.

use chrono::Duration;
use mychartum_core::account::{Knock, SignInError};
use mychartum_core::port::notifier::Notice;
use mychartum_core::portal::Portal;

use crate::clinic::*;

async fn wrong(portal: &Portal, username: &str, knock: Knock) -> SignInError {
    portal.begin_sign_in(&name(username), &entered("not her password"), knock).await.unwrap_err()
}

#[tokio::test]
async fn i17_an_attackers_failures_do_not_cost_the_known_device_a_try() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let device = entered_as.device.unwrap();
    let mut slowed = 0;
    for source in 0..40u8 {
        slowed += u32::from(matches!(wrong(&clinic.portal, "maria", from(&[source])).await, SignInError::Wait(_)));
    }
    assert!(slowed > 30, "strangers are slowed: {slowed}");
    assert!(matches!(clinic.sign_in(PASSWORD, Knock::default()).await, Err(SignInError::Wait(_))));
    done(clinic.sign_in(PASSWORD, with(&device)).await.unwrap());
    // The wait has an end, and it is never a lock.
    clinic.pass(Duration::minutes(15));
    done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
}

#[tokio::test]
async fn i18_no_interleaving_gives_more_guesses_a_day_than_there_are() {
    let clinic = Clinic::new().await;
    clinic.activated().await;
    let mut judged = 0;
    for _ in 0..(24 * 60) {
        if matches!(wrong(&clinic.portal, "maria", Knock::default()).await, SignInError::Refused) {
            judged += 1;
        }
        clinic.pass(Duration::minutes(1));
    }
    assert!(judged <= 100, "{judged}");
    assert!(judged > 50, "it is slow, not shut: {judged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i18_tries_at_once_are_counted_one_by_one() {
    let clinic = Clinic::new().await;
    clinic.open_account("maria", None).await;
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let portal = clinic.portal.clone();
            tokio::spawn(async move { wrong(&portal, "maria", Knock::default()).await })
        })
        .collect();
    let mut judged = 0;
    for task in tasks {
        judged += u32::from(matches!(task.await.unwrap(), SignInError::Refused));
    }
    assert_eq!(judged, 5, "as many as are free, however many come at once");
}

#[tokio::test]
async fn names_that_nobody_has_are_slowed_as_names_that_somebody_has() {
    let clinic = Clinic::new().await;
    clinic.open_account("maria", None).await;
    for _ in 0..20 {
        let known = wrong(&clinic.portal, "maria", Knock::default()).await;
        let unknown = wrong(&clinic.portal, "nobody", Knock::default()).await;
        assert_eq!(format!("{known:?}"), format!("{unknown:?}"));
        clinic.pass(Duration::seconds(37));
    }
}

#[tokio::test]
async fn one_source_does_not_get_far_whatever_names_it_tries() {
    let clinic = Clinic::with_policy(&[("tries-a-source-an-hour = 300", "tries-a-source-an-hour = 20")]).await;
    let mut judged = 0;
    for number in 0..60 {
        let refused = wrong(&clinic.portal, &format!("name{number}"), from(b"one source")).await;
        judged += u32::from(matches!(refused, SignInError::Refused));
    }
    assert_eq!(judged, 20);
    assert!(matches!(wrong(&clinic.portal, "maria", from(b"another")).await, SignInError::Refused));
    clinic.pass(Duration::hours(1));
    assert!(matches!(wrong(&clinic.portal, "maria", from(b"one source")).await, SignInError::Refused));
}

#[tokio::test]
async fn staff_give_tries_back() {
    let clinic = Clinic::new().await;
    let account = clinic.open_account("maria", None).await;
    for _ in 0..20 {
        let _ = wrong(&clinic.portal, "maria", Knock::default()).await;
    }
    assert!(matches!(clinic.sign_in(PASSWORD, Knock::default()).await, Err(SignInError::Wait(_))));
    clinic.portal.unlock(STAFF, account).await.unwrap();
    done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
}

#[tokio::test]
async fn a_flood_of_requests_for_links_sends_few() {
    let clinic = Clinic::new().await;
    clinic.activated().await;
    clinic.settle().await;
    clinic.mail.take();
    for _ in 0..50 {
        let _ = clinic.portal.request_reset("maria", &Knock::default()).await;
    }
    clinic.settle().await;
    let sent = clinic.mail.kept().iter().filter(|kept| kept.notice == Notice::PasswordReset).count();
    assert!((1..=5).contains(&sent), "{sent}");
}

#[tokio::test]
async fn a_hundred_failures_in_a_row_end_it_until_a_new_password_or_the_clinic() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let device = entered_as.device.unwrap();
    let mut judged = 0;
    for _ in 0..300 {
        judged += u32::from(matches!(wrong(&clinic.portal, "maria", Knock::default()).await, SignInError::Refused));
        clinic.pass(Duration::hours(7));
    }
    assert_eq!(judged, 100, "over three months");
    assert!(matches!(clinic.sign_in(PASSWORD, Knock::default()).await, Err(SignInError::Wait(_))));
    // Her own device does not pay for it.
    done(clinic.sign_in(PASSWORD, with(&device)).await.unwrap());
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    let link = clinic.link(Notice::PasswordReset).await;
    clinic.portal.reset(&link, &entered(OTHER), &Knock::default()).await.unwrap();
    done(clinic.sign_in(OTHER, Knock::default()).await.unwrap());
}

#[tokio::test]
async fn codes_to_new_addresses_are_few_an_hour() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    let stranger = email("stranger@example.org");
    let mut sent = 0;
    for _ in 0..20 {
        sent += u32::from(session.add_contact(&stranger).await.is_ok());
    }
    assert_eq!(sent, 5);
}
