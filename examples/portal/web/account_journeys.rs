//! Journeys through accounts without a browser: activation from the stage, an authenticator app, a second device, a reset, a
//! frozen account, and what an attacker tries.

use chrono::{Datelike, NaiveDate};
use hmac::{Hmac, KeyInit, Mac};
use mychartum_core::port::Clock as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::journeys::Street;
use crate::words::say;

/// A browser: its cookies, and nothing else.
struct Browser<'a> {
    street: &'a Street,
    cookies: Vec<(String, String)>,
}

struct Seen {
    status: u16,
    to: String,
    head: String,
    body: String,
}

impl<'a> Browser<'a> {
    const fn new(street: &'a Street) -> Self {
        Self { street, cookies: Vec::new() }
    }

    async fn ask(&mut self, request: &str, more: &str, body: &str) -> Seen {
        let port = self.street.house.port;
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "{request} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nCookie: {}\r\n{more}\r\n{body}",
            jar.join("; ")
        );
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for line in head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let to = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_owned();
        Seen { status, to, head: head.to_owned(), body: body.to_owned() }
    }

    async fn see(&mut self, path: &str) -> Seen {
        self.ask(&format!("GET {path}"), "", "").await
    }

    /// Opens a page, and sends a form with the token that it has.
    async fn send(&mut self, page: &str, path: &str, fields: &str) -> Seen {
        let form = self.see(page).await.body;
        self.send_from(&form, path, fields).await
    }

    async fn send_from(&mut self, form: &str, path: &str, fields: &str) -> Seen {
        let token = form.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        self.post(path, &format!("token={token}&{fields}")).await
    }

    async fn post(&mut self, path: &str, body: &str) -> Seen {
        let more = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", body.len());
        self.ask(&format!("POST {path}"), &more, body).await
    }

    async fn sign_in(&mut self, username: &str, password: &str) -> Seen {
        self.send("/sign-in", "/sign-in", &format!("username={username}&password={password}")).await
    }

    fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

impl Street {
    /// The newest link to a page in the messages that would have gone out.
    async fn mail(&self, page: &str) -> String {
        for _ in 0..3 {
            self.house.portal.run_due().await.unwrap();
        }
        let start = format!("http://localhost:{}", self.house.port);
        let messages = self.house.stage.as_ref().unwrap().kept.messages();
        let bodies = messages.iter().rev().map(|message| message.body.as_str());
        let mut links = bodies.flat_map(str::split_whitespace).filter_map(|word| word.strip_prefix(start.as_str()));
        links.find(|link| link.starts_with(&format!("{page}?t="))).expect("a message has this link").to_owned()
    }

    fn password(&self, username: &str) -> &str {
        &self.household.sign_ins.iter().find(|one| one.username == username).unwrap().password
    }

