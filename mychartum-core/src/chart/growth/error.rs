//! Why the data of growth charts is refused.

/// The first place in the data of growth charts that breaks a rule, and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("growth: {place}, {fault}")]
pub struct GrowthError {
    /// Which file, and which line of it where there is one.
    pub place: String,
    /// What is wrong there.
    #[source]
    pub fault: GrowthFault,
}

/// A rule that the data of growth charts breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrowthFault {
    /// It is no TOML, or has a field that no entry has.
    #[error("file: expected TOML with the fields of a reference")]
    Form,
    /// A table is named that is not there.
    #[error("table: expected the name of a table that exists")]
    NoTable,
    /// A line has not five columns, or a sex other than `m` and `f`.
    #[error("row: expected sex (m or f), age, L, M and S with tabs between")]
    Row,
    /// A number is none, or M or S is not above zero.
    #[error("age, L, M, S: expected numbers, M and S above 0")]
    Number,
    /// An age that is not above the one before it, for the same sex.
    #[error("age: expected ages in order")]
    Order,
    /// Fewer than two rows for a sex: there is nothing between them.
    #[error("table: expected two rows or more for each sex")]
    Short,
    /// Percentiles that are not between 1 and 99 in order, ages that end before they begin, or no days in a unit of age.
    #[error("percentiles, from, until, days: expected numbers in order")]
    Range,
}
