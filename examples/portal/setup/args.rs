//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono_tz::Tz;

use super::pulling::Pull;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A patient portal in the browser, on this computer only.

Usage: cargo run --example portal -- [OPTIONS]

Options:
  --port N           listen on port N (default 8080, or the next free one; 0 for any)
  --database PLACE   keep the data in PLACE (default target/portal/portal.db): a file, or
                     a PostgreSQL database as postgres://USER:PASSWORD@SERVER/DATABASE
  --key FILE         the key file (default: beside the database, with the ending .key;
                     for a PostgreSQL database in target/portal)
  --roots FILE       root certificates (PEM) to believe a PostgreSQL server on another
                     machine by; it is reached through TLS only
  --memory           keep the data in memory only, until Ctrl-C
  --reset            delete the database and its key first, then start anew
  --import PATH...   show your own files or folders of them: FHIR R4 (JSON or NDJSON),
                     HL7 v2 (.hl7), C-CDA (.xml); in a database of their own
                     (default target/portal/own.db)
  --fhir URL ID...   pull the records of these patients from a FHIR R4 server that asks for
                     no sign-in: https, or http on this computer
  --hl7 PORT         take HL7 v2 messages over MLLP on PORT of this computer; 0 for any
  --zone ZONE        the time zone of HL7 v2 times that name none, such as
                     America/Chicago (default UTC)
  --no-open          do not open the browser
  --help             print this and end

Instead of running:
  --backup FILE      back the database up into FILE, and its data keys into FILE.keys;
                     a portal that is running meanwhile goes on
  --restore FILE     restore such a backup into an empty database, and check all of it
  --copy-to PLACE    copy the database into another, empty one, and check all of it

The key file is in no backup. Keep a copy of it, apart from the backups: without it
nobody can read them. The exit code is 0 when it was done, and 2 when it was not.
";

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To print the help.
    Help,
    /// To run.
    Run(Options),
}

/// What to do instead of running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To back the database up into this file.
    Backup(PathBuf),
    /// To restore a backup from this file.
    Restore(PathBuf),
    /// To copy the database into another.
    CopyTo(OsString),
}

impl Errand {
    const fn option(&self) -> &'static str {
        match self {
            Self::Backup(_) => "--backup",
            Self::Restore(_) => "--restore",
            Self::CopyTo(_) => "--copy-to",
        }
    }
}

/// How to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// The port; 0 for any.
    pub(crate) port: u16,
    /// The database that was named.
    pub(crate) database: Option<OsString>,
    /// The key file that was named.
    pub(crate) key: Option<PathBuf>,
    /// The root certificates that were named.
    pub(crate) roots: Option<PathBuf>,
    /// Whether nothing is kept.
    pub(crate) memory: bool,
    /// Whether to begin anew.
    pub(crate) reset: bool,
    /// The files and folders to import; empty for the synthetic household.
    pub(crate) import: Vec<PathBuf>,
    /// From where and whom to pull.
    pub(crate) fhir: Option<Pull>,
    /// The port for HL7 v2 messages, where they are to be taken; 0 for any.
    pub(crate) hl7: Option<u16>,
    /// The zone of imported times that name none.
    pub(crate) zone: Tz,
    /// Whether a browser may be opened.
    pub(crate) may_open: bool,
    /// What to do instead of running.
    pub(crate) errand: Option<Errand>,
}

/// What is wrong with a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// There is no such option.
    Unknown(String),
    /// An option lacks its value.
    Missing(&'static str),
    /// A port that is no number from 0 to 65535.
    Port,
    /// A time zone that the IANA database does not know.
    Zone,
    /// Two options that do not go together.
    Both(&'static str, &'static str),
}

