// The CUDA backend against a stand-in for its driver: which devices it finds, and what it says when it finds
// none.
#include <algorithm>
#include <string_view>

#include "unit/cuda_standin.h"

namespace heddle::cuda::testing {
namespace {

class CudaDevices : public CudaStandin {};

std::string reason_of(const std::string& library) {
    std::vector<std::shared_ptr<hal::Device>> devices;
    std::string reason;
    make_cuda_backend(library)->enumerate(devices, reason);
    EXPECT_TRUE(devices.empty());
    return reason;
}

TEST_F(CudaDevices, AreDescribed) {
    control().device_count = 2;
    ASSERT_EQ(devices().size(), 2U);
    const DeviceInfo& info = devices()[1]->info();
    EXPECT_EQ(info.id, "cuda:1");
    EXPECT_EQ(info.backend, "cuda");
    EXPECT_EQ(info.name, "Stand-in 1");
    EXPECT_EQ(info.kind, DeviceKind::discrete);
    EXPECT_EQ(info.memory_bytes, std::uint64_t{1} << 30);
    // After the version of NVIDIA's module for the kernel, where there is one.
    EXPECT_NE(info.driver.find("CUDA 12.8"), std::string::npos) << info.driver;
    EXPECT_EQ(info.compute_units, 4U);
    EXPECT_EQ(info.pci, "0000:01:00.0");
    EXPECT_EQ(info.uuid, "10111213-1415-1617-1819-1a1b1c1d1e1f");
    EXPECT_EQ(info.limits.threads, 1024U);
    EXPECT_EQ(info.limits.block[2], 64U);
    EXPECT_EQ(info.limits.grid[1], 65535U);
    EXPECT_EQ(info.limits.shared_bytes, 200U << 10);
    EXPECT_EQ(devices()[1]->code_target().variants, (std::vector<std::string>{"sm_90", "sm_80", "sm_70"}));
    EXPECT_EQ(control().alive().contexts, 0U);  // listing opens none
}

bool has(const DeviceInfo& info, std::string_view feature) {
    return std::ranges::find(info.features, feature) != info.features.end();
}

TEST_F(CudaDevices, SayWhatTheyHave) {
    const DeviceInfo& info = device().info();
    for (const char* const feature : {"fp64", "fp16", "bf16", "int8_dot", "int64_atomics", "float_atomics",
                                      "subgroups", "cooperative_groups", "tensor_cores", "async_transfers"})
        EXPECT_TRUE(has(info, feature)) << feature;
    EXPECT_FALSE(has(info, "unified_memory"));
    EXPECT_TRUE(info.emulated.empty());
}

TEST_F(CudaDevices, OfAnOldArchitectureLackWhatItLacks) {
    control().capability_major = 7;
    control().capability_minor = 5;
    EXPECT_FALSE(has(device().info(), "bf16"));
    EXPECT_FALSE(has(device().info(), "tensor_cores"));  // its name is none of those that have them
}

TEST_F(CudaDevices, OlderOnesTakeOlderCode) {
    control().capability_major = 8;
    control().capability_minor = 6;
    EXPECT_EQ(device().code_target().variants, (std::vector<std::string>{"sm_80", "sm_70"}));
}

TEST_F(CudaDevices, ThatAreTooOldAreNamed) {
    control().capability_major = 6;
    control().capability_minor = 1;
    EXPECT_TRUE(devices().empty());
    EXPECT_EQ(reason(), "Stand-in 0 has compute capability 6.1; 7.0 is needed");
}

TEST_F(CudaDevices, ThatAreClosedAreNamed) {
    control().compute_mode = 2;
    EXPECT_TRUE(devices().empty());
    EXPECT_EQ(reason(), "Stand-in 0 is closed for compute work");
}

TEST_F(CudaDevices, ThatAreNotThereAreNoDevices) {
    control().device_count = 0;
    EXPECT_TRUE(devices().empty());
    EXPECT_NE(reason().find("CUDA_ERROR_NO_DEVICE"), std::string::npos) << reason();
}

TEST_F(CudaDevices, OfADriverThatFailsAreNone) {
    for (const char* function : {"cuInit", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetAttribute"}) {
        control().fail(function, 999);
        EXPECT_NE(reason_of(standin_library()).find("the driver's error 999"), std::string::npos) << function;
        control().mend(function);
    }
    EXPECT_EQ(devices().size(), 1U);
}

TEST_F(CudaDevices, NeedALibraryWithAllFunctions) {
    EXPECT_NE(reason_of("/nowhere/libcuda.so.1").find("/nowhere/libcuda.so.1"), std::string::npos);
    const std::string empty = HEDDLE_BINARY_DIR "/lib/libstandin-empty.so";
    EXPECT_EQ(reason_of(empty), empty + " has no function cuInit: the driver is too old");
    EXPECT_NE(reason_of(HEDDLE_BINARY_DIR "/lib/libstandin-failing.so").find("CUDA_ERROR_SYSTEM_NOT_READY"),
              std::string::npos);
}

TEST_F(CudaDevices, ThatCannotBeOpenedSaySo) {
    control().fail("cuDevicePrimaryCtxRetain", 2);
    expect_error(ErrorCode::device_unavailable, {"cuda:0", "opening the device", "CUDA_ERROR_OUT_OF_MEMORY"},
                 [&] { device().allocate(4); });
    control().mend("cuDevicePrimaryCtxRetain");
    expect_usable(device());
}

}  // namespace
}  // namespace heddle::cuda::testing
