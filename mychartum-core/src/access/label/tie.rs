//! What propagation needs to know of an item.

use crate::access::SensitivitySet;
use crate::chart::ItemKind;
use crate::kernel::id::ItemId;

/// An item with its own labels and its ties to other items.
///
/// A tie may lead to an item that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Which item.
    pub item: ItemId,
    /// Which view it has.
    pub kind: ItemKind,
    /// The labels that it has itself: from the source, the rules or a clinician.
    pub own: SensitivitySet,
    /// At which visit.
    pub visit: Option<ItemId>,
    /// What it refers to: a report to its results, a prescription to its reason, a note to what it documents, an
    /// appointment to its visit, a result to its order.
    pub refers_to: Vec<ItemId>,
}
