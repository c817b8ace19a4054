# Whatever ends a refresh: the last good copy stays as it was, so does what is
# known of it, the log tells what happened, and the next refresh succeeds.

use strict;
use warnings;

use CrmSandbox;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node, allows_streaming => 1);
$node->append_conf('postgresql.conf', "restart_after_crash = on\nautovacuum = off");
$node->start;

# Ten pages of contacts.
my $pages = 10;
my $sandbox = CrmSandbox->start(scale => { 'activecampaign.contacts' => 100 * $pages - 50 });
my $impatient = "rate_limit '1000/s', max_retries '0', request_timeout '60s'";
$sandbox->create_servers($node, only => [qw(ac aircall)], options => { ac => $impatient, aircall => $impatient });
$node->safe_psql('postgres', 'CREATE SCHEMA copy');

sub sql
{
	my ($statement) = @_;
	return $node->safe_psql('postgres', $statement);
}

# The error of a statement with its SQLSTATE, '' if there is none.
sub attempt
{
	my ($statement) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', $statement, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return $stderr =~ /(ERROR|FATAL)/ ? $stderr : '';
}

# Statements in a session of their own, which goes on while the test does.
sub begin_session
{
	my ($statement) = @_;
	my $session = { out => '', err => '' };
	$session->{run} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), map { ('-c', $_) } split /; /, $statement ],
		'<', '/dev/null', '>', \$session->{out}, '2>', \$session->{err}, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return $session;
}

# Its messages, when it has ended.
sub end_session
{
	my ($session) = @_;
	eval { $session->{run}->finish };
	return $session->{err};
}

sub last_run
{
	my ($relation, $columns) = @_;
	return sql("SELECT $columns FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass ORDER BY id DESC LIMIT 1");
}

sub wait_for_status
{
	my ($relation, $status) = @_;
	$node->poll_query_until('postgres',
		"SELECT status = '$status' FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass ORDER BY id DESC LIMIT 1")
	  or die "$relation does not get $status";
	return last_run($relation, 'pid');
}

# Waits until a request hangs; the process that made it.
sub wait_in_mid_read
{
	my ($relation) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	until (grep { defined $_->{fault} } $sandbox->log)
	{
		die "$relation does not read" if time > $deadline;
		sleep 0.02;
	}
	return wait_for_status($relation, 'running');
}

# Waits until the server's log, from an offset on, says something.
sub wait_for_log
{
	my ($pattern, $offset) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	until (slurp_file($node->logfile, $offset) =~ $pattern)
	{
		die "the log lacks $pattern" if time > $deadline;
		sleep 0.02;
	}
	return;
}

# What must not change: rows, state and settings.
sub state_of
{
	my ($relation) = @_;
	return sql("SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM $relation t")
	  . ' ' . sql("SELECT t FROM crm_fdw.refresh_states t WHERE relation = '$relation'::regclass");
}

# The next refresh reads everything and finds a change.
my $change = 0;
sub make_due
{
	my ($relation) = @_;
	$change++;
	$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'update', ids => 'first', n => 3, changes => { first_name => "Change $change" });
	return sql("UPDATE crm_fdw.refresh_states SET complete_at = complete_at - interval '8 days' WHERE relation = '$relation'::regclass");
}

# Runs what breaks a refresh and looks at what it left.  The log is either
# 'status|sqlstate' or ends there.
sub survives
{
	my ($label, $relation, $log, $break) = @_;
	make_due($relation);
	my $before = state_of($relation);
	my $said = $break->();
	is(state_of($relation), $before, "$label: the copy is as it was");
	like(last_run($relation, 'status, sqlstate'), qr/^$log$/, "$label: the log says so") or diag($said);
	$sandbox->clear_faults;
	is(attempt("CALL crm_fdw.refresh('$relation')"), '', "$label: the next one succeeds");
	is(last_run($relation, 'status, complete'), 'ok|t', "$label: and ends well");
	is(sql("SELECT count(*) FROM $relation WHERE first_name = 'Change $change'" . ($relation =~ /history/ ? ' AND is_current' : '')), '3', "$label: with what is new");
	is(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), '0', "$label: no lock is left");
	return $said;
}

