// The lines above kernels in OpenCL C, and names of statuses.
#include <gtest/gtest.h>

#include "backends/opencl/api.h"
#include "backends/opencl/program.h"

namespace heddle::opencl {
namespace {

TEST(OpenClProgram, LinesAboveKernelsAreRead) {
    const auto found = descriptions_of(
        "// a remark\n// heddle: kernel _Z1av a globals shared\nkernel void a() {}\n"
        "// heddle: kernel b b messages shared_bytes pointers");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.at("_Z1av").function, "a");
    EXPECT_TRUE(found.at("_Z1av").globals && found.at("_Z1av").shared);
    EXPECT_FALSE(found.at("_Z1av").messages || found.at("_Z1av").pointers || found.at("_Z1av").shared_bytes);
    EXPECT_TRUE(found.at("b").messages && found.at("b").shared_bytes && found.at("b").pointers);
}

TEST(OpenClApi, StatusesHaveNames) {
    EXPECT_EQ(status_name(-5), "CL_OUT_OF_RESOURCES (-5)");
    EXPECT_EQ(status_name(-12345), "OpenCL status -12345");
}

}  // namespace
}  // namespace heddle::opencl
