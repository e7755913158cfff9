//! Rows on their way into a statement: as one array a column, or as one statement a row.

use tokio_postgres::types::ToSql;

use super::columns::{Id, Key};
use super::session::{Call, Ready, Session, Value};
use super::writing_sql::Form;

/// After so many rows, or so many bytes, the rest goes into another statement of the same transaction.
const ENOUGH_ROWS: usize = 1000;
const ENOUGH_BYTES: usize = 4 << 20;

/// The values of one column.
pub(super) enum Values<'a> {
    Small(Vec<i16>),
    Int(Vec<i32>),
    Big(Vec<i64>),
    Ids(Vec<Id>),
    Bytes(Vec<&'a [u8]>),
    Owned(Vec<Vec<u8>>),
}

/// A value of one column.
pub(super) enum Cell<'a> {
    Small(i16),
    Int(i32),
    Big(i64),
    Id(Id),
    Bytes(&'a [u8]),
    Owned(Vec<u8>),
}

/// Rows of one statement, in pieces that each make one message to the server.
pub(super) struct Batch<'a, const COLUMNS: usize> {
    pieces: Vec<Piece<'a, COLUMNS>>,
}

struct Piece<'a, const COLUMNS: usize> {
    columns: [Values<'a>; COLUMNS],
    rows: usize,
    bytes: usize,
}

impl Values<'_> {
    fn array(&self) -> Value<'_> {
        match self {
            Self::Small(values) => values,
            Self::Int(values) => values,
            Self::Big(values) => values,
            Self::Ids(values) => values,
            Self::Bytes(values) => values,
            Self::Owned(values) => values,
        }
    }

    fn single(&self, row: usize) -> Option<Value<'_>> {
        fn at<T: ToSql + Sync>(values: &[T], row: usize) -> Option<Value<'_>> {
            values.get(row).map(|value| value as Value<'_>)
        }
        match self {
            Self::Small(values) => at(values, row),
            Self::Int(values) => at(values, row),
            Self::Big(values) => at(values, row),
            Self::Ids(values) => at(values, row),
            Self::Bytes(values) => at(values, row),
            Self::Owned(values) => at(values, row),
        }
    }
}

/// The three columns that lead every row.
pub(super) const fn leading(key: Key) -> [Cell<'static>; 3] {
    [Cell::Small(key.bucket), Cell::Small(key.kind), Cell::Id(key.id)]
}

impl<'a> Cell<'a> {
    /// A column that begins with this value.
    fn column(self) -> Values<'a> {
        match self {
            Self::Small(value) => Values::Small(vec![value]),
            Self::Int(value) => Values::Int(vec![value]),
            Self::Big(value) => Values::Big(vec![value]),
            Self::Id(value) => Values::Ids(vec![value]),
            Self::Bytes(value) => Values::Bytes(vec![value]),
            Self::Owned(value) => Values::Owned(vec![value]),
        }
    }

    /// Adds this value to a column; every row of a batch has the same kinds of values.
    fn push_to(self, column: &mut Values<'a>) {
        match (column, self) {
            (Values::Small(values), Self::Small(value)) => values.push(value),
            (Values::Int(values), Self::Int(value)) => values.push(value),
            (Values::Big(values), Self::Big(value)) => values.push(value),
            (Values::Ids(values), Self::Id(value)) => values.push(value),
            (Values::Bytes(values), Self::Bytes(value)) => values.push(value),
            (Values::Owned(values), Self::Owned(value)) => values.push(value),
            // A column that is too short makes the server refuse the statement, and with it the transaction.
            _ => debug_assert!(false, "a row of a batch has other kinds of values than the first"),
        }
    }

    const fn bytes(&self) -> usize {
        match self {
            Self::Bytes(value) => value.len(),
            Self::Owned(value) => value.len(),
            _ => 16,
        }
    }
}

impl<'a, const COLUMNS: usize> Batch<'a, COLUMNS> {
    pub(super) const fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    pub(super) fn push(&mut self, row: [Cell<'a>; COLUMNS]) {
        let bytes = row.iter().map(Cell::bytes).sum::<usize>();
        match self.pieces.last_mut().filter(|piece| piece.rows < ENOUGH_ROWS && piece.bytes < ENOUGH_BYTES) {
            Some(piece) => {
                row.into_iter().zip(&mut piece.columns).for_each(|(cell, column)| cell.push_to(column));
                piece.rows += 1;
                piece.bytes += bytes;
            }
            None => self.pieces.push(Piece { columns: row.map(Cell::column), rows: 1, bytes }),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// How many statements it makes.
    pub(super) fn count(&self, form: Form) -> usize {
        self.pieces.iter().map(|piece| if form == Form::Many { 1 } else { piece.rows }).sum()
    }

    /// The calls that look all rows up; `name` goes along with each answer.
    pub(super) fn queries<'c, T: Copy + Send + 'c>(
        &'c self,
        name: T,
        session: &'c Session,
        statement: &'c Ready<'c>,
        form: Form,
    ) -> Vec<Call<'c, (T, Vec<tokio_postgres::Row>)>> {
        let call = |(values, _): (Vec<Value<'c>>, u64)| -> Call<'c, _> {
            Box::pin(async move { session.query(statement, &values).await.map(|rows| (name, rows)) })
        };
        self.values(form).map(call).collect()
    }

    /// The calls that write all rows, each with the number of rows that it must change.
    pub(super) fn executions<'c>(
        &'c self,
        session: &'c Session,
        statement: &'c Ready<'c>,
        form: Form,
    ) -> Vec<(Call<'c, u64>, u64)> {
        let call = |(values, rows): (Vec<Value<'c>>, u64)| -> (Call<'c, u64>, u64) {
            (Box::pin(async move { session.execute(statement, &values).await }), rows)
        };
        self.values(form).map(call).collect()
    }

    fn values(&self, form: Form) -> impl Iterator<Item = (Vec<Value<'_>>, u64)> {
        self.pieces.iter().flat_map(move |piece| {
            let statements = if form == Form::Many { 1 } else { piece.rows };
            (0..statements).map(move |row| match form {
                Form::Many => (piece.columns.iter().map(Values::array).collect(), piece.rows as u64),
                Form::Single => (piece.columns.iter().filter_map(|column| column.single(row)).collect(), 1),
            })
        })
    }
}
