-- Roots have no parent: an index that held them all was taken for queries of one tree, and read whole.
drop index instance_parent;
create index instance_parent on instance (parent_id) where ended_at is null and parent_id is not null;

-- What is handed over stays with its pool for ever: spares are found without it.
create index instance_tree_spare on instance_tree (pool_id)
    where pool_id is not null and handed_over_at is null and archived_at is null;
