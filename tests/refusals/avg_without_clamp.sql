/*+++
title = { sv = "a", en = "b" }
+++*/
-- The register's number of kronor times an age: avg of a value whose range is not declared.
SELECT avg(length(referrer)) AS mean FROM participation
