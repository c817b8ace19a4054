# A key is rotated by replacing the file that holds it, while sessions query in a
# loop and long lists are read: no query fails, none has to connect anew, and
# neither the old key nor the new one shows anywhere.

use strict;
use warnings;

use CrmSandbox;
use IPC::Run ();
use MIME::Base64 qw(encode_base64);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf(
	'postgresql.conf', q{
log_min_messages = debug5
log_error_verbosity = verbose
log_statement = none
log_min_error_statement = panic
debug_print_plan = on
crm_fdw.log_requests = on
session_preload_libraries = 'crm_fdw'
});
$node->start;

my $sandbox = CrmSandbox->start(scale => { 'activecampaign.notes' => 3000, 'agilecrm.contacts' => 1000, 'aircall.contacts' => 2000 });
my $options = "rate_limit '5000/s', page_size '50'";
$sandbox->create_servers($node, options => { ac => $options, aircall => $options, agile => $options });

# Where each server's key is kept, the member of the emulator's credentials it is,
# and all keys there ever were.
my %file = map { $_ => PostgreSQL::Test::Utils::tempdir() . "/$_.key" } qw(ac aircall agile);
my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');
my %member = (ac => 'api_key', aircall => 'api_token', agile => 'api_key');
my %key = (ac => 'sandbox-ac-key-3f9a', aircall => 'sandbox-aircall-token-77', agile => 'sandbox-agile-key-b41c');
my @keys = values %key;

sub sql
{
	return $node->safe_psql('postgres', @_);
}

sub new_key
{
	my ($server) = @_;

	push @keys, my $new = sprintf('rotated/%s+%d-%s', $server, scalar @keys, 'k' x 20);
	return $new;
}

sub write_file
{
	my ($path, $text) = @_;

	open my $handle, '>', $path or die "$path: $!";
	print {$handle} $text;
	close $handle or die "$path: $!";
	return;
}

sub by_rename
{
	my ($server, $key) = @_;

	write_file("$file{$server}.new", "$key\n");
	rename "$file{$server}.new", $file{$server} or die $!;
	return;
}

sub in_place
{
	my ($server, $key) = @_;
	write_file($file{$server}, "$key\n");
	return;
}

sub accept_keys
{
	my ($server, @accepted) = @_;
	$sandbox->config(credentials => { $crm_of{$server} => { $member{$server} => \@accepted } });
	return;
}

# SQLSTATE and message, and the hint, of a statement that fails.
sub failure
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) =
	  $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	push @main::output, $stderr;
	return $stderr;
}

sub wait_for
{
	my ($what, $test) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;

	until ($test->())
	{
		die "waited in vain for $what" if time > $deadline;
		sleep 0.05;
	}
	return;
}

foreach my $server (sort keys %file)
{
	in_place($server, $key{$server});
	sql("ALTER USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS (DROP $member{$server}, ADD secret_file '$file{$server}')");
}
my $log_offset = -s $node->logfile;
our @output;

# ------------------------------------------------------------------------
# Sessions in a loop
# ------------------------------------------------------------------------

# A loop ends when it is told to, or with the first error; what it has read is
# compared each time.
sql(q{
	CREATE TABLE round (session text PRIMARY KEY, done int);
	CREATE TABLE stop (now bool);
	CREATE PROCEDURE repeat(who text, query text) LANGUAGE plpgsql AS $$
	DECLARE
		first text;
		again text;
	BEGIN
		EXECUTE query INTO first;
		INSERT INTO round VALUES (who, 1);
		COMMIT;
		WHILE NOT EXISTS (TABLE stop) LOOP
			EXECUTE query INTO again;
			IF again IS DISTINCT FROM first THEN
				RAISE 'read % after %', again, first;
			END IF;
			UPDATE round SET done = done + 1 WHERE session = who;
			COMMIT;
		END LOOP;
	END
	$$});
my %query = (
	'ac short' => q{SELECT count(*) || ' ' || sum(id) FROM ac.tags},
	'ac long' => q{SELECT count(*) || ' ' || sum(id) || ' ' || count(DISTINCT id) FROM ac.notes},
	'ac keys' => q{SELECT string_agg(email, ' ' ORDER BY id) FROM ac.contacts WHERE id IN (SELECT contact_id FROM ac.contact_tags ORDER BY id LIMIT 5)},
	'aircall long' => q{SELECT count(*) || ' ' || count(DISTINCT id) FROM aircall.contacts},
	'aircall short' => q{SELECT count(*) || ' ' || sum(id) FROM aircall.users},
	'agile long' => q{SELECT count(*) || ' ' || count(DISTINCT id) FROM agile.contacts},
	'agile short' => q{SELECT count(*)::text FROM agile.tags});

sub begin
{
	my ($name) = @_;
	my $session = { stdout => '', stderr => '' };

	$session->{psql} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', "CALL repeat('$name', \$\$$query{$name}\$\$)" ],
		'<', '/dev/null', '>', \$session->{stdout}, '2>', \$session->{stderr},
		IPC::Run::timeout(5 * $PostgreSQL::Test::Utils::timeout_default));
	return $session;
}

