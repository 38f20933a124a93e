#include "ledger/disk/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace ledger {
namespace {

Error failed(int number, const std::filesystem::path& path)
{
    return {
        number == EACCES || number == EPERM || number == EROFS ? ErrorKind::denied : ErrorKind::io,
        "lock " + path.string() + ": " + std::generic_category().message(number)};
}

/// What the holder wrote about itself; a hint for the person who reads the error.
std::string holder(int descriptor)
{
    std::array<char, 24> text{};
    const auto length = ::pread(descriptor, text.data(), text.size() - 1, 0);
    std::string found(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    const auto end = found.find_first_not_of("0123456789");
    found.resize(end == std::string::npos ? found.size() : end);
    return found.empty() ? "unknown" : found;
}

}  // namespace

Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::filesystem::path& folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return failed(error.value(), folder);
    const auto path = folder / "lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed(errno, path);
    std::unique_ptr<FolderLock> lock{new FolderLock{descriptor}};  // closes on every way out
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return failed(errno, path);
        return Error{ErrorKind::denied, "the data folder " + folder.string() +
                                            " is in use by process " + holder(descriptor)};
    }
    const auto mine = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 ||
        ::pwrite(descriptor, mine.data(), mine.size(), 0) != static_cast<ssize_t>(mine.size())) {
        return failed(errno, path);
    }
    return lock;
}

FolderLock::~FolderLock()
{
    ::close(descriptor_);
}

}  // namespace ledger
