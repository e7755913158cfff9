//! What was done, what for, and how it ended.

use super::code::coded;

coded! {
    /// What was done. The numbers are grouped: 1xx who comes and goes, 2xx reading, 3xx writing, 9xx the house itself.
    Action: u16 {
        /// Someone signed in.
        SignIn = 100,
        /// Someone tried to sign in and was refused.
        SignInRefused = 101,
        /// Someone signed out.
        SignOut = 102,
        /// A session ended otherwise: it expired or was ended from elsewhere.
        SessionEnded = 103,
        /// A sign-in went on: a step was right, and another is asked.
        SignInContinued = 104,
        /// Someone proved anew who they are, for what is sensitive.
        StepUp = 105,
        /// Someone turned to a chart that they act for, or back to their own.
        SubjectSwitched = 106,
        /// A device was signed out or forgotten.
        DeviceForgotten = 107,
        /// An account was opened.
        AccountOpened = 110,
        /// An account was closed.
        AccountClosed = 111,
        /// A password was changed or reset.
        PasswordChanged = 112,
        /// A second factor was added.
        FactorAdded = 113,
        /// A second factor was removed.
        FactorRemoved = 114,
        /// New recovery codes were made.
        RecoveryCodesMade = 115,
        /// An address was added, proved, removed, or kept confidential.
        ContactChanged = 116,
        /// An account was frozen by its holder.
        Frozen = 117,
        /// An account was let rest, let go on, deactivated, reactivated, or declared its holder's who died.
        AccountMoved = 118,
        /// A recovery without the second factor was begun, cancelled, or came true.
        Recovery = 119,
        /// An account was tied to its own person's chart.
        ChartLinked = 120,
        /// One account was given access to another person's chart.
        GrantGiven = 121,
        /// Such access was ended.
        GrantEnded = 122,
        /// Someone was invited to act for the patient, or staff assigned it.
        GrantInvited = 123,
        /// Someone asked to act for the patient.
        GrantRequested = 124,
        /// Staff verified the evidence for it.
        GrantVerified = 125,
        /// It was not granted.
        GrantDenied = 126,
        /// A wrong date of birth was entered for an invitation.
        GrantBirthDateWrong = 127,
        /// An invited person said no.
        GrantDeclined = 128,
        /// What a grant gives, or how long, was changed.
        GrantChanged = 129,
        /// A grant was let rest.
        GrantSuspended = 130,
        /// A grant stands again.
        GrantReinstated = 131,
        /// A grant was put in dispute.
        GrantDisputed = 132,
        /// Something was tried with a grant that is not possible, or not theirs to do.
        GrantRefused = 133,
        /// A minor agreed to the portal, or refused.
        Assent = 134,
        /// A link or a letter was issued.
        LinkIssued = 140,
        /// A link or a letter was used.
        LinkRedeemed = 141,
        /// A link or a letter was presented that is worth nothing, or with a wrong date of birth.
        LinkRefused = 142,
        /// A link died of wrong dates of birth.
        LinkLocked = 143,
        /// A link was taken back.
        LinkRevoked = 144,
        /// Somebody asked for a link.
        LinkRequested = 145,
        /// A notice was sent.
        NoticeSent = 150,
        /// A notice was not sent, for a reason.
        NoticeSuppressed = 151,
        /// A notice failed, and is tried again or given up.
        NoticeFailed = 152,
        /// A provider told what became of a notice.
        NoticeReported = 153,
        /// Two patients' charts or accounts were joined, or taken apart again.
        Merge = 160,
        /// A change of the profile was proposed, or decided about.
        Profile = 161,
        /// A written consent was signed; the record is the consent, the account is whom it opens records to.
        ConsentSigned = 162,
        /// A written consent was revoked.
        ConsentRevoked = 163,
        /// Sections of a chart were disclosed.
        Disclose = 200,
        /// A question for a chart was refused.
        Refuse = 201,
        /// Part of a chart left as a file.
        Export = 202,
        /// "Who looked at my chart" was read.
        AccessReport = 203,
        /// Staff broke the glass and looked at sections of a chart.
        BrokenGlass = 204,
        /// A delivery was taken into a chart.
        Import = 300,
        /// A delivery was put into quarantine.
        Quarantine = 301,
        /// A delivery was let out of quarantine.
        Release = 302,
        /// A file was attached to a chart; the record is the attachment.
        Attach = 303,
        /// An attached file was removed; the record is the attachment.
        Detach = 304,
        /// Items were taken out of a chart, since they are another person's or it is not sure whose.
        Retract = 305,
        /// Something in a chart or an account was changed by a person.
        Change = 310,
        /// The patient hid an item from someone, or ended that.
        Hide = 311,
        /// A clinician labelled an item.
        Label = 312,
        /// A clinician held a result back, or ended that.
        Hold = 313,
        /// The patient's wish how to meet results was changed.
        Wish = 314,
        /// The partition or the installation was founded.
        Found = 900,
        /// A row or the trail was found damaged, moved or missing.
        IntegrityFault = 901,
        /// A data key or wrapping key was replaced.
        KeyReplaced = 902,
        /// The data key was destroyed, and with it all that was sealed with it.
        Erase = 903,
        /// The installation came back: its storage was restored from a backup, copied or moved, and has a higher epoch than
        /// before. What was written between the backup and the restore is gone.
        Restored = 904,
        /// A stored file that nothing in the chart names was removed; the record is the attachment that it was or would have been.
        Sweep = 905,
    }
}

coded! {
    /// What it was done for. The codes of HL7's PurposeOfUse that they stand for are named in brackets.
    Purpose: u8 {
        /// The patient's own use, or care of the patient (`PATRQT`, `TREAT`).
        Care = 1,
        /// Bills and payments (`HPAYMT`).
        Payment = 2,
        /// Running the portal and the clinic (`HOPERAT`).
        Operations = 3,
        /// An emergency that broke the glass (`ETREAT`).
        Emergency = 4,
        /// Proving who someone is, or that data are whole.
        Verification = 5,
        /// Proceedings of a court or an office (`HLEGAL`).
        Proceedings = 6,
    }
}

coded! {
    /// How it ended.
    Outcome: u8 {
        /// It was permitted and done.
        Permitted = 1,
        /// It was refused by a rule.
        Refused = 2,
        /// It was permitted and failed.
        Failed = 3,
    }
}
