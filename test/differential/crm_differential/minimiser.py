"""
Makes a query that shows a difference as small as it can be.
"""
import time

from .runner import DIFFERENT

MOST_TRIES = 600
MOST_SECONDS = 60


def minimise(query, runner, verdict):
    """(query, verdict) of the smallest one found that still differs."""
    deadline = time.monotonic() + MOST_SECONDS
    tries = 0
    tried = set()
    found = True
    while found:
        found = False
        for candidate in query.simpler():
            case = candidate.case()
            text = case.sql()
            if text in tried or len(text) > query.case().size():
                continue
            tried.add(text)
            tries += 1
            if tries > MOST_TRIES or time.monotonic() > deadline:
                return query, verdict
            result = runner.judge(case)
            if result.status == DIFFERENT:
                query, verdict, found = candidate, result, True
                break
    return query, verdict


def minimise_environment(case, environment, runner, account):
    """The least of an environment in which a case still differs."""
    def differs(candidate):
        account.enter(candidate)
        return runner.judge(case, explain=False).status == DIFFERENT

    if differs({}):
        return {}
    found = True
    while found:
        found = False
        for candidate in _smaller(environment):
            if differs(candidate):
                environment, found = candidate, True
                break
    return environment


def _smaller(environment):
    """Environments with a group less, an entry less, or one item less in an entry that is a list."""
    for group in environment:
        yield {name: entries for name, entries in environment.items() if name != group}
    for group, entries in environment.items():
        for name, value in entries.items():
            yield dict(environment, **{group: {k: v for k, v in entries.items() if k != name}})
            if isinstance(value, list) and len(value) > 1:
                half = len(value) // 2
                for part in (value[:half], value[half:], *([item] for item in value if len(value) <= 8)):
                    yield dict(environment, **{group: dict(entries, **{name: part})})
