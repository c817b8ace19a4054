# Values as the APIs write them, one by one: each answer here is spelled out
# byte for byte, so that what is read can be compared with what was sent.

use strict;
use warnings;
use utf8;

use CrmSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
CrmSandbox::init_node($node, extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;
my $sandbox = CrmSandbox->start;
$sandbox->create_servers($node);

# Makes the endpoint answer with this text.
sub serve
{
	my ($crm, $path, $body) = @_;
	$sandbox->clear_faults;
	$sandbox->fault(crm => $crm, path => $path, kind => 'status',
		params => { code => 200, body => $body, content_type => 'application/json' });
	return;
}

sub reads
{
	my ($label, $sql, $expected) = @_;
	is($node->safe_psql('postgres', $sql), $expected, $label);
	return;
}

# An ActiveCampaign contact with one member set.
sub contact
{
	my ($member, $value) = @_;
	serve('activecampaign', '/contacts$',
		qq({"contacts":[{"id":"7","$member":$value}],"meta":{"total":"1"}}));
	return;
}

# No time, in every spelling.
foreach my $none ('null', '""', '0', '"0"', '"0000-00-00"', '"0000-00-00 00:00:00"', '"0000-00-00T00:00:00Z00:00"')
{
	contact('cdate', $none);
	reads("no time: $none", 'SELECT created_at IS NULL FROM ac.contacts', 't');
}

# Times with and without offset; without, ActiveCampaign's clock is Chicago's.
my %time = (
	'"2026-01-05T09:00:00-06:00"' => '2026-01-05 15:00:00+00',
	'"2026-07-05T09:00:00-05:00"' => '2026-07-05 14:00:00+00',
	'"2026-01-05 09:00:00"' => '2026-01-05 15:00:00+00',
	'"2026-07-05 09:00:00"' => '2026-07-05 14:00:00+00',
	'"2026-01-05T2:10:00-05:00"' => '2026-01-05 07:10:00+00',
	'"2026-01-05T09:00:00-00:00"' => '2026-01-05 09:00:00+00',
	'"2026-01-05T09:00:00.123456789Z"' => '2026-01-05 09:00:00.123457+00');
foreach my $sent (sort keys %time)
{
	contact('cdate', $sent);
	reads("time $sent", 'SELECT created_at FROM ac.contacts', $time{$sent});
	reads("time $sent under another session zone", "SET timezone = 'Asia/Kolkata'; SELECT created_at AT TIME ZONE 'UTC' FROM ac.contacts",
		$time{$sent} =~ s/\+00$//r);
}
foreach my $word (qw(now today infinity epoch allballs))
{
	contact('cdate', qq("$word"));
	my ($status) = $node->psql('postgres', 'SELECT created_at FROM ac.contacts');
	isnt($status, 0, "the word $word is not a time");
}

# Addresses and flags
contact('ip', '"171971665"');
reads('IPv4 as a number', 'SELECT ip FROM ac.contacts', '10.64.20.81');
contact('ip', '"0"');
reads('no IPv4', 'SELECT ip IS NULL FROM ac.contacts', 't');
contact('ip', '"2001:db8::1"');
reads('IPv6 as text', 'SELECT ip FROM ac.contacts', '2001:db8::1');
foreach my $flag ('"1"', '1', 'true', '"true"')
{
	contact('deleted', $flag);
	reads("flag $flag", 'SELECT deleted FROM ac.contacts', 't');
}
foreach my $flag ('"0"', '0', 'false')
{
	contact('deleted', $flag);
	reads("flag $flag", 'SELECT deleted FROM ac.contacts', 'f');
}
contact('deleted', '""');
reads('empty flag', 'SELECT deleted IS NULL FROM ac.contacts', 't');

# Money
my %cents = ('"1"' => '0.01', '"1000000000000000"' => '10000000000000.00', '"0"' => '0.00', '156' => '1.56', '"-250"' => '-2.50');
foreach my $sent (sort keys %cents)
{
	serve('activecampaign', '/deals$', qq({"deals":[{"id":"1","value":$sent,"currency":"eur"}],"meta":{"total":1}}));
	reads("cents $sent", 'SELECT value, currency FROM ac.deals', "$cents{$sent}|EUR");
}
serve('aircall', '/calls$', q({"calls":[{"id":4186780376,"cost":"3.0"}],"meta":{"total":1,"per_page":50}}));
reads('cents of a call', 'SELECT id, cost FROM aircall.calls', '4186780376|0.030');

# Restricted deals are rows of their own kind.
serve('activecampaign', '/deals$', q({"deals":[{"title":"Hidden","status":"0","id":"4","isDisabled":true},{"id":"5","isDisabled":1}],"meta":{"currencies":[],"total":2}}));
reads('restricted deals', 'SELECT id, title, is_disabled, value IS NULL FROM ac.deals ORDER BY id', "4|Hidden|t|t\n5||t|t");

# Codes and their words
serve('activecampaign', '/campaigns$', q({"campaigns":[{"id":"1","status":"1","seriesid":"0"},{"id":"2","status":"1","seriesid":"9"},{"id":"3","status":5},{"id":"4","status":"77"}],"meta":{"total":"4"}}));
reads('labels', 'SELECT status, status_label FROM ac.campaigns ORDER BY id', "1|scheduled\n1|automation\n5|completed\n77|");
serve('activecampaign', '/campaigns$', q({"campaigns":[{"id":"1","send_amt":"0","uniqueopens":"0"},{"id":"2","send_amt":"3","uniqueopens":"1"}],"meta":{"total":"2"}}));
reads('rates', 'SELECT round(open_rate, 6) FROM ac.campaigns ORDER BY id', "\n0.333333");

# Numbers, exact
my $agile = q([{"id":5900000000000001,"expected_value":1.0E10,"close_date":1700006400,"won_date":1700006400000,"milestone_changed_time":0,"contact_ids":["5900000000000002"],"tags":[],"tagsWithTime":[{"tag":"hot"}],"probability":9007199254740993}]);
serve('agilecrm', '/opportunity$', $agile =~ s/9007199254740993/70/r);
reads('Java doubles, seconds and milliseconds by their size', 'SELECT id, expected_value, close_date, won_date, milestone_changed_at, contact_ids, tags FROM agile.deals',
	'5900000000000001|10000000000|2023-11-15 00:00:00+00|2023-11-15 00:00:00+00||{5900000000000002}|{hot}');
$node->safe_psql('postgres', q{
	CREATE FOREIGN TABLE numbers (id bigint, n numeric, big bigint, t timestamptz OPTIONS (format 'unix'), ms timestamptz OPTIONS (format 'unix_ms'),
		iso timestamptz OPTIONS (format 'iso8601'), money numeric OPTIONS (format 'cents'), j jsonb OPTIONS (format 'json_text'),
		d date, words text[], ids bigint[], deep text OPTIONS (pointer '/a~1b/1/c'), map jsonb, body text, raw jsonb)
	SERVER aircall OPTIONS (path '/v1/numbers_of_all_kinds', rows '/rows')});
sub row
{
	my ($members) = @_;
	serve('aircall', '/v1/numbers_of_all_kinds', qq({"rows":[{"id":1,$members}],"meta":{"total":1,"per_page":50}}));
	return;
}
row('"big":9223372036854775807,"n":12345678901234567890.123456789012345678901');
reads('19-digit integers and long decimals', 'SELECT big, n FROM numbers', '9223372036854775807|12345678901234567890.123456789012345678901');
reads('the same in raw', q{SELECT raw->>'big', raw->>'n' FROM numbers}, '9223372036854775807|12345678901234567890.123456789012345678901');
row('"big":"9007199254740993","n":"1e3"');
reads('numbers as strings', 'SELECT big, n FROM numbers', '9007199254740993|1000');
row('"big":5.0,"n":-0.10');
reads('a whole number with a fraction of zero', 'SELECT big, n FROM numbers', '5|-0.10');
row('"big":1.0E10');
reads('a whole number with an exponent', 'SELECT big FROM numbers', '10000000000');
row('"t":1700000000,"ms":1700000000123,"iso":"2026-05-28","money":"199","j":"{\\"a\\": [1, 2]}","d":"2026-05-28"');
reads('formats by option', 'SELECT t, ms, iso, money, j, d FROM numbers', '2023-11-14 22:13:20+00|2023-11-14 22:13:20.123+00|2026-05-28 00:00:00+00|1.99|{"a": [1, 2]}|2026-05-28');
row('"t":0,"ms":"","iso":"0000-00-00","money":"","j":"","d":"0000-00-00"');
reads('nothing, by format', 'SELECT t, ms, iso, money, j, d FROM numbers', '|||||');
row('"t":-19800');
reads('an empty date shifted by a time zone', 'SELECT t IS NULL FROM numbers', 't');
row('"words":["a","b c",null,5],"ids":["1",2,3.0]');
reads('lists', 'SELECT words, ids FROM numbers', '{a,"b c",5}|{1,2,3}');
row('"words":[],"ids":null');
reads('an empty list and none', 'SELECT words, ids IS NULL FROM numbers', '{}|t');
row('"a/b":[{},{"c":"found"}],"map":[]');
reads('a pointer, and [] for an empty map', 'SELECT deep, map FROM numbers', 'found|[]');
row('"x":1');
reads('absent keys', 'SELECT n, big, t, words, deep, map, body FROM numbers', '||||||');

serve('aircall', '/v1/numbers_of_all_kinds', q({"rows":[{"n":1},{"n":1},{"n":2}],"meta":{"total":3,"per_page":50}}));
reads('records without an id are all rows', 'SELECT count(*), sum(n) FROM numbers', '3|4');

# Texts
my $text = "emoji \x{1F600}\x{200D}\x{1F680}, \x{5E9}\x{5DC}\x{5D5}\x{5DD}, \x{645}\x{631}\x{62D}\x{628}\x{627}, \"quoted\" \\ and\ttabbed";
(my $json = $text) =~ s/(["\\])/\\$1/g;
$json =~ s/\t/\\t/g;
row(qq("body":"$json"));
reads('emoji, right-to-left, quotes', 'SELECT length(body) FROM numbers', length $text);
is($node->safe_psql('postgres', q{SELECT body = raw->>'body' FROM numbers}), 't', 'column and raw agree');
row('"body":"\\ud83d\\ude00\\u00e9\\/"');
reads('escapes', q{SELECT body = U&'\+01F600\00E9/' FROM numbers}, 't');
my $long = 'x' x (200 * 1024);
row(qq("body":"$long"));
reads('a text of 200 KB', 'SELECT length(body), md5(body) FROM numbers', (200 * 1024) . '|' . do { require Digest::MD5; Digest::MD5::md5_hex($long) });
row('"body":{"b":[1,2],"a":"x"}');
reads('structure in a text column', 'SELECT body FROM numbers', '{"b":[1,2],"a":"x"}');
row('"body":""');
reads('an empty text is a text', q{SELECT body = '' FROM numbers}, 't');

# \u0000: an error that says so, or NULL where the user chose that.
row('"body":"a\\u0000b","n":1');
my ($status, $stdout, $stderr) = $node->psql('postgres', 'SELECT body FROM numbers');
like($stderr, qr/u0000/, '\u0000 in a text is an error');
reads('columns without it are read', 'SELECT n FROM numbers', '1');
$node->safe_psql('postgres', "ALTER FOREIGN TABLE numbers OPTIONS (ADD on_conversion_error 'null')");
reads('or NULL', 'SELECT body IS NULL, n FROM numbers', 't|1');
$node->safe_psql('postgres', "ALTER FOREIGN TABLE numbers OPTIONS (DROP on_conversion_error)");

# Columns of a user's own making
$node->safe_psql('postgres', q{
	CREATE FOREIGN TABLE own (account text OPTIONS (constant 'north'), "When" text OPTIONS (column_name 'started_at'), started timestamp OPTIONS (column_name 'started_at'),
		lasting interval OPTIONS (pointer '/duration'), id bigint)
	SERVER aircall OPTIONS (entity 'calls')});
serve('aircall', '/calls$', q({"calls":[{"id":1,"started_at":1700000000,"duration":"90 seconds"}],"meta":{"total":1,"per_page":50}}));
reads('constant, renamed and retyped columns', 'SELECT account, "When", started, lasting, id FROM own', 'north|2023-11-14 22:13:20+00|2023-11-14 22:13:20|00:01:30|1');

# The session's DateStyle names zones by words that read as others
is($node->safe_psql('postgres', q{
	CREATE FOREIGN TABLE moments (started_at timestamptz, whole timestamptz(0) OPTIONS (column_name 'started_at'),
		local timestamp OPTIONS (column_name 'started_at'), day date OPTIONS (column_name 'started_at'))
	SERVER aircall OPTIONS (entity 'calls');
	SET timezone = 'Asia/Kolkata'; SET datestyle = 'SQL, DMY';
	SELECT whole = started_at, local = started_at::timestamp, day = started_at::date FROM moments}), 't|t|t', 'any DateStyle');

# Names that read as one number are different names
serve('agilecrm', '/tags$', q([{"tag":"7"},{"tag":"07"},{"tag":"+7"},{"tag":"7 "},{"tag":"7"}]));
reads('names that look like numbers', q{SELECT count(*), count(DISTINCT tag) FROM agile.tags}, '4|4');

# Two rows of one company name, keys in any order, unknown keys kept in raw
serve('aircall', '/company$', q({"company":{"users_count":3,"new_key":{"x":[1,2.50]},"name":"Acme"}}));
reads('unknown keys are not lost', q{SELECT name, raw->'new_key' FROM aircall.company}, 'Acme|{"x": [1, 2.50]}');

# Another encoding of the database
$node->safe_psql('postgres', "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
$sandbox->clear_faults;
$sandbox->create_servers($node, dbname => 'latin', only => ['aircall', 'agile']);
serve('aircall', '/company$', q({"company":{"name":"Caf\u00e9 M\u00fcller"}}));
is($node->safe_psql('latin', q{SELECT encode(convert_to(name, 'UTF8'), 'hex') FROM aircall.company}), '436166c3a9204dc3bc6c6c6572', 'a LATIN1 database');
serve('aircall', '/company$', q({"company":{"name":"\ud83d\ude00"}}));
($status, $stdout, $stderr) = $node->psql('latin', 'SELECT name FROM aircall.company', extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($stderr, qr/22P05/, 'what it cannot hold is an error');
serve('agilecrm', '/pipelines$', q([{"id":1,"name":"Track","milestones":"Open, Gepr\u00fcft","won_milestone":"Gepr\u00fcft"}]));
is($node->safe_psql('latin', q{SELECT length(name), is_won, raw #>> '{}' = name FROM agile.milestones WHERE position = 2}),
	'7|t|t', 'words of a text in a LATIN1 database');

$node->stop;
done_testing();
