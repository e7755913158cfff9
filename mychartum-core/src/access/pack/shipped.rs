//! The packs that come with the library: an example, and published policies reproduced.

use super::policy_pack::PolicyPack;

/// The example: full access up to 13, limited from 13 to 17, none from 18 on.
pub const EXAMPLE_PACK: &str = include_str!("../../../policies/example.toml");

/// For reading charts that one brings oneself: every account opens its own chart, at any age and after death.
pub const OWN_RECORDS_PACK: &str = include_str!("../../../policies/own-records.toml");

const SHIPPED: [(&str, &str); 17] = [
    ("example", EXAMPLE_PACK),
    ("boston-childrens", include_str!("../../../policies/boston-childrens.toml")),
    ("centrastate", include_str!("../../../policies/centrastate.toml")),
    ("certified-allergy", include_str!("../../../policies/certified-allergy.toml")),
    ("cincinnati-childrens", include_str!("../../../policies/cincinnati-childrens.toml")),
    ("corewell", include_str!("../../../policies/corewell.toml")),
    ("cuyuna", include_str!("../../../policies/cuyuna.toml")),
    ("denton-turret", include_str!("../../../policies/denton-turret.toml")),
    ("fmol", include_str!("../../../policies/fmol.toml")),
    ("hurley", include_str!("../../../policies/hurley.toml")),
    ("kentucky", include_str!("../../../policies/kentucky.toml")),
    ("kp-adult-to-teen", include_str!("../../../policies/kp-adult-to-teen.toml")),
    ("kp-washington", include_str!("../../../policies/kp-washington.toml")),
    ("loma-linda", include_str!("../../../policies/loma-linda.toml")),
    ("madelia", include_str!("../../../policies/madelia.toml")),
    ("munson", include_str!("../../../policies/munson.toml")),
    ("thedacare", include_str!("../../../policies/thedacare.toml")),
];

impl PolicyPack {
    /// The packs that come with the library, each with its id and its text, the example first.
    ///
    /// All but the example reproduce a published policy or a statute as it was read on a day that the text names. They show
    /// what packs can say; none of them is legal advice.
    pub fn shipped() -> impl Iterator<Item = (&'static str, &'static str)> {
        SHIPPED.into_iter()
    }
}
