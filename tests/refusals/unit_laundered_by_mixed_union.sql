/*+++
title = { sv = "a", en = "b" }
+++*/
-- One branch puts another column in the unit's place: grouping by it is not grouping by a person.
SELECT count(*) AS n FROM (SELECT participant, count(*) AS k FROM (SELECT participant FROM activity UNION ALL SELECT X'00' AS participant FROM milestone) AS u GROUP BY participant) AS q
