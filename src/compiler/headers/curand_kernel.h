// CUDA's name for the device side of its random number library, which is not part of Heddle.
#error "curand_kernel.h (cuRAND in device code) is not supported by Heddle"
