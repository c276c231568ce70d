// Reads files through POSIX calls, which tell what went wrong.
#include "file_contents.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <system_error>

#include <heddle/error.h>

namespace heddle::runtime {

namespace {

class File {
  public:
    explicit File(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    bool is_open() const noexcept { return descriptor_ >= 0; }
    bool stat(struct ::stat& info) const noexcept { return ::fstat(descriptor_, &info) == 0; }
    // Bytes read, fewer only at the end of the file; -1 and errno on failure.
    ssize_t read(std::span<std::byte> to, std::size_t offset) const noexcept {
        return read_with(to, [&](std::byte* at, std::size_t bytes, std::size_t done) {
            return ::pread(descriptor_, at, bytes, static_cast<off_t>(offset + done));
        });
    }
    // The same from where the last such read ended: also for pipes.
    ssize_t read_next(std::span<std::byte> to) const noexcept {
        return read_with(to, [&](std::byte* at, std::size_t bytes, std::size_t) {
            return ::read(descriptor_, at, bytes);
        });
    }
    template <class T>
    bool read_object(T& object, std::size_t offset) const noexcept {
        return read(std::as_writable_bytes(std::span(&object, 1)), offset) == static_cast<ssize_t>(sizeof(T));
    }

  private:
    template <class Call>
    static ssize_t read_with(std::span<std::byte> to, Call call) noexcept {
        std::size_t done = 0;
        while (done < to.size()) {
            const ssize_t got = call(to.data() + done, to.size() - done, done);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return -1;
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return static_cast<ssize_t>(done);
    }
    int descriptor_;
};

// Null on success, else errno's number.
int read_whole(const std::filesystem::path& path, std::vector<std::byte>& bytes) {
    const File file(path);
    struct ::stat info{};
    if (!file.is_open() || !file.stat(info)) return errno;
    if (S_ISDIR(info.st_mode)) return EISDIR;
    bytes.resize(static_cast<std::size_t>(info.st_size) +
                 1);  // one more, to see a file that grows or is a pipe
    std::size_t size = 0;
    while (true) {
        const ssize_t got = file.read_next(std::span(bytes).subspan(size));
        if (got < 0) return errno;
        size += static_cast<std::size_t>(got);
        if (size < bytes.size()) break;
        bytes.resize(bytes.size() * 2);
    }
    bytes.resize(size);
    return 0;
}

// The note that -Wl,--build-id leaves; nothing when there is none.
void hash_build_id(const File& file, Sha256& hash) {
    Elf64_Ehdr header;
    if (!file.read_object(header, 0) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr)) {
        return;
    }
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        if (!file.read_object(segment, header.e_phoff + i * sizeof(segment))) return;
        if (segment.p_type != PT_NOTE || segment.p_filesz > 65536) continue;
        std::vector<std::byte> notes(segment.p_filesz);
        if (file.read(notes, segment.p_offset) != static_cast<ssize_t>(notes.size())) return;
        for (std::size_t at = 0; at + sizeof(Elf64_Nhdr) <= notes.size();) {
            Elf64_Nhdr note;
            std::memcpy(&note, notes.data() + at, sizeof(note));
            const std::size_t name = at + sizeof(note);
            const std::size_t description = name + (std::size_t{note.n_namesz} + 3) / 4 * 4;
            const std::size_t next = description + (std::size_t{note.n_descsz} + 3) / 4 * 4;
            if (next > notes.size()) break;
            if (note.n_type == NT_GNU_BUILD_ID) {
                hash.field(std::span<const std::byte>(notes).subspan(description, note.n_descsz));
            }
            at = next;
        }
    }
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
    std::vector<std::byte> bytes;
    if (const int problem = read_whole(path, bytes); problem != 0) {
        const bool is_missing = problem == ENOENT || problem == ENOTDIR;
        throw Error(is_missing ? ErrorCode::not_found : ErrorCode::io,
                    "'" + path.string() + "': " + std::generic_category().message(problem), "reading a file");
    }
    return bytes;
}

std::optional<std::vector<std::byte>> try_read_file(const std::filesystem::path& path) {
    std::vector<std::byte> bytes;
    if (read_whole(path, bytes) != 0) return std::nullopt;
    return bytes;
}

std::optional<Sha256Digest> file_identity(const std::filesystem::path& path) {
    const File file(path);
    struct ::stat info{};
    if (!file.is_open() || !file.stat(info) || !S_ISREG(info.st_mode)) return std::nullopt;
    Sha256 hash;
    hash.field(static_cast<std::uint64_t>(info.st_size));
    hash.field(static_cast<std::uint64_t>(info.st_mtim.tv_sec));
    hash.field(static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
    hash_build_id(file, hash);
    return hash.finish();
}

}  // namespace heddle::runtime
