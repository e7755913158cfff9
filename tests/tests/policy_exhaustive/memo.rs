//! The specification by tables: each of its rules is asked once for each value of what it reads, and remembered.
//!
//! The rules and their order stay the specification's own. What each rule reads is declared here, and checked: `direct`
//! answers without tables, and both are compared on a sample.

use super::mistakes::{Bug, Law};
use super::space::{Case, DIMS, Dim, VALUES};
use super::spec::{self, GRANT_RULES, RULES, Whom};
use super::stage::Stage;
use super::world::{Grant, Verdict, World};

/// No answer: the rule says nothing.
pub(crate) const SILENT: u16 = 0;
const NOT_ASKED: u16 = u16::MAX;
/// The bit of a permit.
pub(crate) const PERMIT: u16 = 1 << 6;

/// What a rule reads. `whom` is read by all and is not repeated.
const READS: [&[Dim]; 25] = [
    &[Dim::AskerTenant, Dim::ItemTenant],
    &[Dim::ItemChart],
    &[Dim::Life],
    &[Dim::Truth],
    &[Dim::Asker, Dim::App, Dim::Section, Dim::Verb],
    &[Dim::Pack, Dim::Assurance, Dim::Verb, Dim::Labels],
    &[Dim::Pack, Dim::Life],
    &[Dim::Pack, Dim::Life, Dim::Birth, Dim::Majority],
    &[Dim::Pack, Dim::Life, Dim::Birth, Dim::Majority],
    &[Dim::Pack, Dim::Life, Dim::Birth, Dim::Majority],
    &[Dim::Pack, Dim::Life, Dim::Birth, Dim::Majority, Dim::Assent],
    &[Dim::Pack, Dim::Life, Dim::Birth, Dim::Majority, Dim::Section, Dim::Verb],
    &[Dim::Released],
    &[Dim::Shows],
    &[Dim::Asker, Dim::Pack],
    &[Dim::Verb],
    &[Dim::Purpose, Dim::Labels],
    &[Dim::Labels],
    &[Dim::Asker, Dim::Purpose, Dim::Verb, Dim::Section],
    &[Dim::Asker, Dim::Hidden],
    &[Dim::Labels],
    &[Dim::Purpose, Dim::Labels],
    &[Dim::Released],
    &[Dim::Asker, Dim::Pack, Dim::Birth, Dim::Majority, Dim::Section, Dim::Author],
    &[Dim::Asker],
];

/// What a rule of grants reads of the asker's own grant.
const GRANT_READS: [&[Dim]; 12] = [
    &[Dim::Place],
    &[Dim::Place],
    &[Dim::Standing],
    &[Dim::Life, Dim::Basis],
    &[Dim::Time],
    &[Dim::Pack, Dim::Basis],
    &[Dim::Pack, Dim::Birth, Dim::Basis, Dim::Majority, Dim::Assent, Dim::Widened],
    &[Dim::Rights, Dim::Left, Dim::Section, Dim::Verb],
    &[Dim::Pack, Dim::Birth, Dim::Basis, Dim::Widened, Dim::Section, Dim::Verb],
    &[Dim::Consents, Dim::Labels, Dim::Section],
    &[Dim::Pack, Dim::Birth, Dim::Basis, Dim::Widened, Dim::Consents, Dim::Labels, Dim::Topics],
    &[Dim::Pack, Dim::Birth, Dim::Basis, Dim::Widened, Dim::Recorded],
];

/// What a rule of grants reads of the grants above it.
const CHAIN_READS: [&[Dim]; 12] = [
    &[Dim::Delegation, Dim::Place],
    &[Dim::Delegation, Dim::Place],
    &[Dim::Delegation, Dim::Standing],
    &[Dim::Delegation, Dim::Life, Dim::Basis],
    &[Dim::Delegation],
    &[Dim::Delegation, Dim::Pack, Dim::Basis],
    &[Dim::Delegation, Dim::Pack, Dim::Birth, Dim::Basis, Dim::Majority, Dim::Assent],
    &[Dim::Delegation, Dim::Section, Dim::Verb],
    &[Dim::Delegation, Dim::Pack, Dim::Birth, Dim::Basis, Dim::Section, Dim::Verb],
    &[Dim::Delegation, Dim::Consents, Dim::Labels, Dim::Section],
    &[Dim::Delegation, Dim::Pack, Dim::Birth, Dim::Basis, Dim::Consents, Dim::Labels, Dim::Topics],
    &[Dim::Delegation, Dim::Pack, Dim::Birth, Dim::Basis, Dim::Recorded],
];

/// What a line of the combination asks.
#[derive(Debug, Clone, Copy)]
enum Asks {
    Rule(spec::Test),
    Grant(spec::GrantTest),
    /// Whether the grants above are all there.
    Chain,
    Above(spec::GrantTest),
    Through,
}

/// A rule and its table.
struct Line {
    whom: Whom,
    asks: Asks,
    reads: &'static [Dim],
    /// By the values of what is read.
    table: Vec<u16>,
}

/// The specification of one law, by tables.
pub(crate) struct Memo<'s> {
    stage: &'s Stage,
    law: Law,
    lines: Vec<Line>,
    /// Which rules are for each asker.
    whom: Vec<Whom>,
}

/// What is left to ask of the items of one outer configuration.
#[derive(Default)]
pub(crate) struct Rest {
    /// Lines, and where their tables begin.
    pub(crate) open: Vec<(usize, usize)>,
    /// What is answered where none of them says anything.
    pub(crate) last: u16,
}

