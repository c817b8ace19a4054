# Everything that can go wrong, each with its SQLSTATE, a message that names
# CRM, entity and status, and a hint; afterwards the session works on and
# neither sockets nor memory are left behind.

use strict;
use warnings;

use CrmSandbox;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->start;

my $sandbox = CrmSandbox->start;
my $fast = "rate_limit '1000/s', max_retries '1', request_timeout '2s', connect_timeout '2s', max_wait '2s', max_response_size '1MB'";
$sandbox->create_servers($node, options => { ac => $fast, aircall => $fast, agile => $fast });
$node->safe_psql(
	'postgres', q{
	CREATE FUNCTION attempt(command text, OUT code text, OUT message text, OUT detail text, OUT hint text, OUT context text)
	LANGUAGE plpgsql AS $$
	DECLARE
		r record;
	BEGIN
		FOR r IN EXECUTE command LOOP END LOOP;
		code := '00000';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
			detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
	END
	$$;
});

# One session for everything, so that a leak or a broken connection shows.
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe("SET client_min_messages = error");
$session->query_safe("SELECT count(*) FROM $_") foreach qw(ac.lists aircall.tags agile.tags);
my $pid = $session->query_safe('SELECT pg_backend_pid()');
# Without the catalog caches, which are not ours and grow by doubling.
my $bytes_query = q{SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name NOT IN ('CacheMemoryContext', 'index info')};
my @descriptors = descriptors();
my $bytes = $session->query_safe($bytes_query);

# The backend's descriptors that are not files, which PostgreSQL opens and
# closes as it likes.
sub descriptors
{
	return sort grep { !m{^/} } map { s/\d{3,}//r } map { readlink $_ } glob "/proc/$pid/fd/*";
}

# Runs a statement that must fail; pattern is for message, detail and hint.
sub fails
{
	my ($label, $sql, $sqlstate, @patterns) = @_;
	(my $quoted = $sql) =~ s/'/''/g;
	my $line = $session->query_safe(
		"SELECT concat_ws('~', code, replace(message, E'\\n', ' '), 'D:' || detail, 'H:' || hint, 'C:' || replace(context, E'\\n', ' ')) FROM attempt('$quoted')");

	like($line, qr/^$sqlstate~/, "$label: SQLSTATE $sqlstate");
	like($line, $_, "$label: message matches $_") foreach @patterns;
	like($line, qr/H:[^~]/, "$label: has a hint") unless $sqlstate =~ /^(?:00000|57014)$/;
	unlike($line, qr/sandbox-ac-key|sandbox-aircall-token|sandbox-agile-key|sandbox-id/, "$label: no secret");
	return;
}

sub with_fault
{
	my ($fault, $label, $sql, @expected) = @_;
	$sandbox->fault(%$fault);
	fails($label, $sql, @expected);
	$sandbox->clear_faults;
	is($session->query_safe('SELECT count(*) FROM aircall.company'), '1', "$label: the session works on");
	return;
}

# Credentials
my %wrong = (
	ac => [ "SET api_key 'wrong'", 'deals', 'ActiveCampaign', 403 ],
	aircall => [ "SET api_token 'wrong'", 'calls', 'Aircall', 403 ],
	agile => [ "SET api_key 'wrong'", 'contacts', 'Agile CRM', 401 ]);
foreach my $server (sort keys %wrong)
{
	my ($option, $table, $title, $status) = @{ $wrong{$server} };
	my $good = $sandbox->credential_sql($server);
	$good =~ s/(\w+) '/SET $1 '/g;
	$node->safe_psql('postgres', "ALTER USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS ($option)");
	fails("wrong key for $title", "SELECT * FROM $server.$table", '28000', qr/$title/, qr/"$table"/, qr/$status/, qr/user mapping/);
	$node->safe_psql('postgres', "ALTER USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS ($good)");
	isnt($session->query_safe("SELECT count(*) FROM $server.$table"), '0', "$title works again with the right key");
}
$node->safe_psql('postgres', "ALTER USER MAPPING FOR CURRENT_USER SERVER aircall OPTIONS (DROP api_id, DROP api_token, ADD access_token 'sandbox-aircall-oauth-55')");
is($session->query_safe('SELECT count(*) FROM aircall.company'), '1', 'Aircall OAuth token');
$node->safe_psql('postgres', "ALTER USER MAPPING FOR CURRENT_USER SERVER aircall OPTIONS (DROP access_token, ADD api_id 'sandbox-id', ADD api_token 'sandbox-aircall-token-77')");

# Signed in, but not entitled: the probe tells the difference.
with_fault({ crm => 'activecampaign', path => '/savedResponses', kind => 'status', params => { code => 403, body => { message => 'Forbidden' } } },
	'403 without entitlement', 'SELECT * FROM ac.saved_responses', '42501', qr/ActiveCampaign/, qr/saved_responses/, qr/403/, qr/Forbidden/);
with_fault({ crm => 'aircall', path => '/summary', kind => 'status', params => { code => 403, body => { message => 'Forbidden' } } },
	'403 without the add-on', 'SELECT * FROM aircall.call_summaries WHERE call_id = 4186780376', '42501', qr/Aircall/, qr/call_summaries/, qr/403/);

# Not found in whatever code is no error.
$sandbox->fault(crm => 'activecampaign', path => '/forms', kind => 'status', params => { code => 403, body => { message => 'No Result found for Form with id 9' } });
is($session->query_safe('SELECT count(*) FROM ac.forms'), '0', '403 that means not found is an empty list');
$sandbox->clear_faults;

# The server's faults
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'status', params => { code => 500, body => 'oops' } },
	'500 until retries end', 'SELECT * FROM aircall.teams', 'HV00N', qr/Aircall/, qr/"teams"/, qr/500/);
