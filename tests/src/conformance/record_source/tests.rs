//! The suite against a toy source that keeps all promises, and against ones that break one each.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mychartum_core::chart::{SourceRef, SourceVersion, View};
use mychartum_core::kernel::SensitivitySet;
use mychartum_core::kernel::text::Label;
use mychartum_core::port::RecordSource;
use mychartum_core::port::record_source::{
    Category, Changes, Completeness, Cursor, Next, PassedOver, SourceError, SourceErrorKind,
};
use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use super::{FarSide, Harness, Stage, run_all};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    LeavesOut,
    Believes,
    Forgets,
    MovesOn,
    HandsOver,
    Drops,
    NeverEnds,
    KeepsPlace,
    TakesAnyCursor,
    Kind,
    Loses,
    AnyCategory,
    StopsAll,
    Talks,
}

/// What the far side of a toy has: items 0 to 5, each with the hour of its last change.
#[derive(Debug)]
struct Far {
    side: FarSide,
    hour: u32,
    items: [u32; 6],
    passes: u32,
    was_busy: bool,
}

struct Toy {
    breaks: Breaks,
    far: Arc<Mutex<Far>>,
    /// What a toy that breaks the fifth promise remembers instead of writing it into cursors.
    place: Mutex<usize>,
    forbidden: Mutex<bool>,
    last: Mutex<String>,
}

impl std::fmt::Debug for Toy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Toy {}", self.last.lock().unwrap())
    }
}

fn patient(id: &str) -> SourceRef {
    SourceRef { kind: Label::parse("Patient").unwrap(), id: Label::parse(id).unwrap() }
}

const CONDITION: &str =
    r#"{"clinical_status":"active","verification_status":"confirmed","code":{"text":"Asthma","codings":[]}}"#;

fn item(number: usize, subject: &SourceRef) -> Parcel {
    let json = format!(r#"{{"resourceType":"Condition","id":"i{number}"}}"#);
    let condition = serde_json::from_str(CONDITION).unwrap();
    let identity =
        SourceRef { kind: Label::parse("Condition").unwrap(), id: Label::parse(&format!("i{number}")).unwrap() };
    Parcel {
        place: Place { document: 0, entry: Some(number as u64) },
        resource: "Condition".into(),
        reading: Reading::Item {
            identity,
            version: SourceVersion::default(),
            subject: subject.clone(),
            view: View::Condition(condition),
            mapping: 1,
            labels: SensitivitySet::NONE,
        },
        original: json.into_bytes(),
    }
}

#[async_trait]
impl RecordSource for Toy {
    fn categories(&self) -> Vec<Category> {
        vec![Category::Conditions, Category::Procedures]
    }

    /// Two items a call. A cursor is `patient category since next hour complete`.
    async fn changes<'a>(
        &self,
        patient: &SourceRef,
        category: Category,
        since: Option<&'a Cursor>,
    ) -> Result<Changes, SourceError> {
        let breaks = |what| self.breaks == what;
        let fail = |kind| {
            let kind = if breaks(Breaks::Kind) { SourceErrorKind::Refused } else { kind };
            Err(SourceError::new(kind, "toy"))
        };
        if breaks(Breaks::Talks) {
            *self.last.lock().unwrap() = patient.id.as_str().to_owned();
        }
        if !self.categories().contains(&category) && !breaks(Breaks::AnyCategory) {
            return fail(SourceErrorKind::Refused);
        }
        let of = format!("{} {category:?}", patient.id.as_str());
        let (mut from, mut next, mut complete) = (0, 0, true);
        let mut hour = None;
        if let Some(cursor) = since {
            let parts: Vec<&str> = cursor.as_str().split(' ').collect();
            match parts.as_slice() {
                [id, kind, since, at, began, whole]
                    if format!("{id} {kind}") == of || breaks(Breaks::TakesAnyCursor) =>
                {
                    (from, next, complete) = (since.parse().unwrap(), at.parse().unwrap(), *whole == "true");
                    hour = began.parse().ok();
                }
                _ if breaks(Breaks::TakesAnyCursor) => {}
                _ => return Err(SourceError::new(SourceErrorKind::Gone, "toy")),
            }
        }
        let forbidden = *self.forbidden.lock().unwrap();
        let mut far = self.far.lock().unwrap();
        match far.side {
            FarSide::Busy => return fail(SourceErrorKind::Passing { retry_after: Duration::from_secs(1) }),
            FarSide::Locked => return fail(SourceErrorKind::NeedsReauth),
            FarSide::Babbling => return fail(SourceErrorKind::BadAnswer),
            FarSide::Absent => return fail(SourceErrorKind::Unreachable),
            FarSide::Forbidding if category == Category::Conditions || forbidden => {
                *self.forbidden.lock().unwrap() = breaks(Breaks::StopsAll);
                return fail(SourceErrorKind::Forbidden);
            }
            FarSide::BusyMidway if next == 2 && !far.was_busy => {
                far.was_busy = true;
                if !breaks(Breaks::Loses) {
                    return fail(SourceErrorKind::Passing { retry_after: Duration::ZERO });
                }
                next += 2;
            }
            _ => {}
        }
        if breaks(Breaks::KeepsPlace) {
            next = since.map_or(0, |_| *self.place.lock().unwrap());
        }
        let hour = hour.unwrap_or(far.hour);
        let changed = (0..6).filter(|at| far.items[*at] >= from && !(breaks(Breaks::Forgets) && from > 0));
        let all: Vec<usize> = changed.collect();
        let mut parcels: Vec<Parcel> = all.iter().skip(next).take(2).map(|at| item(*at, patient)).collect();
        let mut over = next + 2 >= all.len();
        if far.side == FarSide::Incomplete && far.passes == 0 && next >= 2 {
            parcels.clear();
            complete = false;
        }
        if far.side == FarSide::Mixed && next == 0 {
            let mut other = item(7, &self::patient("stranger"));
            if !breaks(Breaks::HandsOver) {
                other.reading = Reading::Unusable(Reason::Invalid("subject"));
            }
            if !breaks(Breaks::Drops) {
                parcels.push(other);
            }
        }
        if far.side == FarSide::Endless {
            over = next > 20 && !breaks(Breaks::NeverEnds);
            complete = false;
        }
        if breaks(Breaks::LeavesOut) {
            parcels.truncate(1);
        }
        next += 2;
        *self.place.lock().unwrap() = next;
        if over {
            far.passes += 1;
            let moves = complete || breaks(Breaks::MovesOn);
            (from, next) = (if moves { hour } else { from }, 0);
        }
        let began = if over { "-".to_owned() } else { hour.to_string() };
        let kept = if over { true } else { complete };
        let cursor = Cursor::parse(&format!("{of} {from} {next} {began} {kept}")).unwrap();
        let completeness =
            if complete || breaks(Breaks::Believes) { Completeness::Complete } else { Completeness::Incomplete };
        Ok(Changes {
            parcels,
            withdrawn: Vec::new(),
            next: if over { Next::UpToDate(cursor) } else { Next::More(cursor) },
            completeness,
            passed_over: PassedOver::default(),
            wait: None,
        })
    }
}

