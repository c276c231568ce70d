// Histogram of bytes: every work-group counts in local memory with atomics and adds its counts to the whole.
// Work-groups have 256 work-items, one a bin.
kernel void clear(global uint* bins) { bins[get_local_id(0)] = 0; }

kernel void histogram(uint n, global const uchar* data, global uint* bins) {
    local uint counts[256];
    uint t = get_local_id(0);
    counts[t] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint i = get_global_id(0); i < n; i += get_global_size(0)) atomic_add(&counts[data[i]], 1u);
    barrier(CLK_LOCAL_MEM_FENCE);
    atomic_add(&bins[t], counts[t]);
}
