// Runs the checks of c_api_test.c, and those of the C interface that need C++: codes and messages by thread.
#include "c_api_test.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include <heddle/error.h>
#include <heddle/heddle.h>

namespace {

TEST(CApi, Devices) {
    EXPECT_STREQ(c_api_check_devices(), nullptr);
}

TEST(CApi, Buffers) {
    EXPECT_STREQ(c_api_check_buffers(), nullptr);
}

TEST(CApi, Programs) {
    int has_compiler = 0;
    EXPECT_STREQ(c_api_check_programs(&has_compiler), nullptr);
    if (has_compiler == 0) GTEST_SKIP() << "there is no compiler: " << heddle_last_error();
}

TEST(CApi, StatusCodesAreErrorCodes) {
    for (int code = HEDDLE_OK; code <= HEDDLE_INTERNAL; ++code) {
        EXPECT_EQ(heddle_status_name(static_cast<heddle_status>(code)),
                  heddle::name(static_cast<heddle::ErrorCode>(code)));
    }
}

TEST(CApi, TheLastErrorIsTheThreads) {
    EXPECT_EQ(heddle_device_count(nullptr), HEDDLE_INVALID_ARGUMENT);
    std::thread([] {
        EXPECT_STREQ(heddle_last_error(), "");
        heddle_device* device = nullptr;
        EXPECT_EQ(heddle_device_open("x:x", &device), HEDDLE_INVALID_ARGUMENT);
    }).join();
    EXPECT_STREQ(heddle_last_error(), "'count' is NULL");
}

}  // namespace
