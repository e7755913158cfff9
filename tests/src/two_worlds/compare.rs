//! Making the two worlds, and comparing what is seen in them.

use core::fmt;

use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AccountId, GrantId, ItemId, PatientId};
use mychartum_core::portal::{Harm, HideFrom, Hold, Page, Portal, Session};
use mychartum_core::sync::Reading;

use super::glimpse::{Glimpse, all, glimpse};
use super::scene::{Hiding, Scene, SceneError};

/// The password of everyone in these worlds.
const PASSWORD: &str = "two worlds and one pair of eyes";

/// Compares a world in which something is hidden with one in which it never was.
#[derive(Debug)]
pub struct TwoWorlds {
    scene: Scene,
}

/// What was compared, and what differed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many places were looked at in both worlds.
    pub places: usize,
    /// The places that do not look the same. Their contents are not told.
    pub differences: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} places, {} of them differ", self.places, self.differences.len())?;
        self.differences.iter().try_for_each(|place| writeln!(f, "  {place}"))
    }
}

/// A world with two people in it.
struct World {
    portal: Portal,
    owner: Session,
    proxy: Session,
    patient: PatientId,
    items: Vec<(Section, ItemId)>,
}

impl TwoWorlds {
    /// Worlds with this in them.
    #[must_use]
    pub const fn new(scene: Scene) -> Self {
        Self { scene }
    }

    /// Makes both worlds, each in a portal of its own, hides the item in one of them, and compares what the proxy sees.
    ///
    /// `make` must make the same portal each time: empty, with a clock that stands still and randomness from the same seed
    /// ([`ManualClock`](crate::ManualClock), [`SeededEntropy`](crate::SeededEntropy)), or ids will differ.
    ///
    /// # Errors
    /// [`SceneError`].
    pub async fn compare(&self, make: impl AsyncFn() -> Portal, hiding: &Hiding) -> Result<Report, SceneError> {
        let with = self.world(make().await, |_| true).await?;
        let subject = self.subject(&with).await?;
        let grant = self.act(&with).await?;
        self.hide(&with, subject, grant, hiding).await?;
        let without = self.world(make().await, |place| !self.scene.hidden.contains(&place)).await?;
        self.act(&without).await?;
        if without.patient != with.patient {
            return Err(SceneError::Wrong("the portals are not made from the same seed"));
        }
        let hidden = with.items.iter().filter(|item| !without.items.contains(item)).count();
        if hidden != self.scene.hidden.len() {
            return Err(SceneError::Wrong("not every hidden record is an item of the chart"));
        }
        let (one, other) = (self.look(&with, &with).await?, self.look(&without, &with).await?);
        Ok(differences(&one, &other))
    }

    async fn look(&self, world: &World, with: &World) -> Result<Glimpse, SceneError> {
        glimpse(&world.portal, &world.proxy, world.patient, &with.items, &self.scene.analytes).await
    }

    /// A world with those records whose places are wanted.
    async fn world(&self, portal: Portal, wanted: impl Fn(usize) -> bool) -> Result<World, SceneError> {
        let mut intake = portal.intake(self.scene.source.clone())?;
        let parcels = self.scene.parcels.iter().enumerate().filter(|(place, _)| wanted(*place));
        intake.offer(parcels.map(|(_, parcel)| parcel.clone()).collect()).await?;
        if !intake.finish().set_aside.is_empty() {
            return Err(SceneError::Wrong("a record was set aside"));
        }
        let patient = portal.linked(&self.scene.source, &self.scene.patient).await?;
        let patient = patient.ok_or(SceneError::Wrong("there is no such patient among the records"))?;
        let owner = enter(&portal, "owner-of-the-chart", Some(patient)).await?;
        let proxy = enter(&portal, "acts-for-the-owner", None).await?;
        let permit = owner.ask(patient, SectionSet::of(&Section::ALL), Purpose::Care).await?;
        let chart = portal.disclose(permit)?;
        let mut items = Vec::new();
        for section in SectionSet::chart().iter().filter(|section| *section != Section::Demographics) {
            items.extend(all(&chart, section).await?.into_iter().map(|item| (section, item)));
        }
        Ok(World { portal, owner, proxy, patient, items })
    }

    /// The item that is hidden.
    async fn subject(&self, world: &World) -> Result<(Section, ItemId), SceneError> {
        let parcel = self.scene.parcels.get(self.scene.subject).ok_or(SceneError::Wrong("no such record"))?;
        let Reading::Item { identity, .. } = &parcel.reading else {
            return Err(SceneError::Wrong("what is hidden is no item"));
        };
        let permit = world.owner.ask(world.patient, Section::Demographics, Purpose::Care).await?;
        let chart = world.portal.disclose(permit)?;
        let person = chart.demographics(Page::latest(1)).await?;
        let person = person.items.first().ok_or(SceneError::Wrong("the patient has no demographics"))?;
        let id = chart.item_id(&person.provenance, identity);
        let found = world.items.iter().find(|(_, item)| *item == id);
        found.copied().ok_or(SceneError::Wrong("what is hidden is not in the chart"))
    }

    async fn act(&self, world: &World) -> Result<GrantId, SceneError> {
        let (grant, token) = world.owner.invite(world.patient, &self.scene.offer).await?;
        world.proxy.accept(&token, self.scene.born).await?;
        Ok(grant)
    }

    async fn hide(
        &self,
        world: &World,
        (section, item): (Section, ItemId),
        grant: GrantId,
        hiding: &Hiding,
    ) -> Result<(), SceneError> {
        let clinician = AccountId::from_bytes([0xc1; 16]);
        let (owner, portal, patient) = (&world.owner, &world.portal, world.patient);
        match hiding {
            Hiding::FromProxy => owner.hide(patient, section, item, HideFrom::Grant(grant)).await?,
            Hiding::FromEveryone => owner.hide(patient, section, item, HideFrom::Everyone).await?,
            Hiding::Labelled(labels) => portal.label(clinician, patient, (section, item), *labels).await?,
            Hiding::Held(until) => {
                let hold = Hold { clinician, harm: Harm::SubstantialByProxy, until: *until };
                portal.hold(patient, (section, item), &hold).await?;
            }
            Hiding::Quietly(left) => owner.narrow(patient, grant, Some(*left)).await?,
            Hiding::Policy => {}
        }
        Ok(())
    }
}

async fn enter(portal: &Portal, name: &str, own: Option<PatientId>) -> Result<Session, SceneError> {
    let username = Username::parse(name).map_err(|_| SceneError::Wrong("a name that nobody can have"))?;
    let password = || Password::new(PASSWORD).map_err(|_| SceneError::Wrong("a password that nobody can have"));
    portal.open_account(NewAccount { username: username.clone(), password: password()?, own }).await?;
    let token = portal.sign_in(&username, &password()?).await?;
    Ok(portal.resume(&token).await?)
}

fn differences(one: &Glimpse, other: &Glimpse) -> Report {
    let places = one.len().max(other.len());
    let mut found: Vec<String> =
        one.iter().zip(other).filter(|(left, right)| left != right).map(|((place, _), _)| place.clone()).collect();
    if one.len() != other.len() {
        found.push("how many places there are".to_owned());
    }
    Report { places, differences: found }
}
