//! The two clinics and the laboratory, and the rooms in them.

/// An organisation that sends records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// Care for adults, with its own bench laboratory and a short-stay unit.
    Riverside,
    /// Care for children, with an after-hours room.
    Lakeside,
    /// The reference laboratory.
    Northgate,
}

impl Site {
    /// All of them, in the order in which they deliver.
    pub(super) const ALL: [Self; 3] = [Self::Riverside, Self::Lakeside, Self::Northgate];

    /// The name of the source, as a host configures it.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Riverside => "riverside-clinic",
            Self::Lakeside => "lakeside-pediatrics",
            Self::Northgate => "northgate-lab",
        }
    }

    /// The name on the door.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Riverside => "Riverside Clinic",
            Self::Lakeside => "Lakeside Pediatrics",
            Self::Northgate => "Northgate Reference Laboratory",
        }
    }

    /// The base address of its FHIR service; `.example` never resolves (RFC 2606 section 2).
    pub(super) const fn base(self) -> &'static str {
        match self {
            Self::Riverside => "https://fhir.riverside.example/r4",
            Self::Lakeside => "https://fhir.lakeside.example/r4",
            Self::Northgate => "https://fhir.northgate.example/r4",
        }
    }

    /// Street, postal code and telephone. The 555-01xx numbers are kept free for fiction.
    pub(super) const fn address(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Riverside => ("12 Ferry Landing", "00001", "+1-555-0110"),
            Self::Lakeside => ("400 Heron Way", "00002", "+1-555-0120"),
            Self::Northgate => ("77 Old Kiln Road, Building C", "00003", "+1-555-0130"),
        }
    }

    /// The prefix of its medical record numbers.
    pub(super) const fn mrn_prefix(self) -> &'static str {
        match self {
            Self::Riverside => "RC",
            Self::Lakeside => "LP",
            Self::Northgate => "NL",
        }
    }
}

/// A room or ward where people are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Riverside: family medicine.
    FamilyRoom,
    /// Riverside: kidney clinic.
    KidneyRoom,
    /// Riverside: the ward for short stays.
    ShortStay,
    /// Riverside: ultrasound, X-ray, mammography.
    Imaging,
    /// Lakeside: the main rooms.
    ChildrensRoom,
    /// Lakeside: evenings and weekends.
    AfterHours,
    /// Northgate: where blood is drawn.
    DrawStation,
}

impl Place {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::FamilyRoom,
        Self::KidneyRoom,
        Self::ShortStay,
        Self::Imaging,
        Self::ChildrensRoom,
        Self::AfterHours,
        Self::DrawStation,
    ];

    /// The site it belongs to.
    pub(super) const fn site(self) -> Site {
        match self {
            Self::FamilyRoom | Self::KidneyRoom | Self::ShortStay | Self::Imaging => Site::Riverside,
            Self::ChildrensRoom | Self::AfterHours => Site::Lakeside,
            Self::DrawStation => Site::Northgate,
        }
    }

    /// The name on the sign.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::FamilyRoom => "Riverside Clinic, Family Medicine, 2nd floor",
            Self::KidneyRoom => "Riverside Clinic, Kidney Care, 3rd floor",
            Self::ShortStay => "Riverside Clinic, Short Stay Unit",
            Self::Imaging => "Riverside Clinic, Imaging, ground floor",
            Self::ChildrensRoom => "Lakeside Pediatrics, Main Rooms",
            Self::AfterHours => "Lakeside Pediatrics, After-Hours Urgent Care",
            Self::DrawStation => "Northgate Draw Station, Ferry Landing",
        }
    }

    /// Code and name of the kind of place (v3-RoleCode).
    pub(super) const fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::FamilyRoom => ("FMC", "Family medicine clinic"),
            Self::KidneyRoom => ("NEPH", "Nephrology clinic"),
            Self::ShortStay => ("HU", "Hospital unit"),
            Self::Imaging => ("RADDX", "Radiology diagnostics or therapeutics unit"),
            Self::ChildrensRoom | Self::AfterHours => ("PEDC", "Pediatrics clinic"),
            Self::DrawStation => ("OF", "Outpatient facility"),
        }
    }
}
