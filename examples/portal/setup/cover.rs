//! A bar on the terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar while something takes its time; nothing where nobody watches.
#[derive(Debug)]
pub(crate) struct Cover(ProgressBar);

impl Cover {
    /// A bar with words, that does not know yet how long it takes.
    pub(crate) fn over(words: &'static str) -> Self {
        let bar = ProgressBar::new(0).with_message(words);
        if let Ok(style) = ProgressStyle::with_template("  {msg} {wide_bar} {percent:>3} %") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Other words, for what is done now.
    pub(crate) fn now(&self, words: &'static str) {
        self.0.set_message(words);
    }

    /// Shows how far it got.
    pub(crate) fn show(&self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }

    /// Takes it away.
    pub(crate) fn lift(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Cover {
    /// What goes wrong is said on a free line.
    fn drop(&mut self) {
        self.lift();
    }
}
