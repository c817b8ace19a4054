# Lists that change while they are read: no record that existed throughout is
# lost, and none is repeated.

use strict;
use warnings;

use CrmSandbox;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->start;

# A fresh sandbox per scenario: mutations stay.
sub with_sandbox
{
	my ($scale, $run) = @_;
	my $sandbox = CrmSandbox->start(scale => $scale);
	$node->safe_psql('postgres', 'DROP EXTENSION IF EXISTS crm_fdw CASCADE; DROP SCHEMA IF EXISTS ac, aircall, agile CASCADE');
	$sandbox->create_servers($node);
	$run->($sandbox);
	$sandbox->stop;
	return;
}

# Scans a table while mutations happen, and compares with what was there before
# and is still there afterwards.
sub scan_while
{
	my ($sandbox, $label, %args) = @_;
	my ($crm, $schema, $table, $path) = @args{qw(crm schema table path)};
	my $before = ids($sandbox->truth($crm, $table));

	$sandbox->mutate(crm => $crm, table => $table, %$_) foreach @{ $args{mutations} };
	my @read = split /\n/, $node->safe_psql('postgres', "SELECT id FROM $schema.$table");
	my $after = ids($sandbox->truth($crm, $table));
	my %read;
	$read{$_}++ foreach @read;

	my @lost = grep { $after->{$_} && !$read{$_} } keys %$before;
	my @repeated = grep { $read{$_} > 1 } keys %read;
	my @invented = grep { !$before->{$_} && !$after->{$_} } keys %read;
	my $done = () = @{ $sandbox->mutations->{done} };

	is($done, scalar @{ $args{mutations} }, "$label: the list changed during the scan");
	is("@lost", '', "$label: nothing that existed throughout is lost");
	is("@repeated", '', "$label: nothing is repeated");
	is("@invented", '', "$label: nothing is invented");
	return;
}

sub ids
{
	my ($truth) = @_;
	my %ids = map { /"id": ?"?(-?\d+)/ ? ($1 => 1) : () } split /\n/, $truth;
	return \%ids;
}

# Where the change strikes: at the front (shifts everything), at a random
# place, at the end; deletes, inserts, and both so that the total stays the same.
sub scenarios
{
	my ($path) = @_;
	my @at = map { { path => $path, n => $_ } } (1, 2, 3);
	return (
		'delete at the front' => [ map { { op => 'delete', ids => 'first', n => 3, after => $_ } } @at ],
		'delete anywhere' => [ map { { op => 'delete', ids => 'random', n => 7, after => $_ } } @at ],
		'delete many' => [ { op => 'delete', ids => 'first', n => 120, after => $at[1] } ],
		'insert' => [ map { { op => 'insert', n => 5, after => $_ } } @at ],
		'delete and insert as many' => [
			{ op => 'delete', ids => 'first', n => 4, after => $at[1] },
			{ op => 'insert', n => 4, after => $at[1] } ]);
}

my @lists = (
	{ crm => 'activecampaign', schema => 'ac', table => 'contacts', path => '/contacts', rows => 700 },
	{ crm => 'activecampaign', schema => 'ac', table => 'deals', path => '/deals', rows => 700 },
	{ crm => 'aircall', schema => 'aircall', table => 'calls', path => '/calls', rows => 400 },
	{ crm => 'agilecrm', schema => 'agile', table => 'contacts', path => '/contacts', rows => 1100 });

foreach my $list (@lists)
{
	my %scenario = scenarios("$list->{path}\$");
	foreach my $name (sort keys %scenario)
	{
		with_sandbox(
			{ "$list->{crm}.$list->{table}" => $list->{rows} },
			sub {
				my ($sandbox) = @_;
				scan_while($sandbox, "$list->{schema}.$list->{table}, $name", %$list, mutations => $scenario{$name});
			});
	}
}

# A server that sends smaller pages than asked for, whatever it calls a page.
with_sandbox(
	{},
	sub {
		my ($sandbox) = @_;
		foreach my $size (7, 20, 50)
		{
			$sandbox->config(switches => { activecampaign => { largest_page => $size } });
			foreach my $table (qw(contacts deals list_members accounts account_field_values deal_custom_fields))
			{
				is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT t) FROM ac.$table t"),
					join('|', ($sandbox->count('activecampaign', $table)) x 2), "pages of $size rows: $table");
			}
		}
		$sandbox->config(switches => { activecampaign => { largest_page => 100 } });
		foreach my $size (1, 2, 3)
		{
			$node->safe_psql('postgres', "CREATE FOREIGN TABLE deals_by_$size (id bigint) SERVER ac OPTIONS (entity 'deals', page_size '$size')");
			is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT id) FROM deals_by_$size"),
				join('|', ($sandbox->count('activecampaign', 'deals')) x 2), "page_size $size");
		}
	});

# Rows with equal sort values that change places between two requests, while
# rows are deleted in front of them.
foreach my $round (1 .. 6)
{
	with_sandbox(
		{ 'activecampaign.deals' => 500 },
		sub {
			my ($sandbox) = @_;
			$sandbox->config(switches => { activecampaign => { shuffle_ties => JSON::PP::true } });
			scan_while($sandbox, "ties that change places, round $round", crm => 'activecampaign', schema => 'ac', table => 'deals',
				mutations => [ map { { op => 'delete', ids => 'random', n => $round, after => { path => '/deals$', n => $_ } } } 1 .. 3 ]);
		});
}

# An answer that got lost in the middle is not the end of the list.
with_sandbox(
	{},
	sub {
		my ($sandbox) = @_;
		my %lists = ('ac.contacts' => '/contacts$', 'ac.deals' => '/deals$', 'ac.list_members' => '/contacts$',
			'aircall.calls' => '/calls$', 'aircall.contacts' => '/contacts$');
		foreach my $table (sort keys %lists)
		{
			$sandbox->fault(path => $lists{$table}, kind => 'empty', after => 2, params => { code => 204 });
			my ($status, $stdout, $stderr) = $node->psql('postgres', "SELECT raw FROM $table",
				extra_params => [ '-v', 'VERBOSITY=verbose' ]);
			like($stderr, qr/HV000.*another page/, "nothing in the middle of $table");
			$sandbox->clear_faults;
		}
	});

$node->stop;
done_testing();
