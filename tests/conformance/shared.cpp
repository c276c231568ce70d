// Cases on shared memory.
#include <array>
#include <numeric>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

void tile_transpose(Context& t) {
    const std::size_t width = 75, height = 50;
    const auto in = t.uniform<float>(width * height, -1, 1);
    Buffer out = t.zeros<float>(in.size());
    t.launch("tile_transpose", {5, 4}, {16, 16}, t.upload(in), out, 75, 50);
    std::vector<float> want(in.size());
    for (std::size_t y = 0; y < height; ++y)
        for (std::size_t x = 0; x < width; ++x) want[x * height + y] = in[y * width + x];
    t.equal(t.download<float>(out), want, "transpose");
}

void tiled_product(Context& t) {
    const std::size_t n = 45;
    const auto a = t.uniform<int>(n * n, -20, 20), b = t.uniform<int>(n * n, -20, 20);
    Buffer c = t.zeros<int>(n * n);
    t.launch("tiled_product", {6, 6}, {8, 8}, t.upload(a), t.upload(b), c, 45);
    std::vector<int> want(n * n);
    for (std::size_t r = 0; r < n; ++r)
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t i = 0; i < n; ++i) want[r * n + i] += a[r * n + k] * b[k * n + i];
    t.equal(t.download<int>(c), want, "product");
}

void dynamic_reverse(Context& t) {
    for (const std::uint32_t n : {1u, 31u, 64u, 333u, 1024u}) {
        const auto in = t.random_bits<int>(4 * n);
        Buffer out = t.zeros<int>(in.size());
        t.launch_shared("dynamic_reverse", {4}, {n}, n * 4, t.upload(in), out);
        std::vector<int> want(in.size());
        for (std::size_t i = 0; i < in.size(); ++i) want[i] = in[i / n * n + n - 1 - i % n];
        t.equal(t.download<int>(out), want, fmt::format("{} threads", n));
    }
}

void dynamic_split(Context& t) {
    const std::uint32_t n = 100;
    const auto in = t.uniform<int>(n, 0, 200);
    Buffer out = t.zeros<double>(n);
    t.launch_shared("dynamic_split", {1}, {n}, n * 13, t.upload(in), out);
    std::vector<double> want(n);
    for (std::size_t i = 0; i < n; ++i) want[i] = in[(i + 5) % n] * 4.5;
    t.equal(t.download<double>(out), want, "three arrays in one");
}

void static_and_dynamic(Context& t) {
    const std::uint32_t n = 97;
    const auto in = t.uniform<int>(n, -500, 500);
    Buffer out = t.zeros<int>(n);
    t.launch_shared("static_and_dynamic", {1}, {n}, n * 4, t.upload(in), out);
    std::vector<int> want(n);
    for (std::size_t i = 0; i < n; ++i)
        want[i] = in[n - 1 - i] + 2 * in[(i + 1) % n] + static_cast<int>(i % 3) * 2 + 1;
    t.equal(t.download<int>(out), want, "static and dynamic");
    t.check(t.kernel("static_and_dynamic").info().uses_dynamic_shared, "uses_dynamic_shared is false");
    t.check(t.kernel("static_and_dynamic").info().static_shared_bytes >= 424,
            "static_shared_bytes is too small");
}

void structures(Context& t) {
    const auto in = t.uniform<int>(64, 0, 500);
    Buffer out = t.zeros<int>(64);
    t.launch("structures", {1}, {64}, t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < 64; ++i) {
        const int v = in[63 - i];
        want.push_back(v + (v & 3) * 1000 + 3 * v + 3);
    }
    t.equal(t.download<int>(out), want, "structures");
}

void bytes_and_shorts(Context& t) {
    auto in = t.random_bits<unsigned char>(128);
    Buffer out = t.zeros<unsigned short>(128);
    t.launch("bytes_and_shorts", {1}, {128}, t.upload(in), out);
    in.push_back(77);
    std::vector<unsigned short> want(128);
    for (std::size_t i = 0; i < 128; ++i) want[127 - i] = static_cast<unsigned short>(in[i + 1] << 8 | in[i]);
    t.equal(t.download<unsigned short>(out), want, "bytes and shorts");
}

