-- What other engines report of their scans and commits, kept for a time: what the lake is used for, and at what cost.
CREATE TABLE metrics_report (
  id TEXT PRIMARY KEY,
  received_at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  ns TEXT NOT NULL,
  table_name TEXT NOT NULL,
  snapshot_id BIGINT,
  user_name TEXT NOT NULL,
  client TEXT NOT NULL,
  report TEXT NOT NULL
);
CREATE INDEX metrics_report_by_time ON metrics_report (received_at);
