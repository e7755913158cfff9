//! Whether what is hidden leaves a trace: two worlds that differ in nothing else are seen through the same eyes.
//!
//! In one world the chart has some items, and something hides them from a proxy. In the other one they never were. Everything
//! that the proxy can ask for is asked for in both: lists in pages of every small size, cursors, single items by their ids,
//! originals, earlier versions, what belongs to a visit, trends, the access log, for whom the proxy acts. Whatever differs is
//! named. A host runs it over its own policy, storage and records:
//!
//! ```no_run
//! # use mychartum_testkit::two_worlds::{Hiding, Scene, TwoWorlds};
//! # async fn run(scene: Scene, make: impl AsyncFn() -> mychartum_core::portal::Portal) -> Result<(), Box<dyn std::error::Error>> {
//! let report = TwoWorlds::new(scene).compare(make, &Hiding::FromProxy).await?;
//! assert!(report.differences.is_empty(), "{report}");
//! # Ok(())
//! # }
//! ```

mod compare;
mod glimpse;
mod scene;

pub use compare::{Report, TwoWorlds};
pub use scene::{Hiding, Scene, SceneError};
