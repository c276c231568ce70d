// Data: handles to what stands in data_state.h, and the moves between its places.
#include "runtime/executor/data_state.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include <heddle/error.h>

namespace heddle {

using detail::DataState;

Data::Data(std::shared_ptr<DataState> state) noexcept : state_(std::move(state)) {}

Data Data::of(std::string name, void* memory, std::size_t bytes) {
    return Data(std::make_shared<DataState>(std::move(name), static_cast<std::byte*>(memory), bytes,
                                            DataState::Kind::callers, Copies::where_written));
}

Data Data::constant(std::string name, const void* memory, std::size_t bytes) {
    // Never written through: operations that would are refused.
    return Data(std::make_shared<DataState>(std::move(name),
                                            static_cast<std::byte*>(const_cast<void*>(memory)), bytes,
                                            DataState::Kind::constant, Copies::where_written));
}

Data Data::resident(std::string name, std::size_t bytes, Copies copies) {
    return Data(
        std::make_shared<DataState>(std::move(name), nullptr, bytes, DataState::Kind::resident, copies));
}

namespace {

void check_access(const DataState& state, std::size_t bytes, std::size_t offset, const char* operation) {
    if (state.kind != DataState::Kind::resident)
        throw Error(ErrorCode::invalid_argument,
                    "'" + state.name + "' is the caller's memory, to be used directly", operation);
    if (offset > state.bytes || bytes > state.bytes - offset)
        throw Error(ErrorCode::invalid_argument,
                    std::to_string(bytes) + " bytes from byte " + std::to_string(offset) +
                        " are not inside '" + state.name + "', which has " + std::to_string(state.bytes),
                    operation);
}

}  // namespace

void Data::write(const void* source, std::size_t bytes, std::size_t offset) {
    check_access(*state_, bytes, offset, "writing data");
    const std::lock_guard lock(state_->mutex);
    if (bytes != state_->bytes) state_->fetch();
    if (bytes != 0) std::memcpy(state_->host() + offset, source, bytes);
    state_->set_good(nullptr, true);
}

void Data::read(void* destination, std::size_t bytes, std::size_t offset) const {
    check_access(*state_, bytes, offset, "reading data");
    const std::lock_guard lock(state_->mutex);
    state_->fetch();
    if (bytes != 0) std::memcpy(destination, state_->host() + offset, bytes);
}

const std::string& Data::name() const noexcept {
    return state_->name;
}

std::size_t Data::size_bytes() const noexcept {
    return state_->bytes;
}

std::vector<std::string> Data::places() const {
    const std::lock_guard lock(state_->mutex);
    return state_->places();
}

namespace detail {

void DataState::Free::operator()(std::byte* memory) const noexcept {
    std::free(memory);
}

DataState::DataState(std::string the_name, std::byte* memory, std::size_t the_bytes, Kind the_kind,
                     Data::Copies copies)
    : name(std::move(the_name)),
      bytes(the_bytes),
      kind(the_kind),
      is_mirrored(copies == Data::Copies::mirrored),
      host_(memory),
      is_host_good_(the_kind != Kind::resident),
      is_blank_(the_kind == Kind::resident) {}

DataState::~DataState() {
    for (Copy& copy : copies_) copy.slot->give_back(std::move(copy.buffer), copy.generation);
}

std::vector<std::string> DataState::places() const {
    std::vector<std::string> all;
    if (is_host_good_ || is_blank_) all.emplace_back("host");
    for (const Copy& copy : copies_)
        if (copy.is_good && copy.exists()) all.push_back(copy.slot->id());
    return all;
}

std::byte* DataState::host() {
    if (host_ == nullptr && bytes != 0) {
        constexpr std::size_t alignment = 256;
        own_.reset(static_cast<std::byte*>(
            std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)));
        if (own_ == nullptr)
            throw Error(ErrorCode::out_of_memory,
                        std::to_string(bytes) + " bytes of host memory for '" + name + "'", "data");
        host_ = own_.get();
    }
    if (is_blank_) {
        if (bytes != 0) std::memset(host_, 0, bytes);
        is_blank_ = false;
        is_host_good_ = true;
    }
    return host_;
}

DataState::Copy* DataState::find(const DeviceSlot& slot) noexcept {
    for (Copy& copy : copies_)
        if (copy.slot.get() == &slot && copy.exists()) return &copy;
    return nullptr;
}

DataState::Copy* DataState::find_good() noexcept {
    for (Copy& copy : copies_)
        if (copy.is_good && copy.exists()) return &copy;
    return nullptr;
}

DataState::Copy& DataState::add(std::shared_ptr<DeviceSlot> slot, Buffer buffer) {
    const std::uint64_t generation = slot->generation();
    return copies_.emplace_back(Copy{std::move(slot), generation, std::move(buffer), false});
}

void DataState::fetch(std::vector<std::string>* notes) {
    std::optional<Error> failure;
    for (std::size_t k = 0; k < copies_.size() && !is_host_good_; ++k) {
        Copy& copy = copies_[k];
        if (!copy.is_good || !copy.exists()) continue;
        DeviceSlot& slot = *copy.slot;
        const std::lock_guard lock(slot.mutex);
        if (!copy.exists()) continue;
        try {
            const Clock::time_point start = Clock::now();
            slot.queue().read(copy.buffer, host(), bytes);
            slot.wait(start, "fetching '" + name + "'");
            is_host_good_ = true;
        } catch (const Error& error) {
            // A copy that could not be read is still one, unless its device has gone with it.
            if (error.code() == ErrorCode::device_lost || error.code() == ErrorCode::timeout)
                slot.lose(error, nullptr);
            if (notes != nullptr) notes->emplace_back(error.what());
            failure = error;
        }
    }
    if (is_blank_) static_cast<void>(host());
    if (is_host_good_) return;
    if (failure && find_good() != nullptr) throw Error(*failure);
    throw Error(ErrorCode::device_lost,
                "the contents of '" + name + "' were only on a device that is lost" +
                    (failure ? std::string(": ") + failure->what() : std::string()),
                "use of data");
}

void DataState::set_good(Copy* copy, bool is_host_good) noexcept {
    for (Copy& each : copies_) each.is_good = &each == copy;
    is_host_good_ = is_host_good;
    is_blank_ = false;
}

std::vector<Buffer> DataState::take_copies(const DeviceSlot& slot) {
    std::vector<Buffer> taken;
    std::erase_if(copies_, [&](Copy& copy) {
        if (copy.slot.get() != &slot) return false;
        taken.push_back(std::move(copy.buffer));
        return true;
    });
    return taken;
}

bool DataState::evict_from(DeviceSlot& slot) noexcept {
    Copy* const copy = find(slot);
    if (copy == nullptr) return false;
    const bool is_only = copy->is_good && !is_host_good_ &&
                         std::none_of(copies_.begin(), copies_.end(), [&](const Copy& other) {
                             return &other != copy && other.is_good && other.exists();
                         });
    if (is_only) return false;
    slot.discard(std::move(copy->buffer));
    std::erase_if(copies_, [&](const Copy& each) { return &each == copy; });
    return true;
}

}  // namespace detail

}  // namespace heddle
