-- A load in parts while it goes on, and until a later run takes it over: one row a load key. parts: JSON, as planned.
CREATE TABLE load_plan (
  load_key TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  upper_key TEXT NOT NULL,
  table_uuid TEXT NOT NULL,
  run_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  parts TEXT NOT NULL,
  planned_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
-- Parts that are read and durable: one row for those that were written together. parts, check_failures: JSON lists;
-- rejected: the rows that were set aside, one JSON object a line. manifest: the data files, "" where there are none.
CREATE TABLE load_portion (
  load_key TEXT NOT NULL,
  folder TEXT NOT NULL,
  run_id TEXT NOT NULL,
  parts TEXT NOT NULL,
  manifest TEXT NOT NULL,
  rows_in BIGINT NOT NULL,
  rows_out BIGINT NOT NULL,
  rows_filtered BIGINT NOT NULL,
  check_failures TEXT NOT NULL,
  rejected TEXT NOT NULL,
  kept_at BIGINT NOT NULL,
  PRIMARY KEY (load_key, folder)
);
-- Folders below which portions are written; what is in them and in no portion was left behind.
CREATE TABLE load_folder (
  load_key TEXT NOT NULL,
  folder TEXT NOT NULL,
  PRIMARY KEY (load_key, folder)
);
-- Rows out of parts that an earlier run had read.
ALTER TABLE ledger ADD COLUMN rows_adopted BIGINT NOT NULL DEFAULT 0;
