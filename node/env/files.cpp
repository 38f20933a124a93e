#include "node/env/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace node {
namespace {

using ledger::Error;
using ledger::ErrorKind;
namespace fs = std::filesystem;

/// Closes the descriptor and, unless kept, removes the file it names.
class Descriptor {
public:
    explicit Descriptor(int number) : number_{number} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (number_ >= 0) ::close(number_);
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }
    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    void remove_at_end(fs::path path) { temporary_ = std::move(path); }
    void keep() { temporary_.clear(); }
    int close() { return ::close(std::exchange(number_, -1)); }

private:
    int number_;
    fs::path temporary_;
};

Error failed(const char* what, const fs::path& path)
{
    const int code = errno;
    auto kind = ErrorKind::io;
    if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::not_found;
    if (code == EACCES || code == EPERM || code == EROFS) kind = ErrorKind::denied;
    if (code == ENOSPC || code == EDQUOT) kind = ErrorKind::full;
    return {kind,
            std::string{what} + " " + path.string() + ": " + std::system_category().message(code)};
}

ledger::Result<void> write_all(int file, ledger::ByteView bytes, const fs::path& path)
{
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("cannot write", path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

fs::path parent_of(const fs::path& path)
{
    const auto parent = path.parent_path();
    return parent.empty() ? fs::path{"."} : parent;
}

/// Makes the names in a directory durable, not only the bytes of its files.
ledger::Result<void> sync_directory(const fs::path& path)
{
    Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.is_open()) return failed("cannot open", path);
    if (::fsync(directory.number()) != 0) return failed("cannot sync", path);
    return {};
}

}  // namespace

ledger::Result<void> make_private_directory(const fs::path& path)
{
    std::error_code error;
    if (const auto parent = path.parent_path(); !parent.empty()) {
        fs::create_directories(parent, error);
        if (error)
            return Error{ErrorKind::io, "cannot make " + parent.string() + ": " + error.message()};
    }
    if (::mkdir(path.c_str(), 0700) == 0) return sync_directory(parent_of(path));
    if (errno != EEXIST) return failed("cannot make", path);
    if (!fs::is_directory(fs::symlink_status(path, error))) {
        return Error{ErrorKind::io, path.string() + " is there and is no directory"};
    }
    return check_private(path);
}

ledger::Result<void> check_private(const fs::path& path)
{
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return failed("cannot look at", path);
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) {
        return Error{ErrorKind::denied, path.string() + " is neither a file nor a directory"};
    }
    if (found.st_uid != ::geteuid()) {
        return Error{ErrorKind::denied, path.string() + " belongs to another user"};
    }
    if ((found.st_mode & 077U) != 0) {
        const char* fix = S_ISDIR(found.st_mode) ? "chmod 700 " : "chmod 600 ";
        return Error{ErrorKind::denied,
                     path.string() + " is open to other users; run: " + fix + path.string()};
    }
    return {};
}

ledger::Result<ledger::Bytes> read_file(const fs::path& path, std::size_t limit)
{
    // O_NONBLOCK: a named pipe must not hold us up; it is refused below.
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file.is_open()) return failed("cannot open", path);
    struct stat found {};
    if (::fstat(file.number(), &found) != 0) return failed("cannot look at", path);
    if (!S_ISREG(found.st_mode)) return Error{ErrorKind::io, path.string() + " is no regular file"};
    const auto too_long = [&] {
        return Error{ErrorKind::full,
                     path.string() + " has more than " + std::to_string(limit) + " bytes"};
    };
    if (static_cast<std::uint64_t>(found.st_size) > limit) return too_long();

    ledger::Bytes bytes(static_cast<std::size_t>(found.st_size) + 1);  // one more shows growth
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("cannot read", path);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    if (filled == bytes.size()) {
        return Error{ErrorKind::unavailable, path.string() + " grew while it was read"};
    }
    bytes.resize(filled);
    return bytes;
}

ledger::Result<void> write_file(const fs::path& path, ledger::ByteView bytes, FileMode mode)
{
    static std::atomic<unsigned> counter{0};
    fs::path temporary = path;
    temporary += ".new-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);

    ::unlink(temporary.c_str());  // a crash may have left one under the same process id
    const auto flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    Descriptor file{::open(temporary.c_str(), flags, static_cast<mode_t>(mode))};
    if (!file.is_open()) return failed("cannot make", temporary);
    file.remove_at_end(temporary);
    if (::fchmod(file.number(), static_cast<mode_t>(mode)) != 0)
        return failed("cannot protect", temporary);
    if (const auto written = write_all(file.number(), bytes, temporary); !written) return written;
    if (::fsync(file.number()) != 0) return failed("cannot sync", temporary);
    if (file.close() != 0) return failed("cannot close", temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("cannot replace", path);
    file.keep();
    return sync_directory(parent_of(path));
}

ledger::Result<void> check_space(const fs::path& folder, std::uint64_t bytes)
{
    std::error_code error;
    const auto space = fs::space(folder, error);
    if (error || space.available >= bytes) return {};
    return Error{ErrorKind::full, "the disk is full: " + std::to_string(space.available >> 20) +
                                      " MiB are left for " + folder.string() + ", " +
                                      std::to_string(bytes >> 20) + " are needed"};
}

}  // namespace node
