//! The portal's policies in Cedar: the schema, the fixed rules, and one policy for each place in a person's list of grants.

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};

use crate::case::Case;
use crate::templates::{BY_CONSENT, FULL, LIMITED_TEEN, VIEW_ONLY, WIDENED};
use crate::translate::id;

const SCHEMA: &str = include_str!("../policies/portal.cedarschema");
const FIXED: &str = include_str!("../policies/portal.cedar");
const GRANT: &str = include_str!("../policies/grant.cedar.in");
const STANDS: &str = include_str!("../policies/stands.cedar.in");
const GRANT_ALONE: &str = include_str!("../policies/grant_alone.cedar.in");
const REACHES: &str = include_str!("../policies/reaches.cedar.in");

/// The places of a person's grants on a chart.
pub const PLACES: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// Up to so many grants of one person that stand in time are looked at, as ours does.
const LOOKED_AT: usize = 4;

/// A mistake in the policies, to see that the comparison finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Someone of 13 is still a child.
    LateBirthday,
    /// A grant still stands at the instant at which it ends.
    InclusiveEnd,
    /// What is hidden from someone is shown.
    HiddenShown,
    /// One consented label opens an item with several.
    AnyLabel,
    /// Safety mode narrows nothing.
    NotNarrowed,
    /// A token for another chart is as good.
    AppOfAnother,
    /// What is released to the patient is released to everyone.
    ReleasedToAll,
    /// Behind glass everything is done.
    GlassDoesAll,
    /// A tenant's staff see another tenant's charts.
    AnyTenant,
    /// A consent to records opens counselling notes too.
    RecordsOpenNotes,
    /// In proceedings consents count as ever.
    Proceedings,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::LateBirthday,
        Self::InclusiveEnd,
        Self::HiddenShown,
        Self::AnyLabel,
        Self::NotNarrowed,
        Self::AppOfAnother,
        Self::ReleasedToAll,
        Self::GlassDoesAll,
        Self::AnyTenant,
        Self::RecordsOpenNotes,
        Self::Proceedings,
    ];

    /// What is right, and what stands there instead.
    const fn swap(self) -> (&'static str, &'static str) {
        match self {
            Self::LateBirthday => ("context.age.most < 13", "context.age.most <= 13"),
            Self::InclusiveEnd => ("context.now < context.chart.", "context.now <= context.chart."),
            Self::HiddenShown => ("resource.hiddenFrom.contains(principal)", "false"),
            Self::AnyLabel => (".containsAll(resource.labels)", ".containsAny(resource.labels)"),
            Self::NotNarrowed => (".narrowed.contains(context.right)", ".scope.contains(context.right)"),
            Self::AppOfAnother => ("context.app.chart == context.chart &&", ""),
            Self::ReleasedToAll => {
                ("resource has othersFrom && resource.othersFrom", "resource has ownFrom && resource.ownFrom")
            }
            Self::GlassDoesAll => ("principal is Staff, action == Action::\"view\"", "principal is Staff, action"),
            Self::AnyTenant => ("context.tenant == context.chart.tenant &&", ""),
            Self::RecordsOpenNotes => (".notes.contains(resource.section)", ".records.contains(resource.section)"),
            Self::Proceedings => ("context.proceedings &&", "false &&"),
        }
    }
}

/// The schema.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn schema() -> Schema {
    Schema::from_cedarschema_str(SCHEMA).expect("the schema is right").0
}

/// The policies for people with up to so many grants on a chart, with a mistake where one is asked for.
///
/// Nothing in them belongs to a single chart: they are read once.
///
/// # Panics
/// If they cannot be read, or the schema's strict validator finds an error, or the mistake changes nothing.
#[must_use]
pub fn policies(places: usize, mistake: Option<Mistake>) -> PolicySet {
    let mut text = FIXED.to_owned();
    for (place, name) in PLACES.iter().enumerate().take(places) {
        text.push_str(&of_place(place, name));
    }
    if let Some((right, wrong)) = mistake.map(Mistake::swap) {
        assert!(text.contains(right), "{mistake:?} changes nothing");
        text = text.replace(right, wrong);
    }
    read(&text)
}

fn read(text: &str) -> PolicySet {
    let policies: PolicySet = text.parse().unwrap_or_else(|error| panic!("{error:?}"));
    let found = Validator::new(schema()).validate(&policies, ValidationMode::Strict);
    let errors: Vec<String> = found.validation_errors().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "the policies do not fit the schema: {errors:#?}");
    policies
}

fn of_place(place: usize, name: &str) -> String {
    let beyond = if place < LOOKED_AT {
        String::new()
    } else {
        let all: Vec<String> = PLACES.iter().take(LOOKED_AT).map(|name| named(STANDS, name)).collect();
        format!("&& !({})", all.join(" &&\n"))
    };
    let text = GRANT.replace("STANDS", STANDS).replace("REACHES", REACHES);
    named(&text.replace("BEYOND", &beyond), name)
}

/// With every word in capitals replaced.
fn named(text: &str, name: &str) -> String {
    let text = text.replace("LIMITED_TEEN", LIMITED_TEEN).replace("VIEW_ONLY", VIEW_ONLY).replace("FULL", FULL);
    let text = text.replace("BY_CONSENT", BY_CONSENT).replace("WIDENED", WIDENED);
    let grants = "context.chart.getTag(principal.id)";
    text.replace("GRANTS", grants).replace("GRANT", &format!("{grants}.{name}")).replace("SLOT", name)
}

/// The fixed rules, and a policy for each of the chart's grants, with what it says written into it: Cedar's usual way. They
/// are for a chart of [`charts`](crate::charts), whose grants all rest on the patient's age.
///
/// # Panics
/// If they cannot be read, or the schema's strict validator finds an error.
#[must_use]
pub fn policy_a_grant(case: &Case) -> PolicySet {
    let mut text = FIXED.to_owned();
    for terms in &case.grants {
        let rights = terms.scope.pairs().map(|(section, verb)| (8 * section.number() + verb.number()).to_string());
        let rights = Vec::from_iter(rights).join(", ");
        let until = terms.until.map_or(i64::MAX, |until| until.timestamp_micros());
        let grant =
            GRANT_ALONE.replace("PROXY", &id(terms.proxy.to_bytes())).replace("CHART", &id(terms.patient.to_bytes()));
        let grant =
            grant.replace("FROM", &terms.from.timestamp_micros().to_string()).replace("UNTIL", &until.to_string());
        text.push_str(&grant.replace("RIGHTS", &rights));
    }
    read(&text)
}