my %session = map { $_ => begin($_) } sort keys %query;

# Has one of them given up?
sub has_failed
{
	$_->{psql}->pump_nb foreach grep { $_->{psql}->pumpable } values %session;
	return scalar grep { $_->{stderr} ne '' } values %session;
}

# Every session has gone round twice more since: once with what there is now.
sub go_round
{
	my $before = sql(q{SELECT string_agg(format('(%L, %s)', session, done), ', ') FROM round});
	my $rounds = "SELECT bool_and(r.done >= b.done + 2) FROM round r JOIN (VALUES $before) b(session, done) USING (session)";

	wait_for('the sessions', sub { has_failed() || sql($rounds) eq 't' });
	return !has_failed();
}

wait_for('all sessions to begin', sub { has_failed() || sql('SELECT count(*) FROM round') == keys %query });
$sandbox->clear_log;
# Scans that take a while are under way at any time.
$sandbox->config(latency_ms => 40);
my $rotations = 0;
foreach my $how (\&by_rename, \&in_place, \&by_rename, \&in_place)
{
	foreach my $server (sort keys %file)
	{
		my $old = $key{$server};

		$key{$server} = new_key($server);
		accept_keys($server, $old, $key{$server});
		$how->($server, $key{$server});
		go_round() if $rotations++ % 4 == 0;
		# Without a pause, scans are under way that have begun with the old key.
		accept_keys($server, $key{$server});
	}
	ok(go_round(), 'every session goes on');
}

# In place and by a slow hand: for a while there is nothing in the file.
foreach my $server (sort keys %file)
{
	my $old = $key{$server};

	$key{$server} = new_key($server);
	accept_keys($server, $old, $key{$server});
	write_file($file{$server}, '');
	sleep 0.5;
	in_place($server, $key{$server});
	accept_keys($server, $key{$server});
}
ok(go_round(), 'also when a file was empty for a moment');
sql('INSERT INTO stop VALUES (true)');
$sandbox->config(latency_ms => 0);
foreach my $name (sort keys %session)
{
	$session{$name}{psql}->finish;
	is($session{$name}{stderr}, '', "$name: no query has failed");
}
my %refused;
$refused{ $_->{crm} }++ foreach grep { $_->{status} == 401 || $_->{status} == 403 } $sandbox->log;
note join ', ', map { "$_: $refused{$_} refused" } sort keys %refused;
foreach my $crm (sort values %crm_of)
{
	cmp_ok($refused{$crm} // 0, '>', 0, "$crm: keys were revoked under running scans");

	# Rotations, sessions, and what a scan may have under way when a key is revoked.
	cmp_ok($refused{$crm} // 0, '<=', 5 * 3 * 4, "$crm: ... which were refused no more than they had to be");
}

# ------------------------------------------------------------------------
# In the middle of a long list
# ------------------------------------------------------------------------

foreach my $case ([ 'ac', 'notes' ], [ 'aircall', 'contacts' ], [ 'agile', 'contacts' ])
{
	my ($server, $table) = @$case;
	my $reader = $node->background_psql('postgres', on_error_stop => 0);

	$reader->query_safe("BEGIN; DECLARE c CURSOR FOR SELECT id FROM $server.$table");
	$reader->query_safe('MOVE 60 FROM c');
	$key{$server} = new_key($server);
	by_rename($server, $key{$server});
	$sandbox->clear_log;
	accept_keys($server, $key{$server});
	is($reader->query('MOVE ALL FROM c') =~ s/\D//gr, '', "$server: a list goes on with the new key");
	my %status = map { $_->{status} => 1 } $sandbox->log(crm => $crm_of{$server});
	ok($status{401} || $status{403}, '... after a refusal');
	is($reader->query("SELECT count(DISTINCT id) = count(*), count(*) FROM $server.$table"),
		't|' . $sandbox->count($crm_of{$server}, $table), '... and so does its session');
	$reader->quit;
}

# ------------------------------------------------------------------------
# In another order
# ------------------------------------------------------------------------

# The old key is revoked first: queries fail until the file is replaced.
foreach my $server (sort keys %file)
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my %table = (ac => 'tags', aircall => 'users', agile => 'tags');
	my $query = "SELECT count(*) FROM $server.$table{$server}";
	my $count = $session->query($query);

	$key{$server} = new_key($server);
	accept_keys($server, $key{$server});
	like(failure($query), qr/ERROR:  28000: .*the credential is refused.*HINT:  [^\n]*secret_file[^\n]*"$server"/s, "$server: revoked first");
	$session->query($query);
	in_place($server, $key{$server});
	is($session->query($query), $count, '... until the file is replaced, in the same session');

	# Replaced while the refusal is under way: it was read too early, and is read again.
	my $newer = new_key($server);
	accept_keys($server, $newer);
	$sandbox->config(latency_ms => 1000);
	$sandbox->clear_log;
	my $late = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $query ], '<', '/dev/null', '>', \my $out, '2>', \my $err);
	wait_for('a request', sub { $sandbox->requests(crm => $crm_of{$server}) > 0 });
	by_rename($server, $key{$server} = $newer);
	$late->finish;
	$sandbox->config(latency_ms => 0);
	is("$out$err", "$count\n", "$server: replaced before the refusal arrives");
	$session->quit;
}

