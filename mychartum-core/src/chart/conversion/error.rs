//! Why a file of conversions is refused.

/// The first entry of a file of conversions that breaks a rule, and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("conversions: analyte {analyte}, {fault}")]
pub struct ConversionError {
    /// Which analyte of the file, from 1; 0 where the file itself cannot be read.
    pub analyte: usize,
    /// What is wrong with it.
    #[source]
    pub fault: ConversionFault,
}

/// A rule that a file of conversions breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionFault {
    /// It is no TOML, or has a field that no entry has.
    #[error("file: expected TOML with the fields of an analyte")]
    Form,
    /// A text is blank or too long.
    #[error("field: expected text of 1 to 512 bytes")]
    Text,
    /// A number is no decimal.
    #[error("factor, offset, divisor: expected decimals")]
    Number,
    /// A factor or divisor is zero or below it, which would turn the scale round.
    #[error("factor, divisor: expected more than 0")]
    NotAboveZero,
    /// A LOINC code that is empty or stands in two places: which analyte it is would be a guess.
    #[error("same: expected each code once in the file, and none empty")]
    Code,
    /// A unit that stands twice, or is the base unit once more, or is spelled otherwise than its UCUM code.
    #[error("unit: expected each UCUM code once")]
    Unit,
    /// Numbers so long that two steps cannot be made exactly.
    #[error("factor, offset, divisor: expected fewer digits")]
    TooLong,
}
