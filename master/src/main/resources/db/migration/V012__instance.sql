create sequence instance_tree_number;
create sequence instance_number;

create table instance_tree (
    id          bigint primary key,              -- the n of HOSTSUBS-n
    reference   text not null unique,
    owner       text not null,                   -- reference of the person
    title       text not null,
    state       text not null check (state in ('started', 'stopped', 'destroyed')),
    created_at  timestamptz not null,
    archived_at timestamptz                      -- set when destruction is requested: the title is free again
);
create unique index instance_tree_title on instance_tree (owner, title) where archived_at is null;

create table instance (
    id              bigint primary key,          -- the n of SOFTINST-n
    reference       text not null unique,
    tree_id         bigint not null references instance_tree,
    parent_id       bigint references instance,  -- the instance that requests it; null = the root
    title           text not null,
    release_url     text not null,
    software_type   text not null,
    parameters      text not null,               -- instance parameter XML, as conditions and connection
    conditions      text not null,
    connection      text not null,
    state           text not null check (state in ('started', 'stopped', 'destroyed')), -- requested
    partition_id    bigint unique references computer_partition, -- the database itself forbids double booking
    waiting_reason  text not null default '',    -- why it has no partition
    running_since   timestamptz,                 -- between the node's reports of started and of stopped
    status_text     text not null default '',
    status_state    text not null default '',
    status_since    timestamptz,
    reported_at     timestamptz,
    created_at      timestamptz not null,
    ended_at        timestamptz,                 -- destruction confirmed
    check (ended_at is null or partition_id is null)
);
create unique index instance_title on instance (tree_id, title) where ended_at is null;
create index instance_parent on instance (parent_id) where ended_at is null;
create index instance_waiting on instance (id)
    where ended_at is null and partition_id is null and state <> 'destroyed';