/// Reads the command line, without the program's name.
pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Asked, Wrong> {
    let mut args = args.into_iter().peekable();
    let mut options = Options {
        port: 8080,
        database: None,
        key: None,
        roots: None,
        memory: false,
        reset: false,
        import: Vec::new(),
        fhir: None,
        hl7: None,
        zone: Tz::UTC,
        may_open: true,
        errand: None,
    };
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--help" | "-h") => return Ok(Asked::Help),
            Some("--memory") => options.memory = true,
            Some("--reset") => options.reset = true,
            Some("--no-open") => options.may_open = false,
            Some("--port") => {
                let port = args.next().ok_or(Wrong::Missing("--port"))?;
                options.port = port.to_str().and_then(|port| port.parse().ok()).ok_or(Wrong::Port)?;
            }
            Some("--fhir") => {
                let base = args.next().and_then(|base| base.into_string().ok()).ok_or(Wrong::Missing("--fhir"))?;
                let mut patients = Vec::new();
                while let Some(id) = args.next_if(|id| !id.to_string_lossy().starts_with("--")) {
                    patients.push(id.into_string().map_err(|_| Wrong::Missing("--fhir"))?);
                }
                if patients.is_empty() {
                    return Err(Wrong::Missing("--fhir"));
                }
                options.fhir = Some(Pull { base, patients });
            }
            Some("--hl7") => {
                let port = args.next().ok_or(Wrong::Missing("--hl7"))?;
                options.hl7 = Some(port.to_str().and_then(|port| port.parse().ok()).ok_or(Wrong::Port)?);
            }
            Some("--zone") => {
                let zone = args.next().ok_or(Wrong::Missing("--zone"))?;
                options.zone = zone.to_str().and_then(|zone| zone.parse().ok()).ok_or(Wrong::Zone)?;
            }
            Some("--database") => {
                options.database = Some(args.next().ok_or(Wrong::Missing("--database"))?);
            }
            Some("--key") => options.key = Some(args.next().ok_or(Wrong::Missing("--key"))?.into()),
            Some("--roots") => options.roots = Some(args.next().ok_or(Wrong::Missing("--roots"))?.into()),
            Some("--backup") => {
                let file = args.next().ok_or(Wrong::Missing("--backup"))?;
                send_on(&mut options, Errand::Backup(file.into()))?;
            }
            Some("--restore") => {
                let file = args.next().ok_or(Wrong::Missing("--restore"))?;
                send_on(&mut options, Errand::Restore(file.into()))?;
            }
            Some("--copy-to") => {
                let place = args.next().ok_or(Wrong::Missing("--copy-to"))?;
                send_on(&mut options, Errand::CopyTo(place))?;
            }
            Some("--import") => {
                while let Some(path) = args.next_if(|path| !path.to_string_lossy().starts_with("--")) {
                    options.import.push(path.into());
                }
                if options.import.is_empty() {
                    return Err(Wrong::Missing("--import"));
                }
            }
            _ => return Err(Wrong::Unknown(arg.to_string_lossy().into_owned())),
        }
    }
    if options.memory && options.database.is_some() {
        return Err(Wrong::Both("--memory", "--database"));
    }
    if options.fhir.is_some() && !options.import.is_empty() {
        return Err(Wrong::Both("--fhir", "--import"));
    }
    if let Some(errand) = &options.errand {
        let given = [
            (options.memory, "--memory"),
            (options.reset, "--reset"),
            (!options.import.is_empty(), "--import"),
            (options.fhir.is_some(), "--fhir"),
        ];
        if let Some((_, other)) = given.into_iter().find(|(is_given, _)| *is_given) {
            return Err(Wrong::Both(errand.option(), other));
        }
    }
    Ok(Asked::Run(options))
}

/// Notes an errand; there is one at a time.
fn send_on(options: &mut Options, errand: Errand) -> Result<(), Wrong> {
    match options.errand.replace(errand.clone()) {
        Some(other) => Err(Wrong::Both(other.option(), errand.option())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(args: &[&str]) -> Result<Asked, Wrong> {
        read(args.iter().map(OsString::from))
    }

    fn options(args: &[&str]) -> Options {
        match asked(args) {
            Ok(Asked::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_said_is_the_demo_on_8080() {
        let options = options(&[]);
        assert_eq!((options.port, options.memory, options.may_open), (8080, false, true));
        assert!(options.import.is_empty() && options.database.is_none());
    }

    #[test]
    fn a_zone_is_one_of_the_iana_database() {
        assert_eq!(options(&["--zone", "America/Chicago"]).zone, Tz::America__Chicago);
        assert_eq!(asked(&["--zone", "Chicago"]), Err(Wrong::Zone));
        assert_eq!(asked(&["--zone"]), Err(Wrong::Missing("--zone")));
    }

    #[test]
    fn import_takes_all_paths_up_to_the_next_option() {
        let options = options(&["--import", "a.json", "folder", "--port", "0", "--no-open", "--import", "b.ndjson"]);
        assert_eq!(options.import, [PathBuf::from("a.json"), "folder".into(), "b.ndjson".into()]);
        assert_eq!((options.port, options.may_open), (0, false));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(asked(&["--bogus"]), Err(Wrong::Unknown("--bogus".into())));
        assert_eq!(asked(&["--port"]), Err(Wrong::Missing("--port")));
        assert_eq!(asked(&["--port", "70000"]), Err(Wrong::Port));
        assert_eq!(asked(&["--fhir", "http://localhost:1"]), Err(Wrong::Missing("--fhir")));
        assert_eq!(asked(&["--fhir", "x", "1", "--import", "a"]), Err(Wrong::Both("--fhir", "--import")));
        let pull = options(&["--fhir", "http://localhost:1", "7", "8", "--memory"]).fhir.unwrap();
        assert_eq!(pull.patients, ["7", "8"]);
        assert_eq!(asked(&["--hl7"]), Err(Wrong::Missing("--hl7")));
        assert_eq!(asked(&["--hl7", "x"]), Err(Wrong::Port));
        assert_eq!(asked(&["--import", "--memory"]), Err(Wrong::Missing("--import")));
        assert_eq!(asked(&["--memory", "--database", "x.db"]), Err(Wrong::Both("--memory", "--database")));
        assert_eq!(asked(&["--port", "1", "--help"]), Ok(Asked::Help));
        assert_eq!(asked(&["--backup"]), Err(Wrong::Missing("--backup")));
        assert_eq!(asked(&["--backup", "a", "--memory"]), Err(Wrong::Both("--backup", "--memory")));
        assert_eq!(asked(&["--reset", "--restore", "a"]), Err(Wrong::Both("--restore", "--reset")));
        assert_eq!(asked(&["--backup", "a", "--copy-to", "b"]), Err(Wrong::Both("--backup", "--copy-to")));
    }

    #[test]
    fn an_errand_is_noted_with_its_file() {
        assert_eq!(options(&["--backup", "a"]).errand, Some(Errand::Backup("a".into())));
        let options = options(&["--database", "x.db", "--key", "x.key", "--copy-to", "postgres://there/db"]);
        assert_eq!(options.errand, Some(Errand::CopyTo("postgres://there/db".into())));
        assert_eq!((options.database, options.key), (Some("x.db".into()), Some("x.key".into())));
    }
}