impl<'s> Memo<'s> {
    pub(crate) fn new(stage: &'s Stage, law: Law) -> Self {
        let line = |whom, asks, reads: &'static [Dim]| {
            let size = reads.iter().map(|dim| usize::from(VALUES[*dim as usize])).product();
            Line { whom, asks, reads, table: vec![NOT_ASKED; size] }
        };
        let mut lines = Vec::new();
        for ((_, whom, test), reads) in RULES.into_iter().zip(READS) {
            lines.push(line(whom, Asks::Rule(test), reads));
        }
        for ((_, test), reads) in GRANT_RULES.into_iter().zip(GRANT_READS) {
            lines.push(line(Whom::Others, Asks::Grant(test), reads));
        }
        lines.push(line(Whom::Others, Asks::Chain, &[Dim::Delegation]));
        for ((_, test), reads) in GRANT_RULES.into_iter().zip(CHAIN_READS) {
            lines.push(line(Whom::Others, Asks::Above(test), reads));
        }
        lines.push(line(Whom::Others, Asks::Through, &[Dim::Labels]));
        let asker = |asker| {
            let mut case = [0; DIMS];
            case[Dim::Asker as usize] = asker;
            spec::whom(&stage.world(law, &case))
        };
        Self { stage, law, lines, whom: (0..VALUES[Dim::Asker as usize]).map(asker).collect() }
    }

    pub(crate) fn lines(&self) -> usize {
        self.lines.len()
    }

    /// How far the table of a line moves for a value of a dimension; nothing where it does not read it.
    pub(crate) fn stride(&self, line: usize, dim: Dim) -> usize {
        let Some(place) = self.lines[line].reads.iter().position(|read| *read == dim) else { return 0 };
        self.lines[line].reads[place + 1..].iter().map(|read| usize::from(VALUES[*read as usize])).product()
    }

    fn place(&self, line: usize, case: &Case) -> usize {
        let add = |sum, dim: &Dim| sum * usize::from(VALUES[*dim as usize]) + usize::from(case[*dim as usize]);
        self.lines[line].reads.iter().fold(0, add)
    }

    /// What a line says at a place of its table.
    #[inline]
    pub(crate) fn at(&mut self, line: usize, place: usize) -> u16 {
        let said = self.lines[line].table[place];
        if said == NOT_ASKED { self.ask(line, place) } else { said }
    }

    #[cold]
    fn ask(&mut self, line: usize, place: usize) -> u16 {
        let mut case: Case = [0; DIMS];
        let (mut left, reads) = (place, self.lines[line].reads);
        for dim in reads.iter().rev() {
            let values = usize::from(VALUES[*dim as usize]);
            case[*dim as usize] = u8::try_from(left % values).unwrap();
            left /= values;
        }
        let world = self.stage.world(self.law, &case);
        let said = say(self.law, self.lines[line].asks, &world);
        self.lines[line].table[place] = said;
        said
    }

    /// Asks what does not depend on the items, and leaves the rest. `varies` are the dimensions of the items.
    pub(crate) fn rest(&mut self, case: &Case, varies: &[bool; DIMS], rest: &mut Rest) {
        let whom = self.whom[usize::from(case[Dim::Asker as usize])];
        rest.open.clear();
        rest.last = SILENT;
        for line in 0..self.lines.len() {
            let of = self.lines[line].whom;
            if of != Whom::Everyone && of != whom {
                continue;
            }
            let place = self.place(line, case);
            if self.lines[line].reads.iter().any(|dim| varies[*dim as usize]) {
                rest.open.push((line, place));
            } else {
                rest.last = self.at(line, place);
                if rest.last != SILENT {
                    return;
                }
            }
        }
    }

    /// The answer about one case.
    pub(crate) fn answer(&mut self, case: &Case) -> u16 {
        let mut rest = Rest::default();
        self.rest(case, &[false; DIMS], &mut rest);
        rest.last
    }
}

fn say(law: Law, asks: Asks, world: &World<'_>) -> u16 {
    // The grants of a case are listed with the asker's own first.
    let own = &world.grants[0];
    let refused = |grant: &Grant<'_>, rule: u16| encode(&Verdict { grant: Some(grant.id), ..Verdict::of(false, rule) });
    match asks {
        Asks::Rule(test) => test(law, world).map_or(SILENT, |verdict| encode(&verdict)),
        Asks::Grant(test) => test(law, world, own).map_or(SILENT, |rule| refused(own, rule)),
        Asks::Through => encode(&spec::through(world, own)),
        Asks::Chain | Asks::Above(_) if law.bug == Some(Bug::DelegatorIgnored) => SILENT,
        Asks::Chain => spec::ancestors(world, own).map_or_else(|| refused(own, 43), |_| SILENT),
        Asks::Above(test) => {
            let above = spec::ancestors(world, own).unwrap_or_default();
            let stops = above.into_iter().any(|grant| test(law, world, grant).is_some());
            if stops { refused(own, 43) } else { SILENT }
        }
    }
}

/// A verdict in one number: the rule, whether it permits, whether it names the grant, and the obligations.
pub(crate) fn encode(verdict: &Verdict) -> u16 {
    assert!(verdict.rule < 64, "rules have small numbers");
    let grant = match verdict.grant {
        None => 0,
        Some(10) => 1,
        Some(_) => 2,
    };
    let permit = if verdict.permit { PERMIT } else { 0 };
    verdict.rule
        | permit
        | grant << 7
        | u16::from(verdict.tap) << 9
        | u16::from(verdict.tell_patient) << 10
        | u16::from(verdict.second_look) << 11
        | u16::from(verdict.part2_notice) << 12
}

/// What a number of [`encode`] says, for people.
pub(crate) fn words(code: u16) -> String {
    let answer = if code & PERMIT == 0 { "deny" } else { "permit" };
    let grant = ["", " grant", " another grant", " ?"][usize::from(code >> 7 & 3)];
    format!("{answer} {}{grant} duties {:04b}", code & 63, code >> 9 & 15)
}
