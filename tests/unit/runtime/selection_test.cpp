// Device selectors, HEDDLE_DEVICES and HEDDLE_DISABLE, over fake backends.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "fake_device.h"
#include "runtime/registry.h"
#include "runtime/selection.h"

namespace heddle::runtime {
namespace {

using heddle::testing::error_of;
using heddle::testing::FakeDevice;

std::vector<Device> present() {
    return {Device(std::make_shared<FakeDevice>("cuda:1", DeviceKind::discrete, 300)),
            Device(std::make_shared<FakeDevice>("cuda:0", DeviceKind::discrete, 200)),
            Device(std::make_shared<FakeDevice>("cpu:0", DeviceKind::cpu, 100)),
            Device(std::make_shared<FakeDevice>("scalar:0", DeviceKind::cpu, 1))};
}

std::vector<std::string> ids(const std::vector<Device>& devices) {
    std::vector<std::string> result;
    for (const Device& device : devices) result.push_back(device.id());
    return result;
}

using Ids = std::vector<std::string>;

TEST(Selection, Selectors) {
    const auto all = present();
    const auto chosen = [&](std::string_view text) { return ids(select(text, all, {})); };
    EXPECT_EQ(chosen("cpu:0"), Ids{"cpu:0"});
    EXPECT_EQ(chosen("cuda"), Ids{"cuda:0"});  // its first device, though the other is better
    EXPECT_EQ(chosen("cuda:1"), Ids{"cuda:1"});
    EXPECT_EQ(chosen("gpu"), Ids{"cuda:1"});
    EXPECT_EQ(chosen("best"), Ids{"cuda:1"});
    EXPECT_EQ(chosen("all"), (Ids{"cuda:1", "cuda:0", "cpu:0", "scalar:0"}));
    EXPECT_EQ(chosen("scalar, cpu,scalar:0"), (Ids{"scalar:0", "cpu:0"}));
    EXPECT_EQ(chosen("cpu,all").size(), 4U);
}

TEST(Selection, Refusals) {
    const auto all = present();
    const std::vector<UnavailableBackend> missing = {{"hip", "libamdhip64.so.6: cannot open"}};
    const auto refusal = [&](std::string_view text) {
        return error_of([&] { (void)select(text, all, missing); });
    };
    EXPECT_EQ(refusal("hip:0").code(), ErrorCode::device_unavailable);
    EXPECT_STREQ(refusal("hip").what(),
                 "no device 'hip': libamdhip64.so.6: cannot open; available: cuda:1 cuda:0 cpu:0 scalar:0");
    EXPECT_STREQ(refusal("cpu:7").what(), "no device 'cpu:7'; available: cuda:1 cuda:0 cpu:0 scalar:0");
    EXPECT_EQ(refusal("metal").code(), ErrorCode::device_unavailable);
    for (const char* text :
         {"", "cpu:", "cpu:x", "cpu:0x", "cpu:-1", ":0", "CPU", "cpu,,scalar", "cpu:99999999999"}) {
        EXPECT_EQ(refusal(text).code(), ErrorCode::invalid_argument) << "'" << text << "'";
    }
    const Error none = error_of([&] { (void)select("best", {}, missing); });
    EXPECT_EQ(none.code(), ErrorCode::device_unavailable);
    EXPECT_NE(std::string(none.what()).find("hip: libamdhip64.so.6"), std::string::npos) << none.what();
}

// Backends that count how often they are touched.
int touched_cuda = 0, touched_cpu = 0;

class FakeBackend : public hal::Backend {
  public:
    explicit FakeBackend(std::string name) : name_(std::move(name)) {}
    std::string_view name() const noexcept override { return name_; }
    void enumerate(std::vector<std::shared_ptr<hal::Device>>& devices,
                   std::string& reason) noexcept override {
        ++(name_ == "cuda" ? touched_cuda : touched_cpu);
        if (name_ == "cpu") {
            devices.push_back(std::make_shared<FakeDevice>("cpu:0", DeviceKind::cpu, 100));
        } else if (name_ == "cuda") {
            for (int i = 0; i < 2; ++i) {
                auto device =
                    std::make_shared<FakeDevice>("cuda:" + std::to_string(i), DeviceKind::discrete, 200 + i);
                device->information.uuid = "gpu-" + std::to_string(i);
                devices.push_back(device);
            }
        } else if (name_ == "vulkan") {
            auto device = std::make_shared<FakeDevice>("vulkan:0", DeviceKind::discrete, 150);
            device->information.uuid = "gpu-1";
            devices.push_back(device);
        } else {
            reason = "libnothing.so: cannot open shared object file";
        }
    }

