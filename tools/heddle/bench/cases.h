// Makers of the cases; each gives one with fresh buffers and expected values.
#pragma once

#include "case.h"

namespace heddle::tool::bench {

Case saxpy();
Case reduction();
Case nbody();
Case sgemm();
Case stencil();
Case transpose();
Case histogram();
Case blackscholes();
Case mandelbrot();
Case spmv();
Case scan();
Case bitonic();
Case bfs();
Case blur();
Case warpsum();

}  // namespace heddle::tool::bench
