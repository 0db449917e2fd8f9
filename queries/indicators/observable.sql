/*+++
title = { sv = "Vilka som kan följas upp efter sex månader", en = "Who can be followed up after six months" }
order = 9
+++*/
SELECT follow_up, people
FROM   published.progress.follow_up
