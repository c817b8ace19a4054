# Several accounts of one CRM side by side: a schema each, with budgets of their
# own; and all of them as one table, partitioned by account, or one view, of which
# only the accounts that are asked for send requests.

use strict;
use warnings;

use CrmSandbox;
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# Different data, keys and custom fields.
my @accounts = qw(acme globex initech);
my %sandbox = (
	acme => CrmSandbox->start(seed => 1, scale => { 'activecampaign.contacts' => 250, 'activecampaign.deals' => 300 }),
	globex => CrmSandbox->start(seed => 2, scale => { 'activecampaign.contacts' => 130, 'activecampaign.deals' => 420 }),
	initech => CrmSandbox->start(seed => 3, scale => { 'activecampaign.contacts' => 70, 'activecampaign.deals' => 60 }));
$sandbox{$_}->config(credentials => { activecampaign => { api_key => "key-of-$_" } }) foreach @accounts;

sub sql
{
	return $node->safe_psql('postgres', join ';', @_);
}

sub failure
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return $stderr;
}

# What a query answers, and the accounts it sent requests to.
sub asks
{
	my ($label, $query, $accounts, $answer, @before) = @_;

	$sandbox{$_}->clear_log foreach @accounts;
	my $found = sql(@before, $query);
	is($found, $answer, $label);
	is(join(' ', grep { $sandbox{$_}->requests > 0 } @accounts), $accounts, "$label: asks " . ($accounts || 'nobody'));
	return;
}

sub rows
{
	my ($table, @of) = @_;
	my $rows = 0;
	$rows += $sandbox{$_}->count('activecampaign', $table) foreach @of;
	return $rows;
}

# ------------------------------------------------------------------------
# A schema per account
# ------------------------------------------------------------------------

sql('CREATE EXTENSION crm_fdw');
foreach my $account (@accounts)
{
	my $url = $sandbox{$account}->base_url;
	sql("CREATE SERVER $account FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm 'activecampaign', base_url '$url', rate_limit '1000/s')",
		"CREATE USER MAPPING FOR CURRENT_USER SERVER $account OPTIONS (api_key 'key-of-$account')",
		"CREATE SCHEMA $account",
		"IMPORT FOREIGN SCHEMA activecampaign FROM SERVER $account INTO $account");
}
asks("$_: only its own contacts", "SELECT count(*) FROM (SELECT email FROM $_.contacts OFFSET 0) c", $_, rows('contacts', $_)) foreach @accounts;
asks('two accounts in a join', 'SELECT count(*) > 0 FROM acme.contacts a JOIN globex.contacts g USING (id)', 'acme globex', 't');
$sandbox{globex}->config(credentials => { activecampaign => { api_key => 'another' } });
like(failure('SELECT * FROM globex.tags'), qr/ERROR:  28000: .*server "globex"/s, 'the key of an account is revoked');
asks('... which the others do not notice', 'SELECT count(*) > 0 FROM acme.tags', 'acme', 't');
$sandbox{globex}->config(credentials => { activecampaign => { api_key => 'key-of-globex' } });

# Budgets: of accounts with an origin each, and of accounts that share the API's
# only one and are told apart by their credential.
my %limited = (
	east => [ 'agilecrm', 'acme', 'tags', "email 'owner\@example.com', api_key 'sandbox-agile-key-b41c'", '3/min' ],
	west => [ 'agilecrm', 'globex', 'tags', "email 'owner\@example.com', api_key 'sandbox-agile-key-b41c'", '4/min' ],
	north => [ 'aircall', 'acme', 'users', "api_id 'sandbox-id', api_token 'sandbox-aircall-token-77'", '3/min' ],
	south => [ 'aircall', 'acme', 'users', "access_token 'sandbox-aircall-oauth-55'", '4/min' ]);
