# SPDX-License-Identifier: Apache-2.0
"""
What a scripted CA may answer instead of what a good one would.

A behaviour is a function of (ca, request, act) that gives a Response, or None to close
the connection without one. act() does what a good CA does and gives its Response, so a
behaviour decides whether the thing happens at all and whether the client learns of it.
"""
import dataclasses
import json
import time

PROBLEM = "urn:ietf:params:acme:error:"


@dataclasses.dataclass
class Response:
    status: int = 200
    body: object = b""          # bytes, or an iterable of bytes that is sent as it comes
    headers: list = dataclasses.field(default_factory=list)     # (name, value)
    content_length: object = "right"    # a number that may lie, or None: until the end
    has_nonce: bool = True      # the CA adds a good Replay-Nonce
    delay_s: float = 0          # before the first byte
    drip_s: float = 0           # between any two bytes of the body
    reset: bool = False         # ends with RST instead of a good close
    close: bool = False         # the connection ends after it

    def header(self, name, value):
        """Replaces all headers of that name; value None removes them."""
        self.headers = [(known, old) for known, old in self.headers
                        if known.lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))
        return self

    def json(self):
        return json.loads(self.body)

    def merge(self, **members):
        """Changes members of the JSON body; None removes one."""
        document = {**self.json(), **members}
        self.body = json.dumps({name: value for name, value in document.items()
                                if value is not None}).encode()
        return self


def document(value, status=200, headers=()):
    return Response(status, json.dumps(value).encode(),
                    [("Content-Type", "application/json"), *headers])


def problem_response(kind, detail="", status=400, headers=(), **members):
    """kind without the urn: prefix; a kind with a colon is taken as it is."""
    kind = kind if ":" in kind else PROBLEM + kind
    body = {"type": kind, "detail": detail, "status": status, **members}
    return Response(status, json.dumps(body).encode(),
                    [("Content-Type", "application/problem+json"), *headers])


def reply(status=200, body=b"", headers=(), **fields):
    """Any answer, and nothing is done. A dict or list is sent as JSON."""
    def behaviour(_ca, _request, _act):
        raw = body if isinstance(body, (bytes, bytearray)) else (
            body.encode() if isinstance(body, str) else json.dumps(body).encode())
        return Response(status, raw, list(headers), **fields)
    return behaviour


def problem(kind, detail="", status=400, headers=(), **members):
    """A problem document, and nothing is done."""
    return lambda _ca, _request, _act: problem_response(kind, detail, status, headers,
                                                        **members)


def normal():
    return lambda _ca, _request, act: act()


def change(function):
    """What a good CA says, changed: function(response) gives the Response to send."""
    return lambda _ca, _request, act: function(act())


def merge(**members):
    """The good object with other members: merge(status="invalid")."""
    return change(lambda response: response.merge(**members))


def with_header(name, value):
    return change(lambda response: response.header(name, value))


def without_nonce():
    return with_fields(has_nonce=False)


def with_nonce(value):
    """A Replay-Nonce of our choice, which the CA does not know."""
    return change(lambda response: _set(response, has_nonce=False).header(
        "Replay-Nonce", value))


def with_fields(**fields):
    """Fields of the Response: delay_s, drip_s, content_length, close, reset."""
    return change(lambda response: _set(response, **fields))


def drop_before(reset=False):
    """The request is read, nothing is done, no answer."""
    return lambda _ca, _request, _act: Response(status=0, reset=reset)


def drop_after(reset=False):
    """It is done, and the answer is lost."""
    def behaviour(_ca, _request, act):
        act()
        return Response(status=0, reset=reset)
    return behaviour


def truncated(keep=10):
    """Content-Length promises the whole body; keep bytes come, then the end."""
    def cut(response):
        response.content_length = len(response.body)
        response.body = response.body[:keep]
        response.close = True
        return response
    return change(cut)


def slow(drip_s=1.0):
    """One byte of the body at a time."""
    return with_fields(drip_s=drip_s)


def delayed(delay_s):
    return with_fields(delay_s=delay_s)


def hang(seconds=3600):
    """Nothing is done and nothing comes, until the CA is stopped."""
    def behaviour(ca, _request, _act):
        ca.stopping.wait(seconds)
        return Response(status=0)
    return behaviour


def huge(size=100 << 20, status=200, content_type="application/json"):
    """A body of `size` bytes; the CA's memory does not hold it."""
    def chunks():
        yield b'{"x":"'
        block, left = b"a" * 65536, size
        while left > 0:
            yield block[:left]
            left -= len(block)
    return lambda _ca, _request, _act: Response(
        status, chunks(), [("Content-Type", content_type)], content_length=None,
        close=True)


def huge_headers(count=100000):
    return change(lambda response: _set(response, headers=response.headers + [
        (f"X-{number}", "y" * 100) for number in range(count)]))


def deep_json(depth=100000, status=200):
    return reply(status, b"[" * depth + b"]" * depth,
                 [("Content-Type", "application/json")])


def many_values(size=1 << 20, status=200):
    """As many values as there are in a body of nearly `size` bytes."""
    return reply(status, b'{"x":[' + b"{}," * (size // 3 - 8) + b"{}]}",
                 [("Content-Type", "application/json")])


def in_turn(*behaviours):
    """One after the other; the last one stays."""
    left = list(behaviours)

    def behaviour(ca, request, act):
        chosen = left.pop(0) if len(left) > 1 else left[0]
        return chosen(ca, request, act)
    return behaviour


def http_date(seconds_from_now):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                         time.gmtime(time.time() + seconds_from_now))


def _set(response, **fields):
    for name, value in fields.items():
        setattr(response, name, value)
    return response
