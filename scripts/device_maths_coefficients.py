#!/usr/bin/env python3
"""Fits the polynomials of the device maths library and writes them, with the split constants, as C++.

    scripts/device_maths_coefficients.py [FOLDER]     (default: src/compiler/device_maths/library)

Needs mpmath from PyPI (and gmpy2, for speed). Every polynomial is a minimax one: the exchange algorithm of
Remez in 60 decimal digits, its degree the least that reaches the tolerance, its coefficients then rounded to the type.
"""
import pathlib
import struct
import sys

import mpmath as mp
from mpmath import mpf

mp.mp.dps = 60
TYPES = {"float": 24, "double": 53}


def rounded(value, kind):
    """The nearest number of the type, as a Python float."""
    value = float(value)
    return struct.unpack("f", struct.pack("f", value))[0] if kind == "float" else value


def literal(value, kind):
    return float(value).hex() + ("f" if kind == "float" else "")


def evaluate(coefficients, x):
    sum_ = mpf(0)
    for c in reversed(coefficients):
        sum_ = sum_ * x + c
    return sum_


class Target:
    """A function on an interval, sampled once at the extrema of a Chebyshev polynomial of high degree."""

    def __init__(self, function, weight, low, high, points=320):
        low, high = mpf(low), mpf(high)
        middle, half = (low + high) / 2, (high - low) / 2
        self.x = [middle - half * mp.cos(mp.pi * (k + mpf(1) / 2) / points) for k in range(points)]
        self.f = [function(x) for x in self.x]
        self.w = [abs(weight(x)) for x in self.x]

    def errors(self, coefficients):
        return [(evaluate(coefficients, x) - f) * w for x, f, w in zip(self.x, self.f, self.w)]

    def minimax(self, degree):
        """Coefficients and the largest weighted error."""
        count = degree + 2
        n = len(self.x)
        nodes = [round(k * (n - 1) / (count - 1)) for k in range(count)]
        best, worst = None, None
        for _ in range(12):
            matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
            for row, at in enumerate(nodes):
                power = mpf(1)
                for column in range(degree + 1):
                    matrix[row, column] = power
                    power *= self.x[at]
                matrix[row, degree + 1] = (-1) ** row / (self.w[at] or mpf(10) ** -40)
                right[row] = self.f[at]
            solution = mp.lu_solve(matrix, right)
            coefficients = [solution[i] for i in range(degree + 1)]
            errors = self.errors(coefficients)
            largest = max(abs(e) for e in errors)
            if worst is None or largest < worst:
                best, worst = coefficients, largest
            if largest <= abs(solution[degree + 1]) * mpf("1.02"):
                break
            # One extremum for each run of errors of one sign; runs are dropped at the ends until the count fits.
            extrema = []
            for i, e in enumerate(errors):
                if extrema and (errors[extrema[-1]] > 0) == (e > 0):
                    if abs(e) > abs(errors[extrema[-1]]):
                        extrema[-1] = i
                else:
                    extrema.append(i)
            while len(extrema) > count:
                extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
            if len(extrema) < count:
                break
            nodes = extrema
        return best, worst

    def fit(self, tolerance, first=1):
        for degree in range(first, 34):
            coefficients, worst = self.minimax(degree)
            if worst <= tolerance:
                return coefficients, worst
        raise RuntimeError("no polynomial up to degree 33 reaches the tolerance; got %s" % mp.nstr(worst, 3))


