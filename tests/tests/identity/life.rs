//! Contacts, freezing, recovery, the end of an account, two accounts of one person.

use chrono::Duration;
use mychartum_core::account::{
    AccountError, AccountState, Answer, ContactError, Knock, LinkToken, Progress, SentBy, SignInError,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::port::notifier::Notice;
use mychartum_core::portal::{RecoveryError, Whom};

use crate::clinic::*;

#[tokio::test]
async fn i19_a_teenagers_address_that_is_a_guardians_is_refused() {
    let clinic = Clinic::new().await;
    // A guardian who acts for him has the address that the clinic has on record for him, written otherwise.
    let (guardian, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    for alike in ["N.ino+clinic@Example.org"] {
        session.add_contact(&email(alike)).await.unwrap();
        clinic.settle().await;
        let code = clinic.mail.last(Notice::ContactCode).unwrap().code.unwrap();
        session.verify_contact(&email(alike), &code).await.unwrap();
    }
    let application = mychartum_core::portal::Application {
        relation: mychartum_core::access::grant::Relation::Parent,
        basis: mychartum_core::access::grant::LegalBasis::Parent,
        scope: mychartum_core::access::Scope::ALL,
        until: None,
        evidence: Some(mychartum_core::access::grant::EvidenceShown {
            document: Some(mychartum_core::kernel::id::AttachmentId::from_bytes([9; 16])),
            attested_by: None,
            review_by: None,
        }),
    };
    drop(clinic.portal.assign(STAFF, clinic.nino, guardian, &application).await.unwrap());
    let issued = clinic.portal.issue_activation(STAFF, &Whom::Patient(clinic.nino), SentBy::Email).await;
    assert_eq!(issued.unwrap_err(), AccountError::Contact(ContactError::Guardians));
    // A letter into his own hand is another way, and an adult is not guarded.
    clinic.portal.issue_activation(STAFF, &Whom::Patient(clinic.nino), SentBy::Letter).await.unwrap();
    clinic.pass(Duration::days(4 * 365));
    clinic.portal.issue_activation(STAFF, &Whom::Patient(clinic.nino), SentBy::Email).await.unwrap();
}

#[tokio::test]
async fn i20_every_change_is_told_to_every_address_of_before() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    let second = email("maria.at.work@example.org");
    session.add_contact(&second).await.unwrap();
    clinic.settle().await;
    let added = clinic.mail.last(Notice::ContactAdded).unwrap();
    assert_eq!(added.address, "maria@example.org", "the new one is not told, it gets a code");
    let code = clinic.mail.last(Notice::ContactCode).unwrap();
    assert_eq!(code.address, second.as_str());
    let wrong = if code.code.as_deref() == Some("000000") { "000001" } else { "000000" };
    let refused = session.verify_contact(&second, wrong).await.unwrap_err();
    assert_eq!(refused, AccountError::Contact(ContactError::WrongCode));
    session.verify_contact(&second, &code.code.unwrap()).await.unwrap();

    let told = |notice: Notice| {
        let mut to: Vec<String> =
            clinic.mail.kept().into_iter().filter(|kept| kept.notice == notice).map(|kept| kept.address).collect();
        to.sort();
        to
    };
    let both = ["maria.at.work@example.org", "maria@example.org"];
    session.begin_totp().await.unwrap();
    let secret = session.begin_totp().await.unwrap();
    session.enrol_totp(&clinic.code(&secret)).await.unwrap();
    session.new_recovery_codes().await.unwrap();
    session.remove_factor(mychartum_core::account::Factor::Totp, None).await.unwrap();
    session.remove_contact(&email("maria@example.org")).await.unwrap();
    session.change_password(&entered(PASSWORD), &entered(OTHER)).await.unwrap();
    clinic.settle().await;
    assert_eq!(told(Notice::FactorAdded), both);
    assert_eq!(told(Notice::RecoveryCodesMade), both);
    assert_eq!(told(Notice::FactorRemoved), both);
    assert_eq!(told(Notice::ContactRemoved), both, "the one that was removed is told too");
    assert_eq!(told(Notice::PasswordChanged), ["maria.at.work@example.org"]);
}

#[tokio::test]
async fn the_last_address_stays_and_a_confidential_one_is_the_only_one() {
    let clinic = Clinic::new().await;
    let (_, entered_as) = clinic.activated().await;
    let session = clinic.session(&entered_as).await;
    let refused = session.remove_contact(&email("maria@example.org")).await.unwrap_err();
    assert_eq!(refused, AccountError::Contact(ContactError::LastOne));
    let unproved = session.keep_confidential(Some(&email("x@example.org"))).await.unwrap_err();
    assert_eq!(unproved, AccountError::Contact(ContactError::Unknown));
    let quiet = email("quiet@example.org");
    session.add_contact(&quiet).await.unwrap();
    clinic.settle().await;
    let code = clinic.mail.last(Notice::ContactCode).unwrap().code.unwrap();
    session.verify_contact(&quiet, &code).await.unwrap();
    session.keep_confidential(Some(&quiet)).await.unwrap();
    clinic.settle().await;
    // It is as good as new: an intruder's would look the same, so the others are told this once.
    assert!(
        clinic
            .mail
            .kept()
            .iter()
            .any(|kept| kept.notice == Notice::ConfidentialAddressChanged && kept.address == "maria@example.org")
    );
    clinic.mail.take();
    session.change_password(&entered(PASSWORD), &entered(OTHER)).await.unwrap();
    done(clinic.sign_in(OTHER, Knock::default()).await.unwrap());
    clinic.settle().await;
    let addresses: Vec<String> = clinic.mail.kept().into_iter().map(|kept| kept.address).collect();
    assert!(addresses.len() >= 2 && addresses.iter().all(|address| address == "quiet@example.org"), "{addresses:?}");
}

#[tokio::test]
async fn this_was_not_me_freezes_everything_in_one_step() {
    let clinic = Clinic::new().await;
    let (account, first) = clinic.activated().await;
    let stranger = done(clinic.sign_in(PASSWORD, from(b"far away")).await.unwrap());
    let link = clinic.link(Notice::NewSignIn).await;
    let half_way = clinic.portal.look_up(&name("maria"), Knock::default()).await.unwrap();
    let half_way = half_way.check(&entered(PASSWORD)).unwrap();
    clinic.portal.freeze(&link).await.unwrap();
    for session in [&first.session, &stranger.session] {
        assert!(clinic.portal.resume(session).await.is_err());
    }
    assert!(matches!(clinic.portal.complete(half_way).await, Err(SignInError::Refused)), "one that was under way");
    let shut = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap_err();
    assert_eq!(shut, SignInError::Shut(AccountState::Frozen));
    clinic.portal.freeze(&link).await.unwrap();
    clinic.settle().await;
    assert!(clinic.mail.last(Notice::AccountFrozen).is_some());
    // A link that undoes it goes only to an address that is older than what happened.
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    clinic.settle().await;
    assert!(clinic.mail.last(Notice::PasswordReset).is_none());
    clinic.pass(Duration::days(1));
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    let reset = clinic.link(Notice::PasswordReset).await;
    clinic.portal.reset(&reset, &entered(OTHER), &Knock::default()).await.unwrap();
    assert_eq!(clinic.portal.account_view(account).await.unwrap().unwrap().state, AccountState::Active);
    done(clinic.sign_in(OTHER, Knock::default()).await.unwrap());
    clinic.pass(Duration::days(31));
    assert_eq!(clinic.portal.freeze(&link).await.unwrap_err(), RecoveryError::Refused, "the link is too old");
}

#[tokio::test]
async fn a_lost_factor_comes_off_after_a_day_that_everybody_is_told_of_and_can_be_cancelled() {
    let clinic = Clinic::new().await;
    let (account, _, secret, _) = clinic.with_app().await;
    let begin = |clinic: &Clinic| {
        let (portal, mail) = (clinic.portal.clone(), clinic.mail.clone());
        async move {
            portal.issue_reproof(STAFF, account, SentBy::Email).await.unwrap();
            while portal.run_due().await.unwrap().done > 0 {}
            let link = LinkToken::presented(&mail.last(Notice::Activation).unwrap().token.unwrap());
            let open = portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
            portal.begin_recovery(open, &entered(OTHER)).await.unwrap()
        }
    };
    begin(&clinic).await;
    let cancel = clinic.link(Notice::RecoveryStarted).await;
    // Until then nothing changed.
    assert!(matches!(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap(), Progress::Asked(_)));
    clinic.portal.cancel_recovery(&cancel).await.unwrap();
    clinic.pass(Duration::days(2));
    clinic.settle().await;
    assert_eq!(clinic.sign_in(OTHER, Knock::default()).await.unwrap_err(), SignInError::Refused);
    let asked = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap();
    done(clinic.answer(asked, &Answer::Totp(&clinic.code(&secret))).await.unwrap());

    let ready = begin(&clinic).await;
    assert_eq!(ready - mychartum_core::port::Clock::now(&clinic.clock), Duration::hours(24));
    clinic.pass(Duration::hours(24) - Duration::seconds(1));
    clinic.settle().await;
    assert_eq!(clinic.sign_in(OTHER, Knock::default()).await.unwrap_err(), SignInError::Refused);
    clinic.pass(Duration::seconds(1));
    clinic.settle().await;
    let session = clinic.session(&done(clinic.sign_in(OTHER, Knock::default()).await.unwrap())).await;
    assert!(session.own_account().await.unwrap().factors.is_empty());
    assert!(clinic.mail.last(Notice::RecoveryDone).is_some());
    assert_eq!(clinic.portal.cancel_recovery(&cancel).await.unwrap_err(), RecoveryError::Refused);
}

#[tokio::test]
async fn whoever_died_is_read_until_the_wind_down_is_over_and_writes_nothing() {
    let clinic = Clinic::new().await;
    let (account, entered_as) = clinic.activated().await;
    let until = clinic.portal.note_death(STAFF, clinic.maria).await.unwrap();
    assert!(clinic.portal.resume(&entered_as.session).await.is_err());
    let session = clinic.session(&done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap())).await;
    assert_eq!(session.add_contact(&email("x@example.org")).await.unwrap_err(), AccountError::NotOffered);
    clinic.pass(until - mychartum_core::port::Clock::now(&clinic.clock));
    clinic.settle().await;
    assert_eq!(clinic.portal.account_view(account).await.unwrap().unwrap().state, AccountState::Closed);
    assert!(matches!(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap_err(), SignInError::Shut(_)));
}

