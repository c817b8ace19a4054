#!/usr/bin/python3
"""Start the CRM emulator; see README.md beside this file."""
import argparse
import asyncio

from crm_sandbox.activecampaign import ActiveCampaign
from crm_sandbox.agilecrm import AgileCrm
from crm_sandbox.aircall import Aircall
from crm_sandbox.model import Options
from crm_sandbox.server import Sandbox, serve

CRMS = (ActiveCampaign, Aircall, AgileCrm)


def scale_argument(text):
    """aircall.calls=26000 -> (("aircall", "calls"), 26000)"""
    name, _, rows = text.partition("=")
    crm, _, table = name.partition(".")
    if crm not in {known.name for known in CRMS} or not table or not rows.isdigit():
        raise argparse.ArgumentTypeError("must look like aircall.calls=26000")
    return (crm, table), int(rows)


def arguments():
    parser = argparse.ArgumentParser(description="Emulates ActiveCampaign, Aircall and Agile CRM.")
    parser.add_argument("--host", nargs="+", default=["127.0.0.1"],
                        help="several have the same port")
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--port-file", help="the port is written here")
    parser.add_argument("--scale", action="append", nargs="+", default=[], type=scale_argument,
                        metavar="CRM.TABLE=ROWS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    parser.add_argument("--latency-ms", type=float, default=0)
    result = parser.parse_args()
    if bool(result.tls_cert) != bool(result.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    return result


def main():
    given = arguments()
    scale = dict(pair for pairs in given.scale for pair in pairs)
    options = Options(given.seed, scale)
    sandbox = Sandbox([crm(options) for crm in CRMS], given.latency_ms)
    tls = (given.tls_cert, given.tls_key) if given.tls_cert else None
    asyncio.run(serve(sandbox, given.host, given.port, given.port_file, tls))


if __name__ == "__main__":
    main()
