// Drivers that are tried out in a process of their own: what is said of those that break, what is remembered,
// and for how long.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/probe_process.h"
#include "runtime/probe_record.h"
#include "temporary_directory.h"

namespace heddle::runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using heddle::testing::TemporaryDirectory;

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file) << text;
}

/// A program that says and does what a shell script does.
fs::path script(const TemporaryDirectory& folder, const std::string& body) {
    const fs::path file = folder.path() / "probe";
    write(file, "#!/bin/sh\n" + body + "\n");
    fs::permissions(file, fs::perms::owner_all);
    return file;
}

ProbeOutcome outcome_of(const fs::path& program, std::chrono::milliseconds timeout = 20s) {
    const std::vector<std::string> backends = {"cuda"};
    return run_probes(program, backends, timeout).at(0);
}

TEST(Probe, OfADriverThatAnswersTellsItsLibraries) {
    const TemporaryDirectory folder;
    const ProbeOutcome outcome =
        outcome_of(script(folder, "echo probing; echo devices 1; cat /proc/self/maps; echo end"));
    EXPECT_EQ(outcome.kind, ProbeOutcome::Kind::answered) << outcome.reason;
    EXPECT_TRUE(std::ranges::any_of(outcome.libraries, [](const fs::path& path) {
        return path.filename().string().starts_with("libc");
    }));
}

TEST(Probe, OfADriverThatBreaksSaysHow) {
    const TemporaryDirectory folder;
    const auto reason = [&](const std::string& body, std::chrono::milliseconds timeout = 20s) {
        const ProbeOutcome outcome = outcome_of(script(folder, body), timeout);
        EXPECT_EQ(outcome.kind, ProbeOutcome::Kind::failed) << body;
        return outcome.reason;
    };
    EXPECT_EQ(reason("echo probing; kill -SEGV $$"), "its driver crashed while probed (SIGSEGV)");
    EXPECT_EQ(reason("echo probing; echo crashed 07; echo end; exit 1"),
              "its driver crashed while probed (SIGBUS)");
    EXPECT_EQ(reason("echo probing; exit 3"), "its driver ended the process while probed (exit status 3)");
    EXPECT_EQ(reason("echo probing; exec sleep 60", 200ms),
              "its driver did not answer within 0.2 s while probed");
    EXPECT_EQ(reason("echo probing; echo devices 1; kill -ABRT $$"),
              "its driver crashed while probed (SIGABRT)");
}

TEST(Probe, ThatCannotRunBlamesNoDriver) {
    const TemporaryDirectory folder;
    EXPECT_EQ(outcome_of(folder.path() / "nothing").kind, ProbeOutcome::Kind::not_started);
    EXPECT_EQ(outcome_of(script(folder, "exit 127")).kind, ProbeOutcome::Kind::not_started);
}

TEST(Probe, OfSeveralRunAtTheSameTime) {
    const TemporaryDirectory folder;
    const fs::path program = script(folder, "echo probing; [ $1 = b ] || exec sleep 60; echo none; echo end");
    const std::vector<std::string> backends = {"a", "b", "c", "d"};
    const auto start = std::chrono::steady_clock::now();
    const std::vector<ProbeOutcome> outcomes = run_probes(program, backends, 1500ms);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
    EXPECT_EQ(outcomes.at(0).kind, ProbeOutcome::Kind::failed);
    EXPECT_EQ(outcomes.at(1).kind, ProbeOutcome::Kind::answered) << outcomes.at(1).reason;
    EXPECT_EQ(outcomes.at(3).kind, ProbeOutcome::Kind::failed);
}

TEST(Probe, WorksWhereChildrenAreCollectedByOthers) {
    const TemporaryDirectory folder;
    struct sigaction ignore{}, before{};
    ignore.sa_handler = SIG_IGN;
    ASSERT_EQ(::sigaction(SIGCHLD, &ignore, &before), 0);
    EXPECT_EQ(outcome_of(script(folder, "echo probing; echo none; echo end")).kind,
              ProbeOutcome::Kind::answered);
    EXPECT_EQ(outcome_of(script(folder, "echo probing; exit 3")).reason,
              "its driver ended the process while probed");
    ::sigaction(SIGCHLD, &before, nullptr);
}

TEST(Probe, ReadsMaps) {
    EXPECT_EQ(libraries_in("7f1000-7f2000 r--p 00000000 08:01 11 /usr/lib/liba.so\n"
                           "7f2000-7f3000 r-xp 00001000 08:01 11   /usr/lib/liba.so\n"
                           "7f4000-7f5000 r-xp 00001000 08:01 12   /usr/lib/lib b.so (deleted)\n"
                           "7f6000-7f7000 r-xp 00001000 08:01 11   /usr/lib/liba.so\n"
                           "7f8000-7f9000 r-xp 00000000 00:00 0    [vdso]\n"
                           "7f9000-7fa000 r-xp 00000000 00:00 3    /memfd:code (deleted)\n"
                           "7fa000-7fb000 rwxp 00000000 00:00 0 \n7f"),
              (std::vector<fs::path>{"/usr/lib/liba.so", "/usr/lib/lib b.so"}));
}