class Output:
    def __init__(self, path, purpose):
        self.path = path
        self.text = ("// Made by scripts/device_maths_coefficients.py: " + purpose + "\n#pragma once\n\n"
                     '#include "arithmetic.h"\n\nnamespace heddle::device_maths {\n')

    def polynomial(self, name, meaning, variable, function, weight, intervals, tolerances, guess=(3, 8), centre=0):
        """`intervals` and `tolerances` (as powers of two) by type; a type without tolerance gets none. With `centre`, the
        polynomial is one in the variable less that: its coefficients are smaller and lose less by rounding."""
        if centre:
            middle, plain, plain_weight = mpf(centre), function, weight
            function, weight = lambda t: plain(t + middle), lambda t: plain_weight(t + middle)
            meaning += "; the variable less %s" % centre
        self.text += "\n// %s\n" % meaning
        self.text += "template <class T>\ninline constexpr int %s = 0;\n" % name
        if not isinstance(intervals, dict):
            intervals = {kind: intervals for kind in TYPES}
        targets = {}
        for (kind, tolerance), first in zip(tolerances.items(), guess):
            low, high = (mpf(end) - mpf(centre) for end in intervals[kind])
            if (low, high) not in targets:
                targets[low, high] = Target(function, weight, low, high)
            coefficients, worst = targets[low, high].fit(mpf(2) ** tolerance, first)
            numbers = [rounded(c, kind) for c in coefficients]
            final = max(abs(e) for e in targets[low, high].errors([mpf(c) for c in numbers]))
            self.text += "// %s in [%s, %s]: error 2^%.1f, with rounded coefficients 2^%.1f\n" % (
                variable, mp.nstr(mpf(low), 7), mp.nstr(mpf(high), 7), float(mp.log(worst, 2)), float(mp.log(final, 2)))
            self.text += "template <>\ninline constexpr Polynomial<%s, %d> %s<%s>{{%s}};\n" % (
                kind, len(numbers), name, kind, ", ".join(literal(c, kind) for c in numbers))
            print("%-16s %-6s degree %2d  2^%.1f  rounded 2^%.1f" % (
                name, kind, len(numbers) - 1, float(mp.log(worst, 2)), float(mp.log(final, 2))), flush=True)

    def constant(self, name, meaning, value, parts=2):
        """A number as the sum of two or three of the type."""
        self.text += "\n// %s\ntemplate <class T>\ninline constexpr int %s = 0;\n" % (meaning, name)
        for kind in TYPES:
            rest, numbers = mpf(value), []
            for _ in range(parts):
                numbers.append(rounded(rest, kind))
                rest -= mpf(numbers[-1])
            self.text += "template <>\ninline constexpr %s<%s> %s<%s>{%s};\n" % (
                {2: "Pair", 3: "Triple"}[parts], kind, name, kind, ", ".join(literal(c, kind) for c in numbers))

    def write(self):
        self.path.write_text(self.text + "\n}  // namespace heddle::device_maths\n")


def both(single, double):
    return {"float": single, "double": double}


def one(x):
    return mpf(1)


