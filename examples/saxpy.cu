// saxpy: y = a * x + y, one thread an element. The smallest useful kernel.
//
//   heddle run examples/saxpy.cu --kernel saxpy --grid 4096 --block 256 \
//       --arg 2.5 --arg rand:f32:1048576:1 --arg rand:f32:1048576:2 --arg 1048576 \
//       --out y=y.npy --device all

__global__ void saxpy(float a, const float* x, float* y, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
