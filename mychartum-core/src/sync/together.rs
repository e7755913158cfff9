//! Waiting for several futures at once, without a runtime of our own.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

/// A future that borrows what it works on.
pub(super) type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Drives all futures on the calling task until each is done; their outputs come in their order.
///
/// Commits that wait together share one flush of a storage with group commit. Each wake-up polls all that are not done,
/// which is cheap beside what they wait for.
pub(super) async fn together<T>(mut work: Vec<Work<'_, T>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = work.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (future, output) in work.iter_mut().zip(&mut done) {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(value) => *output = Some(value),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    done.into_iter().flatten().collect()
}
