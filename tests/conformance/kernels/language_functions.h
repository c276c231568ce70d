// C++ beyond C: templates, lambdas, classes, virtual calls, function pointers. Compiled for the device by
// language.cu and for the host by language.cpp, whose results are the reference.
#pragma once

#ifdef __CUDACC__
#define EVERYWHERE __host__ __device__
#else
#define EVERYWHERE
#endif

namespace language {

// ---- templates
template <class T>
EVERYWHERE T square(T x) {
    return x * x;
}
template <unsigned N>
struct Power {
    template <class T>
    static EVERYWHERE T of(T x) {
        if constexpr (N == 0)
            return 1;
        else if constexpr (N % 2)
            return x * Power<N - 1>::of(x);
        else
            return square(Power<N / 2>::of(x));
    }
};
EVERYWHERE inline unsigned templates(unsigned x) {
    return Power<5>::of(x) + Power<0>::of(x) + (unsigned)Power<3>::of((unsigned long long)x) +
           square<unsigned char>((unsigned char)x);
}
template <class First, class... Rest>
EVERYWHERE unsigned sum_of(First first, Rest... rest) {
    if constexpr (sizeof...(rest) == 0)
        return (unsigned)first;
    else
        return (unsigned)first + 3 * sum_of(rest...);
}
EVERYWHERE inline unsigned variadic(unsigned x) {
    return sum_of(x, (short)x, (unsigned char)x, x > 5, 'a');
}
template <class... T>
EVERYWHERE unsigned folded(T... v) {
    return (v ^ ...) + (... + v);
}
EVERYWHERE inline unsigned fold_expressions(unsigned x) {
    return folded(x, x >> 3, x * 5, 77u);
}

// ---- lambdas
template <class F>
EVERYWHERE unsigned apply_twice(F f, unsigned x) {
    return f(f(x));
}
EVERYWHERE inline unsigned lambdas(unsigned x) {
    const unsigned k = x % 13;
    unsigned calls = 0;
    const auto add = [k](unsigned v) { return v + k; };
    const auto count = [&calls, k](unsigned v) {
        ++calls;
        return v * k + 1;
    };
    const auto generic = [](auto a, auto b) { return a < b ? a : b; };
    return apply_twice(add, x) + apply_twice(count, x) + calls * 1000 + generic(x, 500u) +
           (unsigned)generic(2.5, 1.5);
}
EVERYWHERE inline unsigned mutable_lambda(unsigned x) {
    auto next = [state = x]() mutable {
        state = state * 1664525u + 1013904223u;
        return state >> 16;
    };
    unsigned sum = 0;
    for (int i = 0; i < 4; ++i) sum += next();
    return sum;
}

// ---- classes and operators
struct Rational {
    long long numerator, denominator;
    EVERYWHERE constexpr Rational(long long n, long long d = 1) : numerator(n), denominator(d) {}
    EVERYWHERE friend Rational operator+(const Rational& a, const Rational& b) {
        return {a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator};
    }
    EVERYWHERE friend Rational operator*(const Rational& a, const Rational& b) {
        return {a.numerator * b.numerator, a.denominator * b.denominator};
    }
    EVERYWHERE Rational& operator+=(const Rational& b) { return *this = *this + b; }
    EVERYWHERE bool operator<(const Rational& b) const {
        return numerator * b.denominator < b.numerator * denominator;
    }
    EVERYWHERE explicit operator unsigned() const { return (unsigned)(numerator * 1000 / denominator); }
};
EVERYWHERE inline unsigned operators(unsigned x) {
    Rational a(x % 100, 7), b(3, x % 10 + 1);
    a += b * Rational(2);
    return (unsigned)(a < b ? b : a);
}
struct Matrix2 {
    unsigned m[2][2];
    EVERYWHERE unsigned& operator()(int r, int c) { return m[r][c]; }
    EVERYWHERE unsigned operator()(int r, int c) const { return m[r][c]; }
    EVERYWHERE Matrix2 operator*(const Matrix2& o) const {
        Matrix2 p{};
        for (int r = 0; r < 2; ++r)
            for (int c = 0; c < 2; ++c)
                for (int k = 0; k < 2; ++k) p(r, c) += (*this)(r, k) * o(k, c);
        return p;
    }
};
EVERYWHERE inline unsigned matrix_power(unsigned x) {
    Matrix2 result{{{1, 0}, {0, 1}}}, base{{{1, 1}, {1, 0}}};
    for (unsigned n = x % 60; n; n >>= 1) {
        if (n & 1) result = result * base;
        base = base * base;
    }
    return result(0, 1);
}
struct Counted {
    unsigned& log;
    unsigned digit;
    EVERYWHERE Counted(unsigned& l, unsigned d) : log(l), digit(d) { log = log * 10 + d; }
    EVERYWHERE ~Counted() { log = log * 10 + (9 - digit); }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
};
EVERYWHERE inline unsigned scopes(unsigned x, unsigned& log) {
    Counted a(log, 1);
    for (unsigned i = 0; i < x % 3; ++i) {
        Counted b(log, 2);
        if (x & 4) continue;
        Counted c(log, 3);
        if (x & 8) return 1;
    }
    return 2;
}
EVERYWHERE inline unsigned destructors(unsigned x) {
    unsigned log = 0;
    const unsigned r = scopes(x, log);
    return log * 10 + r;
}
struct Base {
    unsigned value;
    EVERYWHERE unsigned twice() const { return value * 2; }
};
struct Other {
    unsigned char tag = 9;
};
struct Derived : Base, Other {
    unsigned extra;
    EVERYWHERE Derived(unsigned v) : Base{v}, extra(v / 3) {}
    EVERYWHERE unsigned twice() const { return Base::twice() + extra + tag; }
};
EVERYWHERE inline unsigned read_base(const Base& b) {
    return b.twice();
}
EVERYWHERE inline unsigned inheritance(unsigned x) {
    const Derived d(x);
    return d.twice() + read_base(d);
}

// ---- virtual calls
struct Shape {
    EVERYWHERE virtual unsigned area() const = 0;
    EVERYWHERE virtual unsigned edges() const { return 0; }

