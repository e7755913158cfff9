//! Sessions, devices, step-up, and what a copy of the database is worth.

use chrono::Duration;
use mychartum_core::account::{AccountError, Knock, Progress, SessionError, SessionToken};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::port::Storage;
use mychartum_core::port::notifier::Notice;
use mychartum_core::port::storage::{Bucket, Collection, Scan};
use mychartum_core::portal::{HideFrom, Proof};
use mychartum_storage::MemoryStorage;

use crate::clinic::*;

#[tokio::test]
async fn i06_a_copy_of_the_database_holds_nothing_that_is_accepted() {
    let storage = std::sync::Arc::new(MemoryStorage::new());
    let clinic = Clinic::on(std::sync::Arc::clone(&storage), &[]).await;
    let (_, entered_as, secret, codes) = clinic.with_app().await;
    let nino = mychartum_core::portal::Whom::Patient(clinic.nino);
    let letter = clinic.portal.issue_activation(STAFF, &nino, mychartum_core::account::SentBy::Letter);
    let letter = letter.await.unwrap().letter.unwrap();
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    let reset = clinic.link(Notice::PasswordReset).await;
    let freeze = clinic.mail.last(Notice::NewSignIn).unwrap().token.unwrap();

    let mut secrets: Vec<Vec<u8>> =
        vec![PASSWORD.into(), letter.expose().into(), letter.expose().replace('-', "").into()];
    for token in [entered_as.session.expose(), entered_as.device.as_ref().unwrap().expose()] {
        secrets.push(token.into());
        secrets.push(token[64..].into());
    }
    for link in [reset.expose(), &freeze] {
        secrets.push(link.into());
    }
    secrets.push(secret.base32().expose().replace(' ', "").into());
    secrets.extend(codes.iter().map(|code| code.clone().into_bytes()));
    let mut rows = 0;
    for bucket in Bucket::all() {
        for (partition, _) in storage.heads(bucket, None, 10_000).await.unwrap() {
            for collection in (0..=64).chain(0x100..=0x110).chain(0x8000..=0x8008) {
                let scan = Scan::new(partition, Collection::new(collection), 10_000);
                for row in storage.scan(&scan).await.unwrap() {
                    rows += 1;
                    for secret in &secrets {
                        let found = row.body.windows(secret.len()).any(|window| window == &secret[..]);
                        assert!(!found, "collection {collection}");
                    }
                }
            }
        }
    }
    assert!(rows > 30, "{rows}");
}

#[tokio::test]
async fn i13_a_session_has_another_id_after_sign_in_step_up_and_another_subject() {
    let clinic = Clinic::new().await;
    let (_, first) = clinic.activated().await;
    let session = clinic.session(&first).await;
    let second = session.step_up(&Proof::Password(&entered(PASSWORD))).await.unwrap().session;
    assert_ne!(first.session.expose(), second.expose());
    assert_eq!(clinic.portal.resume(&first.session).await.unwrap_err(), SessionError::Unknown);
    assert!(!session_lives(&session, &clinic).await);
    let stepped = clinic.portal.resume(&second).await.unwrap();
    let third = stepped.act_for(Some(clinic.maria)).await.unwrap();
    assert_eq!(clinic.portal.resume(&second).await.unwrap_err(), SessionError::Unknown);
    let turned = clinic.portal.resume(&third).await.unwrap();
    assert_eq!(turned.acting_subject(), Some(clinic.maria));
    assert!(turned.act_for(Some(clinic.nino)).await.is_err(), "she does not act for him");
    let back = turned.act_for(None).await.unwrap();
    assert_eq!(clinic.portal.resume(&back).await.unwrap().acting_subject(), None);
    // What was not signed in before does not become a session: a token cannot be chosen for somebody else.
    let chosen = SessionToken::presented(&"0".repeat(128));
    assert_eq!(clinic.portal.resume(&chosen).await.unwrap_err(), SessionError::Unknown);
}

async fn session_lives(session: &mychartum_core::portal::Session, clinic: &Clinic) -> bool {
    session.ask(clinic.maria, Section::Results, Purpose::Care).await.is_ok()
}

#[tokio::test]
async fn i14_idle_and_absolute_limits_hold_under_any_use_and_clock_step() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let mut token = again(&entered_as.session);
    // In use all the time, also rotated, it ends after twelve hours.
    for minute in 0..(12 * 60) {
        let session = clinic.portal.resume(&token).await.unwrap_or_else(|error| panic!("{minute}: {error}"));
        if minute % 7 == 3 {
            token = session.act_for(None).await.unwrap();
        }
        if minute % 50 == 49 {
            // The clock is set back and forth: nothing is won by it.
            clinic.pass(Duration::minutes(-2));
            assert!(clinic.portal.resume(&token).await.is_ok());
            clinic.pass(Duration::minutes(2));
        }
        clinic.pass(Duration::minutes(1));
    }
    assert_eq!(clinic.portal.resume(&token).await.unwrap_err(), SessionError::TooOld);
    let next = done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    clinic.pass(Duration::minutes(15));
    assert_eq!(clinic.portal.resume(&next.session).await.unwrap_err(), SessionError::Idle);
    clinic.pass(Duration::days(-3));
    assert!(clinic.sign_in(PASSWORD, Knock::default()).await.is_ok(), "a clock that stepped back shuts nobody out");
}

