"""The differential tester of crm_fdw's push-down."""
