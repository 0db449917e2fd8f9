/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
COPY participation TO '/tmp/stolen.csv'
