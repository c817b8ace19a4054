# Several requests at once: as fast as curl, never more than were allowed, none
# that nobody needs, the same rows; and several servers at once under an Append.
#
# Runs alone: it measures time.

use strict;
use warnings;

use CrmSandbox;
use IO::Socket::INET;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');
my $credential_header = 'Api-Token: sandbox-ac-key-3f9a';
my $directory = PostgreSQL::Test::Utils::tempdir();

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

sub sql
{
	my ($query) = @_;
	return $node->safe_psql('postgres', $query);
}

# Starts over with a new sandbox and its three servers.
sub start_over
{
	my ($extra, %options) = @_;
	my $sandbox = CrmSandbox->start(%options);

	sql('DROP EXTENSION IF EXISTS crm_fdw CASCADE; DROP SCHEMA IF EXISTS ac, aircall, agile CASCADE');
	$sandbox->create_servers($node, options => { map { $_ => "rate_limit '100000/s', $extra" } keys %crm_of });
	return $sandbox;
}

sub set_concurrency
{
	my ($concurrency) = @_;
	sql(join '; ', map { "ALTER SERVER $_ OPTIONS (SET concurrency '$concurrency')" } keys %crm_of);
	return;
}

sub seconds
{
	my ($action) = @_;
	my $started = time;
	$action->();
	return time - $started;
}

sub least
{
	my ($number, @others) = @_;
	foreach (@others) { $number = $_ if $_ < $number }
	return $number;
}

sub most
{
	return -least(map { -$_ } @_);
}

# The number of requests that were under way at once.
sub most_in_flight
{
	my ($sandbox) = @_;
	return most(map { $_->{in_flight} } $sandbox->log);
}

# A statement in a session of its own that is under way when this returns.
sub run_in_background
{
	my ($query) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');

	$session->query_until(qr/^under way$/m, "\\echo under way\n$query;\n");
	return ($session, $pid);
}

sub wait_for
{
	my ($words, $condition) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	until ($condition->())
	{
		BAIL_OUT("waited too long for $words") if time > $deadline;
		sleep 0.02;
	}
	return;
}

