//! Every notice in every language, and a host's own words.

use mychartum_core::kernel::LanguageTag;
use mychartum_core::port::notifier::{Channel, Notice, NotifyErrorKind, Outgoing};

use super::{LinkBase, Rendered, Words, WordsError, gsm7};

/// 40 bytes: the longest base address for which texts are promised to fit.
const BASE: &str = "https://portal.riverside-clinic.example/";

fn links() -> LinkBase {
    LinkBase::parse("https://portal.riverside-clinics.example").unwrap()
}

fn tag(tag: &str) -> LanguageTag {
    LanguageTag::parse(tag).unwrap()
}

fn rendered(words: &Words, notice: Notice, channel: Channel, language: &str) -> Rendered {
    let sample = Outgoing::sample([1; 16], channel, None, notice, tag(language));
    words.render(sample.text(), channel, &links()).unwrap_or_else(|_| panic!("{} {language}", notice.key()))
}

#[test]
fn every_notice_has_an_email_in_every_language() {
    let words = Words::shipped();
    for language in ["en", "es"] {
        for notice in Notice::ALL {
            let mail = rendered(&words, *notice, Channel::Email, language);
            let (subject, body) = (mail.subject().unwrap(), mail.body());
            assert!((8..=78).contains(&subject.chars().count()), "{language} {}: {subject}", notice.key());
            assert!(!subject.contains(['\r', '\n']), "{language} {}", notice.key());
            let all = format!("{subject}{body}");
            assert!(all.contains("MyChartum"), "{language} {}: whose message is it", notice.key());
            assert!(!all.contains(['{', '}', '\u{2068}', '<']), "{language} {}: {all}", notice.key());
        }
    }
}

#[test]
fn every_text_fits_one_message_with_the_longest_link() {
    assert_eq!(BASE.len(), 40);
    let words = Words::shipped();
    for language in ["en", "es"] {
        for notice in Notice::ALL {
            let text = rendered(&words, *notice, Channel::Text, language);
            assert_eq!(text.subject(), None);
            let length = gsm7::septets(text.body());
            let fits = length.is_some_and(|length| length <= 160);
            assert!(fits, "{language} {}: {length:?} {}", notice.key(), text.body());
            assert!(!text.body().contains('\n'), "{language} {}", notice.key());
        }
    }
}

#[test]
fn shipped_texts_need_no_folding() {
    for file in [include_str!("en.ftl"), include_str!("es.ftl")] {
        let mut in_text = false;
        for line in file.lines() {
            let trimmed = line.trim_start();
            if trimmed.starts_with('.') {
                in_text = trimmed.starts_with(".text") || trimmed.starts_with(".short");
            } else if !line.starts_with(' ') {
                in_text = false;
            }
            assert!(!in_text || gsm7::septets(line).is_some(), "{line}");
        }
    }
}

#[test]
fn sentences_are_short_and_words_are_plain() {
    let words = Words::shipped();
    for language in ["en", "es"] {
        for notice in Notice::ALL {
            let mail = rendered(&words, *notice, Channel::Email, language);
            for sentence in mail.body().split(['.', '?', ':', '\n']) {
                let count = sentence.split_whitespace().count();
                assert!(count <= 20, "{language} {}: {sentence}", notice.key());
            }
        }
    }
}

#[test]
fn both_languages_have_the_same_messages() {
    let keys = |file: &str| -> Vec<String> {
        let mut keys: Vec<_> =
            file.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).collect();
        keys.sort_unstable();
        keys.iter().map(|line| line.split('=').next().unwrap().trim().to_owned()).collect()
    };
    let english = keys(include_str!("en.ftl"));
    assert_eq!(english, keys(include_str!("es.ftl")));
    assert_eq!(english.len(), Notice::ALL.len() + 13);
}

#[test]
fn values_stand_where_they_belong() {
    let words = Words::shipped();
    let mail = |notice, language| rendered(&words, notice, Channel::Email, language).body().to_owned();
    let text = |notice, language| rendered(&words, notice, Channel::Text, language).body().to_owned();
    assert!(mail(Notice::SignInCode, "en").contains("is 123456."));
    assert!(text(Notice::SignInCode, "es").contains("es 123456."));
    assert!(mail(Notice::RecoveryStarted, "en").contains("on January 15."));
    assert!(mail(Notice::RecoveryStarted, "es").contains("el 15 de enero."));
    assert!(text(Notice::RecoveryStarted, "es").contains("el 15 ene."));
    assert!(text(Notice::Activation, "en").contains("/activate?t=sample-token"));
    assert_eq!(
        mail(Notice::Digest, "en").lines().next(),
        Some("There are 2 new things for you at MyChartum. Sign in to see more.")
    );
    assert!(text(Notice::AccountOpened, "en").starts_with("MyChartum: "));
}

#[test]
fn a_webhook_has_no_words() {
    let sample = Outgoing::sample([1; 16], Channel::Webhook, None, Notice::NewRecord, tag("en"));
    let refused = Words::shipped().render(sample.text(), Channel::Webhook, &links()).unwrap_err();
    assert_eq!(refused.kind(), NotifyErrorKind::Refused);
}

#[test]
fn a_language_falls_back_by_steps() {
    let words = Words::shipped();
    let subject =
        |language| rendered(&words, Notice::NewRecord, Channel::Email, language).subject().unwrap().to_owned();
    assert_eq!(subject("es-MX"), subject("es"));
    assert_eq!(subject("ES"), subject("es"));
    assert_eq!(subject("fr"), subject("en"));
    assert_ne!(subject("en"), subject("es"));
    let own = "new-record =\n .subject = Novedad\n .body = { $portal }\n .link = Ver:\n .text = Hola:\n";
    let words = words.with(&tag("es-MX"), own).unwrap();
    let subject =
        |language| rendered(&words, Notice::NewRecord, Channel::Email, language).subject().unwrap().to_owned();
    assert_eq!(subject("es-mx"), "Novedad");
    assert_ne!(subject("es-AR"), "Novedad");
    let other = rendered(&words, Notice::AccountOpened, Channel::Email, "es-MX");
    assert_eq!(other, rendered(&words, Notice::AccountOpened, Channel::Email, "es"));
}

#[test]
fn own_words_are_refused_by_line() {
    let with = |language: &str, text: &str| Words::shipped().with(&tag(language), text).map(drop);
    let good = "new-record =\n .subject = a\n .body = b\n .link = c\n .text = d\n";
    assert_eq!(with("en", good), Ok(()));
    assert_eq!(with("en", &format!("{good}\n# x\n= y\n")), Err(WordsError::Syntax { line: 8 }));
    assert_eq!(with("en", &format!("{good}new-recrod = x\n")), Err(WordsError::UnknownKey { line: 6 }));
    let short = "new-record =\n .subject = a\n .body = b\n .link = c\n";
    assert_eq!(with("en", short), Err(WordsError::Incomplete { key: "new-record".to_owned(), part: "text" }));
    let code = good.replace("= b", "= { $code }");
    assert_eq!(with("en", &format!("# first\n{code}")), Err(WordsError::Unfillable { line: 2 }));
    let lines = good.replace(".subject = a", ".subject = a\n    b");
    assert_eq!(with("en", &lines), Err(WordsError::Unfillable { line: 1 }));
    assert_eq!(with("fr", good), Err(WordsError::Incomplete { key: "frame".to_owned(), part: "everything" }));
    assert_eq!(with("fr-CA", good), Ok(()));
}
