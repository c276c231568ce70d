// Sum of n floats: every 32 work-items go over a stretch of the input, then a work-group adds its work-items' sums in a
// tree in local memory. Enqueued twice: for partial sums, one a work-group, and for their sum.
kernel void block_sums(uint n, global const float* input, global float* sums) {
    local float values[256];
    uint t = get_local_id(0), warps = get_global_size(0) / 32, warp = get_global_id(0) / 32;
    uint stretch = (n + warps - 1) / warps, first = warp * stretch, last = min(first + stretch, n);
    float sum = 0.0f;
    for (uint i = first + t % 32; i < last; i += 32) sum += input[i];
    values[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint half_size = get_local_size(0) / 2; half_size > 0; half_size /= 2) {
        if (t < half_size) values[t] += values[t + half_size];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (t == 0) sums[get_group_id(0)] = values[0];
}
