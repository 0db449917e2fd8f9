/*+++
title = { sv = "a", en = "b" }
anonymous = true
+++*/
SELECT count(municipality) AS n FROM participation
