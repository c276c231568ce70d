// Functions rich in control flow, compiled for the device by control.cu and for the host by control.cpp,
// whose results are the reference. Arguments are random words; arithmetic is unsigned, so that every result
// is defined.
#pragma once

#ifdef __CUDACC__
#define EVERYWHERE __host__ __device__ inline
#else
#define EVERYWHERE inline
#endif

namespace control {

EVERYWHERE unsigned mix(unsigned x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    return x;
}

EVERYWHERE unsigned if_else(unsigned x) {
    if (x & 1)
        x = x * 3 + 1;
    else
        x = x / 2;
    return x;
}
EVERYWHERE unsigned if_without_else(unsigned x) {
    unsigned y = 5;
    if (x % 7 == 3) y = x;
    if (x > 0x80000000u) y += 11;
    return y;
}
EVERYWHERE unsigned nested_if(unsigned x) {
    if (x & 1) {
        if (x & 2) {
            if (x & 4) return x ^ 1;
            return x ^ 2;
        }
        if (x & 8) x += 100;
    } else if (x & 16) {
        x -= 7;
        if (x % 3 == 0) x *= 5;
    } else {
        x = ~x;
    }
    return x + 13;
}
EVERYWHERE unsigned else_if_chain(unsigned x) {
    const unsigned k = x % 11;
    if (k == 0)
        return x;
    else if (k < 3)
        return x + 1;
    else if (k == 5 || k == 7)
        return x * 2;
    else if (k > 8)
        return x - 9;
    return 42;
}
EVERYWHERE unsigned ternaries(unsigned x) {
    const unsigned a = x & 1 ? x & 2 ? 1u : 2u : x & 4 ? 3u : 4u;
    return (x % 5 > 2 ? a : a * 10) + (x % 3 ? x % 7 ? 100u : 200u : 300u);
}
EVERYWHERE unsigned short_circuit(unsigned x) {
    unsigned calls = 0;
    const auto touch = [&calls](unsigned bit, bool result) {
        calls |= 1u << bit;
        return result;
    };
    if (touch(0, x & 1) && touch(1, x & 2) && touch(2, x & 4)) calls += 1000;
    if (touch(3, x & 8) || touch(4, x & 16) || touch(5, x & 32)) calls += 2000;
    if ((touch(6, x & 64) && touch(7, x & 128)) || (touch(8, x & 256) && !touch(9, x & 512))) calls += 4000;
    return calls;
}
EVERYWHERE unsigned divergent_trip_count(unsigned x) {
    unsigned sum = 0;
    for (unsigned i = 0; i < x % 40; ++i) sum = sum * 7 + i;
    return sum;
}
EVERYWHERE unsigned live_out_of_loop(unsigned x) {
    unsigned i = 0, last = 0, state = x;
    while ((state & 15) != 3 && i < 50) {
        last = state;
        state = mix(state + i);
        ++i;
    }
    return last * 31 + i * 7 + state;  // each lane left at another time
}
EVERYWHERE unsigned do_while(unsigned x) {
    unsigned n = 0;
    do {
        x = x & 1 ? x * 3 + 1 : x >> 1;
        ++n;
    } while (x > 1 && n < 60);
    return n * 1000 + (x & 255);
}
EVERYWHERE unsigned loop_break(unsigned x) {
    unsigned sum = 0;
    for (unsigned i = 0; i < 32; ++i) {
        if ((x >> i & 1) == 0) continue;
        sum += i;
        if (sum > x % 50) break;
        sum *= 2;
    }
    return sum;
}
EVERYWHERE unsigned two_breaks(unsigned x) {
    unsigned state = x, i = 0;
    for (;; ++i) {
        if (state % 13 == 0) break;
        state = mix(state);
        if (state % 17 == 0) {
            state += 5;
            break;
        }
        if (i == 40) break;
    }
    return state ^ i;
}
EVERYWHERE unsigned return_in_loop(unsigned x) {
    for (unsigned i = 0; i < 20; ++i) {
        if (mix(x + i) % 9 == 0) return i * 100 + 1;
        if (mix(x ^ i) % 11 == 0) return i * 100 + 2;
    }
    return 7777;
}
EVERYWHERE unsigned return_in_nested_loop(unsigned x) {
    unsigned sum = 0;
    for (unsigned i = 0; i < 6; ++i)
        for (unsigned j = 0; j <= i; ++j) {
            sum += i * j + 1;
            if (mix(x + i * 8 + j) % 23 == 0) return sum;
        }
    return sum + 5000;
}
EVERYWHERE unsigned nested_loops(unsigned x) {
    unsigned sum = 0;
    for (unsigned i = 0; i < x % 9; ++i)
        for (unsigned j = i; j < (x >> 4) % 12; ++j) {
            if ((i + j) % 5 == 4) continue;
            unsigned k = 0;
            while (k < (x >> 8) % 4) sum += i * 100 + j * 10 + k++;
        }
    return sum;
}
EVERYWHERE unsigned break_outer_by_flag(unsigned x) {
    bool done = false;
    unsigned where = 0;
    for (unsigned i = 0; i < 8 && !done; ++i)
        for (unsigned j = 0; j < 8; ++j) {
            ++where;
            if (mix(x + i * 8 + j) % 30 == 0) {
                done = true;
                break;
            }
        }
    return where * 2 + done;
}
EVERYWHERE unsigned goto_out_of_two_loops(unsigned x) {
    unsigned i = 0, j = 0;
    for (i = 0; i < 10; ++i)
        for (j = 0; j < 10; ++j)
            if (mix(x * 100 + i * 10 + j) % 41 == 0) goto found;
    return 999999;
found:
    return i * 10 + j;
}
EVERYWHERE unsigned goto_retry(unsigned x) {
    unsigned tries = 0;
again:
    x = mix(x);
    ++tries;
    if (x % 5 && tries < 30) goto again;
    if (x % 2) {
        tries += 100;
        if (tries % 3 == 0) goto again;
    }
    return tries;
}
// Two entries into one loop: irreducible.
EVERYWHERE unsigned irreducible(unsigned x) {
    unsigned n = 0, sum = 0;
    if (x & 1) goto second;
first:
    sum += 3;
    x = mix(x);
    if (++n > 25) return sum;
second:
    sum += 100;
    if (x & 2) x ^= 0x12345678u;
    if (x % 7 != 0) goto first;
    return sum + n * 10000;
}
// A state machine that jumps between three labels in any order: irreducible and deeper.
EVERYWHERE unsigned state_machine(unsigned x) {
    unsigned steps = 0, trace = 0;
    switch (x % 3) {
        case 0:
            goto a;
        case 1:
            goto b;
        default:
            goto c;
    }
a:
    trace = trace * 3 + 1;
    x = mix(x + 1);
    if (++steps > 20) goto end;
    if (x & 1) goto c;
b:
    trace = trace * 5 + 2;
    x = mix(x + 2);
    if (++steps > 20) goto end;
    if (x & 2) goto a;
    if (x & 4) goto b;
c:
    trace = trace * 7 + 3;
    x = mix(x + 3);
    if (++steps > 20) goto end;
    if (x & 8) goto b;
    if (x & 16) goto a;
end:
    return trace + steps;
}
EVERYWHERE unsigned switch_dense(unsigned x) {
    switch (x % 9) {
        case 0:
            return 10;
        case 1:
            return x;
        case 2:
            return x * 2;
        case 3:
            return x + 33;
        case 4:
            return ~x;
        case 5:
            return x >> 5;
        case 6:
            return 66;
        default:
            return 1;
    }
}
EVERYWHERE unsigned switch_fall_through(unsigned x) {
    unsigned r = 0;
    switch (x % 8) {
        case 7:
            r += 7000;
            [[fallthrough]];
        case 3:
            r += 300;
            [[fallthrough]];
        case 1:
            r += 10;
            break;
        case 2:
            r = x % 100;
            [[fallthrough]];
        case 5:
            r += 5;
            [[fallthrough]];
        default:
            r *= 3;
    }
    return r;
}
EVERYWHERE unsigned switch_sparse(unsigned x) {
    switch (x % 1000) {
        case 1:
            return 1;
        case 17:
            return 2;
        case 256:
            return 3;
        case 500:
        case 501:
        case 502:
            return 4;
        case 999:
            return 5;
    }
    switch ((long long)(x & 3) << 40) {
        case 0:
            return 100;
        case 1ll << 40:
            return 200;
        case 3ll << 40:
            return 300;
    }
    return 400;
}
EVERYWHERE unsigned switch_in_loop(unsigned x) {
    unsigned stack = 0, depth = 0;
    for (unsigned i = 0; i < 16; ++i) {
        switch (x >> (2 * i) & 3) {
            case 0:
                ++depth;
                continue;
            case 1:
                stack += depth;
                break;
            case 2:
                if (depth == 0) return stack;
                --depth;
                break;
            default:
                stack ^= i * 17;
                break;
        }
        stack = stack * 3 + 1;
    }
    return stack * 100 + depth;
}
EVERYWHERE unsigned loop_in_switch(unsigned x) {
    unsigned r = 0;
    switch (x & 3) {
        case 0:
            for (unsigned i = 0; i < x % 10; ++i) r += i;
            break;
        case 1:
            while (x > 10) x /= 3, ++r;
            break;
        case 2:
            do r += x & 7;
            while (x >>= 3);
            break;
        default:
            r = 12345;
    }
    return r;
}
EVERYWHERE unsigned continue_in_while(unsigned x) {
    unsigned sum = 0, i = x % 5;
    while (i++ < 24) {
        if (x >> (i & 31) & 1) continue;
        sum += i;
        if (sum % 4 == 0) continue;
        sum += 2;
    }
    return sum;
}
EVERYWHERE unsigned loop_and_a_half(unsigned x) {
    unsigned count = 0;
    while (true) {
        x = mix(x);
        if (x % 10 == 0 || ++count == 64) break;
        x += count;
    }
    return count * 3 + (x & 1);
}
EVERYWHERE unsigned early_returns(unsigned x) {
    if (x == 0) return 1;
    if (x % 2 == 0) return 2;
    unsigned r = 0;
    for (unsigned i = 3; i < 30; i += 2)
        if (x % i == 0) {
            r = i;
            break;
        }
    if (r) return r;
    if (x % 31 == 0) return 31;
    return mix(x);
}
EVERYWHERE unsigned greatest_common_divisor(unsigned x) {
    unsigned a = x & 0xffff, b = x >> 16;
    while (b) {
        const unsigned t = a % b;
        a = b;
        b = t;
    }
    return a;
}
EVERYWHERE unsigned integer_square_root(unsigned x) {
    unsigned low = 0, high = 65536;
    while (low + 1 < high) {
        const unsigned middle = (low + high) / 2;
        if ((unsigned long long)middle * middle <= x)
            low = middle;
        else
            high = middle;
    }
    return low;
}
EVERYWHERE unsigned collatz(unsigned x) {
    unsigned long long n = x % 10000 + 1;
    unsigned steps = 0;
    while (n != 1) {
        n = n % 2 ? 3 * n + 1 : n / 2;
        ++steps;
    }
    return steps;
}
EVERYWHERE unsigned mandelbrot(unsigned x) {
    const float cr = (float)(x & 0xff) / 128.0f - 1.5f, ci = (float)(x >> 8 & 0xff) / 128.0f - 1.0f;
    // products of short fixed-point numbers: exact, whether contracted or not
    int zr = 0, zi = 0;
    const int fr = (int)(cr * 128.0f), fi = (int)(ci * 128.0f);
    unsigned n = 0;
    for (; n < 48; ++n) {
        const int rr = zr * zr / 128, ii = zi * zi / 128;
        if (rr + ii > 4 * 128) break;
        const int t = rr - ii + fr;
        zi = 2 * zr * zi / 128 + fi;
        zr = t;
    }
    return n;
}
EVERYWHERE unsigned two_loops_in_a_row(unsigned x) {
    unsigned i = 0, a = 0;
    for (; i < x % 17; ++i) a += i * x;
    for (; i < x % 29; ++i) a ^= i * 3;
    for (unsigned j = i; j > 0; --j)
        if (a % j == 1) return a + j;
    return a;
}
EVERYWHERE unsigned loop_with_two_latches(unsigned x) {
    unsigned i = 0, r = 1;
    while (i < 30) {
        if (x >> (i & 31) & 1) {
            i += 3;
            r += i;
            continue;
        }
        r = r * 5 + 1;
        if (r % 7 == 0) {
            i += 2;
            continue;
        }
        ++i;
    }
    return r;
}
EVERYWHERE unsigned conditional_in_condition(unsigned x) {
    unsigned n = 0;
    for (unsigned i = x & 7; (x & 8 ? i < 20 : i > 0) && n < 40; x & 8 ? ++i : --i) n += 1 + (i & 1);
    return n;
}
EVERYWHERE unsigned swap_in_loop(unsigned x) {
    unsigned a = x & 0xff, b = x >> 8 & 0xff, c = x >> 16 & 0xff;
    for (unsigned i = 0; i < x >> 28; ++i) {
        const unsigned t = a;
        a = b, b = c, c = t;  // a cycle of phis
        if (a < b) {
            const unsigned u = a;
            a = b, b = u;
        }
    }
    return a | b << 8 | c << 16;
}
EVERYWHERE unsigned fibonacci(unsigned x) {
    unsigned a = 0, b = 1;
    for (unsigned i = x % 47; i; --i) {
        const unsigned t = a + b;
        a = b, b = t;
    }
    return a;
}
EVERYWHERE unsigned infinite_until_return(unsigned x) {
    for (unsigned i = 0;;) {
        i += 1 + (x & 3);
        if (i > 37) return i;
        x = x >> 1 | x << 31;
        if (x % 19 == 0) return i + 1000;
    }
}
EVERYWHERE unsigned comma_and_side_effects(unsigned x) {
    unsigned i = 0, sum = 0;
    for (unsigned j = 10; i < j; sum += i++, --j)
        if (x & 1u << i) sum += (++i, j);
    return sum;
}

}  // namespace control

