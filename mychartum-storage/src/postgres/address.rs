//! Where the server is, and over which path it may be reached.

use core::fmt;
use std::net::IpAddr;
use std::str::FromStr as _;

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::PostgresTls;

/// A server, a database and a role, as a URL or parts name them.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
}

/// Over which path a server may be reached.
#[derive(Debug, Clone)]
pub(super) enum Path {
    /// On the same machine, plainly.
    Local,
    /// Anywhere, through TLS.
    Tls(PostgresTls),
    /// Anywhere, plainly: the host said so.
    Plain,
}

impl Address {
    /// Reads `postgres://role:password@server:5432/database`, or the form `host=server user=role dbname=database`.
    ///
    /// # Errors
    /// `Invalid`; the text is not repeated, since it may hold a password.
    pub(super) fn parse(url: &str) -> Result<Self, StorageError> {
        let config = Config::from_str(url).map_err(|_| refused("open (the address is not a PostgreSQL URL)"))?;
        Ok(Self { config })
    }

    pub(super) fn password(&mut self, password: &str) {
        self.config.password(password);
    }

    /// What to connect with, if the path may be taken.
    ///
    /// # Errors
    /// `Invalid` where the server is on another machine and nothing says how to reach it, or where the URL asks for TLS and no
    /// roots were given.
    pub(super) fn config(&self, path: &Path) -> Result<Config, StorageError> {
        let mut config = self.config.clone();
        let far = self.is_far();
        match path {
            Path::Tls(_) => {
                // A socket in a folder has no name to prove and no network to protect from.
                let sockets = config.get_hostaddrs().is_empty() && config.get_hosts().iter().all(is_socket);
                config.ssl_mode(if sockets { SslMode::Disable } else { SslMode::Require });
            }
            Path::Local | Path::Plain => {
                if config.get_ssl_mode() == SslMode::Require {
                    return Err(refused("open (the address asks for TLS, and no root certificates were given)"));
                }
                if far && matches!(path, Path::Local) {
                    return Err(refused("open (the server is on another machine: give root certificates for TLS)"));
                }
                config.ssl_mode(SslMode::Disable);
            }
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            // A standby answers reads with the past.
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("mychartum");
        }
        Ok(config)
    }

    /// Whether any of the servers may be on another machine.
    fn is_far(&self) -> bool {
        let addresses = self.config.get_hostaddrs();
        if addresses.is_empty() {
            let hosts = self.config.get_hosts();
            return hosts.is_empty() || !hosts.iter().all(is_near);
        }
        !addresses.iter().all(IpAddr::is_loopback)
    }
}

fn is_socket(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(_) => false,
    }
}

fn is_near(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
            bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

const fn refused(operation: &'static str) -> StorageError {
    StorageError::new(StorageErrorKind::Invalid, operation)
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("hosts", &self.config.get_hosts())
            .field("ports", &self.config.get_ports())
            .field("database", &self.config.get_dbname())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str, path: &Path) -> Result<Config, StorageErrorKind> {
        Address::parse(url).unwrap().config(path).map_err(|error| error.kind())
    }

    #[test]
    fn near_servers_are_reached_plainly() {
        for url in [
            "postgres://me@localhost/db",
            "postgres://me@127.0.0.1:5433/db",
            "postgres://me@127.9.9.9/db",
            "postgres://me@[::1]/db",
            "postgres://me@%2Fvar%2Frun%2Fpostgresql/db",
            "host=db.example.org hostaddr=127.0.0.1 user=me",
            "postgres://me@localhost:1,127.0.0.1:2/db",
        ] {
            let config = config(url, &Path::Local).unwrap_or_else(|kind| panic!("{url}: {kind:?}"));
            assert_eq!(config.get_ssl_mode(), SslMode::Disable, "{url}");
        }
    }

    #[test]
    fn far_servers_are_never_reached_plainly_unless_the_host_says_so() {
        for url in [
            "postgres://me@db.example.org/db",
            "postgres://me@10.0.0.1/db",
            "postgres://me@localhost.example.org/db",
            "postgres://me@localhost,db.example.org/db",
            "host=localhost hostaddr=10.0.0.1 user=me",
            "user=me dbname=db",
        ] {
            assert_eq!(config(url, &Path::Local).unwrap_err(), StorageErrorKind::Invalid, "{url}");
            assert_eq!(config(url, &Path::Plain).unwrap().get_ssl_mode(), SslMode::Disable, "{url}");
        }
    }

    #[test]
    fn an_address_that_asks_for_tls_gets_it_or_nothing() {
        let url = "postgres://me@localhost/db?sslmode=require";
        for path in [Path::Local, Path::Plain] {
            assert_eq!(config(url, &path).unwrap_err(), StorageErrorKind::Invalid);
        }
    }

    #[test]
    fn only_a_server_that_writes_is_taken_unless_told() {
        let any = config("postgres://me@localhost/db", &Path::Local).unwrap();
        assert_eq!(any.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn passwords_are_in_no_print_and_no_error() {
        let mut address = Address::parse("postgres://me:hunter2@localhost/db").unwrap();
        assert!(!format!("{address:?}").contains("hunter2"));
        address.password("hunter3");
        assert!(!format!("{address:?}").contains("hunter3"));
        let error = Address::parse("postgres://me:hunter2@localhost:port/db").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert_eq!(error.kind(), StorageErrorKind::Invalid);
    }
}
