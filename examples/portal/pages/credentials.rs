//! What pages about accounts share: fields for passwords and codes, recovery codes, the picture for apps, and why not.

use maud::{Markup, html};
use mychartum_core::account::{
    AccountError, ContactError, ContextKind, PasswordError, RecoveryCode, SignInError, TotpSecret, Username, Wait,
};
use qrcode::{Color, EcLevel, QrCode};

use crate::web::entry::wait_words;
use crate::web::house::House;
use crate::words::{fill, say};

/// What stands above a form that was not taken.
pub(crate) fn trouble(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { div.trouble #trouble role="alert" { p { (text) } } } }
}

/// The form token.
pub(crate) fn token(token: &str) -> Markup {
    html! { input type="hidden" name="token" value=(token); }
}

/// A field for a new password, with what is asked of it.
pub(crate) fn new_password(fewest: usize) -> Markup {
    html! {
        div.field {
            label for="password" { (say("credential.new-password")) }
            input #password name="password" type="password" autocomplete="new-password" required maxlength="256"
                aria-describedby="password-hint";
            p.hint #password-hint { (fill("credential.hint", &[("fewest", &fewest.to_string())])) }
        }
    }
}

/// A field for six digits.
pub(crate) fn digits(label: &str) -> Markup {
    html! {
        div.field.narrow-field {
            label for="code" { (label) }
            input #code name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required maxlength="16";
        }
    }
}

/// A field for a saved recovery code.
pub(crate) fn recovery_field() -> Markup {
    html! {
        div.field {
            label for="recovery" { (say("credential.recovery")) }
            input #recovery name="code" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="64";
        }
    }
}

/// Recovery codes, shown once.
pub(crate) fn codes_once(codes: &[RecoveryCode]) -> Markup {
    html! {
        p.lead { @if codes.len() > 1 { (say("codes.lead")) } @else { (say("codes.replaced")) } }
        ol.secrets { @for code in codes { li { code { (code.expose()) } } } }
        p.notice { (say("codes.once")) }
    }
}

/// The picture that an authenticator app scans, and the letters to type instead.
pub(crate) fn picture(secret: &TotpSecret, username: Option<&Username>) -> Markup {
    let name = username.map_or("", Username::as_str);
    let uri = secret.provisioning_uri(say("frame.name"), name);
    let squares = QrCode::with_error_correction_level(uri.expose(), EcLevel::M);
    let letters = secret.base32();
    html! {
        ol.steps {
            li { (say("app.step-1")) }
            li { (say("app.step-2")) @if let Ok(squares) = &squares { (drawn(squares)) } }
            li { (say("app.step-3")) }
        }
        details {
            summary { (say("app.by-hand")) }
            p { (say("app.key")) " " code.letters { (grouped(letters.expose())) } }
        }
    }
}

/// Squares as a path; dark on light in every mode, since scanners expect that.
fn drawn(squares: &QrCode) -> Markup {
    let (width, colours) = (squares.width(), squares.to_colors());
    let size = width + 8;
    let dark = colours.iter().enumerate().filter(|(_, colour)| **colour == Color::Dark);
    let path: String = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4)).collect();
    html! {
        svg.qr role="img" aria-label=(say("app.picture")) viewBox={ "0 0 " (size) " " (size) } shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#ffffff" {}
            path d=(path) fill="#000000" {}
        }
    }
}

fn grouped(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Why a password was not taken.
pub(crate) fn password_trouble(error: PasswordError) -> String {
    match error {
        PasswordError::TooShort { min } => fill("password.short", &[("fewest", &min.to_string())]),
        PasswordError::TooLong => say("password.long").to_owned(),
        PasswordError::Common => say("password.common").to_owned(),
        PasswordError::Breached => say("password.breached").to_owned(),
        PasswordError::Context(kind) => say(match kind {
            ContextKind::Name => "password.name",
            ContextKind::BirthDate => "password.birth-date",
            ContextKind::Portal | ContextKind::Clinic => "password.portal",
            ContextKind::Username => "password.username",
            ContextKind::Contact => "password.contact",
            _ => "password.common",
        })
        .to_owned(),
        _ => say("password.common").to_owned(),
    }
}

/// How long to wait.
pub(crate) fn wait(wait: Wait, house: &House) -> String {
    fill("credential.wait", &[("time", &wait_words(wait.until, house.now()))])
}

/// Why an account was not changed, as far as its holder can do something about it.
pub(crate) fn account_trouble(error: &AccountError, house: &House) -> Option<String> {
    Some(match error {
        AccountError::Password(error) => password_trouble(*error),
        AccountError::Wait(error) => wait(*error, house),
        AccountError::UsernameTaken => say("username.taken").to_owned(),
        AccountError::Wrong => say("credential.wrong").to_owned(),
        AccountError::NotOffered => say("credential.not-offered").to_owned(),
        AccountError::Contact(error) => say(match error {
            ContactError::Known => "contact.known",
            ContactError::Unknown => "contact.unknown",
            ContactError::TooMany => "contact.too-many",
            ContactError::WrongCode => "contact.wrong-code",
            ContactError::LastOne => "contact.last",
            ContactError::Guardians => "contact.guardians",
            ContactError::Taken => "contact.taken",
        })
        .to_owned(),
        _ => return None,
    })
}

/// Why nobody was signed in, as far as something can be done about it.
pub(crate) fn sign_in_trouble(error: &SignInError, house: &House) -> Option<String> {
    Some(match error {
        SignInError::Refused => say("sign-in.refused").to_owned(),
        SignInError::Shut(state) => say(shut(*state)).to_owned(),
        SignInError::WrongCode => say("credential.wrong").to_owned(),
        SignInError::NotAsked | SignInError::MoreSteps => say("credential.not-offered").to_owned(),
        SignInError::Password(error) => password_trouble(*error),
        SignInError::Wait(error) => wait(*error, house),
        SignInError::Over | SignInError::Failure(_) => return None,
    })
}

const fn shut(state: mychartum_core::account::AccountState) -> &'static str {
    use mychartum_core::account::AccountState;
    match state {
        AccountState::Frozen => "shut.frozen",
        _ => "shut.other",
    }
}

#[cfg(test)]
mod tests {
    use mychartum_adapters::system::SystemEntropy;

    use super::*;

    #[test]
    fn the_picture_is_markup_without_styles() {
        let secret = TotpSecret::new(&SystemEntropy).unwrap();
        let name = Username::parse("ines").unwrap();
        let shown = picture(&secret, Some(&name)).into_string();
        assert!(shown.contains("<path d=\"M") && !shown.contains("style="));
        assert!(shown.contains(&grouped(secret.base32().expose())));
        assert_eq!(grouped("ABCDEFGH23"), "ABCD EFGH 23");
    }
}
