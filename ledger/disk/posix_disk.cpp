#include "ledger/disk/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace ledger {
namespace {

Error failed(int number, const std::string& what, const std::string& path)
{
    const auto kind = number == ENOSPC || number == EDQUOT ? ErrorKind::full
                      : number == ENOENT                   ? ErrorKind::not_found
                      : number == EACCES || number == EPERM || number == EROFS ? ErrorKind::denied
                                                                               : ErrorKind::io;
    return {kind, what + " " + path + ": " + std::generic_category().message(number)};
}

class PosixFile final : public File {
public:
    PosixFile(int descriptor, std::string path) : descriptor_{descriptor}, path_{std::move(path)} {}
    ~PosixFile() override { ::close(descriptor_); }
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    Result<void> write(std::uint64_t offset, ByteView bytes) override
    {
        while (!bytes.empty()) {
            const auto done =
                ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) return failed(errno, "write", path_);
            bytes = bytes.subspan(static_cast<std::size_t>(done));
            offset += static_cast<std::uint64_t>(done);
        }
        return {};
    }

    Result<void> sync() override
    {
        if (::fdatasync(descriptor_) != 0) return failed(errno, "fdatasync", path_);
        return {};
    }

    Result<Bytes> read(std::uint64_t offset, std::size_t at_most) const override
    {
        const auto have = size();
        if (!have) return have.error();
        const auto left = offset < *have ? *have - offset : 0;
        Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(left, at_most)));
        std::size_t filled = 0;
        while (filled < bytes.size()) {
            const auto done = ::pread(descriptor_, bytes.data() + filled, bytes.size() - filled,
                                      static_cast<off_t>(offset + filled));
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) return failed(errno, "read", path_);
            if (done == 0) break;  // somebody made it shorter meanwhile
            filled += static_cast<std::size_t>(done);
        }
        bytes.resize(filled);
        return bytes;
    }

    Result<std::uint64_t> size() const override
    {
        struct stat about {};
        if (::fstat(descriptor_, &about) != 0) return failed(errno, "fstat", path_);
        return static_cast<std::uint64_t>(about.st_size);
    }

    Result<void> truncate(std::uint64_t size) override
    {
        if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
            return failed(errno, "ftruncate", path_);
        }
        return {};
    }

    Result<void> preallocate(std::uint64_t size) override
    {
        const auto have = this->size();
        if (!have) return have.error();
        const Bytes zeros(1 << 20);
        for (auto at = *have; at < size;) {
            const auto part = std::min<std::uint64_t>(zeros.size(), size - at);
            const auto done = write(at, ByteView{zeros}.first(static_cast<std::size_t>(part)));
            if (!done) return done;
            at += part;
        }
        return {};
    }

private:
    int descriptor_;
    std::string path_;
};

}  // namespace

Result<std::unique_ptr<File>> PosixDisk::open(const std::string& path, OpenMode mode)
{
    const int flags = O_RDWR | O_CLOEXEC | (mode == OpenMode::fresh ? O_CREAT | O_TRUNC : 0);
    const int descriptor = ::open(path.c_str(), flags, 0600);
    if (descriptor < 0) return failed(errno, "open", path);
    return std::unique_ptr<File>{std::make_unique<PosixFile>(descriptor, path)};
}

Result<void> PosixDisk::rename(const std::string& from, const std::string& to)
{
    if (::rename(from.c_str(), to.c_str()) != 0) return failed(errno, "rename", from);
    return {};
}

Result<void> PosixDisk::remove(const std::string& path)
{
    if (::unlink(path.c_str()) != 0) return failed(errno, "unlink", path);
    return {};
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& folder)
{
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator at{folder, error};
    for (; !error && at != std::filesystem::directory_iterator{}; at.increment(error)) {
        if (at->is_regular_file(error)) names.push_back(at->path().filename().string());
    }
    if (error) return failed(error.value(), "list", folder);
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> PosixDisk::make_folder(const std::string& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return failed(error.value(), "make folder", folder);
    return {};
}

Result<void> PosixDisk::sync_folder(const std::string& folder)
{
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failed(errno, "open", folder);
    const bool done = ::fsync(descriptor) == 0;
    const int number = errno;
    ::close(descriptor);
    if (!done) return failed(number, "fsync", folder);
    return {};
}

}  // namespace ledger
