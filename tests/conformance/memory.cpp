// Cases on loads and stores.
#include <array>
#include <numeric>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

constexpr std::size_t odd_count = 10007;

template <class T>
void copy_elements(Context& t) {
    t.map<T>(kernel_name<T>("copy"), t.random_bits<T>(t.scaled(odd_count, 37)), [](T x) { return x; });
}

// Vector types are opaque to the host: their bytes are compared.
template <std::size_t Bytes>
void copy_vectors(Context& t, std::string_view type) {
    using Element = std::array<unsigned char, Bytes>;
    t.map<Element>("copy<" + std::string(type) + ">", t.random_bits<Element>(t.scaled(3001, 37)),
                   [](const Element& x) { return x; });
}

void layout(Context& t) {
    Buffer out = t.zeros<unsigned>(24);
    t.launch("layout", {1}, {1}, out);
    t.equal(t.download<unsigned>(out),
            {3, 1, 8, 8, 12, 4, 8, 8, 16, 16, 16, 16, 8, 8, 4, 1, 64, 16, 8, 16, 20, 32, 48, 8},
            "sizes and offsets");
}

using Float4 = std::array<float, 4>;

void rotate_float4(Context& t) {
    std::vector<Float4> in(1003);
    for (auto& v : in)
        for (float& f : v) f = t.uniform<float>(1, -1, 1)[0];
    t.map<Float4>("rotate_float4", in, [](const Float4& v) { return Float4{v[3], v[0], v[1], v[2]}; });
}

void cast_to_float4(Context& t) {
    const auto in = t.uniform<float>(4 * 1003, -1, 1);
    Buffer out = t.zeros<float>(in.size());
    t.over("cast_to_float4", in.size() / 4, t.upload(in), out);
    std::vector<float> want(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) want[i] = in[i ^ 2];
    t.equal(t.download<float>(out), want, "cast_to_float4");
}

void store_component(Context& t) {
    auto values = t.uniform<float>(4 * 999, -1, 1);
    Buffer data = t.upload(values);
    t.over("store_component", 999, data);
    for (std::size_t i = 0; i < 999; ++i) values[4 * i + 2] = values[4 * i] + values[4 * i + 1];
    t.equal(t.download<float>(data), values, "store_component");
}

void strided(Context& t) {
    for (const int stride : {2, 3, 5, 17, 33}) {
        const std::size_t n = 777;
        const auto in = t.random_bits<int>(n * static_cast<std::size_t>(stride));
        Buffer out = t.filled<int>(in.size(), -7);
        t.launch("strided", {7}, {128}, t.upload(in), out, static_cast<int>(n), stride);
        std::vector<int> want(in.size(), -7);
        for (std::size_t i = 0; i < want.size(); i += static_cast<std::size_t>(stride))
            want[i] = static_cast<int>(static_cast<unsigned>(in[i]) + 1u);
        t.equal(t.download<int>(out), want, fmt::format("stride {}", stride));
    }
}

void permuted(Context& t, bool scatter) {
    const std::size_t n = t.scaled(odd_count, 100);
    auto at = t.iota<int>(n);
    std::ranges::shuffle(at, t.random());
    const auto in = t.random_bits<int>(n);
    Buffer out = t.zeros<int>(n);
    t.over(scatter ? "scattered" : "gathered", n, t.upload(in), t.upload(at), out);
    std::vector<int> want(n);
    for (std::size_t i = 0; i < n; ++i) {
        const auto j = static_cast<std::size_t>(at[i]);
        (scatter ? want[j] : want[i]) = scatter ? in[i] : in[j];
    }
    t.equal(t.download<int>(out), want, scatter ? "scatter" : "gather");
}

void broadcast(Context& t) {
    const auto in = t.random_bits<int>(64);
    for (const int at : {0, 1, 63}) {
        Buffer out = t.zeros<int>(501);
        t.launch("broadcast", {4}, {128}, t.upload(in), out, 501, at);
        t.equal(t.download<int>(out), std::vector<int>(501, in[static_cast<std::size_t>(at)]), "broadcast");
    }
}