# A part that dies has failed; the others go on.
sub part
{
	my ($name, $code) = @_;
	return subtest(
		$name => sub {
			eval { $code->(); 1 } or fail("died: $@");
			$sandbox->clear_faults;
			done_testing();
		});
}

my @modes = qw(replace incremental history);
sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.$_', mode => '$_')") foreach @modes;
# Its complete read is due when that of the others is.
sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.append', mode => 'append')");
sql('UPDATE crm_fdw.refresh_settings SET retries = 0');
is(last_run('copy.incremental', 'requests'), $pages, "a complete read takes $pages pages");

###########################################################################
# The API
###########################################################################

part 'the API fails at any page' => sub {
	my %kind = (
		status => [ { code => 500 }, 'HV00.|58030|08...' ],
		truncated_json => [ {}, 'HV00.|58030|08...' ],
		truncate => [ {}, 'HV00.|58030|08...' ]);
	foreach my $page (1 .. $pages)
	{
		my $i = $page;
		foreach my $kind (sort keys %kind)
		{
			my $relation = 'copy.' . $modes[ $i++ % @modes ];
			my ($params, $sqlstate) = @{ $kind{$kind} };
			survives("$kind at page $page, $relation", $relation, "failed\\|($sqlstate)",
				sub {
					$sandbox->fault(path => '/contacts$', kind => $kind, params => $params, after => $page - 1, times => 1);
					my $error = attempt("CALL crm_fdw.refresh('$relation')");
					isnt($error, '', "$kind at page $page, $relation: the error is raised");
					return $error;
				});
		}
	}
	my $before = state_of('copy.append');
	$sandbox->fault(path => '/contacts$', kind => 'status', after => 5, times => 1);
	isnt(attempt("CALL crm_fdw.refresh('copy.append')"), '', 'append: the error is raised');
	is(state_of('copy.append'), $before, 'append: nothing is added');
	is(sql("SELECT failures_in_a_row, last_status FROM crm_fdw.refresh_status WHERE relation = 'copy.append'::regclass"), '1|failed', 'append: the status');
	is(attempt("CALL crm_fdw.refresh('copy.append')"), '', 'append: then it succeeds');
	is(sql("SELECT failures_in_a_row, last_status, last_error IS NULL FROM crm_fdw.refresh_status WHERE relation = 'copy.append'::regclass"), '0|ok|t', 'append: the status is well');
};

