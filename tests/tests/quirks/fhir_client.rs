//! Quirks 51, 52, 58 to 61 and 63: what a client of a FHIR server meets.
