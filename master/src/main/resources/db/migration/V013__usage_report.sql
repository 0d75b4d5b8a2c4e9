-- What Computers reported as used, as it was received.
create table usage_report (
    id          bigint generated always as identity primary key,
    computer_id bigint not null references computer,
    reference   text not null,
    title       text not null,
    started     text not null,
    stopped     text not null,
    document    text not null,
    received_at timestamptz not null,
    unique (computer_id, reference, started, stopped)
);