with_fault({ crm => 'activecampaign', path => '/lists', kind => 'retry_after', params => { seconds => 1 } },
	'429 for ever', 'SELECT * FROM ac.lists', '53400', qr/ActiveCampaign/, qr/"lists"/);
with_fault({ crm => 'activecampaign', path => '/lists', kind => 'truncated_json' },
	'truncated JSON', 'SELECT * FROM ac.lists', 'HV000', qr/ActiveCampaign/, qr/"lists"/, qr/200/);
with_fault({ crm => 'activecampaign', path => '/lists', kind => 'html' },
	'HTML with status 200', 'SELECT * FROM ac.lists', 'HV000', qr/HTML/, qr/"lists"/);
with_fault({ crm => 'agilecrm', path => '/tags', kind => 'xml' },
	'XML with status 200', 'SELECT * FROM agile.tags', 'HV000', qr/Agile CRM/, qr/XML/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'not_json', params => { body => 'Owner with this email does not exist.' } },
	'plain text with status 200', 'SELECT * FROM aircall.teams', 'HV000', qr/JSON/, qr/Owner with this email/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'wrong_envelope' },
	'wrong envelope', 'SELECT * FROM aircall.teams', 'HV000', qr/Aircall/, qr/teams/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'status', params => { code => 404, body => { message => 'Not Found' } } },
	'endpoint gone', 'SELECT * FROM aircall.teams', 'HV00R', qr/Aircall/, qr/"teams"/, qr/404/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'redirect', params => { location => 'https://elsewhere.example/v1/teams' } },
	'redirect', 'SELECT * FROM aircall.teams', 'HV000', qr/Aircall/, qr/redirect/i);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'close' }, 'connection closed before an answer', 'SELECT * FROM aircall.teams', 'HV00N', qr/Aircall/, qr/"teams"/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'reset' }, 'connection reset', 'SELECT * FROM aircall.teams', 'HV00N', qr/Aircall/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'truncate' }, 'half a body', 'SELECT * FROM aircall.teams', 'HV00N', qr/Aircall/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'hang_headers' }, 'no answer', 'SELECT * FROM aircall.teams', 'HV00N', qr/Aircall/, qr/"teams"/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'big_body', params => { size => 3000000 } },
	'body over the cap', 'SELECT * FROM aircall.teams', '54000', qr/Aircall/, qr/max_response_size/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'gzip_bomb', params => { size => 500000000 } },
	'gzip bomb', 'SELECT * FROM aircall.teams', '54000', qr/max_response_size/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'deep_nesting' }, 'deep nesting', 'SELECT * FROM aircall.teams', '54000', qr/Aircall/);
with_fault({ crm => 'activecampaign', path => '/lists', kind => 'echo_credential' },
	'a body that repeats the credential', 'SELECT * FROM ac.lists', '42501');

# Lists that go in circles
with_fault({ crm => 'agilecrm', path => '/dev/api/contacts$', kind => 'cursor_loop', after => 1 },
	'a cursor loop', 'SELECT * FROM agile.contacts', 'HV000', qr/Agile CRM/, qr/"contacts"/, qr/loop/);
with_fault({ crm => 'activecampaign', path => '/contacts$', kind => 'duplicate_page', after => 1 },
	'a repeated keyset page', 'SELECT * FROM ac.contacts', 'HV000', qr/ActiveCampaign/, qr/"contacts"/);
with_fault({ crm => 'activecampaign', path => '/deals$', kind => 'duplicate_page', after => 1 },
	'a repeated offset page', 'SELECT * FROM ac.deals', 'HV000', qr/ActiveCampaign/, qr/"deals"/);
