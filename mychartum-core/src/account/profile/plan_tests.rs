//! What comes of proposals: rules by example, and properties over random changes and decisions.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use crate::access::pack::{AccountPolicy, EXAMPLE_PACK, PolicyPack, ProfilePart};
use crate::chart::Patient;
use crate::kernel::id::{AccountId, GrantId, ProposalId};
use crate::kernel::text::Label;
use crate::kernel::{EmailAddress, LanguageTag, PhoneNumber};

use super::state::tests::events;
use super::*;

const MARIA: Proposer = Proposer { account: AccountId::from_bytes([1; 16]), grant: None };
const PROXY: Proposer = Proposer { account: AccountId::from_bytes([2; 16]), grant: Some(GrantId::from_bytes([9; 16])) };
const STAFF: AccountId = AccountId::from_bytes([0x57; 16]);

fn policy() -> AccountPolicy {
    static POLICY: LazyLock<AccountPolicy> =
        LazyLock::new(|| PolicyPack::parse(EXAMPLE_PACK).unwrap().accounts().clone());
    POLICY.clone()
}

fn now() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn id(number: u8) -> ProposalId {
    ProposalId::from_bytes([number; 16])
}

fn address(text: &str) -> ProfileField {
    let lines = Few::new(vec![Line::parse(text).unwrap()]).unwrap();
    ProfileField::Address(PostalAddress { lines, city: None, region: None, postal_code: None, country: None })
}

fn name_to_use(text: &str) -> ProfileField {
    ProfileField::NameToUse(Line::parse(text).unwrap())
}

fn source(address: &str) -> Patient {
    Patient {
        birth_date: Some("1948-05-04".parse().unwrap()),
        addresses: vec![Label::parse(address).unwrap()],
        ..Patient::default()
    }
}

/// A profile and all that was decided of it.
struct World {
    record: ProfileRecord,
    said: Said,
    closed: Vec<Proposal>,
    next: u8,
    applying: Applying,
    now: DateTime<Utc>,
}

impl World {
    fn new() -> Self {
        let said = Said::by([&source("12 Elm St")], 1);
        Self {
            record: ProfileRecord::default(),
            said,
            closed: Vec::new(),
            next: 1,
            applying: Applying::AsThePolicySays,
            now: now(),
        }
    }

    fn holds(&self) -> Profile {
        Profile::new(&self.said, &self.record.overlay)
    }

    fn propose(&mut self, by: Proposer, changes: &[ProfileChange]) -> Result<Vec<Proposal>, ProposalError> {
        self.now += Duration::seconds(1);
        let ids: Vec<ProposalId> = (0..changes.len()).map(|more| id(self.next + more as u8)).collect();
        let (seen, policy) = (self.holds(), policy());
        let ground = Ground {
            record: &self.record,
            seen: &seen,
            said: &self.said,
            policy: &policy,
            applying: self.applying,
            now: self.now,
        };
        let planned = plan(changes, by, &ids, &ground)?;
        self.next += changes.len() as u8;
        self.record = planned.record;
        self.closed.extend(planned.closed);
        Ok(planned.proposals)
    }

    fn decide(&mut self, id: ProposalId, event: ProposalEvent) -> Result<Proposal, ProposalError> {
        self.now += Duration::seconds(1);
        let decided = self.record.find(id).unwrap().after(event, self.now)?;
        self.record = self.record.without(id);
        self.record.overlay = self.record.overlay.clone().with(&decided, &self.said);
        self.closed.push(decided.clone());
        Ok(decided)
    }
}

fn set(field: ProfileField) -> ProfileChange {
    ProfileChange::Set(field)
}

