// nbody: gravity between all pairs of bodies, through tiles in shared memory.
//
// accelerate: one thread a body; the acceleration of each of n bodies, n a multiple of the block.
//
//   heddle run examples/nbody.cu --kernel accelerate --grid 16 --block 256 \
//       --arg rand:f32:4096x4:1 --arg zeros:f32:4096x4 --arg 4096 --arg 0.01 \
//       --device all --tolerance 1e-4
//
// clusters: each block follows a small star cluster of its own through time and writes its energy at the
// start and at the end: a check on the whole computation, since a leapfrog step keeps the energy when every
// force is right.
//
//   heddle run examples/nbody.cu --kernel clusters --grid 16 --block 256 \
//       --arg 200 --arg 0.002 --arg zeros:f32:16x2 --out energies=energies.npy \
//       --device all --tolerance 1e-3

/// What a body at `at` feels of one at `other`; w is the mass. `softening` squared is added to the distance
/// squared, so that close encounters stay finite (and a body does not pull itself).
__device__ float3 pull(float3 sum, float4 at, float4 other, float softening_squared) {
    const float dx = other.x - at.x, dy = other.y - at.y, dz = other.z - at.z;
    const float inverse = rsqrtf(dx * dx + dy * dy + dz * dz + softening_squared);
    const float strength = other.w * inverse * inverse * inverse;
    return make_float3(sum.x + strength * dx, sum.y + strength * dy, sum.z + strength * dz);
}

__global__ void accelerate(const float4* bodies, float4* accelerations, int n, float softening) {
    __shared__ float4 tile[256];
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const float4 self = bodies[i];
    float3 sum = make_float3(0.0f, 0.0f, 0.0f);
    for (int first = 0; first < n; first += blockDim.x) {
        tile[threadIdx.x] = bodies[first + threadIdx.x];
        __syncthreads();
        for (int j = 0; j < blockDim.x; ++j) sum = pull(sum, self, tile[j], softening * softening);
        __syncthreads();
    }
    accelerations[i] = make_float4(sum.x, sum.y, sum.z, 0.0f);
}

/// A number in [-1, 1) that looks random, the same everywhere (a 32-bit finaliser by multiplication and
/// shifts).
__device__ float scattered(unsigned int key) {
    key = (key ^ (key >> 16)) * 0x7feb352du;
    key = (key ^ (key >> 15)) * 0x846ca68bu;
    key ^= key >> 16;
    return (float)(key >> 8) * 0x1p-23f - 1.0f;
}

/// Kinetic and potential energy of the block's bodies; every thread gives its body's share and gets the sum.
__device__ float energy(const float4* bodies, float3 velocity, float softening_squared, float* parts) {
    const float4 self = bodies[threadIdx.x];
    float potential = 0.0f;
    for (int j = 0; j < blockDim.x; ++j) {
        const float dx = bodies[j].x - self.x, dy = bodies[j].y - self.y, dz = bodies[j].z - self.z;
        if (j != threadIdx.x)
            potential -= bodies[j].w * rsqrtf(dx * dx + dy * dy + dz * dz + softening_squared);
    }
    const float speed_squared = velocity.x * velocity.x + velocity.y * velocity.y + velocity.z * velocity.z;
    // Each pair is seen from both its bodies: half of it to each.
    parts[threadIdx.x] = self.w * (0.5f * speed_squared + 0.5f * potential);
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
        __syncthreads();
    }
    const float total = parts[0];
    __syncthreads();
    return total;
}

/// `energies` holds two values a block. The block is a power of two up to 256.
__global__ void clusters(int steps, float step, float* energies) {
    __shared__ float4 bodies[256];
    __shared__ float parts[256];
    const float softening_squared = 0.01f;
    const unsigned int key = 6 * (blockIdx.x * blockDim.x + threadIdx.x);
    bodies[threadIdx.x] =
        make_float4(scattered(key), scattered(key + 1), scattered(key + 2), 1.0f / blockDim.x);
    float3 velocity =
        make_float3(0.3f * scattered(key + 3), 0.3f * scattered(key + 4), 0.3f * scattered(key + 5));
    __syncthreads();

    const float before = energy(bodies, velocity, softening_squared, parts);
    for (int i = 0; i <= steps; ++i) {
        float3 force = make_float3(0.0f, 0.0f, 0.0f);
        for (int j = 0; j < blockDim.x; ++j)
            force = pull(force, bodies[threadIdx.x], bodies[j], softening_squared);
        // Leapfrog: velocities are half a step ahead of positions, but for the first and last half step.
        const float kick = (i == 0 || i == steps) ? 0.5f * step : step;
        velocity.x += kick * force.x;
        velocity.y += kick * force.y;
        velocity.z += kick * force.z;
        __syncthreads();
        if (i < steps) {
            bodies[threadIdx.x].x += step * velocity.x;
            bodies[threadIdx.x].y += step * velocity.y;
            bodies[threadIdx.x].z += step * velocity.z;
        }
        __syncthreads();
    }
    const float after = energy(bodies, velocity, softening_squared, parts);
    if (threadIdx.x == 0) {
        energies[2 * blockIdx.x] = before;
        energies[2 * blockIdx.x + 1] = after;
    }
}
