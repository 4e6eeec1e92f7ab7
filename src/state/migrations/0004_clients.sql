-- Tokens may be for some tables only. A client has a secret that is good for one thing: to be given tokens for an hour.
-- kind: token | client. parent: the client that a token was issued to. tables: JSON list of patterns; NULL is all.
ALTER TABLE token ADD COLUMN kind TEXT NOT NULL DEFAULT 'token';
ALTER TABLE token ADD COLUMN parent TEXT;
ALTER TABLE token ADD COLUMN tables TEXT;
