-- Cause: the total of the whole range between the two moments was taken for the count of both.
-- crm: "aircall"
-- compare: "rows"
SELECT count(*) FROM contacts WHERE created_at IN ('2025-05-20 19:52:30+00', '2026-10-04 02:20:37+00');
