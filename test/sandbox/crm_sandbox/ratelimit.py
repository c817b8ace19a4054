"""The request limit of an account, enforced where a test asks for it."""
import re
from collections import deque


class RateLimit:
    """A sliding window of request times, and a lock-out after exceeding it."""

    def __init__(self, text, block_seconds=0):
        match = re.fullmatch(r"(\d+)/(s|min)", text)
        if not match:
            raise ValueError("rate limit must look like 5/s or 60/min")
        self.limit = int(match[1])
        self.window = 60.0 if match[2] == "min" else 1.0
        self.block_seconds = block_seconds
        self.times = deque()
        self.blocked_until = 0.0
        self.passed = []                # times of the requests that were let through
        self.refused = 0

    def seconds_to_wait(self, now):
        """0 if the request may pass (it is then counted), else seconds until one may."""
        wait = self._count(now)
        if wait:
            self.refused += 1
        else:
            self.passed.append(now)
        return wait

    def remaining(self, now):
        """Requests that would pass now."""
        return self.limit - sum(time > now - self.window for time in self.times)

    def used(self):
        """Share of the allowance that passed, from the end of the first window to the last request."""
        span = self.passed[-1] - self.passed[0] if self.passed else 0
        if span <= self.window:
            return None
        return (len(self.passed) - self.limit) / (self.limit * span / self.window)

    def _count(self, now):
        if now < self.blocked_until:
            return self.blocked_until - now
        while self.times and self.times[0] <= now - self.window:
            self.times.popleft()
        if len(self.times) < self.limit:
            self.times.append(now)
            return 0
        if self.block_seconds:
            self.blocked_until = now + self.block_seconds
            return self.block_seconds
        return self.times[0] + self.window - now
