-- Instances made before somebody asks for them.
create sequence pool_number;
create table pool (
    id            bigint primary key,            -- the n of POOL-n
    reference     text not null unique,
    project       text not null,
    release_url   text not null,
    software_type text not null,
    size          int check (size >= 0),         -- null = as past requests say
    most          int not null check (most > 0), -- at most so many then
    made          bigint not null default 0,     -- spares so far, for their titles
    created_at    timestamptz not null,
    unique (project, release_url, software_type)
);

alter table instance_tree
    add column pool_id        bigint references pool,  -- the pool that its root was made for
    add column handed_over_at timestamptz;             -- null = of no pool, or nobody's yet: a spare
create index instance_tree_pool on instance_tree (pool_id) where pool_id is not null;

-- How many new instances one requester may want in a time; no row = as many as they like.
create table brake (
    project  text primary key,
    requests int not null check (requests > 0),
    seconds  bigint not null check (seconds > 0)
);
create index instance_tree_created on instance_tree using brin (created_at) with (autosummarize = on);
