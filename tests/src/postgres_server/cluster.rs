//! A private server's folder, and the server in it.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::address::Address;
use super::binaries::Binaries;
use super::error::io;
use super::secret::secret;
use super::{PostgresOptions, PostgresServerError, processes};

/// The user that tests speak to a private server as.
const USER: &str = "mychartum";

/// How many free ports to try: another process may take one between our look and the server's.
const PORTS: u32 = 5;

/// Stops the server and removes its folder when the test's process is gone, however it ended.
///
/// It waits for the end of a pipe that only the test's process holds. Signals to the terminal's group do not reach it.
const WATCHER: &str = r#"
trap '' HUP INT TERM
read -r nothing
"$1" stop -D "$2/data" -m immediate -w -t 60
rm -rf "$2"
"#;

/// A server that belongs to this process.
#[derive(Debug)]
pub(super) struct Cluster {
    binaries: Binaries,
    folder: PathBuf,
    /// Whom to run PostgreSQL's programs as, where it is not who runs the tests.
    user: Option<(u32, u32)>,
    port: u16,
    watcher: Child,
}

impl Cluster {
    /// Makes a folder and a database cluster in it, and starts a server.
    pub(super) fn start(binaries: Binaries, options: &PostgresOptions) -> Result<(Self, Address), PostgresServerError> {
        let folder = std::env::temp_dir().join(format!("mychartum-postgres-{}", secret()?));
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(io("make a folder"))?;
        let user = match server_user(&folder) {
            Ok(user) => user,
            Err(error) => {
                let _ = fs::remove_dir(&folder);
                return Err(error);
            }
        };
        let watcher = watch(&binaries, &folder, user)?;
        // From here on the watcher cleans up, whatever happens.
        let mut cluster = Self { binaries, folder, user, port: 0, watcher };
        let password = secret()?;
        cluster.initialise(&password, options)?;
        for attempt in 1..=PORTS {
            cluster.port = free_port()?;
            match cluster.start_again() {
                Err(_) if attempt < PORTS => {}
                ended => {
                    let address = Address::loopback(cluster.port, USER, &password);
                    return ended.map(|()| (cluster, address));
                }
            }
        }
        Err(PostgresServerError::TooLong { what: "finding a free port" })
    }

