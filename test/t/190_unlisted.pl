# Endpoints that the catalogue does not have, read by path: values, secrets,
# NULLs, joins, EXPLAIN and LIMIT, all pages of each API's kind of paging, and an
# error wherever a list cannot be shown to be complete.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node, extra => [ '--encoding', 'UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

my $sandbox = CrmSandbox->start;
$sandbox->create_servers($node);

my %crm_of = (ac => 'activecampaign', aircall => 'aircall', agile => 'agilecrm');
my %path_of = (ac => '/api/3/own', aircall => '/v1/own', agile => '/dev/api/own');
my %page_of = (ac => 100, aircall => 50, agile => 200);

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# All that psql says of a statement that fails, with its SQLSTATE.
sub failure
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) =
	  $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return $stderr;
}

# "SQLSTATE: message", its hint.
sub fails
{
	my ($label, $sql, $code, $message, $hint) = @_;
	my $said = failure($sql);

	like($said, qr/ERROR:  $code: .*$message/, $label);
	like($said, qr/^HINT:  .*$hint/m, "$label: what to do") if defined $hint;
	return;
}

sub list
{
	my ($server, %spec) = @_;
	$sandbox->list(crm => $crm_of{$server}, path => $path_of{$server},
		($server eq 'agile' ? () : (key => 'items')), %spec);
	$sandbox->clear_log;
	return;
}

sub requests
{
	my ($server) = @_;
	return $sandbox->requests(path => "^$path_of{$server}\$");
}

# ids or text: what a list holds, and what is found of it.
sub rows
{
	return [ map { { id => $_, name => "n$_" } } @_ ];
}

sub nameless
{
	return [ map { { name => "n$_" } } @_ ];
}

my $found = "SELECT count(*) || ' ' || count(DISTINCT name) || ' ' || coalesce(min(substr(name, 2)::int), 0) || ' ' || coalesce(max(substr(name, 2)::int), 0)";

sub found
{
	my ($server) = @_;
	return sql("$found FROM $server.own");
}

foreach my $server (sort keys %crm_of)
{
	my $rows = $server eq 'agile' ? '' : ", rows '/items'";
	sql("CREATE FOREIGN TABLE $server.own (id bigint, name text, raw jsonb) SERVER $server OPTIONS (path '$path_of{$server}'$rows);
		CREATE FOREIGN TABLE $server.whole (id bigint, name text, raw jsonb) SERVER $server OPTIONS (path '$path_of{$server}'$rows, paging 'none')");
}

# ------------------------------------------------------------------------
# Lists that the emulator serves beside those of the catalogue
# ------------------------------------------------------------------------

# Read by options alone, a catalogued list is the same list.
foreach my $case (
	[ 'ac', 'deals', "path '/api/3/deals', rows '/deals'",
		"id bigint, title text, value numeric OPTIONS (format 'cents'), created_at timestamptz OPTIONS (pointer '/cdate', format 'iso8601')" ],
	[ 'aircall', 'calls', "path '/v1/calls', rows '/calls'",
		"id bigint, direction text, started_at timestamptz OPTIONS (format 'unix'), duration int, user_id bigint OPTIONS (pointer '/user/id')" ],
	[ 'agile', 'contacts', "path '/dev/api/contacts'",
		"id bigint, lead_score int, created_at timestamptz OPTIONS (pointer '/created_time', format 'unix'), tags text[]" ])
{
	my ($server, $entity, $options, $columns) = @$case;
	my $names = join ', ', $columns =~ /(?:^|, )(\w+) (?=\w)/g;

	sql("CREATE FOREIGN TABLE $server.by_path ($columns) SERVER $server OPTIONS ($options)");
	is(sql("SELECT count(*) FROM $server.by_path"), $sandbox->count($crm_of{$server}, $entity), "$server: all $entity by path");
	is( sql("CREATE TEMP TABLE a AS SELECT $names FROM $server.by_path; CREATE TEMP TABLE b AS SELECT $names FROM $server.$entity;
			SELECT (SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) d) + (SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) d)"),
		'0', "$server: the values of $entity ($names) are those of the catalogue");
}

sql(q{
	CREATE FOREIGN TABLE ac.contact_data (id bigint, contact_id bigint OPTIONS (pointer '/contact'), raw jsonb)
		SERVER ac OPTIONS (path '/api/3/contactData', rows '/contactData');
	CREATE FOREIGN TABLE ac.campaign_lists (id bigint, list_id bigint OPTIONS (pointer '/listid'))
		SERVER ac OPTIONS (path '/api/3/campaignLists', rows '/campaignLists')});
