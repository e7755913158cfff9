//! The rule map: which code of which system carries which labels.

use core::fmt;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::access::{Sensitivity, SensitivitySet};
use crate::kernel::{CodeSystem, Concept};

use super::rule_error::{LabelRuleError, LabelRuleErrorKind};
use super::security::is_act_code;

/// Which codes carry which sensitivity labels. Cheap to clone.
///
/// The shipped rules come with the engine; a host adds its own [`with`](Self::with) them. Labels add up: a code has
/// the labels of its own rule and, in ICD-10-CM, of every rule for a prefix of it. A rule is never taken away, so that
/// no file can uncover what another one covers.
///
/// ```
/// use mychartum_core::access::Sensitivity;
/// use mychartum_core::access::label::LabelRules;
/// use mychartum_core::kernel::CodeSystem;
/// let own = LabelRules::parse("loinc\t2345-7\tTBOO\tOWN\twhat our clinic tells in person\n")?;
/// let rules = LabelRules::shipped().with(&own);
/// assert!(rules.labels_of(&CodeSystem::Loinc, "2345-7").has(Sensitivity::Taboo));
/// assert!(rules.labels_of(&CodeSystem::Icd10Cm, "F10.20").has(Sensitivity::Eth));
/// # Ok::<(), mychartum_core::access::label::LabelRuleError>(())
/// ```
#[derive(Clone, Default)]
pub struct LabelRules(Arc<Tables>);

/// The rules by system. Codes are kept as bytes, those of ICD without the dot and in capitals.
#[derive(Clone, Default)]
struct Tables {
    loinc: Table,
    rxnorm: Table,
    snomed: Table,
    cvx: Table,
    icd: Table,
    icd_prefixes: Table,
    encounter: Table,
    /// What every code carries, whether or not there is a rule for it.
    everywhere: SensitivitySet,
}

type Table = HashMap<Box<[u8]>, SensitivitySet>;

/// The rules that come with the engine.
const SHIPPED: &str = include_str!("rules.tsv");

static RULES: LazyLock<LabelRules> =
    LazyLock::new(|| LabelRules::parse(SHIPPED).unwrap_or_else(|_| LabelRules::of_unknown()));

impl LabelRules {
    /// The rules that come with the engine. `rules.tsv` beside this file has them, with their sources.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &RULES
    }

    /// Reads rules: one a line, five columns with a tab between them (system, code, labels, key of the source, meaning).
    ///
    /// Systems are `loinc`, `rxnorm`, `snomed`, `cvx`, `icd10cm` (which counts for ICD-10 too) and `encounter` (kinds of
    /// visits in HL7 v3-ActCode or SNOMED CT). Labels are codes as of [`Sensitivity::code`] with commas between them. An
    /// `icd10cm` code that ends with `*` is a prefix. Blank lines and lines that begin with `#` are passed over.
    ///
    /// # Errors
    /// [`LabelRuleError`] with the first line that breaks a rule, and the rule.
    pub fn parse(text: &str) -> Result<Self, LabelRuleError> {
        let mut tables = Tables::default();
        for (line, written) in (1..).zip(text.lines()) {
            if !written.trim().is_empty() && !written.starts_with('#') {
                tables.take(written).map_err(|kind| LabelRuleError { line, kind })?;
            }
        }
        Ok(Self(Arc::new(tables)))
    }

    /// These rules and more. The labels of a code add up.
    #[must_use]
    pub fn with(&self, more: &Self) -> Self {
        let mut all = Tables::clone(&self.0);
        all.everywhere = all.everywhere.or(more.0.everywhere);
        for (mine, theirs) in all.each_mut().into_iter().zip(more.0.each()) {
            for (code, labels) in theirs {
                let known = mine.entry(code.clone()).or_default();
                *known = known.or(*labels);
            }
        }
        Self(Arc::new(all))
    }

    /// How many codes and prefixes have a rule.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.each().into_iter().map(HashMap::len).sum()
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The labels of a code. None where there is no rule for it; a code without a system has none.
    #[must_use]
    pub fn labels_of(&self, system: &CodeSystem, code: &str) -> SensitivitySet {
        let tables = &*self.0;
        let of = |table: &Table| table.get(code.as_bytes()).copied().unwrap_or_default();
        let labels = match system {
            CodeSystem::Loinc => of(&tables.loinc),
            CodeSystem::RxNorm => of(&tables.rxnorm),
            CodeSystem::Cvx => of(&tables.cvx),
            CodeSystem::SnomedCt => of(&tables.snomed).or(of(&tables.encounter)),
            CodeSystem::Icd10Cm | CodeSystem::Icd10 => tables.diagnosis(code),
            CodeSystem::Local(_) if is_act_code(system) => of(&tables.encounter),
            CodeSystem::Local(_) | CodeSystem::Unstated => SensitivitySet::NONE,
        };
        labels.or(tables.everywhere)
    }

    /// The labels of all codes of a concept. Words alone have none.
    #[must_use]
    pub fn labels_of_concept(&self, concept: &Concept) -> SensitivitySet {
        concept.codings.iter().fold(SensitivitySet::NONE, |labels, coding| {
            labels.or(self.labels_of(&coding.system, coding.code.as_str()))
        })
    }

    /// The labels of a class of visits: a bare code of HL7 v3-ActCode.
    pub(super) fn labels_of_class(&self, class: &str) -> SensitivitySet {
        self.0.encounter.get(class.as_bytes()).copied().unwrap_or_default().or(self.0.everywhere)
    }

    /// Rules by which everything is of unknown sensitivity. They stand in for shipped rules that cannot be read: without
    /// them nothing would be hidden.
    fn of_unknown() -> Self {
        let everywhere = SensitivitySet::of(&[Sensitivity::Unknown]);
        Self(Arc::new(Tables { everywhere, ..Tables::default() }))
    }
}

