//! What PostgreSQL plans for every hot statement: walks along single indexes inside one bucket, and nothing else.

use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use tokio_postgres::types::Type;

use super::migrate;
use super::names::Names;
use super::reading_sql::{Reading, Statement};
use super::writing_sql::{Form, Writing};

/// Rows enough that walking a whole table would be dear: 10,000 partitions, 40,000 rows with tags, 20,000 change sets.
const CONTENTS: &str = "
    INSERT INTO {head} SELECT 1, 0, 1, number / 3, 1, md5(number::text)::uuid, decode(repeat('00', 32), 'hex')
        FROM generate_series(0, 9999) AS number;
    INSERT INTO {sealed_row}
        SELECT place, 1, collection, bucket, 1, partition_id, md5(partition_id::text || collection || place)::uuid,
            decode(repeat('07', 16), 'hex'), decode(repeat('ab', 200), 'hex')
        FROM (SELECT * FROM {head} LIMIT 1000) h, (VALUES (1), (2), (7), (40000)) c (collection), generate_series(1, 10) place;
    INSERT INTO {row_tag} SELECT ord, collection, bucket, kind, partition_id, md5((ord % 2)::text)::uuid, row_id
        FROM {sealed_row};
    INSERT INTO {applied} SELECT slot, bucket, kind, slot, partition_id, md5(slot::text)::uuid, decode(repeat('00', 32), 'hex')
        FROM (SELECT * FROM {head} LIMIT 2000) h, generate_series(0, 9) slot;
    ANALYZE {bucket}; ANALYZE {head}; ANALYZE {sealed_row}; ANALYZE {row_tag}; ANALYZE {applied}";

/// A value for a parameter; arrays are as long as those of a busy group.
fn value(kind: &Type) -> String {
    let array = |kind: &str, each: fn(u32) -> String| {
        let values: Vec<String> = (0..20).map(each).collect();
        format!("ARRAY[{}]::{kind}[]", values.join(","))
    };
    match *kind {
        Type::INT2 | Type::INT4 | Type::INT8 => "1".to_owned(),
        Type::UUID => "'00000000-0000-0000-0000-000000000001'".to_owned(),
        Type::BYTEA => "decode(repeat('00', 32), 'hex')".to_owned(),
        Type::INT2_ARRAY => array("int2", |number| number.to_string()),
        Type::INT4_ARRAY => array("int4", |number| number.to_string()),
        Type::INT8_ARRAY => array("int8", |number| number.to_string()),
        Type::UUID_ARRAY => array("uuid", |number| format!("'{number:032x}'")),
        Type::BYTEA_ARRAY => array("bytea", |_| "decode(repeat('00', 32), 'hex')".to_owned()),
        ref other => panic!("no value for {other}"),
    }
}

/// A database with tables in it, and how their statements are planned.
struct Planner {
    database: FreshDatabase,
    names: Names,
}

impl Planner {
    /// `None` where there is no server.
    fn new() -> Option<Self> {
        let database = PostgresServer::find_or_skip()?.fresh_database().unwrap();
        let names = Names::new("clinic", "p_").unwrap();
        database.sql(&migrate::script(&names, 0)).unwrap();
        database.sql(&names.fill(CONTENTS)).unwrap();
        Some(Self { database, names })
    }

    /// The plan of a statement, made for its values or for any values.
    fn plan(&self, statement: &Statement, mode: &str) -> String {
        let types: Vec<String> = statement.types.iter().map(|kind| kind.name().to_owned()).collect();
        let values: Vec<String> = statement.types.iter().map(value).collect();
        let (types, values, sql) = (types.join(", "), values.join(", "), &statement.sql);
        let explain = format!(
            "SET plan_cache_mode = {mode}; PREPARE asked ({types}) AS {sql}; EXPLAIN (COSTS off) EXECUTE asked ({values})"
        );
        self.database.sql(&explain).unwrap_or_else(|error| panic!("{error}\n{sql}"))
    }

