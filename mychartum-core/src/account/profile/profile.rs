//! A profile: what holds now.

use crate::access::pack::ProfilePart;
use crate::kernel::hidden;

use super::overlay::Overlay;
use super::profile_field::ProfileField;
use super::said::Said;

/// Where what holds comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// From a source.
    Source,
    /// From a proposal that applied itself; nobody at the clinic verified it.
    Applied,
    /// From a proposal that the clinic took over.
    Accepted,
}

/// What holds of one part.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is.
    pub value: ProfileField,
    /// Where it comes from.
    pub origin: Origin,
}

/// What holds now: what was applied or accepted, on top of what sources say.
///
/// A part that lies over what sources say holds until one of them says something of it that none had said before: then the clinic
/// spoke last. Where several sources differ and nothing lies over them, the newest one holds.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Profile(Vec<Held>);

hidden!(Held, Profile);

impl Profile {
    /// What holds of what sources say and what lies over it.
    #[must_use]
    pub fn new(said: &Said, overlay: &Overlay) -> Self {
        let held = |part: ProfilePart| {
            let of_source = |value: &ProfileField| Held { value: value.clone(), origin: Origin::Source };
            match overlay.of(part) {
                None => said.of(part).next().map(of_source),
                Some(overlaid) => match overlaid.overtaken_by(said, part) {
                    Some(newer) => Some(of_source(newer)),
                    None => {
                        let origin = if overlaid.verified_by.is_some() { Origin::Accepted } else { Origin::Applied };
                        overlaid.value.clone().map(|value| Held { value, origin })
                    }
                },
            }
        };
        Self(ProfilePart::ALL.iter().copied().filter_map(held).collect())
    }

    /// What holds of a part.
    #[must_use]
    pub fn held(&self, part: ProfilePart) -> Option<&Held> {
        self.0.iter().find(|held| held.value.part() == part)
    }

    /// The value that holds of a part.
    #[must_use]
    pub fn value(&self, part: ProfilePart) -> Option<&ProfileField> {
        self.held(part).map(|held| &held.value)
    }

    /// All that holds, in the order of the parts.
    #[must_use]
    pub fn all(&self) -> &[Held] {
        &self.0
    }
}
