//! What each promise means, tried out.

use core::time::Duration;

use mychartum_core::port::record_source::{Category, Completeness, Cursor, Next, SourceErrorKind};

use super::pass::{pass, unexpected};
use super::{FarSide, Harness, Stage};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// After this a call does not end by itself. Only what breaks the promise waits so long.
const NEVER: Duration = Duration::from_secs(120);

async fn good(harness: &dyn Harness) -> Result<Stage, Breach> {
    harness.stage(FarSide::Good).await.ok_or_else(|| "there is no good far side".into())
}

pub(super) async fn everything_is_given(harness: &dyn Harness) -> Result<(), Breach> {
    let (stage, category) = (good(harness).await?, harness.category());
    let wanted = (stage.holds)();
    ensure(wanted.len() >= 4, "the far side of the harness has fewer than four items")?;
    let found = pass(&*stage.source, &stage.patient, category, None).await?;
    ensure(found.completeness == Completeness::Complete, "a good far side was said to be incomplete")?;
    ensure(found.ids == wanted, "a complete pass did not give what there is")
}

pub(super) async fn what_is_missing_is_said(harness: &dyn Harness) -> Result<(), Breach> {
    let Some(stage) = harness.stage(FarSide::Incomplete).await else { return Ok(()) };
    let found = pass(&*stage.source, &stage.patient, harness.category(), None).await?;
    ensure(found.completeness == Completeness::Incomplete, "a pass that is not complete was said to be")
}

pub(super) async fn a_change_comes(harness: &dyn Harness) -> Result<(), Breach> {
    let (stage, category) = (good(harness).await?, harness.category());
    let first = pass(&*stage.source, &stage.patient, category, None).await?;
    let changed = (stage.change)();
    let second = pass(&*stage.source, &stage.patient, category, Some(&first.end)).await?;
    ensure(second.ids.contains(&changed), "what was changed after a pass does not come with the next")
}

pub(super) async fn an_incomplete_pass_is_made_good(harness: &dyn Harness) -> Result<(), Breach> {
    let Some(stage) = harness.stage(FarSide::Incomplete).await else { return Ok(()) };
    let category = harness.category();
    let first = pass(&*stage.source, &stage.patient, category, None).await?;
    // In an hour every window of overlap is over.
    (stage.change)();
    let second = pass(&*stage.source, &stage.patient, category, Some(&first.end)).await?;
    let both = first.ids.union(&second.ids).cloned().collect();
    ensure((stage.holds)() == both, "what an incomplete pass left out never comes")
}

pub(super) async fn nobody_elses_is_handed_over(harness: &dyn Harness) -> Result<(), Breach> {
    let Some(stage) = harness.stage(FarSide::Mixed).await else { return Ok(()) };
    let found = pass(&*stage.source, &stage.patient, harness.category(), None).await?;
    ensure(found.strangers == 0, "something of another patient was handed over as good")?;
    ensure(found.aside > 0, "something of another patient was dropped without a trace")?;
    ensure(found.ids == (stage.holds)(), "what is the patient's and what is not were mixed up")
}

pub(super) async fn it_ends(harness: &dyn Harness) -> Result<(), Breach> {
    let category = harness.category();
    for far_side in [FarSide::Endless, FarSide::Absent] {
        let Some(stage) = harness.stage(far_side).await else { continue };
        let ended = tokio::time::timeout(NEVER, pass(&*stage.source, &stage.patient, category, None)).await;
        let answer = ended.map_err(|_| Breach::from("a call does not end by itself"))?;
        if far_side == FarSide::Endless {
            ensure(answer?.completeness == Completeness::Incomplete, "a list without end was said to be complete")?;
        }
    }
    Ok(())
}

pub(super) async fn a_cursor_is_a_value(harness: &dyn Harness) -> Result<(), Breach> {
    let (stage, category) = (good(harness).await?, harness.category());
    let wanted = (stage.holds)();
    let first = stage.source.changes(&stage.patient, category, None).await.map_err(unexpected)?;
    // As a host keeps it.
    let kept = Cursor::parse(first.next.cursor().as_str()).map_err(|_| Breach::from("a cursor cannot be kept"))?;
    let Next::More(_) = first.next else {
        return pass(&*(stage.reopen)(), &stage.patient, category, Some(&kept)).await.map(|_| ());
    };
    let mut rests = Vec::new();
    for source in [stage.source.clone(), (stage.reopen)(), (stage.reopen)()] {
        rests.push(pass(&*source, &stage.patient, category, Some(&kept)).await?.ids);
    }
    let [rest, again, once_more] = rests.as_slice() else { return Err("three passes".into()) };
    ensure(rest == again && again == once_more, "a cursor gives something else the second time")?;
    ensure(rest.is_subset(&wanted) && !rest.is_empty(), "a cursor does not go on after a restart")
}