void half_warp(Context& t) {
    const auto in = t.random_bits<int>(1000);
    Buffer out = t.zeros<int>(1000);
    t.over("same_address_per_half_warp", 1000, t.upload(in), out);
    std::vector<int> want(1000);
    for (std::size_t i = 0; i < 1000; ++i) want[i] = in[i / 16];
    t.equal(t.download<int>(out), want, "half warps");
}

void unaligned_start(Context& t) {
    for (int shift = 0; shift < 9; ++shift) {
        const auto in = t.uniform<float>(600, -4, 4);
        Buffer out = t.zeros<float>(600);
        t.launch("offset_by", {5}, {128}, t.upload(in), out, 517, shift);
        std::vector<float> want(600, 0.0f);
        for (std::size_t i = 0; i < 517; ++i) {
            const std::size_t j = i + static_cast<std::size_t>(shift);
            want[j] = in[j] * 2;
        }
        t.equal(t.download<float>(out), want, fmt::format("shift {}", shift));
    }
}

void grid_stride(Context& t) {
    const std::size_t n = t.scaled(100003, 1000);
    const auto in = t.uniform<int>(n, -1000, 1000);
    for (const Dim3 grid : {Dim3{1}, Dim3{3}, Dim3{64}}) {
        Buffer out = t.zeros<int>(n);
        t.launch("grid_stride", grid, {96}, t.upload(in), out, static_cast<int>(n));
        std::vector<int> want;
        for (const int x : in) want.push_back(x * 3);
        t.equal(t.download<int>(out), want, "grid stride");
    }
}

void masked_store(Context& t) {
    const auto in = t.uniform<int>(3001, -500, 500);
    Buffer out = t.filled<int>(3001, 12345);
    t.over("masked_store", 3001, t.upload(in), out);
    std::vector<int> want;
    for (const int x : in) want.push_back(x % 3 == 0 ? x : 12345);
    t.equal(t.download<int>(out), want, "masked store");
}

void index64(Context& t) {
    const auto in = t.random_bits<unsigned char>(t.scaled(70001, 100));
    Buffer out = t.zeros<unsigned char>(in.size());
    t.launch("index64", {static_cast<std::uint32_t>((in.size() + 255) / 256)}, {256}, t.upload(in), out,
             static_cast<long long>(in.size()));
    t.equal(t.download<unsigned char>(out), std::vector<unsigned char>(in.rbegin(), in.rend()), "index64");
}

void reversed(Context& t, std::string_view kernel) {
    const auto in = t.random_bits<int>(4099);
    Buffer out = t.zeros<int>(in.size());
    t.over(kernel, in.size(), t.upload(in), out);
    t.equal(t.download<int>(out), std::vector<int>(in.rbegin(), in.rend()), kernel);
}

void walking_pointer(Context& t) {
    const auto in = t.random_bits<int>(500 * 13);
    Buffer out = t.zeros<int>(500);
    t.launch("walking_pointer", {4}, {128}, t.upload(in), out, 500, 13);
    std::vector<int> want(500);
    for (std::size_t i = 0; i < 500; ++i) {
        unsigned sum = 0;
        for (std::size_t k = 0; k < 13; ++k) sum = sum * 31 + static_cast<unsigned>(in[i * 13 + k]);
        want[i] = static_cast<int>(sum);
    }
    t.equal(t.download<int>(out), want, "walking pointer");
}

void reverse_bytes(Context& t) {
    const auto in = t.random_bits<unsigned char>(4096);
    Buffer out = t.zeros<unsigned char>(4096);
    t.over("reverse_bytes", 4096, t.upload(in), out);
    std::vector<unsigned char> want(4096);
    for (std::size_t i = 0; i < 4096; ++i) want[i ^ 3] = in[i];
    t.equal(t.download<unsigned char>(out), want, "bytes");
}

