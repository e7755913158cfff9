//! What a source hands over in one go.

/// One FHIR R4 Bundle of type collection, as a file that a source would send.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Who sends it: `riverside-clinic`, `lakeside-pediatrics` or `northgate-lab`.
    pub source: &'static str,
    /// A file name, unique in the world: lower case ASCII, ends in `.json`.
    pub name: String,
    /// The bundle as JSON on one line: one patient with the patient's record, or a source's directory of
    /// organisations, practitioners and places.
    pub text: String,
}
