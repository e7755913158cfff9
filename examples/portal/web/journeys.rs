//! Journeys through the routes without a browser: what a proxy sees of what is hidden, and what is written down of it.

use std::sync::Arc;

use chrono::NaiveDate;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_adapters::notify::file::Kept;
use mychartum_adapters::notify::words::{LinkBase, Words};
use mychartum_adapters::system::SystemEntropy;
use mychartum_core::account::{Password, SessionToken, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SourceId};
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::portal::{Page, Portal, Session};
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::clock::HouseClock;
use super::forms::{FormKey, random_bytes};
use super::house::{House, Setting, Shared};
use super::lab::{LAB, Lab, Play};
use super::router::router;
use super::server::Listening;
use super::stage::Stage;
use crate::setup::addresses::give;
use crate::setup::household::{Household, Tenants, move_in};
use crate::show::keys::key;
use crate::words::say;

/// A day that the household is seen on.
fn today() -> NaiveDate {
    chrono::Local::now().date_naive()
}

/// The household behind its routes, on a socket.
pub(super) struct Street {
    pub(super) house: Shared,
    pub(super) household: Household,
}

/// Someone at the door: their session, and their cookie.
struct Guest<'a> {
    street: &'a Street,
    session: Session,
    cookie: String,
}

struct Seen {
    status: u16,
    to: String,
    body: String,
}

impl Street {
    pub(super) async fn build() -> Self {
        let listening = Listening::on(0).await.unwrap();
        let (port, clock) = (listening.port, HouseClock::default());
        let links = LinkBase::parse(&format!("http://localhost:{port}")).unwrap();
        let kept = Arc::new(Kept::new(Words::shipped(), links));
        let portal = Portal::builder()
            .clock(clock.clone())
            .entropy(SystemEntropy)
            .notifier(kept.clone())
            .storage(MemoryStorage::new())
            .keys(SecretKeyring::new(SecretKey::from_bytes(random_bytes().unwrap())))
            .open()
            .await
            .unwrap();
        let household = move_in(&portal, Tenants::Household, today()).await.unwrap();
        give(&portal, &household.sign_ins, &kept).await.unwrap();
        let staff = household.staff.clone();
        let player = staff.iter().copied().min().unwrap();
        let lab = Lab::new(SourceId::parse(LAB).unwrap());
        let stage = Some(Stage { kept, people: household.people.clone(), staff: player, lab });
        let setting = Setting { is_demo: true, staff, sources: household.sources.clone(), clock, stage };
        let house = House::new(portal, FormKey::random().unwrap(), port, setting);
        tokio::spawn(listening.serve(router(house.clone())));
        Self { house, household }
    }

    async fn enter(&self, username: &str) -> Guest<'_> {
        let sign_in = self.household.sign_ins.iter().find(|one| one.username == username).unwrap();
        let (name, password) = (Username::parse(username).unwrap(), Password::entered(&sign_in.password).unwrap());
        let token = self.house.portal.sign_in(&name, &password).await.unwrap();
        let session = self.house.portal.resume(&token).await.unwrap();
        Guest { street: self, session, cookie: token.expose().to_owned() }
    }
}

