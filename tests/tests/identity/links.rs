//! Links and letters: activation, reset.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::Duration;
use mychartum_core::account::{
    AccountState, Knock, LetterCode, LinkState, LinkToken, Password, Progress, SentBy, SignInError, Username,
};
use mychartum_core::port::Storage;
use mychartum_core::port::notifier::Notice;
use mychartum_core::portal::{ActivationError, NewCredentials, RecoveryError, Whom};
use mychartum_storage::{MemoryStorage, SqliteStorage};

use crate::clinic::*;

#[tokio::test]
async fn i01_a_token_of_one_purpose_is_worth_nothing_for_another() {
    let clinic = Clinic::new().await;
    clinic.issue(SentBy::Email).await;
    let activation = clinic.link(Notice::Activation).await;
    let knock = Knock::default();
    let reset = clinic.portal.reset(&activation, &entered(OTHER), &knock).await;
    assert_eq!(reset.unwrap_err(), RecoveryError::Refused);
    assert_eq!(clinic.portal.freeze(&activation).await.unwrap_err(), RecoveryError::Refused);
    assert_eq!(clinic.portal.cancel_recovery(&activation).await.unwrap_err(), RecoveryError::Refused);

    let open = clinic.portal.open_activation(&activation, born(), &knock).await.unwrap();
    let entered_as = done(clinic.choose(open, "maria", PASSWORD).await.unwrap());
    clinic.portal.request_reset("maria", &knock).await.unwrap();
    let reset = clinic.link(Notice::PasswordReset).await;
    let refused = clinic.portal.open_activation(&reset, born(), &knock).await.unwrap_err();
    assert_eq!(refused, ActivationError::Refused);
    assert_eq!(clinic.portal.freeze(&reset).await.unwrap_err(), RecoveryError::Refused);

    // Tokens that browsers keep: a device's resumes no session, a session's is no device and no challenge.
    let device = entered_as.device.unwrap();
    let session = mychartum_core::account::SessionToken::presented(device.expose());
    assert!(clinic.portal.resume(&session).await.is_err());
    let challenge = mychartum_core::account::ChallengeToken::presented(entered_as.session.expose());
    let answered = clinic.portal.answer(
        &challenge,
        &mychartum_core::account::Answer::Totp("123456"),
        &knock,
        mychartum_core::account::Trust::No,
    );
    assert_eq!(answered.await.unwrap_err(), SignInError::Over);
}

