-- How a Computer is offered: whether it takes new instances, how much it carries, and what it is.
alter table computer
    add column scope        text not null default 'open' check (scope in ('open', 'close/noallocation',
        'close/maintenance', 'close/termination', 'close/outdated', 'close/forever')),
    add column capacity     bigint not null default 1000000 check (capacity >= 0), -- sum of the weights it carries
    add column supplier     text not null default '',    -- reference of who offers it; empty = its owner
    add column formatted_at timestamptz,                 -- its node was heard of then, too
    add column market_xid   xid8 not null default pg_current_xact_id();
comment on column computer.market_xid is 'the transaction that last changed what the market sees of it';
create index computer_market on computer (market_xid);

-- What a Computer is, as its operator says it or, where he says nothing, as its node announced it.
create table computer_characteristic (
    computer_id bigint not null references computer on delete cascade,
    source      text not null check (source in ('operator', 'node')),
    name        text not null,
    value       text not null check (value <> ''),
    primary key (computer_id, name, source)
);

-- Of the instance in it, by its type; what a Computer carries is their sum.
alter table computer_partition add column weight int not null default 1 check (weight >= 0);

-- What an instance on a Computer costs. Never edited: a new price ends the one before.
create table price (
    id            bigint generated always as identity primary key,
    computer_id   bigint not null references computer,
    product_id    bigint references software_product,    -- null = whatever runs there
    software_type text,                                  -- null = each
    customer      text,                                  -- reference of a person; null = everybody
    amount        bigint not null check (amount >= 0),   -- in units of the currency divided by ten to the scale
    scale         smallint not null check (scale between 0 and 6),
    currency      text not null check (currency ~ '^[A-Z]{3}$'),
    period        text not null check (period in ('hour', 'month')),
    valid_from    timestamptz not null,
    valid_to      timestamptz check (valid_to >= valid_from), -- null = until another comes
    created_at    timestamptz not null
);
create index price_computer on price (computer_id);

create function refuse_price_edit() returns trigger language plpgsql as $$
begin
    raise exception 'a price is never edited: set a new one, which ends it';
end $$;
create trigger price_stays before delete on price for each row execute function refuse_price_edit();
create trigger price_only_ends before update on price for each row
    when (old.valid_to <= new.valid_to or new.valid_to is null
          or (old.computer_id, old.product_id, old.software_type, old.customer, old.amount, old.scale, old.currency,
              old.period, old.valid_from, old.created_at)
             is distinct from (new.computer_id, new.product_id, new.software_type, new.customer, new.amount, new.scale,
              new.currency, new.period, new.valid_from, new.created_at))
    execute function refuse_price_edit();