void punning(Context& t) {
    const auto words = t.random_bits<unsigned>(512);
    std::vector<unsigned char> bytes(2048);
    std::memcpy(bytes.data(), words.data(), 2048);
    Buffer out = t.zeros<unsigned char>(2047);
    t.over("words_as_bytes", 2047, t.upload(words), out);
    std::vector<unsigned char> want(bytes.begin(), bytes.end() - 1);
    for (unsigned char& b : want) b ^= 0x5a;
    t.equal(t.download<unsigned char>(out), want, "words as bytes");
    Buffer back = t.zeros<unsigned>(512);
    t.over("bytes_as_words", 512, t.upload(bytes), back);
    t.equal(t.download<unsigned>(back), words, "bytes as words");
}

void unaligned_words(Context& t) {
    const auto in = t.random_bits<unsigned char>(3 * 700 + 8);
    Buffer out = t.zeros<unsigned>(700);
    t.over("unaligned_words", 700, t.upload(in), out);
    std::vector<unsigned> want(700);
    for (std::size_t i = 0; i < 700; ++i) std::memcpy(&want[i], &in[3 * i + 1], 4);
    t.equal(t.download<unsigned>(out), want, "unaligned words");
}

void pun_float(Context& t) {
    t.map<unsigned>("pun_float", t.uniform<float>(500, -1e9f, 1e9f), [](float) { return 0x80000000u; });
    const auto in = t.uniform<double>(500, -1e9, 1e9);
    Buffer high = t.zeros<int>(500), low = t.zeros<int>(500);
    t.over("pun_double", 500, t.upload(in), high, low);
    std::vector<int> want_high, want_low;
    for (const double d : in) {
        std::array<int, 2> halves;
        std::memcpy(halves.data(), &d, 8);
        want_low.push_back(halves[0]);
        want_high.push_back(halves[1]);
    }
    t.equal(t.download<int>(high), want_high, "high words");
    t.equal(t.download<int>(low), want_low, "low words");
}

void neighbours(Context& t) {
    for (const std::size_t n : {1u, 3u, 31u, 33u, 127u, 5001u}) {
        Buffer out = t.filled<unsigned char>(n + 9, 0xee);
        t.over("neighbours_share_a_word", n, out);
        std::vector<unsigned char> want(n + 9, 0xee);
        for (std::size_t i = 0; i < n; ++i) want[i] = static_cast<unsigned char>(i * 13 + 1);
        t.equal(t.download<unsigned char>(out), want, fmt::format("{} bytes", n));
    }
}

void bit_fields(Context& t) {
    t.map<unsigned>("bit_fields", t.random_bits<unsigned>(900), [](unsigned w) {
        const unsigned a = (w + 3) & 31, b = w >> 5 & 2047, d = w >> 23;
        const int c = static_cast<int>(w << 9) >> 25;
        return a + b * 100u + static_cast<unsigned>(c * 7) + d;
    });
}

void copy_and_set(Context& t) {
    const auto in = t.random_bits<unsigned char>(11 * 300);
    Buffer out = t.zeros<unsigned char>(24 * 300);
    t.over("copy_and_set", 300, out, t.upload(in));
    std::vector<unsigned char> want(24 * 300);
    for (std::size_t i = 0; i < 300; ++i) {
        std::fill_n(want.begin() + static_cast<std::ptrdiff_t>(24 * i), 24, static_cast<unsigned char>(i));
        std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(11 * i), 11,
                    want.begin() + static_cast<std::ptrdiff_t>(24 * i + 5));
    }
    t.equal(t.download<unsigned char>(out), want, "memcpy and memset");
}

void own_stores_in_order(Context& t) {
    Buffer data = t.zeros<int>(300);
    t.over("overlapping", 300, data);
    t.equal(t.download<int>(data), std::vector<int>(300, 12), "stores of one thread");
}

