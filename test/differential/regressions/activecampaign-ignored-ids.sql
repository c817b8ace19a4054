-- Cause: a list asked for by ids ended when as many records had come as ids were asked for, whichever they were.
-- crm: "activecampaign"
-- compare: "rows"
-- environment: {"switches": {"ignore_filters": ["ids[]"]}}
SELECT id FROM contacts WHERE id = 655;
SELECT id FROM contacts WHERE id IN (7, 655);
