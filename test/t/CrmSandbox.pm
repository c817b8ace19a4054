=pod

=head1 NAME

CrmSandbox - the CRM emulator, started and steered from TAP tests

=head1 SYNOPSIS

  my $sandbox = CrmSandbox->start(scale => { 'aircall.calls' => 26000 });
  $sandbox->create_servers($node);
  $sandbox->fault(crm => 'aircall', path => '/v1/calls', kind => 'status',
                  params => { code => 500 }, times => 2);
  is($node->safe_psql('postgres', 'SELECT count(*) FROM aircall.users'),
     $sandbox->count('aircall', 'users'));
  is($sandbox->requests(crm => 'aircall', path => '/v1/users'), 1);

A request the emulator refuses ends the test: a test cannot go on as if a
fault or a mutation had been set up.

=cut

package CrmSandbox;

use strict;
use warnings;

use Carp;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp ();
use HTTP::Tiny;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Utils ();
use Scalar::Util qw(weaken);
use Time::HiRes qw(sleep time);

my $program = abs_path(dirname(__FILE__) . '/../sandbox/sandbox.py');

# Server and schema -> CRM, and the credential the sandbox accepts.
my %crm_of = (
	ac => 'activecampaign',
	aircall => 'aircall',
	agile => 'agilecrm');
my %credential_of = (
	ac => { api_key => 'sandbox-ac-key-3f9a' },
	aircall =>
	  { api_id => 'sandbox-id', api_token => 'sandbox-aircall-token-77' },
	agile =>
	  { email => 'owner@example.com', api_key => 'sandbox-agile-key-b41c' });

my $started = 0;

# A test that dies must not leave its emulator behind.
my @running;

END
{
	local ($?, $@);
	$_->stop foreach grep { defined } @running;
}

=pod

=head1 STARTING AND STOPPING

=over

=item CrmSandbox->start(%options)

Starts an emulator on a free port and waits until it answers.  Options: scale
(hash of 'crm.table' => rows), latency_ms, seed, tls_cert and tls_key (files).
It ends with stop() or with the object.

=cut

sub start
{
	my ($class, %options) = @_;
	my $self = bless {
		directory => File::Temp->newdir,
		scheme => defined $options{tls_cert} ? 'https' : 'http'
	}, $class;

	my $port_file = $self->{directory} . '/port';
	my $log_file =
	  sprintf('%s/%s_sandbox_%d.log', $PostgreSQL::Test::Utils::log_path, basename($0, '.pl'), ++$started);
	my @command =
	  ('/usr/bin/python3', $program, '--port', 0, '--port-file', $port_file);
	my $scale = delete $options{scale} // {};
	push @command, '--scale', "$_=$scale->{$_}" foreach sort keys %$scale;
	foreach my $name (qw(latency_ms seed tls_cert tls_key))
	{
		next unless exists $options{$name};
		(my $switch = "--$name") =~ tr/_/-/;
		push @command, $switch, delete $options{$name};
	}
	croak "unknown option: " . join(', ', sort keys %options) if %options;

	local $ENV{PYTHONDONTWRITEBYTECODE} = 1;
	push @running, $self;
	weaken($running[-1]);
	$self->{process} = IPC::Run::start(\@command, '<', '/dev/null', '>', $log_file, '2>&1');

	# The proxies of the environment are not asked for a loopback address.  The
	# certificate of a TLS sandbox is the test's own.
	$self->{http} = HTTP::Tiny->new(
		timeout => $PostgreSQL::Test::Utils::timeout_default,
		proxy => undef,
		http_proxy => undef,
		https_proxy => undef,
		verify_SSL => 0);
	$self->_wait_until_up($port_file, $log_file);
	return $self;
}

sub _wait_until_up
{
	my ($self, $port_file, $log_file) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;

	while (time < $deadline)
	{
		if (-s $port_file)
		{
			chomp($self->{port} = PostgreSQL::Test::Utils::slurp_file($port_file));
			return if $self->{http}->get($self->base_url . '/_sandbox/health')->{success};
		}
		last unless $self->{process}->pumpable;
		sleep 0.05;
	}
	croak "the sandbox did not start: " . PostgreSQL::Test::Utils::slurp_file($log_file);
}

=pod

=item $sandbox->stop()

Ends the emulator; its port then refuses connections.

=cut

sub stop
{
	my ($self) = @_;
	my $process = delete $self->{process} or return;

	local ($?, $@);
	$process->signal('TERM');
	eval { $process->finish };
	return;
}

sub DESTROY
{
	my ($self) = @_;
	$self->stop;
	return;
}

=pod

=item $sandbox->base_url(), $sandbox->port()

=back

=cut

sub base_url
{
	my ($self) = @_;
	return "$self->{scheme}://127.0.0.1:$self->{port}";
}

sub port
{
	my ($self) = @_;
	return $self->{port};
}

=pod

=head1 CLUSTERS

=over

=item CrmSandbox::init_node($node, %options)

Initializes a cluster that preloads the library, as README.md tells users to.
Options go to PostgreSQL::Test::Cluster's init.

=back

=cut

sub init_node
{
	my ($node, %options) = @_;
	$node->init(%options);
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'crm_fdw'");
	return;
}

=pod

=head1 SERVERS

=over

=item $sandbox->create_servers($node, %options)

