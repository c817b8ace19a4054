# A query ends when it is told to, whatever the server is doing: before its
# headers, in the middle of a body, while the host name is being resolved.
#
# Runs alone: it measures time.

use strict;
use warnings;

use CrmSandbox;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $runs = 20;

# A resolver that does not answer is preloaded into the server.
my $resolver = PostgreSQL::Test::Utils::tempdir() . '/deaf_resolver.so';
system_or_bail($ENV{CC} // 'cc', '-shared', '-fPIC', '-o', $resolver,
	dirname(abs_path(__FILE__)) . '/deaf_resolver.c', '-ldl');

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
{
	local $ENV{LD_PRELOAD} = $resolver;
	$node->start;
}

my $sandbox = CrmSandbox->start;
$sandbox->create_servers($node, options => { aircall => "request_timeout '60s', connect_timeout '60s', rate_limit '1000/s'" });
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->query_safe('SELECT count(*) FROM aircall.company');

# Milliseconds from the time-out to the end of the statement, by the server's
# own clock.
sub after_timeout
{
	$session->query_safe('SET statement_timeout = 150');
	my $late = $session->query_safe(
		q{DO $$
		DECLARE
			started timestamptz := clock_timestamp();
		BEGIN
			PERFORM * FROM aircall.teams;
			RAISE EXCEPTION 'the query was not cancelled';
		EXCEPTION WHEN query_canceled THEN
			PERFORM set_config('test.late', extract(epoch FROM clock_timestamp() - started)::text, false);
		END $$;
		RESET statement_timeout;
		SELECT current_setting('test.late')});
	return $late * 1000 - 150;
}

sub check_latencies
{
	my ($label, @ms) = @_;
	my @sorted = sort { $a <=> $b } @ms;
	my $median = $sorted[ @sorted / 2 ];

	note sprintf('%s: median %.1f ms, most %.1f ms', $label, $median, $sorted[-1]);
	cmp_ok($median, '<', 100, "$label: median of $runs under 100 ms");
	cmp_ok($sorted[-1], '<', 500, "$label: none over 500 ms");
	return;
}

my %hang = (
	'before headers' => { kind => 'hang_headers' },
	'in the middle of a body' => { kind => 'hang_body' },
	'while a body drips' => { kind => 'slow_body', params => { chunk => 1, interval_ms => 50 } });

foreach my $where (sort keys %hang)
{
	$sandbox->fault(crm => 'aircall', path => '/v1/teams', %{ $hang{$where} });
	check_latencies("statement_timeout $where", map { after_timeout() } 1 .. $runs);
	$sandbox->clear_faults;
	is($session->query_safe('SELECT count(*) FROM aircall.company'), '1', "after $where: the session works on");
}

# A cancel request, as Ctrl-C in psql sends it.
$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'hang_headers');
my @cancel;
foreach my $run (1 .. $runs)
{
	my $victim = $node->background_psql('postgres', on_error_stop => 0);
	my $victim_pid = $victim->query_safe('SELECT pg_backend_pid()');
	$victim->query_until(qr/started/, "\\echo started\nSELECT count(*) FROM aircall.teams;\n");
	$node->poll_query_until('postgres',
		"SELECT wait_event_type = 'Extension' FROM pg_stat_activity WHERE pid = $victim_pid") or die 'no wait';
	push @cancel, 1000 * $node->safe_psql(
		'postgres', qq{
		DO \$\$
		DECLARE
			started timestamptz := clock_timestamp();
		BEGIN
			PERFORM pg_cancel_backend($victim_pid);
			LOOP
				PERFORM pg_stat_clear_snapshot();
				EXIT WHEN (SELECT state <> 'active' FROM pg_stat_activity WHERE pid = $victim_pid);
				PERFORM pg_sleep(0.002);
			END LOOP;
			PERFORM set_config('test.late', extract(epoch FROM clock_timestamp() - started)::text, false);
		END \$\$;
		SELECT current_setting('test.late')});
	$victim->quit;
}
$sandbox->clear_faults;
check_latencies('cancel request', @cancel);

# A back-off between retries and a wait for the rate limit are waits too.
$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'retry_after', params => { seconds => 30 });
check_latencies('statement_timeout while waiting for Retry-After', map { after_timeout() } 1 .. $runs);
$sandbox->clear_faults;

# While the host name is being resolved.
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (SET base_url 'https://deaf.invalid')");
check_latencies('statement_timeout while the resolver does not answer', map { after_timeout() } 1 .. $runs);
my $started = time;
$session->quit;
cmp_ok(time - $started, '<', 5, 'nor does it hold up the end of the session');
$node->stop;
done_testing();
