# What a query costs: every line of the README's panel, its requests counted in
# the sandbox's log and its rows compared with those of a read that sends no
# filters.
#
# The README holds the queries and their counts.  A count that depends on the
# data stands there in words; %in_words computes it from the sandbox's truth.

use strict;
use warnings;

use CrmSandbox;
use File::Basename qw(dirname);
use List::Util qw(max min);
use POSIX qw(ceil floor);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');
my $fewest_queries = 40;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# A stub hides what its deal is selected and sorted by: costs could not be
# computed from the truth.
my $no_stubs = { switches => { activecampaign => { restricted_deals => 0 } } };
my $sandbox = CrmSandbox->start;
$sandbox->config(%$no_stubs);
$sandbox->create_servers($node);

# ---------------------------------------------------------------------------
# Truth, and what it costs to read
# ---------------------------------------------------------------------------

# Makes truth_ac.contacts of what a complete read of ac.contacts must give, ...
sub load_truth
{
	my ($schema, @tables) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/truth';

	$node->safe_psql('postgres',
		"CREATE SCHEMA IF NOT EXISTS truth_$schema; CREATE TABLE IF NOT EXISTS lines (line jsonb)");
	foreach my $table (@tables)
	{
		PostgreSQL::Test::Utils::append_to_file($file, $sandbox->truth($crm_of{$schema}, $table));
		$node->safe_psql(
			'postgres', "TRUNCATE lines;
			COPY lines FROM '$file' WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01');
			DROP TABLE IF EXISTS truth_$schema.$table;
			CREATE TABLE truth_$schema.$table AS
				SELECT record.* FROM lines, jsonb_populate_record(NULL::$schema.$table, line) AS record");
		unlink $file;
	}
	return;
}

sub rows
{
	my ($from) = @_;
	return $node->safe_psql('postgres', "SELECT count(*) FROM $from");
}

sub pages
{
	my ($size, $from) = @_;
	return max(1, ceil(rows($from) / $size));
}

# Read by "ids greater than the last one": a full last page may not be the last.
sub keyset_pages
{
	my ($rows) = @_;
	return floor($rows / 100) + 1;
}

# Read by offset: each page begins with the row in front of the run of equal times
# that the page before ended with; by a run that fills a page nothing is joined,
# and pages overlap by a row.
sub joined_pages
{
	my ($from) = @_;
	my @times = split /\n/, $node->safe_psql('postgres', "SELECT created_at FROM $from ORDER BY 1");
	my $pages = 1;

	for (my $offset = 0; $offset + 100 < @times; $pages++)
	{
		my $run = $offset + 99;
		$run-- while $run > $offset && $times[ $run - 1 ] eq $times[$run];
		$offset = $run < $offset + 2 ? $offset + 99 : $run - 1;
	}
	return $pages;
}

# ActiveCampaign's times are asked for with a margin.
my $after = "interval '31 hours'";
my $before = "interval '2 days'";
my $five_deals = "created_at >= '2026-10-01' AND created_at < '2026-10-25'";
my $more_deals = "created_at >= '2026-08-28' AND created_at < '2026-10-25'";

sub contacts_of_deals
{
	my ($where) = @_;
	return [
		'1 + these contacts',
		sub { 1 + rows("(SELECT DISTINCT contact_id FROM truth_ac.deals WHERE $where) AS contact") } ];
}

# Question of the README => its count in words, and the same as a number.
my %in_words = (
	'Contacts of a domain' => [
		'pages of these contacts',
		sub { keyset_pages(rows("truth_ac.contacts WHERE email ILIKE '%\@example.com%'")) } ],
	'Contacts made in a year' => [
		'pages of that year',
		sub {
			keyset_pages(rows("truth_ac.contacts
				WHERE created_at BETWEEN '2025-01-01'::timestamptz - $after AND '2026-01-01'::timestamptz + $before"));
		} ],
	'Contacts changed lately' => [
		'pages of these contacts',
		sub { keyset_pages(rows("truth_ac.contacts WHERE updated_at >= '2026-11-10'::timestamptz - $after")) } ],
	'Contacts with a tag' => [
		'1 + pages of these contacts',
		sub { 1 + keyset_pages(rows("truth_ac.contact_tags WHERE tag_id = 1")) } ],
	'Deals won since' => [
		'pages of these deals',
		sub {
			joined_pages("truth_ac.deals
				WHERE status_label = 'won' AND created_at >= '2026-01-01'::timestamptz - $after");
		} ],
	'The open pipeline' =>
	  [ 'pages of the open deals', sub { joined_pages("truth_ac.deals WHERE status_label = 'open'") } ],
	'Deals of a stage' => [ 'pages of these deals', sub { joined_pages('truth_ac.deals WHERE stage_id = 2') } ],
	'Deals won, by stage' =>
	  [ '1 + pages of the won deals', sub { 1 + joined_pages("truth_ac.deals WHERE status_label = 'won'") } ],
	'Five deals with their contacts' => contacts_of_deals($five_deals),
	'… with `LATERAL`' => contacts_of_deals($five_deals),
	'… with `EXISTS`' => contacts_of_deals($five_deals),
	'… with `= ANY (subquery)`' => contacts_of_deals($five_deals),
	'More deals, some of one contact' => contacts_of_deals($more_deals),
	'3,000 deals with their contacts, of 12,500' => [
		'pages of both lists, and up to 8 in vain',
		# Hundreds of these deals are of the same second, so pages asked for ahead do not all join.
		sub {
			my $pages = joined_pages('truth_ac.deals') + keyset_pages($sandbox->count('activecampaign', 'contacts'));
			return ($pages, $pages + 8);
		} ],

	'Calls of a day' =>
	  [ 'pages of that day', sub { pages(50, "truth_aircall.calls WHERE started_at::date = '2026-11-02'") } ],
	'Calls of a month' => [
		'pages of that month',
		sub { pages(50, "truth_aircall.calls WHERE date_trunc('month', started_at) = '2026-10-01'") } ],
	'Calls a user took this month' => [
		"pages of the user's calls",
		sub { pages(50, "truth_aircall.calls WHERE user_id = 781221 AND started_at >= date_trunc('month', now())") } ],
	'Calls of two users' => [
		"pages of each user's calls",
		sub {
			my $since = "started_at >= '2026-10-01'";
			pages(50, "truth_aircall.calls WHERE user_id = 781221 AND $since") +
			  pages(50, "truth_aircall.calls WHERE user_id = 781237 AND $since");
		} ],
	'Calls of a user by address' => [
		"1 + pages of the user's calls",
		sub { 1 + pages(50, "truth_aircall.calls WHERE user_id = 781221 AND started_at >= '2026-10-01'") } ],
	'Outbound calls of a week' => [
		'pages of these calls',
		sub {
			pages(50, "truth_aircall.calls
				WHERE direction = 'outbound' AND started_at >= '2026-11-02' AND started_at < '2026-11-09'");
		} ],
	'Missed calls by hour' =>
	  [ 'pages of the calls since', sub { pages(50, "truth_aircall.calls WHERE started_at >= '2026-11-09'") } ],
	'Calls of a day, by user' =>
	  [ '1 + pages of that day', sub { 1 + pages(50, "truth_aircall.calls WHERE started_at::date = '2026-11-02'") } ],
	'Tags since a day' =>
	  [ 'pages of the calls since', sub { pages(50, "truth_aircall.calls WHERE started_at >= '2026-11-09'") } ],
	'Summaries of ten calls' => [ 'at most 2, and 10 more', sub { (10, 12) } ],
	'Contacts made since' =>
	  [ 'pages of these contacts', sub { pages(50, "truth_aircall.contacts WHERE created_at >= '2026-10-01'") } ],
	'Contacts changed since' => [
		'pages of these contacts, and at most 2 more',
		sub {
			my $pages = pages(50, "truth_aircall.contacts WHERE updated_at >= '2026-10-01'");
			return ($pages, $pages + 2);
		} ],

	'Contacts with a tag (server option `search_filters`)' =>
	  [ 'pages of these contacts', sub { pages(200, "truth_agile.contacts WHERE 'vip' = ANY (tags)") } ],
	'… with both of two tags (`search_filters`)' => [
		'pages of these contacts',
		sub { pages(200, "truth_agile.contacts WHERE tags @> ARRAY['vip', 'customer']") } ],
	'Contacts made since (`search_filters`)' => [
		'pages of these contacts',
		sub { pages(200, "truth_agile.contacts WHERE created_at >= '2024-06-01'::timestamptz - interval '25 hours'") } ],
	'… and the notes on them' => [
		'1 + these contacts',
		sub { 1 + rows('truth_agile.contacts WHERE company_id = 4503617724370617') } ],
	"A track's deals by milestone" => [
		'pages of these deals',
		sub { pages(200, 'truth_agile.deals WHERE pipeline_id = 4503600500370527 AND NOT archived') } ],
	'Deals by track' => [ '1 + pages of the deals', sub { 1 + pages(200, 'truth_agile.deals') } ],
	'Tasks done, by owner' =>
	  [ 'pages of these tasks', sub { pages(200, "truth_agile.tasks WHERE status = 'COMPLETED'") } ],
	'Tickets by status' => [ '1 + pages of the tickets', sub { 1 + pages(200, 'truth_agile.tickets') } ]);

# How some must travel, as "METHOD path name=value&...".
my %travels = (
	'Several contacts' => qr{^GET /api/3/contacts ids\[\]=7&ids\[\]=9&},
	'Campaigns of an automation' => qr{ filters\[seriesid\]=9&},
	'Contacts with a tag (server option `search_filters`)' => qr{^POST \S+/dynamic-filter .*"RHS":"vip"},
	'Tasks done, by owner' => qr{/tasks/based .*type=COMPLETED});

# ---------------------------------------------------------------------------
# The README's panel
# ---------------------------------------------------------------------------

# Lines of the section's tables: question, SQL, requests.
sub panel
{
	my $readme = PostgreSQL::Test::Utils::slurp_file(dirname(__FILE__) . '/../../README.md');
	my ($section) = $readme =~ /^## What a query costs\n(.*?)^## /ms or die 'the README has no panel';
	my @lines = grep { /^\|/ && !/^\|(?:---| question )/ } split /\n/, $section;

	return map {
		/^\| (.+?) \| `(.+)` \| (.+) \|$/ or die "not a line of the panel: $_";
		{ question => $1, sql => $2, requests => $3 }
	} @lines;
}

# Least and most requests a line allows.
sub expected_requests
{
	my ($line) = @_;
	my $entry = delete $in_words{ $line->{question} };

	if (defined $entry)
	{
		my ($words, $number) = @$entry;
		is($line->{requests}, $words, "$line->{question}: the README's words are those of the test");
		my @range = $number->();
		return ($range[0], $range[-1]);
	}
	return ($1, $1) if $line->{requests} =~ /^(\d+)$/;
	return (1, $1) if $line->{requests} =~ /^at most (\d+)$/;
	die "$line->{question}: nothing says how many requests \"$line->{requests}\" are";
}

# The rows of a query, in its own order if it asks for one.
sub result
{
	my ($sql, $pushdown) = @_;
	my $rows = $node->safe_psql('fresh', "SET crm_fdw.enable_pushdown = $pushdown; $sql");
	return $sql =~ /ORDER BY/ ? $rows : join("\n", sort split(/\n/, $rows));
}

sub as_text
{
	my ($request) = @_;
	my @pairs = map { "$_->[0]=$_->[1]" } @{ $request->{query} }, @{ $request->{form} // [] };
	return "$request->{method} $request->{path} " . join('&', @pairs);
}

sub check_line
{
	my ($line) = @_;
	my ($question, $sql) = @{$line}{qw(question sql)};
	my ($least, $most) = expected_requests($line);
	my $searches = $question =~ /search_filters/;

	# Sessions share the totals they have seen: each question gets a database
	# whose tables nobody has read.
	$node->safe_psql('template1', 'DROP DATABASE IF EXISTS fresh');
	$node->safe_psql('template1', 'CREATE DATABASE fresh TEMPLATE postgres');
	$node->safe_psql('fresh', "ALTER SERVER agile OPTIONS (ADD search_filters 'true')") if $searches;
	$sandbox->clear_log;
	my $rows = result($sql, 'on');
	my @requests = map { as_text($_) } $sandbox->log;
	my $label = $question =~ s/`//gr;

	ok(@requests >= $least && @requests <= $most, "$label: $line->{requests}")
	  or diag(join("\n", $sql, "expected $least to $most requests, took " . @requests . ':', @requests[ 0 .. min($#requests, 9) ]));
	like($requests[0], $travels{$question}, "$label: by that way") if $travels{$question};
	is($rows, result($sql, 'off'), "$label: the rows are those of PostgreSQL's own filters");
	isnt($rows, '', "$label: there are rows") unless $most == 0 || $sql =~ /now\(\)/;
	return;
}

my @panel = panel();
cmp_ok(scalar @panel, '>=', $fewest_queries, 'the README has a panel of typical queries');

load_truth('ac', qw(contacts contact_tags deals));
load_truth('aircall', qw(calls contacts));
load_truth('agile', qw(contacts deals tasks tickets));
check_line($_) foreach grep { $_->{question} !~ /12,500/ } @panel;

# The large join has an account of its own.
$sandbox->stop;
$sandbox = CrmSandbox->start(scale => { 'activecampaign.contacts' => 12500, 'activecampaign.deals' => 3000 });
$sandbox->config(%$no_stubs);
$node->safe_psql('postgres', "ALTER SERVER ac OPTIONS (SET base_url '" . $sandbox->base_url . "')");
load_truth('ac', 'deals');
check_line($_) foreach grep { $_->{question} =~ /12,500/ } @panel;

is(join(', ', sort keys %in_words), '', 'the README has every line that the test knows in words');

$node->stop;
done_testing();
