//! The household as a value: four people, and what three sources send about them.

use chrono::NaiveDate;

use super::bundle::{Naming, collection};
use super::calendar::{Calendar, Moment};
use super::chart::{Chart, Frame, Turn};
use super::delivery::Delivery;
use super::ids::Ids;
use super::person::{Person, Role};
use super::site::Site;
use super::{daughter, directory, grandmother, teenager, toddler};

/// A small synthetic world: one household, two clinics and a laboratory.
///
/// It is for demonstrations, journeys and import tests: every section of a chart has something in it for each person,
/// and the awkward cases of real records are there on purpose (corrections, withdrawn results, two units for one test,
/// refuted conditions, restricted visits, a document with a script). Everything is invented.
///
/// It is pure: the same seed and day give the same bytes on every machine. Names, stories and codes are fixed; the seed
/// moves ids, dates by a few days, measured values by a little, lot numbers and record numbers. All facts lie before
/// `today`, except appointments.
///
/// ```
/// use mychartum_testkit::world::World;
///
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).ok_or("no such day")?;
/// let world = World::household(7, today);
/// assert_eq!(world.people().len(), 4);
/// assert!(world.deliveries().iter().all(|delivery| delivery.text.starts_with('{')));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone)]
pub struct World {
    frame: Frame,
    people: Vec<Person>,
}

impl World {
    /// The household as seen on a day. `today` may be any day between the years 1 and 9999.
    #[must_use]
    pub fn household(seed: u64, today: NaiveDate) -> Self {
        let frame = Frame { seed, calendar: Calendar { today }, ids: Ids::new(seed) };
        let people = Role::ALL.into_iter().map(|role| person(frame, role)).collect();
        Self { frame, people }
    }

    /// The four people, oldest first.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Everything that arrives, in the order in which it arrives: the three directories, then each person's record at
    /// each source, then what a source sent later to correct itself.
    ///
    /// Built anew at each call; about one megabyte in all.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        let charts = [
            grandmother::charts(self.frame),
            daughter::charts(self.frame),
            teenager::charts(self.frame),
            toddler::charts(self.frame),
        ];
        let (first, later): (Vec<Chart>, Vec<Chart>) =
            charts.into_iter().flatten().partition(|chart| chart.turn() == Turn::First);
        let directories = Site::ALL.into_iter().map(|site| directory(self.frame, site));
        directories.chain(first.into_iter().chain(later).map(Chart::into_delivery)).collect()
    }
}

fn directory(frame: Frame, site: Site) -> Delivery {
    let name = format!("{}-directory.json", site.key());
    let at = Moment::at(frame.calendar.today, 5, 20);
    let text = collection(frame.ids, &name, at, Naming::Base(site.base()), directory::entries(frame.ids, site));
    Delivery { source: site.key(), name, text }
}

fn person(frame: Frame, role: Role) -> Person {
    let identity = role.identity();
    let sites: &[Site] = match role {
        Role::Grandmother | Role::Daughter => &[Site::Riverside, Site::Northgate],
        Role::Teenager => &[Site::Lakeside],
        Role::Toddler => &[Site::Lakeside, Site::Northgate],
    };
    Person {
        role,
        name: format!("{} {}", identity.given, identity.family),
        birth_date: role.birth_date(frame.calendar),
        username_hint: identity.username.to_owned(),
        records: sites.iter().map(|&site| (site.key(), Chart::patient_id_at(frame, site, role))).collect(),
    }
}
