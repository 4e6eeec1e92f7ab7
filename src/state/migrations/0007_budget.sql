-- What all runs together take of a connection: one row a connection that has a budget. Times are microseconds UTC.
-- bytes_until: until then what was given out lasts at the rate. width: connections at once while the source is slow.
CREATE TABLE budget (
  connection TEXT PRIMARY KEY,
  bytes_until BIGINT NOT NULL DEFAULT 0,
  quiet_until BIGINT NOT NULL DEFAULT 0,
  width BIGINT,
  usual_us_per_mib BIGINT
);
-- Requests of the newest span of time.
CREATE TABLE budget_call (
  connection TEXT NOT NULL,
  at BIGINT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (connection, at, id)
);
-- What each step of a run cost its source.
CREATE TABLE source_cost (
  run_id TEXT NOT NULL,
  step TEXT NOT NULL,
  connection TEXT NOT NULL,
  connections BIGINT NOT NULL,
  statements BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  longest_us BIGINT NOT NULL,
  busy_us BIGINT NOT NULL,
  rows BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  waited_us BIGINT NOT NULL,
  PRIMARY KEY (run_id, step, connection)
);
