//! Links and letters that were issued for an account: one for each purpose, the newest, so that issuing one anew voids all
//! earlier ones (I4).

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::hidden;
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::notify::LinkOf;
use crate::port::notifier::Channel;
use crate::port::storage::{Partition, RowId};
use crate::vault::TagDomain;

use super::credential::{LetterCode, LetterCodeHash};
use super::link_token::{Link, LinkToken, Nonce, stored_hash};

/// Where an issued link stands (the states of an activation token).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It was issued.
    Issued,
    /// It was sent.
    Delivered,
    /// It could not be sent; it can still be handed over.
    DeliveryFailed,
    /// Too many wrong dates of birth: it is dead, and another one has to be issued.
    Locked,
    /// It was used.
    Redeemed,
    /// Its time is over.
    Expired,
    /// The clinic took it back, or what it was for is over.
    Revoked,
}

/// What happens to an issued link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LinkEvent {
    /// It was sent.
    Sent,
    /// It could not be sent.
    NotSent,
    /// A wrong date of birth was entered, the last one that was allowed or not.
    WrongBirthDate,
    /// It was used with the right date of birth.
    Redeem,
    /// It was taken back.
    Revoke,
}

/// Something was tried with a link that is not possible where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("link: this is not possible where it stands")]
pub(crate) struct IllegalLink;

/// How an activation goes to its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SentBy {
    /// A link by e-mail.
    Email,
    /// A link by text message.
    Text,
    /// A code in a printed letter.
    Letter,
}

impl SentBy {
    /// The channel that carries it; none for a letter.
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        match self {
            Self::Email => Some(Channel::Email),
            Self::Text => Some(Channel::Text),
            Self::Letter => None,
        }
    }
}

/// What is stored of a link.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    pub(crate) nonce: Nonce,
    hash: [u8; 32],
    pub(crate) issued_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) tries_left: u8,
    state: LinkState,
    pub(crate) by: SentBy,
    /// The code of a letter, and where the directory has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) letter: Option<(LetterCodeHash, [u8; 16])>,
}

hidden!(LinkRecord);

impl LinkRecord {
    /// Where it stands now: time ends it by itself, at its end and not after it.
    pub(crate) fn state_at(&self, now: DateTime<Utc>) -> LinkState {
        match self.state {
            // A link from the future is as good as one whose time is over: the clock stepped back.
            LinkState::Issued | LinkState::Delivered | LinkState::DeliveryFailed | LinkState::Locked
                if now >= self.expires_at || now + Duration::days(1) < self.issued_at =>
            {
                LinkState::Expired
            }
            state => state,
        }
    }

    /// Whether it can be used now.
    pub(crate) fn is_open(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state_at(now), LinkState::Issued | LinkState::Delivered | LinkState::DeliveryFailed)
    }

    /// The record after something happened.
    pub(crate) fn after(&self, event: LinkEvent, now: DateTime<Utc>) -> Result<Self, IllegalLink> {
        let is_open = self.is_open(now);
        let state = match event {
            LinkEvent::Sent if is_open => LinkState::Delivered,
            LinkEvent::NotSent if is_open => LinkState::DeliveryFailed,
            LinkEvent::WrongBirthDate if is_open && self.tries_left <= 1 => LinkState::Locked,
            LinkEvent::WrongBirthDate if is_open => self.state,
            LinkEvent::Redeem if is_open => LinkState::Redeemed,
            LinkEvent::Revoke if is_open || self.state == LinkState::Locked => LinkState::Revoked,
            _ => return Err(IllegalLink),
        };
        let wrong = u8::from(event == LinkEvent::WrongBirthDate);
        Ok(Self { state, tries_left: self.tries_left.saturating_sub(wrong), ..self.clone() })
    }
}

const fn row(of: LinkOf) -> RowId {
    let number = match of {
        LinkOf::SignIn => 0,
        LinkOf::Activation => 1,
        LinkOf::Reset => 2,
        LinkOf::Freeze => 3,
        LinkOf::CancelRecovery => 4,
    };
    RowId::from_bytes([number; 16])
}

/// A link that somebody presented, whatever it is worth.
pub(crate) struct FoundLink {
    pub(crate) account: AccountId,
    pub(crate) record: LinkRecord,
    pub(crate) version: u64,
}

/// How long a link lives, and how it goes out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewLink {
    pub(crate) of: LinkOf,
    pub(crate) by: SentBy,
    pub(crate) life: Duration,
    pub(crate) tries: u8,
}

impl Ledger {
    /// The row of a new link, in place of any earlier one of the same purpose.
    pub(crate) async fn link_row(
        &self,
        account: AccountId,
        new: NewLink,
        letter: Option<(LetterCodeHash, [u8; 16])>,
    ) -> Result<Draft, Failure> {
        let version = self.link_of(account, new.of).await?.map_or(0, |(_, version)| version);
        let mut nonce = Nonce::default();
        self.entropy.fill(&mut nonce)?;
        let now = self.now();
        let record = LinkRecord {
            nonce,
            hash: stored_hash(&self.vault, new.of, account, nonce),
            issued_at: now,
            expires_at: now + new.life,
            tries_left: new.tries,
            state: LinkState::Issued,
            by: new.by,
            letter,
        };
        draft(new.of, &record, version)
    }

    /// The newest link of a purpose.
    pub(crate) async fn link_of(&self, account: AccountId, of: LinkOf) -> Result<Option<(LinkRecord, u64)>, Failure> {
        let rows = self.get(Partition::account(account), Stored::LINKS, &[row(of)]).await?;
        let Some(found) = rows.first() else { return Ok(None) };
        Ok(Some((decode(&self.open_own(found).await?, "link")?, found.version)))
    }

