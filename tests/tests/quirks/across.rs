//! Quirk 64: the same fact from several sources.
