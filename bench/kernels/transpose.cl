// Transpose of a row-major matrix through a padded tile in local memory; work-groups of 32 x 8 work-items move 32 x 32
// elements. Both sizes are multiples of 32.
kernel void transpose(uint width, uint height, global const float* input, global float* output) {
    local float tile[32][33];
    uint tx = get_local_id(0), ty = get_local_id(1);
    uint x = get_group_id(0) * 32 + tx;
    uint y = get_group_id(1) * 32 + ty;
    for (uint j = 0; j < 32; j += 8) tile[ty + j][tx] = input[(y + j) * width + x];
    barrier(CLK_LOCAL_MEM_FENCE);
    x = get_group_id(1) * 32 + tx;
    y = get_group_id(0) * 32 + ty;
    for (uint j = 0; j < 32; j += 8) output[(y + j) * height + x] = tile[tx][ty + j];
}