#[test]
fn some_parts_apply_themselves_and_the_rest_waits() {
    let mut world = World::new();
    let made = world.propose(MARIA, &[set(name_to_use("Lupe")), set(address("9 Oak Ave"))]).unwrap();
    assert_eq!(made.iter().map(|one| one.state).collect::<Vec<_>>(), [ProposalState::Applied {}, ProposalState::OPEN]);
    let holds = world.holds();
    assert_eq!(holds.held(ProfilePart::NameToUse).unwrap().origin, Origin::Applied);
    assert!(holds.value(ProfilePart::Address).unwrap().says_same(&address("12 Elm St")));
    let accepted = world.decide(made[1].id, ProposalEvent::Accept { by: STAFF }).unwrap();
    assert_eq!(accepted.state, ProposalState::Accepted { by: STAFF });
    let holds = world.holds();
    assert_eq!(holds.held(ProfilePart::Address).unwrap().origin, Origin::Accepted);
    assert!(holds.value(ProfilePart::Address).unwrap().says_same(&address("9 Oak Ave")));
    // What the clinic says later overtakes it, and what it had said before does not.
    world.said = Said::by([&source("12 Elm St"), &source("9 OAK AVE")], 1);
    assert_eq!(world.holds().held(ProfilePart::Address).unwrap().origin, Origin::Accepted);
    world.said = Said::by([&source("77 Pine Rd"), &source("12 Elm St")], 1);
    let held = world.holds().held(ProfilePart::Address).unwrap().clone();
    assert!(held.origin == Origin::Source && held.value.says_same(&address("77 Pine Rd")));
}

#[test]
fn nothing_applies_itself_where_the_clinic_looks_at_everything() {
    let mut world = World { applying: Applying::Nothing, ..World::new() };
    let made = world.propose(PROXY, &[set(name_to_use("Lupe"))]).unwrap();
    assert!(made[0].state.is_open() && world.holds().value(ProfilePart::NameToUse).is_none());
}

#[test]
fn who_one_is_never_changes_here() {
    let mut world = World::new();
    let born = set(ProfileField::BirthDate("1948-05-05".parse().unwrap()));
    let named = set(ProfileField::LegalName(LegalName::new(None, Line::parse("Moreno").ok(), None).unwrap()));
    let made = world.propose(MARIA, &[born, named]).unwrap();
    for one in made {
        assert!(one.state.is_open());
        world.decide(one.id, ProposalEvent::Accept { by: STAFF }).unwrap();
    }
    let Some(ProfileField::BirthDate(held)) = world.holds().value(ProfilePart::BirthDate).cloned() else {
        panic!("one")
    };
    assert_eq!(held.as_str(), "1948-05-04");
    assert!(world.holds().value(ProfilePart::LegalName).is_none());
    assert_eq!(world.record.overlay, Overlay::default());
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut world = World::new();
    let before = world.record.clone();
    let future = ProfileField::BirthDate("2030-01-01".parse().unwrap());
    let cases: Vec<(Vec<ProfileChange>, ProposalError)> = vec![
        (vec![], ProposalError::Nothing),
        (vec![set(address("12  elm st"))], ProposalError::NothingNew(ProfilePart::Address)),
        (vec![ProfileChange::Clear(ProfilePart::Pharmacy)], ProposalError::NothingNew(ProfilePart::Pharmacy)),
        (vec![ProfileChange::Clear(ProfilePart::BirthDate)], ProposalError::CannotClear(ProfilePart::BirthDate)),
        (vec![set(name_to_use("a")), set(name_to_use("b"))], ProposalError::Twice(ProfilePart::NameToUse)),
        // The first of the two is good, and is not made either.
        (vec![set(name_to_use("a")), set(future)], ProposalError::Field(FieldError::BirthDate)),
    ];
    for (changes, error) in cases {
        assert_eq!(world.propose(MARIA, &changes).unwrap_err(), error);
        assert!(world.record == before);
    }
}

#[test]
fn a_repeat_is_the_same_one_and_a_newer_one_supersedes() {
    let mut world = World::new();
    let first = world.propose(MARIA, &[set(address("9 Oak Ave"))]).unwrap().remove(0);
    let again = world.propose(MARIA, &[set(address("9 oak ave"))]).unwrap().remove(0);
    assert_eq!((again.id, world.record.open.len()), (first.id, 1));
    let newer = world.propose(MARIA, &[set(address("10 Oak Ave"))]).unwrap().remove(0);
    assert_eq!(world.closed.last().unwrap().state, ProposalState::Superseded { by: newer.id });
    // Somebody else's stands beside it, and the clinic sees that one of them was decided in between.
    let other = world.propose(PROXY, &[set(address("1 Elsewhere"))]).unwrap().remove(0);
    assert_eq!(world.record.open.len(), 2);
    assert!(!other.conflicts_with(world.holds().value(ProfilePart::Address)));
    world.decide(newer.id, ProposalEvent::Accept { by: STAFF }).unwrap();
    assert!(other.conflicts_with(world.holds().value(ProfilePart::Address)));
    assert_eq!(
        world.decide(other.id, ProposalEvent::Accept { by: PROXY.account }).unwrap_err(),
        ProposalError::OwnProposal
    );
}

