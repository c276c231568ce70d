// The registry of topics, loading of their programs, and what cases check with.
#include "conformance/case.h"

#include <algorithm>
#include <filesystem>

namespace heddle::conformance {

namespace {

std::vector<Topic>& registry() {
    static std::vector<Topic> all;
    return all;
}

std::uint64_t seed_of(std::string_view text) {
    std::uint64_t hash = 1469598103934665603u;  // FNV-1a
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return hash;
}

}  // namespace

const std::vector<Topic>& topics() {
    static const bool sorted = (std::ranges::sort(registry(), {}, &Topic::name), true);
    static_cast<void>(sorted);
    return registry();
}

const CompileOptions& options_of(std::string_view file) {
    for (const Topic& topic : topics())
        if (topic.file == file) return topic.options;
    throw std::runtime_error("no topic has the file " + std::string(file));
}

Registration::Registration(Topic topic) {
    registry().push_back(std::move(topic));
}

Program& Programs::get(const std::string& file) {
    if (const auto found = loaded_.find(file); found != loaded_.end()) return found->second;
    if (const auto bad = failed_.find(file); bad != failed_.end()) throw std::runtime_error(bad->second);
    try {
        return loaded_.emplace(file, load(file)).first->second;
    } catch (const Error& error) {
        failed_.emplace(file, error.what());
        throw;
    }
}

Program Programs::load(const std::string& file) const {
    namespace fs = std::filesystem;
    if (!setup_.package_directory.empty())
        return Program::from_file(device_, fs::path(setup_.package_directory) / (file + ".heddle"));
    return Program::from_file(device_, fs::path(setup_.kernel_directory) / (file + ".cu"), options_of(file));
}

Context::Context(Programs& programs, const Topic& topic, const Case& test)
    : programs_(programs),
      topic_(topic),
      queue_(programs.device()),
      random_(seed_of(topic.name + "." + test.name) ^ programs.setup().seed) {}

Kernel Context::kernel(std::string_view name) {
    // Asked before the kernel is loaded, which fails where a feature is missing.
    const auto names = program().kernel_names();
    if (std::ranges::find(names, name) != names.end())
        for (const std::string& feature : program().kernel_info(name).features)
            if (!has_feature(feature)) throw Skip{fmt::format("kernel '{}' needs {}", name, feature)};
    return program().kernel(name);
}

bool Context::has_feature(std::string_view feature) const {
    return device().can_use(feature);
}

void Context::needs_compiler() const {
    if (!programs_.setup().package_directory.empty())
        throw Skip{"compiles source of its own; this run takes its kernels from packages"};
}

std::size_t Context::scaled(std::size_t count, std::size_t least) const {
    const auto n = static_cast<std::size_t>(static_cast<double>(count) * programs_.setup().scale);
    return std::max(n, least);
}

void Context::fail(std::string message) {
    failures_.push_back(std::move(message));
}

bool Context::check(bool truth, std::string_view message) {
    if (!truth) fail(std::string(message));
    return truth;
}

void Context::expect_error(ErrorCode code, const std::vector<std::string>& parts,
                           const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        if (error.code() != code)
            fail(fmt::format("error code is {}, wanted {}; message: {}", heddle::name(error.code()),
                             heddle::name(code), error.what()));
        const std::string_view text = error.what();
        for (const std::string& part : parts)
            if (text.find(part) == std::string_view::npos)
                fail(fmt::format("the error does not mention \"{}\": {}", part, text));
        return;
    }
    fail(fmt::format("no error; wanted {}", heddle::name(code)));
}

}  // namespace heddle::conformance
