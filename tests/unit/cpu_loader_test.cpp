// The loader of generated code, with shared objects that the C compiler makes while the test runs: symbols,
// imports, unloading, damage; and a program with globals on top of it.
#include "backends/cpu/loader.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <heddle/error.h>

#include "backends/cpu/backend.h"
#include "backends/cpu/program.h"
#include "cpu_kernels.h"

namespace heddle::cpu {
namespace {

/// Compiles C to a shared object; empty when there is no compiler.
std::vector<std::byte> compile(const std::string& text) {
    const char* const compiler = std::getenv("CC");
    std::string folder = (std::filesystem::temp_directory_path() / "heddle-loader-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return {};
    const std::string source = folder + "/code.c", object = folder + "/code.so";
    std::ofstream(source) << text;
    const std::string command = std::string(compiler != nullptr ? compiler : "cc") +
                                " -shared -fPIC -O1 -o " + object + " " + source + " 2>" + folder +
                                "/messages";
    std::vector<std::byte> image;
    if (std::system(command.c_str()) == 0) {
        std::ifstream file(object, std::ios::binary);
        const std::vector<char> bytes((std::istreambuf_iterator<char>(file)),
                                      std::istreambuf_iterator<char>());
        const auto* const data = reinterpret_cast<const std::byte*>(bytes.data());
        image.assign(data, data + bytes.size());
    }
    std::filesystem::remove_all(folder);
    return image;
}

const std::string declarations = R"(
#include <stdint.h>
struct kernel { const char* name; void* entry; uint32_t row, flags, frame_bytes, regions; const void* suspensions; };
struct import { const char* name; void* address; };
struct launch { uint32_t grid[3], block[3], threads, dynamic; const unsigned char* arguments; unsigned char* globals; };
)";

const std::string adder = declarations + R"(
const uint32_t heddle_abi = 3;
struct import heddle_imports[] = {{"heddle_globaltimer", 0}, {0, 0}};
void add(const struct launch* l, void* block, uint64_t first, uint64_t last) {
    uint64_t (*timer)(void) = (uint64_t(*)(void))heddle_imports[0].address;
    int* y = *(int**)l->arguments;
    for (uint64_t i = first * l->threads; i < last * l->threads; ++i) y[i] += *(int*)l->globals + (timer() == 0);
}
const struct kernel heddle_kernels[] = {{"add", (void*)add, 1, 0}, {"add", (void*)add, 32, 0}, {0, 0, 0, 0}};
)";

#define HEDDLE_SKIP_WITHOUT_COMPILER(image) \
    if ((image).empty()) GTEST_SKIP() << "no C compiler ($CC, or cc) to make a shared object with"

ErrorCode load_error(std::span<const std::byte> image, std::string* text = nullptr) {
    try {
        CodeObject::load(image, "test.cu", &find_import);
    } catch (const Error& error) {
        if (text != nullptr) *text = error.what();
        return error.code();
    }
    return ErrorCode::ok;
}

TEST(Loader, FindsKernelsWidestRowFirst) {
    const auto image = compile(adder);
    HEDDLE_SKIP_WITHOUT_COMPILER(image);
    const auto code = CodeObject::load(image, "test.cu", &find_import);
    const auto versions = code->find("add");
    ASSERT_EQ(versions.size(), 2u);
    EXPECT_EQ(versions[0].row, 32u);
    EXPECT_EQ(versions[1].row, 1u);
    EXPECT_TRUE(code->find("subtract").empty());
}

TEST(Loader, KeepsObjectsApart) {
    const std::string text = declarations + R"(
const uint32_t heddle_abi = 3;
static int value(void) { return VALUE; }
const struct kernel heddle_kernels[] = {{"value", (void*)value, 1, 0}, {0, 0, 0, 0}};
)";
    std::vector<std::shared_ptr<const CodeObject>> objects;
    std::vector<std::vector<std::byte>> images;
    for (int i = 0; i < 3; ++i) {
        images.push_back(compile("#define VALUE " + std::to_string(i) + "\n" + text));
        HEDDLE_SKIP_WITHOUT_COMPILER(images.back());
    }
    // Descriptor numbers are reused from one to the next, and objects come and go.
    for (int round = 0; round < 30; ++round) {
        objects.push_back(
            CodeObject::load(images[static_cast<std::size_t>(round % 3)], "test.cu", &find_import));
        const auto entry = reinterpret_cast<int (*)()>(objects.back()->find("value")[0].entry);
        EXPECT_EQ(entry(), round % 3);
        if (round % 4 == 3) objects.erase(objects.begin());
    }
}

TEST(Loader, RefusesDamage) {
    const auto image = compile(adder);
    HEDDLE_SKIP_WITHOUT_COMPILER(image);
    const std::span<const std::byte> whole(image);
    EXPECT_EQ(load_error({}), ErrorCode::corrupt_package);
    for (const std::size_t size : {std::size_t{10}, std::size_t{64}, std::size_t{200}, image.size() / 4})
        EXPECT_EQ(load_error(whole.first(size)), ErrorCode::corrupt_package) << size;
    auto damaged = image;
    damaged[0] = std::byte{0};
    EXPECT_EQ(load_error(damaged), ErrorCode::corrupt_package);
    damaged = image;
    damaged[18] = std::byte{243};  // another machine
    EXPECT_EQ(load_error(damaged), ErrorCode::corrupt_package);
    EXPECT_EQ(load_error(std::vector<std::byte>(5000, std::byte{'x'})), ErrorCode::corrupt_package);
}