  private:
    std::string name_;
};

template <char... Name>
std::unique_ptr<hal::Backend> make() {
    return std::make_unique<FakeBackend>(std::string{Name...});
}

const BackendEntry kBackends[] = {{"cpu", &make<'c', 'p', 'u'>},
                                  {"cuda", &make<'c', 'u', 'd', 'a'>},
                                  {"vulkan", &make<'v', 'u', 'l', 'k', 'a', 'n'>},
                                  {"hip", &make<'h', 'i', 'p'>}};

Inventory enumerate(std::span<const BackendEntry> backends, const DeviceFilter& filter) {
    // Devices of fake backends live on without them.
    return *Registry(backends, filter).all();
}

std::string reason_of(const Inventory& inventory, std::string_view backend) {
    for (const UnavailableBackend& missing : inventory.unavailable) {
        if (missing.backend == backend) return missing.reason;
    }
    return "";
}

TEST(Enumeration, OrdersByScoreAndKnowsTheSameHardware) {
    const Inventory found = enumerate(kBackends, DeviceFilter());
    EXPECT_EQ(ids(found.devices), (Ids{"cuda:1", "cuda:0", "vulkan:0", "cpu:0"}));
    EXPECT_EQ(found.devices[0].info().same_as, Ids{"vulkan:0"});
    EXPECT_EQ(found.devices[1].info().same_as, Ids{});
    EXPECT_EQ(found.devices[2].info().same_as, Ids{"cuda:1"});
    EXPECT_EQ(reason_of(found, "hip"), "libnothing.so: cannot open shared object file");
}

TEST(Enumeration, ExcludedBackendsAreNotTouched) {
    touched_cuda = touched_cpu = 0;
    const Inventory only = enumerate(kBackends, DeviceFilter("cpu,metal", std::nullopt));
    EXPECT_EQ(ids(only.devices), Ids{"cpu:0"});
    EXPECT_EQ(touched_cuda, 0);
    EXPECT_EQ(touched_cpu, 1);
    EXPECT_EQ(reason_of(only, "cuda"), "not among HEDDLE_DEVICES");
    EXPECT_EQ(reason_of(only, "metal"), "this build of Heddle has no backend of that name");

    const Inventory without = enumerate(kBackends, DeviceFilter(std::nullopt, "cuda"));
    EXPECT_EQ(ids(without.devices), (Ids{"vulkan:0", "cpu:0"}));
    EXPECT_EQ(touched_cuda, 0);
    EXPECT_EQ(reason_of(without, "cuda"), "switched off by HEDDLE_DISABLE");
}

TEST(Enumeration, SingleDevicesAndGroups) {
    EXPECT_EQ(ids(enumerate(kBackends, DeviceFilter("cuda:1", std::nullopt)).devices), Ids{"cuda:1"});
    EXPECT_EQ(ids(enumerate(kBackends, DeviceFilter(std::nullopt, "cuda:1")).devices),
              (Ids{"cuda:0", "vulkan:0", "cpu:0"}));
    EXPECT_EQ(ids(enumerate(kBackends, DeviceFilter("gpu", "vulkan")).devices), (Ids{"cuda:1", "cuda:0"}));
    EXPECT_EQ(ids(enumerate(kBackends, DeviceFilter("gpu,cpu", "cuda")).devices), (Ids{"vulkan:0", "cpu:0"}));
    EXPECT_EQ(enumerate(kBackends, DeviceFilter("all", std::nullopt)).devices.size(), 4U);
    const Inventory none = enumerate(kBackends, DeviceFilter("cuda", "cuda:0,cuda:1"));
    EXPECT_EQ(reason_of(none, "cuda"), "its devices are excluded by HEDDLE_DEVICES or HEDDLE_DISABLE");
}

TEST(Enumeration, LooksOnlyAtWhatIsNeeded) {
    touched_cuda = touched_cpu = 0;
    Registry registry(kBackends, DeviceFilter());
    EXPECT_EQ(ids(registry.look_at(std::vector<std::string>{"cpu"})->devices), Ids{"cpu:0"});
    EXPECT_EQ(ids(registry.look_at(std::vector<std::string>{"metal"})->devices), Ids{"cpu:0"});
    EXPECT_EQ(touched_cuda, 0);
    const Device cpu = registry.all()->devices.back();
    EXPECT_EQ(ids(registry.all()->devices), (Ids{"cuda:1", "cuda:0", "vulkan:0", "cpu:0"}));
    EXPECT_EQ(touched_cuda, 1);
    EXPECT_EQ(touched_cpu, 3);  // cpu, vulkan and hip, each once
    EXPECT_EQ(registry.look_at(std::vector<std::string>{"cpu"})->devices.back(), cpu);
}

TEST(Enumeration, LeavesAloneWhatTheExaminationRefuses) {
    touched_cuda = touched_cpu = 0;
    std::vector<BackendEntry> entries(std::begin(kBackends), std::end(kBackends));
    entries[1].has_driver = entries[2].has_driver = true;
    std::vector<std::string> asked;
    Registry registry(entries, DeviceFilter(), [&](std::span<const std::string> backends) {
        asked.insert(asked.end(), backends.begin(), backends.end());
        std::vector<std::optional<std::string>> reasons(backends.size());
        for (std::size_t i = 0; i < backends.size(); ++i)
            if (backends[i] == "cuda") reasons[i] = "its driver crashed while probed (SIGSEGV)";
        return reasons;
    });
    registry.look_at(std::vector<std::string>{"cpu", "hip"});
    EXPECT_TRUE(asked.empty());
    const Inventory found = *registry.all();
    EXPECT_EQ(ids(found.devices), (Ids{"vulkan:0", "cpu:0"}));
    EXPECT_EQ(reason_of(found, "cuda"), "its driver crashed while probed (SIGSEGV)");
    EXPECT_EQ(touched_cuda, 0);
    registry.all();
    EXPECT_EQ(asked, (Ids{"cuda", "vulkan"}));  // once each
}

TEST(Selection, KnowsWhichBackendsASelectorNeeds) {
    EXPECT_EQ(backends_of("cpu:0"), Ids{"cpu"});
    EXPECT_EQ(backends_of("cuda, vulkan:1"), (Ids{"cuda", "vulkan"}));
    for (const char* const group : {"best", "gpu", "all", "cpu,gpu"})
        EXPECT_EQ(backends_of(group), std::nullopt);
    EXPECT_EQ(error_of([] { (void)backends_of("cpu:x"); }).code(), ErrorCode::invalid_argument);
}

TEST(Enumeration, MalformedListsNameTheVariable) {
    const Error only = error_of([] { DeviceFilter("cpu:x", std::nullopt); });
    EXPECT_EQ(only.code(), ErrorCode::invalid_argument);
    EXPECT_TRUE(only.reason().starts_with("HEDDLE_DEVICES: 'cpu:x'")) << only.reason();
    const Error without = error_of([] { DeviceFilter(std::nullopt, "gpu"); });
    EXPECT_TRUE(without.reason().starts_with("HEDDLE_DISABLE: 'gpu'")) << without.reason();
}

}  // namespace
}  // namespace heddle::runtime
