# What is right, by Python's standard library alone. Each name used in a check gives (holds, expected).
import base64
import calendar
import hashlib
import json
import re
import urllib.parse
from datetime import datetime, timezone


def ticked(right):
    """The answer is this in backticks, and nothing else."""
    return (lambda answer: answer == f"`{right}`"), right


def inside(right):
    return (lambda answer: right in answer), right


def fenced(answer):
    return re.fullmatch(r"```\w+\n(.*)\n```", answer, re.DOTALL)[1]


def pairs(text):
    """With the order of keys, and with numbers as they are written."""
    return json.loads(text, object_pairs_hook=lambda items: ("map", items), parse_float=lambda n: ("float", float(n)))


def laid_out(source, indent):
    """The same data, laid out as Python lays it out; numbers and escapes as they stood."""
    right = json.dumps(json.loads(source), ensure_ascii=False, indent=indent,
                       separators=(",", ":") if indent is None else (",", ": "))

    def holds(answer):
        ours = fenced(answer)
        return pairs(ours) == pairs(source) and (ours == right or re.search(r"\\|\d[.eE]", source))

    return holds, right


def same_json(source):
    return (lambda answer: pairs(fenced(answer)) == pairs(source)), source


def same_toml(source):
    import tomllib

    return (lambda answer: tomllib.loads(fenced(answer)) == json.loads(source)), source


def from_toml(source):
    import tomllib

    return (lambda answer: json.loads(fenced(answer)) == tomllib.loads(source)), tomllib.loads(source)


def valid(source):
    """Whether it is JSON; Python's reader is laxer only in NaN and Infinity."""
    try:
        json.loads(source, parse_constant=lambda _: 1 / 0)
        good = True
    except (ValueError, ZeroDivisionError):
        good = False
    return (lambda answer: answer.startswith("Yes, this is valid JSON" if good else "No, this is not valid JSON")), good


def base64_of(text):
    return ticked(base64.b64encode(text.encode()).decode())


def hex_of(text):
    return ticked(text.encode().hex())


def url_of(text):
    return ticked(urllib.parse.quote(text, safe=""))


def sha256_of(text):
    return inside(f"`{hashlib.sha256(text.encode()).hexdigest()}`")


def time_of(seconds):
    return inside(datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))


def seconds_of(*moment):
    right = str(int(datetime(*moment, tzinfo=timezone.utc).timestamp()))
    return (lambda answer: answer.split()[0] == right), right


def place(start, end):
    if start == end:
        return f"position {start + 1} (empty)"
    return f"position {start + 1}" if end == start + 1 else f"positions {start + 1} to {end}"


def tested(pattern, text):
    found = re.search(pattern, text)
    if not found:
        right = f"No: `{pattern}` matches nothing in"
    elif re.fullmatch(pattern, text):
        right = f"Yes: `{pattern}` matches all of"
    else:
        right = f"Yes, in part: `{pattern}` matches \"{found[0]}\" at {place(*found.span())}, not all"
    return (lambda answer: answer.startswith(right)), right


def listed(pattern, text):
    found = [f"\"{one[0]}\" at {place(*one.span())}" for one in re.finditer(pattern, text)]
    right = f"`{pattern}` matches {', '.join(found)}." if found else f"`{pattern}` matches nothing in"
    return (lambda answer: answer.startswith(right)), right


def cron(fields):
    """Plain fields alone: numbers, stars, lists of days of the week."""
    minute, hour, day, month, weekday = fields.split(" ")
    limits = zip(fields.split(" "), [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)])
    if not all(low <= int(n) <= high for field, (low, high) in limits if field != "*" for n in field.split(",")):
        return inside(f"`{fields}` is not a valid cron expression")
    right = f"`{fields}` runs at {int(hour):02}:{int(minute):02}"
    names = " and ".join(calendar.day_name[(int(n) + 6) % 7] for n in weekday.split(",")) if weekday != "*" else ""
    right += {
        (True, True): ", every day",
        (False, True): f", on day {day} of the month",
        (True, False): f", on {names}",
        (False, False): f", on day {day} of the month or on {names} (whichever comes)",
    }[day == "*", weekday == "*"]
    if month != "*":
        right += f", in {calendar.month_name[int(month)]}"
    return (lambda answer: answer == right + "."), right
