# Every table of every CRM holds exactly the sandbox's truth: as many rows, each
# key once, every column equal to the value the sandbox made it from.
#
# The comparison is typed: truth goes through the same casts a user would write,
# and both sides are compared as multisets of whole rows, raw included.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# Small where a table costs a request per parent, large enough to page.
my $sandbox = CrmSandbox->start(
	scale => {
		'aircall.calls' => 260, 'activecampaign.contacts' => 250,
		'agilecrm.contacts' => 210, 'agilecrm.deals' => 210 });
$sandbox->create_servers($node);

$node->safe_psql(
	'postgres', q{
	CREATE TABLE truth (row jsonb);

	-- One column of the truth as SQL of the column's type.
	CREATE FUNCTION truth_column(name text, type regtype) RETURNS text LANGUAGE sql AS $$
		SELECT CASE
			WHEN type::text LIKE '%[]' THEN
				format('CASE jsonb_typeof(row->%1$L) WHEN ''array'' THEN ARRAY(SELECT jsonb_array_elements_text(row->%1$L))::%2$s END',
					   name, type)
			WHEN type = 'jsonb'::regtype THEN format('nullif(row->%L, ''null'')', name)
			ELSE format('(row->>%L)::%s', name, type)
		END || ' AS ' || quote_ident(name)
	$$;

	CREATE FUNCTION truth_select(source regclass) RETURNS text LANGUAGE sql AS $$
		SELECT format('SELECT %s FROM truth', string_agg(truth_column(attname, atttypid::regtype), ', ' ORDER BY attnum))
		FROM pg_attribute
		WHERE attrelid = source AND attnum > 0 AND NOT attisdropped
	$$;
});

# Tables that refuse an unfiltered read are told that a read of all parents is
# meant.
sub allow_fan_out
{
	my ($table) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', "SELECT FROM $table LIMIT 0; SELECT FROM $table LIMIT 1",
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	return unless $status != 0 && $stderr =~ /HV00L/;
	$node->safe_psql('postgres', "ALTER FOREIGN TABLE $table OPTIONS (ADD fan_out 'true')");
	return;
}

sub load_truth
{
	my ($crm, $name) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/truth';

	PostgreSQL::Test::Utils::append_to_file($file, $sandbox->truth($crm, $name));
	$node->safe_psql(
		'postgres', "TRUNCATE truth;
		COPY truth FROM '$file' WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')");
	unlink $file;
	return;
}

# Differences between a table and its truth, in words; empty if there are none.
sub differences
{
	my ($table) = @_;
	my $expected = $node->safe_psql('postgres', "SELECT truth_select('$table')");

	return $node->safe_psql(
		'postgres', qq{
		CREATE TEMP TABLE actual AS SELECT * FROM $table;
		CREATE TEMP TABLE expected AS $expected;
		SELECT 'in truth but not read: ' || left(to_jsonb(e)::text, 1500)
		FROM (SELECT * FROM expected EXCEPT ALL SELECT * FROM actual) e LIMIT 2;
		SELECT 'read but not in truth: ' || left(to_jsonb(a)::text, 1500)
		FROM (SELECT * FROM actual EXCEPT ALL SELECT * FROM expected) a LIMIT 2});
}

my $tables = $sandbox->tables;
foreach my $schema (sort keys %crm_of)
{
	my $crm = $crm_of{$schema};
	my %known = map { $_ => 1 } @{ $tables->{$crm} };
	my @imported = split /\n/,
	  $node->safe_psql('postgres',
		"SELECT relname FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind = 'f' ORDER BY 1");

	cmp_ok(scalar @imported, '>', 20, "$schema: tables were imported");
	foreach my $name (@imported)
	{
		ok($known{$name}, "$schema.$name: the sandbox has it") or next;
		allow_fan_out("$schema.$name");
		load_truth($crm, $name);

		my $unknown = $node->safe_psql(
			'postgres', qq{
			SELECT string_agg(key, ', ')
			FROM (SELECT DISTINCT jsonb_object_keys(row) AS key FROM truth) AS k
			WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = '$schema.$name'::regclass AND attname = key)});
		is($unknown, '', "$schema.$name: has every column of the truth");
		cmp_ok($sandbox->count($crm, $name), '>', 0, "$schema.$name: there is something to read");
		is(differences("$schema.$name"), '', "$schema.$name: every row and value");
	}
}

# Large ones: beyond the positional cap of one CRM, many keyset pages of another.
$sandbox->stop;
$sandbox = CrmSandbox->start(
	scale => {
		'aircall.calls' => 26000, 'aircall.burst' => 120,
		'activecampaign.contacts' => 12500, 'activecampaign.deals' => 3000 });
my %large = ('aircall.calls' => 26000, 'ac.contacts' => 12500, 'ac.deals' => 3000);
$node->safe_psql('postgres', "ALTER SERVER $_ OPTIONS (SET base_url '" . $sandbox->base_url . "')") foreach keys %crm_of;
foreach my $table (sort keys %large)
{
	my ($schema, $name) = split /\./, $table;

	load_truth($crm_of{$schema}, $name);
	is(differences($table), '', "$table: every row and value of $large{$table}");
	is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT id) FROM $table"),
		"$large{$table}|$large{$table}", "$table: each key once");
}

$node->stop;
done_testing();
