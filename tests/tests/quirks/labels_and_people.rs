//! Quirks 36 to 46, but for merges: labels, people, appointments, documents, vaccines, prescriptions.