  protected:
    ~Shape() = default;
};
struct Square final : Shape {
    unsigned a;
    EVERYWHERE Square(unsigned side) : a(side) {}
    EVERYWHERE unsigned area() const override { return a * a; }
    EVERYWHERE unsigned edges() const override { return 4; }
};
struct Oblong final : Shape {
    unsigned a, b;
    EVERYWHERE Oblong(unsigned w, unsigned h) : a(w), b(h) {}
    EVERYWHERE unsigned area() const override { return a * b; }
};
EVERYWHERE inline unsigned virtual_calls(unsigned x) {
    const Square s(x % 100);
    const Oblong o(x % 50, x % 20);
    const Shape* const shapes[3] = {&s, &o, &s};
    const Shape* chosen = shapes[x % 3];  // each lane its own
    return chosen->area() * 10 + chosen->edges();
}

// ---- function pointers
EVERYWHERE inline unsigned plus_one(unsigned x) {
    return x + 1;
}
EVERYWHERE inline unsigned times_three(unsigned x) {
    return x * 3;
}
EVERYWHERE inline unsigned flipped(unsigned x) {
    return ~x;
}
EVERYWHERE inline unsigned function_pointers(unsigned x) {
    unsigned (*const operations[3])(unsigned) = {plus_one, times_three, flipped};
    unsigned r = x;
    for (unsigned i = 0; i < 5; ++i) r = operations[(x >> (2 * i)) % 3](r);
    return r;
}
EVERYWHERE inline unsigned call(unsigned (*f)(unsigned), unsigned x) {
    return f(x) + 7;
}
EVERYWHERE inline unsigned function_argument(unsigned x) {
    return call(x & 1 ? plus_one : x & 2 ? times_three : flipped, x);
}
struct Machine {
    unsigned state;
    EVERYWHERE void step() { state = state * 5 + 1; }
    EVERYWHERE void turn() { state = state << 3 | state >> 29; }
};
EVERYWHERE inline unsigned member_pointers(unsigned x) {
    Machine m{x};
    void (Machine::* const action)() = x & 1 ? &Machine::step : &Machine::turn;
    (m.*action)();
    unsigned Machine::* const field = &Machine::state;
    return m.*field;
}

// ---- compile time
struct Table {
    unsigned char v[256];
};
constexpr Table make_table() {
    Table t{};
    for (unsigned i = 0; i < 256; ++i) {
        unsigned c = i;
        for (int k = 0; k < 8; ++k) c = c & 1 ? c >> 1 ^ 0xb8u : c >> 1;
        t.v[i] = (unsigned char)c;
    }
    return t;
}
EVERYWHERE inline unsigned constexpr_table(unsigned x) {
    constexpr Table table = make_table();
    unsigned crc = 0;
    for (int i = 0; i < 4; ++i, x >>= 8) crc = table.v[(crc ^ x) & 255];
    return crc;
}
EVERYWHERE constexpr unsigned factorial(unsigned n) {
    return n < 2 ? 1 : n * factorial(n - 1);
}
EVERYWHERE inline unsigned constexpr_functions(unsigned x) {
    constexpr unsigned six = factorial(6);
    static_assert(six == 720);
    return x % six + factorial(5);
}

// ---- references, initialisers, bindings, default arguments
EVERYWHERE inline void exchange(unsigned& a, unsigned& b) {
    const unsigned t = a;
    a = b, b = t;
}
EVERYWHERE inline unsigned weighted(unsigned a, unsigned b = 3, unsigned c = 5) {
    return a * b + c;
}
EVERYWHERE inline unsigned references(unsigned x) {
    unsigned a = x & 0xffff, b = x >> 16;
    exchange(a, b);
    unsigned& larger = a > b ? a : b;
    larger += 100;
    return weighted(a) ^ weighted(b, 11);
}
struct Split {
    unsigned quotient, remainder;
};
EVERYWHERE inline Split divide(unsigned x, unsigned y) {
    return {x / y, x % y};
}
EVERYWHERE inline unsigned structured_bindings(unsigned x) {
    const auto [q, r] = divide(x, 37);
    auto [a, b] = divide(q, 10);
    a += b;
    return q * 3 + r + a;
}
EVERYWHERE inline unsigned range_for(unsigned x) {
    const unsigned values[] = {x, x / 3, 17, x % 100};
    unsigned sum = 0;
    for (const unsigned v : values) sum = sum * 3 + v;
    return sum;
}
template <class T, int N>
struct Vector {
    T v[N];
    EVERYWHERE T* begin() { return v; }
    EVERYWHERE T* end() { return v + N; }
};
EVERYWHERE inline unsigned iterators(unsigned x) {
    Vector<unsigned, 5> values{{x, x >> 5, x >> 10, x >> 15, x >> 20}};
    for (unsigned& v : values) v &= 31;
    unsigned least = 99;
    for (unsigned v : values) least = v < least ? v : least;
    return least;
}
union Word {
    unsigned u;
    struct {
        unsigned short low, high;
    } halves;
    unsigned char bytes[4];
};
EVERYWHERE inline unsigned unions(unsigned x) {
    Word w;
    w.u = x;
    return w.halves.low * 3u + w.halves.high + w.bytes[1];
}
enum class Mode : unsigned char { off, on, automatic };
EVERYWHERE inline unsigned overloads_of(int) {
    return 1;
}
EVERYWHERE inline unsigned overloads_of(unsigned) {
    return 2;
}
EVERYWHERE inline unsigned overloads_of(float) {
    return 3;
}
EVERYWHERE inline unsigned overloads_of(Mode m) {
    return 10 + (unsigned)m;
}
EVERYWHERE inline unsigned overloads(unsigned x) {
    return overloads_of((int)x) + overloads_of(x) * 10 + overloads_of(1.0f) * 100 +
           overloads_of(x & 1 ? Mode::automatic : Mode::on) * 1000;
}
// Recursion with a bound known when compiling.
template <int Depth>
EVERYWHERE unsigned descend(unsigned x) {
    if constexpr (Depth == 0)
        return x & 7;
    else
        return x & 1 ? descend<Depth - 1>(x >> 1) + 1 : descend<Depth - 1>(x >> 2) * 2;
}
EVERYWHERE inline unsigned template_recursion(unsigned x) {
    return descend<6>(x);
}
template <class Derived_>
struct Curious {
    EVERYWHERE unsigned run(unsigned x) const { return static_cast<const Derived_*>(this)->step(x) + 1; }
};
struct Doubler : Curious<Doubler> {
    EVERYWHERE unsigned step(unsigned x) const { return x * 2; }
};
EVERYWHERE inline unsigned static_polymorphism(unsigned x) {
    return Doubler().run(x);
}
template <class T>
concept Wide = sizeof(T) >= 8;
template <class T>
EVERYWHERE unsigned width_of(T) {
    return 1;
}
template <Wide T>
EVERYWHERE unsigned width_of(T v) {
    return 2 + (unsigned)(v & 1);
}
EVERYWHERE inline unsigned concepts(unsigned x) {
    return width_of(x) * 10 + width_of((unsigned long long)x);
}

}  // namespace language

#define LANGUAGE_FUNCTIONS(X) \
    X(templates)              \
    X(variadic)               \
    X(fold_expressions)       \
    X(lambdas)                \
    X(mutable_lambda)         \
    X(operators)              \
    X(matrix_power)           \
    X(destructors)            \
    X(inheritance)            \
    X(virtual_calls)          \
    X(function_pointers)      \
    X(function_argument)      \
    X(member_pointers)        \
    X(constexpr_table)        \
    X(constexpr_functions)    \
    X(references)             \
    X(structured_bindings)    \
    X(range_for)              \
    X(iterators)              \
    X(unions)                 \
    X(overloads)              \
    X(template_recursion)     \
    X(static_polymorphism)    \
    X(concepts)
