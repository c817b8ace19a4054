# shellcheck shell=bash
# Shared by the scripts of this folder: a private PostgreSQL and a private CRM
# sandbox that touch nothing else on the machine.
#
# Everything lives in one temporary directory:
#   src/       copy of the sources: builds leave the checkout alone, and the
#              unprivileged owner can read it even if the checkout is root's
#   postgres/  PostgreSQL as a tree of links to the installed one, with its own
#              copies of the programs.  PostgreSQL finds its files relative to
#              its programs, so the extension is installed here and nowhere
#              else, and needs no privileges
#   data/      the cluster; its socket stands in socket/, closed to others
#   log/       what happened
#
# PostgreSQL refuses to run as root: root hands over to the user "postgres",
# anyone else stays who they are.

# Found before any cd; the scripts set it from their own place.
: "${ROOT:?}"

DATABASE=crm
OWNER=
WORK=
PG_MAJOR=${PG_MAJOR:-}
SUPERUSER=postgres

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# Runs a command as root.  Asks for a password only where someone can type it.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif ! command -v sudo >/dev/null; then
		die "needs root or sudo for: $*"
	elif [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

# Runs a command as the unprivileged owner of everything private.
as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		runuser -u "$OWNER" -- "$@"
	else
		"$@"
	fi
}

# Whether a major version has all of server, headers and pg_cron installed.
postgres_complete() {
	[ -x "/usr/lib/postgresql/$1/bin/postgres" ] &&
		[ -e "/usr/lib/postgresql/$1/lib/pgxs/src/makefiles/pgxs.mk" ] &&
		[ -e "/usr/lib/postgresql/$1/lib/pg_cron.so" ]
}

# Sets PG_MAJOR if the caller did not: the newest complete version here.
choose_postgres() {
	local dir major
	if [ -z "$PG_MAJOR" ]; then
		for dir in /usr/lib/postgresql/*; do
			major=${dir##*/}
			if [[ $major =~ ^[0-9]+$ ]] && [ "$major" -ge 15 ] && [ "$major" -gt "${PG_MAJOR:-0}" ] &&
				postgres_complete "$major"; then
				PG_MAJOR=$major
			fi
		done
	fi
	[ -n "$PG_MAJOR" ] || return 1
	postgres_complete "$PG_MAJOR"
}

# Makes the temporary directory and an environment in which no variable of the
# caller (PGHOST, a psqlrc, the flags of a make above) leads anywhere else.
make_workplace() {
	local name
	umask 022
	if [ "$(id -u)" -eq 0 ]; then
		OWNER=postgres
		# Root's own TMPDIR may be closed to others.
		WORK=$(mktemp -d -p /tmp)
		chown "$OWNER": "$WORK"
	else
		OWNER=$(id -un)
		WORK=$(mktemp -d)
	fi
	for name in $(compgen -e); do
		case $name in
		PG_MAJOR) ;;
		CRM_DIFFERENTIAL_* | CRM_CHAOS_*) ;;
		PG* | CRM_* | MAKE* | MFLAGS | PERL5LIB | PYTHON*) unset "$name" ;;
		esac
	done
	as_owner mkdir -p "$WORK"/{src,home,log,tmp}
	as_owner mkdir -m 700 "$WORK/socket"
	export HOME=$WORK/home TMPDIR=$WORK/tmp LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
	export PGTZ=UTC PSQL_HISTORY=/dev/null PAGER=
	# The caller's directory may be closed to the owner.
	cd "$WORK" || exit
}

copy_sources() {
	tar -C "$ROOT" -c --exclude=./.git --exclude=./results --exclude=./log --exclude=./tmp_check --exclude='./test/*/build' \
		--exclude='./regression.*' --exclude=__pycache__ --exclude='*.o' --exclude='*.d' \
		--exclude='*.bc' --exclude='*.so' . |
		as_owner tar -C "$WORK/src" -x --no-same-owner
}

# The tree of links described above; puts its programs first in PATH.
make_postgres() {
	local lib=/usr/lib/postgresql/$PG_MAJOR share=/usr/share/postgresql/$PG_MAJOR
	local include=/usr/include/postgresql tree=$WORK/postgres
	as_owner mkdir -p "$tree$lib" "$tree$share" "$tree$include"
	as_owner cp -Rs "$lib/." "$tree$lib"
	as_owner rm -rf "$tree$lib/bin"
	as_owner cp -R "$lib/bin" "$tree$lib/bin"
	as_owner cp -Rs "$share/." "$tree$share"
	as_owner ln -s "$include/$PG_MAJOR" "$tree$include/$PG_MAJOR"
	# A crm_fdw installed on the machine must not answer for this one.
	as_owner rm -rf "$tree$lib"/lib/crm_fdw.so "$tree$lib"/lib/bitcode/crm_fdw* \
		"$tree$share"/extension/crm_fdw*
	PG_BIN=$tree$lib/bin
	PG_CONFIG=$PG_BIN/pg_config
	export PG_CONFIG PATH="$PG_BIN:$PATH"
}

