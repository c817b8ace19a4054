# A credential appears nowhere but where PostgreSQL itself shows it: not in the
# server log at debug5, not in EXPLAIN, errors, catalogs, plans, raw columns or
# the process list.

use strict;
use warnings;

use CrmSandbox;
use MIME::Base64 qw(encode_base64);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf(
	'postgresql.conf', q{
log_min_messages = debug5
log_error_verbosity = verbose
log_statement = none
log_min_error_statement = panic
debug_print_parse = on
debug_print_rewritten = on
debug_print_plan = on
crm_fdw.log_requests = on
session_preload_libraries = 'crm_fdw'
});
$node->start;

my $sandbox = CrmSandbox->start;
my $fast = "rate_limit '1000/s', max_retries '1', max_wait '1s'";

# The DDL that carries the credentials must not be in the log for its own text.
$sandbox->create_servers($node, options => { ac => $fast, aircall => $fast, agile => $fast });

# As they are stored, and as they travel: Basic is base64 of user and secret.
my @secrets = (
	qw(sandbox-ac-key-3f9a sandbox-aircall-token-77 sandbox-agile-key-b41c),
	map { encode_base64($_, '') }
	  ('sandbox-id:sandbox-aircall-token-77', 'owner@example.com:sandbox-agile-key-b41c'));

sub is_clean
{
	my ($text, $label) = @_;
	my @found = grep { index($text, $_) >= 0 } @secrets;
	is("@found", '', "$label: no secret");
	return;
}

# What the log says of everything that follows, DDL aside.
my $offset = -s $node->logfile;
my $output = '';
sub run
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	$output .= "$stdout\n$stderr\n";
	return $status;
}

run('EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM ac.deals');
run('EXPLAIN (ANALYZE, VERBOSE, FORMAT json) SELECT * FROM aircall.calls LIMIT 1');
run('EXPLAIN (VERBOSE) SELECT * FROM agile.contacts');
run('ANALYZE aircall.teams');
run('PREPARE p AS SELECT * FROM aircall.call_summaries WHERE call_id = $1; EXECUTE p(1)');
foreach my $crm (qw(activecampaign aircall agilecrm))
{
	foreach my $kind (qw(echo_credential html truncated_json redirect close))
	{
		$sandbox->fault(crm => $crm, kind => $kind);
		run("SELECT * FROM $_") foreach qw(ac.lists aircall.teams agile.tags);
		$sandbox->clear_faults;
	}
}
cmp_ok(run('SELECT * FROM ac.lists'), '==', 0, 'the faults are over');
is_clean($output, 'results, EXPLAIN and errors');
like($output, qr/\*\*\*/, 'an echoed credential is shown as ***');

my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
like($log, qr/GET.*\/api\/3\/deals/, 'requests are logged');
unlike($log, qr/limit=100/, 'without parameter values');
is_clean($log, 'server log at debug5');

# Records: secrets of the account's own data.
is($node->safe_psql('postgres', q{
	SELECT count(*) FROM aircall.webhooks WHERE raw ? 'token' OR raw::text ~* 'token'}),
	'0', 'raw has no webhook token');
is($node->safe_psql('postgres', q{
	CREATE FOREIGN TABLE hooks (webhook_id text, token text OPTIONS (pointer '/token'), raw jsonb)
		SERVER aircall OPTIONS (path '/v1/webhooks', rows '/webhooks');
	SELECT count(*), count(token), count(*) FILTER (WHERE raw ? 'token') FROM hooks}),
	'3|0|0', 'nor does a pointer or an unlisted endpoint reach it');
is($node->safe_psql('postgres', q{SELECT count(*) FROM agile.users WHERE raw ? 'password'}), '0', 'raw has no password');

# Processes of others are closed to us, and some end while we look.
sub what_is_readable
{
	my ($file) = @_;
	open my $handle, '<', $file or return '';
	local $/ = undef;
	return readline($handle) // '';
}

# Catalogs that everybody reads.
$node->safe_psql('postgres', 'CREATE ROLE nobody_special');
foreach my $catalog (qw(pg_foreign_table pg_foreign_server pg_attribute pg_foreign_data_wrapper pg_settings pg_stat_activity pg_user_mappings))
{
	is_clean($node->safe_psql('postgres', "SET ROLE nobody_special; SELECT * FROM $catalog"), $catalog);
}
like($node->safe_psql('postgres', 'SELECT umoptions FROM pg_user_mappings'), qr/sandbox-ac-key/,
	'where PostgreSQL itself shows it to its owner, it is (the check can fail)');

# The process list, while a request is under way.
$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'hang_headers');
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_until(qr/started/, "\\echo started\nSELECT count(*) FROM aircall.teams;\n");
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query LIKE '%aircall.teams%'});
my $processes = join '', map { what_is_readable($_) } map { ("$_/cmdline", "$_/environ") } glob '/proc/[0-9]*';
like($processes, qr/postgres/, 'the process list can be read');
is_clean($processes, 'process list');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%aircall.teams%' AND pid <> pg_backend_pid()});
$session->quit;

$node->stop;
done_testing();
