// Predictions of the cost model, and the file that keeps what is known.
#include "runtime/executor/cost_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "runtime/executor/tuning_file.h"
#include "temporary_directory.h"

namespace heddle::executor {
namespace {

constexpr const char* fast = "gpu|gpu:0";
constexpr const char* slow = "cpu|cpu:0";

DeviceProfile gpu_profile() {
    return {10, 10, 10, 10, 10, 1000, 10000, true, false};
}
DeviceProfile cpu_profile() {
    return {1, 0, 0, 10, 10, 20, 50, true, true};
}

Work work_of(double threads, bool copies) {
    Work work;
    work.threads = threads;
    work.bytes = 8 * threads;
    if (copies) {
        work.to_device = work.to_host = 4 * threads;
        work.copies_to_device = work.copies_to_host = 1;
    }
    return work;
}

/// Knows both devices.
struct Model : CostModel {
    Model() {
        set_profile(fast, gpu_profile());
        set_profile(slow, cpu_profile());
    }
};

TEST(CostModel, SupposesByWhatIsMovedWhereNothingIsTimed) {
    const Model it;
    // Small work is for the processor, large work with its data in place for the GPU, and with copies for
    // neither: the copies alone take longer than the processor.
    const auto ms = [&](const char* device, double threads, bool copies) {
        return it.predict("op", device, work_of(threads, copies)).ms;
    };
    EXPECT_LT(ms(slow, 100, false), ms(fast, 100, false));
    EXPECT_LT(ms(fast, 1e7, false), ms(slow, 1e7, false));
    EXPECT_GT(ms(fast, 1e7, true), ms(slow, 1e7, false));
    EXPECT_EQ(it.predict("op", fast, work_of(1e7, false)).basis, Basis::supposed);
}

TEST(CostModel, WhatWasTimedIsTheLowerQuartileOfItsSize) {
    Model it;
    for (const double ms : {5.0, 1.0, 1.1, 0.9, 1.0}) it.learn("op", slow, work_of(1000, false), ms);
    const Prediction found = it.predict("op", slow, work_of(1000, false));
    EXPECT_EQ(found.basis, Basis::timed);
    EXPECT_EQ(found.samples, 5U);
    EXPECT_NEAR(found.ms, 1.0, 1e-6);  // of 0.9, 1, 1, 1.1, 5
    // Another operation knows nothing of it.
    EXPECT_EQ(it.predict("other", slow, work_of(1000, false)).basis, Basis::supposed);
}

TEST(CostModel, BetweenTwoTimedSizesLiesTheOneBetween) {
    Model it;
    it.learn("op", slow, work_of(1024, false), 1.0);
    it.learn("op", slow, work_of(65536, false), 64.0);
    const Prediction found = it.predict("op", slow, work_of(8192, false));
    EXPECT_EQ(found.basis, Basis::scaled);
    EXPECT_NEAR(found.ms, 8.0, 0.5);
    // Beyond the largest it grows with the threads.
    EXPECT_NEAR(it.predict("op", slow, work_of(262144, false)).ms, 256.0, 2.0);
}

TEST(CostModel, CopiesAreAddedToWhatWasTimedWithoutThem) {
    Model it;
    it.learn("op", fast, work_of(1e6, false), 0.5);
    const double copies = copying_ms(gpu_profile(), work_of(1e6, true));
    EXPECT_NEAR(it.predict("op", fast, work_of(1e6, true)).ms, 0.5 + copies, 0.01);
}

TEST(CostModel, AnotherDevicesTimesAreScaledByTheDevicesSpeeds) {
    Model it;
    it.learn("op", slow, work_of(1e6, false), 100.0);
    const Prediction found = it.predict("op", fast, work_of(1e6, false));
    EXPECT_EQ(found.basis, Basis::other);
    // 50 times the memory, 200 times the arithmetic: a hundred times as fast.
    EXPECT_NEAR(found.ms, 1.0, 0.1);
    EXPECT_GT(found.uncertainty(), it.predict("op", slow, work_of(1e6, false)).uncertainty());
}

TEST(CostModel, SizesOfOneBlockAreToldApartByTheirData) {
    Model it;
    Work small = work_of(256, false), large = small;
    small.bytes = 8;
    large.bytes = 1024;
    for (int k = 0; k < 3; ++k) it.learn("op", slow, small, 0.002);
    EXPECT_NE(it.predict("op", slow, large).basis, Basis::timed);
    it.learn("op", slow, large, 0.2);
    EXPECT_NEAR(it.predict("op", slow, small).ms, 0.002, 1e-6);
    EXPECT_NEAR(it.predict("op", slow, large).ms, 0.2, 1e-6);
}

TEST(CostModel, ManySamplesAreMoreCertain) {
    Model it;
    double last = 100;
    for (int k = 0; k < 20; ++k) {
        it.learn("op", slow, work_of(10, false), 1.0);
        const double now = it.predict("op", slow, work_of(10, false)).uncertainty();
        EXPECT_LT(now, last);
        last = now;
    }
    EXPECT_GT(last, 1.0);
}

class TuningFile : public ::testing::Test {
  protected:
    void SetUp() override { setenv("HEDDLE_CACHE_DIR", directory_.path().c_str(), 1); }
    void TearDown() override { unsetenv("HEDDLE_CACHE_DIR"); }
    testing::TemporaryDirectory directory_;
};

TEST_F(TuningFile, GivesBackWhatWasStoredAndKeepsWhatOthersStored) {
    Tuning first;
    first.profiles.emplace(fast, gpu_profile());
    store_tuning(first);
    Tuning second;
    second.profiles.emplace(slow, cpu_profile());
    second.timings.push_back({"op", slow, {1024, 0, 8192, 0.25, 7}});
    store_tuning(second);
    const Tuning found = load_tuning();
    ASSERT_EQ(found.profiles.size(), 2U);
    EXPECT_EQ(found.profiles.at(fast).memory_gb_s, 1000);
    EXPECT_TRUE(found.profiles.at(slow).is_measured);
    EXPECT_TRUE(found.profiles.at(slow).shares_host_memory);
    ASSERT_EQ(found.timings.size(), 1U);
    EXPECT_EQ(found.timings[0].sample.threads, 1024);
    EXPECT_NEAR(found.timings[0].sample.ms, 0.25, 1e-6);
    EXPECT_EQ(found.timings[0].sample.count, 7U);
}

TEST_F(TuningFile, WhatIsDamagedCountsAsNone) {
    for (const char* text :
         {"", "{", "[]", R"({"schema":"heddle-tuning/1"})",
          R"({"schema":"heddle-tuning/1","devices":{"x":{"launch_us":-1}},"operations":{}})",
          R"({"schema":"heddle-tuning/9","devices":{},"operations":{}})"}) {
        std::ofstream(tuning_path()) << text;
        EXPECT_TRUE(load_tuning().profiles.empty()) << text;
    }
    Tuning tuning;
    tuning.profiles.emplace(fast, gpu_profile());
    store_tuning(tuning);
    EXPECT_EQ(load_tuning().profiles.size(), 1U);
}

TEST(TuningKey, IsAnotherWithAnotherDriver) {
    DeviceInfo info;
    info.id = "cuda:0";
    info.backend = "cuda";
    info.driver = "CUDA 12.4";
    const std::string before = device_key(info);
    info.driver = "CUDA 13.0";
    EXPECT_NE(device_key(info), before);
}

}  // namespace
}  // namespace heddle::executor
