//! The comparison: blocks of the space, each the full product of its dimensions, and who agrees with whom.

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use mychartum_core::access::{Decision, ItemFacts, Obligations, Viewer};

use super::memo::{Memo, PERMIT, Rest, encode, words};
use super::mistakes::Law;
use super::space::{ALL_DIMS, Case, DIMS, Dim, VALUES};
use super::spec;
use super::stage::{Stage, grant_id};

/// A block: every value of the outer dimensions with every value of the inner ones, the others at their first value.
pub(crate) struct Block {
    pub(crate) name: &'static str,
    outer: Vec<(Dim, Vec<u8>)>,
    inner: Vec<(Dim, Vec<u8>)>,
}

impl Block {
    pub(crate) fn new(name: &'static str, outer: &[(Dim, &[u8])], inner: &[(Dim, &[u8])]) -> Self {
        let all = |dims: &[(Dim, &[u8])]| {
            let values = |(dim, some): &(Dim, &[u8])| {
                let every = (0..VALUES[*dim as usize]).collect();
                (*dim, if some.is_empty() { every } else { some.to_vec() })
            };
            dims.iter().map(values).collect()
        };
        Self { name, outer: all(outer), inner: all(inner) }
    }

    pub(crate) fn cases(&self) -> u64 {
        (count(&self.outer) * count(&self.inner)) as u64
    }
}

fn count(dims: &[(Dim, Vec<u8>)]) -> usize {
    dims.iter().map(|(_, values)| values.len()).product()
}

fn set(case: &mut Case, dims: &[(Dim, Vec<u8>)], mut place: usize) {
    for (dim, values) in dims.iter().rev() {
        case[*dim as usize] = values[place % values.len()];
        place /= values.len();
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) cases: u64,
    pub(crate) mismatches: u64,
    /// Those of them in which one side permits and the other denies.
    pub(crate) answers: u64,
    /// Seconds of CPU time that were spent on it.
    pub(crate) cpu: f64,
    /// By what the specification and the engine say: how many, and the first case.
    kinds: BTreeMap<(u16, u16), (u64, Case)>,
}

impl Found {
    fn note(&mut self, case: &Case, expected: u16, got: u16) {
        self.mismatches += 1;
        self.answers += u64::from((expected ^ got) & PERMIT != 0);
        self.kinds.entry((expected, got)).or_insert((0, *case)).0 += 1;
    }

    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.mismatches += other.mismatches;
        self.answers += other.answers;
        self.cpu += other.cpu;
        for (kind, (count, case)) in other.kinds {
            self.kinds.entry(kind).or_insert((0, case)).0 += count;
        }
    }

    /// The kinds of mismatches, each with its first case.
    pub(crate) fn report(&self) -> String {
        let mut text = String::new();
        for ((expected, got), (count, case)) in &self.kinds {
            let _ = write!(text, "{count} x specification: {}, engine: {}; for example", words(*expected), words(*got));
            for dim in ALL_DIMS.into_iter().filter(|dim| case[*dim as usize] != 0) {
                let _ = write!(text, " {dim:?}={}", case[dim as usize]);
            }
            text.push('\n');
        }
        text
    }
}

/// What the engine decided, in the numbers of [`encode`].
#[inline]
pub(crate) fn code(decision: &Decision) -> u16 {
    let grant = match decision.grant {
        None => 0,
        Some(id) if id == grant_id(10) => 1,
        Some(_) => 2,
    };
    let has = |duty, bit: u16| u16::from(decision.obligations.has(duty)) << bit;
    let duties = has(Obligations::HIDE_UNTIL_TAP, 9)
        | has(Obligations::NOTIFY_PATIENT, 10)
        | has(Obligations::SECOND_LOOK, 11)
        | has(Obligations::PART2_NOTICE, 12);
    let permit = if decision.is_permit() { PERMIT } else { 0 };
    decision.rule.number() | permit | grant << 7 | duties
}

pub(crate) fn viewer(stage: &Stage, case: &Case) -> Viewer {
    let (question, subject) = stage.question(case);
    Viewer::new(&question, &subject, &stage.index(case), &stage.packs[usize::from(case[Dim::Pack as usize])])
}

/// The items of a block, at one of the times.
struct Items {
    now: i64,
    facts: Vec<ItemFacts<'static>>,
}

/// A block made ready: its items, and how far each line's table moves for each.
struct Ready<'b> {
    block: &'b Block,
    varies: [bool; DIMS],
    items: Vec<Items>,
    /// By line, then by item.
    moves: Vec<Vec<u32>>,
}

