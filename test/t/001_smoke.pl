# The extension installs, imports three CRMs and reads each of their main
# tables completely; and a read fails where there is nothing to read from.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %main_tables = (
	ac => [qw(contacts deals campaigns lists segments forms)],
	aircall => [
		qw(calls users teams contacts numbers tags company user_availabilities webhooks)
	],
	agile => [qw(contacts companies deals tasks tickets ticket_filters documents milestones)]);
my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'crm_fdw'");
$node->start;

my $sandbox = CrmSandbox->start;
$sandbox->create_servers($node);

# Documents hang on contacts: reading them all takes a request per contact.
$node->safe_psql('postgres', "ALTER FOREIGN TABLE agile.documents OPTIONS (ADD fan_out 'true')");

is( $node->safe_psql(
		'postgres', q{
		SELECT string_agg(pg_describe_object(classid, objid, objsubid), ', ')
		FROM pg_depend
		WHERE deptype = 'e'
			AND refclassid = 'pg_extension'::regclass
			AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'crm_fdw')
			AND classid NOT IN ('pg_type'::regclass)
			AND obj_description(objid, classid::regclass::name) IS NULL}),
	'',
	'every object of the extension has a comment');

is( $node->safe_psql(
		'postgres', q{
		SELECT n.nspname
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
		WHERE extname = 'crm_fdw' AND has_schema_privilege('public', n.oid, 'USAGE')}),
	'crm_fdw',
	'the extension lives in its own schema, open to all');

foreach my $schema (sort keys %main_tables)
{
	foreach my $table (@{ $main_tables{$schema} })
	{
		is( $node->safe_psql('postgres', "SELECT count(*) FROM $schema.$table"),
			$sandbox->count($crm_of{$schema}, $table),
			"$schema.$table is read completely");
	}
}

# Without this, a scan that gave up quietly could pass for an empty table.
$sandbox->stop;
my ($status, $stdout, $stderr) = $node->psql(
	'postgres',
	"ALTER SERVER ac OPTIONS (ADD max_retries '0'); SELECT count(*) FROM ac.contacts",
	extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
isnt($status, 0, 'a read fails when the CRM is unreachable');
like($stderr, qr/HV00N/, 'and says so in its SQLSTATE');

$node->stop;
done_testing();
