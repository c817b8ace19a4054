# Scans give the true rows or the right error while requests fail in every way
# the sandbox knows, and leave nothing behind; see test/chaos/README.md.
#
# CRM_CHAOS_SCANS (250; 2000 for a long run) and CRM_CHAOS_SEED (random) may be
# set.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $program = abs_path(dirname(__FILE__) . '/../chaos/chaos.py');
my $scans = $ENV{CRM_CHAOS_SCANS} // 250;
my $seed = $ENV{CRM_CHAOS_SEED} // int(rand(2**31));

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nshared_preload_libraries = 'crm_fdw'");
$node->start;

local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
my $output = '';
my $content = IPC::Run::run(
	[ '/usr/bin/python3', $program, '--dsn', $node->connstr('postgres'), '--seed', $seed,
		'--scans', $scans, '--self-test' ],
	'<', '/dev/null', '>', \$output, '2>&1');
note($output);

my ($done, $wrong) = $output =~ /^(\d+) scans in .*: (\d+) wrong/m;
is($done, $scans, "seed $seed: all scans were run");
is($wrong, 0, "seed $seed: the true rows or the right error, and no growth");
my ($struck) = $output =~ /^\d+ requests, (\d+) of them struck/m;
cmp_ok($struck // 0, '>', $scans / 20, 'faults struck');

foreach my $line (grep { /^planted bug / } split /\n/, $output)
{
	like($line, qr/^planted bug found/, $line);
}
like($output, qr/^planted bug /m, 'planted bugs were looked for');
ok($content, "seed $seed: the tester is content") or diag($output);

unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC|TRAP:/, 'no process crashed');
$node->stop;
done_testing();