impl fmt::Debug for LabelRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LabelRules({})", self.len())
    }
}

impl Tables {
    /// Takes one rule in.
    fn take(&mut self, written: &str) -> Result<(), LabelRuleErrorKind> {
        let mut columns = written.split('\t');
        let (Some(system), Some(code), Some(labels), Some(_), Some(_), None) =
            (columns.next(), columns.next(), columns.next(), columns.next(), columns.next(), columns.next())
        else {
            return Err(LabelRuleErrorKind::Columns);
        };
        let (code, prefix) = match code.trim().strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (code.trim(), false),
        };
        let (table, diagnosis) = match system {
            "loinc" => (&mut self.loinc, false),
            "rxnorm" => (&mut self.rxnorm, false),
            "snomed" => (&mut self.snomed, false),
            "cvx" => (&mut self.cvx, false),
            "encounter" => (&mut self.encounter, false),
            "icd10cm" if prefix => (&mut self.icd_prefixes, true),
            "icd10cm" => (&mut self.icd, true),
            _ => return Err(LabelRuleErrorKind::System),
        };
        let key: Box<[u8]> = if diagnosis { icd_bytes(code).collect() } else { code.as_bytes().into() };
        if code.contains('*') || (prefix && (!diagnosis || key.is_empty())) {
            return Err(LabelRuleErrorKind::Prefix);
        }
        if key.is_empty() {
            return Err(LabelRuleErrorKind::EmptyCode);
        }
        let labels = labels
            .split(',')
            .map(|label| Sensitivity::of_code(label.trim()))
            .collect::<Option<SensitivitySet>>()
            .ok_or(LabelRuleErrorKind::Label)?;
        match table.insert(key, labels) {
            Some(before) if before != labels => Err(LabelRuleErrorKind::Contradiction),
            _ => Ok(()),
        }
    }

    /// The labels of an ICD code: of its own rule and of each rule for a prefix of it.
    fn diagnosis(&self, code: &str) -> SensitivitySet {
        // No code is longer than seven characters; of one that claims to be, only prefixes can match.
        let mut bytes = [0u8; 8];
        let mut length = 0;
        let mut labels = SensitivitySet::NONE;
        for (slot, byte) in bytes.iter_mut().zip(icd_bytes(code)) {
            *slot = byte;
            length += 1;
        }
        for end in 1..=length {
            if let Some(labelled) = bytes.get(..end).and_then(|prefix| self.icd_prefixes.get(prefix)) {
                labels = labels.or(*labelled);
            }
        }
        let whole = bytes.get(..length).and_then(|whole| self.icd.get(whole));
        whole.map_or(labels, |labelled| labels.or(*labelled))
    }

    fn each(&self) -> [&Table; 7] {
        let Self { loinc, rxnorm, snomed, cvx, icd, icd_prefixes, encounter, everywhere: _ } = self;
        [loinc, rxnorm, snomed, cvx, icd, icd_prefixes, encounter]
    }

    fn each_mut(&mut self) -> [&mut Table; 7] {
        let Self { loinc, rxnorm, snomed, cvx, icd, icd_prefixes, encounter, everywhere: _ } = self;
        [loinc, rxnorm, snomed, cvx, icd, icd_prefixes, encounter]
    }
}

