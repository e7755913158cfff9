-- The first schema. Every key leads with the bucket, then the partition (kind, id).
-- Ids and tags are 16 bytes; the type uuid holds them in 16 and compares them as unsigned bytes. They are not UUIDs.
-- Bodies are sealed bytes: nothing here is readable without the vault's keys.
-- Names in braces become the host's schema and prefix. Wide columns come first, so that no space is lost between them.

CREATE TABLE {bucket} (
    epoch  bigint   NOT NULL CHECK (epoch >= 0),
    bucket smallint NOT NULL CHECK (bucket BETWEEN 0 AND 4095),
    state  smallint NOT NULL CHECK (state BETWEEN 0 AND 3),
    PRIMARY KEY (bucket)
);

INSERT INTO {bucket} (epoch, bucket, state) SELECT 0, number, 0 FROM generate_series(0, 4095) AS number;

-- Room is left in each page, so that a new revision finds place beside the old one and no index is touched.
CREATE TABLE {head} (
    revision     bigint   NOT NULL CHECK (revision >= 1),
    epoch        bigint   NOT NULL CHECK (epoch >= 0),
    audit_count  bigint   NOT NULL,
    bucket       smallint NOT NULL,
    kind         smallint NOT NULL,
    partition_id uuid     NOT NULL,
    audit_link   bytea    NOT NULL CHECK (octet_length(audit_link) = 32),
    PRIMARY KEY (bucket, kind, partition_id)
) WITH (fillfactor = 70);

-- tags: all tags of the row, 16 bytes each, as they were put.
CREATE TABLE {sealed_row} (
    ord          bigint   NOT NULL,
    version      bigint   NOT NULL CHECK (version >= 1),
    collection   integer  NOT NULL CHECK (collection BETWEEN 0 AND 65535),
    bucket       smallint NOT NULL,
    kind         smallint NOT NULL,
    partition_id uuid     NOT NULL,
    row_id       uuid     NOT NULL,
    tags         bytea    NOT NULL CHECK (octet_length(tags) % 16 = 0),
    body         bytea    NOT NULL,
    PRIMARY KEY (bucket, kind, partition_id, collection, row_id)
);

-- Sealed bytes do not compress.
ALTER TABLE {sealed_row} ALTER COLUMN body SET STORAGE EXTERNAL;

-- The planner multiplies the rarities of columns that belong together, takes every look-up for one row, and would choose
-- among these indexes by chance: a look-up by id could walk through a whole list. So each index has the bucket in a form of
-- its own, and each question gives the bucket in the form of its index.

-- Lists in their order.
CREATE INDEX {index}sealed_row_in_order ON {sealed_row} ((- bucket), kind, partition_id, collection, ord, row_id);

-- Rows of due collections across the partitions of a bucket. 32768 is the port's first due collection.
CREATE INDEX {index}sealed_row_due ON {sealed_row} ((~ bucket), collection, ord, kind, partition_id, row_id)
    WHERE collection >= 32768;

-- The rows with a tag in list order, answered from the index alone.
CREATE TABLE {row_tag} (
    ord          bigint   NOT NULL,
    collection   integer  NOT NULL,
    bucket       smallint NOT NULL,
    kind         smallint NOT NULL,
    partition_id uuid     NOT NULL,
    tag          uuid     NOT NULL,
    row_id       uuid     NOT NULL,
    PRIMARY KEY (bucket, kind, partition_id, collection, tag, ord, row_id)
);

-- A ring of the last 64 change sets of each partition: slot is the revision modulo 64.
CREATE TABLE {applied} (
    revision     bigint   NOT NULL,
    bucket       smallint NOT NULL,
    kind         smallint NOT NULL,
    slot         smallint NOT NULL CHECK (slot BETWEEN 0 AND 63),
    partition_id uuid     NOT NULL,
    change_set   uuid     NOT NULL,
    digest       bytea    NOT NULL CHECK (octet_length(digest) = 32),
    PRIMARY KEY (bucket, kind, partition_id, slot)
) WITH (fillfactor = 90);
