# The memory of a backend does not grow with the size of a list: a scan of
# 1,000,000 contacts takes less than 16 MB more than one of 10,000.
#
# Runs alone: it takes most of a machine.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = 1_000_000;
my $allowed_kb = 16 * 1024;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->start;

# Largest resident size so far, in kB, and where it stands after a scan.
sub peak_kb
{
	my ($pid) = @_;
	my ($kb) = PostgreSQL::Test::Utils::slurp_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m;
	return $kb;
}

sub scan
{
	my ($contacts) = @_;
	my $sandbox = CrmSandbox->start(scale => { 'activecampaign.contacts' => $contacts });
	$node->safe_psql('postgres', 'DROP EXTENSION IF EXISTS crm_fdw CASCADE; DROP SCHEMA IF EXISTS ac CASCADE');
	$sandbox->create_servers($node, only => ['ac'], options => { ac => "rate_limit '100000/s'" });

	my $session = $node->background_psql('postgres', timeout => 900);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	is($session->query_safe('SELECT count(*), sum(id) > 0, count(email) > 0, max(updated_at) IS NOT NULL FROM ac.contacts'),
		"$contacts|t|t|t", "$contacts contacts are read");
	my $kb = peak_kb($pid);
	$session->quit;
	$sandbox->stop;
	return $kb;
}

my $few = scan(10_000);
my $many = scan($rows);
note "peak of a backend: $few kB for 10,000 contacts, $many kB for $rows";
cmp_ok($many - $few, '<', $allowed_kb, "$rows contacts take less than 16 MB more than 10,000");

# A list that must remember its ids spills them instead: the same, with the
# least work_mem, for a list proven by counting.
my $sandbox = CrmSandbox->start(scale => { 'activecampaign.deals' => 20_000 });
$node->safe_psql('postgres', 'DROP EXTENSION IF EXISTS crm_fdw CASCADE; DROP SCHEMA IF EXISTS ac CASCADE');
$sandbox->create_servers($node, only => ['ac'], options => { ac => "rate_limit '100000/s'" });
is($node->safe_psql('postgres', q{SET work_mem = '64kB'; SELECT count(*), count(DISTINCT id) FROM ac.deals}),
	'20000|20000', 'ids that spill to disk still tell records apart');

$node->stop;
done_testing();