$sandbox->clear_log;
is(sql('SELECT count(DISTINCT id) = count(*), count(*) > 400, count(*) = count(contact_id), bool_and(contact_id = (raw->>\'contact\')::bigint) FROM ac.contact_data'),
	't|t|t|t', 'a list the catalogue does not have');
is($sandbox->requests(path => 'contactData'), 5, '... of five pages');
is(sql('SELECT count(*), count(l.name) FROM ac.campaign_lists c LEFT JOIN ac.lists l ON l.id = c.list_id'),
	sql('SELECT count(*), count(*) FROM ac.campaign_lists'), 'joined with a catalogued table');
is( sql(q{SELECT count(*) FILTER (WHERE d.id IS NOT NULL), count(*) FROM (SELECT id FROM ac.contacts WHERE id <= 30) c
		LEFT JOIN ac.contact_data d ON d.contact_id = c.id}),
	sql(q{SELECT count(*), (SELECT count(*) FROM ac.contacts WHERE id <= 30) FROM ac.contact_data WHERE contact_id <= 30}), 'on the right side of a LEFT JOIN');

# ------------------------------------------------------------------------
# Values
# ------------------------------------------------------------------------

my @values = (
	{ id => '9007199254740993', name => 'all', cents => '123456', unix => 1700000000, ms => '1700000000123', iso => '2023-11-14T16:13:20-06:00',
		json => '{"a": [1, "b"]}', deep => { list => [ { x => 'first' }, { x => 'second' } ] }, token => 'hush-hush-1', nested => { password => 'hush-hush-2', kept => 1 } },
	{ id => 2, name => '', cents => -5, unix => 0, ms => '', iso => '0000-00-00 00:00:00', json => '', deep => {} },
	{ id => 3, name => undef, cents => '0.5', unix => undef, ms => 0, iso => '2023-11-14', json => 'null', deep => undef },
	{ id => 4 });
my $columns = q{id bigint, label text OPTIONS (pointer '/name'), money numeric OPTIONS (pointer '/cents', format 'cents'),
	u timestamptz OPTIONS (pointer '/unix', format 'unix'), m timestamptz OPTIONS (pointer '/ms', format 'unix_ms'),
	i timestamptz OPTIONS (pointer '/iso', format 'iso8601'), j jsonb OPTIONS (pointer '/json', format 'json_text'),
	second text OPTIONS (pointer '/deep/list/1/x'), token text, hidden text OPTIONS (pointer '/nested/password'),
	account text OPTIONS (constant 'north'), raw jsonb};
foreach my $server (sort keys %crm_of)
{
	my $rows = $server eq 'agile' ? '' : ", rows '/data/items'";

	list($server, rows => \@values, ($server eq 'agile' ? () : (key => 'data/items')));
	sql("CREATE FOREIGN TABLE $server.values ($columns) SERVER $server OPTIONS (path '$path_of{$server}'$rows)");
	is( sql("SELECT id, label, money, u, m, i, j, second FROM $server.values ORDER BY id DESC"), join("\n",
			'9007199254740993|all|1234.56|2023-11-14 22:13:20+00|2023-11-14 22:13:20.123+00|2023-11-14 22:13:20+00|{"a": [1, "b"]}|second',
			'4|||||||', '3||0.005|||2023-11-14 00:00:00+00|null|', '2||-0.05|||||'),
		"$server: values, and what is none");
	is(sql("SELECT string_agg(id::text, ',' ORDER BY id) FROM $server.values WHERE label IS NULL"), '3,4', "$server: an empty text is not NULL");
	is( sql("SELECT count(token), count(hidden), count(*) FILTER (WHERE raw::text ~ 'hush'), count(*) FILTER (WHERE raw->'nested' = '{\"kept\": 1}') FROM $server.values"),
		'0|0|0|1', "$server: neither raw nor a pointer shows a secret");
	is(sql("SELECT raw->'id', raw->'cents', raw->'deep'->'list'->0->>'x' FROM $server.values ORDER BY id DESC LIMIT 1"),
		'"9007199254740993"|"123456"|first', "$server: raw is as it was sent");
	$sandbox->clear_log;
	is(sql("SELECT count(*) FROM $server.values WHERE account = 'south'"), '0', "$server: another account than the constant");
	is($sandbox->requests, 0, "$server: ... is not asked for");
}
list('ac', rows => [ { id => 1, name => 'n1', cents => 'much' } ], key => 'data/items');
like(failure('SELECT money FROM ac.values'), qr{ERROR:  22P02: ActiveCampaign sent a value of "/api/3/own" .*column "money".*table "values", column "money", record 1, value "much"}s,
	'a value that does not fit tells where it is');
