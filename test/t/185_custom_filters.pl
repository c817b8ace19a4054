# Filters on the account's own fields: sent where an API can tell, never at the
# cost of a row, and left out where they would cost more than they save.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use JSON::PP ();
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node, extra => [ '--encoding', 'UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'\nfsync = off");
$node->start;

my $sandbox = CrmSandbox->start(scale => { 'activecampaign.contacts' => 3000, 'agilecrm.contacts' => 1500,
	'agilecrm.companies' => 1000 });
$sandbox->create_servers($node, only => [qw(ac agile)], custom_fields => 1,
	options => { agile => q{rate_limit '1000/s', search_filters 'true'} });

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# A query's rows with and without push-down; the paths of its requests with it.
sub paths_of
{
	my ($query, %options) = @_;
	my $settings = $options{settings} // '';
	my ($status, $expected, $stderr) = $node->psql('postgres', "$settings; SET crm_fdw.enable_pushdown = off; $query");

	is($stderr, '', "runs: $query");
	$sandbox->clear_log;
	is(sql("$settings; $query"), $expected, $options{name} // $query);
	unlike($expected, qr/^0?$/, '... which finds something') if $options{finds} // 1;
	return map { $_->{path} } $sandbox->log;
}

sub requests_are
{
	my ($expected, $query, %options) = @_;
	return is(join(' ', sort(paths_of($query, %options))), $expected, '... for as few requests as there can be');
}

sub plan_of
{
	return sql("EXPLAIN (COSTS OFF) $_[0]");
}

sub switch
{
	my ($crm, %switches) = @_;
	$sandbox->config(switches => { $crm => \%switches });
	return;
}

# ------------------------------------------------------------------------
# ActiveCampaign: texts, by the list of values
# ------------------------------------------------------------------------

my $looked_up = '/api/3/contacts /api/3/fieldValues /api/3/fields';
my $rare = sql(q{SELECT customer_since FROM ac.contacts WHERE customer_since IS NOT NULL
	GROUP BY 1 ORDER BY count(*), 1 LIMIT 1});
my $other = sql(q{SELECT customer_since FROM ac.contacts WHERE customer_since IS NOT NULL
	GROUP BY 1 ORDER BY count(*), 1 DESC LIMIT 1});
my $count = "SELECT count(*), min(id), max(email) FROM ac.contacts WHERE";

requests_are($looked_up, "$count customer_since = '$rare'");
requests_are($looked_up, "$count '$rare' = customer_since AND id > 1 AND created_at > '2000-01-01'");
requests_are('/api/3/contacts /api/3/fieldValues /api/3/fieldValues /api/3/fields',
	"$count customer_since IN ('$rare', '$other')");
requests_are('/api/3/contacts /api/3/fieldValues /api/3/fieldValues /api/3/fields',
	"$count customer_since = '$rare' OR customer_since = '$other'");
requests_are($looked_up, "SET plan_cache_mode = force_generic_plan; PREPARE p(text) AS $count customer_since = \$1; EXECUTE p('$rare')");
requests_are('/api/3/fieldValues /api/3/fields', "$count customer_since = 'nobody''s'", finds => 0);
requests_are('', "$count customer_since = '$rare' AND customer_since = '$other'", finds => 0);
requests_are('', "$count customer_since = NULL", finds => 0);
requests_are('/api/3/contacts', "$count customer_since = '$rare' AND id = (SELECT 5::bigint)", finds => 0,
	name => 'an id needs no look-up');
requests_are($looked_up, "SELECT c.id FROM (VALUES ('$rare')) v (x) JOIN ac.contacts c ON c.customer_since = v.x ORDER BY 1",
	settings => 'SET enable_hashjoin = off; SET enable_mergejoin = off', name => 'a join that delivers the value');

is(scalar(grep { $_ eq '/api/3/fieldValues' } paths_of("$count customer_since <> '$rare'")), 0, '... other comparisons are PostgreSQL\'s');
is(scalar(grep { $_ eq '/api/3/fieldValues' } paths_of("$count customer_since = '$rare '", finds => 0)), 0,
	'... and values that may not arrive as they are');
is(scalar(grep { $_ eq '/api/3/fieldValues' } paths_of("$count birthday = (SELECT max(birthday) FROM ac.contacts)")), 0,
	'... and types that are written in more than one way');
is(scalar(grep { $_ eq '/api/3/fieldValues' } paths_of("$count interests = ARRAY['a,b']", finds => 0)), 0, '... and lists');

my $plan = plan_of("SELECT id FROM ac.contacts WHERE customer_since = '$rare'");
like($plan, qr{CRM Request: GET /api/3/fieldValues\?filters\[fieldid\]=10&filters\[val\]=\Q$rare\E&limit}, 'EXPLAIN shows the look-up');
like($plan, qr{GET /api/3/contacts\?ids\[\]=\{contact_field_values\.contact_id\}}, '... and what is done with it');
like($plan, qr{CRM Pushed Down: \(customer_since = '\Q$rare\E'::text\)}, '... the clause as one that is sent');
like($plan, qr{Filter: \(customer_since = }, '... and checked again');
unlike(sql("SET crm_fdw.enable_pushdown = off; EXPLAIN SELECT 1 FROM ac.contacts WHERE customer_since = 'x'"),
	qr{GET /api/3/fieldValues}, 'no look-up without push-down');

# What an API may do with the parameters.
foreach my $switches (
	{ ignore_filters => ['filters[val]'] }, { ignore_filters => [ 'filters[val]', 'filters[fieldid]' ] },
	{ ignore_filters => ['ids[]'] }, { case_insensitive => JSON::PP::false }, { trim_values => JSON::PP::true },
	{ largest_page => 20 }, { ignore_include => JSON::PP::true })
{
	switch('activecampaign', %$switches);
	paths_of("$count customer_since = '$rare'", name => 'an API with ' . JSON::PP->new->canonical->encode($switches));
	switch('activecampaign', ignore_filters => [], case_insensitive => JSON::PP::true, trim_values => JSON::PP::false,
		largest_page => 100, ignore_include => JSON::PP::false);
}

# An API that does not take them.
foreach my $code (400, 500)
{
	$sandbox->fault(crm => 'activecampaign', path => '/fieldValues$', kind => 'status', params => { code => $code });
	paths_of("$count customer_since = '$rare'", name => "a list of values that answers $code");
	$sandbox->clear_faults;
}

# Rescans.
sub count_paths
{
	my ($expected, $path, $query, $why, %options) = @_;
	return is(scalar(grep { $_ eq $path } paths_of($query, %options)), $expected, "... $why");
}

my $loops = 'SET enable_memoize = off';
my $inner = "SELECT x, (SELECT min(id) FROM %s WHERE %s = x) FROM (VALUES %s) v (x)";
count_paths(2, '/api/3/fieldValues', sprintf($inner, 'ac.contacts', 'customer_since', "('$rare'), ('$other'), ('$rare'), (NULL), ('$other')"),
	'no value is looked up twice', settings => $loops);

# Ids that the query names itself narrow what was found.
requests_are($looked_up, "$count customer_since = '$rare' AND id IN (" . join(', ', 1 .. 800) . ', ' .
	sql("SELECT max(id) FROM ac.contacts WHERE customer_since = '$rare'") . ')', name => 'a value, and many ids');

# Texts that are hard to send.
my @hard = ("it's 100%_", 'a,b', '||a||', "\x{1f600} \x{e9}", 'a&b=c#d?e', '"quoted"', '0', 'null');
my @holders = split /\n/, sql('SELECT id FROM ac.contact_field_values WHERE field_id = 4 AND value <> \'\' ORDER BY id LIMIT ' . @hard);
foreach my $i (0 .. $#hard)
{
	$sandbox->mutate(crm => 'activecampaign', table => 'contact_field_values', op => 'update', ids => [ $holders[$i] ],
		changes => { value => $hard[$i] });
}
foreach my $value (@hard)
{
	my $text = $value =~ s/'/''/gr;
	utf8::encode($text);
	requests_are($looked_up, "$count favourite_peak = '$text'");
}

$sandbox->mutate(crm => 'activecampaign', table => 'contact_field_values', op => 'update', ids => [ $holders[0] ],
	changes => { value => "two\r\nlines" });
count_paths(0, '/api/3/fieldValues', "$count favourite_peak = E'two\\r\\nlines'", 'not a text of several lines');
unlike(plan_of("SELECT id FROM ac.contacts WHERE customer_since = '$rare '"), qr/CRM Estimated Requests: [1-9]$/m,
	'... and no look-up is planned for it');

# In another encoding.
$sandbox->mutate(crm => 'activecampaign', table => 'contact_field_values', op => 'update', ids => [ $holders[0] ],
	changes => { value => "\x{e9}t\x{e9}" });
sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
$node->safe_psql('latin', 'CREATE EXTENSION crm_fdw; ' . $sandbox->server_sql('ac', undef, 1) .
	"ALTER FOREIGN TABLE ac.contacts OPTIONS (ADD on_conversion_error 'null')");
$sandbox->clear_log;
like($node->safe_psql('latin', q{SELECT id FROM ac.contacts WHERE favourite_peak = U&'\\00e9t\\00e9'}), qr/^\d+$/,
	'a text in a LATIN1 database');
is(scalar(grep { $_->{path} eq '/api/3/fieldValues' } $sandbox->log), 1, '... which is looked up');

# By label, and of a field that is no text any more.
sql(q{CREATE FOREIGN TABLE ac.by_label (id bigint, since text OPTIONS (custom_field 'Customer since'),
	word varchar OPTIONS (custom_field '10'), email text) SERVER ac OPTIONS (entity 'contacts')});
requests_are($looked_up, "SELECT count(*), max(email) FROM ac.by_label WHERE since = '$rare'");
requests_are($looked_up, "SELECT count(*), max(email) FROM ac.by_label WHERE word = '$rare'");
like(plan_of("SELECT 1 FROM ac.by_label WHERE since = '$rare'"), qr/filters\[fieldid\]=\{Customer since\}/, '... as EXPLAIN says');
$sandbox->mutate(crm => 'activecampaign', table => 'custom_fields', op => 'update', ids => [10], changes => { type => 'listbox' });
is(scalar(grep { $_ eq '/api/3/fieldValues' } paths_of("$count customer_since = '$rare'", finds => 0)), 0,
	'a list behind a text column is not looked up');

# Most have the value: one request finds that out, then all are read.
sub ids_of
{
	return [ split /,/, sql("SELECT string_agg(id::text, ',') FROM $_[0]") ];
}

$sandbox->mutate(crm => 'activecampaign', table => 'contact_field_values', op => 'update', changes => { value => 'Ms' },
	ids => ids_of("ac.contact_field_values WHERE field_id = 11 AND value <> ''"));
$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'delete', ids => ids_of(
	'(SELECT id FROM ac.contacts WHERE id NOT IN (SELECT contact_id FROM ac.contact_field_values WHERE field_id = 11 AND value <> \'\') OFFSET 100) c'));
my $pages = sql('SELECT ceil(count(*) / 100.0) FROM ac.contacts');
my @all = paths_of("$count salutation = 'Ms'");
cmp_ok($pages, '>', 5, 'enough contacts for the next tests');
is(scalar(grep { $_ eq '/api/3/fieldValues' } @all), 1, 'a value that many have is not looked up to its end');
is(scalar(grep { $_ eq '/api/3/contacts' } @all), $pages, '... all records are read');
sql('ANALYZE ac.contacts');
is(scalar(grep { $_ eq '/api/3/fieldValues' } paths_of("$count salutation = 'Ms'")), 0, '... at once, if statistics tell');

# ------------------------------------------------------------------------
# Agile CRM: numbers and dates, by the search index
# ------------------------------------------------------------------------

my $index = '/dev/api/filters/filter/dynamic-filter';
my $searched = "/core/api/custom-fields/scope $index";
my $people = 'SELECT count(*), min(id), max(email) FROM agile.contacts WHERE';
my $budget = sql('SELECT annual_budget FROM agile.contacts WHERE annual_budget BETWEEN 100 AND 1000000 ORDER BY annual_budget LIMIT 1');
my $joined = sql('SELECT joined_on FROM agile.contacts WHERE joined_on > \'2024-01-01\' ORDER BY 1 LIMIT 1');

requests_are($searched, "$people annual_budget = $budget");
requests_are($searched, "$people annual_budget BETWEEN $budget AND $budget + 100");
requests_are($searched, "$people annual_budget > -21 AND annual_budget < -5");
requests_are($searched, "$people annual_budget IN ($budget, $budget + 1)");
requests_are($searched, "$people joined_on = '$joined'");
requests_are($searched, "$people joined_on >= '2024-01-01' AND joined_on::date < '2024-03-01'");
requests_are($searched, "$people joined_on < '2019-06-01' AND joined_on > '1990-01-01'");
requests_are($searched, "$people annual_budget BETWEEN 0 AND 1000000 AND joined_on BETWEEN '2023-01-01' AND '2037-01-01' AND created_at > '2000-01-01'");
requests_are($searched, "SET plan_cache_mode = force_generic_plan; PREPARE p(numeric) AS $people annual_budget = \$1; EXECUTE p($budget)");
requests_are("/core/api/custom-fields/scope $index $index", "$people annual_budget = 777777.125", finds => 0,
	name => 'nothing found, and nothing is doubtful about that');

requests_are($index, "$people created_at > '2026-10-01'", name => 'without custom fields nobody asks for them');
requests_are('', "SET plan_cache_mode = force_generic_plan; PREPARE p(numeric) AS $people annual_budget = \$1; EXECUTE p(NULL)",
	finds => 0, name => 'nor where nothing can be found');
count_paths(4, $index, sprintf($inner, 'agile.contacts', 'annual_budget', '(777777.125), (777778), (777777.125), (777779)'),
	'nor more than once whether the index knows a field', settings => $loops);

requests_are($searched, "SELECT c.id FROM v JOIN agile.contacts c ON c.annual_budget = v.x ORDER BY 1",
	settings => "CREATE TEMP TABLE v AS SELECT $budget AS x; ANALYZE v; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off",
	name => 'a join that delivers the number');

sub is_not_searched
{
	my ($query, $why, %options) = @_;
	return is(scalar(grep { $_ eq $index } paths_of($query, %options)), 0, "... not sent: $why");
}

# The largest budget does not fit into the index, nor does a date from 2038 on.
my $companies = 'SELECT count(*), min(id), max(contract_end) FROM agile.companies WHERE';
like(sql('SELECT max(contract_end) FROM agile.companies'), qr/^209/, 'there are dates that the index does not hold');
is_not_searched("$companies contract_end > '2027-01-01'", 'dates that are open above');
is_not_searched("$companies contract_end < '2028-01-01'", '... or below');
is_not_searched("$companies contract_end BETWEEN '2028-01-01' AND '2096-01-01'", '... or too far');
is_not_searched("$companies contract_end BETWEEN '1960-01-01' AND '2028-01-01'", '... or too long ago');
is_not_searched("$companies contract_end = 'infinity'", '... or never', finds => 0);
requests_are($searched, "$companies contract_end BETWEEN '2027-02-01' AND '2027-03-01'", name => 'dates within 32 bits');
cmp_ok(sql('SELECT max(annual_budget) FROM agile.contacts'), '>', 2147483647, 'there are numbers that the index does not hold');
is_not_searched("$people annual_budget > 1000", 'a range that is open above');
is_not_searched("$people annual_budget <= 1000", '... or below');
is_not_searched("$people annual_budget BETWEEN 1000 AND 12345678901234567", '... or too far');
is_not_searched("$people annual_budget = 'NaN'", 'what is not a number', finds => 0);
is_not_searched("$people account_number = 'x'", 'texts', finds => 0);
is_not_searched("$people annual_budget = $budget", 'without search_filters', settings =>
	"ALTER SERVER agile OPTIONS (SET search_filters 'false')");
sql("ALTER SERVER agile OPTIONS (SET search_filters 'true')");

$plan = plan_of("SELECT 1 FROM agile.contacts WHERE annual_budget = 5");
like($plan, qr{"LHS":"\{\d+\}_number","CONDITION":"IS_GREATER_THAN","RHS":"4"}, 'EXPLAIN shows the rule without asking for the label');
like($plan, qr{CRM Pushed Down: \(annual_budget = '5'::numeric\) \(search index\)}, '... and the clause');
like(sql("EXPLAIN (ANALYZE, COSTS OFF) SELECT 1 FROM agile.contacts WHERE annual_budget = $budget"),
	qr{"LHS":"Annual budget_number"}, 'EXPLAIN ANALYZE knows it');

# Fields that the index does not know, or may take for others.
like(sql('SELECT count(*) FROM agile.companies WHERE "größe_m" IS NOT NULL'), qr/^[1-9]/, 'a number that is not searchable has values');
is(scalar(grep { /dynamic/ } paths_of('SELECT count(*) FROM agile.companies WHERE "größe_m" BETWEEN 0 AND 1000000')), 0, '... it is not sent');
is(scalar(grep { /dynamic/ } paths_of('SELECT count(*) FROM agile.deals WHERE start BETWEEN \'2000-01-01\' AND \'2100-01-01\'')), 0,
	'nor are the dates of deals');
my %field = map { split /=/ } split /\n/, sql(q{SELECT attname || '=' || substr(o, 14) FROM pg_attribute, unnest(attfdwoptions) o
	WHERE attrelid = 'agile.contacts'::regclass AND o LIKE 'custom\_field=%'});

sub change_field
{
	my ($column, %changes) = @_;
	$sandbox->mutate(crm => 'agilecrm', table => 'custom_fields', op => 'update', ids => [ $field{$column} ], changes => \%changes);
	return;
}

change_field('rating_formula', field_label => 'annual  Budget');
is_not_searched("$people annual_budget = $budget", 'two labels that the index may not tell apart');
change_field('rating_formula', field_label => 'Rating formula');
change_field('annual_budget', searchable => JSON::PP::false);
is_not_searched("$people annual_budget = $budget", 'a field that is not searchable any more');
change_field('annual_budget', searchable => JSON::PP::true);
change_field('annual_budget', field_type => 'TEXT');
is_not_searched("$people annual_budget = $budget", 'one that is a text now');
change_field('annual_budget', field_type => 'NUMBER', field_label => 'Lifetime budget');
is_not_searched("$people annual_budget = 0.5", 'a number that the index would take for a time', finds => 0);
change_field('annual_budget', field_label => 'Annual budget');
change_field('joined_on', field_label => 'Created');
is_not_searched("$people joined_on BETWEEN '2000-01-01' AND '2030-01-01'", 'a time that goes by the name of one that all have', finds => 0);
change_field('joined_on', field_label => 'Joined on');

# An index that holds the field under another name finds nothing at all.
change_field('joined_on', field_label => 'Joined');
$sandbox->clear_log;
is(sql("SELECT count(*) FROM agile.contacts WHERE joined_on BETWEEN '2000-01-01' AND '2030-01-01'"), '0', 'a label that no record has');
is(scalar(grep { $_->{path} eq $index } $sandbox->log), 2, '... the index is asked whether it knows the field');
cmp_ok(scalar(grep { $_->{path} eq '/dev/api/contacts' } $sandbox->log), '>', 5, '... then all records are read');
change_field('joined_on', field_label => 'Joined on');

# One that knows one field only, by a record that meets the other condition as well.
$field{'größe_m'} = sql(q{SELECT substr(o, 14) FROM pg_attribute, unnest(attfdwoptions) o
	WHERE attrelid = 'agile.companies'::regclass AND attname = 'größe_m' AND o LIKE 'custom\_field=%'});
change_field('größe_m', searchable => JSON::PP::true);
$sandbox->mutate(crm => 'agilecrm', table => 'companies', op => 'delete', ids => ids_of('agile.companies WHERE employees IS NOT NULL AND created_at >
	(SELECT max(created_at) FROM agile.companies WHERE employees IS NOT NULL AND "größe_m" BETWEEN 0 AND 1000000)'));
count_paths(3, $index, 'SELECT id FROM agile.companies WHERE employees BETWEEN 0 AND 1000000 AND "größe_m" BETWEEN 0 AND 1000000 ORDER BY id',
	'one of two fields is not known');
count_paths(2, $index, sprintf($inner, 'agile.companies', '"größe_m"', '(77.5), (78), (77.5), (79)'),
	'asked once', settings => $loops);
change_field('größe_m', searchable => JSON::PP::false);

# An index that fails, and one that ignores what it does not know.
switch('agilecrm', filter_500 => JSON::PP::true);
is(scalar(grep { $_ eq '/dev/api/contacts' } paths_of("$people annual_budget = $budget")) > 5, 1, 'an index that fails: all are read');
switch('agilecrm', filter_500 => JSON::PP::false, ignore_filters => ['Annual budget_number']);
paths_of("$people annual_budget = $budget", name => 'an index that ignores the rule');
switch('agilecrm', ignore_filters => []);
switch('agilecrm', bounds => $_), paths_of("$people joined_on = '$joined'", name => "bounds read as $_") foreach qw(inclusive exclusive day);
switch('agilecrm', bounds => 'documented');

$node->stop;
done_testing();
