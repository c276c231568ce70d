// What built these peers.
#include "native.h"

const char* bench_compiler() {
    return HEDDLE_BENCH_COMPILER;
}