/// An ICD code as it is compared: without the dot, in capitals.
fn icd_bytes(code: &str) -> impl Iterator<Item = u8> {
    code.bytes().filter(|byte| !matches!(byte, b'.' | b' ')).map(|byte| byte.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::kernel::Coding;
    use crate::kernel::text::Label;
    use proptest::prelude::*;

    use CodeSystem::{Cvx, Icd10, Icd10Cm, Loinc, RxNorm, SnomedCt};
    use Sensitivity::{Abortion, Eth, Gdis, Gender, Hiv, Psy, PsychotherapyNote, Sca, Sdv, Sex, Std, Taboo};

    fn shipped(system: &CodeSystem, code: &str) -> SensitivitySet {
        LabelRules::shipped().labels_of(system, code)
    }

    /// The rules of the shipped file, column by column.
    fn columns() -> impl Iterator<Item = Vec<&'static str>> {
        let rules = SHIPPED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        rules.map(|line| line.split('\t').collect())
    }

    #[test]
    fn the_shipped_rules_are_read_whole() {
        let rules = LabelRules::parse(SHIPPED).unwrap();
        assert_eq!(rules.len(), columns().count());
        assert_eq!(rules.len(), LabelRules::shipped().len());
        assert!(rules.len() >= 300, "{} rules", rules.len());
        let mut systems = BTreeMap::new();
        for rule in columns() {
            *systems.entry(rule[0]).or_insert(0) += 1;
        }
        assert_eq!(
            systems.keys().copied().collect::<Vec<_>>(),
            ["cvx", "encounter", "icd10cm", "loinc", "rxnorm", "snomed"]
        );
    }

    #[test]
    fn no_shipped_code_stands_twice_and_each_has_a_source_and_a_meaning() {
        let mut seen = BTreeSet::new();
        for rule in columns() {
            assert!(seen.insert((rule[0], rule[1])), "twice: {} {}", rule[0], rule[1]);
            assert!(SHIPPED.contains(&format!("\n#   {} ", rule[3])), "no such source: {}", rule[3]);
            assert!(!rule[4].trim().is_empty(), "no meaning: {} {}", rule[0], rule[1]);
            assert!(rule[2].split(',').all(|label| Sensitivity::of_code(label).is_some()), "{}", rule[2]);
            assert!(!rule[2].contains("UNKNOWN"));
        }
    }

    #[test]
    fn shipped_codes_have_the_shape_of_their_system() {
        for rule in columns() {
            let code = rule[1];
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let right = match rule[0] {
                "loinc" => {
                    code.split_once('-').is_some_and(|(number, check)| digits(number) && mod_10(number) == check)
                }
                "snomed" => digits(code) && verhoeff(code),
                "rxnorm" | "cvx" => digits(code),
                "icd10cm" => {
                    code.starts_with(|first: char| first.is_ascii_uppercase())
                        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'*'))
                }
                _ => (digits(code) && verhoeff(code)) || code.bytes().all(|byte| byte.is_ascii_uppercase()),
            };
            assert!(right, "{} {code}", rule[0]);
        }
    }

    /// The check digit of LOINC (LOINC Users' Guide, appendix C): mod 10, also known as Luhn's.
    fn mod_10(number: &str) -> String {
        let sum: u32 = (number.bytes().rev().zip([2, 1].into_iter().cycle()))
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .map(|product| product / 10 + product % 10)
            .sum();
        ((10 - sum % 10) % 10).to_string()
    }

    /// Whether the last digit is the right check digit of SNOMED CT (Verhoeff; release file specification, 5.5).
    fn verhoeff(code: &str) -> bool {
        // The dihedral group of the pentagon: rotations 0 to 4, reflections 5 to 9.
        let times = |left: usize, right: usize| match (left < 5, right < 5) {
            (true, true) => (left + right) % 5,
            (true, false) => 5 + (left + right) % 5,
            (false, true) => 5 + (left + 5 - right) % 5,
            (false, false) => (left + 5 - right) % 5,
        };
        const STEP: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        let mut sum = 0;
        for (place, digit) in code.bytes().rev().enumerate() {
            let turned = (0..place % 8).fold(usize::from(digit - b'0'), |digit, _| STEP[digit]);
            sum = times(sum, turned);
        }
        sum == 0
    }

    #[test]
    fn ordinary_codes_carry_no_label() {
        for (system, code) in [
            (&Loinc, "2345-7"),
            (&Loinc, "4548-4"),
            (&Loinc, "2160-0"),
            (&Loinc, "718-7"),
            (&Loinc, "85354-9"),
            (&Loinc, "11506-3"),
            (&RxNorm, "6809"),
            (&RxNorm, "1191"),
            (&RxNorm, "314076"),
            (&Cvx, "140"),
            (&Cvx, "8"),
            (&Cvx, "207"),
            (&Icd10Cm, "I10"),
            (&Icd10Cm, "E11.9"),
            (&Icd10Cm, "A65"),
            (&Icd10Cm, "F03.90"),
            (&Icd10Cm, "Z00.00"),
            (&SnomedCt, "38341003"),
            (&SnomedCt, "44054006"),
            (&SnomedCt, "185345009"),
        ] {
            assert!(shipped(system, code).is_empty(), "{} {code}", system.uri());
        }
    }

    #[test]
    fn sensitive_codes_of_each_system_carry_their_label() {
        for (system, code, labels) in [
            (&Loinc, "7917-8", vec![Hiv]),
            (&Loinc, "75622-1", vec![Hiv]),
            (&Loinc, "20447-9", vec![Hiv]),
            (&Loinc, "21613-5", vec![Std]),
            (&Loinc, "20507-0", vec![Std]),
            (&Loinc, "2106-3", vec![Sex]),
            (&Loinc, "3397-7", vec![Eth]),
            (&Loinc, "44249-1", vec![Psy]),
            (&Loinc, "71354-5", vec![Sex, Psy]),
            (&Loinc, "76504-0", vec![Sdv]),
            (&Loinc, "21636-6", vec![Gdis]),
            (&Loinc, "4625-0", vec![Gdis, Sca]),
            (&Loinc, "34788-0", vec![Psy]),
            (&Loinc, "76691-5", vec![Gender]),
            (&RxNorm, "276237", vec![Hiv]),
            (&RxNorm, "1819", vec![Eth]),
            (&RxNorm, "36437", vec![Psy]),
            (&RxNorm, "312940", vec![Psy]),
            (&RxNorm, "6373", vec![Sex]),
            (&RxNorm, "748856", vec![Sex]),
            (&RxNorm, "6916", vec![Sex, Abortion]),
            (&SnomedCt, "86406008", vec![Hiv]),
            (&SnomedCt, "370143000", vec![Psy]),
            (&SnomedCt, "7200002", vec![Eth]),
            (&SnomedCt, "706893006", vec![Sdv]),
            (&SnomedCt, "444175001", vec![Psy, PsychotherapyNote]),
            (&SnomedCt, "714812005", vec![Sex, Abortion]),
            (&SnomedCt, "424619006", vec![Sex]),
            (&Cvx, "165", vec![Sex]),
        ] {
            assert_eq!(shipped(system, code), labels.into_iter().collect(), "{} {code}", system.uri());
        }
    }

    #[test]
    fn a_prefix_labels_every_code_that_begins_with_it() {
        for code in ["F10", "F10.2", "F10.20", "f10.20", "F1020", "F10 20"] {
            assert_eq!(shipped(&Icd10Cm, code), SensitivitySet::of(&[Eth]), "{code}");
            assert_eq!(shipped(&Icd10, code), SensitivitySet::of(&[Eth]), "{code}");
        }
        assert_eq!(shipped(&Icd10Cm, "O04.5"), SensitivitySet::of(&[Sex, Abortion]));
        assert_eq!(shipped(&Icd10Cm, "O98.711"), SensitivitySet::of(&[Sex, Hiv]));
        assert_eq!(shipped(&Icd10Cm, "T74.11XA"), SensitivitySet::of(&[Sdv]));
        assert_eq!(shipped(&Icd10Cm, "F64.0"), SensitivitySet::of(&[Gender]));
        assert_eq!(shipped(&Icd10Cm, "D57.1"), SensitivitySet::of(&[Sca, Gdis]));
        assert_eq!(shipped(&Icd10Cm, "Z33.2"), SensitivitySet::of(&[Sex, Abortion]));
        // B20 is a rule for one code and not for what begins with it.
        assert_eq!(shipped(&Icd10Cm, "B20"), SensitivitySet::of(&[Hiv]));
        assert!(shipped(&Icd10Cm, "B200").is_empty());
        assert!(
            shipped(&Icd10Cm, "F").is_empty() && shipped(&Icd10Cm, "").is_empty() && shipped(&Icd10Cm, ".").is_empty()
        );
        assert_eq!(shipped(&Icd10Cm, "F10.2000000000000000000"), SensitivitySet::of(&[Eth]));
        // A code means what it means in its own system only.
        assert!(shipped(&Loinc, "F10.20").is_empty());
    }

    #[test]
    fn kinds_of_visits_are_known_by_either_system() {
        let act_code = CodeSystem::of("http://terminology.hl7.org/CodeSystem/v3-ActCode");
        assert_eq!(shipped(&act_code, "PSYCH"), SensitivitySet::of(&[Psy]));
        assert_eq!(shipped(&CodeSystem::of("urn:oid:2.16.840.1.113883.5.4"), "OBS"), SensitivitySet::of(&[Sex]));
        assert!(shipped(&act_code, "AMB").is_empty());
        assert!(shipped(&CodeSystem::of("http://example.org/visits"), "PSYCH").is_empty());
        assert!(shipped(&CodeSystem::Unstated, "PSYCH").is_empty());
        assert_eq!(LabelRules::shipped().labels_of_class("PSYCH"), SensitivitySet::of(&[Psy]));
        assert_eq!(LabelRules::shipped().labels_of_class("AMB"), SensitivitySet::NONE);
    }

    #[test]
    fn a_concept_has_the_labels_of_all_its_codes() {
        let coding = |system, code| Coding { system, code: Label::parse(code).unwrap(), display: None };
        let concept = Concept {
            codings: vec![coding(Loinc, "2345-7"), coding(Icd10Cm, "B20"), coding(RxNorm, "1819")],
            text: None,
        };
        assert_eq!(LabelRules::shipped().labels_of_concept(&concept), SensitivitySet::of(&[Hiv, Eth]));
        assert_eq!(LabelRules::shipped().labels_of_concept(&Concept::words("HIV")), SensitivitySet::NONE);
    }

    #[test]
    fn more_rules_only_add() {
        let more = LabelRules::parse(
            "loinc\t2345-7\tTBOO\tOWN\tours\nloinc\t7917-8\tTBOO\tOWN\tours\nicd10cm\tI*\tTBOO\tOWN\tours",
        )
        .unwrap();
        let both = LabelRules::shipped().with(&more);
        assert_eq!(both.len(), LabelRules::shipped().len() + 2);
        assert_eq!(both.labels_of(&Loinc, "2345-7"), SensitivitySet::of(&[Taboo]));
        assert_eq!(both.labels_of(&Loinc, "7917-8"), SensitivitySet::of(&[Hiv, Taboo]));
        assert_eq!(both.labels_of(&Icd10Cm, "I10"), SensitivitySet::of(&[Taboo]));
        for rule in columns() {
            let system = match rule[0] {
                "loinc" => Loinc,
                "rxnorm" => RxNorm,
                "cvx" => Cvx,
                "icd10cm" => Icd10Cm,
                _ => SnomedCt,
            };
            assert!(shipped(&system, rule[1]).within(both.labels_of(&system, rule[1])));
        }
        assert!(shipped(&Loinc, "2345-7").is_empty());
    }

    #[test]
    fn rules_that_cannot_be_read_hide_everything() {
        let rules = LabelRules::of_unknown();
        let unknown = SensitivitySet::of(&[Sensitivity::Unknown]);
        assert_eq!(rules.labels_of(&Loinc, "2345-7"), unknown);
        assert_eq!(rules.labels_of(&CodeSystem::Unstated, "x"), unknown);
        assert_eq!(rules.labels_of_class("AMB"), unknown);
        assert_eq!(LabelRules::default().with(&rules).labels_of(&Loinc, "2345-7"), unknown);
        assert!(rules.is_empty() && !LabelRules::shipped().is_empty());
        assert_eq!(format!("{rules:?}"), "LabelRules(0)");
    }

    fn fault(text: &str) -> LabelRuleError {
        LabelRules::parse(text).unwrap_err()
    }

    #[test]
    fn each_fault_has_its_name() {
        use LabelRuleErrorKind::{Columns, Contradiction, EmptyCode, Label, Prefix, System};
        for (text, expected) in [
            ("loinc\t1-8\tHIV\tX", Columns),
            ("loinc\t1-8\tHIV\tX\tsix\tcolumns", Columns),
            ("loinc 1-8 HIV X spaces", Columns),
            ("LOINC\t1-8\tHIV\tX\tw", System),
            ("\t1-8\tHIV\tX\tw", System),
            ("loinc\t \tHIV\tX\tw", EmptyCode),
            ("icd10cm\t.\tHIV\tX\tw", EmptyCode),
            ("loinc\t1*\tHIV\tX\tw", Prefix),
            ("icd10cm\t*\tHIV\tX\tw", Prefix),
            ("icd10cm\tF*1\tHIV\tX\tw", Prefix),
            ("loinc\t1-8\t\tX\tw", Label),
            ("loinc\t1-8\tHIV,AIDS\tX\tw", Label),
            ("loinc\t1-8\thiv\tX\tw", Label),
            ("icd10cm\tF10.1\tHIV\tX\tw\nicd10cm\tf101\tSTD\tX\tw", Contradiction),
        ] {
            assert_eq!(fault(text), LabelRuleError { line: text.lines().count(), kind: expected }, "{text:?}");
        }
        let twice = LabelRules::parse("loinc\t1-8\tHIV,STD\tX\tw\nloinc\t1-8\tSTD, HIV\tY\tw").unwrap();
        assert_eq!(twice.len(), 1);
        assert_eq!(fault("x").to_string(), "label rules, line 1: expected five columns with a tab between them");
    }

    proptest! {
        #[test]
        fn a_fault_names_its_line(
            before in proptest::collection::vec(
                prop_oneof!["#[a-z\t]{0,9}", Just(String::new()), Just("cvx\t62\tSEX\tX\tw".to_owned())],
                0..20,
            ),
            wrong in proptest::sample::select(vec![
                "loinc\t1-8\tHIV",
                "what\t1\tHIV\tX\tw",
                "cvx\t\tHIV\tX\tw",
                "cvx\t1\tNO\tX\tw",
                "cvx\t62\tHIV\tX\tw\ncvx\t62\tSEX\tX\tw",
            ]),
            after in "[a-z\t\n]{0,40}",
        ) {
            let lines = before.iter().map(|line| format!("{line}\n")).collect::<String>();
            let had = before.iter().any(|line| line.starts_with("cvx"));
            let line = before.len() + if wrong.contains('\n') && !had { 2 } else { 1 };
            prop_assert_eq!(fault(&format!("{lines}{wrong}\n{after}")).line, line);
        }

        #[test]
        fn any_text_is_read_or_refused_by_line(text in "(loinc|icd10cm|\t|HIV|[A-Z0-9.*]|\n|,|#){0,60}") {
            match LabelRules::parse(&text) {
                Ok(rules) => prop_assert!(rules.len() <= text.lines().count()),
                Err(error) => prop_assert!(error.line >= 1 && error.line <= text.lines().count()),
            }
        }

        #[test]
        fn a_rule_that_was_written_is_found(code in "[A-Z][0-9]{2}(\\.[0-9A-Z]{1,4})?", bits in 1u16.., tail in "[0-9]{0,3}") {
            let labels = SensitivitySet::from_bits(bits);
            let codes = labels.iter().map(Sensitivity::code).collect::<Vec<_>>().join(",");
            let exact = LabelRules::parse(&format!("icd10cm\t{code}\t{codes}\tX\tw")).unwrap();
            prop_assert_eq!(exact.labels_of(&Icd10Cm, &code.replace('.', "").to_lowercase()), labels);
            let prefix = LabelRules::parse(&format!("icd10cm\t{code}*\t{codes}\tX\tw")).unwrap();
            prop_assert_eq!(prefix.labels_of(&Icd10, &format!("{code}{tail}")), labels);
        }

        #[test]
        fn adding_rules_never_takes_a_label_away(code in "[A-Z][0-9]{0,6}", system in 0usize..5) {
            let system = [Loinc, RxNorm, SnomedCt, Cvx, Icd10Cm][system].clone();
            let more = LabelRules::parse("icd10cm\tF1*\tTBOO\tX\tw\nicd10cm\tO04*\tPSY\tX\tw").unwrap();
            let one = LabelRules::shipped().with(&more);
            let other = more.with(LabelRules::shipped());
            prop_assert!(shipped(&system, &code).within(one.labels_of(&system, &code)));
            prop_assert_eq!(one.labels_of(&system, &code), other.labels_of(&system, &code));
        }
    }
}
