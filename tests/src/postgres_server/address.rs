//! Where a server listens, and as whom to speak to it.

use core::fmt;

use super::PostgresServerError;

/// A server's URL in parts, so that the database can be changed and the password kept off command lines.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    user: String,
    /// As it stands in the URL, percent-encoded.
    password: Option<String>,
    /// Host and port.
    host: String,
    database: String,
    /// What follows the question mark, if anything.
    parameters: Option<String>,
}

impl Address {
    /// A server on this machine's loopback.
    pub(super) fn loopback(port: u16, user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: Some(password.to_owned()),
            host: format!("127.0.0.1:{port}"),
            database: "postgres".to_owned(),
            parameters: None,
        }
    }

    /// Reads `postgres://user:password@host:port/database?parameters`.
    pub(super) fn parse(url: &str) -> Result<Self, PostgresServerError> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or(PostgresServerError::Address)?;
        let (rest, parameters) = match rest.split_once('?') {
            Some((rest, parameters)) => (rest, Some(parameters.to_owned())),
            None => (rest, None),
        };
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (person, host) = authority.rsplit_once('@').ok_or(PostgresServerError::Address)?;
        let (user, password) = match person.split_once(':') {
            Some((user, password)) => (user, Some(password.to_owned())),
            None => (person, None),
        };
        if user.is_empty() || host.is_empty() {
            return Err(PostgresServerError::Address);
        }
        let database = if database.is_empty() { "postgres" } else { database };
        Ok(Self { user: user.to_owned(), password, host: host.to_owned(), database: database.to_owned(), parameters })
    }

    /// The same server, another database.
    pub(super) fn database(&self, name: &str) -> Self {
        Self { database: name.to_owned(), ..self.clone() }
    }

    /// The same database, reached by another host and port.
    pub(super) fn through(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    /// Host and port.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The whole URL, with the password.
    pub(super) fn url(&self) -> String {
        let password = self.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
        self.write(&password)
    }

    /// The URL without the password, for a command line that neighbours can read.
    pub(super) fn url_without_password(&self) -> String {
        self.write("")
    }

    /// The password itself, for the environment of a program.
    pub(super) fn password(&self) -> Option<String> {
        self.password.as_deref().map(decode)
    }

    fn write(&self, password: &str) -> String {
        let parameters = self.parameters.as_ref().map(|parameters| format!("?{parameters}")).unwrap_or_default();
        format!("postgres://{}{password}@{}/{}{parameters}", self.user, self.host, self.database)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url_without_password())
    }
}

/// Undoes percent-encoding; what is not encoded properly stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| core::str::from_utf8(digits).ok());
        let encoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        (bytes, rest) = match (first, encoded) {
            (b'%', Some(byte)) => (push(bytes, byte), tail.get(2..).unwrap_or_default()),
            _ => (push(bytes, *first), tail),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn push(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_and_written() {
        let address = Address::parse("postgresql://me:p%40ss@db.example:5433/main?sslmode=require").unwrap();
        assert_eq!(address.url(), "postgres://me:p%40ss@db.example:5433/main?sslmode=require");
        assert_eq!(address.url_without_password(), "postgres://me@db.example:5433/main?sslmode=require");
        assert_eq!(address.password().as_deref(), Some("p@ss"));
        assert_eq!(address.database("other").url(), "postgres://me:p%40ss@db.example:5433/other?sslmode=require");
        assert_eq!(address.through("127.0.0.1:1").host(), "127.0.0.1:1");
        assert_eq!(Address::parse("postgres://me@host").unwrap().url(), "postgres://me@host/postgres");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for wrong in ["", "host=here user=me", "mysql://me@host/db", "postgres://host/db", "postgres://@host/db"] {
            assert!(matches!(Address::parse(wrong), Err(PostgresServerError::Address)), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_decoded_and_never_printed() {
        for (written, meant) in [("plain", "plain"), ("%", "%"), ("%4", "%4"), ("a%zzb", "a%zzb"), ("%C3%A9%3a", "é:")]
        {
            assert_eq!(decode(written), meant);
        }
        assert!(!format!("{:?}", Address::loopback(1, "me", "secret")).contains("secret"));
    }
}
