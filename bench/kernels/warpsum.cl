// Sums of the rows of a matrix, 32 work-items a row: they stride over the row and add up in local memory, since OpenCL C
// 1.2 has no shuffles. 256 work-items a work-group, a multiple of 8 rows.
kernel void warpsum(uint columns, global const float* matrix, global float* sums) {
    local float values[256];
    uint t = get_local_id(0);
    uint lane = t % 32, row = get_group_id(0) * 8 + t / 32;
    float sum = 0.0f;
    for (uint column = lane; column < columns; column += 32) sum += matrix[row * columns + column];
    values[t] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint reach = 16; reach > 0; reach /= 2) {
        if (lane < reach) values[t] += values[t + reach];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane == 0) sums[row] = values[t];
}
