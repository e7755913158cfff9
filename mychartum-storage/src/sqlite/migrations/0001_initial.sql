-- The first schema. Every key leads with the bucket, then the partition (kind, id).
-- Ids are 16 bytes, bodies are sealed bytes, and tags are keyed hashes: nothing here is readable without the vault's keys.

CREATE TABLE head (
    bucket       INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    partition_id BLOB    NOT NULL CHECK (length(partition_id) = 16),
    revision     INTEGER NOT NULL CHECK (revision >= 1),
    epoch        INTEGER NOT NULL CHECK (epoch >= 0),
    audit_count  INTEGER NOT NULL,
    audit_link   BLOB    NOT NULL CHECK (length(audit_link) = 32),
    PRIMARY KEY (bucket, kind, partition_id)
) STRICT, WITHOUT ROWID;

-- Clustered by what lists are sorted by, so that a page of a list lies in a few neighbouring pages of the file.
-- tags: all tags of the row, 16 bytes each, as they were put.
CREATE TABLE sealed_row (
    bucket       INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    partition_id BLOB    NOT NULL CHECK (length(partition_id) = 16),
    collection   INTEGER NOT NULL,
    ord          INTEGER NOT NULL,
    row_id       BLOB    NOT NULL CHECK (length(row_id) = 16),
    version      INTEGER NOT NULL CHECK (version >= 1),
    tags         BLOB    NOT NULL,
    body         BLOB    NOT NULL,
    PRIMARY KEY (bucket, kind, partition_id, collection, ord, row_id)
) STRICT, WITHOUT ROWID;

-- A row by its id; also what keeps a row id unique in its collection.
CREATE UNIQUE INDEX sealed_row_by_id ON sealed_row (bucket, kind, partition_id, collection, row_id);

-- Rows of due collections across the partitions of a bucket. 32768 is the port's first due collection.
CREATE INDEX sealed_row_due ON sealed_row (bucket, collection, ord, kind, partition_id, row_id) WHERE collection >= 32768;

-- Clustered so that the rows with a tag come in list order without a sort.
CREATE TABLE row_tag (
    bucket       INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    partition_id BLOB    NOT NULL,
    collection   INTEGER NOT NULL,
    tag          BLOB    NOT NULL CHECK (length(tag) = 16),
    ord          INTEGER NOT NULL,
    row_id       BLOB    NOT NULL,
    PRIMARY KEY (bucket, kind, partition_id, collection, tag, ord, row_id)
) STRICT, WITHOUT ROWID;

-- A ring of the last 64 change sets of each partition: slot is the revision modulo 64.
CREATE TABLE applied (
    bucket       INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    partition_id BLOB    NOT NULL,
    slot         INTEGER NOT NULL,
    change_set   BLOB    NOT NULL CHECK (length(change_set) = 16),
    digest       BLOB    NOT NULL CHECK (length(digest) = 32),
    revision     INTEGER NOT NULL,
    PRIMARY KEY (bucket, kind, partition_id, slot)
) STRICT, WITHOUT ROWID;