#[test]
fn so_many_wait_and_no_more() {
    let mut world = World::new();
    for person in 1..=50u8 {
        let by = Proposer { account: AccountId::from_bytes([person; 16]), grant: PROXY.grant };
        world.propose(by, &[set(address(&format!("{person} Oak Ave")))]).unwrap();
    }
    let late = Proposer { account: AccountId::from_bytes([99; 16]), grant: PROXY.grant };
    assert_eq!(world.propose(late, &[set(address("99 Oak Ave"))]).unwrap_err(), ProposalError::TooManyOpen);
    // Whoever has one waiting may still change their mind, and what applies itself does not wait.
    let early = Proposer { account: AccountId::from_bytes([3; 16]), grant: PROXY.grant };
    world.propose(early, &[set(address("3 Oak Avenue"))]).unwrap();
    world.propose(late, &[set(name_to_use("Lupe"))]).unwrap();
    assert_eq!(world.record.open.len(), MOST_OPEN);
}

#[test]
fn the_form_survives_and_nothing_of_it_is_shown() {
    let mut world = World::new();
    let phone = PhoneNumber::parse("+16175550134").unwrap();
    let canary = "Zanzibarcanary";
    let line = || Line::parse(canary).unwrap();
    let contact = EmergencyContact {
        name: Line::parse(canary).unwrap(),
        relation: Some(Line::parse("sister").unwrap()),
        phones: Few::new(vec![phone.clone()]).unwrap(),
        email: EmailAddress::parse("zanzibarcanary@example.org").ok(),
    };
    let holder = PolicyHolder::Other { name: line(), relation: None };
    let insurer = Insurer {
        name: line(),
        plan: None,
        member: Line::parse(canary).unwrap(),
        group: None,
        holder,
        from: "2026-01-01".parse().ok(),
        until: "2026-12-31".parse().ok(),
    };
    let inverted = Insurer { until: "2025-12-31".parse().ok(), ..insurer.clone() };
    let inverted = set(ProfileField::Insurance(Few::new(vec![inverted]).unwrap()));
    assert_eq!(world.propose(MARIA, &[inverted]).unwrap_err(), ProposalError::Field(FieldError::TimeInverted));
    let changes = vec![
        set(name_to_use(canary)),
        set(ProfileField::Language(LanguageTag::parse("es").unwrap())),
        set(ProfileField::Pronouns(Line::parse(canary).unwrap())),
        set(address(canary)),
        set(ProfileField::Phone(Few::new(vec![phone.clone()]).unwrap())),
        set(ProfileField::Email(Few::new(vec![EmailAddress::parse("zanzibarcanary@example.org").unwrap()]).unwrap())),
        set(ProfileField::EmergencyContacts(Few::new(vec![contact]).unwrap())),
        set(ProfileField::Pharmacy(Pharmacy { name: line(), number: None, phone: Some(phone), address: None })),
        set(ProfileField::Insurance(Few::new(vec![insurer]).unwrap())),
        set(ProfileField::LegalName(LegalName::new(Some(line()), None, None).unwrap())),
        set(ProfileField::BirthDate("1948-05-05".parse().unwrap())),
    ];
    assert_eq!(changes.iter().map(ProfileChange::part).collect::<Vec<_>>(), ProfilePart::ALL);
    let made = world.propose(MARIA, &changes).unwrap();
    let json = serde_json::to_string(&world.record).unwrap();
    assert!(serde_json::from_str::<ProfileRecord>(&json).unwrap() == world.record && json.contains(canary));
    let shown = format!("{changes:?} {made:?} {:?} {:?} {:?}", world.record, world.holds(), world.record.overlay);
    for hidden in ["anzibar", "617555", "1948", "sister"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn the_stored_form_is_this_one() {
    let mut world = World::new();
    world.propose(PROXY, &[set(name_to_use("Lupe")), set(address("9 Oak Ave"))]).unwrap();
    let expected = r#"{"overlay":{"name-to-use":{"value":{"name-to-use":"Lupe"},"proposal":"01010101010101010101010101010101","since":"2026-03-01T12:00:01Z"}},"open":[{"id":"02020202020202020202020202020202","part":"address","old":{"address":{"lines":["12 Elm St"]}},"new":{"address":{"lines":["9 Oak Ave"]}},"by":{"account":"02020202020202020202020202020202","grant":"09090909090909090909090909090909"},"proposed_at":"2026-03-01T12:00:01Z","state":{"proposed":{}},"since":"2026-03-01T12:00:01Z"}]}"#;
    assert_eq!(serde_json::to_string(&world.record).unwrap(), expected);
    assert!(serde_json::from_str::<ProfileRecord>(expected).unwrap() == world.record);
    let states: Vec<String> = world.closed.iter().map(|one| serde_json::to_string(&one.state).unwrap()).collect();
    assert_eq!(states, [r#"{"applied":{}}"#]);
    let rejected = ProposalState::Rejected { by: STAFF, reason: RejectReason::NeedsDocument };
    let form = r#"{"rejected":{"by":"57575757575757575757575757575757","reason":"needs-document"}}"#;
    assert_eq!(serde_json::to_string(&rejected).unwrap(), form);
}

/// What a random actor does.
#[derive(Debug, Clone)]
enum Act {
    Propose { by: u8, part: u8, value: u8 },
    Decide { which: u8, event: u8 },
    SourceSays { value: u8 },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (1..4u8, 0..4u8, 0..4u8).prop_map(|(by, part, value)| Act::Propose { by, part, value }),
        3 => (0..8u8, 1..11u8).prop_map(|(which, event)| Act::Decide { which, event }),
        1 => (0..4u8).prop_map(|value| Act::SourceSays { value }),
    ];
    prop::collection::vec(act, 0..40)
}

fn change(part: u8, value: u8) -> ProfileChange {
    let text = format!("{value} Oak Ave");
    set(match part {
        0 => address(&text),
        1 => name_to_use(&text),
        2 => ProfileField::LegalName(LegalName::new(Line::parse(&text).ok(), None, None).unwrap()),
        _ if value == 0 => return ProfileChange::Clear(ProfilePart::Address),
        _ => ProfileField::BirthDate(format!("1948-05-{:02}", 4 + value).parse().unwrap()),
    })
}

proptest! {
    #[test]
    fn whatever_happens_the_rules_hold(acts in acts()) {
        let mut world = World::new();
        let mut made = std::collections::HashMap::new();
        for act in acts {
            match act {
                Act::Propose { by, part, value } => {
                    let by = Proposer { account: AccountId::from_bytes([by; 16]), grant: None };
                    let before = world.record.clone();
                    match world.propose(by, &[change(part, value)]) {
                        Ok(proposals) => made.extend(proposals.into_iter().map(|one| (one.id, one))),
                        Err(_) => prop_assert!(world.record == before),
                    }
                }
                Act::Decide { which, event } => {
                    let open: Vec<ProposalId> = world.record.open.iter().map(|one| one.id).collect();
                    if let Some(id) = open.get(usize::from(which)) {
                        world.decide(*id, events()[usize::from(event)]).unwrap();
                    }
                }
                Act::SourceSays { value } => {
                    world.said = Said::by([&source(&format!("{value} Elm St"))], 1);
                }
            }
            // One open proposal a person and a part, and nothing open that applies itself.
            let mut places: Vec<_> = world.record.open.iter().map(|one| (one.by.account, one.part)).collect();
            places.sort_unstable();
            places.dedup();
            prop_assert_eq!(places.len(), world.record.open.len());
            prop_assert!(world.record.open.iter().all(|one| one.state.is_open() && !policy().applies_itself(one.part)));
            // Each proposal is open or closed, once.
            let mut known: Vec<ProposalId> = world.record.open.iter().chain(&world.closed).map(|one| one.id).collect();
            known.sort_unstable();
            known.dedup();
            prop_assert_eq!(known.len(), world.record.open.len() + world.closed.len());
            prop_assert_eq!(known.len(), made.len());
            // Who one is comes from sources alone.
            let holds = world.holds();
            prop_assert!(holds.value(ProfilePart::LegalName).is_none());
            prop_assert!(holds.held(ProfilePart::BirthDate).unwrap().origin == Origin::Source);
        }
    }
}
