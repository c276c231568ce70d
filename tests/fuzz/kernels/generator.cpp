// The generator. A kernel is a sequence of phases with barriers or warp exchanges between them; a phase is
// straight or branching code on one thread's state that reads inputs and what the block shared before, and
// writes its own slot of what it shares next: so no kernel has a race, and the host can run a phase for all
// threads of a block in turn.
#include "generator.h"

#include <utility>
#include <vector>

namespace heddle::fuzz {
namespace {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {  // splitmix64
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    unsigned below(unsigned n) { return static_cast<unsigned>(next() % n); }
    bool chance(unsigned percent) { return below(100) < percent; }

  private:
    std::uint64_t state_;
};

class Generator {
  public:
    Generator(std::uint64_t seed, const Dialect& dialect)
        : random_(seed), dialect_(dialect), name_("fuzz_" + std::to_string(seed)) {}

    GeneratedKernel run() {
        uses_shared_ = random_.chance(60) && dialect_.shared;
        const unsigned phases = 1 + random_.below(uses_shared_ ? 5 : 2);
        std::string device, host;
        for (unsigned k = 0; k < phases; ++k) {
            phase(k);
            const bool repeats =
                uses_shared_ && dialect_.loops && dialect_.shared_in_loops && random_.chance(20);
            const std::string turns = repeats ? (random_.chance(50) ? "(int)(ctx_block % 3 + 1)" : "3") : "1";
            device += "  for (int turn = 0; turn < " + turns + "; ++turn) {\n    x.turn = turn;\n    " +
                      call(k) + "(s, x);\n";
            host += "    for (int turn = 0; turn < " + turns +
                    "; ++turn) {\n      EACH { make_context(x, t); x.turn = turn; " + call(k) +
                    "(s[t], x); }\n";
            if (uses_shared_) {
                device +=
                    "    __syncthreads();\n    x.seen = stage[side ^ 1]; side ^= 1; x.next = stage[side ^ "
                    "1];\n";
                host += "      side ^= 1;\n";
            }
            device += "  }\n";
            host += "    }\n";
            if (random_.chance(35)) exchange(device, host);
        }
        GeneratedKernel kernel;
        kernel.name = name_;
        kernel.functions = functions_;
        kernel.exchanges = exchanges_;
        kernel.device = wrap_device(device);
        kernel.host = wrap_host(host);
        return kernel;
    }

  private:
    Random random_;
    const Dialect& dialect_;
    std::string name_, functions_, code_;
    bool uses_shared_ = false, exchanges_ = false;
    unsigned loop_depth_ = 0, next_variable_ = 0;
    std::vector<std::string> counters_;  // loop variables in scope, readable

    std::string call(unsigned k) const { return name_ + "_phase" + std::to_string(k); }
    template <class... T>
    std::string pick(T... choices) {
        const std::string all[] = {choices...};
        return all[random_.below(sizeof...(choices))];
    }
    bool may_loop() const { return dialect_.loops && loop_depth_ < 2; }
    bool may_read_shared() const { return uses_shared_ && (dialect_.shared_in_loops || loop_depth_ == 0); }
    std::string number() {
        static constexpr const char* numbers[] = {
            "0",         "1",  "2",   "3",   "5",  "7",  "8",       "13",
            "31",        "32", "100", "255", "-1", "-7", "1000003", "(-2147483647 - 1)",
            "2147483647"};
        return random_.chance(80) ? numbers[random_.below(15)] : numbers[random_.below(17)];
    }

