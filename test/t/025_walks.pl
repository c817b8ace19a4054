# Lists read newest first, down to a bound: they stop there, and change while
# they are read; no record that the bound holds for is lost, and none repeated.

use strict;
use warnings;

use CrmSandbox;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nfsync = off");
$node->start;

my $contacts = 700;
my $sandbox = CrmSandbox->start(scale => { 'aircall.contacts' => $contacts });
$sandbox->create_servers($node, only => ['aircall']);

# After all changes the sandbox makes by itself.
my $now = '2026-11-20T12:30:00+00:00';

# id => a time of the contact, as text that sorts like the time.
sub times_of
{
	my ($column) = @_;
	my %times;

	foreach my $row (split /\n/, $sandbox->truth('aircall', 'contacts'))
	{
		my ($id) = $row =~ /"id": ?(\d+)/;
		my ($time) = $row =~ /"$column": ?"([^"]+)"/;
		$times{$id} = $time // '';
	}
	return \%times;
}

sub changes { return times_of('updated_at'); }

# Ids, changed last first.
sub newest
{
	my ($changes) = @_;
	return sort { $changes->{$b} cmp $changes->{$a} || $b <=> $a } keys %$changes;
}

# The bound that leaves the n records changed last.
sub bound_of
{
	my ($n) = @_;
	my $changes = changes();
	return $changes->{ (newest($changes))[ $n - 1 ] };
}

sub query
{
	my ($bound) = @_;
	return "SELECT id FROM aircall.contacts WHERE updated_at >= '$bound'";
}

# Requests by order: of the walk, and of the plain list.
sub orders
{
	my %orders = (updated_at => 0, created_at => 0);
	foreach my $request ($sandbox->log(path => '/contacts$'))
	{
		my ($order) = map { $_->[0] eq 'order_by' ? $_->[1] : () } @{ $request->{query} };
		$orders{$order}++;
	}
	return "$orders{updated_at} and $orders{created_at}";
}

# Rows of the query, those of the truth, and what it took: of both lists.
sub reads
{
	my ($label, $bound, $requests) = @_;
	my $changes = changes();
	my @expected = sort { $a <=> $b } grep { $changes->{$_} ge $bound } keys %$changes;

	$sandbox->clear_log;
	my @rows = split /\n/, $node->safe_psql('postgres', query($bound));
	is(join(' ', sort { $a <=> $b } @rows), "@expected", "$label: these rows");
	like(orders(), $requests, "$label: these requests");
	return;
}

# ---------------------------------------------------------------------------
# Lists that do not change
# ---------------------------------------------------------------------------

reads('nothing that new', $now, qr/^1 and 0$/);
reads('less than a page', bound_of(20), qr/^1 and 0$/);
reads('a page, all but one', bound_of(49), qr/^1 and 0$/);
reads('a full page', bound_of(50), qr/^3 and 0$/);
reads('several pages', bound_of(230), qr/^6 and 0$/);
reads('several full pages', bound_of(250), qr/^7 and 0$/);
reads('all', '2000-01-01', qr/^15 and 0$/);
$node->safe_psql('postgres', 'ANALYZE aircall.contacts');
reads('nearly all, as statistics tell', bound_of(690), qr/^0 and 14$/);
reads('few, as statistics tell', bound_of(20), qr/^1 and 0$/);

# A bound that is known when the query runs; other clauses; no bound at all.
sub same_rows
{
	my ($label, $sql) = @_;
	is($node->safe_psql('postgres', $sql), $node->safe_psql('postgres', "SET crm_fdw.enable_pushdown = off; $sql"), "$label: rows");
	return;
}

sub asks
{
	my ($label, $sql, $requests) = @_;
	$sandbox->clear_log;
	$node->safe_psql('postgres', $sql);
	is(orders(), $requests, "$label: requests");
	same_rows($label, $sql);
	return;
}

