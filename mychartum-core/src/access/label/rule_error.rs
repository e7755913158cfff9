//! Why a file of label rules was refused.

/// A line of a file of label rules breaks a rule. What stands in the line is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("label rules, line {line}: {kind}")]
pub struct LabelRuleError {
    /// Which line; the first is 1.
    pub line: usize,
    /// Which rule it breaks.
    pub kind: LabelRuleErrorKind,
}

/// Which rule a line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelRuleErrorKind {
    /// A rule has five columns: system, code, labels, source, meaning.
    #[error("expected five columns with a tab between them")]
    Columns,
    /// The system is none of those that rules are written for.
    #[error("system: not known")]
    System,
    /// There is no code.
    #[error("code: empty")]
    EmptyCode,
    /// A star stands at the end of an ICD-10-CM code and nowhere else, and something stands before it.
    #[error("code: a prefix only at the end of an icd10cm code")]
    Prefix,
    /// One of the labels is not known, or there is none.
    #[error("labels: one is not known")]
    Label,
    /// The code was given before, with other labels.
    #[error("code: given before with other labels")]
    Contradiction,
}
