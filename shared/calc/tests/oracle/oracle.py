# What is right, by Python's standard library alone. Each name used in a check gives (holds, expected).
import calendar
import math
import re
import statistics
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from fractions import Fraction as F

getcontext().prec = 80


def leading(right, digits):
    """Half a unit of the last of so many significant digits."""
    size = abs(right)
    place = 0
    while size >= 10:
        size, place = size / 10, place + 1
    while size < 1:
        size, place = size * 10, place - 1
    return F(10) ** (place - digits + 1) / 2


def near(shown, right, digits):
    return F(shown) == right if right == 0 else abs(F(shown) - right) <= leading(right, digits)


def said(text, right, digits):
    """The number behind the last sign of the text: exact behind =, rounded behind ≈."""
    found = re.findall(r"([=≈]) [$€£]?(-?[\d.]+(?:e-?\d+)?(?:/\d+)?)(?=$|[ ;%°])", text)
    if not found:
        return False
    sign, number = found[-1]
    return F(number) == right if sign == "=" else near(number, right, digits)


def number(right, digits=10, text=True):
    right = F(right)

    def holds(answer):
        ours = answer["result"].strip("()")
        same = F(ours) == right if answer["exact"] else near(ours, right, digits)
        return same and (not text or said(answer["text"], right, digits))

    return holds, right


def percent(right):
    right = F(right)

    def holds(answer):
        ours = answer["result"].removesuffix("%")
        same = F(ours) == right if answer["exact"] else near(ours, right, 10)
        return answer["result"].endswith("%") and same and said(answer["text"], right, 10)

    return holds, f"{right}%"


def cents(right):
    right = F(right)
    exactly = Decimal(right.numerator) / Decimal(right.denominator)
    return F(exactly.quantize(Decimal("0.01"), ROUND_HALF_UP))


def money(right):
    """To the cent; exact only where no cent was cut."""
    right = F(right)
    return (lambda answer: F(answer["result"]) == cents(right) and (not answer["exact"] or right == cents(right))), right


def word(right):
    return (lambda answer: answer["result"] == right), right


def fraction(right):
    right = F(right)
    text = str(right)
    return (lambda answer: answer["result"] == text and text in answer["text"]), right


def root(x, n=2):
    value = Decimal(F(x).numerator) / Decimal(F(x).denominator)
    exact = round(float(value) ** (1 / n))
    if F(exact) ** n == F(x):
        return number(exact)
    return number(F(value ** (Decimal(1) / n)))


def quadratic(a, b, c):
    """Both roots, as fractions or in the closed form (m ± k√n)/d, put into the equation."""
    a, b, c = F(a), F(b), F(c)
    square = b * b - 4 * a * c

    def holds(answer):
        ours = answer["result"]
        if square < 0:
            return ours == "no real solutions"
        surd = re.fullmatch(r"\(?(?:(-?\d+) )?± ?(\d*)√(\d+)\)?(?:/(\d+))?", ours)
        if surd:
            m, k, n, d = surd.groups()
            m, k, n, d = F(m or 0), F(k or 1), F(n), F(d or 1)
            rational = a * (m * m + k * k * n) / d**2 + b * m / d + c
            irrational = 2 * a * m * k / d**2 + b * k / d
            shown = re.search(r"≈ (-?[\d.]+) or (-?[\d.]+)$", answer["text"]).groups()
            high, low = (F(Decimal(0) + Decimal(m.numerator) + s * Decimal(k.numerator) * Decimal(n.numerator).sqrt())
                         / d for s in (1, -1))
            return rational == 0 and irrational == 0 and near(shown[0], high, 10) and near(shown[1], low, 10)
        roots = sorted(F(part) for part in ours.split(" or "))
        right = len(roots) == (1 if square == 0 else 2)
        return right and all(a * x * x + b * x + c == 0 for x in roots) and len(set(roots)) == len(roots)

    return holds, f"{a}x² + {b}x + {c} = 0"


