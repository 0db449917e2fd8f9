/*+++
title = { sv = "a", en = "b" }
anonymous = true
+++*/
SELECT avg(age) AS mean FROM participation