    /// The link that a token is, where there is such a one; whether it still counts is for its state to say.
    pub(crate) async fn find_link(&self, of: LinkOf, token: &LinkToken) -> Result<Option<FoundLink>, Failure> {
        let Some(link) = Link::read(&self.vault, of, token) else { return Ok(None) };
        let found = self.link_of(link.account, of).await?;
        let proved = found.filter(|(record, _)| record.nonce == link.nonce && link.proves(of, &record.hash));
        Ok(proved.map(|(record, version)| FoundLink { account: link.account, record, version }))
    }

    /// The link that a letter's code leads to; that the code is right is still to be checked, which takes 20 ms.
    pub(crate) async fn find_letter(&self, code: &LetterCode) -> Result<Option<FoundLink>, Failure> {
        let (partition, place) = self.letter_place(code);
        let rows = self.get(partition, Stored::RECORD, &[place]).await?;
        let Some(found) = rows.first() else { return Ok(None) };
        let account: AccountId = decode(&self.open_own(found).await?, "letter")?;
        let found = self.link_of(account, LinkOf::Activation).await?;
        let ours = found.filter(|(record, _)| record.letter.as_ref().is_some_and(|(_, at)| *at == place.to_bytes()));
        Ok(ours.map(|(record, version)| FoundLink { account, record, version }))
    }

    fn letter_place(&self, code: &LetterCode) -> (Partition, RowId) {
        let index = self.vault.index();
        let place = index.tag(TagDomain::Code, &[b"letter", code.expose().as_bytes()]).to_bytes();
        (Partition::directory(index.tag(TagDomain::Queue, &[b"letters"])), RowId::from_bytes(place))
    }

    /// Notes in the directory where a letter's code leads; what is to be stored beside its hash.
    pub(crate) async fn note_letter(&self, code: &LetterCode, account: AccountId) -> Result<[u8; 16], Failure> {
        let (partition, place) = self.letter_place(code);
        let put = Draft::first(Stored::RECORD, place, self.now().timestamp_micros(), encode(&account)?);
        let facts = Facts {
            account: Some(account),
            ..Facts::new(self.now(), Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted)
        };
        self.record(Change::puts(partition, vec![put]), facts).await?;
        Ok(place.to_bytes())
    }

    /// Forgets a letter's code in the directory.
    pub(crate) async fn forget_letter(&self, place: [u8; 16]) -> Result<(), Failure> {
        let partition = Partition::directory(self.vault.index().tag(TagDomain::Queue, &[b"letters"]));
        self.remove(partition, Stored::RECORD, RowId::from_bytes(place)).await
    }
}

/// The row of a link as it becomes.
pub(crate) fn draft(of: LinkOf, record: &LinkRecord, version: u64) -> Result<Draft, Failure> {
    let put = Draft::first(Stored::LINKS, row(of), record.expires_at.timestamp_micros(), encode(record)?);
    Ok(Draft { version: version + 1, ..put })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minutes * 60, 0).unwrap()
    }

    fn link() -> LinkRecord {
        LinkRecord {
            nonce: [0; 8],
            hash: [0; 32],
            issued_at: at(0),
            expires_at: at(60),
            tries_left: 5,
            state: LinkState::Issued,
            by: SentBy::Email,
            letter: None,
        }
    }

    #[test]
    fn it_ends_at_its_end_and_not_after_it() {
        assert!(link().is_open(at(59)));
        assert!(!link().is_open(at(60)));
        assert_eq!(link().state_at(at(60)), LinkState::Expired);
        assert!(!link().is_open(at(-2 * 24 * 60)), "the clock stepped back behind its beginning");
    }

    #[test]
    fn i05_the_fifth_wrong_date_is_the_last() {
        let mut link = link();
        for left in [4, 3, 2, 1] {
            link = link.after(LinkEvent::WrongBirthDate, at(1)).unwrap();
            assert_eq!((link.tries_left, link.is_open(at(1))), (left, true));
        }
        link = link.after(LinkEvent::WrongBirthDate, at(1)).unwrap();
        assert_eq!(link.state_at(at(1)), LinkState::Locked);
        assert!(link.after(LinkEvent::Redeem, at(1)).is_err());
        assert!(link.after(LinkEvent::WrongBirthDate, at(1)).is_err());
    }

    #[test]
    fn every_sequence_to_depth_eight_redeems_once_and_never_after_its_end() {
        const EVENTS: [LinkEvent; 5] =
            [LinkEvent::Sent, LinkEvent::NotSent, LinkEvent::WrongBirthDate, LinkEvent::Redeem, LinkEvent::Revoke];
        fn walk(link: &LinkRecord, redeemed: u32, depth: usize, seen: &mut u64) {
            *seen += 1;
            assert!(redeemed <= 1);
            assert!(redeemed == 0 || !link.is_open(at(1)));
            for event in EVENTS.into_iter().filter(|_| depth > 0) {
                if let Ok(next) = link.after(event, at(1)) {
                    walk(&next, redeemed + u32::from(event == LinkEvent::Redeem), depth - 1, seen);
                }
                assert!(link.after(event, at(60)).is_err() || event == LinkEvent::Revoke);
            }
        }
        let mut seen = 0;
        walk(&link(), 0, 8, &mut seen);
        assert!(seen > 3_000, "{seen}");
    }
}
