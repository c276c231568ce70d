// Makers of the cases; each gives one with fresh buffers and expected values.
#pragma once

#include "case.h"

namespace heddle::tool::bench {

Case saxpy(Scale scale);
Case reduction(Scale scale);
Case nbody(Scale scale);
Case sgemm(Scale scale);
Case stencil(Scale scale);
Case transpose(Scale scale);
Case histogram(Scale scale);
Case blackscholes(Scale scale);
Case mandelbrot(Scale scale);
Case spmv(Scale scale);
Case scan(Scale scale);
Case bitonic(Scale scale);
Case bfs(Scale scale);
Case blur(Scale scale);
Case warpsum(Scale scale);

}  // namespace heddle::tool::bench
