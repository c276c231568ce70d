// Histogram of bytes: every 32 work-items go over a stretch of them, a work-group counts in local memory with atomics and
// adds its counts to the whole. Work-groups have 256 work-items, one a bin; `fours` is the number of bytes over four.
kernel void clear(global uint* bins) { bins[get_local_id(0)] = 0; }

kernel void histogram(uint fours, global const uchar4* data, global uint* bins) {
    local uint counts[256];
    uint t = get_local_id(0), warps = get_global_size(0) / 32, warp = get_global_id(0) / 32;
    uint stretch = (fours + warps - 1) / warps, first = warp * stretch, last = min(first + stretch, fours);
    counts[t] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint i = first + t % 32; i < last; i += 32) {
        uchar4 four = data[i];
        atomic_add(&counts[four.x], 1u);
        atomic_add(&counts[four.y], 1u);
        atomic_add(&counts[four.z], 1u);
        atomic_add(&counts[four.w], 1u);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    atomic_add(&bins[t], counts[t]);
}
