-- Files that shall be read again by the next run of their table on a target; taken away with its publish.
CREATE TABLE file_replay (
  load_key TEXT NOT NULL,
  target TEXT NOT NULL,
  origin TEXT NOT NULL,
  requested_by TEXT NOT NULL,
  requested_at BIGINT NOT NULL,
  PRIMARY KEY (load_key, target, origin)
);
ALTER TABLE loaded_file ADD COLUMN replayed_by TEXT;