void isolated_by_block(Context& t) {
    for (const std::uint32_t n : {1u, 40u, 256u}) {
        const auto blocks = static_cast<std::uint32_t>(t.scaled(2000, 100));
        Buffer out = t.zeros<int>(blocks);
        t.launch("not_initialised_between_blocks", {blocks}, {n}, out);
        t.equal(t.download<int>(out), std::vector<int>(blocks, static_cast<int>(n)), "counts");
    }
}

void broadcast(Context& t) {
    const auto in = t.uniform<int>(50, -1000, 1000);
    Buffer out = t.zeros<int>(50 * 70);
    t.launch("broadcast_through_shared", {50}, {70}, t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < 3500; ++i) want.push_back(in[i / 70] + static_cast<int>(i % 70));
    t.equal(t.download<int>(out), want, "broadcast");
}

void pointer_to_shared(Context& t) {
    const auto in = t.uniform<int>(64, -1000, 1000);
    Buffer out = t.zeros<int>(64);
    t.launch("pointer_to_shared", {1}, {64}, t.upload(in), out);
    std::vector<int> want;
    for (std::size_t i = 0; i < 64; ++i)
        want.push_back((in[i] & 1 ? in[63 - i] : -in[63 - i]) + static_cast<int>(i ^ 1) * 7);
    t.equal(t.download<int>(out), want, "pointers to shared arrays");
}

void generic_pointer(Context& t) {
    const auto in = t.uniform<int>(32, -1000, 1000);
    Buffer out = t.zeros<int>(32);
    t.launch("generic_pointer", {1}, {32}, t.upload(in), out);
    const int four = in[0] + in[1] + in[2] + in[3];
    std::vector<int> want;
    for (int i = 0; i < 32; ++i) want.push_back(i % 3 == 0 ? 2 * four : i % 3 == 1 ? four : 4 * i + 6);
    t.equal(t.download<int>(out), want, "generic pointers");
}

void volatile_warp_reduction(Context& t) {
    for (const std::uint32_t n : {64u, 128u, 256u}) {
        const auto in = t.uniform<int>(20 * n, -1000, 1000);
        Buffer out = t.zeros<int>(20);
        t.launch("volatile_warp_reduction", {20}, {n}, t.upload(in), out);
        std::vector<int> want(20);
        for (std::size_t i = 0; i < in.size(); ++i) want[i / n] += in[i];
        t.equal(t.download<int>(out), want, fmt::format("{} threads", n));
    }
}

void volatile_warp_scan(Context& t) {
    const auto in = t.uniform<int>(128, -1000, 1000);
    Buffer out = t.zeros<int>(128);
    t.launch("volatile_warp_scan", {1}, {128}, t.upload(in), out);
    std::vector<int> want(in);
    for (std::size_t i = 0; i < 128; ++i)
        if (i % 32) want[i] += want[i - 1];
    t.equal(t.download<int>(out), want, "scan");
}

void syncwarp_exchange(Context& t) {
    const auto in = t.uniform<int>(128, -1000, 1000);
    Buffer out = t.zeros<int>(128);
    t.launch("syncwarp_exchange", {1}, {128}, t.upload(in), out);
    std::vector<int> want(128);
    for (std::size_t i = 0; i < 128; ++i) want[i] = 2 * in[((i & ~std::size_t{31}) | ((i + 1) & 31)) ^ 31];
    t.equal(t.download<int>(out), want, "exchange");
}

void bitonic_sort(Context& t) {
    auto data = t.random_bits<int>(3 * 512);
    Buffer buffer = t.upload(data);
    t.launch("bitonic_sort", {3}, {512}, buffer);
    for (std::ptrdiff_t b = 0; b < 3; ++b) std::sort(data.begin() + b * 512, data.begin() + (b + 1) * 512);
    t.equal(t.download<int>(buffer), data, "sorted");
}

