# What a refresh must not do: lend its rights to those who own the copy, hold up
# accounts of others, and say ok while the copy is not what it should be.

use strict;
use warnings;

use CrmSandbox;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', <<'END');
shared_preload_libraries = 'pg_cron, crm_fdw'
cron.database_name = 'postgres'
END
$node->start;

my $sandbox = CrmSandbox->start(scale =>
	  { 'activecampaign.deals' => 120, 'activecampaign.contacts' => 400, 'aircall.calls' => 300 });
my $fast = "rate_limit '1000/s', max_retries '0'";
$sandbox->create_servers($node, options => { ac => $fast, aircall => $fast });

sub sql
{
	my ($statement, %options) = @_;
	return $node->safe_psql('postgres', $statement,
		extra_params => [ $options{user} ? ('-U', $options{user}) : () ]);
}

# What a statement that may fail wrote to stdout and stderr.
sub attempt
{
	my ($statement, %options) = @_;
	my (undef, $stdout, $stderr) = $node->psql('postgres', $statement, on_error_stop => 0,
		extra_params => [ '-v', 'VERBOSITY=verbose', $options{user} ? ('-U', $options{user}) : () ]);
	return ($stdout, $stderr);
}

# Statements in a session of their own, which goes on by itself.
sub begin_psql
{
	my ($user, $output, @statements) = @_;
	return IPC::Run::start([ 'psql', '-XAtq', '-U', $user, '-d', $node->connstr('postgres'), map { ('-c', $_) } @statements ],
		'<', \undef, '>', $output, '2>', $output);
}

sub wait_for
{
	my ($query) = @_;
	my $end = time() + 30;
	while (sql($query) ne 't')
	{
		die "waited in vain: $query" if time() > $end;
		sleep 0.05;
	}
	return;
}

sub last_run
{
	my ($relation, $columns) = @_;
	return sql("SELECT $columns FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass ORDER BY id DESC LIMIT 1");
}

my $credential = $sandbox->credential_sql('ac');
sql(<<"END");
CREATE SCHEMA copy;
CREATE ROLE analyst LOGIN;
CREATE ROLE mallory LOGIN;
CREATE ROLE keeper;
CREATE SCHEMA work AUTHORIZATION analyst;
CREATE SCHEMA lair AUTHORIZATION mallory;
CREATE SCHEMA kept AUTHORIZATION keeper;
GRANT USAGE ON SCHEMA ac, copy TO analyst;
GRANT USAGE ON SCHEMA copy TO mallory;
GRANT SELECT ON ALL TABLES IN SCHEMA ac TO analyst;
GRANT USAGE ON FOREIGN SERVER ac TO keeper;
CREATE USER MAPPING FOR analyst SERVER ac OPTIONS ($credential);
END

###########################################################################
# Rights
###########################################################################

# The search path that a trigger leaves behind would choose the operators of the
# statements that the extension's owner runs next.
sql(<<'END', user => 'analyst');
SELECT crm_fdw.create_snapshot('ac.deals', 'work.deals', mode => 'incremental');
CREATE FUNCTION work.times(bigint, interval) RETURNS interval LANGUAGE plpgsql AS
	$$ BEGIN RAISE NOTICE 'running as %', current_user; RETURN '0'; END $$;
CREATE OPERATOR work.* (LEFTARG = bigint, RIGHTARG = interval, FUNCTION = work.times);
CREATE FUNCTION work.follow() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_catalog.set_config('search_path', 'work, pg_catalog', false); RETURN NULL; END $$;
CREATE TRIGGER follow AFTER INSERT ON work.deals FOR EACH STATEMENT EXECUTE FUNCTION work.follow();
END
foreach my $user (qw(analyst postgres))
{
	my $role = $user eq 'postgres' ? sql('SELECT current_user') : $user;
	my ($out, $said) = attempt("CALL crm_fdw.refresh('work.deals'); SHOW search_path", user => $role);
	unlike($said, qr/running as|ERROR/, "$user: a trigger's search path is not that of the extension's owner");
	is($out, '"$user", public', "$user: nor that of the session");
}
sql('DROP TRIGGER follow ON work.deals');

