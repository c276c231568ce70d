// Inclusive prefix sums by reducing, then scanning: sum_blocks gives the total of each work-group's 4096 elements;
// scan_blocks, enqueued for the totals and then for the elements, scans 4096 elements a work-group, 16 a work-item, from
// what stands before them. Work-groups have 256 work-items; lengths are multiples of 4096.
kernel void sum_blocks(global const uint4* input, global uint* totals) {
    local uint sums[256];
    uint t = get_local_id(0), sum = 0;
    for (uint i = 0; i < 4; ++i) {
        uint4 v = input[get_group_id(0) * 1024 + i * 256 + t];
        sum += v.x + v.y + v.z + v.w;
    }
    sums[t] = sum;
    for (uint half_size = 128; half_size > 0; half_size /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (t < half_size) sums[t] += sums[t + half_size];
    }
    if (t == 0) totals[get_group_id(0)] = sums[0];
}

uint4 running_sums(uint4 v, uint before) {
    v.x += before;
    v.y += v.x;
    v.z += v.y;
    v.w += v.z;
    return v;
}

// `before`: the sums of all work-groups up to each one, itself included.
kernel void scan_blocks(global const uint4* input, global const uint* before, global uint4* output) {
    local uint sums[256];
    uint t = get_local_id(0), first = (get_group_id(0) * 256 + t) * 4;
    uint4 a = running_sums(input[first], 0);
    uint4 b = running_sums(input[first + 1], a.w);
    uint4 c = running_sums(input[first + 2], b.w);
    uint4 d = running_sums(input[first + 3], c.w);
    sums[t] = d.w;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint distance_back = 1; distance_back < 256; distance_back *= 2) {
        uint earlier = t >= distance_back ? sums[t - distance_back] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        sums[t] += earlier;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    uint start = sums[t] - d.w + (get_group_id(0) == 0 ? 0 : before[get_group_id(0) - 1]);
    output[first] = a + start;
    output[first + 1] = b + start;
    output[first + 2] = c + start;
    output[first + 3] = d + start;
}
