// Functions of memory in GLSL: parts of words, pointers to any memory, failures and printing.
#include "glsl_function_tables.h"

namespace heddle::compiler {

// Memory in pieces smaller than what it is read in, and pointers of which only the run time knows where they
// point.
const std::vector<GlslFunction>& memory_functions() {
    static const std::vector<GlslFunction> functions = {
        {"word_of", {}, R"(ADDRESS word_of(ADDRESS place) { return ALIGNED(place); }
)"},
        {"load_byte", {"word_of"}, R"(uint load_byte(ADDRESS place) {
    return bitfieldExtract(Word32(word_of(place)).v, int((LOW(place) & 3u) * 8u), 8);
}
)"},
        {"load_short", {"word_of"}, R"(uint load_short(ADDRESS place) {
    return bitfieldExtract(Word32(word_of(place)).v, int((LOW(place) & 3u) * 8u), 16);
}
)"},
        {"load_short_bytes", {"load_byte"}, R"(uint load_short_bytes(ADDRESS place) {
    return load_byte(place) | load_byte(AT(place, 1u)) << 8;
}
)"},
        {"load_word_bytes", {"load_short_bytes"}, R"(uint load_word_bytes(ADDRESS place) {
    return load_short_bytes(place) | load_short_bytes(AT(place, 2u)) << 16;
}
)"},
        {"load_pair_bytes", {"load_word_bytes"}, R"(uvec2 load_pair_bytes(ADDRESS place) {
    return uvec2(load_word_bytes(place), load_word_bytes(AT(place, 4u)));
}
)"},
        {"load_wide_bytes", {"load_word_bytes"}, R"(uint64_t load_wide_bytes(ADDRESS place) {
    return packUint2x32(uvec2(load_word_bytes(place), load_word_bytes(AT(place, 4u))));
}
)"},
        // Other threads write the other bytes of the word at the same time.
        {"store_byte", {"word_of"}, R"(void store_byte(ADDRESS place, uint value) {
    uint shift = (LOW(place) & 3u) * 8u;
    ADDRESS word = word_of(place);
    atomicAnd(Word32(word).v, ~(0xffu << shift));
    atomicOr(Word32(word).v, value << shift);
}
)"},
        {"store_short", {"word_of"}, R"(void store_short(ADDRESS place, uint value) {
    uint shift = (LOW(place) & 3u) * 8u;
    ADDRESS word = word_of(place);
    atomicAnd(Word32(word).v, ~(0xffffu << shift));
    atomicOr(Word32(word).v, value << shift);
}
)"},
        {"store_short_bytes", {"store_byte"}, R"(void store_short_bytes(ADDRESS place, uint value) {
    store_byte(place, value & 0xffu);
    store_byte(AT(place, 1u), value >> 8);
}
)"},
        {"store_word_bytes", {"store_short_bytes"}, R"(void store_word_bytes(ADDRESS place, uint value) {
    store_short_bytes(place, value & 0xffffu);
    store_short_bytes(AT(place, 2u), value >> 16);
}
)"},
        {"store_pair_bytes", {"store_word_bytes"}, R"(void store_pair_bytes(ADDRESS place, uvec2 value) {
    store_word_bytes(place, value.x);
    store_word_bytes(AT(place, 4u), value.y);
}
)"},
        {"store_wide_bytes", {"store_word_bytes"}, R"(void store_wide_bytes(ADDRESS place, uint64_t value) {
    store_word_bytes(place, LOW(value));
    store_word_bytes(AT(place, 4u), HIGH(value));
}
)"},
        {"load_generic_word", {}, R"(uint load_generic_word(ADDRESS place) {
    if (HIGH(place) >> 30 == 1u) return shared_memory[LOW(place) >> 2];
    if (HIGH(place) >> 30 == 2u) return private_memory[LOW(place) >> 2];
    return Word32(place).v;
}
)"},
        {"load_generic_short", {"load_generic_word"}, R"(uint load_generic_short(ADDRESS place) {
    return bitfieldExtract(load_generic_word(ALIGNED(place)), int((LOW(place) & 3u) * 8u), 16);
}
)"},
        {"load_generic_byte", {"load_generic_word"}, R"(uint load_generic_byte(ADDRESS place) {
    return bitfieldExtract(load_generic_word(ALIGNED(place)), int((LOW(place) & 3u) * 8u), 8);
}
)"},
        {"load_generic_pair", {"load_generic_word"}, R"(uvec2 load_generic_pair(ADDRESS place) {
    return uvec2(load_generic_word(place), load_generic_word(AT(place, 4u)));
}
)"},
        {"load_generic_wide", {"load_generic_word"}, R"(uint64_t load_generic_wide(ADDRESS place) {
    return packUint2x32(uvec2(load_generic_word(place), load_generic_word(AT(place, 4u))));
}
)"},
        {"store_generic_word", {}, R"(void store_generic_word(ADDRESS place, uint value) {
    if (HIGH(place) >> 30 == 1u)
        shared_memory[LOW(place) >> 2] = value;
    else if (HIGH(place) >> 30 == 2u)
        private_memory[LOW(place) >> 2] = value;
    else
        Word32(place).v = value;
}
)"},
        {"store_generic_part", {}, R"(void store_generic_part(ADDRESS place, uint value, uint mask) {
    uint shift = (LOW(place) & 3u) * 8u, at = LOW(place) >> 2;
    mask = ~(mask << shift);
    value <<= shift;
    if (HIGH(place) >> 30 == 1u) {
        atomicAnd(shared_memory[at], mask);
        atomicOr(shared_memory[at], value);
    } else if (HIGH(place) >> 30 == 2u) {
        private_memory[at] = (private_memory[at] & mask) | value;
    } else {
        ADDRESS word = ALIGNED(place);
        atomicAnd(Word32(word).v, mask);
        atomicOr(Word32(word).v, value);
    }
}
)"},
        {"store_generic_short",
         {"store_generic_part"},
         R"(void store_generic_short(ADDRESS place, uint value) {
    store_generic_part(place, value, 0xffffu);
}
)"},
        {"store_generic_byte", {"store_generic_part"}, R"(void store_generic_byte(ADDRESS place, uint value) {
    store_generic_part(place, value, 0xffu);
}
)"},
        {"store_generic_pair",
         {"store_generic_word"},
         R"(void store_generic_pair(ADDRESS place, uvec2 value) {
    store_generic_word(place, value.x);
    store_generic_word(AT(place, 4u), value.y);
}
)"},
        {"store_generic_wide",
         {"store_generic_word"},
         R"(void store_generic_wide(ADDRESS place, uint64_t value) {
    store_generic_word(place, LOW(value));
    store_generic_word(AT(place, 4u), HIGH(value));
}
)"},
        // Failures and printed text: the records that src/runtime reads.
        {"fail", {}, R"(void fail(uint kind, uint line, ADDRESS message, ADDRESS file, ADDRESS function) {
    if (atomicCompSwap(Word32(MESSAGES).v, 0u, kind) != 0u) return;
    Word32(AT(MESSAGES, 4u)).v = line;
    Word32(AT(MESSAGES, 8u)).v = LOW(message);
    Word32(AT(MESSAGES, 12u)).v = HIGH(message);
    Word32(AT(MESSAGES, 16u)).v = LOW(file);
    Word32(AT(MESSAGES, 20u)).v = HIGH(file);
    Word32(AT(MESSAGES, 24u)).v = LOW(function);
    Word32(AT(MESSAGES, 28u)).v = HIGH(function);
    Word32(AT(MESSAGES, 32u)).v = BLOCK_X;
    Word32(AT(MESSAGES, 36u)).v = BLOCK_Y;
    Word32(AT(MESSAGES, 40u)).v = BLOCK_Z;
    Word32(AT(MESSAGES, 44u)).v = THREAD_X;
    Word32(AT(MESSAGES, 48u)).v = THREAD_Y;
    Word32(AT(MESSAGES, 52u)).v = THREAD_Z;
}
)"},
        {"print_begin", {}, R"(ADDRESS print_begin(ADDRESS format, uint bytes) {
    uint size = 16u + (bytes + 7u) / 8u * 8u;
    uint at = atomicAdd(Word32(AT(MESSAGES, 56u)).v, size);
    if (at + size > Word32(AT(MESSAGES, 60u)).v || at + size < at) return NOWHERE;
    ADDRESS record = AT(MESSAGES, 64u + at);
    Word32(record).v = size;
    Word32(AT(record, 4u)).v = bytes;
    Word32(AT(record, 8u)).v = LOW(format);
    Word32(AT(record, 12u)).v = HIGH(format);
    return record;
}
)"},
    };
    return functions;
}

}  // namespace heddle::compiler
