# crm_fdw.check_server(): what somebody who has just stored a key is told, in
# every set-up that is known to go wrong.  A failure has one row, nothing behind
# it is asked for, and no request is sent twice.

use strict;
use warnings;

use CrmSandbox;
use IO::Socket::INET;
use POSIX qw(strftime);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->start;

my $sandbox = CrmSandbox->start;
my $fast = "rate_limit '1000/s', request_timeout '2s', connect_timeout '2s'";
$sandbox->create_servers($node, options => { ac => $fast, aircall => $fast, agile => $fast });
my $home = $sandbox->base_url;

my @fixed = ('options', 'reachability', 'TLS', 'credential', 'account', 'admin rights', 'clock', 'rate budget');
my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');
my %names;
foreach my $server (keys %crm_of)
{
	my $entities = $node->safe_psql('postgres', "SELECT entity FROM crm_fdw.entities('$crm_of{$server}')");
	$names{$server} = [ @fixed, map { "entity $_" } split /\n/, $entities ];
}

# Whatever a check has said, to look for secrets in the end.
my $said = '';

sub sql
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# One call, with the emulator's clock set to ours (or skew seconds off), as rows:
# name => { ok => 't', 'f' or '', detail, hint }; and the number of requests.
sub check
{
	my ($label, $server, %options) = @_;

	$sandbox->clear_log;
	$sandbox->config(now => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(int(time) + ($options{skew} // 0))));
	my ($status, $stdout, $stderr) = $node->psql(
		'postgres',
		($options{before} // '') . "SELECT * FROM crm_fdw.check_server('$server')",
		extra_params => [ '-F', "\x1f", '-U', $options{role} // $ENV{PGUSER} // getpwuid($<) ]);
	$said .= "$stdout\n$stderr\n";

	my @lines = map { [ split /\x1f/, $_, -1 ] } split /\n/, $stdout;
	my $requests = $sandbox->requests;
	is($status, 0, "$label: no error") or diag $stderr;
	is(join(',', map { $_->[0] } @lines), join(',', @{ $options{names} // $names{$server} }), "$label: each row, on one line");
	cmp_ok($requests, '<=', scalar(@lines), "$label: no more requests than rows");
	is($stderr, '', "$label: nothing beside the rows");
	return ($requests, map { $_->[0] => { ok => $_->[1], detail => $_->[2], hint => $_->[3] } } @lines);
}

# A broken set-up: the row that says so, in words that match, with a hint that
# says what to do.  The rows in front of it are fine.  What is behind it was not
# checked, unless "goes_on".
sub broken
{
	my ($label, $server, $row, $detail, $hint, %options) = @_;
	my ($requests, %rows) = check($label, $server, %options);
	my $behind = 0;

	is($rows{$row}{ok}, 'f', "$label: \"$row\" is not ok");
	like($rows{$row}{detail}, $detail, "$label: detail");
	like($rows{$row}{hint}, $hint, "$label: hint");
	is($requests, $options{requests}, "$label: requests") if exists $options{requests};
	my %unlike;
	foreach my $name (@{ $options{names} // $names{$server} })
	{
		my $expected = $options{goes_on} || !$behind ? 't' : '';

		$behind = 1, next if $name eq $row;
		$expected = $options{except}{$name} if exists $options{except}{$name};
		$unlike{$name} = "$rows{$name}{ok} $rows{$name}{detail}"
		  if $rows{$name}{ok} ne $expected || ($expected eq '' && $rows{$name}{detail} !~ /^(?:not checked|needs )/);
	}
	is_deeply(\%unlike, {}, "$label: the other rows");
	return %rows;
}

# The same for the time of a change of options.
sub changed
{
	my ($do, $undo, @args) = @_;
	sql($do);
	my %rows = broken(@args);
	sql($undo);
	return %rows;
}

sub moved
{
	my ($url, $label, @args) = @_;
	return changed("ALTER SERVER aircall OPTIONS (SET base_url '$url')",
		"ALTER SERVER aircall OPTIONS (SET base_url '$home')", $label, 'aircall', @args);
}

sub with_fault
{
	my ($fault, @args) = @_;
	$sandbox->fault(%$fault);
	my %rows = broken(@args);
	$sandbox->clear_faults;
	return %rows;
}

sub switched
{
	my ($crm, $switches, @args) = @_;
	my %before = %{ $sandbox->config()->{switches}{$crm} };
	$sandbox->config(switches => { $crm => $switches });
	my %rows = broken(@args);
	$sandbox->config(switches => { $crm => { map { $_ => $before{$_} } keys %$switches } });
	return %rows;
}

# SQLSTATE of a statement's error, or ''.
sub failure
{
	my ($sql, @params) = @_;
	my (undef, undef, $stderr) = $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=sqlstate', @params ]);
	return $stderr =~ /ERROR:\s+(\w{5})/ ? $1 : '';
}

# ---------------------------------------------------------------- healthy

$sandbox->config(switches => { activecampaign => { restricted_deals => 0 } });

# How many requests a check of a healthy account takes, as README.md says.
my %cost = (ac => 70, aircall => 26, agile => 20);
foreach my $server (sort keys %crm_of)
{
	sql('SELECT crm_fdw.stats_reset()');
	my ($requests, %rows) = check("healthy $server", $server);

	is_deeply({ map { $_ => $rows{$_} } grep { $rows{$_}{ok} ne 't' } keys %rows }, {}, "healthy $server: all rows ok");
	is(join(',', map { "$_: $rows{$_}{hint}" } grep { $rows{$_}{hint} ne '' } keys %rows), '', "healthy $server: no hints");
	is($requests, $cost{$server}, "healthy $server: $cost{$server} requests");
	is(sql("SELECT sum(requests), max(requests), sum(errors), count(*) > 15 FROM crm_fdw.stats WHERE server = '$server'"),
		"$requests|1|0|t", "healthy $server: crm_fdw.stats has them, one per entity");
}
is(sql("SELECT requests FROM crm_fdw.stats WHERE server = 'aircall' AND entity = '/v1/ping'"),
	'1', 'the probe goes by its path');
is(sql('SELECT count(*) FROM crm_fdw.activity'), '0', 'nothing is left running');
{
	my (undef, %rows) = check('words', 'ac');
	like($rows{options}{detail}, qr/^complete: ActiveCampaign at \Q$home\E$/, 'options: CRM and address');
	like($rows{reachability}{detail}, qr/^"127\.0\.0\.1" answered with status 200 in \d+ ms$/, 'reachability: status');
	like($rows{TLS}{detail}, qr/^not used/, 'TLS: not used');
	like($rows{account}{detail}, qr/^the key belongs to .*admin\@ridgeline\.example/, 'account: the user');
	like($rows{'rate budget'}{detail}, qr{^1000/s, \d+ available; shared by all sessions$}, 'rate budget');
	like($rows{'entity deals'}{detail}, qr/^readable, \d+ records$/, 'an entity with its total');
	like($rows{'entity notes'}{detail}, qr/^readable, \d+ records$/, 'another one');
	like($rows{'entity bounce_logs'}{detail}, qr/^readable below contacts \d+/, 'below a record seen on the way');
	like($rows{'entity field_options'}{detail}, qr/^comes with "custom_fields"$/, 'beside other records');
	(undef, %rows) = check('words', 'aircall');
	like($rows{account}{detail}, qr/^the key belongs to \S/, 'account: the company');
	like($rows{'entity call_tags'}{detail}, qr/^comes with "calls"$/, 'inside of other records');
}
# Where nothing exists, what is below it cannot be asked for; that is no failure.
$sandbox->fault(crm => 'aircall', path => '/v2/users$', kind => 'status', params => { code => 200, body => { users => [], meta => { total => 0 } } });
{
	my (undef, %rows) = check('no users', 'aircall');
	is($rows{'entity users'}{detail}, 'readable, no records', 'no users: none');
	is("$rows{'entity user_numbers'}{ok}|$rows{'entity user_numbers'}{detail}", '|needs a record of "users", which shows none', 'no users: nothing below them');
}
$sandbox->clear_faults;

# A path known under two roots is asked for under the other one, too.
$sandbox->fault(crm => 'agilecrm', path => '/core/api/custom-fields', kind => 'status', params => { code => 404, body => 'gone' });
{
	my ($requests, %rows) = check('other root', 'agile');
	is("$rows{'entity custom_fields'}{ok} $requests", 't ' . ($cost{agile} + 1), 'other root: readable there');
}
$sandbox->clear_faults;

# ---------------------------------------------------------------- options

changed("ALTER USER MAPPING FOR CURRENT_USER SERVER agile OPTIONS (DROP email)",
	"ALTER USER MAPPING FOR CURRENT_USER SERVER agile OPTIONS (ADD email 'owner\@example.com')",
	'e-mail missing', 'agile', 'options', qr/option "email"/, qr/ALTER USER MAPPING/, requests => 0);
changed("ALTER SERVER ac OPTIONS (DROP base_url)", "ALTER SERVER ac OPTIONS (ADD base_url '$home')",
	'base_url missing', 'ac', 'options', qr/"base_url"/, qr/ALTER SERVER ac/, requests => 0);
changed("DROP USER MAPPING FOR CURRENT_USER SERVER aircall",
	'CREATE USER MAPPING FOR CURRENT_USER SERVER aircall OPTIONS (' . $sandbox->credential_sql('aircall') . ')',
	'no user mapping', 'aircall', 'options', qr/no user mapping for server "aircall"/, qr/CREATE USER MAPPING/, requests => 0);
my $directory = PostgreSQL::Test::Utils::tempdir();
changed("ALTER USER MAPPING FOR CURRENT_USER SERVER ac OPTIONS (DROP api_key, ADD secret_file '$directory/no-such-file')",
	'ALTER USER MAPPING FOR CURRENT_USER SERVER ac OPTIONS (DROP secret_file, ADD ' . $sandbox->credential_sql('ac') . ')',
	'secret_file unreadable', 'ac', 'options', qr/secret_file .* it cannot be opened/, qr/regular file that the server process can read/, requests => 0);
sql("CREATE ROLE clerk LOGIN; CREATE SERVER theirs FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'aircall', base_url '$home', rate_limit '1000/s')");
sql("CREATE USER MAPPING FOR clerk SERVER theirs OPTIONS (" . $sandbox->credential_sql('aircall') . ')');
sql("GRANT USAGE ON FOREIGN DATA WRAPPER crm_fdw TO clerk; ALTER SERVER theirs OWNER TO clerk");
broken('host not allowed', 'theirs', 'options', qr/host "127\.0\.0\.1" of server "theirs" is not allowed/, qr/allowed_hosts/,
	requests => 0, role => 'clerk', names => $names{aircall});

# ---------------------------------------------------------------- the way there

moved('https://no-such-host.invalid', 'wrong host', 'reachability', qr/could not resolve host "no-such-host\.invalid"/, qr/"base_url"/, requests => 0);
my $free = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $refused = $free->sockport;
close $free;
moved("http://127.0.0.1:$refused", 'server down', 'reachability', qr/could not connect to "127\.0\.0\.1"/, qr/"base_url".*network/, requests => 0);
sql("ALTER SYSTEM SET crm_fdw.allowed_hosts = '127.0.0.1'; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT current_setting('crm_fdw.allowed_hosts') = '127.0.0.1'");
broken('private address', 'theirs', 'reachability', qr/the address of host "127\.0\.0\.1" is refused/, qr/superuser/,
	requests => 0, role => 'clerk', names => $names{aircall});
with_fault({ crm => 'aircall', path => '/v1/ping', kind => 'hang_headers' },
	'no answer', 'aircall', 'reachability', qr/did not finish its answer .* within 2 s/, qr/request_timeout/, requests => 1);
with_fault({ crm => 'aircall', path => '/v1/ping', kind => 'close' },
	'connection closed', 'aircall', 'reachability', qr/broke off its answer/, qr/network/);
with_fault({ crm => 'aircall', path => '/v1/ping', kind => 'status', params => { code => 503, body => 'maintenance' } },
	'maintenance', 'aircall', 'reachability', qr/503.*maintenance/, qr/try again later/, requests => 1);
with_fault({ crm => 'activecampaign', path => '/users/me', kind => 'html', params => { title => 'Log in' } },
	'HTML login page', 'ac', 'reachability', qr/expected JSON, got HTML.*Log in/, qr/"base_url"/, requests => 1);
with_fault({ crm => 'activecampaign', path => '/users/me', kind => 'redirect', params => { location => 'https://www.example.com/login?to=1' } },
	'redirect', 'ac', 'reachability', qr{302.*redirect refused.*https://www\.example\.com/login}, qr/"base_url"/, requests => 1);
with_fault({ crm => 'activecampaign', path => '/users/me', kind => 'status', params => { code => 404, body => { message => 'no such page' } } },
	'another server', 'ac', 'reachability', qr/404.*no such page/, qr/"base_url"/, requests => 1);
with_fault({ crm => 'activecampaign', path => '/users/me', kind => 'status', params => { code => 200, body => { hello => 'world' } } },
	'another API', 'ac', 'reachability', qr{"127\.0\.0\.1" answered 200 .*, but not as ActiveCampaign does}, qr/"base_url" and "crm"/, requests => 1);

system_or_bail('openssl', 'req', '-batch', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1',
	'-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', "$directory/key.pem", '-out', "$directory/cert.pem");
my $tls = CrmSandbox->start(tls_cert => "$directory/cert.pem", tls_key => "$directory/key.pem");
moved($tls->base_url, 'certificate not trusted', 'TLS', qr/certificate of "127\.0\.0\.1" cannot be trusted/, qr/"ca_file"/, requests => 0);
is($tls->requests, 0, 'certificate not trusted: the credential was not sent');
sql("ALTER SERVER aircall OPTIONS (SET base_url '" . $tls->base_url . "', ADD ca_file '$directory/cert.pem')");
$tls->config(now => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime));
{
	my (undef, %rows) = check('certificate trusted', 'aircall');
	is("$rows{TLS}{ok} $rows{TLS}{detail}", 't the certificate is trusted', 'certificate trusted: it says so');
}
changed("ALTER SERVER aircall OPTIONS (SET ca_file '$directory/no-such-file')", "ALTER SERVER aircall OPTIONS (DROP ca_file, SET base_url '$home')",
	'ca_file missing', 'aircall', 'TLS', qr/could not send a request/, qr/"ca_file"/, requests => 0, except => { reachability => '' });
$tls->stop;

# ---------------------------------------------------------------- the key

my %wrong = (
	ac => "SET api_key 'no-such-key-at-all'",
	aircall => "SET api_token 'no-such-token-at-all'",
	agile => "SET api_key 'no-such-key-at-all'");
foreach my $server (sort keys %wrong)
{
	(my $good = $sandbox->credential_sql($server)) =~ s/(\w+) '/SET $1 '/g;
	changed("ALTER USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS ($wrong{$server})",
		"ALTER USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS ($good)",
		"wrong key for $server", $server, 'credential', qr/40[13].*the credential is refused/, qr/user mapping for server "$server"/, requests => 1);
}
with_fault({ crm => 'activecampaign', path => '/users/me', kind => 'echo_credential' },
	'a refusal that repeats the key', 'ac', 'credential', qr/refused.*\*\*\*/i, qr/user mapping/, requests => 1);
with_fault({ crm => 'activecampaign', path => '/users/me', kind => 'status', params => { code => 402, body => { message => 'Payment required' } } },
	'unpaid account', 'ac', 'account', qr/402.*Payment required/, qr/billing/, requests => 1, except => { credential => '' });
switched('agilecrm', { restricted_user => JSON::PP::true },
	"a restricted user's key", 'agile', 'admin rights', qr/no administrator's/, qr/REST key of an administrator/, goes_on => 1);
switched('activecampaign', { admin_key => JSON::PP::false },
	'no administrator', 'ac', 'admin rights', qr/no administrator's/, qr/Admin group/, goes_on => 1, requests => $cost{ac});
switched('activecampaign', { restricted_deals => 0.5 },
	'restricted deals', 'ac', 'admin rights', qr/\d+ of the first 100 records of "deals" are restricted/, qr/all pipelines/, goes_on => 1);
$sandbox->fault(crm => 'activecampaign', path => '/settings/account', kind => 'status', params => { code => 404, body => { message => 'No route' } });
{
	my (undef, %rows) = check('nobody tells', 'ac');
	is($rows{'admin rights'}{ok}, 't', 'an API that does not tell who is an administrator is no failure');
	like($rows{'admin rights'}{detail}, qr/none of the first 100 records of "deals" is restricted; .*does not tell/, 'it says what was looked at');
}
$sandbox->clear_faults;

# ---------------------------------------------------------------- clock, budget

broken('clock behind', 'aircall', 'clock', qr/clock is (?:119|120|121) s ahead of this server's/, qr/NTP/, goes_on => 1, skew => 120);
broken('clock ahead', 'aircall', 'clock', qr/clock is (?:299|300|301) s behind this server's/, qr/NTP/, goes_on => 1, skew => -300);
changed("ALTER SERVER aircall OPTIONS (ADD max_wait '1s')", "ALTER SERVER aircall OPTIONS (DROP max_wait)",
	'budget used up', 'aircall', 'rate budget', qr/429.*its rate limit is exceeded/, qr/free again at/,
	requests => 1, except => { credential => '', account => '', 'admin rights' => '' })
  if $sandbox->fault(crm => 'aircall', path => '/v1/ping', kind => 'retry_after', params => { seconds => 2 });
{
	# The account stays closed until then: nothing is sent.
	sql("ALTER SERVER aircall OPTIONS (ADD max_wait '0s')");
	broken('budget closed', 'aircall', 'rate budget', qr/would have to wait \d+ s for the rate limit/, qr/free again at/,
		requests => 0, except => { map { $_ => '' } @fixed[ 1 .. 6 ] });
	$sandbox->clear_faults;
	sql("ALTER SERVER aircall OPTIONS (DROP max_wait)");
}
with_fault({ crm => 'aircall', path => '/v1/(?!ping)', after => 3, kind => 'retry_after', params => { seconds => 1 } },
	'budget used up on the way', 'aircall', 'rate budget', qr/429/, qr/free again at/,
	requests => 6, except => { account => '', map { ("entity $_" => 't') } qw(calls users teams contacts) });

# ---------------------------------------------------------------- entities

switched('activecampaign', { feature_off => ['ecomOrders'] },
	'a plan without shops', 'ac', 'entity ecommerce_orders', qr/403.*signed in, but may not read it/, qr/plan or add-ons/, goes_on => 1, requests => $cost{ac});
switched('aircall', { conversation_intelligence => JSON::PP::false },
	'no add-on', 'aircall', 'entity call_summaries', qr/403/, qr/add-ons/, goes_on => 1,
	requests => $cost{aircall}, except => { map { ("entity call_$_" => 'f') } qw(transcriptions sentiments topics action_items evaluations predicted_csats custom_summary_results playbook_results) });
with_fault({ crm => 'activecampaign', path => '/savedResponses', kind => 'status', params => { code => 404, body => { message => 'No route found' } } },
	'an endpoint that is gone', 'ac', 'entity saved_responses', qr/404/, qr/plan or add-ons may not include "saved_responses"/, goes_on => 1, requests => $cost{ac});
with_fault({ crm => 'aircall', path => '/v1/teams', kind => 'status', params => { code => 500, body => 'oops' } },
	'an endpoint in trouble', 'aircall', 'entity teams', qr/500.*oops/, qr/try again later/,
	goes_on => 1, requests => $cost{aircall}, except => { 'entity team_users' => '' });
with_fault({ crm => 'aircall', path => '/v1/calls$', kind => 'wrong_envelope' },
	'an unknown answer', 'aircall', 'entity calls', qr{expected an array at "/calls"}, qr/./, goes_on => 1,
	except => { map { ("entity call_$_" => '') } qw(comments tags teams participants ivr_options ai_voice_agents
		transcriptions summaries sentiments topics action_items evaluations predicted_csats custom_summary_results playbook_results) });
with_fault({ crm => 'aircall', path => '/v[12]/(?:numbers|tags)$', kind => 'hang_headers' },
	'a server that is gone', 'aircall', 'entity numbers', qr/did not finish its answer/, qr/./, requests => 7,
	except => { 'entity tags' => 'f', account => '' });
broken('a limit on requests', 'aircall', 'entity teams', qr/more than 3 requests/, qr/crm_fdw\.max_requests/,
	before => 'SET crm_fdw.max_requests = 3;', requests => 3, except => { account => '' });

# ---------------------------------------------------------------- errors

sql('CREATE FOREIGN DATA WRAPPER other; CREATE SERVER other FOREIGN DATA WRAPPER other');
is(failure("SELECT * FROM crm_fdw.check_server('nowhere')"), '42704', 'no such server');
is(failure("SELECT * FROM crm_fdw.check_server('other')"), '42809', "another wrapper's server");
is(failure("SELECT * FROM crm_fdw.check_server('aircall')", '-U', 'clerk'), '42501', 'no privilege');
sql('GRANT USAGE ON FOREIGN SERVER aircall TO clerk');
broken("a role without a user mapping", 'aircall', 'options', qr/role "clerk" has no user mapping/, qr/CREATE USER MAPPING FOR clerk/,
	role => 'clerk', requests => 0);
is(sql('SELECT count(*) FROM crm_fdw.check_server(NULL)'), '0', 'no name, no rows');

$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'hang_headers');
my $started = time;
is(failure("SET statement_timeout = '300ms'; SELECT * FROM crm_fdw.check_server('aircall')"), '57014', 'it can be cancelled');
cmp_ok(time - $started, '<', 1.5, 'at once');
$sandbox->clear_faults;

# Part of a query and of a transaction like any function.
is(sql("BEGIN; SAVEPOINT s; SELECT count(*) FROM crm_fdw.check_server('agile'); ROLLBACK TO s; SELECT count(*) FROM agile.tags; COMMIT"),
	scalar(@{ $names{agile} }) . "\n" . $sandbox->count('agilecrm', 'tags'), 'inside of a transaction');

sql("ALTER SERVER agile OPTIONS (DROP rate_limit)");
{
	my (undef, %rows) = check('default limit', 'agile');
	like($rows{'rate budget'}{detail}, qr{^4/s by default, \d+ available}, 'the default limit is told');
}

# Without shared memory the budget is the session's own, which the row says.
SKIP:
{
	skip 'PostgreSQL 17 and newer share it anyway', 2 if $node->safe_psql('postgres', 'SHOW server_version_num') >= 170000;
	my $alone = PostgreSQL::Test::Cluster->new('alone');
	$alone->init;
	$alone->start;
	$sandbox->create_servers($alone, only => ['agile']);
	my $row = $alone->safe_psql('postgres', "SELECT ok, detail, hint FROM crm_fdw.check_server('agile') WHERE check_name = 'rate budget'");
	like($row, qr{^t\|1000/s, \d+ available; of this session only\|}, 'not preloaded: the budget is one of this session');
	like($row, qr/"shared_preload_libraries"/, 'not preloaded: what to set');
	$alone->stop;
}

my @secrets = qw(sandbox-ac-key sandbox-aircall-token sandbox-agile-key sandbox-id no-such-key no-such-token);
is(join(' ', grep { index($said, $_) >= 0 } @secrets), '', 'no secret in anything that was said');

$node->stop;
done_testing();