list('ac', rows => [ 'red', 'green' ], total => JSON::PP::false);
is( sql(q{CREATE FOREIGN TABLE words (word text OPTIONS (pointer ''), raw jsonb) SERVER ac OPTIONS (path '/api/3/own', rows '/items', paging 'none');
		SELECT word, raw FROM words}), qq{red|"red"\ngreen|"green"}, 'records that are words');

# One object, and no other member than the one that is asked for.
sql(q{CREATE FOREIGN TABLE aircall.one (name text OPTIONS (pointer '/company/name'), raw jsonb) SERVER aircall OPTIONS (path '/v1/company', paging 'none')});
is(sql("SELECT o.name, raw ? 'company' FROM aircall.one o"), sql('SELECT name, true FROM aircall.company'), 'a document as the record');

# ------------------------------------------------------------------------
# EXPLAIN, LIMIT, parameters in the path
# ------------------------------------------------------------------------

sub request
{
	my ($query) = @_;
	return join "\n", sql("EXPLAIN (COSTS OFF) $query") =~ /CRM Request: (.*)/g;
}

is(request('SELECT * FROM ac.own'), 'GET /api/3/own?limit=100&offset=0', 'EXPLAIN: offset');
is(request('SELECT * FROM aircall.own'), 'GET /v1/own?per_page=50&page=1', 'EXPLAIN: page');
is(request('SELECT * FROM agile.own'), 'GET /dev/api/own?page_size=200', 'EXPLAIN: cursor');
is(request('SELECT * FROM aircall.whole'), 'GET /v1/own', 'EXPLAIN: not paged');
is(request("SELECT * FROM ac.values WHERE account = 'south'"), 'none', 'EXPLAIN: nothing');
like(sql('EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM ac.contact_data'), qr/CRM Requests: 5\n/, 'EXPLAIN ANALYZE counts the requests');
sql(q{CREATE FOREIGN TABLE ac.stage_deals (id bigint, stage bigint) SERVER ac OPTIONS (path '/api/3/deals?filters%5Bstage%5D=2', rows '/deals', page_size '20')});
is(request('SELECT * FROM ac.stage_deals'), 'GET /api/3/deals?filters[stage]=2&limit=20&offset=0', 'EXPLAIN: parameters of the path');
is(sql('SELECT count(stage), min(stage), max(stage) FROM ac.stage_deals'), sql('SELECT count(*), 2, 2 FROM ac.deals WHERE stage_id = 2'), 'they narrow the list');
foreach my $server (sort keys %crm_of)
{
	list($server, rows => rows(1 .. 450));
	is(sql("SELECT count(*) FROM (SELECT id FROM $server.own LIMIT 7) l"), 7, "$server: LIMIT");
	is(requests($server), 1, "$server: ... is one request");
	is(sql("SELECT id FROM $server.own ORDER BY id DESC LIMIT 1 OFFSET 1"), 449, "$server: ORDER BY and LIMIT");
	is(sql("SELECT id FROM $server.own LIMIT 1"), 1, "$server: LIMIT 1");
}

# ------------------------------------------------------------------------
# Complete, or an error
# ------------------------------------------------------------------------

# Size of the list, and of its pages: every way the last page can end.
foreach my $server (sort keys %crm_of)
{
	my $page = $page_of{$server};

	foreach my $n (0, 1, $page - 1, $page, $page + 1, 3 * $page, 3 * $page + 7)
	{
		my $all = "$n $n " . ($n > 0 ? 1 : 0) . " $n";

		list($server, rows => rows(1 .. $n));
		is(found($server), $all, "$server: $n records");
		list($server, rows => nameless(1 .. $n));
		is(found($server), $all, "$server: $n records without ids");
		next if $server eq 'agile';
		list($server, rows => rows(1 .. $n), total => JSON::PP::false);
		is(found($server), $all, "$server: $n records without a total");
		list($server, rows => rows(1 .. $n), largest => 23);
		is(found($server), $all, "$server: $n records on smaller pages than asked for");
		list($server, rows => rows(1 .. $n), total => JSON::PP::false, largest => 23);
		is(found($server), $all, "$server: $n records on smaller pages without a total");
	}
}
list('agile', rows => rows(1 .. 450), largest => 23);
is(found('agile'), '450 450 1 450', 'agile: smaller pages than asked for');
list('agile', rows => rows(1 .. 450));
is(sql("SELECT count(*) FROM agile.own WHERE raw ? 'cursor'"), 0, 'agile: raw is without cursors');

