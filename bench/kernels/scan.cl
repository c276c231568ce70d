// Inclusive prefix sums by reducing, then scanning, on three levels. sum_parts: the total of each part of 2048 elements,
// 32 work-items a part; scan_parts: scans each part from what stands before it, four elements a work-item at a time.
// (OpenCL C 1.2 has no shuffles: work-items exchange through local memory.) Work-groups have 256 work-items; lengths are
// multiples of 16384.
kernel void sum_parts(global const uint4* input, global uint* totals) {
    local uint sums[256];
    uint t = get_local_id(0), lane = t % 32, part = get_group_id(0) * 8 + t / 32, sum = 0;
    for (uint i = 0; i < 512; i += 32) {
        uint4 v = input[part * 512 + i + lane];
        sum += v.x + v.y + v.z + v.w;
    }
    sums[t] = sum;
    for (uint distance_on = 16; distance_on > 0; distance_on /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lane < distance_on) sums[t] += sums[t + distance_on];
    }
    if (lane == 0) totals[part] = sums[t];
}

// `before`: the sums of all parts up to each one, itself included.
kernel void scan_parts(global const uint4* input, global const uint* before, global uint4* output) {
    local uint upto[256];
    uint t = get_local_id(0), lane = t % 32, part = get_group_id(0) * 8 + t / 32;
    uint sum = part == 0 ? 0 : before[part - 1];
    for (uint i = 0; i < 512; i += 32) {
        uint4 v = input[part * 512 + i + lane];
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
        output[part * 512 + i + lane] = v + (sum + upto[t] - v.w);
        sum += upto[t / 32 * 32 + 31];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
