-- What a Master of version 016 had in its tables: two people, one Computer with a busy and a free partition, a running
-- tree with a shared instance in its own root, one that waits for a place, a closed hosting and a usage report.
INSERT INTO party VALUES
    ('PERSON-1', 'PERSON', 'Alice', '2031-03-01 08:00:00Z'),
    ('PERSON-2', 'PERSON', 'Bob', '2031-03-02 08:00:00Z');
SELECT setval('person_number', 2);

INSERT INTO computer (id, reference, title, owner, revision, address, netmask, created_at, contacted_at) VALUES
    (1, 'COMP-1', 'machine', 'PERSON-1', 7, '2001:db8::1', 'ffff:ffff:ffff::', '2031-03-01 09:00:00Z',
     '2031-04-01 07:59:00Z');
SELECT setval('computer_number', 1);
INSERT INTO computer_partition (computer_id, reference, position, state, user_name, path, desired_at) VALUES
    (1, 'slappart0', 0, 'busy', 'slapuser0', '/srv/slapgrid/slappart0', 1930000000000001),
    (1, 'slappart1', 1, 'free', 'slapuser1', '/srv/slapgrid/slappart1', 0);
INSERT INTO partition_address (partition_id, position, interface, address, netmask) VALUES
    (1, 0, 'slaptap0', '10.0.0.2', '255.255.255.255'),
    (1, 1, 'slaptap0', '2001:db8::2', 'ffff:ffff:ffff::'),
    (2, 0, 'slaptap1', '10.0.0.3', '255.255.255.255');

INSERT INTO software_product (title, created_at) VALUES ('hello', '2031-03-01 10:00:00Z');
INSERT INTO software_release (product_id, url, created_at) VALUES
    (1, 'https://soft.example/hello/software.cfg', '2031-03-01 10:00:00Z');
INSERT INTO allocation_supply (release_id, computer_id, created_at) VALUES (1, 1, '2031-03-01 10:00:00Z');
INSERT INTO software_installation (id, reference, computer_id, url, requested_state, status_text, status_state,
        status_since, reported_at, created_at) VALUES
    (1, 'SOFTINSTALL-1', 1, 'https://soft.example/hello/software.cfg', 'available',
     '#access software release https://soft.example/hello/software.cfg available', 'available',
     '2031-03-01 11:00:00Z', '2031-03-01 11:00:00Z', '2031-03-01 10:00:00Z');
SELECT setval('software_installation_number', 1);

INSERT INTO instance_tree (id, reference, owner, title, state, created_at) VALUES
    (1, 'HOSTSUBS-1', 'PERSON-1', 'blog', 'started', '2031-03-01 12:00:00Z'),
    (2, 'HOSTSUBS-2', 'PERSON-2', 'shop', 'started', '2031-03-02 12:00:00Z');
SELECT setval('instance_tree_number', 2);
INSERT INTO instance (id, reference, tree_id, parent_id, title, release_url, software_type, parameters, conditions,
        connection, state, partition_id, waiting_reason, running_since, created_at, shared, host_id, desired_at) VALUES
    (1, 'SOFTINST-1', 1, NULL, 'blog', 'https://soft.example/hello/software.cfg', 'default',
     '<?xml version="1.0" encoding="utf-8"?><instance><parameter id="greeting">Hello</parameter></instance>',
     '<?xml version="1.0" encoding="utf-8"?><instance></instance>',
     '<?xml version="1.0" encoding="utf-8"?><instance><parameter id="url">https://blog.example/</parameter></instance>',
     'started', 1, '', '2031-03-01 12:01:00Z', '2031-03-01 12:00:00Z', false, NULL, 0),
    (2, 'SOFTINST-2', 1, 1, 'site', 'https://soft.example/hello/software.cfg', 'default',
     '<?xml version="1.0" encoding="utf-8"?><instance><parameter id="domain">a.example</parameter></instance>',
     '<?xml version="1.0" encoding="utf-8"?><instance></instance>',
     '<?xml version="1.0" encoding="utf-8"?><instance></instance>',
     'started', NULL, '', NULL, '2031-03-01 13:00:00Z', true, 1, 1930000000000000),
    (3, 'SOFTINST-3', 2, NULL, 'shop', 'https://soft.example/hello/software.cfg', 'default',
     '<?xml version="1.0" encoding="utf-8"?><instance></instance>',
     '<?xml version="1.0" encoding="utf-8"?><instance><parameter id="project_guid">PROJECT-1</parameter></instance>',
     '<?xml version="1.0" encoding="utf-8"?><instance></instance>',
     'started', NULL, 'COMP-1 was full', NULL, '2031-03-02 12:00:00Z', false, NULL, 0);
SELECT setval('instance_number', 3);

INSERT INTO movement (cause, resource, unit, source, destination, item, start_at, stop_at, quantity) VALUES
    ('hosting SOFTINST-1 1', 'hosting', 'second', 'COMP-1', 'PERSON-1', 'SOFTINST-1', '2031-03-01 12:01:00Z',
     '2031-03-01 12:11:00Z', 600);
INSERT INTO posting VALUES (1, 'source', 'COMP-1', -600), (1, 'destination', 'PERSON-1', 600);
INSERT INTO usage_report (computer_id, reference, title, started, stopped, document, received_at) VALUES
    (1, 'day', '', '2031-03-01 00:00:00', '2031-03-01 23:59:59', '<journal/>', '2031-03-02 00:00:00Z');
