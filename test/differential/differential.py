#!/usr/bin/python3
"""Compares push-down on, push-down off and local copies over random queries.

    differential.py [--dsn DSN] [--crm NAME]... [--seed N] [--queries N | --minutes M]
                    [--switches] [--self-test]

Needs a database that may be written to, with crm_fdw installed; starts a CRM
sandbox of its own unless it is given one.  README.md beside it tells the rest.
"""
import argparse
import pathlib
import random
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parent / "sandbox"))

# pylint: disable=wrong-import-position
from crm_differential.account import SCALE, Account  # noqa: E402
from crm_differential.session import Session  # noqa: E402
from emulator import CREDENTIALS, Emulator  # noqa: E402


def say(text):
    """Prints at once, so that a run can be watched."""
    print(text, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Compares push-down on, off and local copies over random queries.")
    parser.add_argument("--dsn", default="", help="libpq connection string (default: the environment's)")
    parser.add_argument("--crm", action="append", choices=sorted(CREDENTIALS), help="may be repeated (default: all)")
    parser.add_argument("--seed", type=int, default=None, help="default: a random one, printed")
    parser.add_argument("--queries", type=int, default=None, help="per CRM (default: 300, or no limit with --minutes)")
    parser.add_argument("--minutes", type=float, default=None, help="time per CRM")
    parser.add_argument("--start", type=int, default=0, help="number of the first query")
    parser.add_argument("--switches", action="store_true", help="vary how the sandbox reads filters")
    parser.add_argument("--self-test", action="store_true", help="planted bugs must be found")
    parser.add_argument("--least-pushed", type=float, default=0.0, metavar="PERCENT",
                        help="fail if fewer queries were pushed down")
    parser.add_argument("--regressions", type=pathlib.Path, default=HERE / "regressions", metavar="DIR")
    arguments = parser.parse_args()
    if arguments.queries is None and arguments.minutes is None:
        arguments.queries = 300
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(2 ** 31)
    return arguments


def run(arguments, crm, emulator):
    """One CRM from import to report; the number of failures."""
    account = Account(arguments.dsn, crm, emulator, CREDENTIALS[crm])
    session = Session(account, arguments.seed, arguments.switches, arguments.regressions, say)
    session.prepare()
    session.run_regressions()
    started = time.monotonic()
    deadline = started + arguments.minutes * 60 if arguments.minutes else None
    session.run_queries(arguments.start, arguments.queries, deadline)
    for line in session.report.lines():
        say("%s: %s" % (crm, line))
    say("%s: queries took %.1f s" % (crm, time.monotonic() - started))
    if session.report.planned and session.report.pushed_share() < arguments.least_pushed:
        say("%s: fewer than %.0f %% of the queries were pushed down" % (crm, arguments.least_pushed))
        session.failures += 1
    if arguments.self_test:
        started = time.monotonic()
        session.self_test()
        say("%s: self-test took %.1f s" % (crm, time.monotonic() - started))
    return session.failures


def main():
    arguments = parse_arguments()
    # The sandbox is ended on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    say("seed %d" % arguments.seed)
    failures = 0
    with Emulator(SCALE) as emulator:
        for crm in arguments.crm or sorted(CREDENTIALS):
            failures += run(arguments, crm, emulator)
    say("%d failures with seed %d" % (failures, arguments.seed))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
