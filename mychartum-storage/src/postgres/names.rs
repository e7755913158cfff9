//! The names of our tables: a schema and a prefix that the host chooses, and nothing that could be more than a name.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};

/// The tables, in the order in which they are made; the first one is the ledger of migrations.
pub(super) const TABLES: [&str; 6] = ["schema_migration", "bucket", "head", "sealed_row", "row_tag", "applied"];

/// PostgreSQL cuts names after 63 bytes; what we put behind a prefix needs up to 23 of them.
const LONGEST_PREFIX: usize = 40;
const LONGEST_NAME: usize = 63;

/// Where our tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    schema: String,
    prefix: String,
}

impl Names {
    /// A schema, and a prefix before each table's name, which may be empty.
    ///
    /// # Errors
    /// `Invalid` unless both consist of lower-case letters, digits and `_`, do not begin with a digit or `pg_`, and are not
    /// too long.
    pub(super) fn new(schema: &str, prefix: &str) -> Result<Self, StorageError> {
        let plain = |name: &str| {
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
                && !name.starts_with(|first: char| first.is_ascii_digit())
                && !name.starts_with("pg_")
        };
        let schema_fits = plain(schema) && !schema.is_empty() && schema.len() <= LONGEST_NAME;
        if schema_fits && plain(prefix) && prefix.len() <= LONGEST_PREFIX {
            Ok(Self { schema: schema.to_owned(), prefix: prefix.to_owned() })
        } else {
            Err(StorageError::new(
                StorageErrorKind::Invalid,
                "open (schema or prefix: lower-case letters, digits and _)",
            ))
        }
    }

    /// The schema's name.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// The name of one of our tables or indexes inside the schema.
    pub(super) fn bare(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// SQL with `{table}` replaced by a table's full name, `{index}` by the prefix, and `{schema}` by the schema.
    pub(super) fn fill(&self, sql: &str) -> String {
        let mut filled = sql.replace("{schema}", &format!("\"{}\"", self.schema)).replace("{index}", &self.prefix);
        for table in TABLES {
            let full = format!("\"{}\".\"{}{table}\"", self.schema, self.prefix);
            filled = filled.replace(&format!("{{{table}}}"), &full);
        }
        filled
    }

    /// What the migrations of these tables are locked by, in the whole database.
    pub(super) fn lock_key(&self) -> i64 {
        use sha2::{Digest as _, Sha256};
        let hash = Sha256::digest(format!("mychartum migration {}.{}", self.schema, self.prefix));
        hash.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_in_their_schema_and_behind_their_prefix() {
        let names = Names::new("clinic_7", "mc_").unwrap();
        let sql = names.fill("SELECT 1 FROM {head} JOIN {row_tag} -- {schema} {index}due {other}");
        assert_eq!(
            sql,
            "SELECT 1 FROM \"clinic_7\".\"mc_head\" JOIN \"clinic_7\".\"mc_row_tag\" -- \"clinic_7\" mc_due {other}"
        );
    }

    #[test]
    fn only_plain_names_are_taken() {
        let long = "a".repeat(LONGEST_NAME + 1);
        for (schema, prefix) in [
            ("", ""),
            ("Clinic", ""),
            ("a\"b", ""),
            ("a b", ""),
            ("7a", ""),
            ("pg_a", ""),
            ("a;--", ""),
            ("ä", ""),
            (long.as_str(), ""),
            ("a", "B"),
            ("a", "b'"),
            ("a", "{b}"),
            ("a", "pg_"),
            ("a", "a2345678901234567890123456789012345678901"),
        ] {
            let error = Names::new(schema, prefix).unwrap_err();
            assert_eq!(error.kind(), StorageErrorKind::Invalid, "{schema:?} {prefix:?}");
        }
        Names::new("_", "").unwrap();
    }

    #[test]
    fn different_places_have_different_locks() {
        let key = |schema, prefix| Names::new(schema, prefix).unwrap().lock_key();
        assert_eq!(key("a", "b"), key("a", "b"));
        assert_ne!(key("a", "b"), key("a", "c"));
        assert_ne!(key("a", "b"), key("ab", ""));
    }
}
