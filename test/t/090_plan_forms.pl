# Filters reach the API whatever form the query has: prepared statements, views,
# CTEs, functions, partitions and children over several accounts; each with the
# credential of the role the table is read for.  Planning is quick and sends
# nothing.

use strict;
use warnings;

use CrmSandbox;
use List::Util qw(max);
use POSIX qw(ceil);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# Two accounts: "north" has all three CRMs, "south" has other records.
my $north = CrmSandbox->start;
my $south = CrmSandbox->start(seed => 2, scale => { 'aircall.calls' => 400, 'activecampaign.contacts' => 300 });
$north->create_servers($node);
foreach my $crm (qw(ac aircall))
{
	my $name = $crm eq 'ac' ? 'activecampaign' : 'aircall';
	my $credential = $north->credential_sql($crm);
	my $url = $south->base_url;
	$node->safe_psql(
		'postgres', "CREATE SERVER south_$crm FOREIGN DATA WRAPPER crm_fdw
			OPTIONS (crm '$name', base_url '$url', rate_limit '1000/s');
		CREATE USER MAPPING FOR CURRENT_USER SERVER south_$crm OPTIONS ($credential)");
}

# ---------------------------------------------------------------------------
# Tools
# ---------------------------------------------------------------------------

sub sql
{
	my (@statements) = @_;
	return $node->safe_psql('postgres', join(";\n", @statements));
}

sub clear_logs
{
	$_->clear_log foreach ($north, $south);
	return;
}

# "METHOD path name=value&..." of each request since clear_logs.
sub requests_of
{
	my ($sandbox) = @_;
	return map {
		my $request = $_;
		my @pairs = map { "$_->[0]=$_->[1]" } @{ $request->{query} };
		"$request->{method} $request->{path} " . join('&', @pairs);
	} $sandbox->log;
}

sub in_any_order
{
	my ($rows) = @_;
	return join("\n", sort split(/\n/, $rows));
}

# Runs a query in a new session, statements in front of it; checks how many
# requests each account got, and that it gives what it gives without pushdown.
sub check_query
{
	my ($label, $query, $expected, @before) = @_;

	clear_logs();
	my $rows = sql(@before, $query);
	my @taken = map { $_->requests } ($north, $south);
	my $unpushed = sql('SET crm_fdw.enable_pushdown = off', @before, $query);

	is("@taken", "@$expected", "$label: requests to each account");
	isnt($rows, '', "$label: there are rows");
	is(in_any_order($rows), in_any_order($unpushed), "$label: the rows are the right ones");
	return;
}

sub fails_with
{
	my ($label, $sqlstate, $sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($stderr, qr/ERROR:\s+$sqlstate/, $label);
	return;
}

sub pages_of_day
{
	my ($sandbox) = @_;
	my @calls = grep { /"started_at": ?"2026-11-02/ } split /\n/, $sandbox->truth('aircall', 'calls');
	return max(1, ceil(@calls / 50));
}

# ---------------------------------------------------------------------------
# Prepared statements: seven executions, of which the last ones are generic
# ---------------------------------------------------------------------------

sub check_prepared
{
	my ($label, $statement, $arguments, $sent, @before) = @_;
	my @executions = map { "EXECUTE p($_)" } @$arguments;
	my $plans = q{SELECT 'generic: ' || (generic_plans > 0) FROM pg_prepared_statements WHERE name = 'p'};

	clear_logs();
	my $output = sql(@before, "PREPARE p AS $statement", @executions, $plans);
	my @requests = requests_of($north);
	my $unpushed =
	  sql('SET crm_fdw.enable_pushdown = off', @before, "PREPARE p AS $statement", @executions, $plans);

	is(scalar @requests, scalar @$arguments, "$label: one request per execution");
	foreach my $i (0 .. $#$arguments)
	{
		like($requests[$i], $sent->($arguments->[$i]), "$label: the parameter of execution " . ($i + 1) . ' is sent');
	}
	like($output, qr/^generic: true$/m, "$label: the last plan is generic");
	is($output, $unpushed, "$label: the rows are the right ones");
	return;
}

my @ids = (7, 10, 13, 16, 19, 22, 25);
my $by_id = sub { my ($id) = @_; return qr{^GET /api/3/contacts ids\[\]=$id&} };
check_prepared('a key', 'SELECT id, email FROM ac.contacts WHERE id = $1', \@ids, $by_id);
check_prepared('a key, always generic', 'SELECT id, email FROM ac.contacts WHERE id = $1',
	\@ids, $by_id, 'SET plan_cache_mode = force_generic_plan');
check_prepared(
	'an array of keys',
	'SELECT id, email FROM ac.contacts WHERE id = ANY ($1::bigint[])',
	[ map { "'{$_, 9}'" } @ids ],
	sub { my ($id) = $_[0] =~ /(\d+)/; return qr{ids\[\]=$id&ids\[\]=9&|ids\[\]=9&ids\[\]=$id&} },
	'SET plan_cache_mode = force_generic_plan');
check_prepared(
	'bounds of time',
	q{SELECT id FROM aircall.calls
		WHERE started_at >= $1 AND started_at < $1 + interval '1 hour' AND direction = 'inbound'},
	[ map { "'2026-11-02 $_:00+00'" } (8 .. 14) ],
	sub {
		my ($hour) = $_[0] =~ / (\d+):/;
		my $from = 1793577600 + $hour * 3600 - 1;
		return qr{^GET /v1/calls(/search)? .*from=$from&to=\d+&};
	},
	'SET plan_cache_mode = force_generic_plan');

# ---------------------------------------------------------------------------
# Views, CTEs, functions
# ---------------------------------------------------------------------------

sql(q{CREATE VIEW people AS SELECT id, email, created_at FROM ac.contacts},
	q{CREATE VIEW early_people WITH (security_barrier) AS SELECT id, email FROM ac.contacts WHERE id <= 30},
	q{CREATE VIEW sales AS
		SELECT d.id, d.title, c.email FROM ac.deals d JOIN ac.contacts c ON c.id = d.contact_id},
	q{CREATE FUNCTION person(bigint) RETURNS SETOF people STABLE LANGUAGE sql AS $$
		SELECT * FROM people WHERE id = $1 $$});

check_query('a view', 'SELECT * FROM people WHERE id = 7', [ 1, 0 ]);
check_query('a view of a join', 'SELECT * FROM sales WHERE id = 5', [ 2, 0 ]);
check_query('a CTE', 'WITH p AS (SELECT * FROM people) SELECT * FROM p WHERE id = 7', [ 1, 0 ]);
check_query('a materialized CTE',
	'WITH p AS MATERIALIZED (SELECT * FROM people WHERE id = 7) SELECT * FROM p a JOIN p b USING (id)', [ 1, 0 ]);
check_query('a scalar subquery, one key twice',
	'SELECT k, (SELECT email FROM people WHERE id = k) FROM (VALUES (7), (10), (7)) AS v (k)', [ 2, 0 ]);
check_query('a correlated subquery that no API can evaluate', q{
	SELECT d.id, (SELECT max(s.title) FROM ac.deal_stages s WHERE s.width > d.percent)
	FROM ac.deals d WHERE d.stage_id = 2}, [ 2, 0 ]);
check_query('LATERAL that no API can evaluate', q{
	SELECT d.id, s.id
	FROM ac.deals d, LATERAL (SELECT id FROM ac.deal_stages WHERE title > d.title ORDER BY id LIMIT 1) s
	WHERE d.stage_id = 2}, [ 2, 0 ]);
check_query('an SQL function', 'SELECT p.* FROM generate_series(7, 13, 3) k, LATERAL person(k) p', [ 3, 0 ]);
check_query('a recursive CTE', q{
	WITH RECURSIVE chain (id, next) AS (
		SELECT id, nextdealid FROM ac.deals WHERE id = 1
		UNION ALL
		SELECT d.id, d.nextdealid FROM chain JOIN ac.deals d ON d.id = chain.next WHERE chain.id < 3)
	SELECT * FROM chain}, [ 3, 0 ]);

# ---------------------------------------------------------------------------
# Whose rows, whose credential
# ---------------------------------------------------------------------------

# The reader has a key that is refused, and may read the views only; the function
# tells what it sees, and costs so little that it would be called first.
my $good = $north->credential_sql('ac');
my $bad = $good =~ s/'[^']+'/'refused'/r;
sql(q{CREATE ROLE reader},
	"CREATE USER MAPPING FOR reader SERVER ac OPTIONS ($bad)",
	q{GRANT USAGE ON SCHEMA ac TO reader},
	q{GRANT USAGE ON FOREIGN SERVER ac TO reader},
	q{GRANT SELECT ON ac.contacts, people, early_people TO reader},
	q{CREATE FUNCTION tell(text) RETURNS boolean COST 0.0001 LANGUAGE plpgsql AS $$
		BEGIN RAISE NOTICE 'saw %', $1; RETURN true; END $$},
	q{CREATE FUNCTION email_of(bigint) RETURNS text STABLE SECURITY DEFINER LANGUAGE sql AS $$
		SELECT email FROM ac.contacts WHERE id = $1 $$});

fails_with('the reader is refused where it reads itself',
	'28000', 'SET ROLE reader; SELECT email FROM ac.contacts WHERE id = 7');
check_query("a view reads with its owner's key", 'SELECT * FROM people WHERE id = 7', [ 1, 0 ], 'SET ROLE reader');
check_query('so does a function of its owner', 'SELECT email_of(3601)', [ 1, 0 ], 'SET ROLE reader');
check_query('a security barrier', 'SELECT * FROM early_people WHERE id IN (7, 10, 34)', [ 1, 0 ], 'SET ROLE reader');
check_query('a security barrier and a pattern',
	q{SELECT * FROM early_people WHERE email LIKE '%@example.com'}, [ 1, 0 ], 'SET ROLE reader');

sub what_it_tells
{
	my ($pushdown) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres',
		"SET crm_fdw.enable_pushdown = $pushdown; SET ROLE reader; SELECT email FROM early_people WHERE tell(email)");
	return ($stdout, join("\n", $stderr =~ /saw (\S+)/g));
}

my ($visible, $told) = what_it_tells('on');
isnt($visible, '', 'a leaky function behind a security barrier: there are rows');
is($told, $visible, 'it sees what the view shows, nothing else');
is(join("\n", what_it_tells('off')), "$visible\n$told", 'and the same without pushdown');

# ---------------------------------------------------------------------------
# Several accounts: partitions, children, UNION ALL
# ---------------------------------------------------------------------------

my $columns = 'id bigint, started_at timestamptz, user_id bigint, direction text';
sql("CREATE TABLE all_calls (account text, $columns) PARTITION BY LIST (account)",
	q{CREATE FOREIGN TABLE north_calls PARTITION OF all_calls FOR VALUES IN ('north')
		SERVER aircall OPTIONS (entity 'calls')},
	q{ALTER FOREIGN TABLE north_calls ALTER COLUMN account OPTIONS (ADD constant 'north')},
	"CREATE FOREIGN TABLE south_calls (account text OPTIONS (constant 'south'), $columns)
		SERVER south_aircall OPTIONS (entity 'calls')",
	q{ALTER TABLE all_calls ATTACH PARTITION south_calls FOR VALUES IN ('south')},

	q{CREATE TABLE all_contacts (id bigint, email text)},
	q{CREATE FOREIGN TABLE north_contacts () INHERITS (all_contacts) SERVER ac OPTIONS (entity 'contacts')},
	q{CREATE FOREIGN TABLE south_contacts () INHERITS (all_contacts) SERVER south_ac OPTIONS (entity 'contacts')},

	q{CREATE VIEW everybody AS
		SELECT 'north' AS account, id, email FROM north_contacts
		UNION ALL
		SELECT 'south', id, email FROM south_contacts});

my $day = "started_at::date = '2026-11-02'";
my @day_pages = map { pages_of_day($_) } ($north, $south);
check_query('partitions', "SELECT account, id FROM all_calls WHERE $day", [@day_pages]);
check_query('one partition', "SELECT account, id FROM all_calls WHERE $day AND account = 'north'", [ $day_pages[0], 0 ]);
check_query('a partition by a parameter',
	"EXECUTE p('south')", [ 0, $day_pages[1] ],
	'SET plan_cache_mode = force_generic_plan',
	"PREPARE p AS SELECT account, id FROM all_calls WHERE $day AND account = \$1");
check_query('an account without a partition', "SELECT count(*) FROM all_calls WHERE account = 'west'", [ 0, 0 ]);
check_query("another account than the table's", "SELECT count(*) FROM south_calls WHERE account = 'north'", [ 0, 0 ]);
check_query("the table's own account",
	"SELECT id FROM south_calls WHERE account = 'south' AND $day", [ 0, $day_pages[1] ]);
check_query('a join of partitions',
	"SELECT a.id FROM all_calls a JOIN all_calls b USING (account, id) WHERE a.$day AND b.$day",
	[ map { 2 * $_ } @day_pages ],
	'SET enable_partitionwise_join = on');

check_query('children', 'SELECT tableoid::regclass, id, email FROM all_contacts WHERE id = 7', [ 1, 1 ]);
check_query('children in a join',
	'SELECT d.title, c.email FROM ac.deals d JOIN all_contacts c ON c.id = d.contact_id WHERE d.id = 5', [ 2, 1 ]);
check_query("only the parent's", 'SELECT count(*) FROM ONLY all_contacts WHERE id = 7', [ 0, 0 ]);
check_query('UNION ALL', 'SELECT * FROM everybody WHERE id = 7', [ 1, 1 ]);
check_query('one arm of UNION ALL', "SELECT * FROM everybody WHERE id = 7 AND account = 'south'", [ 0, 1 ]);

clear_logs();
my $newest = 'SELECT account, started_at FROM all_calls ORDER BY started_at DESC LIMIT 5';
my $latest = sql($newest);
foreach my $sandbox ($north, $south)
{
	cmp_ok($sandbox->requests, '<=', 2, 'the newest rows of all partitions: at most two requests to each account');
}
is($latest, sql('SET crm_fdw.enable_pushdown = off', $newest), 'and they are the newest');

# ---------------------------------------------------------------------------
# Planning
# ---------------------------------------------------------------------------

my @joined = qw(deals contacts deal_stages deal_pipelines users);
sql('CREATE SCHEMA local', map { ("CREATE TABLE local.$_ AS SELECT * FROM ac.$_", "ANALYZE local.$_") } @joined);

sub five_tables
{
	my ($schema) = @_;
	return "SELECT c.email, s.title, p.title, u.email
		FROM $schema.deals d
			JOIN $schema.contacts c ON c.id = d.contact_id
			JOIN $schema.deal_stages s ON s.id = d.stage_id
			JOIN $schema.deal_pipelines p ON p.id = s.pipeline_id
			JOIN $schema.users u ON u.id = d.owner_id
		WHERE d.status_label = 'won' AND d.created_at >= '2026-01-01'";
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

# The first round warms the session's caches.
my $rounds = 20;
my @both = map { 'EXPLAIN (SUMMARY) ' . five_tables($_) } qw(ac local);
clear_logs();
my @times = sql((@both) x ($rounds + 1)) =~ /^Planning Time: ([\d.]+) ms$/mg;
is(scalar @times, 2 * ($rounds + 1), 'each statement was planned');
my @warm = @times[ 2 .. $#times ];
my $foreign = median(@warm[ grep { $_ % 2 == 0 } 0 .. $#warm ]);
my $local = median(@warm[ grep { $_ % 2 == 1 } 0 .. $#warm ]);
note("planning: $foreign ms, of local tables $local ms");
cmp_ok($foreign, '<=', 3 * $local + 2, 'planning a join of five foreign tables is about as quick as of local ones');
is($north->requests, 0, 'and sends nothing');

# A server that is somewhere else has other totals than those seen so far.
sql("ALTER SERVER ac OPTIONS (ADD use_remote_estimate 'true', SET base_url '" . $north->base_url . "/')");
clear_logs();
sql(($both[0]) x 5);
my %asked;
$asked{ $_->{path} }++ foreach $north->log;
cmp_ok(scalar keys %asked, '>=', 1, 'with use_remote_estimate totals are asked for');
is(join(', ', grep { $asked{$_} > 1 } sort keys %asked), '', 'once per table and minute');
cmp_ok(scalar keys %asked, '<=', scalar @joined, 'and nothing else');

$node->stop;
done_testing();
