//! Passwords and second factors.

use chrono::Duration;
use mychartum_core::account::{
    AccountError, Answer, Factor, FactorSet, Knock, Password, PasswordError, Progress, SignInError, Step, Trust,
};
use mychartum_core::port::Storage as _;
use mychartum_core::port::notifier::Notice;
use mychartum_core::portal::{Proof, RecoveryError};

use crate::clinic::*;

#[tokio::test]
async fn i07_a_password_is_exact_but_for_the_form_it_is_typed_in() {
    let clinic = Clinic::new().await;
    clinic.open_account("maria", None).await;
    for wrong in
        ["a long line of her ow", "A long line of her own", "a long line of her own ", "a long line of her own\0"]
    {
        assert_eq!(clinic.sign_in(wrong, Knock::default()).await.unwrap_err(), SignInError::Refused, "{wrong:?}");
    }
    clinic.portal.set_password(&name("maria"), &Password::new("caf\u{e9} by the long sea").unwrap()).await.unwrap();
    clinic.pass(Duration::days(1));
    done(clinic.sign_in("cafe\u{301} by the long sea", Knock::default()).await.unwrap());
    let longest = format!("{}{}", "long and longer ".repeat(15), "0123456789abcdef");
    assert_eq!(longest.len(), 256);
    clinic.portal.set_password(&name("maria"), &Password::new(&longest).unwrap()).await.unwrap();
    done(clinic.sign_in(&longest, Knock::default()).await.unwrap());
    let cut = &longest[..255];
    assert_eq!(clinic.sign_in(cut, Knock::default()).await.unwrap_err(), SignInError::Refused);
    assert_eq!(Password::entered(&format!("{longest}x")).unwrap_err(), PasswordError::TooLong);
}

#[tokio::test]
async fn i08_stronger_parameters_are_taken_up_at_the_next_sign_in_and_old_hashes_still_count() {
    use mychartum_core::account::AccountSettings;
    use mychartum_core::portal::{Portal, Settings};
    use mychartum_testkit::{ManualClock, SeededEntropy};
    let folder = tempfile::tempdir().unwrap();
    let storage = std::sync::Arc::new(mychartum_storage::MemoryStorage::new());
    let open = |memory: u32| {
        let accounts = AccountSettings { argon2_memory: memory, argon2_passes: 1, ..AccountSettings::default() };
        Portal::builder()
            .storage(std::sync::Arc::clone(&storage))
            .keys(mychartum_adapters::keys::FileKeyring::at(folder.path().join("k")))
            .clock(ManualClock::default())
            .entropy(SeededEntropy::new(u64::from(memory)))
            .settings(Settings { accounts, ..Settings::default() })
            .open()
    };
    let old = open(64).await.unwrap();
    let new = mychartum_core::account::NewAccount {
        username: name("maria"),
        password: Password::new(PASSWORD).unwrap(),
        own: None,
    };
    let account = old.open_account(new).await.unwrap();
    let version = || async {
        let only = mychartum_core::port::storage::RowId::from_bytes([0; 16]);
        let record = mychartum_core::port::storage::Collection::new(4);
        storage.get(mychartum_core::port::storage::Partition::account(account), record, &[only]).await.unwrap()[0]
            .version
    };
    let stronger = open(256).await.unwrap();
    let first = version().await;
    stronger.sign_in(&name("maria"), &entered(PASSWORD)).await.unwrap();
    assert_eq!(version().await, first + 1, "the hash was made anew");
    stronger.sign_in(&name("maria"), &entered(PASSWORD)).await.unwrap();
    assert_eq!(version().await, first + 1, "and only once");
    // What is stronger than asked for stays, and is still read by a portal that asks for less.
    old.sign_in(&name("maria"), &entered(PASSWORD)).await.unwrap();
    assert_eq!(version().await, first + 1);
}

