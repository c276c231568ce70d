// All-pairs gravity: one work-item a body, the others pass by in tiles of local memory. `bodies` is x, y, z, mass;
// n is a multiple of the work-group's 256 work-items.
kernel void nbody(uint n, float softening, global const float4* bodies, global float4* accelerations) {
    local float4 tile[256];
    uint i = get_global_id(0);
    uint t = get_local_id(0);
    float4 me = bodies[i];
    float ax = 0.0f, ay = 0.0f, az = 0.0f;
    for (uint base = 0; base < n; base += get_local_size(0)) {
        tile[t] = bodies[base + t];
        barrier(CLK_LOCAL_MEM_FENCE);
        for (uint k = 0; k < get_local_size(0); ++k) {
            float4 other = tile[k];
            float dx = other.x - me.x, dy = other.y - me.y, dz = other.z - me.z;
            float inverse = rsqrt(dx * dx + dy * dy + dz * dz + softening);
            float strength = other.w * inverse * inverse * inverse;
            ax += dx * strength;
            ay += dy * strength;
            az += dz * strength;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    accelerations[i] = (float4)(ax, ay, az, 0.0f);
}