// name of each function
#define CONTROL_FUNCTIONS(X)    \
    X(if_else)                  \
    X(if_without_else)          \
    X(nested_if)                \
    X(else_if_chain)            \
    X(ternaries)                \
    X(short_circuit)            \
    X(divergent_trip_count)     \
    X(live_out_of_loop)         \
    X(do_while)                 \
    X(loop_break)               \
    X(two_breaks)               \
    X(return_in_loop)           \
    X(return_in_nested_loop)    \
    X(nested_loops)             \
    X(break_outer_by_flag)      \
    X(goto_out_of_two_loops)    \
    X(goto_retry)               \
    X(irreducible)              \
    X(state_machine)            \
    X(switch_dense)             \
    X(switch_fall_through)      \
    X(switch_sparse)            \
    X(switch_in_loop)           \
    X(loop_in_switch)           \
    X(continue_in_while)        \
    X(loop_and_a_half)          \
    X(early_returns)            \
    X(greatest_common_divisor)  \
    X(integer_square_root)      \
    X(collatz)                  \
    X(mandelbrot)               \
    X(two_loops_in_a_row)       \
    X(loop_with_two_latches)    \
    X(conditional_in_condition) \
    X(swap_in_loop)             \
    X(fibonacci)                \
    X(infinite_until_return)    \
    X(comma_and_side_effects)
