create table software_product (
    id         bigint generated always as identity primary key,
    title      text not null unique,
    created_at timestamptz not null
);

create table software_release (
    id         bigint generated always as identity primary key,
    product_id bigint not null references software_product,
    url        text not null unique,
    created_at timestamptz not null
);

-- Which SoftwareRelease may be allocated on which Computer.
create table allocation_supply (
    id          bigint generated always as identity primary key,
    release_id  bigint not null references software_release,
    computer_id bigint not null references computer,
    created_at  timestamptz not null,
    ended_at    timestamptz
);
create unique index allocation_supply_valid on allocation_supply (release_id, computer_id) where ended_at is null;

create sequence software_installation_number;

create table software_installation (
    id              bigint primary key,          -- the n of SOFTINSTALL-n
    reference       text not null unique,
    computer_id     bigint not null references computer,
    url             text not null,
    requested_state text not null check (requested_state in ('available', 'destroyed')),
    status_text     text not null default '',
    status_state    text not null default '',
    status_since    timestamptz,
    reported_at     timestamptz,
    error_log       text not null default '',    -- whole output of the last failed build, its end when very long
    created_at      timestamptz not null,
    ended_at        timestamptz                  -- removed by the node, or replaced by a fresh one
);
create unique index software_installation_valid on software_installation (computer_id, url) where ended_at is null;