    std::string integer(unsigned depth) {
        if (depth == 0 || random_.chance(20)) {
            switch (random_.below(11)) {
                case 0:
                    return number();
                case 1:
                    return "s.a";
                case 2:
                    return "s.b";
                case 3:
                    return "x.tid";
                case 4:
                    return "x.in0[x.id & 4095]";
                case 5:
                    return "(int)s.q";
                case 6:
                    return "(int)s.r";
                case 7:
                    return "x.block";
                case 8:
                    return counters_.empty()
                               ? "x.turn"
                               : counters_[random_.below(static_cast<unsigned>(counters_.size()))];
                case 9:
                    return may_read_shared() ? "x.seen[x.tid]" : "x.id";
                default:
                    return "(int)s.c";
            }
        }
        const auto i = [&] { return integer(depth - 1); };
        switch (random_.below(22)) {
            case 0:
                return "add(" + i() + ", " + i() + ")";
            case 1:
                return "sub(" + i() + ", " + i() + ")";
            case 2:
                return "mul(" + i() + ", " + i() + ")";
            case 3:
                return "(" + i() + " & " + i() + ")";
            case 4:
                return "(" + i() + " | " + i() + ")";
            case 5:
                return "(" + i() + " ^ " + i() + ")";
            case 6:
                return "(" + i() + " >> (" + i() + " & 31))";
            case 7:
                return "(int)((u32)" + i() + " << (" + i() + " & 31))";
            case 8:
                return "divide(" + i() + ", " + i() + ")";
            case 9:
                return "modulo(" + i() + ", " + i() + ")";
            case 10:
                return "smaller(" + i() + ", " + i() + ")";
            case 11:
                return "larger(" + i() + ", " + i() + ")";
            case 12:
                return "(" + condition(depth - 1) + " ? " + i() + " : " + i() + ")";
            case 13:
                return "x.in0[" + i() + " & 4095]";
            case 14:
                return "s.array[" + i() + " & 7]";
            case 15:
                return "to_int(" + real(depth - 1) + ")";
            case 16:
                return "(int)" + long_integer(depth - 1);
            case 17:
                return "ones((u32)" + i() + ")";
            case 18:
                return "leading((u32)" + i() + ")";
            case 19:
                return may_read_shared() ? "x.seen[(u32)" + i() + " % (u32)x.threads]"
                                         : "(int)(signed char)" + i();
            case 20:
                return "(int)" + unsigned_integer(depth - 1);
            default:
                return "bits_of(clean(" + real(depth - 1) + "))";
        }
    }

    std::string unsigned_integer(unsigned depth) {
        if (depth == 0 || random_.chance(25))
            return pick("s.c", "s.d", "x.in1[x.id & 4095]", "(u32)x.tid", "7u", "0x80000001u");
        const auto u = [&] { return unsigned_integer(depth - 1); };
        switch (random_.below(9)) {
            case 0:
                return "(" + u() + " + " + u() + ")";
            case 1:
                return "(" + u() + " * " + u() + ")";
            case 2:
                return "(" + u() + " >> (" + u() + " & 31u))";
            case 3:
                return "divide_u(" + u() + ", " + u() + ")";
            case 4:
                return "modulo_u(" + u() + ", " + u() + ")";
            case 5:
                return "(" + u() + " ^ " + u() + ")";
            case 6:
                return "x.in1[" + u() + " & 4095u]";
            case 7:
                return "to_u32(" + real(depth - 1) + ")";
            default:
                return "(u32)" + integer(depth - 1);
        }
    }

    std::string long_integer(unsigned depth) {
        if (depth == 0 || random_.chance(25))
            return pick("s.e", "(i64)s.f", "x.in3[x.id & 4095]", "(i64)x.id", "1LL");
        const auto l = [&] { return long_integer(depth - 1); };
        switch (random_.below(9)) {
            case 0:
                return "add64(" + l() + ", " + l() + ")";
            case 1:
                return "mul64(" + l() + ", " + l() + ")";
            case 2:
                return "(" + l() + " ^ " + l() + ")";
            case 3:
                return "(" + l() + " >> (" + integer(depth - 1) + " & 63))";
            case 4:
                return "(i64)divide_u64((u64)" + l() + ", (u64)" + l() + ")";
            case 5:
                return "(i64)" + integer(depth - 1);
            case 6:
                return "(" + condition(depth - 1) + " ? " + l() + " : " + l() + ")";
            case 7:
                return dialect_.doubles ? "to_i64(" + long_real(depth - 1) + ")" : l();
            default:
                return "x.in3[" + integer(depth - 1) + " & 4095]";
        }
    }