# SQLSTATE of a statement, '00000' if it succeeds, and how long it took.
sub attempt
{
	my ($query) = @_;
	my ($status, $stdout, $stderr);
	my $seconds = seconds(
		sub {
			($status, $stdout, $stderr) =
			  $node->psql('postgres', $query, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
		});
	my ($code) = $stderr =~ /ERROR:  (\w{5})/;
	return ($code // ($status == 0 ? '00000' : 'none'), $seconds);
}

sub free_port
{
	return IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport;
}

# The requests of the sandbox's log once more, by curl.
sub curl_file
{
	my ($sandbox) = @_;
	my $file = "$directory/pages";
	my @pages;

	foreach my $entry ($sandbox->log)
	{
		my $query = join '&', map { join '=', map { s/([^\w\-])/sprintf('%%%02X', ord $1)/ger } @$_ } @{ $entry->{query} };
		push @pages, sprintf qq{url = "%s%s?%s"\noutput = "/dev/null"\nheader = "%s"\ncompressed\nfail\n},
		  $sandbox->base_url, $entry->{path}, $query, $credential_header;
	}
	unlink $file;
	append_to_file($file, join "next\n", @pages);
	return $file;
}

subtest 'a long list is read as fast as curl reads it' => sub {
	my $sandbox = start_over("concurrency '4'", scale => { 'activecampaign.deals' => 3000 });
	my $query = 'SELECT count(raw) FROM (SELECT raw FROM ac.deals OFFSET 0) d';

	$sandbox->config(latency_ms => 50);
	is(sql($query), 3000, 'all rows');
	cmp_ok(most_in_flight($sandbox), '<=', 4, 'no more requests at once than allowed');
	is(most_in_flight($sandbox), 4, 'as many requests at once as allowed');

	my $pages = curl_file($sandbox);
	my @command = ('curl', '--disable', '--noproxy', '*', '--parallel', '--parallel-max', '4', '--config', $pages);
	my (@ours, @curls, $out, $err);
	foreach my $round (1 .. 3)
	{
		push @curls, seconds(sub { IPC::Run::run(\@command, '>', \$out, '2>', \$err) or BAIL_OUT("curl: $err") });
		push @ours, seconds(sub { sql($query) });
	}
	my ($ours, $curl) = (least(@ours), least(@curls));
	note sprintf '%.3f s, curl %.3f s, ratio %.2f', $ours, $curl, $ours / $curl;
	cmp_ok($ours, '<', 1.6 * $curl, 'at most 1.6 times the time of curl');
	$sandbox->stop;
};

subtest 'nothing is asked for that nobody needs' => sub {
	my $sandbox = start_over("concurrency '4'",
		scale => { 'activecampaign.deals' => 1500, 'activecampaign.contacts' => 1500, 'aircall.calls' => 1500, 'agilecrm.contacts' => 1500 });
	$sandbox->config(latency_ms => 20);

	foreach my $case (map { my $table = $_; map { [ $table, $_ ] } 4, 1 } qw(ac.deals ac.contacts aircall.calls agile.contacts))
	{
		my ($table, $concurrency) = @$case;
		set_concurrency($concurrency);
		$sandbox->clear_log;
		is(sql("SELECT count(*) FROM (SELECT id FROM $table LIMIT 5) t"), 5, "$table: five rows");
		sleep 0.2;
		is($sandbox->requests, 1, "$table: LIMIT 5 takes one request");

		my $page = $sandbox->count($crm_of{ $table =~ s/\..*//r }, $table =~ s/.*\.//r) > 0
		  ? sql("SELECT count(*) FROM (SELECT id FROM $table LIMIT 20) t")
		  : 0;
		is($page, 20, "$table: twenty rows");

		# Row by row until a second request was sent, then no further.
		my $session = $node->background_psql('postgres');
		$sandbox->clear_log;
		$session->query_safe("BEGIN; DECLARE c CURSOR FOR SELECT id FROM $table");
		my $moved = 0;
		while ($sandbox->requests < 2 && $moved < 1500)
		{
			$session->query_safe('MOVE 10 FROM c');
			$moved += 10;
		}
		$session->query_safe('CLOSE c; COMMIT');
		sleep 0.2;
		cmp_ok($sandbox->requests, '>=', 2, "$table: a cursor came to its second page");
		cmp_ok($sandbox->requests, '<=', 2 + $concurrency - 1, "$table: at most $concurrency - 1 requests are wasted");
		$session->quit;
	}
	$sandbox->stop;
};

subtest 'LIMIT on a list that has to be cut into windows' => sub {
	my $sandbox = start_over("concurrency '4'", scale => { 'aircall.calls' => 10_400 });

	is(sql('SELECT count(*) FROM (SELECT id FROM aircall.calls LIMIT 5) t'), 5, 'five rows');
	is($sandbox->requests, 1, 'of one request');
	is(sql('SELECT count(*), count(DISTINCT id) FROM (SELECT id FROM aircall.calls OFFSET 0) t'), '10400|10400', 'all rows once');
	$sandbox->stop;
};

subtest 'a cancelled scan sends nothing more' => sub {
	my $sandbox = start_over("concurrency '4'", scale => { 'activecampaign.deals' => 3000 });
	$sandbox->config(latency_ms => 150);

	my ($session, $pid) = run_in_background('SELECT count(raw) FROM ac.deals WHERE title <> raw::text');
	wait_for('requests', sub { $sandbox->requests > 5 });
	my $cancelled = time;
	sql("SELECT pg_cancel_backend($pid)");
	$session->query('SELECT 1');
	my $ended = time;
	my $requests = $sandbox->requests;
	sleep 0.6;

	cmp_ok($ended - $cancelled, '<', 1, 'it ends');
	is($sandbox->requests, $requests, 'no request after it ended');
	is(scalar(grep { $_->{time} > $cancelled + 0.2 } $sandbox->log), 0, 'no request after the cancel');
	is(scalar $session->query('SELECT count(*) FROM ac.lists'), $sandbox->count('activecampaign', 'lists'), 'the session works on');
	$session->quit;
	$sandbox->stop;
};

subtest 'a query that is slower than request_timeout' => sub {
	my $sandbox = start_over("concurrency '4', request_timeout '1s', max_retries '0'", scale => { 'activecampaign.deals' => 500 });

	is(sql("SELECT count(id) FROM (SELECT id, pg_sleep(0.013) IS NULL AS s FROM ac.deals OFFSET 0) d WHERE NOT s"),
		500, 'what was sent ahead is asked for again');
	cmp_ok($sandbox->requests, '<=', 6 + 4, '... once, and nothing more is sent ahead');
	$sandbox->fault(path => '/deals', kind => 'hang_headers', after => 1);
	is((attempt('SELECT count(raw) FROM ac.deals'))[0], 'HV00N', 'the time-out of a server that hangs is none of this');
	$sandbox->stop;
};

# Multiset of a table's rows as one text.
sub digest
{
	my ($table) = @_;
	return "SELECT count(*) || ' ' || coalesce(md5(string_agg(h, '' ORDER BY h)), '') FROM (SELECT md5(t::text) AS h FROM $table t) d";
}

subtest 'the same rows with every concurrency' => sub {
	my $sandbox = start_over("concurrency '1', page_size '20'",
		scale => {
			'aircall.calls' => 50, 'aircall.contacts' => 70, 'activecampaign.contacts' => 110, 'activecampaign.deals' => 90,
			'activecampaign.segments' => 2, 'agilecrm.contacts' => 60, 'agilecrm.deals' => 50 });
	$sandbox->config(switches => { activecampaign => { segment_calls => 0 } });
	foreach my $schema (sort keys %crm_of)
	{
		my @tables = split /\n/, sql("SELECT entity FROM crm_fdw.entities('$crm_of{$schema}') ORDER BY 1");
		sql("ALTER FOREIGN TABLE $schema.$_ OPTIONS (ADD fan_out 'true')")
		  foreach split /\n/, sql("SELECT entity FROM crm_fdw.entities('$crm_of{$schema}') WHERE needs_filter <> '{}'");
		my $query = join ';', map { digest("$schema.$_") } @tables;
		my @alone;
		foreach my $concurrency (1, 2, 4, 8, 16)
		{
			set_concurrency($concurrency);
			my @digests = split /\n/, sql($query);
			@alone = @digests if $concurrency == 1;
			my @different = grep { $digests[$_] ne $alone[$_] } 0 .. $#tables;
			is(join(', ', map { "$tables[$_]: $digests[$_], not $alone[$_]" } @different), '',
				"$schema: " . @tables . " tables with concurrency $concurrency");
		}
	}
	$sandbox->stop;
};

sub ids
{
	my ($truth) = @_;
	my %ids = map { /"id": ?"?(-?\d+)/ ? ($1 => 1) : () } split /\n/, $truth;
	return \%ids;
}

# Either no record that was there all the time is lost and none is repeated, or
# the query says that the list would not hold still.
sub scan_while_it_changes
{
	my ($sandbox, $schema, $table, $label, @changes) = @_;
	my $crm = $crm_of{$schema};
	my $before = ids($sandbox->truth($crm, $table));

	$sandbox->mutate(crm => $crm, table => $table, %$_) foreach @changes;
	my ($status, $stdout, $stderr) = $node->psql('postgres', "SELECT id FROM $schema.$table", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	my $after = ids($sandbox->truth($crm, $table));
	if ($status != 0)
	{
		like($stderr, qr/HV000/, "$label: the query fails as it says");
		return 0;
	}
	my %read;
	$read{$_}++ foreach split /\n/, $stdout;
	my @wrong = (
		(map { "$_ lost" } grep { $after->{$_} && !$read{$_} } keys %$before),
		(map { "$_ repeated" } grep { $read{$_} > 1 } keys %read),
		(map { "$_ invented" } grep { !$before->{$_} && !$after->{$_} } keys %read));
	is("@wrong[0 .. least(4, $#wrong)]", '', "$label: every record once");
	return 1;
}

subtest 'rows that change while several pages are under way' => sub {
	my $sandbox = start_over("concurrency '1', page_size '20'",
		scale => { 'activecampaign.contacts' => 400, 'activecampaign.deals' => 400, 'aircall.calls' => 400, 'agilecrm.contacts' => 400 });
	my ($scans, $complete) = (0, 0);

	$sandbox->config(latency_ms => 5);
	foreach my $concurrency (2, 4, 16)
	{
		set_concurrency($concurrency);
		foreach my $list ([qw(ac contacts)], [qw(ac deals)], [qw(aircall calls)], [qw(agile contacts)])
		{
			my ($schema, $table) = @$list;
			my @at = map { { path => "/$table\$", n => $_ } } 2, 5, 9;
			my %changes = (
				'deletes at the front' => [ map { { op => 'delete', ids => 'first', n => 3, after => $_ } } @at ],
				'deletes anywhere' => [ map { { op => 'delete', ids => 'random', n => 7, after => $_ } } @at ],
				'as many inserts as deletes' => [
					{ op => 'delete', ids => 'first', n => 4, after => $at[1] },
					{ op => 'insert', n => 4, after => $at[1] } ]);
			foreach my $name (sort keys %changes)
			{
				$scans++;
				$complete += scan_while_it_changes($sandbox, $schema, $table,
					"$schema.$table, concurrency $concurrency, $name", @{ $changes{$name} });
			}
		}
	}
	cmp_ok($complete, '>', 0.8 * $scans, "$complete of $scans lists were read to their end");
	$sandbox->stop;
};

subtest 'an Append over several servers' => sub {
	my $sandbox = start_over("concurrency '1'", scale => { 'activecampaign.deals' => 500 });
	my $other = CrmSandbox->start(scale => { 'activecampaign.deals' => 500 });
	my @members = map { "member_$_" } 1 .. 4;
	foreach my $name (@members)
	{
		my $url = ($name eq 'member_4' ? $other : $sandbox)->base_url;
		my $credential = $sandbox->credential_sql('ac');
		sql("CREATE SERVER $name FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url '$url', rate_limit '100000/s',
				concurrency '1', max_retries '0', async_capable 'true');
			CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS ($credential);
			CREATE SCHEMA $name;
			IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (deals) FROM SERVER $name INTO $name OPTIONS (custom_fields 'false');
			CREATE FOREIGN TABLE part_$name (account text OPTIONS (constant '$name'), id bigint, title text, raw jsonb)
				SERVER $name OPTIONS (entity 'deals')");
	}
	$_->config(latency_ms => 200) foreach $sandbox, $other;
	my $union = join ' UNION ALL ', map { "SELECT id, title FROM $_.deals" } @members;
	my $count = "SELECT count(*), count(DISTINCT id), sum(id) FROM ($union) u";
	sql('CREATE TABLE copy AS SELECT id, title FROM member_1.deals');
	my ($rows, $sum) = split /\|/, sql('SELECT count(*), sum(id) FROM copy');
	my $expected = join '|', 4 * $rows, $rows, 4 * $sum;

	my $slowest = most(map { my $name = $_; seconds(sub { sql("SELECT count(title) FROM $name.deals") }) } @members);
	my $together = seconds(sub { is(sql($count), $expected, 'all rows of all members') });
	note sprintf '%.2f s together, %.2f s the slowest alone', $together, $slowest;
	cmp_ok($together, '<', 1.6 * $slowest, 'not much longer than the slowest alone');
	my @explained = sql("EXPLAIN (COSTS OFF) $count") =~ /(Async )?Foreign Scan/g;
	is(scalar(grep { defined } @explained), 4, 'four asynchronous scans');

	my $off = 'SET enable_async_append = off;';
	unlike(sql("$off EXPLAIN (COSTS OFF) $count"), qr/Async/, 'enable_async_append off: none');
	is(sql("$off $count"), $expected, 'enable_async_append off: the same rows');
	sql(join '; ', map { "ALTER SERVER $_ OPTIONS (SET async_capable 'false')" } @members);
	unlike(sql("EXPLAIN (COSTS OFF) $count"), qr/Async/, 'async_capable false: none');
	cmp_ok(seconds(sub { is(sql($count), $expected, 'async_capable false: the same rows') }), '>', 2.5 * $slowest, '... one after the other');
	sql(join '; ', map { "ALTER SERVER $_ OPTIONS (SET async_capable 'true')" } @members);

	# The rest needs no pauses to be long.
	$_->config(latency_ms => 30) foreach $sandbox, $other;
	$_->clear_log foreach $sandbox, $other;
	is(sql("SELECT count(*) FROM ($union LIMIT 7) u"), 7, 'LIMIT over the members');
	sleep 0.2;
	cmp_ok($sandbox->requests + $other->requests, '<=', 4 + 4, '... asks for no more than a page or two of each');

	is(sql("SELECT g, c FROM generate_series(0, 2) g, LATERAL (SELECT count(*) AS c FROM ($union) u WHERE u.id % 3 = g) n ORDER BY g"),
		sql("SELECT g, 4 * count(*) FROM generate_series(0, 2) g, copy WHERE id % 3 = g GROUP BY g ORDER BY g"), 'rescans below LATERAL');
	is(sql("SET enable_material = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
			SELECT count(*) FROM (VALUES (1), (2)) v (n) LEFT JOIN ($union) u ON u.id % 2 = v.n - 1"), 4 * $rows, 'rescans in a nested loop');
	is(sql("SELECT count(*), sum(id) FROM (SELECT id FROM member_1.deals WHERE id % 2 = 0 UNION ALL SELECT id FROM member_1.deals WHERE id % 2 = 1) u"),
		"$rows|$sum", 'the same server twice');

	sql('CREATE TABLE accounts (account text, id bigint, title text, raw jsonb) PARTITION BY LIST (account)');
	sql("ALTER TABLE accounts ATTACH PARTITION part_$_ FOR VALUES IN ('$_')") foreach @members;
	is(sql('SELECT account, count(*) FROM accounts GROUP BY account ORDER BY 1'), join("\n", map { "$_|$rows" } @members), 'partitions');
	$_->clear_log foreach $sandbox, $other;
	is(sql(q{SELECT count(*), count(DISTINCT account) FROM accounts WHERE account IN ('member_2', 'member_3') AND title <> ''}),
		sql(q{SELECT 2 * count(*), 2 FROM copy WHERE title <> ''}), 'partitions pruned by the planner');
	is($other->requests, 0, '... are not asked');
	is(sql(q{SET plan_cache_mode = force_generic_plan;
			PREPARE p(text) AS SELECT count(raw) FROM accounts WHERE account = $1; EXECUTE p('member_1')}), $rows, 'partitions pruned by the executor');
	is($other->requests, 0, '... are not asked either');

	my $lists = $sandbox->count('activecampaign', 'lists');
	sql('IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (lists) FROM SERVER member_1 INTO member_1');
	is(sql('SELECT count(*) FROM (' . join(' UNION ALL ', ('SELECT id FROM member_1.lists') x 120) . ') u'), 120 * $lists,
		'more members than there are descriptors for');

	$other->fault(path => '/deals', kind => 'status', after => 1, params => { code => 500 });
	is((attempt($count))[0], 'HV00N', 'an error in one member');
	$other->clear_faults;
	is(sql($count), $expected, '... and afterwards');

	$other->fault(path => '/deals', kind => 'hang_body');
	my ($code, $seconds) = attempt("SET statement_timeout = '1s'; $count");
	is($code, '57014', 'cancelled while one member hangs');
	cmp_ok($seconds, '<', 3, '... at once');
	$other->clear_faults;
	my ($session, $pid) = run_in_background($count);
	my $seen = $sandbox->requests;
	wait_for('requests', sub { $sandbox->requests > $seen + 2 });
	sql("SELECT pg_cancel_backend($pid)");
	is(scalar $session->query($count), $expected, 'the session of a cancelled Append works on');
	$session->quit;

	my $port = free_port();
	sql("ALTER SERVER member_4 OPTIONS (SET base_url 'http://127.0.0.1:$port')");
	is((attempt($count))[0], 'HV00N', 'one server is down');
	is(sql(q{SELECT count(*) FROM accounts WHERE account <> 'member_4'}), 3 * $rows, 'the others answer');
	sql(join '; ', map { "DROP SERVER $_ CASCADE; DROP SCHEMA $_" } @members);
	$_->stop foreach $sandbox, $other;
};

# An authority and a certificate for 127.0.0.1 that it signed.
sub make_certificates
{
	my ($out, $err);
	append_to_file("$directory/san", "subjectAltName=IP:127.0.0.1\n");
	foreach my $command (
		[qw(req -batch -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Test-CA -keyout ca.key -out ca.pem)],
		[qw(req -batch -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr)],
		[qw(x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem)])
	{
		IPC::Run::run([ 'openssl', map { /^(?:ca|server)\.|^san$/ ? "$directory/$_" : $_ } @$command ], '>', \$out, '2>', \$err)
		  or BAIL_OUT("openssl: $err");
	}
	return;
}

sub start_nginx
{
	my ($upstream, $port) = @_;
	my $paths = join "\n", map { "\t${_}_temp_path $directory/nginx_$_;" } qw(client_body proxy fastcgi uwsgi scgi);
	append_to_file("$directory/nginx.conf", <<"END");
daemon off;
worker_processes 1;
pid $directory/nginx.pid;
error_log $directory/nginx_error.log;
events { worker_connections 256; }
http {
$paths
	log_format protocol '\$connection \$server_protocol \$request_uri';
	access_log $directory/nginx_access.log protocol;
	upstream sandbox { server $upstream; keepalive 32; }
	server {
		listen 127.0.0.1:$port ssl http2;
		ssl_certificate $directory/server.pem;
		ssl_certificate_key $directory/server.key;
		location / {
			proxy_pass http://sandbox;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
		}
	}
}
END
	my $nginx = IPC::Run::start([ '/usr/sbin/nginx', '-c', "$directory/nginx.conf", '-e', "$directory/nginx_error.log" ],
		'<', '/dev/null', '>', "$directory/nginx.out", '2>&1');
	wait_for('nginx', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) });
	return $nginx;
}

subtest 'HTTP/2 carries the requests of a scan over one connection' => sub {
	unless (-x '/usr/sbin/nginx')
	{
		ok(0, 'nginx is installed') if $ENV{CI};
		plan skip_all => 'nginx is not installed (scripts/setup does)';
	}
	my $sandbox = start_over("concurrency '8'", scale => { 'activecampaign.deals' => 2000 });
	my $port = free_port();

	make_certificates();
	my $nginx = start_nginx('127.0.0.1:' . $sandbox->port, $port);
	$sandbox->config(latency_ms => 50);
	sql("ALTER SERVER ac OPTIONS (SET base_url 'https://127.0.0.1:$port')");
	is((attempt('SELECT count(raw) FROM ac.deals'))[0], 'HV00N', 'an unknown authority is not trusted');
	sql("ALTER SERVER ac OPTIONS (ADD ca_file '$directory/ca.pem')");
	$sandbox->clear_log;
	is(sql('SELECT count(*), count(raw) FROM ac.deals'), '2000|2000', 'all rows');

	# nginx writes a line when it is done with a request.
	wait_for('the access log',
		sub { (() = slurp_file("$directory/nginx_access.log") =~ /\n/g) >= $sandbox->requests });
	my @lines = map { [ split / / ] } split /\n/, slurp_file("$directory/nginx_access.log");
	my %connections = map { $_->[0] => 1 } @lines;
	cmp_ok(scalar @lines, '>=', 20, 'many requests');
	is(scalar(grep { $_->[1] ne 'HTTP/2.0' } @lines), 0, 'all of them HTTP/2');
	is(scalar keys %connections, 1, 'over one connection');
	cmp_ok(most_in_flight($sandbox), '<=', 8, 'no more requests at once than allowed');
	cmp_ok(most_in_flight($sandbox), '>', 4, 'several at once');
	$nginx->signal('QUIT');
	$nginx->finish;
	$sandbox->stop;
};

# Largest resident size of a fresh backend that read a list, in kB.
sub peak_kb
{
	my ($concurrency, $rows) = @_;
	set_concurrency($concurrency);
	my $session = $node->background_psql('postgres');
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	is($session->query_safe('SELECT count(raw) FROM (SELECT raw FROM ac.deals OFFSET 0) d'), $rows, "$rows deals, concurrency $concurrency");
	my ($kb) = slurp_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m;
	$session->quit;
	return $kb;
}

subtest 'memory is bounded by the pages under way' => sub {
	my $rows = 20_000;
	my $sandbox = start_over("concurrency '1'", scale => { 'activecampaign.deals' => $rows });
	$sandbox->config(latency_ms => 5);
	my $page_kb = sql('SELECT sum(length(raw::text)) / 1024 FROM (SELECT raw FROM ac.deals LIMIT 100) d');
	my ($one, $sixteen) = map { peak_kb($_, $rows) } 1, 16;

	# A parsed page takes several times its text.
	note "a page has $page_kb kB; peak $one kB with concurrency 1, $sixteen kB with 16";
	cmp_ok($sixteen - $one, '<', 16 * 10 * $page_kb + 4096, 'sixteen requests at once take no more than sixteen pages');

	my $session = $node->background_psql('postgres');
	$sandbox->clear_log;
	$session->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT raw FROM ac.deals; MOVE 150 FROM c');
	sleep 0.5;
	cmp_ok($sandbox->requests, '<=', 2 + 16, 'pages that nobody fetches are not read ahead without end');
	$session->quit;
	$sandbox->stop;
};

$node->stop;
done_testing();
