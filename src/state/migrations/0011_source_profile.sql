-- What `leat profile` measured of a source's table, newest counts; the older ones tell how it grows.
CREATE TABLE source_profile (
  connection TEXT NOT NULL,
  entry TEXT NOT NULL,
  at BIGINT NOT NULL,
  profile TEXT NOT NULL,
  PRIMARY KEY (connection, entry, at)
);
