# Random queries give the same rows with push-down on, with it off, and against
# local tables; see test/differential/README.md.
#
# CRM_DIFFERENTIAL_QUERIES (300 per CRM; 5000 for a long run) and
# CRM_DIFFERENTIAL_SEED (random) may be set.

use strict;
use warnings;

use CrmSandbox;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $program = abs_path(dirname(__FILE__) . '/../differential/differential.py');
my $queries = $ENV{CRM_DIFFERENTIAL_QUERIES} // 300;
my $seed = $ENV{CRM_DIFFERENTIAL_SEED} // int(rand(2**31));

# Fewer pushed queries than this would prove little.
my $least_pushed = 30;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

local $ENV{PYTHONDONTWRITEBYTECODE} = 1;

# Side by side, each in a database and with a sandbox of its own.
my %runs;
foreach my $crm (qw(activecampaign aircall agilecrm))
{
	$node->safe_psql('postgres', "CREATE DATABASE $crm");
	my $log = PostgreSQL::Test::Utils::tempdir() . "/$crm.log";
	my @command = (
		'/usr/bin/python3', $program, '--dsn', $node->connstr($crm), '--crm', $crm, '--seed', $seed,
		'--queries', $queries, '--least-pushed', $least_pushed, '--switches', '--self-test');

	$runs{$crm} = {
		log => $log,
		process => IPC::Run::start(\@command, '<', '/dev/null', '>', $log, '2>&1') };
}

# A test that dies must not leave its processes behind.
END
{
	local ($?, $@);
	foreach my $run (values %runs)
	{
		eval { $run->{process}->signal('TERM') if $run->{process}->pumpable };
	}
}

foreach my $crm (sort keys %runs)
{
	my $run = $runs{$crm};

	my $content = $run->{process}->finish;
	my $output = slurp_file($run->{log});
	note($output);

	my ($compared, $equal, $different) =
	  $output =~ /^\w+: (\d+) queries: (\d+) equal .*?, (\d+) different/m;
	is($compared, $queries, "$crm: seed $seed: all queries were run");
	is($different, 0, "$crm: seed $seed: no result differs");
	cmp_ok($equal // 0, '>', 0.95 * $queries, "$crm: nearly all were compared");

	foreach my $line (grep { /^(regression|planted bug) / } split /\n/, $output)
	{
		ok($line =~ /^regression \S+: equal|^planted bug found/, $line =~ s/ \(.*//r);
	}
	like($output, qr/^planted bug /m, "$crm: planted bugs were looked for");
	ok($content, "$crm: seed $seed: the tester is content") or diag($output);
}

$node->stop;
done_testing();
