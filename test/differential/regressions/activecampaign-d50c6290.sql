-- Cause: a list asked for by ids ended when as many records had come as ids were asked for, whichever they were.
-- crm: "activecampaign"
-- compare: "rows"
-- environment: {"options": {}, "switches": {"ignore_filters": ["ids[]"]}}
SELECT t1.anonymized FROM contacts AS t1 WHERE EXISTS (SELECT 1 FROM contact_score_values AS t2 WHERE t1.id = t2.contact_id AND t2.contact_id = ANY ('{"655"}'::bigint[]));
