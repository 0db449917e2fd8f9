/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, exit_state FROM participation