# What is not heeded: the first page comes again and again.
my $repeats = qr/the page repeats|the cursor loops/;
foreach my $case (
	[ 'ac', rows(1 .. 250), total => JSON::PP::false, ignore => ['offset'] ],
	[ 'ac', rows(1 .. 250), ignore => ['offset'] ],
	[ 'ac', rows(1 .. 60), total => JSON::PP::false, ignore => ['offset'] ],
	[ 'ac', rows(1 .. 60), total => JSON::PP::false, ignore => ['offset'], largest => 50 ],
	[ 'ac', nameless(1 .. 250), ignore => ['offset'] ],
	[ 'ac', nameless(1 .. 200), ignore => ['offset'] ],
	[ 'ac', nameless(1 .. 250), total => JSON::PP::false, ignore => ['offset'] ],
	[ 'aircall', rows(1 .. 120), total => JSON::PP::false, ignore => ['page'] ],
	[ 'aircall', rows(1 .. 30), total => JSON::PP::false, ignore => ['page'] ],
	[ 'aircall', rows(1 .. 120), ignore => ['page'] ],
	[ 'aircall', nameless(1 .. 100), ignore => ['page'] ],
	[ 'aircall', nameless(1 .. 120), total => JSON::PP::false, ignore => ['page'] ],
	[ 'agile', rows(1 .. 450), ignore => ['cursor'] ],
	[ 'agile', nameless(1 .. 450), ignore => ['cursor'] ])
{
	my ($server, $rows, %vices) = @$case;
	my $label = "$server: " . @$rows . ' records' . ($rows->[0]{id} ? '' : ' without ids') . ($vices{total} ? '' : exists $vices{total} ? ' and total' : '') . ", $vices{ignore}[0] ignored";

	list($server, rows => $rows, %vices);
	fails($label, "SET statement_timeout = '60s'; SELECT * FROM $server.own", 'HV000', $repeats, 'paging') if $server ne 'aircall' || !$rows->[0]{id} || exists $vices{total};
	fails($label, "SET statement_timeout = '60s'; SELECT * FROM $server.own", 'HV000', 'as many records as its total says', 'paging') if $server eq 'aircall' && $rows->[0]{id} && !exists $vices{total};
	cmp_ok(requests($server), '<=', 12, "$label: soon");
}

# A circle of cursors, of records that do not tell that they come again.
my @circle = ({ name => 'a' }, { name => 'b', cursor => 'two' });
list('agile', rows => [@circle], ignore => ['cursor'], then => [ map { { after => $_, rows => [ { name => "page $_" }, { name => 'end', cursor => $_ % 2 ? 'one' : 'two' } ] } } 1 .. 30 ]);
fails('agile: cursors in a circle', "SET statement_timeout = '60s'; SELECT * FROM agile.own", 'HV000', 'the cursor loops', 'paging');

# Without the parameter as well, the list comes whole.
foreach my $case ([ 'ac', 'limit', 'offset' ], [ 'aircall', 'per_page', 'page' ])
{
	my ($server, @ignore) = @$case;

	list($server, rows => rows(1 .. 20), total => JSON::PP::false, ignore => \@ignore);
	fails("$server: a list that is not paged, or cut", "SELECT * FROM $server.own", 'HV000', $repeats, "'none' takes one answer for the whole");
	is(sql("SELECT count(*) FROM $server.whole"), 20, "$server: paging none takes it");
}

# An answer that says it is not all cannot be the whole list.
list($_, rows => rows(1 .. 30)) foreach qw(ac aircall agile);
fails('ac: a first page only', 'SELECT * FROM ac.whole', 'HV000', 'the whole list, got 20 of the 30 records', "paging 'auto'");
fails('aircall: a first page only', 'SELECT * FROM aircall.whole', 'HV000', 'the whole list, got 20 of the 30 records', "paging 'auto'");
fails('agile: a first page only', 'SELECT * FROM agile.whole', 'HV000', 'the whole list, got a "cursor"', "paging 'auto'");
sql(q{CREATE FOREIGN TABLE first_page (id bigint) SERVER ac OPTIONS (path '/api/3/own?limit=100', rows '/items', paging 'none')});
is(sql('SELECT count(*) FROM first_page'), 30, 'ac: a page large enough, by the path');

