# The account's custom fields: imported as typed columns with names that SQL can
# say, every value equal to the sandbox's truth, for as few requests as there can
# be, also from an API that ignores the request for their values.

use strict;
use warnings;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %crm_of = (ac => 'activecampaign', agile => 'agilecrm');
my @tables = qw(ac.contacts ac.deals ac.accounts agile.contacts agile.companies agile.deals);

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node, extra => [ '--encoding', 'UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

my $sandbox = CrmSandbox->start(
	scale => {
		'activecampaign.contacts' => 12500, 'activecampaign.deals' => 480,
		'agilecrm.contacts' => 300, 'agilecrm.deals' => 300 });

sub sql
{
	return $node->safe_psql('postgres', @_);
}

# SQLSTATE, or the whole message, of a statement that fails.
sub failure
{
	my ($sql, $verbosity) = @_;
	my ($status, $stdout, $stderr) =
	  $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=' . ($verbosity // 'sqlstate') ]);
	return $stderr;
}

# The requests that a statement sends, as "path?include".
sub requests_of
{
	my ($statement, %filter) = @_;
	$sandbox->clear_log;
	sql($statement);
	return $sandbox->log(%filter);
}

sub mutate
{
	my ($crm, $table, $op, %more) = @_;
	return $sandbox->mutate(crm => $crm, table => $table, op => $op, %more);
}

# Names that are hard: too long, and two that make the same one.
my $long = "\x{c4}" . ('very long ' x 8) . 'label';
mutate('activecampaign', 'custom_fields', 'update', ids => [9], changes => { title => $long });
mutate('activecampaign', 'custom_fields', 'update', ids => [10], changes => { title => 'Last-visit!' });

$sandbox->create_servers($node, only => [qw(ac agile)], custom_fields => 1);

# ------------------------------------------------------------------------
# Columns
# ------------------------------------------------------------------------

sub custom_columns
{
	my ($table) = @_;
	return sql(qq{
		SELECT string_agg(attname || ' ' || format_type(atttypid, NULL) || ' ' || option, ', ' ORDER BY attnum)
		FROM pg_attribute, unnest(attfdwoptions) AS option
		WHERE attrelid = '$table'::regclass AND NOT attisdropped AND option LIKE 'custom_field=%'}) =~ s/custom_field=//gr;
}

is(custom_columns('ac.contacts'),
	'größe_cm text 1, select text 2, id_3 text 3, favourite_peak text 4, birthday date 5, '
	  . 'last_visit_6 timestamp with time zone 6, interests text[] 7, shops_visited text[] 8, '
	  . 'ävery_long_very_long_very_long_very_long_very_long_very_long_v text 9, last_visit_10 text 10, '
	  . 'salutation text 11, email_12 text 12',
	'columns of contacts');
is(custom_columns('ac.deals'),
	'forecast_amount numeric 1, forecast_amount_currency text 1:currency, expected_close date 2, '
	  . 'next_call timestamp with time zone 3, channel text 4, ranges text[] 5, score numeric 6, select text 7, '
	  . 'delivery_notes text 8, extras text[] 9',
	'columns of deals');
is(custom_columns('ac.accounts'),
	'industry_vertical text 1, annual_revenue numeric 2, annual_revenue_currency text 2:currency, founded date 3, '
	  . 'employees numeric 4, services text[] 5, id_6 text 6',
	'columns of accounts');
like(custom_columns('agile.contacts'),
	qr/^account_number text \d+, joined_on timestamp with time zone \d+, annual_budget numeric \d+, region text \d+, newsletter boolean \d+, .*partners bigint\[\] \d+/,
	'columns of Agile contacts');
like(custom_columns('agile.deals'), qr/^start date \d+, .*seats numeric \d+, signed boolean \d+, referrer bigint\[\] \d+/,
	'columns of Agile deals');
is( sql(q{
		SELECT string_agg(attrelid::regclass::text, ', ')
		FROM pg_attribute a JOIN pg_foreign_table ON ftrelid = attrelid
		WHERE attname = 'raw' AND attnum < (SELECT max(attnum) FROM pg_attribute m WHERE m.attrelid = a.attrelid)}),
	'', 'raw is the last column');

# ------------------------------------------------------------------------
# Values
# ------------------------------------------------------------------------

# What the sandbox made the values from: record, field, value, currency.
sql(q{
	CREATE TABLE truth (row jsonb);
	CREATE TABLE truth_id (source text, id bigint);
	CREATE TABLE truth_value (source text, record bigint, field text, value text, currency text);
	CREATE INDEX ON truth_value (source, field, record);

	-- A value as the column of a type shows it; '' is no value.
	CREATE FUNCTION shown(source text, type text, option text, field text) RETURNS text LANGUAGE sql AS $$
		SELECT CASE
			WHEN option LIKE '%:currency' THEN 'upper(v.currency)'
			WHEN type = 'text[]' AND source = 'ac.contacts' THEN 'nullif(array_remove(string_to_array(v.value, ''||''), ''''), ''{}'')'
			WHEN type = 'text[]' THEN 'nullif(ARRAY(SELECT jsonb_array_elements_text(v.value::jsonb)), ''{}'')'
			WHEN type = 'bigint[]' THEN 'ARRAY(SELECT jsonb_array_elements_text(v.value::jsonb))::bigint[]'
			WHEN type = 'boolean' THEN 'v.value = ''on'''
			WHEN type = 'numeric' AND v.currency IS NOT NULL THEN 'v.value::numeric / 100'
			WHEN type = 'date' AND source LIKE 'agile.%' THEN 'to_date(v.value, ''MM/DD/YYYY'')'
			WHEN type LIKE 'timestamp%' AND source LIKE 'agile.%' THEN 'to_timestamp(v.value::bigint)'
			ELSE 'v.value::' || type
		END
		FROM (SELECT max(currency) AS currency FROM truth_value t WHERE t.source = $1 AND t.field = $4) v
	$$;

	CREATE FUNCTION expected(source text) RETURNS text LANGUAGE sql AS $$
		SELECT 'SELECT i.id, ' || string_agg(format(
				'(SELECT %s FROM truth_value v WHERE v.source = %L AND v.record = i.id AND v.field = %L AND v.value <> '''') AS %I',
				shown(source, format_type(atttypid, NULL), option, split_part(option, ':', 1)), source,
				split_part(option, ':', 1), attname), ', ' ORDER BY attnum)
			|| format(' FROM truth_id i WHERE i.source = %L', source)
		FROM (SELECT attname, atttypid, attnum, substr(o, 14) AS option
			FROM pg_attribute, unnest(attfdwoptions) o
			WHERE attrelid = source::regclass AND NOT attisdropped AND o LIKE 'custom\_field=%') a
	$$;

	CREATE FUNCTION actual(source text) RETURNS text LANGUAGE sql AS $$
		SELECT format('SELECT id, %s FROM %s', string_agg(quote_ident(attname), ', ' ORDER BY attnum), source)
		FROM pg_attribute, unnest(attfdwoptions) o
		WHERE attrelid = source::regclass AND NOT attisdropped AND o LIKE 'custom\_field=%'
	$$;
});

sub load_truth
{
	my ($crm, $table) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/truth';

	PostgreSQL::Test::Utils::append_to_file($file, $sandbox->truth($crm, $table));
	sql("TRUNCATE truth; COPY truth FROM '$file' WITH (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')");
	unlink $file;
	return;
}

sub load_all_truth
{
	sql('TRUNCATE truth_id, truth_value');
	foreach my $table (@tables)
	{
		my ($schema, $name) = split /\./, $table;
		load_truth($crm_of{$schema}, $name);
		sql("INSERT INTO truth_id SELECT '$table', (row->>'id')::bigint FROM truth");
		next if $schema eq 'ac';
		my ($list, $scope) = $name eq 'deals' ? ('custom_data', 'DEAL') : ('properties', $name eq 'contacts' ? 'CONTACT' : 'COMPANY');
		my $kind = $name eq 'deals' ? '' : "AND e->>'type' = 'CUSTOM'";
		sql("CREATE TEMP TABLE entry AS SELECT (row->>'id')::bigint AS id, e->>'name' AS name, e->>'value' AS value
			FROM truth, jsonb_array_elements(row->'$list') e WHERE true $kind;
			CREATE TABLE entry_$name AS TABLE entry");
		load_truth('agilecrm', 'custom_fields');
		sql("INSERT INTO truth_value SELECT '$table', e.id, row->>'id', value FROM entry_$name e
			JOIN truth ON row->>'field_label' = name AND row->>'scope' = '$scope'; DROP TABLE entry_$name");
	}
	foreach my $source (
		[ 'ac.contacts', 'contact_field_values', 'contact_id', 'value' ],
		[ 'ac.deals', 'deal_field_values', 'deal_id', 'field_value' ],
		[ 'ac.accounts', 'account_field_values', 'account_id', 'field_value' ])
	{
		my ($table, $values, $record, $value) = @$source;
		load_truth('activecampaign', $values);
		sql("INSERT INTO truth_value SELECT '$table', (row->>'$record')::bigint, row->>'field_id',
			row->>'$value', row->>'field_currency' FROM truth");
	}
	sql('ANALYZE truth_id, truth_value');
	return;
}

# How many values there are, and what differs.
sub differences
{
	my ($table, $setting) = @_;
	my $expected = sql("SELECT expected('$table')");
	my $actual = sql("SELECT actual('$table')");

	return sql(($setting // '') . qq{;
		CREATE TEMP TABLE actual AS $actual;
		CREATE TEMP TABLE expected AS $expected;
		SELECT 'in truth but not read: ' || left(to_jsonb(e)::text, 900)
		FROM (SELECT * FROM expected EXCEPT ALL SELECT * FROM actual) e LIMIT 2;
		SELECT 'read but not in truth: ' || left(to_jsonb(a)::text, 900)
		FROM (SELECT * FROM actual EXCEPT ALL SELECT * FROM expected) a LIMIT 2});
}

load_all_truth();
foreach my $table (@tables)
{
	is(differences($table), '', "$table: every value");
	is( sql(qq{
			SELECT string_agg(k, ', ') FROM (
				SELECT e.k FROM $table t, jsonb_each(to_jsonb(t)) AS e (k, v)
				WHERE e.k IN (SELECT attname FROM pg_attribute, unnest(attfdwoptions) o
					WHERE attrelid = '$table'::regclass AND o LIKE 'custom%')
				GROUP BY e.k HAVING count(nullif(e.v, 'null')) = 0) empty}),
		$table eq 'agile.deals' ? 'remarks' : '', "$table: each of its custom columns has values, if any is not empty");
}
is( sql(q{SELECT count(*) FROM ac.contacts WHERE raw ? 'fieldValues'}) . sql(q{SELECT count(*) FROM ac.deals
	WHERE raw ? 'dealCustomFieldData' AND forecast_amount IS NOT NULL}),
	'00', 'raw has nothing that is only there because of the values');
is(sql(q{SELECT count(*) FROM (SELECT id, raw FROM ac.contacts EXCEPT SELECT id, raw FROM (SELECT id, raw, birthday FROM ac.contacts OFFSET 0) c) d}),
	'0', 'raw is the same with and without them');

# PostgreSQL compares, sorts and counts.
is( sql(q{SELECT count(*) FROM ac.contacts WHERE interests @> ARRAY['a,b']}),
	sql(q{SELECT count(*) FROM truth_value WHERE source = 'ac.contacts' AND field = '7' AND value LIKE '%||a,b||%'}),
	'a condition on a custom column');
is( sql(q{SELECT max(forecast_amount)::text FROM ac.deals WHERE forecast_amount_currency = 'EUR'}),
	sql(q{SELECT (max(value::numeric) / 100)::numeric(30,2) FROM truth_value WHERE source = 'ac.deals' AND field = '1' AND currency = 'EUR'}),
	'money in major units');
is(sql('SELECT count(*) FROM (SELECT next_call FROM ac.deals WHERE next_call IS NOT NULL ORDER BY next_call LIMIT 5) d'),
	'5', 'an order by a custom column');

# ------------------------------------------------------------------------
# Requests
# ------------------------------------------------------------------------

my @all = requests_of(sql("SELECT actual('ac.contacts')"), crm => 'activecampaign');
my @lists = grep { $_->{path} eq '/api/3/contacts' } @all;
cmp_ok(scalar @lists, '<=', 126, '12,500 contacts with all custom fields: pages');
cmp_ok(scalar @all, '<=', 127, '... and one request for the definitions');
is(scalar(grep { my $entry = $_; !grep { $_->[0] eq 'include' && $_->[1] eq 'fieldValues' } @{ $entry->{query} } } @lists),
	0, '... each asks for the values');

foreach my $table (@tables)
{
	my @log = requests_of("SELECT raw, id FROM $table");
	is(scalar(grep { my $entry = $_; $entry->{path} =~ /field/i || grep { $_->[0] eq 'include' } @{ $entry->{query} } } @log),
		0, "$table: a query without custom columns asks for none of it");
}
foreach my $table (qw(agile.contacts agile.companies agile.deals))
{
	my ($column) = custom_columns($table) =~ /^(\S+)/;
	is(scalar(grep { $_->{path} =~ /custom-fields/ } requests_of("SELECT $column FROM $table")), 1,
		"$table: one request for the definitions");
	is(scalar(grep { $_->{path} =~ /custom-fields/ } requests_of("SELECT $column FROM $table; SELECT $column FROM $table")), 1,
		"$table: ... for queries of a session that follow each other");
}
my $explained = sql('EXPLAIN (COSTS OFF) SELECT birthday FROM ac.contacts');
like($explained, qr{GET /api/3/contacts\?include=fieldValues&}, 'EXPLAIN shows what asks for the values');
like($explained, qr{CRM Request: GET /api/3/fields}, '... and for the definitions');
unlike(sql('EXPLAIN (COSTS OFF) SELECT email FROM ac.contacts'), qr/include/, '... if they are used');
like(sql('EXPLAIN (COSTS OFF) SELECT founded FROM ac.accounts'), qr{GET /api/3/accountCustomFieldData}, '... or for their list');

like(sql('EXPLAIN SELECT founded FROM ac.accounts WHERE id = 5'), qr/CRM Estimated Requests: 3/, 'an estimate counts definitions and values');
my ($estimate, $taken) = sql('ANALYZE ac.accounts; EXPLAIN ANALYZE SELECT * FROM ac.accounts') =~ /Estimated Requests: (\d+).*CRM Requests: (\d+)/s;
cmp_ok($estimate, '>=', $taken - 2, "... of all records as well ($estimate, $taken)");
cmp_ok($estimate, '<=', 2 * $taken, '... and not too many');

# A few records by their ids: no list of all values.
cmp_ok(scalar(grep { $_->{path} =~ m{/contacts|/accounts$} } requests_of('SELECT birthday FROM ac.contacts WHERE id IN (7, 10, 13)')),
	'==', 1, 'contacts by id: one request beside the definitions');

# ------------------------------------------------------------------------
# An API that does not bring the values along
# ------------------------------------------------------------------------

# Pages overlap by four rows; a list may end with one more that is empty.
sub list_bound
{
	my ($source) = @_;
	my $by = $source eq 'ac.contacts' ? 'field' : 'source';
	return sql("SELECT sum(ceil(n / 96.0) + 1) FROM (SELECT count(*) AS n FROM truth_value WHERE source = '$source' GROUP BY $by) f");
}

$sandbox->config(switches => { activecampaign => { ignore_include => JSON::PP::true } });
foreach my $table (qw(ac.contacts ac.deals))
{
	is(differences($table), '', "$table: every value from their own list");
	my @log = requests_of(sql("SELECT actual('$table')"));
	my @values = grep { $_->{path} =~ /fieldValues|CustomFieldData/ } @log;
	cmp_ok(scalar @values, '<=', list_bound($table), "$table: which is read once");
}
is(scalar(my @one = grep { $_->{path} eq '/api/3/fieldValues' && !grep { $_->[0] eq 'filters[fieldid]' && $_->[1] eq '5' } @{ $_->{query} } }
		requests_of('SELECT birthday FROM ac.contacts')), 0, 'only the values of the field that is used');
is( join(' ', sort map { $_->{path} } requests_of('SELECT birthday FROM ac.contacts WHERE id IN (7, 10)')),
	'/api/3/contacts /api/3/contacts/10/fieldValues /api/3/contacts/7/fieldValues /api/3/fields',
	'of a few records only theirs');
is( sql('SELECT birthday IS NOT DISTINCT FROM (SELECT value::date FROM truth_value WHERE source = \'ac.contacts\' AND record = c.id AND field = \'5\' AND value <> \'\')
	FROM ac.contacts c WHERE id = 19'), 't', '... and they are right');
$sandbox->config(switches => { activecampaign => { ignore_include => JSON::PP::false } });

# A record that says it has more values than came along.
$sandbox->fault(crm => 'activecampaign', path => '^/api/3/contacts$', kind => 'wrong_type', times => 1,
	params => { field => 'fieldValues', value => [ map { "$_" } 1 .. 40 ] });
is(differences('ac.contacts'), '', 'values that did not all come along are read from their list');
$sandbox->clear_faults;

# ------------------------------------------------------------------------
# Columns made by hand
# ------------------------------------------------------------------------

sql(q{
	CREATE FOREIGN TABLE ac.by_hand (
		id bigint,
		size text OPTIONS (custom_field 'Größe (cm)'),
		size_number numeric OPTIONS (custom_field '1'),
		taste varchar OPTIONS (custom_field 'Interests'),
		day text OPTIONS (custom_field '5')
	) SERVER ac OPTIONS (entity 'contacts');
	CREATE FOREIGN TABLE ac.money (
		id bigint,
		cents bigint OPTIONS (custom_field 'Forecast amount', format 'unix'),
		currency text OPTIONS (custom_field 'Forecast amount:currency')
	) SERVER ac OPTIONS (entity 'deals');
	ALTER FOREIGN TABLE ac.money DROP COLUMN cents;
});
is(sql('SELECT count(*) FROM ac.by_hand b JOIN ac.contacts c USING (id) WHERE b.size IS DISTINCT FROM c."größe_cm"'),
	'0', 'a field by its label');
is( sql('SELECT count(*) FROM ac.money m JOIN ac.deals d USING (id) WHERE m.currency IS DISTINCT FROM d.forecast_amount_currency'),
	'0', 'the currency of a field by its label');
is(sql('SELECT string_agg(DISTINCT left(taste, 1), \'\') FROM ac.by_hand WHERE taste IS NOT NULL'), '[', 'a list as text');
like(failure('SELECT size_number FROM ac.by_hand'), qr/22P02/, 'a value that does not fit');
like(failure('SELECT size_number FROM ac.by_hand', 'default'), qr/record \d+, value/, '... which the message shows');
like(failure(q{ALTER FOREIGN TABLE ac.by_hand OPTIONS (ADD on_conversion_error 'null'); SELECT count(size_number) FROM ac.by_hand}),
	qr/WARNING:\s+01000/, '... becomes NULL if that is wanted');
is(sql('SELECT bool_and(size_number IS NULL) FROM ac.by_hand WHERE size IN (\'groß\', \'1.68 m\')'), 't', '... and nothing else does');
like(failure('CREATE FOREIGN TABLE ac.t (id bigint, x text OPTIONS (custom_field \'1\')) SERVER ac OPTIONS (entity \'tags\'); SELECT * FROM ac.t'),
	qr/HV005/, 'an entity without custom fields');
like(failure('CREATE FOREIGN TABLE ac.u (id bigint, x text OPTIONS (custom_field \'no such\')) SERVER ac OPTIONS (entity \'deals\'); SELECT * FROM ac.u', 'default'),
	qr/no custom field no such for column "x" of foreign table "u"/, 'a field that is not there');

# ------------------------------------------------------------------------
# Definitions that change
# ------------------------------------------------------------------------

mutate('activecampaign', 'custom_fields', 'update', ids => [5], changes => { title => 'Day of birth' });
is(differences('ac.contacts'), '', 'a renamed field keeps its column');
my $region = sql(q{SELECT substr(o, 14) FROM pg_attribute, unnest(attfdwoptions) o
	WHERE attrelid = 'agile.contacts'::regclass AND attname = 'region' AND o LIKE 'custom\_field=%'});
mutate('agilecrm', 'custom_fields', 'update', ids => [$region], changes => { field_label => 'Area' });
is(sql('SELECT count(region) FROM agile.contacts'), '0', 'a value under the old label is none');
mutate('agilecrm', 'custom_fields', 'update', ids => [$region], changes => { field_label => 'Region' });
cmp_ok(sql('SELECT count(region) FROM agile.contacts'), '>', 50, '... and the next session notices the label');

mutate('activecampaign', 'custom_fields', 'delete', ids => [7]);
my $gone = failure('SELECT interests FROM ac.contacts', 'verbose');
like($gone, qr/HV005: ActiveCampaign has no custom field 7 for column "interests" of foreign table "contacts"/, 'a field that was deleted');
like($gone, qr/crm_fdw\.schema_drift\('ac\.contacts'\)/, '... and what tells more');
cmp_ok(sql('SELECT count(birthday) FROM ac.contacts'), '>', 100, '... the others are read');

# ------------------------------------------------------------------------
# Drift
# ------------------------------------------------------------------------

sub drift
{
	my ($table) = @_;
	return sql("SELECT string_agg(column_name || ' ' || change, ', ') FROM crm_fdw.schema_drift('$table')");
}

sub follow
{
	my ($table) = @_;
	sql($_) foreach split /\n/, sql("SELECT suggested_ddl FROM crm_fdw.schema_drift('$table')");
	return;
}

is(drift('ac.contacts'), 'interests removed, birthday renamed', 'drift of contacts');
is(drift('ac.accounts'), '', '... and of a table whose fields are the same');
is(drift('ac.tags'), '', '... or that has none');
is(drift('agile.companies'), '', '... of another CRM');
mutate('activecampaign', 'custom_fields', 'update', ids => [4], changes => { title => 'select' });
mutate('activecampaign', 'custom_fields', 'update', ids => [11], changes => { type => 'checkbox' });
mutate('activecampaign', 'custom_fields', 'insert', n => 1, changes => { title => "Gr\x{f6}\x{df}e (cm)", type => 'date' });
mutate('activecampaign', 'custom_fields', 'insert', n => 1, changes => { title => 'Birthday', type => 'datetime' });
sql('ALTER FOREIGN TABLE ac.contacts RENAME COLUMN shops_visited TO shops');
is( sql(q{SELECT string_agg(concat_ws(': ', change, suggested_ddl), E'\n') FROM crm_fdw.schema_drift('ac.contacts')}),
	join("\n",
		'removed: ALTER FOREIGN TABLE ac.contacts DROP COLUMN interests;',
		'retyped: ALTER FOREIGN TABLE ac.contacts ALTER COLUMN salutation TYPE text[];',
		'renamed: ALTER FOREIGN TABLE ac.contacts RENAME COLUMN favourite_peak TO select_4; '
		  . "ALTER FOREIGN TABLE ac.contacts ALTER COLUMN select_4 OPTIONS (SET column_name 'select_4');",
		'renamed: ALTER FOREIGN TABLE ac.contacts RENAME COLUMN birthday TO day_of_birth; '
		  . "ALTER FOREIGN TABLE ac.contacts ALTER COLUMN day_of_birth OPTIONS (SET column_name 'day_of_birth');",
		"added: ALTER FOREIGN TABLE ac.contacts ADD COLUMN \"gr\xc3\xb6\xc3\x9fe_cm_13\" date OPTIONS (custom_field '13', column_name 'gr\xc3\xb6\xc3\x9fe_cm_13');",
		"added: ALTER FOREIGN TABLE ac.contacts ADD COLUMN birthday_14 timestamptz OPTIONS (custom_field '14', column_name 'birthday_14');"),
	'everything that can happen to fields');
follow('ac.contacts');
is(drift('ac.contacts'), '', 'its statements make the table right');
sql(q{UPDATE truth_value SET value = '||' || value || '||' WHERE source = 'ac.contacts' AND field = '11' AND value <> ''});
is(differences('ac.contacts'), '', '... and every value is');

mutate('activecampaign', 'deal_custom_fields', 'update', ids => [1], changes => { field_label => 'Forecast' });
mutate('activecampaign', 'deal_custom_fields', 'update', ids => [6], changes => { field_type => 'currency' });
is(drift('ac.deals'), 'forecast_amount renamed, forecast_amount_currency renamed, score_6_currency added', 'drift of money');
follow('ac.deals');
is(drift('ac.deals'), '', '... can be followed');
is(sql('SELECT count(*) FROM ac.deals WHERE forecast IS NOT NULL AND forecast_currency IS NULL'), '0', '... and both are filled');
mutate('activecampaign', 'deal_custom_fields', 'update', ids => [6], changes => { field_type => 'number' });
is(drift('ac.deals'), 'score_6_currency removed', 'a field that is no money any more has no currency');
like(failure('SELECT score_6_currency FROM ac.deals'), qr/^$/, '... and reads NULL until then');

mutate('agilecrm', 'custom_fields', 'update', ids => [$region], changes => { field_label => 'Area' });
is(drift('agile.contacts'), 'region renamed', 'drift of Agile contacts');
follow('agile.contacts');
is(drift('agile.contacts'), '', '... can be followed');
like(failure(q{SELECT * FROM crm_fdw.schema_drift('pg_class')}), qr/42809/, 'a table of something else');
sql(q{CREATE ROLE nobody; GRANT USAGE ON SCHEMA ac TO nobody});
like(failure(q{SET ROLE nobody; SELECT * FROM crm_fdw.schema_drift('ac.deals')}), qr/42501/, 'a table that may not be read');

# ------------------------------------------------------------------------
# Definitions that are refused
# ------------------------------------------------------------------------

$sandbox->config(switches => { activecampaign => { feature_off => ['fields'] } });
my $refused = failure(q{CREATE SCHEMA refused;
	IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (contacts, deals) FROM SERVER ac INTO refused}, 'default');
like($refused, qr/WARNING:\s+custom fields of "contacts" were not imported/, 'definitions that are refused are warned of');
unlike($refused, qr/ERROR/, '... and the import goes on');
is(custom_columns('refused.contacts'), '', '... without them');
like(custom_columns('refused.deals'), qr/forecast_currency/, '... but with those of other tables');
$sandbox->config(switches => { activecampaign => { feature_off => [] } });
unlike(drift('refused.contacts'), qr/removed|renamed|retyped/, '... which are all added later');
follow('refused.contacts');
is(drift('refused.contacts'), '', '... by following the drift');
is(sql('SELECT count(*) FROM refused.contacts r JOIN ac.contacts c USING (id) WHERE r.day_of_birth IS DISTINCT FROM c.day_of_birth'),
	'0', '... and read as if they were imported');

# Money and a text that is called like its currency, whichever comes first.
mutate('activecampaign', 'deal_custom_fields', 'update', ids => [8], changes => { field_label => 'Forecast currency' });
mutate('activecampaign', 'account_custom_fields', 'update', ids => [1], changes => { field_label => 'Annual revenue: currency' });
mutate('activecampaign', 'account_custom_fields', 'update', ids => [3], changes => { field_label => 'xmin' });
mutate('activecampaign', 'account_custom_fields', 'update', ids => [4], changes => { field_label => "\x{2026}" });
sql('CREATE SCHEMA clash; IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (deals, accounts) FROM SERVER ac INTO clash');
like(custom_columns('clash.deals'), qr/^forecast_1 numeric 1, forecast_1_currency text 1:currency, .*forecast_currency_8 text 8/,
	'a label that is the name of a currency');
like(custom_columns('clash.accounts'),
	qr/^annual_revenue_currency_1 text 1, annual_revenue_2 numeric 2, annual_revenue_2_currency text 2:currency, xmin_3 date 3, custom_field_4 numeric 4,/,
	'... in any order, names of the system and no name at all');
is(drift('clash.accounts'), '', '... without drift');

$sandbox->stop;
my $unreachable = failure(q{CREATE SCHEMA unreachable;
	IMPORT FOREIGN SCHEMA activecampaign FROM SERVER ac INTO unreachable}, 'default');
is(scalar(() = $unreachable =~ /WARNING:\s+custom fields were not imported/g), 1, 'without a server: one warning');
cmp_ok(sql(q{SELECT count(*) FROM pg_class WHERE relnamespace = 'unreachable'::regnamespace AND relkind = 'f'}), '>=', 70, '... and all tables');

$node->stop;
done_testing();
