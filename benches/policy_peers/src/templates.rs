//! The example pack's templates in Cedar's words.

/// Parents up to 13, guardians, agents.
pub const FULL: &str = r#"(
    action in [Action::"view", Action::"download", Action::"message", Action::"schedule", Action::"request", Action::"pay"] &&
    BY_CONSENT
)"#;

/// Executors.
pub const VIEW_ONLY: &str = r#"(action in [Action::"view", Action::"download"] && BY_CONSENT)"#;

/// Parents from 13 to 17.
pub const LIMITED_TEEN: &str = r#"(
    (
        (action == Action::"view" &&
            ["demographics", "allergies", "immunizations", "appointments", "messages"].contains(resource.section)) ||
        (action == Action::"download" && ["allergies", "immunizations"].contains(resource.section)) ||
        (action == Action::"schedule" && resource.section == "appointments") ||
        (action == Action::"message" && resource.section == "messages")
    ) &&
    !resource.topics.contains("hpv") &&
    GRANT.consents.containsAll(resource.labels)
)"#;

/// Labels that only a consent of the patient's own opens.
pub const BY_CONSENT: &str = r#"(
    (!resource.labels.contains("MINOR") || GRANT.consents.contains("MINOR")) &&
    (!resource.labels.contains("PSYTHPN") || GRANT.consents.contains("PSYTHPN")) &&
    (!resource.labels.contains("RESTRICTED") || GRANT.consents.contains("RESTRICTED"))
)"#;

/// Whether someone with the authority gave more in the band of now.
pub const WIDENED: &str = r#"(
    GRANT has widened &&
    (if GRANT.widened has until then context.now < GRANT.widened.until else true) &&
    (
        (GRANT.widened.band == 0 && context.age.least >= 0 && context.age.most < 13) ||
        (GRANT.widened.band == 1 && context.age.least >= 13 && context.age.most < 18) ||
        (GRANT.widened.band == 2 && context.age.least >= 18)
    )
)"#;