    /// Checks that a statement walks along these indexes, each from its bucket on, in both kinds of plans.
    fn holds(&self, statement: &Statement, indexes: &[&str]) {
        for mode in ["force_generic_plan", "force_custom_plan"] {
            let plan = self.plan(statement, mode);
            let shown = format!("{}\n{mode}\n{plan}", statement.sql);
            for dear in ["Seq Scan", "Bitmap", "Sort", "Hash", "Merge", "Materialize"] {
                assert!(!plan.contains(dear), "{dear} in\n{shown}");
            }
            let mut walked: Vec<String> = Vec::new();
            for line in plan.lines() {
                if let Some((_, rest)) = line.split_once(" using ") {
                    walked.push(rest.split(' ').next().unwrap().to_owned());
                }
                if line.trim_start().starts_with("Index Cond:") {
                    let inside = ["(bucket = ", "((- bucket) = ", "((~ bucket) = "];
                    assert!(inside.iter().any(|one| line.contains(one)), "a walk through other buckets in\n{shown}");
                }
            }
            walked.sort();
            let mut wanted: Vec<String> = indexes.iter().map(|index| self.names.bare(index)).collect();
            wanted.sort();
            assert_eq!(walked, wanted, "{shown}");
        }
    }
}

#[test]
fn every_read_is_a_walk_along_one_index_a_table() {
    let Some(planner) = Planner::new() else { return };
    let sql = Reading::new(&planner.names);
    planner.holds(&sql.head, &["bucket_pkey", "head_pkey"]);
    planner.holds(&sql.get, &["bucket_pkey", "sealed_row_pkey"]);
    for scan in [&sql.scan_up, &sql.scan_down] {
        planner.holds(scan, &["bucket_pkey", "sealed_row_in_order"]);
        let plan = planner.plan(scan, "force_generic_plan");
        assert!(plan.contains("ROW(ord, row_id)") && plan.contains("(ord "), "not both ends of the range in\n{plan}");
    }
    for scan in [&sql.tag_up, &sql.tag_down] {
        planner.holds(scan, &["bucket_pkey", "row_tag_pkey", "sealed_row_pkey"]);
        let plan = planner.plan(scan, "force_generic_plan");
        assert!(plan.contains("Index Only Scan"), "{plan}");
    }
    planner.holds(&sql.due, &["bucket_pkey", "sealed_row_due"]);
    planner.holds(&sql.heads, &["bucket_pkey", "head_pkey"]);
}

#[test]
fn every_write_finds_its_rows_by_one_index() {
    let Some(planner) = Planner::new() else { return };
    for form in [Form::Many, Form::Single] {
        let sql = Writing::new(&planner.names, form);
        planner.holds(&sql.hold_bucket, &["bucket_pkey"]);
        planner.holds(&sql.lock_head, &["head_pkey"]);
        planner.holds(&sql.known, &["bucket_pkey", "applied_pkey"]);
        planner.holds(&sql.stored, &["sealed_row_pkey"]);
        planner.holds(&sql.untag, &["row_tag_pkey"]);
        planner.holds(&sql.delete, &["sealed_row_pkey"]);
        // Inserts look for a row in their way by the index of the key.
        for (insert, arbiter) in [
            (&sql.new_head, None),
            (&sql.next_head, Some("head_pkey")),
            (&sql.remember, Some("applied_pkey")),
            (&sql.insert, None),
            (&sql.replace, Some("sealed_row_pkey")),
            (&sql.tag, None),
        ] {
            planner.holds(insert, &[]);
            let plan = planner.plan(insert, "force_generic_plan");
            let named = arbiter.map(|index| format!("Conflict Arbiter Indexes: {}", planner.names.bare(index)));
            assert!(named.is_none_or(|named| plan.contains(&named)), "{plan}");
        }
    }
}

/// Statements that leave something to the server's clock, chance or counters behave otherwise on another server.
#[test]
fn no_statement_asks_the_server_for_more_than_rows() {
    let names = Names::new("clinic", "").unwrap();
    let mut all = migrate::script(&names, 0);
    let reading = Reading::new(&names);
    for statement in [&reading.head, &reading.get, &reading.scan_up, &reading.tag_down, &reading.due, &reading.heads] {
        all.push_str(&statement.sql);
    }
    for form in [Form::Many, Form::Single] {
        let writing = Writing::new(&names, form);
        for statement in
            [&writing.lock_head, &writing.known, &writing.stored, &writing.insert, &writing.replace, &writing.next_head]
        {
            all.push_str(&statement.sql);
        }
    }
    let all = all.to_ascii_lowercase();
    for asked in ["now()", "current_timestamp", "current_date", "clock_", "random", "serial", "sequence", "trigger"] {
        assert!(!all.contains(asked), "{asked}");
    }
}