part 'failures that pass' => sub {
	foreach my $mode (@modes)
	{
		my $relation = "copy.$mode";
		make_due($relation);
		sql("UPDATE crm_fdw.refresh_settings SET retries = 1 WHERE relation = '$relation'::regclass");
		$sandbox->fault(path => '/contacts$', kind => 'status', params => { code => 503 }, after => 4, times => 1);
		$sandbox->clear_log;
		is(attempt("CALL crm_fdw.refresh('$relation')"), '', "$mode: a second attempt succeeds");
		is(last_run($relation, 'status, message IS NULL, sqlstate IS NULL'), 'ok|t|t', "$mode: and the run is well");
		is(last_run($relation, 'requests'), $sandbox->requests, "$mode: the requests of both are counted");
		is($sandbox->requests, 5 + $pages, "$mode: which began anew");

		$sandbox->fault(path => '/contacts$', kind => 'status', params => { code => 503 }, times => 2);
		isnt(attempt("CALL crm_fdw.refresh('$relation', force_full => true)"), '', "$mode: there is no third");
		is(last_run($relation, 'status, message IS NOT NULL'), 'failed|t', "$mode: and the run has failed");
		$sandbox->clear_faults;
		sql("UPDATE crm_fdw.refresh_settings SET retries = 0 WHERE relation = '$relation'::regclass");
	}

	# While it waits for its second attempt, the log says why.
	sql("UPDATE crm_fdw.refresh_settings SET retries = 5 WHERE relation = 'copy.incremental'::regclass");
	$sandbox->fault(path => '/contacts$', kind => 'status', params => { code => 503 });
	my $session = begin_session("CALL crm_fdw.refresh('copy.incremental', force_full => true)");
	$node->poll_query_until('postgres', "SELECT status = 'running' AND message LIKE 'attempt 2 failed: %' FROM crm_fdw.refresh_log ORDER BY id DESC LIMIT 1") or die;
	sql('SELECT pg_cancel_backend(' . last_run('copy.incremental', 'pid') . ')');
	like(end_session($session), qr/ERROR:  57014:/, 'the pause can be cancelled');
	is(last_run('copy.incremental', 'status, sqlstate'), 'failed|57014', 'and the run has failed');
	$sandbox->clear_faults;
	sql("UPDATE crm_fdw.refresh_settings SET retries = 5 WHERE relation = 'copy.incremental'::regclass");
	sql("UPDATE crm_fdw.refresh_settings SET max_shrink = 0 WHERE relation = 'copy.incremental'::regclass");
	$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'delete', ids => 'last');
	make_due('copy.incremental');
	$sandbox->clear_log;
	like(attempt("CALL crm_fdw.refresh('copy.incremental')"), qr/55000/, 'what is not believed');
	is($sandbox->requests, $pages, 'is not tried again');
	$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'restore');
	sql("UPDATE crm_fdw.refresh_settings SET retries = 0, max_shrink = NULL WHERE relation = 'copy.incremental'::regclass");
};

###########################################################################
# Interrupts
###########################################################################

part 'interrupts in the middle of a read' => sub {
	my $hang = sub { $sandbox->clear_log; $sandbox->fault(path => '/contacts$', kind => 'hang_body', after => 4) };
	foreach my $mode (@modes)
	{
		my $relation = "copy.$mode";
		survives("cancelled, $mode", $relation, 'failed\|57014',
			sub {
				$hang->();
				my $session = begin_session("CALL crm_fdw.refresh('$relation')");
				my $pid = wait_in_mid_read($relation);
				is(last_run($relation, 'status, finished_at IS NULL'), 'running|t', "cancelled, $mode: the run can be seen");
				isnt(sql("SELECT count(*) FROM $relation"), '0', "cancelled, $mode: and the copy be read");
				sql("SELECT pg_cancel_backend($pid)");
				my $said = end_session($session);
				like($said, qr/ERROR:  57014:/, "cancelled, $mode: the error is raised");
				return $said;
			});
		survives("statement_timeout, $mode", $relation, 'failed\|57014',
			sub {
				$hang->();
				my $said = attempt("SET statement_timeout = '500ms'; CALL crm_fdw.refresh('$relation')");
				like($said, qr/ERROR:  57014: .*statement timeout/, "statement_timeout, $mode: the error is raised");
				return $said;
			});
		survives("terminated, $mode", $relation, 'failed\|57P02',
			sub {
				$hang->();
				my $session = begin_session("CALL crm_fdw.refresh('$relation')");
				my $pid = wait_in_mid_read($relation);
				sql("SELECT pg_terminate_backend($pid)");
				my $said = end_session($session);
				$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid") or die;
				is(sql("SELECT count(*) FROM crm_fdw.refresh_runs WHERE status = 'running'"), '1', "terminated, $mode: it could not write its end");
				return $said;
			});
		is(sql("SELECT count(*) FROM crm_fdw.refresh_runs WHERE status IN ('running', 'waiting')"), '0', "terminated, $mode: the next run did");
	}
	is(sql(q{SELECT count(*), count(DISTINCT message), count(hint), count(finished_at) FROM crm_fdw.refresh_runs WHERE sqlstate = '57P02'}), '3|1|3|3',
		'with the reason');
};