pub(super) async fn a_foreign_cursor_is_gone(harness: &dyn Harness) -> Result<(), Breach> {
    let (stage, category) = (good(harness).await?, harness.category());
    let first = stage.source.changes(&stage.patient, category, None).await.map_err(unexpected)?;
    let cursor = first.next.cursor();
    let not_ours = Cursor::parse("a cursor of another kind").map_err(|_| Breach::from("a cursor of the suite"))?;
    let mut asked = vec![(&stage.stranger, category, cursor), (&stage.patient, category, &not_ours)];
    let other = stage.source.categories().into_iter().find(|other| *other != category);
    asked.extend(other.map(|other| (&stage.patient, other, cursor)));
    for (patient, category, cursor) in asked {
        let answer = stage.source.changes(patient, category, Some(cursor)).await;
        ensure(
            answer.is_err_and(|error| error.kind() == SourceErrorKind::Gone),
            "a cursor of another patient or category, or of nobody, is taken",
        )?;
    }
    let again = pass(&*stage.source, &stage.patient, category, None).await?;
    ensure(again.ids == (stage.holds)(), "beginning again without a cursor does not work")
}

pub(super) async fn kinds_are_told_apart(harness: &dyn Harness) -> Result<(), Breach> {
    for (far_side, what) in [
        (FarSide::Busy, "a busy far side is not a passing error"),
        (FarSide::Locked, "credentials that are not accepted are not told"),
        (FarSide::Forbidding, "what is not permitted is not told"),
        (FarSide::Babbling, "an answer that is none is not told"),
        (FarSide::Absent, "a far side that is not there is not told"),
    ] {
        let Some(stage) = harness.stage(far_side).await else { continue };
        let answer = stage.source.changes(&stage.patient, harness.category(), None).await;
        let fits = answer.is_err_and(|error| {
            matches!(
                (far_side, error.kind()),
                (FarSide::Busy, SourceErrorKind::Passing { .. })
                    | (FarSide::Locked, SourceErrorKind::NeedsReauth)
                    | (FarSide::Forbidding, SourceErrorKind::Forbidden)
                    | (FarSide::Babbling, SourceErrorKind::BadAnswer)
                    | (FarSide::Absent, SourceErrorKind::Unreachable)
            )
        });
        ensure(fits, what)?;
    }
    Ok(())
}

pub(super) async fn a_failure_loses_nothing(harness: &dyn Harness) -> Result<(), Breach> {
    let Some(stage) = harness.stage(FarSide::BusyMidway).await else { return Ok(()) };
    let found = pass(&*stage.source, &stage.patient, harness.category(), None).await?;
    ensure(found.ids == (stage.holds)(), "what was read before a failure, or what came after it, is lost")
}

pub(super) async fn categories_stand_alone(harness: &dyn Harness) -> Result<(), Breach> {
    let (stage, category) = (good(harness).await?, harness.category());
    let categories = stage.source.categories();
    ensure(categories.contains(&category), "the category under test is not among its categories")?;
    for other in Category::ALL.into_iter().filter(|other| !categories.contains(other)) {
        let answer = stage.source.changes(&stage.patient, other, None).await;
        let refused = answer.is_err_and(|error| error.kind() == SourceErrorKind::Refused);
        ensure(refused, "a category that it does not have is not refused")?;
    }
    ensure(stage.source.categories() == categories, "its categories changed")?;
    let Some(stage) = harness.stage(FarSide::Forbidding).await else { return Ok(()) };
    let _ = stage.source.changes(&stage.patient, category, None).await;
    for other in stage.source.categories().into_iter().filter(|other| *other != category) {
        let answer = stage.source.changes(&stage.patient, other, None).await;
        ensure(
            !answer.is_err_and(|error| error.kind() == SourceErrorKind::Forbidden),
            "one category that is forbidden stops another",
        )?;
    }
    Ok(())
}

pub(super) async fn nothing_is_shown(harness: &dyn Harness) -> Result<(), Breach> {
    for far_side in [FarSide::Good, FarSide::Busy, FarSide::Locked, FarSide::Babbling, FarSide::Absent] {
        let Some(stage) = harness.stage(far_side).await else { continue };
        let answer = stage.source.changes(&stage.patient, harness.category(), None).await;
        let error = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let parcels = answer.as_ref().map(|changes| format!("{:?} {:?}", changes.parcels, changes.next));
        let shown = format!("{:?} {answer:?} {error} {parcels:?}", stage.source);
        let secrets = stage.secrets.iter().map(String::as_str).chain([stage.patient.id.as_str()]);
        ensure(!secrets.into_iter().any(|secret| shown.contains(secret)), "an id, an address or a token is shown")?;
    }
    Ok(())
}
