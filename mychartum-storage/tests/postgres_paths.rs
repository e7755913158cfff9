//! The ways to a server: through TLS, and through a pooler.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it leaves out"
)]

mod change_sets;
mod shared_postgres;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use change_sets::{note, patient};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::StorageErrorKind as Kind;
use mychartum_storage::{PostgresOptions, PostgresStorage, PostgresTls, StatementMode};
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use shared_postgres::Shared;

/// An authority that signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for these names, and its key.
    fn sign(&self, names: &[&str], person: &str) -> (Certificate, KeyPair) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = CertificateParams::new(names).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, person);
        let key = KeyPair::generate().unwrap();
        (parameters.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// Gives a file to the server, readable for it alone.
fn give(folder: &Path, name: &str, content: &str) {
    let path = folder.join("data").join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let owner = fs::metadata(folder.join("data")).unwrap();
    chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
}

/// A private server that takes TLS connections only, proves itself by these names, and wants a certificate that `clients`
/// signed, if there is one.
fn tls_server(authority: &Authority, names: &[&str], clients: Option<&Authority>) -> Option<PostgresServer> {
    let server = PostgresServer::options().start_or_skip()?;
    let folder = server.folder().unwrap().to_owned();
    let (certificate, key) = authority.sign(names, "server");
    give(&folder, "server.crt", &certificate.pem());
    give(&folder, "server.key", &key.serialize_pem());
    server.sql("ALTER SYSTEM SET ssl = on").unwrap();
    if let Some(clients) = clients {
        give(&folder, "clients.crt", &clients.pem());
        server.sql("ALTER SYSTEM SET ssl_ca_file = 'clients.crt'").unwrap();
    }
    let proof = if clients.is_some() { " clientcert=verify-ca" } else { "" };
    let rules = format!("local all all scram-sha-256\nhostssl all all all scram-sha-256{proof}\n");
    give(&folder, "pg_hba.conf", &rules);
    server.stop().unwrap();
    server.start_again().unwrap();
    Some(server)
}

/// The server's first database, by the name that its certificate is for.
fn url(server: &PostgresServer, extra: &str) -> String {
    format!("{}{extra}", server.url().replace("127.0.0.1", "localhost"))
}

fn options(url: &str) -> PostgresOptions {
    PostgresStorage::options(url).unwrap().readers(1).lanes(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_proves_the_server_and_binds_the_password_to_the_connection() {
    let authority = Authority::new();
    let Some(server) = tls_server(&authority, &["localhost"], None) else { return };
    let tls = PostgresTls::new(authority.pem().as_bytes()).unwrap();
    // The server takes nothing else.
    let plain = options(&url(&server, "")).open().await.unwrap_err();
    assert_eq!((plain.kind(), PostgresStorage::sqlstate(&plain).as_deref()), (Kind::Unavailable, Some("28000")));

    let bound = options(&url(&server, "?channel_binding=require")).tls(tls.clone());
    let storage = bound.open().await.unwrap();
    storage.commit(&note(patient(1), 1, 100_000)).await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 1);
    storage.close().await;

    // Another name than the certificate's, and an authority that is not believed.
    let other_name = options(&server.url()).tls(tls).open().await.unwrap_err();
    let stranger = PostgresTls::new(Authority::new().pem().as_bytes()).unwrap();
    let unbelieved = options(&url(&server, "")).tls(stranger).open().await.unwrap_err();
    assert_eq!((other_name.kind(), unbelieved.kind()), (Kind::Unavailable, Kind::Unavailable));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_certificate_is_shown_where_the_server_wants_one() {
    let (authority, people) = (Authority::new(), Authority::new());
    let Some(server) = tls_server(&authority, &["localhost"], Some(&people)) else { return };
    let roots = authority.pem();
    let (certificate, key) = people.sign(&[], "portal");
    let (pem, key) = (certificate.pem(), key.serialize_pem());
    let without = PostgresTls::new(roots.as_bytes()).unwrap();
    let with = PostgresTls::with_client_certificate(roots.as_bytes(), pem.as_bytes(), key.as_bytes()).unwrap();
    let refused = options(&url(&server, "")).tls(without).open().await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
    let storage = options(&url(&server, "")).tls(with.clone()).open().await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    storage.close().await;
    assert_eq!(format!("{with:?}"), "PostgresTls { .. }", "keys are not printed");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let authority = Authority::new();
    let roots = authority.pem();
    for broken in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(PostgresTls::new(broken.as_bytes()).unwrap_err().kind(), Kind::Invalid, "{broken}");
        let client = PostgresTls::with_client_certificate(roots.as_bytes(), broken.as_bytes(), b"");
        assert_eq!(client.unwrap_err().kind(), Kind::Invalid);
    }
}

/// PgBouncer in transaction mode; ends with the value.
struct Pooler {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Pooler {
    /// `None` where PgBouncer is not installed.
    fn start(database: &FreshDatabase) -> Option<Self> {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
        let Some(program) = program.into_iter().find(|path| Path::new(path).is_file()) else {
            eprintln!("skipped: PgBouncer is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = database.url();
        let (person, _) = url.strip_prefix("postgres://").unwrap().rsplit_once('@').unwrap();
        let (user, password) = person.split_once(':').unwrap();
        let (host, server_port) = database.host_and_port().split_once(':').unwrap();
        let name = database.name();
        let people = folder.path().join("people");
        let settings = format!(
            "[databases]\n{name} = host={host} port={server_port} dbname={name}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
            listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {}\npool_mode = transaction\n\
            default_pool_size = 3\nmax_client_conn = 200\nserver_reset_query = \n",
            people.display()
        );
        let file = folder.path().join("settings");
        fs::write(&people, format!("\"{user}\" \"{password}\"\n")).unwrap();
        fs::write(&file, settings).unwrap();
        for (path, mode) in [(folder.path(), 0o755), (people.as_path(), 0o644), (file.as_path(), 0o644)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut command = Command::new(program);
        if fs::metadata(folder.path()).unwrap().uid() == 0 {
            // It refuses to run as root.
            command.args(["-u", "nobody"]);
        }
        let process = command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pooler = Self { process, port, _folder: folder };
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "PgBouncer does not listen");
            std::thread::yield_now();
        }
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn through_pgbouncer_in_transaction_mode_every_promise_is_kept() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    let Some(pooler) = Pooler::start(&database) else { return };
    let url = database.url_through(&format!("127.0.0.1:{}", pooler.port));
    let options = PostgresStorage::options(&url).unwrap().statements(StatementMode::Unnamed);
    Shared::new(options).keeps_all_promises().await;
}
