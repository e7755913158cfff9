//! What writers say outside of the storage, before each next step.

use core::fmt;

use super::Step;

/// One thing that a writer did or learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A process begins to open the storage.
    Opening,
    /// A step is about to be committed.
    Trying(Step),
    /// The step was acknowledged.
    Acknowledged(Step),
    /// The step was refused: it must never be there.
    Refused(Step),
    /// The storage said that it does not know. So it is for every step after whose `Trying` nothing more is said.
    Unknown(Step),
}

impl Event {
    /// Reads one line, without its end; `None` for anything else that a program prints.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        if words.next() != Some("survival") {
            return None;
        }
        let word = words.next()?;
        let mut numbers = words.map(|word| word.parse::<u64>().ok());
        if word == "opening" {
            return Some(Self::Opening);
        }
        let mut number = || numbers.next().flatten();
        let partition = u32::try_from(number()?).ok()?;
        let step = Step { partition, revision: number()?, author: number()?, number: number()?, epoch: number()? };
        match word {
            "trying" => Some(Self::Trying(step)),
            "acknowledged" => Some(Self::Acknowledged(step)),
            "refused" => Some(Self::Refused(step)),
            "unknown" => Some(Self::Unknown(step)),
            _ => None,
        }
    }
}

/// As one line, without its end.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, step) = match self {
            Self::Opening => return f.write_str("survival opening"),
            Self::Trying(step) => ("trying", step),
            Self::Acknowledged(step) => ("acknowledged", step),
            Self::Refused(step) => ("refused", step),
            Self::Unknown(step) => ("unknown", step),
        };
        let Step { partition, revision, author, number, epoch } = step;
        write!(f, "survival {word} {partition} {revision} {author} {number} {epoch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let step = Step { partition: 3, revision: 17, author: 4_000_000_000_000, number: 2, epoch: 5 };
        let all = [
            Event::Opening,
            Event::Trying(step),
            Event::Acknowledged(step),
            Event::Refused(step),
            Event::Unknown(step),
        ];
        for event in all {
            assert_eq!(Event::read(&event.to_string()), Some(event));
        }
    }

    #[test]
    fn what_a_program_prints_besides_is_no_event() {
        for line in [
            "",
            "running 1 test",
            "survival",
            "survival trying 1 2",
            "survival trying 1 2 3 4 x",
            "survival x 1 2 3 4 5",
        ] {
            assert_eq!(Event::read(line), None, "{line}");
        }
    }
}
