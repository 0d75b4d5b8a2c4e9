-- The last bang of a Computer and what it said; its status shows it until the Computer is heard of again.
alter table computer
    add column bang_message text not null default '',
    add column banged_at timestamptz;
