-- A shared instance lives inside the partition of a plain one, its host, and takes no partition of its own.
alter table instance
    add column shared boolean not null default false,
    add column host_id bigint references instance,       -- of a shared one; null = it waits
    add column desired_at bigint not null default 0,     -- of a shared one, as that of a partition
    add constraint instance_shared_or_plain
        check (case when shared then partition_id is null else host_id is null end),
    add constraint instance_ended_without_host check (ended_at is null or host_id is null);

create index instance_shared_on on instance (host_id) where host_id is not null;
create index instance_can_host on instance (release_url, software_type)
    where ended_at is null and partition_id is not null;
create index instance_shared_waiting on instance (release_url, software_type)
    where shared and ended_at is null and host_id is null and state <> 'destroyed';
