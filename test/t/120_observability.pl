# Counters and running scans as all sessions see them: they agree with what the
# APIs were asked, end with the scan however it ends, and show to nobody what is
# not theirs.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'crm_fdw'");
$node->start;
my $named_waits = $node->safe_psql('postgres', 'SHOW server_version_num') >= 170000;

my $sandbox = CrmSandbox->start;
my $fast = "rate_limit '1000/s', max_retries '1'";
my %options = (options => { ac => $fast, aircall => $fast, agile => $fast });
$sandbox->create_servers($node, %options);
$node->safe_psql('postgres', 'CREATE DATABASE other');
$sandbox->create_servers($node, %options, dbname => 'other');

sub sql
{
	my ($sql, $dbname) = @_;
	return $node->safe_psql($dbname // 'postgres', $sql);
}

# SQLSTATE of a statement's error, or ''.
sub failure
{
	my ($sql, @params) = @_;
	my (undef, undef, $stderr) = $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=sqlstate', @params ]);
	return $stderr =~ /ERROR:\s+(\w{5})/ ? $1 : '';
}

# One row of crm_fdw.stats, as a role.
sub stats
{
	my ($columns, $entity, %options) = @_;
	return $node->safe_psql(
		$options{dbname} // 'postgres',
		"SELECT $columns FROM crm_fdw.stats WHERE server = '" . ($options{server} // 'aircall') . "' AND entity = '$entity'",
		extra_params => [ '-U', $options{role} // $ENV{PGUSER} // getpwuid($<) ]);
}

# ---------------------------------------------------------------- counters

is(sql('SELECT count(*) FROM crm_fdw.stats'), '0', 'nothing is counted yet');
$sandbox->clear_log;
sql('EXPLAIN SELECT * FROM aircall.users; PREPARE p AS SELECT * FROM ac.deals; EXPLAIN EXECUTE p');
is(sql('SELECT count(*) FROM crm_fdw.stats'), '0', 'EXPLAIN counts nothing');

sql('SELECT * FROM aircall.users');
is(stats('scans, requests, retries, throttled_ms, errors, rows', 'users'),
	'1|1|0|0|0|' . $sandbox->count('aircall', 'users'), 'a scan');
is(stats("bytes > 1000, last_request_at BETWEEN now() - interval '5 min' AND now(), last_error IS NULL", 'users'),
	't|t|t', 'its bytes and time');
sql('BEGIN; SELECT * FROM aircall.users; ROLLBACK');
is(stats('scans, requests', 'users'), '2|2', 'a transaction that is rolled back counts');
sql('SELECT * FROM aircall.users a JOIN aircall.users b USING (id)');
is(stats('scans, requests', 'users'), '4|4', 'so does each scan of a join');

# Everything at once: lists of all kinds, below parents, by a join's keys.
sql($_) foreach (
	'SELECT count(*) FROM aircall.calls',
	'SELECT * FROM aircall.calls ORDER BY started_at DESC LIMIT 10',
	'SELECT * FROM aircall.team_users',
	'SELECT * FROM ac.deals',
	'SELECT * FROM ac.contacts LIMIT 3',
	'SELECT c.id, d.title FROM ac.deals d JOIN ac.contacts c ON c.id = d.contact_id WHERE d.id < 5',
	'SELECT * FROM agile.contacts');
my $analyze = $sandbox->control('GET', 'health')->{seq};
sql('ANALYZE aircall.teams');
foreach my $crm (qw(activecampaign aircall agilecrm))
{
	my %server = (activecampaign => 'ac', aircall => 'aircall', agilecrm => 'agile');
	is(sql("SELECT sum(requests) FROM crm_fdw.stats WHERE server = '$server{$crm}'"),
		$sandbox->requests(crm => $crm), "$crm: requests are those the API got");
}
is(stats('scans, requests', 'teams'), '1|' . $sandbox->requests(path => '^/v1/teams$', since => $analyze), 'ANALYZE counts');
is(stats('rows', 'deals', server => 'ac') >= $sandbox->count('activecampaign', 'deals'), 1, 'rows of deals');

sql('ALTER FOREIGN TABLE aircall.tags OPTIONS (ADD page_size \'50\'); ALTER SERVER aircall OPTIONS (ADD use_remote_estimate \'true\'); EXPLAIN SELECT * FROM aircall.tags');
is(stats('scans, requests', 'tags'), '0|1', 'the request of an estimate is one, but no scan');
sql("ALTER SERVER aircall OPTIONS (DROP use_remote_estimate)");

sql("CREATE FOREIGN TABLE by_path (id bigint) SERVER aircall OPTIONS (path '/v1/webhooks', rows '/webhooks'); SELECT * FROM by_path");
is(stats('scans, requests, rows', '/v1/webhooks'), '1|1|3', 'a table without a catalogued entity goes by its path');

# Two databases.
is(sql('SELECT count(*) FROM crm_fdw.stats', 'other'), '0', "another database's counters are its own");
sql('SELECT * FROM aircall.users', 'other');
is(stats('scans', 'users', dbname => 'other'), '1', 'and count there');
is(stats('scans', 'users'), '4', 'only');

# The wait for the rate limit.  A strict limit holds for a minute after its last
# use, so another name of the sandbox, which is another account, gets it.
(my $strict = $sandbox->base_url) =~ s/127\.0\.0\.1/localhost/;
sql("ALTER SERVER aircall OPTIONS (SET rate_limit '2/s', SET base_url '$strict'); SELECT * FROM aircall.calls LIMIT 200");
cmp_ok(stats('throttled_ms', 'calls'), '>', 500, 'waiting for the rate limit is counted');
sql("ALTER SERVER aircall OPTIONS (SET rate_limit '1000/s', SET base_url '" . $sandbox->base_url . "')");

# ------------------------------------------------------------------ errors

my $secret = 'sandbox-aircall-token-77';
$sandbox->fault(crm => 'aircall', path => '/v1/numbers', kind => 'status',
	params => { code => 500, body => "$secret $secret" });
is(failure('SELECT * FROM aircall.numbers'), 'HV00N', 'a scan fails');
is(stats('scans, requests, retries, errors', 'numbers'), '1|2|1|1', 'and is counted with its retry');
like(stats('last_error', 'numbers'), qr/^HV00N: Aircall answered 500 .*numbers/, 'its message is kept');
$sandbox->clear_faults;
sql('SELECT * FROM aircall.numbers');
is(stats('scans, errors, last_error IS NOT NULL', 'numbers'), '2|1|t', 'and stays');

is(failure('SELECT * FROM agile.notes'), 'HV00L', 'a scan that is refused');
is(stats('scans, requests, errors', 'notes', server => 'agile'), '0|0|1', 'is an error without a request');
is(failure('SET crm_fdw.max_requests = 2; SELECT * FROM aircall.calls'), '54000', 'a scan over its limit');
like(stats('last_error', 'calls'), qr/^54000: /, 'is an error');
my $path = '/v1/' . 'x' x 300;
sql("CREATE FOREIGN TABLE long_path (id bigint) SERVER aircall OPTIONS (path '$path', rows '/rows')");
is(failure('SELECT * FROM long_path'), 'HV00R', 'an endpoint that does not exist');
is(sql("SELECT entity = left('$path', 127), octet_length(last_error), last_error LIKE 'HV00R: %xx'
	FROM crm_fdw.stats WHERE entity LIKE '/v1/x%'"), 't|207|t', 'long texts are cut');

# A cancelled query is no error; what it sent is counted.
$sandbox->fault(crm => 'aircall', path => '/v1/company', kind => 'hang_headers');
is(failure("SET statement_timeout = '300ms'; SELECT * FROM aircall.company"), '57014', 'a query is cancelled');
is(stats('scans, requests, errors', 'company'), '1|1|0', 'which is no error');
$sandbox->clear_faults;

# -------------------------------------------------------------- visibility

sql('CREATE ROLE plain LOGIN; CREATE ROLE reader LOGIN; GRANT pg_read_all_stats TO reader;
	CREATE ROLE caller LOGIN; CREATE ROLE boss LOGIN; GRANT caller TO boss;
	GRANT USAGE ON SCHEMA aircall TO caller; GRANT SELECT ON ALL TABLES IN SCHEMA aircall TO caller;
	CREATE USER MAPPING FOR caller SERVER aircall OPTIONS (' . $sandbox->credential_sql('aircall') . ')');
my $shown = 'scans, last_error IS NOT NULL';
is(stats($shown, 'numbers', role => 'plain'), '2|f', 'a role sees counters, and no error of another role');
is(stats($shown, 'numbers', role => 'reader'), '2|t', 'pg_read_all_stats sees errors');
is($node->safe_psql('postgres', 'SELECT count(*) FROM crm_fdw.stats_data() WHERE last_error IS NOT NULL', extra_params => [ '-U', 'plain' ]),
	'0', 'the function shows no more than the view');

$sandbox->fault(crm => 'aircall', path => '/v1/numbers', kind => 'status', params => { code => 500 });
is(failure('SELECT * FROM aircall.numbers', '-U', 'caller'), 'HV00N', 'another role fails');
$sandbox->clear_faults;
is(stats($shown, 'numbers', role => $_->[0]), "3|$_->[1]", "$_->[0]: $_->[1]")
  foreach ([ 'plain', 'f' ], [ 'caller', 't' ], [ 'boss', 't' ], [ 'reader', 't' ]);

is(failure('SELECT crm_fdw.stats_reset()', '-U', $_), '42501', "$_ may not reset") foreach qw(plain reader caller);
sql('SELECT crm_fdw.stats_reset()');
is(sql('SELECT count(*) FROM crm_fdw.stats'), '0', 'a superuser may');
is(stats('scans', 'users', dbname => 'other'), '1', 'the other database keeps its counters');
sql('GRANT EXECUTE ON FUNCTION crm_fdw.stats_reset() TO plain');
sql('SELECT * FROM aircall.users');
is(stats('scans, requests', 'users'), '1|1', 'counting begins anew');
is($node->safe_psql('postgres', 'SELECT crm_fdw.stats_reset(); SELECT count(*) FROM crm_fdw.stats', extra_params => [ '-U', 'plain' ]),
	"\n0", 'the right to reset can be granted');

# ---------------------------------------------------------------- activity

# One row of crm_fdw.activity, as a role.
sub activity
{
	my ($columns, $role, $dbname) = @_;
	return $node->safe_psql($dbname // 'postgres', "SELECT $columns FROM crm_fdw.activity ORDER BY started_at",
		extra_params => [ '-U', $role // $ENV{PGUSER} // getpwuid($<) ]);
}

sub idle
{
	my ($label) = @_;
	ok($node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM crm_fdw.activity'), "$label: no scan is left");
	return;
}

# Waits until a query about crm_fdw.activity is true.
sub wait_for
{
	my ($condition, $label) = @_;
	ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM crm_fdw.activity WHERE $condition"), $label);
	return;
}

sub wait_event_is
{
	my ($pid, $name, $while) = @_;
  SKIP:
	{
		skip 'wait events of extensions have names since PostgreSQL 17', 1 unless $named_waits;
		ok($node->poll_query_until('postgres', "SELECT wait_event_type = 'Extension' AND wait_event = '$name' FROM pg_stat_activity WHERE pid = $pid"),
			"$while: $name");
	}
	return;
}

idle('before');
my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
my $pages = int(($sandbox->count('aircall', 'calls') + 49) / 50);
$session->query_safe("BEGIN; SET ROLE caller; DECLARE c CURSOR FOR SELECT id FROM aircall.calls WHERE direction = 'inbound'");
idle('a scan that has asked nothing');
$session->query_safe('FETCH 1 FROM c');
is(activity('pid, server, entity, pages_done, pages_total > 1, rows, state'),
	"$pid|aircall|calls|1|t|50|processing rows", 'a scan whose rows are taken one by one');
like(activity('request', 'caller'), qr{^GET /v1/calls/search\?direction=inbound&.*per_page=50&page=1}, 'its request, for its role');
is(activity('request IS NULL', $_->[0]), $_->[1], "$_->[0] sees it: $_->[1]")
  foreach ([ 'plain', 't' ], [ 'reader', 'f' ], [ 'boss', 'f' ]);
is(sql('SELECT count(*) FROM crm_fdw.activity', 'other'), '0', 'another database does not see it');
$session->query_safe('FETCH 60 FROM c');
is(activity('pages_done, rows'), '2|100', 'it gets on');
$session->query_safe('CLOSE c');
idle('a closed cursor');
$session->query_safe('ROLLBACK; RESET ROLE');

$session->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT id FROM aircall.calls; FETCH 1 FROM c');
is(activity('pages_total'), $pages, 'pages there will be');
$session->query_safe('FETCH 2590 FROM c');
is(activity('pages_done >= pages_total - 3, pages_total - ' . $pages . ' BETWEEN 0 AND 5'), 't|t', 'which come true');
$session->query_safe('FETCH ALL FROM c');
idle('a scan that has come to its end');
$session->query_safe('COMMIT');

$session->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT a.id FROM aircall.calls a, aircall.users b; FETCH 1 FROM c');
is(sql("SELECT count(*) FROM crm_fdw.activity WHERE pid = $pid"), '2', 'a join is two scans of one process');
$session->query_safe('ROLLBACK');
idle('a transaction that was rolled back');

$session->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT user_id FROM aircall.user_numbers; FETCH 1 FROM c');
is(activity('entity, pages_total IS NULL'), 'user_numbers|t', 'lists below parents: pages unknown');
$session->query_safe('ROLLBACK');

# While it waits.
sub start
{
	my ($sql) = @_;
	$session->query_until(qr/started/, "\\echo started\n$sql;\n");
	return;
}

$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'hang_headers');
start('SELECT * FROM aircall.teams');
wait_for("entity = 'teams' AND state = 'requesting' AND pages_done = 0 AND request LIKE 'GET /v1/teams%'", 'requesting');
wait_event_is($pid, 'CrmFdwResponse', 'waiting for an answer');
sql("SELECT pg_cancel_backend($pid)");
idle('a cancelled query');
$sandbox->clear_faults;

# A Retry-After closes the account for everybody.
sql("ALTER SERVER aircall OPTIONS (SET base_url '$strict')");
$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'status',
	params => { code => 503, headers => { 'Retry-After' => '60' }, body => $secret });
start('SELECT * FROM aircall.teams');
wait_for("state = 'backing off'", 'backing off');
wait_event_is($pid, 'CrmFdwBackoff', 'waiting to try again');
sql("SELECT pg_cancel_backend($pid)");
idle('cancelled while backing off');
sql("ALTER SERVER aircall OPTIONS (SET base_url '" . $sandbox->base_url . "')");
$sandbox->clear_faults;
$session->quit;

$session = $node->background_psql('postgres', on_error_stop => 0);
$pid = $session->query_safe('SELECT pg_backend_pid()');
sql("ALTER SERVER ac OPTIONS (SET rate_limit '3/min', SET base_url '$strict', ADD max_wait '10 min')");
my $sent = stats('requests', 'contacts', server => 'ac') || 0;
my $seq = $sandbox->control('GET', 'health')->{seq};
start('SELECT * FROM ac.contacts');
wait_for("state = 'waiting for rate limit' AND pages_done > 0", 'waiting for the rate limit');
wait_event_is($pid, 'CrmFdwRateLimit', 'waiting for a turn');
sql("SELECT pg_terminate_backend($pid)");
idle('a terminated session');
is(stats('scans > 0, requests - ' . $sandbox->requests(crm => 'activecampaign', since => $seq), 'contacts', server => 'ac'), 't|' . $sent, 'what it sent has been counted');
eval { $session->quit };
sql("ALTER SERVER ac OPTIONS (SET rate_limit '1000/s', SET base_url '" . $sandbox->base_url . "')");

# An error ends it too, and no secret is anywhere.
$sandbox->fault(crm => 'aircall', path => '/v1/calls', after => 2, kind => 'echo_credential', params => { code => 500 });
isnt(failure("SELECT * FROM aircall.calls WHERE direction = 'inbound'"), '', 'a scan fails in its middle');
idle('an error');
$sandbox->clear_faults;
foreach my $view (qw(stats activity))
{
	unlike(sql("SELECT * FROM crm_fdw.$view"), qr/sandbox-(?:aircall-token|ac-key|agile-key)/, "$view: no secret");
}
$session = $node->background_psql('postgres');
$session->query_safe("BEGIN; DECLARE c CURSOR FOR SELECT id FROM ac.contacts WHERE email = '$secret' OR email = 'sandbox-ac-key-3f9a'; FETCH 1 FROM c");
unlike(activity('request'), qr/sandbox-ac-key/, "not even a query's own");
$session->quit;

# ------------------------------------------------------------------ totals

sub estimate
{
	my ($table) = @_;
	return sql("EXPLAIN (FORMAT JSON) SELECT * FROM $table") =~ /"Plan Rows": (\d+)/ ? $1 : '';
}

isnt(estimate('agile.tasks'), $sandbox->count('agilecrm', 'tasks'), 'a table nobody has read is guessed');
sql('SELECT * FROM agile.tasks');
is(estimate('agile.tasks'), $sandbox->count('agilecrm', 'tasks'), 'another session knows what one has read');
isnt(sql('EXPLAIN (FORMAT JSON) SELECT * FROM agile.tasks', 'other') =~ /"Plan Rows": (\d+)/ ? $1 : '',
	$sandbox->count('agilecrm', 'tasks'), 'not in another database');
sql("CREATE FOREIGN TABLE changing (id bigint) SERVER agile OPTIONS (entity 'tasks'); SELECT * FROM changing");
is(estimate('changing'), $sandbox->count('agilecrm', 'tasks'), 'a total');
sql("ALTER FOREIGN TABLE changing OPTIONS (SET entity 'deals')");
isnt(estimate('changing'), $sandbox->count('agilecrm', 'tasks'), 'is forgotten when the table reads something else');
$node->stop;

# ------------------------------------------------- without shared memory

my $bare = PostgreSQL::Test::Cluster->new('bare');
$bare->init;
$bare->start;
$sandbox->create_servers($bare, only => ['aircall']);
my (undef, $stdout, $stderr) = $bare->psql('postgres',
	'SELECT count(*) FROM crm_fdw.stats; SELECT count(*) FROM crm_fdw.activity; SELECT crm_fdw.stats_reset()');
is("$stdout|$stderr", "0\n0\n|", 'not preloaded: the views are empty, without a notice');
is($bare->safe_psql('postgres', 'SELECT count(id) FROM aircall.users'), $sandbox->count('aircall', 'users'), 'reading works');
is($bare->safe_psql('postgres', 'SELECT count(*) FROM crm_fdw.stats'), $named_waits ? '1' : '0',
	$named_waits ? 'and counts, as the first session has made the memory' : 'and counts nothing');
is($bare->safe_psql('postgres', q{
	SELECT set_config('x.rows', count(id)::text, false) FROM aircall.teams;
	EXPLAIN SELECT * FROM aircall.teams}) =~ /rows=(\d+)/ ? $1 : '',
	$sandbox->count('aircall', 'teams'), 'a session remembers totals by itself');
$bare->stop;
done_testing();
