//! The people who give care. All names are invented; all identifiers begin with 9999 and belong to nobody.

use super::site::Site;

/// One practitioner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clinician {
    /// Family doctor at Riverside.
    Brightwater,
    /// Kidney doctor at Riverside.
    Corlett,
    /// Diabetes nurse practitioner at Riverside; speaks Spanish.
    Estrellano,
    /// Ward doctor at Riverside.
    Vandersloot,
    /// Children's doctor at Lakeside.
    HollowaySen,
    /// Physician assistant in Lakeside's after-hours room.
    AbernethyCho,
    /// Doctor for adolescents at Lakeside.
    CallowayNoor,
    /// Pathologist who directs Northgate; known to every site that sends samples there.
    AmankwahDale,
}

/// What a directory says about a practitioner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Card {
    pub(super) label: &'static str,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) suffix: &'static str,
    pub(super) npi: &'static str,
    pub(super) home: Site,
}

impl Clinician {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::Brightwater,
        Self::Corlett,
        Self::Estrellano,
        Self::Vandersloot,
        Self::HollowaySen,
        Self::AbernethyCho,
        Self::CallowayNoor,
        Self::AmankwahDale,
    ];

    /// Name, identifier and home.
    pub(super) const fn card(self) -> Card {
        let (label, given, family, suffix, npi, home) = match self {
            Self::Brightwater => ("brightwater", "Oluwaseun", "Brightwater", "MD", "9999000011", Site::Riverside),
            Self::Corlett => ("corlett", "Hye-jin", "Corlett", "MD", "9999000022", Site::Riverside),
            Self::Estrellano => ("estrellano", "Paloma", "Estrellano", "NP", "9999000033", Site::Riverside),
            Self::Vandersloot => ("vandersloot", "Mattheus", "Vandersloot", "MD", "9999000044", Site::Riverside),
            Self::HollowaySen => ("holloway-sen", "Priyanka", "Holloway-Sen", "MD", "9999000055", Site::Lakeside),
            Self::AbernethyCho => ("abernethy-cho", "Wren", "Abernethy-Cho", "PA-C", "9999000066", Site::Lakeside),
            Self::CallowayNoor => ("calloway-noor", "Idris", "Calloway-Noor", "MD", "9999000077", Site::Lakeside),
            Self::AmankwahDale => ("amankwah-dale", "Solveig", "Amankwah-Dale", "MD", "9999000088", Site::Northgate),
        };
        Card { label, given, family, suffix, npi, home }
    }

    /// Whether a site's directory lists this practitioner.
    pub(super) fn is_known_at(self, site: Site) -> bool {
        self.card().home == site || self == Self::AmankwahDale
    }

    /// The name as written on a note.
    pub(super) fn name(self) -> String {
        let card = self.card();
        format!("{} {}, {}", card.given, card.family, card.suffix)
    }
}
