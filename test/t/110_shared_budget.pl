# One request budget per account for the whole cluster: sessions of two
# databases and servers share it, use it up, do not exceed it, and leave nothing
# behind when they are terminated or killed.
#
# Runs alone: it measures time.

use strict;
use warnings;

use CrmSandbox;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $sessions = 8;
my $all_rows = 1000;
my $page_size = 50;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE other');

my $sandbox = CrmSandbox->start(scale => { 'activecampaign.contacts' => $all_rows });
my $ac = "rate_limit '5/s', page_size '$page_size', max_wait '10min'";
$sandbox->create_servers($node, only => ['ac'], options => { ac => $ac });
$sandbox->create_servers($node, only => ['ac'], dbname => 'other', options => { ac => $ac });
$sandbox->create_servers(
	$node,
	only => [ 'agile', 'aircall' ],
	options => { agile => "rate_limit '2/min', max_wait '2s'" });

# Runs a query in a session of its own.
sub begin
{
	my ($name, $dbname, $sql) = @_;
	my $session = { name => $name, stdout => '', stderr => '' };

	$session->{psql} = IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1',
			'-d', $node->connstr($dbname) . " application_name=$name",
			map { ('-c', $_) } @$sql ],
		'<', '/dev/null',
		'>', \$session->{stdout},
		'2>', \$session->{stderr},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $session;
}

# Eight sessions on one account, half of them in another database, one of them
# a refresh.
sub begin_all
{
	my ($sql) = @_;
	return map { begin("s$_", $_ % 2 ? 'postgres' : 'other', $_ == 3 ? [ "SET crm_fdw.session_kind = 'refresh'", $sql ] : [$sql]) }
	  1 .. $sessions;
}

# Its output, or its error.
sub result
{
	my ($session) = @_;
	$session->{psql}->finish;
	chomp(my $text = $session->{stderr} ne '' ? $session->{stderr} : $session->{stdout});
	return $text;
}

# Of the session of that name, once it has begun.
sub pid
{
	my ($name) = @_;
	my $where = "FROM pg_stat_activity WHERE application_name = '$name' AND state = 'active'";

	$node->poll_query_until('postgres', "SELECT count(*) = 1 $where") or die "$name did not begin";
	return $node->safe_psql('postgres', "SELECT pid $where");
}

sub budget
{
	my ($server, $what) = @_;
	return $node->safe_psql('postgres', "SELECT $what FROM crm_fdw.rate_limits WHERE server = '$server'");
}

