//! The outbox: nothing lost, nothing twice, in order, and nothing to whoever may not know.

use chrono::Duration;
use mychartum_core::account::{Knock, SentBy};
use mychartum_core::notify::{Preference, Preferences, QuietHours};
use mychartum_core::port::notifier::{CarrierId, Category, Channel, DeliveryReport, Notice, NotifyErrorKind, Reported};

use crate::clinic::*;

#[tokio::test]
async fn a_mail_server_that_is_down_for_an_hour_loses_nothing_and_keeps_the_order() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    clinic.settle().await;
    clinic.mail.take();
    clinic.mail.fail(Some(NotifyErrorKind::Passing));
    let session = clinic.session(&entered_as).await;
    let secret = session.begin_totp().await.unwrap();
    session.enrol_totp(&clinic.code(&secret)).await.unwrap();
    for _ in 0..60 {
        assert_eq!(clinic.portal.run_due().await.unwrap().failed, 0);
        clinic.pass(Duration::minutes(1));
    }
    let tried = clinic.mail.tried();
    assert!((3..40).contains(&tried), "it waits longer each time: {tried}");
    clinic.mail.fail(None);
    for _ in 0..200 {
        clinic.portal.run_due().await.unwrap();
        clinic.pass(Duration::minutes(1));
    }
    let sent: Vec<Notice> = clinic.mail.kept().into_iter().map(|kept| kept.notice).collect();
    let factor = sent.iter().position(|notice| *notice == Notice::FactorAdded);
    assert!(factor.is_some(), "{sent:?}");
    assert_eq!(sent.iter().filter(|notice| **notice == Notice::FactorAdded).count(), 1, "{sent:?}");
    assert!(clinic.portal.dead_letters().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_for_three_days_is_a_dead_letter_that_staff_see() {
    let clinic = Clinic::new().await;
    clinic.activated().await;
    clinic.settle().await;
    clinic.mail.fail(Some(NotifyErrorKind::Passing));
    done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    for _ in 0..(75 * 2) {
        clinic.portal.run_due().await.unwrap();
        clinic.pass(Duration::minutes(30));
    }
    let dead: Vec<Notice> = clinic.portal.dead_letters().await.unwrap().into_iter().map(|dead| dead.notice).collect();
    assert_eq!(dead, [Notice::NewSignIn]);
    clinic.mail.fail(None);
    clinic.mail.take();
    clinic.settle().await;
    assert!(clinic.mail.kept().is_empty());
}

#[tokio::test]
async fn an_address_that_does_not_work_is_not_verified_any_more() {
    let clinic = Clinic::new().await;
    let (account, entered_as) = clinic.activated().await;
    clinic.settle().await;
    let message = CarrierId::parse(&clinic.mail.last(Notice::AccountOpened).unwrap().id).unwrap();
    let report = |reported| DeliveryReport { channel: Channel::Email, message: message.clone(), reported };
    clinic.portal.take_report(&report(Reported::Delivered)).await.unwrap();
    clinic.portal.take_report(&report(Reported::Bounced)).await.unwrap();
    let entries = clinic.portal.verify_account_trail(account).await.unwrap().entries;
    clinic.portal.take_report(&report(Reported::Bounced)).await.unwrap();
    assert_eq!(clinic.portal.verify_account_trail(account).await.unwrap().entries, entries, "twice is once");
    let unknown = CarrierId::parse("nobody knows it").unwrap();
    let report = DeliveryReport { channel: Channel::Email, message: unknown, reported: Reported::Bounced };
    clinic.portal.take_report(&report).await.unwrap();
    let view = clinic.portal.account_view(account).await.unwrap().unwrap();
    assert_eq!((view.addresses, view.has_broken_address), (0, true));
    // Its holder proves it again.
    let session = clinic.session(&entered_as).await;
    session.add_contact(&email("maria@example.org")).await.unwrap();
    clinic.settle().await;
    let code = clinic.mail.last(Notice::ContactCode).unwrap().code.unwrap();
    session.verify_contact(&email("maria@example.org"), &code).await.unwrap();
    assert_eq!(clinic.portal.account_view(account).await.unwrap().unwrap().addresses, 1);
}

#[tokio::test]
async fn a_link_that_was_replaced_before_it_went_out_is_not_sent() {
    let clinic = Clinic::new().await;
    clinic.mail.fail(Some(NotifyErrorKind::Passing));
    clinic.issue(SentBy::Email).await;
    clinic.portal.run_due().await.unwrap();
    clinic.pass(Duration::seconds(5));
    clinic.issue(SentBy::Email).await;
    clinic.mail.fail(None);
    for _ in 0..10 {
        clinic.portal.run_due().await.unwrap();
        clinic.pass(Duration::minutes(1));
    }
    let sent: Vec<_> = clinic.mail.kept().into_iter().filter(|kept| kept.notice == Notice::Activation).collect();
    assert_eq!(sent.len(), 1);
    let link = mychartum_core::account::LinkToken::presented(sent[0].token.as_deref().unwrap());
    assert!(clinic.portal.open_activation(&link, born(), &Knock::default()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_send_everything_once() {
    let clinic = Clinic::new().await;
    clinic.activated().await;
    for _ in 0..4 {
        done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    }
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let portal = clinic.portal.clone();
            tokio::spawn(async move {
                for _ in 0..4 {
                    portal.run_due().await.unwrap();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    // What waited behind a message that another worker had comes a moment later.
    for _ in 0..10 {
        clinic.pass(Duration::seconds(2));
        clinic.settle().await;
    }
    let mut ids: Vec<String> = clinic.mail.kept().into_iter().map(|kept| kept.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "no message twice");
    assert_eq!(clinic.mail.kept().iter().filter(|kept| kept.notice == Notice::NewSignIn).count(), 5);
}

#[tokio::test]
async fn preferences_are_kept_and_security_comes_whatever_they_say() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    let mut preferences = Preferences::default();
    for category in Category::ALL {
        for channel in Channel::ALL {
            preferences.choose(category, channel, Preference::Off);
        }
    }
    preferences.quiet = QuietHours::new(0, 23);
    let spanish = mychartum_core::kernel::LanguageTag::parse("es").unwrap();
    session.prefer(&preferences, Some(&spanish)).await.unwrap();
    clinic.settle().await;
    clinic.mail.take();
    done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    clinic.settle().await;
    let told = clinic.mail.last(Notice::NewSignIn).unwrap();
    assert_eq!(told.language, "es");
}