part 'crashes in the middle of a read' => sub {
	foreach my $mode (@modes)
	{
		my $relation = "copy.$mode";
		foreach my $how ('kill -9', 'power-off')
		{
			survives("$how, $mode", $relation, 'failed\|57P02',
				sub {
					$sandbox->clear_log;
					$sandbox->fault(path => '/contacts$', kind => 'hang_body', after => 4);
					my $session = begin_session("CALL crm_fdw.refresh('$relation')");
					my $pid = wait_in_mid_read($relation);
					if ($how eq 'kill -9')
					{
						my $offset = -s $node->logfile;
						kill('KILL', $pid);
						end_session($session);
						wait_for_log(qr/all server processes terminated; reinitializing/, $offset);
						$node->poll_query_until('postgres', 'SELECT true') or die;
					}
					else
					{
						$node->stop('immediate');
						end_session($session);
						$node->start;
					}
					return '';
				});
		}
	}
	is(sql("SELECT count(*) FROM crm_fdw.refresh_runs WHERE status IN ('running', 'waiting')"), '0', 'no run is open');
};

###########################################################################
# PostgreSQL itself
###########################################################################

part 'locks' => sub {
	foreach my $mode (@modes)
	{
		my $relation = "copy.$mode";
		survives("lock_timeout, $mode", $relation, 'failed\|55P03',
			sub {
				my $reader = $node->background_psql('postgres');
				$reader->query_safe("BEGIN; SELECT count(*) FROM $relation; LOCK TABLE crm_fdw.refresh_states IN SHARE MODE");
				my $said = attempt("SET lock_timeout = '300ms'; CALL crm_fdw.refresh('$relation')");
				like($said, qr/ERROR:  55P03:/, "lock_timeout, $mode: the error is raised");
				$reader->query_safe('COMMIT');
				$reader->quit;
				return $said;
			});
	}

	# A plain refresh waits for readers, and a reader for what it holds.
	sql('CREATE MATERIALIZED VIEW copy.plain AS SELECT id, first_name, updated_at FROM ac.contacts');
	sql("CALL crm_fdw.refresh('copy.plain')");
	foreach my $case ([ 'copy.plain', 0 ], [ 'copy.incremental', 0 ], [ 'copy.incremental', 1 ], [ 'copy.history', 1 ])
	{
		my ($relation, $retries) = @$case;
		my $label = "deadlock, $relation, $retries retries";
		make_due($relation);
		sql("INSERT INTO crm_fdw.refresh_settings (relation, mode, filtered, bounded, fleeting, fleeting_paths, best_effort, retries)"
			  . " VALUES ('$relation', 'replace', false, false, '{}', '{}', false, $retries) ON CONFLICT (relation) DO UPDATE SET retries = $retries");
		my $before = state_of($relation);
		my $reader = $node->background_psql('postgres');
		# The refresh is the one that finds the deadlock: it waits last, and looks first.
		$reader->query_safe("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE crm_fdw.refresh_states IN SHARE MODE");
		$sandbox->config(latency_ms => 100);
		my $session = begin_session("SET deadlock_timeout = '10ms'; CALL crm_fdw.refresh('$relation')");
		wait_for_status($relation, 'running');
		$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE relation = '$relation'::regclass AND mode IN ('RowExclusiveLock', 'AccessExclusiveLock') AND granted") or die;
		my $wants = $relation eq 'copy.plain' ? "SELECT count(*) FROM $relation" : "LOCK TABLE $relation IN ACCESS EXCLUSIVE MODE";
		$reader->query_until(qr/waits/, "\\echo waits\n$wants; COMMIT;\n");
		my $said = end_session($session);
		$sandbox->config(latency_ms => 0);
		$reader->quit;
		if ($retries)
		{
			is($said, '', "$label: another attempt succeeds");
			is(last_run($relation, 'status'), 'ok', "$label: and ends well");
		}
		else
		{
			like($said, qr/ERROR:  40P01:/, "$label: the error is raised");
			is(last_run($relation, 'status, sqlstate'), 'failed|40P01', "$label: the log says so");
			is(state_of($relation), $before, "$label: the copy is as it was");
			is(attempt("CALL crm_fdw.refresh('$relation')"), '', "$label: the next one succeeds");
		}
		is(sql("SELECT count(*) FROM $relation WHERE first_name = 'Change $change'" . ($relation =~ /history/ ? ' AND is_current' : '')), '3', "$label: with what is new");
		sql('UPDATE crm_fdw.refresh_settings SET retries = 0');
	}
	sql('DROP MATERIALIZED VIEW copy.plain');
};

