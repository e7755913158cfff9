//! Quirks 12 to 20: how HL7 v2 messages are written.