#[tokio::test]
async fn i15_after_sign_out_everywhere_or_a_new_password_no_earlier_session_counts() {
    let clinic = Clinic::new().await;
    let (account, first) = clinic.activated().await;
    let second = done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    let device = second.device.as_ref().unwrap();
    clinic.session(&second).await.sign_out_everywhere().await.unwrap();
    for token in [&first.session, &second.session] {
        assert_eq!(clinic.portal.resume(token).await.unwrap_err(), SessionError::Unknown);
    }
    // Known no more: it signs in as a new device does.
    assert!(done(clinic.sign_in(PASSWORD, with(device)).await.unwrap()).device.is_some());

    let third = done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    let fourth = done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    clinic.session(&fourth).await.change_password(&entered(PASSWORD), &entered(OTHER)).await.unwrap();
    for token in [&third.session, &fourth.session] {
        assert_eq!(clinic.portal.resume(token).await.unwrap_err(), SessionError::Unknown);
    }
    let fifth = done(clinic.sign_in(OTHER, Knock::default()).await.unwrap());
    clinic.portal.suspend_account(STAFF, account).await.unwrap();
    assert_eq!(clinic.portal.resume(&fifth.session).await.unwrap_err(), SessionError::Unknown);
}

#[tokio::test]
async fn i15_signing_one_device_out_leaves_the_others() {
    let clinic = Clinic::new().await;
    let (_, here) = clinic.activated().await;
    let there = done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    let session = clinic.session(&here).await;
    let devices = session.devices().await.unwrap();
    assert_eq!((devices.len(), session.open_sessions().await.unwrap().len()), (2, 2));
    let other = devices.iter().find(|device| Some(device.id) != session.device()).unwrap();
    session.sign_out_device(other.id).await.unwrap();
    assert_eq!(clinic.portal.resume(&there.session).await.unwrap_err(), SessionError::Unknown);
    assert!(clinic.portal.resume(&here.session).await.is_ok());
    let third = done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    session.sign_out_others().await.unwrap();
    assert_eq!(clinic.portal.resume(&third.session).await.unwrap_err(), SessionError::Unknown);
    assert_eq!(session.devices().await.unwrap().len(), 1);
}

#[tokio::test]
async fn i16_what_is_sensitive_asks_for_a_fresh_sign_in() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    assert!(session.is_fresh());
    clinic.pass(Duration::minutes(5));
    let session = clinic.session(&entered_as).await;
    assert!(!session.is_fresh());
    let address = email("new@example.org");
    let refusals = [
        session.change_password(&entered(PASSWORD), &entered(OTHER)).await.unwrap_err(),
        session.begin_totp().await.unwrap_err(),
        session.enrol_totp("123456").await.unwrap_err(),
        session.new_recovery_codes().await.unwrap_err(),
        session.add_contact(&address).await.unwrap_err(),
        session.remove_contact(&address).await.unwrap_err(),
        session.keep_confidential(Some(&address)).await.unwrap_err(),
        session.remove_factor(mychartum_core::account::Factor::Totp, None).await.unwrap_err(),
        session.allow_codes(mychartum_core::account::Factor::EmailCode).await.unwrap_err(),
    ];
    assert!(refusals.iter().all(|error| *error == AccountError::StepUp), "{refusals:?}");
    let item = mychartum_core::kernel::id::ItemId::from_bytes([1; 16]);
    let shown = session.unhide(clinic.maria, Section::Results, item, HideFrom::Everyone).await.unwrap_err();
    assert_eq!(shown, mychartum_core::portal::ProxyError::StepUp);
    // What shows somebody less is done at once, however old the sign-in is.
    let hidden = session.hide(clinic.maria, Section::Results, item, HideFrom::Everyone).await.unwrap_err();
    assert_eq!(hidden, mychartum_core::portal::ProxyError::NotFound);
    let fresh = session.step_up(&Proof::Password(&entered(PASSWORD))).await.unwrap().session;
    let session = clinic.portal.resume(&fresh).await.unwrap();
    session.add_contact(&address).await.unwrap();
    // Looking at the own chart asks for nothing more.
    clinic.pass(Duration::minutes(6));
    assert!(session_lives(&clinic.portal.resume(&fresh).await.unwrap(), &clinic).await);
}

#[tokio::test]
async fn a_device_that_is_known_is_not_news_and_a_new_one_is() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    clinic.settle().await;
    clinic.mail.take();
    let again = clinic.sign_in(PASSWORD, with(entered_as.device.as_ref().unwrap())).await.unwrap();
    let Progress::Entered(again) = again else { panic!() };
    assert!(again.device.is_none());
    clinic.settle().await;
    assert!(clinic.mail.last(Notice::NewSignIn).is_none());
    done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    clinic.settle().await;
    assert!(clinic.mail.last(Notice::NewSignIn).is_some());
}