def elementary(folder):
    out = Output(folder / "coefficients.h", "polynomials and split constants of the elementary functions.")
    out.constant("ln2", "log(2)", mp.log(2))
    out.constant("log2_of_e", "1 / log(2)", 1 / mp.log(2))
    out.constant("log2_of_10", "log(10) / log(2)", mp.log(10, 2))
    out.constant("log10_of_2", "log(2) / log(10)", mp.log10(2))
    out.constant("log10_of_e", "1 / log(10)", 1 / mp.log(10))
    out.constant("half_pi", "pi / 2", mp.pi / 2, 3)
    out.constant("pi", "pi", mp.pi)
    out.constant("two_log2_of_e", "2 / log(2)", 2 / mp.log(2))
    out.constant("log2_cubic", "2 / (3 log(2)): the second coefficient of log2((1 + s) / (1 - s))", 2 / (3 * mp.log(2)))
    saved, mp.mp.prec = mp.mp.prec, 1400
    words = int(mp.floor(mp.ldexp(2 / mp.pi, 19 * 64)))
    mp.mp.prec = saved
    digits = [0] + [(words >> (64 * (18 - k))) & (2**64 - 1) for k in range(19)]
    out.text += ("\n// The first 1216 bits of 2 / pi behind the binary point, after 64 zeros.\n"
                 "inline constexpr u64 two_over_pi[20] = {%s};\n" % ", ".join("0x%016xull" % d for d in digits))

    out.polynomial("exp_tail", "(exp(r) - 1 - r) / r^2; errors relative to expm1", "r",
                   lambda r: (mp.expm1(r) - r) / r**2, lambda r: r**2 / mp.expm1(r), ("-0.3470", "0.3470"),
                   both(-28, -58), (4, 9))
    out.polynomial("exp2_tail", "(2^r - 1) / r; errors relative to 2^r", "r",
                   lambda r: mp.expm1(r * mp.log(2)) / r, lambda r: r / 2**r, ("-0.501", "0.501"), both(-28, -58), (4, 9))
    out.polynomial("exp10_tail", "(10^r - 1) / r; errors relative to 10^r", "r",
                   lambda r: mp.expm1(r * mp.log(10)) / r, lambda r: r / mpf(10)**r, ("-0.1507", "0.1507"),
                   both(-28, -58), (4, 9))
    out.polynomial("log1p_square", "(log(1 + f) - f) / f^2; errors relative to log(1 + f)", "f",
                   lambda f: (mp.log1p(f) - f) / f**2, lambda f: f**2 / mp.log1p(f), ("-0.29290", "0.41422"),
                   {"float": -27.5}, (7,))
    out.polynomial("log1p_atanh", "(2 atanh(s) / s - 2) / s^2 in z = s^2; errors relative to 2 atanh(s)", "z",
                   lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z,
                   lambda z: z / (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z)), (0, "0.029438"), {"double": -60}, (6,))
    atanh_tail = lambda z: (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z
    out.polynomial("log2_tail", "(log2((1 + s) / (1 - s)) - 2 s / log(2)) / s^3 in z = s^2; errors relative to the logarithm",
                   "z", lambda z: 2 / mp.log(2) * atanh_tail(z), lambda z: z / 2.885, (0, "0.029438"), {"float": -36}, (3,))
    out.polynomial("log2_quintic", "The same without its first coefficient, over z", "z",
                   lambda z: 2 / mp.log(2) * (atanh_tail(z) - mpf(1) / 3) / z, lambda z: z**2 / 2.885, (0, "0.029438"),
                   {"double": -68}, (7,))
    root = mp.sqrt
    out.polynomial("sin_tail", "(sin(r) - r) / r^3 in z = r^2; errors relative to sin(r)", "z",
                   lambda z: (mp.sin(root(z)) / root(z) - 1) / z, lambda z: z / (mp.sin(root(z)) / root(z)),
                   both((0, "0.6276"), (0, "0.6171")), both(-27, -58), (2, 5))
    out.polynomial("cos_tail", "(cos(r) - 1 + r^2 / 2) / r^4 in z = r^2; errors relative to cos(r)", "z",
                   lambda z: (mp.cos(root(z)) - 1 + z / 2) / z**2, lambda z: z**2 / mp.cos(root(z)),
                   both((0, "0.6276"), (0, "0.6171")), both(-29, -58), (2, 5))
    out.polynomial("sinpi_tail", "(sin(pi r) - pi r) / r^3 in z = r^2; errors relative to sin(pi r)", "z",
                   lambda z: (mp.sinpi(root(z)) / root(z) - mp.pi) / z, lambda z: z / (mp.sinpi(root(z)) / root(z)),
                   (0, "0.0625"), both(-29, -58), (2, 5))
    out.polynomial("cospi_tail", "(cos(pi r) - 1) / r^2 in z = r^2; errors relative to cos(pi r)", "z",
                   lambda z: (mp.cospi(root(z)) - 1) / z, lambda z: z / mp.cospi(root(z)),
                   (0, "0.0625"), both(-29, -58), (2, 6))
    out.polynomial("atan_tail", "(atan(x) - x) / x^3 in z = x^2; errors relative to atan(x)", "z",
                   lambda z: (mp.atan(root(z)) / root(z) - 1) / z, lambda z: z / (mp.atan(root(z)) / root(z)),
                   (0, 1), both(-26.5, -56.5), (7, 18))
    out.polynomial("asin_tail", "(asin(x) - x) / x^3 in z = x^2; errors relative to asin(x)", "z",
                   lambda z: (mp.asin(root(z)) / root(z) - 1) / z, lambda z: z / (mp.asin(root(z)) / root(z)),
                   (0, "0.25"), both(-28, -57), (4, 10))
    out.polynomial("sinh_tail", "(sinh(x) - x) / x^3 in z = x^2; errors relative to sinh(x)", "z",
                   lambda z: (mp.sinh(root(z)) / root(z) - 1) / z, lambda z: z / (mp.sinh(root(z)) / root(z)),
                   (0, 1), both(-28, -57), (2, 5))
    out.polynomial("tanh_tail", "(tanh(x) - x) / x^3 in z = x^2; errors relative to tanh(x)", "z",
                   lambda z: (mp.tanh(root(z)) / root(z) - 1) / z, lambda z: z / (mp.tanh(root(z)) / root(z)),
                   (0, "0.3026"), both(-28, -57), (3, 8))
    out.polynomial("inverse_cbrt_start", "m^(-1/3), as first value of an iteration; relative errors", "m",
                   lambda m: mp.cbrt(1 / m), lambda m: mp.cbrt(m), (1, 2), both(-9.0, -15.0), (1, 3))
    out.polynomial("fast_log2", "log2(1 + f) / f; relative errors", "f", lambda f: mp.log1p(f) / mp.log(2) / f,
                   lambda f: f / mp.log1p(f), ("-0.29290", "0.41422"), {"float": -22.5}, (6,))
    out.write()


def erfcx(x):
    if x < 150:
        return mp.exp(x * x) * mp.erfc(x)
    term, total, q = mpf(1), mpf(0), -1 / (2 * x * x)
    for n in range(1, 40):
        total += term
        term *= q * (2 * n - 1)
    return total / (x * mp.sqrt(mp.pi))


def quantile(w):
    """x with erfc(x) (2 - erfc(x)) = exp(-w), that is erf(x)^2 = 1 - exp(-w)."""
    if w < mpf("1e-30"):
        return mp.sqrt(mp.pi * w) / 2
    x = mp.sqrt(mp.pi * w) / 2 if w < 1 else mp.sqrt(w - mp.log(mp.sqrt(w) + 1))
    for _ in range(60):
        e = mp.erfc(x)
        value = mp.log(e) + mp.log1p(1 - e) + w
        slope = -2 / mp.sqrt(mp.pi) * mp.exp(-x * x) * (1 / e - 1 / (2 - e))
        step = value / slope
        x -= step
        if abs(step) < x * mpf(10)**-45:
            break
    return x


def special(folder):
    root = mp.sqrt
    out = Output(folder / "coefficients_special.h", "polynomials and split constants of the error and gamma functions.")
    out.constant("two_over_root_pi", "2 / sqrt(pi)", 2 / root(mp.pi))
    out.polynomial("erf_tail", "erf(x) / x - 1 in z = x^2; errors relative to erf(x)", "z",
                   lambda z: mp.erf(root(z)) / root(z) - 1, lambda z: root(z) / mp.erf(root(z)), (0, 1),
                   both(-28, -57), (5, 11))
    k = mpf(4)

    def scaled(t):
        x = k * (1 + t) / (1 - t)
        return (1 + 2 * x) * erfcx(x)
    out.polynomial("erfcx_scaled", "(1 + 2 x) exp(x^2) erfc(x) in t = (x - 4) / (x + 4); relative errors", "t",
                   scaled, lambda t: 1 / scaled(t), ("-0.7778", 1), {"double": -56}, (20,))

    def scaled_from_zero(t):
        x = 2 * (1 + t) / (1 - t)
        return (mpf(1) / 2 + x) * erfcx(x)
    out.polynomial("erfcx_scaled_from_zero",
                   "(1/2 + x) exp(x^2) erfc(x) in t = (x - 2) / (x + 2), for all x >= 0; relative errors", "t",
                   scaled_from_zero, lambda t: 1 / scaled_from_zero(t), (-1, 1), {"float": -26.5}, (10,))
    central = lambda w: quantile(w) / root(-mp.expm1(-w))
    out.polynomial("erfinv_central", "erfinv(x) / x - 1 in v = -log(1 - x^2) - 2.5; relative errors", "v",
                   lambda v: central(v + mpf("2.5")) - 1, lambda v: 1 / central(v + mpf("2.5")), ("-2.5", "2.5"),
                   {"float": -26.5}, (6,))
    out.polynomial("erfinv_middle", "The same in v = -log(1 - x^2) - 3.125", "v",
                   lambda v: central(v + mpf("3.125")) - 1, lambda v: 1 / central(v + mpf("3.125")), ("-3.125", "3.125"),
                   {"double": -55}, (17,))
    tail = lambda u: quantile(1 / u**2) * u
    out.polynomial("erfinv_tail", "erfinv(x) / s in u = 1 / s, s = sqrt(-log(1 - x^2)); relative errors", "u",
                   tail, lambda u: 1 / tail(u), both(("0.0965", "0.4475"), ("0.1600", "0.4003")), both(-26.5, -55), (6, 14), "0.25")
    out.polynomial("erfinv_far", "The same for s beyond 6.25", "u",
                   tail, lambda u: 1 / tail(u), ("0.0360", "0.1601"), {"double": -55}, (12,), "0.09375")

    out.constant("root_two_pi", "sqrt(2 pi)", root(2 * mp.pi))
    out.constant("stirling_offset", "log(2 pi) / 2 - 1/2", mp.log(2 * mp.pi) / 2 - mpf(1) / 2)
    out.polynomial("gamma_unit", "(gamma(2 + z) - 1) / z; errors relative to gamma", "z",
                   lambda z: (mp.gamma(2 + z) - 1) / z, lambda z: z / mp.gamma(2 + z), (0, 1), both(-28, -57), (6, 14))
    stirling = lambda u: mp.exp(mp.loggamma(1 / u) - (1 / u - mpf(1) / 2) * mp.log(1 / u) + 1 / u) / root(2 * mp.pi)
    out.polynomial("gamma_stirling", "(gamma(x) / (sqrt(2 pi / x) (x / e)^x) - 1) x in u = 1 / x; errors relative to gamma",
                   "u", lambda u: (stirling(u) - 1) / u, lambda u: u, both((0, "0.2"), (0, "0.1")), both(-28, -57), (2, 7))
    out.polynomial("lgamma_one", "lgamma(1 + z) / z; relative errors", "z", lambda z: mp.loggamma(1 + z) / z,
                   lambda z: z / mp.loggamma(1 + z), ("-0.3001", "0.2501"), both(-27.5, -56.5), (7, 17))
    out.polynomial("lgamma_two", "lgamma(2 + z) / z; relative errors", "z", lambda z: mp.loggamma(2 + z) / z,
                   lambda z: z / mp.loggamma(2 + z), ("-0.7501", 1), both(-27.5, -56.5), (9, 21), "0.125")
    rest = lambda v: (lambda x: (mp.loggamma(x) - ((x - mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2)) * x)(1 / root(v))
    out.polynomial("lgamma_stirling", "(lgamma(x) - (x - 1/2) log(x) + x - log(2 pi) / 2) x in v = 1 / x^2; absolute errors",
                   "v", rest, one, ("1e-7", "0.015626"), both(-26, -54), (2, 5))
    out.write()


def bessel(folder):
    root = mp.sqrt
    out = Output(folder / "coefficients_bessel.h", "polynomials and zeros of the Bessel functions.")
    j0, j1, y0, y1 = (lambda x: mp.besselj(0, x)), (lambda x: mp.besselj(1, x)), (lambda x: mp.bessely(0, x)), (
        lambda x: mp.bessely(1, x))
    zero = {}
    for name, f, at in [("j0_zero_1", j0, 2.4048), ("j0_zero_2", j0, 5.5201), ("j1_zero_1", j1, 3.8317),
                        ("j1_zero_2", j1, 7.0156), ("y0_zero_1", y0, 0.8936), ("y0_zero_2", y0, 3.9577),
                        ("y0_zero_3", y0, 7.0861), ("y1_zero_1", y1, 2.1971), ("y1_zero_2", y1, 5.4297)]:
        zero[name] = mp.findroot(f, at)
        out.constant(name, "The zero of %s near %s" % (name[:2], at), zero[name])
    for name in ("y0_zero_1", "y1_zero_1"):
        out.constant("log_" + name, "Its logarithm, for " + name, mp.log(zero[name]))

    def near(name, function, at, middle, low, high, guess=(7, 17)):
        z, m = zero[at], mpf(middle)
        g = lambda t: function(t + m) / (t + m - z)
        out.polynomial(name, "%s(x) / (x - zero) in t = x - %s; relative errors" % (at[:2], middle), "t", g, lambda t: 1 / g(t),
                       (mpf(low) - m, mpf(high) - m), both(-26.5, -55.5), guess)
    z = zero["j0_zero_1"]
    g = lambda v: j0(root(v)) / (v - z * z)
    out.polynomial("j0_first", "j0(x) / (x^2 - zero^2) in v = x^2; relative errors", "v", g, lambda v: 1 / g(v), (0, 16),
                   both(-26.5, -55.5), (5, 9), "8")
    near("j0_second", j0, "j0_zero_2", "6", 4, 8)
    z1 = zero["j1_zero_1"]
    h = lambda v: j1(root(v)) / root(v) / (v - z1 * z1)
    out.polynomial("j1_first", "j1(x) / (x (x^2 - zero^2)) in v = x^2; relative errors", "v", h, lambda v: 1 / h(v), (0, "29.16"),
                   both(-26.5, -55.5), (6, 11), "14.5")
    near("j1_second", j1, "j1_zero_2", "6.75", "5.4", 8, (6, 13))
    a = zero["y0_zero_1"]
    out.polynomial("y0_first", "(y0(x) - 2/pi j0(x) log(x / zero)) / (x^2 - zero^2) in v = x^2; errors relative to y0", "v",
                   lambda v: (y0(root(v)) - 2 / mp.pi * j0(root(v)) * mp.log(root(v) / a)) / (v - a * a),
                   lambda v: (v - a * a) / y0(root(v)), ("1e-12", 9), both(-26.5, -55.5), (5, 8), "4.5")
    near("y0_second", y0, "y0_zero_2", "4.25", 3, "5.5")
    near("y0_third", y0, "y0_zero_3", "6.75", "5.5", 8, (6, 13))
    b = zero["y1_zero_1"]
    out.polynomial("y1_first", "(y1(x) - 2/pi j1(x) log(x / zero)) x / (x^2 - zero^2) in v = x^2; errors relative to y1", "v",
                   lambda v: (y1(root(v)) - 2 / mp.pi * j1(root(v)) * mp.log(root(v) / b)) * root(v) / (v - b * b),
                   lambda v: (v - b * b) / root(v) / y1(root(v)), ("1e-12", 16), both(-26.5, -55.5), (6, 10), "8")
    near("y1_second", y1, "y1_zero_2", "6", 4, 8, (8, 18))
    for order, j, y in ((0, j0, y0), (1, j1, y1)):
        lag = mp.pi / 4 * (1 + 2 * order)
        amplitude = lambda v: (lambda x: root(mp.pi * x / 2 * (j(x)**2 + y(x)**2)))(1 / root(v))
        phase = lambda v: (lambda x: mp.arg(mp.mpc(j(x), y(x)) * mp.expj(lag - x)) * x)(1 / root(v))
        out.polynomial("amplitude_%d" % order, "sqrt(pi x / 2 (j%d^2 + y%d^2)) in v = 1 / x^2" % (order, order), "v",
                       amplitude, one, ("1e-5", "0.015626"), both(-26.5, -54), (2, 8))
        out.polynomial("phase_%d" % order, "(arg(j%d + i y%d) - x + %s) x in v = 1 / x^2" % (
            order, order, "pi / 4" if order == 0 else "3 pi / 4"), "v", phase, one, ("1e-5", "0.015626"), both(-24, -51), (2, 8))
    i0, i1 = (lambda x: mp.besseli(0, x)), (lambda x: mp.besseli(1, x))
    out.polynomial("i0_near", "(i0(x) - 1) / x^2 in v = x^2; errors relative to i0", "v",
                   lambda v: (i0(root(v)) - 1) / v, lambda v: v / i0(root(v)), (0, 64), both(-27, -56), (8, 13))
    out.polynomial("i1_near", "(i1(x) / x - 1/2) / x^2 in v = x^2; errors relative to i1", "v",
                   lambda v: (i1(root(v)) / root(v) - mpf(1) / 2) / v, lambda v: v * root(v) / i1(root(v)), (0, 64),
                   both(-27, -56), (8, 13))
    for name, i in (("i0", i0), ("i1", i1)):
        g = lambda u: i(1 / u) * mp.exp(-1 / u) / root(u)
        out.polynomial(name + "_far", name + "(x) exp(-x) sqrt(x) in u = 1 / x; relative errors", "u", g, lambda u: 1 / g(u),
                       ("1e-4", "0.12501"), both(-26.5, -55.5), (4, 16), "0.0625")
    out.write()


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent / "src/compiler/device_maths/library"
    place = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here
    for part in (elementary, special, bessel):
        part(place)
