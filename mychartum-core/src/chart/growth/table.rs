//! One table of L, M and S by sex and age.

use crate::chart::AdministrativeGender;

use super::error::GrowthFault;
use super::lms::Lms;

/// Whose table it is. The published references have two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrowthSex {
    /// Girls.
    Female,
    /// Boys.
    Male,
}

impl GrowthSex {
    /// The table to read for a person, where a chart says male or female; otherwise none is chosen for them.
    #[must_use]
    pub const fn of(gender: AdministrativeGender) -> Option<Self> {
        match gender {
            AdministrativeGender::Female => Some(Self::Female),
            AdministrativeGender::Male => Some(Self::Male),
            _ => None,
        }
    }
}

/// One row: an age in the table's unit, and the numbers there.
type Row = (f64, Lms);

/// The rows of one measure, youngest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    female: Vec<Row>,
    male: Vec<Row>,
}

impl Table {
    /// Reads a table: sex (`m` or `f`), age, L, M and S with tabs between; lines that begin with `#` are passed over.
    ///
    /// The line with the first fault, counted from 1; 0 where the table as a whole has it.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, GrowthFault)> {
        let mut table = Self::default();
        for (line, written) in (1..).zip(text.lines()) {
            if written.starts_with('#') {
                continue;
            }
            let (sex, row) = row(written).map_err(|fault| (line, fault))?;
            let rows = table.rows_mut(sex);
            if rows.last().is_some_and(|(before, _)| *before >= row.0) {
                return Err((line, GrowthFault::Order));
            }
            rows.push(row);
        }
        if table.female.len() < 2 || table.male.len() < 2 {
            return Err((0, GrowthFault::Short));
        }
        Ok(table)
    }

    /// The numbers at an age, between two rows in proportion. `None` outside of the table.
    pub(super) fn at(&self, sex: GrowthSex, age: f64) -> Option<Lms> {
        let rows = self.rows(sex);
        let after = rows.iter().position(|(row, _)| *row >= age)?;
        let (upper, there) = rows.get(after)?;
        if (upper - age).abs() < 1e-9 {
            return Some(*there);
        }
        let (lower, here) = rows.get(after.checked_sub(1)?)?;
        Some(here.towards(*there, (age - lower) / (upper - lower)))
    }

    /// The ages that have a row.
    pub(super) fn ages(&self, sex: GrowthSex) -> impl Iterator<Item = f64> {
        self.rows(sex).iter().map(|(age, _)| *age)
    }

    fn rows(&self, sex: GrowthSex) -> &[Row] {
        match sex {
            GrowthSex::Female => &self.female,
            GrowthSex::Male => &self.male,
        }
    }

    const fn rows_mut(&mut self, sex: GrowthSex) -> &mut Vec<Row> {
        match sex {
            GrowthSex::Female => &mut self.female,
            GrowthSex::Male => &mut self.male,
        }
    }
}

fn row(line: &str) -> Result<(GrowthSex, Row), GrowthFault> {
    let mut cells = line.split('\t');
    let sex = match cells.next() {
        Some("f") => GrowthSex::Female,
        Some("m") => GrowthSex::Male,
        _ => return Err(GrowthFault::Row),
    };
    let mut number = || {
        let number = cells.next().ok_or(GrowthFault::Row)?.parse::<f64>().map_err(|_| GrowthFault::Number)?;
        if number.is_finite() { Ok(number) } else { Err(GrowthFault::Number) }
    };
    let (age, l, m, s) = (number()?, number()?, number()?, number()?);
    if cells.next().is_some() {
        return Err(GrowthFault::Row);
    }
    if m <= 0.0 || s <= 0.0 || age < 0.0 {
        return Err(GrowthFault::Number);
    }
    Ok((sex, (age, Lms { l, m, s })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_table_says_where_and_why() {
        let good = "m\t0\t1\t2\t0.1\nm\t1\t1\t3\t0.1\nf\t0\t1\t2\t0.1\nf\t2\t1\t3\t0.1\n";
        let table = Table::parse(good).unwrap();
        assert_eq!(table.at(GrowthSex::Female, 1.0).unwrap().m, 2.5);
        assert!(table.at(GrowthSex::Male, 1.5).is_none() && table.at(GrowthSex::Male, -0.5).is_none());
        for (text, line, fault) in [
            ("x\t0\t1\t2\t0.1", 1, GrowthFault::Row),
            ("# words\nm\t0\t1\t2", 2, GrowthFault::Row),
            ("m\t0\t1\t2\t0.1\t9", 1, GrowthFault::Row),
            ("m\t0\t1\tNaN\t0.1", 1, GrowthFault::Number),
            ("m\t0\t1\t0\t0.1", 1, GrowthFault::Number),
            ("m\t1\t1\t2\t0.1\nm\t1\t1\t2\t0.1", 2, GrowthFault::Order),
            ("m\t0\t1\t2\t0.1", 0, GrowthFault::Short),
        ] {
            assert_eq!(Table::parse(text).unwrap_err(), (line, fault));
        }
    }
}