    fn initialise(&self, password: &str, options: &PostgresOptions) -> Result<(), PostgresServerError> {
        let file = self.folder.join("password");
        fs::write(&file, password).map_err(io("write a file"))?;
        self.own(&file)?;
        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(self.data()).arg("--pwfile").arg(&file);
        initdb.args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]);
        // Whether the empty cluster itself survives a power cut is no question of any test.
        run("initdb", initdb.arg("--no-sync"))?;
        fs::remove_file(&file).map_err(io("remove a file"))?;
        let ours = self.data().join("postgresql.auto.conf");
        fs::write(&ours, options.lines()).map_err(io("write a file"))?;
        self.own(&ours)
    }

    /// Starts the server on its folder and port, and waits until it takes connections.
    pub(super) fn start_again(&self) -> Result<(), PostgresServerError> {
        let sockets = self.folder.display().to_string().replace('\'', "''");
        let server = format!("-h 127.0.0.1 -p {} -k '{sockets}'", self.port);
        let mut start = self.command("pg_ctl");
        start.args(["start", "--wait", "--timeout", "120", "--options", &server]);
        start.arg("--pgdata").arg(self.data()).arg("--log").arg(self.log());
        // The server inherits these; a pipe here would stay open as long as it runs.
        let status = start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if status.map_err(io("start pg_ctl"))?.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let from = log.lines().count().saturating_sub(20);
        let output = log.lines().skip(from).collect::<Vec<_>>().join("\n");
        Err(PostgresServerError::Program { program: "pg_ctl start", output })
    }

    /// Ends the server as `pg_ctl` does in this mode, and waits until it is gone.
    pub(super) fn stop(&self, mode: &str) -> Result<(), PostgresServerError> {
        let mut stop = self.command("pg_ctl");
        stop.args(["stop", "--wait", "--timeout", "120", "--mode", mode]).arg("--pgdata").arg(self.data());
        run("pg_ctl stop", &mut stop)
    }

    /// Kills the server's first process and all that it started, at once and without warning.
    pub(super) fn kill(&self) -> Result<(), PostgresServerError> {
        let all = self.hold()?;
        self.end(&all, &all)
    }

    /// Kills only the server's first process; the others notice by themselves, and are gone when this returns.
    pub(super) fn kill_first(&self) -> Result<(), PostgresServerError> {
        let all = self.hold()?;
        self.end(all.get(..1).unwrap_or_default(), &all)
    }

    /// Stops the first process, so that it starts no more, and gives it with all that it started.
    fn hold(&self) -> Result<Vec<u32>, PostgresServerError> {
        let first = self.first_process()?;
        processes::signal("STOP", &[first])?;
        let mut all = vec![first];
        all.extend(processes::children(first)?);
        Ok(all)
    }

    fn end(&self, killed: &[u32], all: &[u32]) -> Result<(), PostgresServerError> {
        processes::signal("KILL", killed)?;
        processes::wait_until_gone(all)?;
        // A dead process that nobody has collected yet counts as alive for the next start, which would refuse.
        let socket = self.folder.join(format!(".s.PGSQL.{}.lock", self.port));
        [self.data().join("postmaster.pid"), socket].iter().try_for_each(fs::remove_file).map_err(io("remove a file"))
    }

    /// The folder that the server's log and data are in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a program of the server's own version is.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.binaries.program(name)
    }

    fn first_process(&self) -> Result<u32, PostgresServerError> {
        let file = fs::read_to_string(self.data().join("postmaster.pid"));
        let file = file.map_err(io("read postmaster.pid"))?;
        let first = file.lines().next().and_then(|line| line.trim().parse().ok());
        first.ok_or_else(|| io("read postmaster.pid")(ErrorKind::InvalidData.into()))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn command(&self, name: &str) -> Command {
        command(&self.binaries.program(name), &self.folder, self.user)
    }

    /// Gives a file to the server's user.
    fn own(&self, path: &Path) -> Result<(), PostgresServerError> {
        own(path, self.user)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

fn own(path: &Path, user: Option<(u32, u32)>) -> Result<(), PostgresServerError> {
    let Some((user, group)) = user else { return Ok(()) };
    chown(path, Some(user), Some(group)).map_err(io("give a file to the server's user"))
}

/// PostgreSQL refuses to run as root: there the folder goes to another user, who runs it.
fn server_user(folder: &Path) -> Result<Option<(u32, u32)>, PostgresServerError> {
    let made = fs::metadata(folder).map_err(io("look at a folder"))?;
    if made.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(io("read /etc/passwd"))?;
    let user = ["postgres", "nobody"].iter().find_map(|name| find_user(&users, name));
    let user = user.ok_or(PostgresServerError::NoUser)?;
    own(folder, Some(user))?;
    Ok(Some(user))
}

/// User and group of a line like `postgres:x:101:104:...`.
fn find_user(users: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = users.lines().map(|line| line.split(':')).find_map(|mut fields| {
        let found = fields.next() == Some(name);
        found.then_some(fields)
    })?;
    let user = fields.nth(1)?.parse().ok()?;
    Some((user, fields.next()?.parse().ok()?))
}

/// A program in the server's folder, run as its user, in a process group that a terminal's signals do not reach.
fn command(program: &Path, folder: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).process_group(0).env("LC_ALL", "C").stdin(Stdio::null());
    // Settings for clients that whoever runs the tests has do not concern this server.
    for name in ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGOPTIONS"] {
        command.env_remove(name);
    }
    if let Some((user, group)) = user {
        command.uid(user).gid(group);
    }
    command
}

fn watch(binaries: &Binaries, folder: &Path, user: Option<(u32, u32)>) -> Result<Child, PostgresServerError> {
    let mut watcher = command(Path::new("sh"), folder, user);
    watcher.current_dir("/").args(["-c", WATCHER, "watcher"]).arg(binaries.program("pg_ctl")).arg(folder);
    watcher.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    watcher.spawn().map_err(io("start sh"))
}

fn run(program: &'static str, command: &mut Command) -> Result<(), PostgresServerError> {
    let output = command.output().map_err(io(program))?;
    if output.status.success() {
        return Ok(());
    }
    let output = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Err(PostgresServerError::Program { program, output: output.trim_end().to_owned() })
}

fn free_port() -> Result<u16, PostgresServerError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    Ok(listener.map_err(io("find a free port"))?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_user_is_found_by_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nxpostgres:x:1:1::/:\npostgres:x:101:104:a:/b:/c\n";
        assert_eq!(find_user(users, "postgres"), Some((101, 104)));
        assert_eq!(find_user(users, "nobody"), None);
        assert_eq!(find_user("postgres:x:many:104", "postgres"), None);
    }
}
