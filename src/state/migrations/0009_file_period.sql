-- What a file's name says of its time: begin of the period, as civil microseconds; NULL: nothing.
ALTER TABLE loaded_file ADD COLUMN period BIGINT;
CREATE INDEX loaded_file_by_period ON loaded_file (load_key, period) WHERE period IS NOT NULL;
