//! The record source port: what changed in a patient's record at a clinic or a lab.

mod category;
mod changes;
mod cursor;
mod error;

use core::fmt::Debug;

use async_trait::async_trait;

pub use category::Category;
pub use changes::{Changes, Completeness, Next, PassedOver};
pub use cursor::Cursor;
pub use error::{SourceError, SourceErrorKind};

use crate::chart::SourceRef;

/// Gives what changed in a patient's record, category by category.
///
/// # What it is for
/// Pulling records from a clinic or a lab that waits to be asked. What comes goes into a [`sync::Intake`](crate::sync::Intake).
///
/// # Promises
/// 1. **Nothing is left out.** Whoever begins without a cursor and asks on until [`Next::UpToDate`] has been given everything that
///    the source has of the patient in that category, or the last answer is [`Completeness::Incomplete`].
/// 2. **Nothing is missed in between.** Asking from an [`Next::UpToDate`] gives whatever changed since that pass began. The windows
///    overlap, so the same version may come again; an incomplete pass does not move its window on.
/// 3. **One patient.** What is about anybody else is set aside (`Reading::Unusable`), never handed over as the patient's.
/// 4. **It ends.** A pass ends after finitely many calls and each call by itself, whatever the source links to; one call holds a
///    bounded part of the record.
/// 5. **A cursor is a value.** It works after a restart of the host and any number of times. One that leads nowhere any more, is
///    of another patient or category, or is not ours is `Gone`, and beginning again without one works.
/// 6. **Told apart.** An error's kind says what helps, and what was read before it is not lost: either it was handed over, or the
///    cursor that was given still leads to it.
/// 7. **Category by category.** `categories` is constant; any other category is `Refused`; one that fails does not change what the
///    others answer.
/// 8. **Silent.** Nothing of a patient, no address and no token is logged or shown in errors or `Debug`.
///
/// # What the library promises you
/// It never asks twice at once for one patient's category, waits as long as an error says, and keeps a cursor no earlier than
/// what came with it is durable.
///
/// # If you break it
/// A record is incomplete without anyone knowing (1, 2, 6), or a stranger's result waits in quarantine instead of its own chart
/// (3). The wrong chart is shown only where the source names the wrong patient in the resource itself.
///
/// # Test yourself
/// `mychartum_testkit::conformance::record_source` runs a case for each number above against your source.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RecordSource: Debug + Send + Sync + 'static {
    /// What it can be asked for, in the order in which to ask.
    fn categories(&self) -> Vec<Category>;

    /// What changed of a patient's category since a cursor; all of it without one.
    ///
    /// # Errors
    /// [`SourceError`] with its kind.
    async fn changes<'a>(
        &self,
        patient: &SourceRef,
        category: Category,
        since: Option<&'a Cursor>,
    ) -> Result<Changes, SourceError>;
}

#[async_trait]
impl<T: RecordSource + ?Sized> RecordSource for std::sync::Arc<T> {
    fn categories(&self) -> Vec<Category> {
        (**self).categories()
    }

    async fn changes<'a>(
        &self,
        patient: &SourceRef,
        category: Category,
        since: Option<&'a Cursor>,
    ) -> Result<Changes, SourceError> {
        (**self).changes(patient, category, since).await
    }
}
