-- The first form of the database, in PostgreSQL; the same stands in migrations/sqlite. Instants are
-- microseconds since 1970. JSON that was hashed or is only read back as a whole is text: jsonb would
-- not give it back to the letter. A primary key of what belongs to a case leads with the case's id,
-- so that the tables can be spread by it. What is written with every step has no foreign keys: each
-- would be looked up row by row, and a foreign key may not lead from one shard to another; the
-- doctor looks for what they would refuse. The legal states stand here a second time after
-- src/engine/lifecycle.rs.

-- All files of an organisation as they were published, once for every version that runs on them.
CREATE TABLE bundles (
    hash  TEXT NOT NULL PRIMARY KEY,                    -- sha256 of `files` in hexadecimal
    files TEXT NOT NULL                                 -- {path: text}
);

CREATE TABLE versions (
    organisation TEXT    NOT NULL,
    procedure    TEXT    NOT NULL,
    version      BIGINT  NOT NULL,
    bundle       TEXT    NOT NULL REFERENCES bundles (hash),
    title        TEXT    NOT NULL,
    section      TEXT,
    published_at BIGINT  NOT NULL,
    CONSTRAINT versions_key PRIMARY KEY (organisation, procedure, version),
    CONSTRAINT versions_count_from_one CHECK (version >= 1)
);

-- When something comes by itself: the next case of a procedure whose newest version says so, the next of a
-- report. A server that is about to see to it leases the row for a while.
CREATE TABLE schedules (
    organisation  TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    name          TEXT    NOT NULL,                     -- of the procedure or the report
    recurrence    TEXT    NOT NULL,                     -- as it is written there
    after_at      BIGINT  NOT NULL,                     -- what came until then has been seen to
    next_at       BIGINT  NOT NULL,
    leased_until  BIGINT  NOT NULL,
    problem       TEXT,                                 -- why nothing has come of it yet, as JSON
    problem_since BIGINT,
    CONSTRAINT schedules_key PRIMARY KEY (organisation, kind, name),
    CONSTRAINT schedules_kind_known CHECK (kind IN ('case', 'report'))
);
CREATE INDEX schedules_by_time ON schedules (next_at);

-- Which procedure begins with which message: one row for each whose newest version says so.
CREATE TABLE message_starts (
    organisation TEXT NOT NULL,
    message      TEXT NOT NULL,
    procedure    TEXT NOT NULL,
    CONSTRAINT message_starts_key PRIMARY KEY (organisation, message)
);