part 'space' => sub {
	sql("CREATE ROLE modest SUPERUSER LOGIN; ALTER ROLE modest SET work_mem = '64kB'; ALTER ROLE modest SET temp_file_limit = '64kB'");
	foreach my $mode (@modes)
	{
		survives("temp_file_limit, $mode", "copy.$mode", 'failed\|53400',
			sub {
				my (undef, undef, $said) = $node->psql('postgres', "CALL crm_fdw.refresh('copy.$mode')", extra_params => [ '-U', 'modest', '-v', 'VERBOSITY=verbose' ]);
				like($said, qr/ERROR:  53400:/, "temp_file_limit, $mode: the error is raised");
				return $said;
			});
	}
};

part 'the commit' => sub {
	sql(q{
		CREATE FUNCTION copy.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no space left'; END $$;
		CREATE TABLE copy.switch ("on" boolean);
	});
	foreach my $mode (@modes)
	{
		survives("error at commit, $mode", "copy.$mode", 'failed\|53100',
			sub {
				sql('CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON crm_fdw.refresh_states DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION copy.refuse()');
				my $said = attempt("CALL crm_fdw.refresh('copy.$mode')");
				like($said, qr/ERROR:  53100: no space left/, "error at commit, $mode: the error is raised");
				sql('DROP TRIGGER refuse ON crm_fdw.refresh_states');
				return $said;
			});
	}
	# The end of the run cannot be written either.
	survives('nothing can be committed', 'copy.incremental', 'failed\|57P02',
		sub {
			sql(q{CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON crm_fdw.refresh_runs DEFERRABLE INITIALLY DEFERRED
				FOR EACH ROW WHEN (NEW.status IN ('ok', 'failed')) EXECUTE FUNCTION copy.refuse()});
			my $said = attempt("CALL crm_fdw.refresh('copy.incremental')");
			like($said, qr/ERROR:  53100: no space left/, 'nothing can be committed: the error is raised');
			sql('DROP TRIGGER refuse ON crm_fdw.refresh_runs');
			return $said;
		});
};

part 'other transactions' => sub {
	foreach my $level ('repeatable read', 'serializable')
	{
		foreach my $mode (@modes)
		{
			make_due("copy.$mode");
			is(attempt("SET default_transaction_isolation = '$level'; CALL crm_fdw.refresh('copy.$mode')"), '', "$mode in $level");
			is(last_run("copy.$mode", 'status'), 'ok', "$mode in $level: ends well");
		}
	}
	my $said = attempt("SET default_transaction_read_only = on; CALL crm_fdw.refresh('copy.incremental')");
	like($said, qr/ERROR:  25006:/, 'read only');
	is(sql("SELECT count(*) FROM crm_fdw.refresh_runs WHERE status IN ('running', 'waiting')"), '0', 'read only: no run is begun');
};

###########################################################################
# Refreshes that meet
###########################################################################

