/*+++
title = { sv = "a", en = "b" }
+++*/
-- One person decides the whole answer.
SELECT project, bool_or(exit_state = 'phase_3') AS any_phase_3 FROM participation GROUP BY project
