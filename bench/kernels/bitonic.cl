// Bitonic sort (Batcher 1968) of unsigned integers, a power of two of them. Work-groups of 512 work-items hold 1024 keys
// in local memory; steps that reach farther go through global memory. (OpenCL C 1.2 has no shuffles:
// all others go through local memory.)
void exchange_local(local uint* low, local uint* high, bool ascending) {
    uint a = *low, b = *high;
    if ((a > b) == ascending) {
        *low = b;
        *high = a;
    }
}

void exchange_global(global uint* low, global uint* high, bool ascending) {
    uint a = *low, b = *high;
    if ((a > b) == ascending) {
        *low = b;
        *high = a;
    }
}

// The first ten phases: sorts every run of 1024 keys, alternately up and down, from `input` into `keys`.
kernel void sort_runs(global const uint* input, global uint* keys) {
    local uint run[1024];
    uint t = get_local_id(0), base = get_group_id(0) * 1024;
    run[t] = input[base + t];
    run[t + 512] = input[base + t + 512];
    for (uint size = 2; size <= 1024; size *= 2) {
        for (uint reach = size / 2; reach > 0; reach /= 2) {
            barrier(CLK_LOCAL_MEM_FENCE);
            uint i = 2 * t - (t & (reach - 1));
            exchange_local(&run[i], &run[i + reach], ((base + i) & size) == 0);
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    keys[base + t] = run[t];
    keys[base + t + 512] = run[t + 512];
}

// One step of the phase that makes sorted runs of `size`, over a distance of 1024 or more.
kernel void merge_far(global uint* keys, uint size, uint reach) {
    uint t = get_global_id(0);
    uint i = 2 * t - (t & (reach - 1));
    exchange_global(&keys[i], &keys[i + reach], (i & size) == 0);
}

// The rest of that phase, distances 512 to 1.
kernel void merge_near(global uint* keys, uint size) {
    local uint run[1024];
    uint t = get_local_id(0), base = get_group_id(0) * 1024;
    bool ascending = (base & size) == 0;
    run[t] = keys[base + t];
    run[t + 512] = keys[base + t + 512];
    for (uint reach = 512; reach > 0; reach /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        uint i = 2 * t - (t & (reach - 1));
        exchange_local(&run[i], &run[i + reach], ascending);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    keys[base + t] = run[t];
    keys[base + t + 512] = run[t + 512];
}
