-- A refresh moves the base of an environment's branch: the commit that does it keeps the base that was before, so that older
-- commits of the branch, and branches over them, still see what they saw.
ALTER TABLE commit_log ADD COLUMN base BIGINT;
