-- Work that follows a change, or comes again and again: done once, by whichever Master takes it first.
create sequence work_claim;

create table work (
    id       bigint generated always as identity primary key,
    kind     text not null,                          -- what is to be done
    subject  text not null default '',               -- with what; empty for what comes again and again
    due_at   timestamptz not null,                   -- while one works on it: when another may take it
    claim    bigint not null default 0,              -- of who took it last; 0 = wanted anew since then
    attempts int not null default 0,                 -- that failed, in a row
    runs     bigint not null default 0,              -- that were done, of what comes again and again
    error    text not null default '',               -- why the last attempt failed
    unique (kind, subject)
);
create index work_due on work (due_at, id);

-- Whether it ever had a place: a tree of which nothing had one is given up after a while.
alter table instance add column was_placed boolean not null default false;
update instance set was_placed = true
    where partition_id is not null or host_id is not null or reported_at is not null;
insert into work (kind, subject, due_at)
    select 'tree.never-placed', t.reference, now() + interval '3 days' from instance_tree t
    where t.archived_at is null and not exists (select from instance i where i.tree_id = t.id and i.was_placed);

-- A Computer that is closed for ever and holds nothing any more.
alter table computer add column retired_at timestamptz;

-- Where an instance keeps its backup: given back to whatever is built in its place.
alter table instance add column backup_url text not null default '';