/// Many come with one link at once: one gets the account, and everybody else the one answer of all.
async fn one_winner(storage: Arc<dyn Storage>, what: &str) {
    const COMERS: usize = 12;
    let clinic = Clinic::on(storage, &[]).await;
    clinic.issue(SentBy::Email).await;
    let link = clinic.link(Notice::Activation).await;
    let tasks: Vec<_> = (0..COMERS)
        .map(|number| {
            let (portal, token) = (clinic.portal.clone(), LinkToken::presented(link.expose()));
            tokio::spawn(async move {
                let open = portal.open_activation(&token, born(), &Knock::default()).await?;
                let (name, password) = (Username::parse(&format!("maria{number}")).unwrap(), entered(PASSWORD));
                portal.activate(open, &maria_chooses(&name, &password), Knock::default()).await
            })
        })
        .collect();
    let mut winners = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(Progress::Entered(_)) => winners += 1,
            Ok(Progress::Asked(_)) => panic!("{what}: something was asked"),
            Err(error) => assert_eq!(error, ActivationError::Refused, "{what}"),
        }
    }
    assert_eq!(winners, 1, "{what}");
    let view = &clinic.portal.accounts_of(clinic.maria).await.unwrap()[0];
    assert_eq!((view.state, view.link.unwrap().1), (AccountState::Active, LinkState::Redeemed), "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i02_of_many_who_redeem_a_link_at_once_exactly_one_wins_in_memory() {
    one_winner(Arc::new(MemoryStorage::new()), "memory").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i02_of_many_who_redeem_a_link_at_once_exactly_one_wins_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(folder.path().join("clinic.db")).await.unwrap();
    one_winner(Arc::new(storage), "sqlite").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i02_of_many_who_redeem_a_link_at_once_exactly_one_wins_on_postgresql() {
    use mychartum_storage::PostgresStorage;
    use mychartum_testkit::postgres_server::PostgresServer;
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    let storage = PostgresStorage::open(&database.url()).await.unwrap();
    one_winner(Arc::new(storage), "postgresql").await;
}

/// Every way in which a link is worth nothing.
#[tokio::test]
async fn i03_what_is_worth_nothing_is_refused_alike() {
    let clinic = Clinic::new().await;
    let knock = Knock::default();
    let mut refusals = Vec::new();
    let wrong_day = born().succ_opt().unwrap();

    clinic.issue(SentBy::Email).await;
    let first = clinic.link(Notice::Activation).await;
    refusals.push(clinic.portal.open_activation(&first, wrong_day, &knock).await.unwrap_err());
    clinic.issue(SentBy::Email).await;
    let second = clinic.link(Notice::Activation).await;
    refusals.push(clinic.portal.open_activation(&first, born(), &knock).await.unwrap_err());
    clinic.pass(Duration::hours(24));
    refusals.push(clinic.portal.open_activation(&second, born(), &knock).await.unwrap_err());

    let account = clinic.issue(SentBy::Email).await.account;
    let third = clinic.link(Notice::Activation).await;
    clinic.portal.revoke_activation(STAFF, account).await.unwrap();
    refusals.push(clinic.portal.open_activation(&third, born(), &knock).await.unwrap_err());

    clinic.issue(SentBy::Email).await;
    let fourth = clinic.link(Notice::Activation).await;
    let open = clinic.portal.open_activation(&fourth, born(), &knock).await.unwrap();
    clinic.choose(open, "maria", PASSWORD).await.unwrap();
    refusals.push(clinic.portal.open_activation(&fourth, born(), &knock).await.unwrap_err());

    let unknown = LinkToken::presented(&"A".repeat(64));
    refusals.push(clinic.portal.open_activation(&unknown, born(), &knock).await.unwrap_err());
    for garbage in ["", "x", &"\u{fc}".repeat(40), &"A".repeat(5000), "../../etc"] {
        let garbage = LinkToken::presented(garbage);
        refusals.push(clinic.portal.open_activation(&garbage, born(), &knock).await.unwrap_err());
    }
    let letter = LetterCode::parse("0000-0000-0000-0000").unwrap();
    refusals.push(clinic.portal.open_letter(&letter, born(), &knock).await.unwrap_err());
    let shown: HashSet<String> = refusals.iter().map(|error| format!("{error} {error:?}")).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(refusals.iter().all(|error| *error == ActivationError::Refused));
}

#[tokio::test]
async fn i04_a_link_that_is_issued_anew_voids_all_earlier_ones() {
    let clinic = Clinic::new().await;
    let knock = Knock::default();
    let mut links = Vec::new();
    for _ in 0..3 {
        clinic.issue(SentBy::Email).await;
        links.push(clinic.link(Notice::Activation).await);
    }
    let letter = clinic.issue(SentBy::Letter).await.letter.unwrap();
    for link in &links {
        let refused = clinic.portal.open_activation(link, born(), &knock).await.unwrap_err();
        assert_eq!(refused, ActivationError::Refused);
    }
    let typed = LetterCode::parse(&letter.expose().to_lowercase().replace('-', " ")).unwrap();
    assert!(clinic.portal.open_letter(&typed, born(), &knock).await.is_ok());
    let again = clinic.issue(SentBy::Letter).await.letter.unwrap();
    assert_eq!(clinic.portal.open_letter(&typed, born(), &knock).await.unwrap_err(), ActivationError::Refused);
    let open = clinic.portal.open_letter(&again, born(), &knock).await.unwrap();
    assert_eq!(open.name.as_deref(), Some("Maria Lopez"));
    clinic.choose(open, "maria", PASSWORD).await.unwrap();
    assert_eq!(clinic.portal.open_letter(&again, born(), &knock).await.unwrap_err(), ActivationError::Refused);
}

#[tokio::test]
async fn i05_five_wrong_dates_of_birth_kill_a_link_across_restarts() {
    let storage = Arc::new(MemoryStorage::new());
    let clinic = Clinic::on(Arc::clone(&storage), &[]).await;
    let knock = Knock::default();
    let account = clinic.issue(SentBy::Email).await.account;
    let link = clinic.link(Notice::Activation).await;
    for day in 1..=5u64 {
        let wrong = born() + chrono::Days::new(day);
        // Nobody remembers anything but storage: each try is as good as one of another process.
        let refused = clinic.portal.open_activation(&link, wrong, &knock).await.unwrap_err();
        assert_eq!(refused, ActivationError::Refused);
    }
    assert_eq!(clinic.portal.open_activation(&link, born(), &knock).await.unwrap_err(), ActivationError::Refused);
    let view = clinic.portal.account_view(account).await.unwrap().unwrap();
    assert_eq!(view.link.unwrap().1, LinkState::Locked);
    assert_eq!(clinic.portal.locked_activations().await.unwrap(), [account]);
    // A locked one is never opened again; another one is issued.
    clinic.issue(SentBy::Email).await;
    let next = clinic.link(Notice::Activation).await;
    assert!(clinic.portal.open_activation(&next, born(), &knock).await.is_ok());
    assert!(clinic.portal.locked_activations().await.unwrap().is_empty());
}

#[tokio::test]
async fn looking_at_a_link_uses_nothing_up_and_the_address_is_read_when_it_is_sent() {
    let clinic = Clinic::new().await;
    let knock = Knock::default();
    clinic.issue(SentBy::Email).await;
    let link = clinic.link(Notice::Activation).await;
    assert_eq!(clinic.mail.last(Notice::Activation).unwrap().address, "maria@example.org");
    for _ in 0..10 {
        let open = clinic.portal.open_activation(&link, born(), &knock).await.unwrap();
        assert_eq!(open.name.as_deref(), Some("Maria Lopez"));
    }
    // A bad password says why and uses nothing up either.
    let open = clinic.portal.open_activation(&link, born(), &knock).await.unwrap();
    let refused = clinic.choose(open, "maria", "maria lopez 1956 maria").await;
    assert!(matches!(refused, Err(ActivationError::Account(_))));
    assert!(clinic.portal.open_activation(&link, born(), &knock).await.is_ok());
}

#[tokio::test]
async fn a_name_that_is_taken_or_looks_like_another_is_refused_and_the_link_lives_on() {
    let clinic = Clinic::new().await;
    let knock = Knock::default();
    clinic.open_account("Maria", None).await;
    clinic.issue(SentBy::Email).await;
    let link = clinic.link(Notice::Activation).await;
    for taken in ["maria", "MARIA", " maria "] {
        let open = clinic.portal.open_activation(&link, born(), &knock).await.unwrap();
        let error = clinic.choose(open, taken, PASSWORD).await.unwrap_err();
        assert!(
            matches!(error, ActivationError::Account(mychartum_core::account::AccountError::UsernameTaken)),
            "{error}"
        );
    }
    // Letters of two scripts are refused at once; all Cyrillic, it is another name that looks like one that somebody has.
    assert!(Username::parse("\u{43c}\u{430}ria").is_err());
    clinic.open_account("cape", None).await;
    let open = clinic.portal.open_activation(&link, born(), &knock).await.unwrap();
    let alike = clinic.choose(open, "\u{441}\u{430}\u{440}\u{435}", PASSWORD).await.unwrap_err();
    assert_eq!(alike, ActivationError::Account(mychartum_core::account::AccountError::UsernameTaken));
    let open = clinic.portal.open_activation(&link, born(), &knock).await.unwrap();
    done(clinic.choose(open, "lopez", PASSWORD).await.unwrap());
}

#[tokio::test]
async fn caregivers_without_a_chart_get_an_account_of_their_own() {
    let clinic = Clinic::new().await;
    let knock = Knock::default();
    let born = chrono::NaiveDate::from_ymd_opt(1980, 2, 29).unwrap();
    let whom = Whom::Caregiver { address: email("carer@example.org"), born };
    let issued = clinic.portal.issue_activation(STAFF, &whom, SentBy::Email).await.unwrap();
    let link = clinic.link(Notice::Activation).await;
    assert_eq!(clinic.mail.last(Notice::Activation).unwrap().address, "carer@example.org");
    let open = clinic.portal.open_activation(&link, born, &knock).await.unwrap();
    assert_eq!(open.name, None);
    let entered_as = clinic.choose(open, "carer", PASSWORD).await;
    let session = clinic.session(&done(entered_as.unwrap())).await;
    assert_eq!(session.account(), issued.account);
    assert!(session.patients().is_empty());
}

#[tokio::test]
async fn a_reset_sends_nothing_to_strangers_and_answers_everybody_alike() {
    let clinic = Clinic::new().await;
    clinic.activated().await;
    clinic.settle().await;
    let before = clinic.mail.kept().len();
    for nobody in ["nobody", "nobody@example.org", "+1 617 555 0199", "\r\nBcc: x@y.org", ""] {
        clinic.portal.request_reset(nobody, &Knock::default()).await.unwrap();
    }
    clinic.settle().await;
    assert_eq!(clinic.mail.kept().len(), before);
    clinic.portal.request_reset("MARIA", &Knock::default()).await.unwrap();
    clinic.portal.request_username("maria@example.org", &Knock::default()).await.unwrap();
    clinic.settle().await;
    assert_eq!(clinic.mail.last(Notice::PasswordReset).unwrap().address, "maria@example.org");
    assert_eq!(clinic.mail.last(Notice::UsernameReminder).unwrap().token, None);
}

#[tokio::test]
async fn terms_are_accepted_by_their_version_or_nobody_gets_in() {
    let clinic = Clinic::with_terms(2).await;
    clinic.issue(SentBy::Email).await;
    let link = clinic.link(Notice::Activation).await;
    let (username, password) = (name("maria"), Password::new(PASSWORD).unwrap());
    for accepted in [None, Some(1), Some(3)] {
        let open = clinic.portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
        let chosen = NewCredentials { username: &username, password: &password, terms: accepted, language: None };
        let refused = clinic.portal.activate(open, &chosen, Knock::default()).await.unwrap_err();
        assert_eq!(refused, ActivationError::Terms, "{accepted:?}");
    }
    let open = clinic.portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
    let chosen = NewCredentials { username: &username, password: &password, terms: Some(2), language: None };
    done(clinic.portal.activate(open, &chosen, Knock::default()).await.unwrap());
    // An account that the host opened accepted nothing yet.
    clinic.open_account("carer", None).await;
    let asked = clinic.portal.begin_sign_in(&name("carer"), &entered(PASSWORD), Knock::default()).await.unwrap();
    let Progress::Asked(flow) = asked else { panic!("terms are asked for") };
    assert_eq!(flow.step, mychartum_core::account::Step::Terms);
    let knock = Knock::default();
    let no = mychartum_core::account::Trust::No;
    let old = clinic.portal.answer(&flow.token, &mychartum_core::account::Answer::Terms(1), &knock, no).await;
    assert_eq!(old.unwrap_err(), SignInError::NotAsked);
    done(clinic.portal.answer(&flow.token, &mychartum_core::account::Answer::Terms(2), &knock, no).await.unwrap());
}

#[tokio::test]
async fn somebody_whose_account_was_closed_gets_another_one() {
    let clinic = Clinic::new().await;
    let first = clinic.issue(SentBy::Letter).await.account;
    clinic.portal.deactivate_account(STAFF, first).await.unwrap();
    assert_eq!(clinic.portal.account_view(first).await.unwrap().unwrap().state, AccountState::Closed);
    let second = clinic.issue(SentBy::Email).await.account;
    assert_ne!(first, second);
    let link = clinic.link(Notice::Activation).await;
    let open = clinic.portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
    done(clinic.choose(open, "maria", PASSWORD).await.unwrap());
}

#[tokio::test]
async fn whoever_is_shown_by_name_is_written_down_first() {
    let clinic = Clinic::new().await;
    clinic.issue(SentBy::Email).await;
    let link = clinic.link(Notice::Activation).await;
    let entries = || async { clinic.portal.verify_trail(clinic.maria).await.unwrap().entries };
    let before = entries().await;
    clinic.portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
    assert_eq!(entries().await, before + 1);
    assert!(clinic.portal.open_activation(&link, born().succ_opt().unwrap(), &Knock::default()).await.is_err());
    assert_eq!(entries().await, before + 1, "nothing is read for a wrong date");
}
