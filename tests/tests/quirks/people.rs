//! Quirks 39, 40 and 42: charts that are merged and parted again, and results that come before their patient.
