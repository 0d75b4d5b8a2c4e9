-- A machine that offers ComputerPartitions. Numbers come from sequences and are never used again.
create sequence computer_number;

create table computer (
    id           bigint primary key,             -- the n of COMP-n
    reference    text not null unique,
    title        text not null,
    owner        text not null,                  -- reference of the person who registered it
    revision     bigint not null default 1,      -- moves with what the Computer must do; see computer_changed
    address      text not null default '',
    netmask      text not null default '',
    os_type      text not null default '',
    version      text not null default '',       -- of the node's software
    created_at   timestamptz not null,
    contacted_at timestamptz,                    -- written every few seconds, from memory
    unique (owner, title)
);

create table computer_partition (
    id           bigint generated always as identity primary key,
    computer_id  bigint not null references computer,
    reference    text not null,
    position     int not null,                   -- in the node's own list
    state        text not null check (state in ('free', 'busy', 'inactive')),
    listed       boolean not null default true,  -- stands in the last format
    user_name    text not null default '',
    path         text not null default '',
    capabilities text[] not null default '{}',
    desired_at   bigint not null default 0,      -- microseconds, strictly growing: the timestamp on the wire
    unique (computer_id, reference)
);
create index computer_partition_free on computer_partition (computer_id, position) where state = 'free';

create table partition_address (
    partition_id bigint not null references computer_partition on delete cascade,
    position     int not null,
    interface    text not null,
    address      text not null,
    netmask      text not null,
    gateway      text not null default '',       -- gateway and network: only behind a routed tap
    network      text not null default '',
    primary key (partition_id, position)
);
