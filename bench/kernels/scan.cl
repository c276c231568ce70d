// Inclusive prefix sums. scan_blocks: each work-group of 256 work-items scans 1024 elements, four a work-item, and gives
// their total; add_totals: adds to every group's elements what stands before them. Lengths are multiples of 1024.
kernel void scan_blocks(global const uint* input, global uint* output, global uint* totals) {
    local uint sums[256];
    uint t = get_local_id(0), first = (get_group_id(0) * 256 + t) * 4;
    uint a = input[first];
    uint b = a + input[first + 1];
    uint c = b + input[first + 2];
    uint d = c + input[first + 3];
    sums[t] = d;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint distance_back = 1; distance_back < 256; distance_back *= 2) {
        uint earlier = t >= distance_back ? sums[t - distance_back] : 0;
        barrier(CLK_LOCAL_MEM_FENCE);
        sums[t] += earlier;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    uint before = sums[t] - d;
    output[first] = before + a;
    output[first + 1] = before + b;
    output[first + 2] = before + c;
    output[first + 3] = before + d;
    if (t == 255) totals[get_group_id(0)] = sums[255];
}

// Enqueued with one work-group less than scan_blocks: the first 1024 elements are final.
kernel void add_totals(global uint* output, global const uint* totals) {
    uint before = totals[get_group_id(0)];
    for (uint i = get_local_id(0); i < 1024; i += 256) output[(get_group_id(0) + 1) * 1024 + i] += before;
}