CREATE TABLE cases (
    id           UUID    NOT NULL PRIMARY KEY,
    organisation TEXT    NOT NULL,
    procedure    TEXT    NOT NULL,
    version      BIGINT  NOT NULL,
    number       TEXT    NOT NULL,                      -- as people say it
    subject      TEXT    NOT NULL,
    search       TEXT    NOT NULL,                      -- its words in case_words, each after a blank
    status       TEXT    NOT NULL,
    outcome      TEXT,
    started_at   BIGINT  NOT NULL,
    ended_at     BIGINT,
    revision     BIGINT  NOT NULL,                      -- counts the commands that changed it
    entries      BIGINT  NOT NULL,                      -- lines of its journal
    head         BYTEA   NOT NULL,                      -- hash of the last of them
    state        TEXT    NOT NULL,
    CONSTRAINT cases_status_legal CHECK (status IN ('running', 'ended', 'cancelled')),
    CONSTRAINT cases_ended_at_when_closed CHECK ((ended_at IS NULL) = (status = 'running')),
    CONSTRAINT cases_outcome_when_ended CHECK ((outcome IS NOT NULL) = (status = 'ended'))
-- Room on the page for the next form of a row, which changes with every step; the state stays in the
-- row, for what is put away elsewhere is written twice.
) WITH (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
-- The lists: each status apart, so that those that match few cases find them at once. A case changes
-- its status once, so these don't grow with its steps.
CREATE INDEX cases_by_status ON cases (organisation, status, started_at, id);
CREATE INDEX cases_by_procedure ON cases (organisation, procedure, status, started_at, id);
CREATE INDEX cases_by_number ON cases (number, organisation);
-- What is to be archived, in the order of its file. A case comes in once, when it is closed.
CREATE INDEX cases_by_end ON cases (ended_at, id) WHERE ended_at IS NOT NULL;

-- The words by which a case is found, from its number and its subject, folded. Those that begin alike
-- lie side by side, and those of one word by the start of their cases.
CREATE TABLE case_words (
    organisation TEXT    NOT NULL,
    word         TEXT COLLATE "C" NOT NULL,
    started_at   BIGINT  NOT NULL,
    case_id      UUID    NOT NULL,
    CONSTRAINT case_words_key PRIMARY KEY (organisation, word, started_at, case_id)
);

-- The journal: what happened. Rows are only ever added. Each line's hash covers the line and the hash
-- before it, from the first line of the case on: what is changed later no longer fits.
CREATE TABLE entries (
    case_id    UUID    NOT NULL,
    seq        BIGINT  NOT NULL,
    at         BIGINT  NOT NULL,
    actor      TEXT    NOT NULL,
    actor_name TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    hash       BYTEA   NOT NULL,                        -- sha256
    CONSTRAINT entries_key PRIMARY KEY (case_id, seq),
    CONSTRAINT entries_count_from_one CHECK (seq >= 1)
);

CREATE TABLE tasks (
    case_id      UUID    NOT NULL,
    task         BIGINT  NOT NULL,
    organisation TEXT    NOT NULL,
    procedure    TEXT    NOT NULL,
    step         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    claimed_by   TEXT,                                  -- who works on it, or who completed it
    activity     TEXT    NOT NULL,                      -- of the step, as it was offered
    offered_at   BIGINT  NOT NULL,
    opens_at     BIGINT,
    due_at       BIGINT,
    closed_at    BIGINT,
    reminders    BIGINT  NOT NULL DEFAULT 0,            -- how often somebody was reminded of it
    CONSTRAINT tasks_key PRIMARY KEY (case_id, task),
    CONSTRAINT tasks_status_legal
        CHECK (status IN ('offered', 'claimed', 'completed', 'withdrawn')),
    CONSTRAINT tasks_claimed_by_somebody
        CHECK ((claimed_by IS NOT NULL) = (status IN ('claimed', 'completed'))),
    CONSTRAINT tasks_closed_at_when_closed
        CHECK ((closed_at IS NOT NULL) = (status IN ('completed', 'withdrawn')))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
-- The queues. What has no due date comes after everything that has one.
CREATE INDEX tasks_open_by_role
    ON tasks (organisation, role, (coalesce(due_at, 9223372036854775807)), case_id, task)
    WHERE closed_at IS NULL;
CREATE INDEX tasks_open_by_person
    ON tasks (claimed_by, (coalesce(due_at, 9223372036854775807)), case_id, task)
    WHERE closed_at IS NULL AND claimed_by IS NOT NULL;
-- The board: a task is stuck once it is past due, or a week after it was offered without a term.
CREATE INDEX tasks_open_by_step
    ON tasks (organisation, procedure, step, role, (coalesce(due_at, offered_at + 604800000000)), case_id, task)
    WHERE closed_at IS NULL;
-- Reports: what was done of one step in a period.
CREATE INDEX tasks_completed_by_step ON tasks (organisation, procedure, step, closed_at, case_id, task)
    WHERE status = 'completed';

-- How many tasks are open, so that nobody has to count them. Several rows (shards) add up to a count:
-- servers that write at once would else wait for each other's row. A shard may be below zero.
CREATE TABLE open_counts (
    organisation TEXT    NOT NULL,
    procedure    TEXT    NOT NULL,
    step         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    shard        BIGINT  NOT NULL,
    open         BIGINT  NOT NULL,
    CONSTRAINT open_counts_key PRIMARY KEY (organisation, procedure, step, role, shard)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- One row for each time that something is to happen by itself: from when it is set until it has
-- happened or is no longer wanted. A server that is about to fire it leases it for a while.
CREATE TABLE timers (
    case_id      UUID    NOT NULL,
    watch        BIGINT  NOT NULL,
    fires_at     BIGINT  NOT NULL,
    leased_until BIGINT  NOT NULL,
    problem      TEXT,                                  -- why its case refused it, as JSON
    problem_since BIGINT,
    CONSTRAINT timers_key PRIMARY KEY (case_id, watch)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX timers_by_time ON timers (fires_at);
CREATE INDEX timers_refused ON timers (problem_since) WHERE problem IS NOT NULL;

-- One row for each mail about a task that is still to be sent. Who gets it is looked up then.
CREATE TABLE notices (
    case_id      UUID    NOT NULL,
    seq          BIGINT  NOT NULL,                      -- the entry that it tells of
    task         BIGINT  NOT NULL,
    kind         TEXT    NOT NULL,                      -- reminder, escalation
    made_at      BIGINT  NOT NULL,
    tries        BIGINT  NOT NULL,
    leased_until BIGINT  NOT NULL,                      -- nobody looks at it before
    sent         TEXT    NOT NULL,                      -- ids of people who have got it, blanks between
    CONSTRAINT notices_key PRIMARY KEY (case_id, seq),
    CONSTRAINT notices_kind_known CHECK (kind IN ('reminder', 'escalation'))
);
CREATE INDEX notices_by_time ON notices (leased_until);

-- Which case listens for which message or signal.
CREATE TABLE subscriptions (
    case_id      UUID    NOT NULL,
    watch        BIGINT  NOT NULL,
    organisation TEXT    NOT NULL,
    is_signal    BIGINT  NOT NULL,
    name         TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    since        BIGINT  NOT NULL,
    CONSTRAINT subscriptions_key PRIMARY KEY (case_id, watch)
);
CREATE INDEX subscriptions_by_name
    ON subscriptions (organisation, is_signal, name, key, since, case_id, watch);

-- Messages that were taken in, and signals that were given. What is done stays for a while, so that it is
-- known when it is sent again.
CREATE TABLE messages (
    organisation TEXT    NOT NULL,
    sender       TEXT    NOT NULL,                      -- an actor's id; 'case' for what steps send
    id           TEXT    NOT NULL,                      -- the sender's
    is_signal    BIGINT  NOT NULL,
    name         TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    contents     TEXT    NOT NULL,                      -- JSON
    sent_by      TEXT    NOT NULL,
    sent_by_name TEXT    NOT NULL,
    received_at  BIGINT  NOT NULL,
    keep_until   BIGINT  NOT NULL,
    leased_until BIGINT  NOT NULL,
    delivered_at BIGINT,
    began        UUID,                                  -- the case that began with it
    problem      TEXT,                                  -- why it was refused, as JSON
    problem_since BIGINT,
    refused_by   TEXT,                                  -- the procedure
    dropped_by   TEXT,                                  -- the name of who gave it up; it counts as delivered
    CONSTRAINT messages_key PRIMARY KEY (organisation, sender, id)
);
CREATE INDEX messages_on_their_way ON messages (is_signal, received_at, organisation, sender, id)
    WHERE delivered_at IS NULL;
CREATE INDEX messages_by_key ON messages (organisation, name, key, received_at)
    WHERE delivered_at IS NULL;
CREATE INDEX messages_by_age ON messages (keep_until);
CREATE INDEX messages_refused ON messages (organisation, problem_since)
    WHERE problem IS NOT NULL AND delivered_at IS NULL;

-- A signal on its way to a case that listened when it was given.
CREATE TABLE signal_calls (
    case_id      UUID    NOT NULL,
    watch        BIGINT  NOT NULL,
    sender       TEXT    NOT NULL,
    signal       TEXT    NOT NULL,
    organisation TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    sent_by      TEXT    NOT NULL,
    sent_by_name TEXT    NOT NULL,
    leased_until BIGINT  NOT NULL,
    CONSTRAINT signal_calls_key PRIMARY KEY (case_id, watch, sender, signal)
);

-- Who waits for what only one case of an organisation can have, in the order of `place`, and who has it. A
-- server that is about to give it to the first leases that row for a while.
CREATE TABLE locks (
    case_id       uuid    NOT NULL,
    lock          bigint  NOT NULL,
    place         bigint  GENERATED ALWAYS AS IDENTITY, -- in line
    organisation  text    NOT NULL,
    name          text    NOT NULL,
    is_held       bigint  NOT NULL,
    leased_until  bigint  NOT NULL,
    refused_until bigint  NOT NULL,                     -- passed over until then
    CONSTRAINT locks_key PRIMARY KEY (case_id, lock),
    CONSTRAINT locks_held_or_not CHECK (is_held IN (0, 1))
);
CREATE UNIQUE INDEX locks_one_holder ON locks (organisation, name) WHERE is_held = 1;
CREATE INDEX locks_in_line ON locks (organisation, name, place) WHERE is_held = 0;

-- One row for each thing that a machine is asked for, until it has answered. Whoever does it leases the
-- row for a while. Without a topic it is the servers' own work, else outside workers fetch it by that.
CREATE TABLE jobs (
    case_id      UUID    NOT NULL,
    job          BIGINT  NOT NULL,
    organisation TEXT    NOT NULL,
    procedure    TEXT    NOT NULL,
    step         TEXT    NOT NULL,
    kind         TEXT    NOT NULL,                      -- send, call, work
    topic        TEXT    NOT NULL,
    role         TEXT    NOT NULL,                      -- that a worker needs
    status       TEXT    NOT NULL,
    due_at       BIGINT  NOT NULL,                      -- the next try; since when it is stuck
    reason       TEXT    NOT NULL,                      -- why it failed the last time
    leased_until BIGINT  NOT NULL,
    lease        TEXT,                                  -- whose it is
    CONSTRAINT jobs_key PRIMARY KEY (case_id, job),
    CONSTRAINT jobs_status_legal CHECK (status IN ('waiting', 'incident'))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX jobs_by_time ON jobs (due_at) WHERE topic = '' AND status = 'waiting';
CREATE INDEX jobs_by_topic ON jobs (organisation, topic, due_at)
    WHERE topic <> '' AND status = 'waiting';
CREATE INDEX jobs_incidents ON jobs (organisation, due_at) WHERE status = 'incident';

CREATE TABLE documents (
    case_id      UUID    NOT NULL,
    no           BIGINT  NOT NULL,
    organisation TEXT    NOT NULL,
    document     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    series       TEXT    NOT NULL,
    year         BIGINT  NOT NULL,
    counter      BIGINT  NOT NULL,
    copies       BIGINT  NOT NULL,
    step         TEXT    NOT NULL,
    version      BIGINT  NOT NULL,
    issued_at    BIGINT  NOT NULL,
    is_signed    BOOLEAN NOT NULL,
    seq          BIGINT  NOT NULL,                      -- the entry that froze its data
    CONSTRAINT documents_key PRIMARY KEY (case_id, no),
    CONSTRAINT documents_one_number UNIQUE (organisation, series, year, counter)
);
-- Reports: what was issued of one document in a period.
CREATE INDEX documents_by_time ON documents (organisation, document, issued_at, case_id, no);

-- The last number given in each series and year (0: the series never begins anew).
CREATE TABLE series (
    organisation TEXT    NOT NULL,
    series       TEXT    NOT NULL,
    year         BIGINT  NOT NULL,
    last         BIGINT  NOT NULL,
    CONSTRAINT series_key PRIMARY KEY (organisation, series, year)
);

-- Every number that was given, to a case, a document or a variable: a series is gapless over all
-- three. The rows of an archived case stay: they keep its numbers from being given again.
CREATE TABLE assigned_numbers (
    case_id      UUID    NOT NULL,                      -- in cases or archived
    seq          BIGINT  NOT NULL,                      -- the entry that gave it
    organisation TEXT    NOT NULL,
    series       TEXT    NOT NULL,
    year         BIGINT  NOT NULL,
    counter      BIGINT  NOT NULL,
    number       TEXT    NOT NULL,
    CONSTRAINT assigned_numbers_key PRIMARY KEY (case_id, seq),
    CONSTRAINT assigned_numbers_given_once UNIQUE (organisation, series, year, counter)
);

-- What is left of a case that was archived into a file: what the file must say of it.
CREATE TABLE archived (
    case_id      UUID    NOT NULL PRIMARY KEY,
    number       TEXT    NOT NULL,
    organisation TEXT    NOT NULL,
    procedure    TEXT    NOT NULL,
    ended_at     BIGINT  NOT NULL,
    entries      BIGINT  NOT NULL,                      -- lines of its journal
    head         BYTEA   NOT NULL,                      -- hash of the last of them
    file         TEXT    NOT NULL,                      -- as it was called then
    proof        BYTEA   NOT NULL,                      -- of the file's last line
    archived_at  BIGINT  NOT NULL
);
CREATE INDEX archived_by_number ON archived (number, organisation);
-- Reports: how many they can't tell of any more.
CREATE INDEX archived_by_procedure ON archived (organisation, procedure, ended_at, case_id);

-- Reports that were made by themselves, as they were then.
CREATE TABLE made_reports (
    organisation TEXT    NOT NULL,
    report       TEXT    NOT NULL,
    due_at       BIGINT  NOT NULL,                      -- the time of its schedule
    title        TEXT    NOT NULL,
    first_day    TEXT,                                  -- of its period
    last_day     TEXT,
    made_at      BIGINT  NOT NULL,
    keep_until   BIGINT  NOT NULL,
    row_count    BIGINT  NOT NULL,                      -- its rows
    contents     TEXT,                                  -- all of it as JSON; nothing: there is a problem
    problem      TEXT,                                  -- why it could not be made, as JSON
    CONSTRAINT made_reports_key PRIMARY KEY (organisation, report, due_at),
    CONSTRAINT made_reports_made_or_not CHECK ((contents IS NULL) = (problem IS NOT NULL))
);
CREATE INDEX made_reports_by_age ON made_reports (keep_until);
CREATE INDEX made_reports_unmade ON made_reports (organisation, due_at) WHERE problem IS NOT NULL;

-- Rows of the registers as they are now.
CREATE TABLE records (
    organisation TEXT    NOT NULL,
    register     TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    revision     BIGINT  NOT NULL,
    data         TEXT    NOT NULL,
    search       TEXT    NOT NULL,                      -- all its values, folded
    CONSTRAINT records_key PRIMARY KEY (organisation, register, key)
);

-- Ledgers: what each case moved between accounts, in millionths. Rows are only ever added; those of an
-- archived case stay, or the balances would no longer be their sum.
CREATE TABLE movements (
    case_id      UUID    NOT NULL,                      -- in cases or archived
    seq          BIGINT  NOT NULL,                      -- the entry that tells it
    organisation TEXT    NOT NULL,
    ledger       TEXT    NOT NULL,
    item         TEXT    NOT NULL,
    from_account TEXT    NOT NULL,
    to_account   TEXT    NOT NULL,
    amount       BIGINT  NOT NULL,
    moved_at     BIGINT  NOT NULL,
    CONSTRAINT movements_key PRIMARY KEY (case_id, seq),
    CONSTRAINT movements_move_something CHECK (amount > 0)
);
CREATE INDEX movements_by_item ON movements (organisation, ledger, item, moved_at, case_id, seq);

-- The sum of them for each account. Below zero only where the ledger lets it be.
CREATE TABLE balances (
    organisation TEXT    NOT NULL,
    ledger       TEXT    NOT NULL,
    item         TEXT    NOT NULL,
    account      TEXT    NOT NULL,
    amount       BIGINT  NOT NULL,
    CONSTRAINT balances_key PRIMARY KEY (organisation, ledger, item, account)
);

-- Idempotency: what a command did, so that the same one sent again is answered and not done again.
CREATE TABLE commands (
    actor     TEXT    NOT NULL,
    name      TEXT    NOT NULL,                         -- that the actor gave it
    digest    BYTEA   NOT NULL,                         -- of its contents
    case_id   UUID    NOT NULL,
    first_seq BIGINT  NOT NULL,
    last_seq  BIGINT  NOT NULL,                         -- below first_seq: nothing was done
    CONSTRAINT commands_done_once PRIMARY KEY (actor, name)
);
CREATE INDEX commands_by_case ON commands (case_id);

CREATE TABLE people (
    id            TEXT    NOT NULL PRIMARY KEY,
    organisation  TEXT    NOT NULL,
    login         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    password_hash TEXT,
    language      TEXT,
    mail          TEXT,                                 -- where reminders are sent
    is_active     BOOLEAN NOT NULL,
    CONSTRAINT people_one_login UNIQUE (organisation, login)
);

CREATE TABLE person_roles (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role   TEXT NOT NULL,
    CONSTRAINT person_roles_key PRIMARY KEY (person, role)
);

CREATE TABLE sessions (
    id         TEXT    NOT NULL PRIMARY KEY,
    data       TEXT    NOT NULL,
    expires_at BIGINT  NOT NULL                         -- seconds since 1970
);
CREATE INDEX sessions_by_end ON sessions (expires_at);