my ($some, $more) = (bound_of(20), bound_of(70));
asks('a parameter', "SET plan_cache_mode = force_generic_plan; PREPARE p (timestamptz, timestamptz) AS
	SELECT id FROM aircall.contacts WHERE updated_at > \$1 AND updated_at <= \$2 ORDER BY 1;
	EXECUTE p('$some', '$now'); EXECUTE p(NULL, '$now')", '1 and 0');
asks('an open bound of a prepared statement', "SET plan_cache_mode = force_generic_plan; PREPARE p (timestamptz) AS
	SELECT count(*) FROM aircall.contacts WHERE updated_at >= \$1; EXECUTE p('-infinity')", '0 and 14');
asks('BETWEEN', "SELECT id FROM aircall.contacts WHERE updated_at BETWEEN '$more' AND '$some' ORDER BY 1", '3 and 0');
asks('equality', "SELECT id FROM aircall.contacts WHERE updated_at = '$some'", '1 and 0');
asks('a join', "SELECT c.id FROM (VALUES ('$some'::timestamptz)) AS t (since), LATERAL
	(SELECT id FROM aircall.contacts WHERE updated_at >= since OFFSET 0) c ORDER BY 1", '1 and 0');
asks('an upper bound', "SELECT count(*) FROM aircall.contacts WHERE updated_at < '$some'", '0 and 14');
asks('LIMIT', "SELECT count(*) FROM (SELECT id FROM aircall.contacts WHERE updated_at >= '$more' LIMIT 30) x", '1 and 0');
like($node->safe_psql('postgres', "EXPLAIN SELECT id FROM aircall.contacts WHERE updated_at BETWEEN '$more' AND '$some'"),
	qr/order_by=updated_at&order=desc.*CRM Pushed Down: \(updated_at >= [^<]*$/s, 'the lower bound is shown as pushed, the upper one is not');

# start_date is of created_at, and holds as well.
$node->safe_psql('postgres', "CREATE FOREIGN TABLE started (id bigint, created_at timestamptz, updated_at timestamptz)
	SERVER aircall OPTIONS (entity 'contacts', start_date '2026-01-01')");
$sandbox->clear_log;
is($node->safe_psql('postgres', "SELECT string_agg(id::text, ' ' ORDER BY id) FROM started WHERE updated_at >= '$more'"),
	$node->safe_psql('postgres', "SET crm_fdw.enable_pushdown = off; SELECT string_agg(id::text, ' ' ORDER BY id)
		FROM aircall.contacts WHERE updated_at >= '$more' AND created_at >= '2026-01-01'"), 'start_date: rows');
$sandbox->reset({ data => JSON::PP::true() });

# ---------------------------------------------------------------------------
# Lists that change
# ---------------------------------------------------------------------------

# The walk of 280 records, six pages, while mutations happen.  The server's clock
# is well past $now, unless a scenario says that it is not.
sub walk_while
{
	my ($label, $requests, $make, $clock) = @_;
	my $bound = bound_of(280);
	my $before = changes();
	my @mutations = $make->([ newest($before) ]);

	$sandbox->config(now => $clock // '2026-11-20T14:00:00+00:00');
	$sandbox->mutate(crm => 'aircall', table => 'contacts', %$_) foreach @mutations;
	$sandbox->clear_log;
	my %read;
	$read{$_}++ foreach split /\n/, $node->safe_psql('postgres', query($bound));
	my $orders = orders();
	my $after = changes();
	my $done = () = @{ $sandbox->mutations->{done} };

	my @lost = grep { $before->{$_} ge $bound && ($after->{$_} // '') ge $bound && !$read{$_} } keys %$before;
	my @missed = grep { ($after->{$_} // '') ge $bound && ($before->{$_} // '') lt $bound && !$read{$_} } keys %$after;
	my @repeated = grep { $read{$_} > 1 } keys %read;
	my @invented = grep { ($before->{$_} // '') lt $bound && ($after->{$_} // '') lt $bound } keys %read;
	is($done, scalar @mutations, "$label: the list changed during the scan");
	is("@lost", '', "$label: nothing is lost");
	is("@missed", '', "$label: what changed meanwhile is found");
	is("@repeated", '', "$label: nothing is repeated");
	is("@invented", '', "$label: nothing is invented");
	like($orders, $requests, "$label: requests");
	$sandbox->reset(data => 1);
	return;
}

sub after { my ($n) = @_; return (after => { path => '/contacts$', n => $n }); }

sub touch
{
	my ($n, @ids) = @_;
	return { op => 'update', ids => \@ids, changes => { updated_at => $now }, after($n) };
}

sub remove { my ($n, @ids) = @_; return { op => 'delete', ids => \@ids, after($n) }; }

walk_while('a record not yet read is changed', qr/^7 and 0$/, sub { touch(2, $_[0][200]) });
walk_while('... and one before it', qr/^7 and 0$/, sub { touch(2, $_[0][200], $_[0][101]) });
walk_while('a record already read is changed', qr/^7 and 0$/, sub { touch(2, $_[0][20]) });
walk_while('a record beyond the bound is changed', qr/^7 and 0$/, sub { touch(2, $_[0][400]) });
walk_while('a record of the last page is changed behind it', qr/^7 and 0$/, sub { touch(6, $_[0][281], $_[0][279]) });
walk_while('one is changed after each page', qr/^7 and 0$/, sub { my $ids = shift; map { touch($_, $ids->[ 250 + $_ ]) } 1 .. 6 });
walk_while('more are changed than a page holds', qr/^10 and 0$/, sub { my $ids = shift; touch(4, @$ids[ 210 .. 275 ]) });
walk_while('... in this very second', qr/^13 and 14$/, sub { my $ids = shift; touch(4, @$ids[ 210 .. 275 ]) }, $now);
walk_while('more are changed, onto the page that comes next', qr/ and /, sub { my $ids = shift; touch(1, @$ids[ 210 .. 275 ]) });
walk_while('changes go on while the head is read again', qr/ and /,
	sub { my $ids = shift; (touch(4, @$ids[ 210 .. 275 ]), touch(7, $ids->[277], @$ids[ 210 .. 215 ]), touch(8, $ids->[276])) });
walk_while('records of the first page are deleted', qr/^9 and 0$/, sub { my $ids = shift; remove(2, @$ids[ 3 .. 8 ]) });
walk_while('a record of the page before is deleted', qr/^9 and 0$/, sub { my $ids = shift; remove(3, $ids->[149]) });
walk_while('more are deleted than a page holds', qr/ and 0$/, sub { my $ids = shift; remove(3, @$ids[ 10 .. 80 ]) });
walk_while('records are deleted after each page', qr/ and /, sub { my $ids = shift; map { remove($_, @$ids[ 3 * $_ .. 3 * $_ + 2 ]) } 1 .. 8 });
walk_while('a record not yet read is deleted', qr/ and 0$/, sub { remove(2, $_[0][230]) });
walk_while('records are inserted', qr/^7 and 0$/, sub { map { { op => 'insert', n => 5, after($_) } } 1 .. 3 });
walk_while('as many are deleted and inserted', qr/^7 and 0$/,
	sub { my $ids = shift; (remove(2, @$ids[ 0 .. 3 ]), { op => 'insert', n => 4, after(2) }) });
walk_while('one is deleted and one changed', qr/ and 0$/, sub { my $ids = shift; (remove(2, $ids->[5]), touch(2, $ids->[150])) });
walk_while('the first record is deleted before the head is read again', qr/ and 0$/,
	sub { my $ids = shift; (remove(6, $ids->[0]), touch(6, $ids->[279])) });

# ---------------------------------------------------------------------------
# Lists that are not what was asked for
# ---------------------------------------------------------------------------

sub ignores
{
	my (@parameters) = @_;
	return { ignore_filters => \@parameters };
}

sub in_state
{
	my ($label, $switches, $bound, $requests) = @_;
	$sandbox->config(switches => { aircall => $switches });
	reads($label, $bound, $requests);
	$sandbox->reset;
	return;
}

in_state('oldest first', ignores('order'), bound_of(230), qr/^1 and 14$/);
in_state('in another order', ignores('order_by'), bound_of(230), qr/^1 and 14$/);
in_state('in no order', ignores('order', 'order_by'), bound_of(230), qr/^1 and 14$/);
in_state('no total', { largest_total => -1 }, bound_of(230), qr/^1 and 15$/);

# What the endpoint itself says.
$sandbox->fault(path => '/contacts$', kind => 'status', params => { code => 500 }, times => 1);
reads('a failure that passes', bound_of(20), qr/^2 and 0$/);
$sandbox->fault(path => '/contacts$', kind => 'status', params => { code => 422 }, times => 1);
reads('a refusal', bound_of(20), qr/^1 and 14$/);
foreach my $value ('soon', [], '1790000000.5')
{
	$sandbox->fault(path => '/contacts$', kind => 'wrong_type', params => { field => 'updated_at', value => $value }, times => 1);
	reads('a time that cannot be read', bound_of(20), qr/^1 and 14$/);
}
$sandbox->clear_faults;

# Falling back while several scans wait for each other, and in each rescan.
$sandbox->config(switches => { aircall => ignores('order_by') });
my $late = bound_of(70);
same_rows('below an Append', "SELECT n, id FROM (SELECT 1 AS n, * FROM aircall.contacts UNION ALL SELECT 2, * FROM aircall.contacts) x
	WHERE updated_at >= '$late' ORDER BY 1, 2");
same_rows('in a rescan', "SELECT n, id FROM (VALUES (1, timestamptz '$late'), (2, '-infinity'), (3, '$now'), (4, '$late')) AS t (n, since),
	LATERAL (SELECT id FROM aircall.contacts WHERE updated_at >= since AND created_at >= '2024-06-01' OFFSET 0) x ORDER BY 1, 2");
$sandbox->reset;
same_rows('in a rescan, in order', "SELECT n, id FROM (VALUES (1, timestamptz '$late'), (2, '-infinity'), (3, '$now'), (4, '$late')) AS t (n, since),
	LATERAL (SELECT id FROM aircall.contacts WHERE updated_at >= since AND created_at >= '2024-06-01' OFFSET 0) x ORDER BY 1, 2");

# Records without a time, wherever they come.
my @undated = (newest(changes()))[ 5, 60, 61, 300, 301 ];
$sandbox->mutate(crm => 'aircall', table => 'contacts', op => 'update', ids => \@undated, changes => { updated_at => undef });
in_state('records without a time', {}, bound_of(230), qr/^6 and 0$/);
in_state('records without a time, first', { undated_first => JSON::PP::true() }, bound_of(230), qr/^6 and 0$/);
@undated = (newest(changes()))[ 100 .. 160 ];
$sandbox->mutate(crm => 'aircall', table => 'contacts', op => 'update', ids => \@undated, changes => { updated_at => undef });
in_state('a page of them', {}, bound_of(230), qr/^6 and 0$/);
in_state('a page of them, first', { undated_first => JSON::PP::true() }, bound_of(20), qr/ and \d+$/);
$sandbox->reset(data => 1);

# Contacts that were never changed are in the order of both times; then one more
# page has to tell, and if it cannot, the plain list is read.
my $made = times_of('created_at');
my @by_id = sort { $made->{$a} cmp $made->{$b} || $a <=> $b } keys %$made;

sub change
{
	my ($time, @ids) = @_;
	$sandbox->mutate(crm => 'aircall', table => 'contacts', op => 'update', ids => \@ids, changes => { updated_at => $time });
	return;
}

change($made->{$_}, $_) foreach @by_id;
in_state('none was ever changed', {}, bound_of(20), qr/^2 and 14$/);
change($made->{ $by_id[ $_ + 200 ] }, $by_id[$_]) foreach map { $_ * 9 } 0 .. 40;
in_state('the newest were never changed', {}, bound_of(20), qr/^2 and 0$/);
in_state('... of several pages', {}, bound_of(80), qr/^4 and 0$/);
in_state('... and the order is another one', ignores('order_by'), bound_of(20), qr/^\d and 14$/);
change($made->{$_}, $_) foreach map { $by_id[ $_ * 9 ] } 0 .. 40;
change($now, $by_id[100]);
in_state('only an old one was changed', {}, bound_of(20), qr/^1 and 0$/);
in_state('... and the order is another one', ignores('order_by'), bound_of(20), qr/^2 and 14$/);
in_state('... and there is no order', ignores('order', 'order_by'), bound_of(20), qr/^\d and 14$/);

# Nothing tells an order of equal times.
change('2026-11-01T00:00:00Z', @by_id);
change($now, @by_id[ 650 .. 655 ]);
in_state('equal times', {}, $now, qr/^1 and 0$/);
in_state('equal times, in another order', ignores('order_by'), $now, qr/ and 14$/);
in_state('equal times, oldest first', ignores('order'), $now, qr/ and 14$/);
in_state('equal times, in no order', ignores('order', 'order_by'), $now, qr/ and 14$/);
in_state('equal times, all of them', {}, '2026-11-01', qr/ and /);
$sandbox->stop;

# ---------------------------------------------------------------------------
# More than can be reached
# ---------------------------------------------------------------------------

$sandbox = CrmSandbox->start(scale => { 'aircall.contacts' => 10400 });
$node->safe_psql('postgres', "ALTER SERVER aircall OPTIONS (SET base_url '" . $sandbox->base_url . "')");
$node->safe_psql('postgres', 'DROP FOREIGN TABLE aircall.contacts; IMPORT FOREIGN SCHEMA aircall LIMIT TO (contacts) FROM SERVER aircall INTO aircall');
reads('a long list', bound_of(120), qr/^4 and 0$/);
reads('the bound is beyond the cap', bound_of(10200), qr/^200 and \d+$/);
in_state('a total that is just the cap, one page', { largest_total => 10000 }, bound_of(20), qr/^1 and 0$/);
in_state('a total that is just the cap, several pages', { largest_total => 10000 }, bound_of(120), qr/^1 and \d+$/);
$sandbox->stop;

$node->stop;
done_testing();