part 'refreshes of one account' => sub {
	sql("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.deals', mode => 'incremental')");
	sql("SELECT crm_fdw.create_snapshot('aircall.users', 'copy.users')");
	sql('UPDATE crm_fdw.refresh_settings SET retries = 0');

	$sandbox->clear_log;
	$sandbox->fault(path => '/contacts$', kind => 'hang_body', after => 2);
	my $first = begin_session("CALL crm_fdw.refresh('copy.incremental', force_full => true)");
	my $first_pid = wait_in_mid_read('copy.incremental');
	my $second = begin_session("CALL crm_fdw.refresh('copy.deals', force_full => true)");
	my $second_pid = wait_for_status('copy.deals', 'waiting');
	is(last_run('copy.deals', 'status, finished_at IS NULL, requests IS NULL'), 'waiting|t|t', 'the second one waits, which can be seen');
	is(attempt("CALL crm_fdw.refresh('copy.users')"), '', 'a refresh of another account does not wait');
	is(last_run('copy.incremental', 'status'), 'running', 'the first one is still at it');

	sql("SELECT pg_cancel_backend($second_pid)");
	like(end_session($second), qr/ERROR:  57014:/, 'a wait can be cancelled');
	is(last_run('copy.deals', 'status, sqlstate, requests'), 'failed|57014|0', 'and is a failure');

	# No longer than the run would be of use.
	sql(q{UPDATE crm_fdw.refresh_settings SET schedule = '1 second', time_zone = 'GMT', off_peak_start = '01:00', off_peak_end = '05:00', job_id = 0, scheduled_at = now()
		WHERE relation = 'copy.deals'::regclass});
	my ($status, undef, $stderr) = $node->psql('postgres', "CALL crm_fdw.refresh('copy.deals')");
	is($status, 0, 'a wait that is too long is no error');
	like($stderr, qr/NOTICE: .*skipped: another refresh/, 'but is said');
	is(last_run('copy.deals', 'status, complete IS NULL, rows_before IS NULL, rows_after IS NULL, inserted IS NULL, requests, finished_at - started_at < interval \'20 seconds\', sqlstate IS NULL'),
		'skipped|t|t|t|t|0|t|t', 'and logged');
	is(sql("SELECT last_status, failures_in_a_row FROM crm_fdw.refresh_status WHERE relation = 'copy.deals'::regclass"), 'skipped|1', 'a skipped run ends no streak');
	sql("UPDATE crm_fdw.refresh_settings SET schedule = NULL, time_zone = NULL, job_id = NULL WHERE relation = 'copy.deals'::regclass");

	# Its turn comes when the first one ends, however that is.
	$second = begin_session("CALL crm_fdw.refresh('copy.deals', force_full => true)");
	wait_for_status('copy.deals', 'waiting');
	my $drop = begin_session("SELECT crm_fdw.create_snapshot('ac.lists', 'copy.lists')");
	sql("SELECT pg_terminate_backend($first_pid)");
	end_session($first);
	is(end_session($second), '', 'the second one has its turn');
	is(last_run('copy.deals', 'status'), 'ok', 'and ends well');
	is(end_session($drop), '', 'so does a snapshot that is made');
	is(last_run('copy.lists', 'status'), 'ok', 'which waits as well');
	$sandbox->clear_faults;

	# Started together, one by one: no request of one among those of another.
	$sandbox->config(latency_ms => 40);
	$sandbox->clear_log;
	my %path = ('copy.incremental' => '/contacts', 'copy.deals' => '/deals', 'copy.lists' => '/lists');
	my @sessions = map { begin_session("CALL crm_fdw.refresh('$_', force_full => true)") } sort keys %path;
	is(end_session($_), '', 'all succeed') foreach @sessions;
	my @order;
	foreach my $path (map { $_->{path} =~ m{(/[a-z]+)$} ? $1 : () } $sandbox->log)
	{
		push @order, $path if !@order || $order[-1] ne $path;
	}
	is(join(' ', sort @order), join(' ', sort values %path), 'each read as a whole');
	is(last_run($_, 'status'), 'ok', "$_: ends well") foreach sort keys %path;

	# Two accounts at the same time.
	$sandbox->clear_log;
	@sessions = map { begin_session("CALL crm_fdw.refresh('$_', force_full => true)") } 'copy.incremental', 'copy.users';
	is(end_session($_), '', 'two accounts: both succeed') foreach @sessions;
	my @runs = map { last_run($_, 'started_at, finished_at') } 'copy.incremental', 'copy.users';
	is(sql("SELECT tstzrange('" . join("') && tstzrange('", map { s/\|/', '/r } @runs) . "')"), 't', 'two accounts: at the same time');
	$sandbox->config(latency_ms => 0);

	# One relation twice.
	@sessions = map { begin_session("CALL crm_fdw.refresh('copy.history')") } 1 .. 3;
	is(end_session($_), '', 'one relation three times: all succeed') foreach @sessions;
	is(sql("SELECT string_agg(status, ',') FROM (SELECT status FROM crm_fdw.refresh_log WHERE relation = 'copy.history'::regclass ORDER BY id DESC LIMIT 3) r"), 'ok,ok,ok', 'and end well');
	is(sql('SELECT count(*) - count(DISTINCT id) FROM copy.history WHERE is_current'), '0', 'one current version each');
};