    /// The code that an app shows for these letters, some steps from now.
    fn code(&self, letters: &str, later: i64) -> String {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let values = letters.chars().filter_map(|letter| alphabet.find(letter));
        let bits: String = values.map(|value| format!("{value:05b}")).collect();
        let key: Vec<u8> = bits
            .as_bytes()
            .chunks_exact(8)
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect();
        let step = (self.house.clock.now().timestamp() / 30 + later).to_be_bytes();
        let tag = Hmac::<sha1::Sha1>::new_from_slice(&key).unwrap().chain_update(step).finalize().into_bytes();
        let at = usize::from(tag[19] & 15);
        let number = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

fn letters(body: &str) -> String {
    let shown = body.split("class=\"letters\">").nth(1).unwrap().split('<').next().unwrap();
    shown.replace(' ', "")
}

const NEW: &str = "seven-quiet-herons-under-ice";

#[tokio::test]
async fn somebody_activates_by_a_link_of_the_stage() {
    let street = Street::build().await;
    let toddler = street.household.people.last().unwrap().clone();
    let mut browser = Browser::new(&street);
    let issued = browser.send("/stage", "/stage/issue", &format!("patient={}&by=email", toddler.patient)).await;
    assert_eq!((issued.status, issued.to.as_str()), (303, "/stage"));
    assert!(browser.see("/stage").await.body.contains("/activate?t="), "the link can be followed");
    let link = street.mail("/activate").await;
    // Opening it, many times, uses nothing up, and the page sends nobody its address.
    for _ in 0..3 {
        let form = browser.see(&link).await;
        assert_eq!(form.status, 200);
        assert!(form.head.contains("referrer-policy: no-referrer") && form.head.contains("cache-control: no-store"));
        assert!(!form.body.contains(&toddler.name));
    }
    let t = link.split("t=").nth(1).unwrap().to_owned();
    let wrong = NaiveDate::from_ymd_opt(toddler.born.year() - 1, 1, 1).unwrap();
    let refused = browser.send(&link, "/activate/who", &format!("t={t}&born={wrong}")).await;
    assert_eq!(refused.status, 422);
    let unknown = browser.send(&link, "/activate/who", &format!("t={}&born={}", "A".repeat(64), toddler.born)).await;
    let same = |seen: &Seen, t: &str| seen.body.replace(t, "T");
    assert_eq!(same(&refused, &t), same(&unknown, &"A".repeat(64)), "one answer for all");
    let who = browser.send(&link, "/activate/who", &format!("t={t}&born={}", toddler.born)).await;
    assert!(who.status == 200 && who.body.contains(&toddler.name));
    let weak = browser
        .send_from(&who.body, "/activate/make", &format!("t={t}&born={}&username=nilo&password=short", toddler.born))
        .await;
    assert!(weak.status == 422 && weak.body.contains("Use at least 15 characters"));
    let taken = browser
        .send_from(&who.body, "/activate/make", &format!("t={t}&born={}&username=ines&password={NEW}", toddler.born))
        .await;
    assert!(taken.status == 422 && taken.body.contains(say("username.taken")));
    let made = browser
        .send_from(&who.body, "/activate/make", &format!("t={t}&born={}&username=nilo&password={NEW}", toddler.born))
        .await;
    assert_eq!((made.status, made.to.as_str()), (303, "/"));
    assert!(browser.cookie("__Host-sid").is_some() && browser.cookie("__Host-device").is_some());
    // The policy opens no chart to a toddler; the account is there.
    assert_eq!(browser.see("/account").await.status, 200);
    // Replayed, it is worth nothing.
    let mut other = Browser::new(&street);
    let again = other.send(&link, "/activate/who", &format!("t={t}&born={}", toddler.born)).await;
    assert_eq!(again.status, 422);
}

#[tokio::test]
async fn an_app_is_asked_for_on_a_second_device() {
    let street = Street::build().await;
    let mut first = Browser::new(&street);
    assert_eq!(first.sign_in("consuelo", street.password("consuelo")).await.status, 303);
    let setting_up = first.see("/account/app").await;
    assert_eq!(setting_up.status, 200);
    let secret = letters(&setting_up.body);
    assert_eq!(first.send("/account/app", "/account/app", "code=000000").await.status, 422);
    let done = first.send("/account/app", "/account/app", &format!("code={}", street.code(&secret, 0))).await;
    assert_eq!(done.status, 200);
    assert_eq!(done.body.split("<ol class=\"secrets\">").nth(1).unwrap().matches("<code>").count(), 10);

    let mut second = Browser::new(&street);
    let asked = second.sign_in("consuelo", street.password("consuelo")).await;
    assert_eq!((asked.status, asked.to.as_str()), (303, "/sign-in/step"));
    assert!(second.cookie("__Host-sid").is_none());
    let step = second.cookie("__Host-step").unwrap();
    assert!(step.get(..32).is_some_and(|start| !asked.to.contains(start)), "the token is in no address");
    // The same code again is a replay; what the cookie says is asked changes nothing.
    let replay =
        second.send("/sign-in/step", "/sign-in/step", &format!("how=totp&code={}", street.code(&secret, 0))).await;
    assert_eq!(replay.status, 422);
    let place = second.cookies.iter().position(|(name, _)| name == "__Host-step").unwrap();
    second.cookies[place].1 = format!("{}-terms", step.split('-').next().unwrap());
    let skipped = second.send("/sign-in/step", "/sign-in/step", "how=terms&accept=yes&version=0").await;
    assert!(skipped.status == 422 && second.cookie("__Host-sid").is_none());
    second.cookies[place].1 = step;
    let trusted = format!("how=totp&trust=yes&code={}", street.code(&secret, 1));
    let entered = second.send("/sign-in/step", "/sign-in/step", &trusted).await;
    assert_eq!((entered.status, entered.to.as_str()), (303, "/"));
    assert_eq!(
        second.see("/account/devices").await.body.matches("<article").count(),
        4,
        "two, and two from when the household was set up"
    );
    // Trust outlives the session, and spares the code.
    let chart = second.see("/").await.to;
    assert_eq!(second.send("/account", "/sign-out", "").await.status, 303);
    assert_eq!(second.see(&chart).await.to, "/sign-in");
    let known = second.sign_in("consuelo", street.password("consuelo")).await;
    assert_eq!(known.to, "/");
}

#[tokio::test]
async fn a_reset_ends_every_session_and_a_frozen_account_comes_back_by_one() {
    let street = Street::build().await;
    let mut browser = Browser::new(&street);
    // An address that came less than a day before a freeze gets no link that would undo it.
    assert_eq!(browser.send("/stage", "/stage/clock", "by=86400").await.status, 303);
    assert_eq!(browser.sign_in("consuelo", street.password("consuelo")).await.status, 303);
    assert_eq!(browser.see("/account").await.status, 200);
    // "This wasn't me", by the message about the sign-in: looking changes nothing, the button does.
    let link = street.mail("/freeze").await;
    let mut elsewhere = Browser::new(&street);
    assert_eq!(elsewhere.see(&link).await.status, 200);
    assert_eq!(browser.see("/account").await.status, 200);
    let t = link.split("t=").nth(1).unwrap().to_owned();
    assert_eq!(elsewhere.post("/freeze", &format!("t={t}")).await.status, 403, "not without a page of ours");
    let frozen = elsewhere.send(&link, "/freeze", &format!("t={t}")).await;
    assert!(frozen.status == 200 && frozen.body.contains(say("freeze.done")));
    assert_eq!(browser.see("/account").await.to, "/sign-in");
    let shut = browser.sign_in("consuelo", street.password("consuelo")).await;
    assert!(shut.status == 422 && shut.body.contains("This account is frozen."));

    // One answer for a name that is somebody's and for one that is nobody's.
    let known = elsewhere.send("/forgot", "/forgot", "who=consuelo").await;
    let unknown = elsewhere.send("/forgot", "/forgot", "who=nobody-at-all").await;
    assert!(known.status == 200 && known.body == unknown.body);
    let link = street.mail("/reset").await;
    let t = link.split("t=").nth(1).unwrap().to_owned();
    assert_eq!(elsewhere.send(&link, "/reset", &format!("t={t}&password=short")).await.status, 422);
    let done = elsewhere.send(&link, "/reset", &format!("t={t}&password={NEW}")).await;
    assert_eq!((done.status, done.to.as_str()), (303, "/sign-in?said=password"));
    let replay = elsewhere.send(&link, "/reset", &format!("t={t}&password={NEW}-again")).await;
    assert!(replay.status == 422 && replay.body.contains(say("link.over")));
    assert_eq!(browser.sign_in("consuelo", street.password("consuelo")).await.status, 422);
    assert_eq!(browser.sign_in("consuelo", NEW).await.to, "/");
}

#[tokio::test]
async fn what_is_sensitive_asks_again_after_a_while_and_the_cookie_changes() {
    let street = Street::build().await;
    let mut browser = Browser::new(&street);
    assert_eq!(browser.sign_in("consuelo", street.password("consuelo")).await.status, 303);
    let before = browser.cookie("__Host-sid").unwrap();
    assert_eq!(browser.see("/account/password").await.status, 200);
    assert_eq!(browser.send("/stage", "/stage/clock", "by=600").await.status, 303);
    let away = browser.see("/account/password").await;
    assert_eq!((away.status, away.to.as_str()), (303, "/account/step-up?to=password"));
    assert_eq!(browser.send(&away.to, "/account/step-up", "to=password&how=password&password=wrong").await.status, 422);
    let proof = format!("to=password&how=password&password={}", street.password("consuelo"));
    let back = browser.send(&away.to, "/account/step-up", &proof).await;
    assert_eq!((back.status, back.to.as_str()), (303, "/account/password"));
    let after = browser.cookie("__Host-sid").unwrap();
    assert_ne!(before, after);
    let mut old = Browser { street: &street, cookies: vec![("__Host-sid".to_owned(), before)] };
    assert_eq!(old.see("/account").await.to, "/sign-in");
    let elsewhere = browser.see("/account/step-up?to=https://evil.example").await.body;
    assert!(!elsewhere.contains("evil.example"));
    // Without the session's own form token nothing is changed.
    for path in ["password", "app", "codes", "addresses", "notices", "devices/everywhere", "end"] {
        assert_eq!(browser.post(&format!("/account/{path}"), "token=0&sure=yes").await.status, 403, "{path}");
    }
    assert_eq!(browser.see("/account").await.status, 200);
}

#[tokio::test]
async fn addresses_and_messages_are_chosen_and_the_account_is_closed() {
    let street = Street::build().await;
    let mut browser = Browser::new(&street);
    assert_eq!(browser.sign_in("consuelo", street.password("consuelo")).await.status, 303);
    let page = "/account/addresses";
    assert_eq!(browser.send(page, page, "step=add&address=nonsense").await.status, 422);
    assert_eq!(browser.send(page, page, "step=add&address=%2B1+555+010+0199").await.status, 303);
    assert_eq!(browser.send(page, page, "step=verify&address=%2B15550100199&code=000000").await.status, 422);
    assert_eq!(browser.send(page, page, "step=confidential&address=%2B15550100199").await.status, 422);
    let last = browser.send(page, page, "step=remove&address=consuelo@example.org").await;
    assert!(last.status == 422 && last.body.contains(say("contact.last")));
    let form = browser.see("/account/notices").await.body;
    let mut fields = String::from("quiet-from=22&quiet-until=7&digest=9&language=es");
    for name in form.split("<select name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        fields.push_str(&format!("&{name}=daily"));
    }
    assert_eq!(browser.send_from(&form, "/account/notices", &fields).await.to, "/account?done=notices");
    assert_eq!(browser.send_from(&form, "/account/notices", "quiet-from=99").await.status, 409);
    assert!(browser.see("/account/notices").await.body.contains("value=\"daily\" selected"));
    assert_eq!(browser.send("/account/end", "/account/end", "").await.status, 422);
    assert_eq!(browser.send("/account/end", "/account/end", "sure=yes").await.to, "/sign-in?said=ended");
    assert_eq!(browser.sign_in("consuelo", street.password("consuelo")).await.status, 422);
}

#[tokio::test]
async fn staff_look_after_accounts_and_see_nothing_of_charts() {
    let street = Street::build().await;
    let (mut staff, mut patient) = (Browser::new(&street), Browser::new(&street));
    assert_eq!(staff.sign_in("records-1", street.password("records-1")).await.status, 303);
    assert_eq!(patient.sign_in("consuelo", street.password("consuelo")).await.status, 303);
    let chart = street.household.people[0].patient;
    let page = format!("/clinic/accounts/{chart}");
    for path in ["/clinic/accounts", &page, "/clinic/worries"] {
        assert_eq!(patient.see(path).await.status, 404, "{path}");
        assert_eq!(staff.see(path).await.status, 200, "{path}");
    }
    let seen = staff.see(&page).await.body;
    assert!(!seen.contains("/chart/") && !seen.contains("example.org"));
    let account = seen.split("name=\"account\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = format!("account={account}");
    for step in ["unlock", "new-password", "suspend"] {
        assert_eq!(staff.send(&page, &format!("{page}/{step}"), &fields).await.status, 303, "{step}");
    }
    assert_eq!(patient.see("/account").await.to, "/sign-in");
    assert_eq!(patient.sign_in("consuelo", street.password("consuelo")).await.status, 422);
    assert_eq!(staff.send(&page, &format!("{page}/resume"), &fields).await.status, 303);
    // Of another patient there is no such account.
    let other = format!("/clinic/accounts/{}", street.household.people[1].patient);
    assert_eq!(staff.send(&page, &format!("{other}/suspend"), &fields).await.status, 404);
    // The password that was asked for: by a step of the sign-in.
    let asked = patient.sign_in("consuelo", street.password("consuelo")).await;
    assert_eq!(asked.to, "/sign-in/step");
    assert_eq!(patient.send("/sign-in/step", "/sign-in/step", "how=password&password=short").await.status, 422);
    let chosen = patient.send("/sign-in/step", "/sign-in/step", &format!("how=password&password={NEW}")).await;
    assert_eq!(chosen.to, "/");
    // A letter is shown once; its code opens the same door.
    let letter = staff.send(&page, &format!("{page}/issue"), "by=letter").await;
    assert_eq!(letter.status, 200);
    let code = letter.body.split("class=\"letter-code\"><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(!staff.see(&page).await.body.contains(&code));
    let born = street.household.people[0].born;
    let who = patient.send("/activate", "/activate/who", &format!("letter={code}&born={born}")).await;
    assert!(who.status == 200 && who.body.contains(say("activate.reproof")));
    assert!(!who.body.contains("name=\"username\""), "an account that is there keeps its name");
}

#[tokio::test]
async fn the_stage_says_what_became_of_a_message() {
    let street = Street::build().await;
    let patient = street.household.people[0].patient;
    let mut browser = Browser::new(&street);
    let send = |play: &str| format!("patient={patient}&play={play}");
    let nothing = browser.send("/stage", "/stage/lab", &send("correct")).await;
    assert!(nothing.status == 200 && nothing.body.contains(say("stage.lab-nothing")));
    for play in ["result", "correct", "withdraw", "stranger", "replay"] {
        let sent = browser.send("/stage", "/stage/lab", &send(play)).await;
        assert!(sent.status == 200 && sent.body.contains("The message was taken"), "{play}");
    }
    let broken = browser.send("/stage", "/stage/lab", &send("break")).await;
    assert!(broken.body.contains(say("stage.lab-refused")));
    assert_eq!(browser.send("/stage", "/stage/lab", "patient=1&play=result").await.status, 404);
    assert_eq!(browser.send("/stage", "/stage/lab", &send("other")).await.status, 409);
}
