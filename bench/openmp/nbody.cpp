// All-pairs gravity in plain C++.
#include <cmath>

#include "native.h"

void bench_nbody(std::uint32_t n, float softening, const BenchBody* bodies, BenchBody* accelerations) {
#pragma omp parallel for
    for (std::uint32_t i = 0; i < n; ++i) {
        const BenchBody me = bodies[i];
        float ax = 0.0f, ay = 0.0f, az = 0.0f;
        for (std::uint32_t k = 0; k < n; ++k) {
            const float dx = bodies[k].x - me.x, dy = bodies[k].y - me.y, dz = bodies[k].z - me.z;
            const float inverse = 1.0f / std::sqrt(dx * dx + dy * dy + dz * dz + softening);
            const float strength = bodies[k].w * inverse * inverse * inverse;
            ax += dx * strength;
            ay += dy * strength;
            az += dz * strength;
        }
        accelerations[i] = {ax, ay, az, 0.0f};
    }
}