# The end of a run cannot be written at first.
{
	my $output = '';
	my ($id) = split /\n/, sql('SELECT id FROM work.deals ORDER BY id');
	$sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'update', ids => [$id],
		changes => { title => 'Renamed', updated_at => '2026-11-20T11:00:00Z' });
	$sandbox->config(latency_ms => 1500);
	my $refresh = begin_psql('analyst', \$output, "SET lock_timeout = '2s'", "CALL crm_fdw.refresh('work.deals')",
		"SELECT 'I am ' || current_user");
	wait_for("SELECT count(*) > 0 FROM crm_fdw.refresh_log WHERE status = 'running'");
	my $holder = $node->background_psql('postgres');
	$holder->query_safe('BEGIN; LOCK TABLE crm_fdw.refresh_runs IN EXCLUSIVE MODE');
	wait_for('SELECT count(*) > 0 FROM pg_locks WHERE NOT granted');

	# In the middle of the next attempt to write.
	sleep 3;
	$holder->query_safe('COMMIT');
	$holder->quit;
	$refresh->finish;
	$sandbox->config(latency_ms => 0);
	like($output, qr/^I am analyst$/m, 'an end that could not be written leaves the session whose it was');
	is(last_run('work.deals', 'status') . '|' . sql("SELECT count(*) FROM work.deals WHERE title = 'Renamed'"), 'ok|1',
		'and the work is kept only with its end');
	is(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), '0', 'no lock is left');
}

# Naming a relation is not reading it.
sql('CREATE VIEW copy.secret AS SELECT id FROM ac.deals');
sql("CREATE MATERIALIZED VIEW lair.hog AS SELECT pg_sleep(2)::text AS slept, 'copy.secret'::regclass AS named WITH NO DATA",
	user => 'mallory');
{
	my $output = '';
	my $refresh = begin_psql('mallory', \$output, "CALL crm_fdw.refresh('lair.hog')");
	wait_for("SELECT count(*) > 0 FROM crm_fdw.refresh_log WHERE relation = 'lair.hog'::regclass AND status = 'running'");
	is(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 17235"), '0',
		'an account is not held up by those who may not read it');
	$refresh->finish;
	is($output, '', 'whose refresh goes on');
}

# The account is that of the copy's owner.
sql("SET ROLE keeper; IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (tags, lists) FROM SERVER ac INTO kept;"
	  . " GRANT USAGE ON SCHEMA kept TO analyst; GRANT SELECT ON ALL TABLES IN SCHEMA kept TO analyst");
sql("SELECT crm_fdw.create_snapshot('kept.tags', 'work.tags'), crm_fdw.create_snapshot('kept.lists', 'work.lists', mode => 'history')",
	user => 'analyst');
is(sql("SELECT string_agg(status, ',') FROM crm_fdw.refresh_log WHERE relation IN ('work.tags'::regclass, 'work.lists'::regclass)"),
	'ok,ok', 'the owner of a foreign table needs no user mapping');

###########################################################################
# Transactions
###########################################################################

sql(<<'END', user => 'analyst');
SET search_path = work;
CREATE TABLE work.paths (path text);
DO $$ BEGIN CALL crm_fdw.refresh('tags'); CALL crm_fdw.refresh('lists'); INSERT INTO paths VALUES (pg_catalog.current_setting('search_path')); END $$;
END
is(sql('SELECT path FROM work.paths'), 'work', 'the search path is as it was after a CALL within a block');

###########################################################################
# Results
###########################################################################

# Rows that came in partial reads, and went.
sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.contacts', mode => 'incremental', full_every => '0')");
sql("UPDATE crm_fdw.refresh_settings SET full_every = '7 days' WHERE relation = 'copy.contacts'::regclass");
$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'insert', n => 800, changes => { updated_at => '2026-11-20T11:00:00Z' });
sql("CALL crm_fdw.refresh('copy.contacts')");
is(last_run('copy.contacts', 'status, complete, rows_after'), 'ok|f|1200', 'most rows came in a partial read');
$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'delete', ids => 'last', n => 800);
sql("UPDATE crm_fdw.refresh_settings SET full_every = '0' WHERE relation = 'copy.contacts'::regclass");
like((attempt("CALL crm_fdw.refresh('copy.contacts')"))[1], qr/ERROR:  55000: .*rejected: 400 rows came, 1200 the time before/,
	'their loss is not believed');
is(sql('SELECT count(*) FROM copy.contacts'), '1200', 'and they are kept');
sql("CALL crm_fdw.refresh('copy.contacts', force_full => true)");
is(sql('SELECT count(*) FROM copy.contacts'), '400', 'unless it is forced');

