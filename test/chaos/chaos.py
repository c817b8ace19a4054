#!/usr/bin/python3
"""Random scans of every table while requests fail: the true rows or the right error.

    chaos.py [--dsn DSN] [--seed N] [--scans N | --minutes M] [--sweep] [--self-test]

Needs a database that may be written to, with crm_fdw installed, on this
machine and as a superuser; starts a CRM sandbox of its own.  README.md beside
it tells the rest.
"""
import argparse
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))

# pylint: disable=wrong-import-position
from crm_chaos.database import Database  # noqa: E402
from crm_chaos.plants import PLANTS  # noqa: E402
from crm_chaos.run import Run  # noqa: E402
from emulator import CREDENTIALS, Emulator  # noqa: E402

# Every list has a few pages, and no read of all parents takes long.
SCALE = {"aircall.calls": 110, "aircall.contacts": 70, "activecampaign.contacts": 110, "activecampaign.deals": 90,
         "activecampaign.segments": 2, "agilecrm.contacts": 60, "agilecrm.deals": 50}

# Each closed budget is left behind with its address.
HOSTS = ["127.0.0.%d" % n for n in range(1, 101)]

PLANT_SCANS = 40


def say(text):
    """Prints at once, so that a run can be watched."""
    print(text, flush=True)


def parse_arguments():
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description="Random scans of every table while requests fail.")
    parser.add_argument("--dsn", default="", help="libpq connection string (default: the environment's)")
    parser.add_argument("--seed", type=int, default=None, help="default: a random one, printed")
    parser.add_argument("--scans", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=None, help="most time")
    parser.add_argument("--start", type=int, default=0, help="number of the first scan")
    parser.add_argument("--probability", type=float, default=0.05, help="that a request is struck")
    parser.add_argument("--patience", type=int, default=5, help="wrong scans after which it ends")
    parser.add_argument("--sweep", action="store_true", help="every table with every quick fault, one at a time")
    parser.add_argument("--self-test", action="store_true", help="planted bugs must be found")
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(2 ** 31)
    return arguments


def self_test(database, tables, seed):
    """Runs that must fail; the number of those that do not."""
    missed = 0
    for plant in PLANTS:
        run = Run(database, tables, seed, 0, lambda text: None, plant.rules, plant.sabotage,
                  patience=1)
        run.run(0, PLANT_SCANS)
        say("planted bug %s: %s" % ("found" if run.failures else "not found", plant.words))
        missed += not run.failures
    return missed


def main():
    """The exit status."""
    arguments = parse_arguments()
    # The sandbox is ended on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    say("seed %d" % arguments.seed)
    with Emulator(SCALE, HOSTS) as emulator:
        emulator.control("POST", "config", {"switches": {"activecampaign": {"segment_calls": 0}}})
        started = time.monotonic()
        database = Database(arguments.dsn, emulator, CREDENTIALS)
        tables = database.build()
        say("%d tables read in %.1f s" % (len(tables), time.monotonic() - started))
        run = Run(database, tables, arguments.seed, arguments.probability, say, patience=arguments.patience)
        deadline = arguments.minutes and time.monotonic() + arguments.minutes * 60
        started = time.monotonic()
        done = run.run(arguments.start, arguments.scans, deadline)
        if arguments.sweep:
            run.sweep()
        for line in run.report():
            say(line)
        say("%d scans in %.1f s: %d wrong with seed %d" % (
            done, time.monotonic() - started, len(run.failures), arguments.seed))
        missed = self_test(database, tables, arguments.seed) if arguments.self_test else 0
    return 1 if run.failures or missed else 0


if __name__ == "__main__":
    sys.exit(main())
