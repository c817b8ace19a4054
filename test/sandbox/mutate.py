#!/usr/bin/python3
"""Changes a row of the sandbox at CRM_SANDBOX_URL, as somebody at work in the CRM would.

    mutate.py activecampaign.deals 184 stage_id=2 owner_id=3

Values are JSON, or else text.
"""
import json
import os
import sys
import urllib.request


def value(text):
    """The JSON value that the text is, or the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def main():
    """One request to the control plane; README.md beside this tells what it can do."""
    if len(sys.argv) < 4:
        sys.exit(__doc__.strip())
    crm, table = sys.argv[1].split(".", 1)
    changes = dict(argument.split("=", 1) for argument in sys.argv[3:])
    body = {"crm": crm, "table": table, "op": "update", "ids": [int(sys.argv[2])],
            "changes": {name: value(text) for name, text in changes.items()}}
    # The proxies of the environment are not asked for a loopback address.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    direct.open(os.environ["CRM_SANDBOX_URL"] + "/_sandbox/mutate", json.dumps(body).encode(), timeout=10)


if __name__ == "__main__":
    main()