impl Guest<'_> {
    /// Turns to a chart, by the form that every page has.
    async fn turned(mut self, chart: PatientId) -> Self {
        let before = self.cookie.clone();
        let (head, seen) = self.exchange("POST /turn", &format!("patient={chart}")).await;
        assert_eq!((seen.status, seen.to.as_str()), (303, format!("/chart/{chart}").as_str()));
        let set = head.lines().find_map(|line| line.strip_prefix("set-cookie: __Host-sid=")).unwrap();
        self.cookie = set.split(';').next().unwrap().to_owned();
        assert_ne!(self.cookie, before, "the session goes on under another token");
        self.session = self.street.house.portal.resume(&SessionToken::presented(&self.cookie)).await.unwrap();
        self
    }

    async fn exchange(&self, request: &str, fields: &str) -> (String, Seen) {
        let body = format!("token={}&{fields}", self.street.house.forms.token(&self.cookie));
        let more = format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", body.len());
        self.ask_all(request, &more, &body).await
    }

    async fn ask(&self, request: &str, more: &str, body: &str) -> Seen {
        self.ask_all(request, more, body).await.1
    }

    async fn ask_all(&self, request: &str, more: &str, body: &str) -> (String, Seen) {
        let port = self.street.house.port;
        let head = format!(
            "{request} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nCookie: __Host-sid={}\r\n{more}\r\n{body}",
            self.cookie
        );
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let to = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_owned();
        (head.to_owned(), Seen { status, to, body: body.to_owned() })
    }

    async fn see(&self, path: &str) -> Seen {
        self.ask(&format!("GET {path}"), "", "").await
    }

    async fn send(&self, path: &str, fields: &str) -> Seen {
        self.exchange(&format!("POST {path}"), fields).await.1
    }

    fn own(&self) -> PatientId {
        self.session.patients()[0]
    }

    async fn newest_result(&self, patient: PatientId) -> ItemId {
        let permit = self.session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
        let chart = self.street.house.portal.disclose(permit).unwrap();
        chart.results(Page::latest(1)).await.unwrap().items[0].id
    }
}

/// A page without what is different at each request or session: nothing but the form token and the seconds left.
fn steady(body: &str) -> String {
    let mut steady = body.to_owned();
    for name in ["data-idle=\"", "data-ends=\"", "data-form=\""] {
        if let Some((before, after)) = steady.split_once(name) {
            let rest = after.split_once('"').unwrap().1;
            steady = format!("{before}{rest}");
        }
    }
    steady
}

