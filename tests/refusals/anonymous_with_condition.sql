/*+++
title = { sv = "a", en = "b" }
anonymous = true
+++*/
SELECT count(*) AS n FROM participation WHERE sex = 'female'
