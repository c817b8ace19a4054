-- Cause: a single record's route was given an order of time that only the list has, and the query did not end.
-- crm: "aircall"
-- compare: "list"
SELECT id FROM contacts WHERE id = 3310224306 ORDER BY created_at DESC LIMIT 5;
SELECT t1.raw FROM contacts AS t1 WHERE EXISTS (SELECT 1 FROM calls AS t2 WHERE t1.id = t2.contact_id) AND t1.id = '3310224349' ORDER BY t1.id ASC NULLS LAST, t1.created_at ASC NULLS LAST, t1.id DESC;