void load_hints(Context& t) {
    const auto in = t.uniform<float>(500, -1, 1);
    Buffer out = t.zeros<float>(500);
    t.over("load_hints", 500, t.upload(in), out);
    std::vector<float> want(500);
    for (std::size_t i = 0; i < 500; ++i) want[i] = in[i] + in[i & ~std::size_t{1}];
    t.equal(t.download<float>(out), want, "__ldg");
}

void null_pointer(Context& t) {
    Buffer out = t.zeros<int>(33), some = t.filled<int>(1, 5);
    const std::uint64_t null = 0;
    t.queue().launch(t.kernel("null_pointer"), {{1}, {33}},
                     std::vector<Argument>{Argument::raw(&null, sizeof null), Argument(out)});
    t.queue().synchronize();
    t.equal(t.download<int>(out), std::vector<int>(33, -1), "null");
    t.launch("null_pointer", {1}, {33}, some, out);
    t.equal(t.download<int>(out), std::vector<int>(33, 5), "not null");
}

void pointer_difference(Context& t) {
    Buffer data = t.zeros<double>(100), out = t.zeros<long long>(3);
    const std::uint64_t a = data.device_address() + 8, b = data.device_address() + 8 * 41;
    t.queue().launch(t.kernel("pointer_difference"), {{1}, {1}},
                     std::vector<Argument>{Argument::raw(&a, 8), Argument::raw(&b, 8), Argument(out)});
    t.queue().synchronize();
    t.equal(t.download<long long>(out), {40, 320, 1}, "differences");
}

void device_heap(Context& t) {
    Buffer out = t.zeros<int>(500);
    t.over("device_heap", 500, out);
    std::vector<int> want(500);
    for (int i = 0; i < 500; ++i)
        for (int k = 0; k <= i % 7; ++k) want[static_cast<std::size_t>(i)] += i + k;
    t.equal(t.download<int>(out), want, "device heap");
}

void tail_untouched(Context& t) {
    for (std::size_t n = 1; n < 140; n += 7) {
        Buffer out = t.filled<int>(n + 40, -1);
        t.over("tail_untouched", n, out);
        auto want = t.iota<int>(n);
        want.resize(n + 40, -1);
        t.equal(t.download<int>(out), want, fmt::format("{} threads", n));
    }
}

void buffer_copies(Context& t) {
    const auto in = t.random_bits<unsigned char>(10000);
    Buffer a = t.upload(in), b = t.filled<unsigned char>(10000, 1);
    t.queue().copy(b, 17, a, 100, 5001);
    t.queue().fill(b, 0xab, 333, 9000);
    t.queue().synchronize();
    std::vector<unsigned char> want(10000, 1);
    std::copy_n(in.begin() + 100, 5001, want.begin() + 17);
    std::fill_n(want.begin() + 9000, 333, static_cast<unsigned char>(0xab));
    t.equal(t.download<unsigned char>(b), want, "copy and fill");
    std::vector<unsigned char> part(100);
    b.read(part.data(), 100, 50);
    t.equal(part, {want.begin() + 50, want.begin() + 150}, "partial read");
    b.write(in.data(), 10, 5);
    std::copy_n(in.begin(), 10, want.begin() + 5);
    t.equal(t.download<unsigned char>(b), want, "partial write");
}

void allocation(Context& t) {
    for (const std::size_t bytes : {1u, 3u, 255u, 4097u, 1000001u}) {
        Buffer b = t.device().allocate(bytes);
        t.equal_value(b.size_bytes(), bytes, "size");
        t.check(b.device_address() % 256 == 0, "a buffer is not aligned to 256 bytes");
        const auto data = t.random_bits<unsigned char>(bytes);
        b.write(data.data(), bytes);
        Buffer moved = std::move(b);
        t.equal(t.download<unsigned char>(moved), data, "contents after a move");
        t.equal_value(b.size_bytes(), std::size_t{0},
                      "size after a move");  // NOLINT(bugprone-use-after-move)
    }
}