sub limit_stats
{
	my $limit = $sandbox->stats->{limits}{activecampaign};
	note sprintf('%d passed, %d refused, %.1f %% of the allowance used',
		$limit->{passed}, $limit->{refused}, 100 * ($limit->{used} // 0));
	if ($limit->{refused} > 0)
	{
		my @log = $sandbox->log(crm => 'activecampaign');
		foreach my $i (grep { $log[$_]{throttled} } 5 .. $#log)
		{
			note join ' ', 'times before a 429:', map { sprintf '%.3f', $log[$_]{time} - $log[$i]{time} } $i - 5 .. $i - 1;
		}
	}
	return $limit;
}

# A new count, and so a new window: the account must have been left alone.
sub enforce
{
	sleep 1.2;
	$sandbox->config(rate_limit => { activecampaign => '5/s' });
	return;
}

# Polls without end would hide that a session failed at once.
sub wait_until_busy
{
	my $deadline = time + 30;
	until (budget('ac', 'in_flight + waiting >= 6') eq 't')
	{
		die 'the sessions did not begin' if time > $deadline;
		sleep 0.05;
	}
	return;
}

# The error of a query that finds an account's budget used up.
sub refusal_to_wait
{
	return ($node->psql('postgres', "\\set VERBOSITY verbose\nSELECT count(*) FROM agile.users"))[2];
}

# ---- the allowance is used up and kept

is(budget('ac', 'count(*)'), '0', 'a budget nobody used is not shown');
enforce();
my $everything = 'SELECT count(DISTINCT id) FROM ac.contacts';
my @running = begin_all($everything);
wait_until_busy();
is(budget('ac', q{concat_ws(' ', limit_text, available <= 5, in_flight + waiting <= 8 * 4, blocked_until)}),
	'5/s t t', 'which the view shows beside the limit');
is(result($_), $all_rows, "$_->{name} reads everything") foreach @running;

my $limit = limit_stats();
cmp_ok($limit->{passed}, '>=', $sessions * $all_rows / $page_size, 'by requests of their own');
cmp_ok($limit->{refused}, '<=', 0.02 * $limit->{passed}, 'at most one request in fifty is turned away');
cmp_ok($limit->{used}, '>=', 0.9, 'and nine tenths of the allowance are used');
is(budget('ac', 'in_flight + waiting'), '0', 'nothing is left');

# ---- nobody waits for longer than max_wait

$node->safe_psql('postgres', 'SELECT count(*) FROM agile.users') foreach 1 .. 2;
my $error = refusal_to_wait();
like($error, qr/53400/, 'a session does not wait longer than max_wait for what others have used');
like($error, qr/The account is free again at 20/, 'and is told when to come back');

# ---- a session that is terminated

enforce();
my $some = "SELECT count(DISTINCT id) FROM (SELECT id FROM ac.contacts LIMIT 250) AS firsts";
@running = begin_all($some);
wait_until_busy();
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . pid('s5') . ', 1000)');
is(budget('ac', 'in_flight + waiting < 8'), 't', 'a terminated session has left the budget');
like(result($running[4]), qr/terminating connection/, 'as it says');
is(result($running[$_]), 250, "$running[$_]{name} goes on") foreach grep { $_ != 4 } 0 .. $#running;
$limit = limit_stats();
cmp_ok($limit->{refused}, '<=', 0.02 * $limit->{passed} + 1, 'without being turned away');

# ---- other programs use the account

# The same account by another name has a budget of its own, so that its requests
# are somebody else's.
(my $url = $sandbox->base_url) =~ s/127\.0\.0\.1/localhost/;
$node->safe_psql('postgres', "CREATE SERVER elsewhere FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url '$url', rate_limit '20/min');
	CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (" . $sandbox->credential_sql('ac') . ");
	IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (lists) FROM SERVER elsewhere INTO public");
$sandbox->config(rate_limit => { activecampaign => '20/min' });
$node->safe_psql('postgres', 'SELECT count(*) FROM lists WHERE id = 1');
is(budget('elsewhere', q{limit_text || ', ' || available}), '20/min, 19', 'a budget knows its own requests');
$node->safe_psql('postgres', 'SELECT count(*) FROM ac.lists WHERE id = 1') foreach 1 .. 3;
$node->safe_psql('postgres', 'SELECT count(*) FROM lists WHERE id = 1');
is(budget('elsewhere', 'available'), '15', "and others' as soon as the API tells of them");

# ---- a session that is killed takes the cluster with it

enforce();
@running = begin_all($some);
wait_until_busy();
my $victim = pid('s2');
my $refused_before = limit_stats()->{refused};
kill 'KILL', $victim;
result($_) foreach @running;
ok($node->poll_query_until('postgres', 'SELECT 1', '1'), 'the cluster recovers from a killed session');
like(refusal_to_wait(), qr/53400/, 'a budget of which nothing is known then counts as used up');
@running = begin_all($some);
is(result($_), 250, "after the recovery $_->{name} succeeds") foreach @running;
cmp_ok(limit_stats()->{refused} - $refused_before, '<=', 2, 'and they do not run into the limit together');

# ---- what the API says lowers the budget for everybody

$sandbox->config(rate_limit => { activecampaign => undef });
$sandbox->fault(crm => 'aircall', path => '/v1/teams', kind => 'retry_after', params => { seconds => 3 }, times => 1);
my $told = begin('told', 'postgres', ['SELECT count(*) > 0 FROM aircall.teams']);
ok($node->poll_query_until('postgres', q{SELECT blocked_until > now() FROM crm_fdw.rate_limits WHERE server = 'aircall'}),
	'after a 429 the budget is closed');
is(budget('aircall', 'available'), '0', 'so that nothing is available');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM aircall.users'), 't', 'another session waits as well');
is(result($told), 't', 'and the one that was told succeeds');
my ($refusal, @after) = $sandbox->log(crm => 'aircall');
is($refusal->{status}, 429, 'the first request was turned away');
ok(@after >= 2 && !(grep { $_->{time} - $refusal->{time} < 2.9 } @after), 'and nobody sent one before it was time');
is(budget('aircall', 'blocked_until'), '', 'the block is over');

# ---- settings

$error = ($node->psql('postgres', "SET crm_fdw.session_kind = 'batch'"))[2];
like($error, qr/Available values: interactive, refresh/, 'session_kind has two values');

# ---- without shared_preload_libraries

my $bare = PostgreSQL::Test::Cluster->new('bare');
$bare->init;
$bare->start;
$sandbox->config(rate_limit => { activecampaign => undef });
$sandbox->create_servers($bare, only => [ 'ac', 'aircall' ]);
my ($code, $count, $notices) =
  $bare->psql('postgres', 'SELECT count(*) FROM ac.contacts; SELECT count(*) > 0 FROM aircall.users; SELECT count(*) FROM crm_fdw.rate_limits');
is($code, 0, 'queries work without shared_preload_libraries');
if ($bare->pg_version >= 17)
{
	is($count, "$all_rows\nt\n2", 'with shared budgets');
	is($notices, '', 'and nothing to say about it');
}
else
{
	is($count, "$all_rows\nt\n0", 'without shared budgets');
	is(scalar(() = $notices =~ /NOTICE/g), 1, 'which is said once in a session');
	like($notices, qr/shared_preload_libraries/, 'with what to do about it');
}

$sandbox->stop;
done_testing();