TEST(Loader, RefusesAnotherAbiAndUnknownImports) {
    std::string text;
    auto image = compile(declarations + R"(
const uint32_t heddle_abi = 77;
const struct kernel heddle_kernels[] = {{0, 0, 0, 0}};
)");
    HEDDLE_SKIP_WITHOUT_COMPILER(image);
    EXPECT_EQ(load_error(image, &text), ErrorCode::corrupt_package);
    EXPECT_NE(text.find("ABI 77"), std::string::npos) << text;
    image = compile("int nothing;\n");
    EXPECT_EQ(load_error(image, &text), ErrorCode::corrupt_package);
    image = compile(declarations + R"(
const uint32_t heddle_abi = 3;
struct import heddle_imports[] = {{"heddle_teleport", 0}, {0, 0}};
const struct kernel heddle_kernels[] = {{0, 0, 0, 0}};
)");
    EXPECT_EQ(load_error(image, &text), ErrorCode::unsupported);
    EXPECT_NE(text.find("'heddle_teleport'"), std::string::npos) << text;
}

class LoadedProgram : public testing::Test {
  protected:
    void SetUp() override {
        image_ = compile(adder);
        HEDDLE_SKIP_WITHOUT_COMPILER(image_);
        std::vector<std::shared_ptr<hal::Device>> devices;
        std::string reason;
        make_cpu_backend()->enumerate(devices, reason);
        ASSERT_EQ(devices.size(), 1u) << reason;
        device_ = devices[0];
        package_.source = "test.cu";
        package_.globals.bytes = 24;
        package_.globals.alignment = 8;
        package_.globals.initial.resize(24);
        package_.globals.initial[0] = std::byte{5};
        package_.globals.relocations = {{8, 16}};
        package_.globals.symbols = {{"step", 0, 4, false}};
        info_.name = "add";
        info_.symbol = "add";
        info_.parameter_bytes = 8;
    }
    std::vector<std::byte> image_;
    std::shared_ptr<hal::Device> device_;
    Package package_;
    KernelInfo info_;
};

TEST_F(LoadedProgram, RunsWithItsGlobals) {
    for (const bool lazy : {false, true}) {
        const auto program = device_->load(package_, lazy ? std::span<const std::byte>() : image_);
        ASSERT_NE(program->globals(), nullptr);
        const auto* const globals = static_cast<const unsigned char*>(program->globals()->host_pointer());
        std::uint64_t pointer = 0;
        std::memcpy(&pointer, globals + 8, 8);
        EXPECT_EQ(pointer, program->globals()->device_address() + 16);
        auto kernel = program->kernel(info_, lazy ? image_ : std::span<const std::byte>());
        EXPECT_EQ(kernel->info().name, "add");
        const auto memory = device_->allocate(320 * 4);
        const auto queue = device_->create_queue();
        hal::Launch launch;
        launch.kernel = std::move(kernel);  // the launch is now the only owner
        launch.config.grid.x = 10;
        launch.config.block.x = 32;
        launch.parameters.resize(8);
        const std::uint64_t address = memory->device_address();
        std::memcpy(launch.parameters.data(), &address, 8);
        queue->launch(std::move(launch));
        std::array<std::int32_t, 320> result{};
        queue->read(memory, 0, result.data(), sizeof result);
        queue->synchronize();
        for (const std::int32_t value : result) ASSERT_EQ(value, 5);
    }
}

TEST_F(LoadedProgram, NamesTheMissingKernel) {
    const auto program = device_->load(package_, image_);
    info_.name = "missing";
    info_.symbol = "_Z7missingv";
    try {
        program->kernel(info_, {});
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        EXPECT_NE(std::string(error.what()).find("_Z7missingv"), std::string::npos) << error.what();
    }
}

TEST(KernelVersions, FollowTheShapeOfTheBlock) {
    const CpuKernel kernel(KernelInfo(),
                           {{"k", nullptr, HEDDLE_ROW_LINEAR, 0, 0, 0, nullptr},
                            {"k", nullptr, 32, 0, 0, 0, nullptr},
                            {"k", nullptr, 16, 0, 0, 0, nullptr},
                            {"k", nullptr, 1, 0, 0, 0, nullptr}},
                           nullptr, nullptr);
    EXPECT_EQ(kernel.version({64, 4, 1}).row, 32u);
    EXPECT_EQ(kernel.version({16, 16, 1}).row, 16u);
    EXPECT_EQ(kernel.version({8, 8, 1}).row, 1u);
    EXPECT_EQ(kernel.version({48, 2, 1}).row, 16u);
    EXPECT_EQ(kernel.version({33, 1, 1}).row, std::uint32_t{HEDDLE_ROW_LINEAR});
}

}  // namespace
}  // namespace heddle::cpu