#[tokio::test]
async fn what_is_hidden_is_not_there_and_what_is_opened_is_written_down() {
    let street = Street::build().await;
    let (grandmother, daughter) = (street.enter("consuelo").await, street.enter("ines").await);
    let chart = grandmother.own();
    let hidden = grandmother.newest_result(chart).await;
    let nothing = ItemId::from_bytes([9; 16]);
    assert_eq!(grandmother.see(&format!("/chart/{chart}/results/{hidden}")).await.status, 200);

    // By a link nobody comes into the chart of another: a form turns the session to it.
    let before = daughter.see(&format!("/chart/{chart}/results")).await;
    assert_eq!((before.status, before.to.as_str()), (303, format!("/turn/{chart}").as_str()));
    assert!(daughter.see(&before.to).await.body.contains(say("turn.go")));
    let old = daughter.cookie.clone();
    let no_token = daughter
        .ask("POST /turn", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n", "")
        .await;
    assert_eq!(no_token.status, 403);
    let strange = daughter.send("/turn", &format!("patient={}", PatientId::from_bytes([9; 16]))).await;
    assert_eq!(strange.status, 404);
    let daughter = daughter.turned(chart).await;
    let own = daughter.see(&format!("/chart/{}", daughter.own())).await;
    assert_eq!((own.status, own.to), (303, format!("/turn/{}", daughter.own())), "and back by a form too");
    let left = Guest { street: &street, session: street.enter("ines").await.session, cookie: old };
    assert_eq!(left.see("/charts").await.to, "/sign-in", "the token from before is over");

    // A hidden result, one that never was, and a chart that never was: the same bytes.
    let found = daughter.see(&format!("/chart/{chart}/results/{hidden}")).await;
    let never = daughter.see(&format!("/chart/{chart}/results/{nothing}")).await;
    let no_chart = daughter.see(&format!("/chart/{}/results/{nothing}", PatientId::from_bytes([9; 16]))).await;
    assert_eq!((found.status, never.status, no_chart.status), (404, 404, 404));
    assert!(found.body == never.body && found.body == no_chart.body);
    let list = daughter.see(&format!("/chart/{chart}/results?view=tests")).await;
    assert!(list.status == 200 && !list.body.contains(&hidden.to_string()));
    for page in ["/results", ""] {
        let body = daughter.see(&format!("/chart/{chart}{page}")).await.body;
        assert!(body.contains("Acting for Consuelo") && !body.contains(&hidden.to_string()), "{page}");
        for word in ["hidden", "protected", "Who acts for me"] {
            assert!(
                !body.replace("type=\"hidden\"", "").replace("aria-hidden", "").contains(word),
                "{page} says {word}"
            );
        }
    }
    // Nor is it there under its source, or where only the owner may go.
    for page in [
        format!("results/{hidden}/source"),
        format!("results/{hidden}/original"),
        "people".to_owned(),
        "people/invite".to_owned(),
        "preferences".to_owned(),
    ] {
        let seen = daughter.see(&format!("/chart/{chart}/{page}")).await;
        assert!(seen.status == 404 && seen.body == never.body, "{page}");
    }
    let shown = daughter.send(&format!("/chart/{chart}/results/{hidden}/sharing"), "step=show&from=everyone").await;
    assert!(shown.status == 404 && shown.body == never.body);

    // The grandmother reads in her log that someone opened it for her, and the daughter that it was she.
    let log = grandmother.see(&format!("/chart/{chart}/access-log")).await.body;
    assert!(log.contains(say("log.proxy")) && log.contains(say("log.you")));
    assert!(log.contains(say("act.311")), "that something was hidden is written down");

    // She looks with her daughter's eyes, before and after it is shown again.
    let grant = grandmother.session.grants(chart).await.unwrap()[0].id();
    let eyes = format!("/chart/{chart}/people/{grant}/see");
    let results = |body: &str| body.split("<h2>results <").nth(1).unwrap().split("</span>").next().unwrap().to_owned();
    let before = results(&grandmother.see(&eyes).await.body);
    assert_eq!(daughter.see(&eyes).await.status, 404);
    let sent =
        grandmother.send(&format!("/chart/{chart}/results/{hidden}/sharing"), &format!("step=show&from={grant}")).await;
    assert_eq!(sent.status, 303);
    assert_eq!(daughter.see(&format!("/chart/{chart}/results/{hidden}")).await.status, 200);
    assert_ne!(results(&grandmother.see(&eyes).await.body), before);
    let forged = grandmother.ask(&format!("POST /chart/{chart}/preferences"), "Content-Length: 0\r\n", "").await;
    assert_eq!(forged.status, 403);
}

#[tokio::test]
async fn a_parent_of_a_teenager_finds_only_what_the_age_leaves() {
    let street = Street::build().await;
    let (daughter, teenager) = (street.enter("ines").await, street.enter("amara").await);
    let chart = teenager.own();
    let daughter = daughter.turned(chart).await;
    let home = daughter.see(&format!("/chart/{chart}")).await;
    assert_eq!(home.status, 200);
    assert!(home.body.contains("Acting for Amara") && home.body.contains(say("home.allergies")));
    assert!(!home.body.contains(say("home.latest")) && !home.body.contains("/results"));
    let nowhere = daughter.see("/nowhere").await.body;
    for page in ["results", "medications", "visits", "vitals", "conditions", "documents", "findings", "access-log"] {
        let seen = daughter.see(&format!("/chart/{chart}/{page}")).await;
        assert!(seen.status == 404 && seen.body == nowhere, "{page}");
    }
    for page in ["allergies", "immunizations", "appointments", "details", "all"] {
        assert_eq!(daughter.see(&format!("/chart/{chart}/{page}")).await.status, 200, "{page}");
    }
    // The teenager reads who it is, what will change, and pauses it; at the next request it is closed.
    let people = teenager.see(&format!("/chart/{chart}/people")).await.body;
    assert!(people.contains("birthday of 18") && people.contains(say("basis.parent")));
    let grants = teenager.session.grants(chart).await.unwrap();
    let grant = grants.iter().find(|grant| grant.state().is_live()).unwrap();
    let step = format!("/chart/{chart}/people/{}/pause", grant.id());
    assert_eq!(teenager.see(&step).await.status, 200);
    assert_eq!(teenager.send(&step, "").await.status, 303);
    let closed = daughter.see(&format!("/chart/{chart}")).await;
    assert!(closed.status == 404 && closed.body == nowhere);
    // Ending is for what rests on the patient's own consent.
    assert_eq!(teenager.see(&format!("/chart/{chart}/people/{}/end", grant.id())).await.status, 409);
}

#[tokio::test]
async fn an_invitation_says_nothing_of_the_patient_until_the_date_is_right() {
    let street = Street::build().await;
    let (grandmother, father) = (street.enter("consuelo").await, street.enter("tomas").await);
    let chart = grandmother.own();
    let form = format!("/chart/{chart}/people/invite/errands");
    assert_eq!(grandmother.see(&form).await.status, 200);
    assert_eq!(grandmother.send(&form, "relation=friend&days=547&right=see-bills").await.status, 422);
    assert_eq!(grandmother.send(&form, "relation=friend&days=30").await.status, 422);
    let made = grandmother.send(&form, "relation=friend&days=30&right=see-appointments&right=do-schedule").await;
    assert_eq!(made.status, 200);
    let token = made.body.split("/invitation/").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(token.len(), 128);

    let page = format!("/invitation/{token}");
    let stranger = Guest { street: &street, session: street.enter("tomas").await.session, cookie: "0".repeat(64) };
    let sent_away = stranger.see(&page).await;
    assert_eq!((sent_away.status, sent_away.to), (303, format!("/sign-in?next={page}")));
    let offered = father.see(&page).await;
    assert_eq!(offered.status, 200);
    assert!(offered.body.contains(say("verb.schedule")));
    for word in ["Consuelo", "Velarosa", &chart.to_string()] {
        assert!(!offered.body.replace(token, "").contains(word), "{word}");
    }
    let wrong = father.send(&format!("{page}/accept"), "born=1950-01-01").await;
    assert!(wrong.status == 422 && wrong.body.contains(say("invitation.wrong-date")));

    let permit = grandmother.session.ask(chart, Section::Demographics, Purpose::Care).await.unwrap();
    let known = street.house.portal.disclose(permit).unwrap().demographics(Page::ALL).await.unwrap().items;
    let born = known[0].view.birth_date.as_ref().unwrap().day().unwrap();
    let right = father.send(&format!("{page}/accept"), &format!("born={born}")).await;
    assert_eq!((right.status, right.to.as_str()), (303, "/charts"));
    let father = father.turned(chart).await;
    // Without the name he knows what she is to him; what was not offered is not there.
    let home = father.see(&format!("/chart/{chart}")).await;
    assert!(home.status == 200 && home.body.contains("Acting for your friend") && !home.body.contains("Consuelo"));
    assert_eq!(father.see(&format!("/chart/{chart}/appointments")).await.status, 200);
    assert_eq!(father.see(&format!("/chart/{chart}/details")).await.status, 404);

    // Used, unknown and broken tokens: the same page.
    let used = father.see(&page).await;
    let unknown = father.see(&format!("/invitation/{}", "0".repeat(128))).await;
    let broken = father.see("/invitation/nonsense").await;
    assert_eq!((used.status, unknown.status, broken.status), (404, 404, 404));
    assert!(steady(&used.body) == steady(&unknown.body) && steady(&used.body) == steady(&broken.body));

    // He gives it back.
    let grant = father.session.acting_for().await.unwrap().into_iter().find(|one| one.patient == chart).unwrap();
    assert_eq!(father.send(&format!("/acting/{}/resign", grant.grant), "").await.status, 303);
    assert_eq!(father.see(&format!("/chart/{chart}")).await.status, 404);
}

#[tokio::test]
async fn the_clinic_takes_two_people_to_verify_and_is_there_for_staff_only() {
    let street = Street::build().await;
    let (first, second) = (street.enter("records-1").await, street.enter("records-2").await);
    let (father, teenager) = (street.enter("tomas").await, street.enter("amara").await);
    let nowhere = father.see("/nowhere").await.body;
    for page in ["/clinic", "/clinic/records", "/clinic/releases", "/clinic/second-looks"] {
        let seen = father.see(page).await;
        assert!(seen.status == 404 && seen.body == nowhere, "{page}");
        assert_eq!(first.see(page).await.status, 200, "{page}");
    }
    let waiting = street.house.portal.proxy_queue().await.unwrap();
    assert_eq!(waiting.iter().filter(|one| key(&one.grant.state()) == "disputed").count(), 2);
    let request = waiting.iter().find(|one| key(&one.grant.state()) == "requested").unwrap();
    let (chart, grant) = (request.grant.patient(), request.grant.id());
    assert_eq!((chart, request.others.len()), (teenager.own(), 1));
    let step = |name: &str| format!("/clinic/grants/{chart}/{grant}/{name}");
    let taken = first.send(&step("take-up"), "").await;
    assert_eq!(taken.status, 303);
    assert_eq!(first.send(&step("verify"), "").await.status, 303);
    let again = first.send(&step("verify"), "").await;
    assert!(again.status == 422 && again.body.contains(say("clinic.second-person")));
    assert_eq!(father.see(&format!("/chart/{chart}")).await.status, 404, "one word is not enough");
    assert_eq!(second.send(&step("verify"), "").await.status, 303);
    let father = father.turned(chart).await;
    assert_eq!(father.see(&format!("/chart/{chart}")).await.status, 200);

    // In dispute both parents have what both have; the mother's comes back when staff have seen the paper.
    let daughter = street.enter("ines").await;
    let of_mother = waiting.iter().find(|one| one.grant.proxy() == Some(daughter.session.account())).unwrap();
    let chart = of_mother.grant.patient();
    let daughter = daughter.turned(chart).await;
    let neutral = daughter.see(&format!("/chart/{chart}/allergies")).await;
    assert!(neutral.status == 200 && neutral.body.contains(say("frame.dispute")));
    let narrowed = daughter.see(&format!("/chart/{chart}/medications")).await;
    let before = narrowed.body.clone();
    let step = format!("/clinic/grants/{chart}/{}/stands", of_mother.grant.id());
    assert_eq!(first.send(&step, "").await.status, 422);
    assert_eq!(first.send(&step, "seen=yes").await.status, 303);
    let after = daughter.see(&format!("/chart/{chart}/medications")).await;
    assert!(after.status == 200 && steady(&after.body) != steady(&before));
    assert!(!after.body.contains(say("frame.dispute")));

    // A held result is released, and a second look is done.
    let held = street.house.portal.release_worklist().await.unwrap();
    assert_eq!(held.len(), 1);
    let release = format!("/clinic/releases/{}/{}", held[0].patient, held[0].item);
    assert_eq!(first.send(&release, "").await.status, 303);
    assert!(street.house.portal.release_worklist().await.unwrap().is_empty());
    let (_, session) = street.house.portal.second_looks().await.unwrap()[0];
    assert_eq!(first.send(&format!("/clinic/second-looks/{session}"), "").await.status, 303);
    assert!(street.house.portal.second_looks().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wish_hides_values_until_a_tap_and_quietly_showing_less_leaves_empty_pages() {
    let street = Street::build().await;
    let (grandmother, daughter) = (street.enter("consuelo").await, street.enter("ines").await);
    let chart = grandmother.own();
    let preferences = format!("/chart/{chart}/preferences");
    assert!(!grandmother.see(&format!("/chart/{chart}/results")).await.body.contains(say("part.tap")));
    assert_eq!(grandmother.send(&preferences, "results=wait&results-days=15&findings=at-once").await.status, 409);
    assert_eq!(grandmother.send(&preferences, "results=after-tap&findings=at-once").await.status, 303);
    for page in ["/results", "/results?view=tests", ""] {
        let body = grandmother.see(&format!("/chart/{chart}{page}")).await.body;
        assert!(body.contains(say("part.tap")), "{page}");
        assert!(!body.contains("Above range") && !body.contains("outside range"), "{page}");
    }
    let daughter = daughter.turned(chart).await;
    assert!(!daughter.see(&format!("/chart/{chart}/results")).await.body.contains(say("part.tap")));

    let grants = grandmother.session.grants(chart).await.unwrap();
    let step = format!("/chart/{chart}/people/{}/quiet", grants[0].id());
    assert!(daughter.see(&format!("/chart/{chart}/medications")).await.body.contains("article"));
    assert_eq!(grandmother.send(&step, "right=see-details&right=see-allergies").await.status, 303);
    let quiet = daughter.see(&format!("/chart/{chart}/medications")).await;
    assert_eq!(quiet.status, 200);
    assert!(quiet.body.contains(say("medications.none-now")) && !quiet.body.contains("article"));
}

#[tokio::test]
async fn a_laboratorys_results_come_are_corrected_and_taken_back_and_a_strangers_waits_for_staff() {
    let street = Street::build().await;
    let (staff, patient) = (street.enter("records-1").await, street.enter("consuelo").await);
    let own = patient.own();
    let stage = street.house.stage.as_ref().unwrap();
    let place = stage.people.iter().position(|one| one.patient == own).unwrap();
    let results = format!("/chart/{own}/results");
    let play = async |play: Play| {
        let now = street.house.now();
        stage.lab.play(&street.house.portal, (play, place), now).await.unwrap()
    };
    assert!(!patient.see(&results).await.body.contains("Stage Lab"));
    play(Play::Result).await;
    let newest = patient.newest_result(own).await;
    let shown = patient.see(&format!("/chart/{own}/results/{newest}")).await;
    assert!(shown.status == 200 && shown.body.contains("Stage Lab"));
    assert!(patient.see(&results).await.body.contains(say("fresh.heard")));
    play(Play::Correct).await;
    assert_eq!(patient.newest_result(own).await, newest);
    play(Play::Withdraw).await;
    assert_ne!(patient.newest_result(own).await, newest);
    play(Play::Break).await;
    play(Play::Replay).await;
    assert_ne!(patient.newest_result(own).await, newest, "the oldest message, sent last, changes nothing");

    // A stranger's result waits, is looked at, and is filed where staff say.
    play(Play::Stranger).await;
    let desk = staff.see("/clinic/records").await.body;
    assert!(desk.contains("STAGE|P0") && desk.contains(say("reason.unknown-patient")));
    let source = SourceId::parse(LAB).unwrap();
    let case = street.house.portal.quarantine(&source, None, 9).await.unwrap().cases[0].id;
    let at = format!("/clinic/records/{LAB}/{case}");
    assert!(staff.see(&at).await.body.contains("Hemoglobin A1c"));
    assert_eq!(patient.see(&at).await.status, 404);
    assert_eq!(patient.send(&format!("{at}/file"), &format!("patient={own}")).await.status, 404);
    assert_eq!(staff.send(&format!("{at}/file"), "patient=").await.status, 409);
    assert_eq!(staff.send(&format!("{at}/dismiss"), "").await.status, 303);
    assert!(staff.see("/clinic/records").await.body.contains(say("records.dismissed")));
    assert_eq!(staff.send(&format!("{at}/reopen"), "").await.status, 303);
    let filed = staff.send(&format!("{at}/file"), &format!("patient={own}")).await;
    assert!(filed.status == 200 && filed.body.contains(say("records.filed")));
    assert!(street.house.portal.quarantine(&source, None, 9).await.unwrap().cases.is_empty());
    assert_eq!(staff.see(&at).await.status, 404);
    assert_ne!(patient.newest_result(own).await, newest);
    let seen = patient.newest_result(own).await;
    assert!(patient.see(&format!("/chart/{own}/results/{seen}")).await.body.contains("Stage Lab"));
}