#[tokio::test]
async fn a_deactivated_account_comes_back_only_after_proving_anew() {
    let clinic = Clinic::new().await;
    let (account, entered_as) = clinic.activated().await;
    clinic.session(&entered_as).await.deactivate().await.unwrap();
    let shut = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap_err();
    assert_eq!(shut, SignInError::Shut(AccountState::Deactivated));
    clinic.portal.request_reset("maria", &Knock::default()).await.unwrap();
    clinic.settle().await;
    assert!(clinic.mail.last(Notice::PasswordReset).is_none());
    clinic.portal.issue_reproof(STAFF, account, SentBy::Email).await.unwrap();
    let link = clinic.link(Notice::Activation).await;
    let open = clinic.portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
    let (other, password) = (name("somebody else"), entered(OTHER));
    done(clinic.portal.activate(open, &maria_chooses(&other, &password), Knock::default()).await.unwrap());
    done(clinic.sign_in(OTHER, Knock::default()).await.unwrap());
}

#[tokio::test]
async fn two_accounts_of_one_person_become_one_and_two_again() {
    let clinic = Clinic::new().await;
    let (first, _) = clinic.activated().await;
    let second = clinic.open_account("maria2", Some(clinic.nino)).await;
    clinic.portal.merge_accounts(STAFF, first, second).await.unwrap();
    let session = clinic.session(&done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap())).await;
    assert_eq!(session.patients(), [clinic.maria, clinic.nino]);
    assert!(session.ask(clinic.maria, Section::Results, Purpose::Care).await.is_ok());
    let shut = clinic.portal.begin_sign_in(&name("maria2"), &entered(PASSWORD), Knock::default()).await.unwrap_err();
    assert!(matches!(shut, SignInError::Shut(AccountState::Merged { .. })));
    clinic.portal.unmerge_accounts(STAFF, first, second).await.unwrap();
    assert!(session.ask(clinic.nino, Section::Results, Purpose::Care).await.is_err());
    let session = clinic.session(&done(clinic.sign_in(PASSWORD, Knock::default()).await.unwrap())).await;
    assert_eq!(session.patients(), [clinic.maria]);
    assert_eq!(clinic.portal.unmerge_accounts(STAFF, first, second).await.unwrap_err(), AccountError::Wrong);
}

#[tokio::test]
async fn a_password_that_the_clinic_wants_changed_is_asked_for_as_a_step() {
    let clinic = Clinic::new().await;
    let (account, _) = clinic.activated().await;
    clinic.portal.require_new_password(STAFF, account).await.unwrap();
    let Progress::Asked(flow) = clinic.sign_in(PASSWORD, Knock::default()).await.unwrap() else { panic!() };
    assert_eq!(flow.step, mychartum_core::account::Step::NewPassword);
}
