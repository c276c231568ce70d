// Inclusive prefix sums by reducing, then scanning: sum_blocks gives the total of each work-group's 4096 elements;
// scan_blocks, enqueued for the totals and then for the elements, scans 4096 elements a work-group from what stands
// before them: 32 work-items take 512, four a work-item at a time. (OpenCL C 1.2 has no shuffles: work-items exchange
// through local memory.) Work-groups have 256 work-items; lengths are multiples of 4096.
kernel void sum_blocks(global const uint4* input, global uint* totals) {
    local uint sums[256];
    uint t = get_local_id(0), lane = t % 32, warp = t / 32, sum = 0;
    for (uint i = 0; i < 4; ++i) {
        uint4 v = input[(get_group_id(0) * 8 + warp) * 128 + i * 32 + lane];
        sum += v.x + v.y + v.z + v.w;
    }
    sums[t] = sum;
    for (uint half_size = 128; half_size > 0; half_size /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (t < half_size) sums[t] += sums[t + half_size];
    }
    if (t == 0) totals[get_group_id(0)] = sums[0];
}

// `before`: the sums of all work-groups up to each one, itself included.
kernel void scan_blocks(global const uint4* input, global const uint* before, global uint4* output) {
    local uint upto[256];
    local uint sums[8];
    uint t = get_local_id(0), lane = t % 32, warp = t / 32, first = (get_group_id(0) * 8 + warp) * 128 + lane;
    uint4 scanned[4];
    uint sum = 0;
    for (uint i = 0; i < 4; ++i) {
        uint4 v = input[first + i * 32];
        v.y += v.x;
        v.z += v.y;
        v.w += v.z;
        upto[t] = v.w;
        for (uint distance_back = 1; distance_back < 32; distance_back *= 2) {
            barrier(CLK_LOCAL_MEM_FENCE);
            uint earlier = lane >= distance_back ? upto[t - distance_back] : 0;
            barrier(CLK_LOCAL_MEM_FENCE);
            upto[t] += earlier;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        scanned[i] = v + (sum + upto[t] - v.w);
        sum += upto[warp * 32 + 31];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0) sums[warp] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    uint start = get_group_id(0) == 0 ? 0 : before[get_group_id(0) - 1];
    for (uint i = 0; i < warp; ++i) start += sums[i];
    for (uint i = 0; i < 4; ++i) output[first + i * 32] = scanned[i] + start;
}
