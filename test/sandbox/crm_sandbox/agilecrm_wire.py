"""How Agile CRM writes lists, cursors, errors and XML."""
import base64
import json
import re
import zlib
from xml.sax.saxutils import escape

from .model import Response
from .wire import dumps

UNAUTHORIZED = """<!DOCTYPE html>
<html><head><title>401 UNAUTHORIZED</title></head>
<body><h1>Error: UNAUTHORIZED</h1><p>This request requires HTTP authentication.</p></body></html>
"""

DEADLINE = """<html><head><meta http-equiv="content-type" content="text/html;charset=utf-8">
<title>500 Server Error</title></head><body text=#000000 bgcolor=#ffffff><h1>Error: Server Error</h1>
<h2>The server encountered an error and could not complete your request.<p>Please try again in 30 seconds.</h2>
</body></html>
"""


class Refusal(Exception):
    """An answer that ends the request: raised with a Response."""

    def __init__(self, response):
        super().__init__(response.status)
        self.response = response


def no_content():
    return Response(204)


def java_error(text):
    """The service's report of an exception that nobody caught."""
    return Response(500, {"exception message": text, "status": "500"})


def bad_request(text):
    return Response(400, text, content_type="text/plain")


def not_found(path):
    return Response(404, "Could not find resource for relative : %s" % path, content_type="text/html")


# ---------------------------------------------------------------- cursors

def _binding(parts):
    return zlib.crc32(repr(parts).encode())


def write_cursor(binding, value, row_id):
    """An opaque text that says after which row to go on; binding is what it belongs to."""
    text = json.dumps([_binding(binding), value, row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(b"\x0a" + text.encode()).decode()


def read_cursor(text, binding):
    """(sort value, id) of a cursor; one from elsewhere ends the request with 500."""
    try:
        found, value, row_id = json.loads(base64.urlsafe_b64decode(text.encode())[1:])
    except (ValueError, TypeError):
        found = None
    if found != _binding(binding):
        raise Refusal(java_error("java.lang.IllegalArgumentException: Invalid cursor"))
    return value, row_id


# ---------------------------------------------------------------- lists

def _with_member(row, name, value):
    """JSON bytes of an object with one more member at its end."""
    return b'%s,"%s":%s}' % (row[:-1], name.encode(), dumps(value).encode())


def list_json(rows, cursor=None, count=None, count_last=False):
    """A bare array; cursor goes into the last row, count into the first or last."""
    if rows:
        rows = list(rows)
        if count is not None:
            place = -1 if count_last else 0
            rows[place] = _with_member(rows[place], "count", count)
        if cursor is not None:
            rows[-1] = _with_member(rows[-1], "cursor", cursor)
    return b"[" + b",".join(rows) + b"]"


# ---------------------------------------------------------------- XML

def xml_of(text, element):
    """The XML the service sends to a client that does not ask for JSON."""
    value = json.loads(text, parse_float=str, parse_int=str)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    if isinstance(value, list):
        return "%s<collection>%s</collection>" % (head, "".join(_xml(element, item) for item in value))
    return head + _xml(element, value)


def _xml(name, value):
    tag = name if name.replace("_", "").isalnum() else "entry"
    if isinstance(value, list):
        return "".join(_xml(name, item) for item in value)
    if isinstance(value, dict):
        inner = "".join(_xml(key, item) for key, item in value.items())
    elif value is None:
        return ""
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(value)
    return "<%s>%s</%s>" % (tag, inner, tag)


# ---------------------------------------------------------------- routes

class Route:
    """One verb and path; element names a row in XML, None = only JSON is made."""
    __slots__ = ("method", "pattern", "handler", "element", "prefix")

    def __init__(self, method, path, handler, element, prefix):
        self.method = method
        self.pattern = re.compile(path)
        self.handler = handler
        self.element = element
        self.prefix = prefix


def route(method, path, handler, element=None, prefix=None):
    """A Route; prefix limits it to one root of the API."""
    return Route(method, path, handler, element, prefix)


def parse_list(text):
    """The JSON array inside a parameter; ValueError if it is none."""
    found = json.loads(text or "")
    if not isinstance(found, list):
        raise ValueError("not an array")
    return found


def list_of(name):
    """Handler of a short list in one answer."""
    def handler(crm, request, parameters):
        return crm.whole(crm.table(name), crm.table(name).ids())
    return handler


def single(name):
    """Handler of one record by id."""
    def handler(crm, request, parameters, row_id):
        table = crm.table(name)
        return crm.one(table, int(row_id)) if table.exists(int(row_id)) else no_content()
    return handler
