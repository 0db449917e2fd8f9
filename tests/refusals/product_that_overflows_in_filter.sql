/*+++
title = { sv = "a", en = "b" }
+++*/
-- An integer product that wraps below the door.
SELECT count(*) AS n FROM participation WHERE age * 9223372036854775807 > 0
