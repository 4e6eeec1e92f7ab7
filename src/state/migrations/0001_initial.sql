-- The first state: refs and commits of the lake, leases, tokens, and everything that a run leaves behind.
-- Common dialect of SQLite and PostgreSQL. Times are microseconds UTC, JSON is TEXT, booleans are BIGINT 0/1.

-- The one row of every store: which warehouse it belongs to and where that was when it was last opened.
CREATE TABLE warehouse (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  root TEXT NOT NULL
);

-- Numbers that only grow. 'commit': last commit id, its time; 'lease': last lease token.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL,
  time BIGINT NOT NULL
);
INSERT INTO counter (name, value, time) VALUES ('commit', 0, 0), ('lease', 0, 0);

-- Branches and tags. Commits of a branch lie over commit `base` of `base_ref`; main has no base.
CREATE TABLE ref (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  head BIGINT NOT NULL,
  base_ref TEXT,
  base BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  closed_at BIGINT
);
INSERT INTO ref (name, kind, head, base_ref, base, created_at, closed_at) VALUES ('main', 'main', 0, NULL, 0, 0, NULL);
CREATE INDEX ref_by_base ON ref (base_ref);

CREATE TABLE commit_log (
  id BIGINT PRIMARY KEY,
  ref TEXT NOT NULL,
  parent BIGINT NOT NULL,
  time BIGINT NOT NULL,
  author TEXT NOT NULL,
  run_id TEXT NOT NULL,
  message TEXT NOT NULL,
  kind TEXT NOT NULL
);
CREATE INDEX commit_log_by_ref ON commit_log (ref, id);
CREATE INDEX commit_log_by_time ON commit_log (ref, time);
CREATE INDEX commit_log_by_run ON commit_log (run_id, id);

-- One pointer move. `location` NULL is a drop; a namespace has name '' and its properties as JSON in `location`.
-- `superseded_by` is the commit of the next move of the same object on the same ref, 9223372036854775807 while there is
-- none: an object as of commit c is the row with id <= c < superseded_by.
CREATE TABLE commit_entry (
  commit_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  ref TEXT NOT NULL,
  kind TEXT NOT NULL,
  ns TEXT NOT NULL,
  name TEXT NOT NULL,
  ns_fold TEXT NOT NULL,
  name_fold TEXT NOT NULL,
  uuid TEXT NOT NULL,
  location TEXT,
  previous TEXT,
  superseded_by BIGINT NOT NULL,
  PRIMARY KEY (commit_id, seq)
);
CREATE INDEX commit_entry_by_name ON commit_entry (ref, ns_fold, name_fold, superseded_by, commit_id);
CREATE INDEX commit_entry_live ON commit_entry (ref, superseded_by, ns_fold, name_fold);

CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  token BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  taken_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Access tokens of the REST service: only the SHA-256 of the secret is kept.
CREATE TABLE token (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  scope TEXT NOT NULL,
  user_name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX token_by_sha256 ON token (sha256);

-- leat.runs
CREATE TABLE run (
  id TEXT PRIMARY KEY,
  pipeline_name TEXT NOT NULL,
  status TEXT NOT NULL,
  retry_of TEXT,
  branch TEXT NOT NULL,
  target TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  commit_id BIGINT,
  project_hash TEXT NOT NULL,
  error TEXT,
  options TEXT NOT NULL
);
CREATE INDEX run_by_start ON run (started_at);
CREATE INDEX run_by_status ON run (status);

-- leat.steps
CREATE TABLE step (
  run_id TEXT NOT NULL,
  asset TEXT NOT NULL,
  ns TEXT NOT NULL,
  name TEXT NOT NULL,
  action TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  error_code TEXT,
  error_message TEXT,
  attempt BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT,
  fingerprint TEXT NOT NULL,
  checks_passed BIGINT NOT NULL,
  checks_failed BIGINT NOT NULL,
  checks_warned BIGINT NOT NULL,
  published BIGINT NOT NULL,
  PRIMARY KEY (run_id, asset)
);
CREATE INDEX step_by_asset ON step (asset, started_at);

-- leat.ledger. `kind`: load | handover.
CREATE TABLE ledger (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  asset TEXT NOT NULL,
  kind TEXT NOT NULL,
  rows_in BIGINT NOT NULL,
  rows_out BIGINT NOT NULL,
  rows_rejected BIGINT NOT NULL,
  rows_filtered BIGINT NOT NULL,
  rows_inserted BIGINT NOT NULL,
  rows_updated BIGINT NOT NULL,
  rows_deleted BIGINT NOT NULL,
  bytes_in BIGINT NOT NULL,
  bytes_out BIGINT NOT NULL,
  watermark_before TEXT,
  watermark_after TEXT,
  snapshot_before BIGINT,
  snapshot_branch BIGINT,
  snapshot_after BIGINT,
  PRIMARY KEY (run_id, step)
);

-- leat.check_results. `stage`: write (while writing) | branch (again on the branch).
CREATE TABLE check_result (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  check_id TEXT NOT NULL,
  stage TEXT NOT NULL,
  on_fail TEXT NOT NULL,
  status TEXT NOT NULL,
  failures BIGINT NOT NULL,
  total BIGINT NOT NULL,
  observed TEXT NOT NULL,
  message TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (run_id, step, check_id, stage)
);

-- leat.step_inputs: what a model read.
CREATE TABLE step_input (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  input TEXT NOT NULL,
  snapshot_id BIGINT NOT NULL,
  rows_in_snapshot BIGINT NOT NULL,
  files BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (run_id, step, input)
);

-- leat.filters: one named counter per rule that drops rows. Every filter has a row, also with 0.
CREATE TABLE filter (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  rule TEXT NOT NULL,
  rows BIGINT NOT NULL,
  PRIMARY KEY (run_id, step, rule)
);

-- leat.lineage
CREATE TABLE lineage (
  run_id TEXT NOT NULL,
  asset TEXT NOT NULL,
  column_name TEXT NOT NULL,
  input_asset TEXT NOT NULL,
  input_column TEXT NOT NULL,
  PRIMARY KEY (run_id, asset, column_name, input_asset, input_column)
);

-- The file ledger: a file is done when `published_commit` is reachable from the ref asked and not revoked.
CREATE TABLE loaded_file (
  load_key TEXT NOT NULL,
  file_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  size BIGINT NOT NULL,
  mtime_ns BIGINT NOT NULL,
  inode BIGINT NOT NULL,
  content_hash TEXT NOT NULL,
  rows BIGINT NOT NULL,
  run_id TEXT NOT NULL,
  archived_as TEXT,
  published_commit BIGINT,
  revoked_commit BIGINT,
  PRIMARY KEY (load_key, file_id, run_id)
);
CREATE INDEX loaded_file_by_run ON loaded_file (run_id);

-- The source schema that was registered for a load key; the newest row (greatest `at`) counts.
CREATE TABLE registered_schema (
  load_key TEXT NOT NULL,
  hash TEXT NOT NULL,
  schema_json TEXT NOT NULL,
  run_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (load_key, at)
);

-- The structured run log: one JSON object per run and stage.
CREATE TABLE run_log (
  run_id TEXT NOT NULL,
  stage TEXT NOT NULL,
  at BIGINT NOT NULL,
  entry TEXT NOT NULL,
  PRIMARY KEY (run_id, stage)
);

-- What a publish needs of a step that ended well, as JSON; kept until the step is published, so that a later run can take it over.
CREATE TABLE step_outcome (
  run_id TEXT NOT NULL,
  asset TEXT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (run_id, asset)
);
