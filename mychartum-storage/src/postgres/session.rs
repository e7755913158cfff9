//! A connection on loan, and how statements run on it: named or unnamed, alone or many at once.

use core::pin::Pin;
use core::task::Poll;

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::options::StatementMode;
use super::reading_sql::Statement;

/// A value for a parameter of a statement.
pub(super) type Value<'a> = &'a (dyn ToSql + Sync);

/// A connection on loan from a pool. Dropping it gives it back.
pub(super) struct Session {
    connection: Object,
    mode: StatementMode,
}

/// A session with a transaction on it. Dropping it, also because a future was given up, closes the connection, and with it
/// the transaction; otherwise whoever gets the connection next would go on with it.
pub(super) struct Transacting(Option<Session>);

impl Transacting {
    pub(super) const fn new(session: Session) -> Self {
        Self(Some(session))
    }

    /// The session; `None` only after the end.
    pub(super) const fn session(&self) -> Option<&Session> {
        self.0.as_ref()
    }

    /// Gives the connection back: the transaction has ended.
    pub(super) fn ended(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Transacting {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            session.discard();
        }
    }
}

/// A statement that can be sent without asking the server for anything first.
pub(super) enum Ready<'a> {
    Named(tokio_postgres::Statement),
    Unnamed(&'a Statement),
}

impl Session {
    pub(super) const fn new(connection: Object, mode: StatementMode) -> Self {
        Self { connection, mode }
    }

    /// Closes the connection instead of giving it back: nobody shall meet what was left on it.
    pub(super) fn discard(self) {
        drop(Object::take(self.connection));
    }

    /// Whether the connection is known to be gone.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Makes a statement ready; a named one is prepared once a connection.
    pub(super) async fn ready<'a>(&self, statement: &'a Statement) -> Result<Ready<'a>, Error> {
        Ok(match self.mode {
            StatementMode::Named => {
                Ready::Named(self.connection.prepare_typed_cached(&statement.sql, &statement.types).await?)
            }
            StatementMode::Unnamed => Ready::Unnamed(statement),
        })
    }

    /// Runs a statement and gives its rows.
    pub(super) async fn query(&self, statement: &Ready<'_>, values: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        match statement {
            Ready::Named(prepared) => self.connection.query(prepared, values).await,
            Ready::Unnamed(statement) => {
                let typed: Vec<_> = values.iter().copied().zip(statement.types.iter().cloned()).collect();
                self.connection.query_typed(&statement.sql, &typed).await
            }
        }
    }

    /// Runs a statement and gives how many rows it changed.
    pub(super) async fn execute(&self, statement: &Ready<'_>, values: &[Value<'_>]) -> Result<u64, Error> {
        match statement {
            Ready::Named(prepared) => self.connection.execute(prepared, values).await,
            Ready::Unnamed(statement) => {
                let typed: Vec<_> = values.iter().copied().zip(statement.types.iter().cloned()).collect();
                self.connection.execute_typed(&statement.sql, &typed).await
            }
        }
    }

    /// Runs SQL without parameters and without an answer.
    pub(super) async fn run(&self, sql: &str) -> Result<(), Error> {
        self.connection.batch_execute(sql).await
    }
}

/// A statement on its way.
pub(super) type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Sends calls in their order without waiting in between, and gives their outcomes in the same order.
///
/// A call that fails before anything of it was sent ends the sending: then there are fewer outcomes than calls, and what
/// comes after it, such as a `COMMIT`, was not sent.
pub(super) async fn pipeline<T>(calls: Vec<Call<'_, T>>) -> Vec<Result<T, Error>> {
    enum Place<'a, T> {
        Waiting(Call<'a, T>),
        Done(Result<T, Error>),
    }
    let mut calls = calls.into_iter();
    let mut places = Vec::new();
    // The first poll of a call encodes and sends it; the answers come back in the same order.
    core::future::poll_fn(|context| {
        for mut call in calls.by_ref() {
            match call.as_mut().poll(context) {
                Poll::Pending => places.push(Place::Waiting(call)),
                Poll::Ready(outcome) => {
                    let sent = outcome.is_ok();
                    places.push(Place::Done(outcome));
                    if !sent {
                        break;
                    }
                }
            }
        }
        Poll::Ready(())
    })
    .await;
    let mut outcomes = Vec::with_capacity(places.len());
    for place in places {
        outcomes.push(match place {
            Place::Waiting(call) => call.await,
            Place::Done(outcome) => outcome,
        });
    }
    outcomes
}
