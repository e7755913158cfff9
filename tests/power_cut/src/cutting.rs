//! Cutting a recording at many places, and judging what is found each time.

use std::io;

use crate::dice::Dice;
use crate::judge::{Damage, judge};
use crate::medium::{Medium, Obedience, Remains};
use crate::recording::{Known, Recording};
use crate::scratch::scratch;
use crate::script::Script;

/// One cut and what was found.
#[derive(Debug)]
pub struct Cut {
    /// Before which event of the recording.
    pub place: usize,
    /// What the client knew by then.
    pub known: Known,
    /// What the disk held.
    pub remains: Remains,
    /// The revisions that were found, or what is wrong.
    pub found: Result<Vec<u64>, Damage>,
}

impl Cut {
    /// Whether an acknowledged change set is missing, and nothing else is wrong.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        matches!(self.found, Err(Damage::Lost { .. }))
    }

    /// Whether the database has anything wrong but missing its last change sets.
    #[must_use]
    pub const fn is_harm(&self) -> bool {
        self.found.is_err() && !self.is_loss()
    }
}

/// Cuts a recording at the given places, which are in order, and judges each time what an ordinary storage finds.
///
/// # Errors
/// Where a folder cannot be laid out.
pub async fn cut_at(
    places: &[usize],
    recording: &Recording,
    script: &Script,
    before: &Known,
    obedience: Obedience,
    seed: u64,
) -> io::Result<Vec<Cut>> {
    let mut medium = Medium::new(recording, obedience, seed);
    let mut cuts = Vec::with_capacity(places.len());
    for (number, place) in places.iter().enumerate() {
        medium.advance(*place);
        let mut dice = Dice::apart(seed, number as u64);
        let remains = medium.cut(&mut dice);
        let folder = scratch()?;
        remains.lay_out(folder.path(), &mut dice)?;
        let known = recording.known(*place, before.clone());
        let found = judge(folder.path(), script, &known).await;
        cuts.push(Cut { place: *place, known, remains, found });
    }
    Ok(cuts)
}

/// What to print of the first cut where something is wrong; `None` where all is well.
#[must_use]
pub fn complaint(cuts: &[Cut], recording: &Recording, seed: u64) -> Option<String> {
    let (number, cut) = cuts.iter().enumerate().find(|(_, cut)| cut.found.is_err())?;
    let damage = cut.found.as_ref().err()?;
    let wrong = cuts.iter().filter(|cut| cut.found.is_err()).count();
    Some(format!(
        "{wrong} of {} cuts did harm. The first: {damage}\nseed {seed}, cut number {number}, before event {} of {}; \
         known: {:?}; found on the disk: {}\n{}",
        cuts.len(),
        cut.place,
        recording.events().len(),
        cut.known,
        cut.remains.listing(),
        recording.around(cut.place),
    ))
}
