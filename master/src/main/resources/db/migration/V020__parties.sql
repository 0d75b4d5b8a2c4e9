-- Parties in full: organisations, projects and networks beside people, and who holds which function where.
-- References are taken from sequences and never used again.

-- The default project takes the reference that the field gives to projects. No token, no Movement names it.
UPDATE party SET reference = 'PROJ-1' WHERE reference = 'PROJECT-1';
UPDATE instance SET conditions = replace(conditions, '<parameter id="project_guid">PROJECT-1</parameter>',
                                         '<parameter id="project_guid">PROJ-1</parameter>')
    WHERE conditions LIKE '%PROJECT-1%';

ALTER TABLE party ADD COLUMN state TEXT NOT NULL DEFAULT 'validated'
    CHECK (state IN ('draft', 'validated', 'suspended', 'invalidated'));

CREATE SEQUENCE organisation_number;
CREATE SEQUENCE project_number START 2;
CREATE SEQUENCE network_number;

CREATE TABLE organisation (
    reference TEXT PRIMARY KEY REFERENCES party,
    vat_code  TEXT NOT NULL DEFAULT '',
    region    TEXT NOT NULL DEFAULT '',
    address   TEXT NOT NULL DEFAULT ''
);

CREATE TABLE person (
    reference  TEXT PRIMARY KEY REFERENCES party,
    first_name TEXT NOT NULL DEFAULT '',
    last_name  TEXT NOT NULL DEFAULT '',
    email      TEXT NOT NULL DEFAULT '',
    employer   TEXT REFERENCES organisation,
    payer      TEXT REFERENCES organisation             -- pays for what the person orders; null = the person does
);
CREATE UNIQUE INDEX person_email ON person (lower(email)) WHERE email <> '';
INSERT INTO person (reference) SELECT reference FROM party WHERE kind = 'PERSON';

CREATE TABLE project (
    reference TEXT PRIMARY KEY REFERENCES party,
    owner     TEXT REFERENCES person                    -- null only for the default one, before anybody is there
);
INSERT INTO project (reference, owner)
    SELECT 'PROJ-1', (SELECT reference FROM party WHERE kind = 'PERSON' ORDER BY created_at, reference LIMIT 1);

CREATE TABLE network (
    reference TEXT PRIMARY KEY REFERENCES party,
    project   TEXT NOT NULL REFERENCES project
);
CREATE INDEX network_project ON network (project);

-- A function held by a person: in one project, or in the whole site.
CREATE TABLE assignment (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person    TEXT NOT NULL REFERENCES person,
    function  TEXT NOT NULL CHECK (function IN ('customer', 'production/manager', 'production/agent', 'sale/manager',
        'sale/agent', 'accounting/manager', 'accounting/agent', 'marketing', 'is', 'system/manager')),
    project   TEXT REFERENCES project,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    CHECK ((project IS NOT NULL) = (function IN ('customer', 'production/manager', 'production/agent')))
);
CREATE UNIQUE INDEX assignment_open ON assignment (person, function, coalesce(project, '')) WHERE closed_at IS NULL;
CREATE INDEX assignment_project ON assignment (project) WHERE closed_at IS NULL;

-- Who is here already keeps what they could do.
INSERT INTO assignment (person, function, project, opened_at)
    SELECT reference, 'customer', 'PROJ-1', now() FROM person;
INSERT INTO assignment (person, function, project, opened_at)
    SELECT owner, function, project, now()
    FROM project, (VALUES ('production/manager', 'PROJ-1'), ('system/manager', NULL)) AS first(function, project)
    WHERE owner IS NOT NULL;

ALTER TABLE computer
    ADD COLUMN project TEXT NOT NULL DEFAULT 'PROJ-1' REFERENCES project,
    ADD COLUMN network TEXT REFERENCES network;
ALTER TABLE instance_tree ADD COLUMN project TEXT NOT NULL DEFAULT 'PROJ-1' REFERENCES project;
ALTER TABLE software_product ADD COLUMN project TEXT NOT NULL DEFAULT 'PROJ-1' REFERENCES project;
ALTER TABLE allocation_supply ADD COLUMN project TEXT NOT NULL DEFAULT 'PROJ-1' REFERENCES project;
CREATE INDEX computer_project ON computer (project);
CREATE INDEX computer_network ON computer (network) WHERE network IS NOT NULL;
CREATE INDEX instance_tree_project ON instance_tree (project) WHERE archived_at IS NULL;
CREATE INDEX allocation_supply_project ON allocation_supply (project) WHERE ended_at IS NULL;

-- The same title of the same person is one Computer in each project.
ALTER TABLE computer DROP CONSTRAINT computer_owner_title_key;
CREATE UNIQUE INDEX computer_title ON computer (owner, project, title);
