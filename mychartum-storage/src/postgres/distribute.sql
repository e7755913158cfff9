-- Spreads the tables over the workers of a Citus cluster by bucket, all co-located: what belongs to one bucket is on one
-- worker, so every transaction of the storage touches one worker only. Run once, after the schema is there, by a role that
-- owns it. Rows that are already there are moved along. 128 shards hold 32 buckets each on average.

SET citus.shard_count = 128;

SELECT create_distributed_table('{bucket}', 'bucket', colocate_with => 'none');
SELECT create_distributed_table('{head}', 'bucket', colocate_with => '{bucket}');
SELECT create_distributed_table('{sealed_row}', 'bucket', colocate_with => '{bucket}');
SELECT create_distributed_table('{row_tag}', 'bucket', colocate_with => '{bucket}');
SELECT create_distributed_table('{applied}', 'bucket', colocate_with => '{bucket}');

-- The ledger of migrations stays on the coordinator.
