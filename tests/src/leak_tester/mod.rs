//! Finding what should not be there: canaries planted in a chart, searched for in everything that comes out.

mod every_view;
mod form;
mod leak;
#[allow(clippy::module_inception, reason = "each file is named after its main type")]
mod leak_tester;

pub use every_view::{DATE, NUMBER, every_view};
pub use form::Form;
pub use leak::Leak;
pub use leak_tester::LeakTester;
