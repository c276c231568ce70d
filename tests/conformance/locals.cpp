// Cases on what a thread holds: structures by value, from parameters and from memory, and arrays of its own.
#include <array>
#include <numeric>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

struct Small {
    char tag;
    short number;
};
struct Pair {
    std::uint64_t destination;
    float factor;
};
struct Large {
    float coefficients[16];
    long long offset;
    unsigned char flags[5];
    double last;
};

Large large_value() {
    Large l{};
    for (int i = 0; i < 16; ++i) l.coefficients[i] = static_cast<float>(i) * 0.25f;
    l.offset = 1LL << 40;
    for (int i = 0; i < 5; ++i) l.flags[i] = static_cast<unsigned char>(50 * i);
    l.last = 0.125;
    return l;
}

void small_structure(Context& t) {
    Buffer out = t.zeros<int>(40);
    t.launch("small_structure", {1}, {40}, Small{7, -321}, out);
    t.equal(t.download<int>(out), std::vector<int>(40, 6679), "small structure");
}

void pointer_in_structure(Context& t) {
    Buffer out = t.zeros<int>(300);
    t.launch("pointer_in_structure", {3}, {128}, Pair{out.device_address(), 2.5f}, 300);
    std::vector<int> want(300);
    for (int i = 0; i < 300; ++i)
        want[static_cast<std::size_t>(i)] = static_cast<int>(static_cast<float>(i) * 2.5f);
    t.equal(t.download<int>(out), want, "pointer in a structure");
}

void large_structure(Context& t) {
    const Large l = large_value();
    Buffer out = t.zeros<double>(100);
    t.launch("large_structure", {1}, {100}, l, out, 100);
    std::vector<double> want(100);
    for (std::size_t i = 0; i < 100; ++i)
        want[i] = static_cast<double>(l.coefficients[i % 16]) + static_cast<double>(l.offset) +
                  l.flags[i % 5] * 0.5 + l.last;
    t.equal(t.download<double>(out), want, "large structure");
}

void modified_parameter(Context& t) {
    Buffer out = t.zeros<float>(200);
    t.launch("modified_parameter", {2}, {128}, large_value(), out, 200);
    t.equal(t.download<float>(out), std::vector<float>(200, 130.0f), "modified parameter");
}

void mixed_parameters(Context& t) {
    Buffer out = t.zeros<double>(6);
    t.launch("mixed_parameters", {1}, {1}, static_cast<char>(-3), 2.5, static_cast<short>(-1234),
             -(1LL << 50), static_cast<unsigned char>(200), 0.75f, out);
    t.equal(t.download<double>(out), {-3, 2.5, -1234, -static_cast<double>(1LL << 50), 200, 0.75},
            "parameters");
}

void bool_parameter(Context& t) {
    Buffer out = t.zeros<int>(2);
    t.launch("bool_parameter", {1}, {1}, true, false, out);
    t.equal(t.download<int>(out), {7, 1}, "bool parameters");
}

struct Record {
    int key;
    float weight;
    std::array<unsigned char, 4> code;  // three bytes and one of padding
};

void records(Context& t) {
    std::vector<Record> in(1501);
    for (std::size_t i = 0; i < in.size(); ++i)
        in[i] = {static_cast<int>(i * 7919),
                 static_cast<float>(i) * 0.5f,
                 {static_cast<unsigned char>(i), static_cast<unsigned char>(i >> 3),
                  static_cast<unsigned char>(i * 5), 0}};
    Buffer out = t.zeros<Record>(in.size());
    t.over("records", in.size(), t.upload(in), out);
    const auto got = t.download<Record>(out);
    for (std::size_t i = 0; i < in.size(); ++i)
        if (got[i].key != -in[i].key || got[i].weight != 2 * in[i].weight ||
            got[i].code[0] != in[i].code[2] || got[i].code[1] != in[i].code[1] ||
            got[i].code[2] != in[i].code[0])
            return t.fail(fmt::format("record {} is wrong", i));
}

void local_array(Context& t) {
    const auto in = t.random_bits<int>(777);
    Buffer out = t.zeros<int>(777);
    t.over("local_array", 777, t.upload(in), out);
    std::vector<int> want(777);
    for (std::size_t i = 0; i < 777; ++i) {
        unsigned sum = 0;
        for (std::size_t k = 8; k-- > 0;) sum = sum * 3 + static_cast<unsigned>(in[(i + k) % 777]);
        want[i] = static_cast<int>(sum);
    }
    t.equal(t.download<int>(out), want, "local array");
}