# Builds in the private copy and installs into the private tree; make reads
# WERROR from the environment.
build_extension() {
	local goal
	for goal in all install; do
		if ! as_owner make -s -C "$WORK/src" -j"$(nproc)" "$goal" >>"$WORK/log/build.log" 2>&1; then
			# The first error is the one to read.
			head -n 60 "$WORK/log/build.log"
			return 1
		fi
	done
}

# A TCP port nobody listens on now.
free_port() {
	/usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# Starts a cluster that listens on its own socket and, with a password, on a
# free port of the loopback address.  Sets PGHOST, PGPORT, PGUSER, PASSWORD.
start_postgres() {
	PASSWORD=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	PGPORT=$(free_port)
	export PGHOST=$WORK/socket PGPORT PGUSER=$SUPERUSER
	printf '%s' "$PASSWORD" | as_owner tee "$WORK/home/password" >/dev/null
	as_owner initdb -D "$WORK/data" -U "$SUPERUSER" --no-sync -E UTF8 --locale=C.UTF-8 \
		--auth-local=trust --auth-host=scram-sha-256 --pwfile="$WORK/home/password" \
		>"$WORK/log/initdb.log" 2>&1 || {
		cat "$WORK/log/initdb.log"
		return 1
	}
	as_owner tee -a "$WORK/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = '127.0.0.1'
		port = $PGPORT
		unix_socket_directories = '$WORK/socket'
		shared_preload_libraries = 'pg_cron, crm_fdw'
		cron.database_name = '$DATABASE'
		cron.use_background_workers = on
		max_worker_processes = 20
		timezone = 'UTC'
		log_timezone = 'UTC'
		log_line_prefix = '%m [%p] %q%a '
		fsync = off
	END
	as_owner pg_ctl -D "$WORK/data" -l "$WORK/log/postgresql.log" -w -s start >"$WORK/log/pg_ctl.log" 2>&1 || {
		cat "$WORK/log/pg_ctl.log" "$WORK/log/postgresql.log"
		return 1
	}
}

stop_postgres() {
	if [ -n "$WORK" ] && [ -e "$WORK/data/postmaster.pid" ]; then
		as_owner "$PG_BIN/pg_ctl" -D "$WORK/data" -s -m immediate stop || true
	fi
}

# Starts the sandbox on a free port, in a session of its own so that Ctrl-C at
# a psql prompt does not reach it.  Sets CRM_SANDBOX_URL.
start_sandbox() {
	local tries
	# shellcheck disable=SC2016 # $$ and $1 belong to the inner shell
	as_owner setsid sh -c 'echo $$ >"$1/sandbox.pid"
		exec /usr/bin/python3 "$1/src/test/sandbox/sandbox.py" --port 0 --port-file "$1/sandbox.port"' \
		sh "$WORK" >"$WORK/log/sandbox.log" 2>&1 </dev/null &
	for tries in {1..150}; do
		if [ -s "$WORK/sandbox.port" ]; then
			CRM_SANDBOX_URL=http://127.0.0.1:$(cat "$WORK/sandbox.port")
			export CRM_SANDBOX_URL
			sandbox_healthy && return
		fi
		sleep 0.1
	done
	say "the sandbox did not answer after $tries tries:"
	cat "$WORK/log/sandbox.log"
	return 1
}

sandbox_healthy() {
	/usr/bin/python3 - "$CRM_SANDBOX_URL/_sandbox/health" 2>/dev/null <<-'END'
		import sys, urllib.request
		direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
		sys.exit(direct.open(sys.argv[1], timeout=2).status != 200)
	END
}

stop_sandbox() {
	local pid
	if [ -n "$WORK" ] && [ -s "$WORK/sandbox.pid" ]; then
		pid=$(cat "$WORK/sandbox.pid")
		# The number may belong to someone else by now.
		if grep -qs sandbox.py "/proc/$pid/cmdline"; then
			kill "$pid" || true
		fi
		as_owner rm -f "$WORK/sandbox.pid"
	fi
}

# Stops and removes everything private.
remove_workplace() {
	stop_sandbox
	stop_postgres
	if [ -n "$WORK" ]; then
		cd / && rm -rf "$WORK"
		WORK=
	fi
}
