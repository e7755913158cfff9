//! Quirks 21 to 35: results.