ProbeOutcome crashed() {
    return {ProbeOutcome::Kind::failed, "its driver crashed while probed (SIGSEGV)", {}};
}

TEST(ProbeRecord, OfAFailureStandsForTenMinutesDoublingToADay) {
    ProbeRecord record = record_of(crashed(), {}, 1000, std::nullopt);
    EXPECT_EQ(record.wait(), 600s);
    EXPECT_FALSE(record.is_due(1000));
    EXPECT_FALSE(record.is_due(1599));
    EXPECT_TRUE(record.is_due(1600));
    EXPECT_TRUE(record.is_due(999));  // the clock was set back
    record = record_of(crashed(), {}, 1600, record);
    EXPECT_EQ(record.wait(), 1200s);
    for (int i = 0; i < 40; ++i) record = record_of(crashed(), {}, 2000, record);
    EXPECT_EQ(record.wait(), 86400s);
    record = record_of({ProbeOutcome::Kind::answered, "", {}}, {}, 3000, record);
    EXPECT_FALSE(record.is_due(1 << 30));
    EXPECT_EQ(record_of(crashed(), {}, 4000, record).wait(), 600s);
}

TEST(ProbeRecord, FallsWithTheFilesThatWereThere) {
    const TemporaryDirectory folder;
    const fs::path library = folder.path() / "libcuda.so.1", later = folder.path() / "later.json";
    write(library, "one");
    const ProbeOutcome fine{ProbeOutcome::Kind::answered, "", {library}};
    const ProbeRecord record = record_of(fine, {later}, 1000, std::nullopt);
    EXPECT_FALSE(record.is_due(2000));
    write(library, "another");
    EXPECT_TRUE(record.is_due(2000));
    const ProbeRecord again = record_of(fine, {later}, 1000, record);
    EXPECT_FALSE(again.is_due(2000));
    fs::last_write_time(library, fs::last_write_time(library) + 5s);
    EXPECT_TRUE(again.is_due(2000));
    const ProbeRecord third = record_of(fine, {later}, 1000, again);
    write(later, "{}");  // what was not there
    EXPECT_TRUE(third.is_due(2000));
    const ProbeRecord broken = record_of(crashed(), {library}, 1000, std::nullopt);
    fs::remove(library);
    EXPECT_TRUE(broken.is_due(1001));
    EXPECT_EQ(record_of(crashed(), {library}, 1001, broken).failures, 1U);  // of another driver
}

TEST(ProbeRecord, IsReadAsItWasWritten) {
    const ProbeRecord record = record_of({ProbeOutcome::Kind::failed, "hm \"quoted\"", {"/nowhere/lib.so"}},
                                         {"/etc/passwd"}, 77, std::nullopt);
    const auto read = ProbeRecord::from(record.text());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->reason, record.reason);
    EXPECT_EQ(read->when_s, 77);
    EXPECT_EQ(read->failures, 1U);
    EXPECT_FALSE(read->is_fine);
    EXPECT_EQ(read->witnesses, record.witnesses);
    for (const char* const text :
         {"", "{", "[]", "{\"format\":\"other\"}", "{\"format\":\"heddle-probe/1\"}"})
        EXPECT_FALSE(ProbeRecord::from(text).has_value()) << text;
}

TEST(ProbeRecord, IsOfOneEnvironmentAndBackend) {
    const DriverVariables none, some = {{"VK_DRIVER_FILES", "/a.json"}},
                                other = {{"VK_DRIVER_FILES", "/b.json"}};
    EXPECT_EQ(probe_key("vulkan", some, "/p"), probe_key("vulkan", some, "/p"));
    EXPECT_NE(probe_key("vulkan", some, "/p"), probe_key("vulkan", other, "/p"));
    EXPECT_NE(probe_key("vulkan", some, "/p"), probe_key("vulkan", none, "/p"));
    EXPECT_NE(probe_key("vulkan", some, "/p"), probe_key("opencl", some, "/p"));
}

TEST(ProbeRecord, WatchesWhereLoadersLook) {
    const auto has = [](const std::vector<fs::path>& places, const fs::path& path) {
        return std::ranges::find(places, path) != places.end();
    };
    const TemporaryDirectory folder;
    write(folder.path() / "a.icd", "liba.so");
    const std::string name = folder.path().string();
    const DriverVariables variables = {{"LD_LIBRARY_PATH", "/x:" + name},
                                       {"OCL_ICD_VENDORS", name + "/"},
                                       {"VK_DRIVER_FILES", name + "/b.json:/c.json"},
                                       {"XDG_DATA_HOME", "/data"}};
    EXPECT_TRUE(has(driver_places("cuda", variables), "/etc/ld.so.cache"));
    EXPECT_TRUE(has(driver_places("cuda", variables), "/x/libcuda.so.1"));
    EXPECT_TRUE(has(driver_places("opencl", variables), folder.path() / "a.icd"));
    EXPECT_TRUE(has(driver_places("vulkan", variables), folder.path() / "libvulkan.so.1"));
    EXPECT_TRUE(has(driver_places("vulkan", variables), "/c.json"));
    EXPECT_TRUE(has(driver_places("vulkan", variables), "/data/vulkan/icd.d"));
}

}  // namespace
}  // namespace heddle::runtime
