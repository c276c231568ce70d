/* The binary interface between generated CPU code and the run time: plain C, fixed layout. The SIMD and
 * scalar emitters mirror these structures field by field (src/compiler/targets/cpu_kernel.cpp, warp_*.cpp);
 * change both together and raise HEDDLE_CPU_ABI. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HEDDLE_CPU_ABI 3

#ifdef __cplusplus
extern "C" {
#endif

/* What a suspended unit waits for: a warp (SIMD) at barriers only, a lane of the scalar device at any. */
enum heddle_cpu_operation {
    HEDDLE_OP_NONE = 0,
    HEDDLE_OP_BARRIER = 1,
    HEDDLE_OP_WARP_SYNC = 2,
    HEDDLE_OP_SHUFFLE_INDEX = 3, /* shuffles: the lane picks one of block->offered, but see
                                    HEDDLE_SUSPENSION_OPERAND */
    HEDDLE_OP_SHUFFLE_UP = 4,
    HEDDLE_OP_SHUFFLE_DOWN = 5,
    HEDDLE_OP_SHUFFLE_XOR = 6,
    HEDDLE_OP_BALLOT = 7, /* value: predicate */
    HEDDLE_OP_ACTIVE_MASK = 8,
    HEDDLE_OP_MATCH_ANY = 9,
    HEDDLE_OP_MATCH_ALL = 10,
    HEDDLE_OP_REDUCE_ADD = 11, /* 32-bit reductions over the lanes of mask */
    HEDDLE_OP_REDUCE_MIN = 12, /* signed */
    HEDDLE_OP_REDUCE_MAX = 13,
    HEDDLE_OP_REDUCE_UMIN = 14,
    HEDDLE_OP_REDUCE_UMAX = 15,
    HEDDLE_OP_REDUCE_AND = 16,
    HEDDLE_OP_REDUCE_OR = 17,
    HEDDLE_OP_REDUCE_XOR = 18,
    HEDDLE_OP_YIELD = 19 /* let the other lanes run: volatile shared accesses, spin loops */
};

/* What units that suspend at the start of a region have waited for. */
struct heddle_cpu_suspension {
    uint32_t operation; /* heddle_cpu_operation; 0 for region 0, where units begin */
    uint32_t flags;     /* heddle_cpu_suspension_flags */
    uint32_t mask;      /* a warp operation's member mask */
    uint32_t operand;   /* a shuffle's source lane, distance or lane mask, in segments of 32 lanes */
};
enum heddle_cpu_suspension_flags {
    HEDDLE_SUSPENSION_MASK = 1, /* the mask is a constant, as given; otherwise block->masks has each lane's */
    HEDDLE_SUSPENSION_OPERAND = 2 /* so is the shuffle's operand; its answer is what the lane receives */
};

/* A launch: read-only while it runs, shared by all workers. */
struct heddle_cpu_launch {
    uint32_t grid[3];               /* offset 0 */
    uint32_t block[3];              /* 12 */
    uint32_t threads;               /* 24: block[0] * block[1] * block[2] */
    uint32_t dynamic_shared_bytes;  /* 28 */
    const unsigned char* arguments; /* 32: the packed parameter buffer */
    unsigned char* globals;         /* 40: the program's globals */
    void* services;                 /* 48: the run time's own; passed back to imported functions */
};

/* One worker's state for the block it runs; reused from block to block. */
struct heddle_cpu_block {
    uint32_t index[3]; /* 0: blockIdx, set by generated code for plain kernels, by the run time for others */
    uint32_t barrier_count;   /* 12: lanes that arrived with a true predicate; the run time moves it on */
    uint32_t barrier_threads; /* 16: lanes that arrived */
    uint32_t barrier_result;  /* 20: count of the barrier just passed */
    uint32_t barrier_result_threads; /* 24 */
    uint32_t reserved;               /* 28 */
    unsigned char* shared;           /* 32: static shared memory, then dynamic; 128-byte aligned */
    unsigned char* frames;           /* 40: frame_bytes a unit, 128-byte aligned */
    uint32_t* regions;               /* 48: the region that each unit goes on with */
    /* Scalar, one a thread of the block, all but `masks` at heddle_cpu_exchange_index: what it gives to a
     * warp operation, and the answer. A step may exchange `values` and `answers`, for the warp that it runs.
     */
    uint64_t* values;                       /* 56 */
    uint64_t* answers;                      /* 64: written by the run time before the lane goes on */
    uint32_t* masks;                        /* 72 */
    uint64_t* offered;                      /* 80: the values of the lanes that take part in a shuffle */
    const struct heddle_cpu_launch* launch; /* 88 */
};