# A full first page without a cursor may be cut.
list('agile', rows => nameless(1 .. 200));
is(found('agile'), '200 200 1 200', 'agile: a full page that is all');
is(requests('agile'), 2, '... is shown by another request');
$sandbox->fault(path => '/dev/api/own', kind => 'status', params => { code => 200, body => rows(1 .. 200) });
fails('agile: a full page that may not be all', 'SELECT * FROM agile.own', 'HV000', 'a "cursor" to the records', 'paging');
$sandbox->clear_faults;

# Ids that are not.
foreach my $server (sort keys %crm_of)
{
	list($server, rows => [ map { { id => int($_ / 2), name => "n$_" } } 1 .. 8 ]);
	fails("$server: ids that come twice", "SELECT * FROM $server.own", 'HV000', 'records with an id of their own at "/id", got the same one twice', 'paging');
	is(sql("SELECT count(*) FROM $server.whole"), 8, "$server: no record of one answer is dropped");
	list($server, rows => [ { id => 1, name => 'n1' }, { name => 'n2' } ]);
	fails("$server: ids that some records lack", "SELECT * FROM $server.own", 'HV000', 'records that all have an id', 'paging');
}

# Rows of what comes beside the list that is paged.
sql(q{CREATE FOREIGN TABLE ac.beside (id bigint) SERVER ac OPTIONS (path '/api/3/contacts?include=fieldValues', rows '/fieldValues')});
fails('ac: rows of another array than the one that is counted', 'SELECT * FROM ac.beside', 'HV000', 'records as its total says', '"rows"');

# ------------------------------------------------------------------------
# Lists that change while they are read
# ------------------------------------------------------------------------

foreach my $server (sort keys %crm_of)
{
	my $page = $page_of{$server};
	my $n = 3 * $page + 7;
	my $rows = rows(1 .. $n);
	my $stays = "SELECT count(*) || ' ' || count(DISTINCT id) FROM $server.own WHERE id BETWEEN 11 AND $n";
	my %totals = $server eq 'agile' ? ('' => []) : ('' => [], ' without a total' => [ total => JSON::PP::false ]);

	sql("ALTER SERVER $server OPTIONS (ADD concurrency '1')");
	foreach my $how (sort keys %totals)
	{
		foreach my $after (1 .. 3)
		{
			list($server, rows => $rows, @{ $totals{$how} }, then => [ { after => $after, rows => [ @$rows[ 10 .. $n - 1 ] ] } ]);
			is(sql($stays), join(' ', ($n - 10) x 2), "$server$how: records at the front go after $after requests");
			list($server, rows => $rows, @{ $totals{$how} }, then => [ { after => $after, rows => [ @{ rows(-2 .. 0) }, @$rows ] } ]);
			is(sql($stays), join(' ', ($n - 10) x 2), "$server$how: records come at the front after $after requests");
		}
	}

	# Without ids nobody could tell what was read.
	next if $server eq 'agile';
	list($server, rows => nameless(1 .. $n), then => [ { after => 2, rows => nameless(11 .. $n) } ]);
	fails("$server: a list without ids that shrinks", "SELECT * FROM $server.own", 'HV000', $server eq 'ac' ? 'records as its total said' : 'a list that stays the same', 'paging');
	list($server, rows => nameless(1 .. $n), total => JSON::PP::false);
	fails("$server: pages without ids and total", "SELECT * FROM $server.own", 'HV000', 'a total, or records with an id', 'paging');
}
my $restless = [ map { { after => $_, rows => rows(1 + 10 * $_ .. 400) } } 1 .. 30 ];
list('ac', rows => rows(1 .. 400), then => $restless);
fails('ac: a list that never rests', 'SELECT * FROM ac.own', 'HV000', 'records as its total says', 'paging');
list('aircall', rows => rows(1 .. 400), then => $restless);
fails('aircall: a list that never rests', 'SELECT * FROM aircall.own', 'HV000', 'the pages kept disagreeing', 'paging');

# ------------------------------------------------------------------------
# Options, and endpoints, that are not right
# ------------------------------------------------------------------------