void block_scan(Context& t) {
    for (const std::uint32_t n : {1u, 50u, 256u}) {
        const auto in = t.uniform<int>(5 * n, -1000, 1000);
        Buffer out = t.zeros<int>(in.size());
        t.launch("block_scan", {5}, {n}, t.upload(in), out);
        std::vector<int> want(in);
        for (std::size_t i = 0; i < want.size(); ++i)
            if (i % n) want[i] += want[i - 1];
        t.equal(t.download<int>(out), want, fmt::format("{} threads", n));
    }
}

void histogram(Context& t) {
    const auto in = t.random_bits<unsigned char>(t.scaled(50001, 2000));
    Buffer out = t.zeros<unsigned>(256);
    t.launch("histogram", {9}, {192}, t.upload(in), out, static_cast<int>(in.size()));
    std::vector<unsigned> want(256);
    for (const unsigned char b : in) ++want[b];
    t.equal(t.download<unsigned>(out), want, "histogram");
}

void halo_stencil(Context& t) {
    std::vector<float> in;
    for (const int v : t.uniform<int>(1000, -1000, 1000)) in.push_back(static_cast<float>(v));
    Buffer out = t.zeros<float>(1000);
    t.launch("halo_stencil", {8}, {128}, t.upload(in), out, 1000);
    std::vector<float> want(1000);
    for (std::size_t i = 0; i < 1000; ++i)
        for (std::size_t k = std::max<std::size_t>(i, 3) - 3; k <= std::min<std::size_t>(i + 3, 999); ++k)
            want[i] += in[k];
    t.equal(t.download<float>(out), want, "halo");
}

void vector_elements(Context& t) {
    const auto in = t.uniform<float>(256, -1, 1);
    Buffer out = t.zeros<float>(256);
    t.launch("vector_elements", {1}, {64}, t.upload(in), out);
    std::vector<float> want(256);
    for (std::size_t i = 0; i < 64; ++i)
        for (std::size_t k = 0; k < 4; ++k) want[4 * i + k] = k == 1 ? in[i] : in[4 * (63 - i) + k];
    t.equal(t.download<float>(out), want, "float4 in shared memory");
}

void most_of_48k(Context& t) {
    const auto in = t.random_bits<int>(12000);
    Buffer out = t.zeros<int>(12000);
    t.launch("most_of_48k", {1}, {200}, t.upload(in), out);
    t.equal(t.download<int>(out), std::vector<int>(in.rbegin(), in.rend()), "48000 bytes");
}

template <class T>
void typed_dynamic(Context& t) {
    const auto in = t.random_bits<T>(150);
    Buffer out = t.zeros<T>(150);
    t.launch_shared(kernel_name<T>("typed_dynamic"), {1}, {150}, 150 * sizeof(T), t.upload(in), out);
    std::vector<T> want(150);
    for (std::size_t i = 0; i < 150; ++i) want[i] = in[(i * 7 + 3) % 150];
    t.equal(t.download<T>(out), want, "typed dynamic");
}

const Registration topic({"shared",
                          "shared",
                          {
                              {"tile_transpose", tile_transpose},
                              {"tiled_product", tiled_product},
                              {"dynamic", dynamic_reverse},
                              {"dynamic_split", dynamic_split},
                              {"static_and_dynamic", static_and_dynamic},
                              {"dynamic_types",
                               [](Context& t) {
                                   typed_dynamic<unsigned char>(t);
                                   typed_dynamic<short>(t);
                                   typed_dynamic<float>(t);
                                   typed_dynamic<double>(t);
                               }},
                              {"structures", structures},
                              {"bytes_and_shorts", bytes_and_shorts},
                              {"isolated_by_block", isolated_by_block},
                              {"broadcast", broadcast},
                              {"pointer_to_shared", pointer_to_shared},
                              {"generic_pointer", generic_pointer},
                              {"volatile_warp_reduction", volatile_warp_reduction},
                              {"volatile_warp_scan", volatile_warp_scan},
                              {"syncwarp_exchange", syncwarp_exchange},
                              {"bitonic_sort", bitonic_sort},
                              {"block_scan", block_scan},
                              {"histogram", histogram},
                              {"halo_stencil", halo_stencil},
                              {"vector_elements", vector_elements},
                              {"most_of_48k", most_of_48k},
                          }});

}  // namespace
}  // namespace heddle::conformance