void local_array_dynamic(Context& t) {
    const auto in = t.random_bits<unsigned>(1000);
    Buffer out = t.zeros<unsigned>(1000);
    t.over("local_array_dynamic", 1000, t.upload(in), out);
    std::vector<unsigned> want(1000);
    for (unsigned i = 0; i < 1000; ++i) {
        std::array<unsigned, 16> counts{};
        unsigned v = in[i];
        for (unsigned k = 0; k < 8; ++k, v >>= 4) counts[v & 15] += k + 1;
        unsigned mixed = 0;
        for (unsigned k = 0; k < 16; ++k) mixed = mixed * 5 + counts[(k + i) & 15];
        want[i] = mixed;
    }
    t.equal(t.download<unsigned>(out), want, "dynamically indexed local array");
}

void local_bytes(Context& t) {
    t.map<unsigned>("local_bytes", t.random_bits<unsigned>(1000), [](unsigned state) {
        std::array<unsigned char, 64> bytes;
        for (unsigned k = 0; k < 64; ++k) bytes[k] = static_cast<unsigned char>(k * 7);
        for (int k = 0; k < 32; ++k) {
            std::swap(bytes[state & 63], bytes[state >> 6 & 63]);
            state = state * 1664525u + 1013904223u;
        }
        unsigned hash = 2166136261u;
        for (const unsigned char b : bytes) hash = (hash ^ b) * 16777619u;
        return hash;
    });
}

void local_array_2d(Context& t) {
    std::vector<float> in(333);
    for (float& f : in) f = static_cast<float>(t.uniform<int>(1, -20, 20)[0]);
    Buffer out = t.zeros<float>(333);
    t.over("local_array_2d", 333, t.upload(in), out);
    std::vector<float> want(333);
    for (std::size_t i = 0; i < 333; ++i) {
        const std::size_t r = i % 3, c = i / 3 % 3;
        for (std::size_t k = 0; k < 3; ++k)
            want[i] += (in[i] + static_cast<float>(r * 3 + k)) * (in[i] + static_cast<float>(k * 3 + c));
    }
    t.equal(t.download<float>(out), want, "3x3 product");
}

void local_by_pointer(Context& t) {
    const auto in = t.random_bits<int>(500);
    Buffer out = t.zeros<int>(1500);
    t.over("local_by_pointer", 500, t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < 500; ++i) {
        std::array v{in[i], in[(i + 1) % 500], in[(i + 2) % 500]};
        std::ranges::sort(v);
        want.insert(want.end(), v.begin(), v.end());
    }
    t.equal(t.download<int>(out), want, "sorted triples");
}

void local_or_global(Context& t) {
    const auto in = t.random_bits<int>(1000);
    Buffer out = t.zeros<int>(1000);
    t.over("local_or_global", 1000, t.upload(in), out);
    std::vector<int> want(1000);
    for (std::size_t i = 0; i < 1000; ++i)
        want[i] = in[i] & 1 ? static_cast<int>((i & 3) + 1) * 10 : in[(i / 4) * 4 + (i & 3)];
    t.equal(t.download<int>(out), want, "generic pointer");
}

void local_structure_array(Context& t) {
    const auto in = t.uniform<int>(600, -9, 9);
    Buffer out = t.zeros<int>(600);
    t.over("local_structure_array", 600, t.upload(in), out);
    std::vector<int> want(600);
    for (std::size_t i = 0; i < 600; ++i) {
        int packed = 0;
        for (std::size_t a = 0; a < 6; ++a) {
            int rank = 0;
            const int key = in[(i * 6 + a) % 600];
            for (std::size_t b = 0; b < 6; ++b) {
                const int other = in[(i * 6 + b) % 600];
                rank += other < key || (other == key && b < a);
            }
            packed |= rank << (4 * a);
        }
        want[i] = packed;
    }
    t.equal(t.download<int>(out), want, "ranks");
}

const Registration topic({"locals",
                          "memory",
                          {
                              {"small_structure", small_structure},
                              {"pointer_in_structure", pointer_in_structure},
                              {"large_structure", large_structure},
                              {"modified_parameter", modified_parameter},
                              {"mixed_parameters", mixed_parameters},
                              {"bool_parameter", bool_parameter},
                              {"records", records},
                              {"local_array", local_array},
                              {"local_array_dynamic", local_array_dynamic},
                              {"local_bytes", local_bytes},
                              {"local_array_2d", local_array_2d},
                              {"local_by_pointer", local_by_pointer},
                              {"local_or_global", local_or_global},
                              {"local_structure_array", local_structure_array},
                          }});

}  // namespace
}  // namespace heddle::conformance