impl<'b> Ready<'b> {
    fn new(stage: &Stage, memo: &Memo<'_>, block: &'b Block) -> Self {
        let mut varies = [false; DIMS];
        for (dim, _) in &block.inner {
            varies[*dim as usize] = true;
        }
        let cases: Vec<Case> = (0..count(&block.inner)).map(|place| with(block, [0; DIMS], place)).collect();
        // Births 0 and 10 stand for the two times.
        let items = [0, 10].map(|birth| {
            let timed = |case: &Case| {
                let mut case = *case;
                case[Dim::Birth as usize] = birth;
                case
            };
            let facts = cases.iter().map(|case| stage.item(&timed(case))).collect();
            Items { now: Stage::now(&timed(&[0; DIMS])), facts }
        });
        let moves = (0..memo.lines()).map(|line| {
            let strides: Vec<(Dim, usize)> =
                block.inner.iter().map(|(dim, _)| (*dim, memo.stride(line, *dim))).collect();
            let of = |case: &Case| -> usize {
                strides.iter().map(|(dim, stride)| usize::from(case[*dim as usize]) * stride).sum()
            };
            cases.iter().map(|case| u32::try_from(of(case)).unwrap()).collect()
        });
        Self { block, varies, moves: moves.collect(), items: items.into() }
    }

    /// Compares all items of one outer configuration.
    fn outer(&self, stage: &Stage, memo: &mut Memo<'_>, rest: &mut Rest, place: usize, found: &mut Found) {
        let mut case = [0; DIMS];
        set(&mut case, &self.block.outer, place);
        let viewer = viewer(stage, &case);
        memo.rest(&case, &self.varies, rest);
        let now = Stage::now(&case);
        let items = &self.items.iter().find(|items| items.now == now).expect("one of the two times").facts;
        let moves: Vec<(usize, usize, &[u32])> =
            rest.open.iter().map(|(line, base)| (*line, *base, self.moves[*line].as_slice())).collect();
        for (number, item) in items.iter().enumerate() {
            let said = moves.iter().map(|(line, base, moves)| memo.at(*line, base + moves[number] as usize));
            let expected = said.into_iter().find(|said| *said != 0).unwrap_or(rest.last);
            let got = code(&viewer.decide(item));
            if expected != got {
                found.note(&with(self.block, case, number), expected, got);
            }
        }
        found.cases += items.len() as u64;
    }
}

fn with(block: &Block, mut case: Case, inner: usize) -> Case {
    set(&mut case, &block.inner, inner);
    case
}

/// The CPU time of this thread, in seconds.
fn cpu() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// Compares every case of every block, on two threads.
pub(crate) fn everything(stage: &Stage, blocks: &[Block]) -> Found {
    const CHUNK: usize = 256;
    let next: Vec<AtomicUsize> = blocks.iter().map(|_| AtomicUsize::new(0)).collect();
    let work = || {
        let mut memo = Memo::new(stage, Law::SOUND);
        let (mut found, mut rest) = (Found::default(), Rest::default());
        let before = cpu();
        for (block, next) in blocks.iter().zip(&next) {
            let ready = Ready::new(stage, &memo, block);
            let all = count(&block.outer);
            loop {
                let first = next.fetch_add(CHUNK, Ordering::Relaxed);
                for place in first.min(all)..(first + CHUNK).min(all) {
                    ready.outer(stage, &mut memo, &mut rest, place, &mut found);
                }
                if first >= all {
                    break;
                }
            }
        }
        found.cpu = cpu() - before;
        found
    };
    let mut found = Found::default();
    std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        for thread in threads {
            found.add(thread.join().unwrap());
        }
    });
    found
}

/// Random numbers that repeat themselves (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % sides as u64).unwrap()
    }
}

/// How many items of one outer configuration a sample takes.
const ITEMS: usize = 64;

/// Draws cases of the same space, from each block equally often, and gives each with what the engine says.
pub(crate) fn sample(stage: &Stage, blocks: &[Block], seed: u64, cases: u64, mut see: impl FnMut(&Case, u16)) {
    let mut dice = Dice(seed);
    for block in blocks {
        let rounds = usize::try_from(cases).unwrap() / blocks.len() / ITEMS;
        for _ in 0..=rounds {
            let mut outer = [0; DIMS];
            set(&mut outer, &block.outer, dice.roll(count(&block.outer)));
            let viewer = viewer(stage, &outer);
            for _ in 0..ITEMS {
                let case = with(block, outer, dice.roll(count(&block.inner)));
                see(&case, code(&viewer.decide(&stage.item(&case))));
            }
        }
    }
}

/// Compares a sample.
pub(crate) fn sampled(stage: &Stage, blocks: &[Block], seed: u64, cases: u64) -> Found {
    let mut memo = Memo::new(stage, Law::SOUND);
    let mut found = Found::default();
    let before = cpu();
    sample(stage, blocks, seed, cases, |case, got| {
        found.cases += 1;
        let expected = memo.answer(case);
        if expected != got {
            found.note(case, expected, got);
        }
    });
    found.cpu = cpu() - before;
    found
}

/// What the specification answers without tables.
pub(crate) fn direct(stage: &Stage, law: Law, case: &Case) -> u16 {
    let mut world = stage.world(law, case);
    world.known_band = None;
    encode(&spec::answer(law, &world))
}