struct Toys(Breaks);

#[async_trait]
impl Harness for Toys {
    fn category(&self) -> Category {
        Category::Conditions
    }

    async fn stage(&self, side: FarSide) -> Option<Stage> {
        let far = Arc::new(Mutex::new(Far { side, hour: 2, items: [1; 6], passes: 0, was_busy: false }));
        let (breaks, shared) = (self.0, far.clone());
        let make = move || -> Arc<dyn RecordSource> {
            let (place, forbidden, last) = (Mutex::default(), Mutex::default(), Mutex::default());
            Arc::new(Toy { breaks, far: shared.clone(), place, forbidden, last })
        };
        Some(Stage {
            source: make(),
            patient: patient("p-secret-1"),
            stranger: patient("p-secret-2"),
            holds: Box::new(|| (0..6).map(|at| format!("i{at}")).collect::<BTreeSet<_>>()),
            change: Box::new(move || {
                let mut far = far.lock().unwrap();
                far.hour += 2;
                far.items[3] = far.hour;
                "i3".to_owned()
            }),
            reopen: Box::new(make),
            secrets: Vec::new(),
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_source_passes() {
    run_all(&Toys(Breaks::Nothing)).await.assert_passed();
}

#[tokio::test(start_paused = true)]
async fn each_bad_source_is_caught_by_its_promise() {
    for (breaks, promise) in [
        (Breaks::LeavesOut, 1),
        (Breaks::Believes, 1),
        (Breaks::Forgets, 2),
        (Breaks::MovesOn, 2),
        (Breaks::HandsOver, 3),
        (Breaks::Drops, 3),
        (Breaks::NeverEnds, 4),
        (Breaks::KeepsPlace, 5),
        (Breaks::TakesAnyCursor, 5),
        (Breaks::Kind, 6),
        (Breaks::Loses, 6),
        (Breaks::AnyCategory, 7),
        (Breaks::StopsAll, 7),
        (Breaks::Talks, 8),
    ] {
        let report = run_all(&Toys(breaks)).await;
        assert!(report.broke(promise), "{breaks:?}\n{report}");
    }
}
