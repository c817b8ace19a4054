# Copies of CRM tables: what create_snapshot() makes and refuses, and what each
# refresh reads, changes, keeps and rejects.

use strict;
use warnings;

use CrmSandbox;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node);
$node->start;

my $sandbox = CrmSandbox->start(scale => { 'activecampaign.deals' => 120, 'activecampaign.contacts' => 400, 'aircall.calls' => 300 });
my $fast = "rate_limit '1000/s', max_retries '0'";
$sandbox->create_servers($node, options => { ac => $fast, aircall => $fast, agile => $fast });
$node->safe_psql('postgres', 'CREATE SCHEMA copy');

sub sql
{
	my ($statement, %options) = @_;
	return $node->safe_psql($options{dbname} // 'postgres', $statement);
}

# A part that dies has failed; the others go on.
sub part
{
	my ($name, $code) = @_;
	return subtest(
		$name => sub {
			eval { $code->(); 1 } or fail("died: $@");
			done_testing();
		});
}

# Status and messages of a statement that may fail.
sub attempt
{
	my ($statement, %options) = @_;
	my ($status, $stdout, $stderr) = $node->psql($options{dbname} // 'postgres', $statement,
		extra_params => [ '-v', 'VERBOSITY=verbose', $options{user} ? ('-U', $options{user}) : () ]);
	return ($status, $stderr, $stdout);
}

# Each pattern is for the message with detail and hint.
sub fails
{
	my ($label, $statement, $sqlstate, @patterns) = @_;
	my %options = ref $patterns[-1] eq 'HASH' ? %{ pop @patterns } : ();
	my ($status, $stderr) = attempt($statement, %options);

	isnt($status, 0, "$label: fails");
	like($stderr, qr/ERROR:  $sqlstate:/, "$label: $sqlstate");
	like($stderr, $_, "$label: says so") foreach @patterns;
	return $stderr;
}

sub refresh
{
	my ($relation, %options) = @_;
	my $force = $options{force} ? ', force_full => true' : '';
	return sql("CALL crm_fdw.refresh('$relation'$force)", %options);
}

# Members of the relation's last run.
sub last_run
{
	my ($relation, $columns, %options) = @_;
	return sql("SELECT $columns FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass ORDER BY id DESC LIMIT 1", %options);
}

# The columns of a copy, as SQL; without those that its mode adds, or named ones.
sub columns_of
{
	my ($relation, @without) = @_;
	my $list = join ', ', map { "'$_'" } @without, qw(snapshot_at valid_from valid_to is_current);
	return sql("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
		  . " WHERE attrelid = '$relation'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ($list)");
}

# Rows of one side that the other lacks, "0|0" for none.
sub differences
{
	my ($copy, $source, $columns) = @_;
	return sql("SELECT (SELECT count(*) FROM (SELECT $columns FROM $copy EXCEPT ALL SELECT $columns FROM $source) a),"
		  . " (SELECT count(*) FROM (SELECT $columns FROM $source EXCEPT ALL SELECT $columns FROM $copy) b)");
}

sub equals_source
{
	my ($label, $copy, $source, @without) = @_;
	my ($relation) = split / /, $copy;
	is(differences($copy, $source, columns_of($relation, @without)), '0|0', "$label: the rows are those of the source");
	return;
}

# Relations that stand in the schema: "name kind", and those indexes that are unique.
sub objects
{
	my ($pattern) = @_;
	return sql("SELECT string_agg(c.relname || ' ' || c.relkind::text, ', ' ORDER BY c.relname) FROM pg_class c"
		  . " WHERE c.relnamespace = 'copy'::regnamespace AND c.relname LIKE '$pattern%' AND c.relkind <> 'i'");
}

sub indexes
{
	my ($relation) = @_;
	return sql("SELECT string_agg(pg_get_indexdef(indexrelid, 0, true), E'\\n' ORDER BY indisprimary DESC, 1) FROM pg_index"
		  . " WHERE indrelid = '$relation'::regclass AND indisunique");
}

###########################################################################
# Modes
###########################################################################

part 'replace' => sub {
	is(sql("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.deals')"), 'copy.deals', 'the relation is returned');
	is(objects('deals'), 'deals m', 'a materialized view');
	like(indexes('copy.deals'), qr/^CREATE UNIQUE INDEX \S+ ON copy\.deals USING btree \(id\)$/, 'with a unique index on the key');
	equals_source('replace', 'copy.deals', 'ac.deals');
	is(sql("SELECT mode, source, watermark IS NULL, rows = (SELECT count(*) FROM copy.deals), size > 0, schedule IS NULL"
			  . " FROM crm_fdw.snapshots WHERE relation = 'copy.deals'::regclass"),
		'replace|ac.deals|t|t|t|t', 'it is listed');
	is(last_run('copy.deals', 'mode, status, rows_after = (SELECT count(*) FROM copy.deals), complete'), 'replace|ok|t|t',
		'the first read is logged');

	my ($id) = split /\n/, sql('SELECT id FROM copy.deals ORDER BY id');
	$sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'update', ids => [$id], changes => { title => 'Renamed' });
	$sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'delete', ids => 'last');
	$sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'insert', n => 2);
	$sandbox->clear_log;
	refresh('copy.deals');
	is(last_run('copy.deals', 'requests'), $sandbox->requests, 'requests are counted');
	equals_source('replace, refreshed', 'copy.deals', 'ac.deals');
	is(last_run('copy.deals', "status, rows_after - rows_before, inserted, deleted, sqlstate IS NULL"), 'ok|1|3|2|t',
		'a changed row is deleted and inserted');
	is(sql("SELECT relation, last_status, failures_in_a_row, last_error IS NULL, age < '1 hour' FROM crm_fdw.refresh_status"),
		'copy.deals|ok|0|t|t', 'and its status is shown');

	# Readers are not in the way, nor do they wait.
	my $reader = $node->background_psql('postgres');
	$reader->query_safe('BEGIN; SELECT count(*) FROM copy.deals');
	refresh('copy.deals');
	is(last_run('copy.deals', 'status, inserted, updated, deleted'), 'ok|0||0', 'readers do not hold it up');
	$reader->query_safe('COMMIT');
	$reader->quit;

	sql('SET track_counts = off; CALL crm_fdw.refresh(\'copy.deals\')');
	is(last_run('copy.deals', 'status, inserted, deleted'), 'ok||', 'what nobody counted is unknown');

	my (undef, $notice) = attempt("SELECT crm_fdw.create_snapshot('aircall.company', 'copy.company')");
	like($notice, qr/NOTICE: .*no key/, 'without a key readers wait, which is said');
	equals_source('without a key', 'copy.company', 'aircall.company');
	refresh('copy.company');
	is(last_run('copy.company', 'status, inserted IS NULL'), 'ok|t', 'and the changes are not known');
	sql("SELECT crm_fdw.drop_snapshot('copy.company')");
};

