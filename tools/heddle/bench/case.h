// Case: one benchmark as data: the kernels to launch and their arguments, what is in memory before, what must
// be there after, and how the plain C++ peer is called. Every contender runs the same case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <heddle/types.h>

namespace heddle::tool::bench {

/// Memory that kernels get, resident on the device while it is measured.
struct BufferSpec {
    std::string name{};
    DType type = DType::f32;
    std::vector<std::byte> initial;  ///< its size is the buffer's
};

/// An index into Case::buffers.
enum class BufferIndex : std::size_t {};
using Value = std::variant<BufferIndex, std::uint32_t, std::int32_t, float>;

/// One launch.
struct Step {
    std::string kernel;
    Dim3 grid, block;
    std::vector<Value> arguments;
};

/// What a buffer holds after the steps have run once: computed on the host in double precision.
/// A value v is right when |v - e| <= relative |e| + absolute max|e|.
struct Expectation {
    std::size_t buffer = 0;
    std::vector<std::size_t> indices{};  ///< of the elements that `values` are; empty: all, in order
    std::vector<double> values{};
    double relative = 0, absolute = 0;
    double mismatches = 0;  ///< the part of the elements that may be wrong, for chaotic results
};

/// The buffers of a plain C++ peer.
class Memory {
  public:
    explicit Memory(std::span<std::vector<std::byte>> buffers) : buffers_(buffers) {}
    template <class T>
    T* at(std::size_t buffer) const {
        return reinterpret_cast<T*>(buffers_[buffer].data());
    }

  private:
    std::span<std::vector<std::byte>> buffers_;
};

struct Case {
    std::string name{};  ///< bench/kernels/<name>.cu and .cl
    std::string size{};  ///< for people: "512 x 512"
    std::vector<BufferSpec> buffers{};
    std::vector<Step> steps{};
    std::vector<Expectation> expected{};
    double work = 0;     ///< of one run of all steps, in `unit` times seconds
    std::string unit{};  ///< "GB/s"
    std::string native_symbol{};
    std::function<void(void* function, const Memory& memory)> native{};
};

/// How large a case is: larger than a processor's last cache, or enough to keep a GPU busy for far longer
/// than a launch takes, with arrays larger than its last cache.
enum class Scale { processor, accelerator };

/// A case that is made when its turn comes.
struct CaseEntry {
    std::string_view name;
    Case (*make)(Scale);
};

/// The cases of the suite `kernels`, in the order they are reported.
std::span<const CaseEntry> kernel_cases();

/// The text of bench/kernels/<name>, e.g. "saxpy.cu"; throws heddle::Error (not_found) when this command was
/// built without the benchmarks.
std::string_view kernel_source(std::string_view name);

}  // namespace heddle::tool::bench
