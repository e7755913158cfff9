//! What a suite found.

use core::fmt;

use super::case::{Case, Failure};

/// One case and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The promise's number.
    pub promise: u8,
    /// What must hold.
    pub name: &'static str,
    /// What broke it, if anything did.
    pub failure: Option<Failure>,
}

/// The cases of a suite in order, each with how it ended; prints as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Report {
    port: &'static str,
    lines: Vec<Line>,
}

impl Report {
    /// Runs cases one after another.
    pub(super) async fn run<F: ?Sized>(port: &'static str, cases: &[Case<F>], factory: &F) -> Self {
        let mut lines = Vec::with_capacity(cases.len());
        for case in cases {
            let failure = case.check(factory).await.err();
            lines.push(Line { promise: case.promise, name: case.name, failure });
        }
        Self { port, lines }
    }

    /// All cases.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How many cases passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.lines.len() - self.failures().count()
    }

    /// How many cases failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures().count()
    }

    /// What failed, in order.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.lines.iter().filter_map(|line| line.failure.as_ref())
    }

    /// Whether some case of this promise failed.
    #[must_use]
    pub fn broke(&self, promise: u8) -> bool {
        self.failures().any(|failure| failure.promise == promise)
    }

    /// Panics with the whole report unless every case passed; for the end of a test.
    ///
    /// # Panics
    /// When a case failed.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.failed() == 0, "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} conformance", self.port)?;
        for line in &self.lines {
            let outcome = if line.failure.is_none() { "ok    " } else { "FAILED" };
            writeln!(f, "{outcome} {:>2}  {}", line.promise, line.name)?;
            if let Some(failure) = &line.failure {
                writeln!(f, "           {}", failure.what)?;
            }
        }
        write!(f, "{} passed, {} failed", self.passed(), self.failed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_as_a_table() {
        let failure = Failure { promise: 12, what: "a row without the tag came".to_owned() };
        let report = Report {
            port: "storage",
            lines: vec![
                Line { promise: 1, name: "a receipt outlives reopening", failure: None },
                Line { promise: 12, name: "a tag finds its rows", failure: Some(failure) },
            ],
        };
        let text = "storage conformance\n\
                    ok      1  a receipt outlives reopening\n\
                    FAILED 12  a tag finds its rows\n           \
                    a row without the tag came\n\
                    1 passed, 1 failed";
        assert_eq!(report.to_string(), text);
        assert!(report.broke(12) && !report.broke(1));
    }
}
