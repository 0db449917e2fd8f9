/*+++
title = { sv = "a", en = "b" }
+++*/
-- Region is not the register's key: a row may meet many public rows.
SELECT p.project, count(*) AS n FROM participation f JOIN project p ON f.office = p.region GROUP BY p.project