foreach my $server (sort keys %limited)
{
	my ($crm, $where, $table, $credential, $limit) = @{ $limited{$server} };
	my $url = $sandbox{$where}->base_url;

	sql("CREATE SERVER $server FOREIGN DATA WRAPPER crm_fdw OPTIONS (crm '$crm', base_url '$url', rate_limit '$limit', max_wait '0')",
		"CREATE USER MAPPING FOR CURRENT_USER SERVER $server OPTIONS ($credential)",
		"CREATE SCHEMA $server",
		"IMPORT FOREIGN SCHEMA $crm LIMIT TO ($table) FROM SERVER $server INTO $server");
}
foreach my $pair ([ 'east', 'west' ], [ 'north', 'south' ])
{
	my ($busy, $idle) = @$pair;
	my ($crm, $where, $table) = @{ $limited{$busy} };

	is(sql(("SELECT count(*) FROM $busy.$table") x 3) =~ tr/\n//, 2, "$busy: as many requests as it may send");
	like(failure("SELECT count(*) FROM $busy.$table"), qr/ERROR:  53400: /, '... and no more');
	is(sql("SELECT count(*) FROM $idle.$table"), $sandbox{ $limited{$idle}[1] }->count($crm, $table), "$idle: which is not its budget");
	is( sql("SELECT server, limit_text, available FROM crm_fdw.rate_limits WHERE server IN ('$busy', '$idle') ORDER BY 1"),
		"$busy|3/min|0\n$idle|4/min|3", 'crm_fdw.rate_limits shows both');
}

# ------------------------------------------------------------------------
# One table of all accounts
# ------------------------------------------------------------------------

# README.md's own words, for two accounts; the third is added later.
sql(map { ("ALTER SCHEMA $_ RENAME TO own_$_", "CREATE SCHEMA $_") } @accounts);
my ($recipe) = PostgreSQL::Test::Utils::slurp_file(dirname(__FILE__) . '/../../README.md') =~ /^### Several accounts\n.*?^```sql\n(.*?)^```/ms;
sql($recipe);
asks('two accounts as README.md tells', 'SELECT account, count(email) FROM all_contacts GROUP BY 1 ORDER BY 1', 'acme globex',
	join("\n", map { "$_|" . rows('contacts', $_) } qw(acme globex)));
sql(q{IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (contacts) FROM SERVER initech INTO initech OPTIONS (custom_fields 'false')},
	q{ALTER FOREIGN TABLE initech.contacts ADD COLUMN account text OPTIONS (constant 'initech')},
	q{ALTER TABLE all_contacts ATTACH PARTITION initech.contacts FOR VALUES IN ('initech')});
foreach my $account (@accounts)
{
	sql("IMPORT FOREIGN SCHEMA activecampaign LIMIT TO (deals) FROM SERVER $account INTO $account OPTIONS (custom_fields 'false')",
		"ALTER FOREIGN TABLE $account.deals ADD COLUMN account text OPTIONS (constant '$account')",
		($account eq 'acme' ? 'CREATE TABLE all_deals (LIKE acme.deals) PARTITION BY LIST (account)' : ()),
		"ALTER TABLE all_deals ATTACH PARTITION $account.deals FOR VALUES IN ('$account')");
}
is(sql('SELECT account, count(email) FROM all_contacts GROUP BY 1 ORDER BY 1'), join("\n", map { "$_|" . rows('contacts', $_) } @accounts), 'all contacts, by account');
asks('one account', q{SELECT count(*), min(account), max(account) FROM all_contacts WHERE account = 'globex' AND id > 0}, 'globex', rows('contacts', 'globex') . '|globex|globex');
asks('two accounts', q{SELECT count(email) FROM all_contacts WHERE account IN ('acme', 'initech')}, 'acme initech', rows('contacts', 'acme', 'initech'));
asks('all but one', q{SELECT count(email) FROM all_contacts WHERE account <> 'acme'}, 'globex initech', rows('contacts', 'globex', 'initech'));
asks('an account that is none', q{SELECT count(email) FROM all_contacts WHERE account = 'nobody'}, '', 0);
asks('no account', q{SELECT count(email) FROM all_contacts WHERE account IS NULL}, '', 0);
asks('a parameter, in a generic plan', q{EXECUTE p('initech')}, 'initech', rows('contacts', 'initech'),
	'SET plan_cache_mode = force_generic_plan', 'PREPARE p(text) AS SELECT count(email) FROM all_contacts WHERE account = $1');
asks('an array in a generic plan', q{EXECUTE p('{acme,globex}')}, 'acme globex', rows('contacts', 'acme', 'globex'),
	'SET plan_cache_mode = force_generic_plan', 'PREPARE p(text[]) AS SELECT count(email) FROM all_contacts WHERE account = ANY ($1)');
asks('a setting', q{SELECT count(email) FROM all_contacts WHERE account = current_setting('my.account')}, 'globex', rows('contacts', 'globex'), q{SET my.account = 'globex'});
asks('a subquery', q{SELECT count(email) FROM all_contacts WHERE account = (SELECT 'acme' || left('x', 0))}, 'acme', rows('contacts', 'acme'));

# A join.
sql(q{CREATE TABLE customer (account text PRIMARY KEY, region text)},
	q{INSERT INTO customer VALUES ('acme', 'east'), ('globex', 'west'), ('initech', 'west')}, 'ANALYZE customer');
asks('a join with few accounts', q{SELECT count(c.email) FROM customer k JOIN all_contacts c USING (account) WHERE k.region = 'east'}, 'acme', rows('contacts', 'acme'));
asks('a join with another', q{SELECT count(c.email) FROM customer k JOIN all_contacts c USING (account) WHERE k.region = 'west'}, 'globex initech', rows('contacts', 'globex', 'initech'));
asks('LATERAL', q{SELECT k.account, n FROM customer k, LATERAL (SELECT count(email) AS n FROM all_contacts c WHERE c.account = k.account) l WHERE region = 'east'},
	'acme', 'acme|' . rows('contacts', 'acme'));
asks('a join of two such tables within an account', q{SELECT count(*) FROM all_deals d JOIN all_contacts c ON c.account = d.account AND c.id = d.contact_id
		WHERE d.account = 'globex'}, 'globex', sql('SELECT count(*) FROM own_globex.deals d JOIN own_globex.contacts c ON c.id = d.contact_id'));
is(sql('SELECT count(*) FROM all_deals d JOIN all_contacts c ON c.account = d.account AND c.id = d.contact_id'),
	sql('SELECT ' . join ' + ', map { "(SELECT count(*) FROM own_$_.deals d JOIN own_$_.contacts c ON c.id = d.contact_id)" } @accounts), 'and within each');

# A filter that an API takes goes to each.
like(sql(q{EXPLAIN (COSTS OFF) SELECT count(*) FROM all_deals WHERE status_label = 'won' AND account <> 'acme'}),
	qr/filters\[status\]=1.*filters\[status\]=1/s, 'filters are pushed down to each account');
is(sql(q{SELECT account, count(*) FROM all_deals WHERE status_label = 'won' GROUP BY 1 ORDER BY 1}),
	sql(join ' UNION ALL ', map { "SELECT '$_', count(*) FROM own_$_.deals WHERE status_label = 'won'" } @accounts), '... and find what is there');

# The table itself.
asks('another account than its own', q{SELECT count(email) FROM acme.contacts WHERE account = 'globex'}, '', 0);
like(sql(q{EXPLAIN (COSTS OFF) SELECT * FROM acme.contacts WHERE account = 'globex'}), qr/CRM Request: none/, 'EXPLAIN: no request');
like(sql(q{EXPLAIN (COSTS OFF) SELECT * FROM all_contacts WHERE account = 'globex'}), qr/^Foreign Scan on contacts/, 'EXPLAIN: one scan');
asks('its own', q{SELECT count(email) FROM acme.contacts WHERE account = 'acme'}, 'acme', rows('contacts', 'acme'));
asks('a contradiction that is known late', q{EXECUTE p('globex')}, '', 0,
	'SET plan_cache_mode = force_generic_plan', 'PREPARE p(text) AS SELECT count(email) FROM acme.contacts WHERE account = $1');
asks('counted by its API', q{SELECT count(*) FROM acme.contacts WHERE account = 'acme'}, 'acme', rows('contacts', 'acme'));
is($sandbox{acme}->requests, 1, '... in one request');
asks('the count of another account', q{SELECT count(*) FROM acme.contacts WHERE account = 'globex'}, '', 0);
asks('the count of an account that is known late', q{EXECUTE p('globex')}, '', 0,
	'SET plan_cache_mode = force_generic_plan', 'PREPARE p(text) AS SELECT count(*) FROM acme.contacts WHERE account = $1');
is(sql(q{SET crm_fdw.enable_pushdown = off}, q{SELECT (SELECT count(*) FROM acme.contacts WHERE account = 'acme'), (SELECT count(*) FROM acme.contacts WHERE account = 'globex')}),
	rows('contacts', 'acme') . '|0', 'the same without pushdown');

# Without statistics, an account's name does not make few rows of many.
asks('an account with all its deals and contacts', q{SELECT count(*) > 300 FROM all_deals d JOIN all_contacts c ON c.id = d.contact_id AND c.account = d.account WHERE d.account = 'globex'}, 'globex', 't');
cmp_ok($sandbox{globex}->requests, '<=', 10, '... which are read page by page, not one by one');

# A custom field, as README.md tells.
sql('ALTER TABLE all_deals ADD COLUMN forecast numeric', map { "ALTER FOREIGN TABLE $_.deals ALTER COLUMN forecast OPTIONS (ADD custom_field 'Forecast amount')" } @accounts);
is(sql('SELECT account, count(forecast), sum(forecast) FROM all_deals GROUP BY 1 ORDER BY 1'),
	sql(join ' UNION ALL ', map { "SELECT '$_', count(forecast_amount), sum(forecast_amount) FROM own_$_.deals" } @accounts), 'a custom field of all accounts');

# Nothing is written.
like(failure(q{INSERT INTO all_contacts (account, id) VALUES ('acme', 1)}), qr/ERROR:  .*foreign table/, 'INSERT');
like(failure(q{UPDATE all_contacts SET email = '' WHERE account = 'acme'}), qr/ERROR:  .*foreign table/, 'UPDATE');
like(failure(q{DELETE FROM all_contacts WHERE account = 'acme'}), qr/ERROR:  .*foreign table/, 'DELETE');

# Columns in another order, and other ways to make a partition.
sql(q{
	CREATE TABLE mixed (raw jsonb, id bigint, account text, email text) PARTITION BY LIST (account);
	CREATE FOREIGN TABLE mixed_acme (email text, gone int, account text OPTIONS (constant 'acme'), id bigint, raw jsonb) SERVER acme OPTIONS (entity 'contacts');
	ALTER FOREIGN TABLE mixed_acme DROP COLUMN gone;
	ALTER TABLE mixed ATTACH PARTITION mixed_acme FOR VALUES IN ('acme');
	CREATE FOREIGN TABLE mixed_globex PARTITION OF mixed FOR VALUES IN ('globex') SERVER globex OPTIONS (entity 'contacts');
	ALTER FOREIGN TABLE mixed_globex ALTER COLUMN account OPTIONS (ADD constant 'globex')});
asks('columns in another order', q{SELECT count(*), bool_and(email = raw->>'email'), bool_and(id = (raw->>'id')::bigint), string_agg(DISTINCT account, ' ') FROM mixed},
	'acme globex', rows('contacts', 'acme', 'globex') . '|t|t|acme globex');
asks('... and one account', q{SELECT count(raw), min(account) FROM mixed WHERE account = 'globex'}, 'globex', rows('contacts', 'globex') . '|globex');

# ------------------------------------------------------------------------
# One view of all accounts
# ------------------------------------------------------------------------

sql('CREATE VIEW everybody AS ' . join(' UNION ALL ', map { "SELECT '$_' AS account, id, email FROM own_$_.contacts" } @accounts));
is(sql('SELECT account, count(email) FROM everybody GROUP BY 1 ORDER BY 1'), join("\n", map { "$_|" . rows('contacts', $_) } @accounts), 'a view of all');
asks('one account of a view', q{SELECT count(email) FROM everybody WHERE account = 'initech'}, 'initech', rows('contacts', 'initech'));
asks('a parameter for a view', q{EXECUTE p('acme')}, 'acme', rows('contacts', 'acme'),
	'SET plan_cache_mode = force_generic_plan', 'PREPARE p(text) AS SELECT count(email) FROM everybody WHERE account = $1');

# ------------------------------------------------------------------------
# At the same time
# ------------------------------------------------------------------------

sub seconds
{
	my ($query) = @_;
	my $began = time;
	sql($query);
	return time - $began;
}

foreach my $table (qw(all_contacts everybody))
{
	my $query = "SELECT count(email) FROM $table";

	is(scalar(() = sql("EXPLAIN (COSTS OFF) $query") =~ /Async Foreign Scan/g), scalar @accounts, "$table: the accounts are read at the same time");
	$_->config(latency_ms => 300) foreach values %sandbox;
	$_->clear_log foreach values %sandbox;
	my $together = seconds($query);
	my %first = map { $_ => ($sandbox{$_}->log)[0]{time} } @accounts;
	my ($earliest, $latest) = (sort { $a <=> $b } values %first)[ 0, -1 ];
	cmp_ok($latest - $earliest, '<', 0.3, "$table: each account is asked before any has answered");
	my $alone = seconds("SET enable_async_append = off; $query");
	note sprintf '%.2f s together, %.2f s one after the other', $together, $alone;
	$_->config(latency_ms => 0) foreach values %sandbox;
}

# One account that fails is named.
$sandbox{globex}->config(credentials => { activecampaign => { api_key => 'another' } });
like(failure('SELECT count(email) FROM all_contacts'), qr/ERROR:  28000: .*"globex"/s, 'an account that refuses fails the query and is named');
asks('... and the others can be read', q{SELECT count(email) FROM all_contacts WHERE account <> 'globex'}, 'acme initech', rows('contacts', 'acme', 'initech'));

$node->stop;
done_testing();