# A row on a page that was read already changes, and a later one after it.
{
	my ($first, $last) = split /\|/, sql('SELECT min(id), max(id) FROM ac.contacts');
	my $soon = sub { sql("SELECT to_char(now() AT TIME ZONE 'UTC' + '$_[0]', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')") };
	my %change = ($first => '1 second', $last => '3 seconds');
	foreach my $id (sort keys %change)
	{
		$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'update', ids => [$id],
			changes => { first_name => 'Late', updated_at => $soon->($change{$id}) },
			after => { path => '/contacts$', n => 2 });
	}
	sql("CALL crm_fdw.refresh('copy.contacts', force_full => true)");
	is(sql("SELECT string_agg(id::text, ',') FROM copy.contacts WHERE first_name = 'Late'"), $last, 'a read sees the later of two changes');
	sql("UPDATE crm_fdw.refresh_settings SET full_every = '7 days' WHERE relation = 'copy.contacts'::regclass");
	sql("CALL crm_fdw.refresh('copy.contacts')");
	is(last_run('copy.contacts', 'complete'), 'f', 'a partial read follows');
	is(sql("SELECT count(*) FROM copy.contacts WHERE first_name = 'Late'"), '2', 'and sees the earlier one, too');
}

# What leaves the filter is no row that aged out.
{
	my $filter = "filter => 'archived IS NOT TRUE'";
	my $compare = "SELECT count(*) FILTER (WHERE c.id IS NULL OR s.id IS NULL) FROM %s c"
	  . " FULL JOIN (SELECT id FROM aircall.calls WHERE archived IS NOT TRUE) s ON s.id = c.id";
	sql("SELECT crm_fdw.create_snapshot('aircall.calls', 'copy.active', mode => 'incremental', $filter)");
	my (undef, $said) = attempt("SELECT crm_fdw.create_snapshot('aircall.calls', 'copy.story', mode => 'history', columns => '{id, archived}', $filter)");
	like($said, qr/NOTICE:.*column "started_at" is added/, 'a history needs the time by which rows age out');
	my @oldest = split /\n/, sql('SELECT id FROM copy.active ORDER BY started_at LIMIT 50');
	$sandbox->mutate(crm => 'aircall', table => 'calls', op => 'update', ids => [ map { $_ + 0 } @oldest ], changes => { archived => JSON::PP::true });
	sql("CALL crm_fdw.refresh('copy.active', force_full => true)");
	sql("CALL crm_fdw.refresh('copy.story')");
	is(sql(sprintf $compare, 'copy.active'), '0', 'the oldest rows have left the filter');
	is(sql(sprintf $compare, '(SELECT id FROM copy.story WHERE is_current)'), '0', 'of a history, too');
	is(last_run($_, 'deleted'), '50', "$_: they are counted") foreach qw(copy.active copy.story);
}

# A watermark is a moment.
sql("CREATE FOREIGN TABLE copy.people (id bigint, email text, updated_at timestamp) SERVER ac OPTIONS (entity 'contacts')");
sql("SELECT crm_fdw.create_snapshot('copy.people', 'copy.local', mode => 'incremental')");
sql("CALL crm_fdw.refresh('copy.local')");
is(last_run('copy.local', 'status, complete'), 'ok|t', 'a column of another type is no cursor');

###########################################################################
# Schedules
###########################################################################

# Two at a time do not find the same minute free.
sql('CREATE EXTENSION pg_cron');
{
	my $output = '';
	my $first = $node->background_psql('postgres');
	$first->query_safe("BEGIN; SELECT crm_fdw.schedule_refresh('copy.contacts', '1 day')");
	my $second = begin_psql(sql('SELECT current_user'), \$output, "SELECT crm_fdw.schedule_refresh('copy.local', '1 day')");
	wait_for("SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
	$first->query_safe('COMMIT');
	$first->quit;
	$second->finish;
	is(sql('SELECT count(*), count(DISTINCT schedule) FROM crm_fdw.refresh_settings WHERE schedule IS NOT NULL'), '2|2',
		'two copies that are scheduled at the same time run at different ones');
}

unlike(slurp_file($node->logfile), qr/WARNING:  .*(?:leak|lock|snapshot)/, 'no warnings in the server log');
$node->stop;
done_testing();