# The time stamp of the new file is that of the old one.
my $stamp = time;
utime $stamp, $stamp, $file{ac};
my $reader = $node->background_psql('postgres', on_error_stop => 0);
$reader->query_safe('BEGIN; DECLARE c CURSOR FOR SELECT id FROM ac.notes');
$reader->query_safe('MOVE 60 FROM c');
$key{ac} = new_key('ac');
in_place('ac', $key{ac});
utime $stamp, $stamp, $file{ac};
accept_keys('ac', $key{ac});
is($reader->query('MOVE ALL FROM c; SELECT 1'), '1', 'a file with the time stamp of the one before');
$reader->quit;

# What stays empty, or is half of a key, is no key.
write_file($file{ac}, '');
my $began = time;
like(failure('SELECT * FROM ac.tags'), qr/ERROR:  HV024: .*secret_file.*its first line is empty/, 'a file that stays empty');
cmp_ok(time - $began, '<', 30, '... is not waited for without end');
like(failure(q{SET statement_timeout = '300ms'; SELECT * FROM ac.tags}), qr/ERROR:  57014/, '... and the wait can be cancelled');
in_place('ac', 'half-of-it-only');
push @keys, 'half-of-it-only';
like(failure('SELECT * FROM ac.tags'), qr/ERROR:  28000/, 'half of a key');
in_place('ac', $key{ac});
is(sql('SELECT count(*) FROM ac.tags'), $sandbox->count('activecampaign', 'tags'), 'mended');

# ------------------------------------------------------------------------
# No key shows
# ------------------------------------------------------------------------

# Four requests are under way with the old key: the first is refused and sent again
# with the new one, and only then the answers to the others are looked at.
foreach my $server (sort keys %file)
{
	my %table = (ac => 'notes', aircall => 'contacts', agile => 'contacts');
	my %path = (ac => '^/api/3/notes', aircall => '^/v1/contacts', agile => '^/dev/api/contacts');
	my $old = $key{$server};
	my $query = "SELECT count(*) FROM (SELECT id FROM $server.$table{$server} ORDER BY id) s";

	if ($server eq 'agile')
	{
		# Cursors are followed one at a time; these lists are several.
		$query = 'SELECT count(*) FROM agile.notes WHERE contact_id IN (' . sql('SELECT string_agg(id::text, $$,$$) FROM (SELECT id FROM agile.contacts LIMIT 6) c') . ')';
		$path{agile} = '/notes$';
	}
	$key{$server} = new_key($server);
	accept_keys($server, $old, $key{$server});
	$sandbox->config(latency_ms => 700);
	my $first = $server eq 'agile' ? 0 : 1;
	$sandbox->fault(path => $path{$server}, kind => 'echo_credential', params => { code => $server eq 'agile' ? 401 : 403 }, after => $first, times => 1);
	$sandbox->fault(path => $path{$server}, kind => 'echo_credential', params => { code => 422 }, after => $first, times => 3);
	$sandbox->clear_log;
	my $late = IPC::Run::start([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', $query ], '<', '/dev/null', '>', \my $out, '2>', \my $err);
	wait_for('a request', sub { $sandbox->requests(crm => $crm_of{$server}, path => $path{$server}) > 0 });
	by_rename($server, $key{$server});
	$late->finish;
	like($err, qr/ERROR:  HV000: .*answered 422.*Refused for credential .*\*\*\*/s, "$server: what an API echoes is hidden");
	push @output, $err;
	$sandbox->clear_faults;
	$sandbox->config(latency_ms => 0);
}

push @output, sql("EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM $_") foreach qw(ac.notes aircall.users agile.tags);
push @output, sql("SELECT * FROM crm_fdw.$_") foreach qw(stats activity rate_limits);
push @output, sql('SELECT * FROM pg_user_mappings');
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $log_offset);
my @forms = map { ($_, s{/}{%2F}gr =~ s{\+}{%2B}gr, encode_base64("sandbox-id:$_", '') =~ s/=+$//r, encode_base64("owner\@example.com:$_", '') =~ s/=+$//r) } @keys;
cmp_ok(scalar @keys, '>', 20, 'many keys were in use');
is(join(' ', grep { index($log, $_) >= 0 } @forms), '', 'none is in the server log at debug5');
like($log, qr/GET.*\/api\/3\/notes/, '... which has the requests');
is(join(' ', grep { my $form = $_; grep { index($_, $form) >= 0 } @output } @forms), '', 'nor in errors, EXPLAIN and views');

$node->stop;
done_testing();
