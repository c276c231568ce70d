// C = A B for row-major square matrices whose size n is a multiple of 16: one work-item an element of C, tiles of A and
// B in local memory.
kernel void sgemm(uint n, global const float* a, global const float* b, global float* c) {
    local float a_tile[16][16];
    local float b_tile[16][16];
    uint tx = get_local_id(0), ty = get_local_id(1);
    uint row = get_group_id(1) * 16 + ty, column = get_group_id(0) * 16 + tx;
    float sum = 0.0f;
    for (uint tile = 0; tile < n; tile += 16) {
        a_tile[ty][tx] = a[row * n + tile + tx];
        b_tile[ty][tx] = b[(tile + ty) * n + column];
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < 16; ++k) sum += a_tile[ty][k] * b_tile[k][tx];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c[row * n + column] = sum;
}
