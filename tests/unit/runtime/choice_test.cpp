// Requirements and scores over recorded and composed machines (inventories/*.json), without any device.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "fake_device.h"
#include "runtime/choice.h"
#include "runtime/scoring.h"

namespace heddle::runtime {
namespace {

using heddle::testing::error_of;
using Json = nlohmann::json;
using Ids = std::vector<std::string>;

DeviceKind kind_of(const std::string& text) {
    for (const DeviceKind kind : {DeviceKind::cpu, DeviceKind::integrated, DeviceKind::discrete,
                                  DeviceKind::virtual_gpu, DeviceKind::other})
        if (name(kind) == text) return kind;
    throw std::invalid_argument("there is no kind " + text);
}

DeviceInfo info_of(const Json& json) {
    DeviceInfo info;
    info.id = json.at("id");
    info.backend = json.at("backend");
    info.name = json.at("name");
    info.kind = kind_of(json.at("kind"));
    info.memory_bytes = json.at("memory_bytes");
    info.free_bytes = json.at("free_bytes");
    info.compute_units = json.at("compute_units");
    info.uuid = json.at("uuid");
    info.pci = json.at("pci");
    info.driver = json.at("driver");
    info.features = json.at("features").get<Ids>();
    info.emulated = json.at("emulated").get<Ids>();
    return info;
}

Requirements requirements_of(const Json& json) {
    Requirements needs;
    for (const auto& [key, value] : json.items()) {
        if (key == "features") {
            needs.features = value.get<Ids>();
        } else if (key == "native_features") {
            needs.native_features = value;
        } else if (key == "memory_bytes") {
            needs.memory_bytes = value;
        } else if (key == "free_bytes") {
            needs.free_bytes = value;
        } else if (key == "driver") {
            needs.driver = value;
        } else if (key == "kinds") {
            for (const std::string kind : value) needs.kinds.push_back(kind_of(kind));
        } else if (key == "backends") {
            needs.backends = value.get<Ids>();
        } else if (key == "allow_cpu") {
            needs.allow_cpu = value;
        } else if (key == "backend_order") {
            needs.backend_order = value.get<Ids>();
        } else if (key == "power") {
            needs.power =
                value == "low_power" ? PowerPreference::low_power : PowerPreference::high_performance;
        } else if (key == "chain") {
            needs.chain = value.get<Ids>();
        } else {
            throw std::invalid_argument("there is no requirement " + key);
        }
    }
    return needs;
}

/// A machine's devices as the registry gives them: rated, best first.
class Machine {
  public:
    explicit Machine(const Json& json) {
        for (const Json& device : json.at("devices")) infos_.push_back(info_of(device));
        std::vector<DeviceInfo*> rated;
        for (DeviceInfo& info : infos_) rated.push_back(&info);
        rate(rated);
        std::stable_sort(rated.begin(), rated.end(),
                         [](const DeviceInfo* a, const DeviceInfo* b) { return a->score > b->score; });
        present_.assign(rated.begin(), rated.end());
        for (const Json& missing : json.at("unavailable"))
            unavailable_.push_back({missing.at("backend"), missing.at("reason")});
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const std::vector<const DeviceInfo*>& present() const { return present_; }
    Choice choose(const Requirements& needs) const { return runtime::choose(needs, present_, unavailable_); }
    Ids ids(const std::vector<std::size_t>& devices) const {
        Ids result;
        for (const std::size_t index : devices) result.push_back(present_.at(index)->id);
        return result;
    }

  private:
    std::vector<DeviceInfo> infos_;
    std::vector<const DeviceInfo*> present_;
    std::vector<UnavailableBackend> unavailable_;
};

std::vector<std::filesystem::path> inventory_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(HEDDLE_SOURCE_DIR "/tests/unit/runtime/inventories"))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

class Inventories : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Inventories, AreOrderedAndChosenFrom) {
    const Json json = Json::parse(std::ifstream(GetParam()));
    ASSERT_TRUE(json.at("from") == "recorded" || json.at("from") == "composed");
    const Machine machine(json);
    std::vector<std::size_t> all(machine.present().size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    EXPECT_EQ(machine.ids(all), json.at("order").get<Ids>());
    for (const DeviceInfo* const info : machine.present()) {
        int sum = 0;
        for (const ScorePart& part : info->score_parts) {
            EXPECT_FALSE(part.reason.empty());
            sum += part.points;
        }
        EXPECT_EQ(info->score, sum) << info->id;
    }
    ASSERT_GE(json.at("expect").size(), 3U);
    for (const Json& expected : json.at("expect")) {
        SCOPED_TRACE(expected.at("requirements").dump());
        const Choice choice = machine.choose(requirements_of(expected.at("requirements")));
        const Ids chain = machine.ids(choice.devices);
        if (expected.at("best").is_null()) {
            EXPECT_EQ(choice.fitting, 0U) << chain.at(0);
        } else if (choice.fitting == 0) {
            ADD_FAILURE() << "nothing fits";
        } else {
            EXPECT_EQ(chain.at(0), expected.at("best").get<std::string>());
        }
        if (expected.contains("chain")) {
            EXPECT_EQ(chain, expected.at("chain").get<Ids>());
        }
        if (expected.contains("refused"))
            for (const auto& [id, reason] : expected.at("refused").items()) {
                const auto found = std::ranges::find(choice.refusals, id, &Refusal::id);
                ASSERT_NE(found, choice.refusals.end()) << id;
                EXPECT_NE(found->reason.find(reason.get<std::string>()), std::string::npos) << found->reason;
            }
        for (const DeviceInfo* const info : machine.present()) {
            const bool is_chosen = std::ranges::find(chain, info->id) != chain.end();
            const auto refusal = std::ranges::find(choice.refusals, info->id, &Refusal::id);
            EXPECT_TRUE(is_chosen || (refusal != choice.refusals.end() && !refusal->reason.empty()))
                << info->id << " is left out without a reason";
        }
    }
}

std::string stem_of(const ::testing::TestParamInfo<std::filesystem::path>& file) {
    return file.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Machines, Inventories, ::testing::ValuesIn(inventory_files()), stem_of);

TEST(Inventory, FilesAreThere) {
    EXPECT_GE(inventory_files().size(), 20U);
}

TEST(DriverVersion, IsTheFirstDottedNumber) {
    using Version = std::vector<unsigned long>;
    EXPECT_EQ(version_of("NVIDIA 535.129.03 (CUDA 12.2)"), (Version{535, 129, 3}));
    EXPECT_EQ(version_of("llvmpipe Mesa 22.3.6 (LLVM 15.0.6)"), (Version{22, 3, 6}));
    EXPECT_EQ(version_of("Portable Computing Language 3.1+debian"), (Version{3, 1}));
    EXPECT_EQ(version_of("build 7 of driver 2.10"), (Version{2, 10}));
    EXPECT_EQ(version_of("550"), (Version{550}));
    EXPECT_EQ(version_of("llvm15 x86.64"), Version{});
    EXPECT_EQ(version_of("driver v2.5"), (Version{2, 5}));
    EXPECT_EQ(version_of(""), Version{});
    EXPECT_EQ(version_of("3."), (Version{3}));
}

TEST(Requirements, MalformedOnesAreRefused) {
    for (const char* const version : {"new", "535-beta", ".", "v535.1"}) {
        Requirements needs;
        needs.driver = version;
        EXPECT_EQ(error_of([&] { choose(needs, {}, {}); }).code(), ErrorCode::invalid_argument) << version;
    }
    Requirements needs;
    needs.chain = {"cpu:0", "CUDA!"};
    EXPECT_EQ(error_of([&] { (void)backends_of(needs); }).code(), ErrorCode::invalid_argument);
}

TEST(Requirements, NeedOnlyTheBackendsThatTheyName) {
    Requirements needs;
    EXPECT_EQ(backends_of(needs), std::nullopt);
    needs.backends = {"cuda"};
    EXPECT_EQ(backends_of(needs), (Ids{"cuda", "cpu", "scalar"}));
    needs.allow_cpu = false;
    EXPECT_EQ(backends_of(needs), Ids{"cuda"});
    needs.backends.clear();
    needs.chain = {"vulkan:0", "opencl"};
    EXPECT_EQ(backends_of(needs), (Ids{"vulkan", "opencl"}));
    needs.chain.emplace_back("gpu");
    EXPECT_EQ(backends_of(needs), std::nullopt);
}

TEST(Score, OfTheSameHardwareFallsWithTheBackend) {
    DeviceInfo cuda, vulkan, opencl;
    cuda.id = "cuda:0", vulkan.id = "vulkan:0", opencl.id = "opencl:0";
    for (DeviceInfo* const info : {&cuda, &vulkan, &opencl}) {
        info->backend = info->id.substr(0, info->id.find(':'));
        info->kind = DeviceKind::discrete;
        info->pci = "0000:01:00.0";
        info->memory_bytes = std::uint64_t{24} << 30;
    }
    opencl.compute_units = 128;  // which the others do not tell
    rate(std::array{&opencl, &vulkan, &cuda});
    EXPECT_GT(cuda.score, vulkan.score);
    EXPECT_GT(vulkan.score, opencl.score);
    EXPECT_EQ(cuda.score_parts.at(1).reason, "128 compute units");
    EXPECT_EQ(cuda.same_as, (Ids{"opencl:0", "vulkan:0"}));
}

}  // namespace
}  // namespace heddle::runtime