void host_view(Context& t) {
    Buffer b = t.zeros<int>(100);
    if (!b.is_host_visible()) throw Skip{"the host cannot see this device's memory"};
    b.view<int>()[42] = 4242;
    t.equal_value(t.download<int>(b)[42], 4242, "written through the view");
}

void pinned_copies(Context& t) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{255}, t.scaled(1'500'003, 300)}) {
        HostBuffer in = t.device().allocate_host(count), out = t.device().allocate_host(count + 7);
        t.equal_value(in.size_bytes(), count, "size");
        t.check(reinterpret_cast<std::uintptr_t>(in.data()) % 64 == 0,
                "host memory is not aligned to 64 bytes");
        const auto data = t.random_bits<unsigned char>(count);
        std::ranges::copy(data, in.view<unsigned char>().begin());
        std::ranges::fill(out.view<unsigned char>(), static_cast<unsigned char>(0xcd));
        Buffer device = t.device().allocate(count);
        t.queue().write(device, in.data(), count);
        t.queue().read(device, out.view<unsigned char>().data() + 3, count);
        t.queue().synchronize();
        std::vector<unsigned char> want(count + 7, 0xcd);
        std::ranges::copy(data, want.begin() + 3);
        t.equal({out.view<unsigned char>().begin(), out.view<unsigned char>().end()}, want,
                fmt::format("{} bytes there and back", count));
    }
}

void pinned_parts(Context& t) {
    const std::size_t count = t.scaled(3'000'001, 5000);
    HostBuffer host = t.device().allocate_host(count);
    const std::span<unsigned char> bytes = host.view<unsigned char>();
    const auto data = t.random_bits<unsigned char>(count);
    std::ranges::copy(data, bytes.begin());
    Buffer device = t.filled<unsigned char>(count, 7);
    std::vector<unsigned char> want(count, 7);
    // Parts at odd offsets, small and large, pageable ones between them: all in order.
    std::vector<std::vector<unsigned char>> kept;
    for (unsigned k = 0; k < 40; ++k) {
        const std::size_t most = k % 8 == 0 ? count / 2 : 999;
        const auto length = t.uniform<std::size_t>(1, 1, most)[0];
        const auto from = t.uniform<std::size_t>(1, 0, count - length)[0],
                   to = t.uniform<std::size_t>(1, 0, count - length)[0];
        const unsigned char* source = data.data() + from;
        if (k % 3 == 2)
            source = kept.emplace_back(data.begin() + static_cast<std::ptrdiff_t>(from),
                                       data.begin() + static_cast<std::ptrdiff_t>(from + length))
                         .data();
        t.queue().write(device, k % 3 == 2 ? source : bytes.data() + from, length, to);
        std::copy_n(source, length, want.begin() + static_cast<std::ptrdiff_t>(to));
    }
    t.queue().synchronize();
    t.equal(t.download<unsigned char>(device), want, "written in parts");
    t.queue().read(device, bytes.data() + 5, count - 11, 6);
    t.queue().read(device, bytes.data(), 5, 1);
    t.queue().synchronize();
    std::vector<unsigned char> got(data);
    std::copy_n(want.begin() + 6, count - 11, got.begin() + 5);
    std::copy_n(want.begin() + 1, 5, got.begin());
    t.equal({bytes.begin(), bytes.end()}, got, "read in parts");
    HostBuffer moved = std::move(host);
    t.equal_value(host.size_bytes(), std::size_t{0}, "size after a move");  // NOLINT(bugprone-use-after-move)
    t.check(host.data() == nullptr && moved.size_bytes() == count, "a moved host buffer");
}

