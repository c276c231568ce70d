// The trace: what stands in the file, whether it can be read at any time, and that spans nest.
#include "runtime/trace.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "fake_device.h"
#include "runtime/environment.h"
#include "runtime/traced_device.h"
#include "temporary_directory.h"

namespace heddle::runtime {
namespace {

using heddle::testing::error_of;
using heddle::testing::FakeDevice;
using heddle::testing::ScopedVariable;
using heddle::testing::TemporaryDirectory;
using nlohmann::json;
using trace::Args;
using trace::Span;
using trace::Writer;

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The events of a file that may lack its last bracket.
json events_of(const std::filesystem::path& path) {
    std::string text = text_of(path);
    if (text.find("\n]") == std::string::npos) text += "]";
    return json::parse(text);
}

std::vector<json> named(const json& events, const std::string& phase, const std::string& name) {
    std::vector<json> found;
    for (const json& event : events)
        if (event["ph"] == phase && event["name"] == name) found.push_back(event);
    return found;
}

/// Spans of one track lie side by side or inside each other.
void expect_nesting(const json& events) {
    std::map<std::uint64_t, std::vector<std::pair<double, double>>> tracks;
    for (const json& event : events)
        if (event["ph"] == "X")
            tracks[event["tid"].get<std::uint64_t>()].emplace_back(
                event["ts"].get<double>(), event["ts"].get<double>() + event["dur"].get<double>());
    for (auto& [track, spans] : tracks) {
        for (const auto& a : spans) {
            for (const auto& b : spans) {
                const bool overlap =
                    a.first < b.first && b.first < a.second - 0.0015 && a.second < b.second - 0.0015;
                EXPECT_FALSE(overlap) << "track " << track << ": " << a.first << ".." << a.second << " and "
                                      << b.first << ".." << b.second;
            }
        }
    }
}

TEST(Trace, IsReadableAtAnyTime) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "trace.json";
    Writer writer(path);
    EXPECT_EQ(events_of(path).size(), 1U);  // the process's name
    {
        Span span(&writer, "test", "outer \"quoted\" \xff");
    }
    writer.flush();
    EXPECT_EQ(text_of(path).find("\n]"), std::string::npos);
    EXPECT_EQ(events_of(path).back()["cat"], "test");
    writer.close();
    const json closed = json::parse(text_of(path));
    writer.note(1, "too late");
    {
        Span span(&writer, "test", "too late");
    }
    EXPECT_EQ(json::parse(text_of(path)), closed);
    for (const json& event : closed) EXPECT_EQ(event["pid"], ::getpid());
}

TEST(Trace, SpansOfThreadsAndFailures) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "trace.json";
    Writer writer(path);
    {
        Span outer(&writer, "test", "outer");
        outer.args().add("bytes", std::uint64_t{5}).add("rate", 1.5).add("text", "a\nb");
        std::thread([&] { Span inner(&writer, "test", "other thread"); }).join();
        try {
            Span failing(&writer, "test", "failing");
            throw Error(ErrorCode::internal, "on purpose");
        } catch (const Error&) {
            // What it does to the span is looked at below.
        }
    }
    {
        Span off(nullptr, "test", "off");
    }
    writer.close();
    const json events = events_of(path);
    expect_nesting(events);
    ASSERT_EQ(named(events, "X", "outer").size(), 1U);
    const json outer = named(events, "X", "outer")[0], other = named(events, "X", "other thread")[0];
    EXPECT_EQ(outer["args"], json::parse(R"({"bytes":5,"rate":1.5,"text":"a\nb"})"));
    EXPECT_NE(outer["tid"], other["tid"]);
    EXPECT_EQ(named(events, "X", "failing")[0]["args"]["failed"], "true");
    EXPECT_TRUE(named(events, "X", "off").empty());
}

TEST(Trace, FlushesByItself) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "trace.json";
    Writer writer(path);
    {
        Span span(&writer, "test", "seen without a flush");
    }
    for (int i = 0; i < 500 && text_of(path).find("seen") == std::string::npos; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(events_of(path).back()["name"], "seen without a flush");
}

