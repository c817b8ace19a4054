-- Cause: a list read in several ranges of ids handed the last record of a range on once more with the first page of the
-- next one, where id_greater includes its id; and pages of one record then seemed to be at the end.
-- crm: "activecampaign"
-- compare: "rows"
-- environment: {"options": {"page_size": "2"}, "second": {"page_size": "1"}, "switches": {"bounds": "inclusive"}}
SELECT t1.id, t1.bounced_date FROM contacts AS t1;
SELECT t1.id FROM contacts_second AS t1;
SELECT count(*) FROM (SELECT id FROM contacts UNION ALL SELECT id FROM contacts_second) AS t1;
SELECT id FROM contacts_second WHERE id > 5 ORDER BY id LIMIT 1;