sub table
{
	my ($options, $columns) = @_;
	return 'CREATE FOREIGN TABLE bad (' . ($columns // 'id bigint') . ") SERVER aircall OPTIONS ($options)";
}

fails('entity and path', table("entity 'calls', path '/v1/calls'"), 'HV024', '"entity" cannot be combined', 'Use "entity"');
fails('an unknown option', table("path '/v1/calls', row '/calls'"), 'HV00D', 'invalid option "row"', 'option "rows"');
fails('path: ..', table("path '/v1/../v2/users'"), 'HV024', 'option "path"', 'segments');
fails('path: a host', table("path '//example.com/v1/calls'"), 'HV024', 'option "path"', "the host is the server's");
fails('path: a fragment', table("path '/v1/calls#all'"), 'HV024', 'option "path"', 'fragment');
fails('path: a control character', table("path E'/v1/calls\\x01'"), 'HV024', 'option "path"', 'control characters');
fails('path: an encoded control character', table("path '/v1/calls?q=%0d%0aX'"), 'HV024', 'option "path"', 'control characters');
fails('path: nowhere', table("path '/login'"), 'HV024', 'option "path"', "below the API's root");
fails('rows: no pointer', table("path '/v1/calls', rows 'calls'"), 'HV024', 'option "rows"', 'JSON Pointer');
fails('paging: a word that is none', table("path '/v1/calls', paging 'some'"), 'HV024', 'option "paging"', 'auto');
fails('pointer: none', table("path '/v1/calls'", "id bigint OPTIONS (pointer 'id')"), 'HV024', 'option "pointer"', 'JSON Pointer');
fails('format: a word that is none', table("path '/v1/calls'", "id bigint OPTIONS (format 'dollars')"), 'HV024', 'option "format"', 'cents');

sub reads
{
	my ($options, $server) = @_;
	return "CREATE FOREIGN TABLE bad (id bigint, raw jsonb) SERVER @{[$server // 'aircall']} OPTIONS ($options); SELECT * FROM bad";
}

fails("the path of another API", reads("path '/api/3/contacts', rows '/contacts'"), 'HV024', 'is not an endpoint of Aircall', 'root');
sql('DROP FOREIGN TABLE bad');
fails('rows: nothing there', reads("path '/v1/calls', rows '/call'"), 'HV000', '/v1/calls": expected an array at "/call"', '"rows"');
sql('DROP FOREIGN TABLE bad');
fails('rows: not given', reads("path '/v1/calls'"), 'HV000', 'expected an array at "", got an object', '"rows"');
sql('DROP FOREIGN TABLE bad');
fails('rows: an object', reads("path '/v1/calls', rows '/meta'"), 'HV000', 'expected an array at "/meta", got an object', '"rows"');
sql('DROP FOREIGN TABLE bad');
fails('rows: a number', reads("path '/v1/calls', rows '/meta/total'"), 'HV000', 'expected an array at "/meta/total"', '"rows"');
sql('DROP FOREIGN TABLE bad');
fails('a custom field', 'CREATE FOREIGN TABLE bad (x text OPTIONS (custom_field \'Size\')) SERVER ac OPTIONS (path \'/api/3/own\'); SELECT * FROM bad', 'HV005', 'has none', 'custom_field');
sql('DROP FOREIGN TABLE bad');
foreach my $case ([ 'ac', '/api/3/nothing?limit=5', 'limit' ], [ 'ac', '/api/3/nothing?x=1&off%73et=5', 'offset' ], [ 'aircall', '/v1/nothing?page=2', 'page' ], [ 'agile', '/dev/api/nothing?cursor=x', 'cursor' ])
{
	my ($server, $path, $parameter) = @$case;
	fails("the path sets $parameter", reads("path '$path'", $server), 'HV024', "sets the parameter \"$parameter\"", "paging 'none'");
	sql('DROP FOREIGN TABLE bad');
}
foreach my $server (sort keys %crm_of)
{
	my $path = $path_of{$server} . '_missing';
	fails("$server: an endpoint that does not exist", reads("path '$path'", $server), 'HV00R', "answered 404 to a read of \"$path\"", 'option "path"');
	sql('DROP FOREIGN TABLE bad');
}
is(sql("SELECT count(*) FROM crm_fdw.stats WHERE entity = '/api/3/contactData'"), 1, 'it is counted by its path');
fails('nothing is written', "INSERT INTO ac.own (id) VALUES (1)", '0A000|55000|42809', 'cannot insert into foreign table');

$node->stop;
done_testing();
