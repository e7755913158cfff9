//! Pages of lists.

use crate::chart::Item;
use crate::kernel::id::ItemId;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// At most so many; at least 1.
    pub limit: u32,
    /// Only what comes after this item of the list; it is the last one of the page before.
    pub after: Option<ItemId>,
}

impl Page {
    /// The newest ones, at most `limit`.
    #[must_use]
    pub const fn latest(limit: u32) -> Self {
        Self { limit, after: None }
    }

    /// Everything there is.
    pub const ALL: Self = Self { limit: u32::MAX, after: None };

    /// What comes after an item, at most `limit`.
    #[must_use]
    pub const fn after(item: ItemId, limit: u32) -> Self {
        Self { limit, after: Some(item) }
    }
}

/// Part of a list, newest first.
#[derive(Debug, Clone)]
pub struct Listing<V> {
    /// The items.
    pub items: Vec<Item<V>>,
    /// Whether there are more after them.
    pub more: bool,
}