#[tokio::test]
async fn i09_a_code_of_the_app_is_accepted_once_and_never_an_earlier_one_after_it() {
    let clinic = Clinic::new().await;
    let (_, _, secret, _) = clinic.with_app().await;
    let code = clinic.code(&secret);
    let first = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    let second = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    done(clinic.answer(first, &Answer::Totp(&code)).await.unwrap());
    assert_eq!(clinic.answer(second, &Answer::Totp(&code)).await.unwrap_err(), SignInError::WrongCode);
    // One step later the code of before is too early, and the next one is right.
    clinic.pass(Duration::seconds(30));
    let third = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    assert_eq!(clinic.answer(third, &Answer::Totp(&code)).await.unwrap_err(), SignInError::WrongCode);
    let fourth = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    done(clinic.answer(fourth, &Answer::Totp(&clinic.code(&secret))).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i09_one_code_that_many_bring_at_once_lets_one_in() {
    let clinic = Clinic::new().await;
    let (_, _, secret, _) = clinic.with_app().await;
    let code = clinic.code(&secret);
    let mut tasks = Vec::new();
    for _ in 0..5 {
        let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
        let (portal, code) = (clinic.portal.clone(), code.clone());
        tasks.push(tokio::spawn(async move {
            portal.answer(&flow.token, &Answer::Totp(&code), &Knock::default(), Trust::No).await.is_ok()
        }));
    }
    let mut entered = 0;
    for task in tasks {
        entered += u32::from(task.await.unwrap());
    }
    assert_eq!(entered, 1);
}

#[tokio::test]
async fn i10_a_recovery_code_works_once_is_replaced_and_told() {
    let clinic = Clinic::new().await;
    let (_, _, _, codes) = clinic.with_app().await;
    clinic.settle().await;
    clinic.mail.take();
    let asked = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    let typed = codes[3].to_lowercase().replace('-', " ");
    let entered = done(clinic.answer(asked, &Answer::RecoveryCode(&typed)).await.unwrap());
    let replacement = entered.recovery_codes[0].expose().to_owned();
    assert_ne!(replacement, codes[3]);
    clinic.settle().await;
    assert!(clinic.mail.last(Notice::RecoveryCodeUsed).is_some());
    let asked = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    assert_eq!(clinic.answer(asked, &Answer::RecoveryCode(&codes[3])).await.unwrap_err(), SignInError::WrongCode);
    for code in [&replacement, &codes[4]] {
        let asked = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
        done(clinic.answer(asked, &Answer::RecoveryCode(code)).await.unwrap());
    }
}

#[tokio::test]
async fn i11_a_new_password_never_brings_a_session_without_the_second_factor() {
    let clinic = Clinic::new().await;
    let (_, entered_as, secret, _) = clinic.with_app().await;
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    let link = clinic.link(Notice::PasswordReset).await;
    clinic.portal.reset(&link, &entered(OTHER), &Knock::default()).await.unwrap();
    assert!(clinic.portal.resume(&entered_as.session).await.is_err(), "the old session is over");
    let Progress::Asked(flow) = clinic.sign_in(OTHER, Knock::default()).await.unwrap() else {
        panic!("the second factor is asked");
    };
    let factors = FactorSet::NONE.with(Factor::Totp).with(Factor::RecoveryCode);
    assert_eq!(flow.step, Step::SecondFactor(factors));
    let code = clinic.code(&secret);
    done(clinic.portal.answer(&flow.token, &Answer::Totp(&code), &Knock::default(), Trust::No).await.unwrap());
    // The link is used up, and a trusted device is a stranger after it.
    let twice = clinic.portal.reset(&link, &entered(PASSWORD), &Knock::default()).await;
    assert_eq!(twice.unwrap_err(), RecoveryError::Refused);
}

#[tokio::test]
async fn i11_a_trusted_device_is_none_after_a_reset() {
    let clinic = Clinic::new().await;
    let (_, _, secret, _) = clinic.with_app().await;
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    let code = clinic.code(&secret);
    let answered = clinic.portal.answer(&flow.token, &Answer::Totp(&code), &Knock::default(), Trust::Yes).await;
    let device = done(answered.unwrap()).device.unwrap();
    done(clinic.sign_in(PASSWORD, with(&device)).await.unwrap());
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    let link = clinic.link(Notice::PasswordReset).await;
    clinic.portal.reset(&link, &entered(OTHER), &Knock::default()).await.unwrap();
    assert!(matches!(clinic.sign_in(OTHER, with(&device)).await.unwrap(), Progress::Asked(_)));
}

#[tokio::test]
async fn i12_no_way_in_has_less_than_the_policy_asks_for() {
    let clinic = Clinic::with_policy(&[("second-factor = \"optional\"", "second-factor = \"required\"")]).await;
    clinic.open_account("maria", None).await;
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else {
        panic!("a second factor is asked for");
    };
    assert_eq!(flow.step, Step::Enrol);
    // No other answer opens it.
    for answer in [Answer::Totp("000000"), Answer::RecoveryCode("0-0000-0000-0000-0000"), Answer::Terms(1)] {
        let refused = clinic.portal.answer(&flow.token, &answer, &Knock::default(), Trust::Yes).await.unwrap_err();
        assert!(matches!(refused, SignInError::NotAsked), "{refused:?}");
    }
    let secret = clinic.portal.begin_enrolment(&flow.token).await.unwrap();
    let code = clinic.code(&secret);
    let enrolled = clinic.portal.answer(&flow.token, &Answer::Enrol(&code), &Knock::default(), Trust::No).await;
    let entered = done(enrolled.unwrap());
    assert_eq!(entered.recovery_codes.len(), 10);
    assert_eq!(clinic.session(&entered).await.assurance(), 2);
    // The last one cannot be taken away where one is asked for.
    let session = clinic.session(&entered).await;
    assert_eq!(session.remove_factor(Factor::Totp, None).await.unwrap_err(), AccountError::NotOffered);
}

#[tokio::test]
async fn i12_a_short_password_does_not_outlive_the_factor_beside_it() {
    let clinic = Clinic::new().await;
    let (_, entered_as, secret, _) = clinic.with_app().await;
    let session = clinic.session(&entered_as).await;
    session.change_password(&entered(PASSWORD), &entered("plover-gale")).await.unwrap();
    clinic.pass(Duration::seconds(30));
    let asked = clinic.sign_in("plover-gale", Knock::default()).await.unwrap();
    let entered_as = done(clinic.answer(asked, &Answer::Totp(&clinic.code(&secret))).await.unwrap());
    let session = clinic.session(&entered_as).await;
    session.remove_factor(Factor::Totp, None).await.unwrap();
    let Progress::Asked(flow) = clinic.sign_in("plover-gale", Knock::default()).await.unwrap() else { panic!() };
    assert_eq!(flow.step, Step::NewPassword);
    let short = entered("another");
    let refused = clinic.portal.answer(&flow.token, &Answer::NewPassword(&short), &Knock::default(), Trust::No).await;
    assert!(matches!(refused.unwrap_err(), SignInError::Password(PasswordError::TooShort { min: 15 })));
    let long = entered(OTHER);
    let answered = clinic.portal.answer(&flow.token, &Answer::NewPassword(&long), &Knock::default(), Trust::No).await;
    done(answered.unwrap());
}

#[tokio::test]
async fn a_challenge_ends_after_five_wrong_codes_and_after_its_time() {
    let clinic = Clinic::new().await;
    let (_, _, secret, _) = clinic.with_app().await;
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    for _ in 0..5 {
        let wrong = clinic.portal.answer(&flow.token, &Answer::Totp("abcdef"), &Knock::default(), Trust::No).await;
        assert_eq!(wrong.unwrap_err(), SignInError::WrongCode);
    }
    let code = clinic.code(&secret);
    let over = clinic.portal.answer(&flow.token, &Answer::Totp(&code), &Knock::default(), Trust::No).await;
    assert_eq!(over.unwrap_err(), SignInError::Over);
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    clinic.pass(Duration::minutes(10));
    let code = clinic.code(&secret);
    let over = clinic.portal.answer(&flow.token, &Answer::Totp(&code), &Knock::default(), Trust::No).await;
    assert_eq!(over.unwrap_err(), SignInError::Over);
}

#[tokio::test]
async fn codes_by_text_are_off_unless_the_clinic_says_so_and_then_the_newest_counts() {
    let clinic = Clinic::with_policy(&[("code-by-email = false", "code-by-email = true")]).await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    assert_eq!(session.allow_codes(Factor::TextCode).await.unwrap_err(), AccountError::NotOffered);
    session.allow_codes(Factor::EmailCode).await.unwrap();
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    clinic.portal.send_code(&flow.token).await.unwrap();
    clinic.settle().await;
    let first = clinic.mail.last(Notice::SignInCode).unwrap().code.unwrap();
    clinic.portal.send_code(&flow.token).await.unwrap();
    clinic.settle().await;
    let second = clinic.mail.last(Notice::SignInCode).unwrap().code.unwrap();
    assert_ne!(first, second);
    let knock = Knock::default();
    let old = clinic.portal.answer(&flow.token, &Answer::SentCode(&first), &knock, Trust::No).await;
    assert_eq!(old.unwrap_err(), SignInError::WrongCode);
    done(clinic.portal.answer(&flow.token, &Answer::SentCode(&second), &knock, Trust::No).await.unwrap());
    // A third one is sent, a fourth is not.
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    for _ in 0..3 {
        clinic.portal.send_code(&flow.token).await.unwrap();
    }
    assert_eq!(clinic.portal.send_code(&flow.token).await.unwrap_err(), SignInError::NotAsked);
}

#[tokio::test]
async fn whoever_has_a_second_factor_steps_up_by_it_and_not_by_the_password() {
    let clinic = Clinic::new().await;
    let (_, entered_as, secret, codes) = clinic.with_app().await;
    let session = clinic.session(&entered_as).await;
    let refused = session.step_up(&Proof::Password(&entered(PASSWORD))).await.unwrap_err();
    assert_eq!(refused, AccountError::NotOffered);
    assert_eq!(session.step_up(&Proof::Totp("000000")).await.unwrap_err(), AccountError::Wrong);
    let stepped = session.step_up(&Proof::Totp(&clinic.code(&secret))).await.unwrap();
    let session = clinic.portal.resume(&stepped.session).await.unwrap();
    assert_eq!(session.assurance(), 2);
    let stepped = session.step_up(&Proof::RecoveryCode(&codes[0])).await.unwrap();
    assert!(stepped.recovery_code.is_some());
}

#[tokio::test]
async fn a_trusted_device_is_not_a_factor_that_was_shown() {
    let clinic = Clinic::new().await;
    let (_, _, secret, _) = clinic.with_app().await;
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    let code = clinic.code(&secret);
    let answered = clinic.portal.answer(&flow.token, &Answer::Totp(&code), &Knock::default(), Trust::Yes).await;
    let shown = done(answered.unwrap());
    assert!(clinic.session(&shown).await.is_fresh());
    let device = shown.device.unwrap();
    let session = clinic.session(&done(clinic.sign_in(PASSWORD, with(&device)).await.unwrap())).await;
    assert_eq!((session.assurance(), session.is_fresh()), (1, false));
    assert_eq!(session.remove_factor(Factor::Totp, None).await.unwrap_err(), AccountError::StepUp);
    clinic.pass(Duration::seconds(30));
    let stepped = session.step_up(&Proof::Totp(&clinic.code(&secret))).await.unwrap();
    let session = clinic.portal.resume(&stepped.session).await.unwrap();
    assert_eq!((session.assurance(), session.is_fresh()), (2, true));
}

#[tokio::test]
async fn a_new_password_takes_the_present_one() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    let refused = session.change_password(&entered("not the present one"), &entered(OTHER)).await.unwrap_err();
    assert_eq!(refused, AccountError::Wrong);
    done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap());
    session.change_password(&entered(PASSWORD), &entered(OTHER)).await.unwrap();
    done(clinic.sign_in(OTHER, Knock::default()).await.unwrap());
}
