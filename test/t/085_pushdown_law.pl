# Push-down never changes a result: queries that look as if it could, each run
# with it and without.  Random ones are in 100_differential.pl; these are the
# forms and states of a CRM that once made, or easily could make, a difference.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use JSON::PP ();
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('law');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nfsync = off");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION crm_fdw');

my $sandbox = CrmSandbox->start;
$sandbox->create_servers($node, options => { map { $_ => q{rate_limit '100000/s'} } qw(ac aircall agile) });

# The result as one text: rows sorted, unless the query orders them itself.
sub result_of
{
	my ($query, $pushdown, $settings) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres',
		"SET crm_fdw.enable_pushdown = $pushdown; $settings;\n$query");
	return "ERROR $stderr" if $status != 0 || $stderr =~ /ERROR/;
	return $query =~ /ORDER BY/ ? $stdout : join("\n", sort split(/\n/, $stdout));
}

# Without push-down first: its rows say whether the query proves anything.
sub same
{
	my ($query, %options) = @_;
	my $settings = $options{settings} // '';
	my $expected = result_of($query, 'off', $settings);

	is(result_of($query, 'on', $settings), $expected, $options{name} // $query);
	unlike($expected, qr/^ERROR/, 'and it runs') if $expected =~ /^ERROR/;
	return;
}

# A count may come from a total only if the total counts just what was asked for.
my @counts = (
	"started_at IN ('2026-10-01 10:00', '2026-10-02')",
	"started_at = '2026-10-01 10:00' OR started_at = '2026-10-02'",
	"started_at = ANY (ARRAY[timestamptz '2026-10-01', '2026-10-08'])",
	"started_at >= 'infinity'", "started_at < '-infinity'", "started_at <= 'infinity'",
	"started_at > date 'infinity'", "started_at >= '2026-10-01' AND started_at < '2026-10-08'",
	"started_at < '2026-10-01'", "started_at >= '2026-11-01'", "started_at::date = '2026-10-05'",
	"started_at BETWEEN '2026-10-05' AND '2026-10-05 23:59:59'",
	"started_at = (SELECT max(started_at) FROM aircall.calls WHERE direction = 'inbound')");
my @changes = (
	"updated_at >= '2026-11-10'", "updated_at > '2026-09-01' AND updated_at <= '2026-10-15 12:00'", "updated_at = '2026-11-01'",
	"updated_at::date = '2026-11-05'", "date_trunc('month', updated_at) >= '2026-10-01'", "updated_at >= 'infinity'",
	"updated_at > '-infinity' AND id % 7 = 0", "updated_at >= '2026-10-01' AND created_at >= '2026-06-01'",
	"updated_at IN ('2026-11-10', '2026-10-02') OR updated_at >= '2026-11-15'", "extract(year FROM updated_at) >= 2026 AND id < 0",
	"updated_at >= (SELECT max(updated_at) - interval '3 days' FROM aircall.contacts)");
my @aircall_states = (
	{}, { bounds => 'inclusive' }, { bounds => 'exclusive' }, { ignore_filters => ['*'] },
	{ ignore_filters => ['from'] }, { ignore_filters => ['to'] }, { ignore_filters => ['order'] },
	{ ignore_filters => ['order_by'] }, { ignore_filters => [ 'order', 'order_by' ] }, { undated_first => JSON::PP::true() },
	{ ignore_filters => [ 'from', 'to' ] }, { both_users => JSON::PP::true() });
foreach my $switches (@aircall_states)
{
	my $state = JSON::PP->new->canonical->encode($switches);

	$sandbox->config(switches => { aircall => $switches });
	same("SELECT count(*) FROM aircall.calls WHERE $_", name => "count with $state: $_") foreach @counts;
	same('SELECT count(*), count(id) FROM aircall.calls', name => "count of all with $state");
	same('SELECT id, started_at FROM aircall.calls ORDER BY started_at DESC, id LIMIT 120', name => "newest calls with $state");
	same('SELECT id, started_at FROM aircall.calls ORDER BY started_at, id LIMIT 120 OFFSET 30', name => "oldest calls with $state");
	same("SELECT min(started_at), max(started_at) FROM aircall.calls WHERE user_id = 3", name => "first and last with $state");
	same("SELECT id FROM aircall.calls WHERE user_id IN (1, 2, 5) AND direction = 'inbound'", name => "search with $state");
	same("SELECT id, updated_at FROM aircall.contacts WHERE $_", name => "changes with $state: $_") foreach @changes;
	$sandbox->reset;
}

my @contacts = (
	'id IN (3, 655, 7, 9)', 'id = 655', 'id > 100 AND id <= 230', 'id < 50', q{email = lower('ADA@example.org')},
	"email LIKE '%\@example%'", "created_at >= '2026-06-01'", "created_at::date = '2026-06-03'",
	"updated_at < '2026-01-01'", "date_trunc('week', updated_at) = '2026-09-07'");
my @ac_states = (
	{}, { ignore_filters => ['ids[]'] }, { case_insensitive => JSON::PP::false() }, { bounds => 'inclusive' },
	{ bounds => 'exclusive' }, { bounds => 'day' }, { bounds_clock => 12 }, { bounds_clock => -12 },
	{ restricted_deals => 0.5 }, { trim_values => JSON::PP::true() });
my @deals = (
	"status = 0", "status_label = 'open'", "status_label IN ('won', 'lost')", "NOT is_disabled AND status = 0",
	"stage_id IN (1, 2, 3)", "value >= 5000 AND currency = 'USD'", "value < 1000", "created_at >= '2026-09-01'",
	"updated_at BETWEEN '2026-08-01' AND '2026-08-15'", "id IN (1, 2, 999999)", "title = 'Renewal'");
foreach my $switches (@ac_states)
{
	my $state = JSON::PP->new->canonical->encode($switches);

	$sandbox->config(switches => { activecampaign => $switches });
	same("SELECT id, email, created_at FROM ac.contacts WHERE $_", name => "contacts with $state: $_") foreach @contacts;
	same("SELECT id, title, status, value FROM ac.deals WHERE $_", name => "deals with $state: $_") foreach @deals;
	same('SELECT count(*) FROM ac.contacts', name => "count with $state");
	same('SELECT id FROM ac.contacts WHERE id IN (655, 7, 9) ORDER BY id DESC', name => "sorted with $state");
	$sandbox->reset;
}

# A later list that is not served must not repeat the rows of the first ones.
my ($some) = $node->safe_psql('postgres', "SELECT string_agg(DISTINCT contact_id::text, ', ') FROM (SELECT contact_id FROM ac.contact_tags ORDER BY 1 LIMIT 3) x");
same("SELECT id, contact_id FROM ac.contact_tags WHERE contact_id IN ($some, 999999)");
same("SELECT id, title FROM ac.deals WHERE contact_id IN (SELECT contact_id FROM ac.deals WHERE contact_id IS NOT NULL ORDER BY id LIMIT 3) OR contact_id = 999999");
same("SELECT id, title FROM ac.deals WHERE contact_id = ANY (ARRAY(SELECT contact_id FROM ac.contact_tags ORDER BY 1 LIMIT 3) || 999999::bigint)");

# With small pages a single record is cheaper than its list: every table by its id.
foreach my $schema (qw(ac aircall agile))
{
	$node->safe_psql('postgres', "ALTER SERVER $schema OPTIONS (ADD page_size '2')");
	my @tables = split /\n/, $node->safe_psql('postgres', qq{
		SELECT table_name FROM information_schema.columns WHERE table_schema = '$schema' AND column_name = 'id'
			AND table_name NOT IN (SELECT entity FROM crm_fdw.entities((SELECT option_value FROM information_schema.foreign_server_options
				WHERE foreign_server_name = '$schema' AND option_name = 'crm')) WHERE needs_filter <> '{}') ORDER BY 1});
	my $looked_up = 0;

	foreach my $table (grep { !/members|contacts\z|calls\z|_field_values/ } @tables)
	{
		my $id = $node->safe_psql('postgres', "SET crm_fdw.enable_pushdown = off; SELECT max(id::text) FROM (SELECT id FROM $schema.$table LIMIT 5) x");
		my $columns = $node->safe_psql('postgres', "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
			WHERE table_schema = '$schema' AND table_name = '$table' AND data_type NOT IN ('jsonb')");

		next if $id eq '';
		my $plan = $node->safe_psql('postgres', "EXPLAIN SELECT id FROM $schema.$table WHERE id = '$id'");
		next if $plan !~ /CRM Pushed Down/;
		$looked_up++;
		same("SELECT id FROM $schema.$table WHERE id = '$id'");
		same("SELECT $columns FROM $schema.$table WHERE id = '$id'", name => "all of $schema.$table but jsonb, by id");
		same("SELECT * FROM $schema.$table WHERE id = '$id'");
	}
	cmp_ok($looked_up, '>', 3, "$schema: single records were read");
	$node->safe_psql('postgres', "ALTER SERVER $schema OPTIONS (DROP page_size)");
}

# The ends of time, in the CRM and in the query.
$sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'update', ids => 'last',
	changes => { created_at => '9999-12-31T00:00:00+00:00' });
same("SELECT id FROM ac.deals WHERE $_")
  foreach ("created_at::date <= '9999-12-31'", 'extract(year FROM created_at) = 9999', "created_at < timestamp '12000-01-01'",
	"created_at < date '10000-01-01'", "created_at::date = '9999-12-31'", "date_trunc('year', created_at) = '9999-01-01'",
	"created_at >= date '0060-01-01 BC'", "created_at AT TIME ZONE 'Asia/Tokyo' >= '9999-12-31'");
$sandbox->reset({ data => JSON::PP::true() });

# Columns that convert what they read.
$node->safe_psql('postgres', q{
CREATE FOREIGN TABLE rounded (id bigint, value numeric(30,-3), currency text) SERVER ac OPTIONS (entity 'deals');
CREATE FOREIGN TABLE cut (id bigint, contact_id bigint, field_id bigint, value varchar(4)) SERVER ac
	OPTIONS (entity 'contact_field_values', on_conversion_error 'null');
CREATE FOREIGN TABLE narrow (id smallint, started_at timestamptz, direction text) SERVER aircall
	OPTIONS (entity 'calls', on_conversion_error 'null');
CREATE FOREIGN TABLE fixed (id bigint, c bigint OPTIONS (constant '9007199254740993'),
	t timestamptz OPTIONS (constant '15000-06-01'), b timestamptz OPTIONS (constant '0050-01-01 BC')) SERVER ac OPTIONS (entity 'deal_stages')});
same("SELECT id FROM rounded WHERE currency = 'USD' AND value $_") foreach ('>= 1000', '= 1000', '< 3000');
same("SELECT id FROM cut WHERE value = 'abcd'");
same("SELECT count(id) FROM narrow $_") foreach ('', 'WHERE id IS NOT NULL');
same("SELECT count(*) FROM fixed WHERE $_")
  foreach ('c = 9007199254740993.0', 'c <= 9007199254740993.0', "t <= date '20000-01-01'", "t = timestamp '15000-06-01'",
	"t::date = '15000-06-01'", "date_trunc('month', t) = '15000-06-01'", "b = date '0050-01-01 BC'", "b::date = '0050-01-01 BC'",
	"b >= date '0060-01-01 BC'", "t > '16000-01-01'", 'c = 5');

# Values that settings make look alike are different values to a rescan.
same(q{SELECT x.o, y.n FROM (VALUES (1, timestamptz '2015-08-14 15:10+00'), (2, timestamptz '2015-08-14 14:40+00')) x(o, t),
	LATERAL (SELECT count(*) AS n FROM (SELECT id FROM aircall.contacts c WHERE c.created_at >= x.t AND c.created_at < x.t + interval '10 years' OFFSET 0) z) y ORDER BY 1},
	settings => q{SET datestyle = 'SQL'; SET timezone = 'Asia/Pyongyang'});
same(q{SELECT x.f, y.n FROM (VALUES (1790000000::float8), (1760000000), (1770000000), (1785000000)) x(f),
	LATERAL (SELECT count(*) AS n FROM (SELECT id FROM aircall.calls c WHERE date_part('epoch', c.started_at) >= x.f OFFSET 0) z) y ORDER BY 1},
	settings => 'SET extra_float_digits = -13');

# Records without the time they are sorted by.
$sandbox->mutate(crm => 'aircall', table => 'contacts', op => 'update', ids => 'random', n => 30, changes => { updated_at => undef });
same("SELECT id, updated_at FROM aircall.contacts WHERE $_", name => "changes among records without a time: $_") foreach @changes;
$sandbox->mutate(crm => 'aircall', table => 'contacts', op => 'update', ids => 'first', changes => { created_at => undef });
same($_) foreach ('SELECT id FROM aircall.contacts ORDER BY created_at DESC, id LIMIT 20',
	'SELECT count(*) FROM (SELECT id FROM aircall.contacts ORDER BY created_at OFFSET 0) x',
	'SELECT count(*) FROM aircall.contacts WHERE created_at IS NOT NULL');
$sandbox->reset({ data => JSON::PP::true() });

# Clocks that are set back, in the session and in the query.
foreach my $zone (qw(America/New_York America/St_Johns Pacific/Apia Asia/Kathmandu Australia/Lord_Howe))
{
	same("SELECT id FROM aircall.calls WHERE $_", settings => "SET timezone = '$zone'", name => "$zone: $_")
	  foreach ("started_at::date = '2026-11-01'", "date_trunc('hour', started_at) = '2026-10-04 02:00'",
		"started_at AT TIME ZONE 'Europe/Berlin' BETWEEN '2026-10-25 01:30' AND '2026-10-25 03:30'",
		"(started_at AT TIME ZONE '$zone')::date BETWEEN '2026-10-31' AND '2026-11-01'",
		"date_trunc('day', started_at, 'America/St_Johns') = timestamptz '2026-11-01 00:00 America/St_Johns'");
}

$sandbox->stop;
$node->stop;
done_testing();