    std::string real(unsigned depth) {
        if (depth == 0 || random_.chance(20))
            return pick("s.g", "s.h", "x.in2[x.id & 4095]", "0.5f", "-3.25f", "1e9f", "1e-3f");
        const auto r = [&] { return real(depth - 1); };
        switch (random_.below(11)) {
            case 0:
                return "add_f(" + r() + ", " + r() + ")";
            case 1:
                return "sub_f(" + r() + ", " + r() + ")";
            case 2:
                return "mul_f(" + r() + ", " + r() + ")";
            case 3:
                return "div_f(" + r() + ", " + r() + ")";
            case 4:
                return "root(" + r() + ")";
            case 5:
                return dialect_.fused ? "fused(" + r() + ", " + r() + ", " + r() + ")" : r();
            case 6:
                return "smaller_f(" + r() + ", " + r() + ")";
            case 7:
                return "(float)" + integer(depth - 1);
            case 8:
                return "x.in2[" + integer(depth - 1) + " & 4095]";
            case 9:
                return "(" + condition(depth - 1) + " ? " + r() + " : " + r() + ")";
            default:
                return dialect_.doubles ? "(float)s.p" : "s.h";
        }
    }

    std::string long_real(unsigned depth) {
        if (depth == 0 || random_.chance(30)) return pick("s.p", "(double)s.g", "0.125", "(double)s.a");
        switch (random_.below(3)) {
            case 0:
                return "add_d(" + long_real(depth - 1) + ", " + long_real(depth - 1) + ")";
            case 1:
                return "mul_d(" + long_real(depth - 1) + ", " + long_real(depth - 1) + ")";
            default:
                return "(double)" + real(depth - 1);
        }
    }

    std::string condition(unsigned depth) {
        switch (random_.below(depth == 0 ? 4 : 8)) {
            case 0:
                return "(" + integer(depth) + " " + compare() + " " + integer(depth) + ")";
            case 1:
                return "(" + integer(depth) + " & 1)";
            case 2:
                return "(x.tid " + compare() + " " + number() + ")";
            case 3:
                return "(x.block & 1)";
            case 4:
                return "(" + real(depth - 1) + " " + compare() + " " + real(depth - 1) + ")";
            case 5:
                return "(" + condition(depth - 1) + " && " + condition(depth - 1) + ")";
            case 6:
                return "(" + condition(depth - 1) + " || " + condition(depth - 1) + ")";
            default:
                return "(" + unsigned_integer(depth - 1) + " " + compare() + " " +
                       unsigned_integer(depth - 1) + ")";
        }
    }
    std::string compare() { return pick("<", ">", "<=", ">=", "==", "!="); }

    void line(unsigned indent, const std::string& text) {
        code_ += std::string(4 * std::size_t{indent}, ' ') + text + "\n";
    }

    void assignment(unsigned indent) {
        switch (random_.below(13)) {
            case 0:
            case 1:
                line(indent, "s.a = " + integer(3) + ";");
                break;
            case 2:
            case 3:
                line(indent, "s.b = " + integer(3) + ";");
                break;
            case 4:
                line(indent, "s.c = " + unsigned_integer(3) + ";");
                break;
            case 5:
                line(indent, "s.d = " + unsigned_integer(3) + ";");
                break;
            case 6:
                line(indent, "s.e = " + long_integer(3) + ";");
                break;
            case 7:
                line(indent, "s.f = (u64)" + long_integer(3) + ";");
                break;
            case 8:
                line(indent, "s.g = clean(" + real(3) + ");");
                break;
            case 9:
                line(indent, "s.h = clean(" + real(3) + ");");
                break;
            case 10:
                line(indent, dialect_.doubles ? "s.p = clean_d(" + long_real(2) + ");"
                                              : "s.h = clean(" + real(2) + ");");
                break;
            case 11:
                line(indent, random_.chance(50) ? "s.q = (short)" + integer(2) + ";"
                                                : "s.r = (unsigned char)" + integer(2) + ";");
                break;
            default:
                line(indent, "s.array[" + integer(2) + " & 7] = " + integer(2) + ";");
                break;
        }
    }