def system(a, b, e, c, d, f):
    a, b, e, c, d, f = (F(n) for n in (a, b, e, c, d, f))
    det = a * d - b * c

    def holds(answer):
        if det == 0:
            dependent = a * f == c * e and b * f == d * e
            return answer["result"] == ("infinitely many" if dependent else "no solution")
        x, y = (F(part.split(" = ")[1]) for part in answer["result"].split(", "))
        return a * x + b * y == e and c * x + d * y == f

    return holds, f"determinant {det}"


def linear(a, b):
    """a x = b"""
    a, b = F(a), F(b)
    if a == 0:
        return word("every number" if b == 0 else "no solution")
    return number(b / a)


# By definition: the international yard and pound of 1959, the US and imperial gallons, SI.
INCH, POUND, GALLON = F("0.0254"), F("0.45359237"), F("0.0254") ** 3 * 231
SIZES = {
    "length": {"km": 1000, "meters": 1, "cm": F(1, 100), "mm": F(1, 1000), "inches": INCH, "feet": 12 * INCH,
               "yards": 36 * INCH, "miles": 63360 * INCH, "nautical miles": 1852, "furlongs": 7920 * INCH},
    "mass": {"kg": 1, "grams": F(1, 1000), "mg": F(1, 10**6), "pounds": POUND, "ounces": POUND / 16, "stone": POUND * 14,
             "tonnes": 1000},
    "time": {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800, "milliseconds": F(1, 1000)},
    "area": {"square meters": 1, "square feet": (12 * INCH) ** 2, "acres": 4840 * (36 * INCH) ** 2, "hectares": 10000,
             "square km": 10**6, "square inches": INCH**2},
    "volume": {"liters": 1, "ml": F(1, 1000), "gallons": GALLON * 1000, "quarts": GALLON * 250, "pints": GALLON * 125,
               "cups": GALLON * F(125, 2), "cubic meters": 1000, "tablespoons": GALLON * 1000 / 256,
               "imperial pints": F("0.56826125")},
    "speed": {"km/h": F(1000, 3600), "m/s": 1, "mph": 63360 * INCH / 3600, "knots": F(1852, 3600)},
    "data": {"bytes": 1, "kilobytes": 1000, "MB": 10**6, "GB": 10**9, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3,
             "bits": F(1, 8)},
}


def unit(kind, value, of, to):
    right = F(value) * SIZES[kind][of] / SIZES[kind][to]
    return number(right, digits=8, text=False)


def temperature(value, of, to):
    kelvin = {"C": F(value) + F("273.15"), "F": (F(value) + F("459.67")) * F(5, 9), "K": F(value)}[of]
    if kelvin < 0:
        raise ValueError("below absolute zero")
    return number({"C": kelvin - F("273.15"), "F": kelvin * F(9, 5) - F("459.67"), "K": kelvin}[to], text=False)


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


def factors(n):
    """The product that is said is n, and of primes alone."""

    def holds(answer):
        powers = [part.split("^") for part in answer["result"].split(" × ")]
        pairs = [(int(p[0]), int(p[1]) if len(p) > 1 else 1) for p in powers]
        return math.prod(p**e for p, e in pairs) == n and all(is_prime(p) for p, _ in pairs)

    return holds, n


def divisors(n):
    return word(", ".join(str(d) for d in range(1, n + 1) if n % d == 0))


def yes(holds):
    return word("yes" if holds else "no")


def roman(n):
    digits = lambda d, one, five, ten: ["", one, one * 2, one * 3, one + five, five, five + one, five + one * 2,
                                        five + one * 3, one + ten][d]
    return "M" * (n // 1000) + digits(n // 100 % 10, "C", "D", "M") + digits(n // 10 % 10, "X", "L", "C") + digits(
        n % 10, "I", "V", "X")


def rounded(value, places):
    unit = Decimal(1).scaleb(-places)
    right = Decimal(value).quantize(unit, ROUND_HALF_UP)
    return (lambda answer: Decimal(answer["result"]) == right), right


def weekday(day):
    return word(calendar.day_name[day.weekday()])


def ints(base, digits):
    return number(int(digits, base), text=False)