void pinned_in_order(Context& t) {
    const std::size_t n = t.scaled(400'003, 1000);
    HostBuffer in = t.device().allocate_host(n * sizeof(int)),
               out = t.device().allocate_host(n * sizeof(int));
    Buffer a = t.zeros<int>(n), b = t.zeros<int>(n);
    const Kernel kernel = t.kernel("grid_stride");
    const LaunchConfig config{{16}, {96}, 0};
    std::vector<int> want(n);
    for (int round = 1; round < 6; ++round) {
        for (std::size_t i = 0; i < n; ++i) in.view<int>()[i] = static_cast<int>(i % 1000) * round;
        t.queue().fill(b, 0xff, n * sizeof(int));
        t.queue().write(a, in.data(), n * sizeof(int));
        t.queue().launch(kernel, config, a, b, static_cast<int>(n));
        t.queue().read(b, out.data(), n * sizeof(int));
        t.queue().fill(b, 0, n * sizeof(int));
        t.queue().record().wait();
        for (std::size_t i = 0; i < n; ++i) want[i] = static_cast<int>(i % 1000) * round * 3;
        t.equal({out.view<int>().begin(), out.view<int>().end()}, want, fmt::format("round {}", round));
    }
}

void pinned_beside_work(Context& t) {
    const std::size_t n = t.scaled(300'007, 1000), bytes = n * sizeof(int);
    const Kernel kernel = t.kernel("grid_stride");
    Queue copies = t.device().create_queue();
    HostBuffer in = t.device().allocate_host(bytes), out = t.device().allocate_host(bytes);
    Buffer work = t.zeros<int>(n), result = t.zeros<int>(n), device = t.zeros<int>(n);
    const auto data = t.uniform<int>(n, -1000, 1000);
    for (int round = 0; round < 5; ++round) {
        std::ranges::copy(data, in.view<int>().begin());
        for (int k = 0; k < 3; ++k)
            t.queue().launch(kernel, LaunchConfig{{16}, {96}, 0}, work, result, static_cast<int>(n));
        copies.write(device, in.data(), bytes);
        t.queue().wait(copies.record());
        t.queue().launch(kernel, LaunchConfig{{16}, {96}, 0}, device, result, static_cast<int>(n));
        copies.wait(t.queue().record());
        copies.read(result, out.data(), bytes);
        copies.synchronize();
        std::vector<int> want;
        for (const int x : data) want.push_back(x * 3);
        t.equal({out.view<int>().begin(), out.view<int>().end()}, want, "copied beside kernels");
    }
    t.queue().synchronize();
}

void pinned_lifetime(Context& t) {
    const std::size_t n = t.scaled(1'000'003, 1000), bytes = n * sizeof(int);
    const Kernel kernel = t.kernel("grid_stride");
    Buffer a = t.zeros<int>(n), b = t.zeros<int>(n);
    const auto data = t.uniform<int>(n, -1000, 1000);
    std::vector<int> want;
    for (const int x : data) want.push_back(x * 3);
    for (int round = 0; round < 4; ++round) {
        {
            HostBuffer host = t.device().allocate_host(bytes), gone = t.device().allocate_host(bytes);
            std::ranges::copy(data, host.view<int>().begin());
            for (int k = 0; k < 4; ++k)
                t.queue().launch(kernel, LaunchConfig{{16}, {96}, 0}, a, b, static_cast<int>(n));
            t.queue().write(a, host.data(), bytes);
            t.queue().read(b, gone.data(), bytes);
        }
        // Takes the place of what was let go of too early.
        HostBuffer other = t.device().allocate_host(bytes);
        std::ranges::fill(other.view<int>(), -1);
        t.queue().launch(kernel, LaunchConfig{{16}, {96}, 0}, a, b, static_cast<int>(n));
        t.queue().synchronize();
        t.equal(t.download<int>(b), want, "written from memory that the host let go of");
        t.equal({other.view<int>().begin(), other.view<int>().end()}, std::vector<int>(n, -1),
                "memory allocated after");
    }
}

void pinned_exhausted(Context& t) {
    t.expect_error(ErrorCode::out_of_memory, {t.device().id(), std::to_string(std::size_t{1} << 50)},
                   [&] { (void)t.device().allocate_host(std::size_t{1} << 50); });
    HostBuffer none = t.device().allocate_host(0);
    t.check(none.size_bytes() == 0 && none.data() == nullptr, "host memory of no bytes");
    HostBuffer empty;
    t.expect_error(ErrorCode::invalid_argument, {"empty"}, [&] { (void)empty.device(); });
}

const Registration topic({"memory",
                          "memory",
                          {
                              {"copy_i8", copy_elements<signed char>},
                              {"copy_u8", copy_elements<unsigned char>},
                              {"copy_i16", copy_elements<short>},
                              {"copy_u16", copy_elements<unsigned short>},
                              {"copy_i32", copy_elements<int>},
                              {"copy_u32", copy_elements<unsigned>},
                              {"copy_i64", copy_elements<long long>},
                              {"copy_u64", copy_elements<unsigned long long>},
                              {"copy_f32", copy_elements<float>},
                              {"copy_f64", copy_elements<double>},
                              {"copy_byte_vectors",
                               [](Context& t) {
                                   copy_vectors<2>(t, "char2");
                                   copy_vectors<3>(t, "uchar3");
                                   copy_vectors<4>(t, "uchar4");
                               }},
                              {"copy_short_vectors",
                               [](Context& t) {
                                   copy_vectors<4>(t, "short2");
                                   copy_vectors<8>(t, "ushort4");
                               }},
                              {"copy_int_vectors",
                               [](Context& t) {
                                   copy_vectors<8>(t, "int2");
                                   copy_vectors<12>(t, "uint3");
                                   copy_vectors<16>(t, "int4");
                               }},
                              {"copy_long_vectors", [](Context& t) { copy_vectors<16>(t, "longlong2"); }},
                              {"copy_float_vectors",
                               [](Context& t) {
                                   copy_vectors<8>(t, "float2");
                                   copy_vectors<12>(t, "float3");
                                   copy_vectors<16>(t, "float4");
                               }},
                              {"copy_double_vectors",
                               [](Context& t) {
                                   copy_vectors<16>(t, "double2");
                                   copy_vectors<32>(t, "double4");
                               }},
                              {"layout", layout},
                              {"vector_components", rotate_float4},
                              {"vector_through_cast", cast_to_float4},
                              {"store_component", store_component},
                              {"strided", strided},
                              {"reversed", [](Context& t) { reversed(t, "reversed"); }},
                              {"negative_index", [](Context& t) { reversed(t, "negative_index"); }},
                              {"gather", [](Context& t) { permuted(t, false); }},
                              {"scatter", [](Context& t) { permuted(t, true); }},
                              {"broadcast", broadcast},
                              {"half_warp_broadcast", half_warp},
                              {"unaligned_start", unaligned_start},
                              {"grid_stride", grid_stride},
                              {"masked_store", masked_store},
                              {"index64", index64},
                              {"walking_pointer", walking_pointer},
                              {"reverse_bytes", reverse_bytes},
                              {"words_and_bytes", punning},
                              {"unaligned_words", unaligned_words},
                              {"float_bits", pun_float},
                              {"neighbouring_bytes", neighbours},
                              {"bit_fields", bit_fields},
                              {"memcpy_memset", copy_and_set},
                              {"own_stores_in_order", own_stores_in_order},
                              {"load_hints", load_hints},
                              {"null_pointer", null_pointer},
                              {"pointer_difference", pointer_difference},
                              {"device_heap", device_heap},
                              {"tail_untouched", tail_untouched},
                              {"buffer_copies", buffer_copies},
                              {"allocation", allocation},
                              {"host_view", host_view},
                              {"pinned_copies", pinned_copies},
                              {"pinned_parts", pinned_parts},
                              {"pinned_in_order", pinned_in_order},
                              {"pinned_beside_work", pinned_beside_work},
                              {"pinned_lifetime", pinned_lifetime},
                              {"pinned_exhausted", pinned_exhausted},
                          }});

}  // namespace
}  // namespace heddle::conformance
