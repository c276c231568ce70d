// Loops that hop through a table, each lane for a number of rounds of its own: what a vector device may run
// lane by lane. Compiled for the device by serial.cu and for the host by serial.cpp, whose results are the
// reference.
#pragma once

#ifdef __CUDACC__
#define EVERYWHERE __host__ __device__ inline
#else
#define EVERYWHERE inline
#endif

namespace serial {

constexpr unsigned table_size = 4096;

EVERYWHERE unsigned at(const unsigned* table, unsigned index) {
    return table[index % table_size];
}

EVERYWHERE unsigned sum(const unsigned* table, unsigned x) {
    unsigned total = x;
    for (unsigned k = at(table, x) % 40; k > 0; --k) total += at(table, at(table, at(table, x + k)) ^ k);
    return total;
}
// The bound of the inner loop needs three bits, so its product may be computed in as many.
EVERYWHERE unsigned narrow_bound(const unsigned* table, unsigned x) {
    const unsigned factor = at(table, x);
    unsigned total = x;
    for (unsigned i = 0; i < at(table, x + 1) % 9; ++i) {
        total += at(table, at(table, total));
        for (unsigned k = 0; k < (((x - i) * factor) & 7); ++k) {
            if (at(table, total) == k) total = at(table, total + factor);
            total += at(table, at(table, total ^ k));
        }
    }
    return total;
}
// A break and a continue; two values leave the loop.
EVERYWHERE unsigned exits_early(const unsigned* table, unsigned x) {
    unsigned total = 0, place = x;
    for (unsigned k = 0; k < at(table, x + 1) % 50; ++k) {
        const unsigned a = at(table, place), b = at(table, a), c = at(table, b);
        place += c | 1;
        if (a % 4 == 0) continue;
        if (b % 32 == 5) break;
        total += a ^ c;
    }
    return total * 31 + place;
}
// Ways out that meet at different places, with values of their own.
EVERYWHERE unsigned several_exits(const unsigned* table, unsigned x) {
    unsigned total = 1;
    for (unsigned k = 0; k < 64; ++k) {
        const unsigned a = at(table, x + k), b = at(table, a), c = at(table, b);
        if (c % 16 == 1) return 7;
        if (b % 16 == 2) return total * 3 + k;
        if (a % 16 == 3) break;
        total += c;
    }
    return total + x;
}
EVERYWHERE unsigned nested(const unsigned* table, unsigned x) {
    unsigned total = 0, place = x;
    for (unsigned i = 0; i < at(table, place) % 6; ++i) {
        for (unsigned k = at(table, place + i) % 7; k > 0; --k) {
            const unsigned next = at(table, at(table, place) + k);
            if (next % 64 == 9) return total;
            if (next % 64 == 10) goto next_round;
            place += next;
            total ^= at(table, place);
        }
        total += 3;
    next_round:
        place += at(table, total + i);
    }
    return total ^ place;
}
// Truth values and words of other sizes go in, round and out.
EVERYWHERE unsigned other_types(const unsigned* table, unsigned x) {
    bool odd = x & 1, found = false;
    unsigned short narrow = static_cast<unsigned short>(x);
    unsigned long long wide = x * 0x123456789abcull;
    double exact = x % 1000;
    signed char small = static_cast<signed char>(x >> 3);
    for (unsigned k = at(table, x) % 24; k > 0 && !found; --k) {
        const unsigned a = at(table, narrow), b = at(table, a), c = at(table, static_cast<unsigned>(wide));
        found = c % 50 == 7;
        odd = odd != (b % 3 == 1);
        narrow = static_cast<unsigned short>(narrow + b);
        wide = wide * 3 + a;
        exact += c % 1000;
        small = static_cast<signed char>(small ^ static_cast<signed char>(b));
    }
    return (odd ? 5u : 0u) + (found ? 11u : 0u) + narrow * 7u + static_cast<unsigned>(wide >> 7) +
           static_cast<unsigned>(exact) * 13u + static_cast<unsigned>(small) * 17u;
}
// A private array with elements of one size, and one with structures.
EVERYWHERE unsigned private_arrays(const unsigned* table, unsigned x) {
    struct Entry {
        unsigned char tag;
        unsigned value;
    };
    unsigned counts[8] = {};
    Entry entries[4] = {{1, x}, {2, x + 1}, {3, x + 2}, {4, x + 3}};
    for (unsigned k = at(table, x) % 20; k > 0; --k) {
        const unsigned a = at(table, x * k), b = at(table, a), c = at(table, b);
        entries[c % 4].value += a;
        entries[b % 4].tag = static_cast<unsigned char>(entries[a % 4].tag + 1);
    }
    for (unsigned k = at(table, x + 5) % 20; k > 0; --k) counts[at(table, at(table, x + k)) % 8] += k;
    unsigned total = 0;
    for (unsigned i = 0; i < 8; ++i) total = total * 5 + counts[i];
    for (const Entry& entry : entries) total = total * 7 + entry.value + entry.tag;
    return total;
}
EVERYWHERE unsigned divides(const unsigned* table, unsigned x) {
    int total = static_cast<int>(x & 0xffffff);
    for (unsigned k = at(table, x) % 30; k > 0; --k) {
        const int a = static_cast<int>(at(table, x ^ k)),
                  b = static_cast<int>(at(table, static_cast<unsigned>(a)));
        const int c = static_cast<int>(at(table, static_cast<unsigned>(b) + k) | 1u);
        total += (a / 3) % ((c & 1023) + 1) + (b >> 3);
        total &= 0xffffff;
    }
    return static_cast<unsigned>(total);
}
EVERYWHERE unsigned floats(const unsigned* table, unsigned x) {
    float total = 0;
    for (unsigned k = at(table, x) % 30; k > 0; --k) {
        const unsigned a = at(table, x + k), b = at(table, a), c = at(table, b);
        total = __builtin_fmaf(static_cast<float>(a % 1024), static_cast<float>(b % 16), total);
        total = __builtin_sqrtf(total + static_cast<float>(c % 8));
    }
    return static_cast<unsigned>(total * 1024.0f);
}

#define SERIAL_FUNCTIONS(F) \
    F(sum)                  \
    F(exits_early)          \
    F(narrow_bound)         \
    F(several_exits)        \
    F(nested)               \
    F(other_types)          \
    F(private_arrays)       \
    F(divides)              \
    F(floats)

}  // namespace serial
