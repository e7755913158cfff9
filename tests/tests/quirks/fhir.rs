//! Quirks 47 to 57 and 62: FHIR.