    void statements(unsigned indent, unsigned budget, bool in_loop) {
        const unsigned count = 1 + random_.below(4);
        for (unsigned i = 0; i < count; ++i) statement(indent, budget, in_loop);
    }

    void statement(unsigned indent, unsigned budget, bool in_loop) {
        const unsigned kind = random_.below(100);
        if (budget == 0 || kind < 45) {
            assignment(indent);
        } else if (kind < 65) {
            line(indent, "if (" + condition(2) + ") {");
            statements(indent + 1, budget - 1, in_loop);
            if (in_loop && random_.chance(25)) line(indent + 1, random_.chance(50) ? "break;" : "continue;");
            if (!in_loop && random_.chance(8)) line(indent + 1, "return;");
            if (random_.chance(50)) {
                line(indent, "} else {");
                statements(indent + 1, budget - 1, in_loop);
                if (in_loop && random_.chance(15)) line(indent + 1, "break;");
            }
            line(indent, "}");
        } else if (kind < 78 && may_loop()) {
            const std::string variable = "i" + std::to_string(next_variable_++);
            const std::string bound = random_.chance(40)   ? std::to_string(1 + random_.below(6))
                                      : random_.chance(30) ? "(x.block & 7)"
                                                           : "(" + integer(2) + " & 7)";
            line(indent, "for (int " + variable + " = 0, end = " + bound + "; " + variable + " < end; ++" +
                             variable + ") {");
            counters_.push_back(variable);
            ++loop_depth_;
            statements(indent + 1, budget - 1, true);
            --loop_depth_;
            counters_.pop_back();
            line(indent, "}");
        } else if (kind < 84 && may_loop()) {
            const std::string variable = "w" + std::to_string(next_variable_++);
            const bool first = random_.chance(50);
            line(indent, "int " + variable + " = " + std::to_string(3 + random_.below(6)) + ";");
            ++loop_depth_;
            const std::string test = variable + "-- > 0 && " + condition(2);
            line(indent, first ? "while (" + test + ") {" : "do {");
            counters_.push_back(variable);
            statements(indent + 1, budget - 1, true);
            if (random_.chance(15)) line(indent + 1, "if (" + condition(2) + ") return;");
            --loop_depth_;
            counters_.pop_back();
            line(indent, first ? "}" : "} while (" + test + ");");
        } else if (kind < 90) {
            line(indent, "switch (" + integer(2) + " & 3) {");
            for (int k = 0; k < 4; ++k) {
                if (random_.chance(20)) continue;
                line(indent, (k == 3 ? std::string("default") : "case " + std::to_string(k)) + ": {");
                statements(indent + 1, budget - 1, false);
                if (random_.chance(75)) line(indent + 1, "break;");
                line(indent, "}");
            }
            line(indent, "}");
        } else if (kind < 96) {
            static constexpr const char* operations[] = {"add", "max", "xor", "and"};
            const unsigned operation = random_.below(4);
            line(indent, std::string("count_") + operations[operation] + "(&x.counters[" +
                             std::to_string(16 * operation) + " + (" +
                             (random_.chance(40) ? number() : integer(2)) + " & 15)], " + integer(2) + ");");
        } else if (uses_shared_) {
            line(indent, "x.next[x.tid] = " + integer(2) + ";");
        } else {
            assignment(indent);
        }
    }