part 'a standby' => sub {
	my $standby = PostgreSQL::Test::Cluster->new('standby');
	$node->backup('base');
	$standby->init_from_backup($node, 'base', has_streaming => 1);
	$standby->start;
	$sandbox->clear_log;
	$sandbox->fault(path => '/contacts$', kind => 'hang_body');
	my $session = begin_session("CALL crm_fdw.refresh('copy.history')");
	my $pid = wait_in_mid_read('copy.history');
	$node->wait_for_catchup($standby);
	my $status = q{SELECT status, sqlstate IS NULL FROM crm_fdw.refresh_log WHERE relation = 'copy.history'::regclass ORDER BY id DESC LIMIT 1};
	is($standby->safe_psql('postgres', $status), 'running|t', 'there, too, a refresh runs');
	isnt($standby->safe_psql('postgres', 'SELECT count(*) FROM copy.history'), '0', 'and the copy can be read');
	sql("SELECT pg_cancel_backend($pid)");
	end_session($session);
	$node->wait_for_catchup($standby);
	is($standby->safe_psql('postgres', $status), 'failed|f', 'until it ends');
	$standby->stop;
};

part 'drops' => sub {
	$sandbox->clear_log;
	$sandbox->fault(path => '/deals$', kind => 'hang_body', times => 1, params => { seconds => 1 });
	my $session = begin_session("CALL crm_fdw.refresh('copy.deals', force_full => true)");
	wait_in_mid_read('copy.deals');
	my $dropping = begin_session("SELECT crm_fdw.drop_snapshot('copy.deals')");
	end_session($session);
	is(end_session($dropping), '', 'a snapshot that is refreshed can be dropped');
	is(sql("SELECT to_regclass('copy.deals') IS NULL, count(*) FROM crm_fdw.snapshots WHERE relation::text = 'copy.deals'"), 't|0', 'and is gone');

	$sandbox->clear_log;
	$sandbox->fault(path => '/contacts$', kind => 'hang_body');
	my $first = begin_session("CALL crm_fdw.refresh('copy.history')");
	my $pid = wait_in_mid_read('copy.history');
	my $second = begin_session("CALL crm_fdw.refresh('copy.append')");
	wait_for_status('copy.append', 'waiting');
	sql("SELECT crm_fdw.drop_snapshot('copy.append')");
	sql("SELECT pg_cancel_backend($pid)");
	end_session($first);
	like(end_session($second), qr/ERROR:  42P01:/, 'a copy that goes while its refresh waits');
	is(sql("SELECT count(*) FROM crm_fdw.refresh_runs WHERE status IN ('running', 'waiting')"), '0', 'leaves no run open');
};

$sandbox->stop;
$node->stop;
done_testing();
