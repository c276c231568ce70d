// CUDA's name for the tensor core's matrix operations, which Heddle refuses.
#error "tensor core matrix operations (mma.h, nvcuda::wmma) are not supported by Heddle"
