-- An allocation supply may be for one type, for one customer, and begin later.
alter table allocation_supply
    add column software_type text,                         -- null = each
    add column customer      text,                         -- reference of a person; null = everybody
    add column begins_at     timestamptz not null default '-infinity';
drop index allocation_supply_valid;
create unique index allocation_supply_valid
    on allocation_supply (release_id, computer_id, coalesce(software_type, ''), coalesce(customer, ''))
    where ended_at is null;
create index allocation_supply_computer on allocation_supply (computer_id) where ended_at is null;

-- What an instance of a type weighs on a Computer's capacity; 1 where nothing is said.
create table software_type (
    product_id bigint not null references software_product,
    name       text not null,
    weight     int not null default 1 check (weight between 0 and 1000000),
    primary key (product_id, name)
);

-- A name for the newest effective release of a product, and for a type of it.
create table software_alias (
    name          text primary key check (name = lower(name)),
    product_id    bigint not null references software_product,
    software_type text                                      -- null = the requested one
);
alter table software_release add column effective_at timestamptz; -- null = since it was made

-- As market_xid, but only for what the market sees of it beside how full it is.
alter table computer add column offer_xid xid8 not null default pg_current_xact_id();

-- Computers on which something may be placed that could not before, from then on; looked at and removed.
create table market_wake (
    id          bigint generated always as identity primary key,
    computer_id bigint not null,
    due_at      timestamptz not null,
    after_id    bigint not null default 0                   -- instances up to that one were looked at
);
create index market_wake_due on market_wake (due_at, id);

drop index instance_waiting;
create index instance_waiting on instance (release_url, id)
    where ended_at is null and partition_id is null and not shared and state <> 'destroyed';
