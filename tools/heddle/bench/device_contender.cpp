// A device of Heddle's as a contender.
#include <fmt/format.h>
#include <heddle/program.h>
#include <heddle/queue.h>

#include "../file.h"
#include "contender.h"

namespace heddle::tool::bench {

namespace {

class PreparedOnDevice final : public PreparedCase {
  public:
    PreparedOnDevice(const Device& device, const std::string& folder, const Case& it) : queue_(device) {
        const Program program = load(device, folder, it.name);
        for (const BufferSpec& spec : it.buffers) {
            buffers_.push_back(device.allocate(spec.initial.size()));
            buffers_.back().write(spec.initial.data(), spec.initial.size());
        }
        for (const Step& step : it.steps) {
            Launch launch{program.kernel(step.kernel), {step.grid, step.block}, {}};
            for (const Value& value : step.arguments)
                launch.arguments.push_back(std::visit([&](const auto& v) { return argument(v); }, value));
            launches_.push_back(std::move(launch));
        }
    }

    void run(unsigned times) override {
        for (unsigned i = 0; i < times; ++i)
            for (const Launch& launch : launches_)
                queue_.launch(launch.kernel, launch.config, launch.arguments);
        queue_.synchronize();
    }

    std::vector<std::byte> read(std::size_t buffer) override {
        std::vector<std::byte> bytes(buffers_[buffer].size_bytes());
        buffers_[buffer].read(bytes.data(), bytes.size());
        return bytes;
    }

  private:
    struct Launch {
        Kernel kernel;
        LaunchConfig config;
        std::vector<Argument> arguments;  // refer to the case and to buffers_
    };

    static Program load(const Device& device, const std::string& folder, const std::string& name) {
        const std::string source = name + ".cu";
        if (folder.empty()) return Program::from_source(device, kernel_source(source), source);
        return Program::from_package(device, read_file(folder + "/" + name + ".heddle"));
    }
    Argument argument(const BufferIndex& index) const { return buffers_[static_cast<std::size_t>(index)]; }
    template <class T>
    Argument argument(const T& value) const {
        return value;
    }

    Queue queue_;
    std::vector<Buffer> buffers_;
    std::vector<Launch> launches_;
};

class DeviceContender final : public Contender {
  public:
    DeviceContender(const Device& device, std::string folder) : device_(device), folder_(std::move(folder)) {}
    const std::string& name() const noexcept override { return device_.id(); }
    const std::string& description() const noexcept override { return device_.info().name; }
    std::unique_ptr<PreparedCase> prepare(const Case& it) override {
        return std::make_unique<PreparedOnDevice>(device_, folder_, it);
    }

  private:
    Device device_;
    std::string folder_;
};

}  // namespace

std::unique_ptr<Contender> make_device_contender(const Device& device, std::string folder) {
    return std::make_unique<DeviceContender>(device, std::move(folder));
}

}  // namespace heddle::tool::bench
