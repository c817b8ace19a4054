# Copies that pg_cron keeps fresh: jobs that start when they should and keep
# apart, readers that never wait, and views that tell what goes wrong.  pg_cron
# counts in minutes, so what has to be seen to happen is scheduled first, on two
# clusters, and what needs no clock is tested while they wait.
#
# Runs alone: it measures time.

use strict;
use warnings;

use CrmSandbox;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = CrmSandbox->start;
my $slow = CrmSandbox->start(latency_ms => 300);
my $me = $ENV{PGUSER} // getpwuid($<);

# In "main", jobs are background workers; in "second" they connect.
my $main = PostgreSQL::Test::Cluster->new('main');
$main->init;
$main->append_conf('postgresql.conf', <<'END');
shared_preload_libraries = 'pg_cron, crm_fdw'
cron.database_name = 'postgres'
cron.use_background_workers = on
max_connections = 40
max_worker_processes = 30
END
$main->start;
my $second = PostgreSQL::Test::Cluster->new('second');
CrmSandbox::init_node($second);
$second->append_conf('postgresql.conf', 'max_connections = 40');
$second->start;

# ------------------------------------------------------------------- helpers

# The rows of a query, as a role (user) and in a database (db).
sub sql
{
	my ($node, $sql, %as) = @_;
	return $node->safe_psql($as{db} // 'postgres', $sql, extra_params => [ '-U', $as{user} // $me ]);
}

# All that a statement says beside its rows, with SQLSTATE, DETAIL and HINT.
sub said
{
	my ($node, $sql, %as) = @_;
	my (undef, undef, $stderr) = $node->psql($as{db} // 'postgres', $sql,
		extra_params => [ '-U', $as{user} // $me, '-v', 'VERBOSITY=verbose' ]);
	return $stderr;
}

# A statement fails with a SQLSTATE and words.
sub fails
{
	my ($node, $sql, $state, $words, $label, %as) = @_;
	my $stderr = said($node, $sql, %as);
	like($stderr, qr/ERROR:  \Q$state\E: .*$words/s, $label);
	return $stderr;
}

sub wait_until
{
	my ($node, $condition, $label, %as) = @_;
	ok($node->poll_query_until($as{db} // 'postgres', $condition), $label);
	return;
}

sub schedule
{
	my ($node, $relation, $more, %as) = @_;
	return sql($node, "SELECT crm_fdw.schedule_refresh('$relation'" . ($more ? ", $more" : '') . ')', %as);
}

# Columns of the row of a copy in a view.
sub row
{
	my ($node, $view, $relation, $columns) = @_;
	return sql($node, "SELECT $columns FROM crm_fdw.$view WHERE relation = '$relation'::regclass");
}

sub status
{
	return row($_[0], 'refresh_status', @_[ 1, 2 ]);
}

sub jobs
{
	my ($node, $relation) = @_;
	return sql($node, "SELECT count(*) FROM cron.job WHERE command = 'CALL crm_fdw.refresh(' || '$relation'::regclass::oid || ')'");
}

# -------------------------------------------------- what pg_cron understands

# The values of one field.
sub field_values
{
	my ($field, $first, $last) = @_;
	my %values;

	foreach my $part (split /,/, $field)
	{
		my ($range, $step) = split m{/}, $part;
		my ($from, $to) = $range eq '*' ? ($first, $last) : split /-/, $range;
		for (my $n = $from; $n <= ($to // $from); $n += $step // 1) { $values{$n} = 1 }
	}
	return \%values;
}

# A schedule as a test of (minute, hour, day, month, weekday), or of the day alone.
sub schedule_test
{
	my ($minute, $hour, $day, $month, $weekday) = split / /, $_[0];
	my ($m, $h, $d, $mon, $w) = (field_values($minute, 0, 59), field_values($hour, 0, 23),
		field_values($day, 1, 31), field_values($month, 1, 12), field_values($weekday, 0, 7));
	my $either = $day !~ /^\*/ && $weekday !~ /^\*/;

	$w->{0} = 1 if $w->{7};
	return sub {
		my ($minute, $hour, $day, $month, $weekday) = @_;
		return (!defined $minute || $m->{$minute} && $h->{$hour}) && $mon->{$month}
		  && ($either ? $d->{$day} || $w->{$weekday} : $d->{$day} && $w->{$weekday});
	};
}

# The minutes of a week (from Sunday) in which a schedule without dates runs.
sub week_minutes
{
	my $test = schedule_test($_[0]);
	return grep { $test->($_ % 60, int($_ / 60) % 24, 1, 1, int($_ / 1440)) } 0 .. 10079;
}

# Minutes from the runs of one schedule to the nearest of another, around the week.
sub distance
{
	my ($left, $right) = @_;
	my %there = map { $_ => 1 } week_minutes($right);
	my @here = week_minutes($left);

	foreach my $away (0 .. 5040)
	{
		return $away if grep { $there{ ($_ + $away) % 10080 } || $there{ ($_ - $away) % 10080 } } @here;
	}
	return 5040;
}

# ------------------------------------------------------- a cluster without it

$sandbox->create_servers($second, options => { map { $_ => "rate_limit '1000/s', max_retries '0'" } qw(ac aircall agile) });
sql($second, 'CREATE SCHEMA report; CREATE ROLE owner LOGIN; GRANT CREATE, USAGE ON SCHEMA report TO owner;
	GRANT USAGE ON SCHEMA aircall TO owner; GRANT SELECT ON ALL TABLES IN SCHEMA aircall TO owner;
	CREATE USER MAPPING FOR owner SERVER aircall OPTIONS (' . $sandbox->credential_sql('aircall') . ');
	CREATE MATERIALIZED VIEW report.tags AS SELECT id, name FROM aircall.tags; CREATE UNIQUE INDEX ON report.tags (id)');
my $try = "SELECT crm_fdw.schedule_refresh('report.tags')";
fails($second, $try, '55000', "HINT:.*shared_preload_libraries.*cron\\.database_name = 'postgres'.*CREATE EXTENSION pg_cron", 'pg_cron is not loaded');
fails($second, "SET cron.database_name = 'postgres'; $try", '55000', 'HINT:.*shared_preload_libraries', 'which its setting does not hide');
fails($second, "SELECT * FROM crm_fdw.schedule_recommended('report')", '55000', 'HINT:.*shared_preload_libraries', 'nor for recommended schedules');
is(sql($second, "CALL crm_fdw.refresh('report.tags'); SELECT crm_fdw.unschedule_refresh('report.tags')"), 'f', 'refreshing needs no pg_cron');
is(status($second, 'report.tags', 'schedule IS NULL, is_late IS NULL, next_run_at IS NULL, last_status, failures_in_a_row, last_success_at IS NOT NULL, age IS NOT NULL, last_error'), '',
	'an own view that was never scheduled or made by create_snapshot has no status');
sql($second, "SELECT crm_fdw.create_snapshot('aircall.teams', 'report.early')");
is(status($second, 'report.early', 'schedule IS NULL, is_late IS NULL, next_run_at IS NULL, last_status, failures_in_a_row, last_success_at IS NOT NULL, age IS NOT NULL, last_error IS NULL'),
	't|t|t|ok|0|t|t|t', 'the status of a copy without a schedule');

$second->append_conf('postgresql.conf', <<"END");
shared_preload_libraries = 'pg_cron, crm_fdw'
cron.database_name = 'postgres'
cron.use_background_workers = off
cron.host = '@{[ $second->host ]}'
END
$second->restart;
fails($second, $try, '55000', 'HINT:.*CREATE EXTENSION pg_cron', 'the extension is missing');
sql($second, 'CREATE EXTENSION pg_cron; CREATE MATERIALIZED VIEW report.owned AS SELECT id FROM aircall.teams; ALTER MATERIALIZED VIEW report.owned OWNER TO owner');
my $words = fails($second, "SELECT crm_fdw.schedule_refresh('report.owned')", '42501', 'HINT:.*GRANT USAGE ON SCHEMA cron TO owner', 'a role without rights on schema cron', user => 'owner');
sql($second, $words =~ /(GRANT USAGE ON SCHEMA cron TO \w+)/ ? $1 : 'no statement');
like(schedule($second, 'report.owned', "schedule => '0 0 1 1 *'", user => 'owner'), qr/^\d+$/, 'has them then');
is(sql($second, "SELECT username FROM cron.job WHERE command LIKE '%refresh(' || 'report.owned'::regclass::oid || ')'"), 'owner', 'and its job');

# ------------------------------------------------------------- jobs that fire

# Server and schema "slow" read the slow sandbox.
sub create_slow
{
	my ($node, $name) = @_;
	my $sql = $slow->server_sql($name, "rate_limit '1000/s', max_retries '0'");

	$sql =~ s/\bSERVER $name\b/SERVER slow/g;
	$sql =~ s/(CREATE SCHEMA|INTO) $name\b/$1 slow/g;
	sql($node, $sql);
	return;
}

sql($main, 'CREATE EXTENSION pg_cron; CREATE DATABASE other');
$sandbox->create_servers($main, options => { map { $_ => "rate_limit '1000/s', max_retries '0'" } qw(ac aircall agile) });
$sandbox->create_servers($main, only => ['aircall'], dbname => 'other');
create_slow($main, 'aircall');
create_slow($second, 'ac');
sql($main, 'CREATE SCHEMA report; CREATE ROLE owner LOGIN; GRANT CREATE, USAGE ON SCHEMA report TO owner;
	GRANT USAGE ON SCHEMA cron TO owner; GRANT USAGE ON SCHEMA aircall TO owner; GRANT SELECT ON ALL TABLES IN SCHEMA aircall TO owner;
	CREATE USER MAPPING FOR owner SERVER aircall OPTIONS (' . $sandbox->credential_sql('aircall') . ')');

# One that is read all the time.  Its rows have changed since.
sql($main, "SELECT crm_fdw.create_snapshot('slow.calls', 'report.calls')");
my $calls = sql($main, 'SELECT count(*) FROM report.calls');
$slow->mutate(crm => 'aircall', table => 'calls', op => 'insert', n => 7);
sql($main, q{
CREATE TABLE readers (stop boolean, reads bigint, slowest interval, sizes bigint[]);
INSERT INTO readers VALUES (false);
CREATE PROCEDURE read_on() LANGUAGE plpgsql AS $$
DECLARE
	begun timestamptz;
	size bigint;
	done bigint := 0;
	worst interval := '0';
	found bigint[] := '{}';
BEGIN
	LOOP
		begun := clock_timestamp();
		BEGIN
			SELECT count(*) INTO size FROM report.calls;
		EXCEPTION WHEN lock_not_available THEN
			size := -1;
		END;
		worst := greatest(worst, clock_timestamp() - begun);
		done := done + 1;
		IF size <> ALL (found) THEN
			found := found || size;
		END IF;
		COMMIT;
		EXIT WHEN (SELECT stop FROM readers);
		PERFORM pg_sleep(0.01);
	END LOOP;
	UPDATE readers SET (reads, slowest, sizes) = (done, worst, found);
END
$$});
my $reader = $main->background_psql('postgres');
$reader->query_until(qr/reading/, "SET lock_timeout = '1s';\n\\echo reading\nCALL read_on();\n");

# Some that fail: at the API, by their result, before they begin.
sql($main, "SELECT crm_fdw.create_snapshot('aircall.tags', 'report.broken'); SELECT crm_fdw.create_snapshot('aircall.users', 'report.few');
	SELECT crm_fdw.create_snapshot('aircall.teams', 'report.locked_out'); ALTER MATERIALIZED VIEW report.locked_out OWNER TO owner");
sql($second, "SELECT crm_fdw.create_snapshot('aircall.webhooks', 'report.broken'); SELECT crm_fdw.create_snapshot('aircall.teams', 'report.unreachable')");
$sandbox->fault(crm => 'aircall', path => '^/v1/(tags|webhooks)$', kind => 'status', params => { code => 500 });

# Two that want the same account at once.
sql($second, "CREATE SCHEMA twins; SELECT crm_fdw.create_snapshot('slow.$_', 'twins.$_', with_data => false)") foreach ('contacts');
sql($second, "SELECT crm_fdw.create_snapshot('slow.deals', 'twins.deals', with_data => false)");

# Some that are no more, or elsewhere.
sql($second, "SELECT crm_fdw.create_snapshot('aircall.users', 'report.dropped_table', mode => 'incremental');
	SELECT crm_fdw.create_snapshot('aircall.users', 'report.dropped_view');
	SELECT crm_fdw.create_snapshot('aircall.users', 'report.old_name')");

sub elsewhere
{
	my ($how) = @_;
	return said($main, "SELECT crm_fdw.schedule_refresh('public.users', $how)", db => 'other');
}

sql($main, "SELECT crm_fdw.create_snapshot('aircall.users', 'public.users', with_data => false)", db => 'other');
$words = elsewhere("every => '1 minute'");
like($words, qr/ERROR:  55000: pg_cron keeps its jobs in database "postgres".*HINT:  Set cron\.database_name = 'other'/s, 'another database than that of pg_cron');
my ($elsewhere) = $words =~ /(SELECT cron\.schedule_in_database\(.*?\);)/;

# pg_cron looks around once a second: a job that is made at the turn of a minute
# may run in either.
wait_until($main, 'SELECT extract(second FROM now()) BETWEEN 2 AND 50', 'a minute in which to schedule');
$slow->clear_log;
my $due = sql($main, "SELECT crm_fdw.schedule_refresh('report.calls', '1 minute') > 0; SELECT next_run_at FROM crm_fdw.refresh_status WHERE relation = 'report.calls'::regclass") =~ s/^t\n//r;
isnt($due, '', 'a run is due');
schedule($main, 'report.broken', "'1 minute', retries => 0");
schedule($main, 'report.few', "'1 minute', min_rows => 1000");
schedule($main, 'report.locked_out', "'1 minute'", user => 'owner');
sql($main, 'ALTER ROLE owner NOLOGIN');
like(sql($main, $elsewhere // 'no hint'), qr/^\d+$/, "the statement of the hint runs in pg_cron's database");

schedule($second, "twins.$_", "'1 minute'") foreach qw(contacts deals);
schedule($second, 'report.broken', "'1 minute', retries => 0");
schedule($second, "report.$_", "'1 minute'") foreach qw(unreachable dropped_table dropped_view old_name);
my $job = sql($second, "SELECT job_id FROM crm_fdw.refresh_settings WHERE relation = 'report.old_name'::regclass");
my $gone = join ',', map { sql($second, "SELECT job_id FROM crm_fdw.refresh_settings WHERE relation = 'report.dropped_$_'::regclass") } qw(table view);
sql($second, "UPDATE cron.job SET nodename = '/nowhere' WHERE jobid = (SELECT job_id FROM crm_fdw.refresh_settings WHERE relation = 'report.unreachable'::regclass);
	DROP TABLE report.dropped_table; DROP MATERIALIZED VIEW report.dropped_view;
	ALTER MATERIALIZED VIEW report.old_name RENAME TO new_name; ALTER MATERIALIZED VIEW report.new_name SET SCHEMA twins");
my $renamed_at = sql($second, 'SELECT clock_timestamp()');
is(sql($second, "SELECT count(*) FROM cron.job WHERE jobid IN ($gone)"), '2', 'jobs of dropped copies are still there');

# ------------------------------------------------ meanwhile: what is refused

sql($main, q{CREATE SCHEMA views;
	CREATE MATERIALIZED VIEW views.plain AS SELECT id, name FROM aircall.tags WITH NO DATA;
	CREATE MATERIALIZED VIEW views.renamed_key AS SELECT name, id AS "tag no" FROM aircall.tags WITH NO DATA;
	CREATE MATERIALIZED VIEW views.joined AS SELECT t.id, u.id AS user_id FROM aircall.teams t, aircall.users u;
	CREATE MATERIALIZED VIEW views.keyless AS SELECT count(*) FROM aircall.tags WITH NO DATA;
	CREATE MATERIALIZED VIEW views.no_crm AS SELECT 1 AS one;
	CREATE VIEW views.just_a_view AS SELECT * FROM aircall.tags;
	CREATE TABLE views.just_a_table (id bigint);
	CREATE MATERIALIZED VIEW views.indexed AS SELECT id, name FROM aircall.teams WITH NO DATA; CREATE UNIQUE INDEX ON views.indexed (id)});
fails($main, "SELECT crm_fdw.schedule_refresh('views.indexed', $_->[0])", '22023', "HINT:  The nearest is '$_->[1]'", "every $_->[0]")
  foreach ([ "'7 minutes'", '6 minutes' ], [ "'45 minutes'", '1 hour' ], [ "'5 hours'", '6 hours' ], [ "'2 days'", '1 day' ],
	[ "'1 month'", '7 days' ], [ "'90 seconds'", '2 minutes' ], [ "'0'", '1 minute' ], [ "'-1 hour'", '1 minute' ], [ "'100 years'", '7 days' ]);
fails($main, "SELECT crm_fdw.schedule_refresh('views.indexed', $_->[0])", $_->[1], $_->[2], $_->[0])
  foreach ([ "'1 day', '0 0 * * *'", '22023', 'every and schedule exclude each other' ],
	[ "off_peak_start => '01:00:10', off_peak_end => '01:00:50'", '22023', 'no minute' ],
	[ 'max_shrink => -0.1', '22023', 'max_shrink' ], [ 'max_shrink => 1.1', '22023', 'max_shrink' ], [ "max_shrink => 'NaN'", '22023', 'max_shrink' ],
	[ 'min_rows => -1', '22023', 'min_rows' ], [ 'retries => -1', '22023', 'retries' ], [ 'retries => 11', '22023', 'retries' ],
	[ "schedule => 'now and then'", '22023', 'invalid schedule: now and then' ], [ "schedule => '61 * * * *'", '22023', 'invalid schedule' ]);
is(jobs($main, 'views.indexed'), '0', 'what is refused leaves no job');
fails($main, 'SELECT crm_fdw.schedule_refresh(NULL)', '22004', 'relation', 'no relation');
fails($main, "SELECT crm_fdw.schedule_refresh('$_->[0]')", $_->[1], $_->[2], "relation $_->[0]")
  foreach ([ 'views.just_a_table', '42809', 'HINT:.*create_snapshot' ], [ 'views.just_a_view', '42809', 'neither' ],
	[ 'aircall.tags', '42809', "HINT:.*create_snapshot\\('aircall.tags'" ], [ 'views.no_crm', '42809', 'no foreign table' ], [ '1', '42P01', 'does not exist' ]);
sql($main, 'CREATE ROLE stranger LOGIN; GRANT USAGE ON SCHEMA cron, views TO stranger');
fails($main, "SELECT crm_fdw.$_('views.indexed')", '42501', 'must be owner', "$_: a copy of another role", user => 'stranger') foreach qw(schedule_refresh unschedule_refresh);

# Every period is one that pg_cron can run.
sql($main, 'SET TimeZone = GMT; SELECT crm_fdw.schedule_refresh(\'views.indexed\', \'1 day\')');
foreach my $every ((map { "$_ minutes" } 1 .. 6, 10, 12, 15, 20, 30), (map { "$_ hours" } 1 .. 4, 6, 8, 12, 24), '7 days', '1 week', '60 seconds')
{
	schedule($main, 'views.indexed', "'$every'");
	is(sql($main, "SELECT crm_fdw.next_run(s, crm_fdw.next_run(s, t)) - crm_fdw.next_run(s, t) = interval '$every'
		FROM (SELECT schedule, now() FROM crm_fdw.refresh_status WHERE relation = 'views.indexed'::regclass) x(s, t)"), 't', "every $every");
}
is(jobs($main, 'views.indexed'), '1', 'scheduled again and again, it has one job');
schedule($main, 'views.indexed', "schedule => '5 4 * * 1-5', max_shrink => 0, min_rows => 0, retries => 0");
is(status($main, 'views.indexed', 'schedule'), '5 4 * * 1-5', 'a schedule is taken as it is');
schedule($main, 'views.indexed', 'max_shrink => 1, retries => 10');
is(sql($main, "SELECT crm_fdw.unschedule_refresh('views.indexed'), crm_fdw.unschedule_refresh('views.indexed')"), 't|f', 'unscheduled: there was a job, then there was none');
is(jobs($main, 'views.indexed') . status($main, 'views.indexed', 'schedule IS NULL, next_run_at IS NULL, is_late IS NULL'), '0t|t|t', 'it is gone, and so are its times');
sql($main, "SELECT crm_fdw.schedule_refresh('views.indexed'); SELECT cron.unschedule(job_id) FROM crm_fdw.refresh_settings WHERE relation = 'views.indexed'::regclass");
is(sql($main, "SELECT crm_fdw.unschedule_refresh('views.indexed')"), 'f', 'a job that was removed behind our back');
fails($main, 'SELECT crm_fdw.schedule_refresh(\'views.indexed\', off_peak_start => NULL, off_peak_end => NULL, retries => NULL, schedule => \'bad\')', '22023', 'invalid schedule', 'NULL is the default');

# A view that makes its readers wait, and the index that helps.
foreach my $view ('views.plain', 'views.renamed_key', 'views.joined')
{
	my $warned = said($main, "SELECT crm_fdw.schedule_refresh('$view', '1 day')");
	like($warned, qr/WARNING:  \w+: readers of \Q$view\E wait/, "$view: a warning");
	my ($index) = $warned =~ /(CREATE UNIQUE INDEX ON .*;)/;
	sql($main, $index // 'no statement');
	unlike(said($main, "SELECT crm_fdw.schedule_refresh('$view', '1 day')"), qr/WARNING/, 'and its statement stops it');
}
like(said($main, "SELECT crm_fdw.schedule_refresh('views.keyless', '1 day')"), qr/WARNING:.*HINT:  Run CREATE UNIQUE INDEX ON views\.keyless/s, 'a view without a key');

# ------------------------------------------------------- whose job it is

sql($main, 'CREATE ROLE analyst LOGIN; CREATE SCHEMA plan; GRANT CREATE, USAGE ON SCHEMA plan TO analyst; GRANT USAGE ON SCHEMA cron TO analyst');
foreach my $server (qw(agile aircall))
{
	sql($main, "CREATE USER MAPPING FOR analyst SERVER $server OPTIONS (" . $sandbox->credential_sql($server) . ");
		GRANT USAGE ON FOREIGN SERVER $server TO analyst; GRANT USAGE ON SCHEMA $server TO analyst; GRANT SELECT ON ALL TABLES IN SCHEMA $server TO analyst");
}
sql($main, "CREATE MATERIALIZED VIEW plan.mine AS SELECT id FROM aircall.teams WITH NO DATA; CREATE UNIQUE INDEX ON plan.mine (id)", user => 'analyst');
schedule($main, 'plan.mine', "'1 day'", user => 'analyst');
my $owners = "SELECT string_agg(username, ',') FROM cron.job WHERE command = 'CALL crm_fdw.refresh(' || 'plan.mine'::regclass::oid || ')'";
is(sql($main, $owners), 'analyst', 'a job of the role that schedules');
schedule($main, 'plan.mine', "'1 day'");
is(sql($main, $owners), $me, 'a superuser takes it over');
fails($main, "SELECT crm_fdw.$_('plan.mine')", '42501', 'HINT:.*superuser', "$_: its owner does not get it back", user => 'analyst') foreach qw(schedule_refresh unschedule_refresh);
is(sql($main, $owners), $me, 'which changes nothing');
is(sql($main, "SELECT crm_fdw.unschedule_refresh('plan.mine')"), 't', 'a superuser removes it');
schedule($main, 'plan.mine', "'1 day'", user => 'analyst');
is(sql($main, $owners), 'analyst', 'then the owner has one again');
is(sql($main, "SELECT crm_fdw.unschedule_refresh('plan.mine')"), 't', "a superuser removes another role's");
sql($main, 'DROP MATERIALIZED VIEW plan.mine');

# After a restore, the remembered id may be that of another copy's job.
sql($main, "SELECT crm_fdw.create_snapshot('aircall.tags', 'views.restored', with_data => false); SELECT crm_fdw.schedule_refresh('views.restored', '1 day')");
sql($main, "UPDATE crm_fdw.refresh_settings SET job_id = (SELECT job_id FROM crm_fdw.refresh_settings WHERE relation = 'views.plain'::regclass) WHERE relation = 'views.restored'::regclass");
schedule($main, 'views.restored', "'1 day'");
is(jobs($main, 'views.plain'), '1', "another copy's job is not touched");
sql($main, "SELECT crm_fdw.drop_snapshot('views.restored')");
is(sql($main, "SELECT count(*) FROM cron.job WHERE jobname LIKE '%restored%'"), '0', 'drop_snapshot drops its job');
is(jobs($main, 'views.plain'), '1', 'and no other');

# --------------------------------------------------- hours of the day, by zone

# A minute of the day in GMT, on the clock of a zone, on each day of two years.
sub local_minutes
{
	my ($minute, $zone) = @_;
	my %seen;

	local $ENV{TZ} = $zone;
	POSIX::tzset();
	my $first = 20454 * 86400;    # 2026-01-01
	foreach my $day (0 .. 729)
	{
		my (undef, $m, $h) = localtime($first + $day * 86400 + $minute * 60);
		$seen{ $h * 60 + $m } = 1;
	}
	return sort { $a <=> $b } keys %seen;
}
END { POSIX::tzset() }

# The GMT minute of the day of a daily or weekly schedule, or undef.
sub daily_minute
{
	return $_[0] =~ /^(\d+) (\d+) \* \* [\d*]$/ ? $2 * 60 + $1 : undef;
}

foreach my $case ([ 'Europe/Paris', '23:00', '02:00' ], [ 'America/Chicago', '22:30', '01:30' ], [ 'Asia/Kolkata', '23:50', '00:10' ])
{
	my ($zone, $from, $to) = @$case;
	my $notice = said($main, "SET TimeZone = '$zone'; SELECT crm_fdw.schedule_refresh('views.plain', '1 day', off_peak_start => '$from', off_peak_end => '$to')");
	is($notice, '', "$zone, $from to $to: long enough");
	my ($begin, $end) = map { my ($h, $m) = split /:/; $h * 60 + $m } $from, $to;
	my @outside = grep { $_ < $begin && $_ >= $end } local_minutes(daily_minute(status($main, 'views.plain', 'schedule')) // 720, $zone);
	is("@outside", '', 'off-peak hours may wrap midnight');
}
like(said($main, "SET TimeZone = 'Europe/Paris'; SELECT crm_fdw.schedule_refresh('views.plain', '1 day', off_peak_start => '01:00', off_peak_end => '01:30')"),
	qr/NOTICE: .*off-peak hours of views\.plain are too short/, 'too short for summer and winter');
my $right_now = daily_minute(status($main, 'views.plain', 'schedule'));
ok((POSIX::strftime('%H%M', do { local $ENV{TZ} = 'Europe/Paris'; POSIX::tzset(); localtime(int(time / 86400) * 86400 + $right_now * 60) })) =~ /^01[012]/, 'but right now');
POSIX::tzset();
is(sql($main, "SELECT time_zone, off_peak_start, off_peak_end FROM crm_fdw.refresh_settings WHERE relation = 'views.plain'::regclass"), 'Europe/Paris|01:00:00|01:30:00', 'the zone is kept');

# ------------------------------------------------------ recommended schedules

my @entities = qw(tasks tickets notes contacts deals events companies tracks campaigns users custom_fields deal_sources);
sql($main, join('; ', map { "SELECT crm_fdw.create_snapshot('agile.$_', 'plan.$_', with_data => false)" } @entities), user => 'analyst');
sql($main, 'CREATE MATERIALIZED VIEW plan.open_deals AS SELECT id, name FROM agile.deals WITH NO DATA; CREATE UNIQUE INDEX ON plan.open_deals (id);
	CREATE MATERIALIZED VIEW plan.unrelated AS SELECT 1 AS one; CREATE TABLE plan.table_of_mine (id bigint);
	CREATE FOREIGN TABLE plan.live (id bigint) SERVER agile OPTIONS (entity \'deals\')', user => 'analyst');
sql($main, 'CREATE MATERIALIZED VIEW plan.foreign_view AS SELECT id FROM agile.users WITH NO DATA');

# The same API by another name is another account.
(my $twin = $sandbox->server_sql('agile', "rate_limit '1000/s'")) =~ s/127\.0\.0\.1/localhost/;
$twin =~ s/\bSERVER agile\b/SERVER twin/g;
$twin =~ s/(CREATE SCHEMA|INTO) agile\b/$1 twin/g;
sql($main, "$twin; CREATE SCHEMA other_plan");
sql($main, join '; ', map { "SELECT crm_fdw.create_snapshot('twin.$_', 'other_plan.$_', with_data => false)" } qw(tasks users));

# One of the daily tables took many requests the last time.
sql($main, "INSERT INTO crm_fdw.refresh_runs (id, relation, mode, status, started_at, finished_at, requests)
	SELECT nextval('crm_fdw.refresh_runs_id_seq'), 'plan.users', 'replace', 'ok', now() - interval '1 h', now() - interval '59 min', 900");

sub recommend
{
	my ($schema, $zone, %as) = @_;
	my $said = said($main, "SET TimeZone = '$zone'; SELECT * FROM crm_fdw.schedule_recommended('$schema')", %as);
	unlike($said, qr/ERROR|WARNING|connection/, "$zone: recommended for $schema");

	my %schedule = map { split /\|/, $_, 2 } split /\n/, sql($main, "SELECT c.relname, j.schedule FROM pg_class c JOIN cron.job j ON j.command = 'CALL crm_fdw.refresh(' || c.oid || ')'
		WHERE c.relnamespace = '$schema'::regnamespace");
	return ($said, %schedule);
}

foreach my $zone ('Europe/Paris', 'America/Chicago')
{
	my ($said, %schedule) = recommend('plan', $zone, user => 'analyst');
	is(join(' ', sort keys %schedule), join(' ', sort @entities, 'open_deals'), "$zone: snapshots and the user's own view of the CRM are scheduled");
	like($said, qr/NOTICE:.*schema "plan" has 1 foreign table, which cannot be scheduled/, 'the foreign table is not');
	like($said, qr/NOTICE:.*plan\.foreign_view is left out: it belongs to another role/, 'nor what belongs to another role');
	unlike($said, qr/unrelated|table_of_mine/, 'and nothing else is worth a word');

	my @tight;
	my @names = sort keys %schedule;
	foreach my $i (0 .. $#names)
	{
		push @tight, map { "$names[$i] $schedule{$names[$i]} and $_ $schedule{$_}" }
		  grep { distance($schedule{ $names[$i] }, $schedule{$_}) < 15 } @names[ $i + 1 .. $#names ];
	}
	is("@tight", '', 'jobs of one account are a quarter of an hour apart');

	my %minute = map { my $m = daily_minute($schedule{$_}); defined $m ? ($_ => $m) : () } @names;
	is(join(' ', sort keys %minute), 'campaigns companies custom_fields deal_sources tracks users', 'six are rare');
	my @at_day = grep { my @local = local_minutes($minute{$_}, $zone); $local[0] < 60 || $local[-1] >= 300 } sort keys %minute;
	is("@at_day", '', 'they run at night, in summer and in winter');
	is((sort { $minute{$a} <=> $minute{$b} } keys %minute)[0], 'users', 'the large read first');
	is($schedule{tasks} =~ /^\d+ \* \* \* \*$/ && $schedule{deals} =~ m{^\d+ \d+-23/6 \* \* \*$} && $schedule{custom_fields} =~ /[0-6]$/, 1, 'as often as recommended');

	# Again: the same jobs.
	my (undef, %again) = recommend('plan', $zone, user => 'analyst');
	is_deeply(\%again, \%schedule, 'recommended twice, nothing changes');
	is(sql($main, "SELECT count(*), count(DISTINCT command) FROM cron.job WHERE username = 'analyst'"), '13|13', 'and there is one job each');

	# Another account needs no distance: it begins as if it were alone.
	my (undef, %twin) = recommend('other_plan', $zone);
	ok(scalar(keys %twin) == 2, 'another account');
	sql($main, "SELECT crm_fdw.unschedule_refresh(c.oid) FROM pg_class c WHERE relkind = 'm' AND relnamespace IN ('plan'::regnamespace) AND relname <> 'foreign_view'");
	my (undef, %alone) = recommend('other_plan', $zone);
	is_deeply(\%twin, \%alone, 'does not look at this one');
	sql($main, "SELECT crm_fdw.unschedule_refresh(c.oid) FROM pg_class c WHERE relkind = 'm' AND relnamespace = 'other_plan'::regnamespace");
}

# What was chosen stays.
schedule($main, 'plan.contacts', "'2 hours'", user => 'analyst');
schedule($main, 'plan.deals', "schedule => '7 7 * * *'", user => 'analyst');
schedule($main, 'plan.users', "'1 day', off_peak_start => '12:00', off_peak_end => '13:00', min_rows => 5", user => 'analyst');
my $chosen = sql($main, "SELECT scheduled_at FROM crm_fdw.refresh_settings WHERE relation = 'plan.deals'::regclass");
my (undef, %kept) = recommend('plan', 'GMT', user => 'analyst');
like($kept{contacts}, qr{^\d+ \d-23/2 \* \* \*$}, 'a chosen period is kept');
is($kept{deals}, '7 7 * * *', 'a chosen schedule is kept');
is(sql($main, "SELECT off_peak_start, min_rows, every FROM crm_fdw.refresh_settings WHERE relation = 'plan.users'::regclass"), '12:00:00|5|1 day', 'chosen hours and limits are kept');
like($kept{users}, qr/^\d+ 12 /, 'and hold');
is(distance($kept{deals}, $kept{$_}) >= 15, 1, "$_ keeps away from a chosen schedule") foreach grep { $_ ne 'deals' } sort keys %kept;
is(sql($main, "SELECT scheduled_at = '$chosen' FROM crm_fdw.refresh_settings WHERE relation = 'plan.deals'::regclass"), 't', 'a job that stays is as old as it was');
fails($main, "SELECT * FROM crm_fdw.schedule_recommended('no_such_schema')", '3F000', 'no_such_schema', 'a schema that is not there');
is(sql($main, "SELECT count(*) FROM crm_fdw.schedule_recommended('cron')"), '0', 'a schema without copies');

# ------------------------------------------------------------------ next runs

# Brute force: minute after minute, of days that will do.
sub brute_force
{
	my ($schedule, $after) = @_;
	my $test = schedule_test($schedule);

	for (my $at = (int($after / 60) + 1) * 60;; $at += 60)
	{
		my (undef, $minute, $hour, $day, $month, undef, $weekday) = gmtime($at);
		return $at if $test->($minute, $hour, $day, $month + 1, $weekday);
		$at += 86340 - $at % 86400 unless $test->(undef, undef, $day, $month + 1, $weekday);
	}
	return;
}

foreach my $schedule ('* * * * *', '*/7 * * * *', '3-59/15 * * * *', '18 3-23/6 * * *', '30 2 * * 1', '0 0 1 * *', '15 6 29 2 *', '5 4 13 * 5', '0 12 * * 7', '59 23 31 12 *', '0,30 9-17 * 1,7 1-5')
{
	my @after = (1767225600, 1774746060, 1772323199, 1798761540);    # around new year, the end of February and DST
	my $expected = join ' ', map { brute_force($schedule, $_) } @after;
	is(sql($main, 'SELECT string_agg(extract(epoch FROM crm_fdw.next_run(' . "'$schedule'" . ", to_timestamp(t)))::bigint::text, ' ' ORDER BY n) FROM unnest('{" . join(',', @after) . "}'::float8[]) WITH ORDINALITY u(t, n)"),
		$expected, "next runs of $schedule");
}
is(sql($main, "SELECT crm_fdw.next_run('0 0 30 2 *', now()) IS NULL, crm_fdw.next_run('whenever', now()) IS NULL, crm_fdw.next_run(NULL, now()) IS NULL, crm_fdw.next_run('\@hourly', 'infinity') IS NULL"),
	't|t|t|t', 'never');

# -------------------------------------------------------------- what has fired

# Stops a job, and waits until what it has started has ended.
sub settle
{
	my ($node, @relations) = @_;

	foreach my $relation (@relations)
	{
		is(sql($node, "SELECT crm_fdw.unschedule_refresh('$relation')"), 't', "$relation has had a job");
		wait_until($node, "SELECT NOT EXISTS (SELECT FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass AND status IN ('waiting', 'running'))", 'and is at rest');
	}
	return;
}

sub ran
{
	my ($node, $relation, $status, %as) = @_;
	wait_until($node, "SELECT EXISTS (SELECT FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass AND status = '$status' AND pid <> 0 AND EXISTS (
		SELECT FROM crm_fdw.refresh_settings s WHERE s.relation = '$relation'::regclass AND (s.scheduled_at IS NULL OR started_at > s.scheduled_at)))", "$relation: a run ended: $status", %as);
	return;
}

# The one that is read all the time.
ran($main, 'report.calls', 'ok');
my $run = "(SELECT r.* FROM crm_fdw.refresh_log r WHERE relation = 'report.calls'::regclass AND started_at > '$due'::timestamptz - interval '10 s' ORDER BY id LIMIT 1) r";
is(sql($main, "SELECT started_at >= '$due' AND started_at < '$due'::timestamptz + interval '5 s' FROM $run"), 't', 'a job starts when it is due');
is(sql($main, "SELECT rows_before, rows_after, inserted, updated, deleted, requests > 10 FROM $run"), "$calls|" . ($calls + 7) . '|7||0|t', 'and reads what is new');
is(sql($main, 'SELECT count(*) FROM report.calls'), $calls + 7, 'which everybody sees');
settle($main, 'report.calls');
sql($main, 'UPDATE readers SET stop = true');
wait_until($main, 'SELECT reads IS NOT NULL FROM readers', 'the reader ends');
eval { $reader->quit };
is(sql($main, 'SELECT sizes FROM readers'), "{$calls," . ($calls + 7) . '}', 'readers saw the old rows and then the new ones');
my ($reads, $slowest, $took) = split /\|/, sql($main, "SELECT reads, extract(epoch FROM slowest), (SELECT extract(epoch FROM finished_at - started_at) FROM $run) FROM readers");
cmp_ok($reads, '>', 1000, 'they read all the time');
cmp_ok($took, '>', 2, 'a refresh takes its time');
cmp_ok($slowest, '<', $took / 2, 'and keeps nobody waiting');
note("$reads reads, the slowest took $slowest s; the refresh $took s");

# Failures: one for each run, whoever noticed it.
sub failures_are
{
	my ($node, $relation, $status, $error) = @_;
	ran($node, $relation, $status);
	is(status($node, $relation, "failures_in_a_row > 0, failures_in_a_row = (SELECT count(*) FROM crm_fdw.refresh_log l
		WHERE l.relation = '$relation'::regclass AND l.status = '$status'), last_status, last_success_at IS NOT NULL, last_error LIKE '$error'"),
		"t|t|$status|t|t", "$relation: each run counts once");
	return;
}
failures_are($main, 'report.broken', 'failed', 'Aircall answered 500%');
failures_are($main, 'report.few', 'rejected', '%24 rows came, at least 1000 are expected%');
failures_are($second, 'report.broken', 'failed', 'Aircall answered 500%');

# Those that pg_cron could not start.
foreach my $case ([ $main, 'report.locked_out', 'pg_cron: %not permitted to log in%' ], [ $second, 'report.unreachable', 'pg_cron: %connection failed%' ])
{
	my ($node, $relation, $error) = @$case;
	my $failed = "(SELECT count(*) FROM cron.job_run_details d JOIN crm_fdw.refresh_settings s ON s.job_id = d.jobid WHERE s.relation = '$relation'::regclass AND d.status = 'failed')";
	wait_until($node, "SELECT $failed > 0", "$relation: pg_cron fails");
	is(status($node, $relation, "failures_in_a_row = $failed, last_status, last_error LIKE '$error', last_success_at IS NOT NULL"), 't|failed|t|t', 'which counts, with its message');
	is(sql($node, "SELECT count(*) FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass AND status <> 'ok'"), '0', 'though there was no run');
}
sql($second, 'CREATE ROLE stranger LOGIN; CREATE ROLE watcher LOGIN; GRANT pg_read_all_stats TO watcher');
foreach my $case ([ $main, 'report.few' ], [ $main, 'report.locked_out' ], [ $second, 'report.unreachable' ])
{
	my ($node, $relation) = @$case;
	is(sql($node, "SELECT last_status IN ('failed', 'rejected'), failures_in_a_row > 0, last_error IS NULL FROM crm_fdw.refresh_status s WHERE s.relation = (SELECT relation FROM crm_fdw.snapshots WHERE relation::text = '$relation')", user => 'stranger'),
		't|t|t', "$relation: another role sees that it fails, not why");
}
is(sql($second, "SELECT last_error IS NOT NULL FROM crm_fdw.refresh_status WHERE relation::text = 'report.unreachable'", user => 'watcher'), 't', 'pg_read_all_stats sees why');
sql($main, 'ALTER ROLE owner LOGIN');
is(sql($main, "SELECT last_error IS NOT NULL FROM crm_fdw.refresh_status WHERE relation::text = 'report.locked_out'", user => 'owner'), 't', 'the owner sees why');

# A success ends the row of failures.
$sandbox->clear_faults;
settle($main, qw(report.broken report.few report.locked_out));
settle($second, qw(report.broken report.unreachable));
foreach my $case ([ $main, 'report.broken' ], [ $main, 'report.locked_out' ], [ $second, 'report.unreachable' ])
{
	my ($node, $relation) = @$case;
	sql($node, "CALL crm_fdw.refresh('$relation')");
	is(status($node, $relation, 'last_status, failures_in_a_row, last_error IS NULL'), 'ok|0|t', "$relation: a success ends it");
}
fails($main, "CALL crm_fdw.refresh('report.few')", '55000', 'rejected', 'the limit holds without a job');
sql($main, "CALL crm_fdw.refresh('report.few', force_full => true)");

# The twins.
ran($second, "twins.$_", 'ok') foreach qw(contacts deals);
settle($second, qw(twins.contacts twins.deals));
is(sql($second, "SELECT date_trunc('minute', min(started_at)) = date_trunc('minute', max(started_at)), max(started_at) < min(finished_at)
	FROM (SELECT DISTINCT ON (relation) * FROM crm_fdw.refresh_log WHERE relation::text IN ('twins.contacts', 'twins.deals') ORDER BY relation, id) r"),
	't|t', 'two jobs of one account began in the same minute, before one had ended');
my @expected = map { my ($name, $n) = split /\|/; ($name) x $n }
  split /\n/, sql($second, "SELECT substr(relation::text, 7), requests FROM crm_fdw.refresh_log WHERE relation::text IN ('twins.contacts', 'twins.deals') ORDER BY finished_at");
my @requests = map { $_->{path} =~ m{/api/3/(contacts|deals)$} ? $1 : () } sort { $a->{seq} <=> $b->{seq} } $slow->log(crm => 'activecampaign');
cmp_ok(scalar(@requests), '>', 10, 'both took many requests');
is("@requests", "@expected", 'no request of one lies between those of the other');

# What was dropped, moved or lives elsewhere.
wait_until($second, "SELECT count(*) = 0 FROM cron.job WHERE jobid IN ($gone)", 'jobs whose copies are gone remove themselves');
is(sql($second, "SELECT count(*) FROM crm_fdw.refresh_settings s WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = s.relation)"), '0', 'and what is known of them');
wait_until($second, "SELECT EXISTS (SELECT FROM crm_fdw.refresh_log WHERE relation = 'twins.new_name'::regclass AND status = 'ok' AND started_at > '$renamed_at')", 'a renamed and moved copy is still refreshed');
is(schedule($second, 'twins.new_name', "'1 minute'") ne $job, 1, 'scheduled again, it gets a job');
is(sql($second, "SELECT jobname LIKE '%twins.new_name', (SELECT count(*) FROM cron.job WHERE jobid = $job) FROM cron.job WHERE command LIKE '%(' || 'twins.new_name'::regclass::oid || ')'"), 't|0', 'of its new name, and no other');
sql($second, "SELECT crm_fdw.drop_snapshot('twins.new_name')");
is(sql($second, "SELECT count(*) FROM cron.job WHERE jobname LIKE '%new_name'"), '0', 'which is dropped with it');
wait_until($main, "SELECT count(*) > 0 FROM crm_fdw.refresh_log WHERE status = 'ok' AND relation = 'public.users'::regclass", "a job in pg_cron's database refreshes another's copy", db => 'other');

# ------------------------------------------------------------- what it all says

# A copy's last success and schedule, as if they were from another time.
sub is_late
{
	my ($scheduled, $started, $schedule) = @_;
	sql($main, "UPDATE crm_fdw.refresh_settings SET scheduled_at = now() - interval '$scheduled', schedule = '$schedule' WHERE relation = 'report.broken'::regclass;
		DELETE FROM crm_fdw.refresh_runs WHERE relation = 'report.broken'::regclass");
	sql($main, "INSERT INTO crm_fdw.refresh_runs (id, relation, mode, status, started_at, finished_at, requests)
		VALUES (nextval('crm_fdw.refresh_runs_id_seq'), 'report.broken', 'replace', 'ok', now() - interval '$started', now() - interval '$started' + interval '20 s', 4)") if $started;
	return status($main, 'report.broken', 'is_late');
}
schedule($main, 'report.broken', "'1 day'");
my $daily = sql($main, "SELECT to_char(now() AT TIME ZONE 'GMT' - interval '6 h', 'FMMI FMHH24 \"* * *\"')");    # was due six hours ago
my $hourly = sql($main, "SELECT to_char(now() AT TIME ZONE 'GMT' - interval '20 min', 'FMMI \"* * * *\"')");
is(is_late(@$_[ 0 .. 2 ]), $_->[3], "scheduled $_->[0] ago, last success " . ($_->[1] ? "$_->[1] ago" : 'never') . ": $_->[4]") foreach (
	[ '10 days', '6 h', $daily, 'f', 'on time' ], [ '10 days', '25 h', $daily, 'f', 'one run missed, half a period has not passed' ],
	[ '10 days', '41 h', $daily, 'f', 'one and a quarter period after it was due' ],
	[ '10 days', '65 h', $daily, 't', 'over two periods after it was due' ], [ '10 days', '43 h', $hourly, 't', 'an hourly one' ],
	[ '10 days', '100 min', $hourly, 'f', 'an hourly one, due 80 minutes ago' ], [ '10 days', '160 min', $hourly, 't', 'an hourly one, due 140 minutes ago' ],
	[ '10 days', undef, $daily, 't', 'it never came' ], [ '1 hour', undef, $daily, 'f', 'it was not due yet' ],
	[ '1 hour', '30 days', $daily, 'f', 'the schedule is new' ]);
is(status($main, 'report.broken', "avg_duration IS NOT NULL, avg_requests, extract(epoch FROM avg_duration)::int, age BETWEEN interval '29 days' AND interval '31 days'"), 't|4.0|20|t', 'averages');
sql($main, "INSERT INTO crm_fdw.refresh_runs (id, relation, mode, status, started_at, finished_at, requests) SELECT nextval('crm_fdw.refresh_runs_id_seq'), 'report.broken', 'replace',
	CASE WHEN n % 2 = 0 THEN 'ok' ELSE 'failed' END, now() - interval '1 day' + n * interval '1 min', now() - interval '1 day' + n * interval '1 min' + interval '10 s', 100 FROM generate_series(1, 20) n");
is(status($main, 'report.broken', 'avg_requests::int, avg_duration, failures_in_a_row'), '100|00:00:10|0', 'of the last ten that succeeded');
is(status($main, 'report.broken', "next_run_at = crm_fdw.next_run('$daily', now()), next_run_at > now()"), 't|t', 'and when it comes next');
settle($main, 'report.broken');
is(status($main, 'report.broken', 'next_run_at IS NULL, is_late IS NULL, schedule IS NULL'), 't|t|t', 'without a schedule never');

# -------------------------------------------------------------- cron.timezone

SKIP:
{
	skip 'this pg_cron has no cron.timezone', 6
	  unless sql($main, "SELECT count(*) FROM pg_settings WHERE name = 'cron.timezone'");
	$second->append_conf('postgresql.conf', "cron.timezone = 'Europe/Paris'");
	$second->restart;
	my $said = said($second, "SET TimeZone = 'Europe/Paris'; SELECT crm_fdw.schedule_refresh('report.early', '1 day', off_peak_start => '02:00', off_peak_end => '04:00')");
	is($said, '', 'hours of its own zone are never too short');
	my $minute = daily_minute(status($second, 'report.early', 'schedule'));
	ok($minute >= 180 && $minute < 240, 'hours that a summer time leaves out are avoided');
	is(status($second, 'report.early', "extract(hour FROM next_run_at AT TIME ZONE 'Europe/Paris')"), '3', 'it runs by that clock');
	is(sql($second, "SELECT crm_fdw.next_run('30 12 * * *', '2026-07-01 00:00+00') = '2026-07-01 10:30+00', crm_fdw.next_run('30 12 * * *', '2026-12-01 00:00+00') = '2026-12-01 11:30+00'"), 't|t', 'in summer and in winter');
	$said = said($second, "SET TimeZone = 'America/New_York'; SELECT crm_fdw.schedule_refresh('report.early', '1 day')");
	is($said, '', 'hours of another zone, whose summer begins on another day');
	is(sql($second, "SELECT bool_and((crm_fdw.next_run(schedule, day) AT TIME ZONE 'America/New_York')::time >= '01:00' AND (crm_fdw.next_run(schedule, day) AT TIME ZONE 'America/New_York')::time < '05:00')
		FROM crm_fdw.refresh_status s, generate_series('2026-12-01'::timestamptz, '2027-11-30', '1 day') day WHERE s.relation = 'report.early'::regclass"), 't', 'on each day of a year');
}

$main->stop;
$second->stop;
done_testing();