Creates the extension and, for each of ac, aircall and agile, a server, a user
mapping for the current user, and a schema of the same name with the imported
tables.  Options: dbname ('postgres'), only (list of servers), options (hash of
server => extra server options as SQL), custom_fields (false; true imports the
account's custom fields as well).

The servers get a rate limit far above the APIs' own; a test of rate limits
sets it with ALTER SERVER.

=cut

sub create_servers
{
	my ($self, $node, %options) = @_;
	my $dbname = $options{dbname} // 'postgres';

	$node->safe_psql($dbname, 'CREATE EXTENSION IF NOT EXISTS crm_fdw');
	foreach my $name (@{ $options{only} // [qw(ac aircall agile)] })
	{
		$node->safe_psql($dbname, $self->server_sql($name, $options{options}{$name}, $options{custom_fields}));
	}
	return;
}

=pod

=item $sandbox->server_sql($name, $extra, $custom_fields)

The SQL create_servers runs for one server.

=cut

sub server_sql
{
	my ($self, $name, $extra, $custom_fields) = @_;
	my $crm = $crm_of{$name} or croak "no server $name";
	my $server = join ', ', "crm '$crm'", "base_url '" . $self->base_url . "'",
	  ($extra // "rate_limit '1000/s'");
	my $credential = $self->credential_sql($name);
	my $import = $custom_fields ? '' : " OPTIONS (custom_fields 'false')";

	return <<"END";
CREATE SERVER $name FOREIGN DATA WRAPPER crm_fdw OPTIONS ($server);
CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS ($credential);
CREATE SCHEMA $name;
IMPORT FOREIGN SCHEMA $crm FROM SERVER $name INTO $name$import;
END
}

=pod

=item $sandbox->credential_sql($name)

The user mapping options for a server, e.g. "api_key '...'".

=back

=cut

sub credential_sql
{
	my ($self, $name) = @_;
	my $credential = $credential_of{$name} or croak "no server $name";
	return join ', ', map { "$_ '$credential->{$_}'" } sort keys %$credential;
}

=pod

=head1 CONTROL PLANE

Thin wrappers of the requests test/sandbox/README.md describes; arguments are
their members.

=over

=item $sandbox->control($method, $path, $body)

Any of them: $path below /_sandbox/, $body a reference or undef.  Returns the
decoded answer.

=cut

sub control
{
	my ($self, $method, $path, $body) = @_;
	my $options = {};

	if (defined $body)
	{
		$options = {
			content => JSON::PP->new->utf8->allow_nonref->encode($body),
			headers => { 'Content-Type' => 'application/json' }
		};
	}
	my $answer = $self->{http}->request($method, $self->base_url . "/_sandbox/$path", $options);
	croak "sandbox: $method $path: $answer->{status} $answer->{content}"
	  unless $answer->{success};
	return $answer->{content} if ($answer->{headers}{'content-type'} // '') =~ /ndjson/;
	return JSON::PP->new->utf8->allow_nonref->decode($answer->{content});
}

sub _query
{
	my ($self, %parameters) = @_;
	my $query = $self->{http}->www_form_urlencode(\%parameters);
	return $query eq '' ? '' : "?$query";
}

=pod

=item $sandbox->log(since => n, crm => 'aircall', path => regex)

The requests it answered, as a list of hashes.

=item $sandbox->requests(...)

How many these are.

=item $sandbox->clear_log(), stats(), reset(data => 1)

=cut

sub log
{
	my ($self, %filter) = @_;
	return @{ $self->control('GET', 'log' . $self->_query(%filter)) };
}

sub requests
{
	my ($self, %filter) = @_;
	return scalar(my @entries = $self->log(%filter));
}

sub clear_log
{
	my ($self) = @_;
	return $self->control('DELETE', 'log');
}

sub stats
{
	my ($self) = @_;
	return $self->control('GET', 'stats');
}

sub reset
{
	my ($self, %options) = @_;
	return $self->control('POST', 'reset',
		{ data => $options{data} ? JSON::PP::true : JSON::PP::false });
}

=pod

=item $sandbox->config(latency_ms => 50, rate_limit => { aircall => '60/min' }, ...)

=item $sandbox->fault(crm => 'aircall', path => regex, kind => 'hang_body', ...), clear_faults()

=item $sandbox->mutate(crm => 'aircall', table => 'calls', op => 'insert', n => 3, ...), mutations()

=item $sandbox->list(crm => 'aircall', path => '/v1/own', key => 'items', rows => [...], ...)

=cut

sub config
{
	my ($self, %settings) = @_;
	return $self->control('POST', 'config', \%settings);
}

sub fault
{
	my ($self, %rule) = @_;
	return $self->control('POST', 'fault', \%rule);
}

sub clear_faults
{
	my ($self) = @_;
	return $self->control('DELETE', 'fault');
}

sub mutate
{
	my ($self, %mutation) = @_;
	return $self->control('POST', 'mutate', \%mutation);
}

sub list
{
	my ($self, %list) = @_;
	return $self->control('POST', 'list', \%list);
}

sub mutations
{
	my ($self) = @_;
	return $self->control('GET', 'mutations');
}

=pod

=item $sandbox->tables()

CRM name => list of table names the emulator has rows for.

=item $sandbox->count($crm, $table)

How many rows a complete read must give.

=item $sandbox->truth($crm, $table)

These rows as JSON text, one per line, in no particular order.

=back

=cut

sub tables
{
	my ($self) = @_;
	return $self->control('GET', 'tables');
}

sub count
{
	my ($self, $crm, $table) = @_;
	return $self->control('GET', "count/$crm/$table")->{count};
}

sub truth
{
	my ($self, $crm, $table) = @_;
	return $self->control('GET', "truth/$crm/$table");
}

1;