with_fault({ crm => 'aircall', path => '/calls$', kind => 'duplicate_page', after => 1 },
	'a repeated numbered page', 'SELECT * FROM aircall.calls', 'HV000', qr/Aircall/, qr/"calls"/);

# A list that is "not found" in its middle is not at its end.
foreach my $list ([ 'deals', 'deals' ], [ 'contacts', 'contacts' ])
{
	with_fault({ crm => 'activecampaign', path => "/$list->[0]\$", kind => 'status', after => 1, params => { code => 404, body => { message => 'No Result found' } } },
		"$list->[1]: not found in the middle", "SELECT * FROM ac.$list->[1]", 'HV000', qr/ActiveCampaign/, qr/got nothing/);
}

# Values
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'wrong_type', params => { field => 'id', value => 'seven', row => 1 } },
	'a string in a number column', 'SELECT id FROM aircall.teams', '22P02',
	qr/Aircall/, qr/"teams"/, qr/column "id"/, qr/seven/, qr/server "aircall"/);
with_fault({ crm => 'aircall', path => '/users$', kind => 'huge_integer', params => { field => 'wrap_up_time' } },
	'a number out of range', 'SELECT id, wrap_up_time FROM aircall.users', '22003', qr/Aircall/, qr/column "wrap_up_time"/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'huge_integer' },
	'an id out of range', 'SELECT id FROM aircall.teams', 'HV000', qr/Aircall/, qr/"teams"/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'nul_escape' },
	'\u0000 in a text', 'SELECT name FROM aircall.teams', '22P05', qr/Aircall/, qr/column "name"/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'nul_escape' },
	'\u0000 in raw', 'SELECT raw FROM aircall.teams', '22P05', qr/column "raw"/);
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'invalid_utf8' },
	'invalid UTF-8', 'SELECT name FROM aircall.teams', '22021', qr/Aircall/, qr/"teams"/);
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (ADD on_conversion_error 'null')");
$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'wrong_type', params => { field => 'id', value => 'seven', row => 1 });
is($session->query_safe(q{SELECT count(*) FILTER (WHERE id IS NULL AND raw ->> 'id' = 'seven') FROM aircall.teams}), '1',
	'on_conversion_error null: NULL in the column, the original in raw');
my ($status, $stdout, $stderr) = $node->psql('postgres', 'SELECT id FROM aircall.teams');
like($stderr, qr/WARNING:  1 value/, 'on_conversion_error null: one warning with the count');
$sandbox->clear_faults;
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (DROP on_conversion_error)");

# Limits of one's own
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (ADD max_requests '3')");
fails('max_requests', 'SELECT * FROM aircall.calls', '54000', qr/Aircall/, qr/max_requests/);
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (DROP max_requests)");

# Where the server is, or is not
my $free = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $refused = $free->sockport;
close $free;
sub moved
{
	my ($label, $base_url, @expected) = @_;
	$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (SET base_url '$base_url')");
	fails($label, 'SELECT * FROM aircall.teams', @expected);
	$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (SET base_url '" . $sandbox->base_url . "')");
	return;
}
moved('refused connection', "http://127.0.0.1:$refused", 'HV00N', qr/Aircall/, qr/"teams"/);
moved('DNS failure', 'https://no-such-host.invalid', 'HV00N', qr/Aircall/, qr/no-such-host\.invalid/);

my $directory = PostgreSQL::Test::Utils::tempdir();
system_or_bail('openssl', 'req', '-batch', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
	'-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', "$directory/key.pem", '-out', "$directory/cert.pem");
my $tls = CrmSandbox->start(tls_cert => "$directory/cert.pem", tls_key => "$directory/key.pem");
moved('TLS with an unknown CA', $tls->base_url, 'HV00N', qr/Aircall/, qr/certificate/i);
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (SET base_url '" . $tls->base_url . "', ADD ca_file '$directory/cert.pem')");
is($session->query_safe('SELECT count(*) FROM aircall.company'), '1', 'TLS with its CA in ca_file');
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (SET base_url '" . $sandbox->base_url . "', DROP ca_file)");
$tls->stop;

# Nothing is left behind: idle connections are kept on purpose, one per request
# that was under way to a server at the same time.
$session->query_safe("SELECT count(*) FROM $_") foreach qw(ac.lists aircall.tags agile.tags);
my $bytes_after = $session->query_safe($bytes_query);
my @after = descriptors();
is(join(' ', grep { !/socket/ } @after), join(' ', grep { !/socket/ } @descriptors), 'no descriptor is left behind');
cmp_ok(scalar(grep { /socket/ } @after), '<=', 3 * 4 + grep({ /socket/ } @descriptors), 'no socket is left behind');
cmp_ok($bytes_after, '<', $bytes + 512 * 1024, "no memory is left behind ($bytes before, $bytes_after after)");
$session->quit;
$node->stop;
done_testing();