part 'incremental' => sub {
	is(sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.contacts', mode => 'incremental')"), 'copy.contacts', 'made');
	is(objects('contacts'), 'contacts r, contacts_source v', 'a table and a view beside it');
	like(indexes('copy.contacts'), qr/^CREATE UNIQUE INDEX contacts_pkey ON copy\.contacts USING btree \(id\)$/, 'with a primary key');
	equals_source('incremental', 'copy.contacts', 'ac.contacts');
	is(sql("SELECT watermark = (SELECT max(updated_at) FROM ac.contacts) FROM crm_fdw.snapshots WHERE relation = 'copy.contacts'::regclass"),
		't', 'the watermark is the last change');
	is(last_run('copy.contacts', 'mode, status, inserted = rows_after, updated, deleted, complete'), 'incremental|ok|t|0|0|t', 'logged');
	refresh('copy.contacts');
	is(last_run('copy.contacts', 'status, inserted, updated, deleted, complete'), 'ok|0|0|0|f', 'nothing new: a partial read');
	refresh('copy.contacts', force => 1);
	is(last_run('copy.contacts', 'status, inserted, updated, deleted, complete'), 'ok|0|0|0|t', 'forced: a complete read');
};

part 'append' => sub {
	sql("SELECT crm_fdw.create_snapshot('aircall.user_availabilities', 'copy.presence', mode => 'append')");
	is(objects('presence'), 'presence r, presence_source v', 'a table and a view beside it');
	like(indexes('copy.presence'), qr/\(snapshot_at, id\)$/, 'the key is that of the source and the time');
	equals_source('append', 'copy.presence', 'aircall.user_availabilities');
	refresh('copy.presence');
	refresh('copy.presence');
	is(sql('SELECT count(DISTINCT snapshot_at), count(*) = 3 * (SELECT count(*) FROM aircall.user_availabilities), count(snapshot_at) = count(*) FROM copy.presence'),
		'3|t|t', 'each refresh adds the whole state with its time');
	equals_source('the last state', 'copy.presence WHERE snapshot_at = (SELECT max(snapshot_at) FROM copy.presence)', 'aircall.user_availabilities');
	is(last_run('copy.presence', 'status, inserted = rows_after - rows_before, updated, deleted, complete'), 'ok|t|0|0|t', 'logged');
	sql("SELECT crm_fdw.create_snapshot('aircall.company', 'copy.company', mode => 'append')");
	refresh('copy.company');
	is(sql('SELECT count(*) FROM copy.company'), '2', 'a key is not needed');
	sql("SELECT crm_fdw.drop_snapshot('copy.company')");
};

part 'history' => sub {
	sql("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.versions', mode => 'history')");
	is(objects('versions'), 'versions r, versions_source v', 'a table and a view beside it');
	like(indexes('copy.versions'), qr/\(id, valid_from\)\n.*\(id\) WHERE valid_to IS NULL$/, 'versions by key and time, one of them current');
	unlike(columns_of('copy.versions'), qr/\braw\b/, 'whole records are not kept');
	equals_source('history', 'copy.versions', 'ac.deals');
	is(sql('SELECT count(*), count(DISTINCT valid_from) FROM copy.versions WHERE is_current AND valid_to IS NULL'),
		sql('SELECT count(*), 1 FROM copy.deals'), 'all of them current, since one moment');
	sql("SELECT crm_fdw.drop_snapshot('copy.versions')");
	is(objects('versions'), '', 'both are gone');
	is(sql("SELECT count(*) FROM crm_fdw.refresh_settings WHERE source = 'ac.deals'::regclass AND mode = 'history'"), '0', 'and the settings');
};

part 'a materialized view of the user\'s own' => sub {
	sql('CREATE MATERIALIZED VIEW copy.own AS SELECT pipeline_id, count(*) AS deals FROM ac.deals WHERE pipeline_id IS NOT NULL GROUP BY 1');
	refresh('copy.own');
	is(last_run('copy.own', 'mode, status, inserted IS NULL, rows_after > 0'), 'replace|ok|t|t', 'plain without a unique index');
	sql('CREATE UNIQUE INDEX ON copy.own (pipeline_id)');
	refresh('copy.own');
	is(last_run('copy.own', 'status, inserted, deleted'), 'ok|0|0', 'concurrently with one');
	is(sql("SELECT count(*) FROM crm_fdw.snapshots WHERE relation = 'copy.own'::regclass"), '0', 'it is no snapshot');
	fails('drop_snapshot', "SELECT crm_fdw.drop_snapshot('copy.own')", '42809', qr/is not a snapshot/);
	sql('DROP MATERIALIZED VIEW copy.own');
};

###########################################################################
# Columns
###########################################################################

part 'columns' => sub {
	$sandbox->config(switches => { aircall => { volatile_urls => JSON::PP::true } });
	sql("SELECT crm_fdw.create_snapshot('aircall.calls', 'copy.calls_$_', mode => '$_')") foreach qw(replace incremental append history);
	foreach my $mode (qw(replace incremental append history))
	{
		my $columns = columns_of("copy.calls_$mode");
		unlike($columns, qr/\b(recording|voicemail)/, "$mode: fleeting columns are left out");
		($mode eq 'history' ? \&unlike : \&like)->($columns, qr/\braw\b/, "$mode: raw " . ($mode eq 'history' ? 'is left out' : 'is there'));
		equals_source($mode, "copy.calls_$mode", 'aircall.calls', 'raw');
	}
	refresh("copy.calls_$_", force => 1) foreach qw(incremental history);
	is(last_run("copy.calls_$_", 'complete, inserted, updated, deleted'), 't|0|0|0', "$_: nor do they count within raw")
	  foreach qw(incremental history);

	my $named = "ARRAY['id', 'started_at', 'status', 'recording', 'voicemail', 'raw']";
	sql("SELECT crm_fdw.create_snapshot('aircall.calls', 'copy.named_$_', mode => '$_', columns => $named)") foreach qw(replace incremental history);
	foreach my $mode (qw(replace incremental history))
	{
		is(columns_of("copy.named_$mode"), 'id, started_at, status, recording, voicemail, raw', "$mode: those that were named, in their order");
		isnt(sql("SELECT count(recording) FROM copy.named_$mode"), '0', "$mode: with their values");
	}
	refresh("copy.named_$_", force => 1) foreach qw(incremental history);
	is(last_run("copy.named_$_", 'complete, inserted, updated, deleted'), 't|0|0|0', "$_: a fleeting column is never a change")
	  foreach qw(incremental history);
	my $id = sql('SELECT id FROM copy.named_history ORDER BY id DESC LIMIT 1');
	$sandbox->mutate(crm => 'aircall', table => 'calls', op => 'update', ids => [$id], changes => { raw_digits => '+1 555 0199' });
	refresh("copy.named_$_", force => 1) foreach qw(incremental history);
	is(last_run('copy.named_incremental', 'updated'), '1', 'incremental: a change within raw is one');
	is(last_run('copy.named_history', 'updated'), '0', 'history: it is not');
	$sandbox->config(switches => { aircall => { volatile_urls => JSON::PP::false } });

	my (undef, $notice) = attempt("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.few', mode => 'incremental', columns => ARRAY['email', 'id'])");
	like($notice, qr/NOTICE: .*"updated_at" is added/, 'the column that changes are found by is added');
	is(columns_of('copy.few'), 'email, id, updated_at', 'behind the others');
	sql("SELECT crm_fdw.drop_snapshot('copy.few')");
	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.keys', mode => 'history', columns => ARRAY['id'])");
	refresh('copy.keys');
	is(last_run('copy.keys', 'inserted, updated, deleted'), '0|0|0', 'the key alone is enough');
	sql("SELECT crm_fdw.drop_snapshot('copy.keys')");
	sql("SELECT crm_fdw.drop_snapshot('copy.$_')") foreach map { ("calls_$_", "named_$_") } qw(replace incremental history);
	sql("SELECT crm_fdw.drop_snapshot('copy.calls_append')");

	# Other names than the catalogue's.
	sql(q{CREATE FOREIGN TABLE copy."My Deals" ("Deal No" bigint OPTIONS (column_name 'id'), "Value" numeric OPTIONS (column_name 'value'),
		"Last ""Change""" timestamptz OPTIONS (column_name 'updated_at'), raw jsonb) SERVER ac OPTIONS (entity 'deals')});
	sql(qq{SELECT crm_fdw.create_snapshot('copy."My Deals"', 'copy."Copy $_"', mode => '$_', filter => '"Value" > 0')})
	  foreach qw(replace incremental append history);
	foreach my $mode (qw(replace incremental append history))
	{
		is(sql(qq{SELECT count(*) = (SELECT count(*) FROM ac.deals WHERE value > 0) FROM copy."Copy $mode"}), 't', "$mode: quoted names");
		refresh(qq{copy."Copy $mode"});
		is(last_run(qq{copy."Copy $mode"}, 'status'), 'ok', "$mode: refreshed");
		sql(qq{SELECT crm_fdw.drop_snapshot('copy."Copy $mode"')});
	}
};

###########################################################################
# Errors
###########################################################################

part 'what is refused' => sub {
	my $create = sub { my ($arguments) = @_; return "SELECT crm_fdw.create_snapshot($arguments)" };
	my %case = (
		'unqualified target' => [ "'ac.deals', 'x'", '42P15', qr/must be qualified/, qr/HINT: .*schema\.name/ ],
		'target in another database' => [ "'ac.deals', 'a.b.c'", '42P15' ],
		'no such schema' => [ "'ac.deals', 'nowhere.x'", '3F000' ],
		'mode' => [ "'ac.deals', 'copy.x', mode => 'mirror'", '22023', qr/HINT: .*replace, incremental, append and history/ ],
		'columns without key' => [ "'ac.deals', 'copy.x', columns => ARRAY['title']", '22023', qr/lack "id"/ ],
		'no columns' => [ "'ac.deals', 'copy.x', columns => ARRAY[]::text[]", '22023' ],
		'NULL among the columns' => [ "'ac.deals', 'copy.x', columns => ARRAY['id', NULL]", '22004' ],
		'unknown column' => [ "'ac.deals', 'copy.x', columns => ARRAY['id', 'tittle']", '42703', qr/no column "tittle"/, qr/HINT: .*"title"/ ],
		'a column twice' => [ "'ac.deals', 'copy.x', columns => ARRAY['id', 'id']", '42701' ],
		'incremental without key' => [ "'aircall.company', 'copy.x', mode => 'incremental'", '0A000', qr/has no key/, qr/HINT: .*replace and append/ ],
		'history without key' => [ "'aircall.company', 'copy.x', mode => 'history'", '0A000', qr/has no key/ ],
		'since without change time' => [ "'aircall.teams', 'copy.x', since => now()", '0A000', qr/HINT: .*filter/ ],
		'look-back of a whole copy' => [ "'ac.deals', 'copy.x', lookback => '1 day'", '22023' ],
		'complete reads of a whole copy' => [ "'ac.deals', 'copy.x', mode => 'append', full_every => '1 day'", '22023' ],
		'negative look-back' => [ "'ac.deals', 'copy.x', mode => 'incremental', lookback => '-1 day'", '22023', qr/negative/ ],
		'negative interval of complete reads' => [ "'ac.deals', 'copy.x', mode => 'incremental', full_every => '-1 day'", '22023', qr/negative/ ],
		'a table' => [ "'crm_fdw.refresh_settings', 'copy.x'", '42809', qr/not a foreign table/ ],
		'a view' => [ "'crm_fdw.snapshots', 'copy.x'", '42809' ],
		'existing target' => [ "'ac.deals', 'copy.deals'", '42P07' ],
		'existing target, a table' => [ "'ac.deals', 'copy.contacts', mode => 'incremental'", '42P07' ],
		'NULL' => [ "'ac.deals', 'copy.x', mode => NULL", '22004', qr/mode must not be NULL/ ]);
	foreach my $label (sort keys %case)
	{
		my ($arguments, $sqlstate, @patterns) = @{ $case{$label} };
		fails($label, $create->($arguments), $sqlstate, @patterns);
	}
	sql('CREATE FOREIGN TABLE copy.no_key (title text) SERVER ac OPTIONS (entity \'deals\')');
	fails('the key is not among the table\'s columns', $create->("'copy.no_key', 'copy.x', mode => 'history'"), '0A000', qr/has no key/);

	foreach my $filter ('true) OR (1=1', 'true; DROP TABLE copy.contacts', 'a FROM copy.contacts', '/* ', 'true AS x', 'true, false',
		'true ORDER BY 1', 'true LIMIT 1', 'DISTINCT true', 'true WHERE false', 'true UNION SELECT false', '', ' ', '-- ', 'true INTO x',
		'true GROUP BY 1', 'true HAVING true', 'true FOR UPDATE', 'true) --', ') OR (true', 'id >', "'")
	{
		(my $quoted = $filter) =~ s/'/''/g;
		fails("filter $filter ($_)", $create->("'ac.deals', 'copy.x', mode => '$_', filter => '$quoted'"), '42601') foreach qw(replace incremental);
	}
	foreach my $mode (qw(replace incremental append history))
	{
		foreach my $with (qw(true false))
		{
			my $rest = "mode => '$mode', with_data => $with";
			fails("filter of a text ($rest)", $create->("'ac.deals', 'copy.x', $rest, filter => 'title'"), '42804', qr/boolean/);
			fails("filter with an aggregate ($rest)", $create->("'ac.deals', 'copy.x', $rest, filter => 'count(*) > 1'"), '42803');
			fails("filter with a window ($rest)", $create->("'ac.deals', 'copy.x', $rest, filter => 'row_number() OVER () = 1'"), '42P20');
			fails("filter of a set ($rest)", $create->("'ac.deals', 'copy.x', $rest, filter => 'unnest(ARRAY[true, true])'"), '0A000');
			fails("filter of an unknown column ($rest)", $create->("'ac.deals', 'copy.x', $rest, filter => 'titel = ''x'''"), '42703');
		}
	}
	is(objects('x'), '', 'none of it left anything');
	foreach my $filter ('true -- ', '(true)', 'true /* */', "title = ');--' OR true")
	{
		(my $quoted = $filter) =~ s/'/''/g;
		sql($create->("'ac.deals', 'copy.x', mode => 'incremental', filter => '$quoted'"));
		is(sql('SELECT count(*) FROM copy.x'), sql('SELECT count(*) FROM ac.deals'), "filter $filter: harmless");
		sql("SELECT crm_fdw.drop_snapshot('copy.x')");
	}

	fails('refresh of a foreign table', "CALL crm_fdw.refresh('ac.deals')", '42809', qr/HINT: .*create_snapshot/);
	fails('refresh of a table', "CALL crm_fdw.refresh('crm_fdw.refresh_runs')", '42809');
	fails('refresh of nothing', 'CALL crm_fdw.refresh(NULL)', '22004');
	fails('refresh of what is gone', 'CALL crm_fdw.refresh(4294967295)', '42P01');
	fails('drop_snapshot of a table', "SELECT crm_fdw.drop_snapshot('copy.contacts_source')", '42809');
	fails('within a transaction', "BEGIN; CALL crm_fdw.refresh('copy.deals')", '25001', qr/HINT: .*statement of its own/);
	fails('within a function', q{DO $$ BEGIN EXECUTE 'CALL crm_fdw.refresh(''copy.deals'')'; END $$}, '25001');
	is(sql(q{SELECT count(*) FROM crm_fdw.refresh_log WHERE status NOT IN ('ok')}), '0', 'none of it is a run');
};

###########################################################################
# Incremental reads
###########################################################################

sub change
{
	my ($crm, $table, $ids, %changes) = @_;
	return $sandbox->mutate(crm => $crm, table => $table, op => 'update', ids => ref $ids ? $ids : [$ids], changes => \%changes);
}

sub watermark
{
	my ($relation) = @_;
	return sql("SELECT watermark AT TIME ZONE 'UTC' FROM crm_fdw.snapshots WHERE relation = '$relation'::regclass");
}

# A time relative to another one, as the sandbox takes it.
sub moment
{
	my ($base, $offset) = @_;
	return sql(qq{SELECT to_char('$base'::timestamp + '$offset', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')});
}

# Makes the next refresh a complete one, without the consent of force_full.
sub make_complete_due
{
	my ($relation) = @_;
	return sql("UPDATE crm_fdw.refresh_states SET complete_at = complete_at - interval '8 days' WHERE relation = '$relation'::regclass");
}

# A refresh and what it must have done: complete, inserted, updated, deleted.
sub refresh_does
{
	my ($label, $relation, $expected, %options) = @_;
	$sandbox->clear_log;
	refresh($relation, %options);
	is(last_run($relation, 'status, complete, inserted, updated, deleted'), "ok|$expected", "$label: what was done");
	is(last_run($relation, 'requests'), $sandbox->requests, "$label: what it cost");
	return $sandbox->requests;
}

part 'what an incremental refresh brings' => sub {
	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.people', mode => 'incremental', lookback => '2 hours')");
	my @ids = split /\n/, sql('SELECT id FROM copy.people ORDER BY id');
	my $watermark = watermark('copy.people');
	my %offset = (0 => '0', 1 => '0', 2 => '-1 hour', 3 => '-2 hours', 4 => '-3 days', 5 => '1 second');
	change('activecampaign', 'contacts', $ids[$_], first_name => "Changed $_", updated_at => moment($watermark, $offset{$_})) foreach sort keys %offset;
	my $seen = sub { return sql(q{SELECT string_agg(first_name, ',' ORDER BY id) FROM copy.people WHERE first_name LIKE 'Changed%'}) };

	refresh_does('changes', 'copy.people', 'f|0|5|0');
	is($seen->(), 'Changed 0,Changed 1,Changed 2,Changed 3,Changed 5', 'what changed at the watermark, and since the look-back, arrives');
	is(watermark('copy.people'), sql("SELECT '$watermark'::timestamp + '1 second'"), 'the watermark moves to the last change');

	change('activecampaign', 'contacts', $ids[6], first_name => 'Changed 6', updated_at => moment($watermark, '1 second'));
	refresh_does('the same second again', 'copy.people', 'f|0|1|0');
	$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'delete', ids => [ @ids[10, 11] ]);
	$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'insert', n => 3, changes => { updated_at => moment($watermark, '1 minute') });
	refresh_does('new rows', 'copy.people', 'f|3|0|0');
	is(sql("SELECT count(*) FROM copy.people WHERE id IN ($ids[10], $ids[11])"), '2', 'deleted rows stay until then');
	refresh_does('nothing', 'copy.people', 'f|0|0|0');
	make_complete_due('copy.people');
	refresh_does('the complete read', 'copy.people', 't|0|1|2');
	equals_source('after the complete read', 'copy.people', 'ac.contacts');
	refresh_does('and then', 'copy.people', 'f|0|0|0');

	# Somebody's clock is wrong.
	my $before = watermark('copy.people');
	my $future = sql(q{SELECT to_char(now() AT TIME ZONE 'UTC' + interval '40 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')});
	change('activecampaign', 'contacts', $ids[7], first_name => 'Changed 7', updated_at => $future);
	refresh_does('a change in the future', 'copy.people', 'f|0|1|0');
	is(watermark('copy.people'), $before, 'it does not move the watermark');
	change('activecampaign', 'contacts', $ids[8], first_name => 'Changed 8', updated_at => moment($before, '1 second'));
	refresh_does('a change of now', 'copy.people', 'f|0|1|0');
	equals_source('all of it', 'copy.people', 'ac.contacts');

	# Without look-back, and where nothing is newer.
	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.recent', mode => 'incremental', since => '$before+00', lookback => '0')");
	is(sql('SELECT count(*) FROM copy.recent'), sql("SELECT count(*) FROM ac.contacts WHERE updated_at >= '$before+00'"), 'since');
	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.none', mode => 'incremental', since => '2100-01-01')");
	is(sql('SELECT count(*) FROM copy.none'), '0', 'since a time to come');
	refresh_does('still nothing', 'copy.none', 't|0|0|0');
	sql("SELECT crm_fdw.drop_snapshot('copy.$_')") foreach qw(none recent people contacts);
};

part 'a filter' => sub {
	my $filter = "first_name LIKE 'Vip%'";
	my @ids = split /\n/, sql('SELECT id FROM ac.contacts ORDER BY id LIMIT 40 OFFSET 20');
	my $last = sql("SELECT max(updated_at) AT TIME ZONE 'UTC' FROM ac.contacts WHERE updated_at < now()");
	my $turn = 0;
	my $set = sub {
		my ($ids, $name) = @_;
		change('activecampaign', 'contacts', $ids, first_name => $name, updated_at => moment($last, ++$turn . ' seconds'));
	};

	$set->([ @ids[ 0 .. 9 ] ], 'Vip');
	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.vips', mode => 'incremental', filter => '" . ($filter =~ s/'/''/gr) . "')");
	is(sql('SELECT count(*) FROM copy.vips'), '10', 'only what it lets through');
	is(columns_of('copy.vips'), columns_of('ac.contacts'), 'the filter is no column of the copy');
	$set->([ @ids[ 0, 1 ] ], 'Past');
	$set->([ $ids[2] ], undef);
	$set->([ $ids[3] ], 'Vip and more');
	$set->([ @ids[ 20, 21 ] ], 'Vip');
	$set->([ $ids[22] ], 'Nobody');
	refresh_does('rows that leave and come', 'copy.vips', 'f|2|1|3');
	equals_source('filter', 'copy.vips', "ac.contacts WHERE $filter");
	$set->([ $ids[0] ], 'Vip');
	refresh_does('a row that returns', 'copy.vips', 'f|1|0|0');
	$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'delete', ids => [ @ids[ 4 .. 9 ] ]);
	make_complete_due('copy.vips');
	refresh_does('a loss is believed', 'copy.vips', 't|0|0|6');
	equals_source('complete', 'copy.vips', "ac.contacts WHERE $filter");
	sql("SELECT crm_fdw.drop_snapshot('copy.vips')");

	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.vips', mode => 'history', full_every => '7 days', filter => '" . ($filter =~ s/'/''/gr) . "')");
	$set->([ $ids[0] ], 'Past');
	$set->([ $ids[3] ], 'Vip');
	refresh_does('history, in part', 'copy.vips', 'f|0|1|1');
	equals_source('history, in part', 'copy.vips WHERE is_current', "ac.contacts WHERE $filter");
	sql("SELECT crm_fdw.drop_snapshot('copy.vips')");
};

part 'change times that are missing' => sub {
	# Agile CRM tells no change time of what was never changed.
	isnt(sql('SELECT count(*) FROM agile.deals WHERE updated_at IS NULL'), '0', 'there are such deals');
	sql("SELECT crm_fdw.create_snapshot('agile.$_', 'copy.agile_$_', mode => 'incremental')") foreach qw(deals contacts);
	equals_source("agile $_", "copy.agile_$_", "agile.$_") foreach qw(deals contacts);
	foreach my $table (qw(deals contacts))
	{
		$sandbox->mutate(crm => 'agilecrm', table => $table, op => 'insert', n => 2, changes => { updated_at => undef });
		refresh("copy.agile_$table");
		make_complete_due("copy.agile_$table");
		refresh("copy.agile_$table");
		equals_source("agile $table, new rows", "copy.agile_$table", "agile.$table");
	}
	# A deal that may not be seen shows neither.
	sql("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.ac_deals', mode => 'incremental')");
	isnt(sql('SELECT count(*) FROM copy.ac_deals WHERE updated_at IS NULL'), '0', 'NULL change times are read');
	$sandbox->config(switches => { activecampaign => { restricted_deals => 0.3 } });
	refresh('copy.ac_deals');
	make_complete_due('copy.ac_deals');
	refresh('copy.ac_deals');
	equals_source('deals that became stubs', 'copy.ac_deals', 'ac.deals');
	$sandbox->config(switches => { activecampaign => { restricted_deals => 0.04 } });
	sql("SELECT crm_fdw.drop_snapshot('copy.$_')") foreach qw(agile_deals agile_contacts ac_deals);

	# Where nothing tells what changed, everything is read.
	sql("SELECT crm_fdw.create_snapshot('aircall.teams', 'copy.teams', mode => 'incremental')");
	$sandbox->mutate(crm => 'aircall', table => 'teams', op => 'delete', ids => 'last');
	refresh_does('no change time', 'copy.teams', 't|0|0|1');
	sql("SELECT crm_fdw.drop_snapshot('copy.teams')");
};

part 'calls' => sub {
	sql("SELECT crm_fdw.create_snapshot('aircall.calls', 'copy.calls', mode => 'incremental')");
	my $first = sql('SELECT min(started_at) FROM copy.calls');
	my ($late) = split /\n/, sql("SELECT id FROM copy.calls WHERE started_at < (SELECT max(started_at) - interval '20 hours' FROM copy.calls) ORDER BY started_at DESC");
	my @ids = split /\n/, sql('SELECT id FROM copy.calls ORDER BY started_at, id');

	change('aircall', 'calls', $late, raw_digits => '+1 555 0101');
	refresh_does('after hang-up', 'copy.calls', 'f|0|1|0');
	change('aircall', 'calls', $ids[100], raw_digits => '+1 555 0102');
	refresh_does('a month later', 'copy.calls', 'f|0|0|0');
	make_complete_due('copy.calls');
	refresh_does('complete', 'copy.calls', 't|0|1|0');

	$sandbox->mutate(crm => 'aircall', table => 'calls', op => 'delete', ids => [ @ids[ 200, 201 ] ]);
	$sandbox->mutate(crm => 'aircall', table => 'calls', op => 'delete', ids => [ @ids[ 0 .. 19 ] ]);
	refresh_does('gone', 'copy.calls', 'f|0|0|0');
	make_complete_due('copy.calls');
	refresh_does('gone, complete', 'copy.calls', 't|0|0|2');
	is(sql("SELECT count(*) FROM copy.calls WHERE id IN (" . join(', ', @ids[ 0 .. 19 ]) . ')'), '20', 'calls too old for the API are kept');
	is(sql('SELECT min(started_at) FROM copy.calls'), $first, 'however old they are');
	refresh('copy.calls', force => 1);
	is(sql('SELECT count(*) FROM copy.calls'), '298', 'and forcing does not lose them');

	# The beginning of what is read moves.
	my $start = sub {
		my ($id) = @_;
		return sql("SELECT to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') FROM copy.calls WHERE id = $id");
	};
	sql("CREATE FOREIGN TABLE copy.window (id bigint, started_at timestamptz, status text) SERVER aircall OPTIONS (entity 'calls', start_date '" . $start->($ids[50]) . "')");
	sql("SELECT crm_fdw.create_snapshot('copy.window', 'copy.$_', mode => '$_')") foreach qw(incremental history);
	my $read = sql('SELECT count(*) FROM copy.incremental');
	sql("ALTER FOREIGN TABLE copy.window OPTIONS (SET start_date '" . $start->($ids[120]) . "')");
	$sandbox->mutate(crm => 'aircall', table => 'calls', op => 'delete', ids => [ $ids[250] ]);
	foreach my $mode (qw(incremental history))
	{
		make_complete_due("copy.$mode");
		refresh_does("$mode, a moving start_date", "copy.$mode", 't|0|0|1');
		is(sql("SELECT count(*) FROM copy.$mode" . ($mode eq 'history' ? ' WHERE is_current' : '')), $read - 1, "$mode: all others are kept");
		sql("SELECT crm_fdw.drop_snapshot('copy.$mode')");
	}
	sql("SELECT crm_fdw.drop_snapshot('copy.calls'); DROP FOREIGN TABLE copy.window");
	$sandbox->mutate(crm => 'aircall', table => 'calls', op => 'restore');
};

###########################################################################
# History
###########################################################################

part 'the path of each deal' => sub {
	$sandbox->config(switches => { activecampaign => { restricted_deals => 0 } });
	sql("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.path', mode => 'history')");
	sql("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.stages', mode => 'history', columns => ARRAY['id', 'stage_id', 'value'])");
	my %columns = map { $_ => columns_of($_) } qw(copy.path copy.stages);
	my @ids = split /\n/, sql('SELECT id FROM copy.path ORDER BY id');
	my (%versions, %current);
	# What a history must hold: deal => list of [values, from, to].
	my $note = sub {
		my ($relation) = @_;
		my $moment = sql("SELECT last_moment FROM crm_fdw.refresh_states WHERE relation = '$relation'::regclass");
		my %now = map { split /\t/ } split /\n/, sql("SELECT id || E'\\t' || md5(ROW($columns{$relation})::text) FROM ac.deals");
		foreach my $id (keys %{ { %now, %{ $current{$relation} // {} } } })
		{
			my ($was, $is) = ($current{$relation}{$id}, $now{$id});
			next if ($was // '') eq ($is // '');
			$versions{$relation}{$id}[-1][2] = $moment if defined $was;
			push @{ $versions{$relation}{$id} }, [ $is, $moment, '' ] if defined $is;
		}
		$current{$relation} = \%now;
	};
	$note->($_) foreach sort keys %columns;

	my $last = sql("SELECT max(updated_at) AT TIME ZONE 'UTC' FROM ac.deals WHERE updated_at < now()");
	my $deals = sub { my ($ids, %changes) = @_; change('activecampaign', 'deals', [ @ids[@$ids] ], %changes) };
	my $remove = sub { $sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'delete', ids => [ @ids[@_] ]) };
	my @mutations = (
		sub { $deals->([ 0, 1, 2 ], stage_id => 2) },
		sub { $deals->([ 0, 1 ], stage_id => 3); $deals->([3], value => '777.77') },
		sub { $remove->(1, 4) },
		sub { },
		sub { $deals->([0], stage_id => 3); $deals->([3], value => '777.77') },
		sub { $sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'restore', ids => [ $ids[1] ]) },
		sub { $deals->([ 0, 1, 2, 3 ], updated_at => moment($last, '1 minute')) },
		sub { $sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'insert', n => 2); $deals->([2], stage_id => 2) },
		sub { $deals->([ 0, 1, 2 ], stage_id => 1, status => 1); $remove->(3) },
		sub { $sandbox->mutate(crm => 'activecampaign', table => 'deals', op => 'restore'); $deals->([0], stage_id => 3, value => '1') });
	foreach my $mutate (@mutations)
	{
		$mutate->();
		foreach my $relation (sort keys %columns)
		{
			refresh($relation);
			$note->($relation);
		}
	}
	foreach my $relation (sort keys %columns)
	{
		my %found;
		foreach my $line (split /\n/, sql("SELECT id, md5(ROW($columns{$relation})::text), valid_from, valid_to FROM $relation ORDER BY id, valid_from"))
		{
			my ($id, @version) = split /\|/, $line, -1;
			push @{ $found{$id} }, \@version;
		}
		is_deeply(\%found, $versions{$relation}, "$relation: the versions are those that were, from and to when they were");
		cmp_ok(scalar(map { @$_ } values %found), '>', @ids + 5, "$relation: there are several");
		is(sql("SELECT count(*) FROM $relation WHERE is_current IS DISTINCT FROM (valid_to IS NULL)"), '0', "$relation: is_current");
		equals_source($relation, "$relation WHERE is_current", 'ac.deals');
		is(sql("SELECT count(*) FROM $relation a JOIN $relation b ON a.id = b.id AND a.valid_from < b.valid_from"
				  . " AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)"), '0', "$relation: no two at a time");
		my ($fresh, $followed, $closed) = (0, 0, 0);
		foreach my $deal (values %found)
		{
			foreach my $i (0 .. $#$deal)
			{
				my $follows = $i > 0 && $deal->[$i][1] eq $deal->[ $i - 1 ][2];
				$follows ? $followed++ : $fresh++;
				$closed++ if $deal->[$i][2] ne '' && !($i < $#$deal && $deal->[ $i + 1 ][1] eq $deal->[$i][2]);
			}
		}
		is(sql("SELECT count(*), sum(inserted), sum(updated), sum(deleted) FROM crm_fdw.refresh_log WHERE relation = '$relation'::regclass AND status = 'ok'"),
			join('|', @mutations + 1, $fresh, $followed, $closed), "$relation: the log adds up");
	}
	is(sql("SELECT string_agg(stage_id::text, '>' ORDER BY valid_from) FROM copy.stages WHERE id = $ids[2]"), sql("SELECT stage_id FROM copy.stages WHERE id = $ids[2] ORDER BY valid_from LIMIT 1") . '>2>1', 'the stages of one');
	is(scalar(@{ $versions{'copy.path'}{ $ids[2] } }), 4, 'a touch alone is a change of updated_at');
	sql("SELECT crm_fdw.drop_snapshot('$_')") foreach sort keys %columns;
	$sandbox->config(switches => { activecampaign => { restricted_deals => 0.04 } });
};

part 'a list that may lack rows' => sub {
	foreach my $mode (qw(history incremental))
	{
		sql("SELECT crm_fdw.create_snapshot('agile.events', 'copy.events', mode => '$mode')");
		my $rows = sql('SELECT count(*) FROM copy.events');
		my $gone = $sandbox->mutate(crm => 'agilecrm', table => 'events', op => 'delete', ids => 'random', n => 5)->{ids};
		refresh_does("$mode: an absence proves nothing", 'copy.events', 't|0|0|0');
		is(sql('SELECT count(*) FROM copy.events'), $rows, "$mode: all are kept");
		$sandbox->mutate(crm => 'agilecrm', table => 'events', op => 'restore');
		refresh_does("$mode: nor does a return", 'copy.events', 't|0|0|0');
		sql("SELECT crm_fdw.drop_snapshot('copy.events')");
	}
};

###########################################################################
# Results that are not believed
###########################################################################

part 'a key that sees less' => sub {
	my $restrict = sub { $sandbox->config(switches => { agilecrm => { restricted_user => $_[0] ? JSON::PP::true : JSON::PP::false } }) };
	sql("SELECT crm_fdw.create_snapshot('agile.deals', 'copy.guarded_$_', mode => '$_')") foreach qw(replace incremental history append);
	sql("SELECT crm_fdw.create_snapshot('agile.deals', 'copy.own_$_', mode => '$_', filter => 'id > 0')") foreach qw(replace incremental history);
	my $rows = sql('SELECT count(*) FROM agile.deals');
	$restrict->(1);
	my $left = sql('SELECT count(*) FROM agile.deals');
	cmp_ok($left, '<', $rows / 2, 'most are hidden');
	foreach my $mode (qw(replace incremental history append))
	{
		my $copy = "copy.guarded_$mode";
		my $before = sql("SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM $copy t");
		my $state = sql("SELECT watermark, last_moment, complete_rows, rows FROM crm_fdw.refresh_states WHERE relation = '$copy'::regclass");
		make_complete_due($copy);
		fails("$mode: most rows gone", "CALL crm_fdw.refresh('$copy')", '55000', qr/rejected: $left rows came, $rows the time before/, qr/DETAIL: .*50 %/,
			qr/HINT: .*admin rights.*force_full => true/s);
		is(sql("SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM $copy t"), $before, "$mode: the copy is as it was");
		is(sql("SELECT watermark, last_moment, complete_rows, rows FROM crm_fdw.refresh_states WHERE relation = '$copy'::regclass"), $state, "$mode: so is its state");
		is(last_run($copy, "status, sqlstate, message LIKE '%rejected%', hint LIKE '%admin rights%', requests > 0, rows_after IS NULL, finished_at >= started_at"),
			'rejected|55000|t|t|t|t|t', "$mode: the log says so");
		is(sql("SELECT last_status, failures_in_a_row, last_error LIKE '%rejected%' FROM crm_fdw.refresh_status WHERE relation = '$copy'::regclass"), 'rejected|1|t', "$mode: so does the status");
		fails("$mode: again", "CALL crm_fdw.refresh('$copy')", '55000');
		is(sql("SELECT failures_in_a_row FROM crm_fdw.refresh_status WHERE relation = '$copy'::regclass"), '2', "$mode: the streak");
		refresh($copy, force => 1);
		is(last_run($copy, 'status'), 'ok', "$mode: forced");
		equals_source("$mode, forced", $copy . { history => ' WHERE is_current', append => " WHERE snapshot_at = (SELECT max(snapshot_at) FROM $copy)" }->{$mode} // '', 'agile.deals')
		  if $mode ne 'append';
		is(sql("SELECT last_status, failures_in_a_row, last_error IS NULL FROM crm_fdw.refresh_status WHERE relation = '$copy'::regclass"), 'ok|0|t', "$mode: the status is well again");
		make_complete_due($copy);
		refresh($copy);
		is(last_run($copy, 'status'), 'ok', "$mode: what was accepted is the new size");

		sql("UPDATE crm_fdw.refresh_settings SET min_rows = $left + 1 WHERE relation = '$copy'::regclass");
		make_complete_due($copy);
		fails("$mode: fewer than min_rows", "CALL crm_fdw.refresh('$copy')", '55000', qr/rejected: $left rows came, at least @{[ $left + 1 ]} are expected/, qr/admin rights/);
		sql("UPDATE crm_fdw.refresh_settings SET min_rows = $left WHERE relation = '$copy'::regclass");
		refresh($copy);
		is(last_run($copy, 'status'), 'ok', "$mode: exactly min_rows");
		sql("UPDATE crm_fdw.refresh_settings SET max_shrink = 0, min_rows = NULL WHERE relation = '$copy'::regclass");
		make_complete_due($copy);
		refresh($copy);
		is(last_run($copy, 'status'), 'ok', "$mode: max_shrink 0 refuses no equal size");
		sql("SELECT crm_fdw.drop_snapshot('$copy')");
	}
	foreach my $mode (qw(replace incremental history))
	{
		my $copy = "copy.own_$mode";
		make_complete_due($copy);
		refresh($copy);
		is(last_run($copy, 'status, rows_after'), "ok|$left", "$mode: a filtered copy may shrink");
		$restrict->(0);
		refresh($copy, force => 1);
		$restrict->(1);
		sql("UPDATE crm_fdw.refresh_settings SET max_shrink = 0.2 WHERE relation = '$copy'::regclass");
		make_complete_due($copy);
		fails("$mode: unless told otherwise", "CALL crm_fdw.refresh('$copy')", '55000', qr/20 %/);
		sql("SELECT crm_fdw.drop_snapshot('$copy')");
	}
	$restrict->(0);
};

###########################################################################
# Requests and time
###########################################################################

# What a partial read may cost.
sub bound
{
	my ($changed, $page) = @_;
	return int(($changed + $page - 1) / $page) + 2;
}

part 'what a partial read costs' => sub {
	# Rows of a page, and how much earlier the API looks than it was asked to: ActiveCampaign is asked
	# two days earlier, and makes a day of the time.
	my %list = ('ac.contacts' => [ 100, '3 days' ], 'ac.deals' => [ 100, '3 days' ], 'aircall.calls' => [ 50, '1 day' ], 'aircall.call_tags' => [ 50, '1 day' ]);
	foreach my $source (sort keys %list)
	{
		my ($page, $margin) = @{ $list{$source} };
		sql("SELECT crm_fdw.create_snapshot('$source', 'copy.cost', mode => 'incremental')");
		my $cursor = sql("SELECT cursor_column FROM crm_fdw.refresh_settings WHERE relation = 'copy.cost'::regclass");
		my $changed = sql("SELECT count(*) FROM copy.cost, crm_fdw.refresh_settings s, crm_fdw.refresh_states t"
			  . " WHERE s.relation = 'copy.cost'::regclass AND t.relation = s.relation AND $cursor >= watermark - coalesce(lookback, '0') - interval '$margin'");
		my $all = last_run('copy.cost', 'requests');
		my $requests = refresh_does($source, 'copy.cost', 'f|0|0|0');
		note("$source: $requests requests for $changed rows, $all for all");
		cmp_ok($requests, '<=', bound($changed, $page), "$source: as many requests as changed rows fill pages, and two");
		cmp_ok($requests, '<', $all, "$source: fewer than for everything");
		sql("SELECT crm_fdw.drop_snapshot('copy.cost')");
	}
};

part 'a hundred thousand contacts' => sub {
	my ($rows, $changed) = (100_000, 1_000);
	my $large = CrmSandbox->start(scale => { 'activecampaign.contacts' => $rows });
	$node->safe_psql('postgres', 'CREATE DATABASE large');
	$large->create_servers($node, dbname => 'large', only => ['ac'], options => { ac => "rate_limit '100000/s', max_retries '0'" });
	sql('CREATE SCHEMA copy', dbname => 'large');

	# For some days nothing has changed, so that no more than one row in a hundred is new.
	my @recent = split /\n/, sql("SELECT id FROM ac.contacts WHERE updated_at >= '2026-11-15'", dbname => 'large');
	$large->mutate(crm => 'activecampaign', table => 'contacts', op => 'update', ids => \@recent, changes => { updated_at => '2026-10-01T00:00:00Z' });
	my $seconds = 'extract(epoch FROM finished_at - started_at)';
	sql("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.contacts', mode => 'incremental')", dbname => 'large');
	my $complete = last_run('copy.contacts', $seconds, dbname => 'large');
	is(sql('SELECT count(*) FROM copy.contacts', dbname => 'large'), $rows, 'all are there');
	my $all = last_run('copy.contacts', 'requests', dbname => 'large');

	# Long after everything else, all at the same second.
	my $when = sql(q{SELECT to_char(max(updated_at) AT TIME ZONE 'UTC' + interval '5 days', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM copy.contacts}, dbname => 'large');
	my $near = sql("SELECT count(*) FROM copy.contacts, crm_fdw.refresh_states WHERE updated_at >= watermark - interval '3 days'", dbname => 'large');
	my $ids = $large->mutate(crm => 'activecampaign', table => 'contacts', op => 'update', ids => 'random', n => $changed,
		changes => { first_name => 'Changed', updated_at => $when })->{ids};
	# The sandbox sorts what has changed at the first request; an API has done so before.
	sql("SELECT count(*) FROM ac.contacts WHERE updated_at > '2100-01-01'", dbname => 'large');
	$large->clear_log;
	refresh('copy.contacts', dbname => 'large');
	my $partial = last_run('copy.contacts', $seconds, dbname => 'large');
	my ($status, $updated, $requests) = split /\|/, last_run('copy.contacts', 'status, updated, requests', dbname => 'large');
	is("$status|$updated", "ok|$changed", 'the changes arrive');
	is(sql("SELECT count(*) FROM copy.contacts WHERE first_name = 'Changed' AND id IN (" . join(',', @$ids) . ')', dbname => 'large'), $changed, 'in the rows that changed');
	is($requests, $large->requests, 'requests are counted');
	# The same again, lest a busy machine decides.
	foreach my $round (1 .. 2)
	{
		$large->mutate(crm => 'activecampaign', table => 'contacts', op => 'update', ids => $ids, changes => { first_name => "Changed $round" });
		sql("SELECT count(*) FROM ac.contacts WHERE updated_at > '2100-01-01'", dbname => 'large');
		refresh('copy.contacts', dbname => 'large');
		is(last_run('copy.contacts', 'updated', dbname => 'large'), $changed, 'the changes arrive again');
		my $again = last_run('copy.contacts', $seconds, dbname => 'large');
		$partial = $again if $again < $partial;
	}
	note(sprintf 'complete: %d requests, %.2f s; partial: %d requests for %d rows, %.2f s (%.1f %%)',
		$all, $complete, $requests, $changed + $near, $partial, 100 * $partial / $complete);
	cmp_ok($requests, '<=', bound($changed + $near, 100), 'as many requests as the changed rows fill pages, and two');
	cmp_ok($partial, '<', 0.05 * $complete, 'in less than a twentieth of the time');
	$large->stop;
	$node->safe_psql('postgres', 'DROP DATABASE large');
};

###########################################################################
# Rights
###########################################################################

part 'rights' => sub {
	sql(q{
		CREATE ROLE owner LOGIN; CREATE ROLE other LOGIN;
		GRANT USAGE ON SCHEMA ac, aircall, copy TO owner, other;
		GRANT USAGE ON SCHEMA crm_fdw TO owner, other;
		GRANT SELECT ON ALL TABLES IN SCHEMA ac, aircall TO owner, other;
		CREATE SCHEMA work AUTHORIZATION owner;
		GRANT USAGE ON SCHEMA work TO other;
		-- The superuser's key is the wrong one, so what can be read is read by the owner's.
		CREATE USER MAPPING FOR owner SERVER ac OPTIONS (} . $sandbox->credential_sql('ac') . q{);
		ALTER USER MAPPING FOR CURRENT_USER SERVER ac OPTIONS (SET api_key 'not-the-key');
		CREATE TABLE work.who (step text, name text, super boolean);
		ALTER TABLE work.who OWNER TO owner;
	});
	fails('the superuser cannot read', 'SELECT count(*) FROM ac.lists', '28000|HV[0-9A-Z]{3}|42501');

	# A filter that tells as whom it runs, and tries what only a superuser may.
	my $as_owner = sub { my ($statement) = @_; return attempt($statement, user => 'owner') };
	my ($status, $stderr) = $as_owner->(q{
		CREATE FUNCTION work.spy(text) RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN
			BEGIN
				PERFORM set_config('session_replication_role', 'replica', false);
				INSERT INTO work.who VALUES ('superuser', current_user, true);
			EXCEPTION WHEN insufficient_privilege THEN
				INSERT INTO work.who VALUES ($1, current_user, (SELECT usesuper FROM pg_user WHERE usename = current_user));
			END;
			BEGIN
				EXECUTE 'SET ROLE ' || quote_ident(session_user);
				INSERT INTO work.who VALUES ('escaped', current_user, true);
			EXCEPTION WHEN OTHERS THEN
				NULL;
			END;
			RETURN true;
		END $$;
		SELECT crm_fdw.create_snapshot('ac.lists', 'work.lists_' || mode, mode => mode, filter => 'work.spy(''filter'')')
		FROM unnest(ARRAY['replace', 'incremental', 'append', 'history']) mode;
		SELECT crm_fdw.create_snapshot('ac.lists', 'work.plain_' || mode, mode => mode)
		FROM unnest(ARRAY['replace', 'incremental', 'append', 'history']) mode;
		CREATE FUNCTION work.spy_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM work.spy('trigger');
			RETURN NULL;
		END $$;
		CREATE TRIGGER spy AFTER INSERT OR UPDATE OR DELETE ON work.lists_incremental EXECUTE FUNCTION work.spy_trigger();
	});
	is($status, 0, 'an owner makes snapshots') or diag($stderr);
	is(sql(q{SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ',') FROM pg_class WHERE relnamespace = 'work'::regnamespace AND relkind IN ('m', 'r', 'v')}),
		'owner', 'and owns what they are made of');

	# What stands in the caller's path is not called.
	sql(q{
		CREATE SCHEMA trap;
		CREATE TABLE trap.called (what text);
		CREATE FUNCTION trap.note(what text) RETURNS void LANGUAGE sql AS $$ INSERT INTO trap.called VALUES (what) $$; -- as the caller
		CREATE FUNCTION trap.count(text) RETURNS bigint LANGUAGE sql AS $$ SELECT trap.note('count'); SELECT 1::bigint $$;
		CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT trap.note('now'); SELECT pg_catalog.now() $$;
		CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT trap.note('clock'); SELECT pg_catalog.now() $$;
		CREATE FUNCTION trap.nextval(text) RETURNS bigint LANGUAGE sql AS $$ SELECT trap.note('nextval'); SELECT 1::bigint $$;
		CREATE FUNCTION trap.same(regclass, oid) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.note('='); SELECT true $$;
		CREATE FUNCTION trap.same_names(name, name) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.note('= name'); SELECT $1 OPERATOR(pg_catalog.=) $2 $$;
		CREATE FUNCTION trap.same_texts(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.note('= text'); SELECT $1 OPERATOR(pg_catalog.=) $2 $$;
		CREATE FUNCTION trap.same_numbers(bigint, bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT trap.note('= bigint'); SELECT $1 OPERATOR(pg_catalog.=) $2 $$;
		CREATE OPERATOR trap.= (LEFTARG = regclass, RIGHTARG = oid, FUNCTION = trap.same);
		CREATE OPERATOR trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.same_names);
		CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.same_texts);
		CREATE OPERATOR trap.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = trap.same_numbers);
		CREATE TABLE trap.pg_class (oid oid, relname text);
		CREATE TABLE trap.pg_index (indrelid oid);
		CREATE TABLE trap.refresh_runs (id bigint);
		CREATE VIEW trap.pg_attribute AS SELECT 'x'::name AS attname FROM (SELECT trap.note('pg_attribute')) n;
		CREATE DOMAIN trap.timestamptz AS text;
	});
	sql("TRUNCATE work.who");
	foreach my $mode (qw(replace incremental append history))
	{
		sql("SET search_path = trap, pg_catalog, crm_fdw; CALL crm_fdw.refresh('work.lists_$mode')");
		is(last_run("work.lists_$mode", 'status'), 'ok', "$mode: a superuser refreshes, with the owner's key");
		is(sql("SELECT string_agg(DISTINCT name || ' ' || super, ',') FROM work.who"), 'owner false', "$mode: and the filter runs as the owner");
		sql('TRUNCATE work.who');
	}
	is(sql('SELECT string_agg(what, \',\') FROM trap.called'), '', 'nothing of the caller\'s path is called');
	is(sql("SHOW session_replication_role"), 'origin', 'nothing is set');
	$sandbox->mutate(crm => 'activecampaign', table => 'lists', op => 'update', ids => 'first', changes => { name => 'Changed' });
	refresh('work.lists_incremental');
	is(sql("SELECT string_agg(DISTINCT step || ' ' || name, ',' ORDER BY step || ' ' || name) FROM work.who"), 'filter owner,trigger owner', 'so does a trigger');

	# What a deferred trigger did would be done at the commit, as the caller.
	$as_owner->('CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON work.plain_incremental DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION work.spy_trigger()');
	sql('TRUNCATE work.who');
	$sandbox->mutate(crm => 'activecampaign', table => 'lists', op => 'update', ids => 'first', changes => { name => 'Changed again' });
	fails('a deferred trigger', "CALL crm_fdw.refresh('work.plain_incremental')", '42501', qr/deferred trigger/);
	is(sql('SELECT count(*) FROM work.who'), '0', 'it was not called');
	is(last_run('work.plain_incremental', 'status, sqlstate'), 'failed|42501', 'the log says so');

	# Others.
	foreach my $statement ("CALL crm_fdw.refresh('work.lists_incremental')", "SELECT crm_fdw.drop_snapshot('work.lists_incremental')",
		"CALL crm_fdw.refresh('work.lists_replace')", "SELECT crm_fdw.drop_snapshot('work.lists_replace')")
	{
		fails("another role: $statement", $statement, '42501', { user => 'other' });
	}
	foreach my $table (qw(refresh_settings refresh_states refresh_runs))
	{
		foreach my $role (qw(owner other))
		{
			fails("$role: $_ $table", $_, '42501', { user => $role })
			  foreach "SELECT * FROM crm_fdw.$table", "DELETE FROM crm_fdw.$table", "UPDATE crm_fdw.$table SET relation = relation";
		}
	}
	fails('the numbers of runs', "SELECT nextval('crm_fdw.refresh_runs_id_seq')", '42501', { user => 'owner' });
	fails('a schema without rights', "SELECT crm_fdw.create_snapshot('ac.lists', 'copy.x')", '42501', { user => 'owner' });
	fails('a source without rights', "SELECT crm_fdw.create_snapshot('agile.deals', 'work.x')", '42501', { user => 'owner' });

	# Messages are for the owner.
	my $messages = q{SELECT count(*) > 0, count(message), count(hint) FROM crm_fdw.refresh_log WHERE relation = 'work.plain_incremental'::regclass};
	my $errors = q{SELECT last_error IS NOT NULL, last_status FROM crm_fdw.refresh_status WHERE relation = 'work.plain_incremental'::regclass};
	is((attempt($messages, user => 'owner'))[2], 't|1|0', 'the owner reads messages');
	is((attempt($messages, user => 'other'))[2], 't|0|0', 'another role does not');
	is((attempt($errors, user => 'owner'))[2], 't|failed', 'nor in refresh_status, where the owner does');
	is((attempt($errors, user => 'other'))[2], 'f|failed', 'and the other sees only that it failed');
	sql('GRANT pg_read_all_stats TO other');
	is((attempt($messages, user => 'other'))[2], 't|1|0', 'members of pg_read_all_stats do');
	foreach my $view (qw(snapshots refresh_log refresh_status))
	{
		is((attempt("SELECT count(*) > 0 FROM crm_fdw.$view", user => 'other'))[2], 't', "$view is for all");
	}
	($status, $stderr) = $as_owner->(q{SELECT crm_fdw.drop_snapshot('work.' || kind || '_' || mode)
		FROM unnest(ARRAY['lists', 'plain']) kind, unnest(ARRAY['replace', 'incremental', 'append', 'history']) mode});
	is($status, 0, 'the owner drops them') or diag($stderr);
	is(sql(q{SELECT string_agg(relname, ',') FROM pg_class WHERE relnamespace = 'work'::regnamespace AND relkind IN ('m', 'v', 'r')}), 'who', 'and nothing is left');
	sql('ALTER USER MAPPING FOR CURRENT_USER SERVER ac OPTIONS (SET ' . $sandbox->credential_sql('ac') . ')');
};

###########################################################################
# Sources and copies that change their shape
###########################################################################

part 'other columns' => sub {
	my @modes = qw(replace incremental append history);
	foreach my $mode (@modes)
	{
		sql("CREATE FOREIGN TABLE copy.lists_$mode (id bigint, name text, stringid text, updated_at timestamptz) SERVER ac OPTIONS (entity 'lists')");
		sql("SELECT crm_fdw.create_snapshot('copy.lists_$mode', 'copy.$mode', mode => '$mode')");
		my $rows = sql("SELECT count(*) FROM copy.$mode");
		fails("$mode: a column that is needed", "ALTER FOREIGN TABLE copy.lists_$mode DROP COLUMN stringid", '2BP01', qr/copy\.$mode/);
		next if $mode eq 'replace';

		sql("ALTER FOREIGN TABLE copy.lists_$mode DROP COLUMN stringid CASCADE");
		fails("$mode: a column that is gone", "CALL crm_fdw.refresh('copy.$mode')", '42P01', qr/view that copy\.$mode is read through is gone/, qr/HINT: .*create_snapshot/);
		is(sql("SELECT count(*) FROM copy.$mode"), $rows, "$mode: the copy is as it was");
		is(last_run("copy.$mode", "status, sqlstate, hint LIKE '%create_snapshot%'"), 'failed|42P01|t', "$mode: the log says so");
		sql("SELECT crm_fdw.drop_snapshot('copy.$mode')");
		is(sql("SELECT to_regclass('copy.$mode') IS NULL"), 't', "$mode: it can be dropped still");

		sql("SELECT crm_fdw.create_snapshot('copy.lists_$mode', 'copy.$mode', mode => '$mode')");
		sql("ALTER TABLE copy.$mode ADD note text DEFAULT 'ours', ADD stamp timestamptz DEFAULT now()");
		refresh("copy.$mode");
		is(last_run("copy.$mode", 'status'), 'ok', "$mode: columns of one's own are no harm");
		is(sql("SELECT count(*) FROM copy.$mode WHERE note = 'ours'"), sql("SELECT count(*) FROM copy.$mode"), "$mode: nor are they overwritten");
		sql("ALTER TABLE copy.$mode ALTER name TYPE varchar");
		fails("$mode: another type", "CALL crm_fdw.refresh('copy.$mode')", '42804', qr/column "name"/, qr/HINT: .*create_snapshot/);
		sql("ALTER TABLE copy.$mode ALTER name TYPE text");
		refresh("copy.$mode");
		is(last_run("copy.$mode", 'status'), 'ok', "$mode: and back");
		sql("ALTER TABLE copy.$mode RENAME TO renamed; ALTER VIEW copy.${mode}_source RENAME TO under");
		refresh('copy.renamed');
		is(last_run('copy.renamed', 'status'), 'ok', "$mode: names do not matter");
		sql("ALTER TABLE copy.renamed RENAME TO $mode");
		if ($mode ne 'append')
		{
			sql("ALTER TABLE copy.$mode DROP CONSTRAINT ${mode}_pkey");
			fails("$mode: no primary key", "CALL crm_fdw.refresh('copy.$mode')", '42P16', qr/lost its primary key/, qr/HINT: .*ADD PRIMARY KEY/);
		}
		sql("ALTER TABLE copy.$mode DROP COLUMN name");
		fails("$mode: a column that the copy lacks", "CALL crm_fdw.refresh('copy.$mode')", '42804', qr/column "name"/);
		is(sql("SELECT last_status, failures_in_a_row > 0 FROM crm_fdw.refresh_status WHERE relation = 'copy.$mode'::regclass"), 'failed|t', "$mode: the streak");
		sql("DROP TABLE copy.$mode");
		is(sql("SELECT to_regclass('copy.under') IS NULL"), 't', "$mode: the view goes with the table");
		is(sql("SELECT count(*) FROM crm_fdw.snapshots WHERE relation::text LIKE '%$mode%'"), '0', "$mode: the table is listed no more");
	}
};

###########################################################################
# Dump and restore
###########################################################################

part 'a dump' => sub {
	my %port = (host => $node->host, port => $node->port);
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $run = sub { my @command = @_; return IPC::Run::run(\@command, '>', "$directory/out", '2>', "$directory/err") };
	my @connect = ('-h', $port{host}, '-p', $port{port});

	$sandbox->reset(data => 1);
	$node->safe_psql('postgres', 'CREATE DATABASE source');
	$sandbox->create_servers($node, dbname => 'source', only => [qw(ac agile)], options => { ac => $fast, agile => $fast });
	my $in = sub { my ($statement) = @_; return sql($statement, dbname => 'source') };
	$in->('CREATE SCHEMA copy');
	$in->("SELECT crm_fdw.create_snapshot('ac.contacts', 'copy.incremental', mode => 'incremental', lookback => '1 hour')");
	$in->("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.history', mode => 'history', filter => 'id > 0')");
	$in->("SELECT crm_fdw.create_snapshot('ac.lists', 'copy.append', mode => 'append')");
	$in->("SELECT crm_fdw.create_snapshot('ac.deals', 'copy.replace')");
	$in->("CREATE TABLE copy.unrelated (id int)");
	$in->("SELECT crm_fdw.create_snapshot('ac.lists', 'copy.gone', mode => 'append')");
	refresh("copy.$_", dbname => 'source') foreach qw(incremental history append replace);
	$in->('DROP TABLE copy.gone');
	my @tables = qw(copy.incremental copy.history copy.append crm_fdw.refresh_states crm_fdw.refresh_runs crm_fdw.refresh_settings);
	my $content = sub {
		my ($dbname, $table) = @_;
		my $where = $table =~ /^crm_fdw/ ? "WHERE relation::text LIKE 'copy.%'" : '';
		return sql("SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM $table t $where", dbname => $dbname);
	};
	my %content = map { $_ => $content->('source', $_) } @tables;
	my $last = $in->('SELECT max(id) FROM crm_fdw.refresh_runs');

	ok($run->('pg_dump', @connect, '-Fc', '-f', "$directory/custom", 'source'), 'pg_dump -Fc');
	ok($run->('pg_dump', @connect, '-f', "$directory/plain.sql", 'source'), 'pg_dump');
	my @secrets = map { /'(sandbox[^']+)'/ ? $1 : () } map { split /, /, $sandbox->credential_sql($_) } qw(ac agile);
	my @lines = grep { my $line = $_; grep { index($line, $_) >= 0 } @secrets } split /\n/, slurp_file("$directory/plain.sql");
	is(scalar(@lines), scalar(@secrets), 'the dump holds each secret once');
	like($_, qr/^\s+api_key '/, 'as an option of a user mapping') foreach @lines;

	foreach my $how (qw(custom plain down))
	{
		$node->safe_psql('postgres', "CREATE DATABASE $how");
		$sandbox->fault(path => '/', kind => 'status', params => { code => 500 }) if $how eq 'down';
		my $done = $how eq 'custom' ? $run->('pg_restore', @connect, '-d', $how, "$directory/custom")
		  : $run->('psql', @connect, '-X', '-q', '-d', $how, '-f', "$directory/plain.sql");
		my $errors = () = slurp_file("$directory/err") =~ /ERROR/g;
		is($errors, $how eq 'down' ? 1 : 0, "$how: " . ($how eq 'down' ? 'a materialized view cannot be read' : 'restored')) or diag(slurp_file("$directory/err"));
		$sandbox->clear_faults;
		is($content->($how, $_), $content{$_}, "$how: $_ is as it was") foreach @tables;
		is(sql(q{SELECT relispopulated FROM pg_class WHERE oid = 'copy.replace'::regclass}, dbname => $how), $how eq 'down' ? 'f' : 't', "$how: materialized view");
		is(sql('SELECT count(*) FROM crm_fdw.snapshots', dbname => $how), '4', "$how: the snapshots are listed");

		my ($id) = split /\n/, sql('SELECT id FROM copy.incremental ORDER BY id', dbname => $how);
		my $when = sql(q{SELECT to_char(watermark AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM crm_fdw.snapshots WHERE mode = 'incremental'}, dbname => $how);
		$sandbox->mutate(crm => 'activecampaign', table => 'contacts', op => 'update', ids => [$id], changes => { first_name => "Changed $how", updated_at => $when });
		refresh("copy.$_", dbname => $how) foreach qw(incremental history append replace);
		is(last_run('copy.incremental', "status, complete, updated > 0, id > $last", dbname => $how), 'ok|f|t|t', "$how: an incremental copy goes on from its watermark");
		is(last_run('copy.history', 'status, inserted, updated, deleted', dbname => $how), 'ok|0|0|0', "$how: a history goes on");
		is(last_run('copy.append', 'status, inserted = (SELECT count(*) FROM ac.lists)', dbname => $how), 'ok|t', "$how: states are added");
		is(last_run('copy.replace', 'status, rows_after = (SELECT count(*) FROM ac.deals)', dbname => $how), 'ok|t', "$how: the materialized view is read");
		is(sql('SELECT count(*) FROM crm_fdw.refresh_log WHERE status <> \'ok\'', dbname => $how), '0', "$how: no run has failed");
		sql("SELECT crm_fdw.drop_snapshot('copy.$_')", dbname => $how) foreach qw(incremental history append replace);
		is(sql(q{SELECT string_agg(relname, ',') FROM pg_class WHERE relnamespace = 'copy'::regnamespace AND relkind IN ('r', 'v', 'm')}, dbname => $how), 'unrelated',
			"$how: and they can be dropped");
		$node->safe_psql('postgres', "DROP DATABASE $how");
	}
};

$sandbox->stop;
$node->stop;
done_testing();