// The child of a traced process leaves its parent's file alone.
TEST(Trace, Fork) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "trace.json";
    Writer writer(path);
    {
        Span span(&writer, "test", "before");
    }
    writer.before_fork();
    const pid_t child = ::fork();
    writer.after_fork(child == 0);
    if (child == 0) {
        {
            Span span(&writer, "test", "of the child");
        }
        writer.close();
        ::_exit(0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    {
        Span span(&writer, "test", "after");
    }
    writer.close();
    const json events = json::parse(text_of(path));
    EXPECT_EQ(named(events, "X", "before").size(), 1U);
    EXPECT_EQ(named(events, "X", "after").size(), 1U);
    EXPECT_TRUE(named(events, "X", "of the child").empty());
}

TEST(Trace, FileNames) {
    const ScopedVariable variable("HEDDLE_TRACE", "/tmp/a-%p-%p.json");
    const std::string process = std::to_string(::getpid());
    EXPECT_EQ(environment::trace_file(), "/tmp/a-" + process + "-" + process + ".json");
    const ScopedVariable empty("HEDDLE_TRACE", "");
    EXPECT_FALSE(environment::trace_file());
    const Error error = error_of([] { const Writer writer("/no/such/directory/trace.json"); });
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_NE(std::string(error.what()).find("HEDDLE_TRACE"), std::string::npos);
}

KernelInfo kernel_info() {
    KernelInfo info;
    info.name = "saxpy";
    return info;
}

TEST(Trace, DeviceWithItsQueues) {
    const TemporaryDirectory directory;
    const auto path = directory.path() / "trace.json";
    Writer writer(path);
    const auto fake = std::make_shared<FakeDevice>("cuda:0");
    {
        const auto device = with_trace(fake, writer);
        const auto allocation = device->allocate(4096);
        const auto pinned = device->allocate_host(64);
        EXPECT_NE(dynamic_cast<testing::FakeAllocation*>(allocation.get()), nullptr);
        const auto program = device->load(Package{}, {});
        std::vector<char> host(4096);
        for (int round = 0; round < 2; ++round) {
            const auto queue = device->create_queue();
            queue->write(allocation, 0, host.data(), 4096);
            hal::Launch launch;
            launch.kernel = program->kernel(kernel_info(), {});
            launch.config.grid = {3, 2, 1};
            launch.config.block = {128, 1, 1};
            queue->launch(std::move(launch));
            const auto event = queue->record();
            queue->wait(event);
            event->wait();
            queue->fill(allocation, 0, 1, 16);
            queue->copy(allocation, 0, allocation, 64, 32);
            queue->read(allocation, 0, host.data(), 4096);
            queue->synchronize();
        }
    }
    EXPECT_EQ(fake->log->configurations.size(), 2U);
    writer.close();
    const json events = events_of(path);
    expect_nesting(events);
    for (const char* name : {"allocate", "free", "allocate pinned", "free pinned"})
        EXPECT_EQ(named(events, "X", name).size(), 1U) << name;
    for (const char* name : {"launch saxpy", "saxpy", "wait for event", "synchronize", "create queue"})
        EXPECT_EQ(named(events, "X", name).size(), 2U) << name;
    // A transfer is a span of the thread and one of the queue.
    for (const char* name : {"write", "read", "fill", "copy"})
        EXPECT_EQ(named(events, "X", name).size(), 4U) << name;
    const json kernel = named(events, "X", "saxpy")[0], call = named(events, "X", "launch saxpy")[0];
    EXPECT_EQ(kernel["args"]["grid"], "3 x 2 x 1");
    EXPECT_EQ(kernel["args"]["block"], "128 x 1 x 1");
    EXPECT_EQ(kernel["args"]["blocks"], 6);
    EXPECT_EQ(kernel["bind_id"], call["bind_id"]);
    EXPECT_EQ(call["flow_out"], true);
    EXPECT_EQ(kernel["flow_in"], true);
    EXPECT_NE(kernel["tid"], call["tid"]);
    EXPECT_GE(kernel["ts"], call["ts"]);
    // One queue after another: one track.
    EXPECT_EQ(named(events, "X", "saxpy")[1]["tid"], kernel["tid"]);
    const auto counters = named(events, "C", "cuda:0 memory");
    ASSERT_EQ(counters.size(), 4U);
    EXPECT_EQ(counters[1]["args"], json::parse(R"({"device bytes":4096,"pinned host bytes":64})"));
    EXPECT_EQ(counters[3]["args"], json::parse(R"({"device bytes":0,"pinned host bytes":0})"));
    bool is_named = false;
    for (const json& event : named(events, "M", "thread_name"))
        is_named = is_named || (event["tid"] == kernel["tid"] && event["args"]["name"] == "cuda:0 queue 1");
    EXPECT_TRUE(is_named);
}

}  // namespace
}  // namespace heddle::runtime
