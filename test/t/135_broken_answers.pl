# What the chaos run found stays found: one broken answer in the middle of many
# must not make a list short, or a record appear twice.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->start;

my $sandbox = CrmSandbox->start(
	scale => {
		'aircall.calls' => 60, 'activecampaign.contacts' => 110, 'activecampaign.deals' => 90,
		'activecampaign.segments' => 2, 'agilecrm.contacts' => 60, 'agilecrm.deals' => 50 });
my $options = "rate_limit '100000/s', page_size '20', max_retries '0'";
$sandbox->create_servers($node, options => { map { $_ => $options } qw(ac aircall agile) });
foreach my $table (qw(ac.automation_members ac.tag_members ac.campaign_links agile.documents agile.notes agile.ticket_notes aircall.call_summaries))
{
	$node->safe_psql('postgres', "ALTER FOREIGN TABLE $table OPTIONS (ADD fan_out 'true')");
}

# Reads a table whose request number $after + 1 gets a fault: status, rows, errors.
sub read_with_fault
{
	my ($label, $columns, $table, $path, $kind, $after, $params) = @_;
	$sandbox->fault(path => $path, kind => $kind, after => $after, times => 1, params => $params // {});
	my ($status, $stdout, $stderr) = $node->psql('postgres', "SELECT count(*) FROM (SELECT $columns FROM $table OFFSET 0) t",
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	my ($fault) = @{ $sandbox->stats->{faults} };
	$sandbox->clear_faults;
	is($fault->{struck}, 1, "$label: $table: the fault struck");
	return ($stdout, $stderr);
}

sub fails
{
	my ($label, $expected, $columns, $table, @fault) = @_;
	my ($stdout, $stderr) = read_with_fault($label, $columns, $table, @fault);
	like($stderr, qr/ERROR:  $expected/, "$label: $table: $expected") or diag("it gave $stdout rows");
	return;
}

# The fault costs requests, but no row.
sub heals
{
	my ($label, $columns, $table, @fault) = @_;
	my $truth = $node->safe_psql('postgres', "SELECT count(*) FROM (SELECT $columns FROM $table OFFSET 0) t");
	my ($stdout, $stderr) = read_with_fault($label, $columns, $table, @fault);
	is("$stdout$stderr", $truth, "$label: $table: all rows");
	return;
}

# The first record of a page is the last one of the page before, or no list can
# be counted without ids.
fails('an id that is none', 'HV000', 1, $_->[0], $_->[1], 'wrong_type', $_->[2])
  foreach [ 'ac.accounts', '/accounts$', 1 ], [ 'ac.messages', '/messages$', 1 ], [ 'ac.notes', '/notes$', 1 ],
  [ 'agile.tickets', '/tickets/filter$', 0 ];

fails('an id beyond all integers', 'HV000', 1, 'ac.accounts', '/accounts$', 'huge_integer', 1);

# Parents are read to their end, too.
fails('a parent without an id', qr/HV000|22P02/, '*', @$_, 'wrong_type', 0)
  foreach [ 'ac.list_members', '/lists$' ], [ 'ac.automation_members', '/automations$' ], [ 'ac.tag_members', '/tags$' ],
  [ 'ac.campaign_links', '/campaigns$' ], [ 'agile.documents', '/contacts$' ], [ 'agile.notes', '/contacts$' ],
  [ 'aircall.user_numbers', '/users$' ], [ 'aircall.call_summaries', '/calls$' ];

# A page that repeats the one before is not the end of the list, whether or not
# a total is stated: it is asked for again.
heals('a repeated page', '*', $_->[0], $_->[1], 'duplicate_page', $_->[2], { same_list => 1 })
  foreach [ 'ac.ecommerce_order_products', '/ecomOrderProducts$', 3 ], [ 'ac.account_field_values', '/accountCustomFieldData$', 1 ],
  [ 'ac.deals', '/deals$', 4 ], [ 'ac.ecommerce_orders', '/ecomOrders$', 13 ];

# A list read in ranges of ids: what another range was sent is neither this one's
# end nor its rows, and a bound that names its own id repeats none.
$node->safe_psql('postgres', q{ALTER FOREIGN TABLE ac.contacts OPTIONS (ADD page_size '5')});
foreach my $after (1 .. 12)
{
	my ($stdout, $stderr) = read_with_fault('a page of another range', 'id', 'ac.contacts', '/contacts$', 'duplicate_page', $after);
	like("$stdout$stderr", qr/^110$|ERROR:  HV000/, "a page of another range: all rows or an error, after $after");
}
heals('an empty page of a range', 'id', 'ac.contacts', '/contacts$', 'status', $_, { code => 200, body => { contacts => [], meta => { total => '110' } } })
  foreach 3, 4, 6;
$sandbox->config(switches => { activecampaign => { bounds => 'inclusive' } });
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT id) FROM ac.contacts WHERE id IS NOT NULL'), '110|110', 'bounds that include their id: every row once');
$sandbox->reset;
$node->safe_psql('postgres', q{ALTER FOREIGN TABLE ac.contacts OPTIONS (DROP page_size)});

# An empty body under 200 is an answer that got lost, below a parent as well.
fails('nothing at all', 'HV000', '*', @$_, 'empty', 0)
  foreach [ 'ac.list_members', '/contacts$' ], [ 'agile.documents', '/docs$' ], [ 'agile.notes', '/notes$' ],
  [ 'aircall.user_numbers', '/numbers$' ], [ 'aircall.call_summaries', '/summary$' ];

# An object is no record where the API promises an array.
fails('an object for an array', 'HV000', '*', @$_, 'wrong_envelope', 0)
  foreach [ 'agile.documents', '/docs$' ], [ 'agile.notes', '/notes$' ], [ 'agile.ticket_notes', '/tickets/notes' ];

$node->stop;
done_testing();