    void phase(unsigned k) {
        code_ = "HD void " + call(k) + "(State& s, const Context& x) {\n";
        if (uses_shared_) line(1, "x.next[x.tid] = " + integer(2) + ";");
        statements(1, 3, false);
        statements(1, 2, false);
        code_ += "}\n";
        functions_ += code_;
    }

    void exchange(std::string& device, std::string& host) {
        exchanges_ = true;
        const std::string distance = std::to_string(1u << random_.below(5));
        const std::string width = random_.chance(60) ? "32" : std::to_string(1u << (1 + random_.below(4)));
        switch (random_.below(7)) {
            case 0:
                device += "  s.a = __shfl_xor_sync(0xffffffffu, s.b, " + distance + ");\n";
                host += "    SNAPSHOT(b); EACH s[t].a = b_[t ^ " + distance + "];\n";
                break;
            case 1:
                device += "  s.e = __shfl_down_sync(0xffffffffu, s.e, " + distance + ", " + width + ");\n";
                host += "    SNAPSHOT(e); EACH { int last = (t % 32) | (" + width +
                        " - 1); s[t].e = e_[t % 32 + " + distance + " <= last ? t + " + distance +
                        " : t]; }\n";
                break;
            case 2:
                device += "  s.g = __shfl_up_sync(0xffffffffu, s.g, " + distance + ", " + width + ");\n";
                host += "    SNAPSHOT(g); EACH { int first = (t % 32) & ~(" + width +
                        " - 1); s[t].g = g_[t % 32 - " + distance + " >= first ? t - " + distance +
                        " : t]; }\n";
                break;
            case 3:
                device += "  s.b = __shfl_sync(0xffffffffu, s.a, s.b & 31);\n";
                host += "    SNAPSHOT(a); EACH s[t].b = a_[(t & ~31) | (s[t].b & 31)];\n";
                break;
            case 4:
                device += "  s.c = __ballot_sync(0xffffffffu, s.a & 1);\n";
                host +=
                    "    SNAPSHOT(a); EACH { u32 m = 0; for (int l = 0; l < 32; ++l) m |= (u32)(a_[(t & ~31) "
                    "| l] & 1) << l; s[t].c = m; }\n";
                break;
            case 5:
                device += "  s.d = __reduce_add_sync(0xffffffffu, s.c);\n";
                host +=
                    "    SNAPSHOT(c); EACH { u32 m = 0; for (int l = 0; l < 32; ++l) m += c_[(t & ~31) | l]; "
                    "s[t].d = m; }\n";
                break;
            default:
                device += "  s.d = __match_any_sync(0xffffffffu, s.a & 3);\n";
                host +=
                    "    SNAPSHOT(a); EACH { u32 m = 0; for (int l = 0; l < 32; ++l) m |= (u32)((a_[(t & "
                    "~31) | l] & 3) == (a_[t] & 3)) << l; s[t].d = m; }\n";
                break;
        }
    }

    static const char* parameters() {
        return "const int* in0, const unsigned* in1, const float* in2, const long long* in3, int* counters, "
               "long long* out, float* real, int n";
    }
    std::string start() const {
        std::string text =
            " s.a = x.id; s.b = in0[x.id & 4095]; s.c = in1[x.id & 4095]; s.d = 5; s.e = in3[x.id & "
            "4095]; s.f = 9; s.g = in2[x.id & 4095]; s.h = 1.0f; s.p = 0.5; s.q = 3; s.r = 200; for (int "
            "i = 0; i < 8; ++i) s.array[i] = i * 3 + x.tid;";
        return without_doubles(std::move(text), " s.p = 0.5;");
    }
    /// The text, without `part` where the dialect has no doubles.
    std::string without_doubles(std::string text, const std::string& part) const {
        if (!dialect_.doubles) text.erase(text.find(part), part.size());
        return text;
    }
    std::string finish() const {
        std::string text =
            " i64 sum = s.a; sum = add64(mul64(sum, 31), s.b); sum = add64(mul64(sum, 31), s.c); sum = "
            "add64(mul64(sum, 31), s.d); sum = add64(mul64(sum, 31), s.e); sum = add64(mul64(sum, 31), "
            "(i64)s.f);"
            " sum = add64(mul64(sum, 31), s.q); sum = add64(mul64(sum, 31), s.r); sum = add64(sum, "
            "bits_of(s.g)); sum = add64(sum, to_i64(s.p)); for (int i = 0; i < 8; ++i) sum = "
            "add64(mul64(sum, 31), s.array[i]);"
            " out[x.id] = sum; real[x.id] = s.h;";
        return without_doubles(std::move(text), " sum = add64(sum, to_i64(s.p));");
    }

