//! The script that spreads the tables over a Citus cluster.

use super::names::Names;

const SCRIPT: &str = include_str!("distribute.sql");

/// The script with the host's names in it.
pub(super) fn script(names: &Names) -> String {
    names.fill(SCRIPT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::names::TABLES;

    #[test]
    fn every_table_but_the_ledger_is_distributed_by_bucket_beside_the_others() {
        let script = script(&Names::new("clinic", "mc_").unwrap());
        for table in &TABLES[1..] {
            let call = format!("create_distributed_table('\"clinic\".\"mc_{table}\"', 'bucket', colocate_with");
            assert_eq!(script.matches(&call).count(), 1, "{table}");
        }
        assert!(!script.contains(TABLES[0]) && !script.contains('{'));
    }
}
