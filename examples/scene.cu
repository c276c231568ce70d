// scene: a small ray tracer. Three spheres on a chequered floor under an evening sky, with shadows and
// reflections; one thread a pixel, four rays a pixel. It made examples/images/scene.png.
//
//   heddle run examples/scene.cu --grid 40,30 --block 16,16 \
//       --arg zeros:u8:480x640x3 --arg 640 --arg 480 --out picture=scene.png

struct Vector {
    float x, y, z;
};

__device__ Vector operator+(Vector a, Vector b) {
    return {a.x + b.x, a.y + b.y, a.z + b.z};
}
__device__ Vector operator-(Vector a, Vector b) {
    return {a.x - b.x, a.y - b.y, a.z - b.z};
}
__device__ Vector operator*(Vector a, Vector b) {
    return {a.x * b.x, a.y * b.y, a.z * b.z};
}
__device__ Vector operator*(float s, Vector a) {
    return {s * a.x, s * a.y, s * a.z};
}
__device__ float dot(Vector a, Vector b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
__device__ Vector unit(Vector a) {
    return (1.0f / sqrtf(dot(a, a))) * a;
}
__device__ Vector blend(Vector a, Vector b, float t) {
    return (1.0f - t) * a + t * b;
}

struct Sphere {
    Vector center;
    float radius;
    Vector colour;
    float mirror;  ///< share of light that is reflected
};

__constant__ Sphere spheres[3] = {
    {{-1.35f, 0.8f, 0.6f}, 0.8f, {0.90f, 0.32f, 0.18f}, 0.18f},
    {{0.35f, 1.0f, -0.4f}, 1.0f, {0.95f, 0.93f, 0.88f}, 0.65f},
    {{1.55f, 0.5f, 1.0f}, 0.5f, {0.16f, 0.45f, 0.75f}, 0.25f},
};

/// What a ray meets first.
struct Hit {
    float distance;  ///< negative: nothing
    Vector point, normal, colour;
    float mirror;
};

__device__ Hit first_hit(Vector from, Vector direction) {
    Hit hit;
    hit.distance = -1.0f;
    for (int i = 0; i < 3; ++i) {
        const Sphere& sphere = spheres[i];
        const Vector to = from - sphere.center;
        const float b = dot(to, direction);
        const float discriminant = b * b - dot(to, to) + sphere.radius * sphere.radius;
        if (discriminant < 0.0f) continue;
        const float distance = -b - sqrtf(discriminant);
        if (distance < 1e-3f || (hit.distance > 0.0f && distance > hit.distance)) continue;
        hit.distance = distance;
        hit.point = from + distance * direction;
        hit.normal = (1.0f / sphere.radius) * (hit.point - sphere.center);
        hit.colour = sphere.colour;
        hit.mirror = sphere.mirror;
    }
    if (direction.y < -1e-3f) {
        const float distance = -from.y / direction.y;
        if (distance > 1e-3f && (hit.distance < 0.0f || distance < hit.distance)) {
            hit.distance = distance;
            hit.point = from + distance * direction;
            hit.normal = {0.0f, 1.0f, 0.0f};
            const int square = (int)floorf(hit.point.x) + (int)floorf(hit.point.z);
            hit.colour = (square & 1) ? Vector{0.75f, 0.70f, 0.62f} : Vector{0.22f, 0.24f, 0.28f};
            hit.mirror = 0.08f;
        }
    }
    return hit;
}

__device__ Vector sky(Vector direction, Vector sun) {
    const Vector horizon = {0.98f, 0.72f, 0.48f}, zenith = {0.20f, 0.38f, 0.68f};
    Vector colour = blend(horizon, zenith, sqrtf(fmaxf(direction.y, 0.0f)));
    const float towards = fmaxf(dot(direction, sun), 0.0f);
    return colour + 0.9f * powf(towards, 350.0f) * Vector{1.0f, 0.9f, 0.7f} +
           0.25f * powf(towards, 12.0f) * Vector{1.0f, 0.6f, 0.3f};
}

/// Light that comes back along a ray, through up to four reflections.
__device__ Vector trace(Vector from, Vector direction) {
    const Vector sun = unit({-0.55f, 0.42f, 0.62f});
    Vector light = {0.0f, 0.0f, 0.0f}, share = {1.0f, 1.0f, 1.0f};
    for (int bounce = 0; bounce < 4; ++bounce) {
        const Hit hit = first_hit(from, direction);
        if (hit.distance < 0.0f) return light + share * sky(direction, sun);
        const bool shadow = first_hit(hit.point, sun).distance > 0.0f;
        const float facing = shadow ? 0.0f : fmaxf(dot(hit.normal, sun), 0.0f);
        Vector lit = hit.colour * (facing * Vector{1.25f, 1.05f, 0.80f} +
                                   (0.22f + 0.20f * hit.normal.y) * Vector{0.45f, 0.55f, 0.75f});
        // Far floor fades into the horizon.
        const float haze = 1.0f - expf(-0.005f * hit.distance * hit.distance);
        lit = blend(lit, {0.98f, 0.72f, 0.48f}, bounce == 0 ? haze : 0.0f);
        light = light + (1.0f - hit.mirror) * (share * lit);
        share = hit.mirror * share;
        from = hit.point;
        direction = direction - 2.0f * dot(direction, hit.normal) * hit.normal;
    }
    return light;
}

__device__ unsigned char display(float light) {
    // The eye sees roughly the square root of light.
    return (unsigned char)(255.0f * fminf(sqrtf(fmaxf(light, 0.0f)), 1.0f));
}

__global__ void scene(unsigned char* picture, int width, int height) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const int row = blockIdx.y * blockDim.y + threadIdx.y;
    if (column >= width || row >= height) return;

    const Vector eye = {0.1f, 1.5f, 5.2f};
    Vector light = {0.0f, 0.0f, 0.0f};
    for (int sample = 0; sample < 4; ++sample) {
        const float u = (column + 0.25f + 0.5f * (sample & 1) - 0.5f * width) / height;
        const float v = (row + 0.25f + 0.5f * (sample >> 1) - 0.5f * height) / height;
        light = light + 0.25f * trace(eye, unit({u, -v - 0.12f, -1.15f}));
    }
    unsigned char* pixel = picture + 3 * (row * width + column);
    pixel[0] = display(light.x);
    pixel[1] = display(light.y);
    pixel[2] = display(light.z);
}