    std::string wrap_device(const std::string& body) const {
        std::string text = "__global__ void " + name_ + "(" + parameters() + ") {\n";
        if (uses_shared_) text += "  __shared__ int stage[2][1024];\n  int side = 0;\n";
        text +=
            "  const int ctx_block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;\n"
            "  Context x;\n  x.in0 = in0; x.in1 = in1; x.in2 = in2; x.in3 = in3; x.counters = counters; x.n "
            "= n; x.turn = 0;\n"
            "  x.threads = blockDim.x * blockDim.y * blockDim.z;\n"
            "  x.tid = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;\n"
            "  x.block = ctx_block; x.id = ctx_block * x.threads + x.tid;\n";
        if (uses_shared_)
            text += "  stage[0][x.tid] = x.id; x.seen = stage[0]; x.next = stage[1];\n  __syncthreads();\n";
        else
            text += exchanges_ ? "" : "  if (x.id >= n) return;\n";
        text += std::string("  State s;\n ") + start() + "\n" + body + " " + finish() + "\n}\n";
        return text;
    }

    std::string wrap_host(const std::string& body) const {
        std::string text =
            "extern \"C\" void " + name_ + "(" + parameters() +
            ", int blocks, int threads) {\n"
            "  for (int ctx_block = 0; ctx_block < blocks; ++ctx_block) {\n"
            "    static State s[1024];\n    static int stage[2][1024];\n    int side = 0; (void)side;\n"
            "    auto make_context = [&](Context& x, int t) { x.in0 = in0; x.in1 = in1; x.in2 = in2; x.in3 = "
            "in3; x.counters = counters; x.n = n; x.turn = 0; x.threads = threads; x.tid = t; x.block = "
            "ctx_block; x.id = ctx_block * threads + t; x.seen = stage[side]; x.next = stage[side ^ 1]; };\n"
            "    Context x;\n";
        text += std::string("#undef EACH\n#define EACH for (int t = 0; t < threads; ++t)") +
                (uses_shared_ || exchanges_ ? "" : " if (ctx_block * threads + t < n)") + "\n";
        text +=
            "#undef SNAPSHOT\n#define SNAPSHOT(field) decltype(State::field) field##_[1024]; EACH "
            "field##_[t] = s[t].field\n";
        text += "    EACH { stage[0][t] = ctx_block * threads + t; }\n";
        text += std::string("    EACH { make_context(x, t); State& s_ = s[t]; { State& s = s_;") + start() +
                " } }\n";
        // Snapshots of one name may come twice: each stands in a block of its own.
        std::string scoped;
        std::size_t from = 0;
        while (from < body.size()) {
            const std::size_t end = body.find('\n', from);
            const std::string one = body.substr(from, end - from);
            scoped += one.find("SNAPSHOT") != std::string::npos ? "    {" + one + "}\n" : one + "\n";
            from = end + 1;
        }
        text += scoped;
        text += std::string("    EACH { make_context(x, t); State& s_ = s[t]; { State& s = s_;") + finish() +
                " } }\n  }\n}\n";
        return text;
    }
};

}  // namespace

GeneratedKernel generate(std::uint64_t seed, const Dialect& dialect) {
    return Generator(seed, dialect).run();
}

}  // namespace heddle::fuzz
