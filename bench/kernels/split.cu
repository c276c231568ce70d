// Kernels of the suite `split`, which run over several devices at once; compile them with --grid-parts.

extern "C" {

// One step of all-pairs gravity: one thread a body, the others pass by in tiles of shared memory. `bodies` is
// x, y, z, mass; n is a multiple of the block's 256 threads. A block changes its own bodies' velocities and
// writes their new places.
__global__ void nbody_step(unsigned n, float dt, float softening, const float4* bodies, float4* velocities,
                           float4* moved) {
    __shared__ float4 tile[256];
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 me = bodies[i];
    float ax = 0.0f, ay = 0.0f, az = 0.0f;
    for (unsigned base = 0; base < n; base += blockDim.x) {
        tile[threadIdx.x] = bodies[base + threadIdx.x];
        __syncthreads();
        for (unsigned k = 0; k < blockDim.x; ++k) {
            const float4 other = tile[k];
            const float dx = other.x - me.x, dy = other.y - me.y, dz = other.z - me.z;
            const float inverse = rsqrtf(dx * dx + dy * dy + dz * dz + softening);
            const float strength = other.w * inverse * inverse * inverse;
            ax += dx * strength;
            ay += dy * strength;
            az += dz * strength;
        }
        __syncthreads();
    }
    float4 velocity = velocities[i];
    velocity.x += ax * dt, velocity.y += ay * dt, velocity.z += az * dt;
    velocities[i] = velocity;
    me.x += velocity.x * dt, me.y += velocity.y * dt, me.z += velocity.z * dt;
    moved[i] = me;
}

// A logistic map of `rounds` steps for each element: streams, with some arithmetic.
__global__ void logistic(unsigned count, unsigned rounds, const float* in, float* out) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    float x = in[i];
    for (unsigned k = 0; k < rounds; ++k) x = 2.5f * x * (1.0f - x);
    out[i] = x;
}

}  // extern "C"
