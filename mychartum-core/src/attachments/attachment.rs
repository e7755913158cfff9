//! What is told about an attached file.

use chrono::{DateTime, Utc};

use crate::chart::Section;
use crate::kernel::hidden;
use crate::kernel::id::{AttachmentId, ItemId};
use crate::kernel::text::Label;

/// What a file is attached to: whoever may see that may see the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachedTo {
    /// A section as such.
    Section(Section),
    /// One item, and the section that it is in. The file goes where the item goes, and is not to be seen where the item
    /// is not.
    Item(Section, ItemId),
}

impl AttachedTo {
    /// The section.
    #[must_use]
    pub const fn section(self) -> Section {
        match self {
            Self::Section(section) | Self::Item(section, _) => section,
        }
    }

    /// The item, if it is one.
    #[must_use]
    pub const fn item(self) -> Option<ItemId> {
        match self {
            Self::Section(_) => None,
            Self::Item(_, item) => Some(item),
        }
    }
}

/// A file that is to be attached.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// To what.
    pub to: AttachedTo,
    /// Its media type (RFC 6838), such as `application/pdf`, as its sender says; nobody checked it.
    pub media_type: Option<Label>,
    /// What people are shown as its title.
    pub title: Option<Label>,
}

impl NewAttachment {
    /// A file of no known type and without a title.
    #[must_use]
    pub const fn to(to: AttachedTo) -> Self {
        Self { to, media_type: None, title: None }
    }
}

/// An attached file, without its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Which one.
    pub id: AttachmentId,
    /// To what.
    pub to: AttachedTo,
    /// Its media type, as its sender said; nobody checked it.
    pub media_type: Option<Label>,
    /// What people are shown as its title.
    pub title: Option<Label>,
    /// Its length in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes (FIPS 180-4): the same file twice can be told by it.
    pub sha256: [u8; 32],
    /// When it was attached, to the microsecond.
    pub added_at: DateTime<Utc>,
}

hidden!(Attachment, NewAttachment);
