-- The file ledger at millions of rows: a plan asks it for the files that were listed, for their content, or for those of the
-- newest run.
CREATE INDEX loaded_file_by_origin ON loaded_file (load_key, origin);
CREATE INDEX loaded_file_by_content ON loaded_file (load_key, size, content_hash);
CREATE INDEX loaded_file_by_key ON loaded_file (load_key, run_id);
DROP INDEX loaded_file_by_run;

-- A file with the content of another one, which was loaded: its row goes with that one's, with the same run and commit.
ALTER TABLE loaded_file ADD COLUMN duplicate_of TEXT;