/* Where a thread's value lies: around those of a warp there are 32 places for what a step puts there. */
static inline uint32_t heddle_cpu_exchange_index(uint32_t thread) {
    return thread + (thread / 32u) * 64u + 32u;
}

/* A plain kernel runs whole blocks [first, last) in linear order (x fastest). */
typedef void (*heddle_cpu_plain)(const struct heddle_cpu_launch*, struct heddle_cpu_block*, uint64_t first,
                                 uint64_t last);

/* A suspending kernel is cut into regions where its units, warps (SIMD) or threads (scalar), wait. A step
 * runs the units [first, last) of the block `block->index`, all of which wait at `region` (0: are to begin),
 * to their next suspension or their end. It gives the region that all of them go on with, HEDDLE_REGION_ENDED
 * when all have ended, or HEDDLE_REGION_MIXED when they differ: then, and only then, `block->regions` says it
 * for each of the units. `group` are the lanes of the warp that took part in the warp operation that the
 * units have waited for, bit l for lane l. What a unit keeps while it waits is in its frame; nothing needs to
 * be destroyed. */
typedef uint32_t (*heddle_cpu_step)(const struct heddle_cpu_launch*, struct heddle_cpu_block*,
                                    uint32_t region, uint32_t first, uint32_t last, uint32_t group);
#define HEDDLE_REGION_ENDED 0u
#define HEDDLE_REGION_MIXED 0xffffffffu

enum heddle_cpu_kernel_flags {
    HEDDLE_KERNEL_SUSPENDS = 1,       /* entry is a heddle_cpu_step */
    HEDDLE_KERNEL_SCALAR = 2,         /* unit is a thread; otherwise a warp of 32 */
    HEDDLE_KERNEL_CHECKED = 4,        /* instrumented */
    HEDDLE_KERNEL_WARP_OPERATIONS = 8 /* scalar: lanes wait at more than barriers. Otherwise every unit that
                                         has not ended takes part in every round of steps */
};

/* A code object exports `heddle_kernels`, ended by a null name. One kernel may stand there several times, for
 * different `row`s: the code may be used when block.x is a multiple of `row` and, but for row 1, the block's
 * threads are one of 32; HEDDLE_ROW_LINEAR when block.y and block.z are 1. Best is 32, then
 * HEDDLE_ROW_LINEAR, then 16. Row 1 is there unless the compiler was asked for other rows only; a block that
 * fits none of a kernel's rows cannot be launched then. */
#define HEDDLE_ROW_LINEAR 2u
struct heddle_cpu_kernel {
    const char* name; /* mangled symbol */
    void* entry;
    uint32_t row; /* 32, 16, HEDDLE_ROW_LINEAR or 1 */
    uint32_t flags;
    uint32_t frame_bytes;                            /* of a unit of a suspending kernel */
    uint32_t regions;                                /* their number */
    const struct heddle_cpu_suspension* suspensions; /* one a region */
};

/* A code object exports `heddle_imports`, ended by a null name: the loader writes each address before first
 * use. An unknown name makes loading fail. */
struct heddle_cpu_import {
    const char* name;
    void* address;
};

/* A code object exports `const uint32_t heddle_abi`; it must equal HEDDLE_CPU_ABI. */

/* Imported functions, besides maths:
 *   heddle_printf         int32_t (const heddle_cpu_launch*, const char* format, const void* arguments)
 *                         arguments packed as CUDA's vprintf: each at its natural alignment, floats as
 * doubles heddle_assert_fail    void (const heddle_cpu_launch*, const heddle_cpu_block*, const char* message,
 *                               const char* file, uint32_t line, const char* function, uint32_t x, y, z)
 *                         records the failure (threadIdx x, y, z); the lane then ends
 *   heddle_trap           void (const heddle_cpu_launch*, const heddle_cpu_block*)    records; the lane then
 * ends heddle_malloc         void* (const heddle_cpu_launch*, uint64_t bytes);  heddle_free void (launch*,
 * void*) heddle_clock64        int64_t ();  heddle_globaltimer uint64_t ()   nanoseconds heddle_check_access
 * uint32_t (const heddle_cpu_launch*, heddle_cpu_block*, uint32_t thread, const void* address, uint32_t
 * bytes, uint32_t kind, const char* location) before each load (kind 1), store (2) and atomic operation (4)
 * of checked scalar code; location is "file.cu:12:5"; non-zero: the access must be left out
 *   heddle_check_barrier  void (const heddle_cpu_launch*, heddle_cpu_block*, uint32_t thread, const char*
 * location) before each barrier of checked scalar code Maths: "heddle.<function>.<f32|f64>" is the scalar C
 * function; with ".x<lanes>" appended the vector one, in the platform's vector calling convention, present
 * only where SLEEF has it for this CPU. */

#ifdef __cplusplus
}
#endif
