-- Registered columns belong to the commit that published them, like files: what was rolled back, or published elsewhere, does
-- not count. Commit 0: registered before this was written down. changes: in words, NULL where the columns are as before.
ALTER TABLE registered_schema ADD COLUMN published_commit BIGINT;
ALTER TABLE registered_schema ADD COLUMN revoked_commit BIGINT;
ALTER TABLE registered_schema ADD COLUMN changes TEXT;
UPDATE registered_schema SET published_commit = 0;
-- What a load found to be otherwise than registered, and what it did about it.
CREATE TABLE schema_drift (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  seq BIGINT NOT NULL,
  load_key TEXT NOT NULL,
  class TEXT NOT NULL,
  column_name TEXT,
  was TEXT,
  became TEXT,
  policy TEXT NOT NULL,
  action TEXT NOT NULL,
  fails BIGINT NOT NULL,
  origin TEXT,
  confidence DOUBLE PRECISION,
  at BIGINT NOT NULL,
  PRIMARY KEY (run_id, step, seq)
);
CREATE INDEX schema_drift_by_key ON schema_drift (load_key, at);
